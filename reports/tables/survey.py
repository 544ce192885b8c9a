"""抽样计划 and 样本检查 as tables, for the terminal and the workbook alike."""

from __future__ import annotations

from collections.abc import Iterable

import polars as pl

from ...engine.findings import Findings
from ...engine.survey.check import Check, allowed
from ...engine.survey.plan import WORK, Plan
from .. import numbers
from ..view import Row
from ..wording.withheld import HIDDEN, notes_of, published
from .table import Cell, Column, Figure, Table

PLACE = (
    Column("town", "街镇", 26, nowrap=True),
    Column("community", "社区", 32),
    Column("population", "常住人口", 18, "right", "number"),
    Column("wanted", "应答份数", 16, "right", "number"),
)
VERDICTS = {True: "符合", False: "不符合", None: ""}


def plan_table(plan: Plan, levels: Iterable[str] = ("district", "town", "community")) -> Table:
    """How many answers of each unit, and of whom for the district and its towns."""
    keys = list(plan.quotas.select("group", "category").unique(maintain_order=True).iter_rows())
    titles = {(g, c): f"{c}不超过" if g == WORK else c for g, c in keys}
    quotas = {(r["unit"], r["group"], r["category"]): r for r in plan.quotas.to_dicts()}
    columns = (
        *PLACE,
        *(Column(f"{g}-{c}", titles[g, c], 18, "right", "number") for g, c in keys),
        Column("note", "备注", 36),
    )
    rows: list[tuple[Cell, ...]] = []
    for row in _in(plan.units, levels):
        own = [quotas.get((row["unit"], g, c)) for g, c in keys]
        cells: list[Cell] = ["" if q is None else _people(q) for q in own]
        rows.append((*_place(plan.units, row), row["wanted"], *cells, row["note"]))
    return Table(
        "居民问卷抽样计划", columns, tuple(rows), units="单位：份", notes=plan_notes(plan)
    ).without_blank({"note"})


def plan_notes(plan: Plan) -> tuple[str, ...]:
    """How the numbers came about, and within what they may move."""
    rate = "" if plan.per_mille is None else f"，常住人口的 {plan.per_mille:g}‰"
    return (
        f"全区应答 {plan.total} 份{rate}，不少于规定的最低份数；按常住人口分到各单元（最大余数法），每个单元都不少于最少份数。",
        f"各年龄段可上下浮动 {100 * plan.rules.age_tolerance:g} 个百分点，女性不超过 {plan.rules.women_at_most:.0%}，"
        "党政机关或事业人员为上限。调查对象为16周岁以上的居民，以住满半年的为主。",
    )


def units_table(check: Check, levels: Iterable[str] = ("district", "town", "community")) -> Table:
    """What came in of each unit, and what is missing."""
    columns = (
        *PLACE,
        Column("answers", "实收份数", 16, "right", "number"),
        Column("short", "还缺", 14, "right", "number"),
    )
    shown = _in(check.units, levels)
    rows = tuple(
        (
            *_place(check.units, row),
            row["wanted"],
            published(row, row["answers"]),
            published(row, row["short"]),
        )
        for row in shown
    )
    placed = check.answers - check.unplaced
    came = f"收到有效答卷 {check.answers} 份，其中 {placed} 份归到了单元。"
    if check.units.filter("suppressed", level="district").height:
        came = f"收到有效答卷的份数不公布{HIDDEN}。"
    return Table("各单元答卷份数", columns, rows, units="单位：份", notes=(came, *notes_of(shown)))


def people_table(check: Check) -> Table:
    """Who answered, against what is required."""
    columns = (
        Column("group", "项目", 20),
        Column("category", "分类", 34),
        Column("answers", "份数", 16, "right", "number"),
        Column("share", "占比", 16, "right", "number"),
        Column("allowed", "应为", 30),
        Column("ok", "结论", 16),
    )
    rows: list[tuple[Cell, ...]] = []
    for row in check.people.to_dicts():
        share = None if row["share"] is None else 100 * row["share"]
        verdict = "没有问" if row["told"] == 0 else VERDICTS[row["ok"]]
        answers = row["answers"] if row["told"] else None
        rows.append((row["group"], row["category"], published(row, answers), published(row, Figure(share, 1, unit="%")),
                     allowed(row["low"], row["high"]), verdict))  # fmt: skip
    return Table("答卷人结构", columns, tuple(rows), notes=notes_of(check.people.to_dicts()))


def findings_table(findings: Findings) -> Table:
    """What is to be mended, one line each."""
    columns = (
        Column("code", "编号", 12),
        Column("place", "位置", 50),
        Column("message", "问题", 80),
        Column("remedy", "改法", 80),
    )
    rows = tuple((f.code, str(f.place), f.message, f.kind.remedy) for f in findings)
    return Table("需要处理的问题", columns, rows)


def _in(units: pl.DataFrame, levels: Iterable[str]) -> list[Row]:
    return units.filter(pl.col("level").is_in(list(levels))).to_dicts()


def _place(units: pl.DataFrame, row: Row) -> tuple[Cell, Cell, Cell]:
    """街镇, 社区 and people of a unit; the district stands under 街镇."""
    names = dict(units.select("unit", "name").iter_rows())
    people = numbers.rounded(row["population"], 0)
    if row["level"] == "community":
        return names.get(row["parent"], ""), row["name"], people
    return row["name"], "合计", people


def _people(quota: Row) -> int | None:
    return quota["at_most"] if quota["wanted"] is None else quota["wanted"]
