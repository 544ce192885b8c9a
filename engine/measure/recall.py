"""Indicators as an earlier run measured them (沿用上次测算): the same definition and evidence give the same pairs."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass

from ...indicators.model import Indicator
from ..evidence import Gathered
from ..findings import Findings
from ..storage.kept import NOTHING_KEPT, Kept, Piece, digest, software
from .pairs import Measured, Pairs

FRAMES = ("lines", "service", "facilities")


@dataclass(frozen=True)
class Recalled:
    """What need not be measured again, by the indicator's code, and where what is measured now is kept."""

    known: Mapping[str, Measured]
    kept: Kept


NOTHING_RECALLED = Recalled({}, NOTHING_KEPT)


def key_of(indicator: Indicator, gathered: Gathered) -> str:
    """The digest of everything that measuring an indicator depends on; empty where some of it has none.

    Of the inputs, all that its definition names anywhere: a condition may ask for a table beside the declared ones.
    """
    told = indicator.model_dump_json()
    named = set(re.findall(r"\w+", told)) | set(indicator.measure.inputs)
    read = [(name, item.key) for name, item in gathered.evidence.items() if name in named]
    if not gathered.key or not all(key for _, key in read):
        return ""
    return digest("measured", software(), told, sorted(read), gathered.key)


def recall_measured(indicators: Sequence[Indicator], gathered: Gathered, kept: Kept) -> Recalled:
    """What is kept of those indicators of which nothing has changed."""
    found = {}
    for indicator in indicators:
        key = key_of(indicator, gathered)
        piece = kept.recall(key) if key else None
        if piece is not None:
            found[indicator.code] = _measured_of(piece)
    return Recalled(found, kept)


def keep_measured(indicator: Indicator, gathered: Gathered, kept: Kept, measured: Measured) -> None:
    """Keep what measuring an indicator came to, where it is known what that depends on."""
    if key := key_of(indicator, gathered):
        kept.keep(key, _piece_of(measured))


def _piece_of(measured: Measured) -> Piece:
    pairs = asdict(measured.pairs)
    frames = {"pairs": pairs.pop("frame")}
    frames |= {name: frame for name in FRAMES if (frame := getattr(measured, name)) is not None}
    return Piece(frames, {"pairs": pairs, "findings": measured.findings.plain()})


def _measured_of(piece: Piece) -> Measured:
    return Measured(
        Pairs(piece.frames["pairs"], **piece.facts["pairs"]),
        findings=Findings.from_plain(piece.facts["findings"]),
        **{name: piece.frames.get(name) for name in FRAMES},
    )
