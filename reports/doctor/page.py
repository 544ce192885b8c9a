"""One page printed for a try (试印): Chinese, rare characters, a table and a chart, by the reports' own press; then looked at.

What is looked at is the file: its pages, and whether every font of it is embedded, so that it prints the same elsewhere.
Import only where printing is known to work: this loads the printer.
"""

from __future__ import annotations

import re
import zlib
from collections.abc import Iterator

from markupsafe import Markup, escape

from ..charts.bars import unit_bars
from ..pdf import press
from ..pdf.fonts import look
from ..pdf.render import with_glyphs
from ..pdf.sheets import Printed, Sheets
from ..pdf.table_html import image, table_html
from ..tables.table import Column, Table
from ..templating import printable
from .machine import RARE

_CUTS = (("优", 90.0), ("良", 80.0), ("中", 70.0), ("较差", 60.0), ("差", float("-inf")))
_ROWS = (("甲街道", 91.5, "优"), ("乙镇", 78.0, "中"), ("丙镇", 58.2, "差"))
_STREAM = re.compile(rb"stream\r?\n(.*?)\r?\nendstream", re.DOTALL)


def print_page() -> Printed:
    """The page. The same machine prints the same bytes."""
    table = Table(
        "试印的表", (Column("name", "单元", 60), Column("score", "得分", 40, "right", "number", 1), Column("grade", "等级", 40, "center", "grade")),
        _ROWS, units="得分：分", notes=("数字是为试印写的，不是任何地方的结果。",),
    )  # fmt: skip
    chart = unit_bars(_ROWS, 75.0, _CUTS, "三个单元的得分，从高到低", width=168)
    body = Markup("<h1>打印检查</h1><p>{words}</p><p>生僻字：{rare}</p>{table}<figure>{chart}</figure>").format(
        words="这一页用来检查本机能不能印出体检报告：汉字、数字 0123456789、单位 ㎡、km²、％、表和图都应清楚，没有方框。",
        rare=RARE, table=table_html(table, _CUTS, 168, 9, (4, 5)), chart=image(chart),
    )  # fmt: skip
    head = f'<head><meta charset="utf-8"/><title>{escape("打印检查")}</title></head>'
    page = f'<!DOCTYPE html>\n<html lang="zh-CN">{head}<body>{body}</body></html>'
    return press.print_sheets(Sheets(with_glyphs(printable(page))), look())


def faults_of(data: bytes) -> tuple[str, ...]:
    """What is wrong with a file that should be one page with all of its fonts in it; nothing where all is right."""
    parts = b"\n".join(_objects(data))
    pages = len(re.findall(rb"/Type\s*/Page\b(?!s)", parts))
    fonts, held = (
        len(re.findall(rb"/FontDescriptor\s+\d+", parts)),
        len(re.findall(rb"/FontFile[23]?\s+\d+", parts)),
    )
    faults = [] if pages == 1 else [f"有 {pages} 页，应为 1 页"]
    if not fonts:
        faults.append("没有用到字体")
    elif held < fonts:
        faults.append(f"{fonts} 种字体中只嵌入 {held} 种")
    return tuple(faults)


def _objects(data: bytes) -> Iterator[bytes]:
    """The file without its streams, and what in them is compressed: objects may stand in either."""
    yield _STREAM.sub(b"", data)
    for found in _STREAM.finditer(data):
        try:
            yield zlib.decompress(found[1])
        except zlib.error:
            continue  # not compressed, or not by this: no objects stand in such
