"""What the terminal shows is what the results hold, in words a planner reads."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import polars as pl
import pytest
from tijian.engine.findings import Findings, Place
from tijian.engine.results import Results
from tijian.indicators.loader import indicator_frame, load_indicators
from tijian.indicators.measure_model import Count
from tijian.reports.tables.comparison import compare_units, differing
from tijian.reports.terminal import findings as terminal
from tijian.reports.terminal import indicators as terminal_indicators
from tijian.reports.terminal.compare import compare_view
from tijian.reports.terminal.explain import explain_view, interpolation
from tijian.reports.view import View

from .results_fixture import DISTRICT, make_results
from .shown import on_screen

FIRST, SECOND, COMMUNITY = f"{DISTRICT}001", f"{DISTRICT}002", f"{DISTRICT}001001"
HOSTILE = "[red]名[/red][link=http://x]"


@pytest.fixture(scope="module")
def results() -> Results:
    return make_results("合成演示数据")


def line_with(text: str, *words: str) -> str:
    """The one line that holds all the words."""
    found = [line for line in text.splitlines() if all(word in line for word in words)]
    assert len(found) == 1, found
    return found[0]


def changed(frame: pl.DataFrame, unit: str, indicator: str, **values: object) -> pl.DataFrame:
    """``frame`` with some columns of one unit's indicator set."""
    here = (pl.col("unit") == unit) & (pl.col("indicator") == indicator)
    return frame.with_columns(
        pl.when(here).then(pl.lit(value, dtype=frame.schema[name])).otherwise(name).alias(name)
        for name, value in values.items()
    )


# ── findings ──────────────────────────────────────────────────────────────────────────────────────────────


def test_nothing_found_is_said() -> None:
    assert "未发现问题" in on_screen(terminal.findings_view(Findings()))


def test_a_finding_is_shown_with_its_place_its_cause_and_its_remedy() -> None:
    findings = Findings()
    findings.add(
        "P004", Place(file="tijian.toml", column="inputs.roads"), name="roads", expected="inputs/道路.xlsx"
    )
    text = on_screen(terminal.findings_view(findings))
    kind = findings.rows[0].kind
    for words in (
        kind.title,
        kind.cause,
        kind.remedy,
        "错误 P004",
        "tijian.toml › 列“inputs.roads”",
        "inputs/道路.xlsx",
    ):
        assert words in text
    assert "共 1 处错误、0 处提醒" in text


def test_findings_of_one_kind_are_listed_together_and_a_flood_is_counted() -> None:
    findings = Findings()
    for row in range(terminal.SHOWN_PER_KIND + 7):
        findings.add("P004", Place(file=f"表{row}.xlsx"), name=f"输入{row}")
    findings.add("P001", Place(file="x"))
    text = on_screen(terminal.findings_view(findings))
    assert text.index("P001") < text.index("P004")
    assert "（27 处）" in line_with(text, "错误 P004")
    assert "另有 7 处同类问题" in text
    assert "表19.xlsx" in text
    assert "表20.xlsx" not in text


def test_text_from_inputs_is_not_read_as_markup() -> None:
    findings = Findings()
    findings.add("P004", Place(file=HOSTILE), name=HOSTILE, value=HOSTILE)
    assert on_screen(terminal.findings_view(findings)).count(HOSTILE) == 3


# ── side by side ──────────────────────────────────────────────────────────────────────────────────────────


def test_units_are_compared_on_total_rank_interval_and_every_dimension(results: Results) -> None:
    text = on_screen(compare_view(results, [FIRST, SECOND]))
    total = results.totals.filter(pl.col("unit") == FIRST).row(0, named=True)
    line = line_with(text.split("各维度")[0], "示例中心街道", "/17")
    assert f"{total['score']:.1f}" in line
    assert f"{total['rank']}（{total['rank_low']}–{total['rank_high']}）/17" in line
    dimensions = text.split("各维度")[1].split("差别最大")[0]
    assert all(name in dimensions for name in results.dimension_names)
    assert "合成演示数据" in text


def test_the_indicators_that_part_them_most_come_first(results: Results) -> None:
    found = differing(compare_units(View(results), [FIRST, SECOND]), 5)
    scores = {
        (unit, code): score
        for unit, code, score in results.scores.select("unit", "indicator", "score").iter_rows()
        if score is not None
    }
    codes = {code for unit, code in scores if unit == FIRST} & {
        code for unit, code in scores if unit == SECOND
    }
    spread = {code: abs(scores[FIRST, code] - scores[SECOND, code]) for code in codes}
    expected = sorted(spread.values(), reverse=True)[:5]
    assert [points for _, points in found] == pytest.approx(expected)
    assert [spread[code] for code, _ in found] == pytest.approx(expected)


def test_an_indicator_only_one_of_them_has_is_not_a_difference(results: Results) -> None:
    alone = replace(results, scores=changed(results.scores, SECOND, "JT-01", score=None))
    assert "JT-01" not in dict(differing(compare_units(View(alone), [FIRST, SECOND]), 99))


def with_ranks(results: Results, spans: dict[str, tuple[int | None, int | None]]) -> Results:
    low = pl.col("unit").replace_strict(
        {u: s[0] for u, s in spans.items()}, default=None, return_dtype=pl.Int64
    )
    high = pl.col("unit").replace_strict(
        {u: s[1] for u, s in spans.items()}, default=None, return_dtype=pl.Int64
    )
    return replace(results, totals=results.totals.with_columns(rank_low=low, rank_high=high))


@pytest.mark.parametrize(
    ("spans", "overlap"),
    [
        ({FIRST: (1, 4), SECOND: (4, 6)}, True),
        ({FIRST: (1, 3), SECOND: (4, 6)}, False),
        ({FIRST: (None, None), SECOND: (4, 6)}, False),
    ],
)
def test_overlapping_ranks_are_said_to_be_no_order(
    results: Results, spans: dict[str, tuple[int | None, int | None]], overlap: bool
) -> None:
    text = on_screen(compare_view(with_ranks(results, spans), [FIRST, SECOND]))
    assert ("示例中心街道与示例东街道的名次区间重叠" in text) is overlap


def test_communities_are_placed_by_thirds_only(results: Results) -> None:
    text = on_screen(compare_view(results, [COMMUNITY, f"{DISTRICT}002001"]))
    assert "三分之一" in text
    assert "/41" not in text
    assert "社区样本小" in text


def test_units_of_different_levels_are_not_ranked_against_each_other(results: Results) -> None:
    text = on_screen(compare_view(results, [DISTRICT, FIRST]))
    assert "所选单元层级不同，名次不可比：示例区（区级）、示例中心街道（街镇）" in text


def test_a_unit_without_a_score_shows_a_dash_and_never_zero(results: Results) -> None:
    without = replace(results, totals=results.totals.filter(pl.col("unit") != SECOND))
    text = on_screen(compare_view(without, [FIRST, SECOND]))
    line = line_with(text.split("各维度")[0], " 示例东街道 ", "—")
    assert line.count("—") == 5
    assert "未评价" in line


@pytest.mark.parametrize("units", [[FIRST], [FIRST, FIRST], [FIRST, "000"]])
def test_what_cannot_be_compared_is_refused(results: Results, units: list[str]) -> None:
    with pytest.raises(ValueError, match="units"):
        compare_view(results, units)


# ── indicators ────────────────────────────────────────────────────────────────────────────────────────────


def test_the_list_of_indicators_counts_those_not_confirmed(results: Results) -> None:
    indicators = results.indicators.with_columns(confirmed=pl.col("code") != "JT-01")
    text = on_screen(terminal_indicators.indicators_view(indicators))
    assert "共 36 项指标，其中 1 项" in text
    assert "城市道路网密度 *" in line_with(text, "JT-01")
    assert "目标 8.0 km/km²，底线 5.0 km/km²" in line_with(text, "JT-01")
    assert "未设定" in line_with(text, "CX-04")


def test_one_indicator_is_shown_in_full_down_to_the_expressions_it_is_computed_by() -> None:
    findings = Findings()
    library = load_indicators(["national-2025"], Path(), findings)
    indicator = library.get("AQ-02")
    assert indicator is not None
    assert isinstance(indicator.measure, Count)
    text = on_screen(terminal_indicators.indicator_view(indicator_frame(library, 2026), indicator))
    shown = "".join(text.split())  # the terminal's width breaks the lines
    rules = [rule.when for rule in indicator.measure.rule]
    for words in (
        indicator.name,
        indicator.definition,
        indicator.formula,
        indicator.lead[0],
        "底线型",
        "限时解决",
        "计数",
        *rules,
    ):
        assert "".join(words.split()) in shown


# ── why this score ────────────────────────────────────────────────────────────────────────────────────────


def test_a_score_is_traced_to_scale_value_files_and_standard(results: Results) -> None:
    measured = changed(
        results.measurements, SECOND, "ST-01", numerator=1234.0, denominator=1562.5, reported=81.0
    )
    text = on_screen(explain_view(replace(results, measurements=measured), SECOND, "ST-01"))
    score = results.scores.filter((pl.col("unit") == SECOND) & (pl.col("indicator") == "ST-01")).row(
        0, named=True
    )
    sha = "SHA-256 " + "ab" * 6
    order = [
        f"得分：{score['score']:.1f}", "锚点", f"现状值：{score['value']:.1f}%", "分子：1234",
        "分母：1562.50", "部门填报值：81.0%", "inputs/填报表.xlsx", sha, "定义：", "标准：", results.run_id,
    ]  # fmt: skip
    places = [text.index(words) for words in order]
    assert places == sorted(places)


def test_ledger_lines_of_everything_inside_a_unit_are_evidence(results: Results) -> None:
    inside = results.units.filter(pl.col("town") == FIRST)["code"].to_list()
    lines = results.ledger.filter(pl.col("unit").is_in(inside) & (pl.col("indicator") == "AQ-02")).sort(
        "line"
    )
    assert lines.height
    text = on_screen(explain_view(results, FIRST, "AQ-02"))
    assert f"问题台账：{lines.height} 条，涉及 {lines['thing'].n_unique()} 个对象" in text
    first = lines.row(0, named=True)
    assert f"第 {first['line']} 条 {first['thing_name']}" in text
    assert f"{first['file']} › {first['sheet']} › 第 {first['row']} 行" in text


LOWER = {"worst": 40.0, "floor": 5.0, "target": 0.0, "best": 0.0, "decimals": 0}
HIGHER = {"worst": 20.0, "floor": 60.0, "target": 90.0, "best": 100.0, "decimals": 1}


@pytest.mark.parametrize(
    ("compared", "score", "anchors", "expected"),
    [
        (75.0, 75.0, HIGHER, "60 + 30 × (75.00 − 60.00) ÷ (90.00 − 60.00) = 75.0"),
        (95.0, 95.0, HIGHER, "90 + 10 × (95.00 − 90.00) ÷ (100.00 − 90.00) = 95.0"),
        (12.0, 48.0, LOWER, "0 + 60 × (12.0 − 40.0) ÷ (5.0 − 40.0) = 48.0"),
        (2.0, 84.0, LOWER, "60 + 40 × (2.0 − 5.0) ÷ (0.0 − 5.0) = 84.0"),  # target = best: met is 100
        (75.0, 59.0, HIGHER, ""),  # a capped score is not the line's
        (110.0, 100.0, HIGHER, ""),  # beyond the anchors: clamped
        (None, 50.0, HIGHER, ""),
    ],
)
def test_the_interpolation_is_shown_only_where_it_gives_the_stored_score(
    compared: float | None, score: float, anchors: dict[str, float], expected: str
) -> None:
    assert interpolation({"compared": compared, "score": score}, anchors) == expected


def test_a_capped_baseline_score_says_that_it_is_capped(results: Results) -> None:
    capped = replace(
        results, scores=changed(results.scores, FIRST, "AQ-02", score=59.0, compared=30.0, method="anchors")
    )
    assert "底线型指标未达底线，得分不超过 59 分" in on_screen(explain_view(capped, FIRST, "AQ-02"))


def test_a_score_against_peers_names_their_range(results: Results) -> None:
    peers = replace(results, scores=changed(results.scores, FIRST, "CX-04", score=50.0, method="minmax"))
    row = peers.scores.filter((pl.col("unit") == FIRST) & (pl.col("indicator") == "CX-04")).row(0, named=True)
    unit = peers.indicators.filter(code="CX-04")["unit"][0]
    low, high = (f"{row[key]:.0f}{unit}" for key in ("peer_low", "peer_high"))
    expected = f"同级 {row['peers']} 个单元的范围：{low} 至 {high}"
    assert expected in on_screen(explain_view(peers, FIRST, "CX-04"))


def test_the_figures_behind_a_count_have_their_units_and_its_zero_standard_is_told(results: Results) -> None:
    measured = changed(
        results.measurements, FIRST, "AQ-02", value=15.0, numerator=15.0, denominator=496.0, compared=3.02
    )
    scores = changed(
        results.scores,
        FIRST,
        "AQ-02",
        score=37.0,
        method="minmax",
        compared=3.02,
        peer_low=1.0,
        peer_high=7.0,
    )
    zero = (pl.when(pl.col("code") == "AQ-02").then(0.0).otherwise(c).alias(c) for c in ("target", "floor"))
    none = (pl.when(pl.col("code") == "AQ-02").then(None).otherwise(c).alias(c) for c in ("best", "worst"))
    definitions = results.indicators.with_columns(*zero, *none, compared_unit=pl.lit("%"))
    told = replace(results, measurements=measured, scores=scores, indicators=definitions)
    text = on_screen(explain_view(told, FIRST, "AQ-02"))
    unit = results.indicators.filter(code="AQ-02")["unit"][0]
    for words in (
        f"现状值：15{unit}", f"分子：15{unit}", f"分母：496{unit}", "用于比较的值：3.0%", "单元的范围：1.0% 至 7.0%",
        f"标准只有0{unit}这一个数", f"达到底线（0{unit}）的得 100 分，没有达到的在 0–59 分之间拉开",
    ):  # fmt: skip
        assert words in text


def test_no_score_says_why(results: Results) -> None:
    row = results.scores.filter(pl.col("value").is_null()).row(0, named=True)
    text = on_screen(explain_view(results, row["unit"], row["indicator"]))
    assert "得分：未评价（部门未填报）" in text
    assert "现状值：—" in text


def test_an_input_missing_this_year_is_named(results: Results) -> None:
    text = on_screen(explain_view(replace(results, inputs=results.inputs.clear()), FIRST, "JT-01"))
    assert "form：本年没有这项数据" in text


def test_what_people_call_about_stands_beside_the_value(results: Results) -> None:
    categories = pl.when(pl.col("code") == "JT-01").then(["停车管理", "公共交通"]).otherwise("tickets")
    asked = replace(results, indicators=results.indicators.with_columns(tickets=categories))
    rate = results.tickets.filter(unit=FIRST, category="停车管理")["per_10k"][0]
    text = on_screen(explain_view(asked, FIRST, "JT-01"))
    assert f"12345工单·停车管理：40 件，每万人 {rate:.1f} 件" in text
    assert "12345工单·公共交通" not in text, "nobody called about it, and that is not made up"


@pytest.mark.parametrize(("unit", "indicator"), [("000", "JT-01"), (FIRST, "XX-99")])
def test_what_is_unknown_is_refused(results: Results, unit: str, indicator: str) -> None:
    with pytest.raises(ValueError, match=r"000|XX-99"):
        explain_view(results, unit, indicator)


def test_hostile_names_are_shown_as_they_are_written(results: Results) -> None:
    name = (
        pl.when(pl.col("code").is_in([FIRST, SECOND]))
        .then(pl.lit(HOSTILE) + pl.col("code"))
        .otherwise("name")
    )
    hostile = replace(results, units=results.units.with_columns(name=name))
    assert HOSTILE + FIRST in on_screen(explain_view(hostile, FIRST, "JT-01"))
    assert on_screen(compare_view(hostile, [FIRST, SECOND])).count(HOSTILE + FIRST) >= 3
