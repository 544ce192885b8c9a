"""Scaling: values become scores from 0 to 100, higher is better, and missing stays missing."""

from __future__ import annotations

import math
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import rankdata
from tijian.engine.scoring.scale import (
    SCALES,
    scale_anchors,
    scale_band,
    scale_distance_to_reference,
    scale_distance_to_target,
    scale_minmax,
    scale_percentile,
    scale_rank,
    scale_zscore,
)

NAN = float("nan")
numbers = st.floats(-1e6, 1e6)
columns = st.lists(st.one_of(numbers, st.just(NAN)), min_size=1, max_size=12).map(
    lambda values: np.array(values, dtype=np.float64)
)
directions = st.sampled_from(["higher", "lower"])
PEERS = {
    "minmax": scale_minmax,
    "zscore": scale_zscore,
    "percentile": scale_percentile,
    "rank": scale_rank,
    "distance_to_target": lambda x, direction: scale_distance_to_target(x, direction=direction, target=7.0),
}


def array(*values: float) -> np.ndarray:
    return np.array(values, dtype=np.float64)


def same(ours: np.ndarray, expected: list[float]) -> None:
    np.testing.assert_allclose(ours, expected, rtol=0, atol=1e-9)


# --- anchors ---------------------------------------------------------------------------------------------


def test_anchors_are_met_exactly_and_joined_by_straight_lines() -> None:
    scores = scale_anchors(
        array(20, 40, 50, 60, 70, 80, 90, 100), direction="higher", worst=20, floor=60, target=80, best=100
    )
    same(scores, [0, 30, 45, 60, 75, 90, 95, 100])


def test_less_is_better_runs_the_other_way() -> None:
    scores = scale_anchors(array(0, 1, 2, 3, 4, 8), direction="lower", worst=8, floor=4, target=2, best=0)
    same(scores, [100, 95, 90, 75, 60, 0])


def test_values_beyond_the_ends_are_clamped_and_gaps_stay_gaps() -> None:
    scores = scale_anchors(array(-math.inf, -5, 150, math.inf, NAN), direction="higher", worst=0, best=100)
    same(scores, [0, 0, 100, 100, NAN])


def test_without_best_the_target_met_is_90_however_far_it_is_passed() -> None:
    same(scale_anchors(array(80, 100, 130), direction="higher", floor=80, target=100), [60, 90, 90])


def test_a_target_that_is_the_natural_bound_gives_100_when_met() -> None:
    scores = scale_anchors(array(80, 90, 99, 100), direction="higher", floor=80, target=100, best=100)
    same(scores, [60, 75, 88.5, 100])


def test_without_worst_zero_points_are_at_zero_or_at_twice_the_limit() -> None:
    same(scale_anchors(array(0, 25, 50), direction="higher", floor=50), [0, 30, 60])
    same(scale_anchors(array(10, 15, 20, 30), direction="lower", target=10), [90, 45, 0, 0])
    same(scale_anchors(array(-4, -3, -2), direction="higher", floor=-2), [0, 30, 60])


def test_a_limit_of_zero_occurrences_is_met_or_not_met() -> None:
    same(scale_anchors(array(0, 0.5, 1, 40), direction="lower", target=0, best=0), [100, 0, 0, 0])


def test_floor_and_target_at_one_value_make_a_step() -> None:
    same(scale_anchors(array(90, 99.9, 100), direction="higher", floor=100, target=100), [54, 59.94, 90])


@pytest.mark.parametrize(
    ("anchors", "words"),
    [
        ({}, "至少要给出"),
        ({"worst": 1.0}, "至少要给出"),
        ({"floor": 80.0, "target": 60.0}, "次序不对"),
        ({"worst": 90.0, "target": 60.0}, "次序不对"),
        ({"target": math.inf}, "有限的数"),
        ({"target": NAN}, "有限的数"),
    ],
)
def test_anchors_that_fix_no_scale_are_refused(anchors: dict[str, float], words: str) -> None:
    with pytest.raises(ValueError, match=words):
        scale_anchors(array(1, 2), direction="higher", **anchors)


def test_an_unknown_direction_is_refused() -> None:
    with pytest.raises(ValueError, match="higher（越大越好）或 lower"):
        scale_anchors(array(1), direction="within", target=1)


def plain_anchor_score(value: float, direction: str, anchors: list[tuple[float, float]]) -> float:
    """The slow second version: find the two anchors around one value and interpolate by hand."""
    if math.isnan(value):
        return NAN
    if direction == "lower":
        value, anchors = -value, [(-a, s) for a, s in anchors]
    score = anchors[0][1]
    for (a, low), (b, high) in pairwise(anchors):
        if value >= b:
            score = high
        elif value > a:
            score = low + (value - a) * (high - low) / (b - a)
            break
    return score


@given(columns, directions, st.lists(st.integers(-50, 50), min_size=4, max_size=4))
def test_anchors_agree_with_a_plain_second_version(
    values: np.ndarray, direction: str, cuts: list[int]
) -> None:
    worst, floor, target, best = sorted(cuts, reverse=direction == "lower")
    ours = scale_anchors(
        values,
        direction=direction,
        worst=worst,
        floor=floor,
        target=target,
        best=best,
    )
    points = [(worst, 0.0), (floor, 60.0), (target, 90.0), (best, 100.0)]
    expected = [plain_anchor_score(v, direction, points) for v in values.tolist()]
    np.testing.assert_allclose(ours, expected, rtol=0, atol=1e-6)


# --- band ------------------------------------------------------------------------------------------------


def test_a_band_is_100_inside_and_falls_on_both_sides() -> None:
    scores = scale_band(array(0, 0.3, 0.6, 0.8, 1.0, 1.25, 1.5, 2, NAN), low=0.6, high=1.0, worst_high=1.5)
    same(scores, [0, 50, 100, 100, 100, 50, 0, 0, NAN])


def test_a_band_without_worsts_falls_to_zero_and_to_twice_the_upper_limit() -> None:
    same(scale_band(array(0, 5, 10, 20, 30, 40), low=10, high=20), [0, 50, 100, 100, 50, 0])


def test_a_band_out_of_order_is_refused() -> None:
    with pytest.raises(ValueError, match="适度区间的次序不对"):
        scale_band(array(1), low=2, high=1)


# --- peers -----------------------------------------------------------------------------------------------


def test_minmax_against_peers_and_against_goalposts() -> None:
    same(scale_minmax(array(2, 4, NAN, 6), direction="higher"), [0, 50, NAN, 100])
    same(scale_minmax(array(2, 4, NAN, 6), direction="lower"), [100, 50, NAN, 0])
    same(scale_minmax(array(10, 20, 52.5, 90), direction="higher", low=20, high=85), [0, 0, 50, 100])
    with pytest.raises(ValueError, match="应小于上门槛值"):
        scale_minmax(array(1, 2), direction="higher", low=5, high=5)


def test_zscore_puts_the_mean_at_50_and_a_sample_deviation_at_ten_points() -> None:
    same(scale_zscore(array(1, 2, 3, NAN), direction="higher"), [40, 50, 60, NAN])
    same(scale_zscore(array(1, 2, 3), direction="lower"), [60, 50, 40])
    shift = 10 / math.sqrt(2 / 3)
    same(scale_zscore(array(1, 2, 3), direction="higher", ddof=0), [50 - shift, 50, 50 + shift])


def test_percentile_counts_half_of_the_equal_ones() -> None:
    same(scale_percentile(array(1, 2, 2, 4, NAN), direction="higher"), [12.5, 50, 50, 87.5, NAN])
    same(scale_percentile(array(7), direction="higher"), [50])


def test_rank_runs_from_0_for_the_worst_to_100_for_the_best() -> None:
    same(scale_rank(array(3, 1, 2, NAN), direction="higher"), [100, 0, 50, NAN])
    same(scale_rank(array(3, 1, 1), direction="lower"), [0, 75, 75])


@given(columns, directions)
def test_ranks_agree_with_those_of_scipy(values: np.ndarray, direction: str) -> None:
    values = np.round(values / 1e5)  # many ties
    n = np.count_nonzero(~np.isnan(values))
    ranks = rankdata(values if direction == "higher" else -values, nan_policy="omit")
    same(scale_percentile(values, direction=direction), 100 * (ranks - 0.5) / max(n, 1))


def test_distance_to_target_is_the_share_of_the_way_gone() -> None:
    same(
        scale_distance_to_target(array(2, 4, 8, 10, NAN), direction="higher", target=6),
        [0, 50, 100, 100, NAN],
    )
    same(scale_distance_to_target(array(9, 6, 3), direction="lower", target=0, worst=12), [25, 50, 75])
    same(scale_distance_to_target(array(8, 9, NAN), direction="higher", target=6), [100, 100, NAN])
    with pytest.raises(ValueError, match="目标值应优于最差值"):
        scale_distance_to_target(array(1), direction="higher", target=1, worst=2)


def test_distance_to_reference_is_a_ratio_to_it_or_to_the_leader() -> None:
    same(scale_distance_to_reference(array(2, 4, 8, NAN), direction="higher"), [25, 50, 100, NAN])
    same(scale_distance_to_reference(array(2, 4, 8, NAN), direction="lower"), [100, 50, 25, NAN])
    same(scale_distance_to_reference(array(0, 2, 8), direction="lower", reference=4), [100, 100, 50])
    with pytest.raises(ValueError, match="参照值应大于零"):
        scale_distance_to_reference(array(0, 2), direction="lower")


def test_peers_all_alike_say_nothing_about_order() -> None:
    alike = array(5, 5, NAN, 5)
    same(scale_minmax(alike, direction="higher"), [NAN] * 4)
    same(scale_zscore(alike, direction="higher"), [NAN] * 4)
    same(scale_percentile(alike, direction="higher"), [50, 50, NAN, 50])
    same(scale_rank(alike, direction="higher"), [50, 50, NAN, 50])


def test_a_difference_of_rounding_is_no_difference() -> None:
    alike = array(0.3, 0.1 + 0.2, 0.3)
    assert alike[1] != alike[0]
    same(scale_minmax(alike, direction="higher"), [NAN] * 3)
    same(scale_zscore(alike, direction="higher"), [NAN] * 3)


@pytest.mark.parametrize("name", sorted(PEERS))
@given(values=columns, direction=directions)
def test_scores_lie_within_0_and_100_and_follow_the_values(
    name: str, values: np.ndarray, direction: str
) -> None:
    scores = PEERS[name](values, direction=direction)
    present = ~np.isnan(scores)
    assert not (present & np.isnan(values)).any()
    assert ((scores[present] >= 0) & (scores[present] <= 100)).all()
    better = values[present] if direction == "higher" else -values[present]
    ranked = scores[present][np.argsort(better, kind="stable")]
    assert (np.diff(ranked) >= -1e-9).all()


@pytest.mark.parametrize("name", sorted(PEERS))
@given(values=columns, seed=st.integers(0, 99))
def test_the_order_of_the_units_changes_nothing(name: str, values: np.ndarray, seed: int) -> None:
    order = np.random.default_rng(seed).permutation(len(values))
    shuffled = PEERS[name](values[order], direction="higher")
    np.testing.assert_allclose(shuffled, PEERS[name](values, direction="higher")[order], atol=1e-6)


@pytest.mark.parametrize("name", ["minmax", "zscore", "percentile", "rank"])
@given(
    values=st.lists(st.integers(-100, 100), min_size=1, max_size=12),
    factor=st.sampled_from([0.5, 2.0, 1024.0]),
    shift=st.integers(-9, 9),
)
def test_peer_scales_do_not_depend_on_the_unit_of_measure(
    name: str, values: list[int], factor: float, shift: int
) -> None:
    x = np.array(values, dtype=np.float64)
    np.testing.assert_allclose(
        PEERS[name](x * factor + shift, direction="higher"), PEERS[name](x, direction="higher"), atol=1e-9
    )


@given(columns, st.integers(0, 11), st.floats(0, 1e5), directions)
def test_improving_a_value_never_lowers_its_score(
    values: np.ndarray, place: int, gain: float, direction: str
) -> None:
    place %= len(values)
    improved = values.copy()
    improved[place] += gain if direction == "higher" else -gain
    for scale in (scale_minmax, scale_percentile, scale_rank):
        before, after = scale(values, direction=direction)[place], scale(improved, direction=direction)[place]
        assert math.isnan(before) or math.isnan(after) or after >= before - 1e-9


def test_every_scale_is_found_by_name_and_an_unknown_one_lists_them() -> None:
    assert SCALES.choose("minmax") is scale_minmax
    with pytest.raises(ValueError, match="没有名为“log”的标度方法；可用的有：anchors、band、minmax、zscore"):
        SCALES.choose("log")
