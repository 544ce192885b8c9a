"""Measure → score → diagnose → list on a district small enough to work out by hand."""

from __future__ import annotations

from typing import Any

import polars as pl
import pytest
from tijian.engine import lists
from tijian.engine.diagnosis import everything as diagnosis
from tijian.engine.findings import Findings
from tijian.engine.measure.everything import measure_everything
from tijian.engine.results import empty
from tijian.engine.scoring.dimension import score_dimensions
from tijian.engine.scoring.drawn import with_rank_intervals
from tijian.engine.scoring.score import score_indicators
from tijian.engine.scoring.total import score_totals
from tijian.engine.scoring.tree import weigh_dimensions, weigh_indicators
from tijian.engine.settings.project import Diagnosis, Lists
from tijian.engine.settings.scheme import Scoring
from tijian.engine.storage.store import sandbox
from tijian.engine.survey.satisfaction import summarise
from tijian.indicators.model import Indicator

from .small_year import (
    DISTRICT,
    TOWNS,
    Count,
    Ratio,
    Reported,
    Rule,
    Sql,
    Survey,
    evidence,
    gathered,
    indicator,
    standard,
    units,
)

YEAR = 2026
SCHEME = Scoring(perceived_share=0.2)


def buildings() -> list[dict[str, object]]:
    """Ten buildings in every community; in town i the first i of each community have old, rusty risers."""
    rows: list[dict[str, object]] = []
    for i, town in enumerate(TOWNS, 1):
        for j in (1, 2):
            for k in range(10):
                bad = k < i
                rows.append(
                    {"unit": f"{town}00{j}", "building_id": f"{i}{j}{k}", "name": f"{i}{j}小区{k}号楼",
                     "age": 25 if bad else 10, "rusty": bad if k < 9 else None, "leak": k == 0}
                )  # fmt: skip
    return rows


RISER = indicator(
    "AQ-02",
    Count(
        method="count", of="buildings", key="building_id", name="name",
        rule=(Rule(id="riser", when="age >= 20 and rusty", says="燃气立管满20年且锈蚀", degree="严重", difficulty="中"),
              Rule(id="leak", when="leak", says="引入管漏气", degree="非常严重", difficulty="高")),
    ),
    unit="栋", decimals=0, direction="lower", kind="baseline", treatment="within_deadline", standard=(standard(target=0, floor=0),),
)  # fmt: skip
RATE = indicator(
    "AQ-05", Ratio(method="ratio", of="form", numerator="sum(done)", denominator="sum(planned)", scale=100.0),
    levels=("district", "town"), standard=(standard(target=90, floor=60),), survey="Q1", amount="还需改造{amount}km",
)  # fmt: skip
FORM = evidence(
    "form",
    "figures",
    [{"unit": t, "done": d, "planned": 100.0} for t, d in zip(TOWNS, (95.0, 75.0, 50.0, None), strict=True)],
)
ANSWERS = evidence(
    "residents", "survey",
    [{"unit": f"{t}001", "Q1": s} for t, s in zip(TOWNS, (100.0, 75.0, 25.0, 0.0), strict=True) for _ in range(10)],
    questions={"Q1": "燃气"},
)  # fmt: skip


def run(*indicators: Indicator) -> tuple[dict[str, pl.DataFrame], Findings]:
    data = gathered(evidence("buildings", "records", buildings()), FORM, ANSWERS)
    findings = Findings()
    with sandbox(data.evidence) as con:
        measured = measure_everything(indicators, data, con, SCHEME, YEAR, findings, lambda *_: None)
    measurements, ledger = measured["measurements"], measured["ledger"]
    survey = summarise(data.evidence, data.units, YEAR, minimum_answers=6)
    scores = score_indicators(
        measurements, data.units, indicators, SCHEME, YEAR, survey, empty("measurements")
    )
    of_indicators = weigh_indicators(scores, indicators, SCHEME)
    dimensions = score_dimensions(scores, ("安全韧性",), SCHEME, of_indicators)
    of_dimensions = weigh_dimensions(dimensions, ("安全韧性",), SCHEME)
    judged = diagnosis.judge(scores, measurements, data.units, survey, indicators, Diagnosis(), YEAR)
    shortfalls = diagnosis.find_shortfalls(judged, YEAR)
    problems = lists.list_problems(shortfalls, ledger, data.units, indicators, Lists(name_things=3))
    frames = {
        "measurements": measurements, "ledger": ledger, "survey": survey, "scores": scores, "dimensions": dimensions,
        "totals": score_totals(dimensions, ("安全韧性",), SCHEME, of_dimensions), "shortfalls": shortfalls, "problems": problems,
        "strengths": diagnosis.find_strengths(judged, YEAR),
        "remedies": lists.list_remedies(problems, measurements, empty("sites"), data.units, indicators, YEAR),
    }  # fmt: skip
    return frames, findings


@pytest.fixture(scope="module")
def frames() -> dict[str, pl.DataFrame]:
    return run(RISER, RATE)[0]


def one(frame: pl.DataFrame, unit: str, code: str) -> dict[str, Any]:
    return frame.filter(pl.col("unit") == unit, pl.col("indicator") == code).row(0, named=True)


def test_a_thing_with_two_faults_has_two_lines_and_counts_once(frames: dict[str, pl.DataFrame]) -> None:
    town = frames["ledger"].filter(pl.col("unit").str.starts_with(TOWNS[0]))
    assert town.height == 4  # in each community the first building fails both sub-rules
    assert one(frames["measurements"], TOWNS[0], "AQ-02")["value"] == 2
    assert one(frames["measurements"], DISTRICT, "AQ-02")["value"] == 2 * (1 + 2 + 3 + 4)
    assert one(frames["measurements"], TOWNS[3], "AQ-02")["compared"] == pytest.approx(40.0)


def test_a_blank_is_not_a_fault(frames: dict[str, pl.DataFrame]) -> None:
    assert frames["ledger"].filter(pl.col("thing").str.ends_with("9")).is_empty()


def test_the_district_rate_is_sum_over_sum_and_says_on_whom_it_stands(
    frames: dict[str, pl.DataFrame],
) -> None:
    row = one(frames["measurements"], DISTRICT, "AQ-05")
    assert row["value"] == pytest.approx(100 * (95 + 75 + 50) / 300)
    assert row["basis"] == pytest.approx(0.6)  # the fourth town, 4,000 of 10,000 people, sent nothing
    assert (
        frames["measurements"].filter(pl.col("unit") == TOWNS[3], pl.col("indicator") == "AQ-05").is_empty()
    )
    assert one(frames["scores"], TOWNS[3], "AQ-05")["score"] is None
    assert one(frames["scores"], TOWNS[3], "AQ-05")["note"] == "无数据"


def test_anchored_scores(frames: dict[str, pl.DataFrame]) -> None:
    assert one(frames["scores"], TOWNS[0], "AQ-05")["score"] == pytest.approx(
        90 + 10 * 5 / 10
    )  # 90 → 90, 100 → 100
    assert one(frames["scores"], TOWNS[1], "AQ-05")["score"] == pytest.approx(60 + 30 * 15 / 30)
    assert one(frames["scores"], TOWNS[2], "AQ-05")["score"] == pytest.approx(60 * 50 / 60)


def test_below_a_baseline_floor_nobody_passes_and_the_dimension_says_so(
    frames: dict[str, pl.DataFrame],
) -> None:
    scores = frames["scores"].filter(pl.col("indicator") == "AQ-02", pl.col("level") == "town")
    assert scores["score"].max() <= 59
    assert scores.sort("unit")["score"].is_sorted(descending=True)
    assert all(
        v == ["AQ-02"] for v in frames["dimensions"].filter(pl.col("level") == "town")["veto"].to_list()
    )


def test_the_dimension_blends_objective_and_perceived(frames: dict[str, pl.DataFrame]) -> None:
    row = frames["dimensions"].filter(pl.col("unit") == TOWNS[0]).row(0, named=True)
    objective = (
        one(frames["scores"], TOWNS[0], "AQ-02")["score"] + one(frames["scores"], TOWNS[0], "AQ-05")["score"]
    ) / 2
    assert row["perceived"] == pytest.approx(100)
    assert row["score"] == pytest.approx(0.8 * objective + 0.2 * 100)


def test_grounds_and_severity(frames: dict[str, pl.DataFrame]) -> None:
    third = one(frames["shortfalls"], TOWNS[2], "AQ-05")
    assert third["grounds"] == ["below_floor", "below_target", "below_peers", "dissatisfied"]
    assert third["severity"] == "红"
    assert (third["standard"], third["gap"]) == (90, pytest.approx(40))
    second = one(frames["shortfalls"], TOWNS[1], "AQ-05")
    assert second["grounds"] == ["below_target"]
    assert second["severity"] == "黄"
    assert frames["shortfalls"].filter(pl.col("unit") == TOWNS[3], pl.col("indicator") == "AQ-05").is_empty()


def test_problems_name_the_things_and_point_to_the_ledger(frames: dict[str, pl.DataFrame]) -> None:
    row = one(frames["problems"], TOWNS[3], "AQ-02")
    assert row["problem"].startswith(
        "共8栋：2栋引入管漏气，为41小区0号楼、42小区0号楼；8栋燃气立管满20年且锈蚀，为41小区0号楼、"
    )
    assert "等，详见台账第" in str(row["problem"])
    assert (row["degree"], row["difficulty"], row["treatment"]) == ("非常严重", "高", "限时解决")
    lines = frames["ledger"].filter(pl.col("line").is_between(row["ledger_from"], row["ledger_to"]))
    assert set(lines["unit"]) == {f"{TOWNS[3]}001", f"{TOWNS[3]}002"}


def test_remedies_say_what_closes_the_gap_and_by_when(frames: dict[str, pl.DataFrame]) -> None:
    row = one(frames["remedies"], TOWNS[2], "AQ-05")
    assert row["amount"] == "还需改造40km"
    assert row["measure"] == "请第3街道把50.0%提高到90.0%。"
    assert (row["target"], row["status"], row["town"]) == (90, "未启动", "第3街道")
    assert one(frames["remedies"], TOWNS[0], "AQ-02")["due"] == "2027年6月底前"
    assert one(frames["remedies"], TOWNS[3], "AQ-02")["amount"] == "需整治8栋"


@pytest.mark.parametrize(
    ("template", "numerator", "shown"),
    [("还需{amount}km", 84.75, "还需5.2km"), ("还需{amount}处", 84.75, "还需6处"), ("还需{amount}处", 89.0, "还需1处"),
     ("还需{amount}处", 90.0, "")],
)  # fmt: skip
def test_things_that_are_counted_come_whole(template: str, numerator: float, shown: str) -> None:
    rate = RATE.model_copy(update={"amount": template})
    problem = {"value": numerator, "numerator": numerator, "denominator": 100.0}
    assert lists.amount_text(rate, problem, 90.0) == shown


def test_ids_are_unit_and_indicator(frames: dict[str, pl.DataFrame]) -> None:
    assert f"{TOWNS[2]}-AQ-05" in frames["problems"]["id"]
    assert frames["problems"]["id"].is_unique().all()
    assert set(frames["remedies"]["problem_id"]) == set(frames["problems"]["id"])


def test_an_indicator_that_cannot_be_computed_is_a_finding_not_a_crash() -> None:
    broken = indicator(
        "AQ-09", Ratio(method="ratio", of="form", numerator="sum(no_such)", denominator="sum(planned)")
    )
    wrong = indicator(
        "AQ-08", Ratio(method="ratio", of="form", numerator="sum(unit)", denominator="sum(planned)")
    )
    nothing = indicator("AQ-10", Reported(method="reported", of="absent", item="x"))
    answers = indicator("AQ-11", Survey(method="survey", of="residents", question="Q1"), levels=("district",))
    frames, findings = run(broken, wrong, nothing, answers)
    assert [(f.code, f.place.file) for f in findings if f.code.startswith("M")] == [
        ("M006", "tijian.toml"),
        ("M001", "指标 AQ-08"),
        ("M002", "指标 AQ-10"),
    ]
    assert one(frames["measurements"], DISTRICT, "AQ-11")["value"] == pytest.approx(50)


def joined(own: str) -> Indicator:
    """Buildings, which lie in communities, by the lengths that towns state; ``own`` is the buildings' unit."""
    query = (
        f"select unit, sum(a) as numerator, sum(b) as denominator from (select {own} as unit, 1 as a, 0 as b from buildings "
        "union all select unit, 0 as a, planned as b from form) group by unit"
    )
    return indicator("AQ-12", Sql(method="sql", of=("buildings", "form"), query=query), levels=("town",))


def test_a_query_that_never_brings_its_two_parts_together_is_told_and_has_no_value() -> None:
    frames, findings = run(joined("unit"), RATE)
    (told,) = (f for f in findings if f.code == "M001")
    assert "分子都归在社区，分母都归在街镇" in told.message
    assert "_town as unit" in told.message
    assert "AQ-12" not in frames["measurements"]["indicator"]
    mended, _ = run(joined("_town"))
    assert one(mended["measurements"], TOWNS[0], "AQ-12")["value"] == pytest.approx(20 / 100)


def test_totals_rank_towns_with_an_interval_and_communities_by_thirds(
    frames: dict[str, pl.DataFrame],
) -> None:
    towns = frames["totals"].filter(pl.col("level") == "town")
    assert towns["rank"].to_list() == [
        1,
        2,
        3,
        None,
    ]  # the fourth has half of the weight only: no score, no rank
    ranked = towns.drop_nulls("rank")
    assert (ranked["rank_low"] <= ranked["rank"]).all()
    assert (ranked["rank"] <= ranked["rank_high"]).all()
    communities = frames["totals"].filter(pl.col("level") == "community")
    assert set(communities["third"].drop_nulls()) <= {"前三分之一", "中三分之一", "后三分之一"}


def test_units_have_no_duplicate_codes() -> None:
    assert units()["code"].is_unique().all()


def test_a_geometric_scheme_has_geometric_rank_intervals() -> None:
    """Two dimensions, town A even, town B lopsided: geometric means put A ahead under any weights near equal."""
    rows = [
        {"unit": unit, "level": "town", "dimension": dimension, "score": score, "year": YEAR}
        for unit, pair in zip(TOWNS, ((60.0, 60.0), (100.0, 5.0), (10.0, 10.0), (5.0, 5.0)), strict=True)
        for dimension, score in zip(("一", "二"), pair, strict=True)
    ]
    frame, names = (
        pl.DataFrame(rows).with_columns(indicator="dimension", perceived=pl.lit(None, dtype=pl.Float64)),
        ("一", "二"),
    )

    def totals_by(mean: str) -> pl.DataFrame:
        scheme = Scoring(aggregate_dimensions=mean)
        weights = weigh_dimensions(frame, names, scheme)
        alone = [
            weights.head(1).with_columns(parent=pl.lit(n), child=pl.lit(n), weight=pl.lit(1.0)) for n in names
        ]
        frames = {"scores": frame, "dimensions": frame, "totals": score_totals(frame, names, scheme, weights)}
        return with_rank_intervals(frames | {"weights": pl.concat([weights, *alone])}, scheme)

    totals = totals_by("geometric")
    assert totals["rank"].to_list() == [1, 2, 3, 4]
    assert totals.select("rank_low", "rank_high").row(0) == (1, 1)
    assert totals_by("arithmetic").select("rank_low", "rank_high").row(0) == (
        1,
        2,
    )  # 60 against 52.5 at equal weights


def test_a_part_larger_than_its_whole_is_told_and_not_scored() -> None:
    swapped = indicator("AQ-07", Ratio(method="ratio", of="form", numerator="sum(planned)", denominator="sum(done)", scale=100.0),
                        levels=("town",))  # fmt: skip
    frames, findings = run(swapped, RATE)
    told = [f for f in findings if f.code == "M005"]
    assert len(told) == 3  # the three towns that sent figures: 100/95, 100/75, 100/50
    assert "分子 100，分母 95" in told[0].message
    assert frames["measurements"].filter(pl.col("indicator") == "AQ-07").is_empty()
    assert set(frames["scores"].filter(pl.col("indicator") == "AQ-07")["note"]) == {"无数据"}


def test_a_growth_rate_may_exceed_a_hundred() -> None:
    growth = indicator("AQ-06", Ratio(method="ratio", of="form", numerator="sum(planned)", denominator="sum(done)", scale=100.0),
                       name="某某增长率", levels=("town",))  # fmt: skip
    frames, findings = run(growth)
    assert "M005" not in {f.code for f in findings}
    assert frames["measurements"].height == 3


SPACES = indicator(
    "JK-05",
    Count(
        method="count", of="estates", key="id", name="name", per="population",
        weight="case when needed > there then needed - there when needed <= there then 0 end",
        rule=(Rule(id="short", when="needed > there", says="停车泊位不足", degree="一般", difficulty="高"),
              Rule(id="lane", when="blocked", says="停车占用消防通道", degree="严重", difficulty="低")),
    ),
    unit="个", decimals=0, direction="lower", standard=(standard(target=0, floor=0),),
)  # fmt: skip
ESTATES = evidence(
    "estates", "records",
    [
        {"unit": f"{TOWNS[0]}001", "id": "1", "name": "甲苑", "needed": 90, "there": 50, "blocked": None},
        {"unit": f"{TOWNS[0]}001", "id": "2", "name": "乙苑", "needed": 10, "there": 70, "blocked": True},
        {"unit": f"{TOWNS[1]}001", "id": "3", "name": "丙苑", "needed": 80, "there": None, "blocked": True},
    ],
)  # fmt: skip


def test_a_weighted_count_sums_what_is_known() -> None:
    data = gathered(ESTATES)
    with sandbox(data.evidence) as con:
        measured = measure_everything((SPACES,), data, con, SCHEME, YEAR, Findings(), lambda *_: None)
    values = dict(measured["measurements"].select("unit", "value").iter_rows())
    assert (values[DISTRICT], values[TOWNS[0]]) == (40, 40)  # the surplus of one estate is not another's
    assert TOWNS[1] not in values  # its only estate says nothing of its spaces: not a gap of zero
    assert values[TOWNS[2]] == 0  # no row, and the form covers every unit


def test_a_problem_of_a_weighted_count_is_told_in_things() -> None:
    data = gathered(ESTATES)
    with sandbox(data.evidence) as con:
        measured = measure_everything((SPACES,), data, con, SCHEME, YEAR, Findings(), lambda *_: None)
    measurements, ledger = measured["measurements"], measured["ledger"]
    survey = empty("survey")
    scores = score_indicators(
        measurements, data.units, (SPACES,), SCHEME, YEAR, survey, empty("measurements")
    )
    shortfalls = diagnosis.find_shortfalls(
        diagnosis.judge(scores, measurements, data.units, survey, (SPACES,), Diagnosis(), YEAR), YEAR
    )
    problems = lists.list_problems(shortfalls, ledger, data.units, (SPACES,), Lists(name_things=3))
    assert (
        one(problems, TOWNS[0], "JK-05")["problem"]
        == "共2处：1处停车占用消防通道，为乙苑；1处停车泊位不足，为甲苑"
    )


def test_without_a_problem_there_is_no_remedy() -> None:
    problems, measurements, sites = (empty(name) for name in ("problem_list", "measurements", "sites"))
    listed = lists.list_remedies(problems, measurements, sites, units(), (RATE,), YEAR)
    assert listed.equals(empty("remedy_list"))
