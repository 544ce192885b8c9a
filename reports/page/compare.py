"""What the comparison page needs to set any towns beside one another, year by year, with the gap of any two in parts.

A dimension of many indicators is drawn by its aspects (方面): the score of an aspect is the mean of its indicators' scores
under the weights in force, over those that have one.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import combinations

import polars as pl

from ...engine.analysis.comparing import Tree, by_dimension, decompose, trees_of
from ...engine.results import UNGRADED, Results
from ...engine.scoring.means import means_of
from .. import numbers
from ..tables.comparison import MISSING_PART, rank_shown
from ..tables.table import Table
from ..view import Row, View
from .layers import Layer, layers_of, values_table

Aspect = tuple[str, tuple[float | None, ...]]
NAMED = 5  # indicators named for each pair
_DIGITS = 6  # of points: the parts still add up in print, whatever is chosen


@dataclass(frozen=True)
class Standing:
    """One town in one year: total, grade, rank with interval, change and satisfaction as printed; scores by dimension.

    ``grades`` are those of the dimensions; ``place`` the rank, its interval's ends and the number of peers.
    """

    score: float | None
    grade: str
    rank: str
    change: str
    satisfaction: str
    dimensions: tuple[float | None, ...]
    grades: tuple[str, ...]
    place: tuple[int | None, int | None, int | None, int | None]


@dataclass(frozen=True)
class Gap:
    """The gap of the first town of a pair from the second: points by dimension, then those of missing dimensions.

    ``named``: the indicators (place in the page's list; below zero −1 − d: the residents' view of dimension d) with most
    points, largest first.
    """

    points: tuple[float, ...]
    named: tuple[tuple[int, float], ...]


@dataclass(frozen=True)
class YearOf:
    """One year: the towns in the page's order (None: not scored), the gap of every pair (i, j) with i < j.

    ``whole`` and ``district`` are the district's total and its dimensions. ``untold`` says why where there are no gaps.
    ``aspects``: dimension → (aspect, scores of the towns and the district's last). ``values``: every indicator's values.
    """

    year: int
    towns: tuple[Standing | None, ...]
    whole: float | None
    district: tuple[float | None, ...]
    gaps: dict[tuple[int, int], Gap]
    untold: str
    layers: tuple[Layer, ...]
    aspects: dict[str, tuple[Aspect, ...]]
    values: Table


@dataclass(frozen=True)
class Compared:
    """Everything to choose from: names of dimensions and indicators, years with the page's own first."""

    dimensions: tuple[str, ...]
    indicators: tuple[str, ...]
    missing: str
    years: tuple[YearOf, ...]


def compared(view: View, towns: Sequence[str], others: Sequence[Results] = ()) -> Compared:
    """The towns (codes, in the page's order) in the page's year and in ``others``, the latest first."""
    names = tuple(view.results.dimension_names)
    codes = {code: i for i, code in enumerate(view.indicators)}
    found = [_year(view, towns, names, codes)]
    for results in sorted(others, key=lambda r: -r.year):
        found.append(_year(View(results), towns, names, codes))
    return Compared(names, tuple(row["name"] for row in view.indicators.values()), MISSING_PART, tuple(found))


def _year(view: View, towns: Sequence[str], names: Sequence[str], codes: dict[str, int]) -> YearOf:
    standings = tuple(_standing(view, unit, names) for unit in towns)
    above = {r["dimension"]: r["score"] for r in view.dimensions(view.district)}
    gaps: dict[tuple[int, int], Gap] = {}
    untold = ""
    try:
        here = [u for u in towns if u in view.units]
        trees, means = trees_of(view.results, here), means_of(view.results.scheme)
        scored = [(i, trees[u]) for i, u in enumerate(towns) if u in trees and standings[i] is not None]
        for (i, a), (j, b) in combinations([(i, t) for i, t in scored if _has_total(t)], 2):
            gaps[i, j] = _gap(decompose(a, b, means), names, codes)
    except ValueError as fault:
        gaps, untold = {}, f"{fault}。"
    whole = view.total(view.district)
    return YearOf(
        view.results.year, standings, whole["score"] if whole else None, tuple(above.get(n) for n in names), gaps, untold,
        layers_of(view, towns), {n: aspects_of(view, towns, n) for n in names}, values_table(view, towns),
    )  # fmt: skip


def _has_total(tree: Tree) -> bool:
    return tree.total == tree.total  # not NaN


def _standing(view: View, unit: str, names: Sequence[str]) -> Standing | None:
    total = view.total(unit)
    if total is None:
        return None
    rows = {r["dimension"]: r for r in view.dimensions(unit)}
    return Standing(
        total["score"], total["grade"] or UNGRADED, rank_shown(total), numbers.signed(total["change"], 1),
        numbers.score(total["satisfaction"]), tuple(rows[n]["score"] if n in rows else None for n in names),
        tuple((rows[n]["grade"] if n in rows else None) or "" for n in names),
        (total["rank"], total["rank_low"], total["rank_high"], total["peers"]),
    )  # fmt: skip


def aspects_of(view: View, towns: Sequence[str], dimension: str) -> tuple[Aspect, ...]:
    """The aspects of a dimension that any town has a score of, with the scores of the towns and, last, the district's.

    Indicators without an aspect of their own take no part.
    """
    names = dict.fromkeys(
        row["aspect"] for row in view.indicators.values() if row["dimension"] == dimension and row["aspect"]
    )
    units = (*towns, view.district)
    rows = {u: [r for r in view.scores(u) if r["dimension"] == dimension] for u in units}
    found = ((name, tuple(_aspect_score(view, rows[u], name) for u in units)) for name in names)
    return tuple((name, scores) for name, scores in found if any(v is not None for v in scores[:-1]))


def _aspect_score(view: View, rows: Sequence[Row], aspect: str) -> float | None:
    """The weighted mean of the scores of one unit's indicators of an aspect; None where none has one."""
    known = [
        r for r in rows if r["score"] is not None and view.indicators[r["indicator"]]["aspect"] == aspect
    ]
    weights = [view.weights(r["level"], r["dimension"]).get(r["indicator"], 0.0) for r in known]
    if not sum(weights):
        return None
    return sum(w * r["score"] for w, r in zip(weights, known, strict=True)) / sum(weights)


def _gap(parts: pl.DataFrame, names: Sequence[str], codes: dict[str, int]) -> Gap:
    by = by_dimension(parts)
    points = tuple(round(by.get(n, 0.0), _DIGITS) + 0.0 for n in (*names, None))
    place = {name: i for i, name in enumerate(names)}
    ranked = parts.filter((pl.col("part") != "missing") & (pl.col("points").abs() > 1e-9)).sort(
        pl.col("points").abs(), descending=True, maintain_order=True
    )
    rows = ranked.select("dimension", "indicator", "points").head(NAMED).iter_rows()
    named = tuple(
        (codes[code] if code in codes else -1 - place.get(dimension, 0), round(p, 4))
        for dimension, code, p in rows
    )
    return Gap(points, named)
