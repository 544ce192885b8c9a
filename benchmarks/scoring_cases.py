"""The measured jobs of ``scoring.py``, ours and the peers', one process each.

    python benchmarks/scoring_cases.py CASE FOLDER

prints one line of JSON (:func:`side_by_side.one_case`): getting ready is reading the files into what the library works on;
the answer is how many units have a total, the sum of totals, and a sum of ranks that tells who has which. Robustness: sums of
both ends of the scores and of the ranks. Sensitivity: how many factors, the sums of first-order and of total shares.
"""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from itertools import pairwise
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
from side_by_side import Task, one_case

MINIMUM_PRESENT = 0.6
SPREAD, ENDS = 0.25, (5.0, 95.0)
RESAMPLES = 200
G_OF_SOBOL = np.array([0.0, 1.0, 4.5, 9.0, 99.0, 99.0])  # its shares are known: Saltelli et al. (2010)
Answer = tuple[float, ...]


def scheme_of(folder: Path) -> Any:
    """How the country is scored; ``shares`` of each dimension's weight, ``top`` of the dimensions'."""
    with np.load(folder / "scheme.npz") as stored:
        scheme = SimpleNamespace(**stored)
    sums = np.bincount(scheme.dimension, scheme.weights)
    scheme.shares = scheme.weights / sums[scheme.dimension]
    scheme.top = scheme.dimension_weights / scheme.dimension_weights.sum()
    return scheme


def checked(total: Any, rank: Any) -> Answer:
    """What must be the same of every library."""
    total, rank = np.asarray(total), np.asarray(rank)
    there = ~np.isnan(total)
    return (
        int(there.sum()),
        float(total[there].sum()),
        float((rank[there] * (np.flatnonzero(there) % 97)).sum()),
    )


# ---- a country: scale, weigh, aggregate, rank ------------------------------------------------------


def engine_country(folder: Path, file: str = "values.npy") -> tuple[Task, Task]:
    from tijian.engine.scoring.wide import score_wide

    values, scheme = np.load(folder / file), scheme_of(folder)
    told = {
        "weights": scheme.weights,
        "dimensions": [str(own) for own in scheme.dimension],
        "dimension_weights": {str(i): weight for i, weight in enumerate(scheme.dimension_weights)},
        "directions": ["lower" if low else "higher" for low in scheme.lower],
    }

    def job(values: Any = values) -> Answer:
        done = score_wide(values.T, **told)
        return checked(done.total, done.rank)

    return job, lambda: job(np.asfortranarray(values[:99]))


def numpy_country(folder: Path, file: str = "values.npy") -> tuple[Task, Task]:
    """The floor: bare numpy, two threads, each column of a block of rows after the other."""
    values, s = np.load(folder / file), scheme_of(folder)
    job = partial(_floor, s=s)
    return lambda: job(values), lambda: job(np.asfortranarray(values[:99]))


FLOOR_ROWS = 32_768


def _floor(values: Any, s: Any) -> Answer:
    units, columns = len(values), values.T
    means, total = np.empty((len(s.top), units)), np.empty(units)
    with ThreadPoolExecutor(2) as pool:
        low = np.array(list(pool.map(np.fmin.reduce, columns)))
        high = np.array(list(pool.map(np.fmax.reduce, columns)))
        gains = (100.0 * s.shares / (high - low) * np.where(s.lower, -1.0, 1.0)).tolist()
        anchors, shares = np.where(s.lower, high, low).tolist(), s.shares.tolist()
        block = partial(_floor_block, columns, s, anchors, gains, shares, means, total)
        list(pool.map(block, range(0, units, FLOOR_ROWS)))
    order = np.argsort(-total)
    ordered = total[order]
    places = np.arange(1.0, units + 1)
    places[1:][ordered[1:] == ordered[:-1]] = 0.0
    rank = np.empty(units)
    rank[order] = np.maximum.accumulate(places)
    return checked(total, rank)


def _floor_block(
    columns: Any, s: Any, anchors: Any, gains: Any, shares: Any, means: Any, total: Any, at: int
) -> None:
    here = slice(at, at + FLOOR_ROWS)
    size = len(total[here])
    term, gap = np.empty(size), np.empty(size, dtype=bool)
    present, summed = np.ones((len(means), size)), np.zeros((len(means), size))
    for j, own in enumerate(s.dimension.tolist()):
        np.subtract(columns[j, here], anchors[j], out=term)
        np.multiply(term, gains[j], out=term)
        np.isnan(term, out=gap)
        np.copyto(term, 0.0, where=gap)
        summed[own] += term
        np.multiply(gap, shares[j], out=term)
        present[own] -= term
    with np.errstate(divide="ignore", invalid="ignore"):
        summed /= present
    summed[present < MINIMUM_PRESENT - 1e-9] = np.nan
    means[:, here] = summed
    there = ~np.isnan(summed)
    held = s.top @ there
    over = s.top @ np.where(there, summed, 0.0) / np.where(held > 0, held, 1.0)
    over[held < MINIMUM_PRESENT - 1e-9] = np.nan
    total[here] = over


def pandas_country(folder: Path) -> tuple[Task, Task]:
    """The usual loop: one column after the other of a wide frame."""
    import pandas as pd

    values, s = np.load(folder / "values.npy"), scheme_of(folder)
    frame = pd.DataFrame(values, columns=[f"i{j}" for j in range(values.shape[1])], copy=False)

    def job(frame: Any = frame) -> Answer:
        sums = {d: pd.Series(0.0, frame.index) for d in range(len(s.top))}
        present = {d: pd.Series(0.0, frame.index) for d in range(len(s.top))}
        for name, own, lower, share in zip(frame, s.dimension, s.lower, s.shares, strict=True):
            column = frame[name]
            low, high = column.min(), column.max()
            score = (column - low) / (high - low) * 100
            if lower:
                score = 100 - score
            sums[own] += (score * share).fillna(0)
            present[own] += score.notna() * share
        means = pd.DataFrame({d: (sums[d] / present[d]).where(present[d] >= MINIMUM_PRESENT) for d in sums})
        held = (means.notna() * s.top).sum(axis=1)
        total = ((means * s.top).sum(axis=1) / held).where(held >= MINIMUM_PRESENT)
        return checked(total, total.rank(ascending=False, method="min"))

    return job, lambda: job(frame.iloc[:99])


def groupby_country(folder: Path) -> tuple[Task, Task]:
    """The long form: a row for every value that is there."""
    import pandas as pd

    values, s = np.load(folder / "values.npy"), scheme_of(folder)
    unit, indicator = np.nonzero(~np.isnan(values))
    long = pd.DataFrame(
        {
            "unit": unit.astype(np.int32),
            "indicator": indicator.astype(np.int8),
            "value": values[unit, indicator],
        }
    )
    del values, unit, indicator

    def job(long: Any = long) -> Answer:
        by = long.groupby("indicator")["value"]
        low, high = by.transform("min"), by.transform("max")
        score = (long["value"] - low) / (high - low) * 100
        share = pd.Series(s.shares)[long["indicator"]].to_numpy()
        lower = s.lower[long["indicator"]]
        terms = pd.DataFrame(
            {
                "unit": long["unit"],
                "dimension": s.dimension[long["indicator"]].astype(np.int8),
                "term": score.where(~lower, 100 - score) * share,
                "share": share,
            }
        )
        means = terms.groupby(["unit", "dimension"]).sum().reset_index()
        means = means[means["share"] >= MINIMUM_PRESENT]
        top = s.top[means["dimension"]]
        means = means.assign(term=means["term"] / means["share"] * top, share=top)
        totals = means.groupby("unit")[["term", "share"]].sum()
        total = (totals["term"] / totals["share"]).where(totals["share"] >= MINIMUM_PRESENT)
        whole = total.reindex(range(int(long["unit"].max()) + 1))
        return checked(whole, whole.rank(ascending=False, method="min"))

    return job, lambda: job(long.iloc[:999])


# ---- the same country without gaps -----------------------------------------------------------------


def skcriteria_filled(folder: Path) -> tuple[Task, Task]:
    """One pipeline with flat weights; it gives no means of dimensions."""
    import skcriteria
    from skcriteria.agg.simple import WeightedSumModel
    from skcriteria.pipeline import mkpipe
    from skcriteria.preprocessing.invert_objectives import NegateMinimize
    from skcriteria.preprocessing.scalers import MinMaxScaler

    rows, s = np.load(folder / "rows.npy"), scheme_of(folder)
    weights = s.shares * s.top[s.dimension]

    def job(rows: Any = rows) -> Answer:
        matrix = skcriteria.mkdm(rows, np.where(s.lower, min, max), weights=weights)
        scored = mkpipe(NegateMinimize(), MinMaxScaler(target="matrix"), WeightedSumModel()).evaluate(matrix)
        return checked(100.0 * np.asarray(scored.e_.score), scored.rank_)

    return job, lambda: job(rows[:99])


def pymcdm_filled(folder: Path) -> tuple[Task, Task]:
    """Its weighted sum model for every dimension, the sum over the dimensions, and its ranks."""
    from pymcdm.helpers import rrankdata
    from pymcdm.methods import WSM
    from pymcdm.normalizations import minmax_normalization

    rows, s = np.load(folder / "rows.npy"), scheme_of(folder)
    method, types = WSM(minmax_normalization), np.where(s.lower, -1, 1)

    def job(rows: Any = rows) -> Answer:
        groups = [s.dimension == d for d in range(len(s.top))]
        means = np.column_stack([method(rows[:, own], s.shares[own], types[own]) for own in groups])
        total = 100.0 * (means @ s.top)
        return checked(total, rrankdata(total))

    return job, lambda: job(rows[:99])


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


CASES: dict[str, Callable[[Path], tuple[Task, Task]]] = {
    "country.engine": engine_country,
    "country.numpy": numpy_country,
    "country.pandas": pandas_country,
    "country.pandas-groupby": groupby_country,
    "filled.engine": partial(engine_country, file="filled.npy"),
    "filled.numpy": partial(numpy_country, file="filled.npy"),
    "filled.scikit-criteria": skcriteria_filled,
    "filled.pymcdm": pymcdm_filled,
    "draws.engine": engine_draws,
    "draws.numpy": numpy_draws,
    "few_draws.engine": partial(engine_draws, many="few"),
    "few_draws.pandas": pandas_draws,
    "sobol.engine": engine_sobol,
    "sobol.SALib": salib_sobol,
}
TOLD = {
    "country": ("many", "total", "ranks"),
    "filled": ("many", "total", "ranks"),
    "draws": ("score low", "score high", "rank low", "rank high"),
    "few_draws": ("score low", "score high", "rank low", "rank high"),
    "sobol": ("factors", "first", "total"),
}

if __name__ == "__main__":
    one_case(CASES, TOLD)
