"""Every indicator has a case a planner can check by hand: rows in, numerator, denominator, value out.

A case is `tests/cases/<set>/<code>.toml`: a story in one sentence, the rows of each input under the sample's column
names (what is not said is blank in the form), and what must come out at which unit. The units are those of
`sample_tables.py`: 甲镇 (20,000 people, 4 km²: 甲一社区 12,000 and 1, 甲二社区 8,000 and 3) and 乙镇 (10,000 people,
6 km²: 乙一社区); `[kind]` says of what kind a unit is, `[boundary]` where it lies.
"""

from __future__ import annotations

import tomllib
from pathlib import Path
from typing import Any

import polars as pl
import pytest
import shapely
from tijian.engine.evidence import Gathered
from tijian.engine.findings import Findings
from tijian.engine.measure.everything import measure_one
from tijian.engine.measure.rollup import roll_up
from tijian.engine.results import conform, empty
from tijian.engine.storage.store import sandbox
from tijian.indicators.loader import load_indicators
from tijian.indicators.model import Indicator

from .sample_tables import CODES, evidence_of, sample_project, units_frame

CASES = Path(__file__).parent / "cases"
# shanghai moves indicators to its own dimensions; codes and origins stay
SETS = ("national-2025", "national-2022", "shanghai", "songjiang")
PROJECT = sample_project()
LIBRARY = load_indicators(SETS, Path("/nonexistent"), Findings())
INDICATORS = {i.code: i for i in LIBRARY.indicators}
SET_OF = {code: LIBRARY.origin[code, "code"] for code in INDICATORS}


def measured(indicator: Indicator, case: dict[str, Any]) -> pl.DataFrame:
    """The case's rows through the engine's own measuring and roll-up."""
    evidence = evidence_of(PROJECT, {k: v for k, v in case.items() if isinstance(v, list) and k != "expect"})
    borders = [
        {"unit": CODES[name], "wkb": shapely.to_wkb(shapely.from_wkt(wkt))}
        for name, wkt in case.get("boundary", {}).items()
    ]
    shapes = conform("shapes", pl.DataFrame(borders)) if borders else empty("shapes")
    gathered = Gathered(
        units=units_frame(case.get("kind")), shapes=shapes, crs="EPSG:4549", evidence=evidence
    )
    with sandbox(evidence) as con:
        pairs = measure_one(indicator, gathered, con).pairs
    return roll_up(pairs, gathered.units)


def test_every_indicator_has_a_case_and_every_case_an_indicator() -> None:
    cases = {path.stem: path.parent.name for name in SETS for path in (CASES / name).glob("*.toml")}
    assert cases == SET_OF


@pytest.mark.parametrize("code", sorted(INDICATORS))
def test_the_case_comes_out_as_worked_by_hand(code: str) -> None:
    case = tomllib.loads((CASES / SET_OF[code] / f"{code}.toml").read_text(encoding="utf-8"))
    out = {row["unit"]: row for row in measured(INDICATORS[code], case).iter_rows(named=True)}
    assert case["expect"], "a case without an expectation tests nothing"
    for expected in case["expect"]:
        unit = CODES[expected.pop("at")]
        if expected.pop("absent", False):
            assert unit not in out, case["story"]
            continue
        assert "value" in expected
        found = {key: out[unit][key] for key in expected}
        assert found == pytest.approx(expected), case["story"]
        if "numerator" not in expected:
            assert out[unit]["numerator"] is None, "a reported value has no components"
