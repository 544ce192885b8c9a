"""How wide text is where every character has its cells (显示宽度): on a terminal, in a sheet's column."""

from __future__ import annotations

import unicodedata


def display_width(text: str) -> int:
    """The width in half-width characters: a Han character takes two."""
    return sum(2 if unicodedata.east_asian_width(c) in "WF" else 1 for c in text)
