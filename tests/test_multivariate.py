"""How indicators hang together: correlations with their flags, Cronbach's alpha, principal components."""

from __future__ import annotations

from itertools import combinations

import numpy as np
import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from scipy.stats import pearsonr
from tijian.engine.analysis.multivariate import (
    REPEATS,
    WHOLE,
    chance,
    coherence,
    components_of,
    cronbach_alpha,
    flag_of,
    relations,
)
from tijian.engine.results import SCHEMAS, conform
from tijian.engine.scoring.weights_pca import principal_components

YEAR = 2026
GAP = float("nan")
COLUMNS = arrays(np.float64, (8, 3), elements=st.floats(0, 100).map(lambda v: round(v, 3)))


def scores_of(values: np.ndarray, level: str = "town", dimension: str = "交通便捷") -> pl.DataFrame:
    """Rows of ``scores`` of (units, indicators) with NaN where there is no score."""
    rows = [
        {"year": YEAR, "unit": f"U{i:03d}", "level": level, "indicator": f"X{j:02d}", "dimension": dimension,
         "score": None if np.isnan(v) else float(v)}
        for i, row in enumerate(values) for j, v in enumerate(row)
    ]  # fmt: skip
    return conform("scores", pl.DataFrame(rows, schema_overrides={"score": pl.Float64}))


def related(values: np.ndarray, **where: str) -> dict[str, pl.DataFrame]:
    return relations(
        scores_of(values, **where), pl.DataFrame(schema=SCHEMAS["dimensions"]), ("交通便捷",), YEAR
    )


# ── Cronbach's alpha ──────────────────────────────────────────────────────────────────────────────────────────────────────────


def test_alpha_is_that_of_a_published_example() -> None:
    """Three questions, ten people: pingouin's documentation of `cronbach_alpha` prints 0.7734375 (wide format)."""
    answers = [
        [1, 2, 2, 3, 2, 2, 3, 3, 2, 3],
        [1, 1, 1, 2, 3, 3, 2, 3, 3, 3],
        [1, 1, 2, 1, 2, 3, 3, 3, 2, 3],
    ]
    assert cronbach_alpha(np.array(answers, dtype=float).T) == pytest.approx(0.7734375, abs=1e-12)


def test_alpha_worked_by_hand() -> None:
    """Two columns 1 2 3 and 1 3 2: variances 1 and 1, of the sums 2 5 5 it is 3; α = 2·(1 − 2/3) = 2/3."""
    assert cronbach_alpha(np.array([[1.0, 1], [2, 3], [3, 2]])) == pytest.approx(2 / 3)


@given(COLUMNS, st.integers(2, 5))
def test_alpha_of_identical_columns_is_one(values: np.ndarray, copies: int) -> None:
    """As Bland & Altman (BMJ 314, 1997, p. 572) derive from the formula."""
    column = values[:, :1]
    alpha = cronbach_alpha(np.repeat(column, copies, axis=1))
    assert alpha is None if np.ptp(column) == 0 else alpha == pytest.approx(1.0)


@given(COLUMNS, st.floats(0.01, 50), st.floats(-20, 20))
def test_alpha_knows_no_unit_and_no_order(values: np.ndarray, factor: float, shift: float) -> None:
    alpha = cronbach_alpha(values)
    if alpha is None or np.ptp(values.sum(axis=1)) < 0.01:
        return
    assert cronbach_alpha(values[::-1, ::-1] * factor + shift) == pytest.approx(alpha, abs=1e-6)
    assert alpha <= 1 + 1e-12


def test_alpha_is_negative_where_indicators_oppose_each_other() -> None:
    up = np.arange(6.0)
    assert cronbach_alpha(np.column_stack([up, -0.5 * up])) < 0


@pytest.mark.parametrize("values", [np.ones((5, 3)), np.ones((1, 3)), np.arange(5.0)[:, None]])
def test_alpha_is_none_where_there_is_nothing_to_compare(values: np.ndarray) -> None:
    assert cronbach_alpha(values) is None


# ── principal components ────────────────────────────────────────────────────────────────────────────────────────────────────


def test_components_are_those_of_the_correlation_matrix() -> None:
    """Against the eigenvalues by which weights are read, themselves checked against R's prcomp in test_weights."""
    values = np.random.default_rng(5).normal(size=(30, 5)) @ np.random.default_rng(6).normal(size=(5, 5))
    ours, theirs = components_of(values), principal_components(values)
    assert ours.eigenvalues == pytest.approx(theirs.eigenvalues)
    assert ours.shares == pytest.approx(theirs.shares)


def test_one_thing_measured_four_times_is_one_component() -> None:
    rng = np.random.default_rng(7)
    values = rng.normal(size=(40, 1)) + 0.1 * rng.normal(size=(40, 4))
    told = coherence(values)
    assert told["components"] == 1
    assert told["first_share"] > 0.9
    assert told["alpha"] > 0.95


def test_more_indicators_than_units_are_no_fault() -> None:
    told = coherence(np.random.default_rng(8).normal(size=(5, 20)))
    assert (told["indicators"], told["units"]) == (20, 5)
    assert told["components"] <= 4


def test_an_indicator_few_units_have_does_not_cost_the_units_that_lack_it() -> None:
    values = np.random.default_rng(9).normal(size=(10, 4))
    values[:5, 0] = GAP
    values[0, 1] = GAP
    told = coherence(values)
    assert (told["indicators"], told["units"]) == (3, 9)


def test_what_does_not_vary_plays_no_part() -> None:
    values = np.random.default_rng(10).normal(size=(10, 3))
    padded = np.column_stack([values, np.full(10, 100.0)])
    assert coherence(padded) == pytest.approx(coherence(values))


def test_too_few_complete_units_have_no_alpha() -> None:
    values = np.random.default_rng(11).normal(size=(3, 3))
    values[0, 0] = GAP
    assert coherence(values)["alpha"] is None


# ── pairs ──────────────────────────────────────────────────────────────────────────────────────────────────────────────────────────────


def test_a_pair_that_says_the_same_is_flagged_and_one_that_says_the_opposite_too() -> None:
    rng = np.random.default_rng(12)
    one = rng.uniform(0, 100, 17)
    values = np.column_stack([one, one + rng.normal(0, 3, 17), 100 - one + rng.normal(0, 20, 17), rng.uniform(0, 100, 17)])  # fmt: skip
    pairs = {(r["a"], r["b"]): r for r in related(values)["correlations"].to_dicts()}
    assert pairs["X00", "X01"]["flag"] == "repeats"
    assert pairs["X00", "X01"]["r"] > REPEATS
    assert pairs["X00", "X02"]["flag"] == "opposes"
    assert pairs["X00", "X03"]["flag"] is None
    assert list(pairs) == [(f"X{i:02d}", f"X{j:02d}") for i, j in combinations(range(4), 2)]


def test_r_and_its_chance_are_scipys_over_units_that_have_both() -> None:
    rng = np.random.default_rng(13)
    values = rng.normal(size=(12, 3))
    values[:2, 0] = GAP
    values[3, 1] = GAP
    for row in related(values)["correlations"].to_dicts():
        pair = values[:, [int(row["a"][1:]), int(row["b"][1:])]]
        both = pair[~np.isnan(pair).any(axis=1)]
        expected = pearsonr(both[:, 0], both[:, 1])
        assert row["units"] == len(both)
        assert row["r"] == pytest.approx(expected.statistic)
        assert chance(row["r"], row["units"]) == pytest.approx(expected.pvalue)


def test_three_towns_in_a_row_flag_nothing() -> None:
    """r = 0.98 over three units: p = 0.13."""
    assert flag_of(0.98, 3) is None
    assert flag_of(0.98, 5) == "repeats"
    assert flag_of(-0.3, 10) is None
    assert flag_of(-0.3, 300) == "opposes"
    assert flag_of(-1.0, 3) == "opposes"


def test_a_pair_without_variation_or_with_two_units_has_no_correlation() -> None:
    values = np.random.default_rng(14).normal(size=(6, 3))
    values[:, 0] = 100.0
    values[:4, 1] = GAP
    assert related(values)["correlations"].is_empty()


@given(st.permutations(list(range(9))))
def test_the_order_of_units_changes_nothing(order: list[int]) -> None:
    values = np.random.default_rng(15).normal(50, 20, size=(9, 4))
    values[2, 1] = GAP
    rows = scores_of(values)
    none = pl.DataFrame(schema=SCHEMAS["dimensions"])
    mixed = rows[[i * 4 + j for i in order for j in reversed(range(4))]]
    here, there = (relations(r, none, ("交通便捷",), YEAR) for r in (rows, mixed))
    assert here["correlations"].equals(there["correlations"])
    assert here["coherence"].equals(there["coherence"])


def test_levels_and_dimensions_stand_apart_and_the_dimensions_are_related_too() -> None:
    rng = np.random.default_rng(16)
    scores = pl.concat([
        scores_of(rng.normal(size=(8, 2))), scores_of(rng.normal(size=(9, 3)), "community", "生态宜居"),
        scores_of(rng.normal(size=(1, 3)), "district"),
    ])  # fmt: skip
    dimensions = conform("dimensions", pl.DataFrame([
        {"year": YEAR, "unit": f"U{i}", "level": "town", "dimension": d, "score": float(rng.normal())}
        for i in range(8) for d in ("交通便捷", "生态宜居")
    ]))  # fmt: skip
    found = relations(scores, dimensions, ("生态宜居", "交通便捷"), YEAR)
    kept = found["coherence"].select("level", "dimension", "indicators", "units").rows()
    assert kept == [
        ("town", "交通便捷", 2, 8),
        ("town", WHOLE, 2, 8),
        ("community", "生态宜居", 3, 9),
    ]
    whole = found["correlations"].filter(dimension=WHOLE).row(0, named=True)
    assert (whole["a"], whole["b"]) == ("交通便捷", "生态宜居")


def test_a_year_without_scores_has_neither() -> None:
    found = related(np.full((3, 2), GAP))
    assert {name: frame.height for name, frame in found.items()} == {"correlations": 0, "coherence": 0}
    assert found["coherence"].schema == SCHEMAS["coherence"]
