"""What was changed as an outlier (异常值处理记录): which indicator at which level, how many values, the shape before and after."""

from __future__ import annotations

import numpy as np
import polars as pl

from ..settings.scheme import Scoring
from .base import floats_of
from .outliers import shape_of
from .score import usable
from .values import denominate

TREATMENTS_SCHEMA = {
    "indicator": pl.String, "level": pl.String, "method": pl.String, "units": pl.Int64, "changed": pl.Int64,
    "skew_before": pl.Float64, "skew_after": pl.Float64, "kurtosis_before": pl.Float64, "kurtosis_after": pl.Float64,
}  # fmt: skip


def treatments(
    scores: pl.DataFrame, measurements: pl.DataFrame, units: pl.DataFrame, scheme: Scoring
) -> pl.DataFrame:
    """One row for each indicator and level of which a value was treated, sorted; empty where none was.

    Skew and excess kurtosis are the sample ones, by which treatment is decided (:func:`~.outliers.needs_treatment`), of
    this year's values of the level.
    """
    touched = scores.filter(pl.col("treated")).select("indicator", "level").unique()
    raw = measurements.select(
        "unit", "indicator", "basis", _value=usable(scheme), _amount=usable(scheme, "value")
    )
    rows = (
        scores.join(touched, on=["indicator", "level"], how="semi")
        .join(raw, on=["unit", "indicator"], how="left")
        .join(units.select("population", "area_km2", unit="code"), on="unit", how="left")
        .sort("indicator", "level", "unit")
    )
    told = [
        _told(str(code), str(level), group, scheme)
        for (code, level), group in rows.group_by(["indicator", "level"], maintain_order=True)
    ]
    return pl.DataFrame(told, schema=TREATMENTS_SCHEMA, orient="row")


def _told(code: str, level: str, group: pl.DataFrame, scheme: Scoring) -> tuple[object, ...]:
    """The row of one indicator at one level."""
    own = scheme.indicators.get(code)
    value, amount, people, area, basis, scaled = (
        floats_of(group[c]) for c in ("_value", "_amount", "population", "area_km2", "basis", "scaled")
    )
    before = denominate(amount, people, area, own.per, basis) if own and own.per else value
    treated = group["treated"].to_numpy()
    after = np.where(treated, scaled, before)
    (skew, kurtosis), (skew_after, kurtosis_after) = shape_of(before), shape_of(after)
    method = (own.outliers if own else None) or scheme.outliers.method
    return (code, level, method, int((~np.isnan(before)).sum()), int(treated.sum()), skew, skew_after, kurtosis,
            kurtosis_after)  # fmt: skip
