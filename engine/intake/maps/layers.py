"""Layers and coordinate tables (图层、坐标表) → frames of things with a place in the run's metric CRS.

The frame has the declared columns under our names, ``_wkb`` (the shape, metres), ``x`` and ``y`` (its representative
point), ``_file``, ``_sheet`` (the layer's name where a file holds several) and ``_row`` (the feature's number in its
layer, from 1). A feature without a usable shape stays as a row with null ``_wkb``, ``x`` and ``y``: it exists, one
only does not know where.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
import shapely

from ...findings import Findings, Place
from ...measure.place import representative
from ...plain_words import in_plain_words
from ..sheets.cells import Cell, parse_date, parse_number, parse_yesno
from .crs import WGS84, guesses_datum, is_gcj02, is_known, metric_crs, parse_crs, project_points
from .geometry import Shapes, Spot, crs_label, in_range, mend, tell_range, to_run
from .vector_files import Vector, read_vector

SAME_PLACE_M = 1.0  # two statements of a CRS that move a layer by less than this agree
KINDS = {"number": "数值", "integer": "整数", "yesno": "是或否", "date": "日期", "text": "文字"}
NUMBERS = ("number", "integer")
READERS: dict[str, Callable[[str], Cell[Any]]] = {
    "number": parse_number, "integer": parse_number, "yesno": parse_yesno, "date": parse_date,
}  # fmt: skip
DTYPES = {"number": pl.Float64, "integer": pl.Float64, "yesno": pl.Boolean, "date": pl.Date}


def read_layer(  # noqa: PLR0913  (the keys of an input in the project file)
    path: Path,
    *,
    layer: str | None,
    crs: str | None,
    columns: Mapping[str, str],
    target_crs: str,
    findings: Findings,
    shown_as: str,
    types: Mapping[str, str] | None = None,
    where: str | None = None,
) -> pl.DataFrame | None:
    """One vector layer as a frame; None, with findings, when it cannot be read.

    ``columns`` maps our name → the layer's; ``crs`` overrides what the file says and may be GCJ-02; ``types`` as in
    the project file; ``where`` is an SQL condition over our names. Findings G001-G016, G021, G024.
    """
    place = Place(file=shown_as)
    vector = read_vector(path, layer, dict.fromkeys(columns.values()), place, findings)
    if vector is None:
        return None
    place = place.at(sheet=vector.sheet)
    source = source_crs(vector, crs, place, findings)
    if source is None:
        return None
    tell_weak_datum(source, target_crs, place, findings)
    numbers = pl.Series("_row", range(1, len(vector.shapes) + 1), dtype=pl.Int64)
    frame = pl.DataFrame([*(vector.frame[header].alias(ours) for ours, header in columns.items()), numbers])
    spot = Spot(place, numbers.to_list())
    frame = _typed(frame, types or {}, columns, spot, findings)
    shapes = to_run(mend(vector.shapes, spot, findings), source, target_crs, spot, findings)
    result = with_shapes(frame, shapes).with_columns(_file=pl.lit(shown_as), _sheet=pl.lit(vector.sheet))
    return _chosen(result, where, place, findings)


def read_points(
    frame: pl.DataFrame,
    *,
    x: str,
    y: str,
    crs: str,
    target_crs: str,
    findings: Findings,
    headers: tuple[str, str],
) -> pl.DataFrame | None:
    """A table with coordinates as a frame of points: ``x``, ``y`` (metres) and ``_wkb`` instead of columns x and y.

    ``frame`` has ``_file``, ``_sheet``, ``_row``; ``headers`` are the two columns as the office names them. None,
    with G002, for a CRS that cannot be used. G015 for a row without coordinates, G010, G011, G021 as for layers.
    """
    first = frame.row(0, named=True) if frame.height else {"_file": "", "_sheet": ""}
    place = Place(first["_file"], first["_sheet"], column=headers[0])
    if not is_known(crs):
        _unknown_crs(crs, place, findings)
        return None
    tell_weak_datum(crs, target_crs, place, findings)
    xy = np.column_stack([frame[c].cast(pl.Float64).fill_null(np.nan).to_numpy() for c in (x, y)])
    good, swapped = in_range(xy[:, 0], xy[:, 1], crs, target_crs)
    known = np.isfinite(xy).all(axis=1)
    for (file, sheet), part in frame.with_row_index("_i").group_by("_file", "_sheet", maintain_order=True):
        i = part["_i"].to_numpy()
        here = Place(str(file), str(sheet), column=headers[0])
        rows = part["_row"].to_list()
        no_x, no_y = ~np.isfinite(xy[i]).T
        for header, absent in ((headers[0], no_x), (headers[1], no_y & ~no_x)):
            Spot(here.at(column=header), rows).tell(findings, "G015", np.flatnonzero(absent).tolist())
        i, rows = i[known[i]], [r for r, k in zip(rows, known[i], strict=True) if k]
        tell_range(good[i], swapped[i], xy[i], crs, Spot(here, rows), findings)
    east, north = project_points(
        np.where(good, xy[:, 0], np.nan), np.where(good, xy[:, 1], np.nan), crs, target_crs
    )
    shapes = np.full(frame.height, None, dtype=object)
    there = np.isfinite(east)
    shapes[there] = shapely.points(east[there], north[there])
    return with_shapes(frame.drop(x, y), shapes)


def with_shapes(frame: pl.DataFrame, shapes: Shapes) -> pl.DataFrame:
    """``frame`` with ``_wkb``, ``x`` and ``y`` of its metric shapes; null where there is none."""
    east, north = representative(shapes)
    return frame.with_columns(
        pl.Series(
            "_wkb", shapely.to_wkb(shapes).tolist(), dtype=pl.Binary
        ),  # an array may begin with nothing
        pl.Series("x", east).fill_nan(None),
        pl.Series("y", north).fill_nan(None),
    )


def source_crs(vector: Vector, declared: str | None, place: Place, findings: Findings) -> str | None:
    """The CRS to read a layer in: the declared one, else the file's. None with G001 or G002; G005 when they disagree."""
    if declared is not None and not is_known(declared):
        _unknown_crs(declared, place, findings)
        return None
    if declared is None and vector.crs is None:
        findings.add("G001", place, expected="文件带坐标系，或项目文件写 crs")
        return None
    if vector.crs is not None and not is_known(vector.crs):
        if declared is None:
            _unknown_crs(vector.crs, place, findings)
        return declared
    if declared is None:
        return vector.crs
    if vector.crs is not None and vector.stated and not is_gcj02(declared):
        _tell_disagreement(vector, vector.crs, declared, place, findings)
    return declared


def _unknown_crs(name: str, place: Place, findings: Findings) -> None:
    findings.add("G002", place, value=name, expected="EPSG 编号，如 EPSG:4490、EPSG:4549；或 GCJ-02")


def _tell_disagreement(vector: Vector, found: str, declared: str, place: Place, findings: Findings) -> None:
    """G005 when the file's CRS and the declared one put the layer's first shape in different places."""
    there = vector.shapes[~(shapely.is_missing(vector.shapes) | shapely.is_empty(vector.shapes))]
    if not len(there):
        return
    x, y = shapely.get_coordinates(shapely.centroid(there[:1])).T
    lon, lat = project_points(x, y, found, WGS84)
    metric = metric_crs(float(lon[0]), float(lat[0])) if np.isfinite(lon[0]) else WGS84
    here, other = (np.column_stack(project_points(x, y, crs, metric)) for crs in (found, declared))
    metres = float(np.hypot(*(here - other)[0]))
    if not metres <= SAME_PLACE_M:  # NaN: one of the two cannot hold these coordinates at all
        apart = f"相差约 {metres:,.0f} 米" if np.isfinite(metres) else "不可能同时成立"
        name = crs_label(parse_crs(found))
        findings.add("G005", place, value=declared, found=name, apart=apart, expected=name)


def tell_weak_datum(source: str, target: str, place: Place, findings: Findings) -> None:
    """G006 when the way from ``source`` to ``target`` is only roughly known."""
    start, end = parse_crs(source), parse_crs(target)
    if guesses_datum(start, end):
        findings.add(
            "G006", place, value=crs_label(start), target=crs_label(end), expected="CGCS2000 或 WGS84"
        )


# ---- attributes --------------------------------------------------------------------------------


def _typed(
    frame: pl.DataFrame, types: Mapping[str, str], columns: Mapping[str, str], spot: Spot, findings: Findings
) -> pl.DataFrame:
    """Columns as their declared types, text read as in tables; G012 for each value that is not of its type."""
    for ours, kind in types.items():
        if ours not in frame.columns:
            continue
        raw = frame[ours]
        read, blank = _read_column(raw, kind)
        bad = (read.is_null() & ~blank).arg_true().to_list()
        here = Spot(spot.place.at(column=columns[ours]), spot.rows)
        values = [raw[i] for i in bad]
        here.tell(findings, "G012", bad, values=values, kind=[KINDS.get(kind, kind)] * len(bad))
        frame = frame.with_columns(read.alias(ours))
    return frame


def _read_column(raw: pl.Series, kind: str) -> tuple[pl.Series, pl.Series]:
    """(the column as ``kind``, null where there is nothing or nothing readable; where there is nothing)."""
    blank = raw.is_null()
    if kind == "text":
        return raw.cast(pl.String), blank
    if kind == "date" and raw.dtype in (pl.Date, pl.Datetime):
        return raw.cast(pl.Date), blank
    if kind == "yesno" and raw.dtype == pl.Boolean:
        return raw, blank
    if kind in NUMBERS and raw.dtype.is_numeric():
        number = raw.cast(pl.Float64).fill_nan(None)
    else:
        text = raw.cast(pl.String)
        reader = READERS[kind]
        cells = {value: reader(value) for value in text.unique().drop_nulls().to_list()}
        nothing = [value for value, cell in cells.items() if cell.blank is not None]
        blank = blank | text.is_in(nothing)
        said = {value: cell.value for value, cell in cells.items()}
        nulls = pl.Series(raw.name, [None] * len(raw), dtype=DTYPES[kind])
        number = text.replace_strict(said, return_dtype=DTYPES[kind]) if said else nulls
    if kind == "integer":
        number = number.set(number.round() != number, None).cast(pl.Int64, strict=False)
    return number, blank


def _chosen(frame: pl.DataFrame, where: str | None, place: Place, findings: Findings) -> pl.DataFrame | None:
    """The rows that meet an SQL condition over our columns; None with G014 when it is no such condition."""
    if where is None:
        return frame
    try:
        return frame.filter(pl.sql_expr(where))
    except (pl.exceptions.PolarsError, TypeError) as fault:
        findings.add("G014", place, value=where, detail=in_plain_words(fault), expected="用列名写的条件")
        return None
