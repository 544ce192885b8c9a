"""How sure a measured value is (指标值的偶然性): its 95 % interval, what it rests on, and whether that is enough.

Which interval applies is said by the definition (``Indicator.interval``): wilson for shares of things that fail one by
one, poisson for things that happen, survey for means of answers, none for what was examined in full. All are in the unit
of ``compared``.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

import numpy as np
import polars as pl

from ...indicators.fields import LevelName
from ...indicators.model import Indicator, Interval
from ..results import TOO_FEW
from ..scoring.base import Floats
from .differences import KINDS, standard_error
from .intervals import interval_poisson, interval_wilson
from .shrinkage import shrink_cases, shrink_means


def with_intervals(rolled: pl.DataFrame, kind: Interval, scale: float) -> pl.DataFrame:
    """``rolled`` with uncertainty, low, high and size, from its numerators and denominators.

    ``scale`` is what their quotient was multiplied by. A row without components, or whose numerator is no count of cases
    (below zero, or above the denominator of a share), has no interval: its uncertainty is null, as not known. Survey
    means get theirs from the answers (:func:`with_survey_intervals`).
    """
    x, n = (
        rolled[name].cast(pl.Float64).fill_null(np.nan).to_numpy() for name in ("numerator", "denominator")
    )
    usable = (x >= 0) & (n > 0) & ((x <= n) if kind == "wilson" else True)
    low, high = np.full(len(x), np.nan), np.full(len(x), np.nan)
    if kind in ("wilson", "poisson"):
        function = interval_wilson if kind == "wilson" else interval_poisson
        low[usable], high[usable] = function(x[usable], n[usable])
    known = pl.Series(usable) if kind in ("wilson", "poisson") else pl.lit(True)
    return rolled.with_columns(
        uncertainty=pl.when(known).then(pl.lit(kind)),
        low=pl.Series(low * scale, dtype=pl.Float64).fill_nan(None),
        high=pl.Series(high * scale, dtype=pl.Float64).fill_nan(None),
        size=pl.when(known & (pl.lit(kind) != "none")).then(pl.col("denominator")),
    )


def with_survey_intervals(
    measurements: pl.DataFrame, survey: pl.DataFrame, indicators: Iterable[Indicator]
) -> pl.DataFrame:
    """The measurements of ``survey`` indicators with the interval of their question and its effective answers."""
    asked = pl.DataFrame(
        [(i.code, i.measure.question) for i in indicators if i.measure.method == "survey"],
        schema={"indicator": pl.String, "question": pl.String}, orient="row",
    )  # fmt: skip
    known = asked.join(
        survey.select("unit", "question", _low="low", _high="high", _size="effective"), on="question"
    ).drop("question")
    return (
        measurements.join(known, on=["unit", "indicator"], how="left", maintain_order="left")
        .with_columns(
            low=pl.coalesce("_low", "low"),
            high=pl.coalesce("_high", "high"),
            size=pl.coalesce("_size", "size"),
        )
        .drop("_low", "_high", "_size")
    )


def with_shrunk(measurements: pl.DataFrame) -> pl.DataFrame:
    """``measurements`` with shrunk: the empirical-Bayes estimate of compared among the units of its level.

    Null where there is no interval, and so nothing by which to tell how far a value may be trusted.
    """
    parts = [
        group.with_columns(shrunk=pl.Series(_shrunk(group), dtype=pl.Float64).fill_nan(None))
        for _, group in measurements.group_by(["indicator", "level"], maintain_order=True)
    ]
    return pl.concat(parts) if parts else measurements.with_columns(shrunk=pl.lit(None, dtype=pl.Float64))


def _shrunk(group: pl.DataFrame) -> Floats:
    """The estimates of one indicator at one level, in the unit of compared."""
    columns = ("numerator", "denominator", "compared", "low", "high", "size")
    x, n, compared, low, high, size = (
        group[c].cast(pl.Float64).fill_null(np.nan).to_numpy() for c in columns
    )
    kind = next((k for k in group["uncertainty"] if k is not None), None)
    if kind == "survey":
        return shrink_means(compared, standard_error(low, high, size))
    if kind not in KINDS:
        return np.full(len(x), np.nan)
    x, n = np.where(np.isnan(low), np.nan, x), np.where(np.isnan(low), np.nan, n)
    scales = (compared * n)[x > 0] / x[x > 0]  # the same for all
    return shrink_cases(x, n, KINDS[kind]) * (scales[0] if len(scales) else np.nan)


def mark_small(
    measurements: pl.DataFrame,
    indicators: Iterable[Indicator],
    overrides: Mapping[str, dict[LevelName, float]],
    minimum_answers: int,
) -> pl.DataFrame:
    """``measurements`` with the note 样本不足 where a value rests on too little to be judged: kept, listed, not scored.

    Too little is a denominator under the least of the project or else of the definition, and for surveys fewer answers
    than ``minimum_answers`` (``rows``).
    """
    least = [
        (i.code, level, float(value))
        for i in indicators
        for level, value in (dict(i.minimum) | dict(overrides.get(i.code, {}))).items()
    ]
    asked = [i.code for i in indicators if i.measure.method == "survey"]
    schema = {"indicator": pl.String, "level": pl.String, "_least": pl.Float64}
    few = (pl.col("indicator").is_in(asked) & (pl.col("rows") < minimum_answers)) | (
        pl.col("denominator") < pl.col("_least")
    ).fill_null(False)
    return (
        measurements.join(
            pl.DataFrame(least, schema=schema, orient="row"), on=["indicator", "level"], how="left",
            maintain_order="left",
        )
        .with_columns(note=pl.when(few).then(pl.lit(TOO_FEW)).otherwise(pl.col("note")))
        .drop("_least")
    )  # fmt: skip
