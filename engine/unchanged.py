"""Whether anything has changed since the last run (有无变化): the whole project folder, the program, the earlier years.

Everything in the folder counts, to the byte (Parquet by its footer and time), except what a run itself writes: better to run once too often than to show
what the files no longer say.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from . import store
from .kept import digest, software
from .project import Project
from .record import NotParquetError, file_hash, footer_hash

OUT = "out"


def state_of(project: Project) -> str:
    """The digest of everything a run of the project's year depends on: its files, the program, the other years kept.

    Raises StoreError when the results file cannot be read.
    """
    files = [(name, _told_by(path)) for name, path in sorted(_files(project))]
    path, year = project.store_path, project.year
    known = [y for y in store.years(path) if y <= year]
    others = [(y, store.read_frame(path, "runs", y)["run_id"].to_list()) for y in known if y < year]
    returned = [frame for y in known if (frame := store.read_frame(path, "returned", y)).height]
    return digest(software(), year, files, others, *returned)


def _told_by(path: Path) -> object:
    """What tells a file from another: its bytes; of Parquet, which may be very large, its footer and when it was written."""
    if path.suffix.lower() == ".parquet":
        try:
            return footer_hash(path), path.stat().st_mtime_ns
        except NotParquetError:
            pass  # then it is a file like any other, and told of when it is read
    return file_hash(path)


def unchanged(project: Project) -> bool:
    """Whether the results kept of the project's year are what a run would come to again. Raises StoreError as above."""
    kept = store.facts_of(project.store_path, project.year).get("state")
    return kept is not None and kept == state_of(project)


def _files(project: Project) -> Iterator[tuple[str, Path]]:
    """The files of the project's folder, of its data folder and of inputs that lie elsewhere, as named from there."""
    seen: dict[Path, str] = {}
    for folder in (project.root, project.root / project.project.data):
        for path in _under(folder):
            seen.setdefault(path.resolve(), str(path.relative_to(folder)))
    for item in project.inputs.values():
        for written in item.files:
            path = project.input_path(written)
            if path.is_file():
                seen.setdefault(path, written)
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
        elif path.is_file():
            yield path
