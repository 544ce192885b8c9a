"""Why totals differ (差距分解), in tables and sentences: the parts of :mod:`tijian.engine.analysis.comparing` in print."""

from __future__ import annotations

import math

import polars as pl

from .. import numbers
from .comparison import FEWEST, GAP_NOTE, MISSING_PART, Comparison, alike, gap_by_dimension
from .lists import decimals_of, unit_label
from .table import Align, Cell, Column, Figure, Table

LEAST = 0.05  # points of the total that round to 0.1
NAMED = 3
ALIKE = "（与全区均无明显差异）"  # of an indicator in which chance alone may part both units
MISSING_DIMENSION = "缺维度"  # what dimensions that one side lacks leave to the others
_RIGHT: Align = "right"


def gap_table(c: Comparison) -> Table | None:
    """Of two units: dimension by dimension what parts them; of more: each one's gap from their mean. None without gaps."""
    if not c.gaps:
        return None
    return _gap_of_two(c) if len(c.units) == FEWEST else _gaps_of_many(c)


def _gap_of_two(c: Comparison) -> Table:
    gap = c.gaps[c.units[0]]
    parts = {
        (d, p): points
        for d, p, points in gap.group_by("dimension", "part").agg(pl.col("points").sum()).iter_rows()
    }
    asked = any(part == "perceived" for _, part in parts)
    columns = (
        Column("dimension", "维度", 26, nowrap=True),
        Column("a", f"{c.names[0]}（得分）", 22, _RIGHT, "number", 1),
        Column("b", f"{c.names[1]}（得分）", 22, _RIGHT, "number", 1),
        Column("difference", "得分差", 16, _RIGHT, "number", 1),
        Column("points", "对总分差距的贡献", 22, _RIGHT, "number", 2),
        Column("indicators", "其中指标", 18, _RIGHT, "number", 2),
        Column("perceived", "居民感受", 18, _RIGHT, "number", 2),
        Column("missing", MISSING_PART, 22, _RIGHT, "number", 2),
    )
    rows: list[tuple[Cell, ...]] = []
    for d, points in gap_by_dimension(c, c.units[0]).items():
        if d is not None:
            rows.append((d, *_two(c, d), *(_points(p) for p in (points, *_three(parts, d)))))
    lost = parts.get((None, "missing"), 0.0)
    if abs(lost) > 1e-9:
        rows.append((
            MISSING_DIMENSION, *(Figure(None, 1),) * 3, _points(lost), _points(None), _points(None), _points(lost),
        ))  # fmt: skip
    sums = [
        sum(p for (_, part), p in parts.items() if part == kind)
        for kind in ("indicator", "perceived", "missing")
    ]
    rows.append(
        ("合计（综合得分差）", *_two(c, None), *(_points(p) for p in (math.fsum(gap["points"]), *sums)))
    )
    title = f"差距分解：{c.names[0]}减{c.names[1]}"
    table = Table(title, columns, tuple(rows), units="单位：分", notes=(GAP_NOTE,))
    idle = all(abs(cell.value or 0.0) < 1e-9 for cell in table.values("missing"))  # type: ignore[union-attr]
    return table.without(*([] if asked else ["perceived"]), *(["missing"] if idle else []))


def _two(c: Comparison, dimension: str | None) -> tuple[Figure, Figure, Figure]:
    a, b = (c.score(u, dimension) for u in c.units)
    return Figure(a, 1), Figure(b, 1), Figure(None if a is None or b is None else a - b, 1, signed=True)


def _three(parts: dict[tuple[str | None, str], float], dimension: str) -> list[float | None]:
    return [parts.get((dimension, part)) for part in ("indicator", "perceived", "missing")]


def _points(value: float | None) -> Figure:
    return Figure(value, 2, signed=True)


def _gaps_of_many(c: Comparison) -> Table:
    dimensions = [
        d for d in c.view.results.dimension_names if any(d in gap_by_dimension(c, u) for u in c.gaps)
    ]
    columns = (
        Column("unit", "单元", 26, nowrap=True),
        Column("total", "综合", 12, _RIGHT, "number", 1),
        Column("gap", "较均值", 14, _RIGHT, "number", 2),
        *(Column(d, d, 16, _RIGHT, "number", 2) for d in dimensions),
        Column("missing", MISSING_DIMENSION, 16, _RIGHT, "number", 2),
    )
    rows: list[tuple[Cell, ...]] = []
    for unit, gap in c.gaps.items():
        by = gap_by_dimension(c, unit)
        cells = (_points(by.get(d, 0.0)) for d in (*dimensions, None))
        whole = _points(math.fsum(gap["points"]))
        rows.append((unit_label(c.view, unit), Figure(c.score(unit), 1), whole, *cells))
    left = [unit_label(c.view, u) for u in c.units if u not in c.gaps]
    note = (f"{'、'.join(left)}没有综合得分，不在其内",) if left else ()
    mean = numbers.score(sum(c.score(u) or 0.0 for u in c.gaps) / len(c.gaps))
    title = f"差距分解：各单元与所选单元均值（{mean}分）相比"
    table = Table(title, columns, tuple(rows), units="单位：分", notes=(GAP_NOTE, *note))
    blank = all(abs(row[-1].value or 0.0) < 1e-9 for row in rows)  # type: ignore[union-attr]
    return table.without("missing") if blank else table


def drivers_table(c: Comparison, most: int | None = 12) -> Table | None:
    """Of two units: the indicators and views that part them most, by points of the total; None for more units."""
    if len(c.units) != FEWEST or not c.gaps:
        return None
    a, b = c.units
    gap = c.gaps[a].filter((pl.col("part") != "missing") & (pl.col("points").abs() > 1e-9))
    ranked = gap.with_columns(_size=pl.col("points").abs()).sort(
        ["_size", "dimension", "indicator"], descending=[True, False, False], maintain_order=True
    )
    held = {(r["unit"], r["indicator"]): r for u in c.units for r in c.view.scores(u)}
    seen = {(r["unit"], r["dimension"]): r["perceived"] for u in c.units for r in c.view.dimensions(u)}
    columns = (
        Column("dimension", "维度", 20, nowrap=True), Column("what", "指标", 46),
        Column("value_a", f"{c.names[0]}（现状值）", 26, _RIGHT, nowrap=True),
        Column("value_b", f"{c.names[1]}（现状值）", 26, _RIGHT, nowrap=True),
        Column("score_a", f"{c.names[0]}（得分）", 13, _RIGHT, "number", 1), Column("score_b", f"{c.names[1]}（得分）", 13, _RIGHT, "number", 1),
        Column("points", "贡献", 14, _RIGHT, "number", 2),
    )  # fmt: skip
    rows: list[tuple[Cell, ...]] = []
    for dimension, code, points in ranked.select("dimension", "indicator", "points").rows()[:most]:
        if code is None:
            scores = [Figure(seen.get((u, dimension)), 1) for u in (a, b)]
            rows.append((dimension, "居民感受", "", "", *scores, _points(points)))
            continue
        indicator = c.view.indicators[code]
        pair = [held.get((u, code)) for u in (a, b)]
        values = [
            numbers.quantity(r["value"] if r else None, indicator["unit"] or "", decimals_of(indicator)) for r in pair
        ]  # fmt: skip
        scores = [Figure(r["score"] if r else None, 1) for r in pair]
        marked = f"{indicator['name']}{ALIKE if alike(c, code) else ''}"
        rows.append((dimension, marked, *values, *scores, _points(points)))
    return Table("差距最大的来源", columns, tuple(rows), units="单位：分")


def gap_said(c: Comparison) -> str:
    """One or two sentences: how far apart, and what makes it; of more than two the first and the last; empty without gaps."""
    if not c.gaps:
        return c.untold
    if len(c.units) == FEWEST:
        return _said(c, c.units[0], f"{c.names[0]}综合得分", f"{c.names[1]}")
    ranked = sorted(c.gaps, key=lambda u: (-(c.score(u) or 0.0), u))
    ends = dict.fromkeys((ranked[0], ranked[-1]))
    return "".join(_said(c, u, f"{unit_label(c.view, u)}综合得分", "所选单元均值") for u in ends)


def _said(c: Comparison, unit: str, who: str, other: str) -> str:
    gap = c.gaps[unit]
    whole = math.fsum(gap["points"])
    by = gap_by_dimension(c, unit)
    if abs(whole) < LEAST:
        head = f"{who}与{other}相当"
        sides = [("高出的有", _ranked(by, 1)), ("落后的有", _ranked(by, -1))]
    else:
        up = 1 if whole > 0 else -1
        word = "高" if up > 0 else "低"
        head = f"{who}比{other}{word}{numbers.score(abs(whole))}分"
        sides = [("主要来自", _ranked(by, up)), ("部分抵消的有", _ranked(by, -up))]
    told = [
        f"{lead}{'、'.join(_dimension_said(c, unit, d, by[d]) for d in found[:NAMED])}"
        for lead, found in sides
        if found
    ]
    return "；".join([head, *told]) + "。"


def _ranked(by: dict[str | None, float], sign: int) -> list[str | None]:
    """The parts on one side that show in print, the largest first."""
    found = [d for d, points in by.items() if points * sign >= LEAST]
    return sorted(found, key=lambda d: (-by[d] * sign, d or ""))


def _dimension_said(c: Comparison, unit: str, dimension: str | None, points: float) -> str:
    """``安全韧性（−1.5分，其中燃气老旧管网改造完成率−0.9分）``."""
    figure = f"{numbers.signed(points, 1)}分"
    if dimension is None:
        return f"{MISSING_PART}（{figure}）"
    inside = c.gaps[unit].filter((pl.col("dimension") == dimension) & (pl.col("points") * points > 0))
    if inside.is_empty():
        return f"{dimension}（{figure}）"
    top = inside.sort(pl.col("points").abs(), descending=True, maintain_order=True).row(0, named=True)
    name = {"perceived": "居民感受", "missing": MISSING_PART}.get(top["part"]) or (
        c.view.indicators[top["indicator"]]["name"]
    )
    return f"{dimension}（{figure}，其中{name}{numbers.signed(top['points'], 1)}分）"
