"""The look of a Word document (样式): the theme's sizes, colours and typefaces as Word's own styles, page and foot.

Word takes one typeface where a page takes a stack: the first of the stack that comes with an office's Windows, so that
the text stands as GB/T 9704 asks (正文仿宋, 一级标题黑体, 二级标题楷体).
"""

from __future__ import annotations

from datetime import datetime

from docx import Document
from docx.document import Document as Made
from docx.enum.style import WD_STYLE_TYPE
from docx.enum.text import WD_ALIGN_PARAGRAPH, WD_LINE_SPACING
from docx.oxml.ns import qn
from docx.section import Section as Sheet
from docx.shared import Mm, Pt, RGBColor
from docx.styles.style import ParagraphStyle

from ..blocks import Report
from ..theme import Theme
from .parts import add_field, element

OFFICE = ("FangSong", "KaiTi", "SimHei", "SimSun")  # typefaces of every Chinese Windows
LATIN = "Times New Roman"
# style → (role of its typeface, size by name in the theme, ink, bold)
_STYLES: dict[str, tuple[str, str, str, bool]] = {
    "Normal": ("fang", "body", "text", False),
    "Title": ("title", "cover", "text", True),
    "Subtitle": ("title", "kind", "accent", False),
    "合成": ("hei", "h2", "warning", True),
    "Heading 1": ("hei", "h1", "text", False),
    "Heading 2": ("kai", "h2", "text", True),
    "Heading 3": ("hei", "h3", "text", False),
    "Caption": ("hei", "caption", "text", False),
    "Body Text": ("fang", "body", "text", False),
    "导语": ("fang", "lead", "text", False),
    "要点": ("fang", "body", "text", False),
    "说明": ("fang", "note", "muted", False),
    "单位": ("fang", "note", "muted", False),
    "表格": ("fang", "table", "text", False),
    "长表": ("fang", "table_list", "text", False),
    "目录 1": ("fang", "body", "text", False),
    "目录 2": ("fang", "body", "text", False),
    "Footer": ("fang", "note", "muted", False),
}
_TOC = {"目录 1": "TOC1", "目录 2": "TOC2"}  # the ids by which Word knows them


def office_font(stack: tuple[str, ...]) -> str:
    """The first typeface of a stack that an office has; 宋体 where it names none."""
    return next((name for name in stack if name in OFFICE), "SimSun")


def begin(report: Report, theme: Theme) -> Made:
    """An empty document with the styles, the page, the foot and the properties of ``report``."""
    document = Document()
    for name, (role, size, ink, bold) in _STYLES.items():
        _set_style(document, name, office_font(theme.fonts[role]), theme.type[size], theme.ink[ink], bold)
    _set_spacing(document, theme)
    _speak_chinese(document)
    turn(document.sections[0], theme, landscape=False)
    _set_foot(document.sections[0], report)
    properties = document.core_properties
    properties.title, properties.subject = report.title, report.synthetic or report.kind
    properties.author = properties.last_modified_by = "tijian"
    properties.comments, properties.language = report.run_line, "zh-CN"
    properties.created = properties.modified = datetime(report.year, 1, 1)
    return document


def turn(sheet: Sheet, theme: Theme, *, landscape: bool) -> None:
    """A4 upright or, for the lists, turned sideways, with the theme's margins."""
    long, short = Mm(theme.page["height"]), Mm(theme.page["width"])
    sheet.page_width, sheet.page_height = (long, short) if landscape else (short, long)
    sheet._sectPr.get_or_add_pgSz().set(qn("w:orient"), "landscape" if landscape else "portrait")
    side = Mm(theme.page["list_side"] if landscape else theme.page["side"])
    sheet.left_margin = sheet.right_margin = side
    sheet.top_margin, sheet.bottom_margin = Mm(theme.page["top"]), Mm(theme.page["bottom"])
    sheet.footer_distance = Mm(10)


def text_width(theme: Theme, *, landscape: bool) -> float:
    """The width between the margins in millimetres."""
    if landscape:
        return theme.page["height"] - 2 * theme.page["list_side"]
    return theme.page["width"] - 2 * theme.page["side"]


def _set_style(document: Made, name: str, font: str, size: float, ink: str, bold: bool) -> None:
    styles = document.styles
    known = {style.name for style in styles}
    style = styles[name] if name in known else styles.add_style(name, WD_STYLE_TYPE.PARAGRAPH)
    assert isinstance(style, ParagraphStyle)
    if name in _TOC:
        style.element.set(qn("w:styleId"), _TOC[name])
        style.name = name.replace("目录", "toc")
    if name not in known:
        style.base_style = styles["Normal"]
    for rule in style.element.findall(f"{qn('w:pPr')}/{qn('w:pBdr')}"):
        rule.getparent().remove(rule)  # the template underlines its title
    style.font.size, style.font.bold, style.font.italic = Pt(size), bold, False
    style.font.color.rgb = RGBColor.from_string(ink.lstrip("#"))
    properties = style.element.get_or_add_rPr()
    for held in properties.findall(qn("w:rFonts")):
        properties.remove(held)  # the template's follow its theme
    properties.insert(0, element("rFonts", ascii=LATIN, hAnsi=LATIN, eastAsia=font, cs=LATIN))


def _set_spacing(document: Made, theme: Theme) -> None:
    """Lines and indents: text begins two characters in, tables and notes stand close."""
    styles = document.styles
    for style in styles:
        if isinstance(style, ParagraphStyle):
            style.paragraph_format.space_before = style.paragraph_format.space_after = Pt(0)
    for name in ("Body Text", "导语", "要点"):
        style = styles[name]
        style.paragraph_format.line_spacing_rule = WD_LINE_SPACING.ONE_POINT_FIVE
    for name in ("表格", "长表", "说明", "单位", "Caption", "Footer"):
        styles[name].paragraph_format.line_spacing_rule = WD_LINE_SPACING.SINGLE
    for name, before, after in (
        ("Heading 1", 18, 8), ("Heading 2", 12, 6), ("Heading 3", 8, 4), ("Caption", 8, 4), ("说明", 2, 2), ("导语", 0, 4),
    ):  # fmt: skip
        held = styles[name].paragraph_format
        held.space_before, held.space_after = Pt(before), Pt(after)
    for name in ("Heading 1", "Heading 2", "Heading 3", "Caption"):
        styles[name].paragraph_format.keep_with_next = True
    styles["Caption"].paragraph_format.alignment = WD_ALIGN_PARAGRAPH.CENTER
    styles["单位"].paragraph_format.alignment = WD_ALIGN_PARAGRAPH.RIGHT
    styles["单位"].paragraph_format.keep_with_next = True
    for name in ("Body Text", "导语"):
        styles[name].paragraph_format.first_line_indent = Pt(2 * styles[name].font.size.pt)


def _speak_chinese(document: Made) -> None:
    """The language of the text, which the template says is English."""
    for held in document.styles.element.iter(qn("w:lang")):
        held.set(qn("w:val"), "en-US")
        held.set(qn("w:eastAsia"), "zh-CN")


def _set_foot(sheet: Sheet, report: Report) -> None:
    """The label of made-up data, what it is, and 第 x 页 共 y 页."""
    foot = sheet.footer.paragraphs[0]
    foot.style = "Footer"
    foot.alignment = WD_ALIGN_PARAGRAPH.CENTER
    named = f"{report.subject}{report.kind} {report.year}"
    foot.add_run(" · ".join(part for part in (report.synthetic, named) if part) + "　第 ")
    add_field(foot, "PAGE", "1")
    foot.add_run(" 页，共 ")
    add_field(foot, "NUMPAGES", "1")
    foot.add_run(" 页")
