"""Counts, ratios and queries over a data set (大数据集计算): SQL that runs where the records lie and brings back pairs.

What stands in a data set is never read into a frame: each indicator is one grouping of its rows, and what comes back is at
most a row for each unit. The results are those of ``aggregate_sql`` and ``ledger`` on the same records in a frame.

A sum is taken per unit as the rows name it and summed up the tree here, which reads and groups every row once; any other
aggregate (a median, a count of different things) is taken anew at every level, over each row once for every unit above it.
"""

from __future__ import annotations

import polars as pl

from ...indicators.measure_model import Count, Ratio, Sql
from ...indicators.model import Indicator
from ...indicators.sql import is_sum
from ..data_set import ABOVE, CODE, Query
from ..evidence import Evidence, Gathered, with_levels
from ..findings import Findings, Place
from ..intake.privacy import mask_personal
from .aggregate_sql import MeasureError, measure_sql, ratio_pairs
from .ledger import count_pairs, labelled, ledger_of
from .pairs import Measured

#: An indicator with more lines than this has none in the ledger: its counts stand, and a finding says so. All or
#: nothing, because whoever tells of the lines counts them.
MOST_LINES = 100_000


def measure_many(indicator: Indicator, gathered: Gathered, query: Query) -> Measured:
    """What an indicator that reads a data set comes to. Raises MeasureError."""
    evidence = gathered.evidence
    match indicator.measure:
        case Ratio() as measure:
            return Measured(ratio_pairs(measure, evidence, _ratio(measure, evidence[measure.of], query)))
        case Count():
            return _count(indicator, gathered, query)
        case Sql() as measure:
            return Measured(measure_sql(measure, evidence, query))
        case measure:
            raise MeasureError(f"{measure.method} 不能用 Parquet 数据集计算，只有 count、ratio、sql 可以")


def _ratio(measure: Ratio, source: Evidence, query: Query) -> pl.DataFrame:
    """unit, numerator, denominator, rows of every unit at every level that has a row."""
    parts = {"numerator": measure.numerator, "denominator": measure.denominator or "NULL"}
    told = ", ".join(f"CAST(({text}) AS DOUBLE) AS {name}" for name, text in parts.items())
    if all(is_sum(text) for text in (measure.numerator, measure.denominator) if text):
        return _summed_up(source, told, measure.where, query)
    return query(
        f'SELECT a.above AS unit, {told}, count(*) AS "rows" FROM {_each_above(source)} '
        f"{_where(measure.where)} GROUP BY a.above"
    )


def _summed_up(source: Evidence, told: str, where: str | None, query: Query) -> pl.DataFrame:
    """The sums ``told`` over the rows of each unit and of all units in it, null where no row has a number."""
    assert source.many is not None
    own = query(
        f'SELECT {CODE} AS unit, {told}, count(*) AS "rows" FROM "{source.name}" {_where(where)} GROUP BY {CODE}'
    )
    names = [c for c in own.columns if c != "unit"]
    sums = [pl.when(pl.col(c).count() > 0).then(pl.col(c).sum()).alias(c) for c in names]
    return (
        own.with_columns(pl.col("unit").cast(pl.String))
        .join(source.many.above, on="unit", how="inner")
        .sort("above", "unit")
        .group_by("above", maintain_order=True)
        .agg(sums)
        .rename({"above": "unit"})
    )


def _where(where: str | None) -> str:
    """A WHERE clause that keeps rows with a unit and, where given, meeting the condition."""
    return f"WHERE {CODE} IS NOT NULL" + (f" AND ({where})" if where else "")


def _each_above(source: Evidence) -> str:
    """The rows of a data set, each once for every unit it lies in (``a.above``)."""
    return f'"{source.name}" AS r JOIN "{source.name}{ABOVE}" AS a ON r.unit = a.unit'


def _count(indicator: Indicator, gathered: Gathered, query: Query) -> Measured:
    """The pairs of a count, with its ledger where that is not too long."""
    measure = indicator.measure
    assert isinstance(measure, Count)
    source, findings = gathered.evidence[measure.of], Findings()
    counted = _things(measure, source, query)
    size = counted.join(gathered.units.filter(level="district").select(unit="code"), on="unit")["lines"].sum()
    lines = None
    if size <= MOST_LINES:
        lines = _lines(indicator, source, gathered.units, query, findings)
    else:
        findings.add("M030", Place(f"指标 {indicator.code}"), name=indicator.name, value=f"{size:,}",
                     most=f"{MOST_LINES:,}", expected=f"不超过 {MOST_LINES:,} 行时才逐条列出")  # fmt: skip

    def units_where(condition: str) -> pl.DataFrame:
        return query(
            f"SELECT DISTINCT a.above AS unit FROM {_each_above(source)} WHERE {CODE} IS NOT NULL AND ({condition})"
        ).sort("unit")

    pairs = count_pairs(measure, counted.drop("lines"), source, units_where)
    return Measured(pairs, lines, findings=findings)


def _things(measure: Count, source: Evidence, query: Query) -> pl.DataFrame:
    """unit, numerator, denominator, rows as ``count_pairs`` wants them, and the ``lines`` its ledger would have.

    Where the key was found to differ in every row, each row is a thing; otherwise rows with the same key are first
    made one, which fails where any of them does.
    """
    assert source.many is not None
    amount = f"CAST(({measure.weight}) AS DOUBLE)" if measure.weight else "CAST(1 AS DOUBLE)"
    fails = " OR ".join(f"({rule.when})" for rule in measure.rule)
    lines = " + ".join(f"count(CASE WHEN {rule.when} THEN 1 END)" for rule in measure.rule)
    if measure.key == source.many.unique:
        told = (
            f"sum(CASE WHEN {fails} THEN {amount} END) AS numerator, sum({amount}) AS denominator, "
            f"{lines} AS lines, count({amount}) AS known"
        )
        found = _summed_up(source, told, measure.where, query)
    else:
        key, where = f'"{measure.key}"', _where(measure.where)
        found = query(
            "SELECT t.unit AS unit, sum(CASE WHEN f.thing IS NOT NULL THEN t.amount END) AS numerator, "
            "sum(t.amount) AS denominator, sum(t.line) AS lines, count(t.amount) AS known, "
            'count(t.thing) AS "rows" FROM ('
            f"SELECT a.above AS unit, {key} AS thing, min({amount}) AS amount, {lines} AS line "
            f"FROM {_each_above(source)} {where} GROUP BY a.above, {key}) AS t LEFT JOIN ("
            f'SELECT DISTINCT {key} AS thing FROM "{source.name}" {where} AND ({fails})'
            ") AS f ON t.thing = f.thing GROUP BY t.unit"
        )
    some = pl.col("known") > 0
    return found.select(
        "unit",
        pl.when(some).then(pl.col("numerator").fill_null(0.0)).alias("numerator"),
        pl.col("denominator").fill_null(0.0),
        pl.col("rows").cast(pl.Int64),
        pl.col("lines").cast(pl.Int64),
    )


def _lines(
    indicator: Indicator, source: Evidence, units: pl.DataFrame, query: Query, findings: Findings
) -> pl.DataFrame:
    """The lines of a count in the schema ``ledger`` (year and line still null), personal numbers masked."""
    measure, data = indicator.measure, source.many
    assert isinstance(measure, Count)
    assert data is not None
    name = f'"{measure.name}"' if measure.name else "NULL"
    parts = []
    for rule in measure.rule:
        found = query(
            f'SELECT unit, CAST("{measure.key}" AS VARCHAR) AS thing, CAST({name} AS VARCHAR) AS thing_name, '
            f'_file, _row FROM "{source.name}" {_where(measure.where)} AND ({rule.when})'
        )
        shown = data.shown(found).with_columns(_sheet=pl.lit(None, dtype=pl.String))
        parts.append(labelled(with_levels(shown, units), rule, indicator))
    headers = {"thing": source.input.columns.get(measure.key, measure.key)}
    return ledger_of([mask_personal(pl.concat(parts), headers, findings)])
