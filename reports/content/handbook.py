"""指标手册: every indicator in force as a printed reference, from the definitions alone; no run is needed."""

from __future__ import annotations

from collections import Counter

from ...indicators.loader import Library, indicator_frame
from ...indicators.measure_model import Count
from ...indicators.model import Indicator
from ..blocks import Block, Prose, Report, Section, TableBlock
from ..indicator_pages import STANDARD_HEADERS, measure_lines, standard_lines
from ..tables.scales import SCALES
from ..tables.table import Column, Table
from ..wording.indicator_words import METHOD_NAMES, Row, indicator_facts

FACTS = (Column("label", "项目", 30, nowrap=True), Column("text", "内容", 138))
_RULES = (Column("says", "问题", 58), Column("when", "条件", 74), Column("degree", "问题程度", 20, nowrap=True),
          Column("difficulty", "治理难度", 18, nowrap=True))  # fmt: skip
_ELSEWHERE = ("标准", "测算方式")  # have a table, or a line, of their own
# facts that are short are told side by side, so that two indicators find room on a page
_TOGETHER = (
    ("维度与尺度", ("维度", "尺度")), ("性质", ("单位与方向", "类型", "整治类型", "适用层级")),
    ("对照", ("满意度题目", "12345诉求类别")), ("责任单位", ("牵头单位", "配合单位")), ("出自", ("来源体系", "与官方文本核对")),
)  # fmt: skip
_STANDARD_WIDTHS = (20, 14, 14, 12, 12, 18, 20, 40, 20)


def handbook_report(library: Library, *, title: str, year: int, synthetic: str, version: str) -> Report:
    """The manual of the indicators in force in ``year``: the systems, an overview, a chapter for each dimension."""
    rows = {row["code"]: row for row in indicator_frame(library, year).to_dicts()}
    chapters = tuple(
        Section(
            dimension, (), tuple(_entry(i, rows[i.code]) for i in library.indicators if i.dimension == dimension), new_page=True
        )
        for dimension in library.dimension_names
        if any(i.dimension == dimension for i in library.indicators)
    )  # fmt: skip
    return Report(
        kind="指标手册", subject="", district=title, year=year, synthetic=synthetic, run_line=f"tijian {version}",
        cover=None, portrait=None, sections=(_systems(library, rows), *chapters), full=True,
    )  # fmt: skip


def _systems(library: Library, rows: dict[str, Row]) -> Section:
    """Which systems are in force, what they rest on, and how many indicators each scale and dimension has."""
    said = [
        line
        for s in library.systems
        for line in (f"{s.title}：{s.source}。", *s.notes.split("\n"))
        if line.strip()
    ]
    unsure = sum(not row["confirmed"] for row in rows.values())
    said.append(
        f"现行指标共{len(rows)}项"
        + (f"，其中{unsure}项的名称或口径尚未与官方文本核对，标有 * 号。" if unsure else "。")
    )
    if library.disabled:
        said.append("停用：" + "、".join(f"{code}（{why}）" for code, why in library.disabled.items()) + "。")
    counts = Counter((row["dimension"], row["scale"]) for row in rows.values())
    columns = (Column("dimension", "维度", 36, nowrap=True), *(Column(s, s, 28, "right", "number") for s in SCALES),
               Column("all", "合计", 20, "right", "number"))  # fmt: skip
    body = tuple(
        (d, *(counts[d, s] or None for s in SCALES), sum(counts[d, s] for s in SCALES))
        for d in library.dimension_names
    )
    return Section(
        "指标体系", (Prose(tuple(said)), TableBlock(Table("各维度、各尺度的指标数", columns, body)))
    )


def _joined(facts: dict[str, str]) -> list[tuple[str, str]]:
    """The facts with those of one group in one line, where the first of the group stood."""
    group = {label: (title, labels) for title, labels in _TOGETHER for label in labels}
    told: dict[str, str] = {}
    for label, text in facts.items():
        title, labels = group.get(label, (label, (label,)))
        part = text if len(labels) == 1 or label in ("维度", "单位与方向") else f"{label} {text}"
        told[title] = f"{told[title]}；{part}" if title in told else part
    return list(told.items())


def _entry(indicator: Indicator, row: Row) -> Section:
    """One indicator: its facts, its dated standards, its sub-rules, and how it is computed."""
    measured = "；".join(f"{what} {text}" for what, text in measure_lines(indicator.measure))
    facts = _joined({label: text for label, text in indicator_facts(row) if text and label not in _ELSEWHERE})
    facts.append(("计算式", f"{METHOD_NAMES[indicator.measure.method]}：{measured}"))
    blocks: list[Block] = [TableBlock(Table("定义与算法", FACTS, tuple(facts)), dense=True)]
    if indicator.standard:
        columns = tuple(
            Column(f"c{n}", header, width) for n, (header, width) in enumerate(zip(STANDARD_HEADERS, _STANDARD_WIDTHS, strict=True))
        )  # fmt: skip
        table = Table("标准", columns, tuple(standard_lines(indicator)))
        blank = (f"c{n}" for n in range(1, 7))
        blocks.append(TableBlock(table.without_blank(tuple(blank)), dense=True))
    if isinstance(indicator.measure, Count):
        rules = tuple((r.says, r.when, r.degree, r.difficulty) for r in indicator.measure.rule)
        blocks.append(TableBlock(Table("体检内容（子项）", _RULES, rules), dense=True))
    mark = "" if indicator.confirmed else " *"
    return Section(f"{indicator.code} {indicator.name}{mark}", tuple(blocks))
