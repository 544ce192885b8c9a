"""The seventy indicators of ``national.py``: six measured on the records, 64 on the yearly accounts, in eight dimensions.

Two in five of the accounts are the better the lower. Every fourth of the others has a standard with a target and a floor, and
the first count is one of faults that none may have (底线型), so that there is something to diagnose.
"""

from __future__ import annotations

from datetime import date
from typing import Any

from national_data import ACCOUNTS
from tijian.engine.settings.scheme import Scoring
from tijian.indicators.measure_model import Count, Ratio, Rule
from tijian.indicators.model import Indicator, Standard

DIMENSIONS = ("生态宜居", "健康舒适", "安全韧性", "交通便捷", "风貌特色", "整洁有序", "多元包容", "创新活力")
LOWER = (False, True, False, False, True)


def indicators() -> tuple[Indicator, ...]:
    """The definitions, those of the records first."""
    return (*of_records(), *(of_account(number) for number in range(ACCOUNTS)))


def of_records() -> list[Indicator]:
    """Two counts and four ratios of buildings."""
    worst = (Rule(id="both", when="riser_old and facade_loose", says="立管老化且外墙脱落"),
             Rule(id="crowded", when="facade_loose and homes > 115", says="外墙脱落且住户多"))  # fmt: skip
    facades = (Rule(id="facade", when="facade_loose", says="外墙脱落"),)
    homes = Ratio(method="ratio", of="records", numerator="sum(homes)", per="population")
    insulated = _ratio("records", "sum(insulated)", "sum(area)")
    return [
        _indicator("LF-01", 0, _count(worst), direction="lower", kind="baseline", unit="栋"),
        _indicator("LF-02", 1, _count(facades), direction="lower", unit="栋"),
        _indicator("LF-03", 2, insulated, standard=(_standard(floor=30.0, target=45.0),)),
        _indicator("LF-04", 3, _ratio("records", "count(*) FILTER (WHERE lift)", "count(lift)")),
        _indicator("LF-05", 4, _ratio("records", "sum(CASE WHEN lift THEN homes END)", "sum(homes)")),
        _indicator("LF-06", 5, homes, unit="户/人"),
    ]


def _count(rules: tuple[Rule, ...]) -> Count:
    return Count(method="count", of="records", key="building", rule=rules)


def of_account(number: int) -> Indicator:
    """What was found, as a share of what was examined."""
    direction = "lower" if LOWER[number % len(LOWER)] else "higher"
    share = _ratio("accounts", f"sum(good_{number:02d})", f"sum(all_{number:02d})")
    bound = number % 4 == 0 and direction == "higher"
    standard = (_standard(floor=40.0, target=60.0),) if bound else ()
    return _indicator(f"TZ-{number:02d}", number, share, direction=direction, standard=standard)


def _ratio(of: str, numerator: str, denominator: str) -> Ratio:
    return Ratio(method="ratio", of=of, numerator=numerator, denominator=denominator, scale=100.0)


def _standard(**values: Any) -> Standard:
    return Standard(since=date(2020, 1, 1), source="合成的标准", checked=date(2026, 11, 1), **values)


def _indicator(code: str, dimension: int, measure: Any, **more: Any) -> Indicator:
    told: dict[str, Any] = {
        "name": f"合成指标{code}", "dimension": DIMENSIONS[dimension % len(DIMENSIONS)], "aspect": "合成", "scale": "街区",
        "unit": "%", "direction": "higher", "kind": "guiding", "treatment": "effort", "definition": "合成数据的指标",
        "formula": "分子除以分母", "lead": ("合成部门",), "remedy": "请{unit}把{value}提高到{target}。",
    }  # fmt: skip
    return Indicator(code=code, measure=measure, **(told | more))


SCHEME = Scoring(scale="minmax")
