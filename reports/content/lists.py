"""The lists as a report prints them: landscape sheets, the columns a desk needs, and how many were left out."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace

from .. import numbers
from ..blocks import Prose, Section, TableBlock
from ..tables.lists import decimals_of, ledger_table, problem_table, remedy_table, strength_table, title_of
from ..tables.projects import project_table
from ..tables.table import Cell, Table
from ..view import Scope, View

# left to the workbook: ids are long, and fill-in columns are filled in there
_DROPS = {
    "strengths": ("id",),
    "problems": ("id", "ledger", "supporting", "left_over"),
    "remedies": ("id", "problem_id", "done", "evidence", "area", "town"),
    "projects": ("remedy_id",),
    "ledger": ("thing",),
}
_OPTIONAL = (
    "standard", "gap", "people", "target", "supporting", "degree", "difficulty", "ledger", "note", "measure_kind",
    "amount", "town", "next_year", "status", "funds",
)  # fmt: skip
_MOST = {"strengths": 40, "problems": 60, "remedies": 60, "projects": 60, "ledger": 40}
_PROBLEM = 88.0  # mm: what is wrong, with the things by name and the grounds behind it
_LINES = re.compile(
    "等，详见台账第[0-9]+–[0-9]+行"
)  # where the ledger goes on: it lies in the workbook, with a link
_RISE = re.compile("，优先级提高[0-9.]+")
_EMPTY = {
    "strengths": "没有符合条件的优势。",
    "problems": "没有列入清单的问题。",
    "remedies": "没有需要整治的问题。",
    "projects": "没有需要立项的工程。",
    "ledger": "没有计数类问题记录。",
}
_BUILDERS = {
    "strengths": strength_table,
    "problems": problem_table,
    "remedies": remedy_table,
    "projects": project_table,
    "ledger": ledger_table,
}


def list_section(
    view: View, which: str, scope: Scope, drop: tuple[str, ...] = (), most: int | None = None
) -> Section:
    """One list on landscape pages; beyond ``most`` rows it says how many more the workbook holds."""
    table = _BUILDERS[which](view, scope)
    if which == "remedies":
        table = _problems_in_brief(view, scope, table)
    table = table.without(*_DROPS[which], *drop)
    limit = most or _MOST[which]
    rest = f"共{len(table)}行，此处列前{limit}行，其余见清单工作簿。" if len(table) > limit else ""
    block = TableBlock(shown(table, limit), _EMPTY[which], dense=True)
    return Section(title_of(view, which), (block, Prose((rest,), "note")), landscape=True)


def shown(table: Table, limit: int) -> Table:
    """The first rows as a page has room for them.

    Optional columns that say nothing are left out, short ones joined in pairs (side by side they would leave the
    problem itself no room), and the town's name where every row lies in it.
    """
    table = _with_grounds(table.head(limit).without_blank(_OPTIONAL))
    table = _joined(table, "degree", "difficulty", "程度/难度")
    table = _joined(table, "measure_kind", "treatment", "措施类别/整治类型")
    return _without_common_town(_without_common_status(table))


def _problems_in_brief(view: View, scope: Scope, table: Table) -> Table:
    """对应问题 as ``存在楼道安全隐患的住宅数量524栋`` where it would repeat the things that 问题清单 names one by one."""
    brief: list[Cell] = []
    for row, said in zip(view.listed("remedy_list", scope), table.values("problem"), strict=True):
        indicator = view.indicators[row["indicator"]]
        value = numbers.quantity(row["value"], indicator["unit"], decimals_of(indicator))
        brief.append(said if str(said).startswith(indicator["name"]) else f"{indicator['name']}{value}")
    return _replaced(table, "problem", brief)


def _with_grounds(table: Table) -> Table:
    """问题 with its 判定依据 behind it: a column of its own would say again what most problems say themselves."""
    if not {"problem", "because"} <= set(table.keys):
        return table
    pairs = zip(table.values("problem"), table.values("because"), strict=True)
    told = [_LINES.sub("等", _and_grounds(str(said), str(why or ""))) for said, why in pairs]
    columns = tuple(
        replace(c, title="问题与判定依据", width=_PROBLEM) if c.key == "problem" else c for c in table.columns
    )
    return _replaced(replace(table, columns=columns), "problem", told).without("because")


def _and_grounds(said: str, why: str) -> str:
    """A problem and those of its grounds that it does not say itself; by how much its priority rose is left to the workbook."""
    rest = [ground for ground in _RISE.sub("", why).split("；") if ground and ground not in said]
    return f"{said}。{'；'.join(rest)}" if rest else said


def _replaced(table: Table, key: str, cells: Sequence[Cell]) -> Table:
    at = table.keys.index(key)
    rows = tuple((*row[:at], cell, *row[at + 1 :]) for row, cell in zip(table.rows, cells, strict=True))
    return replace(table, rows=rows)


def _joined(table: Table, first: str, second: str, title: str) -> Table:
    """Two short columns as one, ``严重/中``; a line may end after the slash."""
    if not {first, second} <= set(table.keys):
        return table
    pairs = zip(table.values(first), table.values(second), strict=True)
    joined = ["/".join(str(part) for part in pair if part) for pair in pairs]
    columns = tuple(replace(c, title=title, kind="name") if c.key == first else c for c in table.columns)
    return _replaced(replace(table, columns=columns), first, joined).without(second)


def _without_common_status(table: Table) -> Table:
    """A 状态 that is the same in every row is told below the table instead."""
    states = set(table.values("status")) if "status" in table.keys else set()
    if len(states) != 1:
        return table
    return replace(table.without("status"), notes=(*table.notes, f"状态均为{states.pop()}"))


def _without_common_town(table: Table) -> Table:
    """``松庭居委会`` instead of ``听泉街道松庭居委会`` where all rows lie in one town."""
    cells = (
        [c for c in table.values("unit_name") if isinstance(c, tuple)] if "unit_name" in table.keys else []
    )
    if len({c[0] for c in cells}) != 1 or len(cells) < len(table):
        return table
    return _replaced(table, "unit_name", [cell[-1] for cell in cells])
