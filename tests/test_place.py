"""Point in polygon: against a ray-casting loop in plain Python; edges belong to the lowest index."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
import shapely
from hypothesis import given
from hypothesis import strategies as st
from tijian.engine.measure.place import place_points


def by_hand(x: float, y: float, ring: list[tuple[float, float]]) -> bool:
    """Whether a point lies in a ring: the number of edges a ray to the east crosses is odd."""
    inside = False
    for (x1, y1), (x2, y2) in zip(ring, ring[1:] + ring[:1], strict=True):
        if (y1 > y) != (y2 > y) and x < (x2 - x1) * (y - y1) / (y2 - y1) + x1:
            inside = not inside
    return inside


GRID = np.array([shapely.box(c, r, c + 1, r + 1) for r in range(3) for c in range(3)])


def test_each_point_is_in_the_square_it_falls_in() -> None:
    x, y = np.array([0.5, 2.5, 1.5]), np.array([0.5, 0.5, 2.5])
    assert place_points(x, y, GRID).tolist() == [0, 2, 7]


def test_a_point_on_a_shared_edge_or_corner_belongs_to_the_lowest_index() -> None:
    x, y = np.array([1.0, 1.0, 2.0]), np.array([0.5, 1.0, 2.0])
    assert place_points(x, y, GRID).tolist() == [0, 0, 4]
    assert place_points(x, y, GRID[::-1]).tolist() == [7, 4, 0]


def test_a_point_on_the_outer_edge_is_in_and_a_point_beyond_it_in_none() -> None:
    x, y = np.array([0.0, -1e-9, 3.0, 3.1]), np.array([0.5, 0.5, 3.0, 3.0])
    assert place_points(x, y, GRID).tolist() == [0, -1, 8, -1]


def test_a_point_in_a_hole_or_without_coordinates_is_in_none() -> None:
    ring = shapely.Polygon([(0, 0), (9, 0), (9, 9), (0, 9)], [[(3, 3), (6, 3), (6, 6), (3, 6)]])
    x, y = np.array([4.0, np.nan, 1.0, np.inf]), np.array([4.0, 1.0, np.nan, 1.0])
    assert place_points(x, y, np.array([ring])).tolist() == [-1, -1, -1, -1]


def test_overlapping_units_give_the_lowest_and_a_missing_polygon_holds_nothing() -> None:
    polygons = np.array([None, shapely.box(0, 0, 2, 2), shapely.box(1, 1, 3, 3)], dtype=object)
    assert place_points(np.array([1.5, 2.5]), np.array([1.5, 2.5]), polygons).tolist() == [1, 2]


@pytest.mark.parametrize(("points", "polygons"), [(0, 9), (4, 0), (0, 0)])
def test_nothing_to_place_or_nowhere_to_place_it(points: int, polygons: int) -> None:
    assert place_points(np.full(points, 0.5), np.full(points, 0.5), GRID[:polygons]).tolist() == [-1] * points


@given(
    st.integers(0, 10_000),
    st.lists(st.tuples(st.floats(-10, 10), st.floats(-10, 10)), min_size=1, max_size=40),
)
def test_star_shaped_units_agree_with_ray_casting(seed: int, points: list[tuple[float, float]]) -> None:
    rng = np.random.default_rng(seed)
    rings = []
    for centre in rng.uniform(-5, 5, (3, 2)):
        angle = np.sort(rng.uniform(0, 2 * np.pi, 12))
        radius = rng.uniform(1, 5, 12)
        rings.append(
            [(float(centre[0] + r * np.cos(a)), float(centre[1] + r * np.sin(a))) for a, r in zip(angle, radius, strict=True)]
        )  # fmt: skip
    polygons = np.array([shapely.Polygon(ring) for ring in rings])
    x, y = np.array(points).T
    expected = [next((i for i, ring in enumerate(rings) if by_hand(px, py, ring)), -1) for px, py in points]
    got = place_points(x, y, polygons)
    edge = shapely.distance(shapely.union_all(shapely.boundary(polygons)), shapely.points(x, y)) < 1e-9
    assert [g for g, e in zip(got.tolist(), edge, strict=True) if not e] == [
        w for w, e in zip(expected, edge, strict=True) if not e
    ]


@pytest.mark.real
def test_yichang_problem_points_per_community_equal_a_plain_count(real: Path) -> None:
    communities = json.loads((real / "yichang-2025" / "communities.geojson").read_text("utf-8"))["features"]
    points = json.loads((real / "yichang-2025" / "problem_points_2025.geojson").read_text("utf-8"))[
        "features"
    ]
    shapes = np.array([shapely.from_geojson(json.dumps(f["geometry"])) for f in communities])
    xy = np.array([f["geometry"]["coordinates"] for f in points])
    assert len(shapes) == 174
    assert len(xy) == 2296
    bounds = shapely.bounds(shapes)
    expected = np.zeros(len(shapes), dtype=int)
    for x, y in xy:
        near = np.flatnonzero(
            (bounds[:, 0] <= x) & (x <= bounds[:, 2]) & (bounds[:, 1] <= y) & (y <= bounds[:, 3])
        )
        holding = [i for i in near if _in_rings(x, y, communities[i]["geometry"])]
        if holding:
            expected[holding[0]] += 1
    index = place_points(xy[:, 0], xy[:, 1], shapes)
    assert np.bincount(index[index >= 0], minlength=len(shapes)).tolist() == expected.tolist()
    assert expected.sum() > 1000


def _in_rings(x: float, y: float, geometry: dict) -> bool:
    parts = [geometry["coordinates"]] if geometry["type"] == "Polygon" else geometry["coordinates"]
    return any(sum(by_hand(x, y, [tuple(p[:2]) for p in ring[:-1]]) for ring in part) % 2 for part in parts)
