"""Units that were split, merged or given another code: what they had last year, or that it cannot be said."""

from __future__ import annotations

from pathlib import Path
from shutil import copytree

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st
from tijian.engine.evidence import PREDECESSORS
from tijian.engine.findings import Findings
from tijian.engine.intake.predecessors import read_predecessors
from tijian.engine.results import conform
from tijian.engine.storage.store import read_results
from tijian.engine.years.successors import ESTIMATED, carried, renamed_history

from .cli_project import UNITS, call, fill_in, told


def changes(*rows: tuple[str, str, float]) -> pl.DataFrame:
    return pl.DataFrame(rows, schema=PREDECESSORS, orient="row")


def measured(*rows: tuple[str, str, float, float | None, float | None, float]) -> dict[str, pl.DataFrame]:
    """Last year's frames: unit, indicator, value, numerator, denominator, compared; a dimension and a total each."""
    names = ("unit", "indicator", "value", "numerator", "denominator", "compared")
    values = conform(
        "measurements", pl.DataFrame(rows, schema=list(names), orient="row", infer_schema_length=None)
    )
    units = values["unit"].unique().sort()
    return {
        "measurements": values,
        "dimensions": conform(
            "dimensions", pl.DataFrame({"unit": units, "dimension": "交通便捷", "score": 80.0})
        ),
        "totals": conform("totals", pl.DataFrame({"unit": units, "score": 75.0})),
    }


def last(before: dict[str, pl.DataFrame], unit: str, indicator: str) -> dict[str, object] | None:
    found = before["measurements"].filter(unit=unit, indicator=indicator)
    return found.row(0, named=True) if found.height else None


def test_a_new_code_takes_everything_with_it() -> None:
    before = carried(measured(("old", "R", 40.0, None, None, 40.0)), changes(("new", "old", 1.0)))
    assert last(before, "old", "R") is None
    assert (last(before, "new", "R") or {})["value"] == 40.0
    assert before["totals"]["unit"].to_list() == ["new"]
    assert before["dimensions"]["score"].to_list() == [80.0]


def test_a_mergers_share_is_of_both_parts_together_and_no_score_is_made_up() -> None:
    before = carried(
        measured(("a", "S", 10.0, 10.0, 100.0, 10.0), ("b", "S", 50.0, 150.0, 300.0, 50.0)),
        changes(("c", "a", 1.0), ("c", "b", 1.0)),
    )
    row = last(before, "c", "S") or {}
    assert (row["numerator"], row["denominator"], row["value"]) == (160.0, 400.0, 40.0)
    assert row["note"] is None
    assert before["totals"].is_empty()


def test_a_merged_count_is_the_sum_and_compares_by_its_own_rate() -> None:
    before = carried(
        measured(("a", "C", 3.0, 3.0, 30.0, 10.0), ("b", "C", 1.0, 1.0, 50.0, 2.0)),
        changes(("c", "a", 1.0), ("c", "b", 1.0)),
    )
    row = last(before, "c", "C") or {}
    assert (row["value"], row["compared"]) == (4.0, pytest.approx(5.0))


def test_a_part_of_a_unit_is_taken_to_be_like_the_whole_and_told_as_an_estimate() -> None:
    before = carried(
        measured(("a", "S", 20.0, 20.0, 100.0, 20.0), ("a", "C", 10.0, 10.0, 40.0, 25.0)),
        changes(("a", "a", 0.6), ("d", "a", 0.4)),
    )
    for unit, share in (("a", 0.6), ("d", 0.4)):
        ratio, count = last(before, unit, "S") or {}, last(before, unit, "C") or {}
        assert ratio["value"] == pytest.approx(20.0)
        assert ratio["note"] == ESTIMATED
        assert count["value"] == pytest.approx(10 * share)
        assert count["compared"] == pytest.approx(25.0)
    assert before["totals"].is_empty()


def test_a_figure_without_parts_or_with_one_predecessor_unknown_is_not_comparable() -> None:
    before = measured(
        ("a", "R", 40.0, None, None, 40.0),
        ("b", "R", 50.0, None, None, 50.0),
        ("a", "S", 1.0, 1.0, 100.0, 1.0),
    )
    merged = carried(before, changes(("c", "a", 1.0), ("c", "b", 1.0)))
    assert last(merged, "c", "R") is None
    assert last(merged, "c", "S") is None


def test_units_that_did_not_change_keep_what_they_had() -> None:
    before = measured(("a", "S", 10.0, 10.0, 100.0, 10.0), ("z", "S", 30.0, 3.0, 10.0, 30.0))
    after = carried(before, changes(("c", "a", 1.0)))
    assert last(after, "z", "S") == last(before, "z", "S")
    assert carried(before, changes()) == before


def test_older_years_go_over_only_with_a_mere_change_of_code() -> None:
    values = pl.DataFrame(
        {
            "year": [2023, 2023, 2023],
            "unit": ["a", "b", "z"],
            "indicator": ["S"] * 3,
            "value": [1.0, 2.0, 3.0],
        }
    )
    found = renamed_history(values, changes(("c", "a", 1.0), ("d", "b", 0.5), ("e", "b", 0.5)))
    assert found.rows() == [(2023, "z", "S", 3.0), (2023, "c", "S", 1.0)]


@given(st.lists(st.tuples(st.integers(0, 50), st.integers(51, 500)), min_size=2, max_size=5))
def test_what_is_merged_adds_up_to_what_was_there(parts: list[tuple[int, int]]) -> None:
    rows = [
        (f"u{i}", "S", 100.0 * x / n, float(x), float(n), 100.0 * x / n) for i, (x, n) in enumerate(parts)
    ]
    before = carried(measured(*rows), changes(*((("all", f"u{i}", 1.0)) for i in range(len(parts)))))
    row = last(before, "all", "S") or {}
    assert row["numerator"] == sum(x for x, _ in parts)
    if any(x for x, _ in parts):
        assert row["value"] == pytest.approx(100 * sum(x for x, _ in parts) / sum(n for _, n in parts))


# ── how it is declared ────────────────────────────────────────────────────────────────────────────────────


def read(*rows: tuple[str, str | None, str | None]) -> tuple[list[tuple[object, ...]], list[object]]:
    raw = pl.DataFrame(rows, schema=["code", "predecessor", "share"], orient="row").with_columns(
        _file=pl.lit("单元名录.xlsx"), _sheet=pl.lit("单元"), _row=pl.int_range(2, pl.len() + 2)
    )
    findings = Findings()
    frame = read_predecessors(raw, findings)
    return frame.rows(), [(f.code, f.place.row, f.value) for f in findings]


def test_the_units_table_names_predecessors_and_shares() -> None:
    rows, found = read(
        ("c", "a、b", None), ("d", "e", "0.4"), ("f", "e", "60%"), ("z", None, None), ("g", "h；i", "1、0.5")
    )
    assert found == [("U015", 6, "0.5")]
    assert rows == [
        ("c", "a", 1.0), ("c", "b", 1.0), ("d", "e", 0.4), ("f", "e", 0.6), ("g", "h", 1.0), ("g", "i", 0.5),
    ]  # fmt: skip


def test_shares_that_cannot_be_are_named_with_their_cell() -> None:
    _, found = read(("c", "a、b", "0.4"), ("d", "e", "许多"), ("f", "g", "1.2"))
    assert found == [("U010", 2, "0.4"), ("U010", 3, "许多"), ("U010", 4, "1.2")]
    _, found = read(("c", "a", "0.7"), ("d", "a", "0.5"))
    assert found == [("U011", 2, "1.2")]


def test_a_year_with_a_new_code_compares_with_the_year_before(tmp_path: Path) -> None:
    """The whole way: a year is run, a town and its villages get other codes, and the next year knows their last values."""
    project = tmp_path / "项目"
    told("init", project)
    fill_in(project)
    told("run", "-q", "-p", project, "--year", 2026)
    copytree(project / "inputs" / "2026", project / "inputs" / "2027")
    lines = UNITS.splitlines()
    changed = [
        f"{line.replace('310199002', '310199003')},{line.split(',')[0] if '310199002' in line else ''}"
        for line in lines[1:]
    ]
    changed[-1] = changed[-1].removesuffix("310199002002") + "310199002999"  # a slip
    (project / "单元名录.csv").write_text("\n".join([lines[0] + ",原代码", *changed]), encoding="utf-8-sig")
    assert "U012" in call("check", "-p", project, "--year", 2027).stdout
    told("run", "-q", "-p", project, "--year", 2027)
    results = read_results(project / "results.duckdb", 2027)
    town = results.scores.filter(unit="310199003", indicator="AQ-01").row(0, named=True)
    assert (town["value"], town["previous"], town["change"]) == (1.0, 1.0, 0.0)
    assert results.predecessors.height == 3
    slipped = results.scores.filter(unit="310199003002", indicator="AQ-01").row(0, named=True)
    assert slipped["previous"] is None
