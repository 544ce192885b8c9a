"""The Ministry's edition: eight chapters, seven annexes, and the tables of four scales with the handbook's columns."""

from __future__ import annotations

from dataclasses import replace
from functools import cache
from typing import Any

import polars as pl
import pytest
from tijian.engine.measure.building_groups import AFTER, BEFORE, UNDATED
from tijian.engine.results import conform, empty
from tijian.reports.blocks import Block, FigureBlock, Prose, Section, TableBlock
from tijian.reports.content.community_map import community_maps
from tijian.reports.content.national import national_report, once
from tijian.reports.content.review import review_section
from tijian.reports.pdf.render import numbered
from tijian.reports.tables.national import national_tables, scale_problems, scale_remedies, scale_survey
from tijian.reports.tables.national_figures import (
    groups_table,
    ledger_by_town,
    scale_figures,
    totals_table,
)
from tijian.reports.tables.national_problems import not_served
from tijian.reports.tables.table import Table
from tijian.reports.view import View

from .national_fixture import CITY, MISSING, SHORT, groups, national_results
from .results_fixture import DISTRICT, YEAR
from .test_review_shown import review, with_reviews

CHAPTERS = (
    "一、工作概述", "二、指标体系", "三、总体评价", "四、分维度分析评价", "五、专项体检和重点更新片区体检情况", "六、居民调查问卷分析",
    "七、上一年度问题整治情况", "八、整治对策与行动建议",
)  # fmt: skip
ANNEXES = (
    "附件1 指标汇总表", "附件2 住房、小区（社区）、街区维度问题台账", "附件3 问题清单", "附件4 整治建议清单", "附件5 专项体检报告",
    "附件6 重点更新片区体检报告", "附件7 其他",
)  # fmt: skip


@cache
def view() -> View:
    return View(national_results())


def chapter(of: View, title: str) -> Section:
    return next(s for s in national_report(of).sections if s.title == title)


def all_blocks(section: Section) -> list[Block]:
    return [*section.blocks, *(b for part in section.parts for b in all_blocks(part))]


def told(section: Section) -> str:
    return "".join(p for b in all_blocks(section) if isinstance(b, Prose) for p in b.paragraphs)


def tables(section: Section) -> dict[str, Table]:
    return {b.table.title: b.table for b in all_blocks(section) if isinstance(b, TableBlock) and len(b.table)}


def column(table: Table, key: str) -> list[str]:
    at = table.keys.index(key)
    return [row[at] for row in table.texts()]


def test_the_report_has_the_outline_of_the_handbook_chapter_by_chapter() -> None:
    sections = numbered(national_report(view())).sections
    assert tuple(f"{s.number}{s.title}" for s in sections) == (*CHAPTERS, *ANNEXES)
    scales = [p.title for p in chapter(view(), "分维度分析评价").parts if not p.continues]
    assert scales == ["住房维度", "小区（社区）维度", "街区维度", "城区（城市）维度"]


def test_a_year_with_nothing_for_a_chapter_says_so_in_a_line() -> None:
    bare = View(
        national_results(topics={}, survey=empty("survey"), tickets=empty("tickets"), ledger=empty("ledger"))
    )
    for title, line in (
        ("专项体检和重点更新片区体检情况", "本年度没有设置专项体检，台账中也没有需要更新改造的片区。"),
        ("居民调查问卷分析", "本年度没有居民问卷数据。"),
        ("上一年度问题整治情况", "没有可供复查的上一年度问题清单。"),
    ):
        found = chapter(bare, title)
        assert told(found) == line
        assert not tables(found)
    assert "公众参与" not in [p.title for p in chapter(bare, "工作概述").parts]


def test_the_overview_adds_up_what_the_frames_hold() -> None:
    table, ledger = totals_table(view()), view().results.ledger
    rows = dict(zip(column(table, "scale"), table.rows, strict=True))
    at = {key: table.keys.index(key) for key in table.keys}
    lines: list[Any] = [row[at["lines"]] for row in table.rows]
    assert sum(lines) == ledger.height
    assert rows["住房"][at["things"]] == ledger.filter(input="buildings")["thing"].n_unique()
    assert rows["住房"][at["at_once"]] == 2
    assert rows["小区（社区）"][at["things"]] == MISSING + SHORT
    assert f"问题台账共{ledger.height}条" in told(chapter(view(), "工作概述"))


def test_housing_names_the_things_of_each_sub_rule_with_degree_difficulty_and_class() -> None:
    table = scale_problems(view(), "住房")
    assert [c.title for c in table.columns] == [
        "序号",
        "指标项",
        "体检结果",
        "存在问题",
        "问题程度",
        "治理难度",
        "问题分类",
    ]
    lines = view().results.ledger.filter(indicator="AQ-02")
    said = column(table, "problem")[0]
    assert said.startswith(f"共{lines['thing'].n_unique()}栋住宅燃气立管运行满20年且锈蚀")
    assert f"，为{'、'.join(lines['thing_name'].unique(maintain_order=True).head(6))}等，详见台账第" in said


def test_an_estate_problem_stands_in_the_column_of_its_kind_in_one_row_for_an_indicator() -> None:
    (row,) = scale_problems(view(), "小区（社区）").rows
    cells = dict(zip(scale_problems(view(), "小区（社区）").keys, row, strict=True))
    assert cells["built"] == f"否（{MISSING}个小区）"
    assert str(cells["other"]).startswith(f"共{MISSING}个小区未配建幼儿园")
    assert cells["size"] == f"共{SHORT}个小区幼儿园学位不足，为示例4村、示例5村、示例6村"
    assert (cells["functions"], cells["degree"], cells["difficulty"]) == ("", "较严重", "高")


def test_a_quarter_names_the_communities_none_of_whose_people_are_served() -> None:
    service = view().results.service
    alone = service["unit"].unique().sort()[0]
    nobody = service.with_columns(
        served=pl.when(pl.col("unit") == alone).then(pl.lit(False)).otherwise(pl.lit(True))
    )
    of = View(national_results(service=nobody))
    name, town = of.units[alone]["name"], of.name(of.units[alone]["town"])
    assert not_served(of, "JT-02") == f"{town}{name}全部不在服务范围内"
    assert (
        not_served(View(national_results(service=service.with_columns(served=pl.lit(True)))), "JT-02") == ""
    )


def test_what_must_be_solved_at_once_comes_before_what_takes_time() -> None:
    table = scale_remedies(view(), "住房")
    assert sorted(column(table, "order")) == ["1", "2"]
    assert set(column(table, "treatment")) == {"限时解决"}
    later = national_results()
    later = replace(later, indicators=later.indicators.with_columns(
        treatment=pl.when(pl.col("code") == "AQ-02").then(pl.lit("effort")).otherwise("treatment")))  # fmt: skip
    later = replace(later, remedy_list=later.remedy_list.with_columns(
        treatment=pl.when(pl.col("indicator") == "AQ-02").then(pl.lit("尽力解决")).otherwise(pl.lit("限时解决"))))  # fmt: skip
    table = scale_remedies(View(later), "住房")
    assert column(table, "order") == ["2", "1"]


def test_the_first_year_of_a_problem_stands_in_its_row_only_where_an_earlier_year_was_run() -> None:
    assert "since" not in scale_remedies(view(), "住房").keys
    problems = view().results.problem_list.with_columns(since=pl.lit(YEAR - 2, dtype=pl.Int64))
    table = scale_remedies(View(national_results(problem_list=problems)), "住房")
    assert column(table, "since") == [str(YEAR - 2)] * 2


def test_the_city_is_graded_indicator_by_indicator() -> None:
    table = scale_survey(view(), CITY)
    grades = dict(zip(column(table, "number"), column(table, "ministry"), strict=True))
    assert (grades["30"], grades["47"]) == ("很好", "不足")
    said = told(chapter(view(), "总体评价"))
    assert "已评级2项指标，其中很好1项、不足1项" in said
    part = next(
        p
        for p in chapter(view(), "分维度分析评价").parts
        if p.title == "1. 指标分项分析" and "安全韧性" in told(p)
    )
    assert "安全韧性：不足1项，不足的是城市内涝积水点密度" in told(part)


def test_the_lower_scales_are_counted_unit_by_unit() -> None:
    table = scale_survey(view(), "住房")
    assert table.keys == ("town", "unit", "people", "AQ-02", "AQ-03")
    first = next(r for r in view().scores(view().of_level("community")[0]) if r["indicator"] == "AQ-02")
    assert column(table, "AQ-02")[0] == f"{first['value']:.0f}"


def test_the_ledger_is_summed_by_town_and_ends_with_the_whole() -> None:
    table, lines = ledger_by_town(view(), "住房"), view().results.ledger.filter(input="buildings")
    assert column(table, "town")[-1] == "合计"
    assert column(table, "lines")[-1] == str(lines.height)
    assert sum(int(n) for n in column(table, "lines")[:-1]) == lines.height


def test_housing_is_told_by_when_it_was_built_where_the_inputs_say_so() -> None:
    assert not len(groups_table(view(), "住房"))
    built = groups("AQ-02", (BEFORE, 100, 30), (AFTER, 50, 5), (UNDATED, 2, 2))
    of = View(national_results(building_groups=built))
    table = groups_table(of, "住房")
    assert column(table, "group") == [BEFORE, AFTER, UNDATED]
    assert column(table, "AQ-02") == ["30.0%", "10.0%", "100.0%"]
    said = told(chapter(of, "分维度分析评价"))
    assert "存在燃气安全隐患的住宅数量在2000年以前的占30.0%，在2010年以后的占10.0%" in said
    assert "不同年代" not in told(chapter(view(), "分维度分析评价"))


def test_residents_are_told_block_by_block() -> None:
    found = chapter(view(), "居民调查问卷分析")
    assert column(tables(found)["居民问卷各板块得分（0—100分）"], "block") == ["住宅", "城市"]
    assert [p.title for p in found.parts][:3] == ["概况", "街区以下维度分析", "城区维度分析"]


def test_last_years_problems_are_the_chapter_on_what_became_of_them() -> None:
    reviewed = with_reviews(
        [review(f"{DISTRICT}001", "AQ-02", "已整改"), review(f"{DISTRICT}002", "AQ-03", "未整改")]
    )
    found = chapter(reviewed, "上一年度问题整治情况")
    assert found.blocks == review_section(reviewed, DISTRICT)[0].blocks


def test_every_table_of_the_edition_has_rows_and_a_title_of_its_own() -> None:
    held = national_tables(view())
    assert all(len(table) for table in held.values())
    assert [t for t in held if t.startswith("住房")] == [
        "住房指标调查表",
        "住房问题台账",
        "住房问题清单",
        "住房整治建议清单",
    ]
    assert all(title == table.title for title, table in held.items())


def test_the_cells_of_an_indicator_are_printed_once() -> None:
    lines = view().results.ledger
    second = lines.with_columns(
        rule=pl.lit("r2"), says=pl.lit("另一个问题"), line=pl.col("line") + lines.height
    )
    table = scale_problems(View(national_results(ledger=pl.concat([lines, second]))), "住房")
    printed = once(table, ("no", "indicator", "result"))
    assert len(set(column(table, "indicator")[:2])) == 1
    assert column(printed, "indicator")[1] == ""
    assert column(printed, "problem") == column(table, "problem")


@pytest.fixture(scope="module")
def told_apart() -> View:
    """JK-03 as a share whose communities differ by far more than chance; the estimate lies nearer to the district."""
    results = national_results()
    communities = results.units.filter(level="community")["code"].to_list()
    plain = {
        "year": YEAR,
        "indicator": "JK-03",
        "uncertainty": "wilson",
        "low": 1.0,
        "high": 99.0,
        "size": 100.0,
    }
    rows = []
    for n, unit in enumerate(communities):
        share, examined = (10.0, 100.0) if n % 2 else (70.0, 80.0)
        rows.append(
            {**plain, "unit": unit, "level": "community", "value": share * examined / 100, "numerator": share * examined / 100,
             "denominator": examined, "compared": share, "shrunk": 0.8 * share + 0.2 * 40}
        )  # fmt: skip
    rows.append(
        {**plain, "unit": DISTRICT, "level": "district", "value": 1640.0, "numerator": 1640.0, "denominator": 4100.0,
         "compared": 40.0, "shrunk": None}
    )  # fmt: skip
    others = results.measurements.filter(pl.col("indicator") != "JK-03")
    measured = pl.concat([others, conform("measurements", pl.DataFrame(rows, infer_schema_length=None))])
    indicators = results.indicators.with_columns(
        uncertainty=pl.when(pl.col("code") == "JK-03").then(pl.lit("wilson")).otherwise("uncertainty"),
        direction=pl.when(pl.col("code") == "JK-03").then(pl.lit("lower")).otherwise("direction"),
        levels=pl.when(pl.col("code") == "JK-03").then(pl.lit(["district", "community"])).otherwise("levels"),
    )
    return View(replace(results, measurements=measured, indicators=indicators))


def test_a_map_by_community_is_drawn_of_what_differs_beyond_chance_and_says_what_it_shows(
    told_apart: View,
) -> None:
    (figure,) = community_maps(told_apart, tuple(told_apart.indicators))
    assert isinstance(figure, FigureBlock)
    assert "最高（64.0%），全区为40.0%" in figure.caption  # 0.8 × 70 + 0.2 × 40, not the 70 that were counted
    assert "经验贝叶斯收缩估计" in figure.caption
    assert community_maps(view(), tuple(view().indicators)) == ()


# ── why something is not compared with last year ────────────────────────────────────────────────────────────


def compared(**columns: pl.Expr) -> View:
    """The district's values of 住房 with what ``columns`` say of last year."""
    made = national_results()
    own = (pl.col("unit") == DISTRICT) & (pl.col("indicator") == "AQ-02")
    scores = made.scores.with_columns(**{k: pl.when(own).then(v).otherwise(k) for k, v in columns.items()})
    return View(replace(made, scores=scores))


def test_a_change_that_is_not_compared_says_why_in_its_cell_and_below_the_table() -> None:
    broken = compared(
        change=pl.lit(None, pl.Float64),
        previous=pl.lit(None, pl.Float64),
        break_reason=pl.lit("口径已变：筛选条件"),
    )
    for of, cell, note in (
        (broken, "口径已变", "口径已变：算法与上年不同，不与上年比较，有存在燃气安全隐患的住宅数量（筛选条件）"),
        (compared(change=pl.lit(None, pl.Float64), previous=pl.lit(None, pl.Float64)), "上年无数", "上年无数：上年没有这项指标或没有它的数据"),
    ):  # fmt: skip
        table = scale_figures(of, "住房")
        row = dict(zip(column(table, "indicator"), column(table, "change"), strict=True))
        assert row["存在燃气安全隐患的住宅数量"] == cell
        assert note in "；".join(table.notes)


def test_a_first_year_has_no_column_of_changes_and_explains_none() -> None:
    made = national_results()
    gone = made.scores.with_columns(change=pl.lit(None, pl.Float64), previous=pl.lit(None, pl.Float64))
    table = scale_figures(View(replace(made, scores=gone)), "住房")
    assert "change" not in table.keys
    assert "上年" not in "".join(table.notes)
