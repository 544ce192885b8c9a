"""One workbook compared part by part with what was agreed on (样本工作簿): ``golden/workbook.txt``, one line a row.

After a change that is meant: ``RENEW_GOLDEN=1 .venv/bin/python -m pytest tests/test_workbook_golden.py -n 0``, then read
the difference in git as a reviewer would, and commit it with the change.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from dataclasses import fields, replace
from pathlib import Path
from typing import Any

import openpyxl
import polars as pl
import pytest
from openpyxl.utils import get_column_letter
from openpyxl.worksheet.worksheet import Worksheet as Sheet
from tijian.engine.results import Results
from tijian.reports.workbook.lists import write_lists

from .results_fixture import DISTRICT, make_results

GOLDEN = Path(__file__).parent / "golden" / "workbook.txt"
UNITS = (DISTRICT, f"{DISTRICT}002", f"{DISTRICT}002001", f"{DISTRICT}010")
INDICATORS = ("ST-01", "ST-05", "JK-05", "AQ-02", "AQ-06", "FM-02", "ZJ-01", "CX-04")
PARTS = (
    "封面", "指标评估表", "优势清单", "问题清单", "整治建议清单", "更新项目清单", "问题台账", "行动计划目标达成情况",
    "指标汇总表（四个尺度）",
)  # fmt: skip


def reduced() -> Results:
    """A district of one town, one community and one more town, eight indicators; its second year."""
    whole = make_results("合成演示数据")
    frames = {f.name: getattr(whole, f.name) for f in fields(whole)}
    small = {name: _within(name, frame) for name, frame in frames.items() if isinstance(frame, pl.DataFrame)}
    problems = small["problem_list"]
    became = [("未整改", 2024), ("新增", 2026), ("部分整改", 2025)]
    said = [became[i % len(became)] for i in range(problems.height)]
    small["problem_list"] = problems.with_columns(
        outcome=pl.Series([word for word, _ in said], dtype=pl.String),
        since=pl.Series([year for _, year in said], dtype=pl.Int64),
    )
    return replace(whole, **small, list_names={"projects": "更新项目清单"})


def _within(name: str, frame: pl.DataFrame) -> pl.DataFrame:
    """The rows of a frame of results that are about these units and indicators."""
    keys: dict[str, dict[str, tuple[str, ...]]] = {
        "units": {"code": UNITS},
        "indicators": {"code": INDICATORS},
    }
    for column, wanted in keys.get(name, {"unit": UNITS, "indicator": INDICATORS}).items():
        if column in frame.columns:
            frame = frame.filter(pl.col(column).is_in(wanted))
    return frame


def told(sheet: Sheet) -> Iterator[str]:
    """A sheet line by line: how it stands and prints, what may be filled in, what is coloured, then its rows."""
    yield f"══ {sheet.title} ══"
    setup, pane = sheet.page_setup, sheet.freeze_panes or "无"
    yield f"冻结 {pane}｜筛选 {sheet.auto_filter.ref or '无'}｜保护 {'有，无密码' if sheet.protection.sheet else '无'}"
    yield (
        f"纸张 {setup.paperSize} {setup.orientation} 宽{setup.fitToWidth or 1}页 高{setup.fitToHeight}页"
        f"｜每页重复 {sheet.print_title_rows or '无'}｜打印 {sheet.print_area}"
    )
    yield f"页眉 {sheet.oddHeader.left.text}｜{sheet.oddHeader.center.text}｜{sheet.oddHeader.right.text}"
    yield f"页脚 {sheet.oddFooter.left.text}｜{sheet.oddFooter.right.text}"
    widths = [
        f"{letter}={held.width:g}" for letter, held in sorted(sheet.column_dimensions.items(), key=_by_column)
    ]
    yield f"列宽 {' '.join(widths)}"
    for rule in sheet.data_validations.dataValidation:
        yield f"填写 {rule.sqref} {rule.type or '任意'} {rule.operator or ''} {rule.formula1 or ''}｜{rule.prompt}"
    for area in sheet.conditional_formatting:
        for rule in area.rules:
            yield f"变色 {area.sqref} {rule.type} {rule.formula[0]} → #{rule.dxf.fill.bgColor.rgb[-6:]}"
    for row in sheet.iter_rows():
        cells = [
            f"{get_column_letter(c.column)} {_cell(c)}"
            for c in row
            if c.value is not None or not c.protection.locked
        ]
        if cells:
            yield f"{row[0].row}行（高{sheet.row_dimensions[row[0].row].height or '自动'}）"
            yield from (f"    {cell}" for cell in cells)


def _by_column(item: tuple[str, Any]) -> tuple[int, str]:
    return len(item[0]), item[0]


def _cell(cell: Any) -> str:
    """The value, and what matters of its look: number format, where it leads, whether it is open."""
    said = [repr(cell.value) if isinstance(cell.value, str) else str(cell.value)]
    if cell.number_format != "General":
        said.append(f"格式 {cell.number_format}")
    if cell.hyperlink:
        said.append(f"→ {cell.hyperlink.location}")
    if not cell.protection.locked:
        said.append("可填")
    return "｜".join(said)


@pytest.fixture(scope="module")
def found(tmp_path_factory: pytest.TempPathFactory) -> dict[str, list[str]]:
    path = write_lists(reduced(), tmp_path_factory.mktemp("golden"), unit=None, department=None)
    return {sheet.title: list(told(sheet)) for sheet in openpyxl.load_workbook(path)}


@pytest.fixture(scope="module")
def agreed(found: dict[str, list[str]]) -> dict[str, list[str]]:
    if os.environ.get("RENEW_GOLDEN"):
        GOLDEN.write_text(
            "\n".join(line for part in found.values() for line in [*part, ""]), encoding="utf-8"
        )
    parts: dict[str, list[str]] = {}
    for line in GOLDEN.read_text(encoding="utf-8").splitlines():
        if line.startswith("══ "):
            held = parts.setdefault(line.strip("═ "), [])
        if line:
            held.append(line)
    return parts


def test_the_sheets_are_those_agreed(found: dict[str, list[str]], agreed: dict[str, list[str]]) -> None:
    assert tuple(found) == tuple(agreed) == PARTS


@pytest.mark.parametrize("part", PARTS)
def test_a_sheet_is_as_agreed(found: dict[str, list[str]], agreed: dict[str, list[str]], part: str) -> None:
    assert found[part] == agreed[part]
