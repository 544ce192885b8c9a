"""What the comparison page needs to set any towns beside one another, year by year, with the gap of any two in parts."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import combinations

import polars as pl

from ...engine.analysis.comparing import Tree, by_dimension, decompose, trees_of
from ...engine.results import Results
from ...engine.scoring.means import means_of
from .. import numbers
from ..tables.comparison import MISSING_PART, rank_shown
from ..view import View

NAMED = 5  # indicators named for each pair
_DIGITS = 6  # of points: the parts still add up in print, whatever is chosen


@dataclass(frozen=True)
class Standing:
    """One town in one year: total, grade, rank with interval, change and satisfaction as printed; scores by dimension."""

    score: float | None
    grade: str
    rank: str
    change: str
    satisfaction: str
    dimensions: tuple[float | None, ...]


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

    ``untold`` says why where there are no gaps.
    """

    year: int
    towns: tuple[Standing | None, ...]
    district: tuple[float | None, ...]
    gaps: dict[tuple[int, int], Gap]
    untold: str


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
    return YearOf(view.results.year, standings, tuple(above.get(n) for n in names), gaps, untold)


def _has_total(tree: Tree) -> bool:
    return tree.total == tree.total  # not NaN


def _standing(view: View, unit: str, names: Sequence[str]) -> Standing | None:
    total = view.total(unit)
    if total is None:
        return None
    scores = {r["dimension"]: r["score"] for r in view.dimensions(unit)}
    return Standing(
        total["score"], total["grade"] or "", rank_shown(total), numbers.signed(total["change"], 1),
        numbers.score(total["satisfaction"]), tuple(scores.get(n) for n in names),
    )  # fmt: skip


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
