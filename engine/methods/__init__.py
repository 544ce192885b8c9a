"""How everything was reckoned, in the words of the reports."""
