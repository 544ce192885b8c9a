"""Values of a country (全国指标值): pairs → value and compared value, by the rules of the roll-up of an ordinary year.

See :mod:`..measure.rollup` for the rules: a ratio needs both parts and a denominator above 0; per person or per km² the whole
area was examined, so a unit without rows has none; a count is its numerator and compares as a share of the things.
"""

from __future__ import annotations

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from ...indicators.measure_model import Ratio
from ...indicators.model import Indicator
from ..scoring.base import Bools, Floats
from .records import DENOMINATOR, NUMERATOR
from .rollup import Columns, read_pairs
from .units import Country, Part

_THREADS = 2
_ROUNDING = 1e-9  # a share of 100.0000000001 % is 100 %


@dataclass
class Values:
    """What an indicator comes to in the units of a level, each (units,), NaN where not known.

    ``compared`` is ``value`` itself but for counts; ``judged`` is it too, unless some units have too little behind
    them (样本不足) to be scored or held against a standard: they have NaN there. ``numerator`` and ``denominator`` are kept
    where an interval is to be had of them. ``impossible``: how many shares lay outside 0–100 % and were left out.
    ``examined``: whether there is any row at all.
    """

    value: Floats
    compared: Floats
    judged: Floats
    numerator: Floats | None = None
    denominator: Floats | None = None
    impossible: int = 0
    examined: bool = True


def values_of_level(
    indicators: Sequence[Indicator], columns: Columns, country: Country, level: str
) -> dict[str, Values]:
    """Indicator → values of the units of ``level``, of those whose level it is; ``columns`` as of :func:`~.rollup.roll_up`."""
    return {
        i.code: _joined(
            [_values_of(i, columns[i.code + NUMERATOR], columns[i.code + DENOMINATOR], country, level)]
        )
        for i in indicators
        if level in i.levels
    }


def values_of_communities(
    indicators: Sequence[Indicator], folders: Sequence[Path], country: Country, year: int
) -> dict[str, Values]:
    """The same of the communities, of which the pairs are read province by province and not kept."""
    level = "community"
    wanted = {i.code: i for i in indicators if level in i.levels}
    parts: list[dict[str, Values]] = []

    def valued(part: Part) -> dict[str, Values]:
        made, numerator = {}, np.empty(0)
        for name, column in read_pairs(folders, year, part):
            code, end = name.rsplit(".", 1)
            if "." + end == NUMERATOR:
                numerator = column
            elif code in wanted:
                made[code] = _values_of(
                    wanted[code], numerator, column, country, level, slice(part.first, part.last)
                )
        return made

    with ThreadPoolExecutor(_THREADS) as pool:
        parts = list(pool.map(valued, country.parts))
    return {code: _joined([part.pop(code) for part in parts]) for code in wanted}


def _values_of(
    indicator: Indicator,
    numerator: Floats,
    denominator: Floats,
    country: Country,
    level: str,
    where: slice = slice(None),
) -> Values:
    """The values of some units of a level from their pairs; ``where`` says which."""
    measure, impossible, examined = indicator.measure, 0, True
    if isinstance(measure, Ratio) and measure.denominator is None:
        rows = denominator
        if measure.per is not None:
            # a unit without a row has none; one with rows and yet no numerator is one of which nothing is known
            absent = np.isnan(rows)
            examined = not absent.all()
            numerator = np.where(absent, 0.0, numerator)
            denominator = country.size(level, measure.per)[where]
            value = _quotient(numerator, denominator, measure.scale)
        else:
            denominator = np.full(len(rows), np.nan)
            value = numerator * measure.scale
        compared = value
    elif isinstance(measure, Ratio):
        value = compared = _quotient(numerator, denominator, measure.scale)
    else:
        value, compared = numerator, _quotient(numerator, denominator, 100.0)
    if indicator.is_share:
        wrong = (value < -_ROUNDING) | (value > 100.0 + _ROUNDING)
        impossible = int(np.count_nonzero(wrong))
        if impossible:
            value = np.where(wrong, np.nan, value)
            compared = value if not indicator.is_count else np.where(wrong, np.nan, compared)
    judged = _enough(indicator, compared, denominator, level)
    kept = indicator.interval != "none" and not indicator.is_count
    return Values(
        value, compared, judged, numerator if kept else None, denominator if kept else None,
        impossible=impossible, examined=examined,
    )  # fmt: skip


def _quotient(numerator: Floats, denominator: Floats, scale: float) -> Floats:
    """numerator / denominator · scale; NaN where either is missing or the denominator is not above 0."""
    out = np.full(len(numerator), np.nan)
    np.divide(numerator, denominator, out=out, where=denominator > 0)
    if scale != 1.0:
        out *= scale
    return out


def _enough(indicator: Indicator, compared: Floats, denominator: Floats, level: str) -> Floats:
    """``compared`` where its denominator is not under the definition's least (样本不足)."""
    least = {str(name): value for name, value in indicator.minimum.items()}.get(level)
    if least is None:
        return compared
    few: Bools = denominator < least
    return np.where(few, np.nan, compared)


def _joined(parts: Sequence[Values]) -> Values:
    """The values of all provinces in one; where there is no row in any of them nothing is known."""
    first, examined = parts[0], any(part.examined for part in parts)
    value = np.concatenate([part.value for part in parts])
    if not examined:
        value = np.full(len(value), np.nan)
    compared = value if first.compared is first.value else np.concatenate([part.compared for part in parts])
    judged = compared if first.judged is first.compared else np.concatenate([part.judged for part in parts])
    numerators = [part.numerator for part in parts if part.numerator is not None]
    denominators = [part.denominator for part in parts if part.denominator is not None]
    return Values(
        value, compared, judged if examined else value,
        np.concatenate(numerators) if numerators else None, np.concatenate(denominators) if denominators else None,
        impossible=sum(part.impossible for part in parts), examined=examined,
    )  # fmt: skip
