"""What every command needs at hand (命令的公用部分): the console, the project, its results, and how a command ends."""

from __future__ import annotations

import sys
from collections.abc import Callable, Collection, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, NoReturn

import typer

from .reports import terminal_options as given

if TYPE_CHECKING:
    from rich.console import Console

    from .engine.project import Project
    from .engine.results import Results
    from .indicators.loader import Library

EXIT_INPUT, EXIT_USAGE, EXIT_STATE, EXIT_PARTIAL, EXIT_INTERRUPTED = 1, 2, 3, 4, 130


def screen(*, stderr: bool = False) -> Console:
    """The terminal, or what it is piped into."""
    from rich.console import Console

    shown = (sys.stderr if stderr else sys.stdout).isatty()
    return Console(
        stderr=stderr, highlight=False, soft_wrap=False, width=None if shown else given.PIPED_WIDTH
    )


def fail(message: str, code: int) -> NoReturn:
    """Say what is wrong and exit with ``code``."""
    complain(message)
    raise typer.Exit(code)


def complain(message: str) -> None:
    """Say what is wrong, on stderr."""
    screen(stderr=True).print(message, style="bold red", markup=False, soft_wrap=True)


def open_project(folder: Path, year: int | None = None) -> Project:
    """The project, or exit with its findings."""
    from .engine.findings import Findings
    from .engine.project import load_project
    from .reports.terminal import findings_view

    findings = Findings()
    project = load_project(folder, findings)
    if project is None:
        screen().print(findings_view(findings))
        raise typer.Exit(EXIT_INPUT)
    return project.for_year(year) if year is not None else project


def load_library(project: Project) -> Library:
    """The indicators in force, or exit with what is wrong with them."""
    from .engine.findings import Findings
    from .indicators.loader import load_indicators
    from .reports.terminal import findings_view

    findings, head = Findings(), project.project
    library = load_indicators(
        head.indicators, project.root, findings, inputs=tuple(project.inputs), dimension_names=head.dimensions
    )
    if findings.errors:
        screen().print(findings_view(findings))
        raise typer.Exit(EXIT_INPUT)
    return library


def load_results(project: Project, year: int | None) -> Results:
    """The results of a year, or exit."""
    from .engine.store import StoreError, read_results

    try:
        return read_results(project.store_path, year)
    except StoreError as fault:
        fail(str(fault), EXIT_STATE)


@contextmanager
def show_progress(quiet: bool) -> Iterator[Callable[[str, int, int, str], None]]:
    """Progress on stderr, stage by stage; silent with --quiet."""
    from .reports.terminal_run import progress_display, teller

    with progress_display(screen(stderr=True), quiet=quiet) as display:
        yield teller(display)


def find_unit_code(results: Results, text: str) -> str:
    """The code of a unit given by name or code, or exit with the nearest names."""
    from .engine.intake.names import UnknownUnitError, find_unit

    try:
        return find_unit(results.units, text)
    except UnknownUnitError as fault:
        fail(str(fault), EXIT_USAGE)


def all_known(given: list[str] | None, known: Collection[str], what: str) -> tuple[str, ...]:
    """``given`` when every name of it is known, or exit with the names there are."""
    for name in given or ():
        if name not in known:
            fail(f"没有名为“{name}”的{what}，有：{'、'.join(known) or '无'}", EXIT_USAGE)
    return tuple(given or ())
