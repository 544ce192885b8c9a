"""Scoring a whole country (全国尺度计分): hundreds of thousands of units at once, in hardly more memory than their values.

An ordinary year has hundreds of units and goes through frames that keep and explain every score (:mod:`.everything`). Of
a country's 650,000 communities the means of the dimensions, the total and the rank are wanted, not 39 million scores:
those are made in blocks of rows that fit a processor's cache, and forgotten. :func:`score_wide` is what scoring on a
national scale calls. The rules are the engine's own: where a scale ends is :func:`~.scale.minmax_ends`, what is enough
:func:`~.aggregate.over_present`, who ties :func:`~.robustness.ranks_over`.
"""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from itertools import pairwise
from typing import NamedTuple

import numpy as np

from .aggregate import MINIMUM_PRESENT, over_present
from .base import Floats, normalised, signs_of
from .robustness import ranks_over
from .scale import minmax_ends

_CELLS = 2**19  # scores that a thread holds at once: 4 MB, so that it is seldom waited for
_THREADS = 8  # more than these wait for memory, not for sums

Goalposts = tuple[float | None, float | None]


class Wide(NamedTuple):
    """``dimensions`` (units, d) and ``total`` (units,), 0–100; ``rank`` (units,), 1 the best. NaN where there is none."""

    dimensions: Floats
    total: Floats
    rank: Floats


@dataclass(frozen=True)
class _Plan:
    """How columns become means: k of them, side by side by dimension.

    ``anchors`` (k,) the value that scores 0, NaN of a column that gives no scores; ``signs`` (k,); ``widths`` (k, 1) the
    distance from 0 to 100 points; ``shares`` (k,) of the weight of the dimension; ``branches`` which columns are a
    dimension's; ``top`` (d,) shares of the dimensions; ``capped``: values may lie beyond the ends.
    """

    columns: tuple[Floats, ...]
    anchors: tuple[float, ...]
    signs: tuple[float, ...]
    widths: Floats
    shares: Floats
    branches: tuple[slice, ...]
    top: Floats
    capped: bool
    minimum_present: float


def score_wide(
    columns: Sequence[Floats],
    *,
    weights: Sequence[float],
    dimensions: Sequence[str],
    dimension_weights: Mapping[str, float],
    directions: Sequence[str] | None = None,
    goalposts: Sequence[Goalposts] | None = None,
    minimum_present: float = MINIMUM_PRESENT,
) -> Wide:
    """Min-max scores of every unit, their weighted means by dimension, the total of the dimensions, and its rank.

    To rounding the same numbers as :func:`~.scale.scale_minmax` of each column, then
    :func:`~.aggregate.aggregate_arithmetic` in each dimension and over them, then :func:`~.robustness.ranks_over`.

    ``columns``: k columns of finite values, (units,) each, NaN missing; a column-major matrix transposed is one such
    sequence, the columns of a Polars frame another. For each column its weight within the dimension, its dimension, its
    direction (none given: more is better in all) and its goalposts (None, or None for an end: the peers'). The dimensions
    of the result stand as in ``dimension_weights``. Whether peers are too few to set a scale
    (:data:`~.values.MINIMUM_PEERS`) is for the caller to say. Beside values and result it takes some 9 MB a thread.

    Raises ValueError for lengths that do not agree, a direction or dimension there is not, a dimension without any
    weight, and goalposts out of order.
    """
    posts = [(None, None)] * len(columns) if goalposts is None else goalposts
    told = {"权重": weights, "维度": dimensions, "门槛值": posts, "方向": directions or columns}
    for what, given in told.items():
        if len(given) != len(columns):
            raise ValueError(f"有 {len(columns)} 个指标，却给出了 {len(given)} 个{what}")
    if len(lengths := {len(column) for column in columns}) != 1:
        raise ValueError(f"各指标的单元数不一：{'、'.join(str(length) for length in sorted(lengths))}")
    threads = min(os.cpu_count() or 1, _THREADS)
    with ThreadPoolExecutor(threads) as pool:
        ends = list(pool.map(lambda column, post: minmax_ends(column, *post), columns, posts))
        plan = _plan(
            columns, ends, weights, dimensions, dimension_weights, directions, posts, minimum_present
        )
        units, rows = lengths.pop(), max(_CELLS // len(columns), 1)
        means, total = np.empty((len(plan.branches), units)), np.empty(units)
        starts = iter(range(0, units, rows))  # taken from by all threads
        working = [pool.submit(_work, plan, starts, rows, means, total) for _ in range(threads)]
        for worker in working:
            worker.result()
    return Wide(means.T, total, ranks_over(total[None])[0])


def _plan(
    columns: Sequence[Floats],
    ends: Sequence[tuple[float, float]],
    weights: Sequence[float],
    dimensions: Sequence[str],
    dimension_weights: Mapping[str, float],
    directions: Sequence[str] | None,
    posts: Sequence[Goalposts],
    minimum_present: float,
) -> _Plan:
    """What :func:`score_wide` was told, put in order."""
    if unknown := sorted(set(dimensions) - set(dimension_weights)):
        raise ValueError(f"没有给出维度的权重：{'、'.join(unknown)}")
    members = [[i for i, own in enumerate(dimensions) if own == name] for name in dimension_weights]
    if empty := [name for name, group in zip(dimension_weights, members, strict=True) if not group]:
        raise ValueError(f"维度“{'”“'.join(empty)}”没有指标")
    order = [i for group in members for i in group]
    cuts = np.cumsum([0, *(len(group) for group in members)]).tolist()
    signs, (bottoms, tops) = signs_of(directions, len(columns))[order], np.array(ends)[order].T
    own = np.asarray(weights, dtype=np.float64)
    return _Plan(
        columns=tuple(columns[i] for i in order),
        anchors=tuple(np.where(signs > 0, bottoms, tops).tolist()),
        signs=tuple(signs.tolist()),
        widths=np.where(np.isnan(bottoms), 1.0, tops - bottoms)[:, None],
        shares=np.concatenate([normalised(own[group]) for group in members]),
        branches=tuple(slice(a, b) for a, b in pairwise(cuts)),
        top=normalised(list(dimension_weights.values())),
        capped=any(post != (None, None) for post in posts),
        minimum_present=minimum_present,
    )


def _work(plan: _Plan, starts: Iterator[int], rows: int, means: Floats, total: Floats) -> None:
    """Fill ``means`` (d, units) and ``total`` (units,) from each start on, ``rows`` units at a time."""
    shape = (len(plan.columns), rows)
    room, there, counts = np.empty(shape), np.empty(shape, dtype=bool), np.empty(shape)
    gains = 100.0 * plan.shares / plan.widths[:, 0]
    for start in starts:
        block = slice(start, min(start + rows, len(total)))
        width = block.stop - start
        above, known, count = room[:, :width], there[:, :width], counts[:, :width]
        _above_anchor(plan, block, above)
        np.equal(above, above, out=known)
        np.copyto(count, known)  # the sums want numbers
        np.fmax(above, 0.0, out=above)  # where nothing is known, nothing is added
        if plan.capped:
            np.minimum(above, plan.widths, out=above)
        sums, present = np.empty((2, len(plan.branches), width))
        for i, branch in enumerate(plan.branches):
            _sum(gains[branch], above[branch], sums[i])
            _sum(plan.shares[branch], count[branch], present[i])
        scores = means[:, block] = over_present(sums, present, plan.minimum_present)
        held = np.equal(scores, scores).astype(np.float64)
        all_over = _sum(plan.top, np.fmax(scores, 0.0), sums[0]), _sum(plan.top, held, present[0])
        total[block] = over_present(*all_over, plan.minimum_present)


def _above_anchor(plan: _Plan, block: slice, out: Floats) -> None:
    """How far each value of ``block`` lies on the good side of its anchor, (k, units of the block)."""
    for column, anchor, sign, row in zip(plan.columns, plan.anchors, plan.signs, out, strict=True):
        if sign > 0:
            np.subtract(column[block], anchor, out=row)
        else:
            np.subtract(anchor, column[block], out=row)


def _sum(weights: Floats, rows: Floats, out: Floats) -> Floats:
    """Σ weights·rows, (n,) for (k, n), into ``out``.

    Not a BLAS product: that would start threads of its own in each of ours, and give equal units unequal sums by where in
    the block they stand.
    """
    return np.asarray(np.einsum("k,kn->n", weights, rows, out=out))
