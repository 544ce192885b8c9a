"""区级体检报告: the whole district, dimension by dimension and town by town."""

from __future__ import annotations

from dataclasses import replace

from .. import numbers
from ..blocks import Block, Prose, Report, Section, TableBlock
from ..tables.lists import DIRECTION_NOTE
from ..tables.ministry import ministry_sections
from ..tables.projects import wants_projects
from ..tables.table import Column, Table
from ..view import Row, Scope, View
from ..wording import words
from ..wording.two_sizes_said import two_sizes_blocks
from .coherence import coherence_parts
from .community_map import community_maps
from .figures import dimension_maps, judged, map_and_bars
from .funnels import FUNNELS_BESIDE_MAPS, funnel_blocks
from .gains import district_gains
from .lists import list_section
from .overall import overall_section, portrait_section
from .parts import (
    POSITION_NOTE,
    cover_map,
    evaluation,
    heat,
    method,
    quality,
    run_line,
)
from .problems import problems_section
from .review import review_section
from .robust import robust_section
from .service import service_part
from .survey import survey_sections
from .targets import target_sections
from .tickets import ticket_sections
from .types import types_parts
from .walk_bands import walking_parts

RESIDENTS = "居民满意度与诉求"
_LISTED = 40  # rows of a list; the workbook has them all
_SERVICE_MAP = 88.0  # mm: with its caption it finds room behind most tables

HOW_TO_READ = (
    "分维度评价先述结论，再列图表。得分为0—100分，标准与算法见“方法与溯源”。地图与横条的颜色为等级，蓝线为全区得分；"
    f"表中位置图{POSITION_NOTE}；{DIRECTION_NOTE}。"
)


def district_report(view: View) -> Report:
    """The report of the whole district."""
    unit = view.district
    upper = Scope(units=(unit, *view.of_level("town")), by_priority=True)
    sections = (
        overall_section(view, unit),
        Section(
            "工作概述与数据质量",
            _scope_of_work(view),
            (replace(quality(view, unit), flows=True),),
            new_page=True,
        ),
        portrait_section(view, unit),
        Section("分维度评价", (), _dimension_parts(view, unit), new_page=True),
        Section("街镇横向比较", towns_compared(view), _comparison_parts(view), new_page=True),
        *problems_section(view, unit),
        *_residents(view, unit),
        *(replace(section, new_page=True) for section in review_section(view, unit)),
        *target_sections(view, unit),
        *district_gains(view),
        *(list_section(view, which, upper, most=_LISTED) for which in ("strengths", "problems", "remedies")),
        *([list_section(view, "projects", upper, most=_LISTED)] if wants_projects(view) else ()),
        # from here on for the desk: the handbook's grades, then how everything was reckoned
        *ministry_sections(view, unit),
        replace(method(view, weights=True), parts=coherence_parts(view)),
    )
    return Report(
        kind="区级体检报告", subject=view.name(unit), district=view.name(unit), year=view.results.year,
        synthetic=view.results.synthetic, run_line=run_line(view), cover=cover_map(view, unit),
        portrait=None, sections=sections, full=True,
    )  # fmt: skip


def _residents(view: View, unit: str) -> tuple[Section, ...]:
    """居民满意度与诉求: what residents say in the survey and what they call about, one chapter; none where neither is known."""
    asked = tuple(replace(s, flows=True) for s in survey_sections(view, unit))
    called = tuple(replace(s, flows=True) for s in ticket_sections(view, unit))
    parts = (*asked, *called)
    return (Section(RESIDENTS, (), parts),) if parts else ()


def _dimension_parts(view: View, unit: str) -> tuple[Section, ...]:
    """Every dimension, each followed by the map of its services where demand is left without."""
    parts: list[Section] = []
    for name in view.results.dimension_names:
        codes = [c for c, row in view.indicators.items() if row["dimension"] == name]
        if not codes:
            continue
        parts.append(dimension_part(view, unit, name))
        service = service_part(view, unit, codes, _SERVICE_MAP)
        if service is not None:
            parts.append(service)
        parts += (replace(part, flows=True) for part in walking_parts(view, unit, codes))
    return tuple(parts)


def _comparison_parts(view: View) -> tuple[Section, ...]:
    """What kinds of towns there are, how sure their order is, and where communities differ by more than chance."""
    robust = tuple(replace(section, new_page=False, flows=True) for section in robust_section(view))
    maps = community_maps(view, tuple(view.indicators))
    funnels = (*maps, *funnel_blocks(view, FUNNELS_BESIDE_MAPS)) if maps else funnel_blocks(view)
    types = tuple(replace(section, flows=True) for section in types_parts(view))
    return (*types, *robust, *([Section("社区间的差异", funnels, flows=True)] if funnels else ()))


def _scope_of_work(view: View) -> tuple[Block, ...]:
    """What was examined: units, indicators, inputs, answers."""
    towns, communities = len(view.of_level("town")), len(view.of_level("community"))
    measured = sum(r["value"] is not None for r in view.scores(view.district))
    inputs = view.frame("inputs")
    rows = inputs.unique("name")["rows"].sum() or 0  # every file of an input carries the rows of them all
    asked = view.frame("survey").filter(unit=view.district, suppressed=False)["answers"].to_list()
    said = (
        f"本报告依据{view.results.year}年度城市体检的计算结果编制，覆盖{towns}个街镇"
        f"{f'、{communities}个社区' if communities else ''}，使用{len(view.indicators)}项指标"
        f"（区级有数据{measured}项），分为{len(view.results.dimension_names)}个维度。",
        f"共读入{inputs.height}个文件、{rows}行记录。"
        + (f"居民问卷中单题有效回答最多{max(asked)}份。" if asked else ""),
    )
    overview = TableBlock(_dimensions_table(view), dense=True)
    return Prose(said), overview, Prose((HOW_TO_READ,))


def _dimensions_table(view: View) -> Table:
    """How many indicators each dimension has, of what kind, how many with a standard, a value, a score."""
    columns = (
        Column("dimension", "维度", 30, nowrap=True), Column("count", "指标数", 20, "right", "number"),
        Column("baseline", "其中底线型", 22, "right", "number"), Column("standard", "有标准值", 22, "right", "number"),
        Column("valued", "有数据", 22, "right", "number"), Column("scored", "已计分", 22, "right", "number"),
    )  # fmt: skip
    rows = {r["indicator"]: r for r in view.scores(view.district)}
    body = []
    for name in view.results.dimension_names:
        held = [r for r in view.indicators.values() if r["dimension"] == name]
        if held:
            found = [rows[r["code"]] for r in held if r["code"] in rows]
            body.append(
                (
                    name, len(held), sum(r["kind"] == "baseline" for r in held), sum(_has_standard(r) for r in held),
                    sum(r["value"] is not None for r in found), sum(r["score"] is not None for r in found),
                )
            )  # fmt: skip
    return Table("体检指标一览", columns, tuple(body))


def _has_standard(indicator: Row) -> bool:
    return any(numbers.known(indicator[key]) for key in ("target", "floor", "low", "high"))


def dimension_part(view: View, unit: str, dimension: str) -> Section:
    """One dimension: what it says, where it differs, and every indicator."""
    codes = tuple(c for c, r in view.indicators.items() if r["dimension"] == dimension)
    said = (
        words.dimension_levels(view, unit, dimension) + words.movers(view, unit, dimension),
        words.above_below(view, dimension) + words.widest_gap(view, dimension),
    )
    table = replace(evaluation(view, unit, codes).without("dimension", "note"), notes=())
    scores = {u: judged(view, u, dimension) for u in view.of_level("town")}
    return Section(
        dimension,
        (
            Prose(said),
            *map_and_bars(view, scores, judged(view, unit, dimension)[0], dimension),
            TableBlock(table, dense=True),
        ),
        flows=True,
    )


def towns_compared(view: View) -> tuple[Block, ...]:
    """Heat map with rank intervals, area beside people, and small maps of every dimension."""
    blocks: list[Block] = [
        Prose((words.peers_spread(view, "town"),)),
        heat(view, "town"),
        *two_sizes_blocks(view),
    ]
    return (*blocks, *dimension_maps(view, view.of_level("town")))
