"""Figures that several reports share: units of a level on a map and as bars, side by side."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence

from ...engine.chance.differences import BETTER
from .. import numbers
from ..blocks import FigureBlock
from ..charts.bars import FOOT, LEAST_ROW, ROW, unit_bars
from ..maps import graded
from ..tables.lists import decimals_of
from ..view import View
from ..wording import words

_LEAST_MAP = 42.0  # mm of height under which a map says nothing
_BESIDE, _ALONE = 84.0, 166.0  # mm of width of the bars, beside a map and without one
_VALUE_MAP = (120.0, 95.0)
_GOES_ON = 70.0  # mm of table on the next page that need not be avoided

Judged = tuple[float | None, str | None]  # score 0–100 and grade


def shapes_of(view: View, units: Sequence[str]) -> dict[str, bytes]:
    """Boundaries of the named units, as far as there are any."""
    shapes = view.results.shapes
    rows = shapes.filter(shapes["unit"].is_in(list(units))).to_dicts()
    return {row["unit"]: row["wkb"] for row in rows if row["wkb"] is not None}


def several(grades: Iterable[str | None]) -> bool:
    """Whether units differ in grade: a map of one colour shows nothing that a line does not say."""
    return len(set(grades)) > 1


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
    view: View, scores: Mapping[str, Judged], reference: float | None, what: str, room: float = math.inf,
    than: Mapping[str, str | None] | None = None, *, mapped: bool = True,
) -> tuple[FigureBlock, ...]:  # fmt: skip
    """The units' map and their bars, best first; nothing when fewer than two have a score.

    ``scores`` units of one level; ``reference`` the district's score; ``what`` names the score in the caption;
    ``room`` the height in mm that leaves the table below on the same page: bars draw together for it, then the map
    stands alone. A table that goes on for long anyway gets the figure in full. ``than``: of an indicator, which units are
    better than the district, by more than chance; totals and dimensions are told by their scores. Bars alone where not
    ``mapped``, or where a map would have one colour.
    """
    rows = sorted(scores.items(), key=lambda r: (-r[1][0] if r[1][0] is not None else 1.0, r[0]))
    known = [(unit, score) for unit, (score, _) in rows if score is not None]
    if len(known) < 2:
        return ()
    noun = words.level_name(view.units[rows[0][0]]["level"])
    told = "、".join(f"{view.name(u)}{numbers.score(s)}" for u, (s, _) in rows)
    cuts = view.results.grade_cuts
    step = _step(len(rows), room)
    height = max((len(rows) * step + FOOT) / 10, 50) if step else room
    drawn = graded.choropleth(
        shapes_of(view, list(scores)), {u: g for u, (_, g) in rows}, cuts, f"各{noun}{what}等级图",
        (82, height), {u: view.name(u) for u in scores},
    ) if mapped and height >= _LEAST_MAP and several(g for _, (_, g) in rows) else None  # fmt: skip
    bars = unit_bars(
        [(view.name(u), s, g) for u, (s, g) in rows],
        reference,
        cuts,
        f"各{noun}{what}：{told}",
        width=_BESIDE if drawn is not None else _ALONE,
        step=step or ROW,
    )
    charts = tuple(c for c in (drawn, bars if step else None) if c is not None)
    return (
        (FigureBlock(charts, _finding(view, known, _ahead(known, reference, than), what, noun)),)
        if charts
        else ()
    )


def value_map(view: View, values: Mapping[str, float | None], code: str) -> tuple[FigureBlock, ...]:
    """The units in up to five classes of an indicator's value, for one that has no scores; nothing without a difference."""
    indicator = view.indicators[code]
    decimals, unit = decimals_of(indicator), indicator["unit"] or ""
    classes = graded.valued(values, decimals, indicator["direction"] or "")
    if classes is None:
        return ()
    known = sorted(((v, u) for u, v in values.items() if v is not None), key=lambda k: (-k[0], k[1]))
    high, low = known[0], known[-1]
    noun = words.level_name(view.units[high[1]]["level"])
    said = (
        f"各{noun}{indicator['name']}：{view.name(high[1])}最高（{numbers.quantity(high[0], unit, decimals)}），"
        f"{view.name(low[1])}最低（{numbers.quantity(low[0], unit, decimals)}）"
    )
    drawn = graded.classed_map(
        shapes_of(view, list(values)), classes, said, _VALUE_MAP, {u: view.name(u) for u in values}
    )
    note = f"；图例单位为{unit}，" if unit else "；"
    return (
        (FigureBlock((drawn,), f"{said}{note}按分位数分为{len(classes.names)}级，各级含下限"),)
        if drawn is not None
        else ()
    )


def dimension_maps(view: View, units: Sequence[str]) -> tuple[FigureBlock, ...]:
    """Small maps side by side, one for each dimension that any of ``units`` (of one level) is scored in."""
    scored = [
        d for d in view.results.dimension_names if any(judged(view, u, d)[0] is not None for u in units)
    ]
    across = len(scored) if len(scored) in (3, 5) else 4  # side by side; more go on below
    shapes, cuts = shapes_of(view, units), view.results.grade_cuts
    drawn = (
        graded.small_map(shapes, {u: judged(view, u, d)[1] for u in units}, cuts, d, (168 / across - 1, 36))
        for d in scored
    )
    charts = tuple(chart for chart in drawn if chart is not None)
    return (FigureBlock(charts, _lowest_said(view, units)),) if charts else ()


def _lowest_said(view: View, units: Sequence[str]) -> str:
    """Which dimensions have most units in the lowest two grades; all of them where several have as many."""
    noun = words.level_name(view.units[units[0]]["level"])
    low = [name for name, _ in view.results.grade_cuts[-2:]]
    counts = [(sum(judged(view, u, d)[1] in low for u in units), d) for d in view.results.dimension_names]
    most = max(count for count, _ in counts)
    head = f"各{noun}各维度等级图"
    if not most:
        return f"{head}：没有{noun}的维度等级为{'或'.join(low)}"
    worst = [d for count, d in counts if count == most]
    each = "各" if len(worst) > 1 else ""
    return f"{head}：{'、'.join(worst)}等级为{'、'.join(low)}的{noun}最多，{each}有{most}个"


def _step(count: int, room: float) -> float | None:
    """The height of a bar's row that fits ``room``; None when the bars had better be left out."""
    full = (count * ROW + FOOT) / 10
    if room >= full or room < full - _GOES_ON:
        return ROW
    step = (room * 10 - FOOT) / count
    return step if step >= LEAST_ROW else None


def _finding(
    view: View, known: Sequence[tuple[str, float]], ahead: tuple[int, str], what: str, noun: str
) -> str:
    """What the figure shows, in one line."""
    said = f"{what}：得分最高的是{view.name(known[0][0])}，最低的是{view.name(known[-1][0])}"
    count, word = ahead
    if not word:
        return said
    return f"{said}，{count}个{noun}{word}" if count else f"{said}，没有{noun}{word}"


def _ahead(
    known: Sequence[tuple[str, float]], reference: float | None, than: Mapping[str, str | None] | None
) -> tuple[int, str]:
    """How many units are ahead of the district, and in which word; an empty word where nothing can be said."""
    if than is not None:
        told = [than.get(unit) for unit, _ in known]
        return told.count(BETTER), "优于全区" if any(told) else ""
    if reference is None:
        return 0, ""
    count = sum(score >= reference + words.WORTH_SAYING for _, score in known)
    return count, f"高于全区{words.WORTH_SAYING:g}分以上"
