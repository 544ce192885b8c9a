"""Which SQL an indicator may hold: one expression, or one SELECT over its inputs, and nothing that reaches out."""

from __future__ import annotations

import pytest
from tijian.indicators.measure_model import Coverage
from tijian.indicators.sql import columns_read, expression_fault, faults_in, query_fault, result_fault


@pytest.mark.parametrize(
    "text",
    [
        "sum(length_km) filter (where pci >= 80)",
        "gas_riser_age >= 20 and gas_riser_corroded",
        "kind like '%;--/*%' or \"列;名\" is null",
        "case when a is null then 0 else b end",
        "count(distinct name)",
    ],
)
def test_ordinary_expressions_pass(text: str) -> None:
    assert expression_fault(text) is None


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("a; drop table b", "分号"),
        ("a -- b", "注释"),
        ("a /* b */", "注释"),
        ("$$a$$", "美元引号"),
        ("1) from other where (true", "括号"),
        ("1) + (2", "括号"),
        ("1, 2", "单独一个表达式"),
        ("a as b, c", "语法不对"),
        ("(select max(a) from other)", "子查询"),
        ("exists(from other)", "子查询"),
        ("read_text('/etc/passwd')", "read_text"),
        ("READ_CSV('x')", "read_csv"),
        ("getenv('HOME')", "getenv"),
        ("current_setting('temp_directory')", "current_setting"),
        ("random() > 0.5", "random"),
        ("year(now())", "now"),
        ("since < CURRENT_DATE", "current_date"),
        ("a order by b", "语法不对"),
        ("", "单独一个表达式"),
    ],
)
def test_an_expression_that_is_more_than_one_is_refused(text: str, words: str) -> None:
    fault = expression_fault(text)
    assert fault is not None
    assert words in fault


@pytest.mark.parametrize(
    "text",
    [
        "select unit, sum(a) as numerator, count(*) as denominator from one group by unit",
        "with x as (select * from one) select x.unit from x join two using (unit)",
        "from one select unit",
        "select unit, unnest(list) from one",
        "select unit from one union all select unit from two",
    ],
)
def test_a_query_over_the_inputs_it_names_passes(text: str) -> None:
    assert query_fault(text, ("one", "two")) is None


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("select unit from three", "three"),
        ("select unit from 'a.csv'", "a.csv"),
        ("select unit from one where a in (select a from three)", "three"),
        ("select * from main.one", "main.one"),
        ("select * from information_schema.tables", "information_schema.tables"),
        ("select * from read_parquet('x')", "read_parquet"),
        ("select * from duckdb_settings()", "duckdb_settings"),
        ("select * from query('attach x')", "query"),
        ("from (show tables)", "SELECT"),
        ("copy one to 'x'", "SELECT"),
        ("attach 'x'", "SELECT"),
        ("install spatial", "SELECT"),
        ("pragma version", "SELECT"),
        ("set threads = 1", "SELECT"),
        ("select 1; select 2", "分号"),
        ("select unit, random() from one", "random"),
    ],
)
def test_a_query_that_reaches_outside_is_refused(text: str, words: str) -> None:
    fault = query_fault(text, ("one", "two"))
    assert fault is not None
    assert words in fault


def test_the_conditions_of_a_coverages_classes_are_about_its_supply_and_are_checked_too() -> None:
    small, large = "area_m2 < 10000 and open", "area_m2 >= (select max(a) from other)"
    measure = Coverage.model_validate(
        {
            "method": "coverage", "demand": "land", "supply": "parks", "by": "area",
            "demand_where": "class = 'R'", "supply_where": "kind = '公园'",
            "radius": [
                {"where": small, "radius_m": 300, "says": "小的"},
                {"where": large, "radius_m": 500, "says": "大的"},
            ],
        }
    )  # fmt: skip
    assert columns_read(measure)["land"] == {"class"}
    assert {"kind", "area_m2", "open"} <= columns_read(measure)["parks"]
    ((field, text, fault),) = faults_in(measure)
    assert (field, text) == ("radius[2].where", large)
    assert "子查询" in fault


@pytest.mark.parametrize(
    ("text", "lacks"),
    [
        ("select Unit, sum(a) as NUMERATOR, count(*) as denominator from one group by unit", ""),
        ("select one.unit, one.numerator, denominator from one", ""),
        ("select * from one", ""),
        ("select unit from one union all select unit from two", ""),
        ("select unit, sum(a) as 分子, sum(b) as denominator from one group by unit", "numerator"),
        ("with x as (select unit, 1 as numerator from one) select unit, numerator from x", "denominator"),
    ],
)
def test_a_query_is_told_which_columns_its_result_lacks_before_it_runs(text: str, lacks: str) -> None:
    assert (result_fault(text) or "").removeprefix("结果里没有列 ").removesuffix("（用 as 起名）") == lacks
