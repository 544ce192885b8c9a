"""部门 hand-out (整治任务书): what is yours, in which towns, how far, by when, and what comes first."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import replace

from ...engine.results import LEVEL_NAMES, MENDED, NOT_MENDED, PARTLY, SEVERITIES, STATES, TREATMENTS
from .. import numbers
from ..blocks import Block, Bullets, FigureBlock, Point, Prose, Report, Section, TableBlock
from ..charts.stacked import stacked_bars
from ..tables.lists import decimals_of, remedy_table, unit_label, unit_parts
from ..tables.table import Cell, Column, Table
from ..theme import load_theme
from ..view import Row, Scope, View
from ..wording import words
from ..wording.brief import brief
from .lists import shown
from .needs import need_name
from .parts import evaluation, run_line
from .questions import question_sections
from .review import department_review
from .targets import target_sections

PRINTED, HELPED = 60, 20  # rows of a list on paper; the workbook has them all
FIRST = 3  # problems named at the top
SAME = 0.9  # from this share of one severity on, the order within it is what tells problems apart
FINEST = "同一指标逐级列入的只按最细一级计一次"
DISTRICT = LEVEL_NAMES["district"]
MATRIX = 9  # indicators of the matrix, those with most problems
SAID, DONE = 56, 60  # characters of a problem and of its measure
_SIDE_BY_SIDE = 8  # rows in one block of columns
_GAP = "\u3000" * 2  # two halves of a table stand so far apart
_FILL_IN = ("状态", "完成情况", "佐证")
_ROOM = tuple("\u3000" * em for em in (4, 7, 5))  # blank, and as wide as what is written there by hand
_TASKS = (
    Column("no", "序号", 9, "right", "number", nowrap=True),
    Column("id", "编号", 33),
    Column("unit_name", "所在单元", 22, kind="name", nowrap=True),
    Column("problem", "问题", 58),
    Column("severity", "程度", 11, "center", "severity", nowrap=True),
    Column("measure", "整治措施", 62),
    Column("target", "目标值", 16, "right", "number"),
    Column("treatment", "整治类型", 16, nowrap=True),
    Column("due", "完成时限", 20),
    Column("status", _FILL_IN[0], 17),
    Column("done", _FILL_IN[1], 28),
    Column("evidence", _FILL_IN[2], 24),
)


def department_report(view: View, department: str) -> Report:
    """The task sheet of one lead unit (牵头单位)."""
    lead = Scope(department=department, by_priority=True)
    support = Scope(department=department, role="supporting", by_priority=True)
    drops = (
        "id",
        "problem_id",
        "done",
        "evidence",
        "area",
        "town",
        "supporting",
        "priority",
        "next_year",
        "status",
    )
    helping = remedy_table(view, support).without(*drops)
    listed = view.listed("problem_list", lead)
    sections = [
        Section("任务概要", _summary(view, department, listed)),
        *_indicators(view, department, listed),
        *department_review(view, department),
        _list(
            "整治任务清单",
            tasks_table(view, lead),
            "没有由贵单位牵头的整治任务。",
            order_said(listed),
            blank=True,
        ),
        *target_sections(view, view.district, department),
        *question_sections(view, department),
    ]
    if len(helping):
        sections.append(_list("配合事项", replace(helping, title="配合的整治建议"), "", most=HELPED))
    return Report(
        kind="城市体检整治任务书", subject=department, district=view.name(view.district), year=view.results.year,
        synthetic=view.results.synthetic, run_line=run_line(view), cover=None, portrait=None,
        sections=tuple(sections), full=False,
    )  # fmt: skip


def _list(
    title: str, table: Table, empty: str, note: str = "", most: int = PRINTED, blank: bool = False
) -> Section:
    """A list on landscape sheets; ``blank``: with its empty columns, which are there to be filled in."""
    rest = f"共{len(table)}行，此处列前{most}行，其余见清单工作簿。" if len(table) > most else ""
    return Section(
        title,
        (
            Prose((note,), "note"),
            TableBlock(table.head(most) if blank else shown(table, most), empty, dense=True),
            Prose((rest,), "note"),
        ),
        landscape=True,
    )


def tasks_table(view: View, scope: Scope) -> Table:
    """Every remedy of the scope with its problem, and the cells that are filled in on paper as they are in the workbook."""
    problems = {r["id"]: r for r in view.listed("problem_list", replace(scope, by_priority=False))}
    rows: list[tuple[Cell, ...]] = []
    for i, row in enumerate(view.listed("remedy_list", scope), 1):
        indicator = view.indicators[row["indicator"]]
        problem = problems.get(row["problem_id"])
        target = numbers.quantity(row["target"], indicator["unit"] or "", decimals_of(indicator))
        measure = (row["measure"] or "").removeprefix(f"对{view.name(row['unit'])}问题清单所列对象，")
        rows.append(
            (
                i, row["id"], unit_parts(view, row["unit"]), brief(_problem(view, row), SAID),
                (problem["severity"] or "") if problem else "", brief(measure, DONE),
                "" if target == numbers.MISSING else target, TREATMENTS.get(row["treatment"], row["treatment"] or ""),
                row["due"] or row["term"] or "", *_ROOM,
            )
        )  # fmt: skip
    return Table("整治任务（状态、完成情况、佐证由贵单位填写）", _TASKS, tuple(rows))


def _problem(view: View, row: Row) -> str:
    """The problem with its indicator's name in front, where it does not begin with it."""
    name, said = view.indicators[row["indicator"]]["name"], row["problem"] or ""
    return said if said.startswith(name) else f"{name}：{said}"


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
    """How many, where, by when; the three that come first; then the figures by date, by town and by indicator."""
    remedies = view.listed("remedy_list", Scope(department=department))
    said = _how_many(view, department, problems) + _where(view, problems) + _by_when(remedies)
    blocks: list[Block] = [Prose((said + _carried(view, department),), "lead")]
    due = {r["problem_id"]: r["due"] for r in remedies}
    if problems:
        points = tuple(_point(view, row, due.get(row["id"])) for row in problems[:FIRST])
        heading = f"优先级最高的{len(points)}项" if len(points) > 1 else "要整治的问题"
        blocks.append(Bullets(((heading, points),)))
        blocks.append(TableBlock(by_date(remedies), dense=True))
        blocks += _towns(view, problems)
        blocks.append(Prose((_send_back(),), "note"))
    return tuple(blocks)


def _indicators(view: View, department: str, problems: Sequence[Row]) -> tuple[Section, ...]:
    """Where which of its indicators are listed, and how the district stands on them; none where it leads nothing.

    They go on below the summary: short ones fill its page.
    """
    blocks: list[Block] = []
    table = matrix(view, problems)
    if len(table) > 1:
        blocks.append(TableBlock(table, dense=True))
    if codes := view.indicators_of(department):
        table = evaluation(view, view.district, codes).without("lead", "dimension", "note")
        title = f"牵头指标的区级结果（{len(table)}项）"
        blocks.append(TableBlock(replace(table, title=title), dense=True))
    return (Section("牵头指标与街镇", tuple(blocks)),) if blocks else ()


def _send_back() -> str:
    """How to answer."""
    states = "、".join(STATES)
    return (
        f"如何返回：在清单工作簿的“整治建议清单”表中逐行填写{'、'.join(_FILL_IN)}（状态从下拉中选：{states}），填“{MENDED}”的须写佐证；"
        "编号不要改动，纸上填写的以工作簿为准。下一年度体检按实测值复查。"
    )


def _carried(view: View, department: str) -> str:
    """What is left of last year, and how much of it is late; empty where nothing was reviewed.

    Counted as the chapter 整改复查 and the 督办单 count it: of one indicator the finest level that was listed. This year's
    problems are the rows of a list, at every level, so the two figures say how they were counted.
    """
    rows = [row for row in view.listed("reviews", Scope(department=department)) if row["counted"]]
    left = [r for r in rows if r["outcome"] in (PARTLY, NOT_MENDED)]
    late = sum(bool(r["late"]) for r in left)
    if not left:
        return ""
    said = f"其中{late}项逾期" if late else "没有逾期的"
    return f"上年度问题结转{len(left)}项，{said}（{FINEST}，与整改复查和督办单一致）。"


def by_date(remedies: Sequence[Row]) -> Table:
    """How many tasks of each 整治类型 by which date."""
    dues = sorted({r["due"] for r in remedies if r["due"]}, key=_date)
    kinds = [k for k in TREATMENTS.values() if any(_kind(r) == k for r in remedies)]
    columns = (
        Column("kind", "整治类型", 30, nowrap=True),
        *(Column(f"d{i}", due, 30, "right", "number") for i, due in enumerate(dues)),
        Column("all", "合计", 20, "right", "number"),
    )

    def row(name: str, of: Sequence[Row]) -> tuple[Cell, ...]:
        return (name, *(sum(r["due"] == due for r in of) for due in dues), len(of))

    rows = [row(kind, [r for r in remedies if _kind(r) == kind]) for kind in kinds]
    return Table("整治任务数，按类型和完成时限", columns, (*rows, row("合计", remedies)) if remedies else ())


def _kind(remedy: Row) -> str:
    return TREATMENTS.get(remedy["treatment"], remedy["treatment"] or "")


def _towns(view: View, problems: Sequence[Row]) -> list[Block]:
    """The towns by severity: as bars where there are several."""
    table = where_problems_are(view, problems)
    if len(table) < 2:
        return [TableBlock(table, dense=True)]
    rows = [(str(row[0]), [int(str(n)) for n in row[1:-1]]) for row in table.rows]
    theme = load_theme()
    told = "；".join(f"{name}{sum(counts)}项" for name, counts in rows)
    fewest = min(sum(counts) for name, counts in rows if name != DISTRICT)
    least = [name for name, counts in rows if name != DISTRICT and sum(counts) == fewest]
    chart = stacked_bars(
        rows,
        [(f"{s}色", theme.severity[s]) for s in SEVERITIES],
        [f"{sum(c)}项" for _, c in rows],
        f"各街镇问题数：{told}",
    )
    most = f"问题最多的是{rows[0][0]}（{sum(rows[0][1])}项），最少的是{'、'.join(least)}（{fewest}项）"
    return [FigureBlock((chart,), f"{most}；含所属社区")]


def matrix(view: View, problems: Sequence[Row]) -> Table:
    """Towns × indicators: how many problems, the indicators with most first."""
    codes = [c for c, _ in Counter(r["indicator"] for r in problems).most_common()]
    codes.sort(key=lambda c: -sum(r["indicator"] == c for r in problems))
    shown_codes = codes[:MATRIX]
    counts = Counter(
        (view.units.get(r["unit"], {}).get("town") or r["unit"], r["indicator"]) for r in problems
    )
    towns = sorted({t for t, _ in counts}, key=lambda t: view.unit_order.get(t, len(view.unit_order)))
    columns = (
        Column("unit", "街镇", 28, nowrap=True),
        *(Column(c, need_name(view.indicators[c]), 20, "right", "number") for c in shown_codes),
        Column("all", "全部指标", 16, "right", "number"),
    )
    rows: list[tuple[Cell, ...]] = [
        (_place(view, t), *(counts[t, c] for c in shown_codes), sum(counts[t, c] for c in codes))
        for t in towns
    ]
    cut = (f"列问题最多的{MATRIX}项指标，共{len(codes)}项",) if len(codes) > MATRIX else ()
    return Table("问题数：街镇与指标", columns, tuple(rows), notes=cut)


def _how_many(view: View, department: str, problems: Sequence[Row]) -> str:
    head = f"{view.results.year}年度城市体检中，由{department}牵头的问题"
    if not problems:
        return f"{head}没有列入清单的。"
    counts = [(s, sum(r["severity"] == s for r in problems)) for s in SEVERITIES]
    told = "、".join(f"{name}色{n}项" for name, n in counts if n)
    levels = len({r["level"] for r in problems}) > 1
    how = "，区、街镇、社区的清单各行各计一项" if levels else ""
    return f"{head}共{len(problems)}项（{told}{how}）。"


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
        (_place(view, u), *(counts[u][s] for s in SEVERITIES), counts[u].total()) for u in order
    ]
    return Table("问题在各街镇的分布（含所属社区）", columns, tuple(rows))


def _place(view: View, unit: str) -> str:
    """The town's name; of what the whole district is listed for 区级."""
    return DISTRICT if unit == view.district else view.name(unit)


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
    rows = tuple((*a, _GAP, *b) for a, b in zip(table.rows[:half], right, strict=True))
    return replace(table, columns=(*table.columns, gap, *again), rows=rows)
