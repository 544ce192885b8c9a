"""Satisfaction (满意度): answers → a 0–100 score with its 95 % interval, per unit and question.

An answer's words map to 0–100 as the project says (非常满意 100 … 非常不满意 0). The score is the mean over answers;
the interval is Student's t over the answers, clipped to 0–100; with one answer there is none.
"""

from __future__ import annotations

import numpy as np
import polars as pl
from scipy.special import stdtrit

from .evidence import Evidence
from .results import conform, empty
from .units import ancestry


def summarise(evidence: dict[str, Evidence], units: pl.DataFrame, year: int) -> pl.DataFrame:
    """The frame ``survey``, over every survey among the inputs, sorted by unit and question."""
    parts = []
    for item in evidence.values():
        if item.input.kind != "survey" or item.frame.is_empty():
            continue
        questions = [q for q in item.input.questions if q in item.frame.columns]
        answers = (
            item.frame.select("unit", *questions)
            .unpivot(index="unit", on=questions, variable_name="question", value_name="given")
            .drop_nulls()
            .join(ancestry(units), on="unit")
        )
        summary = answers.group_by("ancestor", "level", "question").agg(
            pl.len().cast(pl.Int64).alias("answers"),
            pl.col("given").mean().alias("score"),
            pl.col("given").std().alias("sd"),
        )
        titles = pl.DataFrame(
            {"question": list(item.input.questions), "label": list(item.input.questions.values())}
        )
        parts.append(summary.rename({"ancestor": "unit"}).join(titles, on="question"))
    if not parts:
        return empty("survey")
    frame = pl.concat(parts).sort("unit", "question")
    n = frame["answers"].to_numpy().astype(float)
    half = (
        np.where(n > 1, stdtrit(np.maximum(n - 1, 1), 0.975), np.nan)
        * frame["sd"].fill_null(np.nan).to_numpy()
        / np.sqrt(n)
    )
    frame = frame.with_columns(
        low=(pl.col("score") - pl.Series(half)).fill_nan(None).clip(0, 100),
        high=(pl.col("score") + pl.Series(half)).fill_nan(None).clip(0, 100),
        year=pl.lit(year, dtype=pl.Int64),
    )
    return conform("survey", frame.drop("sd"))
