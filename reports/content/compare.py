"""对比报告: two to seventeen units side by side on paper, and why they differ."""

from __future__ import annotations

from collections.abc import Iterator

from .. import numbers
from ..blocks import Block, FigureBlock, Prose, Report, Section, TableBlock
from ..charts.gap import gap_panels, waterfall
from ..charts.radar import OVERLAID, overlay
from ..charts.svg import Chart
from ..tables.comparison import (
    FEWEST,
    MISSING_PART,
    Comparison,
    dimensions_table,
    gap_by_dimension,
    indicators_table,
    peers_table,
    practice_table,
    rank_notes,
    totals_table,
)
from ..tables.comparison_gap import drivers_table, gap_said, gap_table
from ..tables.lists import unit_label
from ..tables.table import Cell, Column, Figure, Table
from ..wording import words
from .parts import heat, run_line

PRACTICES = 18  # indicators of which the report says who does them well; the workbook has all
DETAILED = 3  # units whose value, score, rank and change fit on a sheet
ACROSS = 9  # units whose value and score do; of more only the scores
KIND = "对比报告"


def compare_report(c: Comparison) -> Report:
    """The report of a comparison: a masthead, the overall picture, the gap, every indicator, peers and best practice."""
    view = c.view
    sections = (
        Section("总体对比", tuple(_overall(c))),
        Section("差距从哪里来", tuple(_why(c)), landscape=len(c.units) > OVERLAID),
        Section("相近单元与标杆做法", tuple(_who(c))),
        *_indicators(c),
    )
    return Report(
        kind=KIND, subject=subject_of(c), district=view.name(view.district), year=view.results.year,
        synthetic=view.results.synthetic, run_line=run_line(view), cover=None, portrait=None, sections=sections,
        full=False,
    )  # fmt: skip


def subject_of(c: Comparison) -> str:
    """``示例中心街道与示例东街道``; more than three units as their number: ``17个街镇``."""
    if len(c.units) == FEWEST:
        return "与".join(c.names)
    noun = words.level_name(c.level) if c.level else "单元"
    return "、".join(c.names) if len(c.units) == 3 else f"{len(c.units)}个{noun}"


def _overall(c: Comparison) -> Iterator[Block]:
    who = "、".join(c.names)
    said = f"本报告对比{who}（{c.view.results.year}年度）。" if len(c.units) > FEWEST else ""
    yield Prose((said, gap_said(c)))
    if c.level in ("town", "community"):
        yield heat(c.view, c.level, only=c.units)
    else:
        yield TableBlock(totals_table(c))
        yield TableBlock(dimensions_table(c), dense=True)
    yield from _radar(c)
    yield Prose(tuple(rank_notes(c)), "note")


def _radar(c: Comparison) -> Iterator[Block]:
    """The outlines over one another, where there are few enough to tell apart."""
    if len(c.dimensions) < 3 or len(c.units) > OVERLAID:
        return
    series = [(n, [c.score(u, d) for d in c.dimensions]) for u, n in zip(c.units, c.names, strict=True)]
    yield FigureBlock((overlay(c.dimensions, series),), _radar_finding(c))


def _radar_finding(c: Comparison) -> str:
    """In which dimension the units lie furthest apart, and where nearest."""
    spread = {}
    for d in c.dimensions:
        held = [s for u in c.units if (s := c.score(u, d)) is not None]
        if len(held) > 1:
            spread[d] = max(held) - min(held)
    if not spread:
        return "各维度得分：没有两个单元都有得分的维度"
    wide, near = max(spread, key=lambda d: spread[d]), min(spread, key=lambda d: spread[d])
    return (
        f"{wide}相差最大（{numbers.score(spread[wide])}分），{near}最接近（{numbers.score(spread[near])}分）；"
        "圈为得分，越靠外越好"
    )


def _why(c: Comparison) -> Iterator[Block]:
    """The gap drawn, in a table, and the indicators behind it."""
    table = gap_table(c)
    if table is None:
        yield Prose((c.untold,))
        return
    if len(c.units) == FEWEST:
        a, b = c.units
        parts = [(d or MISSING_PART, p) for d, p in gap_by_dimension(c, a).items() if d or abs(p) > 1e-9]
        ends = [(n, c.score(u) or 0.0) for u, n in ((b, c.names[1]), (a, c.names[0]))]
        up = sum(p > 0 for _, p in parts)
        caption = (
            f"从{c.names[1]}到{c.names[0]}：{up}个维度高于对方，{sum(p < 0 for _, p in parts)}个低于对方；"
            "实心为高出，空心为落后，右为好"
        )
        yield FigureBlock((waterfall(ends[0], parts, ends[1]),), caption)
    elif len(c.units) <= OVERLAID:
        yield FigureBlock((_panels(c),), _panels_finding(c))
    yield TableBlock(table, dense=True)
    drivers = drivers_table(c)
    if drivers is not None:
        yield TableBlock(drivers, dense=True)


def _panels(c: Comparison) -> Chart:
    """Each unit's gap from the mean, dimension by dimension."""
    by = {u: gap_by_dimension(c, u) for u in c.gaps}
    labels = [d for d in c.view.results.dimension_names if any(d in one for one in by.values())]
    units = [(unit_label(c.view, u), [one.get(d, 0.0) for d in labels]) for u, one in by.items()]
    told = "；".join(
        f"{name}{'、'.join(f'{d}{numbers.signed(p, 1)}' for d, p in zip(labels, points, strict=True))}"
        for name, points in units
    )
    return gap_panels(labels, units, f"各单元与所选单元均值的差距，按维度：{told}")


def _panels_finding(c: Comparison) -> str:
    """The largest single part, up and down."""
    parts = [(p, d, u) for u in c.gaps for d, p in gap_by_dimension(c, u).items() if d]
    high, low = max(parts, key=lambda x: (x[0], x[2])), min(parts, key=lambda x: (x[0], x[2]))
    told = "，".join(
        f"{unit_label(c.view, u)}的{d}{word}最多（{numbers.signed(p, 1)}分）"
        for (p, d, u), word in ((high, "拉高"), (low, "拉低"))
    )
    return f"{told}；横条为对综合得分的贡献，与所选单元均值相比，右为好"


def _who(c: Comparison) -> Iterator[Block]:
    yield TableBlock(peers_table(c), "同级单元太少，没有可比的相近单元。", dense=True)
    whole = practice_table(c)
    yield TableBlock(
        whole.head(PRACTICES), "所选单元在各项指标上相差不大，也没有短板，不列标杆。", dense=True
    )
    if len(whole) > PRACTICES:
        yield Prose(
            (f"只列短板最多、相差最大的{PRACTICES}项，共{len(whole)}项，全部见对比工作簿（--xlsx）。",),
            "note",
        )


def _indicators(c: Comparison) -> Iterator[Section]:
    """Every indicator side by side, on sheets turned sideways; of many units the scores, so that all stand in one table."""
    if len(c.units) > ACROSS:
        rest = "现状值、名次和变化见对比工作簿（--xlsx）。"
        blocks: tuple[Block, ...] = (TableBlock(scores_table(c), dense=True), Prose((rest,), "note"))
    else:
        blocks = (TableBlock(indicators_table(c, detail=len(c.units) <= DETAILED), dense=True),)
    yield Section("各项指标", blocks, landscape=True)


def scores_table(c: Comparison) -> Table:
    """Indicators × units: the scores alone, with the spread between the best and the worst."""
    held = {(r["unit"], r["indicator"]): r["score"] for u in c.units for r in c.view.scores(u)}
    columns = (
        Column("indicator", "指标", 52),
        *(Column(u, name, 11.5, "right", "number") for u, name in zip(c.units, c.names, strict=True)),
        Column("spread", "相差", 11.5, "right", "number"),
    )
    rows: list[tuple[Cell, ...]] = []
    for code, indicator in c.view.indicators.items():
        scores = [held.get((u, code)) for u in c.units]
        known = [s for s in scores if s is not None]
        if known:
            rows.append((indicator["name"], *(Figure(s) for s in scores), Figure(max(known) - min(known))))
    return Table("各项指标得分（0—100分）", columns, tuple(rows), notes=("相差为所选单元中最高与最低之差",))
