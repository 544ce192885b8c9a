"""Whatever bytes a file holds, a reader reads it or tells what is wrong: no other exception, no hang, no memory without end."""

from __future__ import annotations

import json
import resource
import time
import tomllib
from collections.abc import Callable
from pathlib import Path

import openpyxl
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from tijian.engine.findings import Findings
from tijian.engine.intake.corrections import load_corrections
from tijian.engine.intake.maps.layers import read_layer
from tijian.engine.intake.sheets.longform import read_cells
from tijian.engine.intake.sheets.tables import TableSpec, read_table
from tijian.engine.settings.project import FILE_NAME, load_project
from tijian.indicators.loader import load_indicators

from .bad_input.files import sheet_xml
from .bad_input.small_project import (
    BUILDINGS,
    CORRECTIONS,
    INDICATORS,
    PARKS,
    SETTINGS,
    SYSTEM,
    TABLES,
    csv_bytes,
    geojson,
    xlsx,
)
from .workbook_bytes import repacked, xls

LONGEST = 20.0  # seconds for one file on a busy machine: hundreds of times what it takes
MOST_KB = 1_500_000  # more memory than the process had before
SPEC = TableSpec(
    columns={"_unit": "社区", "_within": "街镇", "id": "楼栋编号", "name": "楼名", "year": "建成年份", "homes": "户数",
             "crack": "有裂缝", "checked": "鉴定日期"},
    types={"year": "integer", "homes": "number", "crack": "yesno", "checked": "date"},
    required=frozenset({"_unit", "id"}),
)  # fmt: skip
FEW = settings(
    max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow]
)


# where, what is put there, how many bytes it replaces
EDITS = st.lists(
    st.tuples(st.floats(0, 1, exclude_max=True), st.binary(max_size=8), st.integers(0, 40)),
    min_size=1,
    max_size=6,
)


def damaged(data: bytes, edits: list[tuple[float, bytes, int]]) -> bytes:
    """The bytes with some of them replaced, taken out or put in."""
    for where, new, gone in edits:
        at = int(where * len(data))
        data = data[:at] + new + data[at + gone :]
    return data


def sound(read: Callable[[Findings], object]) -> Findings:
    """Read, within bounds of time and memory; whatever is not a finding must not come out."""
    findings, before = Findings(), resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    began = time.monotonic()
    result = read(findings)
    assert time.monotonic() - began < LONGEST
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before < MOST_KB
    assert result is not None or findings.errors, "nothing was read, and nothing told"
    return findings


@pytest.mark.parametrize("kind", ["xlsx", "xls", "csv", "gbk"])
@FEW
@given(edits=EDITS)
def test_a_damaged_table(tmp_path: Path, kind: str, edits: list[tuple[float, bytes, int]]) -> None:
    text = csv_bytes(BUILDINGS)
    data = {"xlsx": xlsx(*TABLES["inputs/楼栋.xlsx"]), "xls": xls("楼栋", BUILDINGS), "csv": text,
            "gbk": text.decode("utf-8-sig").encode("gb18030")}[kind]  # fmt: skip
    path = tmp_path / "表"
    path.write_bytes(damaged(data, edits))
    sound(lambda findings: read_table(path, SPEC, findings, shown_as="表"))
    sound(lambda findings: read_cells(path, findings))


SHEET = "".join(
    f'<row r="{r}">' + "".join(f'<c r="{"ABCDEFGH"[c]}{r}" t="str"><v>{cell}</v></c>' for c, cell in enumerate(row)) + "</row>"
    for r, row in enumerate(BUILDINGS, 1)
)  # fmt: skip


@FEW
@given(edits=EDITS)
def test_a_workbook_whose_sheet_was_damaged_before_it_was_packed(
    tmp_path: Path, edits: list[tuple[float, bytes, int]]
) -> None:
    path = tmp_path / "表.xlsx"
    path.write_bytes(repacked(xlsx(*TABLES["inputs/楼栋.xlsx"]), sheet1=damaged(sheet_xml(SHEET), edits)))
    sound(lambda findings: read_table(path, SPEC, findings, shown_as="表"))


@FEW
@given(edits=EDITS)
def test_a_damaged_layer(tmp_path: Path, edits: list[tuple[float, bytes, int]]) -> None:
    path = tmp_path / "公园.geojson"
    path.write_bytes(damaged(geojson(*PARKS).encode(), edits))
    sound(
        lambda findings: read_layer(
            path, layer=None, crs=None, columns={"name": "名称", "hectares": "公顷"}, types={"hectares": "number"},
            target_crs="EPSG:4549", findings=findings, shown_as="公园",
        )
    )  # fmt: skip


POSITIONS = st.recursive(
    st.floats() | st.integers(-(10**20), 10**20) | st.none() | st.text(max_size=3), lambda inner: st.lists(inner, max_size=5), max_leaves=12
)  # fmt: skip


@FEW
@given(
    kind=st.sampled_from(["Point", "LineString", "Polygon", "MultiPolygon", "GeometryCollection", "Klein"]),
    coordinates=POSITIONS,
    hectares=st.none() | st.floats() | st.text(max_size=5) | st.lists(st.integers(), max_size=2),
)
def test_a_layer_of_any_shape(tmp_path: Path, kind: str, coordinates: object, hectares: object) -> None:
    shape = {
        "type": "Feature",
        "properties": {"名称": "东园", "公顷": hectares},
        "geometry": {"type": kind, "coordinates": coordinates},
    }
    path = tmp_path / "公园.geojson"
    path.write_text(
        json.dumps({"type": "FeatureCollection", "features": [shape, PARKS[0]]}), encoding="utf-8"
    )
    sound(
        lambda findings: read_layer(
            path, layer=None, crs=None, columns={"name": "名称", "hectares": "公顷"}, types={"hectares": "number"},
            target_crs="EPSG:4549", findings=findings, shown_as="公园",
        )
    )  # fmt: skip


@FEW
@given(edits=EDITS)
def test_a_damaged_project_file(tmp_path: Path, edits: list[tuple[float, bytes, int]]) -> None:
    (tmp_path / FILE_NAME).write_bytes(damaged(SETTINGS.encode(), edits))
    sound(lambda findings: load_project(tmp_path, findings))


VALUES = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(10**12), 10**12)
    | st.floats()
    | st.text(max_size=8)
    | st.dates(),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.text(min_size=1, max_size=6), inner, max_size=3)
    ),
    max_leaves=6,
)
KEYS = [line.partition(" = ")[0] for line in SETTINGS.splitlines() if " = " in line]


@FEW
@given(key=st.sampled_from(KEYS), value=VALUES)
def test_any_value_for_any_key_of_the_project_file(tmp_path: Path, key: str, value: object) -> None:
    written = toml(value)
    text = "\n".join(
        f"{key} = {written}" if line.startswith(f"{key} = ") else line for line in SETTINGS.splitlines()
    )
    (tmp_path / FILE_NAME).write_text(text, encoding="utf-8", errors="surrogatepass")
    tomllib.loads(text)  # what is written here is TOML: it is the value that may be wrong
    sound(lambda findings: load_project(tmp_path, findings))


def toml(value: object) -> str:
    """A value as TOML has it."""
    if isinstance(value, dict):
        return "{ " + ", ".join(f"{toml(k)} = {toml(v)}" for k, v in value.items()) + " }"
    if isinstance(value, list):
        return "[" + ", ".join(map(toml, value)) + "]"
    if isinstance(value, bool):
        return str(value).lower()
    if value is None or isinstance(value, str):
        return json.dumps(value or "", ensure_ascii=False).replace("\x7f", "\\u007f")
    return str(value)


@FEW
@given(edits=EDITS)
def test_damaged_corrections_and_definitions(tmp_path: Path, edits: list[tuple[float, bytes, int]]) -> None:
    own = tmp_path / "indicators" / "tiny"
    own.mkdir(parents=True, exist_ok=True)
    (own / "system.toml").write_text(SYSTEM, encoding="utf-8")
    (own / "all.toml").write_bytes(damaged(INDICATORS.encode(), edits))
    (tmp_path / "corrections.toml").write_bytes(damaged(CORRECTIONS.encode(), edits))
    sound(lambda findings: load_corrections(tmp_path / "corrections.toml", findings, {"buildings": "楼栋"}))
    sound(lambda findings: load_indicators(("tiny",), tmp_path, findings))


CELLS = (
    st.none() | st.booleans() | st.integers(-(10**16), 10**16) | st.floats(allow_nan=False, allow_infinity=False)
    | st.dates().filter(lambda day: day.year >= 1900) | st.text(st.characters(exclude_categories=["Cs", "Cc"]), max_size=12)
    | st.sampled_from(["街镇", "社区", "合计", "单位：万人", "楼名（个）", "注：", "=1/0", "#REF!", "—", "1,234", "１２", "12%", "2.9万"])
)  # fmt: skip


@FEW
@given(rows=st.lists(st.lists(CELLS, min_size=1, max_size=7), min_size=1, max_size=10), merge=st.booleans())
def test_a_table_of_any_cells(tmp_path: Path, rows: list[list[object]], merge: bool) -> None:
    book = openpyxl.Workbook()
    page = book.active
    for row in rows:
        page.append(
            [
                cell if not isinstance(cell, str) else openpyxl.cell.cell.ILLEGAL_CHARACTERS_RE.sub("", cell)
                for cell in row
            ]
        )
    if merge:
        page.merge_cells("A2:B3")
    book.save(tmp_path / "表.xlsx")
    path = tmp_path / "表.xlsx"
    findings = sound(lambda told: read_table(path, SPEC, told, shown_as="表"))
    assert all(f.place.file == "表" for f in findings)
    sound(lambda told: read_cells(path, told))
