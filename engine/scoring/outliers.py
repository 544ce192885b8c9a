"""Outliers (异常值): values so far out that they would set the scale for everybody else.

Each function takes the values of one indicator, (units,), and gives (treated (units,), changed (units,)
bool); NaN stays NaN and is never changed. No treatment goes so far that all peers are equal where they were not: the
indicator would drop out (of which most units have none, and a few have some, would lose those few). Treatment serves scoring against peers only: the value printed in a
report remains the value measured, and a treated score is marked. The rule is that of COINr and the JRC: an
indicator is treated when |skew| > 2 *and* kurtosis > 3.5 (:func:`needs_treatment`).
"""

from __future__ import annotations

import numpy as np
from scipy.stats import boxcox, kurtosis, skew

from .base import Bools, Family, Floats, spread_of

SKEW_LIMIT, KURTOSIS_LIMIT = 2.0, 3.5
_MINIMUM = 4  # the sample kurtosis is defined from four values on


def needs_treatment(
    values: Floats, *, skew_limit: float = SKEW_LIMIT, kurtosis_limit: float = KURTOSIS_LIMIT
) -> bool:
    """Whether |skew| and kurtosis are both over their limits.

    Variant: the sample (bias-corrected, "type 2") skew and *excess* kurtosis, as in COINr, SAS and Excel; a
    normal distribution has 0 and 0. Fewer than four values, or all equal: no.
    """
    lopsided, peaked = shape_of(values)
    return abs(lopsided) > skew_limit and peaked > kurtosis_limit


def shape_of(values: Floats) -> tuple[float, float]:
    """Sample skew and excess kurtosis; (0, 0) for fewer than four values or none that differ."""
    present = values[~np.isnan(values)]
    spread = spread_of(present)
    if len(present) < _MINIMUM or spread == 0:
        return 0.0, 0.0
    shares = (present - present.min()) / spread  # both are the same on any scale; on 0–1 no power underflows
    return float(skew(shares, bias=False)), float(kurtosis(shares, bias=False))


def outlier_none(values: Floats) -> tuple[Floats, Bools]:
    """The values as they are."""
    return values.copy(), np.zeros(len(values), dtype=bool)


def outlier_winsorise(
    values: Floats,
    *,
    most: int = 5,
    skew_limit: float = SKEW_LIMIT,
    kurtosis_limit: float = KURTOSIS_LIMIT,
) -> tuple[Floats, Bools]:
    """缩尾: draw the outermost points in to the next one, one more at a time, until the indicator passes.

    The side is that of the skew at each step (COINr ``winsorise``): the 1, 2, … highest points take the value
    of the next highest, or the lowest that of the next lowest. After ``most`` points it stops, passed or not, and
    before a point that would leave all equal; :func:`needs_treatment` says whether it passed, and
    :func:`outlier_boxcox` is what COINr goes on to.
    """
    treated = values.copy()
    for drawn in range(1, most + 1):
        if not needs_treatment(treated, skew_limit=skew_limit, kurtosis_limit=kurtosis_limit):
            break
        order = np.argsort(values, kind="stable")[: int((~np.isnan(values)).sum())]
        if drawn >= len(order):
            break
        further = treated.copy()
        if shape_of(treated)[0] >= 0:
            further[order[-drawn:]] = values[order[-drawn - 1]]
        else:
            further[order[:drawn]] = values[order[drawn]]
        if spread_of(further) == 0:
            break
        treated = further
    return treated, _changed(values, treated)


def outlier_trim(
    values: Floats, *, share: float = 0.025, quantile_rule: str = "linear"
) -> tuple[Floats, Bools]:
    """截尾: values beyond the quantiles ``share`` and 1 − ``share`` (Handbook: 2.5 %) are drawn back to them.

    They are drawn back, not deleted: a deleted value would be missing, and the unit re-weighted for being far
    out. Applied whatever skew and kurtosis are. ``quantile_rule`` is the name numpy gives the quantile's
    definition; "linear" is R's type 7. Raises ValueError unless 0 < share < 0.5.
    """
    if not 0.0 < share < 0.5:
        raise ValueError(f"截尾比例应在 0 与 0.5 之间，现为 {share:g}")
    if np.isnan(values).all():
        return outlier_none(values)
    low, high = np.nanquantile(values, [share, 1.0 - share], method=quantile_rule)  # type: ignore[call-overload]
    treated = np.clip(values, low, high)
    if spread_of(treated) == 0:
        return outlier_none(values)
    return treated, _changed(values, treated)


def outlier_boxcox(
    values: Floats, *, skew_limit: float = SKEW_LIMIT, kurtosis_limit: float = KURTOSIS_LIMIT
) -> tuple[Floats, Bools]:
    """Box–Cox: where the indicator does not pass, (x^λ − 1)/λ (ln x at λ = 0), λ of greatest likelihood.

    The order of the units is kept. Every value changes, and the unit of measure with it, so it suits peer
    scales only. Values that reach down to zero or below are first shifted to begin at 1 % of their range.
    """
    if not needs_treatment(values, skew_limit=skew_limit, kurtosis_limit=kurtosis_limit):
        return outlier_none(values)
    there = ~np.isnan(values)
    present = values[there]
    spread = np.ptp(present)
    if present.min() <= 1e-9 * spread:
        present = present - present.min() + 0.01 * spread
    treated = np.full_like(values, np.nan)
    treated[there] = boxcox(present / np.median(present))[0]  # by the median: same λ, small powers
    return treated, there


def _changed(before: Floats, after: Floats) -> Bools:
    """Where a value is no longer what it was; missing values are unchanged."""
    return ~np.isnan(before) & (before != after)


OUTLIERS = Family(
    "异常值处理方法",
    {
        "none": outlier_none,
        "winsorise": outlier_winsorise,
        "trim": outlier_trim,
        "boxcox": outlier_boxcox,
    },
)
