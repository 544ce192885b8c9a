"""Land and lines that layers show (用地、绿道): parcels made of the world's small cells, greenways along water and roads.

A cell is the denser the more people its community has for its area and the smaller it is itself. The densest cells are
construction land until it is two fifths of the district; the densest of those where somebody's home stands are
residential land, until it is about a sixth.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np
import shapely
from shapely.ops import substring

from .books import Office
from .draw import Things
from .housing import Housing
from .layers import Layer, text, town_at
from .roads import Roads
from .values import THINGS
from .world import METRIC, Array, World, river

CONSTRUCTION_SHARE, RESIDENTIAL_SHARE = 0.40, 0.17
STREET_M = 9.0  # half a street round each parcel
USES = ("商业服务业用地", "工矿用地", "公共管理与公共服务用地", "交通运输用地", "公用设施用地")
USE_WEIGHTS = (0.16, 0.44, 0.18, 0.14, 0.08)
HOMES = ("城镇住宅用地", "农村宅基地")
PIECE_M = 1800.0


def parcels(world: World, housing: Housing) -> tuple[Array, Array, Array]:
    """(shape, use, town) of each parcel of construction land; every community has some with homes on it."""
    area = shapely.area(world.cells)
    people = world.communities["population"].to_numpy()
    of = world.cell_community
    density = people[of] / np.bincount(of, minlength=len(people))[of] / area
    order = np.argsort(-density, kind="stable")
    built = np.zeros(len(area), dtype=bool)
    built[order[np.cumsum(area[order]) <= CONSTRUCTION_SHARE * area.sum()]] = True
    homes = _cells_with_homes(world, housing)
    for c in range(len(people)):  # a village has houses too, however thinly it is settled
        mine = np.flatnonzero(of == c)
        with_homes = mine[homes[mine]]
        built[with_homes[np.argsort(area[with_homes], kind="stable")[:2]]] = True
    living = np.zeros(len(area), dtype=bool)
    ranked = order[(built & homes)[order]]
    living[ranked[np.cumsum(area[ranked]) <= RESIDENTIAL_SHARE * area.sum()]] = True
    for c in range(len(people)):
        mine = np.flatnonzero((of == c) & built & homes)
        living[mine[np.argsort(area[mine], kind="stable")[:1]]] = True
    use = world.rng("land").choice(np.array(USES, dtype=object), size=len(area), p=USE_WEIGHTS)
    village = (world.communities["kind"] == "村委会").to_numpy()[of]
    use[living] = np.where(village[living], HOMES[1], HOMES[0])
    chosen = np.flatnonzero(built)
    shapes = shapely.buffer(world.cells[chosen], -STREET_M, join_style="mitre")
    kept = ~shapely.is_empty(shapes) & (shapely.get_type_id(shapes) == 3)
    return shapes[kept], use[chosen][kept], world.town_of[of[chosen[kept]]]


def _cells_with_homes(world: World, housing: Housing) -> Array:
    """Which cells an estate stands in, or a neighbour of theirs; shape (cells,)."""
    points = shapely.points(housing.estates.select("x", "y").to_numpy())
    tree = shapely.STRtree(world.cells)
    found = np.zeros(len(world.cells), dtype=bool)
    found[tree.query(points, predicate="intersects")[1]] = True
    return found


def residential_land(
    office: Office, housing: Housing, roads: Roads
) -> tuple[Array, Array, dict[str, list[str]]]:
    """居住用地: the parcels with homes on them."""
    shapes, use, town = parcels(office.world, housing)
    mine = np.isin(use, HOMES)
    return shapes[mine], town[mine], {"id": _ids("JZ", int(mine.sum())), "kind": use[mine].tolist()}


def construction_land(
    office: Office, housing: Housing, roads: Roads
) -> tuple[Array, Array, dict[str, list[str]]]:
    """建设用地: all parcels."""
    shapes, use, town = parcels(office.world, housing)
    return shapes, town, {"id": _ids("JS", len(shapes)), "kind": use.tolist()}


def greenways(office: Office, housing: Housing, roads: Roads) -> tuple[Array, Array, dict[str, list[str]]]:
    """绿道: the river's two banks in pieces, and some main roads where towns are green; a later year has more."""
    world = office.world
    rng = world.rng("greenways")
    along = np.linspace(-1.3, 1.3, 400)
    lines: list[shapely.Geometry] = []
    for side in (-0.012, 0.012):
        course = np.column_stack([along, river(along) + side]) * world.radius + np.array(world.centre)
        inside = shapely.get_parts(shapely.intersection(shapely.LineString(course.round(2)), world.outline))
        for line in inside:
            cuts = max(1, round(line.length / PIECE_M))
            lines += [substring(line, k / cuts, (k + 1) / cuts, normalized=True) for k in range(cuts)]
    banks = len(lines)
    main = np.flatnonzero(np.isin(roads.rank, (1, 2)))
    lines += list(roads.lines[main])
    shapes = np.array(lines, dtype=object)
    town = town_at(world, shapely.line_interpolate_point(shapes, 0.5, normalized=True))
    green, effort = world.trait("green")[town], world.trait("effort")[town]
    chance = np.where(np.arange(len(shapes)) < banks, 0.25 + 0.6 * green, 0.01 + 0.08 * green)
    built = rng.random(len(shapes)) < chance + 0.05 * effort * (office.year - office.first)
    names = ["滨河绿道"] * banks + [f"{roads.names[i]}绿道" for i in main]
    ids = _ids("LD", len(shapes))
    kept = np.flatnonzero(built)
    columns = {"id": [ids[i] for i in kept], "name": [names[i] for i in kept]}
    return shapes[kept], town[kept], columns | {"kind": ["社区级" if i >= banks else "区级" for i in kept]}


def _ids(prefix: str, count: int) -> list[str]:
    return [f"{prefix}{n:05d}" for n in range(1, count + 1)]


Maker = Callable[[Office, Housing, Roads], tuple[Array, Array, dict[str, list[str]]]]
SPECIAL: dict[str, Maker] = {
    "residential_land": residential_land, "construction_land": construction_land, "greenways": greenways,
}  # fmt: skip
ITEMS: dict[str, dict[str, str]] = {  # input → what is made here: id, name → the form's item
    "residential_land": {"id": "land_id"},
    "construction_land": {"id": "land_id"},
    "greenways": {"id": "greenway_id", "name": "name"},
}
MADE = {name: frozenset(items.values()) for name, items in ITEMS.items()}
EXTRA = "类型"  # a field that no form asks for, as layers have many


def land_layer(office: Office, name: str, housing: Housing, roads: Roads) -> Layer:
    """A layer of land or lines, in the run's own projection."""
    shapes, town, known = SPECIAL[name](office, housing, roads)
    columns = {item: text(known[what]) for what, item in ITEMS[name].items()}
    layer = _layer(office, name, shapes, Things(known["id"], town, columns=columns), METRIC)
    layer.fields[EXTRA] = text(known["kind"])
    return layer


def points_layer(office: Office, name: str, things: Things) -> Layer:
    """A layer of points made from the row `*` of its input, in CGCS2000 longitude and latitude."""
    if things.xy is None:
        raise ValueError(f"{name}：图层没有坐标（取值表的 {THINGS} 一行）")
    return _layer(office, name, shapely.points(office.world.lonlat(things.xy).round(8)), things, "EPSG:4490")


def _layer(office: Office, name: str, shapes: Array, things: Things, crs: str) -> Layer:
    form, source = office.asked.forms[name], office.asked.inputs[name]
    drawing = office.drawing(name, things)
    fields = {header: as_field(drawing.column(item)) for item, header in source.columns.items()}
    kind = {"point": "Point", "line": "LineString", "polygon": "Polygon"}[form.geometry or "point"]
    return Layer(office.asked.path(name, office.year), form.title, shapes, kind, fields, crs)


def as_field(values: Sequence[object] | Array) -> Array:
    """A column as a layer's file takes it: yes and no as words, blanks as missing."""
    if isinstance(values, np.ndarray) and values.dtype == bool:
        values = values.tolist()
    if isinstance(values, np.ndarray) and values.dtype != object:
        return values
    return text([("是" if v else "否") if isinstance(v, bool) else v for v in values])


def completed(office: Office, name: str, layer: Layer) -> Layer:
    """A layer of special code with the columns that the project asks for beyond those made there."""
    source = office.asked.inputs[name]
    absent = {item: header for item, header in source.columns.items() if header not in layer.fields}
    if not absent:
        return layer
    ids = [str(i) for i in next(iter(layer.fields.values()))]
    planar = shapely.points(office.world.planar(shapely.get_coordinates(shapely.point_on_surface(layer.geometry)),
                                                "EPSG:4326" if layer.crs == "GCJ-02" else layer.crs))  # fmt: skip
    known = {item: layer.fields[header] for item, header in source.columns.items() if header in layer.fields}
    drawing = office.drawing(name, Things(ids, town_at(office.world, planar), columns=known))
    layer.fields |= {header: as_field(drawing.column(item)) for item, header in absent.items()}
    return layer
