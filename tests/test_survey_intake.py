"""What came in of a survey: answers pasted twice, answers given without reading, and the check against the plan."""

from __future__ import annotations

from pathlib import Path

import polars as pl
import pytest
import xlsxwriter
from tijian.engine.findings import Finding, Findings
from tijian.engine.intake.survey import read_survey
from tijian.engine.intake.survey_batches import ranges
from tijian.engine.settings.project import Input, Survey
from tijian.engine.survey.check import Check, check_survey, check_surveys
from tijian.engine.survey.plan import make_plan
from tijian.engine.survey.profile import age_band, age_range, newly_come, seconds_of, too_young

from .small_year import TOWNS, evidence, units

BANDS = ("16–30岁", "30–60岁", "60岁以上")
QUESTIONS = {f"Q{n:02d}": f"题目{n}" for n in range(1, 11)}
WORDS = ("非常满意", "满意", "一般", "不满意", "非常不满意")
Row = tuple[object, ...]


def answer(serial: int, when: str, *words: str, seconds: int = 120) -> Row:
    """One answer; the words go round until the ten questions are full."""
    return (serial, when, f"{seconds}秒", *(words[i % len(words)] for i in range(10)))


def read(folder: Path, *rows: Row, once: bool = True) -> tuple[pl.DataFrame, list[Finding]]:
    path = folder / "答卷.xlsx"
    with xlsxwriter.Workbook(str(path)) as book:
        sheet = book.add_worksheet("Sheet1")
        sheet.write_row(0, 0, ["序号", "提交答卷时间", "所用时间", *QUESTIONS.values()])
        for at, row in enumerate(rows, 1):
            sheet.write_row(at, 0, row)
    item = Input(
        kind="survey", file="答卷.xlsx", key="serial", columns={"serial": "序号", "seconds": "所用时间", "sex": "性别"},
        questions=QUESTIONS,
    )  # fmt: skip
    findings = Findings()
    frame = read_survey(item, path, "答卷.xlsx", findings, lambda raw: raw, once=once)
    assert frame is not None
    return frame, list(findings)


FIRST = [answer(n, f"2026/4/20 9:{n:02d}", *WORDS[n % 5 :], *WORDS[: n % 5]) for n in range(1, 8)]


def test_answers_that_differ_say_nothing(tmp_path: Path) -> None:
    frame, findings = read(tmp_path, *FIRST)
    assert (frame.height, findings) == (7, [])


def test_a_batch_pasted_in_again_counts_once(tmp_path: Path) -> None:
    new = answer(9, "2026/4/21 8:00", "一般", "满意")
    frame, findings = read(tmp_path, *FIRST, *FIRST[2:6], new)
    assert frame.height == 8
    assert frame["_row"].to_list() == [2, 3, 4, 5, 6, 7, 8, 13]
    (said,) = findings
    assert (said.code, said.place.row, said.value) == ("S003", 9, "3")
    assert "第 9–12 行共 4 份内容也完全相同，只计一次" in said.message


def test_the_project_may_keep_them(tmp_path: Path) -> None:
    frame, findings = read(tmp_path, *FIRST, *FIRST[2:6], once=False)
    assert frame.height == 11
    assert [f.code for f in findings] == ["S003"]
    assert "按项目设置保留" in findings[0].message


def test_the_same_serial_with_another_content_is_another_person(tmp_path: Path) -> None:
    others = [answer(n, f"2026/4/22 10:{n:02d}", "满意", "一般") for n in (1, 2)]
    frame, findings = read(tmp_path, *FIRST, *others)
    assert frame.height == 9
    assert [f.code for f in findings] == ["S003"]
    assert "份序号与前面相同；内容不同" in findings[0].message


def test_one_person_may_answer_like_another(tmp_path: Path) -> None:
    frame, findings = read(tmp_path, *FIRST, (8, *FIRST[3][1:]))
    assert (frame.height, findings) == (8, [])


def test_a_block_renumbered_is_told_and_stays(tmp_path: Path) -> None:
    again = [(serial, *row[1:]) for serial, row in enumerate(FIRST[1:5], 8)]
    frame, findings = read(tmp_path, *FIRST, *again)
    assert frame.height == 11
    (said,) = findings
    assert (said.code, said.place.row, said.value) == ("S004", 9, "4")
    assert "第 9–12 行共 4 份" in said.message


def test_answers_given_without_reading_are_told_and_stay(tmp_path: Path) -> None:
    hasty = answer(8, "2026/4/23 9:00", "满意", seconds=21)
    frame, findings = read(tmp_path, *FIRST, hasty, answer(9, "2026/4/23 9:30", "满意", seconds=200))
    assert frame.height == 9
    (said,) = findings
    assert (said.code, said.place.row, said.value) == ("S005", 9, "1")
    assert "占 11.1%" in said.message


def test_ranges_of_rows() -> None:
    assert ranges([2, 3, 4, 9, 11, 12]) == "2–4、9、11–12"
    assert ranges([]) == ""


@pytest.mark.parametrize(
    ("label", "band"),
    [("16–30岁", "16–30岁"), ("16-30岁", "16–30岁"), ("18~20", "16–30岁"), ("18～20", "16–30岁"), ("30-44岁", "30–60岁"),
     ("60岁及以上", "60岁以上"), ("61+", "60岁以上"), ("30", "30–60岁"), ("29", "16–30岁"), ("25–35岁", None), ("青年", None)],
)  # fmt: skip
def test_ages_as_people_write_them(label: str, band: str | None) -> None:
    assert age_band(label, BANDS) == band


def test_who_is_too_young_or_has_just_come() -> None:
    assert [too_young(a) for a in ("16岁以下", "未满16周岁", "15", "16", "14–18岁", "不详")] == [
        True, True, True, False, False, None,
    ]  # fmt: skip
    assert [newly_come(a) for a in ("不足半年", "半年以内", "3个月", "半年至1年", "1–5年", "五年以上", "不满1年", "常住")] == [
        True, True, True, False, False, False, False, None,
    ]  # fmt: skip
    assert age_range("60岁以上") == (60, float("inf"))


def test_seconds() -> None:
    assert [seconds_of(s) for s in ("235秒", "3分55秒", "3:55", "235", "很快")] == [235, 235, 235, 235, None]


# ---- against the plan ----------------------------------------------------------------------------------------

RULES = Survey(minimum_total=60)


def sample(counts: dict[str, int], **columns: list[str]) -> tuple[Check, Findings]:
    """So many answers from each unit; ``columns`` go round."""
    rows: list[dict[str, object]] = [{"unit": u, "Q1": 50.0} for u, n in counts.items() for _ in range(n)]
    for i, row in enumerate(rows):
        row |= {name: words[i % len(words)] for name, words in columns.items()}
    headers = {name: name for name in columns}
    item = evidence("residents", "survey", rows, questions={"Q1": "停车"}, columns=headers)
    findings = Findings()
    (check,) = check_surveys({"residents": item}, units(), RULES, findings)
    return check, findings


EVERYWHERE = {f"{town}00{j}": n * i for i, town in enumerate(TOWNS, 1) for j, n in ((1, 6), (2, 9))}
BALANCED = {
    "sex": ["男", "女"], "age": ["16–30岁"] * 6 + ["30–60岁"] * 11 + ["60岁以上"] * 3,
    "occupation": ["企业员工"] * 9 + ["党政机关或事业人员"], "residence": ["5年以上"],
}  # fmt: skip


def test_a_good_sample_says_nothing() -> None:
    check, findings = sample(EVERYWHERE, **BALANCED)
    assert list(findings) == []
    assert (check.answers, check.unasked) == (150, ())
    assert check.units["short"].sum() == 0
    assert check.people["ok"].drop_nulls().all()


def test_a_community_without_answers_is_named() -> None:
    some = EVERYWHERE | {TOWNS[1] + "001": 2, TOWNS[3] + "002": 0}
    check, findings = sample(some, **BALANCED)
    (said,) = [f for f in findings if f.code == "S007"]
    assert said.value == "21社区、42社区"
    assert "共缺 10 份" in said.message
    short = check.units.filter(pl.col("short") > 0).select("name", "wanted", "answers", "short")
    assert short.rows() == [("21社区", 6, 2, 4), ("42社区", 13, 0, 13)]


def test_too_few_in_all_are_told_against_the_plan() -> None:
    _, findings = sample(dict.fromkeys(EVERYWHERE, 6), **BALANCED)
    (said,) = [f for f in findings if f.code == "S008"]
    assert said.value == "48"
    assert "缺 12 份" in said.message


def test_shares_outside_their_band_are_told_one_by_one() -> None:
    skewed = BALANCED | {
        "sex": ["女"] * 3 + ["男"],
        "age": ["60岁以上", "30–60岁"],
        "occupation": ["公务员", "工人"],
    }
    _, findings = sample(EVERYWHERE, **skewed)
    told = [(f.code, f.place.column, f.value) for f in findings]
    assert told == [
        ("S009", "sex", "75.3%"), ("S009", "age", "0.0%"), ("S009", "age", "50.0%"), ("S009", "occupation", "50.0%"),
    ]  # fmt: skip


def test_children_and_newcomers_are_told() -> None:
    _, findings = sample(
        EVERYWHERE, **(BALANCED | {"age": BALANCED["age"] * 2 + ["16岁以下"], "residence": ["不足半年"]})
    )
    assert {f.code: f.place.column for f in findings} == {"S010": "residence"}
    assert [f.message.split("的有")[0] for f in findings] == ["不满16周岁", "居住不满半年"]


def test_what_was_not_asked_is_said_and_not_judged() -> None:
    check, findings = sample(EVERYWHERE, sex=["男", "女"])
    (said,) = findings
    assert (said.code, said.value) == ("S011", "年龄、职业、居住时长")
    assert check.people.filter(pl.col("group") == "年龄")["ok"].to_list() == [None, None, None]


def test_an_answer_without_any_question_answered_does_not_count() -> None:
    rows: list[dict[str, object]] = [{"unit": TOWNS[0] + "001", "Q1": q} for q in (50.0, None)]
    item = evidence("residents", "survey", rows, questions={"Q1": "停车"})
    check = check_survey(item, make_plan(units(), RULES), units(), RULES)
    assert check.answers == 1
