"""Layers that look like undeclared GCJ-02 (疑似火星坐标): said, never acted upon.

Nothing in a file tells GCJ-02 from WGS84, and a shift of some 600 m moves few points across a district's border. So
the border decides, by a sign test: had the points been taken for GCJ-02, how many would have come in, how many would
have gone out? Of points that are where they should be, about as many do either.
"""

from __future__ import annotations

import numpy as np
import shapely
from scipy.special import bdtrc

from ..findings import Findings, Place
from .crs import GCJ02, GCJ_BOX, WGS84, Floats, project_points
from .geometry import Shapes

LEAST_SHARE = 0.005  # of all points must come in
CHANCE = 1e-6  # how seldom so lopsided a count may come about by itself; low, since points come in clusters


def suspect_gcj02(
    x: Floats, y: Floats, units: Shapes, target_crs: str, place: Place, findings: Findings
) -> bool:
    """Add G022 (and return True) when the points fit the units much better read as GCJ-02.

    ``x`` and ``y`` are metres in ``target_crs``, as read; ``units`` the polygons they should mostly lie in. Call it
    for layers that were not declared as GCJ-02. Points without coordinates and points outside China do not count.
    """
    x, y = np.asarray(x, dtype=np.float64), np.asarray(y, dtype=np.float64)
    known = np.isfinite(x) & np.isfinite(y)
    lon, lat = project_points(x[known], y[known], target_crs, WGS84)
    west, south, east, north = GCJ_BOX
    if not len(units) or not ((lon >= west) & (lon <= east) & (lat >= south) & (lat <= north)).any():
        return False
    district = shapely.union_all(units)
    shapely.prepare(district)
    before = shapely.intersects_xy(district, x[known], y[known])
    after = shapely.intersects_xy(district, *project_points(lon, lat, GCJ02, target_crs))
    gained, lost = int((after & ~before).sum()), int((before & ~after).sum())
    if gained < LEAST_SHARE * known.sum() or not _lopsided(gained, lost):
        return False
    findings.add(
        "G022", place, gained=gained, lost=lost, total=int(known.sum()), expected=f'核对后写 crs = "{GCJ02}"'
    )
    return True


def _lopsided(gained: int, lost: int) -> bool:
    """Whether ``gained`` or more heads of ``gained + lost`` fair tosses come less often than CHANCE (exact sign test)."""
    return gained > 0 and float(bdtrc(gained - 1, gained + lost, 0.5)) < CHANCE
