"""The scores of one level under drawn weights (权重变动下的计分): indicators in dimensions, dimensions in the total.

Robustness rolls up the same scores thousands of times. It reads scores, weights and what could be scored from finished
frames and repeats only the last two steps of scoring, for all sets of weights at once and exactly: with the weights in
force the totals are those of the frames.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import polars as pl

from ..settings.scheme import Scoring
from .base import Floats, Integers
from .branches import Branches, branches_of
from .means import Means, means_of
from .robustness import bounded, draw_weights, means_over, over_held, rank_bounds, ranks_over

_ROUNDING = 1e-9
_CELLS = 2**14  # totals made at once


@dataclass(frozen=True)
class Drawn:
    """Sets of weights: ``indicators`` (sets, k), each dimension's summing to one, and ``dimensions`` (sets, d)."""

    indicators: Floats
    dimensions: Floats

    def of(self, sets: Integers | slice) -> Drawn:
        """The sets at these places."""
        return Drawn(self.indicators[sets], self.dimensions[sets])


def in_force(tree: Branches) -> Drawn:
    """The weights in force, as one set."""
    return Drawn(tree.weights[None], tree.dimension_weights[None])


def draw_both(tree: Branches, *, draws: int, spread: float, seed: int) -> Drawn:
    """Sets of weights drawn around those in force, independently in every dimension and for the dimensions.

    Each is a Dirichlet whose typical relative deviation is ``spread`` (:func:`.robustness.draw_weights`).
    """
    generator = np.random.default_rng(seed)
    groups = [tree.dimension_weights, *(tree.weights[own] for own in tree.columns)]
    drawn = [draw_weights(group, draws=draws, spread=spread, seed=generator) for group in groups]
    return Drawn(np.concatenate(drawn[1:], axis=1), drawn[0])


def without_each(tree: Branches) -> Drawn:
    """k sets: the weights in force without the first indicator, the second, …; a dimension left empty counts nothing."""
    indicators = np.repeat(tree.weights[None], len(tree.codes), axis=0)
    np.fill_diagonal(indicators, 0.0)
    return Drawn(indicators, np.repeat(tree.dimension_weights[None], len(tree.codes), axis=0))


def totals_under(tree: Branches, drawn: Drawn, means: Means) -> Floats:
    """The total of every unit under every set of weights, (sets, units).

    Missing scores and dimensions are re-weighted over; what has no score in the frames (too little of the weight in
    force present) has none under any weights. Some sets at a time: what is in between then stays in a core's cache, and no
    product is so large that the library beneath splits it among threads, which costs more than it saves.
    """
    totals = np.empty((len(drawn.dimensions), len(tree.units)))
    sets = max(_CELLS // len(tree.units), 1)
    for at in range(0, len(totals), sets):
        some = slice(at, at + sets)
        totals[some] = _totals_under(tree, drawn.of(some), means)
    totals[:, ~tree.scored] = np.nan
    return totals


def _totals_under(tree: Branches, drawn: Drawn, means: Means) -> Floats:
    shape = (len(drawn.dimensions), len(tree.units))
    inner, outer = means.indicators.transform, means.dimensions.transform
    sums, held, kept = np.zeros(shape), np.zeros(shape), []
    for i, own in enumerate(tree.columns):
        objective = means_over(tree.scores[:, own], drawn.indicators[:, own], inner)
        scores = means.blend(objective, tree.perceived[:, i])
        scores[:, ~tree.held[:, i]] = np.nan
        weight = drawn.dimensions[:, i : i + 1]
        if outer is None:
            kept.append(scores)
            continue
        there = ~np.isnan(scores)
        if not there.all():
            sums += weight * np.where(there, bounded(outer.forward(np.where(there, scores, 1.0))), 0.0)
            held += weight * there
            continue
        terms = bounded(outer.forward(scores))
        terms *= weight
        sums += terms
        held += weight
    if outer is None:
        each = np.stack(kept, axis=2)
        medians = [_row_medians(each[:, u], drawn.dimensions) for u in range(len(tree.units))]
        return np.column_stack(medians)
    return np.asarray(outer.back(over_held(sums, held)))


def _row_medians(values: Floats, weights: Floats) -> Floats:
    """The weighted median of each row, (sets,) for (sets, d): as aggregate_median, but the values change by row too."""
    counted = np.where(np.isnan(values), 0.0, weights)
    order = np.argsort(values, axis=1, kind="stable")  # NaN last
    ranked = np.take_along_axis(values, order, axis=1)
    heaped = np.cumsum(np.take_along_axis(counted, order, axis=1), axis=1)
    half = 0.5 * heaped[:, -1:]
    rows = np.arange(len(values))
    lower = ranked[rows, np.argmax(heaped >= half - _ROUNDING, axis=1)]
    upper = ranked[rows, np.argmax(heaped > half + _ROUNDING, axis=1)]
    return np.where(half[:, 0] > 0, (lower + upper) / 2.0, np.nan)


def with_rank_intervals(frames: dict[str, pl.DataFrame], scheme: Scoring) -> pl.DataFrame:
    """The frame ``totals`` with rank_low and rank_high: 5–95 % of the rank when the weights of both levels are drawn.

    ``frames`` as :func:`~.branches.branches_of`. Only where a level has ranks. The same draws are those of kind weights in the frame
    ``robust``.
    """
    totals = frames["totals"]
    parts = [pl.DataFrame(schema={"unit": pl.String, "rank_low": pl.Int64, "rank_high": pl.Int64})]
    for level in totals.drop_nulls("rank")["level"].unique(maintain_order=True):
        tree = branches_of(frames, level)
        if tree is not None:
            drawn = draw_both(tree, draws=scheme.draws, spread=scheme.spread, seed=scheme.seed)
            low, high = rank_bounds(ranks_over(totals_under(tree, drawn, means_of(scheme))))
            found = pl.DataFrame({"unit": tree.units, "rank_low": low, "rank_high": high})
            parts.append(found.with_columns(pl.col("rank_low", "rank_high").fill_nan(None).cast(pl.Int64)))
    bare = totals.drop("rank_low", "rank_high")
    return bare.join(pl.concat(parts), on="unit", how="left", maintain_order="left").select(totals.columns)
