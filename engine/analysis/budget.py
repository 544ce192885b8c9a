"""Projects within a budget (项目优选): which of the projects on the table gain most for the money.

A project brings one indicator of one unit to a value. It is worth people × points: the unit's people times what its
total gains. The choice is a knapsack problem: maximise Σ worth·x, Σ cost·x ≤ budget, x whole, at most one project for
each unit and indicator (several are alternatives, not steps: the value each leads to is where it ends). It is solved
by HiGHS through ``scipy.optimize.milp``; the work is limited by nodes, not seconds, so that a slower machine chooses
the same, and how far from the best possible the choice can be is kept (``bound``).

Where every mean is arithmetic the gains of projects add up, and the choice is the best there is. Under any other
aggregation each project is counted with what it gains alone (first-order), and the chosen ones are reckoned again
together; both figures are kept.

A unit's own people count for a unit's own total: what a community's project does for its town's total is not counted
again.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import polars as pl
from scipy.optimize import Bounds, LinearConstraint, milp
from scipy.sparse import coo_array

from ...indicators.model import Indicator
from ..findings import Findings, Place
from ..results import conform
from ..scoring.base import Bools, Floats, Integers, floats_of
from ..scoring.everything import Basis
from ..settings.project import Project
from .whatif import EQUAL, Tree, goal_of, is_short, ladders, score_at, trees

MOST_NODES, MOST_SECONDS = 20_000, 120.0
_CENT = 1e-6  # of the table's unit of money (万元): a hundredth of a 元


@dataclass(frozen=True)
class Choice:
    """Which projects are chosen, shape (n,), and the least share of the best possible worth that they have (1: the best)."""

    chosen: Bools
    bound: float


def choose_projects(worth: Floats, cost: Floats, group: Integers, budget: float) -> Choice:
    """The projects whose worth together is greatest within ``budget``; all arrays of shape (n,).

    A worth that is not above zero (or NaN) is never chosen, nor are two of one ``group``. Of choices of equal worth the
    cheapest is taken; beyond that the order of the rows decides, so give them in a fixed order.
    """
    usable = np.flatnonzero((np.nan_to_num(worth, nan=0.0) > 0) & (cost <= budget + _CENT))
    chosen = np.zeros(len(worth), dtype=bool)
    if not len(usable):
        return Choice(chosen, 1.0)
    value, price = worth[usable] / worth[usable].max(), cost[usable]
    _, alternative = np.unique(group[usable], return_inverse=True)
    taken, bound = _best(value, price, alternative.reshape(-1), budget)
    chosen[usable[taken]] = True
    return Choice(chosen, bound)


def _best(value: Floats, price: Floats, alternative: Integers, budget: float) -> tuple[Integers, float]:
    """(chosen, least share of the best) by HiGHS; by worth for money where it finds nothing within its limits."""
    n = len(value)
    one_each = coo_array((np.ones(n), (alternative, np.arange(n)))).tocsr()
    rules = [LinearConstraint(price[None, :], ub=budget), LinearConstraint(one_each, ub=1)]
    while True:
        taken, bound = _solve(-value, rules)
        if taken is None:
            return _by_density(value, price, alternative, budget), bound
        if price[taken].sum() <= budget + _CENT:
            return (_cheapest(taken, value, price, rules) if bound == 1.0 else taken), bound
        # within the solver's tolerance but not within the budget: this set cannot all be had
        cover = np.isin(np.arange(n), taken).astype(np.float64)
        rules.append(LinearConstraint(cover[None, :], ub=len(taken) - 1))


def _solve(objective: Floats, rules: list[LinearConstraint]) -> tuple[Integers | None, float]:
    """(chosen, least share of the best) of the least ``objective``; None where HiGHS found nothing within its limits."""
    answer = milp(
        objective, integrality=np.ones(len(objective)), bounds=Bounds(0, 1), constraints=rules,
        options={"mip_rel_gap": 0.0, "node_limit": MOST_NODES, "time_limit": MOST_SECONDS},
    )  # fmt: skip
    if answer.x is None:
        return None, 0.0
    taken = np.flatnonzero(answer.x > 0.5)
    got, best = objective[taken].sum(), float(answer.mip_dual_bound)
    return taken, 1.0 if answer.status == 0 or best >= 0 else float(min(1.0, got / best))


def _cheapest(taken: Integers, value: Floats, price: Floats, rules: list[LinearConstraint]) -> Integers:
    """As good a choice as ``taken`` that costs least."""
    least = value[taken].sum()
    same, _ = _solve(
        price / max(price.max(), 1.0), [*rules, LinearConstraint(value[None, :], lb=least * (1 - EQUAL))]
    )
    better = (
        same is not None
        and value[same].sum() >= least * (1 - EQUAL)
        and price[same].sum() < price[taken].sum() - _CENT  # so within the budget too
    )
    return same if better and same is not None else taken


def _by_density(value: Floats, price: Floats, alternative: Integers, budget: float) -> Integers:
    """The most worth for the money first, as long as the money lasts."""
    taken: list[int] = []
    left, held = budget, set[int]()
    for i in np.lexsort((np.arange(len(value)), -value / np.maximum(price, _CENT))):
        if price[i] <= left + _CENT and alternative[i] not in held:
            taken.append(int(i))
            left -= price[i]
            held.add(int(alternative[i]))
    return np.array(sorted(taken), dtype=np.int64)


# ---- frames ------------------------------------------------------------------------------------------------


def check_projects(
    candidates: pl.DataFrame, measurements: pl.DataFrame, units: pl.DataFrame, indicators: Sequence[Indicator],
    year: int, findings: Findings,
) -> None:  # fmt: skip
    """Findings for projects that can gain nothing as they stand: they stay on the table and are never chosen.

    B004 the value afterwards would be worse than now, B005 no value afterwards and no target to take for it, B006 no value
    now to start from, B007 nobody knows how many people the unit has.
    """
    by_code = {i.code: i for i in indicators}
    now = {(u, i): v for u, i, v in measurements.select("unit", "indicator", "value").iter_rows()}
    names, people = (dict(units.select("code", column).iter_rows()) for column in ("name", "population"))
    for row in candidates.iter_rows(named=True):
        indicator, value = by_code[row["indicator"]], now.get((row["unit"], row["indicator"]))
        place = Place(row["file"], row=row["row"], column="实施后指标值")
        told = {"project": row["name"], "unit": names[row["unit"]], "indicator": indicator.name}
        if value is None:
            findings.add(
                "B006", place.at(column="指标"), value=indicator.code, expected="本年有数据的指标", **told
            )
            continue
        goal = goal_of(indicator, indicator.standard_in(year), value)
        if row["value_then"] is None and goal is None:
            findings.add("B005", place, expected="实施后预计达到的值", **told)
        elif row["value_then"] is not None and _is_worse(indicator, row["value_then"], value, goal):
            findings.add(
                "B004",
                place,
                value=f"{row['value_then']:g}",
                now=f"{value:.6g}",
                expected="优于现状的值",
                **told,
            )
        if people[row["unit"]] is None:
            findings.add(
                "B007", place.at(column="单元"), value=names[row["unit"]], expected="名录中填常住人口", **told
            )


def _is_worse(indicator: Indicator, then: float, now: float, goal: float | None) -> bool:
    """Whether ``then`` is worse than ``now``; of a 适度 indicator farther from the band's edge (``goal``)."""
    if indicator.direction == "within":
        return (
            goal is not None
            and abs(then - goal) > abs(now - goal) * (1 + EQUAL)
            and is_short(indicator, now, goal)
        )
    return is_short(indicator, then, now)


def rank_projects(basis: Basis, frames: dict[str, pl.DataFrame], project: Project) -> dict[str, pl.DataFrame]:
    """The frames ``projects`` (each with what it gains, chosen or not) and ``budget`` (one row) of a run.

    ``frames["projects"]`` are the candidates as read: a ``value_then`` that is null is the indicator's target.
    """
    candidates = frames["projects"]
    if candidates.is_empty():
        return {}
    forest = trees(frames, project.scoring)
    rated = rate_projects(candidates, basis, frames, project, forest)
    return within_budget(rated, forest, project.budget.total)


def within_budget(rated: pl.DataFrame, forest: dict[str, Tree], budget: float) -> dict[str, pl.DataFrame]:
    """The frames ``projects`` and ``budget`` for a budget (万元); ``rated`` as :func:`rate_projects` gives them."""
    chosen, summary = spend(rated, budget)
    summary = summary.with_columns(
        together=pl.lit(_together(chosen.filter("chosen"), forest)),
        exact=pl.lit(all(tree.adds_up for tree in forest.values())),
    )
    return {"projects": conform("projects", chosen), "budget": conform("budget", summary)}


def spend(rated: pl.DataFrame, budget: float) -> tuple[pl.DataFrame, pl.DataFrame]:
    """(``rated`` with ``chosen`` and ``extra``, one row on the whole) for a budget in the table's unit of money.

    ``extra`` is what the budget would have to be larger by for a project to be taken beside those chosen; null for those
    chosen, those that gain nothing, and alternatives to one chosen.
    """
    rows = rated.sort("id", "row")
    worth = floats_of(rows["gain"] * rows["people"])
    cost = rows["cost"].to_numpy()
    pairs = rows.select(pl.concat_str("unit", "indicator", separator="/")).to_series()
    groups = pairs.rank("dense").to_numpy().astype(np.int64)
    choice = choose_projects(worth, cost, groups, budget)
    spent, held = float(cost[choice.chosen].sum()), set(groups[choice.chosen].tolist())
    open_ = (
        ~choice.chosen
        & (np.nan_to_num(worth, nan=0.0) > 0)
        & np.array([g not in held for g in groups], dtype=bool)
    )
    extra = np.where(open_, np.maximum(cost - (budget - spent), 0.0), np.nan)
    summary = pl.DataFrame(
        {"year": rows["year"][0], "total": budget, "spent": spent, "candidates": rows.height,
         "chosen": int(choice.chosen.sum()), "gain": float(worth[choice.chosen].sum()), "bound": choice.bound},
    )  # fmt: skip
    return rows.with_columns(chosen=pl.Series(choice.chosen), extra=pl.Series(extra).fill_nan(None)), summary


def rate_projects(
    candidates: pl.DataFrame, basis: Basis, frames: dict[str, pl.DataFrame], project: Project, forest: dict[str, Tree]
) -> pl.DataFrame:  # fmt: skip
    """``candidates`` with value, people, gain (points of the unit's total, alone) and the indicator's score_then.

    The gain is null where it cannot be reckoned: no value or no score now, or a unit without a total.
    """
    by_code = {i.code: i for i in basis.indicators}
    now = {(r["unit"], r["indicator"]): r for r in frames["scores"].iter_rows(named=True)}
    rungs = ladders(frames["scores"], basis.indicators, basis.year, project.scoring)
    people = dict(basis.units.select("code", "population").iter_rows())
    rows = []
    for row in candidates.iter_rows(named=True):
        scored, indicator = now[row["unit"], row["indicator"]], by_code[row["indicator"]]
        standard, goal, then = indicator.standard_in(basis.year), row["value_then"], None
        if goal is None and scored["value"] is not None:
            goal = goal_of(indicator, standard, scored["value"])
        if goal is not None and scored["score"] is not None and scored["value"] is not None:
            ladder = rungs.get((row["level"], row["indicator"]))
            then = score_at(goal, scored, indicator, standard, project.scoring, ladder)
        gain = None if then is None else _alone(forest[row["level"]], row, then)
        rows.append(
            row
            | {
                "value": scored["value"],
                "value_then": goal,
                "people": people[row["unit"]],
                "gain": gain,
                "score_then": then,
            }
        )
    return pl.DataFrame(rows, schema=candidates.schema)


def _alone(tree: Tree, row: dict[str, object], then: float) -> float | None:
    """Points of the unit's total that one project gains by itself."""
    at, column = tree.places(pl.DataFrame({"unit": [row["unit"]], "indicator": [row["indicator"]]}))
    gain = float(tree.totals(tree.edited(at, column, np.array([then])), at)[0] - tree.now[at[0]])
    return None if np.isnan(gain) else gain


def _together(chosen: pl.DataFrame, forest: dict[str, Tree]) -> float:
    """Σ people × points of the chosen projects, all of them done."""
    total = 0.0
    for (level, _), group in chosen.group_by(["level", "unit"], maintain_order=True):
        tree = forest[str(level)]
        at, columns = tree.places(group)
        scores = tree.branches.scores[at[:1]]
        scores[0, columns] = group["score_then"].to_numpy()
        total += float(tree.totals(scores, at[:1])[0] - tree.now[at[0]]) * float(group["people"][0])
    return total
