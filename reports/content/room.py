"""How much room things will take on an upright page, before they are laid out: only to choose a figure's size.

Estimates from the style sheet's sizes, a little too high rather than too low. A wrong one costs looks, never
content.
"""

from __future__ import annotations

import math
from collections.abc import Sequence

from ..blocks import Block, FigureBlock, Prose, Section, TableBlock
from ..charts.svg import text_width
from ..pdf.table_html import PADDING, fitted, parts_of, title_parts
from ..tables.table import Cell, Column, Table, text
from ..theme import load_theme

_PT = 0.3528  # mm
_TYPE = load_theme().type
_TABLE_SIZE = _TYPE["table_dense"]  # point, as the tables of a page are set
_LINE, _ROW_AIR, _SPINE_ROW = 1.35 * _TABLE_SIZE * _PT, 1.9, 6.35
_PROSE_SIZE, _PROSE_LINE, _PROSE_AIR = _TYPE["body"] * _PT, 1.72 * _TYPE["body"] * _PT, 2.2
_ROW_LEAST = _LINE + _ROW_AIR
WHOLE = 85.0  # mm: a third of a page; what is taller may be broken over two
_CHAPTER, _HEADING = 20.0, 12.0  # h1, h2 with their space
_CAPTION_SIZE, _CAPTION_LINE = _TYPE["caption"] * _PT, 1.5 * _TYPE["caption"] * _PT
_FIGURE_AIR, _TABLE_AIR = 16.5, 15.0  # caption and margins; title and margins


def figure_room(paragraphs: Sequence[str], table: Table, first: bool = False) -> float:
    """What a page with a heading, these paragraphs and this table has left for a drawing, in mm; may be negative.

    ``first``: the chapter's heading stands on the page too.
    """
    return page_room(paragraphs, first) - table_height(table)


def page_room(paragraphs: Sequence[str], first: bool = False) -> float:
    """What a page with a heading and these paragraphs has left for a drawing, in mm."""
    page = load_theme().page
    height = page["height"] - page["top"] - page["bottom"]
    headings = _HEADING + (_CHAPTER if first else 0.0)
    return height - headings - _FIGURE_AIR - prose_height(paragraphs)


def prose_height(paragraphs: Sequence[str]) -> float:
    """Body paragraphs in mm: the first line indented by two characters; empty ones take nothing."""
    page = load_theme().page
    line = (page["width"] - 2 * page["side"]) / _PROSE_SIZE
    counts = [math.ceil((text_width(p, 1.0) + 2) / line) for p in paragraphs if p]
    return sum(_PROSE_AIR + n * _PROSE_LINE for n in counts)


def whole_table(table: Table) -> bool:
    """Whether a table moves to the next page rather than being broken: a taller one would leave too much of a page empty."""
    return len(table) * _ROW_LEAST <= WHOLE and table_height(table) <= WHOLE


def whole_part(part: Section) -> bool:
    """The same of a part with its heading, all that stands in it taken together; one that flows may always be broken."""
    return not part.flows and _HEADING + sum(map(_block_height, part.blocks)) <= WHOLE


def _block_height(block: Block) -> float:
    if isinstance(block, Prose):
        return prose_height(block.paragraphs)
    if isinstance(block, TableBlock):
        return table_height(block.table) if len(block.table) * _ROW_LEAST <= WHOLE else math.inf
    if isinstance(block, FigureBlock):
        return (
            _FIGURE_AIR
            + max((chart.height for chart in block.charts), default=0.0)
            + caption_height(block.caption)
        )
    return 0.0


def caption_height(caption: str) -> float:
    """What a figure's caption takes beyond the two lines that :func:`page_room` leaves for it, in mm."""
    page = load_theme().page
    lines = math.ceil(text_width(caption, _CAPTION_SIZE) / (page["width"] - 2 * page["side"]))
    return max(0, lines - 2) * _CAPTION_LINE


def table_height(table: Table) -> float:
    """A dense table with its title in mm; nothing without rows."""
    if not table.rows:
        return 0.0
    page = load_theme().page
    laid = fitted(table, page["width"] - 2 * page["side"], _TABLE_SIZE)
    head = max(len(title_parts(c.title)) for c in laid.columns)
    return _TABLE_AIR + head * _LINE + _ROW_AIR + sum(_row_height(row, laid.columns) for row in laid.rows)


def _row_height(row: tuple[Cell, ...], columns: Sequence[Column]) -> float:
    lines = max(_lines(cell, column) for cell, column in zip(row, columns, strict=True))
    return max(_SPINE_ROW, _ROW_AIR + lines * _LINE)


def _lines(cell: Cell, column: Column) -> int:
    """How many lines a cell takes; drawings, figures and grades take one."""
    if column.kind not in ("text", "list", "name"):
        return 1
    em = _TABLE_SIZE * _PT
    if column.kind == "text":
        return max(1, math.ceil(text_width(text(cell, column), em) / (column.width - PADDING)))
    widths = [text_width(part, em) for part in parts_of(cell, column)]
    return max(1, math.ceil(sum(widths) / (column.width - PADDING)))
