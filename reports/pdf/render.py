"""Reports on paper: :class:`~tijian.reports.blocks.Report` → PDF bytes, through Jinja2 templates and WeasyPrint.

Nothing is ever fetched: drawings are data URIs, fonts are the system's, and the fetcher refuses every other
address. The same report gives the same bytes: no dates, no random ids.
"""

from __future__ import annotations

import gc
import logging
from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import cache
from typing import Any
from xml.etree import ElementTree

from cssselect2 import ElementWrapper
from jinja2 import Environment
from markupsafe import Markup
from weasyprint import CSS, HTML
from weasyprint.document import Document
from weasyprint.text.fonts import FontConfiguration
from weasyprint.urls import FatalURLFetchingError, URLFetcher

from .. import numbers
from ..blocks import Report, Section, TableBlock
from ..content.room import table_height
from ..maps.graded import legend_entries
from ..templating import environment, printable, style_sheet
from ..theme import GradeCuts, Theme, load_theme
from .printing import PrintingError, check_printing
from .table_html import grade_chip, image, severity_chip, table_html

__all__ = ["Printed", "PrintingError", "print_report", "to_html"]

logging.getLogger("weasyprint").setLevel(logging.ERROR)

_SLACK = 6.0  # mm: table_height() says rather too much
_TAGGED = {"pdf_variant": "pdf/ua-1"}  # readable by ear: a tree of headings, tables, figures with their words


@dataclass(frozen=True)
class Printed:
    """A finished PDF."""

    data: bytes
    pages: int


class OwnAssetsOnly(URLFetcher):
    """Opens data: URIs and nothing else; anything else stops the report instead of leaving a hole in it."""

    def fetch(self, url: str, headers: Any = None) -> Any:
        if not url.startswith("data:"):
            raise FatalURLFetchingError(f"报告只用自带的素材，拒绝读取：{url[:80]}")
        return super().fetch(url, headers)


class _Page(HTML):
    """A document of our own templates, which are well-formed XML: read by the fast parser, not the forgiving one."""

    def __init__(self, page: str, fetcher: URLFetcher) -> None:
        root = ElementTree.fromstring(page)  # noqa: S314  our own text, escaped; no entities of inputs
        self.base_url = "about:blank"
        self.url_fetcher = fetcher
        self.media_type = "print"
        self.wrapper_element = ElementWrapper.from_html_root(root, content_language=None)
        self.etree_element = self.wrapper_element.etree_element


@dataclass(frozen=True)
class _Press:
    """What is made once per process: templates, style sheet, fonts, fetcher."""

    templates: Environment
    style: CSS
    fonts: FontConfiguration
    fetcher: URLFetcher


@cache
def _press() -> _Press:
    """The press of this process. Raises PrintingError where the machine cannot print."""
    check_printing()
    templates = environment()
    templates.globals.update(image=image, severity=severity_chip)
    fonts = FontConfiguration()
    fetcher = OwnAssetsOnly(allow_redirects=False)
    style = CSS(string=style_sheet("style.css"), font_config=fonts, url_fetcher=fetcher)
    return _Press(templates, style, fonts, fetcher)


def to_html(report: Report, cuts: GradeCuts, alone: bool = False) -> str:
    """The report as one HTML document; everything from inputs is escaped. ``alone``: no cover, no contents."""
    theme = load_theme()
    counted = {"表": 0, "图": 0}

    def number(noun: str) -> str:
        counted[noun] += 1
        return f"{noun}{counted[noun]}"

    def table(block: TableBlock, landscape: bool) -> Markup:
        width = theme.page["height"] - 2 * theme.page["list_side"] if landscape else _text_width(theme)
        size = theme.type["table_list" if landscape else "table_dense" if block.dense else "table"]
        edges = (3, 3) if landscape else (4, 5) if report.full else (2, 2)  # short reports have short tables
        return table_html(block.table, cuts, width, size, edges)

    def ground(grade: str) -> Markup:
        colour = theme.grade(grade, cuts)
        return Markup("background:{};color:{}").format(colour, theme.on(colour))

    helpers: dict[str, Callable[..., Any]] = {
        "number": number, "table": table, "ground": ground, "grade": lambda name: grade_chip(name, cuts),
    }  # fmt: skip
    template = _press().templates.get_template("report.html")
    page = template.render(report=numbered(report), legend=legend_entries(cuts), alone=alone, **helpers)
    return printable(page)


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
    parts, count = [], 0
    for part in section.parts:
        count += not part.continues
        parts.append(part if part.continues else replace(part, number=f"（{numbers.ordinal(count)}）"))
    return replace(section, number=section.number or f"{numbers.ordinal(index)}、", parts=tuple(parts))


def print_report(report: Report, cuts: GradeCuts) -> Printed:
    """The report as PDF. Garbage collection waits until the pages are out: about a tenth of the time."""
    report = with_fitting_portrait(report, cuts)
    gc.disable()
    try:
        document = lay_out(report, cuts)
        data = to_bytes(document)
    finally:
        gc.enable()
    return Printed(data, len(document.pages))


def to_bytes(document: Document) -> bytes:
    """The file of laid-out pages: tagged (PDF/UA-1), so that it can be read by ear and by machines."""
    data: bytes = document.write_pdf(**_TAGGED)
    return data


def lay_out(report: Report, cuts: GradeCuts, alone: bool = False) -> Document:
    """The pages of a report; ``alone`` leaves out cover and contents."""
    press = _press()
    return _Page(to_html(report, cuts, alone), press.fetcher).render(
        stylesheets=[press.style], font_config=press.fonts
    )


def with_fitting_portrait(report: Report, cuts: GradeCuts) -> Report:
    """The report with the longest excerpt that leaves its portrait on one page.

    The portrait is laid out without an excerpt to see what room there is, then with those that should fit, longest
    first: mostly one. Short reports carry no excerpt.
    """
    portrait = report.portrait
    if portrait is None or not portrait.excerpts:
        return report
    bare = replace(report, portrait=replace(portrait, excerpts=()))
    room = _room_below(_portrait_alone(bare, cuts))
    for excerpt in portrait.excerpts:
        candidate = replace(report, portrait=replace(portrait, excerpts=(excerpt,)))
        if table_height(excerpt.table) <= room + _SLACK and len(_portrait_alone(candidate, cuts).pages) == 1:
            return candidate
    return bare


def _portrait_alone(report: Report, cuts: GradeCuts) -> Document:
    return lay_out(replace(report, sections=()), cuts, alone=True)


def _room_below(document: Document) -> float:
    """How many mm are free under the last line of a document; none when it takes more than a page."""
    box = document.pages[0]._page_box
    if len(document.pages) > 1:
        return 0.0
    body = box.children[0].children[0]
    lowest: float = max(child.position_y + child.margin_height() for child in body.children)
    return (float(box.margin_top + box.height) - lowest) * 25.4 / 96
