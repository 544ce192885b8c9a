"""The problem map (问题地图): every line of a ledger that has a place, by kind, on one map.

Kinds are told apart by the sign's form and by its colour, so that a grey printer loses nothing. Where signs would run
into each other they are gathered: the place with most lines stays and takes in what lies nearer than a group is wide,
then the next. Each kind has its own seat in a group, and a sign's size says how many lines it stands for.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from itertools import pairwise

import numpy as np

from ..charts.svg import Chart, Drawing, Point
from .cells import Ints
from .frame import (
    Box,
    Floats,
    Frame,
    Key,
    hairlines,
    lay_out,
    legend_lines,
    north_arrow,
    outlines_of,
    path_data,
    scale_bar,
    write_legend,
    write_names,
)

MOST_KINDS = 9
_STEPS = (1, 2, 10, 50, 200)  # from so many lines on a sign is as large as …
_SIZES = (0.4, 0.54, 0.68, 0.82, 0.96)  # … this part of its seat
_SEAT = 32.0  # tenths of a mm: the least room of a sign
_EDGE = 1.2
_FINE = 4.0  # cells across a group, in which places are taken together first


@dataclass(frozen=True)
class Kind:
    """A kind of problem and where its lines lie, shape (n, 2) in metres."""

    name: str
    xy: Floats

    def __len__(self) -> int:
        """How many lines it has."""
        return len(self.xy)


def problem_map(
    shapes: Mapping[str, bytes],
    kinds: Sequence[Kind],
    alt: str,
    size: tuple[float, float],
    labels: Mapping[str, str] | None = None,
    fine: Mapping[str, bytes] | None = None,
) -> Chart | None:
    """Signs of every kind over the units of ``shapes``; None without shapes or lines.

    ``size`` width and greatest height in mm; ``labels`` names of units; ``fine`` boundaries drawn still thinner
    beneath. At most :data:`MOST_KINDS` kinds, in the order given, which is also the order of their seats.
    Raises ValueError for more.
    """
    if len(kinds) > MOST_KINDS:
        raise ValueError(f"{len(kinds)} kinds of problems on one map, {MOST_KINDS} at most")
    outlines = outlines_of(shapes)
    present = [kind for kind in kinds if len(kind)]
    if not outlines or not present:
        return None
    across = math.ceil(math.sqrt(len(present)))
    keys = [_kind_key(i, f"{kind.name} {len(kind)}") for i, kind in enumerate(present)]
    lines = legend_lines(keys, size[0])
    frame, draw = lay_out(outlines, size, 2 + len(lines))
    signs = _signs(present, frame, across, draw.width * 10)
    ink = draw.theme.ink
    if fine:
        draw.path(hairlines(outlines_of(fine).values(), frame), "none", ink["hair"], 1)
    for code in sorted(outlines):
        draw.path(path_data(outlines[code], frame), "none", ink["muted"], 2)
    boxes: list[Box] = []
    for place, held in signs:
        half = _SEAT * across / 2 if len(held) > 1 else held[0].radius
        boxes.append((place[0] - half, place[1] - half, place[0] + half, place[1] + half))
        if len(held) > 1:
            corner = (place[0] - half + 1, place[1] - half + 1)
            draw.rect(
                corner, (2 * half - 2, 2 * half - 2), ink["paper"], ink["hair"], 1, radius=6, opacity=0.75
            )
    _draw_signs(draw, [sign for _, held in signs for sign in held])
    write_names(draw, outlines, labels or {}, frame, lambda _: ink["text"], boxes, ink["paper"])
    steps = sorted({sign.step for _, held in signs for sign in held})
    write_legend(draw, frame, [*lines, _size_keys(steps)])
    scale_bar(draw, frame)
    north_arrow(draw, outlines, frame)
    return draw.chart(alt)


@dataclass(frozen=True)
class _Sign:
    kind: int
    at: Point
    radius: float
    step: int


def _signs(kinds: Sequence[Kind], frame: Frame, across: int, width: float) -> list[tuple[Point, list[_Sign]]]:
    """The groups: where each stands, and a sign for each kind in it, in its seat; a single kind in the middle."""
    half = _SEAT * across / 2
    xy = frame.all_at(np.concatenate([kind.xy for kind in kinds]))
    xy = xy.clip(
        (half, half), (width - half, frame.bottom - half)
    )  # a group at the edge stands wholly on the map
    kind_of = np.repeat(np.arange(len(kinds)), [len(kind) for kind in kinds])
    group, places = gathered(xy, _SEAT * across)
    groups = []
    for number, place in enumerate(places):
        counts = np.bincount(kind_of[group == number], minlength=len(kinds))
        held = np.flatnonzero(counts)
        signs = []
        for kind in held:
            step = step_of(int(counts[kind]))
            seat = (kind % across, kind // across) if len(held) > 1 else ((across - 1) / 2, (across - 1) / 2)
            at = tuple(float(place[i] + (seat[i] - (across - 1) / 2) * _SEAT) for i in (0, 1))
            signs.append(_Sign(int(kind), (at[0], at[1]), _SEAT / 2 * _SIZES[step], step))
        groups.append(((float(place[0]), float(place[1])), signs))
    return groups


def gathered(xy: Floats, apart: float) -> tuple[Ints, Floats]:
    """(group of each place, shape (n,); where each group stands, shape (m, 2)); groups are ``apart`` across or down.

    Places are first taken together in fine cells; then the fullest cell founds a group that takes in every cell
    nearer than ``apart``, then the fullest of those left.
    """
    cells, of = np.unique(np.floor(xy / (apart / _FINE)), axis=0, return_inverse=True)
    of = of.reshape(-1)
    count = np.bincount(of)
    middle = np.column_stack([np.bincount(of, weights=xy[:, i]) / count for i in (0, 1)])
    group = np.full(len(cells), -1, dtype=np.int64)
    places: list[Floats] = []
    for first in np.lexsort((middle[:, 0], middle[:, 1], -count)):
        if group[first] >= 0:
            continue
        near = (np.abs(middle - middle[first]) < apart).all(axis=1) & (group < 0)
        group[near] = len(places)
        places.append(middle[first])
    return group[of], np.array(places)


def step_of(count: int) -> int:
    """Which size a sign of so many lines has."""
    return max(i for i, least in enumerate(_STEPS) if count >= least)


def _size_keys(steps: Sequence[int]) -> list[Key]:
    """The line of the legend that says how many lines a sign stands for."""
    words = ["1", *(f"{a}–{b - 1}" for a, b in pairwise(_STEPS[1:])), f"≥{_STEPS[-1]}"]
    return [Key(f"{words[s]}条", partial(_plain_sign, radius=_SEAT / 2 * _SIZES[s] * 0.9)) for s in steps]


def _plain_sign(draw: Drawing, at: Point, radius: float) -> None:
    draw.circle(at, radius, draw.theme.ink["band"], draw.theme.ink["muted"], _EDGE)


def _kind_key(number: int, words: str) -> Key:
    return Key(words, lambda draw, at: _draw_signs(draw, [_Sign(number, at, 13.0, 0)]))


def _draw_signs(draw: Drawing, signs: Sequence[_Sign]) -> None:
    """All signs, those of a kind in one path."""
    for kind in sorted({sign.kind for sign in signs}):
        data = "".join(sign_data(kind, sign.at, sign.radius) for sign in signs if sign.kind == kind)
        draw.path(data, draw.theme.kinds[kind], draw.theme.ink["paper"], _EDGE)


def sign_data(kind: int, at: Point, radius: float) -> str:
    """Path data of a kind's sign: its form within a circle of ``radius`` round ``at``."""
    form = _FORMS[kind]
    if form is None:
        r = radius * 0.9
        arc = f"a{r:.1f},{r:.1f} 0 1 0 "
        return f"M{at[0] - r:.1f},{at[1]:.1f}{arc}{2 * r:.1f},0{arc}-{2 * r:.1f},0Z"
    return "M" + "L".join(f"{at[0] + radius * x:.1f},{at[1] + radius * y:.1f}" for x, y in form) + "Z"


def _polygon(corners: int, turn: float = 0.0, inner: float = 0.0) -> list[Point]:
    """A regular polygon of radius 1 with a corner at the top; a star with ``inner`` radius."""
    steps = corners * 2 if inner else corners
    radius: Callable[[int], float] = lambda i: inner if inner and i % 2 else 1.0  # noqa: E731
    return [
        (
            radius(i) * math.sin(2 * math.pi * i / steps + turn),
            -radius(i) * math.cos(2 * math.pi * i / steps + turn),
        )
        for i in range(steps)
    ]


_PLUS = [
    (-0.36, -1.0), (0.36, -1.0), (0.36, -0.36), (1.0, -0.36), (1.0, 0.36), (0.36, 0.36), (0.36, 1.0), (-0.36, 1.0),
    (-0.36, 0.36), (-1.0, 0.36), (-1.0, -0.36), (-0.36, -0.36),
]  # fmt: skip
_SAW = [(0.71 * (x - y), 0.71 * (x + y)) for x, y in _PLUS]
# nine forms that stay apart at two millimetres: disc, square, triangle, rhomb, triangle on its tip, cross, hexagon, star, ×
_FORMS: tuple[list[Point] | None, ...] = (
    None, [(-0.8, -0.8), (0.8, -0.8), (0.8, 0.8), (-0.8, 0.8)], _polygon(3), _polygon(4), _polygon(3, math.pi), _PLUS,
    _polygon(6), _polygon(5, inner=0.42), _SAW,
)  # fmt: skip
