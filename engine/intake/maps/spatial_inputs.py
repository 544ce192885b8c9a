"""Inputs with a place (空间输入): layers, OSM, GTFS and tables of coordinates → rows with x, y and their unit."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import polars as pl
import shapely

from ...evidence import with_levels
from ...findings import Findings, Place
from ...measure.place import place_points
from ...results import LEVELS
from ...settings.project import Input
from .crs import is_gcj02
from .gcj_suspicion import suspect_borders_gcj02, suspect_gcj02
from .gtfs import read_gtfs
from .layers import read_layer, read_points
from .osm import read_osm
from .walkways import TAGS, may_walk

NEAR_M = 50.0  # a place no further from a unit may have been meant for it
ROWS_TOLD = 8


def read_spatial(
    item: Input, path: Path, shown: str, crs: str, findings: Findings, points: pl.DataFrame | None = None
) -> pl.DataFrame | None:
    """The rows of a spatial input in the run's metric CRS; None when it cannot be read.

    ``points`` is a table already read whose ``_x``, ``_y`` are coordinates in the input's declared CRS.
    """
    if points is not None:
        return read_points(points, x="_x", y="_y", crs=item.crs or "EPSG:4326", target_crs=crs, findings=findings,
                           headers=(item.x or "", item.y or ""))  # fmt: skip
    if path.suffix.lower() == ".pbf" and item.walkable:
        return read_osm(path, tags=TAGS, geometry="line", columns=item.columns, target_crs=crs, findings=findings,
                        shown_as=shown, only=may_walk)  # fmt: skip
    if path.suffix.lower() == ".pbf":
        return read_osm(path, tags=item.tags, geometry=item.geometry or "point", columns=item.columns, target_crs=crs,
                        findings=findings, shown_as=shown)  # fmt: skip
    if path.suffix.lower() == ".zip" and item.layer == "gtfs":
        return read_gtfs(path, target_crs=crs, findings=findings, shown_as=shown)
    return read_layer(path, layer=item.layer, crs=item.crs, columns=item.columns, target_crs=crs, findings=findings,
                      shown_as=shown, types=item.types, where=item.where)  # fmt: skip


def to_units_by_place(
    frame: pl.DataFrame | None,
    item: Input,
    units: pl.DataFrame,
    shapes: pl.DataFrame,
    crs: str,
    findings: Findings,
) -> pl.DataFrame | None:
    """``frame`` with the unit its point lies in at each level, and ``unit``, the finest of them.

    Each level by its own boundaries; a level without boundaries takes the ancestor of the finer unit. G030 tells how
    many rows lie in no unit, G022 and G025 that undeclared GCJ-02 is suspected, of the points or of the boundaries.
    """
    if frame is None:
        return None
    x, y = frame["x"].to_numpy(), frame["y"].to_numpy()
    known = shapes.join(units.select("level", unit="code"), on="unit").sort("unit")
    found: dict[str, pl.Series] = {}
    for level in LEVELS:
        here = known.filter(pl.col("level") == level)
        if here.height:
            polygons = np.asarray(shapely.from_wkb(here["wkb"].to_numpy()))
            found[level] = _units_at(x, y, polygons, here["unit"], f"_{level}")
            if len(found) == 1 and frame.height:  # once, with the coarsest boundaries
                _suspect_shift(
                    x, y, polygons, item, crs, Place(frame["_file"][0], frame["_sheet"][0]), findings
                )
    placed = frame.with_columns(found.values())
    finest = [f"_{level}" for level in reversed(LEVELS) if level in found]
    placed = placed.with_columns(unit=pl.coalesce(finest) if finest else pl.lit(None, dtype=pl.String))
    above = with_levels(placed.select("unit"), units)
    placed = placed.with_columns(above[f"_{level}"] for level in LEVELS if level not in found)
    _report_outside(placed, np.asarray(shapely.from_wkb(known["wkb"].to_numpy())), findings)
    return placed


def _units_at(x: np.ndarray, y: np.ndarray, polygons: np.ndarray, codes: pl.Series, name: str) -> pl.Series:
    """The code of the polygon each point lies in, null for none."""
    index = place_points(x, y, polygons)
    inside = pl.Series(index)
    return codes.gather(pl.Series(np.where(index >= 0, index, 0))).set(inside < 0, None).alias(name)


def _suspect_shift(
    x: np.ndarray,
    y: np.ndarray,
    polygons: np.ndarray,
    item: Input,
    crs: str,
    place: Place,
    findings: Findings,
) -> None:
    """G022 or G025 where the points or the borders look like GCJ-02; the borders once, whatever else says so too."""
    if not is_gcj02(item.crs) and suspect_gcj02(x, y, polygons, crs, place, findings):
        return
    if not any(told.code == "G025" for told in findings):
        suspect_borders_gcj02(x, y, polygons, crs, place, findings, item.title or place.file)


def _report_outside(placed: pl.DataFrame, polygons: np.ndarray, findings: Findings) -> None:
    """G030: how many rows have a place that lies in no unit, the first of them, and how many only just miss one."""
    outside = placed.filter(pl.col("unit").is_null() & pl.col("x").is_not_null())
    if outside.is_empty() or not len(polygons):
        return
    first = outside.row(0, named=True)
    spots = shapely.points(outside.select("x", "y").to_numpy())
    close = np.unique(shapely.STRtree(polygons).query(spots, predicate="dwithin", distance=NEAR_M)[0])
    near = f"；其中 {len(close)} 处离边界不到 {NEAR_M:g} 米，可能是边界的缝隙" if len(close) else ""
    rows = "、".join(str(row) for row in outside["_row"].head(ROWS_TOLD)) + (
        "等" if outside.height > ROWS_TOLD else ""
    )
    findings.add("G030", Place(first["_file"], first["_sheet"], first["_row"]), count=outside.height, rows=rows,
                 total=placed.height, near=near, expected="位于本区范围内的坐标")  # fmt: skip
