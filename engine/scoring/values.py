"""Values into scores (数值 → 得分): which scale an indicator gets, and what it does to the units of one level.

The choice is a list of steps (:func:`steps`), the one wished for first; the first that can be used is, and its name
is the ``method`` of the score. So a scale that an indicator cannot have falls back by one stated rule:

* 适度 (within) indicators are scored by their band under every scale, and not at all without one;
* ``anchors`` where the standard fixes no scale, ``distance_to_target`` without a target that is better than the worst,
  ``distance_to_reference`` where the reference is not above 0: min-max among the peers;
* a peer scale over fewer than :data:`MINIMUM_PEERS` units: no score (the district then takes its towns' mean).

Everything that is denominated is scaled without the standard, whose figures are in another unit of measure.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import partial
from typing import Any, NamedTuple

import numpy as np

from ...indicators.model import Direction as AnyDirection
from ...indicators.model import Indicator, Standard
from ..settings.scheme import OneIndicator, OutlierName, Outliers, PerName, Scoring
from .base import Bools, Direction, Floats, sign_of
from .outliers import OUTLIERS
from .scale import SCALES, scale_anchors, scale_band

MINIMUM_PEERS = 3
BASELINE_CAP = 59.0  # a 底线型 indicator below its floor cannot pass, however near it is
NATURAL = {"%": (0.0, 100.0)}  # a share cannot be better than all of it, nor worse than none of it
IN_UNIT: tuple[OutlierName, ...] = ("winsorise", "trim")
ANY: tuple[OutlierName, ...] = (*IN_UNIT, "boxcox")
NO_VALUES: Floats = np.empty(0)
_PER = {"population": ("population", 1.0), "per_10k": ("population", 1e4), "area_km2": ("area_km2", 1.0)}


class Step(NamedTuple):
    """One way to scale a column: ``scale`` takes values and gives scores, ``method`` is its name in the results.

    ``peers``: the peers set the scale, or one end of it. ``treatments``: those of outliers that make sense before it
    (:data:`IN_UNIT` where it looks at a number in the values' own unit or at their zero, to which a transformed value means
    nothing; none for what only looks at the order, which no outlier moves).
    """

    method: str
    scale: Callable[[Floats], Floats]
    peers: bool = True
    treatments: tuple[OutlierName, ...] = ()
    usable: Callable[[Floats], bool] = lambda _: True


class Scored(NamedTuple):
    """Scores (units,) by ``method``; what was ``scaled``, after treatment, and where it was ``treated`` (or shrunken)."""

    scores: Floats
    method: str
    scaled: Floats
    treated: Bools


def score_values(
    values: Floats,
    indicator: Indicator,
    standard: Standard | None,
    scheme: Scoring,
    *,
    amounts: Floats | None = None,
    shrunk: Floats = NO_VALUES,
    earlier: Floats = NO_VALUES,
) -> Scored:
    """Scores 0–100 of one indicator's compared values (units,) over the units of one level; NaN stays NaN.

    ``amounts`` (units,): what is scaled instead, of an indicator that the scheme denominates. ``shrunk`` (units,): the
    values as drawn towards what is usual, which peer scales look at where the scheme shrinks (NaN: the value itself).
    ``earlier``: values of earlier years that the peers' ends are taken over too (panel). Peers are those of this year that
    have a value.
    """
    measured = values if amounts is None else amounts
    drawn = np.where(np.isnan(shrunk), values, shrunk) if scheme.shrink and len(shrunk) else values
    own = scheme.indicators.get(indicator.code, OneIndicator())
    here = np.count_nonzero(~np.isnan(measured))
    for step in steps(indicator, standard if amounts is None else None, scheme):
        if step.peers and here < MINIMUM_PEERS:
            continue
        scaled = drawn if step.peers and amounts is None else measured
        together = np.concatenate([scaled, earlier]) if step.peers and len(earlier) else scaled
        kind = own.outliers or scheme.outliers.method
        together, treated = treat(together, kind if kind in step.treatments else "none", scheme.outliers)
        if not step.usable(together):
            continue
        scores = step.scale(together)[: len(scaled)]
        shrink = BASELINE_CAP / 100.0 if step.peers else 1.0
        scores = _cap(scores, np.where(np.isnan(scaled), np.nan, values), indicator, standard, shrink)
        changed = treated[: len(scaled)] | (scaled != measured) & ~np.isnan(scaled)
        return Scored(scores, step.method, together[: len(scaled)], changed)
    nothing = np.full(len(values), np.nan)
    return Scored(nothing, "none", measured, np.zeros(len(values), dtype=bool))


def score_by_standard(
    values: Floats, indicator: Indicator, standard: Standard | None, scheme: Scoring, method: str | None
) -> Floats | None:
    """What any ``values`` score by the step called ``method``, as measured ones do; None where it looks at peers."""
    for step in steps(indicator, standard, scheme):
        if step.method == method and not step.peers:
            return _cap(step.scale(values), values, indicator, standard, 1.0)
    return None


def steps(indicator: Indicator, standard: Standard | None, scheme: Scoring) -> Iterator[Step]:
    """The ways to scale an indicator under a scheme, the one to prefer first."""
    own = scheme.indicators.get(indicator.code, OneIndicator())
    if indicator.direction == "within":
        if standard is not None:
            yield Step("band", partial(_scale_within, standard=standard), peers=False)
        return
    name, direction = own.scale or scheme.scale, indicator.direction
    if name == "anchors":
        anchors = anchors_of(standard, indicator)
        if anchors is not None:
            yield Step(name, partial(SCALES[name], direction=direction, **anchors), peers=False)
    elif name == "distance_to_target":
        yield from _to_target(indicator, standard)
    elif name == "distance_to_reference":
        yield _to_reference(direction, own.reference)
    elif name != "minmax":
        ordinal = name in ("percentile", "rank")
        more = {} if ordinal else {"ddof": int(scheme.deviation == "sample")}
        scale = partial(SCALES.choose(name), direction=direction, **more)
        yield Step(name, scale, treatments=() if ordinal else ANY)
    low, high = goalposts(standard if name == "minmax" else None, own)
    minmax = partial(SCALES["minmax"], direction=direction, low=low, high=high)
    if low is not None and high is not None:
        yield Step("goalposts", minmax, peers=False)
    else:
        yield Step("minmax", minmax, treatments=ANY if low is None and high is None else IN_UNIT)


def _to_target(indicator: Indicator, standard: Standard | None) -> Iterator[Step]:
    """Distance to the standard's target, from its worst, else the natural end, else the worst peer."""
    if standard is None or standard.target is None:
        return
    direction, target = _ordered(indicator.direction), standard.target
    worst = (anchors_of(standard, indicator) or {"worst": standard.worst})["worst"]
    if worst is not None and not sign_of(direction) * (target - worst) > 0:
        return
    scale = partial(SCALES["distance_to_target"], direction=direction, target=target, worst=worst)
    yield Step(
        "distance_to_target", scale, peers=worst is None, treatments=() if worst is not None else IN_UNIT
    )


def _to_reference(direction: AnyDirection, reference: float | None) -> Step:
    """The ratio to the reference given, else to the leader; usable only where that is above 0."""
    sign = sign_of(direction)
    scale = partial(SCALES["distance_to_reference"], direction=direction, reference=reference)

    def above_zero(values: Floats) -> bool:
        base = float(sign * np.nanmax(sign * values)) if reference is None else reference
        return base > 0

    treatments = IN_UNIT if reference is None else ()
    return Step("distance_to_reference", scale, reference is None, treatments, above_zero)


def _ordered(direction: AnyDirection) -> Direction:
    """The direction of an indicator that is not 适度."""
    if direction == "within":
        raise ValueError("适度指标没有单一的方向")
    return direction


def goalposts(standard: Standard | None, own: OneIndicator) -> tuple[float | None, float | None]:
    """(low, high) of min-max: the scheme's own for the indicator, else the standard's worst and best if it has both."""
    low = high = None
    if standard is not None and standard.best is not None and standard.worst is not None:
        low, high = sorted((standard.best, standard.worst))
    return (low if own.low is None else own.low), (high if own.high is None else own.high)


def treat(values: Floats, kind: OutlierName, rules: Outliers) -> tuple[Floats, Bools]:
    """(treated, changed) by the treatment called ``kind`` with the limits of the scheme."""
    limits = {"skew_limit": rules.skew, "kurtosis_limit": rules.kurtosis}
    options: dict[str, dict[str, Any]] = {
        "winsorise": {"most": rules.most, **limits},
        "trim": {"share": rules.share, "quantile_rule": rules.quantile_rule},
        "boxcox": limits,
    }
    treated, changed = OUTLIERS.choose(kind)(values, **options.get(kind, {}))
    return treated, changed


def is_amount(indicator: Indicator) -> bool:
    """Whether the value is an amount (总量), which per head or per km² means something: a share or a rate is none.

    Amounts are counts (栋、个 …; their *value*, not the share they are compared by), sums without a denominator, and
    reported figures that are not averaged upward, save those whose unit says that they are a quotient.
    """
    measure = indicator.measure
    if indicator.is_count:
        return True
    if "%" in indicator.unit or "/" in indicator.unit or indicator.name.startswith(("人均", "每", "平均")):
        return False
    if measure.method == "ratio":
        return measure.denominator is None and measure.per is None
    return measure.method == "sql" or (measure.method == "reported" and measure.weight is None)


def denominate(
    values: Floats, population: Floats, area_km2: Floats, per: PerName, basis: Floats | float = 1.0
) -> Floats:
    """平均到人口或面积: values / size, of ``per`` population (人), per_10k (万人) or area_km2.

    ``basis`` is the share of the unit that the value stands on, and its size counts by that share, as in the roll-up.
    A unit whose size is missing or not above 0 has none: NaN, never zero. (Handbook, step 5: denominate before scaling;
    COINr ``Denominate``.)
    """
    sizes, factor = _PER[per]
    size = (population if sizes == "population" else area_km2) * basis
    there = size > 0
    return np.where(there, factor * values / np.where(there, size, 1.0), np.nan)


def below_floor(values: Floats, indicator: Indicator, standard: Standard | None) -> Bools:
    """Which values are worse than the standard's floor (底线); all False where there is none."""
    if standard is None or standard.floor is None:
        return np.zeros(len(values), dtype=bool)
    return values < standard.floor if indicator.direction == "higher" else values > standard.floor


def _cap(
    scores: Floats, values: Floats, indicator: Indicator, standard: Standard | None, shrink: float
) -> Floats:
    """底线型: whoever is below the floor has at most 59 points, and whoever is not passes.

    Where peers set the scale (a floor of zero says what is right, not how bad the rest is), those below the floor
    are spread over 0–59 (``shrink``) instead of being pressed against the cap, and those without fault have 100.
    """
    if indicator.kind != "baseline" or standard is None or standard.floor is None:
        return scores
    failed = below_floor(values, indicator, standard)
    capped = np.minimum(scores * shrink, BASELINE_CAP)
    whole = np.where(np.isnan(values), np.nan, 100.0) if shrink < 1.0 else scores
    return np.where(failed, capped, whole)


def _scale_within(values: Floats, standard: Standard) -> Floats:
    """适度: the band of the standard, which may be open on one side."""
    if standard.low is None:
        return scale_anchors(values, direction="lower", best=standard.high)
    if standard.high is None:
        return scale_anchors(values, direction="higher", best=standard.low)
    return scale_band(values, low=standard.low, high=standard.high)


def anchors_of(standard: Standard | None, indicator: Indicator) -> dict[str, float | None] | None:
    """The anchors to score by; None when the standard does not fix a scale, so that peers decide.

    A share has natural ends (0 and 100 %): they stand in for a best or worst that the standard does not give. A
    limit of zero alone (清零) says what is right, not how bad the rest is: it fixes no scale.
    """
    if standard is None or (standard.floor is None and standard.target is None and standard.best is None):
        return None
    anchors = {
        "worst": standard.worst,
        "floor": standard.floor,
        "target": standard.target,
        "best": standard.best,
    }
    if indicator.unit in NATURAL:
        low, high = NATURAL[indicator.unit]
        best, worst = (high, low) if indicator.direction == "higher" else (low, high)
        anchors["best"] = best if anchors["best"] is None else anchors["best"]
        anchors["worst"] = worst if anchors["worst"] is None else anchors["worst"]
    return anchors if any(anchors.values()) else None
