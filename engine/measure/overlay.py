"""Unions and cuts of many polygons, a tile of the ground at a time.

One union of everything is a shape with tens of thousands of vertices, and every later cut walks all of them. Here the
ground is cut into square tiles, the shapes are united in each, by as many threads as there are cores, and the parts stay
apart. The tiles follow from the shapes alone, so the same shapes give the same parts on every machine.
"""

from __future__ import annotations

import os
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import numpy.typing as npt
import shapely

Shapes = npt.NDArray[np.object_]
POLYGON = 3
# A tile holds about so many shapes, were they spread evenly (fewer are cut more often, more take longer to unite), and is
# at least so many times as wide as the average shape, so that most are not cut at all.
SHAPES_A_TILE = 400
EXTENTS_A_TILE = 4.0


def polygons_of(shapes: Shapes | shapely.Geometry) -> Shapes:
    """The single polygons that shapes of any kind consist of; what has no area is left out."""
    shapes = np.atleast_1d(np.asarray(shapes, dtype=object))
    shapes = shapes[~(shapely.is_missing(shapes) | shapely.is_empty(shapes))]
    if (shapely.get_type_id(shapes) == POLYGON).all():
        return shapes  # taking shapes apart copies them
    parts = shapely.get_parts(shapely.get_parts(shapes))
    return np.asarray(parts[shapely.get_type_id(parts) == POLYGON], dtype=object)


def dissolved(shapes: Shapes) -> Shapes:
    """Polygons that together are the union of ``shapes`` (polygons in metres) and do not overlap, cut along tiles."""
    shapes = polygons_of(shapes)
    if not len(shapes):
        return shapes
    bounds = shapely.bounds(shapes)
    tiles = _tiles(bounds)
    tile, shape = shapely.STRtree(shapes).query(tiles)
    edge = shapely.bounds(tiles)[tile]
    astride = (bounds[shape, :2] < edge[:, :2]).any(axis=1) | (bounds[shape, 2:] > edge[:, 2:]).any(axis=1)
    runs = np.flatnonzero(np.diff(tile, prepend=-1, append=-1))  # the tree answers tile by tile

    def one(first: int, last: int) -> shapely.Geometry:
        parts, cut = shapes[shape[first:last]], astride[first:last]
        parts[cut] = shapely.intersection(parts[cut], tiles[tile[first]])
        return shapely.union_all(parts)

    with ThreadPoolExecutor(os.cpu_count()) as pool:
        return polygons_of(np.array([*pool.map(one, runs[:-1], runs[1:])], dtype=object))


def _tiles(bounds: npt.NDArray[np.float64]) -> Shapes:
    """Squares that together hold everything within ``bounds``, shape (n, 4)."""
    low, high = bounds[:, :2].min(axis=0), bounds[:, 2:].max(axis=0)
    wide, tall = high - low
    extent = float((bounds[:, 2:] - bounds[:, :2]).max(axis=1).mean())
    side = max(1.0, EXTENTS_A_TILE * extent, float(np.sqrt(wide * tall * SHAPES_A_TILE / len(bounds))))
    columns, rows = (max(1, int(np.ceil(length / side))) for length in (wide, tall))
    at = np.stack(np.meshgrid(np.arange(columns), np.arange(rows)), axis=-1).reshape(-1, 2)
    corner, opposite = low + at * side, low + (at + 1) * side
    return np.asarray(shapely.box(*corner.T, *opposite.T), dtype=object)


def common(one: Shapes, other: Shapes) -> Shapes:
    """The polygons where polygons of ``one`` and of ``other`` overlap; neither overlap among themselves.

    Polygons that lie wholly inside one of the others are found by a prepared test and need no cutting.
    """
    if not len(one) or not len(other):
        return np.empty(0, dtype=object)
    tree, back = shapely.STRtree(other), shapely.STRtree(one)
    left, right = tree.query(one, predicate="intersects")
    key = left * len(other) + right
    of_right, within = back.query(other, predicate="covers")
    around, inside = tree.query(one, predicate="covers")
    whole_left = np.isin(key, within * len(other) + of_right)
    whole_right = np.isin(key, around * len(other) + inside) & ~whole_left
    cut = ~(whole_left | whole_right)
    return np.concatenate([
        one[left[whole_left]], other[right[whole_right]], polygons_of(shapely.intersection(one[left[cut]], other[right[cut]]))
    ])  # fmt: skip
