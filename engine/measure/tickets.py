"""Residents' tickets (12345 工单): how many of what, how many come again, how many are not resolved.

Per unit and category, and over all categories (合计): the count, per 10,000 people, and the shares of the tickets that
are repeated and unresolved, taken over those that say so (a blank is not a no).
"""

from __future__ import annotations

import polars as pl

from ..evidence import Evidence, at_every_level
from ..results import conform, empty

ALL = "合计"
PER = 10_000.0


def count_tickets(
    evidence: dict[str, Evidence], units: pl.DataFrame, year: int, *, fewest: int = 1
) -> pl.DataFrame:
    """The frame ``tickets``, sorted by unit, 合计 first, then by category.

    A unit without any ticket of a category has a count of zero where the input covers every unit
    (``complete``), and no row otherwise. No population known: no rate. Of fewer than ``fewest`` tickets that say so
    no share is taken: it would tell what single people said.
    """
    calls = [e for e in evidence.values() if e.input.kind == "tickets" and not e.frame.is_empty()]
    if not calls:
        return empty("tickets")
    rows = pl.concat([_rows(item) for item in calls])
    counted = pl.concat(
        [
            _counted(rows.with_columns(category=pl.lit(ALL)), fewest),
            _counted(rows.drop_nulls("category"), fewest),
        ]
    )
    if all(item.input.complete for item in calls):
        every = units.select(unit="code").join(counted.select("category").unique(), how="cross")
        counted = every.join(counted, on=["unit", "category"], how="left").with_columns(
            pl.col("count").fill_null(0)
        )
    people = units.select("level", "population", unit="code")
    frame = counted.join(people, on="unit").with_columns(
        per_10k=pl.when(pl.col("population") > 0).then(pl.col("count") * PER / pl.col("population")),
        year=pl.lit(year, dtype=pl.Int64),
    )
    in_order = frame.sort("unit", pl.col("category") != ALL, "category")
    return conform("tickets", in_order.drop("population"))


def _rows(item: Evidence) -> pl.DataFrame:
    """unit (once for each unit a ticket lies in), category, repeated, resolved: null where the input does not say."""
    columns = {"category": pl.String, "repeated": pl.Boolean, "resolved": pl.Boolean}
    return at_every_level(item.frame).select(
        "unit",
        *(
            (pl.col(c) if c in item.frame.columns else pl.lit(None)).cast(t).alias(c)
            for c, t in columns.items()
        ),
    )


def _counted(rows: pl.DataFrame, fewest: int) -> pl.DataFrame:
    repeated, resolved = pl.col("repeated"), pl.col("resolved")
    return rows.group_by("unit", "category").agg(
        pl.len().cast(pl.Int64).alias("count"),
        pl.when(repeated.count() >= fewest).then(repeated.mean()).alias("repeat_share"),
        pl.when(resolved.count() >= fewest).then((~resolved).mean()).alias("unresolved_share"),
    )
