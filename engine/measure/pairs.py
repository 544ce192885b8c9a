"""Pairs (分子分母): what every method of measuring hands to the roll-up.

A frame of pairs has ``unit``, ``numerator``, ``denominator`` (null where the method has none), ``value`` (for
reported values, which have no components) and ``rows`` (how many rows of evidence stand behind it).
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal

import polars as pl

from ..findings import Findings

PAIR_SCHEMA = {
    "unit": pl.String, "numerator": pl.Float64, "denominator": pl.Float64, "value": pl.Float64, "rows": pl.Int64,
}  # fmt: skip

# additive: every row counts once, in its unit and in everything above it (a query of the indicator's own)
# stated: a unit's own row is a statement about the whole unit (department forms, reported values)
# final: already computed for every unit at every level (records, answers; lengths clipped to boundaries)
RollUp = Literal["additive", "stated", "final"]


@dataclass(frozen=True)
class Pairs:
    """Pairs of one indicator, and how they go up the tree.

    ``scale`` multiplies numerator / denominator; ``per`` replaces the denominator by the unit's population or
    area; ``weight`` is by what reported values may be averaged upward (None: they may not).
    """

    frame: pl.DataFrame
    rollup: RollUp
    scale: float = 1.0
    per: Literal["population", "area_km2"] | None = None
    weight: Literal["population", "area_km2"] | None = None
    counts: bool = False  # the value is the numerator itself (计数), the ratio only serves comparison
    none_happened: bool = False  # a register of events came back empty: every unit has 0
    examined: bool = (
        False  # the frame has every unit that was examined: a unit without a pair is a gap, not a zero
    )


@dataclass(frozen=True)
class Measured:
    """What measuring one indicator finds: its pairs and, where its method has such, frames in their schemas of results.

    ``lines`` of the ledger; ``service``, who is served, and ``facilities``, by what. The year (and of the latter two the
    indicator) is still null. ``findings`` are about the inputs; several indicators may find the same.
    """

    pairs: Pairs
    lines: pl.DataFrame | None = None
    service: pl.DataFrame | None = None
    facilities: pl.DataFrame | None = None
    findings: Findings = field(default_factory=Findings)


def pairs_frame(frame: pl.DataFrame) -> pl.DataFrame:
    """``frame`` with exactly the columns of pairs, absent ones null, sorted by unit; rows without a unit left out."""
    return (
        frame.select(
            (pl.col(c) if c in frame.columns else pl.lit(None)).cast(t).alias(c)
            for c, t in PAIR_SCHEMA.items()
        )
        .drop_nulls("unit")
        .sort("unit")
    )
