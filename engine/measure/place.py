"""Which unit a thing lies in (空间归属): point in polygon.

A point lies in a unit when the unit's polygon contains it or it is on the polygon's edge. A point on the edge that
two units share belongs to the one with the lowest index, so that it is counted once and always in the same unit;
units come sorted by code. Lines and polygons are placed by a representative point (see ``engine.intake.geometry``).
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import shapely

NOWHERE = -1


def place_points(
    x: npt.NDArray[np.float64], y: npt.NDArray[np.float64], polygons: npt.NDArray[np.object_]
) -> npt.NDArray[np.int64]:
    """The index of the polygon each point lies in, shape (n,); -1 for a point in none or without coordinates."""
    x, y = np.asarray(x, dtype=np.float64), np.asarray(y, dtype=np.float64)
    index = np.full(len(x), NOWHERE, dtype=np.int64)
    order = np.flatnonzero(np.isfinite(x) & np.isfinite(y))
    order = order[np.argsort(x[order], kind="stable")]
    sorted_x = x[order]
    # Points sorted by x, cut to each polygon's box, tested against the prepared polygon: on a million points and 500
    # units five times as fast as an R-tree on either side. From the last to the first, so that the lowest index stays.
    bounds = shapely.bounds(polygons)
    for k in range(len(polygons) - 1, -1, -1):
        west, south, east, north = bounds[k]
        near = order[np.searchsorted(sorted_x, west, "left") : np.searchsorted(sorted_x, east, "right")]
        near = near[(y[near] >= south) & (y[near] <= north)]
        if len(near):
            shapely.prepare(polygons[k])
            index[near[shapely.intersects_xy(polygons[k], x[near], y[near])]] = k
    return index
