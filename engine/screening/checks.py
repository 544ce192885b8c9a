"""When a figure looks wrong (异常值识别): against its own past, against its peers, by a factor of ten, by a digit.

Pure arithmetic over arrays: a row per unit, a column per earlier year, NaN for what is not known. Amounts are compared
by their logarithms, shares (%) by percentage points: 0 and 100 % are ordinary shares, where a logit has no value.

Sources and variants. Year-to-year ratios against their own usual spread: Hidiroglou & Berthelot (1986), "Statistical
Editing and Imputation for Periodic Business Surveys", Survey Methodology 12(1), 73–83, here on log ratios (symmetric by
themselves) and without the weight by size. Peers: the modified z-score of Iglewicz & Hoaglin (1993), "How to Detect and
Handle Outliers", ASQC, 0.6745·(x − median)/MAD; where half the values are equal the quartiles, then the mean absolute
deviation stand in for the MAD. Counts: log(n + ½) with variance 1/(n + ½), Haldane (1956). A spread seen only a few
times is drawn towards a prior one, which weighs as one observation.
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

from ..settings.scheme import Screening

Array = np.ndarray
MAGNITUDE, DIGIT, SOURCES, HISTORY, PEERS = KINDS = ("magnitude", "digit", "sources", "history", "peers")
POWERS = (1, -1, 2, -2, 3, -3, 4, -4)
FEWEST_PEERS = 8  # below, the spread among peers is too uncertain to name one of them
FEWEST_CHANGES = 5  # of peers, to know how everybody changed this year
MANY = 12  # units, among whom one alone does not move the middle or the spread
OWN_CHANGES = 4  # of a unit's own, to know its usual change closely
EVERYBODY = math.log(5)  # when all change by more than this factor, the whole column is in another unit
FITS = 2.0  # standard deviations within which a corrected value counts as ordinary
SHORT = 2  # times as far off two digits must have put a figure whose own past is short
DIGITS = 3  # a shorter number has too many neighbours by a slip of one digit
PEERS_SHARE = 10.0  # percentage points: performance differs that much among honest peers


@dataclass(frozen=True)
class Scale:
    """How values are compared: ``share`` in percentage points, else by logarithms; ``counted``: whole things.

    ``prior`` is the spread taken for granted where nothing is known, ``floor`` the least spread there is, ``near`` how
    close a value corrected by a power of ten must come.
    """

    share: bool
    counted: bool = False

    @property
    def prior(self) -> float:
        """A factor of 1.3, or eight points."""
        return 8.0 if self.share else 0.25

    @property
    def floor(self) -> float:
        """One per cent, or 0.2 points."""
        return 0.2 if self.share else 0.01

    @property
    def near(self) -> float:
        """A factor of 1.5, or ten points."""
        return 10.0 if self.share else math.log(1.5)

    def of(self, values: Array) -> Array:
        """``values`` on the scale; NaN where they have no place on it (a zero amount)."""
        if self.share:
            return np.asarray(values, dtype=float)
        with np.errstate(divide="ignore", invalid="ignore"):
            logs = np.log(values + 0.5) if self.counted else np.log(values)
        return np.where(np.isfinite(logs), logs, np.nan)

    def at(self, value: float) -> float:
        """One value on the scale."""
        if self.share:
            return value
        value += 0.5 if self.counted else 0.0
        return math.log(value) if value > 0 else math.nan

    def back(self, place: float) -> float:
        """The value at a place of the scale."""
        if self.share:
            return place
        return max(0.0, math.exp(place) - (0.5 if self.counted else 0.0))

    def noise(self, a: float, b: float) -> float:
        """Variance of the difference of two counts by chance alone."""
        return 1 / (a + 0.5) + 1 / (b + 0.5) if self.counted else 0.0


def scale_of(share: bool, *values: Array) -> Scale:
    """The scale for an item: counted when every value known is a whole number."""
    known = np.concatenate([v[np.isfinite(v)].ravel() for v in values])
    return Scale(share, not share and bool(np.all(known == np.round(known))) and bool(np.all(known >= 0)))


def middle(values: Array) -> float:
    """The median; numpy's own is many times slower on a handful of values."""
    ordered = sorted(values.tolist())
    half = len(ordered) // 2
    return ordered[half] if len(ordered) % 2 else (ordered[half - 1] + ordered[half]) / 2


def robust_sd(values: Array) -> float:
    """Standard deviation by the MAD; where that is nothing by the quartiles, then by the mean absolute deviation."""
    if not len(values):
        return 0.0
    away = np.abs(values - middle(values))
    if (mad := middle(away)) > 0:
        return 1.4826 * mad
    low, high = np.quantile(values, (0.25, 0.75))
    return float(high - low) / 1.349 or 1.2533 * float(np.mean(away))


def few(seen: int) -> float:
    """By how much a spread seen few times is widened: three times for three, 1.4 times for seventeen (found by simulation)."""
    return 1 + 6 / max(seen, 3)


def shrunk(spread: float, seen: int, prior: float) -> float:
    """A spread seen ``seen`` times, drawn towards the prior one, which weighs as one observation."""
    return math.sqrt((seen * spread**2 + prior**2) / (seen + 1))


@dataclass(frozen=True)
class Past:
    """What a unit's past leads one to expect, on the scale: ``centre`` with a cautious and an observed ``spread``.

    ``usual`` is the usual change per year, ``together`` what everybody's change this year leads to (None: unknown),
    ``observed`` 0 where too few changes are known, ``long`` whether enough of the unit's own are.
    """

    centre: float
    spread: float
    observed: float
    together: float | None
    usual: float
    long: bool = False

    def off(self, place: float) -> float:
        """How far a value lies off, from its own past or from everybody's change, whichever is nearer."""
        own = abs(place - self.centre)
        return own if self.together is None else min(own, abs(place - self.together))

    def away(self, place: float) -> float:
        """The same in cautious standard deviations."""
        return self.off(place) / self.spread


@dataclass(frozen=True)
class Doubt:
    """Why a figure looks wrong; ``power`` of ten and ``candidate`` (a digit mended) where these are the reason."""

    kind: str
    expected: float
    size: float
    power: int = 0
    candidate: float | None = None


@dataclass(frozen=True)
class _Pool:
    """The changes per year of everybody: how many, their spread, and the middle of this year's (None: too few)."""

    seen: int
    spread: float
    together: float | None


def past_of(now: Array, before: Array, gaps: Array, scale: Scale, noise: Array) -> list[Past | None]:
    """Each unit's past (n units; ``before`` n × years, ``gaps`` how many years each lies back, falling).

    ``noise`` (n): variance on the scale that is in a value by chance (a small sample). None: no earlier value.
    """
    x, xs = scale.of(now), scale.of(before)
    own: list[Array] = []
    last: list[int] = []
    for row in xs:
        at = np.flatnonzero(np.isfinite(row))
        own.append(np.diff(row[at]) / -np.diff(gaps[at]) if len(at) > 1 else np.empty(0))
        last.append(int(at[-1]) if len(at) else -1)
    step = np.array([(x[i] - xs[i, j]) / gaps[j] if j >= 0 else math.nan for i, j in enumerate(last)])
    earlier = np.concatenate([*own, np.empty(0)])
    drift = middle(earlier) if len(earlier) >= 3 else None
    known = np.isfinite(step)
    everybody = _pool(earlier, step[known], scale)
    found: list[Past | None] = []
    for i, j in enumerate(last):
        if not known[i]:
            found.append(None)
            continue
        pool = everybody
        if known.sum() < MANY:  # among few, a unit's own change would hide itself
            pool = _pool(earlier, np.delete(step, i)[np.delete(known, i)], scale)
        chance = scale.noise(float(now[i]), float(before[i, j])) + 2 * float(noise[i])
        found.append(_past(float(xs[i, j]), float(gaps[j]), own[i], pool, drift, scale, chance))
    return found


def _pool(earlier: Array, this_year: Array, scale: Scale) -> _Pool:
    together = middle(this_year) if len(this_year) >= FEWEST_CHANGES else None
    changes = np.concatenate([earlier, this_year])
    if together is not None and not scale.share and abs(together) > EVERYBODY:
        together, changes = None, earlier
    return _Pool(len(changes), robust_sd(changes) * few(len(changes)), together)


def _past(
    last: float, back: float, own: Array, pool: _Pool, drift: float | None, scale: Scale, chance: float
) -> Past:
    """What the last value, ``back`` years ago, the unit's ``own`` changes and everybody's lead one to expect."""
    usual = drift if drift is not None else (pool.together or 0.0)
    usual = middle(own) if len(own) >= 3 else usual
    long, enough = len(own) >= OWN_CHANGES, len(own) >= OWN_CHANGES or pool.seen >= FEWEST_CHANGES
    mine = 1.4826 * middle(np.abs(own - usual)) if len(own) else 0.0
    mine *= few(len(own)) if len(own) >= 3 else 1
    spread = max(shrunk(pool.spread, pool.seen, scale.prior), mine)
    seen = max(mine if long else 0.0, pool.spread if pool.seen >= FEWEST_CHANGES else 0.0)
    beside = 0.0 if long else chance  # its own changes show what chance does
    return Past(
        centre=last + usual * back,
        spread=math.sqrt(spread**2 * back + chance),
        observed=math.sqrt(max(seen, scale.floor) ** 2 * back + beside) if enough else 0.0,
        together=None if pool.together is None else last + pool.together * back,
        usual=max(abs(usual), seen if enough else mine),
        long=long,
    )


def by_history(value: float, past: Past, scale: Scale, limits: Screening) -> Doubt | None:
    """magnitude, digit or history for a value (> 0) with a past; None where it is as usual."""
    place = scale.at(value)
    away = past.away(place)
    own = abs(place - past.centre) / past.spread
    mended = _mended(value, past, scale, limits)
    if own > limits.history and value > 0:
        power = power_off(value, past.centre, past.spread, scale)
        if power and not (abs(power) == 1 and mended is not None and _loose(value, power, past, scale)):
            return Doubt(MAGNITUDE, value / 10.0**power, own, power, mended)
    expected = scale.back(past.centre)
    if mended is not None:
        return Doubt(DIGIT, mended, own, candidate=mended)
    return Doubt(HISTORY, expected, away) if away > limits.history else None


def _loose(value: float, power: int, past: Past, scale: Scale) -> bool:
    """Whether a tenth or the tenfold only roughly fits, so that a digit too many or too few explains it better."""
    off = abs(scale.at(value / 10.0**power) - past.centre)
    return past.observed > 0 and off > 3 * max(past.observed, 2 * scale.floor)


def power_off(value: float, centre: float, spread: float, scale: Scale) -> int:
    """The power of ten by which ``value`` is too large; 0 when dividing by none brings it back to the ordinary."""
    allowed = [p for p in POWERS if not scale.share or p == -2]  # 0.95 for 95 %
    off = {p: abs(scale.at(value / 10.0**p) - centre) for p in allowed}
    best = min(allowed, key=lambda p: off[p])
    return best if off[best] <= min(FITS * spread, scale.near) else 0


def _mended(value: float, past: Past, scale: Scale, limits: Screening) -> float | None:
    """The value a slip of one digit leads back to, where that is just what is expected; else None.

    Two digits changed places: judged by the spread observed, because it rarely changes the value much. A digit too many
    or too few: by the cautious one.
    """
    text = f"{value:.10g}"
    if scale.share and value in (0, 100):
        return None  # nothing and all are ordinary shares
    if "e" in text or sum(c.isdigit() for c in text) < DIGITS:
        return None

    def closest(slips: Sequence[float], spread: float) -> float | None:
        off = [abs(scale.at(v) - past.centre) for v in slips]
        fit = [(o, v) for o, v in zip(off, slips, strict=True) if o <= min(spread, scale.near / 4)]
        return min(fit)[1] if fit else None

    place = scale.at(value)
    sure = limits.history * (1 if past.long else SHORT)
    if past.observed and past.off(place) > sure * past.observed:
        found = closest(swapped(text), max(FITS * past.observed, 3 * scale.floor))
        if found is not None:
            return found
    if past.away(place) > limits.history:
        return closest(dropped_or_added(text), past.spread)
    return None


def swapped(text: str) -> list[float]:
    """Every number that ``text`` becomes when two neighbouring digits change places."""
    chars = list(text)
    at = [i for i, c in enumerate(chars) if c.isdigit()]
    found = []
    for a, b in itertools.pairwise(at):
        if chars[a] != chars[b] and not (a == 0 and chars[b] == "0"):
            new = chars.copy()
            new[a], new[b] = new[b], new[a]
            found.append(float("".join(new)))
    return found


def dropped_or_added(text: str) -> list[float]:
    """Every number that ``text`` becomes with one digit taken out or one put in; none begins with a zero."""
    new = [text[:i] + text[i + 1 :] for i, c in enumerate(text) if c.isdigit()]
    new += [text[:i] + d + text[i:] for i in range(len(text) + 1) for d in "0123456789"]
    good = {t for t in new if t[:1].isdigit() and t[-1:].isdigit() and not (t[0] == "0" and t[1:2].isdigit())}
    return sorted({float(t) for t in good})


@dataclass(frozen=True)
class Peers:
    """Where the peers of a level stand: ``middle`` and ``spread`` on the scale, after dividing by ``per`` (n)."""

    middle: float
    spread: float
    per: Array
    name: str
    counted: bool = False

    def wide(self, i: int, scale: Scale) -> float:
        """The spread of unit ``i``: of things counted with what chance adds to the number expected."""
        return math.sqrt(self.spread**2 + (1 / (self.expected(i, scale) + 0.5) if self.counted else 0.0))

    def expected(self, i: int, scale: Scale) -> float:
        """What the peers' median comes to in unit ``i``."""
        return scale.back(self.middle) * float(self.per[i])


def peers_of(now: Array, sizes: dict[str, Array], scale: Scale) -> tuple[Peers, Scale] | None:
    """The peers as stated, per person or per km²: whichever differs least among them; None where there are too few.

    ``sizes``: the name of each size ("" for none: ones) → its values (n).
    """
    best: tuple[Peers, Scale] | None = None
    plain = Scale(scale.share)
    for name, per in sizes.items() if not scale.share else [("", np.ones(len(now)))]:
        with np.errstate(divide="ignore", invalid="ignore"):
            x = plain.of(np.where(per > 0, now / per, np.nan))
        x = x[np.isfinite(x)]
        if len(x) < FEWEST_PEERS:
            continue
        spread = max(shrunk(robust_sd(x), len(x) - 1, scale.prior), PEERS_SHARE if scale.share else 0.0)
        if best is None or spread < best[0].spread:
            best = Peers(middle(x), spread, per, name, scale.counted), plain
    return best


def by_peers(
    value: float, i: int, peers: Peers, scale: Scale, limits: Screening, known: bool
) -> Doubt | None:
    """magnitude or peers for a value (> 0); of a value that its own past bears out (``known``) only a unit slip ≥ 100.

    An amount far below its peers is asked about only as a unit slip: there is little of many things somewhere.
    """
    if not value > 0 or not peers.per[i] > 0:
        return None
    place = scale.at(value / float(peers.per[i]))
    away = abs(place - peers.middle) / peers.wide(i, scale)
    if away <= limits.peers:
        return None
    power = power_off(value / float(peers.per[i]), peers.middle, peers.wide(i, scale), scale)
    if abs(power) > (1 if known else 0):
        return Doubt(MAGNITUDE, value / 10.0**power, away, power)
    small = place < peers.middle and not scale.share
    return None if known or small else Doubt(PEERS, peers.expected(i, scale), away)


def first_of(*found: Doubt | None, order: Callable[[str], int] = KINDS.index) -> Doubt | None:
    """The most telling of several doubts."""
    there = [d for d in found if d is not None]
    return min(there, key=lambda d: (order(d.kind), -d.size)) if there else None


def fell_to_nothing(now: Array, before: Array, i: int) -> bool:
    """Whether a unit's amount is zero after never being so, while no peer of enough has a zero (填 0 代替未填)."""
    past = before[i][np.isfinite(before[i])]
    others = np.delete(now, i)
    others = others[np.isfinite(others)]
    steady = len(past) >= 2 or (len(past) == 1 and len(others) >= FEWEST_PEERS)
    return bool(now[i] == 0 and steady and np.all(past > 0) and not np.any(others == 0))
