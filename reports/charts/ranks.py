"""How sure the order is: a row for each unit with its rank (dot) and the places it may well have (bars)."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from .. import numbers
from .svg import Chart, Drawing, text_width

ROW = 38.0  # tenths of a millimetre
HEAD, FOOT = 52.0, 62.0  # the places above the rows, the legend below
_SIZE = 24.0
_SMALL = 21.0


class Places(NamedTuple):
    """One unit: its rank, 5–95 % of it over weights, over every choice and over sampling error (None: not known)."""

    name: str
    rank: int
    low: int
    high: int
    free_low: int | None
    free_high: int | None
    drawn_low: int | None = None
    drawn_high: int | None = None


def rank_intervals_chart(rows: Sequence[Places], peers: int, alt: str, width: float = 168) -> Chart:
    """The rows in the order given; the last place is left, the first right.

    Over weights: a full dark bar. Over every choice: a wider one, outlined and light, so that a grey print keeps the two
    apart. Over sampling error: a line with ends under them. The first and the last stand in figures at the right.
    """
    draw = Drawing(width, (HEAD + len(rows) * ROW + FOOT) / 10)
    ink = draw.theme.ink
    names = max((text_width(row.name, _SIZE) for row in rows), default=0) + 14
    sampled = any(row.drawn_low is not None for row in rows)
    left, right = names + 18, width * 10 - (260 if sampled else 150)
    first, second = width * 10 - (112 if sampled else 2), width * 10 - 2
    if sampled:
        draw.text((first, HEAD - 18), "权重变动", _SMALL, ink["muted"], "end")
        draw.text((second, HEAD - 18), "抽样误差", _SMALL, ink["muted"], "end")
    bottom = HEAD + len(rows) * ROW

    def at(place: float) -> float:
        return right - (right - left) * (place - 1) / max(1, peers - 1)

    for place in _marks(peers):
        draw.line((at(place), HEAD - 10), (at(place), bottom), ink["band"], 1.6)
        draw.text((at(place), HEAD - 18), f"第{place}名", _SMALL, ink["muted"], "middle")
    for i, row in enumerate(rows):
        y = HEAD + i * ROW + ROW / 2
        draw.text((names - 4, y + 8), row.name, _SIZE, anchor="end")
        if row.free_low is not None and row.free_high is not None:
            _bar(draw, at(row.free_high), at(row.free_low), y, 22, ink["wash"], ink["muted"])
        _bar(draw, at(row.high), at(row.low), y, 10, ink["accent"], "none")
        draw.circle((at(row.rank), y), 9, ink["paper"], ink["text"], 3.4)
        draw.text((first, y + 8), f"{row.rank}（{numbers.span(row.low, row.high)}）", _SIZE, anchor="end")
        if row.drawn_low is not None and row.drawn_high is not None:
            _whisker(draw, at(row.drawn_high), at(row.drawn_low), y + 15)
            draw.text((second, y + 8), numbers.span(row.drawn_low, row.drawn_high), _SIZE, anchor="end")
    _legend(draw, names, bottom + 40, any(row.free_low is not None for row in rows), sampled)
    return draw.chart(alt)


def _bar(draw: Drawing, start: float, end: float, y: float, height: float, fill: str, stroke: str) -> None:
    """A bar from one place to another, half a dot longer at both ends so that one place is a bar too."""
    draw.rect((start - 13, y - height / 2), (end - start + 26, height), fill, stroke, 2, radius=height / 2)


def _whisker(draw: Drawing, start: float, end: float, y: float) -> None:
    """A line with ends, as far beyond the places as a bar."""
    ink = draw.theme.ink["text"]
    for a, b in (
        ((start - 13, y), (end + 13, y)),
        *(((x, y - 5), (x, y + 5)) for x in (start - 13, end + 13)),
    ):
        draw.line(a, b, ink, 2.6)


def _marks(peers: int) -> list[int]:
    """The places that are written out: the first, every fifth, the last."""
    return sorted({1, *range(5, peers - 1, 5), peers})


def _legend(draw: Drawing, left: float, y: float, both: bool, sampled: bool) -> None:
    ink = draw.theme.ink
    draw.circle((left, y - 7), 9, ink["paper"], ink["text"], 3.4)
    x = _said(draw, left + 20, y, "现行名次")
    _bar(draw, x + 13, x + 57, y - 7, 10, ink["accent"], "none")
    x = _said(draw, x + 80, y, "权重变动的90%区间")
    if both:
        _bar(draw, x + 13, x + 57, y - 7, 22, ink["wash"], ink["muted"])
        x = _said(draw, x + 80, y, "计分方法也变动")
    if sampled:
        _whisker(draw, x + 13, x + 57, y - 7)
        _said(draw, x + 80, y, "抽样误差的90%区间")


def _said(draw: Drawing, x: float, y: float, words: str) -> float:
    """Words of the legend; where the next sign may begin."""
    draw.text((x, y), words, _SMALL, draw.theme.ink["muted"])
    return x + text_width(words, _SMALL) + 40
