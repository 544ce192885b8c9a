"""Every measured value carries its interval and what it rests on; what rests on too little is kept and not scored."""

from __future__ import annotations

import polars as pl
import pytest
from scipy import stats
from tijian.engine.chance.measured import mark_small, with_intervals, with_survey_intervals
from tijian.engine.results import empty
from tijian.indicators.measure_model import Count, Ratio, Rule, Survey
from tijian.indicators.model import Indicator, Interval

from .small_year import indicator

ROLLED = pl.DataFrame(
    {
        "unit": ["a", "b", "c", "d"], "level": ["community"] * 4, "numerator": [2.0, 0.0, 9.0, None],
        "denominator": [40.0, 25.0, 8.0, None], "compared": [5.0, 0.0, 112.5, 61.0],
    }
)  # fmt: skip


def of(frame: pl.DataFrame, unit: str, *columns: str) -> tuple[object, ...]:
    return frame.filter(pl.col("unit") == unit).select(columns).row(0)


def test_a_share_has_wilsons_interval_in_its_own_unit() -> None:
    found = with_intervals(ROLLED, "wilson", 100.0)
    known = stats.binomtest(2, 40).proportion_ci(method="wilson")
    kind, low, high, size = of(found, "a", "uncertainty", "low", "high", "size")
    assert (kind, size) == ("wilson", 40.0)
    assert (low, high) == pytest.approx((100 * known.low, 100 * known.high))


def test_a_rate_has_the_exact_poisson_interval() -> None:
    low, high = of(with_intervals(ROLLED, "poisson", 10000.0), "a", "low", "high")
    assert low == pytest.approx(10000 * stats.chi2.ppf(0.025, 4) / 2 / 40)
    assert high == pytest.approx(10000 * stats.chi2.ppf(0.975, 6) / 2 / 40)


def test_none_found_is_an_interval_too_and_not_certainty() -> None:
    low, high = of(with_intervals(ROLLED, "wilson", 100.0), "b", "low", "high")
    assert low == 0.0
    assert high == pytest.approx(13.3, abs=0.05)


@pytest.mark.parametrize(("kind", "unit"), [("wilson", "c"), ("wilson", "d"), ("poisson", "d")])
def test_what_is_no_count_of_cases_has_no_interval(kind: Interval, unit: str) -> None:
    assert of(with_intervals(ROLLED, kind, 100.0), unit, "uncertainty", "low", "high", "size") == (None,) * 4


def test_what_was_examined_in_full_has_none_and_says_so() -> None:
    assert of(with_intervals(ROLLED, "none", 100.0), "a", "uncertainty", "low", "high", "size") == (
        "none", None, None, None,
    )  # fmt: skip


def test_a_survey_mean_takes_the_interval_of_its_question() -> None:
    asked = indicator("FM-06", Survey(method="survey", of="residents", question="Q1"), unit="分")
    values = with_intervals(
        ROLLED.with_columns(indicator=pl.lit("FM-06"), rows=pl.lit(9), note=pl.lit("")), "survey", 1.0
    )
    answers = pl.DataFrame(
        {"unit": ["a"], "question": ["Q1"], "low": [60.0], "high": [70.0], "effective": [33.5]}
    )
    found = with_survey_intervals(values, pl.concat([empty("survey"), answers], how="diagonal"), (asked,))
    assert of(found, "a", "uncertainty", "low", "high", "size") == ("survey", 60.0, 70.0, 33.5)
    assert of(found, "b", "uncertainty", "low", "high") == ("survey", None, None)


@pytest.mark.parametrize(
    ("measure", "kind"),
    [
        (Survey(method="survey", of="residents", question="Q1"), "survey"),
        (Ratio(method="ratio", of="figures", numerator="sum(a)", denominator="sum(b)"), "none"),
        (Count(method="count", of="b", key="id", rule=(Rule(id="r", when="bad", says="坏了"),)), "wilson"),
        (
            Count(
                method="count", of="b", key="id", per="area_km2", rule=(Rule(id="r", when="bad", says="坏了"),)
            ),
            "poisson",
        ),
        (
            Count(
                method="count", of="b", key="id", per="population", weight="missing",
                rule=(Rule(id="r", when="bad", says="坏了"),),
            ),
            "none",
        ),
    ],
)  # fmt: skip
def test_what_a_definition_leaves_unsaid_follows_from_its_method(measure: object, kind: Interval) -> None:
    assert indicator("AQ-01", measure).interval == kind


def test_what_a_definition_says_goes_before_its_method() -> None:
    ratio = Ratio(method="ratio", of="figures", numerator="sum(a)", denominator="sum(b)")
    stated = Indicator.model_validate(indicator("AQ-01", ratio).model_dump() | {"uncertainty": "wilson"})
    assert stated.interval == "wilson"
    with pytest.raises(ValueError, match='只用于 method = "survey"'):
        Indicator.model_validate(indicator("AQ-01", ratio).model_dump() | {"uncertainty": "survey"})


def test_under_the_smallest_denominator_a_value_is_marked_and_the_project_may_say_which() -> None:
    ratio = Ratio(method="ratio", of="figures", numerator="sum(a)", denominator="sum(b)")
    stated = Indicator.model_validate(indicator("AQ-01", ratio).model_dump() | {"minimum": {"community": 30}})
    values = ROLLED.with_columns(indicator=pl.lit("AQ-01"), rows=pl.lit(1), note=pl.lit(""))
    notes = mark_small(values, (stated,), {}, 6)["note"].to_list()
    assert notes == ["", "样本不足", "样本不足", ""]
    assert mark_small(values, (stated,), {"AQ-01": {"community": 50}}, 6)["note"].to_list()[0] == "样本不足"
    assert mark_small(values, (stated,), {"AQ-01": {"community": 1}}, 6)["note"].to_list() == [""] * 4
