"""Maximal covering location (最大覆盖选址): of many places, the few where new facilities serve most.

The problem is Church & ReVelle's (1974, Papers of the Regional Science Association 32): choose k candidate sites so that
the weight of the demand within the radius of at least one of them is as large as possible. What counts is demand
nobody serves yet, so its coverage function is monotone and submodular, and two ways of solving it are kept:

* greedy: the site that gains most, again and again. Its first r sites serve at least 1 − (1 − 1/r)^r ≥ 1 − 1/e of what
  any r sites could (Nemhauser, Wolsey & Fisher 1978, Mathematical Programming 14). On real districts a bound that is
  worked out beside the solution is much closer: whatever was chosen, no r sites serve more than what the chosen ones
  serve and the r largest gains that are left (by submodularity, same paper), nor more than all there is to serve.
* exact: the integer programme, by HiGHS. It is solved only where the bound leaves something to gain and the case is small;
  its work is limited by nodes, so that a slower machine finds the same sites; the limit in seconds is far beyond that.

Before either, demand that the same candidates reach is added up, and before the exact one every candidate is left
out that another makes needless or that cannot be part of anything better than the greedy solution.

Nothing depends on the order points are given in: demand and candidates are sorted by their coordinates first, and of
equal gains the most western, then the most southern site wins. Distances are straight lines in metres; a point at
exactly the radius is served.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np
import numpy.typing as npt
from scipy.optimize import Bounds, LinearConstraint, milp
from scipy.sparse import csr_array, eye_array, hstack
from scipy.spatial import cKDTree

from ..measure.coverage import ROUNDING_M

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]
Method = Literal["greedy", "exact"]

MOST_DEMAND, MOST_CANDIDATES, MOST_NODES, MOST_SECONDS = 2000, 400, 1000, 60.0
EQUAL = 1e-9  # gains that differ by less than this share are equal: sums are rounded by their order


@dataclass(frozen=True)
class Plan:
    """The sites chosen, best first.

    ``sites`` indexes the candidates, ``gained`` is the weight each serves that neither the sites before it nor the
    present facilities do, ``bound[r-1]`` the share of the best that any r sites could serve which the first r are
    sure to serve (1: nothing better exists). ``method`` is "exact" where all of them together are proved to be best.
    """

    sites: Ints
    gained: Floats
    bound: Floats
    method: Method


def plan_sites(
    demand_xy: Floats, weight: Floats, candidate_xy: Floats, radius_m: float | Floats, k: int, *,
    minimum: float = 0.0, together: bool = False,
) -> Plan:  # fmt: skip
    """Up to ``k`` sites for demand that is not served yet; fewer where the next would gain less than ``minimum`` or nothing.

    ``demand_xy`` has shape (n, 2), ``weight`` (n,), ``candidate_xy`` (m, 2), all finite and in one metric CRS;
    ``radius_m`` is one figure or one for each demand point, shape (n,). By default each site is the best after those
    before it, and the exact solution only tells how good they are together. With ``together`` the exact solution is
    taken where it is better: all of its sites serve more, but the first alone perhaps less.
    """
    order = np.lexsort((candidate_xy[:, 1], candidate_xy[:, 0]))
    reach, weights = reached(demand_xy, weight, candidate_xy[order], radius_m)
    found, gained, best = greedy(reach, weights, k, minimum)
    r = np.arange(1, len(found) + 1)
    bound = np.maximum(_share(gained, best), 1 - (1 - 1 / r) ** r)
    if len(found) and bound[-1] < 1 - EQUAL:
        chosen = exact(reach, weights, len(found), float(gained.sum()))
        if chosen is not None:
            best[-1] = max(float(gained.sum()), float(weights[reach[chosen].sum(axis=0) > 0].sum()))
            bound = np.maximum(bound, _share(gained, best))
            ordered, gains, _ = greedy(reach[chosen], weights, len(found), minimum)
            if together and gains.sum() > gained.sum() * (1 + EQUAL):
                found, gained = chosen[ordered], gains
                bound = _share(gained, np.append(best[: len(found) - 1], best[-1]))
    proved = not len(found) or bool(bound[-1] >= 1 - EQUAL)
    return Plan(order[found], gained, bound, "exact" if proved else "greedy")


def _share(gained: Floats, best: Floats) -> Floats:
    """What the first 1, 2, … sites serve of the most that any so many could."""
    return np.minimum(np.cumsum(gained) / best, 1.0)


def reached(
    demand_xy: Floats, weight: Floats, candidate_xy: Floats, radius_m: float | Floats
) -> tuple[csr_array, Floats]:
    """Which candidate reaches which demand, shape (candidates, groups), and the weight of each group, shape (groups,).

    A group is the demand that exactly the same candidates reach; demand none reaches is left out.
    """
    m = len(candidate_xy)
    radius = np.broadcast_to(np.asarray(radius_m, dtype=np.float64), len(demand_xy))
    order = np.lexsort((weight, demand_xy[:, 1], demand_xy[:, 0]))
    sets: dict[tuple[int, ...], int] = {}
    group = np.full(len(order), -1, dtype=np.int64)
    if m and len(order):
        near = cKDTree(candidate_xy).query_ball_point(
            demand_xy[order], radius[order] + ROUNDING_M, return_sorted=True
        )
        group[:] = [sets.setdefault(tuple(some), len(sets)) if some else -1 for some in near]
    known = group >= 0
    weights = np.zeros(len(sets))
    np.add.at(weights, group[known], weight[order][known])
    ends = np.cumsum([0, *map(len, sets)])
    members = np.fromiter((j for some in sets for j in some), dtype=np.int64, count=int(ends[-1]))
    columns = csr_array((np.ones(len(members)), members, ends), shape=(len(sets), m))
    return csr_array(columns.T), weights


def greedy(reach: csr_array, weights: Floats, k: int, minimum: float) -> tuple[Ints, Floats, Floats]:
    """(sites, gained, most any number of sites can serve), each of shape (r,) with r ≤ k sites chosen.

    The third is an upper bound: after every choice the best r sites serve no more than what is served then and the r
    largest gains still to be had.
    """
    left = weights.copy()
    sites: list[int] = []
    gained: list[float] = []
    most = np.full(k, weights.sum())
    while True:
        gains = reach @ left
        top = np.sort(gains)[::-1][:k]
        ahead = np.concatenate([np.cumsum(top), np.full(k - len(top), top.sum())])
        most = np.minimum(most, sum(gained) + ahead)
        largest = float(top[0]) if len(top) else 0.0
        if len(sites) == k or largest <= 0 or largest < minimum:
            break
        site = int(np.argmax(gains >= largest * (1 - EQUAL)))
        sites.append(site)
        gained.append(float(gains[site]))
        left[reach.indices[reach.indptr[site] : reach.indptr[site + 1]]] = 0.0
    r = len(sites)
    return np.array(sites, dtype=np.int64), np.array(gained), most[:r]


def exact(reach: csr_array, weights: Floats, k: int, at_least: float) -> Ints | None:
    """The best ``k`` candidates, ascending; None when the case is too large or HiGHS does not prove it within its limit.

    ``at_least`` is what a known choice serves: where nothing serves more, any choice as good is returned.
    """
    kept = _worth_trying(reach, weights, k, at_least)
    part = reach[kept]
    some = np.flatnonzero(part.sum(axis=0) > 0)
    m, n = len(kept), len(some)
    if not n or n > MOST_DEMAND or m > MOST_CANDIDATES:
        return None
    # x: candidate chosen (whole), z: share of a group served (0–1, whole by itself); maximise Σ weight·z
    served = hstack([csr_array(part[:, some].T), -eye_array(n)], format="csr")
    chosen = np.concatenate([np.ones(m), np.zeros(n)])[None, :]
    answer = milp(
        np.concatenate([np.zeros(m), -weights[some] / weights[some].max()]),
        integrality=chosen[0],
        bounds=Bounds(0, 1),
        constraints=[LinearConstraint(served, lb=0), LinearConstraint(chosen, ub=k)],
        options={"mip_rel_gap": 0.0, "node_limit": MOST_NODES, "time_limit": MOST_SECONDS},
    )
    if answer.status != 0:
        return None
    return np.asarray(kept[answer.x[:m] > 0.5], dtype=np.int64)


def _worth_trying(reach: csr_array, weights: Floats, k: int, at_least: float) -> Ints:
    """The candidates that may be part of a choice as good as ``at_least``, one of those that make each other needless.

    With the best k − 1 others a candidate serves no more than the sum of what each serves alone.
    """
    alone = reach @ weights
    others = np.sort(alone)[::-1][: k - 1].sum()
    kept = np.flatnonzero(alone + others >= at_least * (1 - EQUAL))
    part = reach[kept]
    shared = (part @ part.T).tocoo()
    size = np.diff(part.indptr)
    one, other = shared.coords
    inside = (one != other) & (shared.data == size[one])
    needless = inside & ((size[other] > size[one]) | (other < one))
    return np.delete(kept, np.unique(one[needless]))


def thinned(xy: Floats, weight: Floats, cell_m: float) -> Ints:
    """One point of each square cell of a grid, as indices in order of the cells: the one nearest to its weighted middle.

    ``xy`` has shape (n, 2); of points equally near the most western, then the most southern is taken.
    """
    order = np.lexsort((weight, xy[:, 1], xy[:, 0]))
    cells = np.floor(xy[order] / cell_m).astype(np.int64)
    _, cell = np.unique(cells, axis=0, return_inverse=True)
    cell = cell.reshape(-1)
    heavy = np.maximum(
        weight[order], np.finfo(np.float64).tiny
    )  # a cell without weight has a middle all the same
    total = np.bincount(cell, weights=heavy)
    middle = np.column_stack([np.bincount(cell, weights=heavy * xy[order, axis]) / total for axis in (0, 1)])
    away = np.hypot(*(xy[order] - middle[cell]).T)
    by_cell = np.lexsort((np.arange(len(order)), np.round(away, 6), cell))
    _, first = np.unique(cell[by_cell], return_index=True)
    return np.asarray(order[by_cell[first]], dtype=np.int64)
