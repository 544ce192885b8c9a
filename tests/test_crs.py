"""Coordinate systems: the zone a district is measured in, and GCJ-02 both ways."""

from __future__ import annotations

import csv
import json
import math
from pathlib import Path

import numpy as np
import pyogrio.raw
import pytest
import shapely
from hypothesis import given
from hypothesis import strategies as st
from pyproj import CRS, Geod
from tijian.engine.intake.maps.crs import (
    gcj02_to_wgs84,
    guesses_datum,
    is_gcj02,
    is_known,
    metric_crs,
    parse_crs,
    project_crs,
    project_points,
    to_metric,
    wgs84_to_gcj02,
)


@pytest.mark.parametrize(
    ("lon", "meridian", "epsg"),
    [(75.0, 75, 4534), (111.3, 111, 4546), (112.49, 111, 4546), (112.51, 114, 4547), (120.9, 120, 4549),
     (121.5, 123, 4550), (121.49, 120, 4549), (134.7, 135, 4554)],
)  # fmt: skip
def test_in_china_the_three_degree_zone_of_the_nearest_meridian(lon: float, meridian: int, epsg: int) -> None:
    crs = metric_crs(lon)
    assert crs.to_epsg() == epsg
    assert crs.name == f"CGCS2000 / 3-degree Gauss-Kruger CM {meridian}E"


@pytest.mark.parametrize(
    ("lon", "lat", "epsg"),
    [
        (-15.4, 28.1, 32628),
        (-15.4, None, 32628),
        (151.2, -33.9, 32756),
        (115.0, -8.5, 32750),
        (179.9, 0.0, 32660),
    ],
)
def test_elsewhere_the_utm_zone(lon: float, lat: float | None, epsg: int) -> None:
    assert metric_crs(lon, lat).to_epsg() == epsg


@given(st.floats(74, 135), st.floats(18, 53))
def test_a_kilometre_measured_in_the_zone_is_a_kilometre_on_the_ellipsoid(lon: float, lat: float) -> None:
    """The scale error at the edge of a 3-degree zone is below 0.032 % from 18° north on, here against the geodesic."""
    end_lon, end_lat, _ = Geod(ellps="WGS84").fwd(lon, lat, 60, 1000)
    x, y = project_points(np.array([lon, end_lon]), np.array([lat, end_lat]), "EPSG:4490", metric_crs(lon))
    assert math.hypot(x[1] - x[0], y[1] - y[0]) == pytest.approx(1000, rel=3.2e-4)


def test_longitude_comes_first_whatever_the_authority_says() -> None:
    """EPSG:4549 is defined northing first and EPSG:4490 latitude first."""
    x, y = project_points(np.array([120.0]), np.array([31.0]), "EPSG:4490", "EPSG:4549")
    assert x[0] == pytest.approx(500_000)
    assert 3.4e6 < y[0] < 3.5e6


def test_cgcs2000_and_wgs84_are_the_same_place() -> None:
    ours = project_points(np.array([121.0]), np.array([31.2]), "EPSG:4490", "EPSG:4549")
    theirs = project_points(np.array([121.0]), np.array([31.2]), "EPSG:4326", "EPSG:4549")
    assert np.hypot(ours[0] - theirs[0], ours[1] - theirs[1])[0] < 0.01
    assert not guesses_datum(CRS(4326), CRS(4549))


@pytest.mark.parametrize(
    ("epsg", "rough"),
    [(2437, True), (2385, True), (4326, False), (4490, False), (4547, False), (32650, False)],
)
def test_beijing_54_and_xian_80_have_no_published_way_to_cgcs2000(epsg: int, rough: bool) -> None:
    assert guesses_datum(CRS(epsg), CRS(4549)) is rough


@pytest.mark.parametrize("name", ["GCJ-02", "gcj02", "GCJ_02", "火星坐标"])
def test_gcj02_may_be_written_in_several_ways(name: str) -> None:
    assert is_gcj02(name)
    assert is_known(name)
    assert parse_crs(name) == CRS.from_epsg(4326)


@pytest.mark.parametrize("name", ["上海城市坐标系", "EPSG:99999", "", "4549坐标"])
def test_a_local_name_is_no_crs(name: str) -> None:
    assert not is_known(name)


def plain_forward(lon: float, lat: float) -> tuple[float, float]:
    """GCJ-02 of one WGS84 place, written out with the math module (the oracle)."""
    a, ee = 6378245.0, 0.00669342162296594323
    x, y = lon - 105, lat - 35
    wave = (20 * math.sin(6 * x * math.pi) + 20 * math.sin(2 * x * math.pi)) * 2 / 3
    north = -100 + 2 * x + 3 * y + 0.2 * y * y + 0.1 * x * y + 0.2 * math.sqrt(abs(x)) + wave
    north += (20 * math.sin(y * math.pi) + 40 * math.sin(y / 3 * math.pi)) * 2 / 3
    north += (160 * math.sin(y / 12 * math.pi) + 320 * math.sin(y * math.pi / 30)) * 2 / 3
    east = 300 + x + 2 * y + 0.1 * x * x + 0.1 * x * y + 0.1 * math.sqrt(abs(x)) + wave
    east += (20 * math.sin(x * math.pi) + 40 * math.sin(x / 3 * math.pi)) * 2 / 3
    east += (150 * math.sin(x / 12 * math.pi) + 300 * math.sin(x / 30 * math.pi)) * 2 / 3
    magic = 1 - ee * math.sin(math.radians(lat)) ** 2
    north = north * 180 / (a * (1 - ee) / (magic * math.sqrt(magic)) * math.pi)
    east = east * 180 / (a / math.sqrt(magic) * math.cos(math.radians(lat)) * math.pi)
    return lon + east, lat + north


@given(st.floats(75, 134), st.floats(4, 53))
def test_the_forward_formula_is_the_published_one(lon: float, lat: float) -> None:
    got = wgs84_to_gcj02(np.array([lon]), np.array([lat]))
    assert (got[0][0], got[1][0]) == pytest.approx(plain_forward(lon, lat), abs=1e-12)


@given(st.floats(75, 134), st.floats(4, 53))
def test_there_and_back_is_exact_to_a_billionth_of_a_degree(lon: float, lat: float) -> None:
    there = wgs84_to_gcj02(np.array([lon]), np.array([lat]))
    back = gcj02_to_wgs84(*there)
    assert abs(back[0][0] - lon) < 1e-9
    assert abs(back[1][0] - lat) < 1e-9


def test_abroad_nothing_moves() -> None:
    lon, lat = np.array([-15.4, 151.2, 2.3]), np.array([28.1, -33.9, 48.9])
    for convert in (wgs84_to_gcj02, gcj02_to_wgs84):
        east, north = convert(lon, lat)
        assert east.tolist() == lon.tolist()
        assert north.tolist() == lat.tolist()


@pytest.mark.real
def test_real_web_map_points_go_back_to_where_they_are(real: Path) -> None:
    """1 cm to the exact inverse; 3 m to the published twin, which used the one-step formula."""
    with (real / "messy" / "layer_gcj02_poi_pair" / "truth.csv").open(encoding="utf-8-sig") as file:
        rows = list(csv.DictReader(file))
    assert len(rows) > 150
    columns = {k: np.array([float(r[k]) for r in rows]) for k in rows[0] if k.startswith(("lon", "lat"))}
    got = project_points(columns["lon_gcj02"], columns["lat_gcj02"], "GCJ-02", "EPSG:4546")
    for twin, metres in (("wgs84_exact", 0.01), ("wgs84_published", 3.0)):
        want = project_points(columns[f"lon_{twin}"], columns[f"lat_{twin}"], "EPSG:4326", "EPSG:4546")
        assert np.hypot(got[0] - want[0], got[1] - want[1]).max() < metres
    raw = project_points(columns["lon_gcj02"], columns["lat_gcj02"], "EPSG:4326", "EPSG:4546")
    assert np.hypot(got[0] - raw[0], got[1] - raw[1]).min() > 300


def test_shapes_move_whole_and_missing_ones_stay_missing() -> None:
    box = shapely.box(119.99, 30.99, 120.01, 31.01)
    moved = to_metric(np.array([box, None], dtype=object), "EPSG:4326", "EPSG:4549")
    assert moved[1] is None
    area, _ = Geod(ellps="WGS84").geometry_area_perimeter(box)
    assert shapely.area(moved[0]) == pytest.approx(area, rel=1e-4)


@pytest.mark.parametrize(
    ("crs", "middle", "expected"),
    [
        ("EPSG:4490", (111.3, 30.7), "EPSG:4546"),
        ("EPSG:4547", (500_000.0, 3_400_000.0), "EPSG:4547"),
        ("EPSG:4326", (-15.4, 28.1), "EPSG:32628"),
    ],
)
def test_a_projects_crs_follows_from_where_a_layer_lies(
    tmp_path: Path, crs: str, middle: tuple[float, float], expected: str
) -> None:
    path = tmp_path / "界.gpkg"
    shape = shapely.to_wkb(np.array([shapely.Point(*middle), shapely.Point(middle[0] + 0.01, middle[1])]))
    pyogrio.raw.write(path, shape, [np.array([1, 2])], ["n"], geometry_type="Point", crs=crs, driver="GPKG")
    assert project_crs(path, layer=None, crs=None) == expected


def test_a_declared_crs_goes_before_the_files(tmp_path: Path) -> None:
    path = tmp_path / "points.geojson"
    feature = {
        "type": "Feature",
        "properties": {},
        "geometry": {"type": "Point", "coordinates": [500_000.0, 3_400_000.0]},
    }
    path.write_text(json.dumps({"type": "FeatureCollection", "features": [feature]}), encoding="utf-8")
    assert project_crs(path, layer=None, crs="EPSG:4546") == "EPSG:4546"


def test_a_layer_that_cannot_say_gives_the_zone_of_120_east(tmp_path: Path) -> None:
    assert project_crs(tmp_path / "none.gpkg", layer=None, crs=None) == "EPSG:4549"
