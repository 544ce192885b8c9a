"""Parts that several reports share: portrait, spines of the district, survey, data quality, method."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from ...engine.results import UNGRADED
from .. import numbers
from ..blocks import (
    DimensionRow,
    Heat,
    HeatCell,
    HeatRow,
    Metric,
    Portrait,
    Prose,
    Section,
    TableBlock,
)
from ..charts.radar import radar
from ..charts.rows import rank_chart, score_bar
from ..charts.svg import Chart
from ..maps import graded
from ..tables.inputs import inputs_table
from ..tables.lists import indicator_table, unit_label
from ..tables.spine import spine_of
from ..tables.table import Cell, Column, Figure, Table
from ..tables.weights import weights_table
from ..view import Row, Scope, View
from ..wording import words
from ..wording.past_words import NOT_COMPARED
from ..wording.scale_words import treated_and_imputed
from .figures import judged, shapes_of
from .highlights import highlights
from .questions import questions_told
from .types import type_of

# columns of 指标评估表 that a printed page leaves to the workbook
PAGE_DROPS = ("unit_name", "direction", "previous", "lead", "source", "no", "ministry")
LEADS = 2  # of an indicator, named in a printed table
POSITION_NOTE = (
    "左差右优：浅带为同类范围，深带为中间一半，竖线为中位数，三角为标准值；本单元优于全区的为实心圆，与全区无明显差异的为空心圆，"
    "差于全区的为菱形，不作比较的为小点"
)


def run_line(view: View) -> str:
    """``运行编号 … · tijian 0.1.0``: what every report ends with."""
    return f"运行编号 {view.results.run_id} · tijian {view.results.version}"


def cover_map(view: View, unit: str) -> Chart | None:
    """The towns of the district in a quiet drawing, this unit's town filled."""
    towns = view.of_level("town")
    row = view.units.get(unit, {})
    return graded.silhouette(shapes_of(view, towns), row.get("town") or "", 120, 105)


def portrait(view: View, unit: str, excerpts: Sequence[int] = (12, 10, 8, 6)) -> Portrait:
    """体检画像: the unit on one page, with as many rows of the evaluation table as fit, worst and best first."""
    total = view.total(unit)
    level = view.units[unit]["level"]
    rows = view.dimensions(unit)
    return Portrait(
        heading=f"{unit_label(view, unit)} · 体检画像",
        facts=facts(view, unit),
        score=numbers.beside_grade(total["score"] if total else None, view.cuts),
        metrics=_metrics(view, unit, total),
        paragraph=portrait_paragraph(view, unit),
        radar=_radar(view, unit),
        radar_caption=_radar_caption(view, unit, level),
        dimensions=tuple(_dimension_row(view, row) for row in rows),
        reference_title="较上年" if level == "district" else "与全区差",
        lists=highlights(view, unit),
        excerpts=tuple(excerpt(view, unit, rows) for rows in excerpts if view.scores(unit)),
    )


def facts(view: View, unit: str) -> str:
    """``区 · 常住人口180万人 · 面积583.4 km² · 17个街镇``: what a unit is and how large."""
    row = view.units[unit]
    parts = [row["kind"] or ""]
    if numbers.known(row["population"]):
        parts.append(f"常住人口{numbers.people(row['population'])}")
    if numbers.known(row["area_km2"]):
        parts.append(f"面积{numbers.quantity(row['area_km2'], 'km²', 1)}")
    kind = type_of(view, unit)
    parts.append(kind["name"] if kind else "")
    for level, noun in (("town", "街镇"), ("community", "社区")):
        inside = view.of_level(level, within=unit) if row["level"] != level else []
        if inside:
            parts.append(f"{len(inside)}个{noun}")
    return " · ".join(p for p in parts if p)


def _metrics(view: View, unit: str, total: Row | None) -> tuple[Metric, ...]:
    if total is None:
        return (Metric("等级", UNGRADED, grade=True),)
    metrics = [Metric("等级", total["grade"] or UNGRADED, grade=True)]
    if total["level"] == "community":
        third = words.third_of(total)
        metrics.append(Metric(f"在全区{total['peers']}个社区中", third))
    elif total["level"] != "district" and total["rank"] is not None:
        interval = numbers.span(total["rank_low"], total["rank_high"])
        tail = f"（{interval}）/{total['peers']}" if interval else f"/{total['peers']}"
        metrics.append(Metric("全区名次（权重变动的90%区间）", str(total["rank"]), tail))
    if numbers.known(total["change"]):
        metrics.append(Metric("较上年", numbers.signed(total["change"], 1)))
    elif total["break_reason"]:
        metrics.append(Metric("较上年", NOT_COMPARED))
    if numbers.known(total["satisfaction"]):
        metrics.append(Metric("居民满意度", numbers.score(total["satisfaction"])))
    return tuple(metrics)


def portrait_paragraph(view: View, unit: str) -> str:
    """The one paragraph a leader reads: standing, dimensions, the worst problem, what is missing."""
    level = view.units[unit]["level"]
    middle = words.dimension_order(view, unit) if level == "district" else words.dimension_gaps(view, unit)
    spread = words.peers_spread(view, "town") if level == "district" else ""
    said = (
        words.standing(view, unit), middle, spread, words.vetoes(view, unit),
        words.worst_problem(view, unit), words.missing(view, unit),
    )  # fmt: skip
    return "".join(said)


def _radar(view: View, unit: str) -> Chart | None:
    rows = view.dimensions(unit)
    if sum(r["score"] is not None for r in rows) < 3:
        return None  # no shape to see
    district = view.units[unit]["level"] == "district"
    return radar(
        [r["dimension"] for r in rows],
        [r["score"] for r in rows],
        [r["previous"] if district else r["district_score"] for r in rows],
        [r["grade"] for r in rows],
        view.results.grade_cuts,
    )


def _radar_caption(view: View, unit: str, level: str) -> str:
    rows = view.dimensions(unit)
    reference = [r["previous"] if level == "district" else r["district_score"] for r in rows]
    both = [
        (r["score"], q)
        for r, q in zip(rows, reference, strict=True)
        if r["score"] is not None and q is not None
    ]
    other = "上年" if level == "district" else "全区"
    if not both:
        return "实线为今年得分；点色为等级"
    ahead = sum(score >= q + words.WORTH_SAYING for score, q in both)
    own = "本区" if level == "district" else "本单元"
    return f"{len(both)}个维度中{ahead}个高于{other}{words.WORTH_SAYING:g}分以上。实线为{own}，虚线为{other}；点色为等级"


def _dimension_row(view: View, row: Row) -> DimensionRow:
    district = row["level"] == "district"
    reference = row["previous"] if district else row["district_score"]
    gap = None if row["score"] is None or reference is None else row["score"] - reference
    return DimensionRow(
        row["dimension"], numbers.beside_grade(row["score"], view.cuts),
        score_bar(row["score"], reference, row["grade"], view.results.grade_cuts),
        numbers.signed(gap, 1), row["grade"] or UNGRADED,
    )  # fmt: skip


def excerpt(view: View, unit: str, rows: int) -> TableBlock:
    """The rows of 指标评估表 with the lowest and the highest scores, half of each."""
    table = evaluation(view, unit)
    scored = [
        i
        for i, cell in enumerate(table.values("score"))
        if isinstance(cell, Figure) and cell.value is not None
    ]
    order = sorted(scored, key=lambda i: (_value(table.values("score")[i]), i))
    low, high = rows - rows // 2, rows // 2
    best = order[len(order) - min(high, max(0, len(order) - low)) :]
    chosen = [*order[:low], *best[::-1]]  # the worst of all at the top, below the others the best of all
    picked = replace(table, rows=tuple(table.rows[i] for i in chosen), notes=(), source="")
    title = f"{table.title}（节选：得分最低和最高的指标）" if len(chosen) < len(table) else table.title
    return TableBlock(
        replace(
            picked.without("satisfaction", "note", "peers", "dimension", "lead", "interval"), title=title
        ),
        dense=True,
    )


def _value(cell: Cell) -> float:
    return cell.value if isinstance(cell, Figure) and cell.value is not None else 0.0


def evaluation(view: View, unit: str, indicators: tuple[str, ...] | None = None) -> Table:
    """指标评估表 as a page shows it: the spine in, what only the workbook needs out.

    The district has no peers: its spine shows the spread of its towns with the district's own value on it.
    """
    district = view.units[unit]["level"] == "district"
    drops = [key for key in PAGE_DROPS if not (district and key == "lead")]
    table = indicator_table(view, Scope(units=(unit,), indicators=indicators)).without(*drops)
    if district:
        rows = [r for r in view.scores(unit) if indicators is None or r["indicator"] in indicators]
        table = _with_spines(
            table, [spine_of(_towns_around(view, r), view.indicators[r["indicator"]]) for r in rows]
        )
        table = _retitled(
            table.without("rank", "district", "peers", "interval"), "spine", "全区（点）与各街镇"
        )
    else:
        noun = words.level_name(view.units[unit]["level"])
        peers = max((r["peers"] or 0 for r in view.scores(unit)), default=0)
        table = _retitled(table.without("peers"), "spine", f"在{peers}个{noun}中的位置")
    shown = _short_leads(table.without_blank(("satisfaction", "note", "change", "interval")))
    return replace(shown, notes=(f"位置图{POSITION_NOTE}",))


def short_leads(names: Sequence[str]) -> tuple[str, ...]:
    """The first two 牵头单位 and how many there are, where there are more."""
    return tuple(names) if len(names) <= LEADS else (*names[:LEADS], f"等{len(names)}个单位")


def _short_leads(table: Table) -> Table:
    """The first two 牵头单位 of each row; all of them would make a row of six lines."""
    if "lead" not in table.keys:
        return table
    at = table.keys.index("lead")

    def short(cell: Cell) -> Cell:
        return short_leads(cell) if isinstance(cell, tuple) else cell

    return replace(table, rows=tuple((*row[:at], short(row[at]), *row[at + 1 :]) for row in table.rows))


def _towns_around(view: View, row: Row) -> Row:
    """The district's row with the spread of its towns on the same indicator."""
    for town in view.of_level("town"):
        for other in view.scores(town):
            if other["indicator"] == row["indicator"] and other["peer_low"] is not None:
                keys = ("peer_low", "peer_q1", "peer_median", "peer_q3", "peer_high")
                return {**row, **{k: other[k] for k in keys}}
    return row


def _with_spines(table: Table, spines: Sequence[Cell]) -> Table:
    at = table.keys.index("spine")
    rows = tuple((*row[:at], s, *row[at + 1 :]) for row, s in zip(table.rows, spines, strict=True))
    return replace(table, rows=rows)


def _retitled(table: Table, key: str, title: str) -> Table:
    columns = tuple(replace(c, title=title) if c.key == key else c for c in table.columns)
    return replace(table, columns=columns)


def heat(view: View, level: str, within: str | None = None, only: Sequence[str] | None = None) -> Heat:
    """Units of a level (``only`` some) × dimensions, best total first; towns carry their rank interval, communities their third."""
    chosen = view.of_level(level, within) if only is None else only
    units = [u for u in chosen if view.total(u) is not None]
    units.sort(key=lambda u: (-score if (score := judged(view, u)[0]) is not None else 1.0, u))
    small = level == "community"
    held = {r["dimension"] for u in units for r in view.dimensions(u) if r["score"] is not None}
    names = tuple(d for d in view.results.dimension_names if d in held)
    rows = tuple(_heat_row(view, unit, small, names) for unit in units)
    notes: tuple[str, ...] = ("格内为得分，底色为等级；未评价的格不着色。",)
    if not small:
        notes = (*notes, "横条为权重变动时名次的90%区间，左差右优；区间重叠的单元，名次先后不宜解读。")
    title = f"各{words.level_name(level)}各维度得分与{'位次' if small else '排名区间'}"
    interval = "在全区的位置" if small else "权重变动的90%区间（左差右优）"
    return Heat(title, names, rows, interval, notes)


def _heat_row(view: View, unit: str, small: bool, names: Sequence[str]) -> HeatRow:
    held = {r["dimension"]: r for r in view.dimensions(unit)}
    total = view.total(unit) or {}
    cells = tuple(
        HeatCell(
            numbers.beside_grade(held[d]["score"], view.cuts, 0) if d in held else numbers.MISSING,
            held[d]["grade"] if d in held else "",
        )
        for d in names
    )
    if small:
        place, chart = words.third_of(total), None
    else:
        place = numbers.rank(total["rank"], None, total["rank_low"], total["rank_high"])
        chart = rank_chart(total["rank"], total["rank_low"], total["rank_high"], total["peers"] or 1, 30)
    return HeatRow(
        view.name(unit),
        cells,
        numbers.beside_grade(total["score"], view.cuts),
        total["grade"] or UNGRADED,
        place,
        chart,
    )


def quality(view: View, unit: str, title: str = "数据质量") -> Section:
    """What was wrong with the inputs, as far as it did not stop the run, and whether residents were asked."""
    rows = view.frame("findings").to_dicts()
    rest = f"另有{len(rows) - 40}条，见工作簿或 tijian check。" if len(rows) > 40 else ""
    intro = (
        f"数据校核发现{len(rows)}条提示，不影响计算继续；列出如下，请责任单位更正后重新运行。" if rows else ""
    )
    return Section(
        title,
        (
            Prose((intro, unasked(view, unit))),
            TableBlock(findings_table(rows[:40]), "数据校核没有发现问题。"),
            Prose((rest,), "note"),
            *(questions_told(view) if unit == view.district else ()),
            Prose(treated_and_imputed(view, unit)),
        ),
    )


def unasked(view: View, unit: str) -> str:
    """That no residents were asked, where they were not."""
    return "" if surveyed(view, unit) else "本年度没有本单元的居民问卷数据，满意度未参与评价。"


def findings_table(rows: Sequence[Row]) -> Table:
    """What the checks of the inputs found: where, what stands there, what is wrong and what would be right."""
    columns = (
        Column("no", "序号", 9, "right", "number"),
        Column("code", "编号", 13, nowrap=True),
        Column("place", "位置", 55),
        Column("value", "原值", 25),
        Column("message", "问题", 60),
        Column("expected", "应为", 30),
    )
    shown = tuple(
        (i, row["code"], _finding_place(row), row["value"] or "", row["message"] or "", row["expected"] or "")
        for i, row in enumerate(rows, 1)
    )
    return Table("数据质量问题", columns, shown)


def surveyed(view: View, unit: str) -> bool:
    """Whether there are residents' answers for a unit."""
    return not view.frame("survey").filter(unit=unit).drop_nulls("score").is_empty()


def _finding_place(row: Row) -> str:
    parts = (row["file"], row["sheet"], f"第{row['row']}行" if row["row"] is not None else "", row["column"])
    return " › ".join(p for p in parts if p)


def method(view: View, title: str = "方法与溯源", *, weights: bool = False) -> Section:
    """Every choice of the scheme in words, the weights (of the district's report alone), the inputs with their hashes."""
    unsure = [r["name"] for r in view.indicators.values() if r["confirmed"] is False]
    doubt = f"以下指标的定义或标准出处尚未核实：{words.names(unsure, 12)}。" if unsure else ""
    return Section(
        title,
        (
            Prose(tuple(view.results.method_notes), "terms"),
            Prose((doubt,)),
            *(
                [TableBlock(table, dense=True)]
                if weights and len(table := weights_table(view, "district", together=True))
                else ()
            ),
            TableBlock(inputs_table(view), "没有登记输入文件。", dense=True),
            Prose((f"{run_line(view)}。同样的输入与设置得到同样的结果和同样的报告文件。",), "note"),
        ),
    )
