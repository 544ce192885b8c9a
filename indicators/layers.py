"""Indicator sets as layers (指标体系分层): which files a set consists of, and what may stand in them.

A set is a folder: ``system.toml`` (what the set is) and any number of other ``*.toml`` files with ``[[indicator]]``,
``[[borrow]]``, ``[[override]]``, ``[[disable]]``, ``[[form]]`` and ``[[question]]`` entries, read in the order of their
names. A set that builds on others brings them with it, before itself. A project may hold sets of its own under
``indicators/<name>/`` (they go before a shipped set of the same name), and loose files in ``indicators/``, which are the
last layer of all.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Sequence
from dataclasses import dataclass, field
from difflib import get_close_matches
from importlib import resources
from importlib.resources.abc import Traversable
from pathlib import Path
from typing import Any

from pydantic import Field

from ..engine.findings import Findings, Place
from ..engine.settings.project_words import tell_toml
from .fields import Strict

SYSTEM_FILE = "system.toml"
LOCAL = "本项目"  # what the layer of the project's loose files is called
_SET_NAME = re.compile(r"[\w-]+")  # a name, never a path
# what may stand in a set's files → what one is called in messages, and the key that names it
ENTRIES = {
    "indicator": ("指标", "code"), "borrow": ("引用", "from"), "override": ("指标", "code"), "disable": ("指标", "code"),
    "form": ("填报表", "input"), "question": ("问卷题目", "id"),
}  # fmt: skip


class Override(Strict):
    """``[[override]]``: a later set changes one field of an earlier set's indicator."""

    code: str = Field(description="要改的指标编号", examples=['"JT-03"'])
    field: str = Field(description="要改的字段；计算部分写 measure.字段", examples=['"measure.radius_m"'])
    value: Any = Field(description="新的值，写法与该字段相同", examples=["800"])
    reason: str = Field(min_length=2, description="为什么改，依据什么", examples=['"新市镇按慢行生活圈"'])


class Disable(Strict):
    """``[[disable]]``: a later set leaves out an earlier set's indicator."""

    code: str = Field(description="停用的指标编号", examples=['"JT-08"'])
    reason: str = Field(min_length=2, description="为什么停用", examples=['"本区没有轨道交通"'])


class Borrow(Strict):
    """``[[borrow]]``: this set also consists of indicators that another set defines, with their forms."""

    from_: str = Field(alias="from", description="引自哪个体系", examples=['"national-2025"'])
    codes: tuple[str, ...] = Field(
        min_length=1, description="引用的指标编号", examples=['["ST-02", "ST-04"]']
    )


@dataclass(frozen=True)
class Entry:
    """One entry as written: its table, the file it stands in, which of its kind it is there (from 1)."""

    file: str
    number: int
    raw: dict[str, Any]
    kind: str = "indicator"

    @property
    def code(self) -> str:
        """What the entry is called, as written, or its number where it has no name."""
        code = self.raw.get(ENTRIES[self.kind][1])
        return code if isinstance(code, str) and code else f"第 {self.number} 条"

    @property
    def place(self) -> Place:
        """Where the entry stands: file and indicator (or form, or question)."""
        return Place(file=self.file, sheet=f"{ENTRIES[self.kind][0]} {self.code}")

    def at(self, _: str) -> Place:
        """The same for every field: an entry stands in one place."""
        return self.place

    def at_file(self, _: str) -> Place:
        """The file alone, for what is not about one indicator."""
        return Place(file=self.file)


@dataclass
class Layer:
    """One set as read: its system (raw), its entries in order, and the sets it takes indicators over from."""

    name: str
    system: Entry | None = None
    borrowed_from: list[Layer] = field(default_factory=list)
    position: int = 0
    entries: dict[str, list[Entry]] = field(default_factory=lambda: {kind: [] for kind in ENTRIES})


def read_layers(sets: Sequence[str], project_folder: Path, findings: Findings) -> list[Layer]:
    """The layers in force, first to last; findings I001 (no such set) and I002 (a file that is not TOML)."""
    own = project_folder / "indicators"
    layers: dict[str, Layer] = {}
    for name in dict.fromkeys(sets):
        _read_with_bases(name, Place(file="tijian.toml", column="project.indicators"), own, layers, findings)
    if own.is_dir() and any(f.suffix == ".toml" for f in own.iterdir()):
        layers[LOCAL] = _read_layer(LOCAL, own, findings)
    return list(layers.values())


def tell_unread(own: Path, findings: Findings) -> None:
    """I019 for what stands in the project's ``indicators/`` and is never read: its author believes that it counts.

    A set that the project does not name may stand there for another time.
    """
    for path in sorted(own.rglob("*")) if own.is_dir() else ():
        place = Place(f"indicators/{path.relative_to(own)}")
        if not path.is_file() or not path.name.lower().endswith((".toml", ".toml.txt")):
            continue
        if not path.name.endswith(".toml"):
            right = re.sub(r"\.toml(\.txt)?$", ".toml", path.name, flags=re.IGNORECASE)
            findings.add("I019", place, value=path.name, why="扩展名不是 .toml",
                         expected=f"文件名 {right}（在资源管理器里显示扩展名再改）")  # fmt: skip
        elif path.parent != own and not _is_set(path.parent):
            findings.add("I019", place, value=str(path.relative_to(own)), why=f"它的目录里没有 {SYSTEM_FILE}",
                         expected=f"直接放在 indicators/ 里，或在目录里写 {SYSTEM_FILE}")  # fmt: skip


def read_set(name: str, wanted_at: Place, project_folder: Path, findings: Findings) -> Layer | None:
    """One set by itself; None with finding I001, at the place that asks for it, when there is none of that name."""
    own = project_folder / "indicators"
    folder = _find(name, own)
    if folder is not None:
        return _read_layer(name, folder, findings)
    known = _set_names(resources.files(__package__)) | (_set_names(own) if own.is_dir() else set())
    near = get_close_matches(name, sorted(known), n=1)
    findings.add("I001", wanted_at, value=name, expected="、".join(near or sorted(known)))
    return None


def _read_with_bases(
    name: str, wanted_at: Place, own: Path, layers: dict[str, Layer], findings: Findings
) -> None:
    """Add a set to ``layers``, behind the sets it builds on; a set met before stays where it is."""
    if name in layers:
        return
    layer = read_set(name, wanted_at, own.parent, findings)
    if layer is None:
        return
    layers[name] = layer  # marks it as met, so that sets that build on each other end
    bases = layer.system.raw.get("builds_on", []) if layer.system else []
    for base in bases if isinstance(bases, list) else []:
        assert layer.system is not None
        _read_with_bases(str(base), Place(file=layer.system.file, column="builds_on"), own, layers, findings)
    layers[name] = layers.pop(name)


def _find(name: str, own: Path) -> Path | Traversable | None:
    """The folder of a set: the project's own before a shipped one."""
    places = (own / name, resources.files(__package__) / name) if _SET_NAME.fullmatch(name) else ()
    return next((f for f in places if _is_set(f)), None)


def _is_set(folder: Path | Traversable) -> bool:
    return folder.is_dir() and folder.joinpath(SYSTEM_FILE).is_file()


def _set_names(folder: Path | Traversable) -> set[str]:
    return {f.name for f in folder.iterdir() if _is_set(f)}


def _read_layer(name: str, folder: Path | Traversable, findings: Findings) -> Layer:
    """Every TOML file of one folder, in the order of their names."""
    layer = Layer(name)
    prefix = "indicators" if name == LOCAL else f"indicators/{name}"
    for path in sorted(folder.iterdir(), key=lambda f: f.name):
        if not path.name.endswith(".toml") or not path.is_file():
            continue
        shown = f"{prefix}/{path.name}"
        try:
            content = tomllib.loads(path.read_text(encoding="utf-8-sig"))
        except (tomllib.TOMLDecodeError, UnicodeDecodeError, RecursionError) as fault:
            tell_toml(fault, "I002", path, Place(shown), findings)
            continue
        if path.name == SYSTEM_FILE:
            layer.system = Entry(shown, 1, content)
        else:
            _sort_entries(content, shown, layer, findings)
    return layer


def _sort_entries(content: dict[str, Any], file: str, layer: Layer, findings: Findings) -> None:
    """A file's tables into the layer's entries; I003 for a top-level key that is none of ours."""
    for key, value in content.items():
        if key not in ENTRIES or not isinstance(value, list) or not all(isinstance(v, dict) for v in value):
            findings.add("I003", Place(file=file, column=key), value=key, what="文件顶层", field=key,
                         expected=_belongs_at_top(key, value))  # fmt: skip
            continue
        layer.entries[key] += [Entry(file, number, raw, key) for number, raw in enumerate(value, 1)]


# the tables that belong to an entry, as people write them without it
_INNER = {
    "measure": "[indicator.measure]", "standard": "[[indicator.standard]]", "parameter": "[[indicator.parameter]]",
    "rule": "[[indicator.measure.rule]]", "radius": "[[indicator.measure.radius]]", "kind": "[[indicator.measure.kind]]",
    "item": "[[form.item]]",
}  # fmt: skip


def _belongs_at_top(key: str, value: object) -> str:
    """What a key of a file's top level that is none of ours should have been."""
    near = get_close_matches(key, ENTRIES, n=1)
    if key in ENTRIES:
        return f"双方括号：[[{key}]]"
    if key in _INNER and isinstance(value, dict | list):
        return f"{_INNER[key]}，写在它所属的一项后面"
    if near and isinstance(value, dict | list):
        return f"[[{near[0]}]]"
    return "每一项以单独一行开头：" + "、".join(f"[[{kind}]]" for kind in ENTRIES)
