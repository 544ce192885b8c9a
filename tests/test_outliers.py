"""Outliers: when an indicator is treated, what changes, and that order and gaps are kept."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from tijian.engine.scoring.outliers import (
    OUTLIERS,
    needs_treatment,
    outlier_boxcox,
    outlier_trim,
    outlier_winsorise,
)

NAN = float("nan")
ONE_OUT = np.array([1.0, 2, 3, 4, 5, 6, 7, 8, 9, 10, 100])  # COINr, test-treat.R
TWO_OUT = np.append(np.arange(1.0, 21), [100, 200])  # the same

columns = st.lists(st.one_of(st.floats(-1e4, 1e4), st.just(NAN)), min_size=1, max_size=15).map(
    lambda values: np.array(values, dtype=np.float64)
)


def test_skew_and_kurtosis_are_the_sample_ones() -> None:
    x = np.array([1.0, 2, 3, 4, 10])
    n, z = len(x), (x - x.mean()) / x.std(ddof=1)
    skew = n / ((n - 1) * (n - 2)) * (z**3).sum()
    kurtosis = n * (n + 1) / ((n - 1) * (n - 2) * (n - 3)) * (z**4).sum() - 3 * (n - 1) ** 2 / (
        (n - 2) * (n - 3)
    )
    assert needs_treatment(x, skew_limit=skew - 1e-9, kurtosis_limit=kurtosis - 1e-9)
    assert not needs_treatment(x, skew_limit=skew + 1e-9, kurtosis_limit=kurtosis - 1e-9)
    assert not needs_treatment(x, skew_limit=skew - 1e-9, kurtosis_limit=kurtosis + 1e-9)


def test_few_or_equal_values_are_never_treated() -> None:
    assert not needs_treatment(np.array([1.0, 1, 1000]))
    assert not needs_treatment(np.full(9, 0.3))
    assert not needs_treatment(np.array([NAN] * 6))


def test_one_far_point_is_drawn_in_to_the_next() -> None:
    assert needs_treatment(ONE_OUT)
    treated, changed = outlier_winsorise(ONE_OUT)
    assert treated.tolist() == [1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 10]
    assert changed.tolist() == [False] * 10 + [True]
    assert not needs_treatment(treated)
    low, _ = outlier_winsorise(-ONE_OUT)
    assert low.tolist() == (-treated).tolist()


def test_two_far_points_need_two_and_one_is_not_enough() -> None:
    once, _ = outlier_winsorise(TWO_OUT, most=1)
    assert once.tolist()[-2:] == [100, 100]
    assert needs_treatment(once)
    twice, changed = outlier_winsorise(TWO_OUT)
    assert twice.tolist()[-2:] == [20, 20]
    assert changed.sum() == 2


def test_a_gap_among_the_values_stays_a_gap() -> None:
    treated, changed = outlier_winsorise(np.append(ONE_OUT, [NAN]))
    np.testing.assert_array_equal(treated[-2:], [10, NAN])
    assert not changed[-1]


def test_trimming_draws_back_to_the_quantiles_by_a_named_rule() -> None:
    x = np.arange(1.0, 42)  # 41 values: the 2.5 % quantile of type 7 is the second value
    treated, changed = outlier_trim(x)
    assert treated.tolist() == [2, *range(2, 41), 40]
    assert changed.sum() == 2
    other, _ = outlier_trim(x, quantile_rule="hazen")
    assert other[0] == pytest.approx(1.525)
    with pytest.raises(ValueError, match="截尾比例应在 0 与 0"):
        outlier_trim(x, share=0.5)


def test_boxcox_brings_a_skewed_indicator_within_the_limits_and_keeps_its_order() -> None:
    x = np.append(np.exp(np.linspace(0, 8, 30)), [NAN])
    assert needs_treatment(x)
    treated, changed = outlier_boxcox(x)
    assert not needs_treatment(treated)
    assert (np.diff(treated[:-1]) > 0).all()
    assert changed.tolist() == [True] * 30 + [False]
    with_zeros, _ = outlier_boxcox(x - 1)
    assert (np.diff(with_zeros[:-1]) > 0).all()


@pytest.mark.parametrize("name", sorted(OUTLIERS))
@given(values=columns)
def test_every_treatment_keeps_order_gaps_and_what_it_does_not_mark(name: str, values: np.ndarray) -> None:
    before = values.copy()
    treated, changed = OUTLIERS[name](values)
    np.testing.assert_array_equal(values, before)  # the input itself is left alone
    np.testing.assert_array_equal(np.isnan(treated), np.isnan(values))
    np.testing.assert_array_equal(treated[~changed], values[~changed])
    there = ~np.isnan(values)
    order = np.argsort(values[there], kind="stable")
    assert (np.diff(treated[there][order]) >= 0).all()


def test_an_unknown_treatment_lists_those_there_are() -> None:
    with pytest.raises(
        ValueError, match="没有名为“drop”的异常值处理方法；可用的有：none、winsorise、trim、boxcox"
    ):
        OUTLIERS.choose("drop")
