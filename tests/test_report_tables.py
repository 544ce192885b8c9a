"""Tables as objects, and their layout on paper."""

from __future__ import annotations

from functools import cache

import pytest
from tijian.reports.charts.svg import text_width
from tijian.reports.content.lists import shown
from tijian.reports.pdf.table_html import fitted, keeps, parts_of, table_html
from tijian.reports.tables.lists import (
    indicator_table,
    ledger_table,
    problem_table,
    remedy_table,
    strength_table,
)
from tijian.reports.tables.spine import spine_of
from tijian.reports.tables.table import Column, Figure, Table, text
from tijian.reports.view import Scope, View

from .results_fixture import DISTRICT, HOSTILE, make_results

TOWN = f"{DISTRICT}002"


@cache
def view() -> View:
    return View(make_results(hostile=True))


def small() -> Table:
    columns = (Column("a", "名称", 20, nowrap=True), Column("b", "得分", 10, "right", "number", 1))
    return Table("试", columns, (("示例中心街道", Figure(71.25, 1)), ("东街道", Figure(None, 1))))


def test_a_table_knows_its_text() -> None:
    assert small().texts() == [["示例中心街道", "71.3"], ["东街道", "—"]]


def test_a_table_whose_parts_do_not_fit_is_refused() -> None:
    with pytest.raises(ValueError, match="row 0 has 1 cells for 2 columns"):
        Table("试", small().columns, (("甲",),))
    with pytest.raises(ValueError, match="used twice"):
        Table("试", (Column("a", "甲", 1), Column("a", "乙", 1)), ())


def test_columns_that_say_nothing_can_go_but_a_zero_says_something() -> None:
    columns = (Column("a", "甲", 1), Column("b", "乙", 1), Column("c", "丙", 1, kind="number"))
    table = Table("试", columns, (("", 1, 0), (None, 2, 0)))
    assert table.without_blank(("a", "c")).keys == ("b", "c")


def test_yes_no_and_lists_are_told_in_words() -> None:
    assert text(True, Column("a", "甲", 1, kind="yesno")) == "是"
    assert text(("区水务局", "区应急局"), Column("a", "甲", 1, kind="list")) == "区水务局、区应急局"
    assert text(None, Column("a", "甲", 1)) == ""


def test_the_evaluation_table_has_the_columns_of_shanghai() -> None:
    titles = [c.title for c in indicator_table(view(), Scope(units=(TOWN,))).columns]
    wanted = "序号 维度 指标 单位 方向 现状值 上年值 变化 标准值/目标值 全区均值 得分 等级 排名 满意度 牵头单位 数据来源 备注"
    assert [t for t in titles if t in wanted.split()] == wanted.split()


@pytest.mark.parametrize(
    ("builder", "wanted"),
    [
        (strength_table, "序号 优势 所在单元 维度/指标 现状值 标准值/同类均值 领先幅度 依据"),
        (problem_table, "序号 问题 所在单元 维度/指标 现状值 标准值 差距 影响人口 严重程度 判定依据 牵头单位 配合单位"),
        (remedy_table, "序号 对应问题 整治措施 目标值 工作量 完成时限 牵头单位 配合单位 责任街镇 状态 完成情况 佐证"),
    ],
)  # fmt: skip
def test_the_lists_have_the_columns_of_shanghai_in_order(builder, wanted: str) -> None:
    titles = [c.title for c in builder(view(), Scope()).columns]
    assert [t for t in titles if t in wanted.split()] == wanted.split()


def test_a_scope_selects_units_and_departments() -> None:
    own = problem_table(view(), Scope(units=(TOWN,)))
    assert set(own.values("unit_name")) == {("示例东街道",)}
    led = problem_table(view(), Scope(department="区水务局"))
    assert len(led)
    assert all("区水务局" in row for row in led.values("lead"))
    assert len(problem_table(view(), Scope(department="没有这个局"))) == 0


def test_a_missing_value_is_a_dash_in_the_row_of_its_indicator() -> None:
    table = indicator_table(view(), Scope(units=(f"{DISTRICT}004",), indicators=("FM-02",)))
    row = dict(zip(table.keys, table.texts()[0], strict=True))
    assert (row["value"], row["score"], row["grade"], row["note"]) == ("—", "—", "未评价", "部门未填报")


def test_a_community_has_a_third_and_no_place() -> None:
    table = indicator_table(view(), Scope(units=(f"{DISTRICT}002001",)))
    assert {str(v)[-4:] for v in table.values("rank")} <= {"三分之一"}


def test_ledger_lines_name_the_file_and_row() -> None:
    assert all("楼栋底册.xlsx › 楼栋 › 第" in str(v) for v in ledger_table(view(), Scope()).values("source"))


def test_the_spine_puts_worse_left_whatever_the_direction() -> None:
    low, high = [
        spine_of(row, view().indicators[code])
        for code in ("AQ-01", "ST-01")
        for row in [
            {"peer_low": 1.0, "peer_q1": 2.0, "peer_median": 3.0, "peer_q3": 4.0, "peer_high": 5.0, "compared": 5.0,
             "level": "town", "than_district": "same", "than_peers": "worse"}
        ]
    ]  # fmt: skip
    assert low is not None
    assert high is not None
    assert low.here == 0.0
    assert high.here == 1.0
    assert (low.than, low.alt) == ("same", "与全区无明显差异，差于同类")
    for spine in (low, high):
        assert spine.low <= spine.q1 <= spine.middle <= spine.q3 <= spine.high


def test_a_band_indicator_has_no_spine() -> None:
    rows = [r for r in view().scores(TOWN) if r["indicator"] == "CX-04"]
    assert spine_of(rows[0], view().indicators["CX-04"]) is None


@pytest.mark.parametrize(
    "builder", [indicator_table, strength_table, problem_table, remedy_table, ledger_table]
)
def test_a_table_is_as_wide_as_the_page_and_names_fit_their_column(builder) -> None:
    table = builder(view(), Scope(units=view().subtree(TOWN))).without(
        "id", "problem_id", "source", "previous"
    )
    width, size = 267.0, 7.6
    laid = fitted(table, width, size)
    assert sum(c.width for c in laid.columns) == pytest.approx(width)
    for column, key in zip(laid.columns, laid.keys, strict=True):
        kept = [text(v, column) for v in laid.values(key) if column.nowrap and keeps(column, v)]
        if column.kind in ("name", "list"):
            kept = [part for v in laid.values(key) for part in parts_of(v, column) if len(part) <= 8]
        assert all(text_width(words, size * 0.3528) <= column.width for words in kept), column.title


def test_a_long_unit_of_measure_wraps_and_leaves_the_indicator_its_room() -> None:
    columns = (
        Column("indicator", "指标", 46),
        Column("unit", "单位", 15, kind="name", nowrap=True),
        Column("value", "现状值", 15, "right", "number", nowrap=True),
        Column("note", "备注", 40),
    )
    row = ("城市生活污水集中收集处理能力", "万立方米/小时/平方千米", Figure(3.2, 1), "说明文字" * 20)
    laid = fitted(Table("试", columns, (row,)), 90, 8)
    width = {c.key: c.width for c in laid.columns}
    assert width["indicator"] >= 23
    assert width["unit"] <= 6 * 8 * 0.3528 + 3
    assert "万立方米/<br/>小时/<br/>平方千米" in str(table_html(laid, (), 90, 8))


def test_a_short_unit_of_measure_is_not_broken() -> None:
    unit = Column("unit", "单位", 15, kind="name")
    assert parts_of("km/h", unit) == ["km/h"]
    assert parts_of("近期（2027年6月底前）", unit) == ["近期", "（2027年6月底前）"]


def test_a_name_no_column_can_hold_is_cut_evenly_and_the_column_is_no_sliver() -> None:
    columns = (Column("unit_name", "所在单元", 22, kind="name", nowrap=True), Column("problem", "问题", 56))
    name = ("某某经济技术开发区管理委员会", "某某社区")
    laid = fitted(Table("试", columns, ((name, "很长的问题" * 30),)), 80, 8)
    assert laid.columns[0].width >= 13 * 8 * 0.3528
    assert "某某经济技术开<br/>发区管理委员会某某社区" in str(table_html(laid, (), 80, 8))
    assert text(name, columns[0]) == "某某经济技术开发区管理委员会某某社区"


def test_departments_stay_whole_and_end_a_line_with_their_mark() -> None:
    columns = (Column("lead", "牵头单位", 24, kind="list"), Column("problem", "问题", 56))
    html = str(
        table_html(Table("试", columns, ((("区建设管理委", "区应急局", "各街镇"), "问" * 90),)), (), 80, 8)
    )
    assert "区建设管理委、<br/>区应急局、<br/>各街镇" in html


def test_a_list_on_paper_leaves_out_what_every_row_shares() -> None:
    remedies = shown(remedy_table(view(), Scope(units=view().subtree(TOWN))), 60)
    states = set(remedy_table(view(), Scope(units=view().subtree(TOWN))).values("status"))
    assert len(states) == 1
    assert "status" not in remedies.keys
    assert remedies.notes[-1] == f"状态均为{states.pop()}"
    assert not any(
        "示例东街道" in str(name) for name in remedies.values("unit_name")[1:] if name != "示例东街道"
    )
    assert {str(v).count("/") for v in remedies.values("measure_kind")} == {1}


def test_text_from_inputs_never_becomes_markup() -> None:
    table = problem_table(view(), Scope(units=(f"{DISTRICT}001001",)))
    html = str(table_html(table, view().results.grade_cuts, 267))
    assert "<script" not in html
    assert "&lt;script&gt;" in html or HOSTILE not in str(table.texts())
