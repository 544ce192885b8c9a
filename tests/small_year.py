"""A very small district made in code, for tests of the middle of the pipeline: no files, every number checkable."""

from __future__ import annotations

from datetime import date

import polars as pl
from tijian.engine.evidence import Evidence, Gathered, with_levels
from tijian.engine.results import SCHEMAS, empty
from tijian.engine.settings.project import Input
from tijian.indicators.measure_model import Count, Ratio, Reported, Rule, Sql, Survey
from tijian.indicators.model import Indicator, Standard

DISTRICT = "100000"
TOWNS = ("100000001", "100000002", "100000003", "100000004")


def units() -> pl.DataFrame:
    """One district, four towns of 1,000 to 4,000 people, two communities each (40 % and 60 % of the people)."""
    rows = [(DISTRICT, "示例区", "district", None, None, 10000.0, 40.0, DISTRICT, None, None)]
    for i, town in enumerate(TOWNS, 1):
        rows.append((town, f"第{i}街道", "town", DISTRICT, "街道", 1000.0 * i, 10.0, DISTRICT, town, None))
        for j, share in ((1, 0.4), (2, 0.6)):
            code = f"{town}00{j}"
            rows.append(
                (
                    code,
                    f"{i}{j}社区",
                    "community",
                    town,
                    "居委",
                    1000.0 * i * share,
                    5.0,
                    DISTRICT,
                    town,
                    code,
                )
            )
    return pl.DataFrame(rows, schema=dict(SCHEMAS["units"]), orient="row")


def evidence(name: str, kind: str, rows: list[dict[str, object]], **more: object) -> Evidence:
    """Evidence of made-up rows, standing in file `<name>.xlsx` from row 2 on."""
    frame = pl.DataFrame(rows, infer_schema_length=None).with_columns(
        _file=pl.lit(f"{name}.xlsx"),
        _sheet=pl.lit("表1"),
        _row=pl.int_range(2, 2 + len(rows), dtype=pl.Int64),
    )
    frame = with_levels(frame, units())
    return Evidence(name, Input(kind=kind, file=f"{name}.xlsx", **more), frame)


def gathered(*items: Evidence) -> Gathered:
    return Gathered(units(), empty("shapes"), "EPSG:4549", {e.name: e for e in items})


def indicator(code: str, measure: object, **more: object) -> Indicator:
    defaults: dict[str, object] = {
        "name": f"指标{code}", "dimension": "安全韧性", "aspect": "测试", "scale": "街区", "unit": "%", "direction": "higher",
        "kind": "guiding", "treatment": "effort", "definition": "测试用的指标定义", "formula": "分子除以分母",
        "lead": ("区交通委",), "remedy": "请{unit}把{value}提高到{target}。",
    }  # fmt: skip
    return Indicator(code=code, measure=measure, **(defaults | more))


def standard(**values: float) -> Standard:
    return Standard(since=date(2020, 1, 1), source="测试标准", checked=date(2026, 11, 1), **values)


__all__ = ["Count", "Ratio", "Reported", "Rule", "Sql", "Survey"]
