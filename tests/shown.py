"""What tests look at: a view of the terminal as plain text, what is in a drawing, where a link in a workbook leads."""

from __future__ import annotations

import xml.etree.ElementTree as ET
from io import StringIO
from typing import Any

from openpyxl import Workbook
from rich.console import Console, RenderableType
from tijian.reports.charts.svg import Chart

_SVG = "{http://www.w3.org/2000/svg}"


def on_screen(view: RenderableType, width: int = 400) -> str:
    """What a terminal without colours shows, unless told otherwise wide enough that nothing wraps."""
    told = StringIO()
    Console(file=told, width=width, color_system=None).print(view)
    return told.getvalue().replace("\u00a0", " ")


def parts(chart: Chart, kind: str) -> list[ET.Element]:
    """Every element of a kind in a drawing."""
    return list(ET.fromstring(chart.svg).iter(f"{_SVG}{kind}"))


def words(chart: Chart) -> list[str]:
    """Every text in a drawing."""
    return [e.text or "" for e in parts(chart, "text")]


def targets_of(book: Workbook, cell: Any) -> list[Any]:
    """The cells that a link inside the workbook leads to."""
    sheet, address = cell.hyperlink.location.rsplit("!", 1)
    found = book[sheet.strip("'")][address]
    return [row[0] for row in found] if isinstance(found, tuple) else [found]
