"""Evidence (体检数据): one typed frame per input, between intake and measuring.

Columns of an evidence frame: the input's own columns under our names; ``unit``, the code of the finest unit the
row is known to lie in (null: could not be placed); ``_file``, ``_sheet``, ``_row``, where the row stands in the
input (row as Excel counts, or the feature's number in a layer); for inputs with a geometry ``x``, ``y`` (metres,
in the run's metric CRS) and ``_wkb``. Long figures are pivoted to one row per unit. A survey has one row per
answer and a column per question, scored 0–100.
"""

from __future__ import annotations

from dataclasses import dataclass, field

import polars as pl

from .project import Input

POSITION = ("_file", "_sheet", "_row")
# Rows of these kinds are things that exist once: values of a parent are sums over everything inside it.
# In the others (figures, reported) a parent's own row is a second statement of what its children's rows say.
ADDITIVE = frozenset({"records", "layer", "tickets", "survey"})


@dataclass(frozen=True)
class Source:
    """One file of an input, for provenance."""

    file: str
    sha256: str


@dataclass(frozen=True)
class Evidence:
    """One input as read."""

    name: str
    input: Input
    frame: pl.DataFrame
    sources: tuple[Source, ...] = ()

    @property
    def additive(self) -> bool:
        """Whether a parent's value is a sum over all rows inside it."""
        return self.input.kind in ADDITIVE

    @property
    def unplaced(self) -> int:
        """Rows that lie in no known unit."""
        return int(self.frame["unit"].null_count())


@dataclass(frozen=True)
class Gathered:
    """Everything intake hands on: the units, their boundaries (code → WKB, metric), the evidence by name."""

    units: pl.DataFrame
    shapes: pl.DataFrame
    crs: str
    evidence: dict[str, Evidence]
    sources: tuple[Source, ...] = field(default=())
