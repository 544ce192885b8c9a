"""Scores of indicators (单项计分): measurements → one score per unit and indicator, with grades and ranks.

The arithmetic is in the other modules of this room; here it is applied level by level to frames. A score is a
unit's against the standard where there is one (``anchors``), else against its peers of the same level, by the scale
that the scheme names (:mod:`.values`); the district itself, which has no peers, takes the population-weighted mean of
its towns' scores for indicators that only peers can scale. What can be judged by none of these is 未评价 and carries no
weight, unless the scheme has gaps filled (:mod:`.missing`).
"""

from __future__ import annotations

import numpy as np
import polars as pl

from ...indicators.model import Indicator
from ..peers import everybody
from ..results import LEVELS, TOO_FEW, conform
from ..settings.scheme import OneIndicator, PerName, Scoring
from .base import floats_of
from .grade import grade
from .missing import fill_missing
from .values import MINIMUM_PEERS, NO_VALUES, below_floor, denominate, is_amount, score_values

WORKING = (
    "usable",
    "amount",
    "shrunk",
    "basis",
    "direction",
    "population",
    "area_km2",
)  # columns that are not of ``scores``
FAILED_BASELINE = "低于底线"
NO_SIZE = {"population": "缺人口数据", "per_10k": "缺人口数据", "area_km2": "缺面积数据"}


def score_indicators(
    measurements: pl.DataFrame,
    units: pl.DataFrame,
    indicators: tuple[Indicator, ...],
    scheme: Scoring,
    year: int,
    satisfaction: pl.DataFrame,
    previous: pl.DataFrame,
    earlier: pl.DataFrame | None = None,
) -> pl.DataFrame:
    """The frame ``scores``: one row for each unit and indicator of its level, measured or not.

    ``satisfaction`` has unit, question, score; ``previous`` last year's measurements (may be empty); ``earlier`` the
    values of all earlier years (year, unit, indicator, value), which the scheme's ``panel`` may ask for. ``units`` may have a column
    peer_group, whom each is compared with: all of its level where that is not said. Raises ValueError
    for an indicator denominated that is no amount, goalposts out of order, and a regression that does not settle.
    """
    expected = _expected(units, indicators, year)
    rows = expected.join(
        measurements.select("unit", "indicator", "value", "compared", "basis", "note", "shrunk"),
        on=["unit", "indicator"],
        how="left",
    ).with_columns(
        usable=usable(scheme),
        amount=usable(scheme, "value"),
        shrunk=usable(scheme, "shrunk"),
        note=pl.when(pl.col("value").is_null() & pl.col("note").ne_missing(TOO_FEW))
        .then(pl.lit("无数据"))
        .otherwise(pl.col("note")),
    )
    by_code = {i.code: i for i in indicators}
    pools = _pools(earlier, units, indicators, scheme)
    parts = [
        _score_group(group, by_code[str(code)], scheme, year, pools.get((str(code), str(level)), NO_VALUES))
        for (code, level), group in rows.group_by(["indicator", "level"], maintain_order=True)
    ]
    scored = _district_from_towns(pl.concat(parts), units)
    scored = fill_missing(scored.with_columns(grade_column(scored["score"], scheme)), scheme)
    scored = _with_peers(_with_district(scored))
    scored = _with_previous(scored, previous, by_code)
    scored = _with_satisfaction(scored, satisfaction, by_code)
    return conform("scores", scored.drop(WORKING)).sort("indicator", "unit")


def usable(scheme: Scoring, column: str = "compared") -> pl.Expr:
    """The compared value of a measurement where it may be judged: enough people behind it, enough answers."""
    enough = (pl.col("basis") >= scheme.minimum_basis) & pl.col("note").ne_missing(TOO_FEW)
    return pl.when(enough).then(pl.col(column))


def _pools(
    earlier: pl.DataFrame | None, units: pl.DataFrame, indicators: tuple[Indicator, ...], scheme: Scoring
) -> dict[tuple[str, str], np.ndarray]:
    """Values of earlier years by (indicator, level), where the scheme takes the peers' ends over all years (panel).

    Of earlier years bare values are known, so a count, which is compared as a share or rate, and whatever is
    denominated keep to this year; units that no longer exist are of no known level and left out.
    """
    if scheme.panel == "year" or earlier is None:
        return {}
    codes = [
        i.code for i in indicators
        if not i.is_count and scheme.indicators.get(i.code, OneIndicator()).per is None
    ]  # fmt: skip
    known = (
        earlier.drop_nulls("value")
        .filter(pl.col("indicator").is_in(codes))
        .join(units.select("level", unit="code"), on="unit")
        .sort("indicator", "level", "year", "unit")
    )
    return {
        (str(code), str(level)): part["value"].to_numpy()
        for (code, level), part in known.group_by(["indicator", "level"], maintain_order=True)
    }


def _expected(units: pl.DataFrame, indicators: tuple[Indicator, ...], year: int) -> pl.DataFrame:
    """Every unit × indicator that could have a value."""
    meta = pl.DataFrame(
        [(i.code, i.dimension, i.direction, i.weight, level) for i in indicators for level in i.levels],
        schema={"indicator": pl.String, "dimension": pl.String, "direction": pl.String, "weight": pl.Float64, "level": pl.String}, orient="row",
    )  # fmt: skip
    whole = pl.col("level").replace_strict(
        {level: everybody(level) for level in LEVELS}, return_dtype=pl.String
    )
    named = pl.coalesce("peer_group", whole) if "peer_group" in units.columns else whole
    return (
        units.select("level", "population", "area_km2", unit="code", peer_group=named)
        .join(meta, on="level")
        .with_columns(year=pl.lit(year, dtype=pl.Int64))
        .sort("indicator", "level", "unit")
    )


def _score_group(
    group: pl.DataFrame, indicator: Indicator, scheme: Scoring, year: int, earlier: np.ndarray
) -> pl.DataFrame:
    """Score and rank of one indicator at one level.

    Ranks follow what is scaled (per head, where the scheme denominates it), but never its treatment as an outlier.
    """
    values, standard = floats_of(group["usable"]), indicator.standard_in(year)
    per = scheme.indicators.get(indicator.code, OneIndicator()).per
    amounts = None if per is None else _amounts(group, indicator, per)
    done = score_values(
        values,
        indicator,
        standard,
        scheme,
        amounts=amounts,
        shrunk=floats_of(group["shrunk"]),
        earlier=earlier,
    )
    present = values[~np.isnan(values)]
    peers = len(present)
    rank = _ranks(values if amounts is None else amounts, done.scores, indicator)
    failed = below_floor(values, indicator, standard) & (indicator.kind == "baseline")
    if amounts is not None:
        unsized = group["amount"].is_not_null().to_numpy() & np.isnan(amounts)
        group = group.with_columns(
            note=pl.when(pl.Series(unsized)).then(pl.lit(NO_SIZE[per or ""])).otherwise(pl.col("note"))
        )
    shown = done.treated if amounts is None else ~np.isnan(done.scaled)
    return group.with_columns(
        pl.Series("score", done.scores).fill_nan(None),
        note=pl.when(pl.Series(failed)).then(pl.lit(FAILED_BASELINE)).otherwise(pl.col("note")),
        method=pl.lit(done.method),
        scaled=pl.Series(np.where(shown, done.scaled, np.nan)).fill_nan(None),
        treated=pl.Series(done.treated, dtype=pl.Boolean),
        rank=pl.Series(rank, dtype=pl.Int64) if peers >= MINIMUM_PEERS else pl.lit(None, dtype=pl.Int64),
        peers=pl.lit(peers, dtype=pl.Int64),
    )  # fmt: skip


def _amounts(group: pl.DataFrame, indicator: Indicator, per: PerName) -> np.ndarray:
    """The values per head or per km², (units,). Raises ValueError where the value is no amount."""
    if not is_amount(indicator):
        raise ValueError(f"{indicator.code} 的值不是总量，不能再平均到人口或面积")
    value, people, area, basis = (floats_of(group[c]) for c in ("amount", "population", "area_km2", "basis"))
    return denominate(value, people, area, per, basis)


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
    people = pl.col("population") if towns["population"].null_count() == 0 else pl.lit(1.0)
    means = (
        scored.filter((pl.col("level") == "town") & pl.col("score").is_not_null())
        .join(towns.select(unit="code", people=people), on="unit")
        .group_by("indicator")
        .agg(((pl.col("score") * pl.col("people")).sum() / pl.col("people").sum()).alias("from_towns"))
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


def _with_peers(scored: pl.DataFrame) -> pl.DataFrame:
    """The spread of the values of a unit's peer group (linear quantiles), where at least MINIMUM_PEERS of it have one.

    Who is in no group of its own is among all of its level.
    """
    whole, group = ["indicator", "level"], ["indicator", "level", "peer_group"]
    in_none = pl.col("peer_group").is_in([everybody(level) for level in LEVELS])

    def of_peers(value: pl.Expr) -> pl.Expr:
        return pl.when(in_none).then(value.over(whole)).otherwise(value.over(group))

    enough = of_peers(pl.col("usable").count()) >= MINIMUM_PEERS
    parts = (
        ("peer_low", 0.0),
        ("peer_q1", 0.25),
        ("peer_median", 0.5),
        ("peer_q3", 0.75),
        ("peer_high", 1.0),
    )
    spread = {n: of_peers(pl.col("usable").quantile(at, "linear")) for n, at in parts}
    return scored.with_columns(**{n: pl.when(enough).then(value) for n, value in spread.items()})


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
    values = floats_of(scores)
    return pl.Series("grade", grade(values, scheme.grades), dtype=pl.String)
