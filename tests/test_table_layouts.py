"""The shapes offices give a table: whatever the layout, the contract reader finds the same figures."""

import csv
from datetime import date

import polars as pl
import pytest
import xlsxwriter
from tijian.engine.findings import Findings
from tijian.engine.intake.sheets.tables import TableSpec, read_headers, read_table

from .workbook_bytes import xls


def write_xlsx(path, rows, merges=()):
    with xlsxwriter.Workbook(path) as book:
        page = book.add_worksheet("表")
        for r, row in enumerate(rows):
            for c, value in enumerate(row):
                if value is not None:
                    page.write(r, c, value)
        for top, left, bottom, right in merges:
            page.merge_range(top, left, bottom, right, rows[top][left])


def write_xls(path, rows, merges=()):
    """An .xls as an export writes it: no merges kept."""
    path.write_bytes(xls("表", rows))


def write_csv(path, rows, merges=()):
    with path.open("w", encoding="gb18030", newline="") as file:
        csv.writer(file).writerows(["" if v is None else v for v in row] for row in rows)


WRITERS = {"xlsx": write_xlsx, "xls": write_xls, "csv": write_csv}


@pytest.fixture(params=sorted(WRITERS))
def table(request, tmp_path):
    """rows, merges, spec → (frame without file and sheet, [(row, column, code), …]), for each kind of file."""

    def read(rows, spec, merges=()):
        path = tmp_path / f"表.{request.param}"
        WRITERS[request.param](path, rows, merges)
        findings = Findings()
        frame = read_table(path, spec, findings, shown_as="表")
        return frame.drop("_file", "_sheet"), [(f.place.row, f.place.column, f.code) for f in findings]

    return read


def figures(columns, **options):
    """A contract whose columns are numbers, but for ``name``."""
    return TableSpec(
        columns=columns, types={c: "number" for c in columns if c not in ("name", "town")}, **options
    )


NEST = {
    "name": "地区",
    "houses": "住宅 栋数",
    "whole": "住宅 户数 成套",
    "part": "住宅 户数 非成套",
    "estates": "小区",
}
NESTED = [
    ["地区", "住宅", None, None, "小区"],
    [None, "栋数", "户数", None, None],
    [None, None, "成套", "非成套", None],
    ["望云街道", 1, 20, 3, 4],
    ["临河镇", 5, 60, 7, 8],
]
NESTED_MERGES = [(0, 0, 2, 0), (0, 1, 0, 3), (1, 1, 2, 1), (1, 2, 1, 3), (0, 4, 2, 4)]


# ---- headers -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("merges", [(), NESTED_MERGES], ids=["unmerged", "merged"])
def test_three_header_rows_merged_or_not(table, merges):
    frame, findings = table(NESTED, figures(NEST), merges)
    assert findings == []
    assert frame.rows() == [("望云街道", 1, 20, 3, 4, 4), ("临河镇", 5, 60, 7, 8, 5)]


@pytest.mark.parametrize(
    "above",
    [
        [],
        [["2026年住宅情况表"]],
        [["2026年住宅情况表"], [], ["填报单位：区房管局（盖章）"]],
        [["附件1"], ["住宅情况表"], ["填报单位：区房管局", None, "填报日期：2026.5.20"], ["单位：栋、户"]],
    ],
    ids=["none", "title", "title and office", "four lines"],
)
def test_what_stands_above_a_table_is_not_its_header(table, above):
    frame, findings = table([*above, *NESTED], figures(NEST))
    assert findings == []
    assert frame["_row"].to_list() == [4 + len(above), 5 + len(above)]
    assert frame["whole"].to_list() == [20, 60]


def test_labels_at_the_bottom_of_an_unmerged_header(table):
    rows = [[None, "人口", None, None], ["地区", "男", "女", "面积"], ["望云街道", 1, 2, 3]]
    frame, findings = table(
        rows, figures({"name": "地区", "men": "人口 男", "women": "人口 女", "area": "面积"})
    )
    assert (frame.rows(), findings) == ([("望云街道", 1, 2, 3, 3)], [])


def test_years_as_the_lower_level(table):
    rows = [["地区", "人口", None, "户数", None], [None, 2024, 2025, 2024, 2025], ["望云街道", 1, 2, 3, 4]]
    frame, findings = table(rows, figures({"name": "地区", "people": "人口 2025", "homes": "户数 2025"}))
    assert (frame.rows(), findings) == ([("望云街道", 2, 4, 3)], [])


@pytest.mark.parametrize("wanted", ["户数", "户数 合计", "户数合计"])
def test_the_total_of_a_group_answers_to_its_name_with_or_without_total(table, wanted):
    rows = [["地区", "户数", None, None], [None, None, "家庭户", "集体户"], ["望云街道", 30, 10, 20]]
    frame, findings = table(rows, figures({"name": "地区", "all": wanted, "family": "户数 家庭户"}))
    assert (frame.rows(), findings) == ([("望云街道", 30, 10, 3)], [])


def test_the_lowest_level_alone_is_enough_where_it_is_unique(table):
    rows = [["地区", "住宅", None], [None, "栋数", "户数"], ["望云街道", 10, 20]]
    frame, findings = table(rows, figures({"name": "地区", "houses": "栋数", "homes": "户数"}))
    assert (frame.rows(), findings) == ([("望云街道", 10, 20, 3)], [])


def test_the_lowest_level_of_two_groups_is_ambiguous_and_never_guessed(table):
    rows = [
        ["地区", "住宅", None, "商业", None],
        [None, "栋数", "户数", "栋数（栋）", "户数"],
        ["望云街道", 10, 20, 30, 40],
    ]
    frame, findings = table(rows, figures({"name": "地区", "houses": "栋数"}))
    assert frame["houses"].to_list() == [None]
    assert [(column, code) for _, column, code in findings] == [("栋数", "T003")]


@pytest.mark.parametrize(
    "written",
    [
        "老年人数",
        "老 年 人 数",
        "老年\n人数",
        "＊老年人数",
        "*老年人数",
        "老年人数（人）",
        "老年人数(必填)",
        " 老年人数：",
    ],
)
def test_small_differences_in_a_header_do_not_matter(tmp_path, written):
    path = tmp_path / "表.xlsx"
    write_xlsx(path, [["社区", written], ["一村", 9]])
    findings = Findings()
    frame = read_table(path, figures({"name": "社区", "old": "老年人数"}), findings, shown_as="表")
    assert (frame["old"].to_list(), list(findings)) == ([9], [])


def test_two_equal_headers_are_not_guessed_between(table):
    frame, findings = table(
        [["社区", "户数", "户数"], ["一村", 1, 2]], figures({"name": "社区", "homes": "户数"})
    )
    assert frame["homes"].to_list() == [None]
    assert findings == [(1, "户数", "T003")]


def test_english_headers_keep_their_first_row_of_english_data(table):
    spec = TableSpec(columns={"name": "name", "kind": "kind"})
    frame, findings = table([["name", "kind"], ["Alpha", "Beta"]], spec)
    assert (frame.rows(), findings) == ([("Alpha", "Beta", 2)], [])


def test_english_under_chinese_is_no_data(table):
    rows = [["地区", "户数"], ["Region", "Households"], ["望云街道", 10]]
    frame, findings = table(rows, figures({"name": "地区", "homes": "户数"}))
    assert (frame.rows(), findings) == ([("望云街道", 10, 3)], [])


def test_a_row_that_numbers_the_columns_is_no_data(table):
    rows = [["街镇", "人口", "户数", "楼栋"], ["甲", 1, 2, 3], ["望云街道", 5, 6, 7]]
    frame, findings = table(rows, figures({"name": "街镇", "homes": "户数"}))
    assert (frame.rows(), findings) == ([("望云街道", 6, 3)], [])


def test_a_row_of_data_that_happens_to_count_up_is_kept(table):
    spec = TableSpec(columns={"a": "层数", "b": "单元数", "c": "户数"}, types=dict.fromkeys("abc", "integer"))
    frame, findings = table([["层数", "单元数", "户数"], [1, 2, 3], [4, 5, 6]], spec)
    assert (frame.rows(), findings) == ([(1, 2, 3, 2), (4, 5, 6, 3)], [])


# ---- units -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "rows",
    [
        [["社区", "面积（万㎡）"], ["一村", 1.23]],
        [["社区", "面积"], [None, "万㎡"], ["一村", 1.23]],
        [["社区", "面积"], [None, "（万平方米）"], ["一村", 1.23]],
        [["计量单位：万平方米"], ["社区", "面积"], ["一村", 1.23]],
        [["社区", "面积\n（万㎡）"], ["一村", "1.23"]],
        [["社区", "面积"], ["一村", "1.23万㎡"]],
        [["社区", "面积（公顷）"], ["一村", "1.23"]],
    ],
    ids=["header", "row", "bracketed row", "above", "line break", "cell", "other unit"],
)
def test_the_unit_is_seen_wherever_it_stands_and_converted_exactly(table, rows):
    frame, findings = table(rows, figures({"name": "社区", "area": "面积"}, units={"area": "㎡"}))
    assert (frame["area"].to_list(), findings) == ([12_300.0], [])


def test_one_unit_above_a_table_is_not_forced_on_a_column_of_another_kind(table):
    rows = [["单位：万人"], ["社区", "人口", "比例"], ["一村", 1.2, 30]]
    spec = figures({"name": "社区", "people": "人口", "share": "比例"}, units={"people": "人", "share": "%"})
    frame, findings = table(rows, spec)
    assert (frame.rows(), findings) == ([("一村", 12_000, 30, 3)], [])


def test_a_unit_that_cannot_be_converted_is_one_finding(table):
    frame, findings = table([["社区", "面积（亩）"], ["一村", 1], ["二村", 2]],
                            figures({"name": "社区", "area": "面积"}, units={"area": "人"}))  # fmt: skip
    assert frame["area"].to_list() == [None, None]
    assert [(column, code) for _, column, code in findings] == [("面积", "T006")]


# ---- rows --------------------------------------------------------------------------------------------------------


def test_notes_signatures_and_blank_rows_are_no_data(table):
    rows = [
        ["社区", "户数"], ["一村", 1], [None, None], ["二村", 2], ["注：1.户数为估计。"], ["　　2.二村为实测。"],
        ["数据来源：区统计局"], ["填表人：张三", "审核人：李四"],
    ]  # fmt: skip
    frame, findings = table(rows, figures({"name": "社区", "homes": "户数"}))
    assert (frame.rows(), findings) == ([("一村", 1, 2), ("二村", 2, 4)], [])


def test_names_that_look_like_notes_are_data_when_figures_stand_beside_them(table):
    rows = [["小区", "户数"], ["*一村", 1], ["备注新村", 2], ["注：三村", 3]]
    frame, findings = table(rows, figures({"name": "小区", "homes": "户数"}))
    assert (frame["homes"].to_list(), findings) == ([1, 2, 3], [])


def test_group_lines_between_the_data_are_no_data(table):
    rows = [
        ["序号", "社区", "户数"],
        ["一、城区"],
        [1, "一村", 10],
        ["（二）镇区"],
        [2, "二村", 20],
        [None, "合计", 30],
    ]
    frame, findings = table(rows, figures({"name": "社区", "homes": "户数"}))
    assert (frame.rows(), findings) == ([("一村", 10, 3), ("二村", 20, 5), ("合计", 30, 6)], [])


def test_a_unit_that_filled_in_nothing_is_still_a_row(table):
    rows = [["社区", "户数", "人口"], ["一村", 1, 2], ["二村", None, None], ["三村", 3, 4]]
    frame, findings = table(rows, figures({"name": "社区", "homes": "户数"}))
    assert (frame.rows(), findings) == ([("一村", 1, 2), ("二村", None, 3), ("三村", 3, 4)], [])


def test_a_header_printed_again_on_the_next_page_is_no_data(table):
    rows = [["社区", "户数"], ["一村", 1], ["社区", "户数"], ["二村", 2]]
    frame, findings = table(rows, figures({"name": "社区", "homes": "户数"}))
    assert (frame.rows(), findings) == ([("一村", 1, 2), ("二村", 2, 4)], [])


def test_merged_data_is_filled_down_only_where_the_contract_says_so(table):
    rows = [
        ["街镇", "社区", "户数"],
        ["望云街道", "一村", 1],
        [None, "二村", 2],
        ["临河镇", "三村", 3],
        [None, "四村", None],
        ["合计", None, 6],
    ]
    columns = {"town": "街镇", "name": "社区", "homes": "户数"}
    filled, _ = table(rows, figures(columns, fill_down=frozenset({"town"})))
    assert filled["town"].to_list() == ["望云街道", "望云街道", "临河镇", "临河镇", "合计"]
    assert filled["homes"].to_list() == [1, 2, 3, None, 6]
    plain, _ = table(rows, figures(columns))
    assert plain["town"].to_list() == ["望云街道", None, "临河镇", None, "合计"]


def test_panels_side_by_side_become_one_table_that_keeps_its_rows(table):
    rows = [["年份", "人口", "年份", "人口"], [1949, 1, 1951, 3], [1950, 2, None, None]]
    spec = TableSpec(
        columns={"year": "年份", "people": "人口"}, types={"year": "integer", "people": "number"}
    )
    frame, findings = table(rows, spec)
    assert (sorted(frame.rows()), findings) == ([(1949, 1, 2), (1950, 2, 3), (1951, 3, 2)], [])


def test_panels_of_different_things_are_not_stacked(table):
    rows = [["地区", "住宅", "地区", "商业"], [None, "栋数", None, "栋数"], ["望云街道", 10, "望云街道", 30]]
    _, findings = table(rows, figures({"name": "地区", "houses": "栋数"}))
    assert ("栋数", "T003") in [(column, code) for _, column, code in findings]


# ---- cells -------------------------------------------------------------------------------------------------------


def test_every_kind_of_nothing_is_null_and_none_is_zero(table):
    marks = [
        None,
        "—",
        "——",
        "-",
        "--",
        "/",
        "…",
        " ",
        "未填报",
        "暂无",
        "未体检",
        "未检查",
        "停用",
        "取消",
        "不涉及",
    ]
    rows = [["社区", "户数"], *([f"{i}村", mark] for i, mark in enumerate(marks)), ["末村", 0]]
    frame, findings = table(rows, figures({"name": "社区", "homes": "户数"}))
    assert (frame["homes"].to_list(), findings) == ([None] * len(marks) + [0], [])


def test_numbers_as_offices_type_them(table):
    typed = ["１２", "1,234", "2.99万", "３.５", " 7　", "42户", "−3", "1.5e3"]
    rows = [["社区", "户数"], *([f"{i}村", text] for i, text in enumerate(typed))]
    frame, findings = table(rows, figures({"name": "社区", "homes": "户数"}))
    assert (frame["homes"].to_list(), findings) == ([12, 1234, 29_900, 3.5, 7, 42, -3, 1500], [])


def test_every_unreadable_cell_is_told_with_its_row_and_what_would_be_right(table):
    rows = [
        ["社区", "户数", "建成", "电梯", "日期"],
        ["一村", "约两百", "1.5", "部分", "昨天"],
        ["二村", 8, 1990, "有", "2026年5月1日"],
    ]
    spec = TableSpec(
        columns={"name": "社区", "homes": "户数", "year": "建成", "lift": "电梯", "day": "日期"},
        types={"homes": "number", "year": "integer", "lift": "yesno", "day": "date"},
    )
    frame, findings = table(rows, spec)
    assert frame.rows() == [
        ("一村", None, None, None, None, 2),
        ("二村", 8.0, 1990, True, date(2026, 5, 1), 3),
    ]
    assert findings == [(2, "户数", "T010"), (2, "建成", "T010"), (2, "电梯", "T010"), (2, "日期", "T010")]


def test_a_lenient_contract_makes_it_a_warning(table):
    _, findings = table(
        [["社区", "户数"], ["一村", "约两百"]], figures({"name": "社区", "homes": "户数"}, lenient=True)
    )
    assert findings == [(2, "户数", "T011")]


def test_a_number_outside_its_limits_is_missing_and_told(table):
    rows = [["社区", "率"], ["一村", -0.1], ["二村", 0], ["三村", 100], ["四村", 100.1]]
    frame, findings = table(rows, figures({"name": "社区", "share": "率"}, limits={"share": (0, 100)}))
    assert frame["share"].to_list() == [None, 0, 100, None]
    assert findings == [(2, "率", "T012"), (5, "率", "T012")]


def test_many_faults_of_one_kind_are_counted_not_listed(table):
    rows = [["社区", "户数"], *([f"{i}村", "若干"] for i in range(500))]
    _, findings = table(rows, figures({"name": "社区", "homes": "户数"}))
    codes = [code for _, _, code in findings]
    assert codes[-1] == "T014"
    assert codes.count("T010") == len(codes) - 1 < 60


def test_codes_keep_every_digit(table):
    rows = [
        ["代码", "名称"],
        [310117001, "望云街道"],
        [310117002001, "一村"],
        ["007", "三村"],
        [310117198801012000, "四村"],
    ]
    frame, _ = table(rows, TableSpec(columns={"code": "代码"}))
    assert frame["code"].to_list() == ["310117001", "310117002001", "007", "310117198801012000"]


# ---- columns and sheets that are not there --------------------------------------------------------------------------


def test_a_missing_column_names_what_stands_nearest(tmp_path):
    path = tmp_path / "表.xlsx"
    write_xlsx(path, [["社区", "新建楼栋数", "户数"], ["一村", 1, 2]])
    findings = Findings()
    spec = figures({"name": "社区", "houses": "楼栋数", "homes": "户数", "cars": "车位"},
                   required=frozenset({"name", "houses"}))  # fmt: skip
    frame = read_table(path, spec, findings, shown_as="表")
    assert [(f.code, f.level, f.place.column) for f in findings] == [
        ("T002", "error", "楼栋数"),
        ("T004", "warning", "车位"),
    ]
    assert "新建楼栋数" in findings.rows[0].message
    assert frame["houses"].to_list() == [None]
    assert frame.schema["houses"] == pl.Float64


def test_a_file_of_something_else_says_what_was_found_and_what_was_wanted(tmp_path):
    path = tmp_path / "表.xlsx"
    write_xlsx(path, [["姓名", "电话"], ["某", "1"]])
    findings = Findings()
    frame = read_table(path, figures({"name": "社区", "homes": "户数"}), findings, shown_as="表")
    assert [f.code for f in findings] == ["T001"]
    assert "姓名" in findings.rows[0].message
    assert "社区" in findings.rows[0].expected
    assert frame.is_empty()
    assert frame.schema == {
        "name": pl.String,
        "homes": pl.Float64,
        "_file": pl.String,
        "_sheet": pl.String,
        "_row": pl.Int64,
    }


def test_a_table_without_rows_is_told(table):
    frame, findings = table([["社区", "户数"]], figures({"name": "社区", "homes": "户数"}))
    assert (frame.height, [code for _, _, code in findings]) == (0, ["T005"])


def test_a_required_text_left_blank_is_told(table):
    spec = figures({"name": "社区", "homes": "户数"}, required=frozenset({"name"}))
    _, findings = table([["社区", "户数"], ["一村", 1], [None, 2], ["—", 3]], spec)
    assert findings == [(3, "社区", "T013"), (4, "社区", "T013")]


def test_sheets_with_the_header_are_stacked_and_the_others_left_alone(tmp_path):
    path = tmp_path / "表.xlsx"
    with xlsxwriter.Workbook(path) as book:
        for name, rows in {
            "填表说明": [["请各社区据实填写。"], ["一、范围"]],
            "望云街道": [["望云街道"], ["社区", "户数"], ["一村", 1]],
            "临河镇": [["社区", "户数（户）"], ["二村", 2]],
        }.items():
            page = book.add_worksheet(name)
            for r, row in enumerate(rows):
                page.write_row(r, 0, row)
    findings = Findings()
    for sheet in (None, "*"):
        frame = read_table(
            path, figures({"name": "社区", "homes": "户数"}, sheet=sheet), findings, shown_as="表"
        )
        assert frame.rows() == [("一村", 1, "表", "望云街道", 3), ("二村", 2, "表", "临河镇", 2)]
    one = read_table(
        path, figures({"name": "社区", "homes": "户数"}, sheet="临河镇"), findings, shown_as="表"
    )
    assert one["name"].to_list() == ["二村"]
    assert list(findings) == []


def test_units_may_differ_from_sheet_to_sheet(tmp_path):
    path = tmp_path / "表.xlsx"
    with xlsxwriter.Workbook(path) as book:
        for name, header, value in (("甲", "面积（公顷）", 2), ("乙", "面积（㎡）", 300)):
            page = book.add_worksheet(name)
            page.write_row(0, 0, ["社区", header])
            page.write_row(1, 0, ["一村", value])
    frame = read_table(
        path, figures({"name": "社区", "area": "面积"}, units={"area": "㎡"}), Findings(), shown_as="表"
    )
    assert frame["area"].to_list() == [20_000, 300]


def test_corrections_see_the_text_as_it_stands_before_it_is_read(tmp_path):
    path = tmp_path / "表.xlsx"
    write_xlsx(path, [["社区", "户数"], ["一村", "约两百"], ["二村", 8]])
    seen = []

    def correct(raw):
        seen.append(raw["homes"].to_list())
        return raw.with_columns(homes=pl.col("homes").replace("约两百", "200"))

    findings = Findings()
    frame = read_table(
        path, figures({"name": "社区", "homes": "户数"}), findings, shown_as="表", correct=correct
    )
    assert seen == [["约两百", "8"]]
    assert (frame["homes"].to_list(), list(findings)) == ([200, 8], [])


def test_the_headers_of_a_survey_export_are_read_whole(tmp_path):
    path = tmp_path / "表.xlsx"
    headers = ["序号", "1、您的性别：", "15、您对以下方面的满意度—停车", "15、养老服务"]
    write_xlsx(path, [["居民满意度问卷（演示）"], headers, ["1", "男", "满意", "一般"]])
    findings = Findings()
    assert read_headers(path, findings, shown_as="问卷") == headers
    assert list(findings) == []
