"""Chapters five to eight of the Ministry's outline: 专项和更新片区, 居民问卷, 上一年度问题整治, 整治对策与行动建议."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace

import polars as pl

from ...engine.results import TOO_FEW, TREATMENTS
from .. import numbers
from ..blocks import Block, FigureBlock, Prose, Section, TableBlock
from ..tables.lists import decimals_of
from ..tables.national import AT_ONCE
from ..tables.national_problems import QUARTERS, codes_of, problem_codes, result_of
from ..tables.scales import SCALES
from ..tables.table import Cell, Column, Figure, Table
from ..view import Row, Scope, View
from ..wording import words
from .review import review_section
from .survey import survey_figure, too_few
from .tickets import ticket_sections

CITY_BLOCK = "城市"
_DRAWN = 12  # questions in a figure: a page holds two of them with their words
_FIRST = 6  # questions told of each end
_STREET_ASPECT = "特色活力"  # of 街区: the aspect whose counts are quarters to be renewed
_QUARTERS = 24
_LEADS = 10
_LEADS_NAMED = 2


def special(view: View) -> Section:
    """五 专项体检和重点更新片区体检情况: a part for each topic, then the quarters that need renewal."""
    topics = [topic_part(view, topic) for topic in view.results.topics]
    named = "、".join(view.results.topics)
    head = [Section("专项体检", (Prose((f"本年度开展的专项体检有{named}。",)),))] if topics else []
    parts = [*head, *topics, *quarters_part(view)]
    none = () if parts else (Prose(("本年度没有设置专项体检，台账中也没有需要更新改造的片区。",)),)
    return Section("专项体检和重点更新片区体检情况", none, tuple(parts))


def topic_part(view: View, topic: str) -> Section:
    """专项: how many problems its indicators have, and each of them; the report of the topic has the rest."""
    codes = tuple(c for c in view.results.topics[topic] if c in view.indicators)
    columns = (
        Column("indicator", "指标项", 62), Column("result", "体检结果", 20, "right", nowrap=True),
        Column("standard", "标准值", 20, "right", nowrap=True), Column("problem", "问题清单", 66),
    )  # fmt: skip
    rows, listed = [], 0
    for code in codes:
        problems = view.listed("problem_list", Scope(indicators=(code,)))
        listed += len(problems)
        levels = Counter(r["level"] for r in problems)
        told = [
            *(["本区"] if levels["district"] else []),
            *(
                f"{levels[key]}个{noun}"
                for key, noun in (("town", "街镇"), ("community", "社区"))
                if levels[key]
            ),
        ]
        indicator = view.indicators[code]
        standard = indicator["target"] if numbers.known(indicator["target"]) else indicator["floor"]
        rows.append(
            (
                indicator["name"],
                result_of(view, code),
                Figure(standard, decimals_of(indicator)),
                "、".join(told),
            )
        )
    said = (
        f"{topic}专项使用{len(codes)}项指标，列入问题清单{listed}条。"
        if listed
        else f"{topic}专项使用{len(codes)}项指标，没有列入问题清单的问题。"
    )
    table = Table(f"{topic}专项体检结果", columns, tuple(rows))
    return Section(
        f"{topic}专项", (Prose((f"{said}详见附件5。",)), TableBlock(table, dense=True)), continues=True
    )


def quarters(view: View) -> Table:
    """重点更新片区: the old streets, works and housing quarters that the ledger says need renewal, with what is wrong."""
    codes = [c for c in codes_of(view, QUARTERS) if view.indicators[c]["aspect"] == _STREET_ASPECT]
    lines = view.frame("ledger").filter(pl.col("indicator").is_in(codes)).sort("line")
    held = lines.group_by("indicator", "town", "thing", maintain_order=True).agg(
        pl.col("thing_name").first(), pl.col("says").unique(maintain_order=True), pl.len().alias("kinds")
    )
    order = {c: n for n, c in enumerate(codes)}
    rows = sorted(held.to_dicts(), key=lambda r: (-r["kinds"], order[r["indicator"]], r["thing"]))
    columns = (
        Column("no", "序号", 10, "right", "number"), Column("name", "片区", 38), Column("kind", "类型", 30),
        Column("town", "街镇", 22, nowrap=True), Column("says", "主要问题", 68),
    )  # fmt: skip
    body = tuple(
        (
            n,
            r["thing_name"] or r["thing"],
            _quarter_kind(view, r["indicator"]),
            view.name(r["town"] or ""),
            "；".join(r["says"]),
        )
        for n, r in enumerate(rows, 1)
    )
    return Table("需要更新改造的片区", columns, body)


def _quarter_kind(view: View, code: str) -> str:
    return str(view.indicators[code]["name"]).removeprefix("需要更新改造的").removesuffix("数量")


def quarters_part(view: View) -> list[Section]:
    """The part 重点更新片区体检; none where the ledger names no quarter."""
    table = quarters(view)
    if not len(table):
        return []
    kinds = Counter(table.values("kind"))
    said = f"台账中需要更新改造的片区共{len(table)}个，其中{'、'.join(f'{kind}{n}个' for kind, n in sorted(kinds.items(), key=lambda k: (-k[1], str(k[0]))))}。"
    more = f"此处列问题最多的{_QUARTERS}个，其余见附件6。" if len(table) > _QUARTERS else ""
    shown = TableBlock(table.head(_QUARTERS), dense=True)
    return [Section("重点更新片区体检", (Prose((said + more,)), shown), flows=True)]


def survey(view: View) -> Section:
    """六 居民调查问卷分析: who answered, what they say below 城区 and of 城区, block by block."""
    frame = view.frame("survey").filter(unit=view.district).drop_nulls("score")
    rows = frame.sort("score", "question").to_dicts()
    used, few = [r for r in rows if not r["note"]], [r for r in rows if r["note"]]
    if not used:
        said = f"居民问卷各题有效答卷不足（{TOO_FEW}），不作分析。" if few else "本年度没有居民问卷数据。"
        return Section("居民调查问卷分析", (Prose((said,)),))
    city = [r for r in used if r["block"] == CITY_BLOCK]
    below = [r for r in used if r not in city]
    parts = [
        Section("概况", (Prose((_who(used) + too_few(few),)), TableBlock(_blocks_table(used), dense=True)))
    ]
    for title, held in (("街区以下维度分析", below), ("城区维度分析", city)):
        if held:
            parts.append(Section(title, _questions(title, held), flows=True))
    for calls in ticket_sections(view, view.district):
        parts.append(replace(calls, title="居民诉求（12345热线）"))
    return Section("居民调查问卷分析", (), tuple(parts))


def _who(rows: list[Row]) -> str:
    counts = [r["answers"] for r in rows if not r["suppressed"]]
    weighted = "，结果按人口结构加权" if any(r["weighted"] for r in rows) else ""
    if not counts:
        return ""
    return f"居民问卷共{len(rows)}个题目，单题有效回答{min(counts)}至{max(counts)}份{weighted}。答案换算为0—100分，60分以下视为不满意。"


def _blocks_table(rows: list[Row]) -> Table:
    blocks = list(dict.fromkeys(r["block"] or "其他" for r in sorted(rows, key=lambda r: r["question"])))
    columns = (
        Column("block", "板块", 24), Column("count", "题目数", 18, "right", "number"), Column("mean", "平均得分", 20, "right", "number", 1),
        Column("low", "最不满意", 52), Column("high", "最满意", 52),
    )  # fmt: skip
    body = []
    for block in blocks:
        held = sorted(
            (r for r in rows if (r["block"] or "其他") == block), key=lambda r: (r["score"], r["question"])
        )
        body.append(
            (block, len(held), sum(r["score"] for r in held) / len(held), _scored(held[0]), _scored(held[-1]))
        )
    return Table("居民问卷各板块得分（0—100分）", columns, tuple(body))


def _scored(row: Row) -> str:
    return f"{row['label'] or row['question']}（{numbers.score(row['score'])}分）"


def _questions(title: str, rows: list[Row]) -> tuple[Block, ...]:
    """What residents are least and most content with, and all the questions from the lowest as intervals."""
    low, high = rows[:_FIRST], rows[::-1][:_FIRST]
    said = (
        f"居民最不满意的依次是{'、'.join(_scored(r) for r in low)}；最满意的是{'、'.join(_scored(r) for r in high[:3])}。"
        if len(rows) > 1
        else f"{_scored(rows[0])}。"
    )
    part = f"（得分最低的{_DRAWN}个题目）" if len(rows) > _DRAWN else ""
    caption = f"{title}：{rows[0]['label']}最低，{rows[-1]['label']}最高{part}。圆点为得分，灰条为95%区间，红线为60分"
    return Prose((said,)), FigureBlock((survey_figure(rows[:_DRAWN], {}),), caption)


def last_year(view: View) -> Section:
    """七 上一年度问题整治情况: the chapter 整改复查 under the outline's title."""
    title = "上一年度问题整治情况"
    found = review_section(view, view.district)
    if not found:
        return Section(title, (Prose(("没有可供复查的上一年度问题清单。",)),))
    return Section(title, found[0].blocks, found[0].parts)


def action(view: View) -> Section:
    """八 整治对策与行动建议: what must be solved at once, who leads what, and what is for next year."""
    at_once, effort = (_listed(view, when) for when in (True, False))
    measures = [
        words.sentence(f"限时解决{len(at_once)}项，涉及安全、健康和群众反映强烈的问题，要立行立改，{words.such_as([_named(view, c) for c in at_once], _FIRST)}")
        if at_once
        else "",
        words.sentence(f"尽力解决{len(effort)}项，需要一定时间或持续投入，列入中长期计划，{words.such_as([_named(view, c) for c in effort], _FIRST)}")
        if effort
        else "",
    ]  # fmt: skip
    parts = [Section("整治对策", (Prose(tuple(measures)), TableBlock(_leads(view), dense=True)))]
    advice = _next_year(view)
    if advice:
        parts.append(Section("行动建议", advice, flows=True))
    return Section("整治对策与行动建议", (), tuple(parts))


def _listed(view: View, at_once: bool) -> list[str]:
    """The indicators of all four lists of problems that are to be solved at once, or not, in the order of the scales."""
    codes = [c for scale in SCALES for c in problem_codes(view, scale)]
    return [c for c in codes if (TREATMENTS.get(view.indicators[c]["treatment"]) == AT_ONCE) == at_once]


def _named(view: View, code: str) -> str:
    return f"{view.indicators[code]['name']}（{result_of(view, code)}）"


def _leads(view: View) -> Table:
    """How many problems each department leads, at once and otherwise."""
    counts: dict[str, Counter[bool]] = {}
    for scale in SCALES:
        for code in problem_codes(view, scale):
            for lead in view.indicators[code]["lead"] or ():
                at_once = TREATMENTS.get(view.indicators[code]["treatment"]) == AT_ONCE
                counts.setdefault(lead, Counter())[at_once] += 1
    order = sorted(counts, key=lambda d: (-counts[d][True], -counts[d].total(), d))[:_LEADS]
    columns = (
        Column("lead", "牵头单位", 80), Column("at_once", "限时解决（项）", 28, "right", "number"),
        Column("effort", "尽力解决（项）", 28, "right", "number"), Column("all", "合计（项）", 28, "right", "number"),
    )  # fmt: skip
    body = tuple((d, counts[d][True], counts[d][False], counts[d].total()) for d in order)
    more = (f"另有{len(counts) - _LEADS}个单位，见整治建议清单",) if len(counts) > _LEADS else ()
    return Table("牵头单位承担的问题（一项由几个单位牵头的各计一次）", columns, body, notes=more)


def _first_leads(row: Row) -> tuple[str, ...]:
    leads = tuple(row["lead"] or ())
    return leads if len(leads) <= _LEADS_NAMED else (*leads[:_LEADS_NAMED], f"等{len(leads)}个单位")


def _next_year(view: View) -> tuple[Block, ...]:
    """What the district's own 整治建议清单 wants in next year's plan, the most urgent first."""
    remedies = [
        r for r in view.listed("remedy_list", Scope(units=(view.district,), by_priority=True)) if r["next_year"]
    ]  # fmt: skip
    if not remedies:
        return ()
    columns = (
        Column("no", "序号", 10, "right", "number"), Column("indicator", "整改任务", 48), Column("goal", "现状值 → 目标值", 36, "right"),
        Column("amount", "工作量", 40), Column("lead", "牵头单位", 34, kind="list"),
    )  # fmt: skip
    body: list[tuple[Cell, ...]] = []
    for n, row in enumerate(remedies, 1):
        indicator = view.indicators[row["indicator"]]
        unit, decimals = indicator["unit"] or "", decimals_of(indicator)
        goal = (
            f"{Figure(row['value'], decimals)} → {Figure(row['target'], decimals, unit=unit)}"
            if numbers.known(row["target"])
            else f"{Figure(row['value'], decimals, unit=unit)}（没有标准）"
        )
        body.append((n, indicator["name"], goal, row["amount"] or "", _first_leads(row)))
    chosen = view.frame("projects").filter(pl.col("chosen")).height
    budget = f"项目库中优选{chosen}个项目，见附件7。" if chosen else ""
    said = f"建议纳入{view.results.year + 1}年度整改计划的任务{len(remedies)}项，目标值为现行标准。{budget}"
    return Prose((said,)), TableBlock(Table("下一年度整改任务与目标", columns, tuple(body)), dense=True)
