"""The made-up district of ``space.py``: the same files for every library, made once from a seed.

    python benchmarks/space_data.py FOLDER SIZE

A square of 40 × 40 km. Demand and supply cluster around the same 400 centres, as homes and shops do. Communities are
Voronoi cells whose borders wind, their vertices 60 m apart. The street network is a bent grid that lacks a tenth of its
pieces; its demand is at every junction, its supply at some of them, so that the answer is one distance per node and
nothing depends on how a library snaps points to streets.
"""

from __future__ import annotations

import sys
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt
import shapely

SEED = 20261126
SIDE_M = 40_000.0
VERTEX_M = 60.0
STREET_M = 100.0
Floats = npt.NDArray[np.float64]


@dataclass(frozen=True)
class Size:
    """How much of everything; ``network`` and ``small_network`` are junctions along one side."""

    demand: int
    supply: int
    communities: int
    network: int
    small_network: int


SIZES = {
    "full": Size(1_000_000, 10_000, 500, 1000, 316),
    "tiny": Size(2_000, 60, 12, 30, 12),
}
NODES_PER_FACILITY = 100


def make(folder: Path, size: Size) -> None:
    """All files into ``folder``: coordinates in metres, shapes as WKB, edges as pairs of node numbers."""
    rng = np.random.default_rng(SEED)
    centres = rng.uniform(0, SIDE_M, (400, 2))
    folder.mkdir(parents=True, exist_ok=True)
    np.save(folder / "demand.npy", _clustered(rng, centres, size.demand, 0.9))
    np.save(folder / "supply.npy", _clustered(rng, centres, size.supply, 0.6))
    cells = shapely.to_wkb(_communities(rng, size.communities))
    np.savez(
        folder / "communities.npz", wkb=np.frombuffer(b"".join(cells), np.uint8), size=[len(c) for c in cells]
    )
    for name, side in (("network", size.network), ("small_network", size.small_network)):
        nodes, edges = _streets(rng, side)
        served = rng.choice(len(nodes), max(1, len(nodes) // NODES_PER_FACILITY), replace=False)
        metres = np.hypot(*(nodes[edges[:, 1]] - nodes[edges[:, 0]]).T)
        np.savez(folder / f"{name}.npz", nodes=nodes, edges=edges, metres=metres, supply=np.sort(served))


def communities(folder: Path) -> npt.NDArray[np.object_]:
    """The polygons of the communities."""
    with np.load(folder / "communities.npz") as stored:
        ends = np.cumsum(stored["size"])
        raw = stored["wkb"].tobytes()
    return np.asarray(
        shapely.from_wkb(
            [raw[end - size : end] for end, size in zip(ends, np.diff(ends, prepend=0), strict=True)]
        )
    )


def _clustered(rng: np.random.Generator, centres: Floats, many: int, share: float) -> Floats:
    """Points, ``share`` of them scattered 900 m about a centre and the rest anywhere."""
    near = int(many * share)
    around = centres[rng.integers(0, len(centres), near)] + rng.normal(0, 900.0, (near, 2))
    anywhere = rng.uniform(0, SIDE_M, (many - near, 2))
    return np.clip(np.concatenate([around, anywhere]), 0, SIDE_M)


def _communities(rng: np.random.Generator, many: int) -> npt.NDArray[np.object_]:
    """Cells around random seeds that fill the square; neighbours share every vertex of their border."""
    square = shapely.box(0, 0, SIDE_M, SIDE_M)
    seeds = shapely.MultiPoint(rng.uniform(0, SIDE_M, (many, 2)))
    straight = shapely.get_parts(shapely.voronoi_polygons(seeds, extend_to=square, only_edges=True))
    borders = shapely.intersection(np.append(straight, square.exterior), square)
    lines = shapely.segmentize(shapely.get_parts(shapely.node(shapely.union_all(borders))), VERTEX_M)
    return shapely.get_parts(shapely.polygonize(shapely.transform(lines, _bent)))


def _bent(xy: Floats) -> Floats:
    """The plane bent a little, gently enough that nothing crosses; the edge of the square stays where it is."""
    inside = np.clip(np.minimum(xy, SIDE_M - xy).min(axis=1, keepdims=True) / 2000.0, 0, 1)
    waves = [(40.0, 700.0), (15.0, 260.0)]
    shift = sum(amplitude * np.sin(2 * np.pi * xy[:, ::-1] / length) for amplitude, length in waves)
    return np.asarray(xy + inside * shift)


def _streets(rng: np.random.Generator, side: int) -> tuple[Floats, npt.NDArray[np.int64]]:
    """(junctions, pairs of junctions): a bent grid, every one at the end of a street."""
    number = np.arange(side * side).reshape(side, side)
    pairs = np.concatenate([
        np.column_stack([number[:, :-1].ravel(), number[:, 1:].ravel()]),
        np.column_stack([number[:-1].ravel(), number[1:].ravel()]),
    ])  # fmt: skip
    kept = rng.random(len(pairs)) < 0.9
    lonely = np.bincount(pairs[kept].ravel(), minlength=number.size) == 0
    kept |= lonely[pairs].any(axis=1)
    row, column = np.divmod(np.arange(number.size), side)
    nodes = np.column_stack([column, row]) * STREET_M + rng.uniform(-0.3, 0.3, (number.size, 2)) * STREET_M
    return np.round(nodes, 2), pairs[kept]


if __name__ == "__main__":
    make(Path(sys.argv[1]), SIZES[sys.argv[2]])
