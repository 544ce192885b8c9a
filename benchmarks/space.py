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
import subprocess
import sys
import tempfile
from statistics import median

from side_by_side import ENGINE, HERE, Bench, Job, Runs, circumstances, install, measure, run

MEASURES = ("ready", "wall", "cpu", "peak")
BENCH = Bench(
    HERE / "space_cases.py",
    HERE / "requirements-space.txt",
    HERE.parent / "build" / "bench-venv",
    (ENGINE, "scipy"),
)
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
    missing = "left out" if asked.without_peers else install(BENCH)
    with tempfile.TemporaryDirectory() as folder:
        subprocess.run([sys.executable, str(HERE / "space_data.py"), folder, asked.size], check=True)
        for name in wanted:
            if NEEDS.get(name) not in (None, *wanted):
                run(BENCH, f"{NEEDS[name]}.{ENGINE}", folder)
        print(f"{circumstances(asked.runs)}; medians")
        for name in wanted:
            found = measure(BENCH, JOBS[name], name, folder, asked.runs, missing)
            print(table(JOBS[name], found), flush=True)


def table(job: Job, found: dict[str, Runs | str]) -> str:
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


if __name__ == "__main__":
    main()
