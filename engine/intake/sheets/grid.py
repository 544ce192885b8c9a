"""Bytes → grids (单元格阵). What a file is, is read from its first bytes and never from its name.

xlsx, xlsb, xls (and WPS's et) are read by calamine, Parquet by polars, all else is text: UTF-8 or GB18030, with
comma, tab or semicolon. Whatever is wrong with a file (locked, cut short, too large, not a table) is a finding of
the F kind. Rows and columns are numbered from 1 as Excel shows them.
"""

from __future__ import annotations

import csv
import io
import math
import re
import zipfile
import zlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, time
from decimal import Decimal
from pathlib import Path

import polars as pl
import polars.selectors as cs
import python_calamine as calamine

from ...findings import Findings, Place
from ...plain_words import in_plain_words
from .error_cells import (
    Cells,
    errors_in_ods,
    errors_in_xls,
    errors_in_xlsb,
    is_before_excel_97,
    parts_of_xlsb,
)
from .files import FILE, what_stands_at
from .sheet_xml import extent, parts_of, unsaid_cells
from .trial import survives

MAX_FILE_MB = 300
MAX_UNPACKED_MB = 600
SUSPICIOUS_MB, MAX_RATIO = 100, 200  # a workbook of figures unpacks to ten or twenty times its size
MAX_CELLS = 12_000_000
MAX_COLUMNS = 2_000

_FOREIGN = {b"%PDF": "PDF 文档", b"{\\rtf": "RTF 文档", b"Rar!": "压缩包", b"7z\xbc\xaf": "压缩包"}
_BROKEN_UTF8 = 8  # so many whole Chinese characters of UTF-8 in a row do not come about in GB18030 by chance

_BINARY_SHEET = re.compile(r"xl/worksheets/[^/]+\.bin$")
_MARK = b"\xef\xbb\xbf"  # of UTF-8
_BOOK, _RELATIONS = "xl/workbook.xml", "xl/_rels/workbook.xml.rels"
_BINARY_BOOK, _BINARY_RELATIONS = "xl/workbook.bin", "xl/_rels/workbook.bin.rels"

Merge = tuple[int, int, int, int]


@dataclass(frozen=True)
class Grid:
    """One sheet. ``rows[i][j]`` is row ``i + 1``, column ``j + 1``; ``merges`` are (top, left, bottom, right), from 1.

    A merged area's value stands in its first cell; the others are "". A CSV has the sheet name "".
    """

    file: str
    sheet: str
    rows: list[list[object]]
    merges: list[Merge] = field(default_factory=list)

    @property
    def place(self) -> Place:
        """Where findings about this sheet stand."""
        return Place(self.file, self.sheet)


class _UnreadableError(Exception):
    """The file cannot be read: the finding's code, what it says besides, and the row where that is known."""

    def __init__(self, code: str, expected: str, *, row: int | None = None, **facts: object) -> None:
        self.code, self.expected, self.row, self.facts = code, expected, row, facts
        super().__init__(code)


def read_grids(path: Path, findings: Findings, *, shown_as: str, sheet: str | None = None) -> list[Grid]:
    """Every visible sheet of a file that holds anything, or the one named; [] with findings when unreadable.

    ``sheet`` None or "*" is all sheets; a name that is not there is finding F008 (hidden sheets may be named).
    """
    place = Place(shown_as)
    try:
        if what_stands_at(path) != FILE:
            raise _UnreadableError("F001", "把文件放到这个位置")
        if path.stat().st_size > MAX_FILE_MB * 2**20:
            raise _UnreadableError("F006", f"不超过 {MAX_FILE_MB} MB 的文件", what="文件太大")
        return _grids(path.read_bytes(), findings, shown_as, None if sheet == "*" else sheet)
    except _UnreadableError as fault:
        findings.add(fault.code, place.at(row=fault.row), expected=fault.expected, **fault.facts)
    except OSError as fault:
        findings.add("F003", place, detail=in_plain_words(fault), expected="能打开的文件")
    return []


def _grids(data: bytes, findings: Findings, shown_as: str, sheet: str | None) -> list[Grid]:
    if not data.removeprefix(_MARK).strip(b"\x00 \t\r\n"):
        raise _UnreadableError("F002", "有内容的表格")
    foreign = next((name for magic, name in _FOREIGN.items() if data.startswith(magic)), "")
    if foreign:
        raise _UnreadableError("F005", "xlsx、xls 或 csv 表格", what=foreign)
    if data[:4] == b"PAR1":
        return [_parquet(data, shown_as)]
    if data[:4] in (b"PK\x03\x04", b"PK\x05\x06"):
        unsaid = _look_inside(data)
        return _workbook(data, findings, shown_as, sheet, unsaid)
    if data[:8] == b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1":
        if "EncryptedPackage".encode("utf-16-le") in data:
            raise _UnreadableError("F004", "去掉打开密码后的文件")
        if is_before_excel_97(data):
            raise _UnreadableError("F011", "另存为 xlsx 的工作簿")
        if not survives(data):
            raise _broken()
        return _workbook(data, findings, shown_as, sheet, errors_in_xls(data))
    return [_text(data, shown_as)]


def as_text(raw: object) -> str:
    """A cell's content as text: whole numbers without ``.0``, dates as ISO, nothing as the empty text."""
    if isinstance(raw, str):
        return raw
    if isinstance(raw, bool):
        return "是" if raw else "否"
    if isinstance(raw, float):
        if not math.isfinite(raw):  # no number, and not nothing either: whoever wants a number tells of it
            return "NaN" if math.isnan(raw) else "Inf" if raw > 0 else "-Inf"
        if raw.is_integer() and abs(raw) < 1e19:  # 18-digit codes as Excel shows them, without binary dust
            return str(int(raw)) if abs(raw) < 1e15 else f"{Decimal(repr(raw)):f}"
        return repr(raw)
    if isinstance(raw, datetime):
        return raw.date().isoformat() if raw.time() == time() else raw.isoformat(sep=" ", timespec="seconds")
    return "" if raw is None else str(raw)


# ---- workbooks -------------------------------------------------------------------------------------------


def _look_inside(data: bytes) -> Mapping[str, Cells]:
    """Refuse what would fill the memory, before anything is unpacked; a damaged archive is found here too.

    Sheet → its cells that have an error or a formula without a result; see ``sheet_xml.py``, ``error_cells.py``.
    """
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            entries = archive.infolist()
            _check_unpacked(len(data), sum(entry.file_size for entry in entries))
            names = {entry.filename for entry in entries}
            if not any(name.startswith("xl/") for name in names) and "content.xml" not in names:
                raise _UnreadableError("F005", "xlsx、xls 或 csv 表格", what="压缩包")
            # how far the sheets of .ods and .xlsb go is not looked at beforehand
            if ("content.xml" in names or any(map(_BINARY_SHEET.match, names))) and not survives(data):
                raise _broken()
            return _checked_parts(archive, entries)
    except (
        zipfile.BadZipFile,
        zlib.error,
        OSError,
        EOFError,
        NotImplementedError,
        RuntimeError,
        ValueError,
        OverflowError,
    ) as fault:
        raise _UnreadableError(
            "F003", "能用 Excel 打开的文件", detail="压缩结构损坏，文件可能没有传完"
        ) from fault


def _check_unpacked(packed: int, unpacked: int) -> None:
    """Too large, or so much larger than its archive that it was made to fill the memory."""
    if unpacked > MAX_UNPACKED_MB * 2**20:
        raise _UnreadableError("F006", f"解压后不超过 {MAX_UNPACKED_MB} MB", what="工作簿解压后太大")
    if unpacked > SUSPICIOUS_MB * 2**20 and unpacked > MAX_RATIO * packed:
        raise _UnreadableError(
            "F006",
            f"解压后不超过压缩时的 {MAX_RATIO} 倍",
            what=f"工作簿解压后是压缩时的 {unpacked // max(packed, 1)} 倍，多半是成片的空白格式或有意撑大的文件",
        )


def _checked_parts(archive: zipfile.ZipFile, entries: list[zipfile.ZipInfo]) -> Mapping[str, Cells]:
    """Every part read to its end, which checks its size and sum; sheets are looked at, the others let go."""
    unsaid: dict[str, Cells] = {}
    kept: dict[str, bytes] = {}
    by_name: Mapping[str, Cells] = {}
    for entry in entries:
        content = archive.read(entry)
        if entry.filename in (_BOOK, _RELATIONS, _BINARY_BOOK, _BINARY_RELATIONS):
            kept[entry.filename] = content
        elif entry.filename == "content.xml":
            by_name = errors_in_ods(content)
        elif _BINARY_SHEET.match(entry.filename):
            unsaid[entry.filename] = errors_in_xlsb(content)
        elif b"sheetData" in content:  # wherever in the archive a sheet lies
            _check_area(*_extent(content))
            unsaid[entry.filename] = unsaid_cells(content)
    sheets = {
        **parts_of(kept.get(_BOOK, b""), kept.get(_RELATIONS, b"")),
        **parts_of_xlsb(kept.get(_BINARY_BOOK, b""), kept.get(_BINARY_RELATIONS, b"")),
    }
    return {**by_name, **{name: unsaid[part] for name, part in sheets.items() if unsaid.get(part)}}


def _extent(sheet_xml: bytes) -> tuple[int, int]:
    try:
        return extent(sheet_xml)
    except ValueError as fault:
        raise _UnreadableError("F003", "能用 Excel 打开的文件", detail="工作表的 XML 写法不合规范") from fault


def _check_area(rows: int, columns: int) -> None:
    if columns > MAX_COLUMNS or rows * columns > MAX_CELLS:
        raise _UnreadableError("F006", f"不超过 {MAX_COLUMNS} 列、{MAX_CELLS // 10_000} 万格",
                          what=f"工作表有 {rows} 行 {columns} 列（可能在很远的地方误填了一格）")  # fmt: skip


def _workbook(
    data: bytes,
    findings: Findings,
    shown_as: str,
    wanted: str | None,
    unsaid: Mapping[str, Cells],
) -> list[Grid]:
    try:
        with calamine.CalamineWorkbook.from_filelike(io.BytesIO(data)) as book:
            names = _sheets(book, findings, shown_as, wanted)
            grids = [g for name in names if (g := _sheet(book, name, shown_as, unsaid.get(name, {}))).rows]
            if not grids and (names or wanted is None):
                raise _UnreadableError("F002", "至少一张有内容的可见工作表")
            return grids
    except calamine.PasswordError as fault:
        raise _UnreadableError("F004", "去掉打开密码后的文件") from fault
    except (calamine.CalamineError, ValueError, OverflowError, OSError) as fault:
        raise _broken() from fault
    except BaseException as fault:
        if type(fault).__name__ != "PanicException":  # how the reader's own failure on damaged bytes arrives
            raise
        raise _broken() from fault


def _broken() -> _UnreadableError:
    return _UnreadableError("F003", "能用 Excel 打开的文件", detail="工作簿内部结构损坏")


def _sheets(
    book: calamine.CalamineWorkbook, findings: Findings, shown_as: str, wanted: str | None
) -> list[str]:
    """The worksheets to read: visible ones, or the one named (blanks and width in the name do not count)."""
    sheets = [m for m in book.sheets_metadata if m.typ == calamine.SheetTypeEnum.WorkSheet]
    if wanted is None:
        return [m.name for m in sheets if m.visible == calamine.SheetVisibleEnum.Visible]
    found = [m.name for m in sheets if m.name == wanted] or [
        m.name for m in sheets if m.name.strip() == wanted.strip()
    ]
    if not found:
        findings.add(
            "F008", Place(shown_as, wanted), value=wanted, expected="、".join(m.name for m in sheets)
        )
    return found


def _sheet(book: calamine.CalamineWorkbook, name: str, shown_as: str, unsaid: Cells) -> Grid:
    """One sheet, with errors and formulas without a result in the places where the reader hands over nothing."""
    sheet = book.get_sheet_by_name(name)
    if sheet.start is None or sheet.end is None:
        return Grid(shown_as, name, [])
    bottom = max(sheet.end[0], *(r for r, _ in unsaid), 0) + 1
    right = max(sheet.end[1], *(c for _, c in unsaid), 0) + 1
    _check_area(bottom, right)
    merges = [(r0 + 1, c0 + 1, r1 + 1, c1 + 1) for (r0, c0), (r1, c1) in sheet.merged_cell_ranges or []]
    rows: list[list[object]] = [list(row) for row in sheet.to_python(skip_empty_area=False)]
    if unsaid:  # a column of such cells alone lies outside what the reader laid out
        rows += [[] for _ in range(len(rows), bottom)]
        for row in rows:
            row.extend([""] * (right - len(row)))
    for (r, c), text in unsaid.items():
        if not isinstance(rows[r][c], str) or not rows[r][c]:  # of an .ods also a number that is no result
            rows[r][c] = text
    return Grid(shown_as, name, rows, sorted(merges))


def _parquet(data: bytes, shown_as: str) -> Grid:
    """A Parquet file: its column names are row 1, so that the rows below are numbered as a sheet's would be."""
    try:
        # pandas writes a missing number as NaN
        frame = pl.read_parquet(io.BytesIO(data)).with_columns(cs.float().fill_nan(None))
    except (pl.exceptions.PolarsError, OSError) as fault:
        raise _UnreadableError("F003", "完整的 Parquet 文件", detail="Parquet 结构损坏") from fault
    _check_area(frame.height, frame.width)
    return Grid(shown_as, "", [list(frame.columns), *(list(row) for row in frame.iter_rows())])


# ---- text ------------------------------------------------------------------------------------------------


_CSV_FAULTS = {
    "unexpected end of data": "的引号没有收尾", "expected after": "收尾的引号后面还有字", "field limit": "有一格过长",
}  # fmt: skip


def _text(data: bytes, shown_as: str) -> Grid:
    text = _decode(data)
    head = text[:4096].lstrip().lower()
    if head.startswith(("<html", "<!doctype html", "<table", "<?xml", "<meta", "<head")):
        raise _UnreadableError("F005", "用 Excel 打开后另存为 xlsx", what="网页（HTML/XML）")
    if "\x00" in text:
        line = text.count("\n", 0, text.index("\x00")) + 1
        raise _UnreadableError(
            "F005", "没有空字节的文本", row=line, what=f"二进制文件（第 {line} 行有空字节）"
        )
    # Strictly: an open quote would swallow the rows below it without a word.
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=_delimiter(text), strict=True)
    rows: list[list[object]] = []
    try:
        rows.extend(list(row) for row in reader)
    except csv.Error as fault:
        line = len(rows) + 1
        says = next(
            (says for words, says in _CSV_FAULTS.items() if words in str(fault)), f"不合规范（{fault}）"
        )
        raise _UnreadableError(
            "F007", "引号成对、引号内的引号写两个的 csv", row=line, detail=f"第 {line} 行{says}"
        ) from fault
    width = max(map(len, rows), default=0)
    _check_area(len(rows), width)
    for row in rows:
        row.extend([""] * (width - len(row)))
    return Grid(shown_as, "", rows)


def _decode(data: bytes) -> str:
    """UTF-16 by its mark, UTF-8 with or without one, else GB18030; strictly, so that nothing is quietly mangled.

    A file that is UTF-8 but for a damaged place is reported there: as GB18030 it might decode, to nonsense.
    """
    if data[:2] in (b"\xff\xfe", b"\xfe\xff"):
        return _strictly(data, "utf-16")
    marked = data.startswith(_MARK)
    text = data.removeprefix(_MARK)
    try:
        return text.decode("utf-8")
    except UnicodeDecodeError as first:
        chinese = sum(char > "\x7f" for char in text[: first.start].decode("utf-8"))
        if marked or chinese >= _BROKEN_UTF8:
            raise _undecodable("UTF-8", data, first.start + len(data) - len(text)) from first
    if _is_binary(data):
        raise _UnreadableError("F005", "xlsx、xls 或 csv 表格", what="二进制文件")
    return _strictly(data, "gb18030")


def _strictly(data: bytes, encoding: str) -> str:
    try:
        return data.decode(encoding)
    except UnicodeDecodeError as fault:
        raise _undecodable(encoding.upper(), data, fault.start) from fault


def _undecodable(encoding: str, data: bytes, offset: int) -> _UnreadableError:
    row = data.count(b"\n", 0, offset) + 1  # in every encoding read here a line's end holds this byte
    return _UnreadableError(
        "F009", "全文一种编码：UTF-8 或 GB18030（GBK）", row=row, encoding=encoding, offset=offset + 1
    )


def _is_binary(data: bytes) -> bool:
    """Whether the beginning holds control bytes that no text has."""
    return any(byte < 9 or 13 < byte < 27 for byte in data[:4096])


def _delimiter(text: str) -> str:
    """The one of comma, tab and semicolon that most often stands the same number of times (> 0) in a line."""
    lines = [re.sub(r'"[^"]*"', "", line) for line in text[:100_000].splitlines()[:200]]
    best, most = ",", 0
    for mark in (",", "\t", ";"):
        counts = [line.count(mark) for line in lines if mark in line]
        steady = max((counts.count(n) * n for n in set(counts)), default=0)
        if steady > most:
            best, most = mark, steady
    return best
