"""Catchments and junctions a second time, slowly and plainly: dictionaries and loops, nothing of ``engine/measure``."""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from itertools import pairwise

import numpy as np
import shapely
from tijian.indicators.catchment_model import Catchment

from .plain_sql import Row, holds

Vertex = tuple[float, float]
TOUCH_M = 0.5
ROUNDING_M = 1e-6
LEGS = 3


def shared_out(measure: Catchment, tables: Mapping[str, Sequence[Row]]) -> list[Row]:
    """The demand points examined, each with ``weight`` and what it is given of all it can reach, ``given``."""
    homes = []
    for row in tables[measure.demand]:
        weight = 1.0 if measure.weight is None else row[measure.weight]
        if row.get("x") is not None and weight is not None and holds(measure.demand_where, row):
            homes.append({**row, "weight": float(weight), "given": 0.0})
    for row in tables[measure.supply]:
        if row.get("shape") is None or not holds(measure.supply_where, row):
            continue
        near = [(home, worth) for home in homes if (worth := _worth(measure, home, row["shape"])) is not None]
        asked = sum(home["weight"] * worth for home, worth in near)
        for home, worth in near:
            if row[measure.capacity] is None or home["given"] is None:
                home["given"] = None  # one unknown share makes the whole unknown
            elif asked > 0:
                home["given"] += home["weight"] * worth * row[measure.capacity] / asked
    return [home for home in homes if home["given"] is not None]


def catchment(
    measure: Catchment,
    tables: Mapping[str, Sequence[Row]],
    inside: Callable[[Sequence[Row]], dict[str, list[Row]]],
) -> dict[str, tuple[float, float]]:
    """Unit → capacity given and demand, or what is missing of the need and the need."""
    found = {}
    for code, rows in inside(shared_out(measure, tables)).items():
        people = sum(r["weight"] for r in rows)
        given = sum(r["given"] for r in rows)
        short = sum(max(0.0, r["weight"] * measure.need - r["given"]) for r in rows)
        found[code] = (short, people * measure.need) if measure.what == "gap" else (given, people)
    return found


def _worth(measure: Catchment, home: Row, thing: shapely.Geometry) -> float | None:
    """The weight of the zone a thing lies in; None beyond the last."""
    metres = thing.distance(shapely.Point(home["x"], home["y"]))
    for edge, weight in measure.zones:
        if metres <= edge + ROUNDING_M:
            return weight
    return None


def junctions(lines: Sequence[shapely.Geometry], merge_m: float) -> list[Vertex]:
    """Where at least three legs meet, those within ``merge_m`` of each other (one after the other) as one, at their middle."""
    near: dict[Vertex, set[Vertex]] = defaultdict(set)
    tips: set[Vertex] = set()
    for line in lines:
        for part in getattr(line, "geoms", [line]):
            path = [(round(x, 3), round(y, 3)) for x, y in part.coords]
            tips |= {path[0], path[-1]}
            for a, b in pairwise(path):
                if a != b:
                    near[a].add(b)
                    near[b].add(a)
    edges = sorted({(min(a, b), max(a, b)) for a, others in near.items() for b in others})
    drawn = shapely.linestrings(np.array(edges)) if edges else np.empty(0, dtype=object)
    spots = {at for at, others in near.items() if len(others) >= LEGS}
    for tip in sorted(tips):
        for number in np.flatnonzero(shapely.distance(drawn, shapely.Point(tip)) <= TOUCH_M).tolist():
            a, b = edges[number]
            if tip in (a, b):
                continue
            end = next((end for end in (a, b) if math.dist(tip, end) <= TOUCH_M), None)
            legs = 2 if end is None else len(near[end] - {tip})
            if len(near[tip]) + legs >= LEGS:
                spots.add(tip)
    return _merged(sorted(spots), merge_m)


def _merged(spots: list[Vertex], merge_m: float) -> list[Vertex]:
    left, found = set(spots), []
    while left:
        group = [left.pop()]
        for at in group:
            close = {other for other in left if math.dist(at, other) <= merge_m}
            left -= close
            group += sorted(close)
        found.append((sum(x for x, _ in group) / len(group), sum(y for _, y in group) / len(group)))
    return found
