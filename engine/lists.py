"""一表三清单 as data: strengths, problems (naming the things) and remedies (what closes the gap, by when, by whom).

A row's id is its unit's code and its indicator's, so that it is the same row next year. The table itself
(指标评估表) needs no frame of its own: it is ``scores`` beside the definitions.
"""

from __future__ import annotations

import math
from collections.abc import Mapping

import polars as pl

from ..indicators.model import Indicator
from .measure.ledger import spread_ledger
from .results import SCHEMAS, conform
from .settings.project import Lists
from .sites.words import SiteWords
from .units import names_by_code

TERMS = {
    "红": ("近期", 0),
    "橙": ("近期", 1),
    "黄": ("中期", 2),
}  # severity → 期限, years from the examined one
DEGREES = ("一般", "较严重", "严重", "非常严重")
DIFFICULTIES = ("低", "中", "高")
OPEN = "未启动"
MEASURED = (
    "km",
    "㎡",
    "m",
    "t",
    "公顷",
    "人",
)  # units of amounts that are measured or estimated, not counted one by one


def row_id(unit: pl.Expr, indicator: pl.Expr) -> pl.Expr:
    """The id of a row: 单元代码-指标编号."""
    return pl.concat_str([unit, indicator], separator="-")


def list_strengths(
    strengths: pl.DataFrame, units: pl.DataFrame, indicators: tuple[Indicator, ...]
) -> pl.DataFrame:
    """清单一 优势清单."""
    meta = _meta(indicators)
    frame = strengths.join(meta, on="indicator", maintain_order="left").join(
        units.select(unit_name="name", unit="code"), on="unit", maintain_order="left"
    )
    frame = frame.with_columns(
        id=row_id(pl.col("unit"), pl.col("indicator")),
        strength=pl.col("indicator_name") + pl.when(pl.col("grounds").list.contains("above_peers"))
        .then(pl.lit("明显领先")).otherwise(pl.lit("达到目标")),
        note=pl.lit(""),
    )  # fmt: skip
    return conform(
        "strength_list", frame.select([c for c in frame.columns if c in _columns("strength_list")])
    )


def list_problems(
    shortfalls: pl.DataFrame,
    ledger: pl.DataFrame,
    units: pl.DataFrame,
    indicators: tuple[Indicator, ...],
    names: Lists,
) -> pl.DataFrame:
    """清单二 问题清单, most urgent first within a unit; things of the ledger are named in the row."""
    meta = _meta(indicators)
    things = name_things(ledger, units, {i.code: thing_word(i) for i in indicators}, names.name_things)
    frame = shortfalls.join(meta, on="indicator", maintain_order="left").join(
        things, on=["unit", "indicator"], how="left", maintain_order="left"
    )
    plain = pl.col("indicator_name") + pl.lit("：") + pl.col("because")
    frame = frame.with_columns(
        id=row_id(pl.col("unit"), pl.col("indicator")),
        problem=pl.coalesce("told", plain),
        lead=pl.col("lead_units"),
        supporting=pl.col("supporting_units"),
    )
    return conform("problem_list", frame.select([c for c in frame.columns if c in _columns("problem_list")]))


def thing_word(indicator: Indicator) -> str:
    """The measure word of what the ledger lists: of a weighted count (套, 个泊位, km) the unit is another than the things'."""
    weighted = indicator.measure.method == "count" and indicator.measure.weight
    return "处" if weighted else indicator.unit


def name_things(
    ledger: pl.DataFrame, units: pl.DataFrame, unit_words: dict[str, str], limit: int
) -> pl.DataFrame:
    """For every unit (at every level) and indicator: what is wrong with how many, which ones, and where to look.

    Columns unit, indicator, told, degree (the worst), difficulty (the hardest), ledger_from, ledger_to. Each
    sub-rule is told apart; up to ``limit`` things are named, the rest are referred to the ledger's lines.
    """
    schema = {"unit": pl.String, "indicator": pl.String, "told": pl.String, "degree": pl.String,
              "difficulty": pl.String, "ledger_from": pl.Int64, "ledger_to": pl.Int64}  # fmt: skip
    if ledger.is_empty():
        return pl.DataFrame(schema=schema)
    spread = spread_ledger(ledger, units).sort("above", "indicator", "rule", "line")
    rules = spread.group_by("above", "indicator", "rule", maintain_order=True).agg(
        pl.col("thing").n_unique().alias("count"),
        pl.col("thing_name").drop_nulls().unique(maintain_order=True).head(limit).alias("some"),
        pl.col("says").first(),
        pl.col("degree").first(),
        pl.col("line").min().alias("low"),
        pl.col("line").max().alias("high"),
    )
    whole = spread.group_by("above", "indicator", maintain_order=True).agg(
        pl.col("thing").n_unique().alias("all"),
        pl.col("degree").replace_strict({d: i for i, d in enumerate(DEGREES)}, return_dtype=pl.Int64).max().alias("_degree"),
        pl.col("difficulty").replace_strict({d: i for i, d in enumerate(DIFFICULTIES)}, return_dtype=pl.Int64).max().alias("_difficulty"),
        pl.col("line").min().alias("ledger_from"),
        pl.col("line").max().alias("ledger_to"),
    )  # fmt: skip
    word = pl.col("indicator").replace_strict(unit_words, return_dtype=pl.String)
    rules = rules.with_columns(sentence=pl.format("{}{}{}，{}", "count", word, "says", _which()))
    told = rules.group_by("above", "indicator", maintain_order=True).agg(
        pl.col("sentence").str.join("；"), pl.len().alias("kinds")
    )
    return (
        whole.join(told, on=["above", "indicator"])
        .select(
            unit="above",
            indicator="indicator",
            told=pl.when(pl.col("kinds") > 1)
            .then(pl.format("共{}{}：", "all", word) + pl.col("sentence"))
            .otherwise(pl.lit("共") + pl.col("sentence")),
            degree=pl.col("_degree").replace_strict(dict(enumerate(DEGREES)), return_dtype=pl.String),
            difficulty=pl.col("_difficulty").replace_strict(
                dict(enumerate(DIFFICULTIES)), return_dtype=pl.String
            ),
            ledger_from="ledger_from",
            ledger_to="ledger_to",
        )
        .sort("unit", "indicator")
    )


def _which() -> pl.Expr:
    """Which things a sub-rule's sentence names (``some`` of ``count``), the rest by their lines of the ledger."""
    named = pl.col("some").list.len()
    names = pl.lit("为") + pl.col("some").list.join("、")
    lines = pl.format("详见台账第{}–{}行", "low", "high")
    return (
        pl.when(named == 0)
        .then(lines)
        .when(pl.col("count") > named)
        .then(names + pl.lit("等，") + lines)
        .otherwise(names)
    )


def list_remedies(
    problems: pl.DataFrame, measurements: pl.DataFrame, sites: pl.DataFrame, units: pl.DataFrame,
    indicators: tuple[Indicator, ...], year: int,
) -> pl.DataFrame:  # fmt: skip
    """清单三 整治建议清单: one row per problem, with the department's columns still open; proposed ``sites`` are told."""
    if problems.is_empty():
        return conform("remedy_list", pl.DataFrame())
    by_code = {i.code: i for i in indicators}
    names = names_by_code(units)
    towns = dict(units.select("code", "town").iter_rows())
    levels = dict(units.select("code", "level").iter_rows())
    places = SiteWords(sites, names)
    parts = measurements.select("unit", "indicator", "numerator", "denominator")
    rows = []
    for p in problems.join(parts, on=["unit", "indicator"], how="left", maintain_order="left").iter_rows(
        named=True
    ):
        indicator = by_code[p["indicator"]]
        term, later = TERMS[p["severity"]]
        if p["treatment"] == "限时解决":
            term, later = "近期", 0
        target = _target_of(indicator, p, year)
        town = towns[p["unit"]]
        rows.append(
            {
                "id": p["id"] + "-Z", "year": year, "problem_id": p["id"], "unit": p["unit"], "level": levels[p["unit"]],
                "indicator": p["indicator"], "dimension": indicator.dimension, "problem": p["problem"], "value": p["value"],
                "measure": measure_text(indicator.remedy, indicator.unit, indicator.decimals, names[p["unit"]], p, target)
                + places.of(p["unit"], levels[p["unit"]], indicator),
                "measure_kind": indicator.remedy_kind, "target": target,
                "amount": amount_text(indicator, p, target), "area": names[p["unit"]], "treatment": p["treatment"],
                "term": term, "due": f"{year + later}年12月底前" if later else f"{year + 1}年6月底前", "priority": p["priority"],
                "next_year": term == "近期", "lead": p["lead"], "supporting": p["supporting"],
                "town": names.get(town, "") if town else "各街镇", "status": OPEN, "done": "", "evidence": "",
            }
        )  # fmt: skip
    return conform("remedy_list", pl.DataFrame(rows, infer_schema_length=None))


def _target_of(indicator: Indicator, problem: dict[str, object], year: int) -> float | None:
    """What the value should become: the standard's target, else its floor or the edge of its band; None without one."""
    standard = indicator.standard_in(year)
    if standard is not None and standard.target is not None:
        return standard.target
    edge = problem["standard"]  # of a band, the edge to get back to; null where only peers judge
    return float(str(edge)) if edge is not None else None


def amount_text(indicator: Indicator, problem: dict[str, object], target: float | None) -> str:
    """工作量: what closes the gap, in things, metres, places: from the numerator and denominator of the value.

    A count's amount is the count itself. For a ratio with a target the numerator must become target × denominator
    (/ scale). Nothing is said where the gap cannot be counted.
    """
    needed: float | None = None
    if indicator.is_count:
        needed = float(str(problem["value"]))
    elif target is not None:
        needed = _missing_numerator(indicator, problem["numerator"], problem["denominator"], target)
    if needed is None or needed <= 0:
        return ""
    text = indicator.amount or (f"需整治{{amount}}{indicator.unit}" if indicator.is_count else "")
    before, _, unit = text.partition("{amount}")
    if not unit.startswith(MEASURED):
        needed = math.ceil(needed - 1e-9)  # of things that are counted there is no part
    elif round(needed, 1) == 0:
        return ""
    return (
        f"{before}{needed:,.1f}{unit}"
        if needed < 10 and not isinstance(needed, int)
        else f"{before}{needed:,.0f}{unit}"
    )


def _missing_numerator(
    indicator: Indicator, numerator: object, denominator: object, target: float
) -> float | None:
    """How much the numerator must still gain (or lose) for the ratio to reach its target."""
    scale = getattr(indicator.measure, "scale", None)
    if (
        not indicator.amount
        or scale is None
        or not isinstance(numerator, float)
        or not isinstance(denominator, float)
    ):
        return None
    gap = target / scale * denominator - numerator
    return gap if indicator.direction == "higher" else -gap


def measure_text(
    remedy: str, unit: str, decimals: int, place: str, problem: Mapping[str, object], target: float | None
) -> str:
    """整治措施: an indicator's ``remedy`` with its placeholders filled; what is not known is said, not left blank.

    ``unit`` and ``decimals`` are the indicator's, ``place`` the unit's name; of ``problem`` value and gap are read.
    """

    def number(value: object) -> str:
        return f"{value:.{decimals}f}{unit}" if isinstance(value, float) else "（待定）"

    return (
        remedy.replace("{unit}", place)
        .replace("{value}", number(problem["value"]))
        .replace("{target}", number(target) if target is not None else "同级中位水平")
        .replace("{gap}", number(problem["gap"]))
        .replace("{names}", "问题清单所列对象")
    )


def _meta(indicators: tuple[Indicator, ...]) -> pl.DataFrame:
    return pl.DataFrame(
        [(i.code, i.name, i.dimension, list(i.lead), list(i.supporting)) for i in indicators],
        schema={"indicator": pl.String, "indicator_name": pl.String, "dimension": pl.String,
                "lead_units": pl.List(pl.String), "supporting_units": pl.List(pl.String)},
        orient="row",
    )  # fmt: skip


def _columns(name: str) -> list[str]:
    return list(SCHEMAS[name])
