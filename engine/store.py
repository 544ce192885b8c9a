"""The store: the only holder of DuckDB connections.

Two kinds: the sandbox that indicator SQL runs in (in memory, no files but a data set's, no network, no extensions, settings
locked), and `results.duckdb`, where every frame of :data:`engine.results.SCHEMAS` is a table with a ``year``
column and every year is kept. The file is written in a storage version that any DuckDB client since 1.0 reads.

Writing is atomic: the new state is built in a file beside the old one and put in its place in one step, so that
a run killed at any moment leaves the last complete results whole.
"""

from __future__ import annotations

import json
import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import duckdb
import numpy as np
import polars as pl
import shapely

from .data_set import ABOVE, DataSet
from .evidence import Evidence
from .plain_words import in_plain_words
from .results import SCHEMAS, Results, conform, empty
from .scheme import Scoring

SCHEMA_VERSION = 4
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
        for name, item in evidence.items():
            if item.many is not None:
                _lay_out(con, name, item.many)
                continue
            table = _with_area(item.frame).drop("_wkb", strict=False).with_row_index("_ix")
            con.register("_incoming", table)
            con.execute(f'CREATE TABLE "{name}" AS SELECT * FROM _incoming ORDER BY unit, _ix')
            con.unregister("_incoming")
        con.execute("SET python_enable_replacements = false")
        con.execute("SET lock_configuration = true")
        yield con
    finally:
        con.close()


def _lay_out(con: duckdb.DuckDBPyConnection, name: str, data: DataSet) -> None:
    """A data set as the table ``name`` and what its units lie in, as :mod:`.data_set` says."""
    files = ", ".join("'" + path.replace("'", "''") + "'" for path, _ in data.files)
    source = f"read_parquet([{files}], hive_partitioning = false)"
    con.execute(f'CREATE VIEW "{name}" AS {data.select(source, "filename", "file_row_number")}')
    con.register("_incoming", data.above)
    con.execute(f'CREATE TABLE "{name}{ABOVE}" AS SELECT * FROM _incoming')
    con.unregister("_incoming")


def _with_area(frame: pl.DataFrame) -> pl.DataFrame:
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
    try:
        with _replacing(path) as temporary:
            con = duckdb.connect(str(temporary), config=_STORAGE)
            try:
                _create(con)
                if path.exists():
                    _copy_other_years(con, path, year)
                for name in SCHEMAS:
                    if name in frames:
                        _insert(con, name, year, frames[name])
                con.executemany(
                    "INSERT INTO facts VALUES (?, ?, ?)", [[year, k, v] for k, v in sorted(facts.items())]
                )
                con.execute("CHECKPOINT")
            finally:
                con.close()
    except (duckdb.Error, OSError) as fault:
        raise StoreError(f"结果库写入失败（原有结果未动）：{path}（{in_plain_words(fault)}）") from fault


def replace_frame(path: Path, name: str, year: int, frame: pl.DataFrame) -> None:
    """Replace one table's rows of one year in an existing ``results.duckdb``; all else stays as it is.

    Raises StoreError when the file cannot be written or is not ours.
    """
    try:
        with _replacing(path) as temporary:
            shutil.copyfile(path, temporary)
            con = duckdb.connect(str(temporary), config=_STORAGE)
            try:
                _check_version(con, "schema_version", path)
                con.execute(f'DELETE FROM "{name}" WHERE year = ?', [year])
                _insert(con, name, year, frame)
                con.execute("CHECKPOINT")
            finally:
                con.close()
    except (duckdb.Error, OSError) as fault:
        raise StoreError(f"结果库写入失败（原有结果未动）：{path}（{in_plain_words(fault)}）") from fault


@contextmanager
def _replacing(path: Path) -> Iterator[Path]:
    """A file beside ``path`` that takes its place when all went well; of what went wrong nothing is left."""
    temporary = path.with_name(f".{path.name}.{os.getpid()}.tmp")
    try:
        _clear_drafts(path)  # of runs that were killed; we hold the lock
        yield temporary
        os.replace(temporary, path)
    finally:
        _clear_drafts(path)  # the file and the log that DuckDB keeps beside it


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


def _copy_other_years(con: duckdb.DuckDBPyConnection, path: Path, year: int) -> None:
    """Carry over every year but ``year`` from the existing file; of the tables :data:`KEPT` that year too."""
    quoted = str(path).replace("'", "''")
    con.execute(f"ATTACH '{quoted}' AS old (READ_ONLY)")
    _check_version(con, "old.schema_version", path)
    held = _columns_of(con, "old")
    for name in (*SCHEMAS, "facts"):
        known = [c for c in (*SCHEMAS.get(name, ("key", "value")), "year") if c in held.get(name, ())]
        if known:
            columns = ", ".join(f'"{c}"' for c in dict.fromkeys(known))
            con.execute(
                f'INSERT INTO "{name}" BY NAME SELECT {columns} FROM old."{name}" WHERE year <> ? OR ?',
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


def _check_version(con: duckdb.DuckDBPyConnection, table: str, path: Path) -> None:
    """StoreError unless the file was written by a program with the same schemas: what a column means may have changed."""
    row = next(iter(con.execute(f"SELECT version FROM {table}").fetchall()), None)
    if row is None or row[0] != SCHEMA_VERSION:
        raise StoreError(
            f"{path.name} 是另一版本的结果库（{row[0] if row else '没有版本号'}，本程序的是 {SCHEMA_VERSION}），"
            "请移走后重新运行各年的 tijian run"
        )


@contextmanager
def _reading(path: Path) -> Iterator[duckdb.DuckDBPyConnection]:
    """A read-only connection; StoreError when there is no results file or it is not one of ours."""
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
        _check_version(con, "schema_version", path)
        yield con
    except duckdb.Error as fault:
        raise StoreError(
            f"{path.name} 不是本版本的结果库，请移走后重新运行 tijian run：{str(fault).splitlines()[0]}"
        ) from fault
    finally:
        con.close()


def years(path: Path) -> list[int]:
    """The years kept in the file, ascending; empty when there is no file."""
    if not path.is_file():
        return []
    with _reading(path) as con:
        return [int(r[0]) for r in con.execute("SELECT DISTINCT year FROM runs ORDER BY year").fetchall()]


def read_frame(path: Path, name: str, year: int) -> pl.DataFrame:
    """One table of one year, in its schema and in the order written."""
    with _reading(path) as con:
        return _frame(con, name, year)


def _frame(con: duckdb.DuckDBPyConnection, name: str, year: int) -> pl.DataFrame:
    """A table of one year; null or empty what the file was written too early to have."""
    held = _columns_of(con, con.execute("SELECT current_database()").fetchall()[0][0]).get(name, set())
    columns = ", ".join(f'"{c}"' for c in SCHEMAS[name] if c in held)
    if not columns:
        return empty(name)
    return conform(
        name, con.sql(f'SELECT {columns} FROM "{name}" WHERE year = {int(year)} ORDER BY rowid').pl()
    )


def facts_of(path: Path, year: int) -> dict[str, Any]:
    """What is kept of a year beside the frames, each as JSON holds it; empty where there is no file or no such year."""
    if not path.is_file():
        return {}
    with _reading(path) as con:
        return {key: json.loads(value) for key, value in _facts(con, year).items()}


def _facts(con: duckdb.DuckDBPyConnection, year: int) -> dict[str, str]:
    return dict(con.execute("SELECT key, value FROM facts WHERE year = ? ORDER BY key", [year]).fetchall())


def read_results(path: Path, year: int | None = None) -> Results:
    """Everything of one year (the latest by default). Raises StoreError when that year was never run."""
    with _reading(path) as con:
        known = [int(r[0]) for r in con.execute("SELECT DISTINCT year FROM runs ORDER BY year").fetchall()]
        wanted = year if year is not None else (known[-1] if known else None)
        if wanted not in known:
            raise StoreError(f"结果库中没有 {wanted} 年的结果，已有：{'、'.join(map(str, known)) or '无'}")
        facts = _facts(con, wanted)
        frames = {name: _frame(con, name, wanted) for name in SCHEMAS if name != "runs"}
        run = _frame(con, "runs", wanted).row(0, named=True)
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
        scheme=Scoring.model_validate(json.loads(facts["scheme"])),
        method_notes=tuple(json.loads(facts["method_notes"])),
        **frames,
    )
