"""Weights (权重) of k indicators, summing to one: said by people, or read from the values of the units.

``weights_equal`` and ``weights_given`` need no values; experts' pairwise judgements are in ``weights_ahp``.
The others look at the values, (units, indicators): they say how much an indicator *tells the units apart*,
not how much it matters, and a project blends them with a judgement (:func:`weights_blend`) or knows what it
does.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from .base import Family, Floats, normalised


def weights_equal(count: int) -> Floats:
    """1/k each (等权). Raises ValueError for no indicators."""
    return normalised(np.ones(count))


def weights_given(weights: npt.ArrayLike) -> Floats:
    """The weights given (k,), divided by their sum. Raises ValueError for negative, missing, all-zero ones."""
    return normalised(weights)


def weights_blend(expert: Floats, data: Floats, *, alpha: float) -> Floats:
    """α·expert + (1 − α)·data, both (k,) and normalised first (主客观组合赋权, the additive form).

    Raises ValueError unless 0 ≤ α ≤ 1 and both have the same length.
    """
    if not 0.0 <= alpha <= 1.0:
        raise ValueError(f"组合系数 α 应在 0 与 1 之间，现为 {alpha:g}")
    return alpha * normalised(expert) + (1.0 - alpha) * normalised(data, len(np.asarray(expert)))


WEIGHTS = Family("赋权方法", {"equal": weights_equal, "given": weights_given})
