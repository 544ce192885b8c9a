"""Sets laid over one another: bases, borrowing, dimensions and parameters; and what is said when they clash."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from .cli_project import call, told
from .layering_sets import SOURCE, borrow, codes, indicator, laid, load, override, project, system

SEVENTH, EIGHTH = "维度七（待确认）", "维度八（待确认）"

COVERAGE = """
[[indicator]]
code = "YY-01"
name = "幼儿园覆盖率"
dimension = "出行"
aspect = "功能完善"
scale = "小区（社区）"
unit = "%"
direction = "higher"
kind = "guiding"
treatment = "effort"
definition = "距幼儿园{radius}米以内的人口所占比例。"
formula = "{radius}米内的人口 ÷ 人口 × 100%"
lead = ["区教育局"]
remedy = "在{unit}补建幼儿园。"

  [[indicator.parameter]]
  name = "radius"
  meaning = "幼儿园服务半径"
  value = 300

    [[indicator.parameter.option]]
    value = 300
    says = "甲标准：300米"

    [[indicator.parameter.option]]
    value = 500
    says = "乙标准：500米"

  [indicator.measure]
  method = "coverage"
  demand = "residences"
  supply = "kindergartens"
  supply_where = "kind = '幼儿园' and radius_m >= {radius}"
  radius_m = "{radius}"
"""


# ---- bases ----------------------------------------------------------------------------------------


def test_a_set_brings_the_sets_it_builds_on_and_they_come_before_it(tmp_path: Path) -> None:
    files = {
        "top/system": system("top", "出行", on=("middle", "side")), "top/a": indicator("XX-03"),
        "middle/system": system("middle", on=("bottom",)), "middle/a": override("XX-01", "weight", "2.0"),
        "side/system": system("side", on=("bottom",)), "side/a": override("XX-01", "weight", "3.0"),
        "bottom/system": system("bottom", "出行"), "bottom/a": indicator("XX-01"),
    }  # fmt: skip
    library, findings = load(tmp_path, files, "top")
    assert findings == []
    assert codes(library) == ["XX-01", "XX-03"]
    assert [s.name for s in library.systems] == ["bottom", "middle", "side", "top"]
    changed = library.get("XX-01")
    assert changed is not None
    assert changed.weight == 3.0, "side stands after middle in builds_on, so it is laid over it"
    assert library.origin["XX-01", "weight"] == "side"


def test_a_base_named_after_the_set_that_builds_on_it_is_still_below_it(tmp_path: Path) -> None:
    files = {
        "top/system": system("top", on=("bottom",)), "top/a": override("XX-01", "weight", "2.0"),
        "bottom/system": system("bottom", "出行"), "bottom/a": indicator("XX-01"),
    }  # fmt: skip
    library, findings = load(tmp_path, files, "top", "bottom")
    assert findings == []
    assert library.get("XX-01").weight == 2.0


@pytest.mark.parametrize("start", ["one", "two"])
def test_sets_that_build_on_each_other_are_each_read_once(tmp_path: Path, start: str) -> None:
    files = {
        "one/system": system("one", "出行", on=("two",)), "one/a": indicator("XX-01"),
        "two/system": system("two", "出行", on=("one", "two")), "two/a": indicator("XX-02"),
    }  # fmt: skip
    library, findings = load(tmp_path, files, start)
    assert findings == []
    assert sorted(codes(library)) == ["XX-01", "XX-02"]
    assert library.systems[-1].name == start, "the set asked for is laid last"


def test_a_base_that_there_is_not_is_told_where_it_is_asked_for(tmp_path: Path) -> None:
    files = {"top/system": system("top", "出行", on=("botom",)), "bottom/system": system("bottom", "出行")}
    _, (finding,) = load(tmp_path, files | {"top/a": indicator("XX-01")}, "top")
    assert (finding.code, finding.place.file, finding.place.column) == (
        "I001",
        "indicators/top/system.toml",
        "builds_on",
    )
    assert (finding.value, finding.expected) == ("botom", "bottom")


# ---- borrowing ------------------------------------------------------------------------------------


def test_a_set_takes_over_single_indicators_with_their_forms(tmp_path: Path) -> None:
    library, findings = load(tmp_path, SOURCE | {"taker/a": borrow("source", "XX-02")}, "taker")
    assert findings == []
    assert codes(library) == ["XX-02"]
    assert library.origin["XX-02", "code"] == "source"
    assert [i.name for i in library.forms["trams"].item] == ["trams", "trams_good"]


def test_borrowing_what_is_in_force_already_changes_nothing(tmp_path: Path) -> None:
    plain, _ = load(tmp_path / "plain", SOURCE, "source", "taker")
    files = SOURCE | {"taker/a": borrow("source", "XX-01", "XX-02")}
    for order in (("source", "taker"), ("taker", "source")):
        library, findings = load(tmp_path / order[0], files, *order)
        assert findings == []
        assert library.indicators == plain.indicators
        assert library.forms == plain.forms


def test_borrowing_a_code_that_is_not_there_names_both_files(tmp_path: Path) -> None:
    files = SOURCE | {"taker/a": borrow("source", "XX-02", "XX-09")}
    library, (finding,) = load(tmp_path, files, "taker")
    assert (finding.code, finding.value, finding.place.file) == ("I014", "XX-09", "indicators/taker/a.toml")
    assert "indicators/source" in finding.message
    assert codes(library) == ["XX-02"], "what is there is still taken over"


def test_a_set_may_change_what_it_has_borrowed(tmp_path: Path) -> None:
    files = SOURCE | {"taker/a": borrow("source", "XX-01") + override("XX-01", "measure.scale", "1000")}
    library, findings = load(tmp_path, files, "taker")
    assert findings == []
    assert library.get("XX-01").measure.scale == 1000
    assert library.origin["XX-01", "measure.scale"] == "taker"
    assert library.origin["XX-01", "measure"] == "source"


def test_the_source_keeps_its_own_definition_where_both_are_asked_for_and_the_takers_change_is_laid_over(
    tmp_path: Path,
) -> None:
    files = SOURCE | {"taker/a": borrow("source", "XX-01") + override("XX-01", "weight", "2.0")}
    library, findings = load(tmp_path, files, "source", "taker")
    assert findings == []
    weights = {i.code: i.weight for i in library.indicators}
    assert weights == {"XX-01": 2.0, "XX-02": 1.0}


def test_the_command_refuses_a_dangling_borrow_and_shows_where_it_stands(tmp_path: Path) -> None:
    laid(project(tmp_path, "taker"), SOURCE | {"taker/a": borrow("source", "XX-09")})
    done = call("indicators", cwd=tmp_path, columns=200)
    assert done.returncode == 1
    assert "I014" in done.stdout
    assert "indicators/taker/a.toml" in done.stdout
    assert "indicators/source" in done.stdout


# ---- dimensions -----------------------------------------------------------------------------------

CITY = {
    "base/system": system("base", "出行", "安全"),
    "base/a": indicator("XX-01", "出行") + indicator("XX-02", "安全"),
    "city/system": system(
        "city", "安全", SEVENTH, EIGHTH, on=("base",), title="本市体系",
        more=f'unnamed = ["{SEVENTH}", "{EIGHTH}"]\ndimension_of = {{ "出行" = "{SEVENTH}" }}\n',
    ),
    "city/a": indicator("XX-03", EIGHTH),
    "plan/system": system("plan"),
    "plan/a": indicator("XX-04", "出行"),
}  # fmt: skip


def test_dimensions_of_earlier_sets_are_moved_into_those_of_the_last(tmp_path: Path) -> None:
    library, findings = load(tmp_path, CITY, "city", "plan", names={SEVENTH: "通达", EIGHTH: "活力"})
    assert findings == []
    assert library.dimension_names == ("安全", "通达", "活力")
    assert {i.code: i.dimension for i in library.indicators} == {
        "XX-02": "安全",
        "XX-01": "通达",
        "XX-04": "通达",
        "XX-03": "活力",
    }


def test_a_dimension_left_to_be_named_is_a_warning_until_the_project_names_it(tmp_path: Path) -> None:
    library, findings = load(tmp_path, CITY, "city", names={EIGHTH: "活力"})
    (finding,) = findings
    assert (finding.code, finding.level, finding.value) == ("I013", "warning", SEVENTH)
    assert (finding.place.file, finding.place.column) == ("tijian.toml", "project.dimensions")
    assert "本市体系" in finding.message
    assert f'"{SEVENTH}" = ' in finding.expected
    assert library.dimension_names == ("安全", SEVENTH, "活力")


def test_a_dimension_that_is_mapped_nowhere_is_told_for_each_indicator(tmp_path: Path) -> None:
    files = CITY | {"city/system": CITY["city/system"].replace('"出行" =', '"出游" =')}
    library, findings = load(tmp_path, files, "city", names={SEVENTH: "通达", EIGHTH: "活力"})
    (finding,) = findings
    assert (finding.code, finding.value, finding.place.file) == ("I007", "出行", "indicators/base/a.toml")
    assert finding.expected == "安全、通达、活力"
    assert codes(library) == ["XX-02", "XX-03"]


def test_the_shipped_shanghai_set_warns_of_its_two_unnamed_dimensions_and_of_nothing_else(
    tmp_path: Path,
) -> None:
    names = {SEVENTH: "甲", EIGHTH: "乙"}
    unnamed, warned = load(tmp_path, {}, "shanghai", "songjiang")
    named, silent = load(tmp_path, {}, "shanghai", "songjiang", names=names)
    assert [(f.code, f.value) for f in warned] == [("I013", SEVENTH), ("I013", EIGHTH)]
    assert silent == []
    assert named.dimension_names == tuple(names.get(d, d) for d in unnamed.dimension_names)
    assert {i.dimension for i in named.indicators} == set(named.dimension_names), "no dimension stays empty"
    national, _ = load(tmp_path, {}, "national-2025", "national-2022", "songjiang")
    own = {i.code for i in named.indicators} - {i.code for i in national.indicators}
    assert own, "it has indicators of its own"
    for code in own:
        assert (named.origin[code, "code"], named.get(code).confirmed) == ("shanghai", False)


@pytest.mark.parametrize(
    ("more", "codes_found"),
    [("", ["I013", "I013"]), (f'dimensions = {{ "{SEVENTH}" = "通达", "{EIGHTH}" = "活力" }}', [])],
)
def test_the_command_checks_the_names_of_dimensions(
    tmp_path: Path, more: str, codes_found: list[str]
) -> None:
    laid(project(tmp_path, "city", more=more), CITY)
    found = json.loads(call("check", "--format", "json", cwd=tmp_path).stdout)
    assert [f["code"] for f in found if f["code"].startswith("I") and f["code"] != "I010"] == codes_found


def test_the_command_lists_indicators_under_the_names_the_project_gives(tmp_path: Path) -> None:
    laid(
        project(tmp_path, "city", more=f'dimensions = {{ "{SEVENTH}" = "通达", "{EIGHTH}" = "活力" }}'), CITY
    )
    listed = told("indicators", cwd=tmp_path, columns=160)
    assert "通达" in listed
    assert "待确认" not in listed


# ---- parameters -----------------------------------------------------------------------------------

PARAMETER = {"a/system": system("a", "出行"), "a/a": COVERAGE}


def test_a_parameter_stands_in_texts_and_in_the_calculation(tmp_path: Path) -> None:
    library, findings = load(tmp_path, PARAMETER, "a")
    assert findings == []
    found = library.get("YY-01")
    assert found is not None
    assert found.definition == "距幼儿园300米以内的人口所占比例。"
    assert found.measure.radius_m == 300
    assert found.measure.supply_where == "kind = '幼儿园' and radius_m >= 300"


def test_a_project_chooses_another_rule_by_the_name_of_the_parameter(tmp_path: Path) -> None:
    files = PARAMETER | {"本区": override("YY-01", "parameter.radius", "500")}
    library, findings = load(tmp_path, files, "a")
    assert findings == []
    found = library.get("YY-01")
    assert found is not None
    assert (found.measure.radius_m, found.definition) == (500, "距幼儿园500米以内的人口所占比例。")
    assert found.parameter[0].chosen.says == "乙标准：500米"
    assert library.origin["YY-01", "parameter.radius"] == "本项目"
    assert library.origin["YY-01", "parameter"] == "a"


def test_a_value_that_is_no_option_is_told_where_the_override_stands(tmp_path: Path) -> None:
    files = PARAMETER | {"本区": override("YY-01", "parameter.radius", "800")}
    library, (finding,) = load(tmp_path, files, "a")
    assert (finding.code, finding.place.file) == ("I005", "indicators/本区.toml")
    assert "radius 的取值 800 不在可选口径之内：300、500" in finding.message
    assert library.indicators == ()


@pytest.mark.parametrize(("code", "field"), [("YY-01", "parameter.radius_m"), ("XX-01", "parameter.radius")])
def test_a_parameter_that_there_is_not_cannot_be_chosen(tmp_path: Path, code: str, field: str) -> None:
    files = PARAMETER | {"a/b": indicator("XX-01"), "本区": override(code, field, "500")}
    library, (finding,) = load(tmp_path, files, "a")
    assert (finding.code, finding.value, finding.place.file) == ("I009", field, "indicators/本区.toml")
    assert "parameter.参数名" in finding.expected
    assert sorted(codes(library)) == ["XX-01", "YY-01"], "the definition stands as it was"


def test_the_command_says_which_rule_is_used_and_which_there_is_besides(tmp_path: Path) -> None:
    laid(project(tmp_path, "a"), PARAMETER | {"本区": override("YY-01", "parameter.radius", "500")})
    shown = told("indicators", "YY-01", cwd=tmp_path, columns=200)
    assert "500米以内" in shown
    assert "{radius}" not in shown
