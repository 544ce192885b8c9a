"""Rankings for comparison: TOPSIS, VIKOR, Copeland and Condorcet, on published cases."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from tijian.engine.scoring.outranking import (
    RANKINGS,
    condorcet,
    copeland,
    outranking_matrix,
    rank_copeland,
    rank_topsis,
    topsis,
    vikor,
)

NAN = float("nan")
# Tzeng & Huang (2011), Multiple Attribute Decision Making
TZENG = np.array([[5.0, 8, 4], [7, 6, 8], [8, 8, 6], [7, 4, 6]])
# Yang & Wu (2020), IEEE Access 8, 21261–21271
YANG = np.array([[78.0, 56, 34, 6], [4, 45, 3, 97], [18, 2, 50, 63], [9, 14, 11, 92], [85, 9, 100, 29]])
# the capital of Tennessee: places given by four groups of voters to Memphis, Nashville, Knoxville, Chattanooga
TENNESSEE = np.array([[1.0, 4, 4, 4], [2, 1, 3, 3], [4, 3, 2, 1], [3, 2, 1, 2]])
VOTERS = np.array([42.0, 26, 15, 17])

tables = st.integers(1, 4).flatmap(
    lambda k: st.lists(st.lists(st.integers(0, 9), min_size=k, max_size=k), min_size=2, max_size=7).map(
        lambda rows: np.array(rows, dtype=np.float64)
    )
)


def test_topsis_with_vector_normalisation_gives_the_published_closeness() -> None:
    weights = np.array([0.3, 0.4, 0.3])
    assert np.round(topsis(TZENG, weights), 4).tolist() == [0.5037, 0.6581, 0.7482, 0.334]
    assert rank_topsis(TZENG, weights).tolist() == [3, 2, 1, 4]


def test_topsis_normalisation_is_a_choice_that_shows() -> None:
    weights = np.array([0.3, 0.4, 0.3])
    assert not np.allclose(topsis(TZENG, weights, normalise="minmax"), topsis(TZENG, weights), atol=0.01)
    with pytest.raises(ValueError, match="没有名为“max”的 TOPSIS 规范化方式；可用的有：vector、minmax"):
        topsis(TZENG, weights, normalise="max")


def test_vikor_gives_the_published_compromise() -> None:
    result = vikor(YANG, np.full(4, 0.25))
    assert np.round(result.compromise, 4).tolist() == [0.5679, 0.7667, 1, 0.7493, 0]
    with pytest.raises(ValueError, match="应在 0 与 1 之间"):
        vikor(YANG, np.ones(4), v=2)


def test_tennessee_elects_nashville() -> None:
    matrix = outranking_matrix(TENNESSEE, VOTERS, directions=["lower"] * 4)
    assert matrix[1, 0] == pytest.approx(0.58)  # Nashville beats Memphis by 58 to 42
    assert copeland(matrix).tolist() == [-3, 3, -1, 1]
    assert condorcet(matrix) == 1
    assert rank_copeland(TENNESSEE, VOTERS, directions=["lower"] * 4).tolist() == [4, 1, 3, 2]
    borda = 100 * (matrix.sum(axis=1) + 1)  # each pair won gives a point, and one for taking part
    np.testing.assert_allclose(borda, [226, 294, 207, 273])


def test_the_outranking_matrix_of_coinr() -> None:
    # COINr, test-aggregate.R
    x = np.array([[1.0, 3, 2], [2, 2, 3], [3, 1, 1], [4, 5, 4]])
    matrix = outranking_matrix(x, np.ones(3))
    np.testing.assert_allclose(matrix[1:, 0], [2 / 3, 1 / 3, 1])
    assert np.diag(matrix).tolist() == [0, 0, 0, 0]
    assert np.count_nonzero(matrix == 1) == 3  # dominant pairs
    tie = outranking_matrix(np.array([[1.0, 2], [2, 1]]), np.ones(2))
    assert copeland(tie).tolist() == [0, 0]
    assert condorcet(tie) is None


def test_a_cycle_has_no_condorcet_winner() -> None:
    cycle = np.array([[3.0, 1, 2], [2, 3, 1], [1, 2, 3]])
    assert condorcet(outranking_matrix(cycle, np.ones(3))) is None


def test_a_unit_with_a_gap_is_compared_on_what_both_have_or_left_out() -> None:
    x = np.array([[1.0, 5.0], [NAN, 4.0], [3.0, 3.0], [NAN, NAN]])
    matrix = outranking_matrix(x, np.ones(2))
    assert matrix[0, 1] == 1
    assert matrix[0, 2] == 0.5
    assert np.isnan(matrix[3, :3]).all()
    assert copeland(matrix).tolist()[:3] == [1, 0, -1]
    assert np.isnan(copeland(matrix)[3])
    assert np.isnan(topsis(x, np.ones(2))).tolist() == [False, True, False, True]
    assert np.isnan(vikor(x, np.ones(2)).compromise).tolist() == [False, True, False, True]


def test_units_that_are_all_alike_share_the_first_place_or_none() -> None:
    x = np.full((3, 2), 4.0)
    assert np.isnan(topsis(x, np.ones(2))).all()
    assert RANKINGS.choose("vikor")(x, np.ones(2)).tolist() == [1, 1, 1]
    assert rank_copeland(x, np.ones(2)).tolist() == [1, 1, 1]


@given(tables)
def test_outranking_shares_of_a_pair_make_one_whole(x: np.ndarray) -> None:
    matrix = outranking_matrix(x, np.ones(x.shape[1]))
    off = ~np.eye(len(x), dtype=bool)
    np.testing.assert_allclose((matrix + matrix.T)[off], 1)
    assert copeland(matrix).sum() == 0


@pytest.mark.parametrize("name", sorted(RANKINGS))
@given(x=tables, seed=st.integers(0, 99))
def test_a_unit_at_least_as_good_in_everything_is_never_ranked_behind(
    name: str, x: np.ndarray, seed: int
) -> None:
    ranks = RANKINGS[name](x, np.ones(x.shape[1]))
    for i, one in enumerate(x):
        for j, other in enumerate(x):
            if (one >= other).all() and not np.isnan(ranks[[i, j]]).any():
                assert ranks[i] <= ranks[j]
    order = np.random.default_rng(seed).permutation(len(x))
    np.testing.assert_array_equal(RANKINGS[name](x[order], np.ones(x.shape[1])), ranks[order])
