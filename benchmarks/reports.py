"""Reports: pages per second of the engine's printing and of a plain loop of WeasyPrint over the same HTML, in turns.

    .venv/bin/python benchmarks/reports.py [--project FOLDER] [--towns 3] [--communities 40] [--all] [--runs 3]

The reports are those of the shipped sample: the district and its towns (long), and the communities; ``--all`` takes all
of them. ``--project`` is a finished project, which saves making the sample. What each report says is put together once,
outside of what is timed; timed is HTML to files. Each measurement is a process of its own, in turns:

- *engine*: two workers, as ``tijian report`` prints; *one worker*: the same with one;
- *plain*: ``HTML(string=…).write_pdf()`` one after the other with WeasyPrint's own settings, style sheet and drawings
  inline; *plain, tagged*: the same with the tags for readers by ear (PDF/UA), which the engine's files always have.

Peak memory is that of the largest process that prints, by the operating system's account, with interpreter and fonts.
Pages must agree, or nothing is printed.
"""

from __future__ import annotations

import argparse
import subprocess
import sys
import tempfile
from pathlib import Path
from statistics import median

from side_by_side import ENGINE, HERE, Bench, Job, Runs, circumstances, measure

CASES = HERE / "reports_cases.py"
LIBRARIES = (ENGINE, "one_worker", "plain", "plain_tagged")
BENCH = Bench(
    CASES, CASES, HERE.parent / "build", LIBRARIES
)  # nothing to install: WeasyPrint is the engine's own
TIJIAN = Path(sys.executable).with_name("tijian")
JOBS = {
    "long": Job("the district and its towns", LIBRARIES, within=0.02),  # a line more may take a page more
    "community": Job("communities", LIBRARIES, within=0.02),
}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument("--project", type=Path, help="a finished project; made when not given")
    parser.add_argument("--scale", default="1.0", help="size of the sample that is made, 0.01–1")
    parser.add_argument("--towns", type=int, default=3, help="how many towns")
    parser.add_argument("--communities", type=int, default=40, help="how many communities")
    parser.add_argument("--all", action="store_true", help="all towns and communities")
    parser.add_argument("--runs", type=int, default=3, help="how often each prints everything")
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        project = asked.project or sample(Path(folder) / "project", asked.scale)
        most = ("", "") if asked.all else (str(asked.towns), str(asked.communities))
        made = [sys.executable, str(HERE / "reports_data.py"), str(project), folder, *most]
        subprocess.run(made, check=True)
        print(circumstances(asked.runs))
        for name, job in JOBS.items():
            print(table(job, measure(BENCH, job, name, folder, asked.runs, None)), flush=True)


def sample(project: Path, scale: str) -> Path:
    """The sample, both years run."""
    for words in (["sample", str(project), "--scale", scale], ["run", "-p", str(project), "--year", "2025"],
                  ["run", "-p", str(project)]):  # fmt: skip
        subprocess.run([str(TIJIAN), *words, "--quiet"], check=True, stdout=subprocess.DEVNULL)
    return project


def table(job: Job, found: dict[str, Runs | str]) -> str:
    """The results in Markdown; a ratio is how many times longer it takes than the engine's two workers."""
    runs_of = {library: runs for library, runs in found.items() if not isinstance(runs, str)}
    first = runs_of[ENGINE][0]
    lines = [
        f"\n**{job.title}**: {first['reports']:.0f} reports, {first['pages']:.0f} pages\n",
        "| how | least, s | ratio | median, s | ratio | CPU s | ratio | pages a second | peak MB | runs |",
        "|---|---|---|---|---|---|---|---|---|---|",
    ]
    ours = {what: [run[what] for run in runs_of[ENGINE]] for what in ("wall", "cpu")}
    for library, runs in runs_of.items():
        wall, cpu = ([run[what] for run in runs] for what in ("wall", "cpu"))
        peak = max(run["peak"] for run in runs)
        lines.append(
            f"| {library.replace('_', ' ')} | {min(wall):.1f} | {min(wall) / min(ours['wall']):.2f} "
            f"| {median(wall):.1f} | {median(wall) / median(ours['wall']):.2f} "
            f"| {median(cpu):.1f} | {median(cpu) / median(ours['cpu']):.2f} "
            f"| {runs[0]['pages'] / min(wall):.1f} | {peak:.0f} | {len(runs)} |"
        )
    return "\n".join(lines)


if __name__ == "__main__":
    main()
