"""Every cell of a table nobody wrote a contract for: corners retyped from tables as offices publish them."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import polars as pl
import pytest
import xlsxwriter
from tijian.engine.findings import Findings
from tijian.engine.intake.sheets.longform import cell_name, read_cells


def cells_of(path: Path, rows: list[list[Any]], *merges: str) -> pl.DataFrame:
    """The cells of a workbook with these rows; reading it gives no finding."""
    with xlsxwriter.Workbook(path) as book:
        page = book.add_worksheet("表")
        for r, row in enumerate(rows):
            for c, value in enumerate(row):
                page.write(r, c, value)
        for area in merges:
            first, last = area.split(":")
            page.merge_range(f"{first}:{last}", rows[int(first[1:]) - 1][ord(first[0]) - 65])
    findings = Findings()
    frame = read_cells(path, findings)
    assert not list(findings)
    return frame


def at(frame: pl.DataFrame, cell: str) -> list[dict[str, Any]]:
    return frame.filter(pl.col("cell") == cell).to_dicts()


@pytest.mark.parametrize(
    ("row", "column", "name"),
    [(0, 0, "A1"), (6, 34, "AI7"), (9, 25, "Z10"), (0, 26, "AA1"), (0, 702, "AAA1")],
)
def test_cells_are_named_as_excel_names_them(row: int, column: int, name: str) -> None:
    assert cell_name(row, column) == name


def test_a_cell_knows_its_row_its_column_and_its_unit(tmp_path: Path) -> None:
    frame = cells_of(
        tmp_path / "表.xlsx",
        [
            ["2-11 各地区户数"],
            ["地  区", "户  数", "", "人口（万人）"],
            ["", "(户)", "集体户", ""],
            ["", "", "", ""],
            ["全  国", 513643, 16467, "—"],
            ["北  京", 9019, "未填报", 3.5],
            ["注：样本数据。"],
        ],
        "A2:A3",
    )
    (total,) = at(frame, "B5")
    assert (total["row"], total["column"], total["number"], total["unit"]) == ("全国", "户数", 513643, "户")
    (part,) = at(frame, "C5")
    assert (part["column"], part["unit"]) == ("户数 集体户", "户")
    assert [at(frame, cell)[0]["blank"] for cell in ("D5", "C6", "D6")] == [
        "以符号表示无数据",
        "未填报",
        None,
    ]
    assert at(frame, "D6")[0]["unit"] == "万人"
    assert at(frame, "A7") == []


def test_bands_pairs_and_a_unit_in_the_rows_own_label(tmp_path: Path) -> None:
    frame = cells_of(
        tmp_path / "表.xlsx",
        [
            ["指标名称", "2024年", "评价标准"],
            ["人口密度（万人/平方公里）", 0.61, "0.6≤X≤1"],
            ["机动车平均速度（km/h）", "50.7（快速路） 35.32（主干路）", "30（快速路） 20（主干路）"],
            ["绿色建筑占比（%）", "59.02%", "70≤X"],
        ],
    )
    (density,) = at(frame, "B2")
    assert (density["row"], density["number"], density["unit"]) == ("人口密度", 0.61, "万人/平方公里")
    assert [(c["low"], c["high"]) for cell in ("C2", "C4") for c in at(frame, cell)] == [(0.6, 1), (70, None)]
    assert [(c["number"], c["of"]) for c in at(frame, "B3")] == [(50.7, "快速路"), (35.32, "主干路")]
    assert [(c["number"], c["unit"]) for c in at(frame, "B4")] == [(59.02, "%")]


def test_two_measures_in_a_cell_take_their_names_from_the_header(tmp_path: Path) -> None:
    frame = cells_of(
        tmp_path / "表.xlsx",
        [["序", "社区", "每百栋（体检/诉求）"], [1, "甲社区", "56.1 / 177.3"], [2, "乙社区", "2.4 / 271.1"]],
    )
    assert [(c["row"], c["number"], c["of"]) for c in at(frame, "C2")] == [
        ("甲社区", 56.1, "体检"),
        ("甲社区", 177.3, "诉求"),
    ]


def test_each_panel_has_the_row_names_of_its_own_first_column(tmp_path: Path) -> None:
    frame = cells_of(
        tmp_path / "表.xlsx",
        [
            ["年份", "人口", "年份", "人口"],
            ["", "万人", "", "万人"],
            [1949, 54167, 1986, 107507],
            [1950, 55196, 1987, 109300],
        ],
    )
    assert [at(frame, cell)[0]["row"] for cell in ("B3", "D3", "D4")] == ["1949", "1986", "1987"]
    assert {c["unit"] for cell in ("B3", "D4") for c in at(frame, cell)} == {"万人"}


def test_a_sheet_without_a_header_is_a_finding(tmp_path: Path) -> None:
    path = tmp_path / "表.csv"
    path.write_text("只有一句话\r\n", encoding="utf-8")
    findings = Findings()
    assert read_cells(path, findings, shown_as="表.csv").is_empty()
    assert [(f.code, f.place.file) for f in findings] == [("T001", "表.csv")]
