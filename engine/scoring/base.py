"""What the families of scoring methods share: the array type, the registry of a family, and weight checking.

A *family* is a set of bare functions that share a prefix (``scale_*``, ``weights_*``, …) and one registry
from the name a project writes to the function. Values are float64 arrays, (units,) or (units, indicators);
NaN is missing and stays NaN.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Literal, TypeAlias

import numpy as np
import numpy.typing as npt
import polars as pl

Floats: TypeAlias = npt.NDArray[np.float64]
Bools: TypeAlias = npt.NDArray[np.bool_]
Integers: TypeAlias = npt.NDArray[np.int64]
Direction: TypeAlias = Literal["higher", "lower"]

DIRECTIONS = ("higher", "lower")


class SchemeError(ValueError):
    """The scheme asks for what these data do not give; the message says what to choose instead, in Chinese."""


class Family(dict[str, Callable[..., Any]]):
    """The methods of one family by name; ``label`` is what the family is called in messages."""

    def __init__(self, label: str, methods: Mapping[str, Callable[..., Any]]) -> None:
        """``methods`` in the order in which messages list them."""
        super().__init__(methods)
        self.label = label

    def choose(self, name: str) -> Callable[..., Any]:
        """The method called ``name``. Raises ValueError that lists the names there are."""
        if name not in self:
            raise ValueError(f"没有名为“{name}”的{self.label}；可用的有：{'、'.join(self)}")
        return self[name]


def floats_of(frame: pl.Series | pl.DataFrame) -> Floats:
    """A column (n,), or the columns of a frame (n, k), as float64; NaN where null."""
    return frame.cast(pl.Float64).fill_null(float("nan")).to_numpy()


def sign_of(direction: str) -> float:
    """+1.0 where more is better, −1.0 where less is. Raises ValueError for any other word."""
    if direction not in DIRECTIONS:
        raise ValueError(f"方向应为 higher（越大越好）或 lower（越小越好），不是“{direction}”")
    return 1.0 if direction == "higher" else -1.0


def signs_of(directions: object, count: int) -> Floats:
    """The signs of ``count`` indicators, (count,); None means that more is better for every one of them."""
    if directions is None:
        return np.ones(count)
    signs = np.array([sign_of(direction) for direction in directions])  # type: ignore[attr-defined]
    if len(signs) != count:
        raise ValueError(f"有 {count} 个指标，却给出了 {len(signs)} 个方向")
    return signs


def spread_of(values: Floats) -> Floats:
    """Largest less smallest of each column over what is present, (k,) for (units, k); 0 where there is none.

    A spread under 1e-12 of the size of the values is rounding, not a difference, and counts as 0: min-max scaling
    would stretch it to the whole of 0–100.
    """
    there = ~np.isnan(values)
    some = there.any(axis=0)
    low = np.where(some, np.min(values, axis=0, where=there, initial=np.inf), 0.0)
    high = np.where(some, np.max(values, axis=0, where=there, initial=-np.inf), 0.0)
    spread = high - low
    return np.where(spread > 1e-12 * np.maximum(np.abs(low), np.abs(high)), spread, 0.0)


def normalised(weights: npt.ArrayLike, count: int | None = None) -> Floats:
    """``weights`` (k,) divided by their sum.

    Raises ValueError when there are not ``count`` of them, one is negative or missing, or all are zero.
    """
    array = np.asarray(weights, dtype=np.float64)
    if array.ndim != 1 or (count is not None and len(array) != count):
        raise ValueError(f"需要 {count} 个权重，给出的是 {array.size} 个")
    if not np.isfinite(array).all():
        raise ValueError("权重中有空缺或不是有限的数")
    if (array < 0).any():
        raise ValueError("权重不能为负数")
    total = array.sum()
    if not total > 0:
        raise ValueError("权重之和为零")
    return np.asarray(array / total)
