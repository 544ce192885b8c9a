"""Inputs with a place (空间输入): layers, OSM, GTFS and tables of coordinates → rows with x, y and their unit."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import polars as pl
import shapely

from ..findings import Findings, Place
from ..measure.place import place_points
from ..project import Input
from ..results import LEVELS
from .gtfs import read_gtfs
from .layers import read_layer, read_points
from .osm import read_osm


def read_spatial(
    item: Input, path: Path, shown: str, crs: str, findings: Findings, points: pl.DataFrame | None = None
) -> pl.DataFrame | None:
    """The rows of a spatial input in the run's metric CRS; None when it cannot be read.

    ``points`` is a table already read whose ``_x``, ``_y`` are coordinates in the input's declared CRS.
    """
    if points is not None:
        return read_points(points, x="_x", y="_y", crs=item.crs or "EPSG:4326", target_crs=crs, findings=findings,
                           headers=(item.x or "", item.y or ""))  # fmt: skip
    if path.suffix.lower() == ".pbf":
        return read_osm(path, tags=item.tags, geometry=item.geometry or "point", columns=item.columns, target_crs=crs,
                        findings=findings, shown_as=shown)  # fmt: skip
    if path.suffix.lower() == ".zip" and item.layer == "gtfs":
        return read_gtfs(path, target_crs=crs, findings=findings, shown_as=shown)
    return read_layer(path, layer=item.layer, crs=item.crs, columns=item.columns, target_crs=crs, findings=findings,
                      shown_as=shown, types=item.types, where=item.where)  # fmt: skip


def to_units_by_place(
    frame: pl.DataFrame | None, units: pl.DataFrame, shapes: pl.DataFrame, findings: Findings
) -> pl.DataFrame | None:
    """``frame`` with ``unit``: the finest unit each row's point lies in. G030 tells how many lie in none."""
    if frame is None:
        return None
    codes = np.full(frame.height, None, dtype=object)
    x, y = frame["x"].to_numpy(), frame["y"].to_numpy()
    known = shapes.join(units.select("level", unit="code"), on="unit").sort("unit")
    for level in LEVELS:  # finer levels overwrite coarser ones
        here = known.filter(pl.col("level") == level)
        if here.is_empty():
            continue
        found = place_points(x, y, np.asarray(shapely.from_wkb(here["wkb"].to_numpy())))
        names = here["unit"].to_numpy()
        inside = found >= 0
        codes[inside] = names[found[inside]]
    placed = frame.with_columns(unit=pl.Series(codes.tolist(), dtype=pl.String))
    outside = placed.filter(pl.col("unit").is_null() & pl.col("x").is_not_null())
    if outside.height and known.height:
        first = outside.row(0, named=True)
        findings.add("G030", Place(first["_file"], first["_sheet"], first["_row"]), count=outside.height,
                     total=placed.height, expected="位于本区范围内的坐标")  # fmt: skip
    return placed
