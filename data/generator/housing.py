"""Estates (住宅小区) and buildings (住宅楼栋): how old they are, what is wrong with them, how they change.

Defects grow with age and with neglect, and cluster in estates; between two years some are mended, as the
town's effort goes, and some are new.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import polars as pl

from . import places
from .world import Array, World

PEOPLE_PER_HOME = 2.6
PEOPLE_PER_ESTATE = 620

# defect: (share of buildings failing at 40 years in an averagely kept town, age at which it starts)
DEFECTS: dict[str, tuple[float, float]] = {
    "structure_crack": (0.010, 20), "load_wall_removed": (0.005, -20), "gas_riser_corroded": (0.10, 12),
    "stair_damaged": (0.05, 5), "fire_door_broken": (0.05, 2), "hydrant_missing": (0.03, 4),
    "corridor_blocked": (0.05, -15), "facade_falling": (0.025, 10), "roof_leak": (0.05, 8),
    "pipe_damaged": (0.045, 12),
}  # fmt: skip


@dataclass(frozen=True)
class Housing:
    """One year's stock. ``estates`` and ``buildings`` are sorted by id; ``estate`` there is a place."""

    year: int
    estates: pl.DataFrame
    buildings: pl.DataFrame


def build_housing(world: World, year: int) -> Housing:
    """The stock of the first year."""
    rng = world.rng("housing")
    estates = _estates(world, year, rng)
    return Housing(year, estates, _buildings(world, estates, year, rng))


def _estates(world: World, year: int, rng: np.random.Generator) -> pl.DataFrame:
    """Where the estates are, how old, how large; their population is part of their community's."""
    people = world.communities["population"].to_numpy()
    village = (world.communities["kind"] == "村委会").to_numpy()
    housed = people * np.where(village, 0.30, 0.96)
    count = np.maximum(1, (housed / PEOPLE_PER_ESTATE).round().astype(int))
    community = np.repeat(np.arange(len(people)), count)
    town = world.town_of[community]
    weight = rng.lognormal(0, 0.5, len(community))
    first = np.concatenate([[0], np.cumsum(count)[:-1]])
    vast = first[(housed > 6500) & (rng.random(len(people)) < 0.7)]  # one estate holds most of the community
    weight[vast] = 5 * count[community[vast]]
    total = np.bincount(community, weights=weight)
    living = np.floor(housed[community] * weight / total[community]).astype(int)
    drift = rng.normal(0, 4, len(people))  # the estates of a community were built at about one time
    built = world.trait("stock")[town] + drift[community] + rng.normal(0, 6, len(community))
    built = np.clip(built.round(), 1952, year - 1).astype(int)
    xy = np.concatenate([world.scatter(c, n, rng) for c, n in enumerate(count)])
    number = np.concatenate([np.arange(1, n + 1) for n in count])
    codes = world.communities["code"].to_list()
    frame = pl.DataFrame({
        "estate_id": [f"{codes[c]}-{n:03d}" for c, n in zip(community, number, strict=True)],
        "community": community, "town": town, "built_year": built, "population": living,
        "x": xy[:, 0], "y": xy[:, 1], "worn": rng.lognormal(0, 0.5, len(community)),
    })  # fmt: skip
    households = np.maximum(8, (living / PEOPLE_PER_HOME).round().astype(int))
    names = _estate_names(community, built, world.communities["base"].to_list(), rng)
    frame = frame.with_columns(pl.Series("households", households), pl.Series("name", names))
    return frame.with_columns(_services(world, frame, rng))


def _estate_names(community: Array, built: Array, bases: list[str], rng: np.random.Generator) -> list[str]:
    """Names that tell the age (新村 … 华庭), each once in its community."""
    names: list[str] = []
    taken: set[tuple[int, str]] = set()
    for c, year in zip(community.tolist(), built.tolist(), strict=True):
        stock = (
            places.ESTATE_OLD if year < 1993 else places.ESTATE_MIDDLE if year < 2006 else places.ESTATE_NEW
        )
        name = bases[c] + stock[int(rng.integers(len(stock)))]
        while (c, name) in taken:
            first = places.ESTATE_FIRST[int(rng.integers(len(places.ESTATE_FIRST)))]
            name = first + bases[c] + stock[int(rng.integers(len(stock)))]
        taken.add((c, name))
        names.append(name)
    return names


def _chance(rng: np.random.Generator, share: Array) -> Array:
    return rng.random(len(share)) < np.clip(share, 0.0, 1.0)


def _services(world: World, estates: pl.DataFrame, rng: np.random.Generator) -> list[pl.Series]:
    """What the estate has for parking, charging, the old, the young, waste and play."""
    town, homes = estates["town"].to_numpy(), estates["households"].to_numpy()
    built = estates["built_year"].to_numpy()
    modern = np.clip((built - 1990) / 25, 0, 1)
    care, elder = world.trait("property_care")[town], world.trait("elder")[town]
    clean, access = world.trait("clean")[town], world.trait("access")[town]
    needed = (homes * (0.55 + 0.45 * modern)).round().astype(int)
    spaces = (
        (needed * np.clip(0.45 + 0.6 * modern + rng.normal(0, 0.12, len(homes)), 0.15, 1.15))
        .round()
        .astype(int)
    )
    chargers_needed = np.maximum(1, (needed * 0.10).round().astype(int))
    fill = np.clip(0.15 + 0.7 * modern * care + rng.normal(0, 0.2, len(homes)), 0, 1.1)
    area = homes * PEOPLE_PER_HOME * np.clip(0.25 + 0.5 * modern + rng.normal(0, 0.2, len(homes)), 0, 2)
    return [
        pl.Series("property_managed", _chance(rng, 0.30 + 0.45 * modern + 0.35 * care)),
        pl.Series("parking_spaces", spaces),
        pl.Series("parking_needed", needed),
        pl.Series("chargers", (chargers_needed * fill).round().astype(int)),
        pl.Series("chargers_needed", chargers_needed),
        pl.Series("ebike_charging", _chance(rng, 0.45 + 0.25 * modern + 0.30 * care)),
        pl.Series("activity_area", area.round(0)),
        pl.Series("waste_sorted", _chance(rng, 0.72 + 0.27 * clean)),
        pl.Series("has_garage", built >= 2003),
        pl.Series("garage_signal", _chance(rng, 0.45 + 0.5 * access)),
        pl.Series("elderly_service", _chance(rng, 0.35 + 0.6 * elder)),
        pl.Series("childcare", _chance(rng, 0.15 + 0.35 * elder + 0.30 * modern)),
        pl.Series("kindergarten", _chance(rng, 0.35 + 0.30 * modern + 0.20 * access)),
    ]


def _buildings(world: World, estates: pl.DataFrame, year: int, rng: np.random.Generator) -> pl.DataFrame:
    """The buildings of each estate, with heights that follow its age and place."""
    built, homes = estates["built_year"].to_numpy(), estates["households"].to_numpy()
    town = estates["town"].to_numpy()
    core = np.array([t.kind == "街道" for t in world.towns])[town]
    tall = rng.random(len(built)) < np.clip((built - 1996) / 20, 0, 0.9) * np.where(core, 1.0, 0.7)
    typical = np.where(
        tall,
        rng.choice([11, 18, 26, 32], len(built), p=[0.4, 0.35, 0.18, 0.07]),
        np.where(built < 1975, 3, np.where(built < 2000, 6, rng.choice([6, 7, 8], len(built)))),
    )
    per_building = np.where(tall, typical * 3, typical * rng.choice([3, 5, 7], len(built), p=[0.4, 0.4, 0.2]))
    count = np.clip((homes / per_building).round().astype(int), 1, 60)
    estate = np.repeat(np.arange(len(built)), count)
    n = len(estate)
    number = np.concatenate([np.arange(1, c + 1) for c in count])
    floors = np.maximum(1, typical[estate] - rng.choice([0, 0, 0, 1], n))
    size = rng.dirichlet(np.ones(4), n)[:, 0] * 0.3 + 0.85
    households = np.maximum(2, (homes[estate] / count[estate] * size).round().astype(int))
    built_year = np.minimum(built[estate] + rng.choice([0, 0, 0, 1], n), year - 1)
    ids = estates["estate_id"].to_list()
    lifted = (floors >= 8) | ((floors == 7) & (built_year >= 2000))
    possible = ~lifted & (floors >= 4) & (rng.random(n) < 0.7)
    frame = pl.DataFrame(
        {
            "building_id": [
                f"{ids[e]}-{k:02d}" for e, k in zip(estate.tolist(), number.tolist(), strict=True)
            ],
            "name": [f"{k}号楼" for k in number.tolist()],
            "estate": estate,
            "town": town[estate],
            "community": estates["community"].to_numpy()[estate],
            "built_year": built_year,
            "floors": floors,
            "households": households,
            "gas_riser_age": np.minimum(
                year - built_year, np.where(rng.random(n) < 0.35, rng.integers(1, 15, n), 99)
            ),
            "elevator": lifted | (possible & (rng.random(n) < 0.07)),
            "elevator_possible": possible,
        }
    )
    return frame.with_columns(_state(world, estates, frame, year, rng))


def _state(
    world: World, estates: pl.DataFrame, buildings: pl.DataFrame, year: int, rng: np.random.Generator
) -> list[pl.Series]:
    """Every defect and every good quality of each building."""
    town, built = buildings["town"].to_numpy(), buildings["built_year"].to_numpy()
    found = [
        pl.Series(name, _chance(rng, share)) for name, share in defect_shares(world, estates, buildings, year)
    ]
    access = world.trait("access")[town]
    flats = np.where(
        (built < 1982) & (rng.random(len(built)) < 0.5), buildings["households"].to_numpy() // 2, 0
    )
    modern = np.clip((built - 1985) / 30, 0, 1)
    return [
        *found,
        pl.Series("incomplete_flats", flats),
        pl.Series("entrance_accessible", _chance(rng, 0.10 + 0.45 * modern + 0.40 * access)),
        pl.Series("energy_retrofitted", _chance(rng, np.where(built >= 2008, 0.97, 0.15 + 0.3 * access))),
        pl.Series("fibre", _chance(rng, 0.93 + 0.07 * modern)),
    ]


def defect_shares(
    world: World, estates: pl.DataFrame, buildings: pl.DataFrame, year: int
) -> list[tuple[str, Array]]:
    """The chance of each defect for each building: age past its start, neglect, and the estate's own wear."""
    age = year - buildings["built_year"].to_numpy()
    neglect = (1 - world.trait("upkeep"))[buildings["town"].to_numpy()]
    worn = estates["worn"].to_numpy()[buildings["estate"].to_numpy()]
    return [
        (name, share * np.clip((age - start) / (40 - start), 0, 2) * (0.25 + 1.75 * neglect) * worn)
        for name, (share, start) in DEFECTS.items()
    ]


def evolve(world: World, housing: Housing, year: int) -> Housing:
    """The stock a year on: some defects mended, some new, some services added, pipes older or replaced."""
    rng = world.rng("evolve", year)
    buildings, estates = housing.buildings, housing.estates
    effort = world.trait("effort")[buildings["town"].to_numpy()]
    changed: list[pl.Series] = []
    for name, share in defect_shares(world, estates, buildings, year):
        had = buildings[name].to_numpy()
        mended = rng.random(len(had)) < 0.7 * effort
        changed.append(pl.Series(name, (had & ~mended) | (~had & _chance(rng, share * 0.18))))
    age = buildings["gas_riser_age"].to_numpy()
    replaced = (age >= 20) & (rng.random(len(age)) < 0.25 * effort)
    changed.append(pl.Series("gas_riser_age", np.where(replaced, 0, age + 1)))
    lift = buildings["elevator"].to_numpy()
    possible = buildings["elevator_possible"].to_numpy()
    changed.append(pl.Series("elevator", lift | (possible & (rng.random(len(lift)) < 0.05 * effort))))
    for name, pace in (("entrance_accessible", 0.10), ("energy_retrofitted", 0.05), ("fibre", 0.5)):
        had = buildings[name].to_numpy()
        changed.append(pl.Series(name, had | (rng.random(len(had)) < pace * effort)))
    return Housing(year, estates.with_columns(_improve(world, estates, rng)), buildings.with_columns(changed))


def _improve(world: World, estates: pl.DataFrame, rng: np.random.Generator) -> list[pl.Series]:
    """What the estates gained in a year."""
    town = estates["town"].to_numpy()
    effort = world.trait("effort")[town]
    gained: list[pl.Series] = []
    for name in ("property_managed", "ebike_charging", "garage_signal", "elderly_service", "childcare"):
        had = estates[name].to_numpy()
        gained.append(pl.Series(name, had | (rng.random(len(had)) < 0.25 * effort)))
    slipped = rng.random(len(town)) < 0.06 * (1 - world.trait("clean")[town])
    kept = estates["waste_sorted"].to_numpy() & ~slipped
    gained.append(pl.Series("waste_sorted", kept | (rng.random(len(kept)) < 0.4 * effort)))
    chargers, needed = estates["chargers"].to_numpy(), estates["chargers_needed"].to_numpy()
    added = (np.maximum(0, needed - chargers) * effort * 0.4).round().astype(int)
    gained.append(pl.Series("chargers", chargers + added))
    spaces, wanted = estates["parking_spaces"].to_numpy(), estates["parking_needed"].to_numpy()
    found = (np.maximum(0, wanted - spaces) * effort * 0.08).round().astype(int)
    gained.append(pl.Series("parking_spaces", spaces + found))
    return gained
