"""How scores are weighed and brought together, in the sentences of the method notes (方法说明：权重与综合)."""

from __future__ import annotations

from ..scoring.tree import FROM_DATA, METHOD_NAMES, PRIORITY_NAMES, variant_of
from ..scoring.weights_ahp import CONSISTENT
from ..settings.scheme import AggregateName, Scoring, WeightsName

FLOORED = ("geometric", "harmonic")


def weighing_notes(scheme: Scoring) -> list[str]:
    """Weights, then aggregation and what a gap does."""
    ways = {scheme.weights, scheme.weights_dimensions}
    of_data = [w for w in (*ways, *(scheme.weighting.blend if "blend" in ways else ())) if w in FROM_DATA]
    towns = "由数据定权的，区级取各街镇的权重；单元太少或数值不合要求时改为等权并注明。" if of_data else ""
    missing = (
        "缺一项即不出该级得分"
        if scheme.missing == "refuse"
        else f"有得分的权重不足 {scheme.minimum_present:.0%} 时不出该级得分，足够时按有得分的重新分配权重，缺项不按 0 分计"
    )
    inside, between = (
        aggregate_said(scheme.aggregate_indicators, scheme),
        aggregate_said(scheme.aggregate_dimensions, scheme),
    )
    return [
        f"权重：维度内各指标{weights_said(scheme.weights, scheme, of_dimensions=False)}；"
        f"各维度{weights_said(scheme.weights_dimensions, scheme, of_dimensions=True)}。{towns}逐项权重见区级报告的“指标权重”表。",
        f"综合：维度内用{inside}，维度间用{between}。{missing}。",
    ]  # fmt: skip


def weights_said(method: WeightsName, scheme: Scoring, *, of_dimensions: bool) -> str:
    """One way of weighing with its variant, as it follows 各指标 or 各维度."""
    rules = scheme.weighting
    if method == "equal" or (method == "given" and of_dimensions and not scheme.dimension_weights):
        return "等权"
    if method == "given":
        return "按项目给定的权重" if of_dimensions else "按指标定义中给定的权重"
    if method == "ahp":
        group = {"AIJ": "几何平均各人的判断（AIJ）", "AIP": "几何平均各人的权重（AIP）"}[rules.combine]
        return (
            f"按层次分析法（专家判断矩阵，{PRIORITY_NAMES[rules.priority]}，多位专家时{group}，"
            f"每位专家的一致性比率须小于 {CONSISTENT:g}，平均随机一致性指标取 {rules.random_index}）"
        )
    if method in FROM_DATA:
        return f"按{METHOD_NAMES[method]}（{variant_of(method, scheme, of_dimensions=of_dimensions)[2]}）"
    parts = [weights_said(part, scheme, of_dimensions=of_dimensions) for part in rules.blend]
    return f"组合赋权：{rules.alpha:.0%} {parts[0]}，{1 - rules.alpha:.0%} {parts[1]}"


def aggregate_said(method: AggregateName, scheme: Scoring) -> str:
    """One way of bringing scores together, with the exponent and the floor where it has them."""
    floored = method in FLOORED or (method == "generalised" and scheme.power <= 0)
    low = (
        f"（不足 {scheme.zero_floor:g} 分的按 {scheme.zero_floor:g} 分计）"
        if scheme.zero_floor
        else "（有一项 0 分即为 0 分）"
    )
    return {
        "arithmetic": "加权算术平均", "geometric": "加权几何平均", "harmonic": "加权调和平均",
        "generalised": f"指数为 {scheme.power:g} 的加权幂平均", "median": "加权中位数",
    }[method] + (low if floored else "")  # fmt: skip
