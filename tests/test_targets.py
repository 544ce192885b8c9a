"""Dated targets (行动计划目标): reached or not, how much is missing, on the straight line or behind it, and whose they are."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st
from tijian.engine.diagnosis.targets import (
    DUE,
    LATE,
    NO_DATA,
    ON_TIME,
    OVERDUE,
    REACHED,
    UNKNOWN_PACE,
    track_targets,
)
from tijian.engine.evidence import HISTORY, PREDECESSORS
from tijian.engine.findings import Findings
from tijian.engine.intake.history import read_history
from tijian.engine.intake.names import NameBook
from tijian.engine.results import SCHEMAS
from tijian.engine.years.comparable import Rules
from tijian.engine.years.earlier import earlier_values, last_year
from tijian.indicators.measure_model import Reported
from tijian.indicators.model import Indicator, Standard

from .sample_tables import CODES, units_frame

YEAR = 2025
UNCHANGED = pl.DataFrame(schema=PREDECESSORS)


def indicator(code: str = "SJ-99", direction: str = "higher", **standard: object) -> Indicator:
    """A reported indicator whose standard is 90 by the end of 2026, unless said otherwise."""
    dated = {"since": date(2024, 12, 26), "target": 90, "by": date(2026, 12, 31), "item": "第5条",
             "source": "行动计划", "checked": date(2026, 11, 26)} | standard  # fmt: skip
    return Indicator(
        code=code, name="试验指标", dimension="整洁有序", aspect="保洁", scale="街区", unit="%", direction=direction,
        kind="local", treatment="effort", definition="用来试验的指标。", formula="直接上报",
        standard=(Standard(**dated),), lead=("区绿化市容局",), remedy="在{unit}加以改进。",
        measure=Reported(method="reported", of="statistics", item="试验指标"),
    )  # fmt: skip


def scores(value: float | None, code: str = "SJ-99") -> pl.DataFrame:
    row = {"year": YEAR, "unit": "990117", "level": "district", "indicator": code, "value": value}
    return pl.DataFrame([row], schema_overrides={"value": pl.Float64})


def earlier(**values: float) -> pl.DataFrame:
    """Values of earlier years, as ``y2023=70``."""
    rows = [(int(y[1:]), "990117", "SJ-99", float(v)) for y, v in values.items()]
    return pl.DataFrame(rows, schema=HISTORY, orient="row")


def pace(value: float | None, *, year: int = YEAR, direction: str = "higher", base: dict[str, float] | None = None,
         **standard: object) -> dict[str, object]:  # fmt: skip
    frame = track_targets(
        scores(value), [indicator(direction=direction, **standard)], earlier(**(base or {})), year
    )
    assert dict(frame.schema) == {n: t() if isinstance(t, type) else t for n, t in SCHEMAS["targets"].items()}
    return frame.row(0, named=True)


def test_a_target_that_is_reached_is_reached_with_nothing_missing() -> None:
    row = pace(90)
    assert (row["pace"], row["met"], row["gap"]) == (REACHED, True, 0)


def test_what_is_missing_is_told_in_the_units_of_the_value() -> None:
    row = pace(83.5, base={"y2024": 80})
    assert (row["met"], row["gap"]) == (False, 6.5)
    assert row["lead"] == ["区绿化市容局"]
    assert (row["item"], row["by"]) == ("第5条", date(2026, 12, 31))


def test_on_the_straight_line_is_on_time_and_below_it_is_late() -> None:
    """From 80 in 2024 to 90 in 2026 the line stands at 85 in 2025."""
    assert (pace(85, base={"y2024": 80})["expected"], pace(85, base={"y2024": 80})["pace"]) == (85, ON_TIME)
    assert pace(84.9, base={"y2024": 80})["pace"] == LATE


def test_where_lower_is_better_the_line_falls_and_below_it_is_on_time() -> None:
    down = {"direction": "lower", "target": 0, "base": {"y2024": 40}}
    assert pace(20, **down)["pace"] == ON_TIME
    assert pace(21, **down)["pace"] == LATE
    assert pace(21, **down)["gap"] == 21
    assert pace(0, **down)["pace"] == REACHED


@pytest.mark.parametrize(
    ("by", "expected"),
    [
        (date(2025, 12, 31), DUE),
        (date(2025, 6, 30), OVERDUE),
        (date(2024, 12, 31), OVERDUE),
        (date(2026, 12, 31), ON_TIME),
    ],
)
def test_what_falls_due_on_the_last_day_of_the_year_examined_is_due_and_only_what_did_before_is_overdue(
    by: date, expected: str
) -> None:
    assert pace(89.9, by=by, base={"y2023": 60})["pace"] == expected
    assert pace(90, by=by, base={"y2023": 60})["pace"] == REACHED


def test_without_a_value_nothing_is_judged() -> None:
    row = pace(None, base={"y2024": 80})
    assert (row["pace"], row["met"], row["gap"]) == (NO_DATA, None, None)


def test_without_a_base_the_pace_is_not_judged_and_that_is_said() -> None:
    assert pace(85)["pace"] == UNKNOWN_PACE


def test_the_base_year_wanted_goes_before_the_earliest_one() -> None:
    both = {"y2022": 60, "y2024": 80}
    assert pace(85, base=both)["base_year"] == 2022
    assert pace(85, base=both, base_year=2024)["base_year"] == 2024
    assert pace(85, base={"y2022": 60}, base_year=2024)["base_year"] == 2022, "the wanted year has no value"


def test_a_standard_without_a_deadline_is_no_dated_target() -> None:
    assert track_targets(scores(50), [indicator(by=None)], earlier(), YEAR).is_empty()


@given(st.floats(0, 100), st.floats(0, 100), st.floats(0, 100))
def test_a_better_value_is_never_a_worse_pace(base: float, value: float, better: float) -> None:
    order = [LATE, ON_TIME, REACHED]
    low, high = sorted((value, better))
    first, second = (pace(v, base={"y2024": base})["pace"] for v in (low, high))
    assert order.index(str(first)) <= order.index(str(second))


# ---- earlier years from tables --------------------------------------------------------------------


def history(folder: Path, text: str) -> tuple[pl.DataFrame, Findings]:
    (folder / "history").mkdir()
    (folder / "history" / "往年.csv").write_text(text, encoding="utf-8-sig")
    findings = Findings()
    frame, sources = read_history(folder, NameBook(units_frame(), {}), {"SJ-05"}, findings)
    assert [s.file for s in sources] == ["history/往年.csv"]
    return frame, findings


def test_earlier_years_are_read_from_tables_by_name_or_code(tmp_path: Path) -> None:
    frame, findings = history(
        tmp_path, f"年份,单元,指标编号,指标值\n2023,甲镇,SJ-05,81.5\n2022,{CODES['甲镇']},SJ-05,79%\n"
    )
    assert not findings.rows
    assert frame.rows() == [(2022, CODES["甲镇"], "SJ-05", 79.0), (2023, CODES["甲镇"], "SJ-05", 81.5)]


def test_faults_of_a_history_table_are_told_with_file_and_row(tmp_path: Path) -> None:
    text = "年份,单元,指标编号,指标值\n2023,甲镇,SJ-05,81\n2023,甲镇,SJ-05,82\n2023,丙镇,SJ-05,80\n2023,甲镇,XX-01,5\n2023,甲镇,SJ-05,约80\n"
    frame, findings = history(tmp_path, text)
    told = sorted((f.code, f.place.file, f.place.row) for f in findings)
    assert told == [("H001", "history/往年.csv", 5), ("H002", "history/往年.csv", 3), ("N001", "history/往年.csv", 4),
                    ("T010", "history/往年.csv", 6)]  # fmt: skip
    assert frame["value"].to_list() == [81.0]


def test_what_the_store_holds_goes_before_what_a_table_says(tmp_path: Path) -> None:
    nothing = tmp_path / "results.duckdb"
    told = pl.DataFrame(
        [(2024, "990117", "SJ-05", 80.0), (2026, "990117", "SJ-05", 99.0)], schema=HISTORY, orient="row"
    )
    now, later = Rules(2025), Rules(2026)
    assert earlier_values(nothing, told, 2025, {}, UNCHANGED).rows() == [(2024, "990117", "SJ-05", 80.0)]
    before = last_year(nothing, told, now, {}, UNCHANGED, ())["measurements"]
    assert before.select("unit", "indicator", "value").rows() == [("990117", "SJ-05", 80.0)]
    assert last_year(nothing, told, later, {}, UNCHANGED, ())["measurements"].is_empty()


@pytest.mark.parametrize("year", [2024, 2030])
def test_a_base_in_or_after_the_deadline_gives_no_line(year: int) -> None:
    row = pace(50, year=year + 1, by=date(year, 12, 31), base={f"y{year}": 40})
    assert (row["pace"], row["expected"]) == (OVERDUE, None)
