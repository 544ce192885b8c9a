"""Robustness (稳健性): how far totals, ranks and grades hold when the weights are not exactly those chosen.

Weights are drawn from a Dirichlet distribution around the chosen ones, all totals of all draws come from one
matrix product, and a unit's interval is the 5th to 95th percentile of what it gets (Saisana, Saltelli &
Tarantola 2005; OECD/JRC Handbook, step 7). Units that have no total under the chosen weights have none here:
which units can be scored is a matter of data, not of luck. Everything is reproducible from ``seed``. The two levels
of the tree (indicators in dimensions, dimensions in the total) are in :mod:`.drawn`.
"""

from __future__ import annotations

import numpy as np

from .aggregate import Transform, weighted_medians
from .base import Floats, normalised

SPREAD = 0.25  # the typical relative deviation of a drawn weight from the chosen one; ±25 % as in COINr
PERCENTILES = (5.0, 95.0)
_DECIMALS = 9  # totals that differ only by the order of summation are ties
_HUGE = 1e300  # stands for the infinite term of a zero score: times a weight of zero it is zero, not NaN


def concentration_for(weights: Floats, spread: float = SPREAD) -> float:
    """The Dirichlet concentration under which a weight's standard deviation is ``spread`` times the weight.

    var wⱼ = wⱼ(1 − wⱼ)/(c + 1); with k equal weights, c = (k − 1)/spread² − 1. For unequal ones k is the
    effective number 1/Σw²: small weights then vary more, large ones less. Never below 1.
    """
    effective = 1.0 / float((normalised(weights) ** 2).sum())
    return max((effective - 1.0) / spread**2 - 1.0, 1.0)


def draw_weights(
    weights: Floats,
    *,
    draws: int = 1000,
    concentration: float | None = None,
    spread: float = SPREAD,
    seed: int | np.random.Generator = 0,
) -> Floats:
    """``draws`` sets of weights around the given ones, (draws, k), each summing to one; 0 stays 0.

    Dirichlet(c·w), whose mean is w. ``concentration`` None: that of ``spread`` by
    :func:`concentration_for`. ``seed`` may be a generator, which then goes on from where it is.
    """
    centre = normalised(weights)
    c = concentration_for(centre, spread) if concentration is None else concentration
    if not c > 0:
        raise ValueError(f"狄利克雷分布的集中度应大于零，现为 {c:g}")
    weighing = centre > 0
    drawn = np.random.default_rng(seed).dirichlet(c * centre[weighing], size=draws)
    if weighing.all():
        return drawn
    whole = np.zeros((draws, len(centre)))
    whole[:, weighing] = drawn
    return whole


def means_over(scores: Floats, drawn: Floats, transform: Transform | None) -> Floats:
    """The mean of every unit's scores (units, k) under every set of weights (sets, k): (sets, units).

    ``transform`` None: the weighted median. Missing scores are re-weighted over; NaN where nothing that has weight is
    there.
    """
    if transform is None:
        return weighted_medians(scores, drawn)
    there = ~np.isnan(scores)
    terms = np.where(there, bounded(transform.forward(np.where(there, scores, 1.0))), 0.0)
    sums = drawn @ terms.T
    held = drawn.sum(axis=1, keepdims=True) if there.all() else drawn @ there.T.astype(np.float64)
    return np.asarray(transform.back(over_held(sums, held)))


def over_held(sums: Floats, held: Floats) -> Floats:
    """``sums`` over the weight ``held`` that they are of, NaN where that is none; ``sums`` are used up."""
    if (held > 0).all():
        sums /= held
        return sums
    return np.divide(sums, held, out=np.full_like(sums, np.nan), where=held > 0)


def bounded(terms: Floats) -> Floats:
    """``terms`` without infinities."""
    return np.clip(terms, -_HUGE, _HUGE)


def ranks_over(totals: Floats) -> Floats:
    """Ranks within each draw, (draws, units): 1 the highest total, ties share the better rank, NaN stays.

    Sorted are whole numbers that hold a total to nine decimals and, in their last digits, whose it is: half the time of
    sorting places by totals. Raises ValueError where totals lie too far apart for that: a million units by 8,000 points.
    """
    draws, units = totals.shape
    missing = np.isnan(totals)
    if missing.all():
        return np.full(totals.shape, np.nan)
    behind = np.rint(totals * -(10.0**_DECIMALS))
    behind -= np.fmin.reduce(behind, axis=None)
    last = float(np.fmax.reduce(behind, axis=None)) + 1.0
    behind[missing] = last
    bits = (units - 1).bit_length()
    if not last < 2.0 ** min(63 - bits, 53):
        raise ValueError("综合得分相差过大，不能排位次")
    keys = behind.astype(np.int64)
    del behind
    keys <<= bits
    keys |= np.arange(units)
    keys.sort(axis=1)
    order = keys & ((1 << bits) - 1)
    order += units * np.arange(draws)[:, None]
    keys >>= bits
    same = keys[:, 1:] == keys[:, :-1]
    del keys
    places = np.broadcast_to(np.arange(1.0, units + 1), totals.shape)
    if same.any():
        places = np.array(places)
        places[:, 1:][same] = 0.0
        places = np.maximum.accumulate(places, axis=1)
    ranks = np.empty(totals.shape)
    ranks.ravel()[order] = places  # a view
    ranks[missing] = np.nan
    return ranks


def rank_bounds(ranks: Floats, percentiles: tuple[float, ...] = PERCENTILES) -> tuple[Floats, ...]:
    """The percentiles of ranks (draws, units) by unit, each (units,); NaN where a draw has none.

    Percentiles are ranks that occur (inverted CDF, no interpolation): "第 3–7 名" names places a unit really
    had.
    """
    return tuple(np.percentile(ranks, percentiles, axis=0, method="inverted_cdf"))


def score_intervals(totals: Floats, percentiles: tuple[float, float] = PERCENTILES) -> tuple[Floats, Floats]:
    """The percentiles of totals (draws, units) by unit; the grades of both ends are the grade interval."""
    low, high = np.percentile(totals, percentiles, axis=0)
    return low, high


def ahead_shares(totals: Floats) -> Floats:
    """The share of draws in which unit i is ahead of unit j, (units, units); a tie counts half to each.

    ``totals`` (draws, units). NaN on the diagonal and wherever one of the two has no total.
    """
    ranks = ranks_over(totals)
    unscored = np.isnan(ranks).any(axis=0)
    draws, units = ranks.shape
    by_unit = np.ascontiguousarray(np.where(unscored, 0, ranks).T.astype(np.int32))
    ahead = np.empty((units, units))
    for i, own in enumerate(by_unit):  # one unit at a time: all pairs of all draws at once would not fit
        ahead[i] = np.count_nonzero(own < by_unit, axis=1)
    shares = 0.5 + 0.5 * (ahead - ahead.T) / draws
    shares[unscored, :] = shares[:, unscored] = np.nan
    np.fill_diagonal(shares, np.nan)
    return shares


def mean_rank_shift(ranks: Floats, base: Floats) -> Floats:
    """The mean absolute shift of ranks (draws, units) from ``base`` (units,), by draw: R̄ₛ of the Handbook.

    Over the units that have a rank in ``base`` and in every draw; NaN when there is none.
    """
    shifts = np.abs(ranks - base)
    compared = ~np.isnan(shifts).any(axis=0)
    if not compared.any():
        return np.full(len(ranks), np.nan)
    return np.asarray(shifts[:, compared].mean(axis=1))
