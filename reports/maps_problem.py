"""The problem map (问题地图): every line of a ledger that has a place, by kind, on one map.

Kinds are told apart by the sign's form and by its colour, so that a grey printer loses nothing. Where signs would run
into each other they are gathered: the map is cut into square cells of a round ground size, each kind has its own seat
in a cell, and the sign's size says how many lines it stands for. A cell with one kind shows it where its lines lie.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from itertools import pairwise

import numpy as np

from .map_cells import Grid, Ints, described_side, grid_for
from .map_frame import (
    Box,
    Floats,
    Frame,
    Key,
    lay_out,
    legend_lines,
    north_arrow,
    outlines_of,
    path_data,
    scale_bar,
    write_legend,
    write_names,
)
from .svg import Chart, Drawing, Point

MOST_KINDS = 9
_STEPS = (1, 2, 10, 50, 200)  # from so many lines on a sign is as large as …
_SIZES = (0.34, 0.5, 0.66, 0.82, 0.96)  # … this part of its seat
_SEAT = 32.0  # tenths of a mm: the least room of a sign
_EDGE = 1.2


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
    # the grid follows from the scale, which follows from the number of lines of the legend: at most two of them more
    lines = legend_lines(keys, size[0])
    frame, draw = lay_out(outlines, size, 2 + len(lines))
    grid = grid_for(frame.scale, _SEAT * across)
    signs = _signs(present, grid, frame, across)
    ink = draw.theme.ink
    for shape in outlines_of(fine or {}).values():
        draw.path(path_data(shape, frame), "none", ink["hair"], 1)
    for code in sorted(outlines):
        draw.path(path_data(outlines[code], frame), "none", ink["muted"], 2)
    for sign in signs:
        draw_sign(draw, sign.kind, sign.at, sign.radius)
    boxes: list[Box] = [
        (s.at[0] - s.radius, s.at[1] - s.radius, s.at[0] + s.radius, s.at[1] + s.radius) for s in signs
    ]
    write_names(draw, outlines, labels or {}, frame, lambda _: ink["text"], boxes, ink["paper"])
    steps = sorted({s.step for s in signs})
    write_legend(draw, frame, [*lines, _size_keys(steps, grid, frame, across)])
    scale_bar(draw, frame)
    north_arrow(draw, outlines, frame)
    return draw.chart(alt)


@dataclass(frozen=True)
class _Sign:
    kind: int
    at: Point
    radius: float
    step: int


def _signs(kinds: Sequence[Kind], grid: Grid, frame: Frame, across: int) -> list[_Sign]:
    """One sign for each cell and kind in it, each inside its cell."""
    held: dict[tuple[int, int], list[tuple[int, int, Floats]]] = {}
    for number, kind in enumerate(kinds):
        cells, of = np.unique(grid.cells(kind.xy), axis=0, return_inverse=True)
        counts = np.bincount(of.reshape(-1))
        middles = np.column_stack(
            [np.bincount(of.reshape(-1), weights=kind.xy[:, i]) / counts for i in (0, 1)]
        )
        for cell, count, middle in zip(cells, counts, middles, strict=True):
            held.setdefault((int(cell[0]), int(cell[1])), []).append((number, int(count), middle))
    signs = []
    seat = grid.side_m * frame.scale / across
    for cell in sorted(held):
        alone = len(held[cell]) == 1
        for number, count, middle in held[cell]:
            step = step_of(count)
            radius = seat / 2 * _SIZES[step]
            at = _seat(np.array(cell), number, across, grid)
            if alone:
                low, high = np.array(cell) * grid.side_m, (np.array(cell) + 1) * grid.side_m
                inner = radius / frame.scale
                at = np.clip(middle, low + inner, high - inner)
            signs.append(_Sign(number, frame.at(float(at[0]), float(at[1])), radius, step))
    return signs


def _seat(cell: Ints, number: int, across: int, grid: Grid) -> Floats:
    """The middle of a kind's seat in a cell: from the top left, row by row."""
    column, row = number % across, number // across
    return (cell + np.array([(column + 0.5) / across, 1 - (row + 0.5) / across])) * grid.side_m


def step_of(count: int) -> int:
    """Which size a sign of so many lines has."""
    return max(i for i, least in enumerate(_STEPS) if count >= least)


def _size_keys(steps: Sequence[int], grid: Grid, frame: Frame, across: int) -> list[Key]:
    """The line of the legend that says how many lines a sign stands for, and in how large a cell."""
    seat = grid.side_m * frame.scale / across
    words = ["1", *(f"{a}–{b - 1}" for a, b in pairwise(_STEPS[1:])), f"≥{_STEPS[-1]}"]
    keys = [Key(f"{words[s]}条", partial(_plain_sign, radius=min(seat / 2 * _SIZES[s], 18.0))) for s in steps]
    return [*keys, Key(f"小格边长{described_side(grid)}", _cell_sign)]


def _plain_sign(draw: Drawing, at: Point, radius: float) -> None:
    draw.circle(at, radius, draw.theme.ink["band"], draw.theme.ink["muted"], _EDGE)


def _cell_sign(draw: Drawing, at: Point) -> None:
    draw.rect((at[0] - 12, at[1] - 12), (24, 24), "none", draw.theme.ink["hair"], 1.2)


def _kind_key(number: int, words: str) -> Key:
    return Key(words, lambda draw, at: draw_sign(draw, number, at, 13.0))


def draw_sign(draw: Drawing, kind: int, at: Point, radius: float) -> None:
    """The sign of a kind, its form within a circle of ``radius`` round ``at``."""
    form, colour = _FORMS[kind], draw.theme.kinds[kind]
    if form is None:
        draw.circle(at, radius * 0.9, colour, draw.theme.ink["paper"], _EDGE)
        return
    points = [(at[0] + radius * x, at[1] + radius * y) for x, y in form]
    data = "M" + "L".join(f"{x:.1f},{y:.1f}" for x, y in points) + "Z"
    draw.path(data, colour, draw.theme.ink["paper"], _EDGE)


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
