"""Evidence (体检数据): one typed frame per input, between intake and measuring.

Columns of an evidence frame: the input's own columns under our names; ``unit``, the code of the finest unit the
row is known to lie in (null: could not be placed), and ``_district``, ``_town``, ``_community``, the unit it lies in
at each level (for a row placed by its geometry each by its own boundary: real boundaries do not always nest); ``_file``, ``_sheet``, ``_row``, where the row stands in the
input (row as Excel counts, or the feature's number in a layer); for inputs with a geometry ``x``, ``y`` (metres,
in the run's metric CRS) and ``_wkb``. Long figures are pivoted to one row per unit. A survey has one row per
answer and a column per question, scored 0–100.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from typing import Any

import polars as pl

from ..indicators.model import Indicator
from .data_set import DataSet, Query
from .findings import Findings
from .intake.corrections import Correction
from .results import LEVELS, empty
from .settings.project import Input, Project, Space

POSITION = ("_file", "_sheet", "_row")
PREDECESSORS = {"unit": pl.String, "predecessor": pl.String, "share": pl.Float64}
HISTORY = {"year": pl.Int64, "unit": pl.String, "indicator": pl.String, "value": pl.Float64}
LEVEL_COLUMNS = tuple(f"_{level}" for level in LEVELS)
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
    key: str = ""  # the digest of what it was read from; empty where that is not known
    many: DataSet | None = (
        None  # its rows, where they are too many to load: then the frame has its columns only
    )
    # networks already built of its lines, by which of them and how they meet: several indicators walk on the same
    networks: dict[tuple[str | None, str], Any] = field(
        default_factory=dict, init=False, repr=False, compare=False
    )

    @property
    def additive(self) -> bool:
        """Whether a parent's value is a sum over all rows inside it."""
        return self.input.kind in ADDITIVE

    @property
    def none_happened(self) -> bool:
        """Whether the input is a register of events that came back empty: nothing happened anywhere."""
        return self.rows == 0 and self.input.empty_means_none

    @property
    def says_nothing(self) -> bool:
        """Whether there is no row to measure by, and that is not an answer."""
        return self.rows == 0 and not self.input.empty_means_none

    @property
    def rows(self) -> int:
        """How many rows it has."""
        return self.many.rows if self.many is not None else self.frame.height

    @property
    def unplaced(self) -> int:
        """Rows that lie in no known unit."""
        return self.many.unplaced if self.many is not None else int(self.frame["unit"].null_count())


# Where data sets are queried: given the evidence, what answers queries over its inputs
Querying = Callable[[dict[str, Evidence]], AbstractContextManager[Query]]


@dataclass(frozen=True)
class Elsewhere:
    """Another engine that data sets are queried on, and what of a project's indicators it cannot compute (findings)."""

    querying: Querying
    objections: Callable[[Project, Sequence[Indicator]], Findings]


def with_levels(frame: pl.DataFrame, units: pl.DataFrame) -> pl.DataFrame:
    """``frame`` with the level columns, from the ancestors of each row's ``unit``."""
    ancestors = units.select(unit="code", **{f"_{level}": level for level in LEVELS})
    return frame.join(ancestors, on="unit", how="left", maintain_order="left")


def at_every_level(frame: pl.DataFrame) -> pl.DataFrame:
    """Every row once for each unit it lies in, ``unit`` being that unit: what sums per unit are taken over."""
    return pl.concat(
        frame.with_columns(unit=pl.col(column)).drop_nulls("unit")
        for column in LEVEL_COLUMNS
        if column in frame.columns
    )


@dataclass(frozen=True)
class Comparison:
    """One expert's judgement matrix (判断矩阵): how many times as important ``children[i]`` is in ``parent`` as [j].

    ``parent`` is a dimension (children: indicator codes) or 总分 (children: dimensions). ``matrix`` holds Saaty's
    numbers, the whole square.
    """

    parent: str
    expert: str
    children: tuple[str, ...]
    matrix: tuple[tuple[float, ...], ...]


@dataclass(frozen=True)
class Gathered:
    """Everything intake hands on: the units, their boundaries (code → WKB, metric), the evidence by name.

    ``history`` has year, unit, indicator, value: what tables of the project say about earlier years. ``space`` is how
    the project reckons walking distances. ``judgements`` are the experts' comparisons, ``predecessors`` (unit,
    predecessor, share) the units that were split, merged or given another code since last year, ``candidates`` the
    projects to choose from (columns of the frame ``projects``), ``corrections`` the fixes declared by hand.
    """

    units: pl.DataFrame
    shapes: pl.DataFrame
    crs: str
    evidence: dict[str, Evidence]
    sources: tuple[Source, ...] = field(default=())
    history: pl.DataFrame = field(default_factory=lambda: pl.DataFrame(schema=HISTORY))
    space: Space = field(default_factory=Space)
    judgements: tuple[Comparison, ...] = ()
    predecessors: pl.DataFrame = field(default_factory=lambda: pl.DataFrame(schema=PREDECESSORS))
    candidates: pl.DataFrame = field(default_factory=lambda: empty("projects"))
    corrections: tuple[Correction, ...] = ()
    query: Query | None = (
        None  # answers over its data sets while they are measured, where that is not done here
    )
    key: str = (
        ""  # the digest of units, boundaries, names and how distances are reckoned; empty where not known
    )
