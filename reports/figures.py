"""Figures that several reports share: units of a level on a map and as bars, side by side."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from . import maps, numbers, words
from .blocks import FigureBlock
from .charts_bars import unit_bars
from .svg import Chart
from .view import View

Judged = tuple[float | None, str | None]  # score 0–100 and grade


def shapes_of(view: View, units: Sequence[str]) -> dict[str, bytes]:
    """Boundaries of the named units, as far as there are any."""
    shapes = view.results.shapes
    rows = shapes.filter(shapes["unit"].is_in(list(units))).to_dicts()
    return {row["unit"]: row["wkb"] for row in rows if row["wkb"] is not None}


def judged(view: View, unit: str, dimension: str | None = None, indicator: str | None = None) -> Judged:
    """Score and grade of a unit: its total, one of its dimensions, or one indicator."""
    if indicator is not None:
        rows = [r for r in view.scores(unit) if r["indicator"] == indicator]
    elif dimension is not None:
        rows = [r for r in view.dimensions(unit) if r["dimension"] == dimension]
    else:
        total = view.total(unit)
        rows = [total] if total else []
    return (rows[0]["score"], rows[0]["grade"]) if rows else (None, None)


def map_and_bars(
    view: View, scores: Mapping[str, Judged], reference: float | None, what: str
) -> tuple[FigureBlock, ...]:
    """The units' map and their bars, best first; nothing when fewer than two have a score.

    ``scores`` units of one level; ``reference`` the district's score; ``what`` names the score in the caption.
    """
    rows = sorted(scores.items(), key=lambda r: (-r[1][0] if r[1][0] is not None else 1.0, r[0]))
    known = [(unit, score) for unit, (score, _) in rows if score is not None]
    if len(known) < 2:
        return ()
    noun = words.level_name(view.units[rows[0][0]]["level"])
    told = "、".join(f"{view.name(u)}{numbers.score(s)}" for u, (s, _) in rows)
    cuts = view.results.grade_cuts
    bars = unit_bars([(view.name(u), s, g) for u, (s, g) in rows], reference, cuts, f"各{noun}{what}：{told}")
    charts: list[Chart] = [bars]
    drawn = maps.choropleth(
        shapes_of(view, list(scores)), {u: g for u, (_, g) in rows}, cuts, f"各{noun}{what}等级图",
        (82, max(bars.height, 50)), {u: view.name(u) for u in scores},
    )  # fmt: skip
    if drawn is not None:
        charts.insert(0, drawn)
    return (FigureBlock(tuple(charts), _finding(view, known, reference, what, noun)),)


def _finding(
    view: View, known: Sequence[tuple[str, float]], reference: float | None, what: str, noun: str
) -> str:
    """What the figure shows, in one line."""
    said = f"{what}：{view.name(known[0][0])}最高，{view.name(known[-1][0])}最低"
    if reference is None:
        return said
    return f"{said}，{sum(score > reference for _, score in known)}个{noun}高于全区"
