"""Gains as tables and sentences (提升潜力): what each indicator would bring at its target, and what lifts a grade.

The same tables serve the PDF and the terminal. Which projects a budget buys is told in ``wording/projects_said.py``.
"""

from __future__ import annotations

from collections.abc import Sequence

from .. import numbers
from ..view import Row, View
from .lists import decimals_of, unit_label
from .table import Cell, Column, Figure, Table

NAMED = 5  # indicators of a lift that a sentence names
GAIN_NOTE = (
    "综合得分提升：只有这一项达到目标值、其余都不变时，重新汇总的综合得分比现在高多少分；同级比较的标度和各项权重不变。"
    "目标值取标准的目标值，没有的取底线值"
)
COLUMNS = (
    Column("no", "序号", 9, "right", "number", nowrap=True),
    Column("indicator", "指标", 42),
    Column("value", "现状值", 19, "right", "number", nowrap=True),
    Column("target", "目标值", 19, "right", "number", nowrap=True),
    Column("score", "得分", 12, "right", "number", 1, nowrap=True),
    Column("score_then", "达标后得分", 18, "right", "number", 1, nowrap=True),
    Column("gain", "综合得分提升", 21, "right", "number", 2, nowrap=True),
    Column("lead", "牵头单位", 34, kind="list"),
)
UNIT_COLUMNS = (
    Column("unit_name", "单元", 20, kind="name", nowrap=True),
    Column("total", "综合得分", 16, "right", "number", 1, nowrap=True),
    Column("grade", "等级", 12, "center", "grade", nowrap=True),
    Column("indicator", "提升最大的指标", 44),
    Column("value", "现状值", 19, "right", "number", nowrap=True),
    Column("target", "目标值", 19, "right", "number", nowrap=True),
    Column("gain", "综合得分提升", 21, "right", "number", 2, nowrap=True),
    Column("lift", "升一级最少要", 22, kind="name"),
)


def gain_rows(view: View, unit: str) -> list[Row]:
    """The unit's rows of ``gains`` that gain anything, the greatest first."""
    rows = view.frame("gains").filter(unit=unit).sort("order").to_dicts()
    return [row for row in rows if numbers.rounded(row["gain"], 2)]


def lift_row(view: View, unit: str) -> Row | None:
    """The unit's row of ``lifts``; None where it has no total or no grade above it."""
    rows = view.frame("lifts").filter(unit=unit).to_dicts()
    return rows[0] if rows else None


def gains_table(view: View, unit: str, most: int) -> Table:
    """The ``most`` indicators of a unit that would bring most."""
    rows = gain_rows(view, unit)[:most]
    body = tuple(tuple(_cells(view, row, n)[c.key] for c in COLUMNS) for n, row in enumerate(rows, 1))
    return Table(f"提升最大的{len(rows)}项指标", COLUMNS, body, notes=(GAIN_NOTE,))


def units_gains_table(view: View, units: Sequence[str]) -> Table:
    """For each unit the indicator that would bring most, and how many at least lift it one grade."""
    body = []
    for unit in units:
        rows, total = gain_rows(view, unit), view.total(unit)
        if rows and total is not None:
            cells = _cells(view, rows[0], 0) | {
                "unit_name": unit_label(view, unit), "total": numbers.beside_grade(total["score"], view.cuts), "grade": total["grade"],
                "lift": lift_short(lift_row(view, unit)),
            }  # fmt: skip
            body.append(tuple(cells[c.key] for c in UNIT_COLUMNS))
    return Table("各单元提升最大的一项", UNIT_COLUMNS, tuple(body))


def _cells(view: View, row: Row, number: int) -> dict[str, Cell]:
    indicator = view.indicators[row["indicator"]]
    decimals, unit = decimals_of(indicator), indicator["unit"] or ""
    return {
        "no": number, "indicator": indicator["name"], "value": Figure(row["value"], decimals, unit=unit),
        "target": Figure(row["target"], decimals, unit=unit), "score": Figure(row["score"], 1),
        "score_then": Figure(row["score_then"], 1), "gain": Figure(row["gain"], 2, signed=True),
        "lead": tuple(indicator["lead"] or ()),
    }  # fmt: skip


def lift_short(lift: Row | None) -> str:
    """``3项，进入“良”``; what even all targets do not reach; empty where there is no grade above."""
    if lift is None:
        return ""
    if not lift["reached"]:
        return f"全部达标也不到“{lift['grade_then']}”"
    return f"{len(lift['indicators'])}项，进入“{lift['grade_then']}”"


def lift_said(view: View, unit: str) -> str:
    """What lifts the unit one grade, in a sentence; empty where it has no total."""
    lift, total = lift_row(view, unit), view.total(unit)
    if lift is None:
        top = total is not None and total["grade"] == view.results.grade_cuts[0][0]
        return f"综合得分{numbers.score((total or {})['score'])}，已在最高一级。" if top else ""
    cut = dict(view.results.grade_cuts)[lift["grade_then"]]
    codes = lift["indicators"]
    now, then = lift["score"], numbers.beside_grade(lift["score_then"], (cut,))
    if not codes:
        return f"综合得分{numbers.score(now)}，没有一项离目标值还有可以计分的差距，“{lift['grade_then']}”（{cut:g}分）须靠其他指标。"
    if not lift["reached"]:
        return (
            f"即使未达目标的{len(codes)}项全部达到目标，综合得分由{numbers.score(now)}提高到{then}，"
            f"仍不到“{lift['grade_then']}”（{cut:g}分）。"
        )
    names = "、".join(view.indicators[c]["name"] for c in codes[:NAMED])
    if len(codes) > NAMED:
        return (
            f"{'至少' if lift['exact'] else ''}要将{len(codes)}项提高到目标，综合得分才能由{numbers.score(now)}提高到{then}，"
            f"进入“{lift['grade_then']}”；其中提升最大的是{names}。"
        )
    least = "" if len(codes) == 1 else "，再少就不够" if lift["exact"] else "（逐项选取，未证明是最少）"
    return (
        f"将以下{len(codes)}项提高到目标，综合得分由{numbers.score(now)}提高到{then}，"
        f"进入“{lift['grade_then']}”{least}：{names}。"
    )
