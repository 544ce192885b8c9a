"""Units of measure (计量单位): which are known, what they are in terms of a common one, and how to convert.

A unit is a factor over a base unit and what it measures: 公顷 is 10,000 of ``m2``, 万人/平方公里 is 0.01 of ``人/m2``.
Factors are exact fractions, so that 2.3 万 becomes 23,000 and not 22,999.999…. Two things are of the same kind only
when the base units agree: 栋 (buildings) are never turned into 户 (households).

Factors: GB 3100-93 for metric units; 1 亩 = 2000/3 ㎡ (国务院《关于统一我国计量单位的命令》, 1984).
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from fractions import Fraction
from functools import lru_cache

MULTIPLIERS = {
    "万亿": 10**12, "亿": 10**8, "千万": 10**7, "百万": 10**6, "十万": 10**5, "万": 10**4, "千": 10**3, "百": 100,
}  # fmt: skip
_BASE: dict[str, tuple[str, dict[str, Fraction | int]]] = {
    "m": ("m", {"m": 1, "米": 1, "延米": 1, "km": 1000, "公里": 1000, "千米": 1000, "cm": Fraction(1, 100),
                "厘米": Fraction(1, 100), "mm": Fraction(1, 1000), "毫米": Fraction(1, 1000)}),
    "m2": ("m2", {"m2": 1, "平方米": 1, "平米": 1, "ha": 10**4, "hm2": 10**4, "公顷": 10**4, "km2": 10**6,
                  "平方公里": 10**6, "平方千米": 10**6, "sqkm": 10**6, "亩": Fraction(2000, 3)}),
    "m3": ("m3", {"m3": 1, "立方米": 1, "L": Fraction(1, 1000), "升": Fraction(1, 1000)}),
    "kg": ("kg", {"kg": 1, "千克": 1, "公斤": 1, "g": Fraction(1, 1000), "克": Fraction(1, 1000), "t": 1000,
                  "吨": 1000, "mg": Fraction(1, 10**6), "毫克": Fraction(1, 10**6), "ug": Fraction(1, 10**9),
                  "μg": Fraction(1, 10**9), "微克": Fraction(1, 10**9)}),
    "元": ("元", {"元": 1, "人民币元": 1}),
    "1": ("1", {"%": Fraction(1, 100), "‰": Fraction(1, 1000), "‱": Fraction(1, 10**4)}),
    "h": ("h", {"h": 1, "小时": 1, "min": Fraction(1, 60), "分钟": Fraction(1, 60), "s": Fraction(1, 3600),
                "秒": Fraction(1, 3600)}),
    "kWh": ("kWh", {"kWh": 1, "千瓦时": 1, "度": 1}),
    "kW": ("kW", {"kW": 1, "千瓦": 1, "MW": 1000, "兆瓦": 1000}),
}  # fmt: skip
_SAME = {"名": "人", "幢": "栋", "楼栋": "栋", "日": "天", "棵": "株", "位": "个", "只": "个"}
_COUNTED = (
    "人 户 栋 幢 楼栋 套 个 座 处 所 家 台 辆 间 层 件 起 次 条 项 块 张 盏 株 棵 宗 点 床 位 名 只 部 根 对 组 段 片 份 本 册 级 "
    "车位 泊位 床位 人次 辆次 班次 标台 岁 年 月 天 日 分 百分点 美元 °C dB dB(A) 分贝 lx"
)
COUNTERS = frozenset(_COUNTED.split())
_ATOMS: dict[str, tuple[Fraction, str]] = {
    name: (Fraction(factor), kind) for kind, names in _BASE.values() for name, factor in names.items()
} | {name: (Fraction(1), _SAME.get(name, name)) for name in COUNTERS}


@dataclass(frozen=True)
class Measure:
    """A known unit: ``factor`` of the base unit named by ``kind``; a bare 万 is of kind ``""``."""

    factor: Fraction
    kind: str


def fold_unit(text: str) -> str:
    """A unit as typed → one spelling: width folded (㎡ → m2, ％ → %), blanks and outer brackets removed."""
    folded = re.sub(r"\s", "", unicodedata.normalize("NFKC", text)).replace("每平方", "/平方")
    inner = re.fullmatch(r"[(\[【〔](.*)[)\]】〕]", folded)
    return inner[1] if inner else folded


@lru_cache(maxsize=4096)
def parse_measure(text: str) -> Measure | None:
    """The unit ``text`` names, or None. Knows multiples (万㎡, 亿元), quotients (人/公顷) and 每 (每百户)."""
    folded = fold_unit(text)
    if folded.startswith("每"):
        below = parse_measure(folded[1:])
        return None if below is None else Measure(1 / below.factor, "1/" + below.kind)
    above, *rest = folded.split("/")
    if len(rest) > 1:
        return None
    unit = _atom(above)
    if unit is None or not rest:
        return unit
    below = _atom(rest[0].removeprefix("每"))
    return None if below is None else Measure(unit.factor / below.factor, f"{unit.kind}/{below.kind}")


def _atom(name: str) -> Measure | None:
    """One unit without a slash: a known name, or a multiplier before one, or a bare multiplier."""
    if name in _ATOMS:
        return Measure(*_ATOMS[name])
    for word, factor in MULTIPLIERS.items():
        if name.startswith(word):
            rest = name[len(word) :]
            if not rest:
                return Measure(Fraction(factor), "")
            if rest in _ATOMS:
                return Measure(factor * _ATOMS[rest][0], _ATOMS[rest][1])
    return None


def multiplier_of(text: str) -> Fraction:
    """The multiplier a unit begins with: 10,000 for 万人, 1 for 人."""
    folded = fold_unit(text)
    if folded.split("/")[0] in _ATOMS:
        return Fraction(1)
    return next((Fraction(f) for word, f in MULTIPLIERS.items() if folded.startswith(word)), Fraction(1))


def looks_like_unit(text: str) -> bool:
    """Whether text in brackets or in a units row is a unit at all, convertible or not (女=100, 每百栋问题数)."""
    folded = fold_unit(text)
    if not folded or re.fullmatch(r"[\d.]+", folded):
        return False
    if parse_measure(folded) is not None:
        return True
    return bool(re.fullmatch(r"每[^，。；]{1,10}|.{1,3}=100|.{1,6}/.{1,6}", folded)) and _is_quotient(folded)


def _is_quotient(folded: str) -> bool:
    """A slash counts only when one side is a known unit: 标准车/车道 is none, 标台/万人 and 篇/人 are."""
    above, slash, below = folded.partition("/")
    return not slash or _atom(above) is not None or _atom(below.removeprefix("每")) is not None


def conversion(source: str, target: str) -> Fraction | None:
    """What a value in ``source`` is multiplied by to be in ``target``; None when the two do not convert.

    Units spelt alike convert by 1 even when neither is known. A bare multiplier (万) takes over the other's kind.
    """
    if fold_unit(source) == fold_unit(target):
        return Fraction(1)
    have, want = parse_measure(source), parse_measure(target)
    if have is None or want is None or (have.kind != want.kind and "" not in (have.kind, want.kind)):
        return None
    return have.factor / want.factor


def power_of_ten(factor: Fraction) -> int | None:
    """n when ``factor`` is 10ⁿ, otherwise None."""
    digits = len(str(max(factor.numerator, factor.denominator))) - 1
    power = digits if factor >= 1 else -digits
    return power if factor == Fraction(10) ** power else None
