"""Killed at random moments (突然断电): `tijian run` and `tijian report` are sent SIGKILL, and what is left is looked at.

After every kill the results file must open and hold the last complete run, and every print in the out folder must be whole.
What follows a kill is the next kill's command, on what the last one left; every fifth time it is let alone, and must
succeed without help and leave no draft behind. One line a kind at the end; exit 1 when anything was lost.

    python benchmarks/killed.py --kills 200
"""

from __future__ import annotations

import argparse
import os
import random
import resource
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path

from tijian.data.generator.sample import generate
from tijian.engine.storage.store import read_frame, years

COMMAND = Path(sys.executable).parent / "tijian"
YEAR = 2026
REPORTS = ("report", "-q", "--level", "社区")
LET_ALONE = 5  # after so many kills the command may end by itself


def main() -> int:
    """Run the whole of it; the exit status."""
    asked = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    asked.add_argument(
        "--kills", type=int, default=200, help="how many, half of them in runs, half in reports"
    )
    asked.add_argument("--scale", type=float, default=0.02, help="size of the sample")
    asked.add_argument("--seed", type=int, default=1)
    given = asked.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        project = Path(folder) / "sample"
        generate(project, scale=given.scale, years=(YEAR,))
        chance = random.Random(given.seed)
        lost = kill_runs(project, given.kills // 2, chance)
        lost += kill_reports(project, given.kills - given.kills // 2, chance)
    for line in lost:
        print("LOST", line)
    return 1 if lost else 0


def kill_runs(project: Path, kills: int, chance: random.Random) -> list[str]:
    """Kill ``kills`` runs; what was lost, in words. The first run is left alone and its CPU counted."""
    whole = _finish(project, "run", "-q")
    lost: list[str] = []
    before = _run_id(project)
    early = 0
    for n in range(kills):
        (project / "note.txt").write_text(
            f"change {n}\n", encoding="utf-8"
        )  # so that there is something to run
        if n % 2:
            shutil.rmtree(project / ".tijian", ignore_errors=True)
        early += _kill(project, chance.uniform(0, whole), "run", "-q")
        now = _run_id(project)
        lost += [] if now == before else [f"kill {n}: the results hold run {now}, not {before}"]
        if (n + 1) % LET_ALONE == 0 or n + 1 == kills:
            _finish(project, "run", "-q")
            lost += _drafts(project)
            before = _run_id(project)
    print(
        f"runs: {kills} sent SIGKILL within {whole:.1f} s of CPU, {early} had ended before; {len(lost)} losses"
    )
    return lost


def kill_reports(project: Path, kills: int, chance: random.Random) -> list[str]:
    """Kill ``kills`` printings; what was lost, in words."""
    whole = _finish(project, *REPORTS)
    lost: list[str] = []
    prints = sorted((project / "out").rglob("*.pdf"))
    early = 0
    for n in range(kills):
        for path in prints[n % 2 :: 2]:  # half of them are to be printed again
            path.unlink(missing_ok=True)
        early += _kill(project, chance.uniform(0, whole), *REPORTS)
        broken = [path for path in sorted((project / "out").rglob("*.pdf")) if not _is_whole(path)]
        lost += [f"kill {n}: {path.name} is cut short" for path in broken]
        if (n + 1) % LET_ALONE == 0 or n + 1 == kills:
            _finish(project, *REPORTS)
            missing = [path for path in prints if not (path.is_file() and _is_whole(path))]
            lost += [f"{path.name} is missing after the next printing" for path in missing]
            lost += _drafts(project)
    print(
        f"reports: {kills} sent SIGKILL within {whole:.1f} s of CPU, {early} had ended before; {len(lost)} losses"
    )
    return lost


def _finish(project: Path, *words: str) -> float:
    """Run a command to its end; how many seconds of CPU it took. Raises CalledProcessError when it fails."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    subprocess.run([COMMAND, *words, "-p", project], check=True, stdout=subprocess.DEVNULL)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


def _kill(project: Path, after: float, *words: str) -> bool:
    """Start a command and kill it, and all it started, after so many seconds of CPU; whether it had ended by itself.

    By CPU, so that the moments are spread over the command's work however busy the machine is.
    """
    process = subprocess.Popen(
        [COMMAND, *words, "-p", project], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, start_new_session=True
    )  # fmt: skip
    while process.poll() is None and _cpu_of(process.pid) < after:
        time.sleep(0.01)
    ended = process.poll() is not None
    if not ended:
        os.killpg(process.pid, signal.SIGKILL)
    process.wait()
    return ended


def _cpu_of(group: int) -> float:
    """Seconds of CPU that the processes of a group, and those of them that have ended, have taken."""
    ticks = 0
    for path in Path("/proc").glob("[0-9]*/stat"):
        try:
            told = path.read_text(encoding="utf-8", errors="replace").rpartition(")")[2].split()
        except OSError:  # it has just ended
            continue
        if int(told[2]) == group:
            ticks += sum(int(x) for x in told[11:15])
    return ticks / os.sysconf("SC_CLK_TCK")


def _run_id(project: Path) -> Sequence[str]:
    """Which run the results file holds; it must open for that."""
    path = project / "results.duckdb"
    return [str(read_frame(path, "runs", year)["run_id"][0]) for year in years(path)]


def _is_whole(path: Path) -> bool:
    data = path.read_bytes()
    return data.startswith(b"%PDF") and data.rstrip().endswith(b"%%EOF")


def _drafts(project: Path) -> list[str]:
    """What killed commands left and the next one did not clear away."""
    left = [
        *project.glob(".results.duckdb.*"),
        *(p for p in (project / "out").rglob(".*") if p.name != ".reports.json"),
    ]
    return [f"{path.name} was left behind" for path in left]


if __name__ == "__main__":
    sys.exit(main())
