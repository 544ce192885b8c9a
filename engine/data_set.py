"""Records too many to load (大数据集): Parquet files that are queried where they lie, never read into a frame.

A data set stands in its :class:`~tijian.engine.evidence.Evidence` beside an empty frame of its columns. Whatever engine
queries it sees one table under the input's name: its columns under our names, ``unit`` (the code, text), ``_code``
(the same as the file holds it: grouping numbers is quicker than grouping texts), ``_file`` and ``_row``; and beside
it ``<input>__above`` (unit, above): every unit with itself and all that it lies in.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import polars as pl

ABOVE = "__above"
CODE = "_code"
# the largest and least finite numbers: what lies outside (NaN sorts above all in SQL) is no number
MOST = 1.7976931348623157e308

# one legal time for the whole country: on what day a moment was must not depend on the machine that asks
TIME_ZONE = "Asia/Shanghai"

Query = Callable[[str], pl.DataFrame]  # SQL in DuckDB's dialect → its rows, few enough for a frame


@dataclass(frozen=True)
class DataSet:
    """The files of one data set and how their columns are read.

    ``files``: (absolute path, as messages name it), in the order of their names. ``unit``: the header of the column with
    the units' codes. ``columns``: our name → an SQL expression over the file's columns. ``above``: unit, above.
    ``unique``: the column, by our name, found to differ in every row; empty where none was asked to. ``rows`` and
    ``unplaced``: how many rows there are, and how many name no unit.
    """

    files: tuple[tuple[str, str], ...]
    unit: str
    columns: tuple[tuple[str, str], ...]
    above: pl.DataFrame
    unique: str = ""
    rows: int = 0
    unplaced: int = 0

    def select(self, source: str, file: str, row: str) -> str:
        """The table as a query over ``source``; ``file`` and ``row`` say how the engine names a row's place (from 0)."""
        own = "".join(f", {expression} AS {quoted(name)}" for name, expression in self.columns)
        code = quoted(self.unit)
        return (
            f"SELECT CAST({code} AS VARCHAR) AS unit, {code} AS {CODE}{own}, {file} AS _file, {row} + 1 AS _row"
            f" FROM {source}"
        )

    def shown(self, frame: pl.DataFrame) -> pl.DataFrame:
        """``frame`` with the files in ``_file`` named as messages name them."""
        return frame.with_columns(pl.col("_file").replace(dict(self.files)))


def quoted(name: str) -> str:
    """A name as an SQL identifier."""
    return '"' + name.replace('"', '""') + '"'


def _widest(column: str, dtype: pl.DataType) -> str:
    """A number in the widest type of its kind, as in tables: of narrow ones products would overflow, and 0.1 be another."""
    if dtype.is_integer():
        return column if dtype in (pl.Int64, pl.UInt64) else f"CAST({column} AS BIGINT)"
    return column if dtype == pl.Float64 else f"CAST({column} AS DOUBLE)"


def read_as(
    header: str, dtype: pl.DataType, wanted: str, limits: tuple[float | None, float | None]
) -> str | None:
    """The SQL expression that reads a column of type ``dtype`` as our type ``wanted``; None where it cannot be.

    Numbers outside ``limits`` and those that are none (NaN, infinite) are missing. Whole numbers stay whole, so
    that their sums are exact in whatever order they are taken.
    """
    column = quoted(header)
    if wanted in ("number", "integer"):
        if not dtype.is_numeric() or (wanted == "integer" and not dtype.is_integer()):
            return None
        number = _widest(column, dtype)
        low, high = limits
        if dtype.is_integer() and low is None and high is None:
            return number
        low, high = (-MOST if low is None else low), (MOST if high is None else high)
        return f"CASE WHEN {column} BETWEEN {low!r} AND {high!r} THEN {number} END"
    if wanted == "yesno":
        return column if dtype == pl.Boolean else None
    if wanted == "date":
        return f"CAST({column} AS DATE)" if dtype in (pl.Date, pl.Datetime) else None
    if dtype in (pl.String, pl.Categorical, pl.Enum):
        return column
    return f"CAST({column} AS VARCHAR)" if dtype.is_integer() else None
