"""A printed table as one object: title, columns, rows, units, notes, source.

The same object is rendered to the PDF (``pdf/table_html.py``), the workbook and the comparison page, so the three
can never disagree. Cells hold what is meant (a :class:`Figure`, a grade, a :class:`Spine`), not text;
:func:`text` says each cell in words and figures: what a renderer shows when it can do nothing better.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from typing import Literal

from .. import numbers

Align = Literal["left", "right", "center"]
CellKind = Literal["text", "number", "grade", "severity", "spine", "yesno", "list", "name"]
LIST_MARK = "、"
REST = "等"  # what a list ends with that names some of many: 等5个单位


@dataclass(frozen=True)
class Figure:
    """A number that knows its decimals and, where the table has no column for it, its unit.

    ``arrow`` is “↑”, “↓”, “→” or empty and stands before the figure; ``better`` says whether it is good news
    (True), bad news (False) or neither (None).
    """

    value: float | None
    decimals: int = 0
    signed: bool = False
    arrow: str = ""
    better: bool | None = None
    unit: str = ""

    def __str__(self) -> str:
        """The figure as printed."""
        show = numbers.signed if self.signed else numbers.number
        if self.unit == "人":
            return numbers.people(self.value)
        text = numbers.with_unit(show(self.value, self.decimals), self.unit)
        return f"{self.arrow} {text}" if self.arrow and text != numbers.MISSING else text


@dataclass(frozen=True)
class Spine:
    """Where one unit stands among its peers on one indicator; positions 0–1, **worse left, better right**.

    ``low..high`` all peers, ``q1..q3`` the middle half, ``middle`` the peer median, ``here`` this unit,
    ``target`` the standard (None when there is none or it lies off the scale). ``than`` says whether the unit is better,
    worse or the same as the district (None: not compared); ``alt`` says it in words.
    """

    low: float
    q1: float
    middle: float
    q3: float
    high: float
    here: float | None
    target: float | None
    than: str | None
    alt: str


Cell = str | int | float | bool | Figure | Spine | tuple[str, ...] | None


@dataclass(frozen=True)
class Column:
    """One column. ``width`` in millimetres on paper; ``decimals`` of plain numbers (a Figure has its own).

    A ``name`` is a text or a tuple of parts read as one (听泉街道 + 松庭居委会); a line may end between its parts.
    """

    key: str
    title: str
    width: float
    align: Align = "left"
    kind: CellKind = "text"
    decimals: int = 0
    nowrap: bool = False


@dataclass(frozen=True)
class Table:
    """A table. ``units`` stands above it at the right (单位：…), ``notes`` and ``source`` below it.

    Raises ValueError when a row is not as long as the columns, or a key is used twice: that is our mistake.
    """

    title: str
    columns: tuple[Column, ...]
    rows: tuple[tuple[Cell, ...], ...]
    units: str = ""
    notes: tuple[str, ...] = ()
    source: str = ""

    def __post_init__(self) -> None:
        """Refuse a table whose parts do not fit together."""
        keys = [c.key for c in self.columns]
        if len(set(keys)) != len(keys):
            raise ValueError(f"{self.title}: column key used twice in {keys}")
        for i, row in enumerate(self.rows):
            if len(row) != len(self.columns):
                raise ValueError(
                    f"{self.title}: row {i} has {len(row)} cells for {len(self.columns)} columns"
                )

    def __len__(self) -> int:
        """The number of rows."""
        return len(self.rows)

    @property
    def keys(self) -> tuple[str, ...]:
        """The column keys in order."""
        return tuple(c.key for c in self.columns)

    def values(self, key: str) -> list[Cell]:
        """Every cell of one column. Raises ValueError for an unknown key."""
        at = self.keys.index(key)
        return [row[at] for row in self.rows]

    def texts(self) -> list[list[str]]:
        """The body as printed text, row by row."""
        return [[text(cell, col) for cell, col in zip(row, self.columns, strict=True)] for row in self.rows]

    def without(self, *keys: str) -> Table:
        """A copy without the named columns."""
        keep = [i for i, c in enumerate(self.columns) if c.key not in keys]
        return replace(
            self,
            columns=tuple(self.columns[i] for i in keep),
            rows=tuple(tuple(row[i] for i in keep) for row in self.rows),
        )

    def without_blank(self, optional: Collection[str]) -> Table:
        """A copy without those ``optional`` columns in which no row has anything to say."""
        blank = [k for k in self.keys if k in optional and all(is_blank(v) for v in self.values(k))]
        return self.without(*blank)

    def head(self, rows: int) -> Table:
        """A copy with the first ``rows`` rows."""
        return replace(self, rows=self.rows[:rows])

    def widened(self, total: float) -> Table:
        """A copy whose column widths add up to ``total`` millimetres."""
        factor = total / sum(c.width for c in self.columns)
        return replace(self, columns=tuple(replace(c, width=c.width * factor) for c in self.columns))


def marked(names: Sequence[str]) -> list[str]:
    """The names of a list, each with its 、; none before 等5个单位, which ends one that names some of many."""
    ends = [*names[1:], REST][: len(names)]
    return [
        name if after.startswith(REST) else f"{name}{LIST_MARK}"
        for name, after in zip(names, ends, strict=True)
    ]


def is_blank(cell: Cell) -> bool:
    """True when the cell has nothing to say (a number zero says something)."""
    if isinstance(cell, Figure):
        return not numbers.known(cell.value)
    return cell is None or cell in ("", ())


def text(cell: Cell, column: Column) -> str:
    """One cell as printed text; “—” for a missing figure, empty for missing words."""
    if isinstance(cell, Figure):
        return str(cell)
    if isinstance(cell, Spine):
        return cell.alt
    if isinstance(cell, tuple):
        return "".join(cell if column.kind == "name" else marked(cell))
    if isinstance(cell, bool):
        return "是" if cell else "否"
    if cell is None:
        return numbers.MISSING if column.kind in ("number", "yesno") else ""
    if isinstance(cell, (int, float)):
        return numbers.number(cell, column.decimals)
    return cell
