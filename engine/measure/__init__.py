"""Measuring: one module for each kind of calculation, never for each indicator."""
