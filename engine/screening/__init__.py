"""Reported figures that look wrong, put to their department as questions."""
