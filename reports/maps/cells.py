"""Many places on little paper: a grid of square cells of a constant, round ground size."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from .frame import Floats

Ints = npt.NDArray[np.int64]
_ROUND_M = (10, 20, 25, 50, 100, 200, 250, 500, 1000, 2000, 2500, 5000, 10000, 20000)


@dataclass(frozen=True)
class Grid:
    """Cells of ``side_m`` metres whose lines lie at whole multiples of it, so that two maps of a place share them."""

    side_m: float

    def cells(self, xy: Floats) -> Ints:
        """Column and row of each place, shape (n, 2)."""
        return np.floor(xy / self.side_m).astype(np.int64)

    def centres(self, cells: Ints) -> Floats:
        """The middle of each cell in metres, shape (n, 2)."""
        return np.asarray((cells + 0.5) * self.side_m, dtype=np.float64)


def grid_for(scale: float, least_paper: float) -> Grid:
    """The finest round grid whose cells take at least ``least_paper`` tenths of a mm; ``scale``: tenths of a mm per metre."""
    return Grid(next((float(m) for m in _ROUND_M if m * scale >= least_paper), float(_ROUND_M[-1])))


def summed(grid: Grid, xy: Floats, *weights: Floats) -> tuple[Ints, list[Floats]]:
    """The cells that hold any place, sorted, and the sum of each of ``weights`` in them."""
    cells, of = np.unique(grid.cells(xy), axis=0, return_inverse=True)
    of = of.reshape(-1)
    return cells, [np.asarray(np.bincount(of, weights=w), dtype=np.float64) for w in weights]


def described_side(grid: Grid) -> str:
    """``500 m``, ``1 km``."""
    return f"{grid.side_m / 1000:g} km" if grid.side_m >= 1000 else f"{grid.side_m:g} m"
