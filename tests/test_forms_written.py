"""`tijian forms`: what is sent to whom, what is asked, and what stands there beforehand."""

from pathlib import Path

import openpyxl
import pytest

from .cli_project import call, copy_of, refused, told
from .own_forms import (
    codes,
    column_of,
    fill,
    forms,
    header_rows,
    houses,
    own_project,
    put,
    rows_empty_form,
    streets,
    written,
)


@pytest.fixture
def project(tmp_path: Path) -> Path:
    return own_project(tmp_path / "试验区")


@pytest.fixture(scope="module")
def after_2025(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The project after 2025 came back: streets, seniors, houses and the bulletin."""
    folder = own_project(tmp_path_factory.mktemp("上年") / "试验区")
    forms(folder, "--year", 2025)
    fill(folder, "streets", streets, 2025)
    fill(folder, "houses", houses, 2025)
    fill(folder, "seniors", lambda s: put(s, 1, 老年人数=700), 2025)
    fill(folder, "bulletin", lambda s: put(s, 1, 数值=88.5), 2025)
    return folder


@pytest.fixture
def second_year(after_2025: Path, tmp_path: Path) -> Path:
    """The same, to be changed."""
    return copy_of(after_2025, tmp_path)


def cells(path: Path, sheet: int = 0) -> list[list[object]]:
    page = openpyxl.load_workbook(path).worksheets[sheet]
    return [list(row) for row in page.iter_rows(values_only=True)]


def table(path: Path, sheet: int = 0) -> list[list[object]]:
    """The rows from the header on, without empty ones."""
    rows = [row for row in cells(path, sheet) if any(v is not None for v in row)]
    top = next(
        i for i, row in enumerate(rows) if row[0] in ("街镇", "区域", "填报单位", "板块", "统计用区划代码")
    )
    return rows[top:]


def test_every_department_gets_the_forms_it_fills_in_and_nobody_one_that_no_indicator_reads(
    project: Path,
) -> None:
    base = project.resolve() / "out" / "2026" / "填报表"
    assert [p.relative_to(base).as_posix() for p in forms(project)] == [
        "区甲局/街道设施填报表.xlsx", "区乙局/老年人填报表.xlsx", "区甲局/房屋调查表.xlsx", "区统计局/统计公报.xlsx",
        "基础名录/社区名录.xlsx", "发表清单.xlsx",
    ]  # fmt: skip


def test_figures_have_a_row_for_each_unit_and_a_column_for_each_item_that_is_needed(project: Path) -> None:
    forms(project)
    assert table(written(project, "streets")) == [
        ["街镇", "路灯", None, "人行道面积"],
        [None, "总数", "亮灯数", None],
        ["计量单位", "盏", "盏", "㎡"],
        ["东街道", None, None, None],
        ["西镇", None, None, None],
    ]  # no benches: no indicator in force reads them
    assert [row[:2] for row in table(written(project, "seniors"))[2:]] == [
        ["东街道", "甲社区"], ["东街道", "乙社区"], ["西镇", "丙社区"], ["西镇", "丁村"],
    ]  # fmt: skip


def test_reported_values_are_asked_for_by_unit_and_name(project: Path) -> None:
    forms(project)
    assert table(written(project, "bulletin")) == [
        ["区域", "指标名称", "计量单位", "数值"],
        ["试验区", "空气质量优良率", "%", None],
    ]


def test_the_guide_says_how_each_item_is_filled_in_and_what_for(project: Path) -> None:
    forms(project)
    guide = {row[0]: row[1:] for row in cells(written(project, "houses"), 1)}
    assert guide["房龄"] == ["整数，0 至 150", "年", "—", "AA-04 危房数"]
    assert guide["安全等级"] == ["选填：A级、B级、C级、D级", "—", "—", "AA-04 危房数"]
    assert guide["墙体开裂"][0] == "是或否"
    assert {row[0]: row[3] for row in cells(written(project, "streets"), 1)}[
        "路灯 亮灯数"
    ] == "夜间巡查当日亮着的"


def test_typing_is_checked_by_the_sheet(project: Path) -> None:
    forms(project)
    sheet = openpyxl.load_workbook(written(project, "houses")).worksheets[0]
    rules = {
        str(rule.sqref).split(":")[0].rstrip("0123456789"): rule
        for rule in sheet.data_validations.dataValidation
    }
    letters = {
        label: sheet.cell(1, column_of(sheet, label)).column_letter
        for label in ("墙体开裂", "房龄", "安全等级", "街镇")
    }
    assert rules[letters["墙体开裂"]].formula1 == '"是,否"'
    age = rules[letters["房龄"]]
    assert (age.type, age.formula1, age.formula2) == ("whole", "0", "150")
    assert rules[letters["安全等级"]].formula1 == '"A级,B级,C级,D级"'
    assert rules[letters["街镇"]].formula1 == '"东街道,西镇"'
    assert rules[letters["街镇"]].errorStyle == "warning"  # another spelling may be right
    assert sheet.freeze_panes == sheet.cell(rows_empty_form(sheet), 3).coordinate
    assert sheet.protection.sheet is False


def test_a_figure_of_the_year_before_stands_beside_its_item(second_year: Path) -> None:
    forms(second_year)
    assert table(written(second_year, "streets")) == [
        ["街镇", "路灯", None, None, None, "人行道面积", "上年值"],
        [None, "总数", "上年值", "亮灯数", "上年值", None, None],
        ["计量单位", "盏", "盏", "盏", "盏", "㎡", "㎡"],
        ["东街道", None, 100, None, 90, None, 6000],
        ["西镇", None, 50, None, 50, None, 4000],
    ]
    assert table(written(second_year, "bulletin"))[1] == ["试验区", "空气质量优良率", "%", None, 88.5]


def test_an_item_that_is_last_years_value_is_filled_in_beforehand(second_year: Path) -> None:
    forms(second_year)
    assert table(written(second_year, "seniors"))[:3] == [
        ["街镇", "社区", "老年人数", "上年老年人数"],
        ["计量单位", None, "人", "人"],
        ["东街道", "甲社区", None, 700],
    ]


def test_things_known_last_year_are_listed_with_nothing_said_of_this_year(second_year: Path) -> None:
    forms(second_year)
    assert table(written(second_year, "houses"))[2:] == [
        ["东街道", "甲社区", "H1", "甲楼", None, None, None],
        ["东街道", "乙社区", "H2", "乙楼", None, None, None],
        ["西镇", "丁村", "H3", "丙楼", None, None, None],
    ]


def test_the_results_give_last_years_reported_value_where_its_file_is_gone(second_year: Path) -> None:
    told("run", "-q", "-p", second_year, "--year", 2025)
    (second_year / "inputs" / "2025" / "统计公报.xlsx").unlink()
    forms(second_year)
    assert table(written(second_year, "bulletin"))[1][-1] == 88.5


def test_blank_forms_hold_the_units_alone(second_year: Path) -> None:
    forms(second_year, "--blank")
    assert table(written(second_year, "streets"))[0] == ["街镇", "路灯", None, "人行道面积"]
    assert len(table(written(second_year, "houses"))) == 2  # header and units


def test_a_faulty_file_of_last_year_is_no_hindrance(second_year: Path) -> None:
    (second_year / "inputs" / "2025" / "街道设施填报表.xlsx").write_bytes(b"not a workbook")
    forms(second_year)
    assert table(written(second_year, "streets"))[0] == ["街镇", "路灯", None, "人行道面积"]


def test_the_list_says_who_gets_what_and_where_it_goes(second_year: Path) -> None:
    text = (second_year / "tijian.toml").read_text(encoding="utf-8")
    text = text.replace("[inputs.seniors]\n", "").replace(
        "[inputs.houses]\n", '[inputs.houses]\nunit = "村居"\n'
    )
    (second_year / "tijian.toml").write_text(text, encoding="utf-8")
    forms(second_year)
    header, *rows = table(second_year / "out" / "2026" / "填报表" / "发表清单.xlsx")
    by_title = {row[1]: dict(zip(header, row, strict=True)) for row in rows}
    assert list(by_title) == ["社区名录", "街道设施填报表", "房屋调查表", "老年人填报表", "统计公报"]
    streets = by_title["街道设施填报表"]
    assert streets["填报单位"] == "区甲局"
    assert (streets["填报项数"], streets["用它的指标"]) == (3, "AA-01、AA-02")
    assert streets["收到后放到"] == "inputs/2026/街道设施填报表.xlsx"
    assert streets["预先填好的取自"] == "inputs/2025/街道设施填报表.xlsx"
    assert streets["tijian.toml 里写"] == "已写好"
    assert by_title["老年人填报表"]["tijian.toml 里写"] == "[inputs.seniors]"
    assert "unit 是照另一种表写的" in str(by_title["房屋调查表"]["tijian.toml 里写"])


def test_one_departments_forms_alone(project: Path) -> None:
    assert [p.name for p in forms(project, "--department", "区乙局")] == ["老年人填报表.xlsx"]
    assert "没有名为“区丁局”的填报单位，有：区甲局、区乙局、区统计局" in refused(
        2, "forms", "-p", project, "--department", "区丁局"
    )


def test_the_label_of_made_up_data_stands_on_every_sheet(project: Path) -> None:
    path = project / "tijian.toml"
    path.write_text(
        path.read_text(encoding="utf-8").replace("[units]", 'synthetic = "合成演示数据"\n[units]'),
        encoding="utf-8",
    )
    unlabelled = [
        (file.name, sheet.title)
        for file in forms(project)
        for sheet in openpyxl.load_workbook(file)
        if not any("合成演示数据" in str(c.value) for row in sheet.iter_rows(max_row=4) for c in row)
    ]
    assert unlabelled == []


def test_the_same_input_gives_the_same_bytes(second_year: Path) -> None:
    first = {path: path.read_bytes() for path in forms(second_year)}
    assert {path: path.read_bytes() for path in forms(second_year)} == first


def test_units_that_cannot_be_read_are_told_and_nothing_is_written(project: Path) -> None:
    (project / "单元名录.csv").write_text("统计用区划代码,名称,层级\n310199,,区\n", encoding="utf-8")
    done = call("forms", "-q", "-p", project)
    assert done.returncode == 1
    assert "T013" in done.stdout
    assert not (project / "out").exists()


def test_every_form_of_the_shipped_sets_is_understood_as_it_was_sent(tmp_path: Path) -> None:
    """Whatever the sets ask for, an empty form read back has no fault but that nothing was filled in."""
    folder = tmp_path / "新区"
    told("init", folder)
    path = folder / "tijian.toml"
    text = (
        path.read_text(encoding="utf-8")
        .replace("990101", "310199")
        .replace("optional = true", "optional = false")
    )
    path.write_text(text, encoding="utf-8")
    (folder / "单元名录.csv").write_text(
        (own_project(tmp_path / "甲") / "单元名录.csv").read_text(encoding="utf-8"), encoding="utf-8"
    )
    for file in forms(folder):
        file.rename(folder / "inputs" / "2026" / file.name)
    layers = {"P004", "G030"}  # a layer is asked for in words: there is no file to return
    assert set(codes(folder)) - layers == {"T005"}  # a form of things has no rows yet


def test_header_rows_are_found_where_they_stand(project: Path) -> None:
    """Guards the helper the tests of returned forms stand on."""
    forms(project)
    sheet = openpyxl.load_workbook(written(project, "streets")).worksheets[0]
    top, last = header_rows(sheet)
    assert (sheet.cell(top, 1).value, sheet.cell(last, 1).value) == ("街镇", "计量单位")
