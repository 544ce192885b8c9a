"""Whom a workbook is about (工作簿的范围): the district, a town, a community, or a lead department; its rows and its path."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path

from ...engine.results import LEVEL_NAMES
from ..names import safe_name
from ..tables.lists import unit_label
from ..view import Scope, View

DEPARTMENTS = "部门"


@dataclass(frozen=True)
class Part:
    """Whom one workbook is about: ``about`` in words, where it is written, and the rows that belong to it.

    ``measured`` the units of 指标评估表 (code order); ``scope`` selects the rows of the lists.
    """

    about: str
    path: Path
    measured: tuple[str, ...]
    scope: Scope


def part_of(view: View, unit: str | None, department: str | None, name: str) -> Part:
    """The part of the results that the workbook ``name`` shows of a unit (None: the district) and a lead department.

    Raises ValueError for a unit the results do not hold or a department that leads nothing in them.
    """
    if unit is not None and unit not in view.units:
        raise ValueError(f"unit not in the results: {unit}")
    if department is not None and department not in view.departments:
        raise ValueError(f"leads nothing in the results: {department}")
    code = unit if unit is not None else view.district
    inside = view.subtree(code)
    below = {"district": "town", "town": "community"}.get(view.units[code]["level"], "")
    measured = tuple(c for c in inside if c == code or view.units[c]["level"] == below)
    about = unit_label(view, code)
    path = _folder(view, code) / f"{_unit_stem(view, code)}_{name}_{view.results.year}.xlsx"
    if department is not None:
        within = "" if unit is None else f"_{_unit_stem(view, code)}"
        stem = _distinct(department, view.departments, _short_hash(department))
        path = Path(DEPARTMENTS) / f"{stem}{within}_{name}_{view.results.year}.xlsx"
        about = f"{department}（牵头，{about}）"
    return Part(about, path, measured, Scope(units=inside, department=department))


def _folder(view: View, code: str) -> Path:
    """区级, 街镇, or 社区/<街镇>."""
    row = view.units[code]
    folder = Path(LEVEL_NAMES[row["level"]])
    if row["level"] == "community" and row["town"] in view.units:
        return folder / _unit_stem(view, row["town"])
    return folder


def _unit_stem(view: View, code: str) -> str:
    """A unit's name as a file name; with its code where a sister unit would get the same one."""
    row = view.units[code]
    sisters = [
        u["name"] for u in view.units.values() if (u["level"], u["parent"]) == (row["level"], row["parent"])
    ]
    return _distinct(row["name"], sisters, code)


def _distinct(name: str, among: Sequence[str], mark: str) -> str:
    """``name`` as a short file name, ``mark`` added when another of ``among`` would be named alike."""
    stems = Counter(safe_name(other, 20).casefold() for other in among)
    stem = safe_name(name, 20)
    return f"{stem}_{mark}" if stems[stem.casefold()] > 1 else stem


def _short_hash(text: str) -> str:
    return sha256(text.encode()).hexdigest()[:6]
