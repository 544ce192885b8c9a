"""What changed since last year, as the end of `tijian check` shows it (与上年相比)."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import groupby

from rich.console import Group, RenderableType
from rich.text import Text

from ...engine.years.since_last_year import PARTS, Changed, Since
from .findings import plain_table

SHOWN = 20  # rows of one part; the rest are counted


def since_view(since: Since) -> RenderableType:
    """A table for each part in which something changed, or one line where nothing did."""
    head = Text.assemble(("与上年相比", "bold"), f"（{since.year} 年的结果）")
    unknown = [Text(since.unknown, style="yellow")] if since.unknown else []
    if not since.changes:
        same = "" if since.unknown else "单元、指标、口径、标准、计分方案、填报表都与上年一样。"
        return Group(Text(), head, *unknown, *([Text(same)] if same else []))
    rows = sorted(since.changes, key=lambda change: PARTS.index(change.part))
    parts = [_part(part, list(found)) for part, found in groupby(rows, key=lambda change: change.part)]
    return Group(Text(), head, *unknown, *parts)


def _part(part: str, found: Sequence[Changed]) -> RenderableType:
    table = plain_table(
        f"{part}（{len(found)} 处）", ("对象", "left"), ("变化", "left"), ("与上年的比较", "left")
    )
    for change in found[:SHOWN]:
        table.add_row(*(Text(cell) for cell in (change.what, change.says, change.follows)))
    rest = len(found) - SHOWN
    return Group(table, *([Text(f"  …另有 {rest} 处", style="dim")] if rest > 0 else []))
