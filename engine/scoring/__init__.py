"""Scoring: value → score → dimension → total → grade → rank. Pure functions over arrays and frames."""
