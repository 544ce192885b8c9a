"""指标权重: what every dimension counts in the total, what every indicator counts in its dimension, and by what method."""

from __future__ import annotations

from ...engine.results import LEVEL_NAMES
from ...engine.scoring.tree import METHOD_NAMES, TOTAL
from ..view import Row, View
from .table import Cell, Column, Table

COLUMNS = (
    Column("dimension", "维度", 26, nowrap=True),
    Column("of_dimension", "维度权重（%）", 20, "right", "number", decimals=2),
    Column("code", "编号", 18, nowrap=True),
    Column("indicator", "指标", 66),
    Column("weight", "维度内权重（%）", 22, "right", "number", decimals=2),
    Column("effective", "总分中权重（%）", 22, "right", "number", decimals=2),
    Column("method", "方法", 26, nowrap=True),
)
SAME = 1e-12  # weights closer than this are one
EFFECTIVE_NOTE = (
    "总分中权重＝维度权重×维度内权重，是没有缺项、维度内和维度间都取算术平均时一项指标在客观得分中所占的份额"
)


def weights_table(view: View, level: str, *, together: bool = False) -> Table:
    """Every indicator that counts at ``level``, in the order of the indicators; notes say what each weight rests on.

    ``together``: the indicators of a dimension in one row where they weigh the same.
    """
    rows = [row for row in view.frame("weights").to_dicts() if row["level"] == level]
    of_dimension = {row["child"]: row for row in rows if row["parent"] == TOTAL}
    inside = [row for row in rows if row["parent"] in of_dimension]
    body: list[tuple[Cell, ...]] = []
    for dimension, whole in of_dimension.items():
        of = [row for row in inside if row["parent"] == dimension]
        if together and len(of) > 1 and max(r["weight"] for r in of) - min(r["weight"] for r in of) < SAME:
            body.append(_cells(of[0], whole, ("", f"{len(of)} 项指标，每项同权")))
        else:
            body += [_cells(row, whole, _named(view, row["child"])) for row in of]
    notes = (*_bases("各维度", list(of_dimension.values())), *_bases("维度内", inside), EFFECTIVE_NOTE)
    table = Table(f"指标权重（{LEVEL_NAMES[level]}）", COLUMNS, tuple(body), notes=notes if body else ())
    return table.without_blank(("code",))


def _named(view: View, code: str) -> tuple[str, str]:
    return code, view.indicators[code]["name"] if code in view.indicators else code


def _cells(row: Row, parent: Row, named: tuple[str, str]) -> tuple[Cell, ...]:
    whole = parent["weight"]
    shares = (row["weight"] * 100, whole * row["weight"] * 100)
    return (row["parent"], whole * 100, *named, *shares, METHOD_NAMES[row["method"]])


def _bases(where: str, rows: list[Row]) -> list[str]:
    """Each basis once, with the parents it is of where there are several."""
    parents: dict[str, list[str]] = {}
    for row in rows:
        held = parents.setdefault(row["basis"], [])
        if row["parent"] not in held:
            held.append(row["parent"])
    several = len(parents) > 1
    return [
        f"{where}{'（' + '、'.join(of) + '）' if several else ''}：{basis.replace('：', '，', 1)}"
        for basis, of in parents.items()
    ]
