"""What the terminal shows (终端显示): findings, and units side by side.

Pure functions from frames to rich renderables; nothing here prints. Text from inputs goes into ``Text``
objects and is never read as markup. The indicators in force are in
:mod:`.terminal_indicators`; how one score came about is in :mod:`.terminal_explain`.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from itertools import combinations, groupby
from typing import Any

import polars as pl
from rich import box
from rich.console import Group, RenderableType
from rich.table import Table
from rich.text import Text

from ..engine.findings import Finding, Findings, catalogue
from ..engine.results import LEVEL_NAMES, Results
from . import numbers

SHOWN_PER_KIND = 20  # places listed for one kind of finding; the workbook and the PDF carry all of them
LEVEL_STYLES = {"error": ("错误", "bold red"), "warning": ("提醒", "yellow")}
RANK_NOTE = "名次括号内为权重随机变动时 5–95% 的名次区间；区间重叠的两个单元不宜分先后。"
Row = dict[str, Any]


def plain_table(title: str, *columns: tuple[str, str]) -> Table:
    """An empty three-line table; ``columns`` are (header, justification)."""
    table = Table(title=Text(title), title_justify="left", box=box.SIMPLE_HEAD, pad_edge=False)
    for header, justify in columns:
        table.add_column(Text(header), justify=justify, overflow="fold")  # type: ignore[arg-type]
    return table


def grade_text(results: Results, grade: str | None, before: str = "") -> Text:
    """A grade, written and coloured by its place among the project's grades; ``before`` stands in front."""
    names = [name for name, _ in results.grade_cuts]
    text = Text(before)
    if not grade:
        return text
    if grade not in names:
        return text.append(grade, style="dim")
    styles = ("blue", "green", "yellow", "dark_orange", "bold red")
    place = round(names.index(grade) * (len(styles) - 1) / max(1, len(names) - 1))
    return text.append(grade, style=styles[place])


# ── findings ──────────────────────────────────────────────────────────────────────────────────────────────


def findings_view(findings: Findings) -> RenderableType:
    """Every kind of finding once, with where it stands and how to mend it; errors first, then by code."""
    if not len(findings):
        return Text("未发现问题。", style="green")
    order = {"error": 0, "warning": 1}
    rows = sorted(findings, key=lambda f: (order[f.level], f.code))
    parts = [_kind_view(code, list(found)) for code, found in groupby(rows, key=lambda f: f.code)]
    return Group(*parts, findings_summary(findings))


def findings_summary(findings: Findings) -> Text:
    """One line: how many errors and warnings, and whether a run can go on."""
    errors = len(findings.errors)
    warnings = len(findings) - errors
    text = Text(f"共 {errors} 处错误、{warnings} 处提醒。", style="bold red" if errors else "bold")
    return text.append("请改正错误后重新运行。" if errors else "可以运行；提醒将写入报告的数据质量一节。")


def _kind_view(code: str, found: Sequence[Finding]) -> RenderableType:
    kind = catalogue()[code]
    word, style = LEVEL_STYLES[kind.level]
    head = Text.assemble((f"{word} {code} ", style), (kind.title, "bold"), f"（{len(found)} 处）")
    table = plain_table("", ("位置", "left"), ("说明", "left"), ("原值", "left"), ("应为", "left"))
    for finding in found[:SHOWN_PER_KIND]:
        cells = (str(finding.place), finding.message, finding.value, finding.expected)
        table.add_row(*(Text(cell) for cell in cells))
    rest = len(found) - SHOWN_PER_KIND
    more = [Text(f"  …另有 {rest} 处同类问题", style="dim")] if rest > 0 else []
    advice = Text(f"  原因：{kind.cause}\n  改法：{kind.remedy}\n", style="dim")
    return Group(head, table, *more, advice)


# ── units side by side ────────────────────────────────────────────────────────────────────────────────────


def compare_view(results: Results, units: Sequence[str], differing: int = 12) -> RenderableType:
    """Units side by side: totals with rank interval, the dimensions, the indicators that part them most.

    ``units`` are codes, two or more, shown in the order given; ``differing`` is how many indicators to list.
    Raises ValueError for fewer than two units, a unit given twice, or a code the results do not hold.
    """
    chosen = _chosen(results, units)
    head = Text(f"{results.title} {results.year} 年：{'、'.join(u['name'] for u in chosen)}", style="bold")
    if results.synthetic:
        head.append(f"（{results.synthetic}）", style="yellow")
    notes = [Text(line, style="dim") for line in _compare_notes(results, chosen)]
    return Group(
        head,
        _totals_table(results, chosen),
        _dimensions_table(results, chosen),
        _differing_table(results, chosen, differing),
        *notes,
    )


def _chosen(results: Results, units: Sequence[str]) -> list[Row]:
    if len(units) < 2 or len(set(units)) != len(units):
        raise ValueError("two or more different units are needed")
    by_code = {row["code"]: row for row in results.units.filter(pl.col("code").is_in(units)).to_dicts()}
    unknown = [code for code in units if code not in by_code]
    if unknown:
        raise ValueError(f"units not in the results: {unknown}")
    return [by_code[code] for code in units]


def _rank_shown(level: str, total: Row) -> str:
    """The rank with its interval; communities only by thirds."""
    if level == "community":
        return f"{total['third']}三分之一" if total["third"] else numbers.MISSING
    return numbers.rank(total["rank"], total["peers"], total["rank_low"], total["rank_high"])


def _by_unit(frame: pl.DataFrame, chosen: Sequence[Row]) -> pl.DataFrame:
    return frame.filter(pl.col("unit").is_in([u["code"] for u in chosen]))


def _totals_table(results: Results, chosen: Sequence[Row]) -> Table:
    totals = {row["unit"]: row for row in _by_unit(results.totals, chosen).to_dicts()}
    right = "right"
    table = plain_table(
        "综合得分", ("单元", "left"), ("得分", right), ("等级", "left"), ("名次（区间）/单元数", right),
        ("较上年", right), ("满意度", right), ("指标覆盖权重", right),
    )  # fmt: skip
    for unit in chosen:
        total = totals.get(unit["code"])
        if total is None:
            table.add_row(Text(unit["name"]), *(numbers.MISSING for _ in range(6)))
            continue
        table.add_row(
            Text(unit["name"]),
            numbers.score(total["score"]),
            grade_text(results, total["grade"]),
            _rank_shown(unit["level"], total),
            numbers.signed(total["change"], 1),
            numbers.score(total["satisfaction"]),
            numbers.percent(total["weight_present"]),
        )
    return table


def _dimensions_table(results: Results, chosen: Sequence[Row]) -> Table:
    found = {(r["unit"], r["dimension"]): r for r in _by_unit(results.dimensions, chosen).to_dicts()}
    heads = [(unit["name"], "right") for unit in chosen]
    table = plain_table("各维度得分与等级", ("维度", "left"), *heads, ("全区", "right"))
    for name in results.dimension_names:
        rows = [found.get((unit["code"], name)) for unit in chosen]
        district = next((r["district_score"] for r in rows if r and r["district_score"] is not None), None)
        cells = [
            grade_text(results, row["grade"], f"{numbers.score(row['score'])} ") if row else numbers.MISSING
            for row in rows
        ]
        table.add_row(Text(name), *cells, numbers.score(district))
    return table


def differing_indicators(results: Results, units: Sequence[str], most: int) -> pl.DataFrame:
    """The ``most`` indicators whose scores lie furthest apart among ``units``: indicator, spread (分, 0–100).

    Only indicators scored in at least two of the units; the widest first, equals in the indicators' order.
    """
    order = results.indicators.select(pl.col("code").alias("indicator"), "position")
    return (
        results.scores.filter(pl.col("unit").is_in(list(units)) & pl.col("score").is_not_null())
        .group_by("indicator")
        .agg((pl.col("score").max() - pl.col("score").min()).alias("spread"), pl.len().alias("scored"))
        .filter((pl.col("scored") > 1) & (pl.col("spread") > 0))
        .join(order, on="indicator", how="inner")
        .sort(["spread", "position", "indicator"], descending=[True, False, False])
        .select("indicator", "spread")
        .head(most)
    )


def _differing_table(results: Results, chosen: Sequence[Row], most: int) -> RenderableType:
    differing = differing_indicators(results, [u["code"] for u in chosen], most)
    if differing.is_empty():
        return Text("各单元共有的指标得分没有差别。")
    indicators = {row["code"]: row for row in results.indicators.to_dicts()}
    scores = {(r["unit"], r["indicator"]): r for r in _by_unit(results.scores, chosen).to_dicts()}
    heads = [(unit["name"], "right") for unit in chosen]
    table = plain_table(
        "差别最大的指标：现状值（得分）", ("编码", "left"), ("指标", "left"), *heads, ("得分差", "right")
    )
    for code, spread in differing.iter_rows():
        indicator = indicators[code]
        cells = [_value_and_score(scores.get((unit["code"], code)), indicator) for unit in chosen]
        table.add_row(Text(code), Text(indicator["name"]), *cells, numbers.number(spread, 1))
    return table


def _value_and_score(row: Row | None, indicator: Row) -> Text:
    if row is None:
        return Text(numbers.MISSING)
    value = numbers.quantity(row["value"], indicator["unit"] or "", indicator["decimals"] or 0)
    return Text(value if row["score"] is None else f"{value}（{numbers.score(row['score'])}）")


def _compare_notes(results: Results, chosen: Sequence[Row]) -> Iterable[str]:
    """Notes that hold for these units: levels that differ, and rank intervals that overlap."""
    if len({unit["level"] for unit in chosen}) > 1:
        levels = "、".join(f"{u['name']}（{LEVEL_NAMES.get(u['level'], u['level'])}）" for u in chosen)
        yield f"所选单元层级不同，名次不可比：{levels}。"
        return
    if chosen[0]["level"] == "community":
        yield "社区样本小，只给出所在三分位，不列名次。"
        return
    yield RANK_NOTE
    totals = {row["unit"]: row for row in _by_unit(results.totals, chosen).to_dicts()}
    for a, b in combinations(chosen, 2):
        first, second = totals.get(a["code"]), totals.get(b["code"])
        if first and second and _overlap(first, second):
            spans = [numbers.span(t["rank_low"], t["rank_high"]) for t in (first, second)]
            yield f"{a['name']}与{b['name']}的名次区间重叠（{spans[0]} 与 {spans[1]}），不宜分先后。"


def _overlap(first: Row, second: Row) -> bool:
    ends = (first["rank_low"], first["rank_high"], second["rank_low"], second["rank_high"])
    if any(end is None for end in ends):
        return False
    return bool(first["rank_low"] <= second["rank_high"] and second["rank_low"] <= first["rank_high"])
