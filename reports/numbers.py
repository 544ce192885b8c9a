"""Figures as a person reads them: the only place in the package that rounds for print.

Rules: no more digits than the indicator carries; half rounds away from zero on the decimal the reader sees
(0.125 → 0.13, never 0.12); a true minus sign; a missing value is “—”, never 0; the difference of two rates is
told in 个百分点; people are told in 万 from ten thousand on.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from decimal import ROUND_FLOOR, ROUND_HALF_UP, Decimal

from ..engine.results import THIRDS

MISSING = "—"
MINUS = "−"
NBSP = "\u00a0"  # keeps “7.6 km/km²” on one line
EN_DASH = "–"

# units that stand directly behind the digits, as Chinese print sets them
_TIGHT = ("%", "‰", "°", "℃")
# what the difference of two such shares is called
_POINTS = {"%": "个百分点", "‰": "个千分点"}


def known(value: float | None) -> bool:
    """True for a figure that can be printed: not None, not NaN, not infinite."""
    return value is not None and math.isfinite(value)


def rounded(value: float | None, decimals: int) -> float | None:
    """``value`` at ``decimals`` places, half away from zero; None when there is no figure; never −0.0."""
    if value is None or not math.isfinite(value):
        return None
    step = Decimal(1).scaleb(-decimals)
    return float(Decimal(repr(float(value))).quantize(step, ROUND_HALF_UP)) + 0.0


def adding_up(values: Sequence[float], total: float, decimals: int) -> list[float]:
    """``values`` at ``decimals`` places so that what is printed adds up to the printed ``total`` (尾数调整).

    Each is rounded down or up; those with the largest remainders go up (largest remainder method, ties to the first). For
    values that add up to ``total``, so that none moves by as much as one in its last place.
    """
    step = Decimal(1).scaleb(-decimals)
    wanted = Decimal(repr(float(total))).quantize(step, ROUND_HALF_UP)
    exact = [Decimal(repr(float(value))) for value in values]
    down = [value.quantize(step, ROUND_FLOOR) for value in exact]
    up = round((wanted - sum(down)) / step)
    order = sorted(range(len(exact)), key=lambda i: down[i] - exact[i])
    for i in order[: max(up, 0)]:
        down[i] += step
    return [float(value) + 0.0 for value in down]


def number(value: float | None, decimals: int = 0) -> str:
    """``−12.9``: fixed decimals, true minus, “—” when missing."""
    exact = rounded(value, decimals)
    if exact is None:
        return MISSING
    return f"{exact:.{decimals}f}".replace("-", MINUS)


def signed(value: float | None, decimals: int = 0) -> str:
    """``+1.4`` / ``−2.6``; a change that rounds to nothing carries no sign."""
    exact = rounded(value, decimals)
    if exact is None:
        return MISSING
    return f"+{number(exact, decimals)}" if exact > 0 else number(exact, decimals)


def with_unit(figure: str, unit: str) -> str:
    """The figure with its unit: tight for % and Chinese units, a no-break space before Latin ones."""
    if figure == MISSING or not unit:
        return figure
    latin = unit[0].isascii() and unit[0] not in _TIGHT
    return f"{figure}{NBSP}{unit}" if latin else f"{figure}{unit}"


def quantity(value: float | None, unit: str, decimals: int = 0) -> str:
    """``54.8%``, ``31个/万人``, ``7.6 km/km²``."""
    return with_unit(number(value, decimals), unit)


def difference_unit(unit: str) -> str:
    """What a difference of two values in ``unit`` is measured in (% → 个百分点)."""
    return _POINTS.get(unit, unit)


def difference(value: float | None, unit: str, decimals: int = 0) -> str:
    """A signed difference with its unit: ``+1.8个百分点``, ``−0.05个/km²``."""
    return with_unit(signed(value, decimals), difference_unit(unit))


def distance(value: float | None, unit: str, decimals: int = 0) -> str:
    """The size of a difference without a sign: ``低于标准`` + ``5.2个百分点``."""
    size = None if value is None else abs(value)
    return with_unit(number(size, decimals), difference_unit(unit))


def people(count: float | None, noun: str = "人") -> str:
    """A number of people: ``9500人``, ``3.2万人``, ``81万人``, ``1.2亿人``."""
    whole = rounded(count, 0)
    if whole is None:
        return MISSING
    for size, name in ((1e8, "亿"), (1e4, "万")):
        if abs(whole) >= size:
            return f"{number(whole / size, 0 if abs(whole) >= 20 * size else 1)}{name}{noun}"
    return f"{number(whole)}{noun}"


def score(value: float | None) -> str:
    """A score of 0–100 with one decimal."""
    return number(value, 1)


def beside_grade(value: float | None, cuts: Iterable[float], decimals: int = 1) -> str:
    """A score that stands beside its grade: with as many decimals, from ``decimals`` on, as show on which side of every
    cut it lies. 69.96 is 较差 where 中 begins at 70, and 70.0 beside it would be taken for a mistake.
    """
    if value is None or not math.isfinite(value):
        return MISSING
    marks = tuple(cuts)
    for places in range(decimals, 4):
        shown = rounded(value, places)
        if shown is None or all((shown >= cut) is (value >= cut) for cut in marks):
            return number(value, places)
    return number(value, 4)


def percent(share: float | None, decimals: int = 0) -> str:
    """A share of 0–1 as a percentage: 0.548 → ``54.8%`` with one decimal."""
    return quantity(None if share is None else share * 100, "%", decimals)


def span(low: float | None, high: float | None, decimals: int = 0) -> str:
    """An interval: ``7–11``; empty when either end is missing."""
    if not (known(low) and known(high)):
        return ""
    return f"{number(low, decimals)}{EN_DASH}{number(high, decimals)}"


def band(low: float | None, high: float | None, decimals: int = 0) -> str:
    """The good range of a 适度 indicator: ``0.6–1``, ``≥0.6``, ``≤1``; empty without one. No trailing zeros."""
    ends = [_short(v, decimals) if known(v) else "" for v in (low, high)]
    if all(ends):
        return EN_DASH.join(ends)
    return f"≥{ends[0]}" if ends[0] else (f"≤{ends[1]}" if ends[1] else "")


def _short(value: float | None, decimals: int) -> str:
    shown = number(value, decimals)
    return shown.rstrip("0").rstrip(".") if "." in shown else shown


def rank(place: int | None, peers: int | None, low: int | None = None, high: int | None = None) -> str:
    """A rank with the interval that keeps it honest: ``9（7–11）/17``; “—” without a rank."""
    if place is None:
        return MISSING
    interval = span(low, high)
    middle = f"（{interval}）" if interval else ""
    return f"{place}{middle}/{peers}" if peers else f"{place}{middle}"


def third(place: int | None, peers: int | None) -> str:
    """The rank of a small unit as a third of its peers (前/中/后): places would claim more than is known."""
    if place is None or not peers:
        return MISSING
    return THIRDS[0 if place * 3 <= peers else (1 if place * 3 <= 2 * peers else 2)]


def ordinal(index: int) -> str:
    """1 → 一 … 10 → 十, 23 → 二十三: the numbers of Chinese headings (1–99)."""
    if not 1 <= index <= 99:
        raise ValueError(f"heading number out of range: {index}")
    digits = "零一二三四五六七八九"
    tens, ones = divmod(index, 10)
    head = "" if tens == 0 else ("十" if tens == 1 else digits[tens] + "十")
    return head + (digits[ones] if ones or not tens else "")


def sheet_format(decimals: int, sign: bool = False, unit: str = "") -> str:
    """The same look as an Excel number format, so that a workbook shows what the page shows."""
    digits = "0" if decimals == 0 else "0." + "0" * decimals
    bare = unit.replace('"', "")
    tail = f'"{with_unit("", bare)}"' if bare else ""
    return f"{'+' if sign else ''}{digits}{tail};{MINUS}{digits}{tail};{digits}{tail}"
