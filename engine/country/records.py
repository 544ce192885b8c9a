"""Records of a country (全国数据集): Parquet files by province, put in order once and then measured as often as wanted.

A data set comes as folders ``province=PP`` (the first two digits of the statistical code) of Parquet files, with a row
for each thing that exists once: ``unit`` the community's code, ``year``, and the columns that indicators read.
:func:`settle` puts the rows of each province in the order of their communities and years, which makes them quicker to
group ever after; :func:`measure_records` groups them, province by province, because no unit lies in two.
"""

from __future__ import annotations

import os
from collections import defaultdict
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

import duckdb
import numpy as np
import polars as pl

from ...indicators.measure_model import Count, Ratio
from ...indicators.model import Indicator
from ...indicators.sql import is_sum
from ..data_set import TIME_ZONE
from ..plain_words import in_plain_words
from ..scoring.base import Floats
from .units import Country, CountryError, Part

NUMERATOR, DENOMINATOR = ".n", ".d"  # behind an indicator's code: its two columns of pairs
_THREADS = 2  # more would hold more provinces at once
_COMPRESSED = "FORMAT parquet, COMPRESSION zstd, COMPRESSION_LEVEL 1"


@dataclass(frozen=True)
class Records:
    """A data set: its name, as measures name it with ``of``; its folder; ``key``, the column that tells things apart."""

    name: str
    folder: Path
    key: str = ""

    def files(self, part: Part) -> list[Path]:
        """The files of a province, sorted."""
        return sorted((self.folder / f"province={part.name}").glob("*.parquet"))


class Settled(NamedTuple):
    """How many rows were put in order, and how many were left out because their unit is not in their province."""

    rows: int
    unplaced: int


class Sums(NamedTuple):
    """What is summed of one indicator: two SQL aggregates, over the rows that meet ``where``.

    Where the measure has no denominator of its own the second is the number of rows.
    """

    numerator: str
    denominator: str
    where: str | None


def sums_of(indicator: Indicator, records: Records) -> Sums:
    """The sums of a ``ratio`` or a ``count`` of things. Raises CountryError for what cannot be added up over a country."""
    match indicator.measure:
        case Ratio(of=of, numerator=numerator, denominator=denominator, where=where) if of == records.name:
            for text in (numerator, denominator):
                if text is not None and not is_sum(text):
                    raise CountryError(
                        f"{indicator.code} 的“{text}”不是一个 sum 或 count，各社区的数不能相加成街镇的数"
                    )
            return Sums(numerator, denominator or "count(*)", where)
        case Count(of=of, per="things", weight=None, key=key, rule=rules, where=where) if of == records.name:
            if key != records.key:
                raise CountryError(f"{indicator.code} 按 {key} 计数，而数据集 {of} 以“{records.key}”区分事物")
            fails = " OR ".join(f"({rule.when})" for rule in rules)
            return Sums(f"count(*) FILTER (WHERE {fails})", "count(*)", where)
    raise CountryError(
        f"{indicator.code} 不能对全国计算：只能是数据集 {records.name} 的比率（ratio）或按事物比较的计数（count）"
    )


def settle(records: Records, country: Country, folder: Path) -> Settled:
    """Put a data set in order: ``folder``/PP.parquet of each province, with ``unit`` as the community's place.

    A number that is none (NaN, infinite) is missing.

    Raises CountryError where a key is there twice in a year, where the files lack a column, and for a folder that is of no
    province of the country.
    """
    folder.mkdir(parents=True, exist_ok=True)
    known = {part.name for part in country.parts}
    strange = sorted(
        p.name for p in records.folder.iterdir() if p.name.removeprefix("province=") not in known
    )
    if strange:
        raise CountryError(
            f"{records.folder} 下的 {'、'.join(strange)} 不是名录中的省份，应为 province= 加两位代码"
        )
    done = Settled(0, 0)
    with duckdb.connect(config={"temp_directory": str(folder / ".tmp")}) as con:
        for part in country.parts:
            found = _settle_part(con, records, country, part, folder)
            done = Settled(done.rows + found.rows, done.unplaced + found.unplaced)
    return done


def _settle_part(
    con: duckdb.DuckDBPyConnection, records: Records, country: Country, part: Part, folder: Path
) -> Settled:
    """Put the rows of one province in order."""
    path, files = folder / f"{part.name}.parquet", records.files(part)
    if not files:
        path.unlink(missing_ok=True)  # of an earlier delivery
        return Settled(0, 0)
    codes = country.units["community"]["code"][part.first : part.last]
    con.register("_codes", pl.DataFrame({"code": codes}).with_row_index("place", offset=part.first))
    with _faults_of(records.name), replacing(path) as made:
        con.execute("CREATE OR REPLACE TEMP TABLE places AS SELECT code, place::INTEGER AS place FROM _codes")
        rows = con.from_parquet([str(f) for f in files], hive_partitioning=False)
        finite = [
            f'CASE WHEN isfinite("{name}") THEN "{name}" END AS "{name}"'
            for name, kind in zip(rows.columns, rows.types, strict=True) if str(kind) in ("FLOAT", "DOUBLE")
        ]  # fmt: skip
        replaced = f" REPLACE ({', '.join(finite)})" if finite else ""
        con.register("_rows", rows)
        con.execute(
            f"COPY (SELECT p.place AS unit, r.* EXCLUDE (unit){replaced} "
            f"FROM _rows AS r JOIN places AS p ON r.unit = p.code ORDER BY p.place, r.year) TO $1 ({_COMPRESSED})",
            [str(made)],
        )
        total = _number(con, "SELECT count(*) FROM _rows")
        kept = _number(con, "SELECT count(*) FROM read_parquet($1)", str(made))
        if records.key:
            _check_key(con, records, part, made)
    return Settled(kept, total - kept)


def _check_key(con: duckdb.DuckDBPyConnection, records: Records, part: Part, path: Path) -> None:
    """CountryError where two rows of a province are the same thing in the same year: it would count twice."""
    key = f'"{records.key}"'
    twice = con.execute(
        f"SELECT {key}::VARCHAR FROM read_parquet($1) GROUP BY {key}, year HAVING count(*) > 1 ORDER BY {key} LIMIT 1",
        [str(path)],
    ).fetchall()
    if twice:
        raise CountryError(
            f"数据集 {records.name} 中 {records.key} 为 {twice[0][0]} 的事物在同一年有两行（省份 {part.name}）"
        )


@contextmanager
def replacing(path: Path) -> Iterator[Path]:
    """A file beside ``path`` that takes its place when it is whole; of what went wrong nothing is left."""
    made = path.with_name(f".{path.name}.tmp")
    try:
        yield made
        os.replace(made, path)
    finally:
        made.unlink(missing_ok=True)


def write_whole(frame: pl.DataFrame, path: Path) -> None:
    """Write a frame as Parquet, in one step for whoever reads it."""
    with replacing(path) as made:
        frame.write_parquet(made, compression="zstd", compression_level=1)


def _number(con: duckdb.DuckDBPyConnection, query: str, *values: str) -> int:
    return int(con.execute(query, list(values)).fetchall()[0][0])


@contextmanager
def _faults_of(name: str) -> Iterator[None]:
    """What DuckDB says of a data set, as a CountryError."""
    try:
        yield
    except duckdb.Error as fault:
        raise CountryError(f"数据集 {name} 不能计算：{in_plain_words(fault)}") from fault


def measure_records(
    records: Records,
    settled: Path,
    indicators: Sequence[Indicator],
    country: Country,
    years: Sequence[int],
    folder: Path,
) -> None:
    """The pairs of every community and year: ``folder``/YEAR/PP.parquet, a row for each community of the province in order,
    for each indicator its code with ``.n`` and ``.d``; NaN where nothing is known.

    The indicators' SQL sees the settled rows of one province as a table and nothing else. Raises CountryError.
    """
    groups: dict[str | None, dict[str, str]] = defaultdict(dict)
    for indicator in indicators:
        sums = sums_of(indicator, records)
        groups[sums.where] |= {
            indicator.code + NUMERATOR: sums.numerator,
            indicator.code + DENOMINATOR: sums.denominator,
        }
    order = [i.code + end for i in indicators for end in (NUMERATOR, DENOMINATOR)]
    for year in years:
        (folder / str(year)).mkdir(parents=True, exist_ok=True)
    parts = iter(country.parts)  # taken from by all threads: while one groups, another writes

    def work() -> None:
        with _reading(settled) as con, _faults_of(records.name):
            for part in parts:
                columns = _measure_part(con, settled / f"{part.name}.parquet", groups, part, years)
                for at, year in enumerate(years):
                    frame = pl.DataFrame({name: columns[name][at] for name in order})
                    write_whole(frame, folder / str(year) / f"{part.name}.parquet")

    with ThreadPoolExecutor(_THREADS) as pool:
        for worker in [pool.submit(work) for _ in range(_THREADS)]:
            worker.result()


@contextmanager
def _reading(folder: Path) -> Iterator[duckdb.DuckDBPyConnection]:
    """A connection of one thread that can read the files of one folder and do nothing else outside."""
    con = duckdb.connect(
        ":memory:", config={"autoload_known_extensions": "false", "autoinstall_known_extensions": "false"}
    )
    try:
        con.execute("SET allowed_directories = $1", [[str(folder.resolve())]])
        con.execute("SET enable_external_access = false")
        con.execute("SET python_enable_replacements = false")
        con.execute("SET TimeZone = $1", [TIME_ZONE])
        con.execute("SET threads = 1")  # there is a connection for each thread of ours
        con.execute("SET lock_configuration = true")
        yield con
    finally:
        con.close()


def _measure_part(
    con: duckdb.DuckDBPyConnection,
    path: Path,
    groups: dict[str | None, dict[str, str]],
    part: Part,
    years: Sequence[int],
) -> dict[str, Floats]:
    """Column → (years, communities of the province)."""
    size = part.last - part.first
    made: dict[str, Floats] = {}
    for where, columns in groups.items():
        made |= {name: np.full((len(years), size), np.nan) for name in columns}
        if not path.exists():
            continue
        told = ", ".join(f'({text})::DOUBLE AS "{name}"' for name, text in columns.items())
        wanted = ", ".join(str(int(year)) for year in years)
        rows = con.execute(
            f"SELECT unit, year, {told} FROM read_parquet($1) WHERE year IN ({wanted})"
            + (f" AND ({where})" if where else "") + " GROUP BY unit, year", [str(path.resolve())],
        ).fetchnumpy()  # fmt: skip
        at = np.searchsorted(np.asarray(years), rows["year"])
        place = at * size + (rows["unit"] - part.first)
        for name in columns:
            own = rows[name]
            made[name].reshape(-1)[place] = own.filled(np.nan) if isinstance(own, np.ma.MaskedArray) else own
    return made
