"""Roll-up (逐级汇总): from pairs where the evidence stands to a value for every unit at every level.

The rule everybody breaks: a parent's ratio is Σ numerator / Σ denominator of what lies inside it, never the mean
of its children's ratios. What a parent states itself is kept beside what its children add up to.
"""

from __future__ import annotations

import polars as pl

from ..results import LEVELS
from ..units import ancestry
from .pairs import Pairs

ROLLED = {
    "unit": pl.String, "level": pl.String, "numerator": pl.Float64, "denominator": pl.Float64, "value": pl.Float64,
    "compared": pl.Float64, "reported": pl.Float64, "origin": pl.String, "basis": pl.Float64, "rows": pl.Int64,
}  # fmt: skip


def roll_up(pairs: Pairs, units: pl.DataFrame, *, reported_wins: bool = False) -> pl.DataFrame:
    """One row for each unit that has a value: the columns of ROLLED.

    ``basis`` is the share of the unit's population (of its children, where no population is known) that the
    value stands on; ``reported`` is what the unit stated itself where its children also add up to a value, in
    the unit of the value.
    """
    if pairs.rollup == "stated":
        frame = _stated(pairs, units, reported_wins=reported_wins)
    else:
        summed = _additive(pairs, units) if pairs.rollup == "additive" else pairs.frame
        frame = _with_absent(summed, pairs, units).with_columns(
            origin=pl.lit("computed"), basis=pl.lit(1.0), reported=pl.lit(None, dtype=pl.Float64)
        )
    return _values(frame, pairs, units)


def _additive(pairs: Pairs, units: pl.DataFrame) -> pl.DataFrame:
    """Sums over everything inside a unit, from whatever level its rows know their unit by."""
    return (
        pairs.frame.join(ancestry(units), on="unit", how="inner")
        .group_by("ancestor")
        .agg(
            pl.col("numerator").sum(),
            pl.when(pl.col("denominator").count() > 0).then(pl.col("denominator").sum()).alias("denominator"),
            pl.lit(None, dtype=pl.Float64).alias("value"),
            pl.col("rows").sum(),
        )
        .rename({"ancestor": "unit"})
    )


def _with_absent(frame: pl.DataFrame, pairs: Pairs, units: pl.DataFrame) -> pl.DataFrame:
    """Per person or per km² the whole area was examined: a unit without a row has a numerator of zero, not a gap.

    So it is in every unit where a register of events came back empty.
    """
    if not pairs.none_happened and (pairs.per is None or pairs.examined or frame.is_empty()):
        return frame
    return (
        units.select(unit="code")
        .join(frame, on="unit", how="left")
        .with_columns(
            # a unit that has rows and yet no numerator is one of which nothing is known
            pl.when(pl.col("rows").is_null()).then(0.0).otherwise(pl.col("numerator")).alias("numerator"),
            pl.col("rows").fill_null(0),
        )
    )


def _stated(pairs: Pairs, units: pl.DataFrame, *, reported_wins: bool) -> pl.DataFrame:
    """Bottom-up: a unit's children add up, unless they are incomplete and the unit states its own figure."""
    own = pairs.frame.with_columns(origin=pl.lit("stated"), basis=pl.lit(1.0))
    settled: list[pl.DataFrame] = []
    below: pl.DataFrame | None = None
    for level in reversed(LEVELS):
        here = units.filter(pl.col("level") == level)
        direct = own.join(here.select(unit="code"), on="unit", how="semi")
        if below is None or below.is_empty():
            resolved = direct.with_columns(reported=pl.lit(None, dtype=pl.Float64))
        else:
            resolved = _settle(direct, _children_sum(below, units, pairs), pairs, reported_wins=reported_wins)
        settled.append(
            resolved.select(
                "unit", "numerator", "denominator", "value", "rows", "origin", "basis", "reported"
            )
        )
        below = settled[-1]
    return pl.concat(settled)


def _children_sum(below: pl.DataFrame, units: pl.DataFrame, pairs: Pairs) -> pl.DataFrame:
    """What the children of each parent add up to, and on which share of the parent they stand."""
    weighed = units.select(
        unit="code", parent="parent", by=pairs.weight or "population", population="population"
    )
    size = (
        weighed.drop_nulls("parent")
        .group_by("parent")
        .agg(
            pl.len().alias("all"),
            pl.col("population").sum().alias("people"),
            pl.col("population").null_count().alias("unknown"),
        )
    )
    has_components = below["numerator"].null_count() < below.height
    if not has_components and pairs.weight is None:
        return below.clear()
    joined = below.join(weighed, on="unit", how="left").drop_nulls("parent")
    sums = joined.group_by("parent").agg(
        pl.col("numerator").sum() if has_components else pl.lit(None, dtype=pl.Float64).alias("numerator"),
        pl.when(pl.col("denominator").count() == pl.len()).then(pl.col("denominator").sum()).alias("denominator"),
        pl.lit(None, dtype=pl.Float64).alias("value") if has_components
        else ((pl.col("value") * pl.col("by")).sum() / pl.col("by").sum()).alias("value"),
        pl.col("rows").sum(),
        pl.len().alias("present"),
        (pl.col("population") * pl.col("basis")).sum().alias("people_present"),
    )  # fmt: skip
    return (
        sums.join(size, on="parent")
        .with_columns(
            basis=pl.when((pl.col("people") > 0) & (pl.col("unknown") == 0))
            .then(pl.col("people_present") / pl.col("people"))
            .otherwise(pl.col("present") / pl.col("all"))
        )
        .select(
            pl.col("parent").alias("unit"),
            "numerator",
            "denominator",
            "value",
            "rows",
            pl.lit("computed").alias("origin"),
            "basis",
        )
    )


def _settle(
    direct: pl.DataFrame, computed: pl.DataFrame, pairs: Pairs, *, reported_wins: bool
) -> pl.DataFrame:
    """Which of the two statements stands; the other is kept as ``reported`` where both exist."""
    if computed.is_empty():
        return direct.with_columns(reported=pl.lit(None, dtype=pl.Float64))
    both = computed.join(direct, on="unit", how="full", suffix="_own", coalesce=True)
    computed_present = pl.col("basis").is_not_null()
    own_present = pl.col("basis_own").is_not_null()
    use_own = own_present & (~computed_present | pl.lit(reported_wins) | (pl.col("basis") < 1.0 - 1e-9))
    columns = ("numerator", "denominator", "value", "rows", "origin", "basis")
    own_value = (
        pl.col("value_own")
        if pairs.weight or direct["numerator"].null_count() == direct.height
        else pl.when(pl.col("denominator_own") > 0).then(
            pl.col("numerator_own") / pl.col("denominator_own") * pairs.scale
        )
    )
    return both.with_columns(
        reported=pl.when(own_present & computed_present).then(own_value),
        **{c: pl.when(use_own).then(pl.col(f"{c}_own")).otherwise(pl.col(c)) for c in columns},
    )


def _values(frame: pl.DataFrame, pairs: Pairs, units: pl.DataFrame) -> pl.DataFrame:
    """value and compared, from the components; null where the denominator is zero or missing."""
    frame = frame.join(units.select("level", "population", "area_km2", unit="code"), on="unit", how="inner")
    if pairs.per is not None:
        frame = frame.with_columns(denominator=pl.col(pairs.per) * pl.col("basis"))
    ratio = pl.when(pl.col("denominator") > 0).then(pl.col("numerator") / pl.col("denominator") * pairs.scale)
    total_only = pl.col("denominator").is_null() & pl.lit(pairs.per is None)
    if pairs.counts:
        frame = frame.with_columns(value=pl.col("numerator"), compared=ratio)
    else:
        value = (
            pl.when(pl.col("value").is_not_null()).then(pl.col("value"))
            .when(total_only).then(pl.col("numerator") * pairs.scale)
            .otherwise(ratio)
        )  # fmt: skip
        frame = frame.with_columns(value=value).with_columns(compared=pl.col("value"))
    kept = frame.filter(pl.col("value").is_not_null())
    return kept.select(pl.col(c).cast(t) for c, t in ROLLED.items()).sort("unit")
