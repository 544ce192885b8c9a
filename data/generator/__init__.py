"""The sample project's generator (演示项目): an invented district, seeded, as departments would send it.

``generate`` writes a whole project folder: the project file, the units, the names, the corrections, the
inputs of each year, a note that all is 合成演示数据, and the answer key of the faults planted in the latest
year.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Callable
from importlib import resources
from itertools import pairwise
from pathlib import Path

from . import forms, layers, records, survey
from .faults import Answer, Answers, Faults, Files, plant
from .housing import Housing, build_housing, evolve
from .messy import Book, write_book
from .places import DISTRICT_NAME, LABEL
from .roads import Roads, build_roads
from .world import World, build_world

__all__ = ["Answer", "Answers", "generate"]

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
    ValueError for a scale outside (0, 1] or when no year is given.
    """
    if not 0 < scale <= 1:
        raise ValueError(f"scale must be in (0, 1], not {scale}")
    if not years:
        raise ValueError("years must name at least one year")
    years = tuple(sorted(years))
    world = build_world(seed, scale)
    stock = _stock(world, years)
    roads = build_roads(world)
    bundles = [_year(world, stock[year], roads, years[0]) for year in years]
    boundaries, homes = layers.boundaries_layer(world), layers.residences_layer(world, stock[years[0]])
    bundles[-1].layers |= {"boundaries": boundaries, "residences": homes}
    correction = next(iter([_slip(bundle.books["buildings"]) for bundle in bundles]))
    answers = plant(world, bundles[-1], faults)
    folder.mkdir(parents=True, exist_ok=True)
    _write_text(folder, world, answers, correction)
    _write(folder, [Files({"units": forms.units_book(world)}, {}), *bundles], progress)
    return answers


def _stock(world: World, years: tuple[int, ...]) -> dict[int, Housing]:
    """The housing of each year, each grown out of the year before."""
    stock = {years[0]: build_housing(world, years[0])}
    for before, year in pairwise(years):
        stock[year] = evolve(world, stock[before], year)
    return stock


def _year(world: World, housing: Housing, roads: Roads, first: int) -> Files:
    """Every file of one year, before faults."""
    year = housing.year
    parks, park_area = layers.parks_layer(world, year, first)
    books = {
        "buildings": records.buildings_book(world, housing),
        "estates": records.estates_book(world, housing),
        "flood_points": records.flood_book(world, year, first),
        "bridges": records.bridges_book(world, year, first),
        "schools": records.schools_book(world, year),
        "clinics": records.clinics_book(world, year, first),
        "greening": forms.greening_book(world, year, first, park_area),
        "utilities": forms.utilities_book(world, year, first),
        "culture": forms.culture_book(world, year, first),
        "economy": forms.economy_book(world, year, first),
        "welfare": forms.welfare_book(world, year, first),
        "buses": forms.buses_book(world, year, first),
        "statistics": forms.statistics_book(world, year, first),
        "residents": survey.survey_book(world, year, first),
        "tickets": survey.tickets_book(world, year, first),
    }
    _write_names_oddly(world, books)
    maps = {
        "parks": parks,
        "roads": layers.roads_layer(roads, year),
        "bus_stops": layers.bus_stops_layer(world, roads, year, first),
        "care_homes": layers.care_homes_layer(world, year, first),
    }
    return Files(books, maps)


def _aliases(world: World) -> list[tuple[str, str, str]]:
    """names.csv: ways of writing that no rule can fold (写法, 代码, 说明)."""
    first, second = world.town_codes[0], world.town_codes[1]
    return [
        ("云湖老城", first, "区建设管理委沿用的旧称"),
        ("澜城管委会", second, "区经委按开发区管委会报送"),
    ]


def _write_names_oddly(world: World, books: dict[str, Book]) -> None:
    """Let two offices use their own names for a town, every year."""
    for name, header, place in (("utilities", "街镇名称", 0), ("economy", "街镇", 1)):
        sheet = books[name].sheet
        column = sheet.column(header)
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
