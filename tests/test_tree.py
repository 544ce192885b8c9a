"""Weights of the whole tree: what must hold whatever the method, what each says it rests on, and what it cannot do."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tijian.engine.evidence import Comparison
from tijian.engine.findings import Findings
from tijian.engine.results import conform
from tijian.engine.scoring.aggregate import AGGREGATES
from tijian.engine.scoring.dimension import score_dimensions
from tijian.engine.scoring.drawn import with_rank_intervals
from tijian.engine.scoring.total import score_totals
from tijian.engine.scoring.tree import (
    FROM_DATA,
    METHOD_NAMES,
    TOTAL,
    report_fallbacks,
    weigh_dimensions,
    weigh_indicators,
    weights_in,
)
from tijian.engine.scoring.weights import weights_entropy, weights_merec, weights_stdev
from tijian.engine.scoring.weights_ahp import judge, weights_ahp_group
from tijian.engine.settings.scheme import Scoring, Weighting
from tijian.indicators.model import Indicator

from .small_year import Reported, indicator

YEAR, NAN = 2026, float("nan")
NAMES = ("安全韧性", "交通便捷")
CODES = {"AQ-01": NAMES[0], "AQ-02": NAMES[0], "AQ-03": NAMES[0], "JT-01": NAMES[1], "JT-02": NAMES[1]}
MEASURE = Reported(method="reported", of="bulletin", item="一项")
INDICATORS = tuple(
    indicator(code, MEASURE, dimension=dimension, weight=float(place))
    for place, (code, dimension) in enumerate(CODES.items(), 1)
)


def units_of(count: int, level: str = "town") -> list[str]:
    return [f"{level}{i:02d}" for i in range(count)]


def scored(
    matrix: Sequence[Sequence[float]] | np.ndarray,
    level: str = "town",
    codes: Sequence[str] = tuple(CODES),
    values: np.ndarray | None = None,
    indicators: Sequence[Indicator] = INDICATORS,
) -> pl.DataFrame:
    """The frame ``scores`` of a matrix (units, codes); NaN is no score. ``values``: compared, where not the scores."""
    weight = {i.code: i.weight for i in indicators}
    table = np.asarray(matrix, dtype=float)
    compared = table if values is None else values
    rows = [
        {"year": YEAR, "unit": unit, "level": level, "indicator": code, "dimension": CODES[code], "weight": weight[code],
         "score": None if np.isnan(score) else score, "compared": value}
        for unit, own, held in zip(units_of(len(table), level), table.tolist(), compared.tolist(), strict=True)
        for code, score, value in zip(codes, own, held, strict=True)
    ]  # fmt: skip
    return conform("scores", pl.DataFrame(rows, infer_schema_length=None))


def everything(
    scores: pl.DataFrame, scheme: Scoring, judgements: Sequence[Comparison] = ()
) -> tuple[pl.DataFrame, pl.DataFrame, pl.DataFrame]:
    """(weights, dimensions, totals), as a run reckons them."""
    inside = weigh_indicators(scores, INDICATORS, scheme, judgements)
    dimensions = score_dimensions(scores, NAMES, scheme, inside)
    between = weigh_dimensions(dimensions, NAMES, scheme, judgements)
    weights, totals = pl.concat([between, inside]), score_totals(dimensions, NAMES, scheme, between)
    frames = {"scores": scores, "weights": weights, "dimensions": dimensions, "totals": totals}
    return weights, dimensions, with_rank_intervals(frames, scheme)


def compared(parent: str, children: Sequence[str], weights: Sequence[float], expert: str = "") -> Comparison:
    """A consistent expert's judgements."""
    w = np.array(weights, dtype=float)
    return Comparison(parent, expert, tuple(children), tuple(map(tuple, (w[:, None] / w[None, :]).tolist())))


SAFE = [code for code, name in CODES.items() if name == NAMES[0]]
JUDGED = (
    compared(TOTAL, NAMES, (3, 1)), compared(NAMES[0], SAFE, (5, 2, 1)), compared(NAMES[1], ("JT-01", "JT-02"), (1, 4)),
)  # fmt: skip
METHODS = [name for name in METHOD_NAMES if name != "blend"]
tables = st.lists(
    st.lists(st.integers(1, 100).map(float), min_size=5, max_size=5), min_size=3, max_size=7
)  # fmt: skip


# ---- whatever the method -------------------------------------------------------------------------------------


@settings(deadline=None, max_examples=8)
@pytest.mark.parametrize("method", list(METHOD_NAMES))
@given(table=tables, holes=st.lists(st.tuples(st.integers(0, 6), st.integers(0, 4)), max_size=6))
def test_weights_are_never_negative_and_sum_to_one_in_every_parent(
    method: str, table: list[list[float]], holes: list[tuple[int, int]]
) -> None:
    matrix = np.array(table)
    for row, column in holes:
        matrix[row % len(matrix), column] = NAN
    scores = pl.concat([scored(matrix[:1], "district"), scored(matrix), scored(matrix[:2], "community")])
    scheme = Scoring(weights=method, weights_dimensions=method, minimum_present=0.01)
    weights, _, _ = everything(scores, scheme, JUDGED)
    assert (weights["weight"] >= 0).all()
    sums = weights.group_by("level", "parent").agg(pl.col("weight").sum())
    assert sums.height == 3 * (len(NAMES) + 1)
    np.testing.assert_allclose(sums["weight"], 1)
    assert set(weights["method"]) <= {method, "equal"}
    assert weights["basis"].str.len_chars().min() > 0


@settings(deadline=None, max_examples=8)
@pytest.mark.parametrize("method", METHODS)
@given(table=tables, seed=st.integers(0, 99))
def test_the_order_of_the_units_changes_nothing(method: str, table: list[list[float]], seed: int) -> None:
    matrix = np.array(table)
    order = np.random.default_rng(seed).permutation(len(matrix))
    scheme = Scoring(weights=method, weights_dimensions=method)
    before, _, totals = everything(scored(matrix), scheme, JUDGED)
    after, _, moved = everything(scored(matrix[order]), scheme, JUDGED)
    assert before.drop("weight", "method", "basis").equals(after.drop("weight", "method", "basis"))
    if before["method"].equals(
        after["method"]
    ):  # where all say the same, the last bit decides whether it can be used
        np.testing.assert_allclose(before["weight"], after["weight"], atol=1e-7)
        np.testing.assert_allclose(totals["score"].to_numpy()[order], moved["score"], atol=1e-5)


@settings(deadline=None, max_examples=20)
@given(table=tables)
def test_the_mean_of_means_is_the_mean_by_effective_weights_when_nothing_is_missing(
    table: list[list[float]],
) -> None:
    scheme = Scoring(weights="given", dimension_weights={NAMES[0]: 3.0}, perceived_share=0.0)
    weights, _, totals = everything(scored(table), scheme)
    between = weights_in(weights, "town", TOTAL)
    inside = {name: weights_in(weights, "town", name) for name in NAMES}
    effective = np.array([between[name] * inside[name][code] for code, name in CODES.items()])
    assert effective.sum() == pytest.approx(1)
    np.testing.assert_allclose(totals["score"], np.array(table) @ effective)


@settings(deadline=None, max_examples=40)
@given(
    inside=st.sampled_from(sorted(AGGREGATES)), between=st.sampled_from(sorted(AGGREGATES)), table=tables,
    column=st.integers(0, 4), gain=st.floats(0, 50),
)  # fmt: skip
def test_improving_an_indicator_never_lowers_a_total_under_weights_that_stay(
    inside: str, between: str, table: list[list[float]], column: int, gain: float
) -> None:
    scheme = Scoring(weights="given", aggregate_indicators=inside, aggregate_dimensions=between, draws=100)
    better = np.array(table)
    better[0, column] = min(better[0, column] + gain, 100.0)
    before, after = (everything(scored(t), scheme)[2]["score"][0] for t in (np.array(table), better))
    assert after >= before - 1e-9


@pytest.mark.parametrize("aggregate", sorted(AGGREGATES))
def test_every_aggregation_gives_totals_and_rank_intervals(aggregate: str) -> None:
    matrix = np.random.default_rng(3).uniform(0, 100, (6, 5))
    matrix[0, 0] = 0.0
    scheme = Scoring(aggregate_indicators=aggregate, aggregate_dimensions=aggregate, power=-2.0, draws=100)
    ranked = everything(scored(matrix), scheme)[2]
    assert ranked.select("score", "rank_low", "rank_high").null_count().row(0) == (0, 0, 0)
    assert (ranked["rank_low"] <= ranked["rank_high"]).all()


def test_power_and_floor_of_the_scheme_reach_the_totals() -> None:
    matrix = [[0.0, 50, 100, 60, 60], [10.0, 20, 30, 40, 50], [90.0, 80, 70, 60, 50]]
    low, high = (
        everything(scored(matrix), Scoring(aggregate_indicators="geometric", zero_floor=floor))[1]["score"]
        for floor in (0.0, 10.0)
    )
    assert low[0] == 0
    assert high[0] == pytest.approx((10 * 50 * 100) ** (1 / 3))
    squares = everything(scored(matrix), Scoring(aggregate_indicators="generalised", power=2.0))[1]["score"]
    assert squares[0] == pytest.approx(np.sqrt((50**2 + 100**2) / 3))


def test_a_scheme_that_refuses_gaps_gives_no_score_where_one_is_missing() -> None:
    matrix = [[NAN, 50, 100, 60, 60], [10.0, 20, 30, 40, 50], [90.0, 80, 70, 60, 50]]
    _, dimensions, totals = everything(scored(matrix), Scoring(missing="refuse"))
    assert dimensions.filter(unit="town00")["score"].to_list() == [None, 60]
    assert totals["score"].is_null().to_list() == [True, False, False]
    assert everything(scored(matrix), Scoring())[2]["score"].null_count() == 0


# ---- what each method reads and says -------------------------------------------------------------------------

MATRIX = np.array([[10.0, 90, 40, 50, 20], [30, 20, 45, 10, 60], [80, 60, 42, 90, 30], [55, 10, 41, 70, 90]])


def rows_in(weights: pl.DataFrame, parent: str, level: str = "town") -> tuple[list[float], str, str]:
    own = weights.filter(parent=parent, level=level)
    return own["weight"].to_list(), own["method"][0], own["basis"][0]


def test_equal_and_given_weights_say_where_they_come_from() -> None:
    weights, _, _ = everything(scored(MATRIX), Scoring())
    assert rows_in(weights, NAMES[0]) == ([1 / 3] * 3, "equal", "等权")
    assert rows_in(weights, TOTAL) == ([0.5, 0.5], "given", "给定权重：没有另外给定，各维度相同")
    weights, _, _ = everything(scored(MATRIX), Scoring(weights="given", dimension_weights={NAMES[1]: 3.0}))
    assert rows_in(weights, NAMES[0]) == (
        pytest.approx([1 / 6, 2 / 6, 3 / 6]),
        "given",
        "给定权重：指标定义的 weight",
    )
    assert rows_in(weights, TOTAL) == ([0.25, 0.75], "given", "给定权重：tijian.toml 的 dimension_weights")


def test_entropy_reads_scores_after_minmax_or_the_values_themselves() -> None:
    values = np.array([[1.0, 5, 2, 1, 1], [2, 5, 4, 1, 2], [3, 6, 8, 1, 3], [9, 7, 8, 1, 4]])
    scores = scored(MATRIX, values=values)
    weights, _, _ = everything(scores, Scoring(weights="entropy"))
    assert rows_in(weights, NAMES[0]) == (
        pytest.approx(weights_entropy(MATRIX[:, :3]).tolist()), "entropy", "熵权法：得分经极差标准化，0·ln 0 取 0，4 个街镇"
    )  # fmt: skip
    raw = Scoring(weights="entropy", weighting=Weighting(entropy_basis="raw", entropy_shift=0.01))
    found, _, basis = rows_in(everything(scores, raw)[0], NAMES[0])
    assert found == pytest.approx(weights_entropy(values[:, :3], basis="raw", shift=0.01).tolist())
    assert basis == "熵权法：比较值按原值的比重，平移 0.01，4 个街镇"


def test_merec_reads_values_with_their_direction() -> None:
    values = np.array([[1.0, 5, 2], [2, 5, 4], [3, 6, 8], [9, 7, 8]])
    lower = tuple(
        i.model_copy(update={"direction": "lower" if i.code == "AQ-02" else "higher"}) for i in INDICATORS
    )
    weights = weigh_indicators(
        scored(MATRIX[:, :3], codes=SAFE, values=values), lower, Scoring(weights="merec")
    )
    expected = weights_merec(values, directions=["higher", "lower", "higher"])
    assert weights["weight"].to_list() == pytest.approx(expected.tolist())


def test_the_deviation_of_the_scheme_counts_where_there_are_gaps() -> None:
    gappy = MATRIX[:, :3].copy()
    gappy[2:, 0] = NAN
    for deviation, ddof in (("sample", 1), ("population", 0)):
        scheme = Scoring(weights="stdev", deviation=deviation)
        weights = weigh_indicators(scored(gappy, codes=SAFE), INDICATORS, scheme)
        assert weights["weight"].to_list() == pytest.approx(weights_stdev(gappy, ddof=ddof).tolist())
        assert weights["basis"][0].startswith(f"标准差法：得分的{'样本' if ddof else '总体'}标准差")
    sample, population = weights_stdev(gappy, ddof=1), weights_stdev(gappy, ddof=0)
    assert abs(sample - population).max() > 0.01


def test_critic_without_orientation_reads_the_values_as_they_stand() -> None:
    values = MATRIX.copy()
    values[:, 1] = 100 - MATRIX[:, 1]  # less is better: the score is the other way round
    scores = scored(MATRIX, values=values)
    plain = Scoring(weights="critic", weighting=Weighting(critic_oriented=False))
    oriented, unoriented = (everything(scores, s)[0] for s in (Scoring(weights="critic"), plain))
    assert rows_in(oriented, NAMES[0])[0] != pytest.approx(rows_in(unoriented, NAMES[0])[0], abs=0.01)
    assert (
        rows_in(unoriented, NAMES[0])[2]
        == "CRITIC 法：比较值（不改方向）经极差标准化，皮尔逊相关系数，样本标准差，4 个街镇"
    )


def test_a_child_that_nobody_has_a_score_of_keeps_its_share_as_missing_weight() -> None:
    empty = MATRIX.copy()
    empty[:, 2] = NAN
    found, method, basis = rows_in(everything(scored(empty), Scoring(weights="entropy"))[0], NAMES[0])
    known = weights_entropy(MATRIX[:, :2]) * 2 / 3
    assert found == pytest.approx([*known.tolist(), 1 / 3])
    assert method == "entropy"
    assert basis.endswith("；1 项没有得分，各按 1/3 计")


def test_the_district_takes_the_weights_of_its_towns() -> None:
    scores = pl.concat([scored(MATRIX[:1], "district"), scored(MATRIX[:, :4], codes=list(CODES)[:4])])
    weights, _, _ = everything(scores, Scoring(weights="stdev", weights_dimensions="critic"))
    for parent in (NAMES[0], TOTAL):
        town, district = rows_in(weights, parent), rows_in(weights, parent, "district")
        assert district == (pytest.approx(town[0]), town[1], town[2] + "；区级取各街镇的权重")
    # JT-02 is of the district alone: nothing can be read of it in the towns
    assert rows_in(weights, NAMES[1], "district")[0] == [0.5, 0.5]


# ---- experts -------------------------------------------------------------------------------------------------


def test_ahp_takes_each_level_s_children_in_the_proportions_judged() -> None:
    scores = pl.concat(
        [scored(MATRIX), scored(MATRIX[:, [0, 2, 3]], "community", ("AQ-01", "AQ-03", "JT-01"))]
    )
    scheme = Scoring(weights="ahp", weights_dimensions="ahp")
    weights, _, _ = everything(scores, scheme, JUDGED)
    assert rows_in(weights, NAMES[0])[0] == pytest.approx([5 / 8, 2 / 8, 1 / 8])
    assert rows_in(weights, TOTAL)[0] == pytest.approx([0.75, 0.25])
    assert rows_in(weights, NAMES[0])[2] == "层次分析法：1 位专家，特征向量法，CR 0.000（RI：saaty_1980）"
    found, _, basis = rows_in(weights, NAMES[0], "community")
    assert found == pytest.approx([5 / 6, 1 / 6])
    assert basis.endswith("，按本级有的 2 项归一")
    assert rows_in(weights, NAMES[1], "community") == ([1.0], "ahp", "层次分析法：只有一项")


@pytest.mark.parametrize("combine", ["AIJ", "AIP"])
def test_a_group_of_experts_counts_each_by_their_importance(combine: str) -> None:
    one = Comparison(NAMES[0], "张工", tuple(SAFE), ((1, 2, 5), (0.5, 1, 3), (0.2, 1 / 3, 1)))
    other = Comparison(NAMES[0], "李工", tuple(SAFE), ((1, 1 / 3, 1), (3, 1, 4), (1, 0.25, 1)))
    rules = Weighting(combine=combine, experts={"张工": 3.0})
    scheme = Scoring(weights="ahp", weighting=rules)
    weights = weigh_indicators(scored(MATRIX[:, :3], codes=SAFE), INDICATORS, scheme, (one, other))
    matrices = [np.array(one.matrix), np.array(other.matrix)]
    expected = weights_ahp_group(matrices, combine=combine, importances=[3, 1])
    assert weights["weight"].to_list() == pytest.approx(expected.tolist())
    worst = max(judge(m).consistency_ratio for m in matrices)
    assert weights["basis"][0] == (
        f"层次分析法：2 位专家 {combine}，专家权重 张工 3、李工 1，特征向量法，CR 最大 {worst:.3f}（RI：saaty_1980）"
    )


def test_a_blend_is_the_mean_of_judgement_and_data() -> None:
    scheme = Scoring(weights="blend", weighting=Weighting(alpha=0.25))
    found, method, basis = rows_in(everything(scored(MATRIX), scheme, JUDGED)[0], NAMES[0])
    entropy = weights_entropy(MATRIX[:, :3])
    assert found == pytest.approx((0.25 * np.array([5, 2, 1]) / 8 + 0.75 * entropy).tolist())
    assert method == "blend"
    assert basis.startswith("组合赋权：0.25 × 层次分析法：1 位专家")
    assert "＋ 0.75 × 熵权法：得分经极差标准化" in basis


def test_a_blend_of_the_district_knows_the_judgement_of_what_only_the_district_has() -> None:
    scores = pl.concat([scored(MATRIX[:1], "district"), scored(MATRIX[:, :2], codes=SAFE[:2])])
    found, _, basis = rows_in(everything(scores, Scoring(weights="blend"), JUDGED)[0], NAMES[0], "district")
    entropy = [*(weights_entropy(MATRIX[:, :2]) * 2 / 3).tolist(), 1 / 3]
    assert found == pytest.approx((np.array([5, 2, 1]) / 16 + np.array(entropy) / 2).tolist())
    assert basis.endswith("区级取各街镇的权重")


# ---- what cannot be used -------------------------------------------------------------------------------------


def fallen(scores: pl.DataFrame, scheme: Scoring, judgements: Sequence[Comparison] = ()) -> list[str]:
    """The findings of a run about its weights; every one of them must stand at equal weights."""
    weights, _, _ = everything(scores, scheme, judgements)
    findings = Findings()
    report_fallbacks(weights, scheme, findings, "tijian.toml")
    for parent, own in weights.filter(method="equal").group_by("level", "parent"):
        assert own["weight"].n_unique() == 1, parent
    return [f"{f.code} {f.place.column} {f.message}" for f in findings]


@pytest.mark.parametrize("method", FROM_DATA)
def test_too_few_units_fall_back_to_equal_weights_and_are_told_once_a_parent(method: str) -> None:
    scores = pl.concat([scored(MATRIX[:1], "district"), scored(MATRIX[:2])])
    told = fallen(scores, Scoring(weights=method))
    assert told == [
        f"W011 scoring.weights “{name}”（区级、街镇）没有按 {method} 赋权：{METHOD_NAMES[method]}不能用"
        "（有得分的街镇只有 2 个，至少要 3 个），改为等权"
        for name in NAMES
    ]


def test_a_method_whose_figures_will_not_do_falls_back_and_says_why() -> None:
    values = MATRIX.copy()
    values[0, 0] = 0.0
    merec = fallen(scored(MATRIX, values=values), Scoring(weights="merec"))
    assert merec == [
        f"W011 scoring.weights “{NAMES[0]}”（街镇）没有按 merec 赋权：MEREC 法不能用（MEREC 要求所有数值大于零），改为等权"
    ]
    flat = fallen(scored(np.full((4, 5), 50.0)), Scoring(weights_dimensions="entropy"))
    assert flat == [
        f"W011 scoring.weights_dimensions “{TOTAL}”（街镇）没有按 entropy 赋权：熵权法不能用"
        "（各指标在单元之间没有差异，无法由数据定权），改为等权"
    ]
    within = tuple(i.model_copy(update={"direction": "within"}) for i in INDICATORS)
    weights = weigh_indicators(scored(MATRIX), within, Scoring(weights="merec"))
    assert weights["basis"].unique().to_list() == [
        "MEREC 法不能用（其中有适度指标，没有单一的方向），改为等权"
    ]


def test_a_dimension_nobody_judged_falls_back_and_the_others_do_not() -> None:
    told = fallen(scored(MATRIX), Scoring(weights="ahp"), JUDGED[:2])
    assert told == [
        f"W011 scoring.weights “{NAMES[1]}”（街镇）没有按 ahp 赋权：层次分析法不能用（没有“{NAMES[1]}”的判断矩阵），改为等权"
    ]


def test_nothing_is_told_of_weights_that_were_used() -> None:
    for method in METHODS:
        assert fallen(scored(MATRIX), Scoring(weights=method, weights_dimensions=method), JUDGED) == []
