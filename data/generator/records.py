"""The things that tables list (明细): where they are and what is known of them, before the tables of values.

Housing, bridges, flood points, schools and clinics have a story of their own, told here; all others are made from the
row `*` of their input: so many per unit or per 10,000 people, the same ones year after year.
"""

from __future__ import annotations

import zlib
from collections.abc import Callable

import numpy as np

from .books import Office, units_of
from .draw import Things
from .housing import DEFECTS, Housing
from .looks import stem
from .places import FIRST, ROAD_SECOND
from .values import THINGS, Row
from .world import Array, World

BUILDING_ITEMS = (
    "building_id", "built_year", "floors", "households", "gas_riser_age", *DEFECTS, "incomplete_flats", "elevator",
    "elevator_possible", "entrance_accessible", "energy_retrofitted", "fibre",
)  # fmt: skip
ESTATE_ITEMS = (
    "estate_id", "name", "built_year", "households", "population", "property_managed", "parking_spaces",
    "parking_needed", "chargers", "chargers_needed", "ebike_charging", "activity_area", "waste_sorted",
    "garage_signal", "elderly_service", "childcare", "kindergarten",
)  # fmt: skip
MADE: dict[
    str, frozenset[str]
] = {  # what is made here, by input: these items have no row in the tables of values
    "buildings": frozenset({*BUILDING_ITEMS, "name", "estate"}),
    "estates": frozenset(ESTATE_ITEMS),
    "bridges": frozenset({"bridge_id", "name", "grade", "repaired"}),
    "flood_points": frozenset({"point_id", "name", "depth_cm", "severe", "mended"}),
    "schools": frozenset({"school_id", "name", "kind"}),
    "clinics": frozenset({"clinic_id", "name", "kind"}),
}
SCHOOLS = (("幼儿园", 6_500), ("小学", 13_000), ("初中", 24_000), ("高中", 70_000))  # kind, people for one


def buildings(world: World, housing: Housing) -> Things:
    """住宅楼栋: what the survey of buildings knows."""
    frame, estates = housing.buildings, np.array(housing.estates["name"].to_list(), dtype=object)
    estate = estates[frame["estate"].to_numpy()]
    columns = {item: frame[item].to_numpy() for item in BUILDING_ITEMS}
    columns |= {"estate": estate, "name": estate + np.array(frame["name"].to_list(), dtype=object)}
    return Things(frame["building_id"].to_list(), frame["town"].to_numpy(), frame["community"].to_numpy(),
                  columns=columns, age=_age(columns["built_year"]))  # fmt: skip


def estates(world: World, housing: Housing) -> Things:
    """住宅小区: what the survey of estates knows; without a garage its signal is no question."""
    frame = housing.estates
    columns = {item: frame[item].to_numpy() for item in ESTATE_ITEMS}
    signal = zip(columns["garage_signal"].tolist(), frame["has_garage"].to_list(), strict=True)
    columns["garage_signal"] = np.array([has if there else None for has, there in signal], dtype=object)
    return Things(
        frame["estate_id"].to_list(), frame["town"].to_numpy(), frame["community"].to_numpy(), columns=columns,
        people=columns["population"], age=_age(columns["built_year"]),
    )  # fmt: skip


def _age(built: Array) -> Array:
    """Years as 0–1: 1 the oldest, 0 the newest."""
    return (built.max() - built) / max(1, np.ptp(built))


def bridges(world: World, year: int, first: int) -> Things:
    """城市桥梁: a grade A–E 级; worse where drains are bad, some mended each year."""
    rng = world.rng("bridges")
    rows: list[tuple[str, int, str, str, bool]] = []
    for t, (town, code) in enumerate(zip(world.towns, world.town_codes, strict=True)):
        for k in range(1, max(4, round(world.town_area[t] * 0.35)) + 1):
            worn = rng.beta(2, 2 + 4 * town.drainage)
            grade = "ABCDE"[int(np.searchsorted([0.25, 0.5, 0.72, 0.87], worn))]
            mended = grade in "DE" and rng.random() < town.effort * (0.4 + 0.4 * (year - first))
            name = f"{_word(rng)}{'桥' if rng.random() < 0.7 else '大桥'}"
            rows.append((f"{code}Q{k:02d}", t, name, f"{grade}级", mended))
    ids, town_of, names, grades, repaired = map(list, zip(*rows, strict=True))
    columns = {"bridge_id": ids, "name": names, "grade": grades, "repaired": repaired}
    return Things(ids, np.array(town_of), columns=_arrays(columns))


def flood_points(world: World, year: int, first: int) -> Things:
    """内涝积水点: where water stands, how deep, and whether that has been mended."""
    rng = world.rng("flood")
    found: list[tuple[int, int, Array, float, bool, str]] = []
    for t, town in enumerate(world.towns):
        count = rng.poisson((1.5 + 9 * (1 - town.drainage)) * max(0.3, min(1.0, world.scale * 2)))
        mine = np.flatnonzero(world.town_of == t)
        for community in rng.choice(mine, size=count):
            spot = world.scatter(int(community), 1, rng)[0]
            depth = round(float(rng.gamma(3, 9)) + 8, 1)
            mended = rng.random() < town.effort * (0.5 + 0.5 * (year - first))
            found.append(
                (t, int(community), spot, depth, mended, f"{town.name}{_word(rng)}路{_word(rng)}路口")
            )
    town_of, community_of, spots, depths, mended_, names = map(list, zip(*found, strict=True))
    ids = [f"JS{n:03d}" for n in range(1, len(found) + 1)]
    columns = {
        "point_id": ids,
        "name": names,
        "depth_cm": depths,
        "severe": [d > 40 for d in depths],
        "mended": mended_,
    }
    return Things(ids, np.array(town_of), np.array(community_of), np.array(spots), columns=_arrays(columns))


def schools(world: World, year: int, first: int) -> Things:
    """幼儿园和中小学: by people, more where access is good."""
    rng = world.rng("schools")
    things: list[tuple[str, str, str]] = []
    points: list[Array] = []
    of: list[int] = []
    people = world.communities["population"].to_numpy()
    for c, row in enumerate(world.communities.iter_rows(named=True)):
        access = world.towns[row["town"]].access
        for kind, per in SCHOOLS:
            for _ in range(rng.poisson(people[c] / per * (0.5 + 0.9 * access))):
                name = f"{row['base']}{kind if kind != '高中' else '中学'}"
                things.append((f"XX{len(things) + 1:04d}", name, kind))
                points.append(world.scatter(c, 1, rng))
                of.append(c)
    return _places(world, ("school_id", "name", "kind"), things, points, of)


def clinics(world: World, year: int, first: int) -> Things:
    """医疗机构: a centre per town, stations by people; a later year has a few more."""
    rng = world.rng("clinics")
    things: list[tuple[str, str, str]] = []
    points: list[Array] = []
    of: list[int] = []
    people = world.communities["population"].to_numpy()
    for t, town in enumerate(world.towns):
        mine = np.flatnonzero(world.town_of == t)
        of.append(int(mine[people[mine].argmax()]))
        things.append((f"ZX{t + 1:03d}", f"{town.name}社区卫生服务中心", "社区卫生服务中心"))
        points.append(world.scatter(of[-1], 1, rng))
        if town.people > 1.1:
            of.append(int(rng.choice(mine)))
            things.append((f"YY{t + 1:03d}", f"云湖区{stem(town.name)}医院", "二级医院"))
            points.append(world.scatter(of[-1], 1, rng))
        for c in mine.tolist():
            built = rng.random() < (0.25 + 0.35 * town.elder) * min(1.5, people[c] / 6000)
            added = rng.random() < 0.10 * town.effort
            spot = world.scatter(c, 1, rng)
            if built or (added and year > first):
                base = world.communities["base"][c]
                things.append((f"FW{c + 1:04d}", f"{base}社区卫生服务站", "社区卫生服务站"))
                points.append(spot)
                of.append(c)
    return _places(world, ("clinic_id", "name", "kind"), things, points, of)


SPECIAL: dict[str, Callable[[World, int, int], Things]] = {
    "bridges": bridges, "flood_points": flood_points, "schools": schools, "clinics": clinics,
}  # fmt: skip


def _places(
    world: World,
    items: tuple[str, ...],
    things: list[tuple[str, str, str]],
    points: list[Array],
    of: list[int],
) -> Things:
    """Things with a place: ``things`` are (id, name, kind), ``of`` the community of each."""
    columns = dict(zip(items, map(list, zip(*things, strict=True)), strict=True))
    community = np.array(of)
    return Things(columns[items[0]], world.town_of[community], community, np.concatenate(points),
                  columns=_arrays(columns))  # fmt: skip


def _arrays(columns: dict[str, list]) -> dict[str, Array]:
    return {
        item: np.array(values, dtype=object if values and isinstance(values[0], str) else None)
        for item, values in columns.items()
    }


def things_from_rows(office: Office, name: str) -> Things:
    """The things of an input by its row `*`: so many for each unit of the form's level, for towns if located.

    Ids are made of the unit's place and a running number, so that a year with more things only adds to the last.
    """
    form, row = office.asked.forms[name], office.rows(name)[THINGS]
    world = office.world
    place = form.located or form.kind == "layer"
    units = units_of(world, (form.level or "town") if not place else "town")
    counts = _counts(office, row, units)
    which = np.repeat(np.arange(len(counts)), counts)
    number = np.concatenate([np.arange(1, n + 1) for n in counts])
    ids = [f"{row.of}{u + 1:03d}{n:03d}" for u, n in zip(which.tolist(), number.tolist(), strict=True)]
    town = None if units.town is None else units.town[which]
    community = None if units.community is None else units.community[which]
    xy = None
    if place and town is not None:
        community = np.array(
            [_community_of(world, t, i) for t, i in zip(town.tolist(), ids, strict=True)], dtype=int
        )
        xy = np.array(
            [world.scatter(c, 1, _own_rng(world, i))[0] for c, i in zip(community.tolist(), ids, strict=True)]
        )
    keys = {form.key: np.array(ids, dtype=object)} if form.key else {}
    return Things(ids, town, community, xy, columns=keys)


def _counts(office: Office, row: Row, units: Things) -> Array:
    """How many things each unit has: at least one somewhere in the district."""
    drawing = office.drawing(row.input, units)
    amount = drawing.between(row) * np.maximum(0, 1 + drawing.moved(row, office.year - office.first))
    if row.shape == "per_10k" and units.people is not None:
        amount = amount * units.people / 1e4
    counts = np.floor(amount + drawing.u(row, "how many")).astype(int)
    if not counts.any():
        counts[int(amount.argmax())] = 1
    return counts


def _own_rng(world: World, thing: str) -> np.random.Generator:
    return world.rng("spot", zlib.crc32(thing.encode()))


def _community_of(world: World, town: int, thing: str) -> int:
    """The community a thing of a town lies in: the more people, the likelier."""
    mine = np.flatnonzero(world.town_of == town)
    people = world.communities["population"].to_numpy()[mine]
    return int(world.rng("whose", zlib.crc32(thing.encode())).choice(mine, p=people / people.sum()))


def _word(rng: np.random.Generator) -> str:
    """A two-character invented name."""
    return FIRST[int(rng.integers(len(FIRST)))] + ROAD_SECOND[int(rng.integers(len(ROAD_SECOND)))]
