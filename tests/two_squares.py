"""Two towns as squares of 1 km side by side, the western one cut into two communities: ground for spatial measures."""

from __future__ import annotations

from typing import Any

import polars as pl
import shapely
from tijian.engine.evidence import Evidence, Gathered
from tijian.engine.measure.everything import measure_one
from tijian.engine.measure.pairs import Measured
from tijian.engine.measure.rollup import roll_up
from tijian.engine.results import conform, empty
from tijian.engine.storage.store import sandbox
from tijian.indicators.measure_model import Measure

from .small_year import DISTRICT, TOWNS, evidence, indicator, units

A, B = TOWNS[:2]
WEST, EAST = f"{A}001", f"{A}002"
BORDERS = {
    DISTRICT: shapely.box(0, 0, 2000, 1000),
    A: shapely.box(0, 0, 1000, 1000),
    B: shapely.box(1000, 0, 2000, 1000),
    WEST: shapely.box(0, 0, 500, 1000),
    EAST: shapely.box(500, 0, 1000, 1000),
}
ALL_LAND = [BORDERS[DISTRICT]]


def layer(
    name: str, shapes: list[Any], /, unit: str | list[str | None] = A, **columns: list[Any]
) -> Evidence:
    """A layer of shapes, all of whose features lie in ``unit``, or each in its own."""
    rows = [
        {"unit": unit if isinstance(unit, str) else unit[number],
         "x": shape.centroid.x, "y": shape.centroid.y, "_wkb": shapely.to_wkb(shape)}
        | {column: values[number] for column, values in columns.items()}
        for number, shape in enumerate(shapes)
    ]  # fmt: skip
    if rows:
        return evidence(name, "layer", rows)
    blank = layer(name, [shapely.Point(0, 0)], unit="", **{column: [None] for column in columns})
    return Evidence(name, blank.input, blank.frame.clear())


def found(
    measure: Measure, *given: Evidence, bounded: bool = True, kinds: dict[str, str] | None = None
) -> Measured:
    """What measuring finds; ``kinds`` says of what kind a unit is, where it is not a 街道 or 居委."""
    borders = pl.DataFrame([{"unit": code, "wkb": shapely.to_wkb(shape)} for code, shape in BORDERS.items()])
    shapes = conform("shapes", borders) if bounded else empty("shapes")
    tree = units().with_columns(
        pl.col("code").replace_strict(kinds or {}, default=pl.col("kind")).alias("kind")
    )
    by_name = {item.name: item for item in given}
    with sandbox(by_name) as con:
        return measure_one(indicator("ST-01", measure), Gathered(tree, shapes, "EPSG:4549", by_name), con)


def by_unit(measured: Measured) -> dict[str, Any]:
    """Unit → its row after the roll-up."""
    return {row["unit"]: row for row in roll_up(measured.pairs, units()).iter_rows(named=True)}
