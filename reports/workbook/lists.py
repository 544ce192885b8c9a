"""The workbook 一表三清单: what a district, a town, a community or a lead department works on in Excel.

A cover (what it is, how to fill it in), 指标评估表, 指标汇总表 by the four scales, 行动计划目标达成情况 where there are
dated targets, 优势清单, 问题清单, 整治建议清单 and 问题台账, each from the same :class:`~tijian.reports.tables.table.Table`
the PDF prints. The sheets lead to each other (``links.py``). Ids are protected (no password), the cells a department
fills in are open, what is late is coloured when the workbook is opened. Same results, same bytes.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import date
from pathlib import Path

import polars as pl

from ...engine.results import MENDED, STATES, Results
from ...engine.review.track import due_date
from ..tables import lists as lists_tables
from ..tables.lists import LIST_TITLES, title_of
from ..tables.projects import PROJECTS, project_table, wants_projects
from ..tables.questions import ANSWERS, questions_table
from ..tables.scales import scales_table
from ..tables.table import Cell, Column, Table
from ..tables.targets import targets_table
from ..theme import load_theme
from ..view import View
from .book import facts_of, set_properties, sheet_names
from .cover import COVER_NAME, Cover, Entry, write_cover
from .links import Links, links_between, with_problem_ids
from .national import write_national
from .parts import Part, part_of
from .sheet import TITLE_ROW, FillIn, Plan, link_to, write_table
from .styles import Styles, whole_book

NAME = "一表三清单"
FREEZE = {
    "table": "indicator", "strengths": "strength", "problems": "problem", "remedies": "problem",
    "ledger": "unit_name", "scales": "indicator", "targets": "indicator", PROJECTS: "name",
    "questions": "item",
}  # fmt: skip
# stand only in the workbook: on paper nobody fills in a date, and 完成时限 says the other in words
DUE_DATE = Column("due_date", "截止日期", 22, "center")
DONE_DATE = Column("done_date", "完成日期", 22, "center")
ALARMS = {
    "due_date": f'AND(ISNUMBER({{due_date}}),{{due_date}}<TODAY(),{{status}}<>"{MENDED}")',
    "done_date": "AND(ISNUMBER({done_date}),ISNUMBER({due_date}),{done_date}>{due_date})",
    "evidence": f'AND({{status}}="{MENDED}",TRIM({{evidence}})="")',
}
Progress = Callable[[int, int, str], None]


def write_lists(results: Results, out: Path, *, unit: str | None, department: str | None) -> Path:
    """Write one workbook under ``out`` and return its path.

    ``unit`` is a unit's code (None: the district), ``department`` the name of a lead department (None: all).
    With both, the department's rows within the unit. Raises ValueError for a unit the results do not hold or
    a department that leads nothing in them.
    """
    view = View(results)
    return _write(view, out, part_of(view, unit, department, NAME))


def write_all_lists(results: Results, out: Path, progress: Progress | None = None) -> list[Path]:
    """The workbooks of the district (of both editions), every town, lead department and community, in this order.

    ``progress`` is called after each with (done, all, whom it is about).
    """
    view = View(results)
    parts = [part_of(view, None, None, NAME)]
    parts += [part_of(view, town, None, NAME) for town in view.of_level("town")]
    parts += [part_of(view, None, department, NAME) for department in view.departments]
    parts += [part_of(view, unit, None, NAME) for unit in view.of_level("community") if view.scores(unit)]
    written = []
    for done, part in enumerate(parts, 1):
        written.append(_write(view, out, part))
        if done == 1:
            written.append(write_national(view, out))
        if progress is not None:
            progress(len(written), len(parts) + 1, part.about)
    return written


# ── the workbook ──────────────────────────────────────────────────────────────────────────────────────────


def _write(view: View, out: Path, part: Part) -> Path:
    """Write one workbook under ``out``; where it is."""
    path, results = out / part.path, view.results
    tables = _tables(view, part)
    names = sheet_names({which: title_of(view, which) for which in tables})
    with whole_book(path) as book:
        set_properties(book, results, NAME, part.about)
        styles = Styles(book, load_theme(), results.grade_cuts)
        links = links_between(view, part, tables, names)
        plans = {which: _plan(results, part, which, names[which], links[which]) for which in tables}
        cover = book.add_worksheet(COVER_NAME)
        for which, table in tables.items():
            write_table(book.add_worksheet(names[which]), styles, table, plans[which])
        write_cover(cover, styles, _cover(results, part, tables, plans), plans["remedies"])
    return path


def _tables(view: View, part: Part) -> dict[str, Table]:
    """The table and the lists, by the keys of LIST_TITLES, in the order of the sheets."""
    measured = replace(part.scope, units=part.measured)
    tables = {
        "table": lists_tables.indicator_table(view, measured, unit_column=len(part.measured) > 1),
        "scales": scales_table(view, part.measured[0]),
        "targets": targets_table(view, part.measured, part.scope.department),
        "strengths": lists_tables.strength_table(view, part.scope),
        "problems": lists_tables.problem_table(view, part.scope),
        "remedies": _with_dates(view, part),
        "ledger": with_problem_ids(view, part, lists_tables.ledger_table(view, part.scope)),
    }
    if wants_projects(view):
        tables[PROJECTS] = project_table(view, part.scope)
    if part.scope.department is not None:
        del tables["scales"]  # the whole unit's, not the department's
        tables["questions"] = questions_table(view, part.scope)
    for which in ("targets", "questions"):
        if which in tables and not len(tables[which]):
            del tables[which]
    return {which: tables[which] for which in LIST_TITLES if which in tables}


def _with_dates(view: View, part: Part) -> Table:
    """整治建议清单 with 截止日期 behind 完成时限, as a date, and 完成日期 to fill in."""
    table = lists_tables.remedy_table(view, part.scope)
    at = table.keys.index("term") + 1
    words = [remedy["due"] for remedy in view.listed("remedy_list", part.scope)]
    days = pl.Series("due", words, dtype=pl.String).to_frame().select(due_date(pl.col("due"))).to_series()
    rows: list[tuple[Cell, ...]] = []
    for row, day in zip(table.rows, days, strict=True):
        rows.append((*row[:at], day.isoformat() if day else "", *row[at:], None))
    columns = (*table.columns[:at], DUE_DATE, *table.columns[at:], DONE_DATE)
    return replace(table, columns=columns, rows=tuple(rows))


def _plan(results: Results, part: Part, which: str, name: str, links: Links) -> Plan:
    fill_in = {}
    if which == "remedies":
        since = date(results.year, 1, 1)
        fill_in = {
            "status": FillIn("从下拉列表中选择整改状态", choices=STATES),
            "done": FillIn("做了什么，完成多少，如“已更换立管 3 栋，余 1 栋待开工”"),
            "evidence": FillIn("验收单、照片、文件的名称或文号"),
            "done_date": FillIn(f"实际完成的日期，如 {results.year}-09-30", since=since),
        }
    if which == "questions":
        fill_in = {
            "answer": FillIn("从下拉列表中选择：属实，或更正为", choices=ANSWERS),
            "corrected": FillIn("答复“更正为”的填更正值，按填报值的计量单位，只填数字", number=True),
        }
    if which == PROJECTS:
        fill_in = {
            "cost": FillIn("估算投资，单位万元，只填数字", number=True),
            "funds": FillIn("市级、区级、街镇、社会资金等"),
            "status": FillIn("从下拉列表中选择状态", choices=STATES),
        }
    return Plan(
        name=name,
        about=f"{part.about} · {results.year} 年度",
        label=results.synthetic,
        footer=f"运行编号 {results.run_id}",
        freeze=FREEZE[which],
        links=links,
        home=link_to(COVER_NAME, TITLE_ROW),
        fill_in=fill_in,
        dates=("due_date",) if which == "remedies" else (),
        alarms=ALARMS if which == "remedies" else {},
    )


def _cover(results: Results, part: Part, tables: Mapping[str, Table], plans: Mapping[str, Plan]) -> Cover:
    table, problems, remedies, ledger = (plans[w].name for w in ("table", "problems", "remedies", "ledger"))
    guide = (
        f"在“{remedies}”中填写底色单元格：状态、完成情况、佐证、完成日期；其余单元格已锁定（无密码），请勿改动编号。",
        f"状态从下拉列表中选择：{'、'.join(STATES)}；选“无法整改”的，请在完成情况中写明原因。",
        "完成日期填写实际完成的日期；未完成的留空。没有的数值显示为“—”，不等于零。",
        f"蓝色带下划线的单元格可点击：在“{problems}”中点编号到整治建议，点台账到“{ledger}”的对应行，点维度/指标到“{table}”；"
        f"在“{remedies}”和“{ledger}”中点问题编号回到问题；点各表标题回到本页。",
        "截止日期、完成日期、佐证三列底色变红，分别表示已过截止日期而未整改、完成日期晚于截止日期、已整改而没有佐证。",
        "填好后保存为 xlsx 格式，按原文件名返回；下一年度体检按编号核对整改情况。",
        *_asked(plans),
    )
    entries = tuple(Entry(plans[which].name, len(table), (*table.notes,)) for which, table in tables.items())
    return Cover(
        title=results.title,
        subtitle=NAME,
        label=results.synthetic,
        facts=facts_of(results, part.about),
        entries=entries,
        guide=guide,
    )


def _asked(plans: Mapping[str, Plan]) -> tuple[str, ...]:
    """What to do with the questions, where there are any."""
    if "questions" not in plans:
        return ()
    return (
        f"“{plans['questions'].name}”列出填报数据中的疑问：逐行在“部门答复”中选择{'或'.join(ANSWERS)}，选“更正为”的在“更正值”中填数。",
    )
