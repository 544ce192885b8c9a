"""Wall time and peak memory of the main job on the shipped sample, and what the second report process brings.

    .venv/bin/python benchmarks/sample.py [--scale 1.0]

Prints one line per step: wall seconds, and the peak resident memory of the largest process (the operating system's
own accounting, ``RUSAGE_CHILDREN``). The reports are printed twice, in one process and in two, in the same run: the
ratio is what may be quoted, the seconds belong to this machine.
"""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path

TIJIAN = Path(sys.executable).with_name("tijian")


def step(name: str, *arguments: str) -> float:
    """Run one command, print its figures, return its wall seconds. Raises CalledProcessError when it fails."""
    began = time.perf_counter()
    process = subprocess.Popen([str(TIJIAN), *arguments], stdout=subprocess.DEVNULL)
    _, status, usage = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode:
        raise subprocess.CalledProcessError(process.returncode, [str(TIJIAN), *arguments])
    wall = time.perf_counter() - began
    print(
        f"{name:<28}{wall:8.1f} s   cpu {usage.ru_utime + usage.ru_stime:7.1f} s   peak {usage.ru_maxrss / 1024:6.0f} MB"
    )
    return wall


def main() -> None:
    """The main job, step by step, in a temporary folder."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument("--scale", default="1.0", help="size of the sample, 0.01–1")
    scale = parser.parse_args().scale
    with tempfile.TemporaryDirectory() as folder:
        project = str(Path(folder) / "project")
        step("sample", "sample", project, "--scale", scale, "--quiet")
        step("check", "check", "-p", project, "--quiet")
        step("run, first year", "run", "-p", project, "--year", "2025", "--quiet")
        step("run, second year", "run", "-p", project, "--quiet")
        step("lists (xlsx)", "lists", "-p", project, "--quiet")
        two = step("report, two processes", "report", "-p", project, "--quiet", "--workers", "2")
        one = step("report, one process", "report", "-p", project, "--quiet", "--workers", "1")
        made = list((Path(project) / "out").rglob("*.pdf"))
        print(f"{len(made)} PDF; two processes take {two / one:.2f} of the time of one")


if __name__ == "__main__":
    main()
