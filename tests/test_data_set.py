"""Records that stay in their Parquet files: measured as if they had been loaded, checked by queries, nothing else readable."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path
from shutil import copytree, rmtree

import polars as pl
import pytest
from polars.testing import assert_frame_equal
from tijian.engine.findings import Findings, InputError
from tijian.engine.intake import data_set
from tijian.engine.measure import many
from tijian.engine.measure.aggregate_sql import MeasureError, querying, run_sql
from tijian.engine.results import NEW
from tijian.engine.run import Run, run
from tijian.engine.settings.project import Project, load_project
from tijian.engine.storage.store import sandbox
from tijian.indicators.sql import is_sum

from .cli_project import YEAR, told
from .data_set_project import ROWS, houses, write_project

COMPARED = (
    "measurements",
    "scores",
    "dimensions",
    "totals",
    "robust",
    "shortfalls",
    "problem_list",
    "remedy_list",
)


def ran(folder: Path, until: str = "lists") -> Run:
    project = load_project(folder, findings := Findings())
    assert project is not None, list(findings)
    return run(project, until=until, progress=lambda *_: None)


def measured(tmp_path: Path, rows: pl.DataFrame | None = None, **more: int) -> Run:
    return ran(write_project(tmp_path / "项目", parquet=True, rows=rows, **more), "measure")


def faults(tmp_path: Path, rows: pl.DataFrame, **more: int) -> list[tuple[str, str, int | None, str, str]]:
    """code, file, row, column, value of every finding about the records, errors and warnings."""
    try:
        findings = measured(tmp_path, rows, **more).findings
    except InputError as fault:
        findings = fault.findings
    of_records = (f for f in findings if f.place.file.startswith("records/"))
    return [(f.code, f.place.file, f.place.row, f.place.column, f.value) for f in of_records]


@pytest.fixture(scope="module")
def both(tmp_path_factory: pytest.TempPathFactory) -> tuple[Run, Run]:
    """The same records as a data set and as a table, run."""
    folder = tmp_path_factory.mktemp("both")
    return tuple(ran(write_project(folder / f"{p}", parquet=p)) for p in (True, False))  # type: ignore[return-value]


def test_a_data_set_gives_the_results_of_the_same_records_in_a_table(both: tuple[Run, Run]) -> None:
    many_rows, loaded = both
    assert many_rows.gathered.evidence["houses"].frame.is_empty()
    assert loaded.gathered.evidence["houses"].frame.height == ROWS
    for name in COMPARED:
        assert loaded.frames[name].height, name
        assert_frame_equal(many_rows.frames[name], loaded.frames[name], abs_tol=1e-9, rel_tol=1e-9)


def test_its_ledger_names_the_file_and_row_of_every_thing(both: tuple[Run, Run]) -> None:
    many_rows, loaded = (state.frames["ledger"] for state in both)
    assert_frame_equal(many_rows.drop("file", "sheet", "row"), loaded.drop("file", "sheet", "row"))
    line = many_rows.row(0, named=True)
    number = int(line["thing"][1:])
    assert (line["file"], line["row"]) == (f"records/p{number // 1000}.parquet", number % 1000 + 1)


def test_it_is_one_input_of_the_record_with_all_its_rows(tmp_path: Path) -> None:
    folder = write_project(tmp_path / "项目", parquet=True, rows=houses()[:60])
    inputs = ran(folder, "store").frames["inputs"].filter(name="houses")
    assert inputs.select("kind", "file", "rows", "unplaced").rows() == [
        ("records", "records/*.parquet", 60, 0)
    ]


def test_a_second_run_does_nothing_until_a_file_changes(tmp_path: Path) -> None:
    folder = write_project(tmp_path / "项目", parquet=True, rows=houses()[:600])
    told("run", "-q", "-p", folder)
    assert "没有重新计算" in told("run", "-q", "-p", folder)
    houses()[1200:1500].write_parquet(folder / "data/records/p1.parquet")
    assert "没有重新计算" not in told("run", "-q", "-p", folder)


def test_codes_that_no_unit_has_are_told_with_their_rows(tmp_path: Path) -> None:
    wrong = pl.int_range(pl.len()).is_in([70, 80])
    code = pl.when(wrong).then(pl.lit("999999999999")).otherwise("单元代码")
    rows = houses()[:100].with_columns(单元代码=code)
    assert faults(tmp_path, rows, files=2) == [("N001", "records/p1.parquet", 21, "单元代码", "999999999999")]


def test_rows_without_a_code_are_counted_and_kept_out(tmp_path: Path) -> None:
    rows = houses()[:100].with_columns(
        pl.when(pl.int_range(pl.len()) < 3).then(None).otherwise("单元代码").alias("单元代码")
    )
    state = measured(tmp_path, rows)
    finding = next(f for f in state.findings if f.code == "N005")
    assert "3 行" in finding.message
    assert state.gathered.evidence["houses"].unplaced == 3
    district = state.frames["measurements"].filter(unit="310117", indicator="SQ-01")
    assert district["denominator"].to_list() == [97]


@pytest.mark.parametrize("at_once", [data_set.AT_ONCE, 16])
def test_a_key_that_comes_twice_is_told_at_its_second_row(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, at_once: int
) -> None:
    monkeypatch.setattr(data_set, "AT_ONCE", at_once)
    rows = pl.concat([houses()[:50], houses()[7:8], houses()[50:100], houses()[8:9]])
    assert faults(tmp_path, rows, files=2) == [
        ("T020", "records/p0.parquet", 51, "编号", "B00007"),
        ("T020", "records/p1.parquet", 51, "编号", "B00008"),
    ]


def test_of_many_faults_of_a_kind_the_first_are_told_and_the_others_counted(tmp_path: Path) -> None:
    codes = pl.concat_str(pl.lit("X"), pl.int_range(pl.len()).cast(pl.String))
    rows = pl.concat([houses()[:30], houses()[:30]]).with_columns(单元代码=codes)
    told_of = faults(tmp_path, rows, files=1)
    assert [code for code, *_ in told_of] == ["N001"] * 20 + ["T014"] + ["T020"] * 20 + ["T014"]


def test_a_row_without_its_key_is_told(tmp_path: Path) -> None:
    rows = houses()[:50].with_columns(
        pl.when(pl.int_range(pl.len()) == 30).then(None).otherwise("编号").alias("编号")
    )
    assert faults(tmp_path, rows) == [("T013", "records/p1.parquet", 14, "编号", "")]


def test_numbers_beyond_their_limits_and_those_that_are_none_are_missing(tmp_path: Path) -> None:
    odd = pl.int_range(pl.len())
    area = (
        pl.when(odd == 1)
        .then(float("nan"))
        .when(odd == 2)
        .then(float("inf"))
        .when(odd == 3)
        .then(96.0)
        .otherwise(10.0)
    )
    state = measured(tmp_path, houses()[:50].with_columns(面积=area))  # fmt: skip
    finding = next(f for f in state.findings if f.code == "T012")
    assert (finding.place.row, finding.place.column, finding.value) == (2, "面积", "3 行的数")
    district = state.frames["measurements"].filter(unit="310117", indicator="RA-02").row(0, named=True)
    assert (district["numerator"], district["denominator"]) == (470.0, 47.0)


def test_columns_that_are_missing_or_of_another_type_are_told(tmp_path: Path) -> None:
    rows = houses()[:50].with_columns(pl.col("年").cast(pl.String)).drop("编号", "面积")
    assert faults(tmp_path, rows, files=1) == [
        ("T002", "records/p0.parquet", None, "编号", "编号"),
        ("T021", "records/p0.parquet", None, "年", "String"),
        ("T004", "records/p0.parquet", None, "面积", "面积"),
    ]


def test_files_that_do_not_agree_are_told(tmp_path: Path) -> None:
    folder = write_project(tmp_path / "项目", parquet=True, rows=houses()[:50])
    houses()[50:60].with_columns(pl.col("面积").cast(pl.Float32)).write_parquet(
        folder / "data/records/p1.parquet"
    )
    with pytest.raises(InputError) as fault:
        ran(folder)
    assert [(f.code, f.place.file, f.place.column) for f in fault.value.findings.errors] == [
        ("T021", "records/p1.parquet", "面积")
    ]


def test_a_file_that_is_no_parquet_or_cut_short_is_told(tmp_path: Path) -> None:
    folder = write_project(tmp_path / "项目", parquet=True, rows=houses()[:50])
    whole = (folder / "data/records/p1.parquet").read_bytes()
    (folder / "data/records/p1.parquet").write_bytes(whole[: len(whole) // 2])
    (folder / "data/records/p2.parquet").write_bytes(b"")
    with pytest.raises(InputError) as fault:
        ran(folder)
    told_of = [(f.code, f.place.file) for f in fault.value.findings.errors]
    assert told_of == [("F003", "records/p1.parquet"), ("F003", "records/p2.parquet")]


def test_a_data_set_that_is_not_there_or_leads_out_of_the_project_is_told(tmp_path: Path) -> None:
    folder = write_project(tmp_path / "项目", parquet=True, rows=houses()[:50])
    outside = (folder / "data/records/p1.parquet").rename(tmp_path / "elsewhere.parquet")
    os.symlink(outside, folder / "data/records/p1.parquet")
    with pytest.raises(InputError) as fault:
        ran(folder)
    assert [(f.code, f.value) for f in fault.value.findings.errors] == [("P026", "records/p1.parquet")]
    for file in (folder / "data/records").iterdir():
        file.unlink()
    with pytest.raises(InputError) as fault:
        ran(folder)
    assert [f.code for f in fault.value.findings.errors] == ["P004"]


def test_only_records_with_a_column_of_codes_can_be_read_so(tmp_path: Path) -> None:
    folder = write_project(tmp_path / "项目", parquet=True, rows=houses()[:50])
    text = (folder / "tijian.toml").read_text(encoding="utf-8")
    text = text.replace('kind = "records"', 'kind = "tickets"').replace('unit = "单元代码"\n', "")
    (folder / "tijian.toml").write_text(text, encoding="utf-8")
    with pytest.raises(InputError) as fault:
        ran(folder)
    assert [f.expected for f in fault.value.findings.errors] == [
        'kind = "records"',
        'unit = "单元代码所在列"',
    ]


def test_a_ledger_that_would_be_too_long_is_left_out_and_the_counts_stand(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, both: tuple[Run, Run]
) -> None:
    lines = both[0].frames["ledger"].filter(indicator="CO-01").height
    monkeypatch.setattr(many, "MOST_LINES", lines - 1)
    state = ran(write_project(tmp_path / "项目", parquet=True))
    assert "CO-01" not in set(state.frames["ledger"]["indicator"])
    assert_frame_equal(state.frames["measurements"], both[0].frames["measurements"])
    left_out = [(f.place.file, f.value) for f in state.findings if f.code == "M030"]
    assert left_out[0] == ("指标 CO-01", f"{lines:,}")


def test_personal_numbers_do_not_leave_the_data_set(tmp_path: Path) -> None:
    named = pl.lit("张三 13812345678 家")
    state = measured(tmp_path, houses()[:200].with_columns(名称=named))
    assert state.frames["ledger"]["thing_name"].drop_nulls().unique().to_list() == ["张三 ［已隐去］ 家"]
    assert "K001" in {f.code for f in state.findings}


def test_indicator_sql_reads_the_data_set_and_no_other_file_and_writes_none(tmp_path: Path) -> None:
    state = measured(tmp_path, houses()[:50])
    evidence = state.gathered.evidence
    assert evidence["houses"].many is not None
    path = evidence["houses"].many.files[0][0]
    other = tmp_path / "other.parquet"
    houses()[:5].write_parquet(other)
    before = Path(path).read_bytes()
    with sandbox(evidence) as con, querying(evidence) as query:
        assert query('SELECT count(*) AS n FROM "houses"')["n"].to_list() == [50]
        for text in (
            f"SELECT * FROM read_parquet('{other}')", f"SELECT * FROM '{other}'", "SELECT * FROM glob('*')",
            f"COPY (SELECT 1) TO '{path}' (USE_TMP_FILE false)", f"SET allowed_directories = ['{tmp_path}']",
            f"ATTACH '{tmp_path}/x.db'", f"SELECT 1; COPY (SELECT 1) TO '{path}' (USE_TMP_FILE false)",
        ):  # fmt: skip
            with pytest.raises(MeasureError):
                run_sql(con, text)
    assert Path(path).read_bytes() == before


def two_years(
    folder: Path, *, parquet: bool, second: Callable[[Project], Project] = lambda project: project
) -> pl.DataFrame:
    """The reviews of a second year in which some failing houses are mended, some are gone and some are new."""
    write_project(folder / "first", parquet=parquet)
    fewer = houses().filter(pl.int_range(pl.len()) % 5 != 0)
    mended = pl.when(pl.int_range(pl.len()) % 2 == 0).then(False).otherwise("锈蚀").alias("锈蚀")
    write_project(folder / "second", parquet=parquet, rows=fewer.with_columns(mended))
    project = load_project(folder / "first", Findings())
    assert project is not None
    run(project.for_year(YEAR - 1), progress=lambda *_: None)
    rmtree(folder / "first/data")
    copytree(folder / "second/data", folder / "first/data")
    return run(second(project), progress=lambda *_: None).frames["reviews"]


def test_last_years_problems_are_judged_thing_by_thing(tmp_path: Path) -> None:
    loaded, there = (two_years(tmp_path / f"{parquet}", parquet=parquet) for parquet in (False, True))
    assert loaded.filter(pl.col("indicator") == "CO-01")["because"].str.contains("不在今年数据中").any()
    assert_frame_equal(there.drop("because"), loaded.drop("because"), abs_tol=1e-9, rel_tol=1e-9)
    said = pl.col("because").str.replace_all(r"[\d.]+(?:㎡|%)", "")  # figures on the edge of rounding
    assert_frame_equal(there.select(said), loaded.select(said))


def test_where_no_ledger_lists_the_things_the_values_are_the_judge(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def nothing_listed(project: Project) -> Project:
        monkeypatch.setattr(many, "MOST_LINES", 0)
        return project

    reviews = two_years(tmp_path, parquet=True, second=nothing_listed)
    judged = reviews.filter((pl.col("indicator") == "CO-01") & (pl.col("outcome") != NEW))
    assert judged.height
    assert (
        not judged["because"].str.contains("原有").any()
    )  # the values are told, and what became of no thing


def test_which_aggregates_may_be_summed_up_the_tree() -> None:
    for text in ("sum(a)", "count(*)", "count(a)", "SUM(case when b then a end)", "sum(a) filter (where b)"):
        assert is_sum(text), text
    for text in (
        "count(distinct a)",
        "sum(distinct a)",
        "avg(a)",
        "sum(a) / 2",
        "sum(a) + count(*)",
        "a",
        "1",
    ):
        assert not is_sum(text), text
