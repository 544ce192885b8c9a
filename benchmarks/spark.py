"""What a Spark cluster costs and from where on it may pay: the same project measured by DuckDB here and on a cluster.

    .venv/bin/python benchmarks/spark.py [--rows 100000,1000000,10000000]

The cluster is the tests': a master and two workers of one core and 512 MB each, on this machine, so that both engines have
the same two cores. Printed are the seconds of a whole ``tijian run``, which reads and checks the records (codes,
types, keys that come twice), measures nine indicators and stores what follows, and of an empty session. The values
are compared first: of different ones no time is printed.
"""

from __future__ import annotations

import argparse
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from polars.testing import assert_frame_equal
from tijian.engine.storage.store import read_frame
from tijian.tests.data_set_project import houses, write_project
from tijian.tests.spark_cluster import Cluster, spark_cluster

ROOT = Path(__file__).resolve().parent.parent
TIJIAN = Path(sys.executable).parent / "tijian"
YEAR = 2026


def seconds(cluster: Cluster, *words: object) -> float:
    """How long a command takes that must not fail."""
    began = time.perf_counter()
    subprocess.run([str(w) for w in words], env=cluster.environment, check=True, capture_output=True)
    return time.perf_counter() - began


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument(
        "--rows", default="100000,1000000,10000000", help="how many records, separated by commas"
    )
    sizes = [int(n) for n in parser.parse_args().rows.split(",")]
    with tempfile.TemporaryDirectory() as name:
        folder, began = Path(name), time.perf_counter()
        with spark_cluster(ROOT, folder / "cluster") as cluster:
            print(f"cluster up in {time.perf_counter() - began:.1f} s")
            there = ["--engine", "spark", "--master", cluster.master]
            session = f"from tijian.engine.spark.session import start_session\nstart_session({cluster.master!r}).stop()"
            print(f"an empty session: {seconds(cluster, sys.executable, '-c', session):.1f} s")
            print("\n| records | DuckDB s | Spark s | ratio |\n|---|---|---|---|")
            for rows in sizes:
                projects = {
                    engine: write_project(
                        folder / f"{rows} {engine}", parquet=True, rows=houses(rows), files=8
                    )
                    for engine in ("duckdb", "spark")
                }
                run = [TIJIAN, "run", "-q", "-p"]
                times = [
                    seconds(cluster, *run, project, *(there if engine == "spark" else []))
                    for engine, project in projects.items()
                ]
                values = [read_frame(p / "results.duckdb", "measurements", YEAR) for p in projects.values()]
                assert_frame_equal(*values, abs_tol=1e-9, rel_tol=1e-9)
                print(
                    f"| {rows:,} | {times[0]:.1f} | {times[1]:.1f} | {times[1] / times[0]:.1f} |", flush=True
                )


if __name__ == "__main__":
    main()
