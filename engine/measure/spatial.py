"""``coverage`` 服务半径覆盖率 and ``density`` 密度: the geometry of inputs turned into pairs.

A demand point counts in the unit it lies in; supply beyond the boundary still serves. Lengths and areas, those of land
that is served too, are clipped to the polygon of every unit of every level, so that a road along a border counts
half-way for neither: what lies exactly on a shared edge counts in both (see ``density.py``).
"""

from __future__ import annotations

import duckdb
import numpy as np
import polars as pl
import shapely

from ...indicators.measure_model import Coverage, Density
from ..evidence import LEVEL_COLUMNS, Evidence, Gathered, at_every_level
from .aggregate_sql import MeasureError, condition, run_sql
from .coverage import Classes, buffers, covered_by_any, served_land, united
from .density import Floats, Ints, Shapes, clip_areas, clip_lengths, count_inside
from .pairs import Pairs, pairs_frame

ROW = "_ix"  # the row's place in its evidence frame; the sandboxed tables carry it


def _chosen(
    evidence: Evidence, where: str | None, con: duckdb.DuckDBPyConnection, *, placed: bool
) -> pl.DataFrame:
    """The rows of an input that meet the condition; with ``placed`` only those that lie in a unit."""
    clause = condition(where) if placed else (f"WHERE {where}" if where else "")
    rows = run_sql(con, f'SELECT {ROW} FROM "{evidence.name}" {clause} ORDER BY {ROW}')
    return evidence.frame[rows[ROW].to_numpy()]


def _need_geometry(evidence: Evidence) -> None:
    if "_wkb" not in evidence.frame.columns and "x" not in evidence.frame.columns:
        raise MeasureError(f"输入 {evidence.name} 没有空间位置（图层，或经度、纬度两列）")


def _geometries(frame: pl.DataFrame) -> Shapes:
    """The shapes of an evidence frame (metres), or its points where it has only x and y."""
    if "_wkb" in frame.columns:
        return np.asarray(shapely.from_wkb(frame["_wkb"].to_numpy()))
    return np.asarray(shapely.points(frame["x"].to_numpy(), frame["y"].to_numpy()))


def measure_coverage(measure: Coverage, gathered: Gathered, con: duckdb.DuckDBPyConnection) -> Pairs:
    """Demand within the radius over all demand: points or their weight, or with ``by = "area"`` m² of land."""
    demand, supply = gathered.evidence[measure.demand], gathered.evidence[measure.supply]
    for part in (demand, supply):
        _need_geometry(part)
    classes = [
        (
            _large_enough(_geometries(_chosen(supply, where, con, placed=False)), measure.minimum_area_m2),
            radius_m,
        )
        for where, radius_m in _classes(measure)
    ]
    frame = (
        _share_of_land(demand, measure, classes, gathered, con)
        if measure.by == "area"
        else _share_of_points(demand, measure, classes, con)
    )
    return Pairs(pairs_frame(frame), rollup="final", scale=measure.scale)


def _classes(measure: Coverage) -> list[tuple[str | None, float]]:
    """The condition on the supply and the radius in metres of each class; a single radius is one class."""
    if measure.radius_m is not None:
        return [(measure.supply_where, measure.radius_m)]
    also = f" AND ({measure.supply_where})" if measure.supply_where else ""
    return [(f"({one.where}){also}", one.radius_m) for one in measure.radius]


def _large_enough(shapes: Shapes, minimum_area_m2: float | None) -> Shapes:
    return shapes if minimum_area_m2 is None else shapes[shapely.area(shapes) >= minimum_area_m2]


def _share_of_points(
    demand: Evidence, measure: Coverage, classes: Classes, con: duckdb.DuckDBPyConnection
) -> pl.DataFrame:
    """Pairs of weight: of the points within the radius, of all points, per unit the point lies in."""
    rows = _chosen(demand, measure.demand_where, con, placed=True).drop_nulls(["x", "y"])
    if measure.weight and measure.weight not in rows.columns:
        raise MeasureError(f"输入 {demand.name} 没有列 {measure.weight}")
    inside = covered_by_any(rows.select("x", "y").to_numpy(), classes)
    weighed = rows.select(
        *LEVEL_COLUMNS,
        (pl.col(measure.weight).cast(pl.Float64) if measure.weight else pl.lit(1.0)).alias("weight"),
        pl.Series("inside", inside),
    ).drop_nulls("weight")
    return (
        at_every_level(weighed)
        .group_by("unit")
        .agg(
            (pl.col("weight") * pl.col("inside")).sum().alias("numerator"),
            pl.col("weight").sum().alias("denominator"),
            pl.len().alias("rows"),
        )
    )


def _share_of_land(
    demand: Evidence, measure: Coverage, classes: Classes, gathered: Gathered, con: duckdb.DuckDBPyConnection
) -> pl.DataFrame:
    """Pairs of m²: of the land within the radius, of all land, both clipped to each unit of every level.

    Land and service area are worked out once for the whole layer, in polygons that do not overlap, so that clipping
    them to a unit gives the same as uniting what lies inside it. A unit without such land has no pair.
    """
    land = _geometries(_chosen(demand, measure.demand_where, con, placed=False))
    parcels = united(land)
    if len(land) and not len(parcels):
        raise MeasureError(f'输入 {demand.name} 没有面状要素，不能按面积计算（by = "area"）')
    served = served_land(parcels, buffers(classes))
    parts = []
    for level in _levels(gathered):
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
    return pl.concat(parts).filter(pl.col("denominator") > 0)


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
    """Length (km), area (m²) or number of features inside each unit, per km² or per person."""
    source = gathered.evidence[measure.of]
    _need_geometry(source)
    features = _geometries(_chosen(source, measure.where, con, placed=False))
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
    return Pairs(pairs_frame(pl.concat(parts)), rollup="final", scale=measure.scale, per=measure.per)
