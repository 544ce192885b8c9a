"""This year beside the years before (历年比较): what may be compared, and what last year comes to by today's rules."""
