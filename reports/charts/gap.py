"""Where a gap comes from, drawn (差距分解图): from one total to another, part by part."""

from __future__ import annotations

from collections.abc import Sequence

from .. import numbers
from .svg import Chart, Drawing, text_width

_ROW, _TOP = 44.0, 16.0
_SIZE = 25.0


def waterfall(
    start: tuple[str, float], parts: Sequence[tuple[str, float]], end: tuple[str, float], width: float = 168
) -> Chart:
    """From ``start`` (name, total) over the ``parts`` (name, points) to ``end``; worse left, better right.

    A part is a bar from where the one before it ended, its points written beside it: gains filled, losses hollow, so
    that a grey print still tells them apart.
    """
    rows = len(parts) + 2
    draw = Drawing(width, (rows * _ROW + 2 * _TOP) / 10)
    ink = draw.theme.ink
    names = max(text_width(name, _SIZE) for name, _ in (start, *parts, end)) + 16
    places = [start[1]]
    for _, points in parts:
        places.append(places[-1] + points)
    low, high = min([*places, end[1]]), max([*places, end[1]])
    left, room = names + 110, width * 10 - names - 230

    def at(value: float) -> float:
        return left + room * ((value - low) / (high - low) if high > low else 0.5)

    def row(n: int, name: str, bold: bool = False) -> float:
        y = _TOP + n * _ROW
        draw.text((names - 8, y + 31), name, _SIZE, anchor="end", bold=bold)
        draw.line((names, y + _ROW), (width * 10 - 6, y + _ROW), ink["band"], 1)
        return y

    for n, (name, total) in ((0, start), (rows - 1, end)):
        y = row(n, name, bold=True)
        draw.line((at(total), y + 6), (at(total), y + _ROW - 6), ink["text"], 6)
        draw.text((at(total) + 14, y + 31), numbers.score(total), _SIZE, bold=True)
    for n, (name, points) in enumerate(parts, 1):
        y = row(n, name)
        a, b = sorted((at(places[n - 1]), at(places[n])))
        draw.line((at(places[n - 1]), y - 8), (at(places[n - 1]), y + 10), ink["middle"], 1.5)
        gain = points >= 0
        fill, edge = (ink["accent"], ink["accent"]) if gain else (ink["paper"], ink["warning"])
        draw.rect((a, y + 10), (max(b - a, 2.0), _ROW - 20), fill, edge, 3)
        side = (b + 10, "start") if gain else (a - 10, "end")
        colour = ink["accent"] if gain else ink["warning"]
        draw.text((side[0], y + 31), numbers.signed(points, 2), _SIZE, colour, side[1])
    told = "、".join(f"{name}{numbers.signed(points, 2)}" for name, points in parts)
    return draw.chart(f"从{start[0]}{numbers.score(start[1])}分到{end[0]}{numbers.score(end[1])}分：{told}")


def gap_panels(
    labels: Sequence[str], units: Sequence[tuple[str, Sequence[float]]], alt: str, width: float = 168
) -> Chart:
    """A column of bars for each (unit, points by label), all on one scale about zero; worse left, better right."""
    draw = Drawing(width, (2 * _TOP + (len(labels) + 1) * _ROW) / 10)
    ink = draw.theme.ink
    names = max(text_width(name, _SIZE) for name in labels) + 16
    step = (width * 10 - names) / len(units)
    widest = max((abs(p) for _, points in units for p in points), default=0.0) or 1.0
    half = step / 2 - 62
    for n, (name, points) in enumerate(units):
        zero = names + (n + 0.5) * step
        size = min(_SIZE, _SIZE * (step - 12) / max(text_width(name, _SIZE), 1.0))
        draw.text((zero, _TOP + 24), name, size, anchor="middle", bold=True)
        bottom = _TOP + (len(labels) + 1) * _ROW
        draw.line((zero, _TOP + _ROW), (zero, bottom), ink["text"], 2)
        for i, value in enumerate(points):
            y, reach = _TOP + (i + 1) * _ROW, half * abs(value) / widest
            gain = value >= 0
            fill, edge = (ink["accent"], ink["accent"]) if gain else (ink["paper"], ink["warning"])
            draw.rect((zero if gain else zero - reach, y + 11), (reach, _ROW - 22), fill, edge, 2.5)
            x, anchor = (zero + reach + 6, "start") if gain else (zero - reach - 6, "end")
            draw.text((x, y + 30), numbers.signed(value, 1), 21, edge, anchor)
    for i, name in enumerate(labels):
        y = _TOP + (i + 1) * _ROW
        draw.text((names - 8, y + 31), name, _SIZE, anchor="end")
        draw.line((names, y + _ROW), (width * 10 - 6, y + _ROW), ink["band"], 1)
    return draw.chart(alt)
