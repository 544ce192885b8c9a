"""体检画像类型 on the terminal: each type, what marks it, and which units are of it."""

from __future__ import annotations

import polars as pl
from rich.console import Group, RenderableType
from rich.text import Text

from ...engine.analysis.unit_types import FEWEST
from ...engine.results import LEVEL_NAMES, Results
from ..content.types import types_found, types_table
from ..tables import table as printed
from ..view import View
from .findings import plain_table


def types_view(results: Results, level: str) -> RenderableType:
    """The types of the units of a level, and how clearly they stand apart; a sentence where there are none."""
    view = View(results)
    made = types_table(view, level)
    if not len(made):
        here = results.units.filter(pl.col("level") == level).height
        why = (
            f"只有 {here} 个，不足 {FEWEST} 个不分型。"
            if here < FEWEST
            else "各单元的特征没有差别；或结果是旧版本算的，请重新运行 tijian run。"
        )
        return Text(f"{results.year} 年{LEVEL_NAMES[level]}没有分型：{why}")
    shown = plain_table(
        f"{results.year} 年{made.title}",
        *((column.title, "right" if column.align == "right" else "left") for column in made.columns),
    )
    for row in made.rows:
        shown.add_row(
            *(Text(printed.text(cell, column)) for cell, column in zip(row, made.columns, strict=True))
        )
    return Group(shown, *(Text(said) for said in types_found(view, level) if said))
