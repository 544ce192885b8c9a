"""The forms as workbooks (填报表工作簿): xlsx that a department fills in and that is read back by its headers.

From the top: title, 填报单位, notes, header (one or two rows, groups merged), a row of units of measure, the rows.
Nothing is protected: a department may add rows. Same content, same bytes.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from itertools import groupby
from pathlib import Path
from typing import Any

from xlsxwriter.workbook import Workbook
from xlsxwriter.worksheet import Worksheet

from ..theme import load_theme
from ..widths import display_width
from ..workbook.sheet import Plan, set_up_print, write_table, write_text
from ..workbook.styles import Styles, whole_book
from .books import Book
from .content import Blank, FormSheet, Value

FOLDER = "填报表"
UNIT_ROW = "计量单位"  # heads the row of units; the reader knows it by this word
CHOICES = "选项"  # the hidden sheet with choices too long for a cell's own list
LONGEST_LIST = 255  # what Excel takes as a list written into the rule itself
VALIDATED_ROWS = 20_000  # rows below the header that are checked while typing
NARROWEST, WIDEST = 9.0, 28.0
EARLIEST = date(1900, 1, 1)
YES_NO = ("是", "否")
BOUNDLESS = 1e15  # Excel's rule for a number needs an end
Look = dict[str, object]
Progress = Callable[[int, int, str], None]


@dataclass(frozen=True)
class Issue:
    """What all workbooks of one issue say alike: the project's title, the year, the synthetic label or ""."""

    title: str
    year: int
    label: str


def write_forms(books: Sequence[Book], out: Path, issue: Issue, progress: Progress) -> list[Path]:
    """Write every workbook under ``out/填报表`` and return the paths; ``progress`` after each."""
    written = []
    for done, book in enumerate(books, 1):
        path = out / FOLDER / book.path
        _write_book(book, path, issue)
        written.append(path)
        progress(done, len(books), book.path.stem)
    return written


def _write_book(book: Book, path: Path, issue: Issue) -> None:
    with whole_book(path) as file:
        title = f"{issue.title} {book.sheet.title if book.sheet else book.path.stem}"
        file.set_properties({
            "title": title, "subject": issue.label or FOLDER, "author": "tijian",
            "created": datetime(issue.year, 1, 1),
        })  # fmt: skip
        styles = Styles(file, load_theme(), ())
        plan = Plan(
            name="", about=f"{book.about} · {issue.year} 年度", label=issue.label, footer=issue.title, freeze="",
            locked=False,
        )  # fmt: skip
        if book.sheet is not None:
            sheet = file.add_worksheet(book.sheet.title[:31])
            choices = _Choices(file)
            _write_sheet(sheet, styles, book.sheet, plan, issue, choices)
        for name, table in book.tables:
            write_table(file.add_worksheet(name), styles, table, plan)
        if book.sheet is not None:
            choices.write()


class _Choices:
    """Lists of choices: in the rule itself when short, else a column of a hidden sheet."""

    def __init__(self, file: Workbook) -> None:
        self._file = file
        self._long: list[tuple[str, ...]] = []

    def source(self, options: Sequence[str]) -> list[str] | str:
        """What a list rule takes as its source."""
        if len(",".join(options)) <= LONGEST_LIST and not any("," in option for option in options):
            return list(options)
        if tuple(options) not in self._long:
            self._long.append(tuple(options))
        column = chr(ord("A") + self._long.index(tuple(options)))
        return f"={CHOICES}!${column}$1:${column}${len(options)}"

    def write(self) -> None:
        """The hidden sheet, if any list needs it."""
        if not self._long:
            return
        sheet = self._file.add_worksheet(CHOICES)
        for at, options in enumerate(self._long):
            sheet.write_column(0, at, options)
        sheet.hide()


# ── one sheet ─────────────────────────────────────────────────────────────────────────────────────────────


def _write_sheet(
    sheet: Worksheet, styles: Styles, form: FormSheet, plan: Plan, issue: Issue, choices: _Choices
) -> None:
    top = _write_head(sheet, styles, form, issue)
    first = _write_header(sheet, styles, form, top)
    rows = [*form.rows, *(tuple(None for _ in form.columns) for _ in range(form.spare))]
    for r, row in enumerate(rows, first):
        for c, (value, column) in enumerate(zip(row, form.columns, strict=True)):
            _write_cell(sheet, styles, (r, c), value, column)
    for c, column in enumerate(form.columns):
        text = styles.get(num_format="@") if column.kind == "text" else None
        sheet.set_column(c, c, _width(form, c), text)
        last = first + (VALIDATED_ROWS if form.spare else max(len(rows), 1) - 1)
        rule = _rule(column, choices)
        if rule:
            sheet.data_validation(first, c, last, c, rule)
    places = sum(column.role in ("place", "given") for column in form.columns[:3])
    sheet.freeze_panes(first, places)
    set_up_print(sheet, title=form.title, plan=plan, landscape=True)
    sheet.repeat_rows(top, first - 1)


def _write_head(sheet: Worksheet, styles: Styles, form: FormSheet, issue: Issue) -> int:
    """Title, who fills it in, notes; the row where the header begins."""
    ink = styles.ink
    sheet.set_row(0, 28)
    write_text(
        sheet,
        styles,
        (0, 0),
        f"{issue.year}年{form.title}",
        bold=True,
        font_size=styles.sizes["title"],
        font_color=ink["text"],
    )
    who = f"填报单位：{form.provider}　　年度：{issue.year}年　　填报人：　　　　　　联系电话：　　　　　　填报日期："
    write_text(sheet, styles, (1, 0), who, font_color=ink["text"])
    lines = [(issue.label, ink["warning"])] if issue.label else []
    lines += [(note, ink["muted"]) for note in form.notes]
    for r, (line, colour) in enumerate(lines, 2):
        write_text(sheet, styles, (r, 0), line, font_color=colour, bold=colour == ink["warning"])
    return 2 + len(lines)


def _write_header(sheet: Worksheet, styles: Styles, form: FormSheet, top: int) -> int:
    """The header and the row of units; the row where the data begin."""
    depth, last = form.depth, top + form.depth - 1
    at = 0
    for group, members in groupby(form.columns, key=lambda c: c.title[0] if len(c.title) > 1 else None):
        columns = list(members)
        if group is None:
            for c, column in enumerate(columns, at):
                _merge(sheet, styles, (top, c, last, c), column.title[0], _header_look(styles, column))
        else:
            _merge(
                sheet, styles, (top, at, top, at + len(columns) - 1), group, _header_look(styles, Blank(()))
            )
            for c, column in enumerate(columns, at):
                write_text(sheet, styles, (last, c), column.title[1], **_header_look(styles, column))
        at += len(columns)
    for r in range(top, last + 1):
        sheet.set_row(r, 32 if depth == 1 or r == last else 20)
    if not any(column.unit for column in form.columns[1:]):
        return last + 1
    look = {"align": "center", "valign": "vcenter", "font_color": styles.ink["muted"], "bottom": 1}
    write_text(sheet, styles, (last + 1, 0), UNIT_ROW, **look)
    for c, column in enumerate(form.columns[1:], 1):
        if column.unit:
            write_text(sheet, styles, (last + 1, c), column.unit, **look)
    return last + 2


def _merge(sheet: Worksheet, styles: Styles, area: tuple[int, int, int, int], shown: str, look: Look) -> None:
    """Text over an area (top, left, bottom, right), merged when it is more than one cell."""
    if area[:2] == area[2:]:
        write_text(sheet, styles, area[:2], shown, **look)
    else:
        sheet.merge_range(*area, shown, styles.get(**look))


def _header_look(styles: Styles, column: Blank) -> Look:
    fill = {"fill": styles.ink["accent_wash"], "place": styles.ink["wash"], "given": styles.ink["wash"],
            "last_year": styles.ink["band"]}[column.role]  # fmt: skip
    ink = styles.ink["muted" if column.role == "last_year" else "text"]
    return {"bold": True, "text_wrap": True, "align": "center", "valign": "vcenter", "border": 1,
            "border_color": styles.ink["hair"], "bg_color": fill, "font_color": ink}  # fmt: skip


def _write_cell(sheet: Worksheet, styles: Styles, at: tuple[int, int], value: Value, column: Blank) -> None:
    """One cell: prefilled on a light ground, last year's value grey, what is to be filled in white."""
    look: Look = {"border": 1, "border_color": styles.ink["hair"], "valign": "vcenter"}
    if column.role == "last_year":
        look |= {"bg_color": styles.ink["band"], "font_color": styles.ink["muted"]}
    elif value is not None:
        look |= {"bg_color": styles.ink["wash"]}
    if column.kind == "text":
        look |= {"num_format": "@"}
    elif column.kind == "date":
        look |= {"num_format": "yyyy-mm-dd"}
    if value is None:
        sheet.write_blank(*at, None, styles.get(**look))
    elif isinstance(value, bool):
        write_text(sheet, styles, at, YES_NO[0] if value else YES_NO[1], **look)
    elif isinstance(value, date):
        sheet.write_datetime(*at, value, styles.get(**look))
    elif isinstance(value, str):
        write_text(sheet, styles, at, value, **look)
    else:
        sheet.write_number(*at, value, styles.get(**look))


def _width(form: FormSheet, at: int) -> float:
    """Wide enough for the lowest level of the header in two lines, and for what is prefilled."""
    column = form.columns[at]
    shown = [display_width(str(row[at])) + 2 for row in form.rows if row[at] is not None]
    least = max(NARROWEST, display_width(column.title[-1]) / 2 + 2, max(shown, default=0))
    return round(min(least, WIDEST), 2)


def _rule(column: Blank, choices: _Choices) -> dict[str, Any]:
    """The check while typing; {} for what is not to be filled in, or may be anything."""
    if column.role == "last_year":
        return {}
    rule: dict[str, Any] = {}
    options = YES_NO if column.kind == "yesno" else column.options
    if options:
        rule = {
            "validate": "list",
            "source": choices.source(options),
            "error_message": "请从下拉列表中选择。",
        }
        if column.role in (
            "place",
            "given",
        ):  # a unit may be written in other words, which names.csv explains
            rule |= {"error_type": "warning", "error_message": "名称不在单元名录中，请核对。"}
    elif column.kind in ("number", "integer"):
        rule = _number_rule(column)
    elif column.kind == "date":
        rule = {
            "validate": "date",
            "criteria": ">=",
            "value": EARLIEST,
            "error_message": "请填日期，如 2026-05-01。",
        }
    if column.note:
        rule = (
            {"validate": "any"}
            | rule
            | {"input_title": column.title[-1][:32], "input_message": column.note[:255]}
        )
    return rule and {"ignore_blank": True, "error_title": "填写有误", **rule}


def _number_rule(column: Blank) -> dict[str, Any]:
    what = "整数" if column.kind == "integer" else "数字"
    rule: dict[str, Any] = {"validate": "integer" if column.kind == "integer" else "decimal"}
    low, high = (int(v) if v is not None and v == int(v) else v for v in (column.low, column.high))
    if low is not None and high is not None:
        said = f"{what}，{low:g} 至 {high:g}"
        rule |= {"criteria": "between", "minimum": low, "maximum": high}
    elif high is not None:
        said = f"{what}，不大于 {high:g}"
        rule |= {"criteria": "<=", "value": high}
    else:
        said = what if low is None else f"{what}，不小于 {low:g}"
        rule |= {"criteria": ">=", "value": -BOUNDLESS if low is None else low}
    return rule | {"error_message": f"请填{said}；没有的空着。"}
