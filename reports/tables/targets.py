"""行动计划目标达成情况: every dated target, reached or not, how much is missing, on time or late, and whose it is."""

from __future__ import annotations

from collections.abc import Sequence

from ...engine.diagnosis.targets import DUE, LATE, NO_DATA, OVERDUE, PACES, REACHED
from .. import numbers
from ..view import Row, View
from .lists import decimals_of, title_of, unit_label
from .table import Cell, Column, Figure, Table

COLUMNS = (
    Column("no", "序号", 9, "right", "number", nowrap=True),
    Column("item", "任务", 14, nowrap=True),
    Column("unit_name", "单元", 22, kind="name", nowrap=True),
    Column("indicator", "目标（指标）", 48),
    Column("target", "目标值", 18, "right", "number", nowrap=True),
    Column("by", "期限", 18, nowrap=True),
    Column("base", "起点值", 24, "right", nowrap=True),
    Column("value", "现状值", 18, "right", "number", nowrap=True),
    Column("gap", "还差", 18, "right", "number", nowrap=True),
    Column("expected", "按进度应达", 20, "right", "number", nowrap=True),
    Column("pace", "达成情况", 24),
    Column("lead", "牵头单位", 40, kind="list"),
)
NOTE = "按进度应达：从起点年的值到目标值按直线推进，本年应达到的值；未达到而期限是本年底的为“本年底到期”，期限更早的为“到期未达标”"


def target_rows(view: View, units: Sequence[str], department: str | None = None) -> list[Row]:
    """The rows of ``targets`` of the units (and of a lead department), in the order of the indicators."""
    mine = None if department is None else set(view.indicators_of(department))
    order = {code: i for i, code in enumerate(view.indicators)}
    rows = [
        row for row in view.frame("targets").to_dicts()
        if row["unit"] in set(units) and (mine is None or row["indicator"] in mine)
    ]  # fmt: skip
    return sorted(rows, key=lambda r: (units.index(r["unit"]), order[r["indicator"]]))


def targets_table(view: View, units: Sequence[str], department: str | None = None) -> Table:
    """The table; without the unit's column when it is about one unit."""
    rows = target_rows(view, units, department)
    body = tuple(tuple(_cells(view, row, n)[c.key] for c in COLUMNS) for n, row in enumerate(rows, 1))
    table = Table(title_of(view, "targets"), COLUMNS, body, notes=(NOTE,))
    return table if len(units) > 1 else table.without("unit_name")


def targets_said(rows: Sequence[Row]) -> str:
    """How many targets are reached, on time, late …, and which are not on the way."""
    if not rows:
        return ""
    counts = [(pace, sum(r["pace"] == pace for r in rows)) for pace in PACES]
    told = "、".join(f"{pace}{n}项" for pace, n in counts if n)
    return f"有期限的目标共{len(rows)}项：{told}。"


def behind_said(view: View, rows: Sequence[Row], most: int = 4) -> str:
    """The targets that are late or overdue, and those that are due, by name, with what is missing; then those nobody reported on."""
    silent = [r for r in rows if r["pace"] == NO_DATA]
    parts = []
    for which, paces in (("没有跟上进度", (LATE, OVERDUE)), ("本年底到期、还没有达到", (DUE,))):
        found = [r for r in rows if r["pace"] in paces]
        named = "、".join(
            f"{view.indicators[r['indicator']]['name']}（还差{_gap(view, r)}）" for r in found[:most]
        )
        parts.append(f"{which}的有{named}{'等' if len(found) > most else ''}。" if found else "")
    if silent:
        named = "、".join(view.indicators[r["indicator"]]["name"] for r in silent[:most])
        parts.append(f"{named}{'等' if len(silent) > most else ''}没有数据，不能判断。")
    return "".join(parts)


def _cells(view: View, row: Row, number: int) -> dict[str, Cell]:
    indicator = view.indicators[row["indicator"]]
    decimals, unit = decimals_of(indicator), indicator["unit"] or ""
    base = "" if row["base_value"] is None else (
        f"{numbers.quantity(row['base_value'], unit, decimals)}（{row['base_year']}年）"
    )  # fmt: skip
    return {
        "no": number, "item": row["item"] or "", "unit_name": unit_label(view, row["unit"]),
        "indicator": indicator["name"], "target": Figure(row["target"], decimals, unit=unit),
        "by": f"{row['by'].year}年底" if (row["by"].month, row["by"].day) == (12, 31) else row["by"].isoformat(),
        "base": base, "value": Figure(row["value"], decimals, unit=unit),
        "gap": "" if row["pace"] in (REACHED, NO_DATA) else _gap(view, row),
        "expected": Figure(row["expected"], decimals, unit=unit),
        "pace": row["pace"], "lead": tuple(row["lead"] or ()),
    }  # fmt: skip


def _gap(view: View, row: Row) -> str:
    indicator = view.indicators[row["indicator"]]
    unit = numbers.difference_unit(indicator["unit"] or "")
    return numbers.quantity(row["gap"], unit, decimals_of(indicator))
