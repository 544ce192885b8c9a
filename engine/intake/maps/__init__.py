"""Layers (图层): files → shapes and points in the run's metric CRS, in their units."""
