"""Reports on paper: :class:`~tijian.reports.blocks.Report` → HTML through Jinja2 templates, and → PDF by the press.

The same report gives the same HTML, and the same HTML the same bytes.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from functools import cache
from typing import Any

from jinja2 import Environment
from markupsafe import Markup
from weasyprint.document import Document

from .. import numbers
from ..blocks import Report, Section, TableBlock
from ..content.room import table_height, whole_part, whole_table
from ..maps.graded import legend_entries
from ..templating import environment, printable
from ..theme import GradeCuts, Theme, load_theme
from . import press
from .fonts import look
from .printing import PrintingError, check_printing, with_stand_ins
from .sheets import EXCERPT, Printed, Sheets, number_of
from .table_html import grade_chip, image, severity_chip, table_html

__all__ = ["Printed", "PrintingError", "print_report", "sheets_of", "to_html", "with_glyphs"]


@cache
def _templates() -> Environment:
    made = environment()
    made.globals.update(
        image=image, severity=severity_chip, number=number_of, whole_table=whole_table, whole_part=whole_part
    )
    return made


def sheets_of(report: Report, cuts: GradeCuts) -> Sheets:
    """The report as HTML; everything from inputs is escaped. Which excerpt fits its portrait, the press finds out."""
    portrait = report.portrait
    if portrait is None or not portrait.excerpts:
        return Sheets(_html(report, cuts))
    named = {**_helpers(report, cuts), "report": report}
    blocks: Any = _templates().get_template("blocks.html").make_module(named)
    excerpts = tuple(
        (table_height(excerpt.table), with_glyphs(printable(str(blocks.table_block(excerpt, False)))))
        for excerpt in portrait.excerpts
    )
    return Sheets(_html(report, cuts), _html(replace(report, sections=()), cuts, alone=True), excerpts)


def to_html(report: Report, cuts: GradeCuts) -> str:
    """The report as one HTML document, with the first of its portrait's excerpts."""
    sheets = sheets_of(report, cuts)
    return sheets.page_with(sheets.excerpts[0][1] if sheets.excerpts else "")


def print_report(report: Report, cuts: GradeCuts) -> Printed:
    """The report as PDF. Raises PrintingError where the machine cannot print."""
    check_printing()
    return press.print_sheets(sheets_of(report, cuts), look())


def lay_out(report: Report, cuts: GradeCuts) -> Document:
    """The pages of a report, to be looked at."""
    return press.lay_out(press.fitted(sheets_of(report, cuts), look()), look())


def _html(report: Report, cuts: GradeCuts, alone: bool = False) -> str:
    """A document with a mark where the portrait's excerpt will stand. ``alone``: no cover, no contents."""
    page = _templates().get_template("report.html").render(
        report=numbered(report), legend=legend_entries(cuts), alone=alone, excerpt=EXCERPT,
        **_helpers(report, cuts),
    )  # fmt: skip
    return with_glyphs(printable(page))


def _helpers(report: Report, cuts: GradeCuts) -> Mapping[str, Callable[..., Any]]:
    """What the templates call."""
    theme = load_theme()

    def table(block: TableBlock, landscape: bool) -> Markup:
        width = theme.page["height"] - 2 * theme.page["list_side"] if landscape else _text_width(theme)
        size = theme.type["table_list" if landscape else "table_dense" if block.dense else "table"]
        edges = (3, 3) if landscape else (4, 5) if report.full else (2, 2)  # short reports have short tables
        return table_html(block.table, cuts, width, size, edges)

    def ground(grade: str) -> Markup:
        colour = theme.grade(grade, cuts)
        return Markup("background:{};color:{}").format(colour, theme.on(colour))

    return {"table": table, "ground": ground, "grade": lambda name: grade_chip(name, cuts)}


def with_glyphs(page: str) -> str:
    """The page with a stand-in for every character this machine has no glyph of, and a last line that names them."""
    page, missing = with_stand_ins(page)
    if not missing:
        return page
    codes = "、".join(f"U+{ord(c):04X}" for c in missing)
    told = (
        f'<p class="note">本机字体没有下列字，文中以〓代替：{codes}。装上含有这些字的字体后重新输出即可。</p>'
    )
    return page.replace("</body>", f"{told}</body>")


def _text_width(theme: Theme) -> float:
    return theme.page["width"] - 2 * theme.page["side"]


def numbered(report: Report) -> Report:
    """The report with 一、 before its sections and （一） before their parts (short reports: no numbers).

    A section that has a number of its own (附件1) keeps it.
    """
    if not report.full:
        return report
    sections = tuple(_numbered(section, i) for i, section in enumerate(report.sections, 1))
    return replace(report, sections=sections)


def _numbered(section: Section, index: int) -> Section:
    if sum(not part.continues for part in section.parts) < 2:  # nothing is numbered that stands alone
        return replace(section, number=section.number or f"{numbers.ordinal(index)}、")
    parts, count = [], 0
    for part in section.parts:
        count += not part.continues
        parts.append(part if part.continues else replace(part, number=f"（{numbers.ordinal(count)}）"))
    return replace(section, number=section.number or f"{numbers.ordinal(index)}、", parts=tuple(parts))
