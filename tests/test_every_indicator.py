"""Every shipped indicator, at each of its levels, against an independent calculation over the sample's raw rows.

The independent one is :mod:`.plain_measure`: plain Python from the definitions, no database, no index. It is first held
to the cases worked by hand, and its SQL to DuckDB's answers; then numerator, denominator and value of every unit of the
small sample must be those of the engine, and exactly the same units must have a value.
"""

from __future__ import annotations

import tomllib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import duckdb
import numpy as np
import polars as pl
import pytest
import shapely
from tijian.data.generator.sample import generate
from tijian.engine.evidence import Evidence, Gathered
from tijian.engine.findings import Findings
from tijian.engine.measure.everything import measure_everything, measure_one
from tijian.engine.measure.rollup import roll_up
from tijian.engine.results import conform, empty
from tijian.engine.run import Run, check
from tijian.engine.settings.project import load_project
from tijian.engine.storage.store import sandbox
from tijian.indicators.loader import load_indicators
from tijian.indicators.measure_model import Ratio, Sql
from tijian.indicators.model import Indicator
from tijian.indicators.sql import snippets

from . import small_year
from .plain_measure import Parts, Plain, Query, Unit, Year, measure
from .plain_sql import Row, of_row, of_rows, unknown_to_us
from .sample_tables import CODES, evidence_of, sample_project, units_frame

CASES = Path(__file__).parent / "cases"
SETS = ("national-2025", "national-2022", "shanghai", "songjiang")
NAMES = {"维度七（待确认）": "便捷畅达", "维度八（待确认）": "创新活力"}  # shanghai's own are not known yet
LIBRARY = load_indicators(SETS, Path("/nonexistent"), Findings())
INDICATORS = {i.code: i for i in LIBRARY.indicators}
PROJECT = sample_project()


# ---- the queries, each in Python -----------------------------------------------------------------


def known(rows: Iterable[Row], column: str) -> list[float]:
    return [r[column] for r in rows if r[column] is not None]


def inside(rows: Iterable[Row], unit: Unit) -> list[Row]:
    return [r for r in rows if r[f"_{unit.level}"] == unit.code]


def about(rows: Iterable[Row], unit: Unit) -> list[Row]:
    return [r for r in rows if r["unit"] == unit.code]


def beds_per_elder(unit: Unit, tables: Mapping[str, Sequence[Row]]) -> Parts | None:
    """JK-04: beds of the care homes inside; with a home of unknown size, or one that may be inside, they are unknown."""
    told, homes = about(tables["welfare"], unit), inside(tables["care_homes"], unit)
    if not told:
        return None
    perhaps = unit.level == "community" and any(r["unit"] == unit.parent for r in tables["care_homes"])
    elders, beds = known(told, "elderly"), known(homes, "beds")
    return None if perhaps or len(beds) < len(homes) else sum(beds), sum(elders) if elders else None


def green_of_built_up(unit: Unit, tables: Mapping[str, Sequence[Row]]) -> Parts | None:
    """ST-20: m² of green over m² of built-up land, of units that state both."""
    green, land = about(tables["greening"], unit), about(tables["built_up"], unit)
    if not green or not land or not land[0]["built_up_area"]:
        return None
    return green[0]["green_area"], land[0]["built_up_area"] * 1_000_000


def all_questions(unit: Unit, tables: Mapping[str, Sequence[Row]]) -> Parts | None:
    """SH-06: the mean over all answers to all questions, unweighted."""
    answers = inside(tables["residents"], unit)
    scores = [
        score for question in PROJECT.inputs["residents"].questions for score in known(answers, question)
    ]
    return (sum(scores), len(scores)) if scores else None


def waste_sorted(unit: Unit, tables: Mapping[str, Sequence[Row]]) -> Parts | None:
    """SJ-18: of the estates and the offices that were looked at, those that sort their waste."""
    told = [
        v for name in ("estates", "waste_offices") for v in known(inside(tables[name], unit), "waste_sorted")
    ]
    return (sum(told), len(told)) if told else None


QUERIES: dict[str, Query] = {
    "JK-04": beds_per_elder, "ST-20": green_of_built_up, "SH-06": all_questions, "SJ-18": waste_sorted,
}  # fmt: skip


def test_every_query_has_a_plain_version() -> None:
    assert {code for code, i in INDICATORS.items() if isinstance(i.measure, Sql)} == set(QUERIES)


# ---- the plain version itself --------------------------------------------------------------------


@pytest.mark.parametrize("code", sorted(INDICATORS))
def test_every_expression_can_be_walked(code: str) -> None:
    texts = snippets(INDICATORS[code].measure)
    assert {text: unknown_to_us(text) for _, text in texts} == {text: [] for _, text in texts}


ROWS: list[Row] = [
    {"n": 3, "x": 1.5, "s": " d级 ", "b": True, "c": None},
    {"n": 0, "x": None, "s": "甲_乙", "b": False, "c": True},
    {"n": None, "x": 1.5, "s": None, "b": None, "c": False},
    {"n": -2, "x": 0.25, "s": "D级", "b": True, "c": None},
]
OF_A_ROW = (
    "b and c", "b or c", "not b and not c", "b is not true", "c is true", "b is distinct from c", "(b or c) is not null",
    "n > x", "n between 0 and x * 2", "n not between -2 and 0", "n in (0, 3)", "n not in (0, null)", "s in ('D级')",
    "case when n > 0 then 'plus' when n <= 0 then 'rest' end", "case when b then n else x end", "coalesce(x, n, 7)",
    "greatest(n, x)", "least(n, x)", "upper(left(trim(s), 1)) = 'D'", "s like '%_乙'", "s like ' d%' or not s like '%级%'",
    "ceil(x / 1.25)", "n - -2 + 3 * x", "s is null", "s <> 'D级'", "n / 4", "(n = 3) = b", "cast(n as double) / 2",
)  # fmt: skip
OF_ROWS = (
    "sum(n)", "sum(n) / 2", "count(*)", "count(n)", "count(distinct x)", "avg(x)", "min(s)", "max(n)",
    "sum(x) filter (where b)", "count(*) filter (where c is not true and n < 3)", "sum(n) filter (where n > 99)",
    "sum(case when b then x else 0 end) - sum(x)", "coalesce(max(x) filter (where n > 99), -1)", "sum(n * x)",
)  # fmt: skip


def duck(query: str) -> list[object]:
    """DuckDB's answers over the rows above."""
    frame = pl.DataFrame(
        ROWS, schema={"n": pl.Int64, "x": pl.Float64, "s": pl.String, "b": pl.Boolean, "c": pl.Boolean}
    )
    with duckdb.connect(":memory:") as con:
        con.register("t", frame.with_row_index("i"))
        return [row[0] for row in con.execute(query).fetchall()]


@pytest.mark.parametrize("text", OF_A_ROW)
def test_plain_sql_says_of_each_row_what_duckdb_says(text: str) -> None:
    answers = [of_row(text, row) for row in ROWS]
    assert answers == pytest.approx(duck(f"SELECT ({text}) FROM t ORDER BY i"))


@pytest.mark.parametrize("text", OF_ROWS)
def test_plain_sql_says_of_all_rows_what_duckdb_says(text: str) -> None:
    assert [of_rows(text, ROWS)] == pytest.approx(duck(f"SELECT ({text}) FROM t"))


@pytest.mark.parametrize("code", sorted(INDICATORS))
def test_the_plain_version_agrees_with_the_case_worked_by_hand(code: str) -> None:
    path = CASES / LIBRARY.origin[code, "code"] / f"{code}.toml"
    case = tomllib.loads(path.read_text(encoding="utf-8"))
    tables = {k: v for k, v in case.items() if isinstance(v, list) and k != "expect"}
    borders = [
        {"unit": CODES[name], "wkb": shapely.to_wkb(shapely.from_wkt(wkt))}
        for name, wkt in case.get("boundary", {}).items()
    ]
    shapes = conform("shapes", pl.DataFrame(borders)) if borders else empty("shapes")
    year = Year(
        Gathered(units_frame(case.get("kind")), shapes, PROJECT.project.crs, evidence_of(PROJECT, tables))
    )
    found = measure(INDICATORS[code].measure, year, QUERIES.get(code))
    for expected in case["expect"]:
        unit = CODES[expected.pop("at")]
        if expected.pop("absent", False):
            assert unit not in found, case["story"]
            continue
        got = found[unit]
        parts = {
            "value": got.value,
            "numerator": got.numerator,
            "denominator": got.denominator,
            "basis": got.basis,
        }
        wanted = {k: v for k, v in expected.items() if k in parts}
        assert {k: parts[k] for k in wanted} == pytest.approx(wanted), case["story"]


def test_per_person_a_unit_whose_things_are_of_unknown_size_is_not_taken_for_one_without_things() -> None:
    first, second, third, fourth = small_year.TOWNS
    homes: list[dict[str, object]] = [
        {"unit": first, "beds": 20},
        {"unit": second, "beds": None},
        {"unit": f"{third}001", "beds": 30},
    ]
    year = small_year.gathered(small_year.evidence("homes", "records", homes))
    measured = Ratio(method="ratio", of="homes", numerator="sum(beds)", per="population", scale=1000)
    with sandbox(year.evidence) as con:
        engine = roll_up(measure_one(small_year.indicator("JK-99", measured), year, con).pairs, year.units)
    found = dict(engine.select("unit", "value").iter_rows())
    assert found == pytest.approx({u: one.value for u, one in measure(measured, Year(year)).items()})
    assert {town: found.get(town) for town in small_year.TOWNS} == {
        first: 20,
        second: None,
        third: 10,
        fourth: 0,
    }
    assert found[small_year.DISTRICT] == 5


def test_a_care_home_known_only_by_its_town_leaves_its_communities_without_a_figure() -> None:
    tables: dict[str, list[dict[str, object]]] = {
        "welfare": [{"unit": unit, "elderly": 1000} for unit in ("甲一社区", "甲二社区", "乙一社区")],
        "care_homes": [
            {"unit": "甲镇", "care_id": "1", "beds": 30},
            {"unit": "乙一社区", "care_id": "2", "beds": 20},
        ],
    }
    year = Gathered(units_frame(), empty("shapes"), PROJECT.project.crs, evidence_of(PROJECT, tables))
    with sandbox(year.evidence) as con:
        engine = roll_up(measure_one(INDICATORS["JK-04"], year, con).pairs, year.units)
    found = dict(engine.select("unit", "value").iter_rows())
    plain = measure(INDICATORS["JK-04"].measure, Year(year), beds_per_elder)
    assert found == pytest.approx({unit: one.value for unit, one in plain.items()})
    assert found == {CODES["乙一社区"]: 20, CODES["乙镇"]: 20, CODES["全区"]: 20}


# ---- the sample ----------------------------------------------------------------------------------


@dataclass(frozen=True)
class Sample:
    """What the engine measures under all four sets, and the same evidence for the plain version."""

    measurements: pl.DataFrame
    year: Year


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Run:
    """The small sample, read and measured with the indicators of all four sets in force."""
    folder = tmp_path_factory.mktemp("every") / "sample"
    generate(folder, scale=0.1, years=(2026,))
    findings = Findings()
    project = load_project(folder, findings)
    assert project is not None
    head = project.project.model_copy(update={"indicators": SETS, "dimensions": NAMES})
    return check(project.model_copy(update={"project": head}), findings, lambda *_: None)


def holed(item: Evidence, seed: int) -> Evidence:
    """The evidence as a worse year might bring it: blank cells, rows left out; of things rows twice and rows whose
    community or unit is not known; of figures other amounts, so that totals differ from their parts and parts exceed their wholes."""
    rng = np.random.default_rng(seed)
    if item.input.empty_means_none and rng.random() < 0.4:
        return replace(item, frame=item.frame.clear())
    frame = item.frame.filter(pl.Series(rng.random(item.frame.height) > 0.08))
    given = [c for c in item.input.columns if c in frame.columns and c not in (item.input.key, "area_m2")]
    if item.input.kind == "figures":
        numbers = [c for c in given if frame.schema[c].is_numeric()]
        frame = frame.with_columns(
            (pl.col(c) * pl.Series(rng.uniform(0.6, 1.4, frame.height))).alias(c) for c in numbers
        )
    elif item.input.kind != "reported":
        again = rng.integers(0, frame.height, frame.height // 20)
        frame = frame[np.sort(np.concatenate([np.arange(frame.height), again]))]
        luck = pl.Series(rng.random(frame.height))
        frame = frame.with_columns(
            pl.when(luck > 0.1).then("_community"),  # the others are known to lie in their town, or nowhere
            unit=pl.when(luck > 0.1).then("unit").when(luck > 0.05).then("_town"),
            _town=pl.when(luck > 0.05).then("_town"),
            _district=pl.when(luck > 0.05).then("_district"),
        )
    frame = frame.with_columns(
        pl.when(pl.Series(rng.random(frame.height) > 0.08)).then(pl.col(c)).alias(c) for c in given
    )
    frame = frame.sort("unit", "_file", "_sheet", "_row", nulls_last=True)
    return replace(
        item, input=item.input.model_copy(update={"complete": bool(rng.random() < 0.5)}), frame=frame
    )


@pytest.fixture(scope="module", params=["as it is", "with holes"])
def sample(made: Run, request: pytest.FixtureRequest) -> Sample:
    if request.param == "as it is":
        return Sample(made.frames["measurements"], Year(made.gathered))
    evidence = {name: holed(item, seed) for seed, (name, item) in enumerate(made.gathered.evidence.items())}
    worse = replace(made.gathered, evidence=evidence)
    with sandbox(evidence) as con:
        measured = measure_everything(
            made.library.indicators, worse, con, made.project.scoring, 2026, Findings(), lambda *_: None
        )
    return Sample(measured["measurements"], Year(worse))


def possible(indicator: Indicator, one: Plain) -> bool:
    """A share is no less than nothing and no more than the whole; what says otherwise is told and left out (M005)."""
    assert one.value is not None
    return not indicator.is_share or -1e-9 <= one.value <= 100 + 1e-9


def test_the_sample_has_evidence_for_every_indicator_at_each_of_its_levels(made: Run) -> None:
    found = made.frames["measurements"].group_by("indicator").agg(pl.col("level").unique())
    levels = {code: set(there) for code, there in found.rows()}
    assert levels == {code: set(indicator.levels) for code, indicator in INDICATORS.items()}


@pytest.mark.parametrize("code", sorted(INDICATORS))
def test_every_indicator_comes_out_as_by_the_plain_calculation(code: str, sample: Sample) -> None:
    indicator, units = INDICATORS[code], sample.year.units
    plain = {
        unit: one
        for unit, one in measure(indicator.measure, sample.year, QUERIES.get(code)).items()
        if units[unit].level in indicator.levels and possible(indicator, one)
    }
    engine = {row["unit"]: row for row in sample.measurements.filter(indicator=code).to_dicts()}
    assert engine.keys() == plain.keys()
    for part in ("value", "numerator", "denominator", "basis"):
        told = {unit: row[part] for unit, row in engine.items() if row[part] is not None}
        wanted = {unit: getattr(one, part) for unit, one in plain.items() if getattr(one, part) is not None}
        assert told == pytest.approx(wanted, rel=1e-9, abs=1e-12), part
