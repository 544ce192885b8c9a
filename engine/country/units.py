"""The units of a country (全国体检单元) as places in one order, in which what lies in a unit is a run."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
import polars as pl

from ..results import LEVELS
from ..scoring.base import Floats, Integers, floats_of

_READ = ("code", "level", "parent", "population", "area_km2")
PROVINCE_DIGITS = 2  # of a statistical code (统计用区划代码): the province


class CountryError(ValueError):
    """What cannot be done for a whole country, or data that are not as they must be; the message is for the user."""


@dataclass(frozen=True)
class Runs:
    """Which rows of one level lie in which unit of the level above: ``starts`` the first row of each run,
    ``parents`` whose run it is, ``count`` how many units there are above (some may have no run)."""

    starts: Integers
    parents: Integers
    count: int

    @staticmethod
    def of(parents: Integers, count: int) -> Runs:
        """From the parent of each row; rows of one parent must stand together. Raises CountryError."""
        starts = np.flatnonzero(np.diff(parents, prepend=-1))
        if len(set(parents[starts].tolist())) < len(starts):
            raise CountryError("单元没有按上级排在一起")
        return Runs(starts, parents[starts], count)


@dataclass(frozen=True)
class Part:
    """A province: its code, its communities ``[first, last)`` and its towns ``[first_town, last_town)``."""

    name: str
    first: int
    last: int
    first_town: int
    last_town: int


@dataclass(frozen=True)
class Country:
    """The units of each level in order; ``town_of`` (communities,) and ``district_of`` (towns,) are places in it.

    ``units``: level → frame of code, population, area_km2.
    """

    units: dict[str, pl.DataFrame]
    town_of: Integers
    district_of: Integers
    parts: tuple[Part, ...]

    @cached_property
    def districts(self) -> Runs:
        """Towns by district."""
        return Runs.of(self.district_of, self.units["district"].height)

    def towns(self, part: Part) -> Runs:
        """The communities of a province by town, both counted from the province's first."""
        own = self.town_of[part.first : part.last] - part.first_town
        return Runs.of(own, part.last_town - part.first_town)

    def size(self, level: str, of: str) -> Floats:
        """``population`` or ``area_km2`` of the units of a level, NaN where not known."""
        return floats_of(self.units[level][of])


def country_of(units: pl.DataFrame) -> Country:
    """The country of a frame of units (columns as in the results' ``units``; ``parent`` names the unit above).

    Raises CountryError for a unit whose parent is not there or of the wrong level, and for a town or community that
    lies in a district of another province.
    """
    units = units.select(_READ)
    by_level = {level: units.filter(pl.col("level") == level) for level in LEVELS}
    if any(frame.is_empty() for frame in by_level.values()):
        raise CountryError("单元名录应有区、街镇、社区三级")
    districts = by_level["district"].sort("code")
    towns, district_of = _below(by_level["town"], districts)
    communities, town_of = _below(by_level["community"], towns)
    province = districts["code"].str.head(PROVINCE_DIGITS).to_numpy()
    wide = {"district": districts, "town": towns, "community": communities}
    return Country(
        {level: frame.select("code", "population", "area_km2") for level, frame in wide.items()},
        town_of, district_of, _parts(province, district_of, town_of),
    )  # fmt: skip


def _below(frame: pl.DataFrame, above: pl.DataFrame) -> tuple[pl.DataFrame, Integers]:
    """A level in the order of the level above and of its codes, and the place of each row's parent."""
    places = above.select(parent="code").with_row_index("_place")
    placed = frame.join(places, on="parent", how="left").sort("_place", "code")
    lost = placed.filter(pl.col("_place").is_null())
    if lost.height:
        raise CountryError(
            f"单元 {lost['code'][0]} 的上级 {lost['parent'][0]} 不在名录的上一级中（共 {lost.height} 个）"
        )
    return placed.drop("_place"), placed["_place"].cast(pl.Int64).to_numpy()


def _parts(province: np.ndarray, district_of: Integers, town_of: Integers) -> tuple[Part, ...]:
    """The provinces: districts are sorted by code, so each is a run at every level."""
    names, of_district = np.unique(province, return_inverse=True)
    of_town = of_district[district_of]
    of_community = of_town[town_of]
    places = np.arange(len(names))
    ends = [
        np.searchsorted(own, places, side) for own in (of_community, of_town) for side in ("left", "right")
    ]
    return tuple(Part(str(name), *(int(end) for end in own)) for name, *own in zip(names, *ends, strict=True))
