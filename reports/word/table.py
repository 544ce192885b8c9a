"""A :class:`~tijian.reports.tables.table.Table` in Word: three rules, a header on every page, real cells to edit.

Drawings inside cells (spines) are left to the PDF. Grades and severities stand on their colours.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from docx.oxml.xmlchemy import BaseOxmlElement

from ..pdf.table_html import fitted
from ..tables.table import Align, Cell, Column, Table, text
from ..theme import GradeCuts, load_theme
from .parts import TWIPS_PER_MM, element, paragraph

HEAVY, LIGHT = 12, 4  # eighths of a point: the outer rules and the one below the header
_MARGIN = 40  # twips at the left and right of a cell
_AIR = 1.06  # Word's typefaces run wider than the PDF's


@dataclass(frozen=True)
class Row:
    """Cells as text, with their grounds (``#RRGGBB`` or empty)."""

    texts: tuple[str, ...]
    grounds: tuple[str, ...]


def word_table(table: Table, cuts: GradeCuts, total: float, *, small: bool) -> BaseOxmlElement:
    """``table`` as ``<w:tbl>``, ``total`` millimetres wide, shared among its columns as in the PDF.

    ``small``: in the type of the lists.
    """
    style, size = ("长表", "table_list") if small else ("表格", "table")
    shown = table.without(*(c.key for c in table.columns if c.kind == "spine"))
    rows = [
        Row(
            tuple(text(cell, column) for cell, column in zip(row, shown.columns, strict=True)),
            tuple(_ground(cell, column, cuts) for cell, column in zip(row, shown.columns, strict=True)),
        )
        for row in shown.rows
    ]
    columns = fitted(shown, total, load_theme().type[size] * _AIR).columns
    heads, aligns = [c.title for c in columns], [c.align for c in columns]
    return three_lines(heads, rows, [c.width for c in columns], aligns, style)


def three_lines(
    heads: Sequence[str], rows: Sequence[Row], widths: Sequence[float], aligns: Sequence[Align], style: str
) -> BaseOxmlElement:
    """A three-line table (三线表): columns ``widths`` millimetres wide, the header repeated on every page."""
    twips = [round(width * TWIPS_PER_MM) for width in widths]
    properties = element(
        "tblPr", element("tblW", w=sum(twips), type="dxa"), element("jc", val="center"),
        element("tblBorders", _rule("top", HEAVY), _rule("bottom", HEAVY)), element("tblLayout", type="fixed"),
        element("tblCellMar", element("left", w=_MARGIN, type="dxa"), element("right", w=_MARGIN, type="dxa")),
    )  # fmt: skip
    made = element("tbl", properties, element("tblGrid", *(element("gridCol", w=w) for w in twips)))
    head = element("tr", element("trPr", element("cantSplit"), element("tblHeader")))
    for title, width, align in zip(heads, twips, aligns, strict=True):
        below = element("tcBorders", _rule("bottom", LIGHT))
        cell = element("tcPr", element("tcW", w=width, type="dxa"), below, element("vAlign", val="center"))
        head.append(element("tc", cell, paragraph(style, title, element("b"), align=align)))
    made.append(head)
    made.extend(_row(row, twips, aligns, style) for row in rows)
    return made


def _row(row: Row, twips: Sequence[int], aligns: Sequence[Align], style: str) -> BaseOxmlElement:
    made = element("tr", element("trPr", element("cantSplit")))
    for shown, ground, width, align in zip(row.texts, row.grounds, twips, aligns, strict=True):
        cell = element("tcPr", element("tcW", w=width, type="dxa"))
        looks = []
        if ground:
            cell.append(element("shd", val="clear", color="auto", fill=ground.lstrip("#")))
            looks.append(element("color", val=load_theme().on(ground).lstrip("#")))
        made.append(element("tc", cell, paragraph(style, shown, *looks, align=align)))
    return made


def _ground(cell: Cell, column: Column, cuts: GradeCuts) -> str:
    """The colour behind a grade or a severity; empty where there is none."""
    theme = load_theme()
    if column.kind == "grade" and cell:
        return "" if theme.grade(str(cell), cuts) == theme.ungraded else theme.grade(str(cell), cuts)
    return theme.severity.get(str(cell), "") if column.kind == "severity" else ""


def _rule(side: str, weight: int) -> BaseOxmlElement:
    return element(side, val="single", sz=weight, space=0, color=load_theme().ink["rule"].lstrip("#"))
