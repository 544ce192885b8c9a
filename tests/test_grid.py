"""Files as rows of cells: told by their content, never by their name; what cannot be read is one finding."""

import io
import random
import struct
import zipfile
from datetime import datetime

import openpyxl
import polars as pl
import pytest
import xlsxwriter
from tijian.engine.findings import Findings
from tijian.engine.intake.sheets import grid as grid_module
from tijian.engine.intake.sheets.grid import as_text, read_grids

from .workbook_bytes import edited, ole2, xls

ROWS = [["街镇", "人口（万人）", "备注"], ["望云街道", "3.25", ""], ["临河镇", "1.1", "含“园区”"]]


def read(path, **options):
    """(grids, [(code, sheet), …]) of a file."""
    findings = Findings()
    grids = read_grids(path, findings, shown_as=path.name, **options)
    assert all(f.place.file == path.name for f in findings)
    return grids, [f.code for f in findings]


def rows_of(path):
    """The one grid of a file that reads without a finding, as text."""
    (grid,), codes = read(path)
    assert codes == []
    return [[as_text(cell) for cell in row] for row in grid.rows]


def xlsx_bytes(rows=ROWS, sheet="数据"):
    memory = io.BytesIO()
    with xlsxwriter.Workbook(memory) as book:
        page = book.add_worksheet(sheet)
        for r, row in enumerate(rows):
            page.write_row(r, 0, row)
    return memory.getvalue()


def csv_text(delimiter=","):
    return "\r\n".join(delimiter.join(row) for row in ROWS) + "\r\n"


# ---- told by content ---------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", ["表.xlsx", "表.xls", "表.csv", "表.txt", "表"])
@pytest.mark.parametrize(
    "content",
    [xlsx_bytes(), xls("数据", ROWS), csv_text().encode("utf-8-sig"), csv_text().encode("gb18030")],
    ids=["xlsx", "xls", "utf8", "gb18030"],
)
def test_the_name_of_a_file_decides_nothing(tmp_path, name, content):
    path = tmp_path / name
    path.write_bytes(content)
    assert rows_of(path) == ROWS


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030", "gbk", "utf-16"])
@pytest.mark.parametrize("delimiter", [",", "\t", ";"])
def test_text_in_the_encodings_and_delimiters_offices_use(tmp_path, encoding, delimiter):
    path = tmp_path / "表.csv"
    path.write_bytes(csv_text(delimiter).encode(encoding))
    assert rows_of(path) == ROWS


def test_commas_inside_quotes_and_preamble_lines_do_not_mislead_the_delimiter(tmp_path):
    path = tmp_path / "表.csv"
    path.write_text('数据库：主要城市\r\n\r\n街镇\t说明\r\n甲\t"一,二,三"\r\n乙\t四,五\r\n', encoding="utf-8")
    assert rows_of(path) == [
        ["数据库：主要城市", ""],
        ["", ""],
        ["街镇", "说明"],
        ["甲", "一,二,三"],
        ["乙", "四,五"],
    ]


def test_a_record_is_a_row_even_when_a_cell_has_line_breaks(tmp_path):
    path = tmp_path / "表.csv"
    path.write_text('名称,说明\r\n甲,"第一行\n第二行"\r\n乙,二\r\n', encoding="utf-8")
    assert rows_of(path)[2] == ["乙", "二"]


def test_a_parquet_file_has_its_names_in_the_first_row(tmp_path):
    path = tmp_path / "表.csv"
    pl.DataFrame({"街镇": ["甲", None], "人口": [1, 2]}).write_parquet(path)
    assert rows_of(path) == [["街镇", "人口"], ["甲", "1"], ["", "2"]]


# ---- workbooks -----------------------------------------------------------------------------------------------


def test_rows_and_columns_are_where_excel_shows_them(tmp_path):
    path = tmp_path / "表.xlsx"
    book = openpyxl.Workbook()
    book.active["C5"] = "远"
    book.save(path)
    (grid,), _ = read(path)
    assert grid.rows[4][2] == "远"
    assert len(grid.rows) == 5


def test_merged_areas_are_told_and_only_their_first_cell_speaks(tmp_path):
    path = tmp_path / "表.xlsx"
    with xlsxwriter.Workbook(path) as book:
        page = book.add_worksheet()
        page.merge_range("B2:D2", "户数")
        page.merge_range("A2:A3", "地区")
    (grid,), _ = read(path)
    assert grid.merges == [(2, 1, 3, 1), (2, 2, 2, 4)]
    assert grid.rows[1][:2] == ["地区", "户数"]
    assert not any(grid.rows[1][2:])


def test_hidden_sheets_chart_sheets_and_empty_sheets_are_left_out(tmp_path):
    path = tmp_path / "表.xlsx"
    with xlsxwriter.Workbook(path) as book:
        for name in ("甲", "旧稿", "空"):
            page = book.add_worksheet(name)
            if name != "空":
                page.write(0, 0, name)
        book.get_worksheet_by_name("旧稿").hide()
        chart = book.add_chart({"type": "line"})
        chart.add_series({"values": "=甲!$A$1:$A$2"})
        book.add_chartsheet("图").set_chart(chart)
    assert [g.sheet for g in read(path)[0]] == ["甲"]
    assert [g.sheet for g in read(path, sheet="旧稿")[0]] == ["旧稿"]
    assert [g.sheet for g in read(path, sheet="*")[0]] == ["甲"]


@pytest.mark.parametrize("sheet", [None, "*", "数据"])
def test_a_workbook_without_a_filled_cell_is_empty(tmp_path, sheet):
    path = tmp_path / "表.xlsx"
    path.write_bytes(xlsx_bytes([]))
    assert read(path, sheet=sheet) == ([], ["F002"])


def test_a_sheet_that_is_not_there_is_a_finding_that_names_those_that_are(tmp_path):
    path = tmp_path / "表.xlsx"
    path.write_bytes(xlsx_bytes())
    findings = Findings()
    assert read_grids(path, findings, shown_as="表.xlsx", sheet="2026") == []
    assert [(f.code, f.value, f.expected) for f in findings] == [("F008", "2026", "数据")]


def test_days_truth_values_and_numbers_become_text_as_a_person_would_write_them(tmp_path):
    path = tmp_path / "表.xlsx"
    book = openpyxl.Workbook()
    book.active.append(
        [datetime(2026, 5, 20), datetime(2026, 5, 20, 13, 4), True, 66.0, 0.1, 310117001, None]
    )
    book.save(path)
    shown = rows_of(path)[0]
    assert shown[0] == "2026-05-20"
    assert shown[1].startswith("2026-05-20 13:04")
    assert shown[2:6] == ["是", "66", "0.1", "310117001"]


# ---- what cannot be read -----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("content", "code"),
    [
        (b"", "F002"),
        (b"\xef\xbb\xbf \r\n", "F002"),
        (b"%PDF-1.7\n%\xe2\xe3\xcf\xd3\n1 0 obj", "F005"),
        (b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR", "F005"),
        (b"Rar!\x1a\x07\x01\0" + bytes(64), "F005"),
        (b"<html><body><table><tr><td>1</td></tr></table>", "F005"),
        (b"\xef\xbb\xbf<?xml version='1.0'?><Workbook/>", "F005"),
        (bytes(range(256)) * 8, "F005"),
        (ole2("EncryptedPackage", "EncryptionInfo"), "F004"),
        (ole2("WordDocument"), "F003"),
        (xlsx_bytes()[:3000], "F003"),
        (xlsx_bytes()[:-30], "F003"),
        (xls("数据", ROWS)[:1500], "F003"),
        (b"PK\x03\x04" + b"0" * 200, "F003"),
    ],
    ids=["empty", "blank", "pdf", "png", "rar", "html", "xml", "binary", "locked", "word", "cut", "tail", "cutxls", "nozip"],
)  # fmt: skip
@pytest.mark.parametrize("name", ["表.xlsx", "表.csv"])
def test_a_file_that_is_no_table_is_one_finding(tmp_path, name, content, code):
    path = tmp_path / name
    path.write_bytes(content)
    assert read(path) == ([], [code])


def test_a_missing_file_is_a_finding(tmp_path):
    assert read(tmp_path / "没有.xlsx") == ([], ["F001"])


def test_a_folder_in_the_place_of_a_file_is_a_finding(tmp_path):
    (tmp_path / "表.xlsx").mkdir()
    assert read(tmp_path / "表.xlsx") == ([], ["F001"])


def test_a_zip_of_other_things_is_no_workbook(tmp_path):
    path = tmp_path / "表.xlsx"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("word/document.xml", "<w/>")
    assert read(path) == ([], ["F005"])


def test_bytes_that_no_encoding_explains_are_named_by_their_place(tmp_path):
    path = tmp_path / "表.csv"
    good = "街镇,人口\r\n".encode()
    path.write_bytes(good + b"\xff\xff," + "望云街道\r\n".encode())
    findings = Findings()
    assert read_grids(path, findings, shown_as="表.csv") == []
    assert [f.code for f in findings] == ["F009"]
    assert f"第 {len(good) + 1} 个字节" in findings.rows[0].message


def test_one_damaged_byte_in_a_utf8_file_is_not_read_as_gibberish(tmp_path):
    """All but one byte is UTF-8; as GB18030 it would decode to nonsense without a word."""
    path = tmp_path / "表.csv"
    text = "街镇,社区,常住人口\r\n" + "望云街道,临河社区,1200\r\n" * 20
    data = bytearray(text.encode())
    data[-8] = 0x41
    assert bytes(data).decode("gb18030")
    path.write_bytes(bytes(data))
    assert read(path) == ([], ["F009"])


def test_an_open_quote_that_would_swallow_the_rows_below_is_a_finding(tmp_path):
    path = tmp_path / "表.csv"
    path.write_text('名称,数\r\n"甲,1\r\n乙,2\r\n丙,3\r\n', encoding="utf-8")
    assert read(path) == ([], ["F007"])


def test_a_zip_bomb_is_refused_before_it_fills_the_memory(tmp_path, monkeypatch):
    monkeypatch.setattr(grid_module, "MAX_UNPACKED_MB", 5)
    path = tmp_path / "表.xlsx"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("xl/workbook.xml", "<workbook/>")
        archive.writestr("xl/worksheets/sheet1.xml", b"0" * (50 << 20))
    assert path.stat().st_size < 1 << 20
    assert read(path) == ([], ["F006"])


def test_a_zip_that_lies_about_its_size_is_damaged(tmp_path):
    path = tmp_path / "表.xlsx"
    data = bytearray(xlsx_bytes())
    at = data.rindex(b"xl/worksheets/sheet1.xml") - 46
    struct.pack_into("<I", data, at + 24, 7)
    path.write_bytes(bytes(data))
    assert read(path) == ([], ["F003"])


@pytest.mark.parametrize(
    ("written", "otherwise"),
    [
        (b"<c r=", b"<c r="),
        (b'<c r="XFD1048576" t="s">', b'<c t="s" r="XFD1048576">'),
        (b"<c r=", b"<x:c r="),
    ],
    ids=["as Excel", "attributes turned", "with a prefix"],
)
def test_one_cell_far_out_does_not_make_a_billion_cells(tmp_path, written, otherwise):
    memory = io.BytesIO()
    with xlsxwriter.Workbook(memory) as book:
        page = book.add_worksheet()
        page.write(0, 0, "街镇")
        page.write(1_048_575, 16_383, "误")
    path = tmp_path / "表.xlsx"
    path.write_bytes(edited(memory.getvalue(), "sheet1", written, otherwise))
    assert read(path) == ([], ["F006"])


def test_a_file_larger_than_the_limit_is_refused_unread(tmp_path, monkeypatch):
    monkeypatch.setattr(grid_module, "MAX_FILE_MB", 0)
    path = tmp_path / "表.csv"
    path.write_text("甲,乙\r\n1,2\r\n", encoding="utf-8")
    assert read(path) == ([], ["F006"])


def test_too_many_columns_are_refused(tmp_path):
    path = tmp_path / "表.csv"
    path.write_text(",".join(["列"] * (grid_module.MAX_COLUMNS + 1)) + "\r\n", encoding="utf-8")
    assert read(path) == ([], ["F006"])


@pytest.mark.parametrize("original", [xlsx_bytes(), xls("数据", ROWS)], ids=["xlsx", "xls"])
def test_no_damage_to_a_workbook_ends_in_anything_but_findings(tmp_path, original):
    """Bytes changed at random, reproducibly: the file reads, or says why not."""
    chance = random.Random(20261124)
    path = tmp_path / "表.xlsx"
    for _ in range(150):
        data = bytearray(original)
        for _ in range(chance.randint(1, 8)):
            data[chance.randrange(len(data))] = chance.randrange(256)
        path.write_bytes(
            bytes(data[: chance.randint(len(data) // 2, len(data))] if chance.random() < 0.3 else data)
        )
        grids, codes = read(path)
        assert bool(grids) != bool(codes) or (not grids and not codes)
