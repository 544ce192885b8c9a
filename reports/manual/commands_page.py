"""命令参考: every command of the command line, read from the command line itself."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from ..terminal.usage import bounds, choices, default, kind_of, metavar, usage_line
from .markdown import escaped, table

_HEAD = """# 命令参考

本章由程序生成（`make docs`），请勿手改。每条命令的说明也可以在电脑上看，如 `tijian run --help`。

除 `init`、`sample` 等另写目录的以外，命令都在项目目录里运行，或用 `-p 目录` 指明项目目录。带“……”的可以写几个。名称里有空格的，用引号
括起来。
"""


def commands_page(group: Any) -> str:
    """The chapter as Markdown; ``group`` is the command line as its library made it (``typer.main.get_command``)."""
    parts = [_HEAD, *(_section(name, command) for name, command in group.commands.items())]
    return "\n".join([*parts, _common(group)])


def _section(name: str, command: Any) -> str:
    """One command: what it is for, how it is written, what it takes, an example."""
    about, _, example = (command.help or "").partition("例：")
    paragraphs = [
        f"## tijian {name}",
        *(escaped(" ".join(p.split())) for p in about.split("\n\n") if p.strip()),
    ]
    paragraphs.append(f"```text\n{usage_line('tijian ' + name, command)}\n```")
    arguments = [p for p in command.params if p.param_type_name == "argument"]
    options = [p for p in command.params if p.param_type_name == "option"]
    if arguments:
        paragraphs.append(
            table(("参数", "写什么", "不写时", "说明"), (_row(p, metavar(p)) for p in arguments))
        )
    if options:
        rows = (_row(p, "、".join(f"`{o}`" for o in sorted(p.opts, key=len, reverse=True))) for p in options)
        paragraphs.append(table(("选项", "写什么", "不写时", "说明"), rows))
    if example:
        lines = [line.strip() for part in example.split("；") for line in part.split("\n") if line.strip()]
        paragraphs.append("例：\n\n```console\n" + "\n".join(lines) + "\n```")
    return "\n\n".join(paragraphs) + "\n"


def _row(parameter: Any, name: str) -> tuple[str, str, str, str]:
    return name, _takes(parameter), _default(parameter), escaped(parameter.help or "")


def _takes(parameter: Any) -> str:
    """What is to be written: the choices, a number with its bounds, a text."""
    if getattr(parameter, "is_flag", False):
        return "不带值"
    if words := choices(parameter):
        return "、".join(f"`{word}`" for word in words)
    limits = bounds(parameter)
    return kind_of(parameter) + (f"{'，' if limits.startswith('不') else ' '}{limits}" if limits else "")


def _default(parameter: Any) -> str:
    """What holds when it is left out."""
    if parameter.required:
        return "必填"
    text, literal = default(parameter)
    return f"`{text}`" if literal else escaped(text)


def _common(group: Any) -> str:
    """The options of the command as a whole, and the exit codes that its help tells."""
    rows = [_row(p, "、".join(f"`{o}`" for o in p.opts)) for p in group.params]
    codes = list(_exit_codes(group.epilog or ""))
    return "\n\n".join((
        "## 共有的选项",
        table(("选项", "写什么", "不写时", "说明"), [*rows, ("`--help`、`-h`", "不带值", "", "显示说明；写在命令后面则说明那条命令")]),
        "## 退出码",
        "命令结束时交给系统的数，写脚本时用得着。中途按 Ctrl-C 的是 130，原有结果未动。",
        table(("退出码", "意思"), codes),
    )) + "\n"  # fmt: skip


def _exit_codes(epilog: str) -> Iterator[tuple[str, str]]:
    """``退出码：0 完成；1 输入数据有错误；…`` as rows."""
    for part in epilog.partition("：")[2].rstrip("。").split("；"):
        code, _, meaning = part.partition(" ")
        yield code, escaped(meaning)
