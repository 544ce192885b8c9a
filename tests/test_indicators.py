"""The shipped indicators are complete and sourced; sets are layers; every mistake is told to its author."""

from __future__ import annotations

import re
import tomllib
from collections import Counter
from pathlib import Path

import polars as pl
import pytest
from tijian.engine.findings import Finding, Findings, catalogue
from tijian.engine.results import SCHEMAS
from tijian.engine.storage.store import sandbox
from tijian.indicators.faults import MEASURES
from tijian.indicators.fields import Strict
from tijian.indicators.layers import Disable, Override
from tijian.indicators.loader import Library, indicator_frame, load_indicators
from tijian.indicators.measure_model import Ratio, Rule, Sql, Survey
from tijian.indicators.model import Indicator, Standard, System
from tijian.indicators.reference import reference_page
from tijian.indicators.sql import snippets, whose

from .layering_sets import override
from .sample_tables import ROOT, evidence_of, sample_project

BROKEN = sorted((ROOT / "tests" / "cases" / "broken").glob("*.toml"))
PROJECT = sample_project()
SHIPPED = ("national-2025", "national-2022", "songjiang")
DIMENSIONS = (
    "生态宜居", "健康舒适", "安全韧性", "交通便捷", "风貌特色", "整洁有序", "多元包容", "创新活力",
)  # fmt: skip


def load(folder: Path, *sets: str) -> tuple[Library, Findings]:
    """The library of ``sets`` for a project in ``folder``, with what was found."""
    findings = Findings()
    return load_indicators(sets or SHIPPED, folder, findings, inputs=tuple(PROJECT.inputs)), findings


@pytest.fixture(scope="module")
def shipped(tmp_path_factory: pytest.TempPathFactory) -> Library:
    library, findings = load(tmp_path_factory.mktemp("empty"))
    assert [f.message for f in findings] == []
    return library


def project_with(folder: Path, **files: str) -> Path:
    """A project folder whose ``indicators/`` holds the files given (``a__b`` stands for ``a/b.toml``)."""
    for name, text in files.items():
        path = folder / "indicators" / (name.replace("__", "/") + ".toml")
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    return folder


# ---- what is shipped ------------------------------------------------------------------------------


def test_the_shipped_sets_cover_the_eight_dimensions(shipped: Library) -> None:
    assert shipped.dimension_names == DIMENSIONS
    per_dimension = Counter(i.dimension for i in shipped.indicators)
    assert len(shipped.indicators) >= 40
    assert all(per_dimension[d] >= 4 for d in DIMENSIONS), per_dimension


def test_the_shipped_sets_use_every_method(shipped: Library) -> None:
    assert {i.measure.method for i in shipped.indicators} == set(MEASURES)


def test_indicators_come_in_the_order_of_the_dimensions_and_then_as_written(shipped: Library) -> None:
    assert list(dict.fromkeys(i.dimension for i in shipped.indicators)) == list(DIMENSIONS)
    for dimension in DIMENSIONS:
        mine = [i for i in shipped.indicators if i.dimension == dimension]
        written = [(SHIPPED.index(shipped.origin[i.code, "code"]), i.number or 0) for i in mine]
        assert written == sorted(written)


def test_every_standard_has_its_source_clause_and_the_day_it_was_checked(shipped: Library) -> None:
    standards = [(i.code, s) for i in shipped.indicators for s in i.standard]
    assert len(standards) >= 30
    for code, standard in standards:
        assert standard.source, code
        assert standard.clause, code
        assert standard.checked >= standard.since, code


def test_a_remedy_names_a_target_only_where_there_is_one(shipped: Library) -> None:
    for indicator in shipped.indicators:
        has_target = any(s.target is not None for s in indicator.standard)
        assert has_target or not re.search(r"\{(target|gap)\}", indicator.remedy), indicator.code


def test_a_remedy_names_things_only_where_things_are_counted(shipped: Library) -> None:
    for indicator in shipped.indicators:
        counts = indicator.measure.method == "count"
        assert ("{names}" in indicator.remedy) == counts, indicator.code


def test_every_baseline_indicator_is_a_count_that_must_be_dealt_with_in_time(shipped: Library) -> None:
    baseline = [i for i in shipped.indicators if i.kind == "baseline"]
    assert {"AQ-01", "AQ-02", "AQ-03", "AQ-04"} <= {i.code for i in baseline}
    for indicator in baseline:
        assert (indicator.measure.method, indicator.treatment) == ("count", "within_deadline"), indicator.code


def test_the_topics_of_the_sample_name_indicators_that_exist(shipped: Library) -> None:
    for name, codes in PROJECT.topics.items():
        assert [c for c in codes if shipped.get(c) is None] == [], name


def test_survey_questions_exist_in_the_sample(shipped: Library) -> None:
    asked = PROJECT.inputs["residents"].questions
    for indicator in shipped.indicators:
        assert indicator.survey is None or indicator.survey in asked, indicator.code
        if isinstance(indicator.measure, Survey):
            assert indicator.measure.question in asked, indicator.code
            assert indicator.survey is None, f"{indicator.code} would be judged with itself"


def test_no_indicator_is_judged_below_the_level_of_its_evidence(shipped: Library) -> None:
    order = ("district", "town", "community")
    for indicator in shipped.indicators:
        if indicator.measure.method == "reported":
            continue
        finest = [PROJECT.inputs[name].level or "community" for name in indicator.measure.inputs]
        allowed = min(order.index(level) for level in finest)
        assert max(order.index(level) for level in indicator.levels) <= allowed, indicator.code


def test_reported_items_are_those_the_sample_is_made_with(shipped: Library) -> None:
    listed = pl.read_csv(ROOT / "data" / "sample" / "reported_items.csv")
    wanted = {
        (i.measure.item, level)
        for i in shipped.indicators
        if i.measure.method == "reported"
        for level in i.levels
    }
    assert wanted == set(listed.select("item", "level").iter_rows())
    assert (listed["low"] < listed["high"]).all()


def test_every_piece_of_sql_binds_to_the_columns_the_sample_declares(shipped: Library) -> None:
    with sandbox(evidence_of(PROJECT, {name: [] for name in PROJECT.inputs})) as con:
        for indicator in shipped.indicators:
            measure = indicator.measure
            if isinstance(measure, Sql):
                columns = set(con.sql(measure.query).columns)
                assert {"unit", "numerator", "denominator"} <= columns, indicator.code
            for field, text in snippets(measure):
                of = whose(measure, field)
                aggregate = isinstance(measure, Ratio) and field != "where"
                kind = con.sql(
                    f'SELECT ({text}) AS x FROM "{of}"' + (" GROUP BY unit" if aggregate else "")
                ).types[0]
                assert aggregate or field == "weight" or kind == "BOOLEAN", (indicator.code, field, kind)


def test_counts_name_things_by_columns_that_exist(shipped: Library) -> None:
    for indicator in shipped.indicators:
        if indicator.measure.method == "count":
            columns = PROJECT.inputs[indicator.measure.of].columns
            used = {indicator.measure.key, indicator.measure.name} - {None}
            assert used <= set(columns), indicator.code
            assert indicator.measure.key == PROJECT.inputs[indicator.measure.of].key, indicator.code


# ---- the frame of definitions ---------------------------------------------------------------------


def test_the_frame_has_one_row_per_indicator_in_order(shipped: Library) -> None:
    frame = indicator_frame(shipped, 2026)
    assert dict(frame.schema) == {
        name: pl.DataType.from_python(t) if t in (str,) else t for name, t in SCHEMAS["indicators"].items()
    }
    assert frame["code"].to_list() == [i.code for i in shipped.indicators]
    assert frame["position"].to_list() == list(range(len(shipped.indicators)))
    assert set(frame["system"]) == set(SHIPPED)


def test_the_frame_shows_the_standard_of_its_year(shipped: Library) -> None:
    def sweep(year: int) -> dict[str, object]:
        row = indicator_frame(shipped, year).row(by_predicate=pl.col("code") == "SJ-05", named=True)
        return {key: row[key] for key in ("target", "best", "floor")}

    assert sweep(2023) == {"target": None, "best": None, "floor": None}
    assert sweep(2024) == {
        "target": 100,
        "best": 100,
        "floor": None,
    }


def test_an_empty_library_has_an_empty_frame() -> None:
    assert indicator_frame(Library(), 2026).is_empty()


# ---- layers ---------------------------------------------------------------------------------------

SYSTEM = """
name = "local"
title = "本地体系"
source = "试验"
dimensions = ["生态宜居", "健康舒适", "安全韧性", "交通便捷", "风貌特色", "整洁有序", "多元包容", "创新活力"]
"""
OWN = (
    (ROOT / "tests" / "cases" / "undeclared_input.toml").read_text(encoding="utf-8").replace("trams", "buses")
)


def test_an_input_nobody_declared_is_told_once_with_the_indicators_that_need_it(tmp_path: Path) -> None:
    undeclared = OWN.replace('"buses"', '"trams"')
    project_with(tmp_path, a=undeclared, b=undeclared.replace("XX-01", "XX-02"))
    library, findings = load(tmp_path)
    (finding,) = findings.rows
    assert (finding.code, finding.level, finding.place.file, finding.value) == (
        "I010",
        "warning",
        "tijian.toml",
        "trams",
    )
    assert "XX-01、XX-02" in finding.message
    assert library.get("XX-01") is not None


def test_a_later_set_changes_one_field_and_the_rest_stays(tmp_path: Path, shipped: Library) -> None:
    project_with(tmp_path, local__system=SYSTEM, local__a=override("JT-03", "measure.radius_m", "800"))
    library, findings = load(tmp_path, *SHIPPED, "local")
    assert not findings.rows
    changed, before = library.get("JT-03"), shipped.get("JT-03")
    assert changed is not None
    assert before is not None
    assert changed.measure.radius_m == 800
    assert changed == before.model_copy(
        update={"measure": before.measure.model_copy(update={"radius_m": 800})}
    )
    assert library.origin["JT-03", "measure.radius_m"] == "local"
    assert library.origin["JT-03", "measure"] == library.origin["JT-03", "name"] == "national-2022"


def test_the_last_layer_wins_and_loose_files_are_last_of_all(tmp_path: Path) -> None:
    project_with(
        tmp_path,
        one__system=SYSTEM, one__a=override("JT-03", "weight", "2.0"),
        two__system=SYSTEM, two__a=override("JT-03", "weight", "3.0"),
        loose=override("JT-03", "decimals", "0"),
    )  # fmt: skip
    forward, _ = load(tmp_path, *SHIPPED, "one", "two")
    backward, _ = load(tmp_path, *SHIPPED, "two", "one")
    assert (forward.get("JT-03").weight, backward.get("JT-03").weight) == (3.0, 2.0)
    assert forward.get("JT-03").decimals == 0
    assert forward.origin["JT-03", "decimals"] == "本项目"


def test_a_whole_standard_may_be_replaced(tmp_path: Path) -> None:
    new = '[{ since = 2026-01-01, target = 95, source = "区政府〔2026〕1号", checked = 2026-11-01 }]'
    library, findings = load(project_with(tmp_path, local=override("JT-03", "standard", new)))
    assert not findings.rows
    frame = indicator_frame(library, 2026).filter(pl.col("code") == "JT-03")
    assert frame.select("target", "standard_source").row(0) == (95, "区政府〔2026〕1号")
    assert library.origin["JT-03", "standard"] == "本项目"


def test_a_project_adds_its_own_indicator(tmp_path: Path, shipped: Library) -> None:
    library, findings = load(project_with(tmp_path, own=OWN))
    assert not findings.rows
    assert [i.code for i in library.indicators if i.dimension == "交通便捷"][-1] == "XX-01"
    assert len(library.indicators) == len(shipped.indicators) + 1
    assert indicator_frame(library, 2026).filter(pl.col("code") == "XX-01")["system"].item() == "本项目"


def test_a_project_leaves_an_indicator_out_and_says_why(tmp_path: Path, shipped: Library) -> None:
    text = '[[disable]]\ncode = "JT-08"\nreason = "本区没有轨道交通"\n'
    library, findings = load(project_with(tmp_path, local=text))
    assert not findings.rows
    assert library.get("JT-08") is None
    assert library.disabled == {"JT-08": "本区没有轨道交通"}
    assert len(library.indicators) == len(shipped.indicators) - 1


def test_a_projects_set_goes_before_a_shipped_one_of_the_same_name(tmp_path: Path) -> None:
    library, findings = load(
        project_with(tmp_path, songjiang__system=SYSTEM, songjiang__own=OWN), "songjiang"
    )
    assert not findings.rows
    assert [i.code for i in library.indicators] == ["XX-01"]


def test_the_last_system_says_which_dimensions_there_are(tmp_path: Path) -> None:
    six = SYSTEM.replace('"生态宜居", "健康舒适", ', "")
    library, findings = load(project_with(tmp_path / "six", six__system=six), *SHIPPED, "six")
    assert library.dimension_names == DIMENSIONS[2:]
    assert {f.code for f in findings} == {"I007"}
    lost = {i.code for i in load(tmp_path)[0].indicators if i.dimension in DIMENSIONS[:2]}
    assert {f.place.sheet.removeprefix("指标 ") for f in findings} == lost


def test_a_set_named_twice_is_one_layer(tmp_path: Path, shipped: Library) -> None:
    library, findings = load(tmp_path, *SHIPPED, *SHIPPED)
    assert (library, findings.rows) == (shipped, [])


def test_loading_twice_gives_the_same(tmp_path: Path) -> None:
    project_with(tmp_path, own=OWN, local=override("JT-03", "weight", "2.0"))
    assert load(tmp_path)[0] == load(tmp_path)[0]


# ---- mistakes -------------------------------------------------------------------------------------


def expectation(path: Path) -> list[str]:
    """The first line of a broken file: code | field | words of the message | words of what is expected."""
    return [part.strip() for part in path.read_text(encoding="utf-8").splitlines()[0].lstrip("# ").split("|")]


ELSEWHERE = {"I014", "I015", "I017", "I018", "I019"}  # tests/test_layering.py, tests/test_indicator_faults.py


def test_every_kind_of_finding_about_indicators_has_a_broken_file_or_a_test_here() -> None:
    in_files = {expectation(path)[0] for path in BROKEN}
    assert in_files | {"I001", "I010", "I012", "I013"} | ELSEWHERE == {
        code for code in catalogue() if code.startswith("I")
    }


@pytest.mark.parametrize("path", BROKEN, ids=lambda p: p.stem)
def test_a_broken_file_is_told_of_in_words_its_author_can_use(path: Path, tmp_path: Path) -> None:
    code, field, words, expected = expectation(path)
    _, findings = load(project_with(tmp_path, case=path.read_text(encoding="utf-8")))
    assert [f.code for f in findings] == [code], [f.message for f in findings]
    finding: Finding = next(iter(findings))
    assert finding.place.file == "indicators/case.toml"
    assert finding.place.column == field
    assert words in finding.message
    assert expected in finding.expected
    if code not in ("I002",) and field not in ("indicators", "indicator"):
        assert finding.place.sheet.startswith("指标 ")


def test_all_faults_of_all_files_are_told_at_once(tmp_path: Path) -> None:
    names = (
        "unknown_key",
        "missing_lead",
        "unknown_direction",
        "file_in_sql",
        "key_twice",
        "override_of_nothing",
    )
    texts = {
        n: (ROOT / "tests" / "cases" / "broken" / f"{n}.toml").read_text(encoding="utf-8") for n in names
    }
    texts = {n: t.replace("XX-01", f"XX-{i + 10}") for i, (n, t) in enumerate(texts.items())}
    library, findings = load(project_with(tmp_path, **texts))
    found = sorted((f.place.file.split("/")[-1], f.code) for f in findings)
    assert found == sorted((f"{n}.toml", expectation(BROKEN[0].with_name(f"{n}.toml"))[0]) for n in names)
    assert library.get("JT-03") is not None, "what is right is still loaded"


def test_an_unknown_set_is_told_of_with_the_nearest_name(tmp_path: Path) -> None:
    _, findings = load(tmp_path, "sonjiang")
    (finding,) = findings
    assert (finding.code, finding.value, finding.expected) == ("I001", "sonjiang", "songjiang")


@pytest.mark.parametrize("name", ["../core", "core/", "/etc", ".", "", "core\\x"])
def test_a_set_is_a_name_and_never_a_path(tmp_path: Path, name: str) -> None:
    (tmp_path / "indicators").mkdir()
    (tmp_path / "core").mkdir()
    (tmp_path / "core" / "system.toml").write_text(SYSTEM, encoding="utf-8")
    library, findings = load(tmp_path, name)
    assert [f.code for f in findings] == ["I001"]
    assert library.indicators == ()


def test_indicators_without_a_system_have_no_dimensions(tmp_path: Path) -> None:
    findings = Findings()
    library = load_indicators((), project_with(tmp_path, own=OWN), findings)
    assert [f.code for f in findings] == ["I012"]
    assert library.indicators == ()


def test_a_fault_that_an_override_brings_in_is_told_where_the_override_stands(tmp_path: Path) -> None:
    text = override("JT-03", "direction", '"lower"')  # target 90, best 100: wrong way round for lower
    _, findings = load(project_with(tmp_path, local=text))
    (finding,) = findings
    assert (finding.code, finding.place.file) == ("I005", "indicators/local.toml")
    assert "次序不对" in finding.message


def test_an_override_may_mend_a_definition(tmp_path: Path) -> None:
    broken = OWN.replace('"higher"', '"up"')
    mended = override("XX-01", "direction", '"higher"')
    library, findings = load(project_with(tmp_path, a__system=SYSTEM, a__own=broken, local=mended), "a")
    assert not findings.rows
    assert library.get("XX-01") is not None


# ---- the meaning of fields ------------------------------------------------------------------------


@pytest.mark.parametrize(
    "model",
    [Indicator, Standard, Rule, System, Override, Disable, *MEASURES.values()],
    ids=lambda m: m.__name__,
)
def test_every_field_has_a_meaning_and_a_good_example(model: type[Strict]) -> None:
    for name, field in model.model_fields.items():
        assert field.description, name
        assert field.examples, name


@pytest.mark.parametrize("model", [Standard, *MEASURES.values()], ids=lambda m: m.__name__)
def test_the_good_examples_are_valid_toml(model: type[Strict]) -> None:
    for name, field in model.model_fields.items():
        if not str(field.examples[0]).startswith("[["):
            assert name in tomllib.loads(f"{name} = {field.examples[0]}")


def test_the_reference_page_is_the_one_in_docs() -> None:
    """To renew it: write ``tijian.indicators.reference.reference_page()`` to docs/indicator-fields.md."""
    assert (ROOT / "docs" / "indicator-fields.md").read_text(encoding="utf-8") == reference_page()


def test_the_reference_page_explains_every_field_there_is() -> None:
    page = reference_page()
    models: list[type[Strict]] = [Indicator, Standard, Rule, System, Override, Disable, *MEASURES.values()]
    for model in models:
        for name in model.model_fields:
            assert f"| `{name}` |" in page, (model.__name__, name)
