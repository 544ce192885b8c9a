"""Proposed sites of the sample: in the results, on the terminal, in the lists; and what is said where there are none."""

from __future__ import annotations

from dataclasses import replace
from io import StringIO
from pathlib import Path

import numpy as np
import polars as pl
import pytest
import shapely
from rich.console import Console
from tijian.engine.findings import Findings
from tijian.engine.results import Results, empty
from tijian.engine.settings.project import load_project
from tijian.engine.storage.store import read_results
from tijian.reports.tables.sites import sites_table
from tijian.reports.terminal.sites import sites_view
from tijian.reports.view import View

from .cli_project import finished_sample, refused, told
from .results_fixture import make_results


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return finished_sample(tmp_path_factory)


@pytest.fixture(scope="module")
def results(project: Path) -> Results:
    return read_results(project / "results.duckdb")


def shown(results: Results, unit: str | None = None) -> str:
    console = Console(width=200, record=True, file=StringIO())
    console.print(sites_view(results, unit))
    return console.export_text()


# ---- in the results -------------------------------------------------------------------------------


def test_the_sample_has_sites_for_every_indicator_that_leaves_somebody_unserved(results: Results) -> None:
    coverage = set(results.indicators.filter(pl.col("method") == "coverage")["code"])
    wanting = set(results.service.filter(~pl.col("served"))["indicator"]) & coverage
    assert len(wanting) >= 5
    assert set(results.sites["indicator"]) == wanting


def test_ranks_gains_and_values_of_a_town_follow_each_other(results: Results) -> None:
    for _, rows in results.sites.group_by("indicator", "unit"):
        ordered = rows.sort("rank")
        assert ordered["rank"].to_list() == list(range(1, rows.height + 1))
        assert ordered["gained"].is_sorted(descending=True)
        assert ordered["unit_before"].to_list()[1:] == ordered["unit_after"].to_list()[:-1]
        assert ordered["before"].to_list()[1:] == ordered["after"].to_list()[:-1]
    assert (results.sites["unit_after"] > results.sites["unit_before"]).all()
    assert results.sites["unit_after"].max() <= 100
    assert results.sites["bound"].is_between(1 - 1 / np.e, 1).all()


def test_a_site_stands_in_its_town(results: Results) -> None:
    borders = dict(results.shapes.iter_rows())
    for row in results.sites.iter_rows(named=True):
        border = shapely.from_wkb(borders[row["unit"]])
        assert border.distance(shapely.Point(row["x"], row["y"])) < 30, (
            "but for the simplifying of the border"
        )


def test_the_first_site_gains_what_a_count_of_its_surroundings_gives(results: Results) -> None:
    towns = dict(results.units.select("code", "town").iter_rows())
    firsts = results.sites.filter((pl.col("rank") == 1) & (pl.col("counted") == "人"))
    assert firsts.height > 3
    for row in firsts.iter_rows(named=True):
        gained = sum(
            weight
            for unit, x, y, weight in results.service.filter(
                (pl.col("indicator") == row["indicator"]) & ~pl.col("served")
            ).select("unit", "x", "y", "weight").iter_rows()
            if towns[unit] == row["unit"] and np.hypot(x - row["x"], y - row["y"]) <= row["radius_m"]
        )  # fmt: skip
        assert row["gained"] == pytest.approx(gained)


def test_the_remedies_of_towns_with_sites_name_them(results: Results) -> None:
    with_sites = results.remedy_list.join(
        results.sites.filter(pl.col("rank") == 1), on=["unit", "indicator"], how="inner"
    )
    assert with_sites.height > 5
    for measure, place in with_sites.select("measure", "place").iter_rows():
        assert f"选址测算：在{place}新增1处" in measure
    others = results.remedy_list.join(results.sites, on="indicator", how="anti")
    assert not others["measure"].str.contains("选址测算").any()


def test_the_method_notes_say_how_the_sites_were_found(results: Results) -> None:
    (note,) = [note for note in results.method_notes if "选址" in note]
    assert "每项指标至多 3 处" in note
    assert "不到本街镇需求 1% 的不列" in note


# ---- on the terminal ------------------------------------------------------------------------------


def test_the_command_lists_a_towns_sites_with_what_they_bring(project: Path, results: Results) -> None:
    row = results.sites.filter(pl.col("indicator") == "JT-03").row(0, named=True)
    town = dict(results.units.select("code", "name").iter_rows())[row["unit"]]
    page = told("sites", town, "--indicator", "JT-03", "-p", project)
    assert f"{town} {results.year} 年选址建议" in page
    assert f"{row['unit_before']:.1f}% → {row['unit_after']:.1f}%" in page
    assert "公交站点300米" not in page
    assert "公交站点300米" in told("sites", town, "-p", project)


def test_of_the_district_the_place_that_serves_most_comes_first(results: Results) -> None:
    table = sites_table(View(results), None, "JT-03")
    best = results.sites.filter(pl.col("indicator") == "JT-03").sort("gained", descending=True).row(0, named=True)  # fmt: skip
    assert table.rows[0][table.keys.index("place")] == best["place"]
    assert table.values("gained")[0] == f"{best['gained']:,.0f}人"


def test_what_is_unknown_is_refused(project: Path) -> None:
    assert "没有编号为“XX-99”的指标" in refused(2, "sites", "--indicator", "XX-99", "-p", project)
    assert "无此街道" in refused(2, "sites", "无此街道", "-p", project)


def test_of_a_community_the_town_is_named_and_without_any_site_the_reason_is_said() -> None:
    made = make_results()
    community = made.units.filter(pl.col("level") == "community").row(0, named=True)
    town = dict(made.units.select("code", "name").iter_rows())[community["town"]]
    assert f"tijian sites {town}" in shown(made, community["code"])
    assert "没有可建议的选址" in shown(replace(made, sites=empty("sites")))


def test_an_indicator_measured_on_foot_is_said_to_be_left_out() -> None:
    made = make_results()
    on_foot = made.indicators.with_columns(
        method=pl.when(pl.col("code") == "JK-02").then(pl.lit("walk")).otherwise("method")
    )
    notes = sites_table(View(replace(made, indicators=on_foot))).notes
    assert notes[-1] == "按步行路网计算的指标不作推算：社区老年服务站覆盖率"
    assert not any("步行" in note for note in sites_table(View(made)).notes)


# ---- the settings ---------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("said", "told_of"),
    [
        ('candidates = "nowhere"', "nowhere"),
        ("per_town = -1", "不小于 0"),
        ("minimum_share = 2", "不大于 1"),
        ("radius = 5", "candidates、per_town、minimum_share、together"),
    ],
)
def test_wrong_settings_are_told_with_what_is_allowed(tmp_path: Path, said: str, told_of: str) -> None:
    (tmp_path / "tijian.toml").write_text(
        '[project]\nname = "区"\ndistrict = "310199"\nyear = 2026\n[units]\nfile = "u.csv"\n'
        f'[inputs.plots]\nfile = "p.gpkg"\n[siting]\n{said}\n', encoding="utf-8",
    )  # fmt: skip
    findings = Findings()
    assert load_project(tmp_path, findings) is None
    (finding,) = findings
    assert finding.code == "P003"
    assert told_of in f"{finding.value}{finding.expected}"
