"""GCJ-02 that nobody declared is suspected when the border says so, and never acted upon."""

import numpy as np
import pytest
import shapely
from tijian.engine.findings import Findings, Place
from tijian.engine.intake.maps.boundaries import read_boundaries
from tijian.engine.intake.maps.crs import GCJ02, WGS84, project_crs, project_points, wgs84_to_gcj02
from tijian.engine.intake.maps.gcj_suspicion import suspect_borders_gcj02, suspect_gcj02
from tijian.engine.intake.maps.layers import read_layer

METRIC = "EPSG:4549"
MIDDLE = np.array(project_points(np.array([121.2]), np.array([31.0]), WGS84, METRIC)).ravel()
UNITS = np.array([shapely.box(*(MIDDLE - 5000), *(MIDDLE + 5000))], dtype=object)


def scattered(n, half_width, seed=1):
    """n places spread evenly over a square around the district's middle, metres."""
    return np.random.default_rng(seed).uniform(-half_width, half_width, (2, n)) + MIDDLE[:, None]


def as_gcj02(xy):
    """Where the same places appear when their GCJ-02 coordinates are taken for WGS84."""
    lon, lat = wgs84_to_gcj02(*project_points(xy[0], xy[1], METRIC, WGS84))
    return project_points(lon, lat, WGS84, METRIC)


def suspects(xy, units=UNITS):
    findings = Findings()
    said = suspect_gcj02(xy[0], xy[1], units, METRIC, Place("公交站点.geojson"), findings)
    assert [f.code for f in findings] == (["G022"] if said else [])
    return said


def test_places_that_all_lie_in_the_district_when_read_as_gcj02_are_suspected():
    assert suspects(as_gcj02(scattered(2000, 5000)))


def test_places_that_lie_in_the_district_as_they_are_are_not():
    assert not suspects(scattered(2000, 5000))


@pytest.mark.parametrize("seed", range(20))
def test_places_that_go_on_beyond_the_border_are_not(seed):
    assert not suspects(scattered(2000, 8000, seed))


def test_a_handful_of_points_proves_nothing():
    assert not suspects(as_gcj02(scattered(20, 5000)))


def test_points_without_coordinates_and_districts_without_borders_say_nothing():
    nowhere = np.full((2, 50), np.nan)
    assert not suspects(nowhere)
    assert not suspects(as_gcj02(scattered(2000, 5000)), UNITS[:0])


def suspects_borders(xy, units):
    findings = Findings()
    said = suspect_borders_gcj02(xy[0], xy[1], units, METRIC, Place("公交站点.geojson"), findings, "公交站点")
    assert [f.code for f in findings] == (["G025"] if said else [])
    return said


def shifted_units():
    """The district as it appears when boundaries in GCJ-02 are taken for WGS84."""
    corners = as_gcj02(shapely.get_coordinates(UNITS[0]).T)
    return np.array([shapely.Polygon(np.column_stack(corners))], dtype=object)


def test_boundaries_that_hold_the_places_only_when_read_as_gcj02_are_suspected():
    assert suspects_borders(scattered(2000, 5000), shifted_units())
    assert not suspects(scattered(2000, 5000), shifted_units()), (
        "the places are right, and nothing is said of them"
    )


def test_boundaries_that_fit_and_places_that_go_on_beyond_them_say_nothing():
    assert not suspects_borders(scattered(2000, 5000), UNITS)
    assert not any(suspects_borders(scattered(2000, 8000, seed), shifted_units()) for seed in range(5))
    assert not suspects_borders(as_gcj02(scattered(2000, 5000)), UNITS), (
        "then it is the places that are shifted"
    )
    assert not suspects_borders(scattered(20, 5000), shifted_units())


@pytest.mark.real
def test_on_the_real_pair_two_hundred_points_are_too_few_to_say(real):
    """Of 202 points four come in and none goes out: too weak to speak of. The WGS84 twins would lose 22."""
    streets = real / "yichang-2025" / "streets.geojson"
    target = project_crs(streets, layer=None, crs=None)
    findings = Findings()
    units = read_boundaries(streets, layer=None, crs=None, code=None, name="JDMC", target_crs=target,
                            findings=findings, shown_as="streets.geojson")  # fmt: skip
    polygons = shapely.from_wkb(units["wkb"].to_numpy())
    folder = real / "messy" / "layer_gcj02_poi_pair"
    for name in ("poi_gcj02.geojson", "poi_wgs84_as_published.geojson"):
        points = read_layer(folder / name, layer=None, crs=None, columns={}, target_crs=target,
                            findings=findings, shown_as=name)  # fmt: skip
        x, y = points.select("x", "y").to_numpy().T
        assert not suspect_gcj02(x, y, polygons, target, Place(name), findings)
    assert GCJ02 not in "".join(f.message for f in findings)
