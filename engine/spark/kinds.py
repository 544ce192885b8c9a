"""What kind of value a piece of SQL has in DuckDB (值的类别), as far as it can be told from the text and the columns.

The two engines round, divide and print by the type of a value, and not alike: ``1.5`` is a decimal in both, half a decimal is
a double in DuckDB and a decimal in Spark. Said is only what is certain; anything else is :data:`UNKNOWN`.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

import polars as pl
from sqlglot import exp

Node = Any  # of sqlglot's tree, which says nothing of its types
Kinds = Mapping[str, str]  # column, in small letters → kind

TEXT, WHOLE, DECIMAL, DOUBLE, YESNO, DATE = "text", "whole", "decimal", "double", "yesno", "date"
NULL, INTERVAL, UNKNOWN = "null", "interval", ""
NUMBERS = (WHOLE, DECIMAL, DOUBLE)

#: The types a project gives columns.
OF_TYPE = {"text": TEXT, "integer": WHOLE, "number": DOUBLE, "yesno": YESNO, "date": DATE}
#: The columns that every input has.
OWN = {"unit": TEXT, "above": TEXT, "_code": TEXT, "_file": TEXT, "_row": WHOLE}

_AS_TYPE = {
    "DOUBLE": DOUBLE, "TINYINT": WHOLE, "SMALLINT": WHOLE, "INT": WHOLE, "BIGINT": WHOLE, "VARCHAR": TEXT, "TEXT": TEXT,
    "BOOLEAN": YESNO, "DATE": DATE,
}  # fmt: skip
_OF_FIRST = (exp.Paren, exp.Neg, exp.Filter, exp.Alias, exp.Abs, exp.Min, exp.Max, exp.AnyValue,
             exp.IgnoreNulls, exp.Nullif, exp.Round)  # fmt: skip
_ALWAYS: tuple[tuple[tuple[type, ...], str], ...] = (
    ((exp.EQ, exp.NEQ, exp.GT, exp.GTE, exp.LT, exp.LTE, exp.NullSafeEQ, exp.NullSafeNEQ, exp.And, exp.Or, exp.Not, exp.Is,
      exp.In, exp.Between, exp.Like, exp.Boolean, exp.LogicalAnd, exp.LogicalOr, exp.StartsWith, exp.Contains), YESNO),
    ((exp.Count, exp.CountIf, exp.Length, exp.Year, exp.Month, exp.Day, exp.Extract, exp.DateDiff), WHOLE),
    ((exp.Div, exp.Avg, exp.Stddev, exp.StddevSamp, exp.StddevPop, exp.Variance, exp.VariancePop, exp.Sqrt, exp.Ln, exp.Exp,
      exp.Pow), DOUBLE),
    ((exp.Upper, exp.Lower, exp.Trim, exp.Left, exp.Right, exp.DPipe, exp.Concat), TEXT),
    ((exp.Null,), NULL),
    ((exp.Interval,), INTERVAL),
)  # fmt: skip


def kinds_of(frame: pl.DataFrame) -> dict[str, str]:
    """The kinds of an input's columns."""
    found = {name: _of_dtype(dtype) for name, dtype in frame.schema.items()}
    return {name.lower(): kind for name, kind in found.items()} | OWN


def _of_dtype(dtype: pl.DataType) -> str:
    if dtype.is_integer():
        return WHOLE
    if dtype.is_float():
        return DOUBLE
    if dtype in (pl.Date, pl.Datetime):
        return DATE
    if dtype in (pl.String, pl.Categorical, pl.Enum):
        return TEXT
    return YESNO if dtype == pl.Boolean else UNKNOWN


def together(several: Iterable[Kinds]) -> dict[str, str]:
    """The kinds of the columns of several inputs; a name that is not of one kind in all of them is of none."""
    found: dict[str, str] = {}
    for kinds in several:
        for name, kind in kinds.items():
            found[name] = kind if found.get(name, kind) == kind else UNKNOWN
    return found


def kinds_in(tree: Node, columns: Kinds) -> dict[int, str]:
    """``id`` of every node of a tree → the kind of its value; what a query names itself (AS) is looked through."""
    nodes = list(tree.walk())[::-1]  # what is inside comes before what it is inside of
    known: dict[str, str] = dict(columns)
    for _ in nodes:
        kinds: dict[int, str] = {}
        for node in nodes:
            kinds[id(node)] = _kind(node, kinds, known)
        named = [{node.alias.lower(): kinds[id(node)]} for node in nodes if isinstance(node, exp.Alias)]
        told = together([columns, *named])
        if told == known:
            break
        known = told
    return kinds


def _kind(node: Node, kinds: dict[int, str], known: Kinds) -> str:
    """The kind of one node, from those of what it is made of."""
    always = next((kind for nodes, kind in _ALWAYS if isinstance(node, nodes)), None)
    if always is not None:
        return always
    if isinstance(node, exp.Column):
        return known.get(node.name.lower(), UNKNOWN)
    if isinstance(node, exp.Literal):
        return _of_literal(node)
    if isinstance(node, exp.Cast):  # TRY_CAST is one too
        return _AS_TYPE.get(node.to.this.name, UNKNOWN)
    if isinstance(node, exp.Distinct):
        return merged(kinds[id(part)] for part in node.expressions)
    if isinstance(node, _OF_FIRST):
        return kinds.get(id(node.this), UNKNOWN)
    return _of_parts(node, kinds)


def _of_literal(node: Node) -> str:
    if node.is_string:
        return TEXT
    written = node.this.lower()
    return DOUBLE if "e" in written else DECIMAL if "." in written else WHOLE


def _of_parts(node: Node, kinds: dict[int, str]) -> str:
    """The kind of what is made of several values, or of a value and what is done to it."""
    if isinstance(node, exp.Anonymous):
        return WHOLE if node.name.lower() == "hash" else UNKNOWN
    if isinstance(node, exp.Sum):
        of = kinds[id(node.this)]
        return WHOLE if of in (WHOLE, YESNO) else DOUBLE if of == DOUBLE else UNKNOWN
    if isinstance(node, exp.Median | exp.PercentileCont | exp.Ceil | exp.Floor):
        return DOUBLE if kinds[id(node.this)] in (WHOLE, DOUBLE) else UNKNOWN
    if isinstance(node, exp.Case | exp.If | exp.Coalesce | exp.Greatest | exp.Least):
        return merged(kinds[id(part)] for part in choices(node))
    if isinstance(node, exp.Add | exp.Sub | exp.Mul | exp.Mod | exp.IntDiv):
        one, other = kinds[id(node.this)], kinds[id(node.expression)]
        if DATE in (one, other):
            return WHOLE if one == other else DATE if other == WHOLE else UNKNOWN
        return merged((one, other))
    return UNKNOWN


def choices(node: Node) -> list[Node]:
    """The values that a CASE, IF, COALESCE, GREATEST or LEAST may come to."""
    if not isinstance(node, exp.Case | exp.If):
        return [node.this, *node.expressions]
    branches = [node] if isinstance(node, exp.If) else node.args["ifs"]
    last = node.args.get("false" if isinstance(node, exp.If) else "default")
    return [*(branch.args["true"] for branch in branches), *([last] if last else [])]


def merged(parts: Iterable[str]) -> str:
    """The kind of what may be any of several: numbers become the widest, nulls anything."""
    found = {kind for kind in parts if kind != NULL}
    if len(found) == 1:
        return found.pop()
    if found and found <= set(NUMBERS):
        return DOUBLE if DOUBLE in found else DECIMAL
    return UNKNOWN if found else NULL
