"""One printing of ``reports.py``: ``python benchmarks/reports_cases.py JOB.HOW FOLDER`` prints one line of JSON.

What is loaded on first use counts for both: the worker processes' start, and here the printer's import.
"""

from __future__ import annotations

import json
import pickle
import resource
import sys
import tempfile
import time
from pathlib import Path


def main() -> None:
    (name, how), folder = sys.argv[1].split("."), Path(sys.argv[2])
    began = time.perf_counter()
    both = pickle.loads((folder / f"{name}.pickle").read_bytes())
    if how.startswith("plain"):
        pages = [page for _, page in both]
        del both
        before = _cpu()
        ready, wall = time.perf_counter() - began, time.perf_counter()
        counted = _plain(pages, {"pdf_variant": "pdf/ua-1"} if how == "plain_tagged" else {})
    else:
        sheets = [each for each, _ in both]
        del both
        before = _cpu()
        ready, wall = time.perf_counter() - began, time.perf_counter()
        counted = _engine(sheets, folder, 2 if how == "engine" else 1)
    wall = time.perf_counter() - wall
    who = resource.RUSAGE_SELF if how.startswith("plain") else resource.RUSAGE_CHILDREN
    peak = resource.getrusage(who).ru_maxrss / 1024
    measured = {"ready": ready, "wall": wall, "cpu": _cpu() - before, "peak": peak, "more": 0.0}
    print(json.dumps(measured | {"reports": len(counted), "pages": sum(counted)}))


def _cpu() -> float:
    both = [resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
    return sum(each.ru_utime + each.ru_stime for each in both)


def _plain(pages: list[str], settings: dict[str, str]) -> list[int]:
    """Pages of each report; ``write_pdf`` of a page is ``render`` and ``write_pdf`` of the document."""
    from weasyprint import HTML

    counted = []
    with tempfile.TemporaryDirectory() as out:
        for number, page in enumerate(pages):
            document = HTML(string=page).render(**settings)
            document.write_pdf(Path(out) / f"{number}.pdf", **settings)
            counted.append(len(document.pages))
    return counted


def _engine(sheets: list, folder: Path, workers: int) -> list[int]:
    from tijian.reports.pdf.workers import Task, print_all

    look = pickle.loads((folder / "look.pickle").read_bytes())
    with tempfile.TemporaryDirectory() as out:
        tasks = (Task(n, Path(out) / f"{n}.pdf", each) for n, each in enumerate(sheets))
        outcomes = list(print_all(tasks, look, workers))
    failed = [outcome.error for outcome in outcomes if outcome.error]
    if failed:
        raise SystemExit(f"not printed: {failed[0]}")
    return [outcome.pages for outcome in outcomes]


if __name__ == "__main__":
    main()
