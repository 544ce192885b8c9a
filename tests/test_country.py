"""A whole country is examined by the rules of an ordinary year: the same records give the same numbers either way."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp
from tijian.engine.chance.measured import mark_small
from tijian.engine.country.everything import Told, examine_country
from tijian.engine.country.records import Records, Settled, measure_records, settle
from tijian.engine.country.rollup import sum_runs
from tijian.engine.country.score import check_scheme
from tijian.engine.country.units import Country, CountryError, Runs, country_of
from tijian.engine.diagnosis import everything as diagnosis
from tijian.engine.evidence import Evidence, Gathered, with_levels
from tijian.engine.findings import Findings
from tijian.engine.measure.everything import measure_everything
from tijian.engine.results import SCHEMAS, empty
from tijian.engine.scoring.everything import Basis, nothing_before, score_all
from tijian.engine.settings.project import Diagnosis, Input
from tijian.engine.settings.scheme import OneIndicator, Outliers, Scoring
from tijian.engine.storage.store import sandbox
from tijian.indicators.measure_model import Sql
from tijian.indicators.model import Indicator

from .small_year import Count, Ratio, Rule, indicator, standard

YEAR, DISTRICT, TOWNS, PER_TOWN = 2026, "310117", 5, 6
DIMENSIONS = ("安全韧性", "交通便捷", "生态宜居")
RULES = (Rule(id="old", when="age >= 30", says="年代久远"), Rule(id="loose", when="loose", says="外墙松动"))
FIGURES = ("value", "numerator", "denominator", "compared")


def units(districts: tuple[str, ...] = (DISTRICT,)) -> pl.DataFrame:
    """Districts of five towns of six communities; the last town of each has no community."""
    rows: list[tuple[object, ...]] = []
    for district in districts:
        rows.append((district, district, "district", None, None, 90_000.0, 60.0, district, None, None))
        for t in range(TOWNS + 1):
            town = f"{district}{t + 1:03d}"
            rows.append((town, town, "town", district, None, 15_000.0, 10.0, district, town, None))
            for c in range(PER_TOWN if t < TOWNS else 0):
                code = f"{town}{c + 1:03d}"
                people = None if c == 5 else 1_000.0 + 37 * c + 11 * t
                rows.append((code, code, "community", town, None, people, 0.5 + c, district, town, code))
    return pl.DataFrame(rows, schema=dict(SCHEMAS["units"]), orient="row")


def buildings(of: pl.DataFrame, rows: int = 900, seed: int = 7) -> pl.DataFrame:
    """Buildings with gaps of every kind; two communities have none, of one nothing but the buildings is known."""
    rng = np.random.default_rng(seed)
    codes = of.filter(level="community")["code"].sort()[:-2]
    frame = pl.DataFrame({
        "unit": codes.gather(rng.integers(0, len(codes), rows)), "year": np.full(rows, YEAR, np.int16), "building": np.arange(rows),
        "age": rng.integers(0, 34, rows), "loose": rng.random(rows) < 0.02, "area": rng.integers(50, 900, rows).astype(float),
        "homes": rng.integers(1, 60, rows), "lift": rng.random(rows) < 0.4,
    })  # fmt: skip
    gap = (pl.col("building") % 9 == 0) | (pl.col("unit") == codes[3])
    return frame.with_columns(
        pl.when(~gap).then(pl.col(c)).alias(c) for c in ("area", "homes", "lift", "loose")
    )


def ratio(numerator: str, denominator: str | None = None, **more: object) -> Ratio:
    return Ratio(method="ratio", of="buildings", numerator=numerator, denominator=denominator, **more)


def count(**more: object) -> Count:
    return Count(method="count", of="buildings", key="building", rule=RULES, **more)


INDICATORS: tuple[Indicator, ...] = (
    indicator("AQ-01", count(), unit="栋", direction="lower", kind="baseline", standard=(standard(floor=0.0),)),
    indicator("AQ-02", count(where="area > 100"), unit="栋", direction="lower", weight=2.0),
    indicator("AQ-03", ratio("sum(area) FILTER (WHERE lift)", "sum(area)", scale=100.0), standard=(standard(floor=35.0, target=50.0, worst=0.0, best=100.0),)),
    indicator("AQ-04", ratio("count(*) FILTER (WHERE lift)", "count(lift)", scale=100.0), uncertainty="wilson", dimension="交通便捷", standard=(standard(target=45.0),)),
    indicator("AQ-05", ratio("sum(homes)", per="population"), unit="户/人", dimension="交通便捷", minimum={"community": 1_040.0}, standard=(standard(floor=0.3),)),
    indicator("AQ-06", ratio("sum(homes)", "count(homes)", where="age < 20"), unit="户/栋", direction="within", dimension="生态宜居", standard=(standard(low=28.0, high=32.0),)),
    indicator("AQ-07", ratio("sum(homes)"), unit="户", dimension="生态宜居", levels=("district", "town")),
    indicator("AQ-08", ratio("sum(homes)", "sum(area)", scale=1500.0), name="大于一百的占比", dimension="生态宜居"),
)  # fmt: skip


@dataclass(frozen=True)
class Both:
    """The same year examined either way."""

    wide: Callable[[str], pl.DataFrame]
    told: Told
    frames: dict[str, pl.DataFrame]


def ordinary(of: pl.DataFrame, rows: pl.DataFrame, scheme: Scoring) -> dict[str, pl.DataFrame]:
    """Measured, scored and diagnosed in frames; peers and last year say nothing here, only the standards."""
    frame = with_levels(rows.drop("year"), of).with_columns(
        _file=pl.lit("f"), _sheet=pl.lit("s"), _row=pl.int_range(pl.len())
    )
    data = Gathered(
        of,
        empty("shapes"),
        "EPSG:4549",
        {"buildings": Evidence("buildings", Input(kind="records", file="f"), frame)},
    )
    with sandbox(data.evidence) as con:
        measured = measure_everything(INDICATORS, data, con, scheme, YEAR, Findings(), lambda *_: None)[
            "measurements"
        ]
    measured = mark_small(measured, INDICATORS, {}, 6)
    before = nothing_before()
    basis = Basis(
        measured, of, empty("survey"), INDICATORS, DIMENSIONS, YEAR, before, empty("history").drop("of_year")
    )
    scored = score_all(basis, scheme)
    judged = diagnosis.judge(
        scored["scores"], measured, of, empty("survey"), INDICATORS, Diagnosis(peer_sd=1e9), YEAR
    )
    return scored | {"measurements": measured, "shortfalls": diagnosis.find_shortfalls(judged, YEAR)}


def deliver(rows: pl.DataFrame, folder: Path) -> Records:
    """The rows as a data set by province."""
    for (province,), part in rows.group_by(pl.col("unit").str.head(2)):
        where = folder / f"province={province}"
        where.mkdir(parents=True)
        for number, piece in enumerate((part[: part.height // 2], part[part.height // 2 :])):
            piece.sample(fraction=1.0, shuffle=True, seed=number).write_parquet(where / f"{number}.parquet")
    return Records("buildings", folder, "building")


SCHEMES = {
    "minmax": Scoring(scale="minmax"),
    "anchors": Scoring(weights="given", dimension_weights={"安全韧性": 3.0}),
    "others": Scoring(
        scale="rank", minimum_present=0.4, outliers=Outliers(method="winsorise", skew=0.5, kurtosis=0.1),
        indicators={"AQ-02": OneIndicator(scale="minmax", low=0.0), "AQ-08": OneIndicator(scale="zscore")},
    ),
}  # fmt: skip


@pytest.fixture(scope="module", params=SCHEMES)
def both(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Both:
    of, folder, scheme = units(), tmp_path_factory.mktemp("country"), SCHEMES[request.param]
    rows = buildings(of)
    told = examine_country(
        country_of(of), [deliver(rows, folder / "delivered")], INDICATORS, DIMENSIONS, scheme, (YEAR,), folder
    )
    return Both(
        lambda name: pl.read_parquet(folder / "results" / str(YEAR) / f"{name}.parquet"),
        told,
        ordinary(of, rows, scheme),
    )


def same(ours: pl.Series, theirs: pl.Series) -> None:
    assert theirs.null_count() < len(theirs) > 0
    assert ours.is_null().to_list() == theirs.is_null().to_list()
    np.testing.assert_allclose(ours.drop_nulls(), theirs.drop_nulls(), rtol=1e-9, atol=1e-9)


@pytest.mark.parametrize("level", ["district", "town", "community"])
def test_values_are_those_of_an_ordinary_year(both: Both, level: str) -> None:
    wide, measured = both.wide(level), both.frames["measurements"]
    for one in INDICATORS:
        if level in one.levels:
            own = measured.filter(indicator=one.code).select("unit", "value", "compared")
            joined = wide.join(own, on="unit", how="left")
            same(joined[one.code], joined["value"])
            if one.is_count:
                same(joined[f"{one.code}.compared"], joined["compared"])
        else:
            assert one.code not in wide.columns


@pytest.mark.parametrize("level", ["town", "community"])
def test_dimensions_totals_and_ranks_are_those_of_an_ordinary_year(both: Both, level: str) -> None:
    wide = both.wide(level)
    totals = wide.join(both.frames["totals"].select("unit", "score", place="rank"), on="unit", how="left")
    same(totals["total"], totals["score"])
    assert totals["rank"].to_list() == totals["place"].to_list()
    for name in DIMENSIONS:
        own = both.frames["dimensions"].filter(dimension=name).select("unit", "score")
        joined = wide.join(own, on="unit", how="left")
        same(joined[name], joined["score"])


def test_shortfalls_against_the_standards_are_those_of_an_ordinary_year_with_urgency_and_words(
    both: Both,
) -> None:
    ours, theirs = (
        f.filter(pl.col("level") != "district").sort("unit", "indicator")
        for f in (both.wide("shortfalls"), both.frames["shortfalls"])
    )
    assert theirs["indicator"].unique().sort().to_list() == ["AQ-01", "AQ-03", "AQ-04", "AQ-05", "AQ-06"]
    assert theirs["because"].str.contains("样本较少").any()
    numbers = ["value", "standard", "gap", "gap_share", "people", "priority"]
    assert ours.drop(numbers).to_dicts() == theirs.drop(numbers).to_dicts()
    for name in numbers:
        same(ours[name], theirs[name])


def test_shares_that_cannot_be_are_counted_and_left_out(both: Both) -> None:
    told = {level: n for (_, level, code), n in both.told.impossible.items() if code == "AQ-08"}
    assert told["community"] > 0
    assert both.wide("community")["AQ-08"].max() <= 100.0


def test_where_nothing_is_known_there_is_no_number_at_all(both: Both) -> None:
    """Two communities have no building: no share, no count, but none per person, since everybody was looked for."""
    wide = both.wide("community").sort("unit")
    last = wide[-1].to_dicts()[0]
    assert last["AQ-01"] is None
    assert last["AQ-03"] is None
    assert wide[-2]["AQ-05"].to_list() == [0.0]
    assert last["AQ-05"] is None, "nor is it known how many people there are"
    assert wide[3]["AQ-03"].to_list() == [None], "buildings are known, and nothing about them"
    empty_town = both.wide("town").filter(pl.col("unit") == f"{DISTRICT}{TOWNS + 1:03d}").to_dicts()[0]
    assert empty_town["AQ-03"] is None


# ── many districts ────────────────────────────────────────────────────────────────────────────────────────


@pytest.fixture
def provinces() -> Country:
    return country_of(units(("110101", "110102", "310117")))


def test_the_districts_of_all_provinces_are_ranked_together(tmp_path: Path, provinces: Country) -> None:
    of = units(("110101", "110102", "310117"))
    rows = buildings(of, 4000)
    told = examine_country(
        provinces,
        [deliver(rows, tmp_path / "in")],
        INDICATORS,
        DIMENSIONS,
        SCHEMES["minmax"],
        (2025, YEAR),
        tmp_path / "out",
    )
    assert told.settled == {"buildings": Settled(4000, 0)}
    district = pl.read_parquet(tmp_path / "out/results/2026/district.parquet")
    assert sorted(district["rank"].to_list()) == [1, 2, 3]
    whole = rows.with_columns(district=pl.col("unit").str.head(6)).group_by("district").agg(
        share=pl.col("area").filter(pl.col("lift")).sum() / pl.col("area").sum() * 100
    ).sort("district")  # fmt: skip
    np.testing.assert_allclose(district["AQ-03"], whole["share"], rtol=1e-12)
    before = pl.read_parquet(tmp_path / "out/results/2025/community.parquet")
    assert before["total"].null_count() == before.height, "of a year without records nothing is known"
    assert before["AQ-05"].null_count() == before.height, "not even that there was nothing"


def test_rows_of_unknown_places_are_counted_and_left_out(tmp_path: Path, provinces: Country) -> None:
    rows = buildings(units(), 50).with_columns(
        unit=pl.when(pl.col("building") < 3).then(pl.lit("310999999999")).otherwise("unit")
    )
    assert settle(deliver(rows, tmp_path / "in"), provinces, tmp_path / "out") == Settled(47, 3)


def test_rows_are_settled_in_the_order_of_places_and_years(tmp_path: Path, provinces: Country) -> None:
    settle(deliver(buildings(units(), 300), tmp_path / "in"), provinces, tmp_path / "out")
    settled = pl.read_parquet(tmp_path / "out" / "31.parquet")
    assert settled["unit"].is_sorted()
    codes = provinces.units["community"]["code"].gather(settled["unit"])
    assert set(codes) == set(buildings(units(), 300)["unit"])


def test_a_number_that_is_none_is_missing_and_nothing_of_an_earlier_delivery_is_left(
    tmp_path: Path, provinces: Country
) -> None:
    rows = buildings(units(), 60).with_columns(
        area=pl.when(pl.col("building") < 5)
        .then(float("inf"))
        .when(pl.col("building") < 9)
        .then(float("nan"))
        .otherwise(1.0)
    )
    settle(deliver(rows, tmp_path / "in"), provinces, tmp_path / "out")
    assert pl.read_parquet(tmp_path / "out" / "31.parquet")["area"].null_count() == 9
    elsewhere = rows.with_columns(unit=pl.lit("110101001") + pl.col("unit").str.tail(3))
    assert settle(deliver(elsewhere, tmp_path / "next"), provinces, tmp_path / "out") == Settled(60, 0)
    assert [path.name for path in (tmp_path / "out").iterdir()] == ["11.parquet"]


# ── what is refused ───────────────────────────────────────────────────────────────────────────────────────


def test_a_thing_that_is_there_twice_in_a_year_is_refused(tmp_path: Path, provinces: Country) -> None:
    rows = buildings(units(), 50).with_columns(building=pl.col("building").clip(upper_bound=48))
    with pytest.raises(CountryError, match="building 为 48 的事物在同一年有两行"):
        settle(deliver(rows, tmp_path / "in"), provinces, tmp_path / "out")
    assert list((tmp_path / "out").iterdir()) == []


def test_a_folder_that_is_no_province_is_refused(tmp_path: Path, provinces: Country) -> None:
    records = deliver(buildings(units(), 50), tmp_path / "in")
    (tmp_path / "in" / "province=99").mkdir()
    with pytest.raises(CountryError, match="province=99 不是名录中的省份"):
        settle(records, provinces, tmp_path / "out")


@pytest.mark.parametrize(
    ("measure", "said"),
    [
        (ratio("median(area)", "count(*)"), "不是一个 sum 或 count"),
        (ratio("count(DISTINCT age)", "count(*)"), "不是一个 sum 或 count"),
        (count(per="population"), "不能对全国计算"),
        (Sql(method="sql", of=("buildings",), query="SELECT 1"), "不能对全国计算"),
        (Count(method="count", of="buildings", key="unit", rule=RULES), "以“building”区分事物"),
        (ratio("sum(no_such_column)", "count(*)"), "不能计算.*no_such_column"),
        (ratio("sum(length((SELECT first(content) FROM read_text('/etc/hostname'))))", "count(*)"), "不能计算"),
    ],
)  # fmt: skip
def test_what_cannot_be_added_up_or_computed_is_refused(
    tmp_path: Path, provinces: Country, measure: object, said: str
) -> None:
    records = deliver(buildings(units(), 50), tmp_path / "in")
    settle(records, provinces, tmp_path / "settled")
    with pytest.raises(CountryError, match=said):
        measure_records(
            records, tmp_path / "settled", [indicator("AQ-01", measure)], provinces, (YEAR,), tmp_path / "out"
        )


def test_a_scheme_that_takes_several_passes_is_refused_before_anything_is_read() -> None:
    check_scheme(Scoring())
    with pytest.raises(CountryError, match="weights = entropy、missing = median"):
        check_scheme(Scoring(weights="entropy", missing="median"))


def test_a_unit_without_a_parent_is_refused() -> None:
    lost = units().with_columns(
        parent=pl.when(pl.col("code") == f"{DISTRICT}001002").then(pl.lit("310117099")).otherwise("parent")
    )
    with pytest.raises(CountryError, match="310117001002 的上级 310117099 不在名录的上一级中"):
        country_of(lost)


# ── sums by runs ──────────────────────────────────────────────────────────────────────────────────────────

NUMBERS = st.one_of(st.just(np.nan), st.just(0.0), st.integers(-(10**6), 10**6).map(float))


@settings(max_examples=200, deadline=None)
@given(st.lists(st.lists(NUMBERS, max_size=6), min_size=1, max_size=12))
def test_a_sum_by_runs_is_the_sum_of_what_is_known_and_missing_is_never_zero(rows: list[list[float]]) -> None:
    parents = np.repeat(np.arange(len(rows)), [len(own) for own in rows])
    column = np.array([value for own in rows for value in own], dtype=float)
    kept = column.copy()
    sums = sum_runs(column, Runs.of(parents, len(rows)))
    for own, found in zip(rows, sums, strict=True):
        known = [value for value in own if not np.isnan(value)]
        assert (found == sum(known)) if known else np.isnan(found)
    np.testing.assert_array_equal(column, kept)


@settings(max_examples=50, deadline=None)
@given(hnp.arrays(float, st.integers(1, 60), elements=NUMBERS), st.data())
def test_summing_towns_gives_what_summing_communities_gives(column: np.ndarray, data: st.DataObject) -> None:
    town_of = np.sort(data.draw(hnp.arrays(int, len(column), elements=st.integers(0, 9))))
    district_of = np.sort(data.draw(hnp.arrays(int, 10, elements=st.integers(0, 3))))
    towns = sum_runs(column, Runs.of(town_of, 10))
    np.testing.assert_array_equal(
        sum_runs(towns, Runs.of(district_of, 4)), sum_runs(column, Runs.of(district_of[town_of], 4))
    )


def test_rows_of_one_parent_that_do_not_stand_together_are_refused() -> None:
    with pytest.raises(CountryError, match="没有按上级排在一起"):
        Runs.of(np.array([0, 1, 0]), 2)
