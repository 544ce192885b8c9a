"""Imputation (缺失值估算): a stand-in for a missing value, always marked, never zero.

Each function takes (units, indicators) of one level and gives (filled (units, indicators), imputed bool of
the same shape). What cannot be estimated stays NaN: an indicator nobody has, and a unit that has nothing at
all (its stand-ins would be everybody's average under its name). The default of the engine is not to impute
but to re-weight (:mod:`.aggregate`); the Handbook's step 3 sets out both.
"""

from __future__ import annotations

import warnings

import numpy as np
from sklearn.exceptions import ConvergenceWarning
from sklearn.experimental import enable_iterative_imputer  # noqa: F401  (unlocks IterativeImputer)
from sklearn.impute import IterativeImputer, KNNImputer

from .base import Bools, Family, Floats, SchemeError, spread_of

_ROUNDS = 100


def impute_none(matrix: Floats) -> tuple[Floats, Bools]:
    """Leave what is missing missing."""
    return matrix.copy(), np.zeros(matrix.shape, dtype=bool)


def impute_median(matrix: Floats) -> tuple[Floats, Bools]:
    """The median of the peers that have the indicator (Handbook, step 3: unconditional median).

    Simple, and it draws every unit with a gap to the middle: the spread between units becomes too small.
    """
    rows, columns = _usable(matrix)
    part = matrix[np.ix_(rows, columns)]
    if part.size == 0:
        return impute_none(matrix)
    return _put_back(matrix, rows, columns, np.where(np.isnan(part), np.nanmedian(part, axis=0), part))


def impute_neighbours(matrix: Floats, *, neighbours: int = 5) -> tuple[Floats, Bools]:
    """The mean of the ``neighbours`` most alike units that have the indicator (k-nearest).

    Alike by Euclidean distance over the indicators both have, each in units of its own standard deviation,
    scaled up for those missing (Troyanskaya et al. 2001, as in scikit-learn).
    """
    rows, columns = _usable(matrix)
    part = matrix[np.ix_(rows, columns)]
    if part.size == 0:
        return impute_none(matrix)
    centre, scale = _standard(part)
    filled = KNNImputer(n_neighbors=neighbours).fit_transform((part - centre) / scale)
    return _put_back(matrix, rows, columns, filled * scale + centre)


def impute_regression(matrix: Floats) -> tuple[Floats, Bools]:
    """Each indicator by Bayesian ridge regression on the others, in turns until settled (chained equations).

    The expected value, without random draws: the same input gives the same numbers. Stand-ins stay within the
    range observed for the indicator, so that a share does not pass 100 %; one of which all that is observed is the same
    stands in with that, and explains nothing of the others. Raises SchemeError when the turns do not settle, which
    happens when there are few units for many indicators. (Van Buuren & Groothuis-Oudshoorn 2011, in the deterministic
    variant of scikit-learn's IterativeImputer.)
    """
    matrix, alike = _fill_alike(matrix)
    rows, columns = _usable(matrix)
    columns &= spread_of(matrix) > 0
    part = matrix[np.ix_(rows, columns)]
    if not np.isnan(part).any():
        return matrix, alike
    centre, scale = _standard(part)
    standard = (part - centre) / scale
    model = IterativeImputer(
        max_iter=_ROUNDS,
        tol=1e-3,
        random_state=0,
        skip_complete=True,  # what has no gap only explains
        min_value=np.nanmin(standard, axis=0),
        max_value=np.nanmax(standard, axis=0),
    )
    with warnings.catch_warnings():
        warnings.simplefilter("error", ConvergenceWarning)
        try:
            filled = model.fit_transform(standard)
        except ConvergenceWarning as unsettled:
            raise SchemeError(
                f"回归估算在 {_ROUNDS} 轮内没有稳定：单元少而指标多，请改用 median 或 neighbours"
            ) from unsettled
    whole, imputed = _put_back(matrix, rows, columns, filled * scale + centre)
    return whole, imputed | alike


def _fill_alike(matrix: Floats) -> tuple[Floats, Bools]:
    """The gaps of indicators of which all that is observed is the same, filled with that; and which those were."""
    rows, columns = _usable(matrix)
    columns &= spread_of(matrix) == 0
    part = matrix[np.ix_(rows, columns)]
    if part.size == 0:
        return impute_none(matrix)
    return _put_back(matrix, rows, columns, np.where(np.isnan(part), np.nanmedian(part, axis=0), part))


def _usable(matrix: Floats) -> tuple[Bools, Bools]:
    """Units that have something and indicators that somebody has."""
    there = ~np.isnan(matrix)
    return np.asarray(there.any(axis=1)), np.asarray(there.any(axis=0))


def _standard(part: Floats) -> tuple[Floats, Floats]:
    """Mean and deviation of each indicator over what is present; 1 in place of a deviation of zero."""
    deviation = np.nanstd(part, axis=0)
    return np.nanmean(part, axis=0), np.where(deviation > 0, deviation, 1.0)


def _put_back(matrix: Floats, rows: Bools, columns: Bools, filled: Floats) -> tuple[Floats, Bools]:
    """The whole matrix with its gaps filled; what was observed keeps its exact value."""
    candidates = np.full_like(matrix, np.nan)
    candidates[np.ix_(rows, columns)] = filled
    imputed = np.isnan(matrix) & ~np.isnan(candidates)
    return np.where(imputed, candidates, matrix), imputed


IMPUTATIONS = Family(
    "缺失值估算方法",
    {
        "none": impute_none,
        "median": impute_median,
        "neighbours": impute_neighbours,
        "regression": impute_regression,
    },
)
