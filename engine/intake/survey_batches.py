"""Answers pasted twice (重复粘贴的答卷) and answers given without reading (一路到底的答卷).

Two people may answer alike, so an answer is counted once only where the serial number began again before it (another
batch was pasted below the first) and its whole row, but for the serial number, stood in an earlier batch. Whole rows
are compared as they stand in the file, with the time of submission and whatever else the platform keeps. Other copies,
rows in the same order as further up, are told and stay.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from itertools import pairwise
from pathlib import Path

import polars as pl

from ..findings import Findings, Place
from ..settings.project import Input
from ..survey.profile import seconds_of, understood
from .sheets.grid import as_text, read_grids
from .sheets.headers import find_header

COPIED_BLOCK = 2  # so many rows in the order of rows further up are a copy; one alone may be chance
SAME_ANSWERS, HASTY_SECONDS = 10, 60
RANGES_SHOWN = 5


def with_batches(frame: pl.DataFrame, path: Path, item: Input) -> pl.DataFrame:
    """``frame`` (one row per answer, in the order of the file) with ``_batch`` (from 0; another begins with another
    sheet and where the serial number falls), ``_same`` (the serial number stood in an earlier batch), ``_again`` (the
    whole row did) and ``_copied`` (part of a block that stands further up in the same batch).
    """
    serial = (
        pl.col(item.key or "").cast(pl.Int64, strict=False) if item.key in frame.columns else pl.lit(None)
    )
    begins = (pl.col("_serial") < pl.col("_serial").shift(1)).fill_null(False)
    other_sheet = (pl.col("_sheet") != pl.col("_sheet").shift(1)).fill_null(False)
    batched = (
        frame.join(_contents(path, item), on=["_sheet", "_row"], how="left", maintain_order="left")
        .with_columns(_serial=serial, _at=pl.int_range(pl.len()))
        .with_columns(_batch=(begins | other_sheet).cum_sum())
    )
    first = pl.col("_batch").min().over("_content")
    earlier = pl.col("_at").min().over("_content", "_batch")
    return (
        batched.with_columns(
            _same=(pl.col("_batch").min().over("_serial") < pl.col("_batch"))
            & pl.col("_serial").is_not_null(),
            _again=((first < pl.col("_batch")) & pl.col("_content").is_not_null()).fill_null(False),
            _back=pl.when(pl.col("_content").is_not_null()).then(pl.col("_at") - earlier),
        )
        .with_columns(_copied=~pl.col("_again") & (pl.col("_back") > 0).fill_null(False))
        .with_columns(_copied=pl.col("_copied") & (_run_length() >= COPIED_BLOCK))
        .drop("_content", "_serial", "_at", "_back")
    )


def report_batches(frame: pl.DataFrame, item: Input, findings: Findings, *, once: bool) -> pl.DataFrame:
    """The answers that count: S003 for each batch pasted below the first, S004 for copies that stay.

    With ``once`` the answers of a pasted batch that stood above already are left out.
    """
    header = item.columns.get(item.key or "", "")
    for (_, sheet, batch), rows in frame.group_by("_file", "_sheet", "_batch", maintain_order=True):
        begins = rows.row(0, named=True)
        place = Place(begins["_file"], str(sheet), begins["_row"], header)
        again = rows.filter("_again")
        if batch and (rows["_same"].any() or again.height):
            done = "内容也完全相同，只计一次" if once else "内容也完全相同，按项目设置保留"
            copies = f"；第 {ranges(again['_row'])} 行共 {again.height} 份{done}" if again.height else ""
            findings.add("S003", place, value=begins.get(item.key or "") or "", count=int(rows["_same"].sum()),
                         copies=copies, expected="每份答卷一个序号")  # fmt: skip
        copied = rows.filter("_copied")
        if copied.height:
            at = place.at(row=copied["_row"][0], column="")
            findings.add(
                "S004", at, value=copied.height, rows=ranges(copied["_row"]), expected="每份答卷一行"
            )
    kept = frame.filter(~pl.col("_again")) if once else frame
    return kept.drop("_batch", "_same", "_again", "_copied")


def report_careless(frame: pl.DataFrame, item: Input, findings: Findings) -> None:
    """S005 for answers that are the same on every question, ten or more, given in under a minute where that is known."""
    asked = [q for q in item.questions if q in frame.columns]
    if len(asked) < SAME_ANSWERS:
        return
    given = pl.concat_list(asked).list.drop_nulls()
    seconds = understood(frame, "seconds", seconds_of, pl.Float64)
    straight = (given.list.len() >= SAME_ANSWERS) & (given.list.n_unique() == 1)
    found = frame.filter(straight & (seconds.is_null() | (seconds < HASTY_SECONDS)))
    if found.is_empty():
        return
    hasty = f"、用时不到 {HASTY_SECONDS} 秒" if "seconds" in frame.columns else ""
    for (file, sheet), rows in found.group_by("_file", "_sheet", maintain_order=True):
        all_here = frame.filter(pl.col("_file") == file, pl.col("_sheet") == sheet).height
        findings.add("S005", Place(str(file), str(sheet), rows["_row"][0]), value=rows.height, hasty=hasty,
                     share=f"{rows.height / all_here:.1%}", rows=ranges(rows["_row"]), expected="逐题作答")  # fmt: skip


def ranges(rows: Iterable[int]) -> str:
    """Row numbers in ascending order as ranges: ``906–1044、1050``."""
    numbers = list(rows)
    if not numbers:
        return ""
    cuts = [i for i, (a, b) in enumerate(pairwise(numbers), 1) if b != a + 1]
    spans = [numbers[a:b] for a, b in pairwise([0, *cuts, len(numbers)])]
    shown = [str(s[0]) if len(s) == 1 else f"{s[0]}–{s[-1]}" for s in spans[:RANGES_SHOWN]]
    return "、".join(shown) + ("等" if len(spans) > RANGES_SHOWN else "")


def _run_length() -> pl.Expr:
    """For each row, how many rows without a break stand as far below their original as this one."""
    run = (pl.col("_copied", "_back") != pl.col("_copied", "_back").shift(1)).fill_null(True)
    return pl.len().over(pl.any_horizontal(run).cum_sum())


def _contents(path: Path, item: Input) -> pl.DataFrame:
    """_sheet, _row, _content: each row of the file as it stands, without its serial number; blank rows have none."""
    serial = item.columns.get(item.key or "", "")
    rows: list[tuple[str, int, str]] = []
    for grid in read_grids(path, Findings(), shown_as=path.name, sheet=item.sheet):
        header = find_header(grid, [serial]) if serial else None
        skip = set(header.find(serial)) if header is not None else set()
        rows += [
            (grid.sheet, number, text)
            for number, row in enumerate(grid.rows, 1)
            if (text := _content(row, skip))
        ]
    schema = {"_sheet": pl.String, "_row": pl.Int64, "_content": pl.String}
    return pl.DataFrame(rows, schema=schema, orient="row")


def _content(row: Sequence[object], skip: set[int]) -> str:
    """A row's cells in one text; "" when nothing is in it."""
    cells = ["" if at in skip else as_text(cell).strip() for at, cell in enumerate(row)]
    return "\x1f".join(cells) if any(cells) else ""
