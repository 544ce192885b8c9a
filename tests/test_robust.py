"""How sure each rank is: the properties of the frames robust, ahead, sensitivity and dropped, on a district of nine towns."""

from __future__ import annotations

from dataclasses import replace
from itertools import pairwise
from pathlib import Path

import numpy as np
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tijian.engine.analysis.robust import robustness
from tijian.engine.results import conform
from tijian.engine.scoring.branches import branches_of
from tijian.engine.scoring.drawn import in_force, totals_under
from tijian.engine.scoring.everything import Basis, nothing_before, score_all
from tijian.engine.scoring.means import means_of
from tijian.engine.settings.project import Project
from tijian.engine.settings.scheme import Robustness, Scoring
from tijian.engine.storage.store import read_frame
from tijian.reports.blocks import FigureBlock
from tijian.reports.content.robust import robust_section, surely, town_said
from tijian.reports.terminal.robust import rank_line
from tijian.reports.view import View

from .cli_project import YEAR as SAMPLE_YEAR
from .cli_project import finished_sample
from .results_fixture import make_results
from .small_year import Reported, indicator, standard

YEAR = 2026
NAMES = ("安全韧性", "交通便捷", "生态宜居")
INDICATORS = tuple(
    indicator(f"{prefix}-{n:02d}", Reported(method="reported", of="form", item="值"), dimension=name, levels=("town",),
              survey="Q1" if name == "交通便捷" else None, standard=(standard(worst=0, floor=40, target=80, best=100),))
    for prefix, name in zip(("AQ", "JT", "ST"), NAMES, strict=True) for n in (1, 2, 3)
)  # fmt: skip
COUNT = 9
FRAMES = ("robust", "ahead", "sensitivity", "dropped")


def town(place: int) -> str:
    return f"1000000{place + 1:02d}"


def basis_of(values: np.ndarray, satisfied: np.ndarray | None = None) -> Basis:
    """A district of towns; ``values`` (towns, indicators), NaN missing; ``satisfied`` (towns,) answers on Q1."""
    codes = [town(i) for i in range(len(values))]
    units = conform("units", pl.DataFrame([
        {"code": "100000", "name": "区", "level": "district", "population": 9e3, "area_km2": 9.0, "district": "100000"},
        *({"code": c, "name": c, "level": "town", "parent": "100000", "population": 1e3, "area_km2": 1.0, "district": "100000", "town": c}
          for c in codes),
    ]))  # fmt: skip
    measurements = conform("measurements", pl.DataFrame([
        {"year": YEAR, "unit": unit, "level": "town", "indicator": i.code, "value": float(v), "compared": float(v), "basis": 1.0}
        for unit, row in zip(codes, values, strict=True) for i, v in zip(INDICATORS, row, strict=True) if not np.isnan(v)
    ]))  # fmt: skip
    answers = [] if satisfied is None else [
        {"year": YEAR, "unit": unit, "level": "town", "question": "Q1", "label": "出行", "answers": 90, "score": float(s)}
        for unit, s in zip(codes, satisfied, strict=True)
    ]  # fmt: skip
    survey = conform("survey", pl.DataFrame(answers))
    before = nothing_before()
    earlier = pl.DataFrame(
        schema={"year": pl.Int64, "unit": pl.String, "indicator": pl.String, "value": pl.Float64}
    )
    return Basis(measurements, units, survey, INDICATORS, NAMES, YEAR, before, earlier)


def values_of(seed: int, towns: int = COUNT) -> np.ndarray:
    return np.random.default_rng(seed).uniform(30, 90, (towns, len(INDICATORS)))


def analysed(
    basis: Basis, scheme: Scoring | None = None, rules: Robustness | None = None
) -> dict[str, pl.DataFrame]:
    """The four frames, with few draws."""
    scheme = scheme or Scoring(draws=200)
    project = Project.model_construct(scoring=scheme, robustness=rules or Robustness(samples=128))
    return robustness(basis, score_all(basis, scheme), project)


SCHEMES = [
    Scoring(),
    Scoring(aggregate_indicators="geometric", aggregate_dimensions="harmonic"),
    Scoring(aggregate_indicators="generalised", power=0.3, aggregate_dimensions="geometric"),
    Scoring(aggregate_indicators="median", aggregate_dimensions="median"),
    Scoring(weights="entropy", dimension_weights={"交通便捷": 3.0}, perceived_share=0.5),
    Scoring(missing="refuse"),
    Scoring(missing="median", minimum_present=1.0),
]


@pytest.mark.parametrize("scheme", SCHEMES, ids=range(len(SCHEMES)))
def test_with_the_weights_in_force_the_totals_are_those_of_the_scores(scheme: Scoring) -> None:
    values = values_of(1)
    values[0, 0] = values[2, 3:5] = values[4, :7] = np.nan
    frames = score_all(basis_of(values, np.linspace(40, 95, COUNT)), scheme)
    tree = branches_of(frames, "town")
    assert tree is not None
    told = frames["totals"].filter(level="town").sort("unit")["score"].fill_null(float("nan")).to_numpy()
    assert np.isnan(told).any() == (scheme.missing != "median")
    np.testing.assert_allclose(totals_under(tree, in_force(tree), means_of(scheme))[0], told, atol=1e-9)


@settings(max_examples=4)
@given(st.integers(0, 10_000))
def test_intervals_hold_the_median_and_shares_of_a_pair_make_one(seed: int) -> None:
    found = analysed(basis_of(values_of(seed)))
    rows = found["robust"]
    assert set(rows["kind"]) == {"weights", "choices"}
    assert rows.filter(~(pl.col("rank_low") <= pl.col("rank_median"))).is_empty()
    assert rows.filter(~(pl.col("rank_median") <= pl.col("rank_high"))).is_empty()
    assert rows.filter(~(pl.col("score_low") <= pl.col("score_high"))).is_empty()
    assert rows["rank_low"].min() == 1
    assert rows["rank_high"].max() <= COUNT
    pairs = found["ahead"].join(
        found["ahead"], left_on=["kind", "unit", "other"], right_on=["kind", "other", "unit"]
    )
    assert pairs.height == found["ahead"].height == 2 * COUNT * (COUNT - 1)
    np.testing.assert_allclose(pairs["share"] + pairs["share_right"], 1)


def test_a_town_ahead_in_everything_is_first_whatever_is_chosen() -> None:
    values = values_of(3)
    values[4] = values.max(axis=0) + 1
    found = analysed(basis_of(values), rules=Robustness(samples=128, weights=("equal", "entropy", "critic")))
    best = found["robust"].filter(unit=town(4))
    assert best.select("rank", "rank_low", "rank_high").unique().rows() == [(1, 1, 1)]
    assert found["ahead"].filter(unit=town(4))["share"].to_list() == [1.0] * 2 * (COUNT - 1)
    assert found["dropped"].filter(unit=town(4)).is_empty()


def test_towns_in_another_order_have_the_same_intervals() -> None:
    values, order = values_of(5), np.random.default_rng(1).permutation(COUNT)
    straight, shuffled = analysed(basis_of(values)), analysed(basis_of(values[order]))
    named = {town(i): town(int(place)) for i, place in enumerate(order)}
    columns = ["kind", "unit", "rank", "rank_low", "rank_high"]
    back = (
        shuffled["robust"]
        .with_columns(pl.col("unit").replace_strict(named))
        .select(columns)
        .sort("kind", "unit")
    )
    assert back.equals(straight["robust"].select(columns).sort("kind", "unit"))
    numbers = pl.selectors.numeric()
    first, second = (f["sensitivity"].select("factor", numbers).sort("factor") for f in (straight, shuffled))
    np.testing.assert_allclose(first.select(numbers).to_numpy(), second.select(numbers).to_numpy(), atol=1e-6)


def test_the_same_seed_gives_the_same_frames_and_another_gives_others() -> None:
    basis = basis_of(values_of(6))
    one, again, other = (analysed(basis, Scoring(draws=200, seed=seed)) for seed in (1, 1, 2))
    assert all(one[name].equals(again[name]) for name in FRAMES)
    assert not one["robust"].equals(other["robust"])


def test_dropping_an_indicator_is_scoring_without_it() -> None:
    basis = basis_of(values_of(7))
    found = analysed(basis)["dropped"]
    ranks = score_all(basis, Scoring(draws=100))["totals"].select("unit", "rank")
    for code, shift, most in found.select("indicator", "mean_shift", "largest_shift").iter_rows():
        left = replace(basis, indicators=tuple(i for i in INDICATORS if i.code != code),
                       measurements=basis.measurements.filter(pl.col("indicator") != code))  # fmt: skip
        then = score_all(left, Scoring(draws=100))["totals"].select("unit", "rank")
        moved = ranks.join(then, on="unit").select((pl.col("rank") - pl.col("rank_right")).abs())
        assert shift == pytest.approx(moved["rank"].mean())
        assert most == moved["rank"].max()
    assert found.height == len(INDICATORS)
    assert found["mean_shift"].is_sorted(descending=True)
    assert found["mean_shift"][0] > 0


def test_who_moves_most_is_told_with_the_rank_before_and_after() -> None:
    found = analysed(basis_of(values_of(7)))["dropped"].filter(pl.col("largest_shift") > 0)
    assert ((found["rank_before"] - found["rank_after"]).abs() == found["largest_shift"]).all()


def test_a_town_without_a_total_has_no_interval_and_takes_no_place() -> None:
    values = values_of(8)
    values[2, :7] = np.nan
    found = analysed(basis_of(values))
    assert town(2) not in set(found["robust"]["unit"]) | set(found["ahead"]["unit"]) | set(
        found["ahead"]["other"]
    )
    assert found["robust"]["rank_high"].max() <= COUNT - 1


def test_two_towns_are_too_few_to_rank() -> None:
    assert all(frame.is_empty() for frame in analysed(basis_of(values_of(9, towns=2))).values())


def test_every_choice_that_varies_is_named_with_what_it_may_be() -> None:
    rules = Robustness(samples=128, missing=("reweight",), weights=("ahp", "entropy"))
    found = analysed(basis_of(values_of(10)), rules=rules)["sensitivity"]
    options = dict(found.select("factor", "options").iter_rows())
    assert set(options) == {"标度方法", "赋权方法", "权重变动", "维度内综合", "维度间综合"}
    assert options["标度方法"] == "按标准分段计分（现行）、最小值—最大值法、位次法"
    assert options["赋权方法"].endswith("熵权法；不能用于本年数据：层次分析法")  # nobody gave judgements
    assert found.filter(~(pl.col("total_low") <= pl.col("total"))).is_empty()
    assert found.filter(~(pl.col("total") <= pl.col("total_high"))).is_empty()
    assert found["total"].is_sorted(descending=True)


def test_where_nothing_moves_the_ranks_no_choice_has_a_share() -> None:
    values = np.linspace(35, 90, COUNT)[:, None] + np.zeros(len(INDICATORS))
    found = analysed(basis_of(values))["sensitivity"]
    assert found.height > 0
    assert found.select("first", "total", "total_high").null_count().row(0) == (found.height,) * 3


def test_rows_of_another_kind_stay() -> None:
    basis, scheme = basis_of(values_of(11)), Scoring(draws=100)
    other = conform(
        "robust", pl.DataFrame([{"year": YEAR, "unit": town(0), "level": "town", "kind": "sampling"}])
    )
    project = Project.model_construct(scoring=scheme, robustness=Robustness(samples=64))
    found = robustness(basis, score_all(basis, scheme) | {"robust": other}, project)
    assert set(found["robust"]["kind"]) == {"sampling", "weights", "choices"}


@pytest.fixture(scope="module")
def sample(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return finished_sample(tmp_path_factory)


def test_the_intervals_printed_are_those_of_drawn_weights(sample: Path) -> None:
    store = sample / "results.duckdb"
    totals = read_frame(store, "totals", SAMPLE_YEAR).drop_nulls("rank_low")
    rows = read_frame(store, "robust", SAMPLE_YEAR).filter(kind="weights")
    assert set(rows["level"]) == {"town", "community"}
    columns = ["unit", "rank", "rank_low", "rank_high"]
    assert rows.select(columns).sort("unit").equals(totals.select(columns).sort("unit"))


# ---- what is shown ------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def view() -> View:
    """The fixture's seventeen towns, with the intervals of nine random towns put on the first nine of them."""
    results = make_results()
    towns = results.units.filter(level="town")["code"].to_list()[:COUNT]
    found = analysed(basis_of(values_of(1)))
    named = {town(i): code for i, code in enumerate(towns)}
    frames = {
        name: frame.with_columns(
            pl.col(c).replace_strict(named, default=None) for c in ("unit", "other") if c in frame.columns
        )
        for name, frame in found.items()
    }
    codes = dict(zip((i.code for i in INDICATORS), results.indicators["code"], strict=False))
    frames["dropped"] = frames["dropped"].with_columns(pl.col("indicator").replace_strict(codes))
    return View(replace(results, **frames))


def test_the_report_says_how_many_neighbours_cannot_be_told_apart(view: View) -> None:
    rows = {
        (r["unit"], r["other"]): r["share"] for r in view.frame("ahead").filter(kind="weights").to_dicts()
    }
    order = view.frame("robust").filter(kind="weights").sort("rank")["unit"].to_list()
    unsure = sum(rows[a, b] < 0.9 for a, b in pairwise(order))
    assert unsure > 0
    (section,) = robust_section(view)
    said = section.blocks[0].paragraphs[0]
    assert f"{COUNT}个街镇按综合得分排成的{COUNT - 1}对相邻名次中，有{unsure}对分不出先后" in said
    figure = next(b for b in section.blocks if isinstance(b, FigureBlock))
    assert f"{COUNT - 1}对相邻名次中{unsure}对分不出先后" in figure.caption
    assert all(view.name(unit) in figure.charts[0].alt for unit in order)
    assert figure.charts[0].svg.count("<circle") == COUNT + 1  # a dot for each town, and the legend's


def test_who_is_surely_in_a_third_has_the_whole_interval_in_it(view: View) -> None:
    first, last = surely(view, "weights")
    held = {view.name(r["unit"]): r for r in view.frame("robust").filter(kind="weights").to_dicts()}
    assert all(held[name]["rank_high"] <= 3 for name in first)
    assert all(held[name]["rank_low"] >= 7 for name in last)
    assert len([r for r in held.values() if r["rank_high"] <= 3]) == len(first)


def test_a_town_is_told_its_interval_and_its_like(view: View) -> None:
    row = next(
        r for r in view.frame("robust").filter(kind="weights").to_dicts() if r["rank_low"] < r["rank_high"]
    )
    assert f"权重变动时在第{row['rank_low']}–{row['rank_high']}名之间" in town_said(view, row["unit"])
    assert town_said(view, view.district) == ""


def test_the_line_of_places_has_the_last_left_and_the_first_right() -> None:
    row, free = {"rank": 3, "rank_low": 2, "rank_high": 4}, {"rank_low": 1, "rank_high": 6}
    assert rank_line(row, free, 8) == "··┄┄━●━┄"
    assert rank_line(row, None, 8) == "····━●━·"
    assert len(rank_line(row, free, 60)) == 24


def test_without_intervals_there_is_no_section() -> None:
    assert robust_section(View(make_results())) == ()
