"""The SQL expressions of indicators in plain Python: a second, slow way to the same figures.

DuckDB only parses here (``json_serialize_sql``); its syntax tree is walked row by row. NULL is None. What is not
known here is refused (:class:`UnsupportedError`), never guessed: an indicator that needs a new function needs it written
here too.
"""

from __future__ import annotations

import json
import math
import operator
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import date
from functools import cache
from typing import Any

import duckdb

Row = Mapping[str, Any]
Node = dict[str, Any]
Of = Callable[[Node], Any]  # the value of a part of a tree
NUMBERS = ("INTEGER", "NUMERIC")
KINDS = (bool, int | float, str, date)  # a boolean is no number, whatever Python says


class UnsupportedError(Exception):
    """A piece of SQL, or of a measure, that the plain version does not know."""


@cache
def _parser() -> duckdb.DuckDBPyConnection:
    return duckdb.connect(":memory:")


@cache
def tree(text: str) -> Node:
    """The syntax tree of one expression."""
    row = _parser().execute("SELECT json_serialize_sql(?::VARCHAR)", [f"SELECT ({text})"]).fetchone()
    assert row is not None
    answer = json.loads(row[0])
    assert not answer["error"], text
    (found,) = answer["statements"][0]["node"]["select_list"]
    node: Node = found
    return node


def of_row(text: str, row: Row) -> Any:
    """An expression's value for one row."""
    return _value(tree(text), row, None)


def holds(text: str | None, row: Row) -> bool:
    """Whether a condition is true for a row; unknown is not true. Without a condition every row is meant."""
    return text is None or _truth(of_row(text, row)) is True


def of_rows(text: str, rows: Sequence[Row]) -> Any:
    """An aggregate's value over rows."""
    return _value(tree(text), None, rows)


def unknown_to_us(text: str) -> list[str]:
    """What an expression has that is not known here, found without any row."""
    return sorted({_name(node) for node in _nodes(tree(text)) if not _known(node)})


def _nodes(node: object) -> Iterator[Node]:
    """Every expression of a tree."""
    if isinstance(node, dict):
        if "class" in node:
            yield node
        for part in node.values():
            yield from _nodes(part)
    elif isinstance(node, list):
        for part in node:
            yield from _nodes(part)


def _name(node: Node) -> str:
    return str(node["function_name"] if node["class"] == "FUNCTION" else f"{node['class']} {node['type']}")


def _known(node: Node) -> bool:
    match node["class"]:
        case "FUNCTION":
            return node["function_name"] in _FUNCTIONS | _AGGREGATES or node["function_name"] == "count_star"
        case "COMPARISON":
            return node["type"] in _COMPARED or node["type"] in _DISTINCT
        case "OPERATOR":
            return node["type"] in _OPERATORS
        case "CAST":
            return node["type_expr"]["type_name"].upper() in _CASTS and not node["try_cast"]
        case "CONSTANT":
            return node["literal"]["kind"] in (*NUMBERS, "STRING", "BOOLEAN", "NULL_LITERAL")
        case other:
            return other in _NODES or other in ("COLUMN_REF", "TYPE")


def _value(node: Node, row: Row | None, rows: Sequence[Row] | None) -> Any:
    """The value of a tree: for ``row`` inside an aggregate and where there is none, over ``rows`` outside it."""
    if not _known(node):
        raise UnsupportedError(_name(node))
    if node["class"] == "COLUMN_REF":
        (name,) = node["column_names"]
        assert row is not None, f"{name} stands outside every aggregate"
        return row[name]
    if node["class"] == "FUNCTION" and node["function_name"] not in _FUNCTIONS:
        return _aggregate(node, rows)
    return _NODES[node["class"]](node, lambda part: _value(part, row, rows))


def _aggregate(node: Node, rows: Sequence[Row] | None) -> Any:
    """An aggregate over the rows its filter lets through; NULLs are left out."""
    assert rows is not None, f"{_name(node)} over a single row"
    chosen = [r for r in rows if node["filter"] is None or _truth(_value(node["filter"], r, None)) is True]
    if node["function_name"] == "count_star":
        return len(chosen)
    (argument,) = node["arguments"]
    known = [v for r in chosen if (v := _value(argument["expression"], r, None)) is not None]
    return _AGGREGATES[node["function_name"]](list(dict.fromkeys(known)) if node["distinct"] else known)


def _constant(literal: Node) -> Any:
    text = literal["text"]
    match literal["kind"]:
        case "INTEGER":
            return int(text)
        case "NUMERIC":
            return float(text)
        case "BOOLEAN":
            return text == "true"
        case "STRING":
            return text
    return None


def _conjunction(node: Node, of: Of) -> bool | None:
    """AND: one false settles it, otherwise one unknown leaves it unknown; OR the other way round."""
    parts = [_truth(of(part)) for part in node["children"]]
    return _all(parts) if node["type"] == "CONJUNCTION_AND" else _not(_all([_not(p) for p in parts]))


def _comparison(node: Node, of: Of) -> bool | None:
    left, right = of(node["left"]), of(node["right"])
    if node["type"] in _DISTINCT:
        return _same(left, right) is not _DISTINCT[node["type"]]
    return _compared(_COMPARED[node["type"]], left, right)


def _between(node: Node, of: Of) -> bool | None:
    middle, low, high = of(node["input"]), of(node["lower"]), of(node["upper"])
    return _all([_compared(operator.ge, middle, low), _compared(operator.le, middle, high)])


def _case(node: Node, of: Of) -> Any:
    for check in node["case_checks"]:
        if _truth(of(check["when_expr"])) is True:
            return of(check["then_expr"])
    return of(node["else_expr"])


def _truth(value: Any) -> bool | None:
    if value is not None and not isinstance(value, bool):
        raise UnsupportedError(f"{value!r} is no truth value")
    return value


def _not(value: bool | None) -> bool | None:
    return None if value is None else not value


def _all(values: Sequence[bool | None]) -> bool | None:
    """Whether all are true."""
    if any(v is False for v in values):
        return False
    return None if any(v is None for v in values) else True


def _kind(value: Any) -> Any:
    found = next((kind for kind in KINDS if isinstance(value, kind)), None)
    if found is None:
        raise UnsupportedError(f"{value!r}")
    return found


def _compared(how: Callable[[Any, Any], bool], left: Any, right: Any) -> bool | None:
    if left is None or right is None:
        return None
    if _kind(left) is not _kind(right):
        raise UnsupportedError(f"{left!r} compared with {right!r}")
    return how(left, right)


def _same(left: Any, right: Any) -> bool:
    """Equality in which NULL equals NULL."""
    return left is right if left is None or right is None else bool(_compared(operator.eq, left, right))


def _in(values: Sequence[Any]) -> bool | None:
    """x IN (a, b): x = a OR x = b."""
    wanted, *listed = values
    return _not(_all([_not(_compared(operator.eq, wanted, one)) for one in listed]))


def _like(given: Sequence[str | None]) -> bool | None:
    text, pattern = given
    if text is None or pattern is None:
        return None
    wild = "".join({"%": ".*", "_": "."}.get(mark, re.escape(mark)) for mark in pattern)
    return re.fullmatch(wild, text, re.DOTALL) is not None


def _known_only(how: Callable[..., Any]) -> Callable[[Sequence[Any]], Any]:
    """A function of which NULL goes in, NULL comes out."""
    return lambda given: None if any(v is None for v in given) else how(*given)


def _number(value: Any) -> Any:
    if _kind(value) is not KINDS[1]:
        raise UnsupportedError(f"{value!r} is no number")
    return value


def _arithmetic(how: Callable[..., Any]) -> Callable[[Sequence[Any]], Any]:
    return _known_only(lambda *given: how(*map(_number, given)))


def _of_known(how: Callable[[list[Any]], Any]) -> Callable[[Sequence[Any]], Any]:
    """The choice among the values that are known; NULL when none is."""
    return lambda given: how(known) if (known := [v for v in given if v is not None]) else None


_COMPARED: dict[str, Callable[[Any, Any], bool]] = {
    "COMPARE_EQUAL": operator.eq, "COMPARE_NOTEQUAL": operator.ne,
    "COMPARE_LESSTHAN": operator.lt, "COMPARE_LESSTHANOREQUALTO": operator.le,
    "COMPARE_GREATERTHAN": operator.gt, "COMPARE_GREATERTHANOREQUALTO": operator.ge,
}  # fmt: skip
_DISTINCT = {"COMPARE_DISTINCT_FROM": True, "COMPARE_NOT_DISTINCT_FROM": False}  # IS NOT TRUE, IS TRUE
_OPERATORS: dict[str, Callable[[Sequence[Any]], Any]] = {
    "OPERATOR_NOT": lambda given: _not(_truth(given[0])),
    "OPERATOR_IS_NULL": lambda given: given[0] is None,
    "OPERATOR_IS_NOT_NULL": lambda given: given[0] is not None,
    "OPERATOR_COALESCE": _of_known(lambda known: known[0]),
    "COMPARE_IN": _in,
    "COMPARE_NOT_IN": lambda given: _not(_in(given)),
}
_FUNCTIONS: dict[str, Callable[[Sequence[Any]], Any]] = {
    "+": _arithmetic(lambda a, b: a + b),
    "-": _arithmetic(lambda a, b=None: -a if b is None else a - b),
    "*": _arithmetic(operator.mul),
    "/": _arithmetic(
        operator.truediv
    ),  # a zero divisor stops the test: no indicator may rely on what comes of it
    "ceil": _arithmetic(math.ceil),
    "greatest": _of_known(max),
    "least": _of_known(min),
    "upper": _known_only(str.upper),
    "trim": _known_only(lambda text: text.strip(" ")),
    "left": _known_only(lambda text, number: text[:number]),
    "~~": _like,
}
_AGGREGATES: dict[str, Callable[[list[Any]], Any]] = {
    "sum": _of_known(lambda known: math.fsum(map(_number, known))),
    "avg": _of_known(lambda known: math.fsum(map(_number, known)) / len(known)),
    "min": _of_known(min),
    "max": _of_known(max),
    "count": len,
}
_CASTS: dict[str, Callable[[Any], Any]] = {
    "BOOLEAN": _truth,
    "DATE": lambda value: date.fromisoformat(value) if isinstance(value, str) else value,
    "DOUBLE": lambda value: None if value is None else float(_number(value)),
}
_NODES: dict[str, Callable[[Node, Of], Any]] = {
    "CONSTANT": lambda node, of: _constant(node["literal"]),
    "CAST": lambda node, of: _CASTS[node["type_expr"]["type_name"].upper()](of(node["child"])),
    "CONJUNCTION": _conjunction,
    "COMPARISON": _comparison,
    "BETWEEN": _between,
    "CASE": _case,
    "OPERATOR": lambda node, of: _OPERATORS[node["type"]]([of(part) for part in node["children"]]),
    "FUNCTION": lambda node, of: _FUNCTIONS[node["function_name"]](
        [of(a["expression"]) for a in node["arguments"]]
    ),
}
