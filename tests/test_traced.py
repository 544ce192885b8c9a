"""The rows behind a figure: which rows of which sheet `tijian explain` names, and what it says of corrections and of changed files."""

import re
from pathlib import Path

import polars as pl
import pytest
from tijian.engine.findings import Findings
from tijian.engine.intake.sheets.grid import as_text, read_grids
from tijian.engine.intake.traced import Traced, rows_behind
from tijian.engine.results import Results
from tijian.engine.settings.project import Project, load_project
from tijian.engine.storage.store import read_results
from tijian.reports.terminal.traced import traced_lines

from .cli_project import YEAR, copy_of, finished_sample, told

DISTRICT, COMMUNITY = "990117", "990117001001"
CORRECTED = "ST-07"  # by the years buildings were built in, one of which corrections.toml mends


@pytest.fixture(scope="module")
def sample(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return finished_sample(tmp_path_factory)


def opened(folder: Path) -> tuple[Project, Results]:
    project = load_project(folder, Findings())
    assert project is not None
    return project, read_results(project.store_path, YEAR)


@pytest.fixture(scope="module")
def year(sample: Path) -> tuple[Project, Results]:
    return opened(sample)


def behind(year: tuple[Project, Results], unit: str, indicator: str) -> Traced:
    """What stands behind a figure of one input."""
    (found,) = rows_behind(*year, unit, indicator).values()
    return found


def measured(results: Results, unit: str, indicator: str) -> dict[str, float]:
    rows = results.measurements.filter(pl.col("unit") == unit, pl.col("indicator") == indicator)
    return rows.row(0, named=True)


def explained(folder: Path, unit: str, indicator: str) -> str:
    """What `tijian explain` says, without the lines of its tree and where they are broken."""
    return "".join(
        told("explain", unit, indicator, "-p", folder, "--year", YEAR, columns=400).split()
    ).replace("│", "")


def test_a_figure_of_one_row_is_told_with_its_sheet_row_and_cells_as_they_stand_in_the_file(
    year: tuple[Project, Results], sample: Path
) -> None:
    found = behind(year, COMMUNITY, "ST-13")
    (one,) = found.first
    file, sheet, row = one.place
    path = sample / file
    (grid,) = read_grids(path, Findings(), shown_as=file, sheet=sheet)
    stands = [as_text(cell) for cell in grid.rows[row - 1]]
    assert one.cells
    assert all(text in stands for _, text in one.cells)
    text = explained(sample, COMMUNITY, "ST-13")
    assert f"依据行：工作表“{sheet}”第{row}行" in text
    assert (
        f"第{row}行原文：" + "，".join(f"{header}：{cell}" for header, cell in one.cells).replace(" ", "")
        in text
    )


def test_a_figure_that_was_added_up_is_told_with_the_rows_it_was_added_up_from(
    year: tuple[Project, Results],
) -> None:
    results = year[1]
    found = behind(year, DISTRICT, "ST-02")  # towns state it, the district is their sum
    towns = results.units.filter(pl.col("level") == "town")
    assert found.rows.height == towns.height == measured(results, DISTRICT, "ST-02")["rows"]
    assert len(found.first) == 3


@pytest.mark.parametrize("indicator", ["JK-10", "JK-24", "ST-01", "AQ-02"])
@pytest.mark.parametrize("unit", [DISTRICT, COMMUNITY])
def test_as_many_rows_are_named_as_the_value_was_made_from(
    year: tuple[Project, Results], indicator: str, unit: str
) -> None:
    values = year[1].measurements.filter(pl.col("unit") == unit, pl.col("indicator") == indicator)
    if values.is_empty():
        assert rows_behind(*year, unit, indicator) == {}  # the district alone has it
        return
    assert behind(year, unit, indicator).rows.height == values["rows"][0]


def test_a_correction_that_changed_a_row_of_the_figure_is_told_with_its_reason(sample: Path) -> None:
    text = explained(sample, COMMUNITY, CORRECTED)
    assert "更正（corrections.toml第1条）" in text
    assert "“建成年份”由“19885”改为“1987”。理由：多打了一个数字" in text
    assert "更正（" not in explained(sample, COMMUNITY, "AQ-02")  # reads the same rows, not that column
    assert "更正（" not in explained(sample, "990117001002", CORRECTED)  # the row lies in another community


def test_of_many_sheets_and_broken_runs_of_rows_the_first_are_named_and_the_rest_counted() -> None:
    places = [("表.xlsx", f"街镇{sheet}", row) for sheet in range(10) for row in range(2, 16, 2)]
    rows = pl.DataFrame(places, schema=("_file", "_sheet", "_row"), orient="row")
    lines = traced_lines(Traced(rows=rows, inside=100, header="社区"), "表.xlsx")
    assert lines[0] == "依据行：工作表“街镇0”第 2、4、6、8、10 等，共 7 行"
    assert lines[8:] == [
        "…另有 2 张工作表，共 14 行；本单元共 100 行，其余不合计算条件或没有数",
        "查全部：在表中按“社区”一列筛选本单元及其下级",
    ]


def test_facilities_outside_the_unit_are_said_to_serve_it_too(sample: Path) -> None:
    text = explained(sample, COMMUNITY, "JK-03")
    assert re.search("居住人口.gpkg.*依据行：图层“居住人口”第[^）]*个要素，共12个要素", text)
    assert "本单元内没有，服务到这里的在单元之外" in text or "单元之外的也可能服务到这里" in text


def test_of_a_file_changed_since_the_run_no_rows_are_told_but_that_it_changed(
    sample: Path, tmp_path: Path
) -> None:
    folder = copy_of(sample, tmp_path)
    project, results = opened(folder)
    (file,) = {row.place[0] for row in behind((project, results), COMMUNITY, "ST-13").first}
    (folder / file).write_bytes((folder / file).read_bytes() + b"\0")
    text = explained(folder, COMMUNITY, "ST-13")
    assert f"依据行：{file}运行以后改过或移走了" in text
    assert "原文：" not in text
    (folder / file).unlink()
    assert f"依据行：{file}运行以后改过或移走了" in explained(folder, COMMUNITY, "ST-13")
    (folder / "corrections.toml").unlink()
    assert "依据行：corrections.toml运行以后改过或移走了" in explained(folder, COMMUNITY, CORRECTED)
