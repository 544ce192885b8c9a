"""社区体检报告: the short report of one community."""

from __future__ import annotations

from .. import numbers
from ..blocks import Prose, Report, Section, TableBlock
from ..tables.lists import problem_table, remedy_table, unit_label
from ..tables.ministry import ministry_sections
from ..view import Scope, View
from ..wording.peers_said import peers_said
from .lists import shown
from .parts import evaluation, portrait, run_line
from .survey import survey_sections

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
