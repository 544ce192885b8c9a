"""A layer is the same layer in whatever format, encoding and CRS it is sent; what is wrong with it is said."""

import csv
import json
import warnings
import zipfile
from datetime import date
from pathlib import Path

import numpy as np
import polars as pl
import pyogrio.raw
import pytest
import shapely
from pyproj import Transformer
from tijian.engine.findings import Findings
from tijian.engine.intake.maps.crs import project_crs, wgs84_to_gcj02
from tijian.engine.intake.maps.layers import read_layer

METRIC = "EPSG:4549"
DTYPES_OF = {
    "number": pl.Float64,
    "integer": pl.Int64,
    "yesno": pl.Boolean,
    "date": pl.Date,
    "text": pl.String,
}
NAMES = ["方松街道", "岳阳街道", "佘山镇"]
BEDS = [120.0, 0.0, 35.5]
LONLAT = np.array([[121.22, 31.03], [121.24, 31.01], [121.19, 31.09]])


def write(path, shapes, fields, crs="EPSG:4490", **options):
    """A vector file with the given shapes and columns."""
    kind = {0: "Point", 1: "LineString", 3: "Polygon"}[int(shapely.get_type_id(next(s for s in shapes if s)))]
    driver = {".gpkg": "GPKG", ".shp": "ESRI Shapefile", ".geojson": "GeoJSON"}[path.suffix]
    columns = [np.array(v, dtype=object if isinstance(v[0], str) else None) for v in fields.values()]
    pyogrio.raw.write(path, shapely.to_wkb(np.array(shapes, dtype=object)), columns, list(fields),
                      geometry_type=kind, crs=crs, driver=driver, **options)  # fmt: skip
    return path


def facilities(path, **options):
    return write(path, shapely.points(LONLAT), {"名称": NAMES, "床位": BEDS}, **options)


def read(path, findings=None, **given):
    findings = Findings() if findings is None else findings
    options = {"layer": None, "crs": None, "columns": {"name": "名称", "beds": "床位"}, "target_crs": METRIC}
    return read_layer(path, findings=findings, shown_as=path.name, **(options | given))


def told(findings):
    """[row, code] of every finding, in order."""
    return [(f.place.row, f.code) for f in findings]


def zipped(folder, stem="养老设施", flag_utf8=True):
    shp = facilities(folder / f"{stem}.shp", encoding="GBK")
    path = folder / "送审.zip"
    with zipfile.ZipFile(path, "w") as archive:
        for part in sorted(folder.glob(f"{stem}.*")):
            name = f"资料/{part.name}" if flag_utf8 else f"layer{part.suffix}"
            archive.write(part, name)
    shp.unlink()
    return path


FORMATS = {
    "gpkg": lambda d: facilities(d / "a.gpkg", layer="养老设施"),
    "geojson": lambda d: facilities(d / "a.geojson", crs="EPSG:4326"),
    "shapefile in GBK with .cpg": lambda d: facilities(d / "a.shp", encoding="GBK"),
    "shapefile in UTF-8 with .cpg": lambda d: facilities(d / "a.shp", encoding="UTF-8"),
    "shapefile in GBK without .cpg": lambda d: without_cpg(facilities(d / "a.shp", encoding="GBK")),
    "shapefile in UTF-8 without .cpg": lambda d: without_cpg(facilities(d / "a.shp", encoding="UTF-8")),
    "shapefile whose .cpg says GB2312": lambda d: stating(facilities(d / "a.shp", encoding="GBK"), "GB2312"),
    "zipped shapefile with Chinese names": zipped,
    "projected CRS": lambda d: write(
        d / "a.gpkg", shapely.points(np.column_stack(to(METRIC))), {"名称": NAMES, "床位": BEDS}, crs=METRIC
    ),
    "another zone": lambda d: write(
        d / "a.gpkg",
        shapely.points(np.column_stack(to("EPSG:4550"))),
        {"名称": NAMES, "床位": BEDS},
        crs="EPSG:4550",
    ),
}


def without_cpg(shp):
    shp.with_suffix(".cpg").unlink(missing_ok=True)
    return shp


def stating(shp, encoding):
    shp.with_suffix(".cpg").write_text(encoding)
    return shp


def to(crs, lonlat=LONLAT):
    """The oracle: each point by itself through pyproj."""
    move = Transformer.from_crs("EPSG:4490", crs, always_xy=True)
    return np.array([move.transform(lon, lat) for lon, lat in lonlat]).T


@pytest.mark.parametrize("make", FORMATS.values(), ids=FORMATS.keys())
def test_every_format_gives_the_same_rows_in_metres(make, tmp_path):
    findings = Findings()
    frame = read(make(tmp_path), findings)
    assert told(findings) == []
    assert frame["name"].to_list() == NAMES
    assert frame["beds"].to_list() == BEDS
    assert frame["_row"].to_list() == [1, 2, 3]
    east, north = to(METRIC)
    assert np.abs(frame["x"].to_numpy() - east).max() < 1e-3
    assert np.abs(frame["y"].to_numpy() - north).max() < 1e-3
    points = shapely.from_wkb(frame["_wkb"].to_numpy())
    assert np.array_equal(shapely.get_x(points), frame["x"].to_numpy())


def test_the_layer_name_is_the_sheet_where_a_file_holds_several(tmp_path):
    facilities(tmp_path / "a.gpkg", layer="养老设施")
    facilities(tmp_path / "a.gpkg", layer="医疗设施", append=True)
    assert read(tmp_path / "a.gpkg", layer="医疗设施")["_sheet"].unique().to_list() == ["医疗设施"]
    assert read(facilities(tmp_path / "b.shp", encoding="GBK"))["_sheet"].unique().to_list() == [""]


@pytest.mark.parametrize("layer", [None, "养老院"])
def test_a_layer_that_is_not_there_is_told_with_those_that_are(layer, tmp_path):
    facilities(tmp_path / "a.gpkg", layer="养老设施")
    facilities(tmp_path / "a.gpkg", layer="医疗设施", append=True)
    findings = Findings()
    assert read(tmp_path / "a.gpkg", findings, layer=layer) is None
    assert [f.code for f in findings] == ["G008"]
    assert findings.rows[0].expected == "养老设施、医疗设施"


def test_all_missing_columns_are_told_at_once_with_the_nearest(tmp_path):
    findings = Findings()
    path = facilities(tmp_path / "a.shp", encoding="GBK")
    assert read(path, findings, columns={"name": "机构名称", "beds": "床位", "kind": "类别"}) is None
    assert [(f.code, f.place.column) for f in findings] == [("G009", "机构名称"), ("G009", "类别")]
    assert "名称" in findings.rows[0].message


def test_a_wrong_cpg_is_told_and_the_text_read_all_the_same(tmp_path):
    findings = Findings()
    frame = read(stating(facilities(tmp_path / "a.shp", encoding="GBK"), "UTF-8"), findings)
    assert frame["name"].to_list() == NAMES
    assert [(f.code, f.value, f.expected) for f in findings] == [("G013", "utf-8", "gb18030")]


def test_a_name_cut_in_the_middle_of_a_character_keeps_its_whole_characters(tmp_path):
    long = "云湖区" * 30  # 270 bytes in UTF-8; a dbf field holds 254
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # the writer says that it cuts the name
        path = write(tmp_path / "a.shp", shapely.points(LONLAT[:2]), {"名称": [long, "短"]}, encoding="UTF-8")
    names = read(without_cpg(path), columns={"name": "名称"})["name"].to_list()
    assert names[1] == "短"
    assert len(names[0]) >= 80
    assert long.startswith(names[0])


# ---- CRS ---------------------------------------------------------------------------------------


def test_a_layer_without_crs_is_refused_unless_one_is_declared(tmp_path):
    path = facilities(tmp_path / "a.shp", encoding="GBK")
    path.with_suffix(".prj").unlink()
    findings = Findings()
    assert read(path, findings) is None
    assert told(findings) == [(None, "G001")]
    assert read(path, crs="EPSG:4490").height == 3


def test_a_crs_nobody_knows_is_told(tmp_path):
    findings = Findings()
    assert read(facilities(tmp_path / "a.geojson", crs="EPSG:4326"), findings, crs="上海城市坐标系") is None
    assert [(f.code, f.value) for f in findings] == [("G002", "上海城市坐标系")]


def test_a_declared_crs_wins_and_a_real_difference_is_told(tmp_path):
    east_north = shapely.points(np.column_stack(to("EPSG:4550")))  # central meridian 123°, labelled 120°
    path = write(tmp_path / "a.gpkg", east_north, {"名称": NAMES, "床位": BEDS}, crs="EPSG:4549")
    findings = Findings()
    frame = read(path, findings, crs="EPSG:4550")
    assert [f.code for f in findings] == ["G005"]
    assert "EPSG:4549" in findings.rows[0].message
    assert np.abs(frame["x"].to_numpy() - to(METRIC)[0]).max() < 1e-3


@pytest.mark.parametrize("declared", ["EPSG:4326", "CGCS2000", "EPSG:4490"])
def test_wgs84_and_cgcs2000_are_the_same_place(declared, tmp_path):
    findings = Findings()
    frame = read(facilities(tmp_path / "a.gpkg", crs="EPSG:4490"), findings, crs=declared)
    assert told(findings) == []
    assert np.abs(frame["x"].to_numpy() - to(METRIC)[0]).max() < 1e-3


def test_an_old_datum_without_public_parameters_is_told(tmp_path):
    findings = Findings()
    read(facilities(tmp_path / "a.gpkg", crs="EPSG:4214"), findings)
    assert [(f.code, f.value) for f in findings] == [("G006", "EPSG:4214")]


def test_declared_gcj02_is_converted_back_exactly(tmp_path):
    moved = np.column_stack(wgs84_to_gcj02(*LONLAT.T))
    features = [{"type": "Feature", "properties": {"名称": n, "床位": b},
                 "geometry": {"type": "Point", "coordinates": xy}}
                for n, b, xy in zip(NAMES, BEDS, moved.tolist(), strict=True)]  # fmt: skip
    path = tmp_path / "a.geojson"
    path.write_text(json.dumps({"type": "FeatureCollection", "features": features}), encoding="utf-8")
    findings = Findings()
    frame = read(path, findings, crs="GCJ-02")
    assert told(findings) == []
    off = np.hypot(*(frame.select("x", "y").to_numpy().T - to(METRIC)))
    assert off.max() < 1e-3
    as_is = read(path)
    assert np.hypot(*(as_is.select("x", "y").to_numpy().T - to(METRIC))).min() > 300


def test_a_layer_in_the_wrong_crs_is_one_error_not_a_warning_per_row(tmp_path):
    path = write(
        tmp_path / "a.gpkg",
        shapely.points(np.column_stack(to(METRIC))),
        {"名称": NAMES, "床位": BEDS},
        crs="EPSG:4326",
    )
    findings = Findings()
    read(path, findings)
    assert told(findings) == [(None, "G010")]
    assert findings.errors


def test_one_stray_point_keeps_its_row_and_loses_its_place(tmp_path):
    lonlat = LONLAT.copy()
    lonlat[1] = [12.124, 31.01]
    findings = Findings()
    frame = read(write(tmp_path / "a.gpkg", shapely.points(lonlat), {"名称": NAMES, "床位": BEDS}), findings)
    assert told(findings) == [(2, "G011")]
    assert frame["name"].to_list() == NAMES
    assert frame["x"].is_null().to_list() == [False, True, False]
    assert frame["_wkb"].is_null().to_list() == [False, True, False]


def test_a_swapped_point_is_suspected_not_swapped(tmp_path):
    lonlat = LONLAT.copy()
    lonlat[2] = lonlat[2, ::-1]
    findings = Findings()
    frame = read(write(tmp_path / "a.gpkg", shapely.points(lonlat), {"名称": NAMES, "床位": BEDS}), findings)
    assert told(findings) == [(3, "G021")]
    assert frame["x"].is_null().to_list() == [False, False, True]


def test_the_metric_crs_follows_the_layer(tmp_path):
    here = facilities(tmp_path / "a.gpkg")
    assert project_crs(here, layer=None, crs=None) == "EPSG:4549"
    west = write(tmp_path / "b.gpkg", shapely.points([[111.2, 30.7]]), {"名称": ["西陵"]}, crs="EPSG:4326")
    assert project_crs(west, layer=None, crs=None) == "EPSG:4546"
    islands = write(tmp_path / "c.gpkg", shapely.points([[-15.4, 28.1]]), {"名称": ["x"]}, crs="EPSG:4326")
    assert project_crs(islands, layer=None, crs=None) == "EPSG:32628"


# ---- shapes ------------------------------------------------------------------------------------

SQUARE = shapely.box(121.20, 31.00, 121.21, 31.01)
BOW_TIE = shapely.Polygon([(121.20, 31.00), (121.21, 31.01), (121.21, 31.00), (121.20, 31.01)])


def test_an_invalid_ring_is_mended_and_its_feature_named(tmp_path):
    findings = Findings()
    path = write(tmp_path / "a.gpkg", [SQUARE, BOW_TIE], {"名称": ["甲", "乙"]})
    frame = read(path, findings, columns={"name": "名称"})
    assert told(findings) == [(2, "G003")]
    assert "自相交" in findings.rows[0].message
    square, mended = shapely.from_wkb(frame["_wkb"].to_numpy())
    assert mended.is_valid
    assert mended.area == pytest.approx(square.area / 2, rel=1e-4)  # two of the square's four triangles


def test_features_without_a_shape_stay_as_rows(tmp_path):
    path = tmp_path / "a.geojson"
    features = [
        {"type": "Feature", "properties": {"名称": n}, "geometry": g}
        for n, g in (
            ("甲", shapely.geometry.mapping(SQUARE)),
            ("乙", None),
            ("丙", {"type": "Polygon", "coordinates": []}),
        )
    ]
    path.write_text(json.dumps({"type": "FeatureCollection", "features": features}), encoding="utf-8")
    findings = Findings()
    frame = read(path, findings, columns={"name": "名称"})
    assert told(findings) == [(2, "G004"), (3, "G004")]
    assert frame["name"].to_list() == ["甲", "乙", "丙"]
    assert frame["x"].is_null().to_list() == [False, True, True]


def test_what_the_reader_warns_of_is_a_finding_and_an_open_ring_is_closed(tmp_path):
    path = tmp_path / "a.geojson"
    ring = [[121.20, 31.00], [121.21, 31.00], [121.21, 31.01], [121.20, 31.01]]
    feature = {"type": "Feature", "properties": {}, "geometry": {"type": "Polygon", "coordinates": [ring]}}
    path.write_text(json.dumps({"type": "FeatureCollection", "features": [feature]}), encoding="utf-8")
    findings = Findings()
    closed = shapely.from_wkb(read(path, findings, columns={})["_wkb"][0])
    assert [f.code for f in findings] == ["G024"]
    square = read(write(tmp_path / "b.gpkg", [SQUARE], {"名称": ["甲"]}), columns={})["_wkb"][0]
    assert closed.equals_exact(shapely.from_wkb(square), 1e-6, normalize=True)


def test_heights_are_left_off(tmp_path):
    path = tmp_path / "a.geojson"
    point = {"type": "Point", "coordinates": [121.22, 31.03, 4.5]}
    feature = {"type": "Feature", "properties": {"名称": "甲"}, "geometry": point}
    path.write_text(json.dumps({"type": "FeatureCollection", "features": [feature]}), encoding="utf-8")
    frame = read(path, columns={"name": "名称"})
    assert not shapely.has_z(shapely.from_wkb(frame["_wkb"][0]))


def test_beyond_twenty_of_a_kind_the_rest_are_counted(tmp_path):
    shapes = [SQUARE, *[BOW_TIE] * 25]
    findings = Findings()
    read(write(tmp_path / "a.gpkg", shapes, {"名称": ["甲"] * 26}), findings, columns={})
    assert told(findings) == [*((n, "G003") for n in range(2, 22)), (None, "G023")]
    assert " 5 处" in findings.rows[-1].message


# ---- attributes, conditions, broken files ------------------------------------------------------


def test_text_is_read_as_in_tables_and_what_is_not_of_its_type_is_told(tmp_path):
    fields = {
        "数": ["1.2万", "约30", "—"],
        "个数": ["12", "3.5", ""],
        "是否": ["有", "×", "不详"],
        "日期": ["2025年6月1日", "去年", "未填报"],
    }
    path = write(tmp_path / "a.shp", shapely.points(LONLAT), fields, encoding="GBK")
    findings = Findings()
    frame = read(path, findings, columns={"n": "数", "whole": "个数", "yes": "是否", "day": "日期"},
                 types={"n": "number", "whole": "integer", "yes": "yesno", "day": "date"})  # fmt: skip
    assert frame["n"].to_list() == [12000.0, None, None]
    assert frame["whole"].to_list() == [12, None, None]
    assert frame["yes"].to_list() == [True, False, None]
    assert frame["day"].to_list() == [date(2025, 6, 1), None, None]
    assert [(f.place.row, f.place.column, f.code, f.value) for f in findings] == [
        (2, "数", "G012", "约30"), (2, "个数", "G012", "3.5"), (3, "是否", "G012", "不详"), (2, "日期", "G012", "去年"),
    ]  # fmt: skip


@pytest.mark.parametrize("kind", ["number", "integer", "yesno", "date", "text"])
def test_a_column_nobody_filled_in_has_its_type_and_no_findings(kind, tmp_path):
    path = write(tmp_path / "a.gpkg", shapely.points(LONLAT), {"名称": NAMES, "空": ["", "", ""]})
    unfilled = write(
        tmp_path / "b.shp", shapely.points(LONLAT), {"名称": NAMES, "空": ["", "", ""]}, encoding="GBK"
    )
    findings = Findings()
    dtypes = {read(p, findings, columns={"n": "空"}, types={"n": kind})["n"].dtype for p in (path, unfilled)}
    assert told(findings) == []
    assert dtypes == {DTYPES_OF[kind]}


def test_columns_that_have_a_type_keep_it(tmp_path):
    fields = {"数": [1.5, 2.0, np.nan], "标志": np.array([1, 0, 1])}
    path = write(tmp_path / "a.gpkg", shapely.points(LONLAT), fields)
    findings = Findings()
    frame = read(path, findings, columns={"n": "数", "whole": "数", "yes": "标志", "text": "标志"},
                 types={"n": "number", "whole": "integer", "yes": "yesno", "text": "text"})  # fmt: skip
    assert frame["n"].to_list() == [1.5, 2.0, None]
    assert frame["whole"].to_list() == [None, 2, None]
    assert frame["yes"].to_list() == [True, False, True]
    assert frame["text"].to_list() == ["1", "0", "1"]
    assert [(f.place.row, f.value) for f in findings] == [(1, "1.5")]


def test_a_condition_chooses_rows_by_our_names_and_keeps_their_numbers(tmp_path):
    path = facilities(tmp_path / "a.gpkg")
    frame = read(path, where="beds > 10 AND name <> '方松街道'")
    assert frame["_row"].to_list() == [3]
    findings = Findings()
    assert read(path, findings, where="chuangwei > 10") is None
    assert told(findings) == [(None, "G014")]


def test_a_file_that_cannot_be_read_is_a_finding(tmp_path):
    (tmp_path / "a.geojson").write_text('{"type": "FeatureCollection", ', encoding="utf-8")
    (tmp_path / "b.gpkg").write_bytes(b"not a database")
    (tmp_path / "c.zip").write_bytes(b"not an archive")
    with zipfile.ZipFile(tmp_path / "d.zip", "w") as archive:
        archive.writestr("说明.txt", "空")
    alone = facilities(tmp_path / "e.shp", encoding="GBK")
    alone.with_suffix(".shx").unlink()
    alone.with_suffix(".dbf").unlink()
    codes = {}
    for name in ("a.geojson", "b.gpkg", "c.zip", "d.zip", "e.shp"):
        findings = Findings()
        assert read(tmp_path / name, findings) is None
        codes[name] = [f.code for f in findings.errors]
    assert codes == {
        "a.geojson": ["G007"], "b.gpkg": ["G007"], "c.zip": ["G016"], "d.zip": ["G016"], "e.shp": ["G007"],
    }  # fmt: skip


def test_an_archive_with_two_layers_asks_which(tmp_path):
    for stem in ("甲", "乙"):
        facilities(tmp_path / f"{stem}.shp", encoding="GBK")
    path = tmp_path / "两套.zip"
    with zipfile.ZipFile(path, "w") as archive:
        for part in sorted(tmp_path.glob("[甲乙].*")):
            archive.write(part, part.name)
    findings = Findings()
    assert read(path, findings) is None
    assert [(f.code, f.expected) for f in findings] == [("G016", "乙、甲")]
    assert read(path, layer="甲")["_sheet"].unique().to_list() == ["甲"]


def test_a_table_without_shapes_is_no_layer(tmp_path):
    path = tmp_path / "a.gpkg"
    pyogrio.raw.write(path, None, [np.array(NAMES, dtype=object)], ["名称"], driver="GPKG", crs=None)
    findings = Findings()
    assert read(path, findings, columns={"name": "名称"}) is None
    assert told(findings) == [(None, "G007")]


# ---- real layers -------------------------------------------------------------------------------


@pytest.mark.real
def test_real_gcj02_points_reach_their_published_twins(real: Path):
    folder = real / "messy" / "layer_gcj02_poi_pair"
    columns = {"poi": "poi_id"}
    target = project_crs(folder / "poi_gcj02.geojson", layer=None, crs=None)
    read_from = read(folder / "poi_gcj02.geojson", crs="GCJ-02", columns=columns, target_crs=target)
    twins = read(folder / "poi_wgs84_as_published.geojson", columns=columns, target_crs=target)
    with (folder / "truth.csv").open(encoding="utf-8-sig") as file:
        truth = {row["poi_id"]: row for row in csv.DictReader(file)}
    move = Transformer.from_crs("EPSG:4326", target, always_xy=True)
    assert read_from["poi"].cast(pl.String).to_list() == twins["poi"].cast(pl.String).to_list()
    assert read_from.height == len(truth)
    exact = np.array([
        move.transform(float(truth[p]["lon_wgs84_exact"]), float(truth[p]["lat_wgs84_exact"]))
        for p in read_from["poi"].cast(pl.String)
    ])  # fmt: skip
    here = read_from.select("x", "y").to_numpy()
    assert np.hypot(*(here - exact).T).max() < 0.01
    assert np.hypot(*(here - twins.select("x", "y").to_numpy()).T).max() < 3.0


@pytest.mark.real
def test_real_catchments_in_another_projection_fill_the_municipality(real: Path):
    folder = real / "las-palmas"
    around = read(folder / "municipality.geojson", columns={}, target_crs="EPSG:32628")
    catchments = read(
        folder / "school_catchments.geojson", columns={"code": "Codigo"}, target_crs="EPSG:32628"
    )
    union = shapely.union_all(shapely.from_wkb(catchments["_wkb"].to_numpy()))
    outline = shapely.from_wkb(around["_wkb"][0])
    assert catchments.height == 29
    # drawn by two offices: the shore differs, but axes in the wrong order would leave nothing in common
    assert union.intersection(outline).area / outline.area > 0.9
    assert union.intersection(outline).area / union.area > 0.9
