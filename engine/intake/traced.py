"""The rows behind a figure (依据行): which rows of which sheet of which file a unit's value was made from, and what was
corrected in them.

Nothing of this is in the results: it is found by reading the inputs again with the settings the run was recorded with, mostly
from what the run kept (:mod:`..storage.kept`). It is told only of the very files that the run read, by their SHA-256; of any other
there is the reason why not.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import polars as pl
from pydantic import ValidationError

from ...indicators.catchment_model import Catchment
from ...indicators.loader import load_indicators
from ...indicators.measure_model import Circle, Count, Coverage, Ratio, Reported, Survey, Walk
from ...indicators.model import Indicator
from ..evidence import POSITION, Evidence, Source
from ..findings import Findings, InputError
from ..measure.aggregate_sql import MeasureError, condition, run_sql
from ..results import Results
from ..settings.forms import complete_inputs
from ..settings.project import Input, Project
from ..storage.kept import FOLDER, Kept
from ..storage.store import sandbox
from ..years.comparable import Rules, rules_of
from .corrections import Correction, rows_met
from .data_set import is_data_set
from .desk import Desk, open_desk
from .gather import paths_of, read_input, table_spec
from .names import place_by_name
from .privacy import mask_personal
from .sheets.tables import POSITION as POSITION_TYPES
from .sheets.tables import read_table
from .survey import read_survey

FEW, WITH_CELLS = 20, 3  # of so few rows the cells of the first are told; of more their places say enough
LONG = 5000  # rows; a longer table is read again only for what was corrected in it: that takes seconds
CHANGED = "运行以后改过或移走了，当时的行查不到；请重新运行 tijian run 再看"
OTHER_MAKE = "这一年由另一版本的程序运行，行号查不到；请重新运行 tijian run 再看"
DATA_SET = "Parquet 数据集，记录不逐条列出；用查询工具按单元代码一列筛选"
PEOPLES = ("survey", "tickets")  # what people said: their rows are named, and not shown
_LAYERS = (".geojson", ".gpkg", ".shp", ".pbf")


@dataclass(frozen=True)
class Cells:
    """One row as it stands in its file: (header, text) of the columns that the indicator reads."""

    place: tuple[str, str, int]
    cells: tuple[tuple[str, str], ...]


@dataclass(frozen=True)
class Mended:
    """One declared fix (its number from 1 in the file ``declared``) that changed a row of the figure or left one out.

    ``sure`` is False for a row left out of which nobody knows whether it would have lain in the unit.
    """

    declared: str
    number: int
    fix: Correction
    place: tuple[str, str, int]
    header: str
    sure: bool = True


@dataclass(frozen=True)
class Traced:
    """What of one input stands behind a unit's figure.

    ``rows`` are their places (columns of POSITION), sorted; ``inside`` counts the rows of the unit before the indicator's own
    condition. ``header`` is the column that names the unit (empty: placed by geometry). ``features``: of a layer, by their
    number; ``serves``: facilities, which serve from outside the unit too. ``unknown`` says why nothing is known.
    """

    rows: pl.DataFrame = field(default_factory=lambda: pl.DataFrame(schema=POSITION_TYPES))
    inside: int = 0
    header: str = ""
    features: bool = False
    serves: bool = False
    first: tuple[Cells, ...] = ()
    mended: tuple[Mended, ...] = ()
    unknown: str = ""


@dataclass(frozen=True)
class _Asked:
    """The figure in question: the unit, its level, the indicator, where each unit's value of it came from."""

    unit: str
    level: str
    indicator: Indicator
    origins: Mapping[str, str]
    desk: Desk

    @property
    def words(self) -> set[str]:
        """Every word of how it is measured: the columns it reads are among them."""
        return set(re.findall(r"\w+", self.indicator.measure.model_dump_json()))


def rows_behind(project: Project, results: Results, unit: str, code: str) -> dict[str, Traced]:
    """input → what of it stands behind the value of indicator ``code`` in ``unit``; empty where there is no value.

    Raises StoreError where the results file cannot be read.
    """
    values = results.measurements.filter(pl.col("indicator") == code, pl.col("value").is_not_null())
    read = results.inputs["name"].unique().to_list()
    definition = results.indicators.row(by_predicate=pl.col("code") == code, named=True)
    names = [name for name in definition["inputs"] or () if name in read]
    if unit not in values["unit"]:
        return {}
    then = _as_recorded(project, rules := rules_of(project.store_path, results.year))
    if rules is None or then is None or code not in rules.indicators:
        return {name: Traced(unknown=OTHER_MAKE) for name in names}
    try:
        desk, sources = open_desk(then, Findings())
    except InputError:
        return {name: Traced(unknown=f"单元名录或边界{CHANGED}") for name in names}
    if other := _changed(sources, results, "units", (then.names, then.corrections)):
        return {name: Traced(unknown=f"{other} {CHANGED}") for name in names}
    level = results.units.filter(pl.col("code") == unit)["level"][0]
    asked = _Asked(
        unit, level, rules.indicators[code], dict(values.select("unit", "origin").iter_rows()), desk
    )
    kept = Kept(project.root / FOLDER / str(results.year), writing=False)
    return {name: _traced(name, then.inputs[name], asked, results, kept) for name in names}


def _as_recorded(project: Project, rules: Rules | None) -> Project | None:
    """The project as the run had it, its inputs completed; None where the record is of another make.

    An input that is still the same is taken as it stands today: a record sorts the columns, and what was kept goes by their order.
    """
    if rules is None or not rules.known:
        return None
    try:
        then = Project.model_validate({**rules.project, "root": project.root})
    except ValidationError:
        return None
    head, unused = project.project, Findings()
    library = load_indicators(
        head.indicators, project.root, unused, inputs=tuple(project.inputs), dimension_names=head.dimensions
    )
    today = complete_inputs(project.for_year(rules.year), library, unused).inputs
    inputs = {name: today[name] if today.get(name) == item else item for name, item in then.inputs.items()}
    return then.model_copy(update={"inputs": inputs})


def _changed(sources: Sequence[Source], results: Results, name: str, optional: Sequence[str] = ()) -> str:
    """The first file of an input that is not the one the run read; empty where all are."""
    run = dict(results.inputs.filter(pl.col("name") == name).select("file", "sha256").iter_rows())
    now = {source.file: source.sha256 for source in sources}
    asked = [*now, *(f for f in optional if f in run)] if optional else [*now, *run]
    return next((file for file in asked if run.get(file) != now.get(file)), "")


def _traced(name: str, item: Input, asked: _Asked, results: Results, kept: Kept) -> Traced:
    """One input; the run read it, so that it has files and rows."""
    if is_data_set(item):
        return Traced(unknown=DATA_SET)
    evidence = read_input(name, item, asked.desk, kept)
    sources = evidence.sources if evidence is not None else ()
    if other := _changed(sources, results, name):
        return Traced(unknown=f"{other} {CHANGED}")
    if evidence is None:
        return Traced(unknown=OTHER_MAKE)
    inside = _in_unit(evidence, asked)
    used = _meeting(inside, evidence, asked)
    files = paths_of(name, item, asked.desk)
    long_form = item.kind == "figures" and item.layout == "long"
    fixes = [fix for _, fix in asked.desk.corrections.of(name) if _concerns(fix, asked)]
    again = fixes or long_form or (used.height <= FEW and evidence.rows <= LONG and item.kind not in PEOPLES)
    texts = [_text(item, path, shown, asked.desk) for path, shown in files] if again else []
    written = [text for text in texts if text is not None]
    if long_form and written:
        inside = used = _long_rows(written, used, item, asked)
    rows = used.select(POSITION).unique().sort(POSITION)
    return Traced(
        rows=rows, inside=inside.height, header=item.unit or "", serves=_serves(name, asked.indicator),
        features=all(path.suffix.lower() in _LAYERS for path, _ in files),
        first=() if item.kind in PEOPLES or rows.height > FEW else tuple(_cells(written, rows, item, asked)),
        mended=tuple(m for text in written for m in _mended(text, name, item, inside.select(POSITION), asked)),
    )  # fmt: skip


def _serves(name: str, indicator: Indicator) -> bool:
    measure = indicator.measure
    return isinstance(measure, Coverage | Walk | Circle | Catchment) and name != measure.demand


def _concerns(fix: Correction, asked: _Asked) -> bool:
    """Whether a fix is of what the indicator reads, of where a row lies, or leaves a row out."""
    return fix.drop or fix.column.startswith("_") or fix.column in {*asked.words, "item", "value"}


# ── which rows ────────────────────────────────────────────────────────────────────────────────────────────


def _in_unit(evidence: Evidence, asked: _Asked) -> pl.DataFrame:
    """The rows that lie in the unit, or that state what its figure was added up from."""
    frame = evidence.frame
    if evidence.additive:
        return frame.filter(pl.col(f"_{asked.level}") == asked.unit)
    stated = set(frame["unit"].drop_nulls())
    children: dict[str, list[str]] = {}
    for code, parent in asked.desk.units.select("code", "parent").iter_rows():
        children.setdefault(parent or "", []).append(code)

    def standing(unit: str) -> list[str]:
        """The units whose own rows count: those below where the value was added up, otherwise itself."""
        below = [u for child in children.get(unit, ()) for u in standing(child)]
        own = [unit] if unit in stated else []
        added_up = asked.origins.get(unit, "computed") == "computed"
        return (below or own) if added_up else (own or below)

    return frame.filter(pl.col("unit").is_in(standing(asked.unit)))


def _meeting(inside: pl.DataFrame, evidence: Evidence, asked: _Asked) -> pl.DataFrame:
    """Of the unit's rows those that the indicator uses, where its method says which."""
    match asked.indicator.measure:
        case Reported() as measure:
            return inside.filter((pl.col("item") == measure.item) & pl.col("value").is_not_null())
        case Survey() as measure:
            return inside.filter(pl.col(measure.question).is_not_null())
        case Count() | Ratio() as measure if measure.where is not None:
            try:
                with sandbox({evidence.name: replace(evidence, frame=inside)}) as con:
                    met = run_sql(con, f'SELECT _ix FROM "{evidence.name}" {condition(measure.where)}')
            except MeasureError:  # it asks for another table too: then only what lies in the unit is known
                return inside
            return inside[met["_ix"].sort().to_list()] if met.height else inside.clear()
        case _:
            return inside


# ── what stands there ─────────────────────────────────────────────────────────────────────────────────────


def _text(item: Input, path: Path, shown: str, desk: Desk) -> pl.DataFrame | None:
    """The text of a file as it stands, under our column names; None for a layer, which has no cells."""
    if item.kind == "layer" or item.tags or path.suffix.lower() in _LAYERS:
        return None
    caught: list[pl.DataFrame] = []

    def catch(raw: pl.DataFrame) -> pl.DataFrame:
        caught.append(raw)
        return raw

    if item.kind == "survey":
        read_survey(item, path, shown, Findings(), catch, once=desk.project.survey.count_pasted_once)
    else:
        read_table(path, table_spec(item, desk.project.year), Findings(), shown_as=shown, correct=catch)
    return caught[0] if caught else None


def _placed(raw: pl.DataFrame, item: Input, desk: Desk) -> pl.DataFrame:
    """``raw`` with the ``unit`` that its names say; null where they do not."""
    if item.at is not None:
        found = desk.book.find(item.at, level=None, within=None)
        return raw.with_columns(unit=pl.lit(found[0] if found else None, dtype=pl.String))
    if "_unit" not in raw.columns:
        return raw.with_columns(unit=pl.lit(None, dtype=pl.String))
    headers = (item.unit or "", item.within)
    return place_by_name(raw, desk.book, Findings(), level=item.level, headers=headers)


def _long_rows(texts: Sequence[pl.DataFrame], used: pl.DataFrame, item: Input, asked: _Asked) -> pl.DataFrame:
    """The rows of a long form for the units of ``used``: of the items that the indicator reads, each on a row of its own."""
    labels = [label for ours, label in item.columns.items() if ours in asked.words]
    parts = [
        _placed(text, item, asked.desk)
        .filter(pl.col("item").str.strip_chars().is_in(labels), pl.col("unit").is_in(used["unit"].to_list()))
        .select("unit", *POSITION)
        for text in texts
    ]
    return pl.concat(parts)


def _cells(texts: Sequence[pl.DataFrame], rows: pl.DataFrame, item: Input, asked: _Asked) -> Iterator[Cells]:
    """The first rows as they stand."""
    wanted = rows.head(WITH_CELLS)
    for text in texts:
        here = mask_personal(
            text.join(wanted, on=POSITION, how="semi", maintain_order="left"), {}, Findings()
        )
        for row in here.iter_rows(named=True):
            told = tuple((header, str(value or "")) for header, value in _told(row, item, asked.words))
            yield Cells((row["_file"], row["_sheet"], row["_row"]), told)


def _told(row: Mapping[str, Any], item: Input, words: set[str]) -> Iterator[tuple[str, Any]]:
    if "item" in row and "value" in row and (item.kind == "reported" or item.layout == "long"):
        yield str(row["item"] or ""), row["value"]
        return
    yield from ((label, row[ours]) for ours, label in item.columns.items() if ours in words and ours in row)


def _mended(
    raw: pl.DataFrame, name: str, item: Input, inside: pl.DataFrame, asked: _Asked
) -> Iterator[Mended]:
    """The fixes of one file that touch the figure: of a column it reads, or of where a row lies, or a row left out."""
    fixes = list(rows_met(raw, name, asked.desk.corrections))
    if not fixes:
        return
    places = _placed(raw, item, asked.desk).select("unit", *POSITION)
    within = asked.desk.units.filter(pl.col(asked.level) == asked.unit)["code"].to_list()
    labels = {
        **item.columns,
        "_unit": item.unit or "",
        "_within": item.within or "",
        "value": item.value or "",
    }
    for number, fix, met in fixes:
        if fix.drop:
            lost = met.select(POSITION).join(places, on=POSITION, how="left")
            touched = lost.filter(pl.col("unit").is_null() | pl.col("unit").is_in(within))
        elif _concerns(fix, asked):
            touched = met.select(POSITION).join(inside, on=POSITION, how="semi")
        else:
            continue
        for row in touched.iter_rows(named=True):
            place = (row["_file"], row["_sheet"], row["_row"])
            sure = not fix.drop or row["unit"] is not None
            yield Mended(
                asked.desk.corrections.shown_as, number, fix, place, labels.get(fix.column, fix.column), sure
            )
