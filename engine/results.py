"""The frames a run leaves (体检结果): the contract between the engine, the store and the reports.

Every frame has a fixed schema, so that `results.duckdb` can be read by any DuckDB client and `reports/` can be
written against names alone. All frames but ``units``, ``shapes`` and ``indicators`` carry ``year``; a missing
value is null, never zero. Codes are text. Scores run 0–100, higher is better whatever the indicator's direction.
"""

from __future__ import annotations

from dataclasses import dataclass

import polars as pl

S, F, N, B = pl.String, pl.Float64, pl.Int64, pl.Boolean
LS = pl.List(pl.String)

LEVELS = ("district", "town", "community")
LEVEL_NAMES = {"district": "区级", "town": "街镇", "community": "社区"}
SEVERITIES = ("红", "橙", "黄")
UNGRADED = "未评价"
TOO_FEW = "样本不足"  # of answers: kept, and not used
TREATMENTS = {"within_deadline": "限时解决", "effort": "尽力解决"}  # 整治类型

SCHEMAS: dict[str, dict[str, pl.DataType | type[pl.DataType]]] = {
    # 体检单元, sorted by code; district/town/community: the code of the ancestor (or self) at that level
    "units": {
        "code": S, "name": S, "level": S, "parent": S, "kind": S, "population": F, "area_km2": F,
        "district": S, "town": S, "community": S,
    },
    # boundaries in the run's metric CRS, simplified for printing (WKB)
    "shapes": {"unit": S, "wkb": pl.Binary},
    # the definitions in force; compared_unit: of the values compared with peers (a count compares as a share); counted: what the demand of a measure of service counts; target/floor/best/worst are of the standard valid in the run's year
    "indicators": {
        "code": S, "name": S, "dimension": S, "aspect": S, "scale": S, "unit": S, "compared_unit": S, "counted": S, "decimals": N,
        "direction": S, "kind": S, "treatment": S, "levels": LS, "method": S, "definition": S, "formula": S,
        "target": F, "floor": F, "best": F, "worst": F, "low": F, "high": F, "standard_source": S, "standard_clause": S,
        "target_by": pl.Date, "target_item": S, "base_year": N, "parameters": S, "data_source": S, "number": N,
        "lead": LS, "supporting": LS, "remedy": S, "survey": S, "tickets": LS, "inputs": LS, "confirmed": B,
        "system": S, "weight": F, "position": N,
    },
    # value per unit × indicator; `compared` is what scoring looks at (a count's rate, otherwise the value)
    "measurements": {
        "year": N, "unit": S, "level": S, "indicator": S, "value": F, "numerator": F, "denominator": F,
        "compared": F, "reported": F, "origin": S, "basis": F, "rows": N, "note": S,
    },
    # one row per measured or expected unit × indicator: the body of 指标评估表
    "scores": {
        "year": N, "unit": S, "level": S, "indicator": S, "dimension": S, "value": F, "compared": F,
        "score": F, "grade": S, "method": S, "rank": N, "peers": N, "peer_median": F, "peer_low": F,
        "peer_q1": F, "peer_q3": F, "peer_high": F, "district_value": F, "previous": F, "change": F,
        "improved": B, "satisfaction": F, "weight": F, "note": S,
    },
    "dimensions": {
        "year": N, "unit": S, "level": S, "dimension": S, "score": F, "objective": F, "perceived": F,
        "grade": S, "weight_present": F, "veto": LS, "rank": N, "peers": N, "district_score": F,
        "previous": F, "change": F,
    },
    # rank_low..rank_high: 5–95 % of the rank over random weights; third: 前/中/后 for communities
    "totals": {
        "year": N, "unit": S, "level": S, "score": F, "grade": S, "rank": N, "rank_low": N, "rank_high": N,
        "peers": N, "third": S, "weight_present": F, "previous": F, "change": F, "satisfaction": F,
    },
    # 行动计划目标: one row per unit and dated target; gap: what is missing (0 when reached); expected: by the straight line
    "targets": {
        "year": N, "unit": S, "level": S, "indicator": S, "item": S, "target": F, "by": pl.Date, "value": F, "met": B,
        "gap": F, "base_year": N, "base_value": F, "expected": F, "pace": S, "lead": LS,
    },
    # 问题台账: one line per thing and sub-rule
    "ledger": {
        "year": N, "line": N, "unit": S, "town": S, "community": S, "indicator": S, "rule": S, "thing": S,
        "thing_name": S, "says": S, "degree": S, "difficulty": S, "treatment": S, "input": S, "file": S, "sheet": S, "row": N,
        "x": F, "y": F,
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
    # 清单二 问题清单; ledger_from/ledger_to: first and last line of the ledger behind the row
    "problem_list": {
        "id": S, "year": N, "unit": S, "level": S, "indicator": S, "dimension": S, "problem": S,
        "value": F, "standard": F, "gap": F, "people": F, "severity": S, "degree": S, "difficulty": S,
        "treatment": S, "because": S, "lead": LS, "supporting": LS, "priority": F, "ledger_from": N,
        "ledger_to": N,
    },
    # 清单三 整治建议清单; status/done/evidence are for the department to fill in
    "remedy_list": {
        "id": S, "year": N, "problem_id": S, "unit": S, "level": S, "indicator": S, "dimension": S,
        "problem": S, "value": F, "measure": S, "measure_kind": S, "target": F, "amount": S, "area": S,
        "treatment": S, "term": S, "due": S, "priority": F, "next_year": B, "lead": LS, "supporting": LS,
        "town": S, "status": S, "done": S, "evidence": S,
    },
    # 满意度: one row per unit × question; score 0–100 with its 95 % interval; effective: answers, less what weighting costs
    "survey": {
        "year": N, "unit": S, "level": S, "question": S, "label": S, "answers": N, "score": F,
        "low": F, "high": F, "effective": F, "weighted": B, "note": S,
    },
    # 12345工单: one row per unit × category (合计: all of them); shares of those that say so
    "tickets": {
        "year": N, "unit": S, "level": S, "category": S, "count": N, "per_10k": F, "repeat_share": F,
        "unresolved_share": F,
    },
    "findings": {
        "year": N, "code": S, "level": S, "file": S, "sheet": S, "row": N, "column": S, "value": S,
        "expected": S, "message": S,
    },
    "inputs": {"year": N, "name": S, "kind": S, "file": S, "sha256": S, "rows": N, "unplaced": N},
    # the record a run can be made again from: record is JSON (see engine/record.py)
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
    targets: pl.DataFrame
    ledger: pl.DataFrame
    service: pl.DataFrame
    facilities: pl.DataFrame
    sites: pl.DataFrame
    shortfalls: pl.DataFrame
    strengths: pl.DataFrame
    strength_list: pl.DataFrame
    problem_list: pl.DataFrame
    remedy_list: pl.DataFrame
    survey: pl.DataFrame
    tickets: pl.DataFrame
    findings: pl.DataFrame
    inputs: pl.DataFrame
    topics: dict[str, tuple[str, ...]]  # 专项: name → indicator codes
    list_names: dict[str, str]  # what the project calls the table and the lists
    walk_speed: float  # m/s, at which distances on foot are told as minutes
    method_notes: tuple[str, ...]  # 方法说明: sentences stating every choice of the scheme, in Chinese
