"""街镇体检报告 and 社区体检报告."""

from __future__ import annotations

from dataclasses import replace

from .. import numbers
from ..blocks import Block, FigureBlock, Prose, Report, Section, TableBlock
from ..charts.svg import Chart
from ..maps import graded
from ..tables.derivation import derivation_section
from ..tables.lists import problem_table, remedy_table, unit_label
from ..tables.ministry import ministry_sections
from ..tables.projects import wants_projects
from ..tables.table import Table
from ..view import Scope, View
from ..wording import words
from ..wording.peers_said import peers_said
from ..wording.two_sizes_said import two_sizes_said
from .figures import judged, shapes_of
from .gains import town_gains
from .lists import list_section, shown
from .parts import (
    cover_map,
    evaluation,
    heat,
    method,
    portrait,
    quality,
    run_line,
)
from .problems import problems_section
from .robust import town_said
from .service import service_part
from .survey import survey_sections
from .tickets import ticket_sections
from .types import type_said
from .walk_bands import walking_parts


def town_report(view: View, unit: str) -> Report:
    """The report of one town (街镇): a portrait, its dimensions, its communities, its lists."""
    mine = Scope(units=view.subtree(unit), by_priority=True)
    has_communities = any(view.total(u) for u in view.of_level("community", unit))
    sections = [
        Section("总体评价", _overall(view, unit)),
        Section("分维度评价", (), _dimension_parts(view, unit)),
    ]
    if has_communities:
        sections.append(Section("社区比较", _communities(view, unit)))
    sections += [
        *problems_section(view, unit),
        *survey_sections(view, unit),
        *ticket_sections(view, unit),
        *town_gains(view, unit),
        list_section(view, "strengths", mine, most=40),
        list_section(view, "problems", mine),
        list_section(view, "remedies", mine),
        *([list_section(view, "projects", mine)] if wants_projects(view) else ()),
        *ministry_sections(view, unit),
        *([derivation_section(view, unit)] if view.dimensions(unit) else ()),
        quality(view, unit),
        method(view),
    ]
    return Report(
        kind="街镇体检报告", subject=view.name(unit), district=view.name(view.district), year=view.results.year,
        synthetic=view.results.synthetic, run_line=run_line(view), cover=cover_map(view, unit),
        portrait=portrait(view, unit), sections=tuple(sections), full=True,
    )  # fmt: skip


def _dimension_parts(view: View, unit: str) -> tuple[Section, ...]:
    """Every dimension, each followed by the map of its services where demand is left without."""
    parts: list[Section] = []
    for row in view.dimensions(unit):
        codes = [c for c, r in view.indicators.items() if r["dimension"] == row["dimension"]]
        service = service_part(view, unit, codes)
        parts += [_dimension(view, unit, row["dimension"]), *([service] if service is not None else [])]
        parts += walking_parts(view, unit, codes)
    return tuple(parts)


def _overall(view: View, unit: str) -> tuple[Block, ...]:
    paragraphs = (
        words.standing(view, unit) + words.dimension_gaps(view, unit) + peers_said(view, unit),
        type_said(view, unit),
        two_sizes_said(view, unit),
        town_said(view, unit),
        words.problems_said(view, unit),
        words.satisfaction_against(view, unit),
        words.missing(view, unit),
    )
    drawn = _place_map(view, unit)
    figure = (FigureBlock((drawn,), _map_caption(view, unit)),) if drawn is not None else ()
    return (Prose(paragraphs), *figure)


def _place_map(view: View, unit: str) -> Chart | None:
    """The district's towns by total grade, this one outlined."""
    towns = view.of_level("town")
    grades = {u: judged(view, u)[1] for u in towns}
    return graded.choropleth(
        shapes_of(view, towns), grades, view.results.grade_cuts, "各街镇综合等级图，本街镇描边", (82, 96), labels={u: view.name(u) for u in towns}, emphasis=unit,
    )  # fmt: skip


def _map_caption(view: View, unit: str) -> str:
    total = view.total(unit)
    return f"各街镇综合等级，本街镇描边{words.place_said(total) if total else ''}"


def _dimension(view: View, unit: str, dimension: str) -> Section:
    codes = tuple(c for c, r in view.indicators.items() if r["dimension"] == dimension)
    said = words.dimension_levels(view, unit, dimension) + words.movers(view, unit, dimension)
    table = evaluation(view, unit, codes).without(
        "dimension", "interval"
    )  # the workbook has it: no room here
    return Section(
        dimension, (Prose((said,)), TableBlock(replace(_noted_by_name(table), notes=()), dense=True))
    )


def _noted_by_name(table: Table) -> Table:
    """备注 behind the indicator's name: few rows have one, and a column for them would break every name into pieces."""
    if not {"indicator", "note"} <= set(table.keys):
        return table
    at = table.keys.index("indicator")
    noted = [
        f"{name}（{note}）" if note else name
        for name, note in zip(table.values("indicator"), table.values("note"), strict=True)
    ]
    rows = tuple((*row[:at], name, *row[at + 1 :]) for row, name in zip(table.rows, noted, strict=True))
    return replace(table, rows=rows).without("note")


def _communities(view: View, unit: str) -> tuple[Block, ...]:
    inside = view.of_level("community", unit)
    grades = {u: judged(view, u)[1] for u in inside}
    drawn = graded.choropleth(
        shapes_of(view, inside), grades, view.results.grade_cuts, "各社区综合等级图", (120, 90),
        labels={u: view.name(u) for u in inside},
    )  # fmt: skip
    scored = [u for u in inside if judged(view, u)[0] is not None]
    counts = "、".join(
        f"{name}{n}个" for name, _ in view.results.grade_cuts if (n := sum(grades[u] == name for u in scored))
    )
    intro = (
        f"{view.name(unit)}{len(scored)}个社区计得综合得分，其中{counts}。"
        "社区规模小、差异多出于偶然，位次只按全区社区的三等分给出。"
        if scored
        else "各社区有数据的指标权重不足，不计综合得分。"
    )
    figure = (FigureBlock((drawn,), f"各社区综合等级{f'：{counts}' if counts else ''}"),) if drawn else ()
    return (Prose((intro,)), heat(view, "community", unit), *figure)


COMMUNITY_ROWS = 8


def community_report(view: View, unit: str) -> Report:
    """The short report of one community (社区): portrait, every indicator, its problems and what to do."""
    own = Scope(units=(unit,))
    table = evaluation(view, unit).without("dimension", "district", "note")
    problems = shown(
        problem_table(view, own).without(
            "id",
            "unit_name",
            "subject",
            "gap",
            "people",
            "because",
            "supporting",
            "ledger",
            "degree",
            "difficulty",
        ),
        COMMUNITY_ROWS,
    )
    remedies = shown(
        remedy_table(view, own).without(
            "id", "problem_id", "problem", "unit_name", "done", "evidence", "area", "status", "town", "next_year",
            "supporting", "measure_kind", "priority", "target",
        ),
        COMMUNITY_ROWS,
    )  # fmt: skip
    listed = len(view.listed("problem_list", own))
    rest = f"共{listed}项，此处列前{COMMUNITY_ROWS}项，全部见街镇工作簿。" if listed > COMMUNITY_ROWS else ""
    town = view.name(view.units[unit]["town"] or "")
    made_from = (
        f"本报告由{numbers.number(len(table))}项社区级指标计算，算法见{town}街镇体检报告。{run_line(view)}。"
    )
    asked = tuple(block for section in survey_sections(view, unit) for block in section.blocks[:1])
    sections = (
        Section(
            "指标",
            (
                TableBlock(table, "没有本社区的指标数据。", dense=True),
                Prose((peers_said(view, unit),), "note"),
                *asked,
            ),
        ),
        Section("问题", (TableBlock(problems, "没有列入清单的问题。", dense=True),)),
        Section(
            "整治建议",
            (TableBlock(remedies, "没有需要整治的问题。", dense=True), Prose((rest,), "note")),
        ),
        *ministry_sections(view, unit),
        Section("说明", (Prose((made_from,), "note"),)),
    )
    return Report(
        kind="社区体检报告", subject=unit_label(view, unit), district=view.name(view.district),
        year=view.results.year, synthetic=view.results.synthetic, run_line=run_line(view), cover=None,
        portrait=portrait(view, unit, excerpts=()), sections=sections, full=False,
    )  # fmt: skip
