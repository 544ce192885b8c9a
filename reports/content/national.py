"""城市体检报告（住建部版）: the district by the Ministry's outline, in eight chapters and seven annexes.

《城市体检工作手册（试行）》 annex 3. The same run as the district's other report, read by the four scales; nothing is
computed anew. A chapter of the outline is always there; where a year has nothing for it, it says so in a line.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace

from ..blocks import Block, Prose, Report, Section, TableBlock
from ..tables.lists import title_of
from ..tables.national import scale_remedies
from ..tables.national_figures import ledger_by_town
from ..tables.national_problems import CITY, scale_problems
from ..tables.projects import project_table, wants_projects
from ..tables.scales import SCALES, scales_table
from ..tables.table import Table
from ..view import Scope, View
from .national_overview import overall, system, work
from .national_rest import action, last_year, quarters, special, survey
from .national_scales import scale_parts
from .parts import cover_map, method, quality, run_line

KIND = "城市体检报告"
_PROJECTS = 30  # rows of the projects printed; the workbook has them all
_SAME = ("no", "indicator", "result")  # cells that are not printed again below the first row of an indicator


def national_report(view: View) -> Report:
    """The report of the whole district by the Ministry's outline."""
    chapters = (
        work(view),
        system(view),
        overall(view),
        Section("分维度分析评价", (), scale_parts(view), new_page=True),
        replace(special(view), new_page=True),
        survey(view),
        replace(last_year(view), new_page=True),
        action(view),
    )
    return Report(
        kind=KIND, subject=view.name(view.district), district=view.name(view.district), year=view.results.year,
        synthetic=view.results.synthetic, run_line=run_line(view), cover=cover_map(view, view.district), portrait=None,
        sections=(*chapters, *annexes(view)), full=True,
    )  # fmt: skip


def annexes(view: View) -> tuple[Section, ...]:
    """附件1 to 附件7; what is another book of its own is named by its title."""
    title = {key: title_of(view, key) for key in ("ledger", "problems", "remedies")}
    topics = "、".join(f"《{topic}专项体检报告》" for topic in view.results.topics)
    areas = quarters(view)
    held: tuple[tuple[str, tuple[Block, ...], tuple[Section, ...], bool], ...] = (
        ("指标汇总表", (TableBlock(scales_table(view, view.district).without("code", "dimension"), dense=True),), (), True),
        (f"住房、小区（社区）、街区维度{title['ledger']}", (Prose((_ledger_said(view),)),), _ledgers(view), True),
        (title["problems"], (), _per_scale(view, scale_problems, "没有列入清单的问题。"), True),
        (title["remedies"], (), _per_scale(view, scale_remedies, "没有需要整治的问题。"), True),
        ("专项体检报告", (Prose((f"另册印发：{topics}。" if topics else "本年度没有设置专项体检。",)),), (), False),
        ("重点更新片区体检报告", (TableBlock(areas, "台账中没有需要更新改造的片区。", dense=True),), (), False),
        ("其他", (), _others(view), False),
    )  # fmt: skip
    return tuple(
        Section(name, blocks, parts, landscape=wide, number=f"附件{n} ")
        for n, (name, blocks, parts, wide) in enumerate(held, 1)
    )


def _ledger_said(view: View) -> str:
    lines = view.frame("ledger").height
    if not lines:
        return "本年度没有计数类问题记录。"
    return f"{title_of(view, 'ledger')}共{lines:,}行，逐个对象、逐个子项登记。此处按街镇汇总，对象名称见附件3，逐行台账见工作簿。"


def _ledgers(view: View) -> tuple[Section, ...]:
    """A table for each of the lower scales: how many things of each town have each problem."""
    tables = [ledger_by_town(view, scale) for scale in SCALES if scale != CITY]
    return tuple(Section(t.title, (TableBlock(t, dense=True),), continues=True) for t in tables if len(t))


def _per_scale(view: View, build: Callable[[View, str], Table], empty: str) -> tuple[Section, ...]:
    tables = [build(view, scale) for scale in SCALES]
    return tuple(
        Section(
            table.title,
            (
                TableBlock(
                    once(table.without_blank(("survey", "term", "degree", "difficulty")), _SAME),
                    empty,
                    dense=True,
                ),
            ),
            flows=True,
        )
        for table in tables
    )


def once(table: Table, keys: Sequence[str]) -> Table:
    """``table`` with the cells of ``keys`` empty in rows that go on with the number of the row before."""
    at = [i for i, c in enumerate(table.columns) if c.key in keys]
    first = table.keys.index("no")
    rows = [
        tuple(
            "" if n and i in at and row[first] == table.rows[n - 1][first] else cell
            for i, cell in enumerate(row)
        )
        for n, row in enumerate(table.rows)
    ]
    return replace(table, rows=tuple(rows))


def _others(view: View) -> tuple[Section, ...]:
    """更新项目清单 where the project asks for one, the quality of the data, and how everything was reckoned."""
    parts = [replace(quality(view, view.district), flows=True), replace(method(view), flows=True)]
    if wants_projects(view):
        table = project_table(view, Scope(units=(view.district, *view.of_level("town")), by_priority=True))
        brief = table.head(_PROJECTS).without("remedy_id", "funds", "status", "content")
        more = (
            f"共{len(table)}个，此处列前{_PROJECTS}个，全部见同名工作簿。" if len(table) > _PROJECTS else ""
        )
        parts.insert(
            0,
            Section(
                table.title,
                (Prose((more,)), TableBlock(brief.without_blank(("choice", "gain")), dense=True)),
                flows=True,
            ),
        )
    return tuple(parts)
