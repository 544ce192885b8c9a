"""The Human Development Index 2021 by the whole pipeline: `tijian run` gives back all 191 published values."""

from __future__ import annotations

import csv
from pathlib import Path

import pytest
from tijian.engine.results import Results
from tijian.engine.storage.store import read_results

from .cli_project import told as tijian
from .real_examples import copy_example

pytestmark = pytest.mark.real


@pytest.fixture(scope="module")
def results(real: Path, tmp_path_factory: pytest.TempPathFactory) -> Results:
    project = copy_example("hdi", real, tmp_path_factory.mktemp("hdi"))
    tijian("run", "-q", "-p", project)
    return read_results(project / "results.duckdb")


@pytest.fixture(scope="module")
def published(real: Path) -> dict[str, float]:
    with (real / "hdi-2021" / "hdi_2021.csv").open(encoding="utf-8-sig", newline="") as file:
        return {row["iso3"]: float(row["hdi_2021"]) for row in csv.DictReader(file)}


def test_every_published_value_comes_out_to_the_third_decimal(
    results: Results, published: dict[str, float]
) -> None:
    totals = results.totals.filter(level="town")
    ours = {unit: round(score / 100, 3) for unit, score in totals.select("unit", "score").iter_rows()}
    assert len(published) == 191
    assert {c: (ours[c], v) for c, v in published.items() if ours[c] != v} == {}
    assert set(ours) == set(published)


def test_ranks_follow_the_index_and_the_world_itself_has_no_score(
    results: Results, published: dict[str, float]
) -> None:
    rank = dict(results.totals.filter(level="town").select("unit", "rank").iter_rows())
    assert min(rank, key=lambda code: rank[code]) == max(published, key=lambda code: published[code])
    assert results.totals.filter(level="district")["score"].to_list() in ([], [None])


def test_the_goalposts_are_stated_as_the_method(results: Results) -> None:
    assert set(results.scores.filter(level="town")["method"]) == {"goalposts"}
    assert any("几何平均" in note for note in results.method_notes)
