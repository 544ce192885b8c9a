"""Scaling (无量纲化、标准化): the value of an indicator → a score from 0 to 100, higher is better.

Two kinds. *Against a standard*: :func:`scale_anchors`, :func:`scale_band`, and the goalposts of
:func:`scale_minmax`; a unit's score does not depend on the others. *Against peers* (同类比较): the rest; the
values must be those of units of one level. Every function takes (units,) and gives (units,); NaN stays NaN,
and peers are those that are not NaN. Formulas are those of the OECD/JRC Handbook on Constructing Composite
Indicators (2008), step 5, unless a docstring says otherwise, brought to 0–100 and clamped there.

A column in which all peers are equal says nothing about order: minmax and zscore are 0/0 there and give NaN
(the indicator drops out and the others are re-weighted), while percentile and rank give everybody the middle.
"""

from __future__ import annotations

import numpy as np

from .base import Direction, Family, Floats, sign_of

WORST_SCORE, FLOOR_SCORE, TARGET_SCORE, BEST_SCORE = 0.0, 60.0, 90.0, 100.0


def scale_anchors(
    values: Floats,
    *,
    direction: Direction,
    worst: float | None = None,
    floor: float | None = None,
    target: float | None = None,
    best: float | None = None,
) -> Floats:
    """Piecewise linear through worst → 0, floor 底线 → 60, target 目标 → 90, best → 100; clamped; monotone.

    Our own scale (architecture §6). Anchors may be left out:

    * between the anchors given, the line is straight;
    * without ``best``, a value better than the best anchor given keeps that anchor's score: nothing says what
      "better than the target" is worth, so the target met is 90. Where the target cannot be exceeded (100 %
      of a share), give ``best`` equal to it, and the target met is 100;
    * without ``worst``, zero points are reached as far from the worst anchor given as that anchor is from
      zero: at 0 when more is better (a share of nothing), at twice the limit when less is better;
    * anchors that coincide make a step: the value gets the best of their scores. A limit of 0 where less is
      better is thus met or not met (一票否决).

    Raises ValueError when only ``worst`` or nothing is given, an anchor is not finite, or anchors are out of
    order.
    """
    sign = sign_of(direction)
    given = [(worst, WORST_SCORE), (floor, FLOOR_SCORE), (target, TARGET_SCORE), (best, BEST_SCORE)]
    points = [(float(value), score) for value, score in given if value is not None]
    if not points or points[-1][1] == WORST_SCORE:
        raise ValueError("至少要给出底线值、目标值、最优值中的一个，才能计分")
    if worst is None:
        nearest = points[0][0]
        points.insert(0, (nearest - sign * abs(nearest), WORST_SCORE))
    xs = np.array([sign * value for value, _ in points])
    if not np.isfinite(xs).all():
        raise ValueError("计分锚点必须是有限的数")
    if (np.diff(xs) < 0).any():
        order = "≤" if sign > 0 else "≥"
        raise ValueError(f"计分锚点的次序不对：应为 最差值 {order} 底线值 {order} 目标值 {order} 最优值")
    return _through(sign * np.asarray(values, dtype=np.float64), xs, np.array([score for _, score in points]))


def _through(x: Floats, xs: Floats, ys: Floats) -> Floats:
    """The polyline (xs, ys) at x, clamped at both ends; where xs coincide, the last of their ys."""
    left = np.clip(np.searchsorted(xs, x, side="right") - 1, 0, len(xs) - 1)
    right = np.minimum(left + 1, len(xs) - 1)
    width = xs[right] - xs[left]
    inside = np.clip(x, xs[0], xs[-1])  # NaN passes through
    share = np.where(width > 0, (inside - xs[left]) / np.where(width > 0, width, 1.0), 0.0)
    scores = ys[left] + share * (ys[right] - ys[left])
    return np.where(np.isnan(x), np.nan, scores)


def scale_band(
    values: Floats,
    *,
    low: float,
    high: float,
    worst_low: float | None = None,
    worst_high: float | None = None,
) -> Floats:
    """适度指标: 100 from ``low`` to ``high``, straight down to 0 at ``worst_low`` and ``worst_high``.

    A missing worst follows the rule of :func:`scale_anchors`: as far from the edge as the edge is from zero.
    A worst that equals its edge makes a step: 100 on the edge, 0 beyond it.
    Raises ValueError when worst_low ≤ low ≤ high ≤ worst_high does not hold.
    """
    worst_low = low - abs(low) if worst_low is None else worst_low
    worst_high = high + abs(high) if worst_high is None else worst_high
    if not worst_low <= low <= high <= worst_high:
        raise ValueError("适度区间的次序不对：应为 下侧最差值 ≤ 下限 ≤ 上限 ≤ 上侧最差值")
    rising = scale_anchors(values, direction="higher", worst=worst_low, best=low)
    falling = scale_anchors(values, direction="lower", worst=worst_high, best=high)
    return np.minimum(rising, falling)


def scale_minmax(
    values: Floats, *, direction: Direction, low: float | None = None, high: float | None = None
) -> Floats:
    """100·(x − low)/(high − low), reversed where less is better, clamped.

    ``low`` and ``high`` are goalposts (门槛值, as in the Human Development Index, UNDP technical note 1); one
    not given is the smallest or largest of the peers. Peers all equal and no goalposts: NaN.
    Raises ValueError when given goalposts do not hold low < high.
    """
    sign = sign_of(direction)
    bottom, top = minmax_ends(values, low, high)
    if np.isnan(bottom):
        return np.full_like(values, np.nan)
    share = values - bottom
    share /= top - bottom
    np.clip(share, 0.0, 1.0, out=share)
    if sign < 0:
        np.subtract(1.0, share, out=share)
    share *= 100.0
    return share


def minmax_ends(values: Floats, low: float | None, high: float | None) -> tuple[float, float]:
    """The values that :func:`scale_minmax` gives 0 and 100 where more is better; both NaN where it gives no scores."""
    if low is not None and high is not None and not low < high:
        raise ValueError(f"下门槛值 {low:g} 应小于上门槛值 {high:g}")
    least, most, spread = _ends(values)
    bottom, top = (least if low is None else low), (most if high is None else high)
    if not bottom < top or (low is None and high is None and spread == 0):
        return np.nan, np.nan
    return bottom, top


def _ends(values: Floats) -> tuple[float, float, float]:
    """(smallest, largest, their distance) of what is present, (NaN, NaN, 0) of nothing; rounding is no distance.

    The same rule as :func:`~.base.spread_of`, for one column without a copy of it.
    """
    low = float(np.fmin.reduce(values, initial=np.nan))
    high = float(np.fmax.reduce(values, initial=np.nan))
    spread = high - low
    return low, high, (spread if spread > 1e-12 * max(abs(low), abs(high)) else 0.0)


def scale_zscore(values: Floats, *, direction: Direction, ddof: int = 1) -> Floats:
    """50 + 10·(x − mean)/sd, reversed where less is better, clamped: the T-score of McCall (1922).

    The mean unit has 50 and one standard deviation is ten points, so that 0–100 holds all but values five
    deviations out. ``ddof`` 1 is the sample deviation (COINr, R's ``scale``), 0 the population's. Fewer than
    two peers, or peers all equal: NaN.
    """
    sign = sign_of(direction)
    least, _, spread = _ends(values)
    if spread == 0:
        return np.full_like(values, np.nan)
    z = values - least
    z /= spread  # z is the same on any scale; on 0–1 no square underflows
    there = ~np.isnan(z)
    within = z if there.all() else z[there]
    mean, deviation = within.mean(), within.std(ddof=ddof)
    z -= mean
    z *= 10.0 * sign / deviation
    z += 50.0
    return np.clip(z, 0.0, 100.0, out=z)


def scale_percentile(values: Floats, *, direction: Direction) -> Floats:
    """百分位: 100·(peers worse + half of those equal, oneself too)/peers: Hazen's mid-rank percentile."""
    present = int((~np.isnan(values)).sum())
    return 100.0 * (_rank_from_worst(values, direction) - 0.5) / max(present, 1)


def scale_rank(values: Floats, *, direction: Direction) -> Floats:
    """位次: 100·(r − 1)/(n − 1), r from the worst, ties shared: worst 0, best 100. One peer alone: NaN.

    The fractional rank of COINr's ``n_prank`` and of PERCENTRANK.INC, save that ties take the mean rank.
    """
    present = int((~np.isnan(values)).sum())
    if present < 2:
        return np.full_like(values, np.nan)
    return 100.0 * (_rank_from_worst(values, direction) - 1.0) / (present - 1)


def _rank_from_worst(values: Floats, direction: str) -> Floats:
    """1 for the worst … n for the best; ties take their mean rank; NaN stays NaN.

    What ``scipy.stats.rankdata`` gives, in under half of its time.
    """
    order = np.argsort(sign_of(direction) * values, kind="stable")  # NaN last
    ordered = values[order[: np.count_nonzero(~np.isnan(values))]]
    begins = np.ones(len(ordered), dtype=bool)
    np.not_equal(ordered[1:], ordered[:-1], out=begins[1:])
    first = np.flatnonzero(begins)  # of each run of equal values
    length = np.diff(first, append=len(ordered))
    ranks = np.full_like(values, np.nan)
    ranks[order[: len(ordered)]] = np.repeat(first + (length + 1) / 2.0, length)
    return ranks


def scale_distance_to_target(
    values: Floats, *, direction: Direction, target: float, worst: float | None = None
) -> Floats:
    """100·(x − worst)/(target − worst), clamped: the share of the way gone (COINr ``n_dist2targ``).

    ``worst`` not given is the worst of the peers. A target that even the worst peer has reached: all 100.
    """
    sign = sign_of(direction)
    if np.isnan(values).all():
        return np.full_like(values, np.nan)
    x = sign * values
    start = float(np.nanmin(x)) if worst is None else sign * worst
    goal = sign * target
    if not start < goal:
        if worst is not None:
            raise ValueError("目标值应优于最差值")
        return np.where(np.isnan(values), np.nan, 100.0)
    return np.clip(100.0 * (x - start) / (goal - start), 0.0, 100.0)


def scale_distance_to_reference(
    values: Floats, *, direction: Direction, reference: float | None = None
) -> Floats:
    """100·x/reference, or 100·reference/x where less is better, clamped at 100.

    The Handbook's "distance to a reference" in its ratio form.
    ``reference`` not given is the leader, the best of the peers. A peer ahead of a given reference has 100.
    Where less is better a value of 0 has 100. Raises ValueError for a reference that is not above 0: a ratio
    to it has no meaning (and so, without one given, when the best peer is not above 0; use minmax there).
    """
    sign = sign_of(direction)
    if np.isnan(values).all():
        return np.full_like(values, np.nan)
    base = float(sign * np.nanmax(sign * values)) if reference is None else reference
    if not base > 0:
        raise ValueError(f"参照值应大于零，现为 {base:g}；可改用 minmax")
    if sign > 0:
        return np.clip(100.0 * values / base, 0.0, 100.0)
    return np.where(values > base, 100.0 * base / np.where(values > base, values, 1.0), values * 0.0 + 100.0)


SCALES = Family(
    "标度方法",
    {
        "anchors": scale_anchors,
        "band": scale_band,
        "minmax": scale_minmax,
        "zscore": scale_zscore,
        "percentile": scale_percentile,
        "rank": scale_rank,
        "distance_to_target": scale_distance_to_target,
        "distance_to_reference": scale_distance_to_reference,
    },
)
