"""The loop on the terminal (整改跟踪): what departments sent back this year, and what became of last year's problems."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date

import polars as pl
from rich.console import Group, RenderableType
from rich.text import Text

from ...engine.findings import Findings
from ...engine.results import MENDED, STATES, Results
from ...engine.review.closing import Taken
from ...engine.review.track import ALL, IN_TIME, answered, due_date
from ..numbers import percent
from ..tables.table import LIST_MARK
from ..view import View
from ..wording.review_said import completion_said, disputed_said, new_said
from .findings import findings_view, plain_table

LATE_SHOWN = 10


def taken_view(results: Results, taken: Taken, findings: Findings, today: date) -> RenderableType:
    """What was just taken in: how much of it is new, what was odd about it, and where the returns stand altogether."""
    told = [findings_view(findings, closing=False)] if len(findings) else []
    parts = ((taken.new, "新的答复"), (taken.other, "改了的答复"))
    news = "、".join(f"{word} {n} 条" for n, word in parts if n)
    rest = "、".join(
        f"{word} {n} 条"
        for n, word in ((taken.same, "与已存的一样的"), (taken.blank, "一个字没填、不算答复的"))
        if n
    )
    said = (
        f"本次收到 {results.year} 年整治建议{news}，已存入结果库"
        if news
        else f"这些工作簿里没有 {results.year} 年整治建议的新答复，已存的没有改动"
    )
    said += f"；另有{rest}。" if rest else "。"
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
    """Every remedy of the year with what was answered (``said`` null: nothing), ``by`` whom, and whether it is ``late`` today.

    Late is what must be done by a date that has passed without its being reported as done, or was done after it.
    """
    back = results.returned.filter(answered()).select(
        "id", "done_date", said="status", by=pl.col("department").str.split(LIST_MARK)
    )
    due = due_date(pl.col("due"))
    finished = (pl.col("said") == MENDED).fill_null(False)
    after = (pl.col("done_date") > due).fill_null(False)
    late = (pl.col("treatment") == IN_TIME) & (((due < today) & ~finished) | (finished & after)).fill_null(
        False
    )
    return results.remedy_list.join(back, on="id", how="left", maintain_order="left").with_columns(late=late)


def by_department(rows: pl.DataFrame) -> pl.DataFrame:
    """The rows of :func:`answers` once for every lead department, with ``said`` where it is that department's answer.

    It is where the department changed something in the row itself, or the first of the row's leads did.
    """
    split = rows.with_columns(first=pl.col("lead").list.first()).explode("lead").drop_nulls("lead")
    own = pl.col("by").list.contains(pl.col("lead")) | pl.col("by").list.contains(pl.col("first"))
    return split.with_columns(said=pl.when(own).then("said"))


def _returns(results: Results, today: date) -> list[RenderableType]:
    """How the year's remedies stand: in all, department by department, who has said nothing, and what is late."""
    rows = answers(results, today)
    split = by_department(rows)
    table = plain_table(
        f"{results.year} 年整治建议的答复", ("牵头单位", "left"), ("应答复", "right"), ("已答复", "right"), ("未答复", "right"),
        *((state, "right") for state in STATES), ("逾期", "right"),
    )  # fmt: skip
    held = {str(key[0]): part for key, part in split.partition_by("lead", as_dict=True).items()}
    departments = [name for name in View(results).departments if name in held]
    for department in departments:
        table.add_row(department, *_line(held[department]))
    table.add_row(ALL, *_line(rows), style="bold")
    lines = [Text(said) for said in _standing(results, rows, {name: held[name] for name in departments})]
    if split.height > rows.height:
        shared = (
            "几家牵头的，各家都计一次，合计不重复计：排在第一的答复了，各家都算；别家答复的，只算它自己的。"
        )
        lines.append(Text(shared, style="dim"))
    return [table, *lines, *_late(results, rows)]


def _standing(results: Results, rows: pl.DataFrame, held: Mapping[str, pl.DataFrame]) -> list[str]:
    """How much is answered altogether, by how many departments all of it, some or nothing; then who has answered nothing."""
    open_rows = rows["said"].null_count()
    missing = {name: part["said"].null_count() for name, part in held.items()}
    silent = [name for name, part in held.items() if missing[name] == part.height]
    whole = sum(n == 0 for n in missing.values())
    some = len(held) - whole - len(silent)
    counts = ((whole, "全部答复了"), (some, "答复了一部分"), (len(silent), "一条也没有答复"))
    said = (
        f"到目前为止：应答复 {rows.height} 条，已答复 {rows.height - open_rows} 条，还没有答复 {open_rows} 条；"
        f"{len(held)} 家牵头单位里，{'、'.join(f'{n} 家{word}' for n, word in counts if n)}。"
    )
    if not silent:
        return [said]
    blank = results.returned.filter(~answered())["department"].drop_nulls()
    sent = {name for senders in blank for name in senders.split(LIST_MARK)}
    back = [name for name in silent if name in sent]
    note = f"（其中{LIST_MARK.join(back)}交回的表一个字没有填）" if back else ""
    return [said, f"一条也没有答复的{len(silent)}家：{LIST_MARK.join(silent)}{note}。"]


def _line(rows: pl.DataFrame) -> list[str]:
    said = rows["said"]
    counts = [int((said == state).sum()) for state in STATES]
    silent = said.null_count()
    return [str(n) for n in (rows.height, rows.height - silent, silent, *counts, int(rows["late"].sum()))]


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
