"""AHP weights (层次分析法): experts compare indicators two at a time; their judgements must not contradict.

A judgement matrix is (k, k): a[i, j] says how many times as important i is as j, on Saaty's scale of 1/9 to
9, with ones on the diagonal and a[j, i] = 1/a[i, j]. Saaty, *The Analytic Hierarchy Process* (1980). The
random index (RI) by which consistency is judged differs from table to table; ours are named:

* ``saaty_1980``: Saaty (1980), the table of Chinese textbooks (0.58, 0.90, 1.12, …); the default;
* ``saaty_2005``: Saaty, *Theory and Applications of the Analytic Network Process* (2005), p. 31;
* ``donegan_dodd``: Donegan & Dodd, *Math. Comput. Modelling* 15(10), 135–137 (1991).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from .base import Family, Floats, normalised

RANDOM_INDEX: dict[str, tuple[float, ...]] = {  # from 3 elements on
    "saaty_1980": (0.58, 0.90, 1.12, 1.24, 1.32, 1.41, 1.45, 1.49, 1.51, 1.48, 1.56, 1.57, 1.59),
    "saaty_2005": (0.52, 0.89, 1.11, 1.25, 1.35, 1.40, 1.45, 1.49, 1.52, 1.54, 1.56, 1.58, 1.59),
    "donegan_dodd": (
        0.4914, 0.8286, 1.0591, 1.1797, 1.2519, 1.3171, 1.3733, 1.4055, 1.4213, 1.4497, 1.4643, 1.4822,
        1.4969,
    ),
}  # fmt: skip
MOST = 15  # elements of one comparison: the tables end there, and people lose track well before
CONSISTENT = 0.1  # Saaty: a consistency ratio of 0.10 or more sends the judgements back
_RECIPROCAL = 0.05  # 0.13 beside 8 is meant as an eighth


@dataclass(frozen=True)
class Judgement:
    """What a judgement matrix says: weights (k,), λmax, consistency index CI, ratio CR, and its worst pair.

    ``worst`` is the pair (i, j) whose judgement is furthest from wᵢ/wⱼ, the one to ask about again.
    """

    weights: Floats
    lambda_max: float
    consistency_index: float
    consistency_ratio: float
    worst: tuple[int, int]


def judge(matrix: Floats, *, method: str = "eigenvector", random_index: str = "saaty_1980") -> Judgement:
    """Weights and consistency of one judgement matrix, consistent or not.

    ``method``: ``eigenvector`` (Saaty's, the default) or ``row_geometric`` 几何平均法 (Crawford & Williams
    1985); they agree for up to three elements. λmax is Saaty's for the first and the mean of (A·w)ᵢ/wᵢ for
    the second. CI = (λmax − k)/(k − 1), CR = CI/RI(k); up to two elements are always consistent. Raises
    ValueError for a matrix that is not square, positive and reciprocal, has more than 15 elements, or for an
    unknown method or table.
    """
    a = _checked(matrix)
    count = len(a)
    weights = _PRIORITIES.choose(method)(a)
    lambda_max = float(np.mean(a @ weights / weights))
    index = max((lambda_max - count) / (count - 1), 0.0) if count > 1 else 0.0
    ratio = index / _random_index(count, random_index) if count > 2 else 0.0
    strain = np.abs(np.log(a * weights[None, :] / weights[:, None]))
    # of three elements all pairs are strained alike: the first is named, not the one the last bit picks
    worst = np.unravel_index(int(np.argmax(np.round(np.triu(strain), 9))), a.shape)
    return Judgement(weights, lambda_max, index, ratio, (int(worst[0]), int(worst[1])))


def weights_ahp(matrix: Floats, *, method: str = "eigenvector", random_index: str = "saaty_1980") -> Floats:
    """The weights (k,) of one consistent judgement matrix. For method and table see :func:`judge`.

    Raises ValueError, with the ratio and the pair to ask about again, when CR ≥ 0.1.
    """
    judgement = judge(matrix, method=method, random_index=random_index)
    _refuse_inconsistent(judgement, random_index, "判断矩阵")
    return judgement.weights


def weights_ahp_group(
    matrices: Sequence[Floats],
    *,
    combine: str = "AIJ",
    importances: Sequence[float] | None = None,
    method: str = "eigenvector",
    random_index: str = "saaty_1980",
) -> Floats:
    """The weights (k,) of several experts (群决策), each with an importance (default equal).

    ``combine`` (Forman & Peniwati 1998): ``AIJ`` takes the geometric mean of the experts' judgements and
    weighs that one matrix, for a group that acts as one; ``AIP`` takes the geometric mean of the experts' own
    weights, for people who stand each for themselves. Either way every expert must be consistent. Raises
    ValueError naming the expert (from 1) whose CR ≥ 0.1, and as :func:`judge` does.
    """
    if combine not in ("AIJ", "AIP"):
        raise ValueError(f"没有名为“{combine}”的专家意见集结方式；可用的有：AIJ、AIP")
    if len({np.shape(matrix) for matrix in matrices}) != 1:
        raise ValueError("各位专家的判断矩阵应至少有一个，且大小相同")
    shares = normalised(np.ones(len(matrices)) if importances is None else importances, len(matrices))
    judgements = [judge(matrix, method=method, random_index=random_index) for matrix in matrices]
    for number, judgement in enumerate(judgements, start=1):
        _refuse_inconsistent(judgement, random_index, f"第 {number} 位专家的判断矩阵")
    if combine == "AIJ":
        joint = np.exp(np.tensordot(shares, np.log([_checked(matrix) for matrix in matrices]), axes=1))
        return weights_ahp(joint, method=method, random_index=random_index)
    return normalised(np.exp(shares @ np.log([judgement.weights for judgement in judgements])))


def _refuse_inconsistent(judgement: Judgement, table: str, whose: str) -> None:
    if judgement.consistency_ratio >= CONSISTENT:
        i, j = judgement.worst
        raise ValueError(
            f"{whose}不一致：CR = {judgement.consistency_ratio:.3f}（RI 取 {table}），应小于 {CONSISTENT}；"
            f"请先复核第 {i + 1} 项与第 {j + 1} 项的比较"
        )


def _checked(matrix: Floats) -> Floats:
    """The matrix as floats; of each pair the larger entry counts, its reciprocal having been rounded.

    Raises ValueError for what is no judgement matrix.
    """
    a = np.asarray(matrix, dtype=np.float64)
    if a.ndim != 2 or a.shape[0] != a.shape[1] or len(a) == 0:
        raise ValueError("判断矩阵应为方阵")
    if len(a) > MOST:
        raise ValueError(f"判断矩阵有 {len(a)} 项，最多 {MOST} 项；请分层比较")
    if not (np.isfinite(a).all() and (a > 0).all()):
        raise ValueError("判断矩阵的每一格都应是正数")
    off = np.argwhere(np.abs(a * a.T - 1.0) > _RECIPROCAL)
    if len(off):
        i, j = off[0]
        raise ValueError(f"判断矩阵第 {i + 1} 行第 {j + 1} 列与第 {j + 1} 行第 {i + 1} 列应互为倒数")
    return np.where(a > a.T, a, np.where(a < a.T, 1.0 / a.T, 1.0))


def _eigenvector(a: Floats) -> Floats:
    """The principal right eigenvector, positive and summing to one (Perron)."""
    values, vectors = np.linalg.eig(a)
    return normalised(np.abs(vectors[:, int(np.argmax(values.real))].real))


def _row_geometric(a: Floats) -> Floats:
    """The geometric means of the rows, summing to one."""
    return normalised(np.exp(np.log(a).mean(axis=1)))


def _random_index(count: int, table: str) -> float:
    if table not in RANDOM_INDEX:
        raise ValueError(f"没有名为“{table}”的平均随机一致性指标表；可用的有：{'、'.join(RANDOM_INDEX)}")
    return RANDOM_INDEX[table][count - 3]


_PRIORITIES = Family("判断矩阵求权方法", {"eigenvector": _eigenvector, "row_geometric": _row_geometric})
