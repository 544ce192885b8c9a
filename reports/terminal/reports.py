"""Printing reports from the terminal (生成报告): what was asked for, how long it will still take, what came of it."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from ..build import Built, Job, JobKind, build_reports, left_over, plan
from ..pdf.printing import PrintingError
from ..word.files import Written, write_word
from .session import (
    EXIT_STATE,
    EXIT_USAGE,
    StoppedError,
    all_known,
    find_unit_code,
    load_results,
    open_project,
)

Tell = Callable[[str, int, int, str], None]

# about how long a report of a kind takes, in those of a community: only to say how long all will still take
_LENGTHS: dict[JobKind, float] = {"district": 40, "national": 40, "town": 16, "topic": 16, "department": 3}
_FOR_SURE = 0.1  # of all the work: nothing is said of the rest before so much is done


@dataclass(frozen=True)
class Asked:
    """What was asked for on the command line: names and codes as typed."""

    levels: Sequence[str] = ()
    units: Sequence[str] = ()
    departments: Sequence[str] | None = None
    topics: Sequence[str] | None = None
    word: bool = False  # the district's as docx too

    @property
    def everything(self) -> bool:
        """True when nothing was selected."""
        return not (self.levels or self.units or self.departments or self.topics)


@dataclass(frozen=True)
class Told:
    """What is to be said: of each report made or kept, and of each that failed; and what was left alone."""

    made: tuple[str, ...]
    failed: tuple[str, ...]
    notes: tuple[str, ...]


def print_reports(project: Path, year: int | None, asked: Asked, workers: int, tell: Tell) -> Told:
    """Print what was asked for. Raises StoppedError when nothing is to be printed, or this machine cannot print."""
    loaded = open_project(project, year)
    results = load_results(loaded, year)
    leads = sorted({d for x in results.indicators["lead"] for d in x})
    units = [find_unit_code(results, u) for u in asked.units]
    departments = all_known(asked.departments, leads, "牵头单位")
    topics = all_known(asked.topics, results.topics, "专项")
    jobs = plan(results, asked.levels, units, departments, topics)
    if not jobs:
        raise StoppedError("照这样选择没有可出的报告：所选单元不是所选的层级，或没有任何指标值", EXIT_USAGE)
    out = loaded.for_year(results.year).out
    try:
        built = build_reports(results, out, jobs, workers, _progress(jobs, tell))
    except PrintingError as fault:
        raise StoppedError(str(fault), EXIT_STATE) from None
    words = write_word(results, out, jobs) if asked.word else []
    return said(built, words, left_over(out, jobs) if asked.everything else [])


def said(built: Sequence[Built], words: Sequence[Written], old: Sequence[Path]) -> Told:
    """What came of the reports and of those to edit, one line each."""
    return Told(
        tuple(f"{b.path}（{b.pages} 页{'，未变，保留' if b.kept else ''}）" for b in built if not b.error)
        + tuple(str(word.path) for word in words if not word.error),
        tuple(f"未能生成 {b.path}：{b.error}" for b in built if b.error)
        + tuple(f"未能生成 {word.path}：{word.error}" for word in words if word.error),
        (f"{len(old)} 份旧报告已不在应出的报告之列，未删除：{'、'.join(map(str, old))}",) if old else (),
    )


def _progress(jobs: Sequence[Job], tell: Tell) -> Callable[[int, int, Built], None]:
    """Tells of each report done, and how long the others will still take once that can be known."""
    began = time.monotonic()
    lengths = [_LENGTHS.get(job.kind, 1.0) for job in jobs]
    printed = 0.0
    rest = sum(lengths)

    def progress(done: int, total: int, built: Built) -> None:
        nonlocal printed, rest
        length = _LENGTHS.get(built.job.kind, 1.0)
        rest -= length
        printed += 0.0 if built.kept else length
        left = time_left(time.monotonic() - began, printed, rest)
        tell("report", done, total, built.job.title + (f"，{left}" if left else ""))

    return progress


def time_left(seconds: float, done: float, rest: float) -> str:
    """How long ``rest`` will take when ``done`` took ``seconds``, in words; empty while too little is known."""
    if rest <= 0 or done <= _FOR_SURE * (done + rest):
        return ""
    left = seconds * rest / done
    return f"约剩 {left / 60:.0f} 分钟" if left >= 90 else f"约剩 {max(1, round(left / 10)) * 10} 秒"
