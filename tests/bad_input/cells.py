"""Cells that do not say what their column wants: no numbers, too much, errors and formulas, dates, words for numbers."""

from __future__ import annotations

import io

import openpyxl
import polars as pl

from ..workbook_bytes import edited, ods, repacked, xls
from .cases import case
from .files import sheet_xml
from .small_project import BUILDINGS, ESTATES, Rows, Small, xlsx

BOOK, FORM = "inputs/楼栋.xlsx", "inputs/小区.xlsx"


def with_number(small: Small, value: str) -> None:
    """The form with a number in C3 written into the file as it is, which no library would do."""
    rows = [list(row) for row in ESTATES]
    rows[2][2] = 987654
    small.raw(FORM, edited(xlsx("小区", rows), "sheet1", b"987654", value.encode()))


def with_formulas(name: str, rows: Rows, **cells: str) -> bytes:
    """A workbook whose formulas nobody has reckoned yet, as a program writes them."""
    book = openpyxl.Workbook()
    page = book.active
    page.title = name
    for row in rows:
        page.append(row)
    for cell, formula in cells.items():
        page[cell] = formula
    memory = io.BytesIO()
    book.save(memory)
    return memory.getvalue()


@case(
    "NaN as text in a column of numbers",
    ("inputs/小区.xlsx", "小区", 3, "小区数（个）", "T010"),
)
def nan_as_text(small: Small) -> None:
    small.put(FORM, C3="NaN")


@case(
    "Inf as text in a column of numbers",
    ("inputs/小区.xlsx", "小区", 3, "小区数（个）", "T010"),
)
def infinity_as_text(small: Small) -> None:
    small.put(FORM, C3="Inf")


@case(
    "1e400 as text",
    ("inputs/小区.xlsx", "小区", 3, "小区数（个）", "T010"),
)
def beyond_all_numbers_as_text(small: Small) -> None:
    small.put(FORM, C3="1e400")


@case(
    "1e99 as text: a number, and no quantity of anything",
    ("inputs/小区.xlsx", "小区", 3, "小区数（个）", "T012"),
)
def absurdly_large(small: Small) -> None:
    small.put(FORM, C3="1e99")


@case(
    "1E400 as a number in the file, which becomes infinite",
    ("inputs/小区.xlsx", "小区", 3, "小区数（个）", "T010"),
)
def beyond_all_numbers(small: Small) -> None:
    with_number(small, "1E400")


@case(
    "NaN as a number in the file",
    ("inputs/小区.xlsx", "小区", 3, "小区数（个）", "T010"),
)
def nan_as_number(small: Small) -> None:
    with_number(small, "NaN")


@case(
    "infinity in a Parquet file",
    ("inputs/小区.xlsx", "", 3, "小区数（个）", "T010"),
)
def infinity_in_parquet(small: Small) -> None:
    header, *rows = ESTATES
    frame = pl.DataFrame(rows, schema=header, orient="row", infer_schema_length=None)
    frame = frame.with_columns(pl.Series(header[2], [10.0, float("inf"), 12.0, 13.0]))
    memory = io.BytesIO()
    frame.write_parquet(memory)
    small.raw(FORM, memory.getvalue())


@case(
    "a number of thirty digits",
    ("inputs/小区.xlsx", "小区", 3, "小区数（个）", "T010"),
)
def thirty_digits(small: Small) -> None:
    small.put(FORM, C3="123456789012345678901234567890")


@case(
    "a negative number of estates",
    ("inputs/小区.xlsx", "小区", 3, "小区数（个）", "T012"),
)
def negative_count(small: Small) -> None:
    small.put(FORM, C3=-11)


@case(
    "a negative number in brackets, as accountants write it",
    ("inputs/小区.xlsx", "小区", 3, "改造投资（万元）", "T010"),
)
def negative_in_brackets(small: Small) -> None:
    small.put(FORM, E3="(121.5)")


@case(
    "a number in words",
    ("inputs/小区.xlsx", "小区", 3, "小区数（个）", "T010"),
)
def number_in_words(small: Small) -> None:
    small.put(FORM, C3="十一")


@case(
    "about so many",
    ("inputs/小区.xlsx", "小区", 3, "小区数（个）", "T010"),
)
def about_so_many(small: Small) -> None:
    small.put(FORM, C3="约11")


@case(
    "from so many to so many",
    ("inputs/小区.xlsx", "小区", 3, "小区数（个）", "T010"),
)
def a_range(small: Small) -> None:
    small.put(FORM, C3="10-12")


@case(
    "two numbers in a cell",
    ("inputs/小区.xlsx", "小区", 3, "小区数（个）", "T010"),
)
def two_numbers(small: Small) -> None:
    small.put(FORM, C3="11、12")


@case(
    "a Chinese full stop for the decimal point",
    ("inputs/小区.xlsx", "小区", 3, "改造投资（万元）", "T010"),
)
def chinese_full_stop(small: Small) -> None:
    small.put(FORM, E3="121。5")


@case(
    "无 where a number is wanted",
    ("inputs/小区.xlsx", "小区", 3, "小区数（个）", "T010"),
)
def none_for_a_number(small: Small) -> None:
    small.put(FORM, C3="无")


@case(
    "O for 0",
    ("inputs/小区.xlsx", "小区", 3, "小区数（个）", "T010"),
)
def letter_for_digit(small: Small) -> None:
    small.put(FORM, C3="1O")


@case(
    "thousands separators in the wrong places",
    ("inputs/小区.xlsx", "小区", 3, "改造投资（万元）", "T010"),
)
def wrong_separators(small: Small) -> None:
    small.put(FORM, E3="12,15")


@case("full-width digits, separators and a per cent sign are read")
def full_width_digits(small: Small) -> None:
    small.put(FORM, C3="１１", D3="９", E3="1,121.5")


@case(
    "a unit in the cell that is none of the column's",
    ("inputs/小区.xlsx", "小区", 3, "改造投资（万元）", "T010"),
)
def unit_of_another_kind(small: Small) -> None:
    small.put(FORM, E3="121.5公顷")


@case("a unit in the cell that the column's can be made of is converted")
def unit_in_the_cell(small: Small) -> None:
    small.put(FORM, E3="0.01215亿元")


@case(
    "a per cent text in a column of counts",
    ("inputs/小区.xlsx", "小区", 3, "小区数（个）", "T010"),
)
def percent_for_a_count(small: Small) -> None:
    small.put(FORM, C3="85%")


@case(
    "half a building",
    ("inputs/楼栋.xlsx", "楼栋", 3, "户数", "T010"),
)
def half_a_thing(small: Small) -> None:
    small.put(BOOK, F3=24.5)


@case(
    "a year in words",
    ("inputs/楼栋.xlsx", "楼栋", 3, "建成年份", "T010"),
)
def year_in_words(small: Small) -> None:
    small.put(BOOK, E3="八十年代")


@case(
    "neither yes nor no",
    ("inputs/楼栋.xlsx", "楼栋", 3, "有裂缝", "T010"),
)
def neither_yes_nor_no(small: Small) -> None:
    small.put(BOOK, G3="可能")


@case(
    "a date as the number that Excel keeps it as",
    ("inputs/楼栋.xlsx", "楼栋", 3, "鉴定日期", "T010"),
)
def date_as_a_number(small: Small) -> None:
    small.put(BOOK, H3=46143)


@case(
    "a date of text with the year left out",
    ("inputs/楼栋.xlsx", "楼栋", 3, "鉴定日期", "T010"),
)
def date_without_a_year(small: Small) -> None:
    small.put(BOOK, H3="5月2日")


@case(
    "the 31st of June",
    ("inputs/楼栋.xlsx", "楼栋", 3, "鉴定日期", "T010"),
)
def date_that_is_none(small: Small) -> None:
    small.put(BOOK, H3="2026-06-31")


@case(
    "a date as Americans write it",
    ("inputs/楼栋.xlsx", "楼栋", 3, "鉴定日期", "T010"),
)
def date_american(small: Small) -> None:
    small.put(BOOK, H3="05/02/2026")


@case(
    "a division by nought",
    ("inputs/小区.xlsx", "小区", 3, "小区数（个）", "T015"),
)
def error_of_division(small: Small) -> None:
    small.raw(FORM, with_formulas("小区", ESTATES, C3="#DIV/0!"))


@case(
    "a division by nought in a workbook of Excel 97",
    ("inputs/小区.xlsx", "小区", 3, "小区数（个）", "T015"),
)
def error_in_an_old_workbook(small: Small) -> None:
    rows = [list(row) for row in ESTATES]
    rows[2][2] = "#DIV/0!"
    small.raw(FORM, xls("小区", rows))


@case(
    "a division by nought in an .ods, where Excel writes the number 0 for it",
    ("inputs/小区.xlsx", "小区", 3, "小区数（个）", "T015"),
)
def error_in_an_ods(small: Small) -> None:
    rows = [[str(cell) for cell in row] for row in ESTATES]
    rows[2][2] = (
        '<table:table-cell table:formula="of:=1/0" office:value-type="float" office:value="0">'
        "<text:p>#DIV/0!</text:p></table:table-cell>"
    )
    small.raw(FORM, ods("小区", rows))


@case(
    "a reference to a cell that is gone",
    ("inputs/小区.xlsx", "小区", 3, "达标小区数（个）", "T015"),
)
def error_of_reference(small: Small) -> None:
    small.raw(FORM, with_formulas("小区", ESTATES, D3="#REF!"))


@case(
    "a look-up that found nothing, where the unit's name should stand",
    ("inputs/小区.xlsx", "小区", 3, "社区", "T015"),
    ("inputs/小区.xlsx", "小区", None, "社区", "N006"),
)
def error_for_a_name(small: Small) -> None:
    small.raw(FORM, with_formulas("小区", ESTATES, B3="#N/A"))


@case(
    "a look-up that found nothing, in a column of remarks",
    ("inputs/楼栋.xlsx", "楼栋", 3, "楼名", "T015"),
)
def error_in_a_remark(small: Small) -> None:
    small.raw(BOOK, with_formulas("楼栋", BUILDINGS, D3="#N/A"))


@case(
    "errors in a text file, as Excel writes them out",
    ("inputs/公报.csv", "", 3, "数值", "T015"),
)
def error_in_a_text_file(small: Small) -> None:
    small.put("inputs/公报.csv", C3="#VALUE!")


@case(
    "a formula that nobody has reckoned",
    ("inputs/小区.xlsx", "小区", 3, "小区数（个）", "T015"),
)
def formula_not_reckoned(small: Small) -> None:
    small.raw(FORM, with_formulas("小区", ESTATES, C3="=10+1"))


@case(
    "formulas not reckoned in a whole column, also below the last other cell",
    ("inputs/小区.xlsx", "小区", 2, "改造投资（万元）", "T015"),
    ("inputs/小区.xlsx", "小区", 3, "改造投资（万元）", "T015"),
    ("inputs/小区.xlsx", "小区", 4, "改造投资（万元）", "T015"),
    ("inputs/小区.xlsx", "小区", 5, "改造投资（万元）", "T015"),
)
def formulas_not_reckoned(small: Small) -> None:
    small.raw(FORM, with_formulas("小区", ESTATES, E2="=1", E3="=E2+1", E4="=E3+1", E5="=E4+1"))


@case("a formula with its result kept is read")
def formula_reckoned(small: Small) -> None:
    rows = "".join(
        f'<row r="{r}">' + "".join(
            f'<c r="{"ABCDE"[c]}{r}"><f>1+{cell - 1}</f><v>{cell}</v></c>' if isinstance(cell, int | float)
            else f'<c r="{"ABCDE"[c]}{r}" t="inlineStr"><is><t>{cell}</t></is></c>'
            for c, cell in enumerate(row)
        ) + "</row>"
        for r, row in enumerate(ESTATES, 1)
    )  # fmt: skip
    small.raw(FORM, repacked(xlsx("小区", ESTATES), sheet1=sheet_xml(rows)))


@case(
    "a formula written as text",
    ("inputs/小区.xlsx", "小区", 3, "小区数（个）", "T015"),
)
def formula_as_text(small: Small) -> None:
    small.put(FORM, C3="=SUM(C4:C5)")


@case(
    "a formula written as text for a name",
    ("inputs/楼栋.xlsx", "楼栋", 3, "楼名", "T015"),
)
def formula_as_a_name(small: Small) -> None:
    small.put(BOOK, D3="=VLOOKUP(C3,名册!A:B,2,0)")


@case(
    "a required cell left blank",
    ("inputs/楼栋.xlsx", "楼栋", 3, "楼栋编号", "T013"),
    ("inputs/楼栋.xlsx", "楼栋", 4, "楼名", "T013"),
)
def required_cell_blank(small: Small) -> None:
    small.put(BOOK, C3="", D4="—")


@case(
    "thirty cells of a column with the same fault: twenty are told, the others counted",
    ("inputs/楼栋.xlsx", "楼栋", 10, "建成年份", "T010"),
    ("inputs/楼栋.xlsx", "楼栋", 11, "建成年份", "T010"),
    ("inputs/楼栋.xlsx", "楼栋", 12, "建成年份", "T010"),
    ("inputs/楼栋.xlsx", "楼栋", 13, "建成年份", "T010"),
    ("inputs/楼栋.xlsx", "楼栋", 14, "建成年份", "T010"),
    ("inputs/楼栋.xlsx", "楼栋", 15, "建成年份", "T010"),
    ("inputs/楼栋.xlsx", "楼栋", 16, "建成年份", "T010"),
    ("inputs/楼栋.xlsx", "楼栋", 17, "建成年份", "T010"),
    ("inputs/楼栋.xlsx", "楼栋", 18, "建成年份", "T010"),
    ("inputs/楼栋.xlsx", "楼栋", 19, "建成年份", "T010"),
    ("inputs/楼栋.xlsx", "楼栋", 20, "建成年份", "T010"),
    ("inputs/楼栋.xlsx", "楼栋", 21, "建成年份", "T010"),
    ("inputs/楼栋.xlsx", "楼栋", 22, "建成年份", "T010"),
    ("inputs/楼栋.xlsx", "楼栋", 23, "建成年份", "T010"),
    ("inputs/楼栋.xlsx", "楼栋", 24, "建成年份", "T010"),
    ("inputs/楼栋.xlsx", "楼栋", 25, "建成年份", "T010"),
    ("inputs/楼栋.xlsx", "楼栋", 26, "建成年份", "T010"),
    ("inputs/楼栋.xlsx", "楼栋", 27, "建成年份", "T010"),
    ("inputs/楼栋.xlsx", "楼栋", 28, "建成年份", "T010"),
    ("inputs/楼栋.xlsx", "楼栋", 29, "建成年份", "T010"),
    ("inputs/楼栋.xlsx", "楼栋", None, "建成年份", "T014"),
)
def the_same_fault_thirty_times(small: Small) -> None:
    rows = [["东街道", "甲社区", f"C-{i}", f"{i}号楼", "不详年", 5, "是", ""] for i in range(30)]
    small.add(BOOK, *rows)


@case(
    "a share of more than a hundred",
    ("inputs/小区.xlsx", "小区", None, "", "M005"),
    ("inputs/小区.xlsx", "小区", 3, "", "M005"),
    ("inputs/项目库.xlsx", "", 2, "指标", "B006"),
)
def share_over_a_hundred(small: Small) -> None:
    small.put(FORM, D3=15)


@case(
    "a reported rate of more than a hundred",
    ("指标 BM-02", "", None, "", "M004"),
    ("inputs/公报.csv", "", 2, "", "M005"),
    ("inputs/公报.csv", "", 3, "", "M005"),
)
def reported_over_a_hundred(small: Small) -> None:
    small.put("inputs/公报.csv", C3=970)


@case(
    "a reported rate below nought",
    ("指标 BM-02", "", None, "", "M004"),
    ("inputs/公报.csv", "", 2, "", "M005"),
    ("inputs/公报.csv", "", 3, "", "M005"),
)
def reported_below_nought(small: Small) -> None:
    small.put("inputs/公报.csv", C3=-97)


@case(
    "a reported rate as a part of one where the others are per cent",
    ("指标 BM-02", "", None, "", "M004"),
)
def reported_as_a_part_of_one(small: Small) -> None:
    small.put("inputs/公报.csv", C3=0.97)


@case(
    "yuan where ten thousand yuan are wanted",
    ("指标 BM-01", "", None, "", "Q004"),
)
def ten_thousand_times(small: Small) -> None:
    small.put(FORM, E3=1_215_000)
    small.add("history/往年.csv", *([year, "东街道", "BM-01", 11.5] for year in (2023, 2024, 2025)))


@case(
    "a cell of 32,768 characters in a workbook",
    ("inputs/楼栋.xlsx", "楼栋", 3, "楼名", "T017"),
)
def cell_longer_than_excel_allows(small: Small) -> None:
    rows = "".join(
        f'<row r="{r}">' + "".join(
            f'<c r="{"ABCDEFGH"[c]}{r}" t="inlineStr"><is><t>{"长" * 3_500_000 if (r, c) == (3, 3) else cell}</t></is></c>'
            for c, cell in enumerate(row)
        ) + "</row>"
        for r, row in enumerate(BUILDINGS, 1)
    )  # fmt: skip
    small.raw(BOOK, repacked(xlsx("楼栋", BUILDINGS), sheet1=sheet_xml(rows)))
