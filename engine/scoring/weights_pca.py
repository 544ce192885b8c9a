"""Weights from principal components (主成分法): indicators that say the same thing share one weight.

Components are those of the correlation matrix (values standardised with the sample deviation). Two rules lead
from components to weights; which one was used must be said, since they differ:

* ``nicoletti`` (Nicoletti, Scarpetta & Boylaud 2000; Handbook step 6; the default): keep the components with
  an eigenvalue over 1 that each explain over 10 % (at least as many as explain 60 % together), rotate them by
  varimax, let every indicator count where its squared loading is largest, as share of that component's
  squared loadings, and weigh the components by the variance they explain;
* ``first``: squared loadings of the first component alone.
"""

from __future__ import annotations

import math
from itertools import combinations
from typing import NamedTuple

import numpy as np

from .base import Floats, normalised, spread_of
from .weights import complete_units

_ROUNDING = 1e-9  # an eigenvalue of exactly 1 must not be kept or dropped by its last bit


class Components(NamedTuple):
    """Principal components, largest first: ``vectors`` (k, k) by column, ``eigenvalues``, ``shares``."""

    vectors: Floats
    eigenvalues: Floats
    shares: Floats


def principal_components(values: Floats) -> Components:
    """The components of the correlation matrix of (units, k) values that are all there and all vary.

    A vector's sign is arbitrary; here the entry largest in size is positive. √eigenvalues are the components'
    standard deviations as R's ``prcomp(scale. = TRUE)`` prints them.
    """
    eigenvalues, vectors = np.linalg.eigh(np.corrcoef(values, rowvar=False))
    eigenvalues, vectors = np.clip(eigenvalues[::-1], 0.0, None), vectors[:, ::-1]
    largest = vectors[np.abs(vectors).argmax(axis=0), np.arange(len(eigenvalues))]
    return Components(vectors * np.sign(largest), eigenvalues, eigenvalues / eigenvalues.sum())


def weights_pca(values: Floats, *, rule: str = "nicoletti") -> Floats:
    """Weights (k,) by one of the two rules above; direction does not matter, loadings being squared.

    Only units that have every indicator count. An indicator that does not vary has no weight. Raises
    ValueError for an unknown rule, for fewer than three complete units, or when fewer than two indicators
    vary.
    """
    if rule not in ("nicoletti", "first"):
        raise ValueError(f"没有名为“{rule}”的主成分定权规则；可用的有：nicoletti、first")
    complete = complete_units(values, fewest=3)
    varies = np.flatnonzero(spread_of(complete))
    if len(varies) < 2:
        raise ValueError("在单元之间有差异的指标不足两个，无法做主成分分析")
    components = principal_components(complete[:, varies])
    weights = np.zeros(values.shape[1])
    weights[varies] = components.vectors[:, 0] ** 2 if rule == "first" else _nicoletti(components)
    return normalised(weights)


def kept_components(components: Components) -> int:
    """How many components the Handbook keeps: eigenvalue > 1 and over 10 % each, at least 60 % together."""
    strong = (components.eigenvalues > 1.0 + _ROUNDING) & (components.shares > 0.10 + _ROUNDING)
    together = int(np.searchsorted(np.cumsum(components.shares), 0.60 - _ROUNDING)) + 1
    return max(int(strong.sum()), together)


def _nicoletti(components: Components) -> Floats:
    """Weights from the rotated loadings of the components kept."""
    kept = kept_components(components)
    loadings = components.vectors[:, :kept] * np.sqrt(components.eigenvalues[:kept])
    squared = varimax(loadings) ** 2
    explained = squared.sum(axis=0)
    own = np.argmax(np.round(squared, 9), axis=1)  # equally loaded: the component that explains more
    parts = squared[np.arange(len(squared)), own] / explained[own]
    return np.asarray(parts * explained[own] / explained.sum())


def varimax(loadings: Floats, *, sweeps: int = 100, tolerance: float = 1e-10) -> Floats:
    """Loadings (k, f) turned so that each component's squared loadings vary most (raw varimax).

    Kaiser's (1958) plane rotations: two components at a time are turned by the angle that is best for the two, until
    a sweep over all pairs turns none. The closed form also leaves the worst position, which gradient methods take
    for the best one.
    """
    turned = loadings.copy()
    count, factors = turned.shape
    for _ in range(sweeps):
        widest = 0.0
        for i, j in combinations(range(factors), 2):
            angle = _best_angle(turned[:, i], turned[:, j], count)
            cosine, sine = math.cos(angle), math.sin(angle)
            turned[:, [i, j]] = turned[:, [i, j]] @ np.array([[cosine, -sine], [sine, cosine]])
            widest = max(widest, abs(angle))
        if widest < tolerance:
            break
    return turned


def _best_angle(x: Floats, y: Floats, count: int) -> float:
    """The angle by which two columns of loadings are turned; 0 where every angle is as good."""
    u, v = x**2 - y**2, 2.0 * x * y
    across = float(2.0 * (u @ v) - 2.0 * u.sum() * v.sum() / count)
    along = float(u @ u - v @ v - (u.sum() ** 2 - v.sum() ** 2) / count)
    size = float((x**2 + y**2) @ (x**2 + y**2))
    return math.atan2(across, along) / 4.0 if math.hypot(across, along) > 1e-12 * size else 0.0
