"""What the map of the comparison page can show in one year: the total, a dimension or an indicator of every town.

A layer carries a table of all towns and the classes the map may be coloured by. Nothing is worked out here that the
results do not hold.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from ...engine.results import UNGRADED
from .. import numbers
from ..maps.graded import Classes, graded, valued
from ..tables.lists import change_of, compared_figure, decimals_of, indicator_table
from ..tables.spine import comparable
from ..tables.table import Cell, Column, Figure, Table
from ..view import Row, Scope, View

TOTAL = "综合得分"
BY_GRADE, BY_VALUE, BY_RATE = "等级", "数值", "占比或密度"
_KEPT = ("unit_name", "value", "change", "district", "score", "grade", "rank")
_RATE = Column("compared", BY_RATE, 16, "right", "number", nowrap=True)
_SCORED = (
    Column("unit_name", "单元", 22, nowrap=True),
    Column("score", "得分", 12, "right", "number", 1, nowrap=True),
    Column("grade", "等级", 13, "center", "grade", nowrap=True),
    Column("rank", "名次", 24, "right", nowrap=True),
    Column("district", "全区", 12, "right", "number", 1, nowrap=True),
    Column("change", "较上年", 14, "right", "number", 1, nowrap=True),
)
_RANKED = "名次（90%区间）"
_VALUES = (
    Column("dimension", "维度", 20, nowrap=True),
    Column("indicator", "指标", 46),
    Column("unit", "单位", 15, nowrap=True),
    Column("district", "全区", 15, "right", "number", nowrap=True),
)


@dataclass(frozen=True)
class Colouring:
    """One way to colour the map: classes of the towns, and what they show, in a sentence."""

    what: str
    classes: Classes
    finding: str


@dataclass(frozen=True)
class Layer:
    """One thing the map can show; ``table`` has a row for every town, in the page's order.

    ``key`` names it in every year (the total's is TOTAL, a dimension's its name, an indicator's its code). ``values`` are
    what the towns are compared by, in ``unit`` with ``decimals``, and ``scores`` their scores and the district's last;
    ``better`` is the indicator's direction (a score's is higher).
    """

    key: str
    name: str
    group: str
    table: Table
    colourings: tuple[Colouring, ...]
    values: tuple[float | None, ...]
    scores: tuple[float | None, ...]
    unit: str
    decimals: int
    better: str


def layers_of(view: View, towns: Sequence[str]) -> tuple[Layer, ...]:
    """Every layer that tells the towns apart: the total, the dimensions, the indicators in the order of the system."""
    return (*_judged_layers(view, towns), *_indicator_layers(view, towns))


# ── layers ────────────────────────────────────────────────────────────────────────────────────────────────


def _judged_layers(view: View, towns: Sequence[str]) -> list[Layer]:
    """The total and each dimension, as far as any town has it."""
    whole = {u: row for u in towns if (row := view.total(u)) is not None}
    district = view.total(view.district)
    found = [_judged_layer(view, towns, TOTAL, whole, district["score"] if district else None)]
    for name in view.results.dimension_names:
        rows = {u: r for u in towns for r in view.dimensions(u) if r["dimension"] == name}
        above = next((r["district_score"] for r in rows.values()), None)
        found.append(_judged_layer(view, towns, name, rows, above))
    return [layer for layer in found if layer is not None]


def _judged_layer(
    view: View, towns: Sequence[str], name: str, rows: Mapping[str, Row], district: float | None
) -> Layer | None:
    by_grade = _by_grade(view, towns, name, rows)
    if by_grade is None:
        return None
    body = tuple(_judged_row(view, u, rows.get(u), district) for u in towns)
    ranked = _RANKED if any(r.get("rank_low") is not None for r in rows.values()) else "名次"
    columns = tuple(_titled(c, ranked) if c.key == "rank" else c for c in _SCORED)
    table = Table(f"各街镇{name}", columns, body)
    group = "综合" if name == TOTAL else "维度"
    scores = tuple(rows[u]["score"] if u in rows else None for u in towns)
    shown = table.without_blank(("change", "district"))
    return Layer(name, name, group, shown, (by_grade,), scores, (*scores, district), "分", 1, "higher")


def _titled(column: Column, title: str) -> Column:
    return Column(column.key, title, column.width, column.align, column.kind, column.decimals, column.nowrap)


def _judged_row(view: View, unit: str, row: Row | None, district: float | None) -> tuple[Cell, ...]:
    if row is None:
        blank = Figure(None, 1)
        return view.name(unit), blank, UNGRADED, numbers.MISSING, Figure(district, 1), blank
    better = None if row["change"] is None else row["change"] > 0
    return (
        view.name(unit), Figure(row["score"], 1), row["grade"] or UNGRADED,
        numbers.rank(row["rank"], row["peers"], row.get("rank_low"), row.get("rank_high")), Figure(district, 1),
        change_of({**row, "improved": better}, 1),
    )  # fmt: skip


def _indicator_layers(view: View, towns: Sequence[str]) -> list[Layer]:
    """Every indicator that can be told apart over the towns, in the order of the system."""
    rows: dict[str, dict[str, Row]] = {code: {} for code in view.indicators}
    cells: dict[str, dict[str, tuple[Cell, ...]]] = {code: {} for code in view.indicators}
    columns: tuple[Column, ...] = ()
    for unit in towns:
        table = indicator_table(view, Scope(units=(unit,)))
        table = table.without(*(k for k in table.keys if k not in _KEPT))
        columns = table.columns
        for row, shown in zip(view.scores(unit), table.rows, strict=True):
            rows[row["indicator"]][unit] = row
            cells[row["indicator"]][unit] = shown
    found = (_indicator_layer(view, towns, c, rows[c], cells[c], columns) for c in view.indicators)
    return [layer for layer in found if layer is not None]


def _indicator_layer(
    view: View, towns: Sequence[str], code: str, rows: Mapping[str, Row],
    cells: Mapping[str, tuple[Cell, ...]], columns: tuple[Column, ...],
) -> Layer | None:  # fmt: skip
    indicator = view.indicators[code]
    ways = (
        _by_value(view, towns, indicator, rows),
        _by_grade(view, towns, f"{indicator['name']}得分", rows),
    )
    colourings = tuple(way for way in ways if way is not None)
    if not colourings:
        return None
    body = [cells.get(u) or _unmeasured(view, u, columns) for u in towns]
    if not comparable(indicator):
        columns = (*columns[:2], _RATE, *columns[2:])
        rates = [compared_figure(rows[u]["compared"] if u in rows else None, indicator) for u in towns]
        body = [(*row[:2], rate, *row[2:]) for row, rate in zip(body, rates, strict=True)]
    unit = f"单位：{indicator['unit']}" if indicator["unit"] else ""
    table = Table(f"各街镇{indicator['name']}", columns, tuple(body), units=unit)
    same, rated = comparable(indicator), compared_figure(None, indicator)
    values = tuple(rows[u]["value" if same else "compared"] if u in rows else None for u in towns)
    own = {r["indicator"]: r["score"] for r in view.scores(view.district)}
    return Layer(
        code, indicator["name"], indicator["dimension"], table.without_blank(("change",)), colourings, values,
        (*(rows[u]["score"] if u in rows else None for u in towns), own.get(code)),
        (indicator["unit"] or "") if same else rated.unit, decimals_of(indicator) if same else rated.decimals,
        indicator["direction"] or "",
    )  # fmt: skip


def _unmeasured(view: View, unit: str, columns: Sequence[Column]) -> tuple[Cell, ...]:
    """The row of a town of which an indicator says nothing."""
    blank: dict[str, Cell] = {
        "unit_name": view.name(unit),
        "grade": UNGRADED,
        "rank": numbers.MISSING,
    }
    return tuple(blank.get(c.key) if c.key in blank else Figure(None) for c in columns)


def _by_grade(view: View, towns: Sequence[str], name: str, rows: Mapping[str, Row]) -> Colouring | None:
    """Towns by grade; None where none has a grade of the project."""
    cuts = view.results.grade_cuts
    known = {grade for grade, _ in cuts}
    grades = {u: rows[u]["grade"] if u in rows else None for u in towns}
    if not known & set(grades.values()):
        return None
    held = list(grades.values())
    told = "、".join(f"{grade}{n}个" for grade, _ in cuts if (n := held.count(grade)))
    left = sum(g not in known for g in held)
    rest = f"，{left}个{UNGRADED}" if left else ""
    scores = {u: rows[u]["score"] for u in towns if u in rows}
    return Colouring(
        BY_GRADE, graded(grades, cuts), f"{name}：{told}{rest}{_extremes(view, scores, '', 1, '；')}"
    )


def _by_value(view: View, towns: Sequence[str], indicator: Row, rows: Mapping[str, Row]) -> Colouring | None:
    """Towns by the value they are compared by (of a count its share or density); None without a difference."""
    same = comparable(indicator)
    values = {u: rows[u]["value" if same else "compared"] if u in rows else None for u in towns}
    unit = indicator["unit"] or "" if same else compared_figure(None, indicator).unit
    decimals = decimals_of(indicator) if same else compared_figure(None, indicator).decimals
    classes = valued(values, decimals, indicator["direction"] or "")
    if classes is None:
        return None
    measured = f"图例单位为{unit}，" if unit else ""
    said = _extremes(view, values, unit, decimals, "：")
    finding = f"{indicator['name']}{'' if same else f'（{BY_RATE}）'}{said}；{measured}分为{len(classes.names)}级，各级含下限"
    return Colouring(BY_VALUE if same else BY_RATE, classes, finding)


def _extremes(view: View, values: Mapping[str, float | None], unit: str, decimals: int, mark: str) -> str:
    """``：甲镇最高（98.2%），乙镇最低（61.0%）``; empty where all are alike."""
    shown = {u: exact for u, v in values.items() if (exact := numbers.rounded(v, decimals)) is not None}
    if len(set(shown.values())) < 2:
        return ""
    told = "，".join(
        f"{_holders(view, shown, end)}{word}（{numbers.quantity(end, unit, decimals)}）"
        for end, word in ((max(shown.values()), "最高"), (min(shown.values()), "最低"))
    )
    return f"{mark}{told}"


def _holders(view: View, shown: Mapping[str, float], value: float) -> str:
    """Who has the value: one by name, more as ``甲镇等3个街镇``."""
    held = sorted(u for u, v in shown.items() if v == value)
    return f"{view.name(held[0])}{f'等{len(held)}个街镇' if len(held) > 1 else ''}"


# ── values ────────────────────────────────────────────────────────────────────────────────────────────────


def values_table(view: View, towns: Sequence[str]) -> Table:
    """Every indicator × the district and every town: the values, so that the page says all of it without a script."""
    held = {(r["unit"], r["indicator"]): r["value"] for u in (view.district, *towns) for r in view.scores(u)}
    columns = (*_VALUES, *(Column(u, view.name(u), 14, "right", "number", nowrap=True) for u in towns))
    rows = tuple(
        (
            row["dimension"], f"{row['name']}（{code}）", row["unit"] or "",
            *(Figure(held.get((u, code)), decimals_of(row)) for u in (view.district, *towns)),
        )
        for code, row in view.indicators.items()
    )  # fmt: skip
    note = f"“{numbers.MISSING}”为没有数据；栋、处、起等计数大小与街镇规模有关，比较时看占比或密度"
    return Table("各街镇各项指标现状值", columns, rows, notes=(note,))
