"""Indicator sets as layers (指标体系分层): which files a set consists of, and what may stand in them.

A set is a folder: ``system.toml`` (what the set is) and any number of other ``*.toml`` files with ``[[indicator]]``,
``[[override]]`` and ``[[disable]]`` entries, read in the order of their names. A project may hold sets of its own
under ``indicators/<name>/`` (they go before a shipped set of the same name), and loose files in ``indicators/``, which
are the last layer of all.
"""

from __future__ import annotations

import difflib
import re
import tomllib
from collections.abc import Sequence
from dataclasses import dataclass, field
from importlib import resources
from importlib.resources.abc import Traversable
from pathlib import Path
from typing import Any

from pydantic import Field

from ..engine.findings import Findings, Place
from .model import Strict

SYSTEM_FILE = "system.toml"
LOCAL = "本项目"  # what the layer of the project's loose files is called
_SET_NAME = re.compile(r"[\w-]+")  # a name, never a path
ENTRIES = ("indicator", "override", "disable")


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


@dataclass(frozen=True)
class Entry:
    """One entry as written: its table, the file it stands in, which of its kind it is there (from 1)."""

    file: str
    number: int
    raw: dict[str, Any]

    @property
    def code(self) -> str:
        """The indicator's code as written, or the entry's number where there is none."""
        code = self.raw.get("code")
        return code if isinstance(code, str) and code else f"第 {self.number} 条"

    @property
    def place(self) -> Place:
        """Where the entry stands: file and indicator."""
        return Place(file=self.file, sheet=f"指标 {self.code}")

    def at(self, _: str) -> Place:
        """The same for every field: an entry stands in one place."""
        return self.place

    def at_file(self, _: str) -> Place:
        """The file alone, for what is not about one indicator."""
        return Place(file=self.file)


@dataclass
class Layer:
    """One set as read: its system (raw) and its entries in order."""

    name: str
    system: Entry | None = None
    entries: dict[str, list[Entry]] = field(default_factory=lambda: {kind: [] for kind in ENTRIES})


def read_layers(sets: Sequence[str], project_folder: Path, findings: Findings) -> list[Layer]:
    """The layers in force, first to last; findings I001 (no such set) and I002 (a file that is not TOML)."""
    own = project_folder / "indicators"
    shipped = resources.files(__package__)
    layers = []
    for name in dict.fromkeys(sets):
        places = (own / name, shipped / name) if _SET_NAME.fullmatch(name) else ()
        folder = next((f for f in places if _is_set(f)), None)
        if folder is None:
            known = _set_names(shipped) | (_set_names(own) if own.is_dir() else set())
            near = difflib.get_close_matches(name, sorted(known), n=1)
            findings.add("I001", Place(file="tijian.toml", column="project.indicators"), value=name,
                         expected="、".join(near or sorted(known)))  # fmt: skip
            continue
        layers.append(_read_layer(name, folder, findings))
    if own.is_dir() and any(f.suffix == ".toml" for f in own.iterdir()):
        layers.append(_read_layer(LOCAL, own, findings))
    return layers


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
        except (tomllib.TOMLDecodeError, UnicodeDecodeError) as fault:
            findings.add("I002", Place(file=shown), detail=_toml_detail(fault), expected="UTF-8 编码的 TOML")
            continue
        if path.name == SYSTEM_FILE:
            layer.system = Entry(shown, 1, content)
        else:
            _sort_entries(content, shown, layer, findings)
    return layer


def _toml_detail(fault: Exception) -> str:
    """What the parser says, with the one mistake that Excel-minded authors make most put into words."""
    text = str(fault)
    if "overwrite" in text or "twice" in text or "already" in text:
        return f"同一个键写了两次（{text}）"
    return text


def _sort_entries(content: dict[str, Any], file: str, layer: Layer, findings: Findings) -> None:
    """A file's tables into the layer's entries; I003 for a top-level key that is none of ours."""
    for key, value in content.items():
        if key not in ENTRIES or not isinstance(value, list) or not all(isinstance(v, dict) for v in value):
            expected = "、".join(f"[[{kind}]]" for kind in ENTRIES)
            findings.add(
                "I003", Place(file=file, column=key), value=key, what="文件顶层", field=key, expected=expected
            )
            continue
        layer.entries[key] += [Entry(file, number, raw) for number, raw in enumerate(value, 1)]
