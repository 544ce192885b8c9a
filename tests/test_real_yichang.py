"""A real city's own examination end to end: 22 streets, 174 communities, located problems, tickets, printed tables.

The second version beside the engine's is a plain point-in-polygon count in degrees, one polygon after the other.
"""

from __future__ import annotations

import csv
import json
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import polars as pl
import pytest
import shapely
from pypdf import PdfReader
from tijian.engine.findings import Findings
from tijian.engine.results import Results
from tijian.engine.settings.project import load_project
from tijian.engine.storage.store import read_results
from tijian.indicators.loader import load_indicators

from .cli_project import told as tijian
from .real_examples import copy_example

pytestmark = [pytest.mark.real, pytest.mark.slow]
CITY = "420500"
LOCATED = [f"ZF-{n}" for n in range(51, 58)] + [f"XQ-{n}" for n in (51, 52, 53, 54, 55, 56, 57, 58, 59, 61)] + ["JQ-52", "JQ-57"]  # fmt: skip
SENTENCES = ("CQ-16", "CQ-17")  # two values or a sentence in the cell
DASHES = ("JQ-03", "CQ-18", "CQ-27", "CQ-39")  # —— or - in the cell


@pytest.fixture(scope="module")
def project(real: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The example run for both years, the earlier first."""
    folder = copy_example("yichang", real, tmp_path_factory.mktemp("yichang"))
    tijian("run", "-q", "-p", folder, "-y", "2024")
    tijian("run", "-q", "-p", folder)
    return folder


@pytest.fixture(scope="module")
def results(project: Path) -> Results:
    return read_results(project / "results.duckdb", 2025)


@pytest.fixture(scope="module")
def earlier(project: Path) -> Results:
    return read_results(project / "results.duckdb", 2024)


@pytest.fixture(scope="module")
def where(project: Path) -> dict[str, tuple[str, str]]:
    """indicator → (property, values) of the points it counts, as its definition says in plain words."""
    findings = Findings()
    loaded = load_project(project, findings)
    assert loaded is not None
    library = load_indicators(loaded.project.indicators, loaded.root, findings, inputs=tuple(loaded.inputs))
    return {
        i.code: (i.measure.of, i.measure.where or "")
        for i in library.indicators
        if i.measure.method in ("count", "ratio")
    }


@pytest.fixture(scope="module")
def points(real: Path) -> dict[str, list[tuple[str, float, float]]]:
    """(what it is, longitude, latitude) of every located problem and every ticket."""
    layers = {
        "problem_points": ("problem_points_2025.geojson", "指标"),
        "tickets": ("tickets_12345_2024.geojson", "topic"),
    }
    found = {}
    for name, (file, column) in layers.items():
        features = json.loads((real / "yichang-2025" / file).read_text(encoding="utf-8"))["features"]
        found[name] = [(f["properties"][column], *f["geometry"]["coordinates"][:2]) for f in features]
    return found


@pytest.fixture(scope="module")
def drawn(real: Path, results: Results) -> dict[str, list[tuple[str, shapely.Geometry]]]:
    """(code, polygon in degrees) of the streets and of the communities, in the order of their codes."""
    found = {}
    for level, file, column in (
        ("town", "streets.geojson", "JDMC"),
        ("community", "communities.geojson", "社区"),
    ):
        features = json.loads((real / "yichang-2025" / file).read_text(encoding="utf-8"))["features"]
        shapes = {
            f["properties"][column]: shapely.make_valid(shapely.geometry.shape(f["geometry"]))
            for f in features
        }
        units = results.units.filter(level=level).sort("code")
        found[level] = [(code, shapes[name]) for code, name in units.select("code", "name").iter_rows()]
        assert len(shapes) == units.height
    return found


def plain_counts(
    polygons: list[tuple[str, shapely.Geometry]], chosen: list[tuple[str, float, float]]
) -> dict[str, int]:
    """Points per polygon; where two polygons claim one ground, the first by code has the point."""
    xy = np.array([p[1:] for p in chosen])
    free = np.ones(len(xy), dtype=bool)
    counts = {}
    for code, polygon in polygons:
        here = shapely.intersects_xy(polygon, xy[:, 0], xy[:, 1]) & free
        counts[code] = int(here.sum())
        free &= ~here
    return counts


def chosen(
    code: str, where: dict[str, tuple[str, str]], points: dict[str, list[tuple[str, float, float]]]
) -> list[tuple[str, float, float]]:
    """The points an indicator counts: those whose kind is quoted in its condition."""
    layer, condition = where[code]
    kinds = set(condition.split("'")[1::2])
    found = [p for p in points[layer] if p[0] in kinds]
    assert {p[0] for p in found} == kinds
    return found


# ---- units and boundaries --------------------------------------------------------------------------------


def test_streets_are_towns_and_communities_lie_under_them(results: Results) -> None:
    levels = dict(results.units.group_by("level").len().iter_rows())
    assert levels == {"district": 1, "town": 22, "community": 174}
    towns = set(results.units.filter(level="town")["code"])
    assert set(results.units.filter(level="community")["parent"]) <= towns
    assert results.units["area_km2"].null_count() == 0
    assert results.units["population"].null_count() == 197


def test_flaws_of_the_real_boundaries_are_told_and_none_stops_the_run(results: Results) -> None:
    codes = dict(results.findings.group_by("code").len().iter_rows())
    assert codes["G033"] == 15  # communities not 99 % inside one street
    assert codes["G031"] == 6  # pairs of streets or of communities on the same ground
    assert codes["G032"] == 2  # gaps between streets, and between communities
    assert results.findings.filter(level="error").is_empty()


# ---- counts by geometry ----------------------------------------------------------------------------------


@pytest.mark.parametrize("level", ["town", "community"])
def test_located_problems_are_counted_where_they_lie(
    level: str, results: Results, where: dict[str, tuple[str, str]], drawn: dict[str, list[tuple[str, shapely.Geometry]]],
    points: dict[str, list[tuple[str, float, float]]],
) -> None:  # fmt: skip
    assert set(LOCATED) == {code for code, (layer, _) in where.items() if layer == "problem_points"}
    examined = plain_counts(drawn[level], [p for code in LOCATED for p in chosen(code, where, points)])
    for code in LOCATED:
        ours = results.measurements.filter(indicator=code, level=level)
        plain = plain_counts(drawn[level], chosen(code, where, points))
        # a community without a single located problem may not have been examined at all: it has no value, not zero
        assert dict(ours.select("unit", "value").iter_rows()) == {
            u: n for u, n in plain.items() if examined[u]
        }
    assert [u for u, n in examined.items() if not n] if level == "community" else all(examined.values())


@pytest.mark.parametrize("level", ["town", "community"])
def test_tickets_are_counted_where_they_lie_and_compared_per_square_kilometre(
    level: str, results: Results, where: dict[str, tuple[str, str]], drawn: dict[str, list[tuple[str, shapely.Geometry]]],
    points: dict[str, list[tuple[str, float, float]]],
) -> None:  # fmt: skip
    area = dict(results.units.select("code", "area_km2").iter_rows())
    for code in (c for c, (layer, _) in where.items() if layer == "tickets"):
        plain = plain_counts(drawn[level], chosen(code, where, points))
        ours = results.measurements.filter(indicator=code, level=level)
        assert dict(ours.select("unit", "numerator").iter_rows()) == plain
        density = {unit: count / area[unit] for unit, count in plain.items()}
        assert dict(ours.select("unit", "value").iter_rows()) == pytest.approx(density)


def test_points_that_lie_in_no_unit_are_counted_and_told(
    results: Results, drawn: dict[str, list[tuple[str, shapely.Geometry]]], points: dict[str, list[tuple[str, float, float]]]
) -> None:  # fmt: skip
    unplaced = dict(results.inputs.select("name", "unplaced").iter_rows())
    told = results.findings.filter(code="G030")["message"].to_list()
    everywhere = shapely.union_all([polygon for level in drawn.values() for _, polygon in level])
    for name, found in points.items():
        xy = np.array([p[1:] for p in found])
        outside = int((~shapely.intersects_xy(everywhere, xy[:, 0], xy[:, 1])).sum())
        assert outside > 0
        assert unplaced[name] == outside
        assert any(f"{len(found)} 处中有 {outside} 处" in message for message in told)
    assert results.ledger.height == len(points["problem_points"]) - unplaced["problem_points"]


# ---- printed values --------------------------------------------------------------------------------------


def city(results: Results) -> dict[str, dict[str, object]]:
    return {row["indicator"]: row for row in results.scores.filter(unit=CITY).iter_rows(named=True)}


def test_printed_values_come_out_as_a_person_reads_them(results: Results) -> None:
    found = {code: row["value"] for code, row in city(results).items()}
    assert found["CQ-02"] == 81.06
    assert found["CQ-01"] == 0.67
    assert found["XQ-05"] == 29900  # 2.99万
    assert found["CQ-21"] == 45.7  # 45.70%
    assert found["CQ-44"] == 2862793
    assert found["ZF-08"] == 0  # a printed nought is a value
    assert set(results.measurements.filter(indicator="XQ-05")["origin"]) == {"stated"}


def test_every_number_of_the_printed_table_stands_in_the_results(real: Path, results: Results) -> None:
    """What can be read as a plain number is there; what the two-year table gives otherwise is taken from it."""
    with (real / "yichang-2025" / "indicators_2024_2025.csv").open(encoding="utf-8-sig", newline="") as file:
        two_years = {row["指标名称"] for row in csv.DictReader(file)}
    with (real / "yichang-2025" / "indicator_table_2025.csv").open(encoding="utf-8-sig", newline="") as file:
        printed = {row["指标项"]: row["2025体检指标标值"] for row in csv.DictReader(file)}
    plain = sorted(
        float(v) for k, v in printed.items() if k not in two_years and v.replace(".", "").isdigit()
    )
    reported = results.indicators.filter(method="reported")
    values = [row["value"] for code, row in city(results).items() if code in set(reported["code"])]
    assert reported.height == len(printed) == 77
    left = list(values)
    for number in plain:
        assert number in left
        left.remove(number)


def test_four_of_the_printed_counts_can_be_had_from_the_located_problems(
    results: Results, where: dict[str, tuple[str, str]], points: dict[str, list[tuple[str, float, float]]]
) -> None:
    """A point is a defect, not a thing, and carries no number of the building or estate it is about.

    So the printed count comes out where no thing has two defects (燃气, 幼儿园, 运动场地, and 非成套, one home a point);
    of the others there are more points than things, or the city printed an amount (泊位, 学位, 千米) that no point has.
    """
    printed = {code: row["value"] for code, row in city(results).items()}
    located = {code: len(chosen(code, where, points)) for code in LOCATED}
    of_point = {code: f"{code[:3]}{int(code[3:]) - 50:02d}" for code in LOCATED}
    same = {of_point[code] for code, count in located.items() if printed[of_point[code]] == count}
    assert same == {"ZF-02", "ZF-05", "XQ-03", "JQ-02"}
    amounts = {"XQ-04", "XQ-05", "XQ-06", "XQ-09"}  # 学位, 泊位, 充电桩, 千米
    for code, count in located.items():
        if of_point[code] not in amounts:
            assert count >= printed[of_point[code]]


@pytest.mark.parametrize("code", [*SENTENCES, *DASHES])
def test_a_dash_or_a_sentence_is_missing_and_not_scored(code: str, results: Results) -> None:
    row = city(results)[code]
    assert (row["value"], row["score"], row["grade"], row["note"]) == (None, None, "未评价", "无数据")


def test_cells_nobody_can_read_as_a_number_are_named(results: Results) -> None:
    told = results.findings.filter(code="T011").select("file", "row", "column").sort("file", "row").rows()
    assert told == [
        ("indicator_table_2025.csv", 48, "2025体检指标标值"), ("indicator_table_2025.csv", 49, "2025体检指标标值"),
        ("indicators_2024_2025.csv", 7, "2025年城市体检指标值"), ("indicators_2024_2025.csv", 27, "2025年城市体检指标值"),
    ]  # fmt: skip


def test_change_against_last_year_comes_from_the_year_before_in_the_store(results: Results) -> None:
    found = city(results)
    assert (found["CQ-02"]["previous"], found["CQ-02"]["change"]) == (77.8, pytest.approx(3.26))
    assert found["CQ-02"]["improved"] is True
    assert found["CQ-12"]["change"] == pytest.approx(22.75)  # empty historic buildings: more is worse
    assert found["CQ-12"]["improved"] is False
    assert found["XQ-05"]["previous"] is None


def test_a_band_is_a_standard_with_two_ends(results: Results) -> None:
    """0.6≤X≤1: the city inside it has full marks, the new centre below it has not."""
    found = city(results)
    assert (found["CQ-01"]["method"], found["CQ-01"]["score"]) == ("band", 100.0)
    assert found["CQ-40"]["value"] == 0.55
    assert 0 < float(str(found["CQ-40"]["score"])) < 100
    short = results.shortfalls.filter(unit=CITY, indicator="CQ-40").row(0, named=True)
    assert short["grounds"] == ["below_target"]
    assert (short["standard"], short["gap"]) == (0.6, pytest.approx(0.05))


# ---- scores: peers where there is no standard, nothing where there is no evidence -------------------------


def test_streets_and_communities_are_scored_against_their_peers(results: Results) -> None:
    lower = results.scores.filter(pl.col("level") != "district")
    assert set(lower["method"]) == {"minmax"}
    assert lower.filter(pl.col("value").is_not_null())["score"].null_count() == 0
    assert set(lower.filter(pl.col("value").is_null())["note"]) == {"无数据"}
    best = lower.filter(indicator="ZF-54", level="town").sort("compared").row(0, named=True)
    assert (best["score"], best["rank"]) == (100.0, 1)


def test_without_standard_or_peers_the_city_has_a_value_and_no_score(results: Results) -> None:
    row = city(results)["ZF-01"]
    assert (row["value"], row["score"], row["grade"]) == (42, None, "未评价")


def test_a_year_of_a_few_figures_makes_no_dimension_and_no_total(earlier: Results, results: Results) -> None:
    assert (
        earlier.scores.filter(unit=CITY)["score"].count() == 10
    )  # of 46 in 城区: far from 60 % of the weight
    assert earlier.dimensions.filter(unit=CITY)["score"].null_count() == 5
    assert earlier.totals.filter(unit=CITY)["score"].to_list() == [None]
    assert earlier.totals["score"].null_count() == earlier.totals.height
    assert results.totals.filter(unit=CITY)["change"].to_list() == [None]


# ---- reports, lists and the terminal ---------------------------------------------------------------------


@pytest.fixture(scope="module")
def texts(project: Path) -> dict[str, str]:
    """The text of one report of each kind."""
    said = tijian(
        "report", "-q", "-p", project, "--unit", CITY, "--unit", "云集街办", "--unit", "万达社区", "--topic", "居民热线诉求",
        "--department", "市城市运行管理中心",
    )  # fmt: skip
    paths = sorted((project / "out" / "2025").rglob("*.pdf"))
    assert (
        len(paths) == len(said.splitlines()) == 6
    )  # one of them is late with what was found the year before
    return {path.relative_to(project / "out" / "2025").parts[0]: pdf_text(path) for path in paths}


def pdf_text(path: Path) -> str:
    return "\n".join(page_texts(path))


def page_texts(path: Path) -> Iterator[str]:
    for page in PdfReader(path).pages:
        yield page.extract_text()


@pytest.mark.parametrize(
    ("kind", "named"),
    [("区级", "宜昌市中心城区（试运行）"), ("街镇", "云集街办"), ("社区", "万达社区"), ("专项", "居民热线诉求"), ("部门", "市城市运行管理中心")],
)  # fmt: skip
def test_a_report_of_each_kind_is_printed_and_calls_nothing_synthetic(
    kind: str, named: str, texts: dict[str, str]
) -> None:
    text = texts[kind].replace("\n", "")
    assert named in text
    for word in ("合成", "演示数据", "None", "nan", "null", "inf"):
        assert word not in text, word


def test_the_city_report_says_what_has_no_evidence(texts: dict[str, str]) -> None:
    text = texts["区级"].replace("\n", "")
    assert "未评价" in text
    assert "538" in text  # tickets that lie in no unit


def test_the_lists_name_the_lines_of_the_ledger(results: Results, project: Path) -> None:
    row = results.problem_list.filter(indicator="ZF-54", level="town").row(0, named=True)
    lines = results.ledger.filter(pl.col("line").is_between(row["ledger_from"], row["ledger_to"]))
    assert set(lines["indicator"]) == {"ZF-54"}
    assert f"共{row['value']:.0f}处存在围护安全隐患的住宅" in row["problem"]
    written = [Path(line) for line in tijian("lists", "-q", "-p", project, "--unit", "云集街办").split()]
    assert [path.suffix for path in written] == [".xlsx"]
    assert all(path.is_file() for path in written)


def test_streets_stand_side_by_side_and_a_number_can_be_traced(project: Path) -> None:
    compared = tijian("compare", "-p", project, "云集街办", "西陵街办")
    assert "云集街办" in compared
    assert "西陵街办" in compared
    explained = tijian("explain", "-p", project, "云集街办", "ZF-54")
    assert "problem_points_2025.geojson" in explained.replace("\n", "")


# ---- small numbers ---------------------------------------------------------------------------------------


def test_how_many_communities_are_named_with_and_without_regard_to_chance(
    results: Results, root: Path
) -> None:
    """The figures of docs/small-numbers.md: a third of the namings are left once chance is ruled out."""
    worse = pl.when(pl.col("direction") == "higher").then(-1.0).otherwise(1.0)
    apart = (pl.col("compared") - pl.col("peer_median")) * worse
    spread = (pl.col("peer_q3") - pl.col("peer_q1")) / 1.349
    named = (
        results.scores.filter(level="community")
        .join(results.measurements.filter(uncertainty="poisson"), on=["unit", "indicator"], how="semi")
        .join(results.indicators.select("direction", indicator="code"), on="indicator")
        .filter((spread > 0) & (apart > spread))
    )
    sure = named.filter(pl.col("q") <= 0.05)
    found = [named.height, sure.height, named["unit"].n_unique(), sure["unit"].n_unique()]
    assert found == [242, 82, 84, 45]
    text = (root / "docs" / "small-numbers.md").read_text(encoding="utf-8")
    assert "242 次 | 82 次" in text
    assert "84 个 | 45 个" in text
    behind = results.shortfalls.filter(level="community").filter(
        pl.col("grounds").list.contains("below_peers")
    )
    assert behind.join(sure, on=["unit", "indicator"], how="semi").height == sure.height
