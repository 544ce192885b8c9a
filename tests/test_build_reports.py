"""Many reports at once: which, under which names, and that one failure does not stop the rest."""

from __future__ import annotations

import dataclasses
from functools import cache
from pathlib import Path

import polars as pl
import pytest
from tijian.engine.results import Results
from tijian.reports.build import Job, build_reports, plan

from .results_fixture import DISTRICT, HOSTILE, make_results

TOWN = f"{DISTRICT}002"


@cache
def results() -> Results:
    return make_results(hostile=True)


def test_everything_is_planned_when_nothing_is_selected() -> None:
    kinds = [job.kind for job in plan(results())]
    assert kinds.count("district") == 1
    assert kinds.count("town") == 17
    assert kinds.count("community") == results().units.filter(level="community").height
    assert kinds.count("topic") == 1
    assert kinds.count("department") >= 10
    assert kinds[:2] == ["district", "national"]
    assert kinds[-1] == "community"


def test_the_edition_of_the_project_is_printed_first_and_the_other_beside_it() -> None:
    led = dataclasses.replace(results(), edition="national")
    jobs = plan(led, levels=["district"])
    assert [j.kind for j in jobs] == ["national", "district"]
    assert jobs[0].path == "区级/示例区_城市体检报告（住建部版）_2026.pdf"


def test_selections_add_only_their_own() -> None:
    assert [j.kind for j in plan(results(), levels=["town"])] == ["town"] * 17
    assert [j.key for j in plan(results(), units=[TOWN])] == [TOWN]
    assert [j.key for j in plan(results(), departments=["区水务局"])] == ["区水务局"]
    assert [j.key for j in plan(results(), topics=["城市基础设施"])] == ["城市基础设施"]
    inside = plan(results(), levels=["community"], units=[TOWN])
    assert inside
    assert all(j.key.startswith(TOWN) for j in inside)
    assert {j.kind for j in inside} == {"community"}
    assert plan(results(), levels=["district"], units=[TOWN]) == []


def test_names_are_short_safe_and_one_to_a_report() -> None:
    paths = [job.path for job in plan(results())]
    assert len(set(paths)) == len(paths)
    assert max(map(len, paths)) <= 90
    assert "区级/示例区_区级体检报告_2026.pdf" in paths
    assert "街镇/示例东街道_街镇体检报告_2026.pdf" in paths
    assert not [p for p in paths if "<" in p or ".." in p]


def test_two_units_of_one_name_do_not_overwrite_each_other() -> None:
    renamed = results().units.with_columns(
        name=pl.when(pl.col("parent") == TOWN).then(pl.lit("同名居委会")).otherwise(pl.col("name"))
    )
    jobs = plan(dataclasses.replace(results(), units=renamed), levels=["community"])
    assert len({j.path for j in jobs}) == len(jobs)


@pytest.mark.slow
def test_one_failed_report_names_itself_and_the_others_are_written(tmp_path: Path) -> None:
    good = plan(results(), units=[f"{DISTRICT}002001", f"{DISTRICT}001001"])
    bad = Job("community", "没有这个社区", "坏的", "社区/坏的.pdf")
    told: list[tuple[int, int]] = []
    built = build_reports(
        results(), tmp_path, [good[0], bad, good[1]], workers=2, progress=lambda *step: told.append(step[:2])
    )
    assert [b.job for b in built] == [good[0], bad, good[1]]
    assert [bool(b.error) for b in built] == [False, True, False]
    assert "没有这个社区" in built[1].error
    assert all((tmp_path / b.job.path).read_bytes().startswith(b"%PDF") for b in (built[0], built[2]))
    assert built[0].pages in (2, 3)
    assert told == [(1, 3), (2, 3), (3, 3)]
    assert sorted(p.name for p in tmp_path.rglob("*.pdf")) == sorted(
        Path(b.job.path).name for b in (built[0], built[2])
    )
    assert not list(tmp_path.rglob("*.pdf.*")), "nothing half written lies about"


@pytest.mark.slow
def test_one_process_and_two_print_the_same(tmp_path: Path) -> None:
    jobs = plan(results(), units=[f"{DISTRICT}002001", f"{DISTRICT}003001"])
    one = build_reports(results(), tmp_path / "one", jobs, workers=1)
    two = build_reports(results(), tmp_path / "two", jobs, workers=2)
    assert [b.path.read_bytes() for b in one] == [b.path.read_bytes() for b in two]


def test_the_hostile_name_is_in_the_plan() -> None:
    assert any(HOSTILE in job.title for job in plan(results()))
