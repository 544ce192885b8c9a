"""What is wrong with tijian.toml, in Chinese (项目文件的错误说明): the parser and the validation library speak English only."""

from __future__ import annotations

import re
import tomllib
from difflib import get_close_matches
from functools import cache
from importlib import resources
from importlib.resources.abc import Traversable
from typing import Any

import annotated_types
from pydantic.fields import FieldInfo

from ..findings import Findings, Place
from .toml_slips import Slip, slips_in

_AS_UTF8 = "用记事本另存为，编码选 UTF-8"
_RIGHT = "英文引号成对、含中文的键名加英文引号、一个键只写一次、路径用 / 不用 \\"


def tell_toml(
    fault: Exception, code: str, path: Traversable, place: Place, findings: Findings, **facts: str
) -> None:
    """A file that is no TOML, as finding ``code`` (P002, I002): the line where the parser stopped, and every usual slip beside it.

    The parser tells of one line and in English; whoever mends a file wants to know of all of them. ``facts`` are what else the
    message of the code takes.
    """
    row, detail = where_toml_breaks(fault)
    if not isinstance(fault, tomllib.TOMLDecodeError):
        expected = _AS_UTF8 if isinstance(fault, UnicodeDecodeError) else "每个值最多几层括号"
        findings.add(code, place.at(row=row), detail=detail, expected=expected, **facts)
        return
    text = path.read_text(encoding="utf-8-sig")
    lines, slips = text.splitlines(), slips_in(text)
    if row is not None and row not in [slip.row for slip in slips]:
        line = lines[row - 1].strip() if row <= len(lines) else ""
        slips = sorted(
            [*slips, Slip(row, line, detail.removeprefix(f"第 {row} 行"), _RIGHT)], key=lambda s: s.row
        )
    for slip in slips:
        findings.add(
            code,
            place.at(row=slip.row),
            value=slip.line,
            detail=f"第 {slip.row} 行{slip.says}",
            expected=slip.right,
            **facts,
        )
    if not slips:
        findings.add(code, place, detail=detail, expected=_RIGHT, **facts)


def where_toml_breaks(fault: Exception) -> tuple[int | None, str]:
    """(line, what is wrong) of a file that is no TOML, or no UTF-8."""
    if isinstance(fault, UnicodeDecodeError):
        return fault.object.count(b"\n", 0, fault.start) + 1, "文件不是 UTF-8 编码"
    where = re.search(r"line (\d+)", str(fault))
    line = int(where[1]) if where else None
    twice = re.search("overwrite|twice|already|declare", str(fault))
    what = (
        "括号套得太深" if isinstance(fault, RecursionError) else "同一个键写了两次" if twice else "写法不对"
    )
    return (
        line,
        f"第 {line} 行{what}"
        if line
        else what
        if "套" in what or twice
        else "没有写完，或引号、方括号不成对",
    )


def wanted_instead(kind: str, context: dict[str, object], message: str) -> str:
    """What a value should have been, in Chinese, from the validation library's kind of error."""
    plain = {
        "int_parsing": "整数", "int_type": "整数", "int_from_float": "整数", "float_parsing": "数", "float_type": "数",
        "bool_parsing": "true 或 false", "bool_type": "true 或 false", "string_type": "加引号的文字",
        "date_type": "日期（不加引号），如 2026-06-01", "date_parsing": "日期（不加引号），如 2026-06-01",
        "date_from_datetime_parsing": "日期（不加引号），如 2026-06-01",
        "tuple_type": "方括号里的列表，如 [\"甲\", \"乙\"]", "dict_type": "花括号里的对照，如 { a = \"甲\" }",
        "model_type": "一段设置", "model_attributes_type": "一段设置", "finite_number": "有限的数，不能是 inf 或 nan",
    }  # fmt: skip
    bounds = {"greater_than_equal": ("不小于", "ge"), "less_than_equal": ("不大于", "le"),
              "greater_than": ("大于", "gt"), "less_than": ("小于", "lt")}  # fmt: skip
    if kind in plain:
        return plain[kind]
    if kind in bounds:
        word, key = bounds[kind]
        return f"{word} {_short(context.get(key))}"
    if kind in ("too_long", "too_short"):
        most, fewest = context.get("max_length"), context.get("min_length")
        return f"不多于 {most} 项" if kind == "too_long" else f"不少于 {fewest} 项"
    if kind == "literal_error":
        return _choices(re.findall(r"'([^']*)'", str(context.get("expected", ""))))
    return message.removeprefix("Value error, ")


def likely_meant(value: object, field: FieldInfo | None, choices: str) -> str:
    """What a wrong value was probably meant to be: the choice that is like it, or the fraction of a percentage."""
    names = re.findall(r'"([^"]*)"', choices)
    if isinstance(value, str) and names:
        near = get_close_matches(value.lower(), names, n=1)
        return f'是不是 "{near[0]}"？' if near else ""
    most = [m.le for m in field.metadata if isinstance(m, annotated_types.Le)] if field is not None else []
    number = re.fullmatch(r"(\d+(?:\.\d+)?)\s*([%％]?)", str(value).strip())
    if most == [1] and number is not None and (number[2] or 2 <= float(number[1]) <= 100):
        return f"{number[1]}% 写 {float(number[1]) / 100:g}；"
    return ""


@cache
def sections() -> tuple[dict[str, Any], ...]:
    """What ``settings.toml`` says of every section and key of the project's file, in order."""
    text = resources.files(__package__).joinpath("settings.toml").read_text(encoding="utf-8")
    return tuple(tomllib.loads(text)["section"])


def _choices(names: list[str]) -> str:
    """The words one may choose from, each with what it means; settings of the same choices mean the same by them."""
    tables = [meant for section in sections() for meant in section.get("choices", {}).values()]
    meant: dict[str, str] = next((table for table in tables if table.keys() == set(names)), {})
    return "可选：" + "、".join(
        f'"{name}"' + (f"（{meant[name]}）" if name in meant else "") for name in names
    )


def _short(bound: object) -> str:
    """A bound as one would write it: 0, not 0.0."""
    return str(bound).removesuffix(".0")
