"""Every thing has one representative point, and it lies on the thing."""

import numpy as np
import pytest
import shapely
from hypothesis import given
from hypothesis import strategies as st
from tijian.engine.findings import Findings, Place
from tijian.engine.intake.maps.geometry import Spot, mend
from tijian.engine.measure.place import representative


def points_of(*wkt):
    x, y = representative(shapely.from_wkt(list(wkt)))
    return list(zip(x.tolist(), y.tolist(), strict=True))


def test_a_point_is_its_own():
    assert points_of("POINT (3 4)") == [(3.0, 4.0)]


def test_a_line_is_met_half_way_along_not_at_its_centroid():
    assert points_of("LINESTRING (0 0, 10 0, 10 2)") == [(6.0, 0.0)]


def test_of_several_parts_the_longest_counts_and_of_equals_the_first():
    assert points_of(
        "MULTILINESTRING ((0 0, 1 0), (5 5, 5 9))", "MULTILINESTRING ((0 0, 4 0), (5 5, 5 9))"
    ) == [(5.0, 7.0), (2.0, 0.0)]


def test_a_bent_polygon_is_met_inside_where_its_centroid_is_not():
    bent = "POLYGON ((0 0, 10 0, 10 1, 1 1, 1 9, 10 9, 10 10, 0 10, 0 0))"
    shape = shapely.from_wkt(bent)
    assert not shape.contains(shape.centroid)
    assert shape.contains(shapely.Point(points_of(bent)[0]))


def test_kinds_may_be_mixed_and_missing():
    x, _ = representative(np.array([None, shapely.Point(1, 1), shapely.LineString([(0, 0), (4, 0)])]))
    assert np.isnan(x[0])
    assert x[1:].tolist() == [1.0, 2.0]


corner = st.tuples(st.integers(0, 8), st.integers(0, 8))


@given(st.lists(st.lists(corner, min_size=3, max_size=7), min_size=1, max_size=6))
def test_whatever_ring_is_drawn_what_comes_back_is_a_valid_polygon_or_told(rings):
    drawn = np.array([shapely.Polygon(ring) for ring in rings], dtype=object)
    findings = Findings()
    mended = mend(drawn, Spot(Place("边界.gpkg"), range(1, len(rings) + 1)), findings)
    told = {f.place.row: f.code for f in findings}
    for row, (before, after) in enumerate(zip(drawn, mended, strict=True), 1):
        if after is None:
            assert told[row] == "G004"
            assert before.buffer(0).area == 0
        else:
            assert after.is_valid
            assert after.area > 0
            assert shapely.get_dimensions(after) == 2
            assert told.get(row) == (None if before.is_valid else "G003")


def test_a_mended_shape_says_where_it_was_broken():
    findings = Findings()
    bow_tie = shapely.Polygon([(0, 0), (2, 2), (2, 0), (0, 2)])
    mend(np.array([bow_tie], dtype=object), Spot(Place("边界.gpkg"), [7]), findings)
    assert findings.rows[0].place.row == 7
    assert "边线自相交，在 1 1 附近" in findings.rows[0].message


def test_the_input_is_left_alone():
    drawn = np.array([shapely.Polygon([(0, 0), (2, 2), (2, 0), (0, 2)])], dtype=object)
    mend(drawn, Spot(Place("a"), [1]), Findings())
    assert not drawn[0].is_valid


@pytest.mark.parametrize("kind", ["POINT EMPTY", "POLYGON EMPTY", "LINESTRING EMPTY"])
def test_empty_shapes_are_told_as_missing(kind):
    findings = Findings()
    assert mend(shapely.from_wkt([kind]), Spot(Place("a"), [1]), findings).tolist() == [None]
    assert [f.code for f in findings] == ["G004"]
