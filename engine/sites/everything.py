"""Where one more facility would help most (选址建议): the frame ``sites``, from who is served by what.

For every indicator of straight-line coverage and every town: up to ``[siting] per_town`` places inside the town where a
new facility would serve most of the town's demand that nothing serves yet (``siting.py``), and what the indicator becomes
when they are built in the order of their rank: by default each is the best after those before it, with ``together`` all of
them are the best so many. ``gained`` is the town's own demand; the value of the district also
counts what a site serves beyond the town. Each town is planned by itself, as if no other built anything.

A new facility is a point. Of supply in classes it is of the one with the smallest radius that holds in the town, the
least it could be; if it becomes larger it serves more than is told here. Places are those of a layer of the project
(``[siting] candidates``) or, without one, where unserved demand is: one point for each square of half a radius.

Points of ``service`` are kept to 0.1 m, so that a reach shorter by that rounding is planned with: whoever is promised
service is within the true radius. Demand that is land is its 100 m grid, and the values after are estimates then.
Indicators of walking distance are left out: a straight line would promise what the network does not keep.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import polars as pl
import shapely

from ...indicators.measure_model import Coverage
from ...indicators.model import Indicator
from ..evidence import Gathered
from ..findings import Findings, Place
from ..measure.coverage import Bools, Floats
from ..measure.place import place_points
from ..results import conform, empty
from ..settings.project import FILE_NAME, Siting
from ..units import kind_in_force
from .places import name_places
from .siting import plan_sites, thinned

Codes = npt.NDArray[np.object_]
Tell = Callable[[int, int, str], None]
Row = dict[str, object]

KEPT_TO_M = 0.1 * 2**0.5 / 2  # how far a point kept to 0.1 m may be from where it was


@dataclass(frozen=True)
class _Demand:
    """Everything an indicator asks to be served: one entry per point, shape (n,) and (n, 2)."""

    xy: Floats
    weight: Floats
    served: Bools
    units: Codes  # the units the points lie in, each once, shape (units,)
    unit: npt.NDArray[np.int64]  # and which of them each point lies in
    town: Codes
    district: Codes


@dataclass(frozen=True)
class _Class:
    """The class of supply a new facility is taken to be of."""

    where: str | None
    radius_m: float
    says: str


def propose_sites(
    service: pl.DataFrame, measurements: pl.DataFrame, gathered: Gathered, indicators: Sequence[Indicator],
    rules: Siting, findings: Findings, tell: Tell,
) -> pl.DataFrame:  # fmt: skip
    """The frame ``sites`` in the order of ``indicators``, then towns, then rank; ``year`` is left null."""
    given = _given_places(gathered, rules, findings)
    values = {(r["indicator"], r["unit"]): r for r in measurements.iter_rows(named=True)}
    chosen = [i for i in indicators if i.measure.method == "coverage"]
    parts = []
    for done, indicator in enumerate(chosen):
        tell(done, len(chosen), indicator.name)
        here = service.filter(pl.col("indicator") == indicator.code)
        demand = _demand(here, gathered)
        rows = _of_indicator(indicator, demand, given, values, gathered, rules)
        if rows:
            parts.append(conform("sites", pl.DataFrame(rows, infer_schema_length=None)))
    sites = pl.concat(parts) if parts else empty("sites")
    return name_places(sites, gathered)


def _given_places(gathered: Gathered, rules: Siting, findings: Findings) -> pl.DataFrame | None:
    """(x, y, town) of the project's own candidates; None where it names none, or (M020) none that were read with a place."""
    if not rules.candidates:
        return None
    source = gathered.evidence.get(rules.candidates)
    if source is None or "x" not in source.frame.columns:
        findings.add("M020", Place(FILE_NAME, column="siting.candidates"), value=rules.candidates,
                     expected="图层，或有经度、纬度两列的表")  # fmt: skip
        return None
    return source.frame.select("x", "y", town="_town").drop_nulls()


def _demand(service: pl.DataFrame, gathered: Gathered) -> _Demand:
    rows = service.filter(pl.col("weight") > 0)
    xy = rows.select("x", "y").to_numpy()
    above = rows.select("unit").join(
        gathered.units.select("town", "district", unit="code"), on="unit", how="left", maintain_order="left"
    )
    town, district = (
        _lying_in(xy, level, above[level].to_numpy(), gathered) for level in ("town", "district")
    )
    units, unit = np.unique(rows["unit"].to_numpy().astype(str), return_inverse=True)
    return _Demand(xy, rows["weight"].to_numpy(), rows["served"].to_numpy(), units, unit, town, district)


def _lying_in(xy: Floats, level: str, above: Codes, gathered: Gathered) -> Codes:
    """The unit of a level each point lies in, as intake placed it: by boundaries, without any by the finer unit."""
    of_level = gathered.units.filter(pl.col("level") == level).select(unit="code")
    shapes = gathered.shapes.join(of_level, on="unit").sort("unit")
    if shapes.is_empty():
        return above
    index = place_points(xy[:, 0], xy[:, 1], np.asarray(shapely.from_wkb(shapes["wkb"].to_numpy())))
    codes = np.append(shapes["unit"].to_numpy(), [None])
    return np.asarray(codes[index], dtype=object)


def _of_indicator(
    indicator: Indicator, demand: _Demand, given: pl.DataFrame | None, values: dict[tuple[str, str], Row],
    gathered: Gathered, rules: Siting,
) -> list[Row]:  # fmt: skip
    """The rows of one indicator, town by town."""
    measure = indicator.measure
    assert isinstance(measure, Coverage)
    kinds = _kinds(measure, gathered.units)
    district = gathered.units.filter(pl.col("level") == "district")["code"][0]
    rows: list[Row] = []
    for town in gathered.units.filter(pl.col("level") == "town")["code"].sort():
        mine = demand.town == town
        new = _smallest(measure, kinds[town])
        if new is None or not (mine & ~demand.served).any():
            continue
        reach = _reach(measure, new, demand, kinds)
        open_ = np.flatnonzero(~demand.served & (reach > 0))
        places = _places(demand, open_[mine[open_]], town, given, new.radius_m)
        some = open_[mine[open_]]
        plan = plan_sites(
            demand.xy[some], demand.weight[some], places, reach[some], rules.per_town,
            minimum=rules.minimum_share * float(demand.weight[mine].sum()), together=rules.together,
        )  # fmt: skip
        shared: Row = {"indicator": indicator.code, "unit": town, "radius_m": new.radius_m, "supply": new.says,
                       "counted": indicator.counted, "method": plan.method}  # fmt: skip
        built = _build(indicator, demand, places[plan.sites], (town, district), reach, values)
        rows += [
            shared | row | {"rank": rank, "bound": float(bound)}
            for rank, (row, bound) in enumerate(zip(built, plan.bound, strict=True), 1)
        ]
    return rows


def _places(
    demand: _Demand, open_: npt.NDArray[np.int64], town: str, given: pl.DataFrame | None, radius_m: float
) -> Floats:
    """Where a facility of the town could be built, shape (m, 2)."""
    if given is not None:
        return given.filter(pl.col("town") == town).select("x", "y").to_numpy()
    return demand.xy[open_][thinned(demand.xy[open_], demand.weight[open_], radius_m / 2)]


def _build(
    indicator: Indicator, demand: _Demand, sites: Floats, units: tuple[str, str], reach: Floats,
    values: dict[tuple[str, str], Row],
) -> list[Row]:  # fmt: skip
    """What each site gains when they are built one after the other, and the values before and after, of town and district."""
    inside = (demand.town == units[0], demand.district == units[1])
    worth = [_worth(indicator, unit, mine, demand, values) for unit, mine in zip(units, inside, strict=True)]
    served = demand.served.copy()
    before = [value for value, _ in worth]
    rows: list[Row] = []
    for x, y in sites:
        new = ~served & (np.hypot(demand.xy[:, 0] - x, demand.xy[:, 1] - y) <= reach)
        served |= new
        gained = [float(demand.weight[new & mine].sum()) for mine in inside]
        after = [
            min(b + g * each, _scale(indicator))
            for b, g, (_, each) in zip(before, gained, worth, strict=True)
        ]
        rows.append({"x": float(x), "y": float(y), "gained": gained[0], "unit_before": before[0], "unit_after": after[0],
                     "before": before[1], "after": after[1]})  # fmt: skip
        before = after
    return rows


def _scale(indicator: Indicator) -> float:
    """What the value is when everybody is served."""
    assert isinstance(indicator.measure, Coverage)
    return indicator.measure.scale


def _worth(
    indicator: Indicator, unit: str, inside: Bools, demand: _Demand, values: dict[tuple[str, str], Row]
) -> tuple[float, float]:
    """(the indicator's value of a unit, what one more unit of weight adds to it); from the points where it was not measured."""
    scale = _scale(indicator)
    row = values.get((indicator.code, unit))
    if row is not None and isinstance(row["denominator"], float) and row["denominator"] > 0:
        return float(str(row["value"])), scale / row["denominator"]
    total = float(demand.weight[inside].sum())
    return float(demand.weight[inside & demand.served].sum()) / total * scale, scale / total


def _kinds(measure: Coverage, units: pl.DataFrame) -> dict[str, set[str]]:
    """Unit → the kind of unit in force there for the radii of the indicator; none for most."""
    named = kind_in_force(units, (kind for one in measure.radius for kind in one.unit_kind))
    return {code: {named[code]} if code in named else set() for code in units["code"]}


def _smallest(measure: Coverage, kinds: set[str]) -> _Class | None:
    """What a new facility in a unit of these kinds is at least; None where no supply counts for it."""
    if measure.radius_m is not None:
        return _Class(None, measure.radius_m, "")
    holding = [c for c in measure.radius if not c.unit_kind or kinds & set(c.unit_kind)]
    if not holding:
        return None
    least = min(holding, key=lambda c: c.radius_m)
    return _Class(least.where, least.radius_m, least.says)


def _reach(measure: Coverage, new: _Class, demand: _Demand, kinds: dict[str, set[str]]) -> Floats:
    """How far from each demand point a new facility may be, shape (n,): the radius of its class there; negative for none."""
    if measure.radius_m is not None:
        return np.full(len(demand.unit), measure.radius_m - KEPT_TO_M)
    same = [c for c in measure.radius if c.where == new.where]
    radius = [
        max((c.radius_m for c in same if not c.unit_kind or kinds[code] & set(c.unit_kind)), default=-1.0)
        for code in demand.units
    ]
    return np.asarray(radius)[demand.unit] - KEPT_TO_M
