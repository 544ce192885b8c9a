"""The sample carries evidence for every indicator in force, from tables of values that developers can trust."""

import csv
from pathlib import Path

import numpy as np
import openpyxl
import polars as pl
import pyogrio
import pytest
import shapely
from tijian.data.generator.asked import ask
from tijian.data.generator.reported import reported_items
from tijian.data.generator.sample import MADE
from tijian.data.generator.survey import read_questions
from tijian.data.generator.values import HEADER, THINGS, ValuesError, missing, read_values, table_of
from tijian.engine.storage import store

from .cli_project import YEAR, YEARS, finished_sample

ASKED = ask()


@pytest.fixture(scope="module")
def sample(tmp_path_factory):
    return finished_sample(tmp_path_factory)


def table(folder, name, year=YEAR):
    """A form of the sample as rows: header → cell, the total row under its name too; labels of two levels joined."""
    item = ASKED.inputs[name]
    path = folder / item.files[0].replace("{year}", str(year))
    sheet = openpyxl.load_workbook(path).worksheets[0]
    rows = [[cell.value for cell in row] for row in sheet.iter_rows()]
    depth = 2 if any(" " in label for label in item.columns.values()) else 1
    group, headers = None, []
    for c, cell in enumerate(rows[2]):
        group = cell if cell is not None else group
        below = rows[3][c] if depth == 2 else None
        headers.append(f"{group} {below}" if below else group)
    return [dict(zip(headers, row, strict=True)) for row in rows[2 + depth :]]


# ---- every indicator has a value ------------------------------------------------------------


@pytest.mark.parametrize("year", YEARS)
def test_every_indicator_in_force_has_a_value_at_each_of_its_levels(sample, year):
    path = sample / "results.duckdb"
    level = dict(store.read_frame(path, "units", year).select("code", "level").iter_rows())
    measured = store.read_frame(path, "measurements", year).filter(pl.col("value").is_not_null())
    have = {(code, level[unit]) for code, unit in measured.select("indicator", "unit").iter_rows()}
    wanted = [(i.code, lv) for i in ASKED.library.indicators for lv in i.levels]
    assert len(wanted) > 300
    assert [pair for pair in wanted if pair not in have] == []


def test_no_share_is_impossible_and_no_two_figures_disagree_but_where_it_was_planted(sample):
    found = store.read_frame(sample / "results.duckdb", "findings", YEAR)
    told = found.filter(pl.col("code").str.starts_with("M")).select("code", "file").rows()
    assert told == [("M004", "指标 SJ-06")]


def test_results_differ_from_unit_to_unit(sample):
    """An indicator that is the same everywhere would tell nobody anything; deaths on building sites may be none."""
    path = sample / "results.duckdb"
    towns = store.read_frame(path, "units", YEAR).filter(level="town")["code"]
    of_towns = store.read_frame(path, "measurements", YEAR).filter(pl.col("unit").is_in(towns.to_list()))
    flat = of_towns.group_by("indicator").agg(pl.col("value").n_unique(), n=pl.col("value").count())
    assert set(flat.filter(pl.col("value") == 1, pl.col("n") > 2)["indicator"]) <= {"AQ-13"}


# ---- the tables of values -------------------------------------------------------------------


def test_every_item_that_is_needed_is_made_by_code_or_by_exactly_one_row():
    values = table_of(read_values(), ASKED, MADE)  # raises for a row twice, for one that no form asks for, …
    assert missing(values, ASKED, MADE) == []


def test_items_and_questions_of_their_own_tables_are_those_in_force():
    assert list(read_questions(ASKED)) == [q.id for q in ASKED.library.questions]
    wanted = {
        (i.measure.item, level)
        for i in ASKED.library.indicators
        if i.measure.method == "reported"
        for level in i.levels
    }
    assert sorted((item["item"], item["level"]) for item in reported_items()) == sorted(wanted)


def written(folder: Path, *lines: str) -> Path:
    (folder / "x.csv").write_text("\n".join([",".join(HEADER), *lines]) + "\n", encoding="utf-8")
    return folder


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("nowhere,a,flat,1,2,,,", "x.csv:2 nowhere.a：没有这个输入的填报表"),
        ("greening,toylets,flat,1,2,,,", "greening.toylets：填报表没有这一项"),
        ("greening,toilets,chance,0,1,,,", "number 类型的 shape 应为"),
        ("greening,toilets,flat,1,2,,mood,", "没有这个特征 mood"),
        ("greening,toilets_star,share,0,1,stars,,", "'stars' 不是"),
        ("greening,park_area,flat,1,2,,,", "已由程序专门生成"),
        ("greening,*,per_unit,1,2,X,,", "不写 *"),
        ("football_fields,*,per_unit,1,2,,,", "编号的开头"),
        ("football_fields,field_id,name,,,{n},,", "编号由 * 一行"),
        ("football_fields,name,name,,,{street}场,,", "占位应为"),
        ("football_fields,kind,choice,,,十人制:1,,", "选项 十人制 不在"),
        ("bridges,*,per_unit,1,2,Q,,", "已由程序专门生成"),
    ],
)
def test_a_row_that_does_not_fit_is_told_with_its_place(tmp_path, line, said):
    with pytest.raises(ValuesError) as told:
        table_of(read_values(written(tmp_path, line)), ASKED, MADE)
    assert said in str(told.value)


def test_all_faults_are_told_at_once_with_what_is_missing(tmp_path):
    lines = ["greening,toilets,flat,1,2,,,", "greening,toilets,flat,1,2,,,", "culture,relics,dozens,1,2,,,"]
    with pytest.raises(ValuesError) as told:
        table_of(read_values(written(tmp_path, *lines)), ASKED, MADE)
    text = str(told.value)
    assert "x.csv:3 greening.toilets：与 x.csv:2 重复" in text
    assert "x.csv:4 culture.relics" in text
    assert "缺少取值：greening.toilets_star" in text
    assert f"缺少取值：football_fields.{THINGS}" in text


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("input,item\n", "x.csv:1 表头应为"),
        (",".join(HEADER) + "\ngreening,toilets,flat\n", "x.csv:2 应有 8 列，实有 3 列"),
        (",".join(HEADER) + "\ngreening,toilets,flat,many,2,,,\n", "x.csv:2 low、high、pace 应为数"),
    ],
)
def test_a_table_that_cannot_be_read_is_told_with_its_line(tmp_path, text, said):
    (tmp_path / "x.csv").write_text(text, encoding="utf-8")
    with pytest.raises(ValuesError, match="取值表") as told:
        read_values(tmp_path)
    assert said in str(told.value)


# ---- what is drawn from them ----------------------------------------------------------------


def number(cell):
    """A cell typed oddly, as its number."""
    plain = (
        str(cell)
        .strip()
        .translate(str.maketrans("０１２３４５６７８９．，", "0123456789.,"))
        .replace(",", "")
    )
    return float(plain[:-1]) * 10_000 if plain.endswith("万") else float(plain)


def test_a_part_is_never_more_than_its_whole_and_the_total_row_is_their_sum(sample):
    rows = {year: table(sample, "utilities", year) for year in YEARS}
    for year in YEARS:
        towns, total = rows[year][1:-2], rows[year][-2]
        assert total["街镇名称"] == "合计"
        for part, whole in (
            ("老旧燃气管网 已改造", "老旧燃气管网 计划改造"),
            ("重要管网 已监测", "重要管网 总长"),
        ):
            assert all(number(row[part]) <= number(row[whole]) for row in towns)
            assert sum(number(row[part]) for row in towns) == pytest.approx(number(total[part]))
    grown = [number(b["重要管网 已监测"]) - number(a["重要管网 已监测"])
             for a, b in zip(*(rows[year][1:-2] for year in YEARS), strict=True)]  # fmt: skip
    assert min(grown) >= 0 < max(grown)


def test_a_last_year_s_value_is_what_stood_in_last_year_s_form(sample):
    path = ASKED.inputs["economy"].files[0]
    stood = {}
    for year in YEARS:
        sheet = openpyxl.load_workbook(sample / path.replace("{year}", str(year))).worksheets[0]
        for unit, item, value, *_ in sheet.iter_rows(min_row=4, values_only=True):
            stood[year, unit, item] = value
    now = {unit: v for (year, unit, item), v in stood.items() if (year, item) == (2026, "上年非公经济增加值")}
    before = {unit: v for (year, unit, item), v in stood.items() if (year, item) == (2025, "非公经济增加值")}
    assert len(now) == 5
    assert {u: number(v) for u, v in now.items()} == {u: number(v) for u, v in before.items()}


def test_things_stay_the_same_from_year_to_year_while_some_are_mended_and_a_few_fail_anew(sample):
    before, after = ({row["街道编号" if "街道编号" in row else "道路编号"]: row
                      for row in table(sample, "street_parking", year) if row.get("道路编号")} for year in YEARS)  # fmt: skip
    assert list(before) == list(after)
    assert all(before[i]["道路名称"] == after[i]["道路名称"] for i in before)
    flags = [label for item, label in ASKED.inputs["street_parking"].columns.items()
             if ASKED.inputs["street_parking"].types[item] == "yesno"]  # fmt: skip
    moves = [(before[i][f], after[i][f]) for i in before for f in flags]
    same = sum(a == b for a, b in moves) / len(moves)
    assert 0.80 < same < 1
    assert ("是", "否") in moves


def test_a_cell_that_hangs_on_another_is_blank_unless_that_is_yes(sample):
    gated = [row for row in read_values() if row.shape in ("chance", "range", "date") and row.of]
    checked = 0
    for row in gated:
        item = ASKED.inputs.get(row.input)
        if (
            item is None
            or row.input in MADE
            or item.layout == "long"
            or {row.of, row.item} - set(item.columns)
        ):
            continue
        for line in table(sample, row.input):
            yes, cell = line.get(item.columns[row.of]), line.get(item.columns[row.item])
            if yes in ("是", "否"):
                assert (cell is not None) == (yes == "是"), (row.at, line)
                checked += 1
    assert checked > 20


# ---- land, lines and parks ------------------------------------------------------------------


def layer(path):
    meta, _, wkb, columns = pyogrio.raw.read(path)
    return shapely.from_wkb(wkb), dict(zip(meta["fields"], columns, strict=True)), meta


def test_residential_land_is_a_sixth_and_construction_land_two_fifths_of_the_district(sample):
    rows = (
        openpyxl.load_workbook(sample / "单元名录.xlsx").worksheets[0].iter_rows(min_row=4, values_only=True)
    )
    whole = next(row[5] for row in rows if row[2] == "区") * 1e6
    living, fields, meta = layer(sample / "inputs/2026/居住用地.gpkg")
    built, uses, _ = layer(sample / "inputs/2026/建设用地.gpkg")
    assert meta["crs"] == "EPSG:4549"
    assert 0.14 < shapely.area(living).sum() / whole < 0.20
    assert 0.35 < shapely.area(built).sum() / whole < 0.45
    assert shapely.is_valid(living).all()
    assert len(set(fields["编号"])) == len(living)
    assert set(fields["类型"]) < set(uses["类型"])
    assert shapely.area(shapely.union_all(living)) == pytest.approx(shapely.area(living).sum())  # no overlap


def test_every_community_has_residential_land(sample):
    path = sample / "results.duckdb"
    communities = store.read_frame(path, "units", YEAR).filter(level="community")["code"].to_list()
    covered = store.read_frame(path, "measurements", YEAR).filter(pl.col("indicator") == "ST-04")
    assert set(communities) <= set(covered.filter(pl.col("denominator") > 0)["unit"])


def test_parks_come_in_every_size(sample):
    shapes, fields, _ = layer(sample / "inputs/2026/公园绿地.shp")
    sizes = np.histogram(fields["MJ"], [0, 400, 2000, 10_000, 50_000, 100_000, np.inf])[0]
    assert (sizes[1:] > 0).all()
    assert len(shapes) == sizes.sum()


def test_kindergartens_are_schools_too(sample):
    kinds = [row["学段"] for row in table(sample, "schools")]
    assert {"幼儿园", "小学", "初中", "高中"} <= set(kinds)


def test_greenways_follow_the_river_and_roads(sample):
    lines, fields, _ = layer(sample / "inputs/2026/绿道.gpkg")
    assert set(shapely.get_type_id(lines)) == {1}
    assert "滨河绿道" in fields["名称"]
    assert len(set(fields["名称"])) > 2


def test_located_things_lie_in_the_district_by_longitude_and_latitude(sample):
    shapes, fields, _ = layer(sample / "inputs/边界.gpkg")
    (district,) = shapes[fields["JB"] == "区"]
    rows = [row for row in table(sample, "football_fields") if row.get("场地编号")]
    assert len(rows) > 5
    assert shapely.contains_xy(district, *np.array([[row["经度"], row["纬度"]] for row in rows]).T).all()


def test_the_tables_of_values_are_plain_csv_with_one_header():
    for path in sorted((Path(__file__).parents[1] / "data/sample/values").glob("*.csv")):
        first = next(csv.reader(path.read_text("utf-8").splitlines()))
        assert first == (["id", "traits"] if path.name == "questions.csv" else HEADER), path.name
