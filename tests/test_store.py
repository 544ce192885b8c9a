"""results.duckdb: every year kept, written in one step, readable by anyone; the sandbox indicator SQL runs in."""

from __future__ import annotations

import json
import time
from datetime import date, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import duckdb
import polars as pl
import pytest
import shapely
from tijian.engine.results import SCHEMAS, conform, empty
from tijian.engine.storage.store import (
    StoreError,
    read_frame,
    read_results,
    replace_frame,
    sandbox,
    write_year,
    years,
)

from .small_year import evidence, units

FACTS = {
    "title": "示例区", "synthetic": "合成演示数据", "crs": "EPSG:4549", "dimension_names": ["安全韧性"],
    "grade_cuts": [["优", 90], ["差", None]], "edition": "shanghai", "topics": {"燃气": ["AQ-02"]}, "list_names": {"table": "指标评估表"}, "walk_speed": 1.2, "scheme": {},
    "method_notes": ["说明"],
}  # fmt: skip
TEXTS = {k: json.dumps(v, ensure_ascii=False) for k, v in FACTS.items()}


def frames(year: int, value: float) -> dict[str, pl.DataFrame]:
    return {
        "units": units(),
        "measurements": conform("measurements", pl.DataFrame({"year": [year], "unit": ["100000"], "indicator": ["AQ-02"], "value": [value]})),
        "runs": pl.DataFrame({"year": [year], "run_id": ["abc"], "version": ["0"], "stage": ["store"], "record": ["{}"]}),
    }  # fmt: skip


def test_years_are_kept_side_by_side_and_one_can_be_replaced(tmp_path: Path) -> None:
    path = tmp_path / "results.duckdb"
    assert years(path) == []
    write_year(path, 2025, frames(2025, 1.0), TEXTS)
    write_year(path, 2026, frames(2026, 2.0), TEXTS)
    write_year(path, 2026, frames(2026, 3.0), TEXTS)
    assert years(path) == [2025, 2026]
    assert read_frame(path, "measurements", 2025)["value"].to_list() == [1.0]
    assert read_frame(path, "measurements", 2026)["value"].to_list() == [3.0]


def returned(status: str) -> pl.DataFrame:
    row = {"year": [2025], "id": ["100000-AQ-02-Z"], "department": ["区交通委"], "status": [status]}
    return conform("returned", pl.DataFrame(row))


def test_what_departments_sent_back_is_put_in_alone_and_stays_when_the_year_is_run_again(
    tmp_path: Path,
) -> None:
    path = tmp_path / "results.duckdb"
    write_year(path, 2025, frames(2025, 1.0), TEXTS)
    replace_frame(path, "returned", 2025, returned("整改中"))
    replace_frame(path, "returned", 2025, returned("已整改"))
    assert read_frame(path, "measurements", 2025)["value"].to_list() == [1.0]
    write_year(path, 2026, frames(2026, 2.0), TEXTS)
    write_year(path, 2025, frames(2025, 3.0), TEXTS)
    assert read_frame(path, "measurements", 2025)["value"].to_list() == [3.0]
    assert read_frame(path, "returned", 2025)["status"].to_list() == ["已整改"]
    assert read_frame(path, "returned", 2026).is_empty()
    assert [p.name for p in tmp_path.iterdir()] == ["results.duckdb"]


def test_what_is_read_back_is_what_was_written(tmp_path: Path) -> None:
    path = tmp_path / "results.duckdb"
    write_year(path, 2026, frames(2026, 2.0), TEXTS)
    results = read_results(path)
    assert results.units.equals(units())
    assert results.measurements.schema == dict(SCHEMAS["measurements"])
    assert results.measurements["numerator"].to_list() == [None]
    assert (results.title, results.synthetic, results.topics) == (
        "示例区",
        "合成演示数据",
        {"燃气": ("AQ-02",)},
    )
    assert results.grade_cuts == (("优", 90.0), ("差", float("-inf")))


def test_any_client_can_read_the_file(tmp_path: Path) -> None:
    path = tmp_path / "results.duckdb"
    write_year(path, 2026, frames(2026, 2.0), TEXTS)
    with duckdb.connect(str(path), read_only=True) as con:
        tables = {r[0] for r in con.execute("SELECT table_name FROM information_schema.tables").fetchall()}
        tags = con.execute("SELECT tags FROM duckdb_databases() WHERE database_name = 'results'").fetchone()
    assert set(SCHEMAS) <= tables
    assert tags is not None
    assert tags[0]["storage_version"].startswith("v1.0")


def test_a_failed_write_leaves_the_old_results_whole(tmp_path: Path) -> None:
    path = tmp_path / "results.duckdb"
    write_year(path, 2025, frames(2025, 1.0), TEXTS)
    before = path.read_bytes()
    with pytest.raises(ValueError, match="not in the schema"):
        write_year(path, 2026, {"measurements": pl.DataFrame({"nonsense": [1]})}, TEXTS)
    assert path.read_bytes() == before
    assert [p.name for p in tmp_path.iterdir()] == ["results.duckdb"]
    path.write_bytes(b"not a database")
    with pytest.raises(StoreError, match="原有结果未动"):
        write_year(path, 2026, frames(2026, 2.0), TEXTS)
    assert path.read_bytes() == b"not a database"
    assert [p.name for p in tmp_path.iterdir()] == ["results.duckdb"]


def test_missing_results_are_said_plainly(tmp_path: Path) -> None:
    with pytest.raises(StoreError, match="请先运行 tijian run"):
        read_results(tmp_path / "results.duckdb")
    write_year(tmp_path / "results.duckdb", 2025, frames(2025, 1.0), TEXTS)
    with pytest.raises(StoreError, match="没有 2024 年的结果，已有：2025"):
        read_results(tmp_path / "results.duckdb", 2024)


BREAKOUTS = (
    "SELECT * FROM read_csv('/etc/passwd')",
    "SELECT * FROM '/etc/passwd'",
    "SELECT * FROM glob('/*')",
    "COPY (SELECT 1) TO '/tmp/tijian_breakout.csv'",
    "ATTACH '/tmp/tijian_breakout.db'",
    "INSTALL spatial",
    "LOAD spatial",
    "SET enable_external_access = true",
    "SET threads = 1",
    "RESET lock_configuration",
    "SELECT * FROM frame_outside",
)


@pytest.mark.parametrize("query", BREAKOUTS)
def test_indicator_sql_cannot_leave_the_sandbox(query: str) -> None:
    frame_outside = pl.DataFrame({"secret": [1]})
    assert frame_outside.height == 1
    with (
        sandbox({"t": evidence("t", "records", [{"unit": "1", "a": 1}])}) as con,
        pytest.raises(duckdb.Error),
    ):
        con.sql(query).fetchall()


def test_the_sandbox_holds_the_inputs_in_order_without_geometry() -> None:
    square, spot = (shapely.to_wkb(shape) for shape in (shapely.box(0, 0, 20, 30), shapely.Point(0, 0)))
    rows = [{"unit": "2", "a": 1, "_wkb": square}, {"unit": "1", "a": 2, "_wkb": spot}]
    with sandbox({"t": evidence("t", "records", rows)}) as con:
        table = con.sql("SELECT * FROM t").pl()
    assert table["unit"].to_list() == ["1", "2"]
    assert "_wkb" not in table.columns
    assert table["area_m2"].to_list() == [None, 600], "the area of what is drawn as a point is not known"
    assert empty("units").height == 0


def test_a_moment_is_on_its_day_in_china_whatever_the_machines_zone(monkeypatch: pytest.MonkeyPatch) -> None:
    moment = datetime(2026, 1, 1, 0, 30, tzinfo=ZoneInfo("Asia/Shanghai"))  # New Year's Eve elsewhere
    told = evidence("t", "records", [{"unit": "1", "at": moment}])
    days = []
    for zone in ("America/New_York", "Asia/Shanghai"):
        monkeypatch.setenv("TZ", zone)
        time.tzset()
        with sandbox({"t": told}) as con:
            days += con.execute('SELECT "at"::DATE FROM t').fetchall()
    monkeypatch.undo()
    time.tzset()
    assert days == [(date(2026, 1, 1),)] * 2
