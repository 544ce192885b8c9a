"""Progress against dated targets (行动计划目标的进度): reached or not, how much is missing, on time or late, and whose it is.

A target is dated when its standard has ``by``. The pace is judged by the straight line from the base year's value to
the target at the end of the deadline's year, as action plans are reported on: with base value b in year t0, target T
in year t1, the value expected in year t is b + (T − b)·(t − t0)/(t1 − t0); a value at least that good is on time. The
base is the value of the standard's ``base_year`` where that is known, else of the earliest year there is a value of.

A run knows no clock: everything is as of the last day of the year examined, as in :mod:`..review.track`. A target that falls due on
that very day is due (本年底到期) and not overdue, whatever the pace; one that fell due before it and is not reached is overdue.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

import polars as pl

from ...indicators.model import Indicator
from ..results import SCHEMAS, conform, empty

REACHED, ON_TIME, LATE = "已达标", "按期推进", "进度滞后"
DUE, OVERDUE = "本年底到期（未达标）", "到期未达标"
UNKNOWN_PACE, NO_DATA = "未达标（无起点，进度不能判断）", "无数据"
PACES = (REACHED, ON_TIME, LATE, DUE, OVERDUE, UNKNOWN_PACE, NO_DATA)


def track_targets(
    scores: pl.DataFrame, indicators: Sequence[Indicator], earlier: pl.DataFrame, year: int
) -> pl.DataFrame:
    """The frame ``targets``: one row for each unit and dated target, measured or not, sorted as ``scores``.

    ``scores`` has a row for every unit and indicator of its level; ``earlier`` (year, unit, indicator, value) the
    values of years before ``year``.
    """
    dated = _dated(indicators, year)
    if dated.is_empty():
        return empty("targets")
    rows = scores.select("unit", "level", "indicator", "value").join(
        dated, on="indicator", how="inner", maintain_order="left"
    )
    rows = rows.join(
        _bases(earlier, dated, year), on=["unit", "indicator"], how="left", maintain_order="left"
    )
    sign = pl.when(pl.col("direction") == "lower").then(-1.0).otherwise(1.0)
    share = (year - pl.col("base_year")) / (pl.col("by").dt.year() - pl.col("base_year"))
    expected = pl.col("base_value") + (pl.col("target") - pl.col("base_value")) * share
    rows = rows.with_columns(
        met=(pl.col("value") - pl.col("target")) * sign >= 0,
        gap=((pl.col("target") - pl.col("value")) * sign).clip(lower_bound=0.0),
        expected=pl.when(pl.col("by").dt.year() > pl.col("base_year")).then(expected),
        _sign=sign,
    )
    return conform(
        "targets",
        rows.with_columns(year=pl.lit(year, dtype=pl.Int64), pace=_pace(year)).drop(
            "direction", "_sign", "_wanted"
        ),
    )


def _pace(year: int) -> pl.Expr:
    """In words; a target whose deadline has come and that is not reached is due or overdue, however near it is."""
    end = date(year, 12, 31)
    ahead = (pl.col("value") - pl.col("expected")) * pl.col("_sign") >= 0
    return (
        pl.when(pl.col("value").is_null()).then(pl.lit(NO_DATA))
        .when(pl.col("met")).then(pl.lit(REACHED))
        .when(pl.col("by") < end).then(pl.lit(OVERDUE))
        .when(pl.col("by") == end).then(pl.lit(DUE))
        .when(pl.col("expected").is_null()).then(pl.lit(UNKNOWN_PACE))
        .when(ahead).then(pl.lit(ON_TIME))
        .otherwise(pl.lit(LATE))
    )  # fmt: skip


def _dated(indicators: Sequence[Indicator], year: int) -> pl.DataFrame:
    """The dated targets in force in ``year``: indicator, direction, target, by, item, wanted base year, lead."""
    rows = []
    for indicator in indicators:
        standard = indicator.standard_in(year)
        if standard is None or standard.by is None or standard.target is None:
            continue
        rows.append((indicator.code, indicator.direction, standard.target, standard.by, standard.item,
                     standard.base_year, list(indicator.lead)))  # fmt: skip
    schema = {
        "indicator": pl.String, "direction": pl.String, "target": pl.Float64, "by": pl.Date, "item": pl.String,
        "_wanted": pl.Int64, "lead": SCHEMAS["targets"]["lead"],
    }  # fmt: skip
    return pl.DataFrame(rows, schema=schema, orient="row")


def _bases(earlier: pl.DataFrame, dated: pl.DataFrame, year: int) -> pl.DataFrame:
    """unit, indicator, base_year, base_value: the wanted year's value first, else the earliest."""
    return (
        earlier.filter((pl.col("year") < year) & pl.col("value").is_not_null())
        .join(dated.select("indicator", "_wanted"), on="indicator", how="inner")
        .sort((pl.col("year") != pl.col("_wanted")).fill_null(True), "year")
        .group_by("unit", "indicator", maintain_order=True)
        .agg(pl.col("year").first().alias("base_year"), pl.col("value").first().alias("base_value"))
    )
