"""The sampling plan: how many answers of each community, and of whom (handbook: 居民问卷抽样调查)."""

from __future__ import annotations

import numpy as np
import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st
from tijian.engine.settings.project import Survey
from tijian.engine.survey.plan import (
    NO_POPULATION,
    allocate,
    default_per_mille,
    largest_remainders,
    make_plan,
)

from .small_year import DISTRICT, TOWNS, units

populations = st.lists(st.one_of(st.none(), st.floats(0, 1e6)), min_size=1, max_size=60)


@given(populations, st.integers(0, 20_000), st.integers(1, 9))
def test_everybody_gets_the_least_and_the_sum_is_the_total(
    population: list[float | None], total: int, least: int
) -> None:
    answers = allocate(population, max(total, least * len(population)), least)
    assert min(answers) >= least
    if any(p for p in population):
        assert sum(answers) == max(total, least * len(population))


@given(st.lists(st.floats(1, 1e6), min_size=2, max_size=40), st.integers(400, 20_000))
def test_more_people_never_get_fewer_answers(population: list[float], total: int) -> None:
    in_order = sorted(population, reverse=True)
    assert allocate(in_order, total, 6) == sorted(allocate(in_order, total, 6), reverse=True)


@given(st.lists(st.floats(0.01, 1), min_size=1, max_size=30), st.integers(0, 5000))
def test_largest_remainders_are_within_one_of_the_fair_share(shares: list[float], total: int) -> None:
    fair = np.array(shares) / sum(shares) * total
    whole = largest_remainders(fair, total)
    assert whole.sum() == total
    assert (abs(whole - fair) < 1 + 1e-6).all()


def test_by_hand() -> None:
    # 100 answers, at least 6: the third and the unknown fourth get 6 each, 88 are shared as 1 : 2 : 7 = 8.8, 17.6, 61.6;
    # 86 whole ones, the two left go to the largest remainders .8 and the first .6 (17.6, before 61.6)
    assert allocate([1000, 2000, 50, None, 7000], 100, 6) == [9, 18, 6, 6, 61]


def test_without_any_population_all_get_alike() -> None:
    assert allocate([None, None, None], 20, 6) == [7, 7, 6]


@pytest.mark.parametrize(("people", "rate"), [(2e5, 1.5), (1e6, 1.5), (1e7, 0.6), (2.5e7, 0.6)])
def test_large_cities_at_the_low_end_of_the_handbooks_range(people: float, rate: float) -> None:
    assert default_per_mille(people) == rate


def test_in_between_the_rate_falls_with_the_size() -> None:
    assert default_per_mille(1e6) > default_per_mille(1.8e6) > default_per_mille(5e6) > default_per_mille(1e7)


def test_the_plan_of_a_small_district() -> None:
    plan = make_plan(units(), Survey())
    assert plan.per_mille == 1.5
    assert plan.total == 1500, "1.5 ‰ of 10,000 people are 15; the floor holds"
    wanted = dict(plan.units.select("unit", "wanted").iter_rows())
    assert wanted[DISTRICT] == sum(wanted[t] for t in TOWNS) == 1500
    assert [wanted[t] for t in TOWNS] == [150, 300, 450, 600]
    assert wanted[TOWNS[0] + "001"] == 60


def test_the_floor_is_a_setting_and_no_community_goes_below_six() -> None:
    plan = make_plan(units(), Survey(minimum_total=0))
    assert plan.total == 8 * 6
    assert set(plan.units.filter(pl.col("level") == "community")["wanted"]) == {6}


def test_a_rate_given_by_the_project_wins() -> None:
    assert make_plan(units(), Survey(minimum_total=0, per_mille=20)).total == 200


def test_quotas_add_up_and_keep_their_bounds() -> None:
    quotas = make_plan(units(), Survey()).quotas
    towns = quotas.filter(pl.col("unit") != DISTRICT)
    for group in ("性别", "年龄"):
        of_group = quotas.filter(pl.col("group") == group)
        assert of_group.filter(pl.col("unit") == DISTRICT)["wanted"].sum() == 1500
        assert towns.filter(pl.col("group") == group)["wanted"].sum() == 1500
    first = {r["category"]: r for r in quotas.filter(pl.col("unit") == TOWNS[0]).to_dicts()}  # 150 answers
    assert (first["16–30岁"]["wanted"], first["16–30岁"]["at_least"], first["16–30岁"]["at_most"]) == (
        45,
        38,
        52,
    )
    assert first["女"]["at_most"] == 105
    assert first["党政机关或事业人员"]["at_most"] == 22, "15 % of 150 is 22.5"
    assert first["党政机关或事业人员"]["wanted"] is None


def test_a_unit_without_population_gets_the_least_and_is_told() -> None:
    blank = pl.col("code") == TOWNS[0] + "001"
    some = units().with_columns(population=pl.when(~blank).then(pl.col("population")))
    row = make_plan(some, Survey()).units.filter(pl.col("unit") == TOWNS[0] + "001").row(0, named=True)
    assert (row["wanted"], row["note"]) == (6, NO_POPULATION)
