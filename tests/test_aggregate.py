"""Aggregation: scores and weights become one total; gaps are re-weighted over, too many gaps are no total."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from tijian.engine.scoring.aggregate import (
    AGGREGATES,
    aggregate_arithmetic,
    aggregate_generalised,
    aggregate_geometric,
    aggregate_harmonic,
    aggregate_median,
    aggregation,
    transform_of,
    weight_present,
)

NAN = float("nan")
NAMES = sorted(AGGREGATES)


def plain_total(name: str, scores: list[float], weights: list[float], minimum: float) -> float:
    """The slow second version, one unit at a time, straight from the textbook."""
    pairs = [(s, w) for s, w in zip(scores, weights, strict=True) if not math.isnan(s) and w > 0]
    there, all_of_it = sum(w for _, w in pairs), sum(weights)
    if not pairs or there / all_of_it < minimum - 1e-9:
        return NAN
    if name == "arithmetic":
        return sum(s * w for s, w in pairs) / there
    if name == "geometric":
        return math.exp(sum(w * math.log(max(s, 1.0)) for s, w in pairs) / there)
    if name == "harmonic":
        return there / sum(w / max(s, 1.0) for s, w in pairs)
    if name == "generalised":
        return (sum(w * s**0.5 for s, w in pairs) / there) ** 2
    ranked, heap, lower = sorted(pairs), 0.0, None
    for s, w in ranked:
        heap += w
        if lower is None and heap >= there / 2 - 1e-9 * all_of_it:
            lower = s
        if heap > there / 2 + 1e-9 * all_of_it:
            return (lower + s) / 2
    raise AssertionError("half of the weight was never passed")


tables = st.integers(1, 6).flatmap(
    lambda k: st.tuples(
        st.lists(
            st.lists(st.one_of(st.floats(0, 100), st.just(NAN)), min_size=k, max_size=k),
            min_size=1,
            max_size=5,
        ),
        st.lists(st.integers(0, 5), min_size=k, max_size=k).filter(any),
    )
)


@pytest.mark.parametrize("name", NAMES)
@given(table=tables, minimum=st.sampled_from([0.0, 0.5, 0.6, 1.0]))
def test_totals_agree_with_a_plain_second_version(
    name: str, table: tuple[list[list[float]], list[int]], minimum: float
) -> None:
    rows, weights = table
    totals, _ = AGGREGATES.choose(name)(
        np.array(rows), np.array(weights, dtype=float), minimum_present=minimum
    )
    expected = [plain_total(name, row, weights, minimum) for row in rows]
    np.testing.assert_allclose(totals, expected, rtol=1e-9, atol=1e-7)


@pytest.mark.parametrize("name", NAMES)
@given(table=tables, place=st.integers(0, 99), gain=st.floats(0, 50))
def test_improving_an_indicator_never_lowers_the_total(
    name: str, table: tuple[list[list[float]], list[int]], place: int, gain: float
) -> None:
    rows, weights = np.array(table[0]), np.array(table[1], dtype=float)
    improved = rows.copy()
    improved[:, place % rows.shape[1]] += gain
    before, _ = AGGREGATES[name](rows, weights)
    after, _ = AGGREGATES[name](improved, weights)
    assert (np.isnan(before) == np.isnan(after)).all()
    assert (np.nan_to_num(after) >= np.nan_to_num(before) - 1e-9).all()


@pytest.mark.parametrize("name", NAMES)
@given(table=tables)
def test_a_total_lies_between_the_lowest_and_the_highest_score(
    name: str, table: tuple[list[list[float]], list[int]]
) -> None:
    rows, weights = np.array(table[0]), np.array(table[1], dtype=float)
    totals, _ = AGGREGATES[name](rows, weights, minimum_present=0.0)
    for row, total in zip(rows[:, weights > 0], totals, strict=True):
        present = row[~np.isnan(row)]
        assert math.isnan(total) if len(present) == 0 else True
        if len(present):
            assert present.min() - 1e-9 <= total <= max(present.max(), 1.0) + 1e-9  # 1.0: the floor for zeros


def test_means_of_two_scores() -> None:
    scores, weights = np.array([[40.0, 90.0]]), np.array([1.0, 1.0])
    assert aggregate_arithmetic(scores, weights)[0] == pytest.approx([65])
    assert aggregate_geometric(scores, weights)[0] == pytest.approx([60])
    assert aggregate_harmonic(scores, weights)[0] == pytest.approx([2 / (1 / 40 + 1 / 90)])
    assert aggregate_generalised(scores, weights, power=2)[0] == pytest.approx([math.sqrt(4850)])
    assert aggregate_generalised(scores, weights, power=0)[0] == pytest.approx([60])
    assert aggregate_median(scores, weights)[0] == pytest.approx([65])


def test_weights_need_not_sum_to_one() -> None:
    scores = np.array([[40.0, 90.0]])
    assert aggregate_arithmetic(scores, np.array([3.0, 1.0]))[0] == pytest.approx([52.5])
    assert aggregate_arithmetic(scores, np.array([0.75, 0.25]))[0] == pytest.approx([52.5])


def test_a_gap_is_re_weighted_over_and_never_counts_as_zero() -> None:
    scores = np.array([[80.0, NAN, 60.0], [80.0, 0.0, 60.0]])
    totals, present = aggregate_arithmetic(scores, np.array([0.4, 0.2, 0.4]))
    np.testing.assert_allclose(totals, [70, 56])
    np.testing.assert_allclose(present, [0.8, 1.0])


def test_below_sixty_per_cent_of_the_weight_there_is_no_total() -> None:
    weights = np.array([0.1, 0.2, 0.3, 0.4])  # 0.1 + 0.2 + 0.3 is 0.6000000000000001 or less in binary
    scores = np.array([[50.0, 50.0, 50.0, NAN], [50.0, 50.0, NAN, NAN], [NAN] * 4])
    totals, present = aggregate_arithmetic(scores, weights)
    np.testing.assert_allclose(totals, [50, NAN, NAN])
    np.testing.assert_allclose(present, [0.6, 0.3, 0])
    np.testing.assert_allclose(weight_present(scores, weights), present)


def test_nothing_present_is_no_total_even_when_nothing_is_asked_for() -> None:
    totals, _ = aggregate_arithmetic(np.array([[NAN, NAN]]), np.ones(2), minimum_present=0.0)
    assert np.isnan(totals).all()


def test_one_zero_does_not_wipe_out_a_geometric_total_unless_the_pure_mean_is_asked_for() -> None:
    scores, weights = np.array([[0.0, 100.0], [0.0, 81.0]]), np.ones(2)
    np.testing.assert_allclose(aggregate_geometric(scores, weights)[0], [10, 9])
    np.testing.assert_allclose(aggregate_geometric(scores, weights, zero_floor=0.0)[0], [0, 0])
    np.testing.assert_allclose(aggregate_harmonic(scores, weights, zero_floor=0.0)[0], [0, 0])


def test_a_zero_of_no_weight_does_nothing_to_a_pure_geometric_mean() -> None:
    totals, _ = aggregate_geometric(np.array([[0.0, 50.0]]), np.array([0.0, 1.0]), zero_floor=0.0)
    np.testing.assert_allclose(totals, [50])


def test_the_weighted_median_with_exactly_half_on_either_side_takes_the_middle() -> None:
    assert aggregate_median(np.array([[10.0, 20.0, 60.0]]), np.array([1.0, 1.0, 2.0]))[0] == pytest.approx(
        [40]
    )
    assert aggregate_median(np.array([[10.0, 20.0, 60.0]]), np.array([1.0, 1.0, 3.0]))[0] == pytest.approx(
        [60]
    )


@pytest.mark.parametrize(
    ("weights", "words"),
    [
        ([1.0], "需要 2 个权重，给出的是 1 个"),
        ([1.0, -1.0], "不能为负"),
        ([0.0, 0.0], "之和为零"),
        ([1.0, NAN], "空缺"),
    ],
)
def test_weights_that_cannot_be_used_are_refused(weights: list[float], words: str) -> None:
    for aggregate in AGGREGATES.values():
        with pytest.raises(ValueError, match=words):
            aggregate(np.ones((3, 2)), np.array(weights))


def test_an_unknown_aggregation_lists_those_there_are() -> None:
    words = "没有名为“max”的综合方法；可用的有：arithmetic、geometric、harmonic、generalised、median"
    with pytest.raises(ValueError, match=words):
        AGGREGATES.choose("max")


def test_a_method_is_called_with_those_settings_of_the_scheme_that_it_knows() -> None:
    scores, weights = np.array([[0.0, 64.0, NAN]]), np.array([1.0, 1.0, 1.0])
    for name in NAMES:
        total, present = aggregation(name, power=2.0, zero_floor=4.0, minimum_present=0.5)(scores, weights)
        assert present == pytest.approx([2 / 3])
        expected = {"geometric": 16.0, "generalised": math.sqrt(2048), "harmonic": 2 / (1 / 4 + 1 / 64)}
        assert total == pytest.approx([expected.get(name, 32.0)])
        assert np.isnan(aggregation(name, minimum_present=1.0)(scores, weights)[0]).all()
    with pytest.raises(ValueError, match="可用的有：arithmetic"):
        aggregation("max")


def test_every_mean_but_the_median_has_a_transform() -> None:
    scores, weights = np.array([[20.0, 80.0]]), np.array([0.25, 0.75])
    for name in sorted(set(NAMES) - {"median"}):
        transform = transform_of(name, power=-3.0)
        total = aggregation(name, power=-3.0)(scores, weights)[0]
        np.testing.assert_allclose(transform.back(transform.forward(scores) @ weights), total)
    with pytest.raises(
        ValueError, match="不是幂平均；幂平均有：arithmetic、geometric、harmonic、generalised"
    ):
        transform_of("median")
