"""The sample project (演示项目): complete, readable by independent means, reproducible, with the faults it says."""

import csv
import hashlib
import json
import tomllib
from functools import cache
from pathlib import Path

import numpy as np
import openpyxl
import polars as pl
import pyogrio
import pyproj
import pytest
import shapely
from tijian.data.generator.housing import DEFECTS, build_housing, evolve
from tijian.data.generator.layers import to_gcj02
from tijian.data.generator.sample import generate
from tijian.data.generator.world import build_world
from tijian.engine.findings import Findings, catalogue
from tijian.engine.intake.gather import gather
from tijian.engine.settings.forms import complete_inputs
from tijian.engine.settings.project import load_project
from tijian.indicators.loader import load_indicators

SMALL = 0.1
YEARS = (2025, 2026)


@pytest.fixture(scope="module")
def sample(tmp_path_factory):
    """A small sample with the faults of level warning."""
    folder = tmp_path_factory.mktemp("sample")
    generate(folder, scale=SMALL)
    return folder


def completed(folder):
    """The sample's project with every input completed from the forms, and what is wrong with either."""
    findings = Findings()
    project = load_project(folder, findings)
    library = load_indicators(project.project.indicators, folder, findings)
    return complete_inputs(project, library, findings), findings


@pytest.fixture(scope="module")
def project(sample):
    return completed(sample)[0]


@pytest.fixture(scope="module")
def units(sample):
    """The units table as openpyxl reads it: rows of code, name, level, parent, population, area, kind."""
    return sheet_rows(sample / "单元名录.xlsx", "名录")[3:]


@cache
def workbook(path):
    """sheet → rows of cell values, as openpyxl reads them."""
    book = openpyxl.load_workbook(path, read_only=True)
    sheets = {sheet.title: [list(row) for row in sheet.iter_rows(values_only=True)] for sheet in book}
    book.close()
    return sheets


def sheet_rows(path, sheet):
    return workbook(path)[sheet]


def csv_rows(path, encoding):
    return list(csv.reader(path.read_text(encoding).splitlines()))


def digests(folder):
    return {
        str(p.relative_to(folder)): hashlib.sha256(p.read_bytes()).hexdigest()
        for p in sorted(folder.rglob("*"))
        if p.is_file()
    }


def layer(path, **options):
    meta, _, wkb, columns = pyogrio.raw.read(path, **options)
    return shapely.from_wkb(wkb), dict(zip(meta["fields"], columns, strict=True)), meta


# ---- complete -------------------------------------------------------------------------------


def test_every_input_of_the_project_file_is_there_for_both_years(sample, project):
    written = [
        file.replace("{year}", str(year))
        for item in project.inputs.values()
        for file in item.files
        for year in YEARS
    ]
    assert [f for f in written if not (sample / f).is_file()] == []
    assert (sample / project.units.file).is_file()
    assert {"names.csv", "corrections.toml", "answers.csv", "README.txt"} <= {
        p.name for p in sample.iterdir()
    }


def test_every_sheet_and_text_file_says_that_the_data_are_made_up(sample):
    silent = []
    for path in sorted(sample.rglob("*.xlsx")):
        silent += [
            f"{path.name} {s}" for s, rows in workbook(path).items() if "合成演示数据" not in str(rows[0][0])
        ]
    texts = [
        *sample.rglob("*.csv"),
        *sample.rglob("*.geojson"),
        sample / "README.txt",
        sample / "corrections.toml",
    ]
    for path in texts:
        head = path.read_bytes()[:400]
        label = [word.encode(code) for word in ("合成演示数据",) for code in ("utf-8", "gb18030")]
        if path.name not in ("answers.csv", "names.csv") and not any(word in head for word in label):
            silent.append(path.name)
    assert silent == []


def headers_of(rows, depth):
    """The joined headers of ``depth`` rows after the title rows; blanks to the right belong to the group."""
    top, group = rows[2], ""
    names = []
    for c, cell in enumerate(top):
        group = cell if cell is not None else group
        below = rows[3][c] if depth == 2 else None
        names.append(f"{group} {below}" if below else str(group))
    return names


def test_the_headers_are_those_the_project_file_asks_for(sample, project):
    missing = []
    for name, item in project.inputs.items():
        wanted = [item.item, item.value] if item.layout == "long" else list(item.columns.values())
        wanted += [header for header in (item.unit, item.within, item.x, item.y) if header]
        depth = 2 if any(" " in header for header in wanted) else 1
        for year in YEARS:
            path = sample / item.files[0].replace("{year}", str(year))
            if path.suffix == ".xlsx":
                for sheet in workbook(path):
                    have = headers_of(sheet_rows(path, sheet), depth)
                    missing += [f"{name} {sheet} {h}" for h in wanted if have.count(h) != 1]
            elif path.suffix == ".csv":
                have = csv_rows(path, "gb18030" if name == "flood_points" else "utf-8-sig")[2]
                missing += [f"{name} {h}" for h in wanted if have.count(h) != 1]
            else:
                have = list(pyogrio.read_info(path, layer=item.layer)["fields"])
                missing += [f"{name} {h}" for h in wanted if h not in have]
    assert missing == []


def answers_of(folder, year):
    """The questionnaire: header → cells, without the answers pasted in twice."""
    rows = sheet_rows(folder / f"inputs/{year}/居民满意度问卷.xlsx", "Sheet1")
    return {header: [row[c] for row in rows[3:]] for c, header in enumerate(rows[2])}


def test_the_questionnaire_asks_every_question_in_four_blocks_each_with_its_stem(sample, project):
    answers = answers_of(sample, 2026)
    item = project.inputs["residents"]
    assert len(item.questions) == 50
    asked = {q: [h for h in answers if str(h).endswith(text)] for q, text in item.questions.items()}
    assert {q: found for q, found in asked.items() if len(found) != 1} == {}
    words = {cell for found in asked.values() for cell in answers[found[0]]}
    assert words == set(item.answers) | {None}
    stems = [h.split("、")[0] for h in answers if "满意度—" in str(h)]
    assert stems == ["15", "16", "17", "18"]


def test_the_people_who_answer_are_as_the_handbook_wants_them(sample):
    answers = answers_of(sample, 2026)
    share = {
        header: {word: cells.count(word) / len(cells) for word in set(cells)}
        for header, cells in answers.items()
        if header in ("性别", "年龄段", "职业", "居住时长")
    }
    assert share["性别"]["女"] < 0.70
    for band, wanted in {"16–30岁": 0.30, "30–60岁": 0.55, "60岁以上": 0.15}.items():
        assert share["年龄段"][band] == pytest.approx(wanted, abs=0.05)
    assert sum(s for word, s in share["职业"].items() if "机关" in word or "事业" in word) < 0.15
    assert share["居住时长"]["不足半年"] < 0.05
    retired = [a for a, w in zip(answers["年龄段"], answers["职业"], strict=True) if w == "离退休人员"]
    assert set(retired) == {"60岁以上"}


def test_six_answers_from_every_community_but_the_one_whose_answers_were_lost(faulty):
    folder, _ = faulty
    short = {}
    for kind in ("with", "without"):
        answers = answers_of(folder / kind, 2026)
        places = list(zip(answers["您居住的街镇"], answers["您居住的社区"], strict=True))
        units = sheet_rows(folder / kind / "单元名录.xlsx", "名录")[3:]
        assert len(set(places)) == sum(row[2] == "社区" for row in units)
        short[kind] = sorted(places.count(place) for place in set(places) if places.count(place) < 6)
    assert short == {"with": [4], "without": []}


# ---- units, people, shapes ------------------------------------------------------------------


def test_the_tree_is_whole_and_people_add_up(units):
    people = {row[0]: row[4] for row in units}
    of = {level: [row for row in units if row[2] == level] for level in ("区", "街镇", "社区")}
    assert [len(of[level]) for level in of] == [1, 5, pytest.approx(30, abs=3)]
    assert {len(str(r[0])) for r in of["街镇"]} == {9}
    assert {len(str(r[0])) for r in of["社区"]} == {12}
    for level in ("区", "街镇"):
        for row in of[level]:
            assert sum(r[4] for r in units if r[3] == row[0]) == people[row[0]]
    assert {r[6] for r in of["街镇"]} == {"新城", "新市镇"}
    assert {r[6] for r in of["社区"]} == {"居委会", "村委会"}


def test_a_name_is_used_once_in_its_town_though_two_towns_share_one(units):
    names = [(row[3], row[1]) for row in units if row[2] == "社区"]
    assert len(set(names)) == len(names)
    assert len({name for _, name in names}) == len(names) - 1


def test_the_residence_points_hold_exactly_the_people_of_each_community(sample, units):
    points, fields, meta = layer(sample / "inputs/居住人口.gpkg", layer="居住人口")
    assert meta["crs"] == "EPSG:4549"
    shapes, columns, _ = layer(sample / "inputs/边界.gpkg", layer="边界")
    to_metric = pyproj.Transformer.from_crs("EPSG:4490", "EPSG:4549", always_xy=True)
    people = {row[0]: row[4] for row in units}
    counted = {}
    for code, level, shape in zip(columns["DM"], columns["JB"], shapes, strict=True):
        if level == "社区":
            planar = shapely.transform(shapely.make_valid(shape), to_metric.transform, interleaved=False)
            inside = shapely.contains(planar.buffer(3), points)  # the crossed ring moves one edge by a metre
            counted[code] = int(fields["RK"][inside].sum())
    off = {code: (people[code], count) for code, count in counted.items() if people[code] != count}
    assert off == {}
    assert fields["RK"].sum() == people["990117"]


def test_shapes_tile_the_district_and_only_the_planted_ring_is_invalid(sample):
    shapes, columns, meta = layer(sample / "inputs/边界.gpkg", layer="边界")
    assert meta["crs"] == "EPSG:4490"
    assert (~shapely.is_valid(shapes)).sum() == 1
    whole = shapely.make_valid(shapes)
    area = {level: shapely.area(whole[columns["JB"] == level]).sum() for level in ("区", "街镇", "社区")}
    assert area["街镇"] == pytest.approx(area["区"], rel=1e-9)
    assert area["社区"] == pytest.approx(area["区"], rel=1e-4)
    middle = shapely.get_coordinates(shapely.centroid(whole[0]))[0]
    assert abs(middle - (120.12, 31.20)).max() < 0.05


def test_areas_in_the_table_are_those_of_the_shapes(sample, units):
    shapes, columns, _ = layer(sample / "inputs/边界.gpkg", layer="边界")
    to_metric = pyproj.Transformer.from_crs("EPSG:4490", "EPSG:4549", always_xy=True)
    planar = shapely.transform(shapely.make_valid(shapes), to_metric.transform, interleaved=False)
    measured = dict(zip(columns["DM"], shapely.area(planar) / 1e6, strict=True))
    assert {row[0]: row[5] for row in units} == pytest.approx(measured, abs=0.01)


# ---- two years, and a story -----------------------------------------------------------------


def buildings(folder, year):
    """All sheets of the buildings survey stacked, town by sheet name."""
    path = folder / f"inputs/{year}/住宅楼栋调查表.xlsx"
    frames = []
    for sheet, rows in workbook(path).items():
        column = rows[2].index("楼栋编号")
        body = [row for row in rows[3:] if row[column]]
        text = [[None if v is None else str(v) for v in row] for row in body]
        frame = pl.DataFrame(text, schema=dict.fromkeys(rows[2], pl.String), orient="row")
        frames.append(frame.with_columns(pl.lit(sheet).alias("街镇")))
    return pl.concat(frames)


def test_the_second_year_grew_out_of_the_first(sample):
    before, after = (buildings(sample, year) for year in YEARS)
    both = before.join(after, on="楼栋编号", suffix="_2026")
    assert both.height == before.height == after.height
    yes = ("是", "有", "√")
    had, has = both["楼梯扶手照明损坏"].is_in(yes), both["楼梯扶手照明损坏_2026"].is_in(yes)
    assert (had & ~has).sum() > 5  # some mended
    assert (~had & has).sum() > 0  # some new
    assert (had == has).mean() > 0.9  # most as before


def test_worn_old_towns_have_more_defects_than_new_ones(sample):
    frame = buildings(sample, 2025).with_columns(
        pl.col("燃气立管锈蚀").is_in(("是", "有", "√")).alias("bad"),
        pl.col("建成年份").str.to_integer(strict=False),
    )
    share = dict(frame.group_by("街镇").agg(pl.col("bad").mean()).iter_rows())
    year = dict(
        frame.filter(pl.col("建成年份") < 2027).group_by("街镇").agg(pl.col("建成年份").mean()).iter_rows()
    )
    assert share["望云街道"] > 3 * share["锦澜街道"]
    assert year["望云街道"] + 10 < year["锦澜街道"]


def test_a_merged_town_cell_stands_only_in_its_first_row(sample):
    rows = sheet_rows(sample / "inputs/2026/住宅楼栋调查表.xlsx", "望云街道")
    assert [row[1] for row in rows[3:6]] == ["望云街道", None, None]


def test_the_total_row_of_a_form_agrees_in_a_year_without_faults(sample):
    rows = sheet_rows(sample / "inputs/2025/区绿化市容局填报表.xlsx", "填报表")
    column = headers_of(rows, 2).index("公共厕所 总数")
    plain = [int(str(row[column]).strip().replace(",", "").translate(str.maketrans("０１２３４５６７８９，", "0123456789,")))
             for row in rows[5:11]]  # fmt: skip
    assert rows[10][1] == "合计"
    assert sum(plain[:-1]) == plain[-1]


# ---- encodings and systems of coordinates ---------------------------------------------------


def test_each_csv_is_in_the_encoding_its_office_uses(sample):
    flood = (sample / "inputs/2026/内涝积水点.csv").read_bytes()
    with pytest.raises(UnicodeDecodeError):
        flood.decode("utf-8")
    assert "是否严重易涝" in flood.decode("gb18030")
    assert (sample / "inputs/2026/区文化旅游局填报表.csv").read_bytes().startswith(b"\xef\xbb\xbf")


def test_bus_stops_are_hundreds_of_metres_off_until_converted(sample):
    features = json.loads((sample / "inputs/2026/公交站点_gcj02.geojson").read_text("utf-8"))["features"]
    gcj = np.array([f["geometry"]["coordinates"] for f in features])
    wgs = gcj.copy()
    for _ in range(6):
        wgs = wgs - (to_gcj02(wgs) - gcj)
    _, _, off = pyproj.Geod(ellps="WGS84").inv(*gcj.T, *wgs.T)
    assert 300 < np.median(off) < 900
    shapes, _, _ = layer(sample / "inputs/边界.gpkg", layer="边界")
    assert shapely.contains_xy(shapes[0], *wgs.T).all()
    assert not shapely.contains_xy(shapes[0], *gcj.T).all()


def test_gcj02_forward_formula_against_a_published_point():
    # Tiananmen, from the worked example widely printed with the formula: (116.404, 39.915) → (116.41024, 39.91640)
    assert to_gcj02(np.array([[116.404, 39.915]]))[0] == pytest.approx((116.410244, 39.916404), abs=2e-6)


def test_parks_are_a_gbk_shapefile_in_degrees_with_chinese_values(sample):
    shapes, columns, meta = layer(sample / "inputs/2026/公园绿地.shp")
    assert "4490" in str(meta["crs"]) or "China Geodetic" in str(meta["crs"])
    assert all(name.endswith("公园") for name in columns["MC"])
    assert shapely.is_valid(shapes).all()
    assert (sample / "inputs/2026/公园绿地.cpg").read_text() in ("GBK", "936", "CP936")


def test_roads_meet_at_shared_nodes_and_carry_their_class(sample):
    lines, columns, meta = layer(sample / "inputs/2026/城市道路.gpkg", layer="道路")
    assert meta["crs"] == "EPSG:4549"
    assert set(columns["DLDJ"]) == {"快速路", "主干路", "次干路", "支路"}
    ends = np.concatenate([shapely.get_coordinates(shapely.get_point(lines, k)) for k in (0, -1)])
    _, times = np.unique(ends.round(2), axis=0, return_counts=True)
    assert (times >= 3).sum() > (times == 1).sum()


# ---- reproducible ---------------------------------------------------------------------------


def test_the_same_seed_gives_the_same_bytes_even_over_an_older_sample(sample, tmp_path):
    generate(tmp_path, scale=SMALL, faults="none", seed=7)
    other = digests(tmp_path)
    generate(tmp_path, scale=SMALL)
    assert digests(tmp_path) == digests(sample)
    differing = {f for f, digest in other.items() if digest != digests(sample)[f]}
    assert {"单元名录.xlsx", "inputs/边界.gpkg", "inputs/2026/住宅楼栋调查表.xlsx"} <= differing


@pytest.mark.parametrize(("scale", "years"), [(0.0, YEARS), (1.5, YEARS), (0.1, ())])
def test_a_senseless_size_is_refused(tmp_path, scale, years):
    with pytest.raises(ValueError, match=r"scale|years"):
        generate(tmp_path / "x", scale=scale, years=years)
    assert not (tmp_path / "x").exists()


def test_progress_is_told_of_every_file(tmp_path):
    told = []
    generate(
        tmp_path,
        scale=0.05,
        years=(2026,),
        progress=lambda done, total, name: told.append((done, total, name)),
    )
    assert [done for done, _, _ in told] == list(range(1, told[0][1] + 1))
    assert all((tmp_path / name).is_file() for _, _, name in told)


# ---- the answer key -------------------------------------------------------------------------


@pytest.fixture(scope="module")
def faulty(tmp_path_factory):
    """A sample with every fault, and one with none."""
    folder = tmp_path_factory.mktemp("faulty")
    key = generate(folder / "with", scale=SMALL, faults="errors")
    generate(folder / "without", scale=SMALL, faults="none")
    return folder, key.frame()


def test_the_key_is_written_beside_the_sample(sample, faulty):
    folder, key = faulty
    written = pl.read_csv(folder / "with/answers.csv", schema=key.schema)
    assert written.with_columns(pl.col(pl.String).fill_null("")).equals(key)
    shipped = pl.read_csv(sample / "answers.csv")
    assert set(shipped["level"]) == {"warning"}
    assert shipped.height == key.filter(pl.col("level") == "warning").height


def test_only_the_files_named_in_the_key_differ_from_a_sample_without_faults(faulty):
    folder, key = faulty
    with_, without = digests(folder / "with"), digests(folder / "without")
    differing = {f for f in with_ if with_[f] != without[f]}
    files = {f for f in key["file"] if f.startswith("inputs/")}  # a fault of an indicator names the indicator
    assert differing == files | {"inputs/2026/区绿化市容局填报表.xlsx", "answers.csv"}


def read_cell(folder: Path, answer: dict):
    """What stands at a place of the key: the row of a sheet or of a CSV, by header."""
    path = folder / answer["file"]
    if path.suffix == ".csv":
        rows = csv_rows(path, "gb18030")
        return rows[answer["row"] - 1][rows[2].index(answer["column"])]
    rows = sheet_rows(path, answer["sheet"])
    depth = 2 if " " in answer["column"] or path.name.startswith("住宅小区") else 1
    return rows[answer["row"] - 1][headers_of(rows, depth).index(answer["column"])]


def test_the_cells_of_the_key_really_hold_the_faults(faulty):
    folder, key = faulty
    answers = key.filter(~pl.col("file").str.ends_with("居民满意度问卷.xlsx")).filter(
        pl.col("row").is_not_null() & (pl.col("column") != "") & ~pl.col("file").str.ends_with(".gpkg")
    )
    held = {
        (a["file"].rsplit("/", 1)[1], a["column"]): read_cell(folder / "with", a)
        for a in answers.iter_rows(named=True)
    }
    clean = {
        (a["file"].rsplit("/", 1)[1], a["column"]): read_cell(folder / "without", a)
        for a in answers.iter_rows(named=True)
    }
    assert all(held[k] != clean[k] for k in held)
    assert held["住宅小区调查表.xlsx", "户数"] == "约两百户"
    assert held["住宅楼栋调查表.xlsx", "建成年份"] == 2062
    assert held["内涝积水点.csv", "位置"].endswith("13800000000）")
    assert held["中小学名录.xlsx", "经度"] < 40  # a latitude


def test_a_batch_of_answers_is_pasted_in_twice_with_its_serial_numbers(sample):
    rows = sheet_rows(sample / "inputs/2026/居民满意度问卷.xlsx", "Sheet1")[3:]
    again = [i for i, row in enumerate(rows) if row in rows[:i]]
    assert again == list(range(len(rows) - 12, len(rows)))
    serial = [row[0] for row in rows]
    assert [i for i in range(1, len(serial)) if serial[i] <= serial[i - 1]] == again[:1]


def test_one_community_is_missing_from_the_welfare_form_of_the_latest_year(faulty):
    folder, _ = faulty
    counts = [
        len(sheet_rows(folder / kind / "inputs/2026/区民政局填报表.xlsx", "社区填报"))
        for kind in ("with", "without")
    ]
    assert counts[0] == counts[1] - 1


def test_the_declared_correction_finds_its_cell_in_every_year(sample):
    fix = tomllib.loads((sample / "corrections.toml").read_text("utf-8"))["correction"][0]
    for year in YEARS:
        frame = buildings(sample, year).filter(pl.col("楼栋编号") == fix["match"]["building_id"])
        assert frame["建成年份"].to_list() == [fix["expect"]]
    assert 1840 < int(fix["value"]) < 2026


def test_every_line_of_names_csv_is_used_in_every_year(sample):
    lines = list(csv.DictReader((sample / "names.csv").read_text("utf-8-sig").splitlines()))
    for year in YEARS:
        texts = []
        for path in sorted((sample / f"inputs/{year}").glob("*填报表.xlsx")):
            texts += [str(cell) for rows in workbook(path).values() for row in rows for cell in row]
        assert [line["写法"] for line in lines if line["写法"] not in texts] == []


# ---- read by the engine ---------------------------------------------------------------------


def read(folder, year=2026):
    """The sample as intake reads it, and what it finds."""
    project, findings = completed(folder)
    return gather(project.for_year(year), findings, lambda done, total, what: None), findings.frame()


def test_intake_finds_exactly_the_planted_faults(faulty):
    folder, key = faulty
    _, found = read(folder / "with")
    # faults told of an indicator come with measuring, that of too few answers with the check of the sample
    wanted = key.filter(~pl.col("file").str.starts_with("指标") & (pl.col("code") != "S007"))
    assert set(key["code"]) <= set(catalogue())
    assert sorted(map(str, found.select(key.columns).rows())) == sorted(map(str, wanted.rows()))


def test_the_name_meant_is_the_first_offered_for_a_misspelt_one(faulty):
    folder, _ = faulty
    _, found = read(folder / "with")
    row = found.filter(pl.col("code") == "N001", pl.col("column") == "社区").row(0, named=True)
    meant = row["value"].replace("邨", "")
    assert f"相近的有：{meant}" in row["message"]


@pytest.mark.parametrize("year", YEARS)
def test_a_sample_without_faults_is_read_without_a_finding(faulty, year):
    folder, _ = faulty
    gathered, found = read(folder / "without", year)
    assert found["message"].to_list() == []
    assert {name: e.unplaced for name, e in gathered.evidence.items() if e.unplaced} == {}


def test_intake_reads_every_value_as_it_was_generated(faulty):
    folder, _ = faulty
    gathered, _ = read(folder / "without")
    world = build_world(2026, SMALL)
    truth = evolve(world, build_housing(world, 2025), 2026)
    codes = world.communities["code"]
    for name, table, columns in (
        ("buildings", truth.buildings, ["built_year", "floors", "households", "elevator", "fibre", *DEFECTS]),
        (
            "estates",
            truth.estates,
            ["households", "population", "parking_needed", "activity_area", "chargers"],
        ),
    ):
        frame = gathered.evidence[name].frame
        both = frame.join(table, on=table.columns[0], suffix="_true")
        assert both.height == table.height == frame.height
        assert (both["unit"] == codes.gather(both["community"])).all()
        wrong = {c: int((both[c].cast(both[c + "_true"].dtype) != both[c + "_true"]).sum()) for c in columns}
        assert {c: n for c, n in wrong.items() if n} == {}
