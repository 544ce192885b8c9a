"""The command line's own words in Chinese (命令行用语): what a command takes, and what is wrong with one as typed.

For the help pages and the manual's chapter of commands, which say the same. Imported by ``--help``: nothing heavy.
"""

from __future__ import annotations

from enum import Enum
from pathlib import Path
from typing import Any, Literal, get_args, get_origin

_TYPES = {int: "整数", float: "数", str: "文字", Path: "路径"}


def usage_line(path: str, command: Any) -> str:
    """How a command is written: ``tijian compare [选项] 单元……``."""
    arguments = (p for p in command.params if p.param_type_name == "argument")
    named = (metavar(p) if p.required else f"[{metavar(p)}]" for p in arguments)
    return " ".join((path, "[选项]", *named))


def metavar(argument: Any) -> str:
    """What stands for an argument; ``……`` where several may be given."""
    words = str(argument.metavar or argument.name).rstrip(".…")
    return f"{words}……" if argument.nargs == -1 else words


def choices(parameter: Any) -> tuple[str, ...]:
    """The words a parameter may be; none where it is free."""
    kind = _bare(parameter.type_descriptor.annotation)
    if get_origin(kind) is Literal:
        return get_args(kind)
    if isinstance(kind, type) and issubclass(kind, Enum):
        return tuple(choice.value for choice in kind)
    return ()


def kind_of(parameter: Any) -> str:
    """``整数``, ``数``, ``文字`` or ``路径``; of a parameter without choices that is no flag."""
    return _TYPES[_bare(parameter.type_descriptor.annotation)]


def bounds(parameter: Any) -> str:
    """``1–64``, ``不小于 0``; empty where there are none."""
    low, high = (None if bound is None else f"{bound:.12g}" for bound in (parameter.min, parameter.max))
    if low is None or high is None:
        return f"不小于 {low}" if low is not None else f"不大于 {high}" if high is not None else ""
    return f"{low}–{high}"


def default(parameter: Any) -> tuple[str, bool]:
    """What holds when it is left out (empty: nothing), and whether that could be typed as it stands."""
    if isinstance(parameter.show_default, str):
        return parameter.show_default, False
    if getattr(parameter, "is_flag", False) or parameter.default in (None, "", ()):
        return "", False
    return str(parameter.default), True


def _bare(annotation: Any) -> Any:
    """``list[X] | None`` → ``X``."""
    while get_origin(annotation) not in (None, Literal):
        annotation = next(a for a in get_args(annotation) if a is not type(None))
    return annotation


def usage_text(fault: Exception) -> str:
    """What is wrong with the command as typed, from the command-line library's exception."""
    kinds = [c.__name__ for c in type(fault).__mro__]
    name = str(getattr(fault, "option_name", "") or getattr(fault, "param_hint", "") or _parameter(fault))
    if "NoSuchOption" in kinds:
        near = getattr(fault, "possibilities", None)
        return f"没有选项 {name}" + (f"；相近的有 {'、'.join(sorted(near))}" if near else "")
    if "NoSuchCommand" in kinds or "No such command" in str(fault):
        return "没有这个命令；用 tijian --help 列出全部命令"
    if "MissingParameter" in kinds:
        return f"缺少 {name}" if name else "缺少参数"
    if "BadParameter" in kinds:
        return f"{name} 的值不对：{_choices(str(getattr(fault, 'message', fault)))}"
    if "BadOptionUsage" in kinds:
        return f"选项 {name} 后面要跟一个值"
    return str(getattr(fault, "message", fault))


def _parameter(fault: Exception) -> str:
    """The argument or option the fault is about, as the user knows it."""
    parameter = getattr(fault, "param", None)
    if parameter is None:
        return ""
    return str(
        getattr(parameter, "metavar", None) or (getattr(parameter, "opts", None) or [""])[0] or parameter.name
    )


def _choices(message: str) -> str:
    """The library's sentence about allowed values, in Chinese where its form is known."""
    text = message.removeprefix("Value error, ").rstrip(".")
    for english, chinese in ((" is not one of ", " 不在可选值中，可选："), ("Input should be a valid integer, unable to parse string as an integer", "应为整数"),
                             ("Input should be a valid number, unable to parse string as a number", "应为数"),
                             ("Input should be greater than or equal to", "应不小于"), ("Input should be less than or equal to", "应不大于")):  # fmt: skip
        text = text.replace(english, chinese)
    return text
