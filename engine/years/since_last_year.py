"""What changed since last year (与上年相比): units, indicators, definitions, standards, the scheme, forms and files.

For the end of ``tijian check``: a person reads it before the year is run, because whatever is told here decides what of
last year can stand beside this year. Everything is read from last year's results; nothing is measured or scored.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import polars as pl

from ...indicators.model import Indicator
from ..evidence import Gathered
from ..results import LEVEL_NAMES
from ..storage import store
from .comparable import (
    ANCHORS,
    BROKEN,
    COUNT_ONLY,
    NEW,
    RESTATED,
    UNKNOWN,
    Link,
    Rules,
    anchors,
    rules_of,
)
from .successors import renamed

UNITS, INDICATORS, DEFINITIONS, STANDARDS, SCHEME, FORMS = PARTS = (
    "体检单元", "指标增减", "口径", "标准", "计分和判定", "填报表和数据",
)  # fmt: skip
_SECTIONS = ("scoring", "diagnosis", "small_numbers", "survey", "space")
_DIRECTIONS = {"higher": "越大越好", "lower": "越小越好", "within": "适度"}
_KINDS = {"baseline": "底线型", "guiding": "提升型", "local": "特色"}
_SHORT = 60


@dataclass(frozen=True)
class Changed:
    """One thing that is not as it was: in which part, of what, what is so now, and what follows for the comparison."""

    part: str
    what: str
    says: str
    follows: str = ""


@dataclass(frozen=True)
class Since:
    """What changed since ``year``; ``unknown`` says of what nothing can be known."""

    year: int
    changes: tuple[Changed, ...]
    unknown: str = ""


def since_last_year(path: Path, now: Rules, links: Mapping[str, Link], gathered: Gathered) -> Since | None:
    """What changed since the year before ``now``, whose ``links`` to this year are given; None where that year was not run.

    Raises StoreError.
    """
    year = now.year - 1
    then = rules_of(path, year)
    if then is None:
        return None
    units, inputs = (store.read_frame(path, name, year) for name in ("units", "inputs"))
    changes = [*_units(units, gathered.units, gathered.predecessors)]
    if not then.known:
        return Since(
            year,
            tuple(changes),
            "上年的运行记录由另一版本写成，读不出口径、标准和计分方案，只能按编号与上年比较",
        )
    changes += [
        *_indicators(then, now),
        *_definitions(then, now, links),
        *_standards(then, now, links),
        *_scheme(then, now),
        *_forms(then, now),
        *_files(inputs, gathered, now.project.get("inputs", {})),
    ]
    unread = sorted(code for code, x in links.items() if x.state == UNKNOWN)
    said = f"上年的口径读不出、按原样比较的指标：{'、'.join(unread)}" if unread else ""
    return Since(year, tuple(changes), said)


# ── units ─────────────────────────────────────────────────────────────────────────────────────────────────


def _units(then: pl.DataFrame, now: pl.DataFrame, predecessors: pl.DataFrame) -> Iterator[Changed]:
    old = {row["code"]: row for row in then.to_dicts()}
    new = {row["code"]: row for row in now.to_dicts()}
    yield from _declared(old, new, predecessors)
    told = {*predecessors["unit"], *predecessors["predecessor"]}
    gone = {code: row for code, row in old.items() if code not in new and code not in told}
    for code in sorted(set(new) - set(old) - told):
        row = new[code]
        alike = [c for c, r in gone.items() if (r["name"], r["level"]) == (row["name"], row["level"])]
        hint = (
            f"；上年的“{row['name']}”代码是 {alike[0]}，若只是换了代码，请在单元名录的“原代码”一列写明"
            if alike
            else ""
        )
        yield Changed(
            UNITS, f"{row['name']}（{code}）", f"新增的{LEVEL_NAMES[row['level']]}单元{hint}", "没有上年值"
        )
    for code, row in sorted(gone.items()):
        says = "不在今年的单元名录里，也没有单元写它为原代码"
        yield Changed(UNITS, f"{row['name']}（{code}）", says, "上年值无处可接，它的问题无法复查")
    for code in sorted(set(old) & set(new) - told):
        yield from _same_code(code, old, new)


def _same_code(code: str, old: Mapping[str, Any], new: Mapping[str, Any]) -> Iterator[Changed]:
    was, row = old[code], new[code]
    what = f"{row['name']}（{code}）"
    if was["name"] != row["name"]:
        yield Changed(UNITS, what, f"上年叫“{was['name']}”", "按代码接续，值照常比较")
    if was["level"] != row["level"]:
        says = f"由{LEVEL_NAMES[was['level']]}改为{LEVEL_NAMES[row['level']]}"
        yield Changed(UNITS, what, says, "同类单元变了，名次不宜与上年比")
    elif was["parent"] != row["parent"]:
        before, here = (_named(rows, code) for rows, code in ((old, was["parent"]), (new, row["parent"])))
        yield Changed(UNITS, what, f"由{before}改属{here}", "两个上级单元的范围都变了，上级的值含范围变化")
    if (was["kind"] or "") != (row["kind"] or ""):
        yield Changed(UNITS, what, f"类型由“{was['kind'] or '空'}”改为“{row['kind'] or '空'}”")


def _named(units: Mapping[str, Any], code: str | None) -> str:
    return f"“{units[code]['name']}”" if code and code in units else f"“{code or '无'}”"


def _declared(old: Mapping[str, Any], new: Mapping[str, Any], changed: pl.DataFrame) -> Iterator[Changed]:
    """What the column 原代码 says: another code alone, or made of parts."""
    alone = dict(renamed(changed).select("unit", "predecessor").iter_rows())
    for (unit,), rows in changed.group_by("unit", maintain_order=True):
        what = f"{_named(new, str(unit))}（{unit}）"
        if unit in alone:
            yield Changed(UNITS, what, f"代码由 {alone[str(unit)]} 改为 {unit}", "按原代码接续")
            continue
        parts = [
            f"{_named(old, code)}的{share:.0%}"
            for code, share in rows.select("predecessor", "share").iter_rows()
        ]
        yield Changed(UNITS, what, f"由{'、'.join(parts)}组成", "有分子分母的按份额折算，其余没有上年值")


# ── indicators ────────────────────────────────────────────────────────────────────────────────────────────


def _title(indicator: Indicator) -> str:
    return f"{indicator.code} {indicator.name}"


def _indicators(then: Rules, now: Rules) -> Iterator[Changed]:
    for code, new in now.indicators.items():
        if code not in then.indicators and code not in then.unread:
            yield Changed(
                INDICATORS, _title(new), "今年新列入", f"没有上年值，“{new.dimension}”的上年得分不可比"
            )
    for code, old in then.indicators.items():
        if code not in now.indicators:
            yield Changed(INDICATORS, _title(old), "今年不再使用", "它的上年问题无法复查")
    for code in (code for code in now.indicators if code in then.indicators):
        old, new = then.indicators[code], now.indicators[code]
        for word, before, here in (
            ("名称", old.name, new.name), ("维度", old.dimension, new.dimension),
            ("评价层级", _levels(old), _levels(new)), ("性质", _KINDS[old.kind], _KINDS[new.kind]),
        ):  # fmt: skip
            if before != here:
                yield Changed(INDICATORS, _title(new), f"{word}由“{before}”改为“{here}”")


def _levels(indicator: Indicator) -> str:
    return "、".join(LEVEL_NAMES[level] for level in indicator.levels)


def _definitions(then: Rules, now: Rules, links: Mapping[str, Link]) -> Iterator[Changed]:
    """What decides a value, then what decides whether it is judged and how, then the words alone."""
    for code, link in links.items():
        if link.state in (NEW, UNKNOWN):
            continue
        old, new = then.indicators[code], now.indicators[code]
        follows = (
            "上年值不与今年比较"
            if link.state == BROKEN
            else "个数照常比较，比率不比"
            if link.state == COUNT_ONLY
            else ""
        )
        for word, before, here in link.changes:
            yield Changed(DEFINITIONS, _title(new), f"{word}由“{before}”改为“{here}”", follows)
        if link.state == RESTATED and link.factor != 1:
            says = f"乘数改为上年的 {link.factor:g} 倍，单位由“{old.unit}”改为“{new.unit}”"
            yield Changed(DEFINITIONS, _title(new), says, "上年值按今年的乘数折算后比较")
        elif old.unit != new.unit and link.state != BROKEN:
            yield Changed(DEFINITIONS, _title(new), f"单位由“{old.unit}”改为“{new.unit}”", "值照常比较")
        yield from _choices(old, new)
        if old.direction != new.direction:
            says = f"由{_DIRECTIONS[old.direction]}改为{_DIRECTIONS[new.direction]}"
            yield Changed(DEFINITIONS, _title(new), says, "值照常比较，好坏按今年的方向；上年的问题无法复查")
        if old.minimum != new.minimum:
            says = f"最小基数由{_minimum(old)}改为{_minimum(new)}"
            yield Changed(DEFINITIONS, _title(new), says, "值照常比较")
        if not link.changes and (old.definition, old.formula) != (new.definition, new.formula):
            yield Changed(
                DEFINITIONS,
                _title(new),
                "定义或算法的文字有改，计算式没有改",
                "值照常比较；若填报口径也改了，请说明",
            )


def _choices(old: Indicator, new: Indicator) -> Iterator[Changed]:
    """Parameters: which of two rules is taken."""
    before = {p.name: p for p in old.parameter}
    for parameter in new.parameter:
        was = before.get(parameter.name)
        if was is not None and was.value != parameter.value:
            says = f"{parameter.meaning}由“{was.chosen.says}”改为“{parameter.chosen.says}”"
            yield Changed(DEFINITIONS, _title(new), says)


def _minimum(indicator: Indicator) -> str:
    return (
        "、".join(f"{LEVEL_NAMES[level]} {least:g}" for level, least in indicator.minimum.items()) or "不限"
    )


# ── standards and scheme ──────────────────────────────────────────────────────────────────────────────────


def _standards(then: Rules, now: Rules, links: Mapping[str, Link]) -> Iterator[Changed]:
    for code, new in now.indicators.items():
        old, here = then.indicators.get(code), new.standard_in(now.year)
        was = old.standard_in(then.year) if old is not None else None
        if not links[code].one_standard:
            unit = new.unit if old is None else old.unit
            says = f"标准由{_anchors(then, code, unit)}改为{_anchors(now, code, new.unit)}"
            source = f"（{here.source}，{here.since.isoformat()} 起）" if here is not None else ""
            broken = links[code].state == BROKEN
            follows = "" if broken else "值照常比较，上年得分按今年标准重算"
            yield Changed(STANDARDS, _title(new), says + source, follows)
        elif was is not None and here is not None and (was.source, was.by) != (here.source, here.by):
            if was.source != here.source:
                yield Changed(STANDARDS, _title(new), f"出处由“{was.source}”改为“{here.source}”，数值没有改")
            if was.by != here.by:
                yield Changed(STANDARDS, _title(new), f"期限由 {was.by or '无'} 改为 {here.by or '无'}")


def _anchors(rules: Rules, code: str, unit: str) -> str:
    said = "、".join(f"{ANCHORS[name]} {value:g}" for name, value in anchors(rules, code).items())
    return f"“{said}”（{unit}）" if said else "“没有标准”"


def _scheme(then: Rules, now: Rules) -> Iterator[Changed]:
    for section in _SECTIONS:
        before, here = then.project.get(section, {}), now.project.get(section, {})
        follows = "上年得分按今年的方案重算" if section == "scoring" else ""
        for key, was, now_is in _differing(before, here):
            says = f"由 {_shown(was)} 改为 {_shown(now_is)}"
            yield Changed(SCHEME, f"[{section}] {key}", says, follows)
    for code, new in now.indicators.items():
        old = then.indicators.get(code)
        if old is not None and old.weight != new.weight:
            yield Changed(
                SCHEME, _title(new), f"权重由 {old.weight:g} 改为 {new.weight:g}", "上年得分按今年的权重重算"
            )
    if then.judgements != now.judgements:
        yield Changed(SCHEME, "判断矩阵", "专家的判断与上年不同", "上年得分按今年的权重重算")


def _differing(old: Mapping[str, Any], new: Mapping[str, Any]) -> Iterator[tuple[str, Any, Any]]:
    """Key, before, now of every setting that is not as it was, the tables inside by dotted keys.

    A setting that last year's program did not know was at its default.
    """
    for key in dict.fromkeys([*new, *old]):
        was, here = old.get(key), new.get(key)
        if isinstance(was, dict) and isinstance(here, dict):
            yield from ((f"{key}.{inner}", a, b) for inner, a, b in _differing(was, here))
        elif was != here and (key in old or here):
            yield key, was, here


def _shown(value: object) -> str:
    """A setting as it would be written in tijian.toml, shortened."""
    if value is None:
        return "（没有写）"
    text = json.dumps(value, ensure_ascii=False).replace("-Infinity", "不限")
    return text if len(text) <= _SHORT else f"{text[:_SHORT]}…"


# ── forms and files ───────────────────────────────────────────────────────────────────────────────────────


def _forms(then: Rules, now: Rules) -> Iterator[Changed]:
    """Items asked anew or no longer, headers and units that changed, by the inputs as completed from their forms."""
    old, new = then.project.get("inputs", {}), now.project.get("inputs", {})
    for name in dict.fromkeys([*new, *old]):
        if name not in old:
            yield Changed(
                FORMS,
                _form(name, new[name]),
                "今年新要的一张表",
                f"由{new[name]['provider'] or '（未写）'}提供",
            )
        elif name not in new:
            yield Changed(FORMS, _form(name, old[name]), "今年不再要这张表")
        else:
            yield from _items(_form(name, new[name]), old[name], new[name])
            words = then.forms.get(name, {}), now.forms.get(name, {})
            yield from _words(_form(name, new[name]), words[0], words[1], new[name]["columns"])


def _form(name: str, given: Mapping[str, Any]) -> str:
    return f"{given.get('title') or name}（{name}）"


def _items(what: str, old: Mapping[str, Any], new: Mapping[str, Any]) -> Iterator[Changed]:
    before, here = old["columns"], new["columns"]
    added = [label for item, label in here.items() if item not in before]
    dropped = [label for item, label in before.items() if item not in here]
    if added:
        yield Changed(FORMS, what, f"新问：{'、'.join(added)}", "往年没有数")
    if dropped:
        yield Changed(FORMS, what, f"不再问：{'、'.join(dropped)}")
    for item in sorted(set(before) & set(here)):
        if before[item] != here[item]:
            yield Changed(FORMS, what, f"表头由“{before[item]}”改为“{here[item]}”")
        units = [given.get("units_of", {}).get(item) for given in (old, new)]
        if units[0] != units[1]:
            yield Changed(FORMS, what, f"“{here[item]}”的单位由“{units[0] or '无'}”改为“{units[1] or '无'}”")
    if old["provider"] != new["provider"]:
        yield Changed(
            FORMS, what, f"填报单位由“{old['provider'] or '（未写）'}”改为“{new['provider'] or '（未写）'}”"
        )


def _words(
    what: str, old: Mapping[str, str], new: Mapping[str, str], labels: Mapping[str, str]
) -> Iterator[Changed]:
    """What is said of a form and its items; nothing where it is not known what was said in either year."""
    for item in sorted(old.keys() & new.keys()):
        if old[item] != new[item]:
            whose = f"“{labels[item]}”的填报说明" if item else "填报范围与要求"
            says = f"{whose}由“{old[item] or '无'}”改为“{new[item] or '无'}”"
            yield Changed(FORMS, what, says, "值照常比较；数的东西也变了的，上年值不宜比，请业务部门看")


def _files(then: pl.DataFrame, gathered: Gathered, wanted: Mapping[str, Any]) -> Iterator[Changed]:
    """Inputs still wanted that came last year and of which nothing is there now."""
    for (name,), rows in then.filter(pl.col("kind") != "units").group_by("name", maintain_order=True):
        given = gathered.evidence.get(str(name))
        if name in wanted and (given is None or not given.sources):
            files = "、".join(rows["file"].unique(maintain_order=True))
            yield Changed(
                FORMS,
                _form(str(name), wanted[str(name)]),
                f"上年收到了 {files}，今年还没有",
                "用到它的指标今年没有值",
            )
