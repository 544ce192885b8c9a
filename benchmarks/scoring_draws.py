"""The measured jobs of ``scoring.py`` about how sure results are: drawn weights and Sobol' shares (see scoring_cases.py).

Answers. Robustness: the sums of both ends of the scores and of the ranks. Sensitivity: how many factors, the sums of
first-order and of total shares.
"""

from __future__ import annotations

from itertools import pairwise
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
from side_by_side import Answer, Task

SPREAD, ENDS = 0.25, (5.0, 95.0)
RESAMPLES = 200
G_OF_SOBOL = np.array([0.0, 1.0, 4.5, 9.0, 99.0, 99.0])  # its shares are known: Saltelli et al. (2010)


# ---- robustness: the weights of both levels drawn anew ----------------------------------------------


def towns_of(folder: Path) -> Any:
    with np.load(folder / "towns.npz") as stored:
        towns = SimpleNamespace(**stored)
    cuts = np.searchsorted(towns.dimension, range(len(towns.dimension_weights) + 1))
    towns.columns = tuple(slice(a, b) for a, b in pairwise(cuts.tolist()))
    towns.weights = np.concatenate([towns.weights[own] / towns.weights[own].sum() for own in towns.columns])
    towns.dimension_weights = towns.dimension_weights / towns.dimension_weights.sum()
    return towns


def _both_ends(scores: Any, ranks: Any) -> Answer:
    return tuple(float(np.sum(end)) for end in (*scores, *ranks))


def engine_draws(folder: Path, many: str = "draws") -> tuple[Task, Task]:
    from tijian.engine.scoring.branches import Branches
    from tijian.engine.scoring.drawn import draw_both, totals_under
    from tijian.engine.scoring.means import Means
    from tijian.engine.scoring.robustness import rank_bounds, ranks_over, score_intervals

    t = towns_of(folder)
    units, dimensions = len(t.scores), len(t.columns)
    tree = Branches(
        level="town",
        units=tuple(str(i) for i in range(units)),
        codes=tuple(str(i) for i in range(t.scores.shape[1])),
        dimensions=tuple(str(i) for i in range(dimensions)),
        columns=t.columns,
        scores=t.scores,
        weights=t.weights,
        dimension_weights=t.dimension_weights,
        perceived=np.full((units, dimensions), np.nan),
        held=np.ones((units, dimensions), dtype=bool),
        scored=np.ones(units, dtype=bool),
    )

    def job(draws: int = int(vars(t)[many])) -> Answer:
        totals = totals_under(tree, draw_both(tree, draws=draws, spread=SPREAD, seed=1), Means())
        return _both_ends(score_intervals(totals, ENDS), rank_bounds(ranks_over(totals), ENDS))

    return job, lambda: job(9)


def _drawn(t: Any, draws: int) -> tuple[Any, Any]:
    """Dirichlet weights of the dimensions (draws, d) and, side by side, of the indicators in each (draws, k)."""
    generator = np.random.default_rng(1)

    def around(weights: Any) -> Any:
        concentration = max((1.0 / (weights**2).sum() - 1.0) / SPREAD**2 - 1.0, 1.0)
        return generator.dirichlet(concentration * weights, draws)

    top, inner = around(t.dimension_weights), np.empty((draws, len(t.weights)))
    for own in t.columns:
        inner[:, own] = around(t.weights[own])
    return top, inner


def numpy_draws(folder: Path) -> tuple[Task, Task]:
    """The floor: bare vectorised numpy, all draws at once."""
    t = towns_of(folder)

    def job(draws: int = int(t.draws)) -> Answer:
        top, inner = _drawn(t, draws)
        there = ~np.isnan(t.scores)
        filled, present = np.where(there, t.scores, 0.0), there.astype(float)
        totals = np.zeros((draws, len(t.scores)))
        for i, own in enumerate(t.columns):
            mean = inner[:, own] @ filled[:, own].T
            mean /= inner[:, own] @ present[:, own].T
            mean *= top[:, i : i + 1]
            totals += mean
        order = np.argsort(-totals, axis=1)
        ranks = np.empty(totals.shape)
        np.put_along_axis(
            ranks, order, np.broadcast_to(np.arange(1.0, len(t.scores) + 1), order.shape), axis=1
        )
        bounds = np.percentile(ranks, ENDS, axis=0, method="inverted_cdf")
        return _both_ends(np.percentile(totals, ENDS, axis=0), bounds)

    return job, lambda: job(9)


def pandas_draws(folder: Path) -> tuple[Task, Task]:
    """A loop over the draws, each a mean over a frame; it is given the drawn weights."""
    import pandas as pd

    t = towns_of(folder)
    frame = pd.DataFrame(t.scores, columns=[f"i{j}" for j in range(t.scores.shape[1])])
    groups = [frame.columns[own] for own in t.columns]

    def job(draws: int = int(t.few)) -> Answer:
        drawn, totals, ranks = _drawn(t, draws), [], []
        for top, inner in zip(*drawn, strict=True):
            weights = pd.Series(inner, frame.columns)
            total = pd.Series(0.0, frame.index)
            for share, names in zip(top, groups, strict=True):
                part = frame[names]
                present = part.notna().mul(weights[names]).sum(axis=1)
                total += share * part.mul(weights[names]).sum(axis=1) / present
            totals.append(total)
            ranks.append(total.rank(ascending=False, method="min"))
        low, high = (share / 100 for share in ENDS)
        all_totals, all_ranks = pd.DataFrame(totals), pd.DataFrame(ranks)
        # the rank that a draw really had: pandas has no such rule for both ends, numpy's is used
        bounds = np.percentile(all_ranks.to_numpy(), ENDS, axis=0, method="inverted_cdf")
        return _both_ends((all_totals.quantile(low), all_totals.quantile(high)), bounds)

    return job, lambda: job(2)


# ---- sensitivity: which of six factors moves the result ---------------------------------------------


def g_of_sobol(points: Any) -> Any:
    return np.prod((np.abs(4.0 * points - 2.0) + G_OF_SOBOL) / (1.0 + G_OF_SOBOL), axis=1)


def engine_sobol(folder: Path) -> tuple[Task, Task]:
    from tijian.engine.scoring.sobol import sobol_indices

    def job(samples: int = int(towns_of(folder).samples)) -> Answer:
        shares = sobol_indices(g_of_sobol, len(G_OF_SOBOL), samples=samples, resamples=RESAMPLES, seed=1)
        return len(shares.first), float(shares.first.sum()), float(shares.total.sum())

    return job, lambda: job(64)


def salib_sobol(folder: Path) -> tuple[Task, Task]:
    from SALib.analyze import sobol as analysis
    from SALib.sample import sobol as sample

    names = [f"x{i}" for i in range(len(G_OF_SOBOL))]
    problem = {"num_vars": len(names), "names": names, "bounds": [[0.0, 1.0]] * len(names)}

    def job(samples: int = int(towns_of(folder).samples)) -> Answer:
        points = sample.sample(problem, samples, calc_second_order=False, seed=1)
        shares = analysis.analyze(
            problem, g_of_sobol(points), calc_second_order=False, num_resamples=RESAMPLES, seed=1
        )
        return len(shares["S1"]), float(shares["S1"].sum()), float(shares["ST"].sum())

    return job, lambda: job(64)
