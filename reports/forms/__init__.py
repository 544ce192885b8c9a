"""The forms sent to departments (填报表)."""
