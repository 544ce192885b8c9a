"""An event register that comes back empty says that nothing happened; any other empty table says nothing at all."""

from __future__ import annotations

from pathlib import Path

import polars as pl
import pytest
from tijian.engine.findings import Findings
from tijian.engine.intake.gather import gather
from tijian.engine.run import check
from tijian.engine.settings.project import Project, load_project
from tijian.indicators.loader import load_indicators

UNITS = "代码,名称,层级,上级代码,人口,面积\n990117,云湖区,区,,3000,10\n990117001,甲镇,街镇,990117,1000,4\n990117002,乙镇,街镇,990117,2000,6\n"


def project(folder: Path, section: str, files: dict[str, str]) -> Project:
    (folder / "inputs").mkdir(parents=True)
    (folder / "tijian.toml").write_text(
        '[project]\nname = "试"\ndistrict = "990117"\nyear = 2026\nindicators = ["national-2025"]\n'
        f'[units]\nfile = "units.csv"\n{section}',
        encoding="utf-8",
    )
    (folder / "units.csv").write_text(UNITS, encoding="utf-8-sig")
    for name, text in files.items():
        (folder / "inputs" / name).write_text(text, encoding="utf-8-sig")
    findings = Findings()
    loaded = load_project(folder, findings)
    assert loaded is not None, [f.message for f in findings]
    return loaded


def measured(loaded: Project) -> tuple[pl.DataFrame, Findings]:
    findings = Findings()
    state = check(loaded, findings, lambda *_: None)
    return state.frames["measurements"], findings


def test_no_event_is_zero_in_every_unit_and_no_fault(tmp_path: Path) -> None:
    form = load_indicators(["national-2025"], tmp_path, Findings()).forms["heritage_events"]
    header = ",".join(["街镇", *(item.label for item in form.item)]) + "\n"
    loaded = project(
        tmp_path / "p", '[inputs.heritage_events]\nfile = "inputs/事件.csv"\n', {"事件.csv": header}
    )
    frame, findings = measured(loaded)
    found = frame.filter(pl.col("indicator") == "FM-09").select("level", "value")
    assert sorted(found.rows()) == [("district", 0.0), ("town", 0.0), ("town", 0.0)]
    assert not [f for f in findings if f.code in ("T005", "M002") and "FM-09" in f"{f.place.file}{f.message}"]


@pytest.mark.parametrize("text", ["", "无关的表头\n"])
def test_a_register_that_cannot_be_read_is_no_answer(tmp_path: Path, text: str) -> None:
    loaded = project(
        tmp_path / "p", '[inputs.heritage_events]\nfile = "inputs/事件.csv"\n', {"事件.csv": text}
    )
    frame, findings = measured(loaded)
    assert frame.filter(pl.col("indicator") == "FM-09").is_empty()
    assert findings.errors


def test_an_empty_table_of_things_is_a_fault(tmp_path: Path) -> None:
    section = '[inputs.things]\nkind = "records"\nfile = "inputs/x.csv"\nunit = "街镇"\nlevel = "town"\ncolumns = { a = "甲" }\n'
    loaded = project(tmp_path / "p", section, {"x.csv": "街镇,甲\n"})
    findings = Findings()
    gather(loaded, findings, lambda *_: None)
    assert "T005" in [f.code for f in findings]
