"""项目文件: every key of `tijian.toml`; types, bounds and defaults from the models, what they mean from ``engine/settings/settings.toml``."""

from __future__ import annotations

from types import NoneType
from typing import Any, Literal, get_args, get_origin

import annotated_types
from pydantic import BaseModel
from pydantic.fields import FieldInfo

from ...engine.settings.project import model_at
from ...engine.settings.project_words import sections
from .markdown import escaped, table

_HEAD = """# 项目文件 tijian.toml

本章由程序生成（`make docs`），请勿手改。

`tijian.toml` 是一个文本文件，`tijian init` 写出的那一份带着注释，照着改即可；本章列出全部的键。写法只有几条：

- `[段名]` 开始一段，`键 = 值` 一行一项，`#` 后面是说明；
- 文字加英文双引号；数不加；是、否写 `true`、`false`；
- 几个并列的写在方括号里：`["甲", "乙"]`；对照写在花括号里：`{ "男" = 0.51, "女" = 0.49 }`；含中文的键名加英文双引号；
- 路径用 `/` 不用 `\\`，相对于项目目录（输入的相对于 `data`）；`{year}` 换成体检年份；
- 引号、方括号、等号都用英文（半角）的。

写错了不要紧：`tijian check` 指出哪一行、哪个键、应为什么。不写的键取“不写时”一栏的值；这一栏空着的，是不写就没有。
"""
_KINDS: dict[Any, str] = {str: "文字", int: "整数", float: "数", bool: "`true` 或 `false`"}
_BOUNDS = ((annotated_types.Ge, "ge", "不小于"), (annotated_types.Gt, "gt", "大于"), (annotated_types.Le, "le", "不大于"), (annotated_types.Lt, "lt", "小于"))  # fmt: skip


def fields_at(at: str) -> dict[str, FieldInfo]:
    """The keys that may stand at a place of the project's file, without the sections that have an entry of their own."""
    named = {section["at"] for section in sections()}
    if at == "topics":  # its keys are the project's own names
        return {}
    return {
        name: field
        for name, field in model_at(at.split(".") if at else []).model_fields.items()
        if name != "root" and (at or name not in named)
    }


def settings_page() -> str:
    """The chapter as Markdown. Raises KeyError for a key or a choice that nothing is said of."""
    return "\n".join([_HEAD, *map(_section, sections())])


def _section(section: dict[str, Any]) -> str:
    rows = [
        (
            f"`{name}`",
            _takes(field.annotation, field.metadata),
            _default(field),
            _meaning(section, name, field),
        )
        for name, field in fields_at(section["at"]).items()
    ]
    header = f"`{section['header']}`" if section["at"] else section["header"]
    parts = [
        f"## {header} {section['title']}",
        section["says"],
        f"```toml\n{section['example'].strip()}\n```",
    ]
    if rows:
        parts.append(table(("键", "写什么", "不写时", "意思"), rows))
    return "\n\n".join(parts) + "\n"


def _meaning(section: dict[str, Any], name: str, field: FieldInfo) -> str:
    """What the key is for, and each of its choices, unless it says where these are told."""
    told, choices = escaped(section["keys"][name]), _choices(field.annotation)
    if not choices or "可选的同" in told:
        return told
    said = section.get("choices", {}).get(name) or _told_elsewhere(choices)
    return f"{told}：" + "；".join(f"`{choice}` {escaped(said[choice])}" for choice in choices)


def _told_elsewhere(choices: tuple[str, ...]) -> dict[str, str]:
    """The words for the same choices of another key; raises KeyError where no key has them."""
    for section in sections():
        for said in section.get("choices", {}).values():
            if set(said) == set(choices):
                return dict(said)
    raise KeyError(choices)


def _choices(annotation: Any) -> tuple[str, ...]:
    """The choices that an annotation holds, also as items of a list or values of a table."""
    if get_origin(annotation) is Literal:
        return get_args(annotation)
    inner = [_choices(a) for a in get_args(annotation) if not isinstance(a, str)]
    return next((found for found in reversed(inner) if found), ())


def _takes(annotation: Any, metadata: Any = ()) -> str:
    """What is to be written, in plain words."""
    origin, inner = get_origin(annotation), [a for a in get_args(annotation) if a is not NoneType]
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return "一段设置"
    if annotation in _KINDS:
        return _KINDS[annotation] + _bounds(metadata)
    if origin is Literal:
        return "选一个"
    if hasattr(annotation, "__metadata__"):
        return _takes(inner[0], annotation.__metadata__)
    if origin is dict:
        return f"对照 `{{ 键 = 值 }}`，值是{_takes(inner[1])}"
    if origin is tuple:
        if len(inner) == 2 and inner[1] is Ellipsis:
            return (
                "几段"
                if isinstance(inner[0], type) and issubclass(inner[0], BaseModel)
                else _list_of(inner[0])
            )
        return "`[甲, 乙]`，" + (
            "选两个" if _choices(inner[0]) else f"依次是{'、'.join(dict.fromkeys(map(_takes, inner)))}"
        )
    return " 或 ".join(_takes(a, metadata) for a in inner)  # the two ways a key may be written


def _list_of(item: Any) -> str:
    return "列表，选一个或几个" if get_origin(item) is Literal else f"列表，各项是{_takes(item)}"


def _bounds(metadata: Any) -> str:
    """`` 0–1`` where both ends may be had, else ``，大于 0，不大于 1``; empty without bounds."""
    marks = [m for item in metadata for m in (getattr(item, "metadata", None) or [item])]
    said = {
        key: f"{getattr(mark, key):.12g}"
        for mark in marks
        for kind, key, _ in _BOUNDS
        if isinstance(mark, kind)
    }
    if said.keys() == {"ge", "le"}:
        return f" {said['ge']}–{said['le']}"
    return "".join(f"，{word} {said[key]}" for _, key, word in _BOUNDS if key in said)


def _default(field: FieldInfo) -> str:
    if field.is_required():
        return "必填"
    value = field.default
    if value is None or value in ("", (), {}) or isinstance(value, BaseModel):
        return ""
    return f"`{_toml(value)}`"


def _toml(value: Any) -> str:
    """A default as one would write it."""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, str):
        return f'"{value}"'
    if isinstance(value, dict):
        return "{ " + ", ".join(f'"{k}" = {_toml(v)}' for k, v in value.items()) + " }"
    if isinstance(value, tuple):
        return "[" + ", ".join(map(_toml, value)) + "]"
    return f"{value:.12g}" if isinstance(value, float) else str(value)
