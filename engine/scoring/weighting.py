"""The registry of the ways to weigh (赋权方法): the name a project writes → the function."""

from __future__ import annotations

from .base import Family
from .weights import (
    weights_blend,
    weights_critic,
    weights_entropy,
    weights_equal,
    weights_given,
    weights_merec,
    weights_stdev,
)
from .weights_ahp import weights_ahp, weights_ahp_group
from .weights_pca import weights_pca

WEIGHTS = Family(
    "赋权方法",
    {
        "equal": weights_equal,
        "given": weights_given,
        "ahp": weights_ahp,
        "ahp_group": weights_ahp_group,
        "entropy": weights_entropy,
        "critic": weights_critic,
        "stdev": weights_stdev,
        "pca": weights_pca,
        "merec": weights_merec,
        "blend": weights_blend,
    },
)
