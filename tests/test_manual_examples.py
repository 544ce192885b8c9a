"""The examples of 指标编写 come to what the chapter says, measured from files by a real run.

Units, data, definitions and results stand in the chapter and nowhere else: the tables are written to files as departments
would send them, the TOML goes into a project as it stands.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np
import polars as pl
import pyogrio
import pytest
import shapely
from tijian.engine.findings import Findings, catalogue
from tijian.engine.run import run
from tijian.engine.settings.project import load_project
from tijian.indicators.faults import MEASURES
from tijian.indicators.loader import Library, load_indicators

from .manual_page import Page, Row, Shown, as_printed, project_of, read_page, sheet, sums_worked_out, title_of

CRS, ORIGIN = "EPSG:4549", np.array([500_000.0, 3_450_000.0])  # where the chapter's origin is put
EXTENT = {
    "310199": (0, 4000), "310199001": (0, 2000), "310199002": (2000, 4000),
    "310199001001": (0, 1000), "310199001002": (1000, 2000), "310199002001": (2000, 4000),
}  # unit → from where to where, west to east  # fmt: skip
NATIONAL = ("national-2025", "national-2022")
BOUNDARIES = """
[[units.boundaries]]
file = "边界.gpkg"
code = "代码"
"""
SYSTEM = """
builds_on = ["forms"]
dimensions = ["生态宜居", "健康舒适", "安全韧性", "交通便捷", "风貌特色", "整洁有序", "多元包容", "创新活力"]
"""
COLUMNS = {"分子": "numerator", "分母": "denominator", "值": "value", "比较值": "compared"}
PAGE = read_page("04-indicators.md")
DEFINITIONS = [block for block in PAGE.blocks if block.has("indicator")]
RESULTS = [table for table in PAGE.tables if "算得" in table.introduced]


def layer(path: Path, shapes: list[shapely.Geometry], **columns: list[str] | list[float]) -> None:
    moved = shapely.transform(np.array(shapes, dtype=object), lambda xy: xy + ORIGIN)
    pyogrio.raw.write(
        path, shapely.to_wkb(moved), [np.array(c, dtype=float if not isinstance(c[0], str) else object) for c in columns.values()],
        list(columns), geometry_type=shapes[0].geom_type, crs=CRS, driver="GPKG",
    )  # fmt: skip


def drawn(row: Row) -> shapely.Geometry:
    """A point from X and Y, a line from 走向."""
    if "走向" in row:
        return shapely.LineString([tuple(map(float, xy.split(","))) for xy in row["走向"].split("→")])
    return shapely.Point(float(row["X"]), float(row["Y"]))


def send(folder: Path, table: Shown) -> None:
    """One table of the chapter as the file that a department would send."""
    title = title_of(table)
    if not {"X", "走向"} & set(table.rows[0]):
        sheet(folder / f"{title}.xlsx", table.rows)
        return
    names = [name for name in table.rows[0] if name not in ("X", "Y", "走向")]
    columns = {name: [float(r[name]) if r[name].isdigit() else r[name] for r in table.rows] for name in names}
    layer(folder / f"{title}.gpkg", [drawn(row) for row in table.rows], **columns)


def example_project(folder: Path, page: Page) -> Path:
    """The chapter's district with everything in it: units, boundaries, definitions and what was sent in."""
    sent = project_of(page, folder, SYSTEM)
    with (folder / "tijian.toml").open("a", encoding="utf-8") as file:
        file.write(BOUNDARIES)
    layer(folder / "边界.gpkg", [shapely.box(a, 0, b, 1000) for a, b in EXTENT.values()], 代码=list(EXTENT))
    for table in page.tables:
        if "收回如下" in table.introduced:
            send(sent, table)
    return folder


@pytest.fixture(scope="module")
def measured(tmp_path_factory: pytest.TempPathFactory) -> pl.DataFrame:
    """What a run makes of the chapter: its measurements, with the units' names.

    All that is told is of a canteen beyond the border and of a survey too small to be one.
    """
    findings = Findings()
    project = load_project(example_project(tmp_path_factory.mktemp("示例"), PAGE), findings)
    assert project is not None, [f.message for f in findings]
    state = run(project, until="measure", progress=lambda *_: None)
    told = {(f.code, f.level) for f in state.findings}
    assert {code for code, level in told if level == "error" or code[0] not in "GS"} == set(), told
    names = state.gathered.units.select("name", unit="code")
    return state.frames["measurements"].join(names, on="unit")


@pytest.mark.parametrize("table", RESULTS, ids=lambda table: table.introduced.split()[0])
def test_an_example_comes_out_as_worked_by_hand(table: Shown, measured: pl.DataFrame) -> None:
    own = measured.filter(indicator=table.introduced.split()[0])
    found = {row["name"]: row for row in own.iter_rows(named=True)}
    assert found.keys() == {row["单元"] for row in table.rows}, (
        "the chapter names every unit that has a value"
    )
    wrong = [
        (row["单元"], header, row[header], found[row["单元"]][column])
        for row in table.rows
        for header, column in COLUMNS.items()
        if header in row and not as_printed(row[header], found[row["单元"]][column])
    ]
    assert wrong == []


def test_every_method_has_an_example_with_its_result() -> None:
    shown = {i["code"]: i["measure"]["method"] for block in DEFINITIONS for i in block.says["indicator"]}
    assert set(shown.values()) == set(MEASURES)
    assert {table.introduced.split()[0] for table in RESULTS} == set(shown)


def library(folder: Path, sets: tuple[str, ...]) -> Library:
    findings = Findings()
    loaded = load_indicators(sets, folder, findings)
    assert [str(f.message) for f in findings] == []
    return loaded


def test_the_definitions_may_also_lie_loose_over_the_national_sets(tmp_path: Path) -> None:
    """As the chapter tells an analyst to put them: into the project's `indicators/`, beside the sets in force."""
    (tmp_path / "indicators").mkdir()
    for number, block in enumerate(DEFINITIONS):
        (tmp_path / "indicators" / f"{number:02}.toml").write_text(block.text, encoding="utf-8")
    codes = {i.code for i in library(tmp_path, NATIONAL).indicators}
    assert {f"BQ-{number:02}" for number in range(1, 12)} <= codes


def test_the_changes_take_hold_and_no_block_is_left_untried(tmp_path: Path) -> None:
    own = tmp_path / "indicators" / "songjiang-own"
    own.mkdir(parents=True)
    changes = [block for block in PAGE.blocks if block.has("override", "disable")]
    system = [block for block in PAGE.blocks if block.has("source")]
    borrowed = [block for block in PAGE.blocks if block.has("borrow")]
    inputs = [block for block in PAGE.blocks if block.has("inputs")]
    assert len(changes) + len(DEFINITIONS) + len(system) + len(borrowed) + len(inputs) == len(PAGE.blocks)
    for number, block in enumerate([*DEFINITIONS, *borrowed]):
        (own / f"{number:02}.toml").write_text(block.text, encoding="utf-8")
    for block in system:
        (own / "system.toml").write_text(block.text, encoding="utf-8")
    for number, block in enumerate(changes):
        (tmp_path / "indicators" / f"{number:02}.toml").write_text(block.text, encoding="utf-8")

    found = library(tmp_path, (*NATIONAL, "songjiang-own"))
    assert found.get("SJ-01") is not None
    assert found.get("JT-08") is None
    assert found.get("BQ-03").measure.radius_m == 500
    assert found.get("JK-11").parameter[0].value == 500
    assert [found.get("BQ-08").standard_in(year).target for year in (2025, 2026)] == [1.0, 1.2]
    assert found.get("JT-03").standard_in(2026).target == 95


def test_the_common_faults_are_called_what_the_program_calls_them() -> None:
    rows = next(table.rows for table in PAGE.tables if table.heading == "常见错误")
    for row in rows:
        code, _, title = row["看到"].partition(" ")
        assert ("（提醒）" in title) == (catalogue()[code].level == "warning"), code


@pytest.mark.parametrize(("page", "at_least"), [("04-indicators.md", 5), ("05-scoring.md", 40)])
def test_what_is_reckoned_in_the_words_comes_out(page: str, at_least: int) -> None:
    sums = sums_worked_out(page)
    assert len(sums) > at_least
    assert [one for one in sums if not as_printed(one[2], one[1])] == []
