"""The cover sheet (封面) of a workbook: what it is, from which run, what stands where, how to fill it in."""

from __future__ import annotations

from dataclasses import dataclass

from xlsxwriter.worksheet import Worksheet

from .sheet import (
    NOTHING,
    TITLE_ROW,
    Plan,
    lines_of,
    link_to,
    set_lines,
    set_up_print,
    write_link,
    write_text,
)
from .styles import Styles

COVER_NAME = "封面"
LABEL_WIDTH, BODY_WIDTH = 26, 74


@dataclass(frozen=True)
class Entry:
    """One line of the contents: a sheet, how many rows it holds, and the notes that belong to it."""

    sheet: str
    rows: int
    notes: tuple[str, ...] = ()


@dataclass(frozen=True)
class Cover:
    """What the cover says. ``facts`` are (label, text); ``guide`` the numbered lines under ``guide_title``."""

    title: str
    subtitle: str
    label: str
    facts: tuple[tuple[str, str], ...]
    entries: tuple[Entry, ...]
    guide: tuple[str, ...]
    guide_title: str = "填写说明"


def write_cover(sheet: Worksheet, styles: Styles, cover: Cover, plan: Plan) -> None:
    """Write the cover, top to bottom in two columns; ``plan`` gives the label and foot of the print."""
    sheet.set_column(0, 0, LABEL_WIDTH)
    sheet.set_column(1, 1, BODY_WIDTH)
    ink = styles.ink
    for row, height in enumerate((34, 26, 20)):
        sheet.set_row(row, height)
    write_text(
        sheet, styles, (0, 0), cover.title, bold=True, font_size=styles.sizes["cover"], font_color=ink["text"]
    )
    write_text(
        sheet, styles, (1, 0), cover.subtitle, font_size=styles.sizes["title"], font_color=ink["accent"]
    )
    if cover.label:
        write_text(
            sheet,
            styles,
            (2, 0),
            cover.label,
            bold=True,
            font_size=styles.sizes["label"],
            font_color=ink["warning"],
        )
    row = _write_facts(sheet, styles, cover, 4)
    row = _write_contents(sheet, styles, cover, row + 1)
    row = _write_guide(sheet, styles, cover.guide_title, cover.guide, row + 1)
    notes = tuple(dict.fromkeys(note for entry in cover.entries for note in entry.notes))
    if notes:
        row = _write_guide(sheet, styles, "口径说明", notes, row + 1)
    sheet.protect("")
    sheet.print_area(0, 0, row, 1)
    set_up_print(sheet, title=f"{cover.title} {cover.subtitle}", plan=plan, landscape=False)


def _heading(sheet: Worksheet, styles: Styles, row: int, text: str) -> int:
    look = {"bold": True, "font_size": styles.sizes["label"], "bottom": 1, "font_color": styles.ink["text"]}
    write_text(sheet, styles, (row, 0), text, **look)
    sheet.write_blank(row, 1, None, styles.get(**look))
    return row + 1


def _write_facts(sheet: Worksheet, styles: Styles, cover: Cover, row: int) -> int:
    for label, text in cover.facts:
        write_text(sheet, styles, (row, 0), label, font_color=styles.ink["muted"], valign="top")
        write_text(sheet, styles, (row, 1), text, text_wrap=True, valign="top")
        set_lines(sheet, row, lines_of(text, BODY_WIDTH))
        row += 1
    return row


def _write_contents(sheet: Worksheet, styles: Styles, cover: Cover, row: int) -> int:
    row = _heading(sheet, styles, row, "目录")
    for entry in cover.entries:
        linked = {"font_color": styles.ink["accent"], "underline": 1}
        write_link(sheet, styles, (row, 0), entry.sheet, link_to(entry.sheet, TITLE_ROW), **linked)
        write_text(sheet, styles, (row, 1), f"{entry.rows} 行" if entry.rows else NOTHING)
        row += 1
    return row


def _write_guide(sheet: Worksheet, styles: Styles, title: str, lines: tuple[str, ...], row: int) -> int:
    row = _heading(sheet, styles, row, title)
    for number, line in enumerate(lines, 1):
        write_text(sheet, styles, (row, 0), f"{number}.", align="right", valign="top")
        write_text(sheet, styles, (row, 1), line, text_wrap=True, valign="top")
        set_lines(sheet, row, lines_of(line, BODY_WIDTH))
        row += 1
    return row
