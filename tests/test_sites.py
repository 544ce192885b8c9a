"""选址建议: what is promised of a site is what measuring finds once it is built; whom it counts and where it may stand.

第1街道 and 第2街道 are squares of 4 km side by side; the first is cut into a western and an eastern community.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import polars as pl
import pytest
import shapely
from pyproj import Transformer
from tijian.engine import lists
from tijian.engine.evidence import Evidence, Gathered
from tijian.engine.findings import Findings
from tijian.engine.measure.everything import measure_one
from tijian.engine.measure.rollup import roll_up
from tijian.engine.results import conform, empty
from tijian.engine.settings.project import Siting
from tijian.engine.sites.everything import propose_sites
from tijian.engine.storage.store import sandbox
from tijian.indicators.measure_model import Coverage, Walk
from tijian.indicators.model import Indicator

from .small_year import DISTRICT, TOWNS, evidence, indicator, units

A, B = TOWNS[:2]
WEST, EAST = f"{A}001", f"{A}002"
BORDERS = {
    DISTRICT: shapely.box(0, 0, 8000, 4000),
    A: shapely.box(0, 0, 4000, 4000),
    B: shapely.box(4000, 0, 8000, 4000),
    WEST: shapely.box(0, 0, 2000, 4000),
    EAST: shapely.box(2000, 0, 4000, 4000),
}
RADIUS = 500.0


def unit_at(x: float) -> str:
    return WEST if x < 2000 else EAST if x < 4000 else B


def points(of: str, xy: Any, kind: str = "layer", **columns: list[Any]) -> Evidence:
    """Evidence of points, each in the unit whose border holds it."""
    rows = [
        {"unit": unit_at(x), "x": float(x), "y": float(y), "_wkb": shapely.to_wkb(shapely.Point(x, y))}
        | {column: values[n] for column, values in columns.items()}
        for n, (x, y) in enumerate(xy)
    ]
    return evidence(of, kind, rows)


def coverage(**said: Any) -> Indicator:
    given = {"method": "coverage", "demand": "homes", "weight": "people", "supply": "stops"}
    if not {"radius", "radius_m"} & set(said):
        said["radius_m"] = RADIUS
    measure = Coverage.model_validate({k: v for k, v in (given | said).items() if v is not None})
    return indicator("JT-03", measure, amount="需新增覆盖{amount}人")


def gathered(*items: Evidence, kinds: dict[str, str] | None = None) -> Gathered:
    borders = pl.DataFrame([{"unit": code, "wkb": shapely.to_wkb(shape)} for code, shape in BORDERS.items()])
    tree = units().with_columns(kind=pl.col("code").replace_strict(kinds or {}, default=pl.col("kind")))
    return Gathered(tree, conform("shapes", borders), "EPSG:4549", {e.name: e for e in items})


def measured(what: Indicator, given: Gathered) -> tuple[pl.DataFrame, pl.DataFrame]:
    """(measurements, service) by the engine's own measuring."""
    with sandbox(given.evidence) as con:
        found = measure_one(what, given, con)
    assert found.service is not None
    rolled = roll_up(found.pairs, given.units).with_columns(indicator=pl.lit(what.code))
    return rolled, found.service.with_columns(indicator=pl.lit(what.code))


def proposed(
    what: Indicator, given: Gathered, findings: Findings | None = None, **rules: Any
) -> pl.DataFrame:
    values, service = measured(what, given)
    told = Findings() if findings is None else findings
    return propose_sites(service, values, given, (what,), Siting(**rules), told, lambda *_: None)


def value_of(what: Indicator, given: Gathered) -> dict[str, float]:
    return dict(measured(what, given)[0].select("unit", "value").iter_rows())


def built(given: Gathered, xy: Any, **columns: list[Any]) -> Gathered:
    """``given`` with further stops at ``xy``."""
    stops = given.evidence["stops"]
    more = points("stops", xy, **columns).frame
    whole = replace(stops, frame=pl.concat([stops.frame, more], how="diagonal_relaxed"))
    return replace(given, evidence=given.evidence | {"stops": whole})


def town_of_homes(seed: int = 1, n: int = 800) -> tuple[Evidence, Evidence]:
    """Homes in clusters all over both towns, and two stops."""
    rng = np.random.default_rng(seed)
    middles = rng.uniform(300, [7700, 3700], (25, 2))
    xy = np.clip(middles[rng.integers(0, 25, n)] + rng.normal(0, 250, (n, 2)), 1, [7999, 3999])
    homes = points("homes", xy, people=rng.integers(1, 300, n).tolist())
    return homes, points("stops", [(1000, 1000), (5000, 3000)], size=["大", "大"])


# ---- the promise is kept --------------------------------------------------------------------------


@pytest.mark.parametrize("together", [False, True])
@pytest.mark.parametrize("seed", [1, 2, 3])
def test_measuring_with_the_sites_built_gives_what_was_promised(seed: int, together: bool) -> None:
    what, given = coverage(), gathered(*town_of_homes(seed))
    sites = proposed(what, given, together=together)
    assert sites["unit"].unique().sort().to_list() == [A, B]
    now = value_of(what, given)
    for town in (A, B):
        rows = sites.filter(pl.col("unit") == town)
        assert rows["rank"].to_list() == [1, 2, 3]
        assert rows.select("before", "unit_before").row(0) == pytest.approx((now[DISTRICT], now[town]))
        for row in rows.iter_rows(named=True):
            done = rows.filter(pl.col("rank") <= row["rank"]).select("x", "y").rows()
            after = value_of(what, built(given, done))
            assert row["after"] == pytest.approx(after[DISTRICT], abs=1e-9)
            assert row["unit_after"] == pytest.approx(after[town], abs=1e-9)


def test_the_gain_is_of_the_town_and_the_district_counts_the_neighbours_too() -> None:
    homes = points("homes", [(3900, 1000), (4100, 1000), (7000, 3000), (500, 3000)], people=[60, 40, 10, 90])
    given = gathered(homes, points("stops", [(500, 3000)]))
    row = proposed(coverage(), given).filter(pl.col("unit") == A).row(0, named=True)
    assert (row["gained"], row["counted"]) == (60, "人")
    assert (row["unit_before"], row["unit_after"]) == (pytest.approx(60), pytest.approx(100))
    assert (row["before"], row["after"]) == (pytest.approx(45), pytest.approx(95))
    assert (row["method"], row["bound"]) == ("exact", 1)


def test_nobody_beyond_the_true_radius_is_promised_anything() -> None:
    """Points of ``service`` are kept to 0.1 m: one that is only just out of reach may look as if it were within."""
    homes = points("homes", [(1000.0, 1000.0), (1500.04, 1000.0)], people=[50, 10])
    given = gathered(homes, points("stops", [(7000, 100)]))
    assert measured(coverage(), given)[1]["x"].to_list() == [1000.0, 1500.0]
    sites = proposed(coverage(), given)
    assert sites["gained"].to_list() == [50, 10]
    assert value_of(coverage(), built(given, sites.select("x", "y").rows()[:1]))[A] == pytest.approx(100 * 50 / 60)  # fmt: skip


def test_of_land_the_promise_is_an_estimate_from_its_grid() -> None:
    what = coverage(by="area", weight=None, demand="land")
    rng = np.random.default_rng(4)
    corners = rng.uniform(100, [7300, 3300], (40, 2))
    blocks = [shapely.box(x, y, x + 400, y + 300) for x, y in corners]
    land = evidence("land", "layer", [{"unit": unit_at(b.centroid.x), "x": b.centroid.x, "y": b.centroid.y, "_wkb": shapely.to_wkb(b)} for b in blocks])  # fmt: skip
    given = gathered(land, points("stops", [(1000, 1000)]))
    sites = proposed(what, given)
    assert set(sites["counted"]) == {"㎡"}
    for row in sites.filter(pl.col("rank") == 1).iter_rows(named=True):
        after = value_of(what, built(given, [(row["x"], row["y"])]))
        assert row["unit_after"] == pytest.approx(after[row["unit"]], abs=1.5)
        assert row["after"] == pytest.approx(after[DISTRICT], abs=1.5)


def test_a_town_whose_value_is_not_measured_is_judged_by_its_points() -> None:
    what, given = coverage(), gathered(*town_of_homes())
    values, service = measured(what, given)
    known = propose_sites(service, values, given, (what,), Siting(), Findings(), lambda *_: None)
    unknown = propose_sites(service, empty("measurements"), given, (what,), Siting(), Findings(), lambda *_: None)  # fmt: skip
    for column in ("before", "after", "unit_before", "unit_after"):
        assert unknown[column].to_list() == pytest.approx(known[column].to_list())


# ---- where there is none --------------------------------------------------------------------------


def test_a_town_that_is_served_already_has_no_site() -> None:
    homes = points("homes", [(1000, 1000), (1200, 1000), (6000, 1000)], people=[50, 10, 5])
    sites = proposed(coverage(), gathered(homes, points("stops", [(1100, 1000)])))
    assert sites["unit"].to_list() == [B]


def test_a_site_that_serves_too_small_a_part_of_the_town_is_left_out() -> None:
    homes = points("homes", [(500, 500), (3000, 500), (3000, 3500)], people=[940, 50, 10])
    given = gathered(homes, points("stops", [(7000, 100)]))
    assert proposed(coverage(), given, minimum_share=0.05)["gained"].to_list() == [940, 50]
    assert proposed(coverage(), given, per_town=1)["gained"].to_list() == [940]
    assert proposed(coverage(), given, per_town=0).is_empty()


def test_without_anybody_to_serve_there_is_an_empty_frame() -> None:
    served = points("homes", [(1000, 1000)], people=[5]), points("stops", [(1000, 1000)])
    assert proposed(coverage(), gathered(*served)).equals(empty("sites"))
    none = propose_sites(empty("service"), empty("measurements"), gathered(), (coverage(),), Siting(), Findings(), lambda *_: None)  # fmt: skip
    assert none.equals(empty("sites"))


def test_an_indicator_measured_on_foot_has_no_sites_a_straight_line_would_promise() -> None:
    straight, given = coverage(), gathered(*town_of_homes())
    values, service = measured(straight, given)
    walk = Walk(
        method="walk", demand="homes", weight="people", supply="stops", network="paths", metres=RADIUS
    )
    on_foot = indicator(straight.code, walk)
    assert propose_sites(service, values, given, (on_foot,), Siting(), Findings(), lambda *_: None).is_empty()


# ---- of what kind, and where ----------------------------------------------------------------------

CLASSES = [
    {"where": "size = '大'", "radius_m": 1000, "says": "大站"},
    {"where": "size = '小'", "radius_m": 400, "says": "小站"},
]


def test_of_supply_in_classes_a_site_is_of_the_one_with_the_smallest_radius() -> None:
    what, given = coverage(radius=CLASSES), gathered(*town_of_homes())
    sites = proposed(what, given)
    assert set(sites.select("supply", "radius_m").rows()) == {("小站", 400.0)}
    first = sites.filter((pl.col("unit") == A) & (pl.col("rank") == 1)).row(0, named=True)
    after = value_of(what, built(given, [(first["x"], first["y"])], size=["小"]))
    assert first["unit_after"] == pytest.approx(after[A], abs=1e-9)


def test_where_the_radius_goes_by_kind_of_unit_each_town_has_its_own() -> None:
    what = coverage(radius=[
        {"unit_kind": ["新城"], "radius_m": 300, "says": "新城"}, {"unit_kind": ["镇"], "radius_m": 800, "says": "镇区"},
    ])  # fmt: skip
    given = gathered(*town_of_homes(), kinds={A: "新城", B: "镇"})
    sites = proposed(what, given)
    assert set(sites.select("unit", "radius_m").rows()) == {(A, 300.0), (B, 800.0)}
    for row in sites.filter(pl.col("rank") == 1).iter_rows(named=True):
        after = value_of(what, built(given, [(row["x"], row["y"])]))
        assert row["unit_after"] == pytest.approx(after[row["unit"]], abs=1e-9)
        assert row["after"] == pytest.approx(after[DISTRICT], abs=1e-9)


def test_a_town_for_which_no_radius_holds_has_no_site() -> None:
    what = coverage(radius=[{"unit_kind": ["新城"], "radius_m": 300, "says": "新城"}])
    sites = proposed(what, gathered(*town_of_homes(), kinds={A: "新城", B: "镇"}))
    assert set(sites["unit"]) == {A}


def test_sites_are_chosen_among_the_places_the_project_names() -> None:
    plots = points("plots", [(600, 600), (3100, 600), (6000, 2000)])
    homes = points("homes", [(700, 600), (3000, 500), (3000, 3500)], people=[940, 50, 10])
    given = gathered(homes, points("stops", [(7000, 100)]), plots)
    sites = proposed(coverage(), given, candidates="plots")
    assert sites.select("unit", "x", "y", "gained").rows() == [(A, 600, 600, 940), (A, 3100, 600, 50)]


@pytest.mark.parametrize("plots", [(evidence("plots", "figures", [{"unit": A, "plots": 3}]),), ()])
def test_candidates_without_a_place_are_told_and_the_unserved_are_taken(plots: tuple[Evidence, ...]) -> None:
    homes = points("homes", [(700, 600)], people=[940])
    findings = Findings()
    sites = proposed(coverage(), gathered(homes, points("stops", [(7000, 100)]), *plots), findings, candidates="plots")  # fmt: skip
    assert [(f.code, f.value) for f in findings] == [("M020", "plots")]
    assert sites.select("x", "y").rows() == [(700, 600)]


def test_the_order_of_the_rows_changes_nothing() -> None:
    what, given = coverage(), gathered(*town_of_homes())
    values, service = measured(what, given)
    sites = [
        propose_sites(frame, values, given, (what,), Siting(), Findings(), lambda *_: None)
        for frame in (service, service.sample(fraction=1, shuffle=True, seed=5))
    ]
    assert (
        sites[0]
        .drop("before", "after", "unit_before", "unit_after")
        .equals(sites[1].drop("before", "after", "unit_before", "unit_after"))
    )


# ---- how it is told -------------------------------------------------------------------------------


def test_a_place_is_told_by_community_nearest_estate_and_degrees() -> None:
    estates = points("estates", [(720, 600), (3000, 3400)], "records", name=["幸福里", "远苑"])
    homes = points("homes", [(700, 600), (3000, 500)], people=[940, 50])
    given = gathered(homes, points("stops", [(7000, 100)]), estates)
    sites = proposed(coverage(), replace(given, crs="EPSG:32631"))  # west of Greenwich, at the equator
    to_degrees = Transformer.from_crs("EPSG:32631", "EPSG:4326", always_xy=True)
    (lon, lat), (lon_2, lat_2) = to_degrees.transform(700, 600), to_degrees.transform(3000, 500)
    assert sites["place"].to_list() == [
        f"11社区幸福里附近（西经{-lon:.4f}°、北纬{lat:.4f}°）",
        f"12社区（西经{-lon_2:.4f}°、北纬{lat_2:.4f}°）",
    ]


def remedy(unit: str, level: str, sites: pl.DataFrame, what: Indicator) -> str:
    """整治措施 of one shortfall of a unit."""
    problems = conform("problem_list", pl.DataFrame([{
        "id": f"{unit}-{what.code}", "unit": unit, "level": level, "indicator": what.code, "problem": "覆盖不足", "value": 50.0,
        "severity": "橙", "treatment": "尽力解决", "lead": ["区交通委"], "supporting": [""],
    }]))  # fmt: skip
    none = empty("measurements")
    return str(lists.list_remedies(problems, none, sites, units(), (what,), 2026)["measure"][0])


def test_a_remedy_of_a_town_names_its_sites_in_their_order_and_what_they_bring() -> None:
    homes = points("homes", [(700, 600), (3000, 500), (6000, 600)], people=[600, 300, 100])
    what = coverage()
    sites = proposed(what, gathered(homes, points("stops", [(7900, 3900)]))).with_columns(
        place=pl.concat_str(pl.lit("某处"), "rank")
    )
    assert remedy(A, "town", sites, what).endswith(
        "选址测算：在某处1新增1处（服务半径500米），可新增覆盖600人，覆盖率由0.0%提高到66.7%；"
        "再在某处2新增1处，可再覆盖300人，提高到100.0%。"
    )
    assert remedy(DISTRICT, "district", sites, what).endswith(
        "选址测算：单处增益最大的是在第1街道某处1新增1处（服务半径500米），可新增覆盖该街镇600人，全区覆盖率由0.0%提高到60.0%。"
    )
    assert "选址" not in remedy(WEST, "community", sites, what)
    assert "选址" not in remedy(TOWNS[2], "town", sites, what)


def test_land_is_told_in_hectares_as_an_estimate_with_the_class_it_is_taken_to_be() -> None:
    what = coverage(by="area", weight=None, demand="land", radius=CLASSES)
    row = {"indicator": what.code, "unit": A, "rank": 1, "place": "某处", "radius_m": 400.0, "supply": "小站", "gained": 125_400.0,
           "counted": "㎡", "before": 10.0, "after": 12.0, "unit_before": 20.0, "unit_after": 24.0}  # fmt: skip
    sites = conform("sites", pl.DataFrame([row]))
    assert remedy(A, "town", sites, what).endswith(
        "选址测算：在某处新增1处（按小站计，服务半径400米），可新增覆盖约12.5公顷，覆盖率由20.0%提高到约24.0%。"
    )
