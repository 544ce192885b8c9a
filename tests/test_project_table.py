"""更新项目清单: a further list, made only when the project names it, of the remedies that are construction."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import openpyxl
import polars as pl
import pytest
from tijian.engine.results import Results, conform
from tijian.reports.tables.projects import project_table, wants_projects
from tijian.reports.view import Scope, View
from tijian.reports.workbook.lists import write_lists

from .results_fixture import make_results

NAME = "2027年更新项目"


@pytest.fixture(scope="module")
def results() -> Results:
    made = make_results()
    management = pl.int_range(pl.len()) % 2 == 0  # the fixture knows construction only
    kinds = pl.when(management).then(pl.lit("管理类")).otherwise("measure_kind")
    made = replace(made, remedy_list=made.remedy_list.with_columns(measure_kind=kinds))
    return replace(made, list_names=made.list_names | {"projects": NAME})


def is_site(name: object) -> bool:
    return "（选址" in str(name)


def rows_of(results: Results, *, sites: bool) -> list[dict[str, object]]:
    """The list's rows by column: those of remedies, or those of proposed sites."""
    table = project_table(View(results), Scope())
    rows: list[dict[str, object]] = [dict(zip(table.keys, row, strict=True)) for row in table.rows]
    return [row for row in rows if is_site(row["name"]) == sites]


def test_only_construction_becomes_a_project(results: Results) -> None:
    works = results.remedy_list.filter(pl.col("measure_kind") == "工程类")
    assert 0 < works.height < results.remedy_list.height
    assert sorted(str(row["remedy_id"]) for row in rows_of(results, sites=False)) == sorted(works["id"])
    assert project_table(View(results), Scope()).title == NAME


def test_a_gain_is_told_only_where_a_standard_scales_the_indicator(results: Results) -> None:
    scored = {(r["unit"], r["indicator"]): r for r in results.scores.to_dicts()}
    remedies = {r["id"]: r for r in results.remedy_list.to_dicts()}
    for project in rows_of(results, sites=False):
        remedy = remedies[str(project["remedy_id"])]
        row = scored[remedy["unit"], remedy["indicator"]]
        told = row["method"] == "anchors" and row["score"] is not None and row["score"] < 90
        assert project["gain"] == (f"该项得分 {row['score']:.1f} → 90" if told else "")


def test_each_proposed_site_of_a_construction_is_a_project_after_it(results: Results) -> None:
    works = results.remedy_list.filter(pl.col("measure_kind") == "工程类")
    wanted = results.sites.join(works.select("unit", "indicator", "id"), on=["unit", "indicator"])
    assert wanted.height > 0, "the fixture has a site for one of its works"
    rows = rows_of(results, sites=True)
    assert sorted(str(row["remedy_id"]) for row in rows) == sorted(wanted["id"])
    whole = project_table(View(results), Scope())
    assert whole.values("no") == list(range(1, len(whole) + 1))
    for row in rows:
        before = whole.rows[int(str(row["no"])) - 2]
        assert before[whole.keys.index("remedy_id")] == row["remedy_id"]


def test_a_site_says_where_it_is_and_what_it_brings(results: Results) -> None:
    told = pl.concat_str("measure", pl.lit("选址测算：在示例一居委会（…）新增1处。"))
    made = replace(
        results, remedy_list=results.remedy_list.with_columns(measure=told, measure_kind=pl.lit("工程类"))
    )
    assert not any("选址测算" in str(row["content"]) for row in rows_of(made, sites=False)), "told twice"
    rows = rows_of(made, sites=True)
    first = next(row for row in rows if "示例一居委会" in str(row["content"]))
    assert first["content"] == "在示例一居委会（东经120.01°、北纬30.99°）新增1处（服务半径500米）"
    assert first["gain"] == "新增覆盖420人，81.8% → 100.0%"
    assert str(first["name"]).endswith("公交站点500米覆盖率新增设施（选址1）")


def test_the_workbook_has_the_sheet_only_when_it_is_named(results: Results, tmp_path: Path) -> None:
    with_it = openpyxl.load_workbook(write_lists(results, tmp_path / "a", unit=None, department=None))
    assert NAME in with_it.sheetnames
    plain = make_results()
    assert not wants_projects(View(plain))
    without = openpyxl.load_workbook(write_lists(plain, tmp_path / "b", unit=None, department=None))
    assert [n for n in with_it.sheetnames if n != NAME] == without.sheetnames


def with_projects(results: Results) -> Results:
    """The fixture with a table of two projects for works on its lists, one of them chosen, and one for none of them."""
    works = results.remedy_list.filter(pl.col("measure_kind") == "工程类").unique(
        ["unit", "indicator"], maintain_order=True
    )
    first, second = works.head(2).to_dicts()
    listed = set(results.remedy_list.select("unit", "indicator").rows())
    other = next(
        r
        for r in results.scores.to_dicts()
        if (r["unit"], r["indicator"]) not in listed and r["value"] is not None
    )
    rows = [
        {"year": results.year, "id": f"P{n}", "name": f"项目{n}", "unit": row["unit"], "level": row["level"],
         "indicator": row["indicator"], "cost": 120.0 * n, "value": 10.0, "value_then": 20.0, "gain": gain, "people": 1000.0,
         "chosen": chosen, "extra": extra}
        for n, (row, gain, chosen, extra) in enumerate(
            ((first, 0.2, False, 60.0), (second, 0.5, True, None), (other, None, False, None)), 1)
    ]  # fmt: skip
    return replace(results, projects=conform("projects", pl.DataFrame(rows, infer_schema_length=None)))


def test_projects_of_the_table_stand_first_with_their_cost_and_gain(results: Results) -> None:
    table = project_table(View(with_projects(results)), Scope())
    rows = [dict(zip(table.keys, row, strict=True)) for row in table.rows]
    assert [r["name"] for r in rows[:3]] == ["项目2（P2）", "项目1（P1）", "项目3（P3）"]
    assert [str(r["cost"]) for r in rows[:3]] == ["240", "120", "360"]
    assert [r["choice"] for r in rows[:3]] == ["入选", "未入选，再增60万元可纳入", "未入选（不能推算）"]
    assert str(rows[0]["gain"]).startswith("综合得分+0.50分，涉及1000人；")
    assert rows[2]["gain"] == rows[2]["remedy_id"] == ""
    assert rows[0]["remedy_id"]
    assert all(r["choice"] == "" for r in rows[3:])


def test_a_remedy_on_the_table_is_not_listed_twice_and_the_others_stay(results: Results) -> None:
    plain, made = project_table(View(results), Scope()), project_table(View(with_projects(results)), Scope())
    assert "choice" not in plain.keys
    planned = with_projects(results).projects.select("unit", "indicator")
    known = results.remedy_list.filter(pl.col("measure_kind") == "工程类")
    left = known.join(planned, on=["unit", "indicator"], how="anti")["id"]
    assert sorted(set(map(str, made.values("remedy_id")[3:]))) == sorted(left)


def test_costs_are_numbers_in_the_workbook(results: Results, tmp_path: Path) -> None:
    book = openpyxl.load_workbook(write_lists(with_projects(results), tmp_path, unit=None, department=None))
    cells = [[c.value for c in row] for row in book[NAME].iter_rows()]
    heads = next(row for row in cells if "估算投资（万元）" in row)
    costs = [row[heads.index("估算投资（万元）")] for row in cells[cells.index(heads) + 1 :]]
    assert costs[:3] == [240, 120, 360]
