"""`tijian survey`: the plan before there are answers, the check when there are, both as workbooks."""

from __future__ import annotations

from pathlib import Path

import openpyxl
import pytest
import xlsxwriter

from .cli_project import UNITS, call, told

PROJECT = """
[project]
name = "试验区2026年城市体检"
district = "310199"
year = 2026
indicators = ["national-2025"]
[units]
file = "单元名录.csv"
columns = { code = "统计用区划代码", name = "名称", level = "层级", parent = "上级代码", population = "常住人口", area_km2 = "面积（平方公里）", kind = "类型" }
[inputs.residents]
unit = "社区"
within = "街镇"
questions = { Q01 = "停车" }
[survey]
minimum_total = 60
"""
ANSWERS = Path("inputs/2026/居民满意度问卷.xlsx")


@pytest.fixture
def project(tmp_path: Path) -> Path:
    (tmp_path / "tijian.toml").write_text(PROJECT, encoding="utf-8")
    (tmp_path / "单元名录.csv").write_text(UNITS, encoding="utf-8-sig")
    return tmp_path


def send_in(project: Path, count: int) -> None:
    """So many answers, all from two communities, two in three by women."""
    path = project / ANSWERS
    path.parent.mkdir(parents=True)
    with xlsxwriter.Workbook(str(path)) as book:
        sheet = book.add_worksheet()
        sheet.write_row(0, 0, ["序号", "性别", "年龄段", "街镇", "社区", "1、您对以下方面的满意度—停车"])
        for i in range(count):
            place = ("东街道", "甲社区") if i % 2 else ("西镇", "丙社区")
            sheet.write_row(i + 1, 0, [i + 1, "女" if i % 3 else "男", "30–60岁", *place, "满意"])


def sheets(path: Path) -> dict[str, list[tuple[object, ...]]]:
    book = openpyxl.load_workbook(path)
    return {sheet.title: list(sheet.iter_rows(min_row=3, values_only=True)) for sheet in book}


def test_without_answers_the_plan(project: Path) -> None:
    shown = told("survey", "-q", "-p", project, columns=160)
    assert "居民问卷抽样计划" in shown
    assert "东街道" in shown
    assert "全区应答 60 份，常住人口的 1.5‰" in shown
    assert not (project / "out").exists()


def test_the_plan_as_a_workbook(project: Path) -> None:
    path = Path(told("survey", "-q", "--xlsx", "-p", project).strip())
    assert path == project / "out" / "2026" / "抽样计划.xlsx"
    header, *rows = sheets(path)["居民问卷抽样计划"]
    wanted = {row[1] if row[1] != "合计" else row[0]: row[3] for row in rows}
    assert wanted == {
        "试验区": 60,
        "东街道": 36,
        "西镇": 24,
        "甲社区": 21,
        "乙社区": 15,
        "丙社区": 18,
        "丁村": 6,
    }
    assert header[4:6] == ("男", "女")


def test_with_answers_the_check(project: Path) -> None:
    send_in(project, 45)
    shown = told("survey", "-q", "-p", project, columns=160)
    for words in ("还缺答卷的社区（2 个）", "S007", "S008", "S009", "S011", "缺 15 份"):
        assert words in shown
    path = Path(told("survey", "-q", "--xlsx", "-p", project).strip())
    assert path.name == "样本检查.xlsx"
    found = sheets(path)
    assert set(found) == {"各单元答卷份数", "答卷人结构", "需要处理的问题", "居民问卷抽样计划"}
    came = {row[1]: row[3:6] for row in found["各单元答卷份数"][1:]}
    assert came["甲社区"] == (21, 22, 0)
    assert came["乙社区"] == (15, 0, 15)
    assert ("性别", "女", 30) in [row[:3] for row in found["答卷人结构"]]


def test_check_tells_the_same(project: Path) -> None:
    send_in(project, 45)
    assert "社区的答卷不足" in call("check", "-q", "-p", project).stdout


def test_a_wrong_table_of_units_ends_with_the_input_code(project: Path) -> None:
    (project / "单元名录.csv").write_text(UNITS.replace("310199001002", ""), encoding="utf-8-sig")
    done = call("survey", "-q", "-p", project)
    assert done.returncode == 1
    assert "T013" in done.stdout
