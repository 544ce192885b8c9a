"""The map of a service: who is served in grey, who is not in the warning colour, supply, and proposed sites.

Demand is gathered in square cells of a round ground size, so that the drawing stays small however many points there
are: in each cell a square whose area says how much demand lies there, and over it one for the part without service.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

import numpy as np
import numpy.typing as npt
import shapely

from ..charts.svg import Chart, Drawing, Point
from .cells import Grid, described_side, grid_for, summed
from .frame import (
    Box,
    Floats,
    Frame,
    Key,
    ground,
    lay_out,
    legend_lines,
    north_arrow,
    outlines_of,
    path_data,
    scale_bar,
    write_legend,
    write_names,
)

_CELL = 13.0  # tenths of a mm: the least room of a cell on paper
_MOST_CELLS = 2400
_FULL = 0.92  # of a cell, taken by the square of its …
_REFERENCE = 0.9  # … quantile of the cells' demand; more is drawn no larger
_LEAST = 2.4  # tenths of a mm: a square that can still be seen
_MARK, _SMALL_MARK, _MANY = 6.5, 4.6, 150
_LEAST_MARK, _LEAST_RIM, _CROWD = 3.0, 2.6, 500
_RIM = 4.4  # tenths of a mm: twice a ring's line
_MARK_ROOM = 9.0  # tenths of a mm between marks; those nearer to each other are drawn as one
_TINY = 60.0  # tenths of a mm, squared: a polygon that is smaller is drawn as a mark
_RING = 17.0


@dataclass(frozen=True)
class Demand:
    """Demand points: places in metres, shape (n, 2), how much each stands for, and whether it is served."""

    xy: Floats
    weight: Floats
    served: npt.NDArray[np.bool_]


@dataclass(frozen=True)
class Site:
    """A proposed site: its rank, place in metres and how far it serves."""

    rank: int
    x: float
    y: float
    radius_m: float


@dataclass(frozen=True)
class Words:
    """What a service map's legend calls things: 已服务人口, 未服务人口, 公交站点, and what a square's area means."""

    served: str = "已服务"
    unserved: str = "未服务"
    supply: str = "设施"
    area: str = "人数"


def service_map(
    shapes: Mapping[str, bytes],
    demand: Demand,
    supply: Sequence[bytes],
    alt: str,
    size: tuple[float, float],
    words: Words | None = None,
    labels: Mapping[str, str] | None = None,
    sites: Sequence[Site] = (),
) -> Chart | None:
    """The map over the units of ``shapes``; None without shapes or demand.

    ``supply`` holds WKB of points, lines and polygons; what lies off the map is left out. ``size`` is width and greatest
    height in mm. Sites are numbered rings with the reach of each in a broken line.
    """
    outlines = outlines_of(shapes)
    if not outlines or not len(demand.xy):
        return None
    said = words or Words()
    frame, draw = lay_out(outlines, size, 3)
    there = _on_map(supply, ground(draw, frame))
    grid = _grid(frame, demand.xy)
    keys = _keys(draw, said, there, grid, sites)
    lines = legend_lines(keys, size[0])
    if len(lines) != 2:
        frame, draw = lay_out(outlines, size, 1 + len(lines))
    ink = draw.theme.ink
    _draw_land(draw, frame, there)
    _draw_demand(draw, frame, grid, demand)
    for code in sorted(outlines):
        draw.path(path_data(outlines[code], frame), "none", ink["muted"], 1.8)
    _draw_marks(draw, frame, there)
    rings = _draw_sites(draw, frame, sites)
    write_names(draw, outlines, labels or {}, frame, lambda _: ink["text"], rings, ink["paper"])
    write_legend(draw, frame, lines)
    scale_bar(draw, frame)
    north_arrow(draw, outlines, frame)
    return draw.chart(alt)


def _on_map(supply: Sequence[bytes], room: Any) -> list[Any]:
    """What of the shapes lies in the map's rectangle, in a fixed order."""
    read = np.array(shapely.from_wkb(list(supply), on_invalid="ignore"), dtype=object).reshape(-1)
    cut = shapely.clip_by_rect(read[~shapely.is_missing(read)], *room.bounds)
    kept = cut[~shapely.is_empty(cut)]
    middle = shapely.centroid(kept)
    return list(kept[np.lexsort((shapely.get_y(middle), shapely.get_x(middle)))])


def _grid(frame: Frame, xy: Floats) -> Grid:
    """The finest grid that keeps the drawing small."""
    least = _CELL
    while True:
        grid = grid_for(frame.scale, least)
        if len(np.unique(grid.cells(xy), axis=0)) <= _MOST_CELLS:
            return grid
        least *= 1.5


def _draw_demand(draw: Drawing, frame: Frame, grid: Grid, demand: Demand) -> None:
    """Two paths: squares of all demand in grey, and over them those of what is not served."""
    weight = np.nan_to_num(demand.weight, nan=0.0).clip(0)
    cells, (total, missing) = summed(grid, demand.xy, weight, np.where(demand.served, 0.0, weight))
    some = total > 0
    cells, total, missing = cells[some], total[some], missing[some]
    if not len(cells):
        return
    side = grid.side_m * frame.scale * _FULL
    reference = float(np.quantile(total, _REFERENCE))
    middle = frame.all_at(grid.centres(cells))
    ink = draw.theme.ink
    for amount, colour in ((total, ink["middle"]), (missing, ink["warning"])):
        here = amount > 0
        sides = (side * np.sqrt(amount[here] / reference)).clip(_LEAST, side)
        if here.any():
            draw.path(_squares(middle[here], sides), colour)


def _squares(middle: Floats, sides: Floats) -> str:
    corner = (middle - sides[:, None] / 2).round()
    return "".join(
        f"M{x:g},{y:g}h{s:g}v{s:g}h-{s:g}z" for (x, y), s in zip(corner, sides.round(1), strict=True)
    )


def _is_land(shape: Any, scale: float) -> bool:
    return bool(shape.area * scale**2 >= _TINY)


def _draw_land(draw: Drawing, frame: Frame, supply: Sequence[Any]) -> None:
    """Supply that is large enough for its outline, and lines, under the demand."""
    ink = draw.theme.ink
    land = [s for s in supply if _is_land(s, frame.scale)]
    lines = [s for s in supply if s.length > 0 and s.area == 0]
    for drawn, fill, width in ((land, ink["accent_wash"], 2.0), (lines, "none", 3.0)):
        if drawn:
            data = "".join(path_data(s, frame) for s in drawn)
            draw.path(data, fill, ink["accent"], width)


def _draw_marks(draw: Drawing, frame: Frame, supply: Sequence[Any]) -> None:
    """Points and polygons too small to see, as rings, which no printer takes for demand; of those too near one."""
    small = [s for s in supply if s.length == 0 or (s.area > 0 and not _is_land(s, frame.scale))]
    if not small:
        return
    at = frame.all_at(np.array([(s.centroid.x, s.centroid.y) for s in small]))
    seats = np.unique(np.floor(at / _MARK_ROOM), axis=0, return_index=True)[1]
    radius, rim = _SMALL_MARK if len(seats) > _MANY else _MARK, _RIM
    if len(seats) > _CROWD:  # or they would hide what they serve
        radius, rim = _LEAST_MARK, _LEAST_RIM
    # rings as round ends of lines without length: a tenth of the bytes of circles
    data = "".join(f"M{x:.0f},{y:.0f}h0" for x, y in at[np.sort(seats)])
    for colour, width in (
        (draw.theme.ink["accent"], 2 * radius),
        (draw.theme.ink["paper"], 2 * radius - rim),
    ):
        draw.parts.append(
            f'<path d="{data}" fill="none" stroke="{colour}" stroke-width="{width:g}" stroke-linecap="round"/>'
        )


def _disc(draw: Drawing, at: Point, radius: float) -> None:
    draw.circle(at, radius - _RIM / 4, draw.theme.ink["paper"], draw.theme.ink["accent"], _RIM / 2)


def _draw_sites(draw: Drawing, frame: Frame, sites: Sequence[Site]) -> list[Box]:
    """A cross on each site, its reach, and beside it its number in a ring; the rings' boxes."""
    boxes: list[Box] = []
    ink = draw.theme.ink
    room = ground(draw, frame)
    for site in sorted(sites, key=lambda s: s.rank):
        at = frame.at(site.x, site.y)
        reach = site.radius_m * frame.scale
        if reach > _RING:
            circle = shapely.Point(site.x, site.y).buffer(site.radius_m).exterior
            seen = shapely.clip_by_rect(circle, *room.bounds)
            draw.path(path_data(seen, frame), "none", ink["text"], 1.6, dash="7 5")
        draw.path(f"M{at[0] - 5:.1f},{at[1]:.1f}h10m-5,-5v10", "none", ink["text"], 2.4)
        spot = _free(at, max(reach, _RING + 6), boxes, draw, frame)
        draw.line(at, spot, ink["text"], 1.2)
        _ring(draw, spot, str(site.rank))
        boxes.append((spot[0] - _RING, spot[1] - _RING, spot[0] + _RING, spot[1] + _RING))
    return boxes


def _free(at: Point, off: float, boxes: Sequence[Box], draw: Drawing, frame: Frame) -> Point:
    """A place ``off`` from ``at`` or a little further, first up to the right, on the map and off the other rings."""
    for step in range(12):
        for turn in (7, 1, 5, 3, 0, 6, 4, 2):
            angle = turn * np.pi / 4
            x = at[0] + (off + step * _RING) * float(np.cos(angle))
            y = at[1] + (off + step * _RING) * float(np.sin(angle))
            inside = _RING <= x <= draw.width * 10 - _RING and _RING <= y <= frame.bottom - _RING
            if inside and not any(
                abs(x - (b[0] + b[2]) / 2) < 2 * _RING and abs(y - (b[1] + b[3]) / 2) < 2 * _RING
                for b in boxes
            ):
                return (x, y)
    return at


def _ring(draw: Drawing, at: Point, number: str) -> None:
    ink = draw.theme.ink
    draw.circle(at, _RING - 2, ink["paper"], ink["text"], 3)
    draw.text((at[0], at[1] + 7.5), number, 21, anchor="middle", bold=True)


def _keys(draw: Drawing, said: Words, supply: Sequence[Any], grid: Grid, sites: Sequence[Site]) -> list[Key]:
    ink = draw.theme.ink
    keys = [
        Key(said.served, partial(_square_sign, colour=ink["middle"])),
        Key(said.unserved, partial(_square_sign, colour=ink["warning"])),
    ]
    if supply:
        lines = all(s.length > 0 and s.area == 0 for s in supply)
        count = "" if lines else f" {len(supply)}处"
        keys.append(
            Key(
                f"{said.supply}{count}",
                _line_sign if lines else partial(_disc_sign, land=any(s.area > 0 for s in supply)),
            )
        )
    if sites:
        keys.append(
            Key(
                "建议选址" + ("及其服务范围" if any(s.radius_m > 0 for s in sites) else ""),
                lambda d, at: _ring(d, at, "1"),
            )
        )
    keys.append(Key(f"小格边长{described_side(grid)}，方块大小为{said.area}", _cell_sign))
    return keys


def _square_sign(draw: Drawing, at: Point, colour: str) -> None:
    draw.rect((at[0] - 8, at[1] - 8), (16, 16), colour)


def _line_sign(draw: Drawing, at: Point) -> None:
    draw.line((at[0] - 15, at[1]), (at[0] + 15, at[1]), draw.theme.ink["accent"], 3)


def _disc_sign(draw: Drawing, at: Point, land: bool) -> None:
    if land:
        draw.rect(
            (at[0] - 13, at[1] - 9), (26, 18), draw.theme.ink["accent_wash"], draw.theme.ink["accent"], 2
        )
    _disc(draw, at, _MARK if not land else _SMALL_MARK)


def _cell_sign(draw: Drawing, at: Point) -> None:
    draw.rect((at[0] - 10, at[1] - 10), (20, 20), "none", draw.theme.ink["hair"], 1.2)
    draw.rect((at[0] - 5, at[1] - 5), (10, 10), draw.theme.ink["middle"])
