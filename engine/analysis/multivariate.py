"""How indicators hang together (指标之间的关系): correlations, internal consistency and principal components.

The Handbook's step 4 (OECD/JRC 2008, *Multivariate analysis*), over the scores of the units of one level, dimension by
dimension, and over the dimensions' own scores (:data:`WHOLE` 总分). Two things are worth an analyst's eye: two indicators
that *repeat* each other count the same thing twice, and two that *oppose* each other cancel out in the mean. It
changes no score.

* Pearson's r over the units that have both, at least three of them; none where one of the two does not vary.
* A pair is flagged only where r differs from 0 beyond chance (t-test of r, n − 2 degrees of freedom, 5 %, two-sided), so that
  three towns in a row flag nothing. ``repeats``: r > 0.92, the JRC's mark of redundancy. ``opposes``: any r < 0. There is no
  correction for many pairs: of unrelated ones about one in forty opposes by chance, and the report says so.
* Cronbach's alpha (L. J. Cronbach, *Psychometrika* 16, 1951), the raw form from covariances, k/(k − 1)·(1 − Σs²ⱼ/s²_sum): the
  scores already share one scale, and their plain sum is what is judged. Weights play no part.
* Principal components of the correlation matrix; how many are kept is the Handbook's rule (:func:`kept_components`).

The last two need complete rows. An indicator that under two thirds of the units have is left out of them first: one gap
would otherwise cost a whole unit; of the rest, units with every indicator count. What does not vary among these is
left out too: it says nothing, and would only swell k.
"""

from __future__ import annotations

from itertools import combinations

import numpy as np
import polars as pl
from scipy.special import stdtr
from sklearn.decomposition import PCA

from ..results import conform, empty
from ..scoring.base import Floats, floats_of, spread_of
from ..scoring.everything import Basis
from ..scoring.weights import correlations
from ..scoring.weights_pca import Components, kept_components
from ..settings.project import Project

WHOLE = "总分"  # the dimension level: how the dimensions' scores hang together
LEVELS = ("town", "community")
REPEATS = 0.92  # the JRC's: two indicators as close as this are one
SURE = 0.05
_FEWEST = 3  # units
_COMMON = 2 / 3  # of the units must have an indicator that alpha and the components look at


def relate(basis: Basis, frames: dict[str, pl.DataFrame], project: Project) -> dict[str, pl.DataFrame]:
    """The frames ``correlations`` and ``coherence``: an entry of the stage of analysis."""
    return relations(frames["scores"], frames["dimensions"], basis.names, basis.year)


def relations(
    scores: pl.DataFrame, dimensions: pl.DataFrame, names: tuple[str, ...], year: int
) -> dict[str, pl.DataFrame]:
    """Pairs and coherence of every dimension in ``names`` and of the dimensions together, for towns and communities.

    ``scores`` and ``dimensions`` as in the results' schemas; a row without a score is a gap.
    """
    pairs: list[pl.DataFrame] = []
    whole: list[dict[str, object]] = []
    for level in LEVELS:
        for name in (*names, WHOLE):
            frame, key = (dimensions, "dimension") if name == WHOLE else (scores, "indicator")
            rows = frame.filter(pl.col("level") == level)
            columns, values = _matrix(rows if name == WHOLE else rows.filter(dimension=name), key)
            if len(columns) < 2 or len(values) < _FEWEST:
                continue
            where = {"year": year, "level": level, "dimension": name}
            pairs.append(_pairs(columns, values).with_columns(**{k: pl.lit(v) for k, v in where.items()}))
            whole.append(where | coherence(values))
    return {
        "correlations": conform("correlations", pl.concat(pairs)) if pairs else empty("correlations"),
        "coherence": conform("coherence", pl.DataFrame(whole)) if whole else empty("coherence"),
    }


def cronbach_alpha(values: Floats) -> float | None:
    """Cronbach's alpha, raw, of (units, k) values that are all there; sample variances, which cancel.

    1 where all columns are the same, below 0 where they oppose each other; None for fewer than two columns or units, or where the
    sums do not vary.
    """
    count = values.shape[1]
    if count < 2 or len(values) < 2:
        return None
    sums = values.sum(axis=1, keepdims=True)
    if not spread_of(sums).all():
        return None
    single = values.var(axis=0, ddof=1).sum()
    return float(count / (count - 1) * (1.0 - single / sums.var(ddof=1)))


def components_of(values: Floats) -> Components:
    """Principal components of the correlation matrix of (units, k) values that are all there and all vary.

    With fewer units than columns there are only as many components as units less one.
    """
    deviations = values.std(axis=0, ddof=1)
    fitted = PCA(svd_solver="full").fit((values - values.mean(axis=0)) / deviations)
    return Components(fitted.components_.T, fitted.explained_variance_, fitted.explained_variance_ratio_)


def coherence(values: Floats) -> dict[str, object]:
    """Of (units, indicators) scores with gaps: how many of both alpha and the components rest on, and these.

    alpha, components, first_share and kept_share are None where fewer than three units are complete or fewer than two
    indicators vary.
    """
    common = (~np.isnan(values)).mean(axis=0) >= _COMMON
    complete = values[:, common]
    complete = complete[~np.isnan(complete).any(axis=1)]
    varying = complete[:, spread_of(complete) > 0] if len(complete) else complete[:, :0]
    told: dict[str, object] = {"indicators": varying.shape[1], "units": len(varying)}
    if len(varying) < _FEWEST or varying.shape[1] < 2:
        return told | {"alpha": None, "components": None, "first_share": None, "kept_share": None}
    components = components_of(varying)
    kept = kept_components(components)
    return told | {
        "alpha": cronbach_alpha(varying), "components": kept, "first_share": float(components.shares[0]),
        "kept_share": float(components.shares[:kept].sum()),
    }  # fmt: skip


def flag_of(r: float, units: int) -> str | None:
    """repeats, opposes or None: see the module's text."""
    if chance(r, units) >= SURE:
        return None
    return "repeats" if r > REPEATS else "opposes" if r < 0 else None


def chance(r: float, units: int) -> float:
    """Two-sided p of a correlation over ``units`` (at least three): t = r·√((n − 2)/(1 − r²)) with n − 2 degrees of freedom."""
    rest = 1.0 - r * r
    if rest <= 1e-15:
        return 0.0
    return float(2.0 * stdtr(units - 2, -abs(r) * np.sqrt((units - 2) / rest)))


def _matrix(rows: pl.DataFrame, key: str) -> tuple[list[str], Floats]:
    """Columns in order, and their scores (units by code, columns); columns without any score are left out."""
    known = rows.drop_nulls("score")
    columns = sorted(known[key].unique())
    wide = known.pivot(on=key, index="unit", values="score").sort("unit")
    values = floats_of(wide.select(columns))
    return columns, np.asarray(values, dtype=np.float64)


def _pairs(columns: list[str], values: Floats) -> pl.DataFrame:
    """a, b, r, units and flag of the pairs that three units or more have and that both vary there."""
    there = ~np.isnan(values)
    r = np.clip(correlations(values), -1.0, 1.0)
    rows = []
    for i, j in combinations(range(len(columns)), 2):
        both = values[there[:, i] & there[:, j]][:, [i, j]]
        if len(both) >= _FEWEST and spread_of(both).all():
            rows.append((columns[i], columns[j], float(r[i, j]), len(both), flag_of(r[i, j], len(both))))
    schema = {"a": pl.String, "b": pl.String, "r": pl.Float64, "units": pl.Int64, "flag": pl.String}
    return pl.DataFrame(rows, schema=schema, orient="row")
