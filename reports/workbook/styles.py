"""The formats of one workbook, in the theme's colours: each made once, words that stand for good or bad coloured by rule."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from io import BytesIO
from pathlib import Path

from xlsxwriter.format import Format
from xlsxwriter.workbook import Workbook

from ...engine.diagnosis.targets import DUE, LATE, ON_TIME, OVERDUE, REACHED
from ...engine.lists import DEGREES
from ...engine.results import OUTCOMES, STATES
from ..tables.table import Column
from ..theme import GradeCuts, Theme, load_theme
from ..writing import write_whole

# words of a column → steps of the grade ramp, 0 best, 4 worst; words that are not here stay as they are
_STEPS: dict[str, dict[str, int]] = {
    "status": dict(zip(STATES[1:], (0, 2, 1, 4), strict=True)),
    "outcome": dict(zip(OUTCOMES[:4], (1, 2, 4, 0), strict=True)),
    "pace": {REACHED: 1, ON_TIME: 0, LATE: 2, DUE: 3, OVERDUE: 4},
    "ministry": {"很好": 0, "较好": 1, "一般": 2, "不足": 4},
    "degree": dict(zip(DEGREES[1:], (2, 3, 4), strict=True)),
}


def book_options() -> dict[str, object]:
    """How every workbook is begun: kept in memory, its cells in the theme's typeface and size."""
    theme = load_theme()
    cell = {"font_name": theme.fonts["sheet"][0], "font_size": theme.sheet["cell"]}
    return {"in_memory": True, "default_format_properties": cell}


@contextmanager
def whole_book(path: Path) -> Iterator[Workbook]:
    """A workbook to fill, written to ``path`` when all went well, whole or not at all. Raises OSError, naming the path.

    It is packed in memory: half a workbook on a full disk would complain once more when it is thrown away.
    """
    packed = BytesIO()
    with Workbook(packed, book_options()) as book:
        yield book
    write_whole(path, packed.getvalue())


class Styles:
    """The formats of one workbook; ``ink`` names the theme's colours, ``sizes`` its sizes of type."""

    def __init__(self, book: Workbook, theme: Theme, grades: GradeCuts) -> None:
        """Formats of ``book`` in the colours of ``theme``; ``grades`` are the project's, best first."""
        self.ink, self.sizes = theme.ink, theme.sheet
        fills = {
            "grade": {name: theme.grade(name, grades) for name, _ in grades},
            "severity": theme.severity,
            **{
                key: {word: theme.ramp[step] for word, step in steps.items()} for key, steps in _STEPS.items()
            },
        }
        self._ramps = {
            kind: {word: (fill, theme.on(fill)) for word, fill in ramp.items()}
            for kind, ramp in fills.items()
        }
        self._book = book
        self._made: dict[tuple[tuple[str, object], ...], Format] = {}

    def get(self, **properties: object) -> Format:
        """The format with these properties (those of xlsxwriter's ``add_format``)."""
        key = tuple(sorted(properties.items()))
        if key not in self._made:
            self._made[key] = self._book.add_format(properties)
        return self._made[key]

    def ramp(self, column: Column) -> Mapping[str, tuple[str, str]]:
        """Word → (ground, ink) for a column of grades, severities, states …; empty for any other."""
        return self._ramps.get(column.kind) or self._ramps.get(column.key, {})

    @property
    def body(self) -> dict[str, object]:
        """The look of a body cell: top of the cell, wrapped, a thin grey line below."""
        return {"valign": "top", "text_wrap": True, "bottom": 1, "bottom_color": self.ink["hair"]}
