"""Satisfaction (满意度): answers → a 0–100 score with its 95 % interval, per unit and question.

An answer's words map to 0–100 as the project says (非常满意 100 … 非常不满意 0). The score is the mean over answers,
weighted where they have weights (:mod:`.weights`). The interval is Student's t with the effective number of
answers, n = (Σw)² / Σw² (L. Kish, *Survey Sampling*, 1965; the number itself where all weigh the same), clipped to
0–100: mean ± t(n−1) · s/√n, s² = Σw(x − mean)²/Σw · n/(n−1). With one answer there is none.
"""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import polars as pl
from scipy.special import stdtrit

from ..evidence import Evidence
from ..results import TOO_FEW, conform, empty
from ..units import ancestry
from .weights import WEIGHT


def summarise(
    evidence: dict[str, Evidence], units: pl.DataFrame, year: int, *, minimum_answers: int
) -> pl.DataFrame:
    """The frame ``survey``, over every survey among the inputs, sorted by unit and question.

    A unit with fewer than ``minimum_answers`` to a question has the note 样本不足: its score is kept and not used.
    """
    parts = [
        _summary(item, units)
        for item in evidence.values()
        if item.input.kind == "survey" and not item.frame.is_empty()
    ]
    if not parts:
        return empty("survey")
    frame = pl.concat(parts).sort("unit", "question")
    half = _half_width(frame)
    few = pl.col("answers") < minimum_answers
    frame = frame.with_columns(
        low=(pl.col("score") - pl.Series(half)).fill_nan(None).clip(0, 100),
        high=(pl.col("score") + pl.Series(half)).fill_nan(None).clip(0, 100),
        note=pl.when(few).then(pl.lit(TOO_FEW)),
        year=pl.lit(year, dtype=pl.Int64),
    )
    return conform("survey", frame.drop("variance"))


def _summary(item: Evidence, units: pl.DataFrame) -> pl.DataFrame:
    """unit, level, question, label, answers, score, effective, weighted, variance (about the score, over Σw)."""
    questions = [q for q in item.input.questions if q in item.frame.columns]
    weighted = WEIGHT in item.frame.columns
    weight = pl.col(WEIGHT) if weighted else pl.lit(1.0)
    titles = pl.DataFrame(
        {"question": list(item.input.questions), "label": list(item.input.questions.values())}
    )
    w, x = pl.col("w"), pl.col("given")
    mean = (w * x).sum() / w.sum()
    return (
        item.frame.select("unit", *questions, w=weight)
        .unpivot(index=["unit", "w"], on=questions, variable_name="question", value_name="given")
        .drop_nulls()
        .join(ancestry(units), on="unit")
        .group_by("ancestor", "level", "question")
        .agg(
            pl.len().cast(pl.Int64).alias("answers"),
            mean.alias("score"),
            (w.sum() ** 2 / (w**2).sum()).alias("effective"),
            ((w * (x - mean) ** 2).sum() / w.sum()).alias("variance"),
        )
        .rename({"ancestor": "unit"})
        .join(titles, on="question")
        .with_columns(weighted=pl.lit(weighted))
    )


def with_blocks(survey: pl.DataFrame, blocks: Mapping[str, str]) -> pl.DataFrame:
    """``survey`` with the block of the questionnaire (板块) each question stands in; a question of the project's own has none."""
    return survey.with_columns(
        block=pl.col("question").replace_strict(blocks, default=None, return_dtype=pl.String)
    )


def _half_width(frame: pl.DataFrame) -> np.ndarray:
    """Half of the 95 % interval of each row; NaN for a single answer."""
    several = (frame["answers"] > 1).to_numpy()
    n = np.where(several, frame["effective"].to_numpy(), 2.0)
    half = stdtrit(n - 1, 0.975) * np.sqrt(frame["variance"].to_numpy() / (n - 1))
    return np.where(several, half, np.nan)
