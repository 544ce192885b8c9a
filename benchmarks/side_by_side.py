"""What the benchmarks share: the peers' own environment, a process for every measurement, turns, and agreement.

A *case* is one library doing one job. A case file runs it by :func:`one_case` and prints one line of JSON; a command such as
``space.py`` has its jobs measured by :func:`measure`.
"""

from __future__ import annotations

import hashlib
import json
import os
import resource
import subprocess
import sys
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path

HERE = Path(__file__).resolve().parent
ENGINE = "engine"
MEASURES = ("ready", "wall", "cpu", "peak", "more")
Runs = list[dict[str, float]]
Answer = tuple[float, ...]
Task = Callable[[], Answer | Callable[[], Answer]]


@dataclass(frozen=True)
class Job:
    """What is compared; ``slow`` libraries run once; answers may differ by the share ``within``."""

    title: str
    libraries: tuple[str, ...]
    within: float = 1e-9
    slow: tuple[str, ...] = ()


@dataclass(frozen=True)
class Bench:
    """The file of cases, the peers' pins and where they are installed, and who needs none of them."""

    cases: Path
    pins: Path
    venv: Path
    ours: tuple[str, ...]  # run with the project's own interpreter


def circumstances(runs: int) -> str:
    """The day, the machine and how often: what stands above every benchmark's tables."""
    return f"{date.today()}, {os.cpu_count()} cores, Python {sys.version.split()[0]}, {runs} runs"


def install(bench: Bench) -> str | None:
    """The peers in their own environment, again when the pins change; why they are missing, or None."""
    stamp, pins = bench.venv / "pins", hashlib.sha256(bench.pins.read_bytes()).hexdigest()
    if stamp.exists() and stamp.read_text() == pins:
        return None
    print(f"installing the peers into {bench.venv}", file=sys.stderr, flush=True)
    python = str(bench.venv / "bin" / "python")
    pip = [python, "-m", "pip", "install", "--quiet", "--no-deps", "--require-hashes", "-r", str(bench.pins)]
    for command in ([sys.executable, "-m", "venv", "--clear", str(bench.venv)], pip):
        made = subprocess.run(command, check=False, capture_output=True, text=True)
        if made.returncode:
            return f"not installed: {last_line(made.stderr)}"
    stamp.write_text(pins)
    return None


def measure(
    bench: Bench, job: Job, name: str, folder: str, runs: int, missing: str | None
) -> dict[str, Runs | str]:
    """For each library its measured runs, in turns, or why there are none. Raises SystemExit when answers differ."""
    found: dict[str, Runs | str] = {}
    for turn in range(runs):
        for library in job.libraries:
            done = found.setdefault(library, [] if missing is None or library in bench.ours else missing)
            if isinstance(done, str) or (turn and library in job.slow):
                continue
            try:
                done.append(run(bench, f"{name}.{library}", folder))
            except subprocess.CalledProcessError as failed:
                if library in bench.ours:
                    raise SystemExit(failed.stderr) from failed
                found[library] = f"failed: {last_line(failed.stderr)}"
    compare(job, found)
    return found


def run(bench: Bench, case: str, folder: str) -> dict[str, float]:
    """One case in a process of its own. Raises CalledProcessError."""
    python = sys.executable if case.split(".")[1] in bench.ours else str(bench.venv / "bin" / "python")
    command = [python, "-W", "ignore", str(bench.cases), case, folder]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    answer: dict[str, float] = json.loads(
        done.stdout[done.stdout.rindex("{") :]
    )  # pandana talks while it works
    return answer


def compare(job: Job, found: Mapping[str, Runs | str]) -> None:
    """Nothing, or SystemExit: the libraries did not do the same thing, so their times say nothing."""
    answers = {library: runs[0] for library, runs in found.items() if not isinstance(runs, str)}
    ours = answers[ENGINE]
    for library, theirs in answers.items():
        for what in (each for each in ours if each not in MEASURES):
            if abs(theirs[what] - ours[what]) > job.within * max(abs(ours[what]), 1.0):
                raise SystemExit(f"{job.title}: {library} has {what} {theirs[what]}, the engine {ours[what]}")


def last_line(text: str) -> str:
    return (text.strip().splitlines() or ["no message"])[-1]


def one_case(
    cases: Mapping[str, Callable[[Path], tuple[Task, Task]]], told: Mapping[str, tuple[str, ...]]
) -> None:
    """Run the case named on the command line; print seconds, memory in MB, and the answer by the names ``told`` of its job.

    Each case gives its job and the same job on next to nothing, which is done first, so that what a library loads on first
    use is not counted. ``more`` is what the job took beyond the peak of getting ready. An answer that is some work to make
    from the result is a function, called when all is measured.
    """
    case, folder = sys.argv[1], Path(sys.argv[2])
    began = time.perf_counter()
    job, warm_up = cases[case](folder)
    ready = time.perf_counter() - began
    warm_up()
    before = _peak()
    cpu, wall = time.process_time(), time.perf_counter()
    answer = job()
    cpu, wall = time.process_time() - cpu, time.perf_counter() - wall
    peak = _peak()
    answer = answer() if callable(answer) else answer
    measured = {"ready": ready, "wall": wall, "cpu": cpu, "peak": peak, "more": peak - before}
    print(json.dumps(measured | dict(zip(told[case.split(".")[0]], answer, strict=True))))


def _peak() -> float:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
