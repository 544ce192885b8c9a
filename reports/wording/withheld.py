"""Figures that are not published (小数保护): one sign for them everywhere, and what it means.

Small counts and those hidden to protect them carry the same sign, so that it does not tell which is which.
"""

from __future__ import annotations

from collections.abc import Iterable

from ..tables.table import Cell
from ..view import Row

HIDDEN = "（略）"
NOTE = f"{HIDDEN}：数量很少，或能由合计推出数量很少的数，为免识别个人不公布"


def published(row: Row, cell: Cell) -> Cell:
    """``cell``, which tells a count of ``row`` or what was made from it; the sign where it is not published."""
    return HIDDEN if row["suppressed"] else cell


def notes_of(rows: Iterable[Row]) -> tuple[str, ...]:
    """The note of a table in which something is withheld."""
    return (NOTE,) if any(row["suppressed"] for row in rows) else ()
