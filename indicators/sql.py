"""What SQL an indicator may hold (指标计算式的静态检查).

Indicator SQL is data written by people, so it is read before it is run. DuckDB's own parser gives the syntax tree
(``json_serialize_sql``); the tree is walked for what must not be there. An *expression* (numerator, denominator,
where, when) is one expression without a subquery; a *query* is one SELECT over the inputs the measure names.
Refused in both: a semicolon, a comment, a second statement, functions that read files, settings or the catalogue,
and functions whose answer changes from run to run. This is the first fence; the second is the sandboxed
connection (``engine/storage/store.py``) that indicators are computed on.

Every check returns None, or a Chinese sentence saying what is wrong, for the author of the indicator.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from functools import cache
from typing import Any

import duckdb

from ..engine.plain_words import in_plain_words
from .catchment_model import Catchment
from .measure_model import Circle, Count, Coverage, Density, Measure, Ratio, Sql, Walk

Node = dict[str, Any]  # one object of a syntax tree, as DuckDB's JSON gives it

# Functions that reach outside the inputs, by the form of their names (compared in lower case).
_REACHING = re.compile(
    r"^(read_|write_|copy_|load_|sniff_|parquet_|pragma_|duckdb_|pg_|has_|show_|enable_|disable_|current_|__)"
    r"|(_scan|_scan_\w+|_metadata|_secret|_logs)$"
    r"|^(glob|query|query_table|getenv|getvariable|nextval|currval|setval|json_execute_serialized_sql|checkpoint"
    r"|force_checkpoint|import_database|truncate_duckdb_logs|table_info|test_all_types)$"
)
# The only functions a query may select from; everything else that makes rows comes from outside the inputs.
_ROW_MAKERS = frozenset({"unnest", "range", "generate_series"})
# Functions and words whose answer depends on the clock or on chance: a run must be repeatable.
_UNSTEADY = frozenset(
    {
        "random", "setseed", "uuid", "uuidv4", "uuidv7", "gen_random_uuid", "now", "today", "current_date",
        "current_time", "current_timestamp", "localtime", "localtimestamp", "get_current_time",
        "get_current_timestamp", "current_localtime", "current_localtimestamp", "transaction_timestamp",
        "statement_timestamp", "clock_timestamp", "txid_current", "current_user", "session_user",
    }
)  # fmt: skip
RESULT = ("unit", "numerator", "denominator")  # the columns that a query's result must have
_OF_SUPPLY = ("supply_", "radius[")  # a coverage's expressions about its supply
_TOKEN = re.compile(
    r"""(?P<string>'(?:[^']|'')*')|(?P<name>"(?:[^"]|"")*")|(?P<comment>--|/\*)|(?P<dollar>\$\w*\$)|(?P<mark>[;()])""",
)


def snippets(measure: Measure) -> list[tuple[str, str]]:
    """Every expression of a measure with the field it stands in, as (``rule.id.when``, ``radius[1].where`` …, text)."""
    fields: tuple[str, ...] = ()
    match measure:
        case Count():
            fields = ("where", "weight")
        case Ratio():
            fields = ("numerator", "denominator", "where")
        case Coverage():
            fields = ("demand_where", "supply_where")
        case Walk():
            fields = ("demand_where", "supply_where", "network_where")
        case Circle():
            fields = ("demand_where", "network_where")
        case Catchment():
            fields = ("demand_where", "supply_where")
        case Density():
            fields = ("where",)
    found = [(field, getattr(measure, field)) for field in fields if getattr(measure, field) is not None]
    if isinstance(measure, Count):
        found += [(f"rule.{rule.id}.when", rule.when) for rule in measure.rule]
    if isinstance(measure, Coverage):
        found += [
            (f"radius[{number}].where", one.where)
            for number, one in enumerate(measure.radius, 1)
            if one.where
        ]
    if isinstance(measure, Circle):
        found += [
            (f"kind[{number}].supply_where", one.supply_where)
            for number, one in enumerate(measure.kind, 1)
            if one.supply_where
        ]
    return found


def faults_in(measure: Measure) -> list[tuple[str, str, str]]:
    """(field, text, what is wrong) for every piece of SQL of a measure that may not run."""
    faults = [(field, text, expression_fault(text)) for field, text in snippets(measure)]
    if isinstance(measure, Sql):
        fault = query_fault(measure.query, measure.of) or result_fault(measure.query)
        faults.append(("query", measure.query, fault))
    return [(field, text, fault) for field, text, fault in faults if fault is not None]


@cache  # the same library is loaded again and again, and its texts do not change
def expression_fault(text: str) -> str | None:
    """What is wrong with one SQL expression; None when it may run."""
    try:
        _check_text(text)
        _check_expression(_parse(f"SELECT ({text})"))
    except _RefusedError as refused:
        return str(refused)
    return None


@cache
def query_fault(text: str, tables: tuple[str, ...]) -> str | None:
    """What is wrong with a query over the inputs ``tables``; None when it may run."""
    try:
        _check_text(text)
        _check_query(_parse(text), frozenset(tables))
    except _RefusedError as refused:
        return str(refused)
    return None


@cache
def result_fault(query: str) -> str | None:
    """Which columns the result of a sound query lacks; None where none is lacking, or the text alone does not tell."""
    names = _names_of(_parse(query))
    missing = [] if names is None else [name for name in RESULT if name not in names]
    return f"结果里没有列 {'、'.join(missing)}（用 as 起名）" if missing else None


def columns_read(measure: Measure) -> dict[str, set[str]]:
    """Input → the columns its expressions read; of a query's columns it is not known whose they are: of every input's."""
    if isinstance(measure, Sql):
        return {name: set(_columns(measure.query)) for name in measure.of}
    found: dict[str, set[str]] = {name: set() for name in measure.inputs}
    for _, name, column in columns_by_field(measure):
        found[name].add(column)
    return found


def columns_by_field(measure: Measure) -> list[tuple[str, str, str]]:
    """(field, input, column) of every column that a field of a measure names; of a query nothing, see :func:`columns_read`."""
    found = [
        (field, whose(measure, field), column)
        for field, text in snippets(measure)
        for column in sorted(_columns(f"SELECT ({text})"))
    ]
    if isinstance(measure, Count):
        found += [
            (field, measure.of, column) for field in ("key", "name") if (column := getattr(measure, field))
        ]
    if isinstance(measure, Catchment):
        found.append(("capacity", measure.supply, measure.capacity))
    if isinstance(measure, Coverage | Walk | Circle | Catchment) and measure.weight:
        found.append(("weight", measure.demand, measure.weight))
    return found


def whose(measure: Measure, field: str) -> str:
    """The input that an expression is about."""
    if isinstance(measure, Walk | Circle) and field == "network_where":
        return measure.network
    if isinstance(measure, Circle) and field.startswith("kind["):
        return measure.kind[int(field[5 : field.index("]")]) - 1].supply
    return measure.inputs[1] if field.startswith(_OF_SUPPLY) else measure.inputs[0]


@cache
def is_sum(text: str) -> bool:
    """Whether an aggregate of a whole is the sum of those of its parts: one sum or count, not of different values."""
    try:
        alone = _parse(f"SELECT ({text})")["select_list"][0]
    except _RefusedError:
        return False
    names = ("sum", "count", "count_star")
    return (
        alone.get("class") == "FUNCTION" and alone["function_name"].lower() in names and not alone["distinct"]
    )


def _names_of(tree: Node) -> list[str] | None:
    """What the columns of a query's result are called, in lower case; None where the text alone does not tell."""
    if tree["type"] != "SELECT_NODE" or any(column["class"] == "STAR" for column in tree["select_list"]):
        return None
    return [
        (column["alias"] or (column.get("column_names") or [""])[-1]).lower()
        for column in tree["select_list"]
    ]


@cache
def _columns(text: str) -> frozenset[str]:
    """The names of all columns in a piece of SQL; none where it does not parse, which is told elsewhere."""
    try:
        tree = _parse(text)
    except _RefusedError:
        return frozenset()
    return frozenset(node["column_names"][-1] for node in _nodes(tree) if node.get("class") == "COLUMN_REF")


class _RefusedError(Exception):
    """A piece of SQL may not run; the message says why, for its author."""


def _check_text(text: str) -> None:
    """Refuse marks that no indicator needs and that change where the text ends; those inside quotes are fine."""
    depth = 0
    for token in _TOKEN.finditer(text):
        if token["comment"] or token["dollar"]:
            raise _RefusedError(f"不能含注释或美元引号（{token.group()}）")
        if token["mark"] == ";":
            raise _RefusedError("不能含分号")
        depth += {"(": 1, ")": -1}.get(token["mark"] or "", 0)
        if depth < 0:
            break
    if depth != 0:
        raise _RefusedError("括号不成对")


def _parse(text: str) -> Node:
    """The tree of a single SELECT."""
    row = _parser().execute("SELECT json_serialize_sql(?::VARCHAR)", [text]).fetchone()
    answer: Node = json.loads(row[0]) if row else {"error": True}
    if answer["error"]:
        if answer.get("error_type") == "not implemented":
            raise _RefusedError("只能是一条 SELECT 查询")
        raise _RefusedError(f"语法不对：{in_plain_words(answer.get('error_message', ''))}")
    if len(answer["statements"]) != 1:
        raise _RefusedError("只能有一条语句")
    node: Node = answer["statements"][0]["node"]
    return node


def _check_expression(tree: Node) -> None:
    """Refuse what is not one expression by itself."""
    extras = ("where_clause", "having", "qualify", "group_expressions", "sample", "modifiers")
    # "SELECT (a, b)" and "SELECT ()" parse as one row value
    alone = (
        tree["type"] == "SELECT_NODE"
        and len(tree["select_list"]) == 1
        and tree["select_list"][0].get("function_name") != "row"
    )
    if not alone or tree["from_table"]["type"] != "EMPTY" or any(tree[part] for part in extras):
        raise _RefusedError("不是单独一个表达式")
    if any(node.get("class") == "SUBQUERY" for node in _nodes(tree)):
        raise _RefusedError('表达式中不能有子查询；需要时请用 method = "sql"')
    _check_functions(tree)


def _check_query(tree: Node, tables: frozenset[str]) -> None:
    """Refuse a query that selects from anything but the inputs named and its own WITH tables."""
    known = tables | {e["key"] for node in _nodes(tree) for e in node.get("cte_map", {}).get("map", [])}
    for node in _nodes(tree):
        kind = node.get("type")
        if kind == "BASE_TABLE":
            path = node["qualified_name"]["path"]
            if len(path) > 1 or path[0] not in known:
                raise _RefusedError(f"查询了没有列在 of 中的表“{'.'.join(path)}”")
        elif kind == "TABLE_FUNCTION":
            name = node["function"]["function_name"]
            if name.lower() not in _ROW_MAKERS:
                raise _RefusedError(f"不能从函数 {name} 取数，只能查询 of 中的输入")
        elif kind == "SHOW_REF":
            raise _RefusedError("只能是一条 SELECT 查询")
    _check_functions(tree)


def _check_functions(tree: Node) -> None:
    """Refuse functions that reach outside, and those (and words) whose answer changes from run to run."""
    for node in _nodes(tree):
        if "function_name" in node:
            name = node["function_name"].lower()
            if _REACHING.search(name) and name not in _UNSTEADY:
                raise _RefusedError(f"不能使用函数 {name}（读取文件、设置或系统表）")
        elif node.get("class") == "COLUMN_REF" and len(node["column_names"]) == 1:
            name = node["column_names"][0].lower()
        else:
            continue
        if name in _UNSTEADY:
            raise _RefusedError(f"不能使用 {name}（每次运行结果不同）")


def _nodes(tree: object) -> Iterator[Node]:
    """Every object of a parsed tree, parents first."""
    if isinstance(tree, dict):
        yield tree
        for value in tree.values():
            yield from _nodes(value)
    elif isinstance(tree, list):
        for value in tree:
            yield from _nodes(value)


@cache
def _parser() -> duckdb.DuckDBPyConnection:
    """A connection that is only ever asked to parse: no file, no network, no extension, no table."""
    return duckdb.connect(
        ":memory:",
        config={
            "enable_external_access": "false",
            "autoload_known_extensions": "false",
            "autoinstall_known_extensions": "false",
        },
    )
