"""Whether a value of an earlier year may stand beside this year's (口径是否可比): the one place that says so.

By what a year was measured and scored stands in its run's record (:mod:`..storage.record`): :class:`Rules`. :func:`linked` holds
the rules of two years against each other, indicator by indicator. A value is not the same thing any more where what is
counted or divided has changed: the method, numerator, denominator, filter, radius, input, question, or the unit of a
figure that departments state; of a rate that is handed in as such also the words of its definition, because nothing else
says what it is. Where only the factor changed, the old value is reckoned with the new factor; where only the direction or
the standard changed, it stays as it is. Words alone (of a measured indicator), names and departments change nothing.

Whether a standard is last year's is said here too, once for scores and for reviews (``Link.moved``): by the definitions of the two
years, and of a record that cannot be read by what the results of that year say was in force.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from functools import lru_cache
from pathlib import Path
from typing import Any

import polars as pl
from pydantic import ValidationError

from ...indicators.loader import Library
from ...indicators.model import Indicator, Standard
from ...indicators.sql import columns_read
from ..evidence import Comparison
from ..settings.project import Project
from ..storage import store
from ..storage.record import words_of

# comparable as it is, at the new factor, as a count alone (its rate is of something else); not comparable, not there, not known
SAME, RESTATED, COUNT_ONLY, BROKEN, NEW, UNKNOWN = (
    "same",
    "restated",
    "count_only",
    "broken",
    "new",
    "unknown",
)
CHANGED = "口径已变"
LINKS = {
    "indicator": pl.String,
    "state": pl.String,
    "reason": pl.String,
    "factor": pl.Float64,
    "one_way": pl.Boolean,
    "one_limit": pl.Boolean,
}
ANCHORS = {
    "target": "达标值",
    "floor": "底线值",
    "best": "满分值",
    "worst": "零分值",
    "low": "适度下限",
    "high": "适度上限",
}
LIMITS = frozenset(
    {"target", "floor", "low", "high"}
)  # decide what falls short; the other anchors only how it scores
# what a field of a measure is called; the words of rules, and what things are called, decide no value
FIELDS = {
    "method": "计算方法", "of": "数据来源", "key": "事物编号", "where": "筛选条件", "weight": "权重", "per": "比较用的分母",
    "rule": "有问题的条件", "numerator": "分子", "denominator": "分母", "demand": "需求", "by": "需求的量法",
    "demand_where": "需求的筛选条件", "supply": "设施", "supply_where": "设施的筛选条件", "radius_m": "服务半径",
    "radius": "分级服务半径", "minimum_area_m2": "设施最小面积", "network": "步行网络", "network_where": "能走的路",
    "metres": "步行距离", "minutes": "步行时间", "kind": "设施种类", "at_least": "至少够得着几类", "what": "量什么",
    "merge_m": "并作一个路口的距离", "question": "题号", "item": "上报项", "query": "查询式", "capacity": "设施容量",
    "zone": "距离分区", "need": "每单位需求所需容量", "scale": "乘数",
}  # fmt: skip
_UNITS = {"radius_m": "米", "metres": "米", "minutes": "分钟", "minimum_area_m2": "㎡", "merge_m": "米",
          "snap_m": "米", "walk_speed_m_s": "米/秒"}  # fmt: skip
_WORDS_ONLY = {"says", "degree", "difficulty", "id", "name"}
_STATED = ("numerator", "denominator", "value", "compared", "low", "high", "shrunk", "reported")


@dataclass(frozen=True)
class Rules:
    """By what one year is measured and scored: definitions by code, the completed project as JSON, the experts' comparisons.

    ``known`` is False where the run was recorded by a version whose record this one cannot read; ``unread`` are the codes
    of single definitions that it cannot. ``told``: the anchors that were in force of what cannot be read, by code.
    """

    year: int
    indicators: Mapping[str, Indicator] = field(default_factory=dict)
    project: Mapping[str, Any] = field(default_factory=dict)
    judgements: tuple[Comparison, ...] = ()
    known: bool = True
    forms: Mapping[str, Mapping[str, str]] = field(default_factory=dict)  # of ``record.words_of``
    unread: frozenset[str] = frozenset()
    told: Mapping[str, Mapping[str, float]] = field(default_factory=dict)


@dataclass(frozen=True)
class Link:
    """How one indicator's value of an earlier year stands to this year's.

    ``changes`` are what of the definition changed, as (what, before, now); ``reason`` says why the values cannot be compared.
    ``factor`` brings the old value to the new factor. ``moved`` are the anchors of the standard that are not as they were.
    """

    state: str
    changes: tuple[tuple[str, str, str], ...] = ()
    reason: str | None = None
    factor: float = 1.0
    one_way: bool = True  # the better direction is the same
    moved: tuple[str, ...] = ()

    @property
    def one_standard(self) -> bool:
        """Whether a value scores by the standard as it did then."""
        return not self.moved

    @property
    def one_limit(self) -> bool:
        """Whether a value falls short of the standard as it did then."""
        return LIMITS.isdisjoint(self.moved)


# ── the rules of a year ───────────────────────────────────────────────────────────────────────────────────


def rules_now(project: Project, library: Library, judgements: tuple[Comparison, ...]) -> Rules:
    """The rules of the year that is being run; ``project`` with its inputs completed."""
    known = {i.code: i for i in library.indicators}
    words = words_of(project, library.forms)
    return Rules(project.year, known, project.model_dump(mode="json"), judgements, forms=words)


def rules_of(path: Path, year: int) -> Rules | None:
    """The rules by which ``year`` was run, from the record in the results file; None where it was not run."""
    if year not in store.years(path):
        return None
    rules = _rules_of_text(store.read_frame(path, "runs", year)["record"][0], year)
    if rules.known and not rules.unread:
        return rules
    rows = store.read_frame(path, "indicators", year).to_dicts()
    told = {row["code"]: {name: row[name] for name in ANCHORS if row[name] is not None} for row in rows}
    return replace(rules, told=told)


@lru_cache(
    maxsize=8
)  # a run asks for each earlier year several times, and understanding a record takes longer than reading it
def _rules_of_text(record: str, year: int) -> Rules:
    try:
        return rules_of_record(json.loads(record), year)
    except (TypeError, KeyError, ValueError):  # no record, or of another make
        return Rules(year, known=False)


def rules_of_record(record: Mapping[str, Any], year: int) -> Rules:
    """The same from a record; raises KeyError or ValueError where it is of another make."""
    indicators, unread = {}, set()
    for entry in record["indicators"]:
        try:
            indicators[entry["code"]] = Indicator.model_validate(entry)
        except ValidationError:
            unread.add(str(entry["code"]))
    told = tuple(_comparison(entry) for entry in record["judgements"])
    words = record.get("forms", {})
    return Rules(year, indicators, record["project"], told, forms=words, unread=frozenset(unread))


def _comparison(entry: Mapping[str, Any]) -> Comparison:
    """A judgement matrix as it was before it became JSON."""
    return Comparison(
        parent=entry["parent"], expert=entry["expert"], children=tuple(entry["children"]),
        matrix=tuple(tuple(row) for row in entry["matrix"]),
    )  # fmt: skip


# ── two years ─────────────────────────────────────────────────────────────────────────────────────────────


def links_back(path: Path, now: Rules) -> dict[int, dict[str, Link]]:
    """The links of ``now`` to every year before it that was run, by year: what a run works out once and hands on."""
    return {year: linked(rules_of(path, year), now) for year in store.years(path) if year < now.year}


def linked(then: Rules | None, now: Rules) -> dict[str, Link]:
    """The link of every indicator of ``now`` to an earlier year, by code; empty where that year was not run."""
    if then is None:
        return {}
    return {code: _link(code, then, now) for code in now.indicators}


def link_frame(links: Mapping[str, Link]) -> pl.DataFrame:
    """``links`` as a frame with the columns of :data:`LINKS`, sorted by indicator."""
    rows = [(code, x.state, x.reason, x.factor, x.one_way, x.one_limit) for code, x in sorted(links.items())]
    return pl.DataFrame(rows, schema=LINKS, orient="row")


def _link(code: str, then: Rules, now: Rules) -> Link:
    old, new = then.indicators.get(code), now.indicators[code]
    if not then.known or code in then.unread:
        return Link(UNKNOWN, moved=_moved(code, then, now) if code in then.told else ())
    if old is None:
        return Link(NEW, reason="上年没有这项指标")
    changes = _changes(old, new, then.project, now.project)
    one_way = old.direction == new.direction
    moved = _moved(code, then, now)
    names = dict.fromkeys(what for what, _, _ in changes)
    only_per = new.is_count and set(names) == {FIELDS["per"]}
    if changes and not only_per:
        reason = f"{CHANGED}：{'、'.join(names)}"
        return Link(BROKEN, changes, reason, one_way=one_way, moved=moved)
    factor = _scale(new) / _scale(old)
    state = COUNT_ONLY if only_per else RESTATED if factor != 1 else SAME
    return Link(state, changes, factor=factor, one_way=one_way, moved=moved)


def _moved(code: str, then: Rules, now: Rules) -> tuple[str, ...]:
    """The anchors of the standard in force that are not as they were."""
    was, here = anchors(then, code), anchors(now, code)
    return tuple(name for name in ANCHORS if was.get(name) != here.get(name))


def _changes(
    old: Indicator, new: Indicator, before: Mapping[str, Any], now: Mapping[str, Any]
) -> tuple[tuple[str, str, str], ...]:
    """What decides a value and is not as it was: (what, before, now)."""
    if _untouched(old, new, before, now):
        return ()
    if old.measure.method != new.measure.method:
        return ((FIELDS["method"], method_name(old), method_name(new)),)
    was, here = _deciding(old, before), _deciding(new, now)
    changes = [
        (name, was.get(name, "无"), here.get(name, "无"))
        for name in dict.fromkeys([*was, *here])
        if was.get(name) != here.get(name)
    ]
    units_then, units_now = _units_read(old, before), _units_read(new, now)
    for item, (label, unit) in units_now.items():
        if item in units_then and units_then[item][1] != unit:
            changes.append((f"“{label}”的单位", units_then[item][1], unit))
    if old.unit != new.unit and (changes or not _same_parts(old, new)):
        changes.append(("计量单位", old.unit, new.unit))
    return tuple(changes)


def _untouched(old: Indicator, new: Indicator, before: Mapping[str, Any], now: Mapping[str, Any]) -> bool:
    """Whether all that could decide a value is the same to the letter: the usual case, found without looking closer."""

    def looked_at(indicator: Indicator, project: Mapping[str, Any]) -> list[object]:
        given, measure = project.get("inputs", {}), indicator.measure
        inputs = [given.get(name) for name in measure.inputs]
        return [
            measure,
            indicator.unit,
            indicator.definition,
            indicator.formula,
            inputs,
            project.get("space"),
        ]

    return looked_at(old, before) == looked_at(new, now)


def _same_parts(old: Indicator, new: Indicator) -> bool:
    """Whether values of another unit come from the same parts: of a count, or of parts with their own factor."""
    return new.is_count or _scale(old) != _scale(new)


def _deciding(indicator: Indicator, project: Mapping[str, Any]) -> dict[str, str]:
    """Everything that decides the value of an indicator but its factor and unit, in words, by its name."""
    measure = indicator.measure
    raw = measure.model_dump(mode="json", exclude={"method", "scale", "name"})
    told = {
        FIELDS[name]: _text(value) + _UNITS.get(name, "")
        for name, value in raw.items()
        if value not in (None, [], ())
    }
    inputs = project.get("inputs", {})
    for name in sorted(set(measure.inputs) & set(inputs)):
        given = inputs[name]
        title = given.get("title") or name
        told |= {f"{title}：{word}": _text(given[key])
                 for key, word in (("where", "筛选条件"), ("tags", "取哪些要素")) if given.get(key)}  # fmt: skip
    if measure.method == "survey":
        given = inputs.get(measure.of, {})
        told |= {
            "题目": given.get("questions", {}).get(measure.question, ""),
            "答案折分": _text(given.get("answers", {})),
        }
    if measure.method in ("walk", "circle"):
        space = project.get("space", {})
        used = {"snap_m": "接路距离", "junctions": "路的相接"}
        used |= {"walk_speed_m_s": "步速"} if getattr(measure, "minutes", None) else {}
        told |= {word: _text(space.get(key)) + _UNITS.get(key, "") for key, word in used.items()}
    if measure.method == "reported":
        told |= {"定义": _text(indicator.definition), "算法": _text(indicator.formula)}
    return told


def _units_read(indicator: Indicator, project: Mapping[str, Any]) -> dict[tuple[str, str], tuple[str, str]]:
    """(input, item) → (label, unit in its form) of every item that the measure reads."""
    inputs = project.get("inputs", {})
    return {
        (name, column): (given["columns"][column], str(given.get("units_of", {}).get(column, "无")))
        for name, columns in sorted(columns_read(indicator.measure).items())
        if (given := inputs.get(name)) is not None
        for column in sorted(columns & set(given["columns"]))
    }


def _text(value: object) -> str:
    """A part of a definition in one line, without what is only words; the order of rules and classes says nothing."""
    if isinstance(value, list | tuple):
        return "；".join(sorted(_text(part) for part in value))
    if isinstance(value, dict):
        kept = [(k, v) for k, v in value.items() if k not in _WORDS_ONLY and v not in (None, [], ())]
        return (
            _text(kept[0][1])
            if len(kept) == 1
            else "，".join(f"{FIELDS.get(k, k)} {_text(v)}" for k, v in kept)
        )
    if isinstance(value, bool):
        return "是" if value else "否"
    return f"{value:g}" if isinstance(value, int | float) else re.sub(r"\s+", " ", str(value)).strip()


def method_name(indicator: Indicator) -> str:
    """What the method of an indicator is called: 比率, 计数 …."""
    described = type(indicator.measure).model_fields["method"].description or indicator.measure.method
    return described.split("：")[0]


def _scale(indicator: Indicator) -> float:
    return float(getattr(indicator.measure, "scale", 1.0))


def anchors(rules: Rules, code: str) -> Mapping[str, float]:
    """The anchors of an indicator's standard in force in the year of ``rules``, those there are; empty without a standard."""
    if code not in rules.indicators:
        return rules.told.get(code, {})
    standard: Standard | None = rules.indicators[code].standard_in(rules.year)
    given = {} if standard is None else {name: getattr(standard, name) for name in ANCHORS}
    return {name: value for name, value in given.items() if value is not None}


def in_other_units(then: Rules | None, now: Rules) -> pl.DataFrame:
    """input, item of every item of a form that is asked in another unit now than in the year of ``then``."""
    before = {} if then is None else then.project.get("inputs", {})
    rows = [
        (name, item)
        for name, given in sorted(now.project.get("inputs", {}).items()) if name in before
        for item in sorted(set(given["columns"]) & set(before[name]["columns"]))
        if given.get("units_of", {}).get(item) != before[name].get("units_of", {}).get(item)
    ]  # fmt: skip
    return pl.DataFrame(rows, schema={"input": pl.String, "item": pl.String}, orient="row")


# ── values ────────────────────────────────────────────────────────────────────────────────────────────────


def comparable_values(values: pl.DataFrame, links: Mapping[str, Link]) -> pl.DataFrame:
    """``values`` of an earlier year (indicator, value and what there is of ``measurements``) as far as they can be compared.

    What is not the same thing any more is left out, what has another factor is reckoned with the new one. An indicator that
    ``links`` does not have is not in force now: its values stay as they are.
    """
    gone = [code for code, x in links.items() if x.state == BROKEN]
    bare = [code for code, x in links.items() if x.state == COUNT_ONLY]
    factor = pl.col("indicator").replace_strict(
        {code: x.factor for code, x in links.items()}, default=1.0, return_dtype=pl.Float64
    )
    scaled = [c for c in ("value", "compared", "low", "high", "shrunk", "reported") if c in values.columns]
    rates = [c for c in _STATED if c in values.columns and c not in ("value", "numerator")]
    return (
        values.filter(~pl.col("indicator").is_in(gone))
        .with_columns(pl.when(factor != 1).then(pl.col(c) * factor).otherwise(pl.col(c)).alias(c) for c in scaled)
        .with_columns(
            pl.when(~pl.col("indicator").is_in(bare)).then(pl.col(c)).otherwise(None).alias(c) for c in rates
        )
    )  # fmt: skip
