"""Results of earlier programs: read as results of today, left alone by reading, and carried over when a year is written.

The files were written by the programs of their time (``golden/results/README.md``).
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import duckdb
import polars as pl
import pytest
from tijian.data.generator.sample import generate
from tijian.engine.analysis.rerun import recorded
from tijian.engine.results import SCHEMAS, conform
from tijian.engine.storage.store import (
    SCHEMA_VERSION,
    StoreError,
    facts_of,
    read_frame,
    read_results,
    replace_frame,
    write_year,
    written_as,
    years,
)
from tijian.engine.storage.upgrade import STEPS
from tijian.reports.derivation import derive
from tijian.reports.view import View

from .cli_project import refused, told
from .older_results import FILES, YEAR, opened, reduced

TOWN, NAME, OTHER = "990117001", "望云街道", "沙棠镇"
every = pytest.mark.parametrize("name", FILES)
older = pytest.mark.parametrize("name", [name for name, version in FILES.items() if version < SCHEMA_VERSION])


def as_written(path: Path) -> dict[str, pl.DataFrame]:
    """Every table of the file as any DuckDB client reads it."""
    with duckdb.connect(str(path), read_only=True) as con:
        names = [row[0] for row in con.execute("SELECT table_name FROM duckdb_tables()").fetchall()]
        return {name: con.sql(f'SELECT * FROM "{name}" ORDER BY rowid').pl() for name in names}


def frames_of(path: Path) -> dict[str, pl.DataFrame]:
    """Every table of the older year as today's program reads it."""
    results = read_results(path, YEAR)
    return {name: getattr(results, name) for name in SCHEMAS if name != "runs"} | {
        "runs": read_frame(path, "runs", YEAR)
    }


def fact(path: Path, key: str) -> Any:
    return facts_of(path, YEAR).get(key)


def test_there_is_a_step_from_every_version_ever_written_and_a_file_of_each() -> None:
    assert sorted(STEPS) == list(range(1, SCHEMA_VERSION))
    assert set(FILES.values()) == set(range(1, SCHEMA_VERSION + 1))


@every
def test_what_stands_in_an_older_file_is_read_as_it_stands_there(name: str, tmp_path: Path) -> None:
    path = opened(name, tmp_path)
    before = path.read_bytes()
    assert (written_as(path), years(path)) == (FILES[name], [YEAR])
    results = read_results(path)
    assert path.read_bytes() == before, "reading changes nothing"
    assert [p.name for p in tmp_path.iterdir()] == ["results.duckdb"]
    written = as_written(path)
    for table, frame in frames_of(path).items():
        assert frame.schema == SCHEMAS[table]
        if table not in written:
            continue
        for column in set(frame.columns) & set(written[table].columns):
            then, now = written[table][column], frame[column]
            said = then.is_not_null()
            assert now.filter(said).to_list() == then.filter(said).to_list(), (table, column)
    assert (results.title, results.synthetic) == ("云湖区2026年城市体检", "合成演示数据")


@every
def test_every_score_of_an_older_file_still_adds_up_to_its_total(name: str, tmp_path: Path) -> None:
    view = View(read_results(opened(name, tmp_path)))
    for unit in ("990117", TOWN):
        whole = derive(view, unit)
        total = view.total(unit)
        assert total is not None
        assert whole.score == pytest.approx(total["score"])
        weighed = sum((part.weight or 0) * (part.score or 0) for part in whole.parts)
        present = sum(part.weight or 0 for part in whole.parts if part.score is not None)
        assert weighed / present == pytest.approx(total["score"]), "the weights are those that were in force"


def test_what_version_1_could_not_say_is_what_was_true_then(tmp_path: Path) -> None:
    path = opened("version-1", tmp_path)
    results = read_results(path)
    survey = results.survey
    assert survey["effective"].to_list() == [float(n) for n in survey["answers"]]
    assert survey["weighted"].unique().to_list() == [False]
    assert survey.filter(pl.col("answers").is_between(1, 2))["suppressed"].all()
    assert results.scores.filter(level="town")["peer_group"].unique().to_list() == ["全部街镇"]
    assert not results.scores["imputed"].any()
    assert results.scores["ministry"].null_count() == results.scores.height, "nobody graded it so"
    assert results.measurements["low"].null_count() == results.measurements.height
    assert results.tickets.is_empty()
    assert (results.walk_speed, results.edition) == (1.2, "shanghai")
    assert results.scheme.minimum_present == 0.05, "the scheme is the record's"
    sums = results.weights.group_by("level", "parent").agg(pl.col("weight").sum())
    assert sums["weight"].to_list() == pytest.approx([1.0] * sums.height)
    towns = results.weights.filter(level="town", parent="总分")
    assert towns["weight"].to_list() == pytest.approx([1 / towns.height] * towns.height)
    assert fact(path, "upgraded_from") == 1


def test_weights_that_a_project_gave_are_those_of_its_record(tmp_path: Path) -> None:
    path = opened("version-2", tmp_path)
    with duckdb.connect(str(path)) as con:
        text = con.execute("SELECT record FROM runs").fetchall()[0][0]
        record = json.loads(text)
        record["project"]["scoring"] |= {"weights": "given", "dimension_weights": {"安全韧性": 3.0}}
        con.execute("UPDATE runs SET record = ?", [json.dumps(record, ensure_ascii=False)])
        con.execute("UPDATE scores SET weight = 4 WHERE indicator = 'JK-01'")
    weights = read_results(path).weights.filter(level="town")
    total = dict(weights.filter(parent="总分").select("child", "weight").iter_rows())
    assert total["安全韧性"] == pytest.approx(3 * total["健康舒适"])
    health = weights.filter(parent="健康舒适")
    by_code = dict(health.select("child", "weight").iter_rows())
    assert by_code["JK-01"] == pytest.approx(4 * by_code["JK-02"])
    assert health["method"].unique().to_list() == ["given"]


def test_counts_of_few_people_in_files_of_before_that_rule_are_withheld(tmp_path: Path) -> None:
    for name in ("version-2", "version-3-early"):
        tickets = read_results(opened(name, tmp_path)).tickets
        few = tickets.filter(pl.col("count").is_between(1, 2))
        assert few.height > 0
        assert few["suppressed"].all()
        assert not tickets.filter(pl.col("count") == 0)["suppressed"].any()


@older
def test_writing_a_year_beside_an_older_one_makes_a_file_of_today_with_its_values(
    name: str, tmp_path: Path
) -> None:
    path = opened(name, tmp_path)
    before = frames_of(path)
    facts = facts_of(path, YEAR)
    runs = conform("runs", pl.DataFrame({"year": [2026], "run_id": ["x"], "version": ["0"], "stage": ["store"], "record": ["{}"]}))  # fmt: skip
    write_year(path, 2026, {"runs": runs}, {"title": '"新"'})
    assert (written_as(path), years(path)) == (SCHEMA_VERSION, [YEAR, 2026])
    after = frames_of(path)
    assert all(after[table].equals(frame) for table, frame in before.items())
    assert facts_of(path, YEAR) == facts
    assert fact(path, "upgraded_from") == FILES[name]


def test_what_departments_sent_back_can_be_put_into_an_older_file(tmp_path: Path) -> None:
    path = opened("version-3", tmp_path)
    remedies = read_frame(path, "remedy_list", YEAR)
    row = {"year": [YEAR], "id": [remedies["id"][0]], "department": ["区交通委"], "status": ["已整改"]}
    replace_frame(path, "returned", YEAR, conform("returned", pl.DataFrame(row)))
    assert written_as(path) == SCHEMA_VERSION
    assert read_frame(path, "returned", YEAR)["status"].to_list() == ["已整改"]
    assert read_frame(path, "remedy_list", YEAR).equals(remedies)


def test_a_newer_file_names_the_program_that_can_read_it(tmp_path: Path) -> None:
    path = opened("version-4", tmp_path)
    with duckdb.connect(str(path)) as con:
        con.execute(f"UPDATE schema_version SET version = {SCHEMA_VERSION + 1}")
        con.execute("UPDATE runs SET version = '9.1.0'")
    before = path.read_bytes()
    for use in (read_results, years, lambda p: write_year(p, 2026, {}, {})):
        with pytest.raises(
            StoreError, match=r"更新的程序写的.*请改用写它的程序（tijian 9\.1\.0）或更新的版本打开"
        ):
            use(path)
    assert path.read_bytes() == before


def test_a_year_recorded_in_other_words_cannot_be_edited_and_says_what_to_do(tmp_path: Path) -> None:
    for name in ("version-1", "version-3-early"):
        with pytest.raises(StoreError, match=r"较早版本的程序写的.*重新运行 tijian run --year 2025"):
            recorded(opened(name, tmp_path), YEAR)


@pytest.fixture(scope="module")
def next_year(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The project of the following year, cut down as those of the files were; not run."""
    folder = tmp_path_factory.mktemp("次年") / "项目"
    generate(folder, scale=0.03, years=(2026,))
    reduced(folder)
    return folder


def test_commands_show_an_older_year_and_the_next_is_run_on_top_of_it(next_year: Path) -> None:
    path = opened("version-1", next_year)
    total = dict(as_written(path)["totals"].select("unit", "score").iter_rows())
    common = ("-p", next_year, "--year", YEAR)
    assert f"{total[TOWN]:.1f}" in told("explain", *common, NAME)
    assert f"{total[TOWN]:.1f}" in told("compare", *common, NAME, OTHER)
    printed = told("report", *common, "-q", "--unit", NAME).splitlines()
    assert len(printed) == 1
    assert written_as(path) == 1
    assert "较早版本" in refused(3, "robust", *common, "--what-if", "scale=minmax")
    told("run", "-q", "-p", next_year)
    assert (written_as(path), years(path)) == (SCHEMA_VERSION, [YEAR, 2026])
    assert read_frame(path, "totals", YEAR).filter(unit=TOWN)["score"].to_list() == [total[TOWN]]
    assert read_frame(path, "reviews", 2026)["since"].min() == YEAR, "last year's problems were reviewed"
