"""Items reported as bare rates (直接上报): 区域, 指标名称, 数值 in long form.

Which items, at which levels and between which values stands in data/sample/reported_items.csv.
"""

from __future__ import annotations

import csv
from pathlib import Path

import numpy as np

from ...indicators.measure_model import Reported
from .asked import SAMPLE
from .books import Office
from .messy import Book, Cell, Sheet
from .places import DISTRICT_NAME
from .values import ValuesError

HEADER = ["item", "unit", "level", "low", "high"]
PLAIN_FROM = 100  # numbers this far apart are stated without decimals


def reported_items(path: Path = SAMPLE / "reported_items.csv") -> list[dict[str, str]]:
    """The items: item, unit, level, low, high. Raises ValuesError for a line that cannot be read."""
    lines = list(csv.reader(path.read_text("utf-8-sig").splitlines()))
    faults = [
        f"{path.name}:{n} 应有 {len(HEADER)} 列"
        for n, line in enumerate(lines, 1)
        if len(line) != len(HEADER)
    ]
    if faults or lines[0] != HEADER:
        raise ValuesError("\n".join([*faults, f"表头应为 {','.join(HEADER)}"]))
    return [dict(zip(HEADER, line, strict=True)) for line in lines[1:]]


def wanted_items(office: Office, name: str) -> set[tuple[str, str]]:
    """(item, level) of everything that indicators in force take from a reported input."""
    return {
        (i.measure.item, level)
        for i in office.asked.library.indicators
        if isinstance(i.measure, Reported) and i.measure.of == name
        for level in i.levels
    }


def reported_book(office: Office, name: str) -> Book:
    """统计与监测数据, every item of this input at each of its levels. Raises ValuesError when one has no line."""
    wanted = wanted_items(office, name)
    items = [item for item in reported_items() if (item["item"], item["level"]) in wanted]
    absent = wanted - {(item["item"], item["level"]) for item in items}
    if absent:
        raise ValuesError("reported_items.csv 缺少：" + "、".join(f"{i}（{lv}）" for i, lv in sorted(absent)))
    rows = [row for item in items for row in _rows(office, item)]
    form, source = office.asked.forms[name], office.asked.inputs[name]
    headers = [source.unit or "", source.item or "", source.value or "", "计量单位", "备注"]
    sheet = Sheet("监测数据", f"{office.year}年{form.title}", headers, rows,
                  notes=("数据来源：统计公报、环境与交通监测",), filled_by=form.provider)  # fmt: skip
    return Book(office.asked.path(name, office.year), [sheet])


def _rows(office: Office, item: dict[str, str]) -> list[list[Cell]]:
    """One item for every unit of its level, between its low and high, drifting from year to year."""
    world = office.world
    rng = world.rng("stats", item["level"], item["item"])
    low, high = float(item["low"]), float(item["high"])
    middle, drift = rng.uniform(0.35, 0.75), rng.normal(0.02, 0.03) * (office.year - office.first)
    areas = {
        "district": [DISTRICT_NAME],
        "town": [t.name for t in world.towns],
        "community": world.communities["code"].to_list(),  # two towns share a name: only the code is plain
    }[item["level"]]
    rows: list[list[Cell]] = []
    for area in areas:
        place = 0.0 if item["level"] == "district" else float(rng.normal(0, 0.18))
        value = low + (high - low) * float(np.clip(middle + drift + place, 0, 1))
        rows.append(
            [
                area,
                item["item"],
                round(value) if high - low >= PLAIN_FROM else round(value, 2),
                item["unit"],
                None,
            ]
        )
    return rows
