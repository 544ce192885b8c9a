"""Layers laid over one another (分层): what each layer adds, takes over, changes and leaves out, and where it says so."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from difflib import get_close_matches
from pathlib import Path
from typing import Any, Literal, TypeVar

from pydantic import BaseModel, ValidationError

from ..engine.findings import Findings, Place
from .faults import explain
from .layers import Borrow, Disable, Entry, Layer, Override, read_set
from .model import Indicator

M = TypeVar("M", bound=BaseModel)


@dataclass(frozen=True)
class Change:
    """What one layer does to one indicator (一处分层更改): ``before`` and ``after`` of a changed field, as in TOML."""

    layer: str
    kind: Literal["added", "borrowed", "changed", "disabled"]
    code: str
    field: str = ""
    before: Any = None
    after: Any = None
    reason: str = ""


@dataclass
class Draft:
    """An indicator while layers are laid over it."""

    entry: Entry
    layer: str
    raw: dict[str, Any]
    origin: dict[str, str]  # field → set
    position: int  # of the layer that brought it in
    changed: dict[str, Entry] = field(default_factory=dict)  # overridden field → the override that says so

    def at(self, path: str) -> Any:
        """What stands in a field, a field of the measure or a parameter's value."""
        outer, _, inner = path.partition(".")
        part = self.raw.get(outer)
        if not inner:
            return part
        if outer == "parameter" and isinstance(part, list):
            return next(
                (p.get("value") for p in part if isinstance(p, dict) and p.get("name") == inner), None
            )
        return part.get(inner) if isinstance(part, dict) else None

    def place_of(self, path: str) -> Place:
        """Where the text of a field stands: in the override that changed it, else in the definition.

        What is wrong with the indicator as a whole is laid to the last override: without it, it had been right.
        """
        if not path and self.changed:
            return list(self.changed.values())[-1].place
        for changed, entry in self.changed.items():
            start = self._path_in_faults(changed)
            if path == start or path.startswith((start + ".", start + "[")):
                return entry.place
        return self.entry.place

    def _path_in_faults(self, changed: str) -> str:
        """``parameter.radius`` as faults speak of it: ``parameter[2]`` where radius is the second one; others as they are."""
        outer, _, name = changed.partition(".")
        if outer != "parameter" or not name or not isinstance(self.raw.get("parameter"), list):
            return changed
        names = [p.get("name") for p in self.raw["parameter"] if isinstance(p, dict)]
        return f"parameter[{names.index(name) + 1}]" if name in names else changed


@dataclass
class Pile:
    """The drafts by code, the codes left out with the reason, and every change in the order made."""

    drafts: dict[str, Draft] = field(default_factory=dict)
    disabled: dict[str, str] = field(default_factory=dict)
    changes: list[Change] = field(default_factory=list)


def lay(layer: Layer, pile: Pile, project_folder: Path, findings: Findings) -> None:
    """Lay one layer over those below; findings I001, I003–I006, I008, I009 and I014 for its faults."""
    _define(layer, pile, findings)
    layer.borrowed_from += _borrow(layer, pile, project_folder, findings)
    _override(layer, pile, findings)
    _disable(layer, pile, findings)


def checked(
    model: type[M], raw: dict[str, Any], what: str, place_of: Callable[[str], Place], findings: Findings
) -> M | None:
    """``raw`` as a model, or None and a finding for each of its errors, placed by the path of the field."""
    try:
        return model.model_validate(raw)
    except ValidationError as fault:
        explain(fault, model, what, place_of, findings)
    return None


def _define(layer: Layer, pile: Pile, findings: Findings) -> None:
    """Add the layer's own indicators; a code met before is I006, unless an earlier set borrowed it from this one."""
    for entry in layer.entries["indicator"]:
        earlier = pile.drafts.get(entry.code)
        if earlier is not None and earlier.entry == entry:
            continue
        if earlier is not None:
            findings.add("I006", entry.place, value=entry.code, what=f"指标 {entry.code}", first=earlier.entry.file,
                         expected="编号不重复；改前一体系的字段用 [[override]]")  # fmt: skip
            continue
        origin = dict.fromkeys(entry.raw, layer.name)
        pile.drafts[entry.code] = Draft(entry, layer.name, dict(entry.raw), origin, layer.position)
        pile.changes.append(Change(layer.name, "added", entry.code))


def _borrow(layer: Layer, pile: Pile, project_folder: Path, findings: Findings) -> list[Layer]:
    """Take over indicators of other sets, which are returned; I014 for a code that the other set does not define."""
    sources = []
    for entry in layer.entries["borrow"]:
        borrow = checked(Borrow, entry.raw, f"[[borrow]] {entry.code}", entry.at, findings)
        source = read_set(borrow.from_, entry.place, project_folder, findings) if borrow else None
        if borrow is None or source is None:
            continue
        sources.append(source)
        there = {e.code: e for e in source.entries["indicator"]}
        for code in borrow.codes:
            if code not in there:
                findings.add("I014", entry.place, value=code, source=f"indicators/{borrow.from_}",
                             expected=f"indicators/{borrow.from_} 中已有的编号")  # fmt: skip
            elif code not in pile.drafts:
                taken = there[code]
                origin = dict.fromkeys(taken.raw, source.name)
                pile.drafts[code] = Draft(taken, source.name, dict(taken.raw), origin, layer.position)
                pile.changes.append(Change(layer.name, "borrowed", code, reason=f"引自 {source.name}"))
    return sources


def _override(layer: Layer, pile: Pile, findings: Findings) -> None:
    """Lay the layer's overrides over the indicators of earlier layers."""
    for entry in layer.entries["override"]:
        override = checked(Override, entry.raw, f"[[override]] {entry.code}", entry.at, findings)
        if override is None:
            continue
        draft = _earlier(override.code, layer, entry, pile, findings)
        if draft is None:
            continue
        told, before = draft.changed.get(override.field), draft.at(override.field)
        if told is not None and draft.origin[override.field] == layer.name:
            findings.add("I006", entry.place, value=override.field, first=told.file, expected="同一字段只改一次",
                         what=f"[[override]] {override.code} 的 {override.field}")  # fmt: skip
        elif override.field == "code" or not _put(draft.raw, override.field, override.value):
            findings.add("I009", entry.place, value=override.field, what=f"[[override]] {override.code}",
                         expected=_field_meant(override.field, draft.raw) + "、".join(n for n in Indicator.model_fields if n != "code") + "，或 measure.字段、parameter.参数名")  # fmt: skip
        else:
            draft.origin[override.field] = layer.name
            draft.changed[override.field] = entry
            change = (override.code, override.field, before, override.value, override.reason)
            pile.changes.append(Change(layer.name, "changed", *change))


def _field_meant(field: str, raw: Mapping[str, Any]) -> str:
    """What a field that there is not was probably meant to be: one of the measure, or one with almost the same name."""
    measure = raw.get("measure")
    inner = field.rpartition(".")[2]
    if isinstance(measure, dict) and inner in measure:
        return f"是不是 measure.{inner}？"
    near = get_close_matches(field, Indicator.model_fields, n=1)
    return f"是不是 {near[0]}？" if near else ""


def _put(raw: dict[str, Any], path: str, value: object) -> bool:
    """Set a field, a field of the measure or the value of a parameter in ``raw``; False when there is no such place."""
    outer, _, inner = path.partition(".")
    if outer not in Indicator.model_fields or "." in inner:
        return False
    if not inner:
        raw[outer] = value
        return True
    if outer == "parameter" and isinstance(raw.get("parameter"), list):
        named = [p for p in raw["parameter"] if isinstance(p, dict) and p.get("name") == inner]
        raw["parameter"] = [p | {"value": value} if p in named else p for p in raw["parameter"]]
        return bool(named)
    if outer != "measure" or not isinstance(raw.get("measure"), dict):
        return False
    raw["measure"] = raw["measure"] | {inner: value}
    return True


def _disable(layer: Layer, pile: Pile, findings: Findings) -> None:
    """Take out the indicators the layer disables."""
    for entry in layer.entries["disable"]:
        wanted = checked(Disable, entry.raw, f"[[disable]] {entry.code}", entry.at, findings)
        if wanted is not None and _earlier(wanted.code, layer, entry, pile, findings) is not None:
            del pile.drafts[wanted.code]
            pile.disabled[wanted.code] = wanted.reason
            pile.changes.append(Change(layer.name, "disabled", wanted.code, reason=wanted.reason))


def _earlier(code: str, layer: Layer, entry: Entry, pile: Pile, findings: Findings) -> Draft | None:
    """The draft of an earlier layer that an entry points to; I008 when there is none."""
    draft = pile.drafts.get(code)
    if draft is not None and draft.layer != layer.name:
        return draft
    near = get_close_matches(code, pile.drafts, n=1)
    expected = (
        (f"是不是 {near[0]}？" if near else "前面体系中已有的编号")
        if draft is None
        else "同一体系内请直接改定义"
    )
    findings.add("I008", entry.place, value=code, expected=expected)
    return None
