"""The small charts that stand inside a row: spine, score bar, rank interval, survey interval."""

from __future__ import annotations

from ...engine.chance.differences import BETTER, WORSE
from .. import numbers
from ..tables.table import Spine
from ..theme import GradeCuts
from .svg import Chart, Drawing, Point, polyline

ROW_HEIGHT = 4.4


def spine_chart(spine: Spine, width: float = 36) -> Chart:
    """Range of the peers, their middle half, median, the standard (triangle) and this unit, worse left.

    The unit's mark is a full circle where it is better than the district, a hollow one where it is no different, a full
    diamond where it is worse, and a small dot where it is not compared: form and fill say it, not colour alone.
    """
    draw = Drawing(width, ROW_HEIGHT)
    ink, y = draw.theme.ink, ROW_HEIGHT * 5 + 3
    left, span = 14.0, width * 10 - 28

    def at(share: float) -> float:
        return left + span * share

    draw.rect((at(spine.low), y - 4), (at(spine.high) - at(spine.low), 8), ink["band"])
    draw.rect((at(spine.q1), y - 6), (at(spine.q3) - at(spine.q1), 12), ink["middle"])
    draw.line((at(spine.middle), y - 12), (at(spine.middle), y + 12), ink["text"], 3)
    if spine.target is not None:
        x = at(spine.target)
        draw.path(polyline([(x - 9, y - 24), (x + 9, y - 24), (x, y - 10)], closed=True), ink["accent"])
    if spine.here is not None:
        _mark(draw, (at(spine.here), y), spine.than)
    return draw.chart(spine.alt)


def _mark(draw: Drawing, place: Point, than: str | None) -> None:
    ink, (x, y) = draw.theme.ink, place
    if than == WORSE:
        corners = [(x - 12, y), (x, y - 12), (x + 12, y), (x, y + 12)]
        draw.path(polyline(corners, closed=True), ink["warning"], ink["text"], 3)
    elif than is None:
        draw.circle(place, 5.5, ink["text"], ink["text"], 1)
    else:
        draw.circle(place, 9.5, ink["accent"] if than == BETTER else ink["paper"], ink["text"], 3)


def score_bar(
    score: float | None, reference: float | None, grade: str | None, cuts: GradeCuts, width: float = 36
) -> Chart:
    """A score of 0–100 as a bar in its grade's colour; the district's score is a line across it."""
    draw = Drawing(width, ROW_HEIGHT)
    ink, y, scale = draw.theme.ink, ROW_HEIGHT * 5, (width * 10 - 6) / 100
    draw.line((2, y), (width * 10 - 2, y), ink["band"], 2)
    if score is not None:
        draw.rect((2, y - 12), (score * scale, 24), draw.theme.grade(grade, cuts), ink["text"], 2)
    if reference is not None:
        draw.line((2 + reference * scale, y - 20), (2 + reference * scale, y + 20), ink["text"], 3.5)
    return draw.chart(f"得分{numbers.score(score)}，全区{numbers.score(reference)}")


def rank_chart(place: int | None, low: int | None, high: int | None, peers: int, width: float = 48) -> Chart:
    """A rank (dot) and its 90 % interval (bar) on the line of all places. Left is worst, right is first."""
    draw = Drawing(width, ROW_HEIGHT)
    ink, y = draw.theme.ink, ROW_HEIGHT * 5
    left, span = 14.0, width * 10 - 28

    def at(rank: float) -> float:
        return left + span * (1 - (rank - 1) / max(1, peers - 1))

    draw.line((at(peers), y), (at(1), y), ink["band"], 3)
    if place is None:
        return draw.chart("未排名")
    if low is not None and high is not None:
        draw.line((at(high), y), (at(low), y), ink["accent"], 8)
    draw.circle((at(place), y), 9.5, ink["paper"], ink["accent"], 4)
    return draw.chart(f"排名{numbers.rank(place, peers, low, high)}")


def survey_chart(
    score: float | None, low: float | None, high: float | None, reference: float | None, width: float = 48
) -> Chart:
    """A satisfaction score (dot) with its 95 % interval on 40–100; the district's score is a line."""
    draw = Drawing(width, ROW_HEIGHT)
    ink, y = draw.theme.ink, ROW_HEIGHT * 5
    left, span = 14.0, width * 10 - 28

    def at(value: float) -> float:
        return left + span * (min(100.0, max(40.0, value)) - 40) / 60

    draw.line((at(40), y), (at(100), y), ink["band"], 3)
    draw.line((at(60), y - 14), (at(60), y + 14), ink["warning"], 2.5)
    if reference is not None:
        draw.line((at(reference), y - 16), (at(reference), y + 16), ink["text"], 3)
    if score is None:
        return draw.chart("无有效答卷")
    if low is not None and high is not None:
        draw.line((at(low), y), (at(high), y), ink["middle"], 9)
    draw.circle((at(score), y), 9, ink["paper"] if score >= 60 else ink["warning"], ink["text"], 3)
    return draw.chart(f"满意度{numbers.score(score)}（95%区间{numbers.span(low, high, 1)}）")
