"""What the forms to be sent out hold (发表内容): columns and rows of every sheet, from the indicators in force.

Pure functions over the library, the units and what is known beforehand (:class:`~..engine.prefill.Known`). Only what
an indicator in force reads is asked for. What stands in a returned form is found again by its header alone, so a
column's title is the item's label and nothing else; ``上年值`` columns answer to no label and are never read.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, Literal

import polars as pl

from ...engine.intake.sheets.near_headers import LAST_YEAR
from ...engine.results import LEVELS
from ...engine.review.prefill import Known
from ...engine.settings.forms import LAT, LON, REPORTED, UNIT_HEADERS
from ...indicators.asking import items_asked
from ...indicators.form_model import Form, Item
from ...indicators.loader import Library
from ...indicators.measure_model import Reported

SPARE_ROWS = 60  # empty rows drawn below what is prefilled; what is written further down is read all the same
UNIT_COLUMNS = {
    "code": "代码", "name": "名称", "level": "层级", "parent": "上级代码", "kind": "类型", "population": "人口",
    "area_km2": "面积",
}  # fmt: skip
LEVEL_WORD = {"district": "区", "town": "街镇", "community": "社区"}
LON_RANGE, LAT_RANGE = (73.0, 136.0), (3.0, 54.0)  # the extent of China, degrees
Value = str | float | int | bool | date | None
Row = Mapping[str, Any]


@dataclass(frozen=True)
class Blank:
    """One column. ``title`` its header from top to bottom (one or two levels); ``role`` what is done with it.

    place: names the unit; given: prefilled, to be checked; fill: to be filled in; last_year: to be looked at only.
    """

    title: tuple[str, ...]
    kind: Literal["text", "number", "integer", "yesno", "date"] = "text"
    role: Literal["place", "given", "fill", "last_year"] = "fill"
    unit: str = ""
    options: tuple[str, ...] = ()
    low: float | None = None
    high: float | None = None
    note: str = ""


@dataclass(frozen=True)
class FormSheet:
    """One sheet to fill in: ``notes`` stand above the header, ``spare`` empty rows below ``rows``."""

    title: str
    provider: str
    notes: tuple[str, ...]
    columns: tuple[Blank, ...]
    rows: tuple[tuple[Value, ...], ...]
    spare: int = 0

    @property
    def depth(self) -> int:
        """How many rows the header has."""
        return max(len(column.title) for column in self.columns)


# ── sheets ────────────────────────────────────────────────────────────────────────────────────────────────


def form_sheet(form: Form, library: Library, known: Known, answers: Sequence[str]) -> FormSheet:
    """The sheet of a form (not of a layer); ``answers`` are the words of a survey, best first."""
    builders = {"figures": _figures, "reported": _reported}
    if form.kind in builders:
        columns, rows = builders[form.kind](form, library, known)
        spare = 0
    else:
        columns, rows = _records(form, library, known, answers)
        spare = SPARE_ROWS
    return FormSheet(form.title, form.provider, _notes(form, columns, bool(rows)), columns, rows, spare)


def base_list(form: Form, library: Library, known: Known) -> FormSheet:
    """The list of things (小区名录、楼栋名录) to be completed before anything is asked of them."""
    base = [item for item in items_asked(form, library) if item.base or item.name == form.key]
    columns = (*_places(form, known.units, role="place"), *(_blank(item, "fill") for item in base))
    rows = _things(form, base, len(columns), known)
    notes = (
        f"一行一个{form.of}，发表前先把名录核对补齐：漏的加一行，没有了的删去，编号定了不再改。",
        f"填好后返回，名录会带进《{form.title}》，届时只需填其余各项。",
    )
    return FormSheet(f"{form.of}名录", form.provider, notes, columns, rows, SPARE_ROWS)


def units_list(known: Known, headers: Mapping[str, str]) -> FormSheet:
    """The list of units (社区名录) in the columns the project reads its units by (``headers``: our name → header)."""
    names = headers or UNIT_COLUMNS
    numbers = {"population": "integer", "area_km2": "number"}
    columns = tuple(
        Blank((header,), kind=numbers.get(name, "text"), low=0 if name in numbers else None)  # type: ignore[arg-type]
        for name, header in names.items()
        if name in UNIT_COLUMNS
    )
    rows = tuple(
        tuple(LEVEL_WORD[row["level"]] if name == "level" else row[name] for name in names if name in UNIT_COLUMNS)
        for row in known.units.iter_rows(named=True)
    )  # fmt: skip
    notes = ("一行一个区、街镇、社区；代码为统计用区划代码，按文本填写；人口为年末常住人口。",)
    return FormSheet("社区名录", "各街镇", notes, columns, rows, SPARE_ROWS)


def _figures(
    form: Form, library: Library, known: Known
) -> tuple[tuple[Blank, ...], tuple[tuple[Value, ...], ...]]:
    """A row for each unit of the form's level; beside each figure last year's, where it is known."""
    before = _by_unit(known.last_year.get(form.input))
    columns = list(_places(form, known.units, role="given"))
    sources: list[
        tuple[str, bool]
    ] = []  # of each column behind the places: our name, and whether last year's value
    items = items_asked(form, library)
    beside = {item.last_year_of for item in items}
    for item in items:
        of = item.last_year_of
        columns.append(_blank(item, "given" if of and _any(before, of) else "fill", low=0.0))
        sources.append((of or item.name, bool(of)))
        if (
            item.type in ("number", "integer")
            and not of
            and item.name not in beside
            and _any(before, item.name)
        ):
            columns.append(_last_year_column(item))
            sources.append((item.name, True))
    rows = [
        (*_named(form, row, known.units), *(before.get(row["code"], {}).get(n) if old else None for n, old in sources))
        for row in _units_of(known.units, form.level or "town")
    ]  # fmt: skip
    return tuple(columns), tuple(rows)


def _reported(
    form: Form, library: Library, known: Known
) -> tuple[tuple[Blank, ...], tuple[tuple[Value, ...], ...]]:
    """A row for each unit and each value to be reported."""
    before = _reported_before(form, known)
    by_code = {(row["unit"], row["indicator"]): row["value"] for row in known.values.iter_rows(named=True)}
    twice = known.units.filter(pl.col("name").is_duplicated())["name"].to_list()
    rows: dict[tuple[str, str], tuple[Value, ...]] = {}
    for indicator in library.indicators:
        measure = indicator.measure
        if not isinstance(measure, Reported) or measure.of != form.input:
            continue
        finest = sorted(indicator.levels, key=LEVELS.index)[-1:]
        for level in finest if measure.weight else sorted(indicator.levels, key=LEVELS.index):
            for unit in _units_of(known.units, level):
                code = unit["code"]
                named = code if unit["name"] in twice else unit["name"]
                old = before.get((code, measure.item), by_code.get((code, indicator.code)))
                rows.setdefault((code, measure.item), (named, measure.item, indicator.unit, None, old))
    columns = (
        Blank((REPORTED["unit"],), role="given"),
        Blank((REPORTED["item"],), role="given"),
        Blank(("计量单位",), role="given"),
        Blank((REPORTED["value"],), kind="number", note="没有数据的空着，确实为零的填 0"),
        Blank((LAST_YEAR,), kind="number", role="last_year"),
    )
    if all(row[-1] is None for row in rows.values()):
        return columns[:-1], tuple(row[:-1] for row in rows.values())
    return columns, tuple(rows.values())


def _records(
    form: Form, library: Library, known: Known, answers: Sequence[str]
) -> tuple[tuple[Blank, ...], tuple[tuple[Value, ...], ...]]:
    """A row for each thing; what is known of the things beforehand stands there, the rest is empty."""
    items = sorted(items_asked(form, library), key=lambda item: not item.base and item.name != form.key)
    base = [item for item in items if item.base or item.name == form.key]
    columns = [*_places(form, known.units, role="place"), *(_blank(item, "fill") for item in items)]
    if form.kind == "survey":
        columns += [Blank((q.text,), options=tuple(answers)) for q in library.questions]
    rows = _things(form, base, len(columns), known) if form.kind == "records" else ()
    return tuple(columns), rows


def _things(form: Form, base: Sequence[Item], width: int, known: Known) -> tuple[tuple[Value, ...], ...]:
    """The things known beforehand: of this year's base list, else of last year's form."""
    frame = known.base.get(form.input, known.last_year.get(form.input))
    if frame is None:
        return ()
    by_code = {row["code"]: row for row in known.units.iter_rows(named=True)}
    rows = []
    for row in frame.iter_rows(named=True):
        unit = by_code.get(row["unit"])
        places = (row["_x"], row["_y"]) if form.located else _named(form, unit, known.units)
        cells = (*places, *(row.get(item.name) for item in base))
        rows.append((*cells, *(None for _ in range(width - len(cells)))))
    return tuple(rows)


# ── columns ───────────────────────────────────────────────────────────────────────────────────────────────


def _blank(item: Item, role: Literal["given", "fill"], low: float | None = None) -> Blank:
    number = item.type in ("number", "integer")
    return Blank(
        tuple(item.label.split(" ", 1)), item.type, role, item.unit, item.options,
        low if number and item.low is None else item.low, item.high, item.note,
    )  # fmt: skip


def _last_year_column(item: Item) -> Blank:
    """The grey column beside an item, under the same group."""
    return Blank((*item.label.split(" ", 1)[:-1], LAST_YEAR), item.type, "last_year", item.unit)


def _places(form: Form, units: pl.DataFrame, *, role: Literal["place", "given"]) -> tuple[Blank, ...]:
    """The columns by which a row finds its unit."""
    if form.located:
        return tuple(
            Blank((header,), "number", "place", "", (), low, high, "CGCS2000 坐标，十进制度")
            for header, (low, high) in ((LON, LON_RANGE), (LAT, LAT_RANGE))
        )
    level = form.level or "town"
    own, within = UNIT_HEADERS[level]
    outer = () if within is None else (Blank((within,), role=role, options=_names(units, "town")),)
    return (*outer, Blank((own,), role=role, options=_names(units, level)))


def _names(units: pl.DataFrame, level: str) -> tuple[str, ...]:
    return tuple(dict.fromkeys(row["name"] for row in _units_of(units, level)))


def _named(form: Form, unit: Row | None, units: pl.DataFrame) -> tuple[Value, ...]:
    """The cells of the place columns for a unit, which may be one above the form's level."""
    names = dict(units.select("code", "name").iter_rows())
    if form.level != "community":
        return (unit["name"] if unit is not None else None,)
    if unit is None:
        return (None, None)
    return (names.get(unit["town"]), unit["name"] if unit["level"] == "community" else None)


# ── what is known ─────────────────────────────────────────────────────────────────────────────────────────


def _units_of(units: pl.DataFrame, level: str) -> Iterable[Row]:
    return units.filter(pl.col("level") == level).sort("code").iter_rows(named=True)


def _by_unit(frame: pl.DataFrame | None) -> dict[str, Row]:
    """The first row of each unit."""
    if frame is None:
        return {}
    once = frame.drop_nulls("unit").unique("unit", keep="first", maintain_order=True)
    return {row["unit"]: row for row in once.iter_rows(named=True)}


def _any(before: Mapping[str, Row], name: str) -> bool:
    return any(row.get(name) is not None for row in before.values())


def _reported_before(form: Form, known: Known) -> dict[tuple[str, str], float]:
    frame = known.last_year.get(form.input)
    if frame is None:
        return {}
    rows = frame.select("unit", "item", "value").drop_nulls().iter_rows()
    return {(unit, item): value for unit, item, value in rows}


# ── words ─────────────────────────────────────────────────────────────────────────────────────────────────


def _notes(form: Form, columns: Sequence[Blank], filled: bool) -> tuple[str, ...]:
    """The lines above the header."""
    what = f"按{form.of}逐行填报"
    lines = [form.note] if form.note else []
    lines.append(
        f"{what}；没有数据的空着，确实为零的填 0；可以加行，表头文字请勿改动；各项说明见“填报说明”。"
    )
    if any(column.role == "last_year" for column in columns):
        lines.append(f"灰色“{LAST_YEAR}”列供核对，不填。")
    if filled and form.kind == "records":
        lines.append("已列出的各行取自基础名录或上年，有误请改，没有了的删去，新增的加在后面。")
    if form.empty_means_none:
        lines.append("一件也没有的，原样返回空表（算作没有发生）；没有查过的，不要返回。")
    if form.located:
        lines.append("经度、纬度为 CGCS2000 坐标，写十进制度，如 121.227300、31.032500。")
    return tuple(lines)
