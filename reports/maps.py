"""Choropleth maps (分级设色图) from the run's boundaries: thin outlines, grade colours, scale bar, north arrow.

Shapes come as WKB in the run's metric CRS, so that a metre is a metre and north is up (grid north). Nothing
is fetched: no basemap.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import shapely

from ..engine.results import UNGRADED
from .svg import Chart, Drawing, Point, text_width
from .theme import GradeCuts

_LABEL = 22.0
_ROUND_LENGTHS = (50, 100, 200, 500, 1000, 2000, 5000, 10000, 20000, 50000)


@dataclass(frozen=True)
class Mark:
    """A point on a problem map (问题地图): metres in the run's CRS, and a severity or degree colour."""

    x: float
    y: float
    colour: str


@dataclass(frozen=True)
class _Frame:
    """How metres become tenths of a millimetre on the drawing."""

    left: float
    top: float
    scale: float  # tenths of a millimetre per metre
    across: float
    down: float

    def at(self, x: float, y: float) -> Point:
        return self.across + (x - self.left) * self.scale, self.down + (self.top - y) * self.scale


def choropleth(
    shapes: Mapping[str, bytes],
    grades: Mapping[str, str | None],
    cuts: GradeCuts,
    alt: str,
    size: tuple[float, float] = (84, 110),
    labels: Mapping[str, str] | None = None,
    emphasis: str = "",
    marks: Sequence[Mark] = (),
) -> Chart | None:
    """A map of the units in ``shapes`` (code → WKB), coloured by grade; None when no shape can be drawn.

    ``size`` is width and greatest height in mm. ``labels`` are written where they fit, larger units first;
    ``emphasis`` is outlined in the accent colour. Scale bar, north arrow and legend are part of it.
    """
    outlines = _outlines(shapes)
    if not outlines:
        return None
    rows = _legend_rows(cuts, size[0])
    frame, draw = _lay_out(outlines, size, rows)
    _areas(draw, outlines, grades, cuts, frame)
    if emphasis in outlines:
        draw.path(_path(outlines[emphasis], frame), "none", draw.theme.ink["accent"], 6)
    for mark in marks:
        draw.circle(frame.at(mark.x, mark.y), 6, mark.colour, draw.theme.ink["paper"], 1.5)
    _write_labels(draw, outlines, labels or {}, grades, cuts, frame)
    _legend(draw, grades, cuts)
    _scale_bar(draw, frame, rows)
    _north_arrow(draw)
    return draw.chart(alt)


def small_map(
    shapes: Mapping[str, bytes],
    grades: Mapping[str, str | None],
    cuts: GradeCuts,
    title: str,
    size: tuple[float, float] = (41, 46),
) -> Chart | None:
    """One of several small maps side by side: title above, no names, no legend (the heat table has it)."""
    outlines = _outlines(shapes)
    if not outlines:
        return None
    frame, draw = _lay_out(outlines, size, 0, top=36.0)
    draw.text((size[0] * 5, 24), title, 24, anchor="middle", bold=True)
    _areas(draw, outlines, grades, cuts, frame)
    return draw.chart(f"{title}等级图")


def _areas(
    draw: Drawing,
    outlines: Mapping[str, shapely.Geometry],
    grades: Mapping[str, str | None],
    cuts: GradeCuts,
    frame: _Frame,
) -> None:
    _hatch(draw)
    for code in sorted(outlines):
        known = grades.get(code) not in (None, UNGRADED)
        fill = draw.theme.grade(grades.get(code), cuts) if known else "url(#none)"
        draw.path(_path(outlines[code], frame), fill, draw.theme.ink["muted"], 1.4)


def silhouette(shapes: Mapping[str, bytes], emphasis: str, width: float, max_height: float) -> Chart | None:
    """The district's units as a quiet drawing for a cover, ``emphasis`` filled; None without shapes."""
    outlines = _outlines(shapes)
    if not outlines:
        return None
    frame, draw = _lay_out(outlines, (width, max_height), 0)
    ink = draw.theme.ink
    for code in sorted(outlines):
        fill = ink["accent"] if code == emphasis else ink["accent_wash"]
        draw.path(_path(outlines[code], frame), fill, ink["paper"], 4)
    return draw.chart("行政区划示意")


def _outlines(shapes: Mapping[str, bytes]) -> dict[str, shapely.Geometry]:
    """The drawable areas: WKB read, empty and non-areal geometries left out."""
    codes = sorted(shapes)
    read = shapely.from_wkb([shapes[c] for c in codes], on_invalid="ignore")
    return {
        code: shape
        for code, shape in zip(codes, read, strict=True)
        if shape is not None and not shape.is_empty and shape.geom_type in ("Polygon", "MultiPolygon")
    }


def _lay_out(
    outlines: Mapping[str, shapely.Geometry], size: tuple[float, float], legend_rows: int, top: float = 0.0
) -> tuple[_Frame, Drawing]:
    """The frame and an empty drawing: as large as ``size`` allows, room for the legend below, ``top`` above."""
    west, south, east, north = shapely.total_bounds(list(outlines.values()))
    margin, legend = 12.0, 40.0 * legend_rows
    room = size[1] * 10 - legend - top - 2 * margin
    scale = min((size[0] * 10 - 2 * margin) / max(east - west, 1.0), room / max(north - south, 1.0))
    height = ((north - south) * scale + 2 * margin + legend + top) / 10
    across = (size[0] * 10 - (east - west) * scale) / 2
    return _Frame(west, north, scale, across, margin + top), Drawing(size[0], height)


def _path(shape: shapely.Geometry, frame: _Frame) -> str:
    """Path data of every ring, to a hundredth of a millimetre, points closer than that dropped."""
    data: list[str] = []
    for polygon in shapely.get_parts(shape):
        for ring in (polygon.exterior, *polygon.interiors):
            xy = shapely.get_coordinates(ring)
            across = frame.across + (xy[:, 0] - frame.left) * frame.scale
            down = frame.down + (frame.top - xy[:, 1]) * frame.scale
            points = np.column_stack((across, down)).round(1)
            moved = np.ones(len(points), dtype=bool)
            moved[1:] = (np.diff(points, axis=0) != 0).any(axis=1)
            data.append("M" + "L".join(f"{x:g},{y:g}" for x, y in points[moved]) + "Z")
    return "".join(data)


def _write_labels(
    draw: Drawing,
    outlines: Mapping[str, shapely.Geometry],
    labels: Mapping[str, str],
    grades: Mapping[str, str | None],
    cuts: GradeCuts,
    frame: _Frame,
) -> None:
    """Names at a point inside each unit; one that would run into another or far out of its unit is left out."""
    taken: list[tuple[float, float, float, float]] = []
    for code in sorted(outlines, key=lambda c: (-outlines[c].area, c)):
        name = labels.get(code, "")
        if not name:
            continue
        inside = outlines[code].representative_point()
        x, y = frame.at(inside.x, inside.y)
        half = text_width(name, _LABEL) / 2
        left, _, right, _ = outlines[code].bounds
        box = (x - half, y - _LABEL * 0.7, x + half, y + _LABEL * 0.5)
        crowded = any(box[0] < b[2] and b[0] < box[2] and box[1] < b[3] and b[1] < box[3] for b in taken)
        if crowded or 2 * half > 1.25 * (right - left) * frame.scale:
            continue
        taken.append(box)
        ink = draw.theme.on(draw.theme.grade(grades.get(code), cuts))
        draw.text((x, y + _LABEL * 0.35), name, _LABEL, ink, "middle")


def _hatch(draw: Drawing) -> None:
    """A pattern for units without a grade: white could be taken for a class."""
    hair = draw.theme.ink["hair"]
    draw.parts.append(
        '<defs><pattern id="none" width="14" height="14" patternUnits="userSpaceOnUse">'
        f'<rect width="14" height="14" fill="{draw.theme.ungraded}"/>'
        f'<path d="M0,14L14,0" stroke="{hair}" stroke-width="2"/></pattern></defs>'
    )


def legend_entries(cuts: GradeCuts) -> list[tuple[str, str]]:
    """Grade and its range of scores in words: 优 ≥90, 良 80–90 …, 差 <60."""
    entries = []
    for i, (name, low) in enumerate(cuts):
        if i == 0:
            entries.append((name, f"≥{low:g}"))
        elif i == len(cuts) - 1:
            entries.append((name, f"<{cuts[i - 1][1]:g}"))
        else:
            entries.append((name, f"{low:g}–{cuts[i - 1][1]:g}"))
    return entries


def _legend_rows(cuts: GradeCuts, width: float) -> int:
    """Two strips under the map: the scale bar's and the legend's; three where the legend is broken."""
    return 2 if _legend_width(cuts) <= width * 10 else 3


def _legend_width(cuts: GradeCuts) -> float:
    return (
        sum(62 + text_width(f"{n} {r}", 21) for n, r in legend_entries(cuts)) + 62 + text_width(UNGRADED, 21)
    )


def _legend(draw: Drawing, grades: Mapping[str, str | None], cuts: GradeCuts) -> None:
    rows = _legend_rows(cuts, draw.width) - 1
    entries = [(f"{n} {r}", draw.theme.grade(n, cuts)) for n, r in legend_entries(cuts)]
    if any(g in (None, UNGRADED) for g in grades.values()):
        entries.append((UNGRADED, "url(#none)"))
    x, y = 6.0, draw.height * 10 - 40.0 * rows + 8
    for words, colour in entries:
        step = 62 + text_width(words, 21)
        if x + step > draw.width * 10 + 30:
            x, y = 6.0, y + 40
        draw.rect((x, y), (30, 20), colour, draw.theme.ink["muted"], 1.2)
        draw.text((x + 36, y + 18), words, 21)
        x += step


def _scale_bar(draw: Drawing, frame: _Frame, legend_rows: int) -> None:
    """A bar of a round length, about a fifth of the map's width."""
    wanted = draw.width * 2 / frame.scale
    metres = min(_ROUND_LENGTHS, key=lambda m: abs(m - wanted))
    length = metres * frame.scale
    y = draw.height * 10 - 40.0 * (legend_rows - 1) - 12
    x = draw.width * 10 - length - 10
    ink = draw.theme.ink["text"]
    draw.line((x, y), (x + length, y), ink, 3)
    for end in (x, x + length):
        draw.line((end, y - 7), (end, y), ink, 3)
    told = f"{metres / 1000:g} km" if metres >= 1000 else f"{metres} m"
    draw.text((x - 8, y + 2), told, 19, anchor="end")


def _north_arrow(draw: Drawing) -> None:
    x, y = draw.width * 10 - 22, 16.0
    draw.path(f"M{x},{y}L{x + 10},{y + 32}L{x},{y + 25}L{x - 10},{y + 32}Z", draw.theme.ink["text"])
    draw.text((x, y + 54), "北", 20, anchor="middle")
