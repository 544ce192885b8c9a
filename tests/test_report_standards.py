"""What a value is measured against, as printed: a standard, a good range (适度), or the peers' median."""

from __future__ import annotations

from dataclasses import replace
from functools import cache

import polars as pl
from tijian.reports.tables.lists import indicator_table, problem_table
from tijian.reports.view import Scope, View
from tijian.reports.wording import words
from tijian.reports.wording.indicator_words import standard_text

from .results_fixture import DISTRICT, make_results

TOWN = f"{DISTRICT}002"
BANDED, COUNTED = "CX-04", "AQ-01"


@cache
def view() -> View:
    """The fixture with a good range of 38–45 岁 for one indicator and another counted in 栋, compared in %."""
    results = make_results()
    banded, counted = pl.col("code") == BANDED, pl.col("code") == COUNTED
    indicators = results.indicators.with_columns(
        low=pl.when(banded).then(38.0),
        high=pl.when(banded).then(45.0),
        method=pl.when(counted).then(pl.lit("count")).otherwise("method"),
        compared_unit=pl.when(counted).then(pl.lit("%")).otherwise("unit"),
    )
    scores = results.scores.with_columns(
        compared=pl.when(pl.col("indicator") == COUNTED).then(12.34).otherwise("compared"),
        peer_median=pl.when(pl.col("indicator") == COUNTED).then(8.44).otherwise("peer_median"),
        district_value=pl.when(pl.col("indicator") == COUNTED).then(9.0).otherwise("district_value"),
    )
    return View(replace(results, indicators=indicators, scores=scores))


def printed(code: str, unit: str = TOWN) -> dict[str, str]:
    table = indicator_table(view(), Scope(units=(unit,), indicators=(code,)))
    return dict(zip(table.keys, table.texts()[0], strict=True))


def test_a_good_range_stands_where_a_standard_would() -> None:
    assert printed(BANDED)["standard"] == "38–45"
    assert "适度区间 38–45岁" in standard_text(view().indicators[BANDED])


def test_a_count_is_set_beside_the_shares_it_is_compared_by() -> None:
    row = printed(COUNTED)
    assert (row["district"], row["peers"]) == ("9.0%", "8.4%")


def test_within_the_good_range_the_standard_is_met() -> None:
    banded = view().indicators[BANDED]
    assert [words.reaches(v, banded) for v in (37.9, 38.0, 45.0, 45.1, None)] == [
        False,
        True,
        True,
        False,
        None,
    ]
    assert words.reaches(40.0, {**banded, "low": None, "high": None}) is None


def problem_without_standard(code: str) -> View:
    results = view().results
    first = results.problem_list.head(1).with_columns(
        unit=pl.lit(TOWN), level=pl.lit("town"), indicator=pl.lit(code), standard=pl.lit(None, pl.Float64),
        gap=pl.lit(None, pl.Float64),
    )  # fmt: skip
    return View(replace(results, problem_list=first))


def test_without_a_standard_the_peers_are_named_and_the_list_shows_none() -> None:
    alone = problem_without_standard(COUNTED)
    assert "（折合12.3%，同级中位数8.4%）" in words.worst_problem(alone, TOWN)
    table = problem_table(alone, Scope())
    assert [table.texts()[0][table.keys.index(key)] for key in ("standard", "gap")] == ["—", "—"]
    assert "同级中位数" in words.worst_problem(problem_without_standard("JT-01"), TOWN)


def test_a_problem_outside_its_good_range_names_the_range() -> None:
    alone = problem_without_standard(BANDED)
    assert "适度区间38–45岁" in words.worst_problem(alone, TOWN)
    table = problem_table(alone, Scope())
    assert table.texts()[0][table.keys.index("standard")] == "38–45岁"
