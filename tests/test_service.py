"""Who is served by what: every demand point with its distance, land as a grid of points, radii by kind of unit."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import ValidationError
from tijian.engine.measure.coverage import united
from tijian.engine.measure.service import grid_of
from tijian.engine.results import SCHEMAS
from tijian.indicators.measure_model import Coverage, ServiceRadius

from .two_squares import ALL_LAND, BORDERS, DISTRICT, EAST, WEST, A, B, by_unit, found, layer

HOUSES = [shapely.Point(*at) for at in [(100, 500), (400, 500), (700, 500), (1500, 500)]]
LIVES_IN = [WEST, WEST, EAST, B]
STOPS = [shapely.Point(100, 500.04), shapely.Point(-600, 500)]


def coverage(**said: Any) -> Coverage:
    return Coverage.model_validate({"method": "coverage", "demand": "demand", "supply": "supply"} | said)


def houses(people: list[float | None]) -> Any:
    return layer("demand", HOUSES, LIVES_IN, people=people)


def test_every_house_is_told_its_distance_and_whether_it_is_served() -> None:
    measure = coverage(weight="people", radius_m=300)
    service = found(measure, houses([3, 5, 7, None]), layer("supply", STOPS)).service
    assert service is not None
    assert service.schema == dict(SCHEMAS["service"])
    # the last house says nothing of its people and counts in no share; 300.0000026 m is beyond 300 m, printed or not
    assert service.select("unit", "x", "y", "weight", "distance", "served").rows() == [
        (WEST, 100.0, 500.0, 3.0, 0.0, True),
        (WEST, 400.0, 500.0, 5.0, 300.0, False),
        (EAST, 700.0, 500.0, 7.0, 600.0, False),
    ]


def test_without_any_supply_there_is_no_distance() -> None:
    measured = found(coverage(radius_m=300), houses([1, 1, 1, 1]), layer("supply", []))
    assert measured.service is not None
    assert measured.service["distance"].to_list() == [None] * 4
    assert not measured.service["served"].any()
    assert measured.facilities is not None
    assert measured.facilities.is_empty()


def test_the_distance_is_to_what_serves_and_not_to_a_nearer_thing_that_serves_less_far() -> None:
    radii = [
        {"where": "kind = '小'", "radius_m": 50, "says": "小型"},
        {"where": "kind = '大'", "radius_m": 500, "says": "大型"},
    ]
    supply = layer("supply", [shapely.Point(200, 500), shapely.Point(500, 500)], kind=["小", "大"])
    service = found(coverage(radius=radii), houses([1, 1, 1, 1]), supply).service
    assert service is not None
    assert service.select("distance", "served").rows() == [
        (400, True),
        (100, True),
        (200, True),
        (1000, False),
    ]


def test_supply_is_kept_once_as_it_was_used() -> None:
    either = [
        {"where": "true", "radius_m": 50, "says": "各类"},
        {"where": "area_m2 > 500", "radius_m": 90, "says": "较大"},
    ]
    wavy = shapely.LineString([(x, 50 + x % 2) for x in range(-300, 100)])
    parks = layer(
        "supply", [shapely.box(0, 0, 40, 40), shapely.box(9, 9, 29, 29), wavy], name=["东园", "西园", "绿道"]
    )
    facilities = found(coverage(radius=either), houses([1, 1, 1, 1]), parks).facilities
    assert facilities is not None
    assert facilities.schema == dict(SCHEMAS["facilities"])
    assert facilities["name"].to_list() == ["东园", "西园", "绿道"]
    drawn = shapely.from_wkb(facilities["wkb"].to_numpy())
    assert shapely.equals(drawn[:2], [shapely.box(0, 0, 40, 40), shapely.box(9, 9, 29, 29)]).all()
    assert shapely.get_num_coordinates(drawn[2]) == 2, "a line is kept to 5 m"
    large = found(coverage(radius_m=50, minimum_area_m2=1000), houses([1, 1, 1, 1]), parks).facilities
    assert large is not None
    assert large["name"].to_list() == ["东园"]


def test_land_is_represented_by_points_that_weigh_its_area() -> None:
    land = [shapely.box(0, 0, 250, 100), shapely.box(950, 0, 1050, 10)]
    measured = found(
        coverage(by="area", radius_m=100), layer("demand", land), layer("supply", [shapely.Point(50, 50)])
    )
    assert measured.service is not None
    rows = sorted(measured.service.select("unit", "x", "y", "weight", "distance", "served").rows())
    # the third cell is half land; its centre is on the land's edge. A cell's point lies in one unit, though its land may not
    assert rows == [
        (WEST, 50.0, 50.0, 10000.0, 0.0, True),
        (WEST, 150.0, 50.0, 10000.0, 100.0, True),
        (WEST, 250.0, 50.0, 5000.0, 200.0, False),
        (EAST, 975.0, 5.0, 500.0, pytest.approx(926.1, abs=0.05), False),
        (B, 1025.0, 5.0, 500.0, pytest.approx(976.0, abs=0.05), False),
    ]  # fmt: skip


def test_land_outside_every_unit_has_no_points() -> None:
    land = layer("demand", [shapely.box(-500, 0, -300, 100), shapely.box(0, 0, 100, 100)])
    service = found(coverage(by="area", radius_m=100), land, layer("supply", STOPS)).service
    assert service is not None
    assert service.select("unit", "weight").rows() == [(WEST, 10000.0)]


boxes = st.builds(
    lambda x, y, w, h: shapely.box(x, y, x + w, y + h),
    *[st.integers(-3000, 3000)] * 2, *[st.integers(1, 2500)] * 2,
)  # fmt: skip


@settings(max_examples=40)
@given(st.lists(boxes, min_size=1, max_size=6))
def test_the_grid_has_a_point_in_the_land_of_each_cell_and_all_of_the_area(land: list[Any]) -> None:
    made = np.empty(len(land), dtype=object)
    made[:] = land
    x, y, area = grid_of(united(made))
    whole = shapely.union_all(land)
    assert area.sum() == pytest.approx(whole.area, abs=1.0 * 80 * 80)  # slivers under 1 m² are passed over
    assert shapely.distance(whole, shapely.points(x, y)).max() <= 1e-9
    cells = list(zip(np.floor(x / 100), np.floor(y / 100), strict=True))
    assert len(set(cells)) == len(cells)
    for (cx, cy), m2 in zip(cells[:5], area[:5], strict=True):
        cell = shapely.box(cx * 100, cy * 100, cx * 100 + 100, cy * 100 + 100)
        assert m2 == pytest.approx(cell.intersection(whole).area, rel=1e-9)


# ---- radii by kind of unit ------------------------------------------------------------------------

KINDS = {A: "新城", B: "新市镇", EAST: "乡村"}
IN_TOWN = {"unit_kind": ["新城", "主城区"], "radius_m": 200, "says": "新城"}
OUTSIDE = {"unit_kind": ["新市镇"], "radius_m": 600, "says": "新市镇"}


def test_a_stop_serves_as_far_as_the_kind_of_unit_says_in_which_one_lives() -> None:
    stops = layer("supply", [shapely.Point(1000, 500)])
    people = layer(
        "demand",
        [shapely.Point(x, 500) for x in (790, 810, 1590, 1610)],
        [EAST, EAST, B, B],
        people=[1, 2, 4, 8],
    )
    measured = found(coverage(weight="people", radius=[IN_TOWN, OUTSIDE]), people, stops, kinds=KINDS)
    rows = by_unit(measured)
    assert (rows[A]["numerator"], rows[A]["denominator"]) == (2, 3)
    assert (rows[B]["numerator"], rows[B]["denominator"]) == (4, 12)
    assert (rows[DISTRICT]["numerator"], rows[DISTRICT]["denominator"]) == (6, 15)
    assert measured.service is not None
    assert measured.service["served"].to_list() == [False, True, True, False]


def test_the_kind_of_a_community_goes_beside_that_of_its_town() -> None:
    country = {"unit_kind": ["乡村"], "radius_m": 600, "says": "乡村"}
    people = layer("demand", [shapely.Point(450, 500), shapely.Point(550, 500)], [WEST, EAST])
    stops = layer("supply", [shapely.Point(1000, 500)])
    rows = by_unit(found(coverage(radius=[IN_TOWN, country]), people, stops, kinds=KINDS))
    assert (rows[EAST]["value"], rows[WEST]["value"]) == (100, 0)


def test_the_nearest_kind_that_a_class_names_is_in_force() -> None:
    """East is 内环内 though its town is 新城, and only the rule for 内环内 holds there."""
    inner = {"unit_kind": ["内环内"], "radius_m": 100, "says": "内环内"}
    far = {"unit_kind": ["新城"], "radius_m": 600, "says": "新城"}
    kinds = {A: "新城", EAST: "内环内"}
    people = layer("demand", [shapely.Point(x, 500) for x in (450, 890, 910)], [WEST, EAST, EAST])
    stops = layer("supply", [shapely.Point(1000, 500)])
    rows = by_unit(found(coverage(radius=[inner, far]), people, stops, kinds=kinds))
    assert (rows[EAST]["numerator"], rows[WEST]["numerator"]) == (1, 1)
    measured = found(coverage(by="area", radius=[inner, far]), layer("demand", ALL_LAND), stops, kinds=kinds)
    land = by_unit(measured)
    assert land[EAST]["numerator"] == pytest.approx(math.pi * 100**2 / 2, rel=1e-3)
    beyond = 600**2 * math.acos(500 / 600) - 500 * math.sqrt(600**2 - 500**2)
    assert land[WEST]["numerator"] == pytest.approx(beyond, rel=3e-3)
    assert B not in land


def test_where_no_class_holds_nothing_is_examined() -> None:
    """A zero would say that nobody is served; the rule does not say what being served means there."""
    stops = layer("supply", [shapely.Point(1000, 500)])
    people = layer("demand", [shapely.Point(810, 500), shapely.Point(1190, 500)], [EAST, B])
    measured = found(coverage(radius=[IN_TOWN]), people, stops, kinds=KINDS)
    rows = by_unit(measured)
    assert B not in rows
    assert (rows[DISTRICT]["numerator"], rows[DISTRICT]["denominator"]) == (1, 1)
    assert measured.service is not None
    assert measured.service["unit"].to_list() == [EAST]
    land = by_unit(
        found(coverage(by="area", radius=[IN_TOWN]), layer("demand", ALL_LAND), stops, kinds=KINDS)
    )
    assert B not in land
    assert land[DISTRICT]["denominator"] == pytest.approx(BORDERS[A].area)


def test_land_is_served_as_far_as_the_kind_of_unit_says_it_lies_in() -> None:
    stops = layer("supply", [shapely.Point(1000, 500)])
    measured = found(
        coverage(by="area", radius=[IN_TOWN, OUTSIDE]), layer("demand", ALL_LAND), stops, kinds=KINDS
    )
    rows = by_unit(measured)
    assert rows[A]["numerator"] == pytest.approx(math.pi * 200**2 / 2, rel=1e-3)
    beyond = 600**2 * math.acos(500 / 600) - 500 * math.sqrt(
        600**2 - 500**2
    )  # a half disc, cut off above and below
    assert rows[B]["numerator"] == pytest.approx(math.pi * 600**2 / 2 - beyond, rel=1e-3)
    assert measured.service is not None
    served = measured.service.filter(measured.service["served"])
    assert served["weight"].sum() == pytest.approx(rows[DISTRICT]["numerator"], rel=0.05)
    assert (served.filter(served["unit"] == EAST)["distance"] <= 200).all()


def test_a_class_of_supply_may_hold_in_some_units_only_and_others_everywhere() -> None:
    mixed = [
        {"where": "kind = '快线'", "radius_m": 300, "says": "快线"},
        {"where": "kind = '支线'", "unit_kind": ["新市镇"], "radius_m": 300, "says": "新市镇的支线"},
    ]
    stops = layer("supply", [shapely.Point(300, 500), shapely.Point(1000, 500)], kind=["快线", "支线"])
    people = layer("demand", [shapely.Point(x, 500) for x in (100, 900, 1100)], [WEST, EAST, B])
    service = found(coverage(radius=mixed), people, stops, kinds=KINDS).service
    assert service is not None
    assert service.select("distance", "served").rows() == [(200, True), (600, False), (100, True)]
    land = by_unit(found(coverage(by="area", radius=mixed), layer("demand", ALL_LAND), stops, kinds=KINDS))
    assert land[A]["numerator"] == pytest.approx(math.pi * 300**2, rel=1e-3)
    assert land[B]["numerator"] == pytest.approx(math.pi * 300**2 / 2, rel=1e-3)


def test_a_class_is_of_supply_or_of_units() -> None:
    assert ServiceRadius(unit_kind=("新城",), radius_m=500, says="新城").where is None
    with pytest.raises(ValidationError, match="没有写是哪一类"):
        ServiceRadius(radius_m=500, says="各处")
