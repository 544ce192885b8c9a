"""A column of text → a typed column (列的类型、单位与范围), in one unit, with a finding for every cell that is wrong.

Clean columns are cast whole; only what is left over is read cell by cell, each spelling once.
"""

from __future__ import annotations

from collections.abc import Callable
from fractions import Fraction

import polars as pl

from ...findings import Findings, Place
from ..measures import conversion
from .cells import Cell, parse_date, parse_number, parse_yesno
from .text_columns import NO_RESULT, no_result

SHOWN = 20  # findings of one kind listed for a column; the rest are counted
_PLAIN = r"^[+-]?[0-9]{1,15}(\.[0-9]{1,15})?$"
MOST = 1e15  # no quantity of a district is larger, and beyond it a double has no units left
_SERIAL = r"^[1-9][0-9]{4}(\.0+)?$"  # how Excel keeps a date: the days since 1900
_AS_DAYS = "；这样的五位数多半是日期没有设成日期格式"
_WHAT = {"number": "数字", "integer": "整数", "yesno": "是或否", "date": "日期"}
_RIGHT = {
    "number": "数字，如 12.5",
    "integer": "整数，如 12",
    "yesno": "是 或 否",
    "date": "日期，如 2026-05-01",
}


def typed_column(
    cells: pl.DataFrame,
    kind: str,
    *,
    header: str,
    own_unit: str,
    unit: str,
    limits: tuple[float | None, float | None],
    lenient: bool,
    findings: Findings,
) -> pl.Series:
    """The column ``cells["text"]`` as ``kind`` (number, integer, yesno, date), null where there is no value.

    ``own_unit`` is the unit the file states ("" for none), ``unit`` the one wanted ("" for as it stands). Findings:
    T006 a unit that cannot be converted, T010 or (``lenient``) T011 a cell that cannot be read, T015 or T016 an error or
    a formula without a result, T012 a number outside ``limits``, T014 how many more of one kind there are.
    """
    report = _Report(cells, header, findings)
    text = cells["text"].str.strip_chars()
    if kind not in ("number", "integer"):
        parse: Callable[[str], Cell] = parse_yesno if kind == "yesno" else parse_date
        values, wrong = _read_each(text, parse, pl.Boolean if kind == "yesno" else pl.Date)
        report.unreadable(wrong, text, kind, lenient=lenient)
        return values
    factor = conversion(own_unit, unit) if own_unit and unit else Fraction(1)
    if factor is None:
        findings.add("T006", report.place(None), value=own_unit, expected=unit)
        return pl.Series([None] * len(text), dtype=pl.Int64 if kind == "integer" else pl.Float64)
    values, wrong = _numbers(text, own_unit or unit)
    values = _scaled(values, factor)
    if kind == "integer":
        broken = (values != values.round()).fill_null(False)
        wrong, values = wrong | broken, values.set(broken, None)
    report.unreadable(wrong, text, kind, lenient=lenient)
    values = _within(values, limits, text, report)
    return values.cast(pl.Int64) if kind == "integer" else values


def _numbers(text: pl.Series, unit: str) -> tuple[pl.Series, pl.Series]:
    """(values, which cells cannot be read) of a column of numbers in ``unit``."""
    plain = text.str.contains(_PLAIN).fill_null(False)
    values = text.set(~plain, None).cast(pl.Float64)
    odd = text.set(plain, None)
    if odd.null_count() == len(odd):
        return values, pl.Series([False] * len(text), dtype=pl.Boolean)
    others, wrong = _read_each(odd, lambda word: parse_number(word, unit), pl.Float64)
    return values.fill_null(others) if len(others) else values, wrong


def _read_each(
    text: pl.Series, parse: Callable[[str], Cell], dtype: type[pl.DataType]
) -> tuple[pl.Series, pl.Series]:
    """(values, which cells cannot be read), every different text read once."""
    words = text.unique().drop_nulls().sort().to_list()
    read = {word: parse(word) for word in words}
    values = text.replace_strict(
        words, [read[word].value for word in words], default=None, return_dtype=dtype
    )
    wrong = text.replace_strict(
        words, [bool(read[word].unreadable) for word in words], default=False, return_dtype=pl.Boolean
    )
    return values, wrong.fill_null(False)


def _scaled(values: pl.Series, factor: Fraction) -> pl.Series:
    """Values times ``factor``, rounded to 15 figures so that 9.13 万 is 91300 and no hair more."""
    if factor == 1:
        return values
    return (values * factor.numerator / factor.denominator).round_sig_figs(15)


def _within(
    values: pl.Series, limits: tuple[float | None, float | None], text: pl.Series, report: _Report
) -> pl.Series:
    """Values with those outside the limits taken out, each a finding."""
    low, high = limits
    outside = pl.Series([False] * len(values), dtype=pl.Boolean)
    if low is not None:
        outside |= (values < low).fill_null(False)
    if high is not None:
        outside |= (values > high).fill_null(False)
    ends = (f"不小于 {low:g}" if low is not None else "", f"不大于 {high:g}" if high is not None else "")
    report.add("T012", outside, text, "、".join(end for end in ends if end))
    vast = (values.abs() > MOST).fill_null(False) & ~outside
    report.add("T012", vast, text, "不大于一千万亿的数")
    return values.set(outside | vast, None)


class _Report:
    """Adds findings for cells of one column of one sheet."""

    def __init__(self, cells: pl.DataFrame, header: str, findings: Findings) -> None:
        self.cells, self.header, self.findings = cells, header, findings

    def place(self, index: int | None) -> Place:
        """Where cell ``index`` stands; the whole column for None."""
        row = self.cells.row(index or 0, named=True)
        return Place(row["_file"], row["_sheet"], None if index is None else row["_row"], self.header)

    def unreadable(self, wrong: pl.Series, text: pl.Series, kind: str, *, lenient: bool) -> None:
        """What cannot be read: an error or a formula without a result (T015, T016), or anything else (T010, T011)."""
        if not wrong.any():
            return
        unsaid = wrong & text.str.contains(NO_RESULT).fill_null(False)
        for mark in "#=":
            same = unsaid & text.str.starts_with(mark).fill_null(False)
            self.add(
                "T016" if lenient else "T015",
                same,
                text,
                _RIGHT[kind],
                what=no_result(mark),
                wanted=_WHAT[kind],
            )
        as_days = kind == "date" and text.str.contains(_SERIAL).any()
        right = _RIGHT[kind] + (_AS_DAYS if as_days else "")
        self.add("T011" if lenient else "T010", wrong & ~unsaid, text, right, what=_WHAT[kind])

    def add(self, code: str, which: pl.Series, text: pl.Series, expected: str, **facts: str) -> None:
        """One finding for each of the first cells marked in ``which``, and one for how many more there are."""
        marked = which.arg_true().to_list()
        for index in marked[:SHOWN]:
            self.findings.add(code, self.place(index), value=text[index], expected=expected, **facts)
        if len(marked) > SHOWN:
            self.findings.add(
                "T014", self.place(None), kind=code, count=len(marked) - SHOWN, expected=expected
            )
