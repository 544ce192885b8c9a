"""What every map is made of: metres to paper, outlines, names, scale bar, north arrow, legend.

Shapes come as WKB in the run's metric CRS, so that a metre is a metre and north is up (grid north). Nothing is
fetched: no basemap. Lengths on paper are tenths of a millimetre, as everywhere in :mod:`tijian.reports.charts.svg`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import shapely

from ..charts.svg import Drawing, Point, text_width

LABEL = 22.0
ROW = 40.0  # a strip under the map: the scale bar's, and one for each line of the legend
MARGIN = 12.0
KEY_TEXT = 21.0
NO_DATA = "url(#none)"
_KEY = (30.0, 20.0)  # the room of a sign in the legend
_ROUND_LENGTHS = (50, 100, 200, 500, 1000, 2000, 5000, 10000, 20000, 50000)
EXACT, ROUGH = 0.6, 1.5  # tenths of a mm: how far a drawn line may be from the true one
_TRIES = 9  # places across and down a unit where its name may stand

Floats = npt.NDArray[np.float64]
Box = tuple[float, float, float, float]  # left, top, right, bottom
Outlines = Mapping[str, Any]  # code → polygon
Sign = Callable[[Drawing, Point], None]  # draws a legend's sign around a middle point


@dataclass(frozen=True)
class Frame:
    """How metres become tenths of a millimetre on the drawing; ``bottom`` is where the map ends."""

    left: float
    top: float
    scale: float  # tenths of a millimetre per metre
    across: float
    down: float
    bottom: float

    def at(self, x: float, y: float) -> Point:
        """A place on the drawing."""
        return self.across + (x - self.left) * self.scale, self.down + (self.top - y) * self.scale

    def all_at(self, xy: Floats) -> Floats:
        """Places on the drawing, shape (n, 2)."""
        return np.column_stack(
            (
                self.across + (xy[:, 0] - self.left) * self.scale,
                self.down + (self.top - xy[:, 1]) * self.scale,
            )
        )


def ground(draw: Drawing, frame: Frame) -> Any:
    """The rectangle of ground, in metres, that the map has room for."""
    inset = 4.0
    west = frame.left + (inset - frame.across) / frame.scale
    east = frame.left + (draw.width * 10 - inset - frame.across) / frame.scale
    north = frame.top + (frame.down - inset) / frame.scale
    south = frame.top + (frame.down - frame.bottom + inset) / frame.scale
    return shapely.box(west, south, east, north)


@dataclass(frozen=True)
class Key:
    """One entry of a legend: words and what is drawn before them."""

    words: str
    sign: Sign

    @property
    def width(self) -> float:
        """The room it takes on its line."""
        return _KEY[0] + 6 + text_width(self.words, KEY_TEXT) + 26


def box_key(words: str, fill: str, stroke: str) -> Key:
    """A legend's entry for a class of areas."""

    def sign(draw: Drawing, at: Point) -> None:
        draw.rect((at[0] - _KEY[0] / 2, at[1] - _KEY[1] / 2), _KEY, fill, stroke, 1.2)

    return Key(words, sign)


def outlines_of(shapes: Mapping[str, bytes]) -> dict[str, Any]:
    """The drawable areas: WKB read, empty and non-areal geometries left out."""
    codes = sorted(shapes)
    read = shapely.from_wkb([shapes[c] for c in codes], on_invalid="ignore")
    return {
        code: shape
        for code, shape in zip(codes, read, strict=True)
        if shape is not None and not shape.is_empty and shape.geom_type in ("Polygon", "MultiPolygon")
    }


def lay_out(
    outlines: Outlines, size: tuple[float, float], rows: int, top: float = 0.0
) -> tuple[Frame, Drawing]:
    """The frame and an empty drawing, as large as ``size`` (mm) allows; ``rows`` strips below, ``top`` free above."""
    west, south, east, north = (float(v) for v in shapely.total_bounds(list(outlines.values())))
    below = ROW * rows
    room = size[1] * 10 - below - top - 2 * MARGIN
    scale = min((size[0] * 10 - 2 * MARGIN) / max(east - west, 1.0), room / max(north - south, 1.0))
    height = ((north - south) * scale + 2 * MARGIN + below + top) / 10
    across = (size[0] * 10 - (east - west) * scale) / 2
    bottom = height * 10 - below
    return Frame(west, north, scale, across, MARGIN + top, bottom), Drawing(size[0], height)


def path_data(shape: Any, frame: Frame, within: float = EXACT) -> str:
    """Path data of every ring and line, to a hundredth of a millimetre; what no eye sees at this scale is left out.

    ``within``: how far the drawn line may be from the true one, in tenths of a millimetre.
    """
    data: list[str] = []
    for part in shapely.get_parts(shapely.simplify(shape, within / frame.scale)):
        for line in _lines(part):
            points = _moving(frame.all_at(shapely.get_coordinates(line)).round(1))
            end = "Z" if part.geom_type == "Polygon" else ""
            data.append("M" + "L".join(f"{x:g},{y:g}" for x, y in points) + end)
    return "".join(data)


def hairlines(shapes: Iterable[Any], frame: Frame) -> str:
    """Path data of the outlines of many shapes as one path, to a tenth of a millimetre: a third of the bytes."""
    data: list[str] = []
    for part in shapely.get_parts(list(shapes)):
        for line in _lines(shapely.simplify(part, ROUGH / frame.scale)):
            points = _moving(frame.all_at(shapely.get_coordinates(line)).round()).astype(np.int64)
            steps = "".join(f"l{x},{y}".replace(",-", "-") for x, y in np.diff(points, axis=0))
            data.append(f"M{points[0, 0]},{points[0, 1]}{steps}")
    return "".join(data)


def _lines(part: Any) -> tuple[Any, ...]:
    return (part.exterior, *part.interiors) if part.geom_type == "Polygon" else (part,)


def _moving(points: Floats) -> Floats:
    """The points but those that stand where the one before them does."""
    moved = np.ones(len(points), dtype=bool)
    moved[1:] = (np.diff(points, axis=0) != 0).any(axis=1)
    return points[moved]


def hatch(draw: Drawing) -> None:
    """A pattern for units nothing is known of (:data:`NO_DATA`): white could be taken for a class."""
    hair = draw.theme.ink["hair"]
    draw.parts.append(
        '<defs><pattern id="none" width="14" height="14" patternUnits="userSpaceOnUse">'
        f'<rect width="14" height="14" fill="{draw.theme.ungraded}"/>'
        f'<path d="M0,14L14,0" stroke="{hair}" stroke-width="2"/></pattern></defs>'
    )


def write_names(
    draw: Drawing,
    outlines: Outlines,
    names: Mapping[str, str],
    frame: Frame,
    ink: Callable[[str], str],
    taken: Sequence[Box] = (),
    ground: str = "",
) -> None:
    """Names inside their units, larger units first, where they run into nothing of ``taken`` if that can be had.

    A name that would run into another name or far out of its unit is left out. ``ink`` gives the colour for a unit;
    ``ground`` lays a light ground under the words, for maps that are full of signs; a name that reaches into a unit of another
    colour has one in any case.
    """
    written: list[Box] = []
    obstacles = np.array(taken, dtype=np.float64).reshape(-1, 4)
    for code in sorted(outlines, key=lambda c: (-outlines[c].area, c)):
        name = names.get(code, "")
        left, _, right, _ = outlines[code].bounds
        if not name or text_width(name, LABEL) > 1.25 * (right - left) * frame.scale:
            continue
        spot = _free_spot(draw, outlines[code], text_width(name, LABEL) / 2, frame, obstacles, written)
        if spot is None:
            continue
        x, y, box = spot
        written.append(box)
        spills = not ground and not _inside(outlines[code], box, frame)
        if ground or spills:
            draw.rect(
                (box[0] - 2, box[1]), (box[2] - box[0] + 4, box[3] - box[1]),
                ground or draw.theme.ink["paper"], radius=4, opacity=0.8,
            )  # fmt: skip
        colour = draw.theme.ink["text"] if spills else ink(code)
        draw.text((x, y + LABEL * 0.35), name, LABEL, colour, "middle")


def _free_spot(
    draw: Drawing, shape: Any, half: float, frame: Frame, obstacles: Floats, written: Sequence[Box]
) -> tuple[float, float, Box] | None:
    """Where a name of half width ``half`` stands best: wholly in the unit, off other names, on as few signs as can be."""
    here = shape.representative_point()
    spots = [frame.at(here.x, here.y)]
    if len(obstacles) or written:
        west, south, east, north = shape.bounds
        steps = (np.arange(_TRIES) + 0.5) / _TRIES
        grid = np.array(
            [(west + a * (east - west), south + b * (north - south)) for b in steps for a in steps]
        )
        spots += [frame.at(x, y) for x, y in grid[shapely.contains_xy(shape, grid[:, 0], grid[:, 1])]]
    best: tuple[float, float, Box] | None = None
    least = np.inf
    for x, y in spots:
        box = (x - half, y - LABEL * 0.7, x + half, y + LABEL * 0.5)
        if box[0] < 0 or box[2] > draw.width * 10 or any(_touch(box, other) for other in written):
            continue
        covered = _shared_area(box, obstacles) + (0.0 if _inside(shape, box, frame) else (2 * half) ** 2)
        if covered < least - 1e-6:
            best, least = (x, y, box), covered
        if least == 0:
            break
    return best


def _inside(shape: Any, box: Box, frame: Frame) -> bool:
    """Whether both ends of a name lie in its unit."""
    ends = np.array([(box[0], (box[1] + box[3]) / 2), (box[2], (box[1] + box[3]) / 2)])
    x = frame.left + (ends[:, 0] - frame.across) / frame.scale
    y = frame.top - (ends[:, 1] - frame.down) / frame.scale
    return bool(shapely.contains_xy(shape, x, y).all())


def _touch(a: Box, b: Box) -> bool:
    return a[0] < b[2] and b[0] < a[2] and a[1] < b[3] and b[1] < a[3]


def _shared_area(box: Box, obstacles: Floats) -> float:
    if not len(obstacles):
        return 0.0
    wide = np.minimum(obstacles[:, 2], box[2]) - np.maximum(obstacles[:, 0], box[0])
    high = np.minimum(obstacles[:, 3], box[3]) - np.maximum(obstacles[:, 1], box[1])
    return float((wide.clip(0) * high.clip(0)).sum())


def legend_lines(keys: Sequence[Key], width: float) -> list[list[Key]]:
    """The legend broken into lines of ``width`` mm."""
    lines: list[list[Key]] = [[]]
    used = 6.0
    for key in keys:
        if lines[-1] and used + key.width - 26 > width * 10:
            lines.append([])
            used = 6.0
        lines[-1].append(key)
        used += key.width
    return lines


def write_legend(draw: Drawing, frame: Frame, lines: Sequence[Sequence[Key]]) -> None:
    """The legend under the map and under the scale bar's strip."""
    for i, line in enumerate(lines, 1):
        x, y = 6.0, frame.bottom + ROW * i + 18
        for key in line:
            key.sign(draw, (x + _KEY[0] / 2, y))
            draw.text((x + _KEY[0] + 6, y + 8), key.words, KEY_TEXT)
            x += key.width


def scale_bar(draw: Drawing, frame: Frame, width: float = 0.0) -> None:
    """A bar of a round length in the strip under the map, about a fifth of its width (in mm; the drawing's by default)."""
    wanted = (width or draw.width) * 2 / frame.scale
    metres = min(_ROUND_LENGTHS, key=lambda m: abs(m - wanted))
    length = metres * frame.scale
    y = frame.bottom + 28
    x = draw.width * 10 - length - 10
    ink = draw.theme.ink["text"]
    draw.line((x, y), (x + length, y), ink, 3)
    for end in (x, x + length):
        draw.line((end, y - 7), (end, y), ink, 3)
    told = f"{metres / 1000:g} km" if metres >= 1000 else f"{metres} m"
    draw.text((x - 8, y + 2), told, 19, anchor="end")


def north_arrow(draw: Drawing, outlines: Outlines, frame: Frame) -> None:
    """North, in the first corner of the map that no unit reaches; at the top right where they all do."""
    corners = [
        (draw.width * 10 - 22, 16.0),
        (22.0, 16.0),
        (draw.width * 10 - 22, frame.bottom - 66),
        (22.0, frame.bottom - 66),
    ]
    shapes = list(outlines.values())

    def free(at: Point) -> bool:
        west = frame.left + (at[0] - 22 - frame.across) / frame.scale
        east = frame.left + (at[0] + 22 - frame.across) / frame.scale
        north = frame.top - (at[1] - 8 - frame.down) / frame.scale
        south = frame.top - (at[1] + 62 - frame.down) / frame.scale
        return not shapely.intersects(shapes, shapely.box(west, south, east, north)).any()

    x, y = next((c for c in corners if free(c)), corners[0])
    draw.path(f"M{x},{y}L{x + 10},{y + 32}L{x},{y + 25}L{x - 10},{y + 32}Z", draw.theme.ink["text"])
    draw.text((x, y + 54), "北", 20, anchor="middle")
