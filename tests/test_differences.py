"""Better, worse or no different: only beyond what chance explains, and counted over everything that was compared."""

from __future__ import annotations

import numpy as np
import polars as pl
import pytest
from scipy import stats
from tijian.engine.chance.differences import with_differences
from tijian.engine.chance.discovery import discovery_bh
from tijian.engine.chance.measured import with_intervals, with_shrunk
from tijian.engine.results import conform

DISTRICT = "d"


def frames(
    kind: str, cases: list[float | None], sizes: list[float | None], scale: float, level: str = "town"
) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Scores and measurements of one indicator X over towns t0, t1 … and the district that holds them all."""
    units = [f"t{i}" for i in range(len(cases))]
    whole = (sum(c or 0 for c in cases), sum(s or 0 for s in sizes))
    rows = [*zip(units, [level] * len(units), cases, sizes, strict=True), (DISTRICT, "district", *whole)]
    frame = pl.DataFrame(
        rows, schema={"unit": pl.String, "level": pl.String, "numerator": pl.Float64, "denominator": pl.Float64},
        orient="row",
    ).with_columns(
        indicator=pl.lit("X"), uncertainty=pl.lit(kind),
        compared=pl.col("numerator") / pl.col("denominator") * scale,
    )  # fmt: skip
    scores = frame.drop("numerator", "denominator", "uncertainty").with_columns(
        peer_group=pl.lit("全部街镇"), year=pl.lit(2026)
    )
    return conform("scores", scores), conform("measurements", frame)


def verdicts(
    column: str, *given: object, before: pl.DataFrame | None = None, direction: str = "lower"
) -> list[str]:
    scores, values = frames(*given)
    before = conform("measurements", pl.DataFrame()) if before is None else before
    found = with_differences(scores, values, before, {"X": direction})
    return found.filter(pl.col("level") != "district")[column].to_list()


def test_two_accidents_in_a_small_place_are_no_difference_and_in_a_large_one_twenty_are() -> None:
    # per 10,000 people the first two are both 6.7, the district has 2.5
    cases, people = [2, 20, 5, 6, 4, 5], [3000, 30000, 25000, 40000, 30000, 40000]
    assert verdicts("than_district", "poisson", cases, people, 1e4)[:2] == ["same", "worse"]
    assert verdicts("than_district", "poisson", cases, people, 1e4, direction="higher")[:2] == [
        "same",
        "better",
    ]


def test_peers_are_the_others_and_not_oneself() -> None:
    # one town of three has half of all cases: against the whole it would hide behind itself
    found = verdicts("than_peers", "wilson", [60, 20, 22], [200, 200, 200], 100.0)
    assert found == ["worse", "better", "better"]


def test_against_last_year_both_years_chance_counts() -> None:
    _, last = frames("wilson", [30, 30], [100, 1000], 100.0)
    assert verdicts("than_previous", "wilson", [38, 300], [100, 1000], 100.0, before=last) == [
        "same",
        "worse",
    ]


def test_a_fully_examined_thing_differs_when_it_differs() -> None:
    found = verdicts("than_district", "none", [5, 6, 10, None], [1, 1, 2, None], 1.0, direction="higher")
    assert found == ["worse", "better", "worse", None]


def test_a_band_indicator_and_an_unscored_value_have_no_verdict() -> None:
    assert verdicts("than_district", "wilson", [1, 9], [10, 10], 100.0, direction="within") == [None, None]
    assert verdicts("than_peers", "wilson", [None, 9, 4], [None, 10, 10], 100.0)[0] is None


def test_survey_means_are_compared_by_students_t() -> None:
    def asked(means: list[float], halves: list[float]) -> tuple[pl.DataFrame, pl.DataFrame]:
        scores, values = frames("survey", means, [1.0] * len(means), 1.0)
        ends = pl.Series([*halves, 0.5])
        return scores, values.with_columns(
            low=pl.col("compared") - ends, high=pl.col("compared") + ends, size=pl.lit(10.0),
            compared=pl.when(pl.col("unit") == DISTRICT).then(70.0).otherwise(pl.col("compared")),
        )  # fmt: skip

    scores, values = asked([60.0, 60.0, 75.0], [9.0, 11.0, 1.0])
    scores = scores.with_columns(
        compared=pl.when(pl.col("unit") == DISTRICT).then(70.0).otherwise(pl.col("compared"))
    )
    found = with_differences(scores, values, conform("measurements", pl.DataFrame()), {"X": "higher"})
    assert found["than_district"].to_list()[:3] == ["worse", "same", "better"]


def test_q_is_adjusted_over_every_unit_of_the_level() -> None:
    cases, sizes = [3, 5, 4, 12, 4, 5], [50, 60, 55, 60, 50, 60]
    scores, values = frames("wilson", cases, sizes, 100.0)
    found = with_differences(scores, values, conform("measurements", pl.DataFrame()), {"X": "lower"})
    towns = found.filter(pl.col("level") == "town")
    q = towns["q"].to_numpy()
    z = []
    for i in range(6):
        x, n = sum(cases) - cases[i], sum(sizes) - sizes[i]
        own, others = (cases[i], sizes[i]), (x / n * sizes[i], sizes[i])
        t = [np.arcsin(np.sqrt((c + 0.375) / (s + 0.75))) for c, s in (own, others)]
        z.append((t[0] - t[1]) / np.hypot(0.5 / np.sqrt(sizes[i] + 0.5), 0.5 / np.sqrt(n + 0.5)))
    assert q == pytest.approx(discovery_bh(2 * stats.norm.sf(np.abs(z))))


def test_shrunken_values_are_in_the_unit_of_the_value_and_nearer_the_common_one() -> None:
    _, values = frames("poisson", [2, 40, 5, 60, 4, 5], [3000, 30000, 25000, 40000, 30000, 40000], 1e4)
    found = with_shrunk(with_intervals(values, "poisson", 1e4))
    small, large = found.row(0, named=True), found.row(3, named=True)
    common = 116 / 168000 * 1e4
    assert abs(small["shrunk"] - common) < abs(small["compared"] - common)
    assert large["shrunk"] == pytest.approx(15.0, rel=0.1)
    assert with_shrunk(with_intervals(values, "none", 1e4))["shrunk"].null_count() == values.height
