"""Reports to edit: :class:`~tijian.reports.blocks.Report` → docx bytes, with the headings, tables and words of the PDF.

Drawings are left to the PDF: each is told in words, under the number and caption it has there. The same report gives the
same bytes.
"""

from __future__ import annotations

from collections.abc import Iterable

from docx.document import Document
from docx.enum.section import WD_SECTION
from docx.enum.text import WD_ALIGN_PARAGRAPH
from docx.oxml.xmlchemy import BaseOxmlElement
from docx.text.paragraph import Paragraph

from ..blocks import Block, Bullets, FigureBlock, Heat, Portrait, Prose, Report, Section, TableBlock
from ..charts.svg import Chart
from ..maps.graded import legend_entries
from ..pdf.render import numbered
from ..tables.table import Align
from ..templating import printable
from ..theme import GradeCuts, load_theme
from .look import begin, text_width, turn
from .parts import element, fixed_bytes
from .table import Row, three_lines, word_table

SEE_PDF = "（图见同名PDF报告）"
_PROSE = {"body": "Body Text", "terms": "Body Text", "lead": "导语", "note": "说明"}
_WIDE = 9  # a table of more columns is set in the small type of the lists


def word_report(report: Report, cuts: GradeCuts) -> bytes:
    """``report`` as docx; ``cuts`` are the project's grades, best first."""
    report = numbered(report)
    writer = Writer(report, cuts)
    _cover(writer, report)
    if report.full:
        _contents(writer, report)
    if report.portrait is not None:
        _portrait(writer, report.portrait, first=not report.full)
    for i, section in enumerate(report.sections):
        _section(writer, section, new_page=section.new_page or (i == 0 and report.full))
    return fixed_bytes(writer.document)


class Writer:
    """A document that grows from the top; counts its tables and figures as the PDF does."""

    def __init__(self, report: Report, cuts: GradeCuts) -> None:
        """An empty document for ``report``; ``cuts`` are the project's grades, best first."""
        self.theme, self.cuts = load_theme(), cuts
        self.document: Document = begin(report, self.theme)
        self.landscape = False
        self._counted = {"表": 0, "图": 0}

    def say(self, style: str, text: str) -> Paragraph:
        """A paragraph in a named style."""
        return self.document.add_paragraph(printable(text), style)

    def put(self, table: BaseOxmlElement) -> None:
        """A table."""
        self.document.element.body.insert_element_before(table, "w:sectPr")

    def number(self, noun: str) -> str:
        """``表3``: the next number of a table or a figure."""
        self._counted[noun] += 1
        return f"{noun}{self._counted[noun]}"

    def turn(self, *, landscape: bool) -> None:
        """Go on upright, or on sheets turned sideways."""
        if landscape != self.landscape:
            self.landscape = landscape
            turn(self.document.add_section(WD_SECTION.NEW_PAGE), self.theme, landscape=landscape)

    @property
    def width(self) -> float:
        """Millimetres between the margins."""
        return text_width(self.theme, landscape=self.landscape)


# ── the first pages ───────────────────────────────────────────────────────────────────────────────────────


def _cover(writer: Writer, report: Report) -> None:
    lines = [
        ("Subtitle", report.above),
        ("Title", report.subject),
        ("Subtitle", f"{report.year}年度{report.kind}"),
    ]
    for at, (style, text) in enumerate(lines):
        said = writer.say(style, text)
        said.alignment = WD_ALIGN_PARAGRAPH.CENTER
        if report.full and at == 0:
            said.paragraph_format.space_before = int(1.2e6)  # EMU: a third of the page down
    if report.synthetic:
        writer.say("合成", report.synthetic).alignment = WD_ALIGN_PARAGRAPH.CENTER
    writer.say("说明", report.run_line).alignment = WD_ALIGN_PARAGRAPH.CENTER


def _contents(writer: Writer, report: Report) -> None:
    """目录 as Word's own field, filled with the headings: Word adds the page numbers when it works the field out."""
    title = writer.say("Subtitle", "目录")
    title.paragraph_format.page_break_before = True
    title.alignment = WD_ALIGN_PARAGRAPH.CENTER
    entries = [("toc 1", report.portrait.heading)] if report.portrait is not None else []
    for section in report.sections:
        entries.append(("toc 1", f"{section.number}{section.title}"))
        entries += [("toc 2", f"{part.number}{part.title}") for part in section.parts if not part.continues]
    said = [writer.say(style, text) for style, text in entries]
    opening = (
        element("r", element("fldChar", fldCharType="begin", dirty="true")),
        element("r", element("instrText", text=' TOC \\o "1-2" \\h \\z \\u ')),
        element("r", element("fldChar", fldCharType="separate")),
    )
    for at, part in enumerate(opening):
        said[0]._p.insert(1 + at, part)
    said[-1]._p.append(element("r", element("fldChar", fldCharType="end")))


def _portrait(writer: Writer, portrait: Portrait, *, first: bool) -> None:
    heading = writer.say("Heading 1", portrait.heading)
    heading.paragraph_format.page_break_before = not first
    writer.say("说明", portrait.facts)
    metrics = [("综合得分", portrait.score), *((m.label, f"{m.figure}{m.small}") for m in portrait.metrics)]
    row = Row(tuple(figure for _, figure in metrics), ("",) * len(metrics))
    even = [writer.width / len(metrics)] * len(metrics)
    writer.put(three_lines([label for label, _ in metrics], [row], even, ["center"] * len(metrics), "表格"))
    writer.say("Body Text", portrait.paragraph).paragraph_format.space_before = 80_000
    if portrait.radar is not None:
        writer.say("说明", f"{_told([portrait.radar])}{SEE_PDF}")
        writer.say("说明", portrait.radar_caption).alignment = WD_ALIGN_PARAGRAPH.CENTER
    writer.say("Heading 3", "各维度得分")
    rows = [
        Row((d.name, d.score, d.difference, d.grade), ("", "", "", _ground(writer, d.grade)))
        for d in portrait.dimensions
    ]
    heads = ["维度", "得分", portrait.reference_title, "等级"]
    aligns: list[Align] = ["left", "right", "right", "center"]
    writer.put(three_lines(heads, rows, [writer.width / 5] * 4, aligns, "表格"))
    writer.say("说明", "")
    _bullets(writer, portrait.lists)
    if portrait.excerpts:
        _table(writer, portrait.excerpts[0])


# ── sections and blocks ───────────────────────────────────────────────────────────────────────────────────


def _section(writer: Writer, section: Section, *, new_page: bool) -> None:
    turned = section.landscape != writer.landscape
    writer.turn(landscape=section.landscape)
    heading = writer.say("Heading 1", f"{section.number}{section.title}")
    heading.paragraph_format.page_break_before = new_page and not turned
    for block in section.blocks:
        _block(writer, block)
    for part in section.parts:
        writer.say("Heading 3" if part.continues else "Heading 2", f"{part.number}{part.title}")
        for block in part.blocks:
            _block(writer, block)


def _block(writer: Writer, block: Block) -> None:
    match block:
        case Prose():
            for text in filter(None, block.paragraphs):
                writer.say(_PROSE[block.style], text)
        case TableBlock():
            _table(writer, block)
        case FigureBlock():
            writer.say("说明", f"{_told(block.charts)}{SEE_PDF}")
            writer.say(
                "Caption", f"{writer.number('图')}　{block.caption}"
            ).paragraph_format.keep_with_next = False
        case Bullets():
            _bullets(writer, block)
        case Heat():
            _heat(writer, block)
        case Portrait():
            _portrait(writer, block, first=True)


def _table(writer: Writer, block: TableBlock) -> None:
    table = block.table
    if not table.rows:
        if block.empty:
            writer.say("Body Text", block.empty)
        return
    writer.say("Caption", f"{writer.number('表')}　{table.title}")
    if table.units:
        writer.say("单位", table.units)
    small = writer.landscape or len(table.columns) > _WIDE
    writer.put(word_table(table, writer.cuts, writer.width, small=small))
    for note in table.notes:
        writer.say("说明", f"注：{note}。")
    if table.source:
        writer.say("说明", f"来源：{table.source}。")
    writer.say("说明", "")  # a table that follows at once would grow together with this one


def _heat(writer: Writer, heat: Heat) -> None:
    writer.say("Caption", f"{writer.number('表')}　{heat.title}")
    heads = ["单元", *heat.columns, "综合", "等级", "名次（区间）" if heat.interval_title else "名次"]
    rows = [
        Row(
            (row.name, *(c.score for c in row.cells), row.total, row.grade, row.rank),
            ("", *(_ground(writer, c.grade) for c in row.cells), "", _ground(writer, row.grade), ""),
        )
        for row in heat.rows
    ]
    shares = [2.0, *[1.0] * len(heat.columns), 1.0, 1.0, 1.6]
    widths = [writer.width * share / sum(shares) for share in shares]
    aligns: list[Align] = ["left", *["center"] * (len(heads) - 1)]  # type: ignore[list-item]
    writer.put(three_lines(heads, rows, widths, aligns, "长表"))
    writer.say("说明", "等级：" + "，".join(f"{name} {span}" for name, span in legend_entries(writer.cuts)))
    for note in heat.notes:
        writer.say("说明", note)
    writer.say("说明", "")


def _bullets(writer: Writer, block: Bullets) -> None:
    for heading, points in block.lists:
        writer.say("Heading 3", heading)
        if not points:
            writer.say("要点", block.empty)
        for number, point in enumerate(points, 1):
            marked = f"〔{point.mark}〕" if point.mark else ""
            writer.say("要点", f"{number}．{marked}{point.text}")


def _told(charts: Iterable[Chart]) -> str:
    """What the drawings show, in words."""
    return "；".join(dict.fromkeys(chart.alt.rstrip("。；") for chart in charts if chart.alt))


def _ground(writer: Writer, grade: str) -> str:
    colour = writer.theme.grade(grade, writer.cuts)
    return "" if colour == writer.theme.ungraded else colour
