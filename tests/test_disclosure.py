"""Small counts are not published, nor anything from which they could be computed."""

from __future__ import annotations

import numpy as np
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tijian.engine.chance.disclosure import Sum, derivable, suppress_survey, suppress_tickets, suppressed
from tijian.engine.measure.tickets import ALL
from tijian.engine.results import conform

UNITS = pl.DataFrame(
    {
        "code": ["1", "11", "12", "111", "112", "113", "121", "122"],
        "parent": [None, "1", "1", "11", "11", "11", "12", "12"],
    }
)
LEAVES = ["111", "112", "113", "121", "122"]
CATEGORIES = ["停车", "噪声", "供水"]


def tickets(leaves: np.ndarray) -> pl.DataFrame:
    """The frame of (5 communities, 3 categories), every total added up."""
    own = dict(zip(LEAVES, leaves, strict=True))
    own["11"] = own["111"] + own["112"] + own["113"]
    own["12"] = own["121"] + own["122"]
    own["1"] = own["11"] + own["12"]
    rows = [
        (unit, category, int(count))
        for unit in sorted(own)
        for category, count in [(ALL, own[unit].sum()), *zip(CATEGORIES, own[unit], strict=True)]
    ]
    return conform("tickets", pl.DataFrame(rows, schema=["unit", "category", "count"], orient="row"))


def sums_of(frame: pl.DataFrame) -> list[Sum]:
    """Every printed sum of the frame, written out by hand."""
    at = {(r["unit"], r["category"]): i for i, r in enumerate(frame.to_dicts())}
    below: dict[str, list[str]] = {}
    for row in UNITS.drop_nulls().to_dicts():
        below.setdefault(row["parent"], []).append(row["code"])
    found = [Sum(at[u, ALL], tuple(at[u, c] for c in CATEGORIES)) for u in UNITS["code"]]
    found += [
        Sum(at[u, c], tuple(at[b, c] for b in under))
        for u, under in below.items()
        for c in [ALL, *CATEGORIES]
    ]
    return found


def fixed_exactly(hidden: np.ndarray, sums: list[Sum]) -> np.ndarray:
    """Hidden cells that do not move in any vector of the null space, by singular values."""
    matrix = np.zeros((len(sums), len(hidden)))
    for row, line in enumerate(sums):
        matrix[row, line.total] -= 1
        matrix[row, list(line.parts)] += 1
    matrix = matrix[:, hidden]
    _, sizes, right = np.linalg.svd(matrix)
    null = right[int((sizes > 1e-9).sum()) :]
    found = np.zeros(len(hidden), dtype=bool)
    found[np.flatnonzero(hidden)] = (np.abs(null) < 1e-9).all(axis=0)
    return found


def shown(frame: pl.DataFrame, unit: str) -> dict[str, bool]:
    return dict(frame.filter(unit=unit).select("category", "suppressed").iter_rows())


small = st.lists(st.sampled_from([0, 0, 1, 2, 3, 4, 6, 9, 40]), min_size=15, max_size=15)


@settings(max_examples=150, deadline=None)
@given(small, st.integers(2, 6))
def test_no_hidden_count_can_be_computed_from_what_is_published(counts: list[int], fewest: int) -> None:
    frame = tickets(np.array(counts).reshape(5, 3))
    done = suppress_tickets(frame, UNITS, fewest)
    hidden, values = done["suppressed"].to_numpy(), done["count"].to_numpy()
    assert hidden[(values > 0) & (values < fewest)].all(), "every small count is hidden"
    assert not hidden[values == 0].any(), "zeros are about nobody"
    assert not fixed_exactly(hidden, sums_of(frame)).any()


@settings(max_examples=150, deadline=None)
@given(st.lists(st.booleans(), min_size=32, max_size=32))
def test_the_check_of_combinations_agrees_with_singular_values(flags: list[bool]) -> None:
    frame = tickets(np.ones((5, 3), dtype=int))
    hidden, sums = np.array(flags), sums_of(frame)
    assert derivable(hidden, sums).tolist() == fixed_exactly(hidden, sums).tolist()


@settings(max_examples=100, deadline=None)
@given(small)
def test_a_published_total_does_not_say_that_all_hidden_parts_are_ones(counts: list[int]) -> None:
    frame = tickets(np.array(counts).reshape(5, 3))
    hidden, values = suppress_tickets(frame, UNITS, 3)["suppressed"].to_numpy(), frame["count"].to_numpy()
    for line in sums_of(frame):
        parts = [p for p in line.parts if hidden[p]]
        if parts and not hidden[line.total]:
            assert sum(values[parts]) > len(parts)
            assert sum(values[parts]) >= 3


def test_one_small_count_hides_the_next_smallest_in_its_row_and_column_and_no_more_than_it_must() -> None:
    counts = np.full((5, 3), 50) + np.arange(15).reshape(5, 3)
    counts[0, 0] = 2
    done = suppress_tickets(tickets(counts), UNITS, 3)
    assert shown(done, "111") == {ALL: False, "停车": True, "噪声": True, "供水": False}
    assert shown(done, "112") == {ALL: False, "停车": True, "噪声": True, "供水": False}
    assert done["suppressed"].sum() == 4


def test_nothing_is_hidden_where_nothing_is_small() -> None:
    assert not suppress_tickets(tickets(np.full((5, 3), 3)), UNITS, 3)["suppressed"].any()
    assert not suppress_tickets(tickets(np.ones((5, 3), dtype=int)), UNITS, 1)["suppressed"].any()
    assert not suppress_tickets(tickets(np.zeros((5, 3), dtype=int)), UNITS, 3)["suppressed"].any()


def test_a_total_that_its_parts_would_give_away_hides_one_of_them() -> None:
    done = suppressed(np.array([2, 0, 2]), [Sum(0, (1, 2))], 3)
    assert done.tolist() == [True, False, True]
    lonely = suppressed(np.array([5, 0, 2, 3]), [Sum(0, (1, 2, 3))], 3)
    assert lonely.tolist() == [False, False, True, True]


def test_a_bridge_between_two_closed_rings_is_found_though_no_sum_has_one_hidden_count() -> None:
    """Two 2×2 blocks hidden in full and one cell that joins them: each line has two or three hidden, the cell is fixed."""
    rows, columns = 4, 4
    cell = np.arange(rows * columns).reshape(rows, columns)
    totals = rows * columns
    sums = [Sum(totals + i, tuple(cell[i])) for i in range(rows)]
    sums += [Sum(totals + rows + j, tuple(cell[:, j])) for j in range(columns)]
    values = np.full(totals + rows + columns, 9)
    for i, j in [(0, 0), (0, 1), (1, 0), (1, 1), (2, 2), (2, 3), (3, 2), (3, 3), (1, 2)]:
        values[cell[i, j]] = 2
    small_ones = (values < 3).copy()
    assert derivable(small_ones, sums)[cell[1, 2]]
    hidden = suppressed(values, sums, 3)
    assert hidden.sum() > small_ones.sum()
    assert not fixed_exactly(hidden, sums).any()


def test_answers_are_protected_along_the_tree_question_by_question() -> None:
    numbers = {"1": 66, "11": 42, "12": 24, "111": 2, "112": 15, "113": 25, "121": 12, "122": 12}
    frame = conform(
        "survey",
        pl.DataFrame({"unit": list(numbers), "answers": list(numbers.values())}).with_columns(
            question=pl.lit("Q1")
        ),
    )
    other = frame.with_columns(question=pl.lit("Q2"), answers=pl.lit(30, dtype=pl.Int64))
    done = suppress_survey(pl.concat([frame, other]), UNITS, 3)
    assert done.filter("suppressed").select("unit", "question").rows() == [("111", "Q1"), ("112", "Q1")]


def test_the_order_of_rows_of_units_does_not_matter() -> None:
    frame = tickets(np.random.default_rng(3).integers(0, 7, (5, 3)))
    one = suppress_tickets(frame, UNITS, 3)
    two = suppress_tickets(frame, UNITS.reverse(), 3)
    assert one.equals(two)


def test_a_count_below_zero_is_refused() -> None:
    with pytest.raises(ValueError, match="不能为负"):
        suppressed(np.array([-1, 2]), [], 3)
