"""How print is set: what is kept on one page, what stays in one piece, what is not said twice."""

from __future__ import annotations

import dataclasses

import polars as pl
import pytest
from tijian.reports.blocks import FigureBlock, Prose, Section, TableBlock
from tijian.reports.charts.bars import unit_bars
from tijian.reports.content.department import side_by_side
from tijian.reports.content.figures import judged, map_and_bars
from tijian.reports.content.lists import shown
from tijian.reports.content.overall import size_said
from tijian.reports.content.parts import excerpt
from tijian.reports.content.room import WHOLE, table_height, whole_part, whole_table
from tijian.reports.content.town import town_report
from tijian.reports.pdf.render import numbered
from tijian.reports.pdf.table_html import fitted, title_parts
from tijian.reports.tables.lists import compared_figure
from tijian.reports.tables.table import Column, Figure, Table, marked
from tijian.reports.templating import typeset
from tijian.reports.view import View
from tijian.reports.wording.review_said import extremes_said
from tijian.reports.wording.words import such_as

from .printed import small_report
from .results_fixture import CUTS, make_results

SIZE = 8.0  # point
NAMES = Table(
    "问题",
    (Column("unit", "所在单元", 22, kind="name"), Column("said", "问题", 40)),
    tuple((("望云街道", f"第{i}居委会"), "短") for i in range(4)),
)


def of_rows(count: int, words: str = "短") -> Table:
    return Table("表", (Column("said", "问题", 60),), tuple((words,) for _ in range(count)))


@pytest.mark.parametrize(
    ("rows", "words", "kept"), [(5, "短", True), (40, "短", False), (9, "很长的一句话" * 60, False)]
)
def test_a_table_moves_to_the_next_page_only_if_it_takes_a_third_of_one_at_most(
    rows: int, words: str, kept: bool
) -> None:
    table = of_rows(rows, words)
    assert whole_table(table) is kept
    assert (table_height(table) <= WHOLE) is kept
    part = Section("部分", (Prose(("一句。",)), TableBlock(table)))
    assert whole_part(part) is kept
    assert not whole_part(dataclasses.replace(part, flows=True))


def test_names_stand_on_one_line_where_the_other_columns_leave_room() -> None:
    name, _ = fitted(NAMES, 170.0, SIZE).columns
    assert name.width > fitted(NAMES, 45.0, SIZE).columns[0].width
    assert name.width >= 30.0, "望云街道第1居委会 in one line"


def test_no_mark_stands_before_the_count_that_ends_a_list() -> None:
    assert "".join(marked(("甲局", "乙局", "等5个单位"))) == "甲局、乙局等5个单位"
    assert marked(("甲局",)) == ["甲局"]
    assert marked(()) == []


def test_a_title_breaks_at_its_slash() -> None:
    assert title_parts("已评/参评项数") == ["已评/", "参评项数"]


def test_a_part_alone_in_its_chapter_has_no_number() -> None:
    parts = (Section("甲"), Section("乙"))
    report = dataclasses.replace(
        small_report(), sections=(Section("一章", (), parts[:1]), Section("二章", (), parts))
    )
    one, two = numbered(report).sections
    assert [p.number for p in one.parts] == [""]
    assert [p.number for p in two.parts] == ["（一）", "（二）"]


def test_a_paragraph_has_no_blanks_for_justified_lines_to_stretch() -> None:
    assert str(typeset("权重为 5% 的 k 均值，面积 7.6\u00a0km² <b>")) == (
        '权重为5%的k均值，面积<span class="q">7.6&#160;km²</span> &lt;b&gt;'
    )
    assert str(typeset("Church & ReVelle 1974 法")) == "Church &amp; ReVelle 1974法"
    assert str(typeset("权重：等权。", term=True)) == "<b>权重</b>：等权。"
    assert str(typeset("没有冒号的一句。", term=True)) == "没有冒号的一句。"


def test_a_problem_is_not_followed_by_the_grounds_it_says_itself() -> None:
    columns = (Column("problem", "问题", 60), Column("because", "判定依据", 60))
    rows = (
        ("人均避难面积：未达目标；居民满意度低", "未达目标；居民满意度低；2025年起连续列入，优先级提高0.02"),
        ("共3栋：1栋开裂", "存在底线型问题；较上年变差"),
        ("某项：未达目标", "未达目标"),
    )
    said = shown(Table("问题清单", columns, rows), 10).values("problem")
    assert said == [
        "人均避难面积：未达目标；居民满意度低。2025年起连续列入",
        "共3栋：1栋开裂。存在底线型问题；较上年变差",
        "某项：未达目标",
    ]


def test_how_many_there_are_is_said_once() -> None:
    assert such_as(["甲", "乙"], 2) == "为甲、乙"
    assert such_as(["甲", "乙", "丙"], 2) == "有甲、乙等"


def test_all_of_the_highest_and_of_the_lowest_are_named() -> None:
    rates = [("甲局", 0.5), ("乙局", 0.0), ("丙局", None), ("丁局", 0.0004)]
    assert extremes_said(rates, "单位") == "各单位完成率最高的是甲局（50.0%），最低的是丁局、乙局（0.0%）"
    assert extremes_said([("甲局", 0.5), ("乙局", 0.5)], "单位") == ""


def test_the_halves_of_a_table_stand_apart() -> None:
    table = fitted(side_by_side(of_rows(12), 8), 170.0, SIZE)
    assert table.columns[1].key == "gap"
    assert table.columns[1].width > 6.0


def test_what_is_too_little_a_head_is_told_by_the_ten_thousand() -> None:
    flats = {"unit": "套", "compared_unit": "套/人", "decimals": 0, "method": "count"}
    assert str(compared_figure(354 / 180_000, flats)) == "19.7套/万人"
    assert str(compared_figure(0.42, flats)) == "0.42套/人"
    assert compared_figure(None, flats).value is None


def test_a_long_score_does_not_run_into_the_name_before_it() -> None:
    chart = unit_bars([("锦澜街道", 100.0, "优"), ("沙棠镇", 0.0, "差")], 50.0, CUTS, "街镇")
    places = [float(part.split('x="')[1].split('"')[0]) for part in chart.svg.split("<text")[1:3]]
    assert places[1] - places[0] > 50.0, "room for 100.0 between the name's end and the score's"


def test_units_of_one_grade_are_mapped_by_dimension_and_all_of_the_lowest_are_named() -> None:
    made = make_results()
    town = next(u for u in View(made).of_level("town") if len(View(made).of_level("community", u)) > 1)
    alike = View(dataclasses.replace(made, totals=made.totals.with_columns(grade=pl.lit("差"))))
    (section,) = [s for s in town_report(alike, town).sections if s.title == "社区比较"]
    (figure,) = [b for b in section.blocks if isinstance(b, FigureBlock)]
    inside = alike.of_level("community", town)
    low = {
        d: sum(judged(alike, u, d)[1] in ("较差", "差") for u in inside)
        for d in alike.results.dimension_names
    }
    named = figure.caption.split("：")[1].split("等级为")[0].split("、")
    assert sorted(named) == sorted(d for d, n in low.items() if n == max(low.values()))
    assert len(figure.charts) > 1


def test_bars_stand_alone_where_a_map_would_have_one_colour() -> None:
    view = View(make_results())
    towns = view.of_level("town")
    alike = {u: (40.0 + i, "差") for i, u in enumerate(towns)}
    (figure,) = map_and_bars(view, alike, 50.0, "某项指标")
    assert len(figure.charts) == 1
    mixed = alike | {towns[0]: (95.0, "优")}
    (figure,) = map_and_bars(view, mixed, 50.0, "某项指标")
    assert len(figure.charts) == 2


def test_the_district_says_its_size_in_a_sentence_and_its_worst_and_best_indicators_in_their_order() -> None:
    view = View(make_results())
    assert size_said(view, view.district).startswith(f"{view.name(view.district)}常住人口")
    table = excerpt(view, view.district, 8).table
    scores = [c.value for c in table.values("score") if isinstance(c, Figure) and c.value is not None]
    assert scores[:4] == sorted(scores[:4])
    assert scores[4:] == sorted(scores[4:], reverse=True)
    assert max(scores[:4]) <= min(scores[4:])
