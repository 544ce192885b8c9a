"""An author's mistakes in an indicator are told together, before any table is read, with what was probably meant."""

from __future__ import annotations

import re
from datetime import date
from pathlib import Path

import duckdb
import polars as pl
import pytest
from tijian.engine.findings import Findings, Place
from tijian.engine.measure.aggregate_sql import MeasureError, run_sql
from tijian.engine.settings.forms import tell_unknown
from tijian.engine.settings.project import Input, load_project
from tijian.indicators.faults import MEASURES
from tijian.indicators.laying import checked
from tijian.indicators.loader import Library
from tijian.indicators.model import Indicator
from tijian.reports.terminal.session import no_indicator

from .cli_project import told
from .test_indicators import OWN, PROJECT, SYSTEM, load, project_with


@pytest.fixture(scope="module")
def shipped(tmp_path_factory: pytest.TempPathFactory) -> Library:
    return load(tmp_path_factory.mktemp("empty"))[0]


FORM = """
[[form]]
input = "lift_add"
title = "加装电梯填报表"
kind = "figures"
of = "街镇"
level = "town"
provider = "区房管局"
  [[form.item]]
  name = "need"
  label = "需求户数"
  type = "integer"
"""


def test_a_refused_indicator_is_also_told_of_its_dimension_and_its_sql(tmp_path: Path) -> None:
    broken = OWN.replace("交通便捷", "交通").replace('"higher"', '"up"').replace("sum(buses)", "sum(buses))")
    _, findings = load(project_with(tmp_path, own=broken))
    assert sorted(f.code for f in findings) == ["I005", "I007", "I011"]


@pytest.mark.parametrize(
    ("written", "expected"),
    [
        ("buss", "是不是 buses？"),
        ("lift_add", "在 tijian.toml 里另起一行写 [inputs.lift_add]"),
        ("lift_ad", "是不是 lift_add？"),
        ("zzzz", "没有这张填报表"),
    ],
)
def test_an_undeclared_input_is_told_with_what_to_write(tmp_path: Path, written: str, expected: str) -> None:
    _, findings = load(project_with(tmp_path, form=FORM, own=OWN.replace('buses"', f'{written}"')))
    (finding,) = findings
    assert (finding.code, finding.value) == ("I010", written)
    assert expected in finding.expected


@pytest.mark.parametrize(
    ("column", "expected"),
    [
        ("ned", "是不是 need（需求户数）？"),
        ("需求户数", "是不是 need（需求户数）？"),
        ("x9", "need（需求户数）"),
    ],
)
def test_a_column_that_the_form_does_not_have_is_told_before_any_table_is_read(
    tmp_path: Path, column: str, expected: str
) -> None:
    own = OWN.replace('"buses"', '"lift_add"').replace("sum(buses)", f"sum({column})")
    library, _ = load(project_with(tmp_path, form=FORM, own=own.replace("buses_electric", "need")))
    project, findings = PROJECT.model_copy(update={"inputs": {"lift_add": Input()}}), Findings()
    tell_unknown(project, library, findings)
    (finding,) = findings
    assert (finding.code, finding.place.column, finding.value) == ("I017", "measure.denominator", column)
    assert expected in finding.expected
    given = {"lift_add": Input(columns={column: "表里的表头"})}
    findings = Findings()
    tell_unknown(project.model_copy(update={"inputs": given}), library, findings)
    assert len(findings) == 0, "a column that the project itself names is there"


def test_a_file_that_is_not_read_is_told(tmp_path: Path) -> None:
    folder = project_with(tmp_path, own=OWN, unused__system=SYSTEM, unused__a=OWN) / "indicators"
    (folder / "特色.toml.txt").write_text(OWN, encoding="utf-8")
    (folder / "停用.TOML").write_text("", encoding="utf-8")
    (folder / "目录").mkdir()
    (folder / "目录" / "甲.toml").write_text(OWN, encoding="utf-8")
    _, findings = load(tmp_path)
    told_of = {(f.value, f.expected.partition("（")[0]) for f in findings if f.code == "I019"}
    assert told_of == {
        ("特色.toml.txt", "文件名 特色.toml"),
        ("停用.TOML", "文件名 停用.toml"),
        ("目录/甲.toml", "直接放在 indicators/ 里，或在目录里写 system.toml"),
    }
    assert len(findings) == len(told_of)


def test_a_project_file_that_an_editor_gave_another_ending_is_told(tmp_path: Path) -> None:
    (tmp_path / "tijian.toml.txt").write_text("", encoding="utf-8")
    findings = Findings()
    assert load_project(tmp_path, findings) is None
    assert [(f.code, f.expected) for f in findings] == [("P001", "把 tijian.toml.txt 改名为 tijian.toml")]


QUESTION = '[[question]]\nid = "Q99"\nblock = "小区"\ntext = "充电排队"\n'


def test_a_question_that_nobody_asks_is_told(tmp_path: Path) -> None:
    own = OWN.replace("[[indicator]]", '[[indicator]]\nsurvey = "Q99"', 1)
    for text, told_of in ((own, ["Q99"]), (own + QUESTION, []), (own.replace("Q99", "Q22"), [])):
        library, findings = load(project_with(tmp_path, own=text))
        tell_unknown(PROJECT, library, findings)
        assert [(f.code, f.value) for f in findings] == [("I018", q) for q in told_of]


def test_a_question_under_a_second_number_is_told(tmp_path: Path) -> None:
    library, _ = load(tmp_path)
    known = library.questions[0]
    _, findings = load(project_with(tmp_path, own=QUESTION.replace("充电排队", known.text)))
    (finding,) = findings
    assert (finding.code, finding.value) == ("I015", known.text)
    assert known.id in finding.expected


def test_the_shipped_sets_read_only_columns_of_their_forms(shipped: Library) -> None:
    findings = Findings()
    tell_unknown(PROJECT, shipped, findings)
    assert [f.message for f in findings] == []


def test_the_command_shows_what_may_be_doubted_of_an_indicator(tmp_path: Path) -> None:
    told("init", tmp_path / "项目")
    own = OWN.replace('"buses"', '"lift_add"').replace("  scale = 100\n", "")
    own = own.replace("buses_electric", "need").replace("sum(buses)", "count(need)")
    project_with(tmp_path / "项目", form=FORM, own=own)
    said = told("indicators", "XX-01", "-p", tmp_path / "项目")
    assert "I010" in said
    assert "I016" in said
    assert "提醒" not in told("indicators", "JT-03", "-p", tmp_path / "项目")


@pytest.mark.parametrize(
    ("query", "says"),
    [
        (
            "select need from t group by unit",
            "列 need 没有汇总，一个单元有几行时不知道取哪一行：写 sum(need)",
        ),
        ("select sum(unit) from t", "函数用在了不合适的类型上：sum(文字)"),
        ("select average(need) from t", "没有函数 average"),
        ("select unit > current_date from t where cast(unit as date) is not null", "文字 与 日期 不能相比"),
    ],
)
def test_what_the_database_says_of_an_expression_is_said_in_chinese(query: str, says: str) -> None:
    con = duckdb.connect(":memory:")
    con.execute("create table t (unit varchar, need bigint)")
    with pytest.raises(MeasureError) as told_of:
        run_sql(con, query)
    assert str(told_of.value) == says


@pytest.mark.parametrize(
    ("given", "near"),
    [
        ("jt-03", "JT-03（公交站点500米覆盖率）"),
        ("JT3", "JT-03（公交站点500米覆盖率）"),
        ("公园", "ST-03（人均公园绿地面积）"),
        ("公交站覆盖率", "JT-03（公交站点500米覆盖率）"),
        ("XX-99", "用 tijian indicators 列出全部"),
    ],
)
def test_a_code_that_is_none_is_answered_with_what_was_meant(given: str, near: str) -> None:
    frame = pl.DataFrame({"code": ["JT-03", "ST-03"], "name": ["公交站点500米覆盖率", "人均公园绿地面积"]})
    said = no_indicator(given, frame)
    assert said.startswith(f"没有编号为“{given}”的指标；")
    assert near in said


# ---- in words ----------------------------------------------------------------------------------------

WRONG = (1, -1.5, True, "字", [], ["字"], [1], {}, {"a": 1}, float("nan"), date(2026, 1, 1))


@pytest.mark.parametrize("name", Indicator.model_fields)
def test_a_wrong_value_of_any_field_is_told_in_chinese(name: str, shipped: Library) -> None:
    sound = shipped.indicators[0].model_dump(exclude_none=True, by_alias=True)
    for value in WRONG:
        findings = Findings()
        checked(Indicator, {**sound, name: value}, "指标 XX-01", lambda _: Place("x.toml"), findings)
        for finding in findings:
            english = [
                word
                for word in re.findall(r"[A-Za-z]{4,}", finding.message)
                if word not in Indicator.model_fields
            ]
            assert set(english) <= {*MEASURES, "method", "within", "true", "false", "wilson", "poisson"}, (
                finding.message
            )
