"""Where a proposed site is, in words (选址位置): its community, the estate nearest to it, its longitude and latitude."""

from __future__ import annotations

import numpy as np
import polars as pl
import shapely
from scipy.spatial import cKDTree

from ..evidence import Gathered
from ..intake.maps.crs import WGS84, project_points
from ..measure.place import place_points
from ..units import names_by_code

ESTATES = "estates"  # the input whose things name places, where it has coordinates
NEAR_M = 500.0


def name_places(sites: pl.DataFrame, gathered: Gathered) -> pl.DataFrame:
    """``sites`` with ``place``: “甲社区幸福里附近（东经121.2346°、北纬31.0123°）”."""
    if sites.is_empty():
        return sites
    x, y = sites["x"].to_numpy(), sites["y"].to_numpy()
    lon, lat = project_points(x, y, gathered.crs, WGS84)
    words = [
        f"{community}{estate}（{_degrees(east, north)}）"
        for community, estate, east, north in zip(
            _communities(sites, gathered), _estates(x, y, gathered), lon, lat, strict=True
        )
    ]
    return sites.with_columns(place=pl.Series(words, dtype=pl.String))


def _degrees(lon: float, lat: float) -> str:
    return f"{'东经' if lon >= 0 else '西经'}{abs(lon):.4f}°、{'北纬' if lat >= 0 else '南纬'}{abs(lat):.4f}°"


def _communities(sites: pl.DataFrame, gathered: Gathered) -> list[str]:
    """The name of the community each site lies in; of its town where no boundary of a community holds it."""
    names = names_by_code(gathered.units)
    of_level = gathered.units.filter(pl.col("level") == "community").select(unit="code")
    shapes = gathered.shapes.join(of_level, on="unit").sort("unit")
    index = np.full(sites.height, -1)
    if shapes.height:
        polygons = np.asarray(shapely.from_wkb(shapes["wkb"].to_numpy()))
        index = place_points(sites["x"].to_numpy(), sites["y"].to_numpy(), polygons)
    codes = [shapes["unit"][int(i)] if i >= 0 else town for i, town in zip(index, sites["unit"], strict=True)]
    return [names[code] for code in codes]


def _estates(x: np.ndarray, y: np.ndarray, gathered: Gathered) -> list[str]:
    """“幸福里附近” where an estate with a name lies within reach of the eye, else an empty text."""
    source = gathered.evidence.get(ESTATES)
    if source is None or not {"x", "y", "name"} <= set(source.frame.columns):
        return [""] * len(x)
    known = source.frame.select("x", "y", "name").drop_nulls().sort("x", "y", "name")
    if known.is_empty():
        return [""] * len(x)
    away, nearest = cKDTree(known.select("x", "y").to_numpy()).query(np.column_stack([x, y]))
    return [f"{known['name'][int(i)]}附近" if d <= NEAR_M else "" for d, i in zip(away, nearest, strict=True)]
