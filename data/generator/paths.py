"""The network one can walk on (步行网络): the roads, and paths from homes and facilities that lie off them.

Expressways are in it under their class, because a department's layer has them too: the indicators leave them out.
A path leads straight to the nearest road on its own side of the river, so that the river is crossed at bridges only.
"""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import shapely

from .books import Office
from .housing import Housing
from .land import as_field
from .layers import Layer, residences_layer
from .records import clinics, schools
from .roads import Roads
from .world import METRIC, Array, World, river

OFF_THE_ROAD_M = 60.0  # who lives nearer to a road than this needs no path of their own
PATHS = "街坊路", "村路"
ITEMS = ("path_id", "name", "class")
MADE = {"walk_network": frozenset(ITEMS)}


def walk_network_layer(office: Office, housing: Housing, roads: Roads, maps: Mapping[str, Layer]) -> Layer:
    """The layer of one year, in the run's own projection; ``maps`` are the other layers of that year."""
    world = office.world
    homes = shapely.get_coordinates(residences_layer(world, housing).geometry)
    listed = [make(world, office.year, office.first).xy for make in (schools, clinics)]
    drawn = [
        world.planar(shapely.get_coordinates(shapely.point_on_surface(maps[name].geometry)), maps[name].crs)
        for name in ("care_homes", "parks")
    ]
    paths, rural = _paths(
        world, roads, np.concatenate([homes, *[xy for xy in listed if xy is not None], *drawn])
    )
    lines = np.concatenate([roads.lines, paths])
    values = {
        "path_id": [f"BX{n + 1:06d}" for n in range(len(lines))],
        "name": [*roads.names, *[None] * len(paths)],
        "class": [*roads.classes, *np.where(rural, PATHS[1], PATHS[0])],
    }
    columns = office.asked.inputs["walk_network"].columns
    fields = {header: as_field(np.array(values[item], dtype=object)) for item, header in columns.items()}
    title = office.asked.forms["walk_network"].title
    path = office.asked.path("walk_network", office.year)
    return Layer(path, title, lines, "LineString", fields, METRIC)


def _paths(world: World, roads: Roads, places: Array) -> tuple[Array, Array]:
    """(a straight path from each place off the roads to the nearest, whether it is in the country)."""
    walked = roads.lines[roads.rank > 0]
    start, end = (_north(world, shapely.get_coordinates(shapely.get_point(walked, k))) for k in (0, -1))
    places = np.unique(places.round(2), axis=0)
    north = _north(world, places)
    found = []
    for side in (True, False):
        there, here = walked[(start == side) & (end == side)], places[north == side]
        if len(there) and len(here):
            nearest = shapely.STRtree(there).nearest(shapely.points(here))
            line = shapely.shortest_line(shapely.points(here), there[nearest])
            found.append(line[shapely.length(line) > OFF_THE_ROAD_M])
    paths = np.concatenate(found)
    return paths, shapely.length(paths) > 4 * OFF_THE_ROAD_M


def _north(world: World, xy: Array) -> Array:
    """Whether each point lies north of the river."""
    unit = (xy - np.array(world.centre)) / world.radius
    return unit[:, 1] > river(unit[:, 0])
