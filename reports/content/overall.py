"""总体结论 of the district on one page, which a leader reads in a minute; and 体检画像, the page behind it.

How it stands, the dimensions and the towns in two pictures, then four short lists: what is good, what is not, what
changed, what to do first. Everything is said once: the chapters behind it go into the rest.
"""

from __future__ import annotations

from collections.abc import Sequence

import polars as pl

from ...engine.chance.differences import BETTER, WORSE
from ...engine.results import TREATMENTS
from ...engine.review.track import ALL
from .. import numbers
from ..blocks import Block, Bullets, FigureBlock, Point, Prose, Section
from ..charts.radar import radar
from ..charts.ranks import rank_intervals_chart
from ..charts.svg import Chart
from ..view import Row, Scope, View
from ..wording import words
from ..wording.past_words import not_compared
from .figures import judged, map_and_bars
from .highlights import highlights, one_each
from .parts import excerpt, facts
from .robust import ranked

TITLE, PORTRAIT = "总体结论", "体检画像"
_RADAR, _RANKS = 72.0, 96.0  # mm: side by side
_FIRST = 3  # things to do first
_EXCERPT = 8  # indicators of 体检画像
_AT_ONCE = "within_deadline"


def overall_section(view: View, unit: str) -> Section:
    """一 总体结论: one page."""
    said = words.standing(view, unit) + satisfaction(view, unit)
    below = sum(len(row["veto"] or ()) for row in view.dimensions(unit))
    held = f"{below}项底线型指标未守住底线。" if below else ""
    blocks: list[Block] = [Prose((said,), "lead"), Prose((held + words.peers_spread(view, "town"),))]
    charts = tuple(c for c in (_dimensions(view, unit), _towns(view)) if c is not None)
    if charts:
        blocks.append(FigureBlock(charts, _caption(view, unit, charts)))
    lists = (
        *highlights(view, unit, apart=True).lists,
        ("变化", changes(view, unit)),
        ("先做什么", first_steps(view, unit)),
    )
    blocks.append(Bullets(tuple((title, points) for title, points in lists if points)))
    return Section(TITLE, tuple(blocks))


def portrait_section(view: View, unit: str) -> Section:
    """体检画像: where the district stands in figures: map and bars of the towns, its best and its worst indicators."""
    said = (
        f"{size_said(view, unit)}{words.vetoes(view, unit)}",
        words.problem_counts(view, view.subtree(unit)) + words.peers_spread(view, "community"),
        words.satisfaction_against(view, unit) + words.missing(view, unit),
    )
    towns = {u: judged(view, u) for u in view.of_level("town")}
    table = excerpt(view, unit, _EXCERPT)
    pair = map_and_bars(view, towns, judged(view, unit)[0], "综合得分")
    return Section(PORTRAIT, (Prose(said), *pair, table), new_page=True)


def size_said(view: View, unit: str) -> str:
    """``云湖区常住人口18.0万人，面积58.3 km²，辖5个街镇、31个社区。``; empty where nothing of it is known."""
    known = facts(view, unit).split(" · ")
    inside = [part for part in known if part.endswith(("个街镇", "个社区"))]
    size = [part for part in known if part.startswith(("常住人口", "面积"))]
    parts = [*size, f"辖{'、'.join(inside)}" if inside else ""]
    said = "，".join(part for part in parts if part)
    return f"{view.name(unit)}{said}。" if said else ""


def satisfaction(view: View, unit: str) -> str:
    """``居民满意度69.6分。``; empty where nobody was asked."""
    total = view.total(unit)
    known = total is not None and numbers.known(total["satisfaction"])
    return f"居民满意度{numbers.score(total['satisfaction'])}分。" if total is not None and known else ""


def _dimensions(view: View, unit: str) -> Chart | None:
    rows = view.dimensions(unit)
    if sum(r["score"] is not None for r in rows) < 3:
        return None
    return radar(
        [r["dimension"] for r in rows], [r["score"] for r in rows], [r["previous"] for r in rows],
        [r["grade"] for r in rows], view.results.grade_cuts, _RADAR,
    )  # fmt: skip


def _towns(view: View) -> Chart | None:
    """The towns in the order of their ranks, with the places that they hold when weights are drawn."""
    rows = [
        place._replace(free_low=None, free_high=None, drawn_low=None, drawn_high=None)
        for place in ranked(view)
    ]
    if not rows:
        return None
    told = "、".join(f"{r.name}第{r.rank}名（{numbers.span(r.low, r.high)}）" for r in rows)
    return rank_intervals_chart(rows, len(rows), f"各街镇综合得分名次与权重变动的90%区间：{told}", _RANKS)


def _caption(view: View, unit: str, charts: Sequence[Chart]) -> str:
    order = words.dimension_order(view, unit).rstrip("。")
    dashed = "，虚线为上年" if any(r["previous"] is not None for r in view.dimensions(unit)) else ""
    parts = [f"{order}（实线为今年{dashed}）" if order else ""]
    if len(charts) > 1:
        parts.append("右图为各街镇名次，横条为权重变动的90%区间，重叠的先后不宜解读")
    return "；".join(part for part in parts if part)


def changes(view: View, unit: str) -> tuple[Point, ...]:
    """What changed since last year: dimensions, indicators beyond chance, and how much of last year's list is mended."""
    moved = [(r["change"], r["dimension"]) for r in view.dimensions(unit) if numbers.known(r["change"])]
    points = []
    if moved:
        up = sum(change >= words.WORTH_SAYING for change, _ in moved)
        down = sum(change <= -words.WORTH_SAYING for change, _ in moved)
        best, worst = max(moved), min(moved)
        ends = f"{best[1]}{numbers.signed(best[0], 1)}分" + (
            f"，{worst[1]}{numbers.signed(worst[0], 1)}分" if len(moved) > 1 else ""
        )
        points.append(f"{len(moved)}个维度中提高2分以上的{up}个、下降2分以上的{down}个，两端为{ends}")
    total = view.total(unit)
    if total is not None and total["break_reason"]:
        points.append(not_compared(total))
    held: dict[str, list[str]] = {BETTER: [], WORSE: []}
    for row in view.scores(unit):
        if row["than_previous"] in held:
            held[row["than_previous"]].append(view.indicators[row["indicator"]]["name"])
    both = [
        f"可认定{word}的指标{len(held[side])}项，{words.such_as(held[side], 2)}"
        for side, word in ((BETTER, "改善"), (WORSE, "退步"))
        if held[side]
    ]
    points += both
    return tuple(Point(said) for said in (*points, *_mended(view, unit)))


def _mended(view: View, unit: str) -> list[str]:
    """``上年列入的5018项问题已整改597项，完成率12.0%，逾期1450项``; nothing where no earlier year was run."""
    frame = view.frame("completion").filter(pl.col("department").is_null(), unit=unit, treatment=ALL)
    if frame.is_empty():
        return []
    row = frame.row(0, named=True)
    rate = f"，整治完成率{numbers.percent(row['rate'], 1)}" if row["rate"] is not None else ""
    late = f"，逾期{row['late']}项" if row["late"] else ""
    return [f"上年列入清单的{row['listed']}项问题，复查已整改{row['mended']}项{rate}{late}"]


def first_steps(view: View, unit: str) -> tuple[Point, ...]:
    """The first of 整治建议清单 that must be solved at once, each with amount, date and who leads; then the projects."""
    rows = view.listed("remedy_list", Scope(units=(unit,), by_priority=True))
    rows = rows or view.listed("remedy_list", Scope(units=tuple(view.of_level("town")), by_priority=True))
    at_once = [r for r in rows if r["treatment"] == TREATMENTS[_AT_ONCE]] or rows
    chosen = one_each(at_once)[:_FIRST]
    points = [_step(view, row) for row in chosen]
    budget = view.frame("budget").to_dicts()
    if budget and budget[0]["chosen"]:
        points.append(
            f"额度{numbers.number(budget[0]['total'])}万元内优选项目{budget[0]['chosen']}个，见“提升路径”"
        )
    return tuple(Point(said) for said in points)


def _step(view: View, row: Row) -> str:
    """``存在结构安全隐患的住宅数量：需鉴定处置住宅512栋，2027年6月底前，区住房保障房屋管理局牵头``."""
    lead = "、".join((row["lead"] or ())[:2])
    parts = [row["amount"] or "", row["due"] or "", f"{lead}牵头" if lead else ""]
    where = "" if row["unit"] == view.district else view.name(row["unit"])
    return f"{where}{view.indicators[row['indicator']]['name']}：{'，'.join(p for p in parts if p)}"
