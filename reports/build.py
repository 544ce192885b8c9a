"""Printing many reports: which there are, under which names, and which of them must be printed again.

A report that fails names itself and does not stop the rest; a report is written whole or not at all.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Sequence
from contextlib import closing, suppress
from dataclasses import dataclass, replace
from pathlib import Path, PurePosixPath
from typing import Literal

from ..engine.results import LEVELS, Results
from .content.assemble import assemble
from .content.supervision import supervised
from .names import safe_name
from .pdf.fonts import look
from .pdf.printing import check_printing
from .pdf.render import sheets_of
from .pdf.workers import Outcome, Task, print_all, print_here
from .stamps import Stamp, add_stamps, read_stamps, sheets_stamp, source_stamp, unchanged
from .view import View

JobKind = Literal["district", "national", "town", "community", "topic", "department", "supervision"]
FOLDERS: dict[JobKind, str] = {
    "district": "区级", "national": "区级", "town": "街镇", "community": "社区", "topic": "专项", "department": "部门",
    "supervision": "督办",
}  # fmt: skip
ENDINGS: dict[JobKind, str] = {
    "district": "区级体检报告", "national": "城市体检报告（住建部版）", "town": "街镇体检报告", "community": "社区体检报告", "topic": "专项体检报告",
    "department": "整治任务书", "supervision": "问题整治督办单",
}  # fmt: skip
_NAME = 24  # characters of a name in a file name: whole paths must stay under 150 in Windows offices


@dataclass(frozen=True)
class Job:
    """One report to print: ``key`` is a unit's code, a topic or a department; ``path`` is under the out folder."""

    kind: JobKind
    key: str
    title: str
    path: str


@dataclass(frozen=True)
class Built:
    """What became of a job. ``error`` is empty when the report is at ``path``; ``kept``: it was, and says the same."""

    job: Job
    path: Path
    pages: int
    error: str
    kept: bool = False


Progress = Callable[[int, int, Built], None]


def plan(
    results: Results,
    levels: Collection[str] = (),
    units: Collection[str] = (),
    departments: Collection[str] = (),
    topics: Collection[str] = (),
) -> list[Job]:
    """The reports wanted, district first, communities last; everything when nothing is selected.

    ``levels`` (district, town, community), ``units`` (codes), ``departments`` and ``topics`` (names) each add
    their reports; units and levels given together mean the units of those levels in those units. The district has its
    report in both editions, that of the project's ``edition`` first. Departments and towns with problems that are late get
    a 督办单 too.
    """
    view = View(results)
    everything = not (levels or units or departments or topics)
    chosen: list[tuple[JobKind, str]] = []
    editions: tuple[JobKind, JobKind] = (
        ("national", "district") if results.edition == "national" else ("district", "national")
    )
    for district in _units_of(view, "district", levels, units, everything):
        chosen += [(edition, district) for edition in editions]
    chosen += [("town", code) for code in _units_of(view, "town", levels, units, everything)]
    chosen += [("topic", t) for t in results.topics if everything or t in topics]
    chosen += [("department", d) for d in _departments(view, departments, everything)]
    named = {*departments, *(() if levels else units)}  # a level that is asked for has its own reports only
    chosen += [("supervision", k) for k in supervised(view) if everything or k in named]
    chosen += [("community", code) for code in _units_of(view, "community", levels, units, everything)]
    taken: set[str] = set()
    return [_job(view, kind, key, taken) for kind, key in chosen]


def _units_of(
    view: View, level: str, levels: Collection[str], units: Collection[str], everything: bool
) -> list[str]:
    """Units of a level that were asked for, themselves or (with a level) by what they lie in, and have a report."""
    if not everything and not (level in levels or (units and not levels)):
        return []
    asked = set(units)

    def wanted(unit: str) -> bool:
        lies_in = {view.units[unit][above] for above in LEVELS} if levels else {unit}
        return not asked or bool(asked & lies_in)

    return [u for u in view.of_level(level) if wanted(u) and view.scores(u)]


def _departments(view: View, wanted: Collection[str], everything: bool) -> list[str]:
    """Lead units with something to do, and every one asked for by name."""
    known = dict.fromkeys(
        [*view.departments, *(d for row in view.indicators.values() for d in row["lead"] or [])]
    )
    return [d for d in known if (d in view.departments if everything else d in wanted)]


def _job(view: View, kind: JobKind, key: str, taken: set[str]) -> Job:
    name = key if key not in view.units else view.name(key)
    folder = PurePosixPath(FOLDERS[kind])
    if kind == "community":
        folder /= safe_name(view.name(view.units[key]["town"] or ""), _NAME)
    stem = f"{safe_name(name, _NAME)}_{ENDINGS[kind]}_{view.results.year}"
    path = str(folder / f"{stem}.pdf")
    if path in taken:  # two units of one name: the code tells them apart
        path = str(folder / f"{stem}_{safe_name(key, _NAME)}.pdf")
    taken.add(path)
    return Job(kind, key, f"{name}{ENDINGS[kind]}", path)


def build_reports(
    results: Results, out: Path, jobs: Sequence[Job], workers: int = 2, progress: Progress | None = None
) -> list[Built]:
    """Print ``jobs`` into ``out``, those that would say something else; what became of each, in the order given.

    What each report says is put together here; ``workers`` other processes print it (with one, or one report, this one
    does). A report that is there and would say the same is kept, even when the run's number is another. Raises
    PrintingError when this machine cannot print Chinese PDF at all, OSError when ``out`` can take nothing (more).
    """
    check_printing()
    add_stamps(out, {})  # the record as it is: where it cannot be written, no report can
    made = _Making(results, out, jobs, progress)
    try:
        if workers <= 1 or len(jobs) <= 1:
            for task in made.tasks():
                made.hear(print_here(task, made.look))
        else:
            with closing(print_all(made.tasks(), made.look, min(workers, len(jobs)))) as outcomes:
                for outcome in outcomes:
                    made.hear(outcome)
    except BaseException:
        with suppress(OSError):  # what is done is done; what has no stamp will be printed again
            add_stamps(out, made.stamps)
        raise
    add_stamps(out, made.stamps)
    return [made.done[i] for i in range(len(jobs))]


class _Making:
    """The reports of one call as they are made: what is done, and the stamps of what was printed."""

    def __init__(self, results: Results, out: Path, jobs: Sequence[Job], progress: Progress | None) -> None:
        self.results, self.out, self.jobs, self.progress = results, out, jobs, progress
        self.look = look()
        self.source = source_stamp(results, self.look)
        self.before = read_stamps(out)
        self.stamps: dict[str, Stamp] = {}
        self.sheets: dict[int, str] = {}  # stamps of what is being printed
        self.done: dict[int, Built] = {}

    def tasks(self) -> Iterator[Task]:
        """What is to be printed, put together one by one; what need not or cannot be is done with at once."""
        view = View(self.results)
        for number, job in enumerate(self.jobs):
            old = self.before.get(job.path)
            kept = old is not None and unchanged(self.out, job.path, old)
            if old is not None and kept and old.source == self.source:
                self._keep(number, old)
                continue
            try:
                sheets = sheets_of(assemble(view, job.kind, job.key), self.results.grade_cuts)
            except Exception as fault:
                self._tell(number, Built(job, self.out / job.path, 0, f"{type(fault).__name__}：{fault}"))
                continue
            stamp = sheets_stamp(sheets, self.look, self.results.run_id)
            if old is not None and kept and old.sheets == stamp:
                self._keep(number, old)
                continue
            self.sheets[number] = stamp
            yield Task(number, self.out / job.path, sheets)

    def hear(self, outcome: Outcome) -> None:
        """One report is printed, or not. Raises OSError where no other can be either."""
        if outcome.no_room is not None:
            raise outcome.no_room
        job, stamp = self.jobs[outcome.number], self.sheets.pop(outcome.number)
        if not outcome.error:
            self.stamps[job.path] = Stamp(self.source, stamp, outcome.digest, outcome.pages)
        self._tell(outcome.number, Built(job, self.out / job.path, outcome.pages, outcome.error))

    def _keep(self, number: int, old: Stamp) -> None:
        job = self.jobs[number]
        self.stamps[job.path] = replace(old, source=self.source)
        self._tell(number, Built(job, self.out / job.path, old.pages, "", kept=True))

    def _tell(self, number: int, built: Built) -> None:
        self.done[number] = built
        if self.progress is not None:
            self.progress(len(self.done), len(self.jobs), built)


def left_over(out: Path, jobs: Collection[Job]) -> list[Path]:
    """Reports printed before that are no longer in the plan and still lie there (不再属于计划的旧报告)."""
    planned = {job.path for job in jobs}
    return [out / path for path in read_stamps(out) if path not in planned and (out / path).is_file()]
