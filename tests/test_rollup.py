"""Roll-up: Σ numerator / Σ denominator, never the mean of rates; stated beside computed; basis."""

from __future__ import annotations

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st
from tijian.engine.measure.pairs import Pairs, pairs_frame
from tijian.engine.measure.rollup import roll_up
from tijian.engine.results import SCHEMAS

UNITS = pl.DataFrame(
    [
        ("100000", "示例区", "district", None, 1000.0, 10.0, "100000", None, None),
        ("100000001", "东街道", "town", "100000", 600.0, 4.0, "100000", "100000001", None),
        ("100000001001", "甲社区", "community", "100000001", 200.0, 1.0, "100000", "100000001", "100000001001"),
        ("100000001002", "乙社区", "community", "100000001", 400.0, 3.0, "100000", "100000001", "100000001002"),
        ("100000002", "西镇", "town", "100000", 400.0, 6.0, "100000", "100000002", None),
        ("100000002001", "丙社区", "community", "100000002", 400.0, 6.0, "100000", "100000002", "100000002001"),
    ],
    schema={c: SCHEMAS["units"][c] for c in ("code", "name", "level", "parent", "population", "area_km2", "district", "town", "community")},
    orient="row",
)  # fmt: skip
A, B, C = "100000001001", "100000001002", "100000002001"
EAST, WEST, ALL = "100000001", "100000002", "100000"


def rolled(rows: list[dict[str, object]], rollup: str, **options: object) -> dict[str, dict[str, object]]:
    reported_wins = bool(options.pop("reported_wins", False))
    pairs = Pairs(pairs_frame(pl.DataFrame(rows, infer_schema_length=None)), rollup=rollup, **options)
    return {r["unit"]: r for r in roll_up(pairs, UNITS, reported_wins=reported_wins).to_dicts()}


def pair(unit: str, numerator: float | None, denominator: float | None, rows: int = 1) -> dict[str, object]:
    return {"unit": unit, "numerator": numerator, "denominator": denominator, "rows": rows}


def test_a_parent_is_the_sum_of_numerators_over_the_sum_of_denominators() -> None:
    got = rolled([pair(A, 1, 10), pair(B, 90, 100)], "additive", scale=100)
    assert got[A]["value"] == pytest.approx(10)
    assert got[B]["value"] == pytest.approx(90)
    assert got[EAST]["value"] == pytest.approx(100 * 91 / 110)  # the mean of rates would be 50
    assert got[ALL]["value"] == got[EAST]["value"]


def test_records_known_only_by_their_town_add_to_those_known_by_community() -> None:
    got = rolled([pair(A, 2, 4), pair(EAST, 1, 6)], "additive", scale=1)
    assert got[EAST]["value"] == pytest.approx(3 / 10)
    assert got[A]["value"] == pytest.approx(2 / 4)


def test_a_zero_denominator_gives_no_value_rather_than_zero() -> None:
    assert A not in rolled([pair(A, 0, 0), pair(B, 1, 2)], "additive")


def test_counts_print_the_number_and_compare_the_share() -> None:
    got = rolled([pair(A, 3, 30), pair(B, 0, 70)], "additive", scale=100, counts=True)
    assert (got[EAST]["value"], got[EAST]["compared"]) == (3, pytest.approx(3.0))
    assert (got[B]["value"], got[B]["compared"]) == (0, 0)


def test_per_area_a_unit_without_a_row_has_zero_not_a_gap() -> None:
    got = rolled([pair(A, 4, None)], "additive", per="area_km2", counts=True)
    assert got[A]["compared"] == pytest.approx(4.0)
    assert got[B]["value"] == 0
    assert got[ALL]["compared"] == pytest.approx(0.4)


def test_children_add_up_when_complete_and_the_own_figure_is_kept_beside() -> None:
    rows = [pair(EAST, 50, 100), pair(WEST, 30, 100), pair(ALL, 90, 200)]
    got = rolled(rows, "stated", scale=100)
    assert got[ALL]["value"] == pytest.approx(40)
    assert got[ALL]["reported"] == pytest.approx(45)
    assert got[ALL]["origin"] == "computed"
    assert rolled(rows, "stated", scale=100, reported_wins=True)[ALL]["value"] == pytest.approx(45)


def test_with_a_child_missing_the_own_figure_stands() -> None:
    got = rolled([pair(EAST, 50, 100), pair(ALL, 90, 200)], "stated", scale=100)
    assert got[ALL]["value"] == pytest.approx(45)
    assert got[ALL]["reported"] == pytest.approx(45)


def test_basis_is_the_share_of_people_the_value_stands_on() -> None:
    got = rolled([pair(A, 1, 2)], "stated", scale=100)
    assert got[EAST]["basis"] == pytest.approx(200 / 600)
    assert got[ALL]["basis"] == pytest.approx(200 / 1000)
    assert got[A]["basis"] == 1


def test_reported_rates_are_not_averaged_unless_a_weight_is_named() -> None:
    rows = [{"unit": EAST, "value": 10.0, "rows": 1}, {"unit": WEST, "value": 20.0, "rows": 1}]
    assert ALL not in rolled(rows, "stated")
    got = rolled(rows, "stated", weight="population")
    assert got[ALL]["value"] == pytest.approx((10 * 600 + 20 * 400) / 1000)


@given(
    st.lists(st.tuples(st.integers(0, 500), st.integers(1, 500)), min_size=3, max_size=3),
    st.permutations([0, 1, 2]),
)
def test_roll_up_is_associative_and_blind_to_row_order(
    cells: list[tuple[int, int]], order: list[int]
) -> None:
    rows = [pair(unit, n, d) for unit, (n, d) in zip((A, B, C), cells, strict=True)]
    got = rolled([rows[i] for i in order], "additive")
    total = sum(n for n, _ in cells) / sum(d for _, d in cells)
    assert got[ALL]["value"] == pytest.approx(total)
    towns = rolled(
        [pair(EAST, cells[0][0] + cells[1][0], cells[0][1] + cells[1][1]), pair(WEST, *cells[2])], "additive"
    )
    assert towns[ALL]["value"] == pytest.approx(total)
