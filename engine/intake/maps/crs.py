"""Coordinate systems (坐标系): which metric CRS a district is measured in, and how coordinates get there.

Distances and areas are measured in a transverse Mercator zone around the district, never in degrees or Web
Mercator. In China that is the CGCS2000 3-degree Gauss-Krüger zone (三度带), elsewhere the UTM zone. The scale
error of a 3-degree zone is below 0.02 % at its edge, of a UTM zone below 0.1 %.

CGCS2000 and WGS84 are treated as equal: the two frames differ by centimetres (tectonic drift, a few centimetres a
year, set aside), far below the metre at which departments draw. ``always_xy`` throughout: x is longitude or easting.

GCJ-02 (火星坐标) is not a CRS but WGS84 moved by a published smooth offset of 300-700 m inside China. The forward
formula is the offset series on the Krasovsky ellipsoid as published with "eviltransform" and its many ports; the
inverse is found exactly, by iterating w ← g - offset(w), not with the usual one-step formula, which is up to 3 m off.
"""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path

import numpy as np
import numpy.typing as npt
import shapely
from pyproj import CRS, Transformer
from pyproj.exceptions import CRSError

from .vector_files import layer_head

Floats = npt.NDArray[np.float64]

GCJ02 = "GCJ-02"
WGS84 = CRS.from_epsg(4326)
ALIASES = {"CGCS2000": "EPSG:4490", "WGS84": "EPSG:4326", "WGS-84": "EPSG:4326"}
KNOWN = "EPSG:4490、EPSG:4326、EPSG:4549 等 EPSG 编号，或 GCJ-02"

KRASOVSKY_A = 6378245.0
KRASOVSKY_E2 = 0.00669342162296594323
GCJ_BOX = (72.004, 0.8293, 137.8347, 55.8271)  # outside it GCJ-02 equals WGS84
CHINA_LON, CHINA_LAT = (73.5, 136.5), (3.0, 54.5)


def metric_crs(lon: float, lat: float | None = None) -> CRS:
    """The CRS lengths and areas are measured in at a place given in degrees.

    In China (longitude 73.5-136.5 and, when given, latitude 3-54.5) CGCS2000 / 3-degree Gauss-Krüger with the
    central meridian nearest to ``lon`` (EPSG:4534 for 75°E to EPSG:4554 for 135°E), elsewhere the WGS84 UTM zone,
    of the southern half when ``lat`` is negative.
    """
    in_china = CHINA_LON[0] <= lon <= CHINA_LON[1] and (lat is None or CHINA_LAT[0] <= lat <= CHINA_LAT[1])
    if in_china:
        meridian = min(max(int((lon + 1.5) // 3) * 3, 75), 135)
        return CRS.from_epsg(4534 + (meridian - 75) // 3)
    zone = int((lon + 180) // 6) % 60 + 1
    return CRS.from_epsg((32700 if lat is not None and lat < 0 else 32600) + zone)


def project_crs(path: Path, *, layer: str | None, crs: str | None) -> str:
    """The metric CRS for a project, from where one of its layers lies; that of 120°E when the layer cannot say."""
    head = layer_head(path, layer)
    name = crs or (head[0] if head else None)
    if head is None or name is None or not is_known(name):
        return metric_crs(120.0).to_string()
    west, south, east, north = head[1]
    lon, lat = project_points(np.array([(west + east) / 2]), np.array([(south + north) / 2]), name, WGS84)
    if not np.isfinite(lon[0]):
        return metric_crs(120.0).to_string()
    return metric_crs(float(lon[0]), float(lat[0])).to_string()


def is_gcj02(name: str | CRS | None) -> bool:
    """Whether a declared CRS name means GCJ-02 (火星坐标系)."""
    if not isinstance(name, str):
        return False
    plain = name.upper().replace("-", "").replace("_", "").replace(" ", "")
    return plain in {"GCJ02", "火星坐标", "火星坐标系"}


@lru_cache(maxsize=64)
def parse_crs(name: str) -> CRS:
    """The pyproj CRS of a declared name; for GCJ-02 the WGS84 its coordinates become. Raises CRSError."""
    if is_gcj02(name):
        return WGS84
    return CRS.from_user_input(ALIASES.get(name.strip().upper(), name.strip()))


@lru_cache(maxsize=64)
def transformer(source: CRS, target: CRS) -> Transformer:
    """source → target with x first, kept for reuse."""
    return Transformer.from_crs(source, target, always_xy=True)


def project_points(x: Floats, y: Floats, source: str | CRS, target: str | CRS) -> tuple[Floats, Floats]:
    """Coordinates of ``source`` (a CRS, its name, or GCJ-02) in ``target``; NaN where they cannot be computed."""
    x, y = np.asarray(x, dtype=np.float64), np.asarray(y, dtype=np.float64)
    if isinstance(source, str) and is_gcj02(source):
        x, y = gcj02_to_wgs84(x, y)
    start = parse_crs(source) if isinstance(source, str) else source
    end = parse_crs(target) if isinstance(target, str) else target
    east, north = transformer(start, end).transform(x, y)
    bad = ~(np.isfinite(east) & np.isfinite(north))
    return np.where(bad, np.nan, east), np.where(bad, np.nan, north)


def to_metric(
    geoms: npt.NDArray[np.object_], source: str | CRS, target: str | CRS
) -> npt.NDArray[np.object_]:
    """Shapes of ``source`` in ``target``, two-dimensional. Missing shapes stay missing."""

    def move(x: Floats, y: Floats) -> tuple[Floats, Floats]:
        return project_points(x, y, source, target)

    return np.asarray(shapely.transform(geoms, move, interleaved=False), dtype=object)


def wgs84_to_gcj02(lon: Floats, lat: Floats) -> tuple[Floats, Floats]:
    """WGS84 → GCJ-02, degrees, any shape. Outside the box of the formula nothing moves."""
    lon, lat = np.asarray(lon, dtype=np.float64), np.asarray(lat, dtype=np.float64)
    inside = _in_gcj_box(lon, lat)
    east, north = _gcj_offset(lon, lat)
    return lon + np.where(inside, east, 0.0), lat + np.where(inside, north, 0.0)


def gcj02_to_wgs84(lon: Floats, lat: Floats) -> tuple[Floats, Floats]:
    """GCJ-02 → WGS84, degrees, any shape, exact to below 1e-9 degrees (0.1 mm).

    Fixed point of w = g - offset(w). The offset changes by under 1 % of the distance moved, so each step gains two
    digits; 12 steps reach the last bit of a double.
    """
    lon, lat = np.asarray(lon, dtype=np.float64), np.asarray(lat, dtype=np.float64)
    inside = _in_gcj_box(lon, lat)
    east, north = lon, lat
    for _ in range(12):
        dx, dy = _gcj_offset(east, north)
        east, north = np.where(inside, lon - dx, lon), np.where(inside, lat - dy, lat)
    return east, north


def _in_gcj_box(lon: Floats, lat: Floats) -> npt.NDArray[np.bool_]:
    west, south, east, north = GCJ_BOX
    return (lon >= west) & (lon <= east) & (lat >= south) & (lat <= north)


def _gcj_offset(lon: Floats, lat: Floats) -> tuple[Floats, Floats]:
    """GCJ-02 minus WGS84 at a WGS84 place: (degrees east, degrees north)."""
    x, y = lon - 105.0, lat - 35.0
    root = np.sqrt(np.abs(x))
    shared = 20 * np.sin(6 * np.pi * x) + 20 * np.sin(2 * np.pi * x)
    north = shared + 20 * np.sin(np.pi * y) + 40 * np.sin(np.pi / 3 * y)
    north += 160 * np.sin(np.pi / 12 * y) + 320 * np.sin(np.pi / 30 * y)
    north = north * 2 / 3 - 100 + 2 * x + 3 * y + 0.2 * y * y + 0.1 * x * y + 0.2 * root
    east = shared + 20 * np.sin(np.pi * x) + 40 * np.sin(np.pi / 3 * x)
    east += 150 * np.sin(np.pi / 12 * x) + 300 * np.sin(np.pi / 30 * x)
    east = east * 2 / 3 + 300 + x + 2 * y + 0.1 * x * x + 0.1 * x * y + 0.1 * root
    phi = np.radians(lat)
    bend = 1 - KRASOVSKY_E2 * np.sin(phi) ** 2
    meridian_radius = KRASOVSKY_A * (1 - KRASOVSKY_E2) / bend**1.5
    parallel_radius = KRASOVSKY_A / np.sqrt(bend) * np.cos(phi)
    return np.degrees(east / parallel_radius), np.degrees(north / meridian_radius)


def lonlat_box(target: CRS) -> tuple[float, float, float, float]:
    """Where anything of a run measured in ``target`` can lie: its area of use and 3° around (west, south, east, north)."""
    area = target.area_of_use
    if area is None:
        return (-180.0, -90.0, 180.0, 90.0)
    return (area.west - 3.0, max(area.south - 3.0, -90.0), area.east + 3.0, min(area.north + 3.0, 90.0))


def is_known(name: str) -> bool:
    """Whether a declared CRS can be used."""
    try:
        parse_crs(name)
    except CRSError:
        return False
    return True


def measures_metres(name: str) -> bool:
    """Whether lengths and areas can be measured in a declared CRS: it is known, projected, and counts in metres."""
    if not is_known(name) or is_gcj02(name):
        return False
    crs = parse_crs(name)
    return bool(crs.is_projected) and all(axis.unit_name == "metre" for axis in crs.axis_info)


def guesses_datum(source: CRS, target: CRS) -> bool:
    """Whether PROJ moves ``source`` to ``target`` without knowing the shift between the two datums.

    So it is with 北京54 and 西安80, whose parameters differ from city to city: positions may then be off by tens of
    metres. WGS84 and CGCS2000 are equal at our precision and do not count.
    """
    return "Ballpark" in transformer(source, target).description and not (
        _is_modern(source) and _is_modern(target)
    )


def _is_modern(crs: CRS) -> bool:
    datum = crs.geodetic_crs.name.upper() if crs.geodetic_crs is not None else ""
    return any(name in datum for name in ("WGS 84", "WGS84", "WGS_1984", "CHINA GEODETIC COORDINATE SYSTEM 2000",
                                          "CHINA_GEODETIC_COORDINATE_SYSTEM_2000", "CGCS2000"))  # fmt: skip
