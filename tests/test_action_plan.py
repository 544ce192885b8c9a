"""The targets of 松江区城市管理精细化提升行动计划（2024—2026年）, read off the document by hand, against the set made of it."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest
from tijian.engine.findings import Findings
from tijian.indicators.loader import load_indicators

ISSUED = date(2024, 12, 26)
MID, END = date(2025, 12, 31), date(2026, 12, 31)
RURAL = "区农业农村委 区规划资源局 区建设管理委 区交通委"
# 条 → 牵头单位, in the document's order
LEAD = {
    1: "区建设管理委 区交通委",
    2: "区建设管理委",
    4: "区城管执法局 区规划资源局 区住房保障房屋管理局",
    5: "区绿化市容局",
    7: "区绿化市容局",
    8: "区交通委",
    11: "区发展改革委 区住房保障房屋管理局 区建设管理委 区数据局 区水务局",
    13: RURAL,
    16: "区水务局 区生态环境局",
    18: "区建设管理委",
    19: "区建设管理委",
    20: "区绿化市容局 区规划资源局 区生态环境局 区住房保障房屋管理局 区建设管理委 区城管执法局 区交通委 区水务局 区公安分局",
    21: "区应急局 区建设管理委 区消防救援支队",
    24: "区建设管理委 区交通委 区水务局 区绿化市容局",
    26: "区公安分局 区交通委 区应急局",
    27: "区建设管理委 区国动办",
    39: "区建设管理委 区交通委 区住房保障房屋管理局 区规划资源局 区绿化市容局 区司法局 区公安分局 区信访办",
}
# 编号 → 条, 目标, 期限
TARGETS = {
    "SJ-01": (1, 70, END), "SJ-02": (1, 100, END), "SJ-26": (1, 100, END), "SJ-03": (2, 3, END), "SJ-04": (4, 0, END),
    "SJ-05": (5, 100, END), "SJ-06": (5, 90, END), "SJ-28": (5, 100, END), "SJ-07": (7, 20, END), "SJ-08": (7, 95, END),
    "SJ-09": (7, 70, END), "SJ-11": (8, 100, MID), "SJ-12": (11, 100, END), "SJ-10": (13, 13, MID),
    "SJ-13": (13, 26, MID), "SJ-14": (13, 2, MID), "SJ-25": (13, 2, MID), "SJ-15": (13, 100, MID),
    "SJ-16": (16, 100, END), "SJ-27": (18, 100, END), "SJ-17": (19, 50, END), "SJ-18": (20, 95, END),
    "SJ-30": (21, 100, END), "SJ-19": (24, 100, END), "SJ-20": (24, 100, END), "SJ-21": (26, 100, END),
    "SJ-22": (26, 100, END), "SJ-23": (27, 100, END), "SJ-24": (27, 100, END), "SJ-29": (39, 100, END),
}  # fmt: skip
READ_INTO_IT = {
    "SJ-16",
    "SJ-26",
    "SJ-27",
    "SJ-28",
    "SJ-29",
    "SJ-30",
}  # words that only our reading makes a figure
LIBRARY = load_indicators(("national-2025", "songjiang"), Path("/nonexistent"), Findings())
PLAN = {i.code: i for i in LIBRARY.indicators if LIBRARY.origin[i.code, "code"] == "songjiang"}


def test_the_set_holds_the_targets_of_the_plan_and_nothing_else() -> None:
    assert set(PLAN) == set(TARGETS)


@pytest.mark.parametrize("code", sorted(TARGETS))
def test_a_target_has_its_figure_deadline_item_and_lead(code: str) -> None:
    number, target, by = TARGETS[code]
    indicator = PLAN[code]
    (standard,) = indicator.standard
    assert (standard.target, standard.by, standard.item) == (target, by, f"第{number}条")
    assert indicator.lead == tuple(LEAD[number].split())
    assert standard.since == ISSUED
    assert "沪松府办〔2024〕44号" in standard.source
    assert standard.clause.startswith(f"第{number}条：")
    assert indicator.confirmed == (code not in READ_INTO_IT)


def test_targets_of_every_year_say_so() -> None:
    assert {c for c, i in PLAN.items() if "每年" in i.standard[0].clause} == {"SJ-04", "SJ-18", "SJ-29"}


def test_a_reading_of_words_as_a_figure_is_told_in_the_formula() -> None:
    for code in READ_INTO_IT:
        assert "理解" in PLAN[code].formula, code


def test_targets_are_local_but_for_the_one_that_must_be_zero() -> None:
    assert {c for c, i in PLAN.items() if i.kind != "local"} == {"SJ-04"}
    assert (PLAN["SJ-04"].kind, PLAN["SJ-04"].direction) == ("baseline", "lower")


def test_a_target_of_the_district_is_not_held_against_its_towns() -> None:
    """Numbers of roads, streets and villages are the whole district's; rates apply to every town alike."""
    for code, indicator in PLAN.items():
        if indicator.unit in ("条", "个"):
            assert indicator.levels == ("district",), code
