"""Totals (综合得分): dimensions → total, rank with its interval, thirds for communities.

A rank printed anywhere carries the interval it moves in (5–95 %) when the weights are drawn at random around the
given ones (:func:`~.drawn.with_rank_intervals`); communities, of which there are hundreds, are given as thirds, not
as places.
"""

from __future__ import annotations

import numpy as np
import polars as pl

from ..results import LEVELS, THIRDS, conform
from ..settings.scheme import Scoring
from .base import floats_of
from .means import means_of
from .score import MINIMUM_PEERS, grade_column
from .tree import TOTAL, weights_in


def score_totals(
    dimensions: pl.DataFrame, names: tuple[str, ...], scheme: Scoring, weights: pl.DataFrame
) -> pl.DataFrame:
    """The frame ``totals`` (rank interval, previous and change still null), sorted by unit.

    ``weights`` are those of the dimensions (:func:`~.tree.weigh_dimensions`).
    """
    parts = []
    for level in LEVELS:
        group = dimensions.filter(pl.col("level") == level)
        if group.height:
            parts.append(_level_totals(group, level, names, scheme, weights_in(weights, level, TOTAL)))
    return conform("totals", pl.concat(parts)).sort("unit")


def _level_totals(
    group: pl.DataFrame, level: str, names: tuple[str, ...], scheme: Scoring, own: dict[str, float]
) -> pl.DataFrame:
    """Totals of the units of one level; ``own`` dimension → weight."""
    wide = group.pivot(on="dimension", index="unit", values="score").sort("unit")
    # a dimension nobody could be scored on is missing weight; one without an indicator at this level has no weight
    kept = tuple(n for n in names if n in wide.columns)
    matrix = floats_of(wide.select(kept))
    weights = np.array([own[n] for n in kept])
    means = means_of(scheme)
    total, present = means.dimensions.over(means.minimum_present)(matrix, weights)
    scored = ~np.isnan(total)
    peers = int(scored.sum())
    year = group["year"][0]
    frame = wide.select("unit").with_columns(
        year=pl.lit(year, dtype=pl.Int64), level=pl.lit(level),
        score=pl.Series(total).fill_nan(None), weight_present=pl.Series(present),
        grade=grade_column(pl.Series(total), scheme), peers=pl.lit(peers, dtype=pl.Int64),
    )  # fmt: skip
    rank = pl.col("score").rank("min", descending=True).cast(pl.Int64)
    return frame.with_columns(
        rank=rank if peers >= MINIMUM_PEERS else pl.lit(None, dtype=pl.Int64),
        third=_third(rank, peers)
        if level == "community" and peers >= MINIMUM_PEERS
        else pl.lit(None, dtype=pl.String),
    )


def _third(rank: pl.Expr, peers: int) -> pl.Expr:
    """Which third of the communities a rank lies in."""
    return (
        pl.when(rank.is_null()).then(None)
        .when(rank * 3 <= peers).then(pl.lit(THIRDS[0]))
        .when(rank * 3 <= 2 * peers).then(pl.lit(THIRDS[1]))
        .otherwise(pl.lit(THIRDS[2]))
    )  # fmt: skip
