"""Tables too wide for the terminal (宽表折叠): cut into several below one another, the first column repeated."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from rich.cells import cell_len
from rich.console import Console, ConsoleOptions, RenderResult
from rich.table import Table as Shown
from rich.text import Text

from ..tables import table as printed
from .findings import plain_table

_GAP = 3  # between columns
_WORDS, _TITLE = 14, 8  # a column of words and a title may be folded to this


@dataclass(frozen=True)
class Folding:
    """A table as texts: ``heads`` (title, left or right) and ``rows``; figures and the first column are never folded."""

    title: str
    heads: tuple[tuple[str, str], ...]
    rows: tuple[tuple[Text, ...], ...]
    keep: int = 1  # columns at the left that every piece repeats

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        """As one table, or as few as hold it at the console's width."""
        kept, others = range(self.keep), range(self.keep, len(self.heads))
        if sum(self._width(i) + _GAP for i in (*kept, *others)) <= options.max_width:
            yield self._table((*kept, *others), folded=False)
            return
        part: list[int] = []
        for i in others:
            if part and sum(self._least(j) + _GAP for j in (*kept, *part, i)) > options.max_width:
                yield self._table((*kept, *part), folded=True)
                part = []
            part.append(i)
        yield self._table((*kept, *part), folded=True)

    def _width(self, at: int) -> int:
        """A column's width with nothing folded."""
        return max([cell_len(self.heads[at][0]), *(cell_len(row[at].plain) for row in self.rows)])

    def _fixed(self, at: int) -> bool:
        """Whether what stands in a column may not be folded: figures, and the names of the rows."""
        return at == 0 or self.heads[at][1] == "right"

    def _least(self, at: int) -> int:
        """The narrowest a column may get: its widest figure, a title of four characters, of words a few more."""
        widest = max((cell_len(row[at].plain) for row in self.rows), default=0)
        title = min(cell_len(self.heads[at][0]), _TITLE)
        return max(title, widest if self._fixed(at) else min(widest, _WORDS))

    def _table(self, chosen: Sequence[int], folded: bool) -> Shown:
        table = plain_table(self.title, *(self.heads[i] for i in chosen))
        for column, i in zip(table.columns, chosen, strict=True):
            if folded and self._fixed(i):
                column.width = self._least(i)
        for row in self.rows:
            table.add_row(*(row[i] for i in chosen))
        return table


def folding(made: printed.Table, title: str = "", keep: int = 1) -> Folding:
    """A printed table on the terminal, under its own title or another; ``keep`` columns are repeated where it is cut."""
    heads = tuple((c.title, "right" if c.align == "right" else "left") for c in made.columns)
    rows = tuple(tuple(Text(cell) for cell in row) for row in made.texts())
    return Folding(title or made.title, heads, rows, keep)
