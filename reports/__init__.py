"""Printing: tables, charts, maps, PDF, workbooks. Reads results; computes nothing that decides anything."""
