"""Tables with coordinates: every usable row gets its place, every other row keeps its data and is told why."""

import numpy as np
import polars as pl
import shapely
from pyproj import Transformer
from tijian.engine.findings import Findings
from tijian.engine.intake.maps.layers import read_points

METRIC = "EPSG:4549"


def table(coordinates, sheet="名录"):
    """A table as the table reader hands it on, its first data row being row 4 of the sheet."""
    n = len(coordinates)
    return pl.DataFrame(
        {
            "name": [f"学校{i}" for i in range(n)],
            "_x": [c[0] for c in coordinates],
            "_y": [c[1] for c in coordinates],
            "_file": ["名录.xlsx"] * n,
            "_sheet": [sheet] * n,
            "_row": list(range(4, 4 + n)),
        },
        schema_overrides={"_x": pl.Float64, "_y": pl.Float64},
    )


def read(frame, findings, crs="EPSG:4490", target=METRIC):
    return read_points(frame, x="_x", y="_y", crs=crs, target_crs=target, findings=findings,
                       headers=("经度", "纬度"))  # fmt: skip


def told(findings):
    return [(f.place.row, f.place.column, f.code) for f in findings]


def test_each_row_is_where_pyproj_puts_it_alone():
    lonlat = [(121.22, 31.03), (121.24, 31.01), (119.9, 30.2)]
    findings = Findings()
    frame = read(table(lonlat), findings)
    move = Transformer.from_crs("EPSG:4490", METRIC, always_xy=True)
    assert told(findings) == []
    alone = np.array([move.transform(*c) for c in lonlat])
    assert np.abs(frame.select("x", "y").to_numpy() - alone).max() < 1e-6
    assert "_x" not in frame.columns
    assert shapely.get_coordinates(shapely.from_wkb(frame["_wkb"].to_numpy())).tolist() == [
        list(r) for r in frame.select("x", "y").rows()
    ]


def test_a_row_without_both_coordinates_is_told_and_kept():
    findings = Findings()
    frame = read(table([(121.22, 31.03), (None, 31.0), (121.2, None), (None, None)]), findings)
    assert told(findings) == [(5, "经度", "G015"), (7, "经度", "G015"), (6, "纬度", "G015")]
    assert frame.height == 4
    assert frame["x"].is_null().to_list() == [False, True, True, True]


def test_a_slip_is_told_with_what_stands_there():
    findings = Findings()
    frame = read(table([(121.22, 31.03), (12.122, 31.0), (121.2, 31.1)]), findings)
    assert told(findings) == [(5, "经度", "G011")]
    assert findings.rows[0].value == "(12.122, 31)"
    assert frame["x"].is_null().to_list() == [False, True, False]


def test_swapped_coordinates_are_suspected_and_not_swapped():
    findings = Findings()
    frame = read(table([(121.22, 31.03), (31.0, 121.2), (121.2, 31.1)]), findings)
    assert told(findings) == [(5, "经度", "G021")]
    assert frame["x"][1] is None


def test_northing_in_the_x_column_is_suspected_too():
    """Surveyors call the northing X: a table of metres with X and Y in each other's place."""
    east, north = Transformer.from_crs("EPSG:4490", METRIC, always_xy=True).transform(121.22, 31.03)
    rows = [(east, north), (east + 50, north), (north, east)]
    findings = Findings()
    read(table(rows), findings, crs=METRIC)
    assert told(findings) == [(6, "经度", "G021")]


def test_two_columns_wholly_in_each_others_place_are_one_error():
    findings = Findings()
    frame = read(table([(31.0, 121.2), (31.1, 121.1), (30.9, 121.15)]), findings)
    assert told(findings) == [(None, "经度", "G010")]
    assert "对调" in findings.rows[0].message
    assert findings.errors
    assert frame["x"].null_count() == 3


def test_sheets_are_judged_apart():
    good = table([(121.22, 31.03), (121.2, 31.1)], sheet="甲")
    swapped = table([(31.0, 121.2), (31.1, 121.1)], sheet="乙")
    findings = Findings()
    read(pl.concat([good, swapped]), findings)
    assert [(f.place.sheet, f.code) for f in findings] == [("乙", "G010")]


def test_a_crs_nobody_knows_is_told_once():
    findings = Findings()
    assert read(table([(121.2, 31.0)] * 5), findings, crs="BJ-54") is None
    assert [(f.code, f.value) for f in findings] == [("G002", "BJ-54")]


def test_an_empty_table_stays_empty():
    findings = Findings()
    frame = read(table([]), findings)
    assert told(findings) == []
    assert frame.height == 0
    assert {"x", "y", "_wkb"} <= set(frame.columns)


def test_gcj02_is_converted():
    findings = Findings()
    plain, moved = (
        read(table([(121.22, 31.03)]), findings, crs=crs).select("x", "y").to_numpy()
        for crs in ("EPSG:4326", "GCJ-02")
    )
    assert 300 < np.hypot(*(plain - moved)[0]) < 700
