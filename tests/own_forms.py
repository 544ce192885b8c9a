"""A tiny district with a set of its own: four forms, each of another kind, that the tests of forms send out and return."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import openpyxl
import polars as pl
from openpyxl.worksheet.worksheet import Worksheet
from tijian.engine.findings import Findings
from tijian.engine.intake.gather import gather
from tijian.engine.settings.forms import complete_inputs
from tijian.engine.settings.project import Project, load_project
from tijian.indicators.loader import Library, load_indicators

from .cli_project import UNITS, call

PROJECT = """
[project]
name = "试验区2026年城市体检"
district = "310199"
year = 2026
indicators = ["own"]
[units]
file = "单元名录.csv"
columns = { code = "统计用区划代码", name = "名称", level = "层级", parent = "上级代码", population = "常住人口", area_km2 = "面积（平方公里）", kind = "类型" }
[inputs.streets]
[inputs.seniors]
[inputs.houses]
[inputs.bulletin]
"""
SYSTEM = """
name = "own"
title = "试验体系"
source = "测试"
dimensions = ["安全"]
"""
FORMS = """
[[form]]
input = "streets"
title = "街道设施填报表"
kind = "figures"
of = "街镇"
level = "town"
provider = "区甲局"
note = "含背街小巷"
  [[form.item]]
  name = "lamps"
  label = "路灯 总数"
  type = "integer"
  unit = "盏"
  [[form.item]]
  name = "lamps_lit"
  label = "路灯 亮灯数"
  type = "integer"
  unit = "盏"
  note = "夜间巡查当日亮着的"
  [[form.item]]
  name = "pavement"
  label = "人行道面积"
  type = "number"
  unit = "㎡"
  [[form.item]]
  name = "benches"
  label = "座椅数"
  type = "integer"
  unit = "张"
[[form]]
input = "seniors"
title = "老年人填报表"
kind = "figures"
of = "社区"
level = "community"
provider = "区乙局"
  [[form.item]]
  name = "seniors"
  label = "老年人数"
  type = "integer"
  unit = "人"
  [[form.item]]
  name = "seniors_before"
  label = "上年老年人数"
  type = "integer"
  unit = "人"
  last_year_of = "seniors"
[[form]]
input = "houses"
title = "房屋调查表"
kind = "records"
of = "房屋"
level = "community"
provider = "区甲局"
key = "house_id"
  [[form.item]]
  name = "house_id"
  label = "房屋编号"
  type = "text"
  required = true
  base = true
  [[form.item]]
  name = "name"
  label = "房屋名称"
  type = "text"
  base = true
  [[form.item]]
  name = "cracked"
  label = "墙体开裂"
  type = "yesno"
  [[form.item]]
  name = "age"
  label = "房龄"
  type = "integer"
  unit = "年"
  low = 0
  high = 150
  [[form.item]]
  name = "grade"
  label = "安全等级"
  type = "text"
  options = ["A级", "B级", "C级", "D级"]
[[form]]
input = "bulletin"
title = "统计公报"
kind = "reported"
of = "单元和指标"
provider = "区统计局"
[[form]]
input = "unused"
title = "没有指标用的表"
kind = "figures"
of = "街镇"
level = "town"
provider = "区丙局"
  [[form.item]]
  name = "nothing"
  label = "没有用的项"
  type = "number"
"""
INDICATOR = """
[[indicator]]
code = "{code}"
name = "{name}"
dimension = "安全"
aspect = "测试"
scale = "街区"
unit = "{unit}"
direction = "{direction}"
levels = {levels}
kind = "guiding"
treatment = "effort"
definition = "测试用的{name}"
formula = "分子除以分母"
lead = ["区甲局"]
remedy = "请{{unit}}改进。"
[indicator.measure]
{measure}
"""
ALL = '["district", "town", "community"]'
INDICATORS = (
    ("AA-01", "亮灯率", "%", "higher", '["district", "town"]',
     'method = "ratio"\nof = "streets"\nnumerator = "sum(lamps_lit)"\ndenominator = "sum(lamps)"\nscale = 100'),
    ("AA-02", "人均人行道", "㎡/人", "higher", '["district", "town"]',
     'method = "ratio"\nof = "streets"\nnumerator = "sum(pavement)"\nper = "population"'),
    ("AA-03", "老年人增长", "%", "lower", ALL,
     'method = "ratio"\nof = "seniors"\nnumerator = "sum(seniors - seniors_before)"\n'
     'denominator = "sum(seniors_before)"\nscale = 100'),
    ("AA-04", "危房数", "栋", "lower", ALL,
     'method = "count"\nof = "houses"\nkey = "house_id"\nname = "name"\n[[indicator.measure.rule]]\n'
     'id = "unsafe"\nwhen = "cracked and age > 30 and grade in (\'C级\', \'D级\')"\nsays = "墙体开裂"'),
    ("AA-05", "空气优良率", "%", "higher", '["district"]',
     'method = "reported"\nof = "bulletin"\nitem = "空气质量优良率"'),
)  # fmt: skip
SHEETS = {
    "streets": ("区甲局", "街道设施填报表"), "seniors": ("区乙局", "老年人填报表"), "houses": ("区甲局", "房屋调查表"),
    "bulletin": ("区统计局", "统计公报"),
}  # fmt: skip


def own_project(folder: Path) -> Path:
    """The project, with nothing returned yet."""
    own = folder / "indicators" / "own"
    own.mkdir(parents=True)
    (own / "system.toml").write_text(SYSTEM, encoding="utf-8")
    fields = ("code", "name", "unit", "direction", "levels", "measure")
    text = "".join(INDICATOR.format(**dict(zip(fields, values, strict=True))) for values in INDICATORS)
    (own / "all.toml").write_text(FORMS + text, encoding="utf-8")
    (folder / "tijian.toml").write_text(PROJECT, encoding="utf-8")
    (folder / "单元名录.csv").write_text(UNITS, encoding="utf-8-sig")
    return folder


def written(folder: Path, name: str, year: int = 2026) -> Path:
    """Where `tijian forms` wrote the form of an input."""
    return folder.joinpath("out", str(year), "填报表", SHEETS[name][0], f"{SHEETS[name][1]}.xlsx")


def returned(folder: Path, name: str, year: int = 2026) -> Path:
    """Where the returned form of an input belongs."""
    return folder / "inputs" / str(year) / f"{SHEETS[name][1]}.xlsx"


def header_rows(sheet: Worksheet) -> tuple[int, int]:
    """(first row of the header, last row before the data), from 1."""
    top = next(r for r in range(1, 20) if sheet.cell(r, 1).value in ("街镇", "区域"))
    first = next(r for r in range(top + 1, 20) if sheet.cell(r, 1).value not in (None, "计量单位"))
    return top, first - 1


def column_of(sheet: Worksheet, label: str, after: str = "") -> int:
    """The column whose lowest header is ``label`` (the first one right of ``after``'s column, where given)."""
    start = column_of(sheet, after) + 1 if after else 1
    for c in range(start, sheet.max_column + 1):
        if label in [sheet.cell(r, c).value for r in range(1, 12)]:
            return c
    raise AssertionError(f"no column {label}")


def fill(folder: Path, name: str, change: Callable[[Worksheet], None], year: int = 2026) -> Path:
    """Return the form of an input, filled in by ``change`` on its first sheet."""
    book = openpyxl.load_workbook(written(folder, name, year))
    change(book.worksheets[0])
    path = returned(folder, name, year)
    path.parent.mkdir(parents=True, exist_ok=True)
    book.save(path)
    return path


def put(sheet: Worksheet, row: int, **values: object) -> None:
    """Write values under their lowest headers, into the data row ``row`` (from 1)."""
    first = header_rows(sheet)[1] if sheet.cell(1, 1).value else 0
    for label, value in values.items():
        sheet.cell(first + row, column_of(sheet, label)).value = value


def streets(sheet: Worksheet) -> None:
    """Both towns: 100 lamps of which 90 are lit, 50 of which 50; 6,000 and 4,000 ㎡."""
    put(sheet, 1, 总数=100, 亮灯数=90, 人行道面积=6000)
    put(sheet, 2, 总数=50, 亮灯数=50, 人行道面积=4000)


def rows_empty_form(sheet: Worksheet) -> int:
    """The first row (from 1) of a form of records without rows."""
    top = next(r for r in range(1, 20) if sheet.cell(r, 1).value == "街镇")
    return top + 2  # header and units


def houses(sheet: Worksheet) -> None:
    """Three houses, of which the first is unsafe; the third was not examined."""
    first = rows_empty_form(sheet)
    rows = [
        ("东街道", "甲社区", "H1", "甲楼", "是", 40, "D级"),
        ("东街道", "乙社区", "H2", "乙楼", "否", 40, "A级"),
        ("西镇", "丁村", "H3", "丙楼", None, None, None),
    ]
    for r, row in enumerate(rows, first):
        for c, value in enumerate(row, 1):
            sheet.cell(r, c).value = value


def found(folder: Path) -> list[dict[str, object]]:
    """What `tijian check` says, but for forms that did not come back."""
    _, page = tijian("check", "--format", "json", "-p", folder)
    return [row for row in json.loads(page) if row["code"] not in ("P004", "M002", "M003", "M007")]


def codes(folder: Path) -> list[str]:
    return [str(row["code"]) for row in found(folder)]


def library_of(folder: Path) -> tuple[Project, Library]:
    """The project and its library, without findings."""
    findings = Findings()
    project = load_project(folder, findings)
    assert project is not None, [f.message for f in findings]
    library = load_indicators(project.project.indicators, folder, findings, inputs=tuple(project.inputs))
    assert not findings.errors, [f.message for f in findings]
    return project, library


def read(folder: Path, name: str) -> pl.DataFrame:
    """The evidence of one returned form, by rows of the sheet; units by name."""
    project, library = library_of(folder)
    findings = Findings()
    complete = complete_inputs(project, library, findings)
    one = complete.model_copy(update={"inputs": {name: complete.inputs[name]}})
    gathered = gather(one, findings, lambda *_: None)
    names = gathered.units.select(unit="code", 单元="name")
    return (
        gathered.evidence[name].frame.join(names, on="unit", how="left", maintain_order="left").sort("_row")
    )


def forms(folder: Path, *words: object) -> list[Path]:
    """`tijian forms`: what it wrote."""
    code, page = tijian("forms", "-q", "-p", folder, *words)
    assert code == 0, page
    return [Path(line) for line in page.splitlines()]


def tijian(*words: object) -> tuple[int, str]:
    """The command: exit code and what it printed."""
    done = call(*words)
    return done.returncode, done.stdout
