"""What is asked of DuckDB and of Spark alike (两边同问): the habits the engines differ in, and every shipped definition.

The rows of ``traps`` hold what would show a difference: zeros to divide by, halves to round, blanks, texts that are nearly
numbers, wide spaces, backslashes, moments near midnight, narrow types. The shipped definitions are asked of seeded rows
whose values lie at and beside the numbers and words that the definitions themselves name.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import numpy as np
import polars as pl
from tijian.engine.data_set import DataSet, Query, read_as
from tijian.engine.evidence import Evidence, Gathered
from tijian.engine.findings import Findings
from tijian.engine.measure.aggregate_sql import querying
from tijian.engine.measure.everything import measure_one
from tijian.engine.results import empty
from tijian.engine.settings.project import Input
from tijian.indicators.loader import load_indicators
from tijian.indicators.model import Indicator
from tijian.indicators.sql import snippets

from .sample_tables import CODES, TYPES, columns_of, sample_project, units_frame

SETS = ("national-2025", "national-2022", "shanghai", "songjiang")
PROJECT = sample_project()
LIBRARY = load_indicators(SETS, Path("/nonexistent"), Findings())
TRANSLATED = tuple(i for i in LIBRARY.indicators if i.measure.method in ("ratio", "count", "sql"))
#: Those whose inputs may be data sets: such inputs are records.
ON_DATA_SETS = tuple(
    i for i in TRANSLATED if {PROJECT.inputs[name].kind for name in i.measure.inputs} == {"records"}
)
WHERE = (CODES["甲一社区"], CODES["甲二社区"], CODES["乙一社区"])
SHANGHAI = ZoneInfo("Asia/Shanghai")

# ---- traps -------------------------------------------------------------------------------------------------

KINDS = {
    "id": "integer", "i": "integer", "k": "integer", "j": "integer", "t": "integer", "u": "integer", "x": "number",
    "y": "number", "f": "number", "n": "text", "s": "text", "b": "yesno", "d": "date", "e": "date", "m": "date",
}  # fmt: skip

#: Of one row each: a number (or yes/no) that both must come to.
OF_A_ROW = (
    # division: by zero infinite or NaN, always of doubles; whole numbers only for // and %
    "i / k", "x / y", "1 / k", "0.0 / y", "x / nullif(y, 0)", "(x + 1) / (y - y)", "1.5 / 7", "i / 3", "0.1 * i / 0.3",
    "i // nullif(k, 0)", "i % nullif(k, 0)", "-7 // 2", "-7 % 3",
    # rounding: of doubles by multiplying, of decimals by their digits, to whole numbers to even
    "round(x)", "round(x, 2)", "round(x, 1)", "round(x * 10, -1)", "round(i, -1)", "round(0.5 * i)", "round(1.25 * i, 1)",
    "cast(x as integer)", "cast(0.5 * i as bigint)", "ceil(x)", "floor(x)", "ceil(x / y)", "floor(i / 2)",
    "ceil(0.5 * i)", "cast(b as integer)",
    # what is not a number, and what is not there
    "ln(x)", "sqrt(x)", "exp(x)", "x ^ 0.5", "power(x, 2)", "greatest(x, y)", "least(x, null, y)", "coalesce(x, i, 0)",
    "nullif(x, 2.5)", "0.0 / y > 1", "x / y = x / y", "x is distinct from y", "x is not distinct from y",
    "b is true", "b is not true", "not b", "b and x > 0", "b or x > 0", "x in (2.5, null)", "x not in (2.5, 3.5)",
    "x between y and 3", "if(b, x, y)", "case when b then 1 when not b then 0.5 end", "0.1 * i = 0.3", "x > 0.1",
    "3 * 0.1 = 0.3",
    # narrow types are wide: products do not overflow, 0.1 is 0.1
    "t * 100", "j * 2", "f * 3", "f > 0.1", "f = 0.1", "t - 200", "u + 1",
    # texts: bytes decide, spaces are Unicode's, a backslash is a backslash
    "s = 'a '", "s < 'b'", "s < '一'", "s like 'a%'", "s like '50\\%'", "s like 'a\\b'", "s like '_'", "s like s || '%'",
    "s in ('D', 'd', '一')", "length(s)", "length(trim(s))", "upper(left(trim(s), 1)) = 'D'", "lower(s) = 'd'",
    "starts_with(s, 'a')", "contains(s, '\\')", "concat(s, 'x') = 'x'", "s || 'x' = 'x'", "right(s, 1) = ' '",
    "try_cast(n as double)", "cast(cast(i as varchar) as double)",
    # dates: days between, ends of months and years, moments on their day in China
    "d - e", "date_diff('day', e, d)", "date_diff('month', e, d)", "date_diff('year', e, d)", "year(d)", "month(m)",
    "day(m)", "extract(year from m)", "d >= '2025-01-31'", "d + interval 1 month = date '2025-02-28'", "d - interval 1 day = date '2025-01-30'",
    "d + interval 1 year > date '2025-12-31'", "case k when 2 then x when 7 then y end", "coalesce(d, e) = d", "d + 1 > e",
    "d between date '2024-12-31' and date '2025-01-01'", "m = date '2025-01-01'",
)  # fmt: skip

#: Of a unit's rows each.
OF_MANY_ROWS = (
    "count(*)", "count(x)", "count(distinct x)", "count(distinct s)", "count(distinct x / y)", "count(b)", "count_if(b)",
    "sum(b)", "sum(x > 2)", "sum(x)", "sum(distinct i)", "sum(0.5 * k)", "sum(case when b then 0.1 end)", "avg(k)",
    "avg(0.5 * k)", "avg(distinct k)", "avg(x)", "min(x)", "max(x)", "max(x / y)", "min(x / y)", "max(d) - min(d)",
    "max(s) = '二'", "min(s) < 'D'", "stddev(x)", "stddev_pop(x)", "var_samp(k)", "var_pop(0.5 * k)", "bool_or(b)",
    "bool_and(b)", "any_value(unit) = max(unit)",
    "median(x)", "median(i)", "quantile_cont(x, 0.5)", "quantile_cont(x, 0.9)", "quantile_cont(k, 0.25)",
    "quantile_cont(x, 0)", "quantile_cont(x, 1.0)", "median(x / y)", "quantile_cont(x / y, 0.3)",
    "quantile_cont(x, 0.9) - quantile_cont(x, 0.1)",
    "quantile_cont(x, 0.5) filter (where b)", "median(x) filter (where x > 100)", "sum(x) filter (where b)",
    "sum(x) filter (where x > 100)", "count(*) filter (where b)", "count(distinct s) filter (where b is not true)",
    "avg(0.5 * k) filter (where b)", "sum(b) filter (where x > 0)", "sum(x) / sum(y)", "sum(x) / count(*) filter (where x > 100)",
    "round(sum(x) / count(x), 1)", "coalesce(sum(x) filter (where x > 100), 0)",
)  # fmt: skip

#: What raises an error in both rather than to come to something else in one.
WRONG_IN_BOTH = (
    "cast(n as double)",
    "i // k",
    "i % k",
    "9223372036854775807 + id",
    "cast(3e9 + x as integer)",
)

#: What is refused, because the engines differ and nothing was found that makes them alike.
REFUSED = (
    "mode(i)", "quantile_disc(x, 0.5)", "quantile_cont(x, -0.25)", "quantile_cont(x, [0.1, 0.9])", "median(0.5 * i)",
    "percentile_cont(0.5) within group (order by x)", "approx_quantile(x, 0.5)", "quantile_cont(distinct x, 0.5)",
    "x // 2", "x % 2", "round(sum(0.5 * i), 1)", "cast(n as integer)", "cast(n as boolean)", "cast(n as date)",
    "cast(x as varchar)", "cast(x as decimal(5, 1))", "cast(x as float)", "x || 'm'", "b = 1", "n = 12", "d = '2025/1/31'", "d = n",
    "b + 1", "d / 2", "d + x", "sum(n)", "avg(b)", "median(d)", "ltrim(s)", "trim(s, 'D')", "left(s, -1)", "left(s, k)",
    "log(x)", "log10(x)", "trunc(x)", "count(distinct (i, k))", "string_agg(s, ',')", "list(x)[1]", "first(x)", "arg_max(x, y)",
    "date_diff('week', d, e)", "extract(dow from d)", "strftime(d, '%Y')", "row_number() over (order by x)", "hash(s)",
    "regexp_matches(s, 'a')", "s like 'a!%' escape '!'", "s ilike 'A%'", "s similar to 'a.*'", "i & 1", "columns('x')",
    "coalesce(n, 0)", "coalesce(b, 0)", "case when b then 1 else 'x' end", "case b when 1 then 2 end", "nullif(n, 0)",
    "d + interval 1 hour > d", "d + interval (k) day > d",
)  # fmt: skip


def trap_rows() -> pl.DataFrame:
    """Twelve rows in two communities, and one alone in a third, whose figures are all blank."""
    half_past_midnight = [
        datetime(2025, 1, 1, 0, 30, tzinfo=SHANGHAI),
        datetime(2024, 12, 31, 23, 30, tzinfo=SHANGHAI),
    ]
    return pl.DataFrame(
        {
            "id": list(range(1, 14)),
            "i": [7, -7, 0, None, 3, 5, -5, 15, 25, 1, 2, 3, None],
            "k": [2, 0, 2, 3, None, -2, 0, 4, 7, 7, 1, 9, None],
            "j": [2_147_483_647, -1, 0, None, 5, 6, 7, 8, 9, 10, 11, 12, None],
            "t": [100, -100, 0, None, 5, 6, 7, 8, 9, 10, 11, 127, None],
            "u": [0, 255, 1, None, 5, 6, 7, 8, 9, 10, 11, 12, None],
            "x": [1.005, 5.015, -2.5, 0.0, None, 2.5, 3.5, 8.345, 0.5, 1.5, 2.675, 40.0, None],
            "y": [0.0, 2.0, 0.0, 0.0, 1.0, None, -0.25, 3.0, 0.1, 0.3, 7.0, 1e-9, None],
            "f": [0.1, 0.2, 0.3, None, 1.5, 2.5, 3.5, 4.5, 5.5, 6.5, 7.5, 8.5, None],
            "n": ["12", " 12\t", "1_000", "1d", "1e3", "abc", "inf", "", None, "1.", ".5", "５", "1,000"],
            "s": ["D", " d", "\u3000Ｄ\u3000", "50%", "a\\b", "ab", None, "B", "b", "二", "\u00a0d\u2003", "a ", "50\\%"],
            "b": [True, False, None, True, True, False, False, None, True, True, False, True, None],
            "d": [date(2025, 1, 31), date(2024, 2, 29), date(2025, 1, 1), None, *[date(2024, 12, 31)] * 8, None],
            "e": [date(2024, 12, 31), date(2025, 3, 1), None, None, *[date(2023, 6, 15)] * 8, None],
            "m": [*half_past_midnight, None, *half_past_midnight * 5],
            "unit": [*WHERE[:2] * 6, WHERE[2]],
        }
    ).cast({"j": pl.Int32, "t": pl.Int8, "u": pl.UInt8, "f": pl.Float32, "m": pl.Datetime("us", "Asia/Shanghai")})  # fmt: skip


# ---- questions ---------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Question:
    """SQL over ``evidence``; ``key``: the columns that tell the rows of the answer apart."""

    name: str
    sql: str
    evidence: dict[str, Evidence]
    key: tuple[str, ...]


def as_data_set(name: str, item: Input, rows: pl.DataFrame, folder: Path) -> Evidence:
    """Rows (columns by our names, ``unit``) as intake hands on a data set, its one file in ``folder``."""
    path = folder / f"{name}.parquet"
    rows.write_parquet(path)
    kinds = {column: item.types.get(column, "text") for column in rows.columns if column != "unit"}
    columns = tuple((c, read_as(c, rows.schema[c], kind, (None, None)) or "") for c, kind in kinds.items())
    assert all(sql for _, sql in columns), columns
    ancestors = units_frame().select("code", "district", "town", "community")
    above = ancestors.unpivot(index="code").drop_nulls("value").select(unit="code", above="value")
    data = DataSet(((str(path), path.name),), "unit", columns, above, item.key or "", rows.height)
    return Evidence(name, item, pl.DataFrame(schema={c: TYPES[kind] for c, kind in kinds.items()}), many=data)


#: A query of several parts.
QUERY = """
with known as (select unit, k, x from traps where k is not null and unit in (select unit from traps where b)),
     twice as (select unit, k from known union all select unit, k from known)
select t.unit, q.most, count(t.k) as n, sum(t.k) / count(distinct t.k) as share
from twice as t left join (select unit, max(x) as most from known group by unit having count(*) > 5) as q on q.unit = t.unit
group by t.unit, q.most
"""


def questions(folder: Path) -> list[Question]:
    """All of them, their data in ``folder``."""
    item = Input(kind="records", file="traps.parquet", columns={c: c for c in KINDS}, types=KINDS)
    traps = {"traps": as_data_set("traps", item, trap_rows(), folder)}
    rows = ", ".join(f"CAST(({sql}) AS DOUBLE) AS c{n}" for n, sql in enumerate(OF_A_ROW))
    many = ", ".join(f"CAST(({sql}) AS DOUBLE) AS c{n}" for n, sql in enumerate(OF_MANY_ROWS))
    return [
        Question("rows", f"SELECT id, {rows} FROM traps", traps, ("id",)),
        Question("many", f"SELECT unit, {many} FROM traps GROUP BY unit", traps, ("unit",)),
        Question("query", QUERY, traps, ("unit",)),
        *(
            Question(f"wrong{n}", f"SELECT id, CAST(({sql}) AS DOUBLE) AS c FROM traps", traps, ("id",))
            for n, sql in enumerate(WRONG_IN_BOTH)
        ),
        *shipped_questions(folder),
    ]


def shipped_questions(folder: Path) -> Iterator[Question]:
    """The queries by which the engine counts every shipped definition that works on data sets, all of a shape as one."""
    names = sorted({name for i in ON_DATA_SETS for name in i.measure.inputs})
    evidence = {n: as_data_set(n, PROJECT.inputs[n], rows_near_the_limits(n), folder) for n in names}
    asked: dict[str, list[str]] = {"ratio": [], "count": []}
    for indicator in ON_DATA_SETS:
        of, sql = _counting_query(indicator, evidence)
        told = ("numerator", "denominator", "rows", *(("lines", "known") if of == "count" else ()))
        numbers = ", ".join(f'CAST("{name}" AS DOUBLE) AS "{name}"' for name in told)
        asked[of].append(
            f"SELECT '{indicator.code}' AS code, CAST(unit AS VARCHAR) AS unit, {numbers} FROM ({sql}) AS q"
        )
    for of, several in asked.items():
        yield Question(of, " UNION ALL ".join(several), evidence, ("code", "unit"))


def _counting_query(indicator: Indicator, evidence: dict[str, Evidence]) -> tuple[str, str]:
    """``count`` or ``ratio`` (and sql), and the query that gives an indicator's numerator and denominator."""
    asked: list[tuple[list[str], str]] = []
    evidence = {name: evidence[name] for name in indicator.measure.inputs}
    with querying(evidence) as query:

        def heard(sql: str) -> pl.DataFrame:
            answer = query(sql)
            asked.append((answer.columns, sql))
            return answer

        measure_one(indicator, _gathered(evidence, heard), None)
    columns, sql = next((columns, sql) for columns, sql in asked if "numerator" in columns)
    return ("count" if "lines" in columns else "ratio"), sql


def _gathered(evidence: dict[str, Evidence], query: Query) -> Gathered:
    return Gathered(units_frame(), empty("shapes"), "EPSG:4549", evidence, query=query)


def rows_near_the_limits(name: str, size: int = 150) -> pl.DataFrame:
    """Rows of an input, a fifth of each column blank; numbers and words are those that definitions name and such beside them."""
    rng = np.random.default_rng(sum(map(ord, name)))
    said = " ".join(text for i in ON_DATA_SETS if name in i.measure.inputs for _, text in snippets(i.measure))
    numbers = sorted(
        {float(found) for found in re.findall(r"(?<![\w.])\d+(?:\.\d+)?", said)} | {0.0, 1.0, 12000.0}
    )
    near = np.array([n + step for n in numbers for step in (-1, 0, 1) if n + step >= 0])
    words = [*sorted(set(re.findall(r"'([^']*)'", said))), "\u3000d级", "其他"]
    columns: dict[str, pl.Series] = {}
    for column, dtype in columns_of(PROJECT.inputs[name]).items():
        values: object
        if dtype == pl.String:
            values = (
                [f"{name}{n}" for n in range(size)]
                if column == PROJECT.inputs[name].key
                else rng.choice(words, size)
            )
        elif dtype == pl.Boolean:
            values = rng.random(size) < 0.5
        elif dtype == pl.Date:
            values = [
                date(2024 + int(n) // 400, 1 + int(n) % 12, 1 + int(n) % 28)
                for n in rng.integers(0, 1200, size)
            ]
        else:
            values = rng.choice(near, size) + (
                rng.choice([0.0, 0.005, 0.5], size) if dtype == pl.Float64 else 0
            )
        blank = rng.random(size) < (0.0 if column == PROJECT.inputs[name].key else 0.2)
        columns[column] = pl.Series(values, dtype=dtype, strict=False).set(pl.Series(blank), None)
    return pl.DataFrame(columns).with_columns(unit=pl.Series(rng.choice(WHERE, size)))
