"""Robustness: how far ranks and totals move with the weights, and with every other choice."""

from __future__ import annotations

import time

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tijian.engine.scoring.aggregate import AGGREGATES, aggregate_generalised, enough, weight_present
from tijian.engine.scoring.branches import Branches
from tijian.engine.scoring.choices import FACTORS, Choices, random_schemes, what_matters
from tijian.engine.scoring.drawn import Drawn, draw_both, totals_under
from tijian.engine.scoring.means import Mean, Means
from tijian.engine.scoring.robustness import (
    ahead_shares,
    concentration_for,
    draw_weights,
    mean_rank_shift,
    rank_bounds,
    ranks_over,
    score_intervals,
)

NAN = float("nan")
AVERAGE = Mean()


def random_scores(units: int, indicators: int, seed: int = 1) -> np.ndarray:
    return np.random.default_rng(seed).uniform(0, 100, (units, indicators))


def totals_over(
    scores: np.ndarray, drawn: np.ndarray, weights: np.ndarray, mean: Mean = AVERAGE
) -> np.ndarray:
    """The totals (draws, units) of one dimension under drawn weights (draws, k), around the chosen ``weights`` (k,)."""
    scored = enough(weight_present(scores, weights), 0.6)
    tree = Branches(
        level="town", units=tuple(f"u{i}" for i in range(len(scores))),
        codes=tuple(f"c{i}" for i in range(len(weights))), dimensions=("维度",), columns=(slice(0, len(weights)),),
        scores=scores, weights=weights, dimension_weights=np.ones(1), perceived=np.full((len(scores), 1), NAN),
        held=scored[:, None], scored=scored,
    )  # fmt: skip
    return totals_under(tree, Drawn(drawn, np.ones((len(drawn), 1))), Means(mean))


def rank_intervals(
    scores: np.ndarray, weights: np.ndarray, *, draws: int = 1000, seed: int = 0
) -> tuple[np.ndarray, ...]:
    """The 5th and 95th percentile of each unit's rank."""
    return rank_bounds(
        ranks_over(totals_over(scores, draw_weights(weights, draws=draws, seed=seed), weights))
    )


def test_drawn_weights_sum_to_one_and_lie_around_the_given_ones() -> None:
    weights = np.array([4.0, 3.0, 2.0, 1.0, 0.0])
    drawn = draw_weights(weights, draws=20_000, seed=3)
    np.testing.assert_allclose(drawn.sum(axis=1), 1)
    np.testing.assert_allclose(drawn.mean(axis=0), weights / 10, atol=0.002)
    assert (drawn[:, 4] == 0).all()


@pytest.mark.parametrize("count", [2, 8, 70])
def test_the_default_concentration_lets_equal_weights_vary_by_a_quarter(count: int) -> None:
    drawn = draw_weights(np.ones(count), draws=20_000, seed=5)
    relative = drawn.std(axis=0) / drawn.mean(axis=0)
    np.testing.assert_allclose(relative.mean(), 0.25, atol=0.01)


def test_a_higher_concentration_holds_the_weights_closer() -> None:
    loose = draw_weights(np.ones(5), draws=2000, concentration=5, seed=1).std()
    tight = draw_weights(np.ones(5), draws=2000, concentration=500, seed=1).std()
    assert tight < loose / 5
    assert concentration_for(np.ones(5), spread=0.1) > concentration_for(np.ones(5), spread=0.3)
    with pytest.raises(ValueError, match="集中度应大于零"):
        draw_weights(np.ones(5), concentration=0)


@pytest.mark.parametrize("aggregate", list(AGGREGATES))
def test_totals_of_all_draws_are_those_of_one_draw_at_a_time(aggregate: str) -> None:
    scores = random_scores(7, 6)
    scores[0, 2] = scores[3, :2] = scores[5, :5] = NAN
    scores[1, 1] = 0.0
    drawn = draw_weights(np.ones(6), draws=40, seed=2)
    totals = totals_over(scores, drawn, np.ones(6), Mean(aggregate))
    for weights, ours in zip(drawn, totals, strict=True):
        one, _ = AGGREGATES[aggregate](scores, weights, minimum_present=0.0)
        one[5] = NAN  # a sixth of the chosen weight is too little, whatever the draw says
        np.testing.assert_allclose(ours, one)
    with pytest.raises(
        ValueError, match="没有名为“max”的综合方法；可用的有：arithmetic、geometric、harmonic"
    ):
        totals_over(scores, drawn, np.ones(6), Mean("max"))


@pytest.mark.parametrize("power", [-2.0, 0.0, 0.3, 3.0])
@pytest.mark.parametrize("zero_floor", [0.0, 1.0])
def test_totals_of_all_draws_follow_the_power_and_the_floor(power: float, zero_floor: float) -> None:
    scores = random_scores(5, 4)
    scores[0, 0] = scores[1, 1] = 0.0
    weights = np.array([0.0, 1.0, 2.0, 1.0])  # the first zero weighs nothing
    drawn = draw_weights(weights, draws=20, seed=3)
    totals = totals_over(scores, drawn, weights, Mean("generalised", power, zero_floor))
    for own, ours in zip(drawn, totals, strict=True):
        one, _ = aggregate_generalised(scores, own, power=power, zero_floor=zero_floor)
        np.testing.assert_allclose(ours, one, atol=1e-9)


@given(st.lists(st.lists(st.integers(0, 5), min_size=4, max_size=4), min_size=1, max_size=6))
def test_ranks_count_those_strictly_ahead(rows: list[list[int]]) -> None:
    totals = np.where(np.array(rows) == 5, NAN, np.array(rows, dtype=float))
    for row, ranks in zip(totals.tolist(), ranks_over(totals).tolist(), strict=True):
        for one, rank in zip(row, ranks, strict=True):
            expected = NAN if np.isnan(one) else 1 + sum(other > one for other in row)
            np.testing.assert_equal(rank, expected)


def test_totals_that_differ_only_by_rounding_tie() -> None:
    assert ranks_over(np.array([[0.3, 0.1 + 0.2, 0.2]])).tolist() == [[1, 1, 3]]


def test_a_unit_ahead_in_everything_is_first_under_all_weights() -> None:
    scores = np.array([[90.0, 95], [50, 40], [40, 55]])
    low, high = rank_intervals(scores, np.ones(2), draws=500, seed=1)
    assert (low[0], high[0]) == (1, 1)
    assert low[1:].tolist() == [2, 2]
    assert high[1:].tolist() == [3, 3]  # these two change places with the weights


def test_the_same_seed_gives_the_same_intervals_and_another_gives_others() -> None:
    scores = random_scores(30, 8)
    one, again = rank_intervals(scores, np.ones(8), seed=7), rank_intervals(scores, np.ones(8), seed=7)
    np.testing.assert_array_equal(one, again)
    assert not np.array_equal(one, rank_intervals(scores, np.ones(8), seed=8))


def test_a_unit_without_enough_data_has_no_interval_and_takes_no_place() -> None:
    scores = np.array([[90.0, 90, 90], [NAN, NAN, 100], [80, 80, 80]])
    low, high = rank_intervals(scores, np.ones(3))
    np.testing.assert_array_equal(low, [1, NAN, 2])
    np.testing.assert_array_equal(high, [1, NAN, 2])


@settings(deadline=None, max_examples=25)
@given(st.integers(0, 10_000))
def test_intervals_are_ordered_lie_within_the_places_and_follow_the_units(seed: int) -> None:
    scores = random_scores(9, 5, seed)
    low, high = rank_intervals(scores, np.ones(5), draws=200, seed=1)
    assert ((low >= 1) & (low <= high) & (high <= 9)).all()
    order = np.random.default_rng(seed).permutation(9)
    shuffled = rank_intervals(scores[order], np.ones(5), draws=200, seed=1)
    np.testing.assert_array_equal(shuffled, (low[order], high[order]))


def test_bounds_are_places_that_occur() -> None:
    ranks = np.array([[1.0], [1], [4], [4]])
    low, high = rank_bounds(ranks, (50.0, 75.0))
    assert (low.tolist(), high.tolist()) == ([1.0], [4.0])  # never the 2.5 between them


def test_score_intervals_hold_nine_draws_in_ten() -> None:
    totals = totals_over(random_scores(4, 6), draw_weights(np.ones(6), draws=1000, seed=4), np.ones(6))
    low, high = score_intervals(totals)
    inside = ((totals >= low) & (totals <= high)).mean(axis=0)
    np.testing.assert_allclose(inside, 0.9, atol=0.005)


def test_ahead_shares_agree_with_counting() -> None:
    totals = np.array([[3.0, 2, 2, NAN], [1, 2, 2, NAN], [3, 3, 1, NAN], [0, 1, 2, NAN]])
    shares = ahead_shares(totals)
    assert shares[0, 1] == (1 + 0 + 0.5 + 0) / 4
    assert shares[1, 2] == (0.5 + 0.5 + 1 + 0) / 4
    off = ~np.eye(3, dtype=bool)
    np.testing.assert_allclose((shares[:3, :3] + shares[:3, :3].T)[off], 1)
    assert np.isnan(np.diag(shares)).all()
    assert np.isnan(shares[3]).all()
    assert np.isnan(shares[:, 3]).all()


def test_mean_rank_shift_is_taken_over_the_units_that_are_ranked() -> None:
    ranks = np.array([[1.0, 2, 3, NAN], [3.0, 2, 1, NAN]])
    np.testing.assert_allclose(mean_rank_shift(ranks, np.array([1.0, 2, 3, NAN])), [0, 4 / 3])
    assert np.isnan(mean_rank_shift(np.full((2, 1), NAN), np.array([NAN]))).all()


def branches(scores: np.ndarray) -> Branches:
    """Two dimensions, the first of two indicators, equal weights; nobody was asked, everyone has a total."""
    units, count = scores.shape
    inner = np.concatenate([np.full(2, 1 / 2), np.full(count - 2, 1 / (count - 2))])
    return Branches(
        level="town", units=tuple(f"u{i}" for i in range(units)), codes=tuple(f"c{i}" for i in range(count)),
        dimensions=("甲", "乙"), columns=(slice(0, 2), slice(2, count)), scores=scores, weights=inner, dimension_weights=np.full(2, 1 / 2),
        perceived=np.full((units, 2), NAN), held=np.ones((units, 2), dtype=bool), scored=np.ones(units, dtype=bool),
    )  # fmt: skip


ARITHMETIC, GEOMETRIC = (Means(Mean("arithmetic"), Mean(name), 0.2) for name in ("arithmetic", "geometric"))


def choices_of(matrices: list[np.ndarray], means: list[Means], sets: int) -> Choices:
    """Scales to choose from, weights around equal ones, and means over dimensions."""
    trees = {(i, 0, 0): branches(matrix) for i, matrix in enumerate(matrices)}
    drawn = {key: draw_both(tree, draws=sets, spread=0.25, seed=1) for key, tree in trees.items()}
    counts = (len(matrices), 1, 1, sets, 1, len(means))
    return Choices(counts, trees, drawn, {(0, i): mean for i, mean in enumerate(means)})


def test_choices_pick_the_scheme_their_point_says() -> None:
    first, second = random_scores(5, 4), random_scores(5, 4, seed=2)
    choices = choices_of([first, second], [ARITHMETIC, GEOMETRIC], sets=8)
    assert [FACTORS[i] for i in choices.varying] == ["标度方法", "权重变动", "维度间综合"]
    totals = choices.totals(np.array([[0.1, 0.0, 0.1], [0.9, 0.99, 0.9]]))
    for row, scores, place, outer in ((0, first, 0, "arithmetic"), (1, second, 7, "geometric")):
        drawn: Drawn = choices.drawn[row, 0, 0]
        dimensions = np.column_stack(
            [scores[:, part] @ drawn.indicators[place, part] for part in (slice(0, 2), slice(2, 4))]
        )
        expected, _ = AGGREGATES[outer](dimensions, drawn.dimensions[place])
        np.testing.assert_allclose(totals[row], expected)


def test_the_choice_that_moves_the_ranks_is_the_one_that_is_found() -> None:
    scores = random_scores(12, 6)
    choices = choices_of([scores, 100 - scores], [ARITHMETIC], sets=64)
    base = ranks_over(choices_of([scores], [ARITHMETIC], sets=64).totals(np.zeros((1, 1))))[0]
    shares = what_matters(choices, base, samples=256)
    assert [FACTORS[i] for i in choices.varying] == ["标度方法", "权重变动"]
    assert shares.first[0] > 0.9
    assert shares.total[1] < 0.1
    low, high = rank_bounds(ranks_over(random_schemes(choices, draws=400)))
    plain_low, plain_high = rank_bounds(
        ranks_over(random_schemes(choices_of([scores], [ARITHMETIC], 64), draws=400))
    )
    assert (high - low).sum() > (plain_high - plain_low).sum()


@pytest.mark.slow
def test_ten_thousand_draws_of_twenty_towns_take_a_fraction_of_a_second() -> None:
    scores = random_scores(20, 70)
    started = time.perf_counter()
    rank_intervals(scores, np.ones(70), draws=10_000)
    assert time.perf_counter() - started < 1.0  # about 50 ms; a loop over the draws takes tens of seconds
