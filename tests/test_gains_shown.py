"""Gains as people see them: the sentence that lifts a grade, the tables, the projects a budget buys, the command."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import polars as pl
import pytest
from rich.console import Console
from tijian.engine.analysis.gains import gains_under
from tijian.engine.analysis.rerun import recorded
from tijian.engine.results import Results, conform
from tijian.engine.storage.store import read_results
from tijian.reports.content.gains import district_gains, town_gains
from tijian.reports.tables.gains import gains_table, lift_said, lift_short
from tijian.reports.terminal.gains import gains_view, with_budget
from tijian.reports.view import View
from tijian.reports.wording.projects_said import budget_said, choice_of, projects_table

from .cli_project import YEAR, finished_sample, refused, told
from .results_fixture import DISTRICT, make_results

TOWN = f"{DISTRICT}001"


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return Path(finished_sample(tmp_path_factory))


@pytest.fixture(scope="module")
def results(folder: Path) -> Results:
    return read_results(folder / "results.duckdb", YEAR)


def lifted(**more: object) -> View:
    """The fixture, its first town at 74.2 points with this lift."""
    row = {"year": 2026, "unit": TOWN, "level": "town", "score": 74.2, "grade": "中", "grade_then": "良", "score_then": 80.1,
           "indicators": ["ST-01", "ST-02"], "reached": True, "exact": True}  # fmt: skip
    return View(replace(make_results(), lifts=conform("lifts", pl.DataFrame([row | more]))))


def test_a_lift_is_said_with_its_indicators_and_both_scores() -> None:
    said = lift_said(lifted(), TOWN)
    assert said == (
        "将以下2项提高到目标，综合得分由74.2提高到80.1，进入“良”，再少就不够：公园绿化活动场地服务半径覆盖率、城市绿地率。"
    )
    assert "未证明" in lift_said(lifted(exact=False), TOWN)
    many = lift_said(lifted(indicators=[f"ST-0{n}" for n in (1, 2, 3, 4, 5)] + ["ST-01"]), TOWN)
    assert many.startswith("至少要将6项提高到目标")


def test_what_no_target_reaches_is_said_so_and_never_rounded_into_the_grade() -> None:
    said = lift_said(lifted(reached=False, score_then=79.96), TOWN)
    assert said == "即使未达目标的2项全部达到目标，综合得分由74.2提高到79.96，仍不到“良”（80分）。"
    assert lift_short({"reached": False, "grade_then": "良", "indicators": []}) == "全部达标也不到“良”"


def test_a_unit_without_gains_has_no_chapter() -> None:
    assert town_gains(View(make_results()), TOWN) == ()


def test_the_table_of_the_sample_says_what_the_frame_says(results: Results) -> None:
    view = View(results)
    town = view.of_level("town")[0]
    table = gains_table(view, town, 5)
    first = results.gains.filter(pl.col("unit") == town).sort("order").head(5)
    assert [str(c) for c in table.values("gain")] == [f"+{g:.2f}" for g in first["gain"]]
    assert table.values("indicator") == [view.indicators[c]["name"] for c in first["indicator"]]
    assert len(town_gains(view, town)) == 1


def test_the_district_names_every_town_and_what_the_budget_buys(results: Results) -> None:
    view = View(results)
    (section,) = district_gains(view)
    assert [part.title for part in section.parts] == ["项目优选"]
    whole = results.budget.row(0, named=True)
    assert f"入选{whole['chosen']}个" in budget_said(view)
    chosen = results.projects.filter("chosen")
    assert chosen["cost"].sum() == whole["spent"] <= whole["total"] == 3000
    table = projects_table(view, results.projects.to_dicts())
    assert [str(c) for c in table.values("choice")].count("入选") == chosen.height
    assert table.values("id")[: chosen.height] == sorted(
        table.values("id")[: chosen.height],
        key=lambda i: (
            -float((chosen.filter(pl.col("id") == i).select(pl.col("gain") * pl.col("people"))).item())
        ),
    )


def test_the_stored_gains_are_made_again_from_the_record(folder: Path, results: Results) -> None:
    basis, scheme = recorded(folder / "results.duckdb", YEAR)
    frames = {name: getattr(results, name) for name in ("scores", "dimensions", "totals", "weights")}
    again = gains_under(scheme, basis, frames)
    assert again["gains"].equals(results.gains)
    assert again["lifts"].equals(results.lifts)


def test_another_budget_changes_what_is_shown_and_nothing_else(folder: Path, results: Results) -> None:
    before = (folder / "results.duckdb").read_bytes()
    more = with_budget(results, 1e6)
    known = results.projects.filter(pl.col("gain") > 0)
    assert more.budget["chosen"][0] == known.select("unit", "indicator").unique().height
    assert more.budget["gain"][0] >= results.budget["gain"][0]
    text = told("gains", "-p", folder, "--budget", "1000000", columns=200)
    assert "假设的投资额度" in text
    assert f"入选{more.budget['chosen'][0]}个" in text
    assert (folder / "results.duckdb").read_bytes() == before


def printed(results: Results, **options: object) -> str:
    console = Console(width=200)
    with console.capture() as captured:
        console.print(gains_view(results, **options))
    return captured.get()


def test_a_unit_is_told_ten_gains_and_only_its_own_projects(results: Results) -> None:
    view = View(results)
    town = view.of_level("town")[0]
    text = printed(results, unit=town)
    assert "提升最大的10项指标" in text
    own = results.projects.filter(pl.col("unit") == town)["id"].to_list()
    others = results.projects.filter(pl.col("unit") != town)["id"].to_list()
    assert all(i in text for i in own)
    assert not any(i in text for i in others)


def test_without_a_table_of_projects_a_budget_says_where_to_name_one(results: Results) -> None:
    bare = replace(results, projects=results.projects.clear(), budget=results.budget.clear())
    assert "[budget]" in printed(bare, budget=100.0)
    assert "项目优选" not in printed(bare)


CHOICES = (
    ({"chosen": True, "gain": 1.0, "people": 5.0, "extra": None}, "入选"),
    ({"chosen": False, "gain": None, "people": 5.0, "extra": None}, "未入选（不能推算）"),
    ({"chosen": False, "gain": 0.0, "people": 5.0, "extra": None}, "未入选（没有提升）"),
    ({"chosen": False, "gain": 1.0, "people": 5.0, "extra": None}, "未入选（同项已选）"),
    ({"chosen": False, "gain": 1.0, "people": 5.0, "extra": 12.5}, "未入选，再增12.5万元可纳入"),
)


@pytest.mark.parametrize(("row", "said"), CHOICES)
def test_every_project_says_why_it_was_left_out(row: dict[str, object], said: str) -> None:
    assert choice_of(row) == said


def test_an_unknown_unit_is_refused_with_what_there_is(folder: Path) -> None:
    assert "没有叫" in refused(2, "gains", "没有镇", "-p", folder)


def test_the_method_notes_say_how_gains_and_projects_were_reckoned(results: Results) -> None:
    assert any(note.startswith("提升潜力：") for note in results.method_notes)
    assert any("投资额度 3000 万元" in note for note in results.method_notes)
