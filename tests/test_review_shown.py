"""What became of last year's problems, as it is shown: the section of the reports and the one-page reminder."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import polars as pl
import pytest
from tijian.engine.results import Results, conform
from tijian.engine.review.track import complete
from tijian.reports.blocks import FigureBlock, Prose, Section, TableBlock
from tijian.reports.build import plan
from tijian.reports.content.assemble import assemble
from tijian.reports.content.review import department_review, review_section
from tijian.reports.content.supervision import supervised
from tijian.reports.pdf.render import print_report
from tijian.reports.pdf.table_html import fitted
from tijian.reports.tables.table import text
from tijian.reports.view import View

from .results_fixture import DISTRICT, YEAR, make_results

TOWN, OTHER = "990101001", "990101002"


def review(unit: str, code: str, outcome: str, **more: object) -> dict:
    plain = {
        "id": f"{unit}-{code}", "year": YEAR, "unit": unit, "level": "town", "town": unit, "indicator": code, "dimension": "安全韧性",
        "problem": "问题", "severity": "橙", "treatment": "限时解决", "due": f"{YEAR}年6月底前", "lead": ["区建设管理委"],
        "value_then": 7.0, "value": 4.0, "outcome": outcome, "disputed": False, "late": outcome in ("部分整改", "未整改"),
        "since": YEAR - 1, "counted": outcome != "新增", "because": "上年7栋，今年4栋，原有7栋，已整改3栋；限时解决，时限已过",
    }  # fmt: skip
    return plain | more


def with_reviews(rows: list[dict]) -> View:
    results = make_results()
    reviews = conform("reviews", pl.DataFrame(rows, infer_schema_length=None))
    return View(replace(results, reviews=reviews, completion=complete(reviews, results.units, YEAR)))


@pytest.fixture(scope="module")
def view() -> View:
    return with_reviews([
        review(TOWN, "AQ-02", "部分整改", disputed=True, claimed="已整改", done_date=date(YEAR, 5, 1)),
        review(TOWN, "AQ-03", "已整改", lead=["区住房保障房屋管理局"], treatment="尽力解决"),
        review(OTHER, "AQ-02", "未整改", since=YEAR - 3, severity="红"),
        review(OTHER, "JT-01", "无法复查", lead=["区交通委"], late=False),
        review(OTHER, "JT-02", "新增", lead=["区交通委"], late=False),
        review(DISTRICT, "AQ-02", "未整改", level="district", town=None, counted=False),
    ])  # fmt: skip


def words(section: Section) -> str:
    return "".join(p for b in section.blocks if isinstance(b, Prose) for p in b.paragraphs)


def tables(section: Section) -> dict[str, list[list[str]]]:
    found = [b.table for b in section.blocks if isinstance(b, TableBlock)]
    return {
        t.title: [[text(c, k) for c, k in zip(row, t.columns, strict=True)] for row in t.rows] for t in found
    }


def test_the_district_reads_how_much_was_mended_by_treatment_by_town_and_by_department(view: View) -> None:
    (section,) = review_section(view, DISTRICT)
    said = words(section)
    assert (
        f"{YEAR - 1}年列入清单的问题4项，按今年的实测值复查，已整改1项、部分整改1项、未整改1项、无法复查1项，完成率33.3%。"
        in said
    )
    assert "限时解决3项，完成率0.0%，逾期2项；尽力解决1项，完成率100.0%" in said
    assert "牵头单位报已整改、实测仍有问题的1项" in said
    assert "另有新列入的问题1项" in said
    assert "有1项此前已连续列入" in said
    shown = tables(section)
    assert shown["问题整治完成率"][-1] == ["合计", "4", "1", "1", "1", "1", "2", "33.3%"]
    assert {row[0]: row[-1] for row in shown["各牵头单位问题整治完成率"]}["区建设管理委"] == "0.0%"
    (disputed,) = shown["报已整改而实测不符的问题"]
    assert disputed[-1] == "上年7栋，今年4栋，原有7栋，已整改3栋"
    left = shown["遗留问题（按指标）"]
    assert sum(int(row[1]) for row in left) == 2  # partly and not mended, the disputed one among them
    assert [int(row[2]) for row in left] == sorted((int(row[2]) for row in left), reverse=True)
    (drawn,) = [b for b in section.blocks if isinstance(b, FigureBlock)]
    assert "已整改1项、部分整改1项" in drawn.charts[0].alt


def test_a_town_reads_its_own_and_a_department_what_it_leads(view: View) -> None:
    (town,) = review_section(view, TOWN)
    assert "的问题2项，按今年的实测值复查，已整改1项、部分整改1项，完成率50.0%" in words(town)
    (other,) = review_section(view, OTHER)
    assert tables(other)["遗留问题"][0][-1].startswith(f"{YEAR - 3}年起列入；")
    (department,) = department_review(view, "区建设管理委")
    assert words(department).startswith("贵单位牵头，")
    assert "均为限时解决2项，完成率0.0%，逾期2项。" in words(department)
    assert department_review(view, "区民政局") == ()


def test_nothing_is_said_where_no_earlier_year_was_run() -> None:
    plain = View(make_results())
    assert review_section(plain, DISTRICT) == ()
    assert supervised(plain) == []


def test_reminders_go_to_departments_and_towns_that_are_late_and_to_nobody_else(view: View) -> None:
    assert supervised(view) == ["区建设管理委", TOWN, OTHER]
    jobs = [job for job in plan(view.results) if job.kind == "supervision"]
    assert [job.path for job in jobs] == [
        f"督办/{name}_问题整治督办单_{YEAR}.pdf"
        for name in ("区建设管理委", view.name(TOWN), view.name(OTHER))
    ]
    assert [j.key for j in plan(view.results, departments=["区建设管理委"]) if j.kind == "supervision"] == [
        "区建设管理委"
    ]
    assert [j.key for j in plan(view.results, units=[TOWN]) if j.kind == "supervision"] == [TOWN]


def test_a_reminder_says_to_whom_why_which_and_by_when_and_leaves_the_signature_open(view: View) -> None:
    report = assemble(view, "supervision", "区建设管理委")
    head, slip = report.sections
    assert "主送：区建设管理委" in words(head)
    assert (
        "有2项已过时限仍未完成（部分整改1项、未整改1项）。另据复查，其中1项报送为已整改而实测仍有问题。"
        in words(head)
    )
    rows = tables(head)["逾期未完成整改的问题"]
    assert [row[1] for row in rows] == [view.name(OTHER), view.name(TOWN)], "the red one first"
    assert rows[1][3:6] == ["部分整改：上年7栋，今年4栋", f"{YEAR}年6月底前", "已整改"]
    due = view.frame("remedy_list").filter(unit=OTHER, indicator="AQ-02")["due"].to_list()
    assert rows[0][6] == (due[0] if due else "另行商定")
    assert ["盖章、日期", ""] in [[cell.strip() for cell in row] for row in tables(slip)["办理情况"]]
    (block,) = slip.blocks
    assert isinstance(block, TableBlock)
    label, blank = fitted(block.table, 170.0, 8.0).columns
    assert blank.width > 2 * label.width, "there must be room to write"


def test_however_many_are_late_a_reminder_is_one_page_and_says_how_many_there_are() -> None:
    view = with_reviews(crowd(make_results()))
    report = assemble(view, "supervision", "区建设管理委")
    shown = len(tables(report.sections[0])["逾期未完成整改的问题"])
    late = view.frame("reviews").height
    assert shown < late
    assert f"共{late}项，此处列前{shown}项" in words(report.sections[0])
    assert print_report(report, view.results.grade_cuts).pages == 1


def crowd(results: Results) -> list[dict]:
    """Every community late with everything, under long names."""
    inside = results.units.filter(pl.col("level") == "community").select("code", "town").rows()
    return [
        review(unit, code, "未整改", level="community", town=town, claimed="已整改", disputed=True)
        for unit, town in inside for code in ("ZJ-03", "DY-04", "AQ-02")
    ]  # fmt: skip
