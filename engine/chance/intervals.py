"""Intervals (置信区间): within what limits the truth behind a share, a rate or a mean probably lies.

Each function takes arrays and gives (low, high) of the same shape; NaN in, NaN out. All are two-sided. Shares are 0–1,
rates are per unit of exposure; the caller scales both to the indicator's unit.
"""

from __future__ import annotations

import numpy as np
from scipy.special import gammaincinv, ndtri, stdtrit

from ..scoring.base import Floats

CONFIDENCE = 0.95


def z_of(confidence: float) -> float:
    """The normal quantile of a two-sided ``confidence``: 1.959964 for 0.95 (many texts round it to 1.96)."""
    return float(ndtri(0.5 + confidence / 2.0))


def interval_wilson(
    hits: Floats, trials: Floats, *, z: float = z_of(CONFIDENCE), continuity: bool = False
) -> tuple[Floats, Floats]:
    """Wilson's score interval of the share hits/trials (E. B. Wilson, JASA 22, 1927), never outside 0–1.

    ``continuity`` True is the corrected form (Newcombe, Statistics in Medicine 17, 1998, method 4), wider; the default
    is the plain one (his method 3). ``hits`` need not be whole: weighted counts keep the form. No trials: NaN. Raises
    ValueError for hits below 0 or above the trials.
    """
    x, n = np.broadcast_arrays(np.asarray(hits, np.float64), np.asarray(trials, np.float64))
    if ((x < 0) | (x > n * (1 + 1e-12))).any():
        raise ValueError("分子应在 0 与分母之间")
    some = n > 0
    n = np.where(some, n, np.nan)
    p = np.minimum(x / n, 1.0)
    if not continuity:
        middle = 2.0 * n * p + z**2
        half = z * np.sqrt(z**2 + 4.0 * n * p * (1.0 - p))
        low, high = (middle - half) / (2.0 * (n + z**2)), (middle + half) / (2.0 * (n + z**2))
    else:
        low = 2 * n * p + z**2 - 1 - z * np.sqrt(np.maximum(z**2 - 2 - 1 / n + 4 * p * (n * (1 - p) + 1), 0))
        high = 2 * n * p + z**2 + 1 + z * np.sqrt(np.maximum(z**2 + 2 - 1 / n + 4 * p * (n * (1 - p) - 1), 0))
        low, high = low / (2.0 * (n + z**2)), high / (2.0 * (n + z**2))
    low, high = np.clip(low, 0.0, 1.0), np.clip(high, 0.0, 1.0)
    return np.where(p == 0.0, 0.0, low) + 0.0 * p, np.where(p == 1.0, 1.0, high) + 0.0 * p


def interval_poisson(
    counts: Floats, exposure: Floats, *, confidence: float = CONFIDENCE
) -> tuple[Floats, Floats]:
    """The exact interval of the rate counts/exposure (F. Garwood, Biometrika 28, 1936, by the gamma distribution).

    Byar's cube-root form, common in public health for counts of ten and more, differs from it in the third digit and has
    no merit where the exact one costs nothing. No exposure: NaN. Raises ValueError for a count below 0.
    """
    x, n = np.broadcast_arrays(np.asarray(counts, np.float64), np.asarray(exposure, np.float64))
    if (x < 0).any():
        raise ValueError("个数不能为负")
    n = np.where(n > 0, n, np.nan)
    tail = (1.0 - confidence) / 2.0
    low = np.where(x > 0, gammaincinv(np.where(x > 0, x, 1.0), tail), 0.0)
    high = gammaincinv(x + 1.0, 1.0 - tail)
    return low / n, high / n


def interval_mean(
    means: Floats, variances: Floats, effective: Floats, *, confidence: float = CONFIDENCE
) -> tuple[Floats, Floats]:
    """Student's t interval of a mean of ``effective`` answers: mean ± t(n − 1)·√(variance/n).

    ``variances`` are of single answers (with n − 1), ``effective`` is (Σw)²/Σw² (L. Kish, *Survey Sampling*, 1965).
    Fewer than two answers: NaN.
    """
    mean, variance, n = np.broadcast_arrays(
        *(np.asarray(part, np.float64) for part in (means, variances, effective))
    )
    several = n > 1
    n = np.where(several, n, 2.0)
    half = np.where(several, stdtrit(n - 1.0, 0.5 + confidence / 2.0) * np.sqrt(variance / n), np.nan)
    return mean - half, mean + half
