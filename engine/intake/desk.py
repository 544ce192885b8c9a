"""The desk (读入所需): what every reader of an input needs at hand — units, names, corrections — read first."""

from __future__ import annotations

from dataclasses import dataclass

import polars as pl

from ..evidence import Querying, Source
from ..findings import Findings, Place
from ..measure.aggregate_sql import querying as querying_here
from ..settings.project import Project
from ..storage.kept import digest
from ..storage.record import source_of
from .corrections import Corrections, load_corrections
from .names import NameBook
from .names_file import read_names
from .sheets.files import is_file
from .unit_tables import read_units


@dataclass(frozen=True)
class Desk:
    """What every reader of an input needs at hand, and what was made of which unit since last year."""

    project: Project
    units: pl.DataFrame
    shapes: pl.DataFrame
    crs: str
    book: NameBook
    corrections: Corrections
    predecessors: pl.DataFrame
    findings: Findings
    key: str  # the digest of all this but the findings: what is read with another desk is another thing
    querying: Querying = querying_here  # where data sets are queried


def open_desk(
    project: Project, findings: Findings, querying: Querying = querying_here
) -> tuple[Desk, tuple[Source, ...]]:
    """What the inputs are read with, and the files it came from. Raises InputError when the units cannot be used."""
    land = read_units(project, findings)
    findings.raise_if_errors()
    aliases, alias_sources = _aliases(project, land.units, findings)
    titles = {name: item.title for name, item in project.inputs.items()}
    corrections = load_corrections(project.path(project.corrections), findings, titles)
    if project.path(project.corrections).is_file():
        alias_sources += (source_of(project.path(project.corrections), project.corrections),)
    book = NameBook(land.units, aliases)
    key = digest(land.units, land.shapes, land.crs, sorted(aliases.items()))
    desk = Desk(
        project,
        land.units,
        land.shapes,
        land.crs,
        book,
        corrections,
        land.predecessors,
        findings,
        key,
        querying,
    )
    return desk, (*land.sources, *alias_sources)


def _aliases(
    project: Project, units: pl.DataFrame, findings: Findings
) -> tuple[dict[str, str], tuple[Source, ...]]:
    """names.csv, when there is one."""
    path = project.path(project.names)
    if not is_file(path, Place(project.names), findings):
        return {}, ()
    aliases = read_names(path, units, findings, shown_as=project.names)
    return aliases, (source_of(path, project.names),)
