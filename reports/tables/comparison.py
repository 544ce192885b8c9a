"""Units side by side as tables and sentences (单元对比): what terminal, PDF and workbook show alike.

:func:`compare_units` makes a :class:`Comparison` once; every builder here takes it and returns a :class:`~tijian.reports.tables.table.Table`
or words. Of two units the gap of the first from the second is told; of more, each one's gap from their mean.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations

import polars as pl

from ...engine.analysis.comparing import by_dimension, decompose, gaps_from_mean, trees_of
from ...engine.analysis.comparing_peers import best_practice, nearest_peers
from ...engine.chance.differences import SAME
from ...engine.results import LEVEL_NAMES, UNGRADED
from ...engine.scoring.means import means_of
from .. import numbers
from ..names import safe_name
from ..view import Row, View
from ..wording.words import level_name, third_of
from .lists import change_of, decimals_of, rank_of, unit_label
from .spine import comparable
from .table import Align, Cell, Column, Figure, Table

FEWEST, MOST = 2, 17
FEW = 5  # units up to this stand as columns, more as rows
MISSING_PART = "缺项与权重"
RANK_NOTE = "名次括号内为权重随机变动时 5–95% 的名次区间；区间重叠的两个单元不宜分先后。"
GAP_NOTE = (
    "贡献为该部分使综合得分相差多少分，各部分之和等于差距；权重不同时按两种次序各算一次取平均；"
    f"“{MISSING_PART}”为一方缺数据、权重分给其余各项所致；列出的数四舍五入，末位相加可能差1"
)
PEER_NOTE = "距离按各维度得分、人口密度（标准化）和单元类型计算，0为完全相同，1约为相差一个标准差"
PRACTICE_NOTE = "标杆为全区同级单元中该项指标最好的，不限于所选单元；计数按占比或密度比较，以括号内为准"
_RIGHT: Align = "right"


@dataclass(frozen=True)
class Comparison:
    """``gaps``: unit → parts of its gap (of two units only the first's); ``untold`` says why where there are none."""

    view: View
    units: tuple[str, ...]
    gaps: Mapping[str, pl.DataFrame]
    untold: str

    @property
    def names(self) -> tuple[str, ...]:
        """The units' names in the order given; the town before a community's."""
        return tuple(unit_label(self.view, u) for u in self.units)

    @property
    def level(self) -> str | None:
        """The level the units share, or None."""
        levels = {self.view.units[u]["level"] for u in self.units}
        return levels.pop() if len(levels) == 1 else None

    @property
    def dimensions(self) -> tuple[str, ...]:
        """The dimensions any of the units has a score in, in the system's order."""
        held = {r["dimension"] for u in self.units for r in self.view.dimensions(u) if r["score"] is not None}
        return tuple(d for d in self.view.results.dimension_names if d in held)

    def score(self, unit: str, dimension: str | None = None) -> float | None:
        """A unit's total, or its score in a dimension."""
        if dimension is None:
            total = self.view.total(unit)
            return total["score"] if total else None
        return next((r["score"] for r in self.view.dimensions(unit) if r["dimension"] == dimension), None)


def compare_units(view: View, units: Sequence[str]) -> Comparison:
    """``units`` are codes, shown in the order given.

    Raises ValueError for fewer than two, more than seventeen, one given twice, or a code the results do not hold.
    """
    if not FEWEST <= len(units) <= MOST or len(set(units)) != len(units):
        raise ValueError(f"{FEWEST} to {MOST} different units are needed")
    unknown = [code for code in units if code not in view.units]
    if unknown:
        raise ValueError(f"units not in the results: {unknown}")
    gaps: dict[str, pl.DataFrame] = {}
    untold = ""
    try:
        trees, means = trees_of(view.results, units), means_of(view.results.scheme)
        if len(units) == FEWEST:
            gaps = {units[0]: decompose(trees[units[0]], trees[units[1]], means)}
        else:
            gaps = gaps_from_mean(trees, means)
    except ValueError as fault:
        untold = f"{fault}。"
    return Comparison(view, tuple(units), gaps, untold)


def stem_of(c: Comparison) -> str:
    """The name of the comparison's files: ``对比_甲镇_乙镇``; more than three units as their number: ``对比_17个街镇``.

    Another choice of as many units overwrites it; the code tells apart two units whose names are alike.
    """
    if len(c.units) > 3:
        noun = level_name(c.level) if c.level else "单元"
        return f"对比_{len(c.units)}个{noun}"
    stems = [safe_name(name, 20) for name in c.names]
    alike = len({s.casefold() for s in stems}) < len(stems)
    return "_".join(["对比", *(f"{s}_{u}" if alike else s for s, u in zip(stems, c.units, strict=True))])


# ── totals and dimensions ─────────────────────────────────────────────────────────────────────────────────


def totals_table(c: Comparison) -> Table:
    """Total, grade, rank with its interval (communities: their third), change, satisfaction, weight covered."""
    columns = (
        Column("unit", "单元", 26, nowrap=True),
        Column("score", "得分", 14, _RIGHT, "number", 1),
        Column("grade", "等级", 14, "center", "grade", nowrap=True),
        Column("rank", "名次（区间）/单元数", 30, _RIGHT, nowrap=True),
        Column("change", "较上年", 16, _RIGHT, "number", 1),
        Column("satisfaction", "满意度", 16, _RIGHT, "number", 1),
        Column("present", "指标覆盖权重", 20, _RIGHT, "number", 0),
    )
    rows = []
    for unit, name in zip(c.units, c.names, strict=True):
        total = c.view.total(unit)
        if total is None:
            rows.append((name, Figure(None, 1), UNGRADED, numbers.MISSING, *(Figure(None, 1),) * 3))
            continue
        better = None if total["change"] is None else total["change"] > 0
        covered = None if total["weight_present"] is None else total["weight_present"] * 100
        rows.append((
            name, Figure(total["score"], 1), total["grade"] or UNGRADED, rank_shown(total),
            change_of({**total, "improved": better}, 1), Figure(total["satisfaction"], 1), Figure(covered, 0, unit="%"),
        ))  # fmt: skip
    return Table("综合得分", columns, tuple(rows))


def rank_shown(total: Row) -> str:
    """The rank with its interval; communities only by thirds, the district not at all."""
    if total["level"] == "community":
        return third_of(total)
    return numbers.rank(total["rank"], total["peers"], total["rank_low"], total["rank_high"])


def dimensions_table(c: Comparison) -> Table:
    """Scores by dimension with the district's: units as columns where they are few, else as rows."""
    above = {
        r["dimension"]: r["district_score"]
        for u in c.units
        for r in c.view.dimensions(u)
        if r["district_score"] is not None
    }
    if len(c.units) <= FEW:
        columns = (
            Column("dimension", "维度", 24, nowrap=True),
            *(Column(u, n, 22, _RIGHT, "number", 1) for u, n in zip(c.units, c.names, strict=True)),
            Column("district", "全区", 16, _RIGHT, "number", 1),
        )
        body = [(d, *(_score(c.score(u, d)) for u in c.units), _score(above.get(d))) for d in c.dimensions]
        return Table("各维度得分", columns, tuple(body))
    columns = (
        Column("unit", "单元", 26, nowrap=True), Column("total", "综合", 14, _RIGHT, "number", 1),
        *(Column(d, d, 16, _RIGHT, "number", 1) for d in c.dimensions),
    )  # fmt: skip
    rows = [
        (n, _score(c.score(u)), *(_score(c.score(u, d)) for d in c.dimensions))
        for u, n in zip(c.units, c.names, strict=True)
    ]
    whole = c.view.total(c.view.district)
    rows.append(
        ("全区", _score(whole["score"] if whole else None), *(_score(above.get(d)) for d in c.dimensions))
    )
    return Table("各维度得分", columns, tuple(rows))


def _score(value: float | None) -> Cell:
    return Figure(value, 1)


# ── indicators ────────────────────────────────────────────────────────────────────────────────────────────


def differing(c: Comparison, most: int) -> list[tuple[str, float]]:
    """The ``most`` indicators whose scores lie furthest apart (code, points), the widest first, then in the system's order.

    Only indicators scored in at least two of the units, and not those on which chance alone may part all of them from the
    district (:func:`alike`).
    """
    held: dict[str, list[float]] = {}
    for unit in c.units:
        for row in c.view.scores(unit):
            if row["score"] is not None:
                held.setdefault(row["indicator"], []).append(row["score"])
    spread = {
        code: max(s) - min(s)
        for code, s in held.items()
        if len(s) > 1 and max(s) > min(s) and not alike(c, code)
    }
    order = c.view.indicator_order
    return sorted(spread.items(), key=lambda item: (-item[1], order.get(item[0], len(order)), item[0]))[:most]


def alike(c: Comparison, code: str) -> bool:
    """Whether none of the units differs from the district in an indicator by more than chance explains."""
    rows = [r for u in c.units for r in c.view.scores(u) if r["indicator"] == code and r["score"] is not None]
    return bool(rows) and all(r["than_district"] == SAME for r in rows)


def differing_table(c: Comparison, most: int) -> Table:
    """The indicators that part the units most: value (score) of each, how far apart."""
    told = differing(c, most)
    made = indicators_table(c, [code for code, _ in told])
    spread = dict(told)
    columns = (*made.columns, Column("spread", "得分差", 14, _RIGHT, "number", 1))
    codes = [code for code, _ in told]
    rows = tuple((*row, Figure(spread[code], 1)) for code, row in zip(codes, made.rows, strict=True))
    return Table("差别最大的指标：现状值（得分）", columns, rows)


def indicators_table(
    c: Comparison,
    codes: Sequence[str] | None = None,
    units: Sequence[str] | None = None,
    detail: bool = False,
) -> Table:
    """Indicators × units: value (score) in one column a unit, or with ``detail`` value, score, rank and change in four."""
    chosen = c.units if units is None else tuple(units)
    held = {(r["unit"], r["indicator"]): r for u in chosen for r in c.view.scores(u)}
    shown = (
        codes if codes is not None else [i for i in c.view.indicators if any((u, i) in held for u in chosen)]
    )
    columns = [
        Column("code", "编号", 14, nowrap=True),
        Column("indicator", "指标", 42),
        Column("measure", "单位", 15, kind="name", nowrap=True),
    ]
    for unit in chosen:
        name = unit_label(c.view, unit)
        columns += _unit_columns(unit, name, detail)
    rows = []
    for code in shown:
        indicator = c.view.indicators[code]
        cells: list[Cell] = [code, indicator["name"], indicator["unit"] or ""]
        for unit in chosen:
            cells += _unit_cells(held.get((unit, code)), indicator, detail)
        rows.append(tuple(cells))
    title = "各项指标：现状值、得分、名次与变化" if detail else "各项指标：现状值（得分）"
    return Table(title, tuple(columns), tuple(rows))


def _unit_columns(unit: str, name: str, detail: bool) -> list[Column]:
    if not detail:
        return [Column(unit, name, 26, _RIGHT, nowrap=True)]
    kinds = (("value", "现状值", 15), ("score", "得分", 12), ("rank", "名次", 14), ("change", "变化", 16))
    return [
        Column(f"{unit}-{key}", f"{name}（{title}）", width, _RIGHT, "text" if key == "rank" else "number", nowrap=True)
        for key, title, width in kinds
    ]  # fmt: skip


def _unit_cells(row: Row | None, indicator: Row, detail: bool) -> list[Cell]:
    decimals = decimals_of(indicator)
    if not detail:
        if row is None:
            return [numbers.MISSING]
        value = numbers.number(row["value"], decimals)
        return [value if row["score"] is None else f"{value}（{numbers.score(row['score'])}）"]
    if row is None:
        return [Figure(None), Figure(None), numbers.MISSING, Figure(None)]
    return [
        Figure(row["value"], decimals),
        Figure(row["score"], 1),
        rank_of(row),
        change_of(row, decimals),
    ]


# ── who is alike, who does it well ────────────────────────────────────────────────────────────────────────


def peers_table(c: Comparison, count: int = 3) -> Table:
    """Each unit's nearest peers of its level by name, with their distance."""
    found = nearest_peers(c.view.results, c.units, count)
    columns = (
        Column("unit", "单元", 26, nowrap=True),
        *(Column(f"peer{n}", f"最相近{n}（距离）", 40, nowrap=True) for n in range(1, count + 1)),
    )
    rows = []
    for unit, name in zip(c.units, c.names, strict=True):
        peers = found.filter(unit=unit).to_dicts()
        told = [f"{unit_label(c.view, p['peer'])}（{numbers.number(p['distance'], 2)}）" for p in peers]
        if told:
            rows.append((name, *told, *("",) * (count - len(told))))
    return Table("最相近的单元", columns, tuple(rows), notes=(PEER_NOTE,))


def practice_table(c: Comparison, most: int | None = None) -> Table:
    """Who does it well, for the indicators in which the units differ or are short; of communities the best third's limit."""
    found = best_practice(c.view.results, c.units).to_dicts()[:most]
    community = c.level == "community"
    columns = (
        Column("indicator", "指标", 44),
        Column("range", "所选单元（最差—最好）", 34, _RIGHT, nowrap=True),
        Column("short", "其中短板", 34, kind="list"),
        Column("best", "前三分之一的起点" if community else "标杆值", 24, _RIGHT, nowrap=True),
        Column("holders", "达到的单元数" if community else "标杆单元", 38, _RIGHT if community else "left"),
    )
    rows = []
    for row in found:
        indicator = c.view.indicators[row["indicator"]]
        names = [unit_label(c.view, u) for u in row["holders"]]
        value, compared = (row["third"], row["third"]) if community else (row["value"], row["best"])
        best = _compared(compared, indicator) if community else _value_and_rate(value, compared, indicator)
        who = f"{-(-row['scored'] // 3)}个" if community else _named(names)
        short = tuple(unit_label(c.view, u) for u in row["short"])
        if len(short) > 2:
            short = (f"{len(short)}个",)
        rows.append((indicator["name"], _range(c, row["indicator"]), short, best, who))
    return Table("标杆做法：谁做得好", columns, tuple(rows), notes=(PRACTICE_NOTE,))


def _named(names: Sequence[str], most: int = 3) -> str:
    shown = "、".join(names[:most])
    return shown if len(names) <= most else f"{shown}等{len(names)}个"


def _range(c: Comparison, code: str) -> str:
    rows = [r for u in c.units for r in c.view.scores(u) if r["indicator"] == code and r["score"] is not None]
    worst, best = (pick(rows, key=lambda r: r["score"]) for pick in (min, max))
    indicator = c.view.indicators[code]
    ends = [_value_and_rate(r["value"], r["compared"], indicator) for r in (worst, best)]
    return ends[0] if ends[0] == ends[1] else "—".join(ends)


def _value_and_rate(value: float | None, compared: float | None, indicator: Row) -> str:
    told = numbers.quantity(value, indicator["unit"] or "", decimals_of(indicator))
    rated = not comparable(indicator) and indicator["compared_unit"]
    return f"{told}（{_compared(compared, indicator)}）" if rated else told


def _compared(value: float | None, indicator: Row) -> str:
    if comparable(indicator):
        return numbers.quantity(value, indicator["unit"] or "", decimals_of(indicator))
    unit = indicator["compared_unit"] or indicator["unit"] or ""
    return numbers.quantity(value, unit, 1 if unit in ("%", "‰") else 2)


# ── notes ─────────────────────────────────────────────────────────────────────────────────────────────────


def rank_notes(c: Comparison) -> Iterator[str]:
    """What must be said of the ranks of these units: levels that differ, and intervals that overlap."""
    if c.level is None:
        levels = [LEVEL_NAMES.get(c.view.units[u]["level"], "") for u in c.units]
        told = "、".join(f"{n}（{level}）" for n, level in zip(c.names, levels, strict=True))
        yield f"所选单元层级不同，名次不可比：{told}。"
        return
    if c.level == "community":
        yield "社区样本小，只给出所在三分位，不列名次。"
        return
    yield RANK_NOTE
    over = [
        (a, b) for a, b in combinations(c.units, 2) if _overlap(c.view.total(a) or {}, c.view.total(b) or {})
    ]
    if len(c.units) > 3:
        yield f"所选 {len(c.units)} 个单元两两相比，有 {len(over)} 对名次区间重叠（共 {len(c.units) * (len(c.units) - 1) // 2} 对）。"
        return
    for a, b in over:
        spans = [numbers.span(t["rank_low"], t["rank_high"]) for t in map(c.view.total, (a, b)) if t]
        yield f"{c.view.name(a)}与{c.view.name(b)}的名次区间重叠（{spans[0]} 与 {spans[1]}），不宜分先后。"


def _overlap(first: Row, second: Row) -> bool:
    ends = [row.get(key) for row in (first, second) for key in ("rank_low", "rank_high")]
    if any(end is None for end in ends):
        return False
    return bool(first["rank_low"] <= second["rank_high"] and second["rank_low"] <= first["rank_high"])


def gap_by_dimension(c: Comparison, unit: str) -> dict[str | None, float]:
    """A unit's gap by dimension (None: what missing dimensions do)."""
    return by_dimension(c.gaps[unit])
