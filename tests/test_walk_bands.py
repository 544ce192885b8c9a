"""步行可达: the shares of people who reach the nearest facility on foot within 5, 10 and 15 minutes, and who do not."""

from __future__ import annotations

from dataclasses import replace

import polars as pl
import pytest
from tijian.engine.results import Results, conform
from tijian.reports.content.walk_bands import bands_table, walking_parts
from tijian.reports.view import View

from .results_fixture import DISTRICT, YEAR, make_results

CODE = "JT-02"


def walked(distances: list[tuple[str, float, float | None]], speed: float = 1.0) -> Results:
    """The fixture with JT-02 as a walking indicator: (unit, people, metres on foot; None: not reached)."""
    made = make_results()
    rows = [
        {"year": YEAR, "indicator": CODE, "unit": unit, "x": 0.0, "y": 0.0, "weight": people, "distance": metres,
         "served": metres is not None and metres <= 500}
        for unit, people, metres in distances
    ]  # fmt: skip
    walks = pl.when(pl.col("code") == CODE).then(pl.lit("walk")).otherwise("method")
    return replace(
        made, service=conform("service", pl.DataFrame(rows, schema_overrides={"distance": pl.Float64})),
        indicators=made.indicators.with_columns(method=walks), walk_speed=speed,
    )  # fmt: skip


TOWN = f"{DISTRICT}001"
COMMUNITY = f"{TOWN}001"


def test_shares_are_of_people_and_each_band_holds_the_nearer_ones() -> None:
    results = walked(
        [(COMMUNITY, 100, 300), (COMMUNITY, 200, 600), (COMMUNITY, 300, 900), (COMMUNITY, 400, None)]
    )
    table = bands_table(View(results), DISTRICT, CODE)
    assert table.rows[-1][1:] == pytest.approx((10.0, 30.0, 60.0, 40.0))
    assert [row[0] for row in table.rows] == [View(results).name(TOWN), View(results).name(DISTRICT)]


def test_minutes_follow_the_speed_of_the_project() -> None:
    slow, fast = (
        bands_table(View(walked([(COMMUNITY, 1, 500)], s)), DISTRICT, CODE).rows[-1][1] for s in (1.2, 1.7)
    )
    assert (slow, fast) == (0.0, 100.0)


def test_a_town_is_told_by_its_communities() -> None:
    results = walked([(COMMUNITY, 50, 100), (f"{DISTRICT}002001", 50, None)])
    table = bands_table(View(results), TOWN, CODE)
    assert [row[1] for row in table.rows] == [100.0, 100.0]


def test_no_table_without_demand_and_none_for_other_methods() -> None:
    results = walked([(f"{DISTRICT}002001", 50, 100)])
    assert walking_parts(View(results), TOWN, [CODE]) == ()
    assert walking_parts(View(make_results()), DISTRICT, [CODE]) == ()
    (part,) = walking_parts(View(results), DISTRICT, [CODE])
    assert part.title == "步行可达"
