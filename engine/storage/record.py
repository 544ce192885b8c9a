"""The record of a run (运行记录): inputs, definitions and choices, from which it can be made again.

A run is a function of its record: the same record gives the same results. The run's id is a hash of the record,
so that two prints with the same id were made from the same things. No clock and no machine name goes in.
"""

from __future__ import annotations

import glob
import hashlib
import json
from collections.abc import Mapping
from dataclasses import asdict, fields
from itertools import chain
from pathlib import Path

from ...indicators.form_model import Form, Item
from ...indicators.model import Indicator
from ..evidence import Gathered, Source
from ..results import Results
from ..settings.project import Project
from .kept import digest


def file_hash(path: Path) -> str:
    """SHA-256 of a file's bytes, hex."""
    digest = hashlib.sha256()
    with path.open("rb") as stream:
        while block := stream.read(1 << 20):
            digest.update(block)
    return digest.hexdigest()


class NotParquetError(Exception):
    """A file is not Parquet, or not whole; the message is for the user."""


def footer_hash(path: Path) -> str:
    """SHA-256 of a Parquet file's size and footer, hex. Raises NotParquetError.

    The footer tells where every column of every block begins, how long it is compressed and between which values it
    lies, so that it changes with the rows, and it is read in no time however large the file.
    """
    size = path.stat().st_size
    with path.open("rb") as stream:
        stream.seek(max(0, size - 8))
        end = stream.read(8)
        length = int.from_bytes(end[:4], "little")
        if end[4:] != b"PAR1" or length + 12 > size:
            raise NotParquetError("不是 Parquet 文件，或没有写完")
        stream.seek(size - 8 - length)
        footer = stream.read(length)
    return hashlib.sha256(f"{size}\n".encode() + footer).hexdigest()


def make_record(
    project: Project,
    indicators: tuple[Indicator, ...],
    forms: Mapping[str, Form],
    gathered: Gathered,
    version: str,
) -> dict[str, object]:
    """Everything that decides a run's results, as plain JSON values; and in what words its figures were asked for."""
    sources = sorted({*gathered.sources, *(s for e in gathered.evidence.values() for s in e.sources)},
                     key=lambda s: (s.file, s.sha256))  # fmt: skip
    return {
        "version": version,
        "project": project.model_dump(mode="json"),
        "inputs": [{"file": s.file, "sha256": s.sha256} for s in sources],
        "indicators": [i.model_dump(mode="json") for i in indicators],
        "forms": words_of(project, forms),
        "crs": gathered.crs,
        "judgements": [asdict(j) for j in gathered.judgements],
    }


def words_of(project: Project, forms: Mapping[str, Form]) -> dict[str, dict[str, str]]:
    """input → item → its note and what there is to choose from, in one text; under "" the note on the whole form.

    Of the items that ``project``, with its inputs completed, reads. Headers and units stand in the inputs themselves.
    """
    return {
        name: {"": forms[name].note} | {item.name: _words(item) for item in forms[name].item if item.name in given.columns}
        for name, given in project.inputs.items() if name in forms
    }  # fmt: skip


def _words(item: Item) -> str:
    choice = f"选项：{'、'.join(item.options)}" if item.options else ""
    return "；".join(part for part in (item.note, choice) if part)


def record_text(record: dict[str, object]) -> str:
    """The record as canonical JSON: sorted keys, no blanks."""
    return json.dumps(record, ensure_ascii=False, sort_keys=True, separators=(",", ":"), allow_nan=True)


def run_id(record: dict[str, object]) -> str:
    """The first twelve hex digits of the record's SHA-256."""
    return hashlib.sha256(record_text(record).encode()).hexdigest()[:12]


def contents_digest(results: Results) -> str:
    """The SHA-256 of everything a run came to (结果摘要) but for the run's number; hex.

    The number tells that two runs were asked the same, this that they answered the same: every value of every table, to
    the last bit and in its order.
    """
    held = ((f.name, getattr(results, f.name)) for f in fields(results) if f.name != "run_id")
    return digest(*chain.from_iterable(held))


def source_of(path: Path, shown_as: str) -> Source:
    """A file with its hash, named as the project names it; of a shapefile the hash of all its parts."""
    if path.suffix.lower() != ".shp":
        return Source(shown_as, file_hash(path))
    parts = sorted(p for p in path.parent.glob(f"{glob.escape(path.stem)}.*") if p.is_file())
    told = "".join(f"{part.suffix.lower()} {file_hash(part)}\n" for part in parts)
    return Source(shown_as, hashlib.sha256(told.encode()).hexdigest())
