"""The workbook 一表三清单: what a district, a town, a community or a lead department works on in Excel.

A cover (what it is, how to fill it in), 指标评估表, 指标汇总表 by the four scales, 行动计划目标达成情况 where there are
dated targets, 优势清单, 问题清单, 整治建议清单 and 问题台账, each from the same :class:`~tijian.reports.tables.table.Table` the PDF prints. A problem links to its first ledger line, a remedy to its
problem. Ids are protected (no password), the cells a department fills in are open. Same results, same bytes.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from hashlib import sha256
from pathlib import Path

from xlsxwriter.workbook import Workbook

from ...engine.results import LEVEL_NAMES, STATES, Results
from ..names import safe_name
from ..tables import lists as lists_tables
from ..tables.lists import LIST_TITLES, title_of
from ..tables.projects import PROJECTS, project_table, wants_projects
from ..tables.questions import ANSWERS, questions_table
from ..tables.scales import scales_table
from ..tables.table import Column, Table
from ..tables.targets import targets_table
from ..theme import load_theme
from ..view import Scope, View
from ..writing import whole
from .cover import COVER_NAME, Cover, Entry, write_cover
from .sheet import FIRST_ROW, FONT, FillIn, Plan, Styles, kept, link_to, write_table

NAME = "一表三清单"
DEPARTMENTS = "部门"
SHEET_NAME_UNITS = 31  # Excel's limit, in UTF-16 units
FREEZE = {
    "table": "indicator", "strengths": "strength", "problems": "problem", "remedies": "problem",
    "ledger": "unit_name", "scales": "indicator", "targets": "indicator", PROJECTS: "name",
    "questions": "item",
}  # fmt: skip
# stands only in the workbook: on paper nobody fills in a date
DONE_DATE = Column("done_date", "完成日期", 22, "center")
Progress = Callable[[int, int, str], None]


@dataclass(frozen=True)
class Part:
    """Whom one workbook is about: ``about`` in words, where it is written, and the rows that belong to it.

    ``measured`` the units of 指标评估表 (code order); ``scope`` selects the rows of the lists.
    """

    about: str
    path: Path
    measured: tuple[str, ...]
    scope: Scope


def write_lists(results: Results, out: Path, *, unit: str | None, department: str | None) -> Path:
    """Write one workbook under ``out`` and return its path.

    ``unit`` is a unit's code (None: the district), ``department`` the name of a lead department (None: all).
    With both, the department's rows within the unit. Raises ValueError for a unit the results do not hold or
    a department that leads nothing in them.
    """
    view = View(results)
    return _write(view, out, part_of(view, unit, department))


def write_all_lists(results: Results, out: Path, progress: Progress | None = None) -> list[Path]:
    """The workbooks of the district, every town, every lead department and every community, in this order.

    ``progress`` is called after each with (done, all, whom it is about).
    """
    view = View(results)
    parts = [part_of(view, None, None)]
    parts += [part_of(view, town, None) for town in view.of_level("town")]
    parts += [part_of(view, None, department) for department in view.departments]
    parts += [part_of(view, unit, None) for unit in view.of_level("community") if view.scores(unit)]
    written = []
    for done, part in enumerate(parts, 1):
        written.append(_write(view, out, part))
        if progress is not None:
            progress(done, len(parts), part.about)
    return written


# ── whom it is about ──────────────────────────────────────────────────────────────────────────────────────


def part_of(view: View, unit: str | None, department: str | None) -> Part:
    """The part of the results one workbook shows; raises ValueError as :func:`write_lists`."""
    if unit is not None and unit not in view.units:
        raise ValueError(f"unit not in the results: {unit}")
    if department is not None and department not in view.departments:
        raise ValueError(f"leads nothing in the results: {department}")
    code = unit if unit is not None else view.district
    inside = view.subtree(code)
    below = {"district": "town", "town": "community"}.get(view.units[code]["level"], "")
    measured = tuple(c for c in inside if c == code or view.units[c]["level"] == below)
    about = lists_tables.unit_label(view, code)
    path = _folder(view, code) / f"{_unit_stem(view, code)}_{NAME}_{view.results.year}.xlsx"
    if department is not None:
        within = "" if unit is None else f"_{_unit_stem(view, code)}"
        name = _distinct(department, view.departments, _short_hash(department))
        path = Path(DEPARTMENTS) / f"{name}{within}_{NAME}_{view.results.year}.xlsx"
        about = f"{department}（牵头，{about}）"
    return Part(about, path, measured, Scope(units=inside, department=department))


def _folder(view: View, code: str) -> Path:
    """区级, 街镇, or 社区/<街镇>."""
    row = view.units[code]
    folder = Path(LEVEL_NAMES[row["level"]])
    if row["level"] == "community" and row["town"] in view.units:
        return folder / _unit_stem(view, row["town"])
    return folder


def _unit_stem(view: View, code: str) -> str:
    """A unit's name as a file name; with its code where a sister unit would get the same one."""
    row = view.units[code]
    sisters = [
        u["name"] for u in view.units.values() if (u["level"], u["parent"]) == (row["level"], row["parent"])
    ]
    return _distinct(row["name"], sisters, code)


def _distinct(name: str, among: Sequence[str], mark: str) -> str:
    """``name`` as a short file name, ``mark`` added when another of ``among`` would be named alike."""
    stems = Counter(safe_name(other, 20).casefold() for other in among)
    stem = safe_name(name, 20)
    return f"{stem}_{mark}" if stems[stem.casefold()] > 1 else stem


def _short_hash(text: str) -> str:
    return sha256(text.encode()).hexdigest()[:6]


# ── the workbook ──────────────────────────────────────────────────────────────────────────────────────────


def _write(view: View, out: Path, part: Part) -> Path:
    """Write one workbook under ``out``; where it is."""
    path = out / part.path
    with whole(path) as draft:
        _write_book(view, draft, part)
    return path


def _write_book(view: View, path: Path, part: Part) -> None:
    results = view.results
    tables = _tables(view, part)
    names = sheet_names({which: title_of(view, which) for which in tables})
    options = {"in_memory": True, "default_format_properties": {"font_name": FONT, "font_size": 10}}
    with Workbook(str(path), options) as book:
        _set_properties(book, results, part)
        styles = Styles(book, load_theme(), results.grade_cuts)
        links = _links(view, part, tables, names)
        plans = {which: _plan(results, part, which, names[which], links[which]) for which in tables}
        cover = book.add_worksheet(COVER_NAME)
        for which, table in tables.items():
            write_table(book.add_worksheet(names[which]), styles, table, plans[which])
        write_cover(cover, styles, _cover(results, part, tables, plans), plans["remedies"])


def _tables(view: View, part: Part) -> dict[str, Table]:
    """The table and the lists, by the keys of LIST_TITLES, in the order of the sheets."""
    measured = replace(part.scope, units=part.measured)
    remedies = lists_tables.remedy_table(view, part.scope)
    filled = replace(
        remedies, columns=(*remedies.columns, DONE_DATE), rows=tuple((*row, None) for row in remedies.rows)
    )
    tables = {
        "table": lists_tables.indicator_table(view, measured, unit_column=len(part.measured) > 1),
        "scales": scales_table(view, part.measured[0]),
        "targets": targets_table(view, part.measured, part.scope.department),
        "strengths": lists_tables.strength_table(view, part.scope),
        "problems": lists_tables.problem_table(view, part.scope),
        "remedies": filled,
        "ledger": lists_tables.ledger_table(view, part.scope),
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


def sheet_names(titles: Mapping[str, str]) -> dict[str, str]:
    """A sheet name Excel accepts for each title: no ``[]:*?/\\``, at most 31 units, no two alike."""
    taken = {COVER_NAME.casefold(), "history"}  # Excel keeps History for itself
    names = {}
    for which, title in titles.items():
        clean = "".join("_" if c in "[]:*?/\\" or ord(c) < 32 else c for c in title).strip(" '")
        name = base = _cut(clean or LIST_TITLES[which], SHEET_NAME_UNITS)
        for number in range(2, len(titles) + 3):
            if name.casefold() not in taken:
                break
            name = f"{_cut(base, SHEET_NAME_UNITS - 3)}({number})"
        taken.add(name.casefold())
        names[which] = name
    return names


def _cut(text: str, units: int) -> str:
    return text.encode("utf-16-le")[: 2 * units].decode("utf-16-le", errors="ignore")


def _links(
    view: View, part: Part, tables: Mapping[str, Table], names: Mapping[str, str]
) -> dict[str, dict[tuple[int, str], str]]:
    """Problem → first ledger line shown here, remedy → problem; only to rows that are there."""
    links: dict[str, dict[tuple[int, str], str]] = {which: {} for which in tables}
    lines = {line: i for i, line in enumerate(kept(tables["ledger"]).values("line"))}
    for i, problem in enumerate(view.listed("problem_list", part.scope)):
        if problem["ledger_from"] in lines:
            target = link_to(names["ledger"], FIRST_ROW + lines[problem["ledger_from"]])
            links["problems"][i, "ledger"] = target
    problems = {key: i for i, key in enumerate(kept(tables["problems"]).values("id"))}
    for i, key in enumerate(tables["remedies"].values("problem_id")):
        if key in problems:
            links["remedies"][i, "problem_id"] = link_to(names["problems"], FIRST_ROW + problems[key])
    return links


def _plan(results: Results, part: Part, which: str, name: str, links: Mapping[tuple[int, str], str]) -> Plan:
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
            "corrected": FillIn("答复“更正为”的填更正值，按填报值的计量单位，只填数字"),
        }
    if which == PROJECTS:
        fill_in = {
            "cost": FillIn("估算投资，单位万元，只填数字"),
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
        fill_in=fill_in,
    )


def _cover(results: Results, part: Part, tables: Mapping[str, Table], plans: Mapping[str, Plan]) -> Cover:
    remedies, ledger = plans["remedies"].name, plans["ledger"].name
    guide = (
        f"在“{remedies}”中填写底色单元格：状态、完成情况、佐证、完成日期；其余单元格已锁定（无密码），请勿改动编号。",
        f"状态从下拉列表中选择：{'、'.join(STATES)}；选“无法整改”的，请在完成情况中写明原因。",
        "完成日期填写实际完成的日期；未完成的留空。没有的数值显示为“—”，不等于零。",
        f"点击“{plans['problems'].name}”的台账列可到“{ledger}”的对应行，点击“{remedies}”的问题编号可到对应问题。",
        "填好后保存为 xlsx 格式，按原文件名返回；下一年度体检按编号核对整改情况。",
        *_asked(plans),
    )
    entries = tuple(Entry(plans[which].name, len(table), (*table.notes,)) for which, table in tables.items())
    return Cover(
        title=results.title,
        subtitle=NAME,
        label=results.synthetic,
        facts=(
            ("体检对象", part.about),
            ("体检年份", f"{results.year} 年"),
            ("数据性质", results.synthetic or "各部门、街镇填报及公开数据"),
            ("运行编号", results.run_id),
            ("软件版本", f"tijian {results.version}"),
        ),
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


def _set_properties(book: Workbook, results: Results, part: Part) -> None:
    """Document properties: the date is the year's, not today's, so that equal results give equal bytes."""
    book.set_properties({
        "title": f"{results.title} {NAME} {part.about}",
        "subject": results.synthetic or NAME,
        "author": "tijian",
        "created": datetime(results.year, 1, 1),
    })  # fmt: skip
    book.set_custom_property("tijian_run", results.run_id)
    book.set_custom_property("tijian_year", results.year, "number")
