"""The funnel plot (漏斗图): is a small unit different, or only small?

Each unit's share or rate against its size, with the limits inside which 95 % and 99.8 % of units would lie if
all were like the district as a whole. After D. J. Spiegelhalter, Funnel plots for comparing institutional
performance, Statistics in Medicine 24 (2005) 1185–1202; limits by the normal approximation p ± z·√(p(1−p)/n),
clipped to 0–100 %.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from . import numbers
from .svg import Chart, Drawing, Point, polyline

_Place = Callable[[float, float], Point]
Z_WARN, Z_ALARM = 1.959964, 3.090232  # two-sided 95 % and 99.8 %


@dataclass(frozen=True)
class Spot:
    """One unit: its name, denominator and share (0–1)."""

    name: str
    size: float
    share: float


def limits(share: float, size: float, z: float) -> tuple[float, float]:
    """The interval p ± z·√(p(1−p)/n) around the district's share, clipped to 0–1."""
    half = z * math.sqrt(share * (1 - share) / size)
    return max(0.0, share - half), min(1.0, share + half)


def outside(spots: Sequence[Spot], share: float, z: float = Z_ALARM) -> tuple[list[Spot], list[Spot]]:
    """The spots below and above the limits, furthest first."""

    def far(spot: Spot) -> float:
        return abs(spot.share - share) * math.sqrt(spot.size)

    held = sorted(spots, key=lambda s: (-far(s), s.name))
    below = [s for s in held if s.share < limits(share, s.size, z)[0]]
    return below, [s for s in held if s.share > limits(share, s.size, z)[1]]


def funnel(
    spots: Sequence[Spot], share: float, alt: str, worse_high: bool = False, width: float = 84
) -> Chart:
    """The plot: size across (from 0), share up; spots outside 99.8 % on the worse side filled and named."""
    height = width * 0.66
    draw = Drawing(width, height)
    ink = draw.theme.ink
    box = (62.0, 14.0, width * 10 - 14, height * 10 - 62)
    most = max(s.size for s in spots) * 1.05
    low = min([s.share for s in spots] + [share - 0.05])
    high = max([s.share for s in spots] + [share + 0.05])
    low, high = max(0.0, low - 0.03), min(1.0, high + 0.03)

    def at(size: float, value: float) -> Point:
        value = min(high, max(low, value))
        return (
            box[0] + (box[2] - box[0]) * size / most,
            box[3] - (box[3] - box[1]) * (value - low) / (high - low),
        )

    _axes(draw, box, (low, high), most, at)
    sizes = [most * (i + 1) / 60 for i in range(60)]
    for z, dash in ((Z_WARN, "8 7"), (Z_ALARM, "")):
        for side in (0, 1):
            draw.path(
                polyline([at(n, limits(share, n, z)[side]) for n in sizes]), "none", ink["muted"], 2, dash
            )
    draw.line(at(0, share), at(most, share), ink["accent"], 3)
    below, above = outside(spots, share)
    worse = above if worse_high else below
    for spot in spots:
        flagged = spot in worse
        draw.circle(
            at(spot.size, spot.share), 8, ink["warning"] if flagged else ink["paper"], ink["text"], 2.4
        )
    _name_worst(draw, worse[:5], at, (box[0] + box[2]) / 2)
    return draw.chart(alt)


def _name_worst(draw: Drawing, worst: Sequence[Spot], at: _Place, middle: float) -> None:
    """Names beside the worst spots, away from the edge; one that would run into another is left out."""
    taken: list[float] = []
    for spot in worst:
        x, y = at(spot.size, spot.share)
        if any(abs(y - other) < 22 for other in taken):
            continue
        taken.append(y)
        end = x > middle
        draw.text((x - 13 if end else x + 13, y + 8), spot.name, 20, anchor="end" if end else "start")


def _axes(draw: Drawing, box: tuple[float, ...], span: tuple[float, float], most: float, at: _Place) -> None:
    ink = draw.theme.ink
    draw.line((box[0], box[3]), (box[2], box[3]), ink["text"], 2)
    step = 0.05 if span[1] - span[0] < 0.3 else (0.1 if span[1] - span[0] < 0.6 else 0.2)
    tick = math.ceil(span[0] / step) * step
    while tick <= span[1] + 1e-9:
        _, y = at(0, tick)
        draw.line((box[0], y), (box[2], y), ink["band"], 1.2)
        draw.text((box[0] - 8, y + 7), numbers.percent(tick), 19, ink["muted"], "end")
        tick += step
    for part in (0.25, 0.5, 0.75, 1.0):
        x, _ = at(most * part / 1.05, span[0])
        draw.text((x, box[3] + 26), numbers.people(most * part / 1.05, ""), 19, ink["muted"], "middle")
    draw.text((box[2], box[3] + 52), "分母（基数）", 19, ink["muted"], "end")
