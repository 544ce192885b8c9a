"""Reading a table by its contract: what comes out, in which type and unit, and what is said of what is wrong."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Any

import polars as pl
import pytest
import xlsxwriter
from hypothesis import given, settings
from hypothesis import strategies as st
from tijian.engine.findings import Findings
from tijian.engine.intake.sheets.grid import Grid
from tijian.engine.intake.sheets.tables import TableSpec, read_headers, read_table, table_of

from .workbook_bytes import xls

Rows = list[list[Any]]
POSITION = ["_file", "_sheet", "_row"]


def write_xlsx(path: Path, *sheets: tuple[str, Rows], merges: tuple[str, ...] = ()) -> Path:
    """A workbook; ``merges`` are areas of the first sheet, whose first cell keeps what the rows say."""
    with xlsxwriter.Workbook(path) as book:
        for number, (name, rows) in enumerate(sheets):
            page = book.add_worksheet(name)
            for r, row in enumerate(rows):
                for c, cell in enumerate(row):
                    if cell is not None:
                        page.write(r, c, cell)
            for area in merges if number == 0 else ():
                first, last = area.split(":")
                column, row_number = first[0], int(first[1:])
                page.merge_range(f"{first}:{last}", rows[row_number - 1][ord(column) - 65])
    return path


def write_csv(path: Path, rows: Rows, encoding: str = "utf-8-sig") -> Path:
    text = "\r\n".join(",".join("" if cell is None else str(cell) for cell in row) for row in rows)
    path.write_bytes((text + "\r\n").encode(encoding))
    return path


def read(path: Path, spec: TableSpec, **options: Any) -> tuple[pl.DataFrame, list[tuple[Any, ...]]]:
    """The frame, and each finding as (row, column, code)."""
    findings = Findings()
    frame = read_table(path, spec, findings, shown_as=path.name, **options)
    assert frame.columns == [*spec.columns, *POSITION]
    assert all(f.place.file == path.name for f in findings)
    return frame, [(f.place.row, f.place.column, f.code) for f in findings]


TOWNS = TableSpec(
    columns={"town": "街镇", "people": "人口", "area": "面积"},
    types={"people": "number", "area": "number"},
    required=frozenset({"town"}),
)


# ---- where the table is -----------------------------------------------------------------------------------


def test_rows_keep_the_number_excel_shows(tmp_path: Path) -> None:
    rows = [["街镇", "人口", "面积"], ["望云街道", 3, 1.5], [], ["临河镇", 4, 2]]
    frame, findings = read(write_xlsx(tmp_path / "表.xlsx", ("数据", rows)), TOWNS)
    assert findings == []
    assert frame.rows() == [
        ("望云街道", 3.0, 1.5, "表.xlsx", "数据", 2),
        ("临河镇", 4.0, 2.0, "表.xlsx", "数据", 4),
    ]


def test_title_preamble_notes_and_signatures_are_no_data(tmp_path: Path) -> None:
    rows = [
        ["2026年各街镇基本情况表"],
        ["填报单位：区统计局（盖章）", None, "填报日期：2026年5月20日"],
        ["街镇", "人口", "面积"],
        ["望云街道", 3, 1],
        ["合计", 3, 1],
        ["注：1. 人口为年末常住人口，"],
        ["2. 面积为陆域面积。"],
        ["数据来源：公安、民政"],
        ["填报人：张三", "审核人：李四", "联系电话：略"],
    ]
    frame, findings = read(write_csv(tmp_path / "表.csv", rows, "gb18030"), TOWNS)
    assert findings == []
    assert frame["town"].to_list() == ["望云街道", "合计"]


def test_merged_header_of_two_rows_with_a_units_row(tmp_path: Path) -> None:
    rows = [
        ["街镇", "公园绿地", None, "道路", None],
        [None, "面积", "座数", "面积", "里程"],
        [None, "公顷", "座", "万㎡", "km"],
        ["望云街道", 2.5, 3, 1.25, 4],
    ]
    spec = TableSpec(
        columns={"town": "街镇", "park": "公园绿地 面积", "road": "道路 面积", "km": "道路 里程"},
        types={"park": "number", "road": "number", "km": "number"},
        units={"park": "㎡", "road": "㎡", "km": "m"},
    )
    path = write_xlsx(tmp_path / "表.xlsx", ("数据", rows), merges=("A1:A2", "B1:C1", "D1:E1"))
    frame, findings = read(path, spec)
    assert findings == []
    assert frame.row(0)[:4] == ("望云街道", 25_000.0, 12_500.0, 4000.0)


def test_a_header_without_merges_is_read_the_same_from_xls_and_csv(tmp_path: Path) -> None:
    rows = [["地区", "户数", "", "人口", ""], ["", "男", "女", "男", "女"], ["甲镇", "1", "2", "3", "4"]]
    spec = TableSpec(
        columns={"area": "地区", "b": "户数 女", "d": "人口 女"}, types={"b": "integer", "d": "integer"}
    )
    (tmp_path / "表.xls").write_bytes(xls("数据", [[cell or None for cell in row] for row in rows]))
    for path in (tmp_path / "表.xls", write_csv(tmp_path / "表.csv", rows)):
        frame, findings = read(path, spec)
        assert findings == []
        assert frame.row(0)[:3] == ("甲镇", 2, 4)


@pytest.mark.parametrize("header", ["人口（万人）", "人口(万人)", "人 口\n（万人）", "人口【万人】", "人口"])
def test_width_blanks_line_breaks_and_brackets_in_a_header_do_not_matter(tmp_path: Path, header: str) -> None:
    path = write_xlsx(tmp_path / "表.xlsx", ("数据", [[" 街 镇", header], ["甲镇", 1.5]]))
    spec = TableSpec(columns={"town": "街镇", "people": "人口（万人）"}, types={"people": "number"})
    frame, findings = read(path, spec)
    assert findings == []
    assert frame["people"].to_list() == [1.5]


def test_english_under_chinese_and_a_numbering_row_belong_to_the_header(tmp_path: Path) -> None:
    rows: Rows = [
        ["地 区\nRegion", "人口数", "面积"],
        ["", "Population", "Area"],
        ["甲", 1, 2],
        ["北京", 10, 20],
    ]
    spec = TableSpec(columns={"a": "地区", "n": "人口数"}, types={"n": "integer"})
    frame, findings = read(write_xlsx(tmp_path / "表.xlsx", ("数据", rows)), spec)
    assert findings == []
    assert frame.select("a", "n").rows() == [("甲", 1), ("北京", 10)]
    rows[2] = ["甲", "1", "2", "3"]
    rows[0].append("备注")
    frame, findings = read(write_xlsx(tmp_path / "表.xlsx", ("数据", rows)), spec)
    assert frame.select("a", "n", "_row").rows() == [("北京", 10, 4)]


def test_english_data_under_a_chinese_header_stays(tmp_path: Path) -> None:
    rows = [["名称", "类别"], ["Calle Mayor", "residential"], ["Avenida", "primary"]]
    frame, _ = read(write_csv(tmp_path / "表.csv", rows), TableSpec(columns={"n": "名称", "c": "类别"}))
    assert frame.height == 2


def test_panels_side_by_side_become_one_table(tmp_path: Path) -> None:
    rows = [["年份", "人口", "年份", "人口"], [2023, 1, 2025, 3], [2024, 2, 2026, 4], [None, None, 2027, 5]]
    spec = TableSpec(
        columns={"year": "年份", "people": "人口"}, types={"year": "integer", "people": "number"}
    )
    frame, findings = read(write_xlsx(tmp_path / "表.xlsx", ("数据", rows)), spec)
    assert findings == []
    assert frame["year"].to_list() == [2023, 2024, 2025, 2026, 2027]
    assert frame["_row"].to_list() == [2, 3, 2, 3, 4]


def test_group_lines_and_headers_printed_again_are_no_data(tmp_path: Path) -> None:
    rows = [
        ["序号", "社区", "楼栋"],
        ["① 双高（2 个社区）"],
        [1, "甲社区", 66],
        ["二、其他"],
        ["序号", "社区", "楼栋"],
        [2, "乙社区", 94],
        ["以下各社区由区里统计"],
        [3, "丙社区", 5],
    ]
    spec = TableSpec(
        columns={"name": "社区", "n": "楼栋"}, types={"n": "integer"}, required=frozenset({"name"})
    )
    frame, findings = read(write_xlsx(tmp_path / "表.xlsx", ("数据", rows), merges=("A7:C7",)), spec)
    assert findings == []
    assert frame.select("name", "n").rows() == [("甲社区", 66), ("乙社区", 94), ("丙社区", 5)]


def test_a_sum_at_the_end_of_a_list_of_things_is_no_thing(tmp_path: Path) -> None:
    rows = [["编号", "街镇", "户数"], ["B1", "甲镇", 3], ["", "合 计", 3]]
    spec = TableSpec(
        columns={"id": "编号", "town": "街镇", "n": "户数"},
        types={"n": "integer"},
        required=frozenset({"id"}),
    )
    frame, findings = read(write_csv(tmp_path / "表.csv", rows), spec)
    assert findings == []
    assert frame["id"].to_list() == ["B1"]


def test_words_hold_for_all_rows_they_are_merged_over_and_blanks_are_filled_down_only_by_contract(
    tmp_path: Path,
) -> None:
    rows = [
        ["街镇", "社区", "备注"],
        ["甲镇", "一社区", "新"],
        ["", "二社区", ""],
        ["乙镇", "三社区", ""],
        ["", "合计", ""],
    ]
    columns = {"town": "街镇", "name": "社区", "note": "备注"}
    path = write_xlsx(tmp_path / "表.xlsx", ("数据", rows), merges=("A2:A3",))
    filled, _ = read(path, TableSpec(columns=columns, fill_down=frozenset({"town"})))
    plain, _ = read(path, TableSpec(columns=columns))
    assert filled["town"].to_list() == ["甲镇", "甲镇", "乙镇", None]
    assert plain["town"].to_list() == ["甲镇", "甲镇", "乙镇", None]
    assert filled["note"].to_list() == ["新", None, None, None]


# ---- several sheets ----------------------------------------------------------------------------------------


def test_every_sheet_with_the_header_is_read_and_others_are_left(tmp_path: Path) -> None:
    path = write_xlsx(
        tmp_path / "表.xlsx",
        ("填表说明", [["请各街镇认真填写"], ["一、口径", "二、时限"]]),
        ("甲镇", [["街镇", "人口", "面积"], ["甲镇", 1, 2]]),
        ("乙镇", [["说明行"], ["街镇", "人口", "面积"], ["乙镇", 3, 4]]),
    )
    for sheet in (None, "*"):
        frame, findings = read(path, TableSpec(TOWNS.columns, TOWNS.types, sheet=sheet))
        assert findings == []
        assert frame.select("town", "_sheet", "_row").rows() == [("甲镇", "甲镇", 2), ("乙镇", "乙镇", 3)]
    frame, findings = read(path, TableSpec(TOWNS.columns, TOWNS.types, sheet="乙镇"))
    assert frame["town"].to_list() == ["乙镇"]


def test_sheets_may_differ_in_unit_and_in_the_order_of_columns(tmp_path: Path) -> None:
    path = write_xlsx(
        tmp_path / "表.xlsx",
        ("甲", [["街镇", "面积（公顷）"], ["甲镇", 2]]),
        ("乙", [["面积（平方公里）", "街镇"], [0.5, "乙镇"]]),
    )
    spec = TableSpec(columns={"town": "街镇", "area": "面积"}, types={"area": "number"}, units={"area": "㎡"})
    frame, findings = read(path, spec)
    assert findings == []
    assert frame.select("town", "area").rows() == [("甲镇", 20_000.0), ("乙镇", 500_000.0)]


def test_one_sheet_with_a_misspelt_column_is_not_quietly_left_out(tmp_path: Path) -> None:
    path = write_xlsx(
        tmp_path / "表.xlsx",
        ("甲", [["街镇", "人口", "面积"], ["甲镇", 1, 2]]),
        ("乙", [["街镇", "人囗", "面积"], ["乙镇", 3, 4]]),
    )
    spec = TableSpec(TOWNS.columns, TOWNS.types, required=frozenset({"town", "people"}))
    findings = Findings()
    read_table(path, spec, findings, shown_as="表.xlsx")
    (finding,) = findings
    assert (finding.code, finding.place.sheet, finding.place.column) == ("T002", "乙", "人口")
    assert "人囗" in finding.message


# ---- units -------------------------------------------------------------------------------------------------


def test_a_unit_above_the_table_speaks_of_the_columns_it_can_measure(tmp_path: Path) -> None:
    rows = [["各街镇情况"], ["单位：万人"], ["街镇", "人口", "面积（公顷）", "楼栋"], ["甲镇", 1.2, 3, 4]]
    spec = TableSpec(
        columns={"town": "街镇", "people": "人口", "area": "面积", "n": "楼栋"},
        types={"people": "number", "area": "number", "n": "number"},
        units={"people": "人", "area": "㎡", "n": "栋"},
    )
    frame, findings = read(write_csv(tmp_path / "表.csv", rows), spec)
    assert findings == []
    assert frame.row(0)[1:4] == (12_000.0, 30_000.0, 4.0)


def test_who_fills_in_the_table_is_no_unit_of_measure(tmp_path: Path) -> None:
    rows = [["单位：望云街道办事处"], ["街镇", "人口"], ["甲镇", 12]]
    spec = TableSpec(
        columns={"town": "街镇", "people": "人口"}, types={"people": "number"}, units={"people": "人"}
    )
    frame, findings = read(write_csv(tmp_path / "表.csv", rows), spec)
    assert (frame["people"].to_list(), findings) == ([12.0], [])


def test_the_unit_in_the_contracts_header_is_the_unit_wanted(tmp_path: Path) -> None:
    path = write_csv(tmp_path / "表.csv", [["街镇", "人口（万人）"], ["甲镇", "3.25"], ["乙镇", "2.99万"]])
    spec = TableSpec(columns={"town": "街镇", "people": "人口（人）"}, types={"people": "integer"})
    frame, findings = read(path, spec)
    assert (frame["people"].to_list(), findings) == ([32_500, 29_900], [])


def test_a_unit_of_another_kind_is_a_finding(tmp_path: Path) -> None:
    path = write_csv(tmp_path / "表.csv", [["街镇", "绿地（处）"], ["甲镇", "3"]])
    spec = TableSpec(
        columns={"town": "街镇", "green": "绿地"}, types={"green": "number"}, units={"green": "㎡"}
    )
    frame, findings = read(path, spec)
    assert findings == [(None, "绿地", "T006")]
    assert frame["green"].to_list() == [None]


# ---- cells ---------------------------------------------------------------------------------------------------


def test_numbers_as_offices_type_them_and_blanks_that_are_not_zero(tmp_path: Path) -> None:
    typed = [
        "１，２３４",
        "1,234.5",
        " 12　",
        "12.5%",
        "-3",
        "42栋",
        "2.99万",
        "0",
        "",
        "—",
        "/",
        "未填报",
        "未体检",
        "停用",
    ]
    rows = [["名称", "数"], *([f"甲{i}", text] for i, text in enumerate(typed))]
    spec = TableSpec(columns={"name": "名称", "n": "数"}, types={"n": "number"})
    frame, findings = read(write_xlsx(tmp_path / "表.xlsx", ("数据", rows)), spec)
    assert findings == []
    assert frame["n"].to_list() == [1234, 1234.5, 12, 12.5, -3, 42, 29_900, 0, *[None] * 6]


@pytest.mark.parametrize("lenient", [False, True])
def test_what_cannot_be_read_is_named_with_what_would_be_right(tmp_path: Path, lenient: bool) -> None:
    rows = [
        ["名称", "数", "层数", "电梯", "日期"],
        ["甲", "约两百", "3.5", "部分", "去年"],
        ["乙", "无", "3", "有", "2026/5/1"],
    ]
    spec = TableSpec(
        columns={"name": "名称", "n": "数", "floors": "层数", "lift": "电梯", "day": "日期"},
        types={"n": "number", "floors": "integer", "lift": "yesno", "day": "date"},
        lenient=lenient,
    )
    path = write_csv(tmp_path / "表.csv", rows)
    findings = Findings()
    frame = read_table(path, spec, findings, shown_as="表.csv")
    code = "T011" if lenient else "T010"
    assert [(f.place.row, f.place.column, f.code, f.value) for f in findings] == [
        (2, "数", code, "约两百"),
        (3, "数", code, "无"),
        (2, "层数", code, "3.5"),
        (2, "电梯", code, "部分"),
        (2, "日期", code, "去年"),
    ]
    assert {f.level for f in findings} == {"warning" if lenient else "error"}
    assert findings.rows[0].expected == "数字，如 12.5"
    assert frame.row(0)[:5] == ("甲", None, None, None, None)
    assert frame.row(1)[1:5] == (None, 3, True, date(2026, 5, 1))


def test_a_number_outside_its_limits_is_reported_and_taken_out(tmp_path: Path) -> None:
    rows = [["楼", "年"], ["甲", 1840], ["乙", 1839], ["丙", 2062], ["丁", ""]]
    spec = TableSpec(
        columns={"n": "楼", "year": "年"}, types={"year": "integer"}, limits={"year": (1840, 2026)}
    )
    frame, findings = read(write_csv(tmp_path / "表.csv", rows), spec)
    assert findings == [(3, "年", "T012"), (4, "年", "T012")]
    assert frame["year"].to_list() == [1840, None, None, None]


def test_an_empty_name_is_a_finding_where_names_are_required(tmp_path: Path) -> None:
    rows = [["编号", "户数"], ["B1", 3], ["—", 4], ["", 5]]
    spec = TableSpec(
        columns={"id": "编号", "n": "户数"}, types={"n": "integer"}, required=frozenset({"id", "n"})
    )
    _, findings = read(write_csv(tmp_path / "表.csv", rows), spec)
    assert findings == [(3, "编号", "T013"), (4, "编号", "T013")]


def test_a_wrong_column_of_many_rows_does_not_drown_the_list(tmp_path: Path) -> None:
    rows = [["名称", "数"], *(["甲", f"第{i}批"] for i in range(500))]
    _, findings = read(
        write_csv(tmp_path / "表.csv", rows),
        TableSpec(columns={"a": "名称", "n": "数"}, types={"n": "number"}),
    )
    assert len(findings) == 21
    assert findings[-1] == (None, "数", "T014")


def test_codes_stay_text_with_their_zeros(tmp_path: Path) -> None:
    path = write_xlsx(tmp_path / "表.xlsx", ("数据", [["代码", "名称"], ["012", "甲"], [310117001001, "乙"]]))
    frame, _ = read(path, TableSpec(columns={"code": "代码", "name": "名称"}))
    assert frame["code"].to_list() == ["012", "310117001001"]


def test_corrections_see_the_text_as_it_stands_before_it_is_typed(tmp_path: Path) -> None:
    seen: list[pl.DataFrame] = []

    def correct(raw: pl.DataFrame) -> pl.DataFrame:
        seen.append(raw)
        return raw.with_columns(pl.col("n").replace("约两百户", "200")).filter(pl.col("name") != "丙")

    rows = [["名称", "户数"], ["甲", "约两百户"], ["乙", " 3 "], ["丙", "坏"]]
    spec = TableSpec(columns={"name": "名称", "n": "户数"}, types={"n": "integer"})
    frame, findings = read(write_csv(tmp_path / "表.csv", rows), spec, correct=correct)
    assert findings == []
    assert frame["n"].to_list() == [200, 3]
    (raw,) = seen
    assert raw["n"].to_list() == ["约两百户", " 3 ", "坏"]
    assert raw.columns == ["name", "n", *POSITION]


# ---- headers that are not there ----------------------------------------------------------------------------


def test_no_header_names_what_was_found_instead(tmp_path: Path) -> None:
    path = write_csv(tmp_path / "表.csv", [["标题"], ["学校", "学段", "地址"], ["一小", "小学", "某路"]])
    findings = Findings()
    frame = read_table(path, TOWNS, findings, shown_as="表.csv")
    (finding,) = findings
    assert (finding.code, finding.place.row) == ("T001", 2)
    assert "学校、学段、地址" in finding.message
    assert finding.expected == "街镇、人口、面积"
    assert frame.is_empty()
    assert frame.schema["people"] == pl.Float64


def test_missing_columns_are_errors_when_required_and_warnings_when_not(tmp_path: Path) -> None:
    path = write_csv(tmp_path / "表.csv", [["街镇名", "人口", "面 积"], ["甲镇", 1, 2]])
    findings = Findings()
    frame = read_table(path, TOWNS, findings, shown_as="表.csv")
    assert [(f.code, f.level, f.place.column) for f in findings] == [("T002", "error", "街镇")]
    assert "街镇名" in findings.rows[0].message
    assert frame.row(0)[:3] == (None, 1.0, 2.0)
    _, findings_two = read(
        path, TableSpec(TOWNS.columns | {"houses": "楼栋"}, required=frozenset({"people"}))
    )
    assert findings_two == [(1, "街镇", "T004"), (1, "楼栋", "T004")]


def test_the_same_header_twice_is_a_finding_unless_all_are(tmp_path: Path) -> None:
    path = write_csv(tmp_path / "表.csv", [["街镇", "人口", "人口", "面积"], ["甲镇", 1, 2, 3]])
    frame, findings = read(path, TOWNS)
    assert findings == [(1, "人口", "T003")]
    assert frame.row(0)[:3] == ("甲镇", None, 3.0)


def test_a_table_without_rows_is_a_warning(tmp_path: Path) -> None:
    frame, findings = read(write_csv(tmp_path / "表.csv", [["街镇", "人口", "面积"]]), TOWNS)
    assert (frame.height, findings) == (0, [(None, "", "T005")])


def test_the_header_row_may_be_named(tmp_path: Path) -> None:
    rows = [["街镇", "人口", "面积"], ["旧表", 1, 1], ["街镇", "人口", "面积"], ["甲镇", 2, 3]]
    spec = TableSpec(TOWNS.columns, TOWNS.types, header_row=3)
    frame, findings = read(write_csv(tmp_path / "表.csv", rows), spec)
    assert (frame["town"].to_list(), findings) == (["甲镇"], [])
    _, findings = read(write_csv(tmp_path / "表.csv", rows), TableSpec(TOWNS.columns, header_row=99))
    assert [code for *_, code in findings] == ["T001"]


def test_read_headers_gives_the_labels_in_order(tmp_path: Path) -> None:
    rows = [
        ["2026年满意度调查"],
        ["序号", "性别", "15、您对以下方面的满意度—停车", "16、物业"],
        [1, "男", "满意", "一般"],
    ]
    path = write_xlsx(tmp_path / "问卷.xlsx", ("Sheet1", rows))
    findings = Findings()
    headers = read_headers(path, findings, shown_as="问卷.xlsx")
    assert headers == ["序号", "性别", "15、您对以下方面的满意度—停车", "16、物业"]
    assert not list(findings)
    empty = write_csv(tmp_path / "空.csv", [["只有一格"]])
    assert read_headers(empty, findings, shown_as="空.csv") is None
    assert [f.code for f in findings] == ["T001"]


def test_a_file_that_cannot_be_read_gives_the_empty_frame(tmp_path: Path) -> None:
    frame, findings = read(tmp_path / "没有.xlsx", TOWNS)
    assert (frame.height, [code for *_, code in findings]) == (0, ["F001"])


# ---- nothing a file can hold is a traceback -----------------------------------------------------------------

WORDS = st.sampled_from(
    [
        "",
        "",
        "街镇",
        "人口",
        "面积",
        "面积（公顷）",
        "万人",
        "合计",
        "注：",
        "单位：万人",
        "—",
        "1",
        "１２",
        "甲镇",
        "Population",
        "3①",
        "=1",
    ]
)
CELLS = st.one_of(WORDS, st.none(), st.floats(), st.booleans(), st.text(max_size=4), st.dates())


@settings(max_examples=150, deadline=None)
@given(
    rows=st.lists(st.lists(CELLS, min_size=4, max_size=4), min_size=1, max_size=9),
    merges=st.lists(st.tuples(*[st.integers(1, 5)] * 4), max_size=3),
)
def test_no_grid_ends_in_anything_but_a_frame_and_findings(rows: Rows, merges: list[tuple[int, ...]]) -> None:
    grid = Grid("表", "甲", rows, [(min(a, c), min(b, d), max(a, c), max(b, d)) for a, b, c, d in merges])
    findings = Findings()
    frame = table_of([grid], TOWNS, findings)
    assert frame.schema == TOWNS.empty().schema
    assert all(1 <= row <= len(rows) for row in frame["_row"])
    assert all(f.message for f in findings)
