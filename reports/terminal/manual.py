"""``tijian manual``: the manual as one printed file (使用手册)."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from .session import must_print


def manual(
    out: Annotated[Path, typer.Option(help="写到哪个文件", metavar="文件")] = Path("使用手册.pdf"),
) -> object:
    """把使用手册印成一个 PDF：快速开始、一年的工作、数据准备、指标编写、计分方法、读懂报告、常见错误、命令参考、项目文件、常见问答。

    例：tijian manual --out 手册.pdf
    """
    must_print()  # before the next imports, which need what is looked for
    from rich.text import Text

    from ... import __version__
    from ..manual.book import manual_folder, print_manual
    from ..writing import write_whole

    printed = print_manual(manual_folder(), __version__)
    write_whole(out, printed.data)
    return Text(f"{out}（{printed.pages} 页）", no_wrap=True, overflow="ignore")
