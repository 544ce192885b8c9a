"""专项体检报告 (a topic: a named set of indicators) and the 部门 hand-out."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace

from ..engine.results import SEVERITIES
from . import numbers, words
from .blocks import Block, Prose, Report, Section, TableBlock
from .content_lists import list_section, shown
from .content_parts import cover_map, evaluation, method, quality, run_line
from .figures import map_and_bars
from .lists_tables import band_of, decimals_of, indicator_table, problem_table, remedy_table
from .room import figure_room
from .table import Cell, Column, Figure, Table
from .view import Row, Scope, View

PRINTED = 60  # rows of a list on paper; the workbook has them all


def topic_report(view: View, topic: str) -> Report:
    """专项体检报告: the topic's indicators over the district and its towns. Raises KeyError for an unknown topic."""
    codes = tuple(c for c in view.results.topics[topic] if c in view.indicators)
    scope = Scope(indicators=codes, by_priority=True)
    sections = (
        Section("总体结论", _topic_overall(view, topic, codes)),
        Section(
            "分指标评价",
            (),
            tuple(_indicator_part(view, code, code == codes[0]) for code in codes),
        ),
        list_section(view, "problems", scope),
        list_section(view, "remedies", scope),
        list_section(view, "ledger", scope),
        quality(view, view.district),
        method(view),
    )
    return Report(
        kind="专项体检报告", subject=topic, district=view.name(view.district),
        year=view.results.year, synthetic=view.results.synthetic, run_line=run_line(view),
        cover=cover_map(view, view.district), portrait=None, sections=sections, full=True,
    )  # fmt: skip


def _topic_overall(view: View, topic: str, codes: tuple[str, ...]) -> tuple[Block, ...]:
    rows = [r for r in view.scores(view.district) if r["indicator"] in codes]
    scored = [r for r in rows if r["score"] is not None]
    judged = [
        reached
        for r in rows
        if (reached := words.reaches(r["value"], view.indicators[r["indicator"]])) is not None
    ]
    lowest = min(scored, key=lambda r: (r["score"], r["indicator"])) if scored else None
    said = [f"{topic}专项由{len(codes)}项指标组成，区级有数据{sum(r['value'] is not None for r in rows)}项。"]
    if judged:
        said.append(f"{len(judged)}项有标准的指标中{sum(judged)}项达标。")
    if lowest is not None:
        said.append(
            f"得分最低的是{words.indicator_name(view, lowest['indicator'])}（{numbers.score(lowest['score'])}分，"
            f"{lowest['grade']}）。"
        )
    units = view.subtree(view.district)
    return (
        Prose(("".join(said), words.problem_counts(view, units, codes))),
        TableBlock(evaluation(view, view.district, codes), dense=True),
        TableBlock(town_matrix(view, codes), dense=True),
    )


def town_matrix(view: View, codes: tuple[str, ...]) -> Table:
    """Towns × the topic's indicators: scores, with how many problems each town has in the list."""
    towns = view.of_level("town")
    columns = (
        Column("unit", "街镇", 26, nowrap=True),
        *(Column(c, view.indicators[c]["name"], 24, "right", "number", 1) for c in codes),
        Column("problems", "问题数", 14, "right", "number"),
    )
    listed = view.frame("problem_list")
    rows = []
    for town in towns:
        held = {r["indicator"]: r["score"] for r in view.scores(town)}
        inside = listed.filter(
            listed["unit"].is_in(list(view.subtree(town))) & listed["indicator"].is_in(list(codes))
        )
        cells: tuple[Cell, ...] = (view.name(town), *(Figure(held.get(c), 1) for c in codes), inside.height)
        rows.append(cells)
    table = Table("各街镇得分与问题数", columns, tuple(rows), notes=("问题数含街镇本级和所属社区",))
    return table.without_blank(codes)


def _indicator_part(view: View, code: str, first: bool) -> Section:
    """One indicator: definition, the district's value, the towns from worst to best."""
    indicator = view.indicators[code]
    decimals = decimals_of(indicator)
    own = next((r for r in view.scores(view.district) if r["indicator"] == code), None)
    said = [indicator["definition"] or ""]
    if own is not None and own["value"] is not None:
        standard = numbers.with_unit(
            band_of(indicator) or numbers.number(indicator["target"], decimals), indicator["unit"] or ""
        )
        said.append(
            f"全区现状{numbers.quantity(own['value'], indicator['unit'], decimals)}，"
            f"{'没有标准' if standard == numbers.MISSING else f'标准{standard}'}，等级为{own['grade']}。"
        )
    rows = [r for u in view.of_level("town") for r in view.scores(u) if r["indicator"] == code]
    rows.sort(key=lambda r: (r["score"] if r["score"] is not None else 200.0, r["unit"]))
    table = indicator_table(view, Scope(units=tuple(view.of_level("town")), indicators=(code,)))
    order = {view.name(r["unit"]): i for i, r in enumerate(rows)}
    at = table.keys.index("unit_name")
    table = replace(
        table,
        rows=tuple(sorted(table.rows, key=lambda row: order[str(row[at])])),
        notes=(),
        source="",
        title=f"{indicator['name']}：各街镇（得分由低到高）",
        units=f"单位：{indicator['unit']}" if indicator["unit"] else "",
    )
    drops = (
        "no", "dimension", "indicator", "unit", "direction", "previous", "lead", "source", "district", "peers",
    )  # fmt: skip
    table = table.without(*drops).without_blank(("satisfaction", "note"))
    scores = {r["unit"]: (r["score"], r["grade"]) for r in rows}
    room = figure_room(("".join(said),), table, first)
    figure = map_and_bars(view, scores, own["score"] if own else None, indicator["name"], room)
    blocks: tuple[Block, ...] = (
        Prose(("".join(said),)),
        *figure,
        TableBlock(table, "没有街镇数据。", dense=True),
    )
    return Section(indicator["name"], blocks)


def department_report(view: View, department: str) -> Report:
    """部门 hand-out: what is yours, where, how far, and by when."""
    lead, support = (
        Scope(department=department, by_priority=True),
        Scope(department=department, role="supporting"),
    )
    problems = problem_table(view, lead).without("id", "lead")
    remedies = remedy_table(view, lead).without(
        "id", "problem_id", "lead", "done", "evidence", "area", "town"
    )
    helping = remedy_table(view, support).without(
        "id",
        "problem_id",
        "supporting",
        "done",
        "evidence",
        "area",
        "priority",
        "next_year",
        "status",
        "town",
    )
    codes = view.indicators_of(department)
    sections = [
        Section("牵头指标", _department_intro(view, department, codes)),
        Section(
            "需要整治的问题",
            (
                TableBlock(shown(problems, PRINTED), "没有由贵单位牵头的问题。", dense=True),
                Prose((_rest(problems),), "note"),
            ),
            landscape=True,
        ),
        Section(
            "整治建议与完成时限",
            (
                TableBlock(shown(remedies, PRINTED), "没有待办的整治建议。", dense=True),
                Prose((_rest(remedies),), "note"),
            ),
            landscape=True,
        ),
    ]
    if len(helping):
        sections.append(
            Section(
                "配合事项",
                (TableBlock(shown(helping, PRINTED), dense=True), Prose((_rest(helping),), "note")),
                landscape=True,
            )
        )
    return Report(
        kind="城市体检整治任务书", subject=department, district=view.name(view.district), year=view.results.year,
        synthetic=view.results.synthetic, run_line=run_line(view), cover=None, portrait=None,
        sections=tuple(sections), full=False,
    )  # fmt: skip


def _rest(table: Table) -> str:
    return f"共{len(table)}行，此处列前{PRINTED}行，全部见同名工作簿。" if len(table) > PRINTED else ""


def _department_intro(view: View, department: str, codes: tuple[str, ...]) -> tuple[Block, ...]:
    """How many problems and remedies are the department's, how urgent, and its indicators in the district."""
    problems = view.listed("problem_list", Scope(department=department))
    remedies = view.listed("remedy_list", Scope(department=department))
    urgent = sum(r["treatment"] in ("限时解决", "within_deadline") for r in remedies)
    counts = {s: sum(r["severity"] == s for r in problems) for s in SEVERITIES}
    told = "、".join(f"{name}色{n}项" for name, n in counts.items() if n)
    terms = [(t, sum(r["term"] == t for r in remedies)) for t in ("近期", "中期", "远期")]
    said = f"{view.results.year}年度城市体检中，由{department}牵头的问题{len(problems)}项{f'（{told}）' if told else ''}，"
    said += f"整治建议{len(remedies)}条，其中限时解决{urgent}条。"
    if any(n for _, n in terms):
        said += f"按完成时限：{'、'.join(f'{t}{n}条' for t, n in terms if n)}。"
    blocks: list[Block] = [Prose((said,), "lead")]
    if codes:
        table = evaluation(view, view.district, codes)
        table = replace(table.without("lead"), title=f"牵头指标的区级结果（{len(table)}项）")
        blocks.append(TableBlock(table, dense=True))
    blocks.append(TableBlock(where_problems_are(view, problems), dense=True))
    return tuple(blocks)


def where_problems_are(view: View, problems: list[Row]) -> Table:
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
