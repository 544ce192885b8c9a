"""The look of each office's tables (各部门的表样): what it calls things, its units of measure, its habits.

An office that is not named here fills in the form as it was sent.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

from .messy import spaced


def stem(name: str) -> str:
    """A town's name as offices shorten it: 望云街道 → 望云."""
    return name.removesuffix("街道").removesuffix("镇")


@dataclass(frozen=True)
class Look:
    """How an office writes its table.

    ``town`` writes a town's name; ``units`` are its own units of measure, by the form's unit or by the item; ``blank``
    are items left unanswered here and there, ``odd`` the share of numbers typed as text.
    """

    sheet: str = "填报表"
    title: str = ""
    town: Callable[[str], str] = str
    units: dict[str, str] = field(default_factory=dict)
    yes_no: tuple[str, str] = ("是", "否")
    merged: bool = False  # a town's cell is merged over its communities
    serial: bool = True  # a first column 序号
    total: bool = True  # a last row 合计
    blank: tuple[str, ...] = ()
    blank_share: float = 0.004
    odd: float = 0.03
    encoding: str = "utf-8"  # of a CSV
    remarks: bool = False  # a last column 备注
    units_row: bool = True  # a row of units below the headers
    notes: tuple[str, ...] = ()
    filled_by: str = ""


LOOKS: dict[str, Look] = {
    "greening": Look(
        town=stem, units={"sweep_area": "万㎡", "sweepable_area": "万㎡", "㎡": "公顷", "t": "万吨"}, odd=0.05,
    ),
    "utilities": Look(units={"km": "公里", "t": "万吨", "㎡": "万平方米"}, odd=0.05),
    "culture": Look(town=lambda name: spaced(stem(name)), encoding="utf-8-sig", odd=0.05),
    "economy": Look(sheet="数据", notes=("数据来源：区经委、区科委",), odd=0.04),
    "welfare": Look(
        sheet="社区填报", merged=True, serial=False, total=False,
        blank=("residents_old_villages", "social_rental_wanted"), blank_share=0.02, odd=0.05,
        notes=("注：1. 困难老年人家庭指低保、低收入家庭。2. 无障碍设施指公共建筑出入口坡道。",),
    ),
    "town_cleaning": Look(total=False),  # towns are counted in it: a total would be one town more
    "buses": Look(sheet="公交与道路", units={"km": "公里"}, serial=False),
    "buildings": Look(
        title="住宅楼栋调查表", merged=True, blank=("roof_leak", "pipe_damaged", "fibre", "gas_riser_age"),
        odd=0.01, remarks=True, units_row=False, notes=("注：隐患类填是否存在；燃气立管运行年限按最近一次更换起算。",),
    ),
    "estates": Look(
        sheet="小区", title="住宅小区调查表", town=stem, units={"㎡": "平方米"},
        blank=("chargers", "activity_area"), blank_share=0.006, remarks=True,
        notes=("注：停车泊位需求按户均配建标准测算。", "数据来源：各街镇上报汇总"),
    ),
    "bridges": Look(
        sheet="桥梁", title="城市桥梁定期检测情况表", serial=False, remarks=True,
        notes=("说明：技术状况等级按最近一次定期检测结论。",),
    ),
    "flood_points": Look(title="内涝积水点台账", serial=False, encoding="gb18030", odd=0.0, units_row=False),
    "schools": Look(sheet="名录", notes=("注：坐标为主要出入口位置。",)),
    "clinics": Look(sheet="名录", title="医疗机构名录", notes=("注：坐标为主要出入口位置。",)),
}  # fmt: skip
TOWN_YES_NO = (("是", "否"), ("有", "无"), ("√", "×"), ("是", "否"))  # each town keeps to its own pair


def look_of(name: str, kind: str) -> Look:
    """The look of an input's table."""
    return LOOKS.get(name) or Look(sheet="填报表" if kind == "figures" else "明细")
