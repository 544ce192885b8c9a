"""What one cell of an office's table says: a value, a kind of nothing, or something nobody may guess at."""

from datetime import date
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tijian.engine.intake.sheets.cells import (
    Blank,
    Cell,
    fold_name,
    narrow,
    parse_band,
    parse_blank,
    parse_date,
    parse_number,
    parse_qualified,
    parse_yesno,
)

FULL_WIDTH = str.maketrans("0123456789.,%-+", "０１２３４５６７８９．，％－＋")


# ---- numbers ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("42", 42), ("12.50", 12.5), (".5", 0.5), ("-3", -3), ("+3", 3), ("−3", -3), ("－３", -3),
        ("１２．５", 12.5), ("1,234", 1234), ("１，２３４", 1234), ("1,234,567.8", 1234567.8),
        ("　12 ", 12), ("\u00a012\u200b", 12), ("1e5", 100_000), ("3.17e-05", 3.17e-05), ("1949.0", 1949),
    ],
)  # fmt: skip
def test_a_number_is_read_however_it_is_typed(text, value):
    assert parse_number(text) == Cell(value=value)


@pytest.mark.parametrize(
    ("text", "unit", "value"),
    [
        ("12.5%", "%", 12.5), ("12.5％", "", 12.5), ("12.5 ‰", "‰", 12.5), ("12.5‰", "%", 1.25), ("29%", "‰", 290),
        ("42栋", "", 42), ("42 栋", "栋", 42), ("42幢", "栋", 42), ("2.99万", "", 29_900), ("2.99万", "人", 29_900),
        ("2.99万", "万人", 2.99), ("2.99万人", "人", 29_900), ("2.99万人", "", 29_900), ("3.2亿", "元", 320_000_000),
        ("3.2亿元", "万元", 32_000), ("5公里", "m", 5_000), ("1.2万㎡", "公顷", 1.2), ("５公顷", "平方米", 50_000),
        ("60km/h", "公里/小时", 60), ("0.1 m²", "㎡", 0.1),
    ],
)  # fmt: skip
def test_a_unit_in_the_cell_wins_over_the_columns(text, unit, value):
    cell = parse_number(text, unit)
    assert cell.value == value
    assert cell.unit


def test_powers_of_ten_are_exact():
    assert [parse_number(f"{n / 100:.2f}万").value for n in range(1000)] == [n * 100 for n in range(1000)]


@pytest.mark.parametrize(
    "text",
    [
        "无", "约200", "200左右", "200余", ">100", "100+", "12。5", "1,23", "1,2345", "10-20", "10~20", "90 100", "1 234",
        "①", "10²", "Ⅳ", "½", "三", "nan", "inf", "#DIV/0!", "#N/A", "50.7（快速路） 35.32（主干路）", "56.1 / 177.3",
        "1" * 40, "1e999", "12.5.6", "2026-05-20", "2024年9月1日前完成", "一段话12", "12万3千", "12%%", "++5", "0x1f", "1_000",
    ],
)  # fmt: skip
def test_what_could_mean_two_things_is_left_unreadable(text):
    assert parse_number(text) == Cell(unreadable=text)


@pytest.mark.parametrize(
    ("text", "unit"),
    [("42栋", "户"), ("5公里", "㎡"), ("12元", "人"), ("5公里", ""), ("3万元", ""), ("5‰", "")],
)
def test_a_unit_that_does_not_fit_the_column_or_cannot_be_set_beside_bare_numbers_is_unreadable(text, unit):
    assert parse_number(text, unit).unreadable == text


@given(st.floats(allow_nan=False, allow_infinity=False, min_value=-1e15, max_value=1e15))
def test_every_number_python_prints_is_read_back(value):
    assert parse_number(repr(value)).value == value
    assert parse_number(repr(value).translate(FULL_WIDTH)).value == value


@given(st.integers(-(10**12), 10**12), st.sampled_from(["", " ", "　", "\t"]))
def test_thousands_and_surrounding_blanks_change_nothing(number, blank):
    assert parse_number(f"{blank}{number:,}{blank}").value == number
    assert parse_number(f"{number:,}".translate(FULL_WIDTH)).value == number


@given(st.text(max_size=30))
def test_any_text_says_exactly_one_thing(text):
    cells: list[Any] = [parse_number(text), parse_number(text, "万人"), parse_yesno(text), parse_date(text)]
    said = [(c.value is not None) + (c.blank is not None) + bool(c.unreadable) for c in cells]
    assert said == [1, 1, 1, 1]
    assert all(c.unreadable in ("", text) for c in cells)


@given(st.text(max_size=40))
def test_bands_and_pairs_take_any_text_without_failing(text):
    band, values = parse_band(text), parse_qualified(text)
    assert band is None or band[0] is not None or band[1] is not None
    assert all(isinstance(value, float) and isinstance(word, str) for value, word in values)


# ---- kinds of nothing ------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "blank"),
    [
        ("", Blank.EMPTY), ("  　", Blank.EMPTY), ("\u200b", Blank.EMPTY), ("—", Blank.DASH), ("——", Blank.DASH), ("-", Blank.DASH),
        ("--", Blank.DASH), ("－", Blank.DASH), ("/", Blank.DASH), ("／", Blank.DASH), ("…", Blank.DASH), ("……", Blank.DASH),
        ("未填报", Blank.NOT_FILLED), ("（暂无）", Blank.NOT_FILLED), ("未体检", Blank.NOT_EXAMINED),
        (" 未检查 ", Blank.NOT_EXAMINED), ("停用", Blank.DISCONTINUED), ("取消", Blank.DISCONTINUED),
        ("不涉及", Blank.NOT_APPLICABLE), ("N/A", Blank.NOT_APPLICABLE),
    ],
)  # fmt: skip
def test_the_kinds_of_nothing_are_told_apart_and_none_is_zero(text, blank):
    assert parse_number(text) == Cell(blank=blank)
    assert parse_blank(text) is blank


def test_in_a_column_of_text_words_are_answers_and_only_marks_are_nothing():
    assert [parse_blank(t, words=False) for t in ("停用", "暂无", "/", "", "——")] == [
        None, None, Blank.DASH, Blank.EMPTY, Blank.DASH,
    ]  # fmt: skip


def test_zero_is_a_number():
    assert [parse_number(t) for t in ("0", "０", "0.0")] == [Cell(value=0.0)] * 3


# ---- yes and no, days ------------------------------------------------------------------------------------


@pytest.mark.parametrize("text", ["是", "有", "√", "✓", "Y", "ｙ", "Yes", "TRUE", "true", "1", "１", " 是 "])
def test_yes(text):
    assert parse_yesno(text) == Cell(value=True)


@pytest.mark.parametrize("text", ["否", "无", "×", "✗", "N", "no", "FALSE", "0", "x"])
def test_no(text):
    assert parse_yesno(text) == Cell(value=False)


def test_neither_yes_nor_no():
    assert parse_yesno("部分") == Cell(unreadable="部分")
    assert parse_yesno("2") == Cell(unreadable="2")
    assert parse_yesno("未体检") == Cell(blank=Blank.NOT_EXAMINED)
    assert parse_yesno("—") == Cell(blank=Blank.DASH)


@pytest.mark.parametrize(
    "text",
    ["2026-05-02", "2026/5/2", "2026.5.2", "2026年5月2日", "2026年 5月 2日", "20260502", "２０２６－０５－０２",
     "2026-05-02 13:44", "2026-05-02T13:44:10", "2026-05-02 13:44:10.250"],
)  # fmt: skip
def test_a_day_is_read_however_it_is_typed(text):
    assert parse_date(text) == Cell(value=date(2026, 5, 2))


@pytest.mark.parametrize(
    "text", ["2026-06-31", "2026-13-01", "2026年5月", "46162", "5月2日", "26-05-02", "昨天"]
)
def test_a_day_that_does_not_exist_or_is_not_whole_is_unreadable(text):
    assert parse_date(text) == Cell(unreadable=text)


@given(st.dates(min_value=date(1900, 1, 1), max_value=date(2100, 12, 31)))
def test_every_day_comes_back(day):
    written = [day.isoformat(), f"{day:%Y/%m/%d}", f"{day:%Y%m%d}", f"{day.year}年{day.month}月{day.day}日"]
    assert [parse_date(text).value for text in written] == [day] * 4


# ---- standards and several values in a cell ----------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "band"),
    [
        ("0.6≤X≤1", (0.6, 1)), ("0.6 <= x <= 1", (0.6, 1)), ("1≥X≥0.6", (0.6, 1)), ("０．６≤X≤１", (0.6, 1)),
        ("70≤X", (70, None)), ("X≥70", (70, None)), ("≥85", (85, None)), ("≥85%", (85, None)), (">85", (85, None)),
        ("X≤5", (None, 5)), ("≤5", (None, 5)), ("5≥X", (None, 5)), ("60~80", (60, 80)), ("60%～80%", (60, 80)),
        ("60至80", (60, 80)), ("不低于85", (85, None)), ("85及以上", (85, None)), ("不超过5‰", (None, 5)), ("5以下", (None, 5)),
    ],
)  # fmt: skip
def test_a_standard_written_as_a_band(text, band):
    assert parse_band(text) == band


@pytest.mark.parametrize(
    "text", ["85", "50 90", "—", "", "30（快速路） 20（主干路）", "80~60", "1≤X≤0.6", "大致≥85", "≥"]
)
def test_what_is_no_band_is_none(text):
    assert parse_band(text) is None


@given(st.floats(0, 1e6), st.floats(0, 1e6))
def test_a_band_comes_back_as_it_was_written(a, b):
    low, high = sorted((round(a, 3), round(b, 3)))
    assert parse_band(f"{low}≤X≤{high}") == (low, high)


@pytest.mark.parametrize(
    ("text", "values"),
    [
        ("50.7（快速路） 35.32（主干路）", [(50.7, "快速路"), (35.32, "主干路")]),
        ("50.7(快速路)35.32(主干路)", [(50.7, "快速路"), (35.32, "主干路")]),
        ("50.7（快速路）；35.32（主干路）", [(50.7, "快速路"), (35.32, "主干路")]),
        ("82.87 100", [(82.87, ""), (100, "")]),
        ("56.1 / 177.3", [(56.1, ""), (177.3, "")]),
        ("59.02%", [(59.02, "")]),
        ("1,234（户）", [(1234, "户")]),
    ],
)  # fmt: skip
def test_several_values_in_a_cell_each_with_what_is_said_of_it(text, values):
    assert parse_qualified(text) == values


@pytest.mark.parametrize(
    "text", ["", "—", "0.6≤X≤1", "约50", "（1）共19栋住宅", "10-20", "12.5abc", "2024年5月"]
)
def test_a_cell_that_is_not_a_list_of_values_gives_none(text):
    assert parse_qualified(text) == []


# ---- folding ---------------------------------------------------------------------------------------------


def test_names_are_folded_in_width_and_blanks():
    assert fold_name(" 北　 京\n") == "北京"
    assert fold_name("ＡＢＣ（１）") == "ABC(1)"
    assert fold_name("建成\u200b区") == "建成区"


def test_narrowing_keeps_superscripts_apart():
    assert narrow("１０²") == "10²"


@given(st.text(max_size=40))
def test_folding_twice_is_folding_once(text):
    assert fold_name(fold_name(text)) == fold_name(text)
