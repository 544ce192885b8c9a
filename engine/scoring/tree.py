"""Weights of the tree (权重): of every indicator in its dimension and of every dimension in 总分, at every level.

Two steps, because a dimension's score must be there before its weight can be read from it: :func:`weigh_indicators`,
:func:`weigh_dimensions`. Each gives a frame ``weights`` that says of every parent how it was weighed and from what.

What a method reads is chosen by what it measures. Entropy, CRITIC, the standard deviation and principal components
say how far the *scores* tell the units apart, since it is scores that are weighed: they read scores, which all run one
way from 0 to 100. The variants published for raw figures (entropy on raw shares, CRITIC without direction, MEREC,
which divides by the best value) read the values compared, as measured.

A child that nobody has a score of cannot be weighed by data: it keeps 1/k, so that it counts as the missing weight it
is. Where a method cannot be used at all the children weigh the same and ``basis`` says why; ``method`` is then
``equal``, by which :func:`report_fallbacks` knows it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Literal

import numpy as np
import polars as pl

from ...indicators.model import Indicator
from ..evidence import Comparison
from ..findings import Findings, Place
from ..results import LEVEL_NAMES, LEVELS, empty
from ..settings.scheme import Scoring, Weighting
from .base import Bools, Floats, floats_of, normalised
from .weighting import WEIGHTS
from .weights import weights_blend, weights_equal, weights_given
from .weights_ahp import MOST, judge, weights_ahp_group

TOTAL = "总分"  # the parent of the dimensions
FEWEST_UNITS = 3
FROM_DATA = ("entropy", "critic", "stdev", "pca", "merec")
METHOD_NAMES = {
    "equal": "等权", "given": "给定权重", "ahp": "层次分析法", "entropy": "熵权法", "critic": "CRITIC 法", "stdev": "标准差法",
    "pca": "主成分法", "merec": "MEREC 法", "blend": "组合赋权",
}  # fmt: skip
PRIORITY_NAMES = {"eigenvector": "特征向量法", "row_geometric": "几何平均法"}
_DEVIATIONS = {"sample": "样本标准差", "population": "总体标准差"}
_CORRELATIONS = {"pearson": "皮尔逊", "spearman": "斯皮尔曼"}
_RULES = {
    "nicoletti": "取特征值大于 1 且各解释 10% 以上的主成分，方差最大旋转后按载荷平方",
    "first": "第一主成分的载荷平方",
}


@dataclass(frozen=True)
class Siblings:
    """The k children of one parent at one level, with what they may be weighed by.

    ``given`` (k,) and ``given_by``, where those come from; ``directions`` (k,); ``rows`` unit, child, score and value
    (compared, in the child's own unit) of the level's units. ``towns``: of the district's, the same parent's children
    in the towns, whose figures are read instead: the district is one unit and tells nothing apart.
    """

    level: str
    parent: str
    children: tuple[str, ...]
    given: Floats
    given_by: str
    directions: tuple[str, ...]
    rows: pl.DataFrame
    towns: Siblings | None = None

    def matrix(self, column: str) -> Floats:
        """``score`` or ``value`` of the units that have any of it, (units, k); NaN where missing."""
        wide = self.rows.drop_nulls(column).pivot(on="child", index="unit", values=column).sort("unit")
        columns = [
            floats_of(wide[child]) if child in wide.columns else np.full(wide.height, np.nan)
            for child in self.children
        ]
        return np.column_stack(columns)


def weigh_indicators(
    scores: pl.DataFrame,
    indicators: Sequence[Indicator],
    scheme: Scoring,
    judgements: Sequence[Comparison] = (),
) -> pl.DataFrame:
    """The frame ``weights`` of the indicators in their dimensions, by ``scheme.weights``."""
    order = {indicator.code: i for i, indicator in enumerate(indicators)}
    direction = {indicator.code: indicator.direction for indicator in indicators}
    value = pl.coalesce("scaled", "compared")
    rows = scores.select(
        "unit", "level", "dimension", "score", "weight", child="indicator",
        value=pl.when(pl.col("score").is_not_null()).then(value),
    )  # fmt: skip
    groups = []
    for (level, dimension), group in rows.group_by(["level", "dimension"], maintain_order=True):
        given = dict(group.select("child", "weight").unique("child").iter_rows())
        children = tuple(sorted(given, key=lambda code: order[code]))
        groups.append(
            Siblings(
                str(level), str(dimension), children, np.array([given[c] for c in children], dtype=np.float64),
                "指标定义的 weight", tuple(direction[c] for c in children), group,
            )
        )  # fmt: skip
    groups.sort(key=lambda s: (LEVELS.index(s.level), order[s.children[0]]))
    return _frame(groups, scheme.weights, scheme, judgements, scores["year"].max())


def weigh_dimensions(
    dimensions: pl.DataFrame, names: Sequence[str], scheme: Scoring, judgements: Sequence[Comparison] = ()
) -> pl.DataFrame:
    """The frame ``weights`` of the dimensions in 总分, by ``scheme.weights_dimensions``.

    A dimension nobody could be scored on is missing weight; one without an indicator at a level has no weight there.
    """
    rows = dimensions.select("unit", "level", "score", child="dimension", value="score")
    said = scheme.dimension_weights
    by = "tijian.toml 的 dimension_weights" if said else "没有另外给定，各维度相同"
    groups = []
    for level in LEVELS:
        group = rows.filter(pl.col("level") == level)
        held = set(group["child"])
        children = tuple(n for n in names if n in held)
        if children:
            given = np.array([said.get(n, 1.0) for n in children], dtype=np.float64)
            groups.append(Siblings(level, TOTAL, children, given, by, ("higher",) * len(children), group))
    return _frame(groups, scheme.weights_dimensions, scheme, judgements, dimensions["year"].max())


def weights_in(weights: pl.DataFrame, level: str, parent: str) -> dict[str, float]:
    """Child → weight of one parent at one level."""
    own = weights.filter((pl.col("level") == level) & (pl.col("parent") == parent))
    return dict(own.select("child", "weight").iter_rows())


def report_fallbacks(weights: pl.DataFrame, scheme: Scoring, findings: Findings, file: str) -> None:
    """W011 for every parent whose children were to be weighed in a way that could not be used; ``file``: the project's."""
    asked = {True: scheme.weights_dimensions, False: scheme.weights}
    parents = weights.group_by("parent", "level", maintain_order=True).agg(pl.col("method", "basis").first())
    told: dict[str, list[tuple[str, str]]] = {}
    for parent, level, method, basis in parents.iter_rows():
        if method != asked[parent == TOTAL]:
            told.setdefault(parent, []).append((level, basis))
    for parent, cases in told.items():
        field = "weights_dimensions" if parent == TOTAL else "weights"
        levels = "、".join(LEVEL_NAMES[level] for level, _ in cases)
        says = "；".join(dict.fromkeys(basis for _, basis in cases))
        findings.add("W011", Place(file, column=f"scoring.{field}"), value=asked[parent == TOTAL], parent=parent,
                     levels=levels, says=says, expected="补齐所缺的，或改用别的赋权方法")  # fmt: skip


def uses_ahp(method: str, weighting: Weighting) -> bool:
    """Whether a way of weighing needs experts' judgements."""
    return method == "ahp" or (method == "blend" and "ahp" in weighting.blend)


Weighed = tuple[Floats, str]


def _frame(
    groups: Sequence[Siblings], method: str, scheme: Scoring, judgements: Sequence[Comparison], year: object
) -> pl.DataFrame:
    """The rows of all groups in their order; the district's know those of the towns."""
    towns = {own.parent: own for own in groups if own.level == "town"}
    rows = []
    for own in groups:
        whole = replace(own, towns=towns.get(own.parent)) if own.level == "district" else own
        weights, used, basis = _weigh(whole, method, scheme, judgements)
        rows += [
            (year, own.level, own.parent, child, weight, used, basis)
            for child, weight in zip(own.children, weights.tolist(), strict=True)
        ]
    return pl.DataFrame(rows, schema=empty("weights").schema, orient="row")


def _weigh(
    own: Siblings, method: str, scheme: Scoring, judgements: Sequence[Comparison]
) -> tuple[Floats, str, str]:
    """(weights, the method used, its basis) of the children of one parent."""
    if len(own.children) == 1:
        return np.ones(1), method, f"{METHOD_NAMES[method]}：只有一项"
    try:
        weights, basis = _by(method, own, scheme, judgements)
    except ValueError as fault:
        return weights_equal(len(own.children)), "equal", f"{METHOD_NAMES[method]}不能用（{fault}），改为等权"
    return weights, method, basis


def _by(method: str, own: Siblings, scheme: Scoring, judgements: Sequence[Comparison]) -> Weighed:
    """Weights by one method and what is to be said of them. Raises ValueError where it cannot be used."""
    if method == "equal":
        return weights_equal(len(own.children)), "等权"
    if method == "given":
        return weights_given(own.given), f"给定权重：{own.given_by}"
    if method == "ahp":
        return _by_judgement(own, scheme.weighting, judgements)
    if method in FROM_DATA:
        return _by_data(method, own, scheme)
    first, second = (_by(part, own, scheme, judgements) for part in scheme.weighting.blend)
    alpha = scheme.weighting.alpha
    basis = f"组合赋权：{alpha:g} × {first[1]} ＋ {1 - alpha:g} × {second[1]}"
    return weights_blend(first[0], second[0], alpha=alpha), basis


def _by_judgement(own: Siblings, rules: Weighting, judgements: Sequence[Comparison]) -> Weighed:
    """AHP weights, of a group where several experts judged; of the children this level has, in proportion."""
    if not (asked := [c for c in judgements if c.parent == own.parent]):
        many = f"，比较项 {len(own.children)} 个，超过 {MOST} 个" if len(own.children) > MOST else ""
        raise ValueError(f"没有“{own.parent}”的判断矩阵{many}")
    matrices = [np.array(c.matrix) for c in asked]
    options = {"method": rules.priority, "random_index": rules.random_index}
    importances = [rules.experts.get(c.expert, 1.0) for c in asked]
    whole = weights_ahp_group(matrices, combine=rules.combine, importances=importances, **options)
    at = {child: i for i, child in enumerate(asked[0].children)}
    if lacking := [child for child in own.children if child not in at]:
        raise ValueError(f"判断矩阵里没有 {'、'.join(lacking)}")
    worst = max(judge(matrix, **options).consistency_ratio for matrix in matrices)
    said = [f"{len(asked)} 位专家" + (f" {rules.combine}" if len(asked) > 1 else "")]
    if len(set(importances)) > 1:
        said.append(
            "专家权重 "
            + "、".join(f"{c.expert or '未具名'} {w:g}" for c, w in zip(asked, importances, strict=True))
        )
    said += [
        PRIORITY_NAMES[rules.priority],
        f"CR {'最大 ' if len(asked) > 1 else ''}{worst:.3f}（RI：{rules.random_index}）",
    ]
    if len(own.children) < len(at):
        said.append(f"按本级有的 {len(own.children)} 项归一")
    return normalised(whole[[at[child] for child in own.children]]), f"层次分析法：{'，'.join(said)}"


def _by_data(method: str, own: Siblings, scheme: Scoring) -> Weighed:
    """Weights read from the level's units, of the district from its towns; a child without any score keeps 1/k."""
    if own.towns is not None:
        read, basis = _by_data(method, own.towns, scheme)
        of_towns = dict(zip(own.towns.children, read.tolist(), strict=True))
        known = np.array([child in of_towns for child in own.children])
        if known.any():
            taken = normalised([of_towns[child] for child in own.children if child in of_towns])
            return _with_unknown(taken, known), basis + "；区级取各街镇的权重"
    column, options, said = variant_of(method, scheme, of_dimensions=own.parent == TOTAL)
    matrix = own.matrix(column)
    units = LEVEL_NAMES[own.level]
    if len(matrix) < FEWEST_UNITS:
        raise ValueError(f"有得分的{units}只有 {len(matrix)} 个，至少要 {FEWEST_UNITS} 个")
    there: Bools = np.asarray(~np.isnan(matrix).all(axis=0))
    directions = [d for d, some in zip(own.directions, there, strict=True) if some]
    if method == "merec":
        if "within" in directions:
            raise ValueError("其中有适度指标，没有单一的方向")
        options = options | {"directions": directions}
    weights = WEIGHTS.choose(method)(matrix[:, there], **options) if there.sum() > 1 else np.ones(1)
    unknown = len(there) - int(there.sum())
    tail = f"；{unknown} 项没有得分，各按 1/{len(there)} 计" if unknown else ""
    return _with_unknown(weights, there), f"{METHOD_NAMES[method]}：{said}，{len(matrix)} 个{units}{tail}"


def variant_of(
    method: str, scheme: Scoring, *, of_dimensions: bool
) -> tuple[Literal["score", "value"], dict[str, object], str]:
    """(which figures are read, options of the function, the variant in words) of a method that reads data.

    ``of_dimensions``: dimensions are weighed, of which there is nothing but scores.
    """
    rules, ddof, deviation = (
        scheme.weighting,
        1 if scheme.deviation == "sample" else 0,
        _DEVIATIONS[scheme.deviation],
    )
    raw = "得分" if of_dimensions else "比较值"
    if method == "entropy":
        zero = f"平移 {rules.entropy_shift:g}" if rules.entropy_shift else "0·ln 0 取 0"
        options: dict[str, object] = {"basis": rules.entropy_basis, "shift": rules.entropy_shift}
        if rules.entropy_basis == "raw":
            return "value", options, f"{raw}按原值的比重，{zero}"
        return "score", options, f"得分经极差标准化，{zero}"
    if method == "critic":
        said = "得分（已同向）" if rules.critic_oriented else f"{raw}（不改方向）"
        said += "经极差标准化" if rules.critic_scaled else "不作标准化"
        options = {"scaled": rules.critic_scaled, "correlation": rules.correlation, "ddof": ddof}
        column: Literal["score", "value"] = "score" if rules.critic_oriented else "value"
        return column, options, f"{said}，{_CORRELATIONS[rules.correlation]}相关系数，{deviation}"
    if method == "stdev":
        return "score", {"ddof": ddof}, f"得分的{deviation}"
    if method == "pca":
        return "score", {"rule": rules.pca_rule}, f"得分的相关矩阵，{_RULES[rules.pca_rule]}"
    return "value", {}, f"{raw}按方向与最优值相除，取去掉一项后的变化"


def _with_unknown(weights: Floats, known: Bools) -> Floats:
    """``weights`` of the known children, summing to one, as weights of all: the unknown have 1/k each."""
    whole = np.full(len(known), 1.0 / len(known))
    whole[known] = weights * known.sum() / len(known)
    return whole
