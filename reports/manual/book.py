"""The manual as one printed book (使用手册): chapters of ``docs/manual`` → HTML → PDF by the reports' press.

The same chapters give the same bytes. Chapters are numbered 一、, parts （一）; what leads from chapter to chapter is a link
within the file, what leads out of the manual is only its words.
"""

from __future__ import annotations

import base64
import posixpath
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial
from importlib import resources
from importlib.resources.abc import Traversable

from markupsafe import Markup

from .. import numbers
from ..pdf import press
from ..pdf.fonts import look
from ..pdf.printing import check_printing, with_stand_ins
from ..pdf.render import with_glyphs
from ..pdf.sheets import Printed, Sheets
from ..templating import anchor, environment, printable
from .markdown import Chapter, html_of, read_chapter

TITLE = "使用手册"
STYLE = "manual.css"
CONTENTS = "README.md"  # for those who read the files; the book has contents of its own


@dataclass(frozen=True)
class Heading:
    """A heading of the book: the chapter it is of, how deep, its words with their number, the name of its place."""

    chapter: str
    level: int
    title: str
    place: str


def manual_folder() -> Traversable:
    """Where the manual lies, in a checkout as in an installed package."""
    return resources.files(__package__.split(".", maxsplit=1)[0]).joinpath("docs", "manual")


def chapters_in(folder: Traversable) -> tuple[Chapter, ...]:
    """The chapters of a folder in the order of their files' names, which begin with numbers."""
    files = sorted(f.name for f in folder.iterdir() if f.name.endswith(".md") and f.name != CONTENTS)
    return tuple(read_chapter(name, folder.joinpath(name).read_text(encoding="utf-8")) for name in files)


def print_manual(folder: Traversable, version: str) -> Printed:
    """The manual in ``folder`` as PDF. Raises PrintingError where the machine cannot print."""
    check_printing()
    return press.print_sheets(Sheets(manual_html(folder, version)), look(STYLE))


def manual_html(folder: Traversable, version: str) -> str:
    """The manual as one HTML document."""
    chapters = chapters_in(folder)
    headings = headings_of(chapters)
    parts = []
    for chapter in chapters:
        link, picture = partial(_address, headings, chapter.file), partial(_picture, folder)
        parts += [
            (headings[chapter.file, place.name], Markup(html_of(below, link, picture)))  # noqa: S704  escaped there
            for place, below in chapter.sections
        ]
    page = environment().get_template("manual.html").render(title=TITLE, version=version, parts=parts)
    return with_glyphs(printable(page))


def headings_of(chapters: Sequence[Chapter]) -> dict[tuple[str, str], Heading]:
    """(file, name within it) → the heading in the book.

    Places are named in words: a reader of the tagged file is told them as what a link leads to.
    """
    headings: dict[tuple[str, str], Heading] = {}
    taken: Counter[str] = Counter()
    for index, chapter in enumerate(chapters, 1):
        above: list[str] = []
        part = 0
        for place in chapter.places:
            number = ""
            if place.level == 1:
                number = f"{numbers.ordinal(index)}、"
            elif place.level == 2:
                part += 1
                number = f"（{numbers.ordinal(part)}）"
            above = [*above[: place.level - 1], number + place.title]
            words = anchor("".join(above))
            taken[words] += 1
            name = words if taken[words] == 1 else f"{words}（{taken[words]}）"
            headings[chapter.file, place.name] = Heading(
                chapter.file.removesuffix(".md"), place.level, above[-1], name
            )
    return headings


def _address(headings: dict[tuple[str, str], Heading], file: str, target: str) -> str:
    """Where a link of ``file`` leads in the book; nothing where it leads out of it."""
    if "://" in target:
        return target
    path, _, name = target.partition("#")
    there = posixpath.normpath(path) if path else file
    first = next((heading for (f, _), heading in headings.items() if f == there), None)
    found = headings.get((there, name)) if name else first
    return f"#{found.place}" if found else ""


def _picture(folder: Traversable, target: str) -> str:
    """A drawing of the manual as a data URI; what no font can print is stood in for, as on the page."""
    svg = with_stand_ins(folder.joinpath(*target.split("/")).read_text(encoding="utf-8"))[0]
    return "data:image/svg+xml;base64," + base64.b64encode(svg.encode()).decode()
