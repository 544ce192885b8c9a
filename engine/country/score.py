"""Scores of a country (全国计分): the scheme of an ordinary year, for all units of a level at once.

Indicators go to :func:`~..scoring.wide.score_wide` as they are where it scales them itself (min-max), and else as scores
from :func:`~..scoring.values.score_values`, which knows every rule; from there on all are the same. Nobody is asked
for satisfaction over a whole country, so a dimension is what its indicators say.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from ...indicators.model import Indicator
from ..scoring.base import Floats
from ..scoring.values import MINIMUM_PEERS, score_values, steps
from ..scoring.values import goalposts as goalposts_of
from ..scoring.wide import Goalposts, Wide, score_wide
from ..settings.scheme import OneIndicator, Scoring
from .units import CountryError
from .values import Values


@dataclass(frozen=True)
class Scored:
    """``dimensions``: dimension → scores (units,); ``total`` and ``rank`` (units,). NaN where there is none."""

    dimensions: dict[str, Floats]
    total: Floats
    rank: Floats


def check_scheme(scheme: Scoring) -> None:
    """Raises CountryError for a choice that takes more than one pass over a country's values."""
    ways = ("equal", "given")
    asked = [
        ("weights", scheme.weights, scheme.weights in ways),
        ("weights_dimensions", scheme.weights_dimensions, scheme.weights_dimensions in ways),
        ("aggregate_indicators", scheme.aggregate_indicators, scheme.aggregate_indicators == "arithmetic"),
        ("aggregate_dimensions", scheme.aggregate_dimensions, scheme.aggregate_dimensions == "arithmetic"),
        ("missing", scheme.missing, scheme.missing == "reweight"),
        ("panel", scheme.panel, scheme.panel == "year"),
        ("shrink", "true", not scheme.shrink),
        ("indicators.per", "…", all(own.per is None for own in scheme.indicators.values())),
    ]
    refused = [f"{name} = {value}" for name, value, fine in asked if not fine]
    if refused:
        raise CountryError(
            f"对全国计分不能用 {'、'.join(refused)}；可用等权或给定权重、算术平均、缺项重新分配权重"
        )


def score_level(
    indicators: Sequence[Indicator],
    values: Mapping[str, Values],
    names: Sequence[str],
    scheme: Scoring,
    year: int,
) -> Scored:
    """Dimensions, total and rank of the units of one level; ``names`` are the dimensions in order.

    ``values`` has the indicators of the level. Raises CountryError where there is none.
    """
    here = [i for i in indicators if i.code in values]
    if not here:
        raise CountryError("没有一项指标在这一级评价")
    prepared = [_prepared(i, values[i.code].judged, scheme, year) for i in here]
    dimensions = [name for name in names if any(i.dimension == name for i in here)]
    given = scheme.dimension_weights if scheme.weights_dimensions == "given" else {}
    wide: Wide = score_wide(
        [column for column, _, _ in prepared],
        weights=[i.weight if scheme.weights == "given" else 1.0 for i in here],
        dimensions=[i.dimension for i in here],
        dimension_weights={name: given.get(name, 1.0) for name in dimensions},
        directions=[direction for _, direction, _ in prepared],
        goalposts=[posts for _, _, posts in prepared],
        minimum_present=scheme.minimum_present,
    )
    return Scored(dict(zip(dimensions, wide.dimensions.T, strict=True)), wide.total, wide.rank)


def _prepared(
    indicator: Indicator, judged: Floats, scheme: Scoring, year: int
) -> tuple[Floats, str, Goalposts]:
    """What of an indicator is scaled by min-max, which way is better, and between which ends."""
    standard = indicator.standard_in(year)
    own = scheme.indicators.get(indicator.code, OneIndicator())
    first = next(steps(indicator, standard, scheme), None)
    capped = indicator.kind == "baseline" and standard is not None and standard.floor is not None
    plain = (own.outliers or scheme.outliers.method) == "none" and not capped
    if first is None or first.method not in ("minmax", "goalposts") or not plain:
        return score_values(judged, indicator, standard, scheme).scores, "higher", (0.0, 100.0)
    if first.peers and np.count_nonzero(~np.isnan(judged)) < MINIMUM_PEERS:
        return np.full(len(judged), np.nan), "higher", (None, None)
    name = own.scale or scheme.scale
    return judged, indicator.direction, goalposts_of(standard if name == "minmax" else None, own)
