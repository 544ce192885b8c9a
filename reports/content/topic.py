"""专项体检报告: a topic, which is a named set of indicators."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import replace

from ...engine.results import UNGRADED
from .. import numbers
from ..blocks import Block, Prose, Report, Section, TableBlock
from ..tables.lists import band_of, decimals_of, indicator_table
from ..tables.table import Cell, Column, Figure, Table
from ..view import Row, Scope, View
from ..wording import words
from .figures import map_and_bars, value_map
from .needs import need_name, needs_section
from .parts import cover_map, evaluation, run_line
from .room import figure_room
from .service import service_part
from .topic_risk import risk_lists, risk_map

_SERVICE_MAP = 100.0  # mm: with its caption it finds room behind what is said of the indicator
DETAILED = (
    8  # indicators up to which each has its table of towns; of more the matrices tell their scores and values
)


def topic_report(view: View, topic: str) -> Report:
    """专项体检报告: the topic's indicators over the district and its towns. Raises KeyError for an unknown topic."""
    codes = tuple(c for c in view.results.topics[topic] if c in view.indicators)
    sections = (
        Section("总体结论", _topic_overall(view, topic, codes)),
        Section("分指标评价", (), _indicator_parts(view, codes)),
        *needs_section(view, topic, codes),
        *risk_map(view, topic, codes),
        *risk_lists(view, topic, codes),
    )
    last = replace(sections[-1], blocks=(*sections[-1].blocks, _where_told(view)))
    return Report(
        kind="专项体检报告", subject=topic, district=view.name(view.district),
        year=view.results.year, synthetic=view.results.synthetic, run_line=run_line(view),
        cover=cover_map(view, view.district), portrait=None, sections=(*sections[:-1], last), full=True,
    )  # fmt: skip


def _indicator_parts(view: View, codes: tuple[str, ...]) -> tuple[Section, ...]:
    """Every indicator, each followed by its map of who is served and who is not."""
    parts: list[Section] = []
    for code in codes:
        service = service_part(view, view.district, (code,), _SERVICE_MAP)
        brief = len(codes) > DETAILED
        one = _indicator_part(view, code, code == codes[0], brief, mapped=service is None)
        parts += [one, *([service] if service is not None else [])]
    return tuple(parts)


def _notes(view: View, topic: str, codes: tuple[str, ...]) -> tuple[Block, ...]:
    """Which of the topic's indicators have no figures or rest on unconfirmed definitions."""
    gone = [
        view.indicators[c]["name"]
        for c in codes
        if all(r["value"] is None for u in view.units for r in view.scores(u) if r["indicator"] == c)
    ]
    absent = [c for c in view.results.topics[topic] if c not in codes]
    unsure = [view.indicators[c]["name"] for c in codes if view.indicators[c]["confirmed"] is False]
    said = (
        f"专项写了、本次没有启用的指标：{'、'.join(absent)}。" if absent else "",
        f"没有数据的指标：{'、'.join(gone)}。" if gone else "",
        f"定义或标准出处尚未核实的指标：{'、'.join(unsure)}。" if unsure else "",
    )
    return (Prose(said, "note"),)


def _where_told(view: View) -> Prose:
    """Where the method and the data are told, at the report's end."""
    whole = f"{view.name(view.district)}区级体检报告"
    return Prose((f"计分方法、指标权重、数据质量和输入文件见{whole}。{run_line(view)}。",), "note")


def _topic_overall(view: View, topic: str, codes: tuple[str, ...]) -> tuple[Block, ...]:
    rows = [r for r in view.scores(view.district) if r["indicator"] in codes]
    scored = [r for r in rows if r["score"] is not None]
    judged = [
        reached
        for r in rows
        if (reached := words.reaches(r["value"], view.indicators[r["indicator"]])) is not None
    ]
    lowest = min(scored, key=lambda r: (r["score"], r["indicator"])) if scored else None
    said = [f"{topic}专项由{len(codes)}项指标组成，区级有数据{sum(r['value'] is not None for r in rows)}项。"]
    if judged:
        said.append(f"{len(judged)}项有标准的指标中{f'{sum(judged)}项' if any(judged) else '没有一项'}达标。")
    if lowest is not None:
        said.append(
            f"得分最低的是{words.indicator_name(view, lowest['indicator'])}（{numbers.score(lowest['score'])}分，"
            f"{lowest['grade']}）。"
        )
    units = view.subtree(view.district)
    return (
        Prose(("".join(said) + _towns_said(view, codes), words.problem_counts(view, units, codes))),
        TableBlock(_of_one_dimension(evaluation(view, view.district, codes)), dense=True),
        TableBlock(town_matrix(view, codes), dense=True),
        *((TableBlock(value_matrix(view, codes), dense=True),) if len(codes) > DETAILED else ()),
        *_notes(view, topic, codes),
    )


def _of_one_dimension(table: Table) -> Table:
    """The table without the dimension where all rows have the same: the indicators' names need the room."""
    return table.without("dimension") if len(set(table.values("dimension"))) == 1 else table


def _towns_said(view: View, codes: Sequence[str]) -> str:
    """Which towns do best and worst on the mean of the topic's scores; empty where fewer than three have any."""
    means = []
    for town in view.of_level("town"):
        held = [r["score"] for r in view.scores(town) if r["indicator"] in codes and r["score"] is not None]
        if held:
            means.append((sum(held) / len(held), town))
    if len(means) < 3:
        return ""
    means.sort(key=lambda m: (-m[0], m[1]))
    best, worst = means[0], means[::-1][: words.NAMED]
    low = "、".join(f"{view.name(u)}（{numbers.score(m)}分）" for m, u in worst)
    return f"各项得分平均，最高的是{view.name(best[1])}（{numbers.score(best[0])}分），最低的是{low}。"


def value_matrix(view: View, codes: Sequence[str]) -> Table:
    """Towns × the topic's indicators: values as measured, the district last."""
    columns = (
        Column("unit", "街镇", 26, nowrap=True),
        *(
            Column(c, _with_unit(view.indicators[c]), 24, "right", "number", decimals_of(view.indicators[c]))
            for c in codes
        ),
    )
    rows: list[tuple[Cell, ...]] = []
    for unit in (*view.of_level("town"), view.district):
        held = {r["indicator"]: r["value"] for r in view.scores(unit)}
        rows.append((view.name(unit), *(Figure(held.get(c), decimals_of(view.indicators[c])) for c in codes)))
    return Table("各街镇指标值", columns, tuple(rows)).without_blank(codes)


def _with_unit(indicator: Row) -> str:
    return f"{need_name(indicator)}（{indicator['unit']}）" if indicator["unit"] else need_name(indicator)


def town_matrix(view: View, codes: tuple[str, ...]) -> Table:
    """Towns × the topic's indicators: scores, with how many problems each town has in the list."""
    towns = view.of_level("town")
    columns = (
        Column("unit", "街镇", 26, nowrap=True),
        *(Column(c, need_name(view.indicators[c]), 24, "right", "number", 1) for c in codes),
        Column("problems", "问题数", 14, "right", "number"),
    )
    listed = view.frame("problem_list")
    rows = []
    for town in towns:
        held = {r["indicator"]: r["score"] for r in view.scores(town)}
        inside = listed.filter(
            listed["unit"].is_in(list(view.subtree(town))) & listed["indicator"].is_in(list(codes))
        )
        cells: tuple[Cell, ...] = (view.name(town), *(Figure(held.get(c), 1) for c in codes), inside.height)
        rows.append(cells)
    table = Table("各街镇得分与问题数", columns, tuple(rows), notes=("问题数含街镇本级和所属社区",))
    return table.without_blank(codes)


def _indicator_part(view: View, code: str, first: bool, brief: bool, *, mapped: bool) -> Section:
    """One indicator: definition, the district's value, the towns from worst to best (``brief``: drawn alone).

    Without the towns' map where that of its services stands below.
    """
    indicator = view.indicators[code]
    decimals = decimals_of(indicator)
    own = next((r for r in view.scores(view.district) if r["indicator"] == code), None)
    said = [indicator["definition"] or ""]
    if own is not None and own["value"] is not None:
        standard = numbers.with_unit(
            band_of(indicator) or numbers.number(indicator["target"], decimals), indicator["unit"] or ""
        )
        said.append(
            f"全区现状{numbers.quantity(own['value'], indicator['unit'], decimals)}，"
            f"{'没有标准' if standard == numbers.MISSING else f'标准{standard}'}，等级为{own['grade']}。"
        )
    rows = [r for u in view.of_level("town") for r in view.scores(u) if r["indicator"] == code]
    rows.sort(key=lambda r: (r["score"] if r["score"] is not None else 200.0, r["unit"]))
    table = _towns_table(view, code, rows)
    scores = {r["unit"]: (r["score"], r["grade"]) for r in rows}
    room = math.inf if brief else figure_room(("".join(said),), table, first)
    than = {r["unit"]: r["than_district"] for r in rows}
    whole = own["score"] if own else None
    figure = map_and_bars(view, scores, whole, indicator["name"], room, than, mapped=mapped) or value_map(
        view, {r["unit"]: r["value"] for r in rows}, code
    )
    shown = () if brief and figure else (TableBlock(table, "没有街镇数据。", dense=True),)
    return Section(indicator["name"], (Prose(("".join(said),)), *figure, *shown))


def _towns_table(view: View, code: str, rows: list[Row]) -> Table:
    """The towns' rows of 指标评估表 on one indicator, in the order of ``rows``."""
    indicator = view.indicators[code]
    table = indicator_table(view, Scope(units=tuple(view.of_level("town")), indicators=(code,)))
    order = {view.name(r["unit"]): i for i, r in enumerate(rows)}
    at = table.keys.index("unit_name")
    table = replace(
        table,
        rows=tuple(sorted(table.rows, key=lambda row: order[str(row[at])])),
        notes=(),
        source="",
        title=f"{indicator['name']}：各街镇（得分由低到高）",
        units=f"单位：{indicator['unit']}" if indicator["unit"] else "",
    )
    drops: tuple[str, ...] = (
        "no", "dimension", "indicator", "unit", "direction", "previous", "lead", "source", "district", "peers",
    )  # fmt: skip
    if set(table.values("ministry")) <= {UNGRADED, ""}:
        drops = (*drops, "ministry")
    return table.without(*drops).without_blank(("interval", "satisfaction", "note"))
