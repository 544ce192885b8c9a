"""Grades (等级): of a score, and the two of the Ministry's handbook (《城市体检工作手册（试行）》, 2025).

Our own grade comes from the score and the cuts of the project. The handbook grades a single 城区 indicator
很好 / 较好 / 一般 / 不足 and an aspect 优 / 良 / 中 / 差 from the shares of those. Whatever has no score is
未评价.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
import numpy.typing as npt

from ..results import UNGRADED
from .base import Family, Floats

Cuts = Sequence[tuple[str, float]]
Names = npt.NDArray[np.str_]

VERY_GOOD, GOOD, FAIR, POOR = "很好", "较好", "一般", "不足"

# The handbook prints no cut-offs, only "by the standard". On our anchors the target is 90 and the floor 60,
# so: target met 很好, half-way from floor to target or better 较好, floor met 一般, below the floor 不足.
MINISTRY_CUTS: Cuts = ((VERY_GOOD, 90.0), (GOOD, 75.0), (FAIR, 60.0), (POOR, float("-inf")))

_ROUNDING = 1e-9  # a mean of 90 that comes out as 89.99999999999999 is a 90


def grade(scores: Floats, cuts: Cuts) -> Names:
    """The grade of each score: the first of ``cuts`` (best first) whose lower bound it reaches. NaN → 未评价.

    Raises ValueError when the bounds do not fall, or the last one leaves scores without a grade.
    """
    lows = [low for _, low in cuts]
    if not cuts or any(a <= b for a, b in pairwise(lows)):
        raise ValueError("等级的分数线应从高到低排列且不重复")
    if lows[-1] > 0:
        raise ValueError(f"最低一级“{cuts[-1][0]}”的分数线应不高于 0，否则有的得分没有等级")
    names = np.array([name for name, _ in cuts] + [UNGRADED])
    reached = np.asarray(scores)[..., None] >= np.array([*lows[:-1], -np.inf]) - _ROUNDING
    return names[np.where(np.isnan(scores), len(cuts), np.argmax(reached, axis=-1))]


def grade_ministry_indicator(
    scores: Floats,
    *,
    cuts: Cuts = MINISTRY_CUTS,
    satisfaction: Floats | None = None,
    dissatisfied: float = 60.0,
) -> Names:
    """很好 / 较好 / 一般 / 不足 of one indicator, (units,), from its score against the standard.

    ``satisfaction`` (units,) is the residents' score of the matching question, NaN where there is none: under
    ``dissatisfied`` it lowers the grade by one step (handbook; the lowest stays). Without target or threshold
    there is no score, hence 未评价. Raises ValueError as :func:`grade` does.
    """
    names = grade(scores, cuts)
    if satisfaction is None:
        return names
    ladder = [name for name, _ in cuts]
    lower = dict(zip(ladder, [*ladder[1:], ladder[-1]], strict=True)) | {UNGRADED: UNGRADED}
    unhappy = np.asarray(satisfaction) < dissatisfied  # NaN compares false
    return np.where(unhappy, np.array([lower[str(name)] for name in names], dtype=names.dtype), names)


@dataclass(frozen=True)
class AspectGrade:
    """The handbook's grade of one aspect (二级维度) in one unit.

    ``good`` is G, the share of 很好 + 较好, and ``very_good`` V, the share of 很好, both 0–1 (NaN when
    nothing counts). ``undefined`` marks the case the handbook leaves open, graded 良. ``other`` is the grade
    under the other denominator; a report shows both when they differ.
    """

    grade: str
    good: float
    very_good: float
    undefined: bool
    other: str


def grade_ministry_aspect(grades: Sequence[str], *, count_ungraded: bool = False) -> AspectGrade:
    """优 / 良 / 中 / 差 of an aspect from the grades of its indicators.

    ======  ==============================================================
    优      V ≥ 80 %, no 不足
    良      G ≥ 80 % with 不足; or 60 ≤ G < 80 % without
    中      60 ≤ G < 80 % with 不足; or 40 ≤ G < 60 % without
    差      40 ≤ G < 60 % with 不足; or G < 40 %
    ======  ==============================================================

    The handbook does not define G ≥ 80 %, V < 80 %, no 不足: taken as 良 and marked. It does not say either
    whether 未评价 counts in the denominator: ``count_ungraded`` False leaves it out. Raises ValueError for an
    unknown grade.
    """
    allowed = (VERY_GOOD, GOOD, FAIR, POOR, UNGRADED)
    unknown = [name for name in grades if name not in allowed]
    if unknown:
        raise ValueError(f"没有等级“{unknown[0]}”；可用的有：{'、'.join(allowed)}")
    counts = {name: list(grades).count(name) for name in allowed}
    graded = len(grades) - counts[UNGRADED]
    if graded == 0:
        return AspectGrade(UNGRADED, float("nan"), float("nan"), undefined=False, other=UNGRADED)
    denominators = (len(grades), graded) if count_ungraded else (graded, len(grades))
    good, very_good = counts[VERY_GOOD] + counts[GOOD], counts[VERY_GOOD]
    name, undefined = _aspect(good, very_good, denominators[0], poor=counts[POOR] > 0)
    other, _ = _aspect(good, very_good, denominators[1], poor=counts[POOR] > 0)
    return AspectGrade(name, good / denominators[0], very_good / denominators[0], undefined, other)


def _aspect(good: int, very_good: int, of: int, *, poor: bool) -> tuple[str, bool]:
    """The handbook's table on whole counts (no rounding at 80 %), and whether its open case was met."""
    if 100 * very_good >= 80 * of and not poor:
        return "优", False
    if 100 * good >= 80 * of:
        return "良", not poor
    step = 0 if 100 * good >= 60 * of else 1 if 100 * good >= 40 * of else 2
    return ("良", "中", "差", "差")[step + poor], False


GRADES = Family(
    "评级方法",
    {"cuts": grade, "ministry_indicator": grade_ministry_indicator, "ministry_aspect": grade_ministry_aspect},
)
