"""The loop on the terminal (整改跟踪): what departments sent back this year, and what became of last year's problems."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

import polars as pl
from rich.console import Group, RenderableType
from rich.text import Text

from ...engine.findings import Findings
from ...engine.results import MENDED, STATES, Results
from ...engine.track import ALL, IN_TIME, due_date
from ..numbers import percent
from ..tables.table import LIST_MARK
from ..view import View
from ..wording.review_said import completion_said, disputed_said, new_said
from .findings import findings_view, plain_table

LATE_SHOWN = 10


def taken_view(results: Results, taken: int, findings: Findings, today: date) -> RenderableType:
    """What was just taken in: how many rows, what was odd about them, and where the returns stand now."""
    told = [findings_view(findings, closing=False)] if len(findings) else []
    said = (
        f"收到 {results.year} 年整治建议的答复 {taken} 条，已存入结果库。"
        if taken
        else "这些工作簿里没有新的答复，已存的没有改动。"
    )
    return Group(*told, Text(said, style="bold"), *_returns(results, today))


def track_view(results: Results, today: date) -> RenderableType:
    """How last year's problems were judged, then what was returned of this year's remedies; a sentence where neither is."""
    parts = [*_reviews(results), *(_returns(results, today) if results.returned.height else ())]
    if not parts:
        said = f"{results.year} 年没有可复查的上年问题，本年的整治建议也还没有收到答复；收到后用 tijian track 回收目录 读入。"
        return Text(said)
    return Group(*parts)


# ── what came back ────────────────────────────────────────────────────────────────────────────────────────


def answers(results: Results, today: date) -> pl.DataFrame:
    """Every remedy of the year with what was returned of it (``said`` null: nothing) and whether it is ``late`` today.

    Late is what must be done by a date that has passed without its being reported as done, or was done after it.
    """
    back = results.returned.select("id", "done_date", said="status")
    due = due_date(pl.col("due"))
    finished = (pl.col("said") == MENDED).fill_null(False)
    after = (pl.col("done_date") > due).fill_null(False)
    late = (pl.col("treatment") == IN_TIME) & (((due < today) & ~finished) | (finished & after)).fill_null(
        False
    )
    return results.remedy_list.join(back, on="id", how="left", maintain_order="left").with_columns(late=late)


def _returns(results: Results, today: date) -> list[RenderableType]:
    rows = answers(results, today)
    split = rows.explode("lead").drop_nulls("lead")
    table = plain_table(
        f"{results.year} 年整治建议的答复", ("牵头单位", "left"), ("应答复", "right"), ("已答复", "right"),
        *((state, "right") for state in STATES), ("逾期", "right"),
    )  # fmt: skip
    held = {key[0]: part for key, part in split.partition_by("lead", as_dict=True).items()}
    for department in View(results).departments:
        if department in held:
            table.add_row(department, *_line(held[department]))
    table.add_row(ALL, *_line(rows), style="bold")
    senders = {name for sent in results.returned["department"].drop_nulls() for name in sent.split(LIST_MARK)}
    silent = [d for d in View(results).departments if d in held and d not in senders]
    lines = (
        [Text("多家牵头的，各家都计一次；合计不重复计。", style="dim")] if split.height > rows.height else []
    )
    if silent:
        lines.append(Text(f"还没有返回的 {len(silent)} 家：{'、'.join(silent)}"))
    return [table, *lines, *_late(results, rows)]


def _line(rows: pl.DataFrame) -> list[str]:
    said = rows["said"]
    counts = [int((said == state).sum()) for state in STATES]
    return [str(n) for n in (rows.height, rows.height - said.null_count(), *counts, int(rows["late"].sum()))]


def _late(results: Results, rows: pl.DataFrame) -> list[RenderableType]:
    """The first late ones by priority, and how many more."""
    late = rows.filter("late").sort("priority", "id", descending=[True, False])
    if late.is_empty():
        return []
    view = View(results)
    table = plain_table(
        "逾期的限时解决问题", ("编号", "left"), ("所在单元", "left"), ("时限", "left"), ("答复", "left"), ("牵头单位", "left")
    )  # fmt: skip
    for row in late.head(LATE_SHOWN).iter_rows(named=True):
        table.add_row(
            row["id"], view.name(row["unit"]), row["due"], row["said"] or "未答复", "、".join(row["lead"])
        )
    rest = late.height - LATE_SHOWN
    return [table, *([Text(f"…另有 {rest} 条逾期", style="dim")] if rest > 0 else [])]


# ── what became of last year's problems ───────────────────────────────────────────────────────────────────


def _reviews(results: Results) -> list[RenderableType]:
    """How much of last year's problems is mended: in all, by town and by lead department."""
    completion = results.completion
    if completion.is_empty():
        return []
    view = View(results)
    whole = completion.filter((pl.col("unit") == view.district) & pl.col("department").is_null()).to_dicts()
    rows = results.reviews.to_dicts()
    said = completion_said({row["treatment"]: row for row in whole}, results.year, "")
    each = completion.filter(pl.col("treatment") == ALL)
    towns = each.filter(pl.col("level") == "town").to_dicts()
    departments = (
        each.drop_nulls("department").sort("listed", "department", descending=[True, False]).to_dicts()
    )
    tables = [
        _table(title, noun, [(name(row), row) for row in found])
        for title, noun, found, name in (
            ("各街镇", "街镇", towns, lambda r: view.name(r["unit"])),
            ("各牵头单位", "牵头单位", departments, lambda r: r["department"]),
        )
        if found
    ]
    return [Text(said + disputed_said(rows) + new_said(rows)), *tables]


def _table(title: str, noun: str, rows: Sequence[tuple[str, dict[str, object]]]) -> RenderableType:
    table = plain_table(
        f"{title}上年度问题的复查结果", (noun, "left"), ("应整治", "right"), ("已整改", "right"), ("部分整改", "right"),
        ("未整改", "right"), ("无法复查", "right"), ("逾期", "right"), ("完成率", "right"),
    )  # fmt: skip
    for name, row in rows:
        counts = (str(row[key]) for key in ("listed", "mended", "partly", "not_mended", "unclear", "late"))
        rate = row["rate"]
        table.add_row(name, *counts, percent(rate if isinstance(rate, float) else None, 1))
    return table
