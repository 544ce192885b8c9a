"""Space: service coverage and walking distance, side by side with the libraries one would use instead.

    .venv/bin/python benchmarks/space.py [--runs 5] [--only points,area,build,snap,walk,small] [--without-peers]

The peers are no part of tijian. They are installed, pinned by hash, into ``build/bench-venv`` on first use; a peer that
cannot be installed or fails says so in its row. Everything is measured in a process of its own, the libraries of a job
in turns, over and over; printed are medians, and ratios to the engine of the medians. Peak memory is the operating
system's figure for the whole process: interpreter, libraries and input included. All libraries must have come to the
same answer, or nothing is printed but how they differ.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import os
import subprocess
import sys
import tempfile
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from statistics import median

HERE = Path(__file__).resolve().parent
VENV = HERE.parent / "build" / "bench-venv"
PINS = HERE / "requirements-space.txt"
ENGINE = "engine"
OURS = (ENGINE, "scipy")  # run with the project's own interpreter
MEASURES = ("ready", "wall", "cpu", "peak")


@dataclass(frozen=True)
class Job:
    """What is compared; ``slow`` libraries run once; answers may differ by the share ``within``."""

    title: str
    libraries: tuple[str, ...]
    within: float = 1e-9
    slow: tuple[str, ...] = ()


JOBS = {
    "points": Job("straight-line coverage of points, 500 m", (ENGINE, "geopandas")),
    "area": Job("area coverage, buffers of 500 m over communities", (ENGINE, "geopandas")),
    "build": Job("reading: lines to a network", (ENGINE,)),
    "snap": Job("snapping: every junction and all supply onto the network", (ENGINE,)),
    "walk": Job("walking distance within 1000 m, from every junction", (ENGINE, "scipy", "networkit")),
    # pandana reckons in thousandths of a metre per street, rounded down
    "small_snap": Job("smaller network: snapping", (ENGINE,)),
    "small": Job(
        "smaller network: walking distance within 1000 m", (ENGINE, "scipy", "pandana"), 1e-4, ("pandana",)
    ),
}
NEEDS = {"walk": "snap", "small": "small_snap"}  # the search takes what snapping left


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument("--runs", type=int, default=5, help="how often each library does each job")
    parser.add_argument("--size", default="full", choices=["full", "tiny"])
    parser.add_argument("--only", help="jobs, separated by commas: " + ", ".join(JOBS))
    parser.add_argument("--without-peers", action="store_true", help="only what needs no installation")
    asked = parser.parse_args()
    wanted = asked.only.split(",") if asked.only else list(JOBS)
    missing = "left out" if asked.without_peers else install()
    with tempfile.TemporaryDirectory() as folder:
        subprocess.run([sys.executable, str(HERE / "space_data.py"), folder, asked.size], check=True)
        for name in wanted:
            if NEEDS.get(name) not in (None, *wanted):
                run(f"{NEEDS[name]}.{ENGINE}", folder)
        print(
            f"{date.today()}, {os.cpu_count()} cores, Python {sys.version.split()[0]}, median of {asked.runs} runs"
        )
        for name in wanted:
            print(table(JOBS[name], measure(name, folder, asked.runs, missing)), flush=True)


def install() -> str | None:
    """The peers in their own environment, again when the pins change; why they are missing, or None."""
    stamp, pins = VENV / "pins", hashlib.sha256(PINS.read_bytes()).hexdigest()
    if stamp.exists() and stamp.read_text() == pins:
        return None
    print(f"installing the peers into {VENV}", file=sys.stderr, flush=True)
    python = str(VENV / "bin" / "python")
    pip = [python, "-m", "pip", "install", "--quiet", "--no-deps", "--require-hashes", "-r", str(PINS)]
    for command in ([sys.executable, "-m", "venv", "--clear", str(VENV)], pip):
        made = subprocess.run(command, check=False, capture_output=True, text=True)
        if made.returncode:
            return f"not installed: {last_line(made.stderr)}"
    stamp.write_text(pins)
    return None


def measure(
    name: str, folder: str, runs: int, missing: str | None
) -> dict[str, list[dict[str, float]] | str]:
    """For each library its measured runs, in turns, or why there are none. Raises SystemExit when answers differ."""
    job = JOBS[name]
    found: dict[str, list[dict[str, float]] | str] = {}
    for turn in range(runs):
        for library in job.libraries:
            done = found.setdefault(library, [] if missing is None or library in OURS else missing)
            if isinstance(done, str) or (turn and library in job.slow):
                continue
            try:
                done.append(run(f"{name}.{library}", folder))
            except subprocess.CalledProcessError as failed:
                if library in OURS:
                    raise SystemExit(failed.stderr) from failed
                found[library] = f"failed: {last_line(failed.stderr)}"
    compare(job, found)
    return found


def run(case: str, folder: str) -> dict[str, float]:
    """One case in a process of its own. Raises CalledProcessError."""
    python = sys.executable if case.split(".")[1] in OURS else str(VENV / "bin" / "python")
    command = [python, "-W", "ignore", str(HERE / "space_cases.py"), case, folder]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    answer: dict[str, float] = json.loads(
        done.stdout[done.stdout.rindex("{") :]
    )  # pandana talks while it works
    return answer


def compare(job: Job, found: dict[str, list[dict[str, float]] | str]) -> None:
    """Nothing, or SystemExit: the libraries did not do the same thing, so their times say nothing."""
    answers = {library: runs[0] for library, runs in found.items() if not isinstance(runs, str)}
    ours = answers[ENGINE]
    for library, theirs in answers.items():
        for what in ("many", "total"):
            if abs(theirs[what] - ours[what]) > job.within * max(abs(ours[what]), 1.0):
                raise SystemExit(f"{job.title}: {library} has {what} {theirs[what]}, the engine {ours[what]}")


def table(job: Job, found: dict[str, list[dict[str, float]] | str]) -> str:
    """The results in Markdown."""
    ours = {what: median(run[what] for run in found[ENGINE] if isinstance(run, dict)) for what in MEASURES}
    first = found[ENGINE][0]
    assert isinstance(first, dict)
    lines = [
        f"\n**{job.title}**: {first['many']:,.0f}, sum {first['total']:,.0f}\n",
        "| library | s | ratio | CPU s | ratio | peak MB | ratio | getting ready, s |",
        "|---|---|---|---|---|---|---|---|",
    ]
    for library, runs in found.items():
        if isinstance(runs, str):
            lines.append(f"| {library} | {runs} | | | | | | |")
            continue
        ready, wall, cpu, peak = (median(run[what] for run in runs) for what in MEASURES)
        lines.append(
            f"| {library} | {wall:.3f} | {wall / ours['wall']:.2f} | {cpu:.3f} | {cpu / ours['cpu']:.2f} "
            f"| {peak:.0f} | {peak / ours['peak']:.2f} | {ready:.1f} |"
        )
    return "\n".join(lines)


def last_line(text: str) -> str:
    return (text.strip().splitlines() or ["no message"])[-1]


if __name__ == "__main__":
    main()
