"""The lists of the comparison page: problems with what became of them, last year's problems judged again, communities."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from ...engine.results import SEVERITIES, UNGRADED
from .. import numbers
from ..tables.list_columns import OF_EARLIER_YEARS
from ..tables.lists import problem_table
from ..tables.review import review_table
from ..tables.table import Column, Figure, Table
from ..view import Row, Scope, View
from ..wording.words import third_of

_LISTED = (
    "problem", "unit_name", "subject", "value", "standard", "gap", "people", "severity", "because", "lead", *OF_EARLIER_YEARS,
)  # fmt: skip
_DIMENSION = Column("dimension", "维度", 18, nowrap=True)
_CLAIMED = (Column("claimed", "单位上报", 16, nowrap=True), Column("mark", "提示", 22, kind="list"))
DISPUTED, LATE = "上报与实测不符", "已逾期"
_COMMUNITY = (
    Column("unit_name", "社区", 30, nowrap=True),
    Column("town", "所在街镇", 24, nowrap=True),
    Column("score", "综合得分", 14, "right", "number", 1, nowrap=True),
    Column("grade", "等级", 13, "center", "grade", nowrap=True),
    Column("third", "在全区的位置", 24, "center", nowrap=True),
)


def listed(view: View, towns: Sequence[str]) -> Table:
    """清单二 of the district and the towns, most urgent first, as far as a screen needs it.

    整改情况 stands where an earlier year was run, so that what became of each problem is known.
    """
    table = problem_table(view, Scope(units=(view.district, *towns), by_priority=True))
    return table.without(*(key for key in table.keys if key not in _LISTED)).without_blank(OF_EARLIER_YEARS)


def reviewed(view: View, towns: Sequence[str]) -> Table:
    """整改复查: last year's problems of the district and the towns and what became of them; no rows where none was reviewed."""
    rows = view.listed("reviews", Scope(units=(view.district, *towns)))
    table = review_table(view, rows, "上年问题的整改复查")
    body = tuple(
        (cells[0], row["dimension"] or "", *cells[1:], row["claimed"] or "", _marks(row))
        for row, cells in zip(rows, table.rows, strict=True)
    )
    columns = (table.columns[0], _DIMENSION, *table.columns[1:], *_CLAIMED)
    return replace(table, columns=columns, rows=body).without_blank([c.key for c in _CLAIMED])


def _marks(row: Row) -> tuple[str, ...]:
    return tuple(word for word, true in ((DISPUTED, row["disputed"]), (LATE, row["late"])) if true)


def communities(view: View) -> Table:
    """Every community with its score, its third of the district (never a place) and how many problems it has, town by town."""
    held = {name for u in view.of_level("community") for name in _scored(view, u)}
    names = tuple(d for d in view.results.dimension_names if d in held)
    found = view.frame("problem_list").filter(level="community").select("unit", "severity")
    counts: dict[tuple[str, str], int] = {}
    for unit, severity in found.iter_rows():
        counts[unit, severity] = counts.get((unit, severity), 0) + 1
    columns = (
        *_COMMUNITY, *(Column(n, n, 16, "right", "number", 1, nowrap=True) for n in names),
        *(Column(f"problems-{s}", f"{s}色问题", 13, "right", "number", nowrap=True) for s in SEVERITIES),
    )  # fmt: skip
    units = sorted(view.of_level("community"), key=lambda u: (view.units[u]["town"] or "", u))
    rows = []
    for unit in units:
        total, scored = view.total(unit), _scored(view, unit)
        if total is None and not view.scores(unit):
            continue
        rows.append((
            view.name(unit), view.name(view.units[unit]["town"] or ""), Figure(total["score"] if total else None, 1),
            (total["grade"] if total else None) or UNGRADED, third_of(total) if total else numbers.MISSING,
            *(Figure(scored.get(n), 1) for n in names), *(counts.get((unit, s), 0) for s in SEVERITIES),
        ))  # fmt: skip
    note = "社区只分前、中、后三分之一，不排名次：人数少，一两件事就会使名次变动"
    return Table("各社区得分与位置", columns, tuple(rows), notes=(note,))


def _scored(view: View, unit: str) -> dict[str, float]:
    return {r["dimension"]: r["score"] for r in view.dimensions(unit) if r["score"] is not None}
