"""What `tijian init --from` did, as the terminal shows it: carried over, to come anew, to be looked at, what to do next."""

from __future__ import annotations

from pathlib import Path

from rich.console import Group, RenderableType
from rich.text import Text

from ...data.next_year import Begun, NextYearError, begin_year
from ...engine.findings import InputError
from .findings import plain_table
from .session import EXIT_STATE, StoppedError, stopped_by


def begin(folder: Path, source: Path) -> RenderableType:
    """Begin the year after that of ``source`` and tell what was done.

    Raises StoppedError where ``source`` is no sound project or the year cannot be begun from it.
    """
    try:
        return begun_view(begin_year(folder, source))
    except InputError as fault:
        raise stopped_by(fault.findings) from None
    except NextYearError as fault:
        raise StoppedError(str(fault), EXIT_STATE) from None


def begun_view(begun: Begun) -> RenderableType:
    """The new year's folder told from top to bottom; the next steps last, where the eye is."""
    title = Text(f"{begun.year} 年的项目目录：{begun.folder}", style="bold")
    carried = [Text(f"带过来的（{len(begun.carried)} 个文件）：")] + [
        Text(f"  {name}") for name in begun.carried
    ]
    table = plain_table(
        f"要重新收的输入（{len(begun.expected)} 项）", ("表", "left"), ("放到", "left"), ("填报单位", "left")
    )
    for item in begun.expected:
        table.add_row(*(Text(cell) for cell in (item.title, "、".join(item.files), item.provider)))
    parts: list[RenderableType] = [title, *carried, Text(), table]
    if begun.look_at:
        parts += [Text("请核对：", style="yellow"), *(Text(f"  {said}") for said in begun.look_at), Text()]
    return Group(
        *parts, Text("接下来："), *(Text(f"  {n}. {step}") for n, step in enumerate(_steps(begun), 1))
    )


def _steps(begun: Begun) -> tuple[str, ...]:
    folder, year = begun.folder, begun.year
    return (
        f"打开 {folder} 里的 tijian.toml，核对上面列出的各处；指标、标准、计分方案今年有变的在这里改。",
        "改单元名录：今年有拆分、合并、换代码的单元，加“原代码”“占原单元份额”两列写明，上年值才接得上。",
        f"上年的清单部门还有没交回的，收到后运行 tijian track 回收目录 -p {folder} --year {year - 1}。",
        f"运行 tijian forms -p {folder}，写出今年要发的填报表，填报数旁带着上年值；明细表要带上年的各行，先把上年的表复制到"
        f" inputs/{year - 1}/ 再运行。",
        f"表收到后放到上面写的位置，运行 tijian check -p {folder}：最后一段“与上年相比”列出今年变了什么。",
        f"没有错误后运行 tijian run -p {folder}：报告和清单里有与上年的比较和整改复查。",
    )
