"""The chosen projects as a table and in sentences (项目优选), for the report and the terminal."""

from __future__ import annotations

from .. import numbers
from ..tables.lists import decimals_of, unit_label
from ..tables.table import Cell, Column, Figure, Table
from ..view import Row, View

CHOSEN, LEFT = "入选", "未入选"
COLUMNS = (
    Column("id", "项目编号", 17, nowrap=True),
    Column("name", "项目名称", 46),
    Column("unit_name", "单元", 20, kind="name", nowrap=True),
    Column("cost", "投资（万元）", 18, "right", "number", nowrap=True),
    Column("change", "指标变化", 34),
    Column("gain", "综合得分提升", 20, "right", "number", 2, nowrap=True),
    Column("people", "人口", 16, "right", "number", nowrap=True),
    Column("choice", "结果", 20),
)
NOTE = (
    "在投资额度内取“人口×综合得分提升”之和最大的一组，同一单元、同一指标的几个项目只取一个；提升为该项目单独实施时本单元的综合得分提高多少，"
    "不计对上级单元的带动"
)


def money(cost: float | None) -> Figure:
    """An amount of 万元, with the decimals it has, two at most."""
    decimals = next((d for d in (0, 1) if cost is None or abs(cost - round(cost, d)) < 1e-9), 2)
    return Figure(cost, decimals)


def worth(row: Row) -> float:
    """People × points of a project; −∞ where it cannot be reckoned."""
    known = row["gain"] is not None and row["people"] is not None
    return row["gain"] * row["people"] if known else float("-inf")


def by_worth(rows: list[Row]) -> list[Row]:
    """The chosen projects first, each kind by what it is worth."""
    return sorted(rows, key=lambda r: (not r["chosen"], -worth(r), r["id"]))


def choice_of(row: Row) -> str:
    """``入选``, ``未入选``, or what it would take: ``未入选，再增加620万元可纳入``."""
    if row["chosen"]:
        return CHOSEN
    if row["gain"] is None or row["people"] is None:
        return f"{LEFT}（不能推算）"
    if row["gain"] <= 0:
        return f"{LEFT}（没有提升）"
    return f"{LEFT}（同项已选）" if row["extra"] is None else f"{LEFT}，再增{_yuan(row['extra'])}可纳入"


def change_of(view: View, row: Row) -> str:
    """``33.2% → 85.0%``: the indicator now and afterwards."""
    indicator = view.indicators[row["indicator"]]
    ends = [
        numbers.quantity(row[k], indicator["unit"] or "", decimals_of(indicator))
        for k in ("value", "value_then")
    ]
    return " → ".join(ends)


def projects_table(view: View, rows: list[Row]) -> Table:
    """The table of projects, the chosen ones first."""
    body = []
    for row in by_worth(rows):
        cells: dict[str, Cell] = {
            "id": row["id"], "name": row["name"], "unit_name": unit_label(view, row["unit"]), "cost": money(row["cost"]),
            "change": f"{view.indicators[row['indicator']]['name']} {change_of(view, row)}",
            "gain": Figure(row["gain"], 2, signed=True), "people": Figure(row["people"], 0, unit="人"),
            "choice": choice_of(row),
        }  # fmt: skip
        body.append(tuple(cells[c.key] for c in COLUMNS))
    return Table("项目优选", COLUMNS, tuple(body), notes=(NOTE,))


def budget_said(view: View) -> str:
    """What the budget buys, how sure it is that nothing better exists, and what comes next; empty without a table."""
    frame, rows = view.frame("budget"), view.frame("projects").to_dicts()
    if frame.is_empty():
        return ""
    return spent_said(frame.row(0, named=True), rows)


def spent_said(whole: Row, rows: list[Row]) -> str:
    """As :func:`budget_said`, of a row of ``budget`` and the rows of ``projects``."""
    if not whole["total"]:
        return f"项目库有{whole['candidates']}个项目；没有写投资额度（[budget] total），只列各项目的提升。"
    said = (
        f"项目库有{whole['candidates']}个项目，投资额度{_yuan(whole['total'])}。入选{whole['chosen']}个，共{_yuan(whole['spent'])}，"
        f"合计提升{_points(whole['together'])}"
    )
    if not whole["exact"]:
        said += f"（按各项目单独的提升选取，单独之和为{_points(whole['gain'])}；一并实施后重新汇总为前数）"
    proved = "" if not whole["chosen"] else (
        "，额度内没有更好的组合" if whole["bound"] >= 1 and whole["exact"]
        else "，按单独的提升计没有更好的组合" if whole["bound"] >= 1
        else f"，不低于最优组合的{numbers.percent(whole['bound'], 1)}"
    )  # fmt: skip
    return f"{said}{proved}。{_next_said(rows)}"


def _next_said(rows: list[Row]) -> str:
    """The project left out that is worth most for its money, and how much more money would take it in."""
    open_ = [r for r in rows if r["extra"] is not None and worth(r) > 0]
    if not open_:
        return ""
    best = max(open_, key=lambda r: (worth(r) / max(r["cost"], 1e-9), r["id"]))
    return f"未入选的里面每万元提升最多的是{best['name']}（{_yuan(best['cost'])}），再增加{_yuan(best['extra'])}可纳入。"


def _points(value: float) -> str:
    """People × points: ``10.4万人·分``."""
    return numbers.people(value, "人·分")


def _yuan(amount: float) -> str:
    return f"{money(amount)}万元"
