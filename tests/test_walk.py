"""``walk`` and ``circle``: who reaches what on foot, per unit and per demand point, and what is told of the network."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import polars as pl
import pytest
import shapely
from pydantic import ValidationError
from tijian.engine.evidence import Evidence, Gathered
from tijian.engine.findings import Findings
from tijian.engine.measure.aggregate_sql import MeasureError
from tijian.engine.measure.everything import measure_everything, measure_one
from tijian.engine.measure.pairs import Measured
from tijian.engine.results import empty
from tijian.engine.settings.project import Space
from tijian.engine.settings.scheme import Scoring
from tijian.engine.storage.store import sandbox
from tijian.indicators.measure_model import Circle, Coverage, Measure, Walk
from tijian.indicators.sql import columns_read, faults_in

from .small_year import DISTRICT, TOWNS, indicator, units
from .two_squares import EAST, WEST, by_unit, found, layer

A, B = TOWNS[:2]
# a street on either side of a river (or a motorway) along y = 500, which only the lane at x = 900 crosses
SOUTH, NORTH = [(0, 400), (1000, 400)], [(0, 600), (1000, 600)]
LANE, MOTORWAY = [(900, 400), (900, 600)], [(0, 500), (1000, 500)]
HOMES = layer(
    "homes", [shapely.Point(100, 400), shapely.Point(300, 400), shapely.Point(800, 400)], unit=[WEST, WEST, EAST],
    people=[100.0, None, 300.0],
)  # fmt: skip
SCHOOL = layer("schools", [shapely.Point(100, 600)], unit=[WEST], kind=["小学"])


def streets(*lines: Any, name: str = "paths") -> Evidence:
    """A layer drawn by hand; the motorway is the one of class 快速路."""
    classes = ["快速路" if line is MOTORWAY else "支路" for line in lines]
    return layer(name, [shapely.LineString(line) for line in lines], **{"class": classes})


PATHS = streets(SOUTH, NORTH, LANE, MOTORWAY)
WALKABLE = "\"class\" <> '快速路'"


def walk(**said: Any) -> Walk:
    asked = {
        "demand": "homes",
        "supply": "schools",
        "network": "paths",
        "network_where": WALKABLE,
        "metres": 500,
    }
    return Walk(method="walk", **(asked | said))


def circle(*kinds: tuple[str, str], **said: Any) -> Circle:
    asked: dict[str, Any] = {"demand": "homes", "network": "paths", "network_where": WALKABLE, "metres": 500}
    kind = [{"name": name, "supply": supply} for name, supply in kinds]
    return Circle(method="circle", kind=kind, **(asked | said))


def pair(measured: Measured, unit: str) -> tuple[float, float]:
    row = by_unit(measured)[unit]
    return row["numerator"], row["denominator"]


def told(measured: Measured) -> list[str]:
    return [finding.code for finding in measured.findings]


# ---- walk ----------------------------------------------------------------------------------------


def test_straight_across_the_river_is_served_and_on_foot_it_is_not() -> None:
    straight = Coverage(method="coverage", demand="homes", supply="schools", radius_m=500)
    assert pair(found(straight, HOMES, SCHOOL), WEST) == (2, 2)
    assert pair(found(walk(), HOMES, SCHOOL, PATHS), WEST) == (0, 2)
    # 800 to the east, over by the lane, 800 back: far enough for both homes of the west
    assert pair(found(walk(metres=1800), HOMES, SCHOOL, PATHS), WEST) == (2, 2)


@pytest.mark.parametrize(("metres", "reached"), [(1800, 2), (1799.9, 1)])
def test_exactly_as_far_as_the_limit_is_reached(metres: float, reached: int) -> None:
    assert pair(found(walk(metres=metres), HOMES, SCHOOL, PATHS), WEST) == (reached, 2)


def test_a_motorway_serves_nobody_on_foot_and_by_its_class_alone() -> None:
    """Two side streets end on the motorway, 200 m apart along it."""
    paths = streets([(100, 400), (100, 500)], [(300, 500), (300, 600)], MOTORWAY)
    homes, school = layer("homes", [shapely.Point(100, 400)]), layer("schools", [shapely.Point(300, 600)])
    everywhere = found(walk(network_where=None), homes, school, paths)
    assert pair(everywhere, A) == (1, 1)
    assert pair(found(walk(), homes, school, paths), A) == (0, 1)


def test_people_are_the_weight_and_those_of_unknown_number_are_left_out_of_both() -> None:
    reached = found(walk(weight="people", metres=1100), HOMES, SCHOOL, PATHS)
    assert pair(reached, EAST) == (300, 300)
    assert pair(reached, WEST) == (0, 100)
    assert pair(reached, A) == (300, 400)
    assert by_unit(reached)[A]["value"] == 75
    assert by_unit(reached)[DISTRICT]["value"] == 75
    assert B not in by_unit(reached)


def test_minutes_are_walked_at_the_projects_speed() -> None:
    """1,100 m from the eastern home: 15.3 minutes at 1.2 m/s, 18.3 at 1.0."""
    measure = walk(minutes=16, metres=None)
    assert pair(found(measure, HOMES, SCHOOL, PATHS), EAST) == (1, 1)
    assert pair(measured_in(Space(walk_speed_m_s=1.0), measure, HOMES, SCHOOL, PATHS), EAST) == (0, 1)


def measured_in(space: Space, measure: Measure, *given: Evidence) -> Measured:
    by_name = {item.name: item for item in given}
    gathered = replace(Gathered(units(), empty("shapes"), "EPSG:4549", by_name), space=space)
    with sandbox(by_name) as con:
        return measure_one(indicator("ST-01", measure), gathered, con)


def test_distances_are_kept_up_to_a_quarter_of_an_hour_or_the_limit_whichever_is_further() -> None:
    """From the east it is 1,100 m, a little more than fifteen minutes; from the west further still."""
    near, far = (found(walk(metres=metres), HOMES, SCHOOL, PATHS).service for metres in (500, 1200))
    assert near is not None
    assert far is not None
    assert near["distance"].to_list() == [None, None, None]
    assert far["distance"].to_list() == [None, None, 1100]
    assert far["served"].to_list() == [False, False, True]


def test_the_bands_of_five_ten_and_fifteen_minutes_can_be_taken_from_the_distances() -> None:
    homes = layer("homes", [shapely.Point(x, 600) for x in (100, 400, 700, 1000)], unit=WEST)
    service = found(walk(metres=200), homes, SCHOOL, PATHS).service
    assert service is not None
    assert service["distance"].to_list() == [0, 300, 600, 900]
    assert service["served"].to_list() == [True, False, False, False]
    bands = [service.filter(pl.col("distance") <= minutes * 60 * 1.2).height for minutes in (5, 10, 15)]
    assert bands == [2, 3, 4]


def test_the_facilities_used_are_kept() -> None:
    schools = layer(
        "schools",
        [shapely.Point(100, 600), shapely.Point(200, 600)],
        kind=["小学", "初中"],
        name=["一小", "二中"],
    )
    kept = found(walk(supply_where="kind = '小学'"), HOMES, schools, PATHS).facilities
    assert kept is not None
    assert kept["name"].to_list() == ["一小"]


# ---- what is told --------------------------------------------------------------------------------


def test_a_network_in_pieces_is_told_from_a_twentieth_of_its_length_on() -> None:
    homes, school = layer("homes", [shapely.Point(0, 0)]), layer("schools", [shapely.Point(10, 0)])
    stray = [(0, 500), (50, 500)]
    assert told(found(walk(), homes, school, streets([(0, 0), (950, 0)], stray))) == []
    pieces = found(walk(), homes, school, streets([(0, 0), (940, 0)], stray))
    assert told(pieces) == ["G050"]
    message = next(iter(pieces.findings)).message
    assert "2 块" in message
    assert "5.1%" in message


def test_homes_and_schools_off_every_street_are_counted_and_reach_nothing() -> None:
    homes = layer("homes", [shapely.Point(100, 600), shapely.Point(100, 801)])
    schools = layer("schools", [shapely.Point(100, 600), shapely.Point(100, 900), shapely.Point(200, 900)])
    reached = found(walk(), homes, schools, PATHS)
    assert pair(reached, A) == (1, 2)
    assert told(reached) == ["G051", "G051"]
    assert [f.message.split("处")[0].split("有")[1].strip() for f in reached.findings] == ["1", "2"]
    near = measured_in(Space(snap_m=300), walk(), homes, schools, PATHS)
    assert told(near) == []
    assert pair(near, A) == (2, 2)


def test_a_school_beyond_the_district_serves_and_is_not_told_of_when_the_network_ends_before_it() -> None:
    schools = layer("schools", [shapely.Point(1000, 600), shapely.Point(9000, 600)], unit=[A, None])
    homes = layer("homes", [shapely.Point(600, 600)])
    reached = found(walk(), homes, schools, PATHS)
    assert pair(reached, A) == (1, 1)
    assert told(reached) == []


def test_the_same_fault_of_a_network_is_told_once_for_all_indicators() -> None:
    homes, school = layer("homes", [shapely.Point(0, 0)]), layer("schools", [shapely.Point(10, 0)])
    paths = streets([(0, 0), (500, 0)], [(0, 900), (500, 900)])
    by_name = {item.name: item for item in (homes, school, paths)}
    gathered, findings = Gathered(units(), empty("shapes"), "EPSG:4549", by_name), Findings()
    both = [indicator("JT-12", walk()), indicator("JK-25", circle(("小学", "schools")))]
    with sandbox(by_name) as con:
        frames = measure_everything(both, gathered, con, Scoring(), 2026, findings, lambda *_: None)
    assert [f.code for f in findings] == ["G050"]
    assert set(frames["service"]["indicator"]) == {"JT-12", "JK-25"}


def test_without_any_walkable_line_the_indicator_cannot_be_computed() -> None:
    with pytest.raises(MeasureError, match="没有符合条件的线"):
        found(walk(network_where="\"class\" = '小路'"), HOMES, SCHOOL, PATHS)


def test_lines_that_cross_meet_where_the_project_says_that_crossings_are_junctions() -> None:
    paths = streets([(0, 400), (1000, 400)], [(500, 0), (500, 900)])
    school = layer("schools", [shapely.Point(500, 600)])
    measure = walk(metres=700)
    assert pair(found(measure, HOMES, school, paths), WEST) == (0, 2)
    assert pair(measured_in(Space(junctions="crossings"), measure, HOMES, school, paths), WEST) == (2, 2)


# ---- circle --------------------------------------------------------------------------------------

CLINIC = layer("clinics", [shapely.Point(300, 400)], unit=[WEST])
PARK = layer("parks", [shapely.box(0, 200, 400, 390)], unit=[WEST])
KINDS = (("小学", "schools"), ("社区卫生", "clinics"), ("公园", "parks"))


def test_a_home_counts_when_it_reaches_every_kind() -> None:
    everything = (HOMES, SCHOOL, CLINIC, PARK, PATHS)
    assert pair(found(circle(*KINDS), *everything), A) == (0, 3)
    assert pair(found(circle(*KINDS, metres=1900), *everything), A) == (3, 3)


@pytest.mark.parametrize(("at_least", "west", "east"), [(1, 2, 1), (2, 2, 1), (3, 0, 0)])
def test_or_as_many_kinds_as_are_asked_for(at_least: int, west: int, east: int) -> None:
    reached = found(circle(*KINDS, at_least=at_least), HOMES, SCHOOL, CLINIC, PARK, PATHS)
    assert pair(reached, WEST) == (west, 2)
    assert pair(reached, EAST) == (east, 1)


def test_per_kind_it_is_kept_who_reaches_it_and_how_far_enough_of_them_are() -> None:
    service = found(circle(*KINDS, at_least=2), HOMES, SCHOOL, CLINIC, PARK, PATHS).service
    assert service is not None
    east = {r["kind"]: r for r in service.filter(unit=EAST).iter_rows(named=True)}
    assert {kind: row["served"] for kind, row in east.items()} == {
        None: True, "小学": False, "社区卫生": True, "公园": True,
    }  # fmt: skip
    assert east["社区卫生"]["distance"] == 500
    # the park's corner is at (400, 390): the street is within 30 m of it up to x = 428.3
    assert east["公园"]["distance"] == pytest.approx(371.7, abs=0.2)
    assert east[None]["distance"] == 500
    assert service.group_by("kind").len()["len"].to_list() == [3, 3, 3, 3]


def test_facilities_of_a_circle_are_kept_by_kind() -> None:
    kept = found(circle(*KINDS), HOMES, SCHOOL, CLINIC, PARK, PATHS).facilities
    assert kept is not None
    assert kept["kind"].to_list() == ["小学", "社区卫生", "公园"]


def test_a_kind_of_which_there_is_nothing_is_reached_by_nobody() -> None:
    measure = Circle(
        method="circle", demand="homes", network="paths", metres=500,
        kind=[{"name": "高中", "supply": "schools", "supply_where": "kind = '高中'"}, {"name": "社区卫生", "supply": "clinics"}],
    )  # fmt: skip
    assert pair(found(measure, HOMES, SCHOOL, CLINIC, PATHS), A) == (0, 3)


# ---- definitions ---------------------------------------------------------------------------------


@pytest.mark.parametrize("said", [{"metres": None}, {"minutes": 15}, {"metres": 0}])
def test_a_walk_has_one_limit(said: dict[str, Any]) -> None:
    with pytest.raises(ValidationError):
        walk(**said)


def test_a_circle_asks_for_no_more_kinds_than_it_has_and_names_each_once() -> None:
    with pytest.raises(ValidationError, match="只有 3 类"):
        circle(*KINDS, at_least=4)
    with pytest.raises(ValidationError, match="类名重复"):
        circle(KINDS[0], KINDS[0])


def test_each_expression_reads_the_columns_of_its_own_input() -> None:
    measure = Circle(
        method="circle", demand="homes", weight="people", demand_where="floors > 3", network="paths",
        network_where="lit", metres=500,
        kind=[{"name": "小学", "supply": "schools", "supply_where": "stage = 1"}, {"name": "公园", "supply": "parks", "supply_where": "area_m2 > 9"}],
    )  # fmt: skip
    assert columns_read(measure) == {
        "homes": {"people", "floors"}, "schools": {"stage"}, "parks": {"area_m2"}, "paths": {"lit"},
    }  # fmt: skip


def test_sql_that_may_not_run_is_refused_in_each_of_them() -> None:
    measure = Circle(
        method="circle", demand="homes", network="paths", network_where="(select 1)", metres=500,
        kind=[{"name": "小学", "supply": "schools", "supply_where": "a; b"}],
    )  # fmt: skip
    assert [field for field, _, _ in faults_in(measure)] == ["network_where", "kind[1].supply_where"]
