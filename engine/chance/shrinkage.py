"""Shrinkage (经验贝叶斯收缩估计): a small unit's figure drawn towards what is usual, as far as its smallness warrants.

For maps and for comparing small units; the value printed and judged by a standard is always the one measured. Each
function gives estimates of the shape of what it is given; NaN stays NaN. A unit of no size has NaN.
"""

from __future__ import annotations

import numpy as np

from ..scoring.base import Floats
from .funnel import Kind


def shrink_cases(cases: Floats, sizes: Floats, kind: Kind) -> Floats:
    """Empirical-Bayes estimates of shares (0–1) or rates, (units,): B·observed + (1 − B)·common.

    B = A/(A + V), V the chance variance of the unit (share: m(1 − m)/n; rate: m/n, m the common value Σx/Σn), A the
    variance between units by moments: A = s² − (mean V), s² = Σn(r − m)²/Σn, V taken at the mean size; never below 0
    (R. J. Marshall, JRSS C 40, 1991, the global estimator). Where units differ no more than chance has them, all get m.
    """
    x, n = np.asarray(cases, np.float64), np.asarray(sizes, np.float64)
    there = ~np.isnan(x) & (n > 0)
    estimates = np.full(x.shape, np.nan)
    if not there.any():
        return estimates
    x, n = x[there], n[there]
    common = x.sum() / n.sum()
    chance = common * (1.0 - common) if kind == "share" else common
    seen = float((n * (x / n - common) ** 2).sum() / n.sum())
    between = max(seen - chance / n.mean(), 0.0)
    trust = between / (between + chance / n) if between > 0 else np.zeros(len(n))
    estimates[there] = trust * x / n + (1.0 - trust) * common
    return estimates


def shrink_means(means: Floats, errors: Floats) -> Floats:
    """Empirical-Bayes estimates of means with standard errors (units,): the normal model of B. Efron and C. Morris (1975).

    A is that of DerSimonian & Laird (1986), weights 1/error²; B = A/(A + error²) towards the weighted mean. An error of 0
    keeps its unit's mean; fewer than three units, or one whose error is as nothing beside the others': all keep theirs.
    """
    y, s = np.asarray(means, np.float64), np.asarray(errors, np.float64)
    there = ~np.isnan(y) & (s > 0)
    estimates = np.where(s == 0, y, np.nan)
    if there.sum() < 3:
        return np.where(there, y, estimates)
    weights = 1.0 / s[there] ** 2
    common = float((weights * y[there]).sum() / weights.sum())
    excess = float((weights * (y[there] - common) ** 2).sum()) - (len(weights) - 1)
    others = float(weights.sum() - (weights**2).sum() / weights.sum())
    if not others > 0:  # one unit is so much surer than the rest that they tell nothing of how units differ
        return np.where(there, y, estimates)
    between = max(excess, 0.0) / others
    centre = float((y[there] / (between + 1 / weights)).sum() / (1 / (between + 1 / weights)).sum())
    trust = between / (between + 1 / weights)
    estimates[there] = trust * y[there] + (1.0 - trust) * centre
    return estimates
