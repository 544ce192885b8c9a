"""AHP: weights of experts' pairwise judgements, and the refusal of judgements that contradict one another."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from tijian.engine.scoring.weights_ahp import RANDOM_INDEX, judge, weights_ahp, weights_ahp_group

# Saaty (2008), Int. J. Services Sciences 1(1), 83–98: how many times as much of the row as of the column is drunk
DRINKS = ("coffee", "wine", "tea", "beer", "soda", "milk", "water")
JUDGED = {
    ("coffee", "wine"): 9, ("coffee", "tea"): 5, ("coffee", "beer"): 2, ("coffee", "soda"): 1,
    ("coffee", "milk"): 1, ("water", "coffee"): 2, ("water", "wine"): 9, ("water", "tea"): 9,
    ("water", "beer"): 3, ("water", "soda"): 2, ("water", "milk"): 3, ("tea", "wine"): 3,
    ("beer", "wine"): 9, ("beer", "tea"): 3, ("beer", "milk"): 1, ("soda", "wine"): 9, ("soda", "tea"): 4,
    ("soda", "beer"): 2, ("soda", "milk"): 2, ("milk", "wine"): 9, ("milk", "tea"): 3,
}  # fmt: skip
INCONSISTENT = np.array([[1, 9, 1 / 9], [1 / 9, 1, 9], [9, 1 / 9, 1]])


def matrix_of(names: tuple[str, ...], judged: dict[tuple[str, str], float]) -> np.ndarray:
    a = np.eye(len(names))
    for (one, other), times in judged.items():
        i, j = names.index(one), names.index(other)
        a[i, j], a[j, i] = times, 1 / times
    return a


def consistent(weights: list[float]) -> np.ndarray:
    w = np.array(weights)
    return w[:, None] / w[None, :]


def test_saatys_drinks_have_the_published_weights_and_ratios() -> None:
    judgement = judge(matrix_of(DRINKS, JUDGED), random_index="donegan_dodd")
    assert np.round(judgement.weights, 4).tolist() == [0.1775, 0.0191, 0.0418, 0.1164, 0.1896, 0.1288, 0.3268]
    assert round(judgement.consistency_ratio, 4) == 0.0235
    assert judgement.lambda_max == pytest.approx(7.176629, abs=5e-7)
    assert judgement.consistency_index == pytest.approx(0.029438, abs=5e-7)
    for table in ("saaty_1980", "saaty_2005"):
        assert round(judge(matrix_of(DRINKS, JUDGED), random_index=table).consistency_ratio, 3) == 0.022


def test_row_geometric_means_are_another_answer_for_more_than_three() -> None:
    drinks = matrix_of(DRINKS, JUDGED)
    rows = judge(drinks, method="row_geometric").weights
    by_hand = np.prod(drinks, axis=1) ** (1 / 7)
    np.testing.assert_allclose(rows, by_hand / by_hand.sum())
    assert not np.allclose(rows, weights_ahp(drinks), atol=1e-4)
    three = matrix_of(("a", "b", "c"), {("a", "b"): 3, ("a", "c"): 5, ("b", "c"): 2})
    np.testing.assert_allclose(weights_ahp(three), weights_ahp(three, method="row_geometric"), atol=1e-12)


@given(
    st.lists(st.floats(0.1, 1.0), min_size=1, max_size=9), st.sampled_from(["eigenvector", "row_geometric"])
)
def test_consistent_judgements_give_back_the_weights_they_came_from(
    weights: list[float], method: str
) -> None:
    judgement = judge(consistent(weights), method=method)
    np.testing.assert_allclose(judgement.weights, np.array(weights) / sum(weights), rtol=1e-7)
    assert judgement.consistency_ratio == pytest.approx(0, abs=1e-9)


def test_contradicting_judgements_are_refused_with_the_ratio_and_the_pair_to_ask_about() -> None:
    with pytest.raises(
        ValueError, match=r"CR = \d+\.\d{3}（RI 取 saaty_1980），应小于 0.1；请先复核第 \d 项"
    ):
        weights_ahp(INCONSISTENT)
    drinks = matrix_of(DRINKS, JUDGED)
    drinks[0, 6], drinks[6, 0] = 9, 1 / 9  # coffee over water, against everything else said
    with pytest.raises(ValueError, match="请先复核第 1 项与第 7 项的比较"):
        weights_ahp(drinks)


@pytest.mark.parametrize(
    ("matrix", "words"),
    [
        ([[1, 2, 3], [0.5, 1, 1]], "应为方阵"),
        ([[1, 2], [2, 1]], "第 1 行第 2 列与第 2 行第 1 列应互为倒数"),
        ([[2, 1], [1, 1]], "应互为倒数"),
        ([[1, 0], [0, 1]], "都应是正数"),
        ([[1, float("nan")], [1, 1]], "都应是正数"),
        (np.ones((16, 16)), "最多 15 项"),
    ],
)
def test_what_is_no_judgement_matrix_is_refused(matrix: object, words: str) -> None:
    with pytest.raises(ValueError, match=words):
        judge(np.array(matrix))


def test_reciprocals_written_with_two_decimals_are_taken_as_meant() -> None:
    written = np.array([[1, 3, 8], [0.33, 1, 3], [0.13, 0.33, 1]])
    exact = np.array([[1, 3, 8], [1 / 3, 1, 3], [1 / 8, 1 / 3, 1]])
    np.testing.assert_allclose(judge(written).weights, judge(exact).weights)
    np.testing.assert_allclose(judge(written.T).weights, judge(exact.T).weights)


def test_a_group_by_joint_judgements_and_by_own_priorities() -> None:
    one, other = consistent([0.6, 0.3, 0.1]), consistent([0.2, 0.3, 0.5])
    mean = np.sqrt(np.array([0.6 * 0.2, 0.3 * 0.3, 0.1 * 0.5]))
    for combine in ("AIJ", "AIP"):  # the same for consistent experts (Forman & Peniwati 1998)
        np.testing.assert_allclose(
            weights_ahp_group([one, other], combine=combine), mean / mean.sum(), rtol=1e-9
        )
    np.testing.assert_allclose(
        weights_ahp_group([one, other], importances=[1, 0]), [0.6, 0.3, 0.1], rtol=1e-9
    )


def test_an_inconsistent_expert_is_named() -> None:
    good = consistent([0.6, 0.3, 0.1])
    with pytest.raises(ValueError, match="第 2 位专家的判断矩阵不一致：CR"):
        weights_ahp_group([good, INCONSISTENT])
    with pytest.raises(ValueError, match="可用的有：AIJ、AIP"):
        weights_ahp_group([good], combine="mean")
    with pytest.raises(ValueError, match="大小相同"):
        weights_ahp_group([good, np.eye(2)])


def test_unknown_method_and_table_list_those_there_are() -> None:
    with pytest.raises(
        ValueError, match="没有名为“sum”的判断矩阵求权方法；可用的有：eigenvector、row_geometric"
    ):
        judge(np.eye(1), method="sum")
    with pytest.raises(ValueError, match="可用的有：saaty_1980、saaty_2005、donegan_dodd"):
        judge(consistent([1, 2, 3]), random_index="golden")
    assert {len(table) for table in RANDOM_INDEX.values()} == {13}  # 3 to 15 elements
