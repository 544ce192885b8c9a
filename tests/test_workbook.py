"""The workbook 一表三清单: opened again as an office would, it holds what was promised."""

from __future__ import annotations

import datetime
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import openpyxl
import polars as pl
import pytest
from openpyxl.workbook import Workbook as Book
from openpyxl.worksheet.worksheet import Worksheet as Sheet
from tijian.engine.results import STATES, Results
from tijian.reports.names import safe_name
from tijian.reports.theme import load_theme
from tijian.reports.workbook import sheet as workbook_sheet
from tijian.reports.workbook.lists import NAME, sheet_names, write_all_lists, write_lists

from .results_fixture import DISTRICT, make_results
from .shown import targets_of

TOWN, COMMUNITY, DEPARTMENT = f"{DISTRICT}002", f"{DISTRICT}002001", "区建设管理委"
LABEL = "合成演示数据"
HEADER, FIRST = 3, 4  # rows as Excel counts them
SHEETS = [
    "封面", "指标评估表", "优势清单", "问题清单", "整治建议清单", "问题台账", "行动计划目标达成情况", "指标汇总表（四个尺度）",
]  # fmt: skip
HEADERS = {
    "指标评估表": (
        "序号 单元 维度 指标 单位 方向 现状值 95%区间 上年值 变化 标准值/目标值 全区均值 同类中位数 得分 等级 单项评级 排名 "
        "满意度 牵头单位 数据来源 备注"
    ),
    "优势清单": "序号 编号 优势 所在单元 维度/指标 现状值 标准值/同类均值 领先幅度 依据 可推广做法（备注）",
    "问题清单": (
        "序号 编号 问题 所在单元 维度/指标 现状值 标准值 差距 影响人口 严重程度 问题程度 治理难度 判定依据 "
        "牵头单位 配合单位 台账"
    ),
    "整治建议清单": (
        "序号 编号 所在单元 对应问题 问题编号 整治措施 措施类别 目标值 工作量 整治区域 整治类型 完成时限 截止日期 "
        "优先级 纳入下一年度计划 牵头单位 配合单位 责任街镇 状态 完成情况 佐证 完成日期"
    ),
    "问题台账": "台账行 所在单元 指标 对象 对象编号 问题 问题程度 治理难度 整治类型 数据出处 所属问题编号",
    "行动计划目标达成情况": "序号 任务 单元 目标（指标） 目标值 期限 起点值 现状值 还差 按进度应达 达成情况 牵头单位",
    "指标汇总表（四个尺度）": "尺度 方面 序号 指标项 单位 指标值 标准值 维度 牵头单位 编号",
}
FILL_IN = ("状态", "完成情况", "佐证", "完成日期")


@pytest.fixture(scope="module")
def results() -> Results:
    return make_results(LABEL)


@pytest.fixture(scope="module")
def district(results: Results, tmp_path_factory: pytest.TempPathFactory) -> Book:
    return reopened(results, tmp_path_factory.mktemp("district"))


@pytest.fixture(scope="module")
def town(results: Results, tmp_path_factory: pytest.TempPathFactory) -> Book:
    return reopened(results, tmp_path_factory.mktemp("town"), unit=TOWN)


def reopened(results: Results, out: Path, unit: str | None = None, department: str | None = None) -> Book:
    return openpyxl.load_workbook(write_lists(results, out, unit=unit, department=department))


def headers(sheet: Sheet) -> list[str]:
    return [cell.value for cell in sheet[HEADER]]


def cells(sheet: Sheet, header: str) -> list[Any]:
    """The body cells under one header."""
    column = headers(sheet).index(header) + 1
    return [sheet.cell(row, column) for row in range(FIRST, sheet.max_row + 1)]


def values(sheet: Sheet, header: str) -> list[Any]:
    return [cell.value for cell in cells(sheet, header)]


# ── what is in it ─────────────────────────────────────────────────────────────────────────────────────────


def test_the_sheets_and_their_headers_are_those_agreed(district: Book) -> None:
    assert district.sheetnames == SHEETS
    assert {name: " ".join(headers(district[name])) for name in HEADERS} == HEADERS


def test_the_project_names_the_table_and_the_lists(results: Results, tmp_path: Path) -> None:
    names = {"table": "指标调查表", "problems": "问题清单（2026）", "ledger": "台账/明细"}
    book = reopened(replace(results, list_names=names), tmp_path)
    assert book.sheetnames == [
        "封面",
        "指标调查表",
        "优势清单",
        "问题清单（2026）",
        "整治建议清单",
        "台账_明细",
        "行动计划目标达成情况",
        "指标汇总表（四个尺度）",
    ]


def test_the_district_has_every_problem_and_the_table_of_the_district_and_its_towns(
    results: Results, district: Book
) -> None:
    assert values(district["问题清单"], "编号") == results.problem_list["id"].to_list()
    assert values(district["整治建议清单"], "编号") == results.remedy_list["id"].to_list()
    assert values(district["问题台账"], "台账行") == results.ledger["line"].to_list()
    measured = results.scores.filter(pl.col("level") != "community")
    assert len(values(district["指标评估表"], "指标")) == measured.height


def test_a_town_has_its_own_rows_and_its_communities_and_no_others(results: Results, town: Book) -> None:
    inside = results.units.filter(pl.col("town") == TOWN)["code"].to_list()
    expected = results.problem_list.filter(pl.col("unit").is_in(inside))["id"].to_list()
    assert expected
    assert values(town["问题清单"], "编号") == expected
    names = results.units.filter(pl.col("code").is_in(inside))["name"].to_list()
    assert set(values(town["指标评估表"], "单元")) == set(names)


def test_a_community_alone_needs_no_column_of_units(results: Results, tmp_path: Path) -> None:
    sheet = reopened(results, tmp_path, unit=COMMUNITY)["指标评估表"]
    assert "单元" not in headers(sheet)
    assert len(values(sheet, "指标")) == results.scores.filter(pl.col("unit") == COMMUNITY).height


def test_a_department_has_the_rows_it_leads_over_the_whole_district(results: Results, tmp_path: Path) -> None:
    book = reopened(results, tmp_path, department=DEPARTMENT)
    led = results.problem_list.filter(pl.col("lead").list.contains(DEPARTMENT))
    assert led["unit"].n_unique() > 1
    assert values(book["问题清单"], "编号") == led["id"].to_list()
    for name in ("指标评估表", "问题清单", "整治建议清单"):
        assert all(DEPARTMENT in shown for shown in values(book[name], "牵头单位"))


def test_unit_and_department_together_narrow_both(results: Results, tmp_path: Path) -> None:
    sheet = reopened(results, tmp_path, unit=TOWN, department=DEPARTMENT)["问题清单"]
    inside = results.units.filter(pl.col("town") == TOWN)["code"].to_list()
    both = pl.col("unit").is_in(inside) & pl.col("lead").list.contains(DEPARTMENT)
    assert values(sheet, "编号") == results.problem_list.filter(both)["id"].to_list()


def test_an_empty_list_says_so(results: Results, tmp_path: Path) -> None:
    none = replace(results, strength_list=results.strength_list.clear())
    sheet = reopened(none, tmp_path)["优势清单"]
    assert sheet.cell(FIRST, 1).value == "无"
    assert headers(sheet) == HEADERS["优势清单"].split()


@pytest.mark.parametrize(("unit", "department"), [("000000", None), (None, "区不存在局")])
def test_what_the_results_do_not_hold_is_refused(
    results: Results, tmp_path: Path, unit: str | None, department: str | None
) -> None:
    with pytest.raises(ValueError, match=unit or department):
        write_lists(results, tmp_path, unit=unit, department=department)
    assert list(tmp_path.iterdir()) == []


# ── cells ─────────────────────────────────────────────────────────────────────────────────────────────────


def test_figures_are_numbers_in_the_decimals_of_their_indicator(results: Results, district: Book) -> None:
    sheet = district["指标评估表"]
    decimals = dict(results.indicators.select("name", "decimals").iter_rows())
    shown = list(zip(values(sheet, "指标"), cells(sheet, "现状值"), strict=True))
    missing = [cell.value for _, cell in shown if not isinstance(cell.value, int | float)]
    assert set(missing) == {"—"}
    assert len(missing) == results.scores.filter(pl.col("level") != "community")["value"].null_count()
    for name, cell in shown:
        if cell.value != "—":
            digits = "0" if decimals[name] == 0 else "0." + "0" * decimals[name]
            assert cell.number_format == f"{digits};−{digits};{digits}"


def test_a_value_in_the_workbook_is_the_value_in_the_results(results: Results, town: Book) -> None:
    sheet = town["指标评估表"]
    names = dict(results.indicators.select("code", "name").iter_rows())
    mine = results.scores.filter((pl.col("unit") == TOWN) & pl.col("value").is_not_null())
    expected = {names[code]: value for code, value in mine.select("indicator", "value").iter_rows()}
    unit = results.units.filter(pl.col("code") == TOWN)["name"][0]
    rows = zip(values(sheet, "单元"), values(sheet, "指标"), values(sheet, "现状值"), strict=True)
    assert {name: value for where, name, value in rows if where == unit and value != "—"} == expected


def test_units_and_arrows_are_in_the_format_and_not_in_the_cell(district: Book) -> None:
    gaps = {cell.number_format for cell in cells(district["问题清单"], "差距") if cell.value != "—"}
    assert '0.0"个百分点";−0.0"个百分点";0.0"个百分点"' in gaps
    changes = cells(district["指标评估表"], "变化")
    rising = [c for c in changes if isinstance(c.value, int | float) and c.value > 0.1]
    assert rising
    assert all(c.number_format.startswith('"↑ "+0') for c in rising)


@pytest.mark.parametrize("danger", ["=1+1", "+86", "-2+3", "@SUM(A1)", '=HYPERLINK("http://x","y")', "\t=1"])
def test_text_from_inputs_never_becomes_a_formula(results: Results, tmp_path: Path, danger: str) -> None:
    poisoned = replace(
        results,
        problem_list=results.problem_list.with_columns(problem=pl.lit(danger)),
        ledger=results.ledger.with_columns(thing_name=pl.lit(danger), file=pl.lit(danger)),
        units=results.units.with_columns(
            name=pl.when(pl.col("code") == TOWN).then(pl.lit(danger)).otherwise("name")
        ),
    )
    book = reopened(poisoned, tmp_path, unit=TOWN)
    found = [cell for sheet in book for row in sheet.iter_rows() for cell in row if danger == cell.value]
    assert {cell.parent.title for cell in found} >= {"指标评估表", "问题清单", "问题台账"}
    assert {cell.data_type for cell in found} == {"s"}
    assert all(cell.quotePrefix for cell in found)
    assert not [c for sheet in book for row in sheet.iter_rows() for c in row if c.data_type == "f"]


def test_a_text_beyond_what_a_cell_holds_is_cut_and_not_dropped(results: Results, tmp_path: Path) -> None:
    long = "楼" + "号" * 40_000
    odd = replace(results, problem_list=results.problem_list.with_columns(problem=pl.lit(long)))
    shown = values(reopened(odd, tmp_path, unit=TOWN)["问题清单"], "问题")[0]
    assert shown.startswith("楼")
    assert 32_000 < len(shown) <= 32_767


# ── links ─────────────────────────────────────────────────────────────────────────────────────────────────


def target_of(book: Book, cell: Any) -> Any:
    """The one cell it leads to."""
    (found,) = targets_of(book, cell)
    return found


def beside(cell: Any, header: str) -> Any:
    """What stands in the same row under ``header``."""
    return cell.parent.cell(cell.row, headers(cell.parent).index(header) + 1).value


def test_a_problem_leads_to_all_its_ledger_lines(results: Results, district: Book) -> None:
    with_lines = results.problem_list.filter(pl.col("ledger_from").is_not_null())
    linked = [cell for cell in cells(district["问题清单"], "台账") if cell.hyperlink]
    assert len(linked) == with_lines.height > 0
    for cell, (first, last) in zip(
        linked, with_lines.select("ledger_from", "ledger_to").iter_rows(), strict=True
    ):
        assert [target.value for target in targets_of(district, cell)] == list(range(first, last + 1))


def test_a_ledger_line_leads_back_to_its_problem(results: Results, district: Book) -> None:
    of = {row["line"]: f"{row['unit']}-{row['indicator']}" for row in results.ledger.to_dicts()}
    linked = cells(district["问题台账"], "所属问题编号")
    assert len(linked) == len(of) > 0
    for cell in linked:
        target = target_of(district, cell)
        assert target.parent.title == "问题清单"
        assert of[beside(cell, "台账行")] == cell.value == beside(target, "编号")


def test_a_ledger_line_without_a_problem_of_its_unit_belongs_to_the_problem_of_its_town(
    results: Results, tmp_path: Path
) -> None:
    """A community's lines may be too few for a problem of its own and still make one of its town."""
    line = results.ledger.row(0, named=True)
    gone = results.problem_list.filter(
        (pl.col("unit") == line["unit"]) & (pl.col("indicator") == line["indicator"])
    )
    raised = gone.with_columns(
        id=pl.format("{}-{}", pl.lit(line["town"]), "indicator"),
        unit=pl.lit(line["town"]),
        level=pl.lit("town"),
    )
    kept = results.problem_list.join(gone, on="id", how="anti")
    book = reopened(replace(results, problem_list=pl.concat([kept, raised])), tmp_path)
    assert cells(book["问题台账"], "所属问题编号")[0].value == f"{line['town']}-{line['indicator']}"


def test_a_problem_leads_to_its_remedy_and_to_its_line_of_the_table(results: Results, district: Book) -> None:
    sheet = district["问题清单"]
    for cell in cells(sheet, "编号"):
        assert beside(target_of(district, cell), "问题编号") == cell.value
    judged = [cell for cell in cells(sheet, "维度/指标") if cell.hyperlink]
    assert len(judged) == results.problem_list.filter(pl.col("level") != "community").height > 0
    for cell in judged:
        target = target_of(district, cell)
        assert (target.parent.title, beside(target, "单元")) == ("指标评估表", beside(cell, "所在单元"))
        assert f"{beside(target, '维度')}/{beside(target, '指标')}" == cell.value


def test_a_line_of_the_table_leads_to_its_problem(results: Results, town: Book) -> None:
    inside = results.units.filter(pl.col("town") == TOWN)["code"].to_list()
    linked = [cell for cell in cells(town["指标评估表"], "指标") if cell.hyperlink]
    assert len(linked) == results.problem_list.filter(pl.col("unit").is_in(inside)).height > 0
    for cell in linked:
        assert beside(target_of(town, cell), "维度/指标") == f"{beside(cell, '维度')}/{cell.value}"


def test_a_remedy_leads_to_its_problem(district: Book) -> None:
    sheet = district["整治建议清单"]
    problems = district["问题清单"]
    column = headers(problems).index("编号") + 1
    linked = cells(sheet, "问题编号")
    assert linked
    for cell in linked:
        target = target_of(district, cell)
        assert target.parent is problems
        assert problems.cell(target.row, column).value == cell.value


def test_the_cover_leads_to_every_sheet(district: Book) -> None:
    cover = district["封面"]
    targets = [target_of(district, c) for row in cover.iter_rows() for c in row if c.hyperlink]
    assert [cell.parent.title for cell in targets] == SHEETS[1:]


def test_the_title_of_every_sheet_leads_back_to_the_cover(district: Book) -> None:
    for name in SHEETS[1:]:
        assert target_of(district, district[name]["A1"]).parent.title == "封面"


def test_a_problem_without_its_ledger_lines_at_hand_has_no_link(results: Results, tmp_path: Path) -> None:
    book = reopened(replace(results, ledger=results.ledger.clear()), tmp_path)
    assert not any(cell.hyperlink for cell in cells(book["问题清单"], "台账"))


# ── filling in ────────────────────────────────────────────────────────────────────────────────────────────


def test_only_the_cells_to_fill_in_are_open_and_no_password_is_set(district: Book) -> None:
    for name in SHEETS:
        assert district[name].protection.sheet
        assert district[name].protection.password is None
    sheet = district["整治建议清单"]
    for header in headers(sheet):
        locked = {cell.protection.locked for cell in cells(sheet, header)}
        assert locked == {header not in FILL_IN}, header
    for name in set(SHEETS) - {"整治建议清单"}:
        assert all(cell.protection.locked for row in district[name].iter_rows() for cell in row)


def test_filtering_stays_possible_under_protection(district: Book) -> None:
    for name in SHEETS[1:]:
        assert district[name].protection.autoFilter is False  # False: not forbidden
        assert district[name].protection.formatColumns is False


def test_the_state_is_chosen_from_a_list_and_the_date_is_checked(results: Results, district: Book) -> None:
    sheet = district["整治建议清单"]
    last = FIRST + results.remedy_list.height - 1
    rules = {str(rule.sqref): rule for rule in sheet.data_validations.dataValidation}

    def rule_of(header: str) -> Any:
        letter = openpyxl.utils.get_column_letter(headers(sheet).index(header) + 1)
        return rules[f"{letter}{FIRST}:{letter}{last}"]

    state, done = rule_of("状态"), rule_of("完成日期")
    assert state.type == "list"
    assert state.formula1.strip('"').split(",") == list(STATES)
    assert state.showErrorMessage
    assert "未启动" in state.error
    first_day = (datetime.date(results.year, 1, 1) - datetime.date(1899, 12, 30)).days
    assert (done.type, done.operator, done.formula1) == ("date", "greaterThanOrEqual", str(first_day))
    assert {rule_of(h).promptTitle for h in FILL_IN} == set(FILL_IN)
    assert {c.number_format for c in cells(sheet, "完成日期")} == {"yyyy-mm-dd"}


def test_a_cost_is_checked_to_be_a_number(results: Results, tmp_path: Path) -> None:
    sheet = reopened(replace(results, list_names={"projects": "更新项目清单"}), tmp_path)["更新项目清单"]
    (rule,) = [r for r in sheet.data_validations.dataValidation if r.promptTitle.startswith("估算投资")]
    assert (rule.type, rule.operator or "between") == ("decimal", "between")
    assert "只填数字" in rule.error


def test_the_state_a_run_sets_is_one_of_the_list(results: Results, district: Book) -> None:
    assert set(values(district["整治建议清单"], "状态")) <= set(STATES)


# ── look and print ────────────────────────────────────────────────────────────────────────────────────────


def colours(sheet: Sheet, header: str) -> dict[str, str]:
    """Word → colour, of the rules that colour a column's cells."""
    letter = openpyxl.utils.get_column_letter(headers(sheet).index(header) + 1)
    return {
        rule.formula[0].strip('"'): "#" + rule.dxf.fill.bgColor.rgb[-6:]
        for area in sheet.conditional_formatting for rule in area.rules
        if str(area.sqref).startswith(f"{letter}{FIRST}") and rule.type == "cellIs"
    }  # fmt: skip


def test_grades_severities_and_states_are_coloured_by_rule(district: Book) -> None:
    best, good, middle, poor, worst = load_theme().ramp
    assert colours(district["问题清单"], "严重程度") == {"红": worst, "橙": poor, "黄": middle}
    assert colours(district["问题清单"], "问题程度") == {"较严重": middle, "严重": poor, "非常严重": worst}
    assert colours(district["指标评估表"], "等级") == {
        "优": best,
        "良": good,
        "中": middle,
        "较差": poor,
        "差": worst,
    }
    states = {"整改中": best, "部分整改": middle, "已整改": good, "无法整改": worst}
    assert colours(district["整治建议清单"], "状态") == states
    assert set(states) | {"未启动"} == set(STATES)


def test_what_is_late_or_lacks_evidence_is_coloured_when_the_workbook_is_opened(district: Book) -> None:
    sheet = district["整治建议清单"]
    letter = {h: openpyxl.utils.get_column_letter(headers(sheet).index(h) + 1) for h in headers(sheet)}
    alarms = {
        str(area.sqref).partition(str(FIRST))[0]: rule.formula[0]
        for area in sheet.conditional_formatting for rule in area.rules if rule.type == "expression"
    }  # fmt: skip
    due, state, done, proof = (f"${letter[h]}{FIRST}" for h in ("截止日期", "状态", "完成日期", "佐证"))
    assert alarms == {
        letter["截止日期"]: f'AND(ISNUMBER({due}),{due}<TODAY(),{state}<>"已整改")',
        letter["完成日期"]: f"AND(ISNUMBER({done}),ISNUMBER({due}),{done}>{due})",
        letter["佐证"]: f'AND({state}="已整改",TRIM({proof})="")',
    }


def test_the_last_day_of_a_remedy_is_a_date(results: Results, tmp_path: Path) -> None:
    words = ["2027年6月底前", "2028年2月底前", "2027年12月底前", None]
    remedies = results.remedy_list.head(4).with_columns(due=pl.Series(words, dtype=pl.String))
    book = reopened(replace(results, remedy_list=remedies), tmp_path)
    days = [
        datetime.datetime(2027, 6, 30),
        datetime.datetime(2028, 2, 29),
        datetime.datetime(2027, 12, 31),
        None,
    ]
    assert values(book["整治建议清单"], "截止日期") == days


def test_a_list_that_follows_on_an_earlier_year_says_what_became_of_each_problem(
    results: Results, tmp_path: Path
) -> None:
    assert "整改情况" not in HEADERS["问题清单"]  # nothing to say in the first year
    problems = results.problem_list.head(3).with_columns(
        outcome=pl.Series(["新增", "未整改", "部分整改"]), since=pl.Series([2026, 2024, 2025])
    )
    sheet = reopened(replace(results, problem_list=problems), tmp_path)["问题清单"]
    assert values(sheet, "整改情况") == ["新增", "未整改", "部分整改"]
    assert values(sheet, "遗留年数") == [0, 2, 1]
    assert set(colours(sheet, "整改情况")) == {"已整改", "部分整改", "未整改", "新增"}


@pytest.mark.parametrize("name", SHEETS[1:])
def test_every_list_prints_on_landscape_a4_one_page_wide_with_its_header(district: Book, name: str) -> None:
    sheet = district[name]
    setup = sheet.page_setup
    assert (setup.orientation, int(setup.paperSize)) == ("landscape", 9)
    assert (setup.fitToWidth or 1, setup.fitToHeight) == (1, 0)  # 1 is the default and may be left out
    assert sheet.sheet_properties.pageSetUpPr.fitToPage
    assert sheet.print_title_rows == f"${HEADER}:${HEADER}"
    assert "&P" in sheet.oddFooter.right.text
    assert "&N" in sheet.oddFooter.right.text


@pytest.mark.parametrize("name", SHEETS[1:])
def test_the_header_stays_in_view_and_filters(district: Book, name: str) -> None:
    sheet = district[name]
    pane = sheet[sheet.freeze_panes]
    assert pane.row == FIRST
    assert 1 < pane.column <= 5
    first, last = sheet.auto_filter.ref.split(":")
    assert (first, sheet[last].row) == (f"A{HEADER}", sheet.max_row)
    assert sheet[last].column == len(headers(sheet))


@pytest.mark.parametrize("name", SHEETS)
def test_made_up_data_are_labelled_on_every_sheet_and_every_printed_page(town: Book, name: str) -> None:
    sheet = town[name]
    above = [
        cell.value for row in sheet.iter_rows(max_row=HEADER - 1 if name != "封面" else 3) for cell in row
    ]
    assert any(LABEL in text for text in above if text)
    assert LABEL in sheet.oddHeader.left.text


def test_real_data_carry_no_such_label(results: Results, tmp_path: Path) -> None:
    book = reopened(replace(results, synthetic=""), tmp_path, unit=TOWN)
    shown = [str(c.value) for sheet in book for row in sheet.iter_rows() for c in row]
    assert not [text for text in shown if LABEL in text]
    assert not [sheet.title for sheet in book if LABEL in (sheet.oddHeader.left.text or "")]


def test_no_number_is_too_wide_for_its_column(district: Book) -> None:
    """Excel shows ##### where a number does not fit; text wraps."""
    sheet = district["问题清单"]
    letter = openpyxl.utils.get_column_letter(headers(sheet).index("差距") + 1)
    widest = max(
        len(f"{c.value:.1f}") + 2 * len("个百分点") for c in cells(sheet, "差距") if "百分" in c.number_format
    )
    assert sheet.column_dimensions[letter].width > widest


def test_the_cover_says_what_it_is_and_how_to_fill_it_in(results: Results, town: Book) -> None:
    shown = [str(c.value) for row in town["封面"].iter_rows() for c in row if c.value]
    for text in (results.title, NAME, LABEL, "示例东街道", "2026 年", results.run_id, "填写说明", "口径说明"):
        assert text in shown, text
    assert any("整治建议清单" in text and "佐证" in text for text in shown)


# ── files ─────────────────────────────────────────────────────────────────────────────────────────────────


def test_the_same_results_give_the_same_bytes(results: Results, tmp_path: Path) -> None:
    first, second = (write_lists(results, tmp_path / n, unit=TOWN, department=None) for n in ("a", "b"))
    assert first.read_bytes() == second.read_bytes()


def test_all_lists_are_the_district_every_town_lead_department_and_community(
    results: Results, tmp_path: Path
) -> None:
    seen: list[tuple[int, int]] = []
    paths = write_all_lists(results, tmp_path, lambda done, total, about: seen.append((done, total)))
    towns = results.units.filter(pl.col("level") == "town")["name"].to_list()
    leads = results.problem_list["lead"].explode().unique().to_list()
    name = dict(results.units.select("code", "name").iter_rows())
    measured = results.scores.filter(pl.col("level") == "community")["unit"].unique()
    below = results.units.filter(pl.col("code").is_in(measured.to_list()))
    expected = [("区级", "示例区"), *(("街镇", t) for t in towns), *(("部门", d) for d in leads)]
    expected += [(name[t], name[c]) for t, c in below.select("town", "code").iter_rows()]
    assert {(p.parent.name, p.name) for p in paths} == {
        ("区级", "示例区_一表一台账两清单_2026.xlsx"),
        *((folder, f"{safe_name(name)}_{NAME}_2026.xlsx") for folder, name in expected),
    }
    assert seen == [(i, len(paths)) for i in range(2, len(paths) + 1)]  # the district's two at once
    assert sorted(paths) == sorted(p for p in tmp_path.rglob("*") if p.is_file())


def renamed(results: Results, name: Callable[[str], str]) -> Results:
    return replace(
        results,
        units=results.units.with_columns(pl.col("name").map_elements(name, return_dtype=pl.String)),
    )


def test_names_that_would_escape_or_overflow_stay_inside_and_short(results: Results, tmp_path: Path) -> None:
    wild = renamed(results, lambda name: f"../../{name}/{'很长的名字' * 20}")
    path = write_lists(wild, tmp_path, unit=COMMUNITY, department=None)
    assert path.resolve().is_relative_to(tmp_path.resolve())
    assert len(str(path.relative_to(tmp_path))) < 90


def test_units_of_one_name_do_not_overwrite_each_other(results: Results, tmp_path: Path) -> None:
    paths = write_all_lists(renamed(results, lambda name: "同名"), tmp_path)
    assert len({str(p).casefold() for p in paths}) == len(paths)


@pytest.mark.parametrize(
    ("titles", "expected"),
    [
        ({"table": "封面", "problems": "History"}, ["封面(2)", "History(2)"]),
        ({"table": "甲", "problems": "甲", "ledger": "甲"}, ["甲", "甲(2)", "甲(3)"]),
        ({"table": "'a[b]:c*?/\\'", "problems": "///", "ledger": " "}, ["a_b__c____", "___", "问题台账"]),
        ({"table": "很" * 40, "problems": "很" * 41}, ["很" * 31, "很" * 28 + "(2)"]),
    ],
)
def test_sheet_names_are_ones_excel_accepts(titles: dict[str, str], expected: list[str]) -> None:
    assert list(sheet_names(titles).values()) == expected


def test_more_rows_or_links_than_excel_holds_are_cut_and_said(
    results: Results, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(workbook_sheet, "MAX_ROWS", 20)
    monkeypatch.setattr(workbook_sheet, "MAX_LINKS", 3)
    book = reopened(results, tmp_path)
    ledger = book["问题台账"]
    assert values(ledger, "台账行") == results.ledger["line"].to_list()[:20]
    assert f"共 {results.ledger.height} 行，超出工作表上限，只列前 20 行" in ledger.cell(2, 1).value
    assert sum(bool(cell.hyperlink) for cell in cells(book["整治建议清单"], "问题编号")) == 3
