"""Read a table by its contract (按约定读表): our column names, their headers in the file, types, units and limits.

A sheet is read when its header answers to the contract; several such sheets are stacked, and a table printed in
panels side by side (years left and right) is put one below the other. What is read is text first, as it stands, so
that declared corrections can mend what cannot be read; then each column gets its type and unit. A header that was
renamed is read where its meaning is clear (``near_headers.py``), with a warning. Every row keeps ``_file``,
``_sheet`` ("" for text files) and ``_row`` (the row Excel shows).
"""

from __future__ import annotations

import itertools
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

import polars as pl

from ...findings import Findings
from ..measures import conversion
from .cells import fold_name
from .columns import typed_column
from .grid import Grid, as_text, read_grids
from .headers import Header, find_header, guess_header, split_unit
from .merged import merged_cells
from .near_headers import near_columns
from .rows import TOTALS, data_rows
from .text_columns import text_column

TYPES = {"text": pl.String, "number": pl.Float64, "integer": pl.Int64, "yesno": pl.Boolean, "date": pl.Date}
POSITION = {"_file": pl.String, "_sheet": pl.String, "_row": pl.Int64}
NOT_DATA = frozenset({"填报说明", "填表说明"})  # sheets that explain a form; read only when named


@dataclass(frozen=True)
class TableSpec:
    """What a table must hold.

    ``columns`` our name → header in the file ("上级 下级" for a header of two rows); ``types`` text (when not given),
    number, integer, yesno, date; ``units`` the unit wanted; ``limits`` (low, high) of numbers, both included;
    ``required`` columns that must be there, and whose text must be filled; ``fill_down`` columns whose blank cells
    repeat the one above; ``sheet`` a name, or None or "*" for every sheet that has the header; ``header_row`` where
    the header begins, from 1; ``lenient`` makes an unreadable cell a warning and a null; ``may_be_empty``: no rows below
    the header is an answer, not a fault.
    """

    columns: dict[str, str]
    types: dict[str, str] = field(default_factory=dict)
    units: dict[str, str] = field(default_factory=dict)
    limits: dict[str, tuple[float | None, float | None]] = field(default_factory=dict)
    required: frozenset[str] = frozenset()
    fill_down: frozenset[str] = frozenset()
    sheet: str | None = None
    header_row: int | None = None
    lenient: bool = False
    may_be_empty: bool = False

    def empty(self) -> pl.DataFrame:
        """The frame without rows."""
        types = {c: TYPES[self.types.get(c, "text")] for c in self.columns}
        return pl.DataFrame(schema=types | POSITION)


@dataclass(frozen=True)
class _Sheet:
    """One sheet with its header and, for each panel, where our columns are."""

    grid: Grid
    header: Header
    panels: tuple[dict[str, int], ...]
    units: dict[str, str]  # the unit each column is in, as the file says


def read_table(
    path: Path,
    spec: TableSpec,
    findings: Findings,
    *,
    shown_as: str,
    correct: Callable[[pl.DataFrame], pl.DataFrame] | None = None,
) -> pl.DataFrame:
    """The rows of a file under our column names, typed, with ``_file``, ``_sheet``, ``_row``.

    Always a frame: empty, with findings, when nothing can be read. ``correct`` is given the text as it stands
    under our names and returns it mended. Adds the findings F001–F010, T001–T008 and T010–T018.
    """
    grids = read_grids(path, findings, shown_as=shown_as, sheet=spec.sheet)
    return table_of(grids, spec, findings, correct) if grids else spec.empty()


def table_of(
    grids: list[Grid],
    spec: TableSpec,
    findings: Findings,
    correct: Callable[[pl.DataFrame], pl.DataFrame] | None = None,
) -> pl.DataFrame:
    """The rows of sheets already in memory; otherwise as :func:`read_table`."""
    sheets = _sheets(grids, spec, findings)
    if not sheets:
        return spec.empty()
    raw = pl.concat([_raw(sheet, spec, findings) for sheet in sheets])
    if raw.is_empty():
        if not spec.may_be_empty:
            findings.add("T005", sheets[0].grid.place, expected="表头下面至少一行数据")
        return spec.empty()
    if correct is not None:
        raw = correct(raw)
    units = {sheet.grid.sheet: sheet.units for sheet in sheets}
    parts = [
        _typed(part, spec, units[name], findings)
        for (name,), part in raw.partition_by("_sheet", maintain_order=True, as_dict=True).items()
    ]
    return pl.concat(parts) if parts else spec.empty()


def read_headers(
    path: Path, findings: Findings, *, shown_as: str, sheet: str | None = None
) -> list[str] | None:
    """The column labels of the first sheet that has a header; None, with findings, when there is none."""
    grids = read_grids(path, findings, shown_as=shown_as, sheet=sheet)
    for grid in grids:
        header = guess_header(grid)
        if header is not None:
            return header.labels()
    if grids:
        findings.add("T001", grids[0].place, near="无", expected="有表头的表格")
    return None


# ---- which sheets, which columns -------------------------------------------------------------------------


def _sheets(grids: list[Grid], spec: TableSpec, findings: Findings) -> list[_Sheet]:
    """The sheets that answer to the contract.

    Answering to half of it, or to all that is required, counts: what is missing is then a finding.
    """
    wanted = list(spec.columns.values())
    if spec.sheet in (None, "*"):
        grids = [grid for grid in grids if fold_name(grid.sheet) not in NOT_DATA] or grids
    headers = [find_header(grid, wanted, spec.header_row) for grid in grids]
    hits = [0 if h is None else sum(bool(h.find(text)) for text in wanted) for h in headers]
    half = 1 if spec.sheet not in (None, "*") else max(1, (len(wanted) + 1) // 2)
    chosen = [
        i for i, h in enumerate(headers) if h is not None and (hits[i] >= half or _has_required(h, spec))
    ]
    if not chosen:
        best = max(range(len(grids)), key=lambda i: (hits[i], -i))
        header = headers[best] or guess_header(grids[best])
        near = "、".join(header.labels()[:12]) if header else "无"
        findings.add("T001", grids[best].place.at(row=header.top + 1 if header else None), near=near or "无",
                     expected="、".join(wanted))  # fmt: skip
        return []
    sheets = [_locate(grids[i], header, spec, findings) for i in chosen if (header := headers[i]) is not None]
    return [sheet for sheet in sheets if sheet.panels]


def _has_required(header: Header, spec: TableSpec) -> bool:
    return bool(spec.required) and all(header.find(spec.columns[ours]) for ours in spec.required)


def _locate(grid: Grid, header: Header, spec: TableSpec, findings: Findings) -> _Sheet:
    """Our columns in one sheet; T002–T004 for those missing or there twice without being panels, T007 if renamed."""
    found = {ours: header.find(text) for ours, text in spec.columns.items()}
    place = grid.place.at(row=header.top + 1)
    missing = {ours: spec.columns[ours] for ours, places in found.items() if not places}
    taken = {at for places in found.values() for at in places}
    for ours, at in near_columns(header, missing, taken).items():
        found[ours] = [at]
        label = header.columns[at].label
        findings.add("T007", place.at(column=label), value=label, expected=spec.columns[ours])
    for ours, places in found.items():
        if not places:
            text = spec.columns[ours]
            findings.add("T002" if ours in spec.required else "T004", place.at(column=text), value=text,
                         near=header.nearest(text), expected=text)  # fmt: skip
    there = {ours: places for ours, places in found.items() if places}
    panels = _panels(there, header)
    if not panels:
        for ours, places in there.items():
            if len(places) > 1:
                text = spec.columns[ours]
                findings.add("T003", place.at(column=text), value=text, count=len(places),
                             expected="每个表头只出现一次")  # fmt: skip
        panels = ({ours: places[0] for ours, places in there.items() if len(places) == 1},)
    units = {
        ours: header.columns[places[0]].unit or _from_above(header.sheet_unit, _unit_wanted(spec, ours))
        for ours, places in there.items()
    }
    return _Sheet(grid, header, panels if any(panels) else (), units)


def _unit_wanted(spec: TableSpec, ours: str) -> str:
    """The unit a column is wanted in: as declared, else as the contract's own header says (人口（万人）)."""
    return spec.units.get(ours) or split_unit(spec.columns[ours])[1]


def _from_above(sheet_unit: str, wanted: str) -> str:
    """``单位：万人`` above a table speaks of the columns that can be counted in it, and of no other."""
    return "" if wanted and conversion(sheet_unit, wanted) is None else sheet_unit


def _panels(found: dict[str, list[int]], header: Header) -> tuple[dict[str, int], ...]:
    """The panels of a table printed side by side: all columns equally often, each panel right of the one before.

    Columns that merely share their lowest level (住宅 栋数, 商业 栋数) are no panels.
    """
    counts = {len(places) for places in found.values()}
    wholes = [{header.columns[i].label for i in places} for places in found.values()]
    if len(counts) != 1 or any(len(labels) > 1 for labels in wholes):
        return ()
    panels = [{ours: places[i] for ours, places in found.items()} for i in range(counts.pop())]
    ordered = all(max(left.values()) < min(right.values()) for left, right in itertools.pairwise(panels))
    return tuple(panels) if ordered else ()


# ---- text as it stands -----------------------------------------------------------------------------------


def _raw(sheet: _Sheet, spec: TableSpec, findings: Findings) -> pl.DataFrame:
    """The data rows of one sheet as text under our names; "" is null, what is to be filled down is filled."""
    rows = data_rows(sheet.grid, sheet.header)
    parts = [_panel(sheet, spec, rows, panel, findings) for panel in sheet.panels]
    return pl.concat(parts)


def _panel(
    sheet: _Sheet, spec: TableSpec, rows: list[int], panel: dict[str, int], findings: Findings
) -> pl.DataFrame:
    cells = sheet.grid.rows
    merged = merged_cells(sheet.grid, rows, panel, spec.types, spec.columns, findings)
    text = {ours: [as_text(merged.get((r, at), cells[r][at])) for r in rows] for ours, at in panel.items()}
    frame = pl.DataFrame(text, schema=dict.fromkeys(panel, pl.String)).with_columns(
        pl.when(pl.col(c).str.strip_chars() != "").then(pl.col(c)).alias(c) for c in panel
    )
    frame = frame.with_columns(
        *(pl.lit(None, dtype=pl.String).alias(c) for c in spec.columns if c not in panel),
        _file=pl.lit(sheet.grid.file),
        _sheet=pl.lit(sheet.grid.sheet),
        _row=pl.Series([r + 1 for r in rows], dtype=pl.Int64),
    ).select(*spec.columns, *POSITION)
    own = [ours for ours in panel if ours not in spec.fill_down] or list(panel)
    frame = frame.filter(pl.any_horizontal(pl.col(own).is_not_null()))
    words = [ours for ours in panel if spec.types.get(ours, "text") == "text"]
    total = pl.any_horizontal(
        False, pl.col(words).str.replace_all(r"\s", "").is_in(sorted(TOTALS)).fill_null(False)
    )
    names = [ours for ours in panel if _names_the_row(ours, spec)]
    # A sum among named things (a list of buildings ending in 合计) is no thing: it has no name of its own.
    nameless = pl.any_horizontal(False, pl.col(names).is_null()) if names else pl.lit(False)
    return (
        frame.with_columns(_total=total)
        .filter(~(pl.col("_total") & nameless))
        .with_columns(
            pl.when("_total").then(pl.col(c)).otherwise(pl.col(c).forward_fill()).alias(c)
            for c in panel
            if c in spec.fill_down
        )
        .drop("_total")
    )


def _names_the_row(ours: str, spec: TableSpec) -> bool:
    """Whether a column says which thing a row is: required, of text, and not a helper column of the project's own."""
    return ours in spec.required and not ours.startswith("_") and spec.types.get(ours, "text") == "text"


# ---- types -----------------------------------------------------------------------------------------------


def _typed(raw: pl.DataFrame, spec: TableSpec, units: dict[str, str], findings: Findings) -> pl.DataFrame:
    """The text of one sheet with every column in its type and unit; unreadable cells are findings and null."""
    columns: dict[str, pl.Series] = {}
    for ours, header in spec.columns.items():
        kind = spec.types.get(ours, "text")
        if ours not in units:
            columns[ours] = pl.Series(ours, [None] * raw.height, dtype=TYPES[kind])
        elif kind == "text":
            cells = raw.select(pl.col(ours).alias("text"), *POSITION)
            columns[ours] = text_column(
                cells, header, required=_names_the_row(ours, spec), needed=ours in spec.required or ours[0] == "_",
                findings=findings,
            )  # fmt: skip
        else:
            columns[ours] = typed_column(
                raw.select(pl.col(ours).alias("text"), *POSITION),
                kind,
                header=header,
                own_unit=units[ours],
                unit=_unit_wanted(spec, ours),
                limits=spec.limits.get(ours, (None, None)),
                lenient=spec.lenient,
                findings=findings,
            )
    return pl.DataFrame(columns).hstack(raw.select(*POSITION))
