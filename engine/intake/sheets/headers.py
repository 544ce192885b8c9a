"""Find the header of an office's table (表头): where it is, what each column is called, and in which unit.

Above a header stand a title, ``填报单位：…``, ``单位：万人``; the header has one to six rows with merged groups, and
below it may come a units row, an English row or a numbering row (甲 乙 1 2 3). A column's label is its levels joined by
a blank, ``停车泊位 现有``. Old .xls files keep no merges: a group's name is then carried to the right, as far as the
level above stays the same. Row and column indexes in here count from 0.
"""

from __future__ import annotations

import difflib
import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cached_property, lru_cache

from ..measures import fold_unit, looks_like_unit, parse_measure
from .cells import fold_name
from .grid import Grid, as_text

LOOK_AT = 60  # rows in which a header may begin
MAX_DEPTH = 6
LONGEST = 1_000  # characters of a cell that may be a label: a whole document pasted into one is none
_BRACKETS = str.maketrans("【】〔〕[]{}", "()()()()")
_MARKS = re.compile(r"^[*※★]+|:+$|\((?:必填|选填|必选|必填项)\)$")  # what a form adds to a name
_CJK = re.compile(r"[\u3400-\u9fff]")
_CJK_GAP = re.compile(r"(?<=[\u3400-\u9fff])\s+(?=[\u3400-\u9fff])")
_LATIN = re.compile(r"[A-Za-z0-9\s\-,.'&/()=:;]*[a-z]{2}[A-Za-z0-9\s\-,.'&/()=:;]*")
_TAIL_UNIT = re.compile(
    r"(.+?)\s*[(（\[【]\s*(?:(?:计量)?单位[:：])?([^()（）\[\]【】]+)[)）\]】]\s*", re.DOTALL
)
_UNIT_LINE = re.compile(r"(?:^|[\s(（])(?:计量)?单位\s*[:：]\s*([^\s，,；;()（）]+(?:[(（][^()（）]*[)）])?)")
_ITEM_LINE = re.compile(r"^指标[:：].*[(（]([^()（）]+)[)）]$")


@dataclass(frozen=True)
class Column:
    """One column of a header: ``label`` is its levels joined by a blank, ``names`` what it answers to, folded.

    Names of one rank are of one kind in every column, so that all that answer alike are found: as it stands; without
    units; without English; without groups carried to the right; its group's 合计; the lowest level alone.
    """

    label: str
    names: tuple[str, ...]
    unit: str = ""


@dataclass(frozen=True)
class Header:
    """Rows ``top`` … ``bottom`` (from 0, inclusive, units row and the like included), one Column for each column."""

    top: int
    bottom: int
    columns: tuple[Column, ...]
    sheet_unit: str = ""  # what a line like 单位：万人 above the table says of all its figures

    @cached_property
    def _by_name(self) -> dict[str, dict[int, list[int]]]:
        """name → its rank among a column's names → the columns that have it there."""
        found: dict[str, dict[int, list[int]]] = {}
        for i, column in enumerate(self.columns):
            for rank, name in enumerate(column.names):
                found.setdefault(name, {}).setdefault(rank, []).append(i)
        return found

    def labels(self) -> list[str]:
        """The labels that are not blank, from left to right."""
        return [column.label for column in self.columns if column.label]

    def find(self, wanted: str) -> list[int]:
        """The columns that answer to ``wanted``: by whole label if any does, else by their other names."""
        found = self._by_name.get(fold_label(wanted))
        if found:
            return list(found[min(found)])
        bare, unit = split_unit(wanted)
        return self.find(bare) if unit and bare != wanted else []

    def nearest(self, wanted: str) -> str:
        """Up to three labels a person may have meant, for a message."""
        by_fold = {fold_label(label): label for label in reversed(self.labels())}
        near = difflib.get_close_matches(fold_label(wanted), list(by_fold), n=3, cutoff=0.3)
        return "、".join(by_fold[key] for key in near) or "无"


@lru_cache(
    maxsize=65536
)  # every row of a sheet's top is tried as a header at every depth: the same texts again and again
def fold_label(text: str) -> str:
    """A header for matching: width, blanks, line breaks, the shape of brackets, and a form's marks (*, 必填) folded."""
    folded = fold_name(text).translate(_BRACKETS)
    return _MARKS.sub("", folded) or folded


@lru_cache(maxsize=65536)
def split_unit(text: str) -> tuple[str, str]:
    """``人口（万人）`` → (人口, 万人); (text, "") when the brackets hold no unit."""
    match = _TAIL_UNIT.fullmatch(text)
    if match and looks_like_unit(match[2]):
        return match[1].strip(), fold_unit(match[2])
    return text, ""


class _Spread:
    """The top rows of a grid as text, merged areas spread over the cells they cover."""

    def __init__(self, grid: Grid) -> None:
        self.height = min(len(grid.rows), LOOK_AT + MAX_DEPTH + 4)
        self.text = [[as_text(cell)[:LONGEST].strip() for cell in row] for row in grid.rows[: self.height]]
        self.width = len(self.text[0]) if self.text else 0
        self.merges: dict[tuple[int, int], tuple[int, int, int, int]] = {}
        for top, left, bottom, right in grid.merges:
            if top > self.height:
                continue
            area = (top - 1, left - 1, min(bottom, self.height) - 1, min(right, self.width) - 1)
            value = self.text[area[0]][area[1]] if area[1] < self.width else ""
            for r in range(area[0], area[2] + 1):
                for c in range(area[1], area[3] + 1):
                    self.merges[r, c] = area
                    self.text[r][c] = value

    def level(self, r: int, c: int, top: int) -> str:
        """The text at a cell; "" where it belongs to an area that begins above the header (the title)."""
        area = self.merges.get((r, c))
        return "" if area is not None and area[0] < top else self.text[r][c]

    def is_blank(self, r: int) -> bool:
        return not any(self.text[r])


def _levels(spread: _Spread, top: int, bottom: int) -> list[list[str]]:
    """Header texts per row, a group's name carried to the right where the file keeps no merge for it."""
    rows = [[spread.level(r, c, top) for c in range(spread.width)] for r in range(top, bottom + 1)]
    for i, row in enumerate(rows[:-1]):
        carried = False
        for c in range(1, spread.width):
            r = top + i
            below = any(rows[j][c] for j in range(i + 1, len(rows)))
            same_group = all(rows[j][c] == rows[j][c - 1] for j in range(i))
            free = (r, c) not in spread.merges and (carried or (r, c - 1) not in spread.merges)
            carried = not row[c] and bool(row[c - 1]) and below and same_group and free
            if carried:
                row[c] = row[c - 1]
    return rows


@lru_cache(maxsize=65536)
def _lines(text: str) -> tuple[str, str]:
    """One header cell → (name, unit): English lines below Chinese ones dropped, a bracketed unit line taken off."""
    lines = [_CJK_GAP.sub("", line.strip()) for line in text.splitlines() if line.strip()]
    units = [fold_unit(line) for line in lines if _is_bracketed(line) and looks_like_unit(line)]
    lines = [line for line in lines if not (_is_bracketed(line) and looks_like_unit(line))]
    if any(_CJK.search(line) for line in lines):
        lines = [line for line in lines if not _is_english(line)]
    name, unit = split_unit("".join(lines) if lines else "")
    return name, unit or (units[0] if units else "")


def _is_bracketed(text: str) -> bool:
    return len(text) > 2 and text[0] in "(（[【〔" and text[-1] in ")）]】〕"


def _is_english(text: str) -> bool:
    """Words in Latin letters, some of them small: the English twin of a Chinese label (WIFI, PM2.5 are not)."""
    return not _CJK.search(text) and _LATIN.fullmatch(text) is not None


def _column(levels: Sequence[str], carried: Sequence[str]) -> Column:
    """One column from its texts, top to bottom; ``levels`` without, ``carried`` with groups carried to the right."""
    shown, names, unit = [], [], ""
    for text in _without_repeats(carried):
        name, own = _lines(text)
        unit = own or unit
        shown.append(" ".join(text.split()))
        if name:
            names.append(name)
    if any(_CJK.search(name) for name in names):
        chinese = [name for name in names if not _is_english(name)]
    else:
        chinese = names
    label = " ".join(chinese)
    bare = [name for text in _without_repeats(levels) if (name := _lines(text)[0])]
    kinds = (
        "".join(shown),
        "".join(names),
        "".join(chinese),
        "".join(bare),
        "",
        chinese[-1] if chinese else "",
    )
    return Column(label, tuple(map(fold_label, kinds)), unit)


def _without_repeats(texts: Sequence[str]) -> list[str]:
    kept: list[str] = []
    for text in texts:
        if text and (not kept or kept[-1] != text):
            kept.append(text)
    return kept


def _columns(spread: _Spread, top: int, bottom: int) -> tuple[Column, ...]:
    plain = [[spread.level(r, c, top) for c in range(spread.width)] for r in range(top, bottom + 1)]
    carried = _levels(spread, top, bottom)
    columns = [_column([row[c] for row in plain], [row[c] for row in carried]) for c in range(spread.width)]
    return tuple(_with_totals(columns))


def _with_totals(columns: list[Column]) -> list[Column]:
    """The total of a group, 户数（户） before 户数 家庭户 and 户数 集体户, answers to 户数 合计 too.

    Its unit is theirs as well, unless they say their own.
    """
    total = 0
    result: list[Column] = []
    for i, column in enumerate(columns):
        group = result[total] if result else column
        inside = bool(group.label) and column.label.startswith(group.label + " ")
        if inside:
            result[total] = replace(
                group, names=(*group.names[:4], fold_label(group.label + "合计"), group.names[5])
            )
        else:
            total = i
        result.append(replace(column, unit=group.unit) if inside and not column.unit else column)
    return result


# ---- where it is -----------------------------------------------------------------------------------------


def find_header(grid: Grid, wanted: Sequence[str], header_row: int | None = None) -> Header | None:
    """The rows whose labels answer to most of ``wanted``; of equals the fewest rows, then the first.

    ``header_row`` (from 1, as Excel shows it) says where the header begins. None when nothing answers at all.
    """
    spread = _Spread(grid)
    folded = [fold_label(text) for text in wanted] + [fold_label(split_unit(text)[0]) for text in wanted]
    tops = range(min(spread.height, LOOK_AT)) if header_row is None else range(header_row - 1, header_row)
    best: tuple[int, int, int] | None = None
    for top in tops:
        if top >= spread.height or (header_row is None and not _may_begin(spread, top, folded)):
            continue
        for depth in range(1, min(MAX_DEPTH, spread.height - top) + 1):
            header = Header(top, top + depth - 1, _columns(spread, top, top + depth - 1))
            hits = sum(bool(header.find(text)) for text in wanted)
            if hits and (best is None or (-hits, depth, top) < best):
                best = (-hits, depth, top)
    if best is None:
        return None
    return _complete(spread, best[2], best[2] + best[1] - 1)


def _may_begin(spread: _Spread, top: int, folded: Sequence[str]) -> bool:
    """Whether some cell of the row is how a wanted label begins: saves trying every row at every depth."""
    cells = {fold_label(_lines(text)[0]) for text in set(spread.text[top]) if text}
    cells |= {fold_label(text) for text in set(spread.text[top]) if text}
    return any(text.startswith(cell) for cell in cells if cell for text in folded)


def guess_header(grid: Grid) -> Header | None:
    """The header where nobody says what it holds: the first row below the preamble with two different texts."""
    spread = _Spread(grid)
    for top in range(min(spread.height, LOOK_AT)):
        if _is_preamble(spread, top):
            continue
        bottom = top
        while (
            bottom + 1 < spread.height
            and bottom - top < MAX_DEPTH - 1
            and _is_sublevel(spread, top, bottom + 1)
        ):
            bottom += 1
        return _complete(spread, top, bottom)
    return None


_PREAMBLE = re.compile(
    r"^(?:附件|附表|表\s*\d|单位|计量单位|指标|地区|时间|日期|数据库|填报|填表|报送|统计|制表|表号|年份|调查)[^:：]{0,8}[:：]"
)


def _is_preamble(spread: _Spread, r: int) -> bool:
    """Fewer than two different texts, or a line that says what kind of table this is."""
    texts = [text for text in dict.fromkeys(spread.text[r]) if text]
    return len(texts) < 2 or _PREAMBLE.match(texts[0]) is not None


def _is_sublevel(spread: _Spread, top: int, r: int) -> bool:
    """Whether row ``r`` still belongs to a header that begins at ``top``: merged from above, or words under no key."""
    key = next((c for c in range(spread.width) if spread.text[top][c]), 0)
    area = spread.merges.get((r, key))
    if area is not None and area[0] >= top and area[0] < r:
        return True
    words = [text for text in spread.text[r] if text]
    if _is_units_row(words):
        return False
    return bool(words) and not spread.text[r][key] and not any(_is_figure(text) for text in words)


def _is_figure(text: str) -> bool:
    return re.fullmatch(r"[-+]?[\d,.．，０-９]+\s*[%％‰]?|—+|-+|…+|/", text) is not None


def _complete(spread: _Spread, top: int, bottom: int) -> Header:
    """The header with what belongs below it: the rest of its merged cells, units, English and numbering rows."""
    for c in range(spread.width):
        area = spread.merges.get((bottom, c))
        if area is not None and top <= area[0] and area[2] < top + MAX_DEPTH + 2 and area[1] == area[3]:
            bottom = max(bottom, area[2])
    columns = list(_columns(spread, top, bottom))
    chinese = any(_CJK.search(column.label) for column in columns)
    r = bottom + 1
    while r < spread.height:
        texts = [text for text in spread.text[r] if text]
        if _is_units_row(texts):
            columns = [
                Column(
                    c.label,
                    c.names,
                    fold_unit(spread.text[r][i]) if looks_like_unit(spread.text[r][i]) else c.unit,
                )
                for i, c in enumerate(columns)
            ]
        elif not (_is_numbering(texts) or (chinese and _is_english_row(spread, r))):
            break
        bottom, r = r, r + 1
    return Header(top, bottom, tuple(columns), _sheet_unit(spread, top))


def _is_english_row(spread: _Spread, r: int) -> bool:
    """One row of English under the labels. Where the next row is English too, it is a table of English data."""
    texts, below = (
        [text for text in spread.text[i] if text] if i < spread.height else [] for i in (r, r + 1)
    )
    return bool(texts) and all(map(_is_english, texts)) and not (below and all(map(_is_english, below)))


def _is_units_row(texts: list[str]) -> bool:
    """A row of units; one that begins with 计量单位 may hold units nobody knows (如 学位)."""
    if len(texts) > 1 and fold_name(texts[0]) == "计量单位":
        return not any(map(_is_figure, texts))
    units = [text for text in texts if looks_like_unit(text)]
    return bool(units) and all(
        text in units or fold_name(text) in ("单位", "计量单位", "-", "—", "/") for text in texts
    )


def _is_numbering(texts: list[str]) -> bool:
    """甲 乙 1 2 3: the numbers of the columns. Without 甲 or 栏次 it may be data that happens to count up."""
    folded = [fold_name(text).strip("()") for text in texts]
    numbers = [text for text in folded if text not in ("甲", "乙", "丙", "丁", "戊", "栏次", "列次")]
    named = folded[:1] in (["甲"], ["栏次"], ["列次"])
    return named and len(numbers) >= 3 and numbers == [str(i) for i in range(1, len(numbers) + 1)]


def _sheet_unit(spread: _Spread, top: int) -> str:
    """The unit said above the table, when it is a unit (填报单位：区交通委 is none)."""
    for r in range(top - 1, -1, -1):
        for text in spread.text[r]:
            match = _UNIT_LINE.search(text) or _ITEM_LINE.search(text)
            if match and parse_measure(match[1]) is not None:
                return fold_unit(match[1])
    return ""
