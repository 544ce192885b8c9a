"""Numbers (数): what DuckDB's division, rounding and aggregates are in Spark."""

from __future__ import annotations

from sqlglot import exp

from .kinds import DATE, DECIMAL, DOUBLE, INTERVAL, NULL, NUMBERS, TEXT, UNKNOWN, WHOLE, YESNO, Node
from .nodes import Known, Rules, UntranslatableError, call, cast, choice, number, of_kind, text, within

_BIG = "1E15"  # doubles beyond have no fraction that matters
_NO_NUMBER = "文字、日期、是否不能直接加减乘除"


def _divided(node: Node, kinds: Known) -> Node:
    for part in (node.this, node.expression):
        of_kind(part, kinds, *NUMBERS, UNKNOWN, says=_NO_NUMBER)
    above, below = cast(node.this, "double"), cast(node.expression, "double")
    quotient = exp.Paren(this=exp.Div(this=above, expression=below))
    sure = isinstance(node.expression, exp.Literal) and float(node.expression.this) != 0
    if sure:
        return quotient
    endless = exp.Mul(this=above.copy(), expression=cast(text("Infinity"), "double"))
    nothing = exp.EQ(this=below.copy(), expression=number("0"))
    return choice((nothing, endless), otherwise=quotient)


def _remainder(node: Node, kinds: Known) -> Node:
    for part in (node.this, node.expression):
        of_kind(part, kinds, WHOLE, says="// 和 % 只能用于整数；小数的请用 / 和 floor")
    return node


def _arithmetic(node: Node, kinds: Known) -> Node:
    one, other = kinds[id(node.this)], kinds[id(node.expression)]
    if one == other == DATE and isinstance(node, exp.Sub):
        return call("DATEDIFF", node.this, node.expression)
    moved = one == DATE and other in (WHOLE, INTERVAL, NULL) and not isinstance(node, exp.Mul)
    if not moved and {one, other} & {TEXT, DATE, YESNO}:
        raise UntranslatableError(_NO_NUMBER)
    return node


def _as_doubles(node: Node, kinds: Known) -> Node:
    """An average or a deviation."""
    of_kind(node.this, kinds, *NUMBERS, UNKNOWN, says="平均数、标准差只能用于数")
    new = node.copy()
    if isinstance(node.this, exp.Distinct):
        new.this.set("expressions", [cast(part, "double") for part in node.this.expressions])
    else:
        new.set("this", cast(node.this, "double"))
    return new


def _summed(node: Node, kinds: Known) -> Node:
    kind = of_kind(node.this, kinds, *NUMBERS, YESNO, UNKNOWN, says="sum 只能用于数或是否")
    to = {YESNO: "int", DECIMAL: "double"}.get(kind)
    if to is None:
        return node
    if isinstance(node.this, exp.Distinct):
        raise UntranslatableError("sum(DISTINCT …) 只能用于整数列、小数列")
    return exp.Sum(this=cast(node.this, to))


def _counted(node: Node, kinds: Known) -> Node:
    """``count_if``: missing, rather than 0, where it is known of no row."""
    of_kind(node.this, kinds, YESNO, UNKNOWN, says="count_if 只能用于条件")
    return exp.Sum(this=cast(node.this, "int"))


def _quantile(node: Node, kinds: Known) -> Node:
    """``median`` and ``quantile_cont``: Spark's ``percentile`` is exact and goes in a straight line between two values too."""
    share = number("0.5") if isinstance(node, exp.Median) else node.expression
    if not (isinstance(share, exp.Literal) and not share.is_string and 0 <= float(share.this) <= 1):
        raise UntranslatableError("分位数请写 quantile_cont(列, p)，p 是 0 到 1 之间的一个数")
    if isinstance(node.this, exp.Distinct):
        raise UntranslatableError("中位数、分位数里不能写 DISTINCT")
    of_kind(
        node.this, kinds, WHOLE, DOUBLE, says="中位数、分位数里的式子不知是不是小数，请写 CAST(… AS DOUBLE)"
    )
    return call("PERCENTILE", cast(node.this, "double"), share)


def _to_whole(node: Node, kinds: Known) -> Node:
    """``ceil`` and ``floor``: doubles, as in DuckDB, and what is not finite as it is."""
    of_kind(node.this, kinds, *NUMBERS, UNKNOWN, says="ceil、floor 只能用于数")
    if node.args.get("decimals"):
        raise UntranslatableError("ceil、floor 只能写一个参数")
    small = exp.LT(this=exp.Abs(this=node.this.copy()), expression=number(_BIG))
    return choice((small, cast(node, "double")), otherwise=cast(node.this, "double"))


def _rounded(node: Node, kinds: Known) -> Node:
    digits = node.args.get("decimals")
    try:
        places = int(digits.sql()) if digits else 0
    except ValueError:
        raise UntranslatableError("round 的位数请写成一个整数") from None
    says = "round 里的式子不知是不是小数，请写 CAST(… AS DOUBLE)"
    if of_kind(node.this, kinds, *NUMBERS, says=says) != DOUBLE or places == 0:
        return node
    factor = number(f"1E{abs(places)}")
    there, back = (exp.Mul, exp.Div) if places > 0 else (exp.Div, exp.Mul)
    scaled = exp.Round(this=there(this=within(node.this), expression=factor))
    return exp.Paren(this=back(this=scaled, expression=factor.copy()))


def _logarithm(node: Node, kinds: Known) -> Node:
    of_kind(node.this, kinds, *NUMBERS, UNKNOWN, says="ln 只能用于数")
    given, zero = within(node.this), number("0")
    return choice(
        (exp.EQ(this=given, expression=zero), cast(text("-Infinity"), "double")),
        (exp.LT(this=given.copy(), expression=zero.copy()), cast(text("NaN"), "double")),
        otherwise=node.copy(),
    )


NUMBER_RULES: Rules = (
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
)
