"""A year from the command line, on the sample: checking, running, and what is left behind when it goes wrong."""

import json
import os
import re
import signal
import subprocess
import time
from hashlib import sha256
from pathlib import Path
from shutil import rmtree

import duckdb
import polars as pl
import pytest
from polars.testing import assert_frame_equal
from tijian.data.generator.sample import generate
from tijian.engine.results import SCHEMAS

from .cli_project import COMMAND, YEAR, YEARS, call, copy_of, finished_sample, refused, told

STORE = "results.duckdb"
KEPT = ".tijian"


@pytest.fixture(scope="module")
def sample(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return finished_sample(tmp_path_factory)


@pytest.fixture
def project(sample: Path, tmp_path: Path) -> Path:
    """The finished sample, to be changed."""
    return copy_of(sample, tmp_path)


@pytest.fixture
def outdated(project: Path) -> Path:
    """The same with something new in its folder, so that there is something to run."""
    (project / "备注.txt").write_text("新放进来的文件", encoding="utf-8")
    return project


def tables(folder: Path) -> dict[str, pl.DataFrame]:
    """Every table of the results, as a plain DuckDB client reads it."""
    with duckdb.connect(str(folder / STORE), read_only=True) as con:
        names = [r[0] for r in con.sql("SELECT table_name FROM duckdb_tables() ORDER BY 1").fetchall()]
        return {name: con.sql(f'SELECT * FROM "{name}" ORDER BY rowid').pl() for name in names}


def record(folder: Path, year: int = YEAR) -> tuple[str, dict]:
    """The id and the record of a year's run."""
    row = tables(folder)["runs"].filter(year=year).row(0, named=True)
    return row["run_id"], json.loads(row["record"])


def contents(folder: Path) -> dict[str, bytes]:
    return {str(p.relative_to(folder)): p.read_bytes() for p in sorted(folder.rglob("*")) if p.is_file()}


# ---- check ---------------------------------------------------------------------------------------------------


def test_check_finds_exactly_the_planted_faults_and_all_at_once(tmp_path: Path) -> None:
    generate(tmp_path / "样", scale=0.1, faults="errors")
    done = call("check", "--format", "json", cwd=tmp_path / "样")
    assert done.returncode == 1
    assert done.stderr == ""
    found = json.loads(done.stdout)
    assert {frozenset(row) for row in found} == {
        frozenset(["code", "level", "file", "sheet", "row", "column", "value", "expected", "message"])
    }
    key = pl.read_csv(tmp_path / "样" / "answers.csv")
    assert sorted((r["row"] or 0, r["column"] or "", r["code"]) for r in found) == sorted(
        (r["row"] or 0, r["column"] or "", r["code"]) for r in key.to_dicts()
    )
    assert {r["level"] for r in found} == {"error", "warning"}
    assert all(r["level"] == k for r in found for k in {key.filter(code=r["code"])["level"][0]})


def test_check_writes_nothing_and_warnings_alone_are_no_failure(sample: Path) -> None:
    before = contents(sample)
    done = call("check", "--quiet", "-p", sample)
    assert done.returncode == 0
    assert done.stderr == ""
    assert "共 0 处错误" in done.stdout
    assert contents(sample) == before


# ---- run -----------------------------------------------------------------------------------------------------


def test_a_run_stopped_early_writes_nothing(project: Path) -> None:
    before = contents(project)
    assert "有值" in told("run", "--until", "measure", "-q", "-p", project)
    assert contents(project) == before


def test_a_run_made_again_elsewhere_gives_the_same_tables_and_the_same_id(
    sample: Path, project: Path
) -> None:
    rmtree(project / KEPT)  # nothing recalled
    with duckdb.connect(str(project / STORE)) as con:
        con.execute("DELETE FROM facts WHERE key = 'state' AND year = 2026")  # nor found unchanged
    elsewhere = {"PYTHONHASHSEED": "1", "TZ": "America/New_York", "POLARS_MAX_THREADS": "1"}
    subprocess.run([COMMAND, "run", "-q", "-p", project], check=True, env=os.environ | elsewhere)
    again, first = tables(project), tables(sample)
    assert set(SCHEMAS) <= set(first)
    for name, frame in first.items():
        # a rerun writes its year behind the others: the order within a year is what must stay
        years = YEARS if "year" in frame.columns else (None,)
        for year in years:
            one, two = (f if year is None else f.filter(year=year) for f in (frame, again[name]))
            assert_frame_equal(one, two)


def digest_of(path: Path) -> str:
    """What ``sha256sum`` says of a file; of a shapefile, of the list of its parts with theirs."""
    if path.suffix != ".shp":
        return sha256(path.read_bytes()).hexdigest()
    parts = sorted(path.parent.glob(f"{path.stem}.*"))
    return sha256(
        "".join(f"{p.suffix} {sha256(p.read_bytes()).hexdigest()}\n" for p in parts).encode()
    ).hexdigest()


def test_the_record_holds_inputs_definitions_and_choices(sample: Path) -> None:
    run, made = record(sample)
    assert set(made) == {"version", "project", "inputs", "indicators", "forms", "crs", "judgements"}
    for source in made["inputs"]:
        assert digest_of(sample / source["file"]) == source["sha256"], source
    named = {Path(s["file"]).name for s in made["inputs"]}
    assert {"单元名录.xlsx", "names.csv", "corrections.toml", "边界.gpkg", "住宅楼栋调查表.xlsx"} <= named
    assert {i["code"] for i in made["indicators"]} == set(
        tables(sample)["indicators"].filter(year=YEAR)["code"]
    )
    assert all(i["measure"]["method"] and i["definition"] for i in made["indicators"])
    assert {"scoring", "diagnosis", "lists", "inputs", "topics"} <= set(made["project"])
    assert made["project"]["project"]["year"] == YEAR
    assert run != record(sample, YEARS[0])[0]


def test_a_value_and_its_peers_median_are_told_to_as_many_digits(sample: Path) -> None:
    said = tables(sample)["shortfalls"]["because"].unique().to_list()
    pairs = [p for text in said for p in re.findall(r"（\D*?([\d.]+)[^\d（）]*?，同级中位([\d.]+)", text)]
    assert pairs
    assert [
        (own, median) for own, median in pairs if len(own.partition(".")[2]) != len(median.partition(".")[2])
    ] == []


def test_a_changed_choice_and_a_changed_input_change_the_id(sample: Path, project: Path) -> None:
    file = project / "tijian.toml"
    text = file.read_text(encoding="utf-8")
    changed = text.replace("perceived_share = 0.2", "perceived_share = 0.3")
    assert changed != text
    file.write_text(changed, encoding="utf-8")
    told("run", "-q", "-p", project)
    assert record(project)[0] != record(sample)[0]
    assert record(project)[1]["project"]["scoring"]["perceived_share"] == 0.3
    assert record(project, YEARS[0]) == record(sample, YEARS[0])


def test_an_error_in_the_input_leaves_the_earlier_results_untouched(project: Path) -> None:
    before = (project / STORE).read_bytes()
    (project / "inputs" / str(YEAR) / "城市桥梁检测表.xlsx").write_bytes(b"not a workbook")
    (project / "inputs" / str(YEAR) / "公园绿地.shp").unlink()
    done = call("run", "-q", "-p", project, columns=220)
    assert done.returncode == 1
    assert "城市桥梁检测表.xlsx" in done.stdout
    assert "公园绿地.shp" in done.stdout
    assert (project / STORE).read_bytes() == before
    assert not (project / "out").exists()


def start(project: Path) -> subprocess.Popen[bytes]:
    return subprocess.Popen(
        [COMMAND, "run", "-q", "-p", project], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    )


def wait_for(condition, process: subprocess.Popen[bytes]) -> None:
    """Until ``condition()`` holds; the run must still be going on then."""
    while not condition():
        assert process.poll() is None, "the run ended before the moment looked for"
        time.sleep(0.002)


def test_a_run_killed_at_any_moment_leaves_the_last_results_whole(outdated: Path) -> None:
    project = outdated
    before = (project / STORE).read_bytes()
    lock = project / ".tijian.lock"
    moments = {
        "just begun": lambda: lock.is_file() and lock.read_text() != "",
        "while writing": lambda: any(project.glob(f".{STORE}.*.tmp")),
    }
    for condition in moments.values():
        process = start(project)
        try:
            wait_for(condition, process)
        finally:
            process.send_signal(signal.SIGKILL)
            process.wait()
        assert (project / STORE).read_bytes() == before
    told("explain", "990117", "AQ-01", "-p", project)
    told("run", "-q", "-p", project)  # a dead holder's lock is free
    assert [p.name for p in project.glob(f".{STORE}.*")] == []  # and what it left is cleared away


def test_a_second_run_at_once_is_told_who_holds_the_project(outdated: Path) -> None:
    project = outdated
    process = start(project)
    lock = project / ".tijian.lock"
    try:
        wait_for(lambda: lock.is_file() and lock.read_text() == str(process.pid), process)
        os.kill(process.pid, signal.SIGSTOP)
        said = refused(3, "run", "-q", "-p", project)
    finally:
        process.kill()
        process.wait()
    assert f"进程 {process.pid}" in said


def test_an_interrupted_run_says_that_nothing_was_changed(outdated: Path) -> None:
    project = outdated
    before = (project / STORE).read_bytes()
    before_us = signal.signal(
        signal.SIGINT, signal.default_int_handler
    )  # a job in the background inherits deafness
    process = subprocess.Popen([COMMAND, "run", "-q", "-p", project], stderr=subprocess.PIPE, text=True)
    signal.signal(signal.SIGINT, before_us)
    lock = project / ".tijian.lock"
    wait_for(lambda: lock.is_file() and lock.read_text() != "", process)
    process.send_signal(signal.SIGINT)
    assert process.communicate()[1] == "已中断，原有结果未动\n"
    assert process.returncode == 130
    assert (project / STORE).read_bytes() == before
