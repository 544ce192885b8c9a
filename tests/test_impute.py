"""Imputation: what stands in for a missing value, that it is marked, and that nothing observed changes."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tijian.engine.scoring.impute import (
    IMPUTATIONS,
    impute_median,
    impute_neighbours,
    impute_none,
    impute_regression,
)

NAN = float("nan")
SIMPLE = [impute_none, impute_median, impute_neighbours]

tables = st.integers(1, 4).flatmap(
    lambda k: st.lists(
        st.lists(st.one_of(st.integers(0, 100).map(float), st.just(NAN)), min_size=k, max_size=k),
        min_size=1,
        max_size=7,
    ).map(lambda rows: np.array(rows, dtype=np.float64))
)


def test_the_median_of_the_peers_that_have_it() -> None:
    filled, imputed = impute_median(np.array([[1.0, 4], [2, NAN], [9, 5], [NAN, 60]]))
    np.testing.assert_array_equal(filled, [[1, 4], [2, 5], [9, 5], [2, 60]])
    assert np.argwhere(imputed).tolist() == [[1, 1], [3, 0]]


def test_the_nearest_units_decide_in_their_own_deviations_not_in_raw_numbers() -> None:
    # by raw numbers unit 2 is nearest to unit 3 (9,000 against 8,999); by deviations the first column matters as much
    x = np.array([[1.0, 0, 10], [1.0, 5000, 20], [0.0, 9000, 90], [1.0, 8999, NAN]])
    filled, _ = impute_neighbours(x, neighbours=1)
    assert filled[3, 2] == 20
    two, _ = impute_neighbours(x, neighbours=2)
    assert two[3, 2] == pytest.approx((20 + 90) / 2)


def test_regression_finds_a_straight_line_between_indicators() -> None:
    x = np.arange(1.0, 13)
    table = np.column_stack([x, 3 * x + 2, 50 - x])
    gaps = table.copy()
    gaps[4, 1] = gaps[7, 2] = NAN
    filled, imputed = impute_regression(gaps)
    np.testing.assert_allclose(filled, table, rtol=0.01)
    assert imputed.sum() == 2
    again, _ = impute_regression(gaps)
    np.testing.assert_array_equal(filled, again)


def test_regression_does_not_leave_the_range_observed() -> None:
    x = np.arange(1.0, 13)
    table = np.column_stack([x, 5 * x])
    table[11, 1] = NAN  # the line says 60, the largest observed is 55
    filled, _ = impute_regression(table)
    assert filled[11, 1] == pytest.approx(55)


@pytest.mark.parametrize("impute", [*SIMPLE, impute_regression])
def test_an_indicator_nobody_has_and_a_unit_that_has_nothing_stay_missing(impute: object) -> None:
    x = np.array([[1.0, NAN, 2], [2, NAN, 4], [3, NAN, 6], [NAN, NAN, NAN], [4, NAN, NAN]])
    filled, imputed = impute(x)
    assert np.isnan(filled[:, 1]).all()
    assert np.isnan(filled[3]).all()
    assert not imputed[:, 1].any()
    assert not imputed[3].any()


@pytest.mark.parametrize("impute", SIMPLE)
@given(x=tables, seed=st.integers(0, 99))
def test_what_was_observed_is_untouched_and_what_was_filled_is_marked(
    impute: object, x: np.ndarray, seed: int
) -> None:
    filled, imputed = impute(x)
    np.testing.assert_array_equal(filled[~imputed], x[~imputed])
    assert np.isnan(x[imputed]).all()
    assert not np.isnan(filled[imputed]).any()
    if impute is impute_neighbours:
        return  # which of several equally near units come first depends on their order
    order = np.random.default_rng(seed).permutation(len(x))
    np.testing.assert_allclose(impute(x[order])[0], filled[order])


@settings(max_examples=15, deadline=None)
@given(st.integers(0, 1000))
def test_regression_keeps_what_was_observed(seed: int) -> None:
    rng = np.random.default_rng(seed)
    x = rng.normal(size=(20, 1)) @ rng.normal(size=(1, 4)) + 0.3 * rng.normal(size=(20, 4))
    gaps = np.where(rng.random(x.shape) < 0.1, NAN, x)
    filled, imputed = impute_regression(gaps)
    np.testing.assert_array_equal(filled[~imputed], gaps[~imputed])
    assert not np.isnan(filled[~np.isnan(gaps).all(axis=1)]).any()


def test_an_unknown_way_lists_those_there_are() -> None:
    words = "没有名为“zero”的缺失值估算方法；可用的有：none、median、neighbours、regression"
    with pytest.raises(ValueError, match=words):
        IMPUTATIONS.choose("zero")
