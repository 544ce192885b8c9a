"""The lists as a report prints them: landscape sheets, the columns a desk needs, and how many were left out."""

from __future__ import annotations

from dataclasses import replace

from .blocks import Prose, Section, TableBlock
from .lists_tables import ledger_table, problem_table, remedy_table, strength_table, title_of
from .project_table import project_table
from .table import Table
from .view import Scope, View

# left to the workbook: ids are long, and fill-in columns are filled in there
_DROPS = {
    "strengths": ("id",),
    "problems": ("id", "ledger"),
    "remedies": ("id", "problem_id", "done", "evidence", "area", "town"),
    "projects": ("remedy_id",),
    "ledger": ("thing",),
}
_OPTIONAL = (
    "standard", "gap", "people", "target", "supporting", "degree", "difficulty", "ledger", "note", "measure_kind",
    "amount", "town", "next_year", "status",
)  # fmt: skip
_MOST = {"strengths": 40, "problems": 60, "remedies": 60, "projects": 60, "ledger": 40}
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
    table = _BUILDERS[which](view, scope).without(*_DROPS[which], *drop)
    limit = most or _MOST[which]
    rest = f"共{len(table)}行，此处列前{limit}行，全部见同名工作簿。" if len(table) > limit else ""
    block = TableBlock(shown(table, limit), _EMPTY[which], dense=True)
    return Section(title_of(view, which), (block, Prose((rest,), "note")), landscape=True)


def shown(table: Table, limit: int) -> Table:
    """The first rows as a page has room for them.

    Optional columns that say nothing are left out, short ones joined in pairs (side by side they would leave the
    problem itself no room), and the town's name where every row lies in it.
    """
    table = table.head(limit).without_blank(_OPTIONAL)
    table = _joined(table, "degree", "difficulty", "程度/难度")
    table = _joined(table, "measure_kind", "treatment", "措施类别/整治类型")
    return _without_common_town(_without_common_status(table))


def _joined(table: Table, first: str, second: str, title: str) -> Table:
    """Two short columns as one, ``严重/中``; a line may end after the slash."""
    if not {first, second} <= set(table.keys):
        return table
    pairs = zip(table.values(first), table.values(second), strict=True)
    joined = ["/".join(str(part) for part in pair if part) for pair in pairs]
    at = table.keys.index(first)
    columns = tuple(replace(c, title=title, kind="name") if c.key == first else c for c in table.columns)
    rows = tuple((*row[:at], both, *row[at + 1 :]) for row, both in zip(table.rows, joined, strict=True))
    return replace(table, columns=columns, rows=rows).without(second)


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
    at = table.keys.index("unit_name")
    rows = tuple((*row[:at], cell[-1], *row[at + 1 :]) for row, cell in zip(table.rows, cells, strict=True))
    return replace(table, rows=rows)
