"""The lists of a town's report: its own and the gravest rows in full, its communities' problems summed by indicator."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace

from ...engine.results import SEVERITIES
from ..blocks import Block, Section, TableBlock
from ..tables.lists import title_of
from ..tables.projects import wants_projects
from ..tables.table import Cell, Column, Table
from ..view import Row, Scope, View
from .lists import list_section

MOST = {"strengths": 16, "problems": 24, "remedies": 24, "projects": 9}
SUMMED = 24  # indicators of the sum
NAMED = 4  # communities named in a row of it
_COLUMNS = (
    Column("no", "序号", 9, "right", "number", nowrap=True),
    Column("indicator", "指标", 70),
    Column("town", "街镇本级", 18, "center", "severity", nowrap=True),
    Column("communities", "社区个数", 18, "right", "number"),
    *(Column(s, f"{s}色", 13, "right", "number") for s in SEVERITIES),
    Column("which", "最突出的社区", 74),
    Column("lead", "牵头单位", 46, kind="list"),
)


def town_lists(view: View, unit: str) -> list[Section]:
    """优势、问题、整治建议 and (where the project has it) 更新项目 of a town and its communities."""
    mine = Scope(units=view.subtree(unit), by_priority=True)
    problems = list_section(view, "problems", mine, most=MOST["problems"])
    summed = problems_by_indicator(view, unit)
    if len(view.listed("problem_list", mine)) > MOST["problems"]:
        head: tuple[Block, ...] = (TableBlock(summed, dense=True),)
        problems = replace(problems, blocks=(*head, *problems.blocks))
    kinds = ("strengths", "", "remedies", *(("projects",) if wants_projects(view) else ()))
    return [list_section(view, k, mine, most=MOST[k]) if k else problems for k in kinds]


def problems_by_indicator(view: View, unit: str) -> Table:
    """A row for each indicator with a listed problem: the town's own severity, how many communities, which come first."""
    held: dict[str, list[Row]] = {}
    for row in view.listed("problem_list", Scope(units=view.subtree(unit), by_priority=True)):
        held.setdefault(row["indicator"], []).append(row)
    order = sorted(held, key=lambda c: (-len(held[c]), view.indicator_order[c]))
    rows = [_row(view, unit, code, held[code], i) for i, code in enumerate(order[:SUMMED], 1)]
    cut = len(order) - SUMMED
    notes = (f"共{len(order)}项指标，列问题最多的{SUMMED}项",) if cut > 0 else ()
    title = f"{title_of(view, 'problems')}按指标汇总（街镇本级和社区）"
    return Table(title, _COLUMNS, tuple(rows), notes=notes)


def _row(view: View, unit: str, code: str, rows: list[Row], number: int) -> tuple[Cell, ...]:
    own = next((r["severity"] or "" for r in rows if r["unit"] == unit), "")
    below = [r for r in rows if r["unit"] != unit]
    counts = Counter(r["severity"] for r in rows)
    named = "、".join(view.name(r["unit"]) for r in below[:NAMED])
    which = f"{named}等" if len(below) > NAMED else named
    indicator = view.indicators[code]
    return (
        number, indicator["name"], own, len(below), *(counts[s] for s in SEVERITIES), which,
        tuple(indicator["lead"] or ()),
    )  # fmt: skip
