"""What a department's form may get wrong that would otherwise pass as a number: a unit twice, a negative figure."""

from __future__ import annotations

from pathlib import Path

import xlsxwriter
from tijian.engine.findings import Findings
from tijian.engine.intake.gather import gather
from tijian.engine.settings.project import load_project
from tijian.indicators.form_model import Form
from tijian.indicators.forms import in_year

PROJECT = """
[project]
name = "示例区"
district = "990101"
year = 2026
[units]
file = "units.csv"
[inputs.form]
kind = "figures"
file = "form.xlsx"
unit = "街镇"
level = "town"
columns = { toilets = "公厕总数", good = "达标公厕" }
types = { toilets = "number", good = "number" }
"""
UNITS = """代码,名称,层级,上级代码,类型,人口,面积
990101,示例区,区,,,200,2
990101001,东街道,街镇,990101,街道,100,1
990101002,西镇,街镇,990101,镇,100,1
"""


def found(
    folder: Path, *rows: tuple[object, ...]
) -> tuple[list[tuple[int | None, str, str]], dict[str, object]]:
    (folder / "tijian.toml").write_text(PROJECT, encoding="utf-8")
    (folder / "units.csv").write_text(UNITS, encoding="utf-8")
    with xlsxwriter.Workbook(folder / "form.xlsx") as book:
        sheet = book.add_worksheet()
        for number, row in enumerate([("街镇", "公厕总数", "达标公厕"), *rows]):
            sheet.write_row(number, 0, row)
    findings = Findings()
    project = load_project(folder, findings)
    assert project is not None
    frame = gather(project, findings, lambda *_: None).evidence["form"].frame
    values = dict(frame.drop_nulls("unit").select("unit", "toilets").iter_rows())
    return [(f.place.row, f.place.column, f.code) for f in findings], values


def test_a_right_form_says_nothing(tmp_path: Path) -> None:
    findings, values = found(tmp_path, ("东街道", 12, 10), ("西镇", 8, 8))
    assert findings == []
    assert values == {"990101001": 12, "990101002": 8}


def test_a_unit_on_two_rows_is_an_error_and_not_a_sum(tmp_path: Path) -> None:
    findings, _ = found(tmp_path, ("东街道", 12, 10), ("东街道", 8, 8))
    assert findings == [(3, "街镇", "N007"), (None, "街镇", "N006")]


def test_a_negative_figure_is_told_and_missing(tmp_path: Path) -> None:
    findings, values = found(tmp_path, ("东街道", -5, 10), ("西镇", 8, 8))
    assert findings == [(2, "公厕总数", "T012")]
    assert values == {"990101001": None, "990101002": 8}


def test_a_form_asks_for_years_up_to_the_one_examined_whenever_it_was_written() -> None:
    years = [
        {"name": "built", "label": "建成年份", "type": "integer", "low": 1840, "high": 2026, "year": True},
        {"name": "floors", "label": "层数", "type": "integer", "high": 200},
    ]
    text = {
        "input": "homes",
        "title": "楼栋调查表",
        "kind": "records",
        "of": "楼栋",
        "level": "community",
        "provider": "房管局",
    }
    form = Form.model_validate(text | {"item": years})
    assert [item.high for item in in_year({"homes": form}, 2030)["homes"].item] == [2030, 200]
    assert [item.high for item in in_year({"homes": form}, 2025)["homes"].item] == [2026, 200]
