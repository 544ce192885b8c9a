"""The measured jobs of ``space.py``, ours and the peers', one process each.

    python benchmarks/space_cases.py CASE FOLDER

prints one line of JSON (:func:`side_by_side.one_case`): getting ready is reading the files and making what the library works
on; the answer is how many, and a sum.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import fields
from pathlib import Path
from typing import Any

import numpy as np
import shapely
from side_by_side import one_case
from space_data import communities

RADIUS_M = 500.0
WALK_M = 1000.0
SNAP_M = 10.0
QUAD_SEGS = 32  # the engine's; the peers draw their buffers as finely
CRS = "EPSG:4549"
Answer = tuple[int, float]
Job = Callable[[], Answer]


# ---- straight-line coverage of points: (points covered, sum of their distances) --------------------


def engine_points(folder: Path) -> tuple[Job, Job]:
    from tijian.engine.measure.coverage import covered

    demand, supply = np.load(folder / "demand.npy"), shapely.points(np.load(folder / "supply.npy"))

    def job(demand: Any = demand) -> Answer:
        served, distance = covered(demand, supply, RADIUS_M)
        return int(served.sum()), float(distance[served].sum())

    return job, lambda: job(demand[:9])


def geopandas_points(folder: Path) -> tuple[Job, Job]:
    import geopandas as gpd

    demand, supply = (
        gpd.GeoDataFrame(geometry=gpd.points_from_xy(*np.load(folder / f"{name}.npy").T, crs=CRS))
        for name in ("demand", "supply")
    )

    def job(demand: Any = demand) -> Answer:
        pairs = gpd.sjoin_nearest(demand, supply, max_distance=RADIUS_M, distance_col="metres")
        once = pairs[~pairs.index.duplicated()]  # places that coincide come out as one row each
        return len(once), float(once["metres"].sum())

    return job, lambda: job(demand.iloc[:9])


# ---- area: (communities with served land, their served m²) -----------------------------------------


def engine_area(folder: Path) -> tuple[Job, Job]:
    from tijian.engine.measure.coverage import buffers, served_land, united
    from tijian.engine.measure.density import clip_areas

    units, supply = communities(folder), shapely.points(np.load(folder / "supply.npy"))

    def job(units: Any = units, supply: Any = supply) -> Answer:
        served = served_land(united(units), buffers([(supply, RADIUS_M)]))
        unit, square_metres = clip_areas(served, units)
        return len(np.unique(unit)), float(square_metres.sum())

    return job, lambda: job(units[:2], supply[:2])


def geopandas_area(folder: Path) -> tuple[Job, Job]:
    import geopandas as gpd

    units = gpd.GeoDataFrame(geometry=communities(folder), crs=CRS)
    units["unit"] = np.arange(len(units))
    supply = gpd.GeoSeries(gpd.points_from_xy(*np.load(folder / "supply.npy").T, crs=CRS))

    def job(units: Any = units, supply: Any = supply) -> Answer:
        reach = gpd.GeoDataFrame(geometry=supply.buffer(RADIUS_M, quad_segs=QUAD_SEGS)).dissolve()
        served = gpd.overlay(units, reach, how="intersection")
        area = served.area.groupby(served["unit"]).sum()
        return int((area > 0).sum()), float(area.sum())

    return job, lambda: job(units.iloc[:2], supply.iloc[:2])


# ---- walking: (junctions within reach, sum of their distances) -------------------------------------


def _streets(folder: Path, name: str) -> dict[str, Any]:
    with np.load(folder / f"{name}.npz") as stored:
        return dict(stored)


def _reached(metres: Any) -> Answer:
    near = metres <= WALK_M + 1e-6
    return int(near.sum()), float(metres[near].sum())


def engine_build(folder: Path, name: str = "network") -> tuple[Job, Job]:
    """Reading: from lines to a network. The answer is (streets, their metres)."""
    from tijian.engine.measure.network import build_network

    s = _streets(folder, name)
    lines = shapely.linestrings(s["nodes"][s["edges"]])

    def job(lines: Any = lines) -> Answer:
        network = build_network(lines, "shared")
        return len(network.graph.data) // 2, float(network.length.sum())

    return job, lambda: job(lines[:9])


def engine_snap(folder: Path, name: str = "network") -> tuple[Job, Job]:
    """Snapping: all demand and supply on the network, kept for the search. The answer is (how many stand, their gaps)."""
    from tijian.engine.measure.network import Network, Places, build_network, place_on

    s = _streets(folder, name)
    network = build_network(shapely.linestrings(s["nodes"][s["edges"]]), "shared")
    points = shapely.points(s["nodes"])

    def job(demand: Any = points, supply: Any = points[s["supply"]]) -> Answer:
        on, of = (place_on(network, shapes, SNAP_M) for shapes in (demand, supply))
        if len(demand) == len(points):
            kept: list[tuple[str, Network | Places]] = [("network", network), ("demand", on), ("supply", of)]
            for kind, thing in kept:
                np.savez(folder / f"{name}.{kind}.npz", **vars_of(thing))
        return len(on.of) + len(of.of), round(float(on.gap.sum() + of.gap.sum()), 3)

    return job, lambda: job(points[:9], points[:9])


def vars_of(thing: Any) -> dict[str, Any]:
    """The fields of a dataclass, without what it has worked out."""
    return {field.name: getattr(thing, field.name) for field in fields(thing)}


def engine_walk(folder: Path, name: str = "network") -> tuple[Job, Job]:
    """The search: the network that ``engine_snap`` built and everything that stands on it, from files."""
    from tijian.engine.measure.network import Network, Places, walking_distance

    def stored(kind: str) -> dict[str, Any]:
        with np.load(folder / f"{name}.{kind}.npz") as file:
            return {key: file[key] if file[key].ndim else file[key].item() for key in file.files}

    network, demand, supply = (
        Network(**stored("network")),
        Places(**stored("demand")),
        Places(**stored("supply")),
    )
    _ = network.graph  # kept by the network once made: part of getting ready, as the others' graphs are

    def job(limit_m: float = WALK_M) -> Answer:
        return _reached(walking_distance(network, demand, supply, limit_m))

    return job, lambda: job(0.1)


def scipy_walk(folder: Path, name: str = "network") -> tuple[Job, Job]:
    """The floor: nothing but scipy's search, over a graph with every street in both directions."""
    from scipy.sparse import csr_array
    from scipy.sparse.csgraph import dijkstra

    s = _streets(folder, name)
    (start, end), metres = s["edges"].T.astype(np.int32), s["metres"]
    both = (np.tile(metres, 2), (np.concatenate([start, end]), np.concatenate([end, start])))
    graph, supply = csr_array(both, shape=(len(s["nodes"]),) * 2), s["supply"]
    del s, start, end, metres, both

    def job(limit_m: float = WALK_M) -> Answer:
        return _reached(dijkstra(graph, indices=supply, min_only=True, limit=limit_m))

    return job, lambda: job(0.1)


def networkit_walk(folder: Path, name: str = "network") -> tuple[Job, Job]:
    """It searches from one node, so all supply hangs on one more node by streets of no length; it has no limit."""
    import networkit as nk

    s = _streets(folder, name)
    many, supply = len(s["nodes"]), s["supply"]
    ends = np.concatenate([s["edges"], np.column_stack([np.full(len(supply), many), supply])])
    metres = np.concatenate([s["metres"], np.zeros(len(supply))])
    graph = nk.GraphFromCoo((metres, (ends[:, 0].copy(), ends[:, 1].copy())), n=many + 1, weighted=True)
    del s, ends, metres

    def job(graph: Any = graph, source: int = many) -> Answer:
        search = nk.distance.Dijkstra(graph, source, storePaths=False)
        search.run()
        return _reached(np.asarray(search.getDistances())[:source])

    small = nk.GraphFromCoo((np.ones(1), (np.array([0]), np.array([1]))), n=2, weighted=True)
    return job, lambda: job(small, 1)


def pandana_walk(folder: Path, name: str = "network") -> tuple[Job, Job]:
    """Getting ready is its contraction of the network; distances are whole thousandths of a metre."""
    import pandana
    import pandas as pd

    s = _streets(folder, name)
    nodes, edges = pd.DataFrame(s["nodes"], columns=["x", "y"]), s["edges"]
    network = pandana.Network(
        nodes["x"],
        nodes["y"],
        pd.Series(edges[:, 0]),
        pd.Series(edges[:, 1]),
        pd.DataFrame({"metres": s["metres"]}),
    )
    place = nodes.iloc[s["supply"]]
    network.set_pois("supply", WALK_M, 1, place["x"], place["y"])

    def job() -> Answer:
        metres = network.nearest_pois(WALK_M, "supply", num_pois=1)[1].to_numpy()
        near = metres < WALK_M  # what is out of reach is given the limit
        return int(near.sum()), float(metres[near].sum())

    return job, job


def small(case: Callable[[Path, str], tuple[Job, Job]]) -> Callable[[Path], tuple[Job, Job]]:
    """The case on the smaller network."""
    return lambda folder: case(folder, "small_network")


CASES: dict[str, Callable[[Path], tuple[Job, Job]]] = {
    "points.engine": engine_points,
    "points.geopandas": geopandas_points,
    "area.engine": engine_area,
    "area.geopandas": geopandas_area,
    "build.engine": engine_build,
    "snap.engine": engine_snap,
    "walk.engine": engine_walk,
    "walk.scipy": scipy_walk,
    "walk.networkit": networkit_walk,
    "small_snap.engine": small(engine_snap),
    "small.engine": small(engine_walk),
    "small.scipy": small(scipy_walk),
    "small.pandana": small(pandana_walk),
}


if __name__ == "__main__":
    one_case(CASES, dict.fromkeys((case.split(".")[0] for case in CASES), ("many", "total")))
