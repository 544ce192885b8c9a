"""A changed definition or standard breaks the comparison with last year visibly, and old scores are told by new standards."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import get_args

import polars as pl
import pytest
from tijian.engine.diagnosis.everything import find_shortfalls, judge
from tijian.engine.evidence import HISTORY, PREDECESSORS, Gathered
from tijian.engine.results import SCHEMAS, conform, empty
from tijian.engine.scoring.everything import Basis, nothing_before, score_all
from tijian.engine.scoring.past import past_notes
from tijian.engine.settings.project import Diagnosis
from tijian.engine.settings.scheme import Scoring, SmallNumbers
from tijian.engine.storage import store
from tijian.engine.years.comparable import (
    ANCHORS,
    BROKEN,
    COUNT_ONLY,
    FIELDS,
    NEW,
    RESTATED,
    SAME,
    UNKNOWN,
    Link,
    Rules,
    comparable_values,
    linked,
    links_back,
    rules_of,
)
from tijian.engine.years.earlier import earlier_figures, earlier_values, last_year
from tijian.engine.years.since_last_year import since_last_year
from tijian.indicators.measure_model import Coverage, Measure, Walk
from tijian.indicators.model import Indicator, Standard
from tijian.reports.wording.past_words import change_said, last_score

from .small_year import DISTRICT, TOWNS, Count, Ratio, Reported, Rule, indicator, standard, units

YEAR = 2026
NAMES = ("安全韧性",)
UNCHANGED = pl.DataFrame(schema=PREDECESSORS)
CHOICES = {
    "scoring": Scoring().model_dump(mode="json"),
    "small_numbers": SmallNumbers().model_dump(mode="json"),
}


def share(code: str = "AQ-01", *, target: float = 80.0, **measure: object) -> Indicator:
    """Done ÷ all × 100 %, against a target."""
    given = {"of": "works", "numerator": "sum(done)", "denominator": "sum(total)", "scale": 100.0} | measure
    return indicator(code, Ratio(method="ratio", **given), standard=(standard(target=target, worst=0.0),))


def rules(year: int, *indicators: Indicator, **project: object) -> Rules:
    return Rules(year, {i.code: i for i in indicators}, CHOICES | project)


def link(old: Indicator, new: Indicator, before: dict | None = None, now: dict | None = None) -> Link:
    then, here = rules(YEAR - 1, old, **(before or {})), rules(YEAR, new, **(now or {}))
    return linked(then, here)[new.code]


def of_input(**settings: object) -> dict:
    """What a project's record says of the input ``works``."""
    plain = {
        "title": "工程表",
        "columns": {"done": "完成数", "total": "总数"},
        "units_of": {},
        "where": None,
        "tags": {},
    }
    return {"inputs": {"works": plain | settings}}


# ---- what is the same thing -----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("change", "what"),
    [
        ({"numerator": "sum(done_all)"}, "分子"),
        ({"denominator": "sum(total) - sum(exempt)"}, "分母"),
        ({"where": "done is not null"}, "筛选条件"),
        ({"of": "tasks"}, "数据来源"),
    ],
)
def test_a_value_divided_from_other_things_is_not_the_same_thing(change: dict, what: str) -> None:
    found = link(share(), share(**change))
    assert (found.state, found.reason) == (BROKEN, f"口径已变：{what}")
    assert [name for name, _, _ in found.changes] == [what]


def test_another_method_is_not_the_same_thing_and_is_told_by_its_name() -> None:
    radius = Coverage(method="coverage", demand="homes", supply="works", radius_m=500)
    found = link(share(), indicator("AQ-01", radius))
    assert found.changes == (("计算方法", "比率", "服务半径覆盖率"),)


def test_another_radius_is_told_in_metres_and_another_speed_only_where_minutes_are_walked() -> None:
    def served(radius: float) -> Indicator:
        return indicator(
            "AQ-01", Coverage(method="coverage", demand="homes", supply="works", radius_m=radius)
        )

    assert link(served(500), served(800)).changes == (("服务半径", "500米", "800米"),)
    slow, fast = ({"space": {"walk_speed_m_s": v, "snap_m": 200, "junctions": "auto"}} for v in (1.0, 1.2))
    walked = {"method": "walk", "demand": "homes", "supply": "works", "network": "paths"}
    for by, reason in (({"metres": 500}, None), ({"minutes": 15}, "口径已变：步速")):
        on_foot = indicator("AQ-01", Walk(**walked, **by))
        assert link(on_foot, on_foot, slow, fast).reason == reason


def test_line_breaks_words_names_and_departments_change_nothing() -> None:
    old = share()
    new = share(numerator="sum( done)".replace("( ", "(") + "\n").model_copy(
        update={
            "name": "另一个名称",
            "lead": ("区水务局",),
            "definition": "换了一种说法的定义",
            "formula": "完成数 ÷ 总数",
        }
    )
    assert link(old, new).state == SAME


def test_the_words_are_all_that_says_what_a_rate_handed_in_is() -> None:
    given = Reported(method="reported", of="works", item="完成率")
    old = indicator("AQ-01", given)
    assert link(old, old).state == SAME
    assert link(old, old.model_copy(update={"formula": "含在建的"})).reason == "口径已变：算法"


def test_another_factor_is_reckoned_and_another_unit_without_one_is_not_the_same_thing() -> None:
    per_mille = share(scale=1000.0).model_copy(update={"unit": "‰"})
    found = link(share(), per_mille)
    assert (found.state, found.factor) == (RESTATED, 10.0)
    assert link(share(), share().model_copy(update={"unit": "‰"})).reason == "口径已变：计量单位"


def test_items_in_another_unit_or_an_input_filtered_otherwise_are_not_the_same_thing() -> None:
    old, other = of_input(units_of={"done": "km"}), of_input(units_of={"done": "m"})
    assert link(share(), share(), old, other).reason == "口径已变：“完成数”的单位"
    assert link(share(), share(), of_input(), of_input(where="x > 0")).reason == "口径已变：工程表：筛选条件"
    assert (
        link(share(), share(), of_input(), of_input(columns={"done": "已完成", "total": "总数"})).state
        == SAME
    )


def count(per: str = "things", **rule: str) -> Indicator:
    told = {"id": "old", "when": "age > 20", "says": "超过20年"} | rule
    return indicator("AQ-02", Count(method="count", of="works", key="id", per=per, rule=(Rule(**told),)), unit="栋",
                     direction="lower")  # fmt: skip


def test_a_count_by_another_condition_is_another_count_and_by_another_denominator_the_same() -> None:
    assert link(count(), count(when="age > 30")).reason == "口径已变：有问题的条件"
    assert link(count(), count(says="二十年以上")).state == SAME
    by_people = link(count(), count("population"))
    assert (by_people.state, by_people.reason) == (COUNT_ONLY, None)
    values = measured("AQ-02", 3.0).with_columns(compared=pl.lit(30.0), denominator=pl.lit(10.0))
    kept = comparable_values(values, {"AQ-02": by_people})
    assert kept.select("value", "numerator", "compared", "denominator").unique().rows() == [
        (3.0, 3.0, None, None)
    ]


def test_only_the_direction_or_the_standard_leaves_the_value_as_it_is() -> None:
    turned = link(share(), share().model_copy(update={"direction": "lower", "standard": ()}))
    assert (turned.state, turned.one_way, turned.one_standard) == (SAME, False, False)
    moved = link(share(), share(target=90.0))
    assert (moved.state, moved.one_way, moved.one_standard) == (SAME, True, False)


def test_a_standard_that_comes_into_force_this_year_is_another_one() -> None:
    later = replace_standards(share(), standard(target=80.0, worst=0.0), standard_from(YEAR, target=90.0))
    assert link(later, later).one_standard is False


def replace_standards(of: Indicator, *standards: Standard) -> Indicator:
    return of.model_copy(update={"standard": standards})


def standard_from(year: int, **values: float) -> Standard:
    return standard(**values).model_copy(update={"since": standard(target=1.0).since.replace(year=year)})


def test_what_is_new_and_what_another_version_recorded_are_told_apart() -> None:
    now = rules(YEAR, share(), share("AQ-03"), share("AQ-04"))
    then = replace(rules(YEAR - 1, share()), unread=frozenset({"AQ-04"}))
    assert {code: x.state for code, x in linked(then, now).items()} == {
        "AQ-01": SAME,
        "AQ-03": NEW,
        "AQ-04": UNKNOWN,
    }
    unreadable = linked(Rules(YEAR - 1, known=False), now)
    assert {x.state for x in unreadable.values()} == {UNKNOWN}
    assert linked(None, now) == {}


def test_every_field_of_every_method_has_a_name_to_be_told_by() -> None:
    methods = get_args(get_args(Measure)[0])
    fields = {field for method in methods for field in method.model_fields} - {"name"}
    assert fields <= set(FIELDS)
    assert set(ANCHORS) <= set(Standard.model_fields)


# ---- scores beside last year's --------------------------------------------------------------------------------


def measured(code: str, value: float, year: int = YEAR - 1) -> pl.DataFrame:
    """The same value in the district and its four towns, of ``value`` in a hundred."""
    return conform("measurements", pl.DataFrame([
        {"year": year, "unit": unit, "level": level, "indicator": code, "value": value, "numerator": value,
         "denominator": 100.0, "compared": value, "origin": "computed", "basis": 1.0, "rows": 1}
        for unit, level in ((DISTRICT, "district"), *((town, "town") for town in TOWNS))
    ]))  # fmt: skip


def kept_year(folder: Path, scored_by: Rules, *values: pl.DataFrame) -> Path:
    """A results file in which last year was run by ``scored_by``."""
    path, year = folder / "results.duckdb", scored_by.year
    of = tuple(scored_by.indicators.values())
    made = score_all(basis(of, pl.concat(values), nothing_before(), year), Scoring())
    record = {
        "project": dict(scored_by.project),
        "indicators": [i.model_dump(mode="json") for i in of],
        "judgements": [],
    }
    runs = pl.DataFrame({"year": [year], "run_id": ["x"], "version": ["x"], "stage": ["store"],
                         "record": [json.dumps(record, ensure_ascii=False)]})  # fmt: skip
    store.write_year(
        path,
        year,
        made | {"measurements": pl.concat(values), "units": units(), "runs": runs},
        {"title": json.dumps("测试")},
    )
    return path


def basis(of: tuple[Indicator, ...], values: pl.DataFrame, before: dict, year: int = YEAR) -> Basis:
    nothing = pl.DataFrame(schema=HISTORY)
    return Basis(values, units(), empty("survey"), of, NAMES, year, before, nothing)


def this_year(
    folder: Path, then: tuple[Indicator, ...], now: tuple[Indicator, ...], values: dict[str, tuple[float, float]],
    **project: object,
) -> dict[str, pl.DataFrame]:  # fmt: skip
    """This year's frames after a last year: ``values`` are last year's and this year's by code."""
    old = [measured(code, a) for code, (a, _) in values.items() if code in {i.code for i in then}]
    path = kept_year(folder, rules(YEAR - 1, *then), *old)
    new = pl.concat([measured(code, b, YEAR) for code, (_, b) in values.items()])
    here = rules(YEAR, *now, **project)
    before = last_year(path, pl.DataFrame(schema=HISTORY), here, links_back(path, here), UNCHANGED, NAMES)
    scheme = Scoring.model_validate(here.project["scoring"])
    return score_all(basis(now, new, before), scheme) | {"measurements": new}


def town(frame: pl.DataFrame, **which: str) -> dict:
    return frame.filter(unit=TOWNS[0], **which).row(0, named=True)


BOTH = {"AQ-01": (40.0, 60.0), "AQ-03": (20.0, 20.0)}


def test_where_nothing_changed_last_years_scores_stand_as_they_were_printed(tmp_path: Path) -> None:
    of = (share(), share("AQ-03"))
    made = this_year(tmp_path, of, of, BOTH)
    row = town(made["scores"], indicator="AQ-01")
    assert (row["previous"], row["change"], row["improved"], row["than_previous"]) == (
        40.0,
        20.0,
        True,
        "better",
    )
    assert (row["previous_score"], row["previous_printed"], row["break_reason"]) == (
        pytest.approx(45.0),
        None,
        None,
    )
    total = town(made["totals"])
    assert (total["previous"], total["previous_printed"], total["break_reason"]) == (
        pytest.approx(33.75),
        None,
        None,
    )
    assert past_notes(made, {}) == []


def test_a_changed_definition_leaves_no_change_to_tell_and_no_ground_of_worsening(tmp_path: Path) -> None:
    """60 % last year by another numerator and 40 % now: not worse, but not comparable."""
    new = (share(numerator="sum(done_well)"), share("AQ-03"))
    made = this_year(tmp_path, (share(), share("AQ-03")), new, {"AQ-01": (60.0, 40.0), "AQ-03": (20.0, 20.0)})
    row = town(made["scores"], indicator="AQ-01")
    assert (row["previous"], row["change"], row["improved"], row["than_previous"]) == (None, None, None, None)
    assert row["break_reason"] == "口径已变：分子"
    assert town(made["scores"], indicator="AQ-03")["break_reason"] is None
    judged = judge(made["scores"], made["measurements"], units(), empty("survey"), new, Diagnosis(), YEAR)
    assert "worsening" not in set(find_shortfalls(judged, YEAR)["grounds"].explode())
    for frame in ("totals", "dimensions"):
        broken = town(made[frame])
        assert (broken["previous"], broken["change"]) == (None, None)
        assert broken["previous_printed"] == pytest.approx((67.5 + 22.5) / 2)
        assert broken["break_reason"] == "“指标AQ-01”口径已变"
    (values, totals) = past_notes(made, {"AQ-01": "完成率"})
    assert values.startswith("口径已变：完成率 1 项指标")
    assert totals.endswith("上年得分不可比，不列变化。")


def test_a_changed_standard_scores_last_years_value_again(tmp_path: Path) -> None:
    """40 % of a target of 80 % was 45 points; of one of 90 % it is 40, so that 60 % is 20 points better and not 15."""
    made = this_year(
        tmp_path, (share(), share("AQ-03")), (share(target=90.0), share("AQ-03")), BOTH
    )  # fmt: skip
    row = town(made["scores"], indicator="AQ-01")
    assert (row["previous"], row["change"]) == (40.0, 20.0)
    assert (row["score"], row["previous_score"], row["previous_printed"]) == (
        pytest.approx(60.0), pytest.approx(40.0), pytest.approx(45.0),
    )  # fmt: skip
    total = town(made["totals"])
    assert (total["previous"], total["previous_printed"]) == (pytest.approx(31.25), pytest.approx(33.75))
    assert total["change"] == pytest.approx(10.0)
    assert past_notes(made, {})[0].startswith("上年得分按今年标准重算")


def test_another_factor_changes_neither_the_change_nor_the_score(tmp_path: Path) -> None:
    per_mille = replace_standards(share(scale=1000.0), standard(target=800.0, worst=0.0))
    new = {"AQ-01": (40.0, 600.0), "AQ-03": (20.0, 20.0)}
    made = this_year(
        tmp_path, (share(), share("AQ-03")), (per_mille.model_copy(update={"unit": "‰"}), share("AQ-03")), new
    )
    row = town(made["scores"], indicator="AQ-01")
    assert (row["previous"], row["change"], row["improved"]) == (400.0, 200.0, True)
    assert (row["previous_score"], row["previous_printed"]) == (pytest.approx(45.0), None)


def test_an_indicator_left_out_is_left_out_of_last_year_too_and_a_new_one_breaks_the_total(
    tmp_path: Path,
) -> None:
    fewer = this_year(
        tmp_path, (share(), share("AQ-03")), (share(),), {"AQ-01": (40.0, 60.0), "AQ-03": (20.0, 20.0)}
    )
    total = town(fewer["totals"])
    assert (total["previous"], total["previous_printed"]) == (pytest.approx(45.0), pytest.approx(33.75))
    (tmp_path / "more").mkdir()
    more = this_year(tmp_path / "more", (share(),), (share(), share("AQ-03")), BOTH)
    total = town(more["totals"])
    assert (total["previous"], total["break_reason"]) == (None, "“指标AQ-03”今年新列入")
    assert town(more["scores"], indicator="AQ-01")["previous"] == 40.0


def test_another_scheme_scores_last_year_again(tmp_path: Path) -> None:
    of = (share(), share("AQ-03"))
    scheme = Scoring(aggregate_indicators="geometric").model_dump(mode="json")
    made = this_year(tmp_path, of, of, BOTH, scoring=scheme)
    total = town(made["totals"])
    assert total["previous"] == pytest.approx((45.0 * 22.5) ** 0.5)
    assert total["previous_printed"] == pytest.approx(33.75)


def test_earlier_years_of_another_definition_are_no_history_and_tables_are(tmp_path: Path) -> None:
    path = kept_year(tmp_path, rules(YEAR - 1, share()), measured("AQ-01", 40.0))
    told = pl.DataFrame([(YEAR - 2, TOWNS[0], "AQ-01", 30.0), (YEAR - 1, TOWNS[0], "AQ-01", 99.0)],
                        schema=HISTORY, orient="row")  # fmt: skip

    def known(new: Indicator) -> list[tuple[int, float]]:
        links = links_back(path, rules(YEAR, new))
        found = earlier_values(path, told, YEAR, links, UNCHANGED).filter(unit=TOWNS[0])
        return sorted(found.select("year", "value").rows())

    assert known(share()) == [(YEAR - 2, 30.0), (YEAR - 1, 40.0)]
    assert known(share(where="done > 0")) == [(YEAR - 2, 30.0)], (
        "a table does not stand in for what was measured"
    )


def test_a_figure_asked_in_another_unit_now_is_no_past_of_this_years(tmp_path: Path) -> None:
    then = rules(YEAR - 1, share(), **of_input(units_of={"done": "km", "total": "km"}))
    path = kept_year(tmp_path, then, measured("AQ-01", 40.0))
    stated = [{"year": YEAR - 1, "unit": TOWNS[0], "level": "town", "input": "works", "item": item, "value": 5.0}
              for item in ("done", "total")]  # fmt: skip
    store.replace_frame(path, "figures", YEAR - 1, conform("figures", pl.DataFrame(stated)))
    now = rules(YEAR, share(), **of_input(units_of={"done": "m", "total": "km"}))
    assert earlier_figures(path, now, UNCHANGED)["item"].to_list() == ["total"]


def test_a_record_that_cannot_be_read_compares_as_before_and_says_so(tmp_path: Path) -> None:
    path = kept_year(tmp_path, rules(YEAR - 1, share()), measured("AQ-01", 40.0))
    store.replace_frame(
        path, "runs", YEAR - 1, store.read_frame(path, "runs", YEAR - 1).with_columns(record=pl.lit("{}"))
    )
    then, now = rules_of(path, YEAR - 1), rules(YEAR, share(where="done > 0"))
    assert then is not None
    assert not then.known
    before = last_year(path, pl.DataFrame(schema=HISTORY), now, links_back(path, now), UNCHANGED, NAMES)
    assert before["measurements"]["value"].unique().to_list() == [40.0]
    since = since_last_year(
        path, now, links_back(path, now)[YEAR - 1], Gathered(units(), empty("shapes"), "EPSG:4549", {})
    )
    assert since is not None
    assert "读不出口径" in since.unknown


@pytest.mark.parametrize(("target", "moved"), [(80.0, ()), (70.0, ("target",))])
def test_of_a_definition_that_cannot_be_read_the_standard_is_what_the_results_say_was_in_force(
    tmp_path: Path, target: float, moved: tuple[str, ...]
) -> None:
    path = kept_year(tmp_path, rules(YEAR - 1, share()), measured("AQ-01", 40.0))
    in_force = {"code": "AQ-01", "name": "旧", "target": target, "worst": 0.0}
    store.replace_frame(path, "indicators", YEAR - 1, conform("indicators", pl.DataFrame([in_force])))
    runs = store.read_frame(path, "runs", YEAR - 1)
    record = json.loads(runs["record"][0])
    record["indicators"][0]["measure"]["method"] = "一种旧算法"
    store.replace_frame(
        path, "runs", YEAR - 1, runs.with_columns(record=pl.lit(json.dumps(record, ensure_ascii=False)))
    )
    now = rules(YEAR, share())
    found = links_back(path, now)[YEAR - 1]
    assert (found["AQ-01"].state, found["AQ-01"].moved) == (UNKNOWN, moved)
    since = since_last_year(path, now, found, Gathered(units(), empty("shapes"), "EPSG:4549", {}))
    assert since is not None
    told = [c.says.split("（%）（")[0] for c in since.changes if c.part == "标准"]
    assert told == (["标准由“达标值 70、零分值 0”（%）改为“达标值 80、零分值 0”"] if moved else [])


# ---- what check tells -----------------------------------------------------------------------------------------


@pytest.fixture
def changes(tmp_path: Path) -> Callable[..., list[tuple[str, str, str]]]:
    """What changed since last year, as (part, what, says)."""
    old = (share(), share("AQ-03"), share("AQ-05"))
    then = rules(YEAR - 1, *old, **of_input(provider="区水务局", units_of={"done": "km"}))
    path = kept_year(tmp_path, then, *(measured(i.code, 40.0) for i in old))
    files = {"year": YEAR - 1, "name": "works", "kind": "records", "file": "工程.xlsx", "rows": 4}
    store.replace_frame(path, "inputs", YEAR - 1, conform("inputs", pl.DataFrame([files])))

    def told(
        *now: Indicator, of: pl.DataFrame | None = None, changed: pl.DataFrame = UNCHANGED, **project: object
    ) -> list[tuple[str, str, str]]:
        gathered = Gathered(
            units() if of is None else of, empty("shapes"), "EPSG:4549", {}, predecessors=changed
        )
        here = rules(
            YEAR, *(now or old), **(of_input(provider="区水务局", units_of={"done": "km"}) | project)
        )
        found = since_last_year(path, here, links_back(path, here)[YEAR - 1], gathered)
        assert found is not None
        return [(c.part, c.what, c.says) for c in found.changes]

    return told


MISSING = ("填报表和数据", "工程表（works）", "上年收到了 工程.xlsx，今年还没有")


def test_nothing_is_told_but_what_changed(changes: Callable) -> None:
    assert changes() == [MISSING]


def test_units_added_gone_renamed_moved_and_recoded_are_told(changes: Callable) -> None:
    a, b, c = TOWNS[:3]
    inside = pl.col("parent") == c
    now = units().with_columns(
        name=pl.when(pl.col("code") == a).then(pl.lit("新名街道")).otherwise("name"),
        parent=pl.when(pl.col("code") == f"{b}001").then(pl.lit(a)).otherwise("parent"),
        code=pl.when(pl.col("code") == f"{c}001").then(pl.lit("100000009001")).otherwise("code"),
    ).filter(~(inside & (pl.col("code") == f"{c}002")))  # fmt: skip
    found = {what: says for part, what, says in changes(of=now) if part == "体检单元"}
    assert found[f"新名街道（{a}）"] == "上年叫“第1街道”"
    assert found[f"21社区（{b}001）"] == "由“第2街道”改属“新名街道”"
    assert "若只是换了代码，请在单元名录的“原代码”一列写明" in found["31社区（100000009001）"]
    assert "没有单元写它为原代码" in found[f"32社区（{c}002）"]
    declared = pl.DataFrame([("100000009001", f"{c}001", 1.0)], schema=PREDECESSORS, orient="row")
    found = {what: says for _, what, says in changes(of=now, changed=declared)}
    assert found["“31社区”（100000009001）"] == f"代码由 {c}001 改为 100000009001"
    assert f"31社区（{c}001）" not in found


def test_indicators_definitions_standards_and_scheme_are_told_old_and_new(changes: Callable) -> None:
    scheme = Scoring(perceived_share=0.3).model_dump(mode="json")
    found = changes(
        share(numerator="sum(done_well)").model_copy(update={"minimum": {"town": 10.0}}),
        share("AQ-03", target=90.0).model_copy(update={"direction": "within", "standard": (standard(low=1.0, high=2.0),)}),
        share("AQ-04"),
        scoring=scheme,
    )  # fmt: skip
    assert set(found) - {MISSING} == {
        ("指标增减", "AQ-04 指标AQ-04", "今年新列入"),
        ("指标增减", "AQ-05 指标AQ-05", "今年不再使用"),
        ("口径", "AQ-01 指标AQ-01", "分子由“sum(done)”改为“sum(done_well)”"),
        ("口径", "AQ-01 指标AQ-01", "最小基数由不限改为街镇 10"),
        ("口径", "AQ-03 指标AQ-03", "由越大越好改为适度"),
        ("标准", "AQ-03 指标AQ-03",
         "标准由“达标值 80、零分值 0”（%）改为“适度下限 1、适度上限 2”（%）（测试标准，2020-01-01 起）"),
        ("计分和判定", "[scoring] perceived_share", "由 0.2 改为 0.3"),
    }  # fmt: skip


def test_items_asked_anew_dropped_or_in_another_unit_are_told(changes: Callable) -> None:
    columns = {"done": "完成长度", "exempt": "免改数"}
    found = changes(**of_input(provider="区建设管理委", columns=columns, units_of={"done": "m"}))
    of_form = [says for part, what, says in found if part == "填报表和数据" and what == "工程表（works）"]
    assert of_form[:5] == [
        "新问：免改数", "不再问：总数", "表头由“完成数”改为“完成长度”", "“完成长度”的单位由“km”改为“m”",
        "填报单位由“区水务局”改为“区建设管理委”",
    ]  # fmt: skip


# ---- in words -------------------------------------------------------------------------------------------------


def test_reports_say_what_a_change_is_against_and_explain_keeps_the_printed_score() -> None:
    plain = {"change": 1.24, "previous_printed": None, "break_reason": None}
    assert change_said(plain) == "，较上年提高1.2分"
    assert change_said(plain | {"previous_printed": 80.0}) == "，较上年提高1.2分（上年得分按今年标准重算）"
    assert change_said(plain | {"change": None, "break_reason": "“甲”口径已变"}) == (
        "（上年得分不可比：“甲”口径已变）"
    )
    assert last_score(82.04, None) == ["上年得分：82.0"]
    assert last_score(82.0, 90.0) == ["上年得分：82.0（按今年标准重算；当年印发 90.0）"]
    assert last_score(None, 90.0, "口径已变") == ["上年得分：90.0，不与今年比较（口径已变）"]
    assert last_score(None, None) == []
    assert {"previous_score", "previous_printed", "break_reason"} <= set(SCHEMAS["scores"])
