"""Write tidy rows the way an office does (部门报送表的样子).

A sheet has a title over everything, a line naming who filled it in, one or two header rows with merged
groups, a units row, merged town cells, notes under the table, and here and there a number typed as text. What
each cell says is unchanged; only its look is. Where every row lands is known beforehand, for the answer key.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path

import numpy as np
import xlsxwriter

from .places import LABEL

Cell = str | int | float | None
CREATED = datetime(2026, 5, 20)  # the same bytes every time
TITLE_ROWS = 2  # the title and the line under it
FULL_WIDTH = str.maketrans("0123456789.,%", "０１２３４５６７８９．，％")
BLANKS: tuple[Cell, ...] = (None, "—", "——", "/", "")


@dataclass
class Sheet:
    """One sheet. A header "甲 乙" stands in two merged rows, 甲 over 乙. ``units`` gives the units row."""

    name: str
    title: str
    headers: list[str]
    rows: list[list[Cell]]
    units: dict[str, str] = field(default_factory=dict)
    merged: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()
    filled_by: str = ""

    @property
    def depth(self) -> int:
        """Header rows: 1, or 2 when a header has two levels."""
        return 2 if any(" " in header for header in self.headers) else 1

    @property
    def first_row(self) -> int:
        """The Excel row (from 1) of the first data row."""
        return TITLE_ROWS + self.depth + bool(self.units) + 1

    def excel_row(self, index: int) -> int:
        """The Excel row of data row ``index``."""
        return self.first_row + index

    def column(self, header: str) -> int:
        """The place of a header."""
        return self.headers.index(header)

    @property
    def subtitle(self) -> str:
        """The line under the title."""
        return f"填报单位：{self.filled_by}（盖章）　　填报日期：2026年5月20日" if self.filled_by else LABEL


@dataclass
class Book:
    """One file to write: a workbook of sheets, or a CSV of exactly one (``encoding`` set)."""

    path: str
    sheets: list[Sheet]
    encoding: str = ""

    @property
    def sheet(self) -> Sheet:
        """The first sheet."""
        return self.sheets[0]


def write_book(folder: Path, book: Book) -> None:
    """Write the file under ``folder``; the same content gives the same bytes."""
    path = folder / book.path
    path.parent.mkdir(parents=True, exist_ok=True)
    if book.encoding:
        path.write_bytes(_csv_text(book.sheet).encode(book.encoding))
        return
    packed = io.BytesIO()
    workbook = xlsxwriter.Workbook(
        packed, {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False}
    )
    workbook.set_properties({"title": book.sheet.title, "comments": LABEL, "created": CREATED})
    styles = {
        "title": workbook.add_format({"bold": True, "font_size": 16, "align": "center", "valign": "vcenter"}),
        "head": workbook.add_format(
            {"bold": True, "border": 1, "align": "center", "valign": "vcenter", "text_wrap": True}
        ),
        "merged": workbook.add_format({"border": 1, "align": "center", "valign": "vcenter"}),
    }
    for sheet in book.sheets:
        _write_sheet(workbook.add_worksheet(sheet.name), sheet, styles)
    workbook.close()
    path.write_bytes(packed.getvalue())


def _write_sheet(page: xlsxwriter.worksheet.Worksheet, sheet: Sheet, styles: dict[str, object]) -> None:
    last = len(sheet.headers) - 1
    title = f"{sheet.title}（{LABEL}）"
    page.merge_range(0, 0, 0, last, title, styles["title"])
    page.merge_range(1, 0, 1, last, sheet.subtitle)
    page.set_column(0, last, 14)
    _write_headers(page, sheet, styles)
    if sheet.units:
        for c, header in enumerate(sheet.headers):
            page.write_string(TITLE_ROWS + sheet.depth, c, sheet.units.get(header, ""), styles["head"])
    top = sheet.first_row - 1
    skip = {sheet.column(header) for header in sheet.merged}
    for r, row in enumerate(sheet.rows, top):
        for c, value in enumerate(row):
            if value is None or c in skip:
                continue
            if isinstance(value, str):
                page.write_string(r, c, value)
            else:
                page.write_number(r, c, value)
    for column in sorted(skip):
        _write_runs(page, sheet, column, styles["merged"])
    for n, note in enumerate(sheet.notes):
        page.write_string(top + len(sheet.rows) + n, 0, note)


def _write_headers(page: xlsxwriter.worksheet.Worksheet, sheet: Sheet, styles: dict[str, object]) -> None:
    """One header row; or two, where equal neighbours on the upper row are merged."""
    if sheet.depth == 1:
        for c, header in enumerate(sheet.headers):
            page.write_string(TITLE_ROWS, c, header, styles["head"])
        return
    pairs = [header.split(" ", 1) for header in sheet.headers]
    for start, stop in _runs([pair[0] if len(pair) == 2 else f"\0{c}" for c, pair in enumerate(pairs)]):
        if len(pairs[start]) == 1:
            page.merge_range(TITLE_ROWS, start, TITLE_ROWS + 1, start, pairs[start][0], styles["head"])
            continue
        if stop - start > 1:
            page.merge_range(TITLE_ROWS, start, TITLE_ROWS, stop - 1, pairs[start][0], styles["head"])
        else:
            page.write_string(TITLE_ROWS, start, pairs[start][0], styles["head"])
        for c in range(start, stop):
            page.write_string(TITLE_ROWS + 1, c, pairs[c][1], styles["head"])


def _write_runs(page: xlsxwriter.worksheet.Worksheet, sheet: Sheet, column: int, style: object) -> None:
    """A column whose equal neighbours share one merged cell: only the first row holds the value."""
    top = sheet.first_row - 1
    for start, stop in _runs([row[column] for row in sheet.rows]):
        value = sheet.rows[start][column]
        if value is None:
            continue
        if stop - start > 1:
            page.merge_range(top + start, column, top + stop - 1, column, value, style)
        else:
            page.write_string(top + start, column, str(value), style)


def _runs(values: Sequence[object]) -> Iterable[tuple[int, int]]:
    """(start, stop) of each run of equal neighbours."""
    start = 0
    for i in range(1, len(values) + 1):
        if i == len(values) or values[i] != values[start]:
            yield start, i
            start = i


def _csv_text(sheet: Sheet) -> str:
    """The sheet as an export: a title line, the header, a units line if any, the rows, the notes."""
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\r\n")
    writer.writerow([f"{sheet.title}（{LABEL}）"])
    writer.writerow([sheet.subtitle])
    writer.writerow(sheet.headers)
    if sheet.units:
        writer.writerow([sheet.units.get(header, "") for header in sheet.headers])
    writer.writerows(["" if value is None else value for value in row] for row in sheet.rows)
    writer.writerows([note] for note in sheet.notes)
    return text.getvalue()


def type_numbers_oddly(sheet: Sheet, headers: Iterable[str], rng: np.random.Generator, share: float) -> None:
    """Turn ``share`` of the numbers under ``headers`` into text as offices type it, same value."""
    for header in headers:
        column = sheet.column(header)
        for r in np.flatnonzero(rng.random(len(sheet.rows)) < share):
            value = sheet.rows[r][column]
            if isinstance(value, int | float) and not isinstance(value, bool):
                sheet.rows[r][column] = _odd(value, int(rng.integers(5)))


def _odd(value: float, way: int) -> Cell:
    """One odd way to type a number: text, full width, thousands, with a blank, in 万."""
    plain = repr(value)
    if way == 0:
        return plain
    if way == 1:
        return plain.translate(FULL_WIDTH)
    if way == 2 and value >= 10_000:  # nobody writes a year with a comma
        return f"{value:,}"
    if way == 3:
        return f" {plain}　"
    if isinstance(value, int) and value >= 10_000 and value % 100 == 0:
        return f"{value // 10_000}.{value % 10_000 // 100:02d}万"
    return plain


def leave_blank(sheet: Sheet, headers: Iterable[str], rng: np.random.Generator, share: float) -> None:
    """Leave ``share`` of the cells under ``headers`` unanswered, in each of the ways offices do it."""
    for header in headers:
        column = sheet.column(header)
        for r in np.flatnonzero(rng.random(len(sheet.rows)) < share):
            sheet.rows[r][column] = BLANKS[int(rng.integers(len(BLANKS)))]


def spaced(name: str) -> str:
    """A name stretched with blanks to fill its cell: 望云 → 望　云."""
    return "　".join(name) if len(name) == 2 else name
