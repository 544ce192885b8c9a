"""GTFS: the boarding stops of stops.txt as points; what is wrong with a feed is told."""

from __future__ import annotations

import csv
import io
import zipfile
from pathlib import Path

import polars as pl
import pytest
from pyproj import Transformer
from tijian.engine.findings import Findings
from tijian.engine.intake.maps.gtfs import read_gtfs

METRIC = "EPSG:4549"
HEAD = "stop_id,stop_name,stop_lat,stop_lon,location_type\r\n"


def feed(folder: Path, stops: str | bytes | None, member: str = "stops.txt") -> Path:
    path = folder / "feed.zip"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("agency.txt", "agency_id\r\n1\r\n")
        if stops is not None:
            archive.writestr(member, stops)
    return path


def read(path: Path, findings: Findings, crs: str = METRIC) -> pl.DataFrame | None:
    return read_gtfs(path, target_crs=crs, findings=findings, shown_as="feed.zip")


def test_stops_where_riders_board_become_points(tmp_path: Path) -> None:
    findings = Findings()
    text = (
        HEAD
        + 'S1,人民路,31.0,120.0,\r\nS2,站房,31.0,120.1,1\r\n007,"解放路,北",31.1,120.0,0\r\nS4,入口,31,120,2\r\n'
    )
    frame = read(feed(tmp_path, text), findings)
    assert frame is not None
    assert frame.select("stop_id", "name", "_file", "_sheet", "_row").rows() == [
        ("S1", "人民路", "feed.zip", "stops.txt", 2),
        ("007", "解放路,北", "feed.zip", "stops.txt", 4),
    ]
    to = Transformer.from_crs(4326, METRIC, always_xy=True).transform
    assert frame.select("x", "y").rows() == [pytest.approx(to(120.0, 31.0)), pytest.approx(to(120.0, 31.1))]
    assert len(findings) == 0


@pytest.mark.parametrize("member", ["stops.txt", "export/stops.txt"])
def test_a_byte_order_mark_blanks_in_the_header_and_a_folder_do_no_harm(tmp_path: Path, member: str) -> None:
    text = "\ufeffstop_id, stop_name ,stop_lat,stop_lon\r\nS1, 人民路 , 31.0 ,120.0\r\n"
    frame = read(feed(tmp_path, text.encode("utf-8"), member), Findings())
    assert frame is not None
    assert frame.select("stop_id", "name").rows() == [("S1", "人民路")]
    assert frame["x"][0] == pytest.approx(500_000)


def test_a_stop_without_usable_coordinates_stays_and_is_told(tmp_path: Path) -> None:
    findings = Findings()
    good = "".join(f"G{i},好,31.0,120.0,\r\n" for i in range(5))
    frame = read(
        feed(
            tmp_path,
            HEAD + good + "S1,甲,,120.0,\r\nS2,乙,north,120.0,\r\nS3,丙,120.0,31.0,\r\nS4,丁,0,0,\r\n",
        ),
        findings,
    )
    assert frame is not None
    assert frame.filter(pl.col("x").is_null())["stop_id"].to_list() == ["S1", "S2", "S3", "S4"]
    assert [(f.code, f.place.sheet, f.place.row) for f in findings] == [
        ("G015", "stops.txt", 7), ("G015", "stops.txt", 8), ("G021", "stops.txt", 9), ("G011", "stops.txt", 10),
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("stops", "word"),
    [
        (None, "stops.txt"),
        ("stop_id,stop_name\r\nS1,甲\r\n", "stop_lon"),
        ("", ""),
        (b"\xff\xfe\x00\xd8", ""),
    ],
)
def test_a_feed_that_cannot_be_used_is_told(tmp_path: Path, stops: str | bytes | None, word: str) -> None:
    findings = Findings()
    assert read(feed(tmp_path, stops), findings) is None
    assert [f.code for f in findings] == ["G042"]
    assert word in findings.rows[0].message


def test_a_file_that_is_no_archive_is_told(tmp_path: Path) -> None:
    path = tmp_path / "feed.zip"
    path.write_bytes(b"PK but not really")
    findings = Findings()
    assert read(path, findings) is None
    assert [f.code for f in findings] == ["G042"]


@pytest.mark.real
def test_las_palmas_stops_equal_the_lines_of_the_feed(real: Path) -> None:
    path = real / "las-palmas" / "gtfs_guaguas_20230222.zip"
    with zipfile.ZipFile(path) as archive:
        rows = list(csv.DictReader(io.StringIO(archive.read("stops.txt").decode("utf-8-sig"))))
    expected = [(r["stop_id"], r["stop_name"].strip()) for r in rows if r["location_type"] in ("", "0")]
    findings = Findings()
    frame = read(path, findings, "EPSG:32628")
    assert frame is not None
    assert frame.select("stop_id", "name").rows() == expected
    assert frame["x"].null_count() == 0
    assert len(findings) == 0
