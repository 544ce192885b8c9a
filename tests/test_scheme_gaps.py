"""The scheme's outliers, gaps and panel, from measurements to totals, on numbers worked out by hand."""

from __future__ import annotations

import numpy as np
import polars as pl
import pytest
from tijian.engine.results import conform
from tijian.engine.scoring.base import SchemeError
from tijian.engine.scoring.treatments import treatments
from tijian.engine.settings.scheme import Scoring

from .scored_year import (
    AMOUNTS,
    COMMUNITIES,
    FOUR,
    YEAR,
    Values,
    column,
    fifth,
    measurements,
    near,
    over_towns,
    score,
    told,
)
from .small_year import DISTRICT, TOWNS, standard, units

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
    assert (sum(column(scores, "treated", "AQ-01", "community")), sum(column(scores, "treated", "AQ-02", "community"))) == (1, 0)  # fmt: skip


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
    assert sum(column(scores, "treated", level="community")) == treated


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
    twelve = pl.concat([units(), *(fifth(f"1000000{k:02d}", 1000.0) for k in range(5, 17))])
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
    frames = score(values, Scoring(scale="minmax", missing=missing), A, B, C)
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
    with pytest.raises(SchemeError, match="请改用 median 或 neighbours"):
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
    scheme = Scoring(scale=scale, panel="all")
    scores = score({"AQ-01": FOUR}, scheme, told("AQ-01"), earlier=BEFORE)["scores"]
    assert column(scores, "score") == near(*expected)
    assert column(scores, "peers") == [4] * 4
    alone = score({"AQ-01": FOUR}, Scoring(scale=scale), told("AQ-01"), earlier=BEFORE)["scores"]
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
