"""What Excel shows as #DIV/0! is told where it stands in every kind of workbook, and never passes for a cell left empty."""

from __future__ import annotations

import struct
import zipfile
from pathlib import Path

import pytest
import xlsxwriter
from hypothesis import given
from hypothesis import strategies as st
from tijian.engine.findings import Findings
from tijian.engine.intake.sheets.error_cells import (
    errors_in_ods,
    errors_in_xls,
    errors_in_xlsb,
    is_before_excel_97,
    parts_of_xlsb,
)
from tijian.engine.intake.sheets.grid import Grid, read_grids

from .office import converted
from .workbook_bytes import ods, xls, xls_95

ROWS = [["街镇", "户数", "占比"], ["甲", "#DIV/0!", 0.5], ["", "", ""], ["乙", 12.0, "#N/A"]]


def grids(path: Path) -> dict[str, list[list[object]]]:
    """Sheet → its rows; nothing was found wrong with the file itself."""
    findings = Findings()
    found: list[Grid] = read_grids(path, findings, shown_as=path.name)
    assert len(findings) == 0
    return {grid.sheet: grid.rows for grid in found}


def test_results_of_formulas_that_are_errors_are_told_in_xls_and_ods(tmp_path: Path) -> None:
    path = tmp_path / "表.xlsx"
    with xlsxwriter.Workbook(str(path)) as book:
        for name in ("填报表", "Sheet 2"):
            sheet = book.add_worksheet(name)
            for r, row in enumerate(ROWS):
                for c, value in enumerate(row):
                    if isinstance(value, str) and value.startswith("#"):
                        sheet.write_formula(r, c, "=NA()" if value == "#N/A" else "=1/0", None, value)
                    elif value != "":
                        sheet.write(r, c, value)
    expected = {"填报表": ROWS, "Sheet 2": ROWS}
    assert grids(path) == expected
    for form in ("xls", "ods"):
        assert grids(converted([path], tmp_path, form)[path.name]) == expected, form


def test_errors_typed_into_an_old_workbook_are_told_however_large_it_is(tmp_path: Path) -> None:
    for rows in (4, 3000):  # in the small sectors of the file, and in its large ones
        path, last = tmp_path / f"{rows}.xls", [f"第 {rows - 1} 行", "#DIV/0!"]
        path.write_bytes(xls("填报表", [*([f"第 {r} 行"] for r in range(rows - 1)), last]))
        assert grids(path)["填报表"][-1] == last


@pytest.mark.parametrize(
    ("cell", "read"),
    [
        # as Excel 2016 writes it, as OpenOffice did, and with a comment before what is shown
        ('table:formula="of:=1/0" office:value-type="float" office:value="0"><text:p>#DIV/0!</text:p>', "#DIV/0!"),
        ('table:formula="oooc:=1/0" office:value-type="float" office:value="0"><text:p>Err:503</text:p>', "#Err:503"),
        ('office:value-type="percentage" office:value="0"><office:annotation><text:p>问过</text:p></office:annotation>'
         "<text:p>#REF!</text:p>", "#REF!"),
        ('table:formula="of:=NA()" office:value-type="string" office:string-value=""><text:p>#N/A</text:p>', "#N/A"),
        ('office:value-type="error"><text:p>#NUM!</text:p>', "#NUM!"),
        # numbers that are shown otherwise than as what they are: in a column too narrow, by a format of words
        ('office:value-type="float" office:value="12"><text:p>###</text:p>', 12.0),
        ('office:value-type="float" office:value="3"><text:p>#3</text:p>', 3.0),
    ],
)  # fmt: skip
def test_errors_in_an_ods_are_told_whatever_value_the_program_gave_them(
    cell: str, read: object, tmp_path: Path
) -> None:
    path = tmp_path / "表.ods"
    path.write_bytes(
        ods("填报表", [["街镇", "户数"], ["甲", f"<table:table-cell {cell}</table:table-cell>"]])
    )
    assert grids(path) == {"填报表": [["街镇", "户数"], ["甲", read]]}


def test_a_workbook_of_excel_95_is_refused_because_no_chinese_comes_out_right(tmp_path: Path) -> None:
    old, new = xls_95("填报表", [["街镇", "户数"], ["甲", 12.0]]), xls("填报表", [["街镇"], ["甲"]])
    (tmp_path / "旧.xls").write_bytes(old)
    findings = Findings()
    assert read_grids(tmp_path / "旧.xls", findings, shown_as="旧.xls") == []
    assert [(f.code, f.place.file) for f in findings] == [("F011", "旧.xls")]
    assert is_before_excel_97(old)
    assert not is_before_excel_97(new)
    assert not is_before_excel_97(old[:600])


def test_what_is_written_as_excel_95_for_this_test_is_one(tmp_path: Path) -> None:
    (tmp_path / "旧.xls").write_bytes(xls_95("填报表", [["街镇", "户数"], ["甲", 12.0]]))
    assert grids(converted([tmp_path / "旧.xls"], tmp_path, "xlsx")["旧.xls"]) == {
        "填报表": [["街镇", "户数"], ["甲", 12.0]]
    }


def test_errors_in_a_binary_workbook_are_told(tmp_path: Path) -> None:
    path = tmp_path / "表.xlsb"
    binary_workbook(path, "填报表")
    assert grids(path) == {"填报表": [["街镇", "户数"], ["甲", "#DIV/0!"], ["乙", "#REF!"]]}


def record(kind: int, body: bytes = b"") -> bytes:
    """A record of an .xlsb."""
    head = bytes([kind]) if kind < 128 else bytes([kind & 127 | 128, kind >> 7])
    return head + bytes([len(body)]) + body


def text(words: str) -> bytes:
    """A text of an .xlsb."""
    return struct.pack("<I", len(words)) + words.encode("utf-16-le")


def binary_workbook(path: Path, name: str) -> None:
    """A small .xlsb: no program at hand writes one. Of its errors one is a constant, one a formula's result."""
    written = [["街镇", "户数"], ["甲", (3, 0x07)], ["乙", (11, 0x17)]]
    cells = b""
    for r, row in enumerate(written):
        cells += record(0, struct.pack("<I", r) + bytes(13))
        for c, value in enumerate(row):
            at = struct.pack("<II", c, 0)
            if isinstance(value, str):
                cells += record(6, at + text(value))
            else:
                cells += record(value[0], at + bytes([value[1]]) + bytes(10 if value[0] == 11 else 0))
    sheet = (
        record(129)
        + record(148, struct.pack("<4I", 0, 2, 0, 1))
        + record(145)
        + cells
        + record(146)
        + record(130)
    )
    listed = record(156, struct.pack("<II", 0, 1) + text("rId1") + text(name))
    book = record(131) + record(153, bytes(12)) + record(143) + listed + record(144) + record(132)
    kinds = "http://schemas.openxmlformats.org/"
    leads = (
        f'<?xml version="1.0"?><Relationships xmlns="{kinds}package/2006/relationships"><Relationship Id="rId1" '
        f'Type="{kinds}officeDocument/2006/relationships/%s" Target="%s"/></Relationships>'
    )
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("[Content_Types].xml", f'<Types xmlns="{kinds}package/2006/content-types"/>')
        archive.writestr("_rels/.rels", leads % ("officeDocument", "xl/workbook.bin"))
        archive.writestr("xl/_rels/workbook.bin.rels", leads % ("worksheet", "worksheets/sheet1.bin"))
        archive.writestr("xl/workbook.bin", book)
        archive.writestr("xl/worksheets/sheet1.bin", sheet)


@given(st.binary(max_size=2000), st.integers(0, 2000), st.binary(max_size=40))
def test_damaged_workbooks_have_no_error_cells_and_break_nothing(junk: bytes, at: int, put: bytes) -> None:
    whole = xls("填报表", [[], [None, "#DIV/0!"]])
    for data in (junk, whole[:at], whole[:at] + put + whole[at + len(put) :]):
        assert len(errors_in_xls(data)) <= 1  # of one sheet, whatever its name has become
    errors_in_xlsb(junk)
    parts_of_xlsb(junk, junk)
    errors_in_ods(junk + b'calcext:value-type="error"' + put)
    is_before_excel_97(junk + put)
