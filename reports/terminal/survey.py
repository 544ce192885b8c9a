"""What `tijian survey` shows: the plan by town, or what came in, who answered, and what is still missing."""

from __future__ import annotations

import polars as pl
from rich.console import Group, RenderableType
from rich.text import Text

from ...engine.survey.check import Check
from ...engine.survey.year import SurveyYear
from ..tables.survey import people_table, plan_table, units_table
from ..tables.table import Table
from ..wording.withheld import published
from .findings import findings_view, plain_table

UPPER = ("district", "town")
SHORT_SHOWN = 20
ALL_IN_WORKBOOK = "各社区的份数见工作簿：tijian survey --xlsx"


def survey_view(found: SurveyYear) -> RenderableType:
    """The check of every survey that has answers; the plan when none has."""
    if not found.checks:
        return Group(_shown(plan_table(found.plan, UPPER)), Text(ALL_IN_WORKBOOK, style="dim"))
    parts = [part for check in found.checks for part in _check(check)]
    findings = [findings_view(found.findings)] if len(found.findings) else []
    return Group(*parts, *findings, Text(ALL_IN_WORKBOOK, style="dim"))


def _check(check: Check) -> tuple[RenderableType, ...]:
    head = Text(f"{check.name}：{check.file}", style="bold")
    return head, _shown(units_table(check, UPPER)), *_short(check), _shown(people_table(check))


def _short(check: Check) -> tuple[RenderableType, ...]:
    """The communities that want most answers yet."""
    missing = check.units.filter((pl.col("level") == "community") & (pl.col("short") > 0))
    if missing.is_empty():
        return ()
    table = plain_table(f"还缺答卷的社区（{missing.height} 个）", ("社区", "left"), ("应答", "right"), ("实收", "right"), ("还缺", "right"))  # fmt: skip
    known = pl.when(~pl.col("suppressed")).then(pl.col("short"))  # those not shown first, in no telling order
    most = missing.sort(known, "unit", descending=[True, False]).head(SHORT_SHOWN)
    for row in most.to_dicts():
        came = (str(published(row, row[c])) for c in ("answers", "short"))
        table.add_row(Text(row["name"]), str(row["wanted"]), *came)
    return (table,)


def _shown(table: Table) -> RenderableType:
    """A printed table on the terminal, with its notes below it."""
    shown = plain_table(table.title, *((c.title, c.align) for c in table.columns))
    for row in table.texts():
        shown.add_row(*(Text(cell) for cell in row))
    return Group(shown, *(Text(note, style="dim") for note in table.notes))
