"""Draw values (取值): a column for every item, from its row in the tables of values.

Every number hangs on the seed, the input, the item and the thing's own id alone: things may be added, and years go
on, without another value changing. A chance moves by pace × effort, so that what failed is mended in part; and of
every year's answers a few are drawn anew, so that there are new failures too.
"""

from __future__ import annotations

import zlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta

import numpy as np

from ...engine.intake.measures import COUNTERS, conversion
from ...indicators.form_model import Form, Item
from .places import ESTATE_FIRST, FIRST, ROAD_SECOND
from .values import AGE, GATED, Row
from .world import Array, World

NOISE = 0.20  # how far a value may stray from what its trait says, in traits
ANEW = 0.04  # of the answers of a year are drawn anew
DECIMALS = 2


def uniform(seed: int, keys: Array) -> Array:
    """A number in [0, 1) for each key (splitmix64), the same for the same seed and key."""
    with np.errstate(over="ignore"):
        z = keys.astype(np.uint64) * np.uint64(0x9E3779B97F4A7C15) + np.uint64(seed)
        z = (z ^ (z >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
        z = (z ^ (z >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    return ((z ^ (z >> np.uint64(31))) >> np.uint64(11)).astype(float) / 2**53


@dataclass
class Things:
    """What values are drawn for: units of a form, or things, in one year.

    ``town`` and ``community`` are places in the world's lists, ``town`` None for the whole district; ``columns`` are
    the items that are known already; ``age`` runs 0–1, 1 the oldest; ``people`` and ``area_km2`` are theirs.
    """

    ids: Sequence[str]
    town: Array | None
    community: Array | None = None
    xy: Array | None = None
    columns: Mapping[str, Array] = field(default_factory=dict)
    people: Array | None = None
    area_km2: Array | None = None
    age: Array | None = None


@dataclass
class Drawing:
    """Draws the columns of one input for its things; ``units`` are an office's own units of measure, by item."""

    world: World
    form: Form
    rows: Mapping[str, Row]
    things: Things
    year: int
    first: int
    units: Mapping[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        """A key for each thing, from its id."""
        self.keys = np.array([zlib.crc32(i.encode()) for i in self.things.ids], dtype=np.uint64)

    def column(self, item: str) -> Array:
        """The values of an item, in the form's unit; None in an array of objects where a cell stays blank."""
        return self._value(item, self.year - self.first)

    def _value(self, name: str, on: int) -> Array:
        """The values ``on`` years after the first (−1: the year before)."""
        if name in self.things.columns:
            return np.asarray(self.things.columns[name])
        row, item = self.rows[name], self._item(name)
        if row.shape == "last_year":
            return self._value(row.of, on - 1)
        if row.shape in ("per_head", "per_km2", "flat", "share"):
            return self._amount(row, item, on)
        if row.shape == "choice":
            return self._choice(row, on)
        if row.shape == "name":
            return self._names(row)
        values = self._simple(row, item, on)
        return self._gated(values, row.of, on) if row.shape in GATED and row.of else values

    def _item(self, name: str) -> Item:
        item = self.form.get(name)
        if item is None:
            raise ValueError(f"{self.form.input}：填报表没有 {name}")
        return item

    def u(self, row: Row, purpose: str, on: int = 0) -> Array:
        """Uniform numbers of a row; ``on`` years on a few of them are others."""
        u = uniform(self._seed(row, purpose), self.keys)
        for k in range(1, on + 1):
            again = uniform(self._seed(row, f"{purpose} again {k}"), self.keys) < ANEW
            u = np.where(again, uniform(self._seed(row, f"{purpose} anew {k}"), self.keys), u)
        return u

    def _seed(self, row: Row, purpose: str) -> int:
        return int(self.world.rng("value", row.input, row.item, purpose).integers(2**62))

    def trait(self, name: str) -> Array:
        """A trait of each thing; the district's is the mean of its towns by people."""
        if name.removeprefix("-") != AGE:
            return self._of_town(self.world.degree(name))
        if self.things.age is None:
            raise ValueError(f"{self.form.input} 没有 age")
        return 1 - self.things.age if name.startswith("-") else self.things.age

    def _of_town(self, of_towns: Array) -> Array:
        if self.things.town is None:
            mean = np.average(of_towns, weights=self.world.town_people)
            return np.full(len(self.keys), mean)
        return of_towns[self.things.town]

    def between(self, row: Row) -> Array:
        """A number between low and high for each thing, where its trait puts it, or evenly."""
        place = self.u(row, "level")
        if row.trait:
            place = np.clip(self.trait(row.trait) + NOISE * (place - 0.5), 0, 1)
        return row.low + (row.high - row.low) * place

    def moved(self, row: Row, on: int) -> Array:
        """What pace and effort have added after ``on`` years."""
        return row.pace * on * self._of_town(self.world.trait("effort"))

    def _amount(self, row: Row, item: Item, on: int) -> Array:
        """An amount: rounded as the office states it, so that a part is never more than its whole."""
        level = self.between(row)
        if row.shape == "share":
            whole = self._value(row.of, on).astype(float)
            most = max(1.0, row.low, row.high)
            part = self._rounded(item, whole * np.clip(level + self.moved(row, on), 0, most))
            return np.minimum(part, np.floor(whole) if self._is_whole(item) else whole) if most <= 1 else part
        of = {"per_head": self.things.people, "per_km2": self.things.area_km2, "flat": np.ones(len(level))}[
            row.shape
        ]
        if of is None:
            raise ValueError(f"{row.at}：{row.input} 的一行没有人口或面积，不能用 {row.shape}")
        return self._rounded(item, of * level * np.maximum(0, 1 + self.moved(row, on)))

    def _is_whole(self, item: Item) -> bool:
        return item.type == "integer" or item.unit in COUNTERS

    def _rounded(self, item: Item, values: Array) -> Array:
        """Whole things; other amounts to two decimals in the unit that stands in the sheet."""
        if self._is_whole(item):
            return np.maximum(0, np.round(values))
        factor = self.factor(item.name)
        return np.round(np.round(values / factor, DECIMALS) * factor, 6)

    def factor(self, name: str) -> float:
        """How many of the form's units one of the sheet's is: 10,000 for 万㎡ over ㎡."""
        item = self._item(name)
        factor = conversion(self.units.get(name, item.unit), item.unit)
        if factor is None:
            raise ValueError(f"{self.form.input}.{name}：{self.units[name]} 不能换算成 {item.unit}")
        return float(factor)

    def _simple(self, row: Row, item: Item, on: int) -> Array:
        """A chance, a number in a range, or a date."""
        level = self.between(row)
        if row.shape == "chance":
            return self.u(row, "chance", on) < np.clip(level + self.moved(row, on), 0, 1)
        if row.shape == "date":
            end = date(self.year, 4, 30)
            return np.array([(end - timedelta(days=int(d))).isoformat() for d in level], dtype=object)
        number = np.clip(level + self.moved(row, on), item.low, item.high)
        digits = 0 if self._is_whole(item) else 1 if max(abs(row.low), abs(row.high)) >= 10 else DECIMALS
        return np.round(number, digits)

    def _gated(self, values: Array, of: str, on: int) -> Array:
        """``values`` where another item of the row is TRUE, else None."""
        there = self._value(of, on)
        return np.array([v if t is True or t == 1 else None for v, t in
                         zip(values.tolist(), there.tolist(), strict=True)], dtype=object)  # fmt: skip

    def _choice(self, row: Row, on: int) -> Array:
        """One of some words by weight; a trait and pace draw towards the first."""
        words = np.array(list(row.choices), dtype=object)
        weight = np.array(list(row.choices.values()))
        lean = np.maximum(0.1, (0.5 + self.trait(row.trait) if row.trait else 1) + self.moved(row, on))
        cuts = np.cumsum(weight / weight.sum())[:-1]
        return words[np.searchsorted(cuts, self.u(row, "choice", on) ** lean, side="right")]

    def _names(self, row: Row) -> Array:
        """Invented names by a pattern."""
        first = (self.u(row, "first") * len(FIRST)).astype(int)
        second = (self.u(row, "second") * len(ROAD_SECOND)).astype(int)
        third = (self.u(row, "third") * (len(ESTATE_FIRST) + 8)).astype(int)
        communities = self.world.communities["base"].to_list()
        names = []
        for n in range(len(self.keys)):
            town = "全区" if self.things.town is None else self.world.towns[self.things.town[n]].name
            place = town if self.things.community is None else communities[self.things.community[n]]
            extra = ESTATE_FIRST[third[n]] if third[n] < len(ESTATE_FIRST) else ""
            word = extra + FIRST[first[n]] + ROAD_SECOND[second[n]]
            names.append(row.of.format(town=town, community=place, word=word, n=n + 1))
        return np.array(names, dtype=object)
