"""Weights (权重) of k indicators, summing to one: said by people, or read from the values of the units.

``weights_equal`` and ``weights_given`` need no values; experts' pairwise judgements are in ``weights_ahp``.
The others look at the values, (units, indicators): they say how much an indicator *tells the units apart*,
not how much it matters, and a project blends them with a judgement (:func:`weights_blend`) or knows what it
does.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt
from scipy.stats import rankdata

from .base import Floats, normalised, signs_of, spread_of


def weights_equal(count: int) -> Floats:
    """1/k each (等权; OECD/JRC Handbook, step 6). Raises ValueError for no indicators."""
    return normalised(np.ones(count))


def weights_given(weights: npt.ArrayLike) -> Floats:
    """The weights given (k,), divided by their sum. Raises ValueError for negative, missing or no weights."""
    return normalised(weights)


def weights_blend(expert: Floats, data: Floats, *, alpha: float) -> Floats:
    """α·expert + (1 − α)·data, both (k,) and normalised first (主客观组合赋权).

    Variant: the additive form (线性加权组合) with α given; not the multiplicative one, w ∝ expert·data.

    Raises ValueError unless 0 ≤ α ≤ 1 and both have the same length.
    """
    if not 0.0 <= alpha <= 1.0:
        raise ValueError(f"组合系数 α 应在 0 与 1 之间，现为 {alpha:g}")
    return alpha * normalised(expert) + (1.0 - alpha) * normalised(data, len(np.asarray(expert)))


def weights_stdev(values: Floats, *, ddof: int = 1) -> Floats:
    """sdⱼ/Σ sd (标准差法; Diakoulaki et al. 1995), for values already on one scale, such as scores.

    On raw values the unit of measure would decide. ``ddof`` 1 (default): the sample deviation, 0: the population's; it
    matters only where there are gaps, and cancels without. Raises ValueError when no indicator tells the units apart.
    """
    return _by_information(_deviations(values, ddof))


def weights_entropy(
    values: Floats, *, directions: Sequence[str] | None = None, basis: str = "minmax", shift: float = 0.0
) -> Floats:
    """Entropy weights (熵权法): the less evenly an indicator is spread over the units, the more it weighs.

    pᵢⱼ = xᵢⱼ/Σᵢ xᵢⱼ, eⱼ = −Σᵢ p·ln p / ln n, wⱼ ∝ 1 − eⱼ (Shannon; Zeleny 1982).

    * ``basis`` ``minmax`` (default, the practice in Chinese reports): x is first min-max scaled, reversed
      where ``directions`` says that less is better. ``raw``: the values themselves (Elsayed et al. 2017),
      which must not be negative and for which direction means nothing.
    * 0·ln 0 is 0, its limit. ``shift`` > 0 adds that much after scaling instead, as many reports do (0.0001,
      0.01): weights then depend on the number chosen.
    * a gap is left out of its own column, n being the number present.

    Raises ValueError for negative raw values, an unknown basis, or when no indicator tells the units apart.
    """
    if basis == "raw":
        if (values < 0).any():
            raise ValueError("熵权法按原值计算时，数值不能为负；请改用 basis = minmax")
        x = values + shift
    elif basis == "minmax":
        x = _unit_interval(values, signs_of(directions, values.shape[1])) + shift
    else:
        raise ValueError(f"没有名为“{basis}”的熵权法口径；可用的有：minmax、raw")
    there = ~np.isnan(x)
    sums = np.where(there, x, 0.0).sum(axis=0)
    p = np.where(there, x, 0.0) / np.where(sums > 0, sums, 1.0)
    counts = there.sum(axis=0)
    bits = -(p * np.log(np.where(p > 0, p, 1.0))).sum(axis=0)
    even = (counts < 2) | (sums <= 0)
    entropy = np.where(even, 1.0, bits / np.log(np.where(even, 2, counts)))
    return _by_information(np.clip(np.where(spread_of(values) > 0, 1.0 - entropy, 0.0), 0.0, None))


def weights_critic(
    values: Floats,
    *,
    directions: Sequence[str] | None = None,
    scaled: bool = True,
    correlation: str = "pearson",
    ddof: int = 1,
) -> Floats:
    """CRITIC: wⱼ ∝ sdⱼ·Σₖ(1 − rⱼₖ) — spread, and conflict with the others (Diakoulaki et al. 1995).

    ``scaled`` (default, the paper's): deviations and correlations after min-max scaling. ``directions``
    given: reversed first where less is better, which turns the sign of r; not given: taken as they stand.
    ``correlation`` ``pearson`` or ``spearman``. Correlations use the units that have both indicators; an
    indicator that does not vary has no correlation (r = 0) and, its deviation being 0, no weight. Without
    gaps ``ddof`` cancels. Raises ValueError for an unknown correlation or when no indicator tells the units
    apart or all of them say exactly the same.
    """
    if correlation not in ("pearson", "spearman"):
        raise ValueError(f"没有名为“{correlation}”的相关系数；可用的有：pearson、spearman")
    signs = signs_of(directions, values.shape[1])
    x = _unit_interval(values, signs) if scaled else values * signs
    conflict = (1.0 - correlations(x, ranked=correlation == "spearman")).sum(axis=0)
    if len(conflict) == 1:
        return weights_equal(1)
    if not (conflict > 1e-12).any():
        raise ValueError("各指标完全相关，CRITIC 法无法定权；请改用其他方法")
    return _by_information(_deviations(x, ddof) * conflict)


def weights_merec(values: Floats, *, directions: Sequence[str] | None = None) -> Floats:
    """MEREC: wⱼ ∝ how much the units' performance changes without j (Keshavarz-Ghorabaee et al. 2021).

    n = min/x where more is better, x/max where less is; S = ln(1 + Σⱼ|ln n|/k); Sⱼ′ without j, still over k;
    the effect of j is Σᵢ|Sⱼ′ − S|. Only units that have every indicator count. Raises ValueError for values
    that are not all above zero, or when no indicator has an effect.
    """
    x = complete_units(values, fewest=1)
    if (x <= 0).any():
        raise ValueError("MEREC 要求所有数值大于零")
    signs = signs_of(directions, x.shape[1])
    n = np.where(signs > 0, x.min(axis=0) / x, x / x.max(axis=0))
    logs = np.abs(np.log(n)) / x.shape[1]
    whole = logs.sum(axis=1, keepdims=True)
    return _by_information(np.abs(np.log1p(np.maximum(whole - logs, 0.0)) - np.log1p(whole)).sum(axis=0))


def correlations(values: Floats, *, ranked: bool = False) -> Floats:
    """Pearson's (``ranked``: Spearman's) correlation of all pairs of columns over units that have both.

    0 where one of the two does not vary or fewer than two units have both; 1 on the diagonal. Ties share
    their rank.
    """
    count = values.shape[1]
    r = np.eye(count)
    for i in range(count):
        for j in range(i):
            both = ~np.isnan(values[:, i]) & ~np.isnan(values[:, j])
            pair = values[both][:, [i, j]]
            spread = spread_of(pair)
            if (spread > 0).all():
                pair = rankdata(pair, axis=0) if ranked else (pair - pair.min(axis=0)) / spread
                r[i, j] = r[j, i] = np.corrcoef(pair, rowvar=False)[0, 1]
    return r


def _unit_interval(values: Floats, signs: Floats) -> Floats:
    """Each column min-max scaled to 0–1, 1 the better end; a constant column is all 0, NaN stays NaN."""
    x = values * signs
    width = spread_of(x)
    varies = width > 0
    low = np.min(x, axis=0, where=~np.isnan(x), initial=np.inf)
    return np.where(varies, (x - np.where(varies, low, 0.0)) / np.where(varies, width, 1.0), x * 0.0)


def _deviations(values: Floats, ddof: int) -> Floats:
    """The standard deviation of each column over what is present; 0 where it cannot vary."""
    deviations = np.zeros(values.shape[1])
    for j in np.flatnonzero(spread_of(values)):
        deviations[j] = np.nanstd(values[:, j], ddof=ddof)
    return deviations


def complete_units(values: Floats, *, fewest: int) -> Floats:
    """The units that have every indicator. Raises ValueError for fewer than ``fewest`` of them."""
    complete = values[~np.isnan(values).any(axis=1)]
    if len(complete) < fewest:
        raise ValueError(f"各指标齐全的单元只有 {len(complete)} 个，至少要 {fewest} 个，无法用此法定权")
    return np.asarray(complete)


def _by_information(amounts: Floats) -> Floats:
    """Weights in proportion to what each indicator tells. Raises ValueError when none tells anything."""
    if not amounts.sum() > 0:
        raise ValueError("各指标在单元之间没有差异，无法由数据定权")
    return normalised(amounts)
