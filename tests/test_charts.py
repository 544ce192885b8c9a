"""Drawings: positions, colours, text, and what stands for them in words."""

from __future__ import annotations

from functools import cache

import numpy as np
import pytest
import shapely
from tijian.engine.chance.funnel import funnel_limits
from tijian.reports.charts.bars import unit_bars
from tijian.reports.charts.funnel import Lines, Spot, funnel
from tijian.reports.charts.radar import centre_of, radar
from tijian.reports.charts.rows import rank_chart, score_bar, spine_chart, survey_chart
from tijian.reports.charts.svg import text_width
from tijian.reports.content.figures import shapes_of
from tijian.reports.maps import graded
from tijian.reports.tables.table import Spine
from tijian.reports.theme import load_theme, luminance
from tijian.reports.view import View

from .results_fixture import CUTS, DISTRICT, make_results
from .shown import parts, words


@cache
def view() -> View:
    return View(make_results())


def test_the_grade_ramp_gets_steadily_darker_and_ink_is_readable_on_it() -> None:
    theme = load_theme()
    light = [luminance(theme.grade(name, CUTS)) for name, _ in CUTS]
    assert light == sorted(light, reverse=True)
    for name, _ in CUTS:
        ground = theme.grade(name, CUTS)
        one, two = luminance(ground), luminance(theme.on(ground))
        assert (max(one, two) + 0.05) / (min(one, two) + 0.05) >= 4.5


def test_four_grades_use_both_ends_of_the_ramp() -> None:
    cuts = (("很好", 85.0), ("较好", 70.0), ("一般", 60.0), ("不足", 0.0))
    theme = load_theme()
    assert theme.grade("很好", cuts) == theme.ramp[0]
    assert theme.grade("不足", cuts) == theme.ramp[-1]


def test_the_radar_names_every_dimension_and_leaves_out_a_missing_corner() -> None:
    names = ["甲", "乙", "丙", "丁"]
    whole = radar(names, [80, 70, 60, 50], [75, 75, 75, 75], ["良", "中", "较差", "差"], CUTS)
    holed = radar(names, [80, None, 60, 50], [75, 75, 75, 75], ["良", None, "较差", "差"], CUTS)
    assert [n for n in words(whole) if n in names] == names
    assert len(parts(whole, "circle")) == 4
    assert len(parts(holed, "circle")) == 3
    assert "—" in words(holed)
    with pytest.raises(ValueError, match="three"):
        radar(names[:2], [1, 2], [1, 2], ["差", "差"], CUTS)


def test_long_dimension_names_are_broken_and_stay_inside_the_radar() -> None:
    names = ["住房", "小区（社区）", "街区", "城区（城市）", "历史文化保护传承情况", "居民满意度"]
    chart = radar(names, [80.0] * 6, [75.0] * 6, ["良"] * 6, CUTS)
    assert {"小区", "（社区）", "历史文化保", "护传承情况", "居民满意度"} <= set(words(chart))
    width, height = chart.width * 10, chart.height * 10
    for text in parts(chart, "text"):
        x, y, size = (float(text.attrib[k]) for k in ("x", "y", "font-size"))
        wide = text_width(text.text or "", size)
        left = x - {"start": 0.0, "middle": wide / 2, "end": wide}[text.attrib["text-anchor"]]
        assert -0.5 <= left <= left + wide <= width + 0.5, text.text
        assert size * 0.8 <= y <= height, text.text


def test_the_radar_never_draws_below_its_centre() -> None:
    assert centre_of([57.0, 90.0]) == 30
    assert centre_of([5.0]) == 0
    assert centre_of([None]) == 40


def test_better_is_right_in_every_row_chart() -> None:
    spine = Spine(0.0, 0.2, 0.5, 0.7, 1.0, 0.9, 0.8, "better", "优于全区")
    dot = float(parts(spine_chart(spine), "circle")[0].attrib["cx"])
    middle = float(parts(spine_chart(spine), "line")[0].attrib["x1"])
    assert dot > middle
    first, last = (float(parts(rank_chart(p, p, p, 17), "circle")[0].attrib["cx"]) for p in (1, 17))
    assert first > last
    high, low = (float(parts(survey_chart(s, s, s, None), "circle")[0].attrib["cx"]) for s in (90.0, 50.0))
    assert high > low


def test_a_missing_score_has_no_bar_and_no_dot() -> None:
    assert parts(score_bar(None, 80, "未评价", CUTS), "rect") == []
    assert parts(rank_chart(None, None, None, 17), "circle") == []
    assert score_bar(None, 80, None, CUTS).alt == "得分—，全区80.0"


def test_bars_are_as_long_as_their_scores() -> None:
    chart = unit_bars([("甲", 80.0, "良"), ("乙", 40.0, "差"), ("丙", None, None)], 60.0, CUTS, "说明")
    long, short = (float(r.attrib["width"]) for r in parts(chart, "rect"))
    assert long == pytest.approx(2 * short, abs=0.02)
    assert "—" in words(chart)
    assert "全区 60.0" in words(chart)


def test_a_spine_tells_better_same_worse_and_not_compared_apart_without_colour() -> None:
    drawn = [
        spine_chart(Spine(0.0, 0.2, 0.5, 0.7, 1.0, 0.9, None, than, "说明"))
        for than in ("better", "same", "worse", None)
    ]
    shapes = [
        (len(parts(c, "path")), [(e.attrib["r"], e.attrib["fill"] == load_theme().ink["paper"]) for e in parts(c, "circle")])
        for c in drawn
    ]  # fmt: skip
    assert shapes == [(0, [("9.5", False)]), (0, [("9.5", True)]), (1, []), (0, [("5.5", False)])]


def test_the_lines_of_a_funnel_are_the_limits_of_the_engine() -> None:
    spots = [Spot("甲", 60, 2.0, 0), Spot("乙", 100, 60.0, 0)]
    chart = funnel(spots, Lines(0.2, "share", 0.001, 100.0), 1, "说明", ("占比（%）", "基数"))
    ticks = [e for e in parts(chart, "text") if (e.text or "").isdigit() and e.get("text-anchor") == "end"]
    (low, high), (bottom, top) = zip(*((float(e.text or ""), float(e.attrib["y"])) for e in (ticks[0], ticks[-1])), strict=True)  # fmt: skip
    # the lines end over the size at the right edge, 5 % beyond the largest unit; tick labels stand 7 below their line
    ends = sorted(
        float(p.attrib["d"].split("L")[-1].split(",")[1])
        for p in parts(chart, "path")
        if p.get("fill") == "none"
    )
    told = [
        100 * side[0]
        for z in (1.959964, 3.090232)
        for side in funnel_limits(0.2, np.array([105.0]), "share", z=z, between=0.001)
    ]
    expected = sorted(bottom - 7 + (v - low) / (high - low) * (top - bottom) for v in told)
    assert ends == pytest.approx(expected, abs=0.2)


def test_a_funnel_names_and_fills_only_who_is_outside_on_the_worse_side() -> None:
    spots = [Spot("大社区", 2000, 60.0, -1), Spot("好社区", 1500, 95.0, 1), Spot("小社区", 20, 60.0, 0)]
    chart = funnel(spots, Lines(0.8, "share", 0.0, 100.0), -1, "说明", ("占比（%）", "基数"))
    ink = load_theme().ink
    assert [w for w in words(chart) if w.endswith("社区")] == ["大社区"]
    found = [(e.attrib["fill"], e.attrib["stroke"]) for e in parts(chart, "circle")]
    assert found == [
        (ink["warning"], ink["text"]), (ink["paper"], ink["accent"]), (ink["paper"], ink["text"])
    ]  # fmt: skip


def test_the_map_draws_every_town_in_its_grade_with_scale_and_north() -> None:
    towns = view().of_level("town")
    shapes = shapes_of(view(), towns)
    grades = dict.fromkeys(towns, "良") | {towns[0]: "差", towns[1]: None}
    chart = graded.choropleth(shapes, grades, CUTS, "图", labels={u: view().name(u) for u in towns})
    assert chart is not None
    fills = [p.get("fill") for p in parts(chart, "path")]
    theme = load_theme()
    assert fills.count(theme.grade("良", CUTS)) == 15
    assert theme.grade("差", CUTS) in fills
    assert "url(#none)" in fills
    assert "北" in words(chart)
    assert any(w.endswith((" km", " m")) for w in words(chart))
    assert "未评价" in words(chart)


def test_the_scale_bar_is_as_long_as_it_says() -> None:
    square = {"a": shapely.to_wkb(shapely.box(0, 0, 10_000, 10_000))}
    chart = graded.choropleth(square, {"a": "良"}, CUTS, "图", (84, 120))
    assert chart is not None
    area = next(p for p in parts(chart, "path") if p.get("fill") == load_theme().grade("良", CUTS))
    xs = [float(pair.split(",")[0]) for pair in area.attrib["d"].strip("MZ").split("L")]
    per_metre = (max(xs) - min(xs)) / 10_000
    bar = max(abs(float(e.attrib["x2"]) - float(e.attrib["x1"])) for e in parts(chart, "line"))
    assert "2 km" in words(chart)
    assert bar == pytest.approx(2000 * per_metre, rel=0.01)


def test_shapes_that_cannot_be_drawn_are_left_out() -> None:
    shapes = {"a": shapely.to_wkb(shapely.Point(1, 1)), "b": b"no wkb"}
    assert graded.choropleth(shapes, {}, CUTS, "图") is None
    assert graded.silhouette({}, "", 100, 100) is None


def test_a_hole_stays_a_hole() -> None:
    ring = shapely.Polygon([(0, 0), (9, 0), (9, 9), (0, 9)], [[(3, 3), (6, 3), (6, 6), (3, 6)]])
    chart = graded.choropleth({"a": shapely.to_wkb(ring)}, {"a": "良"}, CUTS, "图")
    assert chart is not None
    assert any(
        p.attrib["d"].count("M") == 2 and p.get("fill-rule") == "evenodd" for p in parts(chart, "path")
    )


def test_names_from_inputs_are_escaped_in_drawings() -> None:
    chart = unit_bars([("<b>&", 50.0, "差")], None, CUTS, "说明")
    assert words(chart)[0] == "<b>&"


def test_coordinates_are_short_and_finite() -> None:
    chart = graded.choropleth(shapes_of(view(), view().of_level("community")), {}, CUTS, "图")
    assert chart is not None
    assert "nan" not in chart.svg
    assert np.isfinite(chart.height)
    assert DISTRICT not in chart.svg
