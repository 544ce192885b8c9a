"""Clipping: a road is cut at the border; parts add up to the whole, but along a shared edge it counts in both."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
import shapely
from hypothesis import given
from hypothesis import strategies as st
from tijian.engine.measure.density import clip_areas, clip_lengths, count_inside, junctions

UNITS = np.array([shapely.box(0, 0, 1000, 1000), shapely.box(1000, 0, 2000, 1000)])


def shapes(*items: Any) -> np.ndarray:
    made = np.empty(len(items), dtype=object)
    made[:] = items
    return made


def per_unit(found: tuple[np.ndarray, np.ndarray], units: int = 2) -> list[float]:
    index, amount = found
    return np.bincount(index, weights=amount, minlength=units).tolist()


def test_a_road_is_cut_where_it_crosses_and_what_lies_outside_is_left_off() -> None:
    road = shapes(shapely.LineString([(-500, 500), (2500, 500)]))
    assert per_unit(clip_lengths(road, UNITS)) == [1000, 1000]


def test_a_road_wholly_inside_keeps_its_whole_length() -> None:
    bend = shapely.LineString([(100, 100), (400, 500), (900, 500)])
    assert per_unit(clip_lengths(shapes(bend), UNITS)) == [1000, 0]


def test_a_road_along_the_shared_edge_counts_in_both_units() -> None:
    border = shapes(shapely.LineString([(1000, 200), (1000, 700)]))
    assert per_unit(clip_lengths(border, UNITS)) == [500, 500]


def test_a_road_that_touches_a_corner_has_no_length_there() -> None:
    touching = shapes(
        shapely.LineString([(1000, 1000), (1500, 2000)]), shapely.LineString([(0, 1000), (-5, 1200)])
    )
    index, metres = clip_lengths(touching, UNITS)
    assert len(index) == len(metres) == 0


def test_a_road_that_leaves_and_returns_counts_both_parts() -> None:
    detour = shapely.LineString([(900, 400), (1100, 400), (1100, 600), (900, 600)])
    assert per_unit(clip_lengths(shapes(detour), UNITS)) == [200, 400]


@pytest.mark.parametrize("beyond", [0, 500])
def test_a_stretch_that_a_line_runs_along_twice_counts_once_whether_it_is_cut_or_not(beyond: float) -> None:
    there_and_back = shapely.LineString([(-beyond, 500), (900, 500), (400, 500)])
    assert per_unit(clip_lengths(shapes(there_and_back), UNITS)) == [900, 0]
    twice = shapely.MultiLineString([[(-beyond, 500), (900, 500)], [(-beyond, 500), (900, 500)]])
    assert per_unit(clip_lengths(shapes(twice), UNITS)) == [900, 0]
    street = shapely.LineString([(-beyond, 500), (900, 500)])
    assert per_unit(clip_lengths(shapes(street, street), UNITS)) == [1800, 0], "two features are two roads"


def lines(*paths: list[tuple[float, float]]) -> np.ndarray:
    return shapes(*(shapely.LineString(path) for path in paths))


def test_a_junction_is_where_at_least_three_legs_meet() -> None:
    crossing = lines([(0, 500), (500, 500)], [(500, 500), (900, 500)], [(500, 0), (500, 500), (500, 900)])
    assert shapely.get_coordinates(junctions(crossing, 20)).tolist() == [[500, 500]]
    bend = lines([(0, 500), (500, 500)], [(500, 500), (500, 900)])
    assert len(junctions(bend, 20)) == 0
    tee = lines([(0, 500), (500, 500), (900, 500)], [(500, 500), (500, 900)])
    assert len(junctions(tee, 20)) == 1


def test_a_street_that_ends_on_another_meets_it_though_the_other_has_no_vertex_there() -> None:
    assert len(junctions(lines([(0, 500), (900, 500)], [(500, 500.4), (500, 900)]), 20)) == 1
    assert len(junctions(lines([(0, 500), (900, 500)], [(500, 500.6), (500, 900)]), 20)) == 0, (
        "more than half a metre"
    )


def test_a_bridge_is_no_junction_and_a_street_drawn_twice_has_its_legs_once() -> None:
    assert len(junctions(lines([(0, 500), (900, 500)], [(500, 0), (500, 900)]), 20)) == 0
    path = [(0.0, 0.0), (100.0, 50.0), (200.0, 0.0)]
    assert len(junctions(lines(path, path, path[::-1]), 20)) == 0


def test_the_carriageways_of_two_roads_cross_in_one_junction() -> None:
    grid = lines(
        *([(0, y), (500, y), (515, y), (900, y)] for y in (500, 515)),
        *([(x, 0), (x, 500), (x, 515), (x, 900)] for x in (500, 515)),
    )
    assert shapely.get_coordinates(junctions(grid, 20)).tolist() == [[507.5, 507.5]]
    assert len(junctions(grid, 10)) == 4


def test_a_layer_without_roads_has_no_junctions() -> None:
    for nothing in (shapes(), shapes(None), shapes(shapely.Point(1, 1)), lines([(0, 0), (1, 1)])):
        assert len(junctions(nothing, 20)) == 0


def test_parks_are_cut_and_overlapping_parks_are_not_merged() -> None:
    parks = shapes(
        shapely.box(900, 0, 1300, 100), shapely.box(900, 0, 1000, 100), shapely.box(5000, 0, 5001, 1)
    )
    assert per_unit(clip_areas(parks, UNITS)) == [20_000, 30_000]


def test_a_pond_in_a_park_is_no_park() -> None:
    park = shapely.Polygon(
        [(0, 0), (100, 0), (100, 100), (0, 100)], [[(40, 40), (60, 40), (60, 60), (40, 60)]]
    )
    assert per_unit(clip_areas(shapes(park), UNITS)) == [9_600, 0]


def test_features_count_once_where_their_representative_point_lies() -> None:
    features = shapes(
        shapely.Point(10, 10), shapely.Point(1000, 10), shapely.Point(9999, 10), shapely.box(950, 0, 1400, 10),
        shapely.LineString([(0, 500), (10, 500), (20, 500), (1990, 500)]),  # half of it lies before x = 995
    )  # fmt: skip
    assert per_unit(count_inside(features, UNITS)) == [3, 1]


def test_missing_shapes_and_empty_layers_give_nothing() -> None:
    for features in (shapes(), shapes(None), shapes(None, shapely.LineString())):
        for measure in (clip_lengths, clip_areas, count_inside):
            index, amount = measure(features, UNITS)
            assert index.tolist() == []
            assert amount.tolist() == []
    index, _ = clip_lengths(shapes(shapely.LineString([(0, 0), (1, 1)])), UNITS[:0])
    assert len(index) == 0


def millimetres(low: int, high: int) -> st.SearchStrategy[float]:
    """Coordinates as layers have them; at 1e-300 m from an edge nobody knows on which side a line runs."""
    return st.integers(low * 1000, high * 1000).map(lambda n: n / 1000)


point = st.tuples(millimetres(-200, 2200), millimetres(-200, 1200))


@given(st.lists(st.lists(point, min_size=2, max_size=8), min_size=1, max_size=12))
def test_lengths_agree_with_clipping_each_pair_by_itself(paths: list) -> None:
    lines = shapes(*(shapely.LineString(path) for path in paths))
    once = [shapely.union_all(line) for line in lines]  # a stretch a line runs along twice counts once
    expected = [
        sum(line.intersection(unit).length for line in once if line.intersection(unit).length > 0)
        for unit in UNITS
    ]
    assert per_unit(clip_lengths(lines, UNITS)) == pytest.approx(expected, abs=1e-6)


@given(st.lists(st.tuples(point, st.floats(1, 900), st.floats(1, 900)), min_size=1, max_size=10))
def test_areas_of_boxes_agree_with_the_arithmetic_of_rectangles(boxes: list) -> None:
    parks = shapes(*(shapely.box(x, y, x + w, y + h) for (x, y), w, h in boxes))
    expected = []
    for left in (0, 1000):
        wide = [max(0.0, min(x + w, left + 1000) - max(x, left)) for (x, _), w, _ in boxes]
        high = [max(0.0, min(y + h, 1000) - max(y, 0)) for (_, y), _, h in boxes]
        expected.append(sum(w * h for w, h in zip(wide, high, strict=True)))
    assert per_unit(clip_areas(parks, UNITS)) == pytest.approx(expected, abs=1e-6)
