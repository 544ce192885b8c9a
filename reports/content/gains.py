"""The chapter 提升路径: what lifts a unit one grade, which indicators would bring most, and which projects come first."""

from __future__ import annotations

from ..blocks import Block, Prose, Section, TableBlock
from ..tables.gains import gains_table, lift_said, units_gains_table
from ..view import View
from ..wording.projects_said import budget_said, by_worth, projects_table

MOST = 5
NEXT = 4  # projects left out that a page lists


def town_gains(view: View, unit: str) -> tuple[Section, ...]:
    """One section, or none where the unit has no total: the lift in words and the five greatest gains."""
    said, table = lift_said(view, unit), gains_table(view, unit, MOST)
    if not said and not len(table):
        return ()
    blocks: tuple[Block, ...] = (Prose((said,)), TableBlock(table, "没有未达目标的指标。", dense=True))
    return (Section("提升路径", blocks),)


def district_gains(view: View) -> tuple[Section, ...]:
    """One section, or none: the district's own path, the towns' greatest gains, then the projects within the budget."""
    unit, towns = view.district, view.of_level("town")
    own, of_towns = town_gains(view, unit), units_gains_table(view, towns)
    blocks: list[Block] = list(own[0].blocks) if own else []
    if len(of_towns):
        blocks.append(TableBlock(of_towns, dense=True))
    parts = []
    if said := budget_said(view):
        rows = by_worth(view.frame("projects").to_dicts())
        chosen = sum(row["chosen"] for row in rows)
        shown = rows[: chosen + NEXT]
        rest = (
            f"共{len(rows)}个项目，此处列入选的和其后{len(shown) - chosen}个。"
            if len(shown) < len(rows)
            else ""
        )
        table = TableBlock(projects_table(view, shown), dense=True)
        parts.append(Section("项目优选", (Prose((said,)), table, Prose((rest,), "note")), flows=True))
    return (Section("提升路径", tuple(blocks), tuple(parts)),) if blocks or parts else ()
