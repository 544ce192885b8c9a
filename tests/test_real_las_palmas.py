"""A city abroad end to end, from OSM, GTFS and catchments in another CRS, against a plain second reckoning.

The second version reads the same files through GDAL, buffers every facility and tests every dwelling, and cuts every
road by every catchment. Where catchments overlap (they do, by up to 0.48 km²) a dwelling counts in the first by code.
"""

from __future__ import annotations

import csv
import io
import itertools
import zipfile
from collections.abc import Callable
from pathlib import Path

import numpy as np
import osmium
import polars as pl
import pyogrio
import pytest
import shapely
from pyproj import Transformer
from tijian.engine.results import Results
from tijian.engine.storage.store import read_results

from .cli_project import told as tijian
from .real_examples import copy_example

pytestmark = [pytest.mark.real, pytest.mark.slow]
METRIC = 32628
DISTRICT = "35016"
HOMES = ("house", "residential", "apartments", "detached", "terrace")
ROADS = (
    "motorway",
    "trunk",
    "primary",
    "secondary",
    "tertiary",
    "unclassified",
    "residential",
    "living_street",
)
FOOTWAYS = ("footway", "pedestrian", "path", "steps")  # fmt: skip

Shapes = np.ndarray
Read = Callable[[str, str, tuple[str, ...]], Shapes]


@pytest.fixture(scope="module")
def project(real: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = copy_example("las-palmas", real, tmp_path_factory.mktemp("las-palmas"))
    tijian("run", "-q", "-p", folder)
    return folder


@pytest.fixture(scope="module")
def results(project: Path) -> Results:
    return read_results(project / "results.duckdb")


def metric(shapes: Shapes, epsg: int) -> Shapes:
    move = Transformer.from_crs(epsg, METRIC, always_xy=True)
    return np.asarray(shapely.transform(shapes, lambda c: np.column_stack(move.transform(c[:, 0], c[:, 1]))))


@pytest.fixture(scope="module")
def osm(real: Path) -> Read:
    """Features of one GDAL layer whose tag has one of the values, in metres."""
    path = real / "las-palmas" / "las_palmas_osm_20230221.osm.pbf"

    def read(layer: str, key: str, values: tuple[str, ...]) -> Shapes:
        fields = pyogrio.read_info(path, layer=layer)["fields"]
        own = key in fields
        head, _, wkb, data = pyogrio.raw.read(path, layer=layer, columns=[key if own else "other_tags"])
        assert len(head["fields"]) == 1
        held = [str(text) for text in data[0]]
        wanted = [
            any(f'"{key}"=>"{v}"' in text if not own else v in text.split(";") for v in values)
            for text in held
        ]
        shapes = shapely.from_wkb(
            wkb[np.array(wanted)], on_invalid="ignore"
        )  # rings the extract has cut to nothing
        return metric(shapes[~shapely.is_missing(shapes)], 4326)

    return read


@pytest.fixture(scope="module")
def polygons(real: Path) -> dict[str, shapely.Geometry]:
    """The municipality and the catchments by code, in metres."""
    folder = real / "las-palmas"
    _, _, wkb, data = pyogrio.raw.read(folder / "school_catchments.geojson", columns=["Codigo"])
    found = dict(zip((str(c) for c in data[0]), metric(shapely.from_wkb(wkb), 5635), strict=True))
    _, _, wkb, _ = pyogrio.raw.read(folder / "municipality.geojson", columns=[])
    return {code: found[code] for code in sorted(found)} | {DISTRICT: metric(shapely.from_wkb(wkb), 4326)[0]}


@pytest.fixture(scope="module")
def homes(osm: Read) -> np.ndarray:
    """A point inside each dwelling, shape (n, 2)."""
    drawn = [osm("points", "building", HOMES), osm("multipolygons", "building", HOMES)]
    return shapely.get_coordinates(shapely.point_on_surface(np.concatenate(drawn)))


def facilities(osm: Read, key: str, *values: str) -> Shapes:
    areas = shapely.point_on_surface(osm("multipolygons", key, values))
    return np.concatenate([osm("points", key, values), osm("lines", key, values), areas])


def ways(path: Path, kinds: tuple[str, ...]) -> Shapes:
    """Every way of these classes that is not drawn as an area, each stretch between two nodes of the file a line."""
    stretches = []
    file = osmium.FileProcessor(str(path), osmium.osm.NODE | osmium.osm.WAY).with_locations()
    file.with_filter(osmium.filter.EntityFilter(osmium.osm.WAY))  # nodes never come up to Python
    for way in file.with_filter(osmium.filter.KeyFilter("highway")):
        if way.tags.get("highway") in kinds and way.tags.get("area") != "yes":
            spots = [(n.lon, n.lat) if n.location.valid() else None for n in way.nodes]
            stretches += [(a, b) for a, b in itertools.pairwise(spots) if a and b and a != b]
    return metric(shapely.linestrings(stretches), 4326)


def length_within(lines: Shapes, area: shapely.Geometry) -> float:
    """Metres of ``lines`` in ``area``: those wholly inside as they are, those that leave it cut by it."""
    shapely.prepare(area)
    inside = shapely.covers(area, lines)
    leaving = lines[shapely.intersects(area, lines) & ~inside]
    return float(
        shapely.length(lines[inside]).sum() + shapely.length(shapely.intersection(leaving, area)).sum()
    )


def bus_stops(real: Path) -> Shapes:
    with zipfile.ZipFile(real / "las-palmas" / "gtfs_guaguas_20230222.zip") as feed:
        rows = list(csv.DictReader(io.TextIOWrapper(feed.open("stops.txt"), "utf-8-sig")))
    stops = [r for r in rows if (r.get("location_type") or "0").strip() == "0"]
    return metric(shapely.points([[float(r["stop_lon"]), float(r["stop_lat"])] for r in stops]), 4326)


def members(homes: np.ndarray, polygons: dict[str, shapely.Geometry]) -> dict[str, np.ndarray]:
    """Which dwellings count in which unit: the municipality's own, and the first catchment that contains one."""
    taken = np.zeros(len(homes), dtype=bool)
    inside: dict[str, np.ndarray] = {}
    for code, polygon in polygons.items():
        here = shapely.contains_xy(polygon, homes[:, 0], homes[:, 1])
        inside[code] = here if code == DISTRICT else here & ~taken
        taken |= here & (code != DISTRICT)
    return inside


def values(results: Results, indicator: str) -> dict[str, float]:
    frame = results.measurements.filter(pl.col("indicator") == indicator)
    return dict(frame.select("unit", "value").iter_rows())


def assert_coverage(
    results: Results, indicator: str, supply: Shapes, radius: float, homes: np.ndarray,
    polygons: dict[str, shapely.Geometry],
) -> None:  # fmt: skip
    reach = shapely.union_all(shapely.buffer(supply, radius, quad_segs=64))
    served = shapely.contains_xy(reach, homes[:, 0], homes[:, 1])
    ours = values(results, indicator)
    plain = {c: served[who].mean() * 100 for c, who in members(homes, polygons).items() if who.any()}
    assert set(ours) == set(plain)
    assert {c: (ours[c], v) for c, v in plain.items() if abs(ours[c] - v) > 0.1} == {}
    assert 0 < ours[DISTRICT] < 100


@pytest.mark.parametrize(
    ("indicator", "key", "kinds", "radius"),
    [
        ("SH-01", "amenity", ("pharmacy",), 500),
        ("SH-02", "amenity", ("clinic", "hospital", "doctors"), 1000),
        ("SH-03", "shop", ("supermarket", "convenience"), 500),
    ],
)
def test_coverage_of_a_service_equals_buffers_drawn_around_every_facility(
    indicator: str, key: str, kinds: tuple[str, ...], radius: float, results: Results, osm: Read,
    homes: np.ndarray, polygons: dict[str, shapely.Geometry],
) -> None:  # fmt: skip
    assert_coverage(results, indicator, facilities(osm, key, *kinds), radius, homes, polygons)


def test_coverage_of_parks_counts_from_the_edge_of_parks_of_2000_m2(
    results: Results, osm: Read, homes: np.ndarray, polygons: dict[str, shapely.Geometry]
) -> None:
    parks = osm("multipolygons", "leisure", ("park",))
    assert_coverage(results, "SH-04", parks[shapely.area(parks) >= 2000], 500, homes, polygons)


def test_coverage_of_bus_stops_is_taken_from_the_gtfs_feed(
    results: Results, real: Path, homes: np.ndarray, polygons: dict[str, shapely.Geometry]
) -> None:
    stops = bus_stops(real)
    assert results.inputs.filter(name="bus_stops")["rows"].to_list() == [len(stops)]
    assert_coverage(results, "CX-01", stops, 500, homes, polygons)


@pytest.mark.parametrize(("indicator", "kinds"), [("CX-02", ROADS), ("CX-03", FOOTWAYS)])
def test_road_density_equals_every_road_cut_by_every_catchment(
    indicator: str,
    kinds: tuple[str, ...],
    results: Results,
    real: Path,
    polygons: dict[str, shapely.Geometry],
) -> None:
    lines = ways(real / "las-palmas" / "las_palmas_osm_20230221.osm.pbf", kinds)
    ours = values(results, indicator)
    plain = {code: length_within(lines, area) / area.area * 1e3 for code, area in polygons.items()}
    assert ours == pytest.approx(plain, rel=1e-3)


def test_every_catchment_is_a_unit_under_its_own_code_and_name(
    results: Results, polygons: dict[str, shapely.Geometry]
) -> None:
    towns = results.units.filter(level="town")
    assert set(towns["code"]) == set(polygons) - {DISTRICT}
    assert towns["name"].null_count() == 0
    assert set(towns["parent"]) == {DISTRICT}
    area = dict(results.units.select("code", "area_km2").iter_rows())
    assert area == pytest.approx({code: shape.area / 1e6 for code, shape in polygons.items()}, rel=1e-4)


def test_what_lies_in_no_unit_is_counted_and_told(results: Results) -> None:
    unplaced = dict(results.inputs.select("name", "unplaced").iter_rows())
    told = results.findings.filter(code="G030")["message"].to_list()
    assert unplaced["homes"] > 0
    assert any(f"有 {unplaced['homes']} 处" in message for message in told)
    assert results.findings.filter(level="error").is_empty()
