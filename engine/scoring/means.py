"""The means of a scheme (综合口径): how indicators become a dimension, a dimension meets the residents' view, and
dimensions become the total."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from ..settings.scheme import Scoring
from .aggregate import (
    AGGREGATES,
    MINIMUM_PRESENT,
    POWER,
    ZERO_FLOOR,
    Transform,
    aggregation,
    transform_of,
)
from .base import Floats


@dataclass(frozen=True)
class Mean:
    """A way to aggregate: its name in AGGREGATES, the exponent of the generalised mean, the floor of zero scores."""

    name: str = "arithmetic"
    power: float = POWER
    zero_floor: float = ZERO_FLOOR

    @property
    def transform(self) -> Transform | None:
        """f and f⁻¹; None for the median, which is no quasi-arithmetic mean. Raises ValueError for an unknown name."""
        AGGREGATES.choose(self.name)
        return (
            None
            if self.name == "median"
            else transform_of(self.name, power=self.power, zero_floor=self.zero_floor)
        )

    def over(self, minimum_present: float) -> Callable[[Floats, Floats], tuple[Floats, Floats]]:
        """(scores (n, k), weights (k,)) → (means (n,), weight present (n,)); NaN where less than the minimum is there."""
        return aggregation(
            self.name, power=self.power, zero_floor=self.zero_floor, minimum_present=minimum_present
        )

    def of(self, scores: Floats, weights: Floats) -> Floats:
        """The means (n,) of rows of scores (n, k) over whatever is there, under one set of weights (k,)."""
        return self.over(0.0)(scores, weights)[0]


@dataclass(frozen=True)
class Means:
    """All of a scheme's means, the residents' share of a dimension, and the weight that must be present (0–1)."""

    indicators: Mean = Mean()
    dimensions: Mean = Mean()
    perceived_share: float = 0.2
    minimum_present: float = MINIMUM_PRESENT

    def blend(self, objective: Floats, perceived: Floats) -> Floats:
        """Objective scores with the residents' view where there is one (NaN: not asked); of shapes that broadcast."""
        asked = ~np.isnan(perceived)
        if not asked.any():
            return objective
        share = self.perceived_share
        return np.where(asked, objective * (1 - share) + perceived * share, objective)


def means_of(scheme: Scoring) -> Means:
    """The means that ``scheme`` says."""
    inner, outer = (
        Mean(name, scheme.power, scheme.zero_floor)
        for name in (scheme.aggregate_indicators, scheme.aggregate_dimensions)
    )
    least = 1.0 if scheme.missing == "refuse" else scheme.minimum_present  # refuse: 缺一项即不出分
    return Means(inner, outer, scheme.perceived_share, least)
