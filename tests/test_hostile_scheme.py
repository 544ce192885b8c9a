"""What a careless or hostile hand writes into the scheme, the units table and the results file is refused in plain words."""

from __future__ import annotations

import re
from pathlib import Path

import duckdb
import polars as pl
import pytest
from tijian.engine.evidence import PREDECESSORS
from tijian.engine.findings import Findings
from tijian.engine.intake.predecessors import check_predecessors, read_predecessors
from tijian.engine.scoring.scheme_check import check_minimums
from tijian.engine.settings.project import load_project
from tijian.engine.settings.scheme import Scoring, SmallNumbers
from tijian.engine.storage.store import SCHEMA_VERSION, StoreError, read_results, write_year, years
from tijian.engine.years.earlier import report_unknown_predecessors

from .cli_project import call, fill_in

HEAD = '[project]\nname = "某区"\ndistrict = "310199"\nyear = 2026\n[units]\nfile = "单元名录.csv"\n'
A, B, OLD = "310199001001", "310199001002", "310199001009"


def refused(folder: Path, settings: str) -> str:
    """What the reader of the project file says would be right; it must say something and stay Chinese."""
    (folder / "tijian.toml").write_text(HEAD + settings, encoding="utf-8")
    findings = Findings()
    assert load_project(folder, findings) is None, settings
    told = "；".join(f"{f.place.column} {f.message} {f.expected}" for f in findings)
    assert not re.search(r"Input|should|Tuple|valid ", told), told
    return told


@pytest.mark.parametrize(
    "settings",
    [
        "power = inf", "power = nan", "dimension_weights = { 甲 = inf }", "weighting = { entropy_shift = inf }",
        "outliers = { skew = inf }", "indicators = { JT-03 = { low = nan } }", "indicators = { JT-03 = { reference = inf } }",
    ],
)  # fmt: skip
def test_no_setting_is_infinite_or_not_a_number(tmp_path: Path, settings: str) -> None:
    text = settings.replace("甲", '"甲"')
    assert re.search("有限的数|不小于|不大于|大于", refused(tmp_path, f"[scoring]\n{text}\n"))


@pytest.mark.parametrize(
    ("section", "setting"),
    [
        ("budget", "total = inf"), ("screening", "history = inf"), ("screening", "peers = 1e400"),
        ("small_numbers", "minimum = { JT-03 = { town = nan } }"), ("small_numbers", "minimum = { JT-03 = { town = -3 } }"),
    ],
)  # fmt: skip
def test_nor_is_one_beside_the_scheme(tmp_path: Path, section: str, setting: str) -> None:
    refused(tmp_path, f"[{section}]\n{setting}\n")


@pytest.mark.parametrize(
    ("setting", "right"),
    [
        ("draws = 1000000000", "不大于 100000"), ("dimension_weights = { a = 1e308 }", "不大于 1000000"), ("seed = -1", "不小于 0"), ("spread = 1e-300", "不小于 0.001"),
        ("grades = []", "至少写一级"), ('grades = [["优", 90], ["差", 60]]', "不高于 0"), ('grades = [["优", nan], ["差", -inf]]', "分数线"),
        ('grades = [["优", 120], ["差", 0]]', "不高于 100"), ('grades = [["优", 90], ["优", 0]]', "不重复"), ('grades = [["优", 1, 2]]', "不多于 2 项"),
        ('ministry = { cuts = [["很好", 300], ["较好", 200], ["一般", 150], ["不足", 0]] }', "不高于 100"),
        ('weighting = { blend = ["ahp", "entropy", "pca"] }', "不多于 2 项"), ("minimum_present = 0", "大于 0"),
    ],
)  # fmt: skip
def test_a_setting_that_could_not_work_is_refused_with_what_would(
    tmp_path: Path, setting: str, right: str
) -> None:
    assert right in refused(tmp_path, f"[scoring]\n{setting}\n")


def test_two_grades_are_enough() -> None:
    assert Scoring(grades=(("合格", 60), ("不合格", float("-inf")))).grades[-1][1] == float("-inf")


def test_so_many_sobol_points_that_memory_ends_are_refused(tmp_path: Path) -> None:
    assert "不大于 65536" in refused(tmp_path, "[robustness]\nsamples = 1073741824\n")


def test_a_chinese_key_without_quotes_is_told_how_to_be_written(tmp_path: Path) -> None:
    said = refused(tmp_path, "[scoring.dimension_weights]\n生态宜居 = 2\n")
    assert "含中文的键名没有加引号" in said
    assert '"生态宜居" = 2' in said


def test_peers_in_groups_need_groups_and_groups_need_units(tmp_path: Path) -> None:
    assert "写出各组的单元" in refused(tmp_path, '[small_numbers]\npeers = "groups"\n')
    assert "“甲”没有写单元" in refused(
        tmp_path, '[small_numbers]\npeers = "groups"\n[small_numbers.groups]\n"甲" = []\n'
    )


def test_a_smallest_denominator_of_no_indicator_is_told() -> None:
    findings = Findings()
    check_minimums(SmallNumbers(minimum={"XX-99": {"town": 3}}), (), findings)
    assert [(f.code, f.value) for f in findings] == [("P025", "XX-99")]


# ---- boundary changes ------------------------------------------------------------------------------------


def units_table(*rows: tuple[str, str, str]) -> pl.DataFrame:
    """The units table as read: code, predecessor, share."""
    raw = pl.DataFrame(rows, schema=["code", "predecessor", "share"], orient="row")
    return raw.with_columns(
        _file=pl.lit("单元名录.csv"), _sheet=pl.lit(""), _row=pl.int_range(2, raw.height + 2)
    )


LEVELS = pl.DataFrame({"code": ["310199001", A, B], "level": ["town", "community", "community"]})


def told_of(*rows: tuple[str, str, str]) -> list[tuple[str, str, int | None]]:
    findings, raw = Findings(), units_table(*rows)
    check_predecessors(read_predecessors(raw, findings), LEVELS, raw, findings)
    return [(f.code, str(f.value), f.place.row) for f in findings]


@pytest.mark.parametrize("share", ["60%", "60 %", "６０％", "0.6", "０.６"])
def test_a_share_may_be_written_in_any_width(share: str) -> None:
    assert read_predecessors(units_table((A, OLD, share)), Findings())["share"].to_list() == [0.6]


def test_a_share_of_no_code_is_not_passed_over() -> None:
    assert told_of((A, "", "0.5")) == [("U010", "0.5", 2)]


def test_a_town_does_not_become_a_community() -> None:
    assert told_of((A, "310199001", "")) == [("U013", "310199001", 2)]


def test_a_predecessor_that_still_exists_must_say_what_it_kept() -> None:
    assert told_of((A, B, "0.4"), (B, "", "")) == [("U015", "0.4", 2), ("U014", B, 2)]
    assert told_of((A, f"{A}、{B}", "1、0.4"), (B, B, "0.6")) == []
    assert told_of((A, B, ""), (B, A, "")) == [], "codes may be exchanged"
    assert told_of((A, A, "")) == [], "and a unit be its own predecessor"


# ---- the results file ------------------------------------------------------------------------------------


@pytest.fixture
def results_file(tmp_path: Path) -> Path:
    path = tmp_path / "results.duckdb"
    write_year(path, 2025, {"units": LEVELS}, {"title": '"某区"'})
    return path


def test_a_predecessor_of_another_level_last_year_is_told(results_file: Path) -> None:
    runs = pl.DataFrame({"run_id": ["x"]})
    old = pl.DataFrame({"code": ["310199008", OLD], "level": ["town", "community"]})
    write_year(results_file, 2025, {"units": old, "runs": runs}, {"title": '"某区"'})
    changed = pl.DataFrame([(A, "310199008", 1.0), (B, OLD, 1.0)], schema=PREDECESSORS, orient="row")
    findings = Findings()
    report_unknown_predecessors(results_file, 2026, changed, LEVELS, findings)
    assert [(f.code, f.value) for f in findings] == [("U013", "310199008")]


@pytest.mark.parametrize(
    ("done", "says"),
    [
        (f"UPDATE schema_version SET version = {SCHEMA_VERSION + 1}", rf"第 {SCHEMA_VERSION + 1} 版，本程序 tijian .+ 只认到第 {SCHEMA_VERSION} 版。请改用"),
        ("DELETE FROM schema_version", "没有可用的版本号"),
    ],
)  # fmt: skip
def test_results_of_a_newer_or_no_version_are_neither_read_nor_overwritten(
    results_file: Path, done: str, says: str
) -> None:
    with duckdb.connect(str(results_file)) as con:
        con.execute(done)
    before = results_file.read_bytes()
    for use in (years, read_results, lambda path: write_year(path, 2026, {}, {})):
        with pytest.raises(StoreError, match=says):
            use(results_file)
    assert results_file.read_bytes() == before
    assert [p.name for p in results_file.parent.iterdir()] == ["results.duckdb"]


def test_a_file_that_is_no_results_file_stops_check_and_forms_in_one_line(tmp_path: Path) -> None:
    folder = tmp_path / "项目"
    assert call("init", folder).returncode == 0
    fill_in(folder)
    (folder / "results.duckdb").write_bytes(b"SQLite format 3\x00" + bytes(84))
    for command in ("check", "forms"):
        done = call(command, "-q", "-p", folder)
        assert done.returncode == 3, done.stdout + done.stderr
        assert done.stderr.startswith("结果库打不开")
        assert len(done.stderr.splitlines()) == 1
        assert "extensions.duckdb.org" not in done.stderr, "nothing is fetched"
