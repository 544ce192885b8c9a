"""The fixture's year read by the Ministry's four scales: some indicators at each, things of two inputs, blocks of questions."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import polars as pl
from tijian.engine.results import Results, conform

from .results_fixture import DISTRICT, YEAR, make_results

CITY = "城区（城市）"
# code → scale, aspect, number of the handbook, when it is to be solved, what a count is compared by
PLACES: dict[str, tuple[str, str, int | None, str, str | None]] = {
    "AQ-02": ("住房", "安全耐久", 2, "within_deadline", "%"),
    "AQ-03": ("住房", "安全耐久", 3, "within_deadline", "%"),
    "JK-03": ("小区（社区）", "设施完善", 12, "effort", "%"),
    "JT-02": ("街区", "功能完善", None, "effort", None),
    "ST-01": ("街区", "功能完善", 25, "effort", None),
    "ST-02": (CITY, "生态宜居", 30, "effort", None),
    "AQ-01": (CITY, "安全韧性", 47, "within_deadline", None),
}
MISSING, SHORT = 4, 3  # estates without a kindergarten, and with one that is too small
GRADES = {"ST-02": "很好", "AQ-01": "不足"}


def national_results(**more: Any) -> Results:
    """The results; ``more`` replaces frames."""
    made = make_results()
    scale, aspect, number, treatment, compared = (
        pl.col("code").replace_strict(
            {c: p[i] for c, p in PLACES.items()}, default=default, return_dtype=dtype
        )
        for i, (default, dtype) in enumerate(
            (
                (CITY, pl.String),
                ("其他", pl.String),
                (None, pl.Int64),
                ("effort", pl.String),
                (None, pl.String),
            )
        )
    )
    indicators = made.indicators.with_columns(
        scale=scale, aspect=aspect, number=number, treatment=treatment, compared_unit=compared,
        method=pl.when(pl.col("code") == "JK-03").then(pl.lit("count")).otherwise("method"),
    )  # fmt: skip
    scores = made.scores.with_columns(
        ministry=pl.col("indicator").replace_strict(GRADES, default=None, return_dtype=pl.String)
    )
    frames = {
        "indicators": indicators, "scores": scores, "ledger": pl.concat([made.ledger, _estates(made)]),
        "survey": made.survey.with_columns(
            block=pl.when(pl.col("question") == "Q1").then(pl.lit("住宅")).otherwise(pl.lit("城市"))
        ),
    }  # fmt: skip
    return replace(made, **(frames | more))


def _estates(made: Results) -> pl.DataFrame:
    """Lines of the ledger of estates: some without a kindergarten, some whose is too small."""
    communities = made.units.filter(level="community").sort("code").head(MISSING + SHORT).to_dicts()
    first = made.ledger.height + 1
    rows = [
        {
            "year": YEAR, "line": first + n, "unit": unit["code"], "town": unit["town"], "community": unit["code"],
            "indicator": "JK-03", "rule": "missing" if n < MISSING else "short", "thing": f"X{n}", "thing_name": f"示例{n}村",
            "says": "未配建幼儿园" if n < MISSING else "幼儿园学位不足", "degree": "较严重" if n < MISSING else "一般",
            "difficulty": "中" if n < MISSING else "高", "treatment": "尽力解决", "input": "estates", "file": "小区.xlsx",
            "sheet": "小区", "row": n + 2,
        }
        for n, unit in enumerate(communities)
    ]  # fmt: skip
    return conform("ledger", pl.DataFrame(rows))


def groups(code: str, *counts: tuple[str, int, int]) -> pl.DataFrame:
    """Rows of ``building_groups`` of the district: group, things, failing."""
    rows = [
        {"year": YEAR, "unit": DISTRICT, "level": "district", "indicator": code, "group": g, "things": things, "failing": failing}
        for g, things, failing in counts
    ]  # fmt: skip
    return conform("building_groups", pl.DataFrame(rows))
