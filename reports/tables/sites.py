"""选址建议: where one more facility would help most, as a table: the place, whom it serves, what the indicator becomes."""

from __future__ import annotations

import math

from ...engine.sites.words import facility_text, gained_text, values_text
from .. import numbers
from ..view import Row, View
from .lists import decimals_of, unit_label
from .table import Cell, Column, Table

SITES, TITLE = "sites", "选址建议"
COLUMNS = (
    Column("indicator", "指标", 40),
    Column("unit_name", "街镇", 20, kind="name", nowrap=True),
    Column("rank", "次序", 10, "right", "number", nowrap=True),
    Column("place", "位置", 60),
    Column("facility", "新增", 40),
    Column("gained", "本街镇新增覆盖", 22, "right", nowrap=True),
    Column("unit_value", "街镇指标值", 30, "right", nowrap=True),
    Column("value", "全区指标值", 30, "right", nowrap=True),
    Column("bound", "不低于最优的", 16, "right", nowrap=True),
)
NOTES = (
    "各街镇分别推算，不计其他街镇的新增；同一街镇的各处按次序建设，指标值为前几处建成后、再建这一处前后的值",
    "按直线距离和该类设施中最小的服务半径推算，新设施按一个点计；用地按100米格网估算，标“约”",
    "不低于最优的：到这一处为止的几处合计，至少能覆盖同样处数最优方案的百分之几",
)
WALKING = ("walk", "circle")


def site_rows(view: View, town: str | None = None, indicator: str | None = None) -> list[Row]:
    """The rows of ``sites`` (of a town, of an indicator), in the order of the indicators, the largest gain first."""
    order = view.indicator_order
    rows = [
        row for row in view.frame(SITES).to_dicts()
        if town in (None, row["unit"]) and indicator in (None, row["indicator"])
    ]  # fmt: skip
    return sorted(rows, key=lambda r: (order[r["indicator"]], -r["gained"], r["unit"], r["rank"]))


def sites_table(view: View, town: str | None = None, indicator: str | None = None) -> Table:
    """The table; without the town's column when it is about one town."""
    rows = site_rows(view, town, indicator)
    body = tuple(tuple(_cells(view, row)[c.key] for c in COLUMNS) for row in rows)
    table = Table(TITLE, COLUMNS, body, notes=NOTES + _left_out(view))
    return table if town is None else table.without("unit_name")


def _cells(view: View, row: Row) -> dict[str, Cell]:
    indicator = view.indicators[row["indicator"]]
    return {
        "indicator": indicator["name"], "unit_name": unit_label(view, row["unit"]), "rank": row["rank"], "place": row["place"],
        "facility": facility_text(row), "gained": gained_text(row), "unit_value": _lift(row, indicator, "unit_"),
        "value": _lift(row, indicator, ""), "bound": f"{math.floor(row['bound'] * 100 + 1e-6)}%",
    }  # fmt: skip


def _lift(row: Row, indicator: Row, of: str) -> str:
    decimals, unit = decimals_of(indicator), indicator["unit"] or ""
    same = numbers.quantity(row[f"{of}before"], unit, decimals)
    return " → ".join(values_text(row, decimals, unit, of) or (same, same))


def _left_out(view: View) -> tuple[str, ...]:
    """Which indicators of service have no sites, because they are measured on foot."""
    names = [row["name"] for row in view.indicators.values() if row["method"] in WALKING]
    return (f"按步行路网计算的指标不作推算：{'、'.join(names)}",) if names else ()
