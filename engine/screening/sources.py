"""Two sources for one quantity (两处不一致): the same item in two forms, last year's figure stated again, the units table.

The item is the same when two forms call it alike (label, or name) in units that convert; 常住人口 and the area of a unit
are also in the units table. What a unit states itself against the sum of its parts is finding M004 already: it becomes
a question, and is not told twice.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from itertools import combinations

import polars as pl

from ...indicators.loader import Library
from ..evidence import Gathered
from ..findings import Place
from ..intake.measures import conversion
from ..results import LEVEL_NAMES
from .figures import Column, disagree, of_indicator
from .words import two_said

# what the columns of the units table are called in forms, with their unit
UNITS_TABLE = {
    "population": ("人", frozenset({"常住人口", "常住人口数", "年末常住人口"})),
    "area_km2": ("km²", frozenset({"辖区面积", "行政区域面积", "行政区划面积", "区域面积"})),
}


@dataclass(frozen=True)
class Pair:
    """Two figures that should be one: ``value`` as stated in ``column``, ``other`` in the same unit of measure."""

    unit: str
    level: str
    column: Column
    value: float
    other: float
    says: str
    apart: float
    place: Place
    told: bool = False


def pairs(
    stated: pl.DataFrame, earlier: pl.DataFrame, columns: Mapping[tuple[str, str], Column], measurements: pl.DataFrame,
    gathered: Gathered, library: Library, share: float, year: int,
) -> list[Pair]:  # fmt: skip
    """Every pair that differs by more than ``share`` of the larger figure."""
    by_item = {
        (str(k[0]), str(k[1])): {r["unit"]: r for r in group.to_dicts()}
        for k, group in stated.partition_by("input", "item", as_dict=True, maintain_order=True).items()
    }
    return [
        *_two_forms(by_item, columns, share),
        *_last_year(by_item, earlier, columns, share, year),
        *_units_table(by_item, columns, gathered.units, share),
        *_own_and_parts(measurements, library, share),
    ]


Rows = Mapping[tuple[str, str], Mapping[str, dict[str, object]]]


def _pair(
    column: Column, row: Mapping[str, object], other: float, a: str, b: str, told: bool = False
) -> Pair:
    value = float(str(row["value"]))
    says = two_said(a, value, b, other, column.measured_in)
    apart = abs(value - other) / max(abs(value), abs(other))
    return Pair(
        str(row["unit"]), str(row["level"]), column, value, other, says, apart, column.place(row), told
    )


def _two_forms(by_item: Rows, columns: Mapping[tuple[str, str], Column], share: float) -> Iterator[Pair]:
    """The same item in two forms: asked of the second."""
    for one, two in combinations((c for k, c in columns.items() if k in by_item), 2):
        if one.input == two.input or (one.label != two.label and one.item != two.item):
            continue
        factor = conversion(one.measured_in, two.measured_in)
        if factor is None or not one.measured_in:
            continue
        first, second = by_item[one.input, one.item], by_item[two.input, two.item]
        for unit in sorted(first.keys() & second.keys()):
            other = float(str(first[unit]["value"])) * float(factor)
            if disagree(float(str(second[unit]["value"])), other, share):
                yield _pair(two, second[unit], other, f"本表“{two.label}”填", f"{one.title}“{one.label}”填")


def _last_year(
    by_item: Rows, earlier: pl.DataFrame, columns: Mapping[tuple[str, str], Column], share: float, year: int
) -> Iterator[Pair]:
    """What a form says of last year, against what was stated last year."""
    before = {
        (r["input"], r["item"], r["unit"]): r["value"]
        for r in earlier.filter(pl.col("year") == year - 1).to_dicts()
    }
    for key, column in columns.items():
        for unit, row in by_item.get(key, {}).items() if column.last_year_of else ():
            other = before.get((column.input, column.last_year_of, unit))
            if other is not None and disagree(float(str(row["value"])), other, share):
                yield _pair(column, row, other, "本年表中的上年值填", f"{year - 1} 年原来填")


def _units_table(
    by_item: Rows, columns: Mapping[tuple[str, str], Column], units: pl.DataFrame, share: float
) -> Iterator[Pair]:
    """People and area of a unit, against the units table."""
    for name, (unit_there, labels) in UNITS_TABLE.items():
        there = dict(units.select("code", name).drop_nulls().iter_rows())
        for key, column in columns.items():
            factor = conversion(unit_there, column.measured_in) if column.label in labels else None
            for unit, row in by_item.get(key, {}).items() if factor is not None else ():
                if unit in there and disagree(
                    float(str(row["value"])), there[unit] * float(factor or 1), share
                ):
                    yield _pair(column, row, there[unit] * float(factor or 1), "本表填", "单元名录为")


def _own_and_parts(measurements: pl.DataFrame, library: Library, share: float) -> Iterator[Pair]:
    """A unit's own value of an indicator against what its parts add up to."""
    both = measurements.filter(
        pl.col("reported").is_not_null() & pl.col("value").is_not_null() & (pl.col("rows") > 0)
    )
    for row in both.sort("indicator", "unit").to_dicts():
        indicator = library.get(row["indicator"])
        if indicator is None or not disagree(row["reported"], row["value"], share):
            continue
        column = of_indicator(indicator)
        here = {
            **row,
            "value": row["reported"],
            "_file": f"指标 {indicator.code}",
            "_sheet": "",
            "_row": None,
        }
        yield _pair(column, here, row["value"], f"{LEVEL_NAMES[row['level']]}自报", "由下级汇总为", told=True)
