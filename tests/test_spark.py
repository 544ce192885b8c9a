"""The same project run here and on a Spark cluster: equal results, from work that both executors did.

One cluster and one run of each kind serve all tests. ``pytest -s tests/test_spark.py`` shows what happened when.
"""

from __future__ import annotations

import os
import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from polars.testing import assert_frame_equal
from tijian.engine.results import SCHEMAS, Results
from tijian.engine.store import read_results

from .cli_project import COMMAND, call, told
from .data_set_project import MEASURES, ROWS, UNKNOWN_COLUMN, write_project
from .spark_cluster import WORKERS, Cluster, spark_cluster

pytestmark = pytest.mark.slow

FILES = 8
EXACT = 1e-9  # sums are taken in another order


@dataclass(frozen=True)
class Ran:
    """What came of running the project here and on the cluster, and what the master and Spark's log say of the latter."""

    here: Results
    there: Results
    status: dict[str, Any]
    tasks: dict[str, int]


@pytest.fixture(scope="module")
def ran(root: Path, tmp_path_factory: pytest.TempPathFactory) -> Ran:
    folder, began = tmp_path_factory.mktemp("spark"), time.monotonic()

    def say(what: str) -> None:
        print(f"[{time.monotonic() - began:6.1f} s] {what}")

    here = write_project(folder / "here", parquet=True, files=FILES)
    there = write_project(folder / "there", parquet=True, files=FILES)
    told("run", "-q", "-p", here)
    say(f"run with DuckDB: {ROWS} records in {FILES} Parquet files, {len(MEASURES)} indicators")
    with spark_cluster(root, folder / "cluster") as cluster:
        say(f"master {cluster.master} has {cluster.status()['aliveworkers']} workers")
        done = on(cluster, "run", "-p", there)
        say("run with --engine spark")
        print(done.stdout)
        assert done.returncode == 0, done.stdout + done.stderr
        status = cluster.status()
        tasks = cluster.tasks()
        for app in status["completedapps"]:
            say(f"application {app['id']} “{app['name']}”: {app['state']}, {app['duration'] / 1000:.1f} s")
        say(f"tasks by executor: {tasks}")
    say("cluster stopped")
    return Ran(read_results(here / "results.duckdb"), read_results(there / "results.duckdb"), status, tasks)


def on(cluster: Cluster, *words: object) -> subprocess.CompletedProcess[str]:
    """``tijian words…`` on the cluster."""
    return subprocess.run(
        [COMMAND, *map(str, words), "--engine", "spark", "--master", cluster.master],
        env=cluster.environment, text=True, capture_output=True, timeout=600, check=False,
    )  # fmt: skip


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
