"""What every command needs at hand (命令的公用部分): the project, its indicators, its results, a unit by its name.

Nothing here speaks to the terminal: what ends a command before its time is :class:`StoppedError`, which carries what
is to be shown and the exit code; ``cli.py`` shows it.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from difflib import get_close_matches
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import polars as pl
    from rich.console import RenderableType

    from ...engine.findings import Findings
    from ...engine.results import Results
    from ...engine.settings.project import Project
    from ...indicators.loader import Library

EXIT_INPUT, EXIT_USAGE, EXIT_STATE, EXIT_PARTIAL, EXIT_INTERRUPTED = 1, 2, 3, 4, 130


class StoppedError(Exception):
    """A command cannot go on: ``shown`` says why (a sentence, or the findings), ``code`` is the exit code."""

    def __init__(self, shown: RenderableType, code: int) -> None:
        super().__init__(str(shown))
        self.shown, self.code = shown, code


def stopped_by(findings: Findings) -> StoppedError:
    """The error that shows what is wrong with the input."""
    from .findings import findings_view

    return StoppedError(findings_view(findings), EXIT_INPUT)


def open_project(folder: Path, year: int | None = None) -> Project:
    """The project; raises StoppedError with its findings."""
    from ...engine.findings import Findings
    from ...engine.settings.project import load_project

    findings = Findings()
    project = load_project(folder, findings)
    if project is None:
        raise stopped_by(findings)
    return project.for_year(year) if year is not None else project


def load_library(project: Project, told: Findings | None = None) -> Library:
    """The indicators in force, ``told`` what may be doubted of them; raises StoppedError with what is wrong with them."""
    from ...engine.findings import Findings
    from ...engine.settings.forms import tell_unknown
    from ...indicators.loader import load_indicators

    findings, head = Findings(), project.project
    library = load_indicators(
        head.indicators, project.root, findings, inputs=tuple(project.inputs), dimension_names=head.dimensions
    )
    tell_unknown(project, library, findings)
    if findings.errors:
        raise stopped_by(findings)
    if told is not None:
        told.extend(findings)
    return library


def load_results(project: Project, year: int | None) -> Results:
    """The results of a year; raises StoppedError when there are none."""
    from ...engine.storage.store import StoreError, read_results

    try:
        return read_results(project.store_path, year)
    except StoreError as fault:
        raise StoppedError(str(fault), EXIT_STATE) from None


def must_print() -> None:
    """Raise StoppedError where this machine cannot print; to be called before the printer is imported."""
    from ..pdf.printing import PrintingError, check_printing

    try:
        check_printing()
    except PrintingError as fault:
        raise StoppedError(str(fault), EXIT_STATE) from None


def find_unit_code(results: Results, text: str) -> str:
    """The code of a unit given by name or code; raises StoppedError with the nearest names."""
    from ...engine.intake.names import UnknownUnitError, find_unit

    try:
        return find_unit(results.units, text)
    except UnknownUnitError as fault:
        raise StoppedError(str(fault), EXIT_USAGE) from None


def no_indicator(given: str, indicators: pl.DataFrame) -> str:
    """What is said of a code that none of ``indicators`` (code, name) has: the nearest by code or by name, where one is near."""
    known = {
        text: code for code, name in indicators.select("code", "name").iter_rows() for text in (code, name)
    }
    near = (
        get_close_matches(given.upper(), known, n=3, cutoff=0.7)
        or [text for text in known if given in text][:3]
    )
    near = near or get_close_matches(given, known, n=3)
    names = dict(indicators.select("code", "name").iter_rows())
    listed = "、".join(f"{code}（{names[code]}）" for code in dict.fromkeys(known[text] for text in near))
    return f"没有编号为“{given}”的指标；" + (
        f"相近的有：{listed}" if listed else "用 tijian indicators 列出全部"
    )


def all_known(given: Sequence[str] | None, known: Collection[str], what: str) -> tuple[str, ...]:
    """``given`` when every name of it is known; raises StoppedError with the names there are."""
    for name in given or ():
        if name not in known:
            raise StoppedError(f"没有名为“{name}”的{what}，有：{'、'.join(known) or '无'}", EXIT_USAGE)
    return tuple(given or ())
