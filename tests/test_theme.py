"""The theme: grades and severities that can be told apart without colour, one scale of type, nothing set elsewhere."""

from __future__ import annotations

import re
from itertools import combinations, pairwise

import numpy as np
import pytest
from tijian.reports import templating
from tijian.reports.theme import load_theme
from tijian.reports.workbook.styles import book_options

# Machado, Oliveira & Fernandes 2009, "A Physiologically-based Model for Simulation of Color Vision Deficiency", IEEE
# TVCG 15(6), severity 1.0; the matrices work on linear RGB
EYES = {
    "normal": np.eye(3),
    "protanopia": np.array(
        [[0.152286, 1.052583, -0.204868], [0.114503, 0.786281, 0.099216], [-0.003882, -0.048116, 1.051998]]
    ),
    "deuteranopia": np.array(
        [[0.367322, 0.860646, -0.227968], [0.280085, 0.672501, 0.047413], [-0.011820, 0.042940, 0.968881]]
    ),
}
# sRGB (IEC 61966-2-1) to XYZ under D65, and the white of it
XYZ = np.array(
    [[0.4124564, 0.3575761, 0.1804375], [0.2126729, 0.7151522, 0.0721750], [0.0193339, 0.1191920, 0.9503041]]
)
WHITE = np.array([0.95047, 1.0, 1.08883])
SEEN = 12.0  # ΔE*ab: five times what is just seen side by side (2.3, Mahy et al. 1994), for patches that are apart
GREY = 6.0  # ΔL*: steps of a grey printer that are seen apart
RAMP = list(load_theme().ramp)
SEVERE = [load_theme().severity[word] for word in ("黄", "橙", "红")]


def lab(colour: str, eyes: str = "normal") -> np.ndarray:
    """CIE L*a*b* of ``#RRGGBB`` as these eyes see it."""
    given = np.array([int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)])
    linear = np.where(given <= 0.04045, given / 12.92, ((given + 0.055) / 1.055) ** 2.4)
    x, y, z = (np.clip(EYES[eyes] @ linear, 0, 1) @ XYZ.T) / WHITE
    f = [t ** (1 / 3) if t > (6 / 29) ** 3 else t / (3 * (6 / 29) ** 2) + 4 / 29 for t in (x, y, z)]
    return np.array([116 * f[1] - 16, 500 * (f[0] - f[1]), 200 * (f[1] - f[2])])


def test_the_arithmetic_of_colour_agrees_with_what_is_known() -> None:
    assert lab("#FFFFFF") == pytest.approx([100, 0, 0], abs=0.02)
    assert lab("#FF0000") == pytest.approx([53.24, 80.09, 67.20], abs=0.05)  # sRGB red, CIE 1976
    assert lab("#808080", "protanopia") == pytest.approx(lab("#808080"), abs=0.05)  # greys stay grey


@pytest.mark.parametrize("eyes", EYES)
@pytest.mark.parametrize("colours", [RAMP, SEVERE], ids=["grades", "severities"])
def test_worse_is_darker_to_every_eye_and_no_two_look_alike(colours: list[str], eyes: str) -> None:
    seen = [lab(colour, eyes) for colour in colours]
    assert all(better[0] > worse[0] for better, worse in pairwise(seen))
    assert min(np.linalg.norm(a - b) for a, b in combinations(seen, 2)) >= SEEN


@pytest.mark.parametrize("colours", [RAMP, SEVERE], ids=["grades", "severities"])
def test_a_grey_printer_leaves_steps_that_can_be_seen(colours: list[str]) -> None:
    light = [lab(colour)[0] for colour in [load_theme().ink["paper"], *colours]]
    assert min(better - worse for better, worse in pairwise(light)) >= GREY


def test_two_colours_that_only_differ_in_hue_would_be_caught() -> None:
    red, green = "#C0504D", "#7F9F3F"
    assert np.linalg.norm(lab(red) - lab(green)) > 3 * SEEN
    assert np.linalg.norm(lab(red, "deuteranopia") - lab(green, "deuteranopia")) < 2 * SEEN


def test_the_scale_of_type_falls_from_the_cover_to_the_notes_and_can_be_read() -> None:
    sizes = list(load_theme().type.values())
    assert min(sizes) >= 7.5  # 六号: the smallest that official tables use
    order = ("cover", "kind", "title", "h1", "h2", "lead", "body", "small", "caption", "note")
    falling = [load_theme().type[name] for name in order]
    assert falling == sorted(falling, reverse=True)
    assert len(set(falling)) == len(falling)


def test_open_typefaces_stand_before_bought_ones() -> None:
    """What a machine set up by us prints with does not depend on what else is installed."""
    bought = {
        "SimSun",
        "SimHei",
        "KaiTi",
        "FangSong",
        "Microsoft YaHei",
        "PingFang SC",
        "Songti SC",
        "STFangsong",
    }
    for name in ("title", "hei", "kai", "fang", "sans"):
        stack = load_theme().fonts[name]
        first = min(stack.index(face) for face in stack if face in bought)
        assert any(face.startswith("Noto") for face in stack[:first]), name


@pytest.mark.parametrize("sheet", ["style.css", "page.css"])
def test_style_sheets_take_colours_and_typefaces_from_the_theme(sheet: str) -> None:
    text = re.sub(r"/\*.*?\*/", "", templating.asset(sheet), flags=re.DOTALL)
    assert re.findall(r"#[0-9A-Fa-f]{3,8}\b(?=[\s;,)}])", text) == []
    assert re.findall(r"font-family:(?!\s*(?:var|inherit))", text) == []


def test_the_printed_style_sheet_takes_every_size_of_type_from_the_theme() -> None:
    text = re.sub(r"/\*.*?\*/", "", templating.asset("style.css"), flags=re.DOTALL)
    assert re.findall(r"\d(?:pt|px)\b", text) == []
    assert "var(--" not in templating.style_sheet("style.css")


def test_a_style_sheet_is_told_colours_typefaces_and_sizes() -> None:
    theme = load_theme()
    sheet = "a { color: var(--accent-wash); font: var(--type-h1)/1.4 var(--kai); margin: var(--page-list-side); top: var(--screen-h2) }"
    assert templating.with_theme(sheet, theme) == (
        f"a {{ color: {theme.ink['accent_wash']}; font: 16pt/1.4 {theme.css_font('kai')}; margin: 15mm; top: 21px }}"
    )


def test_a_workbook_takes_its_typeface_and_size_from_the_theme() -> None:
    cell = book_options()["default_format_properties"]
    assert cell == {"font_name": load_theme().fonts["sheet"][0], "font_size": load_theme().sheet["cell"]}
