"""Gather (数据归集): the project's inputs → typed evidence, every row in its unit, every fault a finding.

Order: units → boundaries → names and corrections → each input. An input that cannot be read leaves findings and
no evidence; the others are read all the same, so that all faults are told at once.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path

import polars as pl

from ...indicators.model import Indicator
from ..evidence import Evidence, Gathered, Querying, with_levels
from ..findings import Findings, Place
from ..measure.aggregate_sql import querying as querying_here
from ..settings.project import FILE_NAME, Input, Project
from ..storage.kept import NOTHING_KEPT, Kept, digest
from .candidates import read_candidates
from .corrections import apply_corrections, report_unmatched
from .data_set import is_data_set, read_data_set
from .desk import Desk, open_desk
from .history import read_history
from .maps.spatial_inputs import read_spatial, to_units_by_place
from .names import place_by_name, report_unused
from .privacy import mask_personal
from .recall import recall_or_read
from .sheets.files import is_file
from .sheets.items import check_items, check_reported
from .sheets.tables import TableSpec, read_table
from .survey import read_survey

Progress = Callable[[int, int, str], None]


def gather(
    project: Project,
    findings: Findings,
    progress: Progress,
    *,
    indicators: Sequence[Indicator] = (),
    kept: Kept = NOTHING_KEPT,
    querying: Querying = querying_here,
) -> Gathered:
    """Read everything the project names; ``indicators`` are those in force, of which earlier years and projects may tell.
    What an earlier run read is taken from ``kept``; data sets are looked at by ``querying``.

    Raises InputError when the units cannot be used.
    """
    desk, sources = open_desk(project, findings, querying)
    evidence: dict[str, Evidence] = {}
    wanted = {n: i for n, i in project.inputs.items() if not i.years or project.year in i.years}
    for done, (name, item) in enumerate(wanted.items()):
        progress(done, len(wanted), item.title or name)
        read = read_input(name, item, desk, kept)
        if read is not None:
            evidence[name] = read
    progress(len(wanted), len(wanted), "")
    check_reported(evidence, indicators, desk.units, findings)
    files = {name: [s.file for s in read.sources] for name, read in evidence.items()}
    report_unmatched(desk.corrections, files, findings)
    codes = [indicator.code for indicator in indicators]
    history, history_sources = read_history(project.root, desk.book, codes, findings)
    candidates, tables = read_candidates(project, desk.book, indicators, findings)
    if len(evidence) == len(wanted):  # what could not be read may need the names that seem to be of no use
        report_unused(desk.book, findings, shown_as=project.names)
    return Gathered(
        desk.units, desk.shapes, desk.crs, evidence, (*sources, *history_sources, *tables), history, project.space,
        predecessors=desk.predecessors, corrections=desk.corrections.rows, candidates=candidates,
        key=digest(desk.key, project.space.model_dump_json()),
    )  # fmt: skip


def read_input(name: str, item: Input, desk: Desk, kept: Kept = NOTHING_KEPT) -> Evidence | None:
    """One input as evidence; None (with findings) when it cannot be read."""
    if is_data_set(item):
        return read_data_set(name, item, desk, kept)
    return recall_or_read(name, item, paths_of(name, item, desk), desk, kept, read_rows)


def read_rows(name: str, item: Input, files: Sequence[tuple[Path, str]], desk: Desk) -> pl.DataFrame | None:
    """The rows of one input, sorted by unit; None (with findings) when none of its files can be read."""
    parts = [
        frame for path, shown in files if (frame := _read_file(name, item, path, shown, desk)) is not None
    ]
    if not parts:
        return None
    frame = pl.concat(parts, how="diagonal_relaxed")
    if item.kind in ("figures", "reported") and (item.layout == "long" or item.kind == "reported"):
        frame = frame.with_columns(pl.col("item").str.strip_chars())
        check_items(frame, item, desk.units, desk.findings)
        frame = _by_item(frame, item)
    if item.key and item.kind != "survey":
        _check_key(frame, item, desk.findings)
    if item.kind == "figures" and item.layout == "wide":
        _check_twice(frame, item, desk)
    if item.kind == "figures" and item.level:
        _check_complete(frame, item, desk)
    if "_district" not in frame.columns:
        frame = with_levels(frame, desk.units)
    frame = mask_personal(frame, dict(item.columns), desk.findings)
    return frame.sort("unit", *(c for c in ("_file", "_sheet", "_row")), nulls_last=True)


def paths_of(name: str, item: Input, desk: Desk) -> list[tuple[Path, str]]:
    """The files of an input that exist, with how they are named in messages; P004 for those that do not."""
    found = []
    for written in item.files:
        shown = written.replace("{year}", str(desk.project.year))
        path = desk.project.input_path(written)
        missed_as = "" if item.optional else item.title or name
        if is_file(path, Place(shown), desk.findings, missed_as=missed_as):
            found.append((path, shown))
    return found


def _read_file(name: str, item: Input, path: Path, shown: str, desk: Desk) -> pl.DataFrame | None:
    """One file's rows with ``unit``; None when nothing could be read of it."""

    def correct(raw: pl.DataFrame) -> pl.DataFrame:
        headers = {**table_spec(item, desk.project.year).columns, **item.questions}
        return apply_corrections(raw, name, desk.corrections, headers)

    if item.kind == "layer" or item.tags or path.suffix.lower() in (".geojson", ".gpkg", ".shp", ".pbf"):
        frame = read_spatial(item, path, shown, desk.crs, desk.findings)
        return to_units_by_place(frame, item, desk.units, desk.shapes, desk.crs, desk.findings)
    faults = len(desk.findings.errors)
    if item.kind == "survey":
        once = desk.project.survey.count_pasted_once
        frame = read_survey(item, path, shown, desk.findings, correct, once=once)
    else:
        frame = read_table(
            path, table_spec(item, desk.project.year), desk.findings, shown_as=shown, correct=correct
        )
    if frame is not None and frame.is_empty() and item.empty_means_none:
        return _nothing_happened(frame, item) if len(desk.findings.errors) == faults else None
    if frame is None or frame.is_empty():
        return None
    if item.at is not None:
        return _all_at_one(frame, name, item.at, desk)
    if item.x and item.y:
        points = read_spatial(item, path, shown, desk.crs, desk.findings, points=frame)
        return to_units_by_place(points, item, desk.units, desk.shapes, desk.crs, desk.findings)
    headers = (item.unit or "", item.within)
    return place_by_name(frame, desk.book, desk.findings, level=item.level, headers=headers)


def _nothing_happened(frame: pl.DataFrame, item: Input) -> pl.DataFrame:
    """An event register without an event, as evidence: all its columns, no row."""
    placed = {"unit": pl.String} | ({"x": pl.Float64, "y": pl.Float64, "_wkb": pl.Binary} if item.x else {})
    helpers = [c for c in ("_unit", "_within", "_x", "_y") if c in frame.columns]
    return frame.drop(helpers).with_columns(pl.lit(None, dtype=t).alias(c) for c, t in placed.items())


def _all_at_one(frame: pl.DataFrame, name: str, at: str, desk: Desk) -> pl.DataFrame:
    """``frame`` with the one unit the whole input is about; N001 or N002 when the project file names none or several."""
    found = desk.book.find(at, level=None, within=None)
    if len(found) != 1:
        near = desk.book.near(at, level=None, within=None)
        desk.findings.add("N002" if found else "N001", Place(FILE_NAME, column=f"inputs.{name}.at"), value=at,
                          count=frame.height, within="", near="、".join(found or near) or "无",
                          expected="名录中的名称或代码")  # fmt: skip
    return frame.with_columns(unit=pl.lit(found[0] if len(found) == 1 else None, dtype=pl.String))


def table_spec(item: Input, year: int) -> TableSpec:
    """What the table reader needs to know of an input: our own helper columns come beside the declared ones."""
    columns = {} if item.layout == "long" else dict(item.columns)
    for ours, header in (("_unit", item.unit), ("_within", item.within), ("_x", item.x), ("_y", item.y)):
        if header:
            columns[ours] = header
    types = dict(item.types) | {"_x": "number", "_y": "number"}
    if item.kind == "reported" or item.layout == "long":
        columns |= {"item": item.item or "", "value": (item.value or "").replace("{year}", str(year))}
        types["value"] = "number"
    backwards = {header: ours for ours, header in columns.items()}
    needed = {c for c in ("_unit", "_x", "_y", "item", "value") if c in columns}
    limits = dict(item.limits)
    if item.kind == "figures":  # what is counted or measured is never negative, unless the project says so
        numbers = [c for c, t in types.items() if t in ("number", "integer") and c in columns]
        limits = dict.fromkeys(numbers, (0.0, None)) | limits
    return TableSpec(
        sheet=item.sheet,
        columns=columns,
        types={c: t for c, t in types.items() if c in columns},
        units=item.units_of,
        limits=limits,
        required=frozenset(item.required) | needed,
        fill_down=frozenset(backwards.get(h, h) for h in item.fill_down),
        header_row=item.header_row,
        lenient=item.lenient,
        may_be_empty=item.empty_means_none,
    )


def _by_item(frame: pl.DataFrame, item: Input) -> pl.DataFrame:
    """Long figures: unit × item × value. Reported values stay long; figures become one column per declared item."""
    if item.kind == "reported":
        return frame.select("unit", "item", "value", "_file", "_sheet", "_row")
    names = {header: ours for ours, header in item.columns.items()}
    known = frame.filter(pl.col("item").is_in(list(names))).with_columns(
        pl.col("item").replace_strict(names, default=None)
    )
    position = known.group_by("unit").agg(
        pl.col("_file").first(), pl.col("_sheet").first(), pl.col("_row").min()
    )
    wide = known.pivot(on="item", index="unit", values="value", aggregate_function="first")
    absent = [pl.lit(None, dtype=pl.Float64).alias(c) for c in item.columns if c not in wide.columns]
    return wide.with_columns(absent).join(position, on="unit", how="left", nulls_equal=True)


def _check_key(frame: pl.DataFrame, item: Input, findings: Findings) -> None:
    """T020 for every later row whose key was there already."""
    key = item.key or ""
    if key not in frame.columns:
        return
    again = frame.filter(pl.col(key).is_not_null() & ~pl.struct(key).is_first_distinct())
    for row in again.iter_rows(named=True):
        place = Place(row["_file"], row["_sheet"], row["_row"], item.columns.get(key, key))
        findings.add("T020", place, value=row[key], expected="每行一个不同的编号")


def _check_twice(frame: pl.DataFrame, item: Input, desk: Desk) -> None:
    """N007 when a form states a unit on more than one row: adding them up would hide a wrong name."""
    again = (
        frame.drop_nulls("unit")
        .group_by("_file", "_sheet", "unit", maintain_order=True)
        .agg(pl.col("_row"), pl.len().alias("count"))
        .filter(pl.col("count") > 1)
    )
    names = dict(desk.units.select("code", "name").iter_rows())
    for row in again.iter_rows(named=True):
        place = Place(row["_file"], row["_sheet"], row["_row"][1], item.unit or "")
        desk.findings.add("N007", place, value=names[row["unit"]], count=row["count"],
                          lines="、".join(map(str, row["_row"])), expected="每个单元一行")  # fmt: skip


def _check_complete(frame: pl.DataFrame, item: Input, desk: Desk) -> None:
    """N006 when a form lacks units of its level: their values are missing, not zero."""
    absent = desk.units.filter(
        (pl.col("level") == item.level) & ~pl.col("code").is_in(frame["unit"].drop_nulls().to_list())
    )
    if absent.height and frame.height:
        names = "、".join(absent["name"].head(3)) + ("等" if absent.height > 3 else "")
        first = frame.sort("_file", "_sheet", "_row").row(0, named=True)
        place = Place(first["_file"], first["_sheet"], column=item.unit or "")
        desk.findings.add("N006", place, value=names, count=absent.height, expected="每个单元一行")
