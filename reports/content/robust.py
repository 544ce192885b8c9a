"""稳健性分析: how sure the order of the towns is, which choice it hangs on, and which indicators carry it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from itertools import pairwise

from .. import numbers
from ..blocks import Block, FigureBlock, Prose, Section, TableBlock
from ..charts.ranks import Places, rank_intervals_chart
from ..tables.table import Column, Figure, Table
from ..view import Row, View

SURE = 0.9  # a unit is ahead of the next where it is in so many of the draws
MOST_DROPPED = 5
_FACTORS = (
    Column("factor", "计分时的选择", 26, nowrap=True),
    Column("options", "比较的做法", 68),
    Column("first", "单独影响", 20, "right", nowrap=True),
    Column("total", "总影响", 18, "right", nowrap=True),
    Column("interval", "95%区间", 20, "right", nowrap=True),
)
_DROPPED = (
    Column("code", "编号", 16, nowrap=True),
    Column("name", "指标", 60),
    Column("mean", "名次平均变动", 24, "right", "number"),
    Column("unit", "变动最大的街镇", 34, nowrap=True),
    Column("move", "名次变化", 24, "right", nowrap=True),
)
_SHARES = ("first", "total", "interval")
SHARES_NOTE = "单独影响：只定下这一项选择，名次变动的方差减少多少；总影响：另含它与其他选择共同作用的部分；95%区间是总影响的；各项总影响相加可超过100%"
DROPPED_NOTE = "去掉一项指标后，同维度其余指标的权重按比例提高；名次平均变动为各街镇名次变动绝对值的平均"


def robust_section(view: View) -> tuple[Section, ...]:
    """The section of 区级体检报告; none where fewer than three towns have a total."""
    rows = ranked(view)
    if not rows:
        return ()
    said = (order_said(view), sampling_said(view), thirds_said(view), factor_said(view))
    peers = len(rows)
    names = "、".join(f"{r.name}第{r.rank}名（{numbers.span(r.low, r.high)}）" for r in rows)
    chart = rank_intervals_chart(rows, peers, f"各街镇名次与区间：{names}")
    blocks: list[Block] = [Prose(said), FigureBlock((chart,), _caption(view))]
    factors, dropped = sensitivity_table(view), dropped_table(view)
    if len(factors):
        blocks.append(TableBlock(factors, dense=True))
    if len(dropped):
        blocks += [Prose((dropped_said(view),)), TableBlock(dropped, dense=True)]
    return (Section("稳健性分析", tuple(blocks), new_page=True),)


# ---- looking up ---------------------------------------------------------------------------------------------


def robust_rows(view: View, kind: str = "weights", level: str = "town") -> list[Row]:
    """The rows of ``robust`` of one kind and level, first place first."""
    frame = view.frame("robust").filter(kind=kind, level=level)
    return frame.sort("rank", "unit").to_dicts()


def ranked(view: View) -> list[Places]:
    """The towns with a rank, first place first, with all intervals."""
    free, drawn = ({row["unit"]: row for row in robust_rows(view, kind)} for kind in ("choices", "sampling"))
    return [
        Places(
            view.name(row["unit"]), row["rank"], row["rank_low"], row["rank_high"],
            *(kind.get(row["unit"], {}).get(end) for kind in (free, drawn) for end in ("rank_low", "rank_high")),
        )
        for row in robust_rows(view)
    ]  # fmt: skip


def ahead_of_next(view: View, kind: str = "weights") -> list[tuple[str, str, float]]:
    """Each town with the next in rank and the share of draws in which it is ahead of it."""
    shares = {
        (r["unit"], r["other"]): r["share"]
        for r in view.frame("ahead").filter(kind=kind, level="town").to_dicts()
    }
    units = [row["unit"] for row in robust_rows(view, kind)]
    return [(a, b, shares[a, b]) for a, b in pairwise(units) if (a, b) in shares]


def surely(view: View, kind: str) -> tuple[list[str], list[str]]:
    """The towns whose whole interval lies in the first third, and those in the last."""
    rows = robust_rows(view, kind)
    peers = len(rows)
    first = [view.name(r["unit"]) for r in rows if r["rank_high"] * 3 <= peers]
    last = [view.name(r["unit"]) for r in rows if r["rank_low"] * 3 > 2 * peers]
    return first, last


# ---- sentences ----------------------------------------------------------------------------------------------


def order_said(view: View) -> str:
    """How many neighbours in the order cannot be told apart."""
    pairs = ahead_of_next(view)
    if not pairs:
        return ""
    unsure = [(a, b, share) for a, b, share in pairs if share < SURE]
    head = f"{len(pairs) + 1}个街镇按综合得分排成的{len(pairs)}对相邻名次中，"
    if not unsure:
        return f"{head}每一对在权重变动时都有九成以上的把握分出先后。"
    a, b, share = min(unsure, key=lambda p: (p[2], p[0]))
    return (
        f"{head}有{len(unsure)}对分不出先后（权重变动时，名次在前的一个得分更高的情形不到九成），"
        f"最难分的是{view.name(a)}与{view.name(b)}（{numbers.percent(share)}）。"
    )


def sampling_said(view: View) -> str:
    """How many neighbours cannot be told apart for chance in the values alone; empty where no value tells of it."""
    rows, pairs = robust_rows(view, "sampling"), ahead_of_next(view, "sampling")
    if not pairs:
        return ""
    unsure = sum(share < SURE for _, _, share in pairs)
    wide = _widest(view, rows)
    head = "权重不变、只看抽样误差（问卷答卷少、事件数少带来的偶然性）"
    if not wide:
        return f"{head}，各街镇名次都不变。"
    told = f"有{unsure}对分不出先后" if unsure else "每一对都有九成以上的把握分出先后"
    return f"{head}，{told}，名次区间最宽的是{wide}。"


def _widest(view: View, rows: Sequence[Row]) -> str:
    """Whose interval is the widest, all of them where several are: ``望云街道（第6–10名）``; empty where no rank moves."""
    most = max(r["rank_high"] - r["rank_low"] for r in rows)
    told = [
        f"{view.name(r['unit'])}（第{numbers.span(r['rank_low'], r['rank_high'])}名）"
        for r in rows
        if r["rank_high"] - r["rank_low"] == most
    ]
    shown = "、".join(told[:3])
    return (shown if len(told) <= 3 else f"{shown}等{len(told)}个街镇") if most else ""


def thirds_said(view: View) -> str:
    """Who is surely in the first and the last third: under other weights, and under every choice."""
    (first, last), rows = surely(view, "weights"), robust_rows(view)
    if not rows:
        return ""
    said = f"权重变动时，{_stay(first, '前')}，{_stay(last, '后')}"
    if not robust_rows(view, "choices"):
        return f"{said}。"
    if surely(view, "choices") == (first, last):
        return f"{said}；计分方法也变动时仍然如此。"
    first, last = surely(view, "choices")
    return f"{said}；计分方法也变动时，{_stay(first, '前')}，{_stay(last, '后')}。"


def _stay(names: list[str], end: str) -> str:
    return f"稳居{end}三分之一的有{'、'.join(names)}" if names else f"没有街镇稳居{end}三分之一"


def factor_said(view: View) -> str:
    """Which choice moves the ranks most."""
    rows = view.frame("sensitivity").filter(level="town").to_dicts()
    if not rows:
        return ""
    most = rows[0]
    if most["total"] is None:
        return "换用下表所列的各种做法，街镇名次几乎不变，分不出哪项选择影响大。"
    return (
        f"在各项计分选择中，对名次影响最大的是{most['factor']}，总影响占名次变动方差的{numbers.percent(most['total'])}"
        f"（95%区间{_span(most['total_low'], most['total_high'])}）。"
    )


def dropped_said(view: View) -> str:
    """How much hangs on single indicators."""
    rows = view.frame("dropped").filter(level="town")
    moving = rows.filter(rows["largest_shift"] > 0)
    if moving.is_empty():
        return f"逐一去掉{rows.height}项指标，各街镇名次都不变。" if rows.height else ""
    top = moving.row(0, named=True)
    return (
        f"逐一去掉{rows.height}项指标，有{moving.height}项会改变街镇名次；影响最大的是{view.indicators[top['indicator']]['name']}，"
        f"去掉后名次平均变动{numbers.number(top['mean_shift'], 2)}位，{view.name(top['unit'])}由第{top['rank_before']}名变为第{top['rank_after']}名。"
    )


def town_said(view: View, unit: str) -> str:
    """One sentence about one town: how sure its rank is; empty where it has none."""
    found = {
        kind: [r for r in robust_rows(view, kind) if r["unit"] == unit]
        for kind in ("weights", "choices", "sampling")
    }
    if not found["weights"]:
        return ""
    row = found["weights"][0]
    grades = _grades(row)
    said = f"名次的把握：权重变动时{_places(row)}，等级{grades}"
    if found["choices"]:
        said += f"；计分方法也变动时{_places(found['choices'][0])}"
    if found["sampling"]:
        said += f"；只看抽样误差{_places(found['sampling'][0])}"
    unsure = [
        view.name(b if a == unit else a)
        for a, b, share in ahead_of_next(view)
        if share < SURE and unit in (a, b)
    ]
    return f"{said}；与{'、'.join(unsure)}分不出先后。" if unsure else f"{said}。"


def _places(row: Row) -> str:
    if row["rank_low"] == row["rank_high"]:
        return f"总是第{row['rank_low']}名"
    return f"在第{numbers.span(row['rank_low'], row['rank_high'])}名之间"


def _grades(row: Row) -> str:
    low, high = row["grade_low"], row["grade_high"]
    return f"仍为{low}" if low == high else f"在{low}与{high}之间"


def _caption(view: View) -> str:
    """The finding of the chart."""
    pairs = ahead_of_next(view)
    unsure = sum(share < SURE for _, _, share in pairs)
    wide = _widest(view, robust_rows(view))
    if not wide:
        return "各街镇名次及其区间（左差右优）：权重变动时各街镇名次都不变"
    return f"各街镇名次及其区间（左差右优）：{len(pairs)}对相邻名次中{unsure}对分不出先后，区间最宽的是{wide}"


# ---- tables -------------------------------------------------------------------------------------------------


def sensitivity_table(view: View) -> Table:
    """Which choice matters: share of the variance of the mean rank shift, alone and in all."""
    body = tuple(
        (
            row["factor"], row["options"], _share(row["first"]), _share(row["total"]),
            _span(row["total_low"], row["total_high"]),
        )
        for row in view.frame("sensitivity").filter(level="town").to_dicts()
    )  # fmt: skip
    table = Table("各项计分选择对街镇名次的影响", _FACTORS, body, notes=(SHARES_NOTE,))
    if all(cell == numbers.MISSING for key in _SHARES for cell in table.values(key)):
        return replace(table.without(*_SHARES), title="比较过的计分选择", notes=())
    return table


def dropped_table(view: View, most: int = MOST_DROPPED) -> Table:
    """The indicators whose dropping moves the ranks most; those that move none are left out."""
    frame = view.frame("dropped").filter(level="town")
    body = tuple(
        (
            row["indicator"], view.indicators[row["indicator"]]["name"], Figure(row["mean_shift"], 2),
            view.name(row["unit"]), f"{row['rank_before']} → {row['rank_after']}",
        )
        for row in frame.filter(frame["largest_shift"] > 0).head(most).to_dicts()
    )  # fmt: skip
    return Table("去掉后街镇名次变动最大的指标", _DROPPED, body, notes=(DROPPED_NOTE,))


def _share(value: float | None) -> str:
    """A share of variance; an estimate a little below zero is zero."""
    return numbers.percent(None if value is None else max(0.0, value))


def _span(low: float | None, high: float | None) -> str:
    if low is None or high is None:
        return numbers.MISSING
    return f"{numbers.span(max(0.0, low) * 100, max(0.0, high) * 100)}%"
