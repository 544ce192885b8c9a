"""部门 hand-out (整治任务书): what is yours, in which towns, how far, by when, and what comes first."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import replace

from ...engine.results import SEVERITIES, TREATMENTS
from .. import numbers
from ..blocks import Block, Bullets, Point, Prose, Report, Section, TableBlock
from ..tables.lists import decimals_of, problem_table, remedy_table, unit_label
from ..tables.table import Cell, Column, Table
from ..view import Row, Scope, View
from ..wording import words
from .lists import shown
from .parts import evaluation, run_line
from .questions import question_sections
from .targets import target_sections

PRINTED = 60  # rows of a list on paper; the workbook has them all
FIRST = 3  # problems named at the top
SAME = 0.9  # from this share of one severity on, the order within it is what tells problems apart
_SIDE_BY_SIDE = 8  # towns in one block of columns


def department_report(view: View, department: str) -> Report:
    """The task sheet of one lead unit (牵头单位)."""
    lead = Scope(department=department, by_priority=True)
    support = Scope(department=department, role="supporting", by_priority=True)
    fill_in = ("id", "problem_id", "done", "evidence", "area", "town")
    problems = problem_table(view, lead).without("id", "lead")
    remedies = remedy_table(view, lead).without(*fill_in, "lead")
    helping = remedy_table(view, support).without(*fill_in, "supporting", "priority", "next_year", "status")
    listed = view.listed("problem_list", lead)
    sections = [
        Section("任务概要", _summary(view, department, listed)),
        _list("需要整治的问题", problems, "没有由贵单位牵头的问题。", order_said(listed)),
        _list("整治建议与完成时限", remedies, "没有待办的整治建议。"),
        *target_sections(view, view.district, department),
        *question_sections(view, department),
    ]
    if len(helping):
        sections.append(_list("配合事项", helping, ""))
    return Report(
        kind="城市体检整治任务书", subject=department, district=view.name(view.district), year=view.results.year,
        synthetic=view.results.synthetic, run_line=run_line(view), cover=None, portrait=None,
        sections=tuple(sections), full=False,
    )  # fmt: skip


def _list(title: str, table: Table, empty: str, note: str = "") -> Section:
    rest = f"共{len(table)}行，此处列前{PRINTED}行，全部见同名工作簿。" if len(table) > PRINTED else ""
    return Section(
        title,
        (
            Prose((note,), "note"),
            TableBlock(shown(table, PRINTED), empty, dense=True),
            Prose((rest,), "note"),
        ),
        landscape=True,
    )


def order_said(problems: Sequence[Row]) -> str:
    """How the list is ordered, and that the order matters most where nearly all problems are equally severe."""
    if len(problems) < 2:
        return ""
    severity, count = Counter(r["severity"] for r in problems).most_common(1)[0]
    alike = (
        f"；{len(problems)}项中{count}项为{severity}色，先后以优先级为准"
        if count >= SAME * len(problems)
        else ""
    )
    return f"按优先级由高到低排列（涉及人口越多、差距越大、把握越足，越靠前）{alike}。"


def _summary(view: View, department: str, problems: list[Row]) -> tuple[Block, ...]:
    """How many, where, by when; the three that come first; then the towns and the department's indicators."""
    remedies = view.listed("remedy_list", Scope(department=department))
    said = _how_many(view, department, problems) + _where(view, problems) + _by_when(remedies)
    blocks: list[Block] = [Prose((said,), "lead")]
    due = {r["problem_id"]: r["due"] for r in remedies}
    if problems:
        points = tuple(_point(view, row, due.get(row["id"])) for row in problems[:FIRST])
        heading = f"优先级最高的{len(points)}项" if len(points) > 1 else "要整治的问题"
        blocks.append(Bullets(((heading, points),)))
        blocks.append(TableBlock(side_by_side(where_problems_are(view, problems)), dense=True))
    if codes := view.indicators_of(department):
        table = evaluation(view, view.district, codes).without("lead", "dimension", "note")
        title = f"牵头指标的区级结果（{len(table)}项）"
        blocks.append(TableBlock(replace(table, title=title), dense=True))
    return tuple(blocks)


def _how_many(view: View, department: str, problems: Sequence[Row]) -> str:
    head = f"{view.results.year}年度城市体检中，由{department}牵头的问题"
    if not problems:
        return f"{head}没有列入清单的。"
    counts = [(s, sum(r["severity"] == s for r in problems)) for s in SEVERITIES]
    told = "、".join(f"{name}色{n}项" for name, n in counts if n)
    return f"{head}共{len(problems)}项（{told}）。"


def _where(view: View, problems: Sequence[Row]) -> str:
    """In how many towns, and in which most."""
    counts = Counter(town for row in problems if (town := view.units.get(row["unit"], {}).get("town")))
    if not counts:
        return ""
    order = sorted(counts, key=lambda u: (-counts[u], u))
    if len(order) <= words.NAMED:
        return f"涉及{'、'.join(f'{view.name(u)}（{counts[u]}项）' for u in order)}。"
    most = "、".join(f"{view.name(u)}（{counts[u]}项）" for u in order[: words.NAMED])
    return f"涉及{len(order)}个街镇，最多的是{most}。"


def _by_when(remedies: Sequence[Row]) -> str:
    """How many measures by which date, the nearest first; how many must be done in time."""
    if not remedies:
        return ""
    dues = Counter(r["due"] for r in remedies if r["due"])
    parts = [f"{due}完成{dues[due]}条" for due in sorted(dues, key=_date)]
    urgent = sum(TREATMENTS.get(r["treatment"], r["treatment"]) == "限时解决" for r in remedies)
    bound = f"；其中限时解决{urgent}条" if urgent else ""
    return f"整治建议{len(remedies)}条{'：' if parts else ''}{'，'.join(parts)}{bound}。"


def _date(due: str) -> list[int]:
    """``2027年12月底前`` in the order of time, not of text."""
    return [int(part) for part in re.findall(r"\d+", due)]


def _point(view: View, row: Row, due: str | None) -> Point:
    indicator = view.indicators[row["indicator"]]
    value = numbers.quantity(row["value"], indicator["unit"] or "", decimals_of(indicator))
    reach = f"，影响{numbers.people(row['people'])}" if numbers.known(row["people"]) and row["people"] else ""
    until = f"，{due}完成" if due else ""
    return Point(
        f"{unit_label(view, row['unit'])}：{indicator['name']}{value}{reach}{until}", row["severity"] or ""
    )


def where_problems_are(view: View, problems: Sequence[Row]) -> Table:
    """Problems by town (communities counted with their town) and severity, most first."""
    counts: dict[str, Counter[str]] = {}
    for row in problems:
        town = view.units.get(row["unit"], {}).get("town") or row["unit"]
        counts.setdefault(town, Counter())[row["severity"] or ""] += 1
    columns = (
        Column("unit", "街镇", 40, nowrap=True),
        *(Column(s, f"{s}色", 18, "right", "number") for s in SEVERITIES),
        Column("all", "合计", 18, "right", "number"),
    )
    order = sorted(counts, key=lambda u: (-counts[u].total(), u))
    rows: list[tuple[Cell, ...]] = [
        (view.name(u), *(counts[u][s] for s in SEVERITIES), counts[u].total()) for u in order
    ]
    return Table("问题在各街镇的分布（含所属社区）", columns, tuple(rows))


def side_by_side(table: Table, most: int = _SIDE_BY_SIDE) -> Table:
    """A table of narrow columns and more than ``most`` rows as two halves next to each other, read down the left one first."""
    if len(table) <= most:
        return table
    half = (len(table) + 1) // 2
    # an empty text, not a missing figure, fills up an odd last row
    blank: tuple[Cell, ...] = ("",) * len(table.columns)
    right = [*table.rows[half:], blank][:half]
    again = tuple(replace(c, key=f"{c.key}2") for c in table.columns)
    gap = Column("gap", "", 8)
    rows = tuple((*a, "", *b) for a, b in zip(table.rows[:half], right, strict=True))
    return replace(table, columns=(*table.columns, gap, *again), rows=rows)
