"""完整社区需求表: for every community and every facility it needs, whether it is there; the yes/no table of a topic.

A topic is read so where all its indicators are of the scale 小区（社区） (the handbook's 专项 人居环境). A need is an indicator of
it that counts what lacks it: 是 where nothing was found, 否 where somewhere there is none at all, 不足 where all that was
found is too small, too few or not as it should be, — where the community was not examined.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import polars as pl

from .. import numbers
from ..blocks import Block, FigureBlock, Prose, Section, TableBlock
from ..maps.graded import Classes, classed_map
from ..tables.lists import unit_parts
from ..tables.table import Cell, Column, Table
from ..theme import load_theme
from ..view import View
from ..wording import words
from .figures import shapes_of

SCALE = "小区（社区）"
YES, NO, SHORT = "是", "否", "不足"
NONE_AT_ALL = ("没有", "未配建", "未实施", "缺失")  # what a line of the ledger says where there is nothing
LACKING = 15  # communities that lack most
_INDENT = "\u3000"
_NAME = re.compile(
    r"^(?:未达标配建的?|未配建的?|未实施|不达标的|需要进行|存在)?(.+?)(?:改造)?(?:的小区数量|缺口数|数量|长度)$"
)
_MAP = (125.0, 100.0)


@dataclass(frozen=True)
class Needs:
    """What each community has of what it needs: unit → indicator → 是, 否, 不足; None where it was not examined."""

    codes: tuple[str, ...]
    cells: Mapping[str, Mapping[str, str | None]]

    def count(self, unit: str, answer: str) -> int:
        """How many needs of a community have an answer."""
        return sum(a == answer for a in self.cells[unit].values())

    @property
    def examined(self) -> list[str]:
        """The communities with any answer."""
        return [u for u, held in self.cells.items() if any(held.values())]


def needed(view: View, codes: Sequence[str]) -> tuple[str, ...]:
    """The needs of a topic; none where an indicator of it is of another scale than 小区（社区）."""
    if any(view.indicators[c]["scale"] != SCALE for c in codes):
        return ()
    return tuple(
        c
        for c in codes
        if view.indicators[c]["method"] == "count" and "community" in view.indicators[c]["levels"]
    )


def needs_of(view: View, codes: Sequence[str]) -> Needs:
    """The answers of every community, in the units' order."""
    lines = view.frame("ledger").filter(pl.col("indicator").is_in(list(codes))).drop_nulls("community")
    none = pl.any_horizontal(pl.col("says").fill_null("").str.contains(w, literal=True) for w in NONE_AT_ALL)
    found = {
        (u, c): NO if gone else SHORT
        for u, c, gone in lines.group_by("community", "indicator").agg(none.any()).iter_rows()
    }
    held: dict[str, dict[str, str | None]] = {}
    for unit in view.of_level("community"):
        values = {r["indicator"]: r["value"] for r in view.scores(unit)}
        held[unit] = {
            c: None if values.get(c) is None else found.get((unit, c), SHORT) if values[c] else YES
            for c in codes
        }
    return Needs(tuple(codes), held)


def need_name(indicator: Mapping[str, object]) -> str:
    """``养老服务设施`` of ``未达标配建养老服务设施的小区数量``."""
    name = str(indicator["name"])
    found = _NAME.match(name)
    return found.group(1) if found else name


def needs_section(view: View, topic: str, codes: Sequence[str]) -> tuple[Section, ...]:
    """The chapter: which needs are least met, who lacks most, and the table of all; none for other topics."""
    needs = needs_of(view, needed(view, codes)) if needed(view, codes) else None
    if needs is None or not needs.examined:
        return ()
    blocks: tuple[Block, ...] = (
        Prose((_said(view, needs),)), *_map(view, topic, needs), TableBlock(lacking_table(view, needs), dense=True),
        TableBlock(needs_table(view, needs), dense=True),
    )  # fmt: skip
    return (Section(f"{topic}需求表", blocks, new_page=True, flows=True),)


def _said(view: View, needs: Needs) -> str:
    total = len(needs.examined)
    every = sum(needs.count(u, YES) == len(needs.codes) for u in needs.examined)
    no = {c: sum(needs.cells[u][c] == NO for u in needs.examined) for c in needs.codes}
    short = {c: sum(needs.cells[u][c] == SHORT for u in needs.examined) for c in needs.codes}
    least = sorted(needs.codes, key=lambda c: (-no[c], view.indicator_order[c]))[: words.NAMED]
    told = "、".join(
        f"{need_name(view.indicators[c])}（{no[c]}个，另有{short[c]}个不足）" for c in least if no[c]
    )
    head = f"{total}个社区逐项核对{len(needs.codes)}项需求，全部达到的{every}个。"
    return f"{head}缺得最多的是{told}。" if told else head


def _map(view: View, topic: str, needs: Needs) -> tuple[FigureBlock, ...]:
    """The communities by how many needs are met, in at most five classes of even steps."""
    most = len(needs.codes)
    ramp = load_theme().ramp
    step = -(-(most + 1) // len(ramp))
    starts = list(range(0, most + 1, step))[::-1]
    names = tuple(f"{a}–{min(a + step - 1, most)}项" if step > 1 else f"{a}项" for a in starts)
    met = {u: needs.count(u, YES) for u in needs.examined}
    at = {u: next(i for i, a in enumerate(starts) if n >= a) for u, n in met.items()}
    below: dict[str, int | None] = {u: at.get(u) for u in needs.cells}
    drawn = classed_map(
        shapes_of(view, list(below)), Classes(names, ramp[: len(names)], below, "未核对"), f"各社区达到的{topic}需求项数", _MAP,
        over=shapes_of(view, view.of_level("town")),
    )  # fmt: skip
    few = min(met, key=lambda u: (met[u], u))
    said = f"各社区达到的需求项数（共{most}项）：最少的是{''.join(unit_parts(view, few))}，{met[few]}项"
    return (FigureBlock((drawn,), said),) if drawn is not None else ()


def lacking_table(view: View, needs: Needs) -> Table:
    """The communities that lack most: most 否 first, then most 不足."""
    order = sorted(needs.examined, key=lambda u: (-needs.count(u, NO), -needs.count(u, SHORT), u))[:LACKING]
    columns = (
        Column("no", "序号", 9, "right", "number"),
        Column("unit", "社区", 54, kind="name", nowrap=True),
        Column("none", "否（项）", 14, "right", "number"),
        Column("short", "不足（项）", 16, "right", "number"),
        Column("which", "没有的", 92),
    )
    rows = tuple(
        (
            i, unit_parts(view, u), needs.count(u, NO), needs.count(u, SHORT),
            "、".join(need_name(view.indicators[c]) for c in needs.codes if needs.cells[u][c] == NO),
        )
        for i, u in enumerate(order, 1)
    )  # fmt: skip
    return Table(f"需求缺得最多的{len(rows)}个社区", columns, rows)


def needs_table(view: View, needs: Needs) -> Table:
    """Every community under its town; the town's row says how many of its communities have what is needed."""
    columns = (
        Column("unit", "街镇、社区", 36, nowrap=True),
        *(Column(c, need_name(view.indicators[c]), 12, "center", nowrap=True) for c in needs.codes),
        Column("met", "达到项数", 14, "right", nowrap=True),
    )
    rows: list[tuple[Cell, ...]] = []
    for town in view.of_level("town"):
        inside = [u for u in view.of_level("community", town) if u in needs.examined]
        if not inside:
            continue
        rows.append((f"{view.name(town)}（{len(inside)}个）", *_of_town(needs, inside), ""))
        for unit in inside:
            answers = tuple(needs.cells[unit][c] or numbers.MISSING for c in needs.codes)
            rows.append((_INDENT + view.name(unit), *answers, str(needs.count(unit, YES))))
    notes = (
        f"{YES}：没有发现缺少或不足；{NO}：至少一个小区没有；{SHORT}：都有，但面积、数量或条件不够；{numbers.MISSING}：没有核对；街镇一行为"
        f"“{YES}”的社区个数/核对的社区个数",
    )
    return Table("各社区需求是否达到", columns, tuple(rows), notes=notes)


def _of_town(needs: Needs, inside: Sequence[str]) -> tuple[str, ...]:
    told = []
    for code in needs.codes:
        answers = Counter(needs.cells[u][code] for u in inside)
        known = len(inside) - answers[None]
        told.append(f"{answers[YES]}/{known}" if known else numbers.MISSING)
    return tuple(told)
