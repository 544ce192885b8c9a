"""The funnel plot (漏斗图): is a small unit different, or only small?

Each unit's value against what it rests on, with the limits inside which 95 % and 99.8 % of units would lie if all were like
the district as a whole. After D. J. Spiegelhalter, Funnel plots for comparing institutional performance, Statistics in
Medicine 24 (2005) 1185–1202; the limits are those of :mod:`tijian.engine.chance.funnel`, by which units are named.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

from ...engine.chance.funnel import Kind, funnel_limits
from ...engine.scoring.base import Floats
from .. import numbers
from .svg import Chart, Drawing, Point, polyline

_Place = Callable[[float, float], Point]
Z_WARN, Z_ALARM = 1.959964, 3.090232  # two-sided 95 % and 99.8 %
_DASHES = ((Z_WARN, "8 7"), (Z_ALARM, ""))
_SEGMENTS = 60
NAMED = 5


@dataclass(frozen=True)
class Spot:
    """One unit: name, what its value rests on, the value, and where it lies: below (−1), within (0) or above the 99.8 % limits."""

    name: str
    size: float
    value: float
    side: int


@dataclass(frozen=True)
class Lines:
    """Centre and limits: the common share or rate, how much more than chance parts the units (τ²), and the scale of print."""

    common: float
    kind: Kind
    between: float
    scale: float

    def limits(self, sizes: Floats, z: float) -> tuple[Floats, Floats]:
        """(low, high) for units of ``sizes``, in the unit that is printed."""
        low, high = funnel_limits(self.common, sizes, self.kind, z=z, between=self.between)
        return low * self.scale, high * self.scale


def funnel(
    spots: Sequence[Spot], lines: Lines, worse: int, alt: str, axes: tuple[str, str], width: float = 84
) -> Chart:
    """The plot: what values rest on across (from 0), the value up. Beyond 99.8 %: worse filled and named, others ringed.

    ``worse`` is the side that is (0: neither); ``axes`` are the titles of the two, the value's first.
    """
    draw = Drawing(width, width * 0.66)
    ink = draw.theme.ink
    box = (70.0, 34.0, width * 10 - 14, width * 6.6 - 62)
    most = max(s.size for s in spots) * 1.05
    span = _span(spots, lines)

    def at(size: float, value: float) -> Point:
        share = (value - span[0]) / (span[1] - span[0])
        return box[0] + (box[2] - box[0]) * size / most, box[3] - (box[3] - box[1]) * share

    _axes(draw, box, span, most, at, axes)
    sizes = most * np.arange(1, _SEGMENTS + 1) / _SEGMENTS
    for z, dash in _DASHES:
        for ends in lines.limits(sizes, z):
            inside = [at(n, v) for n, v in zip(sizes, ends, strict=True) if span[0] <= v <= span[1]]
            if len(inside) > 1:
                draw.path(polyline(inside), "none", ink["muted"], 2, dash)
    centre = lines.common * lines.scale
    draw.line(at(0, centre), at(most, centre), ink["accent"], 3)
    for spot in spots:
        bad = spot.side != 0 and spot.side == worse
        edge, stroke = (ink["accent"], 6.0) if spot.side and not bad else (ink["text"], 2.4)
        draw.circle(at(spot.size, spot.value), 8, ink["warning"] if bad else ink["paper"], edge, stroke)
    named = [s for s in spots if s.side and s.side == (worse or s.side)]
    _name_worst(draw, named[:NAMED], at, (box[0] + box[2]) / 2)
    return draw.chart(alt)


def _span(spots: Sequence[Spot], lines: Lines) -> tuple[float, float]:
    """The values the plot shows: every unit's and the centre's with a little air; limits further out are not drawn."""
    shown = [s.value for s in spots] + [lines.common * lines.scale]
    top = lines.scale if lines.kind == "share" else math.inf
    air = max((max(shown) - min(shown)) * 0.12, 0.02 * max(shown))
    return max(0.0, min(shown) - air), min(top, max(shown) + air)


def _name_worst(draw: Drawing, worst: Sequence[Spot], at: _Place, middle: float) -> None:
    """Names beside the worst spots, away from the edge; one that would run into another is left out."""
    taken: list[float] = []
    for spot in worst:
        x, y = at(spot.size, spot.value)
        if any(abs(y - other) < 22 for other in taken):
            continue
        taken.append(y)
        end = x > middle
        draw.text((x - 13 if end else x + 13, y + 8), spot.name, 20, anchor="end" if end else "start")


def _axes(
    draw: Drawing, box: tuple[float, ...], span: tuple[float, float], most: float, at: _Place,
    titles: tuple[str, str],
) -> None:  # fmt: skip
    ink = draw.theme.ink
    draw.line((box[0], box[3]), (box[2], box[3]), ink["text"], 2)
    step = _step(span[1] - span[0])
    decimals = max(0, -math.floor(math.log10(step) + 1e-9))
    tick = math.ceil(span[0] / step - 1e-9) * step
    while tick <= span[1] + 1e-9:
        _, y = at(0, tick)
        draw.line((box[0], y), (box[2], y), ink["band"], 1.2)
        draw.text((box[0] - 8, y + 7), numbers.number(tick, decimals), 19, ink["muted"], "end")
        tick += step
    draw.text((2, 18), titles[0], 19, ink["muted"], "start")
    across = _step(most)
    places = max(0, -math.floor(math.log10(across) + 1e-9))
    size = across
    while size <= most + 1e-9:
        x, _ = at(size, span[0])
        shown = numbers.people(size, "") if across >= 1000 else numbers.number(size, places)
        draw.text((x, box[3] + 26), shown, 19, ink["muted"], "middle")
        size += across
    draw.text((box[2], box[3] + 52), titles[1], 19, ink["muted"], "end")


def _step(span: float) -> float:
    """A round step that parts ``span`` into three to six."""
    rough = span / 5
    power = 10.0 ** math.floor(math.log10(rough))
    return power * next(s for s in (1, 2, 5, 10) if s * power >= rough * 0.999)
