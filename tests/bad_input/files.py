"""Files that are not what they should be: cut short, locked, of another kind, packed to fill the memory."""

from __future__ import annotations

import io
import os
import struct
import zipfile
import zlib

from ..workbook_bytes import edited, ole2, repacked, xls, xls_95
from .cases import case
from .small_project import BUILDINGS, TABLES, Small, csv_bytes, xlsx

BOOK = "inputs/楼栋.xlsx"


def sheet_xml(rows: str) -> bytes:
    """A sheet's XML around the XML of its rows."""
    space = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
    return (
        f'<?xml version="1.0"?><worksheet xmlns="{space}"><sheetData>{rows}</sheetData></worksheet>'.encode()
    )


def good_book() -> bytes:
    """The workbook of buildings as it is right."""
    return xlsx(*TABLES[BOOK])


@case(
    "a workbook cut short half way",
    ("inputs/楼栋.xlsx", "", None, "", "F003"),
)
def xlsx_cut_short(small: Small) -> None:
    small.raw(BOOK, good_book()[: len(good_book()) // 2])


@case(
    "a workbook that lost its last bytes",
    ("inputs/楼栋.xlsx", "", None, "", "F003"),
)
def xlsx_without_its_end(small: Small) -> None:
    small.raw(BOOK, good_book()[:-30])


@case(
    "a workbook with a flipped bit in its data",
    ("inputs/楼栋.xlsx", "", None, "", "F003"),
)
def xlsx_with_a_wrong_checksum(small: Small) -> None:
    data = bytearray(good_book())
    at = data.index(b"sheet1.xml") + 60
    data[at] ^= 0xFF
    small.raw(BOOK, bytes(data))


@case(
    "a workbook with a password",
    ("inputs/楼栋.xlsx", "", None, "", "F004"),
)
def xlsx_with_a_password(small: Small) -> None:
    small.raw(BOOK, ole2("EncryptionInfo", "EncryptedPackage"))


@case("an .xls under the name .xlsx is read as what it is")
def xls_named_xlsx(small: Small) -> None:
    small.raw(BOOK, xls("楼栋", BUILDINGS))


@case(
    "an .xls cut short",
    ("inputs/楼栋.xlsx", "", None, "", "F003"),
)
def xls_cut_short(small: Small) -> None:
    small.raw(BOOK, xls("楼栋", BUILDINGS)[:3000])


@case(
    "a workbook of Excel 95, as old systems export it",
    ("inputs/楼栋.xlsx", "", None, "", "F011"),
)
def xls_of_1995(small: Small) -> None:
    small.raw(BOOK, xls_95("楼栋", BUILDINGS))


@case("a .csv under the name .xlsx is read as what it is")
def csv_named_xlsx(small: Small) -> None:
    small.raw(BOOK, csv_bytes(BUILDINGS))


@case(
    "an empty file",
    ("inputs/楼栋.xlsx", "", None, "", "F002"),
)
def empty_file(small: Small) -> None:
    small.raw(BOOK, b"")


@case(
    "a file of blanks",
    ("inputs/工单.csv", "", None, "", "F002"),
)
def blank_file(small: Small) -> None:
    small.raw("inputs/工单.csv", b"\xef\xbb\xbf\r\n\r\n  \r\n")


@case(
    "a PDF under the name .xlsx",
    ("inputs/楼栋.xlsx", "", None, "", "F005"),
)
def pdf_named_xlsx(small: Small) -> None:
    small.raw(BOOK, b"%PDF-1.7\n1 0 obj\n<<>>\nendobj\n%%EOF\n")


@case(
    "a web page under the name .xls, as some systems export",
    ("inputs/楼栋.xlsx", "", None, "", "F005"),
)
def html_named_xlsx(small: Small) -> None:
    small.raw(BOOK, "<html><table><tr><td>街镇</td></tr></table></html>".encode())


@case(
    "a picture under the name .csv",
    ("inputs/工单.csv", "", None, "", "F005"),
)
def picture_named_csv(small: Small) -> None:
    small.raw("inputs/工单.csv", b"\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR" + bytes(range(200)))


@case(
    "a workbook inside a zip inside a zip",
    ("inputs/楼栋.xlsx", "", None, "", "F005"),
)
def zip_in_a_zip(small: Small) -> None:
    inner = io.BytesIO()
    with zipfile.ZipFile(inner, "w") as archive:
        archive.writestr("楼栋.xlsx", good_book())
    outer = io.BytesIO()
    with zipfile.ZipFile(outer, "w") as archive:
        archive.writestr("楼栋.zip", inner.getvalue())
    small.raw(BOOK, outer.getvalue())


@case(
    "a rar archive",
    ("inputs/楼栋.xlsx", "", None, "", "F005"),
)
def rar_archive(small: Small) -> None:
    small.raw(BOOK, b"Rar!\x1a\x07\x01\x00" + b"\0" * 100)


@case(
    "a zip bomb: 700 MB of zeros in a workbook of some hundred kilobytes",
    ("inputs/楼栋.xlsx", "", None, "", "F006"),
)
def zip_bomb_by_size(small: Small) -> None:
    small.raw(BOOK, bomb(1, 700 * 2**20))


@case(
    "a zip bomb that stays under the size allowed, but blows up a thousandfold",
    ("inputs/楼栋.xlsx", "", None, "", "F006"),
)
def zip_bomb_by_ratio(small: Small) -> None:
    small.raw(BOOK, bomb(1, 150 * 2**20))


@case(
    "a zip bomb that lies about its size",
    ("inputs/楼栋.xlsx", "", None, "", "F003"),
)
def zip_bomb_that_lies(small: Small) -> None:
    small.raw(BOOK, bomb(8, 1000))


def bomb(megabytes: int, said: int) -> bytes:
    """A workbook with one part more, of so many megabytes of zeros, which says that it unpacks to ``said`` bytes."""
    zeros = b"\0" * (megabytes * 2**20)
    packer = zlib.compressobj(9, zlib.DEFLATED, -15)
    stream = packer.compress(zeros) + packer.flush()
    memory = io.BytesIO(good_book())
    with zipfile.ZipFile(memory, "a") as book:
        book.writestr(zipfile.ZipInfo("xl/bomb.bin"), stream)
    data = bytearray(memory.getvalue())
    in_file, in_list = data.index(b"xl/bomb.bin"), data.rindex(b"xl/bomb.bin")
    for mark, end, method, sizes in ((b"PK\x03\x04", in_file, 8, 14), (b"PK\x01\x02", in_list, 10, 16)):
        at = data.rindex(mark, 0, end)
        struct.pack_into("<H", data, at + method, 8)
        struct.pack_into("<III", data, at + sizes, zlib.crc32(zeros), len(stream), said)
    return bytes(data)


@case(
    "a workbook whose sheet is no XML",
    ("inputs/楼栋.xlsx", "", None, "", "F003"),
)
def xlsx_with_a_broken_sheet(small: Small) -> None:
    small.raw(BOOK, repacked(good_book(), sheet1=b"<worksheet><sheetData><row><c></row>"))


@case(
    "a workbook without the list of its sheets",
    ("inputs/楼栋.xlsx", "", None, "", "F003"),
)
def xlsx_without_its_list(small: Small) -> None:
    small.raw(BOOK, repacked(good_book(), workbook=b""))


@case(
    "a workbook whose XML names itself a hundred million times (billion laughs)",
    ("inputs/楼栋.xlsx", "", None, "", "F003"),
)
def xlsx_with_entities(small: Small) -> None:
    laughs = "".join(f'<!ENTITY a{i} "{f"&a{i - 1};" * 10}">' for i in range(1, 9))
    text = f'<?xml version="1.0"?><!DOCTYPE x [<!ENTITY a0 "ha">{laughs}]>'
    body = (
        sheet_xml('<row r="1"><c r="A1" t="inlineStr"><is><t>&a8;</t></is></c></row>')
        .decode()
        .partition("?>")[2]
    )
    small.raw(BOOK, repacked(good_book(), sheet1=(text + body).encode()))


@case(
    "a workbook whose XML asks for a file of the machine",
    ("inputs/楼栋.xlsx", "", None, "", "F003"),
)
def xlsx_with_an_outer_entity(small: Small) -> None:
    text = '<?xml version="1.0"?><!DOCTYPE x [<!ENTITY secret SYSTEM "file:///etc/passwd">]>'
    body = (
        sheet_xml('<row r="1"><c r="A1" t="inlineStr"><is><t>&secret;</t></is></c></row>')
        .decode()
        .partition("?>")[2]
    )
    small.raw(BOOK, repacked(good_book(), sheet1=(text + body).encode()))


@case(
    "one cell filled in a million rows and sixteen thousand columns away",
    ("inputs/楼栋.xlsx", "", None, "", "F006"),
)
def xlsx_with_a_far_cell(small: Small) -> None:
    small.raw(BOOK, with_row('<row r="1048576"><c r="XFD1048576"><v>1</v></c></row>'))


@case("a hundred thousand blank rows that only carry a format are passed over")
def xlsx_with_blank_formatted_rows(small: Small) -> None:
    rows = "".join(
        f'<row r="{r}" s="1"><c r="A{r}" s="1"/><c r="B{r}" s="1"/></row>' for r in range(10, 100_000)
    )
    small.raw(BOOK, with_row(rows))


@case(
    "a stated extent of seventeen thousand million cells over eight rows is not believed, and the table is read"
)
def xlsx_whose_dimension_lies(small: Small) -> None:
    lie = b'<dimension ref="A1:XFD1048576"'
    small.raw(BOOK, edited(good_book(), "sheet1", rb'<dimension ref="[^"]*"', lie))


@case(
    "a row numbered beyond what a sheet can have",
    ("inputs/楼栋.xlsx", "", None, "", "F003"),
)
def xlsx_with_an_impossible_row(small: Small) -> None:
    small.raw(BOOK, with_row('<row r="99999999"><c r="A99999999"><v>1</v></c></row>'))


def with_row(rows: str) -> bytes:
    """The workbook of buildings with more rows at the end of its sheet, as XML."""
    return edited(good_book(), "sheet1", b"</sheetData>", rows.encode() + b"</sheetData>")


@case(
    "a workbook whose sheets are all hidden",
    ("inputs/楼栋.xlsx", "", None, "", "F002"),
)
def xlsx_all_hidden(small: Small) -> None:
    small.raw(BOOK, edited(good_book(), "workbook", b"<sheet name", b'<sheet state="hidden" name'))


@case(
    "a workbook of one blank sheet",
    ("inputs/楼栋.xlsx", "", None, "", "F002"),
)
def xlsx_blank(small: Small) -> None:
    small.raw(BOOK, xlsx("楼栋", []))


@case(
    "a sheet asked for by a name it does not have",
    ("inputs/楼栋.xlsx", "楼宇", None, "", "F008"),
)
def sheet_not_there(small: Small) -> None:
    small.settings('file = "inputs/楼栋.xlsx"', 'file = "inputs/楼栋.xlsx"\nsheet = "楼宇"')


@case(
    "a Parquet file cut short",
    ("inputs/楼栋.xlsx", "", None, "", "F003"),
)
def parquet_cut_short(small: Small) -> None:
    small.raw(BOOK, b"PAR1" + b"\x15\x04\x15" * 50)


@case(
    "a folder in the place of a file",
    ("inputs/楼栋.xlsx", "", None, "", "F010"),
)
def folder_as_file(small: Small) -> None:
    small.path(BOOK).unlink()
    small.path(BOOK).mkdir()


@case(
    "a pipe in the place of a file: reading it would wait for ever",
    ("inputs/楼栋.xlsx", "", None, "", "F010"),
)
def pipe_as_file(small: Small) -> None:
    small.path(BOOK).unlink()
    os.mkfifo(small.path(BOOK))


@case(
    "a device in the place of a file: reading it would never end",
    ("tijian.toml", "", None, "inputs.buildings.file", "P026"),
)
def device_as_file(small: Small) -> None:
    small.path(BOOK).unlink()
    small.path(BOOK).symlink_to("/dev/zero")


@case(
    "links that lead round in a circle",
    ("inputs/楼栋.xlsx", "", None, "", "F010"),
)
def circle_of_links(small: Small) -> None:
    small.path(BOOK).unlink()
    small.path(BOOK).symlink_to("环.xlsx")
    small.path("inputs/环.xlsx").symlink_to("楼栋.xlsx")


@case(
    "a link that leads out of the project",
    ("tijian.toml", "", None, "inputs.tickets.file", "P026"),
)
def link_outside(small: Small) -> None:
    small.path("inputs/工单.csv").unlink()
    small.path("inputs/工单.csv").symlink_to("/etc/passwd")


@case(
    "a link that leads nowhere",
    ("inputs/楼栋.xlsx", "", None, "", "P004"),
)
def link_to_nothing(small: Small) -> None:
    small.path(BOOK).unlink()
    small.path(BOOK).symlink_to("没有.xlsx")


@case(
    "a folder in the place of the table of units",
    ("单元名录.csv", "", None, "", "F010"),
)
def folder_as_units(small: Small) -> None:
    small.path("单元名录.csv").unlink()
    small.path("单元名录.csv").mkdir()


@case(
    "a pipe in the place of names.csv",
    ("names.csv", "", None, "", "F010"),
    ("inputs/楼栋.xlsx", "楼栋", 9, "社区", "N001"),
)
def pipe_as_names(small: Small) -> None:
    small.path("names.csv").unlink()
    os.mkfifo(small.path("names.csv"))


@case(
    "a folder in the place of corrections.toml",
    ("corrections.toml", "", None, "", "F010"),
)
def folder_as_corrections(small: Small) -> None:
    small.path("corrections.toml").unlink()
    small.path("corrections.toml").mkdir()


@case(
    "a pipe among the tables of earlier years",
    ("history/更早.csv", "", None, "", "F010"),
)
def pipe_in_history(small: Small) -> None:
    os.mkfifo(small.path("history/更早.csv"))


@case(
    "a folder among the tables of earlier years",
    ("history/更早.csv", "", None, "", "F010"),
)
def folder_in_history(small: Small) -> None:
    small.path("history/更早.csv").mkdir()


@case(
    "a file that is not there",
    ("inputs/楼栋.xlsx", "", None, "", "P004"),
)
def file_not_there(small: Small) -> None:
    small.path(BOOK).unlink()
