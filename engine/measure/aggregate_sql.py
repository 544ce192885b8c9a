"""``ratio`` 比率, ``sql`` 自定义查询, ``survey`` 问卷 and ``reported`` 上报值: aggregates over one input's rows.

The SQL of an indicator runs on a sandboxed connection (see ``engine/storage/store.py``) that holds one table per input.
An SQL fault is the indicator's author's mistake and becomes finding M001.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial

import duckdb
import polars as pl

from ...indicators.measure_model import Ratio, Reported, Sql, Survey
from ...indicators.sql import RESULT
from ..data_set import Query
from ..evidence import LEVEL_COLUMNS, Evidence
from ..plain_words import in_plain_words
from ..storage.store import sandbox
from ..survey.weights import WEIGHT
from .pairs import Pairs, pairs_frame


class MeasureError(Exception):
    """An indicator's definition cannot be computed on the evidence there is; the message is for its author."""


class MissingColumnError(MeasureError):
    """The indicator reads a column that the project does not declare for the input; ``column`` is its name."""

    def __init__(self, column: str) -> None:
        self.column = column
        super().__init__(f"没有列 {column}")


def run_sql(con: duckdb.DuckDBPyConnection, query: str) -> pl.DataFrame:
    """The frame of a query; raises MeasureError with what DuckDB says, shortly, and for what is not one query."""
    try:
        if [found.type for found in con.extract_statements(query)] != [duckdb.StatementType.SELECT]:
            raise MeasureError("不是一条 SELECT 查询")
        return con.sql(query).pl()
    except duckdb.Error as fault:
        unknown = re.search(r'column "([^"]+)" not found', str(fault))
        if unknown:
            raise MissingColumnError(unknown[1]) from fault
        raise MeasureError(in_plain_words(fault)) from fault


@contextmanager
def querying(evidence: dict[str, Evidence]) -> Iterator[Query]:
    """What answers queries over the inputs here, in a sandbox of its own."""
    with sandbox(evidence) as con:
        yield partial(run_sql, con)


def condition(where: str | None) -> str:
    """A WHERE clause that keeps rows with a unit and, where given, meeting the condition."""
    return "WHERE unit IS NOT NULL" + (f" AND ({where})" if where else "")


def source_of(item: Evidence) -> str:
    """The table to aggregate over: of things that exist once, each row once for every unit it lies in."""
    if not item.additive:
        return f'"{item.name}"'
    levels = ", ".join(LEVEL_COLUMNS)
    return f'(SELECT * REPLACE (unnest([{levels}]) AS unit) FROM "{item.name}")'


def measure_ratio(measure: Ratio, evidence: dict[str, Evidence], con: duckdb.DuckDBPyConnection) -> Pairs:
    """Numerator and denominator per unit of the rows."""
    denominator = measure.denominator or "NULL"
    frame = run_sql(
        con,
        f"SELECT unit, ({measure.numerator})::DOUBLE AS numerator, ({denominator})::DOUBLE AS denominator, "
        f'count(*) AS "rows" FROM {source_of(evidence[measure.of])} {condition(measure.where)} GROUP BY unit',
    )
    return ratio_pairs(measure, evidence, frame)


def ratio_pairs(measure: Ratio, evidence: dict[str, Evidence], frame: pl.DataFrame) -> Pairs:
    """The pairs of a ratio from its frame (unit, numerator, denominator, rows); one with either part missing is missing.

    Without ``denominator`` and ``per`` the value is the numerator itself (a total).
    """
    additive = evidence[measure.of].additive
    if measure.denominator:
        frame = frame.filter(pl.col("numerator").is_not_null() & pl.col("denominator").is_not_null())
    elif not (additive and measure.per):  # there a unit of unknown amount is kept apart from one without rows
        frame = frame.filter(pl.col("numerator").is_not_null())
    return Pairs(
        pairs_frame(frame),
        rollup="final" if additive else "stated",
        scale=measure.scale,
        per=measure.per,
        none_happened=measure.denominator is None and evidence[measure.of].none_happened,
    )


def measure_sql(measure: Sql, evidence: dict[str, Evidence], query: Query) -> Pairs:
    """The escape hatch: the query's own unit, numerator, denominator."""
    frame = query(f'SELECT *, 1 AS "rows" FROM ({measure.query})')
    missing = [column for column in RESULT if column not in frame.columns]
    if missing:
        raise MeasureError(f"查询结果缺少列：{'、'.join(missing)}")
    frame = frame.filter(pl.col("numerator").is_not_null() & pl.col("denominator").is_not_null())
    additive = all(evidence[name].additive for name in measure.of)
    return Pairs(pairs_frame(frame), rollup="additive" if additive else "stated", scale=measure.scale)


def measure_survey(measure: Survey, evidence: dict[str, Evidence], con: duckdb.DuckDBPyConnection) -> Pairs:
    """Sum of scores over number of answers: rolls up as the mean over all answers, not of communities' means.

    Where the answers have weights, the weighted sum over the weights of those who answered.
    """
    column = f'"{measure.question}"'
    weight = f'"{WEIGHT}"' if WEIGHT in evidence[measure.of].frame.columns else "1"
    frame = run_sql(
        con,
        f"SELECT unit, sum({column} * {weight})::DOUBLE AS numerator, "
        f"(sum({weight}) FILTER (WHERE {column} IS NOT NULL))::DOUBLE AS denominator, "
        f'count({column}) AS "rows" FROM {source_of(evidence[measure.of])} WHERE unit IS NOT NULL GROUP BY unit '
        f"HAVING count({column}) > 0",
    )
    return Pairs(pairs_frame(frame), rollup="final")


def measure_reported(measure: Reported, evidence: dict[str, Evidence]) -> Pairs:
    """The values stated for the item; never summed, averaged upward only where the indicator names a weight."""
    rows = evidence[measure.of].frame
    frame = (
        rows.filter(
            (pl.col("item") == measure.item) & pl.col("value").is_not_null() & pl.col("unit").is_not_null()
        )
        .group_by("unit")
        .agg(pl.col("value").first(), pl.len().alias("rows"))
    )
    return Pairs(pairs_frame(frame), rollup="stated", weight=measure.weight)
