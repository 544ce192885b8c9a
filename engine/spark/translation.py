"""DuckDB's SQL in Spark's words (翻译): so that both come to the same number, or it is said why they would not.

sqlglot turns the one dialect into the other word by word; what the same words mean in both engines is looked after
here. Read off DuckDB 2.0 and Spark 4.0, and held to both by ``tests/test_spark.py``:

* ``/`` is always of doubles in DuckDB and by zero infinite or NaN; Spark's is of decimals too, and by zero an error.
* An average, a deviation or a sum of decimals loses digits in Spark; a quantile of decimals is rounded in DuckDB.
* DuckDB rounds a double by multiplying and a cast to whole numbers to even; Spark by the digits, and cuts off.
* ``ceil`` and ``floor`` are whole numbers in Spark, which infinity and NaN are not.
* ``trim`` takes off every space of Unicode in DuckDB (the wide one of Chinese too), in Spark that of ASCII only.
* ``\\`` is a mark in Spark's LIKE. A text as a number may end in d or f in Spark, and have ``_`` in DuckDB.
* ``sum`` and ``count_if`` of yes and no, ``ln`` of what is not above zero, what lies between two dates are told differently.
"""

from __future__ import annotations

import sqlglot
from sqlglot import exp

from .kinds import Kinds, Node, kinds_in
from .nodes import UntranslatableError
from .numbers import NUMBER_RULES
from .values import VALUE_RULES

_RULES = (*NUMBER_RULES, *VALUE_RULES)


def parsed(sql: str) -> Node:
    """The tree of a piece of SQL in DuckDB's dialect. Raises UntranslatableError."""
    try:
        return sqlglot.parse_one(sql, read="duckdb")
    except sqlglot.errors.SqlglotError as fault:
        raise UntranslatableError("翻译程序读不懂这种写法") from fault


def tables_in(tree: Node) -> set[str]:
    """The tables that a tree reads, and those it makes itself (WITH)."""
    return {table.name for table in tree.find_all(exp.Table)}


def in_spark_sql(tree: Node, columns: Kinds) -> str:
    """A tree in Spark's SQL. ``columns``: column → kind of those that are known. Raises UntranslatableError.

    The tree is used up.
    """
    kinds = kinds_in(tree, columns)
    nodes = list(tree.walk())[::-1]
    made = []  # kept alive: a node is known by its id
    for node in nodes:
        rule = next((rule for of, rule in _RULES if isinstance(node, of)), None)
        new = rule(node, kinds) if rule else node
        if new is not node:
            made.append(new)
            kinds[id(new)] = kinds[id(node)]
            node.replace(new)
    try:
        told: str = tree.sql(dialect="spark", identify=True, unsupported_level=sqlglot.ErrorLevel.RAISE)
    except sqlglot.errors.SqlglotError as fault:
        raise UntranslatableError("翻译程序不会用 Spark 的话说") from fault
    return told
