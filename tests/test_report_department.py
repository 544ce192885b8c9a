"""The task sheet of a department: how many, where, by when, what first; counted again here from the frames."""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import replace
from functools import cache

import polars as pl
import pytest
from tijian.engine.results import conform
from tijian.reports.blocks import Bullets, FigureBlock, Prose, Report, TableBlock
from tijian.reports.content.department import (
    by_date,
    department_report,
    matrix,
    order_said,
    side_by_side,
    tasks_table,
    where_problems_are,
)
from tijian.reports.content.supervision import supervision_report
from tijian.reports.tables.table import Column, Table
from tijian.reports.view import Scope, View

from .results_fixture import make_results

DEPARTMENT = "区建设管理委"


@cache
def view() -> View:
    return View(make_results())


def led(name: str) -> pl.DataFrame:
    frame = view().frame(name)
    return frame.filter(pl.col("lead").list.contains(DEPARTMENT))


def lead_words(over: View, department: str = DEPARTMENT) -> str:
    first = department_report(over, department).sections[0].blocks[0]
    assert isinstance(first, Prose)
    assert first.style == "lead"
    return first.paragraphs[0]


def words_of(report: Report) -> str:
    return "".join(p for b in report.blocks() if isinstance(b, Prose) for p in b.paragraphs)


def test_the_first_words_say_how_many_where_and_by_when() -> None:
    said, problems, remedies = lead_words(view()), led("problem_list"), led("remedy_list")
    assert f"牵头的问题共{problems.height}项" in said
    towns = problems.join(view().results.units, left_on="unit", right_on="code")["town"].drop_nulls()
    assert f"涉及{towns.n_unique()}个街镇" in said
    most = towns.value_counts(sort=True).row(0)
    assert f"最多的是{view().name(most[0])}（{most[1]}项）" in said
    assert f"整治建议{remedies.height}条" in said
    for due, count in remedies["due"].drop_nulls().value_counts().iter_rows():
        assert f"{due}完成{count}条" in said


def test_dates_come_in_the_order_of_time() -> None:
    remedies = view().results.remedy_list.with_row_index("i")
    dues = pl.when(pl.col("i") % 2 == 0).then(pl.lit("2027年12月底前")).otherwise(pl.lit("2027年6月底前"))
    said = lead_words(View(replace(view().results, remedy_list=remedies.with_columns(due=dues).drop("i"))))
    assert 0 < said.index("2027年6月底前") < said.index("2027年12月底前")


def test_the_three_named_are_those_of_highest_priority() -> None:
    points = department_report(view(), DEPARTMENT).sections[0].blocks[1]
    assert isinstance(points, Bullets)
    top = led("problem_list").sort("priority", "id", descending=[True, False]).head(3)
    told = [point.text for point in points.lists[0][1]]
    assert len(told) == 3
    for text, row in zip(told, top.to_dicts(), strict=True):
        assert view().indicators[row["indicator"]]["name"] in text
        assert view().name(row["unit"]) in text


def test_a_list_of_one_severity_says_that_priority_decides() -> None:
    problems = view().listed("problem_list", Scope(department=DEPARTMENT))
    alike = [{**row, "severity": "橙"} for row in problems]
    assert f"{len(alike)}项为橙色，先后以优先级为准" in order_said(alike)
    mixed = [{**row, "severity": "红橙"[i % 2]} for i, row in enumerate(problems)]
    assert order_said(mixed).startswith("按优先级由高到低排列")
    assert "先后以优先级为准" not in order_said(mixed)


def test_a_department_without_problems_is_told_so() -> None:
    results = view().results
    none = replace(
        results, problem_list=results.problem_list.clear(), remedy_list=results.remedy_list.clear()
    )
    assert lead_words(View(none)).endswith("牵头的问题没有列入清单的。")


def test_the_towns_add_up() -> None:
    table = where_problems_are(view(), led("problem_list").to_dicts())
    assert sum(int(str(v)) for v in table.values("all")) == led("problem_list").height


@pytest.mark.parametrize("rows", [9, 10])
def test_the_halves_are_read_down_the_left_one_first(rows: int) -> None:
    long = Table(
        "试",
        (Column("unit", "街镇", 40), Column("all", "合计", 18)),
        tuple((f"街道{i}", i) for i in range(rows)),
    )
    halves = side_by_side(long)
    names = [*halves.values("unit"), *halves.values("unit2")]
    assert [n for n in names if n] == [f"街道{i}" for i in range(rows)]
    assert len(halves) == 5
    assert side_by_side(long.head(8)) == long.head(8)


def test_every_list_of_the_sheet_comes_by_priority() -> None:
    for section in department_report(view(), DEPARTMENT).sections[1:]:
        for block in section.blocks:
            if isinstance(block, TableBlock) and "priority" in block.table.keys:
                shown = [float(str(v)) for v in block.table.values("priority")]
                assert shown == sorted(shown, reverse=True)


def test_the_tasks_have_cells_to_fill_in_and_all_that_is_asked() -> None:
    table = tasks_table(view(), Scope(department=DEPARTMENT, by_priority=True))
    assert [c.title for c in table.columns][-3:] == ["状态", "完成情况", "佐证"]
    assert not "".join(
        str(cell) for key in ("status", "done", "evidence") for cell in table.values(key)
    ).strip()
    ids = led("remedy_list").sort("priority", "id", descending=[True, False])["id"].to_list()
    assert table.values("id") == ids


def test_tasks_by_date_and_kind_add_up() -> None:
    remedies = view().listed("remedy_list", Scope(department=DEPARTMENT))
    table = by_date(remedies)
    *kinds, whole = [int(str(n)) for n in table.values("all")]
    assert sum(kinds) == whole == len(remedies)


def test_the_matrix_of_towns_and_indicators_adds_up() -> None:
    problems = led("problem_list").to_dicts()
    table = matrix(view(), problems)
    assert sum(int(str(n)) for n in table.values("all")) == len(problems)


def test_what_is_left_of_last_year_is_told_with_what_is_late() -> None:
    assert "结转" not in lead_words(view())
    # the last row is of a town whose community is listed for the same: counted once, as in the 督办单
    rows = [
        {"year": 2026, "id": f"P{i}", "unit": "990101001", "level": "town", "indicator": "AQ-02", "lead": [DEPARTMENT],
         "treatment": "限时解决", "outcome": outcome, "late": late, "counted": counted, "since": 2025}
        for i, (outcome, late, counted) in enumerate(
            (("未整改", True, True), ("部分整改", False, True), ("已整改", False, True), ("未整改", True, False))
        )
    ]  # fmt: skip
    held = View(replace(view().results, reviews=conform("reviews", pl.DataFrame(rows))))
    said = lead_words(held)
    assert "上年度问题结转2项，其中1项逾期（同一指标逐级列入的只按最细一级计一次" in said
    (late,) = re.findall(r"有(\d+)项已过时限", words_of(supervision_report(held, DEPARTMENT)))
    assert late == "1"


def test_this_years_problems_say_that_every_level_is_counted() -> None:
    assert view().listed("problem_list", Scope(department=DEPARTMENT))
    assert "区、街镇、社区的清单各行各计一项）。" in lead_words(view())


def test_all_towns_with_fewest_problems_are_named() -> None:
    problems = led("problem_list").to_dicts()
    counts = Counter(view().units[r["unit"]]["town"] or view().district for r in problems)
    counts.pop(view().district, None)
    fewest = sorted(view().name(t) for t, n in counts.items() if n == min(counts.values()))
    (figure,) = [b for s in department_report(view(), DEPARTMENT).sections for b in s.blocks if isinstance(b, FigureBlock)]  # fmt: skip
    named = figure.caption.split("最少的是")[1].split("（")[0].split("、")
    assert sorted(named) == fewest
