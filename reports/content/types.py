"""体检画像类型 in the reports: which towns and communities are alike, where they lie, and what marks each type."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping

from .. import numbers
from ..blocks import Block, FigureBlock, Prose, Section, TableBlock
from ..maps import graded
from ..tables.table import Column, Table
from ..theme import load_theme
from ..view import Row, View
from ..wording import words
from .figures import shapes_of

# mean silhouette from which types stand apart, and under which they hardly do (Kaufman & Rousseeuw 1990, p. 88)
CLEAR, HARDLY = 0.5, 0.25
MANY = 0.1  # share of a type's members from which the town they lie in is named
NAMED = 20  # members of a type that its row names; more are told by their towns
_MAP = (84.0, 62.0)
_COLUMNS = (
    Column("type", "类", 8, "right", "number"), Column("name", "类型", 36), Column("words", "特征", 72),
    Column("count", "个数", 11, "right", "number"), Column("members", "单元", 43),
)  # fmt: skip


def type_of(view: View, unit: str) -> Row | None:
    """The unit's row of ``types``; None where its level has none."""
    rows = view.frame("types").filter(unit=unit).to_dicts()
    return rows[0] if rows else None


def alike(view: View, unit: str) -> list[str]:
    """The units of the same type, itself included, in the units' order; empty where there are no types."""
    own = type_of(view, unit)
    return [r["unit"] for r in _rows(view, own["level"]) if r["type"] == own["type"]] if own else []


def types_parts(view: View) -> tuple[Section, ...]:
    """The part 体检画像类型 of 街镇横向比较: what types there are, in a table each, and a map of the towns' types."""
    blocks: list[Block] = []
    for level in ("town", "community"):
        rows = _rows(view, level)
        if not rows:
            continue
        blocks += [Prose(types_found(view, level)), TableBlock(types_table(view, level), dense=True)]
        if level == "town":
            blocks += _map(view, rows)
    return (Section("体检画像类型", tuple(blocks)),) if blocks else ()


def types_found(view: View, level: str) -> tuple[str, ...]:
    """How many types the units of a level are of and how clearly; who is between two, and who lacks a feature."""
    rows = _rows(view, level)
    return (_found(rows, level), _between(view, rows) + _filled(view, rows)) if rows else ()


def type_said(view: View, unit: str) -> str:
    """Which type a unit is of, what marks it, and who else is; empty where there are no types."""
    own = type_of(view, unit)
    if own is None:
        return ""
    noun = words.level_name(own["level"])
    others = [
        view.name(r["unit"])
        for r in _rows(view, own["level"])
        if r["type"] == own["type"] and r["unit"] != unit
    ]
    alike = f"同类还有{_named(others, 8)}" if others else f"没有同类的{noun}"
    doubt = "；但与另一类也相近，介于两型之间" if own["silhouette"] < 0 else ""
    return f"本{noun}的体检画像类型为{own['name']}：{own['words']}；{alike}{doubt}。"


def _named(units: list[str], most: int) -> str:
    return "、".join(units[:most]) + (f"等{len(units)}个" if len(units) > most else "")


def _rows(view: View, level: str) -> list[Row]:
    """The types of the units of a level, in the units' order."""
    rows = view.frame("types").filter(level=level).to_dicts()
    return sorted(rows, key=lambda r: (view.unit_order.get(r["unit"], len(view.unit_order)), r["unit"]))


def _by_type(rows: list[Row]) -> dict[int, list[Row]]:
    return {n: [r for r in rows if r["type"] == n] for n in sorted({r["type"] for r in rows})}


def _found(rows: list[Row], level: str) -> str:
    """How many types there are, of how many units each, and how clearly they stand apart."""
    noun = words.level_name(level)
    counts = "、".join(f"{held[0]['name']}{len(held)}个" for held in _by_type(rows).values())
    mean = sum(r["silhouette"] for r in rows) / len(rows)
    apart = (
        "类与类界限清楚"
        if mean >= CLEAR
        else "类与类之间有过渡"
        if mean >= HARDLY
        else "类与类界限不明显，分型仅供参考"
    )
    return (
        f"按各自的基本特征（所用各项见方法说明），{len(rows)}个{noun}可分为{len(_by_type(rows))}类体检画像：{counts}。"
        f"分型不看得分，同类{noun}之间比较更公平；平均轮廓系数{numbers.number(mean, 2)}，{apart}。"
    )


def _between(view: View, rows: list[Row]) -> str:
    """Which units are nearer to another type than to their own."""
    names = [view.name(r["unit"]) for r in rows if r["silhouette"] < 0]
    return f"{_named(names, 6)}介于两型之间。" if names else ""


def _filled(view: View, rows: list[Row]) -> str:
    """Which units lack a feature, for which the median stands."""
    lacking = [f"{view.name(r['unit'])}（{'、'.join(r['filled'])}）" for r in rows if r["filled"]]
    return f"{_named(lacking, 3)}缺少数据，分型时以中位数代替。" if lacking else ""


def types_table(view: View, level: str) -> Table:
    """A row for each type of the units of a level: number, name, what marks it, how many units and which."""
    noun = words.level_name(level)
    rows = _rows(view, level)
    body = tuple(
        (number, held[0]["name"], held[0]["words"], len(held), _members(view, held))
        for number, held in _by_type(rows).items()
    )
    notes = (
        "类号从密度最高的一类排起；特征列出与平均相差半个标准差以上的各项，依次从强到弱，括号内为该类的平均和全部的平均",
    )
    return Table(f"{noun}的体检画像类型", _COLUMNS, body, notes=notes if level == "town" else ())


def _members(view: View, held: list[Row]) -> str:
    """The members by name, or, where there are many, the towns that most of them lie in."""
    if len(held) <= NAMED:
        return "、".join(view.name(r["unit"]) for r in held)
    towns = Counter(view.units[r["unit"]]["town"] for r in held if view.units[r["unit"]]["town"])
    most = [t for t in sorted(towns.items(), key=lambda t: (-t[1], t[0])) if t[1] >= MANY * len(held)]
    told = "、".join(f"{view.name(town)}{count}个" for town, count in most)
    return f"多在{told}" if told else f"分散在{len(towns)}个街镇"


def _map(view: View, rows: list[Row]) -> list[FigureBlock]:
    """The towns with the number of their type on them, darker where it is the denser one; nothing without boundaries."""
    held = _by_type(rows)
    order = list(held)
    drawn = graded.classed_map(
        shapes_of(view, [r["unit"] for r in rows]),
        graded.Classes(
            tuple(f"{n} {held[n][0]['name']}" for n in order),
            _shades(len(order)),
            {r["unit"]: order.index(r["type"]) for r in rows},
        ),
        "各街镇体检画像类型图", _MAP, _numbers(rows),
    )  # fmt: skip
    if drawn is None:
        return []
    largest = max(held.values(), key=len)
    said = f"各街镇的体检画像类型：{largest[0]['name']}最多，有{len(largest)}个；图中数字为类号"
    return [FigureBlock((drawn,), said)]


def _numbers(rows: list[Row]) -> Mapping[str, str]:
    return {r["unit"]: str(r["type"]) for r in rows}


def _shades(count: int) -> tuple[str, ...]:
    """``count`` shades of the accent from dark to light, told apart in grey too."""
    ink = load_theme().ink
    dark, light = ([int(ink[name][i : i + 2], 16) for i in (1, 3, 5)] for name in ("accent", "accent_wash"))
    steps = [i / max(count - 1, 1) for i in range(count)]
    mixed = [[round(a + (b - a) * s) for a, b in zip(dark, light, strict=True)] for s in steps]
    return tuple("#" + "".join(f"{c:02X}" for c in colour) for colour in mixed)
