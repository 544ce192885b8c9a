"""问题地图与风险区划: where the ledger's problems lie, and which units come first for safety."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise

import numpy as np
import polars as pl
import shapely

from ...engine.diagnosis import risk
from .. import numbers
from ..blocks import Block, FigureBlock, Prose, Section, TableBlock
from ..maps.graded import Classes, classed_map
from ..maps.problem import MOST_KINDS, Kind, problem_map
from ..tables.lists import unit_parts
from ..tables.table import Cell, Column, Table
from ..theme import load_theme
from ..view import Row, View
from ..wording import words
from .figures import shapes_of
from .room import figure_room, page_room

TITLE = "问题地图与风险区划"
OTHERS = "其他"
LISTED = 15  # places of the risk list
_WIDTH, _LEAST_MAP, _MOST_MAP = 168.0, 115.0, 185.0
_PAIR, _LEAST_PAIR = 83.0, 66.0
_SLACK = 0.8  # mm: figure_room() takes a row of figures for so much higher than it is
_EXACT, _COMMUNITY, _TOWN = "点位", "社区", "街镇"


@dataclass(frozen=True)
class Placed:
    """The ledger's lines inside a unit that have a place, and how each got it.

    ``lines`` has kind, town, community, x, y and ``by``: 点位 (its own coordinates), 社区 or 街镇 (a point inside that).
    """

    lines: pl.DataFrame
    unplaced: int

    def by(self, how: str) -> int:
        """How many lines are placed this way."""
        return self.lines.filter(pl.col("by") == how).height


def placed(view: View, unit: str, indicators: Sequence[str] | None = None) -> Placed:
    """Every line of the ledger of the unit: at its own coordinates, else inside its community, else inside its town.

    With ``indicators`` those only, and the kind of a line is its indicator; otherwise its dimension.
    """
    ledger = view.frame("ledger").filter(pl.col("unit").is_in(list(view.subtree(unit))))
    if indicators is not None:
        ledger = ledger.filter(pl.col("indicator").is_in(list(indicators)))
    of = "name" if indicators is not None else "dimension"
    kinds = {code: row[of] or OTHERS for code, row in view.indicators.items()}
    inner = _inner_points(view)
    lines = ledger.select(
        "town",
        "community",
        "x",
        "y",
        kind=pl.col("indicator").replace_strict(kinds, default=OTHERS, return_dtype=pl.String),
    )
    for level, how in (("community", _COMMUNITY), ("town", _TOWN)):
        lines = lines.join(inner.rename({"unit": level, "x": f"x_{how}", "y": f"y_{how}"}), on=level, how="left", maintain_order="left")  # fmt: skip
    known = pl.col("x").is_not_null() & pl.col("y").is_not_null()
    lines = lines.with_columns(
        by=pl.when(known)
        .then(pl.lit(_EXACT))
        .when(pl.col(f"x_{_COMMUNITY}").is_not_null())
        .then(pl.lit(_COMMUNITY))
        .when(pl.col(f"x_{_TOWN}").is_not_null())
        .then(pl.lit(_TOWN)),
        x=pl.when(known).then("x").otherwise(pl.coalesce(f"x_{_COMMUNITY}", f"x_{_TOWN}")),
        y=pl.when(known).then("y").otherwise(pl.coalesce(f"y_{_COMMUNITY}", f"y_{_TOWN}")),
    )
    there = lines.drop_nulls("by").select("kind", "town", "community", "x", "y", "by")
    return Placed(there, lines.height - there.height)


def _inner_points(view: View) -> pl.DataFrame:
    """A point inside every unit that has a boundary."""
    shapes = view.results.shapes.drop_nulls("wkb")
    spots = shapely.point_on_surface(
        np.array(shapely.from_wkb(shapes["wkb"].to_list(), on_invalid="ignore"), dtype=object)
    )
    return pl.DataFrame(
        {"unit": shapes["unit"], "x": shapely.get_x(spots), "y": shapely.get_y(spots)},
        schema={"unit": pl.String, "x": pl.Float64, "y": pl.Float64},
    ).filter(pl.col("x").is_finite())


def kinds_of(view: View, lines: pl.DataFrame, order: Sequence[str]) -> list[Kind]:
    """The kinds in the order given, as many as a map can tell apart; the rarest together as 其他."""
    counts = dict(lines["kind"].value_counts().iter_rows())
    names = [k for k in order if counts.get(k)] + sorted(k for k in counts if k not in order)
    if len(names) > MOST_KINDS:
        kept = sorted(names, key=lambda k: -counts[k])[: MOST_KINDS - 1]
        names = [k for k in names if k in kept]
    named = lines.with_columns(
        kind=pl.when(pl.col("kind").is_in(names)).then("kind").otherwise(pl.lit(OTHERS))
    )
    if named["kind"].n_unique() > len(names):
        names.append(OTHERS)
    return [Kind(k, named.filter(pl.col("kind") == k).select("x", "y").to_numpy()) for k in names]


def problem_blocks(view: View, unit: str, indicators: Sequence[str] | None = None) -> tuple[Block, ...]:
    """问题地图 of a unit with its finding and how lines were placed; nothing without a line that has a place.

    The map shares its page with the table where it stays large enough, and takes the page alone otherwise.
    """
    found = placed(view, unit, indicators)
    if found.lines.is_empty():
        return ()
    order = (
        [view.indicators[c]["name"] for c in indicators]
        if indicators is not None
        else list(view.results.dimension_names)
    )
    kinds = kinds_of(view, found.lines, order)
    level = "town" if view.units[unit]["level"] == "district" else "community"
    below = view.of_level(level, unit)
    shapes = shapes_of(view, below) or shapes_of(view, [unit])
    fine = shapes_of(view, view.of_level("community", unit)) if level == "town" else {}
    placing = _placing(found, indicators is not None, level == "town")
    table = by_unit(view, below, level, found, kinds)
    shared, alone = figure_room((placing,), table, True), page_room((placing,), True)
    height = min(shared if shared >= _LEAST_MAP else alone, _MOST_MAP)
    told = "、".join(f"{k.name}{len(k)}条" for k in kinds)
    drawn = problem_map(
        shapes, kinds, f"问题地图：{told}", (_WIDTH, height), {u: view.name(u) for u in shapes}, fine
    )
    if drawn is None:
        return ()
    figure = FigureBlock((drawn,), _finding(view, found, kinds, level))
    return (Prose((placing,)), figure, TableBlock(table, dense=True))


def _placing(found: Placed, topic: bool, keyed: bool) -> str:
    """How many lines, and on what ground each stands where it stands; ``keyed``: how the map is to be read too."""
    total = found.lines.height + found.unplaced
    parts = [(found.by(_EXACT), "按坐标标出"), (found.by(_COMMUNITY), "没有坐标、按所在社区标在社区内"), (found.by(_TOWN), "只知所在街镇、标在街镇内"), (found.unplaced, "没有位置，未上图")]  # fmt: skip
    told = "，".join(f"{n}条{how}" for n, how in parts if n)
    if not keyed:
        return f"问题台账共{total}条：{told}。"
    kind = "指标" if topic else "维度"
    return f"问题台账共{total}条：{told}。图形和颜色表示{kind}，大小表示条数；相距太近、标不开的合为一组，标在其中条数最多处，组内各类的位置固定。"


def _finding(view: View, found: Placed, kinds: Sequence[Kind], level: str) -> str:
    """Which kind is most frequent and where most problems are."""
    total = found.lines.height
    most = max(kinds, key=len)
    said = f"上图问题{total}条"
    if len(kinds) > 1:
        said += f"，{most.name}最多（{len(most)}条，占{numbers.percent(len(most) / total)}）"
    counts = (
        found.lines.drop_nulls(level)[level].value_counts().sort(["count", level], descending=[True, False])
    )
    top = counts.row(0) if counts.height > 1 else None
    where = f"；问题最多的是{view.name(top[0])}（{top[1]}条）" if top else ""
    return f"{said}{where}。资料来源：问题台账"


def by_unit(view: View, below: Sequence[str], level: str, found: Placed, kinds: Sequence[Kind]) -> Table:
    """Units × kinds: how many lines, most first."""
    names = [k.name for k in kinds]
    counted: Mapping[tuple[str, str], int] = {
        (u, k): n
        for u, k, n in found.lines.drop_nulls(level)
        .with_columns(kind=pl.when(pl.col("kind").is_in(names)).then("kind").otherwise(pl.lit(OTHERS)))
        .group_by(level, "kind")
        .len()
        .iter_rows()
    }
    columns = (
        Column("unit", words.level_name(level), 30, nowrap=True),
        *(Column(f"k{i}", name, 18, "right", "number") for i, name in enumerate(names)),
        Column("all", "合计", 16, "right", "number"),
    )
    rows: list[tuple[Cell, ...]] = []
    for unit in below:
        row = [counted.get((unit, k), 0) for k in names]
        if sum(row):
            rows.append((view.name(unit), *row, sum(row)))
    rows.sort(key=lambda r: (-int(str(r[-1])), str(r[0])))
    return Table(f"各{words.level_name(level)}问题台账条数", columns, tuple(rows))


@dataclass(frozen=True)
class Risk:
    """Units of one level with their risk, and where the levels begin (over all units of the level in the district)."""

    level: str
    rows: dict[str, Row]
    limits: tuple[float, ...]

    def at(self, unit: str) -> int | None:
        """The unit's level: 0 未发现 …; None where it was not examined."""
        row = self.rows.get(unit)
        return None if row is None else risk.level_of(row["index"], self.limits)

    @property
    def names(self) -> tuple[str, ...]:
        """The levels that the limits make, the lowest first."""
        return (risk.NONE_FOUND, *risk.LEVELS[: len(self.limits) + 1])

    def classes(self, units: Sequence[str]) -> Classes:
        """The levels as classes of a map."""
        ramp = load_theme().ramp
        colours = (load_theme().ink["paper"], ramp[0], *ramp[2:])
        said = [
            self.names[0],
            *(f"{n} {r}" for n, r in zip(self.names[1:], _ranges(self.limits), strict=True)),
        ]
        of = {u: self.at(u) for u in units}
        first = 0 if 0 in of.values() else 1
        at = {u: None if n is None else n - first for u, n in of.items()}
        return Classes(tuple(said[first:]), colours[first : len(said)], at, "未检查")


def _ranges(limits: Sequence[float]) -> list[str]:
    texts = [f"{v:g}" for v in limits]
    if not texts:
        return [">0"]
    return [f"<{texts[0]}", *(f"{a}–{b}" for a, b in pairwise(texts)), f"≥{texts[-1]}"]


def risk_at(view: View, level: str) -> Risk:
    """The risk of every unit of a level in the district."""
    frame = risk.risk_of_units(
        view.frame("ledger"), view.results.indicators, view.frame("measurements"), view.results.units, level
    )
    return Risk(level, {r["unit"]: r for r in frame.to_dicts()}, risk.limits_of(frame["index"]))


def risk_blocks(view: View, unit: str, above: Table | None = None) -> tuple[Block, ...]:
    """风险动态区划图 and 风险清单 of a unit; nothing where no safety problem was found in it.

    ``above``: a table that stands before it on the page; the maps take what it leaves, if they can still be read then.
    """
    levels = ("town", "community") if view.units[unit]["level"] == "district" else ("community",)
    held = [risk_at(view, level) for level in levels]
    found = [r for r in held if any(r.at(u) for u in view.of_level(r.level, unit))]
    if not found:
        return ()
    rule = _rule(view, found) if len(levels) > 1 else _first_said(view, unit, found[-1])
    left = figure_room((rule,), above) + _SLACK * len(above) if above is not None else 0.0
    pair = (_PAIR, min(left, 105.0) if left >= _LEAST_PAIR else 105.0)
    charts = []
    for one in found:
        units = view.of_level(one.level, unit)
        over = (
            shapes_of(view, view.of_level("town", unit))
            if one.level == "community" and len(levels) > 1
            else {}
        )
        noun = words.level_name(one.level)
        names = {u: view.name(u) for u in over or units}
        size = pair if len(found) > 1 else (130.0, 110.0)
        charts.append(
            classed_map(
                shapes_of(view, units), one.classes(units), f"各{noun}安全风险等级图：{_counts(one, units)}", size,
                names if not over else {}, over=over,
            )
        )  # fmt: skip
    drawn = tuple(c for c in charts if c is not None)
    figure = (FigureBlock(drawn, _risk_finding(view, unit, found)),) if drawn else ()
    return (Prose((rule,)), *figure, TableBlock(risk_table(view, unit, found[-1]), dense=True))


def _counts(one: Risk, units: Sequence[str]) -> str:
    """``重大风险2个、较大风险5个``, the highest level first."""
    at = [one.at(u) for u in units]
    return "、".join(f"{name}{n}个" for i, name in reversed(list(enumerate(one.names))) if (n := at.count(i)))


def _risk_finding(view: View, unit: str, found: Sequence[Risk]) -> str:
    parts = []
    for one in found:
        units = view.of_level(one.level, unit)
        side = "" if len(found) == 1 else ("左：" if one is found[0] else "右：")
        parts.append(f"{side}{len(units)}个{words.level_name(one.level)}中{_counts(one, units)}")
    return f"{'；'.join(parts)}。资料来源：问题台账"


def _first_said(view: View, unit: str, one: Risk) -> str:
    """Which unit comes first and for what; the rule is told in the district's report."""
    inside = set(view.of_level(one.level, unit))
    first = next(r for u, r in one.rows.items() if u in inside and one.at(u))
    index = numbers.number(first["index"], 0 if first["index"] >= 100 else 1)
    return (
        f"风险指数最高的是{view.name(first['unit'])}（{index}分/km²，{one.names[one.at(first['unit']) or 0]}），"
        f"计分最多的是{view.indicators[first['worst']]['name']}；算法和等级界限见区级体检报告。"
    )


def _rule(view: View, found: Sequence[Risk]) -> str:
    """The rule in one paragraph, with the limits' percentiles."""
    weights = "、".join(f"{d}{w:g}" for d, w in risk.WEIGHTS.items())
    names = [view.indicators[c]["name"] for c in risk.safety_indicators(view.results.indicators)]
    nouns = "、".join(words.level_name(one.level) for one in found)
    shares = "、".join(str(p) for p in risk.PERCENTILES)
    return (
        f"风险指数把{len(names)}项安全类计数指标（{'、'.join(names[: words.NAMED])}{'等' if len(names) > words.NAMED else ''}）查出的问题按程度计分（{weights}），底线型指标加倍，"
        f"同一对象在一项指标中只计最重的一条，合计后除以单元面积（分/km²）。等级界限为全区{nouns}本年度风险指数（大于0的）的"
        f"第{shares}百分位，各级含下限；等级只说明整治的先后，不说明单元是否安全。"
    )


def risk_table(view: View, unit: str, one: Risk) -> Table:
    """风险清单: the units of the highest levels first."""
    inside = view.of_level(one.level, unit)
    title = "风险清单（按风险指数由高到低）"
    table = units_by_risk(view, title, one, inside, LISTED, tuple(reversed(risk.DEGREES)))
    whole = sum(one.at(u) not in (None, 0) for u in inside)
    rest = (
        (f"共{whole}个{words.level_name(one.level)}有安全类问题，此处列前{LISTED}个",)
        if whole > LISTED
        else ()
    )
    return replace(table, units="单位：处；指数为分/km²", notes=rest)


def units_by_risk(
    view: View, title: str, one: Risk, units: Sequence[str], most: int, degrees: Sequence[str] = ()
) -> Table:
    """Those ``units`` in which anything was found, the highest index first, ``most`` of them; problems by ``degrees``."""
    among = set(units)
    rows = [r for u, r in one.rows.items() if u in among and one.at(u)][:most]
    columns = (
        Column("no", "序号", 9, "right", "number"),
        Column("unit", words.level_name(one.level), 46, kind="name", nowrap=True),
        Column("level", "风险等级", 18, nowrap=True),
        Column("index", "指数", 13, "right", "number", 0 if any(r["index"] >= 100 for r in rows) else 1),
        Column("things", "问题", 12, "right", "number"),
        *(Column(d, d, 14, "right", "number", nowrap=True) for d in degrees),
        Column("baseline", "底线型", 14, "right", "number"),
        Column("worst", "计分最多的问题", 44),
    )
    body = tuple(
        (
            i, unit_parts(view, r["unit"]), one.names[one.at(r["unit"]) or 0], r["index"], r["things"],
            *(r[d] for d in degrees), r["baseline"], words.indicator_name(view, r["worst"]),
        )
        for i, r in enumerate(rows, 1)
    )  # fmt: skip
    return Table(title, columns, body)


def problems_section(view: View, unit: str) -> tuple[Section, ...]:
    """The chapter 问题地图与风险区划; nothing when neither map can be drawn."""
    problems = problem_blocks(view, unit)
    table = next((b.table for b in problems if isinstance(b, TableBlock)), None)
    alone = table is not None and _takes_a_page(problems, table)
    risks = risk_blocks(view, unit, table if alone else None)
    parts = [
        Section(title, blocks, flows=True)
        for title, blocks in (("问题地图", problems), ("风险动态区划", risks))
        if blocks
    ]
    return (Section(TITLE, (), tuple(parts), new_page=True),) if parts else ()


def _takes_a_page(blocks: Sequence[Block], table: Table) -> bool:
    """Whether the problem map left no room for its table."""
    said = next(b.paragraphs for b in blocks if isinstance(b, Prose))
    return figure_room(said, table, True) < _LEAST_MAP
