"""Chapters one to three of the Ministry's outline: 工作概述, 指标体系, 总体评价."""

from __future__ import annotations

from collections import Counter

import polars as pl

from ...engine.chance.differences import BETTER, WORSE
from ...engine.measure.tickets import ALL
from .. import numbers
from ..blocks import Block, Prose, Section, TableBlock
from ..tables.lists import title_of
from ..tables.ministry import graded_at_all, ministry_table
from ..tables.national_figures import totals_table
from ..tables.national_problems import CITY, ESTATES, HOUSING, codes_of, problem_codes
from ..tables.scales import SCALES
from ..tables.table import Cell, Column, Table
from ..view import View
from ..wording import words
from .highlights import highlights

_SOURCES = {
    "records": "逐个事物的调查表", "figures": "部门填报表", "reported": "部门直接上报值", "survey": "居民问卷",
    "tickets": "12345工单", "layer": "空间图层",
}  # fmt: skip
_NAMED = 4
_STOCK = {HOUSING: ("住宅", "栋"), ESTATES: ("小区", "个")}  # what a scale examines one by one


def work(view: View) -> Section:
    """一 工作概述: whom and what, the lists in total, the data, the public. Nothing that no input tells."""
    parts = (
        Section("体检对象和范围", (Prose(scope(view)),)),
        Section(
            "问题清单和整治建议清单", (Prose((lists_said(view),)), TableBlock(totals_table(view), dense=True))
        ),
        Section("城市体检数据库", (Prose((database(view),)),)),
        Section("公众参与", (Prose((public(view),)),)) if public(view) else None,
    )
    return Section("工作概述", (), tuple(p for p in parts if p is not None))


def scope(view: View) -> tuple[str, ...]:
    """Which units each scale is counted by, and how much of the stock was examined."""
    row = view.units[view.district]
    size = "，".join(
        part
        for part in (
            f"常住人口{numbers.people(row['population'])}" if numbers.known(row["population"]) else "",
            f"面积{numbers.quantity(row['area_km2'], 'km²', 1)}" if numbers.known(row["area_km2"]) else "",
        )
        if part
    )
    towns, communities = len(view.of_level("town")), len(view.of_level("community"))
    by = f"住房、小区（社区）两个尺度按{communities}个社区汇总，" if communities else ""
    first = f"体检对象为{row['name']}{f'（{size}）' if size else ''}。{by}街区尺度按{towns}个街镇，城区（城市）尺度为全区。"
    return first, words.sentence(*(covered(view, scale) for scale in (HOUSING, ESTATES)))


def covered(view: View, scale: str) -> str:
    """``住房尺度查看住宅18006栋，占名录的100.0%，覆盖300个社区``: as far as the inputs say it; else empty."""
    noun, word = _STOCK[scale]
    listed = {r["name"]: r["rows"] for r in view.frame("inputs").filter(kind="records").to_dicts()}
    best: tuple[int, int] | None = None
    for code in codes_of(view, scale):
        inputs = view.indicators[code]["inputs"] or []
        measured = view.measured(view.district, code)
        if (
            view.indicators[code]["method"] == "count"
            and len(inputs) == 1
            and listed.get(inputs[0])
            and measured
        ):
            found = (int(measured["rows"] or 0), int(listed[inputs[0]]))
            best = max(best or found, found, key=lambda f: (f[1], f[0]))
    if best is None or not best[0]:
        return ""
    codes = set(codes_of(view, scale))
    communities = view.of_level("community")
    reached = sum(
        any(r["indicator"] in codes and r["value"] is not None for r in view.scores(u)) for u in communities
    )
    everywhere = f"，覆盖{reached}个社区（共{len(communities)}个）" if communities else ""
    examined, stock = best
    return f"{scale}尺度查看{noun}{examined:,}{word}，占名录{stock:,}{word}的{numbers.percent(examined / stock, 1)}{everywhere}"


def lists_said(view: View) -> str:
    """How many lines the ledger has, on how many things, and how the problems fall to 限时 and 尽力."""
    table = totals_table(view)
    lines = view.frame("ledger").height
    when = [
        sum(v for v in table.values(key) if isinstance(v, int)) for key in ("problems", "at_once", "effort")
    ]
    ledger = f"{title_of(view, 'ledger')}共{lines:,}条；" if lines else ""
    return (
        f"{ledger}四个尺度列入{title_of(view, 'problems')}的指标{when[0]}项，其中限时解决{when[1]}项、尽力解决{when[2]}项，"
        f"逐项提出{title_of(view, 'remedies')}。"
    )


def database(view: View) -> str:
    """What the database holds and that every figure can be traced."""
    inputs = view.frame("inputs")
    rows = inputs.unique("name")["rows"].sum() or 0
    asked = view.frame("questions").height
    doubts = f"，向责任单位提出数据核实{asked}处" if asked else ""
    return (
        f"体检数据汇入体检结果库，包括指标数据及其分解数据、空间数据、台账和清单。本年度共读入{inputs['file'].n_unique()}个文件、"
        f"{rows:,}行记录，每个指标值、每条台账都可追溯到来源文件、工作表和行号{doubts}。"
    )


def public(view: View) -> str:
    """How many residents answered, and how many calls to 12345 there were; empty where neither is known."""
    rows = view.frame("survey").filter(unit=view.district, suppressed=False).drop_nulls("answers")
    calls = view.frame("tickets").filter(unit=view.district, category=ALL, suppressed=False).to_dicts()
    answers = (
        f"居民问卷{rows.height}个题目，单题有效回答最多{max(rows['answers'].to_list())}份"
        if rows.height
        else ""
    )
    tickets = f"结合12345热线工单{calls[0]['count']:,}件查找居民关切" if calls else ""
    return words.sentence(answers, tickets)


def system(view: View) -> Section:
    """二 指标体系: what is judged, by which standards, from which sources."""
    held = list(view.indicators.values())
    base = [r for r in held if r["number"]]
    with_standard = sum(
        numbers.known(r["target"]) or numbers.known(r["low"]) or numbers.known(r["high"]) for r in held
    )
    baseline = [r["name"] for r in held if r["kind"] == "baseline"]
    said = (
        f"指标体系按“1+N+X”设置，共{len(held)}项：《城市体检工作手册（试行）》基础指标{len(base)}项，"
        f"以往年度、市级和本区行动计划的指标{len(held) - len(base)}项。有标准值或目标值的{with_standard}项；"
        f"底线型{len(baseline)}项，任一处存在即为问题。住房、小区（社区）、街区三个尺度以问题数量表达，不评等级；"
        "城区（城市）尺度作单项评级，再按方面汇总。"
    )
    kinds = Counter(r["kind"] for r in view.frame("inputs").unique("name").to_dicts())
    gathered = "、".join(f"{word}{kinds[k]}种" for k, word in _SOURCES.items() if kinds[k])
    methods = (
        f"数据来自{gathered}。" if gathered else "",
        "各级的值按分子、分母逐级合计后计算，不取下级的平均；计数指标由台账得出，同一对象不论有几个子项的问题只计一次。",
    )
    return Section(
        "指标体系", (),
        (
            Section("指标设置", (Prose((said,)), TableBlock(_aspects(view), dense=True))),
            Section("指标数据采集", (Prose(methods),)),
        ),
    )  # fmt: skip


def _aspects(view: View) -> Table:
    """The aspects of each scale with the handbook's indicators by name; what stands under no aspect of theirs in one line."""
    columns = (
        Column("scale", "尺度", 26, nowrap=True), Column("aspect", "方面", 34, nowrap=True),
        Column("base", "基础指标", 15, "right", "number"), Column("own", "其他指标", 15, "right", "number"),
        Column("names", "基础指标名称", 80),
    )  # fmt: skip
    body: list[tuple[Cell, ...]] = []
    for scale in SCALES:
        rows = [view.indicators[c] for c in codes_of(view, scale)]
        aspects = list(dict.fromkeys(r["aspect"] or "" for r in rows if r["number"]))
        for n, aspect in enumerate(aspects):
            own = [r for r in rows if r["aspect"] == aspect]
            base = [r["name"] for r in own if r["number"]]
            body.append((scale if n == 0 else "", aspect, len(base), len(own) - len(base), "、".join(base)))
        beside = sum(r["aspect"] not in aspects for r in rows)
        if beside:
            body.append(("" if aspects else scale, "手册以外的方面", 0, beside, ""))
    return Table("各尺度、各方面的指标", columns, tuple(body))


def overall(view: View) -> Section:
    """三 总体评价: the grades of 城区, the problems below it, what got better, what residents say, what comes first."""
    paragraphs = (
        city_grades(view),
        lower_counts(view),
        trend(view),
        words.satisfaction_against(view, view.district),
    )
    blocks: list[Block] = [Prose(paragraphs), highlights(view, view.district, apart=True)]
    if graded_at_all(view, view.district):
        blocks.append(TableBlock(ministry_table(view, view.district, by_aspect=True), dense=True))
    return Section("总体评价", tuple(blocks), new_page=True)


def city_grades(view: View) -> str:
    """How many indicators of 城区 have each grade, and which aspects stand at the ends."""
    codes = set(codes_of(view, CITY))
    grades = Counter(r["ministry"] for r in view.scores(view.district) if r["indicator"] in codes)
    ladder = [name for name, _ in view.results.scheme.ministry.cuts]
    counted = "、".join(f"{g}{grades[g]}项" for g in ladder if grades[g])
    total = sum(grades[g] for g in ladder)
    if not total:
        return ""
    aspects: dict[str, list[str]] = {}
    of_city = {view.indicators[c]["aspect"] for c in codes}
    for row in view.aspects(view.district):
        if row["dimension"] is None and row["graded"] and row["aspect"] in of_city:
            aspects.setdefault(row["grade"], []).append(row["aspect"])
    told = "；".join(
        f"评为{g}的方面有{'、'.join(aspects[g])}" for g in ("优", "良", "中", "差") if aspects.get(g)
    )
    return f"城区（城市）尺度已评级{total}项指标，其中{counted}。{told}{'。' if told else ''}"


def lower_counts(view: View) -> str:
    """How many things below 城区 have a problem, scale by scale."""
    table = totals_table(view)
    rows = dict(
        zip(
            table.values("scale"),
            zip(table.values("things"), table.values("problems"), strict=True),
            strict=True,
        )
    )
    told = [
        f"{scale}{rows[scale][1]}项指标存在问题{f'，涉及{rows[scale][0]:,}个对象' if rows[scale][0] else ''}"
        for scale in SCALES
        if scale != CITY and problem_codes(view, scale)
    ]
    return words.sentence(*told)


def trend(view: View) -> str:
    """What got better and what got worse since last year by more than chance explains, over all scales."""
    held: dict[str, list[str]] = {BETTER: [], WORSE: []}
    for row in view.scores(view.district):
        if row["than_previous"] in held:
            held[row["than_previous"]].append(view.indicators[row["indicator"]]["name"])
    better, worse = held[BETTER], held[WORSE]
    compared = view.frame("scores").filter(pl.col("unit") == view.district).drop_nulls("previous").height
    if not compared:
        return ""
    return f"与上年可比的{compared}项指标中，" + words.sentence(
        f"改善{len(better)}项，{words.such_as(better, _NAMED)}" if better else "没有可以认定改善的",
        f"退步{len(worse)}项，{words.such_as(worse, _NAMED)}" if worse else "没有可以认定退步的",
    )
