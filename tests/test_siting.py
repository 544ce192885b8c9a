"""Where a few more facilities serve most: against every choice tried out, and against bounds that are theorems."""

from __future__ import annotations

import math
from itertools import combinations
from typing import Any

import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st
from tijian.engine.sites import siting
from tijian.engine.sites.siting import Plan, plan_sites, thinned

RADIUS = 2.0
points = st.lists(st.tuples(st.integers(0, 9), st.integers(0, 9)), min_size=1, max_size=14)
places = st.lists(st.tuples(st.integers(0, 9), st.integers(0, 9)), min_size=1, max_size=7, unique=True)
weights = st.lists(st.integers(1, 50), min_size=14, max_size=14)


def serves(site: Any, point: Any) -> bool:
    return math.dist(site, point) <= RADIUS


def total(demand: Any, weight: Any, sites: Any) -> float:
    """The weight within the radius of at least one site, by looking at every pair."""
    return sum(w for p, w in zip(demand, weight, strict=True) if any(serves(s, p) for s in sites))


def best(demand: Any, weight: Any, candidates: Any, k: int) -> float:
    """The most any ``k`` candidates serve, by trying out every choice."""
    return max(total(demand, weight, some) for some in combinations(candidates, min(k, len(candidates))))


def plan(demand: Any, weight: Any, candidates: Any, k: int, **more: Any) -> Plan:
    return plan_sites(np.array(demand, float), np.array(weight, float), np.array(candidates, float), RADIUS, k, **more)  # fmt: skip


@given(points, weights, places, st.integers(1, 4))
def test_together_the_sites_are_the_best_there_are(demand: Any, w: Any, candidates: Any, k: int) -> None:
    weight = w[: len(demand)]
    found = plan(demand, weight, candidates, k, together=True)
    assert found.gained.sum() == pytest.approx(best(demand, weight, candidates, k))
    assert found.method == "exact"
    assert len(found.bound) == 0 or found.bound[-1] == pytest.approx(1)


@given(points, weights, places, st.integers(1, 4))
def test_one_after_the_other_each_is_the_best_next_one(demand: Any, w: Any, candidates: Any, k: int) -> None:
    weight = w[: len(demand)]
    found = plan(demand, weight, candidates, k)
    built: list[Any] = []
    for site, gained in zip(found.sites, found.gained, strict=True):
        before = total(demand, weight, built)
        most = max(total(demand, weight, [*built, c]) for c in candidates) - before
        built.append(candidates[site])
        assert total(demand, weight, built) - before == pytest.approx(gained) == pytest.approx(most)
    if len(built) < k:
        assert total(demand, weight, candidates) == total(demand, weight, built), "it stopped too early"


@pytest.mark.parametrize("together", [False, True])
@given(points, weights, places, st.integers(1, 4))
def test_no_bound_promises_too_much(together: bool, demand: Any, w: Any, candidates: Any, k: int) -> None:
    weight = w[: len(demand)]
    found = plan(demand, weight, candidates, k, together=together)
    for r in range(1, len(found.sites) + 1):
        optimum = best(demand, weight, candidates, r)
        assert found.gained[:r].sum() >= found.bound[r - 1] * optimum - 1e-6
        if not together:
            assert found.gained[:r].sum() >= (1 - 1 / math.e) * optimum
            assert found.bound[r - 1] >= 1 - (1 - 1 / r) ** r
    assert (np.diff(found.gained) <= 1e-9).all(), "a later site gains more than an earlier one"
    if found.method == "exact" and len(found.sites):
        assert found.gained.sum() == pytest.approx(best(demand, weight, candidates, len(found.sites)))


def test_the_best_two_need_not_hold_the_best_one() -> None:
    """A row of 3 · 4 | 4 · 3: the middle site serves 8, but the two outer ones everything."""
    demand = [(0, 0), (2, 0), (4, 0), (6, 0)]
    weight, candidates = [3, 4, 4, 3], [(1, 0), (3, 0), (5, 0)]
    stepwise = plan(demand, weight, candidates, 2)
    assert stepwise.sites.tolist()[0] == 1
    assert stepwise.gained.tolist() == [8, 3]
    assert (stepwise.method, stepwise.bound.tolist()) == ("greedy", [1, pytest.approx(11 / 14)])
    together = plan(demand, weight, candidates, 2, together=True)
    assert sorted(together.sites.tolist()) == [0, 2]
    assert together.gained.tolist() == [7, 7]
    assert (together.method, together.bound.tolist()) == ("exact", [7 / 8, 1])


def test_where_the_case_is_too_large_the_greedy_sites_stand_and_are_called_so(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(siting, "MOST_CANDIDATES", 2)
    found = plan([(0, 0), (2, 0), (4, 0), (6, 0)], [3, 4, 4, 3], [(1, 0), (3, 0), (5, 0)], 2, together=True)
    assert (found.method, found.gained.tolist()) == ("greedy", [8, 3])
    assert 1 - (1 - 1 / 2) ** 2 <= found.bound[-1] < 1


def test_where_the_solver_is_stopped_the_greedy_sites_stand(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(siting, "MOST_SECONDS", 0.0)
    found = plan([(0, 0), (2, 0), (4, 0), (6, 0)], [3, 4, 4, 3], [(1, 0), (3, 0), (5, 0)], 2, together=True)
    assert (found.method, found.gained.tolist()) == ("greedy", [8, 3])


@given(points, weights, places, st.integers(1, 3), st.randoms(use_true_random=False))
def test_the_order_of_points_and_candidates_changes_nothing(
    demand: Any, w: Any, candidates: Any, k: int, rng: Any
) -> None:
    rows = list(zip(demand, w, strict=False))
    mixed, moved = rng.sample(rows, len(rows)), rng.sample(candidates, len(candidates))
    one = plan(demand, w[: len(demand)], candidates, k)
    other = plan([p for p, _ in mixed], [x for _, x in mixed], moved, k)
    assert [candidates[i] for i in one.sites] == [moved[i] for i in other.sites]
    assert one.gained.tolist() == other.gained.tolist()
    assert one.bound.tolist() == other.bound.tolist()


def test_of_equal_places_the_most_western_then_the_most_southern_is_taken() -> None:
    found = plan([(0, 0), (5, 0), (5, 9)], [7, 7, 7], [(5, 9), (5, 0), (0, 0)], 3)
    assert found.sites.tolist() == [2, 1, 0]


def test_exactly_the_radius_is_served_and_a_millimetre_more_is_not() -> None:
    assert plan([(RADIUS, 0)], [1], [(0, 0)], 1).gained.tolist() == [1]
    assert plan([(RADIUS + 1e-3, 0)], [1], [(0, 0)], 1).sites.tolist() == []


def test_every_point_may_have_a_radius_of_its_own() -> None:
    found = plan_sites(np.array([[3.0, 0], [3, 1]]), np.array([5.0, 9]), np.array([[0.0, 0]]), np.array([3.0, 3.1]), 1)  # fmt: skip
    assert found.gained.tolist() == [5]


def test_a_site_that_gains_too_little_is_not_proposed() -> None:
    far_apart, weight = [(0, 0), (5, 0), (9, 9)], [10, 4, 3]
    assert plan(far_apart, weight, far_apart, 3, minimum=4).gained.tolist() == [10, 4]
    assert plan(far_apart, weight, far_apart, 3, minimum=11).sites.tolist() == []


@pytest.mark.parametrize(
    ("demand", "candidates", "k"),
    [([], [(0, 0)], 3), ([(0, 0)], [], 3), ([(0, 0)], [(9, 9)], 3), ([(0, 0)], [(0, 0)], 0)],
)
def test_where_nothing_can_be_gained_there_is_no_site(demand: Any, candidates: Any, k: int) -> None:
    found = plan_sites(np.array(demand, float).reshape(-1, 2), np.ones(len(demand)), np.array(candidates, float).reshape(-1, 2), RADIUS, k)  # fmt: skip
    assert (len(found.sites), len(found.gained), len(found.bound)) == (0, 0, 0)


# ---- candidates from the demand itself ------------------------------------------------------------


def test_each_cell_of_the_grid_gives_the_point_nearest_to_its_weighted_middle() -> None:
    xy = np.array([[1.0, 1], [2, 1], [9, 1], [11, 1], [-1, 1]])
    assert thinned(xy, np.array([1.0, 1, 1, 1, 1]), 10).tolist() == [
        4,
        1,
        3,
    ]  # west to east; middle of three at x = 4
    assert thinned(xy, np.array([1.0, 1, 9, 1, 1]), 10).tolist() == [4, 2, 3]
    assert thinned(np.array([[1.0, 1], [3, 1]]), np.array([1.0, 1]), 10).tolist() == [0], (
        "of equals the western"
    )


@given(points, weights, st.randoms(use_true_random=False))
def test_thinning_keeps_one_point_of_every_cell_whatever_their_order(demand: Any, w: Any, rng: Any) -> None:
    xy, weight = np.array(demand, float), np.array(w[: len(demand)], float)
    kept = xy[thinned(xy, weight, 3.0)]
    assert {tuple(c) for c in np.floor(kept / 3)} == {tuple(c) for c in np.floor(xy / 3)}
    assert len({tuple(c) for c in np.floor(kept / 3)}) == len(kept)
    order = np.array(rng.sample(range(len(xy)), len(xy)))
    assert xy[order][thinned(xy[order], weight[order], 3.0)].tolist() == kept.tolist()


@given(points, weights)
def test_sites_on_the_thinned_points_serve_nearly_what_sites_on_all_points_do(demand: Any, w: Any) -> None:
    """Every point of a cell of half a radius reaches the one kept of it, so that nobody is out of reach altogether."""
    assume(len(demand) > 3)
    xy, weight = np.array(demand, float), np.array(w[: len(demand)], float)
    kept = xy[thinned(xy, weight, RADIUS / 2)]
    everything = plan_sites(xy, weight, kept, RADIUS, len(kept))
    assert everything.gained.sum() == pytest.approx(weight.sum())
