"""更新项目清单: a further list, made only when the project names it, of the remedies that are construction."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import openpyxl
import polars as pl
import pytest
from tijian.engine.results import Results
from tijian.reports.project_table import project_table, wants_projects
from tijian.reports.view import Scope, View
from tijian.reports.workbook import write_lists

from .results_fixture import make_results

NAME = "2027年更新项目"


@pytest.fixture(scope="module")
def results() -> Results:
    made = make_results()
    management = pl.int_range(pl.len()) % 2 == 0  # the fixture knows construction only
    kinds = pl.when(management).then(pl.lit("管理类")).otherwise("measure_kind")
    made = replace(made, remedy_list=made.remedy_list.with_columns(measure_kind=kinds))
    return replace(made, list_names=made.list_names | {"projects": NAME})


def test_only_construction_becomes_a_project(results: Results) -> None:
    table = project_table(View(results), Scope())
    works = results.remedy_list.filter(pl.col("measure_kind") == "工程类")
    assert 0 < works.height < results.remedy_list.height
    assert sorted(map(str, table.values("remedy_id"))) == sorted(works["id"])
    assert table.title == NAME


def test_a_gain_is_told_only_where_a_standard_scales_the_indicator(results: Results) -> None:
    view = View(results)
    scored = {(r["unit"], r["indicator"]): r for r in results.scores.to_dicts()}
    remedies = {r["id"]: r for r in results.remedy_list.to_dicts()}
    table = project_table(view, Scope())
    for remedy_id, gain in zip(table.values("remedy_id"), table.values("gain"), strict=True):
        remedy = remedies[str(remedy_id)]
        row = scored[remedy["unit"], remedy["indicator"]]
        told = row["method"] == "anchors" and row["score"] is not None and row["score"] < 90
        assert gain == (f"该项得分 {row['score']:.1f} → 90" if told else "")


def test_the_workbook_has_the_sheet_only_when_it_is_named(results: Results, tmp_path: Path) -> None:
    with_it = openpyxl.load_workbook(write_lists(results, tmp_path / "a", unit=None, department=None))
    assert NAME in with_it.sheetnames
    plain = make_results()
    assert not wants_projects(View(plain))
    without = openpyxl.load_workbook(write_lists(plain, tmp_path / "b", unit=None, department=None))
    assert [n for n in with_it.sheetnames if n != NAME] == without.sheetnames
