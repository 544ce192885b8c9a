"""No empty boxes in print: rare characters of names are there, and what no font has is stood in for and told."""

from __future__ import annotations

import io
import logging
from dataclasses import replace

import pypdf
import pytest
from tijian.reports.blocks import Prose, Report, Section
from tijian.reports.charts.svg import Drawing
from tijian.reports.pdf import printing
from tijian.reports.pdf import render as pdf
from tijian.reports.pdf.press import to_bytes
from tijian.reports.pdf.table_html import image

from .printed import document
from .results_fixture import CUTS

RARE = "𠮷㛃堃珺喆䶮𬭎"  # in use as names; 𠮷 and 𬭎 lie beyond the basic plane
NOWHERE = "\U00013000"  # a hieroglyph, in no font we print with


def report(words: str) -> Report:
    return Report(
        kind="社区体检报告", subject=f"{RARE}社区", district="示例区", year=2026, synthetic="", run_line="", cover=None,
        portrait=None, sections=(Section("章", (Prose((words,)),)),), full=False,
    )  # fmt: skip


def text(data: bytes) -> str:
    return "".join(p.extract_text() for p in pypdf.PdfReader(io.BytesIO(data)).pages)


def notdefs(caplog: pytest.LogCaptureFixture) -> list[str]:
    """What the printer said about characters it drew as .notdef."""
    return [r.getMessage() for r in caplog.records if ".notdef" in r.getMessage()]


@pytest.fixture(autouse=True)
def _warned(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.WARNING, logger="weasyprint")


@pytest.mark.parametrize("kind", ["community", "department", "town"])
def test_no_report_has_an_empty_box(kind: str, caplog: pytest.LogCaptureFixture) -> None:
    to_bytes(document(kind))
    assert notdefs(caplog) == []


def test_rare_characters_of_names_are_printed(caplog: pytest.LogCaptureFixture) -> None:
    data = pdf.print_report(report(RARE), CUTS).data
    assert notdefs(caplog) == []
    assert text(data).count(RARE) >= 2
    assert "〓" not in text(data)


def test_a_character_of_no_font_is_stood_in_for_and_told(caplog: pytest.LogCaptureFixture) -> None:
    said = text(pdf.print_report(report(f"甲{NOWHERE}乙"), CUTS).data)
    assert notdefs(caplog) == []
    assert "甲〓乙" in said
    assert "U+13000" in said


def test_the_printer_would_say_if_we_did_not_stand_in(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(pdf, "with_stand_ins", lambda words: (words, ""))
    pdf.print_report(report(NOWHERE), CUTS)
    assert len(notdefs(caplog)) == 1


def test_a_drawing_stands_in_for_it_too() -> None:
    drawing = Drawing(10, 10)
    drawing.text((0, 50), f"甲{NOWHERE}")
    chart = drawing.chart("图")
    assert image(chart) == image(replace(chart, svg=chart.svg.replace(NOWHERE, "〓")))


def test_only_what_has_no_glyph_is_missing() -> None:
    assert printing.missing_glyphs(f"{RARE}ABC 1−2％㎡‰↑·\n\t{NOWHERE}") == NOWHERE


def test_without_fontconfig_nothing_is_stood_in_for(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(printing, "library", lambda name, fallbacks: None)
    printing._covered.cache_clear()
    try:
        assert printing.with_stand_ins(f"甲{NOWHERE}") == (f"甲{NOWHERE}", "")
    finally:
        printing._covered.cache_clear()
