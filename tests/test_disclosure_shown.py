"""What is printed where small counts are withheld: one sign, its meaning below, and nothing that tells the number."""

from __future__ import annotations

from dataclasses import replace
from functools import cache

import polars as pl
from tijian.engine.chance.disclosure import suppress_people, withhold_answers
from tijian.engine.results import TOO_FEW, Results, conform
from tijian.engine.survey.check import Check
from tijian.reports.blocks import Prose, Section, TableBlock
from tijian.reports.content.survey import survey_sections
from tijian.reports.content.tickets import ticket_sections
from tijian.reports.tables.survey import people_table, units_table
from tijian.reports.tables.table import Table
from tijian.reports.terminal.explain import explain_view
from tijian.reports.view import View
from tijian.reports.wording.withheld import HIDDEN, NOTE

from .results_fixture import DISTRICT, make_results
from .shown import on_screen
from .small_year import Survey, indicator

TOWN = f"{DISTRICT}001"


@cache
def results() -> Results:
    """A year in which one town's tickets of two categories and its answers to one question are withheld."""
    made = make_results()
    own = pl.col("unit") == TOWN
    hidden = own & pl.col("category").is_in(["噪声扰民", "养老服务"])
    tickets = made.tickets.with_columns(
        count=pl.when(own & (pl.col("category") == "养老服务")).then(2).otherwise("count"), suppressed=hidden
    )
    survey = made.survey.with_columns(suppressed=own & (pl.col("question") == "Q1"))
    return replace(made, tickets=conform("tickets", tickets), survey=conform("survey", survey))


def table_of(sections: tuple[Section, ...]) -> Table:
    return next(b.table for b in sections[0].blocks if isinstance(b, TableBlock))


def said(sections: tuple[Section, ...]) -> str:
    return "".join(p for b in sections[0].blocks if isinstance(b, Prose) for p in b.paragraphs)


def test_a_withheld_count_takes_its_rate_and_its_shares_with_it_and_stands_last() -> None:
    sections = ticket_sections(View(results()), TOWN)
    table = table_of(sections)
    rows = {row[0]: row for row in table.texts()}
    assert rows["噪声扰民"][1:3] == rows["养老服务"][1:3] == [HIDDEN, HIDDEN]
    assert rows["噪声扰民"][4:] == [HIDDEN, HIDDEN]
    assert rows["停车管理"][1] == "40"
    assert [row[0] for row in table.texts()] == ["停车管理", "养老服务", "噪声扰民", "合计"], (
        "the order tells no size"
    )
    assert table.notes == (NOTE,)
    assert "噪声扰民" not in said(sections)


def test_a_withheld_total_is_not_spoken_of() -> None:
    made = results()
    all_hidden = replace(made, tickets=made.tickets.with_columns(suppressed=pl.lit(True)))
    words = said(ticket_sections(View(all_hidden), TOWN))
    assert words == f"12345热线工单件数不公布{HIDDEN}。"


def test_the_districts_own_small_rate_is_withheld_in_a_towns_table_too() -> None:
    made = results()
    hidden = made.tickets.with_columns(
        suppressed=(pl.col("unit") == DISTRICT) & (pl.col("category") == "停车管理")
    )
    table = table_of(ticket_sections(View(replace(made, tickets=hidden)), TOWN))
    assert dict(zip(table.values("category"), table.values("district"), strict=True))["停车管理"] == HIDDEN


def test_a_table_in_which_nothing_is_withheld_has_no_note() -> None:
    table = table_of(ticket_sections(View(make_results()), TOWN))
    assert table.notes == ()
    assert HIDDEN not in str(table.texts())


def test_withheld_numbers_of_answers_keep_the_score_that_enough_people_gave() -> None:
    table = table_of(survey_sections(View(results()), TOWN))
    shown = {row[0]: row for row in table.texts()}
    assert shown["养老服务"][1] == HIDDEN
    assert shown["养老服务"][2] not in ("", HIDDEN)
    assert shown["托育服务"][1] == "140"
    assert table.notes == (NOTE,)


def test_too_few_answers_are_not_counted_out() -> None:
    made = results()
    few = made.survey.with_columns(
        answers=pl.when(pl.col("unit") == TOWN).then(2).otherwise("answers"), note=pl.lit(TOO_FEW),
        suppressed=pl.col("unit") == TOWN,
    )  # fmt: skip
    words = said(survey_sections(View(replace(made, survey=conform("survey", few))), TOWN))
    assert "有效答卷很少" in words
    assert "2份" not in words


def test_explain_says_why_there_is_no_number_of_calls() -> None:
    made = results()
    code = made.measurements.filter(unit=TOWN)["indicator"][0]
    beside = pl.Series([["养老服务", "停车管理"]] * made.indicators.height, dtype=pl.List(pl.String))
    with_tickets = replace(made, indicators=made.indicators.with_columns(tickets=beside))
    told = on_screen(explain_view(with_tickets, TOWN, code))
    assert f"12345工单·养老服务：{NOTE}" in told
    assert "12345工单·停车管理：40 件" in told


def test_the_check_of_the_sample_withholds_what_came_in_and_what_is_missing() -> None:
    units = pl.DataFrame({
        "unit": ["1", "11"], "parent": [None, "1"], "level": ["district", "town"], "name": ["区", "镇"], "population": [9.0, 9.0],
        "wanted": [20, 20], "answers": [2, 2], "short": [18, 18], "suppressed": [True, True],
    })  # fmt: skip
    people = suppress_people(
        pl.DataFrame({
            "group": ["性别", "性别", "年龄", "年龄", "年龄"], "category": ["男", "女", "甲", "乙", "丙"],
            "answers": [2, 40, 9, 20, 13], "told": [42] * 5, "share": [0.05, 0.95, 0.2, 0.5, 0.3], "low": [None] * 5,
            "high": [None] * 5, "ok": [None] * 5,
        }, schema_overrides={"low": pl.Float64, "high": pl.Float64, "ok": pl.Boolean}), ("性别", "年龄"), 3,
    )  # fmt: skip
    check = Check("residents", "问卷.xlsx", 2, 0, units, people, ())
    table = units_table(check)
    assert [row[-2:] for row in table.texts()] == [[HIDDEN, HIDDEN]] * 2
    assert table.notes == (f"收到有效答卷的份数不公布{HIDDEN}。", NOTE)
    who = people_table(check)
    assert [row[2:4] for row in who.texts()][:2] == [[HIDDEN, HIDDEN]] * 2, "the other sex would give it away"
    assert who.texts()[2][2] == "9"
    assert who.notes == (NOTE,)


def test_an_indicator_that_was_asked_tells_no_more_than_the_survey_may() -> None:
    asked = indicator("JK-01", Survey(method="survey", of="residents", question="Q1"))
    rows = pl.DataFrame({
        "unit": ["11", "12", "13"], "indicator": ["JK-01"] * 3, "value": [50.0, 60.0, 70.0], "compared": [50.0, 60.0, 70.0],
        "numerator": [100.0, 1200.0, 1400.0], "denominator": [2.0, 20.0, 20.0], "rows": [2, 20, 20], "low": [1.0] * 3,
        "high": [99.0] * 3, "size": [2.0, 20.0, 20.0], "shrunk": [55.0] * 3,
    })  # fmt: skip
    survey = conform("survey", pl.DataFrame({
        "unit": ["11", "12", "13"], "question": ["Q1"] * 3, "answers": [2, 20, 20], "suppressed": [True, True, False],
    }))  # fmt: skip
    done = {
        r["unit"]: r for r in withhold_answers(conform("measurements", rows), survey, [asked], 3).to_dicts()
    }
    assert (done["11"]["value"], done["11"]["rows"], done["11"]["note"]) == (None, None, TOO_FEW)
    assert (done["12"]["value"], done["12"]["denominator"], done["12"]["note"]) == (60.0, None, None)
    assert (done["13"]["value"], done["13"]["rows"]) == (70.0, 20)
