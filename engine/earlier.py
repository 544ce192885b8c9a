"""What is known of earlier years (往年): the store's years, and what tables of the project say about years before it.

Where both speak of the same year, unit and indicator, the store goes before the table.
"""

from __future__ import annotations

from pathlib import Path

import polars as pl

from . import store
from .evidence import HISTORY
from .results import conform, empty


def last_year(path: Path, told: pl.DataFrame, year: int) -> dict[str, pl.DataFrame]:
    """``measurements``, ``dimensions`` and ``totals`` of the year before ``year``; empty where nothing is known.

    ``path`` is the store's file; ``told`` has the columns of HISTORY.
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
    return before


def earlier_values(path: Path, told: pl.DataFrame, year: int) -> pl.DataFrame:
    """The columns of HISTORY for every year before ``year``."""
    kept = [
        store.read_frame(path, "measurements", y).select(list(HISTORY)) for y in store.years(path) if y < year
    ]
    return pl.concat([*kept, told.filter(pl.col("year") < year)]).unique(
        ["year", "unit", "indicator"], keep="first", maintain_order=True
    )
