"""The press (印刷): finished HTML → PDF bytes by WeasyPrint, knowing nothing of results.

It imports neither frames nor geometry, so that a process that prints stays small. Nothing is ever fetched: drawings
are data URIs, fonts are the system's and our own cut of them, and the fetcher refuses every other address. The same
sheets give the same bytes: no dates, no random ids.
"""

from __future__ import annotations

import gc
import logging
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cache
from typing import Any
from xml.etree import ElementTree

from cssselect2 import ElementWrapper
from weasyprint import CSS, HTML
from weasyprint.document import Document
from weasyprint.text.fonts import FontConfiguration
from weasyprint.urls import FatalURLFetchingError, URLFetcher

from .sheets import Look, Printed, Sheets

logging.getLogger("weasyprint").setLevel(logging.ERROR)

_SLACK = 6.0  # mm: the heights given with excerpts are rather too much
_TAGGED = {"pdf_variant": "pdf/ua-1"}  # readable by ear: a tree of headings, tables, figures with their words


class OwnAssetsOnly(URLFetcher):
    """Opens data: URIs and the fonts named; anything else stops the report instead of leaving a hole in it."""

    def __init__(self, fonts: tuple[str, ...] = ()) -> None:
        super().__init__(allow_redirects=False)
        self.fonts = frozenset(fonts)

    def fetch(self, url: str, headers: Any = None) -> Any:
        """What is at an address of ours. Raises FatalURLFetchingError for any other."""
        if not (url.startswith("data:") or url in self.fonts):
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
class Press:
    """What is made once per process: style sheet, fonts, fetcher."""

    style: CSS
    fonts: FontConfiguration
    fetcher: URLFetcher


@cache
def press(look: Look) -> Press:
    """The press of this process."""
    fonts = FontConfiguration()
    fetcher = OwnAssetsOnly(look.fonts)
    return Press(CSS(string=look.style, font_config=fonts, url_fetcher=fetcher), fonts, fetcher)


def print_sheets(sheets: Sheets, look: Look) -> Printed:
    """The report as PDF. Garbage collection waits until the pages are out: a tenth of the time."""
    with _no_collection():
        document = lay_out(fitted(sheets, look), look)
        return Printed(to_bytes(document), len(document.pages))


@contextmanager
def _no_collection() -> Iterator[None]:
    collects = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if collects:
            gc.enable()


def lay_out(page: str, look: Look) -> Document:
    """The pages of one HTML document."""
    made = press(look)
    return _Page(page, made.fetcher).render(stylesheets=[made.style], font_config=made.fonts)


def to_bytes(document: Document) -> bytes:
    """The file of laid-out pages: tagged (PDF/UA-1), so that it can be read by ear and by machines."""
    data: bytes = document.write_pdf(**_TAGGED)
    return data


def fitted(sheets: Sheets, look: Look) -> str:
    """The HTML with the longest excerpt that leaves its portrait on one page.

    The portrait is laid out without an excerpt to see what room there is, then with those that should fit, longest
    first: mostly one.
    """
    if not sheets.excerpts:
        return sheets.page_with("")
    room = _room_below(lay_out(sheets.portrait_with(""), look))
    for height, excerpt in sheets.excerpts:
        if height <= room + _SLACK and len(lay_out(sheets.portrait_with(excerpt), look).pages) == 1:
            return sheets.page_with(excerpt)
    return sheets.page_with("")


def _room_below(document: Document) -> float:
    """How many mm are free under the last line of a document; none when it takes more than a page."""
    box = document.pages[0]._page_box
    if len(document.pages) > 1:
        return 0.0
    body = box.children[0].children[0]
    lowest: float = max(child.position_y + child.margin_height() for child in body.children)
    return (float(box.margin_top + box.height) - lowest) * 25.4 / 96
