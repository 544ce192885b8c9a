"""The forms in force (现行填报表): the sets' forms laid over one another, and what each indicator takes from them.

A later set may add items to a form of an earlier one; saying something else about an item that is there already, or
about the form itself, is finding I015, which names both files.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from ..engine.findings import Findings
from .form_model import Form, Item, Question
from .layers import Entry, Layer
from .laying import checked
from .measure_model import Measure, Reported, Survey
from .model import Indicator
from .sql import columns_read


def merge_forms(layers: Sequence[Layer], findings: Findings) -> dict[str, Form]:
    """Input → its form, the items of all layers in order; findings I003–I005 and I015 for what is wrong."""
    merged: dict[str, Form] = {}
    said_in: dict[tuple[str, str], str] = {}
    for entry in _entries(layers, "form"):
        form = checked(Form, entry.raw, entry.place.sheet, entry.at, findings)
        if form is None:
            continue
        earlier = merged.get(form.input)
        if earlier is None:
            merged[form.input] = form
        else:
            merged[form.input] = _laid_over(earlier, form, entry, said_in, findings)
        for item in form.item:
            said_in.setdefault((form.input, item.name), entry.file)
        said_in.setdefault((form.input, ""), entry.file)
    return merged


def in_year(forms: Mapping[str, Form], year: int) -> dict[str, Form]:
    """The forms as they go out in ``year``: an item that is a calendar year (年份) may be as late as that one, whenever its form was written."""

    def dated(item: Item) -> Item:
        if item.high is None or not item.year:
            return item
        return item.model_copy(update={"high": max(item.high, float(year))})

    return {
        name: form.model_copy(update={"item": tuple(dated(item) for item in form.item)})
        for name, form in forms.items()
    }


def merge_questions(layers: Sequence[Layer], findings: Findings) -> tuple[Question, ...]:
    """The questions of all layers by their id; I015 where two of one id differ, or two ids ask the same."""
    merged: dict[str, tuple[Question, str]] = {}
    for entry in _entries(layers, "question"):
        question = checked(Question, entry.raw, entry.place.sheet, entry.at, findings)
        if question is None:
            continue
        earlier, file = merged.setdefault(question.id, (question, entry.file))
        if earlier != question:
            findings.add("I015", entry.place, value=question.text, what=f"题目 {question.id}", first=file,
                         expected=earlier.text)  # fmt: skip
        same = next((q for q, _ in merged.values() if q.text == question.text and q.id != question.id), None)
        if same is not None:
            findings.add("I015", entry.place, value=question.text, what=f"题目 {question.id} 的题号", first=merged[same.id][1],
                         expected=f"问的就是 {same.id}，直接用它")  # fmt: skip
    return tuple(question for _, (question, _) in sorted(merged.items()))


def needed_items(form: Form, indicators: Iterable[Indicator]) -> tuple[Item, ...]:
    """The items of a form that have to be filled in: those of the base list, and those an indicator in force reads.

    What stands beside a needed item as its last year's value comes with it.
    """
    read: set[str] = set()
    for indicator in indicators:
        read |= columns_read(indicator.measure).get(form.input, set())
    return tuple(
        item for item in form.item
        if item.base or item.required or item.name == form.key or {item.name, item.last_year_of} & read
    )  # fmt: skip


def source_text(measure: Measure, forms: Mapping[str, Form], questions: Sequence[Question]) -> str:
    """数据来源 of an indicator: whose form or layer, and which of its items (or questions, or reported item)."""
    parts = []
    for name, columns in columns_read(measure).items():
        form = forms.get(name)
        if form is None:
            parts.append(f"输入 {name}")
            continue
        labels = [item.label for item in form.item if item.name in columns and not item.base]
        if isinstance(measure, Reported):
            labels = [measure.item]
        elif isinstance(measure, Survey):
            labels = [q.text for q in questions if q.id == measure.question]
        parts.append(f"{form.provider}《{form.title}》" + (f"：{'、'.join(labels)}" if labels else ""))
    return "；".join(parts)


def _entries(layers: Sequence[Layer], kind: str) -> list[Entry]:
    """The entries of a kind, each layer once."""
    once = {layer.name: layer for layer in layers}
    return [entry for layer in once.values() for entry in layer.entries[kind]]


def _laid_over(
    earlier: Form, form: Form, entry: Entry, said_in: Mapping[tuple[str, str], str], findings: Findings
) -> Form:
    """``earlier`` with the items that ``form`` adds."""
    for field in ("title", "kind", "of", "level", "located", "geometry", "provider", "key"):
        if getattr(form, field) != getattr(earlier, field):
            findings.add("I015", entry.place.at(column=field), value=getattr(form, field) or "",
                         what=f"填报表 {form.input} 的 {field}", first=said_in[form.input, ""],
                         expected=str(getattr(earlier, field)))  # fmt: skip
    items = {item.name: item for item in earlier.item}
    labels = {item.label: item.name for item in earlier.item}
    for item in form.item:
        known = items.get(item.name)
        if (known is not None and known != item) or labels.get(item.label, item.name) != item.name:
            there = known or items[labels[item.label]]
            findings.add("I015", entry.place.at(column=f"item.{item.name}"), value=item.label,
                         what=f"填报表 {form.input} 的 {item.name}", first=said_in[form.input, there.name],
                         expected=f"{there.name} = {there.label}")  # fmt: skip
            continue
        items[item.name] = item
    return earlier.model_copy(update={"item": tuple(items.values())})
