"""What `tijian.toml` leaves out of an input, from the form of the same name (按填报表补全输入的设置).

A department that fills in our own form needs nothing said about it: title, kind, columns, types, units and limits
stand in the indicator sets. What the project says itself always wins; its ``columns`` change single headers.
"""

from __future__ import annotations

from collections.abc import Mapping
from difflib import get_close_matches
from typing import Any

from ...indicators.form_model import Form
from ...indicators.forms import in_year, needed_items
from ...indicators.loader import Library
from ...indicators.measure_model import Survey
from ...indicators.sql import columns_by_field
from ..findings import Findings, Place
from .project import FILE_NAME, Input, Project

UNIT_HEADERS = {"district": ("单位", None), "town": ("街镇", None), "community": ("社区", "街镇")}
LON, LAT, LON_LAT_CRS = "经度", "纬度", "EPSG:4490"
OF_EVERY_ROW = ("unit", "x", "y", "area_m2")  # what expressions may name beside an input's own columns
REPORTED = {"unit": "区域", "item": "指标名称", "value": "数值"}


def complete_inputs(project: Project, library: Library, findings: Findings) -> Project:
    """The project with every input complete; P005 for one that has no form and does not say what it is itself."""
    completed = {}
    forms = in_year(library.forms, project.year)
    for name, given in project.inputs.items():
        form = forms.get(name)
        item = given if form is None else _completed(given, form, library)
        for field in ("kind", "file"):
            if not getattr(item, field):
                findings.add("P005", Place(FILE_NAME, column=f"inputs.{name}"), value=name, field=field,
                             expected=_form_meant(name, library) or f"在这一段写 {field}")  # fmt: skip
        completed[name] = item
    return project.model_copy(update={"inputs": {n: i for n, i in completed.items() if i.kind and i.file}})


def _form_meant(name: str, library: Library) -> str:
    """The form an input was probably meant to be; where none is like it, where the names of all stand."""
    near = get_close_matches(name, library.forms, n=3)
    if near:
        return "是不是 " + "、".join(f"{n}（{library.forms[n].title}）" for n in near) + "？"
    return (
        "体系里有的填报表（每项指标用哪张见 tijian indicators --pdf 的指标手册），或在这一段写 kind、file"
        if library.forms
        else ""
    )


def tell_unknown(project: Project, library: Library, findings: Findings) -> None:
    """I017 and I018 for each column and question that an indicator names and nobody asks for."""
    asked = {question.id: question.text for question in library.questions}
    asked |= {q: text for item in project.inputs.values() for q, text in item.questions.items()}
    for indicator in library.indicators:
        place = Place(f"指标 {indicator.code}")
        for field, name, column in columns_by_field(indicator.measure):
            given, form = project.inputs.get(name), library.forms.get(name)
            if given is None or form is None or given.tags or given.walkable:
                continue
            labels = given.columns | {item.name: item.label for item in form.item}
            if column not in labels and column not in OF_EVERY_ROW:
                findings.add("I017", place.at(column=f"measure.{field}"), value=column, name=indicator.name,
                             which=form.title, expected=column_meant(column, labels))  # fmt: skip
        told = {"survey": indicator.survey}
        if isinstance(indicator.measure, Survey):
            told["measure.question"] = indicator.measure.question
        for field, question in told.items():
            if question is not None and question not in asked:
                findings.add("I018", place.at(column=field), value=question, name=indicator.name,
                             expected=f"已有的题号，或加一段 [[question]]，id = \"{question}\"")  # fmt: skip


def column_meant(column: str, labels: Mapping[str, str]) -> str:
    """What a column that is not there was probably meant to be; ``labels`` are headers by the names that expressions use."""
    by_label = {label: name for name, label in labels.items()}
    near = get_close_matches(column, labels, n=1) or [
        by_label[label] for label in get_close_matches(column, by_label, n=1)
    ]
    if near:
        return f"是不是 {near[0]}（{labels[near[0]]}）？计算式里写列名，不写表头"
    return "列名之一：" + "、".join(f"{name}（{label}）" for name, label in labels.items())


def form_file(form: Form) -> str:
    """Where a returned form lies when the project does not say."""
    return f"inputs/{{year}}/{form.title}.{'gpkg' if form.kind == 'layer' else 'xlsx'}"


def _completed(item: Input, form: Form, library: Library) -> Input:
    """One input with what its form says of it."""
    # of answers and tickets everything is read: who answered and what was resolved is asked by no indicator
    needed = form.item if form.kind in ("survey", "tickets") else needed_items(form, library.indicators)
    items = [i for i in form.item if i in needed or i.name in item.columns]
    of_form: dict[str, Any] = {
        "kind": form.kind,
        "title": form.title,
        "provider": form.provider,
        "file": form_file(form),
        "key": form.key,
        "empty_means_none": form.empty_means_none,
        "questions": {q.id: q.text for q in library.questions} if form.kind == "survey" else {},
    }
    merged = {
        "columns": {i.name: i.label for i in items} | item.columns,
        "types": {i.name: i.type for i in items} | item.types,
        "units_of": {i.name: i.unit for i in items if i.unit} | item.units_of,
        "limits": {i.name: (i.low, i.high) for i in items if (i.low, i.high) != (None, None)} | item.limits,
        "required": tuple(dict.fromkeys([*(i.name for i in items if i.required), *item.required])),
    }
    update = {field: value for field, value in of_form.items() if not getattr(item, field)} | merged
    return item.model_copy(update=update | _placing(item, form))


def _placing(item: Input, form: Form) -> dict[str, Any]:
    """How the rows find their unit, where the project does not say: by coordinates, or by the columns of our forms."""
    if form.kind == "reported":
        return {field: getattr(item, field) or header for field, header in REPORTED.items()}
    if item.at or item.unit or item.x or item.kind == "layer" or form.kind == "layer" or item.tags:
        return {} if item.level or not form.level or item.x else {"level": form.level}
    if form.located:
        return {"x": LON, "y": LAT, "crs": item.crs or LON_LAT_CRS}
    unit, within = UNIT_HEADERS[item.level or form.level or "town"]
    return {"unit": unit, "within": item.within or within, "level": item.level or form.level}
