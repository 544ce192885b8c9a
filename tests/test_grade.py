"""Grades: by the project's cuts, and the two grades of the Ministry's handbook."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from tijian.engine.scoring.grade import GRADES, grade, grade_ministry_aspect, grade_ministry_indicator

NAN = float("nan")
CUTS = (("优", 90.0), ("良", 80.0), ("中", 70.0), ("较差", 60.0), ("差", float("-inf")))
V, G, F, P, N = "很好", "较好", "一般", "不足", "未评价"


def test_a_score_has_the_grade_whose_bound_it_reaches() -> None:
    scores = np.array([100, 90, 89.99, 80, 70, 60, 59.9, 0, NAN])
    assert grade(scores, CUTS).tolist() == ["优", "优", "良", "良", "中", "较差", "差", "差", "未评价"]


def test_a_bound_reached_but_for_rounding_in_binary_is_reached() -> None:
    ninety = np.array([0.1 * 3 * 300])  # 90.00000000000001, and its mirror image below
    assert grade(ninety, CUTS).tolist() == ["优"]
    assert grade(180 - ninety, CUTS).tolist() == ["优"]


@pytest.mark.parametrize(
    ("cuts", "words"),
    [
        ((("良", 80.0), ("优", 90.0)), "从高到低"),
        ((("优", 80.0), ("良", 80.0), ("差", 0.0)), "不重复"),
        ((("优", 90.0), ("良", 60.0)), "最低一级“良”"),
        ((), "从高到低"),
    ],
)
def test_cuts_that_do_not_grade_every_score_are_refused(
    cuts: tuple[tuple[str, float], ...], words: str
) -> None:
    with pytest.raises(ValueError, match=words):
        grade(np.array([50.0]), cuts)


def test_an_indicator_is_graded_by_its_standard() -> None:
    scores = np.array([95, 90, 80, 75, 60, 59, NAN])
    assert grade_ministry_indicator(scores).tolist() == [V, V, G, G, F, P, N]


def test_dissatisfied_residents_lower_the_grade_by_one_step() -> None:
    scores = np.array([95, 80, 65, 30, NAN, 95, 95])
    satisfaction = np.array([59.9, 50, 0, 10, 10, 60, NAN])
    assert grade_ministry_indicator(scores, satisfaction=satisfaction).tolist() == [G, F, P, P, N, V, V]


@pytest.mark.parametrize(
    ("grades", "expected"),
    [
        ([V] * 8 + [G] * 2, "优"),
        ([V] * 8 + [F] * 2, "优"),
        ([V] * 8 + [G, P], "良"),  # 不足 bars 优, and G ≥ 80 % with 不足 is 良
        ([V] * 4 + [G] * 4 + [F, P], "良"),
        ([V] * 3 + [G] * 3 + [F] * 4, "良"),
        ([V] * 3 + [G] * 3 + [F] * 3 + [P], "中"),
        ([V] * 2 + [G] * 2 + [F] * 6, "中"),
        ([V] * 2 + [G] * 2 + [F] * 5 + [P], "差"),
        ([V] * 2 + [G] + [F] * 7, "差"),
        ([P], "差"),
        ([F], "差"),
    ],
)
def test_an_aspect_is_graded_by_shares_as_the_handbook_says(grades: list[str], expected: str) -> None:
    result = grade_ministry_aspect(grades)
    assert result.grade == expected
    assert not result.undefined


def test_the_case_the_handbook_leaves_open_is_good_and_marked() -> None:
    result = grade_ministry_aspect([V, V, G, G, G])
    assert (result.grade, result.undefined) == ("良", True)
    assert (result.good, result.very_good) == (1.0, 0.4)


def test_whether_ungraded_ones_count_is_a_choice_and_the_other_answer_is_given_too() -> None:
    grades = [V, V, V, V, N, N]
    without = grade_ministry_aspect(grades)
    assert (without.grade, without.other) == ("优", "良")
    counted = grade_ministry_aspect(grades, count_ungraded=True)
    assert (counted.grade, counted.other) == ("良", "优")
    assert counted.good == pytest.approx(4 / 6)


def test_a_real_aspect_hangs_on_the_denominator() -> None:
    # 产城融合、职住平衡 as one city printed it in 2025: seven indicators, one of them not evaluated
    result = grade_ministry_aspect([V, V, N, V, F, V, V])
    assert (result.grade, result.other) == ("优", "良")


def test_nothing_graded_is_not_evaluated() -> None:
    for nothing in ([], [N, N]):
        result = grade_ministry_aspect(nothing)
        assert (result.grade, result.other) == (N, N)
        assert np.isnan(result.good)


def test_an_unknown_grade_is_refused() -> None:
    with pytest.raises(ValueError, match="没有等级“良好”；可用的有：很好、较好"):
        grade_ministry_aspect([V, "良好"])


LADDER = ["差", "中", "良", "优"]
STEPS = [P, F, G, V]


@given(st.lists(st.sampled_from(STEPS), min_size=1, max_size=12), st.integers(0, 11))
def test_raising_one_indicator_never_lowers_the_aspect(grades: list[str], place: int) -> None:
    place %= len(grades)
    raised = grades.copy()
    raised[place] = STEPS[min(STEPS.index(grades[place]) + 1, 3)]
    before, after = grade_ministry_aspect(grades).grade, grade_ministry_aspect(raised).grade
    assert LADDER.index(after) >= LADDER.index(before)


def test_the_ways_to_grade_are_listed() -> None:
    with pytest.raises(ValueError, match="可用的有：cuts、ministry_indicator、ministry_aspect"):
        GRADES.choose("stars")
