"""The radar (雷达图): one unit's dimensions against the district's, or those of a few units over one another."""

from __future__ import annotations

import math
from collections.abc import Sequence

from .. import numbers
from ..theme import GradeCuts
from .svg import Chart, Drawing, Point, polyline, text_width

_LABEL = 27.0
_LINE = 31.0
_LONGEST = 6  # characters of a name on one line


def radar(
    labels: Sequence[str],
    scores: Sequence[float | None],
    reference: Sequence[float | None],
    grades: Sequence[str | None],
    cuts: GradeCuts,
    width: float = 78,
) -> Chart:
    """Dimension scores (0–100) as a polygon, the reference dashed, each corner's dot in its grade's colour.

    A dimension without a score has no corner: the outline is broken there, never drawn through zero. The
    centre stands for :func:`centre_of` points and the rings are labelled. Raises ValueError for under three dimensions.
    """
    if len(labels) < 3:
        raise ValueError("a radar needs at least three dimensions")
    height = width * 0.86
    draw = Drawing(width, height)
    tall = max(len(label_lines(name)) for name in labels) * _LINE  # of the names above and below the web
    middle = (width * 5, height * 5 + 6)
    radius = height * 5 - 54 - tall
    low = centre_of([*scores, *reference])

    def at(index: int, value: float) -> Point:
        angle = 2 * math.pi * index / len(labels) - math.pi / 2
        reach = radius * max(0.0, (value - low) / (100 - low))
        return middle[0] + reach * math.cos(angle), middle[1] + reach * math.sin(angle)

    _web(draw, [[at(i, v) for i in range(len(labels))] for v in _rings(low)], middle)
    _outline(draw, [None if v is None else at(i, v) for i, v in enumerate(reference)], "district")
    here = [None if v is None else at(i, v) for i, v in enumerate(scores)]
    _outline(draw, here, "unit")
    for ring in _rings(low):
        x, y = at(0, ring)
        draw.text((x + 8, y + 20), numbers.number(ring), 20, draw.theme.ink["muted"])
    for i, point in enumerate(here):
        if point is not None:
            draw.circle(point, 10, draw.theme.grade(grades[i], cuts), draw.theme.ink["text"], 3)
        _label(
            draw, at(i, 100 + (100 - low) * 0.13), label_lines(labels[i]), numbers.score(scores[i]), middle
        )
    told = "、".join(f"{name}{numbers.score(score)}" for name, score in zip(labels, scores, strict=True))
    return draw.chart(f"各维度得分雷达图：{told}")


OVERLAID = 5  # outlines an eye can still follow
DASHES = ("", "22 9", "6 7", "26 7 6 7", "14 6")  # never colour alone
_KEY_ROW = 82.0


def overlay(
    labels: Sequence[str],
    series: Sequence[tuple[str, Sequence[float | None]]],
    web: float = 100,
    key: float = 68,
) -> Chart:
    """The outlines of up to five (name, scores 0–100), each with its own colour, dash and mark, and a key at the right.

    ``web`` and ``key`` are the widths of the two in millimetres.

    A missing score breaks its outline. Raises ValueError for under three dimensions or more than five outlines.
    """
    if len(labels) < 3 or len(series) > OVERLAID:
        raise ValueError("an overlay needs at least three dimensions and at most five outlines")
    height = web * 0.86
    draw = Drawing(web + key, height)
    tall = max(len(label_lines(name)) for name in labels) * _LINE
    middle, radius = (web * 5, height * 5 + 6), height * 5 - 34 - tall
    low = centre_of([v for _, scores in series for v in scores])

    def at(index: int, value: float) -> Point:
        angle = 2 * math.pi * index / len(labels) - math.pi / 2
        reach = radius * max(0.0, (value - low) / (100 - low))
        return middle[0] + reach * math.cos(angle), middle[1] + reach * math.sin(angle)

    _web(draw, [[at(i, v) for i in range(len(labels))] for v in _rings(low)], middle)
    for ring in _rings(low):
        x, y = at(0, ring)
        draw.text((x + 8, y + 20), numbers.number(ring), 20, draw.theme.ink["muted"])
    for i, name in enumerate(labels):
        _label(draw, at(i, 100 + (100 - low) * 0.1), label_lines(name), "", middle)
    for n, (_, scores) in enumerate(series):
        corners = [None if v is None else at(i, v) for i, v in enumerate(scores)]
        _stroke(draw, corners, draw.theme.kinds[n], DASHES[n])
        for point in corners:
            if point is not None:
                mark(draw, n, point, draw.theme.kinds[n])
    for n, (name, scores) in enumerate(series):
        x, y = web * 10 + 60, height * 5 + (n - len(series) / 2 + 0.5) * _KEY_ROW
        draw.line((x, y), (x + 100, y), draw.theme.kinds[n], 4.5, DASHES[n])
        mark(draw, n, (x + 50, y), draw.theme.kinds[n])
        draw.text((x + 118, y - 2), name, _LABEL)
        told = [v for v in scores if v is not None]
        if told:
            said = f"最高{numbers.score(max(told))}，最低{numbers.score(min(told))}"
            draw.text((x + 118, y + 28), said, 22, draw.theme.ink["muted"])
    alt = "；".join(
        f"{name}：{'、'.join(f'{d}{numbers.score(v)}' for d, v in zip(labels, scores, strict=True))}"
        for name, scores in series
    )
    return draw.chart(f"各维度得分雷达图：{alt}")


def mark(draw: Drawing, kind: int, at: Point, colour: str) -> None:
    """The mark of one outline, by its place: circle, square, triangle, diamond, hollow circle."""
    x, y = at
    shapes = {
        1: [(x - 9, y - 9), (x + 9, y - 9), (x + 9, y + 9), (x - 9, y + 9)],
        2: [(x, y - 12), (x + 11, y + 8), (x - 11, y + 8)],
        3: [(x, y - 12), (x + 12, y), (x, y + 12), (x - 12, y)],
    }
    if kind in shapes:
        draw.path(polyline(shapes[kind], closed=True), colour, draw.theme.ink["paper"], 2)
    else:
        hollow = kind > 3
        draw.circle(
            at,
            9.5,
            draw.theme.ink["paper"] if hollow else colour,
            colour if hollow else draw.theme.ink["paper"],
            3,
        )


def _stroke(draw: Drawing, points: Sequence[Point | None], colour: str, dash: str) -> None:
    """A closed outline in one colour and dash; open beside a missing corner."""
    known = [p for p in points if p is not None]
    if len(known) == len(points):
        draw.path(polyline(known, closed=True), "none", colour, 4.5, dash)
        return
    for a, b in zip(points, [*points[1:], points[0]], strict=True):
        if a is not None and b is not None:
            draw.line(a, b, colour, 4.5, dash)


def centre_of(values: Sequence[float | None]) -> float:
    """What the centre stands for: a round ten at least 20 points under the lowest value, never below 0."""
    lowest = min((v for v in values if v is not None), default=60.0)
    return max(0.0, math.floor(lowest / 10) * 10 - 20)


def _rings(low: float) -> list[float]:
    return [ring for ring in (20.0, 40.0, 60.0, 80.0, 100.0) if ring > low + 5]


def _web(draw: Drawing, rings: list[list[Point]], middle: Point) -> None:
    hair = draw.theme.ink["hair"]
    for corners in rings:
        draw.path(polyline(corners, closed=True), "none", hair, 1.6)
    for corner in rings[-1]:
        draw.line(middle, corner, hair, 1.6)


def _outline(draw: Drawing, points: Sequence[Point | None], who: str) -> None:
    """A closed outline when every corner is known, else the known edges one by one."""
    ink = draw.theme.ink
    colour, width, dash = (ink["accent"], 4.5, "") if who == "unit" else (ink["muted"], 3.0, "11 7")
    known = [p for p in points if p is not None]
    if len(known) == len(points):
        if who == "unit":
            draw.parts.append('<g fill-opacity="0.55">')
            draw.path(polyline(known, closed=True), ink["accent_wash"])
            draw.parts.append("</g>")
        draw.path(polyline(known, closed=True), "none", colour, width, dash)
        return
    for a, b in zip(points, [*points[1:], points[0]], strict=True):
        if a is not None and b is not None:
            draw.line(a, b, colour, width, dash)


def label_lines(name: str) -> list[str]:
    """A dimension's name in lines of at most five characters or so: broken before a bracket, else in the middle."""
    head, bracket, tail = name.partition("（")
    if bracket and head:
        return [head, bracket + tail]
    half = math.ceil(len(name) / 2)
    return [name] if len(name) <= _LONGEST else [name[:half], name[half:]]


def _label(draw: Drawing, at: Point, lines: Sequence[str], score: str, middle: Point) -> None:
    """Name and score beside a corner, always inside the drawing."""
    lean = at[0] - middle[0]
    anchor = "middle" if abs(lean) < 30 else ("start" if lean > 0 else "end")
    wide = max(text_width(line, _LABEL) for line in lines)
    left, right = {"start": (0.0, wide), "end": (wide, 0.0), "middle": (wide / 2, wide / 2)}[anchor]
    x = min(max(at[0], left), draw.width * 10 - right)
    more = (len(lines) - 1) * _LINE  # a name of two lines grows away from the web
    drop = 10 if at[1] > middle[1] + 30 else (-14 - more if at[1] < middle[1] - 30 else -4 - more / 2)
    for i, line in enumerate(lines):
        draw.text((x, at[1] + drop + i * _LINE), line, _LABEL, anchor=anchor)
    draw.text((x, at[1] + drop + more + _LINE), score, _LABEL, anchor=anchor, bold=True)
