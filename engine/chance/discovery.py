"""False discovery (错误发现率): of many units and indicators some look bad by luck alone; how many namings are wrong."""

from __future__ import annotations

import numpy as np

from ..scoring.base import Floats


def discovery_bh(p_values: Floats) -> Floats:
    """Adjusted p values (q): naming all with q ≤ 5 % makes at most 5 % of the namings wrong on average.

    The step-up rule of Y. Benjamini and Y. Hochberg, JRSS B 57 (1995), valid for independent tests and for those that
    go together. NaN (not tested) stays NaN and does not count among the tests. Raises ValueError for what is no
    probability.
    """
    p = np.asarray(p_values, dtype=np.float64)
    tested = ~np.isnan(p)
    given = p[tested]
    if ((given < 0) | (given > 1)).any():
        raise ValueError("p 值应在 0 与 1 之间")
    q = np.full(p.shape, np.nan)
    if not given.size:
        return q
    order = np.argsort(given, kind="stable")
    stepped = given[order] * given.size / np.arange(1, given.size + 1)
    adjusted = np.empty(given.size)
    adjusted[order] = np.minimum(np.minimum.accumulate(stepped[::-1])[::-1], 1.0)
    q[tested] = adjusted
    return q
