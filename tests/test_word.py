"""The report to edit: a docx with Word's own headings, contents, tables and foot, and all the words of the PDF."""

from __future__ import annotations

import io
import re
import zipfile
from dataclasses import replace
from pathlib import Path

import polars as pl
import pytest
from docx import Document
from docx.document import Document as Made
from docx.oxml.ns import qn
from pypdf import PdfReader
from tijian.engine.results import Results
from tijian.reports.blocks import Block, Bullets, FigureBlock, Point, Prose, Report, Section, TableBlock
from tijian.reports.charts.svg import Chart
from tijian.reports.content.district import district_report
from tijian.reports.content.national import national_report
from tijian.reports.content.town import town_report
from tijian.reports.tables.table import Column, Figure, Table
from tijian.reports.view import View
from tijian.reports.word.render import SEE_PDF, word_report

from .office import converted
from .results_fixture import make_results

LABEL = "合成演示数据"
EDITIONS = {"district": district_report, "national": national_report}


@pytest.fixture(scope="module")
def results() -> Results:
    return make_results(LABEL)


def report_of(results: Results, kind: str = "district") -> Report:
    return EDITIONS[kind](View(results))


@pytest.fixture(scope="module")
def district(results: Results) -> Made:
    return opened(report_of(results), results)


def opened(report: Report, results: Results) -> Made:
    return Document(io.BytesIO(word_report(report, results.grade_cuts)))


def texts(document: Made, style: str) -> list[str]:
    return [p.text for p in document.paragraphs if p.style is not None and p.style.name == style]


def small(results: Results, *blocks: Block) -> Made:
    """A report of one section with these blocks."""
    report = Report(
        kind="区级体检报告", subject="示例区", district="示例区", year=2026, synthetic=LABEL, run_line="运行编号 1", cover=None,
        portrait=None, sections=(Section("总体结论", blocks),), full=True,
    )  # fmt: skip
    return opened(report, results)


TABLE = Table(
    "各街镇得分",
    (Column("name", "街镇", 30), Column("score", "得分", 20, "right", "number", 1), Column("grade", "等级", 12, "center", "grade")),
    (("甲街道", Figure(81.25, 1), "良"), ("乙镇", Figure(None, 1), "未评价")),
    units="单位：分", notes=("得分为0—100分",), source="2026年度城市体检",
)  # fmt: skip


# ── headings and contents ─────────────────────────────────────────────────────────────────────────────────


def test_sections_and_their_parts_are_words_own_headings(results: Results, district: Made) -> None:
    report = report_of(results)
    sections = texts(district, "Heading 1")
    assert sections[0].startswith("一、")
    assert [re.sub("^[一二三四五六七八九十]+、", "", said) for said in sections] == [
        s.title for s in report.sections
    ]
    parts = [part.title for section in report.sections for part in section.parts if not part.continues]
    assert [
        re.sub("^（[一二三四五六七八九十]+）", "", said) for said in texts(district, "Heading 2")
    ] == parts


def test_the_contents_are_a_field_that_word_fills_and_show_the_headings_before_it_does(
    district: Made,
) -> None:
    codes = [code.text for code in district.element.body.iter(qn("w:instrText"))]
    assert codes == [' TOC \\o "1-2" \\h \\z \\u ']
    ends = [mark.get(qn("w:fldCharType")) for mark in district.element.body.iter(qn("w:fldChar"))]
    assert ends == ["begin", "separate", "end"]
    assert texts(district, "toc 1") == texts(district, "Heading 1")
    assert texts(district, "toc 2") == texts(district, "Heading 2")


def test_headings_and_text_stand_in_the_typefaces_of_official_papers(district: Made) -> None:
    def face(style: str) -> str | None:
        return district.styles[style].element.rPr.find(qn("w:rFonts")).get(qn("w:eastAsia"))

    assert [face(s) for s in ("Heading 1", "Heading 2", "Body Text", "Title")] == [
        "SimHei",
        "KaiTi",
        "FangSong",
        "SimSun",
    ]


# ── tables ────────────────────────────────────────────────────────────────────────────────────────────────


def test_a_table_has_caption_unit_rows_notes_and_source(results: Results) -> None:
    document = small(results, TableBlock(TABLE))
    (table,) = document.tables
    shown = [[cell.text for cell in row.cells] for row in table.rows]
    assert shown == [["街镇", "得分", "等级"], ["甲街道", "81.3", "良"], ["乙镇", "—", "未评价"]]
    assert texts(document, "Caption") == ["表1　各街镇得分"]
    assert texts(document, "单位") == ["单位：分"]
    assert [said for said in texts(document, "说明") if said][-2:] == [
        "注：得分为0—100分。",
        "来源：2026年度城市体检。",
    ]


def test_a_table_has_three_rules_and_its_header_on_every_page(results: Results) -> None:
    (table,) = small(results, TableBlock(TABLE)).tables
    rules = table._tbl.tblPr.find(qn("w:tblBorders"))
    assert [rule.tag.split("}")[1] for rule in rules] == ["top", "bottom"]
    heads, *rows = table.rows
    assert heads._tr.trPr.find(qn("w:tblHeader")) is not None
    assert all(row._tr.trPr.find(qn("w:tblHeader")) is None for row in rows)
    assert all(cell._tc.tcPr.find(qn("w:tcBorders")) is not None for cell in heads.cells)
    assert not [
        cell for row in rows for cell in row.cells if cell._tc.tcPr.find(qn("w:tcBorders")) is not None
    ]


def test_a_grade_stands_on_its_colour_and_an_ungraded_one_on_none(results: Results) -> None:
    (table,) = small(results, TableBlock(TABLE)).tables
    grounds = [row.cells[2]._tc.tcPr.find(qn("w:shd")) for row in table.rows]
    assert [ground is not None for ground in grounds] == [False, True, False]


def test_every_table_fits_between_the_margins(district: Made) -> None:
    widest = max(s.page_width - s.left_margin - s.right_margin for s in district.sections)
    for table in district.tables:
        columns = table._tbl.tblGrid.findall(qn("w:gridCol"))
        assert sum(int(column.get(qn("w:w"))) for column in columns) * 635 <= widest + 635 * len(columns)


def test_the_lists_stand_on_sheets_turned_sideways(district: Made) -> None:
    turned = [section.page_width > section.page_height for section in district.sections]
    assert set(turned) == {False, True}


def test_a_table_without_rows_says_what_is_to_be_said_instead(results: Results) -> None:
    document = small(results, TableBlock(TABLE.head(0), "没有列入清单的问题。"))
    assert (document.tables, texts(document, "Body Text")) == ([], ["没有列入清单的问题。"])


# ── words and figures ─────────────────────────────────────────────────────────────────────────────────────


def test_every_paragraph_of_the_report_is_there(results: Results, district: Made) -> None:
    said = {p.text for p in district.paragraphs}
    for block in report_of(results).blocks():
        if isinstance(block, Prose):
            assert set(filter(None, block.paragraphs)) <= said


def test_a_drawing_is_told_in_words_under_its_number_and_caption(results: Results) -> None:
    chart = Chart("<svg/>", 10, 10, "各街镇得分横条图：甲街道最高。")
    document = small(results, FigureBlock((chart,), "甲街道得分最高"), FigureBlock((chart, chart), "两图"))
    assert texts(document, "Caption") == ["图1　甲街道得分最高", "图2　两图"]
    assert texts(document, "说明")[-2:] == [f"各街镇得分横条图：甲街道最高{SEE_PDF}"] * 2


def test_points_are_numbered_and_carry_their_severity(results: Results) -> None:
    document = small(results, Bullets((("短板", (Point("燃气隐患", "红"), Point("停车难"))), ("优势", ()))))
    assert texts(document, "Heading 3") == ["短板", "优势"]
    assert texts(document, "要点") == ["1．〔红〕燃气隐患", "2．停车难", "无"]


@pytest.mark.parametrize("danger", ["<w:p>&amp;</w:p>", "=1+1", "楼\x00\x0b栋", "]]>"])
def test_text_from_inputs_stays_text(results: Results, danger: str) -> None:
    table = replace(TABLE, rows=((danger, Figure(1, 0), "良"),))
    document = small(results, Prose((danger,)), TableBlock(table))
    plain = danger.replace("\x00", "").replace("\x0b", "")
    assert texts(document, "Body Text") == [plain]
    assert document.tables[0].rows[1].cells[0].text == plain


def test_a_portrait_stands_before_the_sections_with_its_figures_and_lists(results: Results) -> None:
    town = results.units.filter(pl.col("level") == "town")["code"][0]
    report = town_report(View(results), town)
    portrait = report.portrait
    assert portrait is not None
    document = opened(report, results)
    assert texts(document, "Heading 1")[0] == portrait.heading
    assert document.tables[0].rows[1].cells[0].text == portrait.score
    assert [row.cells[0].text for row in document.tables[1].rows[1:]] == [d.name for d in portrait.dimensions]
    assert {heading for heading, _ in portrait.lists.lists} <= set(texts(document, "Heading 3"))


# ── labels, properties, bytes ─────────────────────────────────────────────────────────────────────────────


def test_made_up_data_are_labelled_on_the_first_page_and_at_the_foot(
    results: Results, district: Made
) -> None:
    assert texts(district, "合成") == [LABEL]
    for section in district.sections:
        assert LABEL in section.footer.paragraphs[0].text
    real = opened(report_of(replace(results, synthetic="")), results)
    assert (
        LABEL
        not in "".join(t.text or "" for t in real.element.iter(qn("w:t")))
        + real.sections[0].footer.paragraphs[0].text
    )


def test_it_says_in_its_properties_what_it_is_and_not_when_it_was_written(
    results: Results, district: Made
) -> None:
    properties = district.core_properties
    assert (properties.title, properties.author) == (report_of(results).title, "tijian")
    assert {properties.created.year, properties.modified.year} == {results.year}


@pytest.mark.parametrize("kind", EDITIONS)
def test_the_same_report_gives_the_same_bytes(results: Results, kind: str) -> None:
    first, second = (word_report(report_of(results, kind), results.grade_cuts) for _ in range(2))
    assert first == second
    with zipfile.ZipFile(io.BytesIO(first)) as parts:
        assert {part.date_time for part in parts.infolist()} == {(1980, 1, 1, 0, 0, 0)}


# ── another program ───────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.slow
def test_libreoffice_prints_both_editions_with_all_their_headings(results: Results, tmp_path: Path) -> None:
    paths, said = [], {}
    for kind in EDITIONS:
        path = tmp_path / f"{kind}.docx"
        path.write_bytes(word_report(report_of(results, kind), results.grade_cuts))
        paths.append(path)
        document = Document(str(path))
        said[path.name] = (
            texts(document, "Heading 1") + texts(document, "Heading 2") + texts(document, "Caption")
        )
    made = converted(paths, tmp_path / "printed", "pdf")
    for path in paths:
        pages = PdfReader(made[path.name]).pages
        printed = re.sub(r"\s", "", "".join(page.extract_text() for page in pages))
        assert [text for text in said[path.name] if re.sub(r"\s", "", text) not in printed] == []
        assert all(LABEL in page.extract_text() for page in pages)
