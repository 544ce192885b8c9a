"""``walk`` 步行覆盖率 and ``circle`` 生活圈达标率: who reaches what on foot (the distances are those of ``network.py``).

A demand point counts in the unit it lies in, as for ``coverage``; supply and paths beyond the boundary serve too. What a
project states in minutes is walked at its ``walk_speed_m_s``. A point that does not stand on the network reaches nothing
and stays in the denominator: it is told (G051), as is a network in pieces (G050).

The rows of ``service`` hold distances up to a quarter of an hour or the limit, whichever is further, so that the shares
within 5, 10 and 15 minutes can be taken from them. A ``circle`` has rows for each of its kinds, named by ``kind``, and
those without a kind, whose distance is that to the last of the kinds that are needed: who reaches enough of them.
"""

from __future__ import annotations

from dataclasses import dataclass

import duckdb
import numpy as np
import polars as pl
import shapely

from ...indicators.measure_model import Circle, Walk
from ..evidence import Evidence, Gathered
from ..findings import Findings, Place
from ..settings.project import Space
from .aggregate_sql import MeasureError
from .features import chosen_rows, demand_points, geometries, need_geometry, share_served
from .network import (
    ROUNDING_M,
    Floats,
    Junctions,
    Network,
    Places,
    Shapes,
    build_network,
    place_on,
    walking_distance,
)
from .pairs import Measured, Pairs
from .service import facilities_frame, service_frame

BANDS_MIN = 15.0  # the outermost of the bands 5, 10 and 15 minutes
MOST_STRAY = 0.05  # share of the network's length outside its largest piece that is no fault of the drawing


@dataclass(frozen=True)
class _Walkers:
    """Demand points standing on a network, how far they walk, and what is to be told."""

    network: Network
    points: pl.DataFrame
    places: Places
    limit_m: float
    search_m: float
    space: Space
    findings: Findings


def measure_walk(measure: Walk, gathered: Gathered, con: duckdb.DuckDBPyConnection) -> Measured:
    """The weight of the demand that walks no further than the limit to some supply, of all demand."""
    walkers = _walkers(measure, gathered, con)
    supply, shapes = _supply(gathered.evidence[measure.supply], measure.supply_where, con)
    distance = _distance(walkers, gathered.evidence[measure.supply], supply, shapes)
    served = distance <= walkers.limit_m + ROUNDING_M
    return Measured(
        Pairs(share_served(walkers.points, served), rollup="final", scale=measure.scale),
        service=service_frame(walkers.points, distance, served),
        facilities=facilities_frame(supply, shapes),
        findings=walkers.findings,
    )


def measure_circle(measure: Circle, gathered: Gathered, con: duckdb.DuckDBPyConnection) -> Measured:
    """The weight of the demand that reaches enough kinds of supply within the limit, of all demand."""
    walkers = _walkers(measure, gathered, con)
    distances, service, facilities = [], [], []
    for kind in measure.kind:
        supply, shapes = _supply(gathered.evidence[kind.supply], kind.supply_where, con)
        distance = _distance(walkers, gathered.evidence[kind.supply], supply, shapes)
        within = distance <= walkers.limit_m + ROUNDING_M
        distances.append(distance)
        service.append(service_frame(walkers.points, distance, within, kind.name))
        facilities.append(facilities_frame(supply, shapes, kind.name))
    last_needed = np.sort(np.stack(distances), axis=0)[measure.needed - 1]
    enough = last_needed <= walkers.limit_m + ROUNDING_M
    return Measured(
        Pairs(share_served(walkers.points, enough), rollup="final", scale=measure.scale),
        service=pl.concat([service_frame(walkers.points, last_needed, enough), *service]),
        facilities=pl.concat(facilities),
        findings=walkers.findings,
    )


def _walkers(measure: Walk | Circle, gathered: Gathered, con: duckdb.DuckDBPyConnection) -> _Walkers:
    """The demand on its network; raises MeasureError for an input without a place or without walkable lines."""
    demand, space, findings = gathered.evidence[measure.demand], gathered.space, Findings()
    need_geometry(demand)
    network = _network(gathered.evidence[measure.network], measure.network_where, space, con, findings)
    points = demand_points(demand, measure.weight, measure.demand_where, con)
    shapes = np.asarray(shapely.points(points["x"].to_numpy(), points["y"].to_numpy()), dtype=object)
    places = place_on(network, shapes, space.snap_m)
    _tell_off_network(demand, points, places, space, findings)
    limit_m = measure.metres or (measure.minutes or 0.0) * 60.0 * space.walk_speed_m_s
    search_m = max(limit_m, BANDS_MIN * 60.0 * space.walk_speed_m_s)
    return _Walkers(network, points, places, limit_m, search_m, space, findings)


def _network(
    evidence: Evidence, where: str | None, space: Space, con: duckdb.DuckDBPyConnection, findings: Findings
) -> Network:
    """The network of the lines that meet the condition, built once for all indicators; G050 where it is in pieces."""
    need_geometry(evidence)
    junctions = _junctions(evidence, space)
    if (where, junctions) not in evidence.networks:
        lines = geometries(chosen_rows(evidence, where, con, placed=False))
        evidence.networks[where, junctions] = build_network(lines, junctions)
    network: Network = evidence.networks[where, junctions]
    if not len(network.length):
        raise MeasureError(f"输入 {evidence.name} 中没有符合条件的线，不能算步行距离")
    if network.stray_share > MOST_STRAY:
        pieces = network.pieces
        findings.add(
            "G050", _place(evidence), name=evidence.input.title or evidence.name, count=len(pieces),
            share=f"{network.stray_share:.1%}", stray=f"{pieces[1:].sum() / 1000:.1f}",
            expected="线在路口相接（端点相距不超过 0.5 米）；确实不相连的可以不管",
        )  # fmt: skip
    return network


def _junctions(evidence: Evidence, space: Space) -> Junctions:
    if space.junctions != "auto":
        return space.junctions
    return "shared" if any(file.lower().endswith(".pbf") for file in evidence.input.files) else "touch"


def _supply(
    supply: Evidence, where: str | None, con: duckdb.DuckDBPyConnection
) -> tuple[pl.DataFrame, Shapes]:
    """The rows of supply that meet the condition and have a place, and their shapes."""
    need_geometry(supply)
    rows = chosen_rows(supply, where, con, placed=False)
    shapes = geometries(rows)
    there = ~(shapely.is_missing(shapes) | shapely.is_empty(shapes))
    return rows.filter(pl.Series(there, dtype=pl.Boolean)), shapes[there]


def _distance(walkers: _Walkers, supply: Evidence, rows: pl.DataFrame, shapes: Shapes) -> Floats:
    """Metres on foot from each demand point to the nearest of the shapes; infinite beyond the search."""
    places = place_on(walkers.network, shapes, walkers.space.snap_m)
    _tell_off_network(supply, rows, places, walkers.space, walkers.findings)
    return walking_distance(walkers.network, walkers.places, places, walkers.search_m)


def _tell_off_network(
    evidence: Evidence, rows: pl.DataFrame, places: Places, space: Space, findings: Findings
) -> None:
    """G051: how many things in the district stand too far from every walkable line; the network may end beyond it."""
    inside = rows["unit"].is_not_null().to_numpy()
    off = int((inside & ~places.standing).sum())
    if off:
        findings.add(
            "G051", _place(evidence), name=evidence.input.title or evidence.name, count=off,
            total=int(inside.sum()), snap=f"{space.snap_m:g}", expected=f"离能走的路不超过 {space.snap_m:g} 米",
        )  # fmt: skip


def _place(evidence: Evidence) -> Place:
    return Place(evidence.sources[0].file if evidence.sources else evidence.name)
