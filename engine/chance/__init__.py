"""Chance (小样本): what luck alone can do to a small unit's figure, and what may therefore be said of it."""
