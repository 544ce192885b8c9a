"""What departments answered: which rows are whose answer, what a second reading brings, and how things stand altogether."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import polars as pl
import pytest
from tijian.engine.findings import Findings
from tijian.engine.results import Results, conform
from tijian.engine.review.closing import Taken, taken_over
from tijian.reports.terminal.track import answers, by_department, taken_view

from .results_fixture import DISTRICT, YEAR, make_results
from .shown import on_screen

ALONE, SHARED, OTHERS = "只由甲局牵头-Z", "甲局和乙局牵头-Z", "只由乙局牵头-Z"
LEADS = {ALONE: ["甲局"], SHARED: ["甲局", "乙局"], OTHERS: ["乙局"]}
TODAY = date(YEAR + 1, 7, 1)


def said(key: str, department: str, status: str = "未启动", done: str = "") -> dict[str, object]:
    return {"year": YEAR, "id": key, "department": department, "status": status, "done": done, "evidence": "",
            "done_date": None, "file": f"{department}.xlsx", "sheet": "整治建议清单", "row": 4}  # fmt: skip


def returned(*rows: dict[str, object]) -> pl.DataFrame:
    return conform("returned", pl.DataFrame(rows, infer_schema_length=None))


def results(*rows: dict[str, object]) -> Results:
    remedies = [
        {"id": key, "year": YEAR, "problem_id": key, "unit": DISTRICT, "lead": leads, "treatment": "限时解决",
         "due": f"{YEAR + 1}年6月底前", "priority": 0.5}
        for key, leads in LEADS.items()
    ]  # fmt: skip
    remedy_list = conform("remedy_list", pl.DataFrame(remedies))
    nobody = make_results()
    none = {name: getattr(nobody, name).clear() for name in ("problem_list", "questions")}
    return replace(
        nobody, remedy_list=remedy_list, returned=returned(*rows) if rows else nobody.returned, **none
    )


def answered(*rows: dict[str, object]) -> set[tuple[str, str]]:
    """(department, remedy) of everything that is an answer of that department."""
    whose = by_department(answers(results(*rows), TODAY)).drop_nulls("said")
    return set(whose.select("lead", "id").rows())


# ---- whose answer --------------------------------------------------------------------------------------------


def test_a_form_sent_back_as_it_was_is_nobodys_answer() -> None:
    assert answered(*(said(key, "乙局") for key in LEADS)) == set()


def test_what_the_first_lead_says_is_every_leads_answer_and_what_another_says_its_own() -> None:
    assert answered(said(SHARED, "甲局", "整改中")) == {("甲局", SHARED), ("乙局", SHARED)}
    assert answered(said(SHARED, "乙局", "整改中")) == {("乙局", SHARED)}
    assert answered(said(SHARED, "乙局、甲局", "整改中")) == {("甲局", SHARED), ("乙局", SHARED)}


def test_a_word_beside_the_status_that_was_sent_is_an_answer() -> None:
    assert answered(said(ALONE, "甲局", done="等立项批复")) == {("甲局", ALONE)}


# ---- what a reading brings -----------------------------------------------------------------------------------


def test_a_second_reading_of_the_same_brings_nothing_and_changes_nothing() -> None:
    read = returned(said(ALONE, "甲局", "整改中"), said(OTHERS, "乙局"))
    first, taken = taken_over(returned().clear(), read)
    assert taken == Taken(new=1, other=0, same=0, blank=1)
    again, taken = taken_over(first, read)
    assert taken == Taken(new=0, other=0, same=1, blank=1)
    assert again.equals(first)


def test_another_answer_replaces_the_first_and_a_blank_row_none() -> None:
    before = returned(said(ALONE, "甲局", "整改中"), said(OTHERS, "乙局"))
    kept, taken = taken_over(before, returned(said(ALONE, "甲局"), said(OTHERS, "乙局", "整改中")))
    assert taken == Taken(new=1, other=0, same=0, blank=1)
    assert dict(kept.select("id", "status").rows()) == {ALONE: "整改中", OTHERS: "整改中"}
    kept, taken = taken_over(kept, returned(said(ALONE, "甲局", "无法整改", "无资金")))
    assert taken == Taken(new=0, other=1, same=0, blank=0)
    assert dict(kept.select("id", "status").rows()) == {ALONE: "无法整改", OTHERS: "整改中"}


@pytest.mark.parametrize(
    ("status", "of"), [("整改中", "乙局、甲局"), ("部分整改", "乙局、甲局"), ("未启动", "乙局")]
)
def test_whoever_answered_a_row_stays_named_whatever_another_lead_adds(status: str, of: str) -> None:
    kept, _ = taken_over(returned(said(SHARED, "乙局", "整改中")), returned(said(SHARED, "甲局", status)))
    assert kept["department"].to_list() == [of]


# ---- how things stand ----------------------------------------------------------------------------------------


def shown(taken: Taken, *rows: dict[str, object]) -> str:
    return on_screen(taken_view(results(*rows), taken, Findings(), TODAY), width=200)


def test_every_reading_ends_with_how_things_stand_altogether_by_department() -> None:
    rows = (said(ALONE, "甲局", "整改中"), said(SHARED, "甲局", "整改中"), said(OTHERS, "乙局"))
    first = shown(Taken(new=2, other=0, same=0, blank=1), *rows)
    assert "整治建议新的答复 2 条，已存入结果库；另有一个字没填、不算答复的 1 条。" in first
    again = shown(Taken(new=0, other=0, same=2, blank=1), *rows)
    assert "没有 2026 年整治建议的新答复，已存的没有改动；另有与已存的一样的 2 条" in again
    for text in (first, again):
        assert (
            "应答复 3 条，已答复 2 条，还没有答复 1 条；2 家牵头单位里，1 家全部答复了、1 家答复了一部分。"
            in text
        )
        line = {row.split()[0]: row.split()[1:] for row in text.splitlines() if row.split()}
        assert line["甲局"] == ["2", "2", "0", "0", "2", "0", "0", "0", "2"]
        assert line["乙局"] == ["2", "1", "1", "0", "1", "0", "0", "0", "2"]
        assert line["合计"] == ["3", "2", "1", "0", "2", "0", "0", "0", "3"]


def test_who_has_answered_nothing_is_named_and_who_of_them_sent_a_blank_form() -> None:
    text = shown(Taken(new=0, other=0, same=0, blank=1), said(OTHERS, "乙局"))
    assert "2 家牵头单位里，2 家一条也没有答复。" in text
    assert "一条也没有答复的2家：乙局、甲局（其中乙局交回的表一个字没有填）。" in text
