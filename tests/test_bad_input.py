"""Bad input is told where it stands and stops a run before anything is written; see tests/bad_input/ for the cases."""

from __future__ import annotations

import json
import re
from pathlib import Path
from shutil import copytree

import duckdb
import pytest
from tijian.engine.findings import Findings, catalogue
from tijian.engine.results import SCHEMAS
from tijian.engine.run import run
from tijian.engine.settings.project import load_project

from .bad_input.cases import Case
from .bad_input.outcome import CASES, finished, outcome, standing
from .bad_input.people import SECRETS
from .bad_input.small_project import Small
from .bad_input.table import PAGE
from .cli_project import call

BY_COMMAND = ("xlsx_with_a_password", "pipe_as_file", "sql_reads_a_file", "file_outside")


@pytest.fixture(scope="module")
def good(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The small project after a good run."""
    return finished(tmp_path_factory.mktemp("bad input") / "good")


@pytest.mark.parametrize("case", CASES, ids=lambda case: f"{case.group}-{case.name}")
def test_what_is_wrong_is_told_where_it_stands_and_nothing_is_written(
    case: Case, good: Path, tmp_path: Path
) -> None:
    folder = tmp_path / "项目"
    found = outcome(case, good, folder)
    assert found.told(folder) == case.told
    assert found.after == found.before
    assert found.stopped == any(catalogue()[code].level == "error" for *_, code in case.told)
    for finding in found.findings:
        assert finding.place.file
        assert finding.expected or finding.kind.remedy
        assert re.search(r"[\u4e00-\u9fff]", finding.message)
        assert not re.search(r"Error|Traceback|/tmp/bi", finding.message.replace("Errors", ""))
    said = "".join(f.message + f.expected for f in found.findings)
    assert [words for words in case.says if words not in said] == []


def test_there_are_enough_cases_and_each_has_a_name_of_its_own() -> None:
    assert (
        len({(case.group, case.name) for case in CASES})
        == len({case.title for case in CASES})
        == len(CASES)
        >= 120
    )
    assert sum(any(catalogue()[code].level == "error" for *_, code in case.told) for case in CASES) >= 120


@pytest.mark.parametrize("name", BY_COMMAND)
def test_the_command_says_the_same_and_exits_with_1(name: str, good: Path, tmp_path: Path) -> None:
    case = next(case for case in CASES if case.name == name)
    folder = tmp_path / "项目"
    copytree(good, folder, symlinks=True)
    case.plant(Small(folder))
    before = standing(folder)
    told = call("check", "-p", folder, "--format", "json")
    assert told.returncode == 1, told.stderr
    places = [(f["file"], f["sheet"], f["row"], f["column"], f["code"]) for f in json.loads(told.stdout)]
    assert set(case.told) <= set(places)
    refused = call("run", "-q", "-p", folder)
    assert refused.returncode == 1, refused.stderr
    assert all(code in refused.stdout + refused.stderr for *_, code in case.told)
    assert standing(folder) == before


def test_personal_numbers_are_neither_stored_nor_printed(good: Path, tmp_path: Path) -> None:
    folder = tmp_path / "项目"
    copytree(good, folder)
    small = Small(folder)
    small.add(
        "inputs/工单.csv",
        *(
            ["S" + str(i), "东街道", "噪声", f"身份证{s}，急", "2026-03-01"]
            for i, s in enumerate(SECRETS[:-1])
        ),
    )
    small.put("inputs/问卷.xlsx", I3="联系我13812345678、13987654321")
    small.put("inputs/楼栋.xlsx", D3="张三13812345678")
    small.replace("inputs/公园.geojson", "东园", "东园 13812345678")
    project = load_project(folder, Findings())
    assert project is not None
    state = run(project, progress=lambda *_: None)
    hidden = [
        re.sub(r"\D", "", s) for s in ("13812345678", "13987654321", "310101199003071", "310101900307123")
    ]
    with duckdb.connect(str(folder / "results.duckdb"), read_only=True) as con:
        stored = "".join(str(con.execute(f'SELECT * FROM "{name}"').fetchall()) for name in SCHEMAS)
    told = "".join(f.message + f.value for f in state.findings)
    assert [s for s in [*hidden, "１３８１２３４５６７８", "138 1234 5678"] if s in stored + told] == []
    assert "［已隐去］" in stored
    written = [p for p in folder.rglob("*") if p.is_file() and "inputs" not in p.parts]
    leaks = [p.name for p in written for s in hidden if s.encode() in p.read_bytes()]
    assert leaks == []


def test_the_page_of_bad_input_is_current(root: Path) -> None:
    """Every case stands there with the codes it declares; the words are made by ``scripts/make_bad_input.py``."""
    text = (root / PAGE).read_text(encoding="utf-8")
    lines = [
        line
        for line in text.splitlines()
        if line.startswith("| ") and not line.startswith(("| case", "| ---"))
    ]
    titles = [line[2:].split(" | ")[0] for line in lines]
    assert sorted(titles) == sorted(case.title for case in CASES)
    codes = {line[2:].split(" | ")[0]: re.findall(r"\*\*([A-Z]\d{3})\*\*", line) for line in lines}
    assert {c.title: codes[c.title] for c in CASES if codes[c.title] != [t[4] for t in c.told[:3]]} == {}
