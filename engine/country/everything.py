"""A country's year from records to results (全国体检全过程): the one function that tells it, and what it leaves.

    records → settled → pairs → sums, values → scores → shortfalls → results

Each step is a function of its own in this room; what one leaves in files the next one reads. Results are Parquet,
which any client reads: ``results/YEAR/district.parquet`` (``town``, ``community``) and ``results/YEAR/shortfalls.parquet``.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import polars as pl

from ...indicators.model import Indicator
from ..results import LEVELS
from ..settings.scheme import Scoring
from .diagnose import find_country_shortfalls
from .records import Records, Settled, measure_records, settle, write_whole
from .rollup import roll_up
from .score import Scored, check_scheme, score_level
from .units import Country, CountryError
from .values import Values, values_of_communities, values_of_level

STAGES = ("settle", "measure", "roll_up", "values", "score", "diagnose", "store")
COMPARED = ".compared"  # behind a count's code: what its values compare by
Begin = Callable[[str], None]  # told the name of each stage as it begins


@dataclass
class Told:
    """What whoever asked has to know: of each data set what was settled, and how many impossible shares were left out,
    by year, level and indicator."""

    settled: dict[str, Settled] = field(default_factory=dict)
    impossible: dict[tuple[int, str, str], int] = field(default_factory=dict)


def examine_country(
    country: Country,
    records: Sequence[Records],
    indicators: Sequence[Indicator],
    names: Sequence[str],
    scheme: Scoring,
    years: Sequence[int],
    folder: Path,
    begin: Begin = lambda stage: None,
) -> Told:
    """Examine a country in each of ``years``, ascending; ``names`` are the dimensions in order.

    Raises CountryError for what cannot be examined so, before anything is read where that can be known.
    """
    check_scheme(scheme)
    own = shared_out(indicators, records)
    told, pairs = Told(), [folder / "pairs" / one.name for one in records]
    begin("settle")
    for one in records:
        told.settled[one.name] = settle(one, country, folder / "settled" / one.name)
    begin("measure")
    for one, where in zip(records, pairs, strict=True):
        measure_records(one, folder / "settled" / one.name, own[one.name], country, years, where)
    for year in years:
        found = value_year(country, pairs, indicators, year, begin)
        told.impossible |= {
            (year, level, code): own.impossible
            for level, held in found.items() for code, own in held.items() if own.impossible
        }  # fmt: skip
        judge_year(country, found, indicators, names, scheme, year, folder / "results" / str(year), begin)
        del found  # a year's values are the largest thing there is: never two of them
    return told


def value_year(
    country: Country,
    pairs: Sequence[Path],
    indicators: Sequence[Indicator],
    year: int,
    begin: Begin = lambda stage: None,
) -> dict[str, dict[str, Values]]:
    """Level → indicator → values of one year, from the pairs of each data set."""
    begin("roll_up")
    towns, districts = roll_up(country, pairs, year)
    begin("values")
    return {
        "district": values_of_level(indicators, districts, country, "district"),
        "town": values_of_level(indicators, towns, country, "town"),
        "community": values_of_communities(indicators, pairs, country, year),
    }


def shared_out(indicators: Sequence[Indicator], records: Sequence[Records]) -> dict[str, list[Indicator]]:
    """Data set → the indicators measured on it. Raises CountryError for one that reads no data set there is."""
    own: dict[str, list[Indicator]] = {one.name: [] for one in records}
    for indicator in indicators:
        name = indicator.measure.inputs[0]
        if name not in own:
            raise CountryError(f"{indicator.code} 要用数据集 {name}，只有 {'、'.join(own)}")
        own[name].append(indicator)
    return own


def judge_year(
    country: Country,
    values: Mapping[str, Mapping[str, Values]],
    indicators: Sequence[Indicator],
    names: Sequence[str],
    scheme: Scoring,
    year: int,
    folder: Path,
    begin: Begin = lambda stage: None,
) -> None:
    """Score and diagnose the values of one year, level by level, and store them."""
    folder.mkdir(parents=True, exist_ok=True)
    shortfalls = []
    for level in LEVELS:
        begin("score")
        scored = score_level(indicators, values[level], names, scheme, year)
        begin("diagnose")
        shortfalls.append(find_country_shortfalls(indicators, values[level], country, level, year))
        begin("store")
        write_whole(results_frame(country, level, values[level], scored), folder / f"{level}.parquet")
    write_whole(pl.concat(shortfalls), folder / "shortfalls.parquet")


def results_frame(country: Country, level: str, values: Mapping[str, Values], scored: Scored) -> pl.DataFrame:
    """One row for each unit of a level: ``unit``, its people, a column of values for each indicator (of a count what it
    compares by too), the scores of the dimensions by their names, ``total`` and ``rank``. Null where not known."""
    units = country.units[level]
    columns: dict[str, object] = {"unit": units["code"], "population": units["population"]}
    for code, own in values.items():
        columns[code] = own.value
        if own.compared is not own.value:
            columns[code + COMPARED] = own.compared
    columns |= scored.dimensions | {"total": scored.total, "rank": scored.rank}
    frame = pl.DataFrame(columns, nan_to_null=True)
    return frame.with_columns(pl.col("rank").cast(pl.Int64))
