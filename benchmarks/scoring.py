"""Scoring: a country scaled, weighed, aggregated and ranked; weights drawn by the thousand; Sobol' shares; side by side.

    .venv/bin/python benchmarks/scoring.py [--runs 5] [--only country,filled,draws,few_draws,sobol] [--small]
                                           [--without-peers]

The peers are no part of tijian. They are installed, pinned by hash, into ``build/bench-scoring-venv`` on first use; a peer that
cannot be installed or fails says so in its row. Everything is measured in a process of its own, the libraries of a job in
turns, over and over. Printed are the least and the median time, and ratios to the engine's. Peak memory is the operating
system's figure for the whole process; "more" is what the job took beyond the peak of reading its input. All libraries must
have come to the same answer, or nothing is printed but how they differ.
"""

from __future__ import annotations

import argparse
import subprocess
import sys
import tempfile
from statistics import median

from side_by_side import ENGINE, HERE, MEASURES, Bench, Job, Runs, circumstances, install, measure

BENCH = Bench(
    HERE / "scoring_cases.py",
    HERE / "requirements-scoring.txt",
    HERE.parent / "build" / "bench-scoring-venv",
    (ENGINE, "numpy"),
)
JOBS = {
    "country": Job(
        "a country: scale, weigh, aggregate, rank; 3 % missing, re-weighted",
        (ENGINE, "numpy", "pandas", "pandas-groupby"),
        slow=("pandas-groupby",),
    ),
    "filled": Job(
        "the same without gaps",
        (ENGINE, "numpy", "scikit-criteria", "pymcdm"),
        slow=("pymcdm",),
    ),
    "draws": Job("both levels of weights drawn: 5–95 % of score and rank", (ENGINE, "numpy")),
    "few_draws": Job("the same with a tenth of the draws", (ENGINE, "pandas"), slow=("pandas",)),
    # other points of the same model, so that shares agree as estimates do
    "sobol": Job("first-order and total shares of six factors", (ENGINE, "SALib"), within=0.05),
}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument("--runs", type=int, default=5, help="how often each library does each job")
    parser.add_argument("--small", action="store_true", help="3,000 units: shows that it works, not how fast")
    parser.add_argument("--only", help="jobs, separated by commas: " + ", ".join(JOBS))
    parser.add_argument("--without-peers", action="store_true", help="only what needs no installation")
    asked = parser.parse_args()
    missing = "left out" if asked.without_peers else install(BENCH)
    with tempfile.TemporaryDirectory() as folder:
        size = "tiny" if asked.small else "full"
        subprocess.run([sys.executable, str(HERE / "scoring_data.py"), folder, size], check=True)
        print(circumstances(asked.runs))
        for name in asked.only.split(",") if asked.only else JOBS:
            found = measure(BENCH, JOBS[name], name, folder, asked.runs, missing)
            print(table(JOBS[name], found), flush=True)


def table(job: Job, found: dict[str, Runs | str]) -> str:
    """The results in Markdown."""
    times = {
        library: [run["wall"] for run in runs] for library, runs in found.items() if not isinstance(runs, str)
    }
    first = found[ENGINE][0]
    assert isinstance(first, dict)
    answer = ", ".join(f"{what} {value:,.6g}" for what, value in first.items() if what not in MEASURES)
    lines = [
        f"\n**{job.title}**: {answer}\n",
        "| library | least, s | ratio | median, s | ratio | CPU s | peak MB | more MB | runs |",
        "|---|---|---|---|---|---|---|---|---|",
    ]
    for library, runs in found.items():
        if isinstance(runs, str):
            lines.append(f"| {library} | {runs} | | | | | | | |")
            continue
        least, middle = min(times[library]), median(times[library])
        cpu, peak, more = (median(run[what] for run in runs) for what in ("cpu", "peak", "more"))
        lines.append(
            f"| {library} | {least:.4f} | {least / min(times[ENGINE]):.2f} | {middle:.4f} "
            f"| {middle / median(times[ENGINE]):.2f} | {cpu:.3f} | {peak:.0f} | {more:.0f} | {len(runs)} |"
        )
    return "\n".join(lines)


if __name__ == "__main__":
    main()
