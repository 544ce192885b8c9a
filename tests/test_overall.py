"""总体结论: one page of true sentences, and the chapter on last year's problems behind it."""

from __future__ import annotations

from dataclasses import replace
from functools import cache

import polars as pl
from tijian.engine.results import conform, empty
from tijian.reports.content.district import district_report
from tijian.reports.content.highlights import highlights, one_each, problem_line
from tijian.reports.content.overall import changes, first_steps, overall_section
from tijian.reports.view import View

from .results_fixture import DISTRICT, YEAR, make_results
from .test_review_shown import review, with_reviews


@cache
def view() -> View:
    return View(make_results())


def said(points: tuple) -> list[str]:
    return [point.text for point in points]


def test_each_dimension_has_its_first_row_before_any_has_a_second() -> None:
    rows = [{"dimension": d, "id": n} for n, d in enumerate(("甲", "甲", "乙", "甲", "丙"))]
    assert [r["id"] for r in one_each(rows)] == [0, 2, 4, 1, 3]
    lists = dict(highlights(view(), DISTRICT, apart=True).lists)
    assert len(lists["短板"]) == 3


def test_who_is_affected_is_told_only_where_that_is_not_everybody() -> None:
    row = view().frame("problem_list").filter(level="town").row(0, named=True)
    whole = view().units[row["unit"]]["population"]
    assert "影响" in problem_line(view(), {**row, "people": whole / 2})
    assert "影响" not in problem_line(view(), {**row, "people": whole})
    assert "影响" not in problem_line(view(), {**row, "people": None})


def test_how_much_of_last_years_list_is_mended_is_told_only_where_it_was_looked_at() -> None:
    assert not [text for text in said(changes(view(), DISTRICT)) if "上年列入" in text]
    reviewed = with_reviews(
        [review(f"{DISTRICT}001", "AQ-02", "已整改", late=False), review(f"{DISTRICT}002", "AQ-03", "未整改")]
    )
    assert "上年列入清单的2项问题，复查已整改1项，整治完成率50.0%，逾期1项" in said(
        changes(reviewed, DISTRICT)
    )
    titles = [s.title for s in district_report(reviewed).sections]
    assert titles.index("上年度问题整改复查") == titles.index("居民满意度与诉求") + 1
    assert "上年度问题整改复查" not in [s.title for s in district_report(view()).sections]


def test_what_must_be_solved_at_once_is_the_first_thing_to_do() -> None:
    plain = {
        "year": YEAR,
        "unit": DISTRICT,
        "level": "district",
        "due": "2027年6月底前",
        "lead": ["区水务局", "区应急局", "区交通委"],
    }
    rows = [
        {**plain, "id": "a", "indicator": "ST-01", "dimension": "生态宜居", "treatment": "尽力解决", "priority": 0.9, "amount": "需新增公园3个"},
        {**plain, "id": "b", "indicator": "AQ-02", "dimension": "安全韧性", "treatment": "限时解决", "priority": 0.2, "amount": "需更换立管5栋"},
    ]  # fmt: skip
    of = View(replace(make_results(), remedy_list=conform("remedy_list", pl.DataFrame(rows))))
    assert said(first_steps(of, DISTRICT)) == [
        "存在燃气安全隐患的住宅数量：需更换立管5栋，2027年6月底前，区水务局、区应急局牵头"
    ]


def test_a_year_without_problems_and_without_an_earlier_one_has_nothing_to_do_first() -> None:
    bare = View(replace(make_results(), remedy_list=empty("remedy_list"), problem_list=empty("problem_list")))
    lists = next(b for b in overall_section(bare, DISTRICT).blocks if hasattr(b, "lists"))
    assert "先做什么" not in [title for title, _ in lists.lists]
