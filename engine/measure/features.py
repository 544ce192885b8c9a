"""The rows of spatial inputs that a measure asks for: which, with what shapes and weights, and shares of them per unit."""

from __future__ import annotations

import duckdb
import numpy as np
import numpy.typing as npt
import polars as pl
import shapely

from ..evidence import LEVEL_COLUMNS, Evidence, at_every_level
from .aggregate_sql import MeasureError, condition, run_sql
from .pairs import pairs_frame
from .place import Shapes

ROW = "_ix"  # the row's place in its evidence frame; the sandboxed tables carry it


def chosen_rows(
    evidence: Evidence, where: str | None, con: duckdb.DuckDBPyConnection, *, placed: bool
) -> pl.DataFrame:
    """The rows of an input that meet the condition; with ``placed`` only those that lie in a unit."""
    clause = condition(where) if placed else (f"WHERE {where}" if where else "")
    rows = run_sql(con, f'SELECT {ROW} FROM "{evidence.name}" {clause} ORDER BY {ROW}')
    return evidence.frame[rows[ROW].to_numpy()]


def need_geometry(evidence: Evidence) -> None:
    """Raise MeasureError for an input without any place."""
    if "_wkb" not in evidence.frame.columns and "x" not in evidence.frame.columns:
        raise MeasureError(f"输入 {evidence.name} 没有空间位置（图层，或经度、纬度两列）")


def geometries(frame: pl.DataFrame) -> Shapes:
    """The shapes of an evidence frame (metres), or its points where it has only x and y."""
    if "_wkb" in frame.columns:
        return np.asarray(shapely.from_wkb(frame["_wkb"].to_numpy()))
    return np.asarray(shapely.points(frame["x"].to_numpy(), frame["y"].to_numpy()))


def demand_points(
    demand: Evidence, weight: str | None, where: str | None, con: duckdb.DuckDBPyConnection
) -> pl.DataFrame:
    """(unit, the level columns, x, y, weight) of the points that count: placed in a unit, with a place and a weight.

    ``weight`` names a column; without it every point weighs 1.
    """
    rows = chosen_rows(demand, where, con, placed=True).drop_nulls(["x", "y"])
    if weight and weight not in rows.columns:
        raise MeasureError(f"输入 {demand.name} 没有列 {weight}")
    weighs = pl.col(weight).cast(pl.Float64) if weight else pl.lit(1.0)
    return rows.select("unit", *LEVEL_COLUMNS, "x", "y", weighs.alias("weight")).drop_nulls("weight")


def share_served(points: pl.DataFrame, served: npt.NDArray[np.bool_]) -> pl.DataFrame:
    """Pairs of weight: of the points served, of all points, for every unit of every level that has any."""
    return pairs_frame(
        at_every_level(points.select(*LEVEL_COLUMNS, "weight", pl.Series("served", served)))
        .group_by("unit")
        .agg(
            (pl.col("weight") * pl.col("served")).sum().alias("numerator"),
            pl.col("weight").sum().alias("denominator"),
            pl.len().alias("rows"),
        )
    )
