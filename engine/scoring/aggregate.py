"""Aggregation (综合): the scores of several indicators and their weights → one score per unit.

Scores are (units, indicators) from 0 to 100, weights (indicators,) and need not sum to one. A missing score
is re-weighted over: the mean runs over what is there, and ``present`` says what share of the weight that is.
Below ``minimum_present`` the total is NaN, never a guess. Each function gives (total (units,), present
(units,)).

All but the median are quasi-arithmetic means f⁻¹(Σ w·f(s)); :func:`transform_of` gives f and f⁻¹, from which
robustness draws its thousands of totals by one matrix product.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import NamedTuple

import numpy as np

from .base import Bools, Family, Floats, Integers, normalised

MINIMUM_PRESENT = 0.6
ZERO_FLOOR = 1.0
POWER = 0.5
POWERS = {"arithmetic": 1.0, "geometric": 0.0, "harmonic": -1.0}  # of the means that have a name of their own
_BLOCK = 4_000_000  # numbers held at once by the median of many sets of weights: 32 MB
_ROUNDING = 1e-9  # 0.1 + 0.2 + 0.3 of the weight is 60 %, whatever the binary sum says


class Transform(NamedTuple):
    """A quasi-arithmetic mean: ``forward`` before the weighted sum, ``back`` after it."""

    forward: Callable[[Floats], Floats]
    back: Callable[[Floats], Floats]


def power_transform(power: float, zero_floor: float = ZERO_FLOOR) -> Transform:
    """The generalised mean of exponent ``power``: 1 arithmetic, 0 geometric (the limit), −1 harmonic.

    For exponents of 0 and below, one score of zero makes the whole mean zero whatever the rest is. Scores
    under ``zero_floor`` (default 1 point of 100) therefore count as ``zero_floor`` there: the weakness still
    pulls the total down hard, but two units with one zero each can still be told apart. 0 gives the pure
    mean.
    """
    if power == 1:
        return Transform(lambda s: s, lambda m: m)
    if power > 0:
        return Transform(lambda s: s**power, lambda m: m ** (1.0 / power))
    if power == 0:
        return Transform(lambda s: _quiet_log(np.maximum(s, zero_floor)), np.exp)
    return Transform(
        lambda s: _quiet_power(np.maximum(s, zero_floor), power), lambda m: _quiet_power(m, 1.0 / power)
    )


def _quiet_log(x: Floats) -> Floats:
    """ln x with ln 0 = −∞, which exp brings back to the zero it stands for."""
    with np.errstate(divide="ignore"):
        return np.asarray(np.log(x))


def _quiet_power(x: Floats, power: float) -> Floats:
    """x to a negative power with 0 → ∞, which the inverse brings back to zero."""
    with np.errstate(divide="ignore"):
        return np.asarray(x**power)


def transform_of(name: str, *, power: float = POWER, zero_floor: float = ZERO_FLOOR) -> Transform:
    """The transform of a mean by its name in AGGREGATES; ``power`` is that of ``generalised`` alone.

    Raises ValueError for the median, which is no quasi-arithmetic mean, and for an unknown name.
    """
    if name != "generalised" and name not in POWERS:
        raise ValueError(f"“{name}”不是幂平均；幂平均有：{'、'.join(POWERS)}、generalised")
    return power_transform(POWERS.get(name, power), zero_floor)


def weight_present(scores: Floats, weights: Floats) -> Floats:
    """The share of the weight whose score is there, (units,), 0–1."""
    return np.asarray(~np.isnan(scores) @ normalised(weights, scores.shape[1]))


def enough(present: Floats, minimum_present: float) -> Bools:
    """Which units have enough weight present to be scored; none at all is never enough."""
    return np.asarray((present >= minimum_present - _ROUNDING) & (present > 0))


def over_present(sums: Floats, present: Floats, minimum_present: float) -> Floats:
    """``sums`` over the weight ``present``, of the same shape; NaN where that is not enough."""
    usable = enough(present, minimum_present)
    return np.divide(sums, present, out=np.full(sums.shape, np.nan), where=usable)


def _mean(
    scores: Floats, weights: Floats, transform: Transform, minimum_present: float
) -> tuple[Floats, Floats]:
    """The quasi-arithmetic mean over what is present."""
    shares = normalised(weights, scores.shape[1])
    there = ~np.isnan(scores)
    present = there @ shares
    counted = there & (shares > 0)  # 0 · ∞ would be NaN where a pure mean meets a zero of no weight
    terms = np.where(counted, transform.forward(np.where(counted, scores, 1.0)) * shares, 0.0)
    return np.asarray(transform.back(over_present(terms.sum(axis=1), present, minimum_present))), present


def aggregate_arithmetic(
    scores: Floats, weights: Floats, *, minimum_present: float = MINIMUM_PRESENT
) -> tuple[Floats, Floats]:
    """Σ w·s / Σ w: full compensation, ten points lost here are made good by ten gained there."""
    return _mean(scores, weights, power_transform(1.0), minimum_present)


def aggregate_geometric(
    scores: Floats,
    weights: Floats,
    *,
    minimum_present: float = MINIMUM_PRESENT,
    zero_floor: float = ZERO_FLOOR,
) -> tuple[Floats, Floats]:
    """exp(Σ w·ln s / Σ w): weak scores are made good only in part. For ``zero_floor`` see power_transform."""
    return _mean(scores, weights, power_transform(0.0, zero_floor), minimum_present)


def aggregate_harmonic(
    scores: Floats,
    weights: Floats,
    *,
    minimum_present: float = MINIMUM_PRESENT,
    zero_floor: float = ZERO_FLOOR,
) -> tuple[Floats, Floats]:
    """Σ w / Σ (w/s): the weakest scores weigh most. For ``zero_floor`` see power_transform."""
    return _mean(scores, weights, power_transform(-1.0, zero_floor), minimum_present)


def aggregate_generalised(
    scores: Floats,
    weights: Floats,
    *,
    power: float = POWER,
    minimum_present: float = MINIMUM_PRESENT,
    zero_floor: float = ZERO_FLOOR,
) -> tuple[Floats, Floats]:
    """(Σ w·s^p / Σ w)^(1/p): the smaller p, the less a strength makes good a weakness (Handbook, step 6)."""
    return _mean(scores, weights, power_transform(power, zero_floor), minimum_present)


def aggregate_median(
    scores: Floats, weights: Floats, *, minimum_present: float = MINIMUM_PRESENT
) -> tuple[Floats, Floats]:
    """The weighted median: the score at which half of the weight present is reached.

    Variant: the lower and upper weighted medians, averaged; they differ only where exactly half of the weight
    lies on either side, so that equal weights give the ordinary median.
    """
    shares = normalised(weights, scores.shape[1])
    present = weight_present(scores, shares)
    return np.where(
        enough(present, minimum_present), weighted_medians(scores, shares[None, :])[0], np.nan
    ), present


def weighted_medians(scores: Floats, drawn: Floats) -> Floats:
    """The weighted median of every unit under every set of weights, (sets, units); NaN where none is present.

    ``scores`` (units, k), ``drawn`` (sets, k), each set summing to one. For the variant see :func:`aggregate_median`.
    """
    order = np.argsort(scores, axis=1, kind="stable")  # NaN last
    ranked = np.take_along_axis(scores, order, axis=1)
    step = max(_BLOCK // max(scores.size, 1), 1)
    blocks = [_medians(ranked, order, drawn[at : at + step]) for at in range(0, len(drawn), step)]
    return np.concatenate(blocks) if blocks else np.empty((0, len(scores)))


def _medians(ranked: Floats, order: Integers, drawn: Floats) -> Floats:
    """The medians under some sets of weights; ``ranked`` are the scores in ``order``, both (units, k)."""
    heaped = np.cumsum(np.where(np.isnan(ranked), 0.0, drawn[:, order]), axis=2)
    half = 0.5 * heaped[:, :, -1:]
    lower = np.argmax(heaped >= half - _ROUNDING, axis=2)
    upper = np.argmax(heaped > half + _ROUNDING, axis=2)
    rows = np.arange(len(ranked))
    return np.where(heaped[:, :, -1] > 0, (ranked[rows, lower] + ranked[rows, upper]) / 2.0, np.nan)


AGGREGATES = Family(
    "综合方法",
    {
        "arithmetic": aggregate_arithmetic,
        "geometric": aggregate_geometric,
        "harmonic": aggregate_harmonic,
        "generalised": aggregate_generalised,
        "median": aggregate_median,
    },
)


def aggregation(
    name: str,
    *,
    power: float = POWER,
    zero_floor: float = ZERO_FLOOR,
    minimum_present: float = MINIMUM_PRESENT,
) -> Callable[[Floats, Floats], tuple[Floats, Floats]]:
    """The method called ``name`` with what it takes of a scheme's settings: (scores, weights) → (total, present).

    Raises ValueError that lists the names there are.
    """
    options = {"minimum_present": minimum_present}
    if name in ("geometric", "harmonic", "generalised"):
        options["zero_floor"] = zero_floor
    if name == "generalised":
        options["power"] = power
    return partial(AGGREGATES.choose(name), **options)
