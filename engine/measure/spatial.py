"""``coverage`` 服务半径覆盖率 and ``density`` 密度: the geometry of inputs turned into pairs.

A demand point counts in the unit it lies in; supply beyond the boundary still serves. Lengths and areas are
clipped to the polygon of every unit of every level, so that a road along a border counts half-way for neither:
what lies exactly on a shared edge counts in both (see ``density.py``).
"""

from __future__ import annotations

import duckdb
import numpy as np
import polars as pl
import shapely

from ...indicators.model import Coverage, Density
from ..evidence import LEVEL_COLUMNS, Evidence, Gathered, at_every_level
from .aggregate_sql import MeasureError, condition, run_sql
from .coverage import covered
from .density import clip_areas, clip_lengths, count_inside
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


def _geometries(frame: pl.DataFrame) -> np.ndarray:
    """The shapes of an evidence frame (metres), or its points where it has only x and y."""
    if "_wkb" in frame.columns:
        return np.asarray(shapely.from_wkb(frame["_wkb"].to_numpy()))
    return np.asarray(shapely.points(frame["x"].to_numpy(), frame["y"].to_numpy()))


def measure_coverage(
    measure: Coverage, evidence: dict[str, Evidence], con: duckdb.DuckDBPyConnection
) -> Pairs:
    """Weight of demand within the radius over all weight, per unit the demand lies in."""
    demand, supply = evidence[measure.demand], evidence[measure.supply]
    for part in (demand, supply):
        _need_geometry(part)
    served_by = _geometries(_chosen(supply, measure.supply_where, con, placed=False))
    if measure.minimum_area_m2 is not None:
        served_by = served_by[shapely.area(served_by) >= measure.minimum_area_m2]
    rows = _chosen(demand, measure.demand_where, con, placed=True).drop_nulls(["x", "y"])
    if measure.weight and measure.weight not in rows.columns:
        raise MeasureError(f"输入 {demand.name} 没有列 {measure.weight}")
    inside, _ = covered(rows.select("x", "y").to_numpy(), served_by, measure.radius_m)
    weighed = rows.select(
        *LEVEL_COLUMNS,
        (pl.col(measure.weight).cast(pl.Float64) if measure.weight else pl.lit(1.0)).alias("weight"),
        pl.Series("inside", inside),
    ).drop_nulls("weight")
    frame = (
        at_every_level(weighed)
        .group_by("unit")
        .agg(
            (pl.col("weight") * pl.col("inside")).sum().alias("numerator"),
            pl.col("weight").sum().alias("denominator"),
            pl.len().alias("rows"),
        )
    )
    return Pairs(pairs_frame(frame), rollup="final", scale=measure.scale)


def measure_density(measure: Density, gathered: Gathered, con: duckdb.DuckDBPyConnection) -> Pairs:
    """Length (km), area (m²) or number of features inside each unit, per km² or per person."""
    source = gathered.evidence[measure.of]
    _need_geometry(source)
    if gathered.shapes.is_empty():
        raise MeasureError("没有单元边界，无法裁切")
    features = _geometries(_chosen(source, measure.where, con, placed=False))
    parts = []
    shapes = gathered.shapes.join(gathered.units.select(unit="code", level="level"), on="unit").sort("unit")
    for _, level in shapes.group_by("level", maintain_order=True):
        polygons = np.asarray(shapely.from_wkb(level["wkb"].to_numpy()))
        if measure.what == "length":
            index, amount = clip_lengths(features, polygons)
            amount = amount / 1000.0
        elif measure.what == "area":
            index, amount = clip_areas(features, polygons)
        else:
            index, amount = count_inside(features, polygons)
        totals = np.bincount(index, weights=amount, minlength=len(polygons))
        numbers = np.bincount(index, minlength=len(polygons))
        parts.append(level.select("unit").with_columns(numerator=pl.Series(totals), rows=pl.Series(numbers)))
    return Pairs(pairs_frame(pl.concat(parts)), rollup="final", scale=measure.scale, per=measure.per)
