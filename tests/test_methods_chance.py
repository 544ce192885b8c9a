"""The method notes state how small numbers are dealt with, as the project has it."""

from __future__ import annotations

from pathlib import Path

import pytest
from tijian.engine.findings import Findings
from tijian.engine.methods.chance import chance_notes
from tijian.engine.settings.project import Project
from tijian.engine.settings.scheme import Scoring, SmallNumbers
from tijian.indicators.loader import Library, load_indicators


@pytest.fixture(scope="module")
def library() -> Library:
    return load_indicators(("national-2025", "national-2022"), Path("没有这个目录"), Findings())


def said(library: Library, scoring: Scoring | None = None, **rules: object) -> str:
    project = Project.model_construct(
        scoring=scoring or Scoring(), small_numbers=SmallNumbers.model_validate(rules)
    )
    return "\n".join(chance_notes(project, library))


@pytest.mark.parametrize(
    ("rules", "words"),
    [
        ({}, "各单元与同级的全部单元比较"),
        ({"peers": "kind", "fewest_peers": 6}, "类型相同的同级单元比较"),
        ({"peers": "kind", "fewest_peers": 6}, "同类不足 6 个的"),
        ({"peers": "groups", "groups": {"新城": ["甲", "乙"]}}, "项目设定的 1 组中同组的"),
        ({"false_discovery": 0.1}, "错误发现率不超过 10%"),
    ],
)
def test_whom_units_are_compared_with_and_how_many_namings_may_be_wrong_is_stated(
    library: Library, rules: dict[str, object], words: str
) -> None:
    assert words in said(library, **rules)


def test_shrunk_scores_are_stated_only_where_scores_are_of_shrunk_values(library: Library) -> None:
    assert "不用于计分" in said(library)
    assert "取收缩估计" in said(library, Scoring(shrink=True))


def test_smallest_denominators_are_those_of_the_definition_or_else_of_the_project(library: Library) -> None:
    indicator = next(i for i in library.indicators if i.minimum)
    (level, least), *_ = indicator.minimum.items()
    assert f"{least:g}" in said(library).split("最小基数")[1]
    changed = said(library, minimum={indicator.code: {level: 77777}})
    assert f"{indicator.name}（" in changed
    assert " 77777" in changed
