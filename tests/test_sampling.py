"""Rank intervals under sampling error: what chance in the values does to scores, totals and ranks."""

from __future__ import annotations

from dataclasses import replace
from functools import cache
from pathlib import Path

import numpy as np
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import beta, gamma
from tijian.engine.analysis.robust import robustness
from tijian.engine.analysis.sampling import redrawn, sampled_totals, scores_of
from tijian.engine.analysis.whatif import ladders
from tijian.engine.chance.measured import with_intervals
from tijian.engine.chance.redraw import mean_error, redraw_cases, redraw_means
from tijian.engine.results import conform
from tijian.engine.scoring.branches import branches_of
from tijian.engine.scoring.everything import Basis, nothing_before, score_all
from tijian.engine.settings.project import Project
from tijian.engine.settings.scheme import Robustness, Scoring
from tijian.engine.storage.store import read_frame
from tijian.indicators.model import Indicator

from .cli_project import YEAR as SAMPLE_YEAR
from .cli_project import finished_sample
from .small_year import Reported, indicator, standard

YEAR, NAMES, TOWNS = 2026, ("安全韧性", "交通便捷"), 9
SCHEME = Scoring(draws=400)


def defined(code: str, dimension: str, **more: object) -> Indicator:
    measure = Reported(method="reported", of="form", item="值")
    return indicator(code, measure, dimension=dimension, levels=("town",), **more)


INDICATORS = (
    defined("AQ-01", NAMES[0], standard=(standard(worst=0, floor=40, target=80, best=100),)),
    defined("AQ-02", NAMES[0]),
    defined("JT-01", NAMES[1], survey="Q1", standard=(standard(worst=0, floor=40, target=80, best=100),)),
    defined("JT-02", NAMES[1], standard=(standard(worst=0, best=100),)),
)


def town(place: int) -> str:
    return f"1000000{place + 1:02d}"


def basis_of(cases: np.ndarray, size: float, kind: str = "wilson", answers: int | None = None) -> Basis:
    """Towns with ``cases`` (towns, indicators) of ``size`` each; all of them asked Q1 where ``answers`` is given."""
    codes = [town(i) for i in range(len(cases))]
    units = conform("units", pl.DataFrame([
        {"code": "100000", "name": "区", "level": "district", "population": 9e3, "area_km2": 9.0, "district": "100000"},
        *({"code": c, "name": c, "level": "town", "parent": "100000", "population": 1e3, "area_km2": 1.0, "district": "100000", "town": c}
          for c in codes),
    ]))  # fmt: skip
    rows = [
        {"year": YEAR, "unit": unit, "level": "town", "indicator": i.code, "value": 100 * x / size, "compared": 100 * x / size,
         "basis": 1.0, "numerator": float(x), "denominator": size, "uncertainty": kind}
        for unit, row in zip(codes, cases, strict=True) for i, x in zip(INDICATORS, row, strict=True)
    ]  # fmt: skip
    measurements = conform("measurements", pl.DataFrame(rows))
    if kind == "wilson":
        measurements = with_intervals(measurements, "wilson", 100.0)
    asked = [] if answers is None else [
        {"year": YEAR, "unit": unit, "level": "town", "question": "Q1", "label": "出行", "answers": answers, "score": 70.0 + i,
         "low": 70.0 + i - 40 / answers**0.5, "high": 70.0 + i + 40 / answers**0.5, "effective": float(answers)}
        for i, unit in enumerate(codes)
    ]  # fmt: skip
    earlier = pl.DataFrame(
        schema={"year": pl.Int64, "unit": pl.String, "indicator": pl.String, "value": pl.Float64}
    )
    return Basis(
        measurements,
        units,
        conform("survey", pl.DataFrame(asked)),
        INDICATORS,
        NAMES,
        YEAR,
        nothing_before(),
        earlier,
    )


@cache
def some_cases(seed: int = 1) -> np.ndarray:
    return np.random.default_rng(seed).integers(30, 90, (TOWNS, len(INDICATORS))).astype(float)


def totals_of(basis: Basis, scheme: Scoring = SCHEME) -> np.ndarray | None:
    frames = score_all(basis, scheme)
    tree = branches_of(frames, "town")
    assert tree is not None
    return sampled_totals(basis, frames["scores"], tree, scheme)


def widths(totals: np.ndarray | None) -> np.ndarray:
    assert totals is not None
    return np.subtract(*np.percentile(totals, [95, 5], axis=0))


# ---- single values ------------------------------------------------------------------------------------------


@given(st.integers(0, 500), st.integers(1, 500), st.sampled_from(["share", "rate"]))
def test_without_noise_a_value_is_as_measured_and_it_is_the_median_of_its_draws(
    x: int, n: int, kind: str
) -> None:
    cases = np.array([float(min(x, n) if kind == "share" else x)])
    noise = np.linspace(-2, 2, 41)[:, None]
    drawn = redraw_cases(cases, np.array([float(n)]), kind, noise)
    assert drawn[20, 0] == pytest.approx(cases[0] / n, abs=1e-12)
    assert (np.diff(drawn[:, 0]) >= 0).all()
    assert drawn.min() >= 0
    assert kind == "rate" or drawn.max() <= 1


@pytest.mark.parametrize(("x", "n"), [(30, 100), (8, 40), (150, 200)])
def test_the_spread_is_that_of_jeffreys_intervals(x: int, n: int) -> None:
    """L. D. Brown, T. T. Cai & A. DasGupta (2001): the 5–95 % of Beta(x + ½, n − x + ½), Gamma(x + ½)."""
    noise = np.random.default_rng(0).standard_normal((20_000, 1))
    share = np.percentile(redraw_cases(np.array([x]), np.array([n]), "share", noise), [5, 95])
    assert share == pytest.approx(beta.ppf([0.05, 0.95], x + 0.5, n - x + 0.5), abs=0.012)
    rate = np.percentile(redraw_cases(np.array([x]), np.array([n]), "rate", noise), [5, 95])
    assert rate == pytest.approx(gamma.ppf([0.05, 0.95], x + 0.5) / n, abs=0.02)


def test_means_move_by_their_standard_error_and_stay_within_0_and_100() -> None:
    noise = np.random.default_rng(0).standard_normal((20_000, 3))
    errors = mean_error(
        np.array([70.0, 99.0, 50.0]),
        np.array([66.0, 95.0, 50.0]),
        np.array([74.0, 100.0, 50.0]),
        np.array([1e6, 1e6, 1.0]),
    )
    assert errors[:2] == pytest.approx(4 / 1.96, rel=1e-3)  # cut at 100: by the longer side
    drawn = redraw_means(np.array([70.0, 99.0, 50.0]), errors, noise)
    assert drawn[:, 0].std() == pytest.approx(4 / 1.96, rel=0.03)
    assert drawn.max() <= 100
    assert (drawn[:, 2] == 50).all(), "one answer has no error that is known"


# ---- scores -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("scale", ["anchors", "minmax", "zscore", "percentile", "rank", "distance_to_target"])
def test_values_as_measured_score_as_they_did(scale: str) -> None:
    scheme = Scoring(scale=scale)
    basis = basis_of(some_cases(), 100.0)
    scores = score_all(basis, scheme)["scores"].filter(level="town")
    rungs = ladders(scores, INDICATORS, YEAR, scheme)
    for item in INDICATORS:
        measured = basis.measurements.select(
            "unit", "indicator", "numerator", "denominator", "low", "high", "size", "uncertainty"
        )
        group = scores.filter(indicator=item.code).join(measured, on=["unit", "indicator"]).sort("unit")
        values = redrawn(group, np.full((2, TOWNS), 1e-12))
        assert values is not None
        made = scores_of(group, values, item, YEAR, scheme, rungs.get(("town", item.code)))
        assert made == pytest.approx(np.tile(group["score"].to_numpy(), (2, 1)), abs=1e-6)


# ---- totals and ranks ---------------------------------------------------------------------------------------


def test_what_was_examined_in_full_has_no_spread() -> None:
    assert totals_of(basis_of(some_cases(), 100.0, kind="none")) is None
    exact = basis_of(some_cases(), 100.0, kind="none").measurements
    sampled = basis_of(some_cases(), 100.0)
    mixed = pl.concat(
        [sampled.measurements.filter(unit=town(0)), exact.filter(pl.col("unit") != town(0))], how="diagonal"
    )
    spread = widths(totals_of(replace(sampled, measurements=mixed)))
    assert spread[0] > 1
    assert spread[1:].max() < 1e-9


@settings(max_examples=10, deadline=None)
@given(st.integers(0, 10_000))
def test_more_cases_and_more_answers_narrow_every_interval(seed: int) -> None:
    cases = some_cases(seed)
    few, many = (widths(totals_of(basis_of(cases * k, 100.0 * k))) for k in (1, 16))
    assert (many < few).all()
    exact = basis_of(cases, 100.0, kind="none")
    few, many = (
        widths(totals_of(replace(exact, survey=basis_of(cases, 100.0, answers=n).survey))) for n in (20, 500)
    )
    assert (few > many).all()
    assert (many > 0).all()


def test_the_median_is_the_total_in_force_even_where_scores_stop_at_100() -> None:
    cases = np.full((TOWNS, len(INDICATORS)), 99.0) - np.arange(TOWNS)[:, None]
    basis = basis_of(cases, 100.0)
    total = score_all(basis, SCHEME)["totals"].filter(level="town").sort("unit")["score"].to_numpy()
    drawn = totals_of(basis)
    assert drawn is not None
    assert np.median(drawn, axis=0) == pytest.approx(total, abs=1e-9)


def test_of_a_baseline_indicator_none_found_stays_none() -> None:
    item = defined(
        "AQ-01", NAMES[0], kind="baseline", direction="lower", standard=(standard(floor=0, best=0),)
    )
    cases = some_cases().copy()
    cases[:, 0] = 0
    basis = replace(basis_of(cases, 100.0), indicators=(item, *INDICATORS[1:]))
    held = basis.measurements.filter(indicator="AQ-01")
    exact = basis.measurements.with_columns(
        low=pl.when(pl.col("indicator") == "AQ-01").then("low"), uncertainty=pl.when(pl.col("indicator") == "AQ-01").then(pl.lit("wilson"))
    )  # fmt: skip
    assert held["low"].null_count() == 0
    drawn = totals_of(replace(basis, measurements=exact))
    assert drawn is not None
    assert np.ptp(drawn, axis=0).max() < 1e-9


def analysed(basis: Basis) -> dict[str, pl.DataFrame]:
    project = Project.model_construct(
        scoring=SCHEME,
        robustness=Robustness(
            samples=64, scales=("anchors",), aggregates=("arithmetic",), missing=("reweight",)
        ),
    )
    return robustness(basis, score_all(basis, SCHEME), project)


def test_rank_intervals_hold_the_rank_in_force_and_are_the_same_every_time_in_any_order_of_rows() -> None:
    basis = basis_of(some_cases(), 100.0, answers=60)
    once = analysed(basis)
    rows = once["robust"].filter(kind="sampling")
    assert rows["level"].unique().to_list() == ["town"]
    assert rows.height == TOWNS
    assert (
        rows.filter((pl.col("rank_low") <= pl.col("rank")) & (pl.col("rank") <= pl.col("rank_high"))).height
        == TOWNS
    )
    assert (rows["rank_high"] > rows["rank_low"]).any()
    assert once["ahead"].filter(kind="sampling").height == TOWNS * (TOWNS - 1)
    mixed = replace(
        basis,
        measurements=basis.measurements.sample(fraction=1.0, shuffle=True, seed=4),
        survey=basis.survey.reverse(),
    )
    again = analysed(mixed)
    assert again["robust"].equals(once["robust"])
    assert not analysed(replace(basis, survey=basis_of(some_cases(), 100.0, answers=9).survey))[
        "robust"
    ].equals(once["robust"])


def test_without_any_chance_told_there_is_no_such_kind() -> None:
    assert "sampling" not in analysed(basis_of(some_cases(), 100.0, kind="none"))["robust"]["kind"].to_list()


def test_the_sample_has_both_kinds_and_they_differ(tmp_path_factory: pytest.TempPathFactory) -> None:
    folder: Path = finished_sample(tmp_path_factory)
    rows = read_frame(folder / "results.duckdb", "robust", SAMPLE_YEAR)
    both = {kind: rows.filter(kind=kind, level="town").sort("unit") for kind in ("weights", "sampling")}
    assert both["weights"]["unit"].to_list() == both["sampling"]["unit"].to_list()
    assert both["weights"]["score_low"].to_list() != both["sampling"]["score_low"].to_list()
    inside = both["sampling"].filter(pl.col("rank").is_between("rank_low", "rank_high"))
    assert inside.height == both["sampling"].height
