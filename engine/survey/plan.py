"""The sampling plan (抽样计划): how many answers are wanted of each community, and of whom.

Source of the rules: the Ministry's handbook of the 2025 城市体检, 居民问卷抽样调查 and 专栏 4. At least 6 answers for
each 社区; the total is 0.6–1.5 ‰ of the people, large cities at the low end, and not under 1,500 for a city; 16–30
about 30 %, 30–60 about 55 %, over 60 about 15 %, each ±5 points; women at most 70 %, officials at most 15 %.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import ceil, floor, log10

import numpy as np
import numpy.typing as npt
import polars as pl

from ..settings.project import Survey

SMALL_CITY, LARGE_CITY = 1e6, 1e7  # people; above 10 million a city is 超大 (国发〔2014〕51号)
AT_SMALL, AT_LARGE = 1.5, 0.6  # ‰
SEX, AGE, WORK = "性别", "年龄", "职业"
MEN, WOMEN, OFFICIALS = "男", "女", "党政机关或事业人员"
NO_POPULATION = "缺常住人口，只按最少份数"


@dataclass(frozen=True)
class Band:
    """One category of people: its wanted share of the answers, and the shares between which it must lie."""

    group: str
    category: str
    share: float | None
    low: float | None
    high: float | None


@dataclass(frozen=True)
class Plan:
    """A plan by ``rules``. ``level`` is the level of the sampling unit; ``per_mille`` is None where no population is known.

    ``units``: unit, level, name, parent, population, wanted, note, in code order, each parent the sum of its
    children. ``quotas``: unit, group, category, wanted, at_least, at_most (people), for the district and its towns.
    """

    rules: Survey
    level: str
    per_mille: float | None
    total: int
    units: pl.DataFrame
    quotas: pl.DataFrame


def make_plan(units: pl.DataFrame, rules: Survey) -> Plan:
    """The plan for the frame ``units``; the sampling unit is the finest level there is."""
    level = next(lv for lv in ("community", "town", "district") if lv in units["level"])
    finest = units.filter(pl.col("level") == level)
    people = _people(units, finest)
    per_mille = None if people is None else rules.per_mille or default_per_mille(people)
    by_share = ceil(people * per_mille / 1000 - 1e-9) if people is not None and per_mille is not None else 0
    total = max(by_share, rules.minimum_total, rules.per_unit * finest.height)
    wanted = finest.with_columns(
        wanted=pl.Series(allocate(finest["population"].to_list(), total, rules.per_unit), dtype=pl.Int64)
    )
    planned = _with_parents(units, wanted)
    return Plan(rules, level, per_mille, total, planned, _quotas(planned, rules))


def default_per_mille(people: float) -> float:
    """Answers per 1,000 people where the project does not say: 1.5 up to a million people, 0.6 from ten million.

    The handbook gives the two ends only; between them this project goes straight by the logarithm of the people.
    """
    way = (log10(max(people, 1.0)) - log10(SMALL_CITY)) / (log10(LARGE_CITY) - log10(SMALL_CITY))
    return round(AT_SMALL + (AT_LARGE - AT_SMALL) * min(max(way, 0.0), 1.0), 2)


def allocate(population: Sequence[float | None], total: int, least: int) -> list[int]:
    """``total`` answers over units by their population, none under ``least``.

    Units whose proportional share is below ``least`` get ``least``, the rest is shared among the others again, until
    all have enough; whole numbers by largest remainders. A unit of unknown population gets ``least`` (all equally
    where none is known). The sum is ``total``, or ``least`` for each where that is more.
    """
    known = np.array([p is not None for p in population])
    people = np.array([float(p or 0.0) for p in population])
    if not (people > 0).any():
        people, known = np.ones(len(people)), np.ones(len(people), dtype=bool)
    answers = np.full(len(people), least, dtype=np.int64)
    free = known & (people > 0)
    while free.any():
        rest = total - least * int((~free).sum())
        fair = np.where(free, people / people[free].sum() * rest, 0.0)
        under = free & (fair < least)
        if not under.any():
            answers[free] = largest_remainders(fair[free], rest)
            break
        free &= ~under
    return [int(n) for n in answers]


def largest_remainders(fair: npt.NDArray[np.float64], total: int) -> npt.NDArray[np.int64]:
    """Whole numbers that add up to ``total``, each within one of its fair share (which add up to it too); the
    answers left over go to the largest remainders (Hamilton's method), the earlier unit first."""
    whole = np.floor(fair + 1e-9).astype(np.int64)
    left = total - int(whole.sum())
    order = np.argsort(-(fair - whole), kind="stable")
    whole[order[:left]] += 1
    return whole


def bands(rules: Survey) -> list[Band]:
    """The categories of people that plan and check look at."""
    sexes = rules.population.sex
    share = {s: next((v for k, v in sexes.items() if s in k), 0.5) for s in (MEN, WOMEN)}
    t = rules.age_tolerance
    return [
        Band(SEX, MEN, share[MEN], None, None),
        Band(SEX, WOMEN, share[WOMEN], None, rules.women_at_most),
        *(Band(AGE, band, s, max(s - t, 0.0), min(s + t, 1.0)) for band, s in rules.ages.items()),
        Band(WORK, OFFICIALS, None, None, rules.officials_at_most),
    ]


def _people(units: pl.DataFrame, finest: pl.DataFrame) -> float | None:
    """The district's people: as the units table says, else the sum of the finest units where all are known."""
    own = units.filter(pl.col("level") == "district")["population"].drop_nulls()
    if len(own):
        return float(own[0])
    return float(finest["population"].sum()) if finest["population"].null_count() == 0 else None


def _with_parents(units: pl.DataFrame, wanted: pl.DataFrame) -> pl.DataFrame:
    """The answers wanted of every unit: of a parent, the sum over what lies in it."""
    sums = pl.concat(
        wanted.drop_nulls(level).group_by(pl.col(level).alias("unit")).agg(pl.col("wanted").sum())
        for level in ("district", "town", "community")
    )
    missing = pl.col("population").is_null() & pl.col("unit").is_in(wanted["code"].to_list())
    return (
        units.select("level", "name", "parent", "population", unit="code")
        .join(sums, on="unit", how="inner", maintain_order="left")
        .with_columns(note=pl.when(missing).then(pl.lit(NO_POPULATION)).otherwise(pl.lit("")))
        .select("unit", "level", "name", "parent", "population", "wanted", "note")
    )


def _quotas(planned: pl.DataFrame, rules: Survey) -> pl.DataFrame:
    """Whole numbers of people per category; the district's are the sums of its towns'."""
    wanted = bands(rules)
    rows: list[tuple[str, str, str, int | None, int | None, int | None]] = []
    counts: dict[tuple[str, str], int] = {}
    towns = planned.filter(pl.col("level") == "town")
    upper = pl.concat([towns, planned.filter(pl.col("level") == "district")])  # towns first: they are summed
    for unit, level, n in upper.select("unit", "level", "wanted").iter_rows():
        shares = {g: [b for b in wanted if b.group == g and b.share is not None] for g in (SEX, AGE)}
        own = {
            (b.group, b.category): int(k)
            for found in shares.values()
            for b, k in zip(found, _whole(found, n), strict=True)
        }
        if level == "town":
            for key, k in own.items():
                counts[key] = counts.get(key, 0) + k
        elif towns.height:
            own = counts
        rows += [
            (unit, b.group, b.category, own.get((b.group, b.category)),
             None if b.low is None else ceil(b.low * n - 1e-9), None if b.high is None else floor(b.high * n + 1e-9))
            for b in wanted
        ]  # fmt: skip
    schema = {"unit": pl.String, "group": pl.String, "category": pl.String, "wanted": pl.Int64,
              "at_least": pl.Int64, "at_most": pl.Int64}  # fmt: skip
    return pl.DataFrame(rows, schema=schema, orient="row").sort("unit", maintain_order=True)


def _whole(found: list[Band], n: int) -> npt.NDArray[np.int64]:
    """``n`` people over the categories of one group, by their shares."""
    shares = np.array([b.share or 0.0 for b in found])
    return largest_remainders(shares / shares.sum() * n, n)
