"""得分推算 as a printed table: the total, its dimensions, their indicators, each with what it adds; it adds up."""

from __future__ import annotations

from collections.abc import Iterator

from .. import numbers
from ..blocks import Prose, Section, TableBlock
from ..derivation import DECIMALS, Part, derive
from ..view import View
from .table import Cell, Column, Figure, Table

TITLE = "得分推算"
INDENT = "\u3000"  # an ideographic space a step: it is not folded away in print
_COLUMNS = (
    Column("name", "综合得分、维度、指标", 92),
    Column("score", "得分", 16, "right", "number", nowrap=True),
    Column("weight", "权重", 16, "right", nowrap=True),
    Column("effective", "计分权重", 17, "right", nowrap=True),
    Column("term", "折合上级", 18, "right", nowrap=True),
    Column("total", "计入总分", 18, "right", "number", nowrap=True),
)
_BRIEF = (
    Column("name", "维度", 34, nowrap=True),
    Column("objective", "客观得分", 20, "right", "number", nowrap=True),
    Column("perceived", "居民满意度", 22, "right", "number", nowrap=True),
    Column("score", "得分", 20, "right", "number", nowrap=True),
    Column("weight", "权重", 18, "right", nowrap=True),
    Column("effective", "计分权重", 20, "right", nowrap=True),
    Column("total", "计入总分", 22, "right", "number", nowrap=True),
)


def derivation_section(view: View, unit: str, *, brief: bool = False) -> Section:
    """The appendix of a unit's report: how the total comes about, in words and as a table.

    ``brief``: a row for each dimension with its two parts, and where the method and the indicators' shares are told.
    """
    whole = derive(view, unit)
    if brief:
        where = f"指标权重和算法见{view.name(view.district)}区级体检报告，逐项推算用 tijian explain {view.name(unit)} 查看"
        why = whole.why and f"本单元没有综合得分：{whole.why}。"
        table = dimensions_table(whole, where)
        return Section(TITLE, (Prose((why,)), TableBlock(table, dense=True)))
    inner = next(part.parts[0].mean for part in whole.parts)
    means = (
        f"指标得分合为客观得分、维度得分合为综合得分，都用{inner}"
        if inner == whole.mean
        else f"指标得分合为客观得分用{inner}；维度得分合为综合得分用{whole.mean}"
    )
    said = (
        f"维度得分由客观得分与居民满意度按计分权重相加，没有问卷的维度即客观得分。{means}。",
        whole.why and f"本单元没有综合得分：{whole.why}。",
    )
    return Section(TITLE, (Prose(said), TableBlock(derivation_table(whole), dense=True)))


def derivation_table(whole: Part) -> Table:
    """Every part of a total, top down, one row each."""
    rows = tuple(_row(part, depth) for part, depth in _deep(whole, 0))
    notes = [
        "计分权重为缺项的权重由同级有得分的各项分担以后的权重；折合上级＝计分权重×得分，末位按合计调整，同级各项相加即上级得分"
    ]
    if any(not part.additive for part in whole.walk() if part.parts):
        notes = ["计分权重为缺项的权重由同级有得分的各项分担以后的权重；折合上级为计分权重×换算后的得分"]
    if any(part.missing for part in whole.walk()):
        notes.append("得分为“—”的未计分，原因见各维度的评价表")
    return Table(TITLE, _COLUMNS, rows, notes=tuple(notes))


def dimensions_table(whole: Part, where: str) -> Table:
    """A row for each dimension: its objective score, what residents say, the two together, what it adds to the total.

    ``where``: where the rest is told, in the note below.
    """
    rows: list[tuple[Cell, ...]] = []
    for part in whole.parts:
        of = {p.kind: p.score for p in part.parts}
        rows.append(
            (
                part.name, Figure(of.get("objective"), DECIMALS), Figure(of.get("perceived"), DECIMALS),
                Figure(part.score, DECIMALS), _share(part.weight), _share(part.effective), Figure(part.total_shown, DECIMALS),
            )
        )  # fmt: skip
    blank: tuple[Cell, ...] = (Figure(None), Figure(None))
    rows.append(
        ("综合得分", *blank, Figure(whole.score, DECIMALS), "", "", Figure(whole.total_shown, DECIMALS))
    )
    return Table(
        TITLE, _BRIEF, tuple(rows), notes=(f"计分权重为缺项的权重由其余各项分担以后的权重；{where}",)
    )


def _share(weight: float | None) -> str:
    return "" if weight is None else numbers.percent(weight, 1)


def _deep(part: Part, depth: int) -> Iterator[tuple[Part, int]]:
    yield part, depth
    for below in part.parts:
        yield from _deep(below, depth + 1)


def _row(part: Part, depth: int) -> tuple[Cell, ...]:
    name = "综合得分" if part.kind == "total" else part.name
    if part.kind == "indicator":
        name = f"{part.code} {name}"
    return (
        INDENT * depth + name,
        Figure(part.score, DECIMALS),
        _share(part.weight),
        "" if part.weight is None else numbers.percent(part.effective, 1),
        _term(part),
        Figure(part.total_shown, DECIMALS),
    )


def _term(part: Part) -> str:
    if part.kind == "total":
        return ""
    if part.term_shown is None and part.term is not None:
        return f"{part.term:.4g}"
    return numbers.number(part.term_shown, DECIMALS)
