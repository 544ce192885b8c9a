"""The risk of a place (安全风险): what the ledger says of safety, weighed by degree and spread over the ground.

One rule, simple enough to be said in a sentence: every thing with a problem of safety counts by its gravest degree
(一般 1, 较严重 2, 严重 3, 非常严重 4), twice where the indicator is 底线型; the index of a unit is the sum over its
square kilometres. Levels are relative: their limits are percentiles of the index over all units of a level in
the year, so that they tell which places come first, not whether a place is safe.
"""

from __future__ import annotations

import numpy as np
import polars as pl

DEGREES = ("一般", "较严重", "严重", "非常严重")
WEIGHTS = {degree: float(i) for i, degree in enumerate(DEGREES, 1)}
SEVERITY_WEIGHTS = {"黄": 1.0, "橙": 2.0, "红": 3.0}
BASELINE_FACTOR = 2.0
WORD = "安全"
LEVELS = (
    "低风险",
    "一般风险",
    "较大风险",
    "重大风险",
)  # the four colours 蓝黄橙红 of China's safety authorities
NONE_FOUND = "未发现"
PERCENTILES = (50, 80, 95)
_DIGITS = 2  # of a limit: enough to be said


def safety_indicators(indicators: pl.DataFrame) -> list[str]:
    """Codes of the counts that are about safety: their dimension, aspect or name says 安全."""
    says = pl.any_horizontal(
        pl.col(c).fill_null("").str.contains(WORD, literal=True) for c in ("dimension", "aspect", "name")
    )
    return indicators.filter((pl.col("method") == "count") & says)["code"].to_list()


def risk_of_units(
    ledger: pl.DataFrame,
    indicators: pl.DataFrame,
    measurements: pl.DataFrame,
    units: pl.DataFrame,
    level: str,
    codes: list[str] | None = None,
) -> pl.DataFrame:
    """One row for each unit of ``level`` that was examined for safety; ``index`` in points per km².

    ``codes``: counts to examine instead of those of safety, as a topic (专项) names them. Examined is who has a thing in the
    ledger or a measured count of them; others have no row. ``index`` is null where the area is not known. ``worst`` is the indicator with most points; degree columns count things. ``units`` needs
    ``area_km2``. Lines that do not say the unit of this level are not in it.
    """
    codes = safety_indicators(indicators) if codes is None else codes
    of = units.filter(pl.col("level") == level)
    at = level if level in ("town", "community") else "unit"
    things = _things(ledger, indicators, codes, at)
    measured = measurements.filter(
        pl.col("indicator").is_in(codes)
        & pl.col("value").is_not_null()
        & pl.col("unit").is_in(of["code"].to_list())
    )
    known = pl.concat([measured.select("unit"), things.select("unit")]).unique()
    degrees = [(pl.col("degree") == d).sum().cast(pl.Int64).alias(d) for d in DEGREES]
    summed = things.group_by("unit").agg(
        pl.col("points").sum(),
        pl.len().cast(pl.Int64).alias("things"),
        pl.col("baseline").sum().cast(pl.Int64),
        *degrees,
    )
    worst = (
        things.group_by("unit", "indicator")
        .agg(pl.col("points").sum())
        .sort(["unit", "points", "indicator"], descending=[False, True, False])
        .unique("unit", keep="first", maintain_order=True)
        .select("unit", worst="indicator")
    )
    frame = (
        of.select(unit="code", area="area_km2")
        .join(known, on="unit", how="semi")
        .join(summed, on="unit", how="left")
        .join(worst, on="unit", how="left")
        .with_columns(pl.col("points", "things", "baseline", *DEGREES).fill_null(0))
        .with_columns(index=pl.when(pl.col("area") > 0).then(pl.col("points") / pl.col("area")))
    )
    return frame.select("unit", "points", "index", "things", "baseline", *DEGREES, "worst").sort(
        ["index", "points", "unit"], descending=[True, True, False], nulls_last=True
    )


def severity_of_units(
    problems: pl.DataFrame,
    indicators: pl.DataFrame,
    measurements: pl.DataFrame,
    units: pl.DataFrame,
    level: str,
    codes: list[str],
) -> pl.DataFrame:
    """The same for indicators that count nothing (rates, coverage), whose problems are no things on the ground.

    ``index`` is the mean over the indicators with a value of what the unit's own rows of the list of problems count (黄 1,
    橙 2, 红 3, none 0), twice where the indicator is 底线型. Columns unit, points, index, things (listed problems), baseline,
    worst, the highest index first. Units without any value have no row.
    """
    of = units.filter(pl.col("level") == level).select(unit="code")
    kinds = indicators.select(indicator="code", baseline=pl.col("kind") == "baseline")
    mine = pl.col("indicator").is_in(codes)
    weight = pl.col("severity").replace_strict(SEVERITY_WEIGHTS, default=1.0, return_dtype=pl.Float64)
    listed = (
        problems.filter(mine)
        .join(kinds, on="indicator", how="left", maintain_order="left")
        .with_columns(points=weight * pl.when("baseline").then(BASELINE_FACTOR).otherwise(1.0))
        .sort(["unit", "points", "indicator"], descending=[False, True, False])
        .group_by("unit", maintain_order=True)
        .agg(
            pl.col("points").sum(),
            pl.len().cast(pl.Int64).alias("things"),
            pl.col("baseline").sum().cast(pl.Int64),
            pl.col("indicator").first().alias("worst"),
        )
    )
    measured = measurements.filter(mine & pl.col("value").is_not_null()).group_by("unit").len("measured")
    return (
        of.join(measured, on="unit", how="inner")
        .join(listed, on="unit", how="left")
        .with_columns(pl.col("points", "things", "baseline").fill_null(0))
        .with_columns(index=pl.col("points") / pl.col("measured"))
        .select("unit", "points", "index", "things", "baseline", "worst")
        .sort(["index", "points", "unit"], descending=[True, True, False])
    )


def _things(ledger: pl.DataFrame, indicators: pl.DataFrame, codes: list[str], at: str) -> pl.DataFrame:
    """unit, indicator, thing with points, degree and baseline: a thing that breaks several sub-rules counts by the gravest."""
    kinds = indicators.select("code", baseline=pl.col("kind") == "baseline")
    weight = pl.col("degree").replace_strict(WEIGHTS, default=1.0, return_dtype=pl.Float64)
    return (
        ledger.filter(pl.col("indicator").is_in(codes) & pl.col(at).is_not_null())
        .with_columns(
            unit=pl.col(at), weight=weight, thing=pl.coalesce("thing", pl.col("line").cast(pl.String))
        )
        .sort("weight", descending=True, maintain_order=True)
        .unique(["unit", "indicator", "thing"], keep="first", maintain_order=True)
        .join(kinds, left_on="indicator", right_on="code", how="left", maintain_order="left")
        .with_columns(points=pl.col("weight") * pl.when("baseline").then(BASELINE_FACTOR).otherwise(1.0))
        .select("unit", "indicator", "thing", "points", "degree", "baseline")
    )


def limits_of(index: pl.Series) -> tuple[float, ...]:
    """Where the upper three levels begin: percentiles of the index of all units that have any, at two digits.

    Fewer where percentiles coincide; none where no unit has any.
    """
    known = index.drop_nulls().filter(index.drop_nulls() > 0).to_numpy()
    if not len(known):
        return ()
    found = [_rounded(float(v)) for v in np.percentile(known, PERCENTILES)]
    return tuple(dict.fromkeys(found))


def _rounded(value: float) -> float:
    digits = _DIGITS - 1 - int(np.floor(np.log10(value)))
    return float(round(value, digits))


def level_of(index: float | None, limits: tuple[float, ...]) -> int | None:
    """0 nothing found, 1 低风险 … up to 1 + the number of limits; None without an index."""
    if index is None:
        return None
    return 0 if index <= 0 else 1 + int(np.searchsorted(limits, index, side="right"))
