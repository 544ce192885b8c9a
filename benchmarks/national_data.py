"""The made-up country of ``national.py``: units, records and yearly accounts, made once from a seed and kept under ``build/``.

    python benchmarks/national_data.py FOLDER SCALE

At scale 1 there are 31 provinces, 2,850 districts, 41,000 towns and 650,000 communities, whose codes are the twelve digits
of the statistical code. ``records`` are 100,000,000 buildings over five years, three Parquet files to a province, rows in no
order, as they are delivered; ``accounts`` have one row for each community and year, with 64 amounts examined and how many
of each were found right: three in a hundred are not known, and one row in fifty was never sent in.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path

import numpy as np
import polars as pl

SEED = 20261126
PROVINCES, DISTRICTS, TOWNS, COMMUNITIES = 31, 2_850, 41_000, 650_000
RECORDS, FILES, YEARS = 100_000_000, 3, (2022, 2023, 2024, 2025, 2026)
ACCOUNTS = 64
LEVEL = 1  # of compression


def make(folder: Path, scale: float) -> None:
    """``units.parquet``, ``records/province=PP/N.parquet``, ``accounts/province=PP/N.parquet``."""
    folder.mkdir(parents=True, exist_ok=True)
    rng = np.random.default_rng(SEED)
    units = make_units(rng, scale)
    units.write_parquet(folder / "units.parquet")
    communities = units.filter(pl.col("level") == "community").select(
        "code", province=pl.col("code").str.head(2)
    )
    shares = communities.group_by("province").len().sort("province")
    for name, count in shares.iter_rows():
        codes = communities.filter(pl.col("province") == name)["code"].to_numpy()
        rows = round(RECORDS * scale * count / len(communities))
        parts = np.array_split(np.arange(rows), FILES)
        for kind, frames in (("records", records(rng, codes, parts)), ("accounts", [accounts(rng, codes)])):
            where = folder / kind / f"province={name}"
            where.mkdir(parents=True, exist_ok=True)
            for number, frame in enumerate(frames):
                frame.write_parquet(where / f"{number}.parquet", compression="zstd", compression_level=LEVEL)


def make_units(rng: np.random.Generator, scale: float) -> pl.DataFrame:
    """All units in the schema of results; every one of a level has at least one of the level below."""
    provinces = min(
        max(round(PROVINCES * scale * 100), 2), PROVINCES
    )  # fewer only of a country made to try things out
    sizes = [provinces, *(max(round(n * scale), provinces) for n in (DISTRICTS, TOWNS, COMMUNITIES))]
    above = [np.sort(np.append(np.arange(a), rng.integers(0, a, b - a))) for a, b in pairwise(sizes)]
    province = [f"{11 + i}" for i in range(provinces)]
    district = _below(province, above[0], 4)
    town = _below(district, above[1], 3)
    community = _below(town, above[2], 3)
    people = rng.integers(300, 8_000, len(community)).astype(np.float64)
    area = np.round(rng.gamma(2.0, 2.0, len(community)) + 0.05, 3)
    in_district = above[1][above[2]]
    parts = [
        _level("district", district, "", (people, area), in_district, len(district), [district, None, None]),
        _level("town", town, np.array(district)[above[1]], (people, area), above[2], len(town), [np.array(district)[above[1]], town, None]),
        _level("community", community, np.array(town)[above[2]], (people, area), np.arange(len(community)), len(community),
               [np.array(district)[in_district], np.array(town)[above[2]], community]),
    ]  # fmt: skip
    return pl.concat(parts).sort("code")


def _below(parents: list[str], of: np.ndarray, digits: int) -> list[str]:
    """Codes of children: those of their parents with a number behind."""
    first = np.searchsorted(of, np.arange(len(parents)))
    return [f"{parents[p]}{i - first[p] + 1:0{digits}d}" for i, p in enumerate(of)]


def _level(level, codes, parent, amounts, of, count, ancestors) -> pl.DataFrame:  # type: ignore[no-untyped-def]
    sums = [np.bincount(of, amount, count) for amount in amounts]
    text = {"code": codes, "name": codes, "parent": parent} | dict(
        zip(("district", "town", "community"), ancestors, strict=True)
    )
    frame = pl.DataFrame({"code": codes, "population": sums[0], "area_km2": sums[1]})
    more = {n: pl.Series(v, dtype=pl.String) if v is not None and not isinstance(v, str) else pl.lit(v or None, dtype=pl.String)
            for n, v in text.items() if n != "code"}  # fmt: skip
    return frame.with_columns(level=pl.lit(level), kind=pl.lit(None, dtype=pl.String), **more).select(
        "code", "name", "level", "parent", "kind", "population", "area_km2", "district", "town", "community"
    )


def records(rng: np.random.Generator, codes: np.ndarray, parts: list[np.ndarray]) -> Iterator[pl.DataFrame]:
    """Buildings, in no order: when surveyed, how large, how many homes, what was found, and how much has been put right."""
    for building in parts:
        n = len(building)
        area = rng.integers(80, 9_000, n, dtype=np.int32)
        found = rng.integers(0, 256, n, dtype=np.uint8)
        yield pl.DataFrame({
            "unit": codes[rng.integers(0, len(codes), n)], "building": building, "year": rng.choice(np.array(YEARS, np.int16), n),
            "area": area, "homes": rng.integers(1, 120, n, dtype=np.int16),
            "riser_old": found < 20, "facade_loose": found % 16 == 3, "lift": pl.Series(found > 120).set(pl.Series(found == 255), None),
            "insulated": (area * (found / 255.0)).astype(np.int32),
        })  # fmt: skip


def accounts(rng: np.random.Generator, codes: np.ndarray) -> pl.DataFrame:
    """What communities account for, year by year: ``all_NN`` examined, of which ``good_NN`` were right."""
    n = len(codes) * len(YEARS)
    columns = {"unit": np.repeat(codes, len(YEARS)), "year": np.tile(np.array(YEARS, np.int16), len(codes))}
    made = []
    for number in range(ACCOUNTS):
        examined = rng.integers(0, 400, n, dtype=np.int32)
        good = np.round(examined * rng.beta(6.0, 2.0, 997)[np.arange(n) * 31 % 997]).astype(np.int32)
        gap = pl.Series(rng.random(n, dtype=np.float32) < 0.03)
        made += [
            pl.Series(f"all_{number:02d}", examined).set(gap, None),
            pl.Series(f"good_{number:02d}", good).set(gap, None),
        ]
    frame = pl.DataFrame(columns).with_columns(made)
    return frame.filter(pl.Series(rng.random(n) >= 0.02))


if __name__ == "__main__":
    make(Path(sys.argv[1]), float(sys.argv[2]))
