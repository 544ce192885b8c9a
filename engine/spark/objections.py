"""What cannot be computed on Spark (不能在 Spark 上算的指标): told of all indicators at once, before anything is sent there.

Only what was held to both engines may be said in a definition (:data:`_PROVEN`): a function that is not on the list may well
be on Spark too, and mean something else (``log`` there is the natural one). Whoever adds one adds a row to
``tests/spark_traps.py``.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from sqlglot import exp

from ...indicators.measure_model import Count, Measure, Ratio, Sql
from ...indicators.model import Indicator
from ...indicators.sql import snippets, whose
from ..findings import Findings, Place
from ..intake.data_set import is_data_set
from ..settings.project import FILE_NAME, Input, Project
from .kinds import OF_TYPE, OWN, UNKNOWN, Kinds, Node, kinds_in, together
from .nodes import UntranslatableError
from .translation import in_spark_sql, parsed

_PROVEN = (
    # values
    exp.Identifier, exp.Column, exp.Literal, exp.Null, exp.Boolean, exp.Star, exp.Paren, exp.Alias, exp.DataType,
    exp.DataTypeParam, exp.Var,
    exp.Interval,
    # conditions
    exp.And, exp.Or, exp.Not, exp.Is, exp.EQ, exp.NEQ, exp.GT, exp.GTE, exp.LT, exp.LTE, exp.NullSafeEQ, exp.NullSafeNEQ,
    exp.In, exp.Between, exp.Like, exp.Case, exp.If, exp.Coalesce, exp.Nullif,
    # numbers
    exp.Add, exp.Sub, exp.Mul, exp.Div, exp.IntDiv, exp.Mod, exp.Neg, exp.Greatest, exp.Least, exp.Abs, exp.Ceil, exp.Floor,
    exp.Round, exp.Sqrt, exp.Ln, exp.Exp, exp.Pow, exp.Cast,
    # texts and dates
    exp.Upper, exp.Lower, exp.Trim, exp.Left, exp.Right, exp.Length, exp.DPipe, exp.Concat, exp.StartsWith, exp.Contains,
    exp.Year, exp.Month, exp.Day, exp.Extract, exp.DateDiff,
    # of many rows
    exp.Sum, exp.Count, exp.CountIf, exp.Avg, exp.Min, exp.Max, exp.Median, exp.PercentileCont, exp.Stddev, exp.StddevSamp,
    exp.StddevPop, exp.Variance, exp.VariancePop, exp.LogicalAnd, exp.LogicalOr, exp.AnyValue, exp.IgnoreNulls, exp.Distinct,
    exp.Filter, exp.Where,
    # queries
    exp.Select, exp.From, exp.Table, exp.TableAlias, exp.Join, exp.Group, exp.Having, exp.Subquery, exp.With, exp.CTE,
    exp.Union,
)  # fmt: skip
_FORMS = (
    "all",
    "rollup",
    "cube",
    "grouping_sets",
    "totals",
    "except_",
    "replace",
    "rename",
    "qualify",
    "pivots",
    "laterals",
)


def objections(project: Project, indicators: Sequence[Indicator]) -> Findings:
    """M031, once, with every indicator that reads a data set and cannot be computed on Spark, and why."""
    findings = Findings()
    sets = {name for name, item in project.inputs.items() if is_data_set(item)}
    told = [
        f"{indicator.code} {indicator.name}（{'；'.join(why)}）"
        for indicator in indicators
        if sets.intersection(indicator.measure.inputs)
        and (why := tuple(objections_to(indicator.measure, project.inputs)))
    ]
    if told:
        findings.add("M031", Place(FILE_NAME, column="inputs"), value=len(told), listed="、".join(told),
                     expected="这些指标的输入改用表格，改写计算式，或不用 --engine spark")  # fmt: skip
    return findings


def objections_to(measure: Measure, inputs: dict[str, Input]) -> Iterator[str]:
    """Why a measure cannot be computed on Spark: its method, or a piece of its SQL; nothing where it can."""
    if not isinstance(measure, Count | Ratio | Sql):
        yield f"方法 {measure.method} 不能用数据集"
        return
    kinds = {name: _declared(inputs[name]) for name in measure.inputs if name in inputs}
    pieces = [
        (field, f"SELECT ({text})", kinds.get(whose(measure, field), OWN))
        for field, text in snippets(measure)
    ]
    if isinstance(measure, Sql):
        pieces.append(("query", measure.query, together(kinds.values())))
    for field, text, columns in pieces:
        why = why_not(text, columns)
        if why is not None:
            yield f"{field}：{why}"


def why_not(sql: str, columns: Kinds) -> str | None:
    """Why one SELECT would not come to the same on Spark; None where it would. ``columns``: column → kind."""
    try:
        tree = parsed(sql)
        for node in tree.walk():
            _check_proven(node)
        _check_texts(tree, columns)
        in_spark_sql(tree, columns)
    except UntranslatableError as fault:
        return str(fault)
    return None


def _declared(item: Input) -> dict[str, str]:
    """The kinds of an input's columns, where the project says them."""
    return {
        name.lower(): OF_TYPE[item.types[name]] if name in item.types else UNKNOWN for name in item.columns
    } | OWN


def _check_proven(node: Node) -> None:
    """Raises UntranslatableError for what was not held to both engines."""
    if not isinstance(node, _PROVEN) or any(node.args.get(form) for form in _FORMS):
        raise UntranslatableError(f"{_called(node)} 没有在 Spark 上核对过")
    if isinstance(node, exp.Join) and node.args.get("method"):
        raise UntranslatableError(f"{node.args['method']} JOIN 没有在 Spark 上核对过")
    if isinstance(node, exp.Count) and isinstance(node.this, exp.Distinct) and len(node.this.expressions) > 1:
        raise UntranslatableError("count(DISTINCT …) 里只能写一列")


def _called(node: Node) -> str:
    """What an author knows a piece of SQL by."""
    if isinstance(node, exp.Anonymous):
        return str(node.name)
    return str(node.sql_name() if isinstance(node, exp.Func) else node.key).lower()


def _check_texts(tree: Node, columns: Kinds) -> None:
    """Raises UntranslatableError for what is made a text without its kind being known: fractions are written differently."""
    kinds = kinds_in(tree, columns)
    for cast in tree.find_all(exp.Cast):
        if cast.to.this.name in ("VARCHAR", "TEXT") and kinds[id(cast.this)] == UNKNOWN:
            raise UntranslatableError(
                f"不知道 {cast.this.sql('duckdb')} 是哪一种，请在 tijian.toml 的 types 中写明"
            )
