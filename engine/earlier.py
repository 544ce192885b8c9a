"""What is known of earlier years (往年): the store's years, and what tables of the project say about years before it.

Where both speak of the same year, unit and indicator, the store goes before the table.
"""

from __future__ import annotations

from pathlib import Path

import polars as pl

from . import store
from .evidence import HISTORY
from .findings import Findings, Place
from .results import LEVEL_NAMES, conform, empty
from .successors import carried, renamed_history


def last_year(path: Path, told: pl.DataFrame, year: int, changed: pl.DataFrame) -> dict[str, pl.DataFrame]:
    """``measurements``, ``dimensions`` and ``totals`` of the year before ``year``; empty where nothing is known.

    ``path`` is the store's file; ``told`` has the columns of HISTORY, ``changed`` those of PREDECESSORS: units that were
    split, merged or given another code have what belongs to them now (:mod:`.successors`).
    """
    known = year - 1 in store.years(path)
    before = {
        name: store.read_frame(path, name, year - 1) if known else empty(name)
        for name in ("measurements", "dimensions", "totals")
    }
    added = told.filter(pl.col("year") == year - 1).join(
        before["measurements"], on=["unit", "indicator"], how="anti"
    )
    before["measurements"] = pl.concat([before["measurements"], conform("measurements", added)])
    return carried(before, changed)


def report_unknown_predecessors(
    path: Path, year: int, changed: pl.DataFrame, units: pl.DataFrame, findings: Findings
) -> None:
    """U012 for predecessors that last year's units do not have, U013 for those that were units of another level.

    Nothing where no results of last year are kept, and no U013 for one that ``units`` still has, which was told there.
    """
    if changed.is_empty() or year - 1 not in store.years(path):
        return
    place = Place("单元名录", column="原代码")
    known = dict(store.read_frame(path, "units", year - 1).select("code", "level").iter_rows())
    now = dict(units.select("code", "level").iter_rows())
    for code in changed["predecessor"].unique().sort():
        if code not in known:
            findings.add("U012", place, value=code, expected=f"{year - 1}年单元名录中的代码")
    for unit, code in changed.select("unit", "predecessor").iter_rows():
        if code in known and code not in now and unit in now and known[code] != now[unit]:
            findings.add("U013", place, value=code, level=LEVEL_NAMES[known[code]], own=LEVEL_NAMES[now[unit]],
                         expected=f"{year - 1}年{LEVEL_NAMES[now[unit]]}的代码")  # fmt: skip


def earlier_figures(path: Path, year: int, changed: pl.DataFrame) -> pl.DataFrame:
    """What departments stated in every year before ``year`` that was run: year, unit, input, item, value."""
    columns = ["year", "unit", "input", "item", "value"]
    kept = [store.read_frame(path, "figures", y).select(columns) for y in store.years(path) if y < year]
    return renamed_history(pl.concat([empty("figures").select(columns), *kept]), changed)


def earlier_values(path: Path, told: pl.DataFrame, year: int, changed: pl.DataFrame) -> pl.DataFrame:
    """The columns of HISTORY for every year before ``year``; of units that changed only where the code alone did."""
    kept = [
        store.read_frame(path, "measurements", y).select(list(HISTORY)) for y in store.years(path) if y < year
    ]
    values = pl.concat([*kept, told.filter(pl.col("year") < year)]).unique(
        ["year", "unit", "indicator"], keep="first", maintain_order=True
    )
    return renamed_history(values, changed)
