"""Answers → a score with its interval: weighted, with the effective number of answers, and not used where too few."""

from __future__ import annotations

import statistics
from math import sqrt

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import t
from tijian.engine.chance.measured import mark_small
from tijian.engine.evidence import Evidence
from tijian.engine.findings import Findings
from tijian.engine.measure.everything import measure_everything
from tijian.engine.results import TOO_FEW, empty
from tijian.engine.scoring.score import score_indicators
from tijian.engine.settings.project import Survey, SurveyPopulation
from tijian.engine.settings.scheme import Scoring
from tijian.engine.storage.store import sandbox
from tijian.engine.survey.satisfaction import summarise
from tijian.engine.survey.weights import WEIGHT, weigh

from .small_year import DISTRICT, TOWNS, evidence, gathered, indicator, units
from .small_year import Survey as Asked

YEAR = 2026
PLAIN = Survey()
HALVES = Survey(population=SurveyPopulation(sex={"男": 0.5, "女": 0.5}), weights_between=(0.1, 10))
ASKED = indicator("ZJ-99", Asked(method="survey", of="residents", question="Q1"), levels=("district", "town"))


def answers(*rows: tuple[str, str | None, float | None]) -> Evidence:
    """(unit, sex, score of Q1) of each answer."""
    return evidence(
        "residents", "survey", [{"unit": u, "sex": s, "Q1": q} for u, s, q in rows], questions={"Q1": "停车"}
    )  # fmt: skip


def summary(item: Evidence, rules: Survey = PLAIN) -> tuple[dict[str, dict[str, object]], Findings]:
    findings = Findings()
    weighed = weigh({"residents": item}, rules, findings)
    frame = summarise(weighed, units(), YEAR, minimum_answers=6)
    return {row["unit"]: row for row in frame.to_dicts()}, findings


WOMEN_HAPPY = answers(
    *[(TOWNS[0], "女", 100.0)] * 9, *[(TOWNS[1], "男", 0.0)] * 1, *[(TOWNS[1], "男", 50.0)] * 2
)


def test_unweighted_it_is_the_mean_and_students_interval() -> None:
    scores = [100.0] * 9 + [0.0, 50.0, 50.0]
    found, _ = summary(WOMEN_HAPPY)
    row = found[DISTRICT]
    half = 2.2009851600916384 * statistics.stdev(scores) / sqrt(12)  # t of 11 degrees of freedom at 0.975
    assert row["score"] == pytest.approx(statistics.mean(scores))
    assert row["low"] == pytest.approx(row["score"] - half)
    assert (row["answers"], row["effective"], row["weighted"]) == (12, 12, False)


def test_weighted_to_half_women_by_hand() -> None:
    found, findings = summary(WOMEN_HAPPY, HALVES)
    row = found[DISTRICT]  # nine women weigh 2/3 each, three men 2 each
    assert row["score"] == pytest.approx((6 * 100 + 2 * (0 + 50 + 50)) / 12)
    assert row["effective"] == pytest.approx(12**2 / (9 * (2 / 3) ** 2 + 3 * 2**2))
    assert row["weighted"]
    assert (row["answers"], list(findings)) == (12, [])
    assert found[TOWNS[1]]["score"] == pytest.approx(100 / 3), "inside a town of men only nothing changes"


@given(st.lists(st.tuples(st.sampled_from(["男", "女"]), st.sampled_from([0.0, 25.0, 50.0, 75.0, 100.0])), min_size=4, max_size=30))  # fmt: skip
def test_the_interval_is_the_plain_formula(rows: list[tuple[str, float]]) -> None:
    """A slow second version in plain Python, with Kish's effective number n / (1 + cv²) of the weights."""
    item = weigh(
        {"residents": answers(*[(TOWNS[0], sex, q) for sex, q in rows])}, HALVES, Findings()
    )["residents"]  # fmt: skip
    row = (
        summarise({"residents": item}, units(), YEAR, minimum_answers=6)
        .filter(unit=DISTRICT)
        .row(0, named=True)
    )
    weights, given_scores = item.frame[WEIGHT].to_list(), item.frame["Q1"].to_list()
    cv2 = statistics.pvariance(weights) / statistics.mean(weights) ** 2
    n = len(weights) / (1 + cv2)
    mean = sum(w * q for w, q in zip(weights, given_scores, strict=True)) / sum(weights)
    spread = sum(w * (q - mean) ** 2 for w, q in zip(weights, given_scores, strict=True)) / sum(weights)
    half = t.ppf(0.975, n - 1) * sqrt(spread * n / (n - 1)) / sqrt(n)
    assert row["effective"] == pytest.approx(n)
    assert row["score"] == pytest.approx(mean)
    assert row["low"] == pytest.approx(max(mean - half, 0), abs=1e-6)
    assert row["high"] == pytest.approx(min(mean + half, 100), abs=1e-6)


def measured(item: Evidence) -> pl.DataFrame:
    data = gathered(item)
    with sandbox(data.evidence) as con:
        frame = measure_everything((ASKED,), data, con, Scoring(), YEAR, Findings(), lambda *_: None)[
            "measurements"
        ]
    return mark_small(frame, (ASKED,), {}, 6)


def test_an_indicator_measured_by_answers_uses_the_same_weights() -> None:
    weighed = weigh({"residents": WOMEN_HAPPY}, HALVES, Findings())["residents"]
    values = dict(measured(weighed).select("unit", "value").iter_rows())
    found, _ = summary(WOMEN_HAPPY, HALVES)
    assert values == {unit: pytest.approx(found[unit]["score"]) for unit in values}
    assert set(values) == {DISTRICT, TOWNS[0], TOWNS[1]}


def test_too_few_answers_are_kept_and_not_used() -> None:
    item = answers(*[(TOWNS[0], "女", 100.0)] * 6, *[(TOWNS[1], "女", 0.0)] * 5)
    found, _ = summary(item)
    assert (found[TOWNS[0]]["note"], found[TOWNS[1]]["note"]) == (None, TOO_FEW)
    assert found[TOWNS[1]]["score"] == 0
    survey = summarise({"residents": item}, units(), YEAR, minimum_answers=6)
    judged = indicator(
        "ST-99",
        Asked(method="survey", of="residents", question="Q1"),
        survey="Q1",
        levels=("district", "town"),
    )
    rows = score_indicators(
        measured(item), units(), (ASKED, judged), Scoring(), YEAR, survey, empty("measurements")
    )  # fmt: skip
    scores = {(r["unit"], r["indicator"]): r for r in rows.to_dicts()}
    few = scores[TOWNS[1], "ZJ-99"]
    assert (few["value"], few["score"], few["note"], few["rank"]) == (0, None, TOO_FEW, None)
    assert scores[TOWNS[1], "ST-99"]["satisfaction"] is None
    assert scores[TOWNS[0], "ST-99"]["satisfaction"] == 100


def test_ages_are_matched_to_the_populations_bands() -> None:
    rules = Survey(population=SurveyPopulation(age={"16–30岁": 0.25, "30–60岁": 0.5, "60岁以上": 0.25}))
    rows = [
        {"unit": TOWNS[0], "age": a, "Q1": 50.0}
        for a in ("18-29岁", "30-44岁", "45-59岁", "60岁及以上", None)
    ]
    item = evidence("residents", "survey", rows, questions={"Q1": "停车"})
    findings = Findings()
    weights = weigh({"residents": item}, rules, findings)["residents"].frame[WEIGHT]
    assert weights.to_list() == pytest.approx([1, 1, 1, 1, 1])
    assert not list(findings)


def test_a_population_that_the_sample_cannot_be_brought_to_is_told() -> None:
    rules = Survey(
        population=SurveyPopulation(age={"16–30岁": 0.5, "60岁以上": 0.5}), weights_between=(0.5, 2)
    )
    rows = [{"unit": TOWNS[0], "age": "16–30岁", "Q1": 50.0}] * 9
    _, findings = summary(evidence("residents", "survey", rows, questions={"Q1": "停车"}), rules)
    assert [(f.code, f.value) for f in findings] == [("S006", "60岁以上")]
    rows += [{"unit": TOWNS[0], "age": "60岁以上", "Q1": 50.0}]
    _, findings = summary(evidence("residents", "survey", rows, questions={"Q1": "停车"}), rules)
    assert [f.code for f in findings] == ["S006"]
    assert "仍差" in findings.rows[0].message
