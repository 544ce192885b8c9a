"""How sure each rank is, on the terminal (稳健性): the towns with their intervals, which choice matters, what if.

Worse is left and better right, as in print.
"""

from __future__ import annotations

from collections.abc import Sequence

import polars as pl
from rich.console import Group, RenderableType
from rich.text import Text

from ...engine.findings import Findings
from ...engine.results import THIRDS, Results
from .. import numbers
from ..content.robust import (
    ahead_of_next,
    dropped_said,
    dropped_table,
    factor_said,
    order_said,
    robust_rows,
    sampling_said,
    sensitivity_table,
    thirds_said,
)
from ..view import Row, View
from .findings import grade_text, plain_table
from .folding import Folding, folding

BAR = 24  # characters of an interval's line at most
NONE = "没有稳健性结果：有综合得分的{}不足三个，名次无从比起。"
LEGEND = (
    "区间为90%区间，左差右优：━ 权重变动，┄ 计分方法也变动，● 现行名次。"
    "领先下一名：权重变动时得分高于下一名的情形占多少。"
)
CHANCE_LEGEND = "抽样误差：权重不变，指标值在各自的偶然误差内变动。"
MOVED = 20  # communities of a what-if that are listed


def robust_view(results: Results, level: str = "town") -> RenderableType:
    """Intervals, choices and indicators for the towns; how sure the thirds are for the communities."""
    view = View(results)
    rows = robust_rows(view, level=level)
    if not rows:
        return Text(NONE.format("社区" if level == "community" else "街镇"))
    if level == "community":
        return _thirds_view(view, rows)
    legend = LEGEND + (CHANCE_LEGEND if robust_rows(view, "sampling", level) else "")
    parts: list[RenderableType] = [_places_table(view, rows), Text(legend, style="dim")]
    parts += [Text(said) for said in (order_said(view), sampling_said(view), thirds_said(view)) if said]
    for made, said in (
        (sensitivity_table(view), factor_said(view)),
        (dropped_table(view), dropped_said(view)),
    ):
        if len(made):
            parts += [Text(""), folding(made, keep=2 if made.keys[0] == "code" else 1)]
        parts += [Text(said)] if said else []
        parts += [Text(f"{note}。", style="dim") for note in made.notes if len(made)]
    return Group(*parts)


def _places_table(view: View, rows: Sequence[Row]) -> Folding:
    """One line for each town, first place first."""
    results, peers = view.results, len(rows)
    free, drawn = ({row["unit"]: row for row in robust_rows(view, kind)} for kind in ("choices", "sampling"))
    ahead = {unit: share for unit, _, share in ahead_of_next(view)}
    heads = (
        ("街镇", "left"), ("综合得分", "right"), ("得分区间", "right"), ("等级", "left"), ("名次（权重变动）", "right"),
        (f"第{peers}名 … 第1名", "right"), ("方法也变动", "right"), ("抽样误差", "right"), ("领先下一名", "right"),
    )  # fmt: skip
    body = []
    for row in rows:
        total, other = view.total(row["unit"]) or {}, free.get(row["unit"])
        body.append((
            Text(view.name(row["unit"])), Text(numbers.score(total.get("score"))),
            Text(numbers.span(row["score_low"], row["score_high"], 1)), _grades(results, row),
            Text(f"{row['rank']}（{numbers.span(row['rank_low'], row['rank_high'])}）"),
            Text(rank_line(row, other, peers)),
            Text(_span(other)), Text(_span(drawn.get(row["unit"]))),
            Text(numbers.percent(ahead.get(row["unit"]))),
        ))  # fmt: skip
    chosen = [i for i, (name, _) in enumerate(heads) if drawn or name != "抽样误差"]
    return Folding(
        f"{view.name(view.district)} {results.year} 年街镇名次有多稳",
        tuple(heads[i] for i in chosen),
        tuple(tuple(row[i] for i in chosen) for row in body),
    )


def _span(row: Row | None) -> str:
    return numbers.span(row["rank_low"], row["rank_high"]) if row else numbers.MISSING


def _grades(results: Results, row: Row) -> Text:
    """``中`` or ``较差–中``."""
    low = grade_text(results, row["grade_low"])
    if row["grade_low"] == row["grade_high"]:
        return low
    return low.append(numbers.EN_DASH).append_text(grade_text(results, row["grade_high"]))


def rank_line(row: Row, other: Row | None, peers: int) -> str:
    """The places as characters, the last left: ``····┄━━●━┄···``; a line is as long as there are places, at most BAR."""
    length = min(BAR, peers)

    def at(place: float) -> int:
        return round((peers - place) * (length - 1) / max(1, peers - 1))

    line = ["·"] * length
    for marked, sign in ((other, "┄"), (row, "━")):
        if marked is not None:
            for i in range(at(marked["rank_high"]), at(marked["rank_low"]) + 1):
                line[i] = sign
    line[at(row["rank"])] = "●"
    return "".join(line)


def _thirds_view(view: View, rows: Sequence[Row]) -> RenderableType:
    """Communities by third, with how many stay in it when the weights vary."""
    peers = len(rows)
    table = plain_table(
        f"{view.name(view.district)} {view.results.year} 年社区所在三分位有多稳",
        ("三分位", "left"), ("社区", "right"), ("权重变动时不变", "right"), ("占比", "right"),
    )  # fmt: skip
    for name in THIRDS:
        held = [r for r in rows if numbers.third(r["rank"], peers) == name]
        sure = [r for r in held if {numbers.third(r[k], peers) for k in ("rank_low", "rank_high")} == {name}]
        share = len(sure) / len(held) if held else None
        table.add_row(name, str(len(held)), str(len(sure)), numbers.percent(share))
    note = "社区样本小，只按三分之一给出位次；“不变”指名次的90%区间都在同一个三分之一内。"
    return Group(table, Text(note, style="dim"))


# ---- what if ------------------------------------------------------------------------------------------------


def what_if_view(
    results: Results,
    base: pl.DataFrame,
    then: pl.DataFrame,
    edits: Sequence[str],
    level: str = "town",
    told: Findings | None = None,
) -> RenderableType:
    """Two frames ``totals`` side by side: as in force, and with the edits; of the communities those that change their third.

    ``told``: what of the edits could not be used on these data.
    """
    view = View(results)
    both = (
        base.filter(level=level)
        .join(then.filter(level=level), on="unit", how="full", coalesce=True, suffix="_then")
        .sort("rank", "unit", nulls_last=True)
    )
    if both.is_empty():
        return Text(NONE.format("社区" if level == "community" else "街镇"))
    place = numbers.third if level == "community" else (lambda rank, _peers: rank)
    moved = both.filter(
        [place(a, n) != place(b, m) for a, n, b, m in both.select("rank", "peers", "rank_then", "peers_then").iter_rows()]
    )  # fmt: skip
    shown = both if level == "town" else moved.sort(
        (pl.col("rank") - pl.col("rank_then")).abs(), descending=True, nulls_last=True, maintain_order=True
    ).head(MOVED)  # fmt: skip
    table = plain_table(
        f"{view.name(view.district)} {results.year} 年假设推算：{'，'.join(edits)}（结果库不变）",
        ("街镇" if level == "town" else "社区", "left"), ("现行得分", "right"), ("假设得分", "right"), ("变化", "right"),
        ("现行等级", "left"), ("假设等级", "left"), ("现行名次", "right"), ("假设名次", "right"), ("变化", "right"),
    )  # fmt: skip
    for row in shown.to_dicts():
        table.add_row(*_what_if_cells(view, row, level))
    unused = [Text(finding.message, style="yellow") for finding in told or ()]
    return Group(table, Text(_what_if_said(both, moved, level)), *unused)


def _what_if_cells(view: View, row: Row, level: str) -> list[Text | str]:
    ranks, scores = (row["rank"], row["rank_then"]), (row["score"], row["score_then"])
    if level == "community":
        places = [numbers.third(r, n) for r, n in zip(ranks, (row["peers"], row["peers_then"]), strict=True)]
    else:
        places = [
            numbers.rank(row[f"rank{s}"], None, row[f"rank_low{s}"], row[f"rank_high{s}"])
            for s in ("", "_then")
        ]
    up = None if None in ranks else ranks[0] - ranks[1]
    gain = None if None in scores else scores[1] - scores[0]
    return [
        Text(view.name(row["unit"])), numbers.score(scores[0]), numbers.score(scores[1]), numbers.signed(gain, 1),
        grade_text(view.results, row["grade"]), grade_text(view.results, row["grade_then"]),
        *places, _steps(up) if level == "town" else _side(up),
    ]  # fmt: skip


def _steps(up: int | None) -> str:
    """``升2位``, ``降1位``, ``不变``."""
    if up is None:
        return numbers.MISSING
    return f"升{up}位" if up > 0 else (f"降{-up}位" if up < 0 else "不变")


def _side(up: int | None) -> str:
    """A community's move without a number of places."""
    return numbers.MISSING if up is None else "升" if up > 0 else "降" if up < 0 else "不变"


def _what_if_said(both: pl.DataFrame, moved: pl.DataFrame, level: str) -> str:
    noun = "街镇" if level == "town" else "社区"
    grades = both.filter(pl.col("grade").ne_missing(pl.col("grade_then"))).height
    rest = f"，上表列变动最大的{MOVED}个" if level == "community" and moved.height > MOVED else ""
    what = "名次" if level == "town" else "所在的三分之一"
    return f"{both.height}个{noun}中，{moved.height}个{what}改变，{grades}个等级改变{rest}。"
