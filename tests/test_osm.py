"""OpenStreetMap extracts: what counts as a thing of each geometry, and what is told of what cannot be used."""

from __future__ import annotations

from collections import Counter
from itertools import pairwise
from pathlib import Path

import numpy as np
import osmium
import polars as pl
import pytest
import shapely
from pyproj import Geod, Transformer
from tijian.engine.findings import Findings
from tijian.engine.intake.maps.osm import read_osm
from tijian.engine.intake.maps.walkways import TAGS, may_walk

METRIC = "EPSG:32628"
GEOD = Geod(ellps="WGS84")
LON, LAT = -15.43, 28.11
STEP = 0.001  # degrees: 98 m east, 111 m north here


class Extract:
    """Writes a small .osm.pbf: nodes by grid place, ways over them, relations over ways."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.writer = osmium.SimpleWriter(str(path))

    def node(self, number: int, east: int, north: int, **tags: str) -> int:
        self.writer.add_node(
            osmium.osm.mutable.Node(id=number, location=(LON + east * STEP, LAT + north * STEP), tags=tags)
        )
        return number

    def way(self, number: int, nodes: list[int], **tags: str) -> int:
        self.writer.add_way(osmium.osm.mutable.Way(id=number, nodes=nodes, tags=tags))
        return number

    def relation(self, number: int, members: list[tuple[str, int, str]], **tags: str) -> int:
        self.writer.add_relation(osmium.osm.mutable.Relation(id=number, members=members, tags=tags))
        return number

    def close(self) -> Path:
        self.writer.close()
        return self.path


@pytest.fixture
def town(tmp_path: Path) -> Path:
    """A pharmacy as a node, one as a building; a park with a pond in it; streets, one cut off; odd things."""
    extract = Extract(tmp_path / "town.osm.pbf")
    extract.node(1, 0, 0, amenity="pharmacy", name="角上药店")
    extract.node(2, 5, 5, amenity="cafe;pharmacy")
    extract.node(3, 5, 6, amenity="cafe")
    for i, (east, north) in enumerate([(1, 1), (3, 1), (3, 3), (1, 3)], start=10):
        extract.node(i, east, north)
    for i, (east, north) in enumerate([(10, 10), (20, 10), (20, 20), (10, 20)], start=20):
        extract.node(i, east, north)
    for i, (east, north) in enumerate([(14, 14), (16, 14), (16, 16), (14, 16)], start=30):
        extract.node(i, east, north)
    extract.way(100, [10, 11, 12, 13, 10], amenity="pharmacy", building="yes", name="楼里药店")
    extract.way(101, [20, 21, 22, 23, 20])
    extract.way(102, [30, 31, 32, 33, 30])
    extract.way(200, [10, 11, 12], highway="residential", name="弯路")
    extract.way(201, [20, 21, 999, 22, 23], highway="primary")  # node 999 is beyond the extract
    extract.way(202, [998, 999], highway="primary")
    extract.way(203, [10, 11, 12, 13, 10], highway="pedestrian", area="yes")
    extract.way(204, [20, 21, 22, 23, 20], highway="residential", area="no")
    extract.way(205, [10, 12], barrier="gate")
    extract.relation(
        300, [("w", 101, "outer"), ("w", 102, "inner")], type="multipolygon", leisure="park", name="带湖公园"
    )
    return extract.close()


def read(
    path: Path,
    tags: dict[str, tuple[str, ...]],
    geometry: str,
    findings: Findings | None = None,
    **columns: str,
) -> pl.DataFrame:
    frame = read_osm(path, tags=tags, geometry=geometry, columns=columns, target_crs=METRIC,
                     findings=Findings() if findings is None else findings, shown_as="town.osm.pbf")  # fmt: skip
    assert frame is not None
    return frame


def metric(east: float, north: float) -> tuple[float, float]:
    return Transformer.from_crs(4326, METRIC, always_xy=True).transform(LON + east * STEP, LAT + north * STEP)


def test_as_points_a_node_and_a_building_are_one_thing_each(town: Path) -> None:
    frame = read(town, {"amenity": ("pharmacy",)}, "point")
    assert frame.select("osm_id", "name").rows() == [("n1", "角上药店"), ("n2", None), ("w100", "楼里药店")]
    assert frame.select("x", "y").row(0) == pytest.approx(metric(0, 0))
    x, y = frame.select("x", "y").row(2)
    west, south = metric(1, 1)
    east, north = metric(3, 3)
    assert west < x < east
    assert south < y < north
    assert set(shapely.get_type_id(shapely.from_wkb(frame["_wkb"].to_numpy())).tolist()) == {0}


def test_every_row_says_which_object_it_is(town: Path) -> None:
    frame = read(town, {"amenity": ("pharmacy",)}, "point")
    assert frame.select("_file", "_sheet", "_row").rows() == [
        ("town.osm.pbf", "node", 1), ("town.osm.pbf", "node", 2), ("town.osm.pbf", "way", 100),
    ]  # fmt: skip


def test_any_of_several_keys_will_do_and_no_values_means_any(town: Path) -> None:
    frame = read(town, {"leisure": (), "barrier": ("gate", "wall")}, "point")
    assert frame["osm_id"].to_list() == ["r300", "w205"]
    assert read(town, {"amenity": ()}, "point").height == 4


def test_a_line_that_is_no_area_is_placed_half_way_along(town: Path) -> None:
    frame = read(town, {"barrier": ("gate",)}, "point")
    assert frame.select("x", "y").row(0) == pytest.approx(metric(2, 2), abs=0.1)


def test_a_park_of_ways_is_one_polygon_with_its_pond_cut_out(town: Path) -> None:
    frame = read(town, {"leisure": ("park",)}, "polygon")
    assert frame["osm_id"].to_list() == ["r300"]
    (shape,) = shapely.from_wkb(frame["_wkb"].to_numpy())
    (west, south), (east, north) = metric(10, 10), metric(20, 20)
    assert shapely.area(shape) == pytest.approx(0.96 * (east - west) * (north - south), rel=1e-3)


def test_lines_are_ways_that_are_no_areas_and_the_part_within_is_kept(town: Path) -> None:
    findings = Findings()
    frame = read(town, {"highway": ("residential", "primary", "pedestrian")}, "line", findings, cls="highway")
    assert frame.select("osm_id", "cls").rows() == [("w200", "residential"), ("w201", "primary"), ("w204", "residential")]  # fmt: skip
    lengths = shapely.length(shapely.from_wkb(frame["_wkb"].to_numpy()))
    east, north = (np.hypot(*np.subtract(metric(*to), metric(0, 0))) for to in ((1, 0), (0, 1)))
    assert lengths.tolist() == pytest.approx([2 * (east + north), 20 * east, 20 * (east + north)], rel=1e-3)
    assert [(f.code, f.place.row) for f in findings] == [("G024", None)]
    assert "2 条线在文件范围的边缘被截断：1 条用范围内的部分，1 条全在范围外" in findings.rows[0].message


@pytest.mark.parametrize(
    ("tags", "walks"),
    [
        ({"highway": "residential"}, True),
        ({"highway": "steps"}, True),
        ({"highway": "service", "access": "private"}, True),
        ({"highway": "residential", "foot": "no"}, False),
        ({"highway": "service", "access": "no"}, False),
        ({"highway": "service", "access": "no", "foot": "yes"}, True),
        ({"highway": "trunk"}, False),
        ({"highway": "trunk", "foot": "yes"}, True),
        ({"highway": "cycleway", "foot": "designated"}, True),
        ({"highway": "cycleway"}, False),
        ({"highway": "motorway"}, False),
        ({"highway": "motorway", "foot": "yes"}, False),
        ({"railway": "rail"}, False),
    ],
)
def test_of_the_ways_those_that_one_may_walk_on(tmp_path: Path, tags: dict[str, str], walks: bool) -> None:
    extract = Extract(tmp_path / "one.osm.pbf")
    nodes = [extract.node(i, i, 0) for i in (1, 2, 3)]
    extract.way(1, nodes[:2], highway="footway")
    extract.way(2, nodes[1:], **tags)
    frame = read_osm(extract.close(), tags=TAGS, geometry="line", columns={}, target_crs=METRIC, findings=Findings(),
                     shown_as="one", only=may_walk)  # fmt: skip
    assert frame is not None
    assert frame["osm_id"].to_list() == (["w1", "w2"] if walks else ["w1"])


def test_tags_asked_for_are_text_and_null_where_there_is_none(town: Path) -> None:
    frame = read(town, {"amenity": ("pharmacy",)}, "point", kind="building", title="name")
    assert frame["kind"].to_list() == [None, None, "yes"]
    assert frame["title"].to_list() == ["角上药店", None, "楼里药店"]


def test_nothing_found_is_told_with_the_tags(town: Path) -> None:
    findings = Findings()
    got = read_osm(town, tags={"shop": ("supermarket",), "amenity": ()}, geometry="polygon", columns={}, target_crs=METRIC,
                   findings=findings, shown_as="town.osm.pbf")  # fmt: skip
    assert got is not None  # amenity=* finds the pharmacy's building
    assert read_osm(town, tags={"shop": ("supermarket",)}, geometry="point", columns={}, target_crs=METRIC,
                    findings=findings, shown_as="town.osm.pbf") is None  # fmt: skip
    assert [(f.code, f.value) for f in findings] == [("G041", "shop=supermarket")]


@pytest.mark.parametrize("spoil", [lambda b: b[: len(b) // 2], lambda b: b"not a map", lambda b: b""])
def test_a_broken_file_is_told(tmp_path: Path, town: Path, spoil: object) -> None:
    broken = tmp_path / "broken.osm.pbf"
    broken.write_bytes(spoil(town.read_bytes()))
    findings = Findings()
    assert read_osm(broken, tags={"highway": ()}, geometry="line", columns={}, target_crs=METRIC, findings=findings,
                    shown_as="broken.osm.pbf") is None  # fmt: skip
    assert [f.code for f in findings] == ["G040"]


# ---- a real city ---------------------------------------------------------------------------------


@pytest.fixture
def las_palmas(real: Path) -> Path:
    return real / "las-palmas" / "las_palmas_osm_20230221.osm.pbf"


@pytest.mark.real
def test_las_palmas_pharmacies_equal_a_plain_count_of_nodes_and_ways(las_palmas: Path) -> None:
    expected = Counter(
        o.type_str() for o in osmium.FileProcessor(str(las_palmas)) if o.tags.get("amenity") == "pharmacy"
    )
    frame = read(las_palmas, {"amenity": ("pharmacy",)}, "point")
    assert Counter(i[0] for i in frame["osm_id"]) == expected
    assert frame.height > 50
    assert frame["x"].null_count() == 0


@pytest.mark.real
def test_las_palmas_streets_have_the_length_of_their_segments_on_the_ellipsoid(las_palmas: Path) -> None:
    wanted = ("residential", "primary")
    frame = read(las_palmas, {"highway": wanted}, "line", cls="highway")
    got = np.sum(shapely.length(shapely.from_wkb(frame["_wkb"].to_numpy())))
    expected = 0.0
    for way in osmium.FileProcessor(str(las_palmas)).with_locations():
        if way.is_way() and way.tags.get("highway") in wanted and way.tags.get("area") != "yes":
            places = [n.location if n.location.valid() else None for n in way.nodes]
            for a, b in pairwise(places):
                if a and b:
                    expected += GEOD.inv(a.lon, a.lat, b.lon, b.lat)[2]
    assert got > 100_000
    assert got == pytest.approx(expected, rel=1e-3)  # the scale error of a UTM zone


def test_an_outline_tagged_like_its_multipolygon_is_one_thing(tmp_path: Path) -> None:
    extract = Extract(tmp_path / "twice.osm.pbf")
    for i, (east, north) in enumerate([(0, 0), (9, 0), (9, 9), (0, 9)], start=1):
        extract.node(i, east, north)
    for i, (east, north) in enumerate([(3, 3), (6, 3), (6, 6), (3, 6)], start=11):
        extract.node(i, east, north)
    extract.way(100, [1, 2, 3, 4, 1], building="residential")
    extract.way(101, [11, 12, 13, 14, 11], building="residential")  # a house of its own in the yard
    extract.relation(
        300, [("w", 100, "outer"), ("w", 101, "inner")], type="multipolygon", building="residential"
    )
    path = extract.close()
    for geometry in ("point", "polygon"):
        frame = read_osm(path, tags={"building": ("residential",)}, geometry=geometry, columns={}, target_crs=METRIC,
                         findings=Findings(), shown_as="x")  # fmt: skip
        assert frame is not None
        assert sorted(frame["osm_id"]) == ["r300", "w101"]
