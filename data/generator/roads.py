"""The road network (城市道路): a grid that is finer where people are denser, and expressways.

The district is cut into squares, and each square again while it holds many people (a quadtree); the sides of
the squares are the roads, those of large squares the larger roads. Roads meet at shared nodes, so the net can
be walked; small roads do not cross the river. A slow bend over everything takes the ruler out of it.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import shapely

from .places import ROAD_FIRST, ROAD_SECOND
from .world import Array, World, river

CLASSES = ("快速路", "主干路", "次干路", "支路")
FINEST_M = 230.0
PEOPLE_PER_SQUARE = 900.0


@dataclass(frozen=True)
class Roads:
    """Segments between neighbouring junctions: ``lines`` planar, ``rank`` 0–3 (places in CLASSES)."""

    lines: Array
    rank: Array
    names: Array
    codes: list[str]

    @property
    def classes(self) -> list[str]:
        """The class of each segment."""
        return [CLASSES[r] for r in self.rank.tolist()]


def build_roads(world: World) -> Roads:
    """The network of the district."""
    rng = world.rng("roads")
    levels = max(3, int(np.ceil(np.log2(2.6 * world.radius / FINEST_M))))
    edges = _edges(_density(world, levels), levels)
    nodes = np.unique(edges[:, :4].reshape(-1, 2), axis=0)
    place = {(int(x), int(y)): n for n, (x, y) in enumerate(nodes)}
    planar = _bend(nodes, world, levels)
    ends = np.array([[place[x0, y0], place[x1, y1]] for x0, y0, x1, y1, _ in edges.tolist()])
    keep = _kept(planar, ends, edges[:, 4], world)
    ends, edges = ends[keep], edges[keep]
    lines = shapely.linestrings(planar[ends])
    rank = np.select([edges[:, 4] <= levels - 4, edges[:, 4] <= levels - 2], [1, 2], 3)
    names = _names(edges, rng)
    radials, radial_names = _radials(world, rng)
    lines = np.concatenate([radials, lines])
    rank = np.concatenate([np.zeros(len(radials), dtype=int), rank])
    return Roads(
        lines, rank, np.concatenate([radial_names, names]), [f"DL{n + 1:06d}" for n in range(len(lines))]
    )


def _density(world: World, levels: int) -> Array:
    """People per finest square, shape (2^levels, 2^levels), from each cell's share of its community."""
    side = 2**levels
    middle = shapely.get_coordinates(shapely.point_on_surface(world.cells))
    cells_of = np.bincount(world.cell_community, minlength=world.communities.height)
    people = world.communities["population"].to_numpy()[world.cell_community] / cells_of[world.cell_community]
    at = np.clip(((middle - np.array(world.centre)) / (FINEST_M) + side / 2).astype(int), 0, side - 1)
    grid = np.zeros((side, side))
    np.add.at(grid, (at[:, 0], at[:, 1]), people)
    return grid


def _edges(grid: Array, levels: int) -> Array:
    """Sides of the squares as unit steps: rows (x0, y0, x1, y1, level); a shared side keeps the coarsest."""
    found: dict[tuple[int, int, int, int], int] = {}
    stack = [(0, 0, 0)]
    while stack:
        x, y, level = stack.pop()
        size = 2 ** (levels - level)
        inside = grid[x : x + size, y : y + size].sum()
        if level < levels and (level < 3 or inside > PEOPLE_PER_SQUARE * (0.5 + 0.5 * (levels - level))):
            half = size // 2
            stack += [(x, y, level + 1), (x + half, y, level + 1), (x, y + half, level + 1),
                      (x + half, y + half, level + 1)]  # fmt: skip
            continue
        if inside == 0 and level > 3:
            continue
        for k in range(size):
            for step in ((x + k, y, x + k + 1, y), (x + k, y + size, x + k + 1, y + size),
                         (x, y + k, x, y + k + 1), (x + size, y + k, x + size, y + k + 1)):  # fmt: skip
                found[step] = min(found.get(step, levels), _line_level(step, levels))
    return np.array([(*step, found[step]) for step in sorted(found)])


def _line_level(step: tuple[int, int, int, int], levels: int) -> int:
    """How coarse the grid line under a step is: the level at which it first appears."""
    across = step[1] if step[1] == step[3] else step[0]
    if across == 0:
        return 0
    return levels - min(levels, (across & -across).bit_length() - 1)


def _bend(nodes: Array, world: World, levels: int) -> Array:
    """Grid places to planar metres, turned a little and bent by slow waves."""
    unit = (nodes - 2**levels / 2) * FINEST_M
    turn = np.radians(11.0)
    x = unit[:, 0] * np.cos(turn) - unit[:, 1] * np.sin(turn)
    y = unit[:, 0] * np.sin(turn) + unit[:, 1] * np.cos(turn)
    wave = 2 * np.pi / 9000
    bent = np.column_stack([x + 260 * np.sin(y * wave + 1.0), y + 260 * np.sin(x * wave * 1.3)])
    return (bent + np.array(world.centre)).round(2)


def _kept(planar: Array, ends: Array, level: Array, world: World) -> Array:
    """Segments inside the district; across the river only those of coarse lines (the bridges)."""
    shapely.prepare(world.outline)
    inside = shapely.contains_xy(world.outline, planar[:, 0], planar[:, 1])
    unit = (planar - np.array(world.centre)) / world.radius
    north = unit[:, 1] > river(unit[:, 0])
    crosses = north[ends[:, 0]] != north[ends[:, 1]]
    bridge = level <= np.quantile(level, 0.35)
    return inside[ends].all(axis=1) & (~crosses | bridge)


def _names(edges: Array, rng: np.random.Generator) -> Array:
    """One name per grid line."""
    flat = edges[:, 1] == edges[:, 3]
    line = np.where(flat, edges[:, 1] * 2, edges[:, 0] * 2 + 1)
    stock = [a + b for a in ROAD_FIRST for b in ROAD_SECOND]
    order = rng.permutation(len(stock))
    return np.array([stock[order[n % len(stock)]] + "路" for n in line.tolist()], dtype=object)


def _radials(world: World, rng: np.random.Generator) -> tuple[Array, Array]:
    """Expressways from near the centre to the edge, slightly curved, cut to the district."""
    lines, names = [], []
    for k, word in enumerate(("东", "北", "西", "南")):
        start = k * np.pi / 2 + 0.35
        along = np.linspace(0.08, 1.25, 40)
        angle = start + 0.25 * np.sin(along * 2 + rng.uniform(0, 6))
        xy = np.column_stack([along * np.cos(angle), along * np.sin(angle)]) * world.radius + np.array(
            world.centre
        )
        cut = shapely.get_parts(shapely.intersection(shapely.LineString(xy.round(2)), world.outline))
        lines.append(cut[shapely.length(cut).argmax()])
        names.append(f"云湖{word}快速路")
    return np.array(lines), np.array(names, dtype=object)
