"""问题整治督办单: one page to a lead department or a town about what had to be mended by a date and is not.

To whom, for what reason, which problems, by when now, and a slip to send back; what a person signs or dates is left open.
The handbook asks for it where mending is slow or untouched (《城市体检工作手册（试行）》, 回头看).
"""

from __future__ import annotations

from collections.abc import Sequence

import polars as pl

from ...engine.results import MENDED, NOT_MENDED, PARTLY, UNCLEAR
from ..blocks import Prose, Report, Section, TableBlock
from ..tables.lists import unit_parts
from ..tables.review import indicator_name
from ..tables.table import Cell, Column, Table
from ..view import Row, View
from .parts import run_line
from .room import prose_height, table_height

KIND = "问题整治督办单"
ROOM = 138.0  # mm that head and slip leave on the page for the paragraphs and the table
_COLUMNS = (
    Column("no", "序号", 9, "right", "number", nowrap=True),
    Column("unit_name", "所在单元", 36, nowrap=True),
    Column("indicator", "问题（指标）", 42),
    Column("found", "复查情况", 44),
    Column("due", "原定时限", 26),
    Column("claimed", "报送状态", 20, nowrap=True),
    Column("by", "新的时限", 26),
)
_WRITTEN = "\u3000" * 40  # blank, and as wide as what is written there by hand
# written on by hand: a line each, more where more has to be said
_SLIP = (
    "承办部门",
    "承办人及电话",
    "逐项办理情况",
    "",
    "",
    "逾期原因",
    "",
    "下一步措施和完成日期",
    "",
    "盖章、日期",
)


def supervised(view: View) -> list[str]:
    """Whom a reminder goes to: lead departments in the order of the lists, then towns by code."""
    late = _late(view)
    leads = {lead for row in late for lead in row["lead"] or ()}
    known = [d for d in view.departments if d in leads]
    rest = sorted(leads - set(known))
    towns = {row["town"] for row in late if row["town"]}
    return [*known, *rest, *(u for u in view.of_level("town") if u in towns)]


def supervision_report(view: View, key: str) -> Report:
    """The reminder to ``key``: a town's code, or a lead department. One page: what has no room is told by its number."""
    town = key in view.units
    rows = [row for row in _late(view) if (row["town"] == key if town else key in (row["lead"] or ()))]
    table = _table(view, rows, town=town)
    name = view.name(key) if town else key
    heads = (f"主送：{name}", "事由：限时解决的问题逾期未完成整改", _said(view, rows, town=town))
    room = ROOM - prose_height((*heads, _asked()))
    shown = table.head(next((n for n in range(len(rows), 1, -1) if table_height(table.head(n)) <= room), 1))
    sections = (
        Section(
            "督办事项",
            (
                Prose(heads),
                TableBlock(shown, dense=True),
                *_rest(len(rows), len(shown)),
                Prose((_asked(),)),
            ),
        ),
        Section("回执", (TableBlock(_slip()),)),
    )
    return Report(
        kind=KIND, subject=name, district=view.name(view.district), year=view.results.year,
        synthetic=view.results.synthetic, run_line=run_line(view), cover=None, portrait=None, sections=sections, full=False,
    )  # fmt: skip


def _late(view: View) -> list[Row]:
    """What was to be mended by a date that has passed, and still is not: the worst first, each problem once."""
    rows = view.frame("reviews").filter(pl.col("late") & pl.col("counted") & (pl.col("outcome") != MENDED))
    order = pl.col("severity").replace_strict({"红": 0, "橙": 1, "黄": 2}, default=3, return_dtype=pl.Int64)
    return rows.sort(order, pl.col("outcome") == PARTLY, "since", "unit", "indicator").to_dicts()


def _table(view: View, rows: Sequence[Row], *, town: bool) -> Table:
    """The problems, each with what the re-examination found and the date set this year; to a ``town`` without its name."""
    again = view.frame("remedy_list").select("unit", "indicator", "due").iter_rows()
    due = {(unit, indicator): by for unit, indicator, by in again}
    body: list[tuple[Cell, ...]] = [
        (
            number, "".join(unit_parts(view, row["unit"])[-1 if town else 0 :]), indicator_name(view, row), _found(row), row["due"] or "",
            row["claimed"] or "未报送", due.get((row["unit"], row["indicator"])) or "另行商定",
        )
        for number, row in enumerate(rows, 1)
    ]  # fmt: skip
    return Table("逾期未完成整改的问题", _COLUMNS, tuple(body))


def _found(row: Row) -> str:
    """``部分整改：上年7栋，今年4栋`` without what the other columns say."""
    figures = "，".join((row["because"] or "").split("；")[0].split("，")[:2])
    return row["outcome"] if row["outcome"] == UNCLEAR else f"{row['outcome']}：{figures}"


def _said(view: View, rows: Sequence[Row], *, town: bool) -> str:
    """Why: how many are late, how many of them only half done, how many were reported as done."""
    year = view.results.year
    whose = "辖区内" if town else "由贵单位牵头"
    partly = sum(row["outcome"] == PARTLY for row in rows)
    disputed = sum(bool(row["disputed"]) for row in rows)
    details = [
        f"{PARTLY}{partly}项" if partly else "",
        f"{NOT_MENDED}{len(rows) - partly}项" if partly < len(rows) else "",
    ]
    claims = f"另据复查，其中{disputed}项报送为已整改而实测仍有问题。" if disputed else ""
    return (
        f"经{year}年度城市体检复查，{year - 1}年列入整治建议清单、{whose}的限时解决问题中，有{len(rows)}项已过时限仍未完成"
        f"（{'、'.join(d for d in details if d)}）。{claims}现予督办。"
    )


def _rest(count: int, shown: int) -> tuple[Prose, ...]:
    if shown >= count:
        return ()
    return (
        Prose(
            (f"共{count}项，此处列前{shown}项（严重的、未整改的在前），其余见今年的整治建议清单。",), "note"
        ),
    )


def _asked() -> str:
    return (
        "请逐项查明逾期原因，明确责任人，在新的时限前完成整改；“另行商定”的，在回执中写明完成日期。"
        "请于　　　月　　　日前将回执盖章返回，并在整治建议清单工作簿中更新状态、完成情况和佐证。"
    )


def _slip() -> Table:
    """The slip to fill in by hand: labels, and room to write."""
    columns = (Column("label", "项目", 40), Column("text", "填写", 130))
    return Table("办理情况", columns, tuple((label or "　", _WRITTEN) for label in _SLIP))
