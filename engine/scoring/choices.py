"""Choices (方案选择): the same data scored every defensible way, to see what hangs on the way chosen.

A scheme is a scaling (and imputation), a set of weights and an aggregation. :class:`Choices` holds the
alternatives of each; a point of the unit cube (:data:`FACTORS`) picks one scheme, so that random points give
the spread of ranks over all choices and Sobol' points say which choice moves them (Saisana, Saltelli &
Tarantola 2005).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from .aggregate import MINIMUM_PRESENT
from .base import Floats
from .robustness import draw_weights, mean_rank_shift, ranks_over, totals_over
from .sobol import Shares, pick, sobol_indices

FACTORS = ("标度与缺失处理", "权重", "综合方法")


@dataclass(frozen=True)
class Choices:
    """The alternatives: score matrices (units, k) of one shape, weight sets (sets, k), aggregations.

    ``weights`` are those chosen; they decide which units have enough to be scored, under every alternative.
    """

    matrices: Sequence[Floats]
    weights: Floats
    weight_sets: Floats
    aggregates: Sequence[str] = ("arithmetic", "geometric")
    minimum_present: float = MINIMUM_PRESENT

    def totals(self, points: Floats) -> Floats:
        """The totals (points, units) under the schemes that ``points`` (points, 3) pick; columns: FACTORS."""
        matrix = pick(points[:, 0], len(self.matrices))
        weight_set = pick(points[:, 1], len(self.weight_sets))
        aggregate = pick(points[:, 2], len(self.aggregates))
        totals = np.full((len(points), len(self.matrices[0])), np.nan)
        for m, scores in enumerate(self.matrices):
            for a, name in enumerate(self.aggregates):
                here = np.flatnonzero((matrix == m) & (aggregate == a))
                totals[here] = totals_over(
                    scores,
                    self.weight_sets[weight_set[here]],
                    self.weights,
                    aggregate=name,
                    minimum_present=self.minimum_present,
                )
        return totals


def choices_around(
    matrices: Sequence[Floats],
    weights: Floats,
    *,
    aggregates: Sequence[str] = ("arithmetic", "geometric"),
    sets: int = 1024,
    seed: int = 0,
    minimum_present: float = MINIMUM_PRESENT,
) -> Choices:
    """Choices with ``sets`` weight sets drawn around ``weights``.

    Raises ValueError for no matrices or matrices of unlike shape.
    """
    if len({matrix.shape for matrix in matrices}) != 1:
        raise ValueError("各种标度下的得分矩阵应至少有一个，且大小相同")
    drawn = draw_weights(weights, draws=sets, seed=seed)
    return Choices(matrices, weights, drawn, aggregates, minimum_present)


def random_schemes(choices: Choices, *, draws: int = 1000, seed: int = 0) -> Floats:
    """The totals (draws, units) of schemes picked at random, for rank_bounds, score_intervals, ahead_shares."""
    return choices.totals(np.random.default_rng(seed).random((draws, len(FACTORS))))


def what_matters(choices: Choices, base: Floats, *, samples: int = 1024, seed: int = 0) -> Shares:
    """How much of the variance of the mean rank shift from ``base`` ranks (units,) each FACTOR has."""
    return sobol_indices(
        lambda points: mean_rank_shift(ranks_over(choices.totals(points)), base),
        len(FACTORS),
        samples=samples,
        seed=seed,
    )
