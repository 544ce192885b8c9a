"""Data sets queried on Apache Spark (在 Spark 集群上查询): the same SQL, carried over by Ibis, where the records lie.

Every indicator's SQL is written once, in DuckDB's dialect; Ibis (by sqlglot) says it in Spark's. What comes back is small:
at most a row for each unit, or the lines of a ledger. Everything else of a run stays on this machine.

Spark and Ibis are an extra (``pip install tijian[spark]``), imported only here and only when asked for. The files of a
data set must lie where this machine and every executor find them under the same path.
"""

from __future__ import annotations

import logging
import os
import re
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from typing import Any
from urllib.parse import unquote, urlsplit

import polars as pl

from .data_set import ABOVE, DataSet, Query, quoted
from .evidence import Evidence, Querying
from .measure.aggregate_sql import MeasureError, MissingColumnError
from .plain_words import in_plain_words

_FILES = "__files"
_PATH, _INDEX = "_file_path", "_row_index"  # of a row, as Spark says it
_SETTINGS = {
    "spark.sql.ansi.enabled": "false",  # what is divided by zero is missing, as it is in DuckDB, not an error
    "spark.sql.session.timeZone": "UTC",
    "spark.ui.showConsoleProgress": "false",
    "spark.log.level": "ERROR",
}
_HERE = ("127.0.0.1", "localhost")


class SparkError(Exception):
    """Spark cannot be used; the message says what to do, for the user."""


@contextmanager
def spark(master: str) -> Iterator[Querying]:
    """A session on ``master`` (``spark://host:7077``, ``local[4]``; empty: as Spark itself is configured), ended with it.

    Raises SparkError where the extra or Java is not installed, or the master does not answer.
    """
    session = _start(master)
    try:
        yield partial(_querying, session)
    finally:
        session.stop()


def _start(master: str) -> Any:
    try:
        import ibis.backends.pyspark  # noqa: F401 (looked for before Java is started)
        from pyspark.sql import SparkSession
    except ImportError as fault:
        raise SparkError(
            f"用 Spark 计算要另装软件包（缺 {fault.name}）：pip install 'tijian[spark]'"
        ) from fault
    home = os.environ.get("JAVA_HOME", "")
    if not shutil.which("java", path=os.path.join(home, "bin") if home else None):
        raise SparkError(
            "用 Spark 计算要有 Java 17 或 21：Debian 上安装 default-jre-headless，或设好 JAVA_HOME"
        )
    logging.getLogger("SQLQueryContextLogger").setLevel(logging.CRITICAL)  # its errors are told as findings
    builder = SparkSession.builder.appName("tijian")
    settings = dict(_SETTINGS)
    if master:
        builder = builder.master(master)
    if master.startswith("local") or urlsplit(master).hostname in _HERE:
        os.environ.setdefault("SPARK_LOCAL_IP", _HERE[0])
        settings |= {"spark.driver.host": _HERE[0], "spark.driver.bindAddress": _HERE[0]}
    try:
        return builder.config(map=settings).getOrCreate()
    except Exception as fault:  # Java's and Py4J's errors have no class of their own in common
        raise SparkError(
            f"Spark 没有启动（{master or '按 Spark 的配置'}）：{in_plain_words(fault)}"
        ) from fault


@contextmanager
def _querying(session: Any, evidence: dict[str, Evidence]) -> Iterator[Query]:
    """What answers queries over the inputs; of those that are frames, the ones that a query names are sent there."""
    import ibis

    ibis_session = ibis.pyspark.connect(session)
    sets = {name: item.many for name, item in evidence.items() if item.many is not None}
    frames = {name: item.frame for name, item in evidence.items() if item.many is None}
    frames |= {f"{name}{ABOVE}": data.above for name, data in sets.items()}
    for name, data in sets.items():
        _lay_out(session, name, data)

    def query(sql: str) -> pl.DataFrame:
        for name in [name for name in frames if name in sql]:
            frame = frames.pop(name).drop("_wkb", strict=False)
            session.createDataFrame(frame.to_arrow()).createOrReplaceTempView(name)
        return _local_paths(_ran(ibis_session, sql))

    yield query


def _lay_out(session: Any, name: str, data: DataSet) -> None:
    """A data set as the table ``name``, as :mod:`.data_set` says."""
    import sqlglot
    from pyspark.sql.functions import col

    places = [col("_metadata.file_path").alias(_PATH), col("_metadata.row_index").alias(_INDEX)]
    files = session.read.parquet(*(path for path, _ in data.files)).select("*", *places)
    files.createOrReplaceTempView(f"{name}{_FILES}")
    select = data.select(quoted(f"{name}{_FILES}"), _PATH, _INDEX)
    session.sql(
        f"CREATE OR REPLACE TEMPORARY VIEW `{name}` AS {sqlglot.transpile(select, read='duckdb', write='spark')[0]}"
    )


def _ran(ibis_session: Any, sql: str) -> pl.DataFrame:
    """The rows of a query. Raises MeasureError with what Spark or the translation says, shortly."""
    try:
        found = pl.from_arrow(ibis_session.sql(sql, dialect="duckdb").to_pyarrow())
    except (
        Exception
    ) as fault:  # of the translation, of Spark's reading of it and of running it: no class in common
        unknown = re.search(r"UNRESOLVED_COLUMN.*?with name `([^`]+)`", str(fault))
        if unknown:
            raise MissingColumnError(unknown[1]) from fault
        raise MeasureError(f"Spark：{in_plain_words(fault)}") from fault
    assert isinstance(found, pl.DataFrame)
    return found


def _local_paths(frame: pl.DataFrame) -> pl.DataFrame:
    """``frame`` with the files in ``_file`` as paths rather than as addresses."""
    if "_file" not in frame.columns:
        return frame
    paths = {address: unquote(urlsplit(address).path) for address in frame["_file"].unique().drop_nulls()}
    return frame.with_columns(pl.col("_file").replace(paths))
