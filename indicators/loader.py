"""The loader (指标体系的读入): the sets a project names → the indicators in force, and where each field came from.

Sets are layers. A later layer adds indicators, takes some over from a set that is not in force (``[[borrow]]``), changes
single fields of earlier ones by code (``[[override]]``) and leaves indicators out (``[[disable]]``). The last system that
names dimensions says which there are; an indicator written in the words of an earlier one is moved by its
``dimension_of``. Last of all every ``{parameter}`` is replaced by the value chosen. Every fault of every file becomes a
finding; nothing is raised for an author's mistake.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from difflib import get_close_matches
from pathlib import Path
from typing import Any

import polars as pl
from pydantic import TypeAdapter, ValidationError

from ..engine.findings import Findings, Place
from ..engine.results import LEVEL_NAMES, SCHEMAS, conform, empty
from .form_model import Form, Question
from .forms import merge_forms, merge_questions, source_text
from .layers import SYSTEM_FILE, Layer, read_layers, tell_unread
from .laying import Change, Draft, Pile, checked, lay
from .measure_model import Measure, Ratio, Sql
from .model import Indicator, System, as_text
from .sql import faults_in

_PLAIN = set(SCHEMAS["indicators"]) & set(
    Indicator.model_fields
)  # columns that are fields of the indicator as such


# what is expected of an expression, and of a query
_SQL_EXPECTED = (
    "一个只用本输入各列的 DuckDB 表达式",
    "一条 DuckDB 的 SELECT：只查 of 里的输入，结果有 unit、numerator、denominator",
)
_MEASURE: TypeAdapter[Measure] = TypeAdapter(Measure)


@dataclass(frozen=True)
class Library:
    """The indicators in force.

    ``indicators`` are in the order of the dimensions, within one in that of the layers, of their numbers, and as written. ``origin`` says which set
    each field of each indicator came from: (code, field) → set; a part of the measure that was overridden stands
    under its own path (``measure.radius_m``). ``disabled`` maps a code left out to the reason given. ``forms`` and
    ``questions`` are those of the sets, by the name of the input and in the order of the questionnaire. ``changes`` are
    what each layer did, in order.
    """

    systems: tuple[System, ...] = ()
    indicators: tuple[Indicator, ...] = ()
    origin: dict[tuple[str, str], str] = field(default_factory=dict)
    disabled: dict[str, str] = field(default_factory=dict)
    dimension_names: tuple[str, ...] = ()
    forms: dict[str, Form] = field(default_factory=dict)
    questions: tuple[Question, ...] = ()
    changes: tuple[Change, ...] = ()

    def get(self, code: str) -> Indicator | None:
        """The indicator of a code, if it is in force."""
        return next((i for i in self.indicators if i.code == code), None)


def load_indicators(
    sets: Sequence[str],
    project_folder: Path,
    findings: Findings,
    *,
    inputs: Sequence[str] | None = None,
    dimension_names: Mapping[str, str] | None = None,
) -> Library:
    """The library of the sets named, laid over one another, with findings I001–I019 for every fault met.

    ``inputs`` are the inputs the project declares; an indicator that reads another one is kept and told of (I010).
    None: not known, nothing is said. ``dimension_names`` gives dimensions the names the project has for them.
    """
    layers = read_layers(sets, project_folder, findings)
    systems = _systems(layers, findings)
    if layers and not any(system.dimensions for system in systems):
        findings.add(
            "I012", Place(file=f"indicators/{SYSTEM_FILE}"), expected="写明 name、title、source、dimensions"
        )
    pile = Pile()
    for position, layer in enumerate(layers):
        layer.position = position
        lay(layer, pile, project_folder, findings)
    tell_unread(project_folder / "indicators", findings)
    dimensions, moved = _dimensions(systems, dimension_names or {}, findings)
    indicators = []
    for draft in pile.drafts.values():
        draft.raw["dimension"] = moved(draft.raw.get("dimension"))
        filled = _filled(draft.raw)
        indicator = checked(Indicator, filled, f"指标 {draft.entry.code}", draft.place_of, findings)
        if _fits(filled, draft, dimensions, findings) and indicator is not None:
            _tell_fractions(indicator, draft, findings)
            indicators.append(indicator)
    indicators.sort(
        key=lambda i: (dimensions.index(i.dimension), pile.drafts[i.code].position, i.number or 0)
    )
    origin = {
        (i.code, name): source for i in indicators for name, source in pile.drafts[i.code].origin.items()
    }
    asked = [source for layer in layers for source in (*layer.borrowed_from, layer)]
    forms = merge_forms(asked, findings)
    if inputs is not None:
        _tell_undeclared(indicators, inputs, forms, findings)
    return Library(
        tuple(systems), tuple(indicators), origin, pile.disabled, dimensions,
        forms, merge_questions(asked, findings), tuple(pile.changes),
    )  # fmt: skip


def _dimensions(
    systems: Sequence[System], names: Mapping[str, str], findings: Findings
) -> tuple[tuple[str, ...], Callable[[Any], Any]]:
    """The dimensions in force under the project's names, and where a dimension as written belongs among them.

    I013 (a warning) for a dimension that its system leaves to be named and the project has not named.
    """
    last = max((n for n, system in enumerate(systems) if system.dimensions), default=None)
    if last is None:
        return (), lambda written: written
    system = systems[last]
    for name in system.unnamed:
        if name not in names:
            findings.add("I013", Place(file="tijian.toml", column="project.dimensions"), value=name,
                         what=system.title, expected=f'在 [project] 的 dimensions 中写 "{name}" = "定下的名称"')  # fmt: skip

    def moved(written: Any) -> Any:
        if not isinstance(written, str):
            return written
        there = written if written in system.dimensions else system.dimension_of.get(written, written)
        return names.get(there, there)

    return tuple(names.get(name, name) for name in system.dimensions), moved


def _filled(raw: dict[str, Any]) -> dict[str, Any]:
    """``raw`` with every ``{parameter}`` of its texts and expressions replaced by the value in force."""
    declared = raw.get("parameter")
    values = {
        str(p.get("name")): as_text(p["value"])
        for p in (declared if isinstance(declared, list) else [])
        if isinstance(p, dict) and isinstance(p.get("value"), str | int | float)
    }
    if not values:
        return raw

    def fill(part: Any) -> Any:
        if isinstance(part, str):
            for name, value in values.items():
                part = part.replace(f"{{{name}}}", value)
            return part
        if isinstance(part, dict):
            return {key: fill(value) for key, value in part.items()}
        return [fill(value) for value in part] if isinstance(part, list) else part

    return {key: value if key == "parameter" else fill(value) for key, value in raw.items()}


def _systems(layers: list[Layer], findings: Findings) -> list[System]:
    """The systems of the layers that have one, first to last; a layer of forms alone is no system of indicators."""
    systems = []
    for layer in layers:
        if layer.system is None:
            continue
        system = checked(System, layer.system.raw, f"体系 {layer.name}", layer.system.at_file, findings)
        defines = any(layer.entries[kind] for kind in ("indicator", "borrow", "override"))
        systems += [system] if system is not None and (defines or system.dimensions) else []
    return systems


def _fits(
    filled: Mapping[str, Any],
    draft: Draft,
    dimensions: Sequence[str],
    findings: Findings,
) -> bool:
    """Whether an indicator can be computed here; findings I007 and I011 say why not, also of one that is refused anyway."""
    what, dimension = f"指标 {draft.entry.code}", filled.get("dimension")
    if dimensions and isinstance(dimension, str) and dimension not in dimensions:
        findings.add("I007", draft.place_of("dimension").at(column="dimension"), value=dimension,
                     what=what, expected="、".join(dimensions))  # fmt: skip
    try:
        faults = faults_in(_MEASURE.validate_python(filled.get("measure")))
    except ValidationError:  # told with the indicator
        faults = []
    for path, text, detail in faults:
        place = draft.place_of(f"measure.{path}").at(column=f"measure.{path}")
        findings.add("I011", place, value=" ".join(text.split()), what=what,
                     field=f"measure.{path}", detail=detail, expected=_SQL_EXPECTED[path == "query"])  # fmt: skip
    return not faults and dimension in dimensions


def _tell_fractions(indicator: Indicator, draft: Draft, findings: Findings) -> None:
    """I016 where a share in % looks written as a fraction: a standard of at most 1 %, a quotient that nothing multiplies.

    A small limit of something that should be rare (``lower``) may be meant.
    """
    if not indicator.is_share:
        return
    found = []
    for number, standard in enumerate(indicator.standard, 1):
        given = standard.model_dump(include={"floor", "target", "best", "low", "high"}, exclude_none=True)
        if indicator.direction != "lower" and given and 0 < max(given.values()) <= 1:
            written, right = (
                "、".join(f"{name} = {value * times:g}" for name, value in given.items())
                for times in (1, 100)
            )
            found.append(
                (f"standard[{number}]", written, f"标准最高才 {max(given.values()):g}%", f"如 {right}")
            )
    measure = indicator.measure
    if isinstance(measure, Ratio | Sql) and measure.scale == 1:
        text = measure.query if isinstance(measure, Sql) else f"{measure.numerator} {measure.denominator}"
        quotient = isinstance(measure, Sql) or measure.denominator is not None
        if quotient and "100" not in text:
            found.append(("measure.scale", "", "计算却没有乘 100", "在 [indicator.measure] 里写 scale = 100"))
    for field_, value, detail, expected in found:
        findings.add("I016", draft.place_of(field_).at(column=field_), value=value, what=f"指标 {indicator.code}",
                     detail=detail, expected=expected)  # fmt: skip


def _tell_undeclared(
    indicators: list[Indicator], inputs: Sequence[str], forms: Mapping[str, Form], findings: Findings
) -> None:
    """I010 once for each input that indicators read and the project does not declare: they are kept, without evidence.

    A name that neither the project nor a form has is probably mistyped: the nearest is told.
    """
    needed: dict[str, list[str]] = {}
    for indicator in indicators:
        for name in indicator.measure.inputs:
            if name not in inputs:
                needed.setdefault(name, []).append(indicator.code)
    for name, codes in sorted(needed.items()):
        what = "、".join(codes[:5]) + (f"等 {len(codes)} 项" if len(codes) > 5 else "")
        near = [] if name in forms else get_close_matches(name, [*inputs, *forms], n=1)
        right = f"是不是 {near[0]}？" if near else f"在 tijian.toml 里另起一行写 [inputs.{name}]"
        if not near:
            right += "；" if name in forms else "，并写明 kind、file 等（没有这张填报表）；"
        findings.add("I010", Place(file="tijian.toml", column=f"inputs.{name}"), value=name, what=f"指标 {what}",
                     expected=f"{right}确实没有的，用 [[disable]] 停用这些指标")  # fmt: skip


def indicator_frame(library: Library, year: int) -> pl.DataFrame:
    """The definitions in force in ``year``, one row each in order, in the schema ``indicators``.

    ``system`` is the set that defined the indicator; target, floor, best, worst and their source are those of the
    standard valid at the end of the year, null where there is none.
    """
    if not library.indicators:
        return empty("indicators")
    rows = []
    for position, indicator in enumerate(library.indicators):
        standard = indicator.standard_in(year)
        row = indicator.model_dump(include=_PLAIN) | {
            "compared_unit": indicator.compared_unit,
            "counted": indicator.counted,
            "uncertainty": indicator.interval,
            "minimum": "；".join(
                f"{LEVEL_NAMES[level]} {least:g}" for level, least in indicator.minimum.items()
            ),
            "method": indicator.measure.method,
            "inputs": list(indicator.measure.inputs),
            "data_source": source_text(indicator.measure, library.forms, library.questions),
            "parameters": "；".join(
                f"{p.meaning}取{as_text(p.value)}（{p.chosen.says}）；另有"
                + "、".join(f"{as_text(o.value)}（{o.says}）" for o in p.option if o.value != p.value)
                for p in indicator.parameter
            ),
            "system": library.origin[indicator.code, "code"],
            "position": position,
        }
        if standard is not None:
            row |= standard.model_dump(include={"target", "floor", "best", "worst", "low", "high"})
            row |= {"standard_source": standard.source, "standard_clause": standard.clause}
            row |= {"target_by": standard.by, "target_item": standard.item, "base_year": standard.base_year}
        rows.append({name: row.get(name) for name in SCHEMAS["indicators"]})
    return conform("indicators", pl.DataFrame(rows, schema=SCHEMAS["indicators"], orient="row"))
