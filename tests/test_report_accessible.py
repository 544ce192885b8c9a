"""A printed report as machines and ears read it: a tree of headings, tables and figures with their words (PDF/UA-1)."""

from __future__ import annotations

import io
import re
from collections.abc import Iterator
from functools import cache
from typing import Any

import pypdf
import pytest
from tijian.reports.pdf import render as pdf

from .printed import ROWS, bookmarks, printed, small_report
from .results_fixture import CUTS


@cache
def small(full: bool = True) -> bytes:
    return pdf.print_report(small_report(full), CUTS).data


def reader(data: bytes) -> pypdf.PdfReader:
    return pypdf.PdfReader(io.BytesIO(data))


def elements(data: bytes) -> Iterator[Any]:
    """Every element of the structure tree, parents first, in reading order."""

    def below(node: Any) -> Iterator[Any]:
        node = node.get_object()
        if not isinstance(node, dict):
            return
        if "/S" in node:
            yield node
        kids = node.get("/K", [])
        kids = kids.get_object() if hasattr(kids, "get_object") else kids
        for kid in kids if isinstance(kids, list) else [kids]:
            if not isinstance(kid, int):
                yield from below(kid)

    yield from below(reader(data).trailer["/Root"]["/StructTreeRoot"])


def kinds(data: bytes) -> list[str]:
    return [str(e["/S"])[1:] for e in elements(data)]


def test_headings_are_headings_of_their_level_in_reading_order() -> None:
    assert [k for k in kinds(small()) if re.fullmatch("H[1-6]", k)] == ["H1", "H1", "H2", "H2", "H2"]


@pytest.mark.parametrize("kind", ["small", "community", "department"])
def test_every_figure_is_told_in_words(kind: str) -> None:
    data = small() if kind == "small" else printed(kind).data
    said = [str(e.get("/Alt", "")) for e in elements(data) if e["/S"] == "/Figure"]
    assert all(said)
    assert kind != "small" or said == ["行政区划示意", "甲最高，乙最低"]
    assert len(said) >= (2 if kind == "small" else 5)


@pytest.mark.parametrize("kind", ["small", "community"])
def test_every_cell_of_a_table_names_the_head_of_its_column(kind: str) -> None:
    """By IDs and Headers, which stand for Scope (Matterhorn Protocol 1.1, 15-003)."""
    found = list(elements(small() if kind == "small" else printed(kind).data))
    heads = {str(e["/ID"]) for e in found if e["/S"] == "/TH"}
    cells = [e for e in found if e["/S"] == "/TD"]
    assert len(cells) >= ROWS
    assert all(c["/A"]["/Headers"] and {str(h) for h in c["/A"]["/Headers"]} <= heads for c in cells)


def test_a_table_head_stands_again_on_every_page_and_says_that_it_heads_a_column() -> None:
    found = [str(e["/S"]) for e in elements(small()) if e["/S"] in ("/Table", "/THead", "/TBody")]
    assert (
        found.count("/Table") == found.count("/THead") == found.count("/TBody") == 3
    )  # one of them on two pages
    page = pdf.to_html(small_report(), CUTS)
    assert page.count("<th ") == page.count('<th scope="col"') > 0


def test_short_lists_are_lists() -> None:
    assert [k for k in kinds(small()) if k in ("L", "LI")] == ["L", "LI"]


def test_the_file_says_what_it_is_and_in_which_language() -> None:
    read = reader(small())
    root, told = read.trailer["/Root"], read.metadata
    assert root["/Lang"] == "zh-CN"
    assert root["/MarkInfo"]["/Marked"] == True  # noqa: E712  a PDF boolean
    assert root["/ViewerPreferences"]["/DisplayDocTitle"] == True  # noqa: E712
    assert b'pdfuaid:part="1"' in root["/Metadata"].get_object().get_data()
    assert told is not None
    assert told.title == "示例区区级体检报告（2026年度）"
    assert told.author == "示例区城市体检"
    assert told.subject == "2026年度示例区区级体检报告（合成演示数据）"
    assert str(told["/Keywords"]).split(", ") == ["城市体检", "示例区", "区级体检报告", "2026"]


def test_a_line_of_the_contents_leads_to_its_chapter_and_says_so() -> None:
    read = reader(small())
    links = [a.get_object() for page in read.pages for a in page.get("/Annots", [])]
    told = list(dict.fromkeys(str(link["/Contents"]) for link in links))
    assert told == ["一、总体结论", "二、各节", "二、各节（一）第一节", "二、各节（二）100_的_一节"]
    assert {str(link["/Dest"]) for link in links} <= set(read.named_destinations)
    contents = "".join(read.pages[1].extract_text().split())
    assert [int(n) for n in re.findall(r"·(\d+)", contents)] == [3, 5, 5, 5]


def test_bookmarks_name_every_chapter_and_part() -> None:
    assert bookmarks(reader(small()).outline) == [
        "一、总体结论",
        "二、各节",
        "（一）第一节",
        "（二）100%的 一节",
        "续",
    ]


def test_every_page_but_the_cover_says_which_it_is_of_how_many() -> None:
    texts = ["".join(page.extract_text().split()) for page in reader(small()).pages]
    for number, text in enumerate(texts[1:], 2):
        assert f"第{number}页共{len(texts)}页" in text
        assert "合成演示数据·示例区区级体检报告2026" in text
    assert "第1页" not in texts[0]


@pytest.mark.parametrize("full", [True, False])
def test_a_report_is_the_same_bytes_every_time(full: bool) -> None:
    assert pdf.print_report(small_report(full), CUTS).data == small(full)


def test_a_short_report_has_a_masthead_and_neither_cover_nor_contents() -> None:
    first = "".join(reader(small(False)).pages[0].extract_text().split())
    assert "示例区·2026年度区级体检报告示例区合成演示数据" in first
    assert "目录" not in first
    assert "表1各街镇得分" in first
