"""The chapter on the action plan's dated targets (行动计划目标达成情况), where the indicators in force have any."""

from __future__ import annotations

from ..blocks import Prose, Section, TableBlock
from ..tables.lists import title_of
from ..tables.targets import behind_said, target_rows, targets_said, targets_table
from ..view import View


def target_sections(view: View, unit: str, department: str | None = None) -> tuple[Section, ...]:
    """One section, or none: what is reached, what is late and by how much, then every target."""
    rows = target_rows(view, (unit,), department)
    if not rows:
        return ()
    table = targets_table(view, (unit,), department).without_blank(("base", "expected", "gap"))
    if department is not None:
        table = table.without("lead")
    said = Prose((targets_said(rows) + behind_said(view, rows),))
    return (Section(title_of(view, "targets"), (said, TableBlock(table, dense=True)), landscape=True),)
