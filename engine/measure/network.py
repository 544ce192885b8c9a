"""The walkable network (步行网): lines made into nodes and edges, and the shortest way along them.

**Edges** are the straight pieces between two neighbouring vertices of a line, each as long as it is in the run's metric
CRS. **Where lines meet** is the network's ``junctions``: ``shared``, at vertices they have in common (to the millimetre),
as the ways of OpenStreetMap do; ``touch``, also where the end of a line comes within :data:`TOUCH_M` of another's end, or
of any place along another, as in layers drawn by hand; ``crossings``, also wherever two lines cross, for layers drawn
without nodes and without bridges. Lines that cross without a junction pass over each other: that is how a barrier
without a crossing stays one.

**A point** stands on the network at the nearest place of the nearest edge, as far off as that is in a straight line (its
gap); further than ``snap_m`` from every edge it does not stand on it. **An area or a line** is entered all along the
network that comes within :data:`ENTRY_M` of it, without a gap, because its gates are not in the data; where the network
comes nowhere so near (but within ``snap_m``), all along what comes within :data:`ENTRY_M` more than the nearest edge does,
its gap being the distance to that edge. Around corners the reach is drawn with :data:`QUAD_SEGS` chords to a quarter circle.

**The distance** from a demand point to supply is the demand point's gap to its place on the network, the shortest way
along edges to the supply's place, and the supply's gap, in metres; along an edge one may start and stop anywhere. The
smallest over all supply counts. What cannot be reached within the limit has an infinite distance.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import Literal

import numpy as np
import numpy.typing as npt
import shapely
from scipy.sparse import csr_array
from scipy.sparse.csgraph import connected_components, dijkstra
from scipy.spatial import cKDTree

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]
Shapes = npt.NDArray[np.object_]
Junctions = Literal["shared", "touch", "crossings"]

TOUCH_M = 0.5
ENTRY_M = 30.0
QUAD_SEGS = 16
ROUNDING_M = 1e-6  # a micrometre for the rounding of coordinates in the millions
NEARLY_NOTHING_M = 1e-9  # a sparse graph takes an edge of length zero for no edge
LINE, POINT = 1, 0


@dataclass(frozen=True)
class Network:
    """Edges, no two between the same nodes: the coordinates of their ends (m, 2), the nodes there (m, 2), metres (m,)."""

    start: Floats
    end: Floats
    ends: Ints
    length: Floats
    nodes: int

    @cached_property
    def graph(self) -> csr_array:
        """Metres from node to node, each edge in both directions; shape (nodes, nodes)."""
        weight = np.maximum(self.length, NEARLY_NOTHING_M)
        here, there = self.ends.T.astype(np.int32)  # what the search works in: no copies to convert
        both = (np.concatenate([here, there]), np.concatenate([there, here]))
        return csr_array((np.tile(weight, 2), both), shape=(self.nodes, self.nodes))

    @cached_property
    def tree(self) -> shapely.STRtree:
        """The edges as lines, to find the nearest of."""
        return shapely.STRtree(shapely.linestrings(np.stack([self.start, self.end], axis=1)))

    @cached_property
    def pieces(self) -> Floats:
        """Metres of each piece that is not connected to the others, the longest first."""
        if not len(self.length):
            return np.empty(0)
        _, piece = connected_components(self.graph, directed=False)
        metres: Floats = np.bincount(piece[self.ends[:, 0]], weights=self.length).astype(np.float64)
        return np.sort(metres[metres > 0])[::-1]

    @property
    def stray_share(self) -> float:
        """The share of the network's length that lies outside its largest piece."""
        return float(self.pieces[1:].sum() / self.pieces.sum()) if len(self.pieces) else 0.0


@dataclass(frozen=True)
class Places:
    """Where things stand on a network: thing ``of`` between ``low`` and ``high`` (shares of ``edge``), ``gap`` metres off.

    A point has one row with ``low`` = ``high``; an area has a row for each edge it is entered from; what is too far
    from the network has none. All of shape (k,); ``things`` is how many were asked for.
    """

    of: Ints
    edge: Ints
    low: Floats
    high: Floats
    gap: Floats
    things: int

    @property
    def standing(self) -> npt.NDArray[np.bool_]:
        """Which of the things stand on the network, shape (things,)."""
        found = np.zeros(self.things, dtype=np.bool_)
        found[self.of] = True
        return found


# ---- building ----------------------------------------------------------------------------------


def build_network(lines: Shapes, junctions: Junctions) -> Network:
    """The network of lines in a metric CRS; what is no line is left out."""
    parts = np.asarray(lines, dtype=object)[~shapely.is_missing(lines)]
    if (shapely.get_type_id(parts) != LINE).any():  # taking shapes apart copies them
        parts = shapely.get_parts(parts)
    parts = parts[(shapely.get_type_id(parts) == LINE) & ~shapely.is_empty(parts)]
    if junctions == "crossings":
        parts = shapely.get_parts(shapely.node(shapely.multilinestrings(parts)))
    xy, of = shapely.get_coordinates(parts, return_index=True)
    vertex, nodes = _same_places(xy)
    first = np.flatnonzero(of[:-1] == of[1:]) if len(of) else np.empty(0, dtype=np.int64)
    ends = np.column_stack([vertex[first], vertex[first + 1]])
    start, end = xy[first], xy[first + 1]
    if junctions != "shared" and len(first):
        change = np.flatnonzero(np.diff(of, prepend=-1, append=-1))
        tips = np.unique(np.concatenate([change[:-1], change[1:] - 1]))
        ends, start, end = _joined(xy, vertex, nodes, tips, ends, start, end)
    length = np.hypot(*(end - start).T)
    kept = _once(ends, length, nodes)
    return Network(start[kept], end[kept], ends[kept], length[kept], nodes)


def _once(ends: Ints, length: Floats, nodes: int) -> Ints:
    """The edges to keep: of those between the same two nodes (a street drawn twice) the shortest, and none that is a dot."""
    low, high = ends.min(axis=1, initial=nodes), ends.max(axis=1, initial=0)
    pair = low * nodes + high
    order = np.lexsort((length, pair))
    first = order[np.flatnonzero(np.diff(pair[order], prepend=-1))]
    return np.sort(first[low[first] != high[first]])


def _same_places(xy: Floats) -> tuple[Ints, int]:
    """(the node at each vertex, how many nodes there are): one node for vertices that are a millimetre apart at most."""
    _, x = np.unique(np.rint(xy[:, 0] * 1000), return_inverse=True)
    _, y = np.unique(np.rint(xy[:, 1] * 1000), return_inverse=True)
    found, node = np.unique(x * (y.max(initial=0) + 1) + y, return_inverse=True)
    return np.asarray(node, dtype=np.int64), len(found)


def _joined(
    xy: Floats, vertex: Ints, nodes: int, tips: Ints, ends: Ints, start: Floats, end: Floats
) -> tuple[Ints, Floats, Floats]:
    """The edges (ends, start, end) after the tips of lines are joined to what they touch.

    Tips near each other become one node; an edge that a tip touches in between is cut there.
    """
    _, at = np.unique(vertex[tips], return_index=True)
    tips = tips[at]
    close = cKDTree(xy[tips]).query_pairs(TOUCH_M, output_type="ndarray")
    pair = vertex[tips[close]].reshape(-1, 2)
    links = csr_array((np.ones(len(pair)), (pair[:, 0], pair[:, 1])), shape=(nodes, nodes))
    _, group = connected_components(links, directed=False)
    node_of_group = np.unique(group, return_index=True)[1]
    merged = node_of_group[group]
    ends, tip_node = merged[ends], merged[vertex[tips]]
    tree = shapely.STRtree(shapely.linestrings(np.stack([start, end], axis=1)))
    tip, edge = tree.query(shapely.points(xy[tips]), predicate="dwithin", distance=TOUCH_M)
    apart = (ends[edge] != tip_node[tip][:, None]).all(axis=1)
    tip, edge = tip[apart], edge[apart]
    share = _share_along(xy[tips[tip]], start[edge], end[edge])
    return _cut(ends, start, end, edge, share, tip_node[tip])


def _cut(
    ends: Ints, start: Floats, end: Floats, edge: Ints, share: Floats, node: Ints
) -> tuple[Ints, Floats, Floats]:
    """Edges cut at ``share`` of ``edge``, where ``node`` is; the pieces take the place of the edge."""
    touched = np.unique(edge)
    of = np.concatenate([touched, edge, touched])
    along = np.concatenate([np.zeros(len(touched)), share, np.ones(len(touched))])
    stop = np.concatenate([ends[touched, 0], node, ends[touched, 1]])
    rank = np.repeat([0, 1, 2], [len(touched), len(edge), len(touched)])  # a cut at an end stays behind it
    order = np.lexsort((rank, along, of))
    of, along, stop = of[order], along[order], stop[order]
    place = start[of] + along[:, None] * (end[of] - start[of])
    here = np.flatnonzero(of[:-1] == of[1:])
    whole = np.ones(len(ends), dtype=np.bool_)
    whole[touched] = False
    return (
        np.concatenate([ends[whole], np.column_stack([stop[here], stop[here + 1]])]),
        np.concatenate([start[whole], place[here]]),
        np.concatenate([end[whole], place[here + 1]]),
    )


def _share_along(points: Floats, start: Floats, end: Floats) -> Floats:
    """How far along each edge the place nearest to each point is, 0 at its start and 1 at its end."""
    step = end - start
    square = np.maximum((step**2).sum(axis=1), NEARLY_NOTHING_M**2)
    return np.clip(((points - start) * step).sum(axis=1) / square, 0.0, 1.0)


# ---- standing on it ----------------------------------------------------------------------------


def place_on(network: Network, shapes: Shapes, snap_m: float) -> Places:
    """Where shapes of any kind stand on the network; missing and empty ones do not."""
    shapes = np.asarray(shapes, dtype=object)
    part, of = shapely.get_parts(shapes, return_index=True)
    there = ~shapely.is_empty(part)
    part, of = part[there], np.asarray(of[there], dtype=np.int64)
    if not len(part) or not len(network.length):
        none, nothing = np.empty(0, dtype=np.int64), np.empty(0)
        return Places(none, none, nothing, nothing, nothing, len(shapes))
    (asked, edge), gap = network.tree.query_nearest(
        part, max_distance=snap_m + ROUNDING_M, return_distance=True, all_matches=False
    )
    part, of, edge = part[asked], of[asked], np.asarray(edge, dtype=np.int64)
    point = shapely.get_type_id(part) == POINT
    low = _share_along(
        shapely.get_coordinates(part[point]), network.start[edge[point]], network.end[edge[point]]
    )
    row, entered, first, last = _entered(network, part[~point], gap[~point])
    off = np.where(gap > ENTRY_M, gap, 0.0)[~point]
    return Places(
        np.concatenate([of[point], of[~point][row]]), np.concatenate([edge[point], entered]),
        np.concatenate([low, first]), np.concatenate([low, last]), np.concatenate([gap[point], off[row]]),
        len(shapes),
    )  # fmt: skip


def _entered(network: Network, shapes: Shapes, gap: Floats) -> tuple[Ints, Ints, Floats, Floats]:
    """(shape, edge, from, to): the stretches of edges from which areas and lines, ``gap`` off, are entered."""
    near = shapely.buffer(shapes, ENTRY_M + np.where(gap > ENTRY_M, gap, 0.0), quad_segs=QUAD_SEGS)
    which, edge = network.tree.query(near, predicate="intersects")
    stretch, row = shapely.get_parts(
        shapely.intersection(network.tree.geometries[edge], near[which]), return_index=True
    )
    edge, which = np.asarray(edge[row], dtype=np.int64), np.asarray(which[row], dtype=np.int64)
    sides = [shapely.get_coordinates(shapely.get_point(_as_lines(stretch), i)) for i in (0, -1)]
    share = np.stack([_share_along(xy, network.start[edge], network.end[edge]) for xy in sides])
    return which, edge, share.min(axis=0), share.max(axis=0)


def _as_lines(stretches: Shapes) -> Shapes:
    """Stretches that are a mere point as lines of no length."""
    points = np.flatnonzero(shapely.get_type_id(stretches) == POINT)
    lines = stretches.copy()
    xy = shapely.get_coordinates(stretches[points])
    lines[points] = shapely.linestrings(np.stack([xy, xy], axis=1)) if len(points) else []
    return lines


# ---- walking -----------------------------------------------------------------------------------


def walking_distance(network: Network, demand: Places, supply: Places, limit_m: float) -> Floats:
    """Metres on foot from each demand point to the nearest supply, shape (demand.things,).

    Infinite beyond ``limit_m``, for a point that does not stand on the network, and without supply. ``demand`` are
    points, one row each at most.
    """
    found = np.full(demand.things, np.inf)
    if not len(demand.of) or not len(supply.of):
        return found
    at_node = _from_supply(network, supply, limit_m)
    along = demand.low * network.length[demand.edge]
    left, right = network.ends[demand.edge].T
    way = np.minimum(at_node[left] + along, at_node[right] + network.length[demand.edge] - along)
    way = np.minimum(way, _on_the_same_edge(network, demand, supply))
    metres = way + demand.gap
    found[demand.of] = np.where(metres <= limit_m + ROUNDING_M, metres, np.inf)
    return found


def _from_supply(network: Network, supply: Places, limit_m: float) -> Floats:
    """Metres from each node to the nearest supply: one search from all supply at once, each a node of its own."""
    graph, length = network.graph, network.length[supply.edge]
    weight = np.column_stack([supply.low * length, (1.0 - supply.high) * length]) + supply.gap[:, None]
    sources = np.arange(len(supply.of), dtype=np.int32)
    every = csr_array(
        (
            np.concatenate([graph.data, np.maximum(weight, NEARLY_NOTHING_M).ravel()]),
            np.concatenate([graph.indices, network.ends[supply.edge].astype(np.int32).ravel()]),
            np.concatenate([graph.indptr, graph.indptr[-1] + 2 * (sources + 1)]),
        ),
        shape=(network.nodes + len(sources),) * 2,
    )
    found = dijkstra(every, indices=network.nodes + sources, min_only=True, limit=limit_m + ROUNDING_M)
    return np.asarray(found[: network.nodes], dtype=np.float64)


def _on_the_same_edge(network: Network, demand: Places, supply: Places) -> Floats:
    """Metres from each demand point to supply that stands on the very same edge, shape (rows of demand,)."""
    found = np.full(len(demand.of), np.inf)
    busy = np.zeros(len(network.length), dtype=np.bool_)
    busy[supply.edge] = True
    some = np.flatnonzero(busy[demand.edge])
    order = np.argsort(supply.edge, kind="stable")
    edge = supply.edge[order]
    first = np.searchsorted(edge, demand.edge[some])
    many = np.searchsorted(edge, demand.edge[some], side="right") - first
    asked = np.repeat(some, many)
    other = order[np.arange(len(asked)) - np.repeat(np.cumsum(many) - many, many) + np.repeat(first, many)]
    share = np.maximum(supply.low[other] - demand.low[asked], demand.low[asked] - supply.high[other]).clip(0)
    np.minimum.at(found, asked, share * network.length[demand.edge[asked]] + supply.gap[other])
    return found
