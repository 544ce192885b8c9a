"""Units and their boundaries (单元名录与边界): from the table, from layers, or both."""

from __future__ import annotations

from dataclasses import dataclass

import polars as pl
import shapely

from ..evidence import Source
from ..findings import Findings, Place
from ..results import LEVELS, SCHEMAS
from ..settings.project import FILE_NAME, Boundary, Project, UnitsSource
from ..storage.record import source_of
from ..units import RAW_COLUMNS, UNIT_TYPES, build_units, make_codes, report_missing, report_unlikely
from .maps.boundaries import check_boundaries, parent_by_overlap, read_boundaries
from .maps.crs import measures_metres, metric_crs, project_crs
from .names import stem
from .predecessors import COLUMNS as CHANGES
from .predecessors import check_predecessors, read_predecessors
from .sheets.files import is_file
from .sheets.tables import TableSpec, read_table

SIMPLIFY_M = 5.0  # shapes are for drawing and clipping at district scale


@dataclass(frozen=True)
class Territory:
    """What is known of the units: the tree, their shapes (unit, wkb in ``crs``, whole, sorted by unit), what they were
    made of since last year, and the files it came from."""

    units: pl.DataFrame
    shapes: pl.DataFrame
    crs: str
    predecessors: pl.DataFrame
    sources: tuple[Source, ...]


def read_units(project: Project, findings: Findings) -> Territory:
    """The units and their boundaries, with a finding for every fault."""
    source = project.units
    raw, sources = _table(project, source, findings)
    layers, crs = _layers(project, source, findings)
    sources += tuple(source_of(project.input_path(b.file), b.file) for b in source.boundaries
                     if project.input_path(b.file).is_file())  # fmt: skip
    if raw is None:
        raw = _rows_from_layers(project, layers)
    raw = _with_district_row(raw, project, source)
    units = build_units(raw, district=project.project.district, check_codes=source.check_codes and source.file is not None,
                        findings=findings)  # fmt: skip
    shapes = _match(units, layers, findings)
    units = _with_area(units, shapes)
    if not findings.errors:
        report_missing(units, raw, findings)
        report_unlikely(units, raw, findings)
    changed = read_predecessors(raw, findings)
    check_predecessors(changed, units, raw, findings)
    return Territory(units, shapes, crs, changed, sources)


def _table(
    project: Project, source: UnitsSource, findings: Findings
) -> tuple[pl.DataFrame | None, tuple[Source, ...]]:
    """The units table as read, or None when the project has none."""
    if source.file is None:
        return None, ()
    path = project.path(source.file)
    if not is_file(path, Place(source.file), findings, missed_as="单元名录"):
        findings.raise_if_errors()
    names = {
        "code": "代码",
        "name": "名称",
        "level": "层级",
        "parent": "上级代码",
        "kind": "类型",
        "population": "人口",
        "area_km2": "面积",
    }
    columns = CHANGES | (source.columns or names)
    spec = TableSpec(
        sheet=source.sheet,
        columns=columns,
        types={c: t for c, t in UNIT_TYPES.items() if c in columns},
        required=frozenset({"code", "name"} & set(columns)),
    )
    told = Findings()
    frame = read_table(path, spec, told, shown_as=source.file)
    # most years nothing changes and the table has no such columns: only one the project names is missed
    unsaid = [header for ours, header in CHANGES.items() if ours not in source.columns]
    findings.extend(f for f in told if f.code != "T004" or f.place.column not in unsaid)
    if frame.is_empty() and not findings.errors:
        findings.add("U007", Place(source.file), value="无", expected="名录里每个单元一行")
    findings.raise_if_errors()
    frame = frame.with_columns(
        pl.lit(None, dtype=pl.String).alias(c) for c in RAW_COLUMNS if c not in frame.columns
    )
    if source.level is not None:
        frame = frame.with_columns(level=pl.lit(source.level), parent=pl.lit(project.project.district))
    return frame, (source_of(path, source.file),)


def _layers(
    project: Project, source: UnitsSource, findings: Findings
) -> tuple[list[tuple[Boundary, pl.DataFrame]], str]:
    """Each boundary layer in the run's metric CRS, and that CRS."""
    crs = project.project.crs
    if crs != "auto" and not measures_metres(crs):
        findings.add(
            "G026",
            Place(FILE_NAME, column="project.crs"),
            value=crs,
            expected="auto，或以米为单位的坐标系，如 EPSG:4549",
        )
        findings.raise_if_errors()
    read: list[tuple[Boundary, pl.DataFrame]] = []
    for boundary in source.boundaries:
        path = project.input_path(boundary.file)
        if not is_file(path, Place(boundary.file), findings, missed_as="边界图层"):
            continue
        if crs == "auto":
            crs = project_crs(path, layer=boundary.layer, crs=boundary.crs)
        frame = read_boundaries(path, layer=boundary.layer, crs=boundary.crs, code=boundary.code, name=boundary.name,
                                target_crs=crs, findings=findings, shown_as=boundary.file)  # fmt: skip
        if frame is not None:
            read.append((boundary, frame))
    return read, metric_crs(120.0).to_string() if crs == "auto" else crs


def _rows_from_layers(project: Project, layers: list[tuple[Boundary, pl.DataFrame]]) -> pl.DataFrame:
    """Units made from boundary layers alone, sorted by name, with temporary codes and parents by largest overlap."""
    rows: list[dict[str, object]] = []
    district = project.project.district
    above: list[tuple[str, bytes]] = []
    for boundary, layer in sorted(layers, key=lambda pair: LEVELS.index(pair[0].level or "town")):
        frame = layer.sort("name")
        if boundary.level == "community" and above:
            parents = parent_by_overlap(frame["wkb"].to_list(), [w for _, w in above])
            codes = [above[p][0] for p in parents]
            counts: dict[str, int] = {}
            new = []
            for parent in codes:
                counts[parent] = counts.get(parent, 0) + 1
                new.append(f"{parent}{counts[parent]:03d}")
        else:
            codes = [district] * frame.height
            new = (
                [district] if boundary.level == "district" else make_codes(district, frame["name"], district)
            )
        if boundary.code:
            new = [row or made for row, made in zip(frame["code"], new, strict=True)]
        for row, code, parent in zip(frame.iter_rows(named=True), new, codes, strict=True):
            rows.append({"code": code, "name": row["name"], "level": boundary.level, "parent": parent,
                         "_file": row["_file"], "_sheet": row["_sheet"], "_row": row["_row"]})  # fmt: skip
        if boundary.level == "town":
            above = list(zip(new, frame["wkb"].to_list(), strict=True))
    schema = {c: SCHEMAS["units"][c] for c in RAW_COLUMNS} | {
        "_file": pl.String,
        "_sheet": pl.String,
        "_row": pl.Int64,
    }
    return pl.DataFrame(rows, schema=schema)


def _with_district_row(raw: pl.DataFrame, project: Project, source: UnitsSource) -> pl.DataFrame:
    """The district itself, where the table or the layers hold only what lies below it."""
    named = raw.filter(pl.col("code") == project.project.district).height
    if named or (source.file is not None and source.level is None):
        return raw
    district = {"code": project.project.district, "name": project.project.name, "level": "district",
                "_file": source.file or project.units.boundaries[0].file, "_sheet": "", "_row": 0}  # fmt: skip
    return pl.concat([pl.DataFrame([district]), raw], how="diagonal_relaxed")


def _match(
    units: pl.DataFrame, layers: list[tuple[Boundary, pl.DataFrame]], findings: Findings
) -> pl.DataFrame:
    """Polygons matched to units by code, else by name within the level; faults are findings of the G kind."""
    by_code = set(units["code"])
    matched: dict[str, bytes] = {}
    for boundary, frame in layers:
        pool = units.filter(pl.col("level") == boundary.level) if boundary.level else units
        by_stem: dict[str, list[str]] = {}
        for code, name in pool.select("code", "name").iter_rows():
            by_stem.setdefault(stem(name), []).append(code)
        for row in frame.iter_rows(named=True):
            code = row["code"] if boundary.code and row["code"] in by_code else None
            if code is None and row["name"] is not None:
                found = by_stem.get(stem(row["name"]), [])
                code = found[0] if len(found) == 1 else None
            if code is None:
                findings.add("G020", Place(row["_file"], row["_sheet"], row["_row"]), value=row["code"] or row["name"] or "",
                             expected="名录中的代码或名称")  # fmt: skip
            else:
                matched[code] = row["wkb"]
    shapes = pl.DataFrame({"unit": sorted(matched), "wkb": [matched[c] for c in sorted(matched)]},
                          schema={"unit": pl.String, "wkb": pl.Binary})  # fmt: skip
    if layers:
        check_boundaries(
            units, shapes, findings, shown_as="、".join(dict.fromkeys(b.file for b, _ in layers))
        )
    return shapes


def _with_area(units: pl.DataFrame, shapes: pl.DataFrame) -> pl.DataFrame:
    """Areas from the boundaries where the table gives none; a parent's from its children where all have one."""
    if shapes.height:
        area = shapes.select(
            code="unit", _area=pl.Series([g.area / 1e6 for g in shapely.from_wkb(shapes["wkb"].to_numpy())])
        )
        units = units.join(area, on="code", how="left", maintain_order="left")
        units = units.with_columns(area_km2=pl.coalesce("area_km2", "_area")).drop("_area")
    for column in ("area_km2", "population"):
        for level in ("community", "town"):
            sums = (
                units.filter((pl.col("level") == level) & pl.col("parent").is_not_null())
                .group_by("parent")
                .agg(pl.col(column).sum().alias("_sum"), pl.col(column).null_count().alias("_none"))
                .filter(pl.col("_none") == 0)
                .select(code="parent", _sum="_sum")
            )
            units = units.join(sums, on="code", how="left", maintain_order="left")
            units = units.with_columns(pl.coalesce(column, "_sum").alias(column)).drop("_sum")
    return units
