"""Boundaries of units: read as they are drawn, their flaws told with their size, parents by largest overlap."""

from __future__ import annotations

import json
import re
from pathlib import Path

import numpy as np
import polars as pl
import pyogrio.raw
import pytest
import shapely
from tijian.engine.findings import Findings
from tijian.engine.intake.maps.boundaries import (
    check_boundaries,
    gaps,
    overlaps,
    parent_by_overlap,
    read_boundaries,
)

METRIC = "EPSG:4549"
X, Y = 500_000.0, 3_400_000.0  # on the central meridian of 120°E, near 30.7°N


def box(left: float, low: float, right: float, high: float) -> shapely.Polygon:
    return shapely.box(X + left, Y + low, X + right, Y + high)


def write(path: Path, shapes: list[object], **fields: list[object]) -> Path:
    """A GPKG with one layer ``边界``."""
    wkb = shapely.to_wkb(np.array(shapes, dtype=object))
    columns = [
        np.array(values, dtype=object if isinstance(values[0], str | None) else None)
        for values in fields.values()
    ]
    pyogrio.raw.write(
        path, wkb, columns, list(fields), geometry_type="Unknown", crs=METRIC, driver="GPKG", layer="边界"
    )
    return path


def read(
    path: Path, findings: Findings, code: str | None = "DM", name: str | None = "MC"
) -> pl.DataFrame | None:
    return read_boundaries(
        path,
        layer=None,
        crs=None,
        code=code,
        name=name,
        target_crs=METRIC,
        findings=findings,
        shown_as="边界.gpkg",
    )


def told(findings: Findings) -> list[tuple[str, int | None]]:
    return [(f.code, f.place.row) for f in findings]


def test_polygons_come_with_their_codes_names_and_evidence(tmp_path: Path) -> None:
    findings = Findings()
    path = write(
        tmp_path / "b.gpkg",
        [box(0, 0, 1000, 1000), box(1000, 0, 2000, 1000)],
        DM=["310117001", "310117002"],
        MC=[" 东街道 ", "西镇"],
    )
    frame = read(path, findings)
    assert frame is not None
    assert frame.columns == ["code", "name", "wkb", "_file", "_sheet", "_row"]
    assert frame.drop("wkb").rows() == [
        ("310117001", "东街道", "边界.gpkg", "边界", 1),
        ("310117002", "西镇", "边界.gpkg", "边界", 2),
    ]
    assert shapely.area(shapely.from_wkb(frame["wkb"].to_numpy())).tolist() == pytest.approx([1e6, 1e6])
    assert told(findings) == []


def test_codes_kept_as_numbers_in_the_layer_come_as_text(tmp_path: Path) -> None:
    frame = read(write(tmp_path / "b.gpkg", [box(0, 0, 9, 9)], DM=[310117001], MC=["东街道"]), Findings())
    assert frame is not None
    assert frame["code"].to_list() == ["310117001"]


def test_without_a_code_column_the_name_alone_is_read(tmp_path: Path) -> None:
    frame = read(write(tmp_path / "b.gpkg", [box(0, 0, 9, 9)], MC=["东街道"]), Findings(), code=None)
    assert frame is not None
    assert frame.select("code", "name").rows() == [(None, "东街道")]


def test_a_ring_that_crosses_itself_is_mended_and_told(tmp_path: Path) -> None:
    bow_tie = shapely.Polygon([(X, Y), (X + 100, Y + 100), (X + 100, Y), (X, Y + 100)])
    findings = Findings()
    frame = read(
        write(tmp_path / "b.gpkg", [box(0, 0, 9, 9), bow_tie], DM=["1", "2"], MC=["甲", "乙"]), findings
    )
    assert frame is not None
    shapes = shapely.from_wkb(frame["wkb"].to_numpy())
    assert shapely.is_valid(shapes).all()
    assert shapely.area(shapes[1]) == pytest.approx(5000)
    assert told(findings) == [("G003", 2)]


def test_features_that_are_no_polygons_are_left_out_and_told(tmp_path: Path) -> None:
    findings = Findings()
    shapes = [box(0, 0, 9, 9), shapely.Point(X, Y), None, shapely.LineString([(X, Y), (X + 9, Y)])]
    frame = read(write(tmp_path / "b.gpkg", shapes, DM=list("1234"), MC=list("甲乙丙丁")), findings)
    assert frame is not None
    assert frame["code"].to_list() == ["1"]
    assert sorted(told(findings)) == [("G004", 2), ("G004", 3), ("G004", 4)]


@pytest.mark.parametrize(
    ("code", "columns", "header"),
    [
        ("DM", {"DM": ["1", "2", "1"], "MC": ["甲", "乙", "丙"]}, "DM"),
        (None, {"MC": ["甲", "乙", "甲"]}, "MC"),
    ],
)
def test_a_unit_drawn_twice_is_an_error(
    tmp_path: Path, code: str | None, columns: dict[str, list[object]], header: str
) -> None:
    findings = Findings()
    shapes: list[object] = [box(0, 0, 9, 9), box(9, 0, 18, 9), box(18, 0, 27, 9)]
    read(write(tmp_path / "b.gpkg", shapes, **columns), findings, code=code)
    (fault,) = findings.errors
    assert (fault.code, fault.place.row, fault.place.column) == ("G034", 3, header)
    assert "第 1 个图形" in fault.message


def test_a_missing_column_or_file_leaves_findings_and_no_frame(tmp_path: Path) -> None:
    findings = Findings()
    assert read(write(tmp_path / "b.gpkg", [box(0, 0, 9, 9)], DM=["1"], NAME=["甲"]), findings) is None
    assert [f.code for f in findings] == ["G009"]
    findings = Findings()
    (tmp_path / "broken.gpkg").write_bytes(b"no layer")
    assert read(tmp_path / "broken.gpkg", findings) is None
    assert [f.code for f in findings] == ["G007"]


# ---- parents -------------------------------------------------------------------------------------


def wkb(*shapes: shapely.Geometry) -> list[bytes]:
    return [shapely.to_wkb(shape) for shape in shapes]


def test_the_parent_is_the_one_that_shares_most_ground() -> None:
    towns = wkb(box(0, 0, 100, 100), box(100, 0, 200, 100))
    assert parent_by_overlap(wkb(box(10, 10, 20, 20), box(90, 0, 130, 50), box(60, 0, 110, 50)), towns) == [
        0,
        1,
        0,
    ]


def test_equal_shares_go_to_the_lower_index_and_strays_to_the_nearest() -> None:
    towns = wkb(box(0, 0, 100, 100), box(100, 0, 200, 100))
    assert parent_by_overlap(wkb(box(90, 0, 110, 50), box(300, 0, 310, 10), box(-50, 0, 0, 10)), towns) == [
        0,
        1,
        0,
    ]


def test_no_children_need_no_parents_but_children_do() -> None:
    assert parent_by_overlap([], []) == []
    with pytest.raises(ValueError, match="parents"):
        parent_by_overlap(wkb(box(0, 0, 1, 1)), [])


# ---- checks --------------------------------------------------------------------------------------


def tree(**polygons: shapely.Geometry | None) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Units named d…, t… and c… (district, towns, communities); ``c_t1_a`` is a child of ``t1``."""
    levels = {"d": "district", "t": "town", "c": "community"}
    parents = {"d": None, "t": "d"}
    units = pl.DataFrame(
        {
            "code": list(polygons),
            "name": [f"{code}名" for code in polygons],
            "level": [levels[code[0]] for code in polygons],
            "parent": [
                parents.get(code[0], code.split("_")[1] if "_" in code else None) for code in polygons
            ],
        },
        schema_overrides={"parent": pl.String},
    )
    drawn = {code: shape for code, shape in polygons.items() if shape is not None}
    return units, pl.DataFrame(
        {"unit": list(drawn), "wkb": wkb(*drawn.values())}, schema={"unit": pl.String, "wkb": pl.Binary}
    )


def checked(**polygons: shapely.Geometry | None) -> list[tuple[str, str]]:
    findings = Findings()
    check_boundaries(*tree(**polygons), findings, shown_as="边界.gpkg")
    assert not findings.errors
    return [(f.code, f.message) for f in findings]


def test_boundaries_that_fit_have_nothing_to_tell() -> None:
    assert checked(
        d=box(0, 0, 200, 100), t1=box(0, 0, 100, 100), t2=box(100, 0, 200, 100),
        c_t1_a=box(0, 0, 100, 50), c_t1_b=box(0, 50, 100, 100), c_t2_a=box(100, 0, 200, 100),
    ) == []  # fmt: skip


def test_an_overlap_is_told_with_its_area() -> None:
    assert checked(d=None, t1=box(0, 0, 110, 100), t2=box(100, 0, 200, 100)) == [
        ("G031", "t1名与t2名的边界重叠 1,000 平方米")
    ]


def test_ground_of_nobody_inside_the_district_is_told_with_its_area() -> None:
    ((code, message),) = checked(d=box(0, 0, 200, 100), t1=box(0, 0, 100, 100), t2=box(105, 0, 200, 100))
    assert code == "G032"
    assert message.startswith("d名各街镇的边界之间有 500 平方米的空隙")


def test_without_the_districts_polygon_only_ground_shut_in_is_a_gap() -> None:
    frame = shapely.difference(box(0, 0, 100, 100), box(40, 40, 60, 60))
    ((code, message),) = checked(d=None, t1=frame, t2=box(105, 0, 200, 100))
    assert code == "G032"
    assert "400 平方米的空隙，共 1 处，最大的一处 400 平方米，在t1名旁" in message


def test_a_community_that_sticks_out_of_its_town_is_named_with_its_share() -> None:
    found = checked(d=None, t1=box(0, 0, 100, 100), c_t1_a=box(0, 0, 100, 50), c_t1_b=box(50, 50, 150, 100))
    assert ("G033", "c_t1_b名只有 50.00% 的面积在t1名之内") in found
    assert [code for code, message in found if "c_t1_a名只有" in message] == []


@pytest.mark.parametrize(("out", "told_codes"), [(0.9, []), (1.1, ["G033"])])
def test_ninety_nine_percent_inside_is_inside(out: float, told_codes: list[str]) -> None:
    found = checked(d=None, t1=box(0, 0, 100, 100), c_t1_a=box(out, 0, 100 + out, 100))
    assert [code for code, _ in found] == told_codes


def test_units_without_a_polygon_are_named_where_their_level_has_any() -> None:
    found = checked(d=None, t1=box(0, 0, 1, 1), t2=None, t3=None, c_t1_a=None)
    assert found == [("G035", "街镇中有 2 个单元没有边界：t2名、t3名")]


def test_no_boundaries_at_all_is_no_fault() -> None:
    assert checked(d=None, t1=None, c_t1_a=None) == []


def test_many_overlaps_are_told_largest_first_and_then_counted() -> None:
    strips = {f"t{i:02d}": box(100 * i, 0, 110 + 100 * i + i / 10, 100) for i in range(25)}
    found = checked(d=None, **strips)
    areas = [int(re.sub(r"\D", "", message.split("重叠")[1])) for code, message in found if code == "G031"]
    assert len(areas) == 20
    assert areas == sorted(areas, reverse=True)
    assert [message for code, message in found if code == "G023"] == ["“单元边界重叠”还有 4 处，不再逐条列出"]


def test_overlaps_and_gaps_agree_with_areas_counted_on_a_grid() -> None:
    """An oracle without geometry: rectangles on whole metres, every square metre counted in plain Python."""
    rng = np.random.default_rng(7)
    corners = rng.integers(0, 30, (9, 2))
    sizes = rng.integers(4, 16, (9, 2))
    rectangles = [
        (int(a), int(b), int(a + w), int(b + h)) for (a, b), (w, h) in zip(corners, sizes, strict=True)
    ]
    polygons = np.array([shapely.box(*r) for r in rectangles])
    claims = [{(i, j) for i in range(a, c) for j in range(b, d)} for a, b, c, d in rectangles]
    expected = {
        (i, k): float(len(claims[i] & claims[k]))
        for i in range(9) for k in range(i + 1, 9) if claims[i] & claims[k]
    }  # fmt: skip
    one, other, area = overlaps(polygons)
    assert dict(
        zip(zip(one.tolist(), other.tolist(), strict=True), area.tolist(), strict=True)
    ) == pytest.approx(expected)
    everywhere = {(i, j) for i in range(46) for j in range(46)}
    nobody = len(everywhere - set().union(*claims))
    assert shapely.area(gaps(polygons, shapely.box(0, 0, 46, 46))).sum() == pytest.approx(nobody)


# ---- real boundaries -----------------------------------------------------------------------------


def yichang(real: Path, name: str, column: str) -> pl.DataFrame:
    findings = Findings()
    frame = read_boundaries(real / "yichang-2025" / name, layer=None, crs=None, code=None, name=column, target_crs="EPSG:4546",
                            findings=findings, shown_as=name)  # fmt: skip
    assert frame is not None
    assert not findings.errors
    return frame


def test_of_many_units_outside_their_parent_the_worst_are_named_and_the_rest_counted() -> None:
    parts = {f"c_t1_{i:02d}": box(2 * i, 0, 100 + 3 * i, 10) for i in range(3, 28)}
    found = checked(d=None, t1=box(0, 0, 100, 100), **parts)
    named = [message.split("只有")[0] for code, message in found if code == "G033"]
    assert named == [f"c_t1_{i:02d}名" for i in range(8, 28)]
    assert "“单元不在上级单元之内”还有 5 处，不再逐条列出" in [m for code, m in found if code == "G023"]


def test_boundaries_with_longitude_and_latitude_exchanged_are_one_error_that_says_so(tmp_path: Path) -> None:
    districts = [shapely.box(31.0, 121.2, 31.02, 121.22), shapely.box(31.02, 121.2, 31.04, 121.22)]
    path = write(tmp_path / "边界.gpkg", districts, DM=["1", "2"], MC=["甲", "乙"])
    findings = Findings()
    read_boundaries(path, layer=None, crs="EPSG:4490", code="DM", name="MC", target_crs=METRIC, findings=findings,
                    shown_as="边界.gpkg")  # fmt: skip
    wrong = [f for f in findings if f.code == "G010"]
    assert len(wrong) == 1
    assert "对调" in wrong[0].message


@pytest.mark.real
def test_the_fifteen_communities_of_yichang_outside_their_street_are_named(real: Path) -> None:
    streets, communities = (
        yichang(real, "streets.geojson", "JDMC"),
        yichang(real, "communities.geojson", "社区"),
    )
    assert (streets.height, communities.height) == (22, 174)
    parents = parent_by_overlap(communities["wkb"].to_list(), streets["wkb"].to_list())
    above, below = (shapely.from_wkb(f["wkb"].to_numpy()) for f in (streets, communities))
    shares = np.array([[shapely.area(shapely.intersection(b, a)) for a in above] for b in below])
    assert parents == shares.argmax(axis=1).tolist()
    expected = {
        communities["name"][int(i)] for i in np.flatnonzero(shares.max(axis=1) < 0.99 * shapely.area(below))
    }
    units = pl.concat([
        pl.DataFrame({"code": [f"s{i:02d}" for i in range(22)], "name": streets["name"], "level": "town", "parent": "d"}),
        pl.DataFrame({"code": [f"u{i:03d}" for i in range(174)], "name": communities["name"], "level": "community",
                      "parent": [f"s{p:02d}" for p in parents]}),
    ])  # fmt: skip
    shapes = pl.DataFrame({"unit": units["code"], "wkb": pl.concat([streets["wkb"], communities["wkb"]])})
    findings = Findings()
    check_boundaries(units, shapes, findings, shown_as="宜昌")
    named = {f.message.split("只有")[0] for f in findings if f.code == "G033"}
    assert len(named) == 15
    assert named == expected
    assert {f.code for f in findings} == {"G031", "G032", "G033"}


@pytest.mark.real
def test_las_palmas_catchments_come_from_their_own_crs(real: Path) -> None:
    folder = real / "las-palmas"
    findings = Findings()
    frame = read_boundaries(folder / "school_catchments.geojson", layer=None, crs=None, code="Codigo", name="Denominaci",
                            target_crs="EPSG:32628", findings=findings, shown_as="catchments")  # fmt: skip
    assert frame is not None
    features = json.loads((folder / "school_catchments.geojson").read_text("utf-8"))["features"]
    assert frame["code"].to_list() == [str(f["properties"]["Codigo"]) for f in features]
    city = read_boundaries(folder / "municipality.geojson", layer=None, crs=None, code=None, name="NAMEUNIT",
                           target_crs="EPSG:32628", findings=findings, shown_as="municipality")  # fmt: skip
    assert city is not None
    inside = shapely.intersection(
        shapely.union_all(shapely.from_wkb(frame["wkb"].to_numpy())), shapely.from_wkb(city["wkb"][0])
    )
    assert shapely.area(inside) > 0.9 * shapely.area(shapely.from_wkb(city["wkb"][0]))
    assert not findings.errors
