"""The empty judgement matrices (判断矩阵) for the experts: a sheet per comparison and expert, read back as it stands.

The upper half is to be filled in, 1/9 to 9; the lower half reckons itself, the diagonal is 1.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from pathlib import Path, PurePath

from xlsxwriter.utility import xl_rowcol_to_cell
from xlsxwriter.worksheet import Worksheet

from ...engine.intake.judgements import comparisons_asked, judgements_file, sheet_name
from ...engine.settings.project import Project
from ...indicators.loader import Library
from ..names import safe_name
from ..tables.table import Column, Table
from ..theme import load_theme
from ..workbook.sheet import Plan, set_up_print, write_table, write_text
from ..workbook.styles import Styles, whole_book
from .workbook import FOLDER, Issue

HOW_TO = "填表说明"  # the reader leaves a sheet of this name alone
FRACTION = "# ?/?"  # so that 1/3 typed into a cell is a third and not the third of January
LEAST, MOST = 0.11, 9  # a ninth may be typed with two decimals
TOP = 4  # the row, from 0, of the matrix's header
SCALE = (
    ("1", "同等重要", "左边一项与上边一项一样重要"),
    ("3", "稍微重要", "左边一项比上边一项稍微重要"),
    ("5", "明显重要", "左边一项比上边一项明显重要"),
    ("7", "强烈重要", "左边一项比上边一项重要得多"),
    ("9", "极端重要", "左边一项比上边一项重要到极点"),
    ("2、4、6、8", "介于其间", "取相邻两级的中间"),
    ("1/2 至 1/9", "倒数", "上边一项比左边一项重要：稍微写 1/3，明显写 1/5，依此类推"),
)
RULES = (
    "每张表是一次比较，表名是上级（总分或维度）。只填白格：左边一项与上边一项相比，对上级有多重要。灰格自动算出，不用填。",
    "几位专家各填各的：复制工作表，把表名改成“总分-张工”这样（上级、短横、姓名）；也可以各存一册，再合到一册里。",
    "程序会逐位检查前后是否矛盾（一致性比率 CR 应小于 0.1），矛盾时指出最该复核的一对。",
)  # fmt: skip


def write_judgements(project: Project, library: Library, out: Path, issue: Issue) -> list[Path]:
    """Write the workbook under ``out/填报表``; [] where the project asks no expert."""
    asked = comparisons_asked(project, library)
    if not asked:
        return []
    rules, back = project.scoring.weighting, judgements_file(project)
    path = out / FOLDER / f"{safe_name(PurePath(back).stem)}.xlsx"
    with whole_book(path) as file:
        file.set_properties({
            "title": f"{issue.title} 判断矩阵", "subject": issue.label or FOLDER, "author": "tijian",
            "created": datetime(issue.year, 1, 1),
        })  # fmt: skip
        styles = Styles(file, load_theme(), ())
        plan = Plan(
            name="", about=f"专家 · {issue.year} 年度", label=issue.label, footer=issue.title, freeze="", locked=False
        )  # fmt: skip
        write_table(file.add_worksheet(HOW_TO), styles, _how_to(back), plan)
        for parent, children in asked.items():
            for expert in [e for e in rules.experts if e] or [""]:
                sheet = file.add_worksheet(sheet_name(parent, expert))
                _write_matrix(sheet, styles, (parent, expert), children, issue)
                set_up_print(sheet, title=f"判断矩阵：{parent}", plan=plan, landscape=True)
    return [path]


def _how_to(file: str) -> Table:
    """Saaty's scale, and how the sheets are filled in and sent back."""
    columns = (Column("times", "填", 24), Column("word", "意思", 24), Column("says", "说明", 100))
    back = f"填好后放到项目目录里，文件名 {file}。"
    return Table("判断矩阵怎么填（萨蒂九级标度）", columns, SCALE, notes=(*RULES, back))


def _write_matrix(
    sheet: Worksheet, styles: Styles, whose: tuple[str, str], children: Mapping[str, str], issue: Issue
) -> None:
    """One comparison: what is compared above and at the left, white cells to fill in."""
    ink = styles.ink
    parent, expert = whose
    sheet.set_row(0, 28)
    write_text(
        sheet, styles, (0, 0), f"{issue.year}年判断矩阵：{parent}", bold=True, font_size=styles.sizes["title"], font_color=ink["text"]
    )  # fmt: skip
    who = expert or "　　　　　　"
    write_text(sheet, styles, (1, 0), f"专家：{who}　　日期：　　　　　　", font_color=ink["text"])
    line = "只填白格：左边一项比上边一项重要，写 1 至 9；不如它重要，写 1/2 至 1/9。标度见“填表说明”。"
    write_text(sheet, styles, (2, 0), line, font_color=ink["muted"])
    if issue.label:
        write_text(sheet, styles, (3, 0), issue.label, font_color=ink["warning"], bold=True)
    labels = [name if child == name else f"{child} {name}" for child, name in children.items()]
    border = {"border": 1, "border_color": ink["hair"], "valign": "vcenter"}
    head = border | {"bold": True, "text_wrap": True, "bg_color": ink["accent_wash"]}
    write_text(sheet, styles, (TOP, 0), "左边比上边", **(head | {"align": "center"}))
    for i, label in enumerate(labels, 1):
        write_text(sheet, styles, (TOP, i), label, **(head | {"align": "center"}))
        write_text(sheet, styles, (TOP + i, 0), label, **head)
    cell = border | {"align": "center", "num_format": FRACTION}
    grey = styles.get(**(cell | {"bg_color": ink["band"], "font_color": ink["muted"]}))
    white = styles.get(**cell)
    for i in range(len(labels)):
        for j in range(len(labels)):
            at = (TOP + 1 + i, 1 + j)
            if i == j:
                sheet.write_number(*at, 1, grey)
            elif i < j:
                sheet.write_blank(*at, None, white)
            else:
                across = xl_rowcol_to_cell(TOP + 1 + j, 1 + i)
                sheet.write_formula(*at, f'=IF({across}="","",1/{across})', grey, "")
    _check_while_typing(sheet, len(labels))
    sheet.set_row(TOP, 48)
    sheet.set_column(0, 0, 30)
    sheet.set_column(1, len(labels), 13)
    sheet.freeze_panes(TOP + 1, 1)


def _check_while_typing(sheet: Worksheet, count: int) -> None:
    """The upper half takes numbers of the scale alone."""
    for i in range(count - 1):
        row = TOP + 1 + i
        sheet.data_validation(row, 2 + i, row, count, {
            "validate": "decimal", "criteria": "between", "minimum": LEAST, "maximum": MOST, "ignore_blank": True,
            "error_title": "填写有误", "error_message": "请填 1/9 至 9：1、3、5、7、9，或其倒数如 1/3。",
        })  # fmt: skip
