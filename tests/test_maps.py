"""Maps of service, problems and risk: what is drawn where, that nothing runs out of the drawing, and when there is none."""

from __future__ import annotations

import itertools
import re

import numpy as np
import polars as pl
import pytest
import shapely
from tijian.engine.diagnosis import risk
from tijian.reports.charts.svg import Chart, text_width
from tijian.reports.maps import graded
from tijian.reports.maps.problem import MOST_KINDS, Kind, gathered, problem_map
from tijian.reports.maps.service import Demand, Site, service_map
from tijian.reports.theme import load_theme, luminance

from .shown import parts, words

KM = 1000.0
TOWNS = {
    "甲": shapely.to_wkb(shapely.box(0, 0, 10 * KM, 10 * KM)),
    "乙": shapely.to_wkb(shapely.box(10 * KM, 0, 20 * KM, 10 * KM)),
}
NAMES = {"甲": "甲镇", "乙": "乙街道"}
INK = load_theme().ink


def boxes_of_texts(chart: Chart) -> list[tuple[str, float, float, float, float]]:
    boxes = []
    for text in parts(chart, "text"):
        x, y, size = (float(text.attrib[k]) for k in ("x", "y", "font-size"))
        wide = text_width(text.text or "", size)
        left = x - {"start": 0.0, "middle": wide / 2, "end": wide}[text.attrib["text-anchor"]]
        boxes.append((text.text or "", left, y - 0.8 * size, left + wide, y))
    return boxes


def assert_tidy(chart: Chart) -> None:
    """Every text inside the drawing and clear of every other."""
    boxes = boxes_of_texts(chart)
    for name, left, top, right, bottom in boxes:
        assert left >= -0.5, name
        assert right <= chart.width * 10 + 0.5, name
        assert top >= 0, name
        assert bottom <= chart.height * 10, name
    for one, other in itertools.combinations(boxes, 2):
        apart = one[1] >= other[3] or other[1] >= one[3] or one[2] >= other[4] or other[2] >= one[4]
        assert apart, (one[0], other[0])


def many(points: int) -> Demand:
    rng = np.random.default_rng(7)
    xy = rng.uniform((0, 0), (20 * KM, 10 * KM), (points, 2))
    return Demand(xy, rng.uniform(1, 50, points), xy[:, 0] < 12 * KM)


def squares(chart: Chart, colour: str) -> list[tuple[float, float]]:
    """Middle across and side of every square of a colour."""
    data = "".join(
        p.attrib["d"] for p in parts(chart, "path") if p.get("fill") == colour and "h-" in p.attrib["d"]
    )
    found = re.findall(r"M([\d.]+),[\d.]+h([\d.]+)v", data)
    return [(float(x) + float(s) / 2, float(s)) for x, s in found]


def test_demand_without_service_is_in_the_warning_colour_and_the_rest_grey() -> None:
    demand = Demand(
        np.array([[2 * KM, 5 * KM], [18 * KM, 5 * KM]]), np.array([100.0, 100.0]), np.array([True, False])
    )
    chart = service_map(TOWNS, demand, [], "说明", (168, 120))
    assert chart is not None
    grey, red = squares(chart, INK["middle"]), squares(chart, INK["warning"])
    assert len(grey) == 2
    assert [x > chart.width * 5 for x, _ in red] == [True]
    assert luminance(INK["warning"]) < 0.5 * luminance(INK["middle"])  # told apart in grey too


def test_the_area_of_a_square_is_the_demand_in_its_cell() -> None:
    xy = np.array([[2 * KM, 5 * KM], [8 * KM, 5 * KM], [14 * KM, 5 * KM]])
    demand = Demand(xy, np.array([100.0, 400.0, 400.0]), np.array([False, False, False]))
    chart = service_map(TOWNS, demand, [], "说明", (168, 120))
    assert chart is not None
    small, large, _ = (side for _, side in sorted(squares(chart, INK["warning"])))
    assert large == pytest.approx(2 * small, rel=0.05)


def test_a_half_served_cell_shows_both() -> None:
    xy = np.array([[5000.0, 5000.0], [5001.0, 5001.0]])
    chart = service_map(
        TOWNS, Demand(xy, np.array([30.0, 10.0]), np.array([True, False])), [], "说明", (168, 120)
    )
    assert chart is not None
    ((_, all_of_it),), ((_, unserved),) = squares(chart, INK["middle"]), squares(chart, INK["warning"])
    assert unserved == pytest.approx(all_of_it / 2, abs=0.2)


def test_twenty_thousand_points_stay_a_small_drawing() -> None:
    supply = [shapely.to_wkb(shapely.Point(x, y)) for x, y in many(1500).xy]
    chart = service_map(TOWNS, many(20_000), supply, "说明", (168, 150), labels=NAMES)
    assert chart is not None
    assert len(chart.svg) < 150_000
    assert_tidy(chart)
    again = service_map(TOWNS, many(20_000), supply, "说明", (168, 150), labels=NAMES)
    assert again is not None
    assert chart.svg == again.svg


def test_supply_is_marked_outlined_or_drawn_as_a_line_and_stays_on_the_map() -> None:
    park = shapely.to_wkb(shapely.box(1 * KM, 1 * KM, 3 * KM, 3 * KM))
    path = shapely.to_wkb(shapely.LineString([(-50 * KM, 5 * KM), (50 * KM, 5 * KM)]))
    stop, far = shapely.to_wkb(shapely.Point(5 * KM, 8 * KM)), shapely.to_wkb(shapely.Point(500 * KM, 8 * KM))
    chart = service_map(TOWNS, many(50), [park, path, stop, far], "说明", (168, 120))
    assert chart is not None
    assert any(p.get("fill") == INK["accent_wash"] for p in parts(chart, "path"))
    (line,) = [
        p
        for p in parts(chart, "path")
        if p.get("stroke") == INK["accent"] and "L" in p.attrib["d"] and "Z" not in p.attrib["d"]
    ]
    across = [float(x) for x in re.findall(r"[ML]([-\d.]+),", line.attrib["d"])]
    assert min(across) >= 0
    assert max(across) <= chart.width * 10
    assert "设施 3处" in words(chart)  # the stop at 500 km is not on it


def test_proposed_sites_are_numbered_rings_that_do_not_touch() -> None:
    sites = [Site(i, 9 * KM + 20 * i, 5 * KM, 300.0) for i in range(1, 6)]
    chart = service_map(TOWNS, many(200), [], "说明", (168, 120), sites=sites, labels=NAMES)
    assert chart is not None
    assert [w for w in words(chart) if w in "12345"] == [
        "1",
        "2",
        "3",
        "4",
        "5",
        "1",
    ]  # the last is the legend's
    assert_tidy(chart)
    none = service_map(TOWNS, many(200), [], "说明", (168, 120))
    assert none is not None
    assert not [w for w in words(none) if "选址" in w]


def test_without_demand_or_shapes_there_is_no_map() -> None:
    nothing = Demand(np.empty((0, 2)), np.empty(0), np.empty(0, dtype=bool))
    assert service_map(TOWNS, nothing, [], "说明", (168, 120)) is None
    assert service_map({}, many(5), [], "说明", (168, 120)) is None
    assert problem_map(TOWNS, [], "说明", (168, 120)) is None
    assert problem_map(TOWNS, [Kind("甲", np.empty((0, 2)))], "说明", (168, 120)) is None
    assert problem_map({}, [Kind("甲", np.zeros((1, 2)))], "说明", (168, 120)) is None


def kinds(count: int, each: int) -> list[Kind]:
    rng = np.random.default_rng(3)
    return [Kind(f"第{i + 1}类", rng.uniform((0, 0), (20 * KM, 10 * KM), (each, 2))) for i in range(count)]


def signs(chart: Chart, colour: str) -> int:
    return sum(e.attrib["d"].count("M") for e in parts(chart, "path") if e.get("fill") == colour)


@pytest.mark.parametrize(("count", "each"), [(1, 1), (3, 5), (9, 400)])
def test_every_kind_has_a_form_and_colour_of_its_own_and_nothing_runs_out(count: int, each: int) -> None:
    chart = problem_map(TOWNS, kinds(count, each), "说明", (168, 130), NAMES)
    assert chart is not None
    assert_tidy(chart)
    for number in range(count):
        assert f"第{number + 1}类 {each}" in words(chart)
        assert signs(chart, load_theme().kinds[number]) >= 2  # on the map, and in the legend
    assert len(chart.svg) < 150_000
    again = problem_map(TOWNS, kinds(count, each), "说明", (168, 130), NAMES)
    assert again is not None
    assert again.svg == chart.svg


def test_more_kinds_than_can_be_told_apart_are_refused() -> None:
    with pytest.raises(ValueError, match="9 at most"):
        problem_map(TOWNS, kinds(MOST_KINDS + 1, 1), "说明", (168, 130))


def test_groups_stand_apart_and_hold_every_place() -> None:
    xy = np.random.default_rng(5).uniform(0, 1000, (5000, 2))
    group, places = gathered(xy, 90.0)
    assert len(group) == 5000
    assert set(group) == set(range(len(places)))
    for one, other in itertools.combinations(places, 2):
        assert np.abs(one - other).max() >= 90.0
    assert np.abs(xy - places[group]).max() < 90.0 * 1.5


def test_places_far_apart_stay_where_they_are() -> None:
    xy = np.array([[100.0, 100.0], [500.0, 100.0], [500.0, 900.0]])
    group, places = gathered(xy, 90.0)
    assert places[group].tolist() == xy.tolist()


def test_classes_of_a_value_are_five_at_most_and_say_where_they_begin() -> None:
    values = {f"u{i}": float(i) for i in range(20)}
    classes = graded.valued(values, 1, "higher")
    assert classes is not None
    assert classes.names == ("<4.0", "4.0–8.0", "8.0–12.0", "12.0–16.0", "≥16.0")
    assert [classes.of[u] for u in ("u3", "u4", "u15", "u16")] == [0, 1, 3, 4]
    light = [luminance(c) for c in classes.colours]
    assert light == sorted(light)  # worse is darker, and more is better
    lower = graded.valued(values, 1, "lower")
    assert lower is not None
    assert lower.colours == tuple(reversed(classes.colours))


def test_a_missing_value_is_hatched_and_equal_values_make_no_map() -> None:
    classes = graded.valued({"甲": 1.0, "乙": None, "丙": 2.0}, 0, "lower")
    assert classes is not None
    assert classes.fill("乙") == "url(#none)"
    chart = graded.classed_map(TOWNS, classes, "说明", (120, 100), NAMES)
    assert chart is not None
    assert {"无数据", "<2", "≥2"} <= set(words(chart))
    assert_tidy(chart)
    assert graded.valued({"甲": 1.0, "乙": 1.04}, 1, "lower") is None


UNITS = pl.DataFrame({"code": ["A", "B", "C", "D"], "level": "community", "area_km2": [1.0, 2.0, 4.0, 1.0]})
INDICATORS = pl.DataFrame({
    "code": ["gas", "stairs", "parking"], "name": ["燃气", "楼道", "停车"], "dimension": ["安全韧性", "安全韧性", "健康舒适"],
    "aspect": ["", "", ""], "method": "count", "kind": ["baseline", "guiding", "baseline"],
})  # fmt: skip


def ledger(*rows: tuple[str, str, str, str]) -> pl.DataFrame:
    frame = pl.DataFrame(rows, schema=["community", "indicator", "thing", "degree"], orient="row")
    return frame.with_columns(unit="community", line=pl.int_range(1, len(rows) + 1))


def measured(*units: str) -> pl.DataFrame:
    return pl.DataFrame(
        {"unit": units, "indicator": "gas", "value": 0.0},
        schema={"unit": pl.String, "indicator": pl.String, "value": pl.Float64},
    )


def test_the_risk_of_a_unit_worked_by_hand() -> None:
    lines = ledger(
        ("A", "gas", "g1", "一般"), ("A", "gas", "g1", "严重"), ("A", "stairs", "s1", "较严重"),
        ("A", "parking", "p1", "非常严重"), ("B", "gas", "g2", "非常严重"),
    )  # fmt: skip
    found = risk.risk_of_units(lines, INDICATORS, measured("C"), UNITS, "community")
    rows = {r["unit"]: r for r in found.to_dicts()}
    # A: g1 by its gravest 3 × 2 (底线型), s1 2; parking is not about safety. B: 4 × 2 over 2 km²
    assert (rows["A"]["points"], rows["A"]["index"], rows["A"]["things"], rows["A"]["baseline"]) == (
        8.0,
        8.0,
        2,
        1,
    )
    assert (rows["B"]["index"], rows["B"]["worst"]) == (4.0, "gas")
    assert rows["C"]["index"] == 0.0  # examined, nothing found
    assert "D" not in rows  # nobody looked: not the same as no risk


def test_limits_are_percentiles_of_those_with_any_risk() -> None:
    index = pl.Series([0.0, 0.0, None, *range(1, 101)], dtype=pl.Float64)
    limits = risk.limits_of(index)
    assert limits == (50.0, 80.0, 95.0)
    assert [risk.level_of(v, limits) for v in (None, 0.0, 0.5, 50.0, 94.0, 95.0)] == [None, 0, 1, 2, 3, 4]
    assert risk.limits_of(pl.Series([0.0, None], dtype=pl.Float64)) == ()
    assert risk.level_of(3.0, (3.0,)) == 2
