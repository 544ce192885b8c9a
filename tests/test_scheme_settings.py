"""Settings of the scheme that cannot work are told before anything is measured; those that can reach the results."""

from __future__ import annotations

import re
from pathlib import Path

import polars as pl
import pytest
from tijian.engine.findings import Findings, InputError
from tijian.engine.run import run
from tijian.engine.scoring.scheme_check import check_scheme, check_topics
from tijian.engine.settings.project import load_project
from tijian.engine.settings.scheme import Scoring
from tijian.engine.storage.store import read_results

from .cli_project import fill_in
from .cli_project import told as tijian
from .scored_year import (
    SCALES,
    YEAR,
    near,
    told,
)
from .small_year import Ratio, indicator, standard, units

# --- what is told ----------------------------------------------------------------------------------------

RATE = indicator(
    "AQ-05",
    Ratio(method="ratio", of="f", numerator="sum(a)", denominator="sum(b)"),
    standard=(standard(target=90),),
)


def found(settings: dict[str, dict[str, object]], scale: str = "anchors") -> list[tuple[str, str, str]]:
    """(code, place, what would be right) of the findings about single indicators' settings."""
    findings = Findings()
    scheme = Scoring.model_validate({"scale": scale, "indicators": settings})
    within = told("AQ-06", direction="within", standard=(standard(low=1, high=2),))
    check_scheme(scheme, (told("AQ-01", "district", "town"), RATE, within), units(), YEAR, findings)
    return [(f.code, f.place.column, f.expected) for f in findings]


def test_a_setting_for_an_unknown_indicator_lists_the_nearest() -> None:
    ((code, place, expected),) = found({"AQ-10": {"scale": "rank"}})
    assert (code, place) == ("P020", "scoring.indicators.AQ-10")
    assert "AQ-01（指标AQ-01）" in expected


def test_a_topic_without_one_of_its_indicators_is_told() -> None:
    findings = Findings()
    check_topics({"燃气": ("AQ-01", "AQ-05"), "出行": ("AQ-10",)}, (told("AQ-01"), RATE), findings)
    ((code, place, expected),) = ((f.code, f.place.column, f.expected) for f in findings)
    assert (code, place) == ("P028", "topics.出行")
    assert "AQ-01" in expected


@pytest.mark.parametrize(
    ("scheme", "places"),
    [
        ({}, ["scoring.weights"]),
        ({"weights": "given", "weights_dimensions": "given", "dimension_weights": {"安全韧性": 2}}, []),
        ({"weights": "given", "weights_dimensions": "ahp", "dimension_weights": {"安全韧性": 2}}, ["scoring.weights_dimensions"]),
        ({"weights": "blend", "weighting": {"blend": ["given", "entropy"]}}, []),
        ({"weights": "blend", "weighting": {"blend": ["ahp", "entropy"]}}, ["scoring.weights"]),
    ],
)  # fmt: skip
def test_weights_that_are_given_and_not_used_are_told(scheme: dict[str, object], places: list[str]) -> None:
    findings = Findings()
    weighed = RATE.model_copy(update={"weight": 2.0})
    check_scheme(Scoring.model_validate(scheme), (told("AQ-01"), weighed), units(), YEAR, findings)
    assert [(f.code, f.place.column) for f in findings] == [("P027", place) for place in places]
    of_dimensions = [f.place.column.endswith("dimensions") for f in findings]
    assert all(
        ("安全韧性" if of else "AQ-05") in f.message for of, f in zip(of_dimensions, findings, strict=True)
    )


@pytest.mark.parametrize(
    ("settings", "scale", "setting"),
    [
        ({"AQ-05": {"per": "population"}}, "minmax", "per"),
        ({"AQ-05": {"low": 1}}, "anchors", "low"),
        ({"AQ-05": {"low": 1}}, "rank", "low"),
        ({"AQ-01": {"reference": 1}}, "zscore", "reference"),
        ({"AQ-01": {"low": 3, "high": 3}}, "minmax", "high"),
        ({"AQ-06": {"scale": "rank"}}, "minmax", "scale"),
    ],
)
def test_a_setting_that_cannot_work_is_told(
    settings: dict[str, dict[str, object]], scale: str, setting: str
) -> None:
    told_of = found(settings, scale)
    assert [(code, place) for code, place, _ in told_of] == [("P021", f"scoring.indicators.{next(iter(settings))}.{setting}")]  # fmt: skip


def test_units_without_the_size_are_named_before_the_run() -> None:
    findings = Findings()
    lacking = units().with_columns(area_km2=pl.when(pl.col("level") != "town").then("area_km2"))
    scheme = Scoring.model_validate({"indicators": {"AQ-01": {"per": "area_km2"}}})
    check_scheme(scheme, (told("AQ-01"),), lacking, YEAR, findings)
    (finding,) = findings.rows
    assert (finding.code, finding.level) == ("P022", "warning")
    assert "街镇有 4 个单元没有面积：第1街道、第2街道、第3街道、第4街道" in finding.message


@pytest.mark.parametrize(
    ("line", "names"),
    [
        ('missing = "drop"', "reweight refuse median neighbours regression"),
        ('outliers = { method = "cut" }', "none winsorise trim boxcox"),
        ('indicators = { "AQ-01" = { per = "head" } }', "population per_10k area_km2"),
        ('indicators = { "AQ-01" = { scale = "log" } }', " ".join(SCALES)),
        ('deviation = "n"', "sample population"),
        ('panel = "both"', "year all"),
    ],
)
def test_an_unknown_name_lists_the_valid_ones(tmp_path: Path, line: str, names: str) -> None:
    head = '[project]\nname = "试验"\ndistrict = "310199"\nyear = 2026\nindicators = ["national-2025"]\n[units]\nfile = "u.csv"\n'
    (tmp_path / "tijian.toml").write_text(f"{head}[scoring]\n{line}\n", encoding="utf-8")
    findings = Findings()
    assert load_project(tmp_path, findings) is None
    (finding,) = findings.rows
    assert finding.code == "P003"
    assert re.findall(r'"(\w+)"', finding.expected.rpartition("可选：")[2]) == names.split()


# --- from the project file -------------------------------------------------------------------------------


def test_a_project_file_chooses_by_indicator_and_a_wrong_code_stops_the_run(tmp_path: Path) -> None:
    tijian("init", tmp_path / "项目")
    project = tmp_path / "项目"
    fill_in(project)
    path = project / "tijian.toml"
    text = path.read_text(encoding="utf-8")
    choice = '[scoring.indicators."{}"]\nper = "per_10k"\nscale = "rank"\n'
    path.write_text(f"{text}\n{choice.format('AQ-001')}", encoding="utf-8")
    loaded = load_project(project, Findings())
    assert loaded is not None
    with pytest.raises(InputError) as stopped:
        run(loaded, progress=lambda *_: None)
    (fault,) = stopped.value.findings.errors
    assert (fault.code, fault.value) == ("P020", "AQ-001")
    assert "AQ-01（存在结构安全隐患的住宅数量）" in fault.expected
    path.write_text(f"{text}\n{choice.format('AQ-01')}", encoding="utf-8")
    tijian("run", "-q", "-p", project)
    results = read_results(project / "results.duckdb")
    rows = results.scores.filter(indicator="AQ-01", level="community").sort("unit")
    assert rows["scaled"].to_list() == near(1 / 0.7, 0, 1 / 0.6, 0)  # of 7,000 and of 6,000 people
    assert set(rows["method"]) == {"rank"}
    assert "每万人的量：1.43" in tijian("explain", "甲社区", "AQ-01", "-p", project)
    assert any("按每万人的量在同级单元间比较" in note for note in results.method_notes)
