"""A real city end to end: OSM supply and demand, catchments in another CRS, against one-by-one arithmetic."""

from __future__ import annotations

import math
from pathlib import Path

import numpy as np
import polars as pl
import pytest
import shapely
from tijian.engine.findings import Findings
from tijian.engine.intake.maps.boundaries import read_boundaries
from tijian.engine.intake.maps.gtfs import read_gtfs
from tijian.engine.intake.maps.osm import read_osm
from tijian.engine.measure.coverage import covered
from tijian.engine.measure.density import clip_areas, clip_lengths, count_inside
from tijian.engine.measure.place import place_points

pytestmark = pytest.mark.real
METRIC = "EPSG:32628"


@pytest.fixture
def city(real: Path) -> Path:
    return real / "las-palmas"


def osm(city: Path, geometry: str, **tags: tuple[str, ...]) -> pl.DataFrame:
    frame = read_osm(city / "las_palmas_osm_20230221.osm.pbf", tags=tags, geometry=geometry, columns={}, target_crs=METRIC,
                     findings=Findings(), shown_as="osm")  # fmt: skip
    assert frame is not None
    return frame


def shapes(frame: pl.DataFrame, column: str = "_wkb") -> np.ndarray:
    return np.asarray(shapely.from_wkb(frame[column].to_numpy()))


def catchments(city: Path) -> np.ndarray:
    frame = read_boundaries(city / "school_catchments.geojson", layer=None, crs=None, code="Codigo", name="Denominaci",
                            target_crs=METRIC, findings=Findings(), shown_as="catchments")  # fmt: skip
    assert frame is not None
    return shapes(frame, "wkb")


def test_share_of_dwellings_within_500_m_of_a_bus_stop_equals_a_double_loop(city: Path) -> None:
    homes = osm(city, "point", building=("house", "residential", "apartments", "detached", "terrace"))
    stops = read_gtfs(
        city / "gtfs_guaguas_20230222.zip", target_crs=METRIC, findings=Findings(), shown_as="gtfs"
    )
    assert stops is not None
    some = homes.select("x", "y").to_numpy()[::20]
    served, distance = covered(some, shapes(stops), 500)
    poles = stops.select("x", "y").rows()
    expected = [min(math.hypot(x - px, y - py) for px, py in poles) for x, y in some.tolist()]
    assert distance.tolist() == pytest.approx(expected)
    assert served.sum() == sum(d <= 500 for d in expected)
    assert 0 < served.sum() < len(some)


def test_distance_to_parks_equals_shapely_one_by_one(city: Path) -> None:
    parks = shapes(osm(city, "polygon", leisure=("park",)))
    homes = (
        osm(city, "point", building=("house", "residential", "apartments")).select("x", "y").to_numpy()[::50]
    )
    _, distance = covered(homes, parks, 300)
    expected = [min(park.distance(shapely.Point(home)) for park in parks) for home in homes]
    assert distance.tolist() == pytest.approx(expected)


def test_road_length_per_catchment_equals_clipping_one_by_one(city: Path) -> None:
    roads = shapes(osm(city, "line", highway=("primary", "secondary")))
    units = catchments(city)
    index, metres = clip_lengths(roads, units)
    got = np.bincount(index, weights=metres, minlength=len(units))
    expected = [sum(unit.intersection(road).length for road in roads) for unit in units]
    assert got.tolist() == pytest.approx(expected, abs=1e-6)
    assert got.sum() > 10_000


def test_park_area_per_catchment_equals_clipping_one_by_one(city: Path) -> None:
    parks = shapes(osm(city, "polygon", leisure=("park",)))
    units = catchments(city)
    index, area = clip_areas(parks, units)
    expected = [sum(unit.intersection(park).area for park in parks) for unit in units]
    assert np.bincount(index, weights=area, minlength=len(units)).tolist() == pytest.approx(
        expected, abs=1e-4
    )


def test_pharmacies_per_catchment_equal_a_loop_where_the_first_that_holds_it_counts(city: Path) -> None:
    frame = osm(city, "point", amenity=("pharmacy",))
    units = catchments(city)
    first = [next((i for i, u in enumerate(units) if u.covers(p)), -1) for p in shapes(frame)]
    assert place_points(frame["x"].to_numpy(), frame["y"].to_numpy(), units).tolist() == first
    index, ones = count_inside(shapes(frame), units)
    assert np.bincount(index, weights=ones, minlength=len(units)).tolist() == [
        first.count(i) for i in range(len(units))
    ]
