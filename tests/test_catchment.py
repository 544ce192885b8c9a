"""Two-step floating catchments: a published example, the arithmetic of its docstring, and a slow plain second version.

The slow version is written from the formulas alone, with dictionaries and loops, and shares no code with the engine.
"""

from __future__ import annotations

import csv
import json
import math
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import shapely
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError
from tijian.engine.measure.aggregate_sql import MeasureError
from tijian.engine.measure.catchment import access, gap, links
from tijian.indicators.catchment_model import Catchment

from .small_year import indicator
from .two_squares import DISTRICT, EAST, WEST, A, B, by_unit, found, layer

SHARE = {
    "method": "catchment",
    "demand": "demand",
    "supply": "supply",
    "weight": "people",
    "capacity": "beds",
}


def catchment(**said: Any) -> Catchment:
    return Catchment.model_validate(SHARE | said)


def slow(
    weight: dict[tuple[Any, Any], float], demand: dict[Any, float], capacity: dict[Any, float]
) -> dict[Any, float]:
    """A_i by the formulas; ``weight`` maps (demand, supply) within reach to the weight of their distance."""
    ratio = {}
    for j, size in capacity.items():
        asked = sum(people * weight.get((k, j), 0.0) for k, people in demand.items())
        ratio[j] = size / asked if asked > 0 else 0.0
    return {i: sum(ratio[j] * weight.get((i, j), 0.0) for j in capacity) for i in demand}


@pytest.mark.real
@pytest.mark.parametrize("scenario", ["0", "1", "2", "3"])
def test_the_published_example_comes_out(scenario: str, real: Path) -> None:
    """Costs differ by direction: from the home to the doctor is not from the doctor home."""
    folder = real / "worked" / "twosfca_hospital"
    said = json.loads((folder / "params.json").read_text())
    wanted = json.loads((folder / "expected.json").read_text())
    with (folder / "inputs.csv").open() as file:
        rows = [row for row in csv.DictReader(file) if row["scenario"] == scenario]
    near = {
        (row["origin"], row["dest"]): 1 / float(row["cost"])
        for row in rows
        if float(row["cost"]) < said["max_cost"]
    }
    tracts = sorted(said["population"])
    people = np.array([said["population"][tract] for tract in tracts], dtype=float)
    doctors = np.array([said["doctors"][tract] for tract in tracts], dtype=float)
    i, j = (np.array([tracts.index(pair[side]) for pair in near]) for side in (0, 1))
    each = access(i, j, np.array(list(near.values())), people, doctors)
    assert dict(zip(tracts, each.tolist(), strict=True)) == pytest.approx(wanted["access"][scenario])
    assert (each * people).sum() == pytest.approx(wanted["sum_population_times_access"])
    assert slow(near, said["population"], said["doctors"]) == pytest.approx(wanted["access"][scenario])


coordinate = st.integers(0, 40).map(lambda n: n * 50.0)
spots = st.lists(st.tuples(coordinate, coordinate, st.integers(0, 500)), min_size=1, max_size=12)
bands = st.lists(st.sampled_from([200.0, 350.0, 500.0, 1000.0]), min_size=1, max_size=3, unique=True).map(
    sorted
)


@given(spots, spots, bands)
def test_it_agrees_with_the_slow_version_and_shares_out_exactly_what_there_is(
    homes: list[Any], schools: list[Any], edges: list[float]
) -> None:
    zones = [(edge, 1 / (n + 1)) for n, edge in enumerate(edges)]
    near = {}
    for n, (x, y, _) in enumerate(homes):
        for m, (sx, sy, _) in enumerate(schools):
            for edge, weight in zones:
                if math.dist((x, y), (sx, sy)) <= edge:
                    near[n, m] = weight
                    break
    people, places = ({n: row[2] for n, row in enumerate(rows)} for rows in (homes, schools))
    demand, capacity = (np.array([float(row[2]) for row in rows]) for rows in (homes, schools))
    pairs = links(np.array([h[:2] for h in homes]), shapely.points([s[:2] for s in schools]), zones)
    each = access(*pairs, demand, capacity)
    assert dict(enumerate(each.tolist())) == pytest.approx(slow(near, people, places))
    reached = sum(size for m, size in places.items() if any(people[n] for n, other in near if other == m))
    assert (each * demand).sum() == pytest.approx(reached)
    short = gap(each, demand, 1.0)
    assert (short >= 0).all()
    assert short.sum() >= demand.sum() - capacity.sum() - 1e-6
    assert short.sum() == pytest.approx(
        sum(max(0.0, people[n] - people[n] * a) for n, a in enumerate(each.tolist())), abs=1e-9
    )


# ---- through the engine ---------------------------------------------------------------------------

# the two schools of the docstring: 100 places within 300 m of 60 and of 80 children, 50 within reach of the 80 only
HOMES = [shapely.Point(400, 500), shapely.Point(700, 500)]
CHILDREN = layer("demand", HOMES, [WEST, EAST], people=[60, 80])
SCHOOLS = layer("supply", [shapely.Point(550, 500), shapely.Point(900, 500)], beds=[100, 50])


def test_places_missing_as_worked_in_the_docstring() -> None:
    rows = by_unit(found(catchment(what="gap", radius_m=300), CHILDREN, SCHOOLS))
    assert rows[WEST]["value"] == pytest.approx(60 - 60 * 100 / 140)
    assert rows[EAST]["value"] == 0, "more places than children there"
    assert rows[A]["value"] == rows[DISTRICT]["value"] == pytest.approx(17.14, abs=0.01)
    assert rows[A]["compared"] == pytest.approx(100 * 17.1429 / 140, abs=1e-3), (
        "towns compare by the share missing"
    )
    one = layer("supply", [shapely.Point(550, 500)], beds=[100])
    assert by_unit(found(catchment(what="gap", radius_m=300), CHILDREN, one))[A]["value"] == pytest.approx(40)


def test_access_is_what_each_unit_of_demand_gets() -> None:
    rows = by_unit(found(catchment(radius_m=300, scale=1000), CHILDREN, SCHOOLS))
    assert rows[WEST]["value"] == pytest.approx(1000 * 100 / 140)
    assert rows[EAST]["value"] == pytest.approx(1000 * (100 / 140 + 50 / 80))
    assert rows[A]["value"] == pytest.approx(1000 * 150 / 140), "by demand, not the mean of the two"


def test_zones_weigh_distance_in_both_steps_and_a_zone_holds_at_its_edge() -> None:
    zones = [{"within_m": 150, "weight": 1}, {"within_m": 200, "weight": 0.5}]
    homes = layer("demand", [shapely.Point(400, 500), shapely.Point(750, 500)], [WEST, EAST], people=[60, 80])
    rows = by_unit(
        found(catchment(zone=zones), homes, layer("supply", [shapely.Point(550, 500)], beds=[100]))
    )
    ratio = 100 / (60 * 1 + 80 * 0.5)
    assert (rows[WEST]["value"], rows[EAST]["value"]) == pytest.approx((ratio, ratio * 0.5))


def test_those_beyond_the_district_share_and_are_counted_nowhere() -> None:
    homes = layer(
        "demand", [shapely.Point(-100, 500), shapely.Point(100, 500)], [None, WEST], people=[300, 100]
    )
    rows = by_unit(
        found(catchment(radius_m=300), homes, layer("supply", [shapely.Point(0, 500)], beds=[100]))
    )
    assert rows[DISTRICT]["value"] == pytest.approx(100 / 400)
    assert (rows[DISTRICT]["denominator"], rows[DISTRICT]["rows"]) == (100, 1)


def test_capacity_that_is_not_known_is_not_zero() -> None:
    """Who can reach it has an unknown share and is not examined; those it does not concern are."""
    blank = layer("supply", [shapely.Point(550, 500), shapely.Point(900, 500)], beds=[100, None])
    rows = by_unit(found(catchment(radius_m=300), CHILDREN, blank))
    assert EAST not in rows
    assert rows[A]["value"] == pytest.approx(100 / 140)
    assert rows[A]["denominator"] == 60


def test_people_who_are_not_known_are_left_out_and_nobody_near_means_nothing() -> None:
    homes = layer("demand", [*HOMES, shapely.Point(1500, 500)], [WEST, EAST, B], people=[None, 80, 5])
    rows = by_unit(found(catchment(radius_m=300), homes, SCHOOLS))
    assert WEST not in rows
    assert rows[EAST]["value"] == pytest.approx(150 / 80)
    assert rows[B]["value"] == 0, "nothing in reach"
    assert by_unit(found(catchment(radius_m=300), homes, layer("supply", [], beds=[])))[A]["value"] == 0


def test_need_is_per_unit_of_demand() -> None:
    rows = by_unit(
        found(
            catchment(what="gap", need=0.5, radius_m=300),
            CHILDREN,
            layer("supply", [shapely.Point(400, 600)], beds=[20]),
        )
    )
    assert rows[WEST]["value"] == pytest.approx(60 * 0.5 - 20)
    assert (rows[EAST]["numerator"], rows[EAST]["denominator"]) == (40, 40)


def test_a_gap_is_a_count_that_compares_as_a_share() -> None:
    missing = indicator("JK-99", catchment(what="gap", radius_m=300), unit="个")
    assert (missing.is_count, missing.compared_unit) == (True, "%")
    reached = indicator("JK-98", catchment(radius_m=300), unit="张")
    assert (reached.is_count, reached.compared_unit) == (False, "张")


@pytest.mark.parametrize(
    ("said", "told"),
    [
        ({}, "必须写一个"),
        ({"radius_m": 500, "zone": [{"within_m": 500, "weight": 1}]}, "只能写一个"),
        ({"zone": [{"within_m": 500, "weight": 1}, {"within_m": 300, "weight": 0.5}]}, "由近及远"),
        ({"zone": [{"within_m": 300, "weight": 0.5}, {"within_m": 500, "weight": 1}]}, "由近及远"),
        ({"radius_m": 500, "need": 0.04}, "只用于"),
        ({"radius_m": 500, "what": "gap", "scale": 1000}, "不能写 scale"),
    ],
)  # fmt: skip
def test_a_definition_that_cannot_be_right_is_refused(said: dict[str, Any], told: str) -> None:
    with pytest.raises(ValidationError, match=told):
        catchment(**said)


def test_what_cannot_be_computed_is_told() -> None:
    with pytest.raises(MeasureError, match="没有列 seats"):
        found(catchment(radius_m=300, capacity="seats"), CHILDREN, SCHOOLS)
    with pytest.raises(MeasureError, match="没有列 elders"):
        found(catchment(radius_m=300, weight="elders"), CHILDREN, SCHOOLS)
    with pytest.raises(MeasureError, match="负数"):
        found(catchment(radius_m=300), CHILDREN, layer("supply", HOMES, beds=[-1, 5]))
