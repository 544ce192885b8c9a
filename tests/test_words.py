"""Sentences are true comparisons, or nothing."""

from __future__ import annotations

import re
from dataclasses import replace
from functools import cache

import polars as pl
import pytest
from tijian.reports.content.figures import judged, map_and_bars
from tijian.reports.tables.lists import indicator_table
from tijian.reports.tables.spine import spine_of
from tijian.reports.tables.table import Figure
from tijian.reports.view import Scope, View
from tijian.reports.wording import words

from .results_fixture import DIMENSIONS, DISTRICT, make_results


@cache
def view() -> View:
    return View(make_results())


TOWNS = [f"{DISTRICT}{i:03d}" for i in range(1, 18)]


@pytest.mark.parametrize("town", TOWNS)
def test_dimensions_said_to_be_above_are_above_and_by_that_much(town: str) -> None:
    said = words.dimension_gaps(view(), town)
    gaps = {r["dimension"]: r["score"] - r["district_score"] for r in view().dimensions(town)}
    for part in said.rstrip("。").split("；"):
        names = [d for d in DIMENSIONS if d in part]
        sizes = re.findall(r"\d+\.\d", part)
        assert len(names) == len(sizes)
        sign = 1 if "高于" in part else -1
        for name, size in zip(sorted(names, key=part.index), sizes, strict=True):
            assert gaps[name] * sign == pytest.approx(float(size), abs=0.051)
            assert gaps[name] * sign >= words.WORTH_SAYING


@pytest.mark.parametrize("town", TOWNS)
def test_the_standing_gives_rank_and_interval_of_the_frame(town: str) -> None:
    total = view().total(town)
    assert total is not None
    said = words.standing(view(), town)
    assert f"列第{total['rank']}位（权重变动时90%区间第{total['rank_low']}–{total['rank_high']}位）" in said
    assert f"等级为{total['grade']}" in said


def test_a_rank_that_no_weights_move_is_said_to_be_firm() -> None:
    results = make_results()
    firm = results.totals.with_columns(rank_low="rank", rank_high="rank")
    said = words.standing(View(type(results)(**{**results.__dict__, "totals": firm})), TOWNS[0])
    assert "（权重变动时名次不变）" in said
    assert "区间" not in said


def test_first_and_last_town_are_the_first_and_the_last() -> None:
    totals = view().frame("totals").filter(level="town").sort("score", descending=True)
    first, last = view().name(totals["unit"][0]), view().name(totals["unit"][-1])
    said = words.peers_spread(view(), "town")
    assert f"{first}得分最高" in said
    assert f"{last}最低" in said


@pytest.mark.parametrize("dimension", DIMENSIONS)
def test_standards_met_counts_what_the_values_say(dimension: str) -> None:
    said = words.standards_met(view(), DISTRICT, dimension)
    judged = met = 0
    for row in view().scores(DISTRICT):
        indicator = view().indicators[row["indicator"]]
        if row["dimension"] == dimension and row["value"] is not None and indicator["target"] is not None:
            judged += 1
            better = row["value"] - indicator["target"]
            met += (better >= 0) if indicator["direction"] == "higher" else (better <= 0)
    expected = f"{judged}项有标准的指标中{met}项达标" if met else f"{judged}项有标准的指标均未达标"
    assert said.startswith(expected)


def with_scores(**columns: pl.Expr) -> View:
    """The results with columns of the scores changed."""
    results = make_results()
    return View(replace(results, scores=results.scores.with_columns(**columns)))


def test_improvers_improved_and_the_others_did_not() -> None:
    said = [words.movers(view(), TOWNS[1], d).partition("退步") for d in DIMENSIONS]
    assert any(better for better, _, _ in said)
    for (better, _, worse), dimension in zip(said, DIMENSIONS, strict=True):
        for row in view().scores(TOWNS[1]):
            name = view().indicators[row["indicator"]]["name"]
            if row["dimension"] == dimension and row["than_previous"] == "better":
                assert name not in worse
            elif row["dimension"] == dimension:
                assert name not in better


def test_a_value_that_fell_by_no_more_than_chance_is_not_said_to_have_fallen() -> None:
    calm = with_scores(than_previous=pl.lit("same"))
    assert any(r["improved"] is False for r in calm.scores(TOWNS[1]))
    assert {words.movers(calm, TOWNS[1], d) for d in DIMENSIONS} == {""}
    changes = indicator_table(calm, Scope(units=(TOWNS[1],))).values("change")
    assert {c.better for c in changes if isinstance(c, Figure)} == {None}
    assert {c.arrow for c in changes if isinstance(c, Figure)} >= {"↑", "↓"}


def test_a_value_lower_than_the_districts_by_no_more_than_chance_is_nowhere_said_to_be_worse() -> None:
    calm = with_scores(than_district=pl.lit("same"), than_peers=pl.lit("same"))
    lower = [r for r in calm.scores(TOWNS[1]) if r["compared"] and r["compared"] < (r["district_value"] or 0)]
    assert lower
    spines = [spine_of(r, calm.indicators[r["indicator"]]) for r in lower]
    assert {s.alt for s in spines if s} == {"与全区无明显差异，与同类无明显差异"}
    assert {s.than for s in spines if s} == {"same"}
    assert {words.widest_gap(calm, d) for d in DIMENSIONS} == {""}
    assert any(words.widest_gap(view(), d) for d in DIMENSIONS)
    # a figure of one indicator counts who is better, not whose score is higher
    scores = {u: judged(calm, u, indicator=lower[0]["indicator"]) for u in TOWNS}
    than = dict.fromkeys(TOWNS, "same")
    (figure,) = map_and_bars(calm, scores, 0.0, "某项指标", than=than)
    assert figure.caption.endswith("没有街镇优于全区")


def test_nothing_is_said_where_there_is_nothing_to_say() -> None:
    assert words.movers(view(), "没有这个单元", DIMENSIONS[0]) == ""
    assert words.missing(view(), DISTRICT) == ""
    assert words.vetoes(view(), DISTRICT) == ""
    assert words.sentence("", "") == ""


def test_small_differences_are_not_told() -> None:
    results = make_results()
    flat = results.dimensions.with_columns(score=pl.col("district_score") + 1.9)
    calm = View(type(results)(**{**results.__dict__, "dimensions": flat}))
    assert words.dimension_gaps(calm, TOWNS[0]) == "各维度与全区水平相近。"


def test_what_is_missing_is_named() -> None:
    said = words.missing(view(), TOWNS[3])
    assert "2项没有数据（历史建筑空置率、社区众创空间覆盖率）" in said


def test_a_standard_is_met_on_the_right_side() -> None:
    assert words.meets(90, 90, "higher") is True
    assert words.meets(0.2, 0.1, "lower") is False
    assert words.meets(None, 1, "lower") is None
    assert words.meets(3, 3, "within") is None


def test_problem_counts_add_up() -> None:
    said = words.problem_counts(view(), view().subtree(DISTRICT))
    numbers = [int(n) for n in re.findall(r"\d+", said)]
    assert numbers[0] == sum(numbers[1:]) == view().frame("problem_list").height
