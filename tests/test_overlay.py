"""Unions and cuts a tile at a time: the same ground as one union of everything, in parts that do not overlap."""

from __future__ import annotations

import numpy as np
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st
from tijian.engine.measure.overlay import common, dissolved


def scattered(seed: int, many: int, side_m: float) -> np.ndarray:
    """Discs and boxes of 20 to 200 m scattered over a square: most overlap some others."""
    rng = np.random.default_rng(seed)
    x, y = rng.uniform(0, side_m, (2, many))
    size = rng.uniform(10, 100, many)
    discs = shapely.buffer(shapely.points(x, y), size, quad_segs=8)
    return np.where(rng.random(many) < 0.5, discs, shapely.box(x - size, y - size, x + size, y + 2 * size))


def test_many_shapes_are_cut_into_parts_that_hold_the_same_ground_once() -> None:
    shapes = scattered(1, 3000, 10_000)
    parts = dissolved(shapes)
    whole = shapely.union_all(shapes)
    assert shapely.area(parts).sum() == pytest.approx(whole.area, rel=1e-12)
    assert shapely.union_all(parts).symmetric_difference(whole).area < 1e-3
    assert shapely.get_num_coordinates(parts).max() < shapely.get_num_coordinates(whole) / 3


def test_what_two_sets_have_in_common_is_the_intersection_of_their_unions() -> None:
    left, right = scattered(2, 2000, 6_000), scattered(3, 1500, 6_000)
    shared = common(dissolved(left), dissolved(right))
    expected = shapely.union_all(left).intersection(shapely.union_all(right))
    assert shapely.area(shared).sum() == pytest.approx(expected.area, rel=1e-9)


def test_the_same_shapes_give_the_same_parts() -> None:
    one, other = (dissolved(scattered(4, 2500, 10_000)) for _ in range(2))
    assert shapely.to_wkb(one).tolist() == shapely.to_wkb(other).tolist()


def test_a_shape_astray_and_one_much_larger_than_the_rest_are_kept_whole() -> None:
    """A facility drawn at the wrong end of the world makes the tiles large, a park wider than a tile spans several."""
    park, astray = shapely.box(-500, -500, 10_500, 4_000), shapely.box(5e6, 5e6, 5e6 + 100, 5e6 + 100)
    for extra in ([park], [astray], [park, astray]):
        shapes = np.append(scattered(5, 1500, 10_000), extra)
        assert shapely.area(dissolved(shapes)).sum() == pytest.approx(
            shapely.union_all(shapes).area, rel=1e-12
        )


def test_nothing_and_what_has_no_area_come_to_nothing() -> None:
    nothing = np.empty(0, dtype=object)
    lines = np.array([shapely.LineString([(0, 0), (9, 9)]), shapely.Point(1, 1)], dtype=object)
    box = np.array([shapely.box(0, 0, 1, 1)], dtype=object)
    assert len(dissolved(nothing)) == len(dissolved(lines)) == 0
    blank = np.array([None, shapely.Polygon(), box[0], shapely.MultiPolygon()], dtype=object)
    assert dissolved(blank).tolist() == box.tolist()
    assert len(common(nothing, box)) == len(common(box, nothing)) == 0


def test_neighbours_that_only_touch_have_nothing_in_common() -> None:
    left, right = (np.array([shapely.box(x, 0, x + 1, 1)], dtype=object) for x in (0, 1))
    assert len(common(left, right)) == 0


def test_what_lies_inside_the_other_is_taken_whole_from_whichever_side() -> None:
    small, large = (np.array([shapely.box(0, 0, size, size)], dtype=object) for size in (1, 9))
    assert common(small, large).tolist() == common(large, small).tolist() == small.tolist()
    assert common(small, small).tolist() == small.tolist()


boxes = st.lists(
    st.tuples(*[st.integers(0, 60)] * 2, *[st.integers(1, 30)] * 2).map(
        lambda b: shapely.box(b[0], b[1], b[0] + b[2], b[1] + b[3])
    ),
    min_size=1,
    max_size=12,
)


@settings(max_examples=60)
@given(boxes, boxes)
def test_boxes_agree_with_a_count_of_their_squares(
    one: list[shapely.Polygon], other: list[shapely.Polygon]
) -> None:
    middle = shapely.points([(x + 0.5, y + 0.5) for x in range(90) for y in range(90)])
    squares = [shapely.intersects(shapely.union_all(shapes), middle) for shapes in (one, other)]
    left, right = (dissolved(np.array(shapes, dtype=object)) for shapes in (one, other))
    assert shapely.area(left).sum() == pytest.approx(squares[0].sum(), abs=1e-9)
    assert shapely.area(common(left, right)).sum() == pytest.approx((squares[0] & squares[1]).sum(), abs=1e-9)
