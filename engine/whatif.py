"""What if a score were another (假设推算): the totals again, with single indicators at other values.

A :class:`Tree` holds the scores of one level and the way they become totals under the scheme in force: weights,
aggregations, the residents' share, missing weight spread over the rest. What it computes is what ``score_all`` would
compute from the edited values, as far as a unit's own scores go: scales, weights and the other units stay as they are
(同级的标度两端不动), or one town's park would lower the scores of all the others.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
import polars as pl

from ..indicators.model import Indicator, Standard
from .results import LEVELS
from .scheme import OneIndicator, Scoring
from .scoring.aggregate import aggregation
from .scoring.base import Floats, Integers
from .scoring.score import minimum_present_of
from .scoring.tree import TOTAL, weights_in
from .scoring.values import BASELINE_CAP, score_values

Mean = Callable[[Floats, Floats], tuple[Floats, Floats]]
EQUAL = 1e-9  # values nearer than this share of their size are the same


@dataclass(frozen=True)
class Tree:
    """The scores of one level, (units, codes), and what turns them into totals.

    ``of`` is the place of each code's dimension in ``dimensions``; ``weights`` (codes,) weigh within a dimension,
    ``dimension_weights`` within the total; ``perceived`` (units, dimensions) is what residents say. NaN is missing.
    """

    level: str
    units: tuple[str, ...]
    codes: tuple[str, ...]
    dimensions: tuple[str, ...]
    of: Integers
    weights: Floats
    dimension_weights: Floats
    scores: Floats
    perceived: Floats
    scheme: Scoring

    def dimension_scores(self, scores: Floats, rows: Integers) -> Floats:
        """The dimensions (r, dimensions) of edited ``scores`` (r, codes); ``rows`` says which unit each row is of."""
        whole = np.full((len(scores), len(self.dimensions)), np.nan)
        mean = self.mean(self.scheme.aggregate_indicators)
        for place in range(len(self.dimensions)):
            own = self.of == place
            whole[:, place], _ = mean(scores[:, own], self.weights[own])
        said, share = self.perceived[rows], self.scheme.perceived_share
        return np.where(np.isnan(said), whole, whole * (1 - share) + said * share)

    def totals(self, scores: Floats, rows: Integers) -> Floats:
        """The totals (r,) of edited ``scores`` (r, codes)."""
        mean = self.mean(self.scheme.aggregate_dimensions)
        return np.asarray(mean(self.dimension_scores(scores, rows), self.dimension_weights)[0])

    def mean(self, name: str) -> Mean:
        """The aggregation ``name`` with the scheme's settings."""
        s = self.scheme
        return aggregation(
            name, power=s.power, zero_floor=s.zero_floor, minimum_present=minimum_present_of(s)
        )

    @cached_property
    def now(self) -> Floats:
        """The totals as they are, (units,)."""
        return self.totals(self.scores, np.arange(len(self.units)))

    def edited(self, rows: Integers, columns: Integers, then: Floats) -> Floats:
        """One row of scores for each edit: unit ``rows[i]`` with its code ``columns[i]`` at score ``then[i]``."""
        scores = self.scores[rows]
        scores[np.arange(len(rows)), columns] = then
        return scores

    @property
    def adds_up(self) -> bool:
        """Whether the gains of several indicators add: only where every mean is arithmetic."""
        return self.scheme.aggregate_indicators == self.scheme.aggregate_dimensions == "arithmetic"


def trees(frames: dict[str, pl.DataFrame], names: tuple[str, ...], scheme: Scoring) -> dict[str, Tree]:
    """The tree of each level that has scores, from the frames ``scores``, ``dimensions`` and ``weights`` of a run."""
    return {
        level: _tree(level, frames, names, scheme)
        for level in LEVELS
        if frames["dimensions"].filter(pl.col("level") == level).height
    }


def _tree(level: str, frames: dict[str, pl.DataFrame], names: tuple[str, ...], scheme: Scoring) -> Tree:
    scores = frames["scores"].filter(pl.col("level") == level)
    units = scores["unit"].unique().sort()
    placed = dict(scores.select("indicator", "dimension").unique().iter_rows())
    codes = tuple(sorted(placed))
    dimensions = tuple(n for n in names if n in set(placed.values()))
    said = frames["dimensions"].filter(pl.col("level") == level)
    weights = {name: weights_in(frames["weights"], level, name) for name in (*dimensions, TOTAL)}
    return Tree(
        level, tuple(units), codes, dimensions,
        np.array([dimensions.index(placed[c]) for c in codes], dtype=np.int64),
        np.array([weights[placed[c]][c] for c in codes]),
        np.array([weights[TOTAL][d] for d in dimensions]),
        _wide(scores, "indicator", "score", units, codes),
        _wide(said, "dimension", "perceived", units, dimensions),
        scheme,
    )  # fmt: skip


def _wide(frame: pl.DataFrame, on: str, values: str, units: pl.Series, columns: tuple[str, ...]) -> Floats:
    """(units, columns) of a long frame; NaN where there is nothing."""
    row = {unit: i for i, unit in enumerate(units)}
    column = {name: i for i, name in enumerate(columns)}
    matrix = np.full((len(row), len(column)), np.nan)
    kept = frame.filter(pl.col(values).is_not_null())
    matrix[[row[u] for u in kept["unit"]], [column[c] for c in kept[on]]] = kept[values].to_numpy()
    return matrix


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
        x, y = self.figures, self.scores
        if len(x) < 2 or x[0] <= figure <= x[-1]:
            return float(np.interp(figure, x, y))
        end = slice(0, 2) if figure < x[0] else slice(-2, None)
        (x0, x1), (y0, y1) = x[end], y[end]
        return float(np.clip(y0 + (y1 - y0) * (figure - x0) / (x1 - x0), 0.0, 100.0))


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
