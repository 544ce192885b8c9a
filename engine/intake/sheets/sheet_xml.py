"""What a workbook's own XML says that its reader does not (工作表的 XML): how far a sheet goes, and cells without a value.

The reader lays out a sheet as a rectangle from A1 to the last cell; one cell far out, by a slip or by malice, would ask
for more memory than there is and end the program. And it hands over as blank what Excel shows as ``#DIV/0!``, and a
formula nobody has reckoned: both would pass for a cell left empty.
"""

from __future__ import annotations

import html
import posixpath
import re
from collections.abc import Iterator, Mapping

_PIECE = 8 << 20
_ENDS = (b" ", b">", b"/", b"\t", b"\r", b"\n")
_TAG = rb"<(?:\w+:)?"
_CELLS = re.compile(_TAG + rb"c(?=[\s/>])")
_ROWS = re.compile(_TAG + rb"row(?=[\s/>])")
# As every known program writes it; the position may be left out, cells then follow each other.
_PLAIN_CELL = re.compile(
    _TAG + rb'c(?: r="([A-Z]{1,3})([0-9]{1,7})")?(?: (?:s|t|cm|vm|ph)="[^"<>]*")*\s*(/?)>'
)
_ODD_TAG = re.compile(rb"""(?:\s+[\w:.-]+\s*=\s*(?:"[^"<>]*"|'[^'<>]*'))*\s*(/?)>""")
_POSITION = re.compile(rb"""\sr\s*=\s*["']([A-Za-z]{0,3})([0-9]{1,7})["']""")
_HAS_POSITION = re.compile(rb"""\sr\s*=""")

_ERROR = re.compile(
    _TAG + rb"""c\s([^<>]*?\bt\s*=\s*["']e["'][^<>]*)>(?:\s*<(?:\w+:)?f(?:[^<>]*/>|[^<>]*>[^<]*</(?:\w+:)?f>))?\s*"""
    rb"<(?:\w+:)?v[^<>]*>([^<]*)<"
)  # fmt: skip
_UNRECKONED = re.compile(
    _TAG + rb"c\s([^<>]*[^<>/])>\s*<(?:\w+:)?f(?:[^<>]*/>|[^<>]*>([^<]*)</(?:\w+:)?f>)\s*"
    rb"(?:<(?:\w+:)?v\s*/>|<(?:\w+:)?v[^<>]*>\s*</(?:\w+:)?v>)?\s*</(?:\w+:)?c>"
)
_TEXT_RESULT = re.compile(rb"""\bt\s*=\s*["'](?:str|s|inlineStr)["']""")
_SHEET = re.compile(rb"""<(?:\w+:)?sheet\s([^<>]*)>""")
_RELATION = re.compile(rb"""<(?:\w+:)?Relationship\s([^<>]*)>""")
_ATTRIBUTE = re.compile(rb"""([\w:]+)\s*=\s*(?:"([^"]*)"|'([^']*)')""")


def extent(xml: bytes) -> tuple[int, int]:
    """(rows, columns) the filled cells of a sheet reach to. Raises ValueError for what no program writes."""
    bottom = right = 0
    counted = True  # every filled cell says which row it is in
    for piece in _pieces(xml):
        plain = _PLAIN_CELL.findall(piece)
        usual = len(plain) == sum(piece.count(start + end) for start in (b"<c", b":c") for end in _ENDS)
        filled = [(a, d) for a, d, closed in plain if not closed] if usual else list(_odd_cells(piece))
        columns, rows = {letters for letters, _ in filled}, {digits for _, digits in filled}
        counted &= b"" not in rows
        bottom = max(bottom, *(int(digits or b"0") for digits in rows), 0)
        right = max(right, *map(column_of, columns), 0)
    return (bottom if counted else max(bottom, _last_row(xml))), right


def _pieces(xml: bytes) -> Iterator[bytes]:
    """The XML in parts of some megabytes, none of which ends within a tag."""
    start = 0
    while start < len(xml):
        end = xml.find(b"<", start + _PIECE)
        end = len(xml) if end < 0 else end
        yield xml[start:end]
        start = end


def _last_row(xml: bytes) -> int:
    """The number of the last row, where rows without one follow the row before."""
    last = at = 0
    for match in _ROWS.finditer(xml):
        digits = _position_in(xml, match)[0][1]
        at = int(digits) if digits else at + 1
        last = max(last, at)
    return last


def _odd_cells(xml: bytes) -> Iterator[tuple[bytes, bytes]]:
    """(letters, digits) of the filled cells where some are written in an unusual way."""
    for match in _CELLS.finditer(xml):
        position, closed = _position_in(xml, match)
        if not closed:
            yield position


def _position_in(xml: bytes, name: re.Match[bytes]) -> tuple[tuple[bytes, bytes], bool]:
    """(letters, digits) that a tag says, and whether it is closed at once; ``name`` is its beginning."""
    tag = _ODD_TAG.match(xml, name.end())
    if tag is None:
        raise ValueError("a tag that cannot be read")
    return _position(tag[0]), bool(tag[1])


def _position(tag: bytes) -> tuple[bytes, bytes]:
    found = _POSITION.search(tag)
    if found is None and _HAS_POSITION.search(tag):
        raise ValueError("a position that cannot be read")
    return (found[1].upper(), found[2]) if found else (b"", b"")


def column_of(letters: bytes) -> int:
    """``C`` → 3, no letters → 0."""
    column = 0
    for letter in letters:
        column = column * 26 + letter - 64
    return column


def unsaid_cells(xml: bytes) -> dict[tuple[int, int], str]:
    """(row, column), from 0 → the error (``#DIV/0!``) or the formula (``=A1+B1``), for cells that have no value.

    A formula whose result is the empty text has one, and is blank.
    """
    found: dict[tuple[int, int], str] = {}
    for match in _ERROR.finditer(xml) if b'"e"' in xml or b"'e'" in xml else ():
        letters, digits = _position(b" " + match[1])
        if digits:
            found[int(digits) - 1, column_of(letters) - 1] = _plain(match[2])
    for match in _UNRECKONED.finditer(xml) if b"<f" in xml or b":f" in xml else ():
        letters, digits = _position(b" " + match[1])
        if digits and not _TEXT_RESULT.search(match[1]):
            found[int(digits) - 1, column_of(letters) - 1] = "=" + _plain(match[2] or "…".encode())
    return found


def _plain(text: bytes) -> str:
    return html.unescape(text.decode("utf-8", "replace")).strip()


def parts_of(workbook: bytes, relations: bytes) -> Mapping[str, str]:
    """The name of each sheet → the part of the archive that holds it."""
    targets = targets_of(relations)
    sheets = (_attributes(tag) for tag in _SHEET.findall(workbook))
    return {
        said["name"]: targets[key] for said in sheets
        if "name" in said and (key := next((v for k, v in said.items() if k.endswith(":id")), "")) in targets
    }  # fmt: skip


def targets_of(relations: bytes) -> Mapping[str, str]:
    """The id of each relation of a workbook → the part of the archive it leads to."""
    told = map(_attributes, _RELATION.findall(relations))
    return {
        said.get("Id", ""): posixpath.normpath(posixpath.join("/xl", said.get("Target", ""))).lstrip("/")
        for said in told
    }


def _attributes(tag: bytes) -> dict[str, str]:
    return {name.decode(): _plain(one or other) for name, one, other in _ATTRIBUTE.findall(tag)}
