"""Headers that are nearly the ones asked for (近似表头): a returned form whose columns were renamed.

A column is taken for a missing one only where that is clear: the two differ by words that change nothing (是否, 名称,
数量 for 数, 总), by the order of their two levels, by one character left out, added or mistyped; and each is the
other's only candidate. Words that change what is counted (新增, 未, 计划, 上年, digits) are never let pass.
"""

from __future__ import annotations

import difflib
import re
from collections.abc import Collection, Mapping

from .headers import Column, Header, fold_label, split_unit

LAST_YEAR = "上年值"  # heads the columns beside the items of our forms that are not to be filled in
_MARKS = re.compile(r"[()<>《》“”\"'·.,，、;；:：/\\|_—–-]")
_BEFORE = re.compile(r"^(?:是否有|是否|有无|所属|所在|本)")
_AFTER = re.compile(r"(?:名称|情况|的)$")
_COUNT = re.compile(r"(?:总数|数量|个数|数目)(?:合计)?$")
_SHORTEST = 3  # characters both must have, unless they are alike altogether
_EMPTY = frozenset("的总数量及和与等")  # characters that may be left out, however many
_TYPO_FROM = 6  # characters a label must have for one of them to be taken for a slip
# Whatever turns one quantity into another, in labels that otherwise agree.
_TURNS = frozenset(
    "不未无非没否已应需可待拟新旧老原现上下去今本年月日前后左右内外大中小高低长短多少男女东西南北甲乙丙丁一二三四五六七八九十百千万亿"
    "半单双正副主次干支增减进出免早晚占率比均最计划完累净人户栋套处个座"
)


def near_columns(header: Header, missing: Mapping[str, str], taken: Collection[int]) -> dict[str, int]:
    """Our name → column, for each label of ``missing`` (our name → label) that was clearly meant by a free column.

    ``taken`` are the columns that answer to some label already.
    """
    free = [i for i, c in enumerate(header.columns) if i not in taken and c.label and not _is_aside(c)]
    near = {ours: [i for i in free if _means(header.columns[i], label)] for ours, label in missing.items()}
    claims = [i for found in near.values() for i in found]
    return {o: found[0] for o, found in near.items() if len(found) == 1 and claims.count(found[0]) == 1}


def _is_aside(column: Column) -> bool:
    """Whether it is one of the columns of our forms that only remind of last year."""
    return column.label.split(" ")[-1].startswith(LAST_YEAR)


def _means(column: Column, wanted: str) -> bool:
    """Whether the whole label of a column, without its unit, is a variant of ``wanted``."""
    bare = split_unit(wanted)[0]
    levels = bare.split(" ")
    label = " ".join(split_unit(level)[0] for level in column.label.split(" "))
    return any(is_variant(label, order) for order in {bare, " ".join(reversed(levels))})


def is_variant(one: str, other: str) -> bool:
    """Whether two labels, units taken off, say the same in slightly different words."""
    a, b = _plain(one), _plain(other)
    if a == b:
        return True
    short, long = sorted((a, b), key=len)
    if len(short) < _SHORTEST:
        return False
    steps = difflib.SequenceMatcher(None, short, long, autojunk=False).get_opcodes()
    changed = [step for step in steps if step[0] != "equal"]
    differing = "".join(short[i:j] + long[k:n] for _, i, j, k, n in changed)
    if _TURNS & set(differing) or any(c.isascii() and c.isalnum() for c in differing):
        return False
    if all(kind == "insert" for kind, *_ in changed):
        return len(differing) == 1 or set(differing) <= _EMPTY
    return len(short) == len(long) >= _TYPO_FROM and len(differing) == 2


def _plain(label: str) -> str:
    """A label without marks and without the words that change nothing; one that is all such words stays whole."""
    folded = _MARKS.sub("", fold_label(label))
    bare = _AFTER.sub("", _BEFORE.sub("", folded))
    return _COUNT.sub("数", bare) or folded
