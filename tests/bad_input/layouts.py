"""Tables of another shape than was agreed: headers renamed, doubled, missing; merged cells; rows twice."""

from __future__ import annotations

import io
from typing import Any

import xlsxwriter

from .cases import case
from .small_project import BUILDINGS, ESTATES, Rows, Small, xlsx

BOOK, FORM = "inputs/楼栋.xlsx", "inputs/小区.xlsx"


def merged(rows: Rows, *areas: str) -> bytes:
    """The form as a workbook with areas merged, each keeping its first cell."""
    memory = io.BytesIO()
    with xlsxwriter.Workbook(memory) as book:
        page = book.add_worksheet("小区")
        for r, row in enumerate(rows):
            page.write_row(r, 0, row)
        for area in areas:
            letter, number = area[0], int(area[1 : area.index(":")])
            page.merge_range(area, rows[number - 1][ord(letter) - 65])
    return memory.getvalue()


def renamed(rows: Rows, **labels: str) -> Rows:
    """The rows with labels of the header changed, by the column's letter."""
    header: list[Any] = list(rows[0])
    for letter, label in labels.items():
        header[ord(letter) - 65] = label
    return [header, *rows[1:]]


@case(
    "a required column that is not there",
    ("inputs/楼栋.xlsx", "楼栋", 1, "楼名", "T002"),
)
def column_missing(small: Small) -> None:
    small.table(BOOK, [row[:3] + row[4:] for row in BUILDINGS])


@case(
    "a column that is not there and not required",
    ("inputs/小区.xlsx", "小区", 1, "改造投资（万元）", "T004"),
    ("指标 BM-01", "", None, "", "M003"),
)
def column_missing_not_required(small: Small) -> None:
    small.table(FORM, [row[:4] for row in ESTATES])


@case(
    "the column of the unit is not there",
    ("inputs/小区.xlsx", "小区", 1, "社区", "T002"),
    ("inputs/小区.xlsx", "小区", 3, "社区", "N007"),
    ("inputs/小区.xlsx", "小区", 5, "社区", "N007"),
    ("inputs/小区.xlsx", "小区", None, "社区", "N006"),
)
def unit_column_missing(small: Small) -> None:
    small.table(FORM, [[row[0], *row[2:]] for row in ESTATES])


@case(
    "a header with no word of what was agreed",
    ("inputs/小区.xlsx", "小区", 1, "", "T001"),
)
def header_of_another_table(small: Small) -> None:
    small.table(FORM, [["姓名", "工号", "部门"], ["张三", 1, "办公室"]])


@case(
    "the same header twice",
    ("inputs/小区.xlsx", "小区", 1, "小区数（个）", "T003"),
)
def header_twice(small: Small) -> None:
    small.table(FORM, renamed([[*row, row[2]] for row in ESTATES], F="小区数（个）"))


@case(
    "a renamed header where only one thing can be meant is read, and told",
    ("inputs/小区.xlsx", "小区", 1, "达标的小区数", "T007"),
)
def header_renamed(small: Small) -> None:
    small.table(FORM, renamed(ESTATES, D="达标的小区数（个）"))


@case(
    "a header in a unit that cannot be converted",
    ("inputs/小区.xlsx", "小区", None, "改造投资（万元）", "T006"),
)
def header_in_another_unit(small: Small) -> None:
    small.table(FORM, renamed(ESTATES, E="改造投资（公顷）"))


@case("a header in another unit of the same kind is converted")
def header_in_yuan(small: Small) -> None:
    small.table(
        FORM, [[*row[:4], row[4] * 10000 if r else "改造投资（元）"] for r, row in enumerate(ESTATES)]
    )


@case("two rows of header where one was agreed are read")
def two_header_rows(small: Small) -> None:
    top = ["街镇", "社区", "小区", "", ""]
    below = ["", "", "小区数（个）", "达标小区数（个）", "改造投资（万元）"]
    small.raw(FORM, merged([top, below, *ESTATES[1:]], "A1:A2", "B1:B2", "C1:E1"))


@case(
    "a number in a cell merged over two communities",
    ("inputs/小区.xlsx", "小区", 2, "小区数（个）", "T008"),
)
def number_merged_over_rows(small: Small) -> None:
    rows = small.rows(FORM)
    rows[2][2] = ""
    small.raw(FORM, merged(rows, "C2:C3"))


@case(
    "a number in a cell merged over two columns",
    ("inputs/小区.xlsx", "小区", 2, "小区数（个）", "T008"),
)
def number_merged_over_columns(small: Small) -> None:
    rows = small.rows(FORM)
    rows[1][3] = ""
    small.raw(FORM, merged(rows, "C2:D2"))


@case(
    "a community on two rows of a form",
    ("inputs/小区.xlsx", "小区", 6, "社区", "N007"),
)
def unit_twice_in_a_form(small: Small) -> None:
    small.add(FORM, ["东街道", "甲社区", 3, 2, 10])


@case(
    "a form that leaves out a community",
    ("inputs/小区.xlsx", "小区", None, "社区", "N006"),
)
def unit_missing_in_a_form(small: Small) -> None:
    small.table(FORM, ESTATES[:-1])


@case(
    "a number of a thing on two rows",
    ("inputs/楼栋.xlsx", "楼栋", 5, "楼栋编号", "T020"),
)
def key_twice(small: Small) -> None:
    small.put(BOOK, C5="B-1")


@case(
    "a form with its header alone",
    ("inputs/小区.xlsx", "小区", None, "", "T005"),
    ("指标 AQ-02", "", None, "", "M002"),
    ("指标 BM-01", "", None, "", "M002"),
    ("inputs/项目库.xlsx", "", 2, "指标", "B006"),
    ("inputs/项目库.xlsx", "", 3, "指标", "B006"),
)
def form_without_rows(small: Small) -> None:
    small.table(FORM, ESTATES[:1])


@case(
    "a header row given that is beyond the table",
    ("inputs/小区.xlsx", "小区", 1, "", "T001"),
)
def header_row_beyond(small: Small) -> None:
    small.settings('file = "inputs/小区.xlsx"', 'file = "inputs/小区.xlsx"\nheader_row = 40')


@case(
    "an input declared as long whose item column is not there",
    ("inputs/公报.csv", "", 1, "指标名称", "T002"),
)
def long_without_items(small: Small) -> None:
    small.table("inputs/公报.csv", [[row[0], row[2]] for row in small.rows("inputs/公报.csv")])


@case(
    "a unit that states the same item on two rows",
    ("inputs/公报.csv", "", 5, "指标名称", "N009"),
)
def item_twice(small: Small) -> None:
    small.table("inputs/公报.csv", [*small.rows("inputs/公报.csv"), ["东街道", "供水普及率", 97.5]])


@case(
    "an item misspelt in a table of reported values, where the others have it right",
    ("inputs/公报.csv", "", 4, "指标名称", "T019"),
    says=("西镇又没有“供水普及率”", "第 4 行"),
)
def reported_item_misspelt(small: Small) -> None:
    small.put("inputs/公报.csv", B4="供水普及律")


def long_form(small: Small, *rows: list[Any]) -> None:
    """The form of estates as a long table of these rows, and its settings."""
    small.settings(
        'file = "inputs/小区.xlsx"',
        'file = "inputs/小区.xlsx"\nlayout = "long"\nitem = "项目"\nvalue = "数值"',
    )
    small.raw(FORM, xlsx("小区", [["街镇", "社区", "项目", "数值"], *rows]))


def stated(*names: str) -> Rows:
    """What each unit states, one item after the other, under these names."""
    return [[*row[:2], name, row[2 + i]] for i, name in enumerate(names) for row in ESTATES[1:]]


@case(
    "a long table in which an item has another name, and one that a unit states twice",
    ("inputs/小区.xlsx", "小区", None, "项目", "T009"),
    ("inputs/小区.xlsx", "小区", 14, "项目", "N009"),
)
def long_items_wrong(small: Small) -> None:
    rows = stated("小区数（个）", "达标小区数（个）", "改造投资")
    long_form(small, *rows, [*rows[0][:3], 11])


@case(
    "a long table in which one unit misspells an item, and two another",
    ("inputs/小区.xlsx", "小区", 7, "项目", "T019"),
    ("inputs/小区.xlsx", "小区", 10, "项目", "T019"),
    says=(
        "“达标的小区数”（第 7 行）不是要的项目；乙社区又没有",
        "第 10、12 行",
        "甲社区、丙社区又没有“改造投资（万元）”",
    ),
)
def long_items_misspelt(small: Small) -> None:
    rows = stated("小区数（个）", "达标小区数（个）", "改造投资（万元）")
    for at, name in ((5, "达标的小区数"), (8, "改造投入（万元）"), (10, "改造投入（万元）")):
        rows[at][2] = name
    long_form(small, *rows)


@case(
    "a long table with items nobody asked for, much like those asked for, and one that a unit does not state"
)
def long_items_of_others(small: Small) -> None:
    names = ("小区数（个）", "达标小区数（个）", "改造投资（万元）")
    rows = [*stated(*names), *stated("老旧小区数（个）", "新增达标小区数（个）", "改造投资额（元）")]
    long_form(small, *rows[:-5], *rows[-4:])


@case(
    "a workbook of two sheets of which the second has another unit on its figures",
    ("inputs/小区.xlsx", "二", None, "改造投资（万元）", "T006"),
)
def second_sheet_in_another_unit(small: Small) -> None:
    memory = io.BytesIO()
    with xlsxwriter.Workbook(memory) as book:
        for name, rows in (("一", ESTATES[:3]), ("二", [ESTATES[0], *ESTATES[3:]])):
            page = book.add_worksheet(name)
            shown = renamed(rows, E="改造投资（公里）") if name == "二" else rows
            for r, row in enumerate(shown):
                page.write_row(r, 0, row)
    small.raw(FORM, memory.getvalue())


@case("notes and signatures below the table are no rows")
def notes_below(small: Small) -> None:
    small.raw(FORM, xlsx("小区", [*ESTATES, [], ["注：以上数据截至2025年底。"], ["填表人：张三"]]))
