"""Reports of the fixture, laid out and printed once for all tests of a process."""

from __future__ import annotations

import io
from collections.abc import Iterator
from functools import cache
from typing import Any

import pypdf
from tijian.reports.blocks import (
    Bullets,
    FigureBlock,
    Heat,
    HeatCell,
    HeatRow,
    Point,
    Prose,
    Report,
    Section,
    TableBlock,
)
from tijian.reports.charts.svg import Drawing
from tijian.reports.content.assemble import assemble
from tijian.reports.pdf import render as pdf
from tijian.reports.pdf.press import to_bytes
from tijian.reports.pdf.render import Printed
from tijian.reports.tables.table import Column, Figure, Table
from tijian.reports.view import View
from weasyprint.document import Document

from .results_fixture import CUTS, DISTRICT, make_results

KEYS = {
    "district": DISTRICT,
    "national": DISTRICT,
    "town": f"{DISTRICT}002",
    "community": f"{DISTRICT}001001",
    "topic": "城市基础设施",
    "department": "区建设管理委",
}
FULL = ("district", "national", "town", "topic")
ROWS = 70  # of the table of the small report


@cache
def view() -> View:
    return View(make_results(hostile=True))


@cache
def document(kind: str) -> Document:
    return pdf.lay_out(assemble(view(), kind, KEYS[kind]), CUTS)


@cache
def printed(kind: str) -> Printed:
    return Printed(to_bytes(document(kind)), len(document(kind).pages))


@cache
def pages(kind: str) -> list[str]:
    reader = pypdf.PdfReader(io.BytesIO(printed(kind).data))
    return ["".join(page.extract_text().split()) for page in reader.pages]


def outline(kind: str) -> list[str]:
    return bookmarks(pypdf.PdfReader(io.BytesIO(printed(kind).data)).outline)


def bookmarks(outline: list[Any]) -> list[str]:
    """The titles of a PDF's bookmarks, those below another after it."""
    return [t for i in outline for t in (bookmarks(i) if isinstance(i, list) else [str(i.title)])]


def boxes(box: Any, kind: str) -> Iterator[Any]:
    """All boxes of a kind of WeasyPrint's within a box, but for the margins of pages."""
    if type(box).__name__ == kind:
        yield box
    for child in getattr(box, "children", ()):
        if type(child).__name__ != "MarginBox":
            yield from boxes(child, kind)


def sketch(alt: str) -> Drawing:
    drawing = Drawing(40, 20)
    drawing.rect((0, 0), (400, 200), drawing.theme.ink["accent"])
    drawing.text((10, 100), alt)
    return drawing


def small_report(full: bool = True) -> Report:
    """A small report with everything in it, its table two pages long."""
    columns = (Column("name", "街镇", 30, nowrap=True), Column("score", "得分", 20, "right", "number", 1))
    table = Table(
        "各街镇得分",
        columns,
        tuple((f"示例第{i}街道", Figure(60.0 + i / 2, 1)) for i in range(ROWS)),
        notes=("示例",),
    )
    heat = Heat(
        "热力表",
        ("生态宜居",),
        (HeatRow("示例东街道", (HeatCell("80.0", "良"),), "80.0", "良", "1", None),),
        "名次",
        (),
    )
    parts = (
        Section("第一节", (Prose(("先说结论。",)), FigureBlock((sketch("图中的话").chart("甲最高，乙最低"),), "甲高于乙"))),
        Section("100%的 一节", (Bullets((("优势", (Point("绿地多", "黄"),)), ("短板", ()))), heat)),
        Section("续", (Prose(("接着说。",)),), continues=True),
    )  # fmt: skip
    return Report(
        kind="区级体检报告", subject="示例区", district="示例区", year=2026, synthetic="合成演示数据", run_line="运行编号 1",
        cover=sketch("区划").chart("行政区划示意"), portrait=None, full=full,
        sections=(Section("总体结论", (TableBlock(table),)), Section("各节", (), parts)),
    )  # fmt: skip
