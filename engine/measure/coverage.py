"""``coverage`` 服务半径覆盖率: how far each demand point is from the nearest supply, straight line.

Distances are planar, in metres, in the run's metric CRS: to a point, or to the nearest edge of a polygon or line
(0 inside a polygon). A demand point at exactly the radius is covered; a micrometre is allowed for the rounding of
coordinates in the millions. Supply is taken as given: what lies outside the district serves those inside.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import shapely
from scipy.spatial import cKDTree

Floats = npt.NDArray[np.float64]
ROUNDING_M = 1e-6
POINT, MULTI_POINT = 0, 4


def covered(
    demand_xy: Floats, supply: npt.NDArray[np.object_], radius_m: float
) -> tuple[npt.NDArray[np.bool_], Floats]:
    """(served, distance_m) for each demand point, shape (n,).

    ``demand_xy`` has shape (n, 2); ``supply`` holds shapes of any kind in the same CRS. A demand point without
    coordinates is not served and its distance is NaN; without any supply every distance is infinite.
    """
    distance = nearest_distance(demand_xy, supply)
    with np.errstate(invalid="ignore"):
        return distance <= radius_m + ROUNDING_M, distance


def nearest_distance(demand_xy: Floats, supply: npt.NDArray[np.object_]) -> Floats:
    """Metres from each demand point to the nearest supply, shape (n,)."""
    demand_xy = np.asarray(demand_xy, dtype=np.float64).reshape(-1, 2)
    known = np.isfinite(demand_xy).all(axis=1)
    here = demand_xy[known]
    supply = np.asarray(supply, dtype=object)
    supply = supply[~(shapely.is_missing(supply) | shapely.is_empty(supply))]
    kind = shapely.get_type_id(supply)
    as_points = (kind == POINT) | (kind == MULTI_POINT)
    nearest = np.minimum(_to_points(here, supply[as_points]), _to_shapes(here, supply[~as_points]))
    distance = np.full(len(demand_xy), np.nan)
    distance[known] = nearest
    return distance


def _to_points(demand_xy: Floats, points: npt.NDArray[np.object_]) -> Floats:
    """Distance to the nearest of many points, by k-d tree."""
    if not len(points) or not len(demand_xy):
        return np.full(len(demand_xy), np.inf)
    tree = cKDTree(shapely.get_coordinates(points))
    distance, _ = tree.query(demand_xy, workers=-1)
    return np.asarray(distance, dtype=np.float64)


def _to_shapes(demand_xy: Floats, shapes: npt.NDArray[np.object_]) -> Floats:
    """Distance to the nearest edge of many lines and polygons, by R-tree."""
    distance = np.full(len(demand_xy), np.inf)
    if not len(shapes) or not len(demand_xy):
        return distance
    (asked, _), found = shapely.STRtree(shapes).query_nearest(
        shapely.points(demand_xy), return_distance=True, all_matches=False
    )
    distance[asked] = found
    return distance
