"""Two sizes of a place (按面积与按人口): where things per km² and per 10,000 people tell different stories.

A dense quarter has many of everything on a square kilometre and few for each of its people. Where a unit's place among
its level moves by more than a third of all units between the two, neither figure alone is fair.
"""

from __future__ import annotations

import polars as pl

APART = 1 / 3  # of the units of the level: places by which the two must differ
FEWEST = 5  # units under which places say nothing


def two_sizes(counts: pl.DataFrame, units: pl.DataFrame) -> pl.DataFrame:
    """Where the two sizes disagree: unit, what, value, per_km2, per_10k, place_km2, place_10k, of.

    ``counts`` has unit, what (an indicator, or what else was counted) and value, of units of one level; ``units`` has
    code, population, area_km2. Places are from the most down, units alike sharing the better; ``of`` is how many are
    placed. Units without people or area are not, and nothing is told of fewer than five units or where all have none.
    Sorted by what, then by how far the places lie apart, the furthest first.
    """
    sized = (
        counts.select("unit", "what", value=pl.col("value").cast(pl.Float64))
        .join(units.select("population", "area_km2", unit="code"), on="unit")
        .filter(pl.col("value").is_not_null() & (pl.col("population") > 0) & (pl.col("area_km2") > 0))
        .with_columns(
            per_km2=pl.col("value") / pl.col("area_km2"), per_10k=pl.col("value") / pl.col("population") * 1e4
        )
    )
    placed = sized.with_columns(
        place_km2=_place("per_km2"), place_10k=_place("per_10k"), of=pl.len().over("what").cast(pl.Int64)
    ).with_columns(_moved=(pl.col("place_km2") - pl.col("place_10k")).abs())
    told = placed.filter((pl.col("of") >= FEWEST) & (pl.col("_moved") > APART * pl.col("of")))
    return told.sort(["what", "_moved", "unit"], descending=[False, True, False]).select(
        "unit", "what", "value", "per_km2", "per_10k", "place_km2", "place_10k", "of"
    )


def _place(column: str) -> pl.Expr:
    return pl.col(column).rank("min", descending=True).over("what").cast(pl.Int64)
