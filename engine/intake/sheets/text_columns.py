"""A column of words → clean text (文字列): what is no text of anybody's is told and taken out.

That is: marks for an empty cell, errors and formulas that have no result, characters nobody sees (which make two names
that look alike differ, or turn the text around them), and more than a cell of Excel can hold.
"""

from __future__ import annotations

import unicodedata

import polars as pl

from ...findings import Findings, Place
from .cells import parse_blank

MOST_CHARACTERS = 32_767  # what one Excel cell can hold
# What Excel shows for a formula without a value, and a formula that stands there as text.
ERRORS = r"#(?:DIV/0!|N/A|NAME\?|NULL!|NUM!|REF!|VALUE!|SPILL!|CALC!|FIELD!|BLOCKED!|GETTING_DATA|ERROR!|Err:\d{3})"
NO_RESULT = rf"^(?:{ERRORS}|=.+|[@+-][A-Za-z]+[(|!].*)$"
# Controls, zero-width marks and those that turn the direction of writing; joiners belong to emoji and stay.
_UNSEEN = "[\u0000-\u0008\u000b\u000c\u000e-\u001f\u007f-\u009f\u00ad\u200b\u200e\u200f\u202a-\u202e\u2060\u2066-\u2069\ufeff]"
_NAMES = {"\u200b": "零宽空格", "\ufeff": "零宽空格", "\u2060": "零宽连字符", "\u00ad": "软连字符"}


def text_column(
    cells: pl.DataFrame, header: str, *, required: bool, needed: bool, findings: Findings
) -> pl.Series:
    """The column ``cells["text"]`` (beside it ``_file``, ``_sheet``, ``_row``) trimmed, null where nothing is said.

    Findings: T015 (``needed``: the row means nothing without it) or T016 for an error or a formula without a result, T017
    for far too much text, T018 once for characters that nobody sees, T013 for a cell that is ``required`` and blank.
    """
    text = cells["text"]
    long = (text.str.len_chars() > MOST_CHARACTERS).fill_null(False)
    for i in long.arg_true():
        findings.add("T017", _place(cells, i, header), value=text[i][:20] + "…", count=len(text[i]), most=MOST_CHARACTERS,
                     expected=f"不超过 {MOST_CHARACTERS} 个字")  # fmt: skip
    text = _seen(text.set(long, None), cells, header, findings).str.strip_chars()
    unsaid = text.str.contains(NO_RESULT).fill_null(False)
    for i in unsaid.arg_true():
        findings.add("T015" if needed else "T016", _place(cells, i, header), value=text[i], what=no_result(text[i]),
                     wanted="文字", expected="文字，或公式算出的结果")  # fmt: skip
    text = _marks_out(text.set(unsaid, None))
    if required:
        for i in (text.is_null() & ~unsaid & ~long).arg_true():
            findings.add("T013", _place(cells, i, header), expected="填写" + header)
    return text


def no_result(text: str) -> str:
    """Which of the two a text that answers to ``NO_RESULT`` is."""
    return "公式的结果是错误值" if text.startswith("#") else "公式没有算出结果"


def _seen(text: pl.Series, cells: pl.DataFrame, header: str, findings: Findings) -> pl.Series:
    """The text without characters nobody sees; T018 at the first cell that has some."""
    hidden = text.str.contains(_UNSEEN).fill_null(False)
    if not hidden.any():
        return text
    where = hidden.arg_true()
    found = text.gather(where).str.extract_all(_UNSEEN).explode().unique().sort().to_list()
    what = "、".join(dict.fromkeys(_called(character) for character in found))
    clean = text.str.replace_all(_UNSEEN, "")
    findings.add("T018", _place(cells, where[0], header), value=clean[where[0]], count=len(where), what=what,
                 expected="没有看不见的字符")  # fmt: skip
    return clean


def _called(character: str) -> str:
    kind = (
        "方向控制符"
        if unicodedata.bidirectional(character) not in ("BN", "B", "S", "WS", "ON")
        else "控制字符"
    )
    return f"{_NAMES.get(character, kind)} U+{ord(character):04X}"


def _marks_out(text: pl.Series) -> pl.Series:
    """Null where there is nothing but a mark for an empty cell (—, /, …)."""
    marks = [word for word in text.unique().drop_nulls().to_list()
             if len(word) <= 6 and parse_blank(word, words=False) is not None]  # fmt: skip
    return text.replace(marks, [None] * len(marks)) if marks else text


def _place(cells: pl.DataFrame, index: int, header: str) -> Place:
    row = cells.row(index, named=True)
    return Place(row["_file"], row["_sheet"], row["_row"], header)
