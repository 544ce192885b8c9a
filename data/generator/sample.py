"""The whole sample project (演示项目), put together from what the modules beside this one make.

``generate`` writes a project folder: the project file, the units, the names, the corrections, the inputs of each
year, a note that all is 合成演示数据, and the answer key of the faults planted in the latest year.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Callable
from importlib import resources
from itertools import pairwise
from pathlib import Path

from . import books, land, layers, paths, projects, records, reported, survey
from .asked import ask
from .books import Office
from .faults import Answers, Faults, Files, plant
from .housing import Housing, build_housing, evolve
from .messy import Book, write_book
from .places import DISTRICT_NAME, LABEL
from .roads import Roads, build_roads
from .values import read_values, table_of
from .world import Array, World, build_world

Progress = Callable[[int, int, str], None]
README = f"""{DISTRICT_NAME}城市体检演示项目（{LABEL}）

本目录全部由程序生成：区、街镇、社区、人物和数字都是虚构的，与任何真实地区无关，不得用作真实依据。
相同的种子数生成完全相同的文件。部分文件里有意留了差错，位置见 answers.csv。

tijian.toml       项目文件
单元名录.xlsx      区、街镇、社区
names.csv         部门写法与代码的对照
corrections.toml  已声明的更正
inputs/           各部门报送的表格与图层，按年份分目录
answers.csv       有意留下的差错（仅最近一年）
"""
LAYERS: dict[str, frozenset[str]] = {  # layers with a look of their own: these items are made in layers.py
    "residences": frozenset({"population"}),
    "roads": frozenset({"road_id", "name", "class"}),
    "bus_stops": frozenset({"stop_id", "name"}),
    "parks": frozenset({"park_id", "name"}),
    "care_homes": frozenset({"care_id", "name", "beds"}),
}
MADE = (
    records.MADE | land.MADE | paths.MADE | LAYERS | {"greening": frozenset({"park_area"})}
)  # items without a row of values
NOT_THINGS: dict[str, Callable[[Office, str], Book | None]] = {
    "reported": reported.reported_book,
    "survey": survey.survey_book,
    "tickets": survey.tickets_book,
    "layer": lambda office, name: None,
}
WRONG_YEAR = "19885"  # a slip of the keyboard, mended in corrections.toml


def generate(
    folder: Path,
    *,
    seed: int = 2026,
    scale: float = 1.0,
    years: tuple[int, ...] = (2025, 2026),
    faults: Faults = "warnings",
    progress: Progress | None = None,
) -> Answers:
    """Write the sample project into ``folder`` (made if absent) and return the key of its planted faults.

    ``scale`` 1 is 17 towns, 300 communities, some 20,000 buildings; 0.1 is five towns and 30 communities.
    ``progress(done, total, name)`` is told of every file. The same arguments give the same bytes. Raises
    ValueError for a scale outside (0, 1], when no year is given, or when the tables of values do not fit the forms.
    """
    if not 0 < scale <= 1:
        raise ValueError(f"scale must be in (0, 1], not {scale}")
    if not years:
        raise ValueError("years must name at least one year")
    years = tuple(sorted(years))
    asked = ask()
    values = table_of(read_values(), asked, MADE)
    world = build_world(seed, scale)
    stock = _stock(world, years)
    roads = build_roads(world)
    offices = [Office(world, asked, values, year, years[0]) for year in years]
    bundles = [_year(office, stock[office.year], roads) for office in offices]
    boundaries, homes = layers.boundaries_layer(world), layers.residences_layer(world, stock[years[0]])
    bundles[-1].layers |= {
        "boundaries": boundaries,
        "residences": land.completed(offices[-1], "residences", homes),
    }
    correction = next(iter([_slip(bundle.books["buildings"]) for bundle in bundles]))
    answers = plant(world, bundles[-1], faults)
    folder.mkdir(parents=True, exist_ok=True)
    _write_text(folder, world, answers, correction)
    _write(folder, [Files({"units": books.units_book(world)}, {}), *bundles], progress)
    return answers


def _stock(world: World, years: tuple[int, ...]) -> dict[int, Housing]:
    """The housing of each year, each grown out of the year before."""
    stock = {years[0]: build_housing(world, years[0])}
    for before, year in pairwise(years):
        stock[year] = evolve(world, stock[before], year)
    return stock


def _year(office: Office, housing: Housing, roads: Roads) -> Files:
    """Every file of one year, before faults."""
    maps, park_area = _maps(office, roads)
    sheets = {name: book for name in office.asked.inputs if (book := _book(office, name, housing, park_area))}
    for name in office.asked.inputs:
        if name in paths.MADE:
            maps[name] = paths.walk_network_layer(office, housing, roads, maps)
        elif name in land.SPECIAL:
            maps[name] = land.land_layer(office, name, housing, roads)
        elif office.asked.forms[name].kind == "layer" and name not in LAYERS:
            maps[name] = land.points_layer(office, name, records.things_from_rows(office, name))
    _write_names_oddly(office, sheets)
    sheets["projects"] = projects.projects_book(office.world, office.year)
    return Files(sheets, maps)


def _maps(office: Office, roads: Roads) -> tuple[dict[str, layers.Layer], Array]:
    """The layers with a look of their own, and ㎡ of park in each town."""
    world, year, first = office.world, office.year, office.first
    parks, park_area = layers.parks_layer(world, year, first)
    maps = {
        "parks": parks,
        "roads": layers.roads_layer(roads, year),
        "bus_stops": layers.bus_stops_layer(world, roads, year, first),
        "care_homes": layers.care_homes_layer(world, year, first),
    }
    return {name: land.completed(office, name, layer) for name, layer in maps.items()}, park_area


def _book(office: Office, name: str, housing: Housing, park_area: Array) -> Book | None:
    """The table of an input; None for a layer."""
    kind, world = office.asked.forms[name].kind, office.world
    if kind == "figures":
        return books.figures_book(
            office, name, {"park_area": park_area.round(-2)} if name == "greening" else {}
        )
    if kind in NOT_THINGS:
        return NOT_THINGS[kind](office, name)
    if name == "buildings":
        return books.town_sheets_book(office, name, records.buildings(world, housing))
    if name == "estates":
        return books.things_book(office, name, records.estates(world, housing))
    if name in records.SPECIAL:
        return books.things_book(office, name, records.SPECIAL[name](world, office.year, office.first))
    return books.things_book(office, name, records.things_from_rows(office, name))


def _aliases(world: World) -> list[tuple[str, str, str]]:
    """names.csv: ways of writing that no rule can fold (写法, 代码, 说明)."""
    first, second = world.town_codes[0], world.town_codes[1]
    return [
        ("云湖老城", first, "区建设管理委沿用的旧称"),
        ("澜城管委会", second, "区经委按开发区管委会报送"),
    ]


def _write_names_oddly(office: Office, written: dict[str, Book]) -> None:
    """Let two offices use their own names for a town, every year."""
    world = office.world
    for name, place in (("utilities", 0), ("economy", 1)):
        sheet = written[name].sheet
        column = sheet.column(office.asked.inputs[name].unit or "")
        for row in sheet.rows:
            if row[column] == world.towns[place].name:
                row[column] = _aliases(world)[place][0]


def _slip(book: Book) -> str:
    """Put one slip into a year's buildings, the same every year, and return the correction that mends it."""
    sheet = book.sheet
    row = sheet.rows[3]
    right = row[sheet.column("建成年份")]
    row[sheet.column("建成年份")] = WRONG_YEAR
    return f"""# 已声明的更正（{LABEL}）：原表改正后，对应的一条应删去，否则运行会停下来提醒。

[[correction]]
input = "buildings"
file = "住宅楼栋调查表.xlsx"
match = {{ building_id = "{row[sheet.column("楼栋编号")]}" }}
column = "built_year"
expect = "{WRONG_YEAR}"
value = "{right}"
reason = "多打了一个数字，各年的表照抄至今，已与房屋权属登记核对"
by = "区住房保障房屋管理局"
date = 2026-05-20
"""


def _write_text(folder: Path, world: World, answers: Answers, correction: str) -> None:
    """The project file, the note, names, corrections and the answer key."""
    project = resources.files("tijian.data").joinpath("sample/tijian.toml").read_bytes()
    (folder / "tijian.toml").write_bytes(project)
    (folder / "README.txt").write_text(README, encoding="utf-8")
    (folder / "corrections.toml").write_text(correction, encoding="utf-8")
    names = io.StringIO()
    csv.writer(names, lineterminator="\n").writerows([("写法", "代码", "说明"), *_aliases(world)])
    (folder / "names.csv").write_text(names.getvalue(), encoding="utf-8-sig")
    answers.frame().write_csv(folder / "answers.csv")


def _write(folder: Path, bundles: list[Files], progress: Progress | None) -> None:
    """Write every book and layer, telling ``progress`` after each."""
    books = [book for bundle in bundles for book in bundle.books.values()]
    maps = [layer for bundle in bundles for layer in bundle.layers.values()]
    total = len(books) + len(maps)
    for done, book in enumerate(books, 1):
        write_book(folder, book)
        if progress:
            progress(done, total, book.path)
    for done, layer in enumerate(maps, len(books) + 1):
        layers.write_layer(folder, layer)
        if progress:
            progress(done, total, layer.path)
