"""What has changed since the last run (有无变化): the whole project folder, the program, the earlier years.

Everything in the folder counts, to the byte (Parquet by its footer and time), except what a run itself writes: better to run
once too often than to show what the files no longer say. Of what departments sent back only last year's answers count: this
year's are judged by the next run.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import polars as pl

from ..review.track import answered
from ..settings.project import FILE_NAME, Project
from . import store
from .kept import definitions, digest, program
from .record import NotParquetError, file_hash, footer_hash

OUT = "out"
_OWN_DEFINITIONS = "indicators"
_PRINTED = (".pdf", ".docx")  # never an input: the manual, a report laid beside the project's files
_MARK = 16  # hex digits by which an answer is known again
State = dict[str, Any]

PROGRAM, SETTINGS, DEFINITIONS, OWN_DEFINITIONS, FILES, YEARS, RETURNED = KINDS = (
    "program",
    "settings",
    "definitions",
    "own definitions",
    "files",
    "years",
    "returned",
)


@dataclass(frozen=True)
class Change:
    """One kind of thing (of :data:`KINDS`) that is not as it was, by the names of what is new, other and gone.

    Names are of files, of years, and of the files that answers came in; a program, settings and shipped definitions have none.
    """

    kind: str
    new: tuple[str, ...] = ()
    other: tuple[str, ...] = ()
    gone: tuple[str, ...] = ()


def state_of(project: Project) -> State:
    """Everything a run of the project's year depends on, by digests: its files, the program, the other years kept.

    Plain values that JSON holds. Raises StoreError when the results file cannot be read.
    """
    path, year = project.store_path, project.year
    before = [y for y in store.years(path) if y < year]
    return {
        "program": program(),
        "definitions": definitions(),
        "files": {name: _told_by(file) for name, file in sorted(_files(project))},
        "years": {
            str(y): "、".join(str(run) for run in store.read_frame(path, "runs", y)["run_id"]) for y in before
        },
        "returned": {key: mark for key, (mark, _) in _answers(project).items()} if year - 1 in before else {},
    }


def _answers(project: Project) -> dict[str, tuple[str, str]]:
    """Of every answer to last year's remedies by its id: what it is known by, and the file it came in."""
    rows = store.read_frame(project.store_path, "returned", project.year - 1).filter(answered())
    said = rows.select("status", "done", "evidence", pl.col("done_date").cast(pl.String)).rows()
    return {
        key: (digest(*words)[:_MARK], file)
        for key, file, words in zip(rows["id"], rows["file"].fill_null(""), said, strict=True)
    }


def _told_by(path: Path) -> str:
    """What tells a file from another: its bytes; of Parquet, which may be very large, its footer and when it was written."""
    if path.suffix.lower() == ".parquet":
        try:
            return f"{footer_hash(path)} {path.stat().st_mtime_ns}"
        except NotParquetError:
            pass  # then it is a file like any other, and told of when it is read
    return file_hash(path)


def changes(project: Project) -> tuple[Change, ...] | None:
    """What changed since the project's year was last run: nothing where a run would come to the same again.

    None where the year was not run yet. Raises StoreError as above.
    """
    facts = store.facts_of(project.store_path, project.year)
    if not facts:
        return None
    was, now = facts.get("state"), state_of(project)
    if was == now:
        return ()
    if not isinstance(was, dict):  # an earlier program ran it, and kept another kind of state
        return (Change(PROGRAM),)
    return tuple(_changed(was, now, project))


def _changed(was: Mapping[str, Any], now: State, project: Project) -> Iterator[Change]:
    """The changes in the order of :data:`KINDS`."""
    if was["program"] != now["program"]:
        yield Change(PROGRAM)
    files = _compared(FILES, was["files"], now["files"])
    if FILE_NAME in (*files.new, *files.other, *files.gone):
        yield Change(SETTINGS)
    if was["definitions"] != now["definitions"]:
        yield Change(DEFINITIONS)
    own = _part(files, OWN_DEFINITIONS)
    rest = _part(files, FILES)
    yield from (found for found in (own, rest) if found.new or found.other or found.gone)
    years = _compared(YEARS, was["years"], now["years"])
    if years != Change(YEARS):
        yield years
    answers = _compared(RETURNED, was["returned"], now["returned"])
    if answers != Change(RETURNED):
        came_in = _answers(project) if answers.new or answers.other else {}
        new = {came_in[key][1] for key in (*answers.new, *answers.other)}
        yield Change(RETURNED, new=tuple(sorted(new)))


def _compared(kind: str, was: Mapping[str, str], now: Mapping[str, str]) -> Change:
    both = sorted(set(was) & set(now))
    return Change(
        kind,
        new=tuple(sorted(set(now) - set(was))),
        other=tuple(name for name in both if was[name] != now[name]),
        gone=tuple(sorted(set(was) - set(now))),
    )


def _part(files: Change, kind: str) -> Change:
    """Of the changed files those that are the project's own definitions, or those that are neither they nor its settings."""

    def chosen(names: tuple[str, ...]) -> tuple[str, ...]:
        rest = (name for name in names if name != FILE_NAME)
        own = kind == OWN_DEFINITIONS
        return tuple(name for name in rest if (Path(name).parts[0] == _OWN_DEFINITIONS) == own)

    return Change(kind, chosen(files.new), chosen(files.other), chosen(files.gone))


def _files(project: Project) -> Iterator[tuple[str, Path]]:
    """The files of the project's folder, of its data folder and of inputs that lie elsewhere, as named from there."""
    seen: dict[Path, str] = {}
    data = Path(project.project.data)
    for folder, named in ((project.root, Path()), (project.root / data, data)):
        for path in _under(folder):
            seen.setdefault(path.resolve(), str(named / path.relative_to(folder)))
    for item in project.inputs.values():
        for written in item.files:
            path = project.input_path(written)
            if path.is_file():
                seen.setdefault(path, written.replace("{year}", str(project.year)))
    for path, name in seen.items():
        yield name, path


def _under(folder: Path) -> Iterator[Path]:
    """The files under a folder that a person put there."""
    results = {"results.duckdb", "results.duckdb.wal"}
    for path in folder.iterdir():
        if path.name.startswith(".") or path.name in results or path.name == OUT:
            continue
        if path.is_dir() and not path.is_symlink():
            yield from _under(path)
        elif path.is_file() and path.suffix.lower() not in _PRINTED:
            yield path
