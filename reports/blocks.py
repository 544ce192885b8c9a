"""What a report is made of: a cover, sections, and blocks of a few kinds. No HTML, no page: ``pdf/render.py`` prints it.

Every report of every level is one :class:`Report`; its words can be read and tested without printing it.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

from .charts.svg import Chart
from .tables.table import Table


@dataclass(frozen=True)
class Prose:
    """Paragraphs; empty ones are left out when printed.

    ``style``: body, lead (larger), note (small, grey) or terms (of each the words before its first ： stand out).
    """

    paragraphs: tuple[str, ...]
    style: Literal["body", "lead", "note", "terms"] = "body"


@dataclass(frozen=True)
class TableBlock:
    """A table with its title above; ``empty`` is said instead when it has no rows."""

    table: Table
    empty: str = ""
    dense: bool = False


@dataclass(frozen=True)
class FigureBlock:
    """One or more drawings side by side with one caption that states the finding."""

    charts: tuple[Chart, ...]
    caption: str


@dataclass(frozen=True)
class Point:
    """One line of a short list; ``mark`` is a severity (红/橙/黄) or empty."""

    text: str
    mark: str = ""


@dataclass(frozen=True)
class Bullets:
    """Short lists side by side, each with a heading."""

    lists: tuple[tuple[str, tuple[Point, ...]], ...]
    empty: str = "无"


@dataclass(frozen=True)
class DimensionRow:
    """One dimension in the portrait: score, bar, difference to the reference, grade."""

    name: str
    score: str
    bar: Chart
    difference: str
    grade: str


@dataclass(frozen=True)
class Metric:
    """One of the large figures of a portrait: 等级, 排名, 较上年."""

    label: str
    figure: str
    small: str = ""
    grade: bool = False


@dataclass(frozen=True)
class Portrait:
    """体检画像: everything that matters about one unit on one page."""

    heading: str
    facts: str
    score: str
    metrics: tuple[Metric, ...]
    paragraph: str
    radar: Chart | None
    radar_caption: str
    dimensions: tuple[DimensionRow, ...]
    reference_title: str
    lists: Bullets
    excerpts: tuple[
        TableBlock, ...
    ]  # longest first; the first that leaves the portrait on one page is printed


@dataclass(frozen=True)
class HeatCell:
    """A score with its grade."""

    score: str
    grade: str


@dataclass(frozen=True)
class HeatRow:
    """One unit of a heat map: its dimension cells, total, and rank interval drawing."""

    name: str
    cells: tuple[HeatCell, ...]
    total: str
    grade: str
    rank: str
    interval: Chart | None


@dataclass(frozen=True)
class Heat:
    """热力表: units × dimensions."""

    title: str
    columns: tuple[str, ...]
    rows: tuple[HeatRow, ...]
    interval_title: str
    notes: tuple[str, ...]


Block = Prose | TableBlock | FigureBlock | Bullets | Portrait | Heat


@dataclass(frozen=True)
class Section:
    """A numbered part. ``landscape`` prints it on sheets turned sideways; ``number`` is 一、 or （一）.

    A part that ``continues`` the one before has no number and does not stand in the contents; one that ``flows`` may be
    broken over pages however short its tables are.
    """

    title: str
    blocks: tuple[Block, ...] = ()
    parts: tuple[Section, ...] = ()
    landscape: bool = False
    number: str = ""
    new_page: bool = False
    continues: bool = False
    flows: bool = False


@dataclass(frozen=True)
class Report:
    """A whole report. ``synthetic`` is printed on the cover and in every footer when not empty."""

    kind: str  # 区级体检报告, 街镇体检报告, …
    subject: str  # the unit, topic or department
    district: str
    year: int
    synthetic: str
    run_line: str
    cover: Chart | None
    portrait: Portrait | None
    sections: tuple[Section, ...]
    full: bool  # a cover page and a table of contents; otherwise a masthead on the first page

    @property
    def title(self) -> str:
        """``示例东街道街镇体检报告（2026年度）``: the PDF's title."""
        return f"{self.subject}{self.kind}（{self.year}年度）"

    @property
    def above(self) -> str:
        """What stands above the title on a cover: whose the report is, unless the title says that itself."""
        return self.district if self.district != self.subject else f"{self.year}年度城市体检"

    def blocks(self) -> Iterator[Block]:
        """Every block in printing order."""
        if self.portrait is not None:
            yield self.portrait
        for section in self.sections:
            yield from _blocks_of(section)


def _blocks_of(section: Section) -> Iterator[Block]:
    yield from section.blocks
    for part in section.parts:
        yield from _blocks_of(part)
