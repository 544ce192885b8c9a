"""专项体检报告: the yes/no table of needs, the risk of any topic, the gravest first; counted again here from the frames."""

from __future__ import annotations

import dataclasses
from functools import cache

import polars as pl
import pytest
from tijian.engine.diagnosis import risk
from tijian.engine.results import conform
from tijian.reports.blocks import Prose, TableBlock
from tijian.reports.content.needs import (
    NO,
    SHORT,
    YES,
    need_name,
    needed,
    needs_of,
    needs_section,
    needs_table,
)
from tijian.reports.content.topic import topic_report
from tijian.reports.content.topic_risk import counts_of, topic_risk
from tijian.reports.view import View

from .results_fixture import DISTRICT, YEAR, make_results

GAS, STAIRS = "AQ-02", "AQ-03"
TOWN = f"{DISTRICT}001"
FIRST, SECOND = f"{TOWN}001", f"{TOWN}002"
TOPIC = "完整社区"


@cache
def whole() -> View:
    """The fixture with its two counts as needs of 小区（社区）: in FIRST one line says 没有, in SECOND one says 不足."""
    made = make_results()
    counts = pl.col("code").is_in([GAS, STAIRS])
    indicators = made.indicators.with_columns(
        scale=pl.when(counts).then(pl.lit("小区（社区）")).otherwise("scale"),
        method=pl.when(counts).then(pl.lit("count")).otherwise("method"),
    )
    lines = [
        {"line": 1, "unit": FIRST, "town": TOWN, "community": FIRST, "indicator": GAS, "thing": "a", "says": "没有养老服务设施", "degree": "严重"},
        {"line": 2, "unit": FIRST, "town": TOWN, "community": FIRST, "indicator": GAS, "thing": "b", "says": "面积不足", "degree": "一般"},
        {"line": 3, "unit": SECOND, "town": TOWN, "community": SECOND, "indicator": GAS, "thing": "c", "says": "面积不足", "degree": "一般"},
    ]  # fmt: skip
    ledger = conform("ledger", pl.DataFrame([{"year": YEAR, **line} for line in lines]))
    value = pl.when(pl.col("unit").is_in([FIRST, SECOND])).then(1.0).otherwise(0.0)
    about = pl.col("indicator") == GAS
    unknown = pl.col("unit") == f"{DISTRICT}002001"
    scores = made.scores.with_columns(
        value=pl.when(about & unknown).then(None).when(about).then(value).otherwise("value")
    )
    topics = {TOPIC: (GAS, STAIRS), "道路": ("JT-01", "JT-04")}
    return View(dataclasses.replace(made, indicators=indicators, ledger=ledger, scores=scores, topics=topics))


def test_a_need_is_yes_no_too_little_or_unknown() -> None:
    needs = needs_of(whole(), (GAS,))
    assert needs.cells[FIRST][GAS] == NO  # one of its lines says that there is none
    assert needs.cells[SECOND][GAS] == SHORT
    assert needs.cells[f"{DISTRICT}003001"][GAS] == YES
    assert needs.cells[f"{DISTRICT}002001"][GAS] is None


def test_the_towns_row_counts_its_communities() -> None:
    view = whole()
    table = needs_table(view, needs_of(view, (GAS, STAIRS)))
    inside = view.of_level("community", TOWN)
    at = [str(c) for c in table.values("unit")].index(f"{view.name(TOWN)}（{len(inside)}个）")
    yes = sum(cell == YES for cell in table.values(GAS)[at + 1 : at + 1 + len(inside)])
    assert table.values(GAS)[at] == f"{yes}/{len(inside)}"
    assert "—" in table.values(GAS)


def test_only_a_topic_of_the_communities_scale_has_a_table_of_needs() -> None:
    assert needed(whole(), (GAS, STAIRS)) == (GAS, STAIRS)
    assert needed(whole(), (GAS, "JT-01")) == ()
    assert needs_section(whole(), "道路", ("JT-01", "JT-04")) == ()
    (section,) = needs_section(whole(), TOPIC, (GAS, STAIRS))
    assert section.title == "完整社区需求表"


@pytest.mark.parametrize(
    ("name", "short"),
    [
        ("未达标配建养老服务设施的小区数量", "养老服务设施"),
        ("停车泊位缺口数", "停车泊位"),
        ("未实施物业管理的小区数量", "物业管理"),
        ("不达标的步行道长度", "步行道"),
        ("城市道路网密度", "城市道路网密度"),
    ],
)
def test_a_need_is_named_without_what_counts_it(name: str, short: str) -> None:
    assert need_name({"name": name}) == short


def test_the_risk_of_a_topic_of_counts_weighs_its_things_over_the_ground() -> None:
    view = whole()
    found = topic_risk(view, (GAS,), "community")
    area = view.units[FIRST]["area_km2"]
    factor = risk.BASELINE_FACTOR if view.indicators[GAS]["kind"] == "baseline" else 1.0
    assert found.rows[FIRST]["index"] == pytest.approx((3.0 + 1.0) * factor / area)
    assert found.rows[FIRST]["things"] == 2


def test_the_risk_of_a_topic_of_rates_is_the_severity_of_its_problems() -> None:
    view = whole()
    codes = ["JT-01", "JT-04"]
    assert counts_of(view, codes) == []
    found = topic_risk(view, codes, "town")
    listed = view.frame("problem_list").filter(pl.col("indicator").is_in(codes) & (pl.col("level") == "town"))
    assert listed.height
    for unit, row in found.rows.items():
        own = listed.filter(unit=unit)["severity"].to_list()
        known = sum(r["value"] is not None for r in view.scores(unit) if r["indicator"] in codes)
        assert row["index"] == pytest.approx(sum(risk.SEVERITY_WEIGHTS[s] for s in own) / known)


def test_the_risk_list_runs_from_red_to_yellow_and_names_no_ledger_lines() -> None:
    report = topic_report(whole(), TOPIC)
    (table,) = [
        b.table
        for s in report.sections
        if s.title == "风险清单"
        for b in s.blocks
        if isinstance(b, TableBlock)
    ]
    severities = ["红橙黄".index(str(s)) for s in table.values("severity")]
    assert severities == sorted(severities)
    assert [str(n) for n in table.values("no")] == [str(i) for i in range(1, len(table) + 1)]
    assert not [p for p in table.values("problem") if "详见台账" in str(p)]


def test_a_topic_says_which_of_its_indicators_are_not_in_force() -> None:
    held = dataclasses.replace(whole().results, topics={"道路": ("JT-01", "ZZ-99")})
    report = topic_report(View(held), "道路")
    notes = "".join(
        p for b in report.blocks() if isinstance(b, Prose) and b.style == "note" for p in b.paragraphs
    )
    assert "没有启用的指标：ZZ-99。" in notes
