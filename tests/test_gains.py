"""What an indicator would gain at its target, and the fewest that lift a unit one grade: against scoring it all again."""

from __future__ import annotations

import random
from dataclasses import replace
from itertools import combinations, pairwise
from pathlib import Path

import numpy as np
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tijian.engine.analysis.gains import fewest, gains_under
from tijian.engine.analysis.rerun import recorded
from tijian.engine.analysis.whatif import Tree, trees
from tijian.engine.results import SCHEMAS, conform, empty
from tijian.engine.scoring.branches import Branches
from tijian.engine.scoring.everything import Basis, nothing_before, score_all
from tijian.engine.settings.scheme import Scoring
from tijian.indicators.model import Indicator

from .cli_project import YEAR as SAMPLE_YEAR
from .cli_project import finished_sample
from .small_year import DISTRICT, TOWNS, Count, Reported, Rule, indicator, standard, units

YEAR = 2026
REPORTED = Reported(method="reported", of="form", item="值")
COUNT = Count(method="count", of="form", key="id", name="id", rule=(Rule(id="r", when="x", says="有问题"),))
LEVELS = ("district", "town")
NAMES = ("安全韧性", "交通便捷")
INDICATORS = (
    indicator("AQ-01", REPORTED, levels=LEVELS, standard=(standard(target=90, floor=60),)),
    indicator("AQ-02", COUNT, levels=LEVELS, unit="栋", direction="lower", kind="baseline", standard=(standard(target=0, floor=0),)),
    indicator("AQ-03", REPORTED, levels=LEVELS, unit="km", direction="within", standard=(standard(low=5, high=8),)),
    indicator("JT-01", REPORTED, levels=LEVELS, dimension="交通便捷", unit="分钟", direction="lower",
              standard=(standard(target=10, floor=20, best=5, worst=40),)),
    indicator("JT-02", REPORTED, levels=LEVELS, dimension="交通便捷", standard=(standard(floor=60),), kind="baseline"),
    indicator("JT-03", REPORTED, levels=LEVELS, dimension="交通便捷", unit="个"),
)  # fmt: skip
VALUES = {  # of the district, then of the four towns
    "AQ-01": (70, 55, 75, 92, 80), "AQ-02": (8, 4, 0, 3, 1), "AQ-03": (6, 3, 6, 11, 7),
    "JT-01": (18, 30, 12, 9, 22), "JT-02": (75, 50, 80, 100, 61), "JT-03": (4, 1, 3, 5, 7),
}  # fmt: skip
SCHEMES = (
    Scoring(),
    Scoring(aggregate_indicators="geometric", aggregate_dimensions="harmonic"),
    Scoring(aggregate_indicators="generalised", power=0.3, aggregate_dimensions="geometric"),
    Scoring(aggregate_indicators="median"),
    Scoring(weights="given", dimension_weights={"交通便捷": 3.0}, perceived_share=0.4, missing="refuse"),
)


def measured(**other: tuple[float | None, ...]) -> pl.DataFrame:
    """Measurements of the district and its towns; a count compares as its share of 20 things."""
    rows = [
        {"year": YEAR, "unit": unit, "level": "town" if unit in TOWNS else "district", "indicator": code,
         "value": None if value is None else float(value), "basis": 1.0,
         "compared": None if value is None else value * (5.0 if code == "AQ-02" else 1.0)}
        for code, values in (VALUES | other).items() for unit, value in zip((DISTRICT, *TOWNS), values, strict=True)
    ]  # fmt: skip
    return conform("measurements", pl.DataFrame(rows, infer_schema_length=None))


def basis_of(measurements: pl.DataFrame, indicators: tuple[Indicator, ...] = INDICATORS) -> Basis:
    before = nothing_before()
    earlier = pl.DataFrame(
        schema={"year": pl.Int64, "unit": pl.String, "indicator": pl.String, "value": pl.Float64}
    )
    kept = units().filter(pl.col("level").is_in(LEVELS))
    return Basis(measurements, kept, empty("survey"), indicators, NAMES, YEAR, before, earlier)


def total_of(basis: Basis, scheme: Scoring, unit: str) -> float:
    return float(score_all(basis, scheme)["totals"].filter(pl.col("unit") == unit)["score"][0])


def with_value(basis: Basis, unit: str, code: str, value: float) -> Basis:
    """The same with one value edited, and what is compared by as much."""
    here = (pl.col("unit") == unit) & (pl.col("indicator") == code)
    ratio = pl.col("compared") / pl.col("value")
    moved = pl.when(pl.col("value") != 0).then(value * ratio).otherwise(pl.lit(value))
    edited = basis.measurements.with_columns(
        compared=pl.when(here).then(moved).otherwise("compared"), value=pl.when(here).then(value).otherwise("value")
    )  # fmt: skip
    return replace(basis, measurements=edited)


def of_its_own() -> pl.Expr:
    """All but the district's count, whose score is its towns' mean and does not move with a value of the district's."""
    return (pl.col("unit") != DISTRICT) | (pl.col("indicator") != "AQ-02")


@pytest.mark.parametrize(
    "scheme", SCHEMES, ids=lambda s: f"{s.aggregate_indicators}-{s.aggregate_dimensions}-{s.missing}"
)
def test_a_gain_is_the_difference_of_two_whole_scorings(scheme: Scoring) -> None:
    basis = basis_of(measured())
    gains = gains_under(scheme, basis, score_all(basis, scheme))["gains"]
    assert gains.height == 15
    for row in gains.filter(of_its_own()).iter_rows(named=True):
        then = total_of(with_value(basis, row["unit"], row["indicator"], row["target"]), scheme, row["unit"])
        assert row["gain"] == pytest.approx(then - total_of(basis, scheme, row["unit"]), abs=1e-9), row


def test_the_districts_count_that_only_towns_can_scale_gains_what_all_of_them_at_zero_would_give() -> None:
    basis = basis_of(measured())
    frames = score_all(basis, Scoring())
    count = gains_under(Scoring(), basis, frames)["gains"].filter(~of_its_own()).row(0, named=True)
    assert count["score_then"] == 100
    clean = {
        "AQ-02": (0, 0, 0, 0, 0)
    }  # min-max cannot order what is all the same, but a floor of zero is met
    then = total_of(basis_of(measured(**clean)), Scoring(), DISTRICT)
    assert then - total_of(basis, Scoring(), DISTRICT) == pytest.approx(count["gain"])


def test_only_what_is_short_of_a_goal_is_told_and_the_greatest_gain_stands_first() -> None:
    basis = basis_of(measured())
    gains = gains_under(Scoring(), basis, score_all(basis, Scoring()))["gains"]
    first = gains.filter(pl.col("unit") == TOWNS[0])
    assert set(first["indicator"]) == {"AQ-01", "AQ-02", "AQ-03", "JT-01", "JT-02"}  # JT-03 has no standard
    assert first["order"].to_list() == [1, 2, 3, 4, 5]
    assert first["gain"].is_sorted(descending=True)
    assert dict(first.select("indicator", "target").iter_rows()) == {
        "AQ-01": 90, "AQ-02": 0, "AQ-03": 5, "JT-01": 10, "JT-02": 60,
    }  # fmt: skip
    third = gains.filter(pl.col("unit") == TOWNS[2])
    assert dict(third.select("indicator", "target").iter_rows()) == {"AQ-02": 0, "AQ-03": 8}


def test_a_gap_stays_missing_and_its_weight_stays_with_the_others() -> None:
    basis = basis_of(measured(**{"AQ-03": (6, None, 6, 11, 7)}))
    scheme = Scoring(minimum_present=0.5)
    gains = gains_under(scheme, basis, score_all(basis, scheme))["gains"].filter(pl.col("unit") == TOWNS[0])
    assert "AQ-03" not in gains["indicator"]
    gain = gains.filter(pl.col("indicator") == "AQ-01")["gain"][0]
    # from 55 to the target: 90 points less 55 (the straight line from 0 at 0 to 60 at 60), half of half of the total
    assert gain == pytest.approx((90 - 55) / 2 / 2)


def test_a_unit_without_a_total_has_neither_gains_nor_a_lift() -> None:
    none = {code: (values[0], None, *values[2:]) for code, values in VALUES.items()}
    basis = basis_of(measured(**none))
    found = gains_under(Scoring(), basis, score_all(basis, Scoring()))
    assert TOWNS[0] not in found["gains"]["unit"]
    assert TOWNS[0] not in found["lifts"]["unit"]


@pytest.mark.parametrize("scale", ["minmax", "zscore", "percentile", "rank", "distance_to_reference"])
def test_among_peers_their_ends_stay_where_they_are(scale: str) -> None:
    scheme = Scoring(scale=scale)
    basis = basis_of(measured())
    frames = score_all(basis, scheme)
    gains = gains_under(scheme, basis, frames)["gains"]
    assert (gains["gain"] >= 0).all()
    assert (gains["score_then"] <= 100).all()
    now = {(r["unit"], r["indicator"]): r["score"] for r in frames["scores"].iter_rows(named=True)}
    for row in gains.filter(pl.col("level") == "town").iter_rows(named=True):
        reached = [
            now[town, row["indicator"]] for town, value in zip(TOWNS, VALUES[row["indicator"]][1:], strict=True)
            if value == row["target"]
        ]  # fmt: skip
        if reached:  # somebody is where this unit would be: it would score what they score
            assert row["score_then"] == pytest.approx(reached[0])


def test_the_distance_to_a_target_is_the_whole_of_it_when_it_is_reached() -> None:
    scheme = Scoring(scale="distance_to_target")
    basis = basis_of(measured())
    gains = gains_under(scheme, basis, score_all(basis, scheme))["gains"]
    assert set(gains.filter(pl.col("indicator").is_in(["AQ-01", "JT-01"]))["score_then"]) == {100.0}


# ---- the sample ------------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def sample(tmp_path_factory: pytest.TempPathFactory) -> tuple[Basis, Scoring]:
    basis, scheme = recorded(Path(finished_sample(tmp_path_factory)) / "results.duckdb", SAMPLE_YEAR)
    return basis, scheme.model_copy(update={"draws": 100})  # rank intervals are not looked at here


def test_gains_of_the_sample_are_those_of_scoring_it_again(sample: tuple[Basis, Scoring]) -> None:
    basis, scheme = sample
    frames = score_all(basis, scheme)
    before = dict(frames["totals"].select("unit", "score").iter_rows())
    gains = gains_under(scheme, basis, frames)["gains"]
    by_standard = frames["scores"].filter(pl.col("method").is_in(["anchors", "goalposts", "band"]))
    pairs = (
        gains.join(by_standard.select("unit", "indicator"), on=["unit", "indicator"])
        .sort("unit", "order")
        .to_dicts()
    )
    for row in random.Random(7).sample(pairs, 6):
        then = total_of(with_value(basis, row["unit"], row["indicator"], row["target"]), scheme, row["unit"])
        assert row["gain"] == pytest.approx(then - before[row["unit"]], abs=1e-9), row


def test_the_tree_of_the_sample_gives_its_totals(sample: tuple[Basis, Scoring]) -> None:
    basis, scheme = sample
    frames = score_all(basis, scheme)
    totals = dict(frames["totals"].select("unit", "score").iter_rows())
    for tree in trees(frames, scheme).values():
        told = [None if np.isnan(t) else t for t in tree.now]
        assert told == pytest.approx([totals[u] for u in tree.branches.units])


# ---- the fewest for a grade ------------------------------------------------------------------------------------


@st.composite
def small_trees(draw: st.DrawFn) -> tuple[Tree, np.ndarray]:
    """One unit with up to seven indicators in up to three dimensions, under any mean, and what each could score."""
    k, d = draw(st.integers(1, 7)), draw(st.integers(1, 3))
    cuts = draw(st.sets(st.integers(1, k - 1), max_size=d - 1)) if k > 1 else set()
    ends = [0, *sorted(cuts), k]
    d = len(ends) - 1
    points, weights = st.integers(0, 100), st.integers(1, 5)
    means = st.sampled_from(["arithmetic", "geometric", "harmonic", "generalised", "median"])
    scores = np.array([draw(st.lists(points | st.none(), min_size=k, max_size=k))], dtype=np.float64)
    raised = np.array(
        [draw(st.integers(int(s), 100)) if not np.isnan(s) else np.nan for s in scores[0]], dtype=np.float64
    )
    raised[~(raised > scores[0])] = np.nan
    scheme = Scoring(
        aggregate_indicators=draw(means), aggregate_dimensions=draw(means), minimum_present=draw(st.sampled_from([0.1, 0.6])),
        perceived_share=0.2, zero_floor=draw(st.sampled_from([0.0, 1.0])), power=draw(st.sampled_from([-0.5, 0.3, 2.0])),
    )  # fmt: skip
    tree = Branches(
        level="town", units=("1",), codes=tuple(f"c{i}" for i in range(k)), dimensions=tuple(f"d{i}" for i in range(d)),
        columns=tuple(slice(a, b) for a, b in pairwise(ends)), scores=scores,
        weights=np.array(draw(st.lists(weights, min_size=k, max_size=k)), dtype=np.float64),
        dimension_weights=np.array(draw(st.lists(weights, min_size=d, max_size=d)), dtype=np.float64),
        perceived=np.array([draw(st.lists(points | st.none(), min_size=d, max_size=d))], dtype=np.float64),
        held=np.ones((1, d), dtype=bool), scored=np.ones(1, dtype=bool),
    )  # fmt: skip
    return Tree(tree, scheme), raised


def reached_by(tree: Tree, raised: np.ndarray, chosen: tuple[int, ...]) -> float:
    scores = tree.branches.scores.copy()
    scores[0, list(chosen)] = raised[list(chosen)]
    return float(tree.totals(scores, np.array([0]))[0])


@settings(max_examples=200, deadline=None)
@given(small_trees(), st.floats(0.01, 100))
def test_no_smaller_set_reaches_the_grade(case: tuple[Tree, np.ndarray], above: float) -> None:
    tree, raised = case
    if np.isnan(tree.now[0]):
        return
    cut = float(tree.now[0]) + above
    chosen, then, exact = fewest(tree, 0, raised, cut)
    usable = tuple(np.flatnonzero(~np.isnan(raised)))
    assert set(chosen) <= set(usable)
    assert then == pytest.approx(reached_by(tree, raised, tuple(chosen)))
    if reached_by(tree, raised, usable) < cut - 1e-9:
        assert then < cut
        assert set(chosen) == set(usable)
        return
    assert then >= cut - 1e-9
    smaller = [c for c in combinations(usable, len(chosen) - 1) if reached_by(tree, raised, c) >= cut + 1e-7]
    if exact:
        assert smaller == []
    else:  # taken one by one: still, none of them can be spared
        assert all(reached_by(tree, raised, tuple(c for c in chosen if c != one)) < cut for one in chosen)


@settings(max_examples=100, deadline=None)
@given(small_trees())
def test_where_gains_add_the_largest_are_the_fewest(case: tuple[Tree, np.ndarray]) -> None:
    """Σ of the k largest gains ≥ Σ of any other k, so that taking the largest one after the other needs the fewest."""
    tree, raised = case
    tree = replace(tree, scheme=Scoring(minimum_present=tree.scheme.minimum_present))
    if np.isnan(tree.now[0]):
        return
    usable = np.flatnonzero(~np.isnan(raised))
    gains = {int(c): reached_by(tree, raised, (int(c),)) - float(tree.now[0]) for c in usable}
    ordered = sorted(gains, key=lambda c: -gains[c])
    for k in range(1, len(ordered) + 1):
        together = reached_by(tree, raised, tuple(ordered[:k])) - float(tree.now[0])
        assert together == pytest.approx(sum(gains[c] for c in ordered[:k]), abs=1e-9)
        if gains[ordered[k - 1]] > 1e-9:
            chosen, then, exact = fewest(tree, 0, raised, float(tree.now[0]) + together - 1e-6)
            assert exact
            assert len(chosen) <= k
            assert then == pytest.approx(max(then, float(tree.now[0]) + together - 1e-6))


def test_a_lift_names_the_next_grade_and_says_when_no_target_gets_there() -> None:
    basis = basis_of(measured())
    frames = score_all(basis, Scoring())
    lifts = {r["unit"]: r for r in gains_under(Scoring(), basis, frames)["lifts"].iter_rows(named=True)}
    totals = {r["unit"]: r for r in frames["totals"].iter_rows(named=True)}
    low = dict(Scoring().grades)
    order = [name for name, _ in Scoring().grades]
    assert lifts
    for unit, row in lifts.items():
        assert row["grade"] == totals[unit]["grade"]
        assert order.index(row["grade_then"]) == order.index(row["grade"]) - 1
        assert row["reached"] == (row["score_then"] >= low[row["grade_then"]] - 1e-9)
    high = Scoring(grades=(("优", 99.9), ("良", 99.8), ("差", float("-inf"))))
    out_of_reach = gains_under(high, basis, score_all(basis, high))["lifts"]
    assert not out_of_reach["reached"].all()


def test_frames_have_the_columns_of_the_results() -> None:
    basis = basis_of(measured())
    found = gains_under(Scoring(), basis, score_all(basis, Scoring()))
    assert {name: dict(frame.schema) for name, frame in found.items()} == {
        n: dict(SCHEMAS[n]) for n in ("gains", "lifts")
    }
