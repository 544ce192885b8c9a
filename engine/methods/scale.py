"""How values become scores, in the sentences of the method notes (方法说明：标度、异常值、缺项)."""

from __future__ import annotations

from ...indicators.loader import Library
from ..scoring.values import MINIMUM_PEERS
from ..settings.scheme import OneIndicator, OutlierName, ScaleName, Scoring

SCALE_TITLES: dict[ScaleName, str] = {
    "anchors": "标准锚点", "minmax": "最小值—最大值法", "zscore": "标准分法", "percentile": "百分位法", "rank": "位次法",
    "distance_to_target": "目标距离法", "distance_to_reference": "参照比值法",
}  # fmt: skip
OUTLIER_TITLES: dict[OutlierName, str] = {
    "none": "不处理异常值", "winsorise": "缩尾", "trim": "按分位数截尾", "boxcox": "Box–Cox 变换",
}  # fmt: skip
PER_TITLES = {"population": "人均", "per_10k": "每万人", "area_km2": "每平方公里"}
IMPUTED_BY = {"median": "同级得分的中位数", "neighbours": "得分最相近的 {n} 个同级单元的平均", "regression": "与其他指标得分的回归（贝叶斯岭回归，逐项轮替）"}  # fmt: skip


def scaling_notes(scheme: Scoring, library: Library) -> list[str]:
    """Scales, denomination and outliers, gaps."""
    district = "区级没有同级单元，取各街镇得分按常住人口加权的平均（缺人口数据时等权）。"
    peers = f"可比的同级单元不足 {MINIMUM_PEERS} 个的不与同级比较；" + district
    return [
        f"{_scale(scheme.scale, scheme)}。适度指标按适度区间计分；底线型指标低于底线的最高 59 分（与同级比较的按好坏分布在 0–59 分，"
        f"不低于底线的 100 分）。{peers}"
        "既无标准又不可比的不计分，标为“未评价”，汇总时与无数据同样处理。",
        *_panel(scheme),
        *_single(scheme, library),
        *_outliers(scheme),
        *_gaps(scheme),
    ]


def _scale(name: ScaleName, scheme: Scoring) -> str:
    """One scale, and what stands in for it where it cannot be used."""
    n = "n − 1" if scheme.deviation == "sample" else "n"
    return {
        "anchors": "有标准的指标按标准计分：最差值 0 分、底线值 60 分、目标值 90 分、最优值 100 分，其间按直线内插；"
        "没有标准的指标在同级单元间按最小值—最大值法比较",
        "minmax": "指标按最小值—最大值法计分；给出门槛值的以门槛值为两端，其余以同级单元的最小值、最大值为两端",
        "zscore": f"指标与同级单元比较，按标准分法计分：50 分加减每差一个标准差 10 分（标准差除以 {n}），限在 0–100 分",
        "percentile": "指标与同级单元比较，按百分位法计分：得分为不如本单元的同级单元所占百分数，相同的算一半（含本单元）",
        "rank": "指标与同级单元比较，按位次法计分：最差 0 分、最好 100 分，其间按位次等分，并列的取平均位次",
        "distance_to_target": "有目标值的指标按目标距离法计分：最差值 0 分，达到目标值 100 分，其间按直线内插（标准没有给出最差值的，"
        "占比取 0 或 100%，其余取同级最差值）；没有目标值的在同级单元间按最小值—最大值法比较",
        "distance_to_reference": "指标按参照比值法计分：得分为与参照值之比的百分数（越小越好的取倒数），超过 100 分的按 100 分计，参照值没有"
        "给出时取同级最好值；参照值不大于 0 的改按最小值—最大值法",
    }[name]  # fmt: skip


def _panel(scheme: Scoring) -> list[str]:
    if scheme.panel == "year":
        return []
    return [
        "同级比较的范围取本年和以往各年的全部值；计数类指标和平均到人口、面积的指标以往年份只有原值，"
        "仍只与本年同级比较。"
    ]


def _single(scheme: Scoring, library: Library) -> list[str]:
    """What is different for single indicators, one sentence for all."""
    names = {i.code: i.name for i in library.indicators}
    told = [
        f"{names[code]}{'，'.join(parts)}"
        for code, own in sorted(scheme.indicators.items())
        if code in names and (parts := _own(own))
    ]
    return [f"单项另定的计分口径：{'；'.join(told)}。"] if told else []


def _own(own: OneIndicator) -> list[str]:
    parts = []
    if own.per is not None:
        parts.append(f"按{PER_TITLES[own.per]}的量在同级单元间比较，原值照列")
    if own.scale is not None:
        parts.append(f"按{SCALE_TITLES[own.scale]}计分")
    if own.reference is not None:
        parts.append(f"参照值取 {own.reference:g}")
    if own.low is not None or own.high is not None:
        ends = [f"{w}门槛值 {v:g}" for w, v in (("下", own.low), ("上", own.high)) if v is not None]
        parts.append("、".join(ends))
    if own.outliers is not None:
        parts.append(OUTLIER_TITLES[own.outliers])
    return parts


def _outliers(scheme: Scoring) -> list[str]:
    """When peers' values are treated, and how."""
    used = {scheme.outliers.method} | {own.outliers for own in scheme.indicators.values()}
    rules = scheme.outliers
    shape = f"偏度绝对值超过 {rules.skew:g} 且峰度超过 {rules.kurtosis:g}（样本偏度、超额峰度）时"
    ways = {
        "winsorise": f"缩尾：{shape}，把最外的值逐个拉回到次外的值，至多 {rules.most} 个",
        "trim": f"截尾：超出 {rules.share:.1%} 和 {1 - rules.share:.1%} 分位数（{rules.quantile_rule} 定义）的值拉回到分位数",
        "boxcox": f"Box–Cox 变换：{shape}，按最大似然取变换参数",
    }
    said = [text for name, text in ways.items() if name in used]
    if not said:
        return []
    return [
        f"异常值处理（{'；'.join(said)}）只用于按同级数值计分，不用于按标准、百分位、位次计分，Box–Cox 变换也不用于比值和固定的门槛值；列出的值不变；处理后同级全都相同的不处理。"
    ]


def _gaps(scheme: Scoring) -> list[str]:
    if scheme.missing not in IMPUTED_BY:
        return []
    how = IMPUTED_BY[scheme.missing].format(n=scheme.neighbours)
    return [
        f"没有得分的指标按{how}估算得分，参加综合，不定等级、不排名，并注明“得分为估算”；不估算指标值。"
        "全部指标都没有得分的单元和同级都没有得分的指标不估算。"
    ]
