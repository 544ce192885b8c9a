"""What luck alone can do: intervals, funnel limits, false discoveries and shrinkage, against published and exact figures."""

from __future__ import annotations

import csv
import json
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp
from scipy import stats
from tijian.engine.chance.discovery import discovery_bh
from tijian.engine.chance.funnel import (
    Kind,
    funnel_limits,
    overdispersion,
    p_two_sided,
    z_scores,
)
from tijian.engine.chance.intervals import interval_mean, interval_poisson, interval_wilson, z_of
from tijian.engine.chance.shrinkage import shrink_cases, shrink_means

WORKED = Path(__file__).resolve().parents[2] / "shared" / "real" / "worked" / "wilson_interval"
COMMUNITIES, REPETITIONS = 300, 1000


# ── intervals ─────────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("hits", "trials", "z", "continuity", "low", "high", "digits"),
    [
        # Newcombe, Statistics in Medicine 17 (1998), table I, methods 3 and 4, z = 1.959964
        (81, 263, z_of(0.95), False, 0.2553, 0.3662, 4),
        (15, 148, z_of(0.95), False, 0.0624, 0.1605, 4),
        (0, 20, z_of(0.95), False, 0.0, 0.1611, 4),
        (1, 29, z_of(0.95), False, 0.0061, 0.1718, 4),
        (81, 263, z_of(0.95), True, 0.2535, 0.3682, 4),
        # Ligaarden (2010) in Fagerland, Lydersen & Laake (2017), chapter 2
        (13, 16, z_of(0.95), False, 0.5699, 0.9341, 4),
        (13, 16, z_of(0.95), True, 0.5369, 0.9503, 4),
        # published with z = 1.96 exactly: the sixth digit tells
        (430, 474, 1.96, False, 0.8776750858, 0.9301239840, 10),
    ],
)
def test_wilson_limits_are_those_published(
    hits: int, trials: int, z: float, continuity: bool, low: float, high: float, digits: int
) -> None:
    found = interval_wilson(np.array([hits]), np.array([trials]), z=z, continuity=continuity)
    assert [round(float(end[0]), digits) for end in found] == [low, high]


@pytest.mark.real
@pytest.mark.skipif(not WORKED.is_dir(), reason=f"the worked example is not beside the checkout: {WORKED}")
def test_every_row_of_the_worked_example_comes_out() -> None:
    with (WORKED / "inputs.csv").open(encoding="utf-8-sig", newline="") as file:
        assert len(list(csv.DictReader(file))) == 9
    for row in json.loads((WORKED / "expected.json").read_text(encoding="utf-8"))["rows"]:
        digits = len(str(row["upper"]).partition(".")[2])
        z = 1.96 if digits > 4 else z_of(0.95)
        ends = interval_wilson(
            np.array([row["x"]]), np.array([row["n"]]), z=z, continuity=row["corr"] == "yes"
        )
        shown = [round(float(end[0]), min(digits, 12)) for end in ends]
        assert shown == [round(row["lower"], min(digits, 12)), round(row["upper"], min(digits, 12))]


@pytest.mark.parametrize("continuity", [False, True])
def test_wilson_agrees_with_scipy_on_every_share_of_up_to_forty(continuity: bool) -> None:
    method = "wilsoncc" if continuity else "wilson"
    for n in range(1, 41):
        ends = interval_wilson(np.arange(n + 1), np.full(n + 1, n), continuity=continuity)
        for x in range(n + 1):
            known = stats.binomtest(x, n).proportion_ci(method=method)
            assert [float(end[x]) for end in ends] == pytest.approx([known.low, known.high], abs=1e-12)


def test_poisson_limits_are_the_exact_ones() -> None:
    # Garwood's limits as every table prints them, e.g. Breslow & Day (1987), table 2.10
    low, high = interval_poisson(np.array([0, 1, 2, 5, 10, 100]), np.ones(6))
    assert np.round(low, 3).tolist() == [0.0, 0.025, 0.242, 1.623, 4.795, 81.364]
    assert np.round(high, 3).tolist() == [3.689, 5.572, 7.225, 11.668, 18.39, 121.627]
    x = np.arange(1, 60.0)
    low, high = interval_poisson(x, np.full(59, 2.0))
    assert low == pytest.approx(stats.chi2.ppf(0.025, 2 * x) / 4)
    assert high == pytest.approx(stats.chi2.ppf(0.975, 2 * x + 2) / 4)


def test_the_interval_of_a_mean_is_students() -> None:
    answers = np.array([50.0, 75.0, 100.0, 25.0, 75.0])
    low, high = interval_mean(answers.mean(), answers.var(ddof=1), np.array(5.0))
    assert (low, high) == pytest.approx(stats.t.interval(0.95, 4, answers.mean(), stats.sem(answers)))
    assert np.isnan(interval_mean(np.array([50.0]), np.array([9.0]), np.array([1.0]))).all()


def test_nothing_to_divide_by_has_no_interval_and_impossible_counts_are_refused() -> None:
    assert np.isnan(interval_wilson(np.array([0.0]), np.array([0.0]))).all()
    assert np.isnan(interval_poisson(np.array([3.0]), np.array([np.nan]))).all()
    with pytest.raises(ValueError, match="分子应在 0 与分母之间"):
        interval_wilson(np.array([5.0]), np.array([4.0]))
    with pytest.raises(ValueError, match="不能为负"):
        interval_poisson(np.array([-1.0]), np.array([4.0]))


@given(st.integers(1, 5000), st.data())
def test_an_interval_holds_its_share_and_narrows_with_more_of_the_same(n: int, data: st.DataObject) -> None:
    x = data.draw(st.integers(0, n))
    low, high = (float(end[0]) for end in interval_wilson(np.array([x]), np.array([n])))
    assert 0 <= low <= x / n <= high <= 1
    low4, high4 = (float(end[0]) for end in interval_wilson(np.array([4 * x]), np.array([4 * n])))
    assert high4 - low4 < high - low


# ── the funnel, and how many are named wrongly ────────────────────────────────────────────────────────────


def one_rate(
    kind: Kind, common: float, smallest: int, largest: int, seed: int
) -> tuple[np.ndarray, np.ndarray]:
    """300 communities that all have the same true share or rate: every difference among them is luck."""
    rng = np.random.default_rng(seed)
    sizes = rng.integers(smallest, largest, COMMUNITIES)
    cases = rng.binomial(sizes, common) if kind == "share" else rng.poisson(common * sizes)
    return cases.astype(float), sizes.astype(float)


@pytest.mark.parametrize(
    ("kind", "common", "smallest", "largest"),
    [("share", 0.05, 40, 400), ("share", 0.9, 20, 300), ("rate", 0.001, 1000, 8000)],
)
def test_of_communities_that_differ_by_luck_alone_hardly_one_is_named(
    kind: Kind, common: float, smallest: int, largest: int
) -> None:
    """Between 3 % and 7 % lie outside the 95 % limits, close to none survive the control; the naive rule names a third."""
    flagged, named, naive = 0, 0, 0
    for seed in range(REPETITIONS):
        cases, sizes = one_rate(kind, common, smallest, largest, seed)
        z = z_scores(cases, sizes, cases.sum() / sizes.sum(), kind)
        flagged += int((np.abs(z) > z_of(0.95)).sum())
        named += int((discovery_bh(p_two_sided(z)) <= 0.05).sum())
        values = cases / sizes  # the rule without chance: a robust standard deviation off the peers' median
        q1, median, q3 = np.quantile(values, [0.25, 0.5, 0.75])
        naive += int((np.abs(values - median) > (q3 - q1) / 1.349).sum())
    tried = REPETITIONS * COMMUNITIES
    assert 0.03 < flagged / tried < 0.07
    assert named / tried < 0.001
    assert naive / tried > 0.25


def test_a_community_that_is_truly_different_is_still_named() -> None:
    cases, sizes = one_rate("rate", 0.002, 2000, 8000, 1)
    sizes[0], cases[0] = 5000, 35  # 3.5 times the common rate
    z = z_scores(cases, sizes, cases.sum() / sizes.sum(), "rate")
    assert np.flatnonzero(discovery_bh(p_two_sided(z)) <= 0.05).tolist() == [0]


@pytest.mark.parametrize(("kind", "common"), [("share", 0.2), ("share", 0.97), ("rate", 0.004)])
def test_outside_the_limits_drawn_is_exactly_beyond_the_z_score(kind: Kind, common: float) -> None:
    sizes = np.array([200.0, 1000.0, 5000.0])
    low, high = funnel_limits(common, sizes, kind, z=1.959964, between=0.0004)
    assert z_scores(high * sizes, sizes, common, kind, between=0.0004)[high < 1] == pytest.approx(1.959964)
    assert z_scores(low * sizes, sizes, common, kind, between=0.0004)[low > 0] == pytest.approx(-1.959964)
    assert (np.diff(high) < 0).all()
    assert (np.diff(low) >= 0).all()


def test_units_that_differ_beyond_chance_are_seen_to() -> None:
    rng = np.random.default_rng(3)
    sizes = rng.integers(500, 2000, COMMUNITIES).astype(float)
    true = np.clip(rng.normal(0.3, 0.06, COMMUNITIES), 0.02, 0.98)
    cases = rng.binomial(sizes.astype(int), true).astype(float)
    found = overdispersion(cases, sizes, cases.sum() / sizes.sum(), "share")
    assert found.phi > 5
    # the spread of arcsin √p is that of p over 2√(p(1 − p)); drawing in the ends leaves about two thirds of it
    assert np.sqrt(found.between) == pytest.approx(0.06 / (2 * np.sqrt(0.3 * 0.7)), rel=0.3)
    wide = z_scores(cases, sizes, cases.sum() / sizes.sum(), "share", between=found.between)
    assert (np.abs(wide) > z_of(0.95)).mean() < 0.15


def test_chance_alone_is_not_taken_for_overdispersion() -> None:
    cases, sizes = one_rate("share", 0.1, 100, 900, 7)
    found = overdispersion(cases, sizes, 0.1, "share")
    assert found.between == 0.0
    assert found.phi < 1


# ── false discoveries ─────────────────────────────────────────────────────────────────────────────────────


def test_adjusted_p_values_are_those_of_benjamini_and_hochberg() -> None:
    # the fifteen p values of Benjamini & Hochberg (1995), section 3.3: four are rejected at 0.05
    p = np.array([0.0001, 0.0004, 0.0019, 0.0095, 0.0201, 0.0278, 0.0298, 0.0344, 0.0459, 0.3240, 0.4262, 0.5719,
                  0.6528, 0.7590, 1.0])  # fmt: skip
    q = discovery_bh(p)
    assert int((q <= 0.05).sum()) == 4
    assert q == pytest.approx(stats.false_discovery_control(p))


@given(hnp.arrays(np.float64, st.integers(1, 60), elements=st.floats(0, 1)), st.data())
def test_gaps_are_no_tests_and_order_does_not_matter(p: np.ndarray, data: st.DataObject) -> None:
    q = discovery_bh(p)
    assert q == pytest.approx(stats.false_discovery_control(p))
    order = data.draw(st.permutations(range(len(p))))
    assert discovery_bh(p[order]) == pytest.approx(q[order])
    assert discovery_bh(np.append(p, np.nan))[:-1] == pytest.approx(q)


# ── shrinkage ─────────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("kind", ["share", "rate"])
def test_the_smaller_the_unit_the_nearer_to_the_common_value(kind: Kind) -> None:
    sizes = np.array([10.0, 100.0, 1000.0, 10000.0, 10000.0, 10000.0])
    cases = np.array([8.0, 80.0, 800.0, 2000.0, 3000.0, 4000.0])
    common = cases.sum() / sizes.sum()
    kept = (shrink_cases(cases, sizes, kind)[:3] - common) / (0.8 - common)
    assert (np.diff(kept) > 0).all()
    assert ((kept > 0) & (kept < 1)).all()


def test_units_that_differ_by_luck_alone_all_get_the_common_value() -> None:
    sizes, cases = np.full(4, 100.0), np.array([10.0, 11.0, 9.0, 10.0])
    assert shrink_cases(cases, sizes, "share") == pytest.approx(np.full(4, 0.1))


def test_shrunken_shares_miss_the_truth_by_less_than_the_raw_ones() -> None:
    rng = np.random.default_rng(11)
    true = np.clip(rng.normal(0.2, 0.03, COMMUNITIES), 0.01, 0.99)
    sizes = rng.integers(20, 200, COMMUNITIES).astype(float)
    cases = rng.binomial(sizes.astype(int), true).astype(float)
    raw, drawn = cases / sizes, shrink_cases(cases, sizes, "share")
    assert ((drawn - true) ** 2).mean() < 0.6 * ((raw - true) ** 2).mean()


def test_means_are_drawn_in_by_their_own_errors() -> None:
    means = np.array([60.0, 70.0, 80.0, 90.0])
    drawn = shrink_means(means, np.array([1.0, 1.0, 1.0, 20.0]))
    assert abs(drawn[0] - 60) < 0.2
    assert 70 < drawn[3] < 80
    assert np.isnan(shrink_means(np.array([np.nan, 1, 2, 3]), np.ones(4))[0])


def test_one_unit_that_is_all_but_certain_leaves_every_mean_as_it_is() -> None:
    means = np.array([50.0, 60.0, 70.0, 80.0])
    np.testing.assert_array_equal(shrink_means(means, np.array([1e-9, 5.0, 5.0, 5.0])), means)


@given(
    hnp.arrays(np.float64, st.integers(1, 20), elements=st.floats(0, 100)),
    st.lists(st.floats(1e-6, 50) | st.just(float("nan")) | st.just(0.0), min_size=20, max_size=20),
)
def test_a_shrunken_mean_lies_among_the_means_whatever_their_errors(
    means: np.ndarray, given_errors: list[float]
) -> None:
    errors = np.array(given_errors[: len(means)])
    drawn = shrink_means(means, errors)
    there = ~np.isnan(errors)
    assert (np.isnan(drawn) == ~there).all()
    if there.any():
        assert drawn[there].min() >= means[there].min() - 1e-9
        assert drawn[there].max() <= means[there].max() + 1e-9
