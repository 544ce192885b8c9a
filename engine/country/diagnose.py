"""Shortfalls of a country (全国短板): which units miss a standard, by the rules of :mod:`..diagnosis.everything`.

Of the grounds those that a standard alone decides (低于底线, 存在底线型问题, 未达目标); being behind one's peers is a matter for the
year of one's own district. Hundreds of thousands of values are held against a standard at once, and only what falls
short becomes rows with severity, priority and words.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
import polars as pl

from ...indicators.model import Indicator
from ..chance.measured import with_intervals
from ..diagnosis.everything import BY_STANDARD, GROUND_WORDS, against_standards, find_shortfalls, standards
from ..results import empty
from ..scoring.values import MINIMUM_PEERS
from .units import Country
from .values import Values

_OTHERS = {name: pl.lit(False) for name in (*GROUND_WORDS, "above_peers") if name not in BY_STANDARD}


def find_country_shortfalls(
    indicators: Sequence[Indicator], values: Mapping[str, Values], country: Country, level: str, year: int
) -> pl.DataFrame:
    """The frame ``shortfalls`` of the units of one level, most urgent first within a unit."""
    parts = []
    for indicator in indicators:
        bound = indicator.standard_in(year) is not None or (
            indicator.kind == "baseline" and indicator.is_count
        )
        if bound and indicator.code in values:
            parts.append(_missed(indicator, values[indicator.code], year))
    judged = pl.concat(parts) if parts else pl.DataFrame()
    if judged.is_empty():
        return empty("shortfalls")
    units = country.units[level]
    judged = judged.with_columns(
        unit=units["code"].gather(judged["place"]), population=units["population"].gather(judged["place"]), level=pl.lit(level),
        **_OTHERS,
    )  # fmt: skip
    return find_shortfalls(judged, year)


def _missed(indicator: Indicator, values: Values, year: int) -> pl.DataFrame:
    """The units that miss the standard of one indicator, by their ``place``, with all that their urgency depends on."""
    told = standards((indicator,), year)
    enough = values.judged if values.judged is not values.compared else None
    frame = pl.DataFrame(
        {"value": values.value, "compared": values.compared}, nan_to_null=True
    ).with_row_index("place")
    if enough is not None:
        frame = frame.filter(pl.Series(np.isfinite(enough)))
    fixed = {name: pl.lit(told[name][0], dtype=dtype) for name, dtype in told.schema.items()}
    frame = against_standards(frame.with_columns(**fixed)).filter(pl.any_horizontal(BY_STANDARD))
    return frame.with_columns(**_peers(values), **_interval_columns(indicator, values, frame["place"]))


def _peers(values: Values) -> dict[str, pl.Expr]:
    """The ends and the middle of the peers, where there are enough."""
    judged = pl.Series(values.judged).fill_nan(None)
    some = judged.len() - judged.null_count() >= MINIMUM_PEERS
    parts = {"peer_low": judged.min(), "peer_median": judged.median(), "peer_high": judged.max()}
    return {name: pl.lit(value if some else None, dtype=pl.Float64) for name, value in parts.items()}


def _interval_columns(
    indicator: Indicator, values: Values, places: pl.Series
) -> dict[str, pl.Series | pl.Expr]:
    """The ends of the values' intervals, for whether a miss may be chance; null where there is no interval."""
    if values.numerator is None or values.denominator is None:
        nothing = pl.lit(None, dtype=pl.Float64)
        return {"value_low": nothing, "value_high": nothing}
    at = places.to_numpy()
    pairs = pl.DataFrame(
        {"numerator": values.numerator[at], "denominator": values.denominator[at]}, nan_to_null=True
    )
    told = with_intervals(pairs, indicator.interval, getattr(indicator.measure, "scale", 1.0))
    return {"value_low": told["low"], "value_high": told["high"]}
