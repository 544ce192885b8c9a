"""The frames a run leaves (体检结果): the contract between the engine, the store and the reports.

Every frame has a fixed schema, so that `results.duckdb` can be read by any DuckDB client and `reports/` can be
written against names alone. All frames but ``units``, ``shapes`` and ``indicators`` carry ``year``; a missing
value is null, never zero. Codes are text. Scores run 0–100, higher is better whatever the indicator's direction.
"""

from __future__ import annotations

from dataclasses import dataclass

import polars as pl

from .settings.scheme import Scoring

S, F, N, B = pl.String, pl.Float64, pl.Int64, pl.Boolean
LS = pl.List(pl.String)

LEVELS = ("district", "town", "community")
LEVEL_NAMES = {"district": "区级", "town": "街镇", "community": "社区"}
SEVERITIES = ("红", "橙", "黄")
UNGRADED = "未评价"
THIRDS = ("前三分之一", "中三分之一", "后三分之一")  # what communities are told instead of places
TOO_FEW = "样本不足"  # of answers: kept, and not used
TREATMENTS = {"within_deadline": "限时解决", "effort": "尽力解决"}  # 整治类型
STATES = ("未启动", "整改中", "部分整改", "已整改", "无法整改")  # 状态: what a department may say of a remedy
# what became of a problem, judged by this year's value: still there means that it was measured again and is no better
MENDED, PARTLY, NOT_MENDED, NEW, UNCLEAR = OUTCOMES = ("已整改", "部分整改", "未整改", "新增", "无法复查")

SCHEMAS: dict[str, dict[str, pl.DataType | type[pl.DataType]]] = {
    # 体检单元, sorted by code; district/town/community: the code of the ancestor (or self) at that level
    "units": {
        "code": S, "name": S, "level": S, "parent": S, "kind": S, "population": F, "area_km2": F,
        "district": S, "town": S, "community": S,
    },
    # 区划调整: what a unit was made of since last year: share of the predecessor's people that came into it
    "predecessors": {"year": N, "unit": S, "predecessor": S, "share": F},
    # boundaries in the run's metric CRS, simplified for printing (WKB)
    "shapes": {"unit": S, "wkb": pl.Binary},
    # the definitions in force; compared_unit: of the values compared with peers (a count compares as a share); counted: what the demand of a measure of service counts; target/floor/best/worst are of the standard valid in the run's year
    "indicators": {
        "code": S, "name": S, "dimension": S, "aspect": S, "scale": S, "unit": S, "compared_unit": S, "counted": S, "decimals": N,
        "direction": S, "kind": S, "treatment": S, "levels": LS, "method": S, "definition": S, "formula": S,
        "target": F, "floor": F, "best": F, "worst": F, "low": F, "high": F, "standard_source": S, "standard_clause": S,
        "target_by": pl.Date, "target_item": S, "base_year": N, "parameters": S, "data_source": S, "number": N,
        "lead": LS, "supporting": LS, "remedy": S, "survey": S, "tickets": LS, "inputs": LS, "confirmed": B,
        "system": S, "weight": F, "position": N, "uncertainty": S, "minimum": S,
    },
    # value per unit × indicator; `compared` is what scoring looks at (a count's rate, otherwise the value); low..high:
    # 95 % interval of compared, of the kind uncertainty (wilson, poisson, survey; none: fully covered); size: what it
    # rests on (denominator, exposure, effective answers); shrunk: empirical-Bayes estimate of compared among its level
    "measurements": {
        "year": N, "unit": S, "level": S, "indicator": S, "value": F, "numerator": F, "denominator": F,
        "compared": F, "reported": F, "origin": S, "basis": F, "rows": N, "note": S,
        "uncertainty": S, "low": F, "high": F, "size": F, "shrunk": F,
    },
    # one row per measured or expected unit × indicator: the body of 指标评估表. ministry: 很好/较好/一般/不足, lowered: by the
    # survey; scaled: what was scaled where it is not compared (denominated or treated as an outlier); imputed: the score of
    # a value not there; peer_group: whom it is compared with; than_*: better, worse or same, by the
    # interval (null: not comparable); q: false-discovery-adjusted p of being worse than the peers; previous: last year's value,
    # previous_score: last year's score by this year's rules, previous_printed: the one printed then, where that is another;
    # break_reason: why last year's value is not compared (口径已变)
    "scores": {
        "year": N, "unit": S, "level": S, "indicator": S, "dimension": S, "value": F, "compared": F,
        "score": F, "grade": S, "method": S, "rank": N, "peers": N, "peer_median": F, "peer_low": F,
        "peer_q1": F, "peer_q3": F, "peer_high": F, "district_value": F, "previous": F, "change": F,
        "improved": B, "satisfaction": F, "weight": F, "note": S,
        "ministry": S, "lowered": B, "scaled": F, "treated": B, "imputed": B, "peer_group": S,
        "than_district": S, "than_peers": S, "than_previous": S, "q": F,
        "previous_score": F, "previous_printed": F, "break_reason": S,
    },
    # 权重: of every child in its parent (an indicator in its dimension, a dimension in 总分) at every level; summing to one
    "weights": {"year": N, "level": S, "parent": S, "child": S, "weight": F, "method": S, "basis": S},
    # 住建部评级 of one aspect (aspect null: the whole dimension; dimension null: the aspect over all dimensions); good G,
    # very_good V (0–1); other: under the other denominator; before_veto: by the shares, where a veto lowered the grade
    "aspects": {
        "year": N, "unit": S, "level": S, "dimension": S, "aspect": S, "grade": S, "good": F, "very_good": F,
        "indicators": N, "graded": N, "poor": LS, "undefined": B, "other": S, "veto": LS, "before_veto": S,
    },
    "dimensions": {
        "year": N, "unit": S, "level": S, "dimension": S, "score": F, "objective": F, "perceived": F,
        "grade": S, "weight_present": F, "veto": LS, "rank": N, "peers": N, "district_score": F,
        "previous": F, "change": F, "previous_printed": F, "break_reason": S,
    },
    # rank_low..rank_high: 5–95 % of the rank over random weights; third: 前/中/后 for communities
    "totals": {
        "year": N, "unit": S, "level": S, "score": F, "grade": S, "rank": N, "rank_low": N, "rank_high": N,
        "peers": N, "third": S, "weight_present": F, "previous": F, "change": F, "satisfaction": F,
        "previous_printed": F, "break_reason": S,
    },
    # 稳健性: one row per unit and kind of draw: weights (drawn around those in force), choices (scale, missing, weights,
    # aggregation too), sampling (values redrawn within their intervals); rank/score/grade low..high: 5–95 %
    "robust": {
        "year": N, "unit": S, "level": S, "kind": S, "score_low": F, "score_high": F, "rank": N, "rank_low": N,
        "rank_median": F, "rank_high": N, "grade_low": S, "grade_high": S,
    },
    # share of the draws (kind as above) in which unit is ahead of other
    "ahead": {"year": N, "level": S, "kind": S, "unit": S, "other": S, "share": F},
    # 敏感性: share of the variance of the mean rank shift that each choice has, with its 95 % bounds
    "sensitivity": {
        "year": N, "level": S, "factor": S, "options": S, "first": F, "first_low": F, "first_high": F, "total": F,
        "total_low": F, "total_high": F,
    },
    # 去掉一项指标: how ranks move when one indicator is dropped; unit: who moves most
    "dropped": {
        "year": N, "level": S, "indicator": S, "mean_shift": F, "largest_shift": N, "unit": S, "rank_before": N,
        "rank_after": N,
    },
    # 相关: pairs of indicators of one dimension over the units of a level; flag: repeats (r over 0.92), opposes (negative)
    "correlations": {
        "year": N, "level": S, "dimension": S, "a": S, "b": S, "r": F, "units": N, "flag": S,
    },
    # 一致性: Cronbach's alpha and principal components of a dimension's scores (dimension 总分: of the dimensions)
    "coherence": {
        "year": N, "level": S, "dimension": S, "indicators": N, "units": N, "alpha": F, "components": N,
        "first_share": F, "kept_share": F,
    },
    # 体检画像类型: which type a unit is of; silhouette of the unit; words: what marks the type; filled: features it has no value of
    "types": {
        "year": N, "unit": S, "level": S, "type": N, "name": S, "words": S, "silhouette": F, "clusters": N, "filled": LS,
    },
    # 数据核实: a figure that looks wrong, put to its department; kind: magnitude, digit, sources, history, peers; most telling
    # first; label of the item, measured_in its unit; item empty: the indicator's own value
    "questions": {
        "id": S, "year": N, "unit": S, "level": S, "indicator": S, "input": S, "item": S, "label": S, "measured_in": S, "kind": S,
        "value": F, "expected": F, "says": S, "lead": LS, "file": S, "sheet": S, "row": N,
    },
    # 上报数据: every figure that departments stated, in the form's unit: next year's past
    "figures": {"year": N, "unit": S, "level": S, "input": S, "item": S, "value": F},
    # 提升: points of the total that a unit gains if the indicator reached its target
    "gains": {
        "year": N, "unit": S, "level": S, "indicator": S, "value": F, "target": F, "score": F, "score_then": F,
        "gain": F, "order": N,
    },
    # the fewest indicators whose targets lift a unit one grade; reached: whether all targets together would; exact: proved
    # to be the fewest
    "lifts": {
        "year": N, "unit": S, "level": S, "score": F, "grade": S, "grade_then": S, "score_then": F, "indicators": LS,
        "reached": B, "exact": B,
    },
    # 项目优选: the table of projects with what each gains (points of its unit's total, alone), whether it is among those
    # chosen, and how much larger the budget would have to be to take it too (extra); cost and extra in 万元
    "projects": {
        "year": N, "id": S, "name": S, "unit": S, "level": S, "indicator": S, "cost": F, "value": F, "value_then": F,
        "score_then": F, "gain": F, "people": F, "chosen": B, "extra": F, "file": S, "row": N,
    },
    # one row where there is a table of projects: 万元 to spend and spent; gain: Σ people × points of those chosen, each
    # alone; together: all of them done; exact: gains add, so the two are the same; bound: least share of the best possible
    "budget": {
        "year": N, "total": F, "spent": F, "candidates": N, "chosen": N, "gain": F, "together": F, "exact": B, "bound": F,
    },
    # 行动计划目标: one row per unit and dated target; gap: what is missing (0 when reached); expected: by the straight line
    "targets": {
        "year": N, "unit": S, "level": S, "indicator": S, "item": S, "target": F, "by": pl.Date, "value": F, "met": B,
        "gap": F, "base_year": N, "base_value": F, "expected": F, "pace": S, "lead": LS,
    },
    # 往年值: what tables of the project said about earlier years when the year was run
    "history": {"year": N, "of_year": N, "unit": S, "indicator": S, "value": F},
    # 问题台账: one line per thing and sub-rule
    "ledger": {
        "year": N, "line": N, "unit": S, "town": S, "community": S, "indicator": S, "rule": S, "thing": S,
        "thing_name": S, "says": S, "degree": S, "difficulty": S, "treatment": S, "input": S, "file": S, "sheet": S, "row": N,
        "x": F, "y": F,
    },
    # 分类住区: of the district and its towns the things of a ledger's input by group (年代, 自建房, 历史风貌): things on the list, and how
    # many of them fail the indicator
    "building_groups": {
        "year": N, "unit": S, "level": S, "indicator": S, "group": S, "things": N, "failing": N,
    },
    # 服务覆盖: one row per demand point of each indicator of service (land: per 100 m cell, weight in m²); unit: the finest
    # it lies in; distance in metres to the nearest supply of its kind within reach; kind: of supply, where there are several
    "service": {
        "year": N, "indicator": S, "kind": S, "unit": S, "x": F, "y": F, "weight": F, "distance": F, "served": B,
    },
    # 设施: the supply as used, in the run's metric CRS, simplified for drawing
    "facilities": {"year": N, "indicator": S, "kind": S, "name": S, "wkb": pl.Binary},
    # 选址建议: where one more facility serves most, town by town; gained: of that town; before/after: the indicator of the
    # district, unit_before/unit_after: of the town, without this site and with it, those ranked before it built;
    # bound: least share of the best possible; place: in words; supply: its class; counted: what gained counts
    "sites": {
        "year": N, "indicator": S, "unit": S, "rank": N, "x": F, "y": F, "place": S, "radius_m": F, "supply": S,
        "gained": F, "counted": S, "before": F, "after": F, "unit_before": F, "unit_after": F, "method": S, "bound": F,
    },
    # 短板: grounds ⊆ below_floor, below_target, below_peers, worsening, dissatisfied, baseline_found
    "shortfalls": {
        "year": N, "unit": S, "level": S, "indicator": S, "grounds": LS, "value": F, "standard": F,
        "gap": F, "gap_share": F, "severity": S, "people": F, "priority": F, "treatment": S, "because": S,
    },
    "strengths": {
        "year": N, "unit": S, "level": S, "indicator": S, "grounds": LS, "value": F, "reference": F,
        "reference_name": S, "lead_by": F, "because": S,
    },
    # 清单一 优势清单
    "strength_list": {
        "id": S, "year": N, "unit": S, "level": S, "indicator": S, "dimension": S, "strength": S,
        "value": F, "reference": F, "reference_name": S, "lead_by": F, "because": S, "note": S,
    },
    # 清单二 问题清单; ledger_from/ledger_to: first and last line of the ledger behind the row; since: the first year in
    # which it was listed; outcome: 新增, or what became of last year's row (null where no earlier year was run)
    "problem_list": {
        "id": S, "year": N, "unit": S, "level": S, "indicator": S, "dimension": S, "problem": S,
        "value": F, "standard": F, "gap": F, "people": F, "severity": S, "degree": S, "difficulty": S,
        "treatment": S, "because": S, "lead": LS, "supporting": LS, "priority": F, "ledger_from": N,
        "ledger_to": N, "since": N, "outcome": S,
    },
    # 清单三 整治建议清单; status/done/evidence are for the department to fill in
    "remedy_list": {
        "id": S, "year": N, "problem_id": S, "unit": S, "level": S, "indicator": S, "dimension": S,
        "problem": S, "value": F, "measure": S, "measure_kind": S, "target": F, "amount": S, "area": S,
        "treatment": S, "term": S, "due": S, "priority": F, "next_year": B, "lead": LS, "supporting": LS,
        "town": S, "status": S, "done": S, "evidence": S,
    },
    # 部门回收: what departments said of this year's remedies in the workbooks they sent back; id: of the remedy
    "returned": {
        "year": N, "id": S, "department": S, "status": S, "done": S, "evidence": S, "done_date": pl.Date, "file": S, "sheet": S,
        "row": N,
    },
    # 整改复查: last year's problems judged by this year's values, and this year's new ones; id: of the problem; unit: as it is
    # now; town: its code (null: of the district); problem, severity, treatment, due, lead, target: as listed last year (of a
    # new one this year); claimed: the status returned; disputed: claimed 已整改 and measured otherwise; late: 限时解决 and its
    # date has passed; since: the first year in which it was listed; counted: taken into 问题整治完成率 (of one indicator
    # the finest level listed, so that nothing is counted twice; never a new one)
    "reviews": {
        "year": N, "id": S, "unit": S, "level": S, "indicator": S, "dimension": S, "problem": S, "severity": S, "treatment": S,
        "due": S, "lead": LS, "town": S, "value_then": F, "value": F, "target": F, "claimed": S, "done": S, "evidence": S,
        "done_date": pl.Date, "outcome": S, "disputed": B, "late": B, "since": N, "counted": B, "because": S,
    },
    # 问题整治完成率: of last year's problems that count (reviews.counted), by district and town with its communities (department
    # null: all), and by lead department (unit: the district; a problem of several leads stands with each), and by
    # treatment (限时解决, 尽力解决, 合计); in_time: mended, of 限时解决 by the date; rate: in_time / (listed - unclear), 0-1
    "completion": {
        "year": N, "unit": S, "level": S, "department": S, "treatment": S, "listed": N, "mended": N, "in_time": N, "partly": N,
        "not_mended": N, "unclear": N, "late": N, "rate": F,
    },
    # 满意度: one row per unit × question of a block (板块); score 0–100 with its 95 % interval; effective: answers, less what
    # weighting costs
    "survey": {
        "year": N, "unit": S, "level": S, "question": S, "label": S, "block": S, "answers": N, "score": F,
        "low": F, "high": F, "effective": F, "weighted": B, "note": S, "suppressed": B,
    },
    # 12345工单: one row per unit × category (合计: all of them); shares of those that say so
    "tickets": {
        "year": N, "unit": S, "level": S, "category": S, "count": N, "per_10k": F, "repeat_share": F,
        "unresolved_share": F, "suppressed": B,
    },
    "findings": {
        "year": N, "code": S, "level": S, "file": S, "sheet": S, "row": N, "column": S, "value": S,
        "expected": S, "message": S,
    },
    "inputs": {"year": N, "name": S, "kind": S, "file": S, "sha256": S, "rows": N, "unplaced": N},
    # the record a run can be made again from: record is JSON (see engine/storage/record.py)
    "runs": {"year": N, "run_id": S, "version": S, "stage": S, "record": S},
}  # fmt: skip


def empty(name: str) -> pl.DataFrame:
    """An empty frame of the named schema."""
    return pl.DataFrame(schema=SCHEMAS[name])


def conform(name: str, frame: pl.DataFrame) -> pl.DataFrame:
    """``frame`` with exactly the columns and types of schema ``name``; absent columns become null.

    Raises ValueError for a column the schema does not know: a silent drop would lose data.
    """
    if not frame.width:
        return empty(name)  # a frame of nothing has no rows; to select literals from it would make one
    schema = SCHEMAS[name]
    unknown = [c for c in frame.columns if c not in schema]
    if unknown:
        raise ValueError(f"{name}: columns not in the schema: {unknown}")
    return frame.select(
        (pl.col(c) if c in frame.columns else pl.lit(None)).cast(t).alias(c) for c, t in schema.items()
    )


@dataclass(frozen=True)
class Results:
    """Everything one year's run found out, as read back from ``results.duckdb``.

    ``title`` 项目名称, ``synthetic`` the label every page and sheet must carry when the data are made up (empty
    for real data), ``dimensions`` the eight names in order, ``grades`` [(name, lower bound), …] best first.
    """

    title: str
    year: int
    synthetic: str
    dimension_names: tuple[str, ...]
    grade_cuts: tuple[tuple[str, float], ...]
    run_id: str
    version: str
    crs: str
    units: pl.DataFrame
    shapes: pl.DataFrame
    indicators: pl.DataFrame
    measurements: pl.DataFrame
    scores: pl.DataFrame
    dimensions: pl.DataFrame
    totals: pl.DataFrame
    weights: pl.DataFrame
    aspects: pl.DataFrame
    robust: pl.DataFrame
    ahead: pl.DataFrame
    sensitivity: pl.DataFrame
    dropped: pl.DataFrame
    correlations: pl.DataFrame
    coherence: pl.DataFrame
    types: pl.DataFrame
    questions: pl.DataFrame
    figures: pl.DataFrame
    gains: pl.DataFrame
    lifts: pl.DataFrame
    projects: pl.DataFrame
    budget: pl.DataFrame
    predecessors: pl.DataFrame
    targets: pl.DataFrame
    history: pl.DataFrame
    ledger: pl.DataFrame
    building_groups: pl.DataFrame
    service: pl.DataFrame
    facilities: pl.DataFrame
    sites: pl.DataFrame
    shortfalls: pl.DataFrame
    strengths: pl.DataFrame
    strength_list: pl.DataFrame
    problem_list: pl.DataFrame
    remedy_list: pl.DataFrame
    returned: pl.DataFrame
    reviews: pl.DataFrame
    completion: pl.DataFrame
    survey: pl.DataFrame
    tickets: pl.DataFrame
    findings: pl.DataFrame
    inputs: pl.DataFrame
    edition: str  # shanghai or national: whose edition leads where both are printed
    topics: dict[str, tuple[str, ...]]  # 专项: name → indicator codes
    list_names: dict[str, str]  # what the project calls the table and the lists
    walk_speed: float  # m/s, at which distances on foot are told as minutes
    scheme: Scoring  # 计分方案: every choice by which the scores were made
    method_notes: tuple[str, ...]  # 方法说明: sentences stating every choice of the scheme, in Chinese
