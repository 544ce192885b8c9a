"""What is on paper: sections, labels, bookmarks, the same bytes twice, and nothing off the page."""

from __future__ import annotations

import dataclasses
import io
import re
from itertools import pairwise

import polars as pl
import pypdf
import pytest
from tijian.reports import templating
from tijian.reports.blocks import Prose, Section, TableBlock
from tijian.reports.content.assemble import assemble
from tijian.reports.pdf import press, printing
from tijian.reports.pdf import render as pdf
from tijian.reports.pdf.fonts import look
from tijian.reports.pdf.render import print_report
from tijian.reports.tables.table import Column, Table
from tijian.reports.theme import load_theme
from tijian.reports.view import View
from weasyprint.urls import FatalURLFetchingError

from .printed import FULL, KEYS, boxes, document, outline, pages, printed, view
from .results_fixture import CUTS, DIMENSIONS, DISTRICT, make_results

pytestmark = pytest.mark.slow

TALL = 12 * 96 / 25.4  # pixels of a row from which it counts as one of many lines


@pytest.mark.parametrize("kind", KEYS)
def test_every_page_says_that_the_data_are_made_up(kind: str) -> None:
    assert all("合成演示数据" in page for page in pages(kind)[1 if kind in FULL else 0 :])
    assert "合成演示数据" in pages(kind)[0]


def test_real_data_carry_no_label() -> None:
    real = View(make_results(synthetic=""))
    data = print_report(assemble(real, "community", KEYS["community"]), CUTS).data
    text = "".join(page.extract_text() for page in pypdf.PdfReader(io.BytesIO(data)).pages)
    assert "演示" not in text


def test_the_district_report_has_its_sections_as_bookmarks_and_in_the_text() -> None:
    wanted = [
        "一、总体结论", "二、工作概述与数据质量", "三、体检画像", "四、分维度评价", "五、街镇横向比较", "六、问题地图与风险区划",
        "七、居民满意度与诉求", "八、行动计划目标达成情况", "九、优势清单", "十、问题清单", "十一、整治建议清单", "十二、方法与溯源",
    ]  # fmt: skip
    marks = outline("district")
    assert [m for m in marks if m in wanted] == wanted
    assert [m[3:] for m in marks if m.startswith("（")] == [
        *DIMENSIONS, "问题地图", "风险动态区划", "居民满意度", "居民诉求",
    ]  # fmt: skip
    assert "数据质量" in marks, "a part that stands alone in its chapter has no （一）"
    text = "".join(pages("district"))
    assert all(title in text for title in wanted)


def test_the_contents_name_the_page_where_a_section_starts() -> None:
    contents, marks = pages("district")[1], outline("district")
    for title in marks:
        if title[1:2] == "、" or title[2:3] == "、":
            at = next(i for i, page in enumerate(pages("district")) if i > 1 and title in page) + 1
            assert f"{title}" in contents
            assert contents.partition(title)[2].lstrip("·").startswith(str(at)), title


def test_the_portrait_is_one_page_and_the_next_section_begins_on_the_next() -> None:
    starts = [i for i, page in enumerate(pages("town")) if "·体检画像" in page]
    assert starts == [2]
    assert pages("town")[3].startswith("一、")


def test_the_conclusion_of_the_district_is_one_page_with_what_is_good_and_what_comes_first() -> None:
    page = pages("district")[2]
    assert page.startswith("一、总体结论")
    order = [page.index(word) for word in ("综合得分", "个维度中", "优势1", "短板1", "先做什么1")]
    assert order == sorted(order)
    assert pages("district")[3].startswith("二、工作概述与数据质量")


@pytest.mark.parametrize("kind", ["town", "community"])
def test_the_same_results_give_the_same_bytes(kind: str) -> None:
    again = View(make_results(hostile=True))
    assert print_report(assemble(again, kind, KEYS[kind]), CUTS).data == printed(kind).data


@pytest.mark.parametrize("kind", KEYS)
def test_metadata_name_the_report_and_carry_no_date(kind: str) -> None:
    reader = pypdf.PdfReader(io.BytesIO(printed(kind).data))
    assert reader.metadata is not None
    assert reader.metadata.title == assemble(view(), kind, KEYS[kind]).title
    assert reader.metadata.creation_date is None
    assert reader.trailer["/Root"]["/Lang"] == "zh-CN"


@pytest.mark.parametrize("kind", KEYS)
def test_nothing_runs_off_the_page(kind: str) -> None:
    """Every text lies inside its page's margins, and every text of a table inside its cell."""
    for page in document(kind).pages[1 if kind in FULL else 0 :]:
        box = page._page_box
        right, bottom = box.margin_left + box.width, box.margin_top + box.height
        for text in boxes(box, "TextBox"):
            assert text.position_x + text.width <= right + 0.5, text.text
            assert text.position_y + text.height <= bottom + 3, text.text
        for cell in boxes(box, "TableCellBox"):
            edge = cell.position_x + cell.border_width() + 0.5
            over = [t.text for t in boxes(cell, "TextBox") if t.position_x + t.width > edge]
            assert over == []


def test_names_of_towns_stay_whole() -> None:
    lines = [
        line.strip()
        for page in pypdf.PdfReader(io.BytesIO(printed("district").data)).pages
        for line in page.extract_text().splitlines()
    ]
    assert not [line for line in lines if line in ("示例中心街", "道", "示例广林街")]


def test_a_hostile_name_is_printed_as_it_is_typed() -> None:
    assert "<script>alert(1)</script>社区" in pages("community")[0]
    assert "<script" not in pdf.to_html(assemble(view(), "community", KEYS["community"]), CUTS)


def test_a_community_report_is_short_and_ranks_by_thirds() -> None:
    assert printed("community").pages <= 3
    text = "".join(pages("community"))
    assert "三分之一" in text
    assert "名次" not in text


def test_the_report_ends_with_what_it_was_made_from() -> None:
    last = "".join(pages("district")[-2:])
    for mark in ("20260601-fixture", "abababababab", "楼栋底册.xlsx", "底线记60分"):
        assert mark in last


def test_list_pages_lie_and_the_others_stand() -> None:
    reader = pypdf.PdfReader(io.BytesIO(printed("town").data))
    seen = set()
    for page in reader.pages[2:]:
        text = "".join((page.extract_text() or "").split())
        lies = float(page.mediabox.width) > float(page.mediabox.height)
        for title, wanted in (
            ("、问题清单", True),
            ("、整治建议清单", True),
            ("、总体评价", False),
            ("、数据质量", False),
        ):
            if re.search(f"[一二三四五六七八九十]{title}", text):
                assert lies == wanted, title
                seen.add(title)
    assert len(seen) == 4


def test_a_table_header_is_repeated_on_every_page() -> None:
    middle = [p for p in pages("district") if "影响人口" in p]
    listed = [p for p in pages("district") if "低于底线区" in p and "未启动" not in p]
    assert len(middle) >= 2
    assert all("影响人口" in p or "领先幅度" in p for p in listed)


def test_a_portrait_too_long_for_its_page_is_shortened() -> None:
    report = assemble(view(), "town", KEYS["town"])
    assert report.portrait is not None
    small = report.portrait.excerpts[-1]
    tall = TableBlock(
        type(small.table)(small.table.title, small.table.columns, small.table.rows * 12), dense=True
    )
    crowded = type(report.portrait)(**{**report.portrait.__dict__, "excerpts": (tall, small)})
    sheets = pdf.sheets_of(type(report)(**{**report.__dict__, "portrait": crowded}), CUTS)
    assert press.fitted(sheets, look()) == sheets.page_with(sheets.excerpts[1][1])


def test_nothing_but_data_addresses_is_opened() -> None:
    fetcher = press.OwnAssetsOnly()
    for address in ("file:///etc/passwd", "https://example.org/a.png"):
        with pytest.raises(FatalURLFetchingError, match="拒绝读取"):
            fetcher.fetch(address)
    assert fetcher.fetch("data:text/plain,ok").read() == b"ok"


def test_a_machine_without_fonts_or_subsetter_is_told_what_to_install(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(printing, "library", lambda name, _: None)
    monkeypatch.setattr(printing, "chinese_fonts", lambda: 0)
    with pytest.raises(pdf.PrintingError, match=r"libharfbuzz-subset.*中文字体.*apt-get install"):
        printing.check_printing()


def test_this_machine_can_print() -> None:
    printing.check_printing()
    assert printing.chinese_fonts() > 0
    assert printing.library("no-such-library", ("libnosuch.so.9",)) is None


def unasked() -> View:
    results = make_results()
    return View(dataclasses.replace(results, survey=results.survey.clear()))


@pytest.mark.parametrize("kind", ["district", "town"])
def test_without_answers_there_is_no_chapter_on_satisfaction_but_it_is_said(kind: str) -> None:
    report = assemble(unasked(), kind, KEYS[kind])
    assert "居民满意度" not in [section.title for section in report.sections]
    said = [p for block in report.blocks() if isinstance(block, Prose) for p in block.paragraphs]
    assert "本年度没有本单元的居民问卷数据，满意度未参与评价。" in said


def last_line(box) -> float:
    """How far down the page its content reaches, as a share of what is between the margins."""
    low = max(b.position_y + b.height for k in ("TextBox", "InlineReplacedBox") for b in boxes(box, k))
    return float((low - box.margin_top) / box.height)


@pytest.mark.parametrize("kind", FULL)
def test_no_page_is_nearly_empty_but_the_last_of_a_chapter(kind: str) -> None:
    sheets = document(kind).pages[3:]
    for here, after in pairwise(sheets):
        starts_chapter = any(b.element_tag == "h1" for b in boxes(after._page_box, "BlockBox"))
        if not starts_chapter:
            assert last_line(here._page_box) > 0.5


def test_a_chapter_whose_first_part_fills_a_page_begins_on_that_page() -> None:
    """22 rows of two lines leave no room for a heading, and are few enough to be kept together elsewhere."""
    columns = (Column("a", "甲", 60), Column("b", "乙", 100))
    rows = tuple((f"第{n}行", "很长的一段文字" * 12) for n in range(22))
    part = Section("分项", (TableBlock(Table("表", columns, rows)),))
    report = dataclasses.replace(
        assemble(View(make_results()), "district", DISTRICT),
        portrait=None,
        sections=(Section("前文", (Prose(("一段。",)),)), Section("章", (), (part,), new_page=True)),
    )
    texts = [
        "".join((p.extract_text() or "").split())
        for p in pypdf.PdfReader(io.BytesIO(print_report(report, CUTS).data)).pages
    ]
    (chapter,) = [text for text in texts if "二、章" in text and "目录" not in text]
    assert "第0行" in chapter


@pytest.mark.parametrize("kind", FULL)
def test_no_heading_stands_at_the_foot_of_a_page(kind: str) -> None:
    for page in document(kind).pages[2:]:
        box = page._page_box
        headings = [b for tag in ("h1", "h2") for b in boxes(box, "BlockBox") if b.element_tag == tag]
        lowest = max((b.position_y + b.height for b in headings), default=0.0)
        reach = max(b.position_y + b.height for k in ("TextBox", "InlineReplacedBox") for b in boxes(box, k))
        assert reach > lowest + 20


@pytest.mark.parametrize("kind", FULL)
def test_a_table_broken_over_pages_leaves_a_few_rows_on_each(kind: str) -> None:
    for page in document(kind).pages[2:]:
        tables = list(boxes(page._page_box, "TableBox"))
        for table in tables[:1] + tables[-1:]:
            body = [g for g in table.children if not (g.is_header or g.is_footer)]
            whole = len(table.element.findall("tbody/tr"))
            there = sum(len(group.children) for group in body)
            # of rows of many lines two are enough: three of them would leave too much of the page before empty
            assert there >= min(2 if there and body[0].height / there > TALL else 3, whole)


@pytest.mark.parametrize("kind", ["community", "department"])
def test_a_short_report_carries_one_typeface(kind: str) -> None:
    reader = pypdf.PdfReader(io.BytesIO(printed(kind).data))
    fonts = {
        str(font.get_object()["/BaseFont"])
        for page in reader.pages
        for font in page["/Resources"]["/Font"].values()
    }
    assert fonts
    assert not [name for name in fonts if "Serif" in name]


def test_the_community_report_says_what_its_residents_said_and_what_it_was_made_from() -> None:
    text = "".join(pages("community"))
    assert "居民问卷" in text
    assert "项社区级指标计算，算法见" in text


def test_control_characters_of_inputs_do_not_stop_a_report() -> None:
    results = make_results()
    unit = KEYS["community"]
    named = pl.when(pl.col("code") == unit).then(pl.lit("甲\x0b\x00里\uffff<&居委会")).otherwise("name")
    odd = View(dataclasses.replace(results, units=results.units.with_columns(name=named)))
    data = print_report(assemble(odd, "community", unit), CUTS).data
    assert "甲里<&居委会" in "".join(pypdf.PdfReader(io.BytesIO(data)).pages[0].extract_text().split())


def test_the_theme_is_written_into_the_style_sheet() -> None:
    theme = load_theme()
    sheet = templating.with_theme("h1 { color: var(--accent-wash); font: 9pt var(--sans) }", theme)
    assert sheet == f"h1 {{ color: {theme.ink['accent_wash']}; font: 9pt {theme.css_font('sans')} }}"
    with pytest.raises(KeyError):
        templating.with_theme("h1 { color: var(--no-such-ink) }", theme)
