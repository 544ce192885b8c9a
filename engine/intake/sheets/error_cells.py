"""Error cells of workbooks that are not XML sheets (旧格式工作簿的错误值): .xls, .xlsb and .ods.

Their reader hands over ``#DIV/0!`` as a blank, which would pass for a cell left empty, or, of an .ods that Excel wrote, as
the number 0 (an .xlsx is looked at in ``sheet_xml.py``). Only such cells are looked for here: of what is damaged, nothing
is found, and the reader says so.

Formats: [MS-CFB] (the file that holds an .xls), [MS-XLS] 2.4 (records), [MS-XLSB] 2.3 and 2.4, OpenDocument 1.3 part 3.
"""

from __future__ import annotations

import html
import re
import struct
from collections.abc import Iterator, Mapping, Sequence
from itertools import pairwise

from .sheet_xml import targets_of
from .text_columns import ERRORS

Cells = dict[tuple[int, int], str]  # (row, column) from 0 → ``#DIV/0!``

_SAID = {
    0x00: "#NULL!", 0x07: "#DIV/0!", 0x0F: "#VALUE!", 0x17: "#REF!", 0x1D: "#NAME?", 0x24: "#NUM!", 0x2A: "#N/A",
    0x2B: "#GETTING_DATA",
}  # fmt: skip
_UNKNOWN = "#ERROR!"
_ENOUGH = 100_000  # error cells of a sheet that are told of
_DAMAGED = (struct.error, LookupError, UnicodeDecodeError)

# ── .xls ──────────────────────────────────────────────────────────────────────────────────────────────────

_FORMULA, _EOF, _FILEPASS, _BOUNDSHEET, _BOOLERR, _BOF = 0x0006, 0x000A, 0x002F, 0x0085, 0x0205, 0x0809
_EXCEL_97 = 0x0600  # the version since which texts are Unicode
_MINI = 4096  # bytes: smaller streams lie in small sectors
_SMALL = 64


def is_before_excel_97(data: bytes) -> bool:
    """Whether an .xls is one of Excel 5.0 or 95, whose texts the reader takes for Unicode: no Chinese comes out right."""
    try:
        kind, _, version = struct.unpack_from("<HHH", _book(data))
    except _DAMAGED:
        return False
    return kind == _BOF and 0 < version < _EXCEL_97


def errors_in_xls(data: bytes) -> dict[str, Cells]:
    """Sheet → its error cells, of a workbook of Excel 97 to 2003; none of one with a password."""
    try:
        book = _book(data)
        sheets: dict[str, int] = {}
        for kind, body in _records(book, 0, len(book)):
            if kind == _FILEPASS:
                return {}
            if kind == _BOUNDSHEET:
                length, wide = body[6], body[7] & 1
                name = body[8 : 8 + length * (1 + wide)].decode("utf-16-le" if wide else "latin-1")
                sheets[name] = struct.unpack_from("<I", body)[0]
        starts = sorted({*sheets.values(), len(book)})
        ends = dict(pairwise(starts))
        found = {
            name: _errors_from(book, start, ends[start]) for name, start in sheets.items() if start in ends
        }
    except _DAMAGED:
        return {}
    return {name: cells for name, cells in found.items() if cells}


def _book(data: bytes) -> bytes:
    """The records of a workbook: those for Excel 97, where a file holds them for an older one too."""
    return _stream(data, "Workbook") or _stream(data, "Book")


def _errors_from(book: bytes, start: int, end: int) -> Cells:
    """The error cells of the sheet whose records lie there: constants, and results of formulas."""
    found: Cells = {}
    for kind, body in _records(book, start, end):
        if len(found) >= _ENOUGH:
            break
        if kind == _BOOLERR and body[7]:
            found[struct.unpack_from("<HH", body)] = _SAID.get(body[6], _UNKNOWN)
        elif kind == _FORMULA and body[12:14] == b"\xff\xff" and body[6] == 2:
            found[struct.unpack_from("<HH", body)] = _SAID.get(body[8], _UNKNOWN)
    return found


def _records(book: bytes, at: int, end: int) -> Iterator[tuple[int, bytes]]:
    """(kind, content) of the records up to the end of what begins there; charts within it are passed over."""
    depth = 0
    while at + 4 <= end:
        kind, length = struct.unpack_from("<HH", book, at)
        depth += (kind == _BOF) - (kind == _EOF)
        if depth == 1:
            yield kind, book[at + 4 : at + 4 + length]
        if depth <= 0:
            return
        at += 4 + length


def _stream(data: bytes, wanted: str) -> bytes:
    """The stream of that name in a compound file; empty where there is none."""
    size = 1 << struct.unpack_from("<H", data, 30)[0]
    first, small_first = struct.unpack_from("<I", data, 48)[0], struct.unpack_from("<I", data, 60)[0]

    def sector(number: int) -> bytes:
        return data[(number + 1) * size : (number + 2) * size]

    def whole(start: int, links: Sequence[int]) -> bytes:
        return b"".join(sector(number) for number in _chain(start, links))

    sectors = len(data) // size
    needed = 1 + 4 * sectors // size  # tables: no more are believed in
    tables = list(struct.unpack_from("<109I", data, 76))
    more, count = struct.unpack_from("<II", data, 68)
    for _ in range(min(count, needed)):
        if not (numbers := _numbers(sector(more))):
            break
        tables += numbers[:-1]
        more = numbers[-1]
    there = dict.fromkeys(table for table in tables if table < sectors)
    links = [link for table in list(there)[:needed] for link in _numbers(sector(table))]
    folder = whole(first, links)
    smalls = b""
    for at in range(0, len(folder) - 127, 128):
        entry = folder[at : at + 128]
        name = entry[: max(0, struct.unpack_from("<H", entry, 64)[0] - 2)].decode("utf-16-le", "replace")
        start, length = struct.unpack_from("<II", entry, 116)
        if at == 0:  # the root: what it holds are the small sectors
            smalls = whole(start, links)
        elif name == wanted and length >= _MINI:
            return whole(start, links)[:length]
        elif name == wanted:
            chain = _chain(start, _numbers(whole(small_first, links)))
            return b"".join(smalls[n * _SMALL : (n + 1) * _SMALL] for n in chain)[:length]
    return b""


def _numbers(sector: bytes) -> tuple[int, ...]:
    return struct.unpack(f"<{len(sector) // 4}I", sector[: len(sector) // 4 * 4])


def _chain(start: int, links: Sequence[int]) -> Iterator[int]:
    """The sectors of a stream in their order; a chain that runs in a circle is cut off."""
    for _ in range(len(links)):
        if start >= len(links):
            return
        yield start
        start = links[start]


# ── .xlsb ─────────────────────────────────────────────────────────────────────────────────────────────────

_ROW, _CELL_ERROR, _FORMULA_ERROR, _SHEET = 0, 3, 11, 156


def errors_in_xlsb(sheet: bytes) -> Cells:
    """The error cells of one sheet's part."""
    found: Cells = {}
    row = 0
    try:
        for kind, body in _parts(sheet):
            if kind == _ROW:
                row = struct.unpack_from("<I", body)[0]
            elif kind in (_CELL_ERROR, _FORMULA_ERROR) and len(found) < _ENOUGH:
                found[row, struct.unpack_from("<I", body)[0]] = _SAID.get(body[8], _UNKNOWN)
    except _DAMAGED:
        return {}
    return found


def parts_of_xlsb(book: bytes, relations: bytes) -> Mapping[str, str]:
    """The name of each sheet → the part of the archive that holds it."""
    targets = targets_of(relations)
    found = {}
    try:
        for kind, body in _parts(book):
            if kind == _SHEET:
                relation, end = _text(body, 8)
                found[_text(body, end)[0]] = targets.get(relation, "")
    except _DAMAGED:
        return {}
    return found


def _parts(data: bytes) -> Iterator[tuple[int, bytes]]:
    """(kind, content) of the records, whose kind and length are numbers of seven bits a byte."""
    at = 0
    while at < len(data):
        kind, at = _seven(data, at, 2)
        length, at = _seven(data, at, 4)
        yield kind, data[at : at + length]
        at += length


def _seven(data: bytes, at: int, longest: int) -> tuple[int, int]:
    number = 0
    for n in range(longest):
        number |= (data[at] & 127) << (7 * n)
        at += 1
        if data[at - 1] < 128:
            break
    return number, at


def _text(body: bytes, at: int) -> tuple[str, int]:
    end = at + 4 + 2 * int(struct.unpack_from("<I", body, at)[0])
    return body[at + 4 : end].decode("utf-16-le"), end


# ── .ods ──────────────────────────────────────────────────────────────────────────────────────────────────

_TAG = re.compile(
    rb"<(/?)table:(table|table-row|table-cell|covered-table-cell)"
    rb"""((?:\s+[\w:.-]+\s*=\s*(?:"[^"]*"|'[^']*'))*)\s*(/?)>"""
)
_NOTE = (
    rb"(?:<office:annotation[\s>].{0,9999}?</office:annotation>\s*)?"  # a comment stands before what is shown
)
_SHOWN = re.compile(rb"\s*" + _NOTE + rb"<text:p[^>]*>([^<]*)<", re.DOTALL)
_MARKED = re.compile(rb"""value-type\s*=\s*["']error["']""")
_NAMED = re.compile(rf"{ERRORS}|Err:\d{{3}}")  # not ###, which is a column too narrow
_PERHAPS = re.compile(rb"""value-type\s*=\s*["']error["']|<text:p[^>]*>(?:#[A-Z]|Err:\d)""")
_MOST = 1000  # times an error is repeated that are told of


def errors_in_ods(content: bytes) -> dict[str, Cells]:
    """Sheet → its error cells. OpenDocument has no type for them; they are known by what the program that wrote them does.

    LibreOffice marks them as errors, in an attribute of its own, and gives them an empty text as value; Excel, and OpenOffice
    before, gives them the value 0. All show the error's name, by which Excel, too, knows it again ([MS-OODF3] on
    ``table:formula``), so that what shows such a name is an error whatever its value.
    """
    if not _PERHAPS.search(content):
        return {}
    found: dict[str, Cells] = {}
    cells: Cells = {}
    row = column = rows = 0
    for tag in _TAG.finditer(content):
        ends, what, said, closed = tag.groups()
        if what == b"table" and not ends:
            cells = found.setdefault(_attribute(said, b"table:name"), {})
            row = rows = 0
        elif what == b"table-row" and not ends:
            row, column = row + rows, 0
            rows = _times(said, b"table:number-rows-repeated")
        elif what.endswith(b"cell") and not ends:
            times = _times(said, b"table:number-columns-repeated")
            text = "" if closed or len(cells) >= _ENOUGH else _error_shown(content, tag.end(), said)
            if text:
                down, across = (rows, times) if rows * times <= _MOST else (1, 1)
                cells |= {(row + r, column + c): text for r in range(down) for c in range(across)}
            column += times
    return {name: cells for name, cells in found.items() if cells}


def _error_shown(content: bytes, at: int, said: bytes) -> str:
    """The error that a cell with the attributes ``said`` and with its content ``at`` there is; nothing where it is none."""
    shown = _SHOWN.match(content, at)
    text = html.unescape(shown[1].decode("utf-8", "replace")).strip() if shown else ""
    if _MARKED.search(said):
        text = text or _UNKNOWN
    elif not _NAMED.fullmatch(text):
        return ""
    return text if text.startswith("#") else f"#{text}"  # Err:502


def _times(said: bytes, name: bytes) -> int:
    digits = _attribute(said, name)
    return int(digits) if digits.isdecimal() else 1


def _attribute(said: bytes, name: bytes) -> str:
    found = re.search(name + rb"""\s*=\s*(?:"([^"]*)"|'([^']*)')""", said)
    return html.unescape((found[1] or found[2] or b"").decode("utf-8", "replace")) if found else ""
