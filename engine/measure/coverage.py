"""``coverage`` 服务半径覆盖率: which demand points, or how much demand land, lie within the radius of supply.

Distances are planar, in metres, in the run's metric CRS and in a straight line: to a point, or to the nearest edge of
a polygon or line (0 inside a polygon). A demand point at exactly the radius is covered; a micrometre is allowed for the
rounding of coordinates in the millions. Supply is taken as given: what lies outside the district serves those inside.

Supply comes in classes (:data:`Classes`), each with a radius of its own; demand is served when anything of any class
serves it. What belongs to no class serves nobody. A class may hold for demand in units of some kinds only; demand for
which no class holds is not examined (``spatial.py``).

Land (``by = "area"``) is served where it lies in the union of the buffers of the supply. Land is united first, so that
parcels drawn over each other count once; buffers that overlap count once too. A buffer's arcs are drawn with
:data:`QUAD_SEGS` chords to a quarter circle, their ends on the true arc: a point's buffer has 0.04 % less area than the
circle (1 − sin(2π/128) / (2π/128)), a line's or polygon's less of a shortfall, and its edge lies nowhere more than
0.03 % of the radius (15 cm at 500 m) inside the true one.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt
import shapely
from scipy.spatial import cKDTree

from .overlay import common, dissolved

Floats = npt.NDArray[np.float64]
Bools = npt.NDArray[np.bool_]
Shapes = npt.NDArray[np.object_]
Classes = Sequence[tuple[Shapes, float]]  # supply of one class, and its radius in metres
ROUNDING_M = 1e-6
QUAD_SEGS = 32
POINT, MULTI_POINT = 0, 4


def nearest_serving(
    demand_xy: Floats, classes: Classes, holds: Sequence[Bools] | None = None
) -> tuple[Bools, Floats]:
    """(served, distance_m) of each demand point, shape (n, 2), over classes of supply, each shape (n,).

    A point is served when it lies within the radius of supply of at least one class; ``holds`` says for each class for
    which points it holds at all (by default for all). The distance is to the nearest supply that serves the point; of a
    point that nothing serves, to the nearest of the classes that hold for it, infinite without any.
    """
    served = np.zeros(len(demand_xy), dtype=np.bool_)
    serving = np.full(len(demand_xy), np.inf)
    nearest = np.full(len(demand_xy), np.inf)
    for number, (supply, radius_m) in enumerate(classes):
        within, distance = covered(demand_xy, supply, radius_m)
        if holds is not None:
            within, distance = within & holds[number], np.where(holds[number], distance, np.inf)
        served |= within
        serving = np.minimum(serving, np.where(within, distance, np.inf))
        nearest = np.minimum(nearest, distance)
    return served, np.where(served, serving, nearest)


def covered(demand_xy: Floats, supply: Shapes, radius_m: float) -> tuple[Bools, Floats]:
    """(served, distance_m) for each demand point, shape (n,).

    ``demand_xy`` has shape (n, 2); ``supply`` holds shapes of any kind in the same CRS. A demand point without
    coordinates is not served and its distance is NaN; without any supply every distance is infinite.
    """
    distance = nearest_distance(demand_xy, supply, radius_m + ROUNDING_M)
    with np.errstate(invalid="ignore"):
        return distance <= radius_m + ROUNDING_M, distance


def nearest_distance(demand_xy: Floats, supply: Shapes, likely_m: float = np.inf) -> Floats:
    """Metres from each demand point to the nearest supply, shape (n,).

    ``likely_m`` changes nothing but the time: within so many metres most will find some.
    """
    demand_xy = np.asarray(demand_xy, dtype=np.float64).reshape(-1, 2)
    if not np.isfinite(demand_xy).all():
        known = np.isfinite(demand_xy).all(axis=1)
        distance = np.full(len(demand_xy), np.nan)
        distance[known] = nearest_distance(demand_xy[known], supply, likely_m)
        return distance
    supply = _present(supply)
    kind = shapely.get_type_id(supply)
    as_points = (kind == POINT) | (kind == MULTI_POINT)
    nearest = _to_points(demand_xy, supply[as_points], likely_m)
    if as_points.all():
        return nearest
    return np.asarray(np.minimum(nearest, _to_shapes(demand_xy, supply[~as_points])), dtype=np.float64)


def _to_points(demand_xy: Floats, points: Shapes, likely_m: float) -> Floats:
    """Distance to the nearest of many points, by k-d tree: of those within ``likely_m`` first, which is a short search."""
    if not len(points) or not len(demand_xy):
        return np.full(len(demand_xy), np.inf)
    tree = cKDTree(shapely.get_coordinates(points))
    distance = np.asarray(
        tree.query(demand_xy, workers=-1, distance_upper_bound=likely_m)[0], dtype=np.float64
    )
    none = np.isinf(distance)
    if none.any():
        distance[none] = tree.query(demand_xy[none], workers=-1)[0]
    return distance


def _to_shapes(demand_xy: Floats, shapes: Shapes) -> Floats:
    """Distance to the nearest edge of many lines and polygons, by R-tree."""
    distance = np.full(len(demand_xy), np.inf)
    if not len(shapes) or not len(demand_xy):
        return distance
    (asked, _), found = shapely.STRtree(shapes).query_nearest(
        shapely.points(demand_xy), return_distance=True, all_matches=False
    )
    distance[asked] = found
    return distance


def united(land: Shapes) -> Shapes:
    """Polygons of the union of ``land``, which do not overlap; what is no polygon has no area and is left out."""
    return dissolved(land)


def buffers(classes: Classes) -> Shapes:
    """The ground each supply serves, one polygon for each, of all classes together; see the module for its accuracy."""
    reach = [shapely.buffer(_present(supply), radius_m, quad_segs=QUAD_SEGS) for supply, radius_m in classes]
    return np.concatenate(reach) if reach else np.empty(0, dtype=object)


def served_land(parcels: Shapes, reach: Shapes) -> Shapes:
    """The polygons of ``parcels`` (that do not overlap, see :func:`united`) inside the union of ``reach``.

    Reach that comes nowhere near a parcel is left out of the union.
    """
    if not len(parcels) or not len(reach):
        return np.empty(0, dtype=object)
    near = np.unique(shapely.STRtree(parcels).query(reach)[0])
    return common(parcels, dissolved(reach[near]))


def _present(shapes: Shapes) -> Shapes:
    shapes = np.asarray(shapes, dtype=object)
    return shapes[~(shapely.is_missing(shapes) | shapely.is_empty(shapes))]
