"""The file of names (名称对照表 names.csv): how departments write a unit → its code.

A line that leads to no unit is told with the line as it should be: another mark than a comma between the two, one of the two
missing, both the wrong way round, a name or what Excel made of a long number in place of the code.
"""

from __future__ import annotations

import re
from difflib import get_close_matches
from pathlib import Path

import polars as pl

from ..findings import Findings, Place
from .names import NameBook
from .sheets.cells import fold_name
from .sheets.grid import Grid, as_text, read_grids
from .sheets.tables import TableSpec, table_of

_SPEC = TableSpec(
    columns={"spelling": "写法", "code": "代码"}, required=frozenset({"spelling", "code"}), may_be_empty=True
)
_MARKS = {
    "，": "中文逗号（，）", "；": "中文分号（；）", ";": "分号（;）", "、": "顿号（、）", "\t": "制表符（Tab）", "：": "中文冒号（：）",
    ":": "冒号（:）", "|": "竖线（|）", ",": "英文逗号（,），与表头的不一样",
}  # fmt: skip
_TWO = re.compile(r"(.+?)\s*([，；;、\t：:|,]|\s)\s*([0-9０-９]{6,}).*")
_HEADER = re.compile(r"\ufeff?写法\s*([，；;、\t：:|,]|\s)\s*代码.*")
_BY_EXCEL = re.compile(r"\d(\.\d+)?[eE]\+?\d+")


def read_names(path: Path, units: pl.DataFrame, findings: Findings, *, shown_as: str) -> dict[str, str]:
    """Folded spelling → code. Faults are N004 and N008 beside those of every table; a file without lines is none."""
    told = Findings()
    grids = read_grids(path, told, shown_as=shown_as)
    frame = _under_a_wrong_header(grids[0], told) if grids else _SPEC.empty()
    if frame is None:
        frame = table_of(grids, _SPEC, told)
    findings.extend(f for f in told if (f.code, f.place.column) != ("T013", "代码"))  # N004 says more of it
    return _aliases(frame, units, findings)


def _under_a_wrong_header(grid: Grid, findings: Findings) -> pl.DataFrame | None:
    """The lines below a header whose two words stand in one cell, told as N004; None where the header is none of that kind."""
    lines = [
        (row, cells)
        for row, line in enumerate(grid.rows, 1)
        if any(cells := [as_text(cell).strip() for cell in line])
    ]
    head, first = lines[0] if lines else (0, [""])
    slip = _HEADER.fullmatch(first[0])
    if slip is None or any(first[1:]):
        return None
    if slip[1] == ",":
        says = "是表头，用英文逗号，下面各行却用了分号或制表符"
    else:
        says = f"是表头，写法和代码之间是{_MARKS.get(slip[1], '空格')}，要用英文逗号"
    findings.add(
        "N004", grid.place.at(row=head), value=first[0], detail=says, expected="写法,代码（下面各行一样）"
    )
    rows = [
        (cells[0] or None, (cells[1] if len(cells) > 1 else "") or None, grid.file, grid.sheet, row)
        for row, cells in lines[1:]
    ]
    return pl.DataFrame(rows, schema=_SPEC.empty().schema, orient="row")


def _aliases(frame: pl.DataFrame, units: pl.DataFrame, findings: Findings) -> dict[str, str]:
    """Lines (spelling, code, where they stand) → folded spelling → code."""
    book, known = NameBook(units, {}), set(units["code"])
    aliases: dict[str, str] = {}
    for row in frame.iter_rows(named=True):
        place = Place(row["_file"], row["_sheet"], row["_row"])
        written, code = str(row["spelling"] or "").strip(), fold_name(row["code"] or "")
        if code not in known:
            value, detail, expected = _no_unit(written, code, book, sorted(known))
            findings.add("N004", place.at(column="代码" if code else "写法"), value=value, detail=detail,
                         expected=expected)  # fmt: skip
            continue
        spelling = fold_name(written)
        if spelling and aliases.setdefault(spelling, code) != code:
            findings.add("N008", place.at(column="代码"), value=written, first=aliases[spelling], second=code,
                         expected="一种写法一个代码")  # fmt: skip
    return aliases


def _no_unit(written: str, code: str, book: NameBook, known: list[str]) -> tuple[str, str, str]:
    """(what stands there, what is wrong with it, the line as it should be) of a line that leads to no unit."""
    if not code and (two := _TWO.fullmatch(written)):
        meant = fold_name(two[3])
        also = "" if meant in known else f"；代码 {meant} 也不在名录中"
        mark = _MARKS.get(two[2], "空格")
        return written, f"写法和代码之间是{mark}，要用英文逗号{also}", f"{two[1]},{meant}"
    if not code and fold_name(written) in known:
        return written, f"只有代码 {written}，没有写法", f"部门的写法,{fold_name(written)}"
    if not code:
        return written, f"只有“{written}”，没有代码", f"{written},代码{_like(written, book)}"
    if fold_name(written) in known:
        return code, "写反了：写法在前，代码在后", f"{code},{fold_name(written)}"
    if _BY_EXCEL.fullmatch(code):
        return code, f"代码 {code} 是 Excel 改成的科学计数", "代码一列先设成文本，再填名录中的代码"
    named = book.find(code, level=None, within=None)
    if len(named) == 1:
        return code, f"代码一项写的是名称“{code}”", f"{written},{named[0]}"
    near = get_close_matches(code, known, n=3, cutoff=0.8)
    names = "、".join(f"{c} {book.name_of(c)}" for c in near)
    return (
        code,
        f"代码 {code} 不在名录中",
        "名录中的代码" + (f"，相近的有：{names}" if near else _like(written, book)),
    )


def _like(written: str, book: NameBook) -> str:
    """The units whose names are like what is written, with their codes."""
    near = [
        f"{name} {code}"
        for name in book.near(written, level=None, within=None)
        for code in book.find(name, level=None, within=None)
    ]
    return f"，名称相近的有：{'、'.join(near)}" if near else ""
