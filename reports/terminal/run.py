"""What a run says on the terminal: its progress (进度), and what it came to (运行小结)."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager, nullcontext

import polars as pl
from rich.console import Console, Group, RenderableType
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TaskID, TextColumn, TimeElapsedColumn
from rich.text import Text

from ...engine.evidence import Elsewhere
from ...engine.results import LEVEL_NAMES, LEVELS, SEVERITIES, Results
from ...engine.settings.project import FILE_NAME
from ...engine.spark.session import spark
from ...engine.storage.record import contents_digest
from ...engine.storage.unchanged import (
    DEFINITIONS,
    FILES,
    OWN_DEFINITIONS,
    PROGRAM,
    RETURNED,
    SETTINGS,
    YEARS,
    Change,
)
from ..tables.targets import targets_said
from .findings import plain_table
from .session import EXIT_USAGE, StoppedError

TOLD_EVERY = 25
STAGE_NAMES = {
    "intake": "读取数据", "measure": "计算指标", "scoring": "计分", "analysis": "分析", "diagnosis": "诊断", "lists": "生成清单",
    "store": "保存结果", "report": "生成报告", "workbook": "生成工作簿", "forms": "写填报表", "sample": "生成演示数据",
}  # fmt: skip


def progress_display(console: Console, *, quiet: bool) -> Progress:
    """The display, one line per stage; a context manager."""
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn(),
               TextColumn("{task.fields[what]}"))  # fmt: skip
    return Progress(*columns, console=console, disable=quiet)


def teller(display: Progress) -> Callable[[str, int, int, str], None]:
    """(stage, done, total, what is being done) → the stage's line of ``display``."""
    tasks: dict[str, TaskID] = {}

    def tell(stage: str, done: int, total: int, what: str) -> None:
        if stage not in tasks:
            tasks[stage] = display.add_task(STAGE_NAMES.get(stage, stage), total=total, what="")
        display.update(tasks[stage], completed=done, total=max(total, 1), what=what)
        if (
            not display.console.is_terminal
            and not display.disable
            and total >= TOLD_EVERY
            and done % TOLD_EVERY == 0
        ):
            display.console.print(
                f"{STAGE_NAMES.get(stage, stage)} {done}/{total}"
            )  # a log shows no moving bar

    return tell


def where_to_query(engine: str, master: str) -> AbstractContextManager[Elsewhere | None]:
    """Where data sets are queried: None for here. Raises StoppedError where a master is named without Spark."""
    if engine == "spark":
        return spark(master)
    if master:
        raise StoppedError("--master 要与 --engine spark 同用", EXIT_USAGE)
    return nullcontext()


def run_summary(frames: dict[str, pl.DataFrame], units: pl.DataFrame, year: int) -> RenderableType:
    """One table over the levels; a run stopped early shows what it got to."""
    table = plain_table(
        f"{year} 年体检", ("层级", "left"), ("单元", "right"), ("有值", "right"), ("已计分", "right"), ("综合得分", "right"),
        ("问题 " + "／".join(SEVERITIES), "right"), ("优势", "right"),
    )  # fmt: skip
    for level in LEVELS:
        here = units.filter(pl.col("level") == level)
        table.add_row(
            LEVEL_NAMES[level],
            str(here.height),
            _count(frames, "measurements", level, "value"),
            _count(frames, "scores", level, "score"),
            _scores(frames, level),
            _severities(frames, level),
            _count(frames, "strengths", level, "indicator"),
        )
    ledger = frames.get("ledger")
    lines = [Text(f"问题台账 {ledger.height:,} 行")] if ledger is not None and ledger.height else []
    if "targets" in frames:
        rows = frames["targets"].filter(pl.col("level") == "district").to_dicts()
        lines += [Text(said)] if (said := targets_said(rows)) else []
    return Group(table, *lines)


WHAT_CHANGED = {
    PROGRAM: "程序（tijian 或它所用的库）", SETTINGS: FILE_NAME, DEFINITIONS: "随程序的指标定义", OWN_DEFINITIONS: "本区的指标定义",
    FILES: "项目里的文件", YEARS: "往年的结果", RETURNED: "回收的整改表",
}  # fmt: skip
NAMED = 3  # files named of one kind; the rest are counted


def changed_line(changes: Sequence[Change]) -> Text:
    """What changed since the last run, so that this one calculates: one line."""
    said = "；".join(_changed(change) for change in changes)
    return Text(f"自上次运行后变化：{said}。重新计算。")


def _changed(change: Change) -> str:
    """``项目里的文件（新增 a.xlsx，改动 b.xlsx、c.xlsx 等 5 个）``, ``回收的整改表（1 份）``."""
    word = WHAT_CHANGED[change.kind]
    if change.kind == RETURNED:
        return f"{word}（{len(change.new)} 份）" if change.new else word
    year = " 年" if change.kind == YEARS else ""
    parts = [
        f"{how} {'、'.join(f'{name}{year}' for name in names[:NAMED])}{f' 等 {len(names)} 个' if len(names) > NAMED else ''}"
        for how, names in (("新增", change.new), ("改动", change.other), ("少了", change.gone))
        if names
    ]
    return f"{word}（{'，'.join(parts)}）" if parts else word


def unchanged_summary(results: Results) -> RenderableType:
    """What is there already, where a run would come to the same."""
    frames = {
        name: getattr(results, name)
        for name in (
            "measurements",
            "scores",
            "totals",
            "problem_list",
            "shortfalls",
            "strengths",
            "ledger",
            "targets",
        )
    }
    said = f"输入、指标定义和程序都没有变化：沿用运行编号 {results.run_id} 的结果，没有重新计算。"
    digest = f"结果摘要 {contents_digest(results)}：同样的输入、同一版程序，在哪台机器上算都应是它。"
    return Group(run_summary(frames, results.units, results.year), Text(said, style="bold"), Text(digest))


def _count(frames: dict[str, pl.DataFrame], name: str, level: str, column: str) -> str:
    if name not in frames:
        return ""
    rows = frames[name].filter(pl.col("level") == level)
    return f"{rows.height - rows[column].null_count():,}"


def _scores(frames: dict[str, pl.DataFrame], level: str) -> str:
    """The district's score, or the range of a level's."""
    if "totals" not in frames:
        return ""
    scores = frames["totals"].filter(pl.col("level") == level)["score"].drop_nulls()
    if scores.is_empty():
        return "—"
    low, high = float(scores.to_numpy().min()), float(scores.to_numpy().max())
    return f"{high:.1f}" if len(scores) == 1 else f"{low:.1f}–{high:.1f}"


def _severities(frames: dict[str, pl.DataFrame], level: str) -> str:
    if "shortfalls" not in frames:
        return ""
    found = frames["shortfalls"].filter(pl.col("level") == level)["severity"]
    return "／".join(f"{int((found == s).sum()):,}" for s in SEVERITIES)
