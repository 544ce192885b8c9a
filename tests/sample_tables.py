"""Tables in the shape of the sample's inputs, made by hand: what intake would hand on, without any file.

The district has two towns and three communities (单元 below), few enough to check a figure in the head.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import polars as pl
import shapely
from tijian.engine.evidence import Evidence, with_levels
from tijian.engine.findings import Findings
from tijian.engine.settings.forms import complete_inputs
from tijian.engine.settings.project import Input, Project, load_project
from tijian.indicators.loader import load_indicators

ROOT = Path(__file__).parents[1]

TYPES = {
    "text": pl.String, "number": pl.Float64, "integer": pl.Int64, "yesno": pl.Boolean, "date": pl.Date,
}  # fmt: skip

# 名称 → (代码, 层级, 上级, 人口, 面积 km²)
UNITS: dict[str, tuple[str, str, str | None, float, float]] = {
    "全区": ("990117", "district", None, 30000, 10),
    "甲镇": ("990117001", "town", "990117", 20000, 4),
    "乙镇": ("990117002", "town", "990117", 10000, 6),
    "甲一社区": ("990117001001", "community", "990117001", 12000, 1),
    "甲二社区": ("990117001002", "community", "990117001", 8000, 3),
    "乙一社区": ("990117002001", "community", "990117002", 10000, 6),
}
CODES = {name: row[0] for name, row in UNITS.items()}
DEFAULT_UNIT = {"district": "全区", "town": "甲镇", "community": "甲一社区", None: "甲一社区"}


def sample_project() -> Project:
    """The sample's project file, which must be valid, its inputs completed from the forms of its indicator sets."""
    findings = Findings()
    project = load_project(ROOT / "data" / "sample", findings)
    assert project is not None, [str(f.message) for f in findings]
    library = load_indicators(project.project.indicators, project.root, findings)
    return complete_inputs(project, library, findings)


def units_frame(kinds: dict[str, str] | None = None) -> pl.DataFrame:
    """The units in the schema of results, sorted by code; ``kinds`` says of what kind a unit (by name) is."""
    rows = []
    for name, (code, level, parent, people, area) in UNITS.items():
        path = {
            "district": code[:6],
            "town": code[:9] if len(code) >= 9 else None,
            "community": code if len(code) == 12 else None,
        }
        rows.append({"code": code, "name": name, "level": level, "parent": parent, "kind": (kinds or {}).get(name, ""), "population": people,
                     "area_km2": area} | path)  # fmt: skip
    return pl.DataFrame(rows, schema_overrides={"population": pl.Float64, "area_km2": pl.Float64}).sort(
        "code"
    )


def columns_of(source: Input) -> dict[str, Any]:
    """Our columns of an input and their polars types, as intake makes them."""
    if source.kind == "reported":
        return {"item": pl.String, "value": pl.Float64}
    default = "number" if source.layout == "long" else "text"
    columns = {name: TYPES[source.types.get(name, default)] for name in source.columns}
    return columns | dict.fromkeys(source.questions, pl.Float64)


def table(source: Input, rows: list[dict[str, Any]]) -> pl.DataFrame:
    """Rows (column → value; ``unit`` by name; ``wkt`` for a shape) as an evidence frame; what is not said is null."""
    columns = columns_of(source)
    spatial = source.kind == "layer" or source.x is not None
    unknown = {key for row in rows for key in row} - set(columns) - {"unit", "wkt", "x", "y"}
    assert not unknown, f"the input has no columns {unknown}"
    schema = {"unit": pl.String} | columns
    filled = []
    for number, row in enumerate(rows, 2):
        unit = None if "wkt" in row else CODES[row.get("unit", DEFAULT_UNIT[source.level])]
        line = {c: row.get(c) for c in columns} | {
            "unit": unit,
            "_file": "手写",
            "_sheet": "",
            "_row": number,
        }
        if spatial:
            shape = (
                shapely.from_wkt(row["wkt"])
                if "wkt" in row
                else shapely.Point(row.get("x", 0), row.get("y", 0))
            )
            line |= {"x": shape.centroid.x, "y": shape.centroid.y, "_wkb": shapely.to_wkb(shape)}
        filled.append(line)
    schema |= {"_file": pl.String, "_sheet": pl.String, "_row": pl.Int64}
    if spatial:
        schema |= {"x": pl.Float64, "y": pl.Float64, "_wkb": pl.Binary}
    frame = pl.DataFrame(filled, schema=schema, orient="row").sort("unit", "_row", nulls_last=True)
    return with_levels(frame, units_frame())


def evidence_of(project: Project, tables: dict[str, list[dict[str, Any]]]) -> dict[str, Evidence]:
    """Evidence for the inputs given by hand."""
    return {
        name: Evidence(name, project.inputs[name], table(project.inputs[name], rows))
        for name, rows in tables.items()
    }
