"""抽样计划.xlsx and 样本检查.xlsx: what the survey's organiser works by."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path

from ...engine.settings.project import Project
from ...engine.survey.year import SurveyYear
from ..tables.survey import findings_table, people_table, plan_table, units_table
from ..tables.table import Table
from ..theme import load_theme
from .book import sheet_names
from .sheet import Plan, write_table
from .styles import Styles, whole_book

PLAN, CHECK = "抽样计划", "样本检查"
FREEZE = {"plan": "community", "units": "community", "people": "category", "findings": "code"}


def write_survey(project: Project, found: SurveyYear) -> Path:
    """Write the check of the surveys that have answers, the plan when none has, and return the file's path."""
    tables: dict[str, Table] = {}
    for number, check in enumerate(found.checks):
        end = str(number) if number else ""
        tables |= {f"units{end}": units_table(check), f"people{end}": people_table(check)}
    if found.checks:
        tables["findings"] = findings_table(found.findings)
    tables["plan"] = plan_table(found.plan)
    path = project.out / f"{CHECK if found.checks else PLAN}.xlsx"
    _write(project, path, tables)
    return path


def _write(project: Project, path: Path, tables: dict[str, Table]) -> None:
    names = sheet_names({which: table.title for which, table in tables.items()})
    with whole_book(path) as book:
        book.set_properties({"title": f"{project.project.name} {path.stem}", "author": "tijian",
                             "created": datetime(project.year, 1, 1)})  # fmt: skip
        styles = Styles(book, load_theme(), project.scoring.grades)
        for which, table in tables.items():
            about = " · ".join((f"{project.project.name} · {project.year} 年度", *table.notes))
            plan = Plan(
                name=names[which], about=about, label=project.project.synthetic, footer=project.project.name,
                freeze=FREEZE[which.rstrip("0123456789")],
            )  # fmt: skip
            write_table(book.add_worksheet(names[which]), styles, table, plan)
