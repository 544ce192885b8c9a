"""对照: a town beside the towns of its type, all towns and the district, in every dimension."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from .. import numbers
from ..blocks import Block, FigureBlock
from ..charts.places import Line, places_chart
from ..view import View
from ..wording import words
from ..wording.peers_said import TOTAL, place_in, places_said, score_of
from .parts import heat
from .types import alike

SHOWN = 8  # towns of the same type in the table, this one among them


def same_type(view: View, unit: str) -> list[str]:
    """The units of its type (体检画像类型) with a total, itself included; empty where it is alone or there are no types."""
    scored = [u for u in alike(view, unit) if score_of(view, u, TOTAL) is not None]
    return scored if len(scored) > 1 and unit in scored else []


def beside_blocks(view: View, unit: str) -> tuple[Block, ...]:
    """The figure of places and, where the type has others, their scores by name; nothing for a unit without a total."""
    if score_of(view, unit, TOTAL) is None:
        return ()
    mates, towns = same_type(view, unit), view.of_level(view.units[unit]["level"])
    lines = [_line(view, unit, what, towns, mates) for what in (TOTAL, *_dimensions(view, unit))]
    told = "；".join(
        f"{r.name}{numbers.score(r.score)}分{f'，第{r.place}' if r.place else ''}"
        for r in lines
        if r.score is not None
    )
    chart = places_chart(lines, view.results.grade_cuts, f"{view.name(unit)}在各维度的位置：{told}")
    figure = FigureBlock((chart,), _finding(lines))
    shown = nearest(view, unit, mates)
    if not shown:
        return (figure,)
    table = heat(view, view.units[unit]["level"], only=shown)
    title = f"同型的{len(mates)}个{words.level_name(view.units[unit]['level'])}各维度得分与排名区间"
    cut = f"（综合得分最接近的{len(shown)}个）" if len(shown) < len(mates) else ""
    return figure, replace(table, title=f"{title}{cut}")


def nearest(view: View, unit: str, mates: Sequence[str]) -> list[str]:
    """Of the units of its type those nearest in total, itself included, in the units' order."""
    own = score_of(view, unit, TOTAL) or 0.0
    order = sorted(mates, key=lambda u: (u != unit, abs((score_of(view, u, TOTAL) or 0.0) - own), u))[:SHOWN]
    return [u for u in mates if u in order]


def beside_said(view: View, unit: str) -> str:
    """Its place among all, dimension by dimension, and among its type by name."""
    return places_said(view, unit, same_type(view, unit))


def _dimensions(view: View, unit: str) -> list[str]:
    return [r["dimension"] for r in view.dimensions(unit)]


def _line(view: View, unit: str, what: str, towns: Sequence[str], mates: Sequence[str]) -> Line:
    scores = {u: s for u in towns if (s := score_of(view, u, what)) is not None}
    own, row = scores.get(unit), _row(view, unit, what)
    others = tuple(s for u, s in scores.items() if u != unit and u not in mates)
    alike_scores = tuple(scores[u] for u in mates if u in scores and u != unit)
    return Line(
        what, own, row["grade"] if row else None, score_of(view, view.district, what), others, alike_scores,
        _of(place_in(view, unit, what, list(scores))), _of(place_in(view, unit, what, mates)) if mates else "",
    )  # fmt: skip


def _of(place: tuple[int, int] | None) -> str:
    return "" if place is None else f"{place[0]}/{place[1]}"


def _row(view: View, unit: str, what: str) -> dict[str, str] | None:
    if what == TOTAL:
        return view.total(unit)
    return next((r for r in view.dimensions(unit) if r["dimension"] == what), None)


def _finding(lines: Sequence[Line]) -> str:
    """In how many dimensions it is in the first and in the last third of all."""
    placed = [(r.name, [int(n) for n in r.place.split("/")]) for r in lines[1:] if r.place]
    first = [name for name, (at, of) in placed if at * 3 <= of]
    last = [name for name, (at, of) in placed if at * 3 > 2 * of]
    parts = (
        f"{words.names(first, 8, '个维度')}居前三分之一" if first else "",
        f"{words.names(last, 8, '个维度')}居后三分之一" if last else "",
    )
    said = "，".join(p for p in parts if p) or "各维度都居中间三分之一"
    return f"{said}。左差右优，右侧为得分和位次（第几位/个数）"
