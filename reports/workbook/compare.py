"""对比工作簿: the comparison as a workbook: 综合, 维度, 指标, 差距分解, 标杆做法."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from pathlib import Path

from ..tables.comparison import (
    Comparison,
    dimensions_table,
    indicators_table,
    peers_table,
    practice_table,
    totals_table,
)
from ..tables.comparison_gap import drivers_table, gap_table
from ..tables.table import Table
from ..theme import load_theme
from .sheet import Plan, write_table
from .styles import Styles, whole_book

FREEZE = {"指标": "indicator", "标杆做法": "indicator", "差距来源": "what"}


def write_comparison(c: Comparison, path: Path) -> None:
    """Write the workbook to ``path``; the same comparison gives the same bytes."""
    results = c.view.results
    with whole_book(path) as book:
        title = f"{results.title} {path.stem}"
        book.set_properties({"title": title, "author": "tijian", "created": datetime(results.year, 1, 1)})
        styles = Styles(book, load_theme(), results.grade_cuts)
        for name, table in sheets(c).items():
            about = " · ".join((f"{results.year} 年度", *table.notes))
            plan = Plan(
                name=name, about=about, label=results.synthetic, footer=f"运行编号 {results.run_id}",
                freeze=FREEZE.get(name, table.keys[0]),
            )  # fmt: skip
            write_table(book.add_worksheet(name), styles, table, plan)


def sheets(c: Comparison) -> dict[str, Table]:
    """The sheets' tables by name, in order; one that has nothing to say is left out, but the gap then says why."""
    gap = gap_table(c)
    if gap is None:
        empty = totals_table(c).head(0)
        gap = replace(empty, title="差距分解", notes=(c.untold.rstrip("。"),))
    found = {
        "综合": totals_table(c), "维度": dimensions_table(c), "指标": indicators_table(c, detail=True), "差距分解": gap,
        "差距来源": drivers_table(c, None), "相近单元": peers_table(c), "标杆做法": practice_table(c),
    }  # fmt: skip
    return {name: table for name, table in found.items() if table is not None}
