"""Questions put to departments about figures that look wrong: what is asked, what is proposed, and what is let alone."""

from __future__ import annotations

import math
import re
from dataclasses import replace
from functools import cache
from pathlib import Path

import numpy as np
import openpyxl
import polars as pl
import pytest
from tijian.engine.evidence import Evidence, Gathered, with_levels
from tijian.engine.findings import Findings
from tijian.engine.intake.corrections import Correction
from tijian.engine.results import SCHEMAS, conform, empty
from tijian.engine.screening.checks import by_history, past_of, robust_sd, scale_of, swapped
from tijian.engine.screening.everything import Known, screen
from tijian.engine.screening.words import slip
from tijian.engine.settings.project import Input
from tijian.engine.settings.scheme import Screening
from tijian.indicators.form_model import Form, Item
from tijian.indicators.loader import Library
from tijian.indicators.measure_model import Ratio, Reported
from tijian.reports.blocks import Bullets
from tijian.reports.content.department import department_report
from tijian.reports.content.parts import quality
from tijian.reports.content.questions import question_sections, questions_told
from tijian.reports.view import View
from tijian.reports.workbook.lists import write_lists

from .cli_project import copy_of, finished_sample, told
from .results_fixture import make_results
from .small_year import indicator

YEAR = 2026
DISTRICT = "100000"
TOWNS = tuple(f"{DISTRICT}{i:03d}" for i in range(1, 18))
PAST = (
    1102.0,
    1131.0,
    1154.0,
    1180.0,
    1205.0,
)  # a little over two per cent more every year; 1,232 is to be expected
ROAD = indicator(
    "AA-01", Ratio(method="ratio", of="greening", numerator="sum(area)", per="population"), lead=("区绿化局",)
)
STATED = indicator("AA-02", Reported(method="reported", of="statistics", item="绿地率"), lead=("区统计局",))
LIBRARY = Library(
    indicators=(ROAD, STATED),
    forms={
        "greening": Form(
            input="greening", title="绿化填报表", kind="figures", of="街镇", level="town", provider="区绿化局",
            item=(Item(name="area", label="绿地 面积", type="number", unit="万元"),
                  Item(name="area_before", label="绿地 上年面积", type="number", unit="万元", last_year_of="area")),
        )
    },
)  # fmt: skip


def units() -> pl.DataFrame:
    """A district of seventeen towns of 10,000 to 90,000 people."""
    rows: list[tuple[object, ...]] = [
        (DISTRICT, "示例区", "district", None, None, 850_000.0, 170.0, DISTRICT, None, None)
    ]
    rows += [
        (code, f"第{i}街道", "town", DISTRICT, "街道", 10_000.0 + 5_000 * i, 10.0, DISTRICT, code, None)
        for i, code in enumerate(TOWNS)
    ]
    return pl.DataFrame(rows, schema=dict(SCHEMAS["units"]), orient="row")


def form(name: str, values: dict[str, dict[str, float | None]], **more: object) -> Evidence:
    """A form of a row per unit; ``values``: unit → item → figure."""
    items = list(dict.fromkeys(item for row in values.values() for item in row))
    frame = pl.DataFrame(
        {"unit": list(values)} | {item: [values[u].get(item) for u in values] for item in items},
        schema={"unit": pl.String} | dict.fromkeys(items, pl.Float64),
    ).with_columns(
        _file=pl.lit(f"{name}.xlsx"),
        _sheet=pl.lit("表1"),
        _row=pl.int_range(6, 6 + len(values), dtype=pl.Int64),
    )
    settings: dict[str, object] = {
        "kind": "figures", "file": f"{name}.xlsx", "title": f"{name}表", "types": dict.fromkeys(items, "number"),
        "columns": {i: f"{i}栏" for i in items}, "units_of": dict.fromkeys(items, "万元"), "provider": "区绿化局",
    }  # fmt: skip
    return Evidence(name, Input(**(settings | more)), with_levels(frame, units()))


def asked(
    *evidence: Evidence, past: dict[int, dict[str, float]] | None = None, item: str = "area", library: Library = LIBRARY,
    fixes: tuple[Correction, ...] = (), values: pl.DataFrame | None = None, measured: pl.DataFrame | None = None,
) -> tuple[list[dict[str, object]], Findings]:  # fmt: skip
    """The questions and findings; ``past``: year → unit → figure of ``item`` of the form greening."""
    rows = [(y, u, "greening", item, v) for y, of in (past or {}).items() for u, v in of.items()]
    earlier = pl.DataFrame(
        rows, schema={"year": pl.Int64, "unit": pl.String, "input": pl.String, "item": pl.String, "value": pl.Float64},
        orient="row",
    )  # fmt: skip
    history = values if values is not None else Gathered(units(), empty("shapes"), "", {}).history
    findings = Findings()
    frames = screen(
        Gathered(units(), empty("shapes"), "EPSG:4549", {e.name: e for e in evidence}),
        empty("measurements") if measured is None else measured, library, Known(earlier, history, fixes), Screening(),
        YEAR, findings,
    )  # fmt: skip
    return frames["questions"].to_dicts(), findings


def one(value: float | None, past: tuple[float, ...] = PAST) -> list[dict[str, object]]:
    """What is asked of one town's figure with its earlier years."""
    before = {YEAR - len(past) + i: {TOWNS[0]: v} for i, v in enumerate(past)}
    return asked(form("greening", {TOWNS[0]: {"area": value}}), past=before)[0]


# ---- the table of cases -------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("value", "kind", "expected"),
    [
        (12_320, "magnitude", 1232),
        (123_200, "magnitude", 1232),
        (12_320_000, "magnitude", 1232),
        (123.2, "magnitude", 1232),
        (0.1232, "magnitude", 1232),
        (1322, "digit", 1232),  # two digits changed places
        (2132, "digit", 1232),
        (232, "digit", 1232),  # the first digit is missing
        (132, "digit", 1232),
        (2600, "history", 1232),
        (0, "history", 1232),
    ],
)
def test_a_planted_error_is_named_and_the_right_value_proposed(value, kind, expected):
    (question,) = one(value)
    assert (question["kind"], question["value"]) == (kind, value)
    assert question["expected"] == pytest.approx(expected, rel=0.005)
    assert question["unit"] == TOWNS[0]
    assert (question["input"], question["item"], question["label"]) == ("greening", "area", "绿地 面积")
    assert (question["file"], question["sheet"], question["row"]) == ("greening.xlsx", "表1", 6)
    assert question["lead"] == ["区绿化局"]


@pytest.mark.parametrize("value", [1180, 1205, 1232, 1260, 1290, None])
def test_drift_within_the_usual_change_and_a_missing_value_raise_no_question(value):
    assert one(value) == []


def test_steady_growth_is_no_question_however_fast():
    assert one(4000 * 1.3**4, tuple(4000 * 1.3**k for k in range(4))) == []


def test_a_zero_that_was_always_zero_and_the_first_value_after_zeros_raise_no_question():
    assert one(0, (0, 0, 0)) == []
    assert one(12.5, (0, 0, 0)) == []


def test_a_small_count_may_do_what_chance_does():
    assert one(9, (2, 4, 1, 3)) == []
    assert one(0, (3, 2, 4, 3)) == []


# ---- one earlier year, against the peers --------------------------------------------------------------------


def many(change: float, **wrong: float) -> tuple[Evidence, dict[int, dict[str, float]]]:
    """Seventeen towns with one earlier year, all changed by ``change`` within two per cent; ``t3=10``: town 3 times 10."""
    rng = np.random.default_rng(5)
    last = {t: float(round(v, 1)) for t, v in zip(TOWNS, rng.lognormal(7, 0.5, len(TOWNS)), strict=True)}
    now = {t: {"area": round(v * change * math.exp(rng.normal(0, 0.02)), 1)} for t, v in last.items()}
    for name, factor in wrong.items():
        town = TOWNS[int(name[1:])]
        now[town] = {"area": round(now[town]["area"] * factor, 6)}
    return form("greening", now), {YEAR - 1: last}


def test_with_one_earlier_year_a_unit_is_held_against_everybodys_change():
    evidence, past = many(1.6)
    assert asked(evidence, past=past)[0] == []
    evidence, past = many(1.0, t3=1 / 2.5)
    (question,) = asked(evidence, past=past)[0]
    assert (question["unit"], question["kind"]) == (TOWNS[3], "history")


@pytest.mark.parametrize(
    ("factor", "times"), [(10, "10 倍"), (100, "100 倍"), (1000, "1000 倍"), (10_000, "1 万倍")]
)
def test_a_unit_slip_is_found_with_one_earlier_year_in_both_directions(factor, times):
    evidence, past = many(1.02, t3=factor, t9=1 / factor)
    right = {row["unit"]: row["area"] for row in many(1.02)[0].frame.to_dicts()}
    questions, _ = asked(evidence, past=past)
    assert {q["unit"]: q["kind"] for q in questions} == {TOWNS[3]: "magnitude", TOWNS[9]: "magnitude"}
    for question in questions:
        assert question["expected"] == pytest.approx(right[question["unit"]], rel=1e-3)
        assert f"差约 {times}" in question["says"]


def test_a_whole_column_in_another_unit_is_asked_of_every_unit():
    evidence, past = many(10_000)
    questions, _ = asked(evidence, past=past)
    assert {q["kind"] for q in questions} == {"magnitude"}
    assert len(questions) == len(TOWNS)


def test_without_a_past_a_unit_slip_stands_out_among_the_peers_per_head():
    now = {t: {"area": round(0.04 * p * math.exp(0.1 * (i % 3 - 1)), 1)} for i, (t, p) in
           enumerate(units().filter(pl.col("level") == "town").select("code", "population").iter_rows())}  # fmt: skip
    assert asked(form("greening", now))[0] == []
    slipped = now | {TOWNS[5]: {"area": now[TOWNS[5]]["area"] * 10_000}}
    (question,) = asked(form("greening", slipped))[0]
    assert (question["unit"], question["kind"]) == (TOWNS[5], "magnitude")
    assert question["expected"] == pytest.approx(now[TOWNS[5]]["area"], rel=1e-3)
    odd = now | {TOWNS[5]: {"area": now[TOWNS[5]]["area"] * 35}}
    (question,) = asked(form("greening", odd))[0]
    assert (question["unit"], question["kind"]) == (TOWNS[5], "peers")
    assert "每人" in str(question["says"])


# ---- two sources --------------------------------------------------------------------------------------------


def test_one_item_in_two_forms_must_agree_in_whatever_unit():
    library = Library(indicators=(ROAD,))
    here = form(
        "greening", {TOWNS[0]: {"built": 20.0}}, units_of={"built": "km²"}, columns={"built": "建成区面积"}
    )
    same = form(
        "water", {TOWNS[0]: {"built": 2000.0}}, units_of={"built": "公顷"}, columns={"built": "建成区面积"}
    )
    other = form(
        "water", {TOWNS[0]: {"built": 2600.0}}, units_of={"built": "公顷"}, columns={"built": "建成区面积"}
    )
    assert asked(here, same, library=library)[0] == []
    (question,) = asked(here, other, library=library)[0]
    assert (question["kind"], question["value"], question["expected"]) == ("sources", 2600, 2000)


def test_people_are_held_against_the_units_table():
    right = form(
        "greening", {TOWNS[0]: {"people": 1.0}}, units_of={"people": "万人"}, columns={"people": "常住人口"}
    )
    wrong = form(
        "greening", {TOWNS[0]: {"people": 1.3}}, units_of={"people": "万人"}, columns={"people": "常住人口"}
    )
    assert asked(right, library=Library())[0] == []
    (question,) = asked(wrong, library=Library())[0]
    assert (question["kind"], question["expected"]) == ("sources", 1.0)


def test_last_years_figure_stated_again_must_be_what_was_stated():
    said = {TOWNS[0]: {"area": 1010.0, "area_before": 900.0}}
    (question,) = asked(form("greening", said), past={YEAR - 1: {TOWNS[0]: 1000.0}})[0]
    assert (question["item"], question["kind"], question["expected"]) == ("area_before", "sources", 1000)


def test_last_years_figure_in_the_form_is_a_past_where_nothing_else_is_known():
    (question,) = asked(form("greening", {TOWNS[0]: {"area": 10_100_000.0, "area_before": 1000.0}}))[0]
    assert (question["item"], question["kind"], question["expected"]) == ("area", "magnitude", 1010)


def test_a_sum_that_disagrees_with_its_own_total_is_a_question_but_not_told_twice():
    frame = {"year": YEAR, "unit": DISTRICT, "level": "district", "indicator": "AA-01", "value": 50.0, "reported": 20.0,
             "rows": 17}  # fmt: skip
    measured = pl.concat([empty("measurements"), pl.DataFrame([frame])], how="diagonal_relaxed")
    questions, findings = asked(form("greening", {TOWNS[0]: {"area": None}}), measured=measured)
    assert [(q["kind"], q["value"], q["expected"]) for q in questions] == [("sources", 20, 50)]
    assert list(findings) == []


# ---- what is said -------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("unit", "power", "words"),
    [
        ("万元", 4, "是否把万元填成元（差约 1 万倍）"),
        ("km²", 2, "是否把km²填成公顷（差约 100 倍）"),
        ("㎡", -4, "是否把㎡填成公顷（差约 1 万倍）"),
        ("公顷", 4, "是否把公顷填成㎡（差约 1 万倍）"),
        ("t", 4, "是否把万t填成t（差约 1 万倍）"),
        ("km", 3, "是否把km填成m（差约 1000 倍）"),
        ("%", -2, "是否把百分数填成小数，如 95% 填成 0.95（差约 100 倍）"),
        ("座", 1, "是否多写一位数字或小数点错位（差约 10 倍）"),
        ("座", -3, "是否计量单位弄错（差约 1000 倍）"),
    ],
)
def test_the_question_names_the_units_that_may_have_been_mistaken(unit, power, words):
    assert slip(unit, power) == words


def test_every_question_is_one_finding_that_names_the_cell_and_what_may_be_right():
    evidence = form("greening", {TOWNS[0]: {"area": 12_320_000.0}})
    past = {YEAR - len(PAST) + i: {TOWNS[0]: v} for i, v in enumerate(PAST)}
    (question,), findings = asked(evidence, past=past)
    (finding,) = list(findings)
    assert (finding.code, finding.level) == ("Q001", "warning")
    assert str(finding.place) == "greening.xlsx › 表1 › 第 6 行 › 列“area栏”"
    assert finding.value == "12,320,000万元"
    assert finding.expected == "1,232万元 左右，或说明属实"
    assert str(question["says"]) in finding.message
    assert "是否把万元填成元（差约 1 万倍）" in finding.message
    assert "2025 年 1,205万元" in finding.message
    assert "corrections.toml" in finding.kind.remedy


def test_a_figure_whose_correction_is_declared_is_not_asked_about_again():
    fix = Correction(
        input="greening", match={"_unit": "第0街道办事处"}, column="area", expect="2600", value="2600", reason="属实",
        by="区绿化局", date="2026-06-01",
    )  # fmt: skip
    past = {YEAR - len(PAST) + i: {TOWNS[0]: v, TOWNS[1]: v} for i, v in enumerate(PAST)}
    evidence = form("greening", {t: {"area": 2600.0} for t in TOWNS[:2]})
    assert [q["unit"] for q in asked(evidence, past=past)[0]] == list(TOWNS[:2])
    questions, findings = asked(evidence, past=past, fixes=(fix,))
    assert [q["unit"] for q in questions] == [TOWNS[1]]
    assert len(findings) == 1


def test_the_same_input_gives_the_same_questions_whatever_the_order_of_its_rows():
    evidence, past = many(1.02, t3=100, t9=0.001, t11=1 / 3)
    first = asked(evidence, past=past)
    turned = Evidence("greening", evidence.input, evidence.frame.reverse())
    again = asked(turned, past={y: dict(reversed(of.items())) for y, of in past.items()})
    assert first[0] == again[0]
    assert [f.message for f in first[1]] == [f.message for f in again[1]]
    assert [q["id"] for q in first[0]] == ["HS-2026-001", "HS-2026-002", "HS-2026-003"]


# ---- an indicator's own value -------------------------------------------------------------------------------


def test_an_indicators_value_off_its_past_is_a_question_unless_a_figure_behind_it_is():
    history = pl.DataFrame(
        [(YEAR - 4 + i, TOWNS[0], "AA-01", v) for i, v in enumerate((50.0, 51.0, 52.0, 53.0))],
        schema={"year": pl.Int64, "unit": pl.String, "indicator": pl.String, "value": pl.Float64}, orient="row",
    )  # fmt: skip
    library = Library(indicators=(ROAD.model_copy(update={"unit": "㎡/人"}),), forms=LIBRARY.forms)
    row = {"year": YEAR, "unit": TOWNS[0], "level": "town", "indicator": "AA-01", "value": 540.0}
    measured = pl.concat([empty("measurements"), pl.DataFrame([row])], how="diagonal_relaxed")
    quiet, loud = (
        form("greening", {TOWNS[0]: {"area": None}}),
        form("greening", {TOWNS[0]: {"area": 12_320.0}}),
    )
    (question,) = asked(quiet, values=history, measured=measured, library=library)[0]
    assert (question["indicator"], question["item"], question["kind"]) == ("AA-01", "", "magnitude")
    past = {YEAR - len(PAST) + i: {TOWNS[0]: v} for i, v in enumerate(PAST)}
    (question,) = asked(loud, past=past, values=history, measured=measured, library=library)[0]
    assert question["item"] == "area"


# ---- false alarms -------------------------------------------------------------------------------------------


@pytest.mark.parametrize("sigma", [0.02, 0.05, 0.1, 0.2])
@pytest.mark.parametrize(("towns", "years"), [(1, 1), (1, 4), (1, 8), (17, 1), (17, 4)])
def test_of_a_thousand_clean_histories_less_than_one_in_a_hundred_is_asked_about(sigma, towns, years):
    """Lognormal levels, AR(1) with φ = 0.6 about a drift of 2 % (± 2 %) a year, stated in whole numbers."""
    rng = np.random.default_rng(20260101)
    alarms = 0
    rounds = 1000 // towns
    for _ in range(rounds):
        shocks = rng.normal(0, sigma, (towns, years + 1))
        state = shocks.copy()
        for t in range(1, years + 1):
            state[:, t] += 0.6 * state[:, t - 1]
        drift = rng.normal(0.02, 0.02, (towns, 1)) * np.arange(years + 1)
        stated = np.round(rng.lognormal(7, 1, (towns, 1)) * np.exp(state + drift))
        now, before = stated[:, -1], stated[:, :-1]
        scale = scale_of(False, now, before)
        pasts = past_of(now, before, np.arange(years, 0, -1.0), scale, np.zeros(towns))
        alarms += sum(
            past is not None and by_history(float(v), past, scale, Screening()) is not None
            for v, past in zip(now, pasts, strict=True)
        )
    assert alarms < 0.01 * rounds * towns


def test_two_digits_that_changed_places():
    assert sorted(swapped("1234")) == [1243, 1324, 2134]
    assert swapped("1022.5") == [1202.5, 1025.2]  # none begins with a zero, none is the same again


def test_the_spread_is_that_of_iglewicz_and_hoaglin():
    """Their modified z-score is 0.6745·(x − median)/MAD: one over 1.4826 MAD."""
    values = np.array([2.1, 2.6, 2.4, 2.5, 2.3, 2.1, 2.3, 2.6, 8.2, 8.3])
    assert robust_sd(values) == pytest.approx(
        np.median(np.abs(values - np.median(values))) / 0.6745, rel=1e-4
    )
    assert robust_sd(np.array([1.0] * 9 + [5.0])) == pytest.approx(1.2533 * 0.4, rel=1e-4)


# ---- the real two-year table --------------------------------------------------------------------------------

REAL = Path(__file__).parents[2] / "shared/real/yichang-2025/indicators_2024_2025.csv"


@pytest.mark.skipif(not REAL.exists(), reason="the published two-year table of 宜昌 is not here")
def test_of_a_real_citys_two_years_only_the_greatest_changes_are_asked_about():
    """28 indicators of one city, one earlier year, no peers: nothing is known of the usual change."""
    table = pl.read_csv(REAL, infer_schema=False)
    raised = []
    for name, last, now in table.select(table.columns[:3]).iter_rows():
        numbers = [re.fullmatch(r"\s*(-?\d+(?:\.\d+)?)\s*%?\s*", t or "") for t in (last, now)]
        if not all(numbers):
            continue  # two values in one cell, or none
        before, value = (np.array([float(m[1])]) for m in numbers if m)
        scale = scale_of("%" in name or "率" in name, value, before[:, None])
        past = past_of(value, before[:, None], np.array([1.0]), scale, np.zeros(1))[0]
        if past is not None and by_history(float(value[0]), past, scale, Screening()) is not None:
            raised.append(name)
    assert raised == ["城中村改造完成率（%）", "新中心林荫路覆盖率（%）"]  # 10.58 → 100 % and 32.15 → 88.57 %


# ---- where it shows -----------------------------------------------------------------------------------------


@cache
def shown() -> View:
    """Results in which one department is asked two things."""
    questions = pl.DataFrame(
        [
            {"id": "HS-2026-001", "unit": "990101001", "item": "area", "label": "绿地 面积", "kind": "magnitude",
             "value": 12_320_000.0, "expected": 1232.0, "says": "是否把万元填成元（差约 1 万倍）"},
            {"id": "HS-2026-002", "unit": "990101002", "item": "", "label": "城市绿地率", "kind": "history",
             "value": 12.34, "expected": 35.0, "says": "比最近一年低 22.7 个百分点"},
        ]
    ).with_columns(year=pl.lit(YEAR), lead=pl.lit(["区绿化市容局"]), measured_in=pl.lit("万元"), indicator=pl.lit("ST-02"))  # fmt: skip
    results = make_results()
    codes = results.units.filter(pl.col("level") == "town")["code"]
    questions = conform("questions", questions.with_columns(unit=pl.Series([codes[0], codes[1]])))
    return View(replace(results, questions=questions))


def test_the_departments_workbook_has_a_sheet_to_answer_in_and_nobody_elses(tmp_path):
    results = shown().results
    book = openpyxl.load_workbook(
        tmp_path / write_lists(results, tmp_path, unit=None, department="区绿化市容局")
    )
    sheet = book["数据核实"]
    header = [cell.value for cell in sheet[3]]
    assert [h for h in header if h in ("编号", "单元", "指标/报表项", "填报值", "疑问", "参考值", "部门答复", "更正值")] == [
        "编号", "单元", "指标/报表项", "填报值", "疑问", "参考值", "部门答复", "更正值",
    ]  # fmt: skip
    rows = [dict(zip(header, (c.value for c in row), strict=True)) for row in sheet.iter_rows(min_row=4)]
    assert [(r["编号"], r["填报值"], r["参考值"]) for r in rows] == [
        ("HS-2026-001", 12_320_000, 1232),
        ("HS-2026-002", 12.34, 35),
    ]
    (choice,) = [v for v in sheet.data_validations.dataValidation if v.type == "list"]
    assert choice.formula1 == '"属实,更正为"'
    assert all(not sheet.cell(4, 1 + header.index(h)).protection.locked for h in ("部门答复", "更正值"))
    assert sheet.cell(4, 1).protection.locked
    for department in (None, "区建设管理委"):
        other = openpyxl.load_workbook(
            tmp_path / write_lists(results, tmp_path, unit=None, department=department)
        )
        assert "数据核实" not in other.sheetnames


def test_the_task_sheet_and_the_districts_report_say_what_is_to_be_checked():
    (section,) = question_sections(shown(), "区绿化市容局")
    assert section.title == "待核实数据"
    assert "2个（数量级1个、与往年不符1个）" in section.blocks[0].paragraphs[0]
    assert section in department_report(shown(), "区绿化市容局").sections
    blocks = quality(shown(), shown().district).blocks
    (bullets,) = [b for b in blocks if isinstance(b, Bullets)]
    assert [p.text.split("：")[1] for p in bullets.lists[0][1]] == [
        "是否把万元填成元（差约 1 万倍）",
        "比最近一年低 22.7 个百分点",
    ]


def test_without_a_question_there_is_no_section_and_no_sheet():
    quiet = View(make_results())
    assert question_sections(quiet, "区绿化市容局") == ()
    assert questions_told(quiet) == ()
    assert question_sections(shown(), "区建设管理委") == ()


def test_a_department_that_is_only_asked_something_has_its_workbook_too():
    alone = shown().frame("questions").with_columns(lead=pl.lit(["区气象局"]))
    assert "区气象局" in View(replace(shown().results, questions=alone)).departments


@pytest.fixture(scope="module")
def sample(tmp_path_factory):
    return finished_sample(tmp_path_factory)


def test_check_asks_about_a_slip_in_a_returned_form_and_a_correction_answers_it(sample, tmp_path):
    """Town 1's parks in the sheet's 公顷, filled in 100 times too large; then corrected as the finding says."""
    folder = copy_of(sample, tmp_path)
    path = folder / f"inputs/{YEAR}/区绿化市容局填报表.xlsx"
    book = openpyxl.load_workbook(path)
    sheet = book.worksheets[0]
    was, unit = sheet["K6"].value, sheet["B6"].value
    sheet["K6"] = was * 100
    book.save(path)
    said = re.sub(r"\s", "", told("check", "-p", folder))
    assert "数据疑似差了数量级（1处）" in said
    assert "区绿化市容局填报表.xlsx›填报表›第6行" in said
    assert "列“公园绿地面积”" in said
    assert "在corrections.toml写一条" in said
    with (folder / "corrections.toml").open("a", encoding="utf-8") as file:
        file.write(
            f'\n[[correction]]\ninput = "greening"\nmatch = {{ _unit = "{unit}" }}\ncolumn = "park_area"\n'
            f'expect = "{was * 100:g}"\nvalue = "{was}"\nreason = "单位填错"\nby = "区绿化市容局"\ndate = 2026-06-01\n'
        )
    assert "数据疑似差了数量级" not in told("check", "-p", folder)
