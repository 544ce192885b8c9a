"""Where one unit stands among the others in every dimension: a line of dots for each, worse left and better right."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from .. import numbers
from ..theme import GradeCuts
from .svg import Chart, Drawing, text_width

ROW = 6.0  # mm
_HEAD, _FOOT = 8.0, 6.5
_NAMES, _FIGURES = 25.0, 46.0
_SIZE, _SMALL = 27.0, 23.0
_STEP = 10.0  # points of score between two ticks


@dataclass(frozen=True)
class Line:
    """One line: this unit's score and grade, the district's, all the others' and those of its own type.

    ``place`` and ``alike_place`` are what stands at the right, e.g. ``2/17``; empty where there is nothing to say.
    """

    name: str
    score: float | None
    grade: str | None
    district: float | None
    others: tuple[float, ...]
    alike: tuple[float, ...]
    place: str
    alike_place: str


def places_chart(lines: Sequence[Line], cuts: GradeCuts, alt: str, width: float = 168) -> Chart:
    """``lines`` below one another; others as grey dots, the own type as rings, the district as a line, the unit on top."""
    draw = Drawing(width, _HEAD + len(lines) * ROW + _FOOT)
    ink = draw.theme.ink
    held = [v for r in lines for v in (*r.others, *r.alike, r.score, r.district) if v is not None]
    low = math.floor(min(held, default=0.0) / _STEP) * _STEP
    left, span = _NAMES * 10, (width - _NAMES - _FIGURES) * 10

    def at(score: float) -> float:
        return left + span * (score - low) / max(100.0 - low, _STEP)

    _head(draw, any(r.alike_place for r in lines))
    bottom = (_HEAD + len(lines) * ROW) * 10
    ticks = [low + _STEP * i for i in range(round((100 - low) / _STEP) + 1)]
    for tick in ticks:
        draw.line((at(tick), _HEAD * 10), (at(tick), bottom), ink["band"], 1.5)
        draw.text((at(tick), bottom + 30), numbers.number(tick), 20, ink["muted"], "middle")
    for i, row in enumerate(lines):
        _line(draw, row, at, (_HEAD + (i + 0.5) * ROW) * 10, cuts)
    draw.text((left - 14, bottom + 30), "得分", 20, ink["muted"], "end")
    return draw.chart(alt)


def _head(draw: Drawing, alike: bool) -> None:
    """What the signs mean, and the titles of the figures at the right."""
    ink, y, x = draw.theme.ink, 30.0, _NAMES * 10
    keys = [("本单元（颜色为等级）", "own"), ("同型", "alike"), ("其他", "other"), ("全区", "district")]
    for words, sign in keys if alike else [k for k in keys if k[1] != "alike"]:
        if sign == "district":
            draw.line((x + 10, y - 20), (x + 10, y + 6), ink["text"], 3.5)
        else:
            _dot(draw, (x + 10, y - 7), sign, ink["accent"])
        draw.text((x + 36, y), words, _SMALL, ink["muted"])
        x += text_width(words, _SMALL) + 72
    right = draw.width * 10
    titles = [("得分", 300), ("位次", 160), ("同型", 0)] if alike else [("得分", 160), ("位次", 0)]
    for words, back in titles:
        draw.text((right - back, y), words, _SMALL, ink["muted"], "end")


def _line(draw: Drawing, row: Line, at: Callable[[float], float], y: float, cuts: GradeCuts) -> None:
    ink, right = draw.theme.ink, draw.width * 10
    bold = row.name == "综合"
    draw.text((_NAMES * 10 - 14, y + 9), row.name, _SIZE, anchor="end", bold=bold)
    draw.line((_NAMES * 10, y), (right - _FIGURES * 10, y), ink["hair"], 1.5)
    for value in row.others:
        _dot(draw, (at(value), y), "other", ink["middle"])
    for value in row.alike:
        _dot(draw, (at(value), y), "alike", ink["paper"])
    if row.district is not None:
        draw.line((at(row.district), y - 26), (at(row.district), y + 26), ink["text"], 3.5)
    if row.score is not None:
        _dot(draw, (at(row.score), y), "own", draw.theme.grade(row.grade, cuts))
    backs = (300, 160, 0) if row.alike_place else (160, 0, 0)
    draw.text((right - backs[0], y + 9), numbers.score(row.score), _SIZE, anchor="end", bold=True)
    draw.text((right - backs[1], y + 9), row.place, _SMALL, anchor="end")
    if row.alike_place:
        draw.text((right - backs[2], y + 9), row.alike_place, _SMALL, anchor="end")


def _dot(draw: Drawing, place: tuple[float, float], sign: str, fill: str) -> None:
    ink = draw.theme.ink
    if sign == "own":
        draw.circle(place, 15, fill, ink["text"], 4)
    elif sign == "alike":
        draw.circle(place, 9, ink["paper"], ink["accent"], 3.5)
    else:
        draw.circle(place, 7, ink["middle"], ink["paper"], 1)
