"""Proposed sites on the terminal (选址建议): one line each, the best place first."""

from __future__ import annotations

from rich.console import Group, RenderableType
from rich.text import Text

from ...engine.results import Results
from ..tables import table as printed
from ..tables.sites import sites_table
from ..view import View
from .findings import plain_table


def sites_view(results: Results, unit: str | None = None, indicator: str | None = None) -> RenderableType:
    """The sites of a town (of all towns for the district and by default); a sentence where there is none."""
    view = View(results)
    code = unit or view.district
    level = view.units[code]["level"]
    if level == "community":
        return Text(
            f"选址按街镇推算，{view.name(code)}所在街镇的见 tijian sites {view.name(view.units[code]['town'])}"
        )
    made = sites_table(view, code if level == "town" else None, indicator)
    if not len(made):
        return Text(
            f"{view.name(code)}没有可建议的选址：没有按直线距离计算的服务覆盖指标，或需求都已覆盖，"
            "或再增一处所能覆盖的不到该街镇的 [siting] minimum_share。"
        )
    shown = plain_table(
        f"{view.name(code)} {results.year} 年{made.title}",
        *((column.title, "right" if column.align == "right" else "left") for column in made.columns),
    )
    for row in made.rows:
        shown.add_row(
            *(Text(printed.text(cell, column)) for cell, column in zip(row, made.columns, strict=True))
        )
    return Group(shown, *(Text(f"{note}。", style="dim") for note in made.notes))
