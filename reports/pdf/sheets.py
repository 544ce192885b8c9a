"""What goes to the press (付印稿): a report as finished HTML, how it looks, and what comes back. Nothing but text.

These are sent between processes, so they hold no frame and import next to nothing.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from markupsafe import Markup

EXCERPT = Markup(
    "<?excerpt?>"
)  # where the portrait's excerpt will stand; nobody's input can hold it, for inputs are escaped
_NUMBER = re.compile(r"<\?number (.)\?>")


@dataclass(frozen=True)
class Sheets:
    """A report in HTML. With ``excerpts`` (height in mm and HTML, longest first) the first that fits is put in.

    ``portrait`` is then the page that must hold it, by itself.
    """

    page: str
    portrait: str = ""
    excerpts: tuple[tuple[float, str], ...] = ()

    def page_with(self, excerpt: str) -> str:
        """The whole report with this excerpt, its tables and figures numbered."""
        return numbered(self.page.replace(EXCERPT, excerpt))

    def portrait_with(self, excerpt: str) -> str:
        """The portrait alone with this excerpt."""
        return numbered(self.portrait.replace(EXCERPT, excerpt))


@dataclass(frozen=True)
class Look:
    """The style sheet, and the addresses of the font files that it may open."""

    style: str
    fonts: tuple[str, ...] = ()


@dataclass(frozen=True)
class Printed:
    """A finished PDF."""

    data: bytes
    pages: int


def number_of(noun: str) -> Markup:
    """Where the number of a 表 or 图 will stand: they are counted when it is known what is in the report."""
    return Markup(f"<?number {noun}?>")  # noqa: S704  one of our two nouns


def numbered(page: str) -> str:
    """The page with 表1, 表2, …, 图1, … in the order of the page."""
    counted: dict[str, int] = {}

    def number(found: re.Match[str]) -> str:
        noun = found.group(1)
        counted[noun] = counted.get(noun, 0) + 1
        return f"{noun}{counted[noun]}"

    return _NUMBER.sub(number, page)
