"""Dimensions (维度得分): the indicators' scores of a dimension and the residents' view of it → one score per unit."""

from __future__ import annotations

import numpy as np
import polars as pl

from ..results import conform
from ..scheme import Scoring
from .aggregate import AGGREGATES
from .score import FAILED_BASELINE, MINIMUM_PEERS, grade_column


def score_dimensions(scores: pl.DataFrame, names: tuple[str, ...], scheme: Scoring) -> pl.DataFrame:
    """The frame ``dimensions``: objective score of the indicators, perceived score of the survey, and their blend.

    At least ``scheme.minimum_present`` of the weight must have a score: an indicator that cannot be judged (未评价) is
    as missing as one without data, or a dimension would pass on the few that can. ``veto`` lists baseline indicators
    below their floor.
    """
    aggregate = AGGREGATES.choose(scheme.aggregate_indicators)
    parts = []
    for (level, dimension), group in scores.group_by(["level", "dimension"], maintain_order=True):
        wide = group.pivot(on="indicator", index="unit", values="score", sort_columns=True).sort("unit")
        codes = [c for c in wide.columns if c != "unit"]
        matrix = wide.select(codes).cast(pl.Float64).fill_null(float("nan")).to_numpy()
        weights = _weights(group, codes, scheme)
        objective, present = aggregate(matrix, weights, minimum_present=scheme.minimum_present)
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


def _weights(group: pl.DataFrame, codes: list[str], scheme: Scoring) -> np.ndarray:
    """Weights of the indicators of a dimension, summing to one."""
    if scheme.weights == "equal":
        return np.full(len(codes), 1.0 / len(codes))
    given = dict(group.select("indicator", "weight").unique().iter_rows())
    weights = np.array([given[c] for c in codes], dtype=np.float64)
    return weights / weights.sum()


def _perceived(scores: pl.DataFrame) -> pl.DataFrame:
    """Mean satisfaction of a dimension: each question once, however many indicators it is judged with."""
    return (
        scores.drop_nulls("satisfaction")
        .unique(["unit", "dimension", "satisfaction"], maintain_order=True)
        .group_by("unit", "dimension")
        .agg(pl.col("satisfaction").mean().alias("perceived"))
    )


def _finish_dimensions(
    frame: pl.DataFrame, scores: pl.DataFrame, names: tuple[str, ...], scheme: Scoring
) -> pl.DataFrame:
    """Grade, veto, rank and the district's score beside it."""
    year = scores["year"][0] if scores.height else None
    failed = (
        scores.filter(pl.col("note") == FAILED_BASELINE)
        .group_by("unit", "dimension")
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
