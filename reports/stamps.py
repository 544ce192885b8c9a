"""What was printed from what (付印记录): so that only reports that would say something else are printed again.

Two stamps stand behind a report. ``source`` is of everything that any report is made of: the year's results but for the
run's number, the programme's own files, the look. While it is the same, nothing need be put together to know that
nothing changed. ``sheets`` is of the report's own HTML without the run's number, and of the look: when results changed,
it tells which reports they changed. Both are kept beside the reports, with the sum of the file they led to: a file that
was deleted or edited is printed again.
"""

from __future__ import annotations

import hashlib
import json
import platform
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from functools import cache
from importlib.metadata import version
from pathlib import Path

from ..engine.results import Results
from ..engine.storage.kept import digest, sources
from ..engine.storage.record import contents_digest
from .pdf.fonts import harfbuzz_version
from .pdf.sheets import Look, Sheets
from .writing import write_whole

NAME = ".reports.json"
_ROOMS = ("engine", "indicators", "reports")
_OURS = (".py", ".toml", ".html", ".css", ".json")
_PRINTERS = (
    "weasyprint",
    "pydyf",
    "tinycss2",
    "cssselect2",
    "pyphen",
    "fonttools",
    "pillow",
    "jinja2",
    "markupsafe",
)


@dataclass(frozen=True)
class Stamp:
    """What a report was printed from, and what came of it (SHA-256 of the file, its pages)."""

    source: str
    sheets: str
    file: str
    pages: int


def read_stamps(out: Path) -> dict[str, Stamp]:
    """By path under ``out``; none where there is no record, or one that cannot be read: then all is printed again."""
    try:
        held = json.loads((out / NAME).read_text(encoding="utf-8"))
        return {path: Stamp(**stamp) for path, stamp in held.items()}
    except (OSError, ValueError, TypeError, AttributeError):
        return {}


def add_stamps(out: Path, stamps: Mapping[str, Stamp]) -> None:
    """Put these into the record, which keeps what it had of other reports."""
    whole = {path: asdict(stamp) for path, stamp in sorted({**read_stamps(out), **stamps}.items())}
    write_whole(out / NAME, json.dumps(whole, ensure_ascii=False, indent=0).encode())


def unchanged(out: Path, path: str, stamp: Stamp) -> bool:
    """True when the report is there as it was printed."""
    try:
        return hashlib.sha256((out / path).read_bytes()).hexdigest() == stamp.file
    except OSError:
        return False


def source_stamp(results: Results, look: Look) -> str:
    """Of everything that any report of these results is made of, but for the run's number."""
    return digest(look_stamp(look), programme_stamp(), contents_digest(results))


def sheets_stamp(sheets: Sheets, look: Look, run_id: str) -> str:
    """Of one report's HTML; with another run's number in it, it still says the same."""
    words = (sheets.page, sheets.portrait, *(f"{height} {html}" for height, html in sheets.excerpts))
    return digest(look_stamp(look), *(each.replace(run_id, "") for each in words))


@cache
def look_stamp(look: Look) -> str:
    """Of style sheet, fonts (their files are named by their content, wherever they lie) and printer."""
    style = look.style
    for address in look.fonts:
        style = style.replace(address, address.rsplit("/", 1)[-1])
    printers = [platform.python_version(), harfbuzz_version(), *map(version, _PRINTERS)]
    return digest(style, printers)


@cache
def programme_stamp() -> str:
    """Of the programme's own files: any change may change what a report says."""
    return digest(sources(_ROOMS, _OURS))
