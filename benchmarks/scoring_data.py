"""The made-up country and district of ``scoring.py``: the same files for every library, made once from a seed.

    python benchmarks/scoring_data.py FOLDER SIZE

The country: units with 60 indicators of very different sizes in 8 dimensions, two in five of them the better the lower, 3 %
of the values missing. ``filled`` is the same country with every gap filled by its column's mean, for libraries that take no
gaps, in rows too, because that is how they want it. The district: scores of 20 towns in 70 indicators, 3 % missing.
"""

from __future__ import annotations

import sys
from dataclasses import dataclass
from pathlib import Path

import numpy as np

SEED = 20261126
INDICATORS, DIMENSIONS = 60, 8
TOWNS, SCORES = 20, 70
MISSING = 0.03


@dataclass(frozen=True)
class Size:
    """Units of the country, draws of weights (and the fewer of them that a slow loop is given), samples of Sobol'."""

    units: int
    draws: int
    few: int
    samples: int


SIZES = {"full": Size(1_000_000, 10_000, 1_000, 1024), "tiny": Size(3_000, 200, 40, 1024)}


def make(folder: Path, size: Size) -> None:
    """``values.npy`` and ``filled.npy`` (units, 60) column by column, ``rows.npy`` row by row, ``scheme.npz``, ``towns.npz``."""
    rng = np.random.default_rng(SEED)
    folder.mkdir(parents=True, exist_ok=True)
    values = np.empty((size.units, INDICATORS), order="F")
    for column in values.T:
        column[:] = rng.gamma(2.0, 10.0 ** rng.integers(-2, 5), size.units)
        column[rng.random(size.units) < MISSING] = np.nan
    np.save(folder / "values.npy", values)
    for column in values.T:
        column[np.isnan(column)] = np.nanmean(column)
    np.save(folder / "filled.npy", values)
    np.save(folder / "rows.npy", np.ascontiguousarray(values))
    np.savez(
        folder / "scheme.npz",
        dimension=np.arange(INDICATORS) * DIMENSIONS // INDICATORS,
        lower=rng.random(INDICATORS) < 0.4,
        weights=rng.uniform(0.5, 2.0, INDICATORS),
        dimension_weights=rng.uniform(0.5, 2.0, DIMENSIONS),
    )
    scores = rng.uniform(0.0, 100.0, (TOWNS, SCORES))
    scores[rng.random(scores.shape) < MISSING] = np.nan
    np.savez(
        folder / "towns.npz",
        scores=scores,
        dimension=np.arange(SCORES) * DIMENSIONS // SCORES,
        weights=rng.uniform(0.5, 2.0, SCORES),
        dimension_weights=rng.uniform(0.5, 2.0, DIMENSIONS),
        draws=size.draws,
        few=size.few,
        samples=size.samples,
    )


if __name__ == "__main__":
    make(Path(sys.argv[1]), SIZES[sys.argv[2]])
