"""Every cell of a file in long form (逐格读出): what stands there, what it says, of which row and column, in which unit.

For analysts who meet a table nobody has written a contract for, and for the tests that compare the reader with
real files cell by cell. The contract reader is :mod:`.tables`.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path

import polars as pl

from ...findings import Findings
from .cells import fold_name, parse_band, parse_blank, parse_number, parse_qualified
from .grid import Grid, as_text, read_grids
from .headers import Header, guess_header, split_unit
from .rows import data_rows

SCHEMA = {"file": pl.String, "sheet": pl.String, "cell": pl.String, "row": pl.String, "column": pl.String,
          "text": pl.String, "number": pl.Float64, "of": pl.String, "low": pl.Float64, "high": pl.Float64,
          "unit": pl.String, "blank": pl.String}  # fmt: skip
_SERIAL = frozenset({"序号", "序", "编号", "No.", "NO"})
_PARTS = re.compile(r".*[(（]([^()（）]+/[^()（）]+)[)）]", re.DOTALL)


@dataclass(frozen=True)
class _Panel:
    """Columns ``first`` … ``last`` (from 0) of a sheet, and the one that names the rows."""

    first: int
    last: int
    key: int


def read_cells(path: Path, findings: Findings, *, shown_as: str = "") -> pl.DataFrame:
    """One row for each cell of the data rows of every sheet (and each figure of a cell that holds several).

    Columns: file, sheet, cell (``B5``), row and column (labels, the unit taken off), text (as it stands), number,
    of (which of several figures), low and high (of a band), unit (the cell's own, else its column's, its row's,
    the sheet's), blank (why there is nothing, else null). Faults of the file are findings F001–F009; T001 where a
    sheet has no header.
    """
    out: list[tuple[object, ...]] = []
    for grid in read_grids(path, findings, shown_as=shown_as or path.name):
        header = guess_header(grid)
        if header is None:
            findings.add("T001", grid.place, near="无", expected="有表头的表格")
            continue
        rows = data_rows(grid, header)
        for panel in _panels(grid, header, rows):
            for r in rows:
                out.extend(_row(grid, header, panel, r))
    return pl.DataFrame(out, schema=SCHEMA, orient="row")


def cell_name(row: int, column: int) -> str:
    """Excel's name of a cell, ``AI7`` for row 6, column 34 (from 0)."""
    letters, n = "", column + 1
    while n:
        n, rest = divmod(n - 1, 26)
        letters = chr(65 + rest) + letters
    return f"{letters}{row + 1}"


def _panels(grid: Grid, header: Header, rows: list[int]) -> list[_Panel]:
    """The panels of a sheet: its whole width, or the equal parts its labels repeat in."""
    used = [i for i, column in enumerate(header.columns) if column.label]
    labels = [header.columns[i].label for i in used]
    parts = next(
        (k for k in (4, 3, 2) if len(labels) % k == 0 and labels[: len(labels) // k] * k == labels), 1
    )
    size = len(labels) // parts
    panels = []
    for k in range(parts):
        columns = used[k * size : (k + 1) * size]
        panels.append(_Panel(columns[0], columns[-1], _key(grid, header, columns, rows)))
    return panels


def _key(grid: Grid, header: Header, columns: list[int], rows: list[int]) -> int:
    """The column that names the rows: the first, or the one behind a serial number when it tells rows apart."""
    first = columns[0]
    if len(columns) == 1 or header.columns[first].label not in _SERIAL:
        return first
    names = [as_text(grid.rows[r][columns[1]]) for r in rows]
    return columns[1] if len(set(names)) == len(names) else first


def _row(grid: Grid, header: Header, panel: _Panel, r: int) -> list[tuple[object, ...]]:
    name, row_unit = split_unit(as_text(grid.rows[r][panel.key]).strip())
    if not name:
        return []
    cells: list[tuple[object, ...]] = []
    for c in range(panel.first, panel.last + 1):
        column = header.columns[c]
        if not column.label:
            continue
        text = as_text(grid.rows[r][c])
        unit = column.unit or row_unit or header.sheet_unit
        place = (grid.file, grid.sheet, cell_name(r, c), fold_name(name), column.label, text)
        cells.extend((*place, *said) for said in _says(text, unit, column.label))
    return cells


def _says(text: str, unit: str, label: str) -> list[tuple[object, ...]]:
    """(number, of, low, high, unit, blank), once for each figure in the cell."""
    blank = parse_blank(text)
    if blank is not None:
        return [(None, "", None, None, unit, blank.value)]
    number = parse_number(text, unit)
    if number.value is not None:
        return [(number.value, "", None, None, unit or number.unit, None)]
    several = parse_qualified(text)
    if len(several) > 1:
        return [(value, of, None, None, unit, None) for value, of in _named(several, label)]
    band = parse_band(text)
    return [(None, "", *(band or (None, None)), unit, None)]


def _named(several: list[tuple[float, str]], label: str) -> list[tuple[float, str]]:
    """Figures without words of their own, named by the column's (体检/诉求) when it has as many."""
    match = _PARTS.fullmatch(label)
    parts = match[1].split("/") if match else []
    if len(parts) != len(several) or any(of for _, of in several):
        return several
    return [(value, part.strip()) for (value, _), part in zip(several, parts, strict=True)]
