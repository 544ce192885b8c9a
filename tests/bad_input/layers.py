"""Layers and coordinates: no coordinate system, the wrong one, coordinates swapped, shapes that are none, broken files."""

from __future__ import annotations

import json
import warnings
import zipfile
from pathlib import Path
from typing import Any

import numpy as np
import pyogrio.raw
import shapely

from .cases import case
from .small_project import BORDERS, EAST, PARKS, STOPS, WEST, Small, feature, geojson, square

PARK, BORDER, STOP = "inputs/公园.geojson", "inputs/边界.geojson", "inputs/站点.csv"


def parks(small: Small, *features: dict[str, Any], crs: str = "") -> None:
    """Other parks."""
    small.text(PARK, geojson(*features, crs=crs))


def borders(small: Small, *features: dict[str, Any], crs: str = "") -> None:
    """Other town boundaries."""
    small.text(BORDER, geojson(*features, crs=crs))


def as_file(small: Small, name: str, crs: str | None, kind: str = "Polygon") -> Path:
    """The parks written by GDAL under another name, which the project then names."""
    path = small.path(f"inputs/{name}")
    shapes = np.array(
        [shapely.to_wkb(shapely.from_geojson(json.dumps(f["geometry"]))) for f in PARKS], dtype=object
    )
    fields = [
        np.array([f["properties"][key] for f in PARKS], dtype=object if key == "名称" else float)
        for key in ("名称", "公顷")
    ]
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        pyogrio.raw.write(
            path, shapes, fields, ["名称", "公顷"], geometry_type=kind, crs=crs, encoding="utf-8"
        )
    small.settings(PARK, f"inputs/{name}")
    return path


@case(
    "a boundary that crosses itself is mended, and told",
    ("inputs/边界.geojson", "", 1, "", "G003"),
)
def boundary_crosses_itself(small: Small) -> None:
    bow = [[[121.20, 31.00], [121.21, 31.01], [121.21, 31.00], [121.20, 31.01], [121.20, 31.00]]]
    borders(small, feature(bow, 代码="310199001", 名称="东街道"), BORDERS[1])


@case(
    "boundaries that overlap",
    ("inputs/边界.geojson", "", None, "", "G031"),
)
def boundaries_overlap(small: Small) -> None:
    borders(
        small, feature(square(121.20, 31.00, 121.212, 31.01), 代码="310199001", 名称="东街道"), BORDERS[1]
    )


@case(
    "boundaries with a gap between them",
    ("inputs/边界.geojson", "", None, "", "G032"),
)
def boundaries_with_a_gap(small: Small) -> None:
    west = square(121.21, 31.00, 121.22, 31.01)
    west.append(
        [[121.214, 31.006], [121.216, 31.006], [121.216, 31.008], [121.214, 31.008], [121.214, 31.006]]
    )
    borders(small, BORDERS[0], feature(west, 代码="310199002", 名称="西镇"))


@case(
    "a town drawn twice",
    ("inputs/边界.geojson", "", 3, "代码", "G034"),
)
def town_drawn_twice(small: Small) -> None:
    borders(small, *BORDERS, BORDERS[0])


@case(
    "a town without a boundary",
    ("inputs/边界.geojson", "", None, "", "G035"),
    ("inputs/站点.csv", "", 4, "", "G030"),
    ("inputs/公园.geojson", "", 2, "", "G030"),
)
def town_without_boundary(small: Small) -> None:
    borders(small, BORDERS[0])


@case(
    "a boundary of a town nobody knows",
    ("inputs/边界.geojson", "", 3, "", "G020"),
)
def boundary_of_nobody(small: Small) -> None:
    borders(small, *BORDERS, feature(square(121.22, 31.0, 121.23, 31.01), 代码="310199009", 名称="北镇"))


@case(
    "boundaries as lines",
    ("inputs/边界.geojson", "", 1, "", "G004"),
    ("inputs/边界.geojson", "", 2, "", "G004"),
    ("指标 BM-03", "", None, "", "M003"),
)
def boundaries_as_lines(small: Small) -> None:
    borders(
        small, *(feature(f["geometry"]["coordinates"][0], "LineString", **f["properties"]) for f in BORDERS)
    )


@case(
    "no boundaries in the layer of boundaries",
    ("inputs/边界.geojson", "", None, "", "G017"),
    ("指标 BM-03", "", None, "", "M003"),
)
def no_boundaries(small: Small) -> None:
    borders(small)


@case(
    "boundaries in another coordinate system than the layer says",
    ("inputs/边界.geojson", "", None, "", "G010"),
)
def boundaries_in_metres(small: Small) -> None:
    borders(
        small,
        *(
            feature(square(*(c * 1000 for c in box)), **f["properties"])
            for f, box in zip(BORDERS, (EAST, WEST), strict=True)
        ),
    )


@case(
    "boundaries with longitude and latitude swapped",
    ("inputs/边界.geojson", "", None, "", "G010"),
)
def boundaries_swapped(small: Small) -> None:
    borders(
        small,
        *(
            feature(square(s, w, n, e), **f["properties"])
            for f, (w, s, e, n) in zip(BORDERS, (EAST, WEST), strict=True)
        ),
    )


@case(
    "a layer without a coordinate system",
    ("inputs/公园.gpkg", "公园", None, "", "G001"),
)
def no_crs(small: Small) -> None:
    as_file(small, "公园.gpkg", None)


@case(
    "a shapefile without its .prj",
    ("inputs/公园.shp", "", None, "", "G001"),
)
def no_prj(small: Small) -> None:
    as_file(small, "公园.shp", "EPSG:4490")
    small.path("inputs/公园.prj").unlink()


@case(
    "a coordinate system nobody knows",
    ("inputs/公园.geojson", "", None, "", "G002"),
)
def unknown_crs(small: Small) -> None:
    small.settings('title = "公园"', 'title = "公园"\ncrs = "上海城市坐标系"')


@case(
    "a coordinate system that is not the layer's",
    ("inputs/公园.geojson", "", None, "", "G010"),
)
def wrong_crs(small: Small) -> None:
    small.settings('title = "公园"', 'title = "公园"\ncrs = "EPSG:4549"')


@case(
    "a layer that says one coordinate system and the project another",
    ("inputs/公园.gpkg", "公园", None, "", "G006"),
)
def two_crs(small: Small) -> None:
    as_file(small, "公园.gpkg", "EPSG:4326")
    small.settings('title = "公园"', 'title = "公园"\ncrs = "EPSG:4214"')


@case(
    "a layer without features",
    ("inputs/公园.geojson", "", None, "", "G017"),
    ("指标 BM-03", "", None, "", "M002"),
)
def empty_layer(small: Small) -> None:
    parks(small)


@case(
    "a feature without a shape",
    ("inputs/公园.geojson", "", 2, "", "G004"),
)
def feature_without_shape(small: Small) -> None:
    parks(small, PARKS[0], {"type": "Feature", "properties": {"名称": "西园", "公顷": 4.2}, "geometry": None})


@case("parks as points are a layer like others")
def parks_as_points(small: Small) -> None:
    parks(small, *(feature(f["geometry"]["coordinates"][0][0], "Point", **f["properties"]) for f in PARKS))


@case(
    "a park that crosses itself is mended, and told",
    ("inputs/公园.geojson", "", 1, "", "G003"),
)
def park_crosses_itself(small: Small) -> None:
    bow = [[[121.202, 31.003], [121.204, 31.005], [121.204, 31.003], [121.202, 31.005], [121.202, 31.003]]]
    parks(small, feature(bow, 名称="东园", 公顷=4.2), PARKS[1])


@case(
    "a park of three points in a line",
    ("inputs/公园.geojson", "", 1, "", "G004"),
)
def park_of_a_line(small: Small) -> None:
    flat = [[[121.202, 31.003], [121.203, 31.003], [121.204, 31.003], [121.202, 31.003]]]
    parks(small, feature(flat, 名称="东园", 公顷=4.2), PARKS[1])


@case(
    "coordinates that are no numbers",
    ("inputs/公园.geojson", "", None, "", "G024"),
    ("inputs/公园.geojson", "", 1, "", "G004"),
)
def coordinates_not_finite(small: Small) -> None:
    small.text(PARK, geojson(*PARKS).replace("121.202", "NaN"))


@case(
    "coordinates beyond all numbers",
    ("inputs/公园.geojson", "", None, "", "G007"),
)
def coordinates_beyond(small: Small) -> None:
    small.text(PARK, geojson(*PARKS).replace("121.202", "1e400"))


@case(
    "a GeoJSON cut short",
    ("inputs/公园.geojson", "", None, "", "G007"),
)
def geojson_cut_short(small: Small) -> None:
    small.text(PARK, geojson(*PARKS)[:-150])


@case(
    "a GeoJSON that is none",
    ("inputs/公园.geojson", "", None, "", "G007"),
)
def geojson_of_words(small: Small) -> None:
    small.text(PARK, "公园图层见附件")


@case(
    "a GeoJSON of another encoding",
    ("inputs/公园.geojson", "", None, "", "G007"),
)
def geojson_in_gbk(small: Small) -> None:
    small.raw(PARK, geojson(*PARKS).encode("gb18030"))


@case(
    "JSON within JSON a hundred thousand deep",
    ("inputs/公园.geojson", "", None, "", "G007"),
)
def geojson_too_deep(small: Small) -> None:
    small.text(PARK, '{"type":"FeatureCollection","features":' + "[" * 100_000)


@case(
    "a column that the layer does not have",
    ("inputs/公园.geojson", "", None, "面积公顷", "G009"),
)
def layer_column_missing(small: Small) -> None:
    small.settings('hectares = "公顷"', 'hectares = "面积公顷"')


@case(
    "words in a layer's column of numbers",
    ("inputs/公园.geojson", "", 1, "公顷", "G012"),
)
def layer_value_in_words(small: Small) -> None:
    parks(small, feature(PARKS[0]["geometry"]["coordinates"], 名称="东园", 公顷="四"), PARKS[1])


@case(
    "a .shp without its .shx and .dbf",
    ("inputs/公园.shp", "", None, "", "G007"),
)
def shapefile_alone(small: Small) -> None:
    as_file(small, "公园.shp", "EPSG:4490")
    for suffix in ("shx", "dbf"):
        small.path(f"inputs/公园.{suffix}").unlink()


@case(
    "a .shp cut short",
    ("inputs/公园.shp", "", 1, "", "G004"),
    ("inputs/公园.shp", "", 2, "", "G004"),
)
def shapefile_cut_short(small: Small) -> None:
    path = as_file(small, "公园.shp", "EPSG:4490")
    path.write_bytes(path.read_bytes()[:150])


@case(
    "a .dbf cut short",
    ("inputs/公园.shp", "", None, "名称", "G009"),
    ("inputs/公园.shp", "", None, "公顷", "G009"),
)
def dbf_cut_short(small: Small) -> None:
    path = as_file(small, "公园.shp", "EPSG:4490").with_suffix(".dbf")
    path.write_bytes(path.read_bytes()[:20])


@case(
    "a GPKG that is no database",
    ("inputs/公园.gpkg", "", None, "", "G007"),
)
def gpkg_of_words(small: Small) -> None:
    small.settings(PARK, "inputs/公园.gpkg")
    small.text("inputs/公园.gpkg", "这不是数据库" * 100)


@case(
    "a GPKG cut short",
    ("inputs/公园.gpkg", "", None, "", "G007"),
)
def gpkg_cut_short(small: Small) -> None:
    path = as_file(small, "公园.gpkg", "EPSG:4490")
    path.write_bytes(path.read_bytes()[: path.stat().st_size // 2])


@case(
    "a layer asked for by a name it does not have",
    ("inputs/公园.gpkg", "", None, "", "G008"),
)
def layer_not_there(small: Small) -> None:
    as_file(small, "公园.gpkg", "EPSG:4490")
    small.settings('title = "公园"', 'title = "公园"\nlayer = "绿地"')


@case(
    "a zip without a .shp",
    ("inputs/公园.zip", "", None, "", "G016"),
)
def zip_without_shp(small: Small) -> None:
    with zipfile.ZipFile(small.path("inputs/公园.zip"), "w") as archive:
        archive.writestr("说明.txt", "见附件")
    small.settings(PARK, "inputs/公园.zip")


@case(
    "a zip of two shapefiles, and none named",
    ("inputs/公园.zip", "", None, "", "G016"),
)
def zip_of_two(small: Small) -> None:
    with zipfile.ZipFile(small.path("inputs/公园.zip"), "w") as archive:
        for name in ("甲.shp", "乙.shp"):
            archive.writestr(name, b"\0" * 100)
    small.settings(PARK, "inputs/公园.zip")


@case(
    "a zip whose members lead out of their folder",
    ("inputs/公园.zip", "", None, "", "G016"),
)
def zip_that_climbs(small: Small) -> None:
    with zipfile.ZipFile(small.path("inputs/公园.zip"), "w") as archive:
        for suffix in ("shp", "shx", "dbf"):
            archive.writestr(f"../../../../tmp/逃.{suffix}", b"\0" * 100)
    small.settings(PARK, "inputs/公园.zip")


@case(
    "a filter that is no condition",
    ("inputs/公园.geojson", "", None, "", "G014"),
)
def filter_of_nonsense(small: Small) -> None:
    small.settings('title = "公园"', 'title = "公园"\nwhere = "hectares >"')


@case(
    "a filter on a column that is not there",
    ("inputs/公园.geojson", "", None, "", "G014"),
)
def filter_on_nothing(small: Small) -> None:
    small.settings('title = "公园"', 'title = "公园"\nwhere = "acres > 1"')


@case(
    "longitude and latitude swapped in one row of a table",
    ("inputs/站点.csv", "", 3, "经度", "G021"),
)
def one_stop_swapped(small: Small) -> None:
    small.put(STOP, B3=31.006, C3=121.207)


@case(
    "longitude and latitude swapped in every row of a table",
    ("inputs/站点.csv", "", None, "经度", "G010"),
)
def all_stops_swapped(small: Small) -> None:
    small.table(STOP, [STOPS[0], *([n, y, x] for n, x, y in STOPS[1:])])


@case(
    "a stop on the other side of the world",
    ("inputs/站点.csv", "", 3, "经度", "G011"),
)
def stop_far_away(small: Small) -> None:
    small.put(STOP, B3=-121.207)


@case(
    "a stop in the next district",
    ("inputs/站点.csv", "", 3, "", "G030"),
)
def stop_outside(small: Small) -> None:
    small.put(STOP, B3=121.9)


@case(
    "a stop without a latitude",
    ("inputs/站点.csv", "", 3, "纬度", "G015"),
)
def stop_without_latitude(small: Small) -> None:
    small.put(STOP, C3="")


@case(
    "degrees and minutes where decimal degrees are wanted",
    ("inputs/站点.csv", "", 3, "经度", "T010"),
    ("inputs/站点.csv", "", 3, "经度", "G015"),
)
def stop_in_minutes(small: Small) -> None:
    small.put(STOP, B3="121°12′25″")


@case(
    "an OSM extract that is none",
    ("inputs/公园.osm.pbf", "", None, "", "G040"),
)
def osm_of_words(small: Small) -> None:
    small.settings(PARK, "inputs/公园.osm.pbf")
    small.settings('title = "公园"', 'title = "公园"\ntags = { leisure = ["park"] }')
    small.text("inputs/公园.osm.pbf", "这不是 OSM" * 100)


@case(
    "a GTFS archive without its stops",
    ("inputs/公园.zip", "", None, "", "G042"),
)
def gtfs_without_stops(small: Small) -> None:
    with zipfile.ZipFile(small.path("inputs/公园.zip"), "w") as archive:
        archive.writestr("routes.txt", "route_id\n1\n")
    small.settings(PARK, "inputs/公园.zip")
    small.settings('title = "公园"', 'title = "公园"\nlayer = "gtfs"')
