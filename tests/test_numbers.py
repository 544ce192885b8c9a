"""Figures as people read them: rounding, signs, units, 万, missing values."""

from __future__ import annotations

import re
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tijian.reports import numbers

finite = st.floats(min_value=-1e12, max_value=1e12, allow_nan=False)
places = st.integers(min_value=0, max_value=4)


@given(finite, places)
def test_never_shows_more_digits_than_asked_for_and_never_a_hyphen(value: float, decimals: int) -> None:
    shown = numbers.number(value, decimals)
    tail = "[.]" + "[0-9]" * decimals if decimals else ""
    assert re.fullmatch(f"−?[0-9]+{tail}", shown), shown


@given(finite, places)
def test_what_is_shown_is_within_half_a_unit_of_the_last_place(value: float, decimals: int) -> None:
    shown = Decimal(numbers.number(value, decimals).replace("−", "-"))
    assert abs(shown - Decimal(repr(value))) <= Decimal(1).scaleb(-decimals) / 2


@given(finite, places)
def test_the_sign_is_right_and_zero_has_none(value: float, decimals: int) -> None:
    shown = numbers.signed(value, decimals)
    exact = numbers.rounded(value, decimals)
    assert exact is not None
    assert shown.startswith("+") == (exact > 0)
    assert shown.startswith("−") == (exact < 0)


@pytest.mark.parametrize(
    "show", [numbers.number, numbers.signed, numbers.people, numbers.score, numbers.percent]
)
@pytest.mark.parametrize("nothing", [None, float("nan"), float("inf")])
def test_a_missing_value_is_a_dash_and_never_zero(show, nothing) -> None:
    assert show(nothing) == "—"


@pytest.mark.parametrize(
    ("value", "decimals", "shown"),
    [
        (0.125, 2, "0.13"),
        (2.5, 0, "3"),
        (-2.5, 0, "−3"),
        (1.005, 2, "1.01"),
        (-0.04, 1, "0.0"),
        (99.95, 1, "100.0"),
    ],
)
def test_half_rounds_away_from_zero_on_the_decimal_the_reader_sees(
    value: float, decimals: int, shown: str
) -> None:
    assert numbers.number(value, decimals) == shown


@pytest.mark.parametrize(
    ("count", "shown"),
    [
        (0, "0人"),
        (9500, "9500人"),
        (9999.6, "1.0万人"),
        (32_100, "3.2万人"),
        (814_000, "81万人"),
        (1.2e8, "1.2亿人"),
    ],
)
def test_people_are_told_in_wan_where_a_person_would(count: float, shown: str) -> None:
    assert numbers.people(count) == shown


def test_units_stand_as_chinese_print_sets_them() -> None:
    assert numbers.quantity(54.84, "%", 1) == "54.8%"
    assert numbers.quantity(31, "个/万人") == "31个/万人"
    assert numbers.quantity(7.6, "km/km²", 1) == "7.6\u00a0km/km²"
    assert numbers.quantity(None, "%", 1) == "—"


def test_a_difference_of_rates_is_told_in_points() -> None:
    assert numbers.difference(-5.2, "%", 1) == "−5.2个百分点"
    assert numbers.difference(1.5, "‰", 1) == "+1.5个千分点"
    assert numbers.distance(-0.05, "个/km²", 2) == "0.05个/km²"


def test_a_rank_carries_its_interval() -> None:
    assert numbers.rank(9, 17, 7, 11) == "9（7–11）/17"
    assert numbers.rank(9, 17) == "9/17"
    assert numbers.rank(None, 17) == "—"


def test_thirds_of_41_communities() -> None:
    told = [numbers.third(i, 41) for i in range(1, 42)]
    assert [told.count(t) for t in ("前三分之一", "中三分之一", "后三分之一")] == [13, 14, 14]


def test_heading_numbers() -> None:
    assert [numbers.ordinal(i) for i in (1, 10, 11, 20, 23, 99)] == [
        "一",
        "十",
        "十一",
        "二十",
        "二十三",
        "九十九",
    ]
    with pytest.raises(ValueError, match="out of range"):
        numbers.ordinal(100)


def test_the_sheet_shows_what_the_page_shows() -> None:
    assert numbers.sheet_format(1) == "0.0;−0.0;0.0"
    assert numbers.sheet_format(0, sign=True, unit="栋") == '+0"栋";−0"栋";0"栋"'


@pytest.mark.parametrize(
    ("low", "high", "decimals", "shown"),
    [(0.6, 1.0, 2, "0.6–1"), (0.6, None, 1, "≥0.6"), (None, 120, 0, "≤120"), (10, 20, 0, "10–20"), (None, None, 1, "")],
)  # fmt: skip
def test_a_good_range_is_told_without_trailing_zeros(
    low: float | None, high: float | None, decimals: int, shown: str
) -> None:
    assert numbers.band(low, high, decimals) == shown


def test_a_score_beside_its_grade_is_never_rounded_over_the_cut() -> None:
    cuts = (90.0, 80.0, 70.0, 60.0, 0.0)
    assert numbers.beside_grade(69.96, cuts) == "69.96"
    assert numbers.beside_grade(69.9996, cuts) == "69.9996"
    assert numbers.beside_grade(70.04, cuts) == "70.0"
    assert numbers.beside_grade(59.7, cuts, 0) == "59.7"
    assert numbers.beside_grade(62.3, cuts, 0) == "62"
    assert numbers.beside_grade(None, cuts) == "—"
