"""What if a score were another (假设推算): the totals again, with single indicators at other values.

A :class:`Tree` is the branches of one level and the scheme in force. What it computes is what ``score_all`` would
compute from the edited values, as far as a unit's own scores go: scales, weights and the other units stay as they are
(同级的标度两端不动), or one town's park would lower the scores of all the others.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
import polars as pl

from ...indicators.model import Indicator, Standard
from ..results import LEVELS
from ..scoring.base import Floats, Integers
from ..scoring.branches import Branches, branches_of
from ..scoring.means import Means, means_of
from ..scoring.values import BASELINE_CAP, score_values
from ..settings.scheme import OneIndicator, Scoring

EQUAL = 1e-9  # values nearer than this share of their size are the same


@dataclass(frozen=True)
class Tree:
    """The branches of one level and the scheme in force."""

    branches: Branches
    scheme: Scoring

    @cached_property
    def means(self) -> Means:
        """The scheme's means."""
        return means_of(self.scheme)

    @cached_property
    def now(self) -> Floats:
        """The totals as they are, (units,)."""
        return self.totals(self.branches.scores, np.arange(len(self.branches.units)))

    def totals(self, scores: Floats, rows: Integers) -> Floats:
        """The totals (r,) of edited ``scores`` (r, codes); ``rows`` says which unit each row is of."""
        return self.branches.totals(scores, rows, self.means)

    def edited(self, rows: Integers, columns: Integers, then: Floats) -> Floats:
        """One row of scores for each edit: unit ``rows[i]`` with its code ``columns[i]`` at score ``then[i]``."""
        scores = self.branches.scores[rows]
        scores[np.arange(len(rows)), columns] = then
        return scores

    def places(self, frame: pl.DataFrame) -> tuple[Integers, Integers]:
        """(rows, columns) where the ``unit`` and ``indicator`` of each row of ``frame`` stand."""
        unit = {u: i for i, u in enumerate(self.branches.units)}
        code = {c: i for i, c in enumerate(self.branches.codes)}
        return (
            np.array([unit[u] for u in frame["unit"]], dtype=np.int64),
            np.array([code[c] for c in frame["indicator"]], dtype=np.int64),
        )

    @property
    def adds_up(self) -> bool:
        """Whether the gains of several indicators add: only where every mean is arithmetic."""
        return self.means.indicators.name == self.means.dimensions.name == "arithmetic"


def trees(frames: dict[str, pl.DataFrame], scheme: Scoring) -> dict[str, Tree]:
    """The tree of each level that was scored, from the frames scores, dimensions, totals and weights of a run."""
    found = {level: branches_of(frames, level) for level in LEVELS}
    return {level: Tree(tree, scheme) for level, tree in found.items() if tree is not None}


# ---- the goal, and the score of a value that is not there yet -----------------------------------------------


def goal_of(indicator: Indicator, standard: Standard | None, value: float) -> float | None:
    """What ``value`` should become (目标): the target, else the floor, as in 整治建议清单; of a band the edge to get back to.

    A 底线型 count should be zero, whatever its standard leaves out. None where nothing says what is right: ``best`` is what
    the full score takes and nobody demands it, and to be among the best of one's peers moves with them.
    """
    if indicator.direction == "within":
        return _edge(standard, value)
    if standard is not None and (standard.target is not None or standard.floor is not None):
        return standard.floor if standard.target is None else standard.target
    return 0.0 if indicator.kind == "baseline" and indicator.is_count else None


def _edge(standard: Standard | None, value: float) -> float | None:
    """The edge of the band that ``value`` lies beyond; the value itself where it lies inside."""
    if standard is None:
        return None
    if standard.low is not None and value < standard.low:
        return standard.low
    return standard.high if standard.high is not None and value > standard.high else value


def is_short(indicator: Indicator, value: float, goal: float) -> bool:
    """Whether ``value`` is on the wrong side of ``goal``."""
    room = EQUAL * max(abs(value), abs(goal))
    if indicator.direction == "within":
        return abs(value - goal) > room
    return (goal - value if indicator.direction == "higher" else value - goal) > room


@dataclass(frozen=True)
class Ladder:
    """What one indicator's figures score among the peers of one level: ``figures`` (m,) rising, their ``scores`` (m,)."""

    figures: Floats
    scores: Floats

    def at(self, figure: float) -> float:
        """The score at ``figure``: straight between the two peers next to it, and on along the last stretch, 0–100.

        That is the scale itself where it is straight (min-max, z-score, distances); a place between two peers where it
        counts places (percentile, rank).
        """
        return float(self.all_at(np.array([figure]))[0])

    def all_at(self, figures: Floats) -> Floats:
        """The scores at each of ``figures`` (m,)."""
        x, y = self.figures, self.scores
        scores = np.interp(figures, x, y)
        if len(x) < 2:
            return scores
        for beyond, at in ((figures < x[0], 0), (figures > x[-1], -2)):
            step = (y[at + 1] - y[at]) / (x[at + 1] - x[at])
            scores[beyond] = np.clip(y[at] + step * (figures[beyond] - x[at]), 0.0, 100.0)
        return scores


def figure_name(indicator: Indicator, scheme: Scoring) -> str:
    """The column of ``scores`` that scoring looks at: per head or km² where the scheme says so, else as compared."""
    return "scaled" if scheme.indicators.get(indicator.code, OneIndicator()).per else "compared"


def ladders(
    scores: pl.DataFrame, indicators: Sequence[Indicator], year: int, scheme: Scoring
) -> dict[tuple[str, str], Ladder]:
    """The ladder of each (level, indicator); the district, which has no peers, stands on that of its towns.

    Of a 底线型 indicator only those below the floor are on it: the others have passed, however good they are.
    """
    found = {}
    by_code = {i.code: i for i in indicators}
    known = scores.filter(pl.col("score").is_not_null() & pl.col("value").is_not_null())
    for (level, code), group in known.group_by(["level", "indicator"], maintain_order=True):
        indicator = by_code[str(code)]
        standard = indicator.standard_in(year)
        rungs = group.select(figure=figure_name(indicator, scheme), score="score").drop_nulls()
        if indicator.kind == "baseline" and standard is not None and standard.floor is not None:
            rungs = rungs.filter(pl.col("score") <= BASELINE_CAP)
        goal = None if standard is None else standard.target
        if goal is not None and group["method"][0] == "distance_to_target":
            rungs = pl.concat([rungs, pl.DataFrame({"figure": [float(goal)], "score": [100.0]})])
        rungs = rungs.group_by("figure").agg(pl.col("score").mean()).sort("figure")
        found[str(level), str(code)] = Ladder(rungs["figure"].to_numpy(), rungs["score"].to_numpy())
    towns = {("district", code): ladder for (level, code), ladder in found.items() if level == "town"}
    return found | towns


def score_at(
    value: float, row: dict[str, Any], indicator: Indicator, standard: Standard | None, scheme: Scoring,
    ladder: Ladder | None,
) -> float:  # fmt: skip
    """The score of a unit if its indicator's value were ``value``; ``row`` is its row of ``scores`` now, with a score.

    By the standard: exactly what the scale gives. Among peers: the rung of the ladder, whose ends stay where they are; a
    底线型 indicator that meets its floor passes whole, and one that does not has at most 59 (``scoring/values.py``). The
    district among its towns has at least what it has now, the mean of their scores.
    """
    column = figure_name(indicator, scheme)
    figure = _figure(value, row["value"], row[column], rescaled=indicator.is_count or column == "scaled")
    if column == "compared":
        alone = score_values(np.array([figure]), indicator, standard, scheme)
        if alone.method == row["method"]:  # a scale that needs no peers
            return float(alone.scores[0])
    floor = None if standard is None else standard.floor
    held = indicator.kind == "baseline" and floor is not None
    if held and floor is not None and not is_short(indicator, value, floor):
        return 100.0
    if ladder is None or not len(ladder.figures):
        return float(row["score"])
    then = min(ladder.at(figure), BASELINE_CAP) if held else ladder.at(figure)
    return max(float(row["score"]), then) if row["method"] == "towns" else then


def _figure(value: float, was: float, scored: float, *, rescaled: bool) -> float:
    """What scoring looks at if the value were ``value``: of a count or an amount its share or rate over the same base."""
    return value * scored / was if rescaled and was else value
