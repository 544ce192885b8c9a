"""The measured jobs of ``scoring.py``, ours and the peers', one process each.

    python benchmarks/scoring_cases.py CASE FOLDER

prints one line of JSON (:func:`side_by_side.one_case`): getting ready is reading the files into what the library works on;
the answer is how many units have a total, the sum of totals, and a sum of ranks that tells who has which. The jobs about
drawn weights and Sobol' shares are in scoring_draws.py.
"""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
from scoring_draws import engine_draws, engine_sobol, numpy_draws, pandas_draws, salib_sobol
from side_by_side import Answer, Task, one_case

MINIMUM_PRESENT = 0.6
Later = Callable[[], Answer]


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

    def job(values: Any = values) -> Later:
        done = score_wide(values.T, **told)
        return partial(checked, done.total, done.rank)

    return job, lambda: job(np.asfortranarray(values[:99]))


def numpy_country(folder: Path, file: str = "values.npy") -> tuple[Task, Task]:
    """The floor: bare numpy, two threads, each column of a block of rows after the other."""
    values, s = np.load(folder / file), scheme_of(folder)
    job = partial(column_blocks, s=s)
    return lambda: job(values), lambda: job(np.asfortranarray(values[:99]))


FLOOR_ROWS = 32_768


def column_blocks(values: Any, s: Any) -> Later:
    """Scores of values (units, k), column by column in memory, by a scheme ``s`` (:func:`scheme_of`)."""
    units, columns = len(values), values.T
    means, total = np.empty((len(s.top), units)), np.empty(units)
    with ThreadPoolExecutor(2) as pool:
        low = np.array(list(pool.map(np.fmin.reduce, columns)))
        high = np.array(list(pool.map(np.fmax.reduce, columns)))
        gains = (100.0 * s.shares / (high - low) * np.where(s.lower, -1.0, 1.0)).tolist()
        anchors, shares = np.where(s.lower, high, low).tolist(), s.shares.tolist()
        block = partial(_block_of_rows, columns, s, anchors, gains, shares, means, total)
        list(pool.map(block, range(0, units, FLOOR_ROWS)))
    order = np.argsort(-total)
    ordered = total[order]
    places = np.arange(1.0, units + 1)
    places[1:][ordered[1:] == ordered[:-1]] = 0.0
    rank = np.empty(units)
    rank[order] = np.maximum.accumulate(places)
    return partial(checked, total, rank)


def _block_of_rows(
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

    def job(frame: Any = frame) -> Later:
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
        return partial(checked, total, total.rank(ascending=False, method="min"))

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

    def job(long: Any = long) -> Later:
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
        return partial(checked, whole, whole.rank(ascending=False, method="min"))

    return job, lambda: job(long.iloc[:999])


# ---- the same country without gaps -----------------------------------------------------------------


def skcriteria_filled(folder: Path) -> tuple[Task, Task]:
    """One pipeline with flat weights; it gives no means of dimensions."""
    import skcriteria
    from skcriteria.agg.simple import WeightedSumModel
    from skcriteria.pipelines import mkpipe
    from skcriteria.preprocessing.invert_objectives import NegateMinimize
    from skcriteria.preprocessing.scalers import MinMaxScaler

    rows, s = np.load(folder / "rows.npy"), scheme_of(folder)
    weights = s.shares * s.top[s.dimension]

    def job(rows: Any = rows) -> Later:
        matrix = skcriteria.mkdm(rows, [min if lower else max for lower in s.lower], weights=weights)
        scored = mkpipe(NegateMinimize(), MinMaxScaler(target="matrix"), WeightedSumModel()).evaluate(matrix)
        return partial(checked, 100.0 * np.asarray(scored.e_.score), scored.rank_)

    return job, lambda: job(rows[:99])


def pymcdm_filled(folder: Path) -> tuple[Task, Task]:
    """Its weighted sum model for every dimension, the sum over the dimensions, and its ranks."""
    from pymcdm.helpers import rrankdata
    from pymcdm.methods import WSM
    from pymcdm.normalizations import minmax_normalization

    rows, s = np.load(folder / "rows.npy"), scheme_of(folder)
    method, types = WSM(minmax_normalization), np.where(s.lower, -1, 1)

    def job(rows: Any = rows) -> Later:
        groups = [s.dimension == d for d in range(len(s.top))]
        means = np.column_stack([method(rows[:, own], s.shares[own], types[own]) for own in groups])
        total = 100.0 * (means @ s.top)
        return partial(checked, total, rrankdata(total))

    return job, lambda: job(rows[:99])


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
