"""Small exact drawings: SVG made of a few primitives, with searchable text.

Coordinates are tenths of a millimetre on paper, so a font size of 26 is 2.6 mm (7.4 pt). A finished drawing is a
:class:`Chart`: SVG, size and the words that stand for it (替代文字).
"""

from __future__ import annotations

import base64
from dataclasses import dataclass
from xml.sax.saxutils import escape, quoteattr

from ..theme import Theme, load_theme

Point = tuple[float, float]


@dataclass(frozen=True)
class Chart:
    """A drawing of ``width`` × ``height`` millimetres; ``alt`` says in words what it shows."""

    svg: str
    width: float
    height: float
    alt: str

    @property
    def uri(self) -> str:
        """The drawing as a data URI for ``<img src>``."""
        return "data:image/svg+xml;base64," + base64.b64encode(self.svg.encode()).decode()


class Drawing:
    """Collects elements in painting order; ``chart`` closes it."""

    def __init__(self, width: float, height: float, theme: Theme | None = None) -> None:
        """An empty drawing of ``width`` × ``height`` millimetres."""
        self.width, self.height = width, height
        self.theme = theme or load_theme()
        self.parts: list[str] = []

    def line(self, a: Point, b: Point, colour: str, width: float = 1.5, dash: str = "") -> None:
        """A straight line."""
        extra = f' stroke-dasharray="{dash}"' if dash else ""
        self.parts.append(
            f'<line x1="{_n(a[0])}" y1="{_n(a[1])}" x2="{_n(b[0])}" y2="{_n(b[1])}" '
            f'stroke="{colour}" stroke-width="{_n(width)}"{extra}/>'
        )

    def rect(
        self,
        at: Point,
        size: Point,
        fill: str,
        stroke: str = "none",
        width: float = 1.5,
        radius: float = 0,
        opacity: float = 1,
    ) -> None:
        """A rectangle from its top left corner; a negative size draws nothing."""
        if size[0] < 0 or size[1] < 0:
            return
        rounding = f' rx="{_n(radius)}"' if radius else ""
        rounding += f' fill-opacity="{_n(opacity)}"' if opacity < 1 else ""
        self.parts.append(
            f'<rect x="{_n(at[0])}" y="{_n(at[1])}" width="{_n(size[0])}" height="{_n(size[1])}" '
            f'fill="{fill}" stroke="{stroke}" stroke-width="{_n(width)}"{rounding}/>'
        )

    def circle(self, at: Point, radius: float, fill: str, stroke: str, width: float = 2.5) -> None:
        """A circle."""
        self.parts.append(
            f'<circle cx="{_n(at[0])}" cy="{_n(at[1])}" r="{_n(radius)}" '
            f'fill="{fill}" stroke="{stroke}" stroke-width="{_n(width)}"/>'
        )

    def path(self, data: str, fill: str, stroke: str = "none", width: float = 1.5, dash: str = "") -> None:
        """A path from SVG path data (holes by the even-odd rule)."""
        extra = f' stroke-dasharray="{dash}"' if dash else ""
        self.parts.append(
            f'<path d="{data}" fill="{fill}" fill-rule="evenodd" stroke="{stroke}" '
            f'stroke-width="{_n(width)}" stroke-linejoin="round"{extra}/>'
        )

    def text(
        self,
        at: Point,
        words: str,
        size: float = 26,
        colour: str = "",
        anchor: str = "start",
        bold: bool = False,
    ) -> None:
        """One line of text on its baseline; ``anchor`` start, middle or end."""
        weight = ' font-weight="bold"' if bold else ""
        fill = colour or self.theme.ink["text"]
        self.parts.append(
            f'<text x="{_n(at[0])}" y="{_n(at[1])}" font-size="{_n(size)}" fill="{fill}" '
            f'text-anchor="{anchor}"{weight}>{escape(words)}</text>'
        )

    def chart(self, alt: str) -> Chart:
        """The finished drawing."""
        family = quoteattr(self.theme.css_font("sans"))
        svg = (
            f'<svg xmlns="http://www.w3.org/2000/svg" width="{_n(self.width)}mm" height="{_n(self.height)}mm" '
            f'viewBox="0 0 {_n(self.width * 10)} {_n(self.height * 10)}" font-family={family}>'
            f"{''.join(self.parts)}</svg>"
        )
        return Chart(svg, self.width, self.height, alt)


def polyline(points: list[Point], closed: bool = False) -> str:
    """Path data through the points."""
    return "M" + "L".join(f"{_n(x)},{_n(y)}" for x, y in points) + ("Z" if closed else "")


def text_width(words: str, size: float) -> float:
    """About how wide a line of text is: Han and full-width characters one em, the rest 0.56 em."""
    return size * sum(1.0 if ord(c) > 0x2E7F else 0.56 for c in words)


def _n(value: float) -> str:
    """A coordinate with at most two decimals and no trailing zeros."""
    return f"{value:.2f}".rstrip("0").rstrip(".") if value else "0"
