"""The district's reports of both editions as docx, each beside its PDF and under its name."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

from ...engine.results import Results
from ..build import Job
from ..content.assemble import assemble
from ..view import View
from ..writing import write_whole
from .render import word_report

KINDS = ("district", "national")  # the others are handed out as printed


@dataclass(frozen=True)
class Written:
    """A docx at ``path``; where it could not be written, ``error`` says why."""

    path: Path
    error: str = ""


def write_word(results: Results, out: Path, jobs: Sequence[Job]) -> list[Written]:
    """Write a docx into ``out`` for each of ``jobs`` that is a report of the district; what became of each.

    Whatever goes wrong with one is its own: told in ``error``. Raises OSError where it cannot be written.
    """
    view = View(results)
    return [_write(view, out, job) for job in jobs if job.kind in KINDS]


def _write(view: View, out: Path, job: Job) -> Written:
    path = out / PurePosixPath(job.path).with_suffix(".docx")
    try:
        report = word_report(assemble(view, job.kind, job.key), view.results.grade_cuts)
    except Exception as fault:
        return Written(path, f"{type(fault).__name__}：{fault}")
    write_whole(path, report)
    return Written(path)
