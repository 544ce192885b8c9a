"""住建部评级 as reports and the terminal show it: both readings, the open case, the veto, and what a step down was."""

from __future__ import annotations

from dataclasses import replace
from functools import cache

import polars as pl
import pytest
from tijian.engine.results import Results, conform
from tijian.engine.settings.scheme import Ministry, Scoring
from tijian.reports.blocks import Report, TableBlock
from tijian.reports.content.community import community_report
from tijian.reports.content.district import district_report
from tijian.reports.content.town import town_report
from tijian.reports.tables.lists import indicator_table
from tijian.reports.tables.ministry import dimension_line, indicator_line, ministry_table
from tijian.reports.tables.table import Table
from tijian.reports.terminal.explain import explain_view
from tijian.reports.view import Scope, View
from tijian.reports.wording.community_said import ministry_said

from .results_fixture import DISTRICT, YEAR, make_results
from .shown import on_screen

TOWN = f"{DISTRICT}002"
COMMUNITY = f"{TOWN}001"
PLAIN = {
    "good": 0.5,
    "very_good": 0.25,
    "indicators": 5,
    "graded": 4,
    "poor": [],
    "undefined": False,
    "veto": [],
}
ASPECTS: tuple[dict[str, object], ...] = (
    {"dimension": "生态宜居", "grade": "优", "good": 1.0, "very_good": 5 / 6, "graded": 6, "indicators": 7, "other": "良"},
    {"dimension": "健康舒适", "grade": "良", "good": 1.0, "very_good": 0.4, "other": "良", "undefined": True},
    {"dimension": "安全韧性", "grade": "中", "good": 0.8, "very_good": 0.8, "other": "中", "veto": ["AQ-02"],
     "before_veto": "优"},
    {"dimension": "交通便捷", "grade": "差", "other": "差", "poor": ["JT-01", "JT-02"]},
    {"dimension": "风貌特色", "grade": "未评价", "other": "未评价", "good": None, "very_good": None, "graded": 0},
    {"dimension": "整洁有序", "grade": "未评价", "other": "未评价", "good": None, "very_good": None, "graded": 0,
     "indicators": 0},
    {"dimension": "生态宜居", "aspect": "水", "grade": "优", "other": "优"},
    {"aspect": "水", "grade": "良", "other": "良"},
    {"aspect": "空", "grade": "未评价", "other": "未评价", "graded": 0},
)  # fmt: skip


@cache
def graded() -> Results:
    """The fixture with aspects of a district, a town and a community, alike for the three."""
    results = make_results()
    levels = {DISTRICT: "district", TOWN: "town", COMMUNITY: "community"}
    rows = [
        PLAIN | {"aspect": None, "dimension": None, "year": YEAR, "unit": unit, "level": level} | row
        for unit, level in levels.items() for row in ASPECTS
    ]  # fmt: skip
    frame = conform("aspects", pl.DataFrame(rows, infer_schema_length=None))
    here = (pl.col("unit") == TOWN) & (pl.col("indicator") == "JT-01")
    scores = results.scores.with_columns(
        ministry=pl.when(here).then(pl.lit("较好")).otherwise(pl.lit("未评价")), lowered=here
    )
    return replace(results, aspects=frame, scores=scores)


@cache
def view() -> View:
    return View(graded())


def tables(report: Report) -> list[Table]:
    return [
        b.table
        for b in report.blocks()
        if isinstance(b, TableBlock) and b.table.title.startswith("住建部评级")
    ]


def test_each_dimension_has_its_grade_shares_and_what_was_graded() -> None:
    rows = ministry_table(view(), TOWN).texts()
    assert rows[0] == ["生态宜居", "优", "100.0%", "83.3%", "6/7", "良", ""]
    assert rows[3][-1] == "城市道路网密度、公交站点500米覆盖率"
    assert [row[0] for row in rows] == [
        "生态宜居",
        "健康舒适",
        "安全韧性",
        "交通便捷",
        "风貌特色",
    ]  # 整洁有序: only counts
    assert rows[4][2:5] == ["—", "—", "0/5"]


def test_the_other_reading_stands_only_where_it_differs() -> None:
    others = ministry_table(view(), TOWN).values("other")
    assert others == ["良", "", "", "", ""]
    alike = replace(graded(), aspects=graded().aspects.with_columns(other="grade"))
    assert "other" not in ministry_table(View(alike), TOWN).keys


def test_the_notes_name_the_denominator_the_open_case_and_the_veto() -> None:
    notes = "\n".join(ministry_table(view(), TOWN).notes)
    assert "未评价不计入分母）；" in notes
    assert "另一口径为未评价计入分母时的评级" in notes
    assert "健康舒适：很好、较好占比不低于80%而很好占比不到80%，没有不足项，手册未作规定，此处按“良”" in notes
    assert "安全韧性：按占比为“优”，因底线型指标（存在燃气安全隐患的住宅数量）低于底线，不高于“中”" in notes
    counted = replace(graded(), scheme=Scoring(ministry=Ministry(count_ungraded=True, grade_counts=True)))
    turned = "\n".join(ministry_table(View(counted), TOWN).notes)
    assert "未评价计入分母）；没有标准的指标不评级" in turned
    assert "另一口径为未评价不计入分母时的评级" in turned


def test_aspects_over_all_dimensions_stand_in_the_districts_report_alone() -> None:
    found = tables(district_report(view()))
    assert [t.title for t in found] == ["住建部评级", "住建部评级（按《城市体检工作手册》的方面）"]
    assert found[1].values("name") == ["水"]  # what has no grade is left out
    assert len(tables(town_report(view(), TOWN))) == 1


def test_a_community_is_told_its_grades_in_one_sentence() -> None:
    said = ministry_said(view(), COMMUNITY)
    graded_rows = [
        r for r in view().aspects(COMMUNITY) if r["dimension"] and r["aspect"] is None and r["graded"]
    ]
    assert graded_rows
    for row in graded_rows:
        assert f"{row['dimension']}{row['grade']}" in said
    last = community_report(view(), COMMUNITY).sections[-1].blocks[-1]
    assert said in "".join(last.paragraphs)


def test_nothing_graded_prints_no_empty_table() -> None:
    bare = View(make_results())
    assert tables(district_report(bare)) == []
    assert ministry_said(bare, COMMUNITY) == ""


def test_the_evaluation_table_of_the_workbook_has_the_single_grades() -> None:
    table = indicator_table(view(), Scope(units=(TOWN,), indicators=("JT-01", "JT-02")))
    titles = [c.title for c in table.columns]
    assert titles[titles.index("等级") + 1] == "单项评级"
    assert table.values("ministry") == ["较好", "未评价"]


def test_a_grade_that_residents_lowered_says_what_it_was() -> None:
    row = {"ministry": "较好", "lowered": True}
    assert indicator_line(row, Ministry(dissatisfied=65)) == (
        "住建部评级：较好（按标准为很好，居民满意度低于 65 分，降一级）"
    )
    assert indicator_line({"ministry": "不足", "lowered": False}, Ministry()) == "住建部评级：不足"
    told = on_screen(explain_view(graded(), TOWN, "JT-01"))
    assert "住建部评级：较好（按标准为很好，居民满意度低于 60 分，降一级）" in told


@pytest.mark.parametrize(
    ("dimension", "said"),
    [
        ("生态宜居", "优（很好、较好占 100.0%，很好占 83.3%；已评 6 项、参评 7 项；未评价计入分母则为良）"),
        ("健康舒适", "手册未规定此情形，按良"),
        ("安全韧性", "按占比为“优”"),
        ("风貌特色", "住建部评级：未评价（已评 0 项、参评 5 项）"),
    ],
)
def test_one_dimension_is_told_in_a_line(dimension: str, said: str) -> None:
    assert said in dimension_line(view(), TOWN, dimension)
    assert dimension_line(view(), TOWN, "整洁有序") == ""
