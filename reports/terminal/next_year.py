"""What `tijian init --from` did, as the terminal shows it: carried over, to come anew, to be looked at, what to do next."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from rich.console import Group, RenderableType
from rich.text import Text

from ...data import next_year as stays
from ...data.next_year import Begun, NextYearError, begin_year
from ...engine.findings import InputError
from .findings import plain_table
from .session import EXIT_STATE, StoppedError, stopped_by

STAYS = {  # what was carried over → why it still holds
    stays.SETTINGS: "年份改为 {year}，其余照旧",
    stays.UNITS: "单元和边界。区划没有调整就不变；调整了的，换成新的",
    stays.NAMES: "部门的写法，年年用得上",
    stays.INDICATORS: "本区自己的指标和更改",
    stays.JUDGEMENTS: "专家的判断。重新请专家定权重的，换成新的",
    stays.BUDGET: "可选的项目。已经做了的删去，新提的补上",
    stays.HISTORY: "程序没有算过的年份的值",
    stays.RESULTS: "历年的结果，上年值、清单、部门的答复从这里取",
    stays.CORRECTIONS: "上年的更正是对上年的表写的，只作注释留着",
}
OF_A_YEAR = "是当年的数，上年的已在结果里，作上年值"
COMES = {  # kind of an input → what it is called, why it has to come anew
    "figures": ("填报数", OF_A_YEAR),
    "reported": ("上报值", OF_A_YEAR),
    "records": ("明细", "事物一年里有增有减、状况有变，请在上年各行上改（见下面第 4 步）"),
    "survey": ("问卷", "是当年的答卷"),
    "tickets": ("工单", "是当年的工单"),
    "layer": ("图层", "图上的人口、道路、设施一年里会变，变没变程序看不出。提供单位说没有变的，把上年的文件复制到上面写的位置"),
}  # fmt: skip


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
    carried = [Text(f"带过来的（{len(begun.carried)} 个文件）："), *map(Text, _carried(begun))]
    table = plain_table(
        f"要重新收的输入（{len(begun.expected)} 项）",
        ("表", "left"), ("种类", "left"), ("放到", "left"), ("填报单位", "left"),
    )  # fmt: skip
    for item in begun.expected:
        cells = (item.title, _kind(item.kind), "、".join(item.files), item.provider)
        table.add_row(*(Text(cell) for cell in cells))
    parts: list[RenderableType] = [title, *carried, Text(), table, *map(Text, _why(begun)), Text()]
    if begun.look_at:
        parts += [Text("请核对：", style="yellow"), *(Text(f"  {said}") for said in begun.look_at), Text()]
    return Group(
        *parts, Text("接下来："), *(Text(f"  {n}. {step}") for n, step in enumerate(_steps(begun), 1))
    )


def _carried(begun: Begun) -> Iterator[str]:
    """A line for each kind of thing that was carried over: its files, and why they still hold."""
    for what, why in STAYS.items():
        files = [held.file for held in begun.carried if held.what == what]
        if files:
            yield f"  {'、'.join(files)}：{why.format(year=begun.year)}"


def _kind(kind: str) -> str:
    return COMES[kind][0] if kind in COMES else ""


def _why(begun: Begun) -> Iterator[str]:
    """A line for each kind of input that has to come anew, saying why."""
    there = {item.kind for item in begun.expected}
    if there & COMES.keys():
        yield "为什么要重新收："
    names: dict[str, list[str]] = {}  # by what is to be said of them
    for kind, (name, why) in COMES.items():
        if kind in there:
            names.setdefault(why, []).append(name)
    yield from (f"  {'、'.join(called)}：{why}" for why, called in names.items())
    if "layer" in there and any(held.what == stays.UNITS for held in begun.carried):
        yield "  单元名录和单元的边界说的是单元本身，不是某一年的情况，所以带过来了"


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
