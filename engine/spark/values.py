"""Types, texts and dates (类型、文字、日期): what DuckDB makes of them, in Spark; refused where values of two kinds meet."""

from __future__ import annotations

import re
from datetime import date

from sqlglot import exp

from .kinds import DATE, DECIMAL, DOUBLE, NULL, NUMBERS, TEXT, UNKNOWN, WHOLE, YESNO, Node, choices, merged
from .nodes import Known, Rules, UntranslatableError, call, choice, number, of_kind, text

_WHOLE_TYPES = ("TINYINT", "SMALLINT", "INT", "BIGINT")
_DIGITS = "[0-9]+(_[0-9]+)*"
_NUMBER = (  # what DuckDB reads as a double
    rf"^\s*([+-]?({_DIGITS}\.?({_DIGITS})?|\.{_DIGITS})([eE][+-]?[0-9]+)?|[+-]?(?i:inf|infinity)|(?i:nan))\s*\z"
)
_SPACES = r"^\p{Zs}+|\p{Zs}+\z"

# ---- types -------------------------------------------------------------------------------------------------


def _as_type(node: Node, kinds: Known) -> Node:
    to, kind = node.to.this.name, kinds[id(node.this)]
    if to == "DOUBLE":
        of_kind(node.this, kinds, *NUMBERS, YESNO, TEXT, UNKNOWN, says="日期不能转成数")
        return _text_as_number(node) if kind == TEXT else node
    if to in _WHOLE_TYPES:
        says = "转成整数前请先写明是小数还是文字：CAST(CAST(… AS DOUBLE) AS INTEGER)"
        of_kind(node.this, kinds, *NUMBERS, YESNO, says=says)
        if kind not in (DECIMAL, DOUBLE):
            return node
        whole = call("RINT", node.this) if kind == DOUBLE else exp.Round(this=node.this.copy())
        return _cast_of(node, whole)
    if to in ("VARCHAR", "TEXT"):
        of_kind(node.this, kinds, TEXT, WHOLE, YESNO, DATE, UNKNOWN, says="小数转成的文字两边写法不同")
        return node
    if to == "BOOLEAN":
        of_kind(node.this, kinds, WHOLE, YESNO, says="只有整数可以转成是否")
        return node
    if to == "DATE":
        if not _is_date(node.this):
            of_kind(node.this, kinds, DATE, says="转成日期的文字两边认的写法不同，请把这一列存成日期")
        return node
    raise UntranslatableError(f"类型 {node.to.sql('duckdb')} 没有在 Spark 上核对过；数请用 DOUBLE、BIGINT")


def _text_as_number(node: Node) -> Node:
    given = node.this.copy()
    readable = exp.RegexpLike(this=given, expression=text(_NUMBER))
    plain = call("REPLACE", given, text("_"), text(""))
    wrong = call("CONCAT", text("?"), given)  # no number in either dialect
    return _cast_of(node, choice((readable, plain), otherwise=wrong))


def _cast_of(node: Node, given: Node) -> Node:
    """The same cast (or TRY_CAST) of something else."""
    new = node.copy()
    new.set("this", given)
    return new


def _is_date(node: Node) -> bool:
    """Whether it is a date written out, as both read it."""
    written = node.this if isinstance(node, exp.Literal) and node.is_string else ""
    if not re.fullmatch(r"\d{4}-\d{2}-\d{2}", written):
        return False
    try:
        date.fromisoformat(written)
    except ValueError:
        return False
    return True


def _compared(node: Node, kinds: Known) -> Node:
    """Refused where the engines make the two sides alike in different ways."""
    if isinstance(node, exp.Between):
        others = [node.args["low"], node.args["high"]]
    else:
        others = node.expressions if isinstance(node, exp.In) else [node.expression]
    for part in others:
        _alike(node.this, part, kinds)
    return node


def _alike(one: Node, other: Node, kinds: Known) -> None:
    """Raises UntranslatableError for two values that cannot be held against each other without making one the other's kind."""
    pair = {kinds[id(one)], kinds[id(other)]} - {NULL, UNKNOWN}
    if pair == {DATE, TEXT}:
        if not (_is_date(one) or _is_date(other)):
            raise UntranslatableError("与日期相比的请写成 DATE '2025-01-31' 的样子")
    elif len(pair) > 1 and not pair <= set(NUMBERS):
        raise UntranslatableError("相比的两边不是同一种：文字、数、日期、是否")


def _chosen(node: Node, kinds: Known) -> Node:
    """Refused where what is chosen among is of several kinds, or a CASE compares them."""
    if isinstance(node, exp.Case) and node.this:
        for branch in node.args["ifs"]:
            _alike(node.this, branch.this, kinds)
    parts = [kinds[id(part)] for part in choices(node)]
    if UNKNOWN not in parts and merged(parts) == UNKNOWN:
        raise UntranslatableError("几个值不是同一种：文字、数、日期、是否")
    return node


# ---- texts and dates ---------------------------------------------------------------------------------------


def _trimmed(node: Node, kinds: Known) -> Node:
    if node.args.get("expression") or node.args.get("position"):
        raise UntranslatableError("只核对过 trim(列)，没有核对过 ltrim、rtrim 和去掉别的字")
    of_kind(node.this, kinds, TEXT, UNKNOWN, says="trim 只能用于文字")
    return call("REGEXP_REPLACE", node.this, text(_SPACES), text(""))


def _like(node: Node, kinds: Known) -> Node:
    pattern = node.expression
    if isinstance(pattern, exp.Literal):
        if "\\" not in pattern.this:
            return node
        pattern = text(pattern.this.replace("\\", "\\\\"))
    else:
        pattern = call("REPLACE", pattern, text("\\"), text("\\\\"))
    return exp.Like(this=node.this.copy(), expression=pattern)


def _part_of_text(node: Node, kinds: Known) -> Node:
    """``left`` and ``right``, which mean something else by a number below zero."""
    if not (isinstance(node.expression, exp.Literal) and node.expression.is_int):
        raise UntranslatableError("left、right 取几个字请写成一个整数")
    return node


def _joined(node: Node, kinds: Known) -> Node:
    parts = node.expressions if isinstance(node, exp.Concat) else [node.this, node.expression]
    for part in parts:
        of_kind(part, kinds, TEXT, WHOLE, says="只能把文字、整数接在一起")
    return node


def _days_between(node: Node, kinds: Known) -> Node:
    """``date_diff`` counts the ends of years and months that lie between, not whole ones."""
    for part in (node.this, node.expression):
        of_kind(part, kinds, DATE, says="date_diff 只能用于日期")
    last, first, unit = node.this, node.expression, node.text("unit").upper()
    if unit == "DAY":
        return call("DATEDIFF", last, first)
    years = exp.Sub(this=exp.Year(this=last.copy()), expression=exp.Year(this=first.copy()))
    if unit == "YEAR":
        return exp.Paren(this=years)
    if unit != "MONTH":
        raise UntranslatableError("date_diff 只能按 day、month、year 算")
    months = exp.Sub(this=exp.Month(this=last.copy()), expression=exp.Month(this=first.copy()))
    in_years = exp.Mul(this=exp.Paren(this=years), expression=number("12"))
    return exp.Paren(this=exp.Add(this=in_years, expression=exp.Paren(this=months)))


def _part_of_date(node: Node, kinds: Known) -> Node:
    given = node.expression if isinstance(node, exp.Extract) else node.this
    of_kind(given, kinds, DATE, says="只能取日期的年、月、日")
    if isinstance(node, exp.Extract) and node.name.upper() not in ("YEAR", "MONTH", "DAY"):
        raise UntranslatableError("只能取日期的年、月、日")
    return node


def _interval(node: Node, kinds: Known) -> Node:
    if not isinstance(node.this, exp.Literal) or node.text("unit").upper() not in ("YEAR", "MONTH", "DAY"):
        raise UntranslatableError("INTERVAL 请写成一个整数加 YEAR、MONTH 或 DAY")
    return node


VALUE_RULES: Rules = (
    (exp.Cast, _as_type),
    ((exp.EQ, exp.NEQ, exp.GT, exp.GTE, exp.LT, exp.LTE, exp.NullSafeEQ, exp.NullSafeNEQ, exp.Between, exp.In, exp.Nullif),
     _compared),
    ((exp.Case, exp.If, exp.Coalesce, exp.Greatest, exp.Least), _chosen),
    (exp.Trim, _trimmed),
    (exp.Like, _like),
    ((exp.Left, exp.Right), _part_of_text),
    ((exp.DPipe, exp.Concat), _joined),
    (exp.DateDiff, _days_between),
    ((exp.Year, exp.Month, exp.Day, exp.Extract), _part_of_date),
    (exp.Interval, _interval),
)  # fmt: skip
