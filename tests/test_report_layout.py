"""Where things stand on paper: the parts of a table one by one, and nothing outside its cell or its page."""

from __future__ import annotations

from functools import cache
from typing import Any

import pytest
from tijian.reports.pdf import render as pdf
from tijian.reports.theme import load_theme
from weasyprint.document import Document

from .printed import ROWS, boxes, document, small_report
from .results_fixture import CUTS

MM = 96 / 25.4  # CSS pixels
PT = 96 / 72


@cache
def small() -> Document:
    return pdf.lay_out(small_report(), CUTS)


def list_pages() -> list[Any]:
    """The pages that the long table is broken over."""
    return [p._page_box for p in small().pages if any("街道" in t.text for t in boxes(p._page_box, "TextBox")) and list(boxes(p._page_box, "TableBox"))][:2]  # fmt: skip


def texts(box: Any) -> list[str]:
    return [t.text for t in boxes(box, "TextBox")]


def table_of(page: Any) -> Any:
    return next(iter(boxes(page, "TableBox")))


def groups(table: Any, header: bool) -> list[Any]:
    return [g for g in table.children if g.is_header == header]


def test_a_table_has_three_rules_hairlines_and_no_verticals() -> None:
    """三线表: heavy above and below, one under the head, hairs between rows."""
    for page in list_pages():
        table = table_of(page)
        (head,) = groups(table, header=True)
        heads = list(boxes(head, "TableCellBox"))
        cells = [c for g in groups(table, header=False) for c in boxes(g, "TableCellBox")]
        heavy = {c.style["border_top_width"] for c in heads} | {table.style["border_top_width"]}
        assert max(heavy) == pytest.approx(0.55 * MM, abs=0.1)
        assert table.style["border_bottom_width"] == pytest.approx(0.55 * MM, abs=0.1)
        assert [c.style["border_bottom_width"] for c in heads] == pytest.approx(
            [0.3 * MM] * len(heads), abs=0.1
        )
        assert [c.style["border_bottom_width"] for c in cells] == pytest.approx(
            [0.15 * MM] * len(cells), abs=0.1
        )
        assert {c.style[f"border_{side}_style"] for c in heads + cells for side in ("left", "right")} == {
            "none"
        }


def test_a_table_head_is_repeated_with_all_its_titles() -> None:
    pages = list_pages()
    assert len(pages) == 2
    for page in pages:
        (head,) = groups(table_of(page), header=True)
        assert texts(head) == ["街镇", "得分"]


def test_every_row_is_on_one_page_only_and_none_is_lost() -> None:
    names = [
        texts(row)[0]
        for page in list_pages()
        for group in groups(table_of(page), header=False)
        for row in group.children
    ]
    assert names == [f"示例第{i}街道" for i in range(ROWS)]


def test_a_break_leaves_a_few_rows_on_either_page() -> None:
    counts = [sum(len(g.children) for g in groups(table_of(page), header=False)) for page in list_pages()]
    assert sum(counts) == ROWS
    assert min(counts) >= 4


def test_the_title_stands_above_its_table_and_the_note_below() -> None:
    first, last = list_pages()
    above = next(t for t in boxes(first, "TextBox") if t.text.startswith("表1 "))
    below = next(t for t in boxes(last, "TextBox") if t.text == "注：示例。")
    table, end = table_of(first), table_of(last)
    assert above.text == "表1 各街镇得分"
    assert above.position_y + above.height <= table.position_y
    assert below.position_y >= end.position_y + end.height
    assert below.style["font_size"] == pytest.approx(load_theme().type["note"] * PT)


def test_figures_end_at_one_edge_and_names_begin_at_one() -> None:
    for page in list_pages():
        cells = [t for g in groups(table_of(page), header=False) for t in boxes(g, "TextBox")]
        names, figures = cells[::2], cells[1::2]
        assert len({round(t.position_x, 1) for t in names}) == 1
        assert len({round(t.position_x + t.width, 1) for t in figures}) == 1
        assert (
            len({round(t.width / len(t.text), 2) for t in figures if len(t.text) == 4}) == 1
        )  # tabular digits


def test_a_table_is_as_wide_as_the_text() -> None:
    theme = load_theme().page
    wide = (theme["width"] - 2 * theme["side"]) * MM
    assert {round(table_of(page).width) for page in list_pages()} == {round(wide)}


def test_the_caption_of_a_figure_stands_below_it_on_the_same_page() -> None:
    (page,) = [p._page_box for p in small().pages if any(t.startswith("图1") for t in texts(p._page_box))]
    drawing = next(iter(boxes(page, "InlineReplacedBox")))
    caption = next(t for t in boxes(page, "TextBox") if t.text.startswith("图1"))
    assert caption.text == "图1 甲高于乙"
    assert caption.position_y >= drawing.position_y + drawing.height


@pytest.mark.parametrize("kind", ["small", "community", "department", "town"])
def test_every_text_and_drawing_lies_inside_its_cell_and_its_page(kind: str) -> None:
    made = small() if kind == "small" else document(kind)
    bare = 0 if kind in ("community", "department") else 1  # the cover has no margins
    for number, page in enumerate(made.pages):
        box = page._page_box
        left, top = (0, 0) if number < bare else (box.margin_left, 0)
        right = box.margin_width() if number < bare else box.margin_left + box.width
        bottom = box.margin_height() if number < bare else box.margin_top + box.height
        for shape in (*boxes(box, "TextBox"), *boxes(box, "InlineReplacedBox")):
            what = (number + 1, getattr(shape, "text", "drawing"))
            assert left - 0.5 <= shape.position_x, what
            assert shape.position_x + shape.width <= right + 0.5, what
            assert top <= shape.position_y, what
            assert shape.position_y + shape.height <= bottom + 3, what
        for cell in boxes(box, "TableCellBox"):
            x, y = cell.position_x - 0.5, cell.position_y - 0.5
            for shape in (*boxes(cell, "TextBox"), *boxes(cell, "InlineReplacedBox")):
                what = (number + 1, getattr(shape, "text", "drawing"))
                assert x <= shape.position_x, what
                assert shape.position_x + shape.width <= x + 1 + cell.border_width(), what
                assert shape.position_y + shape.height <= y + 1.5 + cell.border_height(), what


def test_a_cover_has_its_title_its_label_and_nothing_over_another() -> None:
    cover = small().pages[0]._page_box
    said = {t.text: t for t in boxes(cover, "TextBox")}
    for words in ("示例区", "区级体检报告", "合成演示数据", "2026", "年度", *"城市体检"):
        assert words in said
    lines = sorted((t.position_y, t.position_y + t.height) for t in said.values() if t.position_x > 54 * MM)
    title, kind = said["示例区"], said["区级体检报告"]
    assert title.style["font_size"] == pytest.approx(load_theme().type["cover"] * PT)
    assert title.position_y + title.height <= kind.position_y + 1
    (drawing,) = boxes(cover, "InlineReplacedBox")
    assert drawing.position_y >= kind.position_y + kind.height
    assert max(end for _, end in lines) <= cover.margin_height() - 15 * MM
