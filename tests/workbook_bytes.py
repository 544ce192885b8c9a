"""Workbooks as bytes: of Excel 97 and 95 and the container they lie in, .ods, and .xlsx with some of their parts changed."""

from __future__ import annotations

import io
import re
import struct
import zipfile
from collections.abc import Iterable, Sequence

import xlwt
from xlwt.CompoundDoc import XlsDoc

ERRORS = frozenset({"#DIV/0!", "#N/A", "#REF!"})


def xls(sheet: str, rows: Iterable[Sequence[object]]) -> bytes:
    """A workbook of Excel 97 of one sheet; None leaves a cell out, the name of an error makes it that error."""
    book, memory = xlwt.Workbook(), io.BytesIO()
    page = book.add_sheet(sheet)
    for r, row in enumerate(rows):
        for c, cell in enumerate(row):
            if cell in ERRORS:
                page.row(r).set_cell_error(c, cell)
            elif cell is not None:
                page.write(r, c, cell)
    book.save(memory)
    return memory.getvalue()


def xls_95(sheet: str, rows: Iterable[Sequence[object]]) -> bytes:
    """A workbook of Excel 95 (BIFF5) of one sheet, as old systems in China export them: texts in GBK."""

    def record(kind: int, body: bytes = b"") -> bytes:
        return struct.pack("<HH", kind, len(body)) + body

    cells, name = b"", sheet.encode("gbk")
    for r, row in enumerate(rows):
        for c, cell in enumerate(row):
            at = struct.pack("<HHH", r, c, 0)
            if isinstance(cell, str):
                text = cell.encode("gbk")
                cells += record(0x0204, at + struct.pack("<H", len(text)) + text)
            else:
                cells += record(0x0203, at + struct.pack("<d", cell))
    begin, end = (
        (record(0x0809, struct.pack("<4H", 0x0500, kind, 0, 1995)) for kind in (0x05, 0x10)),
        record(0x0A),
    )
    (book, page), pages = begin, record(0x42, struct.pack("<H", 936))
    first = len(book) + len(pages) + 4 + 7 + len(name) + len(end)
    listed = record(0x85, struct.pack("<IHB", first, 0, len(name)) + name)
    memory = io.BytesIO()
    XlsDoc().save(memory, book + pages + listed + end + page + cells + end)
    old, new = ("Workbook\0".encode("utf-16-le"), "Book\0".encode("utf-16-le"))  # what the stream is called
    stem, _, rest = memory.getvalue().partition(old)
    return stem + new.ljust(len(old), b"\0") + rest.replace(bytes([len(old), 0]), bytes([len(new), 0]), 1)


def ods(sheet: str, rows: Iterable[Sequence[str]]) -> bytes:
    """An .ods of one sheet; a cell is a text, or a whole ``<table:table-cell>`` as some program writes it."""
    xml = "".join(f"<table:table-row>{''.join(map(_ods_cell, row))}</table:table-row>" for row in rows)
    spaces = " ".join(
        f'xmlns:{x}="urn:oasis:names:tc:opendocument:xmlns:{x}:1.0"' for x in ("office", "table", "text")
    )
    content = (
        f'<?xml version="1.0"?><office:document-content {spaces}><office:body><office:spreadsheet>'
        f'<table:table table:name="{sheet}">{xml}</table:table>'
        "</office:spreadsheet></office:body></office:document-content>"
    )
    kind = "application/vnd.oasis.opendocument.spreadsheet"
    listed = (
        '<manifest:manifest xmlns:manifest="urn:oasis:names:tc:opendocument:xmlns:manifest:1.0">'
        f'<manifest:file-entry manifest:full-path="/" manifest:media-type="{kind}"/></manifest:manifest>'
    )
    memory = io.BytesIO()
    with zipfile.ZipFile(memory, "w") as archive:
        for name, text in (("mimetype", kind), ("META-INF/manifest.xml", listed), ("content.xml", content)):
            archive.writestr(zipfile.ZipInfo(name), text)
    return memory.getvalue()


def _ods_cell(cell: str) -> str:
    if cell.startswith("<"):
        return cell
    return f'<table:table-cell office:value-type="string"><text:p>{cell}</text:p></table:table-cell>'


def ole2(*streams: str) -> bytes:
    """The container of Excel 97 with the named streams in it, all of them empty: enough to tell what a file is."""
    header = bytearray(b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 504)
    struct.pack_into("<HHHHH", header, 24, 0x3E, 3, 0xFFFE, 9, 6)
    struct.pack_into("<IIIIIIIIII", header, 40, 0, 1, 1, 0, 0x1000, 0xFFFFFFFE, 0, 0xFFFFFFFE, 0, 0)
    struct.pack_into("<109I", header, 76, 0, *[0xFFFFFFFF] * 108)
    table = struct.pack("<128I", 0xFFFFFFFD, 0xFFFFFFFE, *[0xFFFFFFFF] * 126)
    directory = b""
    for name, kind in (("Root Entry", 5), *((stream, 2) for stream in streams)):
        raw = (name + "\0").encode("utf-16-le")
        entry = raw.ljust(64, b"\0") + struct.pack("<HBBIII", len(raw), kind, 1, *[0xFFFFFFFF] * 3)
        directory += entry.ljust(128, b"\0")
    return bytes(header) + table + directory.ljust(512, b"\0")


def repacked(book: bytes, **parts: bytes) -> bytes:
    """An .xlsx with some of its parts put in place of others; a part is named by the stem of its file."""
    memory = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(book)) as old, zipfile.ZipFile(memory, "w", zipfile.ZIP_DEFLATED) as new:
        for entry in old.infolist():
            new.writestr(entry.filename, parts.get(_stem(entry.filename), old.read(entry)))
    return memory.getvalue()


def edited(book: bytes, part: str, pattern: bytes, put: bytes) -> bytes:
    """An .xlsx with whatever matches ``pattern`` in one of its parts replaced; something must."""
    with zipfile.ZipFile(io.BytesIO(book)) as archive:
        (name,) = (name for name in archive.namelist() if _stem(name) == part)
        xml, count = re.subn(pattern, lambda _: put, archive.read(name))
    assert count, (part, pattern)
    return repacked(book, **{part: xml})


def _stem(name: str) -> str:
    return name.rpartition("/")[2].removesuffix(".xml")
