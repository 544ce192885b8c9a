"""Roll-up of a country (全国逐级汇总): Σ numerator and Σ denominator of every town and district, never a mean of rates.

The communities of a town are a run of rows, so that a column is summed run by run where it lies. A unit of which
nothing is known has NaN, not zero; so every numerator and every denominator is summed over what is known of it, which
is what summing a town's own records gives.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import polars as pl

from ..scoring.base import Floats
from .units import Country, Part, Runs

_THREADS = 2  # that sum while another reads; the reading itself uses every core
Columns = dict[str, Floats]


def sum_runs(column: Floats, runs: Runs) -> Floats:
    """Sums of a column (rows,) over each unit above, (runs.count,); NaN where every row is NaN or there is no row."""
    out = np.full(runs.count, np.nan)
    if not len(runs.starts):
        return out
    missing, filled = np.isnan(column), column
    if missing.any():
        filled = column.copy()
        np.copyto(filled, 0.0, where=missing)
    sums = np.add.reduceat(filled, runs.starts)
    if not sums.all():  # only a sum of zero can be that of nothing
        sums[np.logical_and.reduceat(missing, runs.starts)] = np.nan
    out[runs.parents] = sums
    return out


def read_pairs(folders: Sequence[Path], year: int, part: Part) -> Iterator[tuple[str, Floats]]:
    """The columns of pairs of a province and year, each (communities of the province,), data set after data set."""
    for folder in folders:
        frame = pl.read_parquet(folder / str(year) / f"{part.name}.parquet")
        for column in frame.iter_columns():
            yield column.name, column.to_numpy()


def roll_up(country: Country, folders: Sequence[Path], year: int) -> tuple[Columns, Columns]:
    """The columns of pairs of all towns and of all districts, each (units,), from those of the communities.

    ``folders``: where :func:`~.records.measure_records` put the pairs of each data set.
    """

    def summed(part: Part) -> Columns:
        runs = country.towns(part)
        return {name: sum_runs(column, runs) for name, column in read_pairs(folders, year, part)}

    with ThreadPoolExecutor(_THREADS) as pool:
        parts = list(pool.map(summed, country.parts))
    towns = {name: np.concatenate([part[name] for part in parts]) for name in parts[0]}
    return towns, {name: sum_runs(column, country.districts) for name, column in towns.items()}
