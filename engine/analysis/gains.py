"""Gains (提升潜力): what each indicator would bring if it reached its target, and the fewest that lift a unit one grade.

A gain is the total's points with this one indicator at its target and all else as it is, less the total now: reckoned by
aggregating again (``whatif.py``), not by a derivative, so that it holds under every scheme. Peers' scales stay as they
are, and so do weights that were read from values.

The fewest indicators for a grade: all the means but the median are quasi-arithmetic, M = f⁻¹(Σ w·f(s)) with f monotone
(``scoring/aggregate.py``). Within a dimension the best m indicators to raise are therefore the m with the largest
w·|f(s′) − f(s)|, and a dimension's score is the larger the larger that sum; across dimensions Σ W·f(D) is a sum again, so
that the best way to share k indicators among the dimensions is a small dynamic programme over how many each gets.
Both are exact. Where every mean is arithmetic the gains simply add, and the programme finds what taking the largest
gains one after the other would. The median is neither: there indicators are taken one by one, each the best after
those before, and the set is marked as not proved the smallest, unless it is of one or two (one would not do, so two is
the least). The same where a geometric or harmonic mean is taken without ``zero_floor`` and a whole dimension is zero.
"""

from __future__ import annotations

import numpy as np
import polars as pl

from ..results import SCHEMAS, conform
from ..scoring.base import Floats, Integers
from ..scoring.everything import Basis
from ..settings.project import Project
from ..settings.scheme import Scoring
from .whatif import Tree, goal_of, is_short, ladders, score_at, trees

_ROUNDING = 1e-9  # as grades are given (scoring/grade.py)
_WORTH = 1e-9  # points: less is rounding


def find_gains(basis: Basis, frames: dict[str, pl.DataFrame], project: Project) -> dict[str, pl.DataFrame]:
    """The frames ``gains`` and ``lifts`` of a run."""
    return gains_under(project.scoring, basis, frames)


def gains_under(scheme: Scoring, basis: Basis, frames: dict[str, pl.DataFrame]) -> dict[str, pl.DataFrame]:
    """``gains`` and ``lifts`` of the ``frames`` that ``scheme`` made of ``basis`` (score_tree)."""
    short = short_of_target(frames["scores"], basis, scheme)
    forest = trees(frames, scheme)
    gains = [gains_of(tree, short.filter(pl.col("level") == level)) for level, tree in forest.items()]
    lifts = [lifts_of(tree, part, basis.year) for tree, part in zip(forest.values(), gains, strict=True)]
    return {
        "gains": conform("gains", pl.concat(gains)).sort("unit", "order"),
        "lifts": conform("lifts", pl.concat(lifts)).sort("unit"),
    }


def short_of_target(scores: pl.DataFrame, basis: Basis, scheme: Scoring) -> pl.DataFrame:
    """Every scored value that is short of a goal: year, unit, level, indicator, value, target, score, score_then.

    Only where a standard says what is right; what can be judged among peers alone has no target to reach.
    """
    by_code = {i.code: i for i in basis.indicators}
    rungs = ladders(scores, basis.indicators, basis.year, scheme)
    rows = []
    known = scores.filter(pl.col("score").is_not_null() & pl.col("value").is_not_null())
    for row in known.iter_rows(named=True):
        indicator = by_code[row["indicator"]]
        standard = indicator.standard_in(basis.year)
        goal = goal_of(indicator, standard, row["value"])
        if goal is None or not is_short(indicator, row["value"], goal):
            continue
        ladder = rungs.get((row["level"], row["indicator"]))
        then = score_at(goal, row, indicator, standard, scheme, ladder)
        rows.append(
            (row["year"], row["unit"], row["level"], row["indicator"], row["value"], goal, row["score"], then)
        )
    types = {c: t for c, t in SCHEMAS["gains"].items() if c not in ("gain", "order")}
    return pl.DataFrame(rows, schema=types, orient="row")


def gains_of(tree: Tree, short: pl.DataFrame) -> pl.DataFrame:
    """``short`` of one level with ``gain`` (points of the total) and its ``order`` in the unit; units with a total only."""
    rows, columns = tree.places(short)
    then = tree.totals(tree.edited(rows, columns, short["score_then"].to_numpy()), rows)
    gain = pl.Series("gain", then - tree.now[rows]).fill_nan(None)
    return (
        short.with_columns(gain)
        .filter(pl.col("gain").is_not_null())
        .sort("unit", -pl.col("gain").round(9), "indicator")
        .with_columns(order=pl.int_range(1, pl.len() + 1, dtype=pl.Int64).over("unit"))
    )


# ---- the fewest indicators for the next grade --------------------------------------------------------------


def lifts_of(tree: Tree, gains: pl.DataFrame, year: int) -> pl.DataFrame:
    """One row for each unit of the level that has a total and a grade above it, shaped as the frame ``lifts``.

    ``gains`` as :func:`gains_of` gives it. Where all targets together do not reach the grade ``reached`` is false and
    ``indicators`` are all that gain anything.
    """
    cuts = tree.scheme.grades
    rows = []
    for place, unit in enumerate(tree.branches.units):
        now = float(tree.now[place])
        above = [(name, low) for name, low in cuts if low > now + _ROUNDING]
        if np.isnan(now) or not above:
            continue
        name, cut = above[-1]
        grade = cuts[len(above)][0]
        own = gains.filter((pl.col("unit") == unit) & (pl.col("score_then") > pl.col("score") + _WORTH))
        _, columns = tree.places(own)
        raised = np.full(len(tree.branches.codes), np.nan)
        raised[columns] = own["score_then"].to_numpy()
        chosen, then, exact = fewest(tree, place, raised, cut)
        by_gain = [c for c in own["indicator"] if tree.branches.codes.index(c) in set(chosen)]
        rows.append(
            (year, unit, tree.branches.level, now, grade, name, then, by_gain, then >= cut - _ROUNDING, exact)
        )
    return pl.DataFrame(rows, schema=SCHEMAS["lifts"], orient="row")


def fewest(tree: Tree, unit: int, raised: Floats, cut: float) -> tuple[list[int], float, bool]:
    """(codes, total then, whether proved fewest): the fewest codes whose raising brings unit ``unit`` to ``cut``.

    ``raised`` (codes,) is the score of each at its target, NaN where it is not to be raised. Among the smallest sets
    the one with the highest total is taken, so far as the means allow to tell. All of them where even all do not do.
    """
    usable = np.flatnonzero(~np.isnan(raised))
    everything = _with(tree, unit, raised, usable)
    if not len(usable) or everything < cut - _ROUNDING:
        return usable.tolist(), everything, True
    sets = _best_of_each_size(tree, unit, raised, usable)
    if sets is None:
        return _one_by_one(tree, unit, raised, cut)
    for chosen in sets:
        then = _with(tree, unit, raised, chosen)
        if then >= cut - _ROUNDING:
            return sorted(chosen), then, True
    return usable.tolist(), everything, True  # all of them do, as was seen above


def _with(tree: Tree, unit: int, raised: Floats, chosen: Integers | list[int]) -> float:
    """The total of a unit with the chosen codes raised."""
    scores = tree.branches.scores[[unit]]
    scores[0, chosen] = raised[chosen]
    return float(tree.totals(scores, np.array([unit]))[0])


def _best_of_each_size(tree: Tree, unit: int, raised: Floats, usable: Integers) -> list[list[int]] | None:
    """The best sets of 1, 2, … codes to raise; see the module's docstring for the proof.

    None where it does not hold: for the median, and for a mean that one zero makes zero (``zero_floor`` 0).
    """
    level, inner, outer = tree.branches, tree.means.indicators.transform, tree.means.dimensions.transform
    if inner is None or outer is None:
        return None
    step, now = np.zeros(len(raised)), level.scores[unit]
    step[usable] = level.weights[usable] * np.abs(inner.forward(raised[usable]) - inner.forward(now[usable]))
    best: Floats = np.zeros(1)  # of each size so far: what Σ W·f(D) has gained
    taken: list[list[int]] = [[]]  # and the codes
    for place, (columns, weight) in enumerate(zip(level.columns, level.dimension_weights, strict=True)):
        own = usable[(columns.start <= usable) & (usable < columns.stop)]
        own = own[np.argsort(-step[own], kind="stable")]
        if not len(own):
            continue
        scores = np.repeat(now[None], len(own) + 1, axis=0)
        for m in range(1, len(own) + 1):
            scores[m:, own[m - 1]] = raised[own[m - 1]]
        reached = level.dimension_scores(scores, np.full(len(scores), unit), tree.means)[:, place]
        if np.isnan(reached[0]):
            continue  # too little of it is there: it does not count, whatever is raised
        with np.errstate(invalid="ignore"):  # ∞ − ∞, told of below
            gained = weight * np.abs(outer.forward(reached) - outer.forward(reached[:1]))
        if not np.isfinite(gained).all():
            return None
        best, taken = _shared(best, taken, gained, own.tolist())
    return taken[1:]


def _shared(
    best: Floats, taken: list[list[int]], gained: Floats, own: list[int]
) -> tuple[Floats, list[list[int]]]:
    """The best of each size with one dimension more, of which ``own`` are raised in that order (max-plus convolution)."""
    sizes = len(best) + len(gained) - 1
    values = np.full(sizes, -np.inf)
    sets: list[list[int]] = [[] for _ in range(sizes)]
    for size in range(sizes):
        for m in range(max(0, size - len(best) + 1), min(size, len(own)) + 1):
            value = best[size - m] + gained[m]
            if value > values[size] + _WORTH * 1e-3:
                values[size], sets[size] = value, [*taken[size - m], *own[:m]]
    return values, sets


def _one_by_one(tree: Tree, unit: int, raised: Floats, cut: float) -> tuple[list[int], float, bool]:
    """Each the best after those before; what is then not needed is left out again."""
    left, chosen, then = np.flatnonzero(~np.isnan(raised)).tolist(), list[int](), -np.inf
    while left and then < cut - _ROUNDING:
        totals = [_with(tree, unit, raised, [*chosen, c]) for c in left]
        chosen.append(left.pop(int(np.argmax(totals))))
        then = max(totals)
    for code in list(chosen):
        rest = [c for c in chosen if c != code]
        if rest and _with(tree, unit, raised, rest) >= cut - _ROUNDING:
            chosen = rest
    return sorted(chosen), _with(tree, unit, raised, chosen), len(chosen) <= 2
