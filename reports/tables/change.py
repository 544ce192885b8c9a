"""较上年 of a row of values, with the reason where it is not compared: where the reader looks, not in the notes on method."""

from __future__ import annotations

from dataclasses import replace

from ...engine.years.comparable import CHANGED
from .. import numbers
from ..view import Row, View
from .lists import change_of
from .table import Cell, Figure, Table

NOTHING_THEN = "上年无数"
_NAMED = 4  # indicators whose change of definition is told under a table


def change_or_why(view: View, row: Row, decimals: int) -> Cell:
    """The change of a row of ``scores``; where there is a value and no change, why: 口径已变 or 上年无数.

    Missing throughout where no earlier year is known: then there is nothing to compare with, and nothing to explain.
    """
    if numbers.known(row["change"]) or not numbers.known(row["value"]) or not _compared(view):
        return change_of(row, decimals)
    return CHANGED if row["break_reason"] else NOTHING_THEN


def _compared(view: View) -> bool:
    """Whether anything of the district stands beside an earlier year."""
    return any(numbers.known(r["previous"]) or r["break_reason"] for r in view.scores(view.district))


def with_reasons(view: View, table: Table) -> Table:
    """``table`` (with the columns indicator and change) with a note that says what its reasons in 较上年 mean."""
    if "change" not in table.keys:
        return table
    pairs = list(zip(table.values("change"), table.values("indicator"), strict=True))
    changed = {str(name) for cell, name in pairs if cell == CHANGED}
    reasons = [
        f"{name}（{what}）"
        for row in view.scores(view.district)
        if (name := view.indicators[row["indicator"]]["name"]) in changed
        and (what := (row["break_reason"] or "").partition("：")[2])
    ]
    more = f"等{len(reasons)}项" if len(reasons) > _NAMED else ""
    told = f"，有{'、'.join(reasons[:_NAMED])}{more}" if reasons else ""
    parts = [
        f"{CHANGED}：算法与上年不同，不与上年比较{told}" if changed else "",
        f"{NOTHING_THEN}：上年没有这项指标或没有它的数据"
        if any(cell == NOTHING_THEN for cell, _ in pairs)
        else "",
        f"{numbers.MISSING}：今年没有数据"
        if any(isinstance(cell, Figure) and not numbers.known(cell.value) for cell, _ in pairs)
        else "",
    ]
    said = "；".join(part for part in parts if part)
    return replace(table, notes=(*table.notes, f"较上年：{said}")) if said else table
