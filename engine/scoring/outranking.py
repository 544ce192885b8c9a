"""Rankings for comparison (对比排序): TOPSIS, VIKOR, and the non-compensatory Copeland / Condorcet.

They rank without a 0–100 total, so they show how far a ranking hangs on our way of adding up. Values are
(units, indicators), ``directions`` as elsewhere (None: more is better throughout; right for scores). Whatever
two units are compared on must be known of both: TOPSIS and VIKOR leave a unit with a gap out (NaN), Copeland
compares each pair on the indicators both have.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from scipy.stats import rankdata

from .base import Family, Floats, normalised, signs_of


def topsis(
    values: Floats, weights: Floats, *, directions: Sequence[str] | None = None, normalise: str = "vector"
) -> Floats:
    """Closeness to the ideal, (units,), 0–1, higher is better (Hwang & Yoon 1981).

    C = D⁻/(D⁺ + D⁻), the Euclidean distances to the worst and best of every weighted column. ``normalise``:
    ``vector`` x/√Σx² (the original, default) or ``minmax``. The ideal is made of the units compared, so that
    a unit that joins or leaves can reverse the order of others. All alike: NaN. Raises ValueError for an
    unknown ``normalise``.
    """
    if normalise not in ("vector", "minmax"):
        raise ValueError(f"没有名为“{normalise}”的 TOPSIS 规范化方式；可用的有：vector、minmax")
    closeness = np.full(len(values), np.nan)
    complete = ~np.isnan(values).any(axis=1)
    x = values[complete]
    if len(x) == 0:
        return closeness
    if normalise == "vector":
        size = np.sqrt((x**2).sum(axis=0))
    else:
        x = x - x.min(axis=0)
        size = x.max(axis=0)
    signs = signs_of(directions, values.shape[1])
    weighted = signs * normalised(weights, values.shape[1]) * x / np.where(size > 0, size, 1.0)
    to_best = np.sqrt(((weighted - weighted.max(axis=0)) ** 2).sum(axis=1))
    to_worst = np.sqrt(((weighted - weighted.min(axis=0)) ** 2).sum(axis=1))
    span = to_best + to_worst
    closeness[complete] = np.divide(to_worst, span, out=np.full(len(x), np.nan), where=span > 0)
    return closeness


class Vikor(NamedTuple):
    """S (mean regret), R (worst regret) and their compromise Q, each (units,); lower is better."""

    group: Floats
    individual: Floats
    compromise: Floats


def vikor(
    values: Floats, weights: Floats, *, directions: Sequence[str] | None = None, v: float = 0.5
) -> Vikor:
    """VIKOR (Opricovic & Tzeng 2004): Q = v·(S − S*)/(S⁻ − S*) + (1 − v)·(R − R*)/(R⁻ − R*), lower is better.

    Regret is w·(best − x)/(best − worst); S sums it over the indicators, R is its largest. ``v`` is the share
    of the majority's view. A column, S or R in which all are equal adds nothing. Raises ValueError unless 0 ≤
    v ≤ 1.
    """
    if not 0.0 <= v <= 1.0:
        raise ValueError(f"VIKOR 的 v 应在 0 与 1 之间，现为 {v:g}")
    shares = normalised(weights, values.shape[1])
    complete = ~np.isnan(values).any(axis=1)
    results = [np.full(len(values), np.nan) for _ in range(3)]
    if complete.any():
        x = signs_of(directions, values.shape[1]) * values[complete]
        regret = shares * _share_between(x.max(axis=0) - x)
        group, individual = regret.sum(axis=1), regret.max(axis=1)
        low_s = _share_between(group - group.min())
        low_r = _share_between(individual - individual.min())
        for result, part in zip(results, (group, individual, v * low_s + (1.0 - v) * low_r), strict=True):
            result[complete] = part
    return Vikor(*results)


def _share_between(gaps: Floats) -> Floats:
    """Gaps from the best (≥ 0) as shares of the widest by column; 0 where all are equal."""
    widest = gaps.max(axis=0)
    return np.asarray(gaps / np.where(widest > 0, widest, 1.0))


def outranking_matrix(values: Floats, weights: Floats, *, directions: Sequence[str] | None = None) -> Floats:
    """Entry (i, j): the share of the weight on which unit i is better than unit j; a tie counts half to each.

    (units, units) with 0 on the diagonal (COINr ``outrankMatrix``; Munda & Nardo 2009). The weight is that of
    the indicators both units have; NaN for a pair that has none in common.
    """
    x = signs_of(directions, values.shape[1]) * values
    shares = normalised(weights, values.shape[1])
    matrix = np.zeros((len(x), len(x)))
    for i, own in enumerate(x):
        both = ~np.isnan(own) & ~np.isnan(x)
        won = (own > x) + 0.5 * (own == x)
        common = both @ shares
        matrix[i] = np.divide(
            np.where(both, won, 0.0) @ shares, common, out=np.full(len(x), np.nan), where=common > 0
        )
    np.fill_diagonal(matrix, 0.0)
    return matrix


def copeland(matrix: Floats) -> Floats:
    """Copeland scores (units,) of an outranking matrix: pairs won (over ½) less pairs lost; ½ counts nothing.

    A unit that can be compared with nobody has NaN.
    """
    half = 1e-9  # 0.3 + 0.2 of the weight against 0.5 is a draw
    others = ~np.eye(len(matrix), dtype=bool)
    won = (others & (matrix > 0.5 + half)).sum(axis=1)
    lost = (others & (matrix < 0.5 - half)).sum(axis=1)
    alone = len(matrix) > 1 and (np.isnan(matrix) | ~others).all(axis=1)
    return np.where(alone, np.nan, (won - lost).astype(np.float64))


def condorcet(matrix: Floats) -> int | None:
    """The place of the unit that beats every other one in pairs; None when there is none (cycle or draw)."""
    beaten = matrix > 0.5 + 1e-9
    np.fill_diagonal(beaten, True)
    winners = np.flatnonzero(beaten.all(axis=1))
    return int(winners[0]) if len(winners) else None


def rank_topsis(values: Floats, weights: Floats, *, directions: Sequence[str] | None = None) -> Floats:
    """Ranks (units,) by TOPSIS with vector normalisation: 1 is best, ties share the better."""
    return _ranked(-topsis(values, weights, directions=directions))


def rank_vikor(values: Floats, weights: Floats, *, directions: Sequence[str] | None = None) -> Floats:
    """Ranks (units,) by VIKOR's Q at v = 0.5."""
    return _ranked(vikor(values, weights, directions=directions).compromise)


def rank_copeland(values: Floats, weights: Floats, *, directions: Sequence[str] | None = None) -> Floats:
    """Ranks (units,) by Copeland scores."""
    return _ranked(-copeland(outranking_matrix(values, weights, directions=directions)))


def _ranked(keys: Floats) -> Floats:
    """1 for the smallest key; keys equal to nine decimals share the better rank."""
    return np.asarray(rankdata(np.round(keys, 9), method="min", nan_policy="omit"), dtype=np.float64)


RANKINGS = Family("排序方法", {"topsis": rank_topsis, "vikor": rank_vikor, "copeland": rank_copeland})
