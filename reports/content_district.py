"""区级体检报告: the whole district, dimension by dimension and town by town."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from . import maps, numbers, words
from .blocks import Block, FigureBlock, Prose, Report, Section, TableBlock
from .charts_bars import unit_bars
from .content_lists import list_section
from .content_parts import (
    POSITION_NOTE,
    cover_map,
    evaluation,
    heat,
    method,
    portrait,
    quality,
    run_line,
    shapes_of,
)
from .content_survey import survey_section
from .funnels import funnel_blocks
from .lists_tables import DIRECTION_NOTE
from .svg import Chart
from .table import Column, Table
from .view import Scope, View

HOW_TO_READ = (
    "各维度先述结论，再列图表。得分为0—100分，标准与算法见“方法与溯源”。地图与横条的颜色为等级，蓝线为全区得分；"
    f"表中位置图{POSITION_NOTE}；{DIRECTION_NOTE}。"
)


def district_report(view: View) -> Report:
    """The report of the whole district."""
    unit = view.district
    everything = Scope(units=view.subtree(unit))
    sections = (
        Section("工作概述", _scope_of_work(view)),
        Section("总体结论", overall(view, unit)),
        Section(
            "分维度评价",
            (Prose((HOW_TO_READ,)),),
            tuple(
                dimension_part(view, unit, name)
                for name in view.results.dimension_names
                if _present(view, name)
            ),
            new_page=True,
        ),
        Section("街镇横向比较", towns_compared(view), new_page=True),
        survey_section(view, unit),
        list_section(view, "strengths", Scope(units=(unit, *view.of_level("town")))),
        list_section(view, "problems", everything),
        list_section(view, "remedies", everything),
        quality(view),
        method(view),
    )
    return Report(
        kind="区级体检报告", subject=view.name(unit), district=view.name(unit), year=view.results.year,
        synthetic=view.results.synthetic, run_line=run_line(view), cover=cover_map(view, unit),
        portrait=portrait(view, unit), sections=sections, full=True,
    )  # fmt: skip


def _present(view: View, dimension: str) -> bool:
    return any(row["dimension"] == dimension for row in view.indicators.values())


def _scope_of_work(view: View) -> tuple[Block, ...]:
    """What was examined: units, indicators, inputs, answers."""
    towns, communities = len(view.of_level("town")), len(view.of_level("community"))
    measured = sum(r["value"] is not None for r in view.scores(view.district))
    inputs = view.frame("inputs")
    rows = inputs["rows"].sum() or 0
    answers = view.frame("survey").filter(unit=view.district)["answers"].max()
    said = (
        f"本报告依据{view.results.year}年度城市体检的计算结果编制，覆盖{towns}个街镇"
        f"{f'、{communities}个社区' if communities else ''}，使用{len(view.indicators)}项指标"
        f"（区级有数据{measured}项），分为{len(view.results.dimension_names)}个维度。",
        f"共读入{inputs.height}份数据、{rows}行记录。"
        + (f"居民问卷中单题有效回答最多{answers}份。" if answers is not None else ""),
    )
    columns = (
        Column("dimension", "维度", 30, nowrap=True),
        Column("count", "指标数", 16, "right", "number"),
        Column("baseline", "其中底线型", 20, "right", "number"),
        Column("names", "指标", 104),
    )
    body = []
    for name in view.results.dimension_names:
        held = [r for r in view.indicators.values() if r["dimension"] == name]
        if held:
            baseline = sum(r["kind"] == "baseline" for r in held)
            body.append((name, len(held), baseline, "、".join(r["name"] for r in held)))
    return Prose(said), TableBlock(Table("体检指标一览", columns, tuple(body)))


def overall(view: View, unit: str) -> tuple[Block, ...]:
    """总体结论: the sentences of the portrait again in full, and the map of the totals."""
    towns = view.of_level("town")
    paragraphs = (
        words.standing(view, unit) + words.dimension_order(view, unit),
        words.peers_spread(view, "town"),
        words.peers_spread(view, "community"),
        words.problems_said(view, unit),
        words.satisfaction_against(view, unit),
        words.missing(view, unit),
    )
    pair = _map_and_bars(view, towns, None)
    return (Prose(paragraphs), *pair)


def dimension_part(view: View, unit: str, dimension: str) -> Section:
    """One dimension: what it says, where it differs, and every indicator."""
    codes = tuple(c for c, r in view.indicators.items() if r["dimension"] == dimension)
    paragraphs = (
        words.dimension_levels(view, unit, dimension) + words.movers(view, unit, dimension),
        words.above_below(view, dimension) + words.widest_gap(view, dimension),
    )
    table = evaluation(view, unit, codes).without("dimension")
    return Section(
        dimension,
        (
            Prose(paragraphs),
            *_map_and_bars(view, view.of_level("town"), dimension),
            TableBlock(replace(table, notes=()), dense=True),
        ),
        new_page=True,
    )


def _map_and_bars(view: View, units: Sequence[str], dimension: str | None) -> tuple[Block, ...]:
    """Map and bars of the units' totals or of one dimension, side by side, best first."""
    rows = [(u, *_score_of(view, u, dimension)) for u in units]
    rows.sort(key=lambda r: (-r[1] if r[1] is not None else 1.0, r[0]))
    scored = [r for r in rows if r[1] is not None]
    if len(scored) < 2:
        return ()
    what = dimension or "综合得分"
    reference, _ = _score_of(view, view.district, dimension)
    noun = words.level_name(view.units[rows[0][0]]["level"])
    told = "、".join(f"{view.name(u)}{numbers.score(s)}" for u, s, _ in rows)
    bars = unit_bars(
        [(view.name(u), s, g) for u, s, g in rows], reference, view.results.grade_cuts,
        f"各{noun}{what}：{told}", width=84,
    )  # fmt: skip
    charts: list[Chart] = [bars]
    drawn = maps.choropleth(
        shapes_of(view, units), {u: g for u, _, g in rows}, view.results.grade_cuts, f"各{noun}{what}等级图",
        (82, bars.height), {u: view.name(u) for u in units},
    )  # fmt: skip
    if drawn is not None:
        charts.insert(0, drawn)
    finding = f"{what}：{view.name(scored[0][0])}最高，{view.name(scored[-1][0])}最低"
    if reference is not None:
        finding += f"，{sum(r[1] > reference for r in scored)}个{noun}高于全区"
    return (FigureBlock(tuple(charts), finding),)


def _score_of(view: View, unit: str, dimension: str | None) -> tuple[float | None, str | None]:
    if dimension is None:
        total = view.total(unit)
        return (total["score"], total["grade"]) if total else (None, None)
    for row in view.dimensions(unit):
        if row["dimension"] == dimension:
            return row["score"], row["grade"]
    return None, None


def towns_compared(view: View) -> tuple[Block, ...]:
    """Heat map with rank intervals, small maps of every dimension, and funnels over the communities."""
    blocks: list[Block] = [Prose((words.peers_spread(view, "town"),)), heat(view, "town")]
    small = [_small_map(view, name) for name in view.results.dimension_names]
    drawn = [chart for chart in small if chart is not None]
    for start in range(0, len(drawn), 4):
        names = view.results.dimension_names[start : start + 4]
        told = f"各街镇等级图，自左至右：{'、'.join(names)}"
        blocks.append(FigureBlock(tuple(drawn[start : start + 4]), told))
    return (*blocks, *funnel_blocks(view))


def _small_map(view: View, dimension: str) -> Chart | None:
    towns = view.of_level("town")
    grades = {u: _score_of(view, u, dimension)[1] for u in towns}
    return maps.small_map(shapes_of(view, towns), grades, view.results.grade_cuts, dimension)
