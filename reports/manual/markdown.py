"""A chapter of the manual read from Markdown: its title, its parts, and HTML in which places can be linked to.

Plain CommonMark with tables. A place is named as GitHub names it (:func:`slug`), so that a link that works in the
checkout works in the book.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from functools import cache
from itertools import pairwise
from unicodedata import east_asian_width
from urllib.parse import unquote

from markdown_it import MarkdownIt
from markdown_it.token import Token

from .columns import column_shares

UNBROKEN = 28  # letters of a name that stays on one line
INNERMOST = 3  # the deepest heading that can be linked to in the book


@dataclass(frozen=True)
class Place:
    """A heading: how deep it is (1 the chapter, 2 a part), its words, and its name within the file."""

    level: int
    title: str
    name: str


@dataclass(frozen=True)
class Chapter:
    """One file: its places in order, the first being the chapter itself, each with the tokens below it."""

    file: str
    sections: tuple[tuple[Place, tuple[Token, ...]], ...]

    @property
    def places(self) -> tuple[Place, ...]:
        """Every heading, in order."""
        return tuple(place for place, _ in self.sections)


@cache
def _reader() -> MarkdownIt:
    """CommonMark with tables, without HTML of the writers: what it writes is well-formed XML."""
    return MarkdownIt("commonmark", {"html": False, "xhtmlOut": True}).enable("table")


def slug(title: str) -> str:
    """A heading's name in addresses, by GitHub's rule: ``[project] 体检对象`` → ``project-体检对象``."""
    return re.sub(r"[^\w\- ]", "", title.strip().lower()).replace(" ", "-")


def read_chapter(file: str, text: str) -> Chapter:
    """The chapter in ``text``. Raises ValueError where it does not begin with its one title."""
    sections: list[tuple[Place, list[Token]]] = []
    taken: Counter[str] = Counter()
    tokens = iter(_unbroken(_reader().parse(text)))
    for token in tokens:
        if token.type == "heading_open" and token.level == 0 and int(token.tag[1]) <= INNERMOST:
            title = plain(next(tokens))
            next(tokens)  # the heading's end
            name = slug(title)
            sections.append(
                (Place(int(token.tag[1]), title, f"{name}-{n}" if (n := taken[name]) else name), [])
            )
            taken[name] += 1
        elif not sections:
            raise ValueError(f"{file}: text above the title")
        else:
            sections[-1][1].append(token)
    if [place.level for place, _ in sections].count(1) != 1 or sections[0][0].level != 1:
        raise ValueError(f"{file}: a chapter has one title, and it stands first")
    return Chapter(file, tuple((place, tuple(below)) for place, below in sections))


def _unbroken(tokens: list[Token]) -> list[Token]:
    """The tokens with lines joined where Chinese stands on both sides: there a new line is no blank."""
    for token in tokens:
        line = token.children or []
        for i, part in enumerate(line):
            if (
                part.type == "softbreak"
                and _wide(_nearest(line[:i][::-1])[-1:])
                and _wide(_nearest(line[i + 1 :])[:1])
            ):
                part.type = "text"
    return tokens


def _nearest(parts: list[Token]) -> str:
    """The first words among them, within whatever marks."""
    return next((part.content for part in parts if part.content), "")


def _wide(character: str) -> bool:
    return character != "" and east_asian_width(character) in "WFA"


def escaped(text: str) -> str:
    """Words of ours as they go into Markdown: what would be a mark stands for itself."""
    return re.sub(r"([\\`*_<>\[\]|])", r"\\\1", text)


def table(headers: tuple[str, ...], rows: Iterable[tuple[str, ...]]) -> str:
    """A table; cells are Markdown, in which | must be escaped."""
    lines = (headers, ("---",) * len(headers), *rows)
    return "\n".join(f"| {' | '.join(cells)} |" for cells in lines)


def plain(inline: Token) -> str:
    """The words of a line without its marks."""
    return "".join(t.content for t in inline.children or () if t.type in ("text", "code_inline"))


def fences(chapter: Chapter) -> Iterator[tuple[str, str]]:
    """(info string, text) of each fenced block, in order."""
    for _, below in chapter.sections:
        yield from ((t.info.strip(), t.content) for t in _all(below) if t.type == "fence")


def inline_codes(chapter: Chapter) -> Iterator[str]:
    """What stands between backticks, in order."""
    for _, below in chapter.sections:
        yield from (t.content for t in _all(below) if t.type == "code_inline")


def html_of(tokens: tuple[Token, ...], link: Callable[[str], str], picture: Callable[[str], str]) -> str:
    """The text below a heading. ``link`` says what address stands for a link's, nothing where it leads out of the book;
    ``picture`` the same for a picture's.
    """
    for token in _all(tokens):
        if token.type == "table_open":
            token.attrJoin("class", "t")
        elif token.type == "link_open":
            token.attrSet("href", link(unquote(str(token.attrGet("href")))))
        elif token.type == "image":
            token.attrSet("src", picture(unquote(str(token.attrGet("src")))))
            token.attrSet("class", "picture")
        elif token.type == "ordered_list_open" and (start := token.attrGet("start")) is not None:
            token.attrSet("style", f"counter-reset: list-item {int(start) - 1}")  # the printer reads no start
        elif token.type == "code_inline" and len(token.content) <= UNBROKEN and " " not in token.content:
            token.attrSet("class", "whole")
        elif (
            token.type == "fence"
        ):  # a rule's sign takes one cell of a terminal, and two of a Chinese typeface
            token.content = re.sub("─+", lambda rule: "─" * (len(rule[0]) // 2), token.content)
    for token, inline in pairwise(tokens):
        if token.type == "paragraph_open" and inline.content.endswith("："):
            token.attrSet("class", "leads")
    page: str = _reader().renderer.render(_with_columns(tokens), _reader().options, {})
    return re.sub(r'<a href="">(.*?)</a>', r"\1", page, flags=re.DOTALL)


def _with_columns(tokens: tuple[Token, ...]) -> list[Token]:
    """The tokens with the widths of columns put into every table."""
    done: list[Token] = []
    for i, token in enumerate(tokens):
        done.append(token)
        if token.type == "table_open":
            end = next(j for j in range(i, len(tokens)) if tokens[j].type == "table_close")
            cells = [plain(t) for t in tokens[i:end] if t.type == "inline"]
            count = sum(t.type == "th_open" for t in tokens[i:end])
            rows = [cells[k : k + count] for k in range(0, len(cells), count)]
            columns = "".join(f'<col style="width:{share:.2%}"/>' for share in column_shares(rows))
            done.append(Token("html_block", "", 0, content=f"<colgroup>{columns}</colgroup>\n"))
    return done


def _all(tokens: tuple[Token, ...]) -> Iterator[Token]:
    """The tokens and those within them."""
    for token in tokens:
        yield token
        yield from _all(tuple(token.children or ()))
