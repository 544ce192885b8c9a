"""The rows behind a figure on the terminal (依据行): file, sheet, row, what stands there, and what was corrected."""

from __future__ import annotations

from collections.abc import Sequence

import polars as pl

from ...engine.intake.traced import Cells, Mended, Traced

RANGES, SHEETS = 5, 8  # runs of rows named of one sheet, sheets named of one file; the rest is counted
NO_ROWS = "没有这一单元的行"
NONE_INSIDE = "本单元内没有，服务到这里的在单元之外"
OUTSIDE_TOO = "（只列位于本单元的，单元之外的也可能服务到这里）"


def traced_lines(traced: Traced, file: str) -> list[str]:
    """What is told under one file of an input: where its rows stand, the first as they are written, the corrections."""
    if traced.unknown:
        return [f"依据行：{traced.unknown}"]
    rows = traced.rows.filter(pl.col("_file") == file)
    sheets = rows.partition_by("_sheet", maintain_order=True)
    lines = [_said(part, traced) for part in sheets[:SHEETS]]
    if len(sheets) > SHEETS:
        rest = sum(part.height for part in sheets[SHEETS:])
        lines.append(f"…另有 {len(sheets) - SHEETS} 张工作表，共 {rest} {_word(traced)}")
    if traced.inside > traced.rows.height and lines:
        lines[-1] += f"；本单元共 {traced.inside} {_word(traced)}，其余不合计算条件或没有数"
    if traced.serves and lines:
        lines[-1] += OUTSIDE_TOO
    if _cut(rows) and traced.header:
        lines.append(f"查全部：在表中按“{traced.header}”一列筛选本单元及其下级")
    lines += [
        _cells(row, several=rows["_sheet"].n_unique() > 1) for row in traced.first if row.place[0] == file
    ]
    lines += [_mended(one) for one in traced.mended if one.place[0] == file]
    return lines or [f"依据行：{NONE_INSIDE if traced.serves else NO_ROWS}"]


def _word(traced: Traced) -> str:
    return "个要素" if traced.features else "行"


def _said(rows: pl.DataFrame, traced: Traced) -> str:
    """``依据行：工作表“调查表”第 2–13、20 行，共 13 行``."""
    sheet = rows["_sheet"][0]
    runs = _runs(rows["_row"].to_list())
    shown = "、".join(f"{a}" if a == b else f"{a}–{b}" for a, b in runs[:RANGES])
    where = ("图层" if traced.features else "工作表") + f"“{sheet}”" if sheet else ""
    word = _word(traced)
    if rows.height == 1:
        return f"依据行：{where}第 {shown} {word}"
    return f"依据行：{where}第 {shown} {'等' if len(runs) > RANGES else word}，共 {rows.height} {word}"


def _cut(rows: pl.DataFrame) -> bool:
    return any(
        len(_runs(part["_row"].to_list())) > RANGES
        for part in rows.partition_by("_sheet", maintain_order=True)
    )


def _runs(numbers: Sequence[int]) -> list[tuple[int, int]]:
    """First and last of each run of consecutive numbers; ``numbers`` ascend."""
    runs: list[tuple[int, int]] = []
    for number in numbers:
        if runs and number == runs[-1][1] + 1:
            runs[-1] = (runs[-1][0], number)
        else:
            runs.append((number, number))
    return runs


def _cells(row: Cells, *, several: bool) -> str:
    _, sheet, number = row.place
    told = "，".join(f"{header}：{text or '（空）'}" for header, text in row.cells) or "（没有本项读的列）"
    return f"{f'“{sheet}”' if several else ''}第 {number} 行原文：{told}"


def _mended(one: Mended) -> str:
    """``更正（corrections.toml 第 1 条）：第 7 行“建成年份”由“19885”改为“1987”。理由：…（某局，2026-05-20）``."""
    fix = one.fix
    what = (
        "整行不计" if fix.drop else f"“{one.header}”由“{fix.expect or '（空）'}”改为“{fix.value or '（空）'}”"
    )
    doubt = "" if one.sure else "（这一行是否在本单元未判断）"
    said = f"{fix.by}，{fix.date.isoformat()}"
    return f"更正（{one.declared} 第 {one.number} 条）：第 {one.place[2]} 行{what}{doubt}。理由：{fix.reason}（{said}）"
