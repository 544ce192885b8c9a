"""Redrawing (抽样误差): what a measured value might as well have been, by the chance that lies in it.

Each function takes standard normal ``noise`` (draws, units) and gives values of that shape, whose median is the value
measured. A noise of zero gives it back; NaN stays NaN.
"""

from __future__ import annotations

import numpy as np
from scipy.special import stdtrit

from ..scoring.base import Floats
from .funnel import Kind, stable

_ANSCOMBE = 0.375


def redraw_cases(cases: Floats, sizes: Floats, kind: Kind, noise: Floats) -> Floats:
    """Shares (0–1) or rates cases/sizes, redrawn on the scale of equal spread and turned back (Anscombe 1948).

    The scale is that of the funnel and of every test of a difference (:mod:`.funnel`). Unlike a Beta or Gamma by Jeffreys'
    prior, whose middle is above 0 where nothing was found, it keeps the measured value as the median: of a unit without a
    single case half of the draws have none either.
    """
    n = np.where(np.asarray(sizes, np.float64) > 0, sizes, np.nan)
    own = stable(cases, sizes, kind)
    moved = own.values + own.errors * noise
    if kind == "share":
        inside = np.sin(np.clip(moved, 0.0, np.pi / 2)) ** 2
        return np.asarray(np.clip(((n + 2 * _ANSCOMBE) * inside - _ANSCOMBE) / n, 0.0, 1.0))
    return np.maximum(np.maximum(moved, 0.0) ** 2 - _ANSCOMBE / n, 0.0)


def redraw_means(means: Floats, errors: Floats, noise: Floats) -> Floats:
    """Means of answers (0–100) from a normal with their standard ``errors`` (units,); one without an error stays."""
    return np.clip(means + np.where(np.isnan(errors), 0.0, errors) * noise, 0.0, 100.0)


def mean_error(means: Floats, low: Floats, high: Floats, size: Floats) -> Floats:
    """The standard error of means with 95 % t intervals that are cut at 0 and 100: by the longer side, (units,)."""
    several = size > 1
    half = np.fmax(high - means, means - low)
    return np.where(several, half / stdtrit(np.where(several, size, 2.0) - 1.0, 0.975), np.nan)
