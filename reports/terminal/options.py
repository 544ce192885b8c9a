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
UnitsOption = Annotated[
    list[str] | None, typer.Option("--unit", help="只出这些单元（名称或代码）的，可多次给出")
]
DepartmentsOption = Annotated[
    list[str] | None,
    typer.Option("--department", help="只出这些牵头单位的，可多次给出；与 --unit 同用，工作簿取交集"),
]
QuietOption = Annotated[bool, typer.Option("--quiet", "-q", help="不显示进度")]

EngineOption = Annotated[
    Literal["duckdb", "spark"], typer.Option(help="Parquet 数据集在哪里算：duckdb 本机，spark 集群")
]
MasterOption = Annotated[
    str,
    typer.Option(help="Spark 主节点，如 spark://主机:7077、local[4]", show_default="按 Spark 自己的配置"),
]

USAGE_ERROR: type[Exception] = typer.BadParameter.__bases__[0]  # the library does not export it
PIPED_WIDTH = 160  # what is piped or saved is searched and copied: paths should not break

Stage = Literal["intake", "measure", "scoring", "analysis", "diagnosis", "lists", "store"]
Format = Literal["text", "json"]


class Level(StrEnum):
    """Levels of units as a user writes them, by our names; an enum because a repeatable option takes no Literal."""

    district = "区级"
    town = "街镇"
    community = "社区"


class RankedLevel(StrEnum):
    """Levels of which there are several units to rank."""

    town = "街镇"
    community = "社区"
