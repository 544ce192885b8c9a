"""Sobol' indices: against functions whose shares of variance are known exactly."""

from __future__ import annotations

import numpy as np
import pytest
from tijian.engine.scoring.sobol import pick, sobol_indices


def ishigami(points: np.ndarray) -> np.ndarray:
    """Ishigami & Homma (1990), a = 7, b = 0.1, on −π … π."""
    x = 2 * np.pi * points - np.pi
    return np.sin(x[:, 0]) + 7 * np.sin(x[:, 1]) ** 2 + 0.1 * x[:, 2] ** 4 * np.sin(x[:, 0])


def test_the_ishigami_function_has_its_published_indices() -> None:
    shares = sobol_indices(ishigami, 3, samples=8192)
    np.testing.assert_allclose(shares.first, [0.3139, 0.4424, 0.0], atol=0.01)
    np.testing.assert_allclose(shares.total, [0.5576, 0.4424, 0.2437], atol=0.01)


def test_the_bounds_hold_the_truth_and_narrow_with_more_samples() -> None:
    few, many = sobol_indices(ishigami, 3, samples=256), sobol_indices(ishigami, 3, samples=4096)
    for low, value, high in (
        (many.first_low, many.first, many.first_high),
        (many.total_low, many.total, many.total_high),
    ):
        assert (low <= value).all()
        assert (value <= high).all()
    assert (
        (many.total_low <= [0.5576, 0.4424, 0.2437]) & (many.total_high >= [0.5576, 0.4424, 0.2437])
    ).all()
    assert (many.first_high - many.first_low).max() < (few.first_high - few.first_low).max() / 2


def test_a_sum_has_no_interactions() -> None:
    shares = sobol_indices(lambda p: p @ np.array([1.0, 2.0, 0.0]), 3, samples=1024)
    np.testing.assert_allclose(shares.first, [0.2, 0.8, 0.0], atol=0.01)
    np.testing.assert_allclose(shares.total, [0.2, 0.8, 0.0], atol=0.01)


def test_a_choice_between_options_is_a_factor_like_any_other() -> None:
    options = np.array([0.0, 0.0, 3.0])
    shares = sobol_indices(lambda p: options[pick(p[:, 0], 3)] + p[:, 1], 2, samples=2048)
    np.testing.assert_allclose(shares.first, [2 / (2 + 1 / 12), (1 / 12) / (2 + 1 / 12)], atol=0.01)


def test_options_are_picked_equally_often_and_never_beyond_the_last() -> None:
    picked = pick(np.linspace(0, 1, 3001), 3)
    assert np.bincount(picked).tolist() == [1000, 1000, 1001]


def test_several_outputs_at_once_are_those_one_at_a_time() -> None:
    both = sobol_indices(lambda p: np.column_stack([ishigami(p), p[:, 0]]), 3, samples=512)
    one = sobol_indices(ishigami, 3, samples=512)
    assert both.first.shape == (3, 2)
    np.testing.assert_allclose(both.total[:, 0], one.total)
    np.testing.assert_allclose(both.first_high[:, 0], one.first_high)


def test_a_result_that_never_varies_has_no_shares() -> None:
    shares = sobol_indices(lambda p: np.full(len(p), 0.1 + 0.2), 2, samples=64)
    assert np.isnan(shares.first).all()
    assert np.isnan(shares.total).all()


def test_the_same_seed_gives_the_same_indices() -> None:
    one, again, other = (sobol_indices(ishigami, 3, samples=256, seed=s) for s in (1, 1, 2))
    np.testing.assert_array_equal(one.first_low, again.first_low)
    assert not np.array_equal(one.first, other.first)


def test_what_cannot_be_sampled_is_refused() -> None:
    with pytest.raises(ValueError, match="2 的幂，现为 1000"):
        sobol_indices(ishigami, 3, samples=1000)
    with pytest.raises(ValueError, match="至少要有一个因素"):
        sobol_indices(ishigami, 0)
