"""The indicators in force on the terminal (现行指标): the list, one in full, and what each layer changes."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from itertools import groupby
from typing import Any

import polars as pl
from rich.console import Group, RenderableType
from rich.table import Table
from rich.text import Text

from ...engine.findings import Findings
from ...indicators.laying import Change
from ...indicators.measure_model import Count, Measure
from ...indicators.model import Indicator
from ..indicator_pages import measure_lines
from ..wording.indicator_words import DIRECTION_NAMES, KIND_NAMES, indicator_facts, levels_text, standard_text
from .findings import findings_view, plain_table

CHANGE_NAMES = {"added": "新增", "borrowed": "引用", "changed": "更改", "disabled": "停用"}


def indicators_view(indicators: pl.DataFrame) -> RenderableType:
    """The indicators in force, one line each in their own order, and how many are not yet confirmed."""
    table = plain_table(
        "", ("编码", "left"), ("指标", "left"), ("维度", "left"), ("尺度", "left"), ("单位", "left"), ("方向", "left"),
        ("类型", "left"), ("目标与底线", "left"), ("层级", "left"), ("体系", "left"),
        ("牵头单位", "left"),
    )  # fmt: skip
    for row in indicators.sort("position", "code").to_dicts():
        mark = "" if row["confirmed"] else " *"
        bare = {**row, "standard_source": "", "standard_clause": "", "target_item": ""}
        cells = (
            row["code"], f"{row['name']}{mark}", row["dimension"], row["scale"], row["unit"],
            DIRECTION_NAMES.get(row["direction"], row["direction"]), KIND_NAMES.get(row["kind"], row["kind"]),
            standard_text(bare), levels_text(row), row["system"], "、".join(row["lead"] or ()),
        )  # fmt: skip
        table.add_row(*(Text(cell or "") for cell in cells))
    unconfirmed = indicators.filter(~pl.col("confirmed").fill_null(False)).height
    note = f"共 {indicators.height} 项指标，其中 {unconfirmed} 项（带 * 号）的定义尚未与官方文本核对。"
    return Group(table, Text(note, style="dim"))


def indicator_view(
    indicators: pl.DataFrame, of: Indicator, origin: Mapping[tuple[str, str], str] | None = None
) -> RenderableType:
    """An indicator of the frame ``indicators`` in full: its facts, the expressions it is computed by, the fields that a later layer changed."""
    row = indicators.row(by_predicate=pl.col("code") == of.code, named=True)
    table = Table.grid(padding=(0, 2))
    table.add_column(style="bold", no_wrap=True)
    table.add_column(overflow="fold")
    facts = []
    for label, value in indicator_facts(row):
        facts.append((label, value))
        if label == "测算方式":
            facts += [(f"  {what}", text) for what, text in _computed(of.measure)]
    changed = [
        f"{name}（{layer}）"
        for (changed_in, name), layer in (origin or {}).items()
        if changed_in == of.code and layer != row["system"]
    ]
    if changed:
        facts.append(("后一体系改过的字段", "、".join(changed)))
    for label, value in facts:
        if value:
            table.add_row(Text(label), Text(value))
    return Group(Text(f"{row['code']} {row['name']}", style="bold"), table)


def _computed(measure: Measure) -> list[tuple[str, str]]:
    """(what, expression) of how it is computed, as written in the definition, with what makes a thing a problem."""
    rules = measure.rule if isinstance(measure, Count) else ()
    return [*measure_lines(measure), *((f"问题（{rule.says}）", rule.when) for rule in rules)]


def doubts_view(found: Findings, of: Indicator | None = None) -> list[RenderableType]:
    """What may be doubted of the definitions, or of one of them: nothing where nothing is."""
    mine = Findings()
    mine.extend(
        f for f in found
        if of is None or f.place.sheet == f"指标 {of.code}" or (f.code == "I010" and f.value in of.measure.inputs)
    )  # fmt: skip
    return [Text(""), findings_view(mine, closing=False)] if len(mine) else []


def changes_view(changes: Sequence[Change], names: Mapping[str, str]) -> RenderableType:
    """What each layer does to the indicators below it: how many it adds, and every field it changes, with the reason.

    ``names`` code → name, for codes that are still in force.
    """
    parts: list[RenderableType] = []
    for layer, made in groupby(changes, key=lambda change: change.layer):
        mine = list(made)
        counts = [(word, sum(c.kind == kind for c in mine)) for kind, word in CHANGE_NAMES.items()]
        told = "、".join(f"{word} {n} 项" for word, n in counts if n)
        parts.append(Text(f"{layer}：{told}", style="bold"))
        shown = [change for change in mine if change.kind in ("changed", "disabled")]
        if not shown:
            continue
        table = plain_table("", ("编码", "left"), ("指标", "left"), ("字段", "left"), ("原为", "left"), ("改为", "left"),
                            ("理由", "left"))  # fmt: skip
        for change in shown:
            after = "停用" if change.kind == "disabled" else _shown(change.after)
            cells = (
                change.code,
                names.get(change.code, ""),
                change.field,
                _shown(change.before),
                after,
                change.reason,
            )
            table.add_row(*(Text(cell) for cell in cells))
        parts.append(table)
    return Group(*parts) if parts else Text("没有指标体系")


def _shown(value: Any) -> str:
    """A value as its author wrote it, near enough: text bare, lists and tables as JSON."""
    if value is None:
        return ""
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False, default=str)
