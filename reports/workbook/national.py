"""The workbook 一表一台账两清单: the Ministry's tables of the four scales, as its handbook asks to hand them on.

指标汇总表, then for each scale 指标调查表, 问题台账, 问题清单, 整治建议清单 (``tables/national.py``). Indicators lead from
list to list and to the ledger and back. A record of the district: nothing in it is filled in, 一表三清单 is for that.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

from .. import numbers
from ..tables.national import national_tables
from ..tables.scales import SCALES
from ..tables.table import Column, Table
from ..theme import load_theme
from ..view import View
from .book import facts_of, set_properties, sheet_names
from .cover import COVER_NAME, Cover, Entry, write_cover
from .links import Links
from .parts import part_of
from .sheet import FIRST_ROW, TITLE_ROW, Plan, kept, link_to, write_table
from .styles import Styles, whole_book

NAME = "一表一台账两清单"
LEDGER_LINES = Column("ledger", "台账", 24, nowrap=True)
_OF_SCALE = ("指标调查表", "问题台账", "问题清单", "整治建议清单")
_FREEZE = (
    "unit_name",
    "indicator",
    "name",
    "unit",
    "town",
)  # the first of these that a table has stays in view
_GUIDE = (
    "住房、小区（社区）、街区、城区（城市）四个尺度，每个尺度依次为指标调查表、问题台账、问题清单、整治建议清单。",
    "蓝色带下划线的单元格可点击：在问题清单中点指标项到整治建议，点台账列到问题台账的对应行；在整治建议清单和问题台账中点指标回到问题清单；"
    "点各表标题回到本页。",
    "本册为全区汇总，单元格已锁定（无密码）；整改情况在“一表三清单”工作簿中填写。没有的数值显示为“—”，不等于零。",
)


def write_national(view: View, out: Path) -> Path:
    """Write the district's workbook of the national edition under ``out``; where it is."""
    results, part = view.results, part_of(view, None, None, NAME)
    tables = _tables(view)
    names = sheet_names({title: title for title in tables})
    links = _links(tables, names)
    path = out / part.path
    plans = {
        title: Plan(
            name=names[title], about=f"{part.about} · {results.year} 年度", label=results.synthetic,
            footer=f"运行编号 {results.run_id}", freeze=next((k for k in _FREEZE if k in table.keys), table.keys[0]),
            links=links[title], home=link_to(COVER_NAME, TITLE_ROW),
        )
        for title, table in tables.items()
    }  # fmt: skip
    entries = tuple(Entry(names[title], len(table), table.notes) for title, table in tables.items())
    facts = facts_of(results, part.about)
    cover = Cover(results.title, NAME, results.synthetic, facts, entries, _GUIDE, "使用说明")
    with whole_book(path) as book:
        set_properties(book, results, NAME, part.about)
        styles = Styles(book, load_theme(), results.grade_cuts)
        sheet = book.add_worksheet(COVER_NAME)
        for title, table in tables.items():
            write_table(book.add_worksheet(names[title]), styles, table, plans[title])
        write_cover(sheet, styles, cover, plans[next(iter(tables))])
    return path


def _tables(view: View) -> dict[str, Table]:
    """The national tables, 问题清单 with the ledger's lines behind each indicator."""
    tables = national_tables(view)
    for scale in SCALES:
        problems, ledger = tables.get(f"{scale}问题清单"), tables.get(f"{scale}问题台账")
        if problems is not None and ledger is not None:
            spans = _spans(ledger)
            told = [_lines_said(ledger, spans.get(indicator)) for indicator in problems.values("indicator")]
            rows = tuple((*row, said) for row, said in zip(problems.rows, told, strict=True))
            tables[f"{scale}问题清单"] = replace(
                problems, columns=(*problems.columns, LEDGER_LINES), rows=rows
            )
    return tables


def _spans(ledger: Table) -> dict[object, tuple[int, int]]:
    """Indicator → the first and last row of a ledger that holds its lines: they stand together."""
    found: dict[object, tuple[int, int]] = {}
    for i, indicator in enumerate(ledger.values("indicator")):
        found[indicator] = (found.get(indicator, (i, i))[0], i)
    return found


def _lines_said(ledger: Table, span: tuple[int, int] | None) -> str:
    if span is None:
        return ""
    lines = ledger.values("line")
    first, last = lines[span[0]], lines[span[1]]
    return f"第{first}行" if first == last else f"第{first}{numbers.EN_DASH}{last}行"


def _links(tables: Mapping[str, Table], names: Mapping[str, str]) -> dict[str, Links]:
    """Table → where its cells lead: between the lists of a scale, and to them from 指标汇总表."""
    links: dict[str, Links] = {title: {} for title in tables}
    summary = next(iter(tables))
    for scale in SCALES:
        survey, ledger, problems, remedies = (f"{scale}{what}" for what in _OF_SCALE)
        if problems not in tables:
            continue
        for title, to in (
            (summary, problems),
            (survey, problems),
            (ledger, problems),
            (remedies, problems),
            (problems, remedies),
        ):
            if {title, to} <= set(tables):
                links[title] |= _lead(tables[title], tables[to], names[to])
        if ledger in tables:
            links[problems] |= _to_ledger(tables[problems], tables[ledger], names[ledger])
    return links


def _lead(table: Table, to: Table, name: str) -> Links:
    """Each indicator of a table → its first row in another."""
    spans = _spans(kept(to))
    wanted = table.values("indicator") if "indicator" in table.keys else []
    return {
        (i, "indicator"): link_to(name, FIRST_ROW + spans[indicator][0])
        for i, indicator in enumerate(wanted) if indicator in spans
    }  # fmt: skip


def _to_ledger(problems: Table, ledger: Table, name: str) -> Links:
    """Each row of 问题清单 → the lines of its indicator."""
    spans = _spans(kept(ledger))
    return {
        (i, LEDGER_LINES.key): link_to(name, *(FIRST_ROW + end for end in spans[indicator]))
        for i, indicator in enumerate(problems.values("indicator")) if indicator in spans
    }  # fmt: skip
