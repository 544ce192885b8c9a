"""A name from an input becomes one plain, short file name, whatever stands in it."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tijian.reports.names import DEVICES, safe_name


def test_a_common_name_stays_as_it_is() -> None:
    assert safe_name("方松街道") == "方松街道"
    assert safe_name("区住房保障房屋管理局（牵头）") == "区住房保障房屋管理局（牵头）"


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("../../etc/passwd", "_.._etc_passwd"),
        ("a/b\\c:d*e?f", "a_b_c_d_e_f"),
        (".hidden", "hidden"),
        ("尾点. ", "尾点"),
        ("一\u0000二\u202e三", "一_二_三"),
        ("换\n行\t与   空格", "换 行 与 空格"),
        ("", "未命名"),
        (" . .", "未命名"),
        ("con", "_con"),
        ("LPT1.区", "_LPT1.区"),
    ],
)
def test_what_a_path_could_misread_is_replaced(text: str, expected: str) -> None:
    assert safe_name(text) == expected


def test_a_long_name_is_cut_to_the_limit() -> None:
    assert safe_name("很长" * 40) == "很长" * 20
    assert safe_name("很长" * 40, limit=5) == "很长很长很"


def test_a_limit_of_nothing_is_our_mistake() -> None:
    with pytest.raises(ValueError, match="limit"):
        safe_name("名称", limit=0)


@given(st.text(), st.integers(min_value=1, max_value=60))
def test_any_text_gives_one_usable_name(text: str, limit: int) -> None:
    name = safe_name(text, limit)
    assert 1 <= len(name) <= limit
    assert not set(name) & set('<>:"/\\|?*')
    assert all(ord(c) >= 32 for c in name)
    assert not name.startswith(".")
    assert not name.endswith((" ", "."))
    assert name.split(".")[0].upper() not in DEVICES
    assert safe_name(name, limit) == name
