"""数据核实: figures that look wrong, put to the department that stated them, with room for its answer."""

from __future__ import annotations

from collections.abc import Sequence

from .. import numbers
from ..view import Row, Scope, View
from .lists import title_of, unit_label
from .table import Cell, Column, Figure, Table

KINDS = {
    "magnitude": "数量级", "digit": "数字笔误", "sources": "两处不一致", "history": "与往年不符", "peers": "与同级悬殊",
}  # fmt: skip
ANSWERS = ("属实", "更正为")
COLUMNS = (
    Column("id", "编号", 24, nowrap=True),
    Column("unit_name", "单元", 24, kind="name", nowrap=True),
    Column("item", "指标/报表项", 46),
    Column("value", "填报值", 24, "right", "number"),
    Column("kind", "类型", 18),
    Column("says", "疑问", 84),
    Column("expected", "参考值", 24, "right", "number"),
    Column("place", "所在位置", 44),
    Column("answer", "部门答复", 18),
    Column("corrected", "更正值", 20, "right"),
)
NOTE = (
    "参考值由往年、同级单元或另一处数据推算，仅供核对，不是应填的数。答复“更正为”的，更正值按填报值的计量单位填写，"
    "由体检单位写入 corrections.toml 后重新运行；答复“属实”的也在其中写一条（value 写原数），以后不再询问"
)


def question_rows(view: View, scope: Scope) -> list[Row]:
    """The questions of a scope, most telling first."""
    return view.listed("questions", scope)


def questions_table(view: View, scope: Scope) -> Table:
    """The table; the last two columns are for the department."""
    rows = tuple(tuple(_cells(view, row)[c.key] for c in COLUMNS) for row in question_rows(view, scope))
    return Table(title_of(view, "questions"), COLUMNS, rows, notes=(NOTE,) if rows else ())


def _cells(view: View, row: Row) -> dict[str, Cell]:
    unit = row["measured_in"] or ""
    return {
        "id": row["id"], "unit_name": unit_label(view, row["unit"]), "item": _item(view, row),
        "value": Figure(row["value"], _decimals(row, row["value"]), unit=unit),
        "kind": KINDS.get(row["kind"], row["kind"]), "says": row["says"],
        "expected": Figure(row["expected"], _decimals(row, row["expected"]), unit=unit),
        "place": _place(row), "answer": "", "corrected": "",
    }  # fmt: skip


def _item(view: View, row: Row) -> str:
    """The item; of an indicator's own value that it is one."""
    return row["label"] if row["item"] else f"{row['label']}（指标值）"


def _decimals(row: Row, value: float | None) -> int:
    """As many as the figure has, of a stated one at most four, of an indicator's value (which is worked out) two.

    Not the indicator's own decimals: the figure stands beside the words of its question, which have all of them.
    """
    if value is None:
        return 0
    text = f"{value:.{4 if row['item'] else 2}f}".rstrip("0")
    return len(text.partition(".")[2])


def _place(row: Row) -> str:
    """File, sheet and row; empty where the figure stands in none."""
    parts = (row["file"], row["sheet"], f"第{row['row']}行" if row["row"] is not None else "")
    return " › ".join(part for part in parts if part)


def counts_said(rows: Sequence[Row]) -> str:
    """How many questions of which type: ``5个（数量级2个、与往年不符3个）``."""
    counts = [(name, sum(r["kind"] == kind for r in rows)) for kind, name in KINDS.items()]
    return f"{len(rows)}个（{'、'.join(f'{name}{n}个' for name, n in counts if n)}）"


def question_said(view: View, row: Row) -> str:
    """One question in a sentence."""
    unit = row["measured_in"] or ""
    value = numbers.quantity(row["value"], unit, _decimals(row, row["value"]))
    return f"{unit_label(view, row['unit'])}“{_item(view, row)}”填{value}：{row['says']}"
