"""The map layers (图层): residences, bus stops, parks, care homes, boundaries, in several formats.

Bus stops come in GCJ-02, as from a web map; the forward formula is written out here, apart from the engine's.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pyogrio
import pyogrio.raw
import shapely

from .housing import Housing
from .places import DISTRICT_CODE, DISTRICT_NAME, LABEL
from .roads import Roads
from .world import METRIC, Array, World

WRITTEN = "2026-05-20T00:00:00Z"  # instead of now, so that the same seed gives the same bytes


@dataclass
class Layer:
    """A layer to write. ``geometry`` is in ``crs``; ``fields`` are columns in order."""

    path: str
    name: str
    geometry: Array
    kind: str  # Point, LineString, Polygon
    fields: dict[str, Array]
    crs: str


def write_layer(folder: Path, layer: Layer) -> None:
    """Write a GPKG, Shapefile (GBK attributes) or GeoJSON under ``folder``."""
    path = folder / layer.path
    path.parent.mkdir(parents=True, exist_ok=True)
    if path.suffix == ".geojson":
        path.write_text(_geojson(layer), encoding="utf-8")
        return
    options = {"layer": layer.name} if path.suffix == ".gpkg" else {
        "encoding": "GBK", "layer_options": {"DBF_DATE_LAST_UPDATE": WRITTEN[:10]},
    }  # fmt: skip
    path.unlink(missing_ok=True)
    with _fixed_clock():
        pyogrio.raw.write(
            path, shapely.to_wkb(layer.geometry), list(layer.fields.values()), list(layer.fields),
            geometry_type=layer.kind, crs=layer.crs,
            driver="GPKG" if path.suffix == ".gpkg" else "ESRI Shapefile", **options,
        )  # fmt: skip


@contextmanager
def _fixed_clock() -> Iterator[None]:
    """Let GDAL write WRITTEN as the date of change, and only inside this block."""
    before = pyogrio.get_gdal_config_option("OGR_CURRENT_DATE")
    pyogrio.set_gdal_config_options({"OGR_CURRENT_DATE": WRITTEN})
    try:
        yield
    finally:
        pyogrio.set_gdal_config_options({"OGR_CURRENT_DATE": before})


def _geojson(layer: Layer) -> str:
    """One feature per line; coordinates as given, seven decimals."""
    lines = []
    for n, (x, y) in enumerate(shapely.get_coordinates(layer.geometry).round(7).tolist()):
        values = {name: column[n].item() if isinstance(column[n], np.generic) else column[n]
                  for name, column in layer.fields.items()}  # fmt: skip
        feature = {
            "type": "Feature",
            "properties": values,
            "geometry": {"type": "Point", "coordinates": [x, y]},
        }
        lines.append(json.dumps(feature, ensure_ascii=False))
    head = json.dumps(
        {"type": "FeatureCollection", "name": layer.name, "description": LABEL}, ensure_ascii=False
    )
    return head[:-1] + ', "features": [\n' + ",\n".join(lines) + "\n]}\n"


def _to_degrees(world: World, shapes: Array) -> Array:
    """Planar shapes in CGCS2000 longitude and latitude, to about a millimetre."""
    return shapely.transform(shapes, lambda xy: world.lonlat(xy).round(8))


def boundaries_layer(world: World) -> Layer:
    """边界: the district, the towns and the communities in one layer, told apart by 级别."""
    shapes = [world.outline, *world.town_shapes, *world.shapes]
    codes = [DISTRICT_CODE, *world.town_codes, *world.communities["code"]]
    names = [DISTRICT_NAME, *(t.name for t in world.towns), *world.communities["name"]]
    levels = ["区"] + ["街镇"] * len(world.towns) + ["社区"] * world.communities.height
    fields = {"DM": text(codes), "MC": text(names), "JB": text(levels)}
    return Layer(
        "inputs/边界.gpkg", "边界", _to_degrees(world, np.array(shapes)), "Polygon", fields, "EPSG:4490"
    )


def residences_layer(world: World, housing: Housing) -> Layer:
    """居住人口: a point per estate and hamlet; a community's points add up to its population."""
    rng = world.rng("homes")
    xy = [housing.estates.select("x", "y").to_numpy()]
    people = [housing.estates["population"].to_numpy()]
    of = housing.estates["community"].to_numpy()
    housed = np.bincount(of, weights=people[0], minlength=world.communities.height).astype(int)
    for c, total in enumerate(world.communities["population"].to_list()):
        left = total - int(housed[c])
        if left == 0:
            continue
        count = max(1, round(left / 220))
        share = np.full(count, left // count)
        share[: left % count] += 1
        xy.append(world.scatter(c, count, rng))
        people.append(share)
    heads = np.concatenate(people).astype(np.int32)
    return Layer(
        "inputs/居住人口.gpkg", "居住人口", shapely.points(np.concatenate(xy)), "Point", {"RK": heads}, METRIC
    )


def bus_stops_layer(world: World, roads: Roads, year: int, first: int) -> Layer:
    """公交站点: along the main roads, as often as the town's transit is good; a later year has a few more."""
    rng = world.rng("buses")
    main = np.isin(roads.rank, (1, 2))
    lines, names = roads.lines[main], roads.names[main]
    middle = shapely.line_interpolate_point(lines, 0.5, normalized=True)
    town = town_at(world, middle)
    often = world.trait("transit")[town] * np.where(roads.rank[main] == 1, 0.9, 0.6)
    length = shapely.length(lines)
    chance = np.clip(often * length / 250, 0, 0.95)
    later = 0.10 * world.trait("effort")[town] * (length / 420) * (year > first)
    kept = np.flatnonzero(rng.random(len(lines)) < chance)
    extra = np.setdiff1d(np.flatnonzero(rng.random(len(lines)) < later), kept)
    chosen = np.concatenate([kept, extra])
    wgs84 = world.lonlat(shapely.get_coordinates(middle[chosen]), "EPSG:4326")
    fields = {
        "id": text([f"GJ{n + 1:05d}" for n in range(len(chosen))]),
        "站名": text([f"{names[i]}{i % 97}号站" for i in chosen]),
    }
    return Layer(
        f"inputs/{year}/公交站点_gcj02.geojson",
        "公交站点",
        shapely.points(to_gcj02(wgs84)),
        "Point",
        fields,
        "GCJ-02",
    )


def to_gcj02(lonlat: Array) -> Array:
    """WGS84 → GCJ-02, degrees, shape (n, 2): the published offset series on the Krasovsky ellipsoid."""
    a, e2 = 6378245.0, 0.00669342162296594323
    lon, lat = lonlat[:, 0], lonlat[:, 1]
    x, y = lon - 105.0, lat - 35.0
    waves = (20 * np.sin(6 * np.pi * x) + 20 * np.sin(2 * np.pi * x)) * 2 / 3
    north = -100 + 2 * x + 3 * y + 0.2 * y * y + 0.1 * x * y + 0.2 * np.sqrt(np.abs(x)) + waves
    north += (20 * np.sin(y * np.pi) + 40 * np.sin(y / 3 * np.pi)) * 2 / 3
    north += (160 * np.sin(y / 12 * np.pi) + 320 * np.sin(y * np.pi / 30)) * 2 / 3
    east = 300 + x + 2 * y + 0.1 * x * x + 0.1 * x * y + 0.1 * np.sqrt(np.abs(x)) + waves
    east += (20 * np.sin(x * np.pi) + 40 * np.sin(x / 3 * np.pi)) * 2 / 3
    east += (150 * np.sin(x / 12 * np.pi) + 300 * np.sin(x / 30 * np.pi)) * 2 / 3
    phi = np.radians(lat)
    magic = 1 - e2 * np.sin(phi) ** 2
    north *= 180 / (a * (1 - e2) / magic**1.5 * np.pi)
    east *= 180 / (a / np.sqrt(magic) * np.cos(phi) * np.pi)
    return np.column_stack([lon + east, lat + north])


def parks_layer(world: World, year: int, first: int) -> tuple[Layer, Array]:
    """公园绿地 as rounded shapes, more and larger where the town is green; and ㎡ of park per town."""
    rng = world.rng("parks")
    shapes, codes, names, kinds, towns = [], [], [], [], []
    people = world.communities["population"].to_numpy()
    for c, row in enumerate(world.communities.iter_rows(named=True)):
        town = world.towns[row["town"]]
        count = rng.poisson(0.35 + 1.3 * town.green * min(1.6, people[c] / 5500))
        opens_later = rng.random() < 0.18 * town.effort
        spots, sizes = world.scatter(c, count + 1, rng), rng.lognormal(9.0, 1.6, count + 1)
        drawn = [
            _blob(spots[k], float(np.clip(sizes[k], 300, 400_000)), rng, world) for k in range(count + 1)
        ]
        for k in range(count + (opens_later and year > first)):
            shapes.append(drawn[k])
            codes.append(f"GY{c + 1:03d}{k + 1:02d}")
            kinds.append("综合公园" if sizes[k] > 50_000 else "社区公园" if sizes[k] > 8_000 else "游园")
            names.append(f"{row['base']}{'' if k == 0 else '第' + '二三四五六七八九'[k - 1]}公园")
            towns.append(row["town"])
    area = np.bincount(towns, weights=shapely.area(shapes), minlength=len(world.towns))
    fields = {"BH": text(codes), "MC": text(names), "LX": text(kinds),
              "MJ": shapely.area(shapes).round(1)}  # fmt: skip
    layer = Layer(
        f"inputs/{year}/公园绿地.shp",
        "公园绿地",
        _to_degrees(world, np.array(shapes)),
        "Polygon",
        fields,
        "EPSG:4490",
    )
    return layer, area


def _blob(middle: Array, area: float, rng: np.random.Generator, world: World) -> shapely.Geometry:
    """An uneven round shape of about ``area`` m², cut at the district's edge."""
    angle = np.linspace(0, 2 * np.pi, 24, endpoint=False)
    radius = np.sqrt(area / np.pi) * (
        1 + 0.18 * np.cos(2 * angle + rng.uniform(0, 6)) + rng.normal(0, 0.05, 24)
    )
    ring = np.column_stack([middle[0] + radius * np.cos(angle), middle[1] + radius * np.sin(angle)])
    cut = shapely.get_parts(shapely.intersection(shapely.Polygon(ring.round(2)), world.outline))
    return cut[shapely.area(cut).argmax()]


def care_homes_layer(world: World, year: int, first: int) -> Layer:
    """养老服务设施: a GeoJSON in WGS84 with beds."""
    rng = world.rng("care")
    points: list[Array] = []
    codes, names, beds = [], [], []
    people = world.communities["population"].to_numpy()
    for c, row in enumerate(world.communities.iter_rows(named=True)):
        town = world.towns[row["town"]]
        there = rng.random() < (0.10 + 0.45 * town.elder) * min(1.5, people[c] / 5000)
        later = rng.random() < 0.08 * town.effort
        spot, size = world.scatter(c, 1, rng), int(rng.integers(2, 26)) * 10
        last = c == world.communities.height - 1  # a very small district has one home at least
        if there or (later and year > first) or (last and not points):
            points.append(spot[0])
            codes.append(f"YL{c + 1:04d}")
            names.append(
                f"{row['base']}{'养老院' if size > 120 else '长者照护之家' if size > 50 else '日间照护中心'}"
            )
            beds.append(size)
    wgs84 = world.lonlat(np.array(points), "EPSG:4326")
    fields = {"id": text(codes), "名称": text(names), "床位": np.array(beds)}
    return Layer(
        f"inputs/{year}/养老服务设施.geojson",
        "养老服务设施",
        shapely.points(wgs84),
        "Point",
        fields,
        "EPSG:4326",
    )


def roads_layer(roads: Roads, year: int) -> Layer:
    """城市道路: centre lines in EPSG:4549 with code, name and class."""
    fields = {"DLBM": text(roads.codes), "DLMC": text(roads.names), "DLDJ": text(roads.classes)}
    return Layer(f"inputs/{year}/城市道路.gpkg", "道路", roads.lines, "LineString", fields, METRIC)


def town_at(world: World, points: Array) -> Array:
    """The town of each point inside the district, shape (n,)."""
    tree = shapely.STRtree(world.town_shapes)
    return np.asarray(tree.nearest(points))


def text(values: Iterable[object]) -> Array:
    """Texts as a column of a layer."""
    return np.array(list(values), dtype=object)
