"""The comparison page in a real browser: it fetches nothing and complains of nothing, and choosing, filtering, sorting, keys,
print and narrow screens do what they should.
"""

from __future__ import annotations

import dataclasses
import io
import unicodedata
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import quote

import polars as pl
import pytest
from pypdf import PdfReader
from tijian.reports.page.content import comparison_page
from tijian.reports.page.html import page_html
from tijian.reports.view import View

from .browser import DESKTOP, PHONE, Tab, browser
from .page_fixture import reviewed_results, without, year_before
from .results_fixture import CUTS, DIMENSIONS, DISTRICT

CENTRE, EAST, LAKE = f"{DISTRICT}001", f"{DISTRICT}002", f"{DISTRICT}007"
NAMES = {CENTRE: "示例中心街道", EAST: "示例东街道", LAKE: "石湖镇"}
LONG = "，为示例新村9号楼等" * 20
TWO = f"#towns={CENTRE},{EAST}"


@pytest.fixture(scope="module")
def tab(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Tab]:
    with browser(tmp_path_factory.mktemp("browser")) as held:
        yield held


@pytest.fixture(scope="module")
def address(tmp_path_factory: pytest.TempPathFactory) -> str:
    """The page of two years of hostile results, the later with problems judged again, one of them a long story."""
    held = reviewed_results()
    longer = held.problem_list.with_columns(
        problem=pl.when(pl.col("severity") == "橙").then(pl.col("problem") + LONG).otherwise("problem")
    )
    held = dataclasses.replace(held, problem_list=longer)
    page = comparison_page(View(held), [year_before(held)])
    assert page is not None
    file = tmp_path_factory.mktemp("page") / "街镇对比.html"
    file.write_text(page_html(page, CUTS), encoding="utf-8")
    return file.as_uri()


def texts(tab: Tab, chosen: str) -> list[str]:
    """The text of every element chosen that is to be seen."""
    return tab.value(
        f"Array.from(document.querySelectorAll({chosen!r})).filter(x => x.checkVisibility()).map(x => x.textContent.trim())"
    )


def pick(tab: Tab, chosen: str, value: str) -> None:
    """Choose a value in a select, as a hand would: the page hears of it."""
    tab.value(
        f"(s => {{ s.value = {value!r}; s.dispatchEvent(new Event('change')) }})(document.querySelector({chosen!r}))"
    )


def column(tab: Tab, table: str, title: str) -> list[str]:
    """The visible cells of one column of a table."""
    heads = texts(tab, f"{table} thead th")
    return texts(tab, f"{table} tbody td:nth-child({heads.index(title) + 1})")


def state(tab: Tab) -> dict[str, str]:
    """What the address holds."""
    return tab.value("Object.fromEntries(new URLSearchParams(location.hash.slice(1)))")


def focused(tab: Tab) -> Any:
    return tab.value("document.activeElement.id || document.activeElement.textContent.trim()")


# ---- closed and quiet ------------------------------------------------------------------------------------


def test_the_page_loads_without_asking_the_network_and_without_a_complaint(tab: Tab, address: str) -> None:
    tab.open(address)
    for dimension in ("", *DIMENSIONS):
        pick(tab, "#pick-dimension", dimension)
    tab.value("document.querySelectorAll('.boxes input').forEach(box => box.click())")
    pick(tab, "#pick-year", "2025")
    assert tab.fetched() == [address]
    assert tab.complaints() == []


def test_a_page_of_one_year_without_maps_weights_and_lists_works_too(tab: Tab, tmp_path: Path) -> None:
    bare = without("service", "ledger", "shapes", "weights", "problem_list")
    file = tmp_path / "bare.html"
    page = comparison_page(View(bare))
    assert page is not None
    file.write_text(page_html(page, CUTS), encoding="utf-8")
    tab.open(file.as_uri() + TWO)
    assert "没有权重表" in texts(tab, "#overlay-words")[0]
    pick(tab, "#pick-dimension", "安全韧性")
    assert set(column(tab, "#layer table", "单元")) == {NAMES[CENTRE], NAMES[EAST]}
    assert tab.complaints() == []


def test_a_script_that_is_not_ours_and_a_style_attribute_do_not_run(tab: Tab, address: str) -> None:
    tab.open(address)
    tab.value(
        "document.body.insertAdjacentHTML('beforeend', '<p id=bad style=\"color:red\" onclick=\"window.bad=1\">x</p>');"
        "const s = document.createElement('script'); s.textContent = 'window.bad = 1'; document.body.append(s); bad.click()"
    )
    assert tab.value("window.bad === undefined || window.bad instanceof Element") is True
    assert tab.value("getComputedStyle(document.getElementById('bad')).color") != "rgb(255, 0, 0)"
    assert len(tab.complaints()) == 3  # the browser says so of each


def test_without_a_script_every_table_is_there_and_no_control(tab: Tab, address: str) -> None:
    tab.send("Emulation.setScriptExecutionDisabled", value=True)
    try:
        tab.open(address)
        document = tab.send("DOM.getDocument", depth=0)["root"]["nodeId"]
        seen = []
        for chosen in (
            "#heat tbody td",
            "#layer tbody td",
            "#listed tbody td",
            "#reviewed tbody td",
            "#values tbody td",
            "#choose",
        ):
            node = tab.send("DOM.querySelector", nodeId=document, selector=chosen)["nodeId"]
            seen.append(
                bool(tab.send("DOM.getContentQuads", nodeId=node)["quads"]) if chosen != "#choose" else None
            )
            if chosen == "#choose":
                style = tab.send("CSS.enable") or tab.send("CSS.getComputedStyleForNode", nodeId=node)
                assert {"name": "display", "value": "none"} in style["computedStyle"]
        assert seen == [True] * 5 + [None]
    finally:
        tab.send("Emulation.setScriptExecutionDisabled", value=False)


# ---- choosing --------------------------------------------------------------------------------------------


def test_two_chosen_towns_stand_in_the_heat_table_the_radar_the_maps_table_and_the_gap(
    tab: Tab, address: str
) -> None:
    tab.open(address)
    assert len(texts(tab, "#heat tbody tr")) == 17
    tab.value(
        f"['{CENTRE}', '{EAST}'].forEach(code => document.querySelector(`.boxes input[value=\"${{code}}\"]`).click())"
    )
    both = {NAMES[CENTRE], NAMES[EAST]}
    assert set(column(tab, "#heat", "街镇")) == both
    assert set(column(tab, "#layer table", "单元")) == both
    assert set(column(tab, "#change table", "街镇")) == both
    assert both < set(texts(tab, "#overlay text"))
    marks = tab.value("document.querySelectorAll('#overlay circle, #overlay polygon').length")
    assert marks == 2 * (len(DIMENSIONS) + 1)
    assert both < set(texts(tab, "#gap thead th"))
    assert tab.value("document.querySelectorAll('.unit[aria-pressed=true]').length") == 2
    assert both < set(texts(tab, "#values thead th"))


def test_the_gap_of_two_towns_sums_to_the_difference_of_their_totals(tab: Tab, address: str) -> None:
    tab.open(address + TWO)
    scores = dict(reviewed_results().totals.select("unit", "score").iter_rows())
    whole = scores[CENTRE] - scores[EAST]
    assert texts(tab, "#gap tr.sum td")[4] == f"{whole:+.2f}".replace("-", "−")


def test_a_chosen_dimension_is_followed_by_heat_table_radar_map_values_and_lists(
    tab: Tab, address: str
) -> None:
    tab.open(address + TWO)
    pick(tab, "#pick-dimension", "交通便捷")
    inside = reviewed_results().indicators.filter(dimension="交通便捷")["name"].to_list()
    assert column(tab, "#heat", "指标") == inside
    assert [x for x in inside if not any(x.startswith(y[:4]) for y in texts(tab, "#overlay text"))] == []
    assert set(column(tab, "#values table", "维度")) == {"交通便捷"}
    assert {x.split("/")[0] for x in column(tab, "#listed table", "维度/指标")} <= {"交通便捷"}
    assert texts(tab, "#layer-title")[0].startswith("各街镇交通便捷")
    pick(tab, "#pick-layer", "JT-02")
    assert texts(tab, "#layer-title")[0].startswith("各街镇公交站点500米覆盖率")
    assert texts(tab, "#change-title")[0].startswith("公交站点500米覆盖率")


def test_another_year_is_shown_everywhere_with_what_was_not_scored_then_as_a_dash(
    tab: Tab, address: str
) -> None:
    tab.open(f"{address}#towns={LAKE},{EAST}&year=2025")
    assert "2025年" in texts(tab, "#heat-title")[0]
    assert (
        dict(zip(column(tab, "#heat", "街镇"), column(tab, "#heat", "综合"), strict=True))[NAMES[LAKE]] == "—"
    )
    assert texts(tab, "#change table") == []  # no year before it


def test_towns_are_found_by_a_part_of_their_name(tab: Tab, address: str) -> None:
    tab.open(address)
    tab.value(
        "document.querySelector('#pick-towns').open = true; document.querySelector('#find-town').focus()"
    )
    tab.type("湖")
    assert texts(tab, ".boxes label") == [NAMES[LAKE]]
    tab.value("document.querySelector('#choose-all').click()")
    assert column(tab, "#heat", "街镇") == [NAMES[LAKE]]


def test_an_address_brings_the_view_back_and_a_false_one_does_no_harm(tab: Tab, address: str) -> None:
    tab.open(
        f"{address}{TWO}&dimension={quote('交通便捷')}&indicator=JT-02&year=2025&listed.severity={quote('红')}"
    )
    assert tab.value("document.querySelector('#pick-year').value") == "2025"
    assert tab.value("document.querySelector('#pick-dimension').value") == "交通便捷"
    assert tab.value("document.querySelector('#pick-layer').value") == "JT-02"
    assert tab.value("Array.from(document.querySelectorAll('.boxes input:checked')).map(x => x.value)") == [
        CENTRE,
        EAST,
    ]
    assert set(column(tab, "#listed table", "严重程度")) <= {"红"}
    pick(tab, "#pick-dimension", "")
    assert state(tab) == {"year": "2025", "towns": f"{CENTRE},{EAST}", "listed.severity": "红"}
    tab.open(
        f"{address}#year=1&towns=x&dimension=%3Cb%3E&indicator=y&way=9&at=nowhere&listed.severity=z&listed.no=1"
    )
    assert tab.complaints() == []
    assert len(texts(tab, "#heat tbody tr")) == 17


# ---- lists, sorting, the map -----------------------------------------------------------------------------


def test_lists_are_narrowed_by_department_severity_town_and_words_and_say_how_many_are_left(
    tab: Tab, address: str
) -> None:
    tab.open(address)
    listed = reviewed_results().problem_list.filter(reviewed_results().problem_list["level"] != "community")
    pick(tab, "#listed [data-key=severity]", "红")
    assert len(texts(tab, "#listed tbody tr")) == listed.filter(severity="红").height > 0
    pick(tab, "#listed [data-key=lead]", "区水务局")
    assert all("区水务局" in x for x in column(tab, "#listed table", "牵头单位"))
    town = column(tab, "#listed table", "所在单元")[0]
    pick(tab, "#listed [data-key=unit_name]", town)
    left = column(tab, "#listed table", "所在单元")
    assert set(left) == {town}
    assert texts(tab, "#listed .count") == [f"显示{len(left)}条，共{listed.height}条"]
    assert tab.value("document.querySelector('#listed .narrowed').textContent").startswith(
        f"严重程度：红；牵头单位：区水务局；街镇：{town}；显示{len(left)}条"
    )
    tab.value("document.querySelector('#listed .clear').click()")
    tab.value("document.querySelector('#listed input').focus()")
    tab.type("窨井盖")
    assert texts(tab, "#listed tbody tr")
    assert all("窨井盖" in x for x in texts(tab, "#listed tbody tr"))


def test_a_long_cell_shows_its_beginning_until_it_is_asked_for_and_prints_whole(
    tab: Tab, address: str
) -> None:
    tab.open(address)
    height = "Math.round(document.querySelector('#listed .clamp').clientHeight)"
    short = tab.value(height)
    tab.value("document.querySelector('#listed .more').click()")
    assert tab.value(height) > short
    assert tab.value("document.querySelector('#listed .more').ariaExpanded") == "true"
    tab.value("document.querySelector('#listed .more').click()")
    assert tab.value(height) == short
    tab.media("print")
    whole = tab.value("(c => c.scrollHeight <= c.clientHeight + 1)(document.querySelector('#listed .clamp'))")
    tab.media("")
    assert whole is True


def test_what_became_of_problems_can_be_narrowed_to_what_is_late(tab: Tab, address: str) -> None:
    tab.open(address)
    pick(tab, "#reviewed [data-key=mark]", "已逾期")
    assert column(tab, "#reviewed table", "结论") == ["未整改", "部分整改"]


def test_a_column_sorts_by_its_figures_both_ways_and_stays_sorted_when_the_choice_changes(
    tab: Tab, address: str
) -> None:
    tab.open(address)
    click = "document.querySelector('#heat thead th:nth-child(3) button').click()"
    tab.value(click)
    assert scores_of(tab) == sorted(scores_of(tab))
    tab.value(click)
    assert scores_of(tab) == sorted(scores_of(tab), reverse=True)
    assert tab.value("document.querySelector('#heat thead th:nth-child(3)').ariaSort") == "descending"
    pick(tab, "#pick-year", "2025")
    assert scores_of(tab)[-1] == -1  # one town has none that year: last, whichever way
    assert scores_of(tab) == sorted(scores_of(tab), reverse=True)


def scores_of(tab: Tab) -> list[int]:
    """The second dimension's scores down the heat table; −1 for none."""
    return [-1 if x == "—" else int(x.split()[0]) for x in column(tab, "#heat", DIMENSIONS[1])]


def test_the_map_tells_name_value_and_grade_of_the_town_under_the_pointer_or_the_focus(
    tab: Tab, address: str
) -> None:
    tab.open(address)
    total = reviewed_results().totals.filter(unit=LAKE).row(0, named=True)
    tab.value("document.querySelector('.unit[data-unit=\"6\"]').focus()")
    assert NAMES[LAKE] in texts(tab, "#tip")[0]
    assert f"得分 {total['score']:.1f}，等级 {total['grade']}" in texts(tab, "#tip")[0]
    tab.value(
        "document.querySelector('.unit[data-unit=\"1\"]').scrollIntoView({behavior: 'instant', block: 'center'})"
    )
    at = tab.value(
        "(b => [b.x + b.width / 2, b.y + b.height / 2])(document.querySelector('.unit[data-unit=\"1\"]').getBoundingClientRect())"
    )
    tab.send("Input.dispatchMouseEvent", type="mouseMoved", x=at[0], y=at[1])
    assert NAMES[EAST] in texts(tab, "#tip")[0]


# ---- keys, print, phone ----------------------------------------------------------------------------------


def test_keys_alone_choose_a_town_on_the_list_and_on_the_map_and_sort_a_table(tab: Tab, address: str) -> None:
    tab.open(address)
    tab.press("Tab")
    assert focused(tab) == "跳到正文"
    tab.value("document.querySelector('#pick-layer, #pick-dimension').focus()")
    for _ in range(4):
        tab.press("Tab")
        if tab.value("document.activeElement.tagName") == "SUMMARY":
            break
    tab.press("Enter")
    tab.press("Tab")
    assert focused(tab) == "find-town"
    tab.type("石湖")
    tab.press("Tab", 3)
    tab.press(" ")
    assert state(tab)["towns"] == LAKE
    tab.press("Escape")
    assert tab.value("document.querySelector('#pick-towns').open") is False
    assert tab.value("document.activeElement.tagName") == "SUMMARY"
    while tab.value("document.activeElement.closest('#heat th')") is None:
        tab.press("Tab")
    tab.press("Tab")
    tab.press("Enter")
    assert tab.value("document.querySelector('#heat thead th:nth-child(2)').ariaSort") == "ascending"
    outline = tab.value("getComputedStyle(document.activeElement).outlineStyle")
    assert outline == "solid"
    tab.value("document.querySelector('.unit[data-unit=\"0\"]').focus()")
    tab.press("Enter")
    assert state(tab)["towns"] == f"{CENTRE},{LAKE}"


def test_everything_one_can_work_has_a_name(tab: Tab, address: str) -> None:
    tab.open(address)
    tab.value("document.querySelector('#pick-towns').open = true")
    tab.send("Accessibility.enable")
    nodes = tab.send("Accessibility.getFullAXTree")["nodes"]
    roles = {"button", "combobox", "checkbox", "searchbox", "link", "region"}
    found = [
        (n["role"]["value"], n.get("name", {}).get("value", ""))
        for n in nodes
        if n.get("role", {}).get("value") in roles
    ]
    assert {role for role, _ in found} == roles
    assert [role for role, name in found if not name.strip()] == []


def test_print_hides_what_one_works_with_and_marks_every_sheet_as_made_up(tab: Tab, address: str) -> None:
    tab.open(address + TWO)
    tab.media("print")
    shown = texts(tab, "select, button, input, summary, nav, .skip, #tip")
    words = texts(tab, "#chosen")
    tab.media("")
    assert shown == []
    assert words == [f"2026年 · 全部维度 · {NAMES[CENTRE]}、{NAMES[EAST]}"]
    sheets = PdfReader(io.BytesIO(tab.printed())).pages
    words = [unicodedata.normalize("NFKC", sheet.extract_text()) for sheet in sheets]
    assert [i for i, told in enumerate(words) if "合成演示数据" not in told] == []
    width, height = (float(x) * 25.4 / 72 for x in sheets[0].mediabox[2:])
    assert (round(width), round(height)) == (297, 210)


def test_one_part_can_be_printed_by_itself(tab: Tab, address: str) -> None:
    tab.open(address)
    tab.media("print")
    tab.value(
        "window.print = () => { window.seen = Array.from(document.querySelectorAll('main > section'))"
        ".filter(x => x.checkVisibility()).map(x => x.id) }; document.querySelector('#listed .print-one').click()"
    )
    alone, after = tab.value("window.seen"), texts(tab, "main > section > h2")
    tab.media("")
    assert alone == ["listed"]
    assert len(after) > 6


@pytest.mark.parametrize("size", [PHONE, DESKTOP], ids=["phone", "desktop"])
def test_the_page_is_never_wider_than_the_screen(tab: Tab, address: str, size: tuple[int, int]) -> None:
    tab.open(address + TWO, size)
    for dimension in ("", "安全韧性"):
        pick(tab, "#pick-dimension", dimension)
        tab.value("document.querySelector('#pick-towns').open = true")
        assert tab.value("document.documentElement.scrollWidth") <= size[0]
