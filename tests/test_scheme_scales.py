"""The scheme's scales, denomination, outliers, gaps and panel, from measurements to totals, on numbers worked out by hand."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tijian.engine.findings import Findings, InputError
from tijian.engine.project import load_project
from tijian.engine.results import SCHEMAS, conform, empty
from tijian.engine.run import run
from tijian.engine.scheme import Scoring
from tijian.engine.scheme_check import check_scheme
from tijian.engine.scoring.base import SchemeFault
from tijian.engine.scoring.everything import Basis, score_all
from tijian.engine.scoring.treatments import treatments
from tijian.engine.scoring.values import denominate, score_values
from tijian.engine.store import read_results
from tijian.indicators.model import Indicator, Standard

from .cli_project import fill_in
from .real_examples import tijian
from .small_year import DISTRICT, TOWNS, Count, Ratio, Reported, Rule, indicator, standard, units

YEAR = 2026
NAN = float("nan")
COMMUNITIES = tuple(f"{town}00{j}" for town in TOWNS for j in (1, 2))
SCALES = ("anchors", "minmax", "zscore", "percentile", "rank", "distance_to_target", "distance_to_reference")
Values = dict[str, dict[str, float | None]]  # indicator → unit → value


def told(code: str, *levels: str, **more: object) -> Indicator:
    """A figure that departments hand in; towns only unless other levels are named."""
    options = {"unit": "处", "levels": levels or ("town",)} | more
    return indicator(code, Reported(method="reported", of="form", item=code), **options)


def measurements(values: Values, **columns: float) -> pl.DataFrame:
    """Values that stand on the whole of their unit (basis 1), compared as they are, unless ``columns`` say otherwise."""
    level = dict(units().select("code", "level").iter_rows())
    rows = [
        {"year": YEAR, "unit": unit, "level": level[unit], "indicator": code, "value": value, "compared": value, "basis": 1.0}
        | columns
        for code, of in values.items() for unit, value in of.items() if value is not None
    ]  # fmt: skip
    return conform("measurements", pl.DataFrame(rows, infer_schema_length=None))


def over_towns(*values: float | None) -> dict[str, float | None]:
    return dict(zip(TOWNS, values, strict=True))


def score(
    values: Values | pl.DataFrame,
    scheme: Scoring,
    *indicators: Indicator,
    earlier: list[tuple[int, str, str, float]] = [],  # noqa: B006  (never changed)
    of: pl.DataFrame | None = None,
) -> dict[str, pl.DataFrame]:
    """The whole of scoring; ``of`` are the units."""
    measured = values if isinstance(values, pl.DataFrame) else measurements(values)
    columns = {"year": pl.Int64, "unit": pl.String, "indicator": pl.String, "value": pl.Float64}
    return score_all(
        Basis(
            measurements=measured, units=units() if of is None else of, survey=empty("survey"), indicators=indicators,
            names=("安全韧性",), year=YEAR, before={n: empty(n) for n in ("measurements", "dimensions", "totals")},
            earlier=pl.DataFrame(earlier, schema=columns, orient="row"),
        ),
        scheme,
    )  # fmt: skip


def column(scores: pl.DataFrame, name: str, code: str = "AQ-01", level: str = "town") -> list[object]:
    return scores.filter(indicator=code, level=level).sort("unit")[name].to_list()


def near(*values: float | None) -> list[object]:
    return [None if v is None else pytest.approx(v, abs=1e-9) for v in values]


# --- scales ----------------------------------------------------------------------------------------------

FOUR = over_towns(2, 4, 8, 6)  # mean 5, sample deviation √(20/3), population's √5
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
    scores = score({"AQ-01": values}, Scoring(scale=scale), told("AQ-01", **more))["scores"]  # type: ignore[arg-type]
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

AMOUNTS = over_towns(10, 30, 60, 100)  # of 1,000, 2,000, 3,000 and 4,000 people, on 10 km² each


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
    five = pl.concat([lacking, _town("100000005", 5000.0)])
    scheme = Scoring.model_validate({"scale": "minmax", "indicators": {"AQ-01": {"per": "per_10k"}}})
    scores = score(measurements({"AQ-01": AMOUNTS}), scheme, told("AQ-01"), of=five)["scores"]
    assert column(scores, "score") == [None] * 5  # two with a size are no peers
    assert column(scores, "note") == ["缺人口数据", "缺人口数据", None, None, "无数据"]
    np.testing.assert_array_equal(
        denominate(np.array([3.0, 3]), np.array([NAN, 0]), np.ones(2), "population"), [NAN, NAN]
    )


def _town(code: str, people: float) -> pl.DataFrame:
    row = (code, "第5街道", "town", DISTRICT, "街道", people, 10.0, DISTRICT, code, None)
    return pl.DataFrame([row], schema=dict(SCHEMAS["units"]), orient="row")


def test_a_share_cannot_be_denominated() -> None:
    scheme = Scoring.model_validate({"indicators": {"AQ-01": {"per": "population"}}})
    with pytest.raises(ValueError, match="AQ-01 的值不是总量"):
        score({"AQ-01": FOUR}, scheme, told("AQ-01", unit="%"))


# --- outliers --------------------------------------------------------------------------------------------

ONE_OUT = dict(zip(COMMUNITIES, (1.0, 2, 3, 4, 5, 6, 7, 100), strict=True))
WINSORISE = {"scale": "minmax", "outliers": {"method": "winsorise"}}


def test_an_outlier_is_drawn_in_for_the_scale_marked_and_printed_as_measured() -> None:
    one = told("AQ-01", "community")
    scores = score({"AQ-01": ONE_OUT}, Scoring.model_validate(WINSORISE), one)["scores"]
    assert column(scores, "score", level="community") == near(*(100 * k / 6 for k in range(7)), 100)
    assert column(scores, "scaled", level="community") == [*[None] * 7, 7]
    assert column(scores, "treated", level="community") == [*[False] * 7, True]
    assert column(scores, "value", level="community")[-1] == 100
    plain = score({"AQ-01": ONE_OUT}, Scoring(scale="minmax"), one)["scores"]
    assert column(plain, "score", level="community")[6] == near(100 * 6 / 99)[0]


def test_the_log_says_what_was_changed_and_the_shape_before_and_after() -> None:
    scheme = Scoring.model_validate(WINSORISE)
    calm = dict(zip(COMMUNITIES, range(8), strict=True))
    measured = measurements({"AQ-01": ONE_OUT, "AQ-02": calm})
    scores = score(measured, scheme, told("AQ-01", "community"), told("AQ-02", "community"))["scores"]
    log = treatments(scores, measured, units(), scheme)
    assert log.select("indicator", "level", "method", "units", "changed").rows() == [
        ("AQ-01", "community", "winsorise", 8, 1)
    ]
    x = np.array([*range(1, 8), 100.0])
    z = (x - x.mean()) / x.std(ddof=1)
    assert log["skew_before"][0] == pytest.approx(8 / (7 * 6) * (z**3).sum())
    assert log["skew_before"][0] > 2 > abs(log["skew_after"][0])
    assert log["kurtosis_before"][0] > 3.5 > log["kurtosis_after"][0]


def test_the_log_of_a_denominated_indicator_is_of_the_amounts_per_head() -> None:
    people = dict(units().filter(level="community").select("code", "population").iter_rows())
    values = {code: rate * people[code] for code, rate in ONE_OUT.items()}
    scheme = Scoring.model_validate(WINSORISE | {"indicators": {"AQ-01": {"per": "population"}}})
    measured = measurements({"AQ-01": values})
    scores = score(measured, scheme, told("AQ-01", "community"))["scores"]
    assert column(scores, "scaled", level="community") == near(*range(1, 8), 7)
    plain = measurements({"AQ-01": ONE_OUT})
    plain_scores = score(plain, Scoring.model_validate(WINSORISE), told("AQ-01", "community"))["scores"]
    one = treatments(scores, measured, units(), scheme).row(0)
    assert one[:5] == ("AQ-01", "community", "winsorise", 8, 1)
    other = treatments(plain_scores, plain, units(), Scoring.model_validate(WINSORISE)).row(0)
    assert one[5:] == pytest.approx(other[5:])


def test_treatment_may_be_chosen_for_one_indicator() -> None:
    scheme = Scoring.model_validate({"scale": "minmax", "indicators": {"AQ-01": {"outliers": "winsorise"}}})
    values = {"AQ-01": ONE_OUT, "AQ-02": ONE_OUT}
    scores = score(values, scheme, told("AQ-01", "community"), told("AQ-02", "community"))["scores"]
    assert (sum(column(scores, "treated", "AQ-01", "community")), sum(column(scores, "treated", "AQ-02", "community"))) == (1, 0)  # type: ignore[arg-type]  # fmt: skip


def test_a_score_by_the_standard_is_never_treated() -> None:
    one = told("AQ-01", "community", standard=(standard(worst=0, target=50, best=100),))
    for scale in ("anchors", "minmax", "distance_to_target"):
        scheme = Scoring.model_validate(WINSORISE | {"scale": scale})
        scores = score({"AQ-01": ONE_OUT}, scheme, one)["scores"]
        assert not any(column(scores, "treated", level="community"))


@pytest.mark.parametrize(
    ("scale", "method", "treated"),
    [
        ("zscore", "boxcox", 8),
        ("distance_to_reference", "boxcox", 0),  # a ratio to a transformed value means nothing
        ("distance_to_reference", "winsorise", 1),
        ("rank", "winsorise", 0),  # no outlier moves the order, but drawn in it would share its place
        ("percentile", "boxcox", 0),
    ],
)
def test_a_treatment_is_left_out_where_it_makes_no_sense(scale: str, method: str, treated: int) -> None:
    scheme = Scoring.model_validate({"scale": scale, "outliers": {"method": method}})
    scores = score({"AQ-01": ONE_OUT}, scheme, told("AQ-01", "community"))["scores"]
    assert sum(column(scores, "treated", level="community")) == treated  # type: ignore[arg-type]


def test_a_treatment_that_would_make_all_equal_is_not_applied() -> None:
    mostly_none = dict(zip(COMMUNITIES, (0.0, 0, 0, 0, 0, 0, 0, 9), strict=True))
    scores = score({"AQ-01": mostly_none}, Scoring.model_validate(WINSORISE), told("AQ-01", "community"))[
        "scores"
    ]
    assert column(scores, "score", level="community") == near(*[0] * 7, 100)


# --- gaps ------------------------------------------------------------------------------------------------

A, B, C = (told(code) for code in ("AQ-01", "AQ-02", "AQ-03"))
GAP: Values = {
    "AQ-01": over_towns(0, 10, 20, None),
    "AQ-02": over_towns(0, 5, 10, 9),
    "AQ-03": over_towns(10, 8, 0, 1),
}


def in_dimension(frames: dict[str, pl.DataFrame]) -> list[object]:
    return frames["dimensions"].filter(level="town").sort("unit")["score"].to_list()


def test_reweighting_takes_the_mean_of_what_is_there() -> None:
    frames = score(GAP, Scoring(scale="minmax"), A, B, C)
    assert in_dimension(frames)[3] == near((90 + 10) / 2)[0]
    assert frames["scores"]["imputed"].to_list() == [False] * 12


def test_refusing_gives_no_score_to_a_unit_with_a_gap_however_small() -> None:
    frames = score(GAP, Scoring(scale="minmax", missing="refuse"), A, B, C)
    assert in_dimension(frames) == near(100 / 3, (50 + 50 + 80) / 3, 200 / 3, None)
    totals = frames["totals"].filter(level="town").sort("unit")["score"].to_list()
    assert totals[3] is None
    assert totals[0] == near(100 / 3)[0]


@pytest.mark.parametrize(
    ("settings", "stand_in"),
    [
        ({"missing": "median"}, 50),
        ({"missing": "neighbours", "neighbours": 1}, 100),  # nearest by the two others: (90, 10) to (100, 0)
        ({"missing": "neighbours", "neighbours": 2}, 75),
    ],
)
def test_a_gap_is_filled_by_what_peers_score_and_counts_in_the_dimension(
    settings: dict[str, object], stand_in: float
) -> None:
    scheme = Scoring.model_validate({"scale": "minmax"} | settings)
    frames = score(GAP, scheme, A, B, C)
    row = frames["scores"].filter(unit=TOWNS[3], indicator="AQ-01").row(0, named=True)
    assert row["score"] == pytest.approx(stand_in)
    assert (row["imputed"], row["method"], row["note"]) == (True, scheme.missing, "无数据；得分为估算")
    assert (row["value"], row["compared"], row["scaled"], row["rank"], row["grade"]) == (None,) * 4 + (
        "未评价",
    )
    assert in_dimension(frames)[3] == near((stand_in + 90 + 10) / 3)[0]
    assert frames["scores"]["imputed"].sum() == 1
    assert frames["dimensions"].filter(unit=TOWNS[3])["weight_present"].item() == pytest.approx(1)


def test_regression_finds_the_line_between_scores() -> None:
    twelve = pl.concat([units(), *(_town(f"1000000{k:02d}", 1000.0) for k in range(5, 17))])
    codes = twelve.filter(level="town")["code"].to_list()
    first = {code: float(k) for k, code in enumerate(codes)}
    second = {code: 2.0 * k for k, code in enumerate(codes)} | {codes[8]: None}
    rows = [
        {"year": YEAR, "unit": u, "level": "town", "indicator": c, "value": v, "compared": v, "basis": 1.0}
        for c, of in (("AQ-01", first), ("AQ-02", second)) for u, v in of.items() if v is not None
    ]  # fmt: skip
    frames = score(
        conform("measurements", pl.DataFrame(rows)), Scoring(scale="minmax", missing="regression"), A, B, of=twelve
    )  # fmt: skip
    found = frames["scores"].filter(unit=codes[8]).sort("indicator")["score"].to_list()
    assert found[1] == pytest.approx(found[0], abs=1)


@pytest.mark.parametrize("missing", ["median", "neighbours", "regression"])
def test_a_unit_with_nothing_and_an_indicator_nobody_has_stay_without_a_score(missing: str) -> None:
    values: Values = {"AQ-01": over_towns(0, 10, 20, None), "AQ-02": over_towns(0, 5, 10, None)}
    frames = score(values, Scoring(scale="minmax", missing=missing), A, B, C)  # type: ignore[arg-type]
    assert frames["scores"].filter(unit=TOWNS[3])["score"].to_list() == [None] * 3
    assert column(frames["scores"], "score", "AQ-03") == [None] * 4
    assert frames["scores"]["imputed"].sum() == 0


def test_a_regression_that_does_not_settle_says_what_to_choose_instead(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("tijian.engine.scoring.impute._ROUNDS", 1)
    rng = np.random.default_rng(1)
    values: Values = {code: over_towns(*rng.normal(size=4)) for code in ("AQ-01", "AQ-02", "AQ-03")}
    values["AQ-01"][TOWNS[0]] = values["AQ-02"][TOWNS[1]] = None
    with pytest.raises(SchemeFault, match="请改用 median 或 neighbours"):
        score(values, Scoring(scale="minmax", missing="regression"), A, B, C)


# --- panel -----------------------------------------------------------------------------------------------

BEFORE = [(2024, TOWNS[0], "AQ-01", 0.0), (2025, TOWNS[1], "AQ-01", 10.0), (2025, "gone", "AQ-01", 99.0)]


@pytest.mark.parametrize(
    ("scale", "expected"),
    [
        ("minmax", (20, 40, 80, 60)),  # ends 0 and 10
        ("rank", (20, 40, 80, 60)),  # second to fifth of six
        ("distance_to_reference", (20, 40, 80, 60)),
    ],
)
def test_a_panel_takes_the_peers_ends_over_all_years_known(scale: str, expected: tuple[float, ...]) -> None:
    scheme = Scoring(scale=scale, panel="all")  # type: ignore[arg-type]
    scores = score({"AQ-01": FOUR}, scheme, told("AQ-01"), earlier=BEFORE)["scores"]
    assert column(scores, "score") == near(*expected)
    assert column(scores, "peers") == [4] * 4
    alone = score({"AQ-01": FOUR}, Scoring(scale=scale), told("AQ-01"), earlier=BEFORE)["scores"]  # type: ignore[arg-type]
    assert column(alone, "score") != near(*expected)


def test_the_districts_own_past_is_not_its_peers() -> None:
    past = [(year, DISTRICT, "AQ-01", float(year)) for year in (2023, 2024, 2025)]
    one = told("AQ-01", "district", "town")
    scores = score({"AQ-01": FOUR | {DISTRICT: 5.0}}, Scoring(scale="minmax", panel="all"), one, earlier=past)
    assert column(scores["scores"], "method", level="district") == ["towns"]


def test_what_is_compared_as_another_figure_than_its_value_keeps_to_this_year() -> None:
    scheme = Scoring.model_validate(
        {"scale": "minmax", "panel": "all", "indicators": {"AQ-01": {"per": "per_10k"}}}
    )
    scores = score({"AQ-01": AMOUNTS}, scheme, told("AQ-01"), earlier=BEFORE)["scores"]
    assert column(scores, "score") == near(0, 100 / 3, 200 / 3, 100)


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


# --- what is told ----------------------------------------------------------------------------------------

RATE = indicator(
    "AQ-05",
    Ratio(method="ratio", of="f", numerator="sum(a)", denominator="sum(b)"),
    standard=(standard(target=90),),
)


def found(settings: dict[str, dict[str, object]], scale: str = "anchors") -> list[tuple[str, str, str]]:
    """(code, place, what would be right) of the findings about single indicators' settings."""
    findings = Findings()
    scheme = Scoring.model_validate({"scale": scale, "indicators": settings})
    within = told("AQ-06", direction="within", standard=(standard(low=1, high=2),))
    check_scheme(scheme, (told("AQ-01", "district", "town"), RATE, within), units(), YEAR, findings)
    return [(f.code, f.place.column, f.expected) for f in findings]


def test_a_setting_for_an_unknown_indicator_lists_the_nearest() -> None:
    ((code, place, expected),) = found({"AQ-10": {"scale": "rank"}})
    assert (code, place) == ("P020", "scoring.indicators.AQ-10")
    assert "AQ-01（指标AQ-01）" in expected


@pytest.mark.parametrize(
    ("settings", "scale", "setting"),
    [
        ({"AQ-05": {"per": "population"}}, "minmax", "per"),
        ({"AQ-05": {"low": 1}}, "anchors", "low"),
        ({"AQ-05": {"low": 1}}, "rank", "low"),
        ({"AQ-01": {"reference": 1}}, "zscore", "reference"),
        ({"AQ-01": {"low": 3, "high": 3}}, "minmax", "high"),
        ({"AQ-06": {"scale": "rank"}}, "minmax", "scale"),
    ],
)
def test_a_setting_that_cannot_work_is_told(
    settings: dict[str, dict[str, object]], scale: str, setting: str
) -> None:
    told_of = found(settings, scale)
    assert [(code, place) for code, place, _ in told_of] == [("P021", f"scoring.indicators.{next(iter(settings))}.{setting}")]  # fmt: skip


def test_units_without_the_size_are_named_before_the_run() -> None:
    findings = Findings()
    lacking = units().with_columns(area_km2=pl.when(pl.col("level") != "town").then("area_km2"))
    scheme = Scoring.model_validate({"indicators": {"AQ-01": {"per": "area_km2"}}})
    check_scheme(scheme, (told("AQ-01"),), lacking, YEAR, findings)
    (finding,) = findings.rows
    assert (finding.code, finding.level) == ("P022", "warning")
    assert "街镇有 4 个单元没有面积：第1街道、第2街道、第3街道、第4街道" in finding.message


@pytest.mark.parametrize(
    ("line", "names"),
    [
        ('missing = "drop"', "reweight refuse median neighbours regression"),
        ('outliers = { method = "cut" }', "none winsorise trim boxcox"),
        ('indicators = { "AQ-01" = { per = "head" } }', "population per_10k area_km2"),
        ('indicators = { "AQ-01" = { scale = "log" } }', " ".join(SCALES)),
        ('deviation = "n"', "sample population"),
        ('panel = "both"', "year all"),
    ],
)
def test_an_unknown_name_lists_the_valid_ones(tmp_path: Path, line: str, names: str) -> None:
    head = '[project]\nname = "试验"\ndistrict = "310199"\nyear = 2026\nindicators = ["national-2025"]\n[units]\nfile = "u.csv"\n'
    (tmp_path / "tijian.toml").write_text(f"{head}[scoring]\n{line}\n", encoding="utf-8")
    findings = Findings()
    assert load_project(tmp_path, findings) is None
    (finding,) = findings.rows
    assert finding.code == "P003"
    assert all(f"'{name}'" in finding.expected for name in names.split())


# --- from the project file -------------------------------------------------------------------------------


def test_a_project_file_chooses_by_indicator_and_a_wrong_code_stops_the_run(tmp_path: Path) -> None:
    tijian("init", tmp_path / "项目")
    project = tmp_path / "项目"
    fill_in(project)
    path = project / "tijian.toml"
    text = path.read_text(encoding="utf-8")
    choice = '[scoring.indicators."{}"]\nper = "per_10k"\nscale = "rank"\n'
    path.write_text(f"{text}\n{choice.format('AQ-001')}", encoding="utf-8")
    loaded = load_project(project, Findings())
    assert loaded is not None
    with pytest.raises(InputError) as stopped:
        run(loaded, progress=lambda *_: None)
    (fault,) = stopped.value.findings.errors
    assert (fault.code, fault.value) == ("P020", "AQ-001")
    assert "AQ-01（存在结构安全隐患的住宅数量）" in fault.expected
    path.write_text(f"{text}\n{choice.format('AQ-01')}", encoding="utf-8")
    tijian("run", "-q", "-p", project)
    results = read_results(project / "results.duckdb")
    rows = results.scores.filter(indicator="AQ-01", level="community").sort("unit")
    assert rows["scaled"].to_list() == near(1 / 0.7, 0, 1 / 0.6, 0)  # of 7,000 and of 6,000 people
    assert set(rows["method"]) == {"rank"}
    assert "每万人的量：1.43" in tijian("explain", "甲社区", "AQ-01", "-p", project)
    assert any("按每万人的量在同级单元间比较" in note for note in results.method_notes)
