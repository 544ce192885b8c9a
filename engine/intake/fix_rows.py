"""The rows a correction means (更正所指的行), and where it means none: which part of it failed, and what would be right."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from difflib import get_close_matches
from typing import Literal

import polars as pl

from .nearest import Nearest
from .sheets.cells import fold_name, parse_date
from .sheets.tables import POSITION

_AS_LOGICAL = {"是": "true", "否": "false"}  # what Excel shows as TRUE and FALSE
_DAY = re.compile(r"\d{4}-\d{2}-\d{2}")
_KEYS_TOLD, _VALUES_TOLD = 16, 3


@dataclass(frozen=True)
class Miss:
    """Why one file has no cell for a correction: the key of the correction that failed, what it says, what would be right.

    ``stage`` is how far it came: 0 a column is not there, 1 no such row, 2 the row is there and says something else.
    """

    stage: int
    key: Literal["match", "column", "expect"]
    value: str
    detail: str
    expected: str


def columns_of(raw: pl.DataFrame) -> list[str]:
    """Our names of the columns that a correction may speak of."""
    return [column for column in raw.columns if column not in POSITION]


def says(column: str, wanted: str) -> pl.Expr:
    """Whether a cell of text says ``wanted``: width and blanks aside; a day in any way of writing it; 是 also as TRUE."""
    folded = fold_name(wanted)
    cell = pl.col(column).fill_null("").map_elements(fold_name, return_dtype=pl.String)
    same = cell == folded
    if folded in _AS_LOGICAL:
        same |= cell.str.to_lowercase() == _AS_LOGICAL[folded]
    day = parse_date(folded).value if _DAY.fullmatch(folded) else None
    if day is not None:
        same |= cell.map_elements(lambda text: parse_date(text).value == day, return_dtype=pl.Boolean)
    return same


def matches(match: Mapping[str, str]) -> pl.Expr:
    """Whether a row says in every column of ``match`` what is written there."""
    return pl.all_horizontal(pl.lit(True), *(says(column, wanted) for column, wanted in match.items()))


def why_missed(
    raw: pl.DataFrame,
    match: Mapping[str, str],
    column: str,
    expect: str,
    mended: str | None,
    headers: Mapping[str, str],
) -> Miss:
    """What failed of a correction that met no row of ``raw`` (text under our names, with where each row stands).

    ``column`` "" where whole rows are dropped without looking at a cell; ``mended`` the value that is to come, None for a row
    that is dropped; ``headers`` our names → headers of the file.
    """
    strange = [c for c in (*match, *([column] if column else [])) if c not in columns_of(raw)]
    if strange:
        return _no_column(raw, strange, match, headers)
    rows = raw.filter(matches(match))
    if rows.is_empty():
        return _no_row(raw, match, headers)
    return _says_else(rows, match, column, expect, mended, headers)


def _no_column(
    raw: pl.DataFrame, strange: list[str], match: Mapping[str, str], headers: Mapping[str, str]
) -> Miss:
    """A column that the table does not have; a header of the file where our name belongs is what is most often meant."""
    key: Literal["match", "column"] = "match" if strange[0] in match else "column"
    by_header = {fold_name(headers[c]): c for c in columns_of(raw) if headers.get(c)}
    meant = []
    for name in strange:
        near = get_close_matches(name, columns_of(raw), n=1)
        ours = by_header.get(fold_name(name)) or (near[0] if near else "")
        meant += [f"“{name}”要写 {ours}"] if ours else []
    says_so = "、".join(f"“{name}”" for name in strange)
    return Miss(0, key, "、".join(strange), f"写的列{says_so}不是程序里的列名",
                "；".join([*meant, _keys(raw, headers)]))  # fmt: skip


def _no_row(raw: pl.DataFrame, match: Mapping[str, str], headers: Mapping[str, str]) -> Miss:
    """No row says what ``match`` wants: which of its columns never does, and the values nearest to it."""
    absent = [c for c, wanted in match.items() if not raw.select(says(c, wanted).any()).item()]
    written = ", ".join(f'{c} = "{wanted}"' for c, wanted in match.items())
    if not absent:
        return Miss(
            1, "match", written, f"没有对上一行：没有同时是 {written} 的行", "核对原表：各列的值要在同一行"
        )
    detail = "、".join(f"{_called(c, headers)}没有一格写着“{match[c]}”" for c in absent)
    near = [f"{c} 相近的有：{_near(raw, c, match[c])}" for c in absent]
    return Miss(1, "match", written, f"没有对上一行：{detail}", "；".join([*near, _keys(raw, headers)]))


def _says_else(
    rows: pl.DataFrame,
    match: Mapping[str, str],
    column: str,
    expect: str,
    mended: str | None,
    headers: Mapping[str, str],
) -> Miss:
    """The row is there, and its cell says something else than ``expect``."""
    wanted = f"不是 expect 写的“{expect}”" if expect else "而没有写 expect（意思是这一格空着）"
    if not match:  # every row is meant
        near = _near(rows, column, expect)
        return Miss(2, "expect", expect, f"没有对上一格：{_called(column, headers)}没有一格写着“{expect}”",
                    f"{column} 相近的有：{near}；原表已经改对的，删去这一条")  # fmt: skip
    first = rows.row(0, named=True)
    where = f"{first['_file']} 第 {first['_row']} 行" + (f"等 {rows.height} 行" if rows.height > 1 else "")
    cells = rows[column].fill_null("").unique(maintain_order=True).to_list()
    now = "、".join(f"“{cell}”" if cell else "空着" for cell in cells[:_VALUES_TOLD])
    now += "等" if len(cells) > _VALUES_TOLD else ""
    if mended and rows.select(says(column, mended).all()).item():
        return Miss(2, "expect", expect, f"对上了 {where}，{_called(column, headers)}已经是“{mended}”",
                    "原表已经改好：删去这一条")  # fmt: skip
    right = f'核对后写 expect = "{cells[0]}"' if cells[0] else "核对后不写 expect"
    if len(cells) > 1:
        right = "match 里再写一列，只对上要改的那一行"
    return Miss(2, "expect", expect, f"对上了 {where}，{_called(column, headers)}现在是{now}，{wanted}",
                f"{right}；原表已经改对的，删去这一条")  # fmt: skip


def _near(raw: pl.DataFrame, column: str, wanted: str) -> str:
    """The values of a column nearest to one that is not there."""
    return "、".join(f"“{v}”" for v in Nearest(raw[column].drop_nulls().to_list())(wanted)) or "无"


def _called(column: str, headers: Mapping[str, str]) -> str:
    """A column by our name, and by its header in the file."""
    return f"{column}（{headers[column]}）" if headers.get(column) else column


def _keys(raw: pl.DataFrame, headers: Mapping[str, str]) -> str:
    """The columns one may use, the unit first: it is written as the table has it."""
    columns = sorted(columns_of(raw), key=lambda c: c not in ("_unit", "_within"))
    shown = [
        f"{c}（{headers.get(c, '单元')}，照表里的写法）" if c in ("_unit", "_within") else _called(c, headers)
        for c in columns[:_KEYS_TOLD]
    ]
    return "可用的列：" + "、".join(shown) + ("等" if len(columns) > _KEYS_TOLD else "")
