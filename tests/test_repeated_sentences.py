"""A reader does not find the same sentence in every report: the words follow the figures."""

from __future__ import annotations

from functools import cache

from tijian.reports.blocks import Prose, Report, Section
from tijian.reports.content.community import community_report
from tijian.reports.content.town import town_report
from tijian.reports.view import View

from .repeated import repeated
from .results_fixture import make_results

LONG = 28  # characters: shorter ones are keys to drawings, sources and measures


@cache
def view() -> View:
    return View(make_results())


def test_no_long_sentence_stands_in_more_than_half_of_the_towns_reports() -> None:
    towns = view().of_level("town")
    assert len(towns) > 10
    assert repeated([town_report(view(), u) for u in towns], LONG) == {}


def test_no_long_sentence_stands_in_more_than_half_of_the_communities_reports() -> None:
    communities = view().of_level("community")
    assert len(communities) > 30
    assert repeated([community_report(view(), u) for u in communities], LONG) == {}


def test_a_sentence_said_of_everybody_would_be_found() -> None:
    said = "各单元应当高度重视城市体检发现的问题并切实抓好整改落实工作。"

    def report(title: str, n: int) -> Report:
        words = Section(title, (Prose((f"得分{n}分。{said}",)),))
        return Report("街镇体检报告", f"镇{n}", "区", 2026, "", "", None, None, (words,), True)

    assert repeated([report("总体评价", n) for n in range(3)], LONG) == {said: 3}
    assert repeated([report("数据质量", n) for n in range(3)], LONG) == {}
