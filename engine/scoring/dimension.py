"""Dimensions (维度得分): the indicators' scores of a dimension and the residents' view of it → one score per unit."""

from __future__ import annotations

import numpy as np
import polars as pl

from ..results import conform
from ..settings.scheme import Scoring
from .base import floats_of
from .means import means_of
from .score import FAILED_BASELINE, MINIMUM_PEERS, grade_column
from .tree import weights_in


def score_dimensions(
    scores: pl.DataFrame, names: tuple[str, ...], scheme: Scoring, weights: pl.DataFrame
) -> pl.DataFrame:
    """The frame ``dimensions``: objective score of the indicators, perceived score of the survey, and their blend.

    ``weights`` are those of the indicators (:func:`~.tree.weigh_indicators`).

    At least ``scheme.minimum_present`` of the weight must have a score: an indicator that cannot be judged (未评价) is
    as missing as one without data, or a dimension would pass on the few that can. ``veto`` lists baseline indicators
    below their floor.
    """
    means = means_of(scheme)
    aggregate = means.indicators.over(means.minimum_present)
    parts = []
    for (level, dimension), group in scores.group_by(["level", "dimension"], maintain_order=True):
        wide = group.pivot(on="indicator", index="unit", values="score", sort_columns=True).sort("unit")
        codes = [c for c in wide.columns if c != "unit"]
        matrix = floats_of(wide.select(codes))
        own = weights_in(weights, str(level), str(dimension))
        objective, present = aggregate(matrix, np.array([own[code] for code in codes]))
        parts.append(
            wide.select("unit").with_columns(
                level=pl.lit(level), dimension=pl.lit(dimension),
                objective=pl.Series(objective).fill_nan(None), weight_present=pl.Series(present),
            )
        )  # fmt: skip
    frame = pl.concat(parts).join(_perceived(scores), on=["unit", "dimension"], how="left")
    share = scheme.perceived_share
    blended = pl.col("objective") * (1 - share) + pl.col("perceived") * share
    frame = frame.with_columns(
        score=pl.when(pl.col("perceived").is_not_null()).then(blended).otherwise(pl.col("objective"))
    )
    return _finish_dimensions(frame, scores, names, scheme)


def _perceived(scores: pl.DataFrame) -> pl.DataFrame:
    """Mean satisfaction of a dimension: each question once, however many indicators it is judged with."""
    return (
        scores.drop_nulls("satisfaction")
        .unique(["unit", "dimension", "satisfaction"], maintain_order=True)
        .group_by("unit", "dimension", maintain_order=True)
        .agg(pl.col("satisfaction").mean().alias("perceived"))
    )


def _finish_dimensions(
    frame: pl.DataFrame, scores: pl.DataFrame, names: tuple[str, ...], scheme: Scoring
) -> pl.DataFrame:
    """Grade, veto, rank and the district's score beside it."""
    year = scores["year"][0] if scores.height else None
    failed = (
        scores.filter(pl.col("note") == FAILED_BASELINE)
        .group_by("unit", "dimension", maintain_order=True)
        .agg(pl.col("indicator").sort().alias("veto"))
    )
    order = {name: i for i, name in enumerate(names)}
    district = frame.filter(pl.col("level") == "district").select("dimension", district_score="score")
    frame = (
        frame.join(failed, on=["unit", "dimension"], how="left")
        .join(district, on="dimension", how="left")
        .with_columns(
            year=pl.lit(year, dtype=pl.Int64),
            veto=pl.col("veto").fill_null([]),
            rank=pl.col("score").rank("min", descending=True).over("level", "dimension").cast(pl.Int64),
            peers=pl.col("score").count().over("level", "dimension").cast(pl.Int64),
            _order=pl.col("dimension").replace_strict(order, return_dtype=pl.Int64, default=len(order)),
        )
        .with_columns(rank=pl.when(pl.col("peers") >= MINIMUM_PEERS).then(pl.col("rank")))
        .sort("unit", "_order")
    )
    return conform("dimensions", frame.with_columns(grade_column(frame["score"], scheme)).drop("_order"))
