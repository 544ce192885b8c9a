"""What reports say of small numbers: funnels by the engine's rule, intervals, peers by name, no place of a community."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import fields, is_dataclass, replace
from functools import cache

import numpy as np
import polars as pl
import pytest
from tijian.engine.chance.funnel import funnel_limits, overdispersion
from tijian.engine.chance.measured import with_intervals
from tijian.engine.diagnosis.everything import FEW
from tijian.engine.results import TOO_FEW, Results, conform
from tijian.reports.blocks import FigureBlock, Prose
from tijian.reports.charts.svg import Chart
from tijian.reports.content.community import community_report
from tijian.reports.content.district import district_report
from tijian.reports.content.funnels import Funnel, funnel_blocks, funnel_of
from tijian.reports.content.parts import portrait
from tijian.reports.content.town import town_report
from tijian.reports.tables.comparison import compare_units, indicators_table, totals_table
from tijian.reports.tables.lists import indicator_table, problem_table
from tijian.reports.tables.table import Figure, Table
from tijian.reports.terminal.explain import explain_view
from tijian.reports.view import Scope, View
from tijian.reports.wording.peers_said import peers_said

from .results_fixture import DISTRICT, make_results
from .shown import on_screen

SHARE, RATE, FIXED = "ZJ-03", "ZJ-04", "JK-02"  # tried in the funnels; FIXED: one thing in every community
TOWN = f"{DISTRICT}001"


def with_cases(results: Results, code: str, cases: np.ndarray, sizes: np.ndarray, kind: str, scale: float) -> Results:  # fmt: skip
    """The results with one indicator's numerators and denominators over the communities, and the district's their sums."""
    communities = results.units.filter(level="community")["code"].sort().to_list()
    rows = pl.DataFrame(
        {
            "unit": [*communities, DISTRICT],
            "numerator": np.append(cases, cases.sum()),
            "denominator": np.append(sizes, sizes.sum()),
        }
    ).with_columns(indicator=pl.lit(code), _compared=pl.col("numerator") / pl.col("denominator") * scale)
    rows = with_intervals(rows, kind, scale)
    told = ("numerator", "denominator", "uncertainty", "low", "high", "size")
    kept = results.measurements.join(
        rows.rename({c: f"_{c}" for c in told}), on=["unit", "indicator"], how="left"
    )
    kept = kept.with_columns(
        *(pl.coalesce(f"_{c}", c).alias(c) for c in told),
        *(pl.coalesce("_compared", c).alias(c) for c in ("compared", "value")),
    )
    here = pl.col("code") == code
    unit = {"wilson": "%", "poisson": "件/万人"}[kind]
    indicators = results.indicators.with_columns(
        uncertainty=pl.when(here).then(pl.lit(kind)).otherwise("uncertainty"),
        unit=pl.when(here).then(pl.lit(unit)).otherwise("unit"),
        compared_unit=pl.when(here).then(pl.lit(unit)).otherwise("compared_unit"),
    )
    measurements = conform("measurements", kept.drop([c for c in kept.columns if c.startswith("_")]))
    return replace(results, measurements=measurements, indicators=indicators)


@cache
def view() -> View:
    """Shares by chance alone but for one community; rates twice as far apart as chance has them; one thing everywhere."""
    results = make_results()
    count = results.units.filter(level="community").height
    rng = np.random.default_rng(13)
    sizes = rng.integers(15, 400, count).astype(float)
    cases = rng.binomial(sizes.astype(int), 0.6).astype(float)
    sizes[5], cases[5] = 500.0, 200.0  # 40 %
    people = rng.integers(2000, 9000, count).astype(float)
    calls = rng.poisson(people * 40e-4 * rng.gamma(8, 1 / 8, count)).astype(float)
    results = with_cases(results, SHARE, cases, sizes, "wilson", 100.0)
    results = with_cases(results, RATE, calls, people, "poisson", 1e4)
    return View(with_cases(results, FIXED, (cases > 100) * 1.0, np.ones(count), "wilson", 100.0))


def text_of(thing: object) -> Iterator[str]:
    """Everything a reader of a block, section or report sees in words."""
    if isinstance(thing, str):
        yield thing
    elif isinstance(thing, Table):
        yield from (thing.title, *thing.notes, *(c.title for c in thing.columns))
        yield from (cell for row in thing.texts() for cell in row)
    elif isinstance(thing, Chart):
        yield thing.alt
    elif isinstance(thing, tuple | list):
        for one in thing:
            yield from text_of(one)
    elif is_dataclass(thing):
        for field in fields(thing):
            yield from text_of(getattr(thing, field.name))


# ── funnels ───────────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(("code", "kind", "scale"), [(SHARE, "share", 100.0), (RATE, "rate", 1e4)])
def test_the_communities_named_are_those_outside_the_lines_that_are_drawn(
    code: str, kind: str, scale: float
) -> None:
    found = funnel_of(view(), code)
    assert isinstance(found, Funnel)
    rows = [view().measured(u, code) or {} for u in view().of_level("community")]
    x, n = (np.array([r[k] for r in rows], dtype=float) for k in ("numerator", "denominator"))
    common = x.sum() / n.sum()
    told = overdispersion(x, n, common, kind)
    between = told.between if told.phi > 1 else 0.0
    low, high = funnel_limits(common, n, kind, z=3.090232, between=between)
    outside = [view().name(r["unit"]) for r, v, a, b in zip(rows, x / n, low, high, strict=True) if not a <= v <= b]  # fmt: skip
    assert sorted(found.outside(-1) + found.outside(1)) == sorted(outside)
    drawn = found.lines.limits(n, 3.090232)
    np.testing.assert_allclose(drawn, [low * scale, high * scale])


def test_a_caption_says_who_is_outside_and_how_far_the_communities_are_apart() -> None:
    name = view().name(view().of_level("community")[5])
    (said,) = [b.caption for b in funnel_blocks(view()) if isinstance(b, FigureBlock)]
    assert said in "".join(text_of(district_report(view()).sections))
    share, rate = said.split("；")
    if "实施" not in share:
        share, rate = rate, share
    assert re.search(rf"实施专业化物业管理的住宅小区占比：{name}差于全区（.*离散系数φ=\d\.\d\d", share)
    assert re.search(r"（各社区差异大于偶然，离散系数φ=[2-9]\.\d\d，控制限已相应放宽）", rate)


def test_indicators_without_a_funnel_are_named_with_the_reason() -> None:
    (note,) = [b for b in funnel_blocks(view()) if isinstance(b, Prose) and b.style == "note"]
    assert f"各社区基数相同、不作判断的1项，为{view().indicators[FIXED]['name']}" in note.paragraphs[0]


def test_without_anything_that_chance_could_move_there_is_no_funnel() -> None:
    assert funnel_blocks(View(make_results())) == ()


# ── the table ─────────────────────────────────────────────────────────────────────────────────────────────


def test_the_interval_stands_beside_the_value_in_its_unit_and_only_where_there_is_one() -> None:
    unit = view().of_level("community")[5]
    table = indicator_table(view(), Scope(units=(unit,)))
    shown = dict(zip([r["indicator"] for r in view().scores(unit)], table.values("interval"), strict=True))
    assert shown[SHARE] == "35.8–44.4"  # Wilson, 200 of 500
    assert {code for code, said in shown.items() if said} == {SHARE, RATE, FIXED}


def test_a_share_of_things_lends_its_interval_to_no_number_of_things() -> None:
    results = view().results
    counts = results.indicators.with_columns(
        method=pl.when(pl.col("code") == SHARE).then(pl.lit("count")).otherwise("method")
    )
    table = indicator_table(View(replace(results, indicators=counts)), Scope(indicators=(SHARE,)))
    assert set(table.values("interval")) == {""}


def test_a_value_that_rests_on_too_little_has_that_word_for_a_score() -> None:
    results = make_results()
    few = (pl.col("indicator") == SHARE) & (pl.col("unit") == TOWN)
    scores = results.scores.with_columns(
        score=pl.when(few).then(None).otherwise("score"),
        note=pl.when(few).then(pl.lit(TOO_FEW)).otherwise("note"),
    )
    table = indicator_table(View(replace(results, scores=scores)), Scope(units=(TOWN,)))
    shown = table.values("score")
    assert shown.count(TOO_FEW) == 1
    assert sum(isinstance(cell, Figure) for cell in shown) == len(shown) - 1


def test_that_a_problem_rests_on_few_is_told_wherever_the_problem_is() -> None:
    results = make_results()
    problems = results.problem_list.with_columns(because=pl.lit("未达目标" + FEW))
    few = View(replace(results, problem_list=problems))
    assert all(str(said).endswith(FEW) for said in problem_table(few, Scope()).values("problem"))
    unit = problems["unit"][0]
    shortfalls = dict(portrait(few, unit).lists.lists)["短板"]
    assert shortfalls
    assert all("样本较少" in point.text for point in shortfalls)


# ── peers ─────────────────────────────────────────────────────────────────────────────────────────────────


def grouped() -> View:
    """Four towns in one group, the others with all."""
    results = make_results()
    four = [f"{DISTRICT}00{i}" for i in range(1, 5)]
    group = pl.when(pl.col("unit").is_in(four)).then(pl.lit("街道")).otherwise("peer_group")
    return View(replace(results, scores=results.scores.with_columns(peer_group=group)))


def test_a_report_names_whom_its_unit_is_compared_with() -> None:
    towns = grouped()
    names = "、".join(towns.name(f"{DISTRICT}00{i}") for i in range(1, 5))
    assert peers_said(towns, TOWN) == f"同类单元：街道（4个）：{names}。"
    assert peers_said(towns, TOWN) in "".join(text_of(town_report(towns, TOWN).sections))
    community = towns.of_level("community")[0]
    count = len(towns.of_level("community"))
    assert peers_said(towns, community) == f"同类单元：全部社区（{count}个）。"
    assert peers_said(towns, community) in "".join(text_of(community_report(towns, community).sections))
    assert peers_said(towns, DISTRICT) == ""
    left_over = towns.of_level("town")[4]  # in no group: among all, the four too
    assert peers_said(towns, left_over) == "同类单元：全部街镇（17个）。"


# ── places ────────────────────────────────────────────────────────────────────────────────────────────────


def test_no_place_of_a_community_is_told_anywhere() -> None:
    a, b = view().of_level("community")[:2]
    peers = len(view().of_level("community"))
    c = compare_units(view(), [a, b])
    told = [
        *text_of(community_report(view(), a)),
        *text_of(indicator_table(view(), Scope(units=(a,)))),
        *text_of(totals_table(c)),
        *text_of(indicators_table(c, detail=True)),
        on_screen(explain_view(view().results, a, SHARE), 200),
    ]
    assert any("三分之一" in words for words in told)
    place = re.compile(rf"第\s?\d+\s?[位名（/]|\d\s?/{peers}\b|[列居同级]第\s?\d")
    assert [words for words in told if place.search(words)] == []
