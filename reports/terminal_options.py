"""The command line's options that several commands share, and the words an option may take (命令行选项).

Imported by every command, ``--help`` too: nothing heavy may be loaded here.
"""

from __future__ import annotations

from enum import StrEnum
from pathlib import Path
from typing import Annotated, Literal

import typer

ProjectOption = Annotated[
    Path, typer.Option("--project", "-p", help="体检项目目录（含 tijian.toml）", show_default="当前目录")
]
YearOption = Annotated[int | None, typer.Option("--year", "-y", help="年份", show_default="项目文件中的年份")]
QuietOption = Annotated[bool, typer.Option("--quiet", "-q", help="不显示进度")]


Stage = Literal["intake", "measure", "scoring", "diagnosis", "lists", "store"]
Format = Literal["text", "json"]


class Level(StrEnum):
    """Levels of report; an enum because a repeatable option takes no Literal."""

    district = "district"
    town = "town"
    community = "community"
