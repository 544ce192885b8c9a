"""Draw the sheets of docs/manual/03-data.md: each as it should be and as it should not, the wrong cells ringed.

    .venv/bin/python scripts/manual_pictures.py

Cells, faults and words stand in docs/manual/pictures/sheets.toml; tests/test_manual_pictures.py writes the same cells as
files, reads them, and holds the program to what is drawn.
"""

from __future__ import annotations

import re
import sys
import tomllib
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

from tijian.engine.findings import catalogue
from tijian.reports.charts.svg import Drawing, Point, text_width

FOLDER = Path(__file__).resolve().parents[1] / "docs" / "manual" / "pictures"
DESCRIBED = "sheets.toml"

# All lengths in tenths of a millimetre, as in a Drawing.
PAGE = 1640.0  # the width of the text on A4: two sheets that fit beside each other stand so
SIZE, SMALL = 28.0, 24.0  # of type: cells, and everything around them
ROW, LETTERS, NUMBERS = 58.0, 44.0, 62.0  # a row, the row of column letters, the column of row numbers
PAD, GAP, LINE, HEAD, MARGIN = 18.0, 60.0, 40.0, 64.0, 10.0
GOOD, INK, FAINT = "#2E6B57", "#C9CFD5", "#F4F6F8"
RED = "#C00000"


@dataclass(frozen=True)
class Fault:
    """One fault drawn: the cell ringed, and what is told of it (``row`` 0: of the whole sheet)."""

    at: str
    code: str
    row: int
    column: str
    says: str


@dataclass(frozen=True)
class Side:
    """One state of a sheet."""

    rows: list[list[Any]]
    merges: tuple[str, ...]


@dataclass(frozen=True)
class Sheet:
    """One example."""

    name: str
    title: str
    file: str
    right: Side
    wrong: Side
    faults: tuple[Fault, ...]
    sheet: str = "Sheet1"

    def side(self, which: str) -> Side:
        """``right`` or ``wrong``."""
        return self.right if which == "right" else self.wrong

    @cached_property
    def widths(self) -> list[float]:
        """How wide each column is drawn: as wide as what stands in it on either side, but for merged cells."""
        widths = [60.0] * max(len(row) for side in (self.right, self.wrong) for row in side.rows)
        for side in (self.right, self.wrong):
            spread = {(area[0] - 1, area[1] - 1) for area in map(_area, side.merges) if area[3] > area[1]}
            for r, row in enumerate(side.rows):
                for c, cell in enumerate(row):
                    if (r, c) not in spread:
                        widths[c] = max(widths[c], text_width(str(cell), SIZE) + 2 * PAD)
        return widths


def sheets() -> list[Sheet]:
    """Every example, as described."""
    described = tomllib.loads((FOLDER / DESCRIBED).read_text(encoding="utf-8"))
    return [
        Sheet(
            name=one["name"], title=one["title"], file=one["file"], sheet=one.get("sheet", "Sheet1"),
            right=Side(one["right"], tuple(one.get("right_merges", ()))),
            wrong=Side(one["wrong"], tuple(one.get("wrong_merges", ()))),
            faults=tuple(Fault(**fault) for fault in one["faults"]),
        )
        for one in described["sheet"]
    ]  # fmt: skip


def pictures(sheet: Sheet) -> dict[str, str]:
    """File → SVG of one example: one picture where both sheets stand beside each other, else one of each.

    Two that stand below each other would be too tall for the rest of a page, and leave it empty.
    """
    grid = NUMBERS + sum(sheet.widths)
    right, wrong = (HEAD + LETTERS + ROW * len(side.rows) for side in (sheet.right, sheet.wrong))
    if 2 * grid + GAP <= PAGE:
        drawing = _paper(max(right, wrong) + _captions_height(sheet))
        _grid(drawing, (0.0, 0.0), sheet, sheet.right, "对")
        _wrong(drawing, (grid + GAP, 0.0), sheet, max(right, wrong))
        return {f"{sheet.name}.svg": _svg(drawing, f"{sheet.title}：对的和错的。{_told(sheet)}")}
    alone, below = _paper(right + MARGIN), _paper(wrong + _captions_height(sheet))
    _grid(alone, (0.0, 0.0), sheet, sheet.right, "对")
    _wrong(below, (0.0, 0.0), sheet, wrong)
    return {
        f"{sheet.name}.svg": _svg(alone, f"{sheet.title}：对的"),
        f"{sheet.name}-wrong.svg": _svg(below, f"{sheet.title}：错的。{_told(sheet)}"),
    }


def _paper(height: float) -> Drawing:
    drawing = Drawing(PAGE / 10, height / 10)
    drawing.rect((0, 0), (PAGE, height), "#FFFFFF")
    return drawing


def _svg(drawing: Drawing, alt: str) -> str:
    return drawing.chart(alt).svg + "\n"


def _told(sheet: Sheet) -> str:
    return "；".join(f"{f.at} {f.code} {f.says}" for f in sheet.faults)


def _captions_height(sheet: Sheet) -> float:
    return 30 + LINE * sum(len(_caption(fault)) for fault in sheet.faults) + MARGIN


def _wrong(drawing: Drawing, at: Point, sheet: Sheet, top: float) -> None:
    """The wrong sheet with its faults ringed; below ``top`` what is said of them."""
    _grid(drawing, at, sheet, sheet.wrong, "错")
    for cell in dict.fromkeys(fault.at for fault in sheet.faults):
        codes = "、".join(fault.code for fault in sheet.faults if fault.at == cell)
        _ring(drawing, at, sheet, cell, codes)
    lines = [line for fault in sheet.faults for line in _caption(fault)]
    for i, line in enumerate(lines):
        drawing.text((4.0, top + 30 + LINE * (i + 0.7)), line, SMALL)


def _grid(drawing: Drawing, at: Point, sheet: Sheet, side: Side, verdict: str) -> None:
    """One sheet as Excel shows it, under a word of verdict and the title."""
    x, y = at
    colour = GOOD if verdict == "对" else RED
    drawing.rect((x, y + 6), (44.0, 44.0), colour, radius=6)
    drawing.text((x + 22, y + 39), verdict, SIZE, "#FFFFFF", "middle", bold=True)
    drawing.text((x + 58, y + 38), sheet.title, SIZE, bold=True)
    y += HEAD
    edges = [x + NUMBERS]
    for width in sheet.widths:
        edges.append(edges[-1] + width)
    bottom = y + LETTERS + ROW * len(side.rows)
    drawing.rect((x, y), (edges[-1] - x, LETTERS), FAINT)
    drawing.rect((x, y), (NUMBERS, bottom - y), FAINT)
    for c, width in enumerate(sheet.widths):
        drawing.text((edges[c] + width / 2, y + 31), chr(65 + c), SMALL, "#66717C", "middle")
    for r in range(len(side.rows)):
        drawing.text((x + NUMBERS / 2, y + LETTERS + ROW * r + 38), str(r + 1), SMALL, "#66717C", "middle")
    for edge in [x, *edges]:
        drawing.line((edge, y), (edge, bottom), INK)
    for r in range(-1, len(side.rows) + 1):
        line = y if r < 0 else y + LETTERS + ROW * r
        drawing.line((x, line), (edges[-1], line), INK)
    areas = {(a[0] - 1, a[1] - 1): a for a in map(_area, side.merges)}
    for r, row in enumerate(side.rows):
        for c, cell in enumerate(row):
            corner = (edges[c], y + LETTERS + ROW * r)
            if (r, c) in areas:
                _merged(drawing, corner, areas[r, c], edges, str(cell))
            elif isinstance(cell, int | float):  # numbers stand right, texts left, as Excel has them
                drawing.text(
                    (edges[c + 1] - PAD, corner[1] + 39), f"{cell:,}".replace(",", ""), SIZE, anchor="end"
                )
            elif cell:
                drawing.text((corner[0] + PAD, corner[1] + 39), cell, SIZE)


def _merged(
    drawing: Drawing, corner: Point, area: tuple[int, int, int, int], edges: list[float], words: str
) -> None:
    """A merged area: one cell over several."""
    top, left, bottom, right = area
    width, height = edges[right] - edges[left - 1], ROW * (bottom - top + 1)
    drawing.rect(corner, (width, height), "#FFFFFF", INK)
    drawing.text((corner[0] + width / 2, corner[1] + height / 2 + 10), words, SIZE, anchor="middle")


def _ring(drawing: Drawing, at: Point, sheet: Sheet, cell: str, codes: str) -> None:
    """A red ring around a cell, with the codes on its upper edge."""
    one = _area(cell)
    top, left, bottom, right = next((a for a in map(_area, sheet.wrong.merges) if a[:2] == one[:2]), one)
    x = at[0] + NUMBERS + sum(sheet.widths[: left - 1])
    y = at[1] + HEAD + LETTERS + ROW * (top - 1)
    width, height = sum(sheet.widths[left - 1 : right]), ROW * (bottom - top + 1)
    drawing.rect((x + 3, y + 3), (width - 6, height - 6), "none", RED, 5, radius=26)
    tag = text_width(codes, 22) + 10
    drawing.rect((x + width - tag - 8, y - 12), (tag, 27), "#FFFFFF", RED, 2, radius=6)
    drawing.text((x + width - tag / 2 - 8, y + 9), codes, 22, RED, "middle", bold=True)


def _caption(fault: Fault) -> list[str]:
    """What is said of a fault below the sheets, in lines that fit."""
    words = f"{fault.at}　{fault.code} {catalogue()[fault.code].title}：{fault.says}"
    lines, line = [], ""
    for character in words:
        if text_width(line + character, SMALL) > PAGE - 8:
            lines.append(line)
            line = "　　"
        line += character
    return [*lines, line]


def _area(name: str) -> tuple[int, int, int, int]:
    """``B5:C6`` → (top, left, bottom, right), from 1; one cell is an area of its own."""
    corners = re.findall(r"([A-Z])(\d+)", name)
    (left, top), (right, bottom) = corners[0], corners[-1]
    return int(top), ord(left) - 64, int(bottom), ord(right) - 64


def main() -> None:
    """Write every picture beside its description."""
    for sheet in sheets():
        for name, svg in pictures(sheet).items():
            target = FOLDER / name
            target.write_text(svg, encoding="utf-8")
            sys.stdout.write(f"{target}\n")


if __name__ == "__main__":
    main()
