"""Workbooks as bytes: of Excel 97 and the container it lies in, and .xlsx with some of their parts changed."""

from __future__ import annotations

import io
import re
import struct
import zipfile
from collections.abc import Iterable, Sequence

import xlwt

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
