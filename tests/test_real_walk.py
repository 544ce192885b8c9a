"""Walking in a real city: every dwelling's way to a bus stop, a supermarket and a park, against a plain second reckoning.

The second version takes the network out of the extract by itself, node by node under OSM's own numbers, and searches it
with NetworkX (and, for the parks, with dictionaries and a heap: :mod:`.plain_walk`). Where dwellings and facilities are is taken from the run; that this is
right is shown in ``test_real_las_palmas.py``.
"""

from __future__ import annotations

from itertools import pairwise
from pathlib import Path

import networkx
import numpy as np
import osmium
import polars as pl
import pytest
import shapely
from pyproj import Transformer
from tijian.engine.findings import Findings
from tijian.engine.run import Run, check
from tijian.engine.settings.project import load_project

from .plain_walk import Edge, Node, Search, Ways, walk
from .real_examples import copy_example

pytestmark = [pytest.mark.real, pytest.mark.slow]
METRIC = 32628
EVERYONE = {
    "residential", "living_street", "unclassified", "tertiary", "tertiary_link", "secondary", "secondary_link",
    "primary", "primary_link", "service", "road", "pedestrian", "footway", "path", "steps", "corridor", "track",
    "bridleway",
}  # fmt: skip
IF_ALLOWED = {"trunk", "trunk_link", "cycleway"}
QUARTER_HOUR_M = 15 * 60 * 1.2


@pytest.fixture(scope="module")
def state(real: Path, tmp_path_factory: pytest.TempPathFactory) -> Run:
    findings = Findings()
    folder = copy_example("las-palmas", real, tmp_path_factory.mktemp("walk"))
    project = load_project(folder, findings)
    assert project is not None
    return check(project, findings, lambda *_: None)


@pytest.fixture(scope="module")
def edges(real: Path) -> list[Edge]:
    """Every stretch between two neighbouring nodes of a way one may walk on, in metres."""
    path = real / "las-palmas" / "las_palmas_osm_20230221.osm.pbf"
    place: dict[int, tuple[float, float]] = {}
    stretches: dict[frozenset[int], tuple[int, int]] = {}
    for way in osmium.FileProcessor(str(path), osmium.osm.NODE | osmium.osm.WAY).with_locations():
        if not way.is_way() or not walked_on({tag.k: tag.v for tag in way.tags}):
            continue
        nodes = [(n.ref, n.lon, n.lat) if n.location.valid() else None for n in way.nodes]
        place |= {node[0]: node[1:] for node in nodes if node}
        for a, b in pairwise(nodes):
            if a and b and a[0] != b[0]:
                stretches.setdefault(frozenset((a[0], b[0])), (a[0], b[0]))
    move = Transformer.from_crs(4326, METRIC, always_xy=True)
    x, y = move.transform(*np.array(list(place.values())).T)
    metres = dict(zip(place, zip(x.tolist(), y.tolist(), strict=True), strict=True))
    return [(a, b, metres[a], metres[b]) for a, b in stretches.values()]


def walked_on(tags: dict[str, str]) -> bool:
    kind, foot = tags.get("highway"), tags.get("foot")
    if kind not in EVERYONE | IF_ALLOWED or tags.get("area") == "yes":
        return False
    if foot in ("yes", "designated", "permissive", "destination"):
        return True
    return kind in EVERYONE and foot != "no" and tags.get("access") != "no"


def networkx_search(ways: Ways, begin: list[tuple[float, Node]], limit_m: float) -> dict[Node, float]:
    """NetworkX's Dijkstra from all supply at once: a node in front of it all, from which no way leads back."""
    graph = networkx.DiGraph()
    for node, others in ways.items():
        for other, metres in others:
            known = graph.get_edge_data(node, other)
            graph.add_edge(node, other, metres=min(metres, known["metres"]) if known else metres)
    for metres, node in begin:
        known = graph.get_edge_data("supply", node)
        graph.add_edge("supply", node, metres=min(metres, known["metres"]) if known else metres)
    found = networkx.single_source_dijkstra_path_length(
        graph, "supply", cutoff=limit_m + 1e-6, weight="metres"
    )
    return {node: metres for node, metres in found.items() if node != "supply"}


def test_the_network_is_that_of_osms_own_nodes(state: Run, edges: list[Edge]) -> None:
    (network,) = state.gathered.evidence["walk_network"].networks.values()
    ours = {
        frozenset(map(tuple, pair)) for pair in np.round(np.stack([network.start, network.end], axis=1), 2)
    }
    theirs = {frozenset((tuple(np.round(a, 2)), tuple(np.round(b, 2)))) for _, _, a, b in edges}
    assert (
        len(ours ^ theirs) / len(theirs) < 0.001
    )  # of nodes on the same spot and ways that run back along themselves
    assert network.length.sum() == pytest.approx(
        sum(np.hypot(*np.subtract(a, b)) for *_, a, b in edges), rel=1e-4
    )


@pytest.mark.parametrize(
    ("indicator", "supply", "least_m2", "search"),
    [("CX-04", "bus_stops", 0, networkx_search), ("SH-05", "supermarkets", 0, networkx_search),
     ("SH-06", "parks", 2000, networkx_search), ("SH-06", "parks", 2000, None)],
)  # fmt: skip
def test_every_dwellings_way_equals_an_independent_search(
    indicator: str, supply: str, least_m2: float, search: Search | None, state: Run, edges: list[Edge]
) -> None:
    homes = state.gathered.evidence["homes"].frame.drop_nulls(["unit", "x", "y"])
    shapes = shapely.from_wkb(state.gathered.evidence[supply].frame["_wkb"].drop_nulls().to_numpy())
    found = state.frames["service"].filter(indicator=indicator)
    assert found.select("unit", "x", "y").equals(homes.select("unit", pl.col("x", "y").round(1)))
    plain = walk(
        edges, list(homes.select("x", "y").iter_rows()), list(shapes[shapely.area(shapes) >= least_m2]),
        snap_m=200, limit_m=QUARTER_HOUR_M, search=search,
    )  # fmt: skip
    ours = found["distance"].fill_null(np.inf).to_numpy()
    assert np.isfinite(ours).mean() > 0.9
    far = np.minimum(ours, plain) > 0.99 * QUARTER_HOUR_M  # about as far as the search goes
    apart = np.abs(ours[~far] - np.array(plain)[~far])
    assert apart.max() < 0.051  # distances are kept to 0.1 m
    assert far.mean() < 0.1
    inside = homes["_district"].is_not_null().to_numpy()
    served = (np.array(plain)[inside] <= 500).mean() * 100
    district = state.frames["measurements"].filter(indicator=indicator, level="district")["value"].item()
    assert district == pytest.approx(served, abs=0.1)
