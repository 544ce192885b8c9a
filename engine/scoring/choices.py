"""Choices (方案选择): the same data scored every defensible way, to see what hangs on the way chosen.

A scheme is a scaling, what is done with gaps, a way to weigh, how far the weights may be off, and the means inside and
over dimensions (:data:`FACTORS`). :class:`Choices` holds the scores and weights of every combination of the first three
as real re-runs gave them; a point of the unit cube picks one scheme, so that random points give the spread of ranks over
all choices and Sobol' points say which choice moves them (Saisana, Saltelli & Tarantola 2005).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from .base import Floats
from .branches import Branches
from .drawn import Drawn, totals_under
from .means import Means
from .robustness import mean_rank_shift, ranks_over
from .sobol import Shares, pick, sobol_indices

FACTORS = ("标度方法", "缺失处理", "赋权方法", "权重变动", "维度内综合", "维度间综合")
Combination = tuple[int, int, int]


@dataclass(frozen=True)
class Choices:
    """The alternatives, by place: ``trees`` and ``drawn`` by (scale, missing, weights), ``means`` by (inner, outer).

    ``counts`` is how many options each of FACTORS has; of 权重变动 the sets of weights in each of ``drawn``. All trees are
    of the same units in one order.
    """

    counts: tuple[int, ...]
    trees: Mapping[Combination, Branches]
    drawn: Mapping[Combination, Drawn]
    means: Mapping[tuple[int, int], Means]

    @property
    def varying(self) -> tuple[int, ...]:
        """The places in FACTORS of what has more than one option."""
        return tuple(i for i, count in enumerate(self.counts) if count > 1)

    def totals(self, points: Floats) -> Floats:
        """The totals (points, units) under the schemes that ``points`` (points, varying) pick."""
        picked = np.zeros((len(points), len(FACTORS)), dtype=np.int64)
        for column, place in enumerate(self.varying):
            picked[:, place] = pick(points[:, column], self.counts[place])
        schemes, which = np.unique(np.delete(picked, 3, axis=1), axis=0, return_inverse=True)
        totals = np.full((len(points), len(next(iter(self.trees.values())).units)), np.nan)
        for i, (scale, missing, weights, inner, outer) in enumerate(schemes.tolist()):
            here = np.flatnonzero(which.ravel() == i)
            combination = scale, missing, weights
            drawn = self.drawn[combination].of(picked[here, 3])
            totals[here] = totals_under(self.trees[combination], drawn, self.means[inner, outer])
        return totals


def random_schemes(choices: Choices, *, draws: int = 1000, seed: int = 0) -> Floats:
    """The totals (draws, units) of schemes picked at random, for rank_bounds, score_intervals, ahead_shares."""
    return choices.totals(np.random.default_rng(seed).random((draws, len(choices.varying))))


def what_matters(choices: Choices, base: Floats, *, samples: int = 1024, seed: int = 0) -> Shares:
    """How much of the variance of the mean rank shift from ``base`` ranks (units,) each varying factor has."""
    return sobol_indices(
        lambda points: mean_rank_shift(ranks_over(choices.totals(points)), base),
        len(choices.varying),
        samples=samples,
        seed=seed,
    )
