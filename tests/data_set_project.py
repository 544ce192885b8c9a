"""A small district whose records come as Parquet files, or the same as one csv: the same definitions, the same results.

3,000 houses in three towns of four communities, some of their figures left blank; the numbers are drawn with a seed.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np
import polars as pl

SYSTEM = """
name = "自有"
title = "自有指标"
source = "自拟"
dimensions = ["安全"]
"""
INDICATOR = """
[[indicator]]
code = "{code}"
name = "{name}"
dimension = "安全"
aspect = "房屋"
scale = "街区"
unit = "{unit}"
direction = "{direction}"
levels = ["district", "town", "community"]
kind = "guiding"
treatment = "effort"
definition = "供测试用的房屋指标。"
formula = "见计算式"
lead = ["区房管局"]
remedy = "在{{unit}}整治。"
  [indicator.measure]
  {measure}
"""
RULES = """
  [[indicator.measure.rule]]
  id = "rust"
  when = "rust"
  says = "锈蚀"
  [[indicator.measure.rule]]
  id = "old"
  when = "built < 1985 and area > 50"
  says = "老旧"
"""
UNKNOWN_COLUMN = "rooms"  # which no file has: its indicator is told of, the others are measured
MEASURES = {
    "RA-01": ("锈蚀率", "%", "lower", 'method = "ratio"\n  of = "houses"\n  numerator = "sum(case when rust then 1 else 0 end)"\n'
             '  denominator = "count(rust)"\n  where = "rust is not null"\n  scale = 100'),
    "RA-02": ("户均面积", "㎡", "higher",
             'method = "ratio"\n  of = "houses"\n  numerator = "sum(area)"\n  denominator = "count(area)"'),
    "RA-03": ("面积中位数", "㎡", "higher", 'method = "ratio"\n  of = "houses"\n  numerator = "avg(area) + count(distinct built)"'),
    "RA-04": ("人均面积", "㎡/人", "higher", 'method = "ratio"\n  of = "houses"\n  numerator = "sum(area)"\n'
             '  per = "population"\n  where = "built >= 2000"'),
    "RA-05": ("户均房间", "间", "higher",
             f'method = "ratio"\n  of = "houses"\n  numerator = "sum({UNKNOWN_COLUMN})"\n  denominator = "count(area)"'),
    "CO-01": ("问题房屋", "栋", "lower", 'method = "count"\n  of = "houses"\n  key = "id"\n  name = "name"' + RULES),
    "CO-02": ("新房问题面积", "㎡", "lower", 'method = "count"\n  of = "houses"\n  key = "id"\n  where = "built > 1990"\n'
             '  weight = "area"\n  per = "population"' + RULES),
    "CO-03": ("问题街坊", "个", "lower", 'method = "count"\n  of = "houses"\n  key = "block"' + RULES),
    "SQ-01": ("新房比例", "%", "higher", 'method = "sql"\n  of = ["houses"]\n  scale = 100\n  query = "select unit, '
             'sum(case when built >= 2000 then 1 else 0 end) as numerator, count(*) as denominator from houses group by unit"'),
    "SQ-02": ("每百栋管房人数", "人", "higher", 'method = "sql"\n  of = ["towns", "houses"]\n  scale = 100\n  query = "select t.unit, '
              't.staff as numerator, count(*) as denominator from towns t join houses h on h.unit like t.unit || \'%\' '
              'group by t.unit, t.staff"'),
}  # fmt: skip
PROJECT = """
[project]
name = "示例区体检"
district = "310117"
year = 2026
indicators = ["own"]
data = "data"

[units]
file = "units.csv"
columns = {{ code = "代码", name = "名称", level = "层级", parent = "上级代码", population = "常住人口", area_km2 = "面积" }}

[inputs.houses]
kind = "records"
title = "房屋"
file = "{file}"
unit = "单元代码"
key = "id"
columns = {{ id = "编号", name = "名称", block = "街坊", built = "年", area = "面积", rust = "锈蚀" }}
types = {{ built = "integer", area = "number", rust = "yesno" }}
limits = {{ area = [0.0, 95.0] }}

[inputs.towns]
kind = "figures"
title = "管房人员"
file = "towns.csv"
unit = "街镇代码"
level = "town"
columns = {{ staff = "管房人数" }}
types = {{ staff = "integer" }}
"""
ROWS = 3000


def units() -> list[tuple[str, str, str, str | None]]:
    """code, name, level, parent."""
    found: list[tuple[str, str, str, str | None]] = [("310117", "示例区", "区", None)]
    for town in range(1, 4):
        code = f"310117{town:03d}"
        found.append((code, f"第{town}街道", "街镇", "310117"))
        found += [(f"{code}{c:03d}", f"{town}-{c}社区", "社区", code) for c in range(1, 5)]
    return found


def houses(rows: int = ROWS) -> pl.DataFrame:
    """The records, under the headers of the file."""
    rng = np.random.default_rng(2026)
    codes = np.array([code for code, _, level, _ in units() if level == "社区"])
    where = rng.integers(0, len(codes), rows)
    often = np.where(where == len(codes) - 1, 0.4, 0.1)  # one community stands out
    number = pl.int_range(rows, eager=True).alias("number")
    return number.to_frame().select(
        编号=pl.format("B{}", pl.col("number").cast(pl.String).str.zfill(5)),
        名称=pl.format("{}号楼", "number"),
        街坊=pl.Series(rng.integers(0, 400, rows)).cast(pl.String),
        单元代码=pl.Series(codes[where]),
        年=pl.Series(rng.integers(1980, 2020, rows)),
        面积=pl.Series(np.round(rng.random(rows) * 90, 2)).set(number % 17 == 0, None),
        锈蚀=pl.Series(rng.random(rows) < often).set(number % 23 == 0, None),
    )


def write_project(folder: Path, *, parquet: bool, rows: pl.DataFrame | None = None, files: int = 3) -> Path:
    """The project in ``folder``, its records in so many Parquet files or in one csv."""
    records = houses() if rows is None else rows
    (folder / "data" / "records").mkdir(parents=True)
    people = {"区": 12000.0, "街镇": 4000.0, "社区": 1000.0}
    listed = [(*unit, people[unit[2]], people[unit[2]] / 1000) for unit in units()]
    headers = ["代码", "名称", "层级", "上级代码", "常住人口", "面积"]
    pl.DataFrame(listed, schema=headers, orient="row").write_csv(folder / "units.csv")
    staff = [(code, 10 + number) for number, (code, _, level, _) in enumerate(units()) if level == "街镇"]
    pl.DataFrame(staff, schema=["街镇代码", "管房人数"], orient="row").write_csv(
        folder / "data" / "towns.csv"
    )
    if parquet:
        size = -(-records.height // files)
        for number, part in enumerate(records.iter_slices(size)):
            part.write_parquet(folder / "data" / "records" / f"p{number}.parquet")
    else:
        said = pl.col("锈蚀").cast(pl.String).replace({"true": "是", "false": "否"})
        records.with_columns(said).write_csv(folder / "data" / "records.csv")
    file = "records/*.parquet" if parquet else "records.csv"
    (folder / "tijian.toml").write_text(PROJECT.format(file=file), encoding="utf-8")
    own = folder / "indicators" / "own"
    own.mkdir(parents=True)
    (own / "system.toml").write_text(SYSTEM, encoding="utf-8")
    told = [
        INDICATOR.format(code=code, name=name, unit=unit, direction=direction, measure=measure)
        for code, (name, unit, direction, measure) in MEASURES.items()
    ]
    (own / "指标.toml").write_text("".join(told), encoding="utf-8")
    return folder
