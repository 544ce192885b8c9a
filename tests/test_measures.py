"""Units of measure: exact factors, and no conversion between different things."""

from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tijian.engine.intake.measures import (
    COUNTERS,
    conversion,
    fold_unit,
    looks_like_unit,
    multiplier_of,
    parse_measure,
    power_of_ten,
)

KNOWN = ["人", "万人", "户", "m", "公里", "km", "㎡", "万㎡", "平方公里", "公顷", "亩", "元", "万元", "亿元", "%", "‰", "t", "万吨", "kg",
         "人/平方公里", "万人/平方公里", "人/公顷", "㎡/人", "km/h", "元/平方米", "个/万人", "张/千人", "座"]  # fmt: skip


@pytest.mark.parametrize(
    ("source", "target", "factor"),
    [
        ("万人", "人", 10_000), ("公顷", "㎡", 10_000), ("平方公里", "公顷", 100), ("km²", "平方千米", 1), ("万㎡", "公顷", 1),
        ("亩", "㎡", Fraction(2000, 3)), ("%", "‰", 10), ("‰", "%", Fraction(1, 10)), ("亿元", "万元", 10_000),
        ("公里", "m", 1000), ("千米", "km", 1), ("千克", "kg", 1), ("万吨", "t", 10_000), ("万人/平方公里", "人/公顷", 100),
        ("km/h", "公里/小时", 1), ("m/s", "km/h", Fraction(18, 5)), ("张/千人", "张/人", Fraction(1, 1000)),
        ("元/平方米", "万元/亩", Fraction(1, 15)), ("万", "人", 10_000), ("（万人）", "人", 10_000), ("幢", "栋", 1),
        ("辆次/每万人", "辆次/万人", 1), ("标准车", "标准车", 1),
    ],
)  # fmt: skip
def test_what_a_unit_is_in_another(source, target, factor):
    assert conversion(source, target) == factor


@pytest.mark.parametrize(
    ("source", "target"),
    [
        ("栋", "户"),
        ("㎡", "m"),
        ("人", "户"),
        ("元", "人"),
        ("人/公顷", "人"),
        ("%", "人"),
        ("标准车", "辆"),
        ("年", "月"),
        ("个", "座"),
    ],
)
def test_different_things_do_not_convert(source, target):
    assert conversion(source, target) is None


@given(st.sampled_from(KNOWN), st.sampled_from(KNOWN))
def test_converting_there_and_back_changes_nothing(a, b):
    there, back = conversion(a, b), conversion(b, a)
    assert (there is None) == (back is None)
    assert there is None or there * back == 1


@given(st.sampled_from(KNOWN), st.sampled_from(KNOWN), st.sampled_from(KNOWN))
def test_converting_in_two_steps_is_converting_in_one(a, b, c):
    first, second = conversion(a, b), conversion(b, c)
    if first is not None and second is not None:
        assert conversion(a, c) == first * second


@pytest.mark.parametrize(
    "text",
    [
        "人",
        "万人",
        "％",
        "‰",
        "(户)",
        "（人/户）",
        "万人/平方公里",
        "女=100",
        "每百栋问题数",
        "每百户",
        "点",
        "件",
        "岁",
        "km/h",
        "平方米/人",
        "标台/万人",
    ],
)
def test_units_are_recognised(text):
    assert looks_like_unit(text)


@pytest.mark.parametrize(
    "text",
    [
        "CIM",
        "体检/诉求",
        "快速路",
        "含婴幼儿",
        "2020",
        "",
        "person/household",
        "years",
        "一",
        "街镇",
        "上级代码",
        "标准车/车道",
    ],
)
def test_words_in_brackets_are_not_taken_for_units(text):
    assert not looks_like_unit(text)


def test_a_unit_is_folded_in_width_blanks_and_brackets():
    assert [fold_unit(t) for t in ("（ 万 人 ）", "㎡", "％", "[km²]")] == ["万人", "m2", "%", "km2"]


def test_the_multiplier_of_a_unit():
    units = ("万人", "人", "亿元", "千米", "千人", "百户", "万人/平方公里")
    assert [multiplier_of(u) for u in units] == [10_000, 1, 10**8, 1, 1000, 100, 10_000]


@given(st.integers(-12, 12))
def test_powers_of_ten_are_recognised(n):
    assert power_of_ten(Fraction(10) ** n) == n


@pytest.mark.parametrize(
    "factor", [Fraction(2), Fraction(2000, 3), Fraction(3, 10), Fraction(20), Fraction(18, 5)]
)
def test_other_factors_are_no_power_of_ten(factor):
    assert power_of_ten(factor) is None


def test_every_counter_converts_only_to_itself_or_its_synonym():
    kinds = {name: parse_measure(name).kind for name in sorted(COUNTERS)}
    wrong = [(a, b) for a in kinds for b in kinds if (conversion(a, b) == 1) != (kinds[a] == kinds[b])]
    assert wrong == []
