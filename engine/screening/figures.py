"""The figures departments state (上报数据): one row per unit and item, with the cell it stands in, and what the past says."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass

import polars as pl

from ...indicators.loader import Library
from ...indicators.measure_model import Reported
from ...indicators.model import Indicator
from ...indicators.sql import columns_read
from ..evidence import Evidence
from ..findings import Place
from ..settings.project import Input

NUMBERS = ("number", "integer")
FIGURES = {"unit": pl.String, "level": pl.String, "input": pl.String, "item": pl.String, "value": pl.Float64}
POSITION = {"_file": pl.String, "_sheet": pl.String, "_row": pl.Int64}


@dataclass(frozen=True)
class Column:
    """One item of one input: how it is called, in which unit, which indicators read it, who answers for it."""

    input: str
    item: str
    title: str  # of the form
    label: str
    measured_in: str
    header: str  # of the column the figure stands in
    codes: tuple[str, ...]
    lead: tuple[str, ...]
    last_year_of: str | None = None

    def place(self, row: Mapping[str, object]) -> Place:
        """The cell of one row of :func:`stated_figures`."""
        at = row["_row"]
        return Place(
            str(row["_file"]), str(row["_sheet"] or ""), at if isinstance(at, int) else None, self.header
        )


def columns_of(evidence: Mapping[str, Evidence], library: Library) -> dict[tuple[str, str], Column]:
    """(input, item) → the column, of every number in the inputs of kind figures and reported."""
    readers: dict[tuple[str, str], list[str]] = {}
    items: dict[tuple[str, str], str] = {}
    for indicator in library.indicators:
        measure = indicator.measure
        if isinstance(measure, Reported):
            readers.setdefault((measure.of, measure.item), []).append(indicator.code)
            items[measure.of, measure.item] = indicator.unit
            continue
        for name, read in columns_read(measure).items():
            for column in sorted(read):
                readers.setdefault((name, column), []).append(indicator.code)
    found: dict[tuple[str, str], Column] = {}
    for name, read_in in sorted(evidence.items()):
        if read_in.input.kind == "figures":
            names = [c for c, t in read_in.input.types.items() if t in NUMBERS and c in read_in.frame.columns]
            units = {c: read_in.input.units_of.get(c, "") for c in names}
        elif read_in.input.kind == "reported":
            names = sorted(read_in.frame["item"].drop_nulls().unique())
            units = {c: items.get((name, c), "") for c in names}
        else:
            continue
        for item in names:
            found[name, item] = _column(name, item, units[item], read_in.input, readers, library)
    return found


def _column(
    name: str,
    item: str,
    unit: str,
    source: Input,
    readers: Mapping[tuple[str, str], list[str]],
    library: Library,
) -> Column:
    form = library.forms.get(name)
    of_form = form.get(item) if form is not None else None
    label = of_form.label if of_form is not None else source.columns.get(item, item)
    long = source.kind == "reported" or source.layout == "long"
    header = (source.value or "数值") if long else source.columns.get(item, item)
    other = of_form.last_year_of if of_form is not None else None
    codes = tuple(readers.get((name, item)) or readers.get((name, other or "")) or ())
    leads = next((i.lead for c in codes if (i := library.get(c)) is not None), ())
    provider = (source.provider,) if source.provider else leads
    return Column(name, item, source.title or name, label, unit, header, codes, provider, other)


def of_indicator(indicator: Indicator) -> Column:
    """An indicator's own value, which stands in no cell: its lead department answers for it."""
    return Column("", "", "指标值", indicator.name, indicator.unit, "", (indicator.code,), indicator.lead)


def stated_figures(
    evidence: Mapping[str, Evidence], columns: Mapping[tuple[str, str], Column], units: pl.DataFrame
) -> pl.DataFrame:
    """unit, level, input, item, value with ``_file``, ``_sheet``, ``_row``; each figure once, sorted."""
    parts = []
    for name in sorted({name for name, _ in columns}):
        frame = evidence[name].frame
        if evidence[name].input.kind == "figures":
            items = [item for of, item in columns if of == name]
            frame = frame.select("unit", *POSITION, *(pl.col(i).cast(pl.Float64) for i in items)).unpivot(
                index=["unit", *POSITION], on=items, variable_name="item", value_name="value"
            )
        parts.append(frame.select("unit", "item", "value", *POSITION, input=pl.lit(name)))
    if not parts:
        return pl.DataFrame(schema=FIGURES | POSITION)
    levels = units.select(unit="code", level="level")
    return (
        pl.concat(parts).drop_nulls(["unit", "item", "value"]).filter(pl.col("value").is_finite())
        .join(levels, on="unit", how="inner").unique(["input", "item", "unit"], keep="first", maintain_order=True)
        .select(*FIGURES, *POSITION).sort("input", "item", "level", "unit")
    )  # fmt: skip


def with_last_year(
    earlier: pl.DataFrame, stated: pl.DataFrame, columns: Mapping[tuple[str, str], Column], year: int
) -> pl.DataFrame:
    """``earlier`` (year, unit, input, item, value) and what this year's forms say of last year where it is silent."""
    told = [
        stated.filter((pl.col("input") == column.input) & (pl.col("item") == column.item)).select(
            "unit", "input", "value", item=pl.lit(column.last_year_of), year=pl.lit(year - 1, dtype=pl.Int64)
        )
        for column in columns.values()
        if column.last_year_of
    ]
    keys = ["year", "unit", "input", "item"]
    return pl.concat([earlier.select(*keys, "value"), *(t.select(*keys, "value") for t in told)]).unique(
        keys, keep="first", maintain_order=True
    )


def disagree(one: float, other: float, share: float) -> bool:
    """Whether two figures for one thing differ by more than ``share`` of the larger."""
    most = max(abs(one), abs(other))
    return most > 0 and not math.isclose(one, other) and abs(one - other) / most > share
