"""Earlier years (往年数据): values of years this engine did not run, from tables in the project's ``history/``.

A table has four columns, 年份, 单元 (name or code), 指标 (编号) and 指标值; every .xlsx and .csv file there is read. What
``results.duckdb`` holds of a year goes before what a table says of it.
"""

from __future__ import annotations

from collections.abc import Collection
from pathlib import Path

import polars as pl

from ..evidence import HISTORY, Source
from ..findings import Findings, Place
from ..storage.record import source_of
from .names import NameBook, place_by_name
from .sheets.files import is_file
from .sheets.tables import TableSpec, read_table

FOLDER = "history"
_SPEC = TableSpec(
    columns={"year": "年份", "_unit": "单元", "indicator": "指标编号", "value": "指标值"},
    types={"year": "integer", "value": "number"},
    limits={"year": (2000, 2100)},
    required=frozenset({"year", "_unit", "indicator", "value"}),
)


def read_history(
    root: Path, book: NameBook, codes: Collection[str], findings: Findings
) -> tuple[pl.DataFrame, tuple[Source, ...]]:
    """(year, unit, indicator, value), sorted, each once; and the files read.

    Findings: those of the table reader, N001–N005 for units, H001 for an indicator that is not in force (the row is
    left out), H002 where two rows give different values for the same thing (the first is used).
    """
    parts, sources = [], []
    for path in sorted(p for p in (root / FOLDER).glob("*") if p.suffix.lower() in (".xlsx", ".xls", ".csv")):
        shown = f"{FOLDER}/{path.name}"
        if not is_file(path, Place(shown), findings):
            continue
        frame = read_table(path, _SPEC, findings, shown_as=shown)
        sources.append(source_of(path, shown))
        if not frame.is_empty():
            parts.append(place_by_name(frame, book, findings, level=None, headers=("单元", None)))
    if not parts:
        return pl.DataFrame(schema=HISTORY), tuple(sources)
    frame = pl.concat(parts).drop_nulls(["year", "unit", "indicator", "value"])
    _tell_unknown(frame, codes, findings)
    frame = frame.filter(pl.col("indicator").is_in(list(codes)))
    _tell_different(frame, findings)
    once = frame.unique(["year", "unit", "indicator"], keep="first", maintain_order=True)
    return once.select(list(HISTORY)).sort("year", "unit", "indicator"), tuple(sources)


def _tell_unknown(frame: pl.DataFrame, codes: Collection[str], findings: Findings) -> None:
    """H001 once for each code that is not in force, at its first row."""
    unknown = frame.filter(~pl.col("indicator").is_in(list(codes)))
    for row in unknown.unique("indicator", keep="first", maintain_order=True).iter_rows(named=True):
        count = unknown.filter(pl.col("indicator") == row["indicator"]).height
        findings.add("H001", Place(row["_file"], row["_sheet"], row["_row"], "指标编号"), value=row["indicator"],
                     count=count, expected="现行指标的编号（tijian indicators）")  # fmt: skip


def _tell_different(frame: pl.DataFrame, findings: Findings) -> None:
    """H002 for every later row that says something else of the same year, unit and indicator."""
    first = pl.col("value").first().over("year", "unit", "indicator")
    for row in (
        frame.with_columns(_first=first).filter(pl.col("value") != pl.col("_first")).iter_rows(named=True)
    ):
        findings.add("H002", Place(row["_file"], row["_sheet"], row["_row"], "指标值"), value=row["value"],
                     first=f"{row['_first']:g}", expected="同一年份、单元、指标只写一个值")  # fmt: skip
