"""分类住区: things by when they were built and of what kind, and how many of each fail."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import polars as pl
from tijian.engine.measure.building_groups import (
    AFTER,
    BEFORE,
    BETWEEN,
    HISTORIC,
    SELF_BUILT,
    UNDATED,
    group_buildings,
)
from tijian.engine.results import SCHEMAS, conform
from tijian.indicators.measure_model import Count

UNITS = pl.DataFrame(
    {"code": ["D", "T1", "T2", "C1", "C2"], "level": ["district", "town", "town", "community", "community"],
     "district": ["D"] * 5, "town": [None, "T1", "T2", "T1", "T2"], "community": [None, None, None, "C1", "C2"]}
)  # fmt: skip
CRACKED: Any = SimpleNamespace(
    code="AQ-01",
    measure=Count.model_validate({
        "method": "count", "of": "buildings", "key": "id",
        "rule": [{"id": "crack", "when": "crack", "says": "开裂", "degree": "严重", "difficulty": "高"}],
    }),
)  # fmt: skip


def grouped(columns: dict[str, list[Any]], failing: list[str]) -> dict[tuple[str, str], tuple[int, int]]:
    """unit, group → things, failing of buildings in C1, C1, C2, …"""
    frame = pl.DataFrame({"unit": ["C1", "C1", "C2", "C2", "C2"], "id": ["a", "b", "c", "d", "e"], **columns})
    lines = pl.DataFrame({"indicator": ["AQ-01"] * len(failing), "thing": failing})
    evidence: Any = {"buildings": SimpleNamespace(frame=frame)}
    found = group_buildings(evidence, conform("ledger", lines), (CRACKED,), UNITS, 2026)
    assert dict(found.schema) == SCHEMAS["building_groups"]
    return {(r["unit"], r["group"]): (r["things"], r["failing"]) for r in found.to_dicts()}


def test_buildings_are_counted_by_the_years_they_were_built_in_for_the_district_and_its_towns() -> None:
    found = grouped({"built_year": [1999, 2000, 2010, 2011, None]}, ["a", "c", "d"])
    assert found == {
        ("D", BEFORE): (1, 1), ("D", BETWEEN): (2, 1), ("D", AFTER): (1, 1), ("D", UNDATED): (1, 0),
        ("T1", BEFORE): (1, 1), ("T1", BETWEEN): (1, 0),
        ("T2", BETWEEN): (1, 1), ("T2", AFTER): (1, 1), ("T2", UNDATED): (1, 0),
    }  # fmt: skip


def test_a_kind_of_housing_goes_before_the_year() -> None:
    kinds = ["自建房", "历史文化街区", None, "商品房", "其他平房区"]
    found = grouped({"built_year": [1950, 1930, 2020, 1990, 1960], "housing_kind": kinds}, ["a", "b"])
    district = {group: counts for (unit, group), counts in found.items() if unit == "D"}
    assert district == {SELF_BUILT: (1, 1), HISTORIC: (2, 1), AFTER: (1, 0), BEFORE: (1, 0)}


def test_a_thing_with_several_failures_counts_once() -> None:
    assert grouped({"built_year": [1980] * 5}, ["a", "a", "b"])["D", BEFORE] == (5, 2)


def test_an_input_that_does_not_say_when_its_things_were_built_is_not_grouped() -> None:
    assert grouped({}, ["a"]) == {}
