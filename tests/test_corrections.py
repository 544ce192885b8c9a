"""Declared fixes: they mend what they name, and one that no longer matches stops the run."""

from __future__ import annotations

from pathlib import Path

import polars as pl
import pytest
from tijian.engine.findings import Findings
from tijian.engine.intake.corrections import apply_corrections, load_corrections, report_unmatched

HEAD = 'input = "buildings"\nreason = "多打了一个 8"\nby = "区房管局"\ndate = 2026-05-20\n'
RAW = pl.DataFrame(
    {"building_id": ["B-1", "B-2", "B-3"], "built_year": ["19885", "1990", None], "_file": "inputs/2026/楼栋.xlsx",
     "_sheet": "", "_row": [2, 3, 4]}
)  # fmt: skip


def fixed(
    tmp_path: Path, *entries: str, files: dict[str, list[str]] | None = None
) -> tuple[pl.DataFrame, Findings]:
    path = tmp_path / "corrections.toml"
    path.write_text("\n".join(f"[[correction]]\n{HEAD}{e}\n" for e in entries), encoding="utf-8")
    findings = Findings()
    corrections = load_corrections(path, findings, ("buildings", "estates"))
    mended = apply_corrections(RAW, "buildings", corrections)
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
