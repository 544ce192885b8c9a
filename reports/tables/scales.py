"""指标汇总表: the same run by the Ministry's four scales (住房, 小区（社区）, 街区, 城区（城市）) in the handbook's order.

The eight-dimension tables and this one are two readings of the same values; nothing is computed anew.
"""

from __future__ import annotations

from .. import numbers
from ..view import Row, View
from .lists import band_of, decimals_of, title_of
from .table import Cell, Column, Figure, Table

SCALES = ("住房", "小区（社区）", "街区", "城区（城市）")
UNNUMBERED = 10**6  # indicators without a number in their system come behind those that have one
COLUMNS = (
    Column("scale", "尺度", 24, nowrap=True),
    Column("aspect", "方面", 30),
    Column("number", "序号", 11, "right", "number", nowrap=True),
    Column("indicator", "指标项", 62),
    Column("unit", "单位", 17, kind="name", nowrap=True),
    Column("value", "指标值", 17, "right", "number", nowrap=True),
    Column("standard", "标准值", 17, "right", "number", nowrap=True),
    Column("dimension", "维度", 19, nowrap=True),
    Column("lead", "牵头单位", 70, kind="list"),
    Column("code", "编号", 16, nowrap=True),
)
NOTE = "序号为《城市体检工作手册（试行）》的指标序号；没有序号的不是国家2025年基础指标"


def scales_table(view: View, unit: str) -> Table:
    """Every indicator judged at the unit's level, by scale, then by the handbook's number."""
    values = {row["indicator"]: row["value"] for row in view.scores(unit)}
    rows = [row for code, row in view.indicators.items() if code in values]
    rows.sort(key=lambda r: (SCALES.index(r["scale"]), r["number"] or UNNUMBERED))
    body = tuple(tuple(_cells(row, values[row["code"]])[c.key] for c in COLUMNS) for row in rows)
    return Table(title_of(view, "scales"), COLUMNS, body, notes=(NOTE,))


def _cells(row: Row, value: float | None) -> dict[str, Cell]:
    decimals, unit = decimals_of(row), row["unit"] or ""
    target = row["target"] if numbers.known(row["target"]) else row["floor"]
    return {
        "scale": row["scale"], "aspect": row["aspect"], "number": row["number"], "indicator": row["name"], "unit": unit,
        "value": Figure(value, decimals), "standard": band_of(row) or Figure(target, decimals),
        "dimension": row["dimension"], "lead": tuple(row["lead"] or ()), "code": row["code"],
    }  # fmt: skip
