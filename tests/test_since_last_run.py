"""What came of running a year again: what `tijian run` tells at its end."""

from pathlib import Path

import polars as pl
import pytest
from tijian.data.template import write_template
from tijian.engine.findings import Findings
from tijian.engine.results import Results
from tijian.engine.storage.store import read_results
from tijian.engine.years.since_last_run import since_last_run
from tijian.indicators.forms import needed_items
from tijian.indicators.loader import load_indicators
from tijian.reports.terminal.since_run import since_run_view

from .cli_project import NAMES, YEAR, fill_in, finished_sample, told, write_form
from .shown import on_screen

TABLES = ("measurements", "scores", "totals", "problem_list", "ledger")
TOWN = "990117001"


@pytest.fixture(scope="module")
def results(tmp_path_factory: pytest.TempPathFactory) -> Results:
    return read_results(finished_sample(tmp_path_factory) / "results.duckdb", YEAR)


@pytest.fixture
def frames(results: Results) -> dict[str, pl.DataFrame]:
    return {name: getattr(results, name) for name in TABLES}


def said(results: Results, then: dict[str, pl.DataFrame], now: dict[str, pl.DataFrame]) -> str:
    return on_screen(since_run_view(since_last_run(then, now), results.units, results.indicators))


def here(unit: str, indicator: str) -> pl.Expr:
    return (pl.col("unit") == unit) & (pl.col("indicator") == indicator)


def with_value(frame: pl.DataFrame, unit: str, indicator: str, **cells: float | str | None) -> pl.DataFrame:
    """``frame`` with other cells in one row."""
    return frame.with_columns(
        pl.when(here(unit, indicator)).then(pl.lit(v)).otherwise(pl.col(c)).alias(c) for c, v in cells.items()
    )


def test_where_nothing_changed_one_line_says_so(results: Results, frames: dict[str, pl.DataFrame]) -> None:
    assert since_last_run(frames, dict(frames)).nothing
    assert said(results, frames, dict(frames)).splitlines() == [
        "与上次运行相比：指标值、综合得分、名次、等级和问题清单都没有变化。"
    ]


def test_the_last_digits_of_a_number_are_no_change(results: Results, frames: dict[str, pl.DataFrame]) -> None:
    nearly = frames["measurements"].with_columns(pl.col("value") * (1 + 1e-12))
    assert since_last_run(frames, frames | {"measurements": nearly}).nothing


def test_changed_values_are_counted_by_level_and_told_with_unit_and_indicator(
    results: Results, frames: dict[str, pl.DataFrame]
) -> None:
    measured = with_value(frames["measurements"], TOWN, "ST-02", value=50.0)
    measured = with_value(measured, TOWN, "AQ-02", value=None)
    measured = measured.filter(~here("990117", "ST-03"))
    scores = with_value(frames["scores"], TOWN, "ST-02", score=0.0)
    found = since_last_run(frames, frames | {"measurements": measured, "scores": scores})
    assert found.values.height == 3
    assert found.values.row(0, named=True)["indicator"] == "ST-02"  # the score moved most
    text = said(results, frames, frames | {"measurements": measured, "scores": scores})
    assert "指标值变了 3 个：区级 1 个、街镇 2 个（其中不再有值的 2 个）" in text
    was = frames["measurements"].filter(here(TOWN, "ST-02"))["value"][0]
    assert f"望云街道 ST-02 城市生活污水集中收集率：{was:.1f}% → 50.0%" in text
    assert "综合得分、名次、等级没有变化" in text
    assert "问题清单没有增减" in text


def test_a_change_too_small_for_the_usual_decimals_is_told_with_more(
    results: Results, frames: dict[str, pl.DataFrame]
) -> None:
    then = with_value(frames["measurements"], TOWN, "ST-02", value=50.0)
    now = with_value(frames["measurements"], TOWN, "ST-02", value=50.004)
    text = said(results, frames | {"measurements": then}, frames | {"measurements": now})
    assert "50.000% → 50.004%" in text


def test_totals_ranks_grades_and_problems_are_told(results: Results, frames: dict[str, pl.DataFrame]) -> None:
    row = frames["totals"].filter(pl.col("unit") == TOWN).row(0, named=True)
    mine = pl.col("unit") == TOWN
    totals = frames["totals"].with_columns(
        score=pl.when(mine).then(pl.lit(91.2)).otherwise("score"),
        rank=pl.when(mine).then(pl.lit(1)).otherwise("rank"),
        grade=pl.when(mine).then(pl.lit("良好")).otherwise("grade"),
    )
    listed = frames["problem_list"]
    fewer, first, second = listed.slice(1), listed.row(0, named=True), listed.row(1, named=True)
    then = frames | {"problem_list": listed.filter(pl.col("id") != second["id"])}
    text = said(
        results, then, frames | {"totals": totals, "problem_list": fewer, "ledger": frames["ledger"].head(7)}
    )
    assert (
        f"望云街道：{row['score']:.1f}分 → 91.2分，第 {row['rank']} 名 → 第 1 名，{row['grade']} → 良好"
        in text
    )
    assert f"问题清单新增 1 条：云湖区 {second['indicator']}" in text
    assert f"问题清单不再列入 1 条：云湖区 {first['indicator']}" in text
    assert f"问题台账：{frames['ledger'].height:,} 行 → 7 行" in text


def test_a_run_that_replaces_results_says_at_its_end_what_came_of_it(tmp_path: Path) -> None:
    folder = tmp_path / "小"
    write_template(folder)
    fill_in(folder)
    assert "与上次运行相比" not in told("run", "-q", "-p", folder)  # there was none
    library = load_indicators(("national-2025", "national-2022"), folder, Findings())
    items = needed_items(library.forms["buildings"], library.indicators)
    write_form(folder / "inputs" / "2026" / "住宅楼栋调查表.xlsx", items, NAMES, cracked=(1, 2, 3, 4))
    text = told("run", "-q", "-p", folder)
    _, after = text.split("\n与上次运行相比：\n")
    assert "指标值变了" in after
    assert "2栋 → 4栋" in after
