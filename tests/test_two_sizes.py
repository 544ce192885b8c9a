"""Per km² and per 10,000 people: both are told where a town's place differs between them."""

from __future__ import annotations

from dataclasses import replace

import polars as pl
from tijian.engine.chance.two_sizes import two_sizes
from tijian.reports.blocks import TableBlock
from tijian.reports.content.district import towns_compared
from tijian.reports.view import View
from tijian.reports.wording.two_sizes_said import towns_by_two_sizes, two_sizes_said

from .results_fixture import make_results

# a small dense town, a wide empty one, and four like one another in both
UNITS = pl.DataFrame(
    {
        "code": ["dense", "wide", "a", "b", "c", "d"],
        "population": [50_000.0, 5_000.0, 20_000.0, 20_000.0, 20_000.0, 20_000.0],
        "area_km2": [2.0, 40.0, 10.0, 10.0, 10.0, 10.0],
    }
)


def told(*values: float | None, units: pl.DataFrame = UNITS) -> pl.DataFrame:
    counts = pl.DataFrame({"unit": units["code"], "what": "X", "value": pl.Series(values, dtype=pl.Float64)})
    return two_sizes(counts, units)


def test_many_on_a_square_kilometre_may_be_few_for_each_person() -> None:
    found = told(40, 30, 20, 21, 22, 23)
    # per km² 20 and 0.75, per 10,000 people 8 and 60; the others 2.0–2.3 and 10.0–11.5
    assert found.select("unit", "per_km2", "per_10k", "place_km2", "place_10k", "of").rows() == [
        ("dense", 20.0, 8.0, 1, 6, 6), ("wide", 0.75, 60.0, 6, 1, 6)
    ]  # fmt: skip


def test_where_people_and_area_go_together_nothing_is_told() -> None:
    alike = UNITS.with_columns(area_km2=pl.col("population") / 2000)
    assert told(40, 30, 20, 21, 22, 23, units=alike).is_empty()


def test_a_move_of_a_third_of_the_towns_is_not_yet_a_different_story() -> None:
    # three of six places are more than a third, two are not
    units = UNITS.with_columns(area_km2=pl.Series([10.0] * 6), population=pl.Series([10_000.0] * 6))
    moved = units.with_columns(
        population=pl.when(pl.col("code") == "dense").then(10_000 * 60 / 45).otherwise("population")
    )
    assert told(60, 50, 48, 30, 20, 10, units=moved).is_empty()  # first of area, third of people
    further = moved.with_columns(
        population=pl.when(pl.col("code") == "dense").then(10_000 * 60 / 25).otherwise("population")
    )
    assert told(60, 50, 48, 30, 20, 10, units=further).select("unit", "place_km2", "place_10k").rows() == [
        ("dense", 1, 4)
    ]


def test_units_without_people_or_value_are_not_placed_and_of_few_units_nothing_is_told() -> None:
    nobody = UNITS.with_columns(population=pl.when(pl.col("code") == "a").then(0.0).otherwise("population"))
    found = told(40, 30, 20, 21, 22, None, units=nobody)
    assert found.is_empty()  # four are left
    assert set(told(40, 30, 20, 21, 22, None)["of"]) == {5}


def view_with_calls() -> View:
    """The fixture's towns with as many calls each: the order by area and by people is that of their sizes."""
    results = make_results()
    rank = pl.col("code").rank("ordinal").over("level").cast(pl.Float64)
    units = results.units.with_columns(
        area_km2=pl.when(pl.col("level") == "town").then(rank).otherwise("area_km2"),
        population=pl.when(pl.col("level") == "town").then((20.0 - rank) * 1e4).otherwise("population"),
    )
    return View(replace(results, units=units))


def test_the_reports_say_both_figures_where_they_differ() -> None:
    view = view_with_calls()
    town = view.of_level("town")[0]  # the smallest area and the most people: 90 calls
    said = two_sizes_said(view, town)
    assert "12345热线工单每平方公里90.0件，居第1；每万人4.74件，居第17" in said
    (table,) = [
        b.table
        for b in towns_compared(view)
        if isinstance(b, TableBlock) and "按面积与按人口" in b.table.title
    ]
    assert table.values("what") == ["12345热线工单（件）"]
    assert f"{view.name(town)}（90.0第1，4.74第17）" in str(table.values("denser")[0])
    told = {r["unit"] for r in towns_by_two_sizes(view)}
    printed = "".join(text for row in table.texts() for text in row)
    assert all(u in told for u in view.of_level("town") if f"{view.name(u)}（" in printed)
    fuller = [r for r in towns_by_two_sizes(view) if r["place_km2"] > r["place_10k"]]
    assert len(fuller) > 3
    assert f"等{len(fuller)}个" in printed  # the three furthest apart by name, the others counted
    middle = view.of_level("town")[8]
    assert middle not in told
    assert two_sizes_said(view, middle) == ""
