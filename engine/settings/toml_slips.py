"""The usual slips of whoever writes TOML for the first time (TOML 常见笔误): every one of a file, with the line as it should be.

The parser stops at the first line it cannot read and says so in English. Where it stopped, the whole file is looked
through for what people who are at home in Excel and WPS write instead of TOML: Chinese quotation marks, text without any,
``80%``, ``500米``, ``2026年3月``. A slip is only ever looked for in a file that the parser refused, and a corrected line is
only offered where the parser reads it.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterator
from dataclasses import dataclass

_STRING = re.compile(r'"(?:\\.|[^"\\])*"|' + r"'[^']*'")
_TRIPLE = re.compile(r'"""|' + r"'''")
_TEXT = "\ufffc"  # stands for a sound string: it may hold any mark
_PAIR = re.compile(r"^(\s*)([^\s=\[\]{}#,][^=\[\]{}#,]*?)\s*=\s*(.*?)\s*$")
_KEY = re.compile(r"""^\s*("[^"]*"|'[^']*'|[\w.-]+)\s*=""")
_HEAD = re.compile(r"^\s*[\[［【]")
_QUOTES = "“”‘’＂＇「」『』"
_SPACES = "\u3000\xa0\u200b\u2002\u2003\ufeff"
_HALF = str.maketrans({**dict.fromkeys(_QUOTES, '"'), **dict.fromkeys(_SPACES, " ")})
_FULL = "＝，、；［］【】｛｝０１２３４５６７８９．％－"
_MARKS = str.maketrans(_FULL, "=,,,[][]{}0123456789.%-")
_WORDS = {"是": "true", "否": "false", "true": "true", "false": "false", "yes": "true", "no": "false"}
_WRONG_MARKS = (
    (_QUOTES, "引号是中文的", '英文引号，如 name = "…"'),
    (_SPACES, "有全角空格或看不见的空格", "半角空格"),
)
_LONGEST = 80  # characters of a corrected line that is still shown whole


@dataclass(frozen=True)
class Slip:
    """One line with a slip: its number from 1, the line as it stands, what is wrong with it, what would be right."""

    row: int
    line: str
    says: str
    right: str


def slips_in(text: str) -> list[Slip]:
    """Every line of a refused TOML file that has one of the usual slips, in order, at most one for each line."""
    found = []
    heads: dict[str, int] = {}  # where a section, and in it a key, was written first
    keys: dict[str, int] = {}
    for row, line, bare in _bare_lines(text):
        told = _slip(line, bare)
        if head := re.match(r"\s*(\[+)\s*([^\[\]]+?)\s*\]", bare):
            keys = {}
            if head[1] == "[[":  # another of several: its own sections begin anew
                heads = {name: first for name, first in heads.items() if not name.startswith(f"{head[2]}.")}
            elif heads.setdefault(head[2], row) != row and not told:
                told = (f"的 [{head[2]}] 在第 {heads[head[2]]} 行已经写过", "合并成一段", "")
        elif (pair := _KEY.match(line)) and keys.setdefault(pair[1], row) != row and not told:
            told = (f"同一个键写了两次，第 {keys[pair[1]]} 行已有", "留一行，另一行删去", "")
        if told:
            says, right, corrected = told
            found.append(Slip(row, line.strip(), says, _if_it_reads(corrected) or right))
    return found


def _bare_lines(text: str) -> Iterator[tuple[int, str, str]]:
    """(number, line, line without sound strings and comments) of every line that is no part of a longer value."""
    open_triple, depth = "", 0
    for row, line in enumerate(text.splitlines(), 1):
        if open_triple:
            open_triple = "" if open_triple in line else open_triple
            continue
        triple = _TRIPLE.search(line)
        if triple:
            open_triple = triple[0] if triple[0] not in line[triple.end() :] else ""
            continue
        bare = _STRING.sub(_TEXT, line).partition("#")[0].rstrip(" \t")
        starts = _HEAD.match(bare) or _PAIR.match(bare)
        depth = 0 if starts else depth
        if bare.strip() and (depth == 0 or not bare.isascii()):
            yield row, line, bare
        if not _HEAD.match(bare):
            depth = max(0, depth + sum(bare.count(c) for c in "[{") - sum(bare.count(c) for c in "]}"))


def _slip(line: str, bare: str) -> tuple[str, str, str] | None:
    """(what is wrong, what would be right, the line corrected) of one line; None when nothing is seen.

    What is looked for first hides what comes later: a Chinese quotation mark also leaves a text without any.
    """
    pair = _PAIR.match(bare)
    halved = _marks_halved(line.translate(_HALF))
    for marks, says, right in _WRONG_MARKS:
        if any(mark in bare for mark in marks):
            return says, right, halved
    told = _quote_slip(line, bare) or (_value_slip(*pair.groups()) if pair else None)
    if told is None and any(mark in bare for mark in _FULL):
        return "标点或数字是中文（全角）的", "英文（半角）的标点和数字", halved
    return told or _shape_slip(line, bare)


def _quote_slip(line: str, bare: str) -> tuple[str, str, str] | None:
    """Of quotation marks and colons."""
    if any(re.search(r'\\[^btnfr"\\uU]', string) for string in re.findall(r'"(?:\\.|[^"\\])*"', line)):
        return "引号里有反斜杠", "路径用 /；确要反斜杠的写两个", ""
    if re.match(r"\s*[\w.-]+\s*[:：]", bare):
        return "键和值之间写了冒号", "键 = 值", re.sub(r"[:：]\s*", " = ", line, count=1)
    if bare.count('"') or bare.count("'"):
        return "引号不成对", '前后各一个英文引号，如 name = "…"', line.rstrip() + '"'
    return None


def _shape_slip(line: str, bare: str) -> tuple[str, str, str] | None:
    """Of the line as a whole: brackets, a Chinese key, a remark without its #."""
    head = _HEAD.match(bare)
    if head and "=" not in bare and bare.count("[") != bare.count("]"):
        name = bare.strip().strip("[]［］【】 ")
        twice = "[[" in bare or "]]" in bare  # one of several
        return "方括号不成对", "[名称] 或 [[名称]]，前后一样多", f"[[{name}]]" if twice else f"[{name}]"
    if re.search(r"(^|[{,])\s*[^\W\d_]*[^\x00-\x7f\ufffc]\w*\s*=", bare):
        quoted = re.sub(r"(?<!\S)([^\s\x00-\x7f]+)(\s*=)", r'"\1"\2', line)
        return "含中文的键名没有加引号", '"中文键名" = 值', quoted
    if not head and "=" not in bare and _TEXT not in bare and bare.strip(" ]}),"):
        return "这一行不是“键 = 值”", "说明文字前面加 #", "# " + line.strip()
    return None


def _value_slip(indent: str, key: str, value: str) -> tuple[str, str, str] | None:
    """Of the value of a pair."""
    half = value.translate(_MARKS).rstrip(";,")
    start = f"{indent}{key} = "
    date = re.fullmatch(r"(\d{4})\s*[-/.年]\s*(\d{1,2})(?:\s*[-/.月]\s*(\d{1,2}))?\s*[日月]?", half)
    if not half:
        return "等号后面没有写值", "键 = 值；没有的整行删去", ""
    if re.fullmatch(r"[+-]?[\d.]+\s*%", half):
        return "数后面写了 %", "只写数：单位是 % 的，90 就是 90%", start + half.rstrip("% ")
    if date and not re.fullmatch(r"\d{4}-\d{2}-\d{2}|[\d.]+", half):
        day = f"{date[1]}-{int(date[2]):02d}-{int(date[3] or 1):02d}"
        return "日期的写法不对", "日期，如 2026-03-01", start + day
    if re.fullmatch(r"\d{1,3}(,\d{3})+(\.\d+)?", half):
        return "数里写了千位逗号", "只写数", start + half.replace(",", "")
    if word := _WORDS.get(half.lower()):
        return None if half == word else ("是、否的写法不对", "true 或 false", start + word)
    measured = re.match(r"([+-]?\d[\d.]*)\s*[^\W\d_]", half)
    if measured and not re.match(r"\d{4}-\d|0[xob]|[\d.]+[eE][+-]?\d", half):
        return "数后面写了单位", "只写数", start + measured[1]
    if re.match(r"[^\W\d_]", half) and not re.match(r"(inf|nan)\b", half):
        return "文字没有加引号", f'{key} = "…"', f'{start}"{value}"'
    return None


def _marks_halved(line: str) -> str:
    """The line with half-width marks and figures outside its strings."""
    parts = re.split(f"({_STRING.pattern})", line)
    return "".join(part if i % 2 else part.translate(_MARKS) for i, part in enumerate(parts))


def _if_it_reads(corrected: str) -> str:
    """A corrected line, where it is short and the parser reads it; else nothing."""
    shown = corrected.strip()
    try:
        tomllib.loads(shown)
    except tomllib.TOMLDecodeError:
        return ""
    return shown if len(shown) <= _LONGEST else ""
