"""Two years, from the command line: the first is run, its lists go out and come back, the next begins from its folder.

A real project of six buildings: in 2025 the first and the fourth have cracks, in 2026 the fourth still and the fifth
anew. What the departments claim is something else. The district's own indicator of early buildings means another thing in
2026 than it did in 2025.
"""

from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import NamedTuple

import openpyxl
import polars as pl
import pytest
from openpyxl.worksheet.worksheet import Worksheet
from tijian.engine.findings import Findings
from tijian.engine.storage import store
from tijian.indicators.forms import needed_items
from tijian.indicators.loader import load_indicators
from tijian.reports.content.review import review_section
from tijian.reports.view import View

from .cli_project import NAMES, call, set_up, told, write_form
from .office import converted

LIST, HEADER = "整治建议清单", 3  # sheet, row of its header
CRACKS = {2025: (1, 4), 2026: (4, 5)}
EARLY = "built_year < 1983"  # B-1 and B-2
OWN = f"""[[indicator]]
code = "BQ-01"
name = "早年建成的住宅数量"
dimension = "安全韧性"
aspect = "房屋安全"
scale = "住房"
unit = "栋"
decimals = 0
direction = "lower"
kind = "baseline"
treatment = "effort"
definition = "本区早年建成的住宅楼栋数。"
formula = "早年建成的住宅栋数"
lead = ["区住房保障房屋管理局"]
remedy = "请{{unit}}逐栋排查{{value}}。"

  [indicator.measure]
  method = "count"
  of = "buildings"
  key = "building_id"

  [[indicator.measure.rule]]
  id = "early"
  when = "{EARLY}"
  says = "早年建成"
"""


def form_of(folder: Path, year: int) -> None:
    """The one form that comes back in a year, put where the project looks for it."""
    library = load_indicators(("national-2025", "national-2022"), folder, Findings())
    items = needed_items(library.forms["buildings"], library.indicators)
    write_form(folder / "inputs" / str(year) / "住宅楼栋调查表.xlsx", items, NAMES, CRACKS[year])


def edited(path: Path, old: str, new: str) -> None:
    text = path.read_text(encoding="utf-8")
    assert old in text
    path.write_text(text.replace(old, new), encoding="utf-8")


@pytest.fixture(scope="module")
def sent(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A project whose year 2025 was run and whose lists went out."""
    folder = tmp_path_factory.mktemp("two") / "试验区-2025"
    told("init", folder)
    set_up(folder)
    edited(folder / "tijian.toml", "year = 2026", "year = 2025")
    (folder / "indicators" / "本区.toml").write_text(OWN, encoding="utf-8")
    form_of(folder, 2025)
    told("run", "-q", "-p", folder)
    told("lists", "-q", "-p", folder)
    return folder


def columns(sheet: Worksheet) -> dict[str, int]:
    return {str(cell.value): cell.column for cell in sheet[HEADER]}


def filled(book: Path, to: Path, say: Callable[[str], dict[str, object]]) -> None:
    """The workbook as a department sends it back: ``say`` tells by the id what is written into a row."""
    workbook = openpyxl.load_workbook(book)
    sheet = workbook[LIST]
    at = columns(sheet)
    for row in range(HEADER + 1, sheet.max_row + 1):
        for label, value in say(str(sheet.cell(row, at["编号"]).value)).items():
            sheet.cell(row, at[label]).value = value
    workbook.save(to)


def workbooks(folder: Path) -> list[Path]:
    return sorted((folder / "out" / "2025" / "部门").glob("*_一表三清单_2025.xlsx"))


def cracks_id(folder: Path, unit: str) -> str:
    """The id of the remedy of cracked buildings in a unit, by the ledger's own words."""
    ledger = store.read_frame(folder / "results.duckdb", "ledger", 2025)
    code = ledger.filter(pl.col("thing") == "B-1", pl.col("says").str.contains("开裂"))["indicator"][0]
    return f"{unit}-{code}-Z"


class Closed(NamedTuple):
    """The next year's folder after its run, last year's, and what ``track`` and ``check`` said before it."""

    folder: Path
    before: Path
    tracked: str
    checked: str


@pytest.fixture(scope="module")
def closed(sent: Path, tmp_path_factory: pytest.TempPathFactory) -> Closed:
    """The workbooks come back, 2026 begins from the folder of 2025, its form comes in, and it is checked and run."""
    back = tmp_path_factory.mktemp("back")
    (first, *_) = workbooks(sent)
    done = {"状态": "已整改", "完成情况": "裂缝已加固", "佐证": "验收单1号", "完成日期": date(2026, 5, 20)}
    mine = {cracks_id(sent, "310199001001"), cracks_id(sent, "310199002001")}
    filled(first, back / "改了名 的表.xlsx", lambda key: done if key in mine else {"状态": "整改中"})
    returned = back / "改了名 的表.xlsx"
    resaved = converted([returned], tmp_path_factory.mktemp("resaved"), "xlsx")[returned.name]
    returned.unlink()
    (back / "再存 一遍.xlsx").write_bytes(resaved.read_bytes())
    tracked = told("track", back, "-p", sent, columns=160)
    folder = sent.parent / "试验区-2026"
    told("init", folder, "--from", sent)
    edited(folder / "indicators" / "本区.toml", EARLY, "built_year < 1984")
    form_of(folder, 2026)
    checked = told("check", "-q", "-p", folder, columns=160)
    told("run", "-q", "-p", folder)
    return Closed(folder, sent, tracked, checked)


def reviews(folder: Path) -> dict[str, dict]:
    rows = store.read_frame(folder / "results.duckdb", "reviews", 2026).to_dicts()
    return {row["id"]: row for row in rows}


def test_what_came_back_is_told_by_department_and_kept_when_the_year_is_run_again(closed) -> None:
    folder, said = closed.before, closed.tracked
    back = store.read_frame(folder / "results.duckdb", "returned", 2025)
    mended = back.filter(pl.col("status") == "已整改")
    assert mended["id"].to_list() == [cracks_id(folder, "310199001001"), cracks_id(folder, "310199002001")]
    assert mended["done_date"].to_list() == [date(2026, 5, 20)] * 2
    assert mended["evidence"].to_list() == ["验收单1号"] * 2
    assert f"答复 {back.height} 条" in said
    assert "没有重新计算" in told("run", "-q", "-p", folder, "--year", 2025), (
        "its own answers change no result"
    )
    (folder / "备注.txt").write_text("收齐了", encoding="utf-8")
    again = told("run", "-q", "-p", folder, "--year", 2025, columns=160)
    assert "自上次运行后变化：项目里的文件（新增 备注.txt）。重新计算。" in again
    assert store.read_frame(folder / "results.duckdb", "returned", 2025).equals(back)


def test_the_measured_value_judges_every_row_over_what_was_claimed(closed) -> None:
    folder = closed.folder
    found = {key.removesuffix("-Z"): row for key, row in reviews(folder).items()}
    code = cracks_id(folder, "").removeprefix("-").removesuffix("-Z")
    first, third, fourth = (found[f"31019900{n}-{code}"] for n in ("1001", "2001", "2002"))
    assert (first["outcome"], first["claimed"], first["disputed"]) == ("已整改", "已整改", False)
    assert first["because"] == "上年1栋，今年0栋，原有1栋，已整改1栋"
    assert (third["outcome"], third["claimed"], third["disputed"]) == ("未整改", "已整改", True)
    assert third["because"].startswith("上年1栋，今年1栋，原有1栋，仍有1栋")
    assert third["because"].endswith("牵头单位报已整改，实测不符")
    assert (fourth["outcome"], fourth["value_then"]) == ("新增", None)
    whole = found[f"310199-{code}"]
    assert whole["outcome"] == "部分整改"
    assert whole["because"].startswith("上年2栋，今年2栋，原有2栋，已整改1栋，仍有1栋，新增1栋")


def test_what_is_left_over_rises_and_says_so(closed) -> None:
    folder = closed.folder
    code = cracks_id(folder, "").removeprefix("-").removesuffix("-Z")
    path = folder / "results.duckdb"
    listed = {row["id"]: row for row in store.read_frame(path, "problem_list", 2026).to_dicts()}
    old, new = listed[f"310199002001-{code}"], listed[f"310199002002-{code}"]
    assert (old["since"], old["outcome"]) == (2025, "未整改")
    assert (new["since"], new["outcome"]) == (2026, "新增")
    short = store.read_frame(path, "shortfalls", 2026).filter(indicator=code, unit="310199002001")
    assert old["priority"] == pytest.approx(min(1.0, short["priority"][0] + 0.1))
    assert "2025年起连续列入，优先级提高0.1" in old["because"]
    remedy = store.read_frame(path, "remedy_list", 2026).filter(problem_id=old["id"])
    assert remedy["priority"].to_list() == [old["priority"]]
    first = store.read_frame(path, "problem_list", 2025)
    assert set(first["since"]) == {2025}
    assert first["outcome"].null_count() == first.height


def test_the_rate_counts_nothing_twice_and_keeps_the_treatments_apart(closed) -> None:
    folder = closed.folder
    rows = store.read_frame(folder / "results.duckdb", "completion", 2026)
    whole = {
        r["treatment"]: r
        for r in rows.filter(unit="310199").filter(pl.col("department").is_null()).to_dicts()
    }
    found = [r for r in reviews(folder).values() if r["counted"]]
    assert whole["合计"]["listed"] == len(found)
    assert sum(whole[t]["listed"] for t in whole if t != "合计") == len(found)
    assert len({(r["town"], r["unit"], r["indicator"]) for r in found}) == len(found)
    code = cracks_id(folder, "").removeprefix("-").removesuffix("-Z")
    of_cracks = [r for r in found if r["indicator"] == code]
    assert {r["unit"] for r in of_cracks} == {"310199001001", "310199002001"}, (
        "neither the district's nor the towns'"
    )
    towns = rows.filter(level="town", treatment="合计")
    assert towns["listed"].sum() == sum(1 for r in found if r["town"])
    for row in rows.to_dicts():
        judged = row["listed"] - row["unclear"]
        assert row["rate"] == (pytest.approx(row["in_time"] / judged) if judged else None)


def test_track_without_a_folder_shows_the_state_and_the_reminder_names_the_late(closed) -> None:
    folder = closed.folder
    said = told("track", "-p", folder, columns=160)
    assert "2025年列入清单的问题" in said
    assert "牵头单位报已整改、实测仍有问题的" in said.replace("\n", "")
    assert "问题整治完成率" in "".join(store.read_results(folder / "results.duckdb").method_notes)


def test_the_register_of_last_years_tasks_goes_out_filled_in_with_each_problem_once(closed) -> None:
    folder = closed.folder
    told("forms", "-q", "-p", folder, "--year", 2026)
    (path,) = (folder / "out" / "2026").rglob("上年度整治任务台账.xlsx")
    sheet = openpyxl.load_workbook(path).worksheets[0]
    rows = [[cell.value for cell in row] for row in sheet.iter_rows()]
    top = next(i for i, row in enumerate(rows) if "问题编号" in row)
    at = {label: i for i, label in enumerate(rows[top])}
    found = {row[at["问题编号"]]: row for row in rows[top + 1 :] if row[at["问题编号"]]}
    assert set(found) == {r["id"] for r in reviews(folder).values() if r["counted"]}
    code = cracks_id(folder, "").removeprefix("-").removesuffix("-Z")
    row = found[f"310199001001-{code}"]
    assert (row[at["街镇"]], row[at["整治类型"]], row[at["是否完成"]]) == ("东街道", "限时解决", None)
    assert row[at["完成期限"]].date() == date(2026, 6, 30)


def test_the_next_years_folder_knows_last_year_and_what_came_back(closed: Closed) -> None:
    path = closed.folder / "results.duckdb"
    assert store.years(path) == [2025, 2026]
    for frame in ("returned", "problem_list"):
        mine, theirs = (
            store.read_frame(f / "results.duckdb", frame, 2025) for f in (closed.folder, closed.before)
        )
        assert mine.equals(theirs)
    assert store.years(closed.before / "results.duckdb") == [2025]


def test_check_ends_with_what_changed_since_last_year_and_with_nothing_else(closed: Closed) -> None:
    _, said = closed.checked.split("与上年相比（2025 年的结果）")
    assert "BQ-01 早年建成的住宅数量" in said
    assert "有问题的条件由“built_year < 1983”改为“built_year < 1984”" in said
    assert "上年值不与今年比较" in said
    assert all(
        part not in said for part in ("体检单元（", "指标增减（", "标准（", "计分和判定（", "填报表和数据（")
    )


def test_the_first_year_has_nothing_to_be_held_against(sent: Path) -> None:
    assert "与上年相比" not in told("check", "-q", "-p", sent)


def test_what_means_another_thing_now_is_not_compared_and_cannot_be_reviewed(closed: Closed) -> None:
    path, reason = closed.folder / "results.duckdb", "口径已变：有问题的条件"
    scores = store.read_frame(path, "scores", 2026)
    own = scores.filter(indicator="BQ-01", unit="310199").row(0, named=True)
    assert (own["value"], own["previous"], own["change"], own["break_reason"]) == (3.0, None, None, reason)
    code = cracks_id(closed.before, "").removeprefix("-").removesuffix("-Z")
    cracks = scores.filter(indicator=code, unit="310199").row(0, named=True)
    assert (cracks["value"], cracks["previous"], cracks["break_reason"]) == (2.0, 2.0, None)
    found = reviews(closed.folder)["310199-BQ-01"]
    assert (found["outcome"], found["because"].split("；")[0]) == (
        "无法复查",
        f"{reason}，不能与上年比较，无法复查",
    )


def test_the_workbook_and_the_report_say_what_became_of_last_years_problems_and_what_is_not_compared(
    closed: Closed,
) -> None:
    told("lists", "-q", "-p", closed.folder, "--unit", "试验区")
    (path,) = (closed.folder / "out" / "2026").rglob("*试验区_一表三清单*.xlsx")
    book = openpyxl.load_workbook(path, read_only=True)
    cells = {
        sheet.title: [str(c) for row in sheet.iter_rows(values_only=True) for c in row if c] for sheet in book
    }
    assert any("口径已变：有问题的条件" in c for c in cells["指标评估表"])
    assert "部分整改" in cells["问题清单"]
    results = store.read_results(closed.folder / "results.duckdb")
    (section,) = review_section(View(results), "310199")
    assert section.title == "上年度问题整改复查"
    assert any(note.startswith("口径已变：早年建成的住宅数量 1 项指标") for note in results.method_notes)


def test_a_folder_that_is_not_there_and_a_year_that_was_not_run_are_refused(
    sent: Path, tmp_path: Path
) -> None:
    assert "没有这个目录" in call("track", tmp_path / "无", "-p", sent).stderr
    assert call("track", tmp_path, "-p", sent, "--year", 2019).returncode == 3
