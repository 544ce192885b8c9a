"""服务覆盖 in a report: which demand nothing serves, on a map and by unit."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import polars as pl

from .. import numbers
from ..blocks import Block, FigureBlock, Prose, Section, TableBlock
from ..charts.svg import Chart
from ..maps.service import Demand, Site, Words, service_map
from ..tables.lists import decimals_of
from ..tables.table import Cell, Column, Figure, Table
from ..view import Row, View
from ..wording import words
from .figures import shapes_of
from .room import caption_height, figure_room

WIDTH = 168.0
SITES_SHOWN = 9
LEAST_SHARE = 0.0005  # unserved demand that would print as 0.0 % is nothing to show
_LEAST_MAP, _MOST_MAP = 85.0, 165.0
_COLUMNS = 3  # indicators side by side in the table
_SOURCES = 2  # of an indicator's forms, named under its map
_ROWS = 10  # of the table; the map shows the others
_LAND = "㎡"
_WITHOUT = {
    "coverage": "不在服务范围内",
    "walk": "在步行限度内走不到",
    "circle": "在步行限度内走不到要求的类数",
}
_HECTARE = 10_000.0


@dataclass(frozen=True)
class Service:
    """Demand of one indicator inside a unit: all of it, what is not served, and both by unit below."""

    code: str
    points: pl.DataFrame  # unit, x, y, weight, served
    counted: str  # 人, ㎡, 处 …
    total: float
    missing: float
    below: tuple[tuple[str, float, float], ...]  # unit, missing, total; most missing first
    kinds: tuple[
        tuple[str, float], ...
    ]  # of supply, where there are several: who does not reach each, most first

    @property
    def share(self) -> float:
        """The part that is not served."""
        return self.missing / self.total

    def amount(self, weight: float) -> str:
        """``1.2万人``, ``35公顷``."""
        if self.counted == _LAND:
            hectares = weight / _HECTARE
            return f"约{numbers.quantity(hectares, '公顷', 0 if hectares >= 10 else 1)}"
        return numbers.people(weight, self.counted)


def services(view: View, unit: str, codes: Sequence[str]) -> list[Service]:
    """The named indicators of service with any demand in the unit, those with most unserved demand first."""
    frame = view.frame("service").filter(
        pl.col("indicator").is_in(list(codes)) & pl.col("unit").is_in(list(view.subtree(unit)))
    )
    found = [_service(view, unit, str(code), part) for (code,), part in frame.group_by("indicator")]
    known = [s for s in found if s.total > 0]
    return sorted(known, key=lambda s: (-s.share, view.indicator_order[s.code]))


def _service(view: View, unit: str, code: str, rows: pl.DataFrame) -> Service:
    points = _whole(rows)
    level = "town" if view.units[unit]["level"] == "district" else "community"
    lies = {u: r[level] for u, r in view.units.items()}
    sums = (
        points.with_columns(below=pl.col("unit").replace_strict(lies, default=None, return_dtype=pl.String))
        .group_by("below")
        .agg(missing=pl.col("weight").filter(~pl.col("served")).sum(), total=pl.col("weight").sum())
        .sort(["missing", "below"], descending=[True, False])
    )
    below = tuple((b, m, t) for b, m, t in sums.iter_rows() if b is not None and t > 0)
    missing = points["weight"].filter(~points["served"]).sum()
    counted = view.indicators[code]["counted"] or ""
    return Service(code, points, counted, float(points["weight"].sum()), float(missing), below, _kinds(rows))


def _kinds(rows: pl.DataFrame) -> tuple[tuple[str, float], ...]:
    lacking = rows.filter(pl.col("kind").is_not_null() & ~pl.col("served").fill_null(False))
    sums = lacking.group_by("kind").agg(pl.col("weight").sum())
    return tuple(sums.sort(["weight", "kind"], descending=[True, False]).iter_rows())


def _whole(rows: pl.DataFrame) -> pl.DataFrame:
    """One row per demand point, its place known: of an indicator with kinds of supply the row for all of them together."""
    rows = rows.filter(pl.col("x").is_not_null() & pl.col("y").is_not_null() & (pl.col("weight") > 0))
    together = rows.filter(pl.col("kind").is_null())
    return together.select("unit", "x", "y", "weight", pl.col("served").fill_null(False))


def service_part(view: View, unit: str, codes: Sequence[str], tallest: float | None = None) -> Section | None:
    """The services among ``codes``: the map of the one with most unserved demand, and all of them by unit, on one page.

    With ``tallest`` the map is at most so high in mm and the part flows on where the one before ends. None where nobody is
    without service, or the run has no places.
    """
    found = [s for s in services(view, unit, codes) if s.share >= LEAST_SHARE]
    if not found:
        return None
    said = "".join(spoken(view, unit, s) for s in found[1 : 1 + _COLUMNS])
    table = by_unit(view, unit, found)
    sites = _sites(view, unit, found[0].code)
    caption = _caption(view, unit, found[0], sites)
    height = figure_room((said,), table) - caption_height(caption)
    size = (WIDTH, min(max(height, _LEAST_MAP), tallest or _MOST_MAP))
    drawn = _drawn(view, unit, found[0], sites, size)
    figure = (FigureBlock((drawn,), caption),) if drawn is not None else ()
    blocks: tuple[Block, ...] = (*figure, Prose((said,)), TableBlock(table, dense=True))
    return Section("服务覆盖", blocks, continues=True, flows=tallest is not None)


def spoken(view: View, unit: str, service: Service) -> str:
    """``公交站点500米覆盖率为81.2%，3.4万人不在服务范围内，最多的是甲镇（1.2万人）、乙镇（0.8万人）。``"""
    return f"{_value_said(view, unit, service)}，{_missing_said(view, service)}。"


def _value_said(view: View, unit: str, service: Service) -> str:
    indicator = view.indicators[service.code]
    measured = view.measured(unit, service.code)
    if measured is None or measured["value"] is None:
        return indicator["name"] or service.code
    value = numbers.quantity(measured["value"], indicator["unit"] or "", decimals_of(indicator))
    return f"{indicator['name']}为{value}"


def _missing_said(view: View, service: Service) -> str:
    land = "用地" if service.counted == _LAND else ""
    without = _WITHOUT.get(view.indicators[service.code]["method"], _WITHOUT["coverage"])
    said = f"{service.amount(service.missing)}{land}{without}"
    most = [(u, m) for u, m, _ in service.below[: words.NAMED] if m > 0]
    if len(service.below) < 2 or not most:
        return said
    told = "、".join(f"{view.name(u)}（{service.amount(m)}）" for u, m in most)
    return f"{said}，最多的是{told}{_kinds_said(service)}"


def _kinds_said(service: Service) -> str:
    """Of a life circle: which kinds of supply most cannot reach."""
    most = [(kind, m) for kind, m in service.kinds[: words.NAMED] if m > 0]
    told = "、".join(f"{kind}（{service.amount(m)}）" for kind, m in most)
    return f"；走不到最多的是{told}" if told else ""


def _caption(view: View, unit: str, service: Service, sites: Sequence[Row]) -> str:
    """The finding of the map, what the first site would bring, and where the figures come from."""
    finding = f"{_value_said(view, unit, service)}，{_missing_said(view, service)}"
    return f"{finding}{_sites_said(view, unit, service, sites)}{_source(view, service.code)}"


def figure_of(view: View, unit: str, service: Service, size: tuple[float, float]) -> tuple[Chart | None, str]:
    """The map of one service in a unit and its caption, for whoever lays maps out side by side."""
    sites = _sites(view, unit, service.code)
    return _drawn(view, unit, service, sites, size), _caption(view, unit, service, sites)


def _drawn(
    view: View, unit: str, service: Service, sites: Sequence[Row], size: tuple[float, float]
) -> Chart | None:
    below = [u for u, _, _ in service.below] if view.units[unit]["level"] == "district" else []
    level = "town" if view.units[unit]["level"] == "district" else "community"
    inside = view.of_level(level, unit) or below
    shapes = shapes_of(view, inside) or shapes_of(view, [unit])
    supply = view.frame("facilities").filter(pl.col("indicator") == service.code)["wkb"].drop_nulls()
    points = service.points
    demand = Demand(
        points.select("x", "y").to_numpy(),
        points["weight"].to_numpy().astype(np.float64),
        points["served"].to_numpy().astype(np.bool_),
    )
    served = service.total - service.missing
    noun = {"人": "人口", _LAND: "用地"}.get(service.counted, "需求")
    said = Words(
        f"已服务{noun} {service.amount(served)}",
        f"未服务{noun} {service.amount(service.missing)}",
        "计入的设施",
        {"人": "人数", _LAND: "用地面积"}.get(service.counted, "数量"),
    )
    return service_map(
        shapes, demand, supply.to_list(), f"服务覆盖图：{spoken(view, unit, service)}", size, said,
        {u: view.name(u) for u in shapes},
        [Site(i, r["x"], r["y"], r["radius_m"] or 0.0) for i, r in enumerate(sites, 1)],
    )  # fmt: skip


def _sites(view: View, unit: str, code: str) -> list[Row]:
    """The proposed sites in the unit, those that serve most first."""
    frame = view.frame("sites").filter(
        (pl.col("indicator") == code) & pl.col("unit").is_in(list(view.subtree(unit)))
    )
    return (
        frame.sort(["gained", "unit", "rank"], descending=[True, False, False]).head(SITES_SHOWN).to_dicts()
    )


def _sites_said(view: View, unit: str, service: Service, sites: Sequence[Row]) -> str:
    """What the first site alone would bring to its town."""
    if not sites:
        return ""
    first = sites[0]
    indicator = view.indicators[service.code]
    before, after = (
        numbers.quantity(first[k], indicator["unit"] or "", decimals_of(indicator))
        for k in ("unit_before", "unit_after")
    )
    where = f"（{view.name(first['unit'])}）" if first["unit"] != unit else ""
    lifted = (
        f"，{'本街镇' if not where else '该街镇'}由{before}升至{after}"
        if first["rank"] == 1 and before != after
        else ""
    )
    return f"；在①处{where}新增一处可多服务{service.amount(first['gained'])}{lifted}"


def _source(view: View, code: str) -> str:
    """The first sources of the indicator; the list of indicators has them all."""
    named = (view.indicators[code]["data_source"] or "").split("；")
    told = "；".join(named[:_SOURCES]) + ("等" if len(named) > _SOURCES else "")
    return f"。资料来源：{told}" if told else ""


def by_unit(view: View, unit: str, found: Sequence[Service]) -> Table:
    """Unserved demand by town (of a town: by community), most of the first indicator first."""
    shown = list(found[:_COLUMNS])
    noun = words.level_name("town" if view.units[unit]["level"] == "district" else "community")
    columns = [Column("unit", noun, 30, nowrap=True)]
    for s in shown:
        name = view.indicators[s.code]["name"] or s.code
        measure = "公顷" if s.counted == _LAND else s.counted
        columns += [
            Column(f"{s.code}-missing", f"{name}：未服务（{measure}）", 30, "right", "number"),
            Column(f"{s.code}-share", "占比", 16, "right", "number"),
        ]
    rows = []
    order = [u for u, missing, _ in shown[0].below if missing > 0]
    rest = [u for s in shown[1:] for u, missing, _ in s.below if missing > 0]
    for code in dict.fromkeys([*order, *rest]):
        cells: list[Cell] = [view.name(code)]
        for s in shown:
            held = next(((m, t) for u, m, t in s.below if u == code), None)
            cells += _cells(s, held)
        rows.append(tuple(cells))
    title = f"各{noun}未服务的{_noun(shown)}"
    cut = (f"此处列前{_ROWS}个{noun}，另有{len(rows) - _ROWS}个也有未服务的",) if len(rows) > _ROWS else ()
    return Table(title, tuple(columns), tuple(rows[:_ROWS]), notes=cut)


def _noun(shown: Sequence[Service]) -> str:
    named = {"人": "人口", _LAND: "用地"}
    kinds = list(dict.fromkeys(named.get(s.counted, "需求") for s in shown))
    return "与".join(kinds)


def _cells(service: Service, held: tuple[float, float] | None) -> tuple[Cell, Cell]:
    if held is None:
        return Figure(None), Figure(None)
    missing, total = held
    if service.counted == _LAND:
        return Figure(missing / _HECTARE, 1), Figure(100 * missing / total, 1, unit="%")
    return Figure(missing), Figure(100 * missing / total, 1, unit="%")
