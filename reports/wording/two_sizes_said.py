"""按面积与按人口: where per km² and per 10,000 people tell different stories of the towns, in a sentence and a table."""

from __future__ import annotations

import polars as pl

from ...engine.chance.two_sizes import two_sizes
from ...engine.measure.tickets import ALL
from .. import numbers
from ..blocks import Block, Prose, TableBlock
from ..tables.table import Column, Table
from ..view import Row, View

TICKETS, ITEM = "12345热线工单", "件"
SHOWN = 3  # things that a town's sentence tells of, those first whose places lie furthest apart
LEAST_CASES = 10  # of what happens by chance: on fewer a place says nothing
_PER_AREA, _PER_PEOPLE = "/km²", "人"
_LARGE = 10  # from which one decimal is enough


def towns_by_two_sizes(view: View) -> list[Row]:
    """Where the two sizes disagree among the towns, by the order of the indicators, residents' calls last."""
    towns = view.of_level("town")
    codes = [c for c, i in view.indicators.items() if i["method"] == "count" and _by_size(i)]
    rows = [
        (unit, code, measured["value"])
        for code in codes for unit in towns if (measured := view.measured(unit, code)) is not None
    ]  # fmt: skip
    calls = view.frame("tickets").filter(pl.col("unit").is_in(towns), pl.col("category") == ALL)
    rows += [(unit, ALL, count) for unit, count in calls.select("unit", "count").iter_rows()]
    schema = {"unit": pl.String, "what": pl.String, "value": pl.Float64}
    found = two_sizes(pl.DataFrame(rows, schema=schema, orient="row"), view.results.units).to_dicts()
    sure = {code for code in codes if view.indicators[code]["uncertainty"] == "none"}
    found = [r for r in found if r["what"] in sure or r["value"] >= LEAST_CASES]
    last = len(view.indicators)
    return sorted(
        found, key=lambda r: (view.indicator_order.get(r["what"], last), view.unit_order[r["unit"]])
    )


def _by_size(indicator: Row) -> bool:
    """Whether a count is compared by area or by people."""
    rate = indicator["compared_unit"] or ""
    return "/" in rate and rate.endswith((_PER_AREA, _PER_PEOPLE))


def two_sizes_said(view: View, unit: str) -> str:
    """Both figures of a town for what is told differently by area and by people; empty where nothing is."""
    rows = [r for r in towns_by_two_sizes(view) if r["unit"] == unit]
    if not rows:
        return ""
    first = sorted(rows, key=lambda r: -abs(r["place_km2"] - r["place_10k"]))[:SHOWN]
    told = "。".join(_one(view, r) for r in first)
    rest = f"另有{len(rows) - SHOWN}项，见区级报告。" if len(rows) > SHOWN else ""
    return f"按面积与按人口看位置不同的有（位次由多到少，共{rows[0]['of']}个街镇）：{told}。{rest}"


def _one(view: View, row: Row) -> str:
    name, unit = _name_and_unit(view, row)
    area, people = (_figure(row[k], unit) for k in ("per_km2", "per_10k"))
    return f"{name}每平方公里{area}，居第{row['place_km2']}；每万人{people}，居第{row['place_10k']}"


def _name_and_unit(view: View, row: Row) -> tuple[str, str]:
    if row["what"] == ALL:
        return TICKETS, ITEM
    indicator = view.indicators[row["what"]]
    return indicator["name"], indicator["unit"] or ""


def two_sizes_blocks(view: View) -> tuple[Block, ...]:
    """A row for each thing that is told differently, with the towns that are denser than many or than their people; or nothing."""
    rows = towns_by_two_sizes(view)
    if not rows:
        return ()
    columns = (
        Column("what", "指标", 46), Column("denser", "按面积位次靠前、按人口靠后的", 61),
        Column("fuller", "按人口位次靠前、按面积靠后的", 61),
    )  # fmt: skip
    body = []
    for what in dict.fromkeys(row["what"] for row in rows):
        held = [row for row in rows if row["what"] == what]
        name, unit = _name_and_unit(view, held[0])
        sides = (
            _furthest(view, [r for r in held if (r["place_km2"] < r["place_10k"]) == denser])
            for denser in (True, False)
        )
        body.append((f"{name}（{unit}）" if unit else name, *sides))
    said = (
        "同样的数量，按面积和按人口看并不一样：人口密的街镇每平方公里多而人均少，人口疏的相反。"
        "下表列出两种算法位次相差超过街镇数三分之一的，两个数应一并看。"
    )
    note = f"括号内为每平方公里的数和位次、每万人的数和位次；位次由多到少排，共{rows[0]['of']}个街镇"
    return Prose((said,)), TableBlock(
        Table("按面积与按人口位次不同的街镇", columns, tuple(body), notes=(note,)), dense=True
    )


def _furthest(view: View, rows: list[Row]) -> str:
    """The towns whose two places lie furthest apart, and how many others there are."""
    first = sorted(rows, key=lambda r: (-abs(r["place_km2"] - r["place_10k"]), view.unit_order[r["unit"]]))[
        :SHOWN
    ]
    more = f"等{len(rows)}个" if len(rows) > SHOWN else ""
    return "、".join(_in_brackets(view, r) for r in first) + more


def _in_brackets(view: View, row: Row) -> str:
    area, people = (_figure(row[k]) for k in ("per_km2", "per_10k"))
    return f"{view.name(row['unit'])}（{area}第{row['place_km2']}，{people}第{row['place_10k']}）"


def _figure(value: float, unit: str = "") -> str:
    return numbers.quantity(value, unit, 1 if value >= _LARGE else 2)
