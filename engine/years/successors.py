"""Last year under this year's units (区划调整后的上年值): what a unit that was split, merged or given a new code had before.

A ratio is taken from its parts: Σ share·numerator over Σ share·denominator of the predecessors, a count is Σ share·count.
Where a unit took only part of a predecessor, that supposes the part was like the whole, and the figure is an estimate
(``estimated``). A figure without parts goes over only where nothing but the code changed; otherwise last year's is not
comparable and left out, as are last year's scores.
"""

from __future__ import annotations

import polars as pl

_WHOLE = 1.0 - 1e-9
ESTIMATED = "上年值按区划调整的份额折算"


def carried(before: dict[str, pl.DataFrame], predecessors: pl.DataFrame) -> dict[str, pl.DataFrame]:
    """``before`` (measurements, scores, dimensions, totals of last year) with the units that changed under their new codes.

    ``predecessors`` has unit, predecessor, share. What a changed unit's own code, or a predecessor's, had last year is
    no longer under that code, unless the unit is its own predecessor.
    """
    if predecessors.is_empty():
        return before
    gone = pl.concat([predecessors["unit"], predecessors["predecessor"]]).unique()
    alone = renamed(predecessors)
    kept = {name: frame.filter(~pl.col("unit").is_in(gone.implode())) for name, frame in before.items()}
    values = before["measurements"]
    moved = pl.concat(
        [_under_new_code(values, alone), _from_parts(values, predecessors, alone)], how="diagonal"
    )
    return {
        "measurements": pl.concat([kept["measurements"], moved.select(values.columns)]).sort(
            "indicator", "unit"
        ),
        **{
            name: pl.concat([kept[name], _under_new_code(before[name], alone)])
            for name in before
            if name != "measurements"
        },
    }


def renamed_history(values: pl.DataFrame, predecessors: pl.DataFrame) -> pl.DataFrame:
    """``values`` (unit, …) of earlier years under new codes, where nothing but the code changed; the rest is left out."""
    if predecessors.is_empty():
        return values
    gone = pl.concat([predecessors["unit"], predecessors["predecessor"]]).unique()
    kept = values.filter(~pl.col("unit").is_in(gone.implode()))
    return pl.concat([kept, _under_new_code(values, renamed(predecessors))])


def renamed(predecessors: pl.DataFrame) -> pl.DataFrame:
    """Units that are one whole predecessor, which went nowhere else: only the code changed."""
    alone = pl.col("share") > _WHOLE
    return predecessors.filter(alone & (pl.len().over("unit") == 1) & (pl.len().over("predecessor") == 1))


def _under_new_code(frame: pl.DataFrame, renamed: pl.DataFrame) -> pl.DataFrame:
    new = renamed.select(unit="predecessor", _new="unit")
    return (
        frame.join(new, on="unit", how="inner", maintain_order="left").with_columns(unit="_new").drop("_new")
    )


def _from_parts(values: pl.DataFrame, predecessors: pl.DataFrame, alone: pl.DataFrame) -> pl.DataFrame:
    """Values of split and merged units from the parts of every predecessor; none unless all of them have parts."""
    changed = predecessors.join(alone, on="unit", how="anti")
    wanted = changed.group_by("unit").agg(
        pl.len().alias("_wanted"), (pl.col("share") < _WHOLE).any().alias("_partly")
    )
    scale = pl.coalesce(pl.col("compared") * pl.col("denominator"), "value") / pl.col("numerator")
    is_count = (pl.col("value") == pl.col("numerator")) & pl.col("compared").ne_missing(pl.col("value"))
    parts = (
        values.drop_nulls("numerator")
        .with_columns(_scale=pl.when(pl.col("numerator") != 0).then(scale), _count=is_count)
        .with_columns(
            pl.col("_scale").median().over("indicator"),
            pl.col("_count").any().over("indicator"),
        )
        .rename({"unit": "predecessor"})
    )
    joined = changed.join(parts, on="predecessor", how="inner")
    summed = joined.group_by("unit", "indicator", maintain_order=True).agg(
        *(pl.col(c).first() for c in ("year", "level", "origin", "uncertainty", "_scale", "_count")),
        (pl.col("numerator") * pl.col("share")).sum(),
        pl.when(pl.col("denominator").count() == pl.len()).then((pl.col("denominator") * pl.col("share")).sum()).first().alias("denominator"),
        pl.len().alias("_present"),
    )  # fmt: skip
    ratio = pl.col("numerator") / pl.coalesce("denominator", pl.lit(1.0)) * pl.col("_scale")
    return (
        summed.join(wanted, on="unit")
        .filter(pl.col("_present") == pl.col("_wanted"))
        .with_columns(compared=pl.when(pl.col("denominator").ne_missing(0.0)).then(ratio))
        .with_columns(
            value=pl.when(pl.col("_count")).then("numerator").otherwise("compared"),
            note=pl.when(pl.col("_partly")).then(pl.lit(ESTIMATED)),
        )
        .drop("_present", "_wanted", "_scale", "_count", "_partly")
        .with_columns(
            pl.lit(None, dtype=values.schema[c]).alias(c)
            for c in values.columns
            if c not in (*summed.columns, "value", "compared", "note")
        )
    )
