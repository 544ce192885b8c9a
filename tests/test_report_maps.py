"""Maps in reports: which there are, what their captions and texts say, and that a run without places has none."""

from __future__ import annotations

import dataclasses
import re
from functools import cache

import polars as pl
import pytest
import shapely
from tijian.engine.results import Results
from tijian.reports.blocks import Block, FigureBlock, Prose, Report, Section, TableBlock
from tijian.reports.content import problems as content_problems
from tijian.reports.content import service as content_service
from tijian.reports.content.district import district_report
from tijian.reports.content.figures import value_map
from tijian.reports.content.topic import topic_report
from tijian.reports.content.town import town_report
from tijian.reports.view import View

from .results_fixture import DISTRICT, make_results

TOWN = f"{DISTRICT}002"
STOPS = "JT-02"


@cache
def results() -> Results:
    return make_results()


@cache
def view() -> View:
    return View(results())


def without(*names: str) -> View:
    held = results()
    return View(dataclasses.replace(held, **{n: getattr(held, n).clear() for n in names}))


def captions(blocks: tuple[Block, ...]) -> list[str]:
    return [b.caption for b in blocks if isinstance(b, FigureBlock)]


def said(blocks: tuple[Block, ...]) -> str:
    return "".join(p for b in blocks if isinstance(b, Prose) for p in b.paragraphs)


def sections(report: Report) -> list[Section]:
    return [s for section in report.sections for s in (section, *section.parts)]


def test_the_service_map_follows_its_dimension_and_says_who_is_without() -> None:
    parts = next(s for s in district_report(view()).sections if s.title == "分维度评价").parts
    titles = [p.title for p in parts]
    assert titles[titles.index("交通便捷") + 1] == "服务覆盖"
    assert titles.count("服务覆盖") == 1  # no other dimension has an indicator of service
    part = parts[titles.index("服务覆盖")]
    frame = results().service
    missing = frame.filter(~pl.col("served"))["weight"].sum()
    (caption,) = captions(part.blocks)
    assert f"{missing:.0f}人不在服务范围内，最多的是" in caption
    assert "资料来源：区交通委填报表" in caption


def test_the_table_beside_it_adds_up_to_the_caption() -> None:
    (service,) = content_service.services(view(), DISTRICT, [STOPS])
    table = content_service.by_unit(view(), DISTRICT, [service])
    missing = [cell.value for cell in table.values(f"{STOPS}-missing")]
    assert sum(missing) == service.missing
    assert missing == sorted(missing, reverse=True)  # type: ignore[type-var]


def test_a_town_is_cut_out_with_its_own_numbers() -> None:
    part = next(s for s in sections(town_report(view(), TOWN)) if s.title == "服务覆盖")
    mine = results().service.filter(pl.col("unit").str.starts_with(TOWN) & ~pl.col("served"))
    (caption,) = captions(part.blocks)
    assert f"{mine['weight'].sum():.0f}人不在服务范围内" in caption
    assert "本街镇由40.6%升至71.9%" in caption


def test_a_proposed_site_is_told_with_what_it_brings() -> None:
    part = content_service.service_part(view(), DISTRICT, [STOPS])
    assert part is not None
    (caption,) = captions(part.blocks)
    assert "在①处（示例东街道）新增一处可多服务600人，该街镇由40.6%升至71.9%" in caption
    bare = content_service.service_part(without("sites"), DISTRICT, [STOPS])
    assert bare is not None
    assert "新增" not in captions(bare.blocks)[0]


def test_where_everybody_is_served_nothing_is_said() -> None:
    all_served = results().service.with_columns(served=pl.lit(True))
    happy = View(dataclasses.replace(results(), service=all_served))
    assert content_service.service_part(happy, DISTRICT, [STOPS]) is None


def test_a_life_circle_counts_each_point_once_and_names_the_kinds_that_lack() -> None:
    whole = results().service
    school = whole.with_columns(kind=pl.lit("小学"), served=pl.lit(False))
    shop = whole.with_columns(kind=pl.lit("菜场"), served=pl.lit(True))
    circle = View(dataclasses.replace(results(), service=pl.concat([whole, school, shop])))
    (service,) = content_service.services(circle, DISTRICT, [STOPS])
    assert service.total == whole["weight"].sum()
    assert "走不到最多的是小学（" in content_service.spoken(circle, DISTRICT, service)
    assert "菜场" not in content_service.spoken(circle, DISTRICT, service)


def test_without_places_there_are_no_maps_and_no_empty_headings() -> None:
    bare = without("service", "facilities", "sites", "ledger")
    titles = {s.title for r in (district_report(bare), town_report(bare, TOWN)) for s in sections(r)}
    assert not titles & {"服务覆盖", "问题地图", "风险动态区划", content_problems.TITLE}


def test_lines_stand_at_their_coordinates_or_in_their_community_or_town() -> None:
    lines = (
        results()
        .ledger.head(4)
        .with_columns(
            x=pl.Series([500_100.0, None, None, None], dtype=pl.Float64),
            y=pl.Series([3_430_100.0, None, None, None], dtype=pl.Float64),
            community=pl.when(pl.int_range(4) < 2).then("community"),
            town=pl.when(pl.int_range(4) < 3).then("town"),
        )
    )
    held = View(dataclasses.replace(results(), ledger=lines))
    found = content_problems.placed(held, DISTRICT)
    assert found.lines["by"].to_list() == ["点位", "社区", "街镇"]
    assert found.unplaced == 1
    assert found.lines.row(0, named=True)["x"] == 500_100.0
    shapes = dict(results().shapes.iter_rows())
    for row, level in ((1, "community"), (2, "town")):
        line = found.lines.row(row, named=True)
        assert shapely.from_wkb(shapes[line[level]]).contains(shapely.Point(line["x"], line["y"]))
    text = said(content_problems.problem_blocks(held, DISTRICT))
    assert (
        "问题台账共4条：1条按坐标标出，1条没有坐标、按所在社区标在社区内，1条只知所在街镇、标在街镇内，1条没有位置，未上图。"
        in text
    )


def test_the_problem_map_counts_what_its_table_counts() -> None:
    blocks = content_problems.problem_blocks(view(), DISTRICT)
    (table,) = [b.table for b in blocks if isinstance(b, TableBlock)]
    assert sum(int(str(n)) for n in table.values("all")) == results().ledger.height
    (caption,) = captions(blocks)
    assert f"上图问题{results().ledger.height}条" in caption


def test_a_topic_has_the_problems_of_its_indicators_only_by_indicator() -> None:
    held = dataclasses.replace(results(), topics={"住房安全": ("AQ-02", "JT-02")})
    report = topic_report(View(held), "住房安全")
    titles = [s.title for s in sections(report)]
    assert titles.index("服务覆盖") == titles.index("公交站点500米覆盖率") + 1
    blocks = next(s for s in sections(report) if s.title == "问题地图").blocks
    count = results().ledger.filter(indicator="AQ-02").height
    assert f"问题台账共{count}条" in said(blocks)
    (chart,) = next(b for b in blocks if isinstance(b, FigureBlock)).charts
    assert f"存在燃气安全隐患的住宅数量 {count}" in re.findall(r">([^<]+)</text>", chart.svg)


def test_rare_kinds_are_put_together_when_there_are_more_than_signs() -> None:
    lines = pl.DataFrame(
        {"kind": [f"类{i:02d}" for i in range(12) for _ in range(20 - i)], "x": 0.0, "y": 0.0}
    )
    kinds = content_problems.kinds_of(view(), lines, [f"类{i:02d}" for i in range(12)])
    assert [k.name for k in kinds] == [*(f"类{i:02d}" for i in range(8)), "其他"]
    assert sum(len(k) for k in kinds) == lines.height


def test_the_risk_chapter_states_its_rule_its_limits_and_the_places() -> None:
    blocks = content_problems.risk_blocks(view(), DISTRICT)
    rule = said(blocks)
    assert "一般1、较严重2、严重3、非常严重4" in rule
    assert "底线型指标加倍" in rule
    assert "第50、80、95百分位" in rule
    (caption,) = captions(blocks)
    assert re.search(r"左：17个街镇中.*重大风险\d+个", caption)
    figure = next(b for b in blocks if isinstance(b, FigureBlock))
    for chart, level in zip(figure.charts, ("town", "community"), strict=True):
        one = content_problems.risk_at(view(), level)
        legend = re.findall(r">([^<]+)</text>", chart.svg)
        assert f"重大风险 ≥{one.limits[-1]:g}" in legend
    (table,) = [b.table for b in blocks if isinstance(b, TableBlock)]
    index = [float(str(v)) for v in table.values("index")]
    assert index == sorted(index, reverse=True)
    assert len(table) <= content_problems.LISTED


@pytest.mark.parametrize("unit", [DISTRICT, TOWN])
def test_levels_mean_the_same_in_the_town_as_in_the_district(unit: str) -> None:
    one = content_problems.risk_at(view(), "community")
    blocks = content_problems.risk_blocks(view(), unit)
    (table,) = [b.table for b in blocks if isinstance(b, TableBlock)]
    by_name = {view().name(u): one.names[one.at(u) or 0] for u in one.rows if u.startswith(unit)}
    for name, level in zip(table.values("unit"), table.values("level"), strict=True):
        assert by_name[name[-1] if isinstance(name, tuple) else name] == level


def test_an_indicator_without_scores_has_a_map_of_its_values() -> None:
    towns = view().of_level("town")
    values = {u: 30.0 + i for i, u in enumerate(towns)}
    (figure,) = value_map(view(), values, "CX-04")
    assert "示例中心街道最低（30岁）" in figure.caption
    assert "各级含下限" in figure.caption
    assert value_map(view(), dict.fromkeys(towns, 30.0), "CX-04") == ()
