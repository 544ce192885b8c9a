"""The lists as a report prints them: landscape sheets, the columns a desk needs, and how many were left out."""

from __future__ import annotations

from dataclasses import replace

from .blocks import Prose, Section, TableBlock
from .lists_tables import ledger_table, problem_table, remedy_table, strength_table, title_of
from .table import Table
from .view import Scope, View

# left to the workbook: ids are long, and fill-in columns are filled in there
_DROPS = {
    "strengths": ("id",),
    "problems": ("id", "ledger"),
    "remedies": ("id", "problem_id", "done", "evidence", "area", "town"),
    "ledger": ("thing",),
}
_OPTIONAL = (
    "degree",
    "difficulty",
    "ledger",
    "note",
    "measure_kind",
    "amount",
    "town",
    "next_year",
    "status",
)
_MOST = {"strengths": 40, "problems": 60, "remedies": 60, "ledger": 40}
_EMPTY = {
    "strengths": "没有符合条件的优势。",
    "problems": "没有列入清单的问题。",
    "remedies": "没有需要整治的问题。",
    "ledger": "没有计数类问题记录。",
}
_BUILDERS = {
    "strengths": strength_table,
    "problems": problem_table,
    "remedies": remedy_table,
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
    """The first rows, without the optional columns that say nothing in them, degree and difficulty as one."""
    return _degree_with_difficulty(table.head(limit).without_blank(_OPTIONAL))


def _degree_with_difficulty(table: Table) -> Table:
    """问题程度 and 治理难度 side by side would leave the problem itself no room: ``严重/中`` in one column."""
    if not {"degree", "difficulty"} <= set(table.keys):
        return table
    pairs = zip(table.values("degree"), table.values("difficulty"), strict=True)
    joined = ["/".join(str(part) for part in pair if part) for pair in pairs]
    at = table.keys.index("degree")
    columns = tuple(replace(c, title="程度/难度") if c.key == "degree" else c for c in table.columns)
    rows = tuple((*row[:at], both, *row[at + 1 :]) for row, both in zip(table.rows, joined, strict=True))
    return replace(table, columns=columns, rows=rows).without("difficulty")
