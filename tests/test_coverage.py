"""Service radius: distances against loops in plain Python; exactly the radius is served; supply anywhere serves."""

from __future__ import annotations

import math
from itertools import pairwise
from typing import Any

import numpy as np
import pytest
import shapely
from hypothesis import given
from hypothesis import strategies as st
from tijian.engine.measure.coverage import covered

HOUSES = np.array([[0.0, 0.0], [300.0, 400.0], [500.0, 0.0], [500.001, 0.0], [-2000.0, 0.0]])


def to_segment(px: float, py: float, a: tuple[float, float], b: tuple[float, float]) -> float:
    """Distance from a point to a segment, by projecting on it."""
    dx, dy = b[0] - a[0], b[1] - a[1]
    length = dx * dx + dy * dy
    t = 0.0 if length == 0 else min(1.0, max(0.0, ((px - a[0]) * dx + (py - a[1]) * dy) / length))
    return math.hypot(px - a[0] - t * dx, py - a[1] - t * dy)


def shapes(*items: Any) -> np.ndarray:
    made = np.empty(len(items), dtype=object)
    made[:] = items
    return made


def test_exactly_the_radius_is_served_and_a_millimetre_more_is_not() -> None:
    served, distance = covered(HOUSES, shapes(shapely.Point(0, 0)), 500)
    assert served.tolist() == [True, True, True, False, False]
    assert distance.tolist() == pytest.approx([0, 500, 500, 500.001, 2000])


def test_a_park_serves_from_its_edge_and_those_inside_are_at_zero() -> None:
    served, distance = covered(HOUSES, shapes(shapely.box(-100, -100, 100, 100)), 400)
    assert distance.tolist() == pytest.approx([0, math.hypot(200, 300), 400, 400.001, 1900])
    assert served.tolist() == [True, True, True, False, False]


def test_a_greenway_serves_on_both_sides() -> None:
    line = shapes(shapely.LineString([(0, -1000), (0, 1000)]))
    served, _ = covered(np.array([[-500.0, 0], [500, 0], [0, 1400], [0, 1600]]), line, 500)
    assert served.tolist() == [True, True, True, False]


def test_the_nearest_of_mixed_supply_counts_wherever_it_lies() -> None:
    supply = shapes(
        shapely.Point(1e5, 1e5), shapely.box(250, 300, 280, 380), shapely.MultiPoint([(-2000, 10), (9, 9e4)])
    )
    _, distance = covered(HOUSES, supply, 500)
    assert distance[1] == pytest.approx(math.hypot(20, 20))
    assert distance[4] == pytest.approx(10)


def test_without_supply_nobody_is_served_and_every_distance_is_infinite() -> None:
    for supply in (shapes(), shapes(None, shapely.Point())):
        served, distance = covered(HOUSES, supply, 500)
        assert not served.any()
        assert np.isinf(distance).all()


def test_a_house_without_coordinates_is_not_served() -> None:
    served, distance = covered(np.array([[np.nan, 0.0], [0.0, 0.0]]), shapes(shapely.Point(0, 0)), 500)
    assert served.tolist() == [False, True]
    assert math.isnan(distance[0])
    assert distance[1] == 0


def test_without_houses_the_answer_is_empty() -> None:
    served, distance = covered(np.empty((0, 2)), shapes(shapely.Point(0, 0), shapely.box(0, 0, 1, 1)), 500)
    assert len(served) == len(distance) == 0


def test_the_radius_holds_in_coordinates_of_the_size_districts_have() -> None:
    """CGCS2000 northings are in the millions: a point put 500 m away by arithmetic must still count."""
    stop = np.array([512_345.678, 3_456_789.123])
    turns = np.linspace(0, 2 * np.pi, 720)
    ring = stop + 500 * np.column_stack([np.cos(turns), np.sin(turns)])
    served, _ = covered(ring, shapes(shapely.Point(stop)), 500)
    assert served.all()
    assert not covered(ring, shapes(shapely.Point(stop)), 499.999)[0].any()


coordinate = st.floats(-1000, 1000)
places = st.lists(st.tuples(coordinate, coordinate), min_size=1, max_size=25)


@given(places, places, st.floats(1, 800))
def test_points_agree_with_a_double_loop(houses: list, stops: list, radius: float) -> None:
    served, distance = covered(np.array(houses), shapely.points(np.array(stops)), radius)
    expected = [min(math.hypot(hx - sx, hy - sy) for sx, sy in stops) for hx, hy in houses]
    assert distance.tolist() == pytest.approx(expected, abs=1e-9)
    assert served.tolist() == [d <= radius + 1e-6 for d in distance.tolist()]


@given(places, st.lists(st.tuples(coordinate, coordinate), min_size=2, max_size=12))
def test_lines_agree_with_a_loop_over_their_segments(houses: list, path: list) -> None:
    _, distance = covered(np.array(houses), shapes(shapely.LineString(path)), 100)
    expected = [min(to_segment(hx, hy, a, b) for a, b in pairwise(path)) for hx, hy in houses]
    assert distance.tolist() == pytest.approx(expected, abs=1e-6)
