"""What of the scheme does not fit what is in force (计分方案核对): told before anything is measured.

`tijian.toml` is checked by itself when it is read; here it meets the indicators and the units.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from difflib import get_close_matches

import polars as pl

from ...indicators.model import Indicator
from ..findings import Findings, Place
from ..results import LEVEL_NAMES
from ..settings.project import FILE_NAME
from ..settings.scheme import OneIndicator, Scoring, SmallNumbers
from .values import anchors_of, goalposts, is_amount

SHOWN = 5  # units named in one finding
SIZES = {"population": "population", "per_10k": "population", "area_km2": "area_km2"}
SIZE_NAMES = {"population": "常住人口", "area_km2": "面积"}


def check_scheme(
    scheme: Scoring, indicators: Iterable[Indicator], units: pl.DataFrame, year: int, findings: Findings
) -> None:
    """Findings P020–P022, P027: settings for indicators not in force, that cannot work, units without a size, weights unused."""
    by_code = {i.code: i for i in indicators}
    _tell_unused_weights(scheme, by_code, findings)
    for code, own in sorted(scheme.indicators.items()):
        place = Place(FILE_NAME, column=f"scoring.indicators.{code}")
        if code not in by_code:
            findings.add("P020", place, value=code, expected=_near(code, by_code))
            continue
        indicator = by_code[code]
        for setting, detail, expected in _faults(indicator, own, scheme, year):
            where = place.at(column=f"{place.column}.{setting}")
            findings.add(
                "P021", where, value=getattr(own, setting), expected=expected, name=indicator.name, detail=detail
            )  # fmt: skip
        if own.per is not None and is_amount(indicator):
            _check_sizes(indicator, own, units, findings, place)


def _tell_unused_weights(scheme: Scoring, by_code: dict[str, Indicator], findings: Findings) -> None:
    """P027 for weights that are given where the scheme weighs in another way: they would do nothing, and nobody would notice."""

    def unused(method: str) -> bool:
        return method != "given" and not (method == "blend" and "given" in scheme.weighting.blend)

    weighed = [code for code, indicator in by_code.items() if indicator.weight != 1.0]
    told = (
        (
            "dimension_weights",
            "weights_dimensions",
            scheme.weights_dimensions,
            list(scheme.dimension_weights),
        ),
        ("weight", "weights", scheme.weights, weighed),
    )
    for written, setting, method, names in told:
        if names and unused(method):
            findings.add("P027", Place(FILE_NAME, column=f"scoring.{setting}"), value=method, written=written, setting=setting,
                         names="、".join(names[:SHOWN]) + ("等" if len(names) > SHOWN else ""),
                         expected=f'要按给定的权重计分，写 {setting} = "given"；不要的，删去 {written}')  # fmt: skip


def check_minimums(rules: SmallNumbers, indicators: Iterable[Indicator], findings: Findings) -> None:
    """Finding P025 for each smallest denominator that is set for an indicator not in force: it would do nothing."""
    by_code = {i.code: i for i in indicators}
    for code in sorted(set(rules.minimum) - set(by_code)):
        place = Place(FILE_NAME, column=f"small_numbers.minimum.{code}")
        findings.add("P025", place, value=code, expected=_near(code, by_code))


def check_topics(
    topics: Mapping[str, Sequence[str]], indicators: Iterable[Indicator], findings: Findings
) -> None:
    """Finding P028 for each indicator of a topic (专项) that is not in force: its report would be without it, silently."""
    by_code = {i.code: i for i in indicators}
    for topic, codes in topics.items():
        for code in codes:
            if code not in by_code:
                findings.add(
                    "P028",
                    Place(FILE_NAME, column=f"topics.{topic}"),
                    value=code,
                    topic=topic,
                    expected=_near(code, by_code),
                )


def _near(code: str, by_code: dict[str, Indicator]) -> str:
    """The indicators whose codes are like ``code``, with their names."""
    same = [
        c for c in by_code if c.split("-")[0] == code.split("-", maxsplit=1)[0]
    ]  # letters are a dimension
    near = get_close_matches(code, same or by_code, n=3, cutoff=0.5)
    return "、".join(f"{c}（{by_code[c].name}）" for c in near) or "在用指标的编号"


def _faults(
    indicator: Indicator, own: OneIndicator, scheme: Scoring, year: int
) -> list[tuple[str, str, str]]:
    """(setting, what is wrong, what would be right) of one indicator's settings."""
    found = []
    scale = own.scale or scheme.scale
    if own.per is not None and not is_amount(indicator):
        found.append(("per", f"单位是“{indicator.unit}”，不是总量", "只用于个数、总量类指标；请删去 per"))
    if indicator.direction == "within":
        found += [
            (setting, "是适度指标，只按适度区间计分", f"请删去 {setting}")
            for setting in ("scale", "outliers", "reference", "low", "high")
            if getattr(own, setting) is not None
        ]
        return found
    if own.reference is not None and scale != "distance_to_reference":
        found.append(("reference", f"按 {scale} 计分，用不到参照值", "只用于 distance_to_reference"))
    posts = [s for s in ("low", "high") if getattr(own, s) is not None]
    if posts and scale in ("zscore", "percentile", "rank"):
        found.append((posts[0], f"按 {scale} 计分，用不到门槛值", "门槛值只用于 minmax"))
    standard = None if own.per is not None else indicator.standard_in(year)
    if posts and scale == "anchors" and anchors_of(standard, indicator) is not None:
        found.append((posts[0], "有标准，按标准计分，用不到门槛值", '同时写 scale = "minmax"'))
    low, high = goalposts(standard if scale == "minmax" else None, own)
    if posts and low is not None and high is not None and not low < high:
        found.append((posts[-1], f"下门槛值 {low:g} 不小于上门槛值 {high:g}", "low 小于 high"))
    return found


def _check_sizes(
    indicator: Indicator, own: OneIndicator, units: pl.DataFrame, findings: Findings, place: Place
) -> None:
    """P022 for each level at which units lack the size that the indicator's amount is divided by."""
    size = SIZES[str(own.per)]
    for level in indicator.levels:
        lacking = units.filter((pl.col("level") == level) & ~(pl.col(size).fill_null(0.0) > 0))
        if lacking.is_empty():
            continue
        names = "、".join(lacking["name"].head(SHOWN)) + ("等" if lacking.height > SHOWN else "")
        findings.add(
            "P022", place, value=own.per, expected=f"单元名录中的{SIZE_NAMES[size]}，大于 0", name=indicator.name,
            size=SIZE_NAMES[size], level=LEVEL_NAMES[level], count=lacking.height, units=names,
        )  # fmt: skip
