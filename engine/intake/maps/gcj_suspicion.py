"""Layers that look like undeclared GCJ-02 (疑似火星坐标): said, never acted upon.

Nothing in a file tells GCJ-02 from WGS84, and a shift of some 600 m moves few points across a district's border. So
the border decides, by a sign test: had the points been taken for GCJ-02, how many would have come in, how many would
have gone out? Of points that are where they should be, about as many do either.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import shapely
from scipy.special import bdtrc

from ...findings import Findings, Place
from .crs import GCJ02, GCJ_BOX, WGS84, Floats, project_points, wgs84_to_gcj02
from .geometry import Shapes

LEAST_SHARE = 0.005  # of all points must come in
ENOUGH = 50_000  # points to judge the boundaries by
CHANCE = 1e-6  # how seldom so lopsided a count may come about by itself; low, since points come in clusters


def suspect_gcj02(
    x: Floats, y: Floats, units: Shapes, target_crs: str, place: Place, findings: Findings
) -> bool:
    """Add G022 (and return True) when the points fit the units much better read as GCJ-02.

    ``x`` and ``y`` are metres in ``target_crs``, as read; ``units`` the polygons they should mostly lie in. Call it
    for layers that were not declared as GCJ-02. Points without coordinates and points outside China do not count.
    """
    moved = _crossings(x, y, units, target_crs, lambda lon, lat: project_points(lon, lat, GCJ02, target_crs))
    if moved is None or not _telling(*moved):
        return False
    gained, lost, total = moved
    findings.add("G022", place, gained=gained, lost=lost, total=total, expected=f'核对后写 crs = "{GCJ02}"')
    return True


def suspect_borders_gcj02(
    x: Floats, y: Floats, units: Shapes, target_crs: str, place: Place, findings: Findings, name: str
) -> bool:
    """Add G025 (and return True) when the points fit the units much better with the *units* read as GCJ-02.

    As :func:`suspect_gcj02`; points and units lie to each other as the points in GCJ-02 would to the units as drawn.
    """

    def shifted(lon: Floats, lat: Floats) -> tuple[Floats, Floats]:
        return project_points(*wgs84_to_gcj02(lon, lat), WGS84, target_crs)

    some = slice(None, None, max(1, len(x) // ENOUGH))
    moved = _crossings(x[some], y[some], units, target_crs, shifted)
    if moved is None or not _telling(*moved):
        return False
    gained, lost, total = moved
    findings.add(
        "G025", place, name=name, gained=gained, lost=lost, total=total, expected=f'核对后写 crs = "{GCJ02}"'
    )
    return True


def _crossings(
    x: Floats,
    y: Floats,
    units: Shapes,
    target_crs: str,
    move: Callable[[Floats, Floats], tuple[Floats, Floats]],
) -> tuple[int, int, int] | None:
    """(how many points come in, go out, there are) when ``move`` takes them elsewhere; None where GCJ-02 has no say."""
    x, y = np.asarray(x, dtype=np.float64), np.asarray(y, dtype=np.float64)
    known = np.isfinite(x) & np.isfinite(y)
    lon, lat = project_points(x[known], y[known], target_crs, WGS84)
    west, south, east, north = GCJ_BOX
    if not len(units) or not ((lon >= west) & (lon <= east) & (lat >= south) & (lat <= north)).any():
        return None
    district = shapely.union_all(units)
    shapely.prepare(district)
    before = shapely.intersects_xy(district, x[known], y[known])
    after = shapely.intersects_xy(district, *move(lon, lat))
    return int((after & ~before).sum()), int((before & ~after).sum()), int(known.sum())


def _telling(gained: int, lost: int, total: int) -> bool:
    """Whether so many come in, and so many more than go out, that it can hardly be chance."""
    return gained >= LEAST_SHARE * total and _lopsided(gained, lost)


def _lopsided(gained: int, lost: int) -> bool:
    """Whether ``gained`` or more heads of ``gained + lost`` fair tosses come less often than CHANCE (exact sign test)."""
    return gained > 0 and float(bdtrc(gained - 1, gained + lost, 0.5)) < CHANCE
