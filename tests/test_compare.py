"""Units compared: the parts of a gap add up to it, whatever is missing and however scores are aggregated."""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tijian.engine.analysis.comparing import (
    Branch,
    Tree,
    by_dimension,
    decompose,
    gaps_from_mean,
)
from tijian.engine.scoring.means import Mean, Means

NAN = float("nan")
NAMES = ("arithmetic", "geometric", "harmonic", "generalised", "median")


def tree(
    scores: list[list[float]],
    perceived: list[float],
    means: Means,
    weights: list[list[float]],
    tops: list[float],
) -> Tree:
    """A unit's tree: a dimension of the mean of what is there, blended with the residents' view."""
    branches = {}
    for i, (row, seen, weight, top) in enumerate(zip(scores, perceived, weights, tops, strict=True)):
        found, shares = np.array([row]), np.array(weight)
        there = ~np.isnan(found[0])
        objective = float(means.indicators.of(found[:, there], shares[there])[0]) if there.any() else NAN
        share = 0.0 if math.isnan(seen) else means.perceived_share
        score = objective if not share else objective * (1 - share) + seen * share
        leaves = {f"{i}-{j}": (s, w) for j, (s, w) in enumerate(zip(row, weight, strict=True))}
        branches[f"维度{i}"] = Branch(score, objective, seen, top, leaves)
    whole = np.array([b.score for b in branches.values()])
    there = ~np.isnan(whole)
    total = float(means.dimensions.of(whole[None, there], np.array(tops)[there])[0]) if there.any() else NAN
    return Tree(total, branches)


@st.composite
def pairs(draw: st.DrawFn, names: tuple[str, ...] = NAMES, units: int = 2) -> tuple[Means, list[Tree]]:
    """Some units of one system: scores of 0–100, a third of them missing, any weights."""
    mean = st.builds(
        Mean, st.sampled_from(names), st.sampled_from([0.5, 2.0, -0.5]), st.sampled_from([0.0, 1.0])
    )
    means = Means(draw(mean), draw(mean), draw(st.sampled_from([0.0, 0.2, 1.0])))
    sizes = draw(st.lists(st.integers(1, 4), min_size=1, max_size=4))
    score = st.one_of(
        st.just(NAN), st.sampled_from([0.0, 60.0, 100.0]), st.floats(0, 100).map(lambda x: round(x, 3))
    )
    weight = st.floats(0.05, 1).map(lambda x: round(x, 3))
    weights = [draw(st.lists(weight, min_size=n, max_size=n)) for n in sizes]
    tops = draw(st.lists(weight, min_size=len(sizes), max_size=len(sizes)))
    made = []
    for _ in range(units):
        rows = [draw(st.lists(score, min_size=n, max_size=n)) for n in sizes]
        rows[0][0] = draw(weight) * 100  # one score at least, or there is no total
        seen = [draw(score) for _ in sizes]
        made.append(tree(rows, seen, means, weights, tops))
    return means, made


@given(pairs())
@settings(max_examples=150, deadline=None)
def test_the_parts_of_a_gap_add_up_to_it(drawn: tuple[Means, list[Tree]]) -> None:
    means, (a, b) = drawn
    gap = decompose(a, b, means)
    assert math.fsum(gap["points"]) == pytest.approx(a.total - b.total, abs=1e-9)
    assert math.fsum(by_dimension(gap).values()) == pytest.approx(a.total - b.total, abs=1e-9)


@given(pairs())
@settings(max_examples=80, deadline=None)
def test_the_gap_of_a_from_b_is_the_opposite_of_the_gap_of_b_from_a(drawn: tuple[Means, list[Tree]]) -> None:
    means, (a, b) = drawn
    there, back = decompose(a, b, means), decompose(b, a, means)
    assert there.drop("points").equals(back.drop("points"))
    assert there["points"].to_list() == pytest.approx((-back["points"]).to_list(), abs=1e-9)
    assert decompose(a, a, means)["points"].abs().max() == pytest.approx(0.0, abs=1e-12)


@given(pairs(names=("arithmetic", "geometric"), units=4))
@settings(max_examples=25, deadline=None)
def test_gaps_from_the_mean_add_up_for_each_unit_and_to_nothing_over_all(
    drawn: tuple[Means, list[Tree]],
) -> None:
    means, made = drawn
    trees = {str(i): one for i, one in enumerate(made)}
    found = gaps_from_mean(trees, means)
    middle = math.fsum(t.total for t in made) / len(made)
    for unit, gap in found.items():
        assert math.fsum(gap["points"]) == pytest.approx(trees[unit].total - middle, abs=1e-9)
    parts = pl.concat(found.values()).group_by("dimension", "part", "indicator").agg(pl.col("points").sum())
    assert parts["points"].to_list() == pytest.approx([0.0] * parts.height, abs=1e-9)


ONE, TWO = Means(perceived_share=0.2), [[1.0, 1.0], [1.0, 1.0]]


def points(gap: pl.DataFrame) -> dict[tuple[str | None, str], float]:
    return {(r["dimension"], r["indicator"] or r["part"]): r["points"] for r in gap.to_dicts()}


def test_of_an_arithmetic_tree_each_indicator_has_its_weight_times_its_difference() -> None:
    a = tree([[80, 60], [70, 50]], [NAN, NAN], ONE, TWO, [1, 3])
    b = tree([[60, 70], [70, 90]], [NAN, NAN], ONE, TWO, [1, 3])
    assert points(decompose(a, b, ONE)) == pytest.approx({
        ("维度0", "0-0"): 0.125 * 20, ("维度0", "0-1"): -0.125 * 10, ("维度0", "missing"): 0.0,
        ("维度1", "1-0"): 0.0, ("维度1", "1-1"): -0.375 * 40, ("维度1", "missing"): 0.0, (None, "missing"): 0.0,
    })  # fmt: skip


def test_equal_dimensions_still_show_what_cancels_inside_them() -> None:
    a = tree([[80, 60]], [NAN], ONE, TWO[:1], [1])
    b = tree([[60, 80]], [NAN], ONE, TWO[:1], [1])
    assert points(decompose(a, b, ONE))["维度0", "0-0"] == pytest.approx(10.0)
    geometric = Means(Mean("geometric"), Mean("geometric"))
    a, b = (tree([s], [NAN], geometric, TWO[:1], [1]) for s in ([80, 60], [60, 80]))
    found = points(decompose(a, b, geometric))
    assert found["维度0", "0-0"] == pytest.approx(math.sqrt(4800) * 0.5 * math.log(80 / 60))
    assert found["维度0", "0-0"] == pytest.approx(-found["维度0", "0-1"])


def test_the_residents_view_is_a_part_of_its_own() -> None:
    a = tree([[80, 60]], [90], ONE, TWO[:1], [1])
    b = tree([[80, 60]], [50], ONE, TWO[:1], [1])
    assert points(decompose(a, b, ONE)) == pytest.approx({
        ("维度0", "0-0"): 0.0, ("维度0", "0-1"): 0.0, ("维度0", "perceived"): 8.0, ("维度0", "missing"): 0.0,
        (None, "missing"): 0.0,
    })  # fmt: skip


def test_a_score_only_one_has_works_through_the_weights_alone() -> None:
    """a has 90 and 70 (mean 80), b only 70: all of the ten points are the missing score's."""
    a = tree([[90, 70]], [NAN], ONE, TWO[:1], [1])
    b = tree([[NAN, 70]], [NAN], ONE, TWO[:1], [1])
    found = points(decompose(a, b, ONE))
    assert found == pytest.approx({
        ("维度0", "0-0"): 0.0, ("维度0", "0-1"): 0.0, ("维度0", "missing"): 10.0, (None, "missing"): 0.0,
    })  # fmt: skip


def test_of_a_geometric_mean_the_split_is_that_of_the_logarithmic_mean() -> None:
    """LMDI-I (Ang 2005): L(M_a, M_b) · w · ln(x/y), L the logarithmic mean of the two totals."""
    means = Means(Mean("geometric"), Mean("geometric"))
    x, y = [90.0, 40.0], [60.0, 70.0]
    a, b = (tree([s], [NAN], means, TWO[:1], [1]) for s in (x, y))
    log_mean = (a.total - b.total) / math.log(a.total / b.total)
    found = points(decompose(a, b, means))
    assert [found["维度0", f"0-{i}"] for i in (0, 1)] == pytest.approx(
        [log_mean * 0.5 * math.log(p / q) for p, q in zip(x, y, strict=True)]
    )


def test_the_order_of_dimensions_and_indicators_changes_no_part() -> None:
    a = tree([[80, 60, NAN], [70, 50, 20]], [NAN, 70], ONE, [[1, 2, 1], [1, 1, 3]], [1, 3])
    b = tree([[60, NAN, 10], [70, 90, 30]], [60, NAN], ONE, [[1, 2, 1], [1, 1, 3]], [1, 3])

    def turned(one: Tree) -> Tree:
        swapped = {
            name: replace(branch, indicators=dict(reversed(list(branch.indicators.items()))))
            for name, branch in reversed(list(one.branches.items()))
        }
        return Tree(one.total, swapped)

    assert points(decompose(turned(a), turned(b), ONE)) == pytest.approx(points(decompose(a, b, ONE)))


def test_results_whose_weights_do_not_make_their_totals_are_refused_in_words() -> None:
    a = tree([[80, 60]], [NAN], ONE, TWO[:1], [1])
    with pytest.raises(ValueError, match="合不上"):
        decompose(replace(a, total=a.total + 1), a, ONE)
    with pytest.raises(ValueError, match="没有综合得分"):
        decompose(replace(a, total=NAN), a, ONE)
