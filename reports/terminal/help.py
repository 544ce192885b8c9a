"""The help pages in Chinese (帮助页): what the command-line library knows of a command, set in two columns.

The library's own pages load rich, which takes longer than all else that ``--help`` does, and cut off what is too long:
Chinese has no blanks to break a line at.
"""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator, Sequence
from functools import partial
from typing import Any
from unicodedata import east_asian_width

from ..widths import display_width
from .usage import bounds, choices, default, kind_of, metavar, usage_line

HELP = "-h, --help", "显示本说明"
KINDS = ("argument", "option")
WIDEST = 100  # of a page: longer lines are hard to read
_INDENT, _GAP = 2, 2
_NAMES = 24  # of the column at the left; what is longer has a line of its own
_SHORT = 16  # choices that stand beside their option
_NEVER_FIRST = "，。；：、！？）》」』”’…,.;:!?)]}"  # of a line
_NEVER_LAST = "（《「『“‘([{"
Row = tuple[str, str]


def help_page(group: Any, first: str, *, styled: bool) -> str:
    """The page of the command ``first`` of ``group`` (as the library made it); of all of it where that is an option.

    Empty where there is no such command: then the library says so. ``styled`` for a terminal, not for a pipe.
    """
    if first.startswith("-"):
        return _page(group, "tijian", styled)
    command = group.commands.get(first)
    return _page(command, f"tijian {first}", styled) if command is not None else ""


def _page(command: Any, path: str, styled: bool) -> str:
    """How a command is written, what it is for, its commands, arguments and options."""
    width = min(shutil.get_terminal_size().columns, WIDEST)
    commands = getattr(command, "commands", {})
    usage = usage_line(path, command) + (f" {command.subcommand_metavar}" if commands else "")
    arguments, options = ([p for p in command.params if p.param_type_name == kind] for kind in KINDS)
    section = partial(_section, width=width, styled=styled)
    parts = [
        _folded("用法：" + usage, width, hanging=_INDENT),
        *(_folded(" ".join(p.split()), width) for p in (command.help or "").split("\n\n")),
        section("命令", [(name, _first(each)) for name, each in commands.items()]),
        section("参数", [_argument(p) for p in arguments]),
        section("选项", [*map(_option, options), HELP]),
        _folded(command.epilog or "", width),
    ]
    return "\n" + "\n\n".join(part for part in parts if part) + "\n"


def _first(command: Any) -> str:
    """What a command is for: the first paragraph of its help."""
    return " ".join((command.help or "").split("\n\n")[0].split())


def _argument(parameter: Any) -> Row:
    return metavar(parameter), _says(parameter, choices(parameter))


def _option(parameter: Any) -> Row:
    """``-y, --year 整数`` and what it is for; few choices stand in place of the kind."""
    names = ", ".join(sorted(parameter.opts, key=len))
    if parameter.is_flag:
        return names, parameter.help or ""
    words = choices(parameter)
    if parameter.metavar or not words:
        return f"{names} {parameter.metavar or kind_of(parameter)}", _says(parameter, words)
    if display_width("|".join(words)) <= _SHORT:
        return f"{names} {'|'.join(words)}", _says(parameter, ())
    return f"{names} 取值", _says(parameter, words)


def _says(parameter: Any, words: tuple[str, ...]) -> str:
    """The help of a parameter with what it may be and what holds without it: ``并行的进程数 [1–64；缺省：2]``."""
    without, _ = default(parameter)
    facts = [
        f"可取：{'、'.join(words)}" if words else "",
        bounds(parameter),
        "必填" if parameter.required else f"缺省：{without}" if without else "",
    ]
    told = "；".join(fact for fact in facts if fact)
    return f"{parameter.help or ''} [{told}]" if told else parameter.help or ""


# ── setting ───────────────────────────────────────────────────────────────────────────────────────────────


def _section(title: str, rows: Sequence[Row], *, width: int, styled: bool) -> str:
    """A heading and its rows in two columns; empty where there are none."""
    if not rows:
        return ""
    fitting = [display_width(name) for name, _ in rows if display_width(name) <= _NAMES]
    left = _INDENT + max(fitting, default=0) + _GAP
    lines = [_in_style(title, "1", styled)]
    for name, says in rows:
        first, *rest = list(lines_of(says, width - left)) or [""]
        padding = left - _INDENT - display_width(name)
        head = " " * _INDENT + _in_style(name, "36", styled)
        lines += [head + " " * padding + first] if padding >= _GAP else [head, " " * left + first]
        lines += [" " * left + line for line in rest]
    return "\n".join(lines)


def _folded(text: str, width: int, hanging: int = 0) -> str:
    """A paragraph in lines of at most ``width`` cells, the others than the first set in by ``hanging``."""
    return f"\n{' ' * hanging}".join(lines_of(text, width - hanging))


def lines_of(text: str, width: int) -> Iterator[str]:
    """``text`` in lines of at most ``width`` cells: broken at blanks and beside Chinese, never within a word that fits."""
    line = ""
    for piece in _pieces(text):
        if line and display_width(line + piece.rstrip()) > width:
            yield line.rstrip()
            line = piece.lstrip()
        else:
            line += piece
        while display_width(line.rstrip()) > width:  # a word longer than a line
            cut = next(n for n in range(len(line), 0, -1) if display_width(line[:n]) <= width or n == 1)
            yield line[:cut]
            line = line[cut:]
    if line:
        yield line.rstrip()


def _pieces(text: str) -> Iterator[str]:
    """The parts of ``text`` between which a line may be broken."""
    piece = ""
    for before, after in zip(" " + text, text, strict=False):
        wide = "WF"
        between = before == " " or east_asian_width(before) in wide or east_asian_width(after) in wide
        if piece and between and after not in " " + _NEVER_FIRST and before not in _NEVER_LAST:
            yield piece
            piece = ""
        piece += after
    yield piece


def _in_style(text: str, how: str, styled: bool) -> str:
    """``text`` in the terminal's style ``how``; as it is where it is piped, or colours are not wanted."""
    return f"\033[{how}m{text}\033[0m" if styled and "NO_COLOR" not in os.environ else text
