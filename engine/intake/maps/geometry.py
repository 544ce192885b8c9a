"""Shapes as departments draw them → shapes one can measure: mended, in the metric CRS, with one point each."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import shapely
from pyproj import CRS

from ...findings import Findings, Place, catalogue
from ...measure.place import Shapes
from .crs import GCJ02, WGS84, Floats, is_gcj02, lonlat_box, parse_crs, project_points, to_metric

MANY = 20  # findings of one kind from one layer that are told one by one
REASONS = {
    "Ring Self-intersection": "环自相交",
    "Self-intersection": "边线自相交",
    "Hole lies outside shell": "洞在外环之外",
    "Holes are nested": "洞中套洞",
    "Nested shells": "图形重叠嵌套",
    "Interior is disconnected": "内部不连通",
    "Too few points in geometry component": "节点太少",
    "Duplicate Rings": "环重复",
    "Invalid Coordinate": "坐标无效",
}


@dataclass(frozen=True)
class Spot:
    """Where the shapes stand in the input: the file's place and the row of each shape."""

    place: Place
    rows: Sequence[int]

    def tell(
        self,
        findings: Findings,
        code: str,
        which: Sequence[int],
        values: Sequence[object] = (),
        **facts: Sequence[object],
    ) -> None:
        """One finding per index of ``which`` (``values`` and ``facts`` run along it); beyond MANY one that counts."""
        for k, i in enumerate(which[:MANY]):
            place, value = self.place.at(row=int(self.rows[i])), values[k] if values else ""
            said: dict[str, Any] = {name: fact[k] for name, fact in facts.items()}
            findings.add(code, place, value=value, **said)
        if len(which) > MANY:
            findings.add("G023", self.place, what=catalogue()[code].title, count=len(which) - MANY)


def mend(shapes: Shapes, spot: Spot, findings: Findings) -> Shapes:
    """Valid shapes; G003 for each one repaired, G004 for each that is missing, empty or beyond repair.

    Repair keeps the dimension: a polygon stays a polygon and what collapses to a line or point is dropped.
    """
    shapes = np.asarray(shapes, dtype=object).copy()
    there = ~(shapely.is_missing(shapes) | shapely.is_empty(shapes))
    broken = np.flatnonzero(there & ~shapely.is_valid(shapes))
    if len(broken):
        reasons = shapely.is_valid_reason(shapes[broken])
        shapes[broken] = repaired(shapes[broken])
        lost = shapely.is_empty(shapes[broken])
        kept = [(int(i), _reason(r)) for i, r, gone in zip(broken, reasons, lost, strict=True) if not gone]
        spot.tell(findings, "G003", [i for i, _ in kept], detail=[r for _, r in kept])
    empty = np.flatnonzero(shapely.is_missing(shapes) | shapely.is_empty(shapes))
    shapes[empty] = None
    spot.tell(findings, "G004", empty.tolist())
    return shapes


def repaired(shapes: Shapes) -> Shapes:
    """Invalid shapes made valid: GEOS's method "structure", which reads rings as shells and holes.

    A ring that runs back along itself can leave parts that share an edge, still invalid; those are united.
    """
    shapes = np.asarray(shapely.make_valid(shapes, method="structure", keep_collapsed=False), dtype=object)
    for i in np.flatnonzero(~shapely.is_valid(shapes)):
        shapes[i] = shapely.union_all(shapely.get_parts(shapes[i]))
    return shapes


def _reason(text: str) -> str:
    """GEOS's "Self-intersection[119.9 31.1]" in Chinese, to the millionth: more digits help nobody to find the place."""
    kind, _, where = text.partition("[")
    spot = " ".join(f"{float(number):.6f}".rstrip("0").rstrip(".") for number in where.rstrip("]").split())
    return REASONS.get(kind.strip(), kind.strip()) + (f"，在 {spot} 附近" if spot else "")


def to_run(shapes: Shapes, source: str, target: str, spot: Spot, findings: Findings) -> Shapes:
    """Mended shapes of CRS ``source`` (or GCJ-02) in the metric CRS ``target``.

    Shapes that cannot lie where ``target`` is used become missing: with more than half of them the CRS is
    wrong (G010, an error), otherwise G021 where swapping the coordinates would help and G011 where not.
    """
    middle = shapely.get_coordinates(shapely.centroid(shapes[~shapely.is_missing(shapes)]))
    there = np.flatnonzero(~shapely.is_missing(shapes))
    good, swapped = in_range(middle[:, 0], middle[:, 1], source, target)
    tell_range(
        good, swapped, middle, source, Spot(spot.place, [spot.rows[i] for i in there.tolist()]), findings
    )
    kept = shapes.copy()
    kept[there[~good]] = None
    moved = to_metric(kept, source, target)
    torn = np.flatnonzero(~shapely.is_missing(moved) & ~shapely.is_valid(moved))
    if len(torn):  # projecting moved a corner across an edge, by micrometres
        moved[torn] = repaired(moved[torn])
    return moved


def in_range(
    x: Floats, y: Floats, source: str, target: str
) -> tuple[npt.NDArray[np.bool_], npt.NDArray[np.bool_]]:
    """(lies where ``target`` is used, would do so with x and y swapped), for coordinates of ``source``."""
    box = lonlat_box(parse_crs(target))
    return _within(x, y, source, box), _within(y, x, source, box)


def _within(
    x: Floats, y: Floats, source: str, box: tuple[float, float, float, float]
) -> npt.NDArray[np.bool_]:
    if not is_gcj02(source) and not parse_crs(source).is_geographic:
        x, y = project_points(x, y, source, WGS84)
    west, south, east, north = box
    with np.errstate(invalid="ignore"):
        return (x >= west) & (x <= east) & (y >= south) & (y <= north)


def tell_range(
    good: npt.NDArray[np.bool_],
    swapped: npt.NDArray[np.bool_],
    xy: Floats,
    source: str,
    spot: Spot,
    findings: Findings,
) -> None:
    """The findings of :func:`to_run` about coordinates out of range."""
    bad = np.flatnonzero(~good)
    if 2 * len(bad) > len(good):
        hint = "；两列对调后就在范围内" if swapped[bad].all() else ""
        findings.add(
            "G010",
            spot.place,
            value=GCJ02 if is_gcj02(source) else source,
            count=len(good),
            bad=len(bad),
            hint=hint,
            expected="与坐标相符的坐标系",
        )
        return
    for code, which in (("G021", bad[swapped[bad]]), ("G011", bad[~swapped[bad]])):
        spot.tell(
            findings, code, which.tolist(), values=[f"({xy[i, 0]:.10g}, {xy[i, 1]:.10g})" for i in which]
        )


def crs_label(crs: CRS) -> str:
    """A short name of a CRS for people: its EPSG number where it has one, otherwise its name."""
    number = crs.to_epsg()
    return f"EPSG:{number}" if number else str(crs.name)
