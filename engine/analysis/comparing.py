"""Units compared (单元对比): why two totals differ, part by part and to the last digit; who is alike; who does it well.

:func:`decompose` splits the gap between two totals into dimensions and, within each, into indicators, the residents'
view and what missing scores do to the weights. At every node of the tree a mean of scores x with effective weights v
(over what is there) is compared with one of y and w, by one rule:

* the means are quasi-arithmetic, M = f⁻¹(Σ v·f(x)), so M_a − M_b = L · Σ (v·f(x) − w·f(y)) with L = (M_a − M_b) /
  (f(M_a) − f(M_b)). For the geometric mean L is the logarithmic mean: the additive LMDI-I (Ang, Energy Policy 33 (2005)
  867–871). For the arithmetic mean L is 1;
* each term is split into what the score and what the weight does, both halves of the order (weight first, score first)
  counting alike: v·X − w·Y = ½(v + w)(X − Y) + ½(X + Y)(v − w) (Kitagawa, JASA 50 (1955) 1168–1194; the Shapley value of
  two factors). A score that one side lacks counts as equal to the other's, so that it works through the weights alone;
* a median, and a geometric or harmonic mean without a floor (or a root) with a score of zero, have no such form: there each score and the weights
  as a whole are players of a game and get their Shapley values, over all orders where there are few, else over 256 drawn
  orders and their reversals (Castro, Gómez & Tejada, Computers & OR 36 (2009) 1726–1730). Any set of orders adds up.

Variant: a node's share is handed down in proportion to its own split. Hence the parts add up to the gap, a against b is
the opposite of b against a, and a gap against the mean of several units is the mean of the gaps against each.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import permutations

import numpy as np
import polars as pl

from ..results import Results
from ..scoring.aggregate import POWERS, Transform
from ..scoring.base import Floats, Integers
from ..scoring.means import Mean, Means
from ..scoring.tree import TOTAL

PARTS = ("indicator", "perceived", "missing")
GAPS: dict[str, type[pl.DataType]] = {
    "dimension": pl.String, "part": pl.String, "indicator": pl.String, "points": pl.Float64,
}  # fmt: skip
_TINY = 1e-3  # points: a score under it counts as zero, where the slope of a root or a logarithm has no bound
_NEAR = 1e-6  # points: closer than this a slope is taken as a derivative
_AGREES = 1e-6  # points by which a total may differ from what its parts make
_FEW, _DRAWS = 5, 256


@dataclass(frozen=True)
class Branch:
    """One dimension of one unit: its scores (NaN where missing), its weight, its indicators (code → score, weight)."""

    score: float
    objective: float
    perceived: float
    weight: float
    indicators: Mapping[str, tuple[float, float]]


@dataclass(frozen=True)
class Tree:
    """One unit's total (NaN where there is none) and its dimensions by name, in the system's order."""

    total: float
    branches: Mapping[str, Branch]


def trees_of(results: Results, units: Sequence[str]) -> dict[str, Tree]:
    """The trees of ``units`` (codes) from the year's frames scores, dimensions, totals and weights.

    Raises ValueError (in Chinese) when the results carry no weights.
    """
    if results.weights.is_empty():
        raise ValueError(f"{results.year}年的结果里没有权重表，不能分解得分差距；请重新运行 tijian run")
    weights = {
        (level, parent, child): weight
        for level, parent, child, weight in results.weights.select(
            "level", "parent", "child", "weight"
        ).iter_rows()
    }
    here = pl.col("unit").is_in(list(units))
    leaves: dict[tuple[str, str], dict[str, tuple[float, float]]] = {}
    rows = results.scores.filter(here).select("unit", "level", "dimension", "indicator", "score").iter_rows()
    for unit, level, dimension, code, score in rows:
        weight = weights.get((level, dimension, code), 0.0)
        leaves.setdefault((unit, dimension), {})[code] = (_known(score), weight)
    order = {name: i for i, name in enumerate(results.dimension_names)}
    branches: dict[str, dict[str, Branch]] = {unit: {} for unit in units}
    for row in sorted(results.dimensions.filter(here).to_dicts(), key=lambda r: order.get(r["dimension"], len(order))):  # fmt: skip
        name = row["dimension"]
        branches[row["unit"]][name] = Branch(
            _known(row["score"]), _known(row["objective"]), _known(row["perceived"]),
            weights.get((row["level"], TOTAL, name), 0.0), leaves.get((row["unit"], name), {}),
        )  # fmt: skip
    totals = dict(results.totals.filter(here).select("unit", "score").iter_rows())
    return {unit: Tree(_known(totals.get(unit)), branches[unit]) for unit in units}


def _known(value: float | None) -> float:
    return float("nan") if value is None else float(value)


# ── the gap ───────────────────────────────────────────────────────────────────────────────────────────────


def decompose(a: Tree, b: Tree, means: Means) -> pl.DataFrame:
    """The gap a.total − b.total in parts that add up to it: dimension, part, indicator, points.

    ``part`` is indicator (one indicator's score), perceived (the residents' view), or missing (missing scores and the
    weights they leave to the others; its ``dimension`` is null for whole dimensions). Raises ValueError in Chinese when a
    unit has no total or the stored scores do not make it.
    """
    if np.isnan(a.total) or np.isnan(b.total):
        raise ValueError("没有综合得分的单元不能分解差距")
    names = list(dict.fromkeys([*a.branches, *b.branches]))
    empty = Branch(*(float("nan"),) * 3, 0.0, {})
    pairs = [(a.branches.get(n, empty), b.branches.get(n, empty)) for n in names]
    top = _split(
        np.array([[p.score, q.score] for p, q in pairs]), np.array([[p.weight, q.weight] for p, q in pairs]),
        means.dimensions, (a.total, b.total),
    )  # fmt: skip
    rows: list[tuple[str | None, str, str | None, float]] = []
    rest = top.missing  # and what a slope taken as a derivative leaves of a difference under _NEAR
    for name, (p, q), factor, effect in zip(names, pairs, top.factors, top.effects, strict=True):
        if not (np.isnan(p.score) or np.isnan(q.score)):
            rows += _inside(name, p, q, means, float(factor))
            rest += float(effect - factor * (p.score - q.score))
    rows.append((None, "missing", None, rest))
    return pl.DataFrame(rows, schema=GAPS, orient="row")


def _inside(
    name: str, p: Branch, q: Branch, means: Means, factor: float
) -> list[tuple[str | None, str, str | None, float]]:
    """A dimension's part of the gap, ``factor`` times its own: indicators, the residents' view, missing scores."""
    asked = [0.0 if np.isnan(side.perceived) else means.perceived_share for side in (p, q)]
    blend = _split(
        np.array([[p.objective, q.objective], [p.perceived, q.perceived]]), np.array([1 - np.array(asked), asked]),
        Mean(), (p.score, q.score),
    )  # fmt: skip
    codes = sorted({*p.indicators, *q.indicators})
    none = (float("nan"), 0.0)
    held = np.array([[p.indicators.get(c, none), q.indicators.get(c, none)] for c in codes])
    below = _split(held[:, :, 0], held[:, :, 1], means.indicators, (p.objective, q.objective))
    down = factor * float(blend.factors[0])
    rows: list[tuple[str | None, str, str | None, float]] = [
        (name, "indicator", code, down * float(points))
        for code, points in zip(codes, below.effects, strict=True)
    ]
    if not (np.isnan(p.perceived) and np.isnan(q.perceived)):
        rows.append((name, "perceived", None, factor * float(blend.effects[1])))
    rows.append((name, "missing", None, factor * blend.missing + down * below.missing))
    return rows


@dataclass(frozen=True)
class _Split:
    """The gap of one node: what each child's score does (k,), what weights do, points of the node per point of a child."""

    effects: Floats
    missing: float
    factors: Floats


def _split(scores: Floats, weights: Floats, mean: Mean, made: tuple[float, float]) -> _Split:
    """Split one node: ``scores`` and ``weights`` (k, 2) of both sides; ``made``: the node's stored scores, to check."""
    there = ~np.isnan(scores)
    effective = np.where(there, weights, 0.0)
    if not (effective.sum(axis=0) > 0).all():
        raise ValueError("结果库里有得分却没有相应的权重，不能分解得分差距；请重新运行 tijian run")
    v, w = (effective / effective.sum(axis=0)).T
    some = there.any(axis=1)
    x, y = np.where(there, scores, scores[:, ::-1])[some].T
    v, w = v[some], w[some]
    both = float(mean.of(x[None, :], v)[0]), float(mean.of(y[None, :], w)[0])
    if max(abs(both[0] - made[0]), abs(both[1] - made[1])) > _AGREES:
        raise ValueError("结果库里的权重与得分合不上，不能分解得分差距；请重新运行 tijian run")
    f = _smooth(mean, np.concatenate([x, y, both]))
    if f is None:
        found, missing = _shapley(x, y, v, w, mean)
        slopes = np.divide(found, x - y, out=np.zeros_like(found), where=np.abs(x - y) > _NEAR)
    else:
        whole, middle = 1.0 / _slope(f, np.array(both[:1]), np.array(both[1:]))[0], (v + w) / 2
        level = (f.forward(np.array(both))).mean()  # the weights' changes cancel: any level may be taken off
        fx, fy = f.forward(x), f.forward(y)
        found = whole * middle * (fx - fy)
        missing = float(whole * ((v - w) * ((fx + fy) / 2 - level)).sum())
        slopes = whole * middle * _slope(f, x, y)
    effects, factors = np.zeros(len(scores)), np.zeros(len(scores))
    effects[some], factors[some] = found, slopes
    return _Split(effects, missing, factors)


def _smooth(mean: Mean, scores: Floats) -> Transform | None:
    """The mean's f and f⁻¹; None where there is none with a finite slope on ``scores``."""
    if mean.name != "median" and bool((scores < _TINY).any()):
        p = POWERS.get(mean.name, mean.power)
        if p < 1 and (p > 0 or mean.zero_floor < _TINY):
            return None
    return mean.transform


def _slope(f: Transform, x: Floats, y: Floats) -> Floats:
    """(f(x) − f(y)) / (x − y), the derivative where the two meet (a central difference)."""
    apart = np.abs(x - y) > _NEAR
    half = np.where(apart, 0.0, 1e-4)
    high, low = np.where(apart, x, (x + y) / 2 + half), np.where(apart, y, (x + y) / 2 - half)
    low = np.maximum(low, 0.0)
    return np.asarray((f.forward(high) - f.forward(low)) / (high - low))


def _shapley(x: Floats, y: Floats, v: Floats, w: Floats, mean: Mean) -> tuple[Floats, float]:
    """Shapley values of the k scores and, last, of the weights, in going from (y, w) to (x, v)."""
    count = len(x) + 1
    orders = _orders(count)
    switched = (
        np.argsort(orders, axis=1)[:, None, :] < np.arange(count + 1)[None, :, None]
    )  # order × step × player
    scores = np.where(switched[:, :, :-1], x, y).reshape(-1, len(x))
    by_weights = np.stack([mean.of(scores, w), mean.of(scores, v)])
    chosen = switched[:, :, -1].reshape(-1).astype(np.int64)
    values = by_weights[chosen, np.arange(len(chosen))].reshape(len(orders), count + 1)
    found = np.zeros(count)
    np.add.at(found, orders, np.diff(values, axis=1))
    found /= len(orders)
    return found[:-1], float(found[-1])


def _orders(count: int) -> Integers:
    """The orders in which players come (n, count), with each its reversal: all of them for few players."""
    if count <= _FEW:
        return np.array(list(permutations(range(count))), dtype=np.int64)
    drawn = np.random.default_rng(count).permuted(np.tile(np.arange(count), (_DRAWS, 1)), axis=1)
    return np.concatenate([drawn, drawn[:, ::-1]])


def gaps_from_mean(trees: Mapping[str, Tree], means: Means) -> dict[str, pl.DataFrame]:
    """Each unit's gap from the mean total of all ``trees``, in parts: the mean of its gaps from each of them.

    The parts of a unit add up to its total less the mean of the totals; over the units every part adds up to zero. Units
    without a total are left out.
    """
    held = {unit: tree for unit, tree in trees.items() if not np.isnan(tree.total)}
    pairs = {(a, b): decompose(held[a], held[b], means) for a in held for b in held if a < b}
    found = {}
    for unit in held:
        parts = [
            pairs[unit, other] if unit < other else pairs[other, unit].with_columns(-pl.col("points"))
            for other in held
            if other != unit
        ]
        keys = ["dimension", "part", "indicator"]
        summed = pl.concat(parts or [pl.DataFrame(schema=GAPS)]).group_by(keys, maintain_order=True)
        found[unit] = summed.agg(pl.col("points").sum() / len(held))
    return found


def by_dimension(gap: pl.DataFrame) -> dict[str | None, float]:
    """A gap's points by dimension; None: what missing dimensions do. They add up to the gap."""
    summed = gap.group_by("dimension", maintain_order=True).agg(pl.col("points").sum())
    return dict(summed.iter_rows())
