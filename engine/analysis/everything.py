"""What the scores are worth (计分结果的分析): how sure, how coherent, who is alike, what would gain most.

Everything here looks at finished scores and changes none of them.
"""

from __future__ import annotations

from collections.abc import Callable

import polars as pl

from ..scoring.everything import Basis
from ..settings.project import Project
from .budget import rank_projects
from .gains import find_gains
from .multivariate import relate
from .robust import robustness

Progress = Callable[[int, int, str], None]
Analysis = Callable[[Basis, dict[str, pl.DataFrame], Project], dict[str, pl.DataFrame]]

ANALYSES: dict[str, Analysis] = {
    "稳健性": robustness,
    "指标之间的关系": relate,
    "提升潜力": find_gains,
    "项目优选": rank_projects,
}


def analyse(
    basis: Basis, frames: dict[str, pl.DataFrame], project: Project, progress: Progress
) -> dict[str, pl.DataFrame]:
    """Every analysis in turn; ``frames`` are those of the run so far, what comes back are the frames to add."""
    found: dict[str, pl.DataFrame] = {}
    for done, (title, analysis) in enumerate(ANALYSES.items(), 1):
        found |= analysis(basis, frames | found, project)
        progress(done, len(ANALYSES), title)
    return found
