"""Declared fixes: they mend what they name, and one that no longer matches stops the run."""

from __future__ import annotations

from pathlib import Path

import polars as pl
import pytest
from tijian.engine.findings import Findings, InputError
from tijian.engine.intake.corrections import apply_corrections, load_corrections, report_unmatched
from tijian.engine.run import run
from tijian.engine.settings.project import load_project

from .bad_input.small_project import make

HEAD = 'input = "buildings"\nreason = "多打了一个 8"\nby = "区房管局"\ndate = 2026-05-20\n'
RAW = pl.DataFrame(
    {"building_id": ["B-1", "B-2", "B-3"], "built_year": ["19885", "1990", None], "_file": "inputs/2026/楼栋.xlsx",
     "_sheet": "", "_row": [2, 3, 4]}
)  # fmt: skip
HEADERS = {"building_id": "楼栋编号", "built_year": "建成年份"}


def fixed(
    tmp_path: Path, *entries: str, files: dict[str, list[str]] | None = None
) -> tuple[pl.DataFrame, Findings]:
    path = tmp_path / "corrections.toml"
    path.write_text("\n".join(f"[[correction]]\n{HEAD}{e}\n" for e in entries), encoding="utf-8")
    findings = Findings()
    corrections = load_corrections(path, findings, {"buildings": "住宅楼栋", "estates": "小区"})
    mended = apply_corrections(RAW, "buildings", corrections, HEADERS)
    report_unmatched(
        corrections, {"buildings": ["inputs/2026/楼栋.xlsx"]} if files is None else files, findings
    )
    return mended, findings


def test_a_fix_replaces_the_one_value_it_names(tmp_path: Path) -> None:
    mended, findings = fixed(
        tmp_path, 'match = { building_id = "Ｂ-1" }\ncolumn = "built_year"\nexpect = "19885"\nvalue = "1985"'
    )
    assert mended["built_year"].to_list() == ["1985", "1990", None]
    assert len(findings) == 0


def test_a_fix_may_drop_a_row(tmp_path: Path) -> None:
    mended, findings = fixed(tmp_path, 'match = { building_id = "B-2" }\ndrop = true')
    assert mended["building_id"].to_list() == ["B-1", "B-3"]
    assert len(findings) == 0


@pytest.mark.parametrize(
    "entry",
    [
        'match = { building_id = "B-1" }\ncolumn = "built_year"\nexpect = "1988"\nvalue = "1985"',  # it says 19885 now
        'match = { building_id = "B-9" }\ncolumn = "built_year"\nexpect = "19885"\nvalue = "1985"',
        'match = { building_id = "B-1" }\ncolumn = "no_such"\nexpect = "19885"\nvalue = "1985"',
    ],
)
def test_a_fix_that_meets_nothing_stops_the_run(tmp_path: Path, entry: str) -> None:
    mended, findings = fixed(tmp_path, entry)
    assert mended.equals(RAW)
    assert [(f.code, f.level, f.place.file) for f in findings] == [("C002", "error", "corrections.toml")]


def test_a_fix_of_another_years_file_says_nothing(tmp_path: Path) -> None:
    entry = 'file = "2025/楼栋.xlsx"\nmatch = { building_id = "B-1" }\ncolumn = "built_year"\nexpect = "19885"\nvalue = "1985"'
    mended, findings = fixed(tmp_path, entry)
    assert mended.equals(RAW)
    assert len(findings) == 0


@pytest.mark.parametrize(
    ("entry", "words"),
    [
        ('match = { building_id = "B-1" }\ncolumn = "built_year"', "恰写一个"),
        ('match = { building_id = "B-1" }\nvalue = "1"', "column"),
        ('match = { building_id = "B-1" }\ndrop = true\nwho = "x"', "who"),
    ],
)
def test_a_fix_written_wrongly_is_told(tmp_path: Path, entry: str, words: str) -> None:
    _, findings = fixed(tmp_path, entry)
    assert [f.code for f in findings] == ["C001"]
    assert words in findings.rows[0].message


@pytest.mark.parametrize("written", ["expect = 19885\nvalue = 1985", 'expect = "19885"\nvalue = "1985"'])
def test_a_number_may_stand_without_quotation_marks(tmp_path: Path, written: str) -> None:
    mended, findings = fixed(tmp_path, f'match = {{ building_id = "B-1" }}\ncolumn = "built_year"\n{written}')
    assert mended["built_year"][0] == "1985"
    assert len(findings) == 0


@pytest.mark.parametrize(
    ("cell", "expect", "value", "becomes"),
    [
        ("30.50", "30.50", "30.5", "30.5"),  # as it is written, not as it is reckoned
        ("TRUE", "true", "false", "否"),
        ("否", "false", "true", "是"),
        ("2026/5/8", "2026-05-08", "2026-05-09", "2026-05-09"),
    ],
)
def test_numbers_logicals_and_days_are_taken_as_what_they_say(
    tmp_path: Path, cell: str, expect: str, value: str, becomes: str
) -> None:
    raw = RAW.with_columns(built_year=pl.Series([cell, "1990", None]))
    text = f"[[correction]]\n{HEAD}match = {{ built_year = {expect} }}\n"
    text += f'column = "built_year"\nexpect = {expect}\nvalue = {value}\n'
    (tmp_path / "corrections.toml").write_text(text, encoding="utf-8")
    findings = Findings()
    corrections = load_corrections(tmp_path / "corrections.toml", findings, {"buildings": ""})
    mended = apply_corrections(raw, "buildings", corrections, HEADERS)
    assert mended["built_year"].to_list() == [becomes, "1990", None]
    assert len(findings) == 0


def test_a_number_with_noughts_before_it_is_a_code_and_no_number(tmp_path: Path) -> None:
    raw = RAW.with_columns(building_id=pl.Series(["007", "7", "B-3"]))
    (tmp_path / "corrections.toml").write_text(
        f"[[correction]]\n{HEAD}match = {{ building_id = 7 }}\ndrop = true\n", encoding="utf-8"
    )
    corrections = load_corrections(tmp_path / "corrections.toml", Findings(), {"buildings": ""})
    assert apply_corrections(raw, "buildings", corrections, HEADERS)["building_id"].to_list() == [
        "007",
        "B-3",
    ]


def test_the_number_and_the_line_are_those_of_the_file_when_one_before_is_at_fault(tmp_path: Path) -> None:
    _, findings = fixed(
        tmp_path, 'match = { building_id = "B-2" }', 'match = { building_id = "B-9" }\ndrop = true'
    )
    told = {f.code: f for f in findings}
    assert "第 2 条" in told["C002"].message
    assert told["C002"].place.row == 13
    assert told["C002"].value == 'building_id = "B-9"'


def test_dropping_every_row_is_refused(tmp_path: Path) -> None:
    mended, findings = fixed(tmp_path, "match = {}\ndrop = true")
    assert mended.equals(RAW)
    assert [f.code for f in findings] == ["C001"]


def test_what_was_missed_is_told_the_same_from_what_an_earlier_run_kept(tmp_path: Path) -> None:
    small = make(tmp_path / "项目")
    small.replace("corrections.toml", '"B-8"', '"B-88"')
    told = []
    for _ in range(2):
        project = load_project(small.folder, Findings())
        assert project is not None
        with pytest.raises(InputError) as fault:
            run(project, until="measure", progress=lambda *_: None)
        told.append([f for f in fault.value.findings if f.code == "C002"])
    assert told[0] == told[1]
    assert "“B-8”" in told[0][0].expected
