"""The funnel (漏斗图): how far units of every size may lie from the common value by chance alone.

After D. J. Spiegelhalter, *Funnel plots for comparing institutional performance*, Statistics in Medicine 24 (2005). Shares
and rates are compared on a scale on which their spread does not depend on their size: arcsin √p for shares, √rate for
rates, each with F. J. Anscombe's (Biometrika 35, 1948) three eighths, which keep the two tails honest down to about four
expected cases. The limits drawn are the same rule turned back, so that a point outside the lines is exactly one that is
called different.
"""

from __future__ import annotations

from typing import Literal, NamedTuple

import numpy as np
from scipy.special import ndtr

from ..scoring.base import Floats

Kind = Literal["share", "rate"]
TRIMMED = (
    0.10  # of the z scores at each end are drawn in before the overdispersion is judged (Spiegelhalter 2005)
)


class Stable(NamedTuple):
    """Values on the scale of equal spread and their standard errors there, each (units,)."""

    values: Floats
    errors: Floats


def stable(cases: Floats, sizes: Floats, kind: Kind) -> Stable:
    """cases/sizes on the scale of equal spread; NaN without a size.

    Raises ValueError for cases below 0 and, for shares, above the size.
    """
    x, n = np.asarray(cases, np.float64), np.asarray(sizes, np.float64)
    if (x < 0).any() or (kind == "share" and (x > n * (1 + 1e-12)).any()):
        raise ValueError("分子应不小于 0，占比的分子还应不大于分母")
    n = np.where(n > 0, n, np.nan)
    if kind == "share":
        inside = np.clip((x + 0.375) / (n + 0.75), 0.0, 1.0)
        return Stable(np.arcsin(np.sqrt(inside)), 0.5 / np.sqrt(n + 0.5))
    return Stable(np.sqrt((x + 0.375) / n), 0.5 / np.sqrt(n))


def z_scores(cases: Floats, sizes: Floats, common: float, kind: Kind, *, between: float = 0.0) -> Floats:
    """How many standard errors each unit lies above ``common`` (a share 0–1 or a rate); below is negative.

    ``between`` is the variance among units beyond chance (:func:`overdispersion`).
    """
    values, errors = stable(cases, sizes, kind)
    return np.asarray((values - _centre(common, sizes, kind)) / np.sqrt(errors**2 + between))


def _centre(common: float, sizes: Floats, kind: Kind) -> Floats:
    """Where the common value lies on the scale of equal spread, for a unit of each size."""
    n = np.asarray(sizes, np.float64)
    return stable(common * n, n, kind).values


class Overdispersion(NamedTuple):
    """φ, the mean square of the (winsorised) z scores, and τ², the variance between units beyond chance.

    φ near 1 is chance alone; τ² is 0 when φ is not above what chance explains.
    """

    phi: float
    between: float


def overdispersion(cases: Floats, sizes: Floats, common: float, kind: Kind) -> Overdispersion:
    """How much more the units differ than chance explains, from their z scores with a tenth drawn in at each end.

    φ = Σz²/I; where I·φ > I − 1, τ² = (I·φ − (I − 1))/(Σw − Σw²/Σw), w = 1/s² (the additive model of Spiegelhalter 2005,
    DerSimonian & Laird 1986). Drawing the ends in keeps a few outliers from hiding themselves. Under four units: none.
    """
    z = z_scores(cases, sizes, common, kind)
    errors = stable(cases, sizes, kind).errors[~np.isnan(z)]
    z = z[~np.isnan(z)]
    if len(z) < 4:
        return Overdispersion(1.0, 0.0)
    z = np.clip(z, *np.quantile(z, [TRIMMED, 1.0 - TRIMMED]))
    phi = float((z**2).mean())
    weights = 1.0 / errors**2
    excess = len(z) * phi - (len(z) - 1)
    spread = float(weights.sum() - (weights**2).sum() / weights.sum())
    return Overdispersion(phi, max(excess, 0.0) / spread if spread > 0 else 0.0)


def funnel_limits(
    common: float, sizes: Floats, kind: Kind, *, z: float, between: float = 0.0
) -> tuple[Floats, Floats]:
    """The share or rate below and above which a unit of each size is called different, (low, high)."""
    n = np.asarray(sizes, np.float64)
    half = z * np.sqrt(stable(common * n, n, kind).errors ** 2 + between)
    centre = _centre(common, n, kind)
    if kind == "share":
        ends = [np.sin(np.clip(centre + side * half, 0.0, np.pi / 2)) ** 2 for side in (-1, 1)]
        low, high = (np.clip((end * (n + 0.75) - 0.375) / n, 0.0, 1.0) for end in ends)
        return low, high
    low, high = (np.maximum(centre + side * half, 0.0) ** 2 - 0.375 / n for side in (-1, 1))
    return np.maximum(low, 0.0), high


def p_two_sided(z: Floats) -> Floats:
    """The chance of a z score at least as far out on either side; NaN stays NaN."""
    return np.asarray(2.0 * ndtr(-np.abs(z)))
