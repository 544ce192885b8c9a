"""A project on foot from its files: the same streets as GeoPackage, Shapefile and OSM extract, and its `[space]`.

A river runs along y = 500 and a motorway along y = 800, both straight through; only the bridge at x = 900 crosses the
river and nothing one may walk on crosses the motorway. A shop lies over the river from the homes, another over the
motorway: in a straight line every home is served, on foot only who lives on the same side.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np
import osmium
import pyogrio
import pytest
import shapely
from pyproj import Transformer
from tijian.engine.findings import Findings
from tijian.engine.run import Run, check
from tijian.engine.settings.project import load_project

METRIC = "EPSG:4549"
EAST, NORTH = 500_000.0, 3_450_000.0
HOMES = [(100, 400), (600, 400), (0, 700)]
SHOPS = [(300, 600), (100, 850)]
STREETS: list[tuple[str, list[tuple[float, float]]]] = [
    ("residential", [(0, 400), (900, 400)]),
    ("residential", [(0, 600), (900, 600)]),
    ("footway", [(900, 400), (900, 600)]),
    ("residential", [(0, 600), (0, 750), (500, 750)]),
    ("motorway", [(0, 800), (1000, 800)]),
    ("residential", [(0, 850), (900, 850)]),
    ("service", [(900, 850), (900, 600)]),  # a gate: nobody may pass
]
PROJECT = """
[project]
name = "试验区"
district = "990101"
year = 2026
indicators = ["on-foot"]
crs = "EPSG:4549"

[units]
check_codes = false

[[units.boundaries]]
file = "unit.gpkg"
level = "district"
code = "code"
name = "name"

[inputs]
homes = { kind = "layer", file = "homes.gpkg", title = "住宅" }
shops = { kind = "layer", file = "shops.gpkg", title = "商店" }
"""
STREETS_IN = {
    "gpkg": 'kind = "layer", file = "streets.gpkg", columns = { class = "class", access = "access" }',
    "shp": 'kind = "layer", file = "streets.shp", columns = { class = "class", access = "access" }',
    "pbf": 'kind = "layer", file = "streets.osm.pbf", walkable = true',
}
WHERE = "network_where = \"class <> 'motorway' and access is distinct from 'no'\""
INDICATOR = """
[[indicator]]
code = "XX-0{number}"
name = "商店500米覆盖率（{name}）"
dimension = "生活"
aspect = "步行"
scale = "街区"
unit = "%"
direction = "higher"
levels = ["district"]
kind = "local"
treatment = "effort"
definition = "到最近的商店不超过500米的住宅所占比例。"
formula = "覆盖的住宅 ÷ 全部住宅 × 100%"
lead = ["区商务委"]
remedy = "在{{unit}}增设商店。"
confirmed = false

[indicator.measure]
{measure}
"""


def moved(points: list[tuple[float, float]]) -> list[tuple[float, float]]:
    return [(EAST + x, NORTH + y) for x, y in points]


def write(path: Path, shapes: list[shapely.Geometry], **columns: list[str | None]) -> None:
    pyogrio.raw.write(
        path, shapely.to_wkb(np.array(shapes, dtype=object)), [np.array(c, dtype=object) for c in columns.values()],
        list(columns), geometry_type=shapes[0].geom_type, crs=METRIC, encoding="UTF-8",
        driver={".gpkg": "GPKG", ".shp": "ESRI Shapefile"}[path.suffix],
    )  # fmt: skip


def write_osm(path: Path) -> None:
    """The streets as ways that share nodes."""
    degrees = Transformer.from_crs(METRIC, "EPSG:4326", always_xy=True)
    places = sorted({xy for _, line in STREETS for xy in line})
    with osmium.SimpleWriter(str(path)) as writer:
        for number, xy in enumerate(places, 1):
            lon_lat = degrees.transform(*moved([xy])[0])
            writer.add_node(osmium.osm.mutable.Node(id=number, location=lon_lat))
        for number, (kind, line) in enumerate(STREETS, 1):
            tags = {"highway": kind} | ({"access": "no"} if kind == "service" else {})
            nodes = [places.index(xy) + 1 for xy in line]
            writer.add_way(osmium.osm.mutable.Way(id=number, nodes=nodes, tags=tags))


def project(folder: Path, streets: str, more: str = "") -> Path:
    write(folder / "unit.gpkg", [shapely.box(*moved([(-50, 0)])[0], *moved([(1050, 1000)])[0])],
          code=["990101"], name=["试验区"])  # fmt: skip
    write(folder / "homes.gpkg", [shapely.Point(xy) for xy in moved(HOMES)], id=["1", "2", "3"])
    write(folder / "shops.gpkg", [shapely.Point(xy) for xy in moved(SHOPS)], id=["1", "2"])
    kinds = [kind for kind, _ in STREETS]
    if streets == "pbf":
        write_osm(folder / "streets.osm.pbf")
    else:
        lines = [shapely.LineString(moved(line)) for _, line in STREETS]
        closed = ["no" if kind == "service" else None for kind in kinds]
        write(folder / f"streets.{streets}", lines, **{"class": list(kinds), "access": closed})
    (folder / "tijian.toml").write_text(
        f"{PROJECT}streets = {{ {STREETS_IN[streets]} }}\n{more}", encoding="utf-8"
    )
    own = folder / "indicators" / "on-foot"
    own.mkdir(parents=True)
    (own / "system.toml").write_text(
        'name = "on-foot"\ntitle = "步行"\nsource = "测试"\ndimensions = ["生活"]\nconfirmed = false\n',
        encoding="utf-8",
    )
    common = 'demand = "homes"\nsupply = "shops"\n'
    straight = f'method = "coverage"\n{common}radius_m = 500'
    walk = f'method = "walk"\n{common}network = "streets"\n{"" if streets == "pbf" else WHERE}\n'
    minutes = walk + "minutes = 15"
    (own / "all.toml").write_text(
        "".join(
            INDICATOR.format(number=n, name=name, measure=measure)
            for n, (name, measure) in enumerate(
                [("直线", straight), ("步行", walk + "metres = 500"), ("15分钟", minutes)], 1
            )
        ),
        encoding="utf-8",
    )
    return folder


def run(folder: Path) -> tuple[dict[str, float], Run]:
    """Indicator → its value for the district."""
    findings = Findings()
    loaded = load_project(folder, findings)
    assert loaded is not None, [f.message for f in findings]
    state = check(loaded, findings, lambda *_: None)
    assert state.findings.errors == []
    return dict(state.frames["measurements"].select("indicator", "value").iter_rows()), state


@pytest.mark.parametrize("streets", ["gpkg", "shp", "pbf"])
def test_what_a_straight_line_serves_a_river_and_a_motorway_keep_from_being_reached(
    tmp_path: Path, streets: str
) -> None:
    values, state = run(project(tmp_path, streets))
    assert values["XX-01"] == 100
    # the home north of the river walks 100 m down and 300 m along; those south of it 1,100 m and more over the bridge
    assert values["XX-02"] == pytest.approx(100 / 3)
    ways = state.frames["service"].filter(indicator="XX-02")["distance"].to_list()
    assert sorted(d for d in ways if d is not None) == pytest.approx([400], abs=0.1)
    # the street beyond the motorway is a piece of its own
    assert [f.code for f in state.findings if f.code == "G050"] == ["G050"]


def test_the_projects_own_speed_decides_how_far_a_quarter_of_an_hour_is(tmp_path: Path) -> None:
    (tmp_path / "slow").mkdir()
    (tmp_path / "fast").mkdir()
    slow, _ = run(project(tmp_path / "slow", "gpkg"))
    fast, _ = run(project(tmp_path / "fast", "gpkg", "[space]\nwalk_speed_m_s = 1.4\n"))  # 1,260 m
    assert slow["XX-03"] == pytest.approx(100 / 3)
    assert fast["XX-03"] == pytest.approx(200 / 3)


def test_a_setting_of_space_that_there_is_not_is_told_with_those_there_are(tmp_path: Path) -> None:
    findings = Findings()
    assert load_project(project(tmp_path, "gpkg", "[space]\nspeed = 1\n"), findings) is None
    assert [(f.code, f.place.column) for f in findings] == [("P003", "space.speed")]
    assert "walk_speed_m_s" in next(iter(findings)).expected
