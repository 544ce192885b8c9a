"""The sample's table of projects (项目库): a few works in every town, drawn by a price each kind of work has.

Which works a town has on the table goes round in the order of the towns, so that a small sample has every kind too.
"""

from __future__ import annotations

from collections.abc import Iterator

from .messy import Book, Cell, Sheet
from .world import World

HEADERS = ("项目编号", "项目名称", "单元", "指标", "投资（万元）", "实施后指标值")
# indicator, what is built, the least and the most it costs (万元)
WORKS = (
    ("ST-04", "公园绿化活动场地补建", 400, 1600), ("AQ-02", "老旧住宅燃气立管改造", 120, 480),
    ("AQ-01", "住宅结构安全加固", 500, 1500), ("JK-01", "社区养老服务设施补建", 150, 600),
    ("JT-01", "支路打通与路网加密", 2500, 8000), ("SJ-12", "地下车库移动通信信号覆盖", 40, 160),
    ("AQ-12", "老旧小区管线更新", 200, 900), ("FM-04", "街镇文化活动中心扩建", 800, 2400),
)  # fmt: skip
PER_TOWN = 3
FIRST_STAGE = (
    "燃气立管改造一期",
    "AQ-02",
    0.35,
    12,
)  # the lesser way beside the whole: share of the cost, risers left


def projects_book(world: World, year: int) -> Book:
    """项目库.xlsx of one year: 项目编号, 名称, 单元, 指标, 投资, 实施后指标值 (blank: the target)."""
    rows = [[f"XM-{n:03d}", *row] for n, row in enumerate(_rows(world), 1)]
    sheet = Sheet(
        "项目库", f"{year}年城市更新项目库", list(HEADERS), rows,
        notes=("注：实施后指标值空着的，表示达到目标值。",), filled_by="区建设管理委",
    )  # fmt: skip
    return Book(f"inputs/{year}/项目库.xlsx", [sheet])


def _rows(world: World) -> Iterator[list[Cell]]:
    """Name, unit, indicator, cost and value afterwards of every project; the same every year."""
    rng = world.rng("projects")
    for t, town in enumerate(world.towns):
        for k in range(PER_TOWN):
            code, work, least, most = WORKS[(PER_TOWN * t + k) % len(WORKS)]
            cost = round(float(rng.uniform(least, most)) / 10) * 10
            yield [f"{town.name}{work}", town.name, code, cost, None]
            name, staged, share, left = FIRST_STAGE
            if t == 0 and code == staged:
                yield [f"{town.name}{name}", town.name, code, round(cost * share), left]
