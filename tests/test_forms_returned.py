"""Forms that come back: filled in as meant, or changed by the office that filled them in; read where clear, else told."""

from __future__ import annotations

from pathlib import Path

import duckdb
import openpyxl
import pytest
from openpyxl.worksheet.worksheet import Worksheet

from .cli_project import call, copy_of, set_up, told
from .own_forms import (
    codes,
    column_of,
    fill,
    forms,
    found,
    header_rows,
    houses,
    own_project,
    put,
    read,
    returned,
    rows_empty_form,
    streets,
    written,
)

LAMPS = [("东街道", 100, 90, 6000.0), ("西镇", 50, 50, 4000.0)]


@pytest.fixture(scope="module")
def sent(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The project with its forms sent out: 2025 came back, so that last year's values stand in those of 2026."""
    folder = own_project(tmp_path_factory.mktemp("发表") / "试验区")
    forms(folder, "--year", 2025)
    fill(folder, "streets", streets, 2025)
    fill(folder, "seniors", lambda s: put(s, 1, 老年人数=700), 2025)
    forms(folder)
    return folder


@pytest.fixture
def project(sent: Path, tmp_path: Path) -> Path:
    """The same, to be changed."""
    return copy_of(sent, tmp_path)


def lamps(folder: Path) -> list[tuple[object, ...]]:
    return read(folder, "streets").select("单元", "lamps", "lamps_lit", "pavement").rows()


def told_of(folder: Path, code: str) -> list[tuple[object, object, object]]:
    """(row, column, value) of the findings of one kind."""
    return [(f["row"], f["column"], f["value"]) for f in found(folder) if f["code"] == code]


# ---- as it was sent ------------------------------------------------------------------------------------------


def test_a_form_filled_in_as_sent_is_read_and_last_years_values_are_not(project: Path) -> None:
    def change(sheet: Worksheet) -> None:
        put(sheet, 1, 总数=120, 亮灯数=90, 人行道面积=6000.5)  # 上年值 beside them: 100, 90, 6,000

    fill(project, "streets", change)
    assert codes(project) == []
    assert lamps(project) == [("东街道", 120, 90, 6000.5), ("西镇", None, None, None)]


def test_a_year_goes_from_the_forms_to_the_results(project: Path) -> None:
    fill(project, "streets", streets)
    fill(project, "houses", houses)
    fill(project, "bulletin", lambda s: put(s, 1, 数值=91.2))
    fill(
        project, "seniors", lambda s: put(s, 1, 老年人数=770)
    )  # 700 the year before, which was filled in by us
    assert codes(project) == []
    told("run", "-q", "-p", project)
    with duckdb.connect(str(project / "results.duckdb"), read_only=True) as con:
        rows = con.sql(
            "select name, indicator, round(value, 6) from measurements join units on unit = code and units.year = "
            "measurements.year where name in ('试验区', '东街道', '甲社区') and value is not null order by all"
        ).fetchall()
    assert rows == [
        ("东街道", "AA-01", 90.0), ("东街道", "AA-02", 0.5), ("东街道", "AA-03", 10.0), ("东街道", "AA-04", 1.0),
        ("甲社区", "AA-03", 10.0), ("甲社区", "AA-04", 1.0),
        ("试验区", "AA-01", 93.333333), ("试验区", "AA-02", 0.5), ("试验区", "AA-03", 10.0), ("试验区", "AA-04", 1.0),
        ("试验区", "AA-05", 91.2),
    ]  # fmt: skip


def test_an_untouched_form_of_things_has_no_things(project: Path) -> None:
    fill(project, "houses", lambda _: None)
    assert codes(project) == ["T005"]


def test_a_base_list_that_came_back_stands_in_the_form(project: Path) -> None:
    """小区、楼栋 have lists of their own; what is filled in there is asked for no second time."""
    folder = project.parent / "名录"
    told("init", folder)
    set_up(folder)
    forms(folder)
    out = folder / "out" / "2026" / "填报表"
    book = openpyxl.load_workbook(out / "基础名录" / "楼栋名录.xlsx")
    sheet = book.worksheets[0]
    first = rows_empty_form(sheet)
    for label, value in {
        "街镇": "西镇",
        "社区": "丁村",
        "楼栋编号": "B-1",
        "楼栋名称": "1号楼",
        "地上层数": 6,
    }.items():
        sheet.cell(first, column_of(sheet, label)).value = value
    place = folder / "inputs" / "2026" / "基础名录" / "楼栋名录.xlsx"
    place.parent.mkdir(parents=True)
    book.save(place)
    forms(folder)
    form = openpyxl.load_workbook(out / "区住房保障房屋管理局" / "住宅楼栋调查表.xlsx").worksheets[0]
    first = rows_empty_form(form)
    row = {
        label: form.cell(first, column_of(form, label)).value
        for label in ("社区", "楼栋编号", "楼栋名称", "地上层数")
    }
    assert row == {"社区": "丁村", "楼栋编号": "B-1", "楼栋名称": "1号楼", "地上层数": 6}
    assert "inputs/2026/基础名录/楼栋名录.xlsx" in [
        c.value for r in openpyxl.load_workbook(out / "发表清单.xlsx").active.iter_rows() for c in r
    ]


# ---- rows and cells ------------------------------------------------------------------------------------------


def test_inserted_rows_above_between_and_below_do_not_matter(project: Path) -> None:
    def change(sheet: Worksheet) -> None:
        streets(sheet)
        last = header_rows(sheet)[1] + 2
        sheet.cell(last + 2, 1).value = "注：亮灯数为12月巡查结果"
        sheet.cell(last + 3, 1).value = "填表人：王某"
        sheet.insert_rows(last)  # an empty row between the towns
        for area in list(sheet.merged_cells.ranges):  # openpyxl does not move them with the rows
            area.shift(row_shift=2)
        sheet.insert_rows(1, 2)
        sheet.cell(1, 1).value = "附件3"

    fill(project, "streets", change)
    assert codes(project) == []
    assert lamps(project) == LAMPS


def test_a_total_below_is_the_districts_own_statement(project: Path) -> None:
    def change(sheet: Worksheet) -> None:
        streets(sheet)
        row = header_rows(sheet)[1] + 3
        for c, value in ((1, "合计"), (column_of(sheet, "总数"), 150), (column_of(sheet, "亮灯数"), 140)):
            sheet.cell(row, c).value = value

    fill(project, "streets", change)
    assert codes(project) == []
    assert lamps(project) == [*LAMPS, ("试验区", 150, 140, None)]


def test_names_merged_over_their_rows_hold_for_each(project: Path) -> None:
    def change(sheet: Worksheet) -> None:
        houses(sheet)
        first = rows_empty_form(sheet)
        sheet.cell(first + 1, 1).value = None
        sheet.merge_cells(start_row=first, end_row=first + 1, start_column=1, end_column=1)  # 东街道
        answer = column_of(sheet, "墙体开裂")
        sheet.cell(first + 1, answer).value = None
        sheet.merge_cells(start_row=first, end_row=first + 1, start_column=answer, end_column=answer)  # 是

    fill(project, "houses", change)
    assert codes(project) == []
    assert read(project, "houses").select("单元", "house_id", "cracked").rows() == [
        ("甲社区", "H1", True), ("乙社区", "H2", True), ("丁村", "H3", None),
    ]  # fmt: skip


def test_a_number_merged_over_two_rows_or_two_items_is_told_and_taken_for_neither(project: Path) -> None:
    def change(sheet: Worksheet) -> None:
        streets(sheet)
        first = header_rows(sheet)[1] + 1
        lit, area = column_of(sheet, "亮灯数"), column_of(sheet, "人行道面积")
        sheet.merge_cells(start_row=first, end_row=first + 1, start_column=area, end_column=area)
        sheet.merge_cells(
            start_row=first, end_row=first, start_column=column_of(sheet, "总数"), end_column=lit
        )

    path = fill(project, "streets", change)
    first = header_rows(openpyxl.load_workbook(path).worksheets[0])[1] + 1
    assert sorted(told_of(project, "T008")) == sorted(
        [(first, "人行道面积", "6000"), (first, "路灯 总数", "100")]
    )
    assert lamps(project) == [("东街道", None, None, None), ("西镇", 50, 50, None)]


@pytest.mark.parametrize(
    ("typed", "read_as"),
    [("300盏", 300), ("３００", 300), ("1.2万", 12000), ("1,200", 1200), (" 300 ", 300), ("—", None), ("未填报", None)],
)  # fmt: skip
def test_text_in_a_number_cell_is_read_where_it_is_a_number(
    project: Path, typed: str, read_as: int | None
) -> None:
    fill(project, "streets", lambda sheet: put(sheet, 1, 总数=typed))
    assert lamps(project)[0][1] == read_as
    if typed in ("1.2万", "未填报"):  # the rest are of the same kinds
        assert codes(project) == []


def test_text_that_is_no_number_is_told_with_its_cell(project: Path) -> None:
    def change(sheet: Worksheet) -> None:
        streets(sheet)
        put(sheet, 1, 总数="约300", 人行道面积="6000平米左右")
        put(sheet, 2, 总数="50.5")

    path = fill(project, "streets", change)
    first = header_rows(openpyxl.load_workbook(path).worksheets[0])[1] + 1
    assert told_of(project, "T010") == [
        (first, "路灯 总数", "约300"), (first + 1, "路灯 总数", "50.5"), (first, "人行道面积", "6000平米左右"),
    ]  # fmt: skip
    assert lamps(project) == [("东街道", None, 90, None), ("西镇", None, 50, 4000.0)]


def test_what_lies_outside_its_limits_is_told_and_missing(project: Path) -> None:
    def change(sheet: Worksheet) -> None:
        houses(sheet)
        sheet.cell(rows_empty_form(sheet), column_of(sheet, "房龄")).value = 1986

    fill(project, "houses", change)
    assert [(column, value) for _, column, value in told_of(project, "T012")] == [("房龄", "1986")]
    assert read(project, "houses")["age"].to_list() == [None, 40, None]


# ---- headers -------------------------------------------------------------------------------------------------


def rename(sheet: Worksheet, label: str, new: str) -> None:
    c = column_of(sheet, label)
    r = next(r for r in range(1, 12) if sheet.cell(r, c).value == label)
    sheet.cell(r, c).value = new


def filled_under(project: Path, label: str, new: str) -> dict[str, object]:
    """The streets sent in with a header renamed, and the one thing that is told of it."""

    def change(sheet: Worksheet) -> None:
        streets(sheet)
        rename(sheet, label, new)

    fill(project, "streets", change)
    (warning,) = found(project)
    return warning


@pytest.mark.parametrize(
    ("label", "new"),
    [("亮灯数", "亮灯数量"), ("亮灯数", "亮灯"), ("人行道面积", "人行道总面积（平方米）"), ("人行道面积", "人行道的面积"), ("街镇", "所属街镇"), ("街镇", "街镇名称")],
)  # fmt: skip
def test_a_header_in_slightly_other_words_is_read_with_a_warning_naming_both(
    project: Path, label: str, new: str
) -> None:
    warning = filled_under(project, label, new)
    assert (warning["code"], warning["level"]) == ("T007", "warning")
    assert new.split("（", maxsplit=1)[0] in str(warning["message"])
    assert label in str(warning["expected"])
    assert lamps(project) == LAMPS


@pytest.mark.parametrize(
    ("label", "new"),
    [("亮灯数", "未亮灯数"), ("亮灯数", "计划亮灯数"), ("人行道面积", "新增人行道面积"), ("人行道面积", "人行道面积占比"), ("人行道面积", "绿地")],
)  # fmt: skip
def test_a_header_that_may_mean_something_else_is_told_and_not_read(
    project: Path, label: str, new: str
) -> None:
    warning = filled_under(project, label, new)
    assert warning["code"] == "T004"
    assert label in str(warning["value"])
    column = {"亮灯数": 2, "人行道面积": 3}[label]
    assert [row[column] for row in lamps(project)] == [None, None]


def test_a_label_near_two_columns_is_told_and_not_read(project: Path) -> None:
    def change(sheet: Worksheet) -> None:
        streets(sheet)
        rename(sheet, "人行道面积", "人行道面积（沥青）")
        c = sheet.max_column + 1
        top, last = header_rows(sheet)
        sheet.cell(top, c).value = "人行道面积（石材）"
        for r in range(last + 1, last + 3):
            sheet.cell(r, c).value = 1

    fill(project, "streets", change)
    (warning,) = found(project)
    assert warning["code"] == "T004"
    assert "人行道面积（沥青）" in str(warning["message"])
    assert "人行道面积（石材）" in str(warning["message"])
    assert [row[3] for row in lamps(project)] == [None, None]


def test_a_column_near_two_missing_labels_is_neither(project: Path) -> None:
    def change(sheet: Worksheet) -> None:
        houses(sheet)
        rename(sheet, "房屋名称", "房屋")
        rename(sheet, "房屋编号", "备注")

    fill(project, "houses", change)
    assert {f["code"] for f in found(project)} <= {"T002", "T004", "T007", "T013"}
    assert ("T002", "房屋编号") in [(f["code"], f["column"]) for f in found(project)]


def test_a_column_of_last_year_never_stands_in_for_a_missing_item(project: Path) -> None:
    def change(sheet: Worksheet) -> None:
        streets(sheet)
        area = column_of(sheet, "人行道面积")
        for cells in list(sheet.merged_cells.ranges):
            if cells.min_col <= area + 1 <= cells.max_col:
                sheet.unmerge_cells(str(cells))
        sheet.delete_cols(area)
        sheet.cell(header_rows(sheet)[0], area).value = "上年值"

    fill(project, "streets", change)
    assert codes(project) == ["T004"]
    assert [row[3] for row in lamps(project)] == [None, None]


def test_columns_in_another_order_and_more_of_them_are_read_as_ever(project: Path) -> None:
    path = fill(project, "streets", streets)
    book = openpyxl.Workbook()
    sheet = book.active
    for row in (
        ["备注", "人行道面积", "亮灯数", "街镇", "总数"],
        [None, None, "路灯", None, "路灯"],
    ):
        sheet.append(row)
    book.save(path)
    sheet.delete_rows(1, 2)
    for values in (
        ["备注", "人行道面积", "路灯亮灯数", "街镇", "路灯总数"],
        ["新", 6000, 90, "东街道", 100],
        [None, 4000, 50, "西镇", 50],
    ):
        sheet.append(values)
    book.save(path)
    assert codes(project) == []
    assert lamps(project) == LAMPS


def test_a_units_row_in_other_units_is_converted(project: Path) -> None:
    def change(sheet: Worksheet) -> None:
        streets(sheet)
        top, last = header_rows(sheet)
        sheet.cell(last, column_of(sheet, "人行道面积")).value = "万㎡"
        put(sheet, 1, 人行道面积=0.6)
        put(sheet, 2, 人行道面积=0.4)
        assert top < last

    fill(project, "streets", change)
    assert codes(project) == []
    assert lamps(project) == LAMPS


# ---- from an empty folder, with the shipped sets -------------------------------------------------------------

ANSWERS = {"整数": 3, "数字": 3.5, "是或否": "否", "日期": "2026-03-01"}


def answer_everything(path: Path, to: Path, rows: list[tuple[object, ...]]) -> None:
    """Fill in a form of the shipped sets as its own 填报说明 says; ``rows`` are the first cells of its rows, if any."""
    book = openpyxl.load_workbook(path)
    sheet, guide = book.worksheets[0], book["填报说明"]
    how = {
        str(r[0]).rsplit(" ", maxsplit=1)[-1]: str(r[1]) for r in guide.iter_rows(min_row=4, values_only=True)
    }
    top, last = (rows_empty_form(sheet) - 2, rows_empty_form(sheet) - 1) if rows else header_rows(sheet)
    count = len(rows) or sum(bool(sheet.cell(r, 1).value) for r in range(last + 1, sheet.max_row + 1))
    for i in range(count):
        for c in range(1, sheet.max_column + 1):
            label = next(
                str(v)
                for r in range(last, top - 1, -1)
                if ((v := sheet.cell(r, c).value) and v in how) or r == top
            )
            kind = how.get(label, "").split("，")[0]
            cell = sheet.cell(last + 1 + i, c)
            if rows and c <= len(rows[i]):
                cell.value = rows[i][c - 1]
            elif cell.value is None and kind in ANSWERS:
                cell.value = ANSWERS[kind]
    to.parent.mkdir(parents=True, exist_ok=True)
    book.save(to)


def test_from_an_empty_folder_through_the_forms_to_results(tmp_path: Path) -> None:
    folder = tmp_path / "新区"
    told("init", folder)
    set_up(folder)
    by_name = {path.name: path for path in forms(folder)}
    inputs = folder / "inputs" / "2026"
    buildings: list[tuple[object, ...]] = [
        ("东街道", "甲社区", "B-1", "1号楼", "幸福里", 1985, 6, 36),
        ("西镇", "丁村", "B-2", "2号楼", "田园居", 2005, 11, 44),
    ]
    answer_everything(by_name["住宅楼栋调查表.xlsx"], inputs / "住宅楼栋调查表.xlsx", buildings)
    answer_everything(by_name["市容绿化填报表.xlsx"], inputs / "市容绿化填报表.xlsx", [])
    answer_everything(by_name["民政与人口填报表.xlsx"], inputs / "民政与人口填报表.xlsx", [])
    assert [f for f in found(folder) if f["level"] == "error"] == []
    told("run", "-q", "-p", folder)
    with duckdb.connect(str(folder / "results.duckdb"), read_only=True) as con:
        read_rows = dict(con.sql("select name, rows from inputs where rows > 0 order by all").fetchall())
        values = con.sql(
            "select count(distinct indicator) from measurements where value is not null"
        ).fetchall()
    assert {"buildings": 2, "greening": 2, "welfare": 4}.items() <= read_rows.items()
    assert values[0][0] >= 10
    page = call("explain", "甲社区", "AQ-01", "-p", folder)
    assert "住宅楼栋调查表.xlsx" in page.stdout


def test_the_guide_sheet_is_never_taken_for_data(project: Path) -> None:
    """A form of two columns: half of its labels would be found in the guide too."""
    path = fill(project, "bulletin", lambda s: put(s, 1, 数值=91.2))
    assert "填报说明" in openpyxl.load_workbook(path).sheetnames
    assert codes(project) == []
    assert read(project, "bulletin").select("item", "value").rows() == [("空气质量优良率", 91.2)]
    assert returned(project, "bulletin") == path
    assert written(project, "bulletin") != path
