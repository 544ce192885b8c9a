"""住建部评级: the grades by the Ministry's handbook beside the scores, as a table and in words.

Both readings of the handbook are shown where they differ; what it does not define is named; a grade that a 底线型
indicator lowered says what it was by the shares.
"""

from __future__ import annotations

from collections.abc import Sequence

from ...engine.results import UNGRADED
from ...engine.settings.scheme import Ministry
from .. import numbers
from ..blocks import Section, TableBlock
from ..view import Row, View
from .table import Column, Table

TITLE = "住建部评级"
READINGS = {True: "未评价计入分母", False: "未评价不计入分母"}
_COLUMNS = (
    Column("name", "维度", 24, nowrap=True),
    Column("grade", "评级", 14, "center", "grade", nowrap=True),
    Column("good", "很好、较好占比", 20, "right", nowrap=True),
    Column("very_good", "很好占比", 16, "right", nowrap=True),
    Column("graded", "已评/参评项数", 20, "right", nowrap=True),
    Column("other", "另一口径", 16, "center", nowrap=True),
    Column("poor", "评为不足的指标", 70),
)


def ministry_table(view: View, unit: str, *, by_aspect: bool = False) -> Table:
    """Every dimension of a unit with its grade; ``by_aspect``: the handbook's aspects over all dimensions instead.

    Only dimensions in which something takes part in the grading, and aspects in which something has a grade.
    """
    rows = [
        row
        for row in view.aspects(unit)
        if (
            row["dimension"] is None and row["graded"]
            if by_aspect
            else row["aspect"] is None and row["indicators"]
        )
    ]
    what = "方面" if by_aspect else "维度"
    columns = (Column("name", what, 24, nowrap=True), *_COLUMNS[1:])
    body = tuple(
        (
            row["aspect"] if by_aspect else row["dimension"],
            row["grade"],
            numbers.percent(row["good"], 1),
            numbers.percent(row["very_good"], 1),
            f"{row['graded']}/{row['indicators']}",
            row["other"] if row["other"] != row["grade"] else "",
            "、".join(view.indicators[code]["name"] for code in row["poor"] or ()),
        )
        for row in rows
    )
    title = f"{TITLE}（按《城市体检工作手册》的方面）" if by_aspect else TITLE
    table = Table(title, columns, body, notes=tuple(_notes(view, rows, what)))
    return table.without_blank(("other", "poor"))


def ministry_sections(view: View, unit: str) -> list[Section]:
    """The part of a report on the Ministry's grades; of the district by the handbook's own aspects too. None where
    nothing has a grade."""
    if not graded_at_all(view, unit):
        return []
    tables = [ministry_table(view, unit)]
    if view.units[unit]["level"] == "district":
        tables.append(ministry_table(view, unit, by_aspect=True))
    return [Section(TITLE, tuple(TableBlock(table, dense=True) for table in tables))]


def graded_at_all(view: View, unit: str) -> bool:
    """Whether any indicator of the unit has a grade by the handbook."""
    return any(row["graded"] for row in view.aspects(unit))


def _notes(view: View, rows: Sequence[Row], what: str) -> list[str]:
    """What the reader must know of these rows: the two readings, the open case, the veto."""
    rules = view.results.scheme.ministry
    names = {id(row): row["aspect"] if what == "方面" else row["dimension"] for row in rows}
    notes = [
        f"评级按已评项数的占比（{READINGS[rules.count_ungraded]}）；没有标准的指标和较低三个尺度的计数指标不评级"
    ]
    if rules.grade_counts:
        notes = [f"评级按占比（{READINGS[rules.count_ungraded]}）；没有标准的指标不评级"]
    if any(row["other"] != row["grade"] for row in rows):
        notes.append(f"另一口径为{READINGS[not rules.count_ungraded]}时的评级，两者相同的不列")
    open_case = [names[id(row)] for row in rows if row["undefined"]]
    if open_case:
        notes.append(
            f"{'、'.join(open_case)}：很好、较好占比不低于80%而很好占比不到80%，没有不足项，手册未作规定，此处按“良”"
        )
    notes += [f"{names[id(row)]}：{_vetoed(view, row)}" for row in rows if row["before_veto"]]
    return notes


def _vetoed(view: View, row: Row) -> str:
    failed = "、".join(view.indicators[code]["name"] for code in row["veto"])
    return f"按占比为“{row['before_veto']}”，因底线型指标（{failed}）低于底线，不高于“中”"


def dimension_line(view: View, unit: str, dimension: str) -> str:
    """``住建部评级：良（很好、较好占 83.3%，很好占 66.7%，已评 6 项、参评 6 项）``; empty where nothing takes part."""
    found = [r for r in view.aspects(unit) if r["dimension"] == dimension and r["aspect"] is None]
    if not found or not found[0]["indicators"]:
        return ""
    row, rules = found[0], view.results.scheme.ministry
    parts = [f"已评 {row['graded']} 项、参评 {row['indicators']} 项"]
    if row["graded"]:
        shares = (
            f"很好、较好占 {numbers.percent(row['good'], 1)}，很好占 {numbers.percent(row['very_good'], 1)}"
        )
        parts.insert(0, shares)
    if row["other"] != row["grade"]:
        parts.append(f"{READINGS[not rules.count_ungraded]}则为{row['other']}")
    if row["undefined"]:
        parts.append("手册未规定此情形，按良")
    if row["before_veto"]:
        parts.append(_vetoed(view, row))
    return f"{TITLE}：{row['grade']}（{'；'.join(parts)}）"


def indicator_line(row: Row, rules: Ministry) -> str:
    """``住建部评级：较好（按标准为很好，居民满意度低于 60 分，降一级）`` of a row of ``scores``."""
    grade = row["ministry"] or UNGRADED
    if not row["lowered"]:
        return f"{TITLE}：{grade}"
    ladder = [name for name, _ in rules.cuts]
    before = ladder[ladder.index(grade) - 1]
    return f"{TITLE}：{grade}（按标准为{before}，居民满意度低于 {rules.dissatisfied:g} 分，降一级）"
