"""Kinds of findings in words (问题类别): their groups, and their messages before anything is known of the input."""

from __future__ import annotations

import re

from ...engine.findings import Kind, catalogue

GROUPS = {
    "P": "项目文件", "U": "单元名录", "F": "文件", "T": "表格", "N": "单元名称", "C": "更正", "G": "图层与坐标", "S": "居民问卷",
    "K": "12345 工单", "H": "往年值", "I": "指标文件", "M": "指标计算", "W": "权重与判断矩阵", "B": "更新项目库", "Q": "数据核实",
    "R": "部门返回的清单",
}  # fmt: skip
LEVELS = {"error": "错误", "warning": "提醒"}
_FACTS = {
    "value": "原值", "expected": "应有的写法", "name": "名称", "near": "相近的名称", "unit": "单元", "units": "单元", "level": "层级",
    "levels": "层级", "within": "范围", "parent": "上级", "indicator": "指标", "project": "项目", "title": "表名", "label": "项目",
    "field": "键", "inputs": "输入", "code_before": "原代码", "expert": "专家", "names": "名称", "rows": "行号", "lines": "行号",
    "year": "年份", "category": "类别", "group": "题目", "encoding": "编码", "wanted": "应有的数", "share": "占比", "other": "另一处",
    "first": "前一处", "second": "后一处", "stated": "自报数", "computed": "汇总数", "now": "现值", "why": "为什么", "says": "怎样可疑",
    "detail": "具体情况", "source": "体系", "size": "人口或面积", "question": "题号", "used": "编码", "one": "一项", "own": "本单元的层级",
}  # fmt: skip
_COUNTS = frozenset(
    ("count", "total", "most", "number", "offset", "bad", "gained", "lost", "least", "missing", "snap", "stray", "ratio", "asked")
)  # fmt: skip


def kinds_in_order() -> list[Kind]:
    """Every kind of finding: the groups in the order in which a project meets them, within one by their codes."""
    place = list(GROUPS).index
    return sorted(catalogue().values(), key=lambda kind: (place(kind.code[0]), kind.code))


def message_in_words(kind: Kind) -> str:
    """The kind's message with words for what is filled in: “〈原值〉”不是〈范围〉名录中的单元（n 行），相近的有：〈相近的名称〉."""

    def stands_for(found: re.Match[str]) -> str:
        fact = found.group(1)
        return "n" if fact in _COUNTS else f"〈{_FACTS[fact]}〉" if fact in _FACTS else "……"

    return re.sub(r"\{(\w+)[^{}]*\}", stands_for, kind.message)
