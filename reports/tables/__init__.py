"""Tables (表): each one object, shown alike on paper, in workbooks and on the page."""
