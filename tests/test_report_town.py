"""A town beside its peers and its district, a community beside both: places counted again here from the frames."""

from __future__ import annotations

from dataclasses import replace
from functools import cache

import polars as pl
import pytest
from tijian.engine.results import THIRDS, conform
from tijian.reports.blocks import FigureBlock, Heat, Section, TableBlock
from tijian.reports.charts.places import Line, places_chart
from tijian.reports.content.beside import beside_blocks
from tijian.reports.content.community import beside_table, community_report, near_table
from tijian.reports.content.service import services
from tijian.reports.content.town import town_report
from tijian.reports.content.town_lists import problems_by_indicator
from tijian.reports.content.town_service import services_table
from tijian.reports.tables.derivation import derivation_section
from tijian.reports.view import Scope, View
from tijian.reports.wording.brief import brief
from tijian.reports.wording.community_said import beside_said, near_said
from tijian.reports.wording.peers_said import TOTAL, place_in, places_said

from .results_fixture import CUTS, DISTRICT, YEAR, make_results

TOWN = f"{DISTRICT}001"
COMMUNITY = f"{TOWN}001"


@cache
def view() -> View:
    """The fixture with the first four towns of one type."""
    made = make_results()
    rows = [
        {"year": YEAR, "unit": f"{DISTRICT}{i:03d}", "level": "town", "type": 1 if i <= 4 else 2,
         "name": "老城型" if i <= 4 else "新城型", "words": "人口密度高", "silhouette": 0.5, "clusters": 2, "filled": []}
        for i in range(1, 18)
    ]  # fmt: skip
    return View(
        replace(
            made, types=conform("types", pl.DataFrame(rows, schema_overrides={"filled": pl.List(pl.String)}))
        )
    )


def titles(sections: tuple[Section, ...]) -> list[str]:
    return [s.title for s in sections]


# ── the town ──────────────────────────────────────────────────────────────────────────────────────────────


def test_a_place_counts_who_is_ahead_and_equal_scores_share_it() -> None:
    towns = view().of_level("town")
    scores = {u: t["score"] for u in towns if (t := view().total(u)) and t["score"] is not None}
    own = scores[TOWN]
    assert place_in(view(), TOWN, TOTAL, towns) == (1 + sum(s > own for s in scores.values()), len(scores))
    assert place_in(view(), TOWN, TOTAL, [TOWN]) is None


def test_the_town_is_compared_with_its_type_by_name() -> None:
    mates = [f"{DISTRICT}00{i}" for i in range(1, 5)]
    said = places_said(view(), TOWN, mates)
    for other in mates[1:]:
        assert view().name(other) in said
    assert view().name(TOWN) not in said
    place = place_in(view(), TOWN, TOTAL, mates)
    assert place is not None
    assert f"综合得分列第{place[0]}位" in said
    assert "相比" not in places_said(view(), TOWN, [])


def test_only_what_lies_in_the_first_half_is_called_ahead() -> None:
    towns = view().of_level("town")
    for unit in towns:
        said = places_said(view(), unit, [])
        ahead = said.split("靠后的是")[0]
        for row in view().dimensions(unit):
            place = place_in(view(), unit, row["dimension"], towns)
            if place and f"{row['dimension']}第{place[0]}" in ahead and "位次靠前" in ahead:
                assert 2 * place[0] <= place[1]


def test_the_types_towns_stand_in_a_table_with_the_town_itself() -> None:
    blocks = beside_blocks(view(), TOWN)
    (table,) = [b for b in blocks if isinstance(b, Heat)]
    assert {row.name for row in table.rows} == {view().name(f"{DISTRICT}00{i}") for i in range(1, 5)}
    bare = beside_blocks(View(make_results()), TOWN)
    assert [type(b) for b in bare] == [FigureBlock]  # no types: no table of a type


def test_the_figure_of_places_draws_every_town_and_says_each_place() -> None:
    line = Line("综合", 70.0, "中", 65.0, (50.0, 60.0), (80.0,), "2/4", "2/2")
    chart = places_chart([line], CUTS, "alt")
    assert chart.svg.count("<circle") == 4 + 3  # four units, three keys
    assert ">2/4<" in chart.svg
    assert ">2/2<" in chart.svg


def test_what_stands_in_the_districts_report_is_not_printed_again() -> None:
    report = town_report(view(), TOWN)
    assert "方法与溯源" not in titles(report.sections)
    tables = [b.table.title for b in report.blocks() if isinstance(b, TableBlock)]
    assert "输入文件" not in tables
    section = derivation_section(view(), TOWN, brief=True)
    (table,) = [b.table for b in section.blocks if isinstance(b, TableBlock)]
    assert len(table) == len(view().dimensions(TOWN)) + 1
    points = [float(str(v)) for v in table.values("total")]
    assert sum(points[:-1]) == pytest.approx(points[-1])
    assert "区级体检报告" in "".join(table.notes)


def test_problems_summed_by_indicator_add_up_to_the_list() -> None:
    table = problems_by_indicator(view(), TOWN)
    listed = view().listed("problem_list", Scope(units=view().subtree(TOWN)))
    assert sum(int(str(v)) for s in "红橙黄" for v in table.values(s)) == len(listed)
    below = [r for r in listed if r["unit"] != TOWN]
    assert sum(int(str(v)) for v in table.values("communities")) == len(below)


def test_findings_of_other_towns_stay_in_the_districts_report() -> None:
    made = make_results()
    first, other = view().name(TOWN), view().name(f"{DISTRICT}007")
    rows = [
        {"year": YEAR, "code": "T012", "level": "warning", "sheet": s, "message": s + "有误"}
        for s in (first, other)
    ]
    report = town_report(View(replace(made, findings=conform("findings", pl.DataFrame(rows)))), TOWN)
    data = next(s for s in report.sections if s.title == "数据质量")
    (table,) = [b.table for b in data.blocks if isinstance(b, TableBlock)]
    assert table.values("message") == [first + "有误"]


def test_shares_without_a_service_are_told_community_by_community() -> None:
    found = services(view(), TOWN, tuple(view().indicators))
    table = services_table(view(), TOWN, found)
    assert table.values("unit")[-1] == view().name(TOWN)
    for service in found:
        assert float(str(table.values(service.code)[-1])) == pytest.approx(100 * service.share, abs=0.05)


# ── the community ─────────────────────────────────────────────────────────────────────────────────────────


def test_a_community_stands_beside_its_town_and_the_district() -> None:
    table = beside_table(view(), COMMUNITY)
    assert table.values("who") == ["本社区", view().name(TOWN), "全区", "三等分位置"]
    for row in view().dimensions(COMMUNITY):
        own, _, _, third = table.values(row["dimension"])
        assert float(str(own)) == pytest.approx(row["score"], abs=0.051)
        assert str(third) + "三分之一" in THIRDS


def test_the_words_compare_with_both_and_are_true() -> None:
    for unit in view().of_level("community"):
        town = {r["dimension"]: r["score"] for r in view().dimensions(view().units[unit]["town"])}
        said = beside_said(view(), unit)
        for part in said.rstrip("。").split("；"):
            if part.startswith("高于") or "低于" in part or not part:
                continue
            for row in view().dimensions(unit):
                if row["dimension"] in part:
                    assert row["score"] > town[row["dimension"]]
                    assert row["score"] > row["district_score"]


def test_what_is_near_and_what_is_not_follows_the_shares() -> None:
    coverage = [r for r in view().scores(COMMUNITY) if r["indicator"] in ("ST-01", "JT-02")]
    near, far = ({**coverage[0], "value": 95.0}, {**coverage[1], "value": 20.0})
    said = near_said(view(), [near, far], {far["indicator"]: "1200人"})
    assert said.startswith("九成以上居民或用地够得到的有公园绿化活动场地")
    assert "一半以上够不到的有公交站点500米（1200人没有）" in said
    assert near_said(view(), [{**near, "value": 70.0}], {}) == ""
    table = near_table(view(), COMMUNITY, [near, far], {})
    assert [float(str(v)) for v in table.values("own")] == [20.0, 95.0]


def test_a_communitys_tasks_say_what_to_do_and_no_ledger_line() -> None:
    report = community_report(view(), COMMUNITY)
    assert "短板与整治" in titles(report.sections)
    assert not [b for b in report.blocks() if isinstance(b, TableBlock) and "详见台账" in str(b.table.rows)]


def test_a_long_text_is_cut_at_a_clause() -> None:
    text = "共9栋：1栋占用楼梯，为甲苑1号楼；3栋堆放杂物，详见台账第12–20行。"
    assert brief(text, 100) == "共9栋：1栋占用楼梯，为甲苑1号楼；3栋堆放杂物"
    assert brief(text, 20) == "共9栋：1栋占用楼梯，为甲苑1号楼"
    assert brief("一二三四五六", 3) == "一二三…"
