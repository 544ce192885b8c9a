"""The walkable network: where lines meet, where things stand on it, and the shortest way along it."""

from __future__ import annotations

import math
from itertools import accumulate, pairwise
from typing import Any

import numpy as np
import pytest
import shapely
from hypothesis import given
from hypothesis import strategies as st
from tijian.engine.measure.network import Junctions, Network, build_network, place_on, walking_distance

from .plain_walk import Edge, walk

LOCAL = [[(0, 0), (1000, 0)], [(1000, 0), (1000, 1000)]]  # an L: east along the x axis, then north


def shapes(*items: Any) -> np.ndarray:
    made = np.empty(len(items), dtype=object)
    made[:] = items
    return made


def network(lines: list, junctions: Junctions = "shared") -> Network:
    return build_network(shapes(*(shapely.LineString(line) for line in lines)), junctions)


def metres(net: Network, homes: list, supply: list, *, snap: float = 200, limit: float = 5000) -> list[float]:
    at = place_on(net, shapes(*(shapely.Point(h) for h in homes)), snap)
    return walking_distance(net, at, place_on(net, shapes(*supply), snap), limit).tolist()


# ---- where lines meet ----------------------------------------------------------------------------


def test_streets_drawn_to_a_common_vertex_meet_there() -> None:
    assert metres(network(LOCAL), [(0, 0)], [shapely.Point(1000, 500)]) == pytest.approx([1500])


def test_ways_that_share_a_vertex_in_their_middle_meet_and_ways_that_only_cross_do_not() -> None:
    with_node = network([[(0, 0), (500, 0), (1000, 0)], [(500, -500), (500, 0), (500, 500)]])
    without = network([[(0, 0), (1000, 0)], [(500, -500), (500, 500)]])
    assert metres(with_node, [(0, 0)], [shapely.Point(500, 500)]) == pytest.approx([1000])
    assert metres(without, [(0, 0)], [shapely.Point(500, 500)]) == [math.inf]


@pytest.mark.parametrize(("gap", "meets"), [(0.0, True), (0.4, True), (0.5, True), (0.6, False)])
def test_a_drawn_street_ends_on_another_when_it_comes_within_half_a_metre(gap: float, meets: bool) -> None:
    drawn = network([[(0, 0), (1000, 0)], [(500, gap), (500, 500)]], "touch")
    found = metres(drawn, [(0, 0)], [shapely.Point(500, 500)])[0]
    assert found == (pytest.approx(1000 - gap) if meets else math.inf)


@pytest.mark.parametrize(("gap", "meets"), [(0.5, True), (0.6, False)])
def test_ends_of_drawn_streets_meet_within_half_a_metre(gap: float, meets: bool) -> None:
    drawn = network([[(0, 0), (500, 0)], [(500 + gap, 0), (1000, 0)]], "touch")
    assert (metres(drawn, [(0, 0)], [shapely.Point(1000, 0)])[0] < math.inf) == meets


def test_ends_that_do_not_quite_touch_stay_apart_in_a_layer_of_shared_nodes() -> None:
    assert metres(network([[(0, 0), (500, 0)], [(500.4, 0), (1000, 0)]]), [(0, 0)], [shapely.Point(1000, 0)]) == [
        math.inf
    ]  # fmt: skip


def test_crossings_become_junctions_only_where_the_project_says_so() -> None:
    cross = [[(0, 0), (1000, 0)], [(500, -500), (500, 500)]]
    assert metres(network(cross, "touch"), [(0, 0)], [shapely.Point(500, 500)]) == [math.inf]
    assert metres(network(cross, "crossings"), [(0, 0)], [shapely.Point(500, 500)]) == pytest.approx([1000])


def test_three_streets_onto_one_edge_cut_it_in_order() -> None:
    net = network(
        [[(0, 0), (1000, 0)], [(700, 0.2), (700, 90)], [(300, -90), (300, 0)], [(300, 0.1), (300, 50)]], "touch"
    )  # fmt: skip
    found = metres(net, [(300, -90), (700, 90)], [shapely.Point(300, 50), shapely.Point(1000, 0)])
    assert found == pytest.approx([140, 89.8 + 300], abs=0.3)
    assert net.stray_share == pytest.approx(0)


def test_pieces_are_told_by_length_and_the_share_outside_the_largest() -> None:
    net = network([[(0, 0), (700, 0)], [(0, 5000), (200, 5000)], [(9000, 0), (9000, 100)]])
    assert net.pieces.tolist() == pytest.approx([700, 200, 100])
    assert net.stray_share == pytest.approx(0.3)


def test_nothing_walkable_is_a_network_on_which_nothing_stands() -> None:
    net = build_network(shapes(None, shapely.Point(0, 0), shapely.LineString()), "touch")
    assert net.stray_share == 0
    assert not place_on(net, shapes(shapely.Point(0, 0), shapely.box(0, 0, 9, 9)), 200).standing.any()
    assert metres(net, [(0, 0)], [shapely.Point(0, 0)]) == [math.inf]


# ---- standing on it ------------------------------------------------------------------------------


def test_the_way_to_and_from_the_street_counts() -> None:
    assert metres(network(LOCAL), [(100, 40)], [shapely.Point(600, -60)]) == pytest.approx([40 + 500 + 60])


def test_two_on_the_same_stretch_walk_along_it_whichever_way_they_lie() -> None:
    stops = [shapely.Point(500, 0)]
    assert metres(network(LOCAL), [(450, 0), (560, 0), (500, 0)], stops) == pytest.approx([50, 60, 0])


@pytest.mark.parametrize(("off", "stands"), [(200, True), (200.01, False)])
def test_a_home_further_from_every_street_than_the_limit_is_not_reached(off: float, stands: bool) -> None:
    net = network(LOCAL)
    at = place_on(net, shapes(shapely.Point(500, -off)), 200)
    assert at.standing.tolist() == [stands]
    assert (metres(net, [(500, -off)], [shapely.Point(500, 0)])[0] < math.inf) == stands


def test_a_park_is_entered_wherever_a_street_comes_within_thirty_metres() -> None:
    park = shapely.box(400, 20, 600, 300)  # 20 m north of the street
    found = metres(network(LOCAL), [(0, 0), (500, 0), (700, 0)], [park])
    around = math.sqrt(30**2 - 20**2)  # how far past its corners the street is still within 30 m
    assert found == pytest.approx([400 - around, 0, 100 - around], abs=0.2)


def test_a_park_off_the_street_is_entered_all_along_its_side_with_its_gap() -> None:
    park = shapely.box(400, 80, 600, 300)
    around = math.sqrt((80 + 30) ** 2 - 80**2)
    assert metres(network(LOCAL), [(0, 0), (500, 0)], [park]) == pytest.approx(
        [400 - around + 80, 80], abs=0.2
    )
    assert metres(network(LOCAL), [(0, 0)], [park], snap=70) == [math.inf]


def test_what_has_no_place_does_not_stand_on_the_network() -> None:
    at = place_on(network(LOCAL), shapes(None, shapely.Point(), shapely.Point(5, 5)), 200)
    assert at.standing.tolist() == [False, False, True]


# ---- walking -------------------------------------------------------------------------------------


@pytest.mark.parametrize(("limit", "reached"), [(1500, True), (1499.9, False)])
def test_exactly_the_limit_is_reached(limit: float, reached: bool) -> None:
    found = metres(network(LOCAL), [(0, 0)], [shapely.Point(1000, 500)], limit=limit)
    assert (found[0] < math.inf) == reached


def test_the_limit_holds_in_coordinates_of_the_size_districts_have() -> None:
    east, north = 512_345.678, 3_456_789.123
    net = network([[(east, north), (east + 333.3, north + 444.4), (east + 333.3, north + 2000)]])
    stop, home = (east, north), (east + 333.3, north + 444.4 + 444.5)
    assert metres(net, [home], [shapely.Point(stop)], limit=1000)[0] == pytest.approx(1000)


def test_of_two_ways_round_the_shorter_counts_and_of_two_stops_the_nearer() -> None:
    ring = network([[(0, 0), (300, 0), (300, 300), (0, 300), (0, 0)]])
    found = metres(ring, [(300, 0)], [shapely.Point(0, 200), shapely.Point(300, 290)])
    assert found == pytest.approx([290])


STREETS = [
    [(-1000, -100), (1000, -100)],
    [(-1000, 100), (1000, 100)],
]  # two streets with something between them
BRIDGE = [[(800, -100), (800, 100)]]


def test_a_river_is_crossed_only_at_the_bridge() -> None:
    """Straight across it is 200 m to the school; on foot by the bridge, 1,800."""
    home, school = (0, -100), shapely.Point(0, 100)
    assert math.dist(home, (0, 100)) <= 500
    assert metres(network(STREETS, "touch"), [home], [school], limit=5000) == [math.inf]
    assert metres(network(STREETS + BRIDGE, "touch"), [home], [school], limit=5000) == pytest.approx([1800])


def test_a_motorway_that_nobody_may_walk_on_parts_the_streets_on_either_side() -> None:
    """The side streets are drawn to the motorway; without it among the walkable lines they end there."""
    side = [[(0, -100), (0, 0)], [(0, 300), (0, 0)]]
    motorway = [[(-1000, 0), (0, 0), (1000, 0)]]
    home, shop = (0, -100), shapely.Point(300, 0)
    assert metres(network(side + motorway), [home], [shop]) == pytest.approx([400])
    assert metres(network(side), [home], [shop]) == [math.inf]


# ---- against a slow plain version ----------------------------------------------------------------

# every edge leads to one of the eight neighbours on a grid, so that no two lie on top of each other, and no home or stop
# lies equally near to two edges
corner = st.tuples(st.integers(0, 8), st.integers(0, 8))
step = st.tuples(st.integers(-1, 1), st.integers(-1, 1)).filter(lambda s: s != (0, 0))
line = st.tuples(corner, st.lists(step, min_size=1, max_size=6)).map(
    lambda drawn: [(x * 100.0, y * 100.0) for x, y in accumulate(drawn[1], lambda at, s: (at[0] + s[0], at[1] + s[1]), initial=drawn[0])]
)  # fmt: skip
anywhere = st.tuples(st.integers(-50, 850), st.integers(-50, 850)).map(lambda p: (p[0] + 0.3, p[1] + 0.6))
box = st.tuples(anywhere, st.integers(5, 150), st.integers(5, 150)).map(
    lambda b: shapely.box(b[0][0], b[0][1], b[0][0] + b[1], b[0][1] + b[2])
)  # fmt: skip
thing = st.one_of(anywhere.map(shapely.Point), box)


@given(
    st.lists(line, min_size=1, max_size=12), st.lists(anywhere, min_size=1, max_size=6),
    st.lists(thing, min_size=1, max_size=4), st.sampled_from([60.0, 200.0]), st.sampled_from([400.0, 2000.0]),
)  # fmt: skip
def test_distances_equal_a_plain_dijkstra(
    lines: list, homes: list, supply: list, snap: float, limit: float
) -> None:
    edges: list[Edge] = [(a, b, a, b) for path in lines for a, b in pairwise(path)]
    expected = walk(edges, homes, supply, snap_m=snap, limit_m=limit)
    found = metres(network(lines), homes, supply, snap=snap, limit=limit)
    assert found == pytest.approx(expected, abs=1e-6)
