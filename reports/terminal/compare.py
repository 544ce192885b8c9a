"""Units side by side on the terminal (单元对比): where they differ most and why, who is alike, who does it well."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace

from rich.console import Group, RenderableType
from rich.text import Text

from ...engine.results import Results
from ..tables import table as printed
from ..tables.comparison import (
    FEW,
    Comparison,
    compare_units,
    differing_table,
    dimensions_table,
    peers_table,
    practice_table,
    rank_notes,
    totals_table,
)
from ..tables.comparison_gap import drivers_table, gap_said, gap_table
from ..tables.table import Table
from ..view import View
from .findings import grade_text
from .folding import Folding

ACROSS = 6  # indicators side by side where units are rows
PRACTICES = 10
_NAMED_BY_TWO = (
    ("dimension", "what"),
    ("code", "indicator"),
)  # first columns that say together what a row is


def compare_view(results: Results, units: Sequence[str], differing: int = 12) -> RenderableType:
    """Totals with rank interval, dimensions, the gap in parts, the indicators that part them most, peers, best practice.

    ``units`` are codes, two to seventeen, shown in the order given; ``differing`` is how many indicators to list.
    Raises ValueError as :func:`~tijian.reports.tables.comparison.compare_units`.
    """
    c = compare_units(View(results), units)
    year = "" if str(results.year) in results.title else f" {results.year} 年"
    head = Text(f"{results.title}{year}：{'、'.join(c.names)}", style="bold")
    if results.synthetic:
        head.append(f"（{results.synthetic}）", style="yellow")
    return Group(
        head,
        shown_table(results, totals_table(c)),
        _dimensions(c),
        *_why(c, differing),
        *_tables_with_notes(results, peers_table(c), practice_table(c, PRACTICES)),
        *(Text(line, style="dim") for line in rank_notes(c)),
    )


def shown_table(results: Results, table: Table) -> Folding:
    """A printed table as a terminal's; grades in their colours, text as it stands."""
    rows = tuple(
        tuple(
            grade_text(results, printed.text(cell, column))
            if column.kind == "grade"
            else Text(printed.text(cell, column))
            for cell, column in zip(row, table.columns, strict=True)
        )
        for row in table.rows
    )
    keep = 2 if table.keys[:2] in _NAMED_BY_TWO else 1
    return Folding(f"{table.title}{f'（{table.units}）' if table.units else ''}", _heads(table), rows, keep)


def _heads(table: Table) -> tuple[tuple[str, str], ...]:
    return tuple((c.title, "right" if c.align == "right" else "left") for c in table.columns)


def _dimensions(c: Comparison) -> Folding:
    """Scores by dimension, each with its grade behind it."""
    table = dimensions_table(c)
    grades = {(u, r["dimension"]): r["grade"] for u in c.units for r in c.view.dimensions(u)}
    few = len(c.units) <= FEW
    rows = []
    for i, row in enumerate(table.rows):
        cells = []
        for column, cell in zip(table.columns, row, strict=True):
            unit = column.key if few else (c.units[i] if i < len(c.units) else "")
            dimension = str(row[0]) if few else column.key
            said = printed.text(cell, column)
            grade = grades.get((unit, dimension))
            cells.append(grade_text(c.view.results, grade, f"{said} ") if grade else Text(said))
        rows.append(tuple(cells))
    return Folding("各维度得分与等级", _heads(table), tuple(rows))


def _why(c: Comparison, most: int) -> Iterator[RenderableType]:
    """What makes the gap: a sentence, the parts, and the indicators behind them."""
    said = gap_said(c)
    if said:
        yield Text(f"差距：{said}")
    yield from _tables_with_notes(c.view.results, *(t for t in (gap_table(c),) if t is not None))
    drivers = drivers_table(c, most)
    if drivers is not None:
        yield shown_table(c.view.results, drivers)
    else:
        yield from _differing(c, most)


def _differing(c: Comparison, most: int) -> Iterator[RenderableType]:
    """The indicators that part them most; many units stand as rows, a few indicators side by side at a time."""
    table = differing_table(c, most)
    if not len(table):
        yield Text("各单元共有的指标得分没有差别。")
    elif len(c.units) <= FEW:
        yield shown_table(c.view.results, table)
    else:
        for start in range(0, len(table), ACROSS):
            part = replace(table, rows=table.rows[start : start + ACROSS])
            yield shown_table(c.view.results, turned(c, part))


def turned(c: Comparison, table: Table) -> Table:
    """An indicator table on its side: a row for every unit, a column for every indicator."""
    keys = table.keys
    columns = [printed.Column("unit", "单元", 26, nowrap=True)]
    for row in table.rows:
        measure = f"（{row[2]}）" if row[2] else ""
        columns.append(printed.Column(str(row[0]), f"{row[0]} {row[1]}{measure}", 24, "right"))
    rows = tuple(
        (name, *(row[keys.index(unit)] for row in table.rows))
        for unit, name in zip(c.units, c.names, strict=True)
    )
    return Table(table.title, tuple(columns), rows)


def _tables_with_notes(results: Results, *tables: Table) -> Iterator[RenderableType]:
    for table in tables:
        if len(table):
            yield shown_table(results, table)
            yield from (Text(f"{note}。", style="dim") for note in table.notes)
