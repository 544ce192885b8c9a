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
    known = np.flatnonzero(np.isfinite(x) & np.isfinite(y))
    if not len(known) or not len(polygons):
        return index
    # The tree is over the points and the polygons ask: each polygon is then prepared once for all its points.
    tree = shapely.STRtree(shapely.points(x[known], y[known]))
    polygon, point = tree.query(polygons, predicate="intersects")
    lowest_last = np.argsort(-polygon, kind="stable")
    index[known[point[lowest_last]]] = polygon[lowest_last]
    return index
