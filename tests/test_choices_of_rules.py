"""Where the Ministry's handbook leaves two rules standing, each of them is one word in the project's own file."""

from __future__ import annotations

from pathlib import Path

import pytest
from tijian.engine.findings import Findings
from tijian.indicators.loader import load_indicators
from tijian.indicators.measure_model import Coverage
from tijian.indicators.model import Indicator
from tijian.indicators.sql import columns_read

SETS = ("national-2025",)
SHIPPED = {i.code: i for i in load_indicators(SETS, Path("/nonexistent"), Findings()).indicators}
CHOICES = [(i.code, p.name, o.value) for i in SHIPPED.values() for p in i.parameter for o in p.option]


def chosen(folder: Path, code: str, parameter: str, value: float | str) -> Indicator:
    """The indicator with a parameter set by the project; the library must load without a finding."""
    (folder / "indicators").mkdir()
    written = f'"{value}"' if isinstance(value, str) else f"{value:g}"
    text = f'[[override]]\ncode = "{code}"\nfield = "parameter.{parameter}"\nvalue = {written}\nreason = "本市口径"\n'
    (folder / "indicators" / "本地.toml").write_text(text, encoding="utf-8")
    findings = Findings()
    indicator = load_indicators(SETS, folder, findings).get(code)
    assert not list(findings), [str(f.message) for f in findings]
    assert indicator is not None
    return indicator


@pytest.mark.parametrize(("code", "parameter", "value"), CHOICES)
def test_every_reading_of_a_rule_can_be_chosen(
    tmp_path: Path, code: str, parameter: str, value: float | str
) -> None:
    indicator = chosen(tmp_path, code, parameter, value)
    assert next(p.value for p in indicator.parameter if p.name == parameter) == value
    assert f"{{{parameter}}}" not in indicator.model_dump_json(exclude={"parameter"})


@pytest.mark.parametrize(
    ("code", "parameter", "value", "target"),
    [
        ("JT-02", "minimum_speed_kmh", 20, 20),
        ("JT-02", "minimum_speed_kmh", 30, 30),
        ("JT-08", "minimum_share", 30, 30),
        ("JT-08", "minimum_share", 10, 10),
        ("ZJ-08", "minimum_share", 15, 15),
        ("CX-14", "minimum_share", 30, 30),
    ],
)
def test_the_standard_follows_the_size_of_the_city_or_the_class_of_road(
    tmp_path: Path, code: str, parameter: str, value: float, target: float
) -> None:
    standard = chosen(tmp_path, code, parameter, value).standard_in(2026)
    assert standard is not None
    assert standard.target == target


@pytest.mark.parametrize(
    ("code", "parameter", "value", "reads"),
    [
        ("AQ-05", "gas_base", "gas_old_km", {"gas_done_km", "gas_old_km"}),
        ("AQ-05", "gas_base", "gas_old_total_km", {"gas_done_km", "gas_old_total_km"}),
        ("AQ-18", "counted", "sites", {"sites", "sites_monitored"}),
        ("AQ-18", "counted", "works", {"works", "works_monitored"}),
    ],
)
def test_only_the_items_of_the_chosen_rule_are_asked_for(
    tmp_path: Path, code: str, parameter: str, value: str, reads: set[str]
) -> None:
    (columns,) = columns_read(chosen(tmp_path, code, parameter, value).measure).values()
    assert columns == reads


def test_the_largest_parks_reach_as_far_as_chosen(tmp_path: Path) -> None:
    measure = chosen(tmp_path, "ST-04", "large_radius_m", 1000).measure
    assert isinstance(measure, Coverage)
    assert [radius.radius_m for radius in measure.radius] == [300, 500, 1000]
