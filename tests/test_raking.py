"""Raking: margins met, nobody counted backwards, and the same numbers as others get."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st
from tijian.engine.survey.raking import UNKNOWN, Margin, rake

WIDE = (1e-6, 1e6)


def margin(category: list[int] | np.ndarray, *share: float) -> Margin:
    return Margin(np.array(category), np.array(share) / sum(share))


def shares(weights: np.ndarray, m: Margin) -> np.ndarray:
    known = m.category != UNKNOWN
    sums = np.array([weights[known & (m.category == k)].sum() for k in range(len(m.share))])
    return sums / sums.sum()


people = st.lists(st.tuples(st.integers(0, 1), st.integers(0, 2)), min_size=6, max_size=80)
wanted = st.floats(0.1, 1)


@given(people, st.tuples(wanted, wanted), st.tuples(wanted, wanted, wanted))
def test_margins_are_met_where_every_kind_of_person_answered(
    rows: list[tuple[int, int]], sex: tuple[float, float], age: tuple[float, float, float]
) -> None:
    assume(len(set(rows)) == 6)
    margins = [margin([s for s, _ in rows], *sex), margin([a for _, a in rows], *age)]
    raked = rake(margins, between=WIDE)
    assert (raked.weights > 0).all()
    for m in margins:
        assert shares(raked.weights, m) == pytest.approx(m.share, abs=1e-6)
    assert raked.weights.mean() == pytest.approx(1)


@given(people)
def test_a_sample_that_is_like_the_population_keeps_equal_weights(rows: list[tuple[int, int]]) -> None:
    sexes, ages = [s for s, _ in rows], [a for _, a in rows]
    margins = [
        Margin(np.array(c), np.bincount(c, minlength=k) / len(rows)) for c, k in ((sexes, 2), (ages, 3))
    ]
    assert rake(margins, between=(0.3, 3)).weights == pytest.approx(np.ones(len(rows)))


@given(people, st.tuples(wanted, wanted), st.tuples(wanted, wanted, wanted))
def test_no_weight_leaves_its_bounds(
    rows: list[tuple[int, int]], sex: tuple[float, float], age: tuple[float, float, float]
) -> None:
    margins = [margin([s for s, _ in rows], *sex), margin([a for _, a in rows], *age)]
    weights = rake(margins, between=(0.5, 2)).weights
    assert weights.min() >= 0.5
    assert weights.max() <= 2


def test_the_example_of_proportional_fitting() -> None:
    """The worked example of the documentation of ProportionalFitting.jl (E.-J. van Kesteren), `ipf`: 4×4, four digits."""
    table = np.array([[40, 30, 20, 10], [35, 50, 100, 75], [30, 80, 70, 120], [20, 30, 40, 50]])
    row, column = (np.repeat(index.ravel(), table.ravel()) for index in np.indices(table.shape))
    raked = rake([margin(row, 150, 300, 400, 150), margin(column, 200, 300, 400, 100)], between=WIDE)
    fitted = np.zeros((4, 4))
    np.add.at(fitted, (row, column), raked.weights)
    assert fitted / fitted.sum() * 1000 == pytest.approx(
        np.array([[64.5585, 46.2325, 35.3843, 3.82473], [49.9679, 68.1594, 156.499, 25.3742],
                  [56.7219, 144.428, 145.082, 53.7673], [28.7516, 41.18, 63.0347, 17.0337]]), rel=1e-5,
    )  # fmt: skip


def test_a_plain_second_version_gives_the_same() -> None:
    sex, age = [0] * 30 + [1] * 70, [0, 1, 2, 1] * 25
    target = ({0: 0.5, 1: 0.5}, {0: 0.3, 1: 0.55, 2: 0.15})
    weights = [1.0] * 100
    for _ in range(200):
        for kinds, goal in zip((sex, age), target, strict=True):
            total = sum(weights)
            now = {
                k: sum(w for w, kind in zip(weights, kinds, strict=True) if kind == k) / total for k in goal
            }
            weights = [w * goal[kind] / now[kind] for w, kind in zip(weights, kinds, strict=True)]
    raked = rake([margin(sex, 0.5, 0.5), margin(age, 0.3, 0.55, 0.15)], between=WIDE)
    assert raked.weights == pytest.approx(weights)


def test_an_answer_whose_person_did_not_tell_keeps_its_weight() -> None:
    raked = rake([margin([0, 0, 0, 1, UNKNOWN], 0.5, 0.5)], between=WIDE)
    assert raked.weights == pytest.approx([2 / 3, 2 / 3, 2 / 3, 2, 1])


def test_a_kind_of_person_nobody_is_of_leaves_its_share_to_the_others() -> None:
    raked = rake([margin([0, 0, 1, 1], 0.2, 0.2, 0.6)], between=WIDE)
    assert raked.weights == pytest.approx([1, 1, 1, 1])
    assert raked.furthest == pytest.approx(0)


def test_bounds_that_bind_are_told_by_how_far_the_margin_is_missed() -> None:
    raked = rake([margin([0] * 99 + [1], 0.5, 0.5)], between=(0.3, 3))
    assert raked.weights[-1] == 3
    assert raked.furthest > 0.4
