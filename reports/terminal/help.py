"""The help pages in Chinese (帮助页): the command-line library's own words, and lines that are never cut off.

The library keeps its texts as attributes of its help module; :func:`speak_chinese` sets them. Import this only
when help will be shown: it loads rich.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import typer
import typer.rich_utils as words
from rich.console import Group
from rich.table import Table

from .usage import PANELS

_Formatter: Any = typer.Context.formatter_class  # the library does not export the class


class FoldingTable(Table):
    """A table that breaks long words: Chinese has no blanks to break a line at, and would be cut off."""

    def __rich_console__(self, console: Any, options: Any) -> Iterator[Any]:
        """The table's lines."""
        for column in self.columns:
            column.overflow = "fold"
        yield from super().__rich_console__(console, options)


def _below_each_other(parts: list[Any]) -> Group:
    """The parts of an option's text, each on its own line: side by side, they too would be cut off."""
    return Group(*parts)


class ChineseFormatter(_Formatter):
    """Writes the usage line."""

    def write_usage(self, prog: str, args: str = "", prefix: str | None = None) -> None:
        """As the library does, in Chinese."""
        super().write_usage(prog, args, prefix or "用法：")


def speak_chinese(group: Any) -> None:
    """Give the help pages of ``group`` and its commands (as the library made them) their Chinese words."""
    for name, text in PANELS.items():
        setattr(words, name, text)
    words.Table = FoldingTable  # type: ignore[misc]
    words.Columns = _below_each_other  # type: ignore[misc, assignment]
    for command in (group, *group.commands.values()):
        command.context_class.formatter_class = ChineseFormatter
        command.options_metavar = "[选项]"
        context = typer.Context(command, help_option_names=["-h", "--help"])
        command.get_help_option(context).help = "显示本说明"
