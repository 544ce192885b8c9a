"""Judgement matrices: sent out empty, filled in by experts, read back; and every fault of a workbook told at once."""

from __future__ import annotations

import json
from datetime import date
from pathlib import Path

import duckdb
import numpy as np
import openpyxl
import pytest
import xlsxwriter
from hypothesis import given, settings
from hypothesis import strategies as st
from openpyxl.worksheet.worksheet import Worksheet
from tijian.engine.evidence import Comparison
from tijian.engine.findings import Findings
from tijian.engine.intake.judgements import comparisons_asked, read_judgements
from tijian.engine.scoring.weights_ahp import weights_ahp
from tijian.engine.settings.project import Project, load_project
from tijian.indicators.loader import Library, load_indicators
from tijian.reports.forms.judgements import TOP, write_judgements
from tijian.reports.forms.workbook import Issue

from .own_forms import fill, own_project, put, streets, tijian

WORKBOOK = "判断矩阵.xlsx"
AHP = '[scoring]\nweights = "ahp"\nweights_dimensions = "ahp"\n'
DIMENSIONS = ("安全", "便民")
SAFE = ("AA-01", "AA-02", "AA-03")
NAMES = {"AA-01": "亮灯率", "AA-02": "人均人行道", "AA-03": "老年人增长"}
THIRD = 1 / 3
Rows = list[list[object]]


def ahp_project(folder: Path, scoring: str = AHP) -> Path:
    """The small district of the tests of forms, with two dimensions: three indicators in the first, two in the second."""
    own_project(folder)
    own = folder / "indicators" / "own"
    text = (own / "system.toml").read_text(encoding="utf-8")
    (own / "system.toml").write_text(text.replace('["安全"]', '["安全", "便民"]'), encoding="utf-8")
    head, *rest = (own / "all.toml").read_text(encoding="utf-8").split('code = "AA-04"')
    moved = rest[0].replace('dimension = "安全"', 'dimension = "便民"')
    (own / "all.toml").write_text(f'{head}code = "AA-04"{moved}', encoding="utf-8")
    path = folder / "tijian.toml"
    path.write_text(path.read_text(encoding="utf-8") + scoring, encoding="utf-8")
    return folder


def opened(folder: Path) -> tuple[Project, Library]:
    findings = Findings()
    project = load_project(folder, findings)
    assert project is not None
    return project, load_indicators(project.project.indicators, folder, findings)


def write(folder: Path, **sheets: Rows) -> None:
    """The workbook: a sheet per name, its cells from A1 on."""
    with xlsxwriter.Workbook(str(folder / WORKBOOK)) as book:
        day = book.add_format({"num_format": "m/d"})
        for name, rows in sheets.items():
            sheet = book.add_worksheet(name)
            for r, row in enumerate(rows):
                for c, cell in enumerate(row):
                    if isinstance(cell, date):
                        sheet.write_datetime(r, c, cell, day)
                    elif cell is not None:
                        sheet.write(r, c, cell)


def read(folder: Path) -> tuple[tuple[Comparison, ...], list[tuple[str, str, str]]]:
    """What was read, and the findings as (code, place, message)."""
    findings = Findings()
    project, library = opened(folder)
    read, _ = read_judgements(project, library, findings)
    return read, [(f.code, str(f.place).removeprefix(f"{WORKBOOK} › "), f.message) for f in findings]


@pytest.fixture
def project(tmp_path: Path) -> Path:
    return ahp_project(tmp_path / "试验区")


TOTAL_ROWS: Rows = [["", "安全", "便民"], ["安全", 1, 3], ["便民", "", 1]]
SAFE_ROWS: Rows = [["", *SAFE], ["AA-01", 1, 2, 4], ["AA-02", None, 1, 2], ["AA-03", None, None, 1]]
HANDY_ROWS: Rows = [["", "AA-04", "AA-05"], ["AA-04", 1, "1/5"], ["AA-05", None, 1]]
SOUND = {"总分": TOTAL_ROWS, "安全": SAFE_ROWS, "便民": HANDY_ROWS}


# ---- read ----------------------------------------------------------------------------------------------------


def test_half_a_matrix_is_enough_and_its_reciprocals_fill_the_other(project: Path) -> None:
    write(project, **SOUND)
    comparisons, told = read(project)
    assert told == []
    assert [(c.parent, c.expert, c.children) for c in comparisons] == [
        ("总分", "", DIMENSIONS), ("安全", "", SAFE), ("便民", "", ("AA-04", "AA-05")),
    ]  # fmt: skip
    assert comparisons[1].matrix == ((1, 2, 4), (0.5, 1, 2), (0.25, 0.5, 1))
    assert comparisons[2].matrix == ((1, 0.2), (5, 1))


def test_names_codes_and_both_are_understood_in_any_order_below_a_title(project: Path) -> None:
    rows: Rows = [
        ["2026年判断矩阵：安全"], ["专家：张工"], [],
        ["", "左比上", "老年人增长", "AA-01 亮灯率", "人均 人行道"],
        ["", "AA-03", 1, "1／4", "１/2"],
        ["", "亮灯率", None, 1, 2.0],
        ["", "AA-02人均人行道", "—", None, 1],
        [], ["", "填写说明：只填上半"],
    ]  # fmt: skip
    write(project, **SOUND | {"安全": rows})
    comparisons, told = read(project)
    assert told == []
    assert comparisons[1].children == SAFE
    np.testing.assert_allclose(comparisons[1].matrix, [[1, 2, 4], [0.5, 1, 2], [0.25, 0.5, 1]])


def test_every_expert_has_a_sheet_behind_any_dash_and_the_how_to_is_left_alone(project: Path) -> None:
    write(
        project,
        填表说明=[["怎么填"]],
        **{"总分-张工": TOTAL_ROWS, "总分－李 工": TOTAL_ROWS},
        安全=SAFE_ROWS,
        便民=HANDY_ROWS,
    )
    comparisons, told = read(project)
    assert told == []
    assert [c.expert for c in comparisons] == ["张工", "李 工", "", ""]


@settings(deadline=None, max_examples=15)
@given(
    upper=st.lists(st.sampled_from([1 / 3, 0.5, 1.0, 2.0, 3.0]), min_size=3, max_size=3),
    decimals=st.booleans(), whole=st.booleans(),
)  # fmt: skip
def test_a_matrix_is_read_as_the_weights_it_means(
    tmp_path_factory: pytest.TempPathFactory, upper: list[float], decimals: bool, whole: bool
) -> None:
    folder = ahp_project(tmp_path_factory.mktemp("判断") / "区")
    a, b, c = upper
    matrix = np.array([[1, a, b], [1 / a, 1, c], [1 / b, 1 / c, 1]])
    cells = [[round(x, 2) if decimals else x for x in row] for row in matrix.tolist()]
    half = [[x if whole or j >= i else None for j, x in enumerate(row)] for i, row in enumerate(cells)]
    write(
        folder,
        **SOUND | {"安全": [["", *SAFE], *([code, *row] for code, row in zip(SAFE, half, strict=True))]},
    )
    comparisons, told = read(folder)
    if [code for code, _, _ in told] == [
        "W009"
    ]:  # drawn at random, some contradict themselves: W009 and none else
        with pytest.raises(ValueError, match="不一致"):
            weights_ahp(matrix)
        return
    assert told == []
    np.testing.assert_allclose(weights_ahp(np.array(comparisons[1].matrix)), weights_ahp(matrix), atol=0.01)


# ---- told ----------------------------------------------------------------------------------------------------


def test_every_fault_is_told_at_once_with_its_cell(project: Path) -> None:
    write(
        project,
        总分=[["", "安全", "便民"], ["安全", 1, 5], ["便民", 3, 1]],
        安全=[["", "AA-01", "人行道", "AA-03"], ["AA-01", 1, 2, 20], ["AA-02", None, 1, "重要"], ["AA-03", None, None, 2]],
        便民=[["", "AA-04", "AA-05"], ["AA-04", 1, date(2026, 1, 3)], ["AA-05", None, 1]],
        生态=TOTAL_ROWS,
    )  # fmt: skip
    comparisons, told = read(project)
    assert comparisons == ()
    assert told == [
        ("W007", "总分 › 第 3 行 › 列“安全”", "这一格写 3，对称的一格写 5，应互为倒数"),
        ("W003", "安全 › 第 1 行", "“人行道”不是这张表要比较的项；相近的有：人均人行道"),
        ("W008", "安全 › 第 2 行 › 列“老年人增长”", "20 超出 1/9 至 9"),
        ("W005", "安全 › 第 3 行 › 列“老年人增长”", "重要 读不成比较的倍数"),
        ("W007", "安全 › 第 4 行 › 列“老年人增长”", "这一格写 2，对称的一格写 1，应互为倒数"),
        ("W006", "安全", "还有 1 对没有比较：亮灯率与人均人行道"),
        ("W005", "便民 › 第 2 行 › 列“空气优良率”", "2026-01-03 读不成比较的倍数"),
        ("W002", "生态", "工作表“生态”不是总分，也不是任何一个维度；相近的有：无"),
    ]  # fmt: skip


def test_a_child_missing_or_written_twice_is_named(project: Path) -> None:
    rows: Rows = [["", "AA-01", "AA-02", "亮灯率"], ["AA-01", 1, 2, 1], ["AA-02", None, 1, None]]
    write(project, **SOUND | {"安全": rows, "总分-张工": TOTAL_ROWS, "总分 - 张工": TOTAL_ROWS})
    _, told = read(project)
    assert [(code, place) for code, place, _ in told] == [
        ("W010", "安全 › 第 1 行"),
        ("W004", "安全"),
        ("W010", "总分 - 张工"),
    ]
    assert told[0][2] == "“亮灯率”写了两次，不知道以哪一个为准"
    assert told[1][2] == "表里没有“老年人增长”"


def test_contradicting_judgements_name_the_expert_and_the_pair_to_ask_about_again(project: Path) -> None:
    rows: Rows = [["", *SAFE], ["AA-01", 1, 3, "1/7"], ["AA-02", None, 1, 3], ["AA-03", None, None, 1]]
    write(project, **SOUND | {"安全": SAFE_ROWS, "安全-张工": rows})
    comparisons, told = read(project)
    assert [c.parent for c in comparisons] == ["总分", "安全", "便民"]  # the sound ones are read all the same
    ((code, place, message),) = told
    assert (code, place) == ("W009", "安全-张工 › 第 2 行 › 列“人均人行道”")
    assert message.startswith("专家“张工”的判断前后矛盾：CR ")
    assert "最该复核的是“亮灯率”与“人均人行道”，现填 3，按其余判断约为" in message


def test_no_workbook_is_told_with_the_sheets_it_should_have(project: Path) -> None:
    assert read(project) == ((), [("W001", WORKBOOK, f"选用了层次分析法，但没有判断矩阵工作簿 {WORKBOOK}")])


def test_a_damaged_workbook_is_told(project: Path) -> None:
    (project / WORKBOOK).write_bytes(b"PK\x03\x04nothing")
    assert [code for code, _, _ in read(project)[1]] == ["F003"]


def test_a_sheet_that_is_not_asked_for_and_an_expert_without_a_sheet_are_told(tmp_path: Path) -> None:
    folder = ahp_project(
        tmp_path / "区", '[scoring]\nweights_dimensions = "ahp"\n[scoring.weighting]\nexperts = { "张工" = 2, "李工" = 1 }\n'
    )  # fmt: skip
    write(folder, **{"总分-张工": TOTAL_ROWS, "安全": SAFE_ROWS})
    comparisons, told = read(folder)
    assert [c.parent for c in comparisons] == ["总分"]
    assert told == [
        ("W012", "安全", "“安全”的判断矩阵没有用到：没有选用层次分析法"),
        ("P003", "tijian.toml › 列“scoring.weighting.experts”", "scoring.weighting.experts 的值不对：判断矩阵里没有这位专家的工作表"),
    ]  # fmt: skip


def test_nobody_is_asked_where_no_weights_are_judged(tmp_path: Path) -> None:
    folder = ahp_project(tmp_path / "区", '[scoring]\nweights = "entropy"\n')
    assert comparisons_asked(*opened(folder)) == {}
    assert read(folder) == ((), [])


def test_a_blend_with_judgements_and_an_alternative_of_the_robustness_ask_experts_too(tmp_path: Path) -> None:
    blend = ahp_project(tmp_path / "甲", '[scoring]\nweights_dimensions = "blend"\n')
    assert list(comparisons_asked(*opened(blend))) == ["总分"]
    other = ahp_project(tmp_path / "乙", '[robustness]\nweights = ["equal", "ahp"]\n')
    assert list(comparisons_asked(*opened(other))) == ["安全", "便民"]


@pytest.mark.parametrize(
    ("scoring", "words"),
    [
        ('dimension_weights = { "安 全" = 2 }', "没有这个维度，相近的是“安全”"),
        ('dimension_weights = { "安全" = -1 }', "应为 不小于 0"),
        ('[scoring.weighting]\nexperts = { "张工" = -2 }', "应为 不小于 0"),
    ],
)
def test_weights_of_no_dimension_and_below_zero_are_refused(tmp_path: Path, scoring: str, words: str) -> None:
    folder = ahp_project(tmp_path / "区", f"[scoring]\n{scoring}\n")
    code, page = tijian("check", "-q", "--format", "json", "-p", folder)
    assert code == 1
    (told,) = [row for row in json.loads(page) if row["code"] == "P003"]
    assert words in f"{told['message']}；应为 {told['expected']}"


# ---- sent out, filled in, read back --------------------------------------------------------------------------


def fill_upper(sheet: Worksheet, weights: list[float]) -> None:
    """The white cells of a sheet as written, from the weights an expert has in mind."""
    first = TOP + 2
    for i, one in enumerate(weights):
        for j, other in enumerate(weights):
            cell = sheet.cell(first + i, 2 + j)
            if i < j:
                assert cell.value is None
                cell.value = one / other
            elif i == j:
                assert cell.value == 1
            else:
                assert str(cell.value).startswith("=IF(")


def send(folder: Path) -> Path:
    project, library = opened(folder)
    (path,) = write_judgements(project, library, folder / "out", Issue("试验区", 2026, ""))
    return path


def test_the_empty_matrices_are_read_back_as_they_were_filled_in(tmp_path: Path) -> None:
    folder = ahp_project(tmp_path / "区", AHP + '[scoring.weighting]\nexperts = { "张工" = 2, "李工" = 1 }\n')
    book = openpyxl.load_workbook(send(folder))
    assert book.sheetnames == [
        "填表说明",
        *(f"{p}-{e}" for p in ("总分", "安全", "便民") for e in ("张工", "李工")),
    ]
    said = {"总分": [2.0, 1.0], "安全": [4.0, 2.0, 1.0], "便民": [1.0, 5.0]}
    for name in book.sheetnames[1:]:
        fill_upper(book[name], said[name.split("-")[0]])
        rules = book[name].data_validations.dataValidation
        assert {(rule.type, rule.formula1, rule.formula2) for rule in rules} == {("decimal", "0.11", "9")}
    book.save(folder / WORKBOOK)
    comparisons, told = read(folder)
    assert told == []
    assert [(c.parent, c.expert) for c in comparisons] == [(p, e) for p in said for e in ("张工", "李工")]
    for comparison in comparisons:
        weights = np.array(said[comparison.parent])
        np.testing.assert_allclose(comparison.matrix, weights[:, None] / weights[None, :])


def test_the_workbook_may_be_another_every_year(tmp_path: Path) -> None:
    folder = ahp_project(
        tmp_path / "区", AHP + '[scoring.weighting]\njudgements = "专家/判断矩阵{year}.xlsx"\n'
    )
    assert send(folder).name == "判断矩阵2026.xlsx"
    assert read(folder)[1][0][1] == "专家/判断矩阵2026.xlsx"
    write(folder, **SOUND)
    (folder / "专家").mkdir()
    (folder / WORKBOOK).rename(folder / "专家" / "判断矩阵2026.xlsx")
    assert len(read(folder)[0]) == 3


def test_an_untouched_matrix_is_told_as_not_filled_in(project: Path) -> None:
    (project / WORKBOOK).write_bytes(send(project).read_bytes())
    _, told = read(project)
    assert [(code, place) for code, place, _ in told] == [
        ("W006", "总分"),
        ("W006", "安全"),
        ("W006", "便民"),
    ]
    assert told[1][2] == "还有 3 对没有比较：亮灯率与人均人行道、亮灯率与老年人增长、人均人行道与老年人增长"


def test_the_same_matrices_are_the_same_bytes(project: Path) -> None:
    assert send(project).read_bytes() == send(project).read_bytes()


# ---- a year from the command line ----------------------------------------------------------------------------


def test_a_year_weighed_by_experts_and_by_entropy(tmp_path: Path) -> None:
    scoring = '[scoring]\nweights = "ahp"\nweights_dimensions = "blend"\naggregate_dimensions = "median"\ndraws = 100\n'
    folder = ahp_project(tmp_path / "区", scoring)
    code, page = tijian("forms", "-q", "-p", folder)
    assert code == 0
    (blank,) = [Path(line) for line in page.splitlines() if line.endswith(WORKBOOK)]
    book = openpyxl.load_workbook(blank)
    for name, weights in {"总分": [3.0, 1.0], "安全": [4.0, 2.0, 1.0], "便民": [1.0, 5.0]}.items():
        fill_upper(book[name], weights)
    book.save(folder / WORKBOOK)
    fill(folder, "streets", streets)
    fill(folder, "seniors", lambda s: [put(s, r, 老年人数=100 * r, 上年老年人数=100) for r in range(1, 5)])
    path = folder / "tijian.toml"
    text = path.read_text(encoding="utf-8")
    path.write_text(text.replace("[inputs.houses]\n[inputs.bulletin]\n", ""), encoding="utf-8")
    code, page = tijian("run", "-q", "-p", folder)
    assert code == 0, page
    with duckdb.connect(str(folder / "results.duckdb"), read_only=True) as con:
        rows = con.sql(
            "SELECT level, child, weight, method FROM weights WHERE parent = '安全' ORDER BY ALL"
        ).fetchall()
        inputs = con.sql(f"SELECT count(*) FROM inputs WHERE file = '{WORKBOOK}'").fetchall()
        record = con.sql("SELECT record FROM runs").fetchall()
    expected = {"AA-01": 4 / 7, "AA-02": 2 / 7, "AA-03": 1 / 7}
    assert {(child, round(w, 9)) for level, child, w, _ in rows if level == "town"} == {
        (child, round(w, 9)) for child, w in expected.items()
    }
    assert [(c, w, m) for level, c, w, m in rows if level == "community"] == [("AA-03", 1.0, "ahp")]
    assert inputs == [(1,)]
    assert '"judgements":[{"children":["安全","便民"]' in record[0][0]
    code, page = tijian("weights", "街镇", "-p", folder)
    assert code == 0
    for words in (
        "2026 年指标权重（街镇）",
        "AA-01 亮灯率",
        "57.14%",
        "层次分析法，1 位专家，特征向量法，CR 0.000",
        "组合赋权不能用",
    ):
        assert words in page.replace("\n", ""), words
    assert tijian("check", "-q", "-p", folder)[1].count("W0") == 0
