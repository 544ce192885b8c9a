"""Faults of a definition, in the words of its author (指标定义的错误说明).

pydantic says what is wrong with a value in English and in terms of its own; this module turns one such error into
one finding in Chinese that names the file, the indicator, the field, what stands there and what would be right.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from difflib import get_close_matches
from typing import Any

from pydantic import BaseModel, ValidationError

from ..engine.findings import Findings, Place
from .catchment_model import Catchment, Zone
from .form_model import Form, Item
from .measure_model import (
    Circle,
    CircleKind,
    Count,
    Coverage,
    Density,
    Ratio,
    Reported,
    Rule,
    ServiceRadius,
    Sql,
    Survey,
    Walk,
)  # fmt: skip
from .model import Indicator, Option, Parameter, Standard

MEASURES: dict[str, type[BaseModel]] = {
    "count": Count, "ratio": Ratio, "coverage": Coverage, "walk": Walk, "circle": Circle, "catchment": Catchment, "density": Density, "survey": Survey,
    "reported": Reported, "sql": Sql,
}  # fmt: skip
_PARTS: dict[str, type[BaseModel]] = {
    "standard": Standard, "rule": Rule, "parameter": Parameter, "option": Option, "item": Item,
    "radius": ServiceRadius, "kind": CircleKind, "zone": Zone, **MEASURES,
}  # fmt: skip

# pydantic error type → what is wrong; {…} are filled from the error's context
_WORDS = {
    "literal_error": "不在可选值之内",
    "greater_than": "应大于 {gt}",
    "greater_than_equal": "应不小于 {ge}",
    "less_than_equal": "应不大于 {le}",
    "string_too_short": "太短，至少 {min_length} 个字",
    "too_short": "至少要有 {min_length} 项",
    "string_pattern_mismatch": "格式不对",
    "string_type": "应为文字（加引号）",
    "float_type": "应为数值",
    "float_parsing": "应为数值",
    "int_type": "应为整数",
    "int_parsing": "应为整数",
    "int_from_float": "应为整数",
    "bool_type": "应为 true 或 false",
    "bool_parsing": "应为 true 或 false",
    "tuple_type": '应为数组，如 ["…"]',
    "model_type": "应为一张表",
    "model_attributes_type": "应为一张表（单方括号）",
    "dict_type": "应为花括号里的对照",
    "finite_number": "应为有限的数",
    "date_type": "应为日期（不加引号），如 2019-03-01",
    "date_parsing": "应为日期，如 2019-03-01",
    "date_from_datetime_parsing": "应为日期，如 2019-03-01",
    "union_tag_invalid": "没有这种计算方法",
}


def explain(
    fault: ValidationError,
    model: type[BaseModel],
    what: str,
    place_of: Callable[[str], Place],
    findings: Findings,
) -> None:
    """Every error of a refused definition as a finding: I003 unknown key, I004 missing, I005 wrong value.

    ``what`` is the thing refused (``指标 JT-03``); ``place_of`` says where the text of a field stands, given its path.
    """
    errors: list[dict[str, Any]] = [dict(error) for error in fault.errors()]
    refused = {row["loc"][: len(row["loc"]) - 1] for row in errors}
    for row in errors:
        if row["type"] == "too_short" and row["loc"] in refused:
            continue  # it is short of what was refused, which is told
        location = [part for part in row["loc"] if part not in MEASURES]
        field = field_path(location)
        owner = _owner(model, row["loc"])
        here = place_of(field).at(column=field)
        if row["type"] == "extra_forbidden":
            findings.add("I003", here, value=location[-1], what=what, field=field,
                         expected=_belongs(str(location[-1]), owner) + "可用的键：" + "、".join(_keys(owner)))  # fmt: skip
        elif row["type"] in ("missing", "union_tag_not_found"):
            name = "method" if row["type"] == "union_tag_not_found" else str(location[-1])
            path = f"{field}.method" if row["type"] == "union_tag_not_found" else field
            expected = "、".join(MEASURES) if name == "method" else meaning(owner, name)
            findings.add("I004", place_of(path).at(column=path), what=what, field=path, expected=expected)
        else:
            findings.add("I005", here, value=_shown(row), what=what, field=f"{field} 不对，" if field else "",
                         detail=_detail(row), expected=_expected(row, owner))  # fmt: skip


def field_path(location: list[Any]) -> str:
    """``("standard", 0, "target")`` → ``standard[1].target``, counted from 1 as people do."""
    path = ""
    for part in location:
        path += f"[{part + 1}]" if isinstance(part, int) else f".{part}" if path else str(part)
    return path


def meaning(model: type[BaseModel], name: str) -> str:
    """What a field means, with its good example where it has one."""
    field = model.model_fields.get(_keys(model).get(name, name))
    if field is None or not field.description:
        return "必须填写"
    return field.description + (f"，如 {field.examples[0]}" if field.examples else "")


def _keys(model: type[BaseModel]) -> dict[str, str]:
    """The keys of a table as written in TOML → the names of the model's fields (``from`` is ``from_`` in Python)."""
    return {field.alias or name: name for name, field in model.model_fields.items()}


def _owner(model: type[BaseModel], location: tuple[Any, ...]) -> type[BaseModel]:
    """The model of the table that the last part of a location stands in."""
    for part in location[:-1]:
        if model not in (Indicator, Form) and part not in ("rule", "option", "radius", "kind", "zone"):
            continue
        model = _PARTS.get(part, model) if isinstance(part, str) else model
    return model


def _belongs(key: str, owner: type[BaseModel]) -> str:
    """Where a key belongs that its table does not have: in another table, or the key it was probably meant to be."""
    of_measures = [name for name, model in MEASURES.items() if key in _keys(model)]
    near = get_close_matches(key, _keys(owner), n=1)
    if owner in (Indicator, Form):
        table = "[[form.item]]" if key in _keys(Item) else ""
        if owner is Indicator:
            table = (
                "[[indicator.standard]]"
                if key in _keys(Standard)
                else "[indicator.measure]"
                if of_measures
                else ""
            )
        if table:
            return f"“{key}”写在 {table} 里；"
    elif owner is Item and key in _keys(Form):
        return f"“{key}”是填报表的，写在 [[form.item]] 之前；"
    elif owner is not Item and key in _keys(Indicator):
        return f"“{key}”是指标本身的，写在 [indicator.measure] 和 [[indicator.standard]] 之前；"
    elif owner in MEASURES.values() and of_measures and not near:
        return f"“{key}”只用于 method = {'、'.join(of_measures)}；"
    return f"是不是 {near[0]}？" if near else ""


def _shown(row: dict[str, Any]) -> object:
    """What stands in the file; nothing for whole tables, which would be unreadable."""
    value = row.get("input", "")
    return (
        ""
        if isinstance(value, dict) or (isinstance(value, list) and any(isinstance(v, dict) for v in value))
        else value
    )


def _detail(row: dict[str, Any]) -> str:
    context = row.get("ctx", {})
    if row["type"] == "value_error":
        return str(context["error"])
    if row["type"] == "tuple_type" and isinstance(row.get("input"), dict):
        return "应写双方括号"
    words = _WORDS.get(row["type"])
    return words.format(**context) if words else str(row["msg"])


def _expected(row: dict[str, Any], owner: type[BaseModel]) -> str:
    if row["type"] == "union_tag_invalid":
        return "、".join(MEASURES)
    named = [part for part in row["loc"] if isinstance(part, str)]
    if row["type"] == "value_error" or not named:
        return ""
    said = meaning(owner, named[-1])
    if row["type"] != "literal_error":
        return said
    choices = re.findall(r"'([^']*)'", row["ctx"]["expected"])
    told = said.rpartition("，如 ")[0] or said
    return told if all(choice in told for choice in choices) else "、".join(choices) + f"：{told}"
