"""Service radius on maps: circles by formula, classes of supply, land clipped to its units and counted once.

甲 and 乙 are squares of 1 km side by side; 甲 is cut into a western and an eastern community.
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st
from tijian.engine.evidence import Evidence
from tijian.engine.measure.aggregate_sql import MeasureError
from tijian.engine.measure.coverage import QUAD_SEGS, buffers, nearest_serving, served_land, united
from tijian.indicators.measure_model import Coverage, ServiceRadius

from .two_squares import ALL_LAND, BORDERS, DISTRICT, EAST, WEST, A, B, by_unit, layer
from .two_squares import found as found_by

ON_THE_ARC = 1e-3  # what a circle drawn in chords may be short of the true one


def measured(
    measure: Coverage, demand: Evidence, supply: Evidence, *, bounded: bool = True
) -> dict[str, Any]:
    """Unit → its measured row, through the engine's own measuring and roll-up."""
    return by_unit(found_by(measure, demand, supply, bounded=bounded))


def coverage(**said: Any) -> Coverage:
    return Coverage.model_validate({"method": "coverage", "demand": "demand", "supply": "supply"} | said)


def served(measure: Coverage, land: list[Any], supply: Evidence | list[Any]) -> dict[str, float]:
    """Unit → m² of ``land`` served."""
    source = supply if isinstance(supply, Evidence) else layer("supply", supply)
    found = measured(measure, layer("demand", land), source)
    return {unit: row["numerator"] for unit, row in found.items()}


# ---- geometry by formula --------------------------------------------------------------------------


def test_a_kiosk_serves_a_circle_of_the_land_around_it() -> None:
    found = measured(
        coverage(by="area", radius_m=300),
        layer("demand", ALL_LAND),
        layer("supply", [shapely.Point(500, 500)]),
    )
    circle = math.pi * 300**2
    assert {u: r["denominator"] for u, r in found.items()} == pytest.approx(
        {DISTRICT: 2e6, A: 1e6, B: 1e6, WEST: 5e5, EAST: 5e5}
    )
    assert {u: r["numerator"] for u, r in found.items()} == pytest.approx(
        {DISTRICT: circle, A: circle, B: 0, WEST: circle / 2, EAST: circle / 2}, rel=ON_THE_ARC
    )
    assert found[A]["value"] == pytest.approx(28.27, abs=0.03)
    assert found[B]["value"] == 0, "land that nothing serves is a zero, not a gap"


def test_what_lies_outside_a_unit_or_the_district_serves_those_inside() -> None:
    on_the_border = served(coverage(by="area", radius_m=400), ALL_LAND, [shapely.Point(1000, 500)])
    assert (
        on_the_border[A]
        == pytest.approx(on_the_border[B])
        == pytest.approx(math.pi * 400**2 / 2, rel=ON_THE_ARC)
    )
    beyond = served(coverage(by="area", radius_m=200), ALL_LAND, [shapely.Point(-100, 500)])
    segment = 200**2 * math.acos(0.5) - 100 * math.sqrt(200**2 - 100**2)
    assert beyond[WEST] == pytest.approx(segment, rel=2 * ON_THE_ARC)
    assert beyond[EAST] == beyond[B] == 0


def test_a_park_serves_from_its_edge() -> None:
    park = shapely.box(400, 400, 600, 500)
    found = served(coverage(by="area", radius_m=100), ALL_LAND, [park])
    assert found[A] == pytest.approx(200 * 100 + 2 * (200 + 100) * 100 + math.pi * 100**2, rel=ON_THE_ARC)


def test_a_greenway_serves_on_both_sides() -> None:
    found = served(
        coverage(by="area", radius_m=100), ALL_LAND, [shapely.LineString([(450, -500), (450, 1500)])]
    )
    assert {u: found[u] for u in (WEST, EAST, A)} == pytest.approx({WEST: 150_000, EAST: 50_000, A: 200_000})


def test_land_is_cut_at_the_border_and_each_unit_gets_its_part() -> None:
    astride = shapely.box(900, 0, 1300, 100)
    found = measured(
        coverage(by="area", radius_m=50),
        layer("demand", [astride]),
        layer("supply", [shapely.box(950, 0, 1000, 100)]),
    )
    assert {u: r["denominator"] for u, r in found.items()} == pytest.approx(
        {DISTRICT: 4e4, A: 1e4, EAST: 1e4, B: 3e4}
    )
    assert {u: r["numerator"] for u, r in found.items()} == pytest.approx(
        {DISTRICT: 1.5e4, A: 1e4, EAST: 1e4, B: 5e3}
    )
    assert WEST not in found, "a unit without such land has nothing to be served"


def test_land_drawn_twice_and_overlapping_circles_count_once() -> None:
    parcels = [shapely.box(0, 0, 400, 400), shapely.box(0, 0, 400, 400), shapely.box(200, 0, 600, 400)]
    stops = [shapely.Point(200, 200), shapely.Point(200, 200), shapely.Point(200.5, 200)]
    found = measured(coverage(by="area", radius_m=100), layer("demand", parcels), layer("supply", stops))
    assert found[A]["denominator"] == pytest.approx(600 * 400)
    assert found[A]["numerator"] == pytest.approx(math.pi * 100**2 + 0.5 * 200, rel=ON_THE_ARC)
    assert (found[A]["rows"], found[EAST]["rows"]) == (3, 1), "parcels as they were handed in"


def test_only_land_and_supply_that_meet_their_conditions_count() -> None:
    land = [shapely.box(0, 0, 200, 200), shapely.box(300, 0, 310, 10)]
    supply = layer("supply", [shapely.Point(100, 100), shapely.Point(305, 5)], kind=["小学", "药店"])
    measure = coverage(by="area", radius_m=50, demand_where="area_m2 >= 1000", supply_where="kind = '小学'")
    found = measured(measure, layer("demand", land), supply)
    assert found[A]["denominator"] == pytest.approx(40_000)
    assert found[A]["numerator"] == pytest.approx(math.pi * 50**2, rel=ON_THE_ARC)
    nobody = measured(
        coverage(by="area", radius_m=50, supply_where="kind = '中学'"), layer("demand", land), supply
    )
    assert nobody[A]["value"] == 0


def test_a_line_among_the_land_has_no_area_and_is_left_out() -> None:
    found = measured(
        coverage(by="area", radius_m=50),
        layer("demand", [shapely.box(0, 0, 100, 100), shapely.LineString([(0, 0), (900, 900)])]),
        layer("supply", [shapely.box(0, 0, 100, 100)]),
    )
    assert (found[A]["denominator"], found[A]["value"]) == pytest.approx((10_000, 100))


def test_points_cannot_be_measured_by_area_nor_land_without_boundaries() -> None:
    stops = layer("supply", [shapely.Point(0, 0)])
    with pytest.raises(MeasureError, match="没有面状要素"):
        measured(coverage(by="area", radius_m=50), layer("demand", [shapely.Point(1, 1)]), stops)
    with pytest.raises(MeasureError, match="没有单元边界"):
        measured(coverage(by="area", radius_m=50), layer("demand", ALL_LAND), stops, bounded=False)


# ---- classes of supply ----------------------------------------------------------------------------

SMALL = {"where": "area_m2 >= 2000 and area_m2 < 10000", "radius_m": 100, "says": "0.2–1公顷"}
LARGE = {"where": "area_m2 >= 10000", "radius_m": 300, "says": "1公顷以上"}
PARKS = [
    shapely.box(450, 450, 500, 500),
    shapely.box(1400, 400, 1600, 600),
    shapely.box(0, 0, 40, 40),
]  # 2500, 40000, 1600 m²


def test_each_class_serves_its_own_radius_and_what_is_in_no_class_serves_nobody() -> None:
    found = served(coverage(by="area", radius=[SMALL, LARGE]), ALL_LAND, PARKS)
    assert found[A] == pytest.approx(50**2 + 4 * 50 * 100 + math.pi * 100**2, rel=ON_THE_ARC)
    assert found[B] == pytest.approx(200**2 + 4 * 200 * 300 + math.pi * 300**2, rel=ON_THE_ARC)


def test_a_house_is_served_by_whichever_class_reaches_it() -> None:
    houses = layer(
        "demand",
        [shapely.Point(*at) for at in [(350, 475), (349, 475), (1100, 500), (41, 0)]],
        people=[1, 2, 4, 8],
    )
    found = measured(coverage(weight="people", radius=[SMALL, LARGE]), houses, layer("supply", PARKS))
    assert (found[A]["numerator"], found[A]["denominator"]) == (1 + 4, 15), (
        "at exactly the radius a house is served"
    )


def test_the_condition_on_the_whole_supply_and_the_least_area_hold_in_every_class() -> None:
    parks = layer("supply", PARKS, kind=["综合", "社区", "专类"])
    either = coverage(by="area", radius=[SMALL, LARGE], supply_where="kind = '综合' or kind = '专类'")
    found = served(either, ALL_LAND, parks)
    assert found[A] == pytest.approx(50**2 + 4 * 50 * 100 + math.pi * 100**2, rel=ON_THE_ARC)
    assert found[B] == 0
    any_size = [{"where": "true", "radius_m": 100, "says": "各类"}]
    large = coverage(by="area", radius=any_size, minimum_area_m2=10_000)
    assert served(large, ALL_LAND, parks)[A] == 0
    assert served(large, ALL_LAND, parks)[B] > 0


def test_a_park_drawn_as_a_point_has_no_known_area_and_belongs_to_no_class_of_areas() -> None:
    either = [SMALL, {"where": "area_m2 < 2000", "radius_m": 100, "says": "0.2公顷以下"}]
    assert served(coverage(by="area", radius=either), ALL_LAND, [shapely.Point(500, 500)])[A] == 0


def test_a_layers_own_area_column_goes_before_the_drawn_area() -> None:
    stated = layer("supply", [shapely.box(450, 450, 500, 500)], area_m2=[20_000.0])
    found = served(coverage(by="area", radius=[SMALL, LARGE]), ALL_LAND, stated)
    assert found[A] == pytest.approx(50**2 + 4 * 50 * 300 + math.pi * 300**2, rel=ON_THE_ARC)


# ---- properties -----------------------------------------------------------------------------------

coordinate = st.integers(-20, 120).map(lambda n: n * 10.0)
spot = st.tuples(coordinate, coordinate)
boxes = st.builds(
    lambda at, w, h: shapely.box(*at, at[0] + w, at[1] + h), spot, st.integers(1, 400), st.integers(1, 400)
)
paths = st.lists(spot, min_size=2, max_size=6, unique=True).map(shapely.LineString)
hulls = st.lists(spot, min_size=4, max_size=8, unique=True).map(
    lambda c: shapely.MultiPoint(c).convex_hull.buffer(1)
)
dented = st.builds(lambda a, b: a.difference(b), hulls, boxes).filter(lambda s: not s.is_empty)
supplies = st.lists(st.one_of(spot.map(shapely.Point), paths, boxes, dented), min_size=1, max_size=8)
lands = st.lists(st.one_of(boxes, hulls), min_size=1, max_size=8)
radii = st.floats(5, 500)


def shapes(items: list[Any]) -> np.ndarray:
    made = np.empty(len(items), dtype=object)
    made[:] = items
    return made


@settings(max_examples=40)
@given(lands, supplies, supplies, radii, radii)
def test_land_agrees_with_one_union_of_everything_cut_unit_by_unit(
    land: list[Any], near: list[Any], far: list[Any], one: float, other: float
) -> None:
    found = measured(
        coverage(by="area", radius=[
            {"where": "class = 1", "radius_m": one, "says": "一类"}, {"where": "class = 2", "radius_m": other, "says": "二类"},
        ]),
        layer("demand", land),
        layer("supply", near + far, **{"class": [1] * len(near) + [2] * len(far)}),
    )  # fmt: skip
    drawn = [(near, one), (far, other)]
    reach = shapely.union_all([s.buffer(r, quad_segs=QUAD_SEGS) for some, r in drawn for s in some])
    for unit, border in BORDERS.items():
        here = shapely.union_all([parcel.intersection(border) for parcel in land])
        if here.area < 1e-6:
            continue
        assert found[unit]["denominator"] == pytest.approx(here.area, rel=1e-9)
        assert found[unit]["numerator"] == pytest.approx(here.intersection(reach).area, rel=1e-9, abs=1e-3)


@settings(max_examples=40)
@given(lands, supplies, radii, st.floats(1.001, 3))
def test_a_longer_radius_never_serves_less_and_never_more_than_there_is(
    land: list[Any], supply: list[Any], radius: float, factor: float
) -> None:
    shorter, longer = (
        measured(coverage(by="area", radius_m=r), layer("demand", land), layer("supply", supply))
        for r in (radius, radius * factor)
    )
    assert shorter.keys() == longer.keys()
    for unit, row in shorter.items():
        assert 0 <= row["value"] <= longer[unit]["value"] + 1e-9
        assert longer[unit]["value"] <= 100


@given(lands, supplies, radii)
def test_every_spot_is_served_by_its_distance(land: list[Any], supply: list[Any], radius: float) -> None:
    """Away from the thin strip that the chords cut off, land is served exactly where the distance says so."""
    ground = shapely.union_all(served_land(united(shapes(land)), buffers([(shapes(supply), radius)])))
    spots = shapely.points([(x, y) for x in range(-195, 1600, 95) for y in range(-195, 1600, 95)])
    spots = spots[shapely.contains_properly(shapely.union_all(land), spots)]
    distance = shapely.distance(spots, shapely.union_all(supply))
    inside = shapely.intersects(ground, spots)
    assert inside[distance <= radius * (1 - 4e-4)].all()
    assert not inside[distance > radius + 1e-6].any()


@given(
    st.lists(spot, min_size=1, max_size=20),
    st.lists(st.tuples(spot, st.booleans()), min_size=1, max_size=20),
    radii,
    radii,
)
def test_points_agree_with_a_double_loop_over_classes(
    houses: list[Any], stops: list[Any], one: float, other: float
) -> None:
    classes = [(shapely.points([at for at, first in stops if first == wanted]), r)
               for wanted, r in ((True, one), (False, other))
               if any(first == wanted for _, first in stops)]  # fmt: skip
    expected = [
        any(math.dist(house, at) <= (one if first else other) + 1e-6 for at, first in stops)
        for house in houses
    ]
    assert nearest_serving(np.array(houses), classes)[0].tolist() == expected


def test_a_buffer_is_drawn_with_the_accuracy_stated() -> None:
    (disc,) = buffers([(shapes([shapely.Point(512_345, 3_456_789)]), 500.0)])
    assert 1 - disc.area / (math.pi * 500**2) == pytest.approx(4.02e-4, abs=1e-6)
    assert 500 - disc.exterior.distance(shapely.Point(512_345, 3_456_789)) == pytest.approx(0.15, abs=0.01)


# ---- the definition -------------------------------------------------------------------------------


def test_a_class_is_a_condition_a_radius_and_words() -> None:
    measure = coverage(radius=[SMALL, LARGE])
    assert measure.radius_m is None
    assert measure.by == "points"
    assert measure.radius[0] == ServiceRadius(where=SMALL["where"], radius_m=100, says="0.2–1公顷")
