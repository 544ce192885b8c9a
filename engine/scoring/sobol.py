"""Variance shares (敏感性分析, Sobol' indices): which choice moves the result.

A *model* turns points of the unit cube, (points, factors), into results, (points,) or (points, outputs). A
factor is any choice that can be drawn: the weights' spread, the scaling method (:func:`pick` cuts 0–1 into
equal parts), the aggregation, how gaps are filled. First-order Sᵢ is the share of the result's variance that
goes when factor i is known; total STᵢ the share that stays when all but i are known. ST − S is what i does
together with others.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

import numpy as np
from scipy.stats import qmc

from .base import Bools, Floats, Integers

Model = Callable[[Floats], Floats]


class Shares(NamedTuple):
    """First-order and total indices with their bootstrap bounds, each (factors,) or (factors, outputs).

    NaN where the result does not vary at all.
    """

    first: Floats
    first_low: Floats
    first_high: Floats
    total: Floats
    total_low: Floats
    total_high: Floats


def pick(column: Floats, count: int) -> Integers:
    """Which of ``count`` options each draw in 0–1 stands for, (points,), equally likely."""
    return np.minimum((column * count).astype(np.int64), count - 1)


def sobol_indices(
    model: Model,
    factors: int,
    *,
    samples: int = 1024,
    resamples: int = 200,
    confidence: float = 0.95,
    seed: int = 0,
) -> Shares:
    """First-order and total indices of ``model`` over ``factors`` independent uniform factors.

    Scrambled Sobol' points A, B and, for each factor, A with that column from B: samples·(factors + 2) runs.
    Estimators: Saltelli et al. (2010) for S, mean(f_B·(f_ABi − f_A))/V with results centred; Jansen (1999)
    for ST, mean((f_A − f_ABi)²)/2V; V over A and B. Bounds are percentiles of ``resamples`` bootstraps of the
    points, taken as one matrix product. ``samples`` should be a power of two. Small indices may come out
    slightly below zero. Raises ValueError for fewer than one factor or a number of samples that is not a
    power of two.
    """
    if factors < 1:
        raise ValueError("敏感性分析至少要有一个因素")
    if samples < 2 or samples & (samples - 1):
        raise ValueError(f"敏感性分析的样本数应为 2 的幂，现为 {samples}")
    generator = np.random.default_rng(seed)
    points = qmc.Sobol(2 * factors, scramble=True, rng=generator).random(samples)
    a, b = points[:, :factors], points[:, factors:]
    mixed = np.repeat(a[None], factors, axis=0)
    for i in range(factors):
        mixed[i, :, i] = b[:, i]
    results = np.asarray(model(np.concatenate([a, b, mixed.reshape(-1, factors)])), dtype=np.float64)
    single = results.ndim == 1
    blocks = results.reshape(factors + 2, samples, -1)
    shares = np.full((resamples + 1, samples), 1.0 / samples)
    drawn = generator.multinomial(samples, shares[0], size=resamples)
    shares[1:] = drawn / samples
    first, total = _estimate(blocks, shares)
    tail = 100.0 * (1.0 - confidence) / 2.0
    known = np.asarray(
        ~np.isnan(total[1:]).all(axis=0)
    )  # a resample in which a rare variation is missing has no shares
    bounds = [_bounds(index[1:], (tail, 100.0 - tail), known) for index in (first, total)]
    parts = (first[0], *bounds[0], total[0], *bounds[1])
    return Shares(*(part[:, 0] if single else part for part in parts))


def _bounds(index: Floats, percentiles: tuple[float, float], known: Bools) -> list[Floats]:
    """Percentiles over the resamples that have shares, each (factors, outputs); NaN where none has."""
    bounds = np.full((2, *known.shape), np.nan)
    bounds[:, known] = np.nanpercentile(index[:, known], percentiles, axis=0)
    return list(bounds)


def _estimate(blocks: Floats, shares: Floats) -> tuple[Floats, Floats]:
    """Both indices under every weighting of the points: ((weightings, factors, outputs), the same).

    ``blocks`` (factors + 2, samples, outputs) holds f_A, f_B, f_AB1, …; ``shares`` (weightings, samples) sums
    to one in each row. Every term is a mean over points, so that all weightings are one matrix product.
    """
    centred = blocks - blocks[:2].mean(axis=(0, 1))
    f_a, f_b, f_mixed = centred[0], centred[1], centred[2:]
    factors, samples, outputs = f_mixed.shape
    terms = np.concatenate(
        [
            (f_b * (f_mixed - f_a)).transpose(1, 0, 2).reshape(samples, -1),
            (0.5 * (f_a - f_mixed) ** 2).transpose(1, 0, 2).reshape(samples, -1),
            0.5 * (f_a + f_b),
            0.5 * (f_a**2 + f_b**2),
        ],
        axis=1,
    )
    means = shares @ terms
    width = factors * outputs
    first, total = means[:, :width], means[:, width : 2 * width]
    mean, square = means[:, 2 * width : -outputs], means[:, -outputs:]
    scale = np.abs(blocks).max() + 1.0
    variance = square - mean**2
    variance = np.where(variance > (1e-12 * scale) ** 2, variance, np.nan)[:, None, :]
    shape = (len(shares), factors, outputs)
    return first.reshape(shape) / variance, total.reshape(shape) / variance
