"""Which rows of a sheet are data (数据行), and which only look like it: notes, signatures, group lines, headers again."""

from __future__ import annotations

import re

from .cells import parse_number
from .grid import Grid, as_text
from .headers import Header, fold_label

#: Rows that sum up the others. They stay in the table; names.py reads 合计 as the district.
TOTALS = frozenset({"合计", "总计", "小计", "全区合计", "全区总计", "全市合计", "共计", "累计"})
_NOTE = re.compile(
    r"(?:注|附注|备注|说明|注释|脚注|排序|填表说明|填报说明|指标解释|数据来源|资料来源|来源|note|source)s?\s*\d*\s*[:：.、]",
    re.IGNORECASE,
)
_SIGNATURE = re.compile(
    r"(?:填表|填报|制表|审核|复核|负责|单位负责|部门负责|联系|经办|分管领导|报出|填报单位|填表单位)\s*(?:人|单位|领导|日期|电话)?"
    r"(?:（[^）]*）|\([^)]*\))?\s*[:：]"
)
_ALONE = re.compile(r"[①-⑳*※]|[(（]?[一二三四五六七八九十]+[、)）.．]")
_LONG = 25  # a lone text longer than this is a sentence, not a unit's name


def data_rows(grid: Grid, header: Header) -> list[int]:
    """The indexes (from 0) of the rows below ``header`` that hold data, in order."""
    wide = {
        top - 1 for top, left, bottom, right in grid.merges if top == bottom and right - left + 1 >= max(3, len(header.columns) // 2)
    }  # fmt: skip
    several = len(header.labels()) > 1  # in a table of one column every cell stands alone
    found: list[int] = []
    in_notes = False
    for r in range(header.bottom + 1, len(grid.rows)):
        row = grid.rows[r]
        start = next((c for c, cell in enumerate(row) if _says_something(cell)), None)
        if start is None:
            continue
        first = as_text(row[start]).strip()
        rest = row[start + 1 :]
        if _SIGNATURE.match(first) or (_NOTE.match(first) and not any(map(_is_number, rest))):
            in_notes = True
            continue
        alone = not any(map(_says_something, rest))
        if (
            alone
            and several
            and start <= 1
            and (in_notes or r in wide or len(first) > _LONG or _ALONE.match(first))
        ):
            continue
        if not alone and _is_header_again(row, start, header):
            continue
        found.append(r)
        in_notes = False
    return found


def _says_something(cell: object) -> bool:
    return cell is not None and cell != "" and not (isinstance(cell, str) and cell.isspace())


def _is_number(cell: object) -> bool:
    return parse_number(as_text(cell)).value is not None


def _is_header_again(row: list[object], start: int, header: Header) -> bool:
    """Whether every cell that says something says its own column's name: a header printed on every page."""
    for c in range(start, len(row)):
        if _says_something(row[c]):
            folded = fold_label(as_text(row[c]))
            if not any(name.endswith(folded) for name in header.columns[c].names):
                return False
    return True
