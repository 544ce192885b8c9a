"""The scheme's scales and denomination, from measurements to scores, on numbers worked out by hand."""

from __future__ import annotations

import numpy as np
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tijian.engine.scoring.values import denominate, score_values
from tijian.engine.settings.scheme import Scoring
from tijian.indicators.model import Indicator, Standard

from .scored_year import (
    AMOUNTS,
    FOUR,
    NAN,
    SCALES,
    YEAR,
    column,
    fifth,
    measurements,
    near,
    over_towns,
    score,
    told,
)
from .small_year import DISTRICT, TOWNS, Count, Rule, indicator, standard, units

# --- scales ----------------------------------------------------------------------------------------------

S, P = (20 / 3) ** 0.5, 5**0.5


@pytest.mark.parametrize(
    ("settings", "expected"),
    [
        ({"scale": "minmax"}, (0, 100 / 3, 100, 200 / 3)),
        ({"scale": "zscore"}, (50 - 30 / S, 50 - 10 / S, 50 + 30 / S, 50 + 10 / S)),
        ({"scale": "zscore", "deviation": "population"}, (50 - 30 / P, 50 - 10 / P, 50 + 30 / P, 50 + 10 / P)),
        ({"scale": "percentile"}, (12.5, 37.5, 87.5, 62.5)),
        ({"scale": "rank"}, (0, 100 / 3, 100, 200 / 3)),
        ({"scale": "distance_to_reference"}, (25, 50, 100, 75)),
        ({"scale": "distance_to_reference", "indicators": {"AQ-01": {"reference": 10}}}, (20, 40, 80, 60)),
        ({"scale": "minmax", "indicators": {"AQ-01": {"low": 0, "high": 16}}}, (12.5, 25, 50, 37.5)),
        ({"scale": "minmax", "indicators": {"AQ-01": {"low": 0}}}, (25, 50, 100, 75)),
        ({"scale": "minmax", "indicators": {"AQ-01": {"scale": "percentile"}}}, (12.5, 37.5, 87.5, 62.5)),
    ],
)  # fmt: skip
def test_towns_are_scored_by_the_scale_the_scheme_names(
    settings: dict[str, object], expected: tuple[float, ...]
) -> None:
    scores = score({"AQ-01": FOUR}, Scoring.model_validate(settings), told("AQ-01"))["scores"]
    assert column(scores, "score") == near(*expected)


def test_the_method_names_the_scale_that_was_used() -> None:
    for scale in ("minmax", "zscore", "percentile", "rank", "distance_to_reference"):
        scores = score({"AQ-01": FOUR}, Scoring(scale=scale), told("AQ-01"))["scores"]
        assert set(column(scores, "method")) == {scale}


@pytest.mark.parametrize(
    ("of", "direction", "expected"),
    [
        (standard(target=6, worst=0), "higher", (100 / 3, 200 / 3, 100, 100)),
        (standard(target=6), "higher", (0, 50, 100, 100)),  # from the worst peer
        (standard(target=0), "lower", (75, 50, 0, 25)),
        (standard(target=2, worst=10), "lower", (100, 75, 25, 50)),
    ],
)
def test_distance_to_target_starts_at_the_standards_worst_or_at_the_worst_peer(
    of: Standard, direction: str, expected: tuple[float, ...]
) -> None:
    one = told("AQ-01", standard=(of,), direction=direction)
    scores = score({"AQ-01": FOUR}, Scoring(scale="distance_to_target"), one)["scores"]
    assert column(scores, "score") == near(*expected)
    assert set(column(scores, "method")) == {"distance_to_target"}


def test_a_share_has_its_natural_end_as_the_worst() -> None:
    one = told("AQ-01", "district", "town", unit="%", standard=(standard(target=80),))
    values = over_towns(40, 60, 80, 100) | {DISTRICT: 20.0}
    scores = score({"AQ-01": values}, Scoring(scale="distance_to_target"), one)["scores"]
    assert column(scores, "score") == near(50, 75, 100, 100)
    assert column(scores, "score", level="district") == near(25)  # a standard alone scores the district too


@pytest.mark.parametrize(
    ("scale", "more", "values", "method"),
    [
        ("anchors", {}, FOUR, "minmax"),
        ("distance_to_target", {}, FOUR, "minmax"),
        ("distance_to_target", {"standard": (standard(target=3, worst=3),)}, FOUR, "minmax"),
        ("distance_to_reference", {"direction": "lower"}, over_towns(0, 4, 8, 6), "minmax"),
        ("distance_to_reference", {}, over_towns(-1, -4, -8, -6), "minmax"),
        ("zscore", {"direction": "within", "standard": (standard(low=1, high=9),)}, FOUR, "band"),
        ("rank", {"direction": "within"}, FOUR, "none"),
        ("rank", {}, over_towns(1, 2, None, None), "none"),
        ("minmax", {"standard": (standard(worst=0, floor=2, best=10),)}, FOUR, "goalposts"),
    ],
)  # fmt: skip
def test_a_scale_that_an_indicator_cannot_have_falls_back_and_the_method_says_to_what(
    scale: str, more: dict[str, object], values: dict[str, float | None], method: str
) -> None:
    scores = score({"AQ-01": values}, Scoring(scale=scale), told("AQ-01", **more))["scores"]
    assert set(column(scores, "method")) == {method}


@pytest.mark.parametrize("scale", ["minmax", "zscore", "percentile", "rank", "distance_to_reference"])
def test_the_district_takes_the_mean_of_its_towns_by_population_under_every_scale_of_peers(
    scale: str,
) -> None:
    one = told("AQ-01", "district", "town")
    scores = score({"AQ-01": FOUR | {DISTRICT: 5.0}}, Scoring(scale=scale), one)["scores"]
    towns = column(scores, "score")
    expected = sum(w * float(str(s)) for w, s in zip((1, 2, 3, 4), towns, strict=True)) / 10
    assert column(scores, "score", level="district") == near(expected)
    assert column(scores, "method", level="district") == ["towns"]


@pytest.mark.parametrize("scale", SCALES)
def test_below_its_floor_a_baseline_indicator_has_59_at_most_under_every_scale(scale: str) -> None:
    one = told("AQ-01", kind="baseline", direction="lower", standard=(standard(target=0, floor=3),))
    scores = score({"AQ-01": FOUR}, Scoring(scale=scale), one)["scores"]
    found = [float(str(s)) for s in column(scores, "score")]
    assert max(found[1:]) <= 59  # 4, 8 and 6 are worse than 3
    assert found[0] > 59
    assert scores["note"].to_list().count("低于底线") == 3


# --- denomination ----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("per", "scaled"),
    [("per_10k", (100, 150, 200, 250)), ("population", (0.01, 0.015, 0.02, 0.025)), ("area_km2", (1, 3, 6, 10))],
)  # fmt: skip
def test_an_amount_is_scaled_per_head_or_per_square_kilometre_and_printed_as_it_is(
    per: str, scaled: tuple[float, ...]
) -> None:
    scheme = Scoring.model_validate({"scale": "minmax", "indicators": {"AQ-01": {"per": per}}})
    scores = score({"AQ-01": AMOUNTS}, scheme, told("AQ-01"))["scores"]
    assert column(scores, "scaled") == near(*scaled)
    low, high = scaled[0], scaled[-1]
    assert column(scores, "score") == near(*(100 * (x - low) / (high - low) for x in scaled))
    assert column(scores, "value") == column(scores, "compared") == [10, 30, 60, 100]
    assert column(scores, "treated") == [False] * 4


def test_ranks_follow_what_is_scaled() -> None:
    scheme = Scoring.model_validate({"indicators": {"AQ-01": {"per": "per_10k"}}})
    scores = score({"AQ-01": over_towns(30, 40, 45, 48)}, scheme, told("AQ-01"))["scores"]
    assert column(scores, "rank") == [1, 2, 3, 4]  # 300, 200, 150 and 120 per 10,000 people


def test_a_count_is_denominated_by_its_number_and_a_standard_in_its_own_unit_is_not_used() -> None:
    houses = indicator(
        "AQ-01", Count(method="count", of="houses", key="id", rule=(Rule(id="bad", when="bad", says="有隐患"),)),
        unit="栋", direction="lower", levels=("town",), standard=(standard(target=1, floor=5),),
    )  # fmt: skip
    scheme = Scoring.model_validate({"indicators": {"AQ-01": {"per": "per_10k"}}})
    scores = score(measurements({"AQ-01": AMOUNTS}, compared=12.0), scheme, houses)["scores"]
    assert column(scores, "score") == near(100, 200 / 3, 100 / 3, 0)
    assert set(column(scores, "method")) == {"minmax"}


def test_a_value_that_stands_on_part_of_a_unit_is_divided_by_that_part() -> None:
    scheme = Scoring.model_validate({"indicators": {"AQ-01": {"per": "per_10k"}}})
    scores = score(measurements({"AQ-01": AMOUNTS}, basis=0.8), scheme, told("AQ-01"))["scores"]
    assert column(scores, "scaled") == near(125, 187.5, 250, 312.5)


def test_a_unit_without_a_population_has_no_score_and_says_why() -> None:
    lacking = units().with_columns(
        population=pl.when(pl.col("code") == TOWNS[0]).then(None)
        .when(pl.col("code") == TOWNS[1]).then(0.0).otherwise("population")
    )  # fmt: skip
    five = pl.concat([lacking, fifth("100000005", 5000.0)])
    scheme = Scoring.model_validate({"scale": "minmax", "indicators": {"AQ-01": {"per": "per_10k"}}})
    scores = score(measurements({"AQ-01": AMOUNTS}), scheme, told("AQ-01"), of=five)["scores"]
    assert column(scores, "score") == [None] * 5  # two with a size are no peers
    assert column(scores, "note") == ["缺人口数据", "缺人口数据", None, None, "无数据"]
    np.testing.assert_array_equal(
        denominate(np.array([3.0, 3]), np.array([NAN, 0]), np.ones(2), "population"), [NAN, NAN]
    )


def test_a_share_cannot_be_denominated() -> None:
    scheme = Scoring.model_validate({"indicators": {"AQ-01": {"per": "population"}}})
    with pytest.raises(ValueError, match="AQ-01 的值不是总量"):
        score({"AQ-01": FOUR}, scheme, told("AQ-01", unit="%"))


# --- properties ------------------------------------------------------------------------------------------

whole = st.lists(st.one_of(st.integers(-60, 60), st.none()), min_size=3, max_size=12).map(
    lambda xs: np.array([NAN if x is None else float(x) for x in xs])
)
kinds = st.sampled_from(
    [
        {"direction": "higher"}, {"direction": "lower"},
        {"direction": "higher", "standard": (standard(worst=-20, floor=0, target=20, best=30),)},
        {"direction": "lower", "standard": (standard(target=0, floor=10),)},
        {"direction": "lower", "kind": "baseline", "standard": (standard(target=0, floor=0),)},
        {"direction": "higher", "kind": "baseline", "standard": (standard(worst=-30, floor=10, best=30),)},
    ]
)  # fmt: skip


def scores_of(values: np.ndarray, one: Indicator, scale: str, **more: object) -> np.ndarray:
    scheme = Scoring.model_validate({"scale": scale} | more)
    return score_values(values, one, one.standard_in(YEAR), scheme).scores


@pytest.mark.parametrize("scale", SCALES)
@settings(max_examples=60)
@given(values=whole, place=st.integers(0, 11), gain=st.integers(0, 80), kind=kinds)
def test_improving_a_value_never_lowers_its_score_under_any_scale(
    scale: str, values: np.ndarray, place: int, gain: int, kind: dict[str, object]
) -> None:
    one = told("AQ-01", **kind)
    improved = values.copy()
    improved[place % len(values)] += gain if kind["direction"] == "higher" else -gain
    before, after = (scores_of(x, one, scale)[place % len(values)] for x in (values, improved))
    assert np.isnan(before) or np.isnan(after) or after >= before - 1e-9


@pytest.mark.parametrize("scale", SCALES)
@settings(max_examples=60)
@given(values=whole, kind=kinds, seed=st.integers(0, 99), treatment=st.sampled_from(["none", "winsorise", "trim", "boxcox"]))  # fmt: skip
def test_the_order_of_the_units_changes_no_score(
    scale: str, values: np.ndarray, kind: dict[str, object], seed: int, treatment: str
) -> None:
    one, outliers = told("AQ-01", **kind), {"method": treatment}
    order = np.random.default_rng(seed).permutation(len(values))
    ours = scores_of(values, one, scale, outliers=outliers)[order]
    np.testing.assert_allclose(scores_of(values[order], one, scale, outliers=outliers), ours, atol=1e-6)


@pytest.mark.parametrize("scale", ["minmax", "zscore", "percentile", "rank"])
@settings(max_examples=60)
@given(values=whole, factor=st.sampled_from([0.5, 2.0, 1024.0]), shift=st.integers(-9, 9), direction=st.sampled_from(["higher", "lower"]),
       treatment=st.sampled_from(["none", "winsorise"]))  # fmt: skip
def test_scores_among_peers_do_not_depend_on_the_unit_of_measure(
    scale: str, values: np.ndarray, factor: float, shift: int, direction: str, treatment: str
) -> None:
    one, outliers = told("AQ-01", direction=direction), {"method": treatment}
    np.testing.assert_allclose(
        scores_of(values * factor + shift, one, scale, outliers=outliers),
        scores_of(values, one, scale, outliers=outliers),
        atol=1e-6,
    )
