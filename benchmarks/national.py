"""A whole country from raw records to stored results, stage by stage, and its heavy stages beside their floors.

    .venv/bin/python benchmarks/national.py [--scale 0.01,0.1,1] [--runs 5] [--folder build/bench-national]

Scale 1 is 650,000 communities in 41,000 towns in 2,850 districts, 70 indicators, five years and 100,000,000 records; smaller
scales show how cost grows. The country is made once and kept in the folder (1.3 GB at scale 1, and 3.6 GB for what
comes of it). First everything is done once in one process; printed are the seconds, CPU seconds and peak memory of each stage.
Then the stages that have a floor are measured beside it, each in a process of its own, in turns: one plain DuckDB query for the
same sums, polars decoding the same pairs, bare numpy scoring the same values. What they came to must agree, or nothing is
printed but how it differs.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
from pathlib import Path
from typing import Any

from scoring import table
from side_by_side import ENGINE, HERE, Bench, Job, circumstances, measure

ROOT = HERE.parent
FLOORS = ("duckdb", "duckdb-delivered", "decoding", "numpy")  # need nothing but what tijian needs itself
BENCH = Bench(
    HERE / "national_cases.py", ROOT / "requirements" / "run.txt", Path(sys.prefix), (ENGINE, *FLOORS)
)
JOBS = {
    "records": Job("records → pairs of six indicators", (ENGINE, "duckdb", "duckdb-delivered")),
    "reading": Job("the records' columns alone, read by DuckDB and not grouped", (ENGINE,)),
    "rollup": Job("pairs of all communities → towns and districts", (ENGINE, "decoding")),
    "score": Job("values of one year → dimensions, total, rank", (ENGINE, "numpy")),
}
STAGES = ("units", "settle", "measure", "roll_up", "values", "score", "diagnose", "store")
Whole = dict[str, Any]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument(
        "--scale", default="0.01,0.1,1", help="sizes, separated by commas; 1 is the whole country"
    )
    parser.add_argument("--runs", type=int, default=5, help="how often each floor and its stage are measured")
    parser.add_argument(
        "--folder", type=Path, default=ROOT / "build" / "bench-national", help="where countries are kept"
    )
    asked = parser.parse_args()
    print(circumstances(asked.runs))
    folders = {scale: prepared(asked.folder / scale, scale) for scale in asked.scale.split(",")}
    print("\n### Stages\n", flush=True)
    print(stages({scale: examine(folder) for scale, folder in folders.items()}), flush=True)
    for scale, folder in folders.items():
        print(f"\n### Scale {scale}", flush=True)
        for name, job in JOBS.items():
            print(table(job, measure(BENCH, job, name, str(folder), asked.runs, None)), flush=True)


def prepared(folder: Path, scale: str) -> Path:
    """The folder with the country of a scale, made unless it is there whole."""
    whole = folder / "made"
    if not whole.exists():
        print(f"making the country of scale {scale} in {folder}", file=sys.stderr, flush=True)
        subprocess.run([sys.executable, str(HERE / "national_data.py"), str(folder), scale], check=True)
        whole.touch()
    return folder


def examine(folder: Path) -> Whole:
    """Everything once, in one process. Raises SystemExit with what went wrong."""
    command = [sys.executable, "-W", "ignore", str(BENCH.cases), f"whole.{ENGINE}", str(folder)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode:
        raise SystemExit(done.stderr)
    told: Whole = json.loads(done.stdout)
    return told


def stages(done: dict[str, Whole]) -> str:
    """The stages of every scale side by side, in Markdown; with two scales or more how the last grew from the one before:
    1 is as much as the size did."""
    heads = "".join(f" {scale}: s | CPU s | MB |" for scale in done)
    scales = list(done)
    last_two = scales[-2:]
    lines = [f"| stage |{heads} growth |", "|---|" + "---|" * (3 * len(done) + 1)]
    sums = {
        scale: [sum(s[n] for s in told["stages"].values()) for n in (0, 1)] for scale, told in done.items()
    }
    most = {scale: max(s[2] for s in told["stages"].values()) for scale, told in done.items()}
    rows = {stage: {scale: told["stages"][stage] for scale, told in done.items()} for stage in STAGES}
    rows["all"] = {scale: [*sums[scale], most[scale]] for scale in scales}
    for name, row in rows.items():
        cells = "".join(f" {wall:.2f} | {cpu:.2f} | {peak:.0f} |" for wall, cpu, peak in row.values())
        grown = "–"
        if len(last_two) == 2:
            before, after = (row[scale][1] for scale in last_two)
            grown = f"{after / before / (float(last_two[1]) / float(last_two[0])):.2f}" if before else "–"
        lines.append(f"| {name} |{cells} {grown} |")
    facts = [
        f"{scale}: {told['rows']:,} rows, {told['shortfalls']:,} shortfalls, results {told['results']:.0f} MB"
        for scale, told in done.items()
    ]
    return "\n".join([*lines, "", *facts])


if __name__ == "__main__":
    main()
