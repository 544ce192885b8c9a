"""A Spark session that answers queries over data sets (Spark 会话): the same SQL, carried over, where the records lie.

Every indicator's SQL is written once, in DuckDB's dialect; :mod:`.translation` says it in Spark's and Ibis hands it over. What
comes back is small: at most a row for each unit, or the lines of a ledger. Everything else of a run stays on this machine.

Spark and Ibis are an extra (``pip install tijian[spark]``), imported only here and only when asked for. The files of a
data set must lie where this machine and every executor find them under the same path.
"""

from __future__ import annotations

import logging
import os
import re
import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager, nullcontext
from functools import partial
from typing import Any
from urllib.parse import unquote, urlsplit

import polars as pl

from ..data_set import ABOVE, TIME_ZONE, DataSet, Query, quoted
from ..evidence import Elsewhere, Evidence
from ..measure.aggregate_sql import MeasureError, MissingColumnError
from ..plain_words import in_plain_words
from ..storage.store import with_area

_FILES = "__files"
_PATH, _INDEX = "_file_path", "_row_index"  # of a row, as Spark says it
_SETTINGS = {
    "spark.sql.ansi.enabled": "true",  # what is no number and what is too large are errors, as they are in DuckDB
    "spark.ui.showConsoleProgress": "false",
    "spark.log.level": "ERROR",
}
_HERE = ("127.0.0.1", "localhost")
_SAID = (  # Spark's classes of errors, as far as they are an author's or a file's
    (r"\[CAST_INVALID_INPUT\] The value '(.*?)' of the type \"\w+\" cannot be cast to \"(\w+)\"", "“{0}”转换不成 {1}"),
    (r"\[(?:DIVIDE|REMAINDER)_BY_ZERO\]", "除数是 0"),
    (r"\[(?:BINARY_)?ARITHMETIC_OVERFLOW[.\w]*\]|\[CAST_OVERFLOW\]", "整数太大，超过了 9.2×10^18 或所写的类型"),
    (r"\[PARQUET_TYPE_ILLEGAL\].*?type (.+?)\.", "Spark 读不了 Parquet 类型 {0}，请存成微秒的时间或日期"),
    (r"\[PATH_NOT_FOUND\]|FileNotFoundException", "执行节点上没有这些文件：数据要放在各台机器的同一路径下"),
)  # fmt: skip


class SparkError(Exception):
    """Spark cannot be used; the message says what to do, for the user."""


@contextmanager
def spark(master: str) -> Iterator[Elsewhere]:
    """Spark on ``master`` (``spark://host:7077``, ``local[4]``; empty: as Spark itself is configured).

    The session begins with the first query, so that what is refused costs no start, and ends with this.
    Raises SparkError where the extra or Java is not installed, or (then) the master does not answer.
    """
    _need_extra()
    from .objections import objections

    sessions: list[Any] = []

    def session() -> Any:
        if not sessions:
            sessions.append(start_session(master))
        return sessions[0]

    try:
        yield Elsewhere(lambda evidence: nullcontext(_querying(session, evidence)), objections)
    finally:
        for started in sessions:
            started.stop()


def _need_extra() -> None:
    try:
        import ibis.backends.pyspark  # noqa: F401 (looked for before anything is read)
        import pyspark.sql  # noqa: F401
    except ImportError as fault:
        raise SparkError(
            f"用 Spark 计算要另装软件包（缺 {fault.name}）：pip install 'tijian[spark]'"
        ) from fault
    home = os.environ.get("JAVA_HOME", "")
    if not shutil.which("java", path=os.path.join(home, "bin") if home else None):
        raise SparkError(
            "用 Spark 计算要有 Java 17 或 21：Debian 上安装 default-jre-headless，或设好 JAVA_HOME"
        )


def start_session(master: str) -> Any:
    """A session on ``master``. Raises SparkError where the master does not answer."""
    from pyspark.sql import SparkSession

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


def _querying(session: Callable[[], Any], evidence: dict[str, Evidence]) -> Query:
    """What answers queries over the inputs; those that a query names are laid out, and frames sent, when it does."""
    import ibis

    from .kinds import OWN, kinds_of, together
    from .nodes import UntranslatableError
    from .translation import in_spark_sql, parsed, tables_in

    kinds = {name: kinds_of(item.frame) for name, item in evidence.items()}
    absent: dict[str, Callable[[Any, str], None]] = {}
    for name, item in evidence.items():
        if item.many is None:
            absent[name] = partial(_send, frame=item.frame)
        else:
            absent[name] = partial(_lay_out, data=item.many)
            absent[f"{name}{ABOVE}"] = partial(_send, frame=item.many.above)

    def query(sql: str) -> pl.DataFrame:
        try:
            tree = parsed(sql)
            named = tables_in(tree)
            told = in_spark_sql(tree, together([OWN, *(kinds[name] for name in named if name in kinds)]))
        except UntranslatableError as fault:
            raise MeasureError(f"Spark：{fault}") from fault
        there = session()
        with _told_shortly():
            by_ibis = ibis.pyspark.connect(there)
            there.conf.set("spark.sql.session.timeZone", TIME_ZONE)  # after Ibis, which says UTC
            for name in sorted(named & set(absent)):
                absent[name](there, name)
                del absent[name]
            found = pl.from_arrow(by_ibis.raw_sql(told).toArrow())  # by pandas NaN would be a null
        assert isinstance(found, pl.DataFrame)
        return _local_paths(found)

    return query


def _send(session: Any, name: str, frame: pl.DataFrame) -> None:
    """A frame as the table ``name``, with the columns it has in DuckDB."""
    table = with_area(frame).drop("_wkb", strict=False)
    session.createDataFrame(table.to_arrow()).createOrReplaceTempView(name)


def _lay_out(session: Any, name: str, data: DataSet) -> None:
    """A data set as the table ``name``, as :mod:`..data_set` says."""
    import sqlglot
    from pyspark.sql.functions import col

    places = [col("_metadata.file_path").alias(_PATH), col("_metadata.row_index").alias(_INDEX)]
    files = session.read.parquet(*(path for path, _ in data.files)).select("*", *places)
    files.createOrReplaceTempView(f"{name}{_FILES}")
    select = data.select(quoted(f"{name}{_FILES}"), _PATH, _INDEX)
    session.sql(
        f"CREATE OR REPLACE TEMPORARY VIEW `{name}` AS {sqlglot.transpile(select, read='duckdb', write='spark')[0]}"
    )


@contextmanager
def _told_shortly() -> Iterator[None]:
    """Whatever Spark raises as a MeasureError that says it shortly."""
    try:
        yield
    except Exception as fault:  # of Spark's reading of a query and of running it: no class in common
        text = str(fault)
        unknown = re.search(r"UNRESOLVED_COLUMN.*?with name ((?:`[^`]+`\.?)+)", text)
        if unknown:
            raise MissingColumnError(unknown[1].split("`")[-2]) from fault
        for pattern, says in _SAID:
            if found := re.search(pattern, text, re.DOTALL):
                raise MeasureError(f"Spark：{says.format(*found.groups())}") from fault
        raise MeasureError(f"Spark：{in_plain_words(fault)}") from fault


def _local_paths(frame: pl.DataFrame) -> pl.DataFrame:
    """``frame`` with the files in ``_file`` as paths rather than as addresses."""
    if "_file" not in frame.columns:
        return frame
    paths = {address: unquote(urlsplit(address).path) for address in frame["_file"].unique().drop_nulls()}
    return frame.with_columns(pl.col("_file").replace(paths))
