"""Sentences of many reports: which of them stand in most, word for word."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator

from tijian.reports.blocks import Bullets, FigureBlock, Portrait, Prose, Report, Section

SAID = re.compile(r"[^。；]+[。；]?")
# what every report has to say in the same words: how it was made, and the keys to drawings and tables
ALIKE = ("数据质量", "说明", "方法与溯源", "得分推算", "住建部评级")


def sentences(report: Report) -> set[str]:
    """Every sentence of a report's words and captions; not its notes, tables and what is said of method."""
    told = set()
    if report.portrait is not None:
        told |= set(_of_portrait(report.portrait))
    for section in report.sections:
        if section.title not in ALIKE:
            told |= set(_of_section(section))
    return {s.strip() for text in told for s in SAID.findall(text)}


def _of_portrait(portrait: Portrait) -> Iterator[str]:
    yield portrait.paragraph
    yield from (point.text for _, points in portrait.lists.lists for point in points)


def _of_section(section: Section) -> Iterator[str]:
    for block in section.blocks:
        if isinstance(block, Prose) and block.style != "note":
            yield from block.paragraphs
        elif isinstance(block, FigureBlock):
            yield block.caption
        elif isinstance(block, Bullets):
            yield from (point.text for _, points in block.lists for point in points)
    for part in section.parts:
        yield from _of_section(part)


def repeated(reports: Iterable[Report], longer_than: int) -> dict[str, int]:
    """Sentences of more than so many characters that stand in more than half of the reports → in how many."""
    held = [sentences(report) for report in reports]
    counts = Counter(s for of in held for s in of if len(s) > longer_than)
    return {s: n for s, n in counts.most_common() if 2 * n > len(held)}
