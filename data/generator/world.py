"""The invented district's units and their shapes (体检单元与边界).

Communities are unions of small Voronoi cells, so neighbours share their borders exactly; towns are unions of
communities and the district of towns. Everything is planar, in EPSG:4549 metres. Populations are whole people
and add up: residence points → community → town → district.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache, cached_property

import numpy as np
import polars as pl
import pyproj
import shapely
from scipy.cluster.vq import kmeans2
from scipy.spatial import cKDTree

from . import places
from .places import Town

METRIC = "EPSG:4549"
RADIUS_M = 13_600.0  # of the full district: about 580 km²
PEOPLE = 1_800_000  # of the full district
COMMUNITIES = 300
CELLS_PER_COMMUNITY = 24

Array = np.ndarray


@dataclass(frozen=True)
class World:
    """The district. ``communities`` is sorted by code; ``town`` there is the place in ``towns``.

    ``cells`` are the small polygons, ``cell_community`` the community (place in the frame) each belongs to.
    """

    seed: int
    scale: float
    towns: tuple[Town, ...]
    town_codes: tuple[str, ...]
    centre: tuple[float, float]
    radius: float
    communities: pl.DataFrame  # code, name, base, kind, town, population, area_km2, people_per_km2
    cells: Array
    cell_community: Array
    shapes: Array  # one polygon per community
    town_shapes: Array
    outline: shapely.Geometry

    def rng(self, *purpose: int | str) -> np.random.Generator:
        """A generator of its own for each purpose: adding one thing never changes another."""
        words = [p if isinstance(p, int) else int.from_bytes(p.encode(), "big") for p in purpose]
        return np.random.default_rng([self.seed, *words])

    def trait(self, name: str) -> Array:
        """A trait of each town, shape (towns,)."""
        return np.array([getattr(town, name) for town in self.towns], dtype=float)

    def degree(self, name: str) -> Array:
        """A trait as 0–1, shape (towns,): ``stock``, a year, is 1 where housing is newest; ``-`` inverts."""
        plain = self.trait(name.removeprefix("-"))
        if name.endswith("stock"):
            plain = (plain - plain.min()) / np.ptp(plain)
        return 1 - plain if name.startswith("-") else plain

    @cached_property
    def town_of(self) -> Array:
        """The town of each community, shape (communities,)."""
        return self.communities["town"].to_numpy()

    @cached_property
    def town_people(self) -> Array:
        """People per town, shape (towns,)."""
        people = self.communities["population"].to_numpy()
        return np.bincount(self.town_of, weights=people, minlength=len(self.towns)).astype(np.int64)

    @cached_property
    def town_area(self) -> Array:
        """Square kilometres per town, shape (towns,)."""
        return shapely.area(self.town_shapes) / 1e6

    @cached_property
    def _cells_of(self) -> list[Array]:
        return [np.flatnonzero(self.cell_community == c) for c in range(self.communities.height)]

    def scatter(self, community: int, count: int, rng: np.random.Generator) -> Array:
        """``count`` points inside a community, shape (count, 2): in cells at random."""
        chosen = rng.choice(self._cells_of[community], size=count)
        return np.array([_inside(self.cells[c], rng) for c in chosen]).reshape(count, 2)

    def lonlat(self, xy: Array, crs: str = "EPSG:4490") -> Array:
        """Planar points as longitude and latitude, shape (n, 2)."""
        return np.column_stack(_transformer(METRIC, crs).transform(xy[:, 0], xy[:, 1]))

    def planar(self, xy: Array, crs: str) -> Array:
        """Points of another system as planar ones, shape (n, 2)."""
        return np.column_stack(_transformer(crs, METRIC).transform(xy[:, 0], xy[:, 1]))


@cache
def _transformer(source: str, target: str) -> pyproj.Transformer:
    return pyproj.Transformer.from_crs(source, target, always_xy=True)


def build_world(seed: int, scale: float) -> World:
    """Lay out the district; the same seed and scale always give the same one."""
    rng = np.random.default_rng([seed, 1])
    towns = places.choose_towns(scale)
    codes = tuple(places.number_towns(towns))
    radius = RADIUS_M * scale**0.5
    centre = _planar_centre()
    outline = _outline(centre, radius, rng)
    counts = _communities_per_town(towns, max(4 * len(towns), round(COMMUNITIES * scale)))
    sites = _sites(towns, centre, radius, outline, sum(counts) * CELLS_PER_COMMUNITY, rng)
    cells = shapely.intersection(_voronoi(sites, outline), outline)
    site_town = _mend_strays(cells, _assign_towns(sites, towns, centre, radius), np.zeros(len(sites)))
    site_community = _assign_communities(sites, site_town, counts, rng)
    site_community = _mend_strays(cells, site_community, site_town)
    shapes = _unions(cells, site_community, sum(counts))
    frame = _community_frame(towns, codes, counts, shapes, round(PEOPLE * scale), rng)
    order = frame["shape"].to_numpy()  # from the order of making to the order of codes
    shapes, site_community = shapes[order], np.argsort(order)[site_community]
    town_shapes = _unions(shapes, frame["town"].to_numpy(), len(towns))
    return World(
        seed,
        scale,
        towns,
        codes,
        centre,
        radius,
        frame.drop("shape"),
        cells,
        site_community,
        shapes,
        town_shapes,
        shapely.union_all(town_shapes),
    )


def _planar_centre() -> tuple[float, float]:
    to_metric = pyproj.Transformer.from_crs("EPSG:4490", METRIC, always_xy=True)
    x, y = to_metric.transform(places.CENTRE_LON, places.CENTRE_LAT)
    return round(x, -2), round(y, -2)


def _outline(centre: tuple[float, float], radius: float, rng: np.random.Generator) -> shapely.Geometry:
    """A rounded, uneven outline: a circle with a few slow waves on it."""
    angle = np.linspace(0, 2 * np.pi, 180, endpoint=False)
    waves = sum(rng.normal(0, 0.07 / k) * np.cos(k * angle + rng.uniform(0, 6)) for k in range(2, 9))
    ripple = rng.normal(0, 0.006, angle.size)
    length = radius * (1 + waves + ripple)
    return shapely.Polygon(
        np.column_stack([centre[0] + length * np.cos(angle), centre[1] + length * np.sin(angle)]).round(2)
    )


def _communities_per_town(towns: tuple[Town, ...], total: int) -> list[int]:
    """How many communities each town has: by people, villages being smaller than neighbourhoods."""
    weight = np.array([t.people * (1 + 0.8 * t.rural) for t in towns])
    return [max(4, round(share)) for share in total * weight / weight.sum()]


def river(x: Array) -> Array:
    """The river's course in the unit disc: y for each x."""
    return 0.02 + 0.10 * np.sin(2.6 * x + 0.4) - 0.06 * x


def _sites(
    towns: tuple[Town, ...],
    centre: tuple[float, float],
    radius: float,
    outline: shapely.Geometry,
    count: int,
    rng: np.random.Generator,
) -> Array:
    """Points denser in the core and round the town centres, all inside the outline, shape (count, 2)."""
    weight = np.array([t.people * (1 + 0.8 * t.rural) for t in towns])
    spread = np.array([0.10 if t.kind == "街道" else 0.19 for t in towns])
    middle = np.array([(t.x, t.y) for t in towns])
    kept: list[Array] = []
    while sum(len(k) for k in kept) < count:
        town = rng.choice(len(towns), size=count, p=weight / weight.sum())
        points = middle[town] + rng.normal(0, 1, (count, 2)) * spread[town][:, None]
        wide = rng.random(count) < 0.30
        points[wide] = rng.uniform(-1.2, 1.2, (int(wide.sum()), 2))
        xy = np.array(centre) + points * radius
        kept.append(xy[shapely.contains_xy(outline, xy[:, 0], xy[:, 1])])
    return np.concatenate(kept)[:count].round(2)


def _assign_towns(sites: Array, towns: tuple[Town, ...], centre: tuple[float, float], radius: float) -> Array:
    """The nearest town centre; streets reach less far, and crossing the river counts as a detour."""
    unit = (sites - np.array(centre)) / radius
    middle = np.array([(t.x, t.y) for t in towns])
    reach = np.array([0.0 if t.kind == "街道" else 0.03 for t in towns])
    north, town_north = unit[:, 1] > river(unit[:, 0]), middle[:, 1] > river(middle[:, 0])
    square = ((unit[:, None, :] - middle[None]) ** 2).sum(axis=2) - reach
    square += 0.08 * (north[:, None] != town_north[None])
    return square.argmin(axis=1)


def _assign_communities(sites: Array, site_town: Array, counts: list[int], rng: np.random.Generator) -> Array:
    """Compact groups of cells inside each town (k-means); communities are numbered town by town."""
    result = np.full(len(sites), -1)
    start = 0
    for town, count in enumerate(counts):
        mine = np.flatnonzero(site_town == town)
        middles, _ = kmeans2(sites[mine], count, iter=12, minit="++", rng=rng)
        _, nearest = cKDTree(middles).query(sites[mine])
        order = np.lexsort((middles[:, 0].round(), -middles[:, 1].round()))
        rank = np.empty(count, dtype=int)
        rank[order] = np.arange(count)
        result[mine] = start + rank[nearest]
        start += count
    return result


def _voronoi(sites: Array, outline: shapely.Geometry) -> Array:
    cells = shapely.voronoi_polygons(shapely.MultiPoint(sites), extend_to=outline.buffer(1000), ordered=True)
    return shapely.get_parts(cells)


def _mend_strays(cells: Array, group: Array, inside: Array) -> Array:
    """Give cells cut off from their group to the neighbour (of the same ``inside``) they touch most."""
    group = group.copy()
    tree = shapely.STRtree(cells)
    for index in range(group.max() + 1):
        mine = np.flatnonzero(group == index)
        parts = shapely.get_parts(shapely.union_all(cells[mine]))
        if len(parts) < 2:
            continue
        main = parts[shapely.area(parts).argmax()]
        middles = shapely.point_on_surface(cells[mine])
        for stray in mine[~shapely.contains(main, middles)]:
            near = tree.query(cells[stray], predicate="intersects")
            near = near[(group[near] != index) & (inside[near] == inside[stray])]
            if len(near):
                shared = shapely.length(shapely.intersection(cells[stray], cells[near]))
                group[stray] = group[near[shared.argmax()]]
    return group


def _unions(parts: Array, group: Array, count: int) -> Array:
    return np.array([shapely.normalize(shapely.union_all(parts[group == g])) for g in range(count)])


def _inside(cell: shapely.Geometry, rng: np.random.Generator) -> Array:
    """A point inside a convex cell: a random mix of its corners, drawn towards the middle."""
    corners = shapely.get_coordinates(cell)[:-1]
    mix = rng.dirichlet(np.full(len(corners), 1.5)) @ corners
    middle = shapely.get_coordinates(shapely.point_on_surface(cell))[0]
    return (0.85 * mix + 0.15 * middle).round(2)


def _community_frame(
    towns: tuple[Town, ...],
    codes: tuple[str, ...],
    counts: list[int],
    shapes: Array,
    people: int,
    rng: np.random.Generator,
) -> pl.DataFrame:
    """Names, codes, kinds and populations of the communities, in code order inside each town."""
    urban, village = _name_stock(rng)
    town_people = _whole(people, np.array([t.people for t in towns]))
    rows: list[dict[str, object]] = []
    start = 0
    for t, (town, count) in enumerate(zip(towns, counts, strict=True)):
        area = shapely.area(shapes[start : start + count])
        villages = np.zeros(count, dtype=bool)
        villages[np.argsort(-area, kind="stable")[: round(count * min(0.9, town.rural * 1.2))]] = True
        weight = rng.lognormal(0, 0.35, count) * np.where(villages, 0.45, 1.0)
        heads = _whole(town_people[t], weight)
        numbers = {"居委会": 1, "村委会": 201}
        for c in range(count):
            kind = "村委会" if villages[c] else "居委会"
            base = village.pop() if villages[c] else urban.pop()
            rows.append({"code": f"{codes[t]}{numbers[kind]:03d}", "base": base, "kind": kind, "town": t,
                         "population": heads[c], "shape": start + c})  # fmt: skip
            numbers[kind] += 1
        start += count
    _share_a_name(rows)
    return _finish(pl.DataFrame(rows).sort("code"), shapes)


def _finish(frame: pl.DataFrame, shapes: Array) -> pl.DataFrame:
    area = shapely.area(shapes)[frame["shape"].to_numpy()] / 1e6
    return frame.with_columns(
        (pl.col("base") + pl.col("kind")).alias("name"),
        pl.Series("area_km2", area.round(3)),
        (pl.col("population") / pl.Series("a", area)).alias("people_per_km2"),
    )


def _share_a_name(rows: list[dict[str, object]]) -> None:
    """Let the first neighbourhood of two towns bear the same name, as happens everywhere."""
    for town in (0, 2):
        first = next(row for row in rows if row["town"] == town and row["kind"] == "居委会")
        first["base"] = places.SHARED_NAME


def _name_stock(rng: np.random.Generator) -> tuple[list[str], list[str]]:
    """Shuffled stocks of neighbourhood and village names, each used once."""
    urban = [a + b for a in places.FIRST for b in places.URBAN_SECOND]
    village = [a + b for a in places.FIRST for b in places.VILLAGE_SECOND]
    return [urban[i] for i in rng.permutation(len(urban))], [
        village[i] for i in rng.permutation(len(village))
    ]


def _whole(total: int, weight: Array) -> list[int]:
    """``total`` shared out by weight in whole numbers that add up (largest remainders)."""
    exact = total * weight / weight.sum()
    floor = np.floor(exact).astype(int)
    short = total - int(floor.sum())
    floor[np.argsort(floor - exact, kind="stable")[:short]] += 1
    return [int(v) for v in floor]
