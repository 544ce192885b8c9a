"""Runs that do again only what a change touches: nothing changed, one input changed, a kept piece spoilt."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from pathlib import Path

import duckdb
import numpy as np
import polars as pl
import pytest
from tijian.data.template import write_template
from tijian.engine.findings import Findings
from tijian.engine.intake import gather
from tijian.engine.measure import everything
from tijian.engine.results import SCHEMAS
from tijian.engine.run import Run, run
from tijian.engine.settings.project import Project, load_project
from tijian.engine.storage import unchanged as state
from tijian.engine.storage.kept import FOLDER, Kept, Piece, digest
from tijian.engine.storage.record import contents_digest
from tijian.engine.storage.store import read_frame, read_results
from tijian.engine.storage.unchanged import changes
from tijian.reports.terminal.run import changed_line

from .cli_project import YEAR, call, copy_of, fill_in, finished_sample, told


@pytest.fixture
def sample(tmp_path_factory: pytest.TempPathFactory, tmp_path: Path) -> Path:
    """The finished sample, to be changed."""
    return copy_of(finished_sample(tmp_path_factory), tmp_path)


@pytest.fixture(scope="module")
def run_once(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A small project from `tijian init`, filled in and run."""
    folder = tmp_path_factory.mktemp("kept") / "小"
    write_template(folder)
    fill_in(folder)
    ran(folder)
    return folder


@pytest.fixture
def small(run_once: Path, tmp_path: Path) -> Path:
    """The small project, to be changed: moving it is no change."""
    return Path(shutil.copytree(run_once, tmp_path / "小"))


@pytest.fixture
def done(monkeypatch: pytest.MonkeyPatch) -> dict[str, list[str]]:
    """What was read and measured, by name, rather than recalled."""
    seen: dict[str, list[str]] = {"read": [], "measured": []}

    def noting(kind: str, work: Callable[..., object], name: Callable[..., str]) -> Callable[..., object]:
        def noted(*given: object) -> object:
            seen[kind].append(name(*given))
            return work(*given)

        return noted

    monkeypatch.setattr(gather, "read_rows", noting("read", gather.read_rows, lambda name, *_: name))
    monkeypatch.setattr(
        everything,
        "measure_one",
        noting("measured", everything.measure_one, lambda indicator, *_: indicator.code),
    )
    return seen


def opened(folder: Path) -> Project:
    project = load_project(folder, Findings())
    assert project is not None
    return project


def ran(folder: Path) -> Run:
    return run(opened(folder), progress=lambda *_: None)


def stored(folder: Path) -> dict[str, pl.DataFrame]:
    names = [name for name in SCHEMAS if name != "runs"]
    return {name: read_frame(folder / "results.duckdb", name, YEAR) for name in names}


def test_only_what_a_change_touches_is_done_again(sample: Path, done: dict[str, list[str]]) -> None:
    before = stored(sample)
    state = ran(sample)
    assert done == {"read": [], "measured": []}
    after = stored(sample)
    assert all(before[name].equals(after[name]) for name in before)
    assert (
        state.findings.frame().height == before["findings"].height > 0
    )  # told again, though nothing was read

    file = next((sample / "inputs" / str(YEAR)).glob("*内涝积水点.csv"))
    file.write_bytes(b"".join(file.read_bytes().splitlines(keepends=True)[:-1]))
    state = ran(sample)
    assert done["read"] == ["flood_points"]
    reading = {i.code for i in state.library.indicators if "flood_points" in i.measure.inputs}
    assert set(done["measured"]) == reading
    assert 0 < len(reading) < 5


def test_a_changed_definition_measures_that_indicator_again(small: Path, done: dict[str, list[str]]) -> None:
    state = ran(small)
    assert done["measured"] == []
    measured = state.frames["measurements"].filter(pl.col("value") > 0)["indicator"][0]
    own = small / "indicators" / "own.toml"
    own.parent.mkdir(exist_ok=True)
    own.write_text(
        f'[[override]]\ncode = "{measured}"\nfield = "decimals"\nvalue = 3\nreason = "试算"\n',
        encoding="utf-8",
    )
    ran(small)
    assert done == {"read": [], "measured": [measured]}


@pytest.mark.parametrize("spoil", ["cut", "emptied", "gone"])
def test_a_kept_piece_that_is_spoilt_is_made_again(
    small: Path, done: dict[str, list[str]], spoil: str
) -> None:
    before = stored(small)
    for piece in (small / FOLDER / str(YEAR)).iterdir():
        for file in piece.iterdir():
            if spoil == "gone":
                file.unlink()
            else:
                file.write_bytes(b"" if spoil == "emptied" else file.read_bytes()[: file.stat().st_size // 2])
    ran(small)
    assert done["read"] == ["buildings"]
    assert stored(small)["scores"].equals(before["scores"])


def test_a_place_that_cannot_be_written_costs_nothing_but_time(
    small: Path, done: dict[str, list[str]]
) -> None:
    shutil.rmtree(small / FOLDER)
    (small / FOLDER).write_text("a file where the folder should be", encoding="utf-8")
    before = stored(small)
    ran(small)
    assert done["read"] == ["buildings"]
    assert stored(small)["totals"].equals(before["totals"])


def test_what_nothing_needs_any_more_is_forgotten(tmp_path: Path) -> None:
    first = Kept(tmp_path)
    for key in ("a", "b"):
        first.keep(key, Piece({"rows": pl.DataFrame({"x": [1]})}, {"n": key}))
    second = Kept(tmp_path)
    found = second.recall("a")
    assert found is not None
    assert found.frames["rows"].equals(pl.DataFrame({"x": [1]}))
    assert found.facts == {"n": "a"}
    second.forget_the_rest()
    assert [p.name for p in tmp_path.iterdir()] == ["a"]


def test_digests_tell_apart_what_differs() -> None:
    a, b = pl.DataFrame({"x": [1]}), pl.DataFrame({"x": [1.0]})
    assert len({digest("ab", "c"), digest("a", "bc"), digest(a), digest(b), digest(a, a), digest(None)}) == 6
    assert digest(a, "x") == digest(pl.DataFrame({"x": [1]}), "x")


def test_a_run_with_nothing_changed_says_so_and_does_no_work(small: Path) -> None:
    results = small / "results.duckdb"
    before = results.stat()
    (small / "使用手册.pdf").write_bytes(b"%PDF-1.7")  # what is printed is no input, wherever it lies
    out = told("run", "-q", "-p", small)
    assert "没有重新计算" in out
    assert "区级" in out  # the summary is there all the same
    assert contents_digest(read_results(results)) in out
    assert (results.stat().st_mtime_ns, results.stat().st_ino) == (before.st_mtime_ns, before.st_ino)


FORM = "inputs/2026/住宅楼栋调查表.xlsx"
ANSWER = "INSERT INTO returned (year, id, status, file) VALUES ({}, 'x', '{}', '建委.xlsx')"
LAST_YEAR = "INSERT INTO runs (year, run_id) VALUES (2025, 'x')"
CHANGES: dict[str, tuple[Callable[[Path], object], str]] = {
    "settings": (lambda folder: _append(folder / "tijian.toml", "\n# 改\n"), "tijian.toml"),
    "input": (lambda folder: _append(folder / "names.csv", "\n"), "项目里的文件（改动 names.csv）"),
    "input gone": (lambda folder: (folder / FORM).unlink(), f"项目里的文件（少了 {FORM}）"),
    "many files": (
        lambda folder: [_append(folder / f"{n}.txt", "") for n in range(5)],
        "项目里的文件（新增 0.txt、1.txt、2.txt 等 5 个）",
    ),
    "own indicators": (
        lambda folder: _append(folder / "indicators" / "x.toml", "# 无\n"),
        "本区的指标定义（新增 indicators/x.toml）",
    ),
    "written by an older program": (
        lambda folder: _edit(folder, "DELETE FROM facts WHERE key = 'state'"), "程序（tijian 或它所用的库）"
    ),
    "an earlier year": (lambda folder: _edit(folder, LAST_YEAR), "往年的结果（新增 2025 年）"),
    "several": (
        lambda folder: [_append(folder / "tijian.toml", "\n"), _append(folder / "备注.txt", "")],
        "tijian.toml；项目里的文件（新增 备注.txt）",
    ),
}  # fmt: skip


@pytest.mark.parametrize(("change", "said"), CHANGES.values(), ids=CHANGES.keys())
def test_any_change_in_the_folder_or_in_earlier_years_is_a_change_and_is_named(
    small: Path, change: Callable[[Path], object], said: str
) -> None:
    assert changes(opened(small)) == ()
    change(small)
    found = changes(opened(small))
    assert found
    assert changed_line(found).plain == f"自上次运行后变化：{said}。重新计算。"


def test_another_program_and_other_shipped_definitions_are_told_apart(
    small: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for part, said in (("program", "程序（tijian 或它所用的库）"), ("definitions", "随程序的指标定义")):
        with monkeypatch.context() as patched:
            patched.setattr(state, part, lambda: "another")
            found = changes(opened(small))
        assert found
        assert changed_line(found).plain == f"自上次运行后变化：{said}。重新计算。"


def test_last_years_answers_are_a_change_and_this_years_or_a_blank_form_are_none(small: Path) -> None:
    _edit(small, LAST_YEAR)
    kept = json.dumps(state.state_of(opened(small))).replace("'", "''")
    _edit(
        small, f"UPDATE facts SET value = '{kept}' WHERE key = 'state'"
    )  # as if the run had known that year
    for year, status in ((YEAR, "已整改"), (YEAR - 1, "未启动")):
        _edit(small, ANSWER.format(year, status))
        assert changes(opened(small)) == ()
    _edit(small, f"UPDATE returned SET status = '整改中' WHERE year = {YEAR - 1}")
    found = changes(opened(small))
    assert found
    assert changed_line(found).plain == "自上次运行后变化：回收的整改表（1 份）。重新计算。"


def test_a_year_that_was_not_run_yet_has_no_run_to_have_changed_since(small: Path) -> None:
    assert changes(opened(small).for_year(YEAR + 1)) is None


def test_what_a_run_itself_writes_is_no_change_nor_is_a_move(small: Path) -> None:
    (small / "out" / str(YEAR)).mkdir(parents=True, exist_ok=True)
    (small / "out" / str(YEAR) / "报告.pdf").write_bytes(b"%PDF")
    assert changes(opened(small)) == ()
    assert changes(opened(small.rename(small.with_name("搬家")))) == ()


def test_check_recalls_and_writes_nothing(small: Path) -> None:
    shutil.rmtree(small / FOLDER)
    before = sorted(p for p in small.rglob("*"))
    assert call("check", "-q", "-p", small).returncode == 0
    assert sorted(p for p in small.rglob("*")) == before


def _append(path: Path, text: str) -> None:
    path.parent.mkdir(exist_ok=True)
    with path.open("a", encoding="utf-8") as file:
        file.write(text)


def _edit(folder: Path, sql: str) -> None:
    with duckdb.connect(str(folder / "results.duckdb")) as con:
        con.execute(sql)


def test_the_digest_of_a_frame_knows_nothing_of_what_lies_where_a_value_is_missing() -> None:
    values, mask = np.array([1.0, 2.0, 3.0]), [True, False, True]
    one, other = (
        pl.DataFrame(
            {
                "x": pl.Series(values)
                .set(pl.Series([not m for m in mask]), gap)
                .set(pl.Series([not m for m in mask]), None)
            }
        )
        for gap in (7.0, 9.0)
    )
    assert digest(one) == digest(other) == digest(pl.DataFrame({"x": [1.0, None, 3.0]}))
