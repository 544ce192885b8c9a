"""The lists of the comparison page: what they can be narrowed by, what became of problems, communities, and aspects."""

from __future__ import annotations

import dataclasses

import polars as pl
import pytest
from tijian.reports.page.compare import aspects_of
from tijian.reports.page.html import filters, page_html
from tijian.reports.page.lists import DISPUTED, LATE
from tijian.reports.view import View

from .page_fixture import TOWN, controls_of, html, page, page_of, results, reviewed_results
from .results_fixture import CUTS


def test_the_problems_can_be_narrowed_to_a_severity_a_department_a_unit_and_a_dimension() -> None:
    listed = page().listed
    told = {
        key: words
        for _, key, words in filters(listed, {"severity": "严重程度", "lead": "牵头单位", "nothing": "没有"})
    }
    assert told["severity"] == [s for s in ("红", "橙", "黄") if s in listed.values("severity")]
    assert set(told["lead"]) == {d for cell in listed.values("lead") for d in cell}
    assert "nothing" not in told
    problems = results().problem_list.filter(pl.col("level").is_in(["district", "town"]))
    assert len(listed) == problems.height > 0
    assert controls_of("listed") == ["severity", "lead", "unit_name", "subject", "q"]


def test_what_became_of_problems_is_told_where_an_earlier_year_was_run_and_not_spoken_of_elsewhere() -> None:
    shown = page_of(reviewed_results())
    written = page_html(shown, CUTS)
    assert set(shown.listed.values("outcome")) == {"新增"}
    assert shown.reviewed.values("outcome") == ["未整改", "部分整改", "已整改"]
    assert shown.reviewed.values("mark") == [(DISPUTED, LATE), (LATE,), ()]
    assert {"outcome", "mark", "claimed", "q"} <= set(controls_of("reviewed", written))
    assert "整改复查" not in html()
    assert "整改情况" not in html()


def test_communities_are_told_their_third_and_never_a_place() -> None:
    table = page().communities
    totals = {r["unit"]: r for r in results().totals.filter(level="community").to_dicts()}
    assert len(table) == len(totals)
    assert not {"rank", "peers"} & set(table.keys)
    assert sorted(table.values("third")) == sorted(r["third"] for r in totals.values())  # type: ignore[type-var]
    assert controls_of("communities")[0] == "town"


def test_the_problems_of_a_community_are_counted_by_severity() -> None:
    table = page().communities
    found = results().problem_list.filter(level="community")
    for severity in ("红", "橙", "黄"):
        assert sum(table.values(f"problems-{severity}")) == found.filter(severity=severity).height


def test_an_aspect_is_the_weighted_mean_of_its_indicators_that_have_a_score() -> None:
    held = results()
    codes = [f"ST-0{i}" for i in range(1, 6)]
    aspects = pl.col("code").replace_strict(
        dict(zip(codes, ["绿", "绿", "静", "水", "水"], strict=True)), default=None
    )
    weights = held.weights.with_columns(
        weight=pl.when(pl.col("child") == "ST-01").then(3 * pl.col("weight")).otherwise("weight")
    )
    gone = (pl.col("unit") == TOWN) & (pl.col("indicator") == "ST-05")
    scores = held.scores.with_columns(score=pl.when(gone).then(None).otherwise("score"))
    told = dataclasses.replace(
        held, scores=scores, weights=weights, indicators=held.indicators.with_columns(aspect=aspects)
    )
    found = dict(aspects_of(View(told), [TOWN], "生态宜居"))
    of = dict(scores.filter(unit=TOWN).select("indicator", "score").iter_rows())
    assert list(found) == ["绿", "静", "水"]
    assert found["绿"][0] == pytest.approx((3 * of["ST-01"] + of["ST-02"]) / 4)
    assert found["水"][0] == pytest.approx(of["ST-04"])
    assert len(found["静"]) == 2  # the district's own stands last
