"""得分推算: what a total is made of adds up to it, whatever the weights, the gaps and the mean."""

from __future__ import annotations

from dataclasses import replace
from functools import cache
from math import isclose

import numpy as np
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tijian.engine.results import Results
from tijian.engine.scoring.aggregate import transform_of
from tijian.engine.scoring.dimension import score_dimensions
from tijian.engine.scoring.total import score_totals
from tijian.engine.settings.scheme import Scoring
from tijian.engine.storage.store import read_results
from tijian.reports import numbers
from tijian.reports.derivation import Part, derive, weight_in_total
from tijian.reports.tables.derivation import derivation_table
from tijian.reports.terminal.score import dimension_view, total_view
from tijian.reports.view import View

from .cli_project import finished_sample
from .results_fixture import DIMENSIONS, DISTRICT, make_results
from .shown import on_screen

TOWN = f"{DISTRICT}002"
MEANS = ("arithmetic", "geometric", "harmonic", "generalised", "median")


@pytest.fixture(scope="module")
def sample(tmp_path_factory: pytest.TempPathFactory) -> View:
    """The finished sample: a district, its towns and communities, with surveys, gaps and unscored indicators."""
    return View(read_results(finished_sample(tmp_path_factory) / "results.duckdb"))


@cache
def made() -> Results:
    return make_results()


def scored_again(results: Results, scheme: Scoring, weights: pl.DataFrame, scores: pl.DataFrame) -> Results:
    """``results`` rolled up by the engine from other scores, weights and choices."""
    dimensions = score_dimensions(scores, DIMENSIONS, scheme, weights)
    totals = score_totals(dimensions, DIMENSIONS, scheme, weights)
    return replace(
        results, scheme=scheme, weights=weights, scores=scores, dimensions=dimensions, totals=totals
    )


def drawn(seed: int, mean: str, gaps: float) -> Results:
    """The fixture with random weights and gaps, every mean the same; not every unit has enough to be scored."""
    results, generator = made(), np.random.default_rng(seed)
    weights = results.weights.with_columns(
        weight=pl.Series(generator.uniform(0.1, 1, results.weights.height))
    )
    weights = weights.with_columns(pl.col("weight") / pl.col("weight").sum().over("level", "parent"))
    lost = pl.Series(generator.random(results.scores.height) < gaps)
    scores = results.scores.with_columns(score=pl.when(lost).then(None).otherwise("score"))
    scheme = Scoring(aggregate_indicators=mean, aggregate_dimensions=mean, draws=100)
    return scored_again(results, scheme, weights, scores)


def leaves(whole: Part) -> list[Part]:
    """Indicators and residents' views: what a total is made of in the end."""
    return [p for p in whole.walk() if p.kind in ("indicator", "perceived")]


# ---- it adds up ----------------------------------------------------------------------------------------------


def test_every_total_of_the_sample_is_the_sum_of_its_indicators(sample: View) -> None:
    checked = 0
    for unit in sample.units:
        whole = derive(sample, unit)
        for part in whole.walk():
            if part.parts and part.score is not None:
                added = sum(p.term for p in part.parts if p.term is not None)
                assert isclose(added, part.score, abs_tol=1e-9), (unit, part.kind, part.code)
        if whole.score is not None:
            added = sum(p.in_total for p in leaves(whole) if p.in_total is not None)
            assert isclose(added, whole.score, abs_tol=1e-9), unit
            checked += 1
    assert checked > 30


def test_what_is_printed_adds_up_to_the_printed_score(sample: View) -> None:
    for unit in sample.units:
        whole = derive(sample, unit)
        for part in whole.walk():
            printed = [p.term_shown for p in part.parts if p.term_shown is not None]
            if printed:
                assert numbers.number(sum(printed), 2) == numbers.number(part.score, 2)
        printed = [p.total_shown for p in leaves(whole) if p.total_shown is not None]
        assert whole.score is None or numbers.number(sum(printed), 2) == numbers.number(whole.score, 2)


@settings(max_examples=8)
@given(st.integers(0, 10**6), st.sampled_from(MEANS), st.sampled_from([0.0, 0.2, 0.5]))
def test_the_terms_give_the_score_by_the_mean_named(seed: int, mean: str, gaps: float) -> None:
    results = drawn(seed, mean, gaps)
    view = View(results)
    for unit in view.of_level("town"):
        whole = derive(view, unit)
        for part in (whole, *(d.parts[0] for d in whole.parts)):
            terms = [p.term for p in part.parts if p.term is not None]
            if part.score is None or mean == "median":
                assert terms == []
                continue
            back = transform_of(mean, power=results.scheme.power, zero_floor=results.scheme.zero_floor).back
            assert isclose(float(back(np.array([sum(terms)]))[0]), part.score, abs_tol=1e-9)
            assert isclose(sum(p.effective for p in part.parts if p.effective is not None), 1.0)
        points = [p.in_total for p in leaves(whole) if p.in_total is not None]
        if mean == "arithmetic" and whole.score is not None:
            assert isclose(sum(points), whole.score, abs_tol=1e-9)
        else:
            assert points == []


@given(st.lists(st.floats(0, 50), min_size=1, max_size=30), st.integers(0, 3))
def test_figures_made_to_add_up_are_off_by_less_than_one_in_the_last_place(
    values: list[float], places: int
) -> None:
    printed = numbers.adding_up(values, sum(values), places)
    assert numbers.number(sum(printed), places) == numbers.number(sum(values), places)
    assert all(abs(a - b) < 10.0**-places + 1e-9 for a, b in zip(printed, values, strict=True))


# ---- it is what the results hold -----------------------------------------------------------------------------


def test_every_score_and_weight_stands_in_the_results(sample: View) -> None:
    weights = {(r["level"], r["parent"], r["child"]): r["weight"] for r in sample.frame("weights").to_dicts()}
    for unit in (sample.district, *sample.of_level("town")):
        level = sample.units[unit]["level"]
        whole, scores = derive(sample, unit), {r["indicator"]: r for r in sample.scores(unit)}
        assert whole.score == (sample.total(unit) or {})["score"]
        for dimension, row in zip(whole.parts, sample.dimensions(unit), strict=True):
            assert (dimension.code, dimension.score) == (row["dimension"], row["score"])
            assert dimension.weight == weights[level, "总分", dimension.code]
            objective, *residents = dimension.parts
            assert objective.score == row["objective"]
            assert [p.score for p in residents] == ([] if row["perceived"] is None else [row["perceived"]])
            for leaf in objective.parts:
                assert leaf.score == scores[leaf.code]["score"]
                assert leaf.weight == weights[level, dimension.code, leaf.code]
        assert {p.code for p in whole.walk() if p.kind == "indicator"} == set(scores)


def test_weights_in_the_total_add_up_to_the_indicators_share_of_it() -> None:
    whole = derive(View(made()), TOWN)
    shares = [weight_in_total(whole, p.code) for p in whole.walk() if p.kind == "indicator"]
    assert isclose(sum(s for s in shares if s is not None), 1.0)  # nobody asked the residents here
    assert weight_in_total(whole, "XX-99") is None


# ---- what is missing is named --------------------------------------------------------------------------------


def without_dimension(name: str) -> Results:
    """The fixture where one town has no score in one dimension."""
    results = made()
    gone = (pl.col("unit") == TOWN) & (pl.col("dimension") == name)
    scores = results.scores.with_columns(score=pl.when(gone).then(None).otherwise("score"))
    return scored_again(results, Scoring(draws=100), results.weights, scores)


def test_a_missing_dimension_is_named_and_its_weight_shared_out() -> None:
    results = without_dimension("交通便捷")
    whole = derive(View(results), TOWN)
    assert [p.name for p in whole.missing] == ["交通便捷"]
    gone = whole.missing[0]
    assert (gone.effective, gone.term, gone.in_total) == (None, None, None)
    assert "只占权重的 0%，不足 60%" in gone.why
    others = [p for p in whole.parts if p is not gone]
    assert all(isclose(p.effective or 0, 1 / 7) for p in others)  # seven of eight, weighed alike
    text = on_screen(total_view(results, TOWN))
    assert "未计分的维度 1 个：交通便捷；合计权重 12.5%，由其余的按权重分担" in text
    assert "没有得分：有得分的指标只占权重的 0%" in text


def test_a_unit_without_a_total_says_why() -> None:
    results = made()
    few = results.scores.with_columns(
        score=pl.when((pl.col("unit") == TOWN) & (pl.col("dimension") != "交通便捷"))
        .then(None)
        .otherwise("score")
    )
    poor = scored_again(results, Scoring(draws=100), results.weights, few)
    text = on_screen(total_view(poor, TOWN))
    assert "没有综合得分：有得分的维度只占权重的 13%，不足 60%" in text
    refusing = scored_again(results, Scoring(draws=100, missing="refuse"), results.weights, few)
    assert "按计分方案缺一项即不出分" in on_screen(total_view(refusing, TOWN))


# ---- in the terminal and on paper ----------------------------------------------------------------------------


def test_the_tree_goes_from_the_total_to_every_indicator(sample: View) -> None:
    unit = sample.of_level("town")[0]
    text = on_screen(total_view(sample.results, unit))
    assert (
        text.index("综合得分") < text.index("维度权重：") < text.index("客观得分") < text.index("居民满意度")
    )
    assert all(row["indicator"] in text for row in sample.scores(unit))
    assert sample.results.synthetic in text
    assert text.count("未计分（权重") == sum(row["score"] is None for row in sample.scores(unit))


@pytest.mark.parametrize(
    ("mean", "words"), [("geometric", "加权几何平均"), ("harmonic", "加权调和平均"), ("median", "加权中位数")]
)
def test_a_mean_that_does_not_add_is_named(mean: str, words: str) -> None:
    text = on_screen(total_view(drawn(7, mean, 0.0), TOWN))
    assert words in text
    assert "计入总分" not in text


def test_one_dimension_is_a_table_of_its_indicators(sample: View) -> None:
    unit = sample.of_level("town")[0]
    text = on_screen(dimension_view(sample.results, unit, "生态宜居"))
    rows = [row for row in sample.scores(unit) if row["dimension"] == "生态宜居"]
    assert all(row["indicator"] in text for row in rows)
    assert "在综合得分中的权重：12.5%" in text
    assert "住建部评级：" in text
    with pytest.raises(ValueError, match="没有“海洋”维度"):
        dimension_view(sample.results, unit, "海洋")
    with pytest.raises(ValueError, match="not in the results"):
        total_view(sample.results, "999")


def test_the_printed_table_has_every_part_once_and_adds_up(sample: View) -> None:
    unit = sample.of_level("town")[0]
    whole = derive(sample, unit)
    table = derivation_table(whole)
    assert len(table) == len(list(whole.walk()))
    names = [str(name).strip("\u3000") for name in table.values("name")]
    assert names[0] == "综合得分"
    at = {name: i for i, name in enumerate(names)}
    rows = table.texts()
    dimensions = [rows[at[d.name]] for d in whole.parts]
    assert numbers.number(sum(float(row[-1]) for row in dimensions), 2) == rows[0][-1]


def test_a_unit_that_nobody_scored_is_refused() -> None:
    results = made()
    nobody = replace(results, dimensions=results.dimensions.clear(), totals=results.totals.clear())
    with pytest.raises(ValueError, match="没有计分"):
        total_view(nobody, TOWN)
