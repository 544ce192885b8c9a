"""步行可达: of those who live there, who reaches the nearest facility on foot within 5, 10 and 15 minutes.

Minutes are the distance along the walking network over the speed the project sets. Demand that reaches nothing within
15 minutes, or stands on no network, is in the last column.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import polars as pl

from .. import numbers
from ..blocks import Prose, Section, TableBlock
from ..tables.table import Column, Table
from ..view import View

BANDS_MIN = (5, 10, 15)
COLUMNS = (
    Column("unit", "单元", 36, nowrap=True),
    *(Column(f"m{minutes}", f"{minutes}分钟以内", 24, "right", "number", 1) for minutes in BANDS_MIN),
    Column("beyond", f"超过{BANDS_MIN[-1]}分钟", 24, "right", "number", 1),
)


def walking_parts(
    view: View, unit: str, codes: Sequence[str], most: int | None = None
) -> tuple[Section, ...]:
    """A table for each walking indicator among ``codes`` that has demand in the unit, with what it says; none otherwise.

    ``most``: rows of a table; of more units those from which it is furthest.
    """
    return tuple(
        part for code in codes if view.indicators[code]["method"] == "walk"
        for part in (_part(view, unit, code, most),) if part is not None
    )  # fmt: skip


def _part(view: View, unit: str, code: str, most: int | None) -> Section | None:
    table = bands_table(view, unit, code)
    if most is not None and len(table) > most + 1:
        table = _furthest(table, most)
    if not len(table):
        return None
    within = _shares(view, _demand(view, unit, code))
    name, counted = view.indicators[code]["name"], view.indicators[code]["counted"] or ""
    told = [f"{numbers.number(share, 1)}%" for share in within]
    said = "、".join(f"{m}分钟以内的占{share}" for m, share in zip(BANDS_MIN, told, strict=False))
    who = "居住人口" if counted == "人" else "需求"
    spoken = (
        f"按{name}的口径，{view.name(unit)}{who}中步行{said}，超过{BANDS_MIN[-1]}分钟或走不到的占{told[-1]}。"
    )
    return Section("步行可达", (Prose((spoken,)), TableBlock(table, dense=True)), continues=True)


def _furthest(table: Table, most: int) -> Table:
    """The rows with the smallest shares within reach, and the last one, which is of the unit itself."""
    *units, whole = table.rows
    rows = sorted(units, key=lambda r: [float(str(share)) for share in (r[2], r[1])])[:most]
    note = f"列步行10分钟以内占比最低的{most}个，另有{len(units) - most}个未列"
    return replace(table, rows=(*rows, whole), notes=(*table.notes, note))


def _demand(view: View, unit: str, code: str) -> pl.DataFrame:
    """The demand points of an indicator in a unit: unit, weight, distance."""
    inside = pl.col("unit").is_in(list(view.subtree(unit)))
    return view.frame("service").filter((pl.col("indicator") == code) & pl.col("kind").is_null() & inside)


def bands_table(view: View, unit: str, code: str) -> Table:
    """Shares (%) of the weighted demand by band, a row for each unit below with demand, the unit itself last."""
    rows = _demand(view, unit, code)
    level = "town" if view.units[unit]["level"] == "district" else "community"
    lies = {u: r[level] for u, r in view.units.items()}
    rows = rows.with_columns(below=pl.col("unit").replace_strict(lies, default=None, return_dtype=pl.String))
    sums = {str(b): part for (b,), part in rows.drop_nulls("below").group_by("below")} if rows.height else {}
    body = [
        (view.name(u), *_shares(view, sums[u]))
        for u in view.of_level(level, None if level == "town" else unit)
        if u in sums
    ]
    if rows["weight"].sum() > 0:
        body.append((view.name(unit), *_shares(view, rows)))
    title = f"{view.indicators[code]['name']}：步行时间（占比，%）"
    note = f"步速{view.results.walk_speed:g}米/秒，沿步行网络量"
    return Table(title, COLUMNS, tuple(body), notes=(note,))


def _shares(view: View, rows: pl.DataFrame) -> tuple[float | None, ...]:
    total = float(rows["weight"].sum())
    if total <= 0:
        return (None,) * (len(BANDS_MIN) + 1)
    reach = [60.0 * minutes * view.results.walk_speed for minutes in BANDS_MIN]
    within = [
        float(rows.filter(pl.col("distance") <= metres)["weight"].sum()) / total * 100 for metres in reach
    ]
    return (*within, 100.0 - within[-1])
