"""The comparison page: one file that fetches nothing, lets no input become markup, and says all of it without a script."""

from __future__ import annotations

import base64
import dataclasses
import hashlib
import json
import re
from functools import cache
from pathlib import Path

import polars as pl
import pytest
from tijian.engine.results import UNGRADED
from tijian.reports.page.content import Page, comparison_page
from tijian.reports.page.html import page_html
from tijian.reports.page.layers import BY_GRADE, BY_RATE, BY_VALUE, Layer
from tijian.reports.view import View

from .cli_project import YEAR, copy_of, finished_sample, refused, told
from .page_fixture import TOWN, Reader, html, html_of, page, page_of, reader, results, without, year_before
from .results_fixture import CUTS, DIMENSIONS, DISTRICT, HOSTILE, make_results

STOPS = "公交站点500米覆盖率"


def data() -> dict:
    found = re.search(r'<script type="application/json" id="data">(.*?)</script>', html(), re.DOTALL)
    assert found is not None
    return json.loads(found[1])


def layer(name: str) -> Layer:
    return next(one for one in page().layers if one.name == name)


# ---- one file, closed to the outside ---------------------------------------------------------------------


def test_every_element_is_closed_and_every_id_is_there_once() -> None:
    assert reader().faults == []
    ids = [str(a["id"]) for _, a in reader().elements if "id" in a]
    assert sorted(ids) == sorted(set(ids))


def test_nothing_points_outside_the_file() -> None:
    addresses = [
        a[key] for _, a in reader().elements for key in ("src", "href", "xlink:href", "action", "data", "srcset") if key in a
    ]  # fmt: skip
    ids = {a["id"] for _, a in reader().elements if "id" in a}
    assert addresses  # the contents at the top
    assert [x for x in addresses if not x or not x.startswith("#") or x[1:] not in ids] == []
    assert [tag for tag, _ in reader().elements if tag in {"link", "iframe", "object", "embed", "base"}] == []
    assert not re.search(r"https?:|@import|url\((?!#)", html())


def test_the_browser_is_told_to_use_our_script_and_our_style_sheet_and_nothing_else() -> None:
    (policy,) = [
        a["content"] for a in reader().named("meta") if a.get("http-equiv") == "Content-Security-Policy"
    ]
    rules = dict(rule.strip().split(" ", 1) for rule in (policy or "").split(";"))
    assert rules["default-src"] == "'none'"
    for tag, rule in (("script", "script-src"), ("style", "style-src")):
        (held,) = re.findall(rf"<{tag}>(.*?)</{tag}>", html(), re.DOTALL)
        digest = base64.b64encode(hashlib.sha256(held.encode()).digest()).decode()
        assert rules[rule] == f"'sha256-{digest}'"
    assert [key for _, a in reader().elements for key in a if key.startswith("on") or key == "style"] == []


def test_hostile_names_stay_text() -> None:
    names = {f"{DISTRICT}001": "</script><script>alert(2)</script>街道", TOWN: "\"><img src=x onerror='1'>镇"}
    units = results().units.with_columns(name=pl.col("code").replace_strict(names, default=pl.col("name")))
    indicators = results().indicators.with_columns(
        name=pl.when(pl.col("code") == "JT-02").then(pl.lit("<b onclick=x>{{ 7*7 }}</b>")).otherwise("name")
    )
    odd = dataclasses.replace(results(), units=units, indicators=indicators)
    seen = Reader(html_of(odd))
    assert seen.faults == []
    assert len(seen.named("script")) == 2
    assert seen.named("img") == []
    assert [key for _, a in seen.elements for key in a if key.startswith("on")] == []
    for name in (*names.values(), HOSTILE, "<b onclick=x>{{ 7*7 }}</b>"):
        assert name in seen.text("script", "style")


def test_characters_that_no_page_can_hold_are_left_out() -> None:
    units = results().units.with_columns(
        name=pl.when(pl.col("code") == TOWN).then(pl.lit("石\x00湖\x0b镇\uffff")).otherwise("name")
    )
    written = html_of(dataclasses.replace(results(), units=units))
    assert not re.search("[\x00\x0b\uffff]", written)
    assert "石湖镇" in Reader(written).text("script")


def test_the_same_results_give_the_same_bytes() -> None:
    assert html_of(make_results(hostile=True)) == html()


# ---- what it says ----------------------------------------------------------------------------------------


def test_made_up_data_say_so_in_the_title_at_the_top_and_at_the_foot() -> None:
    titles = reader().texts["title"]
    assert titles[0] == f"示例区街镇对比（{results().year}年度）（合成演示数据）"
    assert html().count(">合成演示数据<") == 3  # the third stays in sight while one scrolls
    printed = "".join(f"\\{ord(c):x} " for c in "合成演示数据")
    assert f'@top-right {{ content: "{printed}"' in html()
    real = html_of(make_results(synthetic=""))
    assert "合成" not in real
    assert 'class="synthetic"' not in real


def test_the_run_and_the_version_stand_at_the_foot() -> None:
    assert reader().texts["footer"][-1].endswith(f"运行编号 {results().run_id} · tijian {results().version}")


def test_every_town_and_every_indicator_stands_in_a_table_without_a_script() -> None:
    shown = reader().text("script", "style", "option", "title", "text")
    names = results().units.filter(pl.col("level") == "town")["name"].to_list() + list(DIMENSIONS)
    codes = [f"{r['name']}（{r['code']}）" for r in results().indicators.to_dicts()]
    assert [x for x in (*names, *codes) if x not in shown] == []


def test_the_values_are_those_of_the_results_and_a_missing_one_is_a_dash() -> None:
    gone = (pl.col("unit") == TOWN) & (pl.col("indicator") == "JT-02")
    scores = results().scores.with_columns(value=pl.when(gone).then(None).otherwise("value"))
    table = page_of(dataclasses.replace(results(), scores=scores)).values
    of = dict(scores.filter(pl.col("unit") == TOWN).select("indicator", "value").iter_rows())
    codes = results().indicators.sort("position")["code"].to_list()
    assert [cell.value for cell in table.values(TOWN)] == [of[c] for c in codes]
    assert table.texts()[codes.index("JT-02")][table.keys.index(TOWN)] == "—"


def test_scores_in_the_heat_table_have_their_grade_written() -> None:
    cells = re.findall(
        r'<td class="center keep heat-cell (g\w)">(\d+) <span class="small">([^<]+)</span>', html()
    )
    assert len(cells) == 17 * len(DIMENSIONS)
    names = [name for name, _ in CUTS]
    assert [(look, grade) for look, _, grade in cells if look != f"g{names.index(grade)}"] == []


# ---- the map ---------------------------------------------------------------------------------------------


def test_the_map_can_show_the_total_every_dimension_and_every_indicator() -> None:
    wanted = ["综合得分", *DIMENSIONS, *results().indicators.sort("position")["name"]]
    assert [one.name for one in page().layers] == wanted
    assert [one["title"] for one in data()["years"][0]["layers"]] == [f"各街镇{name}" for name in wanted]


def test_each_layer_has_a_row_for_every_town_in_the_order_of_the_list() -> None:
    names = [name for _, name in page().towns]
    assert [one.name for one in page().layers if [r[0] for r in one.table.texts()] != names] == []
    assert [name for _, name in data()["towns"]] == names


def test_the_total_carries_the_interval_of_its_rank_the_districts_score_and_the_change() -> None:
    table = layer("综合得分").table
    row = dict(zip(table.keys, table.texts()[[code for code, _ in page().towns].index(TOWN)], strict=True))
    total = results().totals.filter(pl.col("unit") == TOWN).row(0, named=True)
    above = results().totals.filter(pl.col("unit") == DISTRICT)["score"][0]
    assert row["score"] == f"{total['score']:.1f}"
    assert row["rank"] == f"{total['rank']}（{total['rank_low']}–{total['rank_high']}）/17"
    assert row["district"] == f"{above:.1f}"
    assert row["grade"] == total["grade"]


def test_values_are_classed_with_their_breaks_and_scores_by_grade() -> None:
    by_value, by_grade = layer(STOPS).colourings
    assert (by_value.what, by_grade.what) == (BY_VALUE, BY_GRADE)
    scores = results().scores.filter((pl.col("indicator") == "JT-02") & (pl.col("level") == "town"))
    for unit, value, grade in scores.select("unit", "value", "grade").iter_rows():
        at = by_value.classes.of[unit]
        assert (at is None) == (value is None)
        if at is not None:
            low, high = _ends(by_value.classes.names[at])
            assert low <= round(value, 1) < high
        place = by_grade.classes.of[unit]
        assert (place is None) if grade == UNGRADED else by_grade.classes.names[place].startswith(grade)
    assert "含下限" in by_value.finding


def _ends(words: str) -> tuple[float, float]:
    """The two ends of a class as its name gives them."""
    if words[0] == "<":
        return float("-inf"), float(words[1:])
    if words[0] == "≥":
        return float(words[1:]), float("inf")
    low, high = words.split("–")
    return float(low), float(high)


def test_a_count_is_mapped_by_its_rate_not_by_its_size() -> None:
    count = "存在燃气安全隐患的住宅数量"
    assert BY_VALUE not in [way.what for way in layer(count).colourings]
    rated = [way for way in layer(count).colourings if way.what == BY_RATE]
    assert all("占比或密度" in way.finding for way in rated)
    assert "compared" in layer(count).table.keys


def test_the_finding_names_a_town_or_says_how_many_share_an_extreme() -> None:
    alike = pl.when((pl.col("indicator") == "JT-02") & (pl.col("unit").is_in([TOWN, f"{DISTRICT}008"])))
    scores = results().scores.with_columns(value=alike.then(0.0).otherwise("value"))
    shown = page_of(dataclasses.replace(results(), scores=scores))
    by_value = next(one for one in shown.layers if one.name == STOPS).colourings[0]
    assert "石湖镇等2个街镇最低（0.0%）" in by_value.finding


def test_shapes_carry_their_towns_place_and_colour_of_the_first_layer() -> None:
    shapes = {a["data-unit"]: a["fill"] for a in reader().named("path") if "data-unit" in a}
    first = data()["years"][0]["layers"][0]["ways"][0]
    assert shapes == {str(i): first["keys"][at][1] for i, at in enumerate(first["of"])}


def test_the_hatch_of_unknown_units_is_drawn_once_for_all_maps() -> None:
    assert [a["id"] for a in reader().named("pattern")] == ["none"]
    assert len(reader().named("svg")) > 20


# ---- services, problems, and their absence ---------------------------------------------------------------


def test_services_and_problems_have_their_maps_with_captions() -> None:
    shown = reader().text("script", "style")
    assert [one.name for one in page().services] == [STOPS]
    assert "人不在服务范围内，最多的是" in shown
    assert [part.title for part in page().problems] == ["问题地图", "风险动态区划"]
    assert "风险清单" in shown
    assert [a for a in reader().named("svg") if a.get("role") and not a.get("aria-label")] == []


def test_what_the_results_do_not_hold_is_not_spoken_of() -> None:
    bare = html_of(without("service", "ledger", "shapes"))
    assert Reader(bare).faults == []
    ids = {a["id"] for _, a in Reader(bare).elements if "id" in a}
    assert ids.isdisjoint({"service", "problems", "legend", "pick-way", "pick-service"})
    assert {"service", "problems", "legend", "pick-way", "pick-service"} <= {
        a["id"] for _, a in reader().elements if "id" in a
    }
    assert "各街镇综合得分" in bare


def test_without_a_town_there_is_no_page() -> None:
    held = results()
    none = {n: getattr(held, n).filter(pl.col("level") != "town") for n in ("scores", "totals")}
    assert comparison_page(View(dataclasses.replace(held, **none))) is None


# ---- the command -----------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return copy_of(finished_sample(tmp_path_factory), tmp_path_factory.mktemp("page"))


def test_the_command_writes_one_small_file_and_says_where(project: Path) -> None:
    path = Path(told("page", "-p", project).strip())
    assert path == project / "out" / str(YEAR) / "街镇对比.html"
    assert path.stat().st_size < 3_000_000
    written = path.read_bytes()
    seen = Reader(written.decode())
    assert seen.faults == []
    assert seen.texts["title"][0].endswith("（合成演示数据）")
    assert told("page", "-p", project).strip() == str(path)
    assert path.read_bytes() == written


def test_a_year_that_was_not_run_is_refused(project: Path) -> None:
    assert "1999" in refused(3, "page", "-p", project, "--year", "1999")


# ---- towns chosen and set beside one another ---------------------------------------------------------------


@cache
def two_years() -> tuple[Page, str]:
    found = comparison_page(View(results()), [year_before(results())])
    assert found is not None
    return found, page_html(found, results().grade_cuts)


def compared_data(written: str) -> dict:
    found = re.search(r'<script type="application/json" id="data">(.*?)</script>', written, re.DOTALL)
    assert found is not None
    return json.loads(found[1])


def test_the_gap_of_any_two_towns_adds_up_to_the_difference_of_their_totals_in_every_year() -> None:
    held = compared_data(two_years()[1])
    assert [one["year"] for one in held["years"]] == [results().year, results().year - 1]
    for one in held["years"]:
        totals = [town and town["score"] for town in one["towns"]]
        pairs = [(int(a), int(b)) for a, b in (key.split("-") for key in one["gaps"])]
        known = [i for i, total in enumerate(totals) if total is not None]
        assert pairs == [(a, b) for a in known for b in known if a < b]
        for a, b in pairs:
            points = one["gaps"][f"{a}-{b}"][0]
            assert len(points) == len(held["dimensions"]) + 1
            assert sum(points) == pytest.approx(totals[a] - totals[b], abs=2e-5)


def test_a_town_that_was_not_scored_in_a_year_is_nothing_there_and_never_zero() -> None:
    found, written = two_years()
    at = [code for code, _ in found.towns].index(TOWN)
    assert [one["towns"][at] is None for one in compared_data(written)["years"]] == [False, True]


def test_each_town_can_be_chosen_and_carries_its_rank_with_its_interval_and_its_change() -> None:
    found, written = two_years()
    boxes = [a for a in Reader(written).named("input") if a.get("type") == "checkbox"]
    assert [a["value"] for a in boxes] == [code for code, _ in found.towns]
    total = results().totals.filter(unit=TOWN).row(0, named=True)
    at = [code for code, _ in found.towns].index(TOWN)
    told = compared_data(written)["years"][0]["towns"][at]
    assert told["grade"] == total["grade"]
    assert told["rank"] == f"{total['rank']}（{total['rank_low']}–{total['rank_high']}）/17"
    assert told["place"] == [total["rank"], total["rank_low"], total["rank_high"], 17]
    assert told["change"].replace("−", "-") == f"{total['change']:+.1f}"


def test_results_without_weights_say_why_there_is_no_gap() -> None:
    (one,) = compared_data(html_of(without("weights")))["years"]
    assert one["gaps"] == {}
    assert "没有权重表" in one["untold"]


def test_a_year_is_chosen_only_where_there_are_several() -> None:
    assert 'id="pick-year"' in two_years()[1]
    assert 'id="pick-year"' not in html()
