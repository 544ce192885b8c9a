"""The ledger (问题台账): every thing that fails a sub-rule, one line per thing and sub-rule.

Indicator counts, the things named in 问题清单, the problem map and next year's 复检 all come from these lines. A
thing that fails three sub-rules has three lines and counts once (住房城乡建设部手册: 同栋去重).
"""

from __future__ import annotations

from collections.abc import Callable

import duckdb
import polars as pl

from ...indicators.measure_model import Count, Rule
from ...indicators.model import Indicator
from ..evidence import LEVEL_COLUMNS, POSITION, Evidence, Querying
from ..results import TREATMENTS, conform, empty
from .aggregate_sql import condition, run_sql, source_of
from .pairs import Pairs, pairs_frame

_ASKED = "things__asked"  # a table beside the inputs


def ledger_lines(
    indicator: Indicator, evidence: dict[str, Evidence], con: duckdb.DuckDBPyConnection
) -> pl.DataFrame:
    """The lines of one ``count`` indicator, in the schema ``ledger`` (year and line still null).

    A condition that is NULL for a thing (the column was left blank) does not count as failing.
    Raises MeasureError when a condition does not run.
    """
    measure = indicator.measure
    assert isinstance(measure, Count)
    frame = evidence[measure.of].frame
    position = [f'"{c}"' for c in (*POSITION, *LEVEL_COLUMNS)]
    xy = [c if c in frame.columns else f"NULL::DOUBLE AS {c}" for c in ("x", "y")]
    # things without a name are referred to by their line
    name = f'"{measure.name}"' if measure.name else "NULL"
    parts = []
    for rule in measure.rule:
        lines = run_sql(
            con,
            f'SELECT unit, "{measure.key}"::VARCHAR AS thing, {name}::VARCHAR AS thing_name, '
            f'{", ".join(position + xy)} FROM "{measure.of}" {condition(measure.where)} AND ({rule.when})',
        )
        parts.append(labelled(lines, rule, indicator))
    return ledger_of(parts)


def labelled(lines: pl.DataFrame, rule: Rule, indicator: Indicator) -> pl.DataFrame:
    """The things that fail one sub-rule, with what the ledger says of the rule."""
    return lines.with_columns(
        indicator=pl.lit(indicator.code),
        rule=pl.lit(rule.id),
        says=pl.lit(rule.says),
        degree=pl.lit(rule.degree),
        difficulty=pl.lit(rule.difficulty),
        treatment=pl.lit(TREATMENTS[indicator.treatment]),
        input=pl.lit(indicator.measure.inputs[0]),
    )


def ledger_of(parts: list[pl.DataFrame]) -> pl.DataFrame:
    """The lines of all sub-rules of an indicator in the schema ``ledger``, sorted."""
    lines = pl.concat(parts).rename({c: c.removeprefix("_") for c in (*POSITION, *LEVEL_COLUMNS)})
    return conform("ledger", lines.drop("district")).sort(
        "unit", "indicator", "thing", "rule", "file", "sheet", "row", nulls_last=True
    )


def number_lines(parts: list[pl.DataFrame], year: int) -> pl.DataFrame:
    """All lines in one ledger, sorted by indicator, unit, thing and rule, and numbered from 1."""
    if not parts:
        return empty("ledger")
    lines = pl.concat(parts).sort(
        "indicator", "unit", "thing", "rule", "file", "sheet", "row", nulls_last=True
    )
    return conform(
        "ledger",
        lines.with_columns(year=pl.lit(year), line=pl.int_range(1, lines.height + 1, dtype=pl.Int64)),
    )


def spread_ledger(ledger: pl.DataFrame, units: pl.DataFrame) -> pl.DataFrame:
    """Every line of the ledger once for each unit it lies in, which is ``above``: the district, its town, its community."""
    district = units.filter(pl.col("level") == "district")["code"][0]
    return pl.concat(
        ledger.with_columns(above=above).drop_nulls("above")
        for above in (pl.lit(district), pl.col("town"), pl.col("community"))
    )


def things_examined(
    indicators: tuple[Indicator, ...],
    evidence: dict[str, Evidence],
    before: pl.DataFrame,
    querying: Querying,
) -> pl.DataFrame:
    """indicator, thing: every thing this year's data know of each count that is a share of things, failing or not.

    Counts per person or per km² are left out: their input may list failing things only, so absence means nothing there.
    In a data set only the things of last year's ledger (``before``) are looked for; that it was is said by a null thing.
    """
    parts = [pl.DataFrame(schema={"indicator": pl.String, "thing": pl.String})]
    for indicator in indicators:
        measure = indicator.measure
        if not isinstance(measure, Count) or measure.of not in evidence:
            continue
        source, named = evidence[measure.of], pl.lit(indicator.code).alias("indicator")
        if measure.per == "things" and source.many is not None:
            things = before.filter(indicator=indicator.code).select("thing").unique().sort("thing")
            there = _in_data_set(measure.key, source, things, querying) if things.height else things
            parts.append(
                pl.concat([there, pl.DataFrame({"thing": [None]}, schema=there.schema)]).select(
                    named, "thing"
                )
            )
        elif measure.per == "things" and measure.key in source.frame.columns:
            key = pl.col(measure.key).cast(pl.String)
            parts.append(source.frame.select(named, thing=key).unique())
    return pl.concat(parts)


def _in_data_set(key: str, source: Evidence, things: pl.DataFrame, querying: Querying) -> pl.DataFrame:
    """Those of ``things`` (thing) that a data set has a row of."""
    asked = Evidence(_ASKED, source.input, things.with_columns(unit=pl.lit(None, dtype=pl.String)))
    with querying({source.name: source, _ASKED: asked}) as query:
        return query(
            f'SELECT DISTINCT t.thing FROM "{_ASKED}" AS t JOIN "{source.name}" AS r ON CAST(r."{key}" AS VARCHAR) = t.thing'
        ).cast(pl.String)


def measure_count(
    measure: Count, lines: pl.DataFrame, evidence: dict[str, Evidence], con: duckdb.DuckDBPyConnection
) -> Pairs:
    """Distinct failing things over all things, per unit; a thing's key is its own over the whole district.

    With ``weight`` the failing things' column is summed (非成套住宅 is counted in 套, not 栋); a thing whose weight
    is NULL is listed and adds nothing, and a unit where every weight is NULL has no value. Units with things but no
    failing one have numerator 0. Units with no thing at all have no pair: nobody says that they were examined.
    Compared per person or per km² the input may list failing things only: then a unit without a row has none, unless
    the project says that the input does not cover every unit (``complete = false``); then it needs some row of it.
    A thing for which ``where`` is NULL is one of which it is not known whether it belongs: a unit that has only such
    things has no value, while one that has only things for which it is false has none of them.
    """
    amount = f"({measure.weight})::DOUBLE" if measure.weight else "1.0::DOUBLE"
    things = run_sql(
        con,
        f'SELECT DISTINCT ON ("{measure.key}", unit) unit, "{measure.key}"::VARCHAR AS thing, {amount} AS amount '
        f"FROM {source_of(evidence[measure.of])} {condition(measure.where)} ORDER BY ALL",
    )
    failing = lines.select("thing").unique().with_columns(failing=pl.lit(True))
    counted = (
        things.join(failing, on="thing", how="left")
        .group_by("unit")
        .agg(
            pl.when(pl.col("amount").count() > 0)
            .then(pl.col("amount").filter(pl.col("failing").fill_null(False)).sum())
            .alias("numerator"),
            pl.col("amount").sum().alias("denominator"),
            pl.col("thing").count().cast(pl.Int64).alias("rows"),
        )
    )
    source = evidence[measure.of]
    return count_pairs(measure, counted, source, lambda condition: _units_where(condition, source, con))


def count_pairs(
    measure: Count, counted: pl.DataFrame, source: Evidence, units_where: Callable[[str], pl.DataFrame]
) -> Pairs:
    """The pairs of a count from what was ``counted`` where there are things: unit, numerator, denominator, rows.

    ``units_where`` gives the units (``unit``) in which some row of the input meets a condition.
    """
    compared_by_size = measure.per != "things"
    listed_only = compared_by_size and not source.input.complete
    nothing = {"denominator": pl.lit(0.0), "rows": pl.lit(0, dtype=pl.Int64)}
    if compared_by_size and measure.where:
        unclear = units_where(f"({measure.where}) IS NULL").join(counted, on="unit", how="anti")
        counted = pl.concat([counted, unclear.with_columns(**nothing)], how="diagonal")
    none_here = compared_by_size and not listed_only and counted.is_empty()
    if listed_only:
        named = units_where("true").join(counted, on="unit", how="anti")
        counted = pl.concat([counted, named.with_columns(numerator=pl.lit(0.0), **nothing)], how="diagonal")
    per = None if measure.per == "things" else measure.per
    return Pairs(
        pairs_frame(counted),
        rollup="final",
        scale=100.0 if per is None else 1.0,
        per=per,
        counts=True,
        none_happened=source.none_happened or none_here,
        examined=listed_only,
    )


def _units_where(condition: str, source: Evidence, con: duckdb.DuckDBPyConnection) -> pl.DataFrame:
    """The units (``unit``) in which some row of an input meets a condition."""
    return run_sql(
        con,
        f"SELECT DISTINCT unit FROM {source_of(source)} WHERE unit IS NOT NULL AND ({condition}) ORDER BY unit",
    )
