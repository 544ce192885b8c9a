"""Faults planted in the latest year's files, and the answer key that says where they stand.

``warnings`` are faults a run can live with; ``errors`` adds those that must stop it. Intake has to find
exactly these, and nothing in the rest of the sample. Codes are those of the engine's catalogue of findings.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Literal

import numpy as np
import polars as pl
import shapely

from .layers import Layer
from .messy import Book, Cell, Sheet
from .places import CENTRE_LON
from .world import World

Faults = Literal["none", "warnings", "errors"]
FEW_ANSWERS = 4
COLUMNS = ("code", "level", "file", "sheet", "row", "column")


@dataclass(frozen=True)
class Answer:
    """One planted fault and where intake must find it; ``row`` as Excel counts, or the feature's number."""

    code: str
    level: str
    file: str
    sheet: str
    row: int | None
    column: str


@dataclass
class Answers:
    """The answer key (答案)."""

    rows: list[Answer] = field(default_factory=list)

    def frame(self) -> pl.DataFrame:
        """code, level, file, sheet, row, column."""
        return pl.DataFrame(
            [tuple(getattr(a, c) for c in COLUMNS) for a in self.rows],
            schema={c: pl.Int64 if c == "row" else pl.String for c in COLUMNS},
            orient="row",
        )


@dataclass
class Files:
    """What is about to be written for one year, by the input's name, and the boundaries."""

    books: dict[str, Book]
    layers: dict[str, Layer]


@dataclass
class Planter:
    """Puts wrong cells into sheets and keeps the key."""

    world: World
    files: Files
    key: Answers = field(default_factory=Answers)

    def note(self, code: str, level: str, book: Book, sheet: Sheet, index: int | None, header: str) -> None:
        """Add an answer; a CSV has no sheet."""
        row = None if index is None else sheet.excel_row(index)
        self.key.rows.append(Answer(code, level, book.path, "" if book.encoding else sheet.name, row, header))

    def cell(self, name: str, index: int, header: str, value: Cell, code: str, level: str = "warning",
             sheet: int = 0) -> None:  # fmt: skip
        """Put ``value`` under ``header`` of data row ``index`` and note it."""
        book = self.files.books[name]
        page = book.sheets[sheet]
        page.rows[index][page.column(header)] = value
        self.note(code, level, book, page, index, header)


def plant(world: World, files: Files, faults: Faults) -> Answers:
    """Plant the faults asked for; returns their key."""
    planter = Planter(world, files)
    if faults == "none":
        return planter.key
    for step in WARNINGS:
        step(planter)
    if faults == "errors":
        for step in ERRORS:
            step(planter)
    return planter.key


def _unreadable_number(p: Planter) -> None:
    p.cell("estates", 5, "户数", "约两百户", "T010", "error")


def _year_out_of_limits(p: Planter) -> None:
    p.cell("buildings", 11, "建成年份", 2062, "T012", sheet=1)


def _no_unit(p: Planter) -> None:
    p.cell("bridges", 2, "街镇", None, "N005")


def _missing_community(p: Planter) -> None:
    """The last community of the second town is left out of the welfare form."""
    book = p.files.books["welfare"]
    town = p.world.towns[1].name
    column = book.sheet.column("街镇")
    index = max(i for i, row in enumerate(book.sheet.rows) if row[column] == town)
    del book.sheet.rows[index]
    p.note("N006", "warning", book, book.sheet, None, "社区")


def _outside(p: Planter) -> None:
    """A clinic with a slip in its longitude: it lies half a degree east of the district."""
    book = p.files.books["clinics"]
    book.sheet.rows[3][book.sheet.column("经度")] = round(CENTRE_LON + 0.5, 6)
    p.note("G030", "warning", book, book.sheet, 3, "")


def _swapped(p: Planter) -> None:
    """A school with longitude and latitude in each other's place."""
    book = p.files.books["schools"]
    row, x, y = book.sheet.rows[4], book.sheet.column("经度"), book.sheet.column("纬度")
    row[x], row[y] = row[y], row[x]
    p.note("G021", "warning", book, book.sheet, 4, "经度")


def _repeated_batch(p: Planter) -> None:
    """Twelve answers pasted in again below the last, so that the serial numbers begin anew."""
    book = p.files.books["residents"]
    rows = book.sheet.rows
    start = len(rows)
    rows.extend(list(row) for row in rows[40:52])
    p.note("S003", "warning", book, book.sheet, start, "序号")


def _too_few_answers(p: Planter) -> None:
    """Of the smallest communities, one in a hundred, most answers were lost: fewer are left than are asked for."""
    people, kinds = p.world.communities["population"].to_numpy(), p.world.communities["kind"].to_list()
    book = p.files.books["residents"]
    town, name = book.sheet.column("您居住的街镇"), book.sheet.column("您居住的社区")
    for c in np.argsort(people, kind="stable")[: max(1, len(people) // 100)].tolist():
        base = p.world.communities["base"][c] + ("社区" if kinds[c] == "居委会" else "村")
        theirs = (p.world.towns[p.world.town_of[c]].name, base)
        lost = [id(row) for row in book.sheet.rows if (row[town], row[name]) == theirs][FEW_ANSWERS:]
        book.sheet.rows = [row for row in book.sheet.rows if id(row) not in lost]
    p.key.rows.append(Answer("S007", "warning", book.path, "", None, ""))


def _phone_number(p: Planter) -> None:
    """Somebody's telephone number in the text of a place; digits never given to a subscriber."""
    sheet = p.files.books["flood_points"].sheet
    place = f"{sheet.rows[1][sheet.column('位置')]}（联系人手机 13800000000）"
    p.cell("flood_points", 1, "位置", place, "K001")


def _two_figures(p: Planter) -> None:
    """The 合计 of the toilets disagrees with the rows above it: told of the indicator made from both."""
    sheet = p.files.books["greening"].sheet
    sheet.rows[-1][sheet.column("公共厕所 达星级")] = 9
    p.key.rows.append(Answer("M004", "warning", "指标 SJ-06", "", None, ""))


def _crossed_ring(p: Planter) -> None:
    """Two corners of one community's outline in the wrong order: the ring crosses itself by a hair."""
    layer = p.files.layers["boundaries"]
    index = 1 + len(p.world.towns) + p.world.communities.height // 2
    ring = shapely.get_coordinates(layer.geometry[index])
    shortest = int(np.hypot(*np.diff(ring, axis=0).T).argmin())  # a long side would bend when projected
    a, b = ring[shortest], ring[shortest + 1]
    across = np.array([-(b - a)[1], (b - a)[0]]) / np.hypot(*(b - a)) * 1e-9
    loop = [a + 0.6 * (b - a) + across, a + 0.4 * (b - a) + across]
    layer.geometry[index] = shapely.Polygon(np.vstack([ring[: shortest + 1], loop, ring[shortest + 1 :]]))
    p.key.rows.append(Answer("G003", "warning", layer.path, layer.name, index + 1, ""))


def _duplicate_building(p: Planter) -> None:
    sheet = p.files.books["buildings"].sheet
    p.cell("buildings", 9, "楼栋编号", sheet.rows[8][sheet.column("楼栋编号")], "T020", "error")


def _misspelt_unit(p: Planter) -> None:
    """A character too many in a community's name; the nearest name is offered."""
    sheet = p.files.books["welfare"].sheet
    name = str(sheet.rows[6][sheet.column("社区")])
    p.cell("welfare", 6, "社区", f"{name[:1]}邨{name[1:]}", "N001", "error")


def _unknown_unit(p: Planter) -> None:
    p.cell("bridges", 0, "街镇", "飞来峰街道", "N001", "error")


WARNINGS: tuple[Callable[[Planter], None], ...] = (
    _year_out_of_limits,
    _no_unit,
    _missing_community,
    _outside,
    _swapped,
    _too_few_answers,
    _repeated_batch,
    _phone_number,
    _two_figures,
    _crossed_ring,
)
ERRORS: tuple[Callable[[Planter], None], ...] = (
    _unreadable_number,
    _duplicate_building,
    _misspelt_unit,
    _unknown_unit,
)
