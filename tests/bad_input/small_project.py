"""A small project made by code, in which everything is right: the ground every case of bad input spoils in one place.

A district of two towns with two communities each; a workbook of buildings, a form, reported values, a survey, tickets,
stops with coordinates, parks and town boundaries, names, corrections, an earlier year, projects and judgement matrices.
"""

from __future__ import annotations

import csv
import io
import json
import re
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

import xlsxwriter

Rows = list[list[Any]]

SETTINGS = """
[project]
name = "试验区2026年城市体检"
district = "310199"
year = 2026
indicators = ["tiny"]
crs = "EPSG:4549"

[units]
file = "单元名录.csv"

[[units.boundaries]]
file = "inputs/边界.geojson"
level = "town"
code = "代码"
name = "名称"

[inputs.buildings]
kind = "records"
title = "住宅楼栋"
file = "inputs/楼栋.xlsx"
unit = "社区"
within = "街镇"
level = "community"
key = "id"
columns = { id = "楼栋编号", name = "楼名", year = "建成年份", homes = "户数", crack = "有裂缝", checked = "鉴定日期" }
types = { year = "integer", homes = "integer", crack = "yesno", checked = "date" }
required = ["id", "name"]

[inputs.estates]
kind = "figures"
title = "小区情况"
file = "inputs/小区.xlsx"
unit = "社区"
within = "街镇"
level = "community"
columns = { estates = "小区数（个）", good = "达标小区数（个）", money = "改造投资（万元）" }
types = { estates = "number", good = "number", money = "number" }

[inputs.bulletin]
kind = "reported"
title = "统计公报"
file = "inputs/公报.csv"
unit = "区域"
item = "指标名称"
value = "数值"

[inputs.residents]
kind = "survey"
title = "居民问卷"
file = "inputs/问卷.xlsx"
unit = "社区"
key = "no"
columns = { no = "序号", sex = "性别", age = "年龄", occupation = "职业", residence = "居住时长", remark = "意见" }
questions = { Q1 = "停车", Q2 = "绿化" }

[inputs.tickets]
kind = "tickets"
title = "热线工单"
file = "inputs/工单.csv"
unit = "街镇"
columns = { id = "工单编号", category = "类别", text = "诉求内容", date = "日期" }
types = { date = "date" }

[inputs.stops]
kind = "records"
title = "公交站点"
file = "inputs/站点.csv"
x = "经度"
y = "纬度"
crs = "EPSG:4490"
columns = { name = "站名" }

[inputs.parks]
kind = "layer"
title = "公园"
file = "inputs/公园.geojson"
columns = { name = "名称", hectares = "公顷" }
types = { hectares = "number" }

[budget]
file = "inputs/项目库.xlsx"
total = 500

[scoring]
weights_dimensions = "ahp"

[robustness]
samples = 128

[survey]
per_unit = 3
per_mille = 1
minimum_total = 12
women_at_most = 1
ages = { "16–60岁" = 1.0 }

[lists]
projects = "更新项目清单"
"""

SYSTEM = 'name = "tiny"\ntitle = "试验体系"\nsource = "测试"\ndimensions = ["安全", "便民", "感受"]\n'

_INDICATOR = """
[[indicator]]
code = "{code}"
name = "{name}"
dimension = "{dimension}"
aspect = "试验"
scale = "街区"
unit = "{unit}"
direction = "{direction}"
levels = ["district", "town"{community}]
kind = "guiding"
treatment = "effort"
definition = "{name}，用于试验坏输入。"
formula = "见计算式，不计没有数据的单元"
lead = ["区建管委"]
remedy = "请{{unit}}改善{name}。"
  [indicator.measure]
{measure}
"""


def indicator(
    code: str,
    name: str,
    dimension: str,
    measure: str,
    *,
    unit: str = "%",
    direction: str = "higher",
    community: bool = True,
) -> str:
    """One ``[[indicator]]`` as TOML; ``measure`` holds the lines of its measure."""
    return _INDICATOR.format(
        code=code, name=name, dimension=dimension, measure=measure, unit=unit, direction=direction,
        community=', "community"' if community else "",
    )  # fmt: skip


INDICATORS = "".join(
    (
        indicator("AQ-01", "无裂缝楼栋占比", "安全", """  method = "ratio"
  of = "buildings"
  numerator = "count(*) FILTER (NOT crack)"
  denominator = "count(crack)"
  scale = 100"""),
        indicator("AQ-02", "达标小区占比", "安全", """  method = "ratio"
  of = "estates"
  numerator = "sum(good)"
  denominator = "sum(estates)"
  scale = 100"""),
        indicator("BM-01", "每小区投资", "便民", """  method = "ratio"
  of = "estates"
  numerator = "sum(money)"
  denominator = "sum(estates)\"""", unit="万元/个"),
        indicator("BM-02", "供水普及率", "便民", """  method = "reported"
  of = "bulletin"
  item = "供水普及率"
  weight = "population\"""", community=False),
        indicator("BM-03", "站点公园覆盖率", "便民", """  method = "coverage"
  demand = "stops"
  supply = "parks"
  radius_m = 500""", community=False),
        indicator("GS-01", "停车满意度", "感受", """  method = "survey"
  of = "residents"
  question = "Q1\"""", unit="分"),
    )
)  # fmt: skip

UNITS: Rows = [
    ["代码", "名称", "层级", "上级代码", "类型", "人口", "面积"],
    ["310199", "试验区", "区", "", "", 20000, 2],
    ["310199001", "东街道", "街镇", "310199", "街道", 12000, 1],
    ["310199002", "西镇", "街镇", "310199", "镇", 8000, 1],
    ["310199001001", "甲社区", "社区", "310199001", "居委", 7000, 0.6],
    ["310199001002", "乙社区", "社区", "310199001", "居委", 5000, 0.4],
    ["310199002001", "丙社区", "社区", "310199002", "居委", 6000, 0.7],
    ["310199002002", "丁村", "社区", "310199002", "村委", 2000, 0.3],
]
PLACES = (("东街道", "甲社区"), ("东街道", "乙社区"), ("西镇", "丙社区"), ("西镇", "丁村"))
BUILDINGS: Rows = [
    ["街镇", "社区", "楼栋编号", "楼名", "建成年份", "户数", "有裂缝", "鉴定日期"],
    *([PLACES[i % 4][0], "丁家村" if i == 7 else PLACES[i % 4][1], f"B-{i + 1}", f"{i + 1}号楼", 1980 + i, 24 + i, "否" if i % 3 else "是", f"2026-05-{i + 1:02d}"]
      for i in range(8)),
]  # fmt: skip
ESTATES: Rows = [
    ["街镇", "社区", "小区数（个）", "达标小区数（个）", "改造投资（万元）"],
    *([*place, 10 + i, 8 + i, 120.5 + i] for i, place in enumerate(PLACES)),
]
BULLETIN: Rows = [
    ["区域", "指标名称", "数值"],
    ["试验区", "供水普及率", 96.5],
    ["东街道", "供水普及率", 97],
    ["西镇", "供水普及率", 95.75],
]
_SAID = ("满意", "一般", "非常满意", "不满意")
ANSWERS: Rows = [
    ["序号", "社区", "性别", "年龄", "职业", "居住时长", "1、您对以下方面的满意度—停车", "1、绿化", "意见"],
    *([i + 1, PLACES[i % 4][1], "男" if i % 2 else "女", f"{20 + i}岁", "职员", "5年", _SAID[i % 3], _SAID[(i + 1) % 4],
       f"意见{i + 1}"] for i in range(24)),
]  # fmt: skip
TICKETS: Rows = [
    ["工单编号", "街镇", "类别", "诉求内容", "日期"],
    *([f"T{i + 1:03d}", PLACES[i % 4][0], "噪声" if i % 2 else "停车", f"第{i + 1}件诉求", f"2026-03-{i + 1:02d}"]
      for i in range(8)),
]  # fmt: skip
STOPS: Rows = [
    ["站名", "经度", "纬度"],
    ["一站", 121.203, 31.004], ["二站", 121.207, 31.006], ["三站", 121.213, 31.004], ["四站", 121.217, 31.006],
]  # fmt: skip
NAMES: Rows = [["写法", "代码"], ["丁家村", "310199002002"]]
HISTORY: Rows = [
    ["年份", "单元", "指标编号", "指标值"],
    [2025, "东街道", "AQ-02", 70],
    [2025, "西镇", "AQ-02", 72.5],
]
PROJECTS: Rows = [
    ["项目编号", "项目名称", "单元", "指标", "投资（万元）", "实施后指标值"],
    ["X-1", "东街道小区改造", "东街道", "AQ-02", 300, 95],
    ["X-2", "西镇小区改造", "西镇", "达标小区占比", 280, 96],
]
JUDGEMENTS: Rows = [["", "安全", "便民", "感受"], ["安全", 1, 2, 3], ["便民", "", 1, 2], ["感受", "", "", 1]]
CORRECTIONS = """
[[correction]]
input = "buildings"
match = { id = "B-8" }
column = "homes"
expect = "31"
value = "32"
reason = "电话核实"
by = "张工"
date = 2026-06-01
"""
EAST, WEST = (121.20, 31.00, 121.21, 31.01), (121.21, 31.00, 121.22, 31.01)


def square(west: float, south: float, east: float, north: float) -> list[list[list[float]]]:
    """The coordinates of a rectangle as GeoJSON has them."""
    return [[[west, south], [east, south], [east, north], [west, north], [west, south]]]


def feature(coordinates: Any, kind: str = "Polygon", **properties: Any) -> dict[str, Any]:
    """One GeoJSON feature."""
    return {
        "type": "Feature",
        "properties": properties,
        "geometry": {"type": kind, "coordinates": coordinates},
    }


def geojson(*features: dict[str, Any], crs: str = "") -> str:
    """A GeoJSON text of the features, with the old ``crs`` member where one is named."""
    said = {"crs": {"type": "name", "properties": {"name": crs}}} if crs else {}
    return json.dumps({"type": "FeatureCollection", **said, "features": list(features)}, ensure_ascii=False)


BORDERS = (
    feature(square(*EAST), 代码="310199001", 名称="东街道"),
    feature(square(*WEST), 代码="310199002", 名称="西镇"),
)
PARKS = (
    feature(square(121.202, 31.003, 121.204, 31.005), 名称="东园", 公顷=4.2),
    feature(square(121.214, 31.003, 121.216, 31.005), 名称="西园", 公顷=4.2),
)
TABLES: dict[str, tuple[str, Rows]] = {
    "单元名录.csv": ("", UNITS),
    "names.csv": ("", NAMES),
    "history/往年.csv": ("", HISTORY),
    "inputs/楼栋.xlsx": ("楼栋", BUILDINGS),
    "inputs/小区.xlsx": ("小区", ESTATES),
    "inputs/公报.csv": ("", BULLETIN),
    "inputs/问卷.xlsx": ("问卷", ANSWERS),
    "inputs/工单.csv": ("", TICKETS),
    "inputs/站点.csv": ("", STOPS),
    "inputs/项目库.xlsx": ("项目", PROJECTS),
    "判断矩阵.xlsx": ("总分-张工", JUDGEMENTS),
}


@dataclass(frozen=True)
class Small:
    """The project in ``folder``, and the ways to spoil it. Files are named as the project names them."""

    folder: Path

    def path(self, name: str) -> Path:
        """Where a file lies."""
        return self.folder / name

    def text(self, name: str, content: str, encoding: str = "utf-8") -> None:
        """Put a text in a file's place."""
        self.path(name).write_text(content, encoding=encoding)

    def raw(self, name: str, content: bytes) -> None:
        """Put bytes in a file's place."""
        self.path(name).write_bytes(content)

    def rows(self, name: str) -> Rows:
        """A table's rows as they are right, to be changed."""
        return [list(row) for row in TABLES[name][1]]

    def table(self, name: str, rows: Rows) -> None:
        """Write a table anew."""
        path = self.path(name)
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(xlsx(TABLES[name][0], rows) if name.endswith(".xlsx") else csv_bytes(rows))

    def put(self, name: str, **cells: Any) -> None:
        """Write a table anew with some cells changed, called as Excel does: ``F4=…``."""
        rows = self.rows(name)
        for cell, value in cells.items():
            letter, number = re.fullmatch(r"([A-Z])(\d+)", cell).groups()
            rows[int(number) - 1][ord(letter) - 65] = value
        self.table(name, rows)

    def add(self, name: str, *rows: list[Any]) -> None:
        """Write a table anew with rows at its end."""
        self.table(name, [*self.rows(name), *rows])

    def settings(self, old: str, new: str) -> None:
        """Change tijian.toml; ``old`` must stand there."""
        self.replace("tijian.toml", old, new)

    def replace(self, name: str, old: str, new: str) -> None:
        """Change a text file; ``old`` must stand there."""
        content = self.path(name).read_text(encoding="utf-8")
        assert old in content, (name, old)
        self.text(name, content.replace(old, new, 1))


def xlsx(sheet: str, rows: Rows) -> bytes:
    """A workbook of one sheet: what is text stays text, even where it looks like a formula."""
    memory = io.BytesIO()
    with xlsxwriter.Workbook(memory, {"strings_to_formulas": False, "strings_to_urls": False}) as book:
        book.set_properties({"created": datetime(2026, 5, 20)})  # the same bytes every time
        page = book.add_worksheet(sheet)
        for r, row in enumerate(rows):
            page.write_row(r, 0, row)
    return memory.getvalue()


def csv_bytes(rows: Rows) -> bytes:
    """A CSV as Excel writes it: UTF-8 with a mark."""
    memory = io.StringIO(newline="")
    csv.writer(memory).writerows(rows)
    return memory.getvalue().encode("utf-8-sig")


def make(folder: Path) -> Small:
    """The project in an empty or new folder."""
    small = Small(folder)
    (folder / "indicators" / "tiny").mkdir(parents=True)
    (folder / "inputs").mkdir()
    small.text("tijian.toml", SETTINGS)
    small.text("corrections.toml", CORRECTIONS)
    small.text("indicators/tiny/system.toml", SYSTEM)
    small.text("indicators/tiny/all.toml", INDICATORS)
    for name, (_, rows) in TABLES.items():
        small.table(name, rows)
    small.text("inputs/边界.geojson", geojson(*BORDERS))
    small.text("inputs/公园.geojson", geojson(*PARKS))
    return small
