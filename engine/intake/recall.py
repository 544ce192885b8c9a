"""Inputs as an earlier run read them (沿用上次读入): the same file, definition and units give the same evidence.

What reading an input leaves beside its rows is kept with it and told again: its findings, which spellings of names.csv it
needed, and which rows the corrections met or why they met none.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import asdict, replace
from pathlib import Path

import polars as pl

from ..evidence import Evidence, Source
from ..findings import Findings
from ..settings.project import Input
from ..storage.kept import Kept, Piece, digest, software
from ..storage.record import source_of
from .desk import Desk
from .fix_rows import Miss

Files = Sequence[tuple[Path, str]]  # where each lies, and how messages name it
Read = Callable[[str, Input, Files, Desk], pl.DataFrame | None]


def recall_or_read(
    name: str, item: Input, files: Files, desk: Desk, kept: Kept, read: Read
) -> Evidence | None:
    """The evidence of an input, its rows as kept where nothing they came from has changed, otherwise by ``read``.

    ``files`` are those of the input that exist; without any there is no evidence. What has errors is not kept: it stops
    the run anyway.
    """
    if not files:
        return None
    sources = tuple(source_of(path, shown) for path, shown in files)
    key = _key(name, item, sources, desk)
    piece = kept.recall(key)
    if piece is not None:
        _tell_again(piece, desk)
        return Evidence(name, item, piece.frames["rows"], sources, key=key)
    mine = replace(
        desk,
        findings=Findings(),
        book=replace(desk.book, used_aliases=set()),
        corrections=replace(desk.corrections, hits={}, missed={}),
    )
    rows = read(name, item, files, mine)
    told = {
        "findings": mine.findings.plain(),
        "aliases": sorted(mine.book.used_aliases),
        "hits": [[number, met] for number, met in mine.corrections.hits.items()],
        "missed": [[number, asdict(why)] for number, why in mine.corrections.missed.items()],
    }
    _tell_again(Piece({}, told), desk)
    if rows is None:
        return None
    if not mine.findings.errors:
        kept.keep(key, Piece({"rows": rows}, told))
    return Evidence(name, item, rows, sources, key=key)


def _key(name: str, item: Input, sources: tuple[Source, ...], desk: Desk) -> str:
    """The digest of everything that reading an input depends on."""
    survey = desk.project.survey.model_dump_json() if item.kind == "survey" else ""
    fixes = [(number, fix.model_dump_json()) for number, fix in desk.corrections.of(name)]
    files = [(source.file, source.sha256) for source in sources]
    return digest(software(), name, item.model_dump_json(), desk.project.year, survey, fixes, files, desk.key)


def _tell_again(piece: Piece, desk: Desk) -> None:
    """What reading left beside the rows, to those who ask for it once everything is read."""
    desk.findings.extend(Findings.from_plain(piece.facts["findings"]))
    desk.book.used_aliases.update(piece.facts["aliases"])
    for number, met in piece.facts["hits"]:
        desk.corrections.hit(number, met)
    for number, why in piece.facts["missed"]:
        desk.corrections.miss(number, Miss(**why))
