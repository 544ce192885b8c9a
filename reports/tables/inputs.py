"""输入文件: every file that was read, how many rows it gave, and what it was to the byte."""

from __future__ import annotations

from ..view import View
from .table import Column, Table


def inputs_table(view: View) -> Table:
    """Every file that was read; an input of several files has its rows in the line of the first."""
    columns = (
        Column("file", "文件", 70),
        Column("rows", "行数", 16, "right", "number"),
        Column("unplaced", "未落入单元的行数", 18, "right", "number"),
        Column("sha", "校验码（SHA-256前12位）", 34, nowrap=True),
    )
    frame = view.frame("inputs")
    held = {r["file"]: (r["rows"], r["unplaced"]) for r in frame.unique("name", keep="first", maintain_order=True).to_dicts()}  # fmt: skip
    rows = tuple(
        (r["file"] or "", *held.get(r["file"], (None, None)), (r["sha256"] or "")[:12])
        for r in frame.unique("file", keep="first", maintain_order=True).sort("file").to_dicts()
    )
    several = any(r[1] is None for r in rows)
    notes = ("同一份数据由几个文件汇总的，行数合计写在其中一个文件",) if several else ()
    return Table("输入文件", columns, rows, notes=notes)
