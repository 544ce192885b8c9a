"""Totals under sampling error (抽样误差): the towns scored again and again on values that chance might have given instead.

League tables are read as if each value were exact; H. Goldstein and D. J. Spiegelhalter (*League tables and their
limitations*, JRSS A 159, 1996) rank simulated values instead and print the interval of the rank. Here, in every draw:

* shares, rates and means of answers are redrawn by :mod:`..chance.redraw`, each by itself; what was examined in full, and
  what departments stated without a numerator and a denominator, stays as it is;
* the residents' view of a dimension moves by the mean standard error of its questions, which the same people answered;
* a value is scored by its standard, or among peers whose ends stay where they are (``whatif.py``): else one unit's luck
  would move the scores of all;
* of a 底线型 indicator none stays none, and all stays all: a standard of that kind asks what was found;
* scores become totals by the weights in force, moved so that their median is the total in force. Scores stop at 100 and fall
  at a floor, so that chance lowers more than it raises those near the top; the bootstrap's estimate of this bias is taken
  off again (B. Efron and R. J. Tibshirani, *An Introduction to the Bootstrap*, 1993, ch. 10).
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import polars as pl

from ...indicators.model import Indicator
from ..chance.differences import KINDS
from ..chance.intervals import interval_poisson, interval_wilson
from ..chance.redraw import mean_error, redraw_cases, redraw_means
from ..scoring.base import Bools, Floats, floats_of
from ..scoring.branches import Branches
from ..scoring.everything import Basis
from ..scoring.means import means_of
from ..scoring.values import BASELINE_CAP, below_floor, score_by_standard
from ..settings.scheme import Scoring
from .whatif import Ladder, figure_name, ladders

MOST_DRAWS = 1000
_STREAM = 1  # beside that of the weights, so that the two kinds do not share their luck
_MEASURED = ("numerator", "denominator", "low", "high", "size", "uncertainty")


def sampled_totals(basis: Basis, scores: pl.DataFrame, tree: Branches, scheme: Scoring) -> Floats | None:
    """The totals under redrawn values, (draws, units of ``tree``); None where no value of the level tells of its chance.

    ``scores``, and ``tree`` with it, is what ``scheme`` made of ``basis``.
    """
    draws = min(scheme.draws, MOST_DRAWS)
    generator = np.random.default_rng([scheme.seed, _STREAM])
    here = scores.filter(level=tree.level)
    drawn = _drawn_scores(basis, here, tree, scheme, draws, generator)
    errors = _perceived_errors(basis, here, tree)
    if not drawn and np.isnan(errors).all():
        return None
    made = np.broadcast_to(tree.scores, (draws, *tree.scores.shape)).copy()
    for place, column in drawn.items():
        made[:, :, place] = column
    perceived = redraw_means(tree.perceived, errors, generator.standard_normal((draws, *errors.shape)))
    rows = draws * len(tree.units)  # each unit of each draw has a row and a view of its residents of its own
    again = replace(tree, perceived=perceived.reshape(rows, -1))
    means = means_of(scheme)
    totals = again.totals(made.reshape(rows, -1), np.arange(rows), means).reshape(draws, -1)
    bias = np.median(totals, axis=0) - tree.totals(tree.scores, np.arange(len(tree.units)), means)
    return np.where(tree.scored, np.clip(totals - bias, 0.0, 100.0), np.nan)


def _drawn_scores(
    basis: Basis,
    scores: pl.DataFrame,
    tree: Branches,
    scheme: Scoring,
    draws: int,
    generator: np.random.Generator,
) -> dict[int, Floats]:
    """By place among the codes: the scores (draws, units) of each indicator whose values tell of their chance."""
    rungs = ladders(scores, basis.indicators, basis.year, scheme)
    measured = basis.measurements.select("unit", "indicator", *_MEASURED)
    rows = scores.join(measured, on=["unit", "indicator"], how="left")
    order = pl.DataFrame({"unit": tree.units})
    by_code = {i.code: i for i in basis.indicators}
    found = {}
    for place, code in enumerate(tree.codes):
        group = order.join(rows.filter(indicator=code), on="unit", how="left", maintain_order="left")
        noise = generator.standard_normal((draws, group.height))
        values = redrawn(group, np.where(_stands(group, by_code[code]), 0.0, noise))
        if values is not None:
            ladder = rungs.get((tree.level, code))
            found[place] = scores_of(group, values, by_code[code], basis.year, scheme, ladder)
    return found


def _stands(group: pl.DataFrame, indicator: Indicator) -> Bools:
    """Which units' values of a 底线型 indicator are none or all, and so no matter of chance, (units,)."""
    x, n = (pl.col(name) for name in ("numerator", "denominator"))
    end = (x == 0) | ((pl.col("uncertainty") == "wilson") & (x == n))
    return group.select(end.fill_null(False) & (indicator.kind == "baseline")).to_series().to_numpy()


def redrawn(group: pl.DataFrame, noise: Floats) -> Floats | None:
    """The compared values of one indicator's units, redrawn, (draws, units); None where none tells of its chance."""
    kind = next((k for k in group["uncertainty"] if k is not None), None)
    get = {c: floats_of(group[c]) for c in ("numerator", "denominator", "compared", "low", "high", "size")}
    compared, known = get["compared"], ~np.isnan(get["low"]) & ~np.isnan(get["compared"])
    if not known.any():
        return None
    if kind == "survey":
        errors = mean_error(compared, get["low"], get["high"], get["size"])
        return redraw_means(compared, errors, noise)
    if kind not in KINDS:
        return None
    x, n = (np.where(known, get[c], np.nan) for c in ("numerator", "denominator"))
    interval = interval_wilson if kind == "wilson" else interval_poisson
    first = int(np.argmax(known))
    scale = float(
        f"{get['high'][first] / interval(x[[first]], n[[first]])[1][0]:.9g}"
    )  # from x/n to compared
    moved = scale * redraw_cases(np.where(known, x, 0.0), np.where(known, n, np.nan), KINDS[kind], noise)
    return np.where(known & (noise != 0.0), moved, compared)


def scores_of(
    group: pl.DataFrame,
    values: Floats,
    indicator: Indicator,
    year: int,
    scheme: Scoring,
    ladder: Ladder | None,
) -> Floats:
    """The scores at compared ``values`` (draws, units); who has no measured score keeps what there is."""
    standard, now = indicator.standard_in(year), floats_of(group["score"])
    method = next((m for m in group.filter(pl.col("score").is_not_null())["method"]), None)
    column = figure_name(indicator, scheme)
    flat = values.ravel()
    made = score_by_standard(flat, indicator, standard, scheme, method) if column == "compared" else None
    if made is None:
        if ladder is None or not len(ladder.figures):
            return np.broadcast_to(now, values.shape)
        compared = floats_of(group["compared"])
        ratio = floats_of(group["scaled"]) / np.where(compared == 0, np.nan, compared)
        figures = values if column == "compared" else values * np.where(np.isnan(ratio), 0.0, ratio)
        made = ladder.all_at(figures.ravel())
        if indicator.kind == "baseline" and standard is not None and standard.floor is not None:
            failed = below_floor(flat, indicator, standard)
            made = np.where(failed, np.minimum(made, BASELINE_CAP), 100.0)
    measured = group["score"].is_not_null() & ~group["imputed"].fill_null(False)
    return np.where(measured.to_numpy(), made.reshape(values.shape), now)


def _perceived_errors(basis: Basis, scores: pl.DataFrame, tree: Branches) -> Floats:
    """The standard error of the residents' view of each dimension, (units, dimensions); NaN where it is not known."""
    asked = pl.DataFrame(
        [(i.code, i.survey) for i in basis.indicators if i.survey],
        schema={"indicator": pl.String, "question": pl.String}, orient="row",
    )  # fmt: skip
    told = basis.survey.select(
        "unit", "question", mean="score", low95="low", high95="high", effective="effective"
    )
    rows = (
        scores.filter(pl.col("satisfaction").is_not_null())
        .join(asked, on="indicator")
        .join(told, on=["unit", "question"])
        .unique(["unit", "dimension", "question"])
    )
    parts = (floats_of(rows[c]) for c in ("mean", "low95", "high95", "effective"))
    means = (
        rows.with_columns(error=pl.Series(mean_error(*parts)).fill_nan(None))
        .group_by("unit", "dimension")
        .agg(pl.col("error").mean())
    )
    found = np.full((len(tree.units), len(tree.dimensions)), np.nan)
    for unit, dimension, error in means.drop_nulls("error").select("unit", "dimension", "error").iter_rows():
        found[tree.units.index(unit), tree.dimensions.index(dimension)] = error
    return found
