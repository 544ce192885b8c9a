"""风险清单 and 风险分布图 of a topic (专项): the gravest of its problems by name, and which units come first.

What counts things (栋、处、个) is weighed as the safety chapter weighs it, over the ground; a topic of rates alone by the
severity of its listed problems. Both rules are in ``engine/diagnosis/risk.py``.
"""

from __future__ import annotations

from collections.abc import Sequence

from ...engine.diagnosis import risk
from ...engine.results import SEVERITIES
from .. import numbers
from ..blocks import Block, FigureBlock, Prose, Section, TableBlock
from ..maps.graded import classed_map
from ..tables.lists import ledger_table, problem_table
from ..tables.table import Table
from ..view import Scope, View
from ..wording import words
from ..wording.brief import brief
from .figures import shapes_of
from .lists import list_section, shown
from .problems import Risk, problem_blocks, units_by_risk

SAID = 80  # characters of a problem
LISTED = 36  # problems on paper; the workbook has them all
THINGS = 30  # of the ledger, the gravest first
REMEDIES = 20
UNITS = 10  # of the highest risk
_MAP, _PAIR = (130.0, 105.0), (83.0, 92.0)


def counts_of(view: View, codes: Sequence[str]) -> list[str]:
    """Those of the indicators that count things."""
    return [c for c in codes if view.indicators[c]["method"] == "count"]


def topic_risk(view: View, codes: Sequence[str], level: str) -> Risk:
    """The risk of every unit of a level by the topic's indicators."""
    results, counts = view.results, counts_of(view, codes)
    if counts:
        frame = risk.risk_of_units(
            view.frame("ledger"), results.indicators, view.frame("measurements"), results.units, level, counts
        )
    else:
        frame = risk.severity_of_units(
            view.frame("problem_list"),
            results.indicators,
            view.frame("measurements"),
            results.units,
            level,
            list(codes),
        )
    return Risk(level, {r["unit"]: r for r in frame.to_dicts()}, risk.limits_of(frame["index"]))


def risk_map(view: View, topic: str, codes: Sequence[str]) -> tuple[Section, ...]:
    """风险分布图: units by level of risk, and the points of the ledger; nothing where there is neither."""
    parts = [
        Section(title, blocks, flows=True)
        for title, blocks in (
            ("风险等级", _units(view, topic, codes)),
            ("问题地图", problem_blocks(view, view.district, codes)),
        )
        if blocks
    ]
    return (Section("风险分布图", (), tuple(parts), new_page=True),) if parts else ()


def risk_lists(view: View, topic: str, codes: Sequence[str]) -> tuple[Section, ...]:
    """风险清单, the ledger's gravest things and what is to be done."""
    sections = [_list(view, topic, codes)]
    if len(things := _things(view, codes)):
        rest = _rest(len(view.listed("ledger", Scope(indicators=tuple(codes)))), THINGS)
        sections.append(
            Section(
                "重点隐患与问题", (TableBlock(things, dense=True), Prose((rest,), "note")), landscape=True
            )
        )
    todo = Scope(indicators=tuple(codes), by_priority=True)
    return (*sections, list_section(view, "remedies", todo, ("supporting",), REMEDIES))


def _units(view: View, topic: str, codes: Sequence[str]) -> tuple[Block, ...]:
    """The towns and communities by level of risk, side by side, and the first of them; nothing where none is found."""
    held = [topic_risk(view, codes, level) for level in ("town", "community")]
    found = [r for r in held if any(r.at(u) for u in view.of_level(r.level))]
    if not found:
        return ()
    size = _PAIR if len(found) > 1 else _MAP
    over = shapes_of(view, view.of_level("town"))
    charts, told = [], []
    for one in found:
        units = view.of_level(one.level)
        at = [one.at(u) for u in units]
        counts = "、".join(f"{n}{c}个" for i, n in reversed(list(enumerate(one.names))) if (c := at.count(i)))
        noun = words.level_name(one.level)
        told.append(f"{len(units)}个{noun}中{counts}")
        names = {u: view.name(u) for u in units} if one.level == "town" else {}
        fine = over if one.level == "community" else {}
        charts.append(
            classed_map(
                shapes_of(view, units),
                one.classes(units),
                f"{topic}：各{noun}风险等级图",
                size,
                names,
                over=fine,
            )
        )
    drawn = tuple(c for c in charts if c is not None)
    sides = [f"{side}：{said}" for side, said in zip("左右", told, strict=False)] if len(drawn) > 1 else told
    figure = (FigureBlock(drawn, f"{topic}风险等级：{'；'.join(sides)}"),) if drawn else ()
    rule = _rule(view, codes, [words.level_name(r.level) for r in found])
    last = found[-1]
    title = f"{topic}风险最高的{words.level_name(last.level)}"
    table = units_by_risk(view, title, last, view.of_level(last.level), UNITS)
    return (Prose((rule,)), *figure, TableBlock(table, dense=True))


def _rule(view: View, codes: Sequence[str], nouns: Sequence[str]) -> str:
    counts, shares = counts_of(view, codes), "、".join(str(p) for p in risk.PERCENTILES)
    if counts:
        weights = "、".join(f"{d}{w:g}" for d, w in risk.WEIGHTS.items())
        head = (
            f"风险指数由本专项{len(counts)}项计数指标的台账得出：按问题程度计分（{weights}），底线型指标加倍，"
            "同一对象在一项指标中只计最重的一条，合计后除以单元面积（分/km²）。"
        )
    else:
        weights = "、".join(f"{s}{w:g}" for s, w in risk.SEVERITY_WEIGHTS.items())
        head = (
            f"本专项的指标都不是逐处清点的，风险指数按问题清单的严重程度计分（{weights}，没有问题为0），底线型指标加倍，"
            "取有数据的各项指标的平均。"
        )
    return f"{head}等级界限为全区{'、'.join(nouns)}指数（大于0的）的第{shares}百分位，只说明整治的先后，不说明是否安全。"


def _list(view: View, topic: str, codes: Sequence[str]) -> Section:
    """The problems of the topic, the gravest colour first and within it by priority, with the things by name."""
    table = problem_table(view, Scope(indicators=tuple(codes), by_priority=True)).without("id", "supporting")
    if "severity" in table.keys:
        order = {s: i for i, s in enumerate(SEVERITIES)}
        graver = sorted(
            zip(table.values("severity"), table.rows, strict=True), key=lambda r: order.get(str(r[0]), 9)
        )
        at = table.keys.index("problem")
        rows = tuple(
            (i, *row[1:at], brief(str(row[at]), SAID), *row[at + 1 :]) for i, (_, row) in enumerate(graver, 1)
        )
        table = Table("风险清单（由重到轻，同级按优先级）", table.columns, rows, source=table.source)
    block = TableBlock(shown(table, LISTED), f"{topic}没有列入问题清单的问题。", dense=True)
    return Section("风险清单", (block, Prose((_rest(len(table), LISTED),), "note")), landscape=True)


def _things(view: View, codes: Sequence[str]) -> Table:
    """The ledger's gravest lines."""
    table = ledger_table(view, Scope(indicators=tuple(codes))).without("thing")
    order = {d: -w for d, w in risk.WEIGHTS.items()}
    rows = sorted(
        zip(table.values("degree"), table.rows, strict=True), key=lambda r: order.get(str(r[0]), 0.0)
    )
    first = tuple(row for _, row in rows[:THINGS])
    return Table("问题台账中程度最重的", table.columns, first).without_blank(("difficulty", "treatment"))


def _rest(count: int, most: int) -> str:
    return f"共{numbers.number(count)}行，此处列前{most}行，其余见清单工作簿。" if count > most else ""
