"""The workbook 一表一台账两清单: the Ministry's tables of every scale, leading to each other."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import openpyxl
import polars as pl
import pytest
from openpyxl.workbook import Workbook as Book
from openpyxl.worksheet.worksheet import Worksheet as Sheet
from tijian.engine.results import Results
from tijian.reports.tables.national import national_tables
from tijian.reports.view import View
from tijian.reports.workbook.national import NAME, write_national

from .results_fixture import DISTRICT, make_results
from .shown import targets_of

HEADER, FIRST = 3, 4  # rows as Excel counts them


HOUSING, CITY = "住房", "城区（城市）"


@pytest.fixture(scope="module")
def results() -> Results:
    """A year with dangerous houses in the ledger, and a problem of the district's own at 城区."""
    made = make_results("合成演示数据")
    in_houses = pl.col("code").is_in(made.ledger["indicator"].unique().to_list())
    scales = pl.when(in_houses).then(pl.lit(HOUSING)).otherwise(pl.lit(CITY))
    whole = pl.col("indicator") == "AQ-06"
    raised = (
        made.problem_list.filter(whole)
        .head(1)
        .with_columns(id=pl.lit(f"{DISTRICT}-AQ-06"), unit=pl.lit(DISTRICT), level=pl.lit("district"))
    )
    # as a run numbers it: by indicator first
    ledger = made.ledger.sort("indicator", "line").with_columns(
        line=pl.int_range(1, pl.len() + 1, dtype=pl.Int64)
    )
    return replace(
        made,
        ledger=ledger,
        indicators=made.indicators.with_columns(scale=scales),
        problem_list=pl.concat([made.problem_list, raised]),
    )


@pytest.fixture(scope="module")
def book(results: Results, tmp_path_factory: pytest.TempPathFactory) -> Book:
    return openpyxl.load_workbook(write_national(View(results), tmp_path_factory.mktemp("national")))


def column(sheet: Sheet, header: str) -> list[Any]:
    at = [cell.value for cell in sheet[HEADER]].index(header) + 1
    return [sheet.cell(row, at) for row in range(FIRST, sheet.max_row + 1)]


def test_it_holds_the_national_tables_in_the_handbooks_order(results: Results, book: Book) -> None:
    tables = national_tables(View(results))
    assert book.sheetnames == ["封面", *tables]
    assert [f"{HOUSING}{what}" for what in ("问题台账", "问题清单", "整治建议清单")] == list(tables)[1:4]
    for title, table in tables.items():
        heads = [cell.value for cell in book[title][HEADER]]
        assert heads[: len(table.columns)] == [column.title for column in table.columns], title
        assert book[title].max_row - FIRST + 1 == len(table), title


def test_it_lies_beside_the_districts_other_workbook_and_says_what_it_is(
    results: Results, tmp_path: Path
) -> None:
    path = write_national(View(results), tmp_path)
    assert str(path.relative_to(tmp_path)) == f"区级/示例区_{NAME}_2026.xlsx"
    cover = openpyxl.load_workbook(path)["封面"]
    shown = [cell.value for row in cover.iter_rows() for cell in row]
    assert {NAME, "合成演示数据", "使用说明"} <= set(shown)


def test_a_problem_leads_to_its_remedy_and_the_remedy_back(book: Book) -> None:
    found = 0
    for scale in (HOUSING, CITY):
        problems, remedies = f"{scale}问题清单", f"{scale}整治建议清单"
        for title, header, to in ((problems, "指标项", remedies), (remedies, "问题涉及的指标项", problems)):
            for cell in column(book[title], header):
                (target,) = targets_of(book, cell)
                assert target.parent.title == to
                assert cell.value in [other.value for other in target.parent[target.row]]
                found += 1
    assert found == 2 * 2 + 2 * 1  # two counts of houses and one indicator, there and back


def test_a_problem_leads_to_every_line_of_its_ledger_and_a_line_back(results: Results, book: Book) -> None:
    name = dict(results.indicators.select("code", "name").iter_rows())
    lines: dict[str, list[int]] = {}
    for line, code in results.ledger.select("line", "indicator").iter_rows():
        lines.setdefault(name[code], []).append(line)
    linked = [
        (indicator.value, cell)
        for indicator, cell in zip(*(column(book["住房问题清单"], h) for h in ("指标项", "台账")), strict=True) if cell.hyperlink
    ]  # fmt: skip
    assert linked
    for indicator, cell in linked:
        assert [target.value for target in targets_of(book, cell)] == lines[indicator]
    for cell in column(book["住房问题台账"], "指标"):
        (target,) = targets_of(book, cell)
        assert (target.parent.title, book["住房问题清单"].cell(target.row, 2).value) == (
            "住房问题清单",
            cell.value,
        )


def test_nothing_in_it_is_open(book: Book) -> None:
    for sheet in book:
        assert sheet.protection.sheet
        assert all(cell.protection.locked for row in sheet.iter_rows() for cell in row)


def test_a_year_without_problems_has_only_its_surveys(results: Results, tmp_path: Path) -> None:
    none = replace(
        results, ledger=results.ledger.clear(), problem_list=results.problem_list.clear(),
        remedy_list=results.remedy_list.clear(),
    )  # fmt: skip
    names = openpyxl.load_workbook(write_national(View(none), tmp_path)).sheetnames
    assert "指标汇总表（四个尺度）" in names
    assert not [name for name in names if "清单" in name or "台账" in name]


def test_the_same_results_give_the_same_bytes(results: Results, tmp_path: Path) -> None:
    first, second = (write_national(View(results), tmp_path / n) for n in ("a", "b"))
    assert first.read_bytes() == second.read_bytes()
