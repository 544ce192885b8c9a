"""Whoever writes TOML for the first time is told of every usual slip of a file at once, with the line as it should be."""

from __future__ import annotations

from pathlib import Path

import pytest
from tijian.engine.findings import Findings
from tijian.engine.settings.project import load_project
from tijian.engine.settings.toml_slips import slips_in

SLIPS = (
    ("code = “TS-01”", "引号是中文的", 'code = "TS-01"'),
    ('name = "公园”', "引号是中文的", 'name = "公园"'),
    ("direction = higher", "文字没有加引号", 'direction = "higher"'),
    ("note = 含背街，小巷", "文字没有加引号", 'note = "含背街，小巷"'),
    ('name: "加装电梯"', "冒号", 'name = "加装电梯"'),
    ('name："加装电梯"', "冒号", 'name = "加装电梯"'),
    ('levels = ["district"，"town"]', "全角", 'levels = ["district","town"]'),
    ("low ＝ 0", "全角", "low = 0"),
    ("scale = １００", "全角", "scale = 100"),
    ("【indicator.measure】", "全角", "[indicator.measure]"),
    ('　　aspect = "住房"', "全角空格", 'aspect = "住房"'),
    ("target = 80%", "%", "target = 80"),
    ("radius_m = 500米", "单位", "radius_m = 500"),
    ("need = 12,000", "千位逗号", "need = 12000"),
    ("since = 2026年3月", "日期", "since = 2026-03-01"),
    ("checked = 2026/3/9", "日期", "checked = 2026-03-09"),
    ("confirmed = 是", "是、否", "confirmed = true"),
    ("confirmed = False", "是、否", "confirmed = false"),
    ('unit = "户', "引号不成对", 'unit = "户"'),
    ("名称 = 1", "中文的键名", '"名称" = 1'),
    ("answers = { 很好 = 100 }", "中文的键名", 'answers = { "很好" = 100 }'),
    ("以下是标准", "不是“键 = 值”", "# 以下是标准"),
    ("[[indicator.standard]", "方括号不成对", "[[indicator.standard]]"),
    ('file = "inputs\\楼栋.xlsx"', "反斜杠", "路径用 /"),
    ("floor =", "没有写值", "整行删去"),
)
SOUND = '''
# 说明里可以有“引号”，也可以有 80%、500米
[project]
name = "云湖区“十五五”城市体检，含80%的目标" # 尾上的说明：随便写
since = 2026-03-01
share = 1e-3
levels = [
  "district",
  "town", # 街镇
]
value = [{ since = 2026-01-01, target = 95, "非常满意" = 100 }]
query = """
select “这里” from 任何样子 where x = 80%
"""
small = { a = true, b = inf }
'''


@pytest.mark.parametrize(("line", "says", "right"), SLIPS, ids=lambda v: v)
def test_a_slip_is_named_with_the_line_as_it_should_be(line: str, says: str, right: str) -> None:
    (slip,) = slips_in(f'a = "甲"\n{line}\n')
    assert (slip.row, slip.line) == (2, line.strip())
    assert says in slip.says
    assert right in slip.right


def test_lines_that_are_right_are_not_told_of_whatever_their_texts_hold() -> None:
    assert slips_in(SOUND) == []


def test_what_is_written_twice_is_told_with_where_it_stands_already() -> None:
    assert slips_in('[topics]\n"甲" = ["A"]\n"乙" = ["B"]\n') == []
    once = '[[form]]\ninput = "a"\n[form.x]\nb = 1\n[[form]]\ninput = "b"\n[form.x]\nb = 1\n'
    assert slips_in(once) == []
    twice = slips_in("[a]\nb = 1\nc = 2\nb = 3\n[d]\nb = 1\n[a]\ne = 1\n")
    assert [(slip.row, slip.says) for slip in twice] == [
        (4, "同一个键写了两次，第 2 行已有"),
        (7, "的 [a] 在第 1 行已经写过"),
    ]


def test_every_slip_of_a_settings_file_is_told_at_once(tmp_path: Path) -> None:
    (tmp_path / "tijian.toml").write_text(
        '[project]\nname = “试验区”\ndistrict = "310199\nyear = 2026年\n[units]\nfile "单元名录.csv"\n', encoding="utf-8"
    )  # fmt: skip
    findings = Findings()
    assert load_project(tmp_path, findings) is None
    assert [(f.code, f.place.row, f.value) for f in findings] == [
        ("P002", 2, "name = “试验区”"),
        ("P002", 3, 'district = "310199'),
        ("P002", 4, "year = 2026年"),
    ]


def test_a_line_the_parser_refuses_for_another_reason_is_told_beside_the_slips(tmp_path: Path) -> None:
    (tmp_path / "tijian.toml").write_text(
        '[units]\nfile "单元名录.csv"\n[project]\nyear = 2026年度\n', encoding="utf-8"
    )
    findings = Findings()
    assert load_project(tmp_path, findings) is None
    assert [(f.place.row, f.value) for f in findings] == [(2, 'file "单元名录.csv"'), (4, "year = 2026年度")]
