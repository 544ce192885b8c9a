"""Types and coherence as they are read: the district's part, the town's sentence, the method's part, the terminal."""

from __future__ import annotations

import dataclasses
from functools import cache

import polars as pl
import pytest
from rich.console import Console
from tijian.engine.results import Results, conform
from tijian.reports.blocks import FigureBlock, Prose, Report, Section, TableBlock
from tijian.reports.content.coherence import SHOWN, coherence_parts
from tijian.reports.content.district import district_report
from tijian.reports.content.town import town_report
from tijian.reports.content.types import NAMED, type_said, types_parts
from tijian.reports.terminal.types import types_view
from tijian.reports.view import View

from .results_fixture import DISTRICT, YEAR, make_results

TOWN = f"{DISTRICT}001"
NAMES = ("高密度老旧住宅型", "低密度新建住宅型")


def types_of(results: Results, level: str, odd: str = "") -> pl.DataFrame:
    """Two types in turn over the units of a level; ``odd`` is nearer to the other one and lacks a feature."""
    codes = results.units.filter(level=level)["code"].to_list()
    return pl.DataFrame([
        {"year": YEAR, "unit": code, "level": level, "type": i % 2 + 1, "name": NAMES[i % 2], "clusters": 2,
         "words": f"人口密度{'高低'[i % 2]}（平均1.2万人/km²，全部街镇4000人/km²）",
         "silhouette": -0.1 if code == odd else 0.6, "filled": ["年龄中位数"] if code == odd else []}
        for i, code in enumerate(codes)
    ])  # fmt: skip


@cache
def view(odd: str = "") -> View:
    results = make_results()
    types = pl.concat([types_of(results, level, odd) for level in ("town", "community")])
    return View(dataclasses.replace(results, types=conform("types", types)))


@cache
def plain() -> View:
    return View(make_results())


def said(section: Section) -> str:
    return "".join(p for b in section.blocks if isinstance(b, Prose) for p in b.paragraphs)


def parts_of(report: Report, title: str) -> list[str]:
    return [p.title for s in report.sections if s.title == title for p in s.parts]


# ── types ──────────────────────────────────────────────────────────────────────────────────────────────────────────


def test_the_district_tells_the_types_beside_the_comparison_of_towns() -> None:
    assert "体检画像类型" in parts_of(district_report(view()), "街镇横向比较")
    assert "体检画像类型" not in parts_of(district_report(plain()), "街镇横向比较")


def test_a_row_tells_each_type_with_its_marks_and_its_members() -> None:
    (part,) = types_parts(view())
    towns, communities = (b.table for b in part.blocks if isinstance(b, TableBlock))
    assert towns.values("name") == list(NAMES)
    assert towns.values("count") == [9, 8]
    members = towns.values("members")[0].split("、")
    assert len(members) == 9
    assert view().name(TOWN) in members
    assert (
        communities.values("members")[0].startswith("多在")
        or len(communities.values("members")[0].split("、")) <= NAMED
    )
    assert "17个街镇可分为2类体检画像：高密度老旧住宅型9个、低密度新建住宅型8个" in said(part)
    assert "类与类界限清楚" in said(part)


def test_the_map_writes_the_number_of_the_type_on_every_town() -> None:
    (part,) = types_parts(view())
    (figure,) = (b for b in part.blocks if isinstance(b, FigureBlock))
    drawn = figure.charts[0].svg
    assert drawn.count(">1</text>") == 9
    assert drawn.count(">2</text>") == 8
    assert "1 高密度老旧住宅型" in drawn
    assert "高密度老旧住宅型最多，有9个" in figure.caption


def test_who_is_between_two_types_and_who_lacks_a_feature_is_said() -> None:
    (part,) = types_parts(view(TOWN))
    name = view().name(TOWN)
    assert f"{name}介于两型之间。{name}（年龄中位数）缺少数据，分型时以中位数代替。" in said(part)
    assert "介于两型之间" in type_said(view(TOWN), TOWN)


def test_a_town_is_told_its_type_and_who_else_is_of_it() -> None:
    told = type_said(view(), TOWN)
    assert told.startswith("本街镇的体检画像类型为高密度老旧住宅型：人口密度高（")
    assert "同类还有" in told
    assert view().name(TOWN) not in told
    overall = next(s for s in town_report(view(), TOWN).sections if s.title == "总体评价")
    assert told in said(overall)
    assert type_said(plain(), TOWN) == ""


def test_the_portrait_names_the_type() -> None:
    assert NAMES[0] in town_report(view(), TOWN).portrait.facts
    assert "型" not in town_report(plain(), TOWN).portrait.facts


def shown(results: Results, level: str) -> str:
    console = Console(width=200, record=True, file=None, quiet=False)
    with console.capture() as capture:
        console.print(types_view(results, level))
    return capture.get()


def test_the_terminal_shows_them_and_says_where_there_are_none() -> None:
    assert NAMES[1] in shown(view().results, "town")
    none = plain().results
    assert "街镇没有分型：各单元的特征没有差别" in shown(none, "town")
    few = none.units.filter(pl.col("level") == "town").head(4)
    assert "街镇没有分型：只有 4 个，不足 6 个不分型" in shown(dataclasses.replace(none, units=few), "town")


# ── coherence ─────────────────────────────────────────────────────────────────────────────────────────────────────


@cache
def related(units: int = 17) -> View:
    """ST-01–ST-05 with each pair a repeat or opposed over towns, and 交通便捷 with nothing to tell."""
    codes = [f"{p}-{i:02d}" for p in ("ST", "JK") for i in range(1, 6)]
    pairs = [(a, b) for n, a in enumerate(codes) for b in codes[n + 1 :]]
    correlations = pl.DataFrame([
        {"year": YEAR, "level": "town", "dimension": "生态宜居", "a": a, "b": b, "units": units,
         "r": 0.999 - n / 1000 if n % 2 else -0.9 + n / 1000, "flag": "repeats" if n % 2 else "opposes"}
        for n, (a, b) in enumerate(pairs)
    ])  # fmt: skip
    coherence = pl.DataFrame([
        {"year": YEAR, "level": "town", "dimension": d, "indicators": 5, "units": units, "alpha": 0.71, "components": 2,
         "first_share": 0.553, "kept_share": 0.8}
        for d in ("生态宜居", "总分")
    ])  # fmt: skip
    return View(
        dataclasses.replace(
            make_results(),
            correlations=conform("correlations", correlations),
            coherence=conform("coherence", coherence),
        )
    )


def test_the_method_tells_how_indicators_hang_together() -> None:
    assert "指标之间的关系" in parts_of(district_report(related()), "方法与溯源")
    assert coherence_parts(plain()) == ()


def test_a_dimension_has_its_alpha_its_components_and_its_flagged_pairs() -> None:
    (part,) = coherence_parts(related())
    table = next(b.table for b in part.blocks if isinstance(b, TableBlock))
    first = dict(zip(table.keys, table.rows[0], strict=True))
    assert (first["dimension"], first["alpha"], str(first["first"])) == ("生态宜居", 0.71, "55%")
    assert (first["repeats"], first["opposes"]) == (22, 23)
    assert table.values("dimension")[1] == "各维度之间"
    assert table.values("repeats")[1] == 0


def test_pairs_are_named_strongest_first_and_the_rest_are_counted() -> None:
    (part,) = coherence_parts(related())
    table = [b.table for b in part.blocks if isinstance(b, TableBlock)][-1]
    assert len(table) == 2 * SHOWN
    assert table.rows[0][3] == "公园绿化活动场地服务半径覆盖率—城市环境噪声达标地段覆盖率"
    sizes = [abs(r) for r in table.values("r")]
    assert sizes[:SHOWN] == sorted(sizes[:SHOWN], reverse=True)
    assert sizes[SHOWN:] == sorted(sizes[SHOWN:], reverse=True)
    assert f"街镇近乎重复的另有{22 - SHOWN}对" in said(part)
    assert "共比较45对" in said(part)
    assert "会有约1对因偶然" in said(part)


@pytest.mark.parametrize(("units", "warned"), [(15, False), (14, True)])
def test_too_few_units_for_so_many_indicators_are_noted(units: int, warned: bool) -> None:
    (part,) = coherence_parts(related(units))
    table = next(b.table for b in part.blocks if isinstance(b, TableBlock))
    assert any("指标数的3倍" in note for note in table.notes) is warned
