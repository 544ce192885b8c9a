"""What a finding's code means (问题代码的说明): ``tijian help-finding``."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from .session import EXIT_USAGE, StoppedError

if TYPE_CHECKING:
    from rich.console import RenderableType

    from ...engine.findings import Kind


def help_finding(
    codes: Annotated[
        list[str] | None, typer.Argument(help="问题代码，可写几个；不写则列出全部", metavar="代码...")
    ] = None,
) -> object:
    """说明问题代码：是错误还是提醒，程序说什么，什么原因，怎么改。

    例：tijian help-finding U003 T010；tijian help-finding
    """
    from rich.console import Group

    from ...engine.findings import catalogue

    known = catalogue()
    asked = [code.upper() for code in codes or ()]
    for code in asked:
        if code not in known:
            raise StoppedError(_unknown(code, list(known)), EXIT_USAGE)
    return Group(*(_kind_view(known[code]) for code in asked)) if asked else _all_view()


def _unknown(code: str, known: list[str]) -> str:
    from ...engine.intake.nearest import Nearest

    near = Nearest(known)(code)
    return (
        f"没有代码 {code}"
        + (f"，相近的有 {'、'.join(near)}" if near else "")
        + "；tijian help-finding 列出全部"
    )


def _kind_view(kind: Kind) -> RenderableType:
    from rich.text import Text

    from ..wording.finding_words import message_in_words
    from .findings import LEVEL_STYLES

    word, style = LEVEL_STYLES[kind.level]
    return Text.assemble(
        (f"{word} {kind.code} ", style), (kind.title, "bold"), f"\n  说明：{message_in_words(kind)}",
        f"\n  原因：{kind.cause}\n  改法：{kind.remedy}\n",
    )  # fmt: skip


def _all_view() -> RenderableType:
    from rich.text import Text

    from ..wording.finding_words import GROUPS, kinds_in_order
    from .findings import LEVEL_STYLES, plain_table

    table = plain_table("", ("代码", "left"), ("类别", "left"), ("级别", "left"), ("问题", "left"))
    for kind in kinds_in_order():
        word, style = LEVEL_STYLES[kind.level]
        table.add_row(kind.code, GROUPS[kind.code[0]], Text(word, style), Text(kind.title))
    return table
