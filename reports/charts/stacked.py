"""Units side by side: bars of counts in parts, each part's number in it, with a legend above."""

from __future__ import annotations

from collections.abc import Sequence

from .svg import Chart, Drawing, text_width

STEP, HEAD = 42.0, 52.0  # tenths of a millimetre: a row, the legend above
_SIZE = 24.0


def stacked_bars(
    rows: Sequence[tuple[str, Sequence[int]]],
    kinds: Sequence[tuple[str, str]],
    ends: Sequence[str],
    alt: str,
    width: float = 168,
) -> Chart:
    """One bar per (name, counts), in the order given; ``kinds`` are (word, colour) of the parts.

    ``ends`` is what stands behind each bar. Bars are as long as their sum, a number is left out where it has no room.
    """
    draw = Drawing(width, (HEAD + len(rows) * STEP) / 10)
    ink = draw.theme.ink
    left = max((text_width(name, _SIZE) for name, _ in rows), default=0) + 18
    tail = max((text_width(end, _SIZE) for end in ends), default=0) + 18
    scale = (width * 10 - left - tail) / max((sum(counts) for _, counts in rows), default=1)
    x = left
    for word, colour in kinds:
        draw.rect((x, 10), (24, 24), colour, ink["text"], 1.6)
        draw.text((x + 32, 31), word, _SIZE)
        x += 32 + text_width(word, _SIZE) + 34
    for i, ((name, counts), end) in enumerate(zip(rows, ends, strict=True)):
        y = HEAD + i * STEP
        draw.text((left - 10, y + 28), name, _SIZE, anchor="end")
        x = left
        for count, (_, colour) in zip(counts, kinds, strict=True):
            size = count * scale
            if count:
                draw.rect((x, y + 5), (size, STEP - 10), colour, ink["text"], 1.6)
            if count and text_width(str(count), 22) + 8 <= size:
                draw.text((x + size / 2, y + 28), str(count), 22, draw.theme.on(colour), "middle")
            x += size
        draw.text((x + 10, y + 28), end, _SIZE, ink["muted"])
    return draw.chart(alt)
