"""Printing many reports side by side: which reports there are, under which names, and two processes to print them.

Results are read once per process. A report that fails names itself and does not stop the rest; a report is written
whole or not at all.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from concurrent.futures import Future, ProcessPoolExecutor, as_completed
from dataclasses import dataclass
from multiprocessing import get_context
from pathlib import Path, PurePosixPath
from typing import Literal

from ..engine.results import LEVELS, Results
from ..engine.store import read_results
from .content.assemble import assemble
from .names import safe_name
from .pdf.printing import check_printing
from .pdf.render import print_report
from .view import View
from .writing import write_whole

JobKind = Literal["district", "town", "community", "topic", "department"]
Progress = Callable[[int, int, str], None]

FOLDERS: dict[JobKind, str] = {
    "district": "区级", "town": "街镇", "community": "社区", "topic": "专项", "department": "部门",
}  # fmt: skip
ENDINGS: dict[JobKind, str] = {
    "district": "区级体检报告", "town": "街镇体检报告", "community": "社区体检报告", "topic": "专项体检报告",
    "department": "整治任务书",
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
    """What became of a job. ``error`` is empty when the report was written to ``path``."""

    job: Job
    path: Path
    pages: int
    error: str


def plan(
    results: Results,
    levels: Collection[str] = (),
    units: Collection[str] = (),
    departments: Collection[str] = (),
    topics: Collection[str] = (),
) -> list[Job]:
    """The reports wanted, district first, communities last; everything when nothing is selected.

    ``levels`` (district, town, community), ``units`` (codes), ``departments`` and ``topics`` (names) each add
    their reports; units and levels given together mean the units of those levels in those units.
    """
    view = View(results)
    everything = not (levels or units or departments or topics)
    chosen: list[tuple[JobKind, str]] = []
    for level in ("district", "town"):
        chosen += [(level, code) for code in _units_of(view, level, levels, units, everything)]
    chosen += [("topic", t) for t in results.topics if everything or t in topics]
    chosen += [("department", d) for d in _departments(view, departments, everything)]
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
    name = key if kind in ("topic", "department") else view.name(key)
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
    load: Path | Results,
    out: Path,
    jobs: Sequence[Job],
    workers: int = 2,
    progress: Progress | None = None,
    year: int | None = None,
) -> list[Built]:
    """Print ``jobs`` into ``out``; what became of each, in the order given.

    ``load`` is the results file (``results.duckdb``; ``year`` the year in it, the latest by default) or the
    results themselves. Raises PrintingError when this machine cannot print Chinese PDF at all.
    """
    check_printing()
    if workers <= 1 or len(jobs) <= 1:
        return _build_here(load, out, jobs, progress, year)
    done: dict[int, Built] = {}
    with ProcessPoolExecutor(
        min(workers, len(jobs)), get_context("spawn"), initializer=_start, initargs=(load, year)
    ) as pool:  # fmt: skip
        futures: dict[Future[Built], int] = {
            pool.submit(_build_in_worker, job, out): i for i, job in enumerate(jobs)
        }  # fmt: skip
        for future in as_completed(futures):
            index = futures[future]
            done[index] = _outcome(future, jobs[index], out)
            if progress is not None:
                progress(len(done), len(jobs), jobs[index].title)
    return [done[i] for i in range(len(jobs))]


def _outcome(future: Future[Built], job: Job, out: Path) -> Built:
    """A job's result, also when its process died."""
    fault = future.exception()
    if fault is None:
        return future.result()
    return Built(job, out / job.path, 0, f"打印进程意外退出（{type(fault).__name__}：{fault}）")


def _build_here(
    load: Path | Results, out: Path, jobs: Sequence[Job], progress: Progress | None, year: int | None
) -> list[Built]:
    view = _view(load, year)
    built = []
    for i, job in enumerate(jobs, 1):
        built.append(build_one(view, job, out))
        if progress is not None:
            progress(i, len(jobs), job.title)
    return built


_worker_view: list[View] = []  # one per worker process, filled by _start


def _start(load: Path | Results, year: int | None) -> None:
    _worker_view[:] = [_view(load, year)]


def _build_in_worker(job: Job, out: Path) -> Built:
    return build_one(_worker_view[0], job, out)


def _view(load: Path | Results, year: int | None) -> View:
    return View(load if isinstance(load, Results) else read_results(load, year))


def build_one(view: View, job: Job, out: Path) -> Built:
    """Print one report. Whatever goes wrong with it is its own: told in ``error``, never raised."""
    target = out / job.path
    try:
        printed = print_report(assemble(view, job.kind, job.key), view.results.grade_cuts)
        write_whole(target, printed.data)
    except Exception as fault:
        return Built(job, target, 0, f"{type(fault).__name__}：{fault}")
    return Built(job, target, printed.pages, "")
