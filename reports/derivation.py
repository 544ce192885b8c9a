"""得分推算: what a total is made of, down to the indicators, as nested parts; the one derivation that all prints show.

Every figure stands in the results (scores, dimensions, totals, weights) but two, which are worked out of them here: the
weight a part counts with when the weight of what is missing is shared out among the rest, and its term in the mean. With
the arithmetic mean a term is points of the parent's score and the terms add up to it; with another mean the terms add up
to the transformed score (:data:`MEANS`); the median has none.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Literal

import numpy as np

from ..engine.results import UNGRADED
from ..engine.scoring.aggregate import Transform
from ..engine.scoring.means import Mean, means_of
from ..engine.scoring.tree import TOTAL
from ..engine.settings.scheme import Scoring
from . import numbers
from .view import Row, View

Kind = Literal["total", "dimension", "objective", "perceived", "indicator"]
OBJECTIVE, PERCEIVED = "客观得分", "居民满意度"
MEANS: dict[str, str] = {
    "arithmetic": "加权算术平均：Σ 计分权重 × 得分",
    "geometric": "加权几何平均：exp(Σ 计分权重 × ln 得分)，得分低于 {floor:g} 的按 {floor:g} 计",
    "harmonic": "加权调和平均：1 ÷ Σ(计分权重 ÷ 得分)，得分低于 {floor:g} 的按 {floor:g} 计",
    "generalised": "广义平均：(Σ 计分权重 × 得分^{power:g})^(1/{power:g})",
    "median": "加权中位数：累计权重过半处的得分",
}
DECIMALS = 2  # of weights' terms and points of the total
BLEND = "客观得分与居民满意度按比例相加"


@dataclass(frozen=True)
class Part:
    """One score and what it is made of.

    ``weight`` is its share in its parent as weighed (0–1), ``effective`` the share it counts with (None: it does not count),
    ``term`` effective × the transformed score, ``in_total`` its points of the total, where all means on the way are
    arithmetic. ``term_shown`` and ``total_shown`` are the two as printed: they add up to what is printed above them. ``mean`` says how ``parts`` become the score; ``why`` why there is no score.
    """

    kind: Kind
    code: str
    name: str
    score: float | None
    grade: str = ""
    weight: float | None = None
    effective: float | None = None
    term: float | None = None
    in_total: float | None = None
    term_shown: float | None = None
    total_shown: float | None = None
    mean: str = ""
    additive: bool = True
    why: str = ""
    parts: tuple[Part, ...] = ()

    @property
    def missing(self) -> tuple[Part, ...]:
        """The parts that have no score."""
        return tuple(part for part in self.parts if part.score is None)

    def walk(self) -> Iterator[Part]:
        """This part and everything under it, top down."""
        yield self
        for part in self.parts:
            yield from part.walk()

    def find(self, kind: Kind, code: str) -> Part | None:
        """The part of that kind and code under this one."""
        return next((p for p in self.walk() if p.kind == kind and p.code == code), None)


def derive(view: View, unit: str) -> Part:
    """The total of one unit, with every dimension and every indicator of its level.

    Raises ValueError for a unit without any dimension in the results.
    """
    rows, scheme = view.dimensions(unit), view.results.scheme
    if not rows:
        raise ValueError(f"{view.name(unit)}没有计分")
    total = view.total(unit) or {"score": None, "grade": None, "weight_present": 0.0}
    level = view.units[unit]["level"]
    weights = view.weights(level, TOTAL)
    dimensions = tuple(
        replace(_dimension(view, unit, row, scheme), weight=weights[row["dimension"]]) for row in rows
    )
    whole = Part(
        "total", unit, view.name(unit), total["score"], total["grade"] or "",
        why=_too_little(total, scheme, "维度"), parts=dimensions,
    )  # fmt: skip
    placed = _placed(_weighed(whole, means_of(scheme).dimensions), 1.0)
    return _shown(replace(placed, total_shown=numbers.rounded(placed.score, DECIMALS)))


def weight_in_total(whole: Part, indicator: str) -> float | None:
    """The share of the total that an indicator is weighed with, along the way down to it; None where it is not in it."""
    for dimension in whole.parts:
        objective = dimension.parts[0]
        for leaf in objective.parts:
            if leaf.code == indicator:
                return (dimension.weight or 0.0) * (objective.weight or 0.0) * (leaf.weight or 0.0)
    return None


def _dimension(view: View, unit: str, row: Row, scheme: Scoring) -> Part:
    """One dimension: the objective score of its indicators, blended with the residents' view where they were asked."""
    level, name = view.units[unit]["level"], row["dimension"]
    weights = view.weights(level, name)
    leaves = tuple(
        Part(
            "indicator", score["indicator"], view.indicators[score["indicator"]]["name"], score["score"],
            score["grade"] or "", weight=weights[score["indicator"]],
            why=why_unscored(score) if score["score"] is None else "",
        )
        for score in view.scores(unit)
        if score["dimension"] == name
    )  # fmt: skip
    why = _too_little({**row, "score": row["objective"]}, scheme, "指标")
    objective = _weighed(
        Part("objective", name, OBJECTIVE, row["objective"], why=why, parts=leaves),
        means_of(scheme).indicators,
    )
    share = 0.0 if row["perceived"] is None else scheme.perceived_share
    parts = [replace(objective, weight=1 - share)]
    if row["perceived"] is not None:
        parts.append(Part("perceived", name, PERCEIVED, row["perceived"], weight=share))
    counts = row["score"] is not None
    blended = tuple(
        replace(p, effective=p.weight, term=(p.weight or 0.0) * (p.score or 0.0)) if counts else p
        for p in parts
    )
    return Part("dimension", name, name, row["score"], row["grade"] or "", mean=BLEND, why=why, parts=blended)


def _weighed(whole: Part, mean: Mean) -> Part:
    """``whole`` with the effective weight and the term of each part; none where the whole has no score."""
    words = MEANS[mean.name].format(floor=mean.zero_floor, power=mean.power)
    additive = mean.name == "arithmetic"
    there = sum(p.weight or 0.0 for p in whole.parts if p.score is not None)
    if whole.score is None or not there:
        return replace(whole, mean=words, additive=additive)
    transform = mean.transform
    parts = tuple(
        p
        if p.score is None
        else replace(p, effective=(p.weight or 0.0) / there, term=_term(p, there, transform))
        for p in whole.parts
    )
    return replace(whole, mean=words, additive=additive, parts=parts)


def _term(part: Part, there: float, transform: Transform | None) -> float | None:
    """effective × f(score); nothing for the median, nought for a part of no weight (0 · ∞ is no number)."""
    if transform is None or not part.weight:
        return None if transform is None else 0.0
    return float(transform.forward(np.array([part.score]))[0]) * part.weight / there


def _placed(part: Part, in_total: float | None) -> Part:
    """``part`` with the points of the total of everything under it; ``in_total`` is how much of the total one point is."""
    points = None if in_total is None or part.score is None else in_total * part.score
    below = in_total if part.additive and part.score is not None else None
    parts = tuple(
        _placed(p, None if below is None or p.effective is None else below * p.effective) for p in part.parts
    )
    return replace(part, in_total=points, parts=parts)


def _shown(part: Part) -> Part:
    """``part`` with its parts as printed, adding up to it."""
    terms = _adding_up([p.term for p in part.parts], part.score if part.additive else None)
    points = _adding_up([p.in_total for p in part.parts], part.total_shown)
    parts = (
        _shown(replace(p, term_shown=term, total_shown=shown))
        for p, term, shown in zip(part.parts, terms, points, strict=True)
    )
    return replace(part, parts=tuple(parts))


def _adding_up(figures: list[float | None], whole: float | None) -> list[float | None]:
    """The figures that are there, rounded so that they add up to ``whole``; none without it."""
    if whole is None:
        return [None] * len(figures)
    printed = iter(numbers.adding_up([f for f in figures if f is not None], whole, DECIMALS))
    return [None if figure is None else next(printed) for figure in figures]


def _too_little(row: Row, scheme: Scoring, what: str) -> str:
    """Why a score that needs enough weight is not there; empty where it is."""
    if row["score"] is not None:
        return ""
    if scheme.missing == "refuse":
        return f"缺{what}得分，按计分方案缺一项即不出分"
    present = numbers.percent(row["weight_present"] or 0.0)
    return f"有得分的{what}只占权重的 {present}，不足 {numbers.percent(scheme.minimum_present)}"


def why_unscored(score: Row) -> str:
    """Why an indicator of a unit has no score: a row of ``scores``."""
    if score["note"]:
        return str(score["note"])
    if score["value"] is None:
        return "没有可计分的数值"
    return f"{UNGRADED}：按标准定不出分值，可比的同级单元又不足 3 个"
