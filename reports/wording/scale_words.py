"""How a score was scaled, treated and filled in, in words."""

from __future__ import annotations

import polars as pl

from ...engine.methods.scale import OUTLIER_TITLES, PER_TITLES
from ...engine.results import LEVEL_NAMES, Results
from ...engine.scoring.treatments import treatments
from ...engine.settings.scheme import OneIndicator
from .. import numbers
from ..view import Row, View

SCALE_NAMES = {
    "anchors": "按标准的锚点分段线性换算",
    "band": "适度区间内得 100 分，区间外线性下降",
    "goalposts": "按给定的两端（门槛值）线性换算",
    "minmax": "按同级单元的最小值、最大值线性换算",
    "zscore": "按同级单元的平均值和标准差换算（标准分）",
    "percentile": "按同级中不如本单元的比例换算（百分位）",
    "rank": "按在同级中的位次换算",
    "distance_to_target": "按从最差值到目标值走完的比例换算",
    "distance_to_reference": "按与参照值（没有给出的取同级最好值）之比换算",
    "towns": "只能与同级比较，取各街镇得分按人口加权的平均",
    "none": "按标准定不出分值，可比单元也不足，不计分",
    "median": "缺数据，按同级得分的中位数估算",
    "neighbours": "缺数据，按得分最相近的同级单元估算",
    "regression": "缺数据，按与其他指标得分的回归估算",
}
INSTEAD = {  # why peers' ends were taken though the scheme names another scale than the anchors of a standard
    "distance_to_target": "没有能用的目标值，",
    "distance_to_reference": "参照值不大于 0，",
}
AMONG_PEERS = ("minmax", "zscore", "percentile", "rank", "distance_to_target", "distance_to_reference")
MOST_TOLD = 8  # treated indicators named in one sentence


def scale_said(score: Row, results: Results) -> str:
    """How the score of one row of ``scores`` was made of its value, and why not by the scale the scheme names."""
    own = results.scheme.indicators.get(score["indicator"], OneIndicator())
    method = score["method"] or "none"
    said = SCALE_NAMES.get(method, method)
    if method == "minmax":
        wished = own.scale or results.scheme.scale
        denominated = own.per is not None and wished in ("anchors", "distance_to_target")
        why = _no_scale(results, score["indicator"]) if wished == "anchors" else INSTEAD.get(wished, "")
        said = ("平均后的量没有标准可用，" if denominated else why) + said
    return said


def _no_scale(results: Results, code: str) -> str:
    """Why the standard of an indicator gives no scores: there is none, or it says what is right and not how bad the rest is."""
    definition = results.indicators.row(by_predicate=pl.col("code") == code, named=True)
    given = [definition[key] for key in ("target", "floor", "best") if numbers.known(definition[key])]
    if not given:
        return "没有标准，"
    limit = numbers.quantity(given[0], definition["unit"] or "", definition["decimals"] or 0)
    return f"标准只有{limit}这一个数，看得出达没达到，定不出差多少该得几分，"


def scaled_facts(score: Row, results: Results, decimals: int) -> list[str]:
    """What was scaled in place of the value shown: an amount per head or km², a value treated as an outlier."""
    if not numbers.known(score["scaled"]):
        return []
    own = results.scheme.indicators.get(score["indicator"], OneIndicator())
    per = f"{PER_TITLES[own.per]}的量" if own.per else "用于计分的值"
    kind = own.outliers or results.scheme.outliers.method
    treated = f"（{OUTLIER_TITLES[kind]}处理后）" if score["treated"] else ""
    places = max(decimals, 1) + (3 if own.per == "population" else 1)
    return [f"{per}{treated}：{numbers.number(score['scaled'], places)}"]


def treated_and_imputed(view: View, unit: str) -> tuple[str, ...]:
    """Sentences for 数据质量: which values were treated as outliers, and how many of the unit's scores are estimates."""
    results = view.results
    log = treatments(results.scores, results.measurements, results.units, results.scheme)
    rows = log.to_dicts()
    told = "；".join(
        f"{view.indicators[r['indicator']]['name']}（{LEVEL_NAMES[r['level']]} {r['units']} 个值改动 {r['changed']} 个，"
        f"{OUTLIER_TITLES[r['method']]}，偏度 {numbers.number(r['skew_before'], 1)} → {numbers.number(r['skew_after'], 1)}，"
        f"峰度 {numbers.number(r['kurtosis_before'], 1)} → {numbers.number(r['kurtosis_after'], 1)}）"
        for r in rows[:MOST_TOLD]
    )
    more = f"；另有 {len(rows) - MOST_TOLD} 组" if len(rows) > MOST_TOLD else ""
    outliers = (
        f"为免个别过大过小的值左右同级比较，计分时处理了异常值，列出的指标值不变：{told}{more}。"
        if rows
        else ""
    )
    count = results.scores.filter(pl.col("unit") == unit, pl.col("imputed")).height
    estimated = (
        f"本单元有 {count} 项指标没有得分，综合时用估算的得分代替，表中注明“得分为估算”。" if count else ""
    )
    return outliers, estimated
