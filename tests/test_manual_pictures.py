"""The sheets drawn in the manual (数据准备): the program says of them what is drawn, and the drawings are those of today."""

from __future__ import annotations

import importlib.util
import re
import sys
from pathlib import Path
from types import ModuleType

import pytest
from tijian.engine.findings import catalogue

from .manual_sheets import told_of

SCRIPT = Path(__file__).resolve().parents[1] / "scripts" / "manual_pictures.py"
TALLEST = 85.0  # mm, a third of a page
ALONE = ("units", "names")  # what every other sheet is read by: spoiled, they would spoil the others


@pytest.fixture(scope="module")
def script() -> ModuleType:
    spec = importlib.util.spec_from_file_location("manual_pictures", SCRIPT)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module  # its dataclasses look their own module up
    spec.loader.exec_module(module)
    return module


def test_of_the_right_sheets_nothing_is_told(script: ModuleType, tmp_path: Path) -> None:
    told = told_of(tmp_path / "right", script.sheets(), "right", ())
    assert {name: findings for name, findings in told.items() if findings} == {}


def test_of_the_wrong_sheets_exactly_what_is_drawn_is_told(script: ModuleType, tmp_path: Path) -> None:
    every = script.sheets()
    told = {}
    others = {sheet.name for sheet in every} - set(ALONE)
    for i, spoiled in enumerate((others, *({name} for name in ALONE))):
        found = told_of(tmp_path / f"wrong-{i}", every, "wrong", spoiled)
        told |= {name: found[name] for name in spoiled}
    drawn = {
        sheet.name: sorted(((f.code, f.row or None, f.column) for f in sheet.faults), key=str)
        for sheet in every
    }
    assert told == drawn


def test_every_fault_is_ringed_in_the_row_it_is_told_of_and_named_as_the_catalogue_has_it(
    script: ModuleType,
) -> None:
    for sheet in script.sheets():
        assert sheet.faults, sheet.name
        for fault in sheet.faults:
            assert fault.code in catalogue()
            letter, row = re.fullmatch(r"([A-Z])(\d+)", fault.at).groups()
            assert int(row) <= len(sheet.wrong.rows), (sheet.name, fault.at)
            assert ord(letter) - 65 < len(sheet.wrong.rows[int(row) - 1]), (sheet.name, fault.at)
            if fault.row:
                assert int(row) == fault.row, (sheet.name, fault.at)


def test_the_pictures_are_those_of_the_description(script: ModuleType) -> None:
    for sheet in script.sheets():
        for name, svg in script.pictures(sheet).items():
            kept = (script.FOLDER / name).read_text(encoding="utf-8")
            assert kept == svg, f"{name}：运行 scripts/manual_pictures.py"


def test_every_picture_fits_the_page_and_is_made_of_simple_shapes(script: ModuleType) -> None:
    for sheet in script.sheets():
        for name, svg in script.pictures(sheet).items():
            assert set(re.findall(r"<(\w+)", svg)) <= {"svg", "rect", "line", "text"}, name
            height = float(re.search(r'height="([\d.]+)mm"', svg)[1])
            assert height <= TALLEST, (name, height)  # a taller one leaves a third of a page empty before it
        width = script.NUMBERS + sum(sheet.widths)
        assert width <= script.PAGE, (sheet.name, width)
