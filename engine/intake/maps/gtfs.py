"""GTFS timetables (公交时刻数据): the stops of the zip's ``stops.txt`` as points.

A stop is a place where passengers board: ``location_type`` 0 or blank. Stations, entrances, generic nodes and
boarding areas (1-4) are parts of a stop or groups of stops and would count it again. Coordinates are WGS84 by the
GTFS reference. Each direction's pole is a stop of its own, as in the feed.
"""

from __future__ import annotations

import zipfile
from pathlib import Path

import polars as pl
from polars.exceptions import ComputeError, NoDataError

from ...findings import Findings, Place
from ...plain_words import in_plain_words
from .layers import read_points

STOPS = "stops.txt"
NEEDED = {"stop_id": "stop_id", "name": "stop_name", "lon": "stop_lon", "lat": "stop_lat"}
MOST_BYTES = 512 << 20  # the largest national feeds hold some 100 MB of stops


def read_gtfs(path: Path, *, target_crs: str, findings: Findings, shown_as: str) -> pl.DataFrame | None:
    """Boarding stops as ``stop_id``, ``name``, ``x``, ``y`` (metres of ``target_crs``) and the evidence columns.

    None, with G042, when the zip, its stops or a needed column is not there. ``_sheet`` is ``stops.txt`` and ``_row``
    the line of the stop, the header being line 1.
    """
    raw = _stops_table(path, Place(shown_as), findings)
    if raw is None:
        return None
    place = Place(shown_as, STOPS)
    absent = [column for column in NEEDED.values() if column not in raw.columns]
    if absent:
        findings.add(
            "G042", place, detail=f"{STOPS} 缺少列 {'、'.join(absent)}", expected="、".join(NEEDED.values())
        )
        return None
    boarding = pl.col("location_type").fill_null("").str.strip_chars().is_in(["", "0"])
    stops = raw.with_columns(_row=pl.int_range(2, raw.height + 2, dtype=pl.Int64))
    stops = stops.filter(boarding) if "location_type" in raw.columns else stops
    typed = stops.select(
        pl.col(NEEDED["stop_id"]).alias("stop_id"),
        pl.col(NEEDED["name"]).str.strip_chars().alias("name"),
        pl.col(NEEDED["lon"]).str.strip_chars().cast(pl.Float64, strict=False).alias("_x"),
        pl.col(NEEDED["lat"]).str.strip_chars().cast(pl.Float64, strict=False).alias("_y"),
        pl.lit(shown_as).alias("_file"),
        pl.lit(STOPS).alias("_sheet"),
        "_row",
    )
    return read_points(typed, x="_x", y="_y", crs="EPSG:4326", target_crs=target_crs, findings=findings,
                       headers=(NEEDED["lon"], NEEDED["lat"]))  # fmt: skip


def _stops_table(path: Path, place: Place, findings: Findings) -> pl.DataFrame | None:
    """``stops.txt`` as text, its header stripped; None with G042."""
    try:
        with zipfile.ZipFile(path) as archive:
            # some operators zip the folder instead of its files
            members = [m for m in archive.infolist() if m.filename.rpartition("/")[2] == STOPS]
            if not members:
                findings.add("G042", place, detail=f"压缩包里没有 {STOPS}", expected="GTFS 压缩包")
                return None
            if members[0].file_size > MOST_BYTES:
                findings.add("G042", place, detail=f"{STOPS} 解开后过大", expected="GTFS 压缩包")
                return None
            content = archive.read(members[0])
        frame = pl.read_csv(content, infer_schema=False, truncate_ragged_lines=True)
    except (zipfile.BadZipFile, OSError, EOFError, ComputeError, NoDataError, RuntimeError) as fault:
        findings.add("G042", place, detail=in_plain_words(fault), expected="完整的 GTFS 压缩包")
        return None
    return frame.rename({c: c.strip().lstrip("\ufeff") for c in frame.columns})
