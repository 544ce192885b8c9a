"""``density`` 密度: lengths, areas and numbers of features inside each unit, by clipping to its polygon.

Everything is planar, in metres, in the run's metric CRS. A road is cut at the border and each unit gets its part.
What runs exactly along the edge that two units share lies in both, and both get its whole length: each unit's figure
is that of the unit seen alone, and the sum over units may exceed the total. Features that overlap each other are not
merged: two parks drawn over each other count twice, and so does a road drawn twice. Within one line it is otherwise: a
stretch that a line runs along twice (drawn there and back) is one road and counts once.

A junction (交叉口) is where at least three legs of road meet: lines meet at common vertices, and where the end of one
comes within 0.5 m of another (see ``network.py``); lines that merely cross pass over each other, as on a bridge. A street
drawn twice has its legs once. Junctions up to ``merge_m`` apart, one after the other, are one, counted at their middle: the
crossing of two roads with a line for each carriageway is four such points and one junction.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import shapely
from scipy.sparse import csr_array
from scipy.sparse.csgraph import connected_components
from scipy.spatial import cKDTree

from .network import build_network
from .place import place_points, representative

Ints = npt.NDArray[np.int64]
Floats = npt.NDArray[np.float64]
Shapes = npt.NDArray[np.object_]
LEGS = 3  # a place with two is a bend, with one a dead end


def clip_lengths(lines: Shapes, polygons: Shapes) -> tuple[Ints, Floats]:
    """(index of the polygon, metres inside it), one entry for each pair of a line and a polygon it runs in."""
    unit, part = _clip(_run_once(lines), polygons)
    return _positive(unit, shapely.length(part))


def junctions(lines: Shapes, merge_m: float) -> Shapes:
    """A point for each junction of a layer of roads; see the module for what one is."""
    network = build_network(lines, "touch")
    legs = np.bincount(network.ends.ravel(), minlength=network.nodes)
    place = np.zeros((network.nodes, 2))
    place[network.ends[:, 0]], place[network.ends[:, 1]] = network.start, network.end
    spots = place[legs >= LEGS]
    if not len(spots):
        return np.empty(0, dtype=object)
    near = cKDTree(spots).query_pairs(merge_m, output_type="ndarray")
    links = csr_array((np.ones(len(near)), (near[:, 0], near[:, 1])), shape=(len(spots), len(spots)))
    groups, group = connected_components(links, directed=False)
    size = np.bincount(group, minlength=groups)
    middle = [np.bincount(group, weights=spots[:, axis], minlength=groups) / size for axis in (0, 1)]
    return np.asarray(shapely.points(*middle))


def _run_once(lines: Shapes) -> Shapes:
    """The lines, those that run back over themselves as the lines of what they cover."""
    lines = np.asarray(lines, dtype=object).copy()
    twice = ~shapely.is_missing(lines) & (shapely.get_dimensions(lines) == 1) & ~shapely.is_simple(lines)
    lines[twice] = shapely.node(lines[twice])
    return lines


def clip_areas(shapes: Shapes, polygons: Shapes) -> tuple[Ints, Floats]:
    """(index of the polygon, m² inside it), one entry for each pair of a shape and a polygon it reaches into."""
    unit, part = _clip(shapes, polygons)
    return _positive(unit, shapely.area(part))


def count_inside(features: Shapes, polygons: Shapes) -> tuple[Ints, Floats]:
    """(index of the polygon, 1.0), one entry for each feature whose representative point lies in a polygon."""
    features = np.asarray(features, dtype=object)
    features = features[~(shapely.is_missing(features) | shapely.is_empty(features))]
    index = place_points(*representative(features), polygons)
    index = index[index >= 0]
    return index, np.ones(len(index))


def _clip(features: Shapes, polygons: Shapes) -> tuple[Ints, Shapes]:
    """(index of the polygon, the part of the feature inside it) for each pair that touches.

    Most features lie wholly inside one unit; they are found by a prepared test and need no cutting.
    """
    features, polygons = np.asarray(features, dtype=object), np.asarray(polygons, dtype=object)
    if not len(features) or not len(polygons):
        return np.empty(0, dtype=np.int64), np.empty(0, dtype=object)
    tree = shapely.STRtree(features)
    unit, feature = tree.query(polygons, predicate="intersects")
    whole_unit, whole_feature = tree.query(polygons, predicate="covers")
    pair = unit * len(features) + feature
    cut = ~np.isin(pair, whole_unit * len(features) + whole_feature)
    order = np.argsort(pair, kind="stable")
    part = features[feature].copy()
    part[cut] = shapely.intersection(features[feature[cut]], polygons[unit[cut]])
    return unit[order].astype(np.int64), part[order]


def _positive(unit: Ints, amount: Floats) -> tuple[Ints, Floats]:
    """Without pairs that merely touch at a corner or along an edge."""
    kept = amount > 0
    return unit[kept], np.asarray(amount[kept], dtype=np.float64)
