"""Measuring a second time, slowly and plainly, from the definitions alone (逐项计算的独立算法).

Nothing of ``engine/measure`` or of the ledger is used and no database computes: evidence rows are dicts, SQL is walked
by :mod:`.plain_sql`, shapes are cut one by one without any index. The rules are those of the architecture's "Roll-up":
evidence of things is summed over all rows inside a unit; a form's figures are added up from the children, and where
those are incomplete the unit's own figure stands; a bare rate goes up only by a weight that is named.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any, Literal

import numpy as np
import polars as pl
import shapely
from tijian.engine.evidence import Evidence, Gathered
from tijian.indicators.catchment_model import Catchment
from tijian.indicators.measure_model import (
    Circle,
    Count,
    Coverage,
    Density,
    Measure,
    Ratio,
    Reported,
    Sql,
    Survey,
    Walk,
)

from .plain_space import catchment, junctions
from .plain_sql import Row, UnsupportedError, holds, of_row, of_rows
from .plain_walk import on_foot

THINGS = ("records", "layer", "tickets", "survey")  # kinds of input whose rows exist once and are summed
ROUNDING_M = 1e-6  # coordinates run to millions of metres: so much nearer is still "at the radius"
QUARTER = 32  # chords to a quarter circle, the accuracy documented for served land
Size = Literal["population", "area_km2"]
Parts = tuple[float | None, float | None]  # numerator and denominator


@dataclass(frozen=True)
class Unit:
    """One unit of the tree."""

    code: str
    level: str
    parent: str | None
    kind: str | None
    population: float | None
    area_km2: float | None


Query = Callable[
    [Unit, Mapping[str, Sequence[Row]]], Parts | None
]  # of one unit, from all rows of each input


@dataclass(frozen=True)
class Plain:
    """What comes out for one unit: the parts and the value; ``basis`` is the share of its people they stand on."""

    numerator: float | None = None
    denominator: float | None = None
    value: float | None = None
    basis: float = 1.0


@dataclass(frozen=True)
class Table:
    """One input: its rows, each with its ``shape`` where it has a place, and what its kind means for adding up."""

    item: Evidence

    @property
    def things(self) -> bool:
        """Whether its rows are things that exist once, not statements about a whole unit."""
        return self.item.input.kind in THINGS

    @property
    def none_happened(self) -> bool:
        """Whether it is a register of events that came back empty."""
        return not self.rows and self.item.input.empty_means_none

    @cached_property
    def rows(self) -> list[Row]:
        """The rows, polygons with their area in m²."""
        rows: list[dict[str, Any]] = self.item.frame.to_dicts()
        for row in rows:
            if (wkb := row.pop("_wkb", None)) is not None:
                row["shape"] = shapely.from_wkb(wkb)
            elif row.get("x") is not None:
                row["shape"] = shapely.Point(row["x"], row["y"])
            if "area_m2" not in row and "_wkb" in self.item.frame.columns:
                row["area_m2"] = row["shape"].area if _is_land(row.get("shape")) else None
        return list(rows)


class Year:
    """The evidence of a year, ready to be measured."""

    def __init__(self, gathered: Gathered) -> None:
        self.units = {u.code: u for u in _units(gathered.units)}
        self.tables = {name: Table(item) for name, item in gathered.evidence.items()}
        self.space = gathered.space
        self.borders = {row["unit"]: shapely.from_wkb(row["wkb"]) for row in gathered.shapes.to_dicts()}

    def inside(self, rows: Sequence[Row]) -> dict[str, list[Row]]:
        """Of each unit of each level the rows that lie in it, where there are any."""
        found: dict[str, list[Row]] = {}
        for row in rows:
            for level in ("district", "town", "community"):
                if row[f"_{level}"] is not None:
                    found.setdefault(row[f"_{level}"], []).append(row)
        return found

    def own(self, rows: Sequence[Row]) -> dict[str, list[Row]]:
        """Of each unit the rows that are about it, where there are any."""
        found: dict[str, list[Row]] = {}
        for row in rows:
            if row["unit"] is not None:
                found.setdefault(row["unit"], []).append(row)
        return found

    def kind_of(self, code: str, named: set[str]) -> str | None:
        """The kind of a unit if it is one of those named, else that of the nearest unit above that is."""
        unit = self.units[code]
        if unit.kind in named:
            return unit.kind
        return self.kind_of(unit.parent, named) if unit.parent else None

    def children(self, code: str) -> list[Unit]:
        """The units right below one."""
        return [u for u in self.units.values() if u.parent == code]


def _units(frame: pl.DataFrame) -> list[Unit]:
    return [Unit(**row) for row in frame.select(*Unit.__dataclass_fields__).to_dicts()]


def measure(measure: Measure, year: Year, query: Query | None = None) -> dict[str, Plain]:
    """Unit → what comes out, for every unit at every level that has a value; ``query`` is a ``sql`` measure's in Python."""
    match measure:
        case Ratio():
            found = _ratio(measure, year)
        case Count():
            return _count(measure, year)
        case Survey():
            found = _survey(measure, year)
        case Reported():
            return _reported(measure, year)
        case Sql():
            assert query is not None, "a query without its plain version"
            found = _query(measure, query, year)
        case Coverage():
            found = _land(measure, year) if measure.by == "area" else _points(measure, year)
        case Walk() | Circle():
            found = _on_foot(measure, year)
        case Density():
            found = _density(measure, year)
        case Catchment():
            found = {
                code: Plain(*pair, value=pair[0] if measure.what == "gap" else None)
                for code, pair in catchment(
                    measure, {n: year.tables[n].rows for n in measure.inputs}, year.inside
                ).items()
            }
            if measure.what == "gap":
                return found
    scale = 1.0 if isinstance(measure, Survey) else measure.scale
    return _with_values(found, scale, getattr(measure, "per", None), year)


def _with_values(found: Mapping[str, Plain], scale: float, per: Size | None, year: Year) -> dict[str, Plain]:
    """Numerator over denominator (over the unit's own size where it is per person or km²), times the scale.

    A total without a denominator is its own value; what would have to be divided by nothing has none.
    """
    valued = {}
    for code, one in found.items():
        if one.numerator is None:
            continue
        size = one.denominator if per is None else getattr(year.units[code], per)
        if per is None and size is None:
            valued[code] = replace(one, value=one.numerator * scale)
        elif size is not None and size * one.basis > 0:
            size = size if per is None else size * one.basis
            valued[code] = replace(one, denominator=size, value=one.numerator / size * scale)
    return valued


def _ratio(measure: Ratio, year: Year) -> dict[str, Plain]:
    """Per person or km² of things the whole district was looked at: a unit without a row has none of it."""
    table = year.tables[measure.of]
    if table.none_happened and measure.denominator is None:
        return dict.fromkeys(year.units, Plain(0.0))
    rows = [r for r in table.rows if r["unit"] is not None and holds(measure.where, r)]
    groups = (year.inside if table.things else year.own)(rows)
    pairs = {code: Plain(*_parts(measure, group)) for code, group in groups.items()}
    known = {code: one for code, one in pairs.items() if _complete(one, measure.denominator is not None)}
    if not table.things:
        return _settled(known, year)
    nowhere = year.units.keys() - pairs.keys() if measure.per is not None and pairs else set()
    return known | dict.fromkeys(nowhere, Plain(0.0))


def _parts(measure: Ratio, rows: Sequence[Row]) -> Parts:
    below = of_rows(measure.denominator, rows) if measure.denominator is not None else None
    return of_rows(measure.numerator, rows), below


def _complete(one: Plain, with_denominator: bool) -> bool:
    return one.numerator is not None and (one.denominator is not None or not with_denominator)


def _settled(own: Mapping[str, Plain], year: Year) -> dict[str, Plain]:
    """Figures of forms: what the children add up to, unless some are missing and the unit states its own."""
    settled: dict[str, Plain] = {}

    def settle(unit: Unit) -> Plain | None:
        below = [(child, found) for child in year.children(unit.code) if (found := settle(child)) is not None]
        chosen = own.get(unit.code)
        if below:
            added = _added(unit, below, year)
            if chosen is None or added.basis > 1 - 1e-9:
                chosen = added
        if chosen is not None:
            settled[unit.code] = chosen
        return chosen

    for unit in year.units.values():
        if unit.parent is None:
            settle(unit)
    return settled


def _added(unit: Unit, below: Sequence[tuple[Unit, Plain]], year: Year) -> Plain:
    """The children's sums, and the share of the unit's people who live in them (of its children, where that is unknown)."""
    parts = [one.denominator for _, one in below]
    people = [child.population for child in year.children(unit.code)]
    if None in people or not sum(p for p in people if p is not None):
        basis = len(below) / len(people)
    else:
        basis = sum((c.population or 0.0) * one.basis for c, one in below) / sum(p or 0.0 for p in people)
    return Plain(
        sum(one.numerator or 0.0 for _, one in below),
        None if None in parts else sum(p or 0.0 for p in parts),
        basis=basis,
    )


def _reported(measure: Reported, year: Year) -> dict[str, Plain]:
    """The value stated; upward only the mean by the weight named."""
    stated: dict[str, float] = {}
    for row in year.tables[measure.of].rows:
        if row["unit"] is not None and row["item"] == measure.item and row["value"] is not None:
            stated.setdefault(row["unit"], row["value"])
    if measure.weight is not None:
        raise UnsupportedError("no shipped indicator averages reported values upward")
    return {code: Plain(value=value) for code, value in stated.items()}


def _survey(measure: Survey, year: Year) -> dict[str, Plain]:
    """The mean score of those who answered, each with the weight the project gives."""
    groups = year.inside([r for r in year.tables[measure.of].rows if r[measure.question] is not None])
    return {
        code: Plain(
            sum(r[measure.question] * r.get("_weight", 1.0) for r in rows),
            sum(r.get("_weight", 1.0) for r in rows),
        )
        for code, rows in groups.items()
    }


def _query(measure: Sql, query: Query, year: Year) -> dict[str, Plain]:
    """A query in Python for every unit; where forms are among its inputs its answers are figures like theirs."""
    tables = {name: year.tables[name] for name in measure.of}
    rows = {name: table.rows for name, table in tables.items()}
    found = {code: query(unit, rows) for code, unit in year.units.items()}
    pairs = {code: Plain(*parts) for code, parts in found.items() if parts is not None and None not in parts}
    return pairs if all(table.things for table in tables.values()) else _settled(pairs, year)


def _count(measure: Count, year: Year) -> dict[str, Plain]:
    """Distinct things that fail a sub-rule; of a unit where nothing was examined nothing is known.

    A thing counts once in every unit it lies in, and fails wherever one of its rows fails. Per person or km² the
    list may name failing things only, so that a unit without any has none; unless the input says that it does not
    cover every unit: then some row of it must be there. Of a register of events that came back empty nothing
    happened anywhere.
    """
    table = year.tables[measure.of]
    if table.none_happened:
        sizes = {
            c: None if measure.per == "things" else getattr(u, measure.per) for c, u in year.units.items()
        }
        return {code: Plain(0.0, size, 0.0) for code, size in sizes.items()}
    examined = [r for r in table.rows if r["unit"] is not None and holds(measure.where, r)]
    failing = {r[measure.key] for r in examined if any(holds(rule.when, r) for rule in measure.rule)}
    found: dict[str, Plain] = {}
    unknown = set()
    for code, rows in year.inside(examined).items():
        things: dict[Any, list[float]] = {}
        for row in rows:
            amount = 1.0 if measure.weight is None else of_row(measure.weight, row)
            things.setdefault(row[measure.key], []).extend([] if amount is None else [amount])
        amounts = {thing: min(known) for thing, known in things.items() if known}
        found[code] = Plain(sum(a for thing, a in amounts.items() if thing in failing), sum(amounts.values()))
        if not amounts:
            unknown.add(code)
    if measure.per == "things":
        return {code: replace(one, value=one.numerator) for code, one in found.items()}
    unclear = [
        r for r in table.rows if r["unit"] is not None and measure.where and of_row(measure.where, r) is None
    ]
    unknown |= year.inside(unclear).keys() - found.keys()
    looked_at = year.units if table.item.input.complete else year.inside(table.rows)
    return {
        code: replace(one, denominator=getattr(year.units[code], measure.per), value=one.numerator)
        for code in looked_at
        if code not in unknown
        for one in [found.get(code, Plain(0.0))]
    }


def _is_land(shape: shapely.Geometry | None) -> bool:
    return shape is not None and shape.geom_type in ("Polygon", "MultiPolygon")


def _classes(measure: Coverage, year: Year) -> list[tuple[list[shapely.Geometry], float, tuple[str, ...]]]:
    """The supply of each class with its radius, and the kinds of unit it holds for (none: all)."""
    named = [(one.where, one.radius_m, one.unit_kind) for one in measure.radius] or [
        (None, measure.radius_m, ())
    ]
    return [
        (
            [
                r["shape"]
                for r in year.tables[measure.supply].rows
                if r.get("shape") is not None
                and holds(where, r)
                and holds(measure.supply_where, r)
                and r["shape"].area >= (measure.minimum_area_m2 or 0.0)
            ],
            radius_m or 0.0,
            kinds,
        )
        for where, radius_m, kinds in named
    ]


def _points(measure: Coverage, year: Year) -> dict[str, Plain]:
    """The weight of the demand points with some supply of some class within its radius, of the weight of all."""
    classes = [(np.array(shapes, dtype=object), r, kinds) for shapes, r, kinds in _classes(measure, year)]
    demand = []
    for row in year.tables[measure.demand].rows:
        if row["unit"] is None or row.get("x") is None or not holds(measure.demand_where, row):
            continue
        weight = 1.0 if measure.weight is None else row[measure.weight]
        if weight is not None:
            point = shapely.Point(row["x"], row["y"])
            here = year.kind_of(row["unit"], {kind for *_, kinds in classes for kind in kinds})
            holding = [(s, r) for s, r, kinds in classes if not kinds or here in kinds]
            served = any((shapely.distance(s, point) <= r + ROUNDING_M).any() for s, r in holding if len(s))
            demand += [{**row, "weight": weight, "served": served}] if holding else []
    return {
        code: Plain(sum(r["weight"] for r in rows if r["served"]), sum(r["weight"] for r in rows))
        for code, rows in year.inside(demand).items()
    }


def _on_foot(measure: Walk | Circle, year: Year) -> dict[str, Plain]:
    """The weight of the demand points that walk no further than the limit, of the weight of all."""
    tables = {name: year.tables[name].rows for name in measure.inputs}
    demand = on_foot(measure, tables, snap_m=year.space.snap_m, speed_m_s=year.space.walk_speed_m_s)
    return {
        code: Plain(sum(r["weight"] for r in rows if r["served"]), sum(r["weight"] for r in rows))
        for code, rows in year.inside(demand).items()
    }


def _land(measure: Coverage, year: Year) -> dict[str, Plain]:
    """The m² of land within reach of the supply, of all land: overlaps once, both cut along the unit's boundary."""
    if any(one.unit_kind for one in measure.radius):
        raise UnsupportedError("no shipped indicator has a radius for land in a kind of unit")
    rows = year.tables[measure.demand].rows
    parcels = [r["shape"] for r in rows if _is_land(r.get("shape")) and holds(measure.demand_where, r)]
    land = shapely.union_all(parcels)
    reach = shapely.union_all(
        [
            shapely.buffer(s, radius, quad_segs=QUARTER)
            for shapes, radius, _ in _classes(measure, year)
            for s in shapes
        ]
    )
    served = land.intersection(reach)
    return {
        code: Plain(served.intersection(border).area, land.intersection(border).area)
        for code, border in year.borders.items()
        if land.intersection(border).area > 0
    }


def _density(measure: Density, year: Year) -> dict[str, Plain]:
    """Kilometres or m² inside each unit's boundary, feature by feature; what a line runs along twice counts once."""
    if measure.what == "number":
        raise UnsupportedError("no shipped indicator counts features by density")
    shapes = [r["shape"] for r in year.tables[measure.of].rows if holds(measure.where, r)]
    shapes = [shapely.union_all([shape]) for shape in shapes if shape is not None]
    if measure.what == "junctions":
        spots = shapely.points(np.array(junctions(shapes, measure.merge_m)).reshape(-1, 2))
        return {code: Plain(float(shapely.covers(b, spots).sum())) for code, b in year.borders.items()}
    found = {}
    for code, border in year.borders.items():
        parts = [shape.intersection(border) for shape in shapes if shape.intersects(border)]
        km = sum(part.length for part in parts) / 1000
        found[code] = Plain(km if measure.what == "length" else sum(part.area for part in parts))
    return found
