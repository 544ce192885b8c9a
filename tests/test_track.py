"""Last year's problems judged by this year's values: what counts as mended, partly, not, not to be said, and late."""

from __future__ import annotations

from datetime import date

import polars as pl
import pytest
from tijian.engine.results import SCHEMAS, conform, empty
from tijian.engine.review.track import complete, due_date, judge, with_past
from tijian.engine.review.track_said import review_rows
from tijian.engine.years.comparable import BROKEN, RESTATED, SAME, Link, link_frame

from .small_year import DISTRICT, TOWNS, units

A, B = TOWNS[:2]
YEAR = 2026
CHANGED = pl.DataFrame(schema={"unit": pl.String, "predecessor": pl.String, "share": pl.Float64})
EXAMINED = pl.DataFrame(schema={"indicator": pl.String, "thing": pl.String})
Frames = dict[str, pl.DataFrame]


def definition(code: str = "JT-01", **more: object) -> dict:
    plain = {"code": code, "name": f"指标{code}", "unit": "%", "decimals": 1, "direction": "higher", "method": "ratio",
             "formula": "分子÷分母", "parameters": "", "target": 90.0}  # fmt: skip
    return plain | more


COUNT = definition("AQ-02", unit="栋", decimals=0, direction="lower", method="count", target=0.0)
FREE = definition("CX-01", target=None)  # without a standard: judged by its peers


def problem(unit: str = A, code: str = "JT-01", value: float = 50.0, **more: object) -> dict:
    plain = {"id": f"{unit}-{code}", "year": YEAR - 1, "unit": unit, "level": level(unit), "indicator": code, "problem": "问题",
             "value": value, "standard": 90.0, "severity": "黄", "treatment": "尽力解决", "lead": ["区交通委"], "priority": 0.4,
             "because": "未达目标", "since": YEAR - 1}  # fmt: skip
    return plain | more


def level(unit: str) -> str:
    return {6: "district", 9: "town"}.get(len(unit), "community")


def score(unit: str = A, code: str = "JT-01", value: float | None = 50.0, **more: object) -> dict:
    return {"unit": unit, "level": level(unit), "indicator": code, "value": value, "peer_median": 80.0} | more


def line(thing: str, unit: str = A, code: str = "AQ-02") -> dict:
    return {"unit": unit, "town": unit, "indicator": code, "thing": thing, "rule": "r"}


def frame(name: str, rows: list[dict]) -> pl.DataFrame:
    return conform(name, pl.DataFrame(rows, infer_schema_length=None)) if rows else empty(name)


def of_year(
    problems: list[dict], scores: list[dict], definitions: list[dict], ledger: list[dict] | None = None
) -> Frames:
    due = [
        {
            "id": f"{p['id']}-Z",
            "problem_id": p["id"],
            "unit": p["unit"],
            "indicator": p["indicator"],
            "due": "2026年6月底前",
        }
        for p in problems
    ]
    return {
        "problem_list": frame("problem_list", problems), "remedy_list": frame("remedy_list", due), "returned": empty("returned"),
        "scores": frame("scores", scores), "ledger": frame("ledger", ledger or []), "units": units(),
        "indicators": frame("indicators", definitions), "links": link_frame({}),
    }  # fmt: skip


def judged(
    then: Frames, now: Frames, changed: pl.DataFrame = CHANGED, examined: pl.DataFrame = EXAMINED
) -> pl.DataFrame:
    found = judge(then, now, changed, examined, YEAR)
    problems = with_past(now["problem_list"], found, changed, YEAR)
    return review_rows(found, problems, now["remedy_list"], units(), {"AQ-02": "栋"}, YEAR)


def one(
    value: float | None,
    *,
    again: bool,
    was: dict | None = None,
    new: dict | None = None,
    link: Link | None = None,
    **more: object,
) -> dict:
    """The review of one problem of 50 % against 90 %: this year's value, and whether it is listed again.

    ``link`` says how last year's value stands to this year's.
    """
    code = (was or definition())["code"]
    p = problem(code=code, **more)
    then = of_year([p], [score(code=code)], [was or definition()])
    listed = [problem(code=code, value=value)] if again else []
    now = of_year(listed, [score(code=code, value=value)], [new or was or definition()])
    now |= {"links": link_frame({} if link is None else {code: link})}
    return judged(then, now).row(0, named=True)


def things(then: str, now: str, *, again: bool = True, examined: str = "", **more: object) -> dict:
    """The review of a count of named things: those of last year and of this; ``examined`` are in this year's data."""
    was, new = float(len(then)), float(len(now))
    known = pl.DataFrame([("AQ-02", t) for t in examined], schema=EXAMINED.schema, orient="row")
    p = problem(code="AQ-02", value=was, standard=0.0, **more)
    before = of_year([p], [score(code="AQ-02", value=was)], [COUNT], [line(t) for t in then])
    listed = [problem(code="AQ-02", value=new, standard=0.0)] if again else []
    after = of_year(listed, [score(code="AQ-02", value=new)], [COUNT], [line(t) for t in now])
    return judged(before, after, examined=known).row(0, named=True)


# ---- outcomes ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("value", "again", "outcome", "said"),
    [
        (92.0, False, "已整改", "上年50.0%，今年92.0%，达到标准90.0%"),
        (58.0, True, "部分整改", "与标准90.0%的差距缩小20%，仍是短板"),
        (57.9, True, "未整改", "与标准90.0%的差距缩小19%，仍是短板"),
        (50.0, True, "未整改", "与标准90.0%的差距没有缩小"),
        (45.0, True, "未整改", "与标准90.0%的差距扩大"),
        (91.0, True, "部分整改", "已达到上年所用的标准，但因其他依据仍是短板"),
        (60.0, False, "已整改", "今年不再是短板"),
        (49.0, False, "无法复查", "指标值没有好转"),
        (None, False, "无法复查", "今年没有可用的数据"),
    ],
)  # fmt: skip
def test_a_value_is_judged_by_how_far_the_gap_has_closed(
    value: float | None, again: bool, outcome: str, said: str
) -> None:
    found = one(value, again=again)
    assert found["outcome"] == outcome
    assert said in found["because"]


def test_without_a_standard_the_gap_is_to_last_years_peers() -> None:
    found = one(65.0, again=True, was=FREE, standard=None)
    assert found["outcome"] == "部分整改"
    assert "与上年同级中位数80.0%的差距缩小50%" in found["because"]


@pytest.mark.parametrize(
    ("then", "now", "again", "examined", "outcome", "said"),
    [
        ("abcde", "de", True, "", "部分整改", "原有5栋，已整改3栋，仍有2栋"),
        ("abcde", "def", True, "", "部分整改", "原有5栋，已整改3栋，仍有2栋，新增1栋"),
        ("abcdef", "bcdef", True, "", "未整改", "原有6栋，已整改1栋，仍有5栋"),
        ("ab", "cd", True, "", "部分整改", "原有2栋，已整改2栋，新增2栋"),
        ("ab", "", False, "abx", "已整改", "原有2栋，已整改2栋"),
        ("ab", "", False, "ax", "部分整改", "原有2栋，已整改1栋，不在今年数据中1栋"),
        ("ab", "", False, "x", "无法复查", "原有2栋，不在今年数据中2栋，无法复查"),
        ("ab", "ab", False, "", "未整改", "仍有2栋，今年不再列为短板"),
    ],
)  # fmt: skip
def test_counted_things_are_judged_one_by_one(
    then: str, now: str, again: bool, examined: str, outcome: str, said: str
) -> None:
    found = things(then, now, again=again, examined=examined)
    assert found["outcome"] == outcome
    assert said in found["because"]


def test_a_changed_definition_cannot_be_compared_and_a_dropped_one_neither() -> None:
    changed = one(92.0, again=False, link=Link(BROKEN, reason="口径已变：分子"))
    assert (changed["outcome"], changed["because"]) == (
        "无法复查",
        "口径已变：分子，不能与上年比较，无法复查",
    )
    turned = one(92.0, again=False, link=Link(SAME, one_way=False))
    assert (turned["outcome"], turned["because"][:13]) == ("无法复查", "评价方向今年与上年相反，不")
    gone = one(None, again=False, new=definition("XX-99"))
    assert (gone["outcome"], gone["because"]) == ("无法复查", "这项指标今年不在用，无法复查")


def test_a_value_of_another_factor_is_judged_by_this_years() -> None:
    """Last year 50 % against 90 %; this year per mille: 700 ‰ is half of the gap closed."""
    per_mille = definition(unit="‰", target=900.0)
    found = one(700.0, again=True, new=per_mille, link=Link(RESTATED, factor=10.0))
    assert (found["outcome"], found["value_then"]) == ("部分整改", 500.0)
    assert found["because"] == "上年500.0‰，今年700.0‰，与标准900.0‰的差距缩小50%，仍是短板"


def test_a_moved_standard_settles_nothing_unless_old_and_new_agree() -> None:
    looser = Link(SAME, moved=("target",))
    assert one(70.0, again=False, link=looser)["outcome"] == "无法复查"
    assert one(95.0, again=False, link=looser)["outcome"] == "已整改"
    assert one(55.0, again=True, link=looser)["outcome"] == "未整改"


def test_an_anchor_that_only_scores_moves_no_judgement() -> None:
    assert one(70.0, again=False, link=Link(SAME, moved=("best", "worst")))["outcome"] == "已整改"


# ---- units that changed ---------------------------------------------------------------------------------------


def test_a_unit_under_another_code_is_followed_and_one_that_was_split_is_not() -> None:
    then = of_year([problem(unit="100000009")], [score(unit="100000009")], [definition()])
    old = units().with_columns(pl.col("code").replace({A: "100000009"}))
    then["units"] = old
    now = of_year([problem(unit=A, value=70.0)], [score(unit=A, value=70.0)], [definition()])
    alone = pl.DataFrame({"unit": [A], "predecessor": ["100000009"], "share": [1.0]})
    row = judged(then, now, alone).row(0, named=True)
    assert (row["unit"], row["outcome"], row["id"]) == (A, "部分整改", "100000009-JT-01")
    split = pl.DataFrame({"unit": [A, B], "predecessor": ["100000009"] * 2, "share": [0.6, 0.4]})
    found = judge(then, now, split, EXAMINED, YEAR)
    assert found.select("unit", "outcome").rows() == [(A, "无法复查")]
    problems = with_past(
        pl.concat([now["problem_list"], frame("problem_list", [problem(unit=B)])]), found, split, YEAR
    )
    assert problems.select("unit", "since", "outcome").rows() == [
        (A, 2025, "无法复查"),
        (B, 2025, "无法复查"),
    ]


# ---- claims, dates, what is left over ------------------------------------------------------------------------


def test_a_claim_is_disputed_where_the_value_says_otherwise_and_a_date_decides_what_is_late() -> None:
    def claimed(
        value: float, again: bool, status: str | None, day: date | None = None, **more: object
    ) -> dict:
        then = of_year([problem(treatment="限时解决", **more)], [score()], [definition()])
        if status:
            said = {"id": f"{A}-JT-01-Z", "status": status, "done_date": day}
            then["returned"] = frame("returned", [said])
        now = of_year([problem(value=value)] if again else [], [score(value=value)], [definition()])
        return judged(then, now).row(0, named=True)

    wrong = claimed(51.0, True, "已整改", date(2026, 5, 1))
    assert (wrong["outcome"], wrong["disputed"], wrong["late"]) == ("未整改", True, True)
    assert wrong["because"].endswith("限时解决，时限2026年6月底已过；牵头单位报已整改，实测不符")
    late = claimed(95.0, False, "已整改", date(2026, 7, 1))
    assert (late["outcome"], late["disputed"], late["late"]) == ("已整改", False, True)
    assert "2026-07-01完成，晚于时限2026年6月底" in late["because"]
    assert claimed(95.0, False, "已整改", date(2026, 6, 30))["late"] is False
    assert claimed(95.0, False, None)["late"] is False
    assert claimed(51.0, True, "整改中")["claimed"] == "整改中"
    assert claimed(51.0, True, "未启动")["claimed"] is None, "sent back as it was: nobody's answer"
    assert one(51.0, again=True)["late"] is False, "尽力解决 has no date that can pass"


def test_what_is_due_on_the_last_day_of_the_year_examined_is_not_late_yet() -> None:
    def late(due: str) -> bool:
        then = of_year([problem(treatment="限时解决")], [score()], [definition()])
        then["remedy_list"] = then["remedy_list"].with_columns(due=pl.lit(due))
        now = of_year([problem(value=51.0)], [score(value=51.0)], [definition()])
        return bool(judged(then, now)["late"][0])

    assert (late(f"{YEAR}年6月底前"), late(f"{YEAR}年12月底前"), late(f"{YEAR - 1}年12月底前")) == (
        True,
        False,
        True,
    )


def test_due_dates_are_the_last_day_of_their_month() -> None:
    told = pl.DataFrame({"due": ["2026年6月底前", "2027年12月底前", "", None]}).select(
        due_date(pl.col("due"))
    )
    assert told.to_series().to_list() == [date(2026, 6, 30), date(2027, 12, 31), None, None]


@pytest.mark.parametrize(
    ("since", "priority", "risen"), [(2025, 0.4, 0.5), (2024, 0.4, 0.6), (2015, 0.4, 0.7), (2024, 0.95, 1.0)]
)
def test_what_is_left_over_rises_by_a_tenth_a_year_and_by_three_at_most(
    since: int, priority: float, risen: float
) -> None:
    then = of_year([problem(since=since)], [score()], [definition()])
    now = of_year([problem(priority=priority)], [score()], [definition()])
    found = judge(then, now, CHANGED, EXAMINED, YEAR)
    row = with_past(now["problem_list"], found, CHANGED, YEAR).row(0, named=True)
    assert (row["since"], row["outcome"]) == (since, "未整改")
    assert row["priority"] == pytest.approx(risen)
    assert row["because"] == f"未达目标；{since}年起连续列入，优先级提高{round(risen - priority, 2):g}"


# ---- how much was mended ---------------------------------------------------------------------------------------


def test_of_one_indicator_the_finest_level_counts_and_the_treatments_stand_apart() -> None:
    community = f"{A}001"
    rows = [
        problem(DISTRICT), problem(A), problem(B), problem(community),
        problem(DISTRICT, "CX-01", standard=None, treatment="限时解决", lead=["区科委", "区经委"]),
    ]  # fmt: skip
    then = of_year(rows, [score(r["unit"], r["indicator"]) for r in rows], [definition(), FREE])
    listed = [problem(DISTRICT), problem(A), problem(B, value=70.0)]
    values = [
        score(DISTRICT),
        score(A),
        score(B, value=70.0),
        score(community, value=95.0),
        score(DISTRICT, "CX-01", 85.0),
    ]
    reviews = judged(then, of_year(listed, values, [definition(), FREE]))
    assert set(reviews.filter("counted")["id"]) == {f"{B}-JT-01", f"{community}-JT-01", f"{DISTRICT}-CX-01"}
    found = complete(reviews, units(), YEAR)
    assert set(found.columns) == set(SCHEMAS["completion"])
    figures = ["unit", "department", "treatment", "listed", "mended", "partly", "not_mended", "rate"]
    assert found.select(figures).rows() == [
        (DISTRICT, None, "限时解决", 1, 1, 0, 0, 1.0),
        (DISTRICT, None, "尽力解决", 2, 1, 1, 0, 0.5),
        (DISTRICT, None, "合计", 3, 2, 1, 0, 2 / 3),
        (A, None, "尽力解决", 1, 1, 0, 0, 1.0),
        (A, None, "合计", 1, 1, 0, 0, 1.0),
        (B, None, "尽力解决", 1, 0, 1, 0, 0.0),
        (B, None, "合计", 1, 0, 1, 0, 0.0),
        (DISTRICT, "区交通委", "尽力解决", 2, 1, 1, 0, 0.5),
        (DISTRICT, "区交通委", "合计", 2, 1, 1, 0, 0.5),
        (DISTRICT, "区科委", "限时解决", 1, 1, 0, 0, 1.0),
        (DISTRICT, "区科委", "合计", 1, 1, 0, 0, 1.0),
        (DISTRICT, "区经委", "限时解决", 1, 1, 0, 0, 1.0),
        (DISTRICT, "区经委", "合计", 1, 1, 0, 0, 1.0),
    ]
