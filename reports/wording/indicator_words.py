"""An indicator in words (指标说明): the same facts for the terminal, the reference pages and the printed 指标手册."""

from __future__ import annotations

from typing import Any

from ...engine.results import LEVEL_NAMES, TREATMENTS
from .. import numbers
from ..tables.lists import band_of

Row = dict[str, Any]
DIRECTION_NAMES = {"higher": "越高越好", "lower": "越低越好", "within": "适度区间"}
KIND_NAMES = {"baseline": "底线型", "guiding": "提升型", "local": "特色"}
METHOD_NAMES = {
    "count": "计数", "ratio": "比率", "coverage": "服务半径覆盖率", "walk": "步行覆盖率", "circle": "生活圈达标率",
    "catchment": "供需匹配", "density": "密度", "survey": "问卷",
    "reported": "直接上报", "sql": "自定义查询",
}  # fmt: skip


def standard_text(indicator: Row) -> str:
    """Target and floor with their source, e.g. ``目标 100%，底线 80%（GB/T 51328-2018 4.2）``; “未设定”."""
    unit, decimals = indicator["unit"] or "", indicator["decimals"] or 0
    parts = [
        f"{word} {numbers.quantity(indicator[key], unit, decimals)}"
        for word, key in (("目标", "target"), ("底线", "floor"))
        if numbers.known(indicator[key])
    ]
    if good := band_of(indicator):
        parts.insert(0, f"适度区间 {numbers.with_unit(good, unit)}")
    if not parts:
        return "未设定"
    if by := indicator.get("target_by"):
        parts.append(f"{by.isoformat()} 前达到")
    source = " ".join(
        p
        for p in (indicator["standard_source"], indicator["standard_clause"], indicator.get("target_item"))
        if p
    )
    return "，".join(parts) + (f"（{source}）" if source else "")


def levels_text(indicator: Row) -> str:
    """区级、街镇、社区."""
    return "、".join(LEVEL_NAMES.get(level, level) for level in indicator["levels"] or ())


def indicator_facts(row: Row) -> list[tuple[str, str]]:
    """(label, text) of everything a planner asks of an indicator, in reading order; empty text where there is nothing.

    ``row`` is one row of the frame ``indicators``.
    """
    direction = DIRECTION_NAMES.get(row["direction"], row["direction"])
    number = f"（手册指标 {row['number']}）" if row["number"] is not None else ""
    return [
        ("维度", " › ".join(p for p in (row["dimension"], row["aspect"]) if p)),
        ("尺度", f"{row['scale']}{number}"),
        ("定义", row["definition"]),
        ("计算方法", row["formula"]),
        ("测算方式", METHOD_NAMES.get(row["method"], row["method"])),
        ("口径选择", row["parameters"] or ""),
        ("单位与方向", f"{row['unit'] or '无量纲'}，{direction}"),
        ("标准", standard_text(row)),
        ("类型", KIND_NAMES.get(row["kind"], row["kind"])),
        ("整治类型", TREATMENTS.get(row["treatment"], row["treatment"])),
        ("适用层级", levels_text(row)),
        ("数据来源", row["data_source"] or "、".join(row["inputs"] or ())),
        ("满意度题目", row["survey"] or ""),
        ("12345诉求类别", "、".join(row["tickets"] or ())),
        ("牵头单位", "、".join(row["lead"] or ())),
        ("配合单位", "、".join(row["supporting"] or ())),
        ("整治建议", row["remedy"]),
        ("来源体系", row["system"]),
        ("与官方文本核对", "已核对" if row["confirmed"] else "未核对"),
    ]
