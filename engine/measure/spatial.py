"""``coverage`` 服务半径覆盖率 and ``density`` 密度: the geometry of inputs turned into pairs.

A demand point counts in the unit it lies in; supply beyond the boundary still serves. Lengths and areas, those of land
that is served too, are clipped to the polygon of every unit of every level, so that a road along a border counts
half-way for neither: what lies exactly on a shared edge counts in both (see ``density.py``).
"""

from __future__ import annotations

from dataclasses import dataclass

import duckdb
import numpy as np
import polars as pl
import shapely

from ...indicators.measure_model import Coverage, Density
from ..evidence import POSITION, Evidence, Gathered
from ..results import LEVELS
from ..units import kind_in_force
from .aggregate_sql import MeasureError
from .coverage import Bools, buffers, nearest_serving, served_land, united
from .density import Floats, Ints, Shapes, clip_areas, clip_lengths, count_inside, junctions
from .features import chosen_rows, demand_points, geometries, need_geometry, share_served
from .pairs import Measured, Pairs, pairs_frame
from .service import facilities_frame, land_points, service_frame


@dataclass(frozen=True)
class _Class:
    """Supply with one radius, and the kinds of unit for whose demand it holds (none named: for all)."""

    rows: pl.DataFrame
    shapes: Shapes
    radius_m: float
    unit_kind: tuple[str, ...] = ()


def measure_coverage(measure: Coverage, gathered: Gathered, con: duckdb.DuckDBPyConnection) -> Measured:
    """Demand within the radius over all demand: points or their weight, or with ``by = "area"`` m² of land.

    Demand for which no class of supply holds (see ``unit_kind``) is not examined: it is in neither.
    """
    demand, supply = gathered.evidence[measure.demand], gathered.evidence[measure.supply]
    for part in (demand, supply):
        need_geometry(part)
    classes = _classes(measure, supply, con)
    share = _share_of_land if measure.by == "area" else _share_of_points
    frame, service = share(demand, measure, classes, gathered, con)
    shapes = np.concatenate([one.shapes for one in classes])
    used = pl.concat([one.rows for one in classes]).with_row_index("_shape")
    once = used.unique(POSITION, keep="first", maintain_order=True)  # a thing may be of several classes
    return Measured(
        Pairs(pairs_frame(frame), rollup="final", scale=measure.scale),
        service=service,
        facilities=facilities_frame(once, shapes[once["_shape"].to_numpy()]),
    )


def _classes(measure: Coverage, supply: Evidence, con: duckdb.DuckDBPyConnection) -> list[_Class]:
    """The supply of each class; a single radius is one class that holds everywhere."""
    said: list[tuple[str | None, float, tuple[str, ...]]]
    if measure.radius_m is not None:
        said = [(measure.supply_where, measure.radius_m, ())]
    else:
        said = [
            (_both(one.where, measure.supply_where), one.radius_m, one.unit_kind) for one in measure.radius
        ]
    classes = []
    for where, radius_m, unit_kind in said:
        rows = chosen_rows(supply, where, con, placed=False)
        shapes = geometries(rows)
        if measure.minimum_area_m2 is not None:
            large = shapely.area(shapes) >= measure.minimum_area_m2
            rows, shapes = rows.filter(pl.Series(large)), shapes[large]
        classes.append(_Class(rows, shapes, radius_m, unit_kind))
    return classes


def _both(one: str | None, other: str | None) -> str | None:
    return " AND ".join(f"({where})" for where in (one, other) if where) or None


def _holds(classes: list[_Class], unit: pl.Series, gathered: Gathered) -> list[Bools]:
    """For each class, for which of the demand points in the units named it holds."""
    kinds = kind_in_force(gathered.units, (kind for one in classes for kind in one.unit_kind))
    kind = unit.replace_strict(kinds, default=None, return_dtype=pl.String)
    return [
        kind.is_in(one.unit_kind).fill_null(False).to_numpy()
        if one.unit_kind
        else np.ones(len(unit), dtype=np.bool_)
        for one in classes
    ]


def _ground_of(unit_kind: tuple[str, ...], named: set[str], gathered: Gathered) -> shapely.Geometry:
    """Where the kind of unit in force is one of ``unit_kind``: the boundaries of finer units cut into those of coarser ones."""
    ground: shapely.Geometry = shapely.Polygon()
    bounded = gathered.units.join(gathered.shapes, left_on="code", right_on="unit")
    for level in LEVELS:
        here = bounded.filter((pl.col("level") == level) & pl.col("kind").is_in(list(named)))
        inside, outside = (
            shapely.union_all(shapely.from_wkb(here.filter(chosen)["wkb"].to_numpy()))
            for chosen in (pl.col("kind").is_in(unit_kind), ~pl.col("kind").is_in(unit_kind))
        )
        ground = shapely.union(shapely.difference(ground, outside), inside)
    return ground


def _share_of_points(
    demand: Evidence,
    measure: Coverage,
    classes: list[_Class],
    gathered: Gathered,
    con: duckdb.DuckDBPyConnection,
) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Pairs of weight (of the points within the radius, of all points, per unit the point lies in), and who is served."""
    rows = demand_points(demand, measure.weight, measure.demand_where, con)
    holds = _holds(classes, rows["unit"], gathered)
    examined = np.any(holds, axis=0)
    rows, holds = rows.filter(pl.Series(examined)), [one[examined] for one in holds]
    served, distance = nearest_serving(
        rows.select("x", "y").to_numpy(), [(one.shapes, one.radius_m) for one in classes], holds
    )
    return share_served(rows, served), service_frame(rows, distance, served)


def _share_of_land(
    demand: Evidence,
    measure: Coverage,
    classes: list[_Class],
    gathered: Gathered,
    con: duckdb.DuckDBPyConnection,
) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Pairs of m² (of the land within the radius, of all land, both clipped to each unit of every level), and points.

    Land and service area are worked out once for the whole layer, in polygons that do not overlap, so that clipping
    them to a unit gives the same as uniting what lies inside it. A unit without such land has no pair.
    """
    land = geometries(chosen_rows(demand, measure.demand_where, con, placed=False))
    parcels = united(land)
    if len(land) and not len(parcels):
        raise MeasureError(f'输入 {demand.name} 没有面状要素，不能按面积计算（by = "area"）')
    levels = _levels(gathered)
    parcels, served = _land_and_served(parcels, classes, gathered)
    parts = []
    for level in levels:
        polygons = np.asarray(shapely.from_wkb(level["wkb"].to_numpy()))
        whole, part = (
            _per_polygon(clip_areas(shapes, polygons), len(polygons)) for shapes in (parcels, served)
        )
        index, _ = clip_areas(land, polygons)
        parts.append(
            level.select("unit").with_columns(
                numerator=pl.Series(np.minimum(part, whole)),  # the sums may differ in their last digit
                denominator=pl.Series(whole),
                rows=pl.Series(np.bincount(index, minlength=len(polygons))),
            )
        )
    spots = land_points(parcels, gathered)
    reached, distance = nearest_serving(
        spots.select("x", "y").to_numpy(),
        [(one.shapes, one.radius_m) for one in classes],
        _holds(classes, spots["unit"], gathered),
    )
    return pl.concat(parts).filter(pl.col("denominator") > 0), service_frame(spots, distance, reached)


def _land_and_served(parcels: Shapes, classes: list[_Class], gathered: Gathered) -> tuple[Shapes, Shapes]:
    """(polygons of the land examined, polygons of it that are served); each do not overlap.

    Classes that hold in units of some kinds only serve the land in those units' boundaries.
    """
    kinds = {one.unit_kind for one in classes}
    named = {kind for group in kinds for kind in group}
    if kinds == {()}:
        return parcels, served_land(parcels, buffers([(one.shapes, one.radius_m) for one in classes]))
    examined, served = [], []
    for unit_kind in sorted(kinds):
        here = parcels
        if unit_kind:
            here = united(shapely.intersection(parcels, _ground_of(unit_kind, named, gathered)))
        same = [(one.shapes, one.radius_m) for one in classes if one.unit_kind == unit_kind]
        examined.append(here)
        served.append(served_land(here, buffers(same)))
    return united(np.concatenate(examined)), united(np.concatenate(served))


def _levels(gathered: Gathered) -> list[pl.DataFrame]:
    """The boundaries (unit, wkb) of each level that has any, sorted by unit. Raises MeasureError without any."""
    shapes = gathered.shapes.join(gathered.units.select(unit="code", level="level"), on="unit").sort("unit")
    if shapes.is_empty():
        raise MeasureError("没有单元边界，无法裁切")
    return shapes.partition_by("level", maintain_order=True)


def _per_polygon(found: tuple[Ints, Floats], polygons: int) -> Floats:
    """The sum of the amounts found in each polygon, shape (polygons,)."""
    index, amount = found
    return np.asarray(np.bincount(index, weights=amount, minlength=polygons), dtype=np.float64)


def measure_density(measure: Density, gathered: Gathered, con: duckdb.DuckDBPyConnection) -> Pairs:
    """Length (km), area (m²), number of features or of junctions of roads inside each unit, per km² or per person.

    A unit without a boundary was not examined: it has no pair, and so no value.
    """
    source = gathered.evidence[measure.of]
    need_geometry(source)
    features = geometries(chosen_rows(source, measure.where, con, placed=False))
    if measure.what == "junctions":
        features = junctions(features, measure.merge_m)
    parts = []
    for level in _levels(gathered):
        polygons = np.asarray(shapely.from_wkb(level["wkb"].to_numpy()))
        if measure.what == "length":
            index, amount = clip_lengths(features, polygons)
            amount = amount / 1000.0
        elif measure.what == "area":
            index, amount = clip_areas(features, polygons)
        else:
            index, amount = count_inside(features, polygons)
        totals = _per_polygon((index, amount), len(polygons))
        numbers = np.bincount(index, minlength=len(polygons))
        parts.append(level.select("unit").with_columns(numerator=pl.Series(totals), rows=pl.Series(numbers)))
    found = pairs_frame(pl.concat(parts))
    return Pairs(found, rollup="final", scale=measure.scale, per=measure.per, examined=True)
