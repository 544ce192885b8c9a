"""The store: the only holder of DuckDB connections.

Two kinds: the sandbox that indicator SQL runs in (in memory, no files but a data set's, no network, no extensions, settings
locked), and `results.duckdb`, where every frame of :data:`engine.results.SCHEMAS` is a table with a ``year``
column and every year is kept. The file is written in a storage version that any DuckDB client since 1.0 reads.

A file of an earlier program is read as :mod:`.upgrade` says and stays as it is; written into, it becomes one of today.

Writing is atomic: the new state is built in a file beside the old one and put in its place in one step, so that
a run killed at any moment leaves the last complete results whole.
"""

from __future__ import annotations

import json
import os
import shutil
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import Any

import duckdb
import numpy as np
import polars as pl
import shapely
from pydantic import ValidationError

from ... import __version__
from .. import SCHEMA_VERSION
from ..data_set import ABOVE, TIME_ZONE, DataSet
from ..evidence import Evidence
from ..plain_words import in_plain_words
from ..results import SCHEMAS, Results, conform
from ..settings.scheme import Scoring
from .upgrade import Read, upgraded

KEPT = ("returned",)  # no run makes them: what departments sent back stays when the year is run again
_STORAGE: dict[str, str | bool | int | float | list[str]] = {"storage_compatibility_version": "v1.0.0"}
POLYGONAL = 2  # the dimension of shapes that have an area
# nothing is fetched: a results file that is of another program's kind must not make DuckDB look for what could read it
_OFFLINE: dict[str, str | bool | int | float | list[str]] = {
    "autoinstall_known_extensions": "false",
    "autoload_known_extensions": "false",
    "allow_community_extensions": "false",
}


class StoreError(Exception):
    """The results file cannot be read or written; the message is for the user."""


@contextmanager
def sandbox(evidence: dict[str, Evidence]) -> Iterator[duckdb.DuckDBPyConnection]:
    """A connection with one table per input (plus ``_ix``, the row's place in its frame) and nothing else.

    Geometry stays outside: SQL sees ``x``, ``y`` and ``area_m2`` only. Rows are in the frame's order, sorted by unit.
    A data set is a view over its files, which are the only ones that can be read, and none can be written.
    """
    con = duckdb.connect(":memory:", config=_OFFLINE)
    try:
        files = [path for item in evidence.values() if item.many is not None for path, _ in item.many.files]
        if files:
            con.execute("SET allowed_paths = $1", [files])
        con.execute("SET enable_external_access = false")
        con.execute("SET TimeZone = $1", [TIME_ZONE])
        for name, item in evidence.items():
            if item.many is not None:
                _lay_out(con, name, item.many)
                continue
            table = with_area(item.frame).drop("_wkb", strict=False).with_row_index("_ix")
            con.register("_incoming", table)
            con.execute(f'CREATE TABLE "{name}" AS SELECT * FROM _incoming ORDER BY unit, _ix')
            con.unregister("_incoming")
        con.execute("SET python_enable_replacements = false")
        con.execute("SET lock_configuration = true")
        yield con
    finally:
        con.close()


def _lay_out(con: duckdb.DuckDBPyConnection, name: str, data: DataSet) -> None:
    """A data set as the table ``name`` and what its units lie in, as :mod:`..data_set` says."""
    files = ", ".join("'" + path.replace("'", "''") + "'" for path, _ in data.files)
    source = f"read_parquet([{files}], hive_partitioning = false)"
    con.execute(f'CREATE VIEW "{name}" AS {data.select(source, "filename", "file_row_number")}')
    con.register("_incoming", data.above)
    con.execute(f'CREATE TABLE "{name}{ABOVE}" AS SELECT * FROM _incoming')
    con.unregister("_incoming")


def with_area(frame: pl.DataFrame) -> pl.DataFrame:
    """``frame`` with ``area_m2`` of its polygons, planar in the run's CRS, unless it has a column of that name.

    Null where there is no shape and where the shape is a point or a line, whose area is not known to be nothing.
    """
    if "_wkb" not in frame.columns or "area_m2" in frame.columns:
        return frame
    shapes = shapely.from_wkb(frame["_wkb"].to_numpy())
    area = np.where(shapely.get_dimensions(shapes) == POLYGONAL, shapely.area(shapes), np.nan)
    return frame.with_columns(area_m2=pl.Series(area, dtype=pl.Float64, nan_to_null=True))


def write_year(path: Path, year: int, frames: dict[str, pl.DataFrame], facts: dict[str, str]) -> None:
    """Replace one year in ``results.duckdb``, keeping every other year, and what no run makes (:data:`KEPT`).

    ``frames`` maps table → frame in its schema; ``facts`` are what :class:`Results` needs beside the frames (title,
    grade cuts …) as JSON texts. Raises StoreError when the folder cannot be written or the file is not ours.
    """
    with _replacing(path) as temporary:
        con = duckdb.connect(str(temporary), config=_STORAGE)
        try:
            _create(con)
            if path.exists():
                _carry_over(con, path, year)
            for name in SCHEMAS:
                if name in frames:
                    _insert(con, name, year, frames[name])
            con.executemany(
                "INSERT INTO facts VALUES (?, ?, ?)", [[year, k, v] for k, v in sorted(facts.items())]
            )
            con.execute("CHECKPOINT")
        finally:
            con.close()


def replace_frame(path: Path, name: str, year: int, frame: pl.DataFrame) -> None:
    """Replace one table's rows of one year in an existing ``results.duckdb``; all else stays as it is.

    Raises StoreError when the file cannot be written or is not ours.
    """
    with _replacing(path) as temporary:
        today = written_as(path) == SCHEMA_VERSION
        if today:
            shutil.copyfile(path, temporary)
        con = duckdb.connect(str(temporary), config=_STORAGE)
        try:
            if not today:
                _create(con)
                _carry_over(con, path, None)
            con.execute(f'DELETE FROM "{name}" WHERE year = ?', [year])
            _insert(con, name, year, frame)
            con.execute("CHECKPOINT")
        finally:
            con.close()


@contextmanager
def _replacing(path: Path) -> Iterator[Path]:
    """A file beside ``path`` that takes its place when all went well; of what went wrong nothing is left.

    Raises StoreError when the folder cannot be written or the file that is there is not ours.
    """
    temporary = path.with_name(f".{path.name}.{os.getpid()}.tmp")
    try:
        try:
            _clear_drafts(path)  # of runs that were killed; we hold the lock
            yield temporary
            os.replace(temporary, path)
        finally:
            _clear_drafts(path)  # the file and the log that DuckDB keeps beside it
    except (duckdb.Error, OSError) as fault:
        raise StoreError(f"结果库写入失败（原有结果未动）：{path}（{in_plain_words(fault)}）") from fault
    except StoreError as fault:
        raise StoreError(f"结果库写入失败（原有结果未动）：{fault}") from fault


def _clear_drafts(path: Path) -> None:
    for left in sorted(path.parent.glob(f".{path.name}.*.tmp*")):
        left.unlink(missing_ok=True)


def _insert(con: duckdb.DuckDBPyConnection, name: str, year: int, frame: pl.DataFrame) -> None:
    """Add a frame's rows to its table, as rows of ``year``."""
    rows = conform(name, frame)
    if rows.height:
        con.register("_incoming", rows.with_columns(year=pl.lit(year, dtype=pl.Int64)))
        con.execute(f'INSERT INTO "{name}" BY NAME SELECT * FROM _incoming')
        con.unregister("_incoming")


def _create(con: duckdb.DuckDBPyConnection) -> None:
    """Empty tables of every schema, each with its year."""
    for name, schema in SCHEMAS.items():
        columns = {"year": pl.Int64} | dict(schema)
        con.register("_incoming", pl.DataFrame(schema=columns))
        con.execute(f'CREATE TABLE "{name}" AS SELECT * FROM _incoming')
        con.unregister("_incoming")
    con.execute("CREATE TABLE facts (year BIGINT, key VARCHAR, value VARCHAR)")
    con.execute("CREATE TABLE schema_version (version BIGINT)")
    con.execute("INSERT INTO schema_version VALUES (?)", [SCHEMA_VERSION])


def _carry_over(con: duckdb.DuckDBPyConnection, path: Path, year: int | None) -> None:
    """Every year but ``year`` from the existing file, and of the tables :data:`KEPT` that year too; upgraded if it is old."""
    if written_as(path) == SCHEMA_VERSION:
        _copy_other_years(con, path, year)
        return
    with _reading(path) as (old, version):
        for other in _years(old):
            read = _tables(old, version, other)
            for name in SCHEMAS if other != year else KEPT:
                _insert(con, name, other, _frame(read, name))
            if other != year:
                facts = [[other, key, value] for key, value in sorted(_facts(read).items())]
                con.executemany("INSERT INTO facts VALUES (?, ?, ?)", facts)


def _copy_other_years(con: duckdb.DuckDBPyConnection, path: Path, year: int | None) -> None:
    """The same from a file of today, table by table."""
    quoted = str(path).replace("'", "''")
    con.execute(f"ATTACH '{quoted}' AS old (READ_ONLY)")
    held = _columns_of(con, "old")
    for name in (*SCHEMAS, "facts"):
        known = [c for c in (*SCHEMAS.get(name, ("key", "value")), "year") if c in held.get(name, ())]
        if known:
            columns = ", ".join(f'"{c}"' for c in dict.fromkeys(known))
            con.execute(
                f'INSERT INTO "{name}" BY NAME SELECT {columns} FROM old."{name}" WHERE year IS DISTINCT FROM ? OR ?',
                [year, name in KEPT],
            )
    con.execute("DETACH old")


def _columns_of(con: duckdb.DuckDBPyConnection, database: str) -> dict[str, set[str]]:
    """The tables of an open file with their columns: one written before a table or column was thought of lacks it."""
    held: dict[str, set[str]] = {}
    query = "SELECT table_name, column_name FROM duckdb_columns() WHERE database_name = ? AND NOT internal"
    for table, column in con.execute(query, [database]).fetchall():
        held.setdefault(table, set()).add(column)
    return held


def _version(con: duckdb.DuckDBPyConnection, path: Path) -> int:
    """The schema version of an open file. Raises StoreError when it has none or a newer program wrote it."""
    version = next((row[0] for row in con.execute("SELECT version FROM schema_version").fetchall()), None)
    if version is None or version < 1:
        raise StoreError(
            f"{path.name} 没有可用的版本号，不是本程序的结果库，请移走后重新运行各年的 tijian run"
        )
    if version > SCHEMA_VERSION:
        raise StoreError(
            f"{path.name} 是更新的程序写的：结果库第 {version} 版，本程序 tijian {__version__} 只认到第 {SCHEMA_VERSION} 版。"
            f"请改用{_writer(con)}打开"
        )
    return int(version)


def _writer(con: duckdb.DuckDBPyConnection) -> str:
    """The program that wrote a file, as it names itself there."""
    try:
        found = {row[0] for row in con.execute("SELECT version FROM runs").fetchall()} - {__version__, None}
    except duckdb.Error:  # of a table that later versions may have renamed nothing is known here
        found = set()
    return (
        f"写它的程序（tijian {'、'.join(sorted(found))}）或更新的版本"
        if found
        else "写它的那个版本或更新的版本"
    )


@contextmanager
def _reading(path: Path) -> Iterator[tuple[duckdb.DuckDBPyConnection, int]]:
    """A read-only connection and the file's version; StoreError when there is no results file or it is not one of ours."""
    if not path.is_file():
        raise StoreError(f"还没有体检结果（{path.name} 不存在），请先运行 tijian run")
    try:
        con = duckdb.connect(str(path), read_only=True, config=_OFFLINE)
    except duckdb.Error as fault:
        raise StoreError(
            f"结果库打不开：{path.name} 不是结果库、已损坏或正被占用；若不是被占用，请移走后重新运行 tijian run"
            f"（{str(fault).splitlines()[0]}）"
        ) from fault
    try:
        yield con, _version(con, path)
    except duckdb.Error as fault:
        raise StoreError(
            f"{path.name} 不是本版本的结果库，请移走后重新运行 tijian run：{str(fault).splitlines()[0]}"
        ) from fault
    finally:
        con.close()


def written_as(path: Path) -> int:
    """The schema version of the file. Raises StoreError as all reading does."""
    with _reading(path) as (_, version):
        return version


def years(path: Path) -> list[int]:
    """The years kept in the file, ascending; empty when there is no file."""
    if not path.is_file():
        return []
    with _reading(path) as (con, _):
        return _years(con)


def _years(con: duckdb.DuckDBPyConnection) -> list[int]:
    return [int(r[0]) for r in con.execute("SELECT DISTINCT year FROM runs ORDER BY year").fetchall()]


def read_frame(path: Path, name: str, year: int) -> pl.DataFrame:
    """One table of one year, in its schema and in the order written."""
    with _reading(path) as (con, version):
        return _frame(_tables(con, version, year), name)


def _tables(con: duckdb.DuckDBPyConnection, version: int, year: int) -> Read:
    """The tables of one year as today's program knows them."""
    held = _columns_of(con, con.execute("SELECT current_database()").fetchall()[0][0])
    return upgraded(version, partial(_as_written, con, held, year))


def _as_written(
    con: duckdb.DuckDBPyConnection, held: dict[str, set[str]], year: int, name: str
) -> pl.DataFrame:
    """A table of one year as the file has it; without columns where it has none."""
    if name not in held:
        return pl.DataFrame()
    return con.sql(f'SELECT * FROM "{name}" WHERE year = {int(year)} ORDER BY rowid').pl()


def _frame(read: Read, name: str) -> pl.DataFrame:
    """A table in its schema; null or empty what the file was written too early to have."""
    frame = read(name)
    return conform(name, frame.select(_known(name, frame.columns)))


def _known(name: str, columns: Iterable[str]) -> list[str]:
    return [c for c in columns if c in SCHEMAS[name]]


def facts_of(path: Path, year: int) -> dict[str, Any]:
    """What is kept of a year beside the frames, each as JSON holds it; empty where there is no file or no such year."""
    if not path.is_file():
        return {}
    with _reading(path) as (con, version):
        return {key: json.loads(value) for key, value in _facts(_tables(con, version, year)).items()}


def _facts(read: Read) -> dict[str, str]:
    """The facts of a year by their key, sorted."""
    facts = read("facts")
    return dict(facts.sort("key").select("key", "value").iter_rows()) if facts.height else {}


def read_results(path: Path, year: int | None = None) -> Results:
    """Everything of one year (the latest by default). Raises StoreError when that year was never run."""
    with _reading(path) as (con, version):
        known = _years(con)
        wanted = year if year is not None else (known[-1] if known else None)
        if wanted not in known:
            raise StoreError(f"结果库中没有 {wanted} 年的结果，已有：{'、'.join(map(str, known)) or '无'}")
        read = _tables(con, version, wanted)
        facts = _facts(read)
        frames = {name: _frame(read, name) for name in SCHEMAS if name != "runs"}
        run = _frame(read, "runs").row(0, named=True)
    return Results(
        title=json.loads(facts["title"]),
        year=wanted,
        synthetic=json.loads(facts["synthetic"]),
        dimension_names=tuple(json.loads(facts["dimension_names"])),
        grade_cuts=tuple(
            (n, float(c) if c is not None else float("-inf")) for n, c in json.loads(facts["grade_cuts"])
        ),
        run_id=run["run_id"],
        version=run["version"],
        crs=json.loads(facts["crs"]),
        edition=json.loads(facts["edition"]),
        topics={k: tuple(v) for k, v in json.loads(facts["topics"]).items()},
        list_names=json.loads(facts["list_names"]),
        walk_speed=float(facts["walk_speed"]),
        scheme=_scheme(json.loads(facts["scheme"]), wanted),
        method_notes=tuple(json.loads(facts["method_notes"])),
        **frames,
    )


def _scheme(told: Any, year: int) -> Scoring:
    """The scheme as kept. Raises StoreError where an earlier program allowed what cannot be read today."""
    try:
        return Scoring.model_validate(told)
    except ValidationError as fault:
        raise StoreError(
            f"{year} 年的计分方案是别的版本写的，本程序读不懂（{fault.error_count()} 处），请重新运行 tijian run --year {year}"
        ) from None
