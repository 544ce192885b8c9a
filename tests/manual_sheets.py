"""The sheets drawn in the manual, written as real files into a small project: what is told when they are read."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Collection, Iterable
from contextlib import suppress
from pathlib import Path
from typing import Any

import xlsxwriter
from tijian.engine.findings import Findings, InputError
from tijian.engine.run import read
from tijian.engine.settings.project import load_project
from tijian.engine.storage.kept import Kept

from .bad_input.small_project import feature, geojson, square

SETTINGS = """
[project]
name = "云湖区2026年城市体检"
district = "990117"
year = 2026
indicators = ["national-2025"]
crs = "EPSG:4549"

[units]
file = "单元名录.csv"
columns = { code = "统计用区划代码", name = "名称", level = "层级", parent = "上级代码", population = "常住人口", area_km2 = "面积（平方公里）", kind = "类型" }

[[units.boundaries]]
file = "边界.geojson"
level = "town"
code = "代码"

[inputs]
housing_supply = {}
city_ops = {}
statistics = {}
primary_schools = {}
remediation = {}
schools = {}
tickets = {}
residents.questions = { Q1 = "停车", Q2 = "养老服务" }

[survey]
per_unit = 1
per_mille = 0.1
minimum_total = 1
women_at_most = 1
ages = { "16岁以上" = 1.0 }

[scoring]
weights_dimensions = "ahp"

[budget]
file = "inputs/2026/项目库.xlsx"
"""
UNITS = [
    ["统计用区划代码", "名称", "层级", "上级代码", "类型", "常住人口", "面积（平方公里）"],
    ["990117", "云湖区", "区", "", "", 23500, 19.9],
    ["990117001", "望云街道", "街镇", "990117", "街道", 12000, 3.2],
    ["990117002", "锦澜街道", "街镇", "990117", "街道", 9000, 2.5],
    ["990117101", "石湾镇", "街镇", "990117", "镇", 2500, 14.2],
    ["990117001001", "新风居委会", "社区", "990117001", "居委", 7000, 1.8],
    ["990117001002", "桂怡居委会", "社区", "990117001", "居委", 5000, 1.4],
    ["990117002001", "福坊居委会", "社区", "990117002", "居委", 9000, 2.5],
    ["990117101201", "柳溪村", "社区", "990117101", "村委", 2500, 14.2],
]
BORDERS = tuple(
    feature(square(121.20 + i / 100, 31.00, 121.21 + i / 100, 31.01), 代码=code)
    for i, code in enumerate(("990117001", "990117002", "990117101"))
)
Told = tuple[str, int | None, str]  # code, row, column


def told_of(
    folder: Path, sheets: Iterable[Any], side: str, spoiled: Collection[str]
) -> dict[str, list[Told]]:
    """Each sheet's name → everything told of its file, sorted; ``side`` right or wrong is written for those ``spoiled``.

    The others stand as they should be, so that a fault of one is not told of another.
    """
    folder.mkdir()
    (folder / "tijian.toml").write_text(SETTINGS, encoding="utf-8")
    (folder / "边界.geojson").write_text(geojson(*BORDERS), encoding="utf-8")
    every = list(sheets)
    for sheet in every:
        written = sheet.side(side if sheet.name in spoiled else "right")
        rows = UNITS if sheet.name == "units" and sheet.name not in spoiled else written.rows
        path = folder / sheet.file
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(as_file(path, sheet.sheet, rows, written.merges))
    project = load_project(folder, findings := Findings())
    assert project is not None, list(findings)
    with suppress(InputError):  # where the units cannot be used: what it carries is in ``findings``
        read(project, findings, lambda *_: None, Kept(folder / ".kept", False))
    return {
        sheet.name: sorted(
            ((f.code, f.place.row, f.place.column) for f in findings if f.place.file == sheet.file),
            key=str,
        )
        for sheet in every
    }


def as_file(path: Path, title: str, rows: list[list[Any]], merges: Iterable[str]) -> bytes:
    """The rows as what the file's name says: a workbook, or a text as Excel writes it."""
    if path.suffix == ".csv":
        text = io.StringIO(newline="")
        csv.writer(text).writerows(rows)
        return text.getvalue().encode("utf-8-sig")
    memory = io.BytesIO()
    with xlsxwriter.Workbook(memory, {"strings_to_formulas": False}) as book:
        page = book.add_worksheet(title)
        for r, row in enumerate(rows):
            page.write_row(r, 0, row)
        for area in merges:
            column, number = re.match(r"([A-Z])(\d+)", area).groups()
            page.merge_range(area, rows[int(number) - 1][ord(column) - 65])
    return memory.getvalue()
