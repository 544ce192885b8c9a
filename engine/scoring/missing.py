"""Gaps in the scores (缺项): filled, where the scheme says so, by what the units of the level that are alike score.

What is imputed is the *score*, not the value: all indicators of a level then are in one unit of measure and point one
way, whether a standard or peers scaled them, so that "alike" and "regressed on" mean something; and no value that
nobody measured can get into print. An imputed score counts in its dimension like any other and is marked ``imputed``;
it has no grade and no rank, and its ``method`` is the way it was imputed.
"""

from __future__ import annotations

import polars as pl

from ..results import LEVELS, UNGRADED
from ..settings.scheme import Scoring
from .base import floats_of
from .impute import IMPUTATIONS

ESTIMATED = "得分为估算"


def fill_missing(scored: pl.DataFrame, scheme: Scoring) -> pl.DataFrame:
    """``scored`` (unit, level, indicator, score, method, grade, note, …) with ``imputed``, and its gaps filled.

    Stays missing: an indicator that nobody of the level has, and a unit that has nothing. Raises SchemeError where a
    regression does not settle.
    """
    if (
        scheme.missing not in IMPUTATIONS
    ):  # reweight and refuse leave gaps; what they do is done when weighing up
        return scored.with_columns(imputed=pl.lit(False))
    stand_ins = pl.concat(
        _stand_ins(scored.filter(pl.col("level") == level), scheme)
        for level in LEVELS
        if level in scored["level"]
    )
    filled = scored.join(stand_ins, on=["unit", "indicator"], how="left", maintain_order="left")
    imputed = pl.col("stand_in").is_not_null()
    note = pl.concat_str(pl.col("note"), pl.lit(ESTIMATED), separator="；", ignore_nulls=True)
    return filled.with_columns(
        imputed=imputed,
        score=pl.when(imputed).then("stand_in").otherwise("score"),
        method=pl.when(imputed).then(pl.lit(scheme.missing)).otherwise("method"),
        grade=pl.when(imputed).then(pl.lit(UNGRADED)).otherwise("grade"),
        note=pl.when(imputed).then(note).otherwise("note"),
    ).drop("stand_in")


def _stand_ins(level: pl.DataFrame, scheme: Scoring) -> pl.DataFrame:
    """(unit, indicator, stand_in) of the gaps of one level that can be filled."""
    wide = level.pivot(on="indicator", index="unit", values="score", sort_columns=True).sort("unit")
    codes = wide.columns[1:]
    matrix = floats_of(wide.select(codes))
    options = {"neighbours": scheme.neighbours} if scheme.missing == "neighbours" else {}
    filled, imputed = IMPUTATIONS.choose(scheme.missing)(matrix, **options)
    rows, columns = imputed.nonzero()
    return pl.DataFrame(
        {
            "unit": wide["unit"].gather(rows),
            "indicator": pl.Series(codes, dtype=pl.String).gather(columns),
            "stand_in": filled[rows, columns],
        },
        schema={"unit": pl.String, "indicator": pl.String, "stand_in": pl.Float64},
    )
