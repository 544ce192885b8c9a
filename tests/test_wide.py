"""Scoring a whole country at once gives the numbers of scoring it column by column."""

from __future__ import annotations

import numpy as np
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tijian.engine.scoring import wide
from tijian.engine.scoring.aggregate import MINIMUM_PRESENT, aggregate_arithmetic
from tijian.engine.scoring.robustness import ranks_over
from tijian.engine.scoring.scale import scale_minmax
from tijian.engine.scoring.wide import Goalposts, Wide, score_wide

NAN = float("nan")


class Country:
    """Made-up values of k indicators with everything that can be odd about them, and how they are to be scored."""

    def __init__(self, seed: int, units: int, indicators: int, missing: float, posted: bool) -> None:
        rng = np.random.default_rng(seed)
        self.dimension_weights = {"安全": 2.0, "便捷": 1.0, "宜居": 1.5}
        names = list(self.dimension_weights)
        self.dimensions = [names[i % 3] if i < 3 else names[rng.integers(3)] for i in range(indicators)]
        self.weights = rng.uniform(0.1, 3.0, indicators)
        self.weights[3:][rng.random(indicators - 3) < 0.2] = 0.0
        self.directions = rng.choice(["higher", "lower"], indicators).tolist()
        size, start = 10.0 ** rng.integers(-3, 7, indicators), rng.choice([0.0, -5.0, 1e3], indicators)
        self.values = rng.gamma(2.0, 1.0, (units, indicators)) * size + start * size
        self.values[rng.random((units, indicators)) < missing] = NAN
        if indicators > 5:
            self.values[:, 3] = 0.1 + 0.2  # equal, but for rounding
            self.values[::2, 3] = 0.3
            self.values[:, 4] = NAN
        self.values[units // 2] = NAN
        self.values[-1] = self.values[0]  # equal units tie
        posts = [(None, None), (1.0, None), (None, 1.5e3), (0.5, 2.5e3), (-1e9, 1e9)]
        self.goalposts: list[Goalposts] | None = (
            [posts[rng.integers(len(posts))] for _ in range(indicators)] if posted else None
        )

    def scored(self, order: np.ndarray | None = None, minimum_present: float = MINIMUM_PRESENT) -> Wide:
        values = self.values if order is None else self.values[order]
        return score_wide(
            np.asfortranarray(values).T, weights=self.weights, dimensions=self.dimensions,
            dimension_weights=self.dimension_weights, directions=self.directions, goalposts=self.goalposts,
            minimum_present=minimum_present,
        )  # fmt: skip

    def column_by_column(self, minimum_present: float = MINIMUM_PRESENT) -> Wide:
        posts = self.goalposts or [(None, None)] * len(self.weights)
        scores = np.column_stack([
            scale_minmax(column, direction=direction, low=low, high=high)
            for column, direction, (low, high) in zip(self.values.T, self.directions, posts, strict=True)
        ])  # fmt: skip
        own = np.array(self.dimensions)
        means = np.column_stack([
            aggregate_arithmetic(scores[:, own == name], self.weights[own == name], minimum_present=minimum_present)[0]
            for name in self.dimension_weights
        ])  # fmt: skip
        weights = np.array(list(self.dimension_weights.values()))
        total, _ = aggregate_arithmetic(means, weights, minimum_present=minimum_present)
        return Wide(means, total, ranks_over(total[None])[0])


COUNTRIES = st.builds(
    Country, st.integers(0, 10**6), st.integers(3, 60), st.integers(3, 20), st.sampled_from([0.0, 0.03, 0.5]),
    st.booleans(),
)  # fmt: skip


def same(one: Wide, other: Wide) -> None:
    np.testing.assert_allclose(one.dimensions, other.dimensions, rtol=0, atol=1e-12)
    np.testing.assert_allclose(one.total, other.total, rtol=0, atol=1e-12)
    np.testing.assert_array_equal(one.rank, other.rank)


@settings(max_examples=60, deadline=None)
@given(COUNTRIES, st.sampled_from([0.0, 0.6, 1.0]))
def test_the_numbers_are_those_of_scaling_and_aggregating_column_by_column(
    country: Country, minimum: float
) -> None:
    same(country.scored(minimum_present=minimum), country.column_by_column(minimum))


@settings(max_examples=30, deadline=None)
@given(COUNTRIES, st.integers(0, 10**6))
def test_units_in_another_order_have_exactly_the_same_scores(country: Country, seed: int) -> None:
    order = np.random.default_rng(seed).permutation(len(country.values))
    for shuffled, straight in zip(country.scored(order), country.scored(), strict=True):
        np.testing.assert_array_equal(shuffled, straight[order])


def test_where_blocks_of_rows_are_cut_changes_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    country = Country(7, 5000, 12, 0.1, posted=True)
    whole = country.scored()
    assert np.isfinite(whole.total).sum() > 1000
    monkeypatch.setattr(wide, "_CELLS", 12 * 17)
    for cut, straight in zip(country.scored(), whole, strict=True):
        np.testing.assert_array_equal(cut, straight)


def test_the_columns_of_a_frame_will_do_and_a_mean_is_what_a_hand_reckons() -> None:
    frame = pl.DataFrame({"绿地": [0.0, 5.0, 10.0], "噪声": [80.0, 40.0, NAN], "步行": [1.0, NAN, 3.0]})
    scored = score_wide(
        [column.to_numpy() for column in frame], weights=[3, 1, 1], dimensions=["宜居", "宜居", "便捷"],
        dimension_weights={"便捷": 1, "宜居": 3}, directions=["higher", "lower", "higher"],
    )  # fmt: skip
    np.testing.assert_allclose(scored.dimensions, [[0, 0], [NAN, 62.5], [100, 100]])
    np.testing.assert_allclose(scored.total, [0, 62.5, 100])  # 75 % of the weight is there
    assert scored.rank.tolist() == [3, 2, 1]


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        ({"weights": [1.0]}, "有 2 个指标，却给出了 1 个权重"),
        ({"directions": ["higher"]}, "有 2 个指标，却给出了 1 个方向"),
        ({"directions": ["higher", "up"]}, "不是“up”"),
        ({"dimensions": ["宜居", "安全"]}, "没有给出维度的权重：安全"),
        ({"dimension_weights": {"宜居": 1.0, "便捷": 1.0}}, "维度“便捷”没有指标"),
        ({"weights": [0.0, 0.0]}, "权重之和为零"),
        ({"goalposts": [(2.0, 1.0), (None, None)]}, "下门槛值 2 应小于上门槛值 1"),
    ],
)
def test_what_does_not_fit_together_is_refused_in_words(wrong: dict[str, object], said: str) -> None:
    asked = {
        "weights": [1.0, 1.0],
        "dimensions": ["宜居", "宜居"],
        "dimension_weights": {"宜居": 1.0},
    } | wrong
    with pytest.raises(ValueError, match=said):
        score_wide(np.array([[1.0, 2.0, 3.0], [3.0, 1.0, 2.0]]), **asked)


def test_columns_of_unequal_length_are_refused() -> None:
    with pytest.raises(ValueError, match="各指标的单元数不一：2、3"):
        score_wide(
            [np.array([1.0, 2.0]), np.array([1.0, 2.0, 3.0])], weights=[1, 1], dimensions=["宜居"] * 2,
            dimension_weights={"宜居": 1},
        )  # fmt: skip
