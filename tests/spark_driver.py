"""What one process asks of a Spark cluster (一个进程里的两次 Spark 会话): the run of a project, then every question of the test.

``python -m tests.spark_driver MASTER PROJECT FOLDER``: the command ``tijian run`` on the cluster, then the answers to
:mod:`.spark_questions` from DuckDB and from Spark, as FOLDER/<name>.duckdb.parquet and .spark.parquet, or as .txt what went
wrong. One process, because most of what a session takes is the start of its Java.
"""

from __future__ import annotations

import sys
import time
from pathlib import Path

from tijian.engine.evidence import Querying
from tijian.engine.measure.aggregate_sql import MeasureError
from tijian.engine.measure.aggregate_sql import querying as querying_here
from tijian.engine.spark.session import spark

from .cli_project import call
from .spark_questions import Question, questions


def drive(master: str, project: str, folder: Path) -> int:
    began = time.monotonic()
    done = call("run", "-p", project, "--engine", "spark", "--master", master)
    print(done.stdout, done.stderr, sep="\n")
    print(f"  run in {time.monotonic() - began:.1f} s", flush=True)
    asked = questions(folder)
    for question in asked:
        write_answer(question, querying_here, folder, "duckdb")
    with spark(master) as elsewhere:
        for question in asked:
            began = time.monotonic()
            write_answer(question, elsewhere.querying, folder, "spark")
            print(f"  {question.name} in {time.monotonic() - began:.1f} s", flush=True)
    return done.returncode


def write_answer(question: Question, querying: Querying, folder: Path, engine: str) -> None:
    with querying(question.evidence) as query:
        try:
            query(question.sql).sort(question.key).write_parquet(folder / f"{question.name}.{engine}.parquet")
        except MeasureError as fault:
            (folder / f"{question.name}.{engine}.txt").write_text(str(fault), encoding="utf-8")


if __name__ == "__main__":
    sys.exit(drive(sys.argv[1], sys.argv[2], Path(sys.argv[3])))
