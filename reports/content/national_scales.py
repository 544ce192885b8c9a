"""Chapter four of the Ministry's outline: each scale by its indicators, then together.

住房, 小区（社区） and 街区 are told as counts of things with a problem, without grades; 城区（城市） by 单项评级 and by aspect.
"""

from __future__ import annotations

from dataclasses import replace

from ...engine.chance.differences import BETTER, WORSE
from ...engine.measure.building_groups import UNDATED
from .. import numbers
from ..blocks import Block, Prose, Section, TableBlock
from ..tables.change import with_reasons
from ..tables.lists import compared_figure, decimals_of
from ..tables.national import scale_survey
from ..tables.national_figures import (
    groups_of,
    groups_table,
    kinds_table,
    scale_figures,
    shares_of,
    worst_towns,
)
from ..tables.national_problems import CITY, codes_of, count_said, problem_codes, sub_rules
from ..tables.scales import SCALES
from ..tables.spine import comparable
from ..tables.table import Table
from ..view import Row, View
from ..wording import words
from .community_map import community_maps
from .service import service_part

BY_INDICATOR, TOGETHER = "1. 指标分项分析", "2. 综合分析评价"
_NAMED = 2  # indicators of an aspect told with their figures
_SERVICE_MAP = 88.0  # mm of height of the map of who is not served
_RULES = 3  # sub-rules of a scale told as most frequent
_KINDS = 3  # rows from which the table by kind of community is worth its room
_SEVERAL = 1.2  # times a share of one group is said to be another's from


def scale_parts(view: View) -> tuple[Section, ...]:
    """四 分维度分析评价: two parts for each scale that has a value."""
    parts: list[Section] = []
    for scale in SCALES:
        if any(
            row["indicator"] in set(codes_of(view, scale)) and row["value"] is not None
            for row in view.scores(view.district)
        ):
            parts += _city(view) if scale == CITY else _lower(view, scale)
    return tuple(parts)


def _lower(view: View, scale: str) -> list[Section]:
    said = [aspect_said(view, scale, aspect) for aspect in aspects_of(view, scale)]
    maps = community_maps(view, codes_of(view, scale), most=1)
    service = service_part(view, view.district, codes_of(view, scale), _SERVICE_MAP)
    together: list[Block] = [Prose((rules_said(view, scale), asked_said(view, scale)))]
    groups = groups_table(view, scale)
    if len(groups) > 1:
        together += [Prose((groups_said(view, scale),)), TableBlock(groups, dense=True)]
    kinds = kinds_table(view, shares_of(view, scale))
    if len(kinds) >= _KINDS:
        together.append(TableBlock(kinds, dense=True))
    return [
        Section(f"{scale}维度", (Prose((whole_said(view, scale),)),), new_page=True),
        Section(BY_INDICATOR, (Prose(tuple(said)), TableBlock(blanked(scale_figures(view, scale), "aspect"), dense=True)), continues=True, flows=True),
        Section(TOGETHER, (together[0], *maps, *together[1:]), continues=True, flows=True),
        *([service] if service is not None else []),
    ]  # fmt: skip


def _city(view: View) -> list[Section]:
    said = [city_aspect_said(view, aspect) for aspect in aspects_of(view, CITY)]
    table = blanked(with_reasons(view, _telling(scale_survey(view, CITY).without("source"))), "aspect")
    service = service_part(view, view.district, codes_of(view, CITY), _SERVICE_MAP)
    return [
        Section(f"{CITY}维度", (Prose((whole_said(view, CITY),)),), new_page=True),
        Section(
            BY_INDICATOR, (Prose(tuple(said)), TableBlock(table, dense=True)), continues=True, flows=True
        ),
        Section(TOGETHER, (Prose((moved_said(view), asked_said(view, CITY))),), continues=True, flows=True),
        *([service] if service is not None else []),
    ]


def _telling(table: Table) -> Table:
    """The handbook's indicators of 城区 and the graded ones; all others stand in 指标汇总表."""
    number, grade = table.keys.index("number"), table.keys.index("ministry")
    rows = tuple(row for row in table.rows if row[number] or words.graded(str(row[grade] or "")))
    if len(rows) == len(table):
        return table
    return replace(
        table, rows=rows, notes=(*table.notes, f"另有{len(table) - len(rows)}项未评级的指标见附件1")
    )


def blanked(table: Table, key: str) -> Table:
    """``table`` with the cells of a column empty where they say the same as the row before."""
    at = table.keys.index(key)
    rows = tuple(
        (*row[:at], "" if n and row[at] == table.rows[n - 1][at] else row[at], *row[at + 1 :])
        for n, row in enumerate(table.rows)
    )
    return replace(table, rows=rows)


def aspects_of(view: View, scale: str) -> list[str]:
    """The aspects of a scale in the handbook's order."""
    return list(dict.fromkeys(view.indicators[c]["aspect"] or "" for c in codes_of(view, scale)))


def _valued(view: View, scale: str, aspect: str | None = None) -> list[Row]:
    codes = {
        c: n for n, c in enumerate(codes_of(view, scale)) if aspect in (None, view.indicators[c]["aspect"])
    }
    rows = [r for r in view.scores(view.district) if r["indicator"] in codes and r["value"] is not None]
    return sorted(rows, key=lambda r: codes[r["indicator"]])


def whole_said(view: View, scale: str) -> str:
    """How many indicators of a scale have a value and how many are on the list of problems."""
    codes, problems = codes_of(view, scale), problem_codes(view, scale)
    valued = len(_valued(view, scale))
    listed = f"，{len(problems)}项列入问题清单" if problems else "，没有列入问题清单的指标"
    return f"{scale}维度共{len(codes)}项指标，有数据{valued}项{listed}。"


def aspect_said(view: View, scale: str, aspect: str) -> str:
    """``安全耐久：存在楼道安全隐患的住宅数量3006栋（占16.7%）最为突出，以甲镇、乙镇为多；…``: the counts by share, then the rates."""
    rows = _valued(view, scale, aspect)
    counts = [r for r in rows if not comparable(view.indicators[r["indicator"]]) and r["value"] > 0]
    counts.sort(
        key=lambda r: (view.indicators[r["indicator"]]["compared_unit"] != "%", -(r["compared"] or 0.0))
    )
    parts = []
    for place, row in enumerate(counts[:_NAMED]):
        told = _figure(view, row)
        if place == 0:
            most = "、".join(worst_towns(view, row["indicator"]))
            told += ("最为突出" if len(counts) > 1 else "") + (f"，较多的是{most}" if most else "")
        parts.append(told)
    none = [
        view.indicators[r["indicator"]]["name"]
        for r in rows
        if not comparable(view.indicators[r["indicator"]]) and r["value"] == 0
    ]
    under = [_against(view, r) for r in rows if words.reaches(r["value"], view.indicators[r["indicator"]]) is False
             and comparable(view.indicators[r["indicator"]])]  # fmt: skip
    said = words.sentence(
        "；其次，".join(parts),
        f"{words.names(none)}没有发现问题" if none else "",
        f"未达标准的有{words.names(under)}" if under else "",
    )
    return f"{aspect}：{said}" if said else ""


def _figure(view: View, row: Row) -> str:
    """``存在楼道安全隐患的住宅数量3006栋（占已查明的16.7%）``."""
    indicator = view.indicators[row["indicator"]]
    value = numbers.quantity(row["value"], indicator["unit"] or "", decimals_of(indicator))
    share = compared_figure(row["compared"], indicator)
    told = (
        f"（占已查明的{share}）" if indicator["compared_unit"] == "%" and numbers.known(share.value) else ""
    )
    return f"{indicator['name']}{value}{told}"


def _against(view: View, row: Row) -> str:
    indicator = view.indicators[row["indicator"]]
    value = numbers.quantity(row["value"], indicator["unit"] or "", decimals_of(indicator))
    return f"{indicator['name']}（{value}）"


def rules_said(view: View, scale: str) -> str:
    """Which sub-rules most things fail, over all indicators of a scale, worst degrees first told apart."""
    rules = [r for held in sub_rules(view, problem_codes(view, scale)).values() for r in held]
    if not rules:
        return ""
    most = sorted(rules, key=lambda r: (-r["count"], r["rule"]))[:_RULES]
    grave = sorted((r for r in rules if r["degree"] == "非常严重"), key=lambda r: (-r["count"], r["rule"]))
    return words.sentence(
        f"按子项看，最普遍的是{'、'.join(count_said(r) for r in most)}",
        f"程度为“非常严重”的是{'、'.join(count_said(r) for r in grave[:_RULES])}" if grave else "",
    )


def asked_said(view: View, scale: str) -> str:
    """What residents say of the questions that stand beside a scale's indicators: the lowest and the highest."""
    questions = {view.indicators[c]["survey"] for c in codes_of(view, scale)} - {None, ""}
    rows = view.frame("survey").filter(unit=view.district).drop_nulls("score").to_dicts()
    told = sorted(
        (r["score"], r["label"] or r["question"])
        for r in rows
        if r["question"] in questions and not r["note"]
    )
    if len(told) < 2:
        return ""
    low, high = told[0], told[-1]
    return (
        f"与本维度指标对应的{len(told)}个问卷题目中，居民对{low[1]}最不满意（{numbers.score(low[0])}分），"
        f"对{high[1]}最满意（{numbers.score(high[0])}分）。"
    )


def groups_said(view: View, scale: str) -> str:
    """In which group a problem is most frequent against the group where it is least: the widest two differences."""
    found = []
    for code in codes_of(view, scale):
        shares = [
            (row["failing"] / row["things"], row["group"])
            for row in groups_of(view, code)
            if row["things"] and row["group"] != UNDATED
        ]
        if len(shares) > 1:
            high, low = max(shares), min(shares)
            if low[0] > 0 and high[0] >= _SEVERAL * low[0]:
                found.append((high[0] - low[0], view.indicators[code]["name"], high, low))
    told = [
        f"{name}在{high[1]}的占{numbers.percent(high[0], 1)}，在{low[1]}的占{numbers.percent(low[0], 1)}"
        for _, name, high, low in sorted(found, key=lambda f: -f[0])[:_RULES]
    ]
    return f"不同年代、类型的住区差别最大的是：{words.sentence(*told)}" if told else ""


def city_aspect_said(view: View, aspect: str) -> str:
    """``安全韧性评为中：很好2项、较好7项、不足3项（严重易涝积水点数量…）``."""
    rows = _valued(view, CITY, aspect)
    grade = next(
        (r["grade"] for r in view.aspects(view.district) if r["dimension"] is None and r["aspect"] == aspect),
        "",
    )
    ladder = [name for name, _ in view.results.scheme.ministry.cuts]
    by_grade = {g: [_against(view, r) for r in rows if r["ministry"] == g] for g in ladder}
    counted = "、".join(f"{g}{len(held)}项" for g, held in by_grade.items() if held)
    if not counted:
        return ""
    worst = next(
        (f"，{g}的是{words.names(by_grade[g], 4)}" for g in (ladder[-1], ladder[-2]) if by_grade[g]), ""
    )
    lowered = [view.indicators[r["indicator"]]["name"] for r in rows if r["lowered"]]
    by_people = (
        f"；居民满意度低于{view.results.scheme.ministry.dissatisfied:g}分降一级的有{words.names(lowered)}"
        if lowered
        else ""
    )
    head = f"{aspect}评为{grade}" if words.graded(grade) else aspect
    return f"{head}：{counted}{worst}{by_people}。"


def moved_said(view: View) -> str:
    """Which indicators of 城区 improved or worsened against last year by more than chance."""
    held: dict[str, list[str]] = {BETTER: [], WORSE: []}
    for row in _valued(view, CITY):
        if row["than_previous"] in held:
            held[row["than_previous"]].append(view.indicators[row["indicator"]]["name"])
    return words.sentence(
        f"与上年相比改善的有{words.names(held[BETTER], 6)}" if held[BETTER] else "",
        f"退步的有{words.names(held[WORSE], 6)}" if held[WORSE] else "",
    )
