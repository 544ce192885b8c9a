"""What earlier runs worked out (已算结果): kept beside the project, so that a run does again only what its change touches.

A piece of work is kept under a digest of everything it was made from: the software, the definition, the files to the
byte. So nothing kept can be out of date: what was made from other things has another digest and is not found. A piece
that cannot be read is as good as none. Frames are Arrow files and the rest JSON, which hold data only, never code.
"""

from __future__ import annotations

import hashlib
import json
import os
import shutil
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field
from functools import cache
from importlib import metadata
from io import BytesIO
from pathlib import Path
from typing import Any

import polars as pl

FOLDER = ".tijian"
LARGEST = (
    256 << 20
)  # bytes of a piece that is kept: larger ones cost more to write than they are likely to save
FACTS = "facts.json"
_PACKAGE = Path(__file__).parents[2]
_DECIDING = (
    "duckdb",
    "numpy",
    "osmium",
    "polars",
    "pyogrio",
    "pyproj",
    "python-calamine",
    "scipy",
    "shapely",
)


@dataclass(frozen=True)
class Piece:
    """One piece of finished work: its frames by name, and what else there is to it as plain JSON values."""

    frames: Mapping[str, pl.DataFrame]
    facts: Mapping[str, Any] = field(default_factory=dict)


@dataclass
class Kept:
    """The pieces of one project and year; ``folder`` None recalls and keeps nothing, ``writing`` False only recalls."""

    folder: Path | None = None
    writing: bool = True
    _used: set[str] = field(default_factory=set)

    def recall(self, key: str) -> Piece | None:
        """The piece under ``key``, or None where there is none that can be read."""
        if self.folder is None or not (self.folder / key / FACTS).is_file():
            return None
        try:
            facts = json.loads((self.folder / key / FACTS).read_text(encoding="utf-8"))
            frames = {name: pl.read_ipc(self.folder / key / f"{name}.arrow") for name in facts["frames"]}
        except (OSError, json.JSONDecodeError, UnicodeDecodeError, pl.exceptions.PolarsError):
            return None  # cut short or overwritten: it is worked out again, and written over
        self._used.add(key)
        return Piece(frames, facts["facts"])

    def keep(self, key: str, piece: Piece) -> None:
        """Write a piece, whole or not at all. A folder that cannot be written costs time next year, not this run."""
        if self.folder is None or not self.writing:
            return
        if sum(frame.estimated_size() for frame in piece.frames.values()) > LARGEST:
            return
        draft = self.folder / f".{key}.{os.getpid()}"
        try:
            draft.mkdir(parents=True, exist_ok=True)
            for name, frame in piece.frames.items():
                frame.write_ipc(draft / f"{name}.arrow")
            told = {"frames": list(piece.frames), "facts": dict(piece.facts)}
            (draft / FACTS).write_text(json.dumps(told, ensure_ascii=False), encoding="utf-8")
            shutil.rmtree(self.folder / key, ignore_errors=True)
            draft.replace(self.folder / key)
        except OSError:
            self.writing = False  # full or read-only: no use in trying the next piece
            shutil.rmtree(draft, ignore_errors=True)
            return
        self._used.add(key)

    def forget_the_rest(self) -> None:
        """Remove every piece that this run neither recalled nor made: what it was made from is no longer there."""
        if self.folder is None or not self.writing or not self.folder.is_dir():
            return
        for entry in self.folder.iterdir():
            if entry.name not in self._used:
                shutil.rmtree(entry, ignore_errors=True)


NOTHING_KEPT = Kept()


def digest(*parts: object) -> str:
    """The SHA-256 of texts, numbers, lists of them and frames, in order; hex."""
    total = hashlib.sha256()
    for part in parts:
        told = _frame_bytes(part) if isinstance(part, pl.DataFrame) else repr(part).encode()
        total.update(len(told).to_bytes(8, "big") + told)
    return total.hexdigest()


def _frame_bytes(frame: pl.DataFrame) -> bytes:
    """The frame as bytes that equal frames share.

    As Parquet, which holds the values that are there: Arrow also holds what lies in memory where a value is missing.
    """
    written = BytesIO()
    frame.rechunk().write_parquet(written, compression="uncompressed", statistics=False)
    return written.getvalue()


@cache
def program() -> str:
    """The digest of our own code and the versions of the libraries that decide a figure.

    Of the sources rather than the version number, so that a mended program never shows what the faulty one kept.
    """
    told = [*sources(("engine",), (".py", ".toml", ".csv")), *sources(("indicators",), (".py",))]
    return digest(told, [(name, metadata.version(name)) for name in _DECIDING])


@cache
def definitions() -> str:
    """The digest of the definitions of indicators and forms that come with the program."""
    return digest(sources(("indicators",), (".toml", ".csv")))


def software() -> str:
    """The digest of all of us that decides a figure: code, libraries, definitions."""
    return digest(program(), definitions())


def sources(rooms: Iterable[str], endings: Collection[str]) -> list[tuple[str, bytes]]:
    """Our own files of these rooms of the package, named from there and sorted, with their bytes."""
    files = sorted(path for room in rooms for path in (_PACKAGE / room).rglob("*") if path.suffix in endings)
    return [(path.relative_to(_PACKAGE).as_posix(), path.read_bytes()) for path in files]
