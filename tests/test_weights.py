"""Weights read from the values: published cases, what a gap does, and what must not matter."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st
from tijian.engine.scoring.weighting import WEIGHTS
from tijian.engine.scoring.weights import (
    correlations,
    weights_blend,
    weights_critic,
    weights_entropy,
    weights_equal,
    weights_given,
    weights_merec,
    weights_stdev,
)
from tijian.engine.scoring.weights_pca import kept_components, principal_components, varimax, weights_pca

NAN = float("nan")

# Diakoulaki, Mavrotas & Papayannakis (1995), Computers & Operations Research 22(7): 8 firms, 3 criteria
FIRMS = np.array(
    [
        [61, 1.08, 4.33],
        [20.7, 0.26, 4.34],
        [16.3, 1.98, 2.53],
        [9.0, 3.29, 1.65],
        [5.4, 2.77, 2.33],
        [4.0, 4.12, 1.21],
        [-6.1, 3.52, 2.1],
        [-34.6, 3.31, 0.98],
    ]
)
# Elsayed, Shaik Dawood & Karthikeyan (2017), Int. J. Eng. Trends Technol. 46(2)
ALTERNATIVES = np.array(
    [
        [7, 312, 1891, 6613, 163],
        [72, 88, 728, 941804, 1078],
        [10, 252, 2594, 3466, 117471],
        [10, 145, 980, 2371, 86329],
        [65, 54, 350, 501, 29897],
        [29, 48, 380, 912, 34051],
        [7, 476, 3300, 78470, 2212],
        [70, 87, 650, 733, 819000],
        [4, 86, 591, 3015, 103],
        [12, 79, 579, 3240, 96098],
        [21, 45, 261, 1253, 453],
        [1, 72, 530, 4333, 0.1048],
    ]
)
# Keshavarz-Ghorabaee et al. (2021), Symmetry 13(4), 525
MEREC = np.array(
    [[450, 8000, 54, 145], [10, 9100, 2, 160], [100, 8200, 31, 153], [220, 9300, 1, 162], [5, 8400, 23, 158]]
)

DATA_WEIGHTS = {
    "entropy": weights_entropy,
    "critic": weights_critic,
    "stdev": weights_stdev,
    "pca": weights_pca,
    "pca first": lambda x: weights_pca(x, rule="first"),
}
matrices = st.integers(2, 5).flatmap(
    lambda k: (
        st.lists(st.lists(st.integers(1, 100), min_size=k, max_size=k), min_size=4, max_size=9)
        .map(lambda rows: np.array(rows, dtype=np.float64))
        .filter(lambda x: (np.ptp(x, axis=0) > 0).all())
    )
)


def all_say_the_same(x: np.ndarray) -> bool:
    return bool((correlations(x) > 1 - 1e-9).all())


@pytest.mark.parametrize(
    ("correlation", "scaled", "expected"),
    [
        ("pearson", True, [0.20222554, 0.48090173, 0.31687273]),
        ("pearson", False, [0.86874234, 0.08341434, 0.04784331]),
        ("spearman", True, [0.21454645, 0.4898563, 0.29559726]),
        ("spearman", False, [0.87672195, 0.08082369, 0.04245436]),
    ],
)
def test_critic_gives_the_published_weights_in_all_four_variants(
    correlation: str, scaled: bool, expected: list[float]
) -> None:
    weights = weights_critic(FIRMS, correlation=correlation, scaled=scaled)
    np.testing.assert_allclose(weights, expected, rtol=0, atol=5e-9)


def test_critic_oriented_first_turns_agreement_into_conflict() -> None:
    up = np.array([1.0, 2.0, 3.0, 4.0])
    same = np.column_stack([up, up, up[[1, 3, 0, 2]]])
    as_it_stands = weights_critic(same)
    oriented = weights_critic(same, directions=["higher", "lower", "higher"])
    assert as_it_stands[0] == pytest.approx(as_it_stands[1])
    assert as_it_stands[2] > as_it_stands[0]  # the two that agree share what they say
    assert oriented[0] > oriented[2]  # now they disagree most


def test_critic_cannot_weigh_indicators_that_all_say_the_same() -> None:
    up = np.array([1.0, 2.0, 3.0, 5.0])
    with pytest.raises(ValueError, match="各指标完全相关"):
        weights_critic(np.column_stack([up, 2 * up, up - 7]))


def test_entropy_on_raw_shares_gives_the_published_weights() -> None:
    weights = weights_entropy(ALTERNATIVES, basis="raw")
    np.testing.assert_allclose(weights, [0.104991, 0.069124, 0.071373, 0.449937, 0.304575], rtol=0, atol=5e-7)


def plain_entropy(columns: list[list[float]]) -> list[float]:
    """The slow second version: min-max, shares, entropy, by hand; 0·ln 0 is 0."""
    amounts = []
    for column in columns:
        low, high = min(column), max(column)
        scaled = [(x - low) / (high - low) for x in column]
        p = [x / sum(scaled) for x in scaled]
        amounts.append(1 + sum(x * math.log(x) for x in p if x > 0) / math.log(len(p)))
    return [amount / sum(amounts) for amount in amounts]


@given(matrices)
def test_entropy_after_minmax_agrees_with_a_plain_second_version(x: np.ndarray) -> None:
    np.testing.assert_allclose(weights_entropy(x), plain_entropy(x.T.tolist()), rtol=1e-9, atol=1e-12)


def test_entropy_variants_differ_and_say_so() -> None:
    x = np.array([[1.0, 9.0], [2.0, 9.5], [9.0, 11.0]])
    raw, scaled = weights_entropy(x, basis="raw"), weights_entropy(x)
    shifted = weights_entropy(x, shift=0.01)
    assert raw[0] > 0.9 > scaled[0]
    assert not np.allclose(scaled, shifted, atol=1e-6)
    with pytest.raises(ValueError, match="数值不能为负"):
        weights_entropy(FIRMS, basis="raw")
    with pytest.raises(ValueError, match="没有名为“z”的熵权法口径；可用的有：minmax、raw"):
        weights_entropy(x, basis="z")


def test_entropy_looks_at_the_better_end_when_directions_are_given() -> None:
    x = np.array([[0.0, 1.0], [9.0, 2.0], [10.0, 5.0]])
    reversed_by_hand = np.column_stack([-x[:, 0], x[:, 1]])
    np.testing.assert_allclose(
        weights_entropy(x, directions=["lower", "higher"]), weights_entropy(reversed_by_hand)
    )
    assert not np.allclose(weights_entropy(x, directions=["lower", "higher"]), weights_entropy(x))


def test_merec_gives_the_published_weights() -> None:
    weights = weights_merec(MEREC, directions=["higher", "higher", "lower", "lower"])
    assert np.round(weights, 4).tolist() == [0.5752, 0.0141, 0.4016, 0.0091]
    with pytest.raises(ValueError, match="大于零"):
        weights_merec(FIRMS)


def test_standard_deviation_weights_of_a_published_normalised_matrix() -> None:
    # Jahan & Edwards (2013), Materials & Design 49
    x = np.array(
        [
            [0, 0, 0],
            [0.39, 0.3, 0.77],
            [0.17, 0.36, 0.8],
            [0.35, 0.29, 0.93],
            [0.3, 0.4, 0.94],
            [0.84, 0.71, 1],
            [1, 1, 0.99],
        ]
    )
    for ddof in (0, 1):
        assert np.round(weights_stdev(x, ddof=ddof), 2).tolist() == [0.35, 0.31, 0.34]


def test_pca_first_rule_takes_the_squared_loadings_of_the_first_component() -> None:
    # two indicators that agree and one that does not: of three standardised ones, the pair makes the component
    up = np.array([1.0, 2, 3, 4, 5])
    x = np.column_stack([up, 2 * up, [2.0, -1, -2, -1, 2]])
    np.testing.assert_allclose(weights_pca(x, rule="first"), [0.5, 0.5, 0.0], atol=1e-12)


def test_pca_nicoletti_rule_lets_twins_share_one_component() -> None:
    up, wave = np.array([1.0, 2, 3, 4, 5]), np.array([2.0, -1, -2, -1, 2])
    x = np.column_stack([up, 2 * up, wave])  # eigenvalues 2, 1, 0: the first explains 67 %
    components = principal_components(x)
    np.testing.assert_allclose(components.eigenvalues, [2, 1, 0], atol=1e-12)
    assert kept_components(components) == 1
    np.testing.assert_allclose(weights_pca(x), [0.5, 0.5, 0.0], atol=1e-12)
    four = np.column_stack([x, -wave])  # eigenvalues 2, 2, 0, 0: both are kept, each shared by two
    np.testing.assert_allclose(weights_pca(four), [0.25] * 4, atol=1e-9)


def test_varimax_finds_the_simple_structure_that_was_turned_away() -> None:
    simple = np.array([[0.9, 0], [0.8, 0], [0, 0.7], [0, 0.6]])
    angle = 0.5
    turn = np.array([[math.cos(angle), -math.sin(angle)], [math.sin(angle), math.cos(angle)]])
    found = np.abs(varimax(simple @ turn))
    found = found[:, np.argsort(-found[0])]
    np.testing.assert_allclose(found, simple, atol=1e-6)


def test_varimax_leaves_the_worst_position_too() -> None:
    quarter = np.array([[1.0, 1.0], [1.0, -1.0]]) / math.sqrt(
        2
    )  # every loading alike: the criterion is at its least
    np.testing.assert_allclose(np.sort(np.abs(varimax(quarter)).ravel()), [0, 0, 1, 1], atol=1e-9)


def test_pca_refuses_what_it_cannot_work_on() -> None:
    with pytest.raises(ValueError, match="各指标齐全的单元只有 2 个，至少要 3 个"):
        weights_pca(np.array([[1.0, 2], [2, 1], [NAN, 3]]))
    with pytest.raises(ValueError, match="不足两个"):
        weights_pca(np.array([[1.0, 2], [1, 1], [1, 3]]))
    with pytest.raises(ValueError, match="可用的有：nicoletti、first"):
        weights_pca(FIRMS, rule="kaiser")


@pytest.mark.parametrize("name", sorted(DATA_WEIGHTS))
@given(x=matrices, seed=st.integers(0, 99))
def test_weights_sum_to_one_and_the_order_of_the_units_changes_nothing(
    name: str, x: np.ndarray, seed: int
) -> None:
    assume(name != "critic" or not all_say_the_same(x))
    weights = DATA_WEIGHTS[name](x)
    assert weights.sum() == pytest.approx(1)
    assert (weights >= 0).all()
    if name.startswith("pca"):
        eigenvalues = principal_components(x).eigenvalues
        if (np.abs(np.diff(eigenvalues)) < 1e-6).any():
            return  # components of equal variance are not determined, and so is what is read from them
    order = np.random.default_rng(seed).permutation(len(x))
    np.testing.assert_allclose(DATA_WEIGHTS[name](x[order]), weights, atol=1e-6)


@pytest.mark.parametrize("name", ["entropy", "critic", "pca first"])
@given(x=matrices, factors=st.lists(st.sampled_from([0.5, 2.0, 64.0]), min_size=5, max_size=5))
def test_the_unit_of_measure_does_not_matter(name: str, x: np.ndarray, factors: list[float]) -> None:
    assume(name != "critic" or not all_say_the_same(x))
    scaled = x * np.array(factors[: x.shape[1]])
    np.testing.assert_allclose(DATA_WEIGHTS[name](scaled), DATA_WEIGHTS[name](x), atol=1e-7)


@pytest.mark.parametrize("name", sorted(DATA_WEIGHTS))
def test_an_indicator_in_which_all_are_alike_has_no_weight(name: str) -> None:
    x = np.column_stack([FIRMS + 40, np.full(len(FIRMS), 0.3)])
    x[2, 3] = 0.1 + 0.2  # a difference of rounding
    weights = DATA_WEIGHTS[name](x)
    assert weights[3] == 0
    assert weights.sum() == pytest.approx(1)


@pytest.mark.parametrize("name", sorted(DATA_WEIGHTS))
def test_where_nothing_tells_the_units_apart_there_are_no_weights(name: str) -> None:
    with pytest.raises(ValueError, match=r"没有差异|不足两个"):
        DATA_WEIGHTS[name](np.full((5, 3), 7.0))


@pytest.mark.parametrize("name", ["entropy", "critic", "stdev"])
def test_a_gap_is_left_out_of_its_own_column_and_is_not_a_zero(name: str) -> None:
    gap, zero = FIRMS.copy() + 40, FIRMS.copy() + 40
    gap[0, 1], zero[0, 1] = NAN, 0.0
    weights = DATA_WEIGHTS[name](gap)
    assert np.isfinite(weights).all()
    assert not np.allclose(weights, DATA_WEIGHTS[name](zero), atol=1e-3)


def test_correlations_use_the_units_that_have_both() -> None:
    x = np.array([[1.0, 2.0, 5.0], [2.0, NAN, 5.0], [3.0, 6.0, 5.0], [4.0, 9.0, 5.0]])
    r = correlations(x)
    assert r[0, 1] == pytest.approx(np.corrcoef([1, 3, 4], [2, 6, 9])[0, 1])
    assert r[0, 2] == 0
    assert correlations(x, ranked=True)[1, 0] == pytest.approx(1)


def test_equal_given_and_blended_weights() -> None:
    assert weights_equal(4).tolist() == [0.25] * 4
    assert weights_given([3, 1]).tolist() == [0.75, 0.25]
    blend = weights_blend(np.array([3.0, 1.0]), np.array([0.25, 0.75]), alpha=0.4)
    np.testing.assert_allclose(blend, [0.45, 0.55])
    with pytest.raises(ValueError, match="α 应在 0 与 1 之间"):
        weights_blend(np.ones(2), np.ones(2), alpha=1.5)
    with pytest.raises(ValueError, match="需要 2 个权重"):
        weights_blend(np.ones(2), np.ones(3), alpha=0.5)
    with pytest.raises(ValueError, match="不能为负"):
        weights_given([1, -1])


def test_directions_must_fit_the_indicators() -> None:
    with pytest.raises(ValueError, match="有 3 个指标，却给出了 1 个方向"):
        weights_entropy(FIRMS, directions=["higher"])
    with pytest.raises(ValueError, match="可用的有：pearson、spearman"):
        weights_critic(FIRMS, correlation="kendall")


def test_every_way_to_weigh_is_found_by_name() -> None:
    assert set(WEIGHTS) >= {"equal", "given", "ahp", "entropy", "critic", "pca", "stdev", "merec", "blend"}
    with pytest.raises(ValueError, match="没有名为“pcr”的赋权方法；可用的有：equal、given、ahp"):
        WEIGHTS.choose("pcr")
