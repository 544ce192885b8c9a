"""Scores of indicators (单项计分): measurements → one score per unit and indicator, with grades and ranks.

The arithmetic is in the other modules of this room; here it is applied level by level to frames. A score is a
unit's against the standard where there is one (``anchors``), else against its peers of the same level
(``minmax``); the district itself, which has no peers, takes the population-weighted mean of its towns' scores
for indicators that have no standard. What can be judged by none of these is 未评价 and carries no weight.
"""

from __future__ import annotations

import numpy as np
import polars as pl

from ...indicators.model import Indicator, Standard
from ..results import TOO_FEW, conform
from ..scheme import Scoring
from .grade import grade
from .scale import scale_anchors, scale_band, scale_minmax

MINIMUM_PEERS = 3
BASELINE_CAP = 59.0  # a 底线型 indicator below its floor cannot pass, however near it is
FAILED_BASELINE = "低于底线"
NATURAL = {"%": (0.0, 100.0)}  # a share cannot be better than all of it, nor worse than none of it


def score_indicators(
    measurements: pl.DataFrame,
    units: pl.DataFrame,
    indicators: tuple[Indicator, ...],
    scheme: Scoring,
    year: int,
    satisfaction: pl.DataFrame,
    previous: pl.DataFrame,
) -> pl.DataFrame:
    """The frame ``scores``: one row for each unit and indicator of its level, measured or not.

    ``satisfaction`` has unit, question, score; ``previous`` last year's measurements (may be empty).
    """
    expected = _expected(units, indicators, year)
    rows = expected.join(
        measurements.select("unit", "indicator", "value", "compared", "basis", "note"),
        on=["unit", "indicator"],
        how="left",
    ).with_columns(
        usable=usable(scheme),
        note=pl.when(pl.col("value").is_null()).then(pl.lit("无数据")).otherwise(pl.col("note")),
    )
    by_code = {i.code: i for i in indicators}
    parts = [
        _score_group(group, by_code[str(code)], scheme, year)
        for (code, _), group in rows.group_by(["indicator", "level"], maintain_order=True)
    ]
    scored = _district_from_towns(pl.concat(parts), units)
    scored = scored.with_columns(grade_column(scored["score"], scheme))
    scored = _with_district(scored)
    scored = _with_previous(scored, previous, by_code)
    scored = _with_satisfaction(scored, satisfaction, by_code)
    return conform("scores", scored.drop("usable", "basis", "direction")).sort("indicator", "unit")


def usable(scheme: Scoring) -> pl.Expr:
    """The compared value of a measurement where it may be judged: enough people behind it, enough answers."""
    enough = (pl.col("basis") >= scheme.minimum_basis) & pl.col("note").ne_missing(TOO_FEW)
    return pl.when(enough).then(pl.col("compared"))


def _expected(units: pl.DataFrame, indicators: tuple[Indicator, ...], year: int) -> pl.DataFrame:
    """Every unit × indicator that could have a value."""
    meta = pl.DataFrame(
        [(i.code, i.dimension, i.direction, i.weight, level) for i in indicators for level in i.levels],
        schema={"indicator": pl.String, "dimension": pl.String, "direction": pl.String, "weight": pl.Float64, "level": pl.String}, orient="row",
    )  # fmt: skip
    return (
        units.select("level", unit="code")
        .join(meta, on="level")
        .with_columns(year=pl.lit(year, dtype=pl.Int64))
        .sort("indicator", "level", "unit")
    )


def _score_group(group: pl.DataFrame, indicator: Indicator, scheme: Scoring, year: int) -> pl.DataFrame:
    """Score, rank and peers' spread of one indicator at one level."""
    values = group["usable"].cast(pl.Float64).fill_null(float("nan")).to_numpy()
    standard = indicator.standard_in(year)
    scores, method = score_values(values, indicator, standard, scheme)
    present = values[~np.isnan(values)]
    peers = len(present)
    q = np.quantile(present, [0, 0.25, 0.5, 0.75, 1]) if peers >= MINIMUM_PEERS else [None] * 5
    rank = _ranks(values, scores, indicator)
    failed = below_floor(values, indicator, standard) & (indicator.kind == "baseline")
    return group.with_columns(
        pl.Series("score", scores).fill_nan(None),
        note=pl.when(pl.Series(failed)).then(pl.lit(FAILED_BASELINE)).otherwise(pl.col("note")),
        method=pl.lit(method),
        rank=pl.Series(rank, dtype=pl.Int64) if peers >= MINIMUM_PEERS else pl.lit(None, dtype=pl.Int64),
        peers=pl.lit(peers, dtype=pl.Int64),
        peer_low=pl.lit(q[0], dtype=pl.Float64), peer_q1=pl.lit(q[1], dtype=pl.Float64),
        peer_median=pl.lit(q[2], dtype=pl.Float64), peer_q3=pl.lit(q[3], dtype=pl.Float64),
        peer_high=pl.lit(q[4], dtype=pl.Float64),
    )  # fmt: skip


def score_values(
    values: np.ndarray, indicator: Indicator, standard: Standard | None, scheme: Scoring
) -> tuple[np.ndarray, str]:
    """(scores 0–100, method) of one indicator's values over the units of one level; NaN stays NaN."""
    direction = indicator.direction
    if direction == "within":
        scores = np.full(len(values), np.nan) if standard is None else _scale_within(values, standard)
        return scores, "none" if standard is None else "band"
    if (
        standard is not None
        and scheme.scale == "minmax"
        and standard.best is not None
        and standard.worst is not None
    ):
        return scale_minmax(values, direction=direction, low=min(standard.best, standard.worst),
                            high=max(standard.best, standard.worst)), "goalposts"  # fmt: skip
    if standard is not None and scheme.scale == "anchors":
        anchors = _anchors(standard, indicator)
        if anchors is not None:
            scores = scale_anchors(values, direction=direction, **anchors)
            return _cap(scores, values, indicator, standard, 1.0), "anchors"
    enough = np.count_nonzero(~np.isnan(values)) >= MINIMUM_PEERS
    if enough:
        scores = scale_minmax(values, direction=direction)
        return _cap(scores, values, indicator, standard, BASELINE_CAP / 100.0), "minmax"
    return np.full(len(values), np.nan), "none"


def _cap(
    scores: np.ndarray, values: np.ndarray, indicator: Indicator, standard: Standard | None, shrink: float
) -> np.ndarray:
    """底线型: whoever is below the floor has at most 59 points, and whoever is not passes.

    Where peers set the scale (a floor of zero says what is right, not how bad the rest is), those below the floor
    are spread over 0–59 (``shrink``) instead of being pressed against the cap, and those without fault have 100.
    """
    if indicator.kind != "baseline" or standard is None or standard.floor is None:
        return scores
    failed = below_floor(values, indicator, standard)
    capped = np.minimum(scores * shrink, BASELINE_CAP)
    whole = np.where(np.isnan(values), np.nan, 100.0) if shrink < 1.0 else scores
    return np.where(failed, capped, whole)


def _scale_within(values: np.ndarray, standard: Standard) -> np.ndarray:
    """适度: the band of the standard, which may be open on one side."""
    if standard.low is None:
        return scale_anchors(values, direction="lower", best=standard.high)
    if standard.high is None:
        return scale_anchors(values, direction="higher", best=standard.low)
    return scale_band(values, low=standard.low, high=standard.high)


def _anchors(standard: Standard, indicator: Indicator) -> dict[str, float | None] | None:
    """The anchors to score by; None when the standard does not fix a scale, so that peers decide.

    A share has natural ends (0 and 100 %): they stand in for a best or worst that the standard does not give. A
    limit of zero alone (清零) says what is right, not how bad the rest is: it fixes no scale.
    """
    anchors = {
        "worst": standard.worst,
        "floor": standard.floor,
        "target": standard.target,
        "best": standard.best,
    }
    if standard.floor is None and standard.target is None and standard.best is None:
        return None
    if indicator.unit in NATURAL:
        low, high = NATURAL[indicator.unit]
        best, worst = (high, low) if indicator.direction == "higher" else (low, high)
        anchors["best"] = best if anchors["best"] is None else anchors["best"]
        anchors["worst"] = worst if anchors["worst"] is None else anchors["worst"]
    return anchors if any(anchors.values()) else None


def below_floor(values: np.ndarray, indicator: Indicator, standard: Standard | None) -> np.ndarray:
    """Which values are worse than the standard's floor (底线); all False where there is none."""
    if standard is None or standard.floor is None:
        return np.zeros(len(values), dtype=bool)
    return values < standard.floor if indicator.direction == "higher" else values > standard.floor


def _ranks(values: np.ndarray, scores: np.ndarray, indicator: Indicator) -> list[int | None]:
    """1 for the best; equal values share the better place; missing values have none."""
    key = (
        scores
        if indicator.direction == "within"
        else (values if indicator.direction == "higher" else -values)
    )
    present = ~np.isnan(key)
    order = np.sort(key[present])[::-1]
    return [
        int(np.searchsorted(-order, -k, side="left")) + 1 if ok else None
        for k, ok in zip(key, present, strict=True)
    ]


def _district_from_towns(scored: pl.DataFrame, units: pl.DataFrame) -> pl.DataFrame:
    """The district's score, where no standard gives one, from its towns' scores by population (equally without)."""
    towns = units.filter(pl.col("level") == "town")
    weight = pl.col("population") if towns["population"].null_count() == 0 else pl.lit(1.0)
    means = (
        scored.filter((pl.col("level") == "town") & pl.col("score").is_not_null())
        .join(towns.select(unit="code", weight=weight), on="unit")
        .group_by("indicator")
        .agg(((pl.col("score") * pl.col("weight")).sum() / pl.col("weight").sum()).alias("from_towns"))
    )
    take = (pl.col("level") == "district") & (pl.col("method") == "none") & pl.col("usable").is_not_null()
    return (
        scored.join(means, on="indicator", how="left", maintain_order="left")
        .with_columns(
            score=pl.when(take).then(pl.col("from_towns")).otherwise(pl.col("score")),
            method=pl.when(take & pl.col("from_towns").is_not_null())
            .then(pl.lit("towns"))
            .otherwise(pl.col("method")),
        )
        .drop("from_towns")
    )


def _with_district(scored: pl.DataFrame) -> pl.DataFrame:
    """district_value: the district's comparable value of the same indicator."""
    district = scored.filter(pl.col("level") == "district").select("indicator", district_value="compared")
    return scored.join(district, on="indicator", how="left", maintain_order="left")


def _with_previous(
    scored: pl.DataFrame, previous: pl.DataFrame, by_code: dict[str, Indicator]
) -> pl.DataFrame:
    """previous, change and whether the change is for the better (null: none or not comparable)."""
    earlier = previous.select("unit", "indicator", previous="value", _previous_compared="compared")
    sign = pl.col("direction").replace_strict(
        {"higher": 1.0, "lower": -1.0, "within": None}, return_dtype=pl.Float64
    )
    # a table of earlier years gives bare values: they are compared with the value itself
    step = (
        pl.when(pl.col("_previous_compared").is_not_null())
        .then(pl.col("compared") - pl.col("_previous_compared"))
        .otherwise(pl.col("value") - pl.col("previous"))
    ) * sign
    return (
        scored.join(earlier, on=["unit", "indicator"], how="left", maintain_order="left")
        .with_columns(
            change=pl.col("value") - pl.col("previous"),
            improved=pl.when(step.abs() > 1e-9).then(step > 0),
        )
        .drop("_previous_compared")
    )


def _with_satisfaction(
    scored: pl.DataFrame, satisfaction: pl.DataFrame, by_code: dict[str, Indicator]
) -> pl.DataFrame:
    """satisfaction: the unit's score on the question the indicator is judged with, where enough people answered."""
    asked = pl.DataFrame(
        [(c, i.survey) for c, i in by_code.items()],
        schema={"indicator": pl.String, "question": pl.String},
        orient="row",
    )
    return (
        scored.join(asked, on="indicator", how="left", maintain_order="left")
        .join(
            satisfaction.filter(pl.col("note").is_null()).select("unit", "question", satisfaction="score"),
            on=["unit", "question"],
            how="left",
            maintain_order="left",
        )
        .drop("question")
    )


def grade_column(scores: pl.Series, scheme: Scoring) -> pl.Series:
    """The grades of a column of scores; null → 未评价."""
    values = scores.cast(pl.Float64).fill_null(float("nan")).to_numpy()
    return pl.Series("grade", grade(values, scheme.grades), dtype=pl.String)
