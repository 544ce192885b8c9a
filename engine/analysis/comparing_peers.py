"""Who is alike and who does it well (相近单元与标杆做法): the units of a level beside those that are compared."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import polars as pl

from ..results import Results
from ..scoring.base import Floats, floats_of

NEAREST: dict[str, type[pl.DataType]] = {
    "unit": pl.String, "order": pl.Int64, "peer": pl.String, "distance": pl.Float64, "features": pl.Int64,
}  # fmt: skip
PRACTICE: dict[str, pl.DataType | type[pl.DataType]] = {
    "indicator": pl.String, "level": pl.String, "spread": pl.Float64, "short": pl.List(pl.String), "best": pl.Float64,
    "value": pl.Float64, "holders": pl.List(pl.String), "scored": pl.Int64, "third": pl.Float64,
}  # fmt: skip
_LEAST_SHARE = 0.5  # of the features both units must have, or they cannot be called alike
_ALIKE = 1e-12  # values closer than this share of their size are one value


def nearest_peers(results: Results, units: Sequence[str], count: int = 3) -> pl.DataFrame:
    """The ``count`` units of the same level most like each of ``units``: unit, order, peer, distance, features.

    Features: every dimension score and the logarithm of the density (people per km²), each in standard deviations
    (population) of the level, and the kind (街道, 镇: 0 apart when it is the same, else 1), as far as both have them.
    distance: the root of their mean squared difference; 0 for equal. Variant of the standardised Euclidean distance of
    CIPFA's Nearest Neighbours Model, with the mean so that a missing score neither adds nor takes away. A unit with
    fewer than half of the features in common is nobody's peer. Equal distances go by code.
    """
    rows: list[tuple[str, int, str, float, int]] = []
    levels = dict(results.units.select("code", "level").iter_rows())
    for level in sorted({levels[u] for u in units}):
        codes, features, kinds = _features(results, level)
        place = {code: i for i, code in enumerate(codes)}
        for unit in (u for u in units if levels[u] == level and u in place):
            own = place[unit]
            other_kind = [np.nan if None in (k, kinds[own]) else float(k != kinds[own]) for k in kinds]
            apart = np.column_stack([features - features[own], other_kind])
            shared = (~np.isnan(apart)).sum(axis=1)
            enough = (shared >= _LEAST_SHARE * apart.shape[1]) & (shared > 0)
            enough[own] = False
            distance = np.sqrt(np.nansum(apart**2, axis=1) / np.maximum(shared, 1))
            nearest = sorted(
                (round(float(distance[i]), 12), codes[i], int(shared[i])) for i in np.flatnonzero(enough)
            )
            rows += [(unit, n, peer, d, s) for n, (d, peer, s) in enumerate(nearest[:count], 1)]
    order = {u: i for i, u in enumerate(units)}
    return pl.DataFrame(sorted(rows, key=lambda r: (order[r[0]], r[1])), schema=NEAREST, orient="row")


def _features(results: Results, level: str) -> tuple[list[str], Floats, list[str | None]]:
    """The units of a level that have scores (codes), what they are like (units, features), standardised, their kinds."""
    scores = results.dimensions.filter(pl.col("level") == level, pl.col("score").is_not_null())
    wide = scores.pivot(on="dimension", index="unit", values="score", sort_columns=True).sort("unit")
    facts = wide.select(code="unit").join(results.units, on="code", how="left", maintain_order="left")
    density = (
        facts.select(
            pl.when(pl.col("area_km2") > 0, pl.col("population") > 0).then(
                (pl.col("population") / pl.col("area_km2")).log()
            )
        )
        .to_series()
        .cast(pl.Float64)
    )
    matrix = wide.drop("unit").with_columns(density.alias("density"))
    values = floats_of(matrix)
    values = values[:, (~np.isnan(values)).any(axis=0)]
    spread = np.nanstd(values, axis=0) if values.size else np.empty(0)
    standard = values[:, spread > 0] / spread[spread > 0]
    return wide["unit"].to_list(), standard, facts["kind"].to_list()


def best_practice(results: Results, units: Sequence[str], least: float = 5.0) -> pl.DataFrame:
    """Who does it well (标杆), for each indicator in which ``units`` differ or one of them is short.

    Columns: indicator, level, spread (points between the best and the worst of ``units``), short (those with a shortfall),
    best (the best compared value of the level), value (the same as printed), holders (codes of all that have it), scored
    (units of the level with a score), third (the compared value that the best third reaches). Best: the largest compared
    value, the smallest where less is better; of a 适度 indicator that of the highest score. Only scored units count. To
    differ is a spread of ``least`` points. Most short and most apart first. ``units`` of one level below the district;
    else nothing.
    """
    levels = set(results.units.filter(pl.col("code").is_in(list(units)))["level"]) - {"district"}
    if len(levels) != 1:
        return pl.DataFrame(schema=PRACTICE)
    level = levels.pop()
    scores = results.scores.filter(
        pl.col("level") == level, pl.col("score").is_not_null(), pl.col("compared").is_not_null()
    )
    short = {
        code: sorted(set(rows["unit"]))
        for (code,), rows in results.shortfalls.filter(pl.col("unit").is_in(list(units))).group_by(
            "indicator"
        )
    }
    rows = []
    for code, position, direction in (
        results.indicators.sort("position", "code").select("code", "position", "direction").iter_rows()
    ):
        held = scores.filter(pl.col("indicator") == code)
        mine = held.filter(pl.col("unit").is_in(list(units)))
        if held.height < 2 or mine.is_empty():
            continue
        spread = float(np.ptp(mine["score"].to_numpy()))
        if code not in short and spread < least:
            continue
        shown = {
            "indicator": code,
            "level": level,
            "spread": spread,
            "short": short.get(code, []),
            "scored": held.height,
        }
        rows.append((-len(short.get(code, [])), -spread, position or 0, code, shown | _best(held, direction)))
    rows.sort(key=lambda r: r[:4])
    return pl.DataFrame([r[4] for r in rows], schema=PRACTICE)


def _best(held: pl.DataFrame, direction: str | None) -> dict[str, object]:
    """The best compared value of one indicator over a level's scored units, who has it, and the best third's limit."""
    merit = (
        held["score"] if direction == "within" else held["compared"] * (-1.0 if direction == "lower" else 1.0)
    )
    ranked = held.with_columns(_merit=merit).sort(["_merit", "unit"], descending=[True, False])
    top = float(ranked["_merit"][0])
    tied = ranked.filter((pl.col("_merit") - top).abs() <= _ALIKE * max(1.0, abs(top)))
    return {
        "best": ranked["compared"][0], "value": ranked["value"][0], "holders": tied["unit"].to_list(),
        "third": ranked["compared"][(held.height + 2) // 3 - 1],
    }  # fmt: skip
