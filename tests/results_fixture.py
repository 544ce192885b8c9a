"""A believable year of results made by code: a district of 17 towns and 41 communities, 36 indicators.

Used by tests of `reports/` only. Everything follows from one seeded generator, so two calls are equal. The
figures hang together the way a run's do: peers' quartiles come from the values, ranks from the scores, the
lists from the shortfalls; some values are missing, one name tries to be HTML.
"""

from __future__ import annotations

from datetime import date
from typing import Any

import numpy as np
import polars as pl
import shapely
from tijian.engine.results import LEVEL_NAMES, SCHEMAS, UNGRADED, Results, conform, empty
from tijian.engine.settings.scheme import Scoring

YEAR = 2026
DISTRICT = "990101"
DIMENSIONS = (
    "生态宜居", "健康舒适", "安全韧性", "交通便捷", "风貌特色", "整洁有序", "多元包容", "创新活力",
)  # fmt: skip
SCHEME = Scoring(minimum_present=0.01)  # a score for whoever has one indicator
CUTS = (("优", 90.0), ("良", 80.0), ("中", 70.0), ("较差", 60.0), ("差", 0.0))
# frames of which this year tells nothing; a test that needs one puts it in with dataclasses.replace
UNTOLD = (
    "aspects", "robust", "ahead", "sensitivity", "dropped", "correlations", "coherence", "types", "questions", "figures",
    "gains", "lifts", "projects", "budget", "predecessors", "history", "returned", "reviews", "completion", "building_groups",
)  # fmt: skip
HOSTILE = "<script>alert(1)</script>社区"

# code, name, unit, decimals, direction, floor, target, best, worst, kind, lead
_INDICATORS: tuple[tuple[Any, ...], ...] = (
    ("ST-01", "公园绿化活动场地服务半径覆盖率", "%", 1, "higher", 60, 90, 100, 20, "guiding", "区绿化市容局"),
    ("ST-02", "城市绿地率", "%", 1, "higher", 25, 38, 45, 5, "guiding", "区绿化市容局"),
    ("ST-03", "城市环境噪声达标地段覆盖率", "%", 1, "higher", 60, 85, 100, 20, "guiding", "区生态环境局"),
    ("ST-04", "城市水体返黑返臭事件数", "起", 0, "lower", 4, 1, 0, 8, "baseline", "区水务局"),
    ("ST-05", "绿道服务半径覆盖率", "%", 1, "higher", 40, 70, 100, 5, "guiding", "区绿化市容局"),
    ("JK-01", "完整居住社区覆盖率", "%", 1, "higher", 30, 60, 100, 0, "guiding", "区民政局"),
    ("JK-02", "社区老年服务站覆盖率", "%", 1, "higher", 60, 95, 100, 20, "guiding", "区民政局"),
    ("JK-03", "普惠性幼儿园覆盖率", "%", 1, "higher", 60, 85, 100, 20, "guiding", "区教育局"),
    ("JK-04", "社区托育服务设施覆盖率", "%", 1, "higher", 40, 80, 100, 0, "guiding", "区卫生健康委"),
    ("JK-05", "人均社区体育场地面积", "㎡", 2, "higher", 0.2, 0.3, 0.8, 0.0, "guiding", "区体育局"),
    ("AQ-01", "城市内涝积水点密度", "个/km²", 2, "lower", 0.4, 0.1, 0, 1.0, "guiding", "区水务局"),
    ("AQ-02", "存在燃气安全隐患的住宅数量", "栋", 0, "lower", 5, 0, 0, 40, "baseline", "区建设管理委"),
    (
        "AQ-03",
        "存在楼道安全隐患的住宅数量",
        "栋",
        0,
        "lower",
        8,
        0,
        0,
        60,
        "baseline",
        "区住房保障房屋管理局",
    ),
    ("AQ-04", "人均避难场所面积", "㎡", 2, "higher", 1.0, 2.0, 3.0, 0.0, "guiding", "区应急局"),
    ("AQ-05", "二级及以上医院4公里覆盖率", "%", 1, "higher", 60, 90, 100, 20, "guiding", "区卫生健康委"),
    ("AQ-06", "燃气老旧管网改造完成率", "%", 1, "higher", 60, 100, 100, 0, "baseline", "区建设管理委"),
    ("JT-01", "城市道路网密度", "km/km²", 1, "higher", 5, 8, 11, 2, "guiding", "区交通委"),
    ("JT-02", "公交站点500米覆盖率", "%", 1, "higher", 80, 100, 100, 40, "guiding", "区交通委"),
    ("JT-03", "平均单程通勤时间", "min", 0, "lower", 45, 30, 20, 60, "guiding", "区交通委"),
    ("JT-04", "道路技术状况指标优良率", "%", 1, "higher", 55, 70, 95, 20, "guiding", "区建设管理委"),
    (
        "FM-01",
        "万人城市文化建筑面积",
        "㎡/万人",
        0,
        "higher",
        800,
        2000,
        3500,
        200,
        "guiding",
        "区文化旅游局",
    ),
    ("FM-02", "历史建筑空置率", "%", 1, "lower", 30, 10, 0, 60, "guiding", "区文化旅游局"),
    ("FM-03", "美丽街区覆盖率", "%", 1, "higher", 30, 60, 100, 0, "guiding", "区绿化市容局"),
    ("ZJ-01", "道路机扫率", "%", 1, "higher", 80, 100, 100, 50, "guiding", "区绿化市容局"),
    ("ZJ-02", "窨井盖完好率", "%", 1, "higher", 90, 99, 100, 70, "guiding", "区水务局"),
    (
        "ZJ-03",
        "实施专业化物业管理的住宅小区占比",
        "%",
        1,
        "higher",
        60,
        90,
        100,
        20,
        "guiding",
        "区住房保障房屋管理局",
    ),
    ("ZJ-04", "生活垃圾分类达标率", "%", 1, "higher", 80, 95, 100, 50, "guiding", "区绿化市容局"),
    ("ZJ-05", "星级公厕达标率", "%", 1, "higher", 60, 90, 100, 20, "guiding", "区绿化市容局"),
    ("DY-01", "道路无障碍设施设置率", "%", 1, "higher", 50, 90, 100, 10, "guiding", "区建设管理委"),
    ("DY-02", "适老化改造率", "%", 1, "higher", 30, 70, 100, 0, "guiding", "区民政局"),
    ("DY-03", "居住在棚户区和城中村人口数量占比", "%", 1, "lower", 10, 2, 0, 25, "guiding", "区建设管理委"),
    ("DY-04", "常住人口基本公共服务覆盖率", "%", 1, "higher", 70, 95, 100, 30, "guiding", "区民政局"),
    ("CX-01", "万人新增中小微企业数", "个/万人", 0, "higher", 40, 90, 160, 10, "guiding", "区经委"),
    ("CX-02", "万人高新技术企业数", "个/万人", 1, "higher", 2, 8, 20, 0, "guiding", "区科委"),
    ("CX-03", "社区众创空间覆盖率", "%", 1, "higher", 20, 60, 100, 0, "guiding", "区科委"),
    ("CX-04", "城市人口年龄中位数", "岁", 0, "within", None, None, None, None, "local", "区统计局"),
)
_PREFIX = dict(zip(("ST", "JK", "AQ", "JT", "FM", "ZJ", "DY", "CX"), DIMENSIONS, strict=True))
_COMMUNITY = ("ST-01", "JK-02", "JK-03", "JK-04", "AQ-02", "AQ-03", "AQ-05", "JT-02", "ZJ-03", "ZJ-04")
_TOWNS = (
    "示例中心街道", "示例东街道", "示例西街道", "示例南街道", "示例北街道", "示例广林街道", "石湖镇", "桥头镇",
    "古塔镇", "河湾镇", "云间镇", "柳溪镇", "新港镇", "泾川镇", "叶塘镇", "佘北镇", "浜口镇",
)  # fmt: skip


def make_results(synthetic: str = "合成演示数据", hostile: bool = False) -> Results:
    """A year of results; ``hostile`` puts HTML into the name of the first community."""
    rng = np.random.default_rng(20260131)
    units = _units(rng, hostile)
    indicators = _indicator_frame()
    measurements, scores = _scored(units, indicators, rng)
    dimensions = _dimension_frame(scores)
    totals = _total_frame(dimensions, rng)
    shortfalls, problems, remedies, ledger = _lists(units, indicators, scores)
    strengths = _strengths(indicators, scores)
    return Results(
        title="示例区2026年城市体检", year=YEAR, synthetic=synthetic, dimension_names=DIMENSIONS,
        grade_cuts=CUTS, run_id="20260601-fixture", version="0.1.0", crs="EPSG:4549", edition="shanghai", units=units,
        shapes=_shapes(units), indicators=indicators, measurements=measurements, scores=scores,
        dimensions=dimensions, totals=totals, targets=_targets(scores), ledger=ledger,
        service=_service(units), facilities=_facilities(), sites=_sites(), shortfalls=shortfalls,
        strengths=strengths[0], strength_list=strengths[1], problem_list=problems, remedy_list=remedies,
        survey=_survey(units, rng), tickets=_tickets(units), findings=_findings(), inputs=_inputs(),
        topics={"城市基础设施": ("AQ-01", "AQ-06", "JT-01", "JT-04", "ZJ-02")},
        list_names={}, walk_speed=1.2, weights=_weights(scores), scheme=SCHEME, method_notes=(
            "指标值按现行标准的底线、目标分段换算为0—100分：底线记60分，目标记90分。",
            "各维度等权，维度内各指标等权；缺项按已有指标重新分配权重，已有权重不足60%的不评分。",
            "排名区间为权重随机扰动1000次的5%—95%分位。",
        ),
        **{name: empty(name) for name in UNTOLD},
    )  # fmt: skip


def _units(rng: np.random.Generator, hostile: bool) -> pl.DataFrame:
    rows: list[dict[str, Any]] = []
    for i, town in enumerate(_TOWNS):
        code = f"{DISTRICT}{i + 1:03d}"
        size = 3 if i % 2 else 2
        for j in range(size if i != 6 else 1):
            name = HOSTILE if hostile and i == 0 and j == 0 else f"{'甲乙丙丁'[j]}{town[-3]}里居委会"
            rows.append(_unit(f"{code}{j + 1:03d}", name, "community", code, "居委会", rng))
        rows.append(_unit(code, town, "town", DISTRICT, "街道" if town.endswith("街道") else "镇", rng))
    rows.append(_unit(DISTRICT, "示例区", "district", None, "市辖区", rng))
    frame = pl.DataFrame(rows).sort("code")
    for level, child in (("town", "community"), ("district", "town")):
        below = frame.filter(pl.col("level") == child).group_by("parent", maintain_order=True)
        sums = below.agg(pl.col("population").sum().alias("p"), pl.col("area_km2").sum().alias("a"))
        frame = frame.join(sums, left_on="code", right_on="parent", how="left", maintain_order="left")
        here = pl.col("level") == level
        frame = frame.with_columns(
            population=pl.when(here).then("p").otherwise("population"),
            area_km2=pl.when(here).then("a").otherwise("area_km2"),
        ).drop("p", "a")
    return conform("units", frame)


def _unit(code: str, name: str, level: str, parent: str | None, kind: str, rng: np.random.Generator) -> dict:
    town = code[:9] if len(code) >= 9 else None
    return {
        "code": code, "name": name, "level": level, "parent": parent, "kind": kind,
        "population": float(rng.integers(22, 90) * 1000 + rng.integers(0, 999)),
        "area_km2": float(np.round(rng.uniform(0.8, 9.5), 2)), "district": DISTRICT, "town": town,
        "community": code if len(code) == 12 else None,
    }  # fmt: skip


def _targets(scores: pl.DataFrame) -> pl.DataFrame:
    """道路机扫率 and 窨井盖完好率 by the end of 2026 and 2027: one target due or reached, one on the way or late."""
    dated = {"ZJ-01": (100.0, date(YEAR, 12, 31)), "ZJ-02": (99.0, date(YEAR + 1, 12, 31))}
    rows: list[dict[str, Any]] = []
    for row in scores.filter(pl.col("indicator").is_in(list(dated))).iter_rows(named=True):
        target, by = dated[row["indicator"]]
        value = row["value"]
        met = None if value is None else value >= target
        pace = (
            "无数据"
            if value is None
            else "已达标"
            if met
            else "本年底到期（未达标）"
            if by.year <= YEAR
            else "进度滞后"
        )
        rows.append({
            "year": YEAR, "unit": row["unit"], "level": row["level"], "indicator": row["indicator"], "item": "第5条",
            "target": target, "by": by, "value": value, "met": met,
            "gap": None if value is None else max(0.0, target - value), "base_year": YEAR - 1, "base_value": 60.0,
            "expected": target if by.year <= YEAR else 60 + (target - 60) / 2, "pace": pace, "lead": ["区绿化市容局"],
        })  # fmt: skip
    return conform("targets", pl.DataFrame(rows, infer_schema_length=None))


def _shapes(units: pl.DataFrame) -> pl.DataFrame:
    """Towns as squares of a 5-wide grid (1.6 km), communities as strips of their town, the district around."""
    rows = []
    towns = units.filter(pl.col("level") == "town")["code"].to_list()
    boxes = []
    for i, town in enumerate(towns):
        x, y = 500_000 + (i % 5) * 1600 + (i // 5) * 300, 3_430_000 - (i // 5) * 1600
        box = shapely.box(x, y, x + 1600, y + 1600)
        boxes.append(box)
        rows.append({"unit": town, "wkb": shapely.to_wkb(box)})
        inside = units.filter(pl.col("parent") == town)["code"].to_list()
        for j, code in enumerate(inside):
            left, right = x + 1600 * j / len(inside), x + 1600 * (j + 1) / len(inside)
            rows.append({"unit": code, "wkb": shapely.to_wkb(shapely.box(left, y, right, y + 1600))})
    rows.append({"unit": DISTRICT, "wkb": shapely.to_wkb(shapely.union_all(boxes))})
    return conform("shapes", pl.DataFrame(rows).sort("unit"))


# the stops of the first two towns (squares of 1.6 km from 500 000, 3 430 000), for JT-02 within 500 m
_STOPS = {
    "示例一路站": (500_300.0, 3_430_400.0),
    "示例二路站": (500_900.0, 3_431_000.0),
    "示例三路站": (502_400.0, 3_430_800.0),
}
_RADIUS_M = 500.0


def _service(units: pl.DataFrame) -> pl.DataFrame:
    """Demand points of JT-02 in the first two towns, every 200 m, 30 people each, and their nearest stop."""
    stops = np.array(list(_STOPS.values()))
    rows = []
    for i, town in enumerate(units.filter(pl.col("level") == "town")["code"].to_list()[:2]):
        communities = units.filter(pl.col("parent") == town)["code"].to_list()
        for x in np.arange(100.0, 1600, 200):
            for y in np.arange(100.0, 1600, 200):
                spot = np.array([500_000 + 1600 * i + x, 3_430_000 + y])
                distance = float(np.round(np.hypot(*(stops - spot).T).min(), 1))
                rows.append({
                    "year": YEAR, "indicator": "JT-02", "unit": communities[int(x * len(communities) / 1600)],
                    "x": spot[0], "y": spot[1], "weight": 30.0, "distance": distance, "served": distance <= _RADIUS_M,
                })  # fmt: skip
    return conform("service", pl.DataFrame(rows))


def _facilities() -> pl.DataFrame:
    rows = [
        {"year": YEAR, "indicator": "JT-02", "name": name, "wkb": shapely.to_wkb(shapely.Point(spot))}
        for name, spot in _STOPS.items()
    ]
    return conform("facilities", pl.DataFrame(rows))


def _sites() -> pl.DataFrame:
    """Two sites for JT-02, one in each of the first two towns."""
    rows = [
        {"unit": f"{DISTRICT}001", "x": 501_300.0, "y": 3_430_300.0, "place": "示例一居委会（东经120.01°、北纬30.99°）", "gained": 420.0,
         "before": 61.2, "after": 72.1, "unit_before": 81.8, "unit_after": 100.0},
        {"unit": f"{DISTRICT}002", "x": 501_900.0, "y": 3_431_300.0, "place": "示例二居委会（东经120.02°、北纬31.00°）", "gained": 600.0,
         "before": 61.2, "after": 76.8, "unit_before": 40.6, "unit_after": 71.9},
    ]  # fmt: skip
    shared = {"year": YEAR, "indicator": "JT-02", "rank": 1, "radius_m": _RADIUS_M, "supply": "", "counted": "人",
              "method": "greedy", "bound": 0.75}  # fmt: skip
    return conform("sites", pl.DataFrame([shared | row for row in rows]))


def _indicator_frame() -> pl.DataFrame:
    rows = []
    for i, (code, name, unit, dec, direction, floor, target, best, worst, kind, lead) in enumerate(
        _INDICATORS
    ):
        levels = ["district", "town", "community"] if code in _COMMUNITY else ["district", "town"]
        rows.append({
            "code": code, "name": name, "dimension": _PREFIX[code[:2]], "aspect": "综合", "scale": "街区",
            "unit": unit, "decimals": dec, "direction": direction, "kind": kind,
            "treatment": "within_deadline" if kind == "baseline" else "effort", "levels": levels,
            "method": "coverage" if code == "JT-02" else ("count" if unit == "栋" else "ratio"),
            "counted": "人" if code == "JT-02" else None, "definition": f"{name}，按常住人口计。", "formula": "分子÷分母",
            "target": target, "floor": floor, "best": best, "worst": worst,
            "standard_source": "示例标准", "standard_clause": "3.1", "lead": [lead],
            "supporting": ["各街镇"], "remedy": "补齐短板", "survey": None, "inputs": ["form"],
            "tickets": [], "data_source": f"{lead}填报表", "parameters": "", "number": None, "confirmed": True, "system": "national-2022", "weight": 1.0, "position": i,
        })  # fmt: skip
    frame = pl.DataFrame(rows, infer_schema_length=None)
    return conform("indicators", frame)


def _score(value: np.ndarray, row: dict[str, Any]) -> np.ndarray:
    """Anchors: worst 0, floor 60, target 90, best 100; NaN stays NaN."""
    points = sorted({float(row["worst"]): 0.0, float(row["floor"]): 60.0, float(row["target"]): 90.0}.items())
    if row["best"] != row["target"]:
        points = sorted([*points, (float(row["best"]), 100.0)])
    else:
        points = [(x, 100.0 if x == row["best"] else y) for x, y in points]
    return np.interp(value, [x for x, _ in points], [y for _, y in points])


def _grade(score: float | None) -> str:
    if score is None or np.isnan(score):
        return UNGRADED
    return next(name for name, low in CUTS if score >= low)


def _scored(
    units: pl.DataFrame, indicators: pl.DataFrame, rng: np.random.Generator
) -> tuple[pl.DataFrame, pl.DataFrame]:
    measured: list[dict[str, Any]] = []
    scored: list[dict[str, Any]] = []
    for indicator in indicators.to_dicts():
        district = None
        for level in ("district", "town", "community"):
            if level not in indicator["levels"]:
                continue
            codes = units.filter(pl.col("level") == level)["code"].to_list()
            rows = _one(indicator, level, codes, district, rng)
            district = rows[0]["value"] if level == "district" else district
            scored += rows
            measured += [_measurement(r) for r in rows]
    return (
        conform("measurements", pl.DataFrame(measured, infer_schema_length=None)),
        conform("scores", pl.DataFrame(scored, infer_schema_length=None)),
    )


def _measurement(row: dict[str, Any]) -> dict[str, Any]:
    keys = ("year", "unit", "level", "indicator", "value", "compared")
    origin = "missing" if row["value"] is None else "computed"
    return {**{k: row[k] for k in keys}, "origin": origin, "basis": 1.0, "rows": 12}


def _one(
    indicator: dict[str, Any], level: str, codes: list[str], district: float | None, rng: np.random.Generator
) -> list[dict[str, Any]]:
    """The rows of ``scores`` of one indicator over the units of one level."""
    n, dec = len(codes), indicator["decimals"]
    banded = indicator["direction"] == "within"
    worst, best = (34.0, 52.0) if banded else (float(indicator["worst"]), float(indicator["best"]))
    share = np.full(1, 0.72) if level == "district" else rng.beta(4.2, 1.9, n)
    value = np.round(worst + share * (best - worst), dec)
    previous = np.round(value - rng.normal(0.02, 0.05, n) * (best - worst), dec)
    if level == "town" and indicator["code"] in ("FM-02", "CX-03"):
        value[[3, 9]] = np.nan
    score = np.full(n, np.nan) if banded else np.where(np.isnan(value), np.nan, _score(value, indicator))
    rank = np.array([np.nan if np.isnan(s) else 1 + np.sum(score > s) for s in score])
    five: list[float | None] = [None] * 5
    if level != "district" and np.isfinite(value).any():
        five = [float(q) for q in np.nanquantile(value, [0, 0.25, 0.5, 0.75, 1])]
    higher = indicator["direction"] == "higher"
    rows = []
    for i, code in enumerate(codes):
        change = value[i] - previous[i]
        known = np.isfinite(value[i])
        rows.append({
            "year": YEAR, "unit": code, "level": level, "indicator": indicator["code"],
            "dimension": indicator["dimension"], "value": float(value[i]) if known else None,
            "compared": float(value[i]) if known else None, "score": _none(score[i]),
            "grade": _grade(score[i]), "method": "anchors",
            "rank": None if level == "district" or np.isnan(rank[i]) else int(rank[i]),
            "peers": None if level == "district" else int(np.isfinite(score).sum()),
            "peer_low": five[0], "peer_q1": five[1], "peer_median": five[2], "peer_q3": five[3],
            "peer_high": five[4], "district_value": district, "previous": float(previous[i]),
            "change": float(np.round(change, 6)) if known else None,
            "improved": bool((change > 0) == higher) if known and change and not banded else None,
            "peer_group": f"全部{LEVEL_NAMES[level]}",
            **{
                f"than_{key}": None if banded else _than(value[i], other, higher)
                for key, other in (("district", district), ("peers", five[2]), ("previous", previous[i]))
            },
            "satisfaction": float(np.round(rng.uniform(55, 96), 1)) if i % 3 == 0 else None,
            "weight": 1.0, "note": None if known else "部门未填报",
        })  # fmt: skip
    return rows


def _than(value: float, other: float | None, higher: bool) -> str | None:
    """As if every value were of something examined in full: whatever differs, differs."""
    if other is None or np.isnan(value):
        return None
    if abs(value - other) < 1e-9:
        return "same"
    return "better" if (value > other) == higher else "worse"


def _none(value: float) -> float | None:
    return None if np.isnan(value) else float(np.round(value, 4))


def _dimension_frame(scores: pl.DataFrame) -> pl.DataFrame:
    keys = ["year", "unit", "level", "dimension"]
    frame = scores.group_by(keys, maintain_order=True).agg(
        pl.col("score").mean(), (pl.col("score").is_not_null().mean()).alias("weight_present")
    )
    frame = frame.with_columns(
        grade=pl.col("score").map_elements(_grade, return_dtype=pl.String, skip_nulls=False),
        objective="score",
        rank=pl.col("score").rank("min", descending=True).over("level", "dimension").cast(pl.Int64),
        peers=pl.col("score").count().over("level", "dimension").cast(pl.Int64),
        previous=pl.col("score") - 1.2,
        change=pl.lit(1.2),
        veto=pl.lit([], dtype=pl.List(pl.String)),
    )
    whole = frame.filter(pl.col("level") == "district").select("dimension", district_score="score")
    return conform("dimensions", frame.join(whole, on="dimension", how="left", maintain_order="left"))


def _total_frame(dimensions: pl.DataFrame, rng: np.random.Generator) -> pl.DataFrame:
    frame = dimensions.group_by(["year", "unit", "level"], maintain_order=True).agg(
        pl.col("score").mean(), pl.col("weight_present").mean()
    )
    frame = frame.with_columns(
        rank=pl.col("score").rank("min", descending=True).over("level").cast(pl.Int64),
        peers=pl.col("score").count().over("level").cast(pl.Int64),
        grade=pl.col("score").map_elements(_grade, return_dtype=pl.String, skip_nulls=False),
    )
    spread = pl.Series(rng.integers(1, 4, frame.height))
    third = ((pl.col("rank") - 1) * 3 // pl.col("peers")).replace_strict(
        {0: "前三分之一", 1: "中三分之一", 2: "后三分之一"}
    )
    change = pl.Series(np.round(rng.normal(0.8, 1.5, frame.height), 2))
    frame = frame.with_columns(
        rank_low=pl.max_horizontal(pl.col("rank") - spread, pl.lit(1)),
        rank_high=pl.min_horizontal(pl.col("rank") + spread, "peers"),
        third=pl.when(pl.col("level") == "community").then(third),
        previous=pl.col("score") - change,
        change=change,
        satisfaction=pl.Series(np.round(rng.uniform(70, 92, frame.height), 1)),
    )
    return conform("totals", frame)


def _weights(scores: pl.DataFrame) -> pl.DataFrame:
    """Equal weights at every level, of the indicators in their dimension and the dimensions in the total."""
    keys = ["year", "level", "dimension"]
    leaves = (
        scores.select(*keys, "indicator")
        .unique(maintain_order=True)
        .rename({"dimension": "parent", "indicator": "child"})
    )
    tops = (
        scores.select(keys)
        .unique(maintain_order=True)
        .rename({"dimension": "child"})
        .with_columns(parent=pl.lit("总分"))
    )
    both = pl.concat([tops, leaves], how="diagonal").with_columns(
        weight=1.0 / pl.len().over("level", "parent"), method=pl.lit("equal"), basis=pl.lit("等权")
    )
    return conform("weights", both)


def _lists(
    units: pl.DataFrame, indicators: pl.DataFrame, scores: pl.DataFrame
) -> tuple[pl.DataFrame, pl.DataFrame, pl.DataFrame, pl.DataFrame]:
    defined = {r["code"]: r for r in indicators.to_dicts()}
    unit_of = {r["code"]: r for r in units.to_dicts()}
    short, problems, remedies, ledger = [], [], [], []
    low = scores.filter((pl.col("score") < 60) & (pl.col("level") != "district")).sort(
        "score", "unit", "indicator"
    )
    for row in low.to_dicts():
        definition, unit = defined[row["indicator"]], unit_of[row["unit"]]
        shared = _shared(row, definition, unit)
        short.append({**shared, "grounds": ["below_floor"], "gap_share": 0.4})
        key = f"{row['unit']}-{row['indicator']}"
        first, last = _add_things(ledger, row, definition, unit)
        problems.append({
            **shared, "id": key, "dimension": row["dimension"], "problem": _wording(row, definition),
            "degree": "严重" if first else None, "difficulty": "中" if first else None,
            "lead": definition["lead"], "supporting": definition["supporting"],
            "ledger_from": first, "ledger_to": last,
        })  # fmt: skip
        remedies.append({
            **{k: shared[k] for k in ("year", "unit", "level", "indicator", "treatment", "priority", "value")},
            "id": f"Z-{key}", "problem_id": key, "dimension": row["dimension"], "problem": _wording(row, definition),
            "measure": f"对{unit['name']}{definition['name']}逐项整治，达到标准值。", "measure_kind": "工程类",
            "target": definition["target"], "amount": "以现场核定为准", "area": unit["name"],
            "term": "近期" if definition["kind"] == "baseline" else "中期",
            "due": "2026年12月底前" if definition["kind"] == "baseline" else None,
            "next_year": definition["kind"] == "baseline", "lead": definition["lead"],
            "supporting": definition["supporting"], "town": unit["town"], "status": "未启动",
        })  # fmt: skip
    frames = (
        ("shortfalls", short),
        ("problem_list", problems),
        ("remedy_list", remedies),
        ("ledger", ledger),
    )
    made = [_listed(name, rows) for name, rows in frames]
    return made[0], made[1], made[2], made[3]


def _listed(name: str, rows: list[dict[str, Any]]) -> pl.DataFrame:
    allowed = SCHEMAS[name]
    frame = pl.DataFrame(
        [{k: v for k, v in r.items() if k in allowed} for r in rows], infer_schema_length=None
    )
    return conform(name, frame)


def _shared(row: dict[str, Any], definition: dict[str, Any], unit: dict[str, Any]) -> dict[str, Any]:
    red = definition["kind"] == "baseline"
    return {
        "year": YEAR, "unit": row["unit"], "level": row["level"], "indicator": row["indicator"],
        "value": row["value"], "standard": definition["target"],
        "gap": abs(definition["target"] - row["value"]), "people": round(unit["population"] * 0.3),
        "severity": "红" if red else ("橙" if row["score"] < 45 else "黄"),
        "priority": round(100 - row["score"], 1), "treatment": definition["treatment"], "because": "低于底线",
    }  # fmt: skip


def _wording(row: dict[str, Any], definition: dict[str, Any]) -> str:
    return f"{definition['name']}未达底线"


def _add_things(
    ledger: list[dict[str, Any]], row: dict[str, Any], definition: dict[str, Any], unit: dict[str, Any]
) -> tuple[int | None, int | None]:
    if definition["unit"] != "栋" or row["level"] != "community":
        return None, None
    first = len(ledger) + 1
    for k in range(int(min(row["value"], 4))):
        ledger.append({
            "year": YEAR, "line": first + k, "unit": row["unit"], "indicator": row["indicator"], "rule": "r1",
            "thing": f"B{first + k:05d}", "thing_name": f"示例小区{first + k}号楼", "says": "燃气立管运行满20年且锈蚀",
            "degree": "严重", "difficulty": "中", "treatment": definition["treatment"], "input": "buildings",
            "file": "inputs/楼栋底册.xlsx", "sheet": "楼栋", "row": 40 + k, "town": unit["town"],
            "community": unit["community"], "x": None, "y": None,
        })  # fmt: skip
    return (first, len(ledger)) if len(ledger) >= first else (None, None)


def _strengths(indicators: pl.DataFrame, scores: pl.DataFrame) -> tuple[pl.DataFrame, pl.DataFrame]:
    defined = {r["code"]: r for r in indicators.to_dicts()}
    rows = []
    high = scores.filter((pl.col("score") >= 96) & (pl.col("level") != "district"))
    for row in high.sort(["score", "unit", "indicator"], descending=[True, False, False]).to_dicts():
        definition = defined[row["indicator"]]
        rows.append({
            "id": f"Y-{row['unit']}-{row['indicator']}", "year": YEAR, "unit": row["unit"], "level": row["level"],
            "indicator": row["indicator"], "dimension": row["dimension"], "grounds": ["above_target"],
            "strength": f"{definition['name']}优于标准值", "value": row["value"], "reference": definition["target"],
            "reference_name": "标准值", "lead_by": abs(row["value"] - definition["target"]),
            "because": "优于标准值", "note": None,
        })  # fmt: skip
    return _listed("strengths", rows), _listed("strength_list", rows)


def _survey(units: pl.DataFrame, rng: np.random.Generator) -> pl.DataFrame:
    rows = []
    labels = ("养老服务", "托育服务", "公园绿化", "公交出行", "垃圾分类", "道路通畅", "消防设施", "物业管理")
    for unit in units.to_dicts():
        for i, label in enumerate(labels, 1):
            answers = {"district": 2400, "town": 140, "community": 22}[unit["level"]]
            score = float(np.round(rng.uniform(52, 95), 1))
            half = 98 / np.sqrt(answers) * 0.5
            rows.append({
                "year": YEAR, "unit": unit["code"], "level": unit["level"], "question": f"Q{i}", "label": label,
                "answers": answers, "score": score, "low": max(score - half, 0.0), "high": min(score + half, 100.0), "suppressed": False,
            })  # fmt: skip
    return conform("survey", pl.DataFrame(rows))


def _tickets(units: pl.DataFrame) -> pl.DataFrame:
    rows = [
        {
            "year": YEAR, "unit": unit["code"], "level": unit["level"], "category": category, "count": count,
            "per_10k": 1e4 * count / unit["population"], "repeat_share": 0.12, "unresolved_share": 0.08, "suppressed": False,
        }
        for unit in units.to_dicts()
        for category, count in (("合计", 90), ("停车管理", 40), ("噪声扰民", 30), ("养老服务", 20))
    ]  # fmt: skip
    return conform("tickets", pl.DataFrame(rows))


def _findings() -> pl.DataFrame:
    rows = [
        ("P004", "warning", "inputs/填报表.xlsx", "健康舒适", 17, "托育", "不详", "数字", "“不详”不是数字"),
        ("P004", "warning", "inputs/楼栋底册.xlsx", "楼栋", 52, "建成年份", "", "四位年份", "建成年份为空"),
    ]
    names = ("code", "level", "file", "sheet", "row", "column", "value", "expected", "message")
    frame = pl.DataFrame([dict(zip(names, r, strict=True)) | {"year": YEAR} for r in rows])
    return conform("findings", frame)


def _inputs() -> pl.DataFrame:
    rows = [
        {"name": "form", "kind": "figures", "file": "inputs/填报表.xlsx", "sha256": "ab" * 32, "rows": 612},
        {
            "name": "buildings",
            "kind": "records",
            "file": "inputs/楼栋底册.xlsx",
            "sha256": "cd" * 32,
            "rows": 9120,
        },
    ]
    return conform("inputs", pl.DataFrame(rows).with_columns(year=pl.lit(YEAR), unplaced=pl.lit(0)))
