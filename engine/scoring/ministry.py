"""The Ministry's grading (住建部评级) beside the score: single indicators, aspects (方面) and whole dimensions.

Source: 《城市体检工作手册（试行）》, 2025, 单项指标定级 and 表3; what it leaves open is a setting of
:class:`~..settings.scheme.Ministry`. The grade looks at the standard alone, never at peers, whatever scale the scores are made by:
an indicator without a standard is 未评价, also where peers give it a score. The frames are those of ``engine/results.py``.
"""

from __future__ import annotations

import numpy as np
import polars as pl

from ...indicators.model import Indicator
from ..results import UNGRADED, conform
from ..settings.scheme import Ministry, Scoring
from .base import Floats, floats_of
from .grade import GOOD, POOR, VERY_GOOD, grade_ministry_indicator
from .score import FAILED_BASELINE, usable
from .values import score_values

CITY_SCALE = (
    "城区（城市）"  # the scale that the handbook grades; what is counted on the other three stays a count
)
_MET, _MISSED = 100.0, 0.0  # of a limit of zero, which says what is right and not how bad the rest is


def grade_indicators(
    scores: pl.DataFrame,
    measurements: pl.DataFrame,
    indicators: tuple[Indicator, ...],
    scheme: Scoring,
    year: int,
) -> pl.DataFrame:
    """``scores`` with ``ministry`` (很好/较好/一般/不足/未评价) and ``lowered``, sorted by indicator and unit.

    Variant: by ``cuts`` on the score against the standard (target met 90, floor met 60, in between linear). A standard of
    zero alone (清零) gives 很好 when met and 不足 when not. ``lowered``: residents' satisfaction under ``dissatisfied``
    took one step off; 不足 cannot sink further. Unusable values (too few people, too few answers) and imputed ones are
    未评价.
    """
    rules = scheme.ministry
    by_code = {i.code: i for i in indicators}
    values = measurements.select("unit", "indicator", usable(scheme).alias("_usable"))
    rows = scores.join(values, on=["unit", "indicator"], how="left").sort("indicator", "unit")
    judged = np.concatenate(
        [np.empty(0)]
        + [
            _judged(group["_usable"], by_code[str(code)], year, rules)
            for (code,), group in rows.group_by(["indicator"], maintain_order=True)
        ]
    )
    grades = grade_ministry_indicator(judged, cuts=rules.cuts)
    stepped = grades
    if rules.step_down:
        stepped = grade_ministry_indicator(
            judged,
            cuts=rules.cuts,
            satisfaction=floats_of(rows["satisfaction"]),
            dissatisfied=rules.dissatisfied,
        )
    found = {"ministry": pl.Series(stepped, dtype=pl.String), "lowered": pl.Series(stepped != grades)}
    return conform("scores", rows.drop("_usable").with_columns(**found))


def _judged(values: pl.Series, indicator: Indicator, year: int, rules: Ministry) -> Floats:
    """The scores an indicator's grades are read from; NaN where it is not graded."""
    if _stays_a_count(indicator, rules):
        return np.full(len(values), np.nan)
    return standard_scores(floats_of(values), indicator, year)


def standard_scores(values: Floats, indicator: Indicator, year: int) -> Floats:
    """Scores (units,) 0–100 of ``values`` (compared ones) against the standard in force; NaN where there is none."""
    standard = indicator.standard_in(year)
    if standard is None:
        return np.full(len(values), np.nan)
    scored = score_values(values, indicator, standard, Scoring())
    if scored.method in ("anchors", "band"):
        return scored.scores
    met = values <= 0 if indicator.direction == "lower" else values >= 0
    return np.where(np.isnan(values), np.nan, np.where(met, _MET, _MISSED))


def _stays_a_count(indicator: Indicator, rules: Ministry) -> bool:
    """Whether it is a count on one of the lower scales (存在…的住宅数量), which the project leaves ungraded."""
    return indicator.is_count and indicator.scale != CITY_SCALE and not rules.grade_counts


def grade_aspects(
    scores: pl.DataFrame, indicators: tuple[Indicator, ...], rules: Ministry, names: tuple[str, ...]
) -> pl.DataFrame:
    """The frame ``aspects`` of the graded ``scores``: every aspect of a dimension, every dimension (``aspect`` null) and
    every aspect over all dimensions (``dimension`` null: the Ministry's own 方面, which ours cut across).

    Counts left ungraded take no part in either denominator; whoever is 未评价 for want of a standard or of data does, where
    ``count_ungraded``. Sorted by unit, dimension as in ``names``, aspect.
    """
    about = pl.DataFrame(
        [(i.code, i.aspect, not _stays_a_count(i, rules)) for i in indicators],
        schema={"indicator": pl.String, "aspect": pl.String, "counts": pl.Boolean},
        orient="row",
    )
    rows = scores.join(about, on="indicator", how="left")
    parts = [share_grades(rows, keys, rules) for keys in (["dimension", "aspect"], ["dimension"], ["aspect"])]
    order = {name: i for i, name in enumerate(names)}
    frame = pl.concat(parts, how="diagonal").with_columns(
        _order=pl.col("dimension").replace_strict(order, return_dtype=pl.Int64, default=len(order))
    )
    return conform(
        "aspects",
        frame.sort("unit", "_order", "dimension", "aspect", nulls_last=[False, False, True, False]).drop(
            "_order"
        ),
    )


def share_grades(rows: pl.DataFrame, keys: list[str], rules: Ministry) -> pl.DataFrame:
    """优 / 良 / 中 / 差 by shares (handbook, 表3) of the indicators that ``keys`` put together, unit by unit.

    ``rows``: year, unit, level, indicator, ministry, note, ``counts`` (takes part in the denominators) and ``keys``. The rule
    of :func:`~.grade.grade_ministry_aspect` on whole counts. With ``veto``, a 底线型 indicator below its floor lets neither
    grade be better than 中; ``before_veto`` is then the grade by the shares.
    """
    graded, poor = pl.col("ministry") != UNGRADED, pl.col("ministry") == POOR
    counted = rows.group_by("year", "unit", "level", *keys).agg(
        pl.col("counts").sum().cast(pl.Int64).alias("indicators"),
        graded.sum().cast(pl.Int64).alias("graded"),
        pl.col("ministry").is_in([VERY_GOOD, GOOD]).sum().cast(pl.Int64).alias("_good"),
        (pl.col("ministry") == VERY_GOOD).sum().cast(pl.Int64).alias("_very_good"),
        pl.col("indicator").filter(poor).sort().alias("poor"),
        pl.col("indicator").filter(pl.col("note") == FAILED_BASELINE).sort().alias("veto"),
    )
    of, against = ("indicators", "graded") if rules.count_ungraded else ("graded", "indicators")
    by_shares = counted.with_columns(
        _shares_say(of).alias("grade"),
        _shares_say(against).alias("other"),
        (~_excellent(of) & _reaches("_good", 80, of) & _without_poor() & (pl.col("graded") > 0)).alias(
            "undefined"
        ),
        *(
            pl.when(pl.col("graded") > 0).then(pl.col(f"_{share}") / pl.col(of)).alias(share)
            for share in ("good", "very_good")
        ),
    )
    return _vetoed(by_shares, rules).drop("_good", "_very_good")


def _vetoed(by_shares: pl.DataFrame, rules: Ministry) -> pl.DataFrame:
    """Neither grade better than 中 where a 底线型 indicator failed, and what the shares alone say."""
    barred = (pl.col("veto").list.len() > 0) & pl.lit(rules.veto)
    capped = {
        name: pl.when(barred & pl.col(name).is_in(["优", "良"]))
        .then(pl.lit("中"))
        .otherwise(pl.col(name))
        .alias(name)
        for name in ("grade", "other")
    }
    return by_shares.with_columns(
        pl.when(capped["grade"] != pl.col("grade")).then(pl.col("grade")).alias("before_veto"),
        *capped.values(),
    )


def _without_poor() -> pl.Expr:
    return pl.col("poor").list.len() == 0


def _reaches(what: str, percent: int, of: str) -> pl.Expr:
    """Whether the share is at least ``percent``, on whole numbers: 4 of 5 are 80 %."""
    return 100 * pl.col(what) >= percent * pl.col(of)


def _excellent(of: str) -> pl.Expr:
    return _reaches("_very_good", 80, of) & _without_poor()


def _shares_say(of: str) -> pl.Expr:
    """The handbook's table."""
    return (
        pl.when(pl.col("graded") == 0).then(pl.lit(UNGRADED))
        .when(_excellent(of)).then(pl.lit("优"))
        .when(_reaches("_good", 80, of)).then(pl.lit("良"))
        .when(_reaches("_good", 60, of)).then(pl.when(_without_poor()).then(pl.lit("良")).otherwise(pl.lit("中")))
        .when(_reaches("_good", 40, of) & _without_poor()).then(pl.lit("中"))
        .otherwise(pl.lit("差"))
    )  # fmt: skip
