"""What comes of a case: the project is copied, spoiled and run; told are the findings, and what of the folder changed."""

from __future__ import annotations

import shutil
import stat
from dataclasses import dataclass
from pathlib import Path

from tijian.engine.findings import Finding, Findings, InputError
from tijian.engine.run import run
from tijian.engine.settings.project import load_project

from . import (
    beside,
    cells,
    definitions,
    files,
    layers,
    layouts,
    people,
    settings,
    strange_names,
    texts,
    units,
)
from .cases import CASES, Case, Told
from .small_project import Small, make

GROUPS = (files, texts, layouts, cells, units, strange_names, people, layers, definitions, settings, beside)
PRINT = "out/2026/去年印的.txt"


@dataclass(frozen=True)
class Outcome:
    """The findings of a run, whether it ended by them, and what stood in the folder before and after it."""

    findings: tuple[Finding, ...]
    stopped: bool
    before: dict[str, str | bytes]
    after: dict[str, str | bytes]

    def told(self, folder: Path) -> tuple[Told, ...]:
        """Where and as what each finding stands, in order."""
        return tuple(
            (f.place.file.replace(f"{folder}/", ""), f.place.sheet, f.place.row, f.place.column, f.code)
            for f in self.findings
        )


def finished(folder: Path) -> Path:
    """The small project after a good run, with something printed: what every case begins with."""
    make(folder)
    project = load_project(folder, Findings())
    assert project is not None
    state = run(project, progress=lambda *_: None)
    assert list(state.findings) == [], "the project the cases spoil has faults of its own"
    (folder / PRINT).parent.mkdir(parents=True)
    (folder / PRINT).write_text("上次运行印出的", encoding="utf-8")
    return folder


def outcome(case: Case, base: Path, folder: Path) -> Outcome:
    """Plant the case's fault into a copy of ``base`` at ``folder`` and run it up to the point where results are known.

    A run that meets an error ends there; one that meets none is not carried on to the store.
    """
    shutil.copytree(base, folder, symlinks=True)
    case.plant(Small(folder))
    before = standing(folder)
    findings = Findings()
    project = load_project(folder, findings)
    stopped = project is None
    if project is not None:
        try:
            findings = run(project, until="measure", progress=lambda *_: None).findings
        except InputError as fault:
            findings, stopped = fault.findings, True
    return Outcome(tuple(findings), stopped, before, standing(folder))


def standing(folder: Path) -> dict[str, str | bytes]:
    """Everything in a folder but hidden files (the lock, what a run keeps for the next): name → content or kind."""
    found: dict[str, str | bytes] = {}
    for path in sorted(folder.rglob("*")):
        name = str(path.relative_to(folder))
        if not name.startswith("."):
            mode = path.lstat().st_mode
            found[name] = path.read_bytes() if stat.S_ISREG(mode) else stat.filemode(mode)
    return found


__all__ = ["CASES", "GROUPS", "Outcome", "finished", "outcome", "standing"]
