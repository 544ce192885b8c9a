"""Links between the sheets (表间链接): a problem, its remedy, its ledger lines and its line of 指标评估表 lead to each other.

Only to rows that stand in the workbook: a department's workbook holds its own rows, and a sheet ends at Excel's limit.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from typing import TypeVar

from ..tables.lists import indicator_rows
from ..tables.projects import PROJECTS
from ..tables.table import Cell, Column, Table
from ..tables.targets import target_rows
from ..view import Row, View
from .parts import Part
from .sheet import FIRST_ROW, kept, link_to

Links = dict[tuple[int, str], str]
Pair = tuple[str, str]  # a unit and an indicator
K = TypeVar("K")
V = TypeVar("V")
PROBLEM_ID = Column("problem_id", "所属问题编号", 26, nowrap=True)


def with_problem_ids(view: View, part: Part, ledger: Table) -> Table:
    """问题台账 with the id of the problem that each line belongs to, of those in the workbook the nearest unit's."""
    of = _first(
        ((row["unit"], row["indicator"]), row["id"])
        for row in view.listed("problem_list", part.scope) if row["ledger_from"] is not None
    )  # fmt: skip
    ids = [_nearest(view, line, of) for line in view.listed("ledger", part.scope)]
    rows = tuple((*row, found) for row, found in zip(ledger.rows, ids, strict=True))
    return replace(ledger, columns=(*ledger.columns, PROBLEM_ID), rows=rows)


def _nearest(view: View, line: Row, problems: Mapping[Pair, Cell]) -> Cell:
    for unit in (line["community"], line["unit"], line["town"], view.district):
        if unit is not None and (unit, line["indicator"]) in problems:
            return problems[unit, line["indicator"]]
    return ""


def links_between(
    view: View, part: Part, tables: Mapping[str, Table], names: Mapping[str, str]
) -> dict[str, Links]:
    """For every table: (row, column key) → where that cell leads. ``names`` are the sheets' names."""
    links: dict[str, Links] = {which: {} for which in tables}

    def lead(which: str, column: str, wanted: Sequence[K], to: str, rows: Mapping[K, int]) -> None:
        last = len(kept(tables[to]))
        for i, key in enumerate(wanted):
            if key in rows and rows[key] < last:
                links[which][i, column] = link_to(names[to], FIRST_ROW + rows[key])

    problems = view.listed("problem_list", part.scope)
    pairs = [_pair(row) for row in indicator_rows(view, replace(part.scope, units=part.measured))]
    judged = _first((pair, i) for i, pair in enumerate(pairs))
    problem_rows, remedy_rows = _rows_of(tables["problems"], "id"), _rows_of(tables["remedies"], "id")
    lead("table", "indicator", pairs, "problems", _first((_pair(row), i) for i, row in enumerate(problems)))
    lead(
        "problems", "id", [r["id"] for r in problems], "remedies", _rows_of(tables["remedies"], "problem_id")
    )
    lead("problems", "subject", [_pair(row) for row in problems], "table", judged)
    lead("remedies", "problem_id", tables["remedies"].values("problem_id"), "problems", problem_rows)
    lead("ledger", "problem_id", tables["ledger"].values("problem_id"), "problems", problem_rows)
    strengths = view.listed("strength_list", part.scope)
    lead("strengths", "subject", [_pair(row) for row in strengths], "table", judged)
    if "targets" in tables:
        targets = target_rows(view, part.measured, part.scope.department)
        lead("targets", "indicator", [_pair(row) for row in targets], "table", judged)
    if PROJECTS in tables:
        lead(PROJECTS, "remedy_id", tables[PROJECTS].values("remedy_id"), "remedies", remedy_rows)
    links["problems"] |= _to_ledger(problems, tables["ledger"], names["ledger"])
    return links


def _to_ledger(problems: Sequence[Row], ledger: Table, name: str) -> Links:
    """Problem → all its lines of the ledger, as far as they stand in the workbook."""
    lines = _rows_of(kept(ledger), "line")
    links = {}
    for i, row in enumerate(problems):
        ends = [lines[line] for line in (row["ledger_from"], row["ledger_to"]) if line in lines]
        if ends:
            links[i, "ledger"] = link_to(name, FIRST_ROW + ends[0], FIRST_ROW + ends[-1])
    return links


def _pair(row: Row) -> Pair:
    return row["unit"], row["indicator"]


def _first(found: Iterable[tuple[K, V]]) -> dict[K, V]:
    """Key → the first value found under it."""
    held: dict[K, V] = {}
    for key, value in found:
        held.setdefault(key, value)
    return held


def _rows_of(table: Table, key: str) -> dict[Cell, int]:
    """What stands in column ``key`` → the first row that holds it."""
    return _first((value, i) for i, value in enumerate(table.values(key)))
