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

import re
from collections.abc import Callable
from datetime import date

import sqlglot
from sqlglot import exp

from .kinds import (
    DATE,
    DECIMAL,
    DOUBLE,
    INTERVAL,
    NULL,
    NUMBERS,
    TEXT,
    UNKNOWN,
    WHOLE,
    YESNO,
    Kinds,
    Node,
    kinds_in,
)

Known = dict[int, str]  # id of a node → the kind of its value
_WHOLE_TYPES = ("TINYINT", "SMALLINT", "INT", "BIGINT")
_DIGITS = "[0-9]+(_[0-9]+)*"
_NUMBER = (  # what DuckDB reads as a double
    rf"^\s*([+-]?({_DIGITS}\.?({_DIGITS})?|\.{_DIGITS})([eE][+-]?[0-9]+)?|[+-]?(?i:inf|infinity)|(?i:nan))\s*\z"
)
_SPACES = r"^\p{Zs}+|\p{Zs}+\z"
_BIG = "1E15"  # doubles beyond have no fraction that matters


class UntranslatableError(Exception):
    """A piece of SQL would not come to the same on Spark; the message says why, for its author."""


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


# ---- making nodes ------------------------------------------------------------------------------------------


def _cast(node: Node, to: str) -> Node:
    return exp.Cast(this=node.copy(), to=exp.DataType.build(to))


def _call(name: str, *given: Node) -> Node:
    return exp.Anonymous(this=name, expressions=[one.copy() for one in given])


def _number(text: str) -> Node:
    return exp.Literal.number(text)


def _text(text: str) -> Node:
    return exp.Literal.string(text)


def _within(node: Node) -> Node:
    """A node in brackets where it is made of several."""
    return exp.Paren(this=node.copy()) if isinstance(node, exp.Binary) else node.copy()


def _choice(*branches: tuple[Node, Node], otherwise: Node | None = None) -> Node:
    """CASE WHEN … THEN … ELSE … END."""
    ifs = [exp.If(this=when, true=then) for when, then in branches]
    return exp.Case(ifs=ifs, default=otherwise)


def _of(node: Node, kinds: Known, *allowed: str, says: str) -> str:
    """The kind of a node. Raises UntranslatableError where it is not among ``allowed``."""
    kind = kinds.get(id(node), UNKNOWN)
    if kind not in (*allowed, NULL):
        raise UntranslatableError(says)
    return kind


# ---- numbers -----------------------------------------------------------------------------------------------

_NO_NUMBER = "文字、日期、是否不能直接加减乘除"


def _divided(node: Node, kinds: Known) -> Node:
    for part in (node.this, node.expression):
        _of(part, kinds, *NUMBERS, UNKNOWN, says=_NO_NUMBER)
    above, below = _cast(node.this, "double"), _cast(node.expression, "double")
    quotient = exp.Paren(this=exp.Div(this=above, expression=below))
    sure = isinstance(node.expression, exp.Literal) and float(node.expression.this) != 0
    if sure:
        return quotient
    endless = exp.Mul(this=above.copy(), expression=_cast(_text("Infinity"), "double"))
    nothing = exp.EQ(this=below.copy(), expression=_number("0"))
    return _choice((nothing, endless), otherwise=quotient)


def _remainder(node: Node, kinds: Known) -> Node:
    for part in (node.this, node.expression):
        _of(part, kinds, WHOLE, says="// 和 % 只能用于整数；小数的请用 / 和 floor")
    return node


def _arithmetic(node: Node, kinds: Known) -> Node:
    one, other = kinds[id(node.this)], kinds[id(node.expression)]
    if one == other == DATE and isinstance(node, exp.Sub):
        return _call("DATEDIFF", node.this, node.expression)
    moved = one == DATE and other in (WHOLE, INTERVAL, NULL) and not isinstance(node, exp.Mul)
    if not moved and {one, other} & {TEXT, DATE, YESNO}:
        raise UntranslatableError(_NO_NUMBER)
    return node


def _as_doubles(node: Node, kinds: Known) -> Node:
    """An average or a deviation."""
    _of(node.this, kinds, *NUMBERS, UNKNOWN, says="平均数、标准差只能用于数")
    new = node.copy()
    if isinstance(node.this, exp.Distinct):
        new.this.set("expressions", [_cast(part, "double") for part in node.this.expressions])
    else:
        new.set("this", _cast(node.this, "double"))
    return new


def _summed(node: Node, kinds: Known) -> Node:
    kind = _of(node.this, kinds, *NUMBERS, YESNO, UNKNOWN, says="sum 只能用于数或是否")
    to = {YESNO: "int", DECIMAL: "double"}.get(kind)
    if to is None:
        return node
    if isinstance(node.this, exp.Distinct):
        raise UntranslatableError("sum(DISTINCT …) 只能用于整数列、小数列")
    return exp.Sum(this=_cast(node.this, to))


def _counted(node: Node, kinds: Known) -> Node:
    """``count_if``: missing, rather than 0, where it is known of no row."""
    _of(node.this, kinds, YESNO, UNKNOWN, says="count_if 只能用于条件")
    return exp.Sum(this=_cast(node.this, "int"))


def _quantile(node: Node, kinds: Known) -> Node:
    """``median`` and ``quantile_cont``: Spark's ``percentile`` is exact and goes in a straight line between two values too."""
    share = _number("0.5") if isinstance(node, exp.Median) else node.expression
    if not (isinstance(share, exp.Literal) and not share.is_string and 0 <= float(share.this) <= 1):
        raise UntranslatableError("分位数请写 quantile_cont(列, p)，p 是 0 到 1 之间的一个数")
    if isinstance(node.this, exp.Distinct):
        raise UntranslatableError("中位数、分位数里不能写 DISTINCT")
    _of(node.this, kinds, WHOLE, DOUBLE, says="中位数、分位数里的式子不知是不是小数，请写 CAST(… AS DOUBLE)")
    return _call("PERCENTILE", _cast(node.this, "double"), share)


def _to_whole(node: Node, kinds: Known) -> Node:
    """``ceil`` and ``floor``: doubles, as in DuckDB, and what is not finite as it is."""
    _of(node.this, kinds, *NUMBERS, UNKNOWN, says="ceil、floor 只能用于数")
    if node.args.get("decimals"):
        raise UntranslatableError("ceil、floor 只能写一个参数")
    small = exp.LT(this=exp.Abs(this=node.this.copy()), expression=_number(_BIG))
    return _choice((small, _cast(node, "double")), otherwise=_cast(node.this, "double"))


def _rounded(node: Node, kinds: Known) -> Node:
    digits = node.args.get("decimals")
    try:
        places = int(digits.sql()) if digits else 0
    except ValueError:
        raise UntranslatableError("round 的位数请写成一个整数") from None
    says = "round 里的式子不知是不是小数，请写 CAST(… AS DOUBLE)"
    if _of(node.this, kinds, *NUMBERS, says=says) != DOUBLE or places == 0:
        return node
    factor = _number(f"1E{abs(places)}")
    there, back = (exp.Mul, exp.Div) if places > 0 else (exp.Div, exp.Mul)
    scaled = exp.Round(this=there(this=_within(node.this), expression=factor))
    return exp.Paren(this=back(this=scaled, expression=factor.copy()))


def _logarithm(node: Node, kinds: Known) -> Node:
    _of(node.this, kinds, *NUMBERS, UNKNOWN, says="ln 只能用于数")
    given, zero = _within(node.this), _number("0")
    return _choice(
        (exp.EQ(this=given, expression=zero), _cast(_text("-Infinity"), "double")),
        (exp.LT(this=given.copy(), expression=zero.copy()), _cast(_text("NaN"), "double")),
        otherwise=node.copy(),
    )


# ---- types -------------------------------------------------------------------------------------------------


def _as_type(node: Node, kinds: Known) -> Node:
    to, kind = node.to.this.name, kinds[id(node.this)]
    if to == "DOUBLE":
        _of(node.this, kinds, *NUMBERS, YESNO, TEXT, UNKNOWN, says="日期不能转成数")
        return _text_as_number(node) if kind == TEXT else node
    if to in _WHOLE_TYPES:
        says = "转成整数前请先写明是小数还是文字：CAST(CAST(… AS DOUBLE) AS INTEGER)"
        _of(node.this, kinds, *NUMBERS, YESNO, says=says)
        if kind not in (DECIMAL, DOUBLE):
            return node
        whole = _call("RINT", node.this) if kind == DOUBLE else exp.Round(this=node.this.copy())
        return _cast_of(node, whole)
    if to in ("VARCHAR", "TEXT"):
        _of(node.this, kinds, TEXT, WHOLE, YESNO, DATE, UNKNOWN, says="小数转成的文字两边写法不同")
        return node
    if to == "BOOLEAN":
        _of(node.this, kinds, WHOLE, YESNO, says="只有整数可以转成是否")
        return node
    if to == "DATE":
        if not _is_date(node.this):
            _of(node.this, kinds, DATE, says="转成日期的文字两边认的写法不同，请把这一列存成日期")
        return node
    raise UntranslatableError(f"类型 {node.to.sql('duckdb')} 没有在 Spark 上核对过；数请用 DOUBLE、BIGINT")


def _text_as_number(node: Node) -> Node:
    given = node.this.copy()
    number = exp.RegexpLike(this=given, expression=_text(_NUMBER))
    plain = _call("REPLACE", given, _text("_"), _text(""))
    wrong = _call("CONCAT", _text("?"), given)  # no number in either dialect
    return _cast_of(node, _choice((number, plain), otherwise=wrong))


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
    one = kinds[id(node.this)]
    for part in others:
        pair = {one, kinds[id(part)]} - {NULL, UNKNOWN}
        if pair == {DATE, TEXT}:
            if not _is_date(part if one == DATE else node.this):
                raise UntranslatableError("与日期相比的请写成 DATE '2025-01-31' 的样子")
        elif len(pair) > 1 and not pair <= set(NUMBERS):
            raise UntranslatableError("相比的两边不是同一种：文字、数、日期、是否")
    return node


# ---- texts and dates ---------------------------------------------------------------------------------------


def _trimmed(node: Node, kinds: Known) -> Node:
    if node.args.get("expression") or node.args.get("position"):
        raise UntranslatableError("只核对过 trim(列)，没有核对过 ltrim、rtrim 和去掉别的字")
    _of(node.this, kinds, TEXT, UNKNOWN, says="trim 只能用于文字")
    return _call("REGEXP_REPLACE", node.this, _text(_SPACES), _text(""))


def _like(node: Node, kinds: Known) -> Node:
    pattern = node.expression
    if isinstance(pattern, exp.Literal):
        if "\\" not in pattern.this:
            return node
        pattern = _text(pattern.this.replace("\\", "\\\\"))
    else:
        pattern = _call("REPLACE", pattern, _text("\\"), _text("\\\\"))
    return exp.Like(this=node.this.copy(), expression=pattern)


def _part_of_text(node: Node, kinds: Known) -> Node:
    """``left`` and ``right``, which mean something else by a number below zero."""
    if not (isinstance(node.expression, exp.Literal) and node.expression.is_int):
        raise UntranslatableError("left、right 取几个字请写成一个整数")
    return node


def _joined(node: Node, kinds: Known) -> Node:
    parts = node.expressions if isinstance(node, exp.Concat) else [node.this, node.expression]
    for part in parts:
        _of(part, kinds, TEXT, WHOLE, says="只能把文字、整数接在一起")
    return node


def _days_between(node: Node, kinds: Known) -> Node:
    """``date_diff`` counts the ends of years and months that lie between, not whole ones."""
    for part in (node.this, node.expression):
        _of(part, kinds, DATE, says="date_diff 只能用于日期")
    last, first, unit = node.this, node.expression, node.text("unit").upper()
    if unit == "DAY":
        return _call("DATEDIFF", last, first)
    years = exp.Sub(this=exp.Year(this=last.copy()), expression=exp.Year(this=first.copy()))
    if unit == "YEAR":
        return exp.Paren(this=years)
    if unit != "MONTH":
        raise UntranslatableError("date_diff 只能按 day、month、year 算")
    months = exp.Sub(this=exp.Month(this=last.copy()), expression=exp.Month(this=first.copy()))
    in_years = exp.Mul(this=exp.Paren(this=years), expression=_number("12"))
    return exp.Paren(this=exp.Add(this=in_years, expression=exp.Paren(this=months)))


def _part_of_date(node: Node, kinds: Known) -> Node:
    given = node.expression if isinstance(node, exp.Extract) else node.this
    _of(given, kinds, DATE, says="只能取日期的年、月、日")
    if isinstance(node, exp.Extract) and node.name.upper() not in ("YEAR", "MONTH", "DAY"):
        raise UntranslatableError("只能取日期的年、月、日")
    return node


Rule = Callable[[Node, Known], Node]
_RULES: tuple[tuple[type | tuple[type, ...], Rule], ...] = (
    (exp.Div, _divided),
    ((exp.Mod, exp.IntDiv), _remainder),
    ((exp.Add, exp.Sub, exp.Mul), _arithmetic),
    ((exp.Avg, exp.Stddev, exp.StddevSamp, exp.StddevPop, exp.Variance, exp.VariancePop), _as_doubles),
    (exp.Sum, _summed),
    (exp.CountIf, _counted),
    ((exp.Median, exp.PercentileCont), _quantile),
    ((exp.Ceil, exp.Floor), _to_whole),
    (exp.Round, _rounded),
    (exp.Ln, _logarithm),
    (exp.Cast, _as_type),
    ((exp.EQ, exp.NEQ, exp.GT, exp.GTE, exp.LT, exp.LTE, exp.NullSafeEQ, exp.NullSafeNEQ, exp.Between, exp.In), _compared),
    (exp.Trim, _trimmed),
    (exp.Like, _like),
    ((exp.Left, exp.Right), _part_of_text),
    ((exp.DPipe, exp.Concat), _joined),
    (exp.DateDiff, _days_between),
    ((exp.Year, exp.Month, exp.Day, exp.Extract), _part_of_date),
)  # fmt: skip
