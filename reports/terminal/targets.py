"""The dated targets on the terminal (行动计划目标): one line each, and how many are on the way."""

from __future__ import annotations

from rich.console import Group, RenderableType
from rich.text import Text

from ...engine.results import Results
from ..tables import table as printed
from ..tables.targets import NOTE, behind_said, target_rows, targets_said, targets_table
from ..view import View
from .findings import plain_table

SHOWN = ("item", "indicator", "target", "by", "value", "gap", "expected", "pace", "lead")


def targets_view(results: Results, unit: str | None = None) -> RenderableType:
    """Every dated target of a unit (the district by default); a sentence where there is none."""
    view = View(results)
    code = unit or view.district
    rows = target_rows(view, (code,))
    if not rows:
        return Text(f"{view.name(code)}没有带期限的目标：现行指标的标准都没有写 by（期限）。")
    made = targets_table(view, (code,))
    made = made.without(*(key for key in made.keys if key not in SHOWN))
    shown = plain_table(
        f"{view.name(code)} {results.year} 年行动计划目标",
        *((column.title, "right" if column.align == "right" else "left") for column in made.columns),
    )
    for row in made.rows:
        shown.add_row(
            *(Text(printed.text(cell, column)) for cell, column in zip(row, made.columns, strict=True))
        )
    return Group(shown, Text(targets_said(rows) + behind_said(view, rows)), Text(NOTE, style="dim"))
