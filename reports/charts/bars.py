"""Units side by side: bars of a score with the district's line."""

from __future__ import annotations

from collections.abc import Sequence

from .. import numbers
from ..theme import GradeCuts
from .svg import Chart, Drawing, text_width

ROW, LEAST_ROW = 36.0, 29.0  # tenths of a millimetre
FOOT = 46.0  # below the bars: the line's label
_SIZE = 24.0


def unit_bars(
    rows: Sequence[tuple[str, float | None, str | None]],
    reference: float | None,
    cuts: GradeCuts,
    alt: str,
    width: float = 84,
    mark: str = "",
    step: float = ROW,
) -> Chart:
    """One bar per (name, score 0–100, grade), in the order given; the reference is a line through all of them.

    ``mark`` is the name whose row is set bold, ``step`` the height of a row in tenths of a millimetre. A unit without a score has its name and “—”, no bar.
    """
    height = (len(rows) * step + FOOT) / 10
    draw = Drawing(width, height)
    ink = draw.theme.ink
    names = max((text_width(name, _SIZE) for name, _, _ in rows), default=0) + 12
    marks = tuple(cut for _, cut in cuts)
    shown = [numbers.beside_grade(score, marks) for _, score, _ in rows]
    figures = max([40.0, *(text_width(score, _SIZE) for score in shown)]) + 14
    left, span = names + figures, width * 10 - names - figures - 12
    for i, (name, score, grade) in enumerate(rows):
        y = 8 + i * step
        bold = name == mark
        draw.text((names - 8, y + step - 12), name, _SIZE, anchor="end", bold=bold)
        draw.text((left - 8, y + step - 12), shown[i], _SIZE, anchor="end", bold=bold)
        draw.line((left, y + step - 2), (left + span, y + step - 2), ink["band"], 1)
        if score is not None:
            colour = draw.theme.grade(grade, cuts)
            draw.rect((left, y + 6), (span * score / 100, step - 16), colour, ink["text"], 1.6)
    bottom = 8 + len(rows) * step
    draw.line((left, 4), (left, bottom), ink["text"], 2)
    if reference is not None:
        x = left + span * reference / 100
        draw.line((x, 2), (x, bottom + 4), ink["accent"], 3.2)
        draw.text((x, bottom + 30), f"全区 {numbers.score(reference)}", 22, ink["accent"], "middle")
    return draw.chart(alt)
