"""Workbooks in other hands: legal for Excel to the letter, and whole after LibreOffice has opened and saved them."""

from __future__ import annotations

import re
import zipfile
from dataclasses import replace
from pathlib import Path
from typing import Any

import openpyxl
import polars as pl
import pytest
from openpyxl.workbook import Workbook as Book
from pypdf import PdfReader
from tijian.engine.results import Results, conform
from tijian.reports.view import View
from tijian.reports.workbook.lists import write_lists
from tijian.reports.workbook.national import write_national

from .office import converted
from .results_fixture import DISTRICT, make_results

TOWN, COMMUNITY, DEPARTMENT = f"{DISTRICT}002", f"{DISTRICT}002001", "区建设管理委"
CHOSEN: dict[str, dict[str, str | None]] = {
    "district": {"unit": None, "department": None},
    "town": {"unit": TOWN, "department": None},
    "community": {"unit": COMMUNITY, "department": None},
    "department": {"unit": None, "department": DEPARTMENT},
}
KINDS = (*CHOSEN, "national")
SHEET_NAME, LIST, TITLE, MESSAGE, CELL, LINKS, FORMATS = 31, 255, 32, 255, 32_767, 65_530, 200


@pytest.fixture(scope="module")
def results() -> Results:
    made = make_results("合成演示数据", hostile=True)
    return asked(made)


def asked(results: Results) -> Results:
    """The results with one question to a department, so that its workbook has the sheet of answers."""

    question = {
        "id": "Q-1", "year": results.year, "unit": TOWN, "level": "town", "indicator": "AQ-06", "label": "燃气老旧管网改造完成率",
        "item": "gas", "kind": "digit", "value": 8.0, "expected": 80.0, "says": "去年为 80", "lead": [DEPARTMENT],
    }  # fmt: skip
    return replace(results, questions=conform("questions", pl.DataFrame([question])))


@pytest.fixture(scope="module")
def written(results: Results, tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    out = tmp_path_factory.mktemp("workbooks")
    paths = {kind: write_lists(results, out, **chosen) for kind, chosen in CHOSEN.items()}
    return paths | {"national": write_national(View(results), out)}


@pytest.fixture(scope="module")
def books(written: dict[str, Path]) -> dict[str, Book]:
    return {kind: openpyxl.load_workbook(path) for kind, path in written.items()}


@pytest.fixture(scope="module")
def saved_again(written: dict[str, Path], tmp_path_factory: pytest.TempPathFactory) -> dict[str, Book]:
    """Every workbook as LibreOffice saves it."""
    made = converted(written.values(), tmp_path_factory.mktemp("saved again"), "xlsx")
    return {kind: openpyxl.load_workbook(made[path.name]) for kind, path in written.items()}


# ── Excel ─────────────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("kind", KINDS)
def test_names_are_legal_and_no_two_are_alike(
    written: dict[str, Path], books: dict[str, Book], kind: str
) -> None:
    names = books[kind].sheetnames
    assert len({name.casefold() for name in names}) == len(names)
    for name in names:
        assert 0 < len(name.encode("utf-16-le")) // 2 <= SHEET_NAME
        assert not re.search(r"[\[\]:*?/\\]|^'|'$", name)
    with zipfile.ZipFile(written[kind]) as parts:
        assert len(set(parts.namelist())) == len(parts.namelist())
        defined = re.findall(r"<definedName ([^>]*)>([^<]*)<", parts.read("xl/workbook.xml").decode())
    assert defined
    assert len({attributes for attributes, _ in defined}) == len(defined)
    for _, where in defined:
        for place in where.split(","):
            assert place.partition("!")[0].strip("'") in names


@pytest.mark.parametrize("kind", KINDS)
def test_cells_hold_no_formula_and_no_more_than_a_cell_can(books: dict[str, Book], kind: str) -> None:
    for cell in (c for sheet in books[kind] for row in sheet.iter_rows() for c in row):
        assert cell.data_type in {"s", "n", "d"}, cell.coordinate
        assert len(str(cell.value or "")) <= CELL


@pytest.mark.parametrize("kind", KINDS)
def test_choices_messages_and_rules_are_within_what_excel_takes(books: dict[str, Book], kind: str) -> None:
    choices = [rule for sheet in books[kind] for rule in sheet.data_validations.dataValidation]
    assert bool(choices) == (kind != "national")
    for rule in choices:
        assert len(rule.formula1 or "") <= LIST
        assert len(rule.promptTitle or "") <= TITLE
        assert len(rule.errorTitle or "") <= TITLE
        assert len(rule.prompt or "") <= MESSAGE
        assert len(rule.error or "") <= MESSAGE
    for sheet in books[kind]:
        for rule in (r for area in sheet.conditional_formatting for r in area.rules):
            assert all(len(formula) <= LIST for formula in rule.formula)


@pytest.mark.parametrize("kind", KINDS)
def test_every_link_leads_to_cells_that_are_there(books: dict[str, Book], kind: str) -> None:
    book = books[kind]
    for sheet in book:
        linked = [cell for row in sheet.iter_rows() for cell in row if cell.hyperlink]
        assert 0 < len(linked) <= LINKS, sheet.title
        for cell in linked:
            place, address = cell.hyperlink.location.rsplit("!", 1)
            target = book[place.strip("'").replace("''", "'")]
            last = target[address.split(":")[-1]]
            assert (last.row <= target.max_row, len(cell.hyperlink.tooltip or "") <= MESSAGE) == (True, True)


@pytest.mark.parametrize("kind", KINDS)
def test_formats_are_fewer_than_excel_refuses(written: dict[str, Path], kind: str) -> None:
    with zipfile.ZipFile(written[kind]) as parts:
        found = re.search(r'<numFmts count="(\d+)"', parts.read("xl/styles.xml").decode())
    assert found is not None
    assert int(found[1]) <= FORMATS


# ── LibreOffice ───────────────────────────────────────────────────────────────────────────────────────────


def content(book: Book) -> dict[str, list[list[Any]]]:
    """What stands in every sheet, without the empty cells behind and below."""
    found = {}
    for sheet in book:
        rows = [[_digits(v) for v in row] for row in sheet.iter_rows(values_only=True)]
        for row in rows:
            while row and row[-1] is None:
                row.pop()
        found[sheet.title] = [row for row in rows if row]
    return found


def _digits(value: Any) -> Any:
    """A figure in the fifteen digits that a spreadsheet keeps."""
    return float(f"{value:.14g}") if isinstance(value, int | float) else value


def rules(book: Book) -> dict[str, set[tuple[str, ...]]]:
    """Of every sheet, where there is something to fill in, what is said there and what may be filled in."""
    return {
        sheet.title: {
            (str(where), rule.prompt or "", *_allowed(rule))
            for rule in sheet.data_validations.dataValidation for where in rule.sqref.ranges
        }
        for sheet in book
    }  # fmt: skip


def _allowed(rule: Any) -> tuple[str, ...]:
    if rule.type in (None, "none"):
        return ()
    return (rule.type, rule.operator or "between", rule.formula1.strip('"'), rule.errorTitle, rule.error)


@pytest.mark.slow
@pytest.mark.parametrize("kind", KINDS)
def test_libreoffice_keeps_every_cell(
    books: dict[str, Book], saved_again: dict[str, Book], kind: str
) -> None:
    assert content(saved_again[kind]) == content(books[kind])


@pytest.mark.slow
@pytest.mark.parametrize("kind", KINDS)
def test_libreoffice_keeps_choices_colours_protection_panes_and_links(
    books: dict[str, Book], saved_again: dict[str, Book], kind: str
) -> None:
    before, after = books[kind], saved_again[kind]
    assert rules(after) == rules(before)
    for sheet in before:
        other = after[sheet.title]
        assert other.protection.sheet
        assert other.auto_filter.ref == sheet.auto_filter.ref
        assert other.print_title_rows == sheet.print_title_rows
        pairs = [(c, other[c.coordinate]) for row in sheet.iter_rows() for c in row]
        assert [b.coordinate for a, b in pairs if a.protection.locked != b.protection.locked] == []
        assert [b.coordinate for a, b in pairs if bool(a.hyperlink) != bool(b.hyperlink)] == []
        coloured = [sum(len(area.rules) for area in book.conditional_formatting) for book in (sheet, other)]
        assert coloured[0] == coloured[1]


@pytest.mark.slow
def test_libreoffice_prints_every_sheet_on_a4_with_its_header_on_every_page(
    written: dict[str, Path], books: dict[str, Book], tmp_path: Path
) -> None:
    made = converted([written["town"], written["department"]], tmp_path, "pdf")
    for kind in ("town", "department"):
        pages = PdfReader(made[written[kind].name]).pages
        sizes = [sorted(round(float(side)) for side in page.mediabox[2:]) for page in pages]
        assert sizes == [[595, 842]] * len(pages)
        texts = [re.sub(r"\s", "", page.extract_text()) for page in pages]
        for sheet in books[kind].worksheets[1:]:
            mine = [text for text in texts if f"合成演示数据{sheet.title}" in text]
            assert mine, sheet.title
            for header in ("编号", "状态") if sheet.title == "整治建议清单" else (sheet["A3"].value,):
                assert all(header in text for text in mine), (sheet.title, header)
