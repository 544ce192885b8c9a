"""The measured jobs of ``national.py``, the engine's and their floors, one process each.

    python benchmarks/national_cases.py CASE FOLDER

``FOLDER`` is that of one country: what ``national_data.py`` made, and under ``out`` what ``whole.engine`` left, which the other
cases read. They print one line of JSON (:func:`side_by_side.one_case`); ``whole.engine`` one with the time and the peak memory
of every stage.
"""

from __future__ import annotations

import json
import resource
import shutil
import sys
import time
from collections import defaultdict
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory
from types import SimpleNamespace
from typing import Any

import numpy as np
import polars as pl
from national_data import YEARS
from national_scheme import DIMENSIONS, SCHEME, indicators
from scoring_cases import checked, column_blocks
from side_by_side import Answer, Task, one_case
from tijian.engine.country.records import DENOMINATOR, NUMERATOR, Records, measure_records, sums_of
from tijian.engine.country.units import Country, country_of

SETS = ("records", "accounts")
KEYS = {"records": "building", "accounts": ""}


def country(folder: Path) -> Country:
    told = ("code", "level", "parent", "population", "area_km2")
    return country_of(pl.scan_parquet(folder / "units.parquet").select(told).collect())


def delivered(folder: Path, name: str) -> Records:
    return Records(name, folder / name, KEYS[name])


# ---- everything, stage by stage --------------------------------------------------------------------


def whole(folder: Path) -> None:
    """Examine the country in all years, from the files as delivered; print what each stage took."""
    from tijian.engine.country.everything import examine_country

    out, clock = folder / "out", Clock()
    shutil.rmtree(out, ignore_errors=True)
    clock.begin("units")
    units = country(folder)
    told = examine_country(
        units,
        [delivered(folder, name) for name in SETS],
        indicators(),
        DIMENSIONS,
        SCHEME,
        YEARS,
        out,
        clock.begin,
    )
    clock.begin("")
    size = sum(path.stat().st_size for path in (out / "results").rglob("*.parquet")) / 2**20
    fallen = pl.scan_parquet(out / "results" / "*" / "shortfalls.parquet").select(pl.len()).collect().item()
    print(json.dumps({
        "stages": clock.stages, "rows": sum(s.rows for s in told.settled.values()), "shortfalls": fallen, "results": size,
    }))  # fmt: skip


class Clock:
    """Seconds, CPU seconds and peak memory in MB of each stage; one that comes again adds up."""

    def __init__(self) -> None:
        self.stages: dict[str, list[float]] = defaultdict(lambda: [0.0, 0.0, 0.0])
        self.stage, self.wall, self.cpu = "", 0.0, 0.0

    def begin(self, stage: str) -> None:
        """End the stage that runs and begin the next; an empty name begins none."""
        wall, cpu = time.perf_counter(), time.process_time()
        if self.stage:
            took = self.stages[self.stage]
            took[0] += wall - self.wall
            took[1] += cpu - self.cpu
            took[2] = max(took[2], resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024)
        Path("/proc/self/clear_refs").write_text("5")  # the peak is counted anew from what is held now
        self.stage, self.wall, self.cpu = stage, time.perf_counter(), time.process_time()


# ---- records → numerators and denominators ---------------------------------------------------------


def engine_records(folder: Path) -> tuple[Task, Task]:
    """What the engine measures on the records, with its pairs written for each province and year."""
    units, own, made = country(folder), indicators()[:6], TemporaryDirectory()
    records, settled, out = (
        delivered(folder, "records"),
        folder / "out" / "settled" / "records",
        Path(made.name),
    )

    def job(years: tuple[int, ...] = YEARS, where: Path = out / "all") -> Callable[[], Answer]:
        measure_records(records, settled, own, units, years, where)
        files = str(where / "*" / "*.parquet")
        return lambda: _answer(pl.scan_parquet(files).select(pl.all().fill_nan(None)), made)

    return job, lambda: job((), out / "none")


def plain_records(folder: Path, files: str) -> tuple[Task, Task]:
    """One plain DuckDB query for the same sums over all files, in whatever order the groups come."""
    import duckdb

    told = [f'({text})::DOUBLE AS "{n}{end}"' for n, i in enumerate(indicators()[:6])
            for end, text in zip((NUMERATOR, DENOMINATOR), sums_of(i, delivered(folder, "records"))[:2], strict=True)]  # fmt: skip
    query = f"SELECT unit, year, {', '.join(told)} FROM read_parquet('{folder / files}', hive_partitioning = false) GROUP BY unit, year"

    def job(text: str = query) -> Callable[[], Answer]:
        rows = duckdb.default_connection().sql(text).pl()
        return lambda: _answer(rows.lazy().drop("unit", "year"))

    return job, lambda: job("SELECT 1 AS unit, 1 AS year, 1 AS a")


def _answer(pairs: pl.LazyFrame, held: Any = None) -> Answer:
    """How many numbers are known in pairs and their sum."""
    names = pairs.collect_schema().names()
    known = pairs.select(
        many=pl.sum_horizontal(pl.col(n).count() for n in names),
        total=pl.sum_horizontal(pl.col(n).sum() for n in names),
    ).collect()
    if held is not None:
        held.cleanup()
    return known["many"][0], known["total"][0]


def reading(folder: Path) -> tuple[Task, Task]:
    """The columns alone, read by DuckDB without grouping."""
    import duckdb

    files = folder / "out" / "settled" / "records" / "*.parquet"
    columns = ("unit", "year", "area", "homes", "insulated", "riser_old", "facade_loose", "lift")
    query = f"SELECT {', '.join(f'sum({c})' for c in columns)} FROM read_parquet('{files}')"

    def job(text: str = query) -> Answer:
        duckdb.default_connection().sql(text).fetchall()
        return ()

    return job, lambda: job("SELECT 1")


# ---- pairs → towns and districts -------------------------------------------------------------------


def engine_rollup(folder: Path) -> tuple[Task, Task]:
    """All pairs of all years to towns and districts, year by year; the sums of every year are kept."""
    from tijian.engine.country.rollup import roll_up

    units, pairs = country(folder), [folder / "out" / "pairs" / name for name in SETS]

    def job(years: tuple[int, ...] = YEARS) -> Callable[[], Answer]:
        made = [roll_up(units, pairs, year) for year in years]
        return lambda: (
            sum(float(np.nansum(column)) for towns, _ in made for column in towns.values()),
            sum(float(np.nansum(column)) for _, districts in made for column in districts.values()),
        )

    return job, lambda: job(())


def decoding(folder: Path) -> tuple[Task, Task]:
    """The floor: the same files read by polars, two at a time, and let go."""
    files = sorted((folder / "out" / "pairs").rglob("*.parquet"))

    def job(which: list[Path] = files) -> Callable[[], Answer]:
        with ThreadPoolExecutor(2) as pool:
            for frame in pool.map(pl.read_parquet, which):
                del frame
        return lambda: (
            (sum(pl.read_parquet(path).fill_nan(None).sum().sum_horizontal()[0] or 0.0 for path in files),)
            * 2
        )

    return job, lambda: job(files[:1])


# ---- values → scores -------------------------------------------------------------------------------


def engine_score(folder: Path) -> tuple[Task, Task]:
    """The communities of one year: values in memory to dimensions, total and rank."""
    from tijian.engine.country.score import score_level

    values, few = _values(folder), slice(0, 99)

    def job(values: Any = values) -> Callable[[], Answer]:
        done = score_level(indicators(), values, DIMENSIONS, SCHEME, YEARS[-1])
        return partial(checked, done.total, done.rank)

    return job, lambda: job({code: SimpleNamespace(judged=own.judged[few]) for code, own in values.items()})


def numpy_score(folder: Path) -> tuple[Task, Task]:
    """The floor: bare numpy over blocks of rows, column by column, two threads."""
    own = indicators()
    values = _values(folder)
    matrix = np.empty((len(values[own[0].code].judged), len(own)), order="F")
    for column, indicator in zip(matrix.T, own, strict=True):
        column[:] = values.pop(indicator.code).judged
    dimension = np.array([DIMENSIONS.index(i.dimension) for i in own])
    scheme = SimpleNamespace(
        dimension=dimension, lower=np.array([i.direction == "lower" for i in own]),
        shares=1.0 / np.bincount(dimension)[dimension], top=np.full(len(DIMENSIONS), 1.0 / len(DIMENSIONS)),
    )  # fmt: skip
    return lambda: column_blocks(matrix, scheme), lambda: column_blocks(
        np.asfortranarray(matrix[:99]), scheme
    )


def _values(folder: Path) -> Any:
    from tijian.engine.country.values import values_of_communities

    pairs = [folder / "out" / "pairs" / name for name in SETS]
    return values_of_communities(indicators(), pairs, country(folder), YEARS[-1])


CASES: dict[str, Callable[[Path], tuple[Task, Task]]] = {
    "records.engine": engine_records,
    "records.duckdb": partial(plain_records, files="out/settled/records/*.parquet"),
    "records.duckdb-delivered": partial(plain_records, files="records/*/*.parquet"),
    "reading.engine": reading,
    "rollup.engine": engine_rollup,
    "rollup.decoding": decoding,
    "score.engine": engine_score,
    "score.numpy": numpy_score,
}
TOLD = {
    "records": ("many", "total"),
    "reading": (),
    "rollup": ("towns", "districts"),
    "score": ("many", "total", "ranks"),
}

if __name__ == "__main__":
    if sys.argv[1] == "whole.engine":
        whole(Path(sys.argv[2]))
    else:
        one_case(CASES, TOLD)
