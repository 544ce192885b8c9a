"""What stands beside the inputs: names, corrections, earlier years, projects and judgement matrices."""

from __future__ import annotations

from typing import Any

from .cases import case
from .cells import with_formulas
from .small_project import CORRECTIONS, HISTORY, JUDGEMENTS, PROJECTS, Small, xlsx

NAMES, FIXES, YEARS, PROJECT, MATRIX = (
    "names.csv", "corrections.toml", "history/往年.csv", "inputs/项目库.xlsx", "判断矩阵.xlsx",
)  # fmt: skip


@case(
    "a name that leads to a code nobody has",
    ("names.csv", "", 2, "代码", "N004"),
    ("inputs/楼栋.xlsx", "楼栋", 9, "社区", "N001"),
)
def name_to_nobody(small: Small) -> None:
    small.put(NAMES, B2="310199002009")


_UNKNOWN_NOW = ("inputs/楼栋.xlsx", "楼栋", 9, "社区", "N001")


@case(
    "a Chinese comma between a name and its code",
    ("names.csv", "", 2, "写法", "N004"),
    _UNKNOWN_NOW,
    says=("中文逗号", "丁家村,310199002002"),
)
def name_with_a_chinese_comma(small: Small) -> None:
    small.text(NAMES, "写法,代码\n丁家村，310199002002\n")


@case(
    "a semicolon between a name and its code",
    ("names.csv", "", 2, "写法", "N004"),
    _UNKNOWN_NOW,
    says=("分号（;）", "丁家村,310199002002"),
)
def name_with_a_semicolon(small: Small) -> None:
    small.text(NAMES, "写法,代码\n丁家村;310199002002\n")


@case(
    "a tab between a name and its code",
    ("names.csv", "", 2, "写法", "N004"),
    _UNKNOWN_NOW,
    says=("制表符", "丁家村,310199002002"),
)
def name_with_a_tab(small: Small) -> None:
    small.text(NAMES, "写法,代码\n丁家村\t310199002002\n")


@case(
    "Chinese commas in every line of the names",
    ("names.csv", "", 1, "", "N004"),
    ("names.csv", "", 2, "写法", "N004"),
    _UNKNOWN_NOW,
    says=("是表头，写法和代码之间是中文逗号", "丁家村,310199002002"),
)
def names_with_chinese_commas(small: Small) -> None:
    small.text(NAMES, "写法，代码\n丁家村，310199002002\n")


@case(
    "a comma in the header of the names and semicolons below",
    ("names.csv", "", 1, "", "N004"),
    ("names.csv", "", None, "", "N003"),
    says="下面各行却用了分号",
)
def names_with_two_marks(small: Small) -> None:
    small.text(NAMES, "写法,代码\n丁家村;310199002002\n戊家村;310199002002\n")


@case(
    "a name without a code and a code without a name",
    ("names.csv", "", 2, "写法", "N004"),
    ("names.csv", "", 3, "写法", "N004"),
    _UNKNOWN_NOW,
    says=("没有代码", "丁村 310199002002", "没有写法"),
)
def name_alone(small: Small) -> None:
    small.text(NAMES, "写法,代码\n丁家村\n310199002002\n")


@case(
    "a code before its name",
    ("names.csv", "", 2, "代码", "N004"),
    _UNKNOWN_NOW,
    says=("写反了", "丁家村,310199002002"),
)
def name_after_its_code(small: Small) -> None:
    small.text(NAMES, "写法,代码\n310199002002,丁家村\n")


@case(
    "a unit's name where its code belongs",
    ("names.csv", "", 2, "代码", "N004"),
    _UNKNOWN_NOW,
    says="丁家村,310199002002",
)
def name_for_a_code(small: Small) -> None:
    small.text(NAMES, "写法,代码\n丁家村,丁村\n")


@case(
    "a code that Excel has shortened",
    ("names.csv", "", 2, "代码", "N004"),
    _UNKNOWN_NOW,
    says="科学计数",
)
def name_to_a_shortened_code(small: Small) -> None:
    small.text(NAMES, "写法,代码\n丁家村,3.10199E+11\n")


@case(
    "a name that nothing needs",
    ("names.csv", "", None, "", "N003"),
)
def name_not_needed(small: Small) -> None:
    small.add(NAMES, ["戊家村", "310199002002"])


@case(
    "a name that leads to two units",
    ("names.csv", "", 3, "代码", "N008"),
)
def name_to_two(small: Small) -> None:
    small.add(NAMES, ["丁家村", "310199002001"])


@case(
    "a table of names without its header",
    ("names.csv", "", 1, "", "T001"),
    ("inputs/楼栋.xlsx", "楼栋", 9, "社区", "N001"),
)
def names_without_header(small: Small) -> None:
    small.table(NAMES, [["丁家村", "310199002002"]])


@case(
    "a correction that no longer matches",
    ("corrections.toml", "", 6, "expect", "C002"),
    says=("第 9 行", "现在是“33”，不是 expect 写的“31”", 'expect = "33"'),
)
def correction_expired(small: Small) -> None:
    small.put("inputs/楼栋.xlsx", F9=33)


@case(
    "a correction of a row that is not there",
    ("corrections.toml", "", 4, "match", "C002"),
    says=("id（楼栋编号）没有一格写着“B-88”", "“B-8”", "_unit（社区，照表里的写法）"),
)
def correction_of_nothing(small: Small) -> None:
    small.replace(FIXES, '"B-8"', '"B-88"')


@case(
    "a correction of a column that is not there",
    ("corrections.toml", "", 5, "column", "C002"),
    says="“户数”要写 homes",
)
def correction_of_no_column(small: Small) -> None:
    small.replace(FIXES, 'column = "homes"', 'column = "户数"')


@case(
    "a correction of an input that is not there",
    ("corrections.toml", "", 3, "input", "C001"),
    says="buildings（住宅楼栋）",
)
def correction_of_no_input(small: Small) -> None:
    small.replace(FIXES, '"buildings"', '"building"')


@case(
    "a correction without a reason",
    ("corrections.toml", "", 2, "reason", "C001"),
)
def correction_without_reason(small: Small) -> None:
    small.replace(FIXES, 'reason = "电话核实"\n', "")


@case(
    "a correction with a key mistyped",
    ("corrections.toml", "", 6, "expected", "C001"),
)
def correction_mistyped(small: Small) -> None:
    small.replace(FIXES, "expect =", "expected =")


@case(
    "a correction that both changes and drops",
    ("corrections.toml", "", 2, "", "C001"),
)
def correction_of_two_minds(small: Small) -> None:
    small.replace(FIXES, 'value = "32"', 'value = "32"\ndrop = true')


@case(
    "a correction with a date that is none",
    ("corrections.toml", "", 10, "date", "C001"),
)
def correction_without_a_date(small: Small) -> None:
    small.replace(FIXES, "2026-06-01", '"六月一日"')


@case(
    "corrections that are no TOML",
    ("corrections.toml", "", 1, "", "C001"),
    ("corrections.toml", "", 2, "", "C001"),
    says=("[[correction]]", 'input = "楼栋"'),
)
def corrections_of_words(small: Small) -> None:
    small.text(FIXES, "[[correction]\ninput = 楼栋")


@case(
    "a correction with a Chinese key without quotation marks",
    ("corrections.toml", "", 4, "", "C001"),
    says='match = { "街镇" = "西镇" }',
)
def correction_by_a_chinese_key(small: Small) -> None:
    small.replace(FIXES, 'id = "B-8"', '街镇 = "西镇"')


@case(
    "a correction that names a header where our name belongs",
    ("corrections.toml", "", 4, "match", "C002"),
    says="“街镇”要写 _within",
)
def correction_by_a_header(small: Small) -> None:
    small.replace(FIXES, 'id = "B-8"', '"街镇" = "西镇"')


@case(
    "a correction of a unit the table writes otherwise",
    ("corrections.toml", "", 4, "match", "C002"),
    says=("_unit（社区）没有一格写着“丁家”", "“丁家村”"),
)
def correction_of_a_unit(small: Small) -> None:
    small.replace(FIXES, 'id = "B-8"', '_unit = "丁家"')


@case(
    "a correction that the table has made already",
    ("corrections.toml", "", 6, "expect", "C002"),
    says=("已经是“32”", "删去这一条"),
)
def correction_made_already(small: Small) -> None:
    small.put("inputs/楼栋.xlsx", F9=32)


@case(
    "a correction of a layer",
    ("corrections.toml", "", 4, "match", "C002"),
    says="更正只改表格",
)
def correction_of_a_layer(small: Small) -> None:
    small.replace(FIXES, '"buildings"', '"parks"')


@case(
    "a correction of a list",
    ("corrections.toml", "", 7, "value", "C001"),
    says="或一个数",
)
def correction_of_a_list(small: Small) -> None:
    small.replace(FIXES, '"32"', "[32]")


@case(
    "a correction without its head",
    ("corrections.toml", "", None, "input", "C003"),
    says="前面加一行 [[correction]]",
)
def correction_without_a_head(small: Small) -> None:
    small.replace(FIXES, "[[correction]]\n", "")


@case("a correction of numbers without quotation marks is a correction")
def correction_of_numbers(small: Small) -> None:
    small.text(FIXES, CORRECTIONS.replace('"31"', "31").replace('"32"', "32"))


@case(
    "corrections under another name of table",
    ("corrections.toml", "", None, "corrections", "C003"),
)
def corrections_misnamed(small: Small) -> None:
    small.text(FIXES, CORRECTIONS.replace("[[correction]]", "[[corrections]]"))


@case(
    "one correction written as a table and not as a list",
    ("corrections.toml", "", None, "correction", "C003"),
)
def correction_as_a_table(small: Small) -> None:
    small.text(FIXES, CORRECTIONS.replace("[[correction]]", "[correction]"))


@case(
    "corrections that are a number",
    ("corrections.toml", "", None, "correction", "C003"),
)
def corrections_a_number(small: Small) -> None:
    small.text(FIXES, "correction = 5")


@case(
    "an earlier year of another shape",
    ("history/往年.csv", "", 1, "", "T001"),
)
def history_of_another_shape(small: Small) -> None:
    small.table(YEARS, [["单元", "2023", "2024"], ["东街道", 1, 2]])


@case(
    "an earlier year that is no year",
    ("history/往年.csv", "", 2, "年份", "T010"),
)
def history_without_years(small: Small) -> None:
    small.put(YEARS, A2="去年")


@case(
    "an earlier year long past",
    ("history/往年.csv", "", 2, "年份", "T012"),
)
def history_long_past(small: Small) -> None:
    small.put(YEARS, A2=20250)


@case(
    "an earlier value of an indicator that is not in force",
    ("history/往年.csv", "", 2, "指标编号", "H001"),
)
def history_of_nothing(small: Small) -> None:
    small.put(YEARS, C2="AQ-77")


@case(
    "two earlier values of the same thing",
    ("history/往年.csv", "", 4, "指标值", "H002"),
)
def history_of_two_minds(small: Small) -> None:
    small.add(YEARS, [2025, "东街道", "AQ-02", 71])


@case(
    "an earlier value of a unit nobody knows",
    ("history/往年.csv", "", 2, "单元", "N001"),
)
def history_of_nobody(small: Small) -> None:
    small.put(YEARS, B2="南街道")


@case(
    "an earlier value that is infinite",
    ("history/往年.csv", "", 2, "指标值", "T010"),
)
def history_infinite(small: Small) -> None:
    small.put(YEARS, D2="inf")


@case(
    "an earlier year's workbook that is cut short",
    ("history/更早.xlsx", "", None, "", "F003"),
)
def history_broken(small: Small) -> None:
    small.raw("history/更早.xlsx", b"PK\x03\x04" + b"\0" * 50)


@case(
    "a project for an indicator that is not there",
    ("inputs/项目库.xlsx", "项目", 2, "指标", "B001"),
)
def project_for_nothing(small: Small) -> None:
    small.put(PROJECT, D2="AQ-22")


@case(
    "a project in a place that is not there",
    ("inputs/项目库.xlsx", "项目", 2, "单元", "N001"),
)
def project_nowhere(small: Small) -> None:
    small.put(PROJECT, C2="南街道")


@case(
    "a project of a negative cost",
    ("inputs/项目库.xlsx", "项目", 2, "投资", "B003"),
)
def project_below_nought(small: Small) -> None:
    small.put(PROJECT, E2=-300)


@case(
    "a project of no cost said",
    ("inputs/项目库.xlsx", "项目", 2, "投资", "B003"),
)
def project_without_cost(small: Small) -> None:
    small.put(PROJECT, E2="")


@case(
    "a project of a cost in words",
    ("inputs/项目库.xlsx", "项目", 2, "投资", "T010"),
)
def project_cost_in_words(small: Small) -> None:
    small.put(PROJECT, E2="三百")


@case(
    "a project that makes things worse",
    ("inputs/项目库.xlsx", "", 2, "实施后指标值", "B004"),
)
def project_for_the_worse(small: Small) -> None:
    small.put(PROJECT, F2=5)


@case(
    "the same project twice",
    ("inputs/项目库.xlsx", "项目", 3, "项目编号", "T020"),
)
def project_twice(small: Small) -> None:
    small.put(PROJECT, A3="X-1")


@case(
    "a table of projects without its columns",
    ("inputs/项目库.xlsx", "项目", 1, "指标", "T002"),
    ("inputs/项目库.xlsx", "项目", 1, "投资", "T002"),
    ("inputs/项目库.xlsx", "项目", 1, "实施后指标值", "T004"),
    ("inputs/项目库.xlsx", "项目", 2, "投资", "B003"),
    ("inputs/项目库.xlsx", "项目", 3, "投资", "B003"),
)
def projects_without_columns(small: Small) -> None:
    small.table(PROJECT, [row[:3] for row in PROJECTS])


@case(
    "no table of projects where one is named",
    ("inputs/项目库.xlsx", "", None, "", "P004"),
)
def projects_not_there(small: Small) -> None:
    small.path(PROJECT).unlink()


def matrix(small: Small, **cells: Any) -> None:
    """The judgement matrix with cells changed."""
    small.put(MATRIX, **cells)


@case(
    "no judgement matrices where they are asked for",
    ("判断矩阵.xlsx", "", None, "", "W001"),
)
def matrix_not_there(small: Small) -> None:
    small.path(MATRIX).unlink()


@case(
    "judgements that contradict each other",
    ("判断矩阵.xlsx", "总分-张工", 2, "便民", "W009"),
)
def matrix_inconsistent(small: Small) -> None:
    matrix(small, C2=9, D2="1/9", D3=9)


@case(
    "a judgement beyond the scale",
    ("判断矩阵.xlsx", "总分-张工", 2, "便民", "W008"),
)
def matrix_beyond_the_scale(small: Small) -> None:
    matrix(small, C2=12)


@case(
    "a judgement of nought",
    ("判断矩阵.xlsx", "总分-张工", 2, "便民", "W008"),
)
def matrix_of_nought(small: Small) -> None:
    matrix(small, C2=0)


@case(
    "a judgement in words",
    ("判断矩阵.xlsx", "总分-张工", 2, "便民", "W005"),
)
def matrix_in_words(small: Small) -> None:
    matrix(small, C2="较重要")


@case(
    "two halves that are not each other's reciprocal",
    ("判断矩阵.xlsx", "总分-张工", 3, "安全", "W007"),
)
def matrix_of_two_minds(small: Small) -> None:
    matrix(small, B3=2)


@case(
    "a pair that nobody compared",
    ("判断矩阵.xlsx", "总分-张工", None, "", "W006"),
)
def matrix_with_a_gap(small: Small) -> None:
    matrix(small, C2="")


@case(
    "a child of the matrix that is none",
    ("判断矩阵.xlsx", "总分-张工", 3, "", "W003"),
    ("判断矩阵.xlsx", "总分-张工", None, "", "W004"),
)
def matrix_of_strangers(small: Small) -> None:
    matrix(small, A3="便利", C1="便利")


@case(
    "a child of the matrix twice",
    ("判断矩阵.xlsx", "总分-张工", 4, "", "W010"),
)
def matrix_with_twins(small: Small) -> None:
    matrix(small, A4="便民")


@case(
    "a sheet for a dimension that is not there",
    ("判断矩阵.xlsx", "宜居-张工", None, "", "W002"),
)
def matrix_of_nothing(small: Small) -> None:
    small.raw(MATRIX, xlsx("宜居-张工", JUDGEMENTS))


@case(
    "an error of Excel in a judgement",
    ("判断矩阵.xlsx", "总分-张工", 2, "便民", "W005"),
)
def matrix_with_an_error(small: Small) -> None:
    small.raw(MATRIX, with_formulas("总分-张工", JUDGEMENTS, C2="#REF!"))


@case("formulas for the other half, not reckoned, are blank cells")
def matrix_with_formulas(small: Small) -> None:
    small.raw(MATRIX, with_formulas("总分-张工", JUDGEMENTS, B3="=1/C2", B4="=1/D2", C4="=1/D3"))


@case("a table of earlier years that holds the same rows as it should, with a header in two rows")
def history_with_two_headers(small: Small) -> None:
    small.table(YEARS, [["往年指标值", "", "", ""], *HISTORY])
