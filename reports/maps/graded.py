"""Choropleth maps (分级设色图): units coloured by grade or by class of a value, thin outlines, scale bar, north arrow."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from xml.sax.saxutils import escape

import numpy as np

from ...engine.results import UNGRADED
from .. import numbers
from ..charts.svg import Chart, Drawing
from ..theme import GradeCuts, load_theme
from .frame import (
    EXACT,
    NO_DATA,
    ROUGH,
    Frame,
    Key,
    Outlines,
    box_key,
    hatch,
    lay_out,
    legend_lines,
    north_arrow,
    outlines_of,
    path_data,
    scale_bar,
    write_legend,
    write_names,
)

CLASSES = 5  # at most: more cannot be told apart
_THIN = 1.4
_MANY = 100  # units, from which their outlines are drawn less exactly


@dataclass(frozen=True)
class Classes:
    """Classes of a map in words and colours, and the class of each unit by its place; None: nothing is known."""

    names: tuple[str, ...]
    colours: tuple[str, ...]
    of: Mapping[str, int | None]
    unknown: str = UNGRADED

    def fill(self, unit: str) -> str:
        """The fill of a unit: its class's, or the hatch."""
        at = self.of.get(unit)
        return NO_DATA if at is None else self.colours[at]

    def ground(self, unit: str) -> str:
        """The colour that words on a unit stand on."""
        at = self.of.get(unit)
        return load_theme().ungraded if at is None else self.colours[at]

    def keys(self) -> list[Key]:
        """The legend: every class with its range, and the hatch where it occurs."""
        ink = load_theme().ink["muted"]
        keys = [box_key(name, colour, ink) for name, colour in zip(self.names, self.colours, strict=True)]
        if any(at is None for at in self.of.values()):
            keys.append(box_key(self.unknown, NO_DATA, ink))
        return keys


def graded(grades: Mapping[str, str | None], cuts: GradeCuts) -> Classes:
    """The classes of a map of grades."""
    names = [name for name, _ in cuts]
    theme = load_theme()
    return Classes(
        tuple(f"{name} {span}" for name, span in legend_entries(cuts)),
        tuple(theme.grade(name, cuts) for name in names),
        {unit: names.index(g) if g in names else None for unit, g in grades.items()},
    )


def valued(values: Mapping[str, float | None], decimals: int, better: str) -> Classes | None:
    """Units in up to five classes of equal size by a value; None when there are not two different values.

    ``better`` is the indicator's direction (higher, lower, within): the ramp ends dark where things are worse, and
    for a value that is neither it ends dark at the highest. Class breaks are values at the printed number of digits,
    so that the legend says exactly which unit is in which class: a class reaches from its lower break (included) to the next.
    """
    shown = {unit: numbers.rounded(value, decimals) for unit, value in values.items()}
    known = np.array(sorted(v for v in shown.values() if v is not None))
    distinct = np.unique(known)
    if len(distinct) < 2:
        return None
    count = min(CLASSES, len(distinct))
    wanted = np.quantile(known, np.arange(1, count) / count, method="higher")
    breaks = [float(b) for b in np.unique(wanted) if b > distinct[0]] or [float(distinct[1])]
    ramp = load_theme().ramp
    colours = [ramp[round(i * (len(ramp) - 1) / len(breaks))] for i in range(len(breaks) + 1)]
    if better == "higher":
        colours.reverse()
    texts = [numbers.number(b, decimals) for b in breaks]
    names = [f"<{texts[0]}", *(f"{a}–{b}" for a, b in pairwise(texts)), f"≥{texts[-1]}"]
    of = {u: None if v is None else int(np.searchsorted(breaks, v, side="right")) for u, v in shown.items()}
    return Classes(tuple(names), tuple(colours), of, "无数据")


def choropleth(
    shapes: Mapping[str, bytes],
    grades: Mapping[str, str | None],
    cuts: GradeCuts,
    alt: str,
    size: tuple[float, float] = (84, 110),
    labels: Mapping[str, str] | None = None,
    emphasis: str = "",
) -> Chart | None:
    """A map of the units in ``shapes`` (code → WKB), coloured by grade; None when no shape can be drawn.

    ``size`` is width and greatest height in mm. ``labels`` are written where they fit, larger units first;
    ``emphasis`` is outlined in the accent colour. Scale bar, north arrow and legend are part of it.
    """
    return classed_map(shapes, graded(grades, cuts), alt, size, labels, (emphasis,))


def classed_map(
    shapes: Mapping[str, bytes],
    classes: Classes,
    alt: str,
    size: tuple[float, float] = (84, 110),
    labels: Mapping[str, str] | None = None,
    emphasis: Sequence[str] = (),
    over: Mapping[str, bytes] | None = None,
) -> Chart | None:
    """A map of the units in ``shapes`` coloured by class, as :func:`choropleth`; ``over``: boundaries drawn on top.

    ``labels`` name units of ``shapes`` or of ``over``.
    """
    outlines = outlines_of(shapes)
    if not outlines:
        return None
    lines = legend_lines(classes.keys(), size[0])
    frame, draw = lay_out(outlines, size, 1 + len(lines))
    above = outlines_of(over or {})
    _areas(draw, outlines, classes, frame)
    for code in sorted(above):
        draw.path(path_data(above[code], frame), "none", draw.theme.ink["text"], 2.6)
    for code in emphasis:
        if code in outlines:
            draw.path(path_data(outlines[code], frame), "none", draw.theme.ink["accent"], 6)
    ground = draw.theme.ink["paper"] if above else ""
    write_names(
        draw,
        above or outlines,
        labels or {},
        frame,
        (lambda _: draw.theme.ink["text"]) if above else (lambda code: draw.theme.on(classes.ground(code))),
        ground=ground,
    )
    write_legend(draw, frame, lines)
    scale_bar(draw, frame)
    north_arrow(draw, outlines, frame)
    return draw.chart(alt)


def screen_map(
    shapes: Mapping[str, bytes],
    classes: Classes,
    alt: str,
    order: Sequence[str],
    labels: Mapping[str, str],
    size: tuple[float, float],
) -> Chart | None:
    """A map for a screen, without a legend, that a script may recolour: each shape carries its place in ``order``.

    The last path is empty: a script puts there the outline of the unit that is marked. None without shapes.
    """
    outlines = outlines_of(shapes)
    if not outlines:
        return None
    frame, draw = lay_out(outlines, size, 1)
    ink = draw.theme.ink
    for at, code in enumerate(order):
        if code in outlines:
            draw.parts.append(
                f'<path class="unit" data-unit="{at}" d="{path_data(outlines[code], frame)}" '
                f'fill="{classes.fill(code)}" fill-rule="evenodd" stroke="{ink["muted"]}" stroke-width="{_THIN}">'
                f"<title>{escape(labels.get(code, code))}</title></path>"
            )
    draw.parts.append(f'<path class="mark" d="" fill="none" stroke="{ink["accent"]}" stroke-width="8"/>')
    write_names(draw, outlines, labels, frame, lambda _: ink["text"], ground=ink["paper"])
    scale_bar(draw, frame)
    north_arrow(draw, outlines, frame)
    return draw.chart(alt)


def small_map(
    shapes: Mapping[str, bytes],
    grades: Mapping[str, str | None],
    cuts: GradeCuts,
    title: str,
    size: tuple[float, float] = (41, 46),
) -> Chart | None:
    """One of several small maps side by side: title above, no names, no legend (the heat table has it)."""
    outlines = outlines_of(shapes)
    if not outlines:
        return None
    frame, draw = lay_out(outlines, size, 0, top=36.0)
    draw.text((size[0] * 5, 24), title, 24, anchor="middle", bold=True)
    _areas(draw, outlines, graded(grades, cuts), frame)
    return draw.chart(f"{title}等级图")


def _areas(draw: Drawing, outlines: Outlines, classes: Classes, frame: Frame) -> None:
    hatch(draw)
    within = EXACT if len(outlines) <= _MANY else ROUGH
    for code in sorted(outlines):
        draw.path(
            path_data(outlines[code], frame, within), classes.fill(code), draw.theme.ink["muted"], _THIN
        )


def silhouette(shapes: Mapping[str, bytes], emphasis: str, width: float, max_height: float) -> Chart | None:
    """The district's units as a quiet drawing for a cover, ``emphasis`` filled; None without shapes."""
    outlines = outlines_of(shapes)
    if not outlines:
        return None
    frame, draw = lay_out(outlines, (width, max_height), 0)
    ink = draw.theme.ink
    for code in sorted(outlines):
        fill = ink["accent"] if code == emphasis else ink["accent_wash"]
        draw.path(path_data(outlines[code], frame), fill, ink["paper"], 4)
    return draw.chart("行政区划示意")


def legend_entries(cuts: GradeCuts) -> list[tuple[str, str]]:
    """Grade and its range of scores in words: 优 ≥90, 良 80–90 …, 差 <60."""
    entries = []
    for i, (name, low) in enumerate(cuts):
        if i == 0:
            entries.append((name, f"≥{low:g}"))
        elif i == len(cuts) - 1:
            entries.append((name, f"<{cuts[i - 1][1]:g}"))
        else:
            entries.append((name, f"{low:g}–{cuts[i - 1][1]:g}"))
    return entries
