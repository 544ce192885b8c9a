"""The look as data (`theme.toml`): colours by grade and severity, typefaces, sizes of type and paper."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from functools import cache
from importlib import resources

from ..engine.results import UNGRADED

GradeCuts = tuple[tuple[str, float], ...]


@dataclass(frozen=True)
class Theme:
    """Colours are ``#RRGGBB``; ``ramp`` runs from the best grade to the worst; ``page`` is in millimetres.

    Sizes of type by what they are for: ``type`` on paper and ``sheet`` in workbooks in points, ``screen`` in CSS pixels.
    """

    ink: dict[str, str]
    ramp: tuple[str, ...]
    ungraded: str
    severity: dict[str, str]
    kinds: tuple[str, ...]
    fonts: dict[str, tuple[str, ...]]
    type: dict[str, float]
    sheet: dict[str, float]
    screen: dict[str, float]
    page: dict[str, float]

    def grade(self, name: str | None, cuts: GradeCuts) -> str:
        """The colour of a grade by its place among the project's grades; white for 未评价 and unknown names."""
        names = [grade for grade, _ in cuts]
        if name is None or name == UNGRADED or name not in names:
            return self.ungraded
        if len(names) == 1:
            return self.ramp[0]
        step = names.index(name) * (len(self.ramp) - 1) / (len(names) - 1)
        return self.ramp[round(step)]

    def on(self, colour: str) -> str:
        """Ink that is readable on ``colour``: dark, or paper white on dark grounds (WCAG relative luminance)."""
        return self.ink["text"] if luminance(colour) > 0.22 else self.ink["paper"]

    def css_font(self, family: str) -> str:
        """A CSS font stack for what a typeface is for: title, hei, kai, fang, sans, mono."""
        return ", ".join(
            f if f in ("serif", "sans-serif", "monospace") else f"'{f}'" for f in self.fonts[family]
        )


def luminance(colour: str) -> float:
    """Relative luminance 0–1 of ``#RRGGBB`` (WCAG 2.1 definition)."""

    def linear(channel: int) -> float:
        share = channel / 255
        return share / 12.92 if share <= 0.03928 else ((share + 0.055) / 1.055) ** 2.4

    red, green, blue = (linear(int(colour[i : i + 2], 16)) for i in (1, 3, 5))
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


@cache
def load_theme() -> Theme:
    """The shipped theme."""
    raw = tomllib.loads(resources.files(__package__).joinpath("theme.toml").read_text(encoding="utf-8"))
    return Theme(
        ink=raw["ink"],
        ramp=tuple(raw["grades"]["ramp"]),
        ungraded=raw["grades"]["ungraded"],
        severity=raw["severity"],
        kinds=tuple(raw["kinds"]["colours"]),
        fonts={name: tuple(stack) for name, stack in raw["fonts"].items()},
        **{part: _floats(raw[part]) for part in ("type", "sheet", "screen", "page")},
    )


def _floats(sizes: dict[str, float]) -> dict[str, float]:
    return {name: float(size) for name, size in sizes.items()}
