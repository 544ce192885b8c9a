"""街镇体检报告: a town beside its peers and its district, its communities, its lists."""

from __future__ import annotations

from dataclasses import replace

from ...engine.results import THIRDS
from .. import numbers
from ..blocks import Block, FigureBlock, Prose, Report, Section, TableBlock
from ..maps import graded
from ..tables.derivation import derivation_section
from ..tables.ministry import ministry_sections
from ..tables.table import Figure, Table
from ..view import Row, View
from ..wording import words
from ..wording.peers_said import peers_said
from ..wording.scale_words import treated_and_imputed
from ..wording.two_sizes_said import two_sizes_said
from .beside import beside_blocks, beside_said
from .figures import dimension_maps, judged, several, shapes_of
from .gains import town_gains
from .parts import cover_map, evaluation, findings_table, heat, portrait, run_line, unasked
from .problems import problems_section
from .review import review_section
from .robust import town_said
from .room import page_room
from .survey import survey_sections
from .tickets import ticket_sections
from .town_lists import town_lists
from .town_service import town_services
from .types import type_said

ASKED = 5  # questions of the survey that lie furthest above the district, and as many below
_MAP, _LEAST_MAP = (120.0, 88.0), 48.0
_HEAT_ROW, _HEAT_HEAD = 5.7, 40.0  # mm of the heat table: a row; title, header, legend and notes


def town_report(view: View, unit: str) -> Report:
    """The report of one town (街镇): a portrait, its place, its dimensions, its communities, its lists."""
    has_communities = any(view.total(u) for u in view.of_level("community", unit))
    dimensions = tuple(
        _dimension(view, unit, row["dimension"], i) for i, row in enumerate(view.dimensions(unit))
    )
    sections = [
        Section("总体评价", _overall(view, unit)),
        Section("分维度评价", (), dimensions),
        *town_services(view, unit),
        *([Section("社区比较", _communities(view, unit), new_page=True)] if has_communities else ()),
        *problems_section(view, unit),
        *(_asked_briefly(s) for s in survey_sections(view, unit)),
        *ticket_sections(view, unit),
        *town_gains(view, unit),
        *review_section(view, unit),
        *town_lists(view, unit),
        *ministry_sections(view, unit),
        *([derivation_section(view, unit, brief=True)] if view.dimensions(unit) else ()),
        _data(view, unit),
    ]
    return Report(
        kind="街镇体检报告", subject=view.name(unit), district=view.name(view.district), year=view.results.year,
        synthetic=view.results.synthetic, run_line=run_line(view), cover=cover_map(view, unit),
        portrait=portrait(view, unit), sections=tuple(sections), full=True,
    )  # fmt: skip


def _overall(view: View, unit: str) -> tuple[Block, ...]:
    """What the portrait does not say yet: its places, its type, how sure they are, what residents think."""
    paragraphs = (
        beside_said(view, unit) + peers_said(view, unit),
        type_said(view, unit) + two_sizes_said(view, unit),
        town_said(view, unit) + words.satisfaction_against(view, unit),
        words.problem_counts(view, view.subtree(unit)),
    )
    return (Prose(paragraphs), *beside_blocks(view, unit))


def _dimension(view: View, unit: str, dimension: str, at: int) -> Section:
    """One dimension; the first table carries the key to the spines of all."""
    codes = tuple(c for c, r in view.indicators.items() if r["dimension"] == dimension)
    said = words.dimension_levels(view, unit, dimension) + words.movers(view, unit, dimension)
    table = evaluation(view, unit, codes).without(
        "dimension", "interval"
    )  # the workbook has it: no room here
    notes = table.notes if at == 0 else ()
    table = replace(_noted_by_name(table), notes=notes, title=f"{dimension}：指标评估表")
    return Section(dimension, (Prose((said,)), TableBlock(table, dense=True)), flows=True)


def _noted_by_name(table: Table) -> Table:
    """备注 behind the indicator's name: few rows have one, and a column for them would break every name into pieces."""
    if not {"indicator", "note"} <= set(table.keys):
        return table
    at = table.keys.index("indicator")
    noted = [
        f"{name}（{note}）" if note else name
        for name, note in zip(table.values("indicator"), table.values("note"), strict=True)
    ]
    rows = tuple((*row[:at], name, *row[at + 1 :]) for row, name in zip(table.rows, noted, strict=True))
    return replace(table, rows=rows).without("note")


def _communities(view: View, unit: str) -> tuple[Block, ...]:
    """The communities × dimensions; where the page has room their map, or those of the dimensions if it had one colour."""
    inside = view.of_level("community", unit)
    grades = {u: judged(view, u)[1] for u in inside}
    scored = [u for u in inside if judged(view, u)[0] is not None]
    counts = "、".join(
        f"{name}{n}个" for name, _ in view.results.grade_cuts if (n := sum(grades[u] == name for u in scored))
    )
    intro = (
        f"{view.name(unit)}{len(scored)}个社区计得综合得分，其中{counts}。{_ends(view, scored)}"
        if scored
        else "各社区有数据的指标权重不足，不计综合得分。"
    )
    table = heat(view, "community", unit)
    room = page_room((intro,), True) - _HEAT_HEAD - _HEAT_ROW * len(table.rows)
    drawn = graded.choropleth(
        shapes_of(view, inside), grades, view.results.grade_cuts, "各社区综合等级图",
        (_MAP[0], min(room, _MAP[1])), labels={u: view.name(u) for u in inside},
    ) if room >= _LEAST_MAP and several(grades.values()) else None  # fmt: skip
    figure = (
        (FigureBlock((drawn,), f"各社区综合等级{f'：{counts}' if counts else ''}"),)
        if drawn
        else dimension_maps(view, inside)
        if room >= _LEAST_MAP and inside
        else ()
    )
    return (Prose((intro,)), table, *figure)


def _ends(view: View, scored: list[str]) -> str:
    """How many are in the first and the last third of the district's communities, and in which dimension they differ most."""
    thirds = [words.third_of(view.total(u) or {}) for u in scored]
    told = "、".join(f"{third}{n}个" for third in dict.fromkeys(THIRDS) if (n := thirds.count(third)))
    spread = {}
    for name in view.results.dimension_names:
        held = [(s, u) for u in scored if (s := judged(view, u, name)[0]) is not None]
        if len(held) > 1:
            spread[name] = (max(held)[0] - min(held)[0], min(held)[1])
    said = f"社区规模小、差异多出于偶然，位次只按全区社区的三等分给出：{told}。" if told else ""
    if not spread:
        return said
    wide = max(spread, key=lambda n: spread[n][0])
    gap, last = spread[wide]
    return f"{said}社区之间{wide}相差最大（{numbers.score(gap)}分），最低的是{view.name(last)}。"


def _asked_briefly(section: Section) -> Section:
    """The survey's section with only those questions in the table that lie furthest from the district."""
    return replace(
        section,
        blocks=tuple(
            replace(b, table=_furthest(b.table)) if isinstance(b, TableBlock) else b for b in section.blocks
        ),
    )


def _furthest(table: Table) -> Table:
    """The rows with the largest differences from the district to either side, in the table's order."""
    if "gap" not in table.keys or len(table) <= 2 * ASKED:
        return table
    gaps = [c.value if isinstance(c, Figure) and c.value is not None else 0.0 for c in table.values("gap")]
    order = sorted(range(len(gaps)), key=lambda i: (gaps[i], i))
    rows = tuple(table.rows[i] for i in sorted({*order[:ASKED], *order[-ASKED:]}))
    return replace(table, rows=rows, title=f"与全区相差最大的题目（共{len(table)}题，0—100分）")


def _data(view: View, unit: str) -> Section:
    """数据质量: what the checks found in this town's own data, and where method and inputs are told for all."""
    rows = [r for r in view.frame("findings").to_dicts() if _concerns(view, unit, r)]
    gone = [words.indicator_name(view, r["indicator"]) for r in view.scores(unit) if r["value"] is None]
    missing = f"没有数据的指标：{'、'.join(gone)}。" if gone else ""
    _, estimated = treated_and_imputed(view, unit)
    whole = f"{view.name(view.district)}区级体检报告"
    where = f"方法、权重、输入文件和其余数据提示见{whole}；满意度各题见清单工作簿。{run_line(view)}。"
    return Section(
        "数据质量",
        (
            Prose((unasked(view, unit), missing, estimated)),
            TableBlock(findings_table(rows), "数据校核没有发现只涉及本街镇数据的问题。", dense=True),
            Prose((where,), "note"),
        ),
    )


def _concerns(view: View, unit: str, finding: Row) -> bool:
    """Whether a finding names the town or a community of it."""
    said = "".join(str(finding[k] or "") for k in ("file", "sheet", "column", "value", "message"))
    return any(view.name(u) in said for u in view.subtree(unit))
