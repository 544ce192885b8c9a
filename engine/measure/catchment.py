"""``catchment`` 供需匹配: capacity shared by those within reach, by the two-step floating catchment area method.

Source and variant. 2SFCA: Luo & Wang (2003), *Measures of spatial accessibility to health care in a GIS environment*,
Environment and Planning B 30(6), after Radke & Mu (2000). E2SFCA: Luo & Qi (2009), *An enhanced two-step floating
catchment area method*, Health & Place 15(4): the same two steps with a weight W for each zone of distance, the same
weights in both. With demand P_k at point k, capacity S_j of supply j and w(d) the weight of their distance
(2SFCA: 1 within the radius, 0 beyond):

    step 1   R_j = S_j / Σ_k P_k w(d_kj)      what one unit of demand gets of supply j
    step 2   A_i = Σ_j R_j w(d_ij)            what one unit of demand at i gets of everything in reach

Distances are straight lines in metres, to the edge of lines and polygons; at exactly the edge of a zone the zone holds.
Whatever demand is in reach shares it all: Σ_i P_i A_i = Σ_j S_j over the supply that has any demand in reach. Supply
with none gives nothing to anybody. Demand in no unit shares too (it is beyond the district), and counts in no value.

A value of ``access`` is Σ P_i A_i / Σ P_i over the points of a unit: capacity per unit of demand, weighted by demand.

``gap`` 缺口. A point needs P_i × need places and is given P_i × A_i; what it is short of is max(0, P_i × need −
P_i × A_i), and a unit is short of the sum over its points. A surplus at one point is not another's: nobody is sent
from where there is a place to spare. So if a school of 100 places lies within reach of 60 and 80 children, each side
gets 5/7 of what it needs, and 40 places are missing; if a second school of 50 is in reach of the 80 only, those get
57.1 + 50 of the 80 they need, the 60 still have 42.9, and 17.1 are missing though there are 150 places for 140: an
allocation that sends more of the 80 to the second school would leave none missing. The gap is therefore an upper
estimate of what must be built, and tells where.
"""

from __future__ import annotations

from collections.abc import Sequence

import duckdb
import numpy as np
import numpy.typing as npt
import polars as pl
import shapely

from ...indicators.catchment_model import Catchment
from ..evidence import LEVEL_COLUMNS, Evidence, Gathered, at_every_level
from .aggregate_sql import MeasureError
from .coverage import ROUNDING_M, Floats, Shapes
from .features import chosen_rows, geometries, need_geometry
from .pairs import Measured, Pairs, pairs_frame

Ints = npt.NDArray[np.int64]
Zones = Sequence[tuple[float, float]]  # outer edge in metres and weight, near to far


def links(demand_xy: Floats, supply: Shapes, zones: Zones) -> tuple[Ints, Ints, Floats]:
    """(demand i, supply j, weight of their distance), one entry for each pair within the outermost zone.

    ``demand_xy`` has shape (n, 2), without gaps; missing and empty shapes reach nobody.
    """
    points = shapely.points(np.asarray(demand_xy, dtype=np.float64).reshape(-1, 2))
    edges = np.array([edge for edge, _ in zones]) + ROUNDING_M
    weights = np.array([weight for _, weight in zones])
    supply = np.asarray(supply, dtype=object)
    if not len(points) or not len(supply):
        return np.empty(0, dtype=np.int64), np.empty(0, dtype=np.int64), np.empty(0)
    j, i = shapely.STRtree(points).query(supply, predicate="dwithin", distance=float(edges[-1]))
    distance = shapely.distance(points[i], supply[j])
    zone = np.minimum(np.searchsorted(edges, distance, side="left"), len(edges) - 1)
    return i.astype(np.int64), j.astype(np.int64), weights[zone]


def ratios(i: Ints, j: Ints, weight: Floats, demand: Floats, capacity: Floats) -> Floats:
    """Step 1: R_j, shape of ``capacity``, 0 for supply that no demand reaches.

    ``i``, ``j``, ``weight`` are the pairs within reach (see :func:`links`), ``demand`` P has shape (n,), ``capacity`` S (m,).
    """
    asked = np.bincount(j, weights=demand[i] * weight, minlength=len(capacity))
    return np.divide(capacity, asked, out=np.zeros(len(capacity)), where=asked > 0)


def access(i: Ints, j: Ints, weight: Floats, demand: Floats, capacity: Floats) -> Floats:
    """Both steps: A_i, shape of ``demand``, in capacity per unit of demand; 0 where nothing is in reach."""
    each = ratios(i, j, weight, demand, capacity)
    return np.asarray(np.bincount(i, weights=each[j] * weight, minlength=len(demand)), dtype=np.float64)


def gap(given: Floats, demand: Floats, need: float) -> Floats:
    """Places that each point is short of, (n,): max(0, P_i × need − P_i × A_i); ``given`` is A."""
    return np.asarray(np.maximum(0.0, demand * need - demand * given), dtype=np.float64)


def measure_catchment(measure: Catchment, gathered: Gathered, con: duckdb.DuckDBPyConnection) -> Measured:
    """Access: capacity reached over demand. Gap: places missing, compared by their share of the places needed.

    A point within reach of supply whose capacity is not known has an unknown share, and is not examined.
    Raises MeasureError for an absent column, an input without places, and negative demand or capacity.
    """
    demand, supply = gathered.evidence[measure.demand], gathered.evidence[measure.supply]
    for part in (demand, supply):
        need_geometry(part)
    points = chosen_rows(demand, measure.demand_where, con, placed=False).drop_nulls(["x", "y"])
    weight = _column(demand, points, measure.weight) if measure.weight else pl.lit(1.0)
    points = points.with_columns(weight.alias("_weight")).drop_nulls("_weight")
    offered = chosen_rows(supply, measure.supply_where, con, placed=False)
    capacity = offered.select(_column(supply, offered, measure.capacity)).to_series().to_numpy()
    people = points["_weight"].to_numpy()
    if (people < 0).any() or (capacity < 0).any():
        raise MeasureError("需求或容量有负数")
    i, j, near = links(points.select("x", "y").to_numpy(), geometries(offered), measure.zones)
    unknown = np.isnan(capacity)
    given = access(i, j, near, people, np.where(unknown, 0.0, capacity))
    given[np.unique(i[unknown[j]])] = np.nan
    if measure.what == "gap":
        parts = {"numerator": gap(given, people, measure.need), "denominator": people * measure.need}
    else:
        parts = {"numerator": given * people, "denominator": people}
    frame = points.select(*LEVEL_COLUMNS).with_columns(
        pl.Series(name, values) for name, values in parts.items()
    )
    known = at_every_level(frame.filter(pl.Series(~np.isnan(given))))
    summed = known.group_by("unit").agg(
        pl.col("numerator").sum(), pl.col("denominator").sum(), pl.len().alias("rows")
    )
    missing = measure.what == "gap"
    return Measured(
        Pairs(pairs_frame(summed), rollup="final", scale=100.0 if missing else measure.scale, counts=missing)
    )


def _column(source: Evidence, rows: pl.DataFrame, name: str) -> pl.Expr:
    """A column as numbers; MeasureError where the input has none of that name."""
    if name not in rows.columns:
        raise MeasureError(f"输入 {source.name} 没有列 {name}")
    return pl.col(name).cast(pl.Float64)
