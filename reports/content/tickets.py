"""居民诉求: what residents call 12345 about, by category, beside the district's rate."""

from __future__ import annotations

import polars as pl

from ...engine.measure.tickets import ALL
from .. import numbers
from ..blocks import Prose, Section, TableBlock
from ..tables.table import Column, Figure, Table
from ..view import Row, View
from ..wording.withheld import HIDDEN, notes_of, published
from .department import side_by_side

CATEGORIES_SHOWN = 12


def ticket_sections(view: View, unit: str, title: str = "居民诉求") -> tuple[Section, ...]:
    """The unit's tickets, most frequent category first, those not published last; none where nobody called."""
    rows = view.frame("tickets").filter(pl.col("unit") == unit, pl.col("count") > 0).to_dicts()
    total = next((r for r in rows if r["category"] == ALL), None)
    if total is None:
        return ()
    by_count = sorted((r for r in rows if r["category"] != ALL), key=_place)
    return (
        Section(
            title,
            (Prose((_spoken(total, by_count),)), TableBlock(_table(view, unit, by_count, total), dense=True)),
        ),
    )


def _place(row: Row) -> tuple[bool, int, str]:
    """Published counts first and by size; where a withheld one stands must not tell how large it is."""
    return row["suppressed"], 0 if row["suppressed"] else -row["count"], row["category"]


def _table(view: View, unit: str, rows: list[Row], total: Row) -> Table:
    district = {
        r["category"]: published(r, r["per_10k"])
        for r in view.frame("tickets").filter(pl.col("unit") == view.district).to_dicts()
    }
    shown = [*rows[:CATEGORIES_SHOWN], total]
    columns = (
        Column("category", "类别", 40),
        Column("count", "件数", 20, "right", "number"),
        Column("per_10k", "每万人件数", 24, "right", "number", 1),
        Column("district", "全区每万人", 24, "right", "number", 1),
        Column("repeat_share", "重复率", 20, "right", "number"),
        Column("unresolved_share", "未办结率", 20, "right", "number"),
    )
    body = tuple(
        (
            r["category"], published(r, r["count"]), published(r, r["per_10k"]), district.get(r["category"]),
            published(r, _share(r["repeat_share"])), published(r, _share(r["unresolved_share"])),
        )
        for r in shown
    )  # fmt: skip
    table = Table("12345热线工单（由多到少）", columns, body, notes=notes_of(shown)).without_blank(
        {"per_10k", "district", "repeat_share", "unresolved_share"}
    )
    return side_by_side(table.without("district")) if unit == view.district else table


def _share(share: float | None) -> Figure:
    return Figure(None if share is None else 100 * share, 1, unit="%")


def _spoken(total: Row, rows: list[Row]) -> str:
    """How many calls, what most are about, how many come again or are not resolved."""
    rate = f"，每万人{numbers.number(total['per_10k'], 1)}件" if numbers.known(total["per_10k"]) else ""
    most = "、".join(f"{r['category']}{r['count']}件" for r in rows[:3] if not r["suppressed"])
    if total["suppressed"]:
        return f"12345热线工单件数不公布{HIDDEN}{f'，最多的是{most}' if most else ''}。"
    ends = [
        f"{word}{numbers.percent(total[key], 1)}"
        for word, key in (("重复诉求占", "repeat_share"), ("未办结的占", "unresolved_share"))
        if numbers.known(total[key])
    ]
    tail = f"。{'，'.join(ends)}" if ends else ""
    return f"12345热线工单{total['count']}件{rate}{f'，最多的是{most}' if most else ''}{tail}。"
