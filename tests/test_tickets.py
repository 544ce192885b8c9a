"""12345 tickets: per 10,000 people by category, how many come again, how many are unresolved."""

from __future__ import annotations

import polars as pl
import pytest
from tijian.engine.evidence import Evidence
from tijian.engine.measure.tickets import ALL, count_tickets
from tijian.engine.results import SCHEMAS

from .small_year import DISTRICT, TOWNS, evidence, units

YEAR = 2026
HERE = TOWNS[0] + "001"  # 400 of the town's 1,000 people


def calls(**more: object) -> Evidence:
    rows = [
        {"unit": HERE, "category": "停车管理", "repeated": True, "resolved": True},
        {"unit": HERE, "category": "停车管理", "repeated": False, "resolved": None},
        {"unit": HERE, "category": "噪声扰民", "repeated": None, "resolved": False},
        {"unit": TOWNS[0], "category": "停车管理", "repeated": False, "resolved": True},
        {"unit": TOWNS[1] + "002", "category": None, "repeated": False, "resolved": True},
        {"unit": None, "category": "停车管理", "repeated": True, "resolved": False},
    ]
    return evidence("tickets", "tickets", rows, **more)


def counted(*items: Evidence, of: pl.DataFrame | None = None) -> dict[tuple[str, str], dict[str, object]]:
    frame = count_tickets({e.name: e for e in items}, units() if of is None else of, YEAR)
    assert frame.schema == SCHEMAS["tickets"]
    return {(r["unit"], r["category"]): r for r in frame.to_dicts()}


def test_by_hand() -> None:
    found = counted(calls())
    parking = found[TOWNS[0], "停车管理"]  # two of its community, one known only by the town
    assert (parking["count"], parking["per_10k"]) == (3, 30)
    assert parking["repeat_share"] == pytest.approx(1 / 3)
    assert parking["unresolved_share"] == 0, "of the two that say so; the blank is not a no"
    assert found[HERE, ALL]["unresolved_share"] == pytest.approx(1 / 2)
    assert (found[HERE, ALL]["count"], found[HERE, ALL]["per_10k"]) == (3, 75)


def test_the_district_counts_every_ticket_that_lies_in_a_unit_and_categories_only_those_that_have_one() -> (
    None
):
    found = counted(calls())
    assert found[DISTRICT, ALL]["count"] == 5
    assert found[DISTRICT, "停车管理"]["count"] + found[DISTRICT, "噪声扰民"]["count"] == 4


def test_a_unit_nobody_called_from_has_none_where_the_input_covers_every_unit() -> None:
    quiet = counted(calls())[TOWNS[3], ALL]
    assert (quiet["count"], quiet["per_10k"], quiet["repeat_share"]) == (0, 0, None)
    assert (TOWNS[3], ALL) not in counted(calls(complete=False))


def test_without_population_there_is_no_rate() -> None:
    nobody = units().with_columns(population=pl.lit(None, dtype=pl.Float64))
    row = counted(calls(), of=nobody)[HERE, ALL]
    assert (row["count"], row["per_10k"]) == (3, None)


def test_no_tickets_no_rows() -> None:
    assert counted() == {}
