"""The tables of values (取值表): how each column of the sample is drawn, a row per item, in data/sample/values/*.csv.

A row is `input,item,shape,low,high,of,trait,pace`. ``low`` belongs to trait 0, ``high`` to trait 1; without a trait
the value is drawn evenly between. A `-` before the trait inverts it. ``pace`` is the change per year, scaled by the
town's effort: added to a share, a chance and a number in a range; an amount grows by it (0.05 is five per cent).
Shapes, by the kind of form:

* figures: ``per_head``, ``per_km2``, ``flat``; ``share`` of the item named in ``of``; ``last_year`` of that item.
* records, the item `*`: ``per_unit`` or ``per_10k`` things, ``of`` the beginning of their ids.
* any: ``chance`` (yesno), ``range`` (number, integer), ``choice`` (``of`` = "甲:3|乙:1"), ``name`` (``of`` =
  "{town}{word}路"), ``date`` (days before 30 April). For chance, range and date ``of`` may name a yesno item of the
  same row: the cell is blank unless that is TRUE.
"""

from __future__ import annotations

import csv
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, fields
from pathlib import Path

from ...indicators.form_model import Form, Item
from .asked import SAMPLE, Asked
from .places import Town

HEADER = ["input", "item", "shape", "low", "high", "of", "trait", "pace"]
THINGS = "*"
COUNTED = ("per_unit", "per_10k")
AMOUNTS = ("per_head", "per_km2", "flat", "share", "last_year", "range")
OF_TYPE = {
    "number": AMOUNTS, "integer": AMOUNTS, "yesno": ("chance",), "text": ("choice", "name"), "date": ("date",),
}  # fmt: skip
GATED = ("chance", "range", "date")  # of = a yesno item that must be TRUE
AGE = "age"
TRAITS = frozenset(f.name for f in fields(Town)) - {"name", "x", "y", "people", "rural"}
PLACES = ("town", "community", "word", "n")


@dataclass(frozen=True)
class Row:
    """One row of a table; ``at`` is its file and line."""

    input: str
    item: str
    shape: str
    low: float
    high: float
    of: str
    trait: str
    pace: float
    at: str

    @property
    def choices(self) -> dict[str, float]:
        """The answers of a ``choice`` and their weights."""
        return {w.rsplit(":", 1)[0]: float(w.rsplit(":", 1)[1]) for w in self.of.split("|")}


Values = Mapping[str, Mapping[str, Row]]  # input → item → row


class ValuesError(ValueError):
    """The tables of values do not fit the forms; the message lists every fault with its file and line."""


def read_values(folder: Path = SAMPLE / "values") -> tuple[Row, ...]:
    """Every row of every table, in the order of the files' names. Raises ValuesError for a row that cannot be read."""
    rows: list[Row] = []
    faults: list[str] = []
    for path in sorted(folder.glob("*.csv")):
        if path.name == "questions.csv":  # the questionnaire's own table, read by survey.py
            continue
        lines = list(csv.reader(path.read_text(encoding="utf-8-sig").splitlines()))
        if not lines or lines[0] != HEADER:
            faults.append(f"{path.name}:1 表头应为 {','.join(HEADER)}")
            continue
        for number, cells in enumerate(lines[1:], 2):
            if any(cells):
                _read(cells, f"{path.name}:{number}", rows, faults)
    _raise(faults)
    return tuple(rows)


def _read(cells: list[str], at: str, rows: list[Row], faults: list[str]) -> None:
    """One line as a row, or why it is none."""
    if len(cells) != len(HEADER):
        faults.append(f"{at} 应有 {len(HEADER)} 列，实有 {len(cells)} 列")
        return
    text = dict(zip(HEADER, (cell.strip() for cell in cells), strict=True))
    try:
        low, high, pace = (float(text[name] or 0) for name in ("low", "high", "pace"))
    except ValueError:
        faults.append(f"{at} low、high、pace 应为数")
        return
    rows.append(
        Row(text["input"], text["item"], text["shape"], low, high, text["of"], text["trait"], pace, at)
    )


def table_of(rows: Iterable[Row], asked: Asked, made: Mapping[str, frozenset[str]]) -> Values:
    """The rows by input and item, once they fit the forms. Raises ValuesError that lists everything that does not.

    ``made`` are the items that code of their own produces, by input; these must have no row, all others that the
    sample's inputs need exactly one.
    """
    table: dict[str, dict[str, Row]] = {}
    faults: list[str] = []
    for row in rows:
        fault = _fault(row, asked, made)
        first = table.setdefault(row.input, {}).setdefault(row.item, row)
        if first is not row:
            fault = f"与 {first.at} 重复"
        if fault:
            faults.append(f"{row.at} {row.input}.{row.item}：{fault}")
    faults += [f"缺少取值：{name}" for name in missing(table, asked, made)]
    _raise(faults)
    return table


def missing(table: Values, asked: Asked, made: Mapping[str, frozenset[str]]) -> list[str]:
    """The items that the sample's inputs need and nothing produces, as ``input.item``."""
    absent: list[str] = []
    for name, source in asked.inputs.items():
        form = asked.forms.get(name)
        if form is None or form.kind in ("reported", "survey", "tickets"):
            continue
        there = set(table.get(name, ())) | made.get(name, frozenset())
        if form.kind != "figures" and name not in made and THINGS not in there:
            absent.append(f"{name}.{THINGS}")
        given = {form.key} if name not in made else set()  # the ids of things that are made by rows
        absent += [f"{name}.{item}" for item in source.columns if item not in there | given]
    return absent


def _raise(faults: list[str]) -> None:
    if faults:
        raise ValuesError("演示项目的取值表（data/sample/values）有错：\n" + "\n".join(faults))


def _fault(row: Row, asked: Asked, made: Mapping[str, frozenset[str]]) -> str:
    """What is wrong with a row as such; empty when nothing is."""
    form = asked.forms.get(row.input)
    if form is None:
        return "没有这个输入的填报表"
    if row.trait.removeprefix("-") not in TRAITS | {AGE, ""}:
        return f"没有这个特征 {row.trait}；有：{'、'.join(sorted(TRAITS))}，楼栋和小区另有 age"
    if row.item == THINGS:
        return _things_fault(row, form, made)
    item = form.get(row.item)
    if item is None:
        return f"填报表没有这一项；有：{'、'.join(i.name for i in form.item)}"
    if row.item in made.get(row.input, frozenset()):
        return "这一项已由程序专门生成，不要再写"
    if row.item == form.key and row.input not in made:
        return "编号由 * 一行的 of 生成，不要再写"
    return _shape_fault(row, form, item)


def _things_fault(row: Row, form: Form, made: Mapping[str, frozenset[str]]) -> str:
    """What is wrong with a row that says how many things there are."""
    if form.kind == "figures":
        return "一行一个单元的表不写 *"
    if row.input in made:
        return "事物已由程序专门生成，不要再写 *"
    if form.kind == "layer" and form.geometry != "point":
        return "线、面图层要在 land.py 中生成"
    if row.shape not in COUNTED:
        return f"shape 应为 {'、'.join(COUNTED)}"
    if not row.of:
        return "of 应写编号的开头，如 XF"
    return "" if min(row.low, row.high) >= 0 and max(row.low, row.high) > 0 else "数量应大于 0"


def _shape_fault(row: Row, form: Form, item: Item) -> str:
    """What is wrong with the way an item is drawn."""
    if row.shape not in OF_TYPE[item.type]:
        return f"{item.type} 类型的 shape 应为 {'、'.join(OF_TYPE[item.type])}"
    if row.shape in ("share", "last_year") or (row.shape in GATED and row.of):
        other = form.get(row.of)
        if other is None or other is item:
            return f"of 应为同一填报表的另一项，{row.of!r} 不是"
        if row.shape in GATED and other.type != "yesno":
            return f"of 所指的 {row.of} 应为是或否"
    if row.shape == "chance" and not 0 <= min(row.low, row.high) <= max(row.low, row.high) <= 1:
        return "概率应在 0 到 1 之间"
    if row.shape == "choice":
        return _choice_fault(row, item)
    if row.shape == "name":
        return _name_fault(row)
    return ""


def _choice_fault(row: Row, item: Item) -> str:
    """What is wrong with the answers to choose from."""
    try:
        choices = row.choices
    except (ValueError, IndexError):
        return 'of 应写成 "甲:3|乙:1"'
    strange = [word for word in choices if item.options and word not in item.options]
    if strange:
        return f"选项 {'、'.join(strange)} 不在填报表的 {'、'.join(item.options)} 之内"
    return "" if min(choices.values()) >= 0 and sum(choices.values()) > 0 else "权重应不小于 0 且不全为 0"


def _name_fault(row: Row) -> str:
    """What is wrong with a pattern of names."""
    try:
        row.of.format(**dict.fromkeys(PLACES, ""))
    except (KeyError, ValueError, IndexError):
        return f"of 中的占位应为 {'、'.join('{' + p + '}' for p in PLACES)}"
    return "" if row.of else "of 应写名称的样式"
