"""Which of two labels say the same in other words, and which only look alike."""

from __future__ import annotations

import string
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tijian.engine.intake.sheets.grid import Grid
from tijian.engine.intake.sheets.headers import find_header
from tijian.engine.intake.sheets.near_headers import is_variant, near_columns
from tijian.indicators.forms import needed_items
from tijian.indicators.loader import load_indicators

SAME = [
    ("街镇", "所属街镇"), ("街镇", "街镇名称"), ("历史建筑总数", "历史建筑数量"), ("历史建筑总数", "历史建筑数"),
    ("公共厕所 总数", "公共厕所"), ("停车泊位 现有", "停车位 现有"), ("停车泊位 现有", "停车泊位（现有）"),
    ("专业化物业管理", "是否专业化物业管理"), ("电梯", "有无电梯"), ("生活垃圾分类达标", "生活垃圾分类达标情况"),
    ("楼梯扶手照明损坏", "楼梯扶手照明损毁"), ("地下车库信号覆盖", "地下车库-信号覆盖"), ("公共活动场地面积", "公共活动场地总面积"),
]  # fmt: skip
DIFFERENT = [
    ("历史建筑总数", "历史建筑空置数"), ("老旧燃气管网 计划改造", "老旧燃气管网 已改造"), ("新增中小微企业数", "中小微企业数"),
    ("60岁以上老年人数", "65岁以上老年人数"), ("非公经济增加值", "上年非公经济增加值"), ("停车泊位 现有", "停车泊位 规划"),
    ("困难老年人数", "困难老年户数"), ("A级桥梁数", "B级桥梁数"), ("已维修加固", "未维修加固"), ("户数", "空置户数"), ("人口", "户籍人口"),
    ("单位", "填报单位"), ("绿色建筑面积", "绿色建筑面积占比"), ("中学学位供给", "小学学位供给"), ("最大积水深度", "积水深度"),
    ("人口", "总人口"), ("公共活动场地面积", "公共活动场地绿化面积"),
]  # fmt: skip


@pytest.mark.parametrize(("one", "other"), SAME)
def test_other_words_for_the_same(one: str, other: str) -> None:
    assert is_variant(one, other)
    assert is_variant(other, one)


@pytest.mark.parametrize(("one", "other"), DIFFERENT)
def test_like_words_for_something_else(one: str, other: str) -> None:
    assert not is_variant(one, other)
    assert not is_variant(other, one)


@given(
    st.text("路灯总数面积" + string.ascii_letters + "()（） ", max_size=12),
    st.text("路灯总数面积未新", max_size=12),
)
def test_it_does_not_matter_which_of_two_labels_is_asked_for(one: str, other: str) -> None:
    assert is_variant(one, one)
    assert is_variant(one, other) == is_variant(other, one)


def taken(header: list[str], wanted: dict[str, str]) -> dict[str, str]:
    """Our name → header text of the columns found to be near."""
    grid = Grid("表", "", [list(header), ["1"] * len(header)])
    found = find_header(grid, ["街镇"])
    assert found is not None
    return {ours: header[at] for ours, at in near_columns(found, wanted, {0}).items()}


def test_a_column_is_taken_only_where_each_is_the_others_one_candidate() -> None:
    assert taken(["街镇", "亮灯数量"], {"lit": "亮灯数"}) == {"lit": "亮灯数量"}
    assert taken(["街镇", "亮灯数量", "亮灯总数"], {"lit": "亮灯数"}) == {}
    assert taken(["街镇", "亮灯数量"], {"lit": "亮灯数", "also": "亮灯总数"}) == {}
    assert taken(["街镇", "现有停车泊位"], {"spaces": "停车泊位 现有"}) == {
        "spaces": "现有停车泊位"
    }  # levels in one cell
    assert taken(["街镇", "路灯 上年值"], {"lamps": "路灯"}) == {}
    assert taken(["街镇", "上年值"], {"before": "上年值数"}) == {}


def test_no_two_items_of_one_form_could_be_taken_for_one_another(tmp_path: Path) -> None:
    """In the shipped forms a column that was deleted is never replaced by its neighbour.

    Where two labels are as near as that, both are asked for, and the neighbour answers to its own label.
    """
    from tijian.engine.findings import Findings  # noqa: PLC0415 — only here

    library = load_indicators(("national-2025", "national-2022", "songjiang"), tmp_path, Findings())
    alike = [
        (form.input, one.label, other.label)
        for form in library.forms.values()
        for one in needed_items(form, library.indicators)
        for other in form.item
        if one.name < other.name and is_variant(one.label, other.label)
        and not {one.name, other.name} <= {i.name for i in needed_items(form, library.indicators)}
    ]  # fmt: skip
    assert alike == []
