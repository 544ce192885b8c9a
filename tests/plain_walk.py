"""Walking a second time, slowly and plainly (步行距离的独立算法): every place becomes a node, then Dijkstra with a heap.

Nothing of ``engine/measure`` is used: an edge is cut at everything that stands on it, and the shortest way from all
supply at once is found with dictionaries and :mod:`heapq`. The definitions are those of ``engine/measure/network.py``.
"""

from __future__ import annotations

import heapq
import math
from collections.abc import Callable, Hashable, Mapping, Sequence
from itertools import pairwise

import numpy as np
import shapely
from tijian.indicators.measure_model import Circle, Walk

from .plain_sql import Row, holds

Node = Hashable
Edge = tuple[
    Node, Node, tuple[float, float], tuple[float, float]
]  # the nodes at its ends, and where these are
ENTRY_M = 30.0
TOUCH_M = 0.5


Ways = dict[Node, list[tuple[Node, float]]]
Search = Callable[[Ways, list[tuple[float, Node]], float], dict[Node, float]]


def walk(
    edges: Sequence[Edge], homes: Sequence[tuple[float, float]], supply: Sequence[shapely.Geometry], *,
    snap_m: float, limit_m: float, touching: Sequence[tuple[int, float, Node]] = (), search: Search | None = None,
) -> list[float]:  # fmt: skip
    """Metres on foot from each home to the nearest supply; infinite beyond the limit.

    ``search`` finds the metres from the nearest beginning to every node within the limit; by default a heap of our own.

    ``touching`` are nodes that also lie on an edge: (edge, share along it, node).
    """
    ground = Ground(edges)
    stops: dict[int, list[tuple[float, Node]]] = {i: [(0.0, e[0]), (1.0, e[1])] for i, e in enumerate(edges)}
    for edge, share, node in touching:
        stops[edge].append((share, node))
    begin: list[tuple[float, Node]] = []
    entries: list[tuple[int, float, float, float]] = []
    for number, thing in enumerate(supply):
        for k, part in enumerate(getattr(thing, "geoms", [thing])):
            if part.geom_type != "Point":
                entries += _entries(ground, part, snap_m)
            elif (beside := _beside(ground, part.coords[0], snap_m)) is not None:
                edge, share, gap = beside
                stops[edge].append((share, ("supply", number, k)))
                begin.append((gap, ("supply", number, k)))
    doors: dict[int, tuple[Node, float]] = {}
    for number, home in enumerate(homes):
        beside = _beside(ground, home, snap_m)
        if beside is not None:
            edge, share, gap = beside
            stops[edge].append((share, ("home", number)))
            doors[number] = (("home", number), gap)
    for number, (edge, low, high, _) in enumerate(entries):
        stops[edge] += [(low, ("in", number)), (high, ("out", number))]
    for edge, low, high, gap in entries:
        begin += [(gap, node) for share, node in stops[edge] if low <= share <= high]
    found = (search or _dijkstra)(_ways(stops, np.hypot(*(ground.b - ground.a).T).tolist()), begin, limit_m)
    metres = [math.inf] * len(homes)
    for number, (node, gap) in doors.items():
        whole = found.get(node, math.inf) + gap
        metres[number] = whole if whole <= limit_m + 1e-6 else math.inf
    return metres


class Ground:
    """Where the edges lie, ``a`` and ``b`` being their ends, sorted from west to east to look up those in a box."""

    def __init__(self, edges: Sequence[Edge]) -> None:
        self.a, self.b = (np.array([e[k] for e in edges], dtype=float).reshape(-1, 2) for k in (2, 3))
        self.low, self.high = np.minimum(self.a, self.b), np.maximum(self.a, self.b)
        self.order = np.argsort(self.low[:, 0])
        self.west = self.low[self.order, 0]
        self.widest = (self.high - self.low)[:, 0].max(initial=0.0)

    def near(self, x0: float, y0: float, x1: float, y1: float) -> np.ndarray:
        """The edges whose bounding boxes touch a box."""
        first, last = np.searchsorted(self.west, (x0 - self.widest, np.nextafter(x1, np.inf)))
        some = self.order[first:last]
        low, high = self.low[some], self.high[some]
        return some[(high[:, 0] >= x0) & (low[:, 1] <= y1) & (high[:, 1] >= y0)]


def _beside(ground: Ground, home: tuple[float, float], snap_m: float) -> tuple[int, float, float] | None:
    """(edge, share along it, metres off it) of the place on the network nearest to a point."""
    (x, y), a, b = home, ground.a, ground.b
    near = ground.near(x - snap_m, y - snap_m, x + snap_m, y + snap_m)
    if not len(near):
        return None
    step, off = b[near] - a[near], np.array(home) - a[near]
    share = np.clip((step * off).sum(axis=1) / (step**2).sum(axis=1), 0, 1)
    gap = np.hypot(*(a[near] + share[:, None] * step - np.array(home)).T)
    best = int(gap.argmin())
    return (int(near[best]), float(share[best]), float(gap[best])) if gap[best] <= snap_m + 1e-6 else None


def _entries(ground: Ground, thing: shapely.Geometry, snap_m: float) -> list[tuple[int, float, float, float]]:
    """(edge, from, to, metres off) of every stretch of the network from which an area or line is entered."""
    x0, y0, x1, y1 = thing.bounds

    def within(metres: float) -> list[tuple[int, shapely.LineString]]:
        near = ground.near(x0 - metres, y0 - metres, x1 + metres, y1 + metres).tolist()
        return [(edge, shapely.LineString([ground.a[edge], ground.b[edge]])) for edge in near]

    nearest = min((thing.distance(line) for _, line in within(snap_m)), default=math.inf)
    if nearest > snap_m + 1e-6:
        return []
    gap = nearest if nearest > ENTRY_M else 0.0
    around = thing.buffer(ENTRY_M + gap)
    found = []
    for edge, line in within(ENTRY_M + gap):
        inside = line.intersection(around)
        for part in getattr(inside, "geoms", [inside]):
            if not part.is_empty:
                ends = [line.project(shapely.Point(c), normalized=True) for c in part.coords]
                found.append((edge, min(ends), max(ends), gap))
    return found


def _ways(stops: dict[int, list[tuple[float, Node]]], length: list[float]) -> Ways:
    ways: Ways = {}
    for edge, on in stops.items():
        on.sort(key=lambda stop: stop[0])
        # an end's own node stays outermost even where something stands exactly on it
        for (here, one), (there, other) in pairwise(on):
            metres = (there - here) * length[edge]
            ways.setdefault(one, []).append((other, metres))
            ways.setdefault(other, []).append((one, metres))
    return ways


def _dijkstra(ways: Ways, begin: list[tuple[float, Node]], limit_m: float) -> dict[Node, float]:
    found: dict[Node, float] = {}
    count = 0
    heap: list[tuple[float, int, Node]] = []
    for metres, node in begin:
        heap.append((metres, count, node))
        count += 1
    heapq.heapify(heap)
    while heap:
        metres, _, node = heapq.heappop(heap)
        if node in found or metres > limit_m + 1e-6:
            continue
        found[node] = metres
        for other, more in ways.get(node, []):
            if other not in found:
                count += 1
                heapq.heappush(heap, (metres + more, count, other))
    return found


# ---- the measures --------------------------------------------------------------------------------


def on_foot(
    measure: Walk | Circle, tables: Mapping[str, Sequence[Row]], *, snap_m: float, speed_m_s: float
) -> list[Row]:
    """The demand points that count, each with its ``weight`` and whether it is ``served``."""
    demand = []
    for row in tables[measure.demand]:
        weight = 1.0 if measure.weight is None else row[measure.weight]
        if None not in (row["unit"], row.get("x"), weight) and holds(measure.demand_where, row):
            demand.append({**row, "weight": weight})
    limit = measure.metres or (measure.minutes or 0) * 60 * speed_m_s
    lines = [
        r["shape"] for r in tables[measure.network] if r.get("shape") and holds(measure.network_where, r)
    ]
    edges, touching = drawn(lines)
    kinds = [(measure.supply, measure.supply_where)] if isinstance(measure, Walk) else [
        (kind.supply, kind.supply_where) for kind in measure.kind
    ]  # fmt: skip
    reached = [0] * len(demand)
    for name, where in kinds:
        supply = [r["shape"] for r in tables[name] if r.get("shape") and holds(where, r)]
        homes = [(r["x"], r["y"]) for r in demand]
        found = walk(edges, homes, supply, snap_m=snap_m, limit_m=limit, touching=touching)
        reached = [n + (metres < math.inf) for n, metres in zip(reached, found, strict=True)]
    needed = 1 if isinstance(measure, Walk) else measure.at_least or len(kinds)
    return [{**row, "served": n >= needed} for row, n in zip(demand, reached, strict=True)]


def drawn(lines: Sequence[shapely.LineString]) -> tuple[list[Edge], list[tuple[int, float, Node]]]:
    """The edges of lines drawn by hand, each once, and where the ends of lines lie on them."""
    once: dict[frozenset[Node], Edge] = {}
    tips = set()
    for line in lines:
        for part in getattr(line, "geoms", [line]):
            path = [(x, y) for x, y, *_ in part.coords]
            tips |= {path[0], path[-1]}
            for a, b in pairwise(path):
                edge = (_node(a), _node(b), a, b)
                if edge[0] != edge[1]:
                    once.setdefault(frozenset(edge[:2]), edge)
    edges = list(once.values())
    begin, end = (np.array([e[k] for e in edges]).reshape(-1, 2) for k in (2, 3))
    step = end - begin
    touching = []
    for tip in tips:
        share = np.clip((step * (np.array(tip) - begin)).sum(axis=1) / (step**2).sum(axis=1), 0, 1)
        off = np.hypot(*(begin + share[:, None] * step - np.array(tip)).T)
        touching += [(int(i), float(share[i]), _node(tip)) for i in np.flatnonzero(off <= TOUCH_M)]
    return edges, touching


def _node(xy: tuple[float, float]) -> Node:
    return (round(xy[0], 3), round(xy[1], 3))
