"""Types of towns and communities: found from what units are, numbered, named and told in words."""

from __future__ import annotations

from pathlib import Path
from random import Random

import numpy as np
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import ValidationError
from tijian.engine.analysis.unit_types import (
    DENSITY,
    FEATURES,
    FEWEST,
    Feature,
    check_features,
    cluster,
    describe,
    type_units,
)
from tijian.engine.findings import Findings
from tijian.engine.results import SCHEMAS, conform, empty
from tijian.engine.settings.scheme import Types
from tijian.indicators.loader import load_indicators

YEAR = 2026
INDICATORS = load_indicators(("national-2025", "national-2022"), Path("/nonexistent"), Findings()).indicators
AUTO = Types()
OLD, ROADS = "ST-07", "JT-01"
# what three kinds of towns are like: people per km², share of old housing (%), roads (km/km²)
CORE, NEW, RURAL = (20_000.0, 60.0, 9.0), (8_000.0, 10.0, 7.0), (800.0, 15.0, 3.0)

Frames = tuple[pl.DataFrame, pl.DataFrame]


def planted(*kinds: tuple[float, float, float], each: int = 6, level: str = "town", seed: int = 1) -> Frames:
    """Measurements and units of ``each`` units of every kind, spread by a twentieth around it, kinds in turn."""
    rng = np.random.default_rng(seed)
    units, measured = [], []
    for i in range(each * len(kinds)):
        density, old, roads = np.array(kinds[i % len(kinds)]) * rng.normal(1, 0.05, 3)
        code = f"9901010{i:02d}"
        units.append({"code": code, "name": code, "level": level, "kind": "镇", "population": density * 4, "area_km2": 4.0,
                      "town": code if level == "town" else "990101001"})  # fmt: skip
        measured += [
            {"year": YEAR, "unit": code, "level": level, "indicator": indicator, "compared": value}
            for indicator, value in ((OLD, old), (ROADS, roads))
        ]
    return conform("measurements", pl.DataFrame(measured)), conform("units", pl.DataFrame(units))


def typed(frames: Frames, rules: Types = AUTO) -> pl.DataFrame:
    return type_units(*frames, INDICATORS, rules, YEAR)


def groups(types: pl.DataFrame) -> set[frozenset[str]]:
    return {frozenset(part["unit"]) for part in types.partition_by("type")}


# ── which types ────────────────────────────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("kinds", [(CORE, RURAL), (CORE, NEW, RURAL)])
@pytest.mark.parametrize("level", ["town", "community"])
def test_planted_kinds_are_found_with_their_number(
    kinds: tuple[tuple[float, float, float], ...], level: str
) -> None:
    types = typed(planted(*kinds, level=level))
    assert set(types["clusters"]) == {len(kinds)}
    codes = sorted(types["unit"])
    assert groups(types) == {frozenset(codes[i :: len(kinds)]) for i in range(len(kinds))}
    assert types["silhouette"].min() > 0.5
    assert set(types["level"]) == {level}


def test_types_are_numbered_from_the_densest_down() -> None:
    types = typed(planted(RURAL, CORE, NEW))
    first = dict(types.select("unit", "type").rows())
    assert [first[f"9901010{i:02d}"] for i in range(3)] == [3, 1, 2]


def test_a_number_that_is_set_is_kept_and_most_bounds_what_is_found() -> None:
    frames = planted(CORE, NEW, RURAL)
    assert set(typed(frames, Types(clusters=4))["clusters"]) == {4}
    assert set(typed(frames, Types(most=2))["clusters"]) == {2}


def test_there_are_no_more_types_than_half_the_units() -> None:
    assert set(typed(planted(CORE, NEW, RURAL, each=2), Types(clusters=12))["clusters"]) == {3}


def test_under_six_units_there_are_no_types() -> None:
    assert typed(planted(CORE, RURAL, each=3)).height == FEWEST
    assert typed(planted(CORE, each=FEWEST - 1)).is_empty()


def test_units_that_are_all_alike_have_no_types() -> None:
    measurements, units = planted(CORE)
    alike = units.with_columns(population=pl.lit(1000.0)), measurements.with_columns(compared=pl.lit(5.0))
    found = typed((alike[1], alike[0]))
    assert found.is_empty()
    assert found.schema == SCHEMAS["types"]


def test_one_odd_unit_does_not_become_a_type_of_its_own() -> None:
    measurements, units = planted(CORE, RURAL)
    odd = (
        pl.when((pl.col("unit") == "990101000") & (pl.col("indicator") == ROADS))
        .then(90.0)
        .otherwise("compared")
    )
    types = typed((measurements.with_columns(compared=odd), units))
    assert types["type"].value_counts()["count"].min() > 1


# ── what changes nothing ───────────────────────────────────────────────────────────────────────────────────────────────────────────


@settings(max_examples=8)
@given(st.randoms(use_true_random=False))
def test_the_order_of_rows_changes_nothing(random: Random) -> None:
    measurements, units = planted(CORE, NEW, RURAL, each=3)
    mixed = [
        frame.sample(fraction=1, shuffle=True, seed=random.randrange(1000)) for frame in (measurements, units)
    ]
    there = type_units(mixed[0], mixed[1], INDICATORS[::-1], AUTO, YEAR)
    assert there.equals(typed((measurements, units)))


@settings(max_examples=8)
@given(st.floats(0.001, 1000), st.floats(0.001, 1000))
def test_the_unit_of_measure_changes_nothing(of_values: float, of_areas: float) -> None:
    measurements, units = planted(CORE, NEW, RURAL, each=3)
    other = (
        measurements.with_columns(pl.col("compared") * of_values),
        units.with_columns(pl.col("area_km2") * of_areas),
    )
    same = ["unit", "type", "name", "clusters"]
    here, there = typed((measurements, units)), typed(other)
    assert there.select(same).equals(here.select(same))
    assert there["silhouette"].to_numpy() == pytest.approx(here["silhouette"].to_numpy(), abs=1e-6)


def test_scores_are_not_looked_at() -> None:
    """Types serve to choose whom a unit is compared with before it is scored."""
    measurements, units = planted(CORE, RURAL)
    assert measurements["value"].null_count() == measurements.height
    assert not typed((measurements, units)).is_empty()


# ── gaps ───────────────────────────────────────────────────────────────────────────────────────────────────────────────────────────────


def test_a_gap_is_filled_with_the_median_and_marked() -> None:
    measurements, units = planted(CORE, RURAL)
    gap = (pl.col("unit") == "990101003") & (pl.col("indicator") == OLD)
    types = typed((measurements.with_columns(compared=pl.when(gap).then(None).otherwise("compared")), units))
    filled = dict(types.select("unit", "filled").rows())
    assert filled.pop("990101003") == [FEATURES[OLD][0]]
    assert set(map(tuple, filled.values())) == {()}


def test_a_unit_without_people_or_area_is_typed_by_the_rest() -> None:
    measurements, units = planted(CORE, RURAL)
    nobody = pl.col("code") == "990101001"
    types = typed(
        (measurements, units.with_columns(population=pl.when(nobody).then(None).otherwise("population")))
    )
    row = types.row(by_predicate=pl.col("unit") == "990101001", named=True)
    assert row["filled"] == [DENSITY.noun]
    assert row["type"] == types.row(by_predicate=pl.col("unit") == "990101003", named=True)["type"]


def test_a_feature_that_most_units_lack_is_not_used() -> None:
    measurements, units = planted(CORE, RURAL)
    few = measurements.filter((pl.col("indicator") == ROADS) | (pl.col("unit") < "990101005"))
    types = typed((few, units))
    assert types["filled"].to_list() == [[]] * types.height
    assert not types["words"].str.contains(FEATURES[OLD][0]).any()


def test_nothing_known_gives_no_types() -> None:
    _, units = planted(CORE, RURAL)
    bare = units.with_columns(area_km2=pl.lit(None, dtype=pl.Float64))
    assert typed((empty("measurements"), bare)).is_empty()
    assert typed((empty("measurements"), empty("units"))).is_empty()


# ── names and words ──────────────────────────────────────────────────────────────────────────────────────────────────────────────────


def test_a_type_is_called_by_what_marks_it_most_and_told_with_figures() -> None:
    types = typed(planted(CORE, RURAL))
    names = dict(types.select("type", "name").rows())
    assert names == {1: "高密度密路网型", 2: "低密度疏路网型"}
    words = dict(types.select("type", "words").rows())
    assert "人口密度高（平均" in words[1]
    assert "万人/km²，全部街镇" in words[1]
    assert "城市道路网密度低（平均" in words[2]
    assert "\u00a0km/km²" in words[2]


@given(st.lists(st.integers(0, 3), min_size=8, max_size=14), st.integers(0, 1000))
def test_no_two_types_have_one_name(labels: list[int], seed: int) -> None:
    """Whatever the partition, whatever the values."""
    labels_of = np.unique(labels, return_inverse=True)[1].astype(np.int64)
    standard = np.random.default_rng(seed).normal(size=(len(labels), 2)).round(1)
    features = [DENSITY, Feature("X", "路网", "km", "密路网", "疏路网")]
    names, words = describe(labels_of, standard, standard, features, "街镇")
    assert len(set(names)) == len(names) == len(words) == labels_of.max() + 1


def test_types_that_differ_in_a_third_feature_are_told_apart_by_it() -> None:
    standard = np.repeat([[2.0, 2, 1], [2, 2, -1], [-2, -2, 0]], 2, axis=0)
    features = [Feature(k, k, "%", f"高{k}", f"低{k}") for k in "甲乙丙"]
    names, _ = describe(np.repeat([0, 1, 2], 2), standard, standard, features, "社区")
    assert names == ["高甲高乙高丙型", "高甲高乙低丙型", "低甲低乙型"]


def test_a_type_is_told_to_lack_what_it_is_not_named_for() -> None:
    standard = np.repeat([[1.5, 2.0], [-1.5, -2.0]], 2, axis=0)
    features = [Feature("X", "甲", "%", "高甲", "低甲"), Feature("Y", "乙", "%", "高乙", "")]
    names, words = describe(np.repeat([0, 1], 2), standard, standard, features, "街镇")
    assert names == ["高甲高乙型", "低甲型"]
    assert words[1].startswith("乙低（")


def test_a_type_with_nothing_to_mark_it_says_so() -> None:
    standard = np.repeat([[2.0], [0.1], [-2.1]], 2, axis=0)
    names, words = describe(
        np.repeat([0, 1, 2], 2), standard, standard, [Feature("X", "甲", "%", "高甲", "低甲")], "街镇"
    )
    assert names[1] == "中间型"
    assert words[1] == "各项特征都接近全部街镇的平均"


def test_towns_are_told_apart_by_the_people_under_village_committees() -> None:
    _, towns = planted((1000.0, 0, 0), (1100.0, 0, 0), each=4)
    communities = [
        {"code": f"{town}00{j}", "name": "x", "level": "community", "kind": "村委" if i % 2 and j else "居委",
         "population": 900.0 if j else 100.0, "area_km2": 1.0, "town": town}
        for i, town in enumerate(towns["code"]) for j in (0, 1)
    ]  # fmt: skip
    units = pl.concat([towns, conform("units", pl.DataFrame(communities))])
    types = type_units(empty("measurements"), units, INDICATORS, Types(features=("villages",)), YEAR)
    types = types.filter(level="town")
    rural = types.filter(pl.col("name") == "乡村型")
    assert rural["unit"].to_list() == towns["code"].to_list()[1::2]
    assert rural["words"][0] == "村委会辖区人口占比高（平均90.0%，全部街镇45.0%）"


# ── features a project names ──────────────────────────────────────────────────────────────────────────────────────────────────────────


def test_a_project_names_its_own_features() -> None:
    types = typed(planted(CORE, NEW, RURAL), Types(features=(OLD,)))
    assert types.filter(pl.col("words").str.contains("人口密度")).is_empty()
    assert types["words"].str.contains(FEATURES[OLD][0]).any()


def test_a_feature_without_words_of_its_own_is_called_by_its_indicator() -> None:
    """A count is called by the share or rate it compares as."""
    measurements, units = planted(CORE, RURAL)
    for code, noun in (
        ("AQ-03", "存在楼道安全隐患的住宅占比"),
        ("AQ-07", "严重易涝积水点密度"),
        ("JT-04", "公交站点300米覆盖率"),
    ):
        own = measurements.filter(indicator=OLD).with_columns(indicator=pl.lit(code))
        types = typed((own, units), Types(features=(code,)))
        assert set(types["name"]) == {f"{noun}偏高型", f"{noun}偏低型"}


def test_an_unknown_feature_is_a_finding_that_says_what_would_be_right() -> None:
    findings = Findings()
    check_features(Types(features=("density", OLD, "ZZ-99")), INDICATORS, findings)
    found = [(f.code, f.place.column, f.value) for f in findings]
    assert found == [("P024", "types.features", "ZZ-99")]
    assert "density" in next(iter(findings)).expected


def test_one_type_cannot_be_asked_for() -> None:
    with pytest.raises(ValidationError, match="不小于 2"):
        Types(clusters=1)


def test_two_points_are_two_types_at_most() -> None:
    standard = np.repeat([[1.0], [-1.0]], 4, axis=0)
    found = cluster(standard, Types(clusters=3))
    assert found is not None
    assert len(np.unique(found[0])) == 2
