"""Cells (单元格): what one cell of an office's table says.

A cell says a value, or nothing, or something that cannot be read. *Nothing* has kinds that must not be mixed up,
and none of them is zero: empty, a dash, not yet filled in (未填报), not examined (未体检), discontinued (停用), not
applicable (不涉及). What cannot be read is handed back as it stands; nothing here guesses. So 无, 约200, 12。5 and
``10-20`` are not numbers, and two numbers in a cell are not one.

A percentage formatted by Excel arrives as 0.125 and cannot be told from a plain 0.125; it is left as it is. An
Excel error arrives as what Excel shows (#DIV/0!), which is no number.
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from datetime import date
from enum import Enum
from fractions import Fraction
from typing import Generic, TypeVar

from ..measures import COUNTERS, Measure, conversion, fold_unit, multiplier_of, parse_measure

T = TypeVar("T")


class Blank(Enum):
    """Why a cell holds no value."""

    EMPTY = "空白"
    DASH = "以符号表示无数据"
    NOT_FILLED = "未填报"
    NOT_EXAMINED = "未体检"
    DISCONTINUED = "停用"
    NOT_APPLICABLE = "不涉及"


@dataclass(frozen=True, slots=True)
class Cell(Generic[T]):
    """What a cell says: exactly one of ``value``, ``blank`` and ``unreadable`` is set.

    ``unit`` is what the cell itself says of its unit (``29%`` → ``%``).
    """

    value: T | None = None
    blank: Blank | None = None
    unreadable: str = ""
    unit: str = ""


_WORDS: dict[Blank, str] = {
    Blank.NOT_FILLED: "未填报 未填 待填报 待填 待补充 待补 待定 待报 暂无 暂缺 暂无数据 缺 缺失 缺数据 无数据 未提供 未统计 未上报",
    Blank.NOT_EXAMINED: "未体检 未检查 未检 未检测 未调查 未测 未监测 未评估 未评价 未开展",
    Blank.DISCONTINUED: "停用 取消 已停用 已取消 停测 停报 已废止",
    Blank.NOT_APPLICABLE: "不涉及 不适用 无此项 无此类 无需填报 N/A n/a NA",
}  # fmt: skip
_MARKS: dict[str, Blank] = {word: blank for blank, words in _WORDS.items() for word in words.split()}
_DASHES = re.compile(r"[-—–―─－−_/／\\＼…⋯.．·*＊]+")
_WIDTH = {code: code - 0xFEE0 for code in range(0xFF01, 0xFF5F)} | {0x3000: 0x20, 0xA0: 0x20, 0x2212: 0x2D}
_INVISIBLE = dict.fromkeys(map(ord, "\u200b\u200c\u200d\u2060\ufeff\u00ad"))
# At most 20 digits before and 30 behind the point: a longer run of digits is a code or a slip, never a quantity.
_DIGITS = r"[+-]?(?:[0-9]{1,3}(?:,[0-9]{3}){1,6}|[0-9]{1,20})(?:\.[0-9]{1,30})?(?:[eE](?:\+?[0-9]{1,2}|-[0-9]{1,3}))?|[+-]?\.[0-9]{1,30}"
_NUMBER = re.compile(rf"({_DIGITS})\s*([^0-9\s].*)?", re.DOTALL)
_YES_WORDS, _NO_WORDS = (
    "是 有 √ ✓ ✔ ☑ y yes t true 1 1.0 已 对",
    "否 无 × ✗ ✘ ☒ x n no f false 0 0.0 未 没有 错",
)
_YES, _NO = frozenset(_YES_WORDS.split()), frozenset(_NO_WORDS.split())
_DATE = re.compile(
    r"(\d{4})\s*[-/.年]\s*(\d{1,2})\s*[-/.月]\s*(\d{1,2})\s*日?(?:[ T]+\d{1,2}:\d{2}(?::\d{2}(?:\.\d+)?)?)?"
)
_PLAIN_DATE = re.compile(r"(\d{4})(\d{2})(\d{2})")


def fold_name(text: str) -> str:
    """Text folded for matching names and headers: Unicode NFKC, every blank and invisible character removed."""
    return re.sub(r"\s+", "", unicodedata.normalize("NFKC", text).translate(_INVISIBLE))


def narrow(text: str) -> str:
    """Full-width ASCII made half-width, true minus made hyphen, ends stripped. Not NFKC: 10² must not become 102."""
    return text.translate(_WIDTH).translate(_INVISIBLE).strip()


def parse_blank(text: str, *, words: bool = True) -> Blank | None:
    """Which kind of nothing ``text`` is, or None when it says something.

    ``words=False`` for columns of text, where 停用 or 取消 is an answer and only blanks and dashes are nothing.
    """
    plain = text.translate(_INVISIBLE).strip()
    if not plain:
        return Blank.EMPTY
    if _DASHES.fullmatch(plain):
        return Blank.DASH
    if not words:
        return None
    inner = re.fullmatch(r"[(（\[【](.+)[)）\]】]", plain)
    return _MARKS.get(inner[1] if inner else plain)


def parse_number(text: str, unit: str = "") -> Cell[float]:
    """The number a cell says, in the column's ``unit`` ("" when the column states none).

    A unit or a multiplier in the cell wins over the column's: ``3.2亿元`` under 万元 is 32000, ``2.99万`` under 人 is
    29900 and under 万人 2.99. Without a column unit a count (``42栋``), a share (``12.5%`` → 12.5) and a multiplier
    (``2.99万`` → 29900) are clear; ``5公里`` is not, because the cells beside it may be metres: unreadable.
    """
    blank = parse_blank(text)
    if blank is not None:
        return Cell(blank=blank)
    found = _NUMBER.fullmatch(narrow(text))
    if not found:
        return Cell(unreadable=text)
    digits, own = Fraction(found[1].replace(",", "")), fold_unit(found[2] or "")
    if not own:
        return Cell(value=float(digits))
    factor = _factor(own, unit)
    return Cell(unreadable=text) if factor is None else Cell(value=float(digits * factor), unit=own)


def _factor(own: str, unit: str) -> Fraction | None:
    """From the cell's own unit to the column's; None when that cannot be said."""
    measure = parse_measure(own)
    if not unit:
        return None if measure is None else _alone(own, measure)
    if measure is not None and not measure.kind:  # 2.99万 under 万人 is 2.99, under 人 29900
        return measure.factor / multiplier_of(unit)
    return conversion(own, unit)


def _alone(own: str, measure: Measure) -> Fraction | None:
    """The factor of a cell's unit where the column states none: per cent as printed, counts counted, no other."""
    if own == "%":
        return Fraction(1)
    return measure.factor if not measure.kind or measure.kind in COUNTERS else None


def parse_yesno(text: str) -> Cell[bool]:
    """是/否, 有/无, √/×, Y/N, 1/0, true/false → bool."""
    plain = narrow(text).lower()
    if plain in _YES:
        return Cell(value=True)
    if plain in _NO:
        return Cell(value=False)
    blank = parse_blank(text)
    return Cell(blank=blank) if blank is not None else Cell(unreadable=text)


def parse_date(text: str) -> Cell[date]:
    """A calendar day: 2026-05-20, 2026/5/20, 2026.5.20, 2026年5月20日, 20260520; a time of day behind it is dropped."""
    blank = parse_blank(text)
    if blank is not None:
        return Cell(blank=blank)
    plain = narrow(text)
    found = _DATE.fullmatch(plain) or _PLAIN_DATE.fullmatch(plain)
    if found:
        try:
            return Cell(value=date(int(found[1]), int(found[2]), int(found[3])))
        except ValueError:  # the 31st of June
            return Cell(unreadable=text)
    return Cell(unreadable=text)


_BOUND = rf"({_DIGITS})\s*[%‰]?"
_VARIABLE = r"[A-Za-z]"
_LESS = r"\s*(?:≤|<=|<|≦|＜|⩽)\s*"
_MORE = r"\s*(?:≥|>=|>|≧|＞|⩾)\s*"
_BANDS: tuple[tuple[re.Pattern[str], tuple[int | None, int | None]], ...] = tuple(
    (re.compile(pattern), groups)
    for pattern, groups in (
        (rf"{_BOUND}{_LESS}{_VARIABLE}{_LESS}{_BOUND}", (1, 2)),
        (rf"{_BOUND}{_MORE}{_VARIABLE}{_MORE}{_BOUND}", (2, 1)),
        (rf"(?:{_BOUND}{_LESS}{_VARIABLE})", (1, None)),
        (rf"(?:{_VARIABLE})?{_MORE}{_BOUND}", (1, None)),
        (rf"(?:{_BOUND}{_MORE}{_VARIABLE})", (None, 1)),
        (rf"(?:{_VARIABLE})?{_LESS}{_BOUND}", (None, 1)),
        (rf"{_BOUND}\s*(?:~|～|至|-|—|–)\s*{_BOUND}", (1, 2)),
        (rf"(?:不低于|不小于|不少于|至少|大于等于|大于|高于)\s*{_BOUND}", (1, None)),
        (rf"{_BOUND}\s*(?:及|或)?以上", (1, None)),
        (rf"(?:不高于|不大于|不超过|至多|小于等于|小于|低于)\s*{_BOUND}", (None, 1)),
        (rf"{_BOUND}\s*(?:及|或)?以下", (None, 1)),
    )
)


def parse_band(text: str) -> tuple[float | None, float | None] | None:
    """A standard written as a band → (low, high), None for an open end; None when it is no band.

    ``0.6≤X≤1`` → (0.6, 1); ``70≤X`` and ``≥70`` → (70, None). Whether a bound itself belongs is not kept. A bare
    ``85`` is a number and not a band; ``50 90`` are two standards (of two radii) and not a band from 50 to 90.
    """
    plain = narrow(text)
    for pattern, (low, high) in _BANDS:
        found = pattern.fullmatch(plain)
        if not found:
            continue
        bounds = [None if g is None else float(found[g].replace(",", "")) for g in (low, high)]
        if bounds[0] is not None and bounds[1] is not None and bounds[0] > bounds[1]:
            return None
        return bounds[0], bounds[1]
    return None


_ONE_QUALIFIED = re.compile(rf"({_DIGITS})(?:\s*[%‰])?(?:\s*\(([^()]*)\))?")


def parse_qualified(text: str) -> list[tuple[float, str]]:
    """Several values in a cell, each with what is said of it in brackets; empty when the cell is anything else.

    ``50.7（快速路） 35.32（主干路）`` → [(50.7, 快速路), (35.32, 主干路)]; ``56.1 / 177.3`` → two values without words.
    """
    plain = narrow(text)
    values: list[tuple[float, str]] = []
    start = 0
    while start < len(plain):
        found = _ONE_QUALIFIED.match(plain, start)
        if not found:
            return []
        values.append((float(found[1].replace(",", "")), (found[2] or "").strip()))
        rest = re.match(r"\s*[/;、]\s*|\s+|$", plain[found.end() :])
        closed = found[2] is not None
        if rest is None and not closed:
            return []
        start = found.end() + (rest.end() if rest else 0)
    return values
