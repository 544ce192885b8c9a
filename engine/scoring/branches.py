"""The scored tree of one level as arrays (得分树): indicators by dimension, dimensions in the total, what residents say.

Read from finished frames; who wants totals of other scores (:mod:`tijian.engine.analysis.whatif`) or under other weights
(:mod:`.drawn`) repeats only the last two steps of scoring.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise

import numpy as np
import polars as pl

from .base import Bools, Floats, Integers, floats_of
from .means import Means
from .tree import TOTAL


@dataclass(frozen=True)
class Branches:
    """One level: u units, k indicators (side by side by dimension), d dimensions.

    ``scores`` (u, k), NaN missing; ``columns`` which indicators are a dimension's; ``weights`` (k,) of an indicator in its
    dimension, ``dimension_weights`` (d,) in the total; ``perceived`` (u, d) the residents' view, NaN where not asked;
    ``held`` (u, d) which dimensions have a score in the frames, ``scored`` (u,) which units a total.
    """

    level: str
    units: tuple[str, ...]
    codes: tuple[str, ...]
    dimensions: tuple[str, ...]
    columns: tuple[slice, ...]
    scores: Floats
    weights: Floats
    dimension_weights: Floats
    perceived: Floats
    held: Bools
    scored: Bools

    def dimension_scores(self, scores: Floats, rows: Integers, means: Means) -> Floats:
        """The dimensions (r, d) of edited ``scores`` (r, k); ``rows`` (r,) says which unit each row is of."""
        mean = means.indicators.over(means.minimum_present)
        objective = [mean(scores[:, own], self.weights[own])[0] for own in self.columns]
        return means.blend(np.column_stack(objective), self.perceived[rows])

    def totals(self, scores: Floats, rows: Integers, means: Means) -> Floats:
        """The totals (r,) of edited ``scores`` (r, k)."""
        mean = means.dimensions.over(means.minimum_present)
        return mean(self.dimension_scores(scores, rows, means), self.dimension_weights)[0]


def branches_of(frames: dict[str, pl.DataFrame], level: str) -> Branches | None:
    """One level of the frames scores, dimensions, totals and weights; None where nothing of the level was scored.

    Units are sorted by code; dimensions and indicators stand as in ``weights``.
    """
    here = {name: frames[name].filter(level=level) for name in ("scores", "dimensions", "totals", "weights")}
    if here["totals"].is_empty():
        return None
    units = here["totals"].sort("unit").select("unit", scored=pl.col("score").is_not_null())
    tops = here["weights"].filter(parent=TOTAL)
    names = tuple(tops["child"])
    leaves = [here["weights"].filter(parent=name).select("child", "weight") for name in names]
    ends = np.cumsum([0, *(leaf.height for leaf in leaves)])
    codes = tuple(code for leaf in leaves for code in leaf["child"])
    return Branches(
        level=level, units=tuple(units["unit"]), codes=codes, dimensions=names,
        columns=tuple(slice(int(a), int(b)) for a, b in pairwise(ends)),
        scores=_matrix(here["scores"], "indicator", "score", units, codes),
        weights=np.concatenate([leaf["weight"].to_numpy() for leaf in leaves]),
        dimension_weights=tops["weight"].to_numpy(),
        perceived=_matrix(here["dimensions"], "dimension", "perceived", units, names),
        held=~np.isnan(_matrix(here["dimensions"], "dimension", "score", units, names)),
        scored=units["scored"].to_numpy(),
    )  # fmt: skip


def _matrix(
    frame: pl.DataFrame, on: str, value: str, units: pl.DataFrame, columns: tuple[str, ...]
) -> Floats:
    """``value`` as (units, columns); NaN where there is no row or no value."""
    wide = frame.pivot(on=on, index="unit", values=value)
    rows = units.select("unit").join(wide, on="unit", how="left", maintain_order="left")
    there = [pl.col(c) if c in wide.columns else pl.lit(None).alias(c) for c in columns]
    return floats_of(rows.select(there))
