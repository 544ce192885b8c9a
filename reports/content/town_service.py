"""服务覆盖 of a town in one chapter: maps two by two, all services by community in one table, minutes on foot."""

from __future__ import annotations

from collections.abc import Sequence

from ..blocks import Block, FigureBlock, Prose, Section, TableBlock
from ..tables.table import Cell, Column, Figure, Table
from ..view import View
from .service import LEAST_SHARE, WIDTH, Service, figure_of, services, spoken
from .walk_bands import walking_parts

TITLE = "服务覆盖"
MAPS = 4  # one a dimension, those with most demand left without first
TOLD = 3  # services without a map that are told in words; the table has them all
SHOWN = 8  # services side by side in the table
ROWS = 12  # communities of the table
WALKED = 8  # communities of a table of minutes on foot
_ALONE, _PAIR = (WIDTH, 125.0), (83.5, 78.0)


def town_services(view: View, unit: str) -> tuple[Section, ...]:
    """The chapter; nothing where nobody is left without and the run has no places."""
    found = [s for s in services(view, unit, tuple(view.indicators)) if s.share >= LEAST_SHARE]
    walked = tuple(
        block for part in walking_parts(view, unit, tuple(view.indicators), WALKED) for block in part.blocks
    )
    if not found:
        return (Section("步行可达", walked),) if walked else ()
    mapped = _mapped(view, found)
    told = "".join(spoken(view, unit, s) for s in [s for s in found if s not in mapped][:TOLD])
    blocks: list[Block] = [*_figures(view, unit, mapped), Prose((told,))]
    blocks.append(TableBlock(services_table(view, unit, found[:SHOWN]), dense=True))
    return (Section(TITLE, (*blocks, *walked), flows=True),)


def _mapped(view: View, found: Sequence[Service]) -> list[Service]:
    """The one with most unserved demand of each dimension."""
    first: dict[str, Service] = {}
    for service in found:
        first.setdefault(view.indicators[service.code]["dimension"], service)
    return list(first.values())[:MAPS]


def _figures(view: View, unit: str, mapped: Sequence[Service]) -> list[FigureBlock]:
    """Maps in pairs; an odd last one, or a single one, takes the whole width."""
    figures = []
    for i in range(0, len(mapped), 2):
        pair = mapped[i : i + 2]
        size = _PAIR if len(pair) > 1 else _ALONE
        drawn = [figure_of(view, unit, s, size) for s in pair]
        charts = tuple(chart for chart, _ in drawn if chart is not None)
        captions = [caption for chart, caption in drawn if chart is not None]
        if len(charts) > 1:
            captions = [f"{side}：{said}" for side, said in zip("左右", captions, strict=True)]
        if charts:
            figures.append(FigureBlock(charts, "。".join(captions)))
    return figures


def services_table(view: View, unit: str, found: Sequence[Service]) -> Table:
    """Communities × services: the share of each one's demand left without, those worst off over all of them first."""
    held = {s.code: {u: (missing, total) for u, missing, total in s.below} for s in found}
    inside = [u for u in view.of_level("community", unit) if any(u in of for of in held.values())]

    def share(code: str, community: str) -> float | None:
        missing, total = held[code].get(community, (0.0, 0.0))
        return 100 * missing / total if total else None

    def worst(community: str) -> tuple[float, str]:
        shares = [s for code in held if (s := share(code, community)) is not None]
        return -sum(shares) / len(shares), community

    order = sorted(inside, key=worst)
    columns = (
        Column("unit", "社区", 30, nowrap=True),
        *(Column(s.code, view.indicators[s.code]["name"] or s.code, 18, "right", "number") for s in found),
    )
    rows: list[tuple[Cell, ...]] = [
        (view.name(u), *(Figure(share(s.code, u), 1) for s in found)) for u in order[:ROWS]
    ]
    rows.append((view.name(unit), *(Figure(100 * s.share, 1) for s in found)))
    cut = len(order) - ROWS
    notes = (
        "人口或用地中没有服务的占比，各项平均由高到低" + (f"；另有{cut}个社区较低，未列" if cut > 0 else ""),
    )
    return Table("各社区没有服务的占比", columns, tuple(rows), units="单位：%", notes=notes)
