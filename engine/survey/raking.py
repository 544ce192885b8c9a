"""Raking (迭代比例拟合): weights that bring a sample's make-up to the population's, margin by margin.

Iterative proportional fitting: W. E. Deming and F. F. Stephan, "On a least squares adjustment of a sampled frequency
table when the expected marginal totals are known", Annals of Mathematical Statistics 11 (1940) 427–444.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]
UNKNOWN = -1
SWEEPS = 500
SETTLED = 1e-10


@dataclass(frozen=True)
class Margin:
    """One make-up to be met: the category of every answer (UNKNOWN where it is not known) and the wanted shares."""

    category: Ints  # (answers,)
    share: Floats  # (categories,), adding up to 1


@dataclass(frozen=True)
class Raked:
    """Weights with mean about 1; ``furthest`` is how far the worst weighted share is from the one that can be met."""

    weights: Floats
    furthest: float


def rake(margins: Sequence[Margin], *, between: tuple[float, float]) -> Raked:
    """Weights (answers,) that meet all margins, none outside ``between`` (relative to the mean weight of 1).

    An answer whose category is not known keeps its weight in that margin. A category nobody is of cannot be met: the
    other shares are scaled up. Where the bounds bind, or the margins contradict each other, they are met as nearly as
    the sweeps come; ``furthest`` says how near.
    """
    weights = np.ones(len(margins[0].category))
    reachable = [Margin(m.category, _present(m)) for m in margins]
    for _ in range(SWEEPS):
        before = weights
        for margin in reachable:
            weights = weights * _factors(weights, margin)
        weights = np.clip(weights / weights.mean(), *between)
        if np.abs(weights - before).max() < SETTLED:
            break
    return Raked(weights, max((_distance(weights, m) for m in reachable), default=0.0))


def _present(margin: Margin) -> Floats:
    """The wanted shares among the categories that occur; zero for the others."""
    occurs = np.isin(np.arange(len(margin.share)), margin.category)
    share = np.where(occurs, margin.share, 0.0)
    return share / share.sum() if share.sum() > 0 else share


def _shares(weights: Floats, margin: Margin) -> Floats:
    """The weighted share of each category among the answers whose category is known."""
    known = margin.category != UNKNOWN
    sums: Floats = np.zeros(len(margin.share))
    np.add.at(sums, margin.category[known], weights[known])
    return sums / sums.sum() if sums.sum() > 0 else sums


def _factors(weights: Floats, margin: Margin) -> Floats:
    """What each answer's weight is multiplied by so that this margin is met."""
    now = _shares(weights, margin)
    factor = np.divide(margin.share, now, out=np.ones_like(now), where=now > 0)
    return np.where(margin.category == UNKNOWN, 1.0, factor[margin.category])


def _distance(weights: Floats, margin: Margin) -> float:
    return float(np.abs(_shares(weights, margin) - margin.share).max())
