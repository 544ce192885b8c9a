"""The same project, and the same questions, here and on a Spark cluster: equal answers, from work that both executors did.

One cluster and one process on it serve all tests. ``pytest -s tests/test_spark.py`` shows what happened when.
"""

from __future__ import annotations

import os
import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import polars as pl
import pytest
from polars.testing import assert_frame_equal, assert_series_equal
from tijian.engine.results import SCHEMAS, Results
from tijian.engine.storage.store import read_results

from .cli_project import COMMAND, call, told
from .data_set_project import MEASURES, ROWS, UNKNOWN_COLUMN, write_project
from .spark_cluster import WORKERS, spark_cluster
from .spark_questions import OF_A_ROW, OF_MANY_ROWS, ON_DATA_SETS, WRONG_IN_BOTH

pytestmark = pytest.mark.slow

FILES = 8
EXACT = 1e-9  # sums are taken in another order
ELSEWHERE = (
    "America/New_York"  # the zone of the process that asks: on what day a moment was must not depend on it
)


@dataclass(frozen=True)
class Ran:
    """What came of running the project here and on the cluster, and what the master and Spark's log say of the latter.

    ``answers``: where the answers of both engines to :mod:`.spark_questions` lie.
    """

    here: Results
    there: Results
    status: dict[str, Any]
    tasks: dict[str, int]
    answers: Path

    def answer(self, name: str, engine: str) -> pl.DataFrame:
        """What an engine came to."""
        wrong = self.answers / f"{name}.{engine}.txt"
        assert not wrong.exists(), f"{engine}: {wrong.read_text(encoding='utf-8')}"
        return pl.read_parquet(self.answers / f"{name}.{engine}.parquet")


@pytest.fixture(scope="module")
def ran(root: Path, tmp_path_factory: pytest.TempPathFactory) -> Ran:
    folder, began = tmp_path_factory.mktemp("spark"), time.monotonic()

    def say(what: str) -> None:
        print(f"[{time.monotonic() - began:6.1f} s] {what}")

    here = write_project(folder / "here", parquet=True, files=FILES)
    there = write_project(folder / "there", parquet=True, files=FILES)
    answers = folder / "answers"
    answers.mkdir()
    told("run", "-q", "-p", here)
    say(f"run with DuckDB: {ROWS} records in {FILES} Parquet files, {len(MEASURES)} indicators")
    with spark_cluster(root, folder / "cluster") as cluster:
        say(f"master {cluster.master} has {cluster.status()['aliveworkers']} workers")
        done = subprocess.run(
            [sys.executable, "-m", "tests.spark_driver", cluster.master, str(there), str(answers)], cwd=root,
            env=cluster.environment | {"TZ": ELSEWHERE}, text=True, capture_output=True, timeout=600, check=False,
        )  # fmt: skip
        say("run with --engine spark, and asked")
        print(done.stdout)
        assert done.returncode == 0, done.stdout + done.stderr
        status = cluster.status()
        tasks = cluster.tasks()
        for app in status["completedapps"]:
            say(f"application {app['id']} “{app['name']}”: {app['state']}, {app['duration'] / 1000:.1f} s")
        say(f"tasks by executor: {tasks}")
    say("cluster stopped")
    results = [read_results(project / "results.duckdb") for project in (here, there)]
    return Ran(results[0], results[1], status, tasks, answers)


def test_every_indicator_has_the_value_that_duckdb_gives(ran: Ran) -> None:
    assert set(ran.there.measurements["indicator"]) == set(MEASURES) - {"RA-05"}
    assert_frame_equal(ran.there.measurements, ran.here.measurements, abs_tol=EXACT, rel_tol=EXACT)


@pytest.mark.parametrize("name", [name for name in SCHEMAS if name != "runs"])
def test_everything_after_that_is_the_same(ran: Ran, name: str) -> None:
    here, there = getattr(ran.here, name), getattr(ran.there, name)
    assert_frame_equal(there, here, abs_tol=EXACT, rel_tol=EXACT, check_row_order=False)


def test_the_run_is_told_from_the_same_record(ran: Ran) -> None:
    assert ran.there.run_id == ran.here.run_id
    assert ran.there.ledger.height > 0


def test_both_workers_did_part_of_it(ran: Ran) -> None:
    assert ran.status["aliveworkers"] == WORKERS
    assert {app["name"] for app in ran.status["completedapps"]} == {"tijian"}
    assert set(ran.tasks) == {"0", "1"}
    assert min(ran.tasks.values()) > len(MEASURES)


@pytest.mark.parametrize(("name", "asked"), [("rows", OF_A_ROW), ("many", OF_MANY_ROWS)])
def test_what_the_engines_do_differently_comes_to_the_same(
    ran: Ran, name: str, asked: tuple[str, ...]
) -> None:
    here, there = ran.answer(name, "duckdb"), ran.answer(name, "spark")
    assert here.height == there.height > 2
    differing = {}
    for number, sql in enumerate(asked):
        one, other = here[f"c{number}"], there[f"c{number}"]
        assert one.dtype == other.dtype == pl.Float64
        try:
            assert_series_equal(other, one, abs_tol=EXACT, rel_tol=EXACT)
        except AssertionError:
            differing[sql] = (one.to_list(), other.to_list())
    assert differing == {}


def test_a_query_of_several_parts_comes_to_the_same(ran: Ran) -> None:
    here, there = ran.answer("query", "duckdb"), ran.answer("query", "spark")
    assert here.height == 2
    assert_frame_equal(there, here, abs_tol=EXACT, rel_tol=EXACT)


@pytest.mark.parametrize("number", range(len(WRONG_IN_BOTH)), ids=WRONG_IN_BOTH)
def test_what_is_wrong_here_is_wrong_there(ran: Ran, number: int) -> None:
    for engine in ("duckdb", "spark"):
        assert (ran.answers / f"wrong{number}.{engine}.txt").exists(), engine
    said = (ran.answers / f"wrong{number}.spark.txt").read_text(encoding="utf-8")
    assert said.startswith("Spark：")
    assert any(word in said for word in ("转换不成", "除数是 0", "太大")), said


def test_every_shipped_definition_that_works_on_data_sets_counts_the_same(ran: Ran) -> None:
    compared: set[str] = set()
    for name in ("ratio", "count"):
        here, there = ran.answer(name, "duckdb"), ran.answer(name, "spark")
        assert_frame_equal(there, here, abs_tol=EXACT, rel_tol=EXACT)
        compared |= set(here.filter(pl.col("numerator") != 0)["code"])  # 0 = 0 would show little
    assert compared == {i.code for i in ON_DATA_SETS}


def test_the_moments_asked_of_lie_on_different_days_here_and_in_greenwich(ran: Ran) -> None:
    days = ran.answer("rows", "spark")[f"c{OF_A_ROW.index('day(m)')}"].to_list()
    assert days[:2] == [1, 31]  # half past midnight of the 1st is the 31st in UTC


def test_a_column_that_is_not_there_is_told_as_it_is_here(ran: Ran) -> None:
    told_of = ran.there.findings.filter(code="M006")["message"].to_list()
    assert len(told_of) == 1
    assert UNKNOWN_COLUMN in told_of[0]


def test_without_the_extra_the_user_is_told_what_to_install(tmp_path: Path) -> None:
    folder = write_project(tmp_path / "项目", parquet=True)
    done = call("run", "-q", "-p", folder, "--engine", "spark")
    assert done.returncode == 3
    assert "pip install 'tijian[spark]'" in done.stderr


def test_without_java_the_user_is_told_what_to_install(root: Path, tmp_path: Path) -> None:
    folder = write_project(tmp_path / "项目", parquet=True)
    env = {**os.environ, "PYTHONPATH": str(root / "build/spark"), "PATH": str(Path(sys.executable).parent)}
    env.pop("JAVA_HOME", None)
    done = subprocess.run(
        [COMMAND, "run", "-q", "-p", folder, "--engine", "spark"], env=env, text=True, capture_output=True, check=False
    )  # fmt: skip
    assert done.returncode == 3
    assert "default-jre-headless" in done.stderr


def test_a_master_is_named_only_with_spark(tmp_path: Path) -> None:
    folder = write_project(tmp_path / "项目", parquet=True)
    done = call("run", "-q", "-p", folder, "--master", "local[2]")
    assert done.returncode == 2
    assert "--engine spark" in done.stderr
